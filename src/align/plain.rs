//! Plain tables: every row stands as it is printed, and every cell is blank, or a print that is its value.
//!
//! Clean tables are plain. What stages need of such a cell is where it stands and what it
//! says, a quarter of what an [`AlignedCell`] holds; so a table stays plain until a stage has more to say of one of its
//! cells, and is filled in then ([`Aligned::fill_in`]).

use std::borrow::Cow;
use std::sync::Arc;

use super::alignment::{AlignedCell, Alignment, Content, Slot};
use crate::column::plain::{Plain, PlainValue};
use crate::table::{Origin, Spans};
use crate::text::Span;
use crate::undelimited::Setting;

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

    /// Whether something is printed.
    #[inline]
    pub(crate) const fn is_filled(self) -> bool {
        !self.span.is_empty()
    }

    /// The slot that the cell stands for.
    pub(crate) const fn slot(self) -> Slot {
        match self.value.kind {
            Plain::Absent => Slot::Absent,
            Plain::Blank => Slot::Blank,
            Plain::Nil => Slot::Nil,
            Plain::Text | Plain::Date | Plain::Number => Slot::Printed,
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

/// Beyond so many bits a doubt changes nothing: cells of such doubts may stay plain.
pub(crate) const SURE: f32 = 20.0;

/// The cells of a plain table.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlainCells {
    /// Rows x columns, row-major.
    pub(crate) cells: Vec<PlainCell>,
    /// What the reader of undelimited print knows; none of its doubts is below [`SURE`].
    pub(super) setting: Option<Arc<Setting>>,
}

/// One table: its cells stand in `plain`, or else in the alignment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aligned<'t> {
    /// Columns, rows and all else; its cells, where the table is not plain.
    pub(crate) alignment: Alignment<'t>,
    /// Its cells, where the table is plain.
    pub(crate) plain: Option<PlainCells>,
}

impl<'t> Aligned<'t> {
    /// Makes the table one that is not plain; its prints are those of `text`.
    pub(crate) fn fill_in(&mut self, text: &'t str) {
        fill_in(text, &mut self.plain, &mut self.alignment);
    }
}

/// Moves plain cells into their alignment.
pub(super) fn fill_in<'t>(text: &'t str, plain: &mut Option<PlainCells>, alignment: &mut Alignment<'t>) {
    if let Some(PlainCells { cells, setting }) = plain.take() {
        alignment.cells.reserve(alignment.rows.capacity() * alignment.columns.len());
        alignment.cells.extend(cells.into_iter().map(|cell| cell.filled_in(text)));
        if let Some(setting) = setting {
            take_doubts(alignment, &setting.doubts);
        }
    }
}

/// Cells that the reader of undelimited print may have cut wrongly are no surer than that reading.
pub(super) fn take_doubts(alignment: &mut Alignment<'_>, doubts: &[(Span, f32)]) {
    if doubts.is_empty() {
        return;
    }
    for cell in &mut alignment.cells {
        for span in &cell.content.spans {
            let place = doubts.partition_point(|(doubt, _)| doubt.end <= span.start);
            let met = doubts.iter().skip(place).take_while(|(doubt, _)| doubt.start < span.end);
            cell.doubt = met.map(|(_, margin)| *margin).fold(cell.doubt, f32::min);
        }
    }
}

/// Adds the plain cells of a row to a table that is not plain.
pub(super) fn push_cells<'t>(text: &'t str, row: &[PlainCell], alignment: &mut Alignment<'t>) {
    alignment.cells.extend(row.iter().map(|cell| cell.filled_in(text)));
}
