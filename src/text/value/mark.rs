//! Footnote marks, glued to a value or apart from it.

use nom::branch::alt;
use nom::bytes::complete::{take_while_m_n, take_while1};
use nom::character::complete::satisfy;
use nom::combinator::{opt, recognize, verify};
use nom::sequence::delimited;
use nom::{IResult, Parser};
use smallvec::SmallVec;

use super::chars::{blanks, digit_count, folded, is_blank, is_digit, sign};
use super::reading::Collector;
use super::{Value, cost};

/// Slices of the marks after a value, in order.
pub(super) type MarkSlices<'t> = SmallVec<[&'t str; 2]>;

/// `mark = symbols | superscripts | bracketed`, with whether it is bracketed
pub(super) fn mark(input: &str) -> IResult<&str, (&str, bool)> {
    alt((
        symbols.map(|mark| (mark, false)),
        superscripts.map(|mark| (mark, false)),
        bracketed.map(|mark| (mark, true)),
    ))
    .parse(input)
}

/// Whether `c` is a footnote symbol.
pub(super) fn is_symbol(c: char) -> bool {
    matches!(folded(c), '*' | '#' | '†' | '‡' | '§' | '¶' | '^' | '※' | '△' | '▲')
}

/// Whether `c` is printed as a superscript or in a circle.
pub(super) fn is_superscript(c: char) -> bool {
    matches!(c, '¹' | '²' | '³' | '\u{2070}'..='\u{207e}' | 'ª' | 'º' | 'ᵃ'..='ᵍ' | '\u{2460}'..='\u{2473}')
}

/// `symbols = ("*" | "†" | ...)+`
pub(super) fn symbols(input: &str) -> IResult<&str, &str> {
    take_while_m_n(1, 4, is_symbol)(input)
}

/// `superscripts = superscript+`
pub(super) fn superscripts(input: &str) -> IResult<&str, &str> {
    take_while1(is_superscript)(input)
}

/// `bracketed = "(" label ")" | "[" label "]" | "(" note-word label ("," label)* ")"`
pub(super) fn bracketed(input: &str) -> IResult<&str, &str> {
    match input.chars().next().map(folded) {
        Some('(') => recognize(delimited(sign('('), inside, sign(')'))).parse(input),
        Some('[') => recognize(delimited(sign('['), inside, sign(']'))).parse(input),
        _ => Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Char))),
    }
}

fn inside(input: &str) -> IResult<&str, &str> {
    delimited(blanks, recognize((opt((note_word, blanks)), label, opt(more_labels))), blanks).parse(input)
}

/// `note-word = "Note" | "Notes" | "note" | "附註" | "註" | "注" ...`
fn note_word(input: &str) -> IResult<&str, &str> {
    const WORDS: [&str; 14] = [
        "Notes", "Note", "notes", "note", "NOTES", "NOTE", "附註", "附注", "註", "注", "fn", "Fn", "item",
        "Item",
    ];
    let word = WORDS.iter().find(|word| input.starts_with(**word)).map_or("", |word| *word);
    let (rest, dot) = take_while_m_n(0, 1, |c| c == '.')(input.get(word.len()..).unwrap_or(""))?;
    if word.is_empty() {
        return Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Tag)));
    }
    Ok((rest, input.get(..word.len() + dot.len()).unwrap_or(word)))
}

/// `label = digit{1,2} letter? | letter{1,2} | symbol+`
fn label(input: &str) -> IResult<&str, &str> {
    // Nothing counts notes from zero.
    let count =
        verify(take_while1(is_digit), |run: &str| digit_count(run) <= 2 && !run.starts_with(['0', '０']));
    let counted = recognize((count, opt(satisfy(is_letter))));
    alt((counted, verify(take_while1(is_letter), |run: &str| run.len() <= 2 || is_roman(run)), symbols))
        .parse(input)
}

/// `more-labels = (("," | "and" | "&") label)+`
fn more_labels(input: &str) -> IResult<&str, &str> {
    let mut rest = input;
    while let Ok((after, _)) = one_more_label(rest) {
        rest = after;
    }
    Ok((rest, ""))
}

fn one_more_label(input: &str) -> IResult<&str, &str> {
    recognize((blanks, satisfy(|c| matches!(folded(c), ',' | '&' | ';' | '、')), blanks, label)).parse(input)
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
}

fn is_roman(run: &str) -> bool {
    run.len() <= 5 && run.bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x'))
}

/// `marks = (blank* mark)*` up to the end of `input`; `None` where anything else is left.
///
/// Where `closed`, the value ends in a sign, so that digits glued to it are a mark too: `4.13%1`.
pub(super) fn marks_to_end(input: &str, closed: bool) -> Option<(MarkSlices<'_>, f32)> {
    let (mut marks, mut bits, mut rest) = (MarkSlices::new(), 0.0, input);
    if closed && rest.starts_with(is_digit) {
        let (after, digits) = glued_digits(rest)?;
        marks.push(digits);
        bits += cost::GLUED_MARK_AFTER_SIGN;
        rest = after;
    }
    loop {
        let trimmed = rest.trim_start_matches(is_blank);
        if trimmed.is_empty() {
            return Some((marks, bits));
        }
        let (after, (found, is_bracketed)) = mark(trimmed).ok()?;
        marks.push(found);
        let is_apart = trimmed.len() < rest.len();
        bits += match is_bracketed {
            true if is_apart && found.chars().filter(|&c| is_digit(c)).count() > 1 => cost::LONG_MARK_APART,
            true if is_apart => cost::MARK_APART,
            true => cost::MARK_GLUED,
            false => 0.0,
        };
        rest = after;
    }
}

fn glued_digits(input: &str) -> Option<(&str, &str)> {
    let end = input.find(|c| !is_digit(c)).unwrap_or(input.len());
    let (digits, rest) = input.split_at_checked(end)?;
    (digit_count(digits) <= 2 && !digits.starts_with('0')).then_some((rest, digits))
}

/// Pushes the reading of all of `print` as a footnote mark, if it is one.
pub(super) fn read(print: &str, readings: &mut Collector<'_>) {
    if let Ok(("", (_, is_bracketed))) = mark(print) {
        let is_label = is_bracketed && digit_count(print) <= 4 && print.starts_with(|c| folded(c) == '(');
        let bits = if is_label { cost::BRACKETED_LABEL } else { cost::MARK_ALONE };
        readings.push(Value::Mark, print, &[], bits);
    }
}

/// The text before the footnote marks at the end of `print`, and the marks; `None` where there are none.
pub(super) fn after_text(print: &str) -> Option<(&str, MarkSlices<'_>)> {
    let last = print.chars().next_back()?;
    let start = match folded(last) {
        ')' => print.rfind(['(', '（'])?,
        ']' => print.rfind(['[', '［'])?,
        _ if is_symbol(last) => print.trim_end_matches(is_symbol).len(),
        _ if is_superscript(last) => print.trim_end_matches(is_superscript).len(),
        _ => return None,
    };
    let (text, found) = print.split_at_checked(start)?;
    let body = text.trim_end_matches(is_blank);
    let is_mark = matches!(mark(found), Ok(("", _)));
    (is_mark && body.chars().any(char::is_alphabetic)).then(|| (body, MarkSlices::from_slice(&[found])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_marks() {
        for text in [
            "*",
            "**",
            "†",
            "‡",
            "§",
            "(1)",
            "(a)",
            "(12)",
            "(Note 2)",
            "(Notes 2, 3)",
            "[1]",
            "¹",
            "²³",
            "⁽¹⁾",
            "①",
            "(iv)",
            "（1）",
            "（附註2）",
            "(*)",
            "(1,2)",
            "(b)",
            "(note 3a)",
        ] {
            assert_eq!(mark(text).map(|(rest, (mark, _))| (rest, mark)), Ok(("", text)), "{text}");
        }
        for text in ["", "1", "a", "(0)", "(687)", "(loss)", "()", "(Note)", "[", "(1", "(1]"] {
            assert!(mark(text).is_err(), "{text}");
        }
    }

    #[test]
    fn marks_up_to_the_end() {
        let marks = |text, closed| marks_to_end(text, closed).map(|(marks, _)| marks.to_vec());
        assert_eq!(marks("", false), Some(vec![]));
        assert_eq!(marks("* (1)", false), Some(vec!["*", "(1)"]));
        assert_eq!(marks("1", true), Some(vec!["1"]));
        assert_eq!(marks("1", false), None);
        assert_eq!(marks("(1) x", false), None);
    }
}
