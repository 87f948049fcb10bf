//! Character classes. A full-width form is read as the ASCII character that it stands for.

use nom::IResult;
use nom::Offset;
use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::satisfy;

use crate::text::Span;

/// The ASCII character that a full-width form or an ideographic blank stands for; others as they are.
pub(super) fn folded(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => u8::try_from(u32::from(c) - 0xfee0).map_or(c, char::from),
        '\u{3000}' => ' ',
        '\u{fe52}' => '.',
        '\u{fe50}' => ',',
        _ => c,
    }
}

/// Whether `c` is a decimal digit, full-width ones too.
pub(super) fn is_digit(c: char) -> bool {
    folded(c).is_ascii_digit()
}

/// The value of a digit; 0 for anything else.
pub(super) fn digit_value(c: char) -> i128 {
    folded(c).to_digit(10).map_or(0, i128::from)
}

/// Whether `c` is blank: Unicode white space.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace()
}

/// Whether `c` is a dash that can stand for nil.
pub(super) fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'
            ..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{30fc}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

/// Whether `c` is written without blanks between words: ideographs, kana, hangul.
pub(super) fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// `blanks = blank*`
pub(super) fn blanks(input: &str) -> IResult<&str, &str> {
    take_while(is_blank)(input)
}

/// `digits = digit+`
pub(super) fn digits(input: &str) -> IResult<&str, &str> {
    take_while1(is_digit)(input)
}

/// The ASCII character `wanted`, or its full-width form.
pub(super) fn sign(wanted: char) -> impl Fn(&str) -> IResult<&str, char> {
    move |input| satisfy(|c| folded(c) == wanted)(input)
}

/// The first character of `input`, folded.
pub(super) fn first(input: &str) -> Option<char> {
    input.chars().next().map(folded)
}

/// Whether `input` goes on with a letter.
pub(super) fn starts_with_letter(input: &str) -> bool {
    input.chars().next().is_some_and(char::is_alphabetic)
}

/// Number of digits in a run of digits, full-width ones too.
pub(super) fn digit_count(run: &str) -> usize {
    run.chars().count()
}

/// The whole number that a short run of digits says; `None` where it does not fit.
pub(super) fn small_number(run: &str) -> Option<u32> {
    run.chars().try_fold(0u32, |value, c| value.checked_mul(10)?.checked_add(folded(c).to_digit(10)?))
}

/// Where `part`, a slice of `whole`, stands in it.
pub(super) fn span_of(whole: &str, part: &str) -> Span {
    let start = whole.offset(part);
    Span::new(start, start + part.len())
}

/// What `whole` has before its tail `rest`.
pub(super) fn before<'t>(whole: &'t str, rest: &str) -> &'t str {
    whole.get(..whole.len().saturating_sub(rest.len())).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_forms_fold() {
        let text: String = "１２，３４５．６７（％）－＄　".chars().map(folded).collect();
        assert_eq!(text, "12,345.67(%)-$ ");
        assert_eq!(small_number("２０"), Some(20));
        assert_eq!(small_number("99999999999"), None);
    }

    #[test]
    fn parts_know_their_place() {
        let text = "ab１c";
        let (rest, _) = digits(&text[2..]).unwrap();
        assert_eq!(rest, "c");
        assert_eq!(before(&text[2..], rest), "１");
        assert_eq!(span_of(text, before(&text[2..], rest)), Span::new(2, 5));
    }
}
