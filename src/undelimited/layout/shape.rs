//! What a word and a cell look like, by their bytes alone: the cheap measure of the inner loops.

use super::titles::FieldView;
use super::words::Word;
use crate::schema::FieldKind;

/// What a word looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum WordKind {
    /// Digits, maybe grouped, signed, in brackets or with a currency.
    Integer,
    /// Four digits that may be a year.
    Year,
    /// A number with decimals.
    Decimal,
    /// A number with a percent sign.
    Percent,
    /// A nil mark.
    Nil,
    /// A currency or a sign alone, a bracket that opens.
    Opening,
    /// A bracket or percent sign alone, a footnote mark.
    Closing,
    /// Digits parted as in dates and times.
    Date,
    /// A month or a weekday.
    Month,
    /// Letters and digits mixed.
    Code,
    /// A word that starts with a small letter.
    Small,
    /// A word that starts with a capital, or has no case.
    Capital,
    /// Marks alone.
    Mark,
}

impl WordKind {
    /// Whether the word is a number.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Year | Self::Decimal | Self::Percent)
    }

    /// Whether the word is made of letters.
    pub(super) fn is_letters(self) -> bool {
        matches!(self, Self::Small | Self::Capital | Self::Month)
    }
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const MONTH_NAMES: [&str; 12] = [
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
];

/// Kinds of bytes that a word is counted by, one of eight lanes each; the last is that of bytes beyond ASCII.
#[derive(Clone, Copy)]
enum Lane {
    Digit,
    Letter,
    Comma,
    Point,
    Part,
    Percent,
    Other,
    Beyond,
}

/// Bytes of the longest word whose counts fit into their lanes.
const MOST_COUNTED: usize = 255;

/// For every byte, one in its lane.
const LANES: [u64; 256] = {
    let mut lanes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let lane = match byte as u8 {
            b'0'..=b'9' => Lane::Digit,
            b'a'..=b'z' | b'A'..=b'Z' => Lane::Letter,
            b',' | b'\'' => Lane::Comma,
            b'.' => Lane::Point,
            b'/' | b':' => Lane::Part,
            b'%' => Lane::Percent,
            0x80.. => Lane::Beyond,
            _ => Lane::Other,
        };
        lanes[byte] = 1 << (8 * lane as u32);
        byte += 1;
    }
    lanes
};

/// How many characters of each kind a word has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    digits: usize,
    letters: usize,
    commas: usize,
    points: usize,
    parts: usize,
    others: usize,
    is_percent: bool,
}

impl Counts {
    fn of(word: &str) -> Self {
        if word.len() > MOST_COUNTED {
            return Self::of_letters(word);
        }
        let lanes = word.bytes().fold(0, |lanes, byte| lanes + LANES[usize::from(byte)]);
        let of = |lane: Lane| (lanes >> (8 * lane as u32)) as usize & 0xff;
        if of(Lane::Beyond) > 0 {
            return Self::of_letters(word);
        }
        Self {
            digits: of(Lane::Digit),
            letters: of(Lane::Letter),
            commas: of(Lane::Comma),
            points: of(Lane::Point),
            parts: of(Lane::Part),
            others: of(Lane::Other),
            is_percent: of(Lane::Percent) > 0,
        }
    }

    /// The same letter by letter, of any script.
    fn of_letters(word: &str) -> Self {
        let mut counts = Self::default();
        for letter in word.chars() {
            match letter {
                '0'..='9' => counts.digits += 1,
                ',' | '\'' | '’' => counts.commas += 1,
                '.' => counts.points += 1,
                '/' | ':' => counts.parts += 1,
                '%' => counts.is_percent = true,
                _ if letter.is_alphabetic() => counts.letters += 1,
                _ if letter.is_numeric() => counts.digits += 1,
                _ => counts.others += 1,
            }
        }
        counts
    }
}

/// What `word`, which is not empty, looks like.
pub(super) fn classify(word: &str) -> WordKind {
    let Counts { digits, letters, commas, points, parts, others, is_percent } = Counts::of(word);
    if digits == 0 {
        return if letters == 0 { mark_kind(word) } else { letter_kind(word, letters) };
    }
    if letters > 0 {
        return mixed_kind(word, letters);
    }
    // Neither groups nor marks enough for two numbers in most words.
    if (commas > 1 || others > 0) && is_glued(word, others > 0) {
        return WordKind::Code;
    }
    if is_percent {
        return WordKind::Percent;
    }
    if parts > 0 || points > 1 || others > 0 {
        let body = between_digits(word);
        if parts > 0 || points > 1 || has_dash(body) {
            return if is_date(body) { WordKind::Date } else { WordKind::Code };
        }
    }
    if points == 1 && !word.ends_with('.') {
        return WordKind::Decimal;
    }
    let is_year =
        digits == 4 && commas == 0 && others == 0 && (word.starts_with("19") || word.starts_with("20"));
    if is_year { WordKind::Year } else { WordKind::Integer }
}

/// A word from its first digit to its last.
fn between_digits(word: &str) -> &str {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let bytes = word.as_bytes();
    let first = bytes.iter().position(is_digit);
    let ends = first.zip(bytes.iter().rposition(is_digit));
    ends.and_then(|(first, last)| word.get(first..=last)).unwrap_or_default()
}

fn has_dash(body: &str) -> bool {
    body.bytes().any(|byte| byte == b'-') || !body.is_ascii() && body.contains(['–', '−'])
}

/// Whether nothing but digits and what parts them in dates stands in it.
fn is_date(body: &str) -> bool {
    let may_part =
        |letter: char| letter.is_ascii_digit() || matches!(letter, '/' | ':' | '.' | '-' | '–' | '−' | ',');
    if body.is_ascii() {
        body.bytes().all(|byte| may_part(char::from(byte)))
    } else {
        body.chars().all(may_part)
    }
}

/// Bytes of the digits before the first group of a number, with sign and currency.
const MOST_LEADING: usize = 5;

/// Whether two numbers were printed as one word: two currencies, a bracket that closes before one that opens, a group of
/// digits between commas that no locale groups so.
fn is_glued(word: &str, has_marks: bool) -> bool {
    let mut groups = word.split(',').skip(1).peekable();
    let mut has_odd_group = false;
    while let Some(group) = groups.next() {
        has_odd_group |= groups.peek().is_some() && group.len() > 3;
    }
    // Neither brackets nor currencies: a date, a range.
    let may_glue = |byte: u8| byte == b'$' || byte == b')' || !byte.is_ascii();
    has_odd_group
        || has_marks
            && word.bytes().any(may_glue)
            && (word.contains(")(") || word.matches(['$', '€', '£', '¥']).count() > 1)
}

fn mark_kind(word: &str) -> WordKind {
    let is_dash = |letter: char| matches!(letter, '-' | '–' | '—' | '−' | '‒');
    if word.chars().all(is_dash) {
        return WordKind::Nil;
    }
    let body = word.trim_matches(is_dash);
    if body.chars().all(|letter| matches!(letter, '$' | '€' | '£' | '¥')) && word.chars().any(is_dash) {
        return WordKind::Nil;
    }
    if word.chars().all(|letter| matches!(letter, '$' | '€' | '£' | '¥' | '(' | '+' | '−')) {
        return WordKind::Opening;
    }
    if word.chars().all(|letter| matches!(letter, ')' | '%' | '*' | '†' | '‡' | '#')) {
        return WordKind::Closing;
    }
    WordKind::Mark
}

fn letter_kind(word: &str, letters: usize) -> WordKind {
    let is_bare = letters == word.len();
    let body = if is_bare { word } else { word.trim_matches(|letter: char| !letter.is_alphabetic()) };
    let first = body.chars().next();
    let may_be_month = matches!(first, Some('J' | 'F' | 'M' | 'A' | 'S' | 'O' | 'N' | 'D'));
    let may_be_nil = matches!(first, Some('n' | 'N'));
    if (may_be_month || may_be_nil) && letters <= 9 && body.is_ascii() {
        let mut small = [0_u8; 9];
        let low = small.get_mut(..body.len().min(9)).unwrap_or_default();
        low.copy_from_slice(body.as_bytes().get(..body.len().min(9)).unwrap_or_default());
        low.make_ascii_lowercase();
        let low = std::str::from_utf8(low).unwrap_or_default();
        if may_be_month && (MONTHS.contains(&low) || MONTH_NAMES.contains(&low) || low == "sept") {
            return WordKind::Month;
        }
        if matches!(low, "n/a" | "na" | "nm" | "nil")
            && word.len() <= 5
            && body.chars().any(char::is_uppercase)
        {
            return WordKind::Nil;
        }
    }
    if word.ends_with('$') && matches!(body, "HK" | "US" | "RMB" | "EUR" | "USD" | "GBP" | "NZ" | "AU") {
        return WordKind::Opening;
    }
    if word.eq_ignore_ascii_case("n/a") {
        return WordKind::Nil;
    }
    if first.is_some_and(char::is_lowercase) { WordKind::Small } else { WordKind::Capital }
}

/// Letters and digits: `12m`, `HK$12` and `1st` count as numbers with their unit, the rest as codes.
fn mixed_kind(word: &str, letters: usize) -> WordKind {
    let body = word.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
    if letters <= 3 && body.starts_with('$') && body.len() < word.len() {
        let number = body.trim_matches(|letter: char| !letter.is_ascii_digit());
        if number.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, ',' | '.')) {
            return if number.contains('.') { WordKind::Decimal } else { WordKind::Integer };
        }
    }
    let unit = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let is_money = unit.starts_with(['$', '€', '£', '¥'])
        && matches!(&word[unit.len()..], "m" | "M" | "bn" | "B" | "b" | "k" | "K" | "mn");
    if is_money { WordKind::Decimal } else { WordKind::Code }
}

/// What a cell looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Shape {
    Empty,
    Integer,
    Decimal,
    Percent,
    Nil,
    Date,
    /// Several numbers in a row.
    Several,
    Code,
    /// A number and words.
    Mixed,
    /// One word.
    Word,
    /// Two to six words.
    Words,
    /// More.
    Sentence,
}

/// Number of shapes.
pub(super) const SHAPES: usize = 12;

impl Shape {
    /// All shapes, in the order of their numbers.
    pub(super) const ALL: [Self; SHAPES] = [
        Self::Empty,
        Self::Integer,
        Self::Decimal,
        Self::Percent,
        Self::Nil,
        Self::Date,
        Self::Several,
        Self::Code,
        Self::Mixed,
        Self::Word,
        Self::Words,
        Self::Sentence,
    ];
}

/// The shape of a cell of these words.
#[inline]
pub(super) fn shape_of(words: &[Word]) -> Shape {
    match words {
        [] => Shape::Empty,
        [word] => shape_of_word(word.kind),
        _ => shape_of_words(words),
    }
}

/// The shape of a cell of one word.
fn shape_of_word(kind: WordKind) -> Shape {
    match kind {
        WordKind::Integer | WordKind::Year => Shape::Integer,
        WordKind::Decimal => Shape::Decimal,
        WordKind::Percent => Shape::Percent,
        WordKind::Nil | WordKind::Opening | WordKind::Closing | WordKind::Mark => Shape::Nil,
        WordKind::Date | WordKind::Month => Shape::Date,
        WordKind::Code => Shape::Code,
        WordKind::Small | WordKind::Capital => Shape::Word,
    }
}

fn shape_of_words(words: &[Word]) -> Shape {
    let (mut numbers, mut letters, mut marks, mut nils, mut months, mut codes, mut dates) =
        (0, 0, 0, 0, 0, 0, 0);
    let mut last = Shape::Nil;
    for word in words {
        match word.kind {
            WordKind::Integer | WordKind::Year => {
                numbers += 1;
                last = Shape::Integer;
            }
            WordKind::Decimal => {
                numbers += 1;
                last = Shape::Decimal;
            }
            WordKind::Percent => {
                numbers += 1;
                last = Shape::Percent;
            }
            WordKind::Nil => nils += 1,
            WordKind::Opening => {}
            WordKind::Closing => marks += 1,
            WordKind::Date => dates += 1,
            WordKind::Month => months += 1,
            WordKind::Code => codes += 1,
            WordKind::Small | WordKind::Capital => letters += 1,
            WordKind::Mark => letters += usize::from(words.len() > 1),
        }
    }
    let has_percent = marks > 0 && words.iter().any(|word| word.kind == WordKind::Closing);
    if months > 0 && letters == 0 && numbers + dates + codes <= 2 && words.len() <= 4 {
        return Shape::Date;
    }
    let letters = letters + months;
    // `6, 1981` under `September`.
    let is_day_of_year =
        words.len() == 2 && matches!((words[0].kind, words[1].kind), (WordKind::Integer, WordKind::Year));
    if is_day_of_year {
        return Shape::Date;
    }
    if letters == 0 && codes == 0 {
        return match (numbers, dates, nils) {
            (0, 0, 0 | 1) => Shape::Nil,
            (0, 0, _) => Shape::Several,
            (1, 0, 0) if has_percent && words.last().is_some_and(|word| word.kind == WordKind::Closing) => {
                last
            }
            (1, 0, 0) => last,
            (2, 0, 0) if is_blank_grouped(words) => last,
            (0, 1, 0) => Shape::Date,
            _ => Shape::Several,
        };
    }
    if letters == 0 {
        return if codes == 1 && numbers + dates + nils == 0 { Shape::Code } else { Shape::Mixed };
    }
    if words.len() > 6 {
        return Shape::Sentence;
    }
    if numbers + codes + dates + nils > 0 {
        return Shape::Mixed;
    }
    if words.len() == 1 { Shape::Word } else { Shape::Words }
}

/// Whether two words may be one number with a blank between its groups: `17 402.83`. Without decimals two values are as
/// likely.
fn is_blank_grouped(words: &[Word]) -> bool {
    let mut numbers = words.iter().filter(|word| word.kind.is_number());
    let (Some(first), Some(last)) = (numbers.next(), numbers.next()) else { return false };
    first.kind == WordKind::Integer
        && last.kind == WordKind::Decimal
        && last.is_group
        && last.gap == 1
        && first.span.len() <= MOST_LEADING
}

/// Bits of a shape in a column of this kind, before anything is known of the column itself.
pub(super) fn kind_bits(kind: FieldKind, percent: bool, shape: Shape) -> f32 {
    match kind {
        FieldKind::String => match shape {
            Shape::Empty => 0.0,
            Shape::Words | Shape::Word => 1.0,
            Shape::Code => 2.0,
            Shape::Mixed | Shape::Sentence | Shape::Nil => 3.0,
            Shape::Integer | Shape::Decimal | Shape::Percent | Shape::Date => 3.5,
            Shape::Several => 6.0,
        },
        FieldKind::Integer | FieldKind::Number => match shape {
            Shape::Empty => 0.0,
            Shape::Integer if !percent => 0.5,
            Shape::Percent if percent => 0.5,
            Shape::Decimal if kind == FieldKind::Number => 0.7,
            Shape::Nil => 2.0,
            Shape::Integer | Shape::Percent | Shape::Decimal => 4.0,
            Shape::Date | Shape::Code => 8.0,
            Shape::Mixed | Shape::Word => 9.0,
            Shape::Words => 12.0,
            Shape::Sentence => 15.0,
            Shape::Several => 14.0,
        },
        FieldKind::Date => match shape {
            Shape::Empty => 0.0,
            Shape::Date => 0.5,
            Shape::Mixed => 3.0,
            Shape::Integer | Shape::Nil | Shape::Code => 5.0,
            Shape::Word | Shape::Words => 7.0,
            Shape::Decimal | Shape::Percent | Shape::Several | Shape::Sentence => 12.0,
        },
        FieldKind::Boolean => match shape {
            Shape::Empty => 0.0,
            Shape::Word => 0.5,
            Shape::Nil | Shape::Code => 4.0,
            Shape::Integer => 6.0,
            _ => 10.0,
        },
    }
}

/// Bits of a shape that never becomes usual in a column of the kind, however often it stands there.
#[inline]
pub(super) fn misfit_bits(kind: FieldKind, shape: Shape) -> f32 {
    match (kind, shape) {
        (FieldKind::String, Shape::Several) => 2.0,
        (FieldKind::String, _) | (_, Shape::Empty) => 0.0,
        (FieldKind::Date, Shape::Mixed) => 0.0,
        (_, Shape::Several) => 5.0,
        (_, Shape::Mixed | Shape::Words | Shape::Sentence) => 3.0,
        _ => 0.0,
    }
}

/// Cells that the prior of a kind counts for.
pub(super) const PRIOR_CELLS: f32 = 3.0;

/// The share of every shape in a column of the field's kind.
pub(super) fn prior(field: &FieldView) -> [f32; SHAPES] {
    let mut shares = [0.0_f32; SHAPES];
    for (share, shape) in shares.iter_mut().zip(Shape::ALL) {
        if shape != Shape::Empty {
            *share = (-kind_bits(field.kind, field.percent, shape)).exp2();
        }
    }
    let sum: f32 = shares.iter().sum();
    shares.map(|share| (share / sum).max(1e-6))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;
    use crate::undelimited::layout::words::Sheet;
    use proptest::prelude::*;

    fn shape(cell: &str) -> Shape {
        let mut sheet = Sheet::new(cell);
        sheet.push_line(Span::new(0, cell.len()), 0, 0);
        shape_of(&sheet.words)
    }

    proptest! {
        #[test]
        fn bytes_are_counted_as_letters_are(word in "[a-zA-Z0-9,'./:%()$+*é–’－金 -]{1,12}") {
            prop_assert_eq!(Counts::of(&word), Counts::of_letters(&word));
        }
    }

    #[test]
    fn words_are_told_by_their_letters() {
        for (word, expected) in [
            ("2019-03-31", WordKind::Date),
            ("12/2019", WordKind::Date),
            ("(2016–2019)", WordKind::Date),
            ("1.2.3", WordKind::Date),
            ("12:30~", WordKind::Date),
            ("3+4-5", WordKind::Code),
            ("-5", WordKind::Integer),
            ("(1,234.5)", WordKind::Decimal),
            ("Sept.", WordKind::Month),
            ("may", WordKind::Small),
            ("nM", WordKind::Nil),
            ("nil", WordKind::Small),
            ("HK$", WordKind::Opening),
            ("États", WordKind::Capital),
        ] {
            assert_eq!(classify(word), expected, "{word}");
        }
    }

    #[test]
    fn cells_are_told_by_their_words() {
        for (cell, expected) in [
            ("1,234", Shape::Integer),
            ("$ (1,234 )", Shape::Integer),
            ("12.5%", Shape::Percent),
            ("(0.5)", Shape::Decimal),
            ("$ —", Shape::Nil),
            ("N/A", Shape::Nil),
            ("31 March 2019", Shape::Date),
            ("2019-03-31", Shape::Date),
            ("1 2 3", Shape::Several),
            ("Net income", Shape::Words),
            ("Level 3", Shape::Mixed),
            ("US17", Shape::Code),
            ("Total", Shape::Word),
            ("17 402.83", Shape::Decimal),
            ("16 1.72", Shape::Several),
            ("254 301", Shape::Several),
            ("218,604247,351", Shape::Code),
            ("$224,561$241,386", Shape::Code),
            ("(6,238)(4,817)", Shape::Code),
            ("12,34,567", Shape::Integer),
        ] {
            assert_eq!(shape(cell), expected, "{cell}");
        }
    }
}
