//! Nil marks: what is printed to say that there is nothing.

use nom::bytes::complete::take_while_m_n;
use nom::combinator::opt;
use nom::{IResult, Parser};

use super::chars::{before, blanks, is_blank, is_dash, sign};
use super::currency::currency;
use super::mark::marks_to_end;
use super::reading::Collector;
use super::unit::unit;
use super::{Value, cost};

/// Words for nil. Schemas name more of them (`missingValues`).
const WORDS: [(&str, f32); 13] = [
    ("N/A", 0.0),
    ("n/a", 0.0),
    ("N/a", 0.0),
    ("N.A.", 0.0),
    ("n.a.", 0.0),
    ("NA", cost::BARE_NA),
    ("Nil", 0.0),
    ("nil", 0.0),
    ("NIL", 0.0),
    ("無", 0.0),
    ("无", 0.0),
    ("不適用", 0.0),
    ("不适用", 0.0),
];

/// Whether `print`, which has no digit, can be a nil word.
pub(super) fn may_be_word(print: &str) -> bool {
    (print.len() <= 3 || print.starts_with(['無', '无', '不']))
        && WORDS.iter().any(|(word, _)| print == *word)
}

/// More dashes than these are a ruling.
const MOST_DASHES: usize = 4;

/// `nil = word | currency? blank* dashes blank* unit?`, brackets around the dashes or not, with its cost
pub(super) fn nil(input: &str) -> IResult<&str, f32> {
    if input.starts_with(['N', 'n', '無', '无', '不']) {
        for (word, bits) in WORDS {
            if let Some(rest) = input.strip_prefix(word) {
                return Ok((rest, bits));
            }
        }
    }
    let (rest, _) = opt((currency, blanks)).parse(input)?;
    let (rest, open) = opt((sign('('), blanks)).parse(rest)?;
    let (mut rest, _) = dashes(rest)?;
    if open.is_some() {
        (rest, _) = (blanks, sign(')')).parse(rest)?;
    }
    let (rest, _) = opt((blanks, unit)).parse(rest)?;
    Ok((rest, 0.0))
}

/// `dashes = dash{1,4}`
fn dashes(input: &str) -> IResult<&str, &str> {
    take_while_m_n(1, MOST_DASHES, is_dash)(input)
}

/// Pushes the reading of all of `print` as nil, if it is one.
pub(super) fn read(print: &str, readings: &mut Collector<'_>) {
    let Ok((rest, bits)) = nil(print) else { return };
    if let Some((marks, mark_bits)) = marks_to_end(rest, false) {
        readings.push(Value::Nil, before(print, rest), &marks, bits + mark_bits);
    } else if is_broken_nil(print) {
        readings.push(Value::Nil, print, &[], cost::BROKEN_NIL);
    }
}

/// `broken-nil = dash (blank+ dash)+`, a few of them
fn is_broken_nil(print: &str) -> bool {
    print.contains(is_blank)
        && print.chars().all(|c| is_dash(c) || is_blank(c))
        && print.chars().count() <= 2 * MOST_DASHES
}

#[cfg(test)]
mod tests {
    use crate::text::value::{Value, read_values};

    #[test]
    fn forms_of_nil() {
        for text in [
            "-",
            "–",
            "—",
            "- -",
            "--",
            "N/A",
            "n/a",
            "Nil",
            "nil",
            "無",
            "无",
            "$—",
            "$-",
            "$ -",
            "— %",
            "—%",
            "-%",
            "(—)",
            "−",
            "－",
            "HK$ –",
            "不適用",
            "n.a.",
            "— —",
            "—*",
            "N/A (1)",
        ] {
            assert_eq!(read_values(text)[0].value, Value::Nil, "{text}");
        }
        for text in ["nm", "Nile", "NAV", "------", "-a", "— text", "—5", "無錫"] {
            assert!(read_values(text).iter().all(|reading| reading.value != Value::Nil), "{text}");
        }
    }
}
