//! Enumerators: `9.01`, `(a)`, `10.`, `(iv)`, `一、`.

use nom::branch::alt;
use nom::bytes::complete::{take_while_m_n, take_while1};
use nom::character::complete::satisfy;
use nom::combinator::{opt, recognize, verify};
use nom::{IResult, Parser};

use super::chars::{digit_count, digits, folded, sign};
use super::reading::Collector;
use super::{Value, cost};

/// `ordinal = bracketed | closed | section`, with its cost
pub(super) fn ordinal(input: &str) -> IResult<&str, f32> {
    alt((bracketed, section, closed)).parse(input)
}

/// `bracketed = "(" label ")"`
fn bracketed(input: &str) -> IResult<&str, f32> {
    (sign('('), label, sign(')')).map(|(_, bits, _)| bits).parse(input)
}

/// `closed = label ("." | ")" | "、")`
fn closed(input: &str) -> IResult<&str, f32> {
    let (rest, _) = label(input)?;
    let (rest, _) = satisfy(|c| matches!(folded(c), '.' | ')' | '、')).parse(rest)?;
    Ok((rest, 0.0))
}

/// `section = part ("." part)+ "."?`, with `part = digit{1,2}`; of two parts it is a number first
fn section(input: &str) -> IResult<&str, f32> {
    let (mut rest, _) = part(input)?;
    let mut parts = 1;
    while let Ok((after, _)) = (sign('.'), part).parse(rest) {
        rest = after;
        parts += 1;
    }
    if parts == 1 {
        return Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Verify)));
    }
    let (rest, dot) = opt(sign('.')).parse(rest)?;
    Ok((rest, if parts == 2 && dot.is_none() { cost::SECTION } else { 0.0 }))
}

fn part(input: &str) -> IResult<&str, &str> {
    verify(digits, |run: &str| digit_count(run) <= 2).parse(input)
}

/// `label = digit{1,3} | letter | roman{2,6} | chinese{1,3}`, with its cost in brackets
fn label(input: &str) -> IResult<&str, f32> {
    let counted = verify(digits, |run: &str| digit_count(run) <= 3).map(|run: &str| match digit_count(run) {
        // `(687)` is minus 687.
        3 => cost::TEXT_LIKE_VALUE,
        _ => cost::BRACKETED_LABEL,
    });
    let chinese = take_while_m_n(1, 3, |c| "一二三四五六七八九十".contains(c)).map(|_: &str| 0.0);
    alt((counted, recognize(letters).map(|_| 0.0), chinese)).parse(input)
}

/// `letters = roman{1,6} | letter`, all of one case
fn letters(input: &str) -> IResult<&str, &str> {
    let run = take_while1(|c: char| c.is_ascii_alphabetic());
    verify(run, |run: &str| run.len() == 1 || (run.len() <= 6 && is_roman(run))).parse(input)
}

fn is_roman(run: &str) -> bool {
    let of = |digits: &str| run.chars().all(|c| digits.contains(c));
    of("ivx") || of("IVX")
}

/// Pushes the reading of all of `print` as an enumerator, if it is one.
pub(super) fn read(print: &str, readings: &mut Collector<'_>) {
    if let Ok(("", bits)) = ordinal(print) {
        readings.push(Value::Ordinal, print, &[], bits);
    }
}

#[cfg(test)]
mod tests {
    use crate::text::value::{Value, read_values};

    fn place(text: &str) -> Option<usize> {
        read_values(text).iter().position(|reading| reading.value == Value::Ordinal)
    }

    #[test]
    fn forms_of_enumerators() {
        for text in
            ["10.", "(a)", "(iv)", "1.", "a)", "1)", "iv.", "10.1.2", "(B)", "（一）", "三、", "4.1.", "A."]
        {
            assert_eq!(place(text), Some(0), "{text}");
        }
        // Numbers first.
        for text in ["9.01", "(1)", "(12)", "12.5"] {
            assert!(place(text).is_some_and(|place| place > 0), "{text}");
        }
        for text in ["2019", "iv", "a", "(loss)", "1.234", "No.", "1234."] {
            assert_eq!(place(text), None, "{text}");
        }
    }
}
