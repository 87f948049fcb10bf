//! Text that is safe and of known width on a terminal.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// One line that is safe to write to a terminal: what `text` says, without what a terminal would obey.
///
/// Line ends and tabs become blanks, other control characters their pictures, and marks that turn the direction
/// of writing the replacement character.
///
/// ```
/// assert_eq!(retabulate::emit::plain_line("a\tb \u{1b}[31m"), "a b ␛[31m");
/// ```
#[must_use]
pub fn plain_line(text: &str) -> Cow<'_, str> {
    if text.chars().all(|symbol| picture(symbol) == symbol) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(picture).collect())
}

pub(in crate::emit) use self::plain_line as plain;

fn picture(symbol: char) -> char {
    match symbol {
        '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(symbol)).unwrap_or('\u{fffd}'),
        '\u{7f}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            '\u{fffd}'
        }
        other => other,
    }
}

/// Display columns of a plain text.
pub(in crate::emit) fn width(text: &str) -> usize {
    text.width()
}

/// `text` cut to `limit` display columns, an ellipsis at the cut.
pub(in crate::emit) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if width(text) <= limit {
        return Cow::Borrowed(text);
    }
    let head = take(text, limit.saturating_sub(1));
    Cow::Owned(format!("{}…", head.trim_end()))
}

/// The longest start of `text`, in whole graphemes, of at most `limit` display columns.
pub(in crate::emit) fn take(text: &str, limit: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > limit {
            return text.get(..at).unwrap_or(text);
        }
    }
    text
}

/// `text` in lines of at most `limit` display columns, broken at blanks, inside a word only where it is longer
/// than a line. Never empty; no line but one wider than `limit` by itself (a wide character in one column).
pub(in crate::emit) fn wrap(text: &str, limit: usize) -> Vec<&str> {
    let limit = limit.max(1);
    let mut lines = Vec::new();
    let mut rest = text.trim_end();
    while width(rest) > limit {
        let head = take(rest, limit);
        // At least one grapheme a line, or nothing would be gained.
        let head = if head.is_empty() { rest.graphemes(true).next().unwrap_or(rest) } else { head };
        let breaks_here = rest.get(head.len()..).is_some_and(|tail| tail.starts_with(' '));
        let line = match head.rfind(' ') {
            Some(blank) if !breaks_here && blank > 0 => head.get(..blank).unwrap_or(head),
            _ => head,
        };
        lines.push(line.trim_end());
        rest = rest.get(line.len()..).unwrap_or("").trim_start();
    }
    if !rest.is_empty() || lines.is_empty() {
        lines.push(rest);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_break_at_blanks_and_in_long_words() {
        assert_eq!(wrap("Number of pledged shares", 10), ["Number of", "pledged", "shares"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("股東名稱", 5), ["股東", "名稱"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("ab cd", 2), ["ab", "cd"]);
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        assert_eq!(plain("a\x1b[31m\tb\u{202e}"), "a␛[31m b\u{fffd}");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
    }

    proptest! {
        #[test]
        fn wrapping_loses_blanks_only(text in "[a-c 股é]{0,40}", limit in 1usize..12) {
            let lines = wrap(&text, limit);
            let squeeze = |text: &str| text.replace(' ', "");
            prop_assert_eq!(squeeze(&lines.concat()), squeeze(&text));
            prop_assert!(lines.iter().all(|line| width(line) <= limit.max(2)));
        }
    }
}
