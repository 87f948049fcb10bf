//! Shapes of words: the coarse classes by which columns and prose are told apart.

use crate::text::value::read_plain_number;

/// Number of shapes.
pub(super) const SHAPES: usize = 18;

/// What a word looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// A word of the grammar: `the`, `of`, `and`.
    Stop,
    /// Another word in lower case.
    Lower,
    /// A capital and lower case.
    Capital,
    /// Capitals only.
    Upper,
    /// One letter, or one with a point.
    Initial,
    /// Letters and digits.
    Mixed,
    /// Digits alone, perhaps with a sign.
    Integer,
    /// Four digits that a year may have.
    Year,
    /// A number with separators, brackets or a currency.
    Figure,
    /// A number with a percent sign.
    Percent,
    /// A currency or sign apart from its number.
    Sign,
    /// A nil mark.
    Nil,
    /// A word in brackets.
    Bracketed,
    /// Digits parted by colons, slashes, hyphens: times, scores, dates.
    Parted,
    /// A word in quotes.
    Quoted,
    /// Other marks.
    Mark,
    /// Scripts without capitals.
    Plain,
    /// A month.
    Month,
}

impl Shape {
    /// Whether it is printed with digits only, or stands for such.
    pub(super) const fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Year | Self::Figure | Self::Percent | Self::Sign | Self::Nil)
    }

    /// Whether it is letters alone.
    pub(super) const fn is_word(self) -> bool {
        matches!(self, Self::Stop | Self::Lower | Self::Capital | Self::Upper | Self::Plain | Self::Quoted)
    }

    /// Whether it is an amount or stands for one; years and small numbers may name something.
    pub(super) const fn is_amount(self) -> bool {
        matches!(self, Self::Figure | Self::Percent | Self::Nil)
    }

    /// The same, or a sign apart from it.
    pub(super) const fn is_amount_or_sign(self) -> bool {
        self.is_amount() || matches!(self, Self::Sign)
    }
}

/// Words of English grammar: a third of the words of prose, and hardly ever the end of a cell.
const STOP_WORDS: [&str; 44] = [
    "a", "about", "after", "also", "an", "and", "are", "as", "at", "be", "been", "but", "by", "for", "from",
    "had", "has", "have", "in", "into", "is", "it", "its", "no", "not", "of", "on", "or", "our", "than",
    "that", "the", "their", "there", "these", "they", "this", "to", "was", "we", "were", "which", "will",
    "with",
];

/// Month names and their short forms, in lower case.
const MONTHS: [&str; 23] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "dec",
];

/// The shape of a word, which has no blanks.
pub(super) fn shape_of(word: &str) -> Shape {
    let core = word.trim_end_matches([',', ';', ':']);
    let core = if core.is_empty() { word } else { core };
    let (mut digits, mut upper, mut lower, mut other, mut marks) = (0, 0, 0, 0, 0);
    for letter in core.chars() {
        if letter.is_ascii_digit() {
            digits += 1;
        } else if letter.is_uppercase() {
            upper += 1;
        } else if letter.is_lowercase() {
            lower += 1;
        } else if letter.is_alphabetic() {
            other += 1;
        } else {
            marks += 1;
        }
    }
    let letters = upper + lower + other;
    match (digits, letters) {
        (0, 0) => shape_of_marks(core),
        (_, 0) => shape_of_digits(core, digits, marks),
        (0, _) => shape_of_letters(core, upper, lower, other),
        _ if core.starts_with(['"', '“', '«', '„']) => Shape::Quoted,
        _ if is_money(core) => Shape::Figure,
        _ => Shape::Mixed,
    }
}

fn shape_of_marks(core: &str) -> Shape {
    let is_dash = |letter: char| matches!(letter, '-' | '–' | '—' | '−' | '.' | '…');
    // A longer run is a leader from a label to its values.
    let is_short = |text: &str| text.chars().nth(4).is_none();
    let inner = core.trim_start_matches(['$', '€', '£', '¥']).trim_end_matches('%');
    if !inner.is_empty() && is_short(inner) && inner.chars().all(is_dash) {
        Shape::Nil
    } else if core.chars().all(|letter| matches!(letter, '$' | '€' | '£' | '¥' | '+' | '±' | '%' | '(' | ')'))
    {
        Shape::Sign
    } else {
        Shape::Mark
    }
}

fn shape_of_digits(core: &str, digits: usize, marks: usize) -> Shape {
    if core.ends_with('%') || core.ends_with("%)") {
        return Shape::Percent;
    }
    if marks == 0 {
        let is_year = digits == 4 && (core.starts_with('1') && core >= "1500" || core.starts_with("20"));
        return if is_year { Shape::Year } else { Shape::Integer };
    }
    let signed = core.trim_start_matches(['+', '-', '−', '–']);
    if signed.bytes().all(|byte| byte.is_ascii_digit()) {
        return Shape::Integer;
    }
    if read_plain_number(core).is_some() {
        return Shape::Figure;
    }
    let inner = signed.trim_matches(['(', ')', '$', '€', '£', '¥', '~', '<', '>', '*', '†']);
    if inner.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, ',' | '.' | '\'')) {
        return Shape::Figure;
    }
    Shape::Parted
}

fn shape_of_letters(core: &str, upper: usize, lower: usize, other: usize) -> Shape {
    if other > 0 && upper + lower == 0 {
        return Shape::Plain;
    }
    if core.starts_with(['(', '[']) {
        return Shape::Bracketed;
    }
    if core.starts_with(['"', '“', '«', '„', '\'', '‘']) {
        return Shape::Quoted;
    }
    let bare = core.trim_end_matches('.');
    let folded = bare.to_lowercase();
    if STOP_WORDS.binary_search(&folded.as_str()).is_ok() && (lower > 0 || folded == "a") && upper == 0 {
        return Shape::Stop;
    }
    if upper == 1 && lower > 1 && MONTHS.contains(&folded.as_str()) {
        return Shape::Month;
    }
    if matches!(core, "N/A" | "n/a" | "NA" | "N.A." | "n.a." | "NM" | "nm" | "Nil" | "nil") {
        return Shape::Nil;
    }
    if upper + lower == 1 {
        return Shape::Initial;
    }
    if lower == 0 {
        return Shape::Upper;
    }
    let starts_upper = core.chars().find(|letter| letter.is_alphabetic()).is_some_and(char::is_uppercase);
    if starts_upper { Shape::Capital } else { Shape::Lower }
}

/// `US$5`, `HK$1,200`, `$5.8m`.
fn is_money(core: &str) -> bool {
    core.contains(['$', '€', '£', '¥']) && core.bytes().any(|byte| byte.is_ascii_digit())
}

/// A finer form of a word: digits `9` (runs of up to five kept), letters `A` and `a` (runs one), marks as they are.
pub(super) fn form_of(word: &str) -> String {
    let mut form = String::with_capacity(word.len().min(16));
    let (mut last, mut run) = ('\0', 0);
    for letter in word.chars().take(24) {
        let class = if letter.is_ascii_digit() {
            '9'
        } else if letter.is_uppercase() {
            'A'
        } else if letter.is_alphabetic() {
            'a'
        } else {
            letter
        };
        run = if class == last { run + 1 } else { 1 };
        last = class;
        let longest = if class == '9' { 5 } else { 1 };
        if run <= longest {
            form.push(class);
        }
    }
    form
}

/// Whether a word asks for another after it: a comma, a hyphen, an open bracket, a word of the grammar.
pub(super) fn is_open(word: &str, shape: Shape) -> bool {
    (shape == Shape::Stop && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        || (word.chars().nth(1).is_some() && word.ends_with([',', ';', '-', '–', '/', '&', '(']))
        || word == "&"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_shapes() {
        for (word, shape) in [
            ("the", Shape::Stop),
            ("steel", Shape::Lower),
            ("Lake,", Shape::Capital),
            ("McLaren-Mercedes", Shape::Capital),
            ("USA", Shape::Upper),
            ("J.", Shape::Initial),
            ("US17", Shape::Mixed),
            ("12", Shape::Integer),
            ("+15", Shape::Integer),
            ("1944", Shape::Year),
            ("1,234.50", Shape::Figure),
            ("(41,936)", Shape::Figure),
            ("$4,317", Shape::Figure),
            ("-17.4%", Shape::Percent),
            ("$", Shape::Sign),
            ("—", Shape::Nil),
            ("$-", Shape::Nil),
            ("N/A", Shape::Nil),
            ("(BEL)", Shape::Bracketed),
            ("2:18:44", Shape::Parted),
            ("28-25", Shape::Parted),
            ("\"Intro\"", Shape::Quoted),
            ("September", Shape::Month),
            ("株式会社", Shape::Plain),
        ] {
            assert_eq!(shape_of(word), shape, "{word}");
        }
    }

    #[test]
    fn stop_words_are_sorted() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn forms_keep_short_runs_of_digits() {
        assert_eq!(form_of("2:19:03"), "9:99:99");
        assert_eq!(form_of("US17"), "A99");
        assert_eq!(form_of("1234567"), "99999");
    }
}
