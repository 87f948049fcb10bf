//! Grids: the cells of a region as printed, before anything is mended.

mod delimited;

pub use delimited::read_grid;

use std::sync::Arc;

use crate::region::Form;
use crate::text::Span;
use crate::undelimited::Setting;

/// What a grid row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridRowKind {
    /// Header or body: not decided yet.
    Row,
    /// A repeated header row.
    RepeatedHeader,
}

/// One printed row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridRow {
    /// Index of its first cell in the grid's cells.
    pub first: u32,
    /// Number of its cells.
    pub count: u32,
    /// Line number in the text, from 1.
    pub line: usize,
    /// Row or repeated header.
    pub kind: GridRowKind,
    /// Whether a break (blank line, page end, furniture, rule) stands between it and the row above.
    pub after_break: bool,
}

/// The cells of a region as printed: flat storage, rows of spans.
///
/// Spans are trimmed; an empty printed slot has an empty span at its place.
#[derive(Clone, Debug)]
pub struct Grid {
    /// How the region is printed.
    pub form: Form,
    /// All cells, row after row.
    pub cells: Vec<Span>,
    /// The rows.
    pub rows: Vec<GridRow>,
    /// The greatest number of cells in a row.
    pub width: usize,
    /// Number of leading rows that print marks as header (above the rule of a Markdown table), if it says so.
    pub marked_header: Option<usize>,
    /// What the reader of undelimited print knows, if the table was set by one.
    pub(crate) setting: Option<Arc<Setting>>,
    /// Furniture lines of the region, and what the reader could not use.
    pub left_over: Vec<Span>,
}

impl Grid {
    /// The cells of row `index`, in column order; rows may be shorter than the grid is wide.
    #[must_use]
    #[inline]
    pub fn row(&self, index: usize) -> &[Span] {
        self.rows.get(index).map_or(&[], |row| {
            self.cells.get(row.first as usize..(row.first + row.count) as usize).unwrap_or_default()
        })
    }
}
