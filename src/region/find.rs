//! Regions of a text: clusters of candidate lines, the tables among them, what stands around each.

use super::caption::{find_caption, find_notes};
use super::evidence::is_table;
use super::furniture::RunningHeads;
use super::join::{Group, find_groups};
use super::scan::{Break, Delimiter, Entry, EntryKind, scan_clusters};
use super::{Form, LineRole, Region, RegionLine, RegionLines};
use crate::table::{Code, Diagnostic, Sink};
use crate::text::{Line, LineCounter, MarkedTable, Span};

/// Finds the tables of `text` whose cells stand between tabs or pipes.
///
/// Time is linear in the text; a line without tab and pipe costs no more than a search through it.
///
/// ```
/// use retabulate::region::{Form, find_regions};
///
/// let text = "Sales by region\n\nRegion\t2022\t2023\nNorth\t1,200\t1,350\nSouth\t800\t790\n\nNote: rounded.\n";
/// let regions = find_regions(text, &mut Vec::new());
/// assert_eq!(regions.len(), 1);
/// assert_eq!(regions[0].form, Form::Tabs);
/// assert_eq!(regions[0].lines.len(), 3);
/// assert_eq!(regions[0].caption[0].slice(text), "Sales by region");
/// assert_eq!(regions[0].notes[0].slice(text), "Note: rounded.");
/// ```
#[must_use]
pub fn find_regions(text: &str, sink: &mut dyn Sink) -> Vec<Region> {
    find_regions_in(text, &[], sink)
}

/// Like [`find_regions`], where `marked` are the tables that markup was rewritten to
/// ([`Markup::tables`](crate::text::Markup)): each is a region of its own, whatever its cells look like.
#[must_use]
pub fn find_regions_in(text: &str, marked: &[MarkedTable], sink: &mut dyn Sink) -> Vec<Region> {
    find_regions_within(text, marked, MAX_REGION_BYTES, sink)
}

/// A larger region is read in windows: alignment and proof hold some dozens of times its bytes.
const MAX_REGION_BYTES: usize = 8 << 20;

fn find_regions_within(
    text: &str,
    marked: &[MarkedTable],
    window: usize,
    sink: &mut dyn Sink,
) -> Vec<Region> {
    let spans: Vec<Span> = marked.iter().map(|table| table.span).collect();
    let mut finder = Finder {
        text,
        window,
        heads: RunningHeads::new(text),
        counter: LineCounter::new(text),
        marked,
        floor: 0,
        regions: Vec::new(),
    };
    scan_clusters(text, &spans, |entries| {
        let mut groups = find_groups(text, entries, &mut finder.heads);
        groups.retain(|group| is_table(text, entries, group));
        let mut next = groups.iter().skip(1);
        for group in &groups {
            let next_start = next.next().map_or(text.len(), |group| entries[group.lines.start].span.start);
            finder.push(entries, group, next_start, sink);
        }
    });
    finder.regions
}

struct Finder<'t> {
    text: &'t str,
    marked: &'t [MarkedTable],
    /// Bytes of a region, at most.
    window: usize,
    heads: RunningHeads<'t>,
    counter: LineCounter<'t>,
    /// End of the last region and its notes: nothing before it is a caption.
    floor: usize,
    regions: Vec<Region>,
}

impl Finder<'_> {
    /// Takes a table in; the next one starts at `ceiling`.
    fn push(&mut self, entries: &[Entry], group: &Group, ceiling: usize, sink: &mut dyn Sink) {
        let cluster = &entries[group.lines.clone()];
        let (Some(first), Some(last)) = (cluster.first(), cluster.last()) else { return };
        let span = Span::new(first.span.start, last.span.end);
        let header = leading_header(cluster, &group.roles);
        let lines = self.number_lines(cluster, &group.roles);
        if group.pieces > 1 {
            sink.report(continued(&lines));
        }
        let caption = find_caption(self.text, span.start, self.floor);
        let notes = find_notes(self.text, span.end, ceiling);
        self.floor = notes.last().map_or(span.end, |note| note.end);
        let form = match first.kind {
            EntryKind::Cells(Delimiter::Pipe) => Form::Pipes,
            EntryKind::Cells(Delimiter::Markup(_)) => Form::Html,
            _ => Form::Tabs,
        };
        let marked_header = match first.kind {
            EntryKind::Cells(Delimiter::Markup(index)) => {
                self.marked.get(index as usize).and_then(|table| table.header_rows)
            }
            _ => rows_above_rule(&lines),
        };
        let marked = match first.kind {
            EntryKind::Cells(Delimiter::Markup(index)) => Some(index as usize),
            _ => None,
        };
        let region = Region { span, form, lines, caption, notes, marked_header, marked };
        if span.len() > self.window && marked.is_none() {
            self.push_windows(region, header, sink);
        } else {
            self.regions.push(region);
        }
    }

    /// Takes in a region that is too large for one table: windows of its lines, each below the header of the first.
    fn push_windows(&mut self, region: Region, header: usize, sink: &mut dyn Sink) {
        let Region { lines, caption, mut notes, form, marked_header, .. } = region;
        let head: Vec<RegionLine> = lines.iter().take(header).collect();
        let mut body = lines.iter().skip(header).peekable();
        let mut start = region.span.start;
        while let Some(first) = body.next() {
            let limit = first.line.span.start + self.window;
            let mut window: RegionLines = head.iter().copied().chain([first]).collect();
            let mut end = first.line.span.end;
            while let Some(line) = body.next_if(|line| line.line.span.end <= limit) {
                end = line.line.span.end;
                window.push(line);
            }
            let next = body.peek().map(|line| line.line.span.start);
            self.regions.push(Region {
                span: Span::new(start, end),
                form,
                lines: window,
                caption: caption.clone(),
                notes: if next.is_none() { std::mem::take(&mut notes) } else { Vec::new() },
                marked_header,
                marked: None,
            });
            start = next.unwrap_or(end);
        }
        let message = format!("the table has {} bytes and was read in windows", region.span.len());
        let help = "totals and balances are checked inside each window alone";
        sink.report(Diagnostic::new(Code::RegionSplit, message).at(region.span).with_help(help));
    }

    fn number_lines(&mut self, entries: &[Entry], roles: &[LineRole]) -> RegionLines {
        let mut after_furniture = false;
        let mut lines = RegionLines::with_capacity(entries.len());
        for (entry, role) in entries.iter().zip(roles) {
            let (number, page) = match entry.break_before {
                Break::None if !lines.is_empty() => self.counter.at_next_line(entry.span.start),
                _ => self.counter.at(entry.span.start),
            };
            let line = Line { span: entry.span, number, page };
            let has_break = !lines.is_empty() && entry.break_before != Break::None;
            lines.push(RegionLine { line, role: *role, after_break: has_break || after_furniture });
            after_furniture = *role == LineRole::Furniture;
        }
        lines
    }
}

/// Number of leading lines that every window of a large region needs: those above its first row of data.
fn leading_header(entries: &[Entry], roles: &[LineRole]) -> usize {
    let is_header = |(entry, role): &(&Entry, &LineRole)| **role != LineRole::Row || !entry.shape.is_data();
    let count = entries.iter().zip(roles).take_while(is_header).count();
    if count <= super::header::MAX_HEADER_ROWS + 1 { count } else { 0 }
}

/// Number of rows above the first rule, where it is near enough to the top to be a header's.
fn rows_above_rule(lines: &RegionLines) -> Option<usize> {
    let rows = lines.iter().take_while(|line| line.role != LineRole::Rule);
    let count = rows.filter(|line| line.role == LineRole::Row).count();
    let has_rule = lines.iter().any(|line| line.role == LineRole::Rule);
    (has_rule && count > 0 && count <= super::header::MAX_HEADER_ROWS && count < lines.len()).then_some(count)
}

fn continued(lines: &RegionLines) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::TableContinued, "the table goes on after a break");
    match lines.iter().skip(1).find(|line| line.after_break) {
        Some(line) => diagnostic.at(line.line.span),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_region_is_read_in_windows_below_its_header() {
        let mut text = String::from("Item\tOne\tTwo\n");
        (0..100).for_each(|row| text.push_str(&format!("Bolt {row}\t{row}\t1.50\n")));
        let mut sink = Vec::new();
        let regions = find_regions_within(&text, &[], 300, &mut sink);
        assert!(regions.len() > 4);
        assert!(regions.iter().all(|region| region.lines.first().is_some_and(|line| line.line.number == 1)
            && region.span.len() <= 300 + 13));
        let numbers =
            regions.iter().flat_map(|region| region.lines.iter().skip(1)).map(|line| line.line.number);
        let rows: Vec<usize> = numbers.collect();
        assert_eq!(rows, (2..=101).collect::<Vec<usize>>());
        assert_eq!(sink.iter().map(|told| told.code).collect::<Vec<_>>(), [Code::RegionSplit]);
        assert_eq!(find_regions_within(&text, &[], 1 << 20, &mut sink).len(), 1);
    }
}
