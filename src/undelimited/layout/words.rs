//! The words of layout lines with the display columns they stand at.
//!
//! Columns are counted in cells of a terminal: wide characters take two, a tab goes on to the next multiple of
//! eight and is never a single blank. Dot leaders are no words: they are kept apart, as a gap is what they mean.

use unicode_width::UnicodeWidthChar;

use super::shape::{WordKind, classify};
use crate::text::Span;

/// Dots in a row that lead the eye and print nothing.
const LEADER_DOTS: usize = 4;

/// Dashes of the shortest rule.
const RULE_DASHES: usize = 6;

/// Columns between two tab stops.
const TAB_STOP: u32 = 8;

/// A run of characters without a blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) span: Span,
    /// Display columns, half open.
    pub(super) left: u32,
    pub(super) right: u32,
    /// Blank columns before it; [`FIRST`] for the first of a line.
    pub(super) gap: u32,
    pub(super) kind: WordKind,
    /// Whether it is three digits and decimals: what may be the last group of a number before it.
    pub(super) is_group: bool,
}

/// The gap before the first word of a line.
pub(super) const FIRST: u32 = 1_000;

/// A line with a word in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SheetLine {
    /// Its words, by index.
    pub(super) first: usize,
    pub(super) end: usize,
    /// Page, from 0.
    pub(super) page: u32,
    /// Blank lines between it and the line above on its page.
    pub(super) blanks: u32,
    /// The line in the text, without its end.
    pub(super) span: Span,
    /// Whether a rule of dashes stands between it and the line above.
    pub(super) is_ruled: bool,
}

/// The words of a stretch of text, flat.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet<'t> {
    pub(super) text: &'t str,
    pub(super) words: Vec<Word>,
    pub(super) lines: Vec<SheetLine>,
    /// Dot leaders and rules.
    pub(super) leaders: Vec<Span>,
    /// Whether the last line was a rule.
    after_rule: bool,
}

impl<'t> Sheet<'t> {
    /// An empty sheet of `text`.
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, ..Self::default() }
    }

    /// The words of a line, by position.
    pub(super) fn words_of(&self, line: usize) -> &[Word] {
        self.lines.get(line).and_then(|line| self.words.get(line.first..line.end)).unwrap_or_default()
    }

    /// Takes in a line; one without a word is left out.
    pub(super) fn push_line(&mut self, span: Span, page: u32, blanks: u32) {
        if is_rule(span.slice(self.text)) {
            self.leaders.push(span.trimmed(self.text));
            self.after_rule = true;
            return;
        }
        let first = self.words.len();
        let bytes = span.slice(self.text).as_bytes();
        let (mut at, mut column, mut has_tab) = (0, 0_u32, false);
        let mut blank_from: Option<u32> = None;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b' ' => {
                    let blanks = bytes[at..].iter().take_while(|byte| **byte == b' ').count();
                    at += blanks;
                    column += u32::try_from(blanks).unwrap_or(0);
                }
                b'\r' | 0x0b | 0x0c => (at, column) = (at + 1, column + 1),
                b'\t' => {
                    column = (column / TAB_STOP + 1) * TAB_STOP;
                    at += 1;
                    has_tab = true;
                }
                _ => {
                    let rest = &bytes[at..];
                    let length = rest.iter().position(|byte| is_blank(*byte)).unwrap_or(rest.len());
                    let word = Span::new(span.start + at, span.start + at + length);
                    let gap = match blank_from {
                        None => FIRST,
                        Some(from) if has_tab => (column - from).max(2),
                        Some(from) => column - from,
                    };
                    at += length;
                    let width = display_width(word.slice(self.text));
                    if let Some(right) = self.push_word(word, (column, width), gap) {
                        blank_from = Some(right);
                    }
                    column += width;
                    has_tab = false;
                }
            }
        }
        let end = self.words.len();
        if end > first {
            let is_ruled = std::mem::take(&mut self.after_rule);
            self.lines.push(SheetLine { first, end, page, blanks, span, is_ruled });
        }
    }

    /// The sheet with the words between two display columns only, and the others.
    pub(super) fn clipped(&self, from: u32, to: u32) -> (Self, Vec<Span>) {
        let mut clipped = Self { text: self.text, leaders: self.leaders.clone(), ..Self::default() };
        let mut others = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            let first = clipped.words.len();
            for word in self.words_of(index) {
                if (from..to).contains(&u32::midpoint(word.left, word.right)) {
                    let gap = if clipped.words.len() == first { FIRST } else { word.gap };
                    clipped.words.push(Word { gap, ..*word });
                } else {
                    others.push(word.span);
                }
            }
            let end = clipped.words.len();
            if end > first {
                clipped.lines.push(SheetLine { first, end, ..*line });
            }
        }
        (clipped, others)
    }

    /// Takes in a word at its column and of its width; returns the column after its print, `None` for a leader alone.
    fn push_word(&mut self, span: Span, (left, width): (u32, u32), gap: u32) -> Option<u32> {
        let text = span.slice(self.text);
        // Hardly any word begins or ends with a dot that leads.
        let may_lead = |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b'.' | b'_' | 0x80..));
        if !may_lead(text.as_bytes().first()) && !may_lead(text.as_bytes().last()) {
            return Some(self.take_word(span, (left, width), gap));
        }
        let is_dot = |letter: char| matches!(letter, '.' | '…' | '·' | '_');
        let dots = text.chars().rev().take_while(|letter| is_dot(*letter)).count();
        let lead = text.chars().take_while(|letter| is_dot(*letter)).count();
        let bytes_of = |count: usize, from_end: bool| -> usize {
            if from_end {
                text.chars().rev().take(count).map(char::len_utf8).sum()
            } else {
                text.chars().take(count).map(char::len_utf8).sum()
            }
        };
        let mut body = span;
        if dots >= LEADER_DOTS {
            body.end -= bytes_of(dots, true);
        }
        if lead >= LEADER_DOTS && body.end > body.start {
            body.start += bytes_of(lead, false);
        }
        if body.start > span.start {
            self.leaders.push(Span::new(span.start, body.start));
        }
        if body.end < span.end {
            self.leaders.push(Span::new(body.end.max(body.start), span.end));
        }
        if body.is_empty() {
            return None;
        }
        let skipped = display_width(Span::new(span.start, body.start).slice(self.text));
        let width = display_width(body.slice(self.text));
        Some(self.take_word(
            body,
            (left + skipped, width),
            if skipped > 0 { gap.saturating_add(skipped) } else { gap },
        ))
    }

    /// Takes in a word without leaders; returns the column after it.
    fn take_word(&mut self, body: Span, (left, width): (u32, u32), gap: u32) -> u32 {
        let print = body.slice(self.text);
        let right = left + width;
        let kind = classify(print);
        let is_group =
            kind == WordKind::Decimal && print.bytes().position(|byte| !byte.is_ascii_digit()) == Some(3);
        self.words.push(Word { span: body, left, right, gap, kind, is_group });
        right
    }
}

/// Whether a byte stands between words.
const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | 0x0b | 0x0c)
}

/// Whether a line is a rule: dashes and the like, with or without blanks between.
pub(super) fn is_rule(line: &str) -> bool {
    let is_dash = |letter: char| matches!(letter, '-' | '_' | '=' | '─' | '━' | '═' | '—');
    // Most lines show by their first print that they are none.
    let first = line.bytes().find(|byte| *byte != b' ');
    if first.is_some_and(|byte| byte.is_ascii_alphanumeric())
        || !line.trim_start_matches(' ').starts_with(is_dash)
    {
        return false;
    }
    line.len() >= RULE_DASHES
        && line.chars().filter(|letter| is_dash(*letter)).count() >= RULE_DASHES
        && line.chars().all(|letter| is_dash(letter) || letter == ' ')
        && line.split(' ').all(|dashes| dashes.is_empty() || dashes.chars().count() > 2)
}

/// Display columns of a text without blanks.
pub(super) fn display_width(text: &str) -> u32 {
    if text.is_ascii() {
        return u32::try_from(text.len()).unwrap_or(u32::MAX / 2);
    }
    text.chars().map(|letter| u32::try_from(letter.width().unwrap_or(0)).unwrap_or(0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<(&str, u32, u32, u32)> {
        let mut sheet = Sheet::new(line);
        sheet.push_line(Span::new(0, line.len()), 0, 0);
        sheet
            .words
            .iter()
            .map(|word| (word.span.slice(line), word.left, word.right, word.gap.min(FIRST)))
            .collect()
    }

    #[test]
    fn words_stand_at_display_columns() {
        assert_eq!(read("  ab  c"), [("ab", 2, 4, FIRST), ("c", 6, 7, 2)]);
        assert_eq!(read("a\tb"), [("a", 0, 1, FIRST), ("b", 8, 9, 7)]);
        assert_eq!(read("股份 1"), [("股份", 0, 4, FIRST), ("1", 5, 6, 1)]);
    }

    #[test]
    fn leaders_are_gaps() {
        assert_eq!(read("Rent ...... 12"), [("Rent", 0, 4, FIRST), ("12", 12, 14, 8)]);
        assert_eq!(read("Rent...... 12"), [("Rent", 0, 4, FIRST), ("12", 11, 13, 7)]);
        assert_eq!(read("etc... 12"), [("etc...", 0, 6, FIRST), ("12", 7, 9, 1)]);
    }
}
