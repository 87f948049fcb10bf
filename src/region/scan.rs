//! The prose pass: jumps from delimiter to delimiter, so that a line without tab or pipe is never looked at.
//!
//! Lines that hold one are *candidates*. Each has an outline ([`Shape`]). Candidates with nothing but blank and
//! short lines between them form a *cluster*; tables are looked for in one cluster at a time.

use memchr::{memchr2, memchr3, memrchr3};

use super::furniture::{LineKind, is_number_rest, line_kind};
use super::outline::{Shape, Window, scan_pipes, scan_tabs};
use crate::text::{Span, line_end_length};

/// What separates the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delimiter {
    Tab,
    Pipe,
    /// Tabs that markup was rewritten to; the number tells the tables apart.
    Markup(u32),
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
        let Some(Candidate { start, first, window }) = next_candidate(bytes, at, next_table) else { break };
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
        // Put together where it stands: entries are large.
        let kind = EntryKind::Cells(Delimiter::Tab);
        make_room(&mut cluster, start, bytes.len());
        cluster.push(Entry { span: Span::empty(start), kind, shape: Shape::default(), break_before });
        if let Some(entry) = cluster.last_mut() {
            let (end, delimiter) = scan_line(bytes, start, first, &window, table, &mut entry.shape);
            entry.span.end = end;
            entry.kind = EntryKind::Cells(delimiter);
            at = end;
        }
    }
    if !cluster.is_empty() {
        take_rest(text, &mut cluster);
        take(&cluster);
    }
}

/// Makes room in a cluster that is full at `start`: for so many lines as it has had for its bytes so far, in a text of `length`
/// bytes. Entries are large, and long tables would be copied again and again.
fn make_room(cluster: &mut Vec<Entry>, start: usize, length: usize) {
    let Some(first) = cluster.first().filter(|_| cluster.len() == cluster.capacity()) else { return };
    let covered = start.saturating_sub(first.span.start).max(1);
    let expected = length.saturating_sub(start).saturating_mul(cluster.len()) / covered;
    cluster.reserve(expected.clamp(1, 3 * cluster.len()));
}

/// A line that has a delimiter or belongs to markup.
struct Candidate {
    start: usize,
    /// Where its first delimiter is.
    first: Option<usize>,
    /// The bytes at its start.
    window: Window,
}

/// The next candidate from the end `at` of the last one on.
fn next_candidate(bytes: &[u8], at: usize, table: Option<usize>) -> Option<Candidate> {
    if table.is_none()
        && let Some(found) = candidate_below(bytes, at)
    {
        return Some(found);
    }
    let candidate = |start: usize, first| Candidate { start, first, window: Window::at(bytes, start) };
    // Inside a rewritten table every line counts, also one of a single cell; so nothing beyond its start is searched.
    let limit = table.map_or(bytes.len(), |table| table.max(at));
    if let Some(found) = memchr2(b'\t', b'|', bytes.get(at..limit)?).map(|found| at + found) {
        let before = bytes.get(at..found).unwrap_or_default();
        let start = memrchr3(b'\n', b'\r', b'\x0c', before).map_or(at, |line_end| at + line_end + 1);
        return Some(candidate(start, Some(found)));
    }
    let mut line = table?.max(at);
    while matches!(bytes.get(line), Some(b'\n' | b'\r' | b'\x0c')) {
        line += 1;
    }
    (line < bytes.len()).then(|| candidate(line, None))
}

/// The line right below the one that ends at `at`, where it shows its first delimiter soon: rows have it in their first
/// cell.
#[inline]
fn candidate_below(bytes: &[u8], at: usize) -> Option<Candidate> {
    if bytes.get(at) != Some(&b'\n') {
        return None;
    }
    let start = at + 1;
    let window = Window::at(bytes, start);
    let first = start + window.first_stop()?;
    matches!(bytes.get(first), Some(b'\t' | b'|')).then_some(Candidate { start, first: Some(first), window })
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

/// Outlines the candidate line at `start`, the first delimiter of which is at `first`; its end and delimiter. `window` are
/// the bytes at its start.
fn scan_line(
    bytes: &[u8],
    start: usize,
    first: Option<usize>,
    window: &Window,
    markup: Option<usize>,
    shape: &mut Shape,
) -> (usize, Delimiter) {
    if let Some(table) = markup {
        let end = scan_tabs(bytes, start, window, shape);
        return (end, Delimiter::Markup(u32::try_from(table).unwrap_or(u32::MAX)));
    }
    if let Some(first) = first.filter(|first| bytes.get(*first) == Some(&b'|')) {
        let is_leading = bytes.get(start..first).unwrap_or_default().iter().all(|byte| *byte == b' ');
        let (end, has_tab) = scan_pipes(bytes, start, window, shape);
        // A pipe in a cell of tab-separated text does not make it a pipe table; a line that starts with one does.
        if is_leading || !has_tab {
            return (end, Delimiter::Pipe);
        }
    }
    (scan_tabs(bytes, start, window, shape), Delimiter::Tab)
}
