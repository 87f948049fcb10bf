//! The prose pass: jumps from delimiter to delimiter, so that a line without tab or pipe is never looked at.
//!
//! Lines that hold one are *candidates*. One pass over a candidate's bytes, by a table of byte classes, gives
//! its [`Shape`]: number of slots, and for the first 32 of them whether they are filled, numeric, a year or a
//! row of dashes. No token is made, nothing is allocated for a line. Candidates with nothing but blank and
//! short lines between them form a *cluster*; tables are looked for in one cluster at a time.

use memchr::{memchr2, memchr3, memmem, memrchr3};

use super::furniture::{LineKind, is_number_rest, line_kind};
use crate::text::{Span, line_end_length};

/// What separates the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delimiter {
    Tab,
    Pipe,
    /// Tabs that markup was rewritten to; the number tells the tables apart.
    Markup(u32),
}

/// The last column with a bit of its own in the sets of an outline. Tables are seldom wider, and where they are the
/// first columns tell them apart.
pub(super) const LAST_COLUMN: u32 = 31;

/// The outline of a candidate line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Number of cells, empty ones too; outer pipes enclose cells, they do not separate any.
    pub(super) slots: u32,
    /// Cells with any print; bit 31 stands for all further ones, here and below.
    pub(super) filled: u32,
    /// Cells with at least as many digits as letters.
    pub(super) numeric: u32,
    /// Cells of four digits that look like a year, which headers are full of.
    pub(super) years: u32,
    /// Cells that hold letters and are not numeric.
    pub(super) words: u32,
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
    loop {
        while tables.next_if(|(_, span)| span.end <= at).is_some() {}
        let next_table = tables.peek().map(|(_, span)| span.start);
        let Some((start, first)) = next_candidate(bytes, at, next_table) else { break };
        // Rows without print at the end of a table are no lines to stop at.
        if tables.next_if(|(_, span)| span.end <= start).is_some() {
            continue;
        }
        let table = tables.peek().filter(|(_, span)| span.start <= start).map(|(index, _)| *index);
        let last_end = cluster.last().map(|entry| entry.span.end);
        let mut break_before = Break::Blank;
        if let Some(end) = last_end {
            match bridge(text, end, start, &mut cluster) {
                Some(bridged) => break_before = bridged,
                None => {
                    take_rest(text, &mut cluster);
                    take(&cluster);
                    cluster.clear();
                }
            }
        }
        let (end, delimiter, shape) = scan_line(bytes, start, first, table);
        let span = Span::new(start, end);
        cluster.push(Entry { span, kind: EntryKind::Cells(delimiter), shape, break_before });
        at = end;
    }
    if !cluster.is_empty() {
        take_rest(text, &mut cluster);
        take(&cluster);
    }
}

/// Start of the next line, from the end `at` of the last one, that has a delimiter or belongs to markup, and where
/// its first delimiter is.
fn next_candidate(bytes: &[u8], at: usize, table: Option<usize>) -> Option<(usize, Option<usize>)> {
    if table.is_none()
        && let Some(found) = candidate_below(bytes, at)
    {
        return Some(found);
    }
    // Inside a rewritten table every line counts, also one of a single cell; so nothing beyond its start is searched.
    let limit = table.map_or(bytes.len(), |table| table.max(at));
    if let Some(found) = memchr2(b'\t', b'|', bytes.get(at..limit)?).map(|found| at + found) {
        let before = bytes.get(at..found).unwrap_or_default();
        let start = memrchr3(b'\n', b'\r', b'\x0c', before).map_or(at, |line_end| at + line_end + 1);
        return Some((start, Some(found)));
    }
    let mut line = table?.max(at);
    while matches!(bytes.get(line), Some(b'\n' | b'\r' | b'\x0c')) {
        line += 1;
    }
    (line < bytes.len()).then_some((line, None))
}

/// Bytes of a line in which its first delimiter is looked for one by one: rows have it in their first cell.
const NEAR_BYTES: usize = 48;

/// The same for the line right below the one that ends at `at`, where it shows its delimiter soon.
fn candidate_below(bytes: &[u8], at: usize) -> Option<(usize, Option<usize>)> {
    let start = at + 1;
    if bytes.get(at) != Some(&b'\n') {
        return None;
    }
    let near = bytes.get(start..bytes.len().min(start + NEAR_BYTES))?;
    let found = memchr3(b'\t', b'|', b'\n', near)?;
    let is_candidate = near.get(found) != Some(&b'\n')
        && memchr2(b'\r', b'\x0c', near.get(..found).unwrap_or_default()).is_none();
    is_candidate.then_some((start, Some(start + found)))
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
            let above = cluster.last().filter(|_| break_before == Break::None);
            let is_rest = above.is_some_and(|above| is_rest_of(text, above, span.slice(text)));
            let kind = if is_rest { LineKind::NumberRest } else { line_kind(span.slice(text)) };
            let kind = EntryKind::Loose(kind);
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

/// Whether `line` is the rest of a number that broke off at the end of the last cell of `above`.
fn is_rest_of(text: &str, above: &Entry, line: &str) -> bool {
    matches!(above.kind, EntryKind::Cells(Delimiter::Tab)) && is_number_rest(above.span.slice(text), line)
}

/// Takes the line below the last one of a cluster in, where it is the rest of a number of that line.
fn take_rest(text: &str, cluster: &mut Vec<Entry>) {
    let bytes = text.as_bytes();
    let Some(above) = cluster.last() else { return };
    let start = above.span.end + line_end_length(bytes, above.span.end);
    let rest = bytes.get(start..).unwrap_or_default();
    let length =
        memchr3(b'\n', b'\r', b'\x0c', rest.get(..MAX_REST_BYTES).unwrap_or(rest)).unwrap_or(rest.len());
    if length == 0 || length > MAX_REST_BYTES || bytes.get(above.span.end) == Some(&b'\x0c') {
        return;
    }
    let span = Span::new(start, start + length);
    if is_rest_of(text, above, span.slice(text).trim()) {
        let kind = EntryKind::Loose(LineKind::NumberRest);
        cluster.push(Entry { span, kind, shape: Shape::default(), break_before: Break::None });
    }
}

/// Bytes of a line that is the rest of a number, at most.
const MAX_REST_BYTES: usize = 32;

/// Outline of the candidate line at `start`, the first delimiter of which is at `first`, with its end and delimiter.
fn scan_line(
    bytes: &[u8],
    start: usize,
    first: Option<usize>,
    markup: Option<usize>,
) -> (usize, Delimiter, Shape) {
    if let Some(table) = markup {
        let (end, shape) = scan_tabs(bytes, start);
        return (end, Delimiter::Markup(u32::try_from(table).unwrap_or(u32::MAX)), shape);
    }
    if let Some(first) = first.filter(|first| bytes.get(*first) == Some(&b'|')) {
        let is_leading = bytes.get(start..first).unwrap_or_default().iter().all(|byte| *byte == b' ');
        let (end, shape, has_tab) = scan_pipes(bytes, start);
        // A pipe in a cell of tab-separated text does not make it a pipe table; a line that starts with one does.
        if is_leading || !has_tab {
            return (end, Delimiter::Pipe, shape);
        }
    }
    let (end, shape) = scan_tabs(bytes, start);
    (end, Delimiter::Tab, shape)
}

/// Set in the weight of a byte that ends a cell, or must be looked at.
const STOP: u64 = 1 << 63;

/// Bits of a counter in a sum of weights. Five counters of twelve bits are added up by one addition a byte; they
/// are taken down before they can overflow.
const COUNTER_BITS: u32 = 12;

/// Bytes of a cell that are added up at once: fewer than a counter can count.
const MAX_SUMMED_BYTES: usize = 4_000;

/// Positions of the counters in a sum.
const DIGITS: u32 = 0;
const ZEROS: u32 = COUNTER_BITS;
const LETTERS: u32 = 2 * COUNTER_BITS;
const DASHES: u32 = 3 * COUNTER_BITS;
const MARKS: u32 = 4 * COUNTER_BITS;

const TAB_WEIGHTS: [u64; 256] = weights(false);
const PIPE_WEIGHTS: [u64; 256] = weights(true);

/// What each byte adds to the counters of its cell. Bytes inside a character and blanks add nothing; the lead byte
/// of general punctuation and currency signs (U+2000 to U+2FFF) is a mark, that of other characters a letter.
const fn weights(pipes: bool) -> [u64; 256] {
    let mut weights = [1 << MARKS; 256];
    let mut byte = 0;
    while byte < 256 {
        weights[byte] = match byte as u8 {
            b'1'..=b'9' => 1 << DIGITS,
            b'0' => 1 << ZEROS,
            b'a'..=b'z' | b'A'..=b'Z' => 1 << LETTERS,
            b'-' | b':' | b'=' | b'+' => 1 << DASHES,
            b' ' | 0x80..=0xbf => 0,
            b'\n' | b'\r' | b'\x0c' | b'\t' => STOP,
            b'|' | b'\\' if pipes => STOP,
            0xe2 => 1 << MARKS,
            0xc0..=0xff => 1 << LETTERS,
            _ => 1 << MARKS,
        };
        byte += 1;
    }
    weights
}

/// Counts of one cell.
#[derive(Clone, Copy, Default)]
struct CellCounts {
    digits: u32,
    zeros: u32,
    letters: u32,
    dashes: u32,
    marks: u32,
}

impl CellCounts {
    #[inline]
    fn of(sum: u64) -> Self {
        let counter = |shift: u32| ((sum >> shift) & ((1 << COUNTER_BITS) - 1)) as u32;
        Self {
            digits: counter(DIGITS),
            zeros: counter(ZEROS),
            letters: counter(LETTERS),
            dashes: counter(DASHES),
            marks: counter(MARKS),
        }
    }

    #[inline]
    fn add(&mut self, sum: u64) {
        let other = Self::of(sum);
        self.digits = self.digits.saturating_add(other.digits);
        self.zeros = self.zeros.saturating_add(other.zeros);
        self.letters = self.letters.saturating_add(other.letters);
        self.dashes = self.dashes.saturating_add(other.dashes);
        self.marks = self.marks.saturating_add(other.marks);
    }

    fn is_empty(&self) -> bool {
        self.digits | self.zeros | self.letters | self.dashes | self.marks == 0
    }

    /// Takes the cell, which prints `print`, into the outline as slot `slot`.
    #[inline(always)] // A call costs as much as the cell.
    fn close(self, shape: &mut Shape, slot: u32, print: &[u8]) {
        if self.is_empty() {
            return;
        }
        let bit = 1u32 << slot.min(LAST_COLUMN);
        let digits = self.digits + self.zeros;
        let others = self.letters | self.dashes | self.marks;
        shape.filled |= bit;
        let is_number = digits > 0
            && digits >= self.letters
            && !(digits == 3 && self.is_unit(print))
            && !(self.letters > 0 && is_period(print));
        if is_number {
            shape.numeric |= bit;
            let is_year = digits == 4 && others == 0;
            if is_year && matches!(print.trim_ascii_start().first(), Some(b'1' | b'2')) {
                shape.years |= bit;
            }
        } else if self.letters > 0 {
            shape.words |= bit;
        }
        shape.is_rule = shape.is_rule && digits + self.letters + self.marks == 0 && self.dashes >= 2;
    }

    /// `$'000` and its like are units, not numbers.
    fn is_unit(self, print: &[u8]) -> bool {
        self.digits == 0
            && self.zeros == 3
            && self.letters + self.marks > 0
            && memmem::find(print, b"000").is_some()
    }
}

/// Whether a cell names a period, as headers do: `Q1`, `H2 2024`, `FY2023`.
fn is_period(print: &[u8]) -> bool {
    let print = print.trim_ascii_start();
    if !print.first().is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    let is_year =
        |digits: &[u8]| digits.len() == 4 && (digits.starts_with(b"19") || digits.starts_with(b"20"));
    let mut tokens = print.split(|byte| !byte.is_ascii_alphanumeric()).filter(|token| !token.is_empty());
    let Some(first) = tokens.next() else { return false };
    let letters = first.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let number = &first[letters..];
    letters <= 2
        && (is_year(number) || matches!(number.len(), 1 | 2))
        && number.iter().all(u8::is_ascii_digit)
        && tokens.all(|token| token.iter().all(u8::is_ascii_digit) && (is_year(token) || token.len() == 2))
}

/// Adds up the cell at `at` and returns the offset of the byte that stopped it, or the length of `bytes`.
#[inline]
fn sum_cell(bytes: &[u8], mut at: usize, weights: &[u64; 256], cell: &mut CellCounts) -> usize {
    loop {
        let block = bytes.get(at..bytes.len().min(at + MAX_SUMMED_BYTES)).unwrap_or_default();
        let mut sum = 0;
        let mut length = block.len();
        for (offset, &byte) in block.iter().enumerate() {
            let weight = weights[byte as usize];
            if weight >= STOP {
                length = offset;
                break;
            }
            sum += weight;
        }
        at += length;
        cell.add(sum);
        if length < block.len() || at == bytes.len() {
            return at;
        }
    }
}

/// End and outline of the line at `start`, cells between tabs.
fn scan_tabs(bytes: &[u8], start: usize) -> (usize, Shape) {
    let mut shape = Shape::default();
    let mut slot = 0u32;
    let (mut cell_start, mut at, mut sum) = (start, start, 0);
    // What a cell holds before the block; nearly every line is one block.
    let mut before = CellCounts::default();
    loop {
        let block = bytes.get(at..bytes.len().min(at + MAX_SUMMED_BYTES)).unwrap_or_default();
        for (offset, &byte) in block.iter().enumerate() {
            let weight = TAB_WEIGHTS[byte as usize];
            if weight < STOP {
                sum += weight;
                continue;
            }
            let end = at + offset;
            if sum != 0 || !before.is_empty() {
                before.add(sum);
                before.close(&mut shape, slot, bytes.get(cell_start..end).unwrap_or_default());
                before = CellCounts::default();
            }
            slot = slot.saturating_add(1);
            if byte != b'\t' {
                shape.slots = slot;
                return (end, shape);
            }
            (cell_start, sum) = (end + 1, 0);
        }
        at += block.len();
        before.add(sum);
        sum = 0;
        if at == bytes.len() {
            before.close(&mut shape, slot, bytes.get(cell_start..at).unwrap_or_default());
            shape.slots = slot.saturating_add(1);
            return (at, shape);
        }
    }
}

/// End and outline of the line at `start`, cells between pipes, and whether it has a tab.
fn scan_pipes(bytes: &[u8], start: usize) -> (usize, Shape, bool) {
    let mut shape = Shape { is_rule: true, ..Shape::default() };
    let mut cell = CellCounts::default();
    let (mut slot, mut has_tab, mut opens) = (0u32, false, false);
    let (mut at, mut cell_start) = (start, start);
    let end = loop {
        at = sum_cell(bytes, at, &PIPE_WEIGHTS, &mut cell);
        match bytes.get(at) {
            Some(b'|') => {
                if slot == 0 && !opens && cell.is_empty() {
                    opens = true;
                } else {
                    cell.close(&mut shape, slot, bytes.get(cell_start..at).unwrap_or_default());
                    slot = slot.saturating_add(1);
                }
                cell = CellCounts::default();
                cell_start = at + 1;
                at += 1;
            }
            Some(b'\t') => {
                has_tab = true;
                at += 1;
            }
            Some(b'\\') => {
                // What a backslash escapes separates nothing, unless it is the end of the line.
                cell.marks = cell.marks.saturating_add(1);
                at += if matches!(bytes.get(at + 1), Some(b'|' | b'\\')) { 2 } else { 1 };
            }
            _ => break at,
        }
    };
    shape.is_enclosed = opens && cell.is_empty() && slot > 0;
    // Nothing after the last pipe: it encloses the row.
    if !cell.is_empty() || slot == 0 {
        cell.close(&mut shape, slot, bytes.get(cell_start..end).unwrap_or_default());
        slot = slot.saturating_add(1);
    }
    shape.slots = slot;
    shape.is_rule &= shape.filled != 0;
    (end, shape, has_tab)
}
