//! The prose pass: jumps from delimiter to delimiter, so that a line without tab or pipe is never looked at.
//!
//! Lines that hold one are *candidates*. One pass over a candidate's bytes, by a table of byte classes, gives
//! its [`Shape`]: number of slots, and for the first 64 of them whether they are filled, numeric, a year or a
//! row of dashes. No token is made, nothing is allocated for a line. Candidates with nothing but blank and
//! short lines between them form a *cluster*; tables are looked for in one cluster at a time.

use memchr::{memchr2, memchr3, memrchr3};

use super::furniture::{LineKind, line_kind};
use crate::text::{Span, line_end_length};

/// What separates the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delimiter {
    Tab,
    Pipe,
    /// Tabs that markup was rewritten to; the number tells the tables apart.
    Markup(u32),
}

/// The outline of a candidate line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Number of cells, empty ones too; outer pipes enclose cells, they do not separate any.
    pub(super) slots: u32,
    /// Cells with any print; bit 63 stands for all further ones, here and below.
    pub(super) filled: u64,
    /// Cells with at least as many digits as letters.
    pub(super) numeric: u64,
    /// Cells of four digits that look like a year, which headers are full of.
    pub(super) years: u64,
    /// Cells that hold letters and are not numeric.
    pub(super) words: u64,
    /// Nothing but dashes and their like: a rule of Markdown.
    pub(super) is_rule: bool,
    /// Whether the line starts and ends with a pipe.
    pub(super) is_enclosed: bool,
}

impl Shape {
    /// Number of filled cells.
    pub(super) fn filled_count(&self) -> u32 {
        self.filled.count_ones()
    }

    /// Whether the line holds a number that is no year: headers do not.
    pub(super) fn is_data(&self) -> bool {
        self.numeric & !self.years != 0
    }
}

/// What stands between a line of a cluster and the one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    /// Nothing but a line end.
    None,
    /// A blank line.
    Blank,
    /// A form feed.
    Page,
}

/// What a line of a cluster is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    /// A line with delimiters.
    Cells(Delimiter),
    /// A line without, between two that have some.
    Loose(LineKind),
}

/// One line of a cluster; blank lines are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) span: Span,
    pub(super) kind: EntryKind,
    pub(super) shape: Shape,
    pub(super) break_before: Break,
}

/// Loose lines between two candidates of a cluster: the furniture of a page end and the head of the next page
/// are rarely more than four lines.
const MAX_LOOSE_LINES: usize = 8;

/// A longer loose line is a paragraph and ends the cluster.
const MAX_LOOSE_BYTES: usize = 240;

/// A wider gap ends the cluster, blank though it may be: it bounds what is looked at for each candidate.
const MAX_GAP_BYTES: usize = 2_000;

/// Gathers the clusters of `text` and hands each to `take`. `markup` are the spans of rewritten tables.
pub(super) fn scan_clusters(text: &str, markup: &[Span], mut take: impl FnMut(&[Entry])) {
    let bytes = text.as_bytes();
    let mut cluster: Vec<Entry> = Vec::new();
    let mut tables = markup.iter().enumerate().peekable();
    let mut at = 0;
    while let Some(start) = next_candidate(bytes, at, tables.peek().map(|(_, span)| span.start)) {
        while tables.next_if(|(_, span)| span.end <= start).is_some() {}
        let table = tables.peek().filter(|(_, span)| span.start <= start).map(|(index, _)| *index);
        let last_end = cluster.last().map(|entry| entry.span.end);
        let mut break_before = Break::Blank;
        if let Some(end) = last_end {
            match bridge(text, end, start, &mut cluster) {
                Some(bridged) => break_before = bridged,
                None => {
                    take(&cluster);
                    cluster.clear();
                }
            }
        }
        let (end, delimiter, shape) = scan_line(bytes, start, table);
        let span = Span::new(start, end);
        cluster.push(Entry { span, kind: EntryKind::Cells(delimiter), shape, break_before });
        at = end;
    }
    if !cluster.is_empty() {
        take(&cluster);
    }
}

/// Start of the next line, from the end `at` of the last one, that has a delimiter or belongs to markup.
fn next_candidate(bytes: &[u8], at: usize, table: Option<usize>) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let delimiter = memchr2(b'\t', b'|', rest).map(|found| at + found);
    let start = delimiter.map(|found| {
        let before = bytes.get(at..found).unwrap_or_default();
        memrchr3(b'\n', b'\r', b'\x0c', before).map_or(at, |line_end| at + line_end + 1)
    });
    match (start, table) {
        // Inside a rewritten table every line counts, also one of a single cell.
        (start, Some(table)) if start.is_none_or(|start| table <= start) => {
            let mut line = table.max(at);
            while matches!(bytes.get(line), Some(b'\n' | b'\r' | b'\x0c')) {
                line += 1;
            }
            if line < bytes.len() { Some(line) } else { None }
        }
        (start, _) => start,
    }
}

/// Takes the lines between `end` of one candidate and `start` of the next into the cluster; `None` where they
/// are too many or too long for one table to go on after them.
fn bridge(text: &str, end: usize, start: usize, cluster: &mut Vec<Entry>) -> Option<Break> {
    let bytes = text.as_bytes();
    if start - end > MAX_GAP_BYTES {
        return None;
    }
    let mut at = end;
    let mut break_before = Break::None;
    let mut loose = 0;
    // Each turn passes one line end, then the line after it; the last line end leads to `start`.
    while at < start {
        break_before = break_before.max(if bytes[at] == b'\x0c' { Break::Page } else { Break::None });
        at += line_end_length(bytes, at);
        if at >= start {
            break;
        }
        let rest = bytes.get(at..start).unwrap_or_default();
        let length = memchr3(b'\n', b'\r', b'\x0c', rest).unwrap_or(rest.len());
        let span = Span::new(at, at + length).trimmed(text);
        if span.is_empty() {
            break_before = break_before.max(Break::Blank);
        } else {
            loose += 1;
            if loose > MAX_LOOSE_LINES || span.len() > MAX_LOOSE_BYTES {
                return None;
            }
            let kind = EntryKind::Loose(line_kind(span.slice(text)));
            cluster.push(Entry {
                span: Span::new(at, at + length),
                kind,
                shape: Shape::default(),
                break_before,
            });
            break_before = Break::None;
        }
        at += length;
    }
    Some(break_before)
}

/// Outline of the candidate line at `start`, with its end and delimiter.
fn scan_line(bytes: &[u8], start: usize, markup: Option<usize>) -> (usize, Delimiter, Shape) {
    if let Some(table) = markup {
        let (end, shape, _) = scan_shape(bytes, start, b'\t');
        return (end, Delimiter::Markup(u32::try_from(table).unwrap_or(u32::MAX)), shape);
    }
    let rest = bytes.get(start..).unwrap_or_default();
    let lead = rest.iter().position(|byte| *byte != b' ').and_then(|position| rest.get(position));
    let first = memchr2(b'\t', b'|', rest).and_then(|position| rest.get(position));
    if first == Some(&b'|') {
        let (end, shape, has_tab) = scan_shape(bytes, start, b'|');
        // A pipe in a cell of tab-separated text does not make it a pipe table; a line that starts with one does.
        if lead == Some(&b'|') || !has_tab {
            return (end, Delimiter::Pipe, shape);
        }
    }
    let (end, shape, _) = scan_shape(bytes, start, b'\t');
    (end, Delimiter::Tab, shape)
}

/// Byte classes of the prose pass.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Class {
    /// Punctuation, symbols, the lead byte of general punctuation and currency signs (U+2000 on).
    Mark,
    Zero,
    Digit,
    /// ASCII letters and the lead bytes of all other characters.
    Letter,
    Dash,
    Blank,
    /// Bytes inside a character.
    Inner,
    LineEnd,
    Tab,
    Pipe,
    Backslash,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Mark; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0' => Class::Zero,
            b'1'..=b'9' => Class::Digit,
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'-' | b':' | b'=' | b'+' => Class::Dash,
            b' ' => Class::Blank,
            b'\n' | b'\r' | b'\x0c' => Class::LineEnd,
            b'\t' => Class::Tab,
            b'|' => Class::Pipe,
            b'\\' => Class::Backslash,
            0x80..=0xbf => Class::Inner,
            0xe2 => Class::Mark,
            0xc0..=0xff => Class::Letter,
            _ => Class::Mark,
        };
        byte += 1;
    }
    classes
};

/// Counts of the cell that is being passed.
#[derive(Clone, Copy, Default)]
struct CellCounts {
    digits: u32,
    zeros: u32,
    letters: u32,
    dashes: u32,
    marks: u32,
    /// The first digit, and the offsets of first and last digit.
    first: u8,
    first_at: usize,
    last_at: usize,
}

impl CellCounts {
    /// Takes the cell into the outline as slot `slot`.
    fn close(self, shape: &mut Shape, slot: u32) {
        let bit = 1u64 << slot.min(63);
        let digits = self.digits + self.zeros;
        if digits + self.letters + self.dashes + self.marks == 0 {
            return;
        }
        shape.filled |= bit;
        // `$'000` and its like are units, not numbers.
        let is_unit = self.digits == 0 && self.zeros == 3 && self.last_at - self.first_at == 2;
        if digits > 0 && digits >= self.letters && !(is_unit && self.letters + self.marks > 0) {
            shape.numeric |= bit;
            let is_year = digits == 4 && self.letters + self.dashes + self.marks == 0;
            if is_year && matches!(self.first, b'1' | b'2') {
                shape.years |= bit;
            }
        } else if self.letters > 0 {
            shape.words |= bit;
        }
        shape.is_rule &= digits + self.letters + self.marks == 0 && self.dashes >= 2;
    }
}

/// End and outline of the line at `start` with cells between `delimiter`s, and whether it has a tab.
fn scan_shape(bytes: &[u8], start: usize, delimiter: u8) -> (usize, Shape, bool) {
    let mut shape = Shape { is_rule: true, ..Shape::default() };
    let mut cell = CellCounts::default();
    let (mut slot, mut has_tab, mut escaped, mut opens) = (0u32, false, false, false);
    let rest = bytes.get(start..).unwrap_or_default();
    let mut end = bytes.len();
    for (offset, &byte) in rest.iter().enumerate() {
        match CLASSES[byte as usize] {
            class @ (Class::Digit | Class::Zero) => {
                if cell.digits + cell.zeros == 0 {
                    (cell.first, cell.first_at) = (byte, offset);
                }
                cell.last_at = offset;
                cell.digits += u32::from(class == Class::Digit);
                cell.zeros += u32::from(class == Class::Zero);
            }
            Class::Letter => cell.letters += 1,
            Class::Dash => cell.dashes += 1,
            Class::Blank | Class::Inner => {}
            Class::LineEnd => {
                end = start + offset;
                break;
            }
            class @ (Class::Tab | Class::Pipe) => {
                has_tab |= class == Class::Tab;
                if byte == delimiter && !(escaped && delimiter == b'|') {
                    let is_outer =
                        delimiter == b'|' && slot == 0 && !opens && shape.filled == 0 && cell.is_empty();
                    if is_outer {
                        opens = true;
                    } else {
                        cell.close(&mut shape, slot);
                        slot = slot.saturating_add(1);
                    }
                    cell = CellCounts::default();
                } else if byte == b'|' {
                    cell.marks += 1;
                }
            }
            Class::Mark | Class::Backslash => cell.marks += 1,
        }
        escaped = byte == b'\\' && !escaped;
    }
    shape.is_enclosed = opens && cell.is_empty() && slot > 0;
    let last_is_outer = delimiter == b'|' && cell.is_empty() && slot > 0;
    if !last_is_outer {
        cell.close(&mut shape, slot);
        slot = slot.saturating_add(1);
    }
    shape.slots = slot;
    shape.is_rule &= shape.filled != 0 && delimiter == b'|';
    (end, shape, has_tab)
}

impl CellCounts {
    fn is_empty(&self) -> bool {
        self.digits + self.zeros + self.letters + self.dashes + self.marks == 0
    }
}
