//! Currencies, as signs, codes and words. Which currency it is does not matter here, only where it stands.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while_m_n};
use nom::character::complete::{one_of, satisfy};
use nom::combinator::{not, opt, peek, recognize, verify};
use nom::sequence::terminated;
use nom::{IResult, Parser};

use super::chars::{is_ideograph, sign};

/// Codes of ISO 4217 that tables print, and two usual ones beside them, sorted.
const CODES: [&str; 43] = [
    "AED", "ARS", "AUD", "BDT", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "COP", "CZK", "DKK", "EGP", "EUR",
    "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "JPY", "KRW", "MOP", "MXN", "MYR", "NGN", "NOK", "NTD", "NZD",
    "PHP", "PKR", "PLN", "RMB", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "USD", "VND",
];

/// `currency = (dollar | symbol | code | word) thousands?`
pub(super) fn currency(input: &str) -> IResult<&str, &str> {
    if !may_start(input) {
        return Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Alt)));
    }
    recognize((alt((dollar, symbol, code, word)), opt(thousands))).parse(input)
}

/// Whether a currency can start like `input`: its first characters settle that for most prints.
fn may_start(input: &str) -> bool {
    match *input.as_bytes() {
        [b'$', ..] => true,
        [b'A'..=b'Z', b'A'..=b'Z' | b'$', ..] | [b'F' | b'K' | b'R' | b'k' | b'z', _, ..] => true,
        [first, ..] if first.is_ascii() => false,
        [_, ..] => input.starts_with(|c| !is_ideograph(c) || "元圓円원人港美欧歐新日英".contains(c)),
        [] => false,
    }
}

/// `dollar = [A-Z]{0,3} "$"`: `$`, `HK$`, `A$`
fn dollar(input: &str) -> IResult<&str, &str> {
    recognize((take_while_m_n(0, 3, |c: char| c.is_ascii_uppercase()), sign('$'))).parse(input)
}

/// `symbol = "€" | "£" | "¥" | ...`
fn symbol(input: &str) -> IResult<&str, &str> {
    recognize(one_of("€£¥￥￡₩￦₹₽₺₫฿₱₪₦₴₸₲₡")).parse(input)
}

/// `code = "USD" | "EUR" | ...` not before a letter
fn code(input: &str) -> IResult<&str, &str> {
    let upper = take_while_m_n(3, 3, |c: char| c.is_ascii_uppercase());
    let known = verify(upper, |code: &str| CODES.binary_search(&code).is_ok());
    terminated(known, no_letter).parse(input)
}

/// `word = ("kr" | "Rs" | ...) "."? | "元" | "人民币" | ...`; Latin ones not before a letter
fn word(input: &str) -> IResult<&str, &str> {
    let latin = alt((
        tag("kr"),
        tag("Kr"),
        tag("Rs"),
        tag("RM"),
        tag("Rp"),
        tag("Kč"),
        tag("zł"),
        tag("Ft"),
        tag("Fr"),
    ));
    let chinese = alt((
        alt((
            tag("人民币"),
            tag("人民幣"),
            tag("港元"),
            tag("港币"),
            tag("港幣"),
            tag("美元"),
            tag("欧元"),
            tag("歐元"),
        )),
        alt((
            tag("新台幣"),
            tag("新臺幣"),
            tag("新台币"),
            tag("日元"),
            tag("日圓"),
            tag("英镑"),
            tag("英鎊"),
        )),
        alt((tag("元"), tag("圓"), tag("円"), tag("원"))),
    ));
    alt((recognize((latin, no_letter, opt(tag(".")))), chinese)).parse(input)
}

/// `thousands = "'" "000"`: a scale that is a fact of the column, kept in the span and never applied here
fn thousands(input: &str) -> IResult<&str, &str> {
    recognize((one_of("'’‘"), tag("000"))).parse(input)
}

fn no_letter(input: &str) -> IResult<&str, ()> {
    not(peek(satisfy(|c: char| c.is_alphabetic()))).parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted() {
        assert!(CODES.is_sorted());
    }

    #[test]
    fn forms_of_currencies() {
        for text in [
            "$",
            "HK$",
            "US$",
            "NT$",
            "A$",
            "RMB",
            "€",
            "£",
            "¥",
            "EUR",
            "USD",
            "kr",
            "kr.",
            "元",
            "US$'000",
            "RMB’000",
            "人民币",
            "港元",
            "＄",
        ] {
            assert_eq!(currency(text), Ok(("", text)), "{text}");
        }
        for text in ["", "5", "ABCD$", "ABC", "USDX", "krona", "x"] {
            assert!(currency(text).is_err(), "{text}");
        }
    }
}
