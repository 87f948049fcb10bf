//! Numbers with damage inside: blanks that an extractor put in, characters that an OCR engine confused.

use smallvec::SmallVec;

use super::chars::{is_blank, is_digit};
use super::currency::currency;
use super::figure::Grouping;
use super::number::{self, number};
use super::reading::{Collector, Reading, Readings};
use super::{Value, cost};
use crate::text::Span;

/// Longer prints are no single number.
const LONGEST: usize = 64;
/// More blanks inside one number than these are several numbers.
const MOST_BLANKS: usize = 3;

/// Reads `text` as one number with blanks inside that do not group its digits: `6 .86`, `$57. 8`, `4 16,952`,
/// `427 841,226`.
///
/// A blank beside a separator, or between two digits where commas group the rest so that a blank can be one too
/// many or in the place of a comma. Empty where no such number is; never text. [`read_values`] gives these
/// readings among its own.
///
/// ```
/// use retabulate::text::value::read_spaced;
///
/// assert_eq!(read_spaced("6 .86")[0].number().unwrap().amount.to_string(), "6.86");
/// assert!(read_spaced("76.80 115.20").is_empty());
/// ```
///
/// [`read_values`]: super::read_values
#[must_use]
pub fn read_spaced(text: &str) -> Readings {
    let mut readings = Collector::new(text);
    read_spaced_into(Span::new(0, text.len()).trimmed(text).slice(text), &mut readings);
    readings.sorted()
}

/// What to do with a blank between two digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mend {
    Drop,
    Comma,
}

/// Pushes the readings of [`read_spaced`] for `print`, a slice of the collector's text.
pub(super) fn read_spaced_into(print: &str, readings: &mut Collector<'_>) {
    if print.len() > LONGEST || !has_blank_inside(print) {
        return;
    }
    for mend in [Mend::Drop, Mend::Comma] {
        let Some(squeezed) = Squeezed::new(print, mend) else { return };
        squeezed.read(readings.span_of(print).start, readings);
        if squeezed.between_digits == 0 {
            return;
        }
    }
}

/// Whether a blank stands inside what could be one number: no word but a currency before its digits.
fn has_blank_inside(print: &str) -> bool {
    let starts_number = !print.starts_with(char::is_alphabetic) || currency(print).is_ok();
    let mut left = None;
    let mut follows_blank = false;
    starts_number
        && print.chars().any(|c| {
            let found = follows_blank && left.is_some_and(|left| is_inside(left, c));
            follows_blank = is_blank(c);
            left = if follows_blank { left } else { Some(c) };
            found
        })
}

/// A print without the blanks inside its number.
struct Squeezed {
    text: String,
    /// For every byte of the text its offset in the print, and the print's length at the end.
    offsets: Vec<usize>,
    between_digits: usize,
    bits: f32,
}

impl Squeezed {
    /// `None` where no blank stands inside a number, or too many do.
    fn new(print: &str, mend: Mend) -> Option<Self> {
        let mut squeezed = Self { text: String::new(), offsets: Vec::new(), between_digits: 0, bits: 0.0 };
        let mut blanks = 0;
        let mut last = None;
        for (at, c) in print.char_indices() {
            let next = print.get(at..)?.trim_start_matches(is_blank).chars().next();
            match (last, next) {
                (Some(left), Some(right)) if is_blank(c) && is_inside(left, right) => {
                    let follows_blank = print.get(..at)?.ends_with(is_blank);
                    if !follows_blank {
                        blanks += 1;
                        squeezed.mend(at, is_digit(left) && is_digit(right), mend);
                    }
                }
                _ => squeezed.push(at, c),
            }
            if !is_blank(c) {
                last = Some(c);
            }
        }
        squeezed.offsets.push(print.len());
        (1..=MOST_BLANKS).contains(&blanks).then_some(squeezed)
    }

    fn push(&mut self, at: usize, c: char) {
        self.text.push(c);
        self.offsets.extend((0..c.len_utf8()).map(|byte| at + byte));
    }

    fn mend(&mut self, at: usize, is_between_digits: bool, mend: Mend) {
        if !is_between_digits {
            self.bits += cost::BLANK_BY_SEPARATOR;
            return;
        }
        self.between_digits += 1;
        if mend == Mend::Comma {
            self.push(at, ',');
            self.bits += cost::BLANK_FOR_SEPARATOR;
        } else {
            self.bits += cost::BLANK_IN_GROUP;
        }
    }

    /// Pushes the numbers that the text may be; where a blank stood between digits, commas must group them.
    fn read(&self, start: usize, readings: &mut Collector<'_>) {
        let is_grouped = || match number(&self.text, Grouping::NoBlank) {
            Ok((_, printed)) => printed.chain.is_comma_grouped(),
            Err(_) => false,
        };
        if self.between_digits > 0 && !is_grouped() {
            return;
        }
        let mut found = Collector::new(&self.text);
        number::read(&self.text, &mut found);
        for mut reading in found.sorted() {
            // One kind of damage at a time.
            if reading.bits > cost::TEXT_LIKE_VALUE {
                continue;
            }
            reading.bits += self.bits;
            readings.add(self.restored(reading, start));
        }
    }

    /// `reading` with its spans in the text that the print, which starts at `start`, is from.
    fn restored(&self, mut reading: Reading, start: usize) -> Reading {
        let restore = |span: Span| {
            let at = |offset: usize| self.offsets.get(offset).copied().unwrap_or(0) + start;
            // The end is just past the last byte, not at the next one, which blanks may part from it.
            let end = span.end.checked_sub(1).map_or(start, |last| at(last) + 1);
            Span::new(at(span.start), end)
        };
        reading.body = restore(reading.body);
        for mark in &mut reading.marks {
            mark.span = restore(mark.span);
        }
        if let Value::Number(number) = &mut reading.value {
            number.currency = number.currency.map(restore);
        }
        reading
    }
}

/// Whether a blank between these two characters is inside a number.
fn is_inside(left: char, right: char) -> bool {
    let is_separator = |c| matches!(c, '.' | ',');
    (is_digit(left) && (is_digit(right) || is_separator(right))) || (is_separator(left) && is_digit(right))
}

/// Reads `text` as a number in which an OCR engine confused characters: `O` for 0, `l` and `I` for 1, `S` for 5,
/// `B` for 8, `.` and `,` for each other.
///
/// These are never among the readings of [`read_values`]: a later stage may ask for them where something else
/// speaks for damage, and must say that the value was corrected. Empty where the text is a number as it
/// stands, or none at all; never text. Every confusion costs bits.
///
/// ```
/// use retabulate::text::value::read_confused;
///
/// assert_eq!(read_confused("1,6OO.00")[0].number().unwrap().amount.to_string(), "1600.00");
/// assert!(read_confused("1,600.00").is_empty() && read_confused("Oslo").is_empty());
/// ```
///
/// [`read_values`]: super::read_values
#[must_use]
pub fn read_confused(text: &str) -> Readings {
    let mut readings = Collector::new(text);
    if text.len() <= LONGEST && !is_number(text) {
        for (mended, count) in letters_mended(text) {
            let is_mended = count > 0 && push_mended(&mended, count, &mut readings);
            if !is_mended {
                for (swapped, swaps) in separators_mended(&mended) {
                    push_mended(&swapped, count + swaps, &mut readings);
                }
            }
        }
    }
    readings.sorted()
}

fn is_number(text: &str) -> bool {
    let mut readings = Collector::new(text);
    number::read(text.trim(), &mut readings);
    !readings.is_empty()
}

/// Pushes the numbers of `mended`, in which `count` characters of the text were replaced, byte for byte.
fn push_mended(mended: &str, count: u8, readings: &mut Collector<'_>) -> bool {
    let mut found = Collector::new(mended);
    number::read(mended.trim(), &mut found);
    let is_number = !found.is_empty();
    for mut reading in found.sorted() {
        if reading.bits <= cost::TEXT_LIKE_VALUE {
            reading.bits += cost::CONFUSED + f32::from(count.saturating_sub(1)) * cost::CONFUSED_AGAIN;
            readings.add(reading);
        }
    }
    is_number
}

/// Texts with the confused letters replaced, with how many; a leading `S` may be a dollar sign as well.
fn letters_mended(text: &str) -> SmallVec<[(String, u8); 2]> {
    let mut mended = String::with_capacity(text.len());
    let mut count = 0;
    for word in text.split_inclusive(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | ','))) {
        // A word with other letters is a word, and without a digit nothing says that it is a number.
        let is_suspect = word.bytes().any(|byte| byte.is_ascii_digit())
            && word.chars().all(|c| !c.is_alphabetic() || digit_meant(c).is_some());
        for c in word.chars() {
            let meant = if is_suspect { digit_meant(c) } else { None };
            count += u8::from(meant.is_some());
            mended.push(meant.unwrap_or(c));
        }
    }
    let mut all = SmallVec::new();
    if let Some(digits) = text.trim_start().strip_prefix('S').filter(|rest| rest.starts_with(is_digit)) {
        let lead = text.len() - digits.len();
        let dollar = mended.get(lead..).map(|rest| format!("{}${rest}", text.get(..lead - 1).unwrap_or("")));
        all.extend(dollar.map(|dollar| (dollar, count)));
    }
    all.push((mended, count));
    all
}

/// The digit that a letter is confused with.
const fn digit_meant(c: char) -> Option<char> {
    match c {
        'O' | 'o' => Some('0'),
        'l' | 'I' => Some('1'),
        'S' => Some('5'),
        'B' => Some('8'),
        _ => None,
    }
}

/// Texts whose separators are all commas, or commas with a last point; with how many were replaced.
fn separators_mended(text: &str) -> SmallVec<[(String, u8); 2]> {
    let is_separator = |c: char| matches!(c, '.' | ',');
    let last = text.rfind(is_separator);
    let with_last = |point: char| {
        let mut count = 0u8;
        let mended = text.char_indices().map(|(at, c)| {
            let wanted = if Some(at) == last { point } else { ',' };
            let is_swapped = is_separator(c) && c != wanted;
            count = count.saturating_add(u8::from(is_swapped));
            if is_swapped { wanted } else { c }
        });
        let mended: String = mended.collect();
        (mended, count)
    };
    [with_last('.'), with_last(',')].into_iter().filter(|&(_, count)| count > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::value::read_values;
    use proptest::prelude::*;

    fn amounts(readings: &Readings) -> Vec<String> {
        readings.iter().filter_map(|reading| Some(reading.number()?.amount.to_string())).collect()
    }

    #[test]
    fn blanks_inside_numbers() {
        for (text, expected) in [
            ("6 .86", "6.86"),
            ("$57. 8", "57.8"),
            ("4 16,952", "416952"),
            ("1, 234", "1234"),
            ("( 1 ,234)", "-1234"),
            ("427 841,226", "427841226"),
            ("1,234 .5%", "1234.5"),
            ("$ 1,2 34.50", "1234.50"),
        ] {
            let readings = read_spaced(text);
            assert!(amounts(&readings).contains(&expected.to_owned()), "{text}: {:?}", amounts(&readings));
            assert!(readings.iter().all(|reading| reading.bits >= 8.0), "{text}");
            assert!(amounts(&read_values(text)).contains(&expected.to_owned()), "{text}");
        }
        for text in [
            "76.80 115.20",
            "0 0 0",
            "1 2",
            "1,234 5,678",
            "12 % 5",
            "123,456 789.5.1",
            "5 a",
            "1 2 3 4 5,678",
        ] {
            assert!(read_spaced(text).is_empty(), "{text}: {:?}", read_spaced(text));
        }
    }

    #[test]
    fn spans_of_spaced_numbers_cover_their_blanks() {
        let text = " $57. 8 * ";
        let readings = read_spaced(text);
        assert_eq!(readings[0].body.slice(text), "$57. 8");
        assert_eq!(readings[0].marks[0].span.slice(text), "*");
        assert_eq!(readings[0].number().unwrap().currency.unwrap().slice(text), "$");
    }

    #[test]
    fn confused_characters() {
        for (text, expected) in [
            ("1,6OO.00", &["1600.00"][..]),
            ("l2.5", &["12.5"]),
            ("B5%", &["85"]),
            ("1.234.56", &["1234.56"]),
            ("1,234,56", &["1234.56"]),
            ("1.234,567.89", &["1234567.89"]),
            ("(I23)", &["-123"]),
            ("$1,S00", &["1500", "1.500"]),
            ("S1,234", &["1234", "51234", "1.234", "51.234"]),
        ] {
            let found = amounts(&read_confused(text));
            for amount in expected {
                assert!(found.contains(&(*amount).to_owned()), "{text}: {found:?}");
            }
        }
        for text in ["1,600.00", "Oslo", "SOLO", "US$", "B2B sales", "", "2OO apples", "Q1"] {
            assert!(read_confused(text).is_empty(), "{text}: {:?}", read_confused(text));
        }
        assert!(read_confused("1,6OO.00")[0].bits > read_confused("1,60O.00")[0].bits);
    }

    proptest! {
        #[test]
        fn spans_stay_inside_the_text(text in prop_oneof!["[-0-9.,$%() OlISB*]{0,14}", any::<String>()]) {
            for reading in read_spaced(&text).iter().chain(&read_confused(&text)) {
                let currency = reading.number().and_then(|number| number.currency);
                for span in reading.marks.iter().map(|mark| mark.span).chain(currency).chain([reading.body]) {
                    prop_assert!(text.get(span.start..span.end).is_some());
                }
            }
        }
    }
}
