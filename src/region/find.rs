//! Regions of a text: clusters of candidate lines, the tables among them, what stands around each.

use super::caption::{find_caption, find_notes};
use super::evidence::is_table;
use super::furniture::RunningHeads;
use super::join::{Group, find_groups};
use super::scan::{Break, Delimiter, Entry, EntryKind, scan_clusters};
use super::{Form, LineRole, Region, RegionLine};
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
    let spans: Vec<Span> = marked.iter().map(|table| table.span).collect();
    let mut finder = Finder {
        text,
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
        self.regions.push(Region { span, form, lines, caption, notes, marked_header, marked });
    }

    fn number_lines(&mut self, entries: &[Entry], roles: &[LineRole]) -> Vec<RegionLine> {
        let mut after_furniture = false;
        let mut lines = Vec::with_capacity(entries.len());
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

/// Number of rows above the first rule, where it is near enough to the top to be a header's.
fn rows_above_rule(lines: &[RegionLine]) -> Option<usize> {
    let rows = lines.iter().take_while(|line| line.role != LineRole::Rule);
    let count = rows.filter(|line| line.role == LineRole::Row).count();
    let has_rule = lines.iter().any(|line| line.role == LineRole::Rule);
    (has_rule && count > 0 && count <= super::header::MAX_HEADER_ROWS && count < lines.len()).then_some(count)
}

fn continued(lines: &[RegionLine]) -> Diagnostic {
    let place = lines.iter().skip(1).find(|line| line.after_break).map(|line| line.line);
    let number = place.map_or(0, |line| line.number);
    let diagnostic =
        Diagnostic::new(Code::TableContinued, format!("the table goes on after a break, on line {number}"));
    match place {
        Some(line) => diagnostic.at(line.span),
        None => diagnostic,
    }
}
