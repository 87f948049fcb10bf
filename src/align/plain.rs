//! Plain tables: every row stands as it is printed, and every cell is blank, or a print that is its value.
//!
//! Nearly all tables of nearly all documents are plain. What stages need of such a cell is where it stands and what it
//! says, a quarter of what an [`AlignedCell`] holds; so a table stays plain until a stage has more to say of one of its
//! cells, and is filled in then ([`Aligned::fill_in`]).

use std::borrow::Cow;

use super::alignment::{AlignedCell, Alignment, Content, Slot};
use crate::column::plain::PlainValue;
use crate::table::{Origin, Spans};
use crate::text::Span;

/// A plain cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlainCell {
    /// Where it is printed; empty for blank and absent cells.
    pub(crate) span: Span,
    pub(crate) value: PlainValue,
}

impl PlainCell {
    /// A cell without a print.
    pub(crate) const fn empty(value: PlainValue) -> Self {
        Self { span: Span::empty(0), value }
    }

    /// What is printed.
    #[inline]
    pub(crate) fn print(self, text: &str) -> &str {
        self.span.slice(text)
    }

    /// The slot that the cell stands for.
    pub(crate) const fn slot(self) -> Slot {
        match self.value {
            PlainValue::Absent => Slot::Absent,
            PlainValue::Blank => Slot::Blank,
            PlainValue::Nil => Slot::Nil,
            PlainValue::Text | PlainValue::Date(_) | PlainValue::Number { .. } => Slot::Printed,
        }
    }

    /// Where the print stands.
    #[inline]
    pub(crate) fn spans(self) -> Spans {
        if self.span.is_empty() { Spans::new() } else { Spans::from_buf([self.span]) }
    }

    fn filled_in(self, text: &str) -> AlignedCell<'_> {
        let content = Content {
            text: Cow::Borrowed(self.print(text)),
            value: self.value.value(),
            spans: self.spans(),
            origin: Origin::Verbatim,
            marks: Vec::new(),
        };
        let (margin, doubt) = (f32::INFINITY, f32::INFINITY);
        AlignedCell { content, slot: self.slot(), margin, doubt, choice: None }
    }
}

/// One table: its cells stand in `plain`, or else in the alignment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aligned<'t> {
    /// Columns, rows and all else; its cells, where the table is not plain.
    pub(crate) alignment: Alignment<'t>,
    /// Rows x columns, row-major, where the table is plain.
    pub(crate) plain: Option<Vec<PlainCell>>,
}

impl<'t> Aligned<'t> {
    /// Makes the table one that is not plain; its prints are those of `text`.
    pub(crate) fn fill_in(&mut self, text: &'t str) {
        fill_in(text, &mut self.plain, &mut self.alignment);
    }
}

/// Moves plain cells into their alignment.
pub(super) fn fill_in<'t>(text: &'t str, plain: &mut Option<Vec<PlainCell>>, alignment: &mut Alignment<'t>) {
    if let Some(cells) = plain.take() {
        alignment.cells.reserve(alignment.rows.capacity() * alignment.columns.len());
        alignment.cells.extend(cells.into_iter().map(|cell| cell.filled_in(text)));
    }
}

/// Adds the cells of a row to a table.
pub(super) fn push_cells<'t>(
    text: &'t str,
    row: &[PlainCell],
    plain: &mut Option<Vec<PlainCell>>,
    alignment: &mut Alignment<'t>,
) {
    match plain {
        Some(cells) => cells.extend_from_slice(row),
        None => alignment.cells.extend(row.iter().map(|cell| cell.filled_in(text))),
    }
}
