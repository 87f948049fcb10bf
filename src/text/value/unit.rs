//! Percent signs and scale words.

use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case};
use nom::character::complete::{one_of, satisfy};
use nom::combinator::{not, peek, value};
use nom::sequence::terminated;
use nom::{IResult, Parser};

use super::Unit;

/// `unit = "%" | "‰" | ("percent" | "per cent" | "pct" | "bps" | "bp" | ...) not before a letter`
pub(super) fn unit(input: &str) -> IResult<&str, Unit> {
    match input.as_bytes().first() {
        Some(b'%') => return Ok((&input[1..], Unit::Percent)),
        // The first byte settles most prints.
        Some(b'p' | b'P' | b'b' | b'B' | 0xe2 | 0xef | 0xd9) => {}
        _ => return failure(input),
    }
    alt((
        value(Unit::Percent, satisfy(|c| matches!(c, '\u{ff05}' | '\u{fe6a}' | '\u{66a}'))),
        value(Unit::PerMille, tag("‰")),
        value(Unit::BasisPoints, satisfy(|c| c == '\u{2031}')),
        value(Unit::Percent, word(&["percent", "per cent", "pct"])),
        value(Unit::BasisPoints, word(&["basis points", "basis point", "bps", "bp"])),
    ))
    .parse(input)
}

/// `power = "萬" | "億" | ... | ("thousand" | "million" | "mn" | ...) not before a letter`, as a power of ten
pub(super) fn power(input: &str) -> IResult<&str, u8> {
    match input.chars().next() {
        Some('t' | 'T' | 'm' | 'M' | 'b' | 'B') => latin_power(input),
        Some(first) if "萬万億亿千仟百十억만".contains(first) => chinese_power(input),
        _ => failure(input),
    }
}

/// `power-letter = ("k" | "K" | "m" | "M" | "b" | "B") not before a letter or digit`
pub(super) fn power_letter(input: &str) -> IResult<&str, u8> {
    let letter = alt((value(3, one_of("kK")), value(6, one_of("mM")), value(9, one_of("bB"))));
    terminated(letter, not(peek(satisfy(char::is_alphanumeric)))).parse(input)
}

fn latin_power(input: &str) -> IResult<&str, u8> {
    alt((
        value(3, word(&["thousand"])),
        value(6, word(&["million", "mn"])),
        value(9, word(&["billion", "bn"])),
        value(12, word(&["trillion", "tn"])),
    ))
    .parse(input)
}

fn chinese_power(input: &str) -> IResult<&str, u8> {
    alt((
        value(12, alt((tag("萬億"), tag("万亿"), tag("萬亿")))),
        value(11, alt((tag("千億"), tag("千亿")))),
        value(10, alt((tag("百億"), tag("百亿")))),
        value(9, alt((tag("十億"), tag("十亿")))),
        value(8, alt((tag("億"), tag("亿"), tag("억")))),
        value(7, alt((tag("千萬"), tag("千万")))),
        value(6, alt((tag("百萬"), tag("百万")))),
        value(4, alt((tag("萬"), tag("万"), tag("만")))),
        value(3, alt((tag("千"), tag("仟")))),
    ))
    .parse(input)
}

/// One of `words`, in any case, not before another letter.
fn word<'t>(words: &'static [&'static str]) -> impl FnMut(&'t str) -> IResult<&'t str, &'t str> {
    move |input| {
        for &word in words {
            let mut whole = terminated(tag_no_case(word), not(peek(satisfy(char::is_alphabetic))));
            let found: IResult<&str, &str> = whole.parse(input);
            if found.is_ok() {
                return found;
            }
        }
        failure(input)
    }
}

fn failure<T>(input: &str) -> IResult<&str, T> {
    Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_by_sign_and_word() {
        for (text, expected) in [
            ("%", Unit::Percent),
            ("％", Unit::Percent),
            ("percent", Unit::Percent),
            ("Per cent", Unit::Percent),
            ("‰", Unit::PerMille),
            ("bps", Unit::BasisPoints),
            ("bp", Unit::BasisPoints),
        ] {
            assert_eq!(unit(text), Ok(("", expected)), "{text}");
        }
        assert!(unit("bpx").is_err() && unit("").is_err() && unit("percents").is_err());
    }

    #[test]
    fn powers_by_word() {
        for (text, expected) in [("萬", 4), ("亿", 8), ("萬億", 12), ("百万", 6), ("million", 6), ("bn", 9)]
        {
            assert_eq!(power(text), Ok(("", expected)), "{text}");
        }
        assert!(power("bnx").is_err() && power("5").is_err());
    }
}
