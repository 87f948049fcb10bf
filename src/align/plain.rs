//! Plain tables: every row stands as it is printed, and every cell is blank, or a print that is its value.
//!
//! Clean tables are plain. What stages need of such a cell is where it stands and what it
//! says, an eighth of what an [`AlignedCell`] holds; so a table stays plain until a stage has more to say of one of its
//! cells, and is filled in then ([`Aligned::fill_in`]).

use std::borrow::Cow;
use std::sync::Arc;

use super::alignment::{AlignedCell, AlignedRow, Alignment, Content, Slot};
use super::naming::trimmed;
use crate::column::plain::{Plain, PlainValue};
use crate::table::{Origin, RowKind, Spans};
use crate::text::Span;
use crate::undelimited::Setting;

/// A plain cell, in 16 bytes: large documents are many cells, and those of a table that is not at hand any more wait in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlainCell {
    /// Where its print begins in the text.
    start: u32,
    /// Bytes of the print; none for blank and absent cells.
    length: u16,
    scale: u8,
    kind: Plain,
    mantissa: i64,
}

const _: () = assert!(size_of::<PlainCell>() == 16);

impl PlainCell {
    /// The cell that is printed at `span`; `None` where it is longer, or farther from the start of the text, than is kept: 64 KB,
    /// 4 GB.
    #[inline]
    pub(crate) fn new(span: Span, PlainValue { kind, scale, mantissa }: PlainValue) -> Option<Self> {
        let (start, length) = (u32::try_from(span.start).ok()?, u16::try_from(span.len()).ok()?);
        Some(Self { start, length, scale, kind, mantissa })
    }

    /// A cell without a print.
    #[inline]
    pub(crate) const fn empty(PlainValue { kind, scale, mantissa }: PlainValue) -> Self {
        Self { start: 0, length: 0, scale, kind, mantissa }
    }

    /// What it comes to.
    #[inline]
    pub(crate) const fn value(self) -> PlainValue {
        PlainValue { kind: self.kind, scale: self.scale, mantissa: self.mantissa }
    }

    /// Where it is printed; empty for blank and absent cells.
    #[inline]
    pub(crate) const fn span(self) -> Span {
        let start = self.start as usize;
        Span { start, end: start + self.length as usize }
    }

    /// What is printed.
    #[inline]
    pub(crate) fn print(self, text: &str) -> &str {
        self.span().slice(text)
    }

    /// Whether something is printed.
    #[inline]
    pub(crate) const fn is_filled(self) -> bool {
        self.length > 0
    }

    /// The slot that the cell stands for.
    pub(crate) const fn slot(self) -> Slot {
        match self.kind {
            Plain::Absent => Slot::Absent,
            Plain::Blank => Slot::Blank,
            Plain::Nil => Slot::Nil,
            Plain::Text | Plain::Date | Plain::Number => Slot::Printed,
        }
    }

    /// Where the print stands.
    #[inline]
    pub(crate) fn spans(self) -> Spans {
        if self.is_filled() { Spans::from_buf([self.span()]) } else { Spans::new() }
    }

    fn filled_in(self, text: &str) -> AlignedCell<'_> {
        let content = Content {
            text: Cow::Borrowed(self.print(text)),
            value: self.value().value(),
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
    /// The column that each row is named by, or [`NAMELESS`], once rows are named; none where a row may be named by a column
    /// beyond those that a byte counts.
    pub(super) names: Vec<u8>,
    /// The rows, once they are put away.
    places: Option<Places>,
}

/// What stands for the column of a row that is named by none.
pub(super) const NAMELESS: u8 = u8::MAX;

/// Kinds and lines of rows. Those of a clean table are nearly all of one kind and stand one below the other, so what is kept is
/// where it is otherwise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// The row that it begins with, its kind and its line; the rows behind it are of the same kind and on the lines below.
    runs: Vec<(usize, RowKind, usize)>,
    rows: usize,
}

impl Places {
    pub(crate) fn of(rows: impl Iterator<Item = (RowKind, usize)>) -> Self {
        let mut places = Self::default();
        for (kind, line) in rows {
            let goes_on = places.runs.last().is_some_and(|(first, last_kind, first_line)| {
                *last_kind == kind && first_line + (places.rows - first) == line
            });
            if !goes_on {
                places.runs.push((places.rows, kind, line));
            }
            places.rows += 1;
        }
        places
    }

    /// Number of rows.
    pub(crate) const fn len(&self) -> usize {
        self.rows
    }

    /// Kind and line of every row.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (RowKind, usize)> + '_ {
        (0..self.rows).filter_map(|index| self.get(index))
    }

    /// Kind and line of a row.
    pub(crate) fn get(&self, index: usize) -> Option<(RowKind, usize)> {
        let run = self.runs.partition_point(|(first, ..)| *first <= index).checked_sub(1)?;
        let (first, kind, line) = self.runs.get(run).filter(|_| index < self.rows)?;
        Some((*kind, line + (index - first)))
    }
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
    /// Keeps the rows of a plain table in a twentieth of the memory, until they are asked for again.
    pub(crate) fn put_rows_away(&mut self) {
        let rows = &mut self.alignment.rows;
        if let Some(plain) = &mut self.plain
            && plain.names.len() == rows.len()
        {
            plain.places = Some(Places::of(rows.iter().map(|row| (row.kind, row.line))));
            *rows = Vec::new();
        }
    }

    /// Puts rows back that were put away.
    pub(crate) fn take_rows_out(&mut self, text: &'t str) {
        let Some(plain) = &mut self.plain else { return };
        let Some(places) = plain.places.take() else { return };
        let cells = plain.cells.chunks_exact(self.alignment.columns.len().max(1));
        let rows = places.iter().zip(&plain.names).zip(cells).map(|(((kind, line), name), cells)| {
            let named = cells.get(usize::from(*name)).filter(|_| *name != NAMELESS);
            let label = named.map(|cell| trimmed(cell.print(text)));
            AlignedRow { kind, line, label: Cow::Borrowed(label.unwrap_or_default()) }
        });
        self.alignment.rows = rows.collect();
    }

    /// Rows and cells of a plain table; none of another one.
    pub(crate) fn into_plain(self) -> (Places, Vec<PlainCell>) {
        let PlainCells { cells, places, .. } = self.plain.unwrap_or_default();
        let rows = self.alignment.rows.iter().map(|row| (row.kind, row.line));
        (places.unwrap_or_else(|| Places::of(rows)), cells)
    }

    /// Makes the table one that is not plain; its prints are those of `text`.
    pub(crate) fn fill_in(&mut self, text: &'t str) {
        self.take_rows_out(text);
        fill_in(text, &mut self.plain, &mut self.alignment);
    }
}

/// Moves plain cells into their alignment.
pub(super) fn fill_in<'t>(text: &'t str, plain: &mut Option<PlainCells>, alignment: &mut Alignment<'t>) {
    if let Some(PlainCells { cells, setting, .. }) = plain.take() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_rows() {
        use RowKind::{Data, Group, Total};
        let rows =
            [(Group, 3), (Data, 4), (Data, 5), (Data, 9), (Data, 9), (Data, 10), (Total, 11), (Data, 2)];
        let places = Places::of(rows.into_iter());
        assert_eq!((0..8).filter_map(|index| places.get(index)).collect::<Vec<_>>(), rows);
        assert_eq!((places.runs.len(), places.get(8)), (6, None));
        assert_eq!(Places::of(std::iter::empty()).get(0), None);
    }
}
