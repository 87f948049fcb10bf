use smallvec::SmallVec;

use super::chars::{self, is_blank};
use super::row::plain_row;
use super::{cost, currency, damaged, date, mark, nil, number, ordinal, plain};
use crate::text::{Decimal, Span};

/// A calendar date; checked to exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Year of the Gregorian calendar.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

/// What a printed number is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A bare number.
    #[default]
    None,
    /// Percent: `4.13%` has the value 4.13.
    Percent,
    /// Per mille.
    PerMille,
    /// Basis points.
    BasisPoints,
}

/// A printed number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Number {
    /// The exact value, at its printed scale, sign included; units such as percent are not divided out.
    pub amount: Decimal,
    /// Percent, per mille, basis points or none.
    pub unit: Unit,
    /// Where a currency is printed, in bytes of the text that was read.
    pub currency: Option<Span>,
    /// Power of ten of the last printed digit: -2 for `4.13`, 0 for `12`, but 7 for `1.5億`, whose amount is
    /// 150000000. What a rounding of this print may hide is half of that place.
    pub place: i8,
}

/// One typed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// A number.
    Number(Number),
    /// A date.
    Date(Date),
    /// A nil mark: `-`, `—`, `N/A`, `無`.
    Nil,
    /// An enumerator such as `9.01`, `(a)`, `10.`.
    Ordinal,
    /// A footnote mark with nothing beside it: `(1)`, `*`. The body is the mark itself.
    Mark,
    /// Anything else: its value is its text.
    Text,
}

/// A footnote mark that is printed with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where the mark is printed, in bytes of the text that was read.
    pub span: Span,
}

/// The footnote marks of one value, in order.
pub type Marks = SmallVec<[Mark; 1]>;

/// One way to read a printed text.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The typed value.
    pub value: Value,
    /// The part of the text that carries the value, marks and outer blanks off; bytes of the text that was read.
    pub body: Span,
    /// Footnote marks, in order; outside the body, but for one inside the brackets of its number: `(0.38%*)`.
    pub marks: Marks,
    /// How unlikely the reading is for its print alone, in bits; 0 for the usual reading.
    pub bits: f32,
}

impl Reading {
    /// The reading with all its spans moved right by `offset` bytes: from the coordinates of a piece to those of
    /// its text.
    #[must_use]
    pub fn shifted(mut self, offset: usize) -> Self {
        self.shift(offset);
        self
    }

    /// The same where it stands.
    pub(super) fn shift(&mut self, offset: usize) {
        self.body = self.body.shifted(offset);
        for mark in &mut self.marks {
            mark.span = mark.span.shifted(offset);
        }
        if let Value::Number(number) = &mut self.value {
            number.currency = number.currency.map(|span| span.shifted(offset));
        }
    }

    /// The number, if the reading is one.
    #[must_use]
    pub const fn number(&self) -> Option<Number> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }
}

/// Readings of one text, the cheapest first.
pub type Readings = SmallVec<[Reading; 3]>;

/// Reads `text` as every value that it may be: never empty, the cheapest first, but [`Value::Text`] last.
///
/// All of `text` but outer blanks is one value with its footnote marks; for several values see
/// [`scan_values`](super::scan_values).
///
/// ```
/// use retabulate::text::value::{Value, read_values};
///
/// let amounts = |text| -> Vec<String> {
///     read_values(text).iter().filter_map(|reading| Some(reading.number()?.amount.to_string())).collect()
/// };
/// assert_eq!(amounts("(1,234.50)"), ["-1234.50"]);
/// assert_eq!(amounts("1,234"), ["1234", "1.234"]);
/// assert_eq!(read_values("nm")[0].value, Value::Text);
/// ```
#[must_use]
pub fn read_values(text: &str) -> Readings {
    let body = Span::new(0, text.len()).trimmed(text);
    let print = body.slice(text);
    if let Some(plain) = plain::scan(print) {
        if let Some(readings) = plain.readings(body) {
            return readings;
        }
    } else if !may_be_value(print) || plain_row(print).is_some() {
        return text_alone(text, print);
    }
    read_by_grammar(text, print)
}

/// What [`read_values`] does where the fast path does not settle the print.
pub(super) fn read_by_grammar(text: &str, print: &str) -> Readings {
    let mut readings = Collector::new(text);
    number::read(print, &mut readings);
    if print.contains(is_blank) {
        damaged::read_spaced_into(print, &mut readings);
    }
    date::read(print, &mut readings);
    nil::read(print, &mut readings);
    ordinal::read(print, &mut readings);
    mark::read(print, &mut readings);
    if readings.is_empty() { text_alone(text, print) } else { readings.finish(print) }
}

/// Whether any grammar but text could accept `print`: its digits, or else its ends, settle that for most words.
fn may_be_value(print: &str) -> bool {
    if print.bytes().any(|byte| byte.is_ascii_digit()) {
        return !opens_with_words(print);
    }
    let mut chars = print.chars();
    let (Some(first), last) = (chars.next(), chars.next_back()) else { return false };
    // A nil mark or an enumerator ends in no letter, nor does a footnote mark; `- bps` starts as one.
    let ends_word = |c: char| c.is_alphabetic() && !mark::is_superscript(c);
    let is_word = ends_word(first) && last.is_none_or(ends_word);
    !is_word || nil::may_be_word(print) || (!print.is_ascii() && print.contains(chars::is_digit))
}

/// Whether `print` opens with a word that no value opens with, whatever follows: four letters or more are no currency,
/// and of the words that values print only months, nil marks and `Note` are so long. Nor does a value open with fewer
/// letters, no currency, before a hyphen or a second word: `A-00123` is a code, `By hand` a phrase.
pub(crate) fn opens_with_words(print: &str) -> bool {
    let bytes = print.as_bytes();
    let letters = bytes.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let is_phrase = || {
        let goes_on = match bytes.get(letters..) {
            Some([b'-', after, ..]) => after.is_ascii_alphanumeric(),
            Some([b' ', after, ..]) => after.is_ascii_alphabetic(),
            _ => false,
        };
        goes_on && currency::currency(print).is_err()
    };
    !print.starts_with(['N', 'n'])
        && (letters >= 4 || (letters > 0 && is_phrase()))
        && !date::opens_with_month(print)
}

/// The readings of `print` as text, with the marks at its end as such or as part of the text.
pub(super) fn text_alone(text: &str, print: &str) -> Readings {
    let mut readings = Collector::new(text);
    if let Some((body, marks)) = mark::after_text(print) {
        readings.push(Value::Text, body, &marks, cost::TEXT_MARK);
    }
    readings.push(Value::Text, print, &[], 0.0);
    readings.readings
}

/// Gathers the readings of one text.
pub(super) struct Collector<'t> {
    text: &'t str,
    readings: Readings,
}

impl<'t> Collector<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, readings: Readings::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.readings.is_empty()
    }

    /// Where `part`, a slice of the text, stands in it.
    pub(super) fn span_of(&self, part: &str) -> Span {
        chars::span_of(self.text, part)
    }

    /// Adds a reading whose body and marks are slices of the text.
    pub(super) fn push(&mut self, value: Value, body: &str, marks: &[&str], bits: f32) {
        let marks = marks.iter().map(|mark| Mark { span: self.span_of(mark) }).collect();
        self.add(Reading { value, body: self.span_of(body), marks, bits });
    }

    /// Adds a reading; of two alike the cheaper stays.
    pub(super) fn add(&mut self, reading: Reading) {
        let alike = |known: &&mut Reading| {
            known.value == reading.value && known.body == reading.body && known.marks == reading.marks
        };
        match self.readings.iter_mut().find(alike) {
            Some(known) => known.bits = known.bits.min(reading.bits),
            None => self.readings.push(reading),
        }
    }

    /// The readings in order, without text.
    pub(super) fn sorted(mut self) -> Readings {
        self.readings.sort_by(|left, right| left.bits.total_cmp(&right.bits));
        self.readings
    }

    /// The readings in order, `print` as text last.
    fn finish(self, print: &str) -> Readings {
        let body = self.span_of(print);
        let mut readings = self.sorted();
        let least = readings.first().map_or(0.0, |reading| reading.bits);
        readings.push(as_text(body, least));
        readings
    }
}

/// Text that could be a value whose cheapest reading costs `least`.
pub(super) fn as_text(body: Span, least: f32) -> Reading {
    let bits = if least <= cost::TEXT_LIKE_VALUE { cost::TEXT_LIKE_VALUE } else { cost::TEXT_LIKE_DAMAGE };
    Reading { value: Value::Text, body, marks: Marks::new(), bits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(text: &str) -> Vec<String> {
        let readings = read_values(text);
        let kind = |reading: &Reading| match reading.value {
            Value::Number(number) => number.amount.to_string(),
            Value::Date(date) => format!("{}-{}-{}", date.year, date.month, date.day),
            other => format!("{other:?}"),
        };
        readings.iter().map(kind).collect()
    }

    #[test]
    fn one_print_several_kinds() {
        for (text, expected) in [
            ("(1)", &["-1", "Ordinal", "Mark", "Text"][..]),
            ("(687)", &["-687", "Ordinal", "Text"]),
            ("9.01", &["9.01", "Ordinal", "Text"]),
            ("10.", &["Ordinal", "10", "Text"]),
            ("(a)", &["Ordinal", "Mark", "Text"]),
            ("*", &["Mark", "Text"]),
            ("2019", &["2019", "Text"]),
            ("1,234,567.50", &["1234567.50", "Text"]),
            ("1.234", &["1.234", "1234", "1.23", "Text"]),
            ("20230920", &["20230920", "2023-9-20", "Text"]),
            ("-", &["Nil", "Text"]),
            ("", &["Text"]),
            ("Total assets", &["Text"]),
            ("Revenue (1)", &["Text", "Text"]),
            ("US$'000", &["Text"]),
            ("nm", &["Text"]),
        ] {
            assert_eq!(kinds(text), expected, "{text}");
        }
    }

    #[test]
    fn spans_leave_blanks_and_marks_out() {
        let text = "  HK$ 1,200.50 (1) ";
        let reading = &read_values(text)[0];
        assert_eq!(reading.body.slice(text), "HK$ 1,200.50");
        assert_eq!(reading.marks[0].span.slice(text), "(1)");
        let label = "Revenue¹";
        assert_eq!(read_values(label)[0].body.slice(label), "Revenue");
    }

    /// Text from the characters that the grammar looks at.
    pub(crate) fn printed() -> impl Strategy<Value = String> {
        prop_oneof![
            "[-0-9.,$%() ]{0,14}",
            "[-0-9.,' \u{2009}\u{a0}()$%*†¹０９，％萬億年月日A-Za-z/\\[\\]–—−€#]{0,16}",
            "\\PC{0,20}",
            any::<String>(),
        ]
    }

    /// No note is numbered in dollars: brackets behind a currency are a minus at no cost, on both paths.
    #[test]
    fn short_brackets_behind_a_currency() {
        for text in ["$(0)", "$(5)", "HK$(12)", "($5)"] {
            assert_eq!(read_values(text), read_by_grammar(text, text), "{text}");
            assert_eq!(read_values(text)[0].bits, 0.0, "{text}");
        }
        assert!(read_values("(5)").iter().all(|reading| reading.number().is_none() || reading.bits > 0.0));
    }

    proptest! {
        #[test]
        fn nothing_but_words_opens_with_words(text in "[A-Za-z]{1,5}[- ]?[-A-Za-z0-9.,%() ]{0,9}") {
            let print = text.trim();
            if opens_with_words(print) {
                let readings = read_by_grammar(print, print);
                prop_assert!(readings.iter().all(|reading| reading.value == Value::Text), "{:?}", readings);
            }
        }

        #[test]
        fn spans_stay_inside_the_text(text in printed()) {
            let readings = read_values(&text);
            prop_assert!(!readings.is_empty());
            prop_assert_eq!(readings.last().map(|reading| reading.value), Some(Value::Text));
            for reading in &readings {
                let currency = reading.number().and_then(|number| number.currency);
                for span in reading.marks.iter().map(|mark| mark.span).chain(currency).chain([reading.body]) {
                    prop_assert!(text.get(span.start..span.end).is_some());
                }
                // A mark stands beside its value, or inside its brackets.
                let is_apart = |mark: &Mark| !mark.span.overlaps(reading.body) || reading.body.contains(mark.span);
                prop_assert!(reading.marks.iter().all(is_apart));
            }
            prop_assert_eq!(&readings, &read_values(&text));
        }

        #[test]
        fn the_fast_path_reads_as_the_grammar_does(text in "[-(]?\\$?[0-9]{1,4}(,[0-9]{3}){0,2}(\\.[0-9]{1,4})?%?\\)?") {
            prop_assert_eq!(read_values(&text), read_by_grammar(&text, &text), "{}", text);
        }

        #[test]
        fn a_number_with_its_share_is_no_value(
            text in "[0-9]{1,3}(,[0-9]{3}){0,2}(\\.[0-9]{1,3})? \\([0-9]{1,4}(\\.[0-9]{1,4})?%\\)"
        ) {
            prop_assert_eq!(read_values(&text), read_by_grammar(&text, &text), "{}", text);
        }

        #[test]
        fn any_text_reads_alike_on_both_paths(text in printed()) {
            let body = Span::new(0, text.len()).trimmed(&text);
            prop_assert_eq!(read_values(&text), read_by_grammar(&text, body.slice(&text)), "{}", text);
        }
    }
}
