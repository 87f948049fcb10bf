//! Runs of several values, split where the print parts them.

use super::chars::{before, first, folded, is_blank, is_dash, is_digit, starts_with_letter};
use super::figure::Grouping;
use super::mark::{is_superscript, is_symbol, mark};
use super::number::number;
use super::reading::{Reading, Readings, read_values};
use super::{Value, date, nil, ordinal, plain};
use crate::text::Span;

/// One piece of a run: a value, or the text between two values.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Where it stands, in bytes of the text that was scanned; no blanks at its ends.
    pub span: Span,
    /// Its readings, their spans in bytes of the text that was scanned.
    pub readings: Readings,
}

impl Segment {
    /// Whether the segment can be nothing but text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.readings.iter().all(|reading| reading.value == Value::Text)
    }

    /// The cheapest reading.
    #[must_use]
    pub fn best(&self) -> Option<&Reading> {
        self.readings.first()
    }
}

/// Splits `text` from left to right into values and the text between them.
///
/// A value is as long as the grammar allows, ends before a blank, a bracket or closing punctuation, and takes
/// the footnote marks that are glued to it; a currency belongs to the number after it, and brackets after a blank
/// are a segment of their own. After `%` or `)` another value may follow without a blank. The words between two
/// values are one segment, parted only at tabs, line ends and gaps of two blanks or more; a word that has digits
/// in it but is no value stays whole. Dashes apart are a nil mark each. Every character that is not blank is in
/// exactly one segment.
///
/// ```
/// use retabulate::text::value::scan_values;
///
/// let pieces = |text: &'static str| -> Vec<&str> {
///     scan_values(text).iter().map(|segment| segment.span.slice(text)).collect()
/// };
/// assert_eq!(pieces("615,208,340 (98.7514%)"), ["615,208,340", "(98.7514%)"]);
/// assert_eq!(pieces("Total assets $ 1,420 $(687)"), ["Total assets", "$ 1,420", "$(687)"]);
/// ```
#[must_use]
pub fn scan_values(text: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut words: Option<Span> = None;
    let mut at = 0;
    while let Some((blanks, rest)) = next_print(text, at) {
        let start = at + blanks.len();
        if parts_words(blanks) {
            segments.extend(words.take().map(|span| text_segment(text, span)));
        }
        if let Some((length, readings)) = value_at(rest) {
            segments.extend(words.take().map(|span| text_segment(text, span)));
            segments.push(value_segment(Span::new(start, start + length), readings));
            at = start + length;
        } else {
            let word = Span::new(start, start + word_length(rest));
            words = Some(words.map_or(word, |span| span.cover(word)));
            at = word.end;
        }
    }
    segments.extend(words.map(|span| text_segment(text, span)));
    segments
}

/// The blanks at `at` and the print after them; `None` at the end.
fn next_print(text: &str, at: usize) -> Option<(&str, &str)> {
    let tail = text.get(at..)?;
    let rest = tail.trim_start_matches(is_blank);
    if rest.is_empty() { None } else { Some((before(tail, rest), rest)) }
}

fn parts_words(blanks: &str) -> bool {
    blanks.chars().nth(1).is_some() || blanks.contains(|c: char| c != ' ' && c.is_ascii())
}

fn text_segment(text: &str, span: Span) -> Segment {
    value_segment(span, read_values(span.slice(text)))
}

fn value_segment(span: Span, mut readings: Readings) -> Segment {
    readings.iter_mut().for_each(|reading| reading.shift(span.start));
    Segment { span, readings }
}

/// The longest value at the start of `input` that may end where it ends: its length and its readings.
fn value_at(input: &str) -> Option<(usize, Readings)> {
    plain_at(input).or_else(|| value_by_grammar(input))
}

/// What [`value_by_grammar`] finds where a plain number is followed by nothing that could belong to it.
fn plain_at(input: &str) -> Option<(usize, Readings)> {
    // Bounded, lest a long run without blanks be walked again for every value in it.
    const LONGEST: usize = 40;
    let blank = input.bytes().take(LONGEST).position(|byte| byte == b' ');
    let length = blank.unwrap_or(input.len());
    if length > LONGEST {
        return None;
    }
    let (word, rest) = input.split_at_checked(length)?;
    match *rest.trim_start_matches(' ').as_bytes() {
        [] | [b'0'..=b'9' | b'(', ..] | [b'$', b'0'..=b'9' | b'(', ..] => {}
        _ => return None,
    }
    let readings = plain::scan(word)?.readings(Span::new(0, length))?;
    Some((length, readings))
}

/// No value is longer, marks and currency included, in bytes.
const LONGEST_VALUE: usize = 160;

fn value_by_grammar(whole: &str) -> Option<(usize, Readings)> {
    if !may_start_value(whole) {
        return None;
    }
    // Bounded, lest every open bracket of a long run look for its partner up to the run's end.
    let input = &whole[..whole.floor_char_boundary(LONGEST_VALUE)];
    let mut ends = [0; 4];
    let rests = [
        date::date(input).ok().map(|(rest, _)| rest),
        number(input, Grouping::Thin).ok().map(|(rest, _)| rest),
        nil::nil(input).ok().map(|(rest, _)| rest),
        ordinal::ordinal(input).ok().map(|(rest, _)| rest),
    ];
    for (end, rest) in ends.iter_mut().zip(rests) {
        *end = rest.map_or(0, |rest| with_marks(input, input.len() - rest.len()));
    }
    ends.sort_unstable_by(|left, right| right.cmp(left));
    let lengths = ends.into_iter().filter(|&length| length > 0);
    let is_cut = |length: usize| length == input.len() && length < whole.len();
    lengths.filter(|&length| !is_cut(length) && may_end(whole, length)).find_map(|length| {
        let readings = read_values(input.get(..length)?);
        (readings.first()?.value != Value::Text).then_some((length, readings))
    })
}

/// Whether a value can start like `input`: most words are settled by their first character.
fn may_start_value(input: &str) -> bool {
    let Some(start) = first(input) else { return false };
    match start {
        '0'..='9' | '-' | '+' | '(' | '$' | '.' => true,
        'a'..='z' => {
            // Currencies, nil words, months in small letters, enumerators.
            matches!(start, 'k' | 'n') || is_enumerator(input) || has_digit_near(input)
        }
        'A'..='Z' => matches!(start, 'N') || is_enumerator(input) || has_digit_near(input),
        _ => !start.is_alphabetic() || !start.is_ascii(),
    }
}

fn is_enumerator(input: &str) -> bool {
    input
        .bytes()
        .take(7)
        .find(|byte| !byte.is_ascii_alphabetic())
        .is_some_and(|byte| matches!(byte, b'.' | b')'))
}

/// Whether a digit stands in the first bytes: a currency or a month has one near.
fn has_digit_near(input: &str) -> bool {
    /// `September 2`, `US$'000 (1`
    const NEAR: usize = 14;
    input.bytes().take(NEAR).any(|byte| byte.is_ascii_digit() || byte == 0xef || byte == b'$')
}

/// `length` with the footnote marks that are glued to the value.
fn with_marks(input: &str, length: usize) -> usize {
    let mut end = length;
    while let Some(Ok((rest, _))) = input.get(end..).map(mark) {
        end = input.len() - rest.len();
    }
    end
}

/// Whether a value may end after `length` bytes of `input`.
fn may_end(input: &str, length: usize) -> bool {
    let Some((value, rest)) = input.split_at_checked(length) else { return false };
    let Some(next) = rest.chars().next() else { return true };
    if is_blank(next) || matches!(next, '|' | '，' | '。' | '、' | '；' | '：') || folded(next) == '(' {
        return true;
    }
    let after_next = rest.chars().nth(1);
    if matches!(folded(next), ',' | '.' | ';' | ':') {
        return after_next.is_none_or(is_blank);
    }
    // A currency belongs to the number after it, and a long dash is no minus: `$698.4$317.5`, `477.2—`.
    let opens_next = match folded(next) {
        '$' | '€' | '£' | '¥' => after_next.is_some_and(|c| is_digit(c) || folded(c) == '('),
        '—' | '―' => after_next.is_none_or(|c| !c.is_alphanumeric()),
        _ => false,
    };
    if opens_next && value.ends_with(is_digit) {
        return true;
    }
    // Signs that close a value, after which the next may follow at once: `0%0%75%`.
    let is_closed = value.chars().next_back().is_some_and(|last| {
        matches!(folded(last), '%' | ')' | '‰' | ']') || is_symbol(last) || is_superscript(last)
    });
    is_closed && (is_digit(next) || is_dash(next) || folded(next) == '$') && !starts_with_letter(rest)
}

/// Length of the word at the start of `input`: up to a blank, or a whole bracket if it is no longer than a note.
fn word_length(input: &str) -> usize {
    /// In characters; a bracket that is open for longer is no note.
    const LONGEST_NOTE: usize = 80;
    if first(input) == Some('(') {
        let ends = |c| matches!(folded(c), '(' | ')') || matches!(c, '\n' | '\r' | '\t');
        let mut note = input.char_indices().skip(1).take(LONGEST_NOTE);
        if let Some((at, close)) = note.find(|&(_, c)| ends(c)).filter(|&(_, c)| folded(c) == ')') {
            return at + close.len_utf8();
        }
    }
    input.find(is_blank).unwrap_or(input.len()).max(input.chars().next().map_or(1, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> Vec<&str> {
        scan_values(text).iter().map(|segment| segment.span.slice(text)).collect()
    }

    #[test]
    fn runs_of_values() {
        for (text, expected) in [
            ("615,208,340 (98.7514%)", &["615,208,340", "(98.7514%)"][..]),
            ("38,710.0160 860.3174 2,353.6435", &["38,710.0160", "860.3174", "2,353.6435"]),
            ("4.13% 40.73% 0%", &["4.13%", "40.73%", "0%"]),
            ("0 0 0", &["0", "0", "0"]),
            ("$(3,785) $(2,846)", &["$(3,785)", "$(2,846)"]),
            ("$ 1,420 (687)", &["$ 1,420", "(687)"]),
            ("01/07/2023 02/07/2023", &["01/07/2023", "02/07/2023"]),
            ("157% 123%", &["157%", "123%"]),
            ("0%0%75%", &["0%", "0%", "75%"]),
            ("$698.4$317.5", &["$698.4", "$317.5"]),
            ("477.2—", &["477.2", "—"]),
            ("(687)(12)", &["(687)(12)"]),
            ("1,420(687)", &["1,420", "(687)"]),
            ("16,380* 12(1) 5", &["16,380*", "12(1)", "5"]),
            ("- - -", &["-", "-", "-"]),
            ("5 - 6", &["5", "-", "6"]),
            ("$ — $ 5", &["$ —", "$ 5"]),
            ("5 % 6 %", &["5 %", "6 %"]),
            ("1,234 $ 5", &["1,234", "$ 5"]),
            ("20 Sep 2023 21 Sep 2023 5", &["20 Sep 2023", "21 Sep 2023", "5"]),
            ("September 20, 2023 1,234", &["September 20, 2023", "1,234"]),
            ("2023年9月20日 1,234", &["2023年9月20日", "1,234"]),
            ("N/A Nil 5", &["N/A", "Nil", "5"]),
            ("100.00 CR 5.00 DR", &["100.00 CR", "5.00 DR"]),
            ("HK$5 RMB 6 €7", &["HK$5", "RMB 6", "€7"]),
            ("1\u{2009}234\u{2009}567 8", &["1\u{2009}234\u{2009}567", "8"]),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn words_between_values() {
        for (text, expected) in [
            ("Total assets 1,420 (687)", &["Total assets", "1,420", "(687)"][..]),
            ("Net income (loss) 5 Q3 2023", &["Net income (loss)", "5", "Q3", "2023"]),
            ("9.01 Revenue from sales", &["9.01", "Revenue from sales"]),
            ("Name  Other\tThird", &["Name", "Other", "Third"]),
            ("(Note 2) 5", &["(Note 2)", "5"]),
            ("in 2023. The rest", &["in", "2023", ". The rest"]),
            ("COVID-19 H1 12kg", &["COVID-19 H1 12kg"]),
            ("Mary May 5", &["Mary May", "5"]),
            ("", &[]),
            ("  ", &[]),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn spans_are_those_of_the_scanned_text() {
        let text = "Total HK$ 1,420* x";
        let segments = scan_values(text);
        let reading = segments[1].best().unwrap();
        assert_eq!(reading.body.slice(text), "HK$ 1,420");
        assert_eq!(reading.marks[0].span.slice(text), "*");
        assert_eq!(reading.number().unwrap().currency.unwrap().slice(text), "HK$");
        assert!(segments[0].is_text() && !segments[1].is_text());
    }

    proptest! {
        #[test]
        fn the_fast_path_finds_what_the_grammar_does(text in "[-($]?[0-9]{1,4}(,[0-9]{3})?(\\.[0-9]{1,3})?[%)]? {0,2}[0-9a-z$%(].{0,4}") {
            if let Some(found) = plain_at(&text) {
                prop_assert_eq!(Some(found), value_by_grammar(&text));
            }
        }

        #[test]
        fn every_print_is_in_one_segment(text in prop_oneof![
            "[-0-9.,$%() ]{0,30}", "([-0-9.,$%()*A-Za-z/—€年月日 \t]{0,8} ){0,6}", any::<String>(),
        ]) {
            let mut at = 0;
            for segment in scan_values(&text) {
                prop_assert!(segment.span.start >= at && !segment.span.is_empty());
                prop_assert!(text[at..segment.span.start].chars().all(is_blank));
                prop_assert!(!segment.readings.is_empty());
                for reading in &segment.readings {
                    prop_assert!(segment.span.contains(reading.body));
                    prop_assert!(reading.marks.iter().all(|mark| segment.span.contains(mark.span)));
                }
                at = segment.span.end;
            }
            prop_assert!(text[at..].chars().all(is_blank));
        }
    }
}
