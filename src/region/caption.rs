//! What stands around a table: the lines above that name it, the notes under it.

use memchr::{memchr2_iter, memchr3, memrchr3};

use super::furniture::{LineKind, line_kind};
use crate::text::{Span, line_end_length};

/// Lines above a table that can be its caption: a title, a sentence that leads in, a unit.
const MAX_CAPTION_LINES: usize = 3;

/// A longer line is a paragraph; in bytes.
const MAX_CAPTION_BYTES: usize = 300;

/// A longer line that is not next to the table is no title; in bytes.
const MAX_TITLE_BYTES: usize = 160;

/// Notes under a table; a list of more is the text that follows.
const MAX_NOTES: usize = 40;

/// The caption of a table that starts at `start`; nothing before `floor` belongs to it.
pub(super) fn find_caption(text: &str, start: usize, floor: usize) -> Vec<Span> {
    let mut caption = Vec::new();
    let mut at = start;
    let mut touches = true;
    let mut blanks = 0;
    while caption.len() < MAX_CAPTION_LINES {
        let Some(line) = line_before(text, at, floor) else { break };
        at = line.start;
        let body = line.trimmed(text);
        if body.is_empty() {
            touches = false;
            blanks += 1;
            if blanks > 2 {
                break;
            }
            continue;
        }
        blanks = 0;
        let print = body.slice(text);
        let kind = line_kind(print);
        if matches!(kind, LineKind::PageNumber | LineKind::Address | LineKind::Rule) {
            continue;
        }
        let above = line_before(text, at, floor).map(|above| above.trimmed(text));
        let starts = at <= floor || above.is_some_and(|above| above.is_empty());
        if !is_caption(print, kind, touches || caption.is_empty(), starts) {
            break;
        }
        caption.push(body);
        touches = true;
    }
    caption.reverse();
    caption
}

/// Whether a line above a table speaks about it: a title, a lead-in that ends with a colon, a unit. A longer line, or
/// one that ends with a full stop, does only where it is all of its paragraph (`starts`) and near.
fn is_caption(line: &str, kind: LineKind, is_near: bool, starts: bool) -> bool {
    if line.len() > MAX_CAPTION_BYTES || line.contains(['\t', '|']) {
        return false;
    }
    if line.ends_with([':', '：']) {
        return true;
    }
    match kind {
        _ if line.ends_with(['.', '。', ';', ',']) => starts && is_near && line.len() <= MAX_TITLE_BYTES,
        LineKind::Short | LineKind::Continued => true,
        _ => starts && (is_near || line.len() <= MAX_TITLE_BYTES),
    }
}

/// The line that ends before `at`, which is the start of a line.
fn line_before(text: &str, at: usize, floor: usize) -> Option<Span> {
    let bytes = text.as_bytes();
    let mut end = at.checked_sub(1)?;
    if bytes.get(end) == Some(&b'\n') && end > 0 && bytes.get(end - 1) == Some(&b'\r') {
        end -= 1;
    }
    if end < floor || at <= floor {
        return None;
    }
    // A paragraph's start is not looked for: one byte beyond the longest caption is enough to drop it.
    let low = floor.max(end.saturating_sub(MAX_CAPTION_BYTES + 2));
    let window = bytes.get(low..end).unwrap_or_default();
    match memrchr3(b'\n', b'\r', b'\x0c', window) {
        Some(found) => Some(Span::new(low + found + 1, end)),
        None if low == floor => Some(Span::new(low, end)),
        None => None,
    }
}

/// The notes of a table that ends at `end`; nothing from `ceiling` on, where the next table starts, is one.
pub(super) fn find_notes(text: &str, end: usize, ceiling: usize) -> Vec<Span> {
    let bytes = text.as_bytes().get(..ceiling).unwrap_or_default();
    let mut notes = Vec::new();
    let (mut at, mut blanks, mut in_list) = (end, 0, false);
    while at < bytes.len() && notes.len() < MAX_NOTES && blanks < 3 {
        at += line_end_length(bytes, at);
        let rest = bytes.get(at..).unwrap_or_default();
        let length = memchr3(b'\n', b'\r', b'\x0c', rest).unwrap_or(rest.len());
        let line = Span::new(at, at + length);
        at += length;
        let body = line.trimmed(text);
        if body.is_empty() {
            blanks += 1;
            continue;
        }
        // One tab may stand after the mark of a note; more are cells.
        if memchr2_iter(b'\t', b'|', body.slice(text).as_bytes()).nth(1).is_some() {
            break;
        }
        let kind = note_kind(body.slice(text), in_list, blanks == 0, notes.is_empty());
        let Some(opens_list) = kind else { break };
        in_list |= opens_list;
        blanks = 0;
        notes.push(body);
    }
    notes
}

/// Words that open a note.
const NOTE_WORDS: [&str; 14] = [
    "note",
    "notes",
    "source",
    "sources",
    "remark",
    "remarks",
    "footnote",
    "footnotes",
    "附註",
    "附注",
    "註",
    "注",
    "資料來源",
    "资料来源",
];

/// Whether `line` is a note: `Some(true)` where it opens a list of them. `in_list`: such a list is open; `touches`:
/// no blank line stands between it and the line above; `is_first`: the line above is the table.
fn note_kind(line: &str, in_list: bool, touches: bool, is_first: bool) -> Option<bool> {
    let body = line.trim_start_matches(['(', '（', '*', '#', '_']);
    let word_end = body.find(|letter: char| !letter.is_alphabetic()).unwrap_or(body.len());
    let word = body.get(..word_end).unwrap_or_default();
    if NOTE_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)) {
        let rest = body.get(word_end..).unwrap_or_default().trim_start();
        let counted =
            rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || " ().".contains(letter));
        if rest.is_empty() || counted.starts_with([':', '：']) {
            return Some(counted.trim_matches([':', '：', ' ', ')', '）', '*']).is_empty());
        }
        // `(Note 2) ...` and `Note 2 ...`, but not `Notes to the financial statements`.
        return (counted.len() < rest.len() && !touches_word(rest)).then_some(false);
    }
    let is_starred = line.starts_with(['*', '#', '†', '‡', '△', '^']) && !line.starts_with("**");
    let is_counted = starts_with_counter(line);
    let goes_on = touches && !is_first && in_list;
    ((is_starred && (touches || is_first)) || (is_counted && (in_list || (is_first && touches))) || goes_on)
        .then_some(false)
}

fn touches_word(rest: &str) -> bool {
    rest.starts_with(|first: char| first.is_alphabetic())
}

/// `(1) ...`, `1. ...`, `[a] ...`, `(ii) ...`.
fn starts_with_counter(line: &str) -> bool {
    let body = line.trim_start_matches(['(', '（', '[']);
    let end = body.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(body.len());
    let (counter, rest) = body.split_at(end);
    let is_counter = !counter.is_empty() && counter.len() <= 4;
    is_counter && rest.starts_with([')', '）', ']', '.', '、'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caption(above: &str) -> Vec<String> {
        let text = format!("{above}a\tb\n");
        find_caption(&text, above.len(), 0).iter().map(|span| span.slice(&text).to_owned()).collect()
    }

    fn notes(below: &str) -> Vec<String> {
        let text = format!("a\tb\n{below}");
        find_notes(&text, 3, text.len()).iter().map(|span| span.slice(&text).to_owned()).collect()
    }

    #[test]
    fn titles_units_and_lead_ins_are_captions() {
        assert_eq!(caption("Poll results\n\nThe results were as follows:\n\nUnit: RMB'000\n").len(), 3);
        assert_eq!(caption("Title\r\n\r\n"), ["Title"]);
        assert!(caption(&format!("{}.\n", "A long paragraph ".repeat(30))).is_empty());
    }

    #[test]
    fn a_paragraph_hides_what_is_above_it() {
        let paragraph = "As at the date of this report, the capital of the company was 100 shares, and so on, and on, \
                         which is a long sentence about other things that the table does not show at all today.";
        let lines = caption(&format!("Title\n\n{paragraph}\nDetails are as follows:\n"));
        assert_eq!(lines, ["Details are as follows:"]);
    }

    #[test]
    fn lines_of_a_wrapped_paragraph_are_none() {
        let wrapped = "The Board resolved that the capital of the company be raised in the course of this year and that\n\
                       all things that are needed to that end are done by the directors without any further delay and\n";
        assert_eq!(caption(&format!("{wrapped}at once.\n\nShares\n")), ["Shares"]);
        assert!(caption(&format!("{wrapped}at once.\n\n")).is_empty());
        assert!(caption(wrapped).is_empty());
    }

    #[test]
    fn notes_of_many_kinds() {
        assert_eq!(notes("\nNote: rounded.\n\nNote 2: adjusted.\n\nThe text goes on.\n").len(), 2);
        assert_eq!(notes("Notes:\n1. one\n2. two\n\nIn the year\n").len(), 3);
        assert_eq!(notes("* audited\n(1) restated\nText\n").len(), 1);
        assert_eq!(notes("註：未經審核\n"), ["註：未經審核"]);
        assert!(notes("\nNote\t2023\t2022\n").is_empty());
        assert!(notes("\n(1) The Board resolved\n").is_empty());
        assert!(notes("\nNotes to the financial statements\n").is_empty());
    }
}
