//! Rows that stand as they are printed: nearly all rows of a clean table, read from grid to cells without a detour.
//!
//! A row *stands* where its cells are as many as the columns, some column that is no text is filled, and no print at
//! an edge of such a cell says that a number goes on above or below. Between two such rows nothing wraps, whatever
//! the words are, so a row that stands between others of its kind needs no look at them. All other rows are put
//! together by [`super::wrap`] first. What a standing row holds is measured by [`PlainReader`]; where one of its cells
//! says more than that, the row is read as any other. Two looks at a cell, no allocation for it.

use std::collections::BTreeMap;
use std::ops::Range;

use smallvec::SmallVec;

use super::boxhead::is_body_kind;
use super::layout::Layout;
use super::openings::Openings;
use super::plain::PlainCell;
use super::records::{Knowledge, LogicalRow, is_result};
use super::wrap::join_wrapped_rows;
use crate::column::plain::{Plain, PlainReader, PlainValue};
use crate::grid::Grid;
use crate::schema::FieldKind;
use crate::text::Span;

/// Tables with more columns are read without the shortcut: a set of columns is a word of so many bits here.
const MAX_COLUMNS: usize = 64;

/// So many patterns are counted without a search.
const FEW_PATTERNS: usize = 4;

/// Rows of a body, in order.
pub(super) enum Stretch<'t> {
    /// Places in [`Parts::rows`] of rows that stand.
    Standing(Range<usize>),
    /// Rows that were put together.
    Joined(Vec<LogicalRow<'t>>),
}

/// A row of the grid that holds something.
#[derive(Clone, Copy, Debug)]
pub(super) struct FilledRow {
    /// Index in the grid.
    pub(super) index: usize,
    /// The filled columns, a bit each.
    filled: u64,
    /// Whether the row stands for itself.
    stands: bool,
}

/// The body of a grid.
#[derive(Default)]
pub(super) struct Parts<'t> {
    /// Its rows, those left out that are no body rows, or empty; none where no row stands.
    pub(super) rows: Vec<FilledRow>,
    pub(super) stretches: Vec<Stretch<'t>>,
}

/// Parts the body of a grid.
pub(super) fn part_rows<'t>(
    text: &'t str,
    grid: &Grid,
    header_rows: usize,
    layout: &Layout,
    knowledge: &Knowledge<'_>,
) -> Parts<'t> {
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
        return Parts { stretches: vec![join(rows)], ..Parts::default() };
    }
    let counted = filled_rows(text, grid, rows.clone(), layout);
    let beside = |place: Option<usize>| {
        knowledge.is_bound || place.and_then(|place| counted.get(place)).is_none_or(|row| row.stands)
    };
    let mut stretches = Vec::new();
    let mut close = |places: Range<usize>, end: usize, is_standing: bool| {
        let start = if places.start == 0 { rows.start } else { counted[places.start].index };
        stretches.push(if is_standing { Stretch::Standing(places) } else { join(start..end) });
    };
    let (mut start, mut was_standing) = (0, None);
    for (place, row) in counted.iter().enumerate() {
        let is_standing = row.stands && beside(place.checked_sub(1)) && beside(Some(place + 1));
        if let Some(was) = was_standing.filter(|was| *was != is_standing) {
            close(start..place, row.index, was);
            start = place;
        }
        was_standing = Some(is_standing);
    }
    if let Some(was) = was_standing {
        close(start..counted.len(), rows.end, was);
    }
    Parts { rows: counted, stretches }
}

/// The rows of a body that hold something.
fn filled_rows(text: &str, grid: &Grid, rows: Range<usize>, layout: &Layout) -> Vec<FilledRow> {
    let is_value = |column: usize| {
        layout
            .grid
            .get(column)
            .is_some_and(|held| layout.outs[held.outs.start].model.kind != FieldKind::String)
    };
    let values = (0..grid.width.min(MAX_COLUMNS))
        .filter(|column| is_value(*column))
        .fold(0u64, |set, column| set | 1 << column);
    let mut counted = Vec::with_capacity(rows.len());
    for index in rows.filter(|&row| is_body_kind(grid, row)) {
        let cells = grid.row(index);
        let filled = filled_columns(cells);
        if filled != 0 {
            let stands = cells.len() == grid.width && stands(text, cells, filled & values);
            counted.push(FilledRow { index, filled, stands });
        }
    }
    counted
}

/// Whether every row is put together, as tests ask for.
fn takes_long_way() -> bool {
    #[cfg(test)]
    return tests::LONG_WAY.with(std::cell::Cell::get);
    #[cfg(not(test))]
    false
}

/// At its start a byte says that a number goes on above, or at its end that it goes on below.
const GOES_ON_ABOVE: u8 = 1;
const GOES_ON_BELOW: u8 = 2;

/// By byte, what it says there.
const EDGES: [u8; 256] = {
    let mut edges = [0; 256];
    (edges[b'%' as usize], edges[b')' as usize]) = (GOES_ON_ABOVE, GOES_ON_ABOVE);
    edges[b',' as usize] = GOES_ON_ABOVE | GOES_ON_BELOW;
    edges[b'.' as usize] = GOES_ON_ABOVE | GOES_ON_BELOW;
    edges
};

/// Whether a row stands, `values` being the filled columns that are no text, a bit each.
#[inline]
fn stands(text: &str, cells: &[Span], values: u64) -> bool {
    let bytes = text.as_bytes();
    let mut left = values;
    while left != 0 {
        let Some(cell) = cells.get(left.trailing_zeros() as usize) else { break };
        left &= left - 1;
        let (first, last) = match bytes.get(cell.start..cell.end) {
            Some([only]) => (*only, *only),
            Some([first, .., last]) => (*first, *last),
            _ => continue,
        };
        if (EDGES[usize::from(first)] & GOES_ON_ABOVE) | (EDGES[usize::from(last)] & GOES_ON_BELOW) != 0 {
            return false;
        }
    }
    values != 0
}

/// The filled columns of a row, a bit each; those beyond the last bit are left out.
#[inline]
fn filled_columns(cells: &[Span]) -> u64 {
    let cells = cells.get(..MAX_COLUMNS).unwrap_or(cells);
    cells.iter().rev().fold(0, |filled, cell| (filled << 1) | u64::from(!cell.is_empty()))
}

/// Counts of the patterns in which the rows of the standing stretches are filled.
pub(super) fn count_patterns(parts: &Parts<'_>) -> BTreeMap<u64, usize> {
    let mut patterns: BTreeMap<u64, usize> = BTreeMap::new();
    // Nearly all rows of a table are filled in one of a few patterns.
    let mut first: SmallVec<[(u64, usize); FEW_PATTERNS]> = SmallVec::new();
    for stretch in &parts.stretches {
        let Stretch::Standing(places) = stretch else { continue };
        for row in parts.rows.get(places.clone()).unwrap_or_default() {
            match first.iter().position(|(pattern, _)| *pattern == row.filled) {
                Some(place) => first[place].1 += 1,
                None if first.len() < FEW_PATTERNS => first.push((row.filled, 1)),
                None => *patterns.entry(row.filled).or_default() += 1,
            }
        }
    }
    patterns.extend(first);
    patterns
}

/// Reads rows that stand.
pub(super) struct StandingReader<'a, 't> {
    text: &'t str,
    grid: &'a Grid,
    columns: Vec<StandingColumn<'a>>,
    /// Columns that every row fills, a bit each.
    required: u64,
    /// Columns that checks compute and most rows fill, a bit each: where a row ends empty and one of them is, its
    /// values may have slid.
    results: u64,
    /// Decimals of the table's numbers.
    scale: Option<u8>,
    labels: FirstWords<'a>,
}

/// A column of the result.
struct StandingColumn<'a> {
    /// The column of the grid that it is printed in.
    grid_column: Option<usize>,
    reader: PlainReader<'a>,
    is_text: bool,
    /// Whether its cells all want a closer look.
    is_questioned: bool,
    /// Whether a decimal more than the table prints wants one: it has no habit of its own.
    asks_decimals: bool,
}

impl<'a, 't> StandingReader<'a, 't> {
    pub(super) fn new(
        text: &'t str,
        grid: &'a Grid,
        layout: &'a Layout,
        full_columns: impl Iterator<Item = usize>,
        knowledge: &'a Knowledge<'_>,
    ) -> Self {
        let required =
            full_columns.filter(|column| *column < MAX_COLUMNS).fold(0, |set, column| set | 1 << column);
        let results = (0..grid.width.min(MAX_COLUMNS))
            .filter(|column| layout.outs_of(*column).any(|out| is_result(&layout.outs[out])))
            .fold(0, |set, column| set | 1 << column);
        let columns = layout.outs.iter().map(|out| StandingColumn {
            grid_column: out.grid_column,
            reader: PlainReader::new(&out.model),
            is_text: out.model.kind == FieldKind::String,
            is_questioned: out.is_questioned,
            asks_decimals: out.model.scale.is_none() && !out.model.percent,
        });
        let columns = columns.collect();
        let labels = FirstWords::new(knowledge.labels.iter().chain(knowledge.expected.keys()));
        Self { text, grid, columns, required, results, scale: layout.scale, labels }
    }

    /// Adds the cells of a row to `read`; `false` where it wants a closer look: then some of them are not there.
    #[inline]
    pub(super) fn read(&self, row: &FilledRow, read: &mut Vec<PlainCell>) -> bool {
        let cells = self.grid.row(row.index);
        let ends_empty = cells.last().is_some_and(|cell| cell.is_empty());
        if self.required & !row.filled != 0 || ends_empty && self.results & !row.filled != 0 {
            return false;
        }
        for column in &self.columns {
            let cell = match column.grid_column {
                None => PlainCell::empty(PlainValue::ABSENT),
                Some(at) => match cells.get(at) {
                    Some(span) if !span.is_empty() => {
                        let Some(cell) = self.read_cell(column, *span) else { return false };
                        cell
                    }
                    _ => PlainCell::empty(PlainValue::BLANK),
                },
            };
            read.push(cell);
        }
        true
    }

    /// The line of a row of the grid.
    pub(super) fn line(&self, row: &FilledRow) -> usize {
        self.grid.rows.get(row.index).map_or(0, |row| row.line)
    }

    /// What the print of a cell comes to; `None` where it wants a closer look.
    #[inline]
    fn read_cell(&self, column: &StandingColumn<'_>, span: Span) -> Option<PlainCell> {
        if column.is_questioned || column.is_text && self.labels.open(span.slice(self.text)) {
            return None;
        }
        let value = column.reader.read(self.text, span)?;
        let has_decimal_more = column.asks_decimals
            && value.kind == Plain::Number
            && self.scale.is_some_and(|habit| value.scale == habit.saturating_add(1));
        if has_decimal_more { None } else { PlainCell::new(span, value) }
    }
}

/// First words of the labels that the schema knows, in lower case: a stub that begins so wants a closer look.
struct FirstWords<'a> {
    words: Vec<&'a str>,
    openings: Openings,
}

impl<'a> FirstWords<'a> {
    fn new(labels: impl Iterator<Item = &'a String>) -> Self {
        let mut words: Vec<&str> = labels.filter_map(|label| label.split(' ').next()).collect();
        words.sort_unstable();
        words.dedup();
        let openings = Openings::of(words.iter().copied());
        Self { words, openings }
    }

    /// Whether a text begins with one of the words.
    #[inline]
    fn open(&self, text: &str) -> bool {
        !self.words.is_empty() && self.openings.may_open(text) && self.are_first(text)
    }

    fn are_first(&self, text: &str) -> bool {
        let word = text.split(char::is_whitespace).next().unwrap_or_default();
        // Case beyond ASCII changes lengths; the closer look knows better.
        !word.is_ascii() || self.words.iter().any(|opening| opening.eq_ignore_ascii_case(word))
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
