//! Rows that stand as they are printed: nearly all rows of a clean table, read from grid to cells without a detour.
//!
//! A row *stands* where its cells are as many as the columns, some column that is no text is filled, and no print at
//! an edge of such a cell says that a number goes on above or below. Between two such rows nothing wraps, whatever
//! the words are, so a row that stands between others of its kind needs no look at them. All other rows are put
//! together by [`super::wrap`] first. What a standing row holds is measured by [`fit_plain`]; where one of its cells
//! says more than that, the row is read as any other. Two looks at a cell, no allocation for it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::alignment::{AlignedCell, AlignedRow, Alignment, Content, Slot};
use super::boxhead::is_body_kind;
use super::layout::Layout;
use super::records::{Knowledge, LogicalRow, is_result};
use super::wrap::join_wrapped_rows;
use crate::column::fit::{PlainFit, fit_plain};
use crate::column::model::ColumnModel;
use crate::grid::Grid;
use crate::schema::FieldKind;
use crate::table::{CellValue, Origin, Spans};
use crate::text::Span;

/// Tables with more columns are read without the shortcut: a set of columns is a word of so many bits here.
const MAX_COLUMNS: usize = 64;

/// Rows of a body, in order.
pub(super) enum Stretch<'t> {
    /// Rows of the grid that stand; those between them that are no body rows, or empty, do not count.
    Standing(Range<usize>),
    /// Rows that were put together.
    Joined(Vec<LogicalRow<'t>>),
}

/// Parts the body of a grid.
pub(super) fn part_rows<'t>(
    text: &'t str,
    grid: &Grid,
    header_rows: usize,
    layout: &Layout,
    knowledge: &Knowledge<'_>,
) -> Vec<Stretch<'t>> {
    let rows = header_rows..grid.rows.len();
    // Where records have an anchor, a line without it belongs to the one above.
    let is_simple = !takes_long_way()
        && knowledge.anchor.is_none()
        && grid.width <= MAX_COLUMNS
        && layout.grid.len() == grid.width
        && layout.grid.iter().all(|held| held.outs.len() == 1);
    // Rows that a reader of undelimited print has made stand for themselves: none goes on in another.
    let join = |rows: Range<usize>| {
        if knowledge.is_bound {
            let alone = rows.flat_map(|row| join_wrapped_rows(text, grid, row..row + 1, layout, knowledge));
            Stretch::Joined(alone.collect())
        } else {
            Stretch::Joined(join_wrapped_rows(text, grid, rows, layout, knowledge))
        }
    };
    if !is_simple {
        return vec![join(rows)];
    }
    let is_value: Vec<bool> =
        layout.grid.iter().map(|held| layout.outs[held.outs.start].model.kind != FieldKind::String).collect();
    // The rows that count, each with whether it stands for itself.
    let counted: Vec<(usize, bool)> = rows
        .clone()
        .filter(|&row| counts(grid, row))
        .map(|row| (row, stands(text, grid.row(row), &is_value)))
        .collect();
    let beside = |place: Option<usize>| {
        knowledge.is_bound || place.and_then(|place| counted.get(place)).is_none_or(|row| row.1)
    };
    let mut stretches = Vec::new();
    let mut close = |range: Range<usize>, is_standing: bool| {
        stretches.push(if is_standing { Stretch::Standing(range) } else { join(range) });
    };
    let (mut start, mut was_standing) = (rows.start, None);
    for (place, &(row, stands)) in counted.iter().enumerate() {
        let is_standing = stands && beside(place.checked_sub(1)) && beside(Some(place + 1));
        if let Some(was) = was_standing.filter(|was| *was != is_standing) {
            close(start..row, was);
            start = row;
        }
        was_standing = Some(is_standing);
    }
    if let Some(was) = was_standing {
        close(start..rows.end, was);
    }
    stretches
}

/// Whether every row is put together, as tests ask for.
fn takes_long_way() -> bool {
    #[cfg(test)]
    return tests::LONG_WAY.with(std::cell::Cell::get);
    #[cfg(not(test))]
    false
}

/// Whether a grid row takes part in the body at all.
fn counts(grid: &Grid, row: usize) -> bool {
    is_body_kind(grid, row) && grid.row(row).iter().any(|cell| !cell.is_empty())
}

/// Whether a row stands, `is_value` being the columns that are no text.
fn stands(text: &str, cells: &[Span], is_value: &[bool]) -> bool {
    let bytes = text.as_bytes();
    let mut has_value = false;
    for (cell, _) in cells.iter().zip(is_value).filter(|(cell, is_value)| **is_value && !cell.is_empty()) {
        let first = bytes.get(cell.start).copied().unwrap_or_default();
        let last = bytes.get(cell.end - 1).copied().unwrap_or_default();
        if matches!(first, b',' | b'.' | b'%' | b')') || matches!(last, b',' | b'.') {
            return false;
        }
        has_value = true;
    }
    has_value && cells.len() == is_value.len()
}

/// The filled columns of a row, a bit each.
fn filled_columns(cells: &[Span]) -> u64 {
    cells.iter().rev().fold(0, |filled, cell| (filled << 1) | u64::from(!cell.is_empty()))
}

/// Counts of the patterns in which the rows of the standing stretches are filled.
pub(super) fn count_patterns(grid: &Grid, stretches: &[Stretch<'_>]) -> BTreeMap<u64, usize> {
    let mut patterns = BTreeMap::new();
    // Neighbours are mostly filled alike.
    let mut run = (0, 0);
    for stretch in stretches {
        let Stretch::Standing(rows) = stretch else { continue };
        for row in rows.clone().filter(|&row| counts(grid, row)) {
            let pattern = filled_columns(grid.row(row));
            if pattern == run.0 {
                run.1 += 1;
            } else {
                *patterns.entry(run.0).or_default() += run.1;
                run = (pattern, 1);
            }
        }
    }
    *patterns.entry(run.0).or_default() += run.1;
    patterns.retain(|_, count| *count > 0);
    patterns
}

/// Reads rows that stand.
pub(super) struct StandingReader<'a, 't> {
    text: &'t str,
    grid: &'a Grid,
    layout: &'a Layout,
    /// Columns that every row fills, a bit each.
    required: u64,
    /// Columns that checks compute and most rows fill, a bit each: where a row ends empty and one of them is, its
    /// values may have slid.
    results: u64,
    /// First words of the labels that the schema knows, in lower case: a stub that begins so wants a closer look.
    openings: Vec<&'a str>,
}

impl<'a, 't> StandingReader<'a, 't> {
    pub(super) fn new(
        text: &'t str,
        grid: &'a Grid,
        layout: &'a Layout,
        full_columns: impl Iterator<Item = usize>,
        knowledge: &'a Knowledge<'_>,
    ) -> Self {
        let labels = knowledge.labels.iter().chain(knowledge.expected.keys());
        let mut openings: Vec<&str> = labels.filter_map(|label| label.split(' ').next()).collect();
        openings.sort_unstable();
        openings.dedup();
        let required =
            full_columns.filter(|column| *column < MAX_COLUMNS).fold(0, |set, column| set | 1 << column);
        let results = (0..grid.width.min(MAX_COLUMNS))
            .filter(|column| layout.outs_of(*column).any(|out| is_result(&layout.outs[out])))
            .fold(0, |set, column| set | 1 << column);
        Self { text, grid, layout, required, results, openings }
    }

    /// The rows of a standing stretch.
    pub(super) fn rows(&self, rows: Range<usize>) -> impl Iterator<Item = usize> {
        rows.filter(|&row| counts(self.grid, row))
    }

    /// Adds a row to the alignment; `false`, and nothing added, where it wants a closer look.
    pub(super) fn push(&self, row: usize, alignment: &mut Alignment<'t>) -> bool {
        let cells = self.grid.row(row);
        let empty_columns = !filled_columns(cells);
        let ends_empty = cells.last().is_some_and(|cell| cell.is_empty());
        if self.required & empty_columns != 0 || ends_empty && self.results & empty_columns != 0 {
            return false;
        }
        let first = alignment.cells.len();
        for out in &self.layout.outs {
            let printed = out.grid_column.map(|column| cells.get(column).copied().unwrap_or_default());
            let cell = match printed {
                None => empty(Slot::Absent),
                Some(span) if span.is_empty() => empty(Slot::Blank),
                Some(span) => {
                    let print = span.slice(self.text);
                    let is_label = out.model.kind == FieldKind::String && self.opens_label(print);
                    let fit = fit_plain(print, &out.model);
                    let is_settled = !is_label && !out.is_questioned;
                    let is_plain = |fit: &PlainFit| is_settled && !self.has_decimal_more(fit, &out.model);
                    let Some(fit) = fit.filter(is_plain) else {
                        alignment.cells.truncate(first);
                        return false;
                    };
                    let slot = if fit.value.is_none() { Slot::Nil } else { Slot::Printed };
                    let content = Content {
                        text: Cow::Borrowed(print),
                        value: fit.value,
                        spans: Spans::from_buf([span]),
                        origin: Origin::Verbatim,
                        marks: Vec::new(),
                    };
                    AlignedCell { content, slot, margin: f32::INFINITY, doubt: f32::INFINITY, choice: None }
                }
            };
            alignment.cells.push(cell);
        }
        let line = self.grid.rows.get(row).map_or(0, |row| row.line);
        alignment.rows.push(AlignedRow { line, ..AlignedRow::default() });
        true
    }

    /// Whether a number has one decimal more than the table, in a column without a habit of its own.
    fn has_decimal_more(&self, fit: &PlainFit, model: &ColumnModel) -> bool {
        match (fit.value, self.layout.scale) {
            (Some(CellValue::Number(amount)), Some(habit)) => {
                model.scale.is_none() && !model.percent && amount.scale() == habit + 1
            }
            _ => false,
        }
    }

    /// Whether a text begins with the first word of a label that the schema knows.
    fn opens_label(&self, text: &str) -> bool {
        if self.openings.is_empty() {
            return false;
        }
        let word = text.split(char::is_whitespace).next().unwrap_or_default();
        // Case beyond ASCII changes lengths; the closer look knows better.
        !word.is_ascii() || self.openings.iter().any(|opening| opening.eq_ignore_ascii_case(word))
    }
}

fn empty<'t>(slot: Slot) -> AlignedCell<'t> {
    AlignedCell {
        content: Content::default(),
        slot,
        margin: f32::INFINITY,
        doubt: f32::INFINITY,
        choice: None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::path::{Path, PathBuf};

    use proptest::prelude::*;

    use crate::Rebuilder;

    thread_local! {
        /// Whether rows of this thread take the long way.
        pub(super) static LONG_WAY: Cell<bool> = const { Cell::new(false) };
    }

    /// Rebuilds both ways, and compares every cell, status and span.
    fn both_agree(rebuilder: &Rebuilder, text: &str, name: &str) {
        let short = rebuilder.rebuild(text);
        LONG_WAY.set(true);
        let long = rebuilder.rebuild(text);
        LONG_WAY.set(false);
        assert_eq!(short, long, "{name}");
    }

    fn texts_under(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                texts_under(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "txt") {
                found.push(path);
            }
        }
    }

    #[test]
    fn the_corpus_reads_alike_both_ways() {
        let mut paths = Vec::new();
        texts_under(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"), &mut paths);
        paths.sort();
        assert!(paths.len() > 100);
        let rebuilder = Rebuilder::new();
        for path in paths {
            let text = std::fs::read_to_string(&path).unwrap();
            both_agree(&rebuilder, &text, &path.display().to_string());
        }
    }

    /// Prints of an account, some cells with a mark, a nil or another print than their column's.
    fn account() -> impl Strategy<Value = Vec<[String; 4]>> {
        let money = || {
            prop_oneof![
                8 => (1u32..900_000).prop_map(|cents| format!("{}.{:02}", cents / 100, cents % 100)),
                2 => Just(String::new()),
                1 => "[0-9]{1,3},[0-9]{3}|\\([0-9]{2}\\)|-|[0-9]{2}%|12[*]",
            ]
        };
        let date = (1u32..29).prop_map(|day| format!("2023-04-{day:02}"));
        let row = (date, "Rent|Water|Total|No. [0-9]|Oil and gas", money(), money());
        proptest::collection::vec(row.prop_map(|(a, b, c, d)| [a, b, c, d]), 2..9)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn random_tables_read_alike_both_ways(rows in account(), is_layout in any::<bool>()) {
            let head = ["Date", "Description", "Amount", "Balance"].map(str::to_owned);
            let line = |[a, b, c, d]: &[String; 4]| if is_layout {
                format!("{a:<12}{b:<20}{c:>14}{d:>16}\n")
            } else {
                format!("{a}\t{b}\t{c}\t{d}\n")
            };
            let text: String = std::iter::once(&head).chain(&rows).map(line).collect();
            both_agree(&Rebuilder::new(), &text, &text);
        }
    }
}
