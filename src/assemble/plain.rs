//! The rows of a clean table, put together when they are looked at.

use std::borrow::Cow;
use std::sync::Arc;

use super::confidence::{Mean, confidence_of};
use crate::align::{Aligned, Places, PlainCell};
use crate::column::plain::Plain;
use crate::proof::{CleanVerdict, CleanVerdicts};
use crate::table::{Cell, Origin, Row, RowStore, Spans, Status};
use crate::text::Span;

/// What is known of the rows of a clean table.
#[derive(Clone, Debug)]
pub(super) struct PlainRows {
    /// Kinds and lines of the rows.
    places: Places,
    /// Number of columns.
    width: usize,
    /// Rows x columns, row-major.
    cells: Vec<PlainCell>,
    verdicts: Arc<CleanVerdicts>,
}

impl PlainRows {
    /// The rows of a plain table; none of another one.
    pub(super) fn of(table: Aligned<'_>, verdicts: Arc<CleanVerdicts>) -> Self {
        let width = table.alignment.columns.len().max(1);
        let (places, cells) = table.into_plain();
        Self { places, width, cells, verdicts }
    }

    fn cells(&self, index: usize) -> &[PlainCell] {
        self.cells.get(index * self.width..(index + 1) * self.width).unwrap_or_default()
    }

    /// Mean confidence of the filled cells.
    pub(super) fn confidence(&self) -> f32 {
        let mut mean = Mean::default();
        for counts in self.verdicts.counts(&self.cells).iter() {
            mean.add(confidence_as_printed(Status::Proven), counts.proven);
            mean.add(confidence_as_printed(Status::Consistent), counts.consistent);
            mean.add(confidence_as_printed(Status::Unchecked), counts.unchecked);
        }
        mean.get()
    }

    #[inline]
    fn cell<'t>(&self, text: &'t str, cell: PlainCell, verdict: CleanVerdict) -> Cell<'t> {
        let CleanVerdict { status, because } = verdict;
        let (origin, confidence) = match cell.value().kind {
            // The column is not printed.
            Plain::Absent => (Origin::Missing, 0.0),
            _ => (Origin::Verbatim, confidence_as_printed(status)),
        };
        Cell {
            text: Cow::Borrowed(cell.print(text)),
            value: cell.value().value(),
            origin,
            status,
            spans: cell.spans(),
            confidence,
            because,
            detail: None,
        }
    }
}

/// Confidence of a cell that stands as printed without any doubt.
fn confidence_as_printed(status: Status) -> f32 {
    confidence_of(status, Origin::Verbatim, f32::INFINITY, 0)
}

impl RowStore for PlainRows {
    fn len(&self) -> usize {
        self.places.len()
    }

    fn row<'t>(&self, index: usize, text: &'t str) -> Option<Row<'t>> {
        let (kind, line) = self.places.get(index)?;
        let record = self.verdicts.record_of(index);
        let mut cells = Vec::with_capacity(self.width);
        cells.extend(self.cells(index).iter().enumerate().map(|(column, cell)| {
            let verdict = self.verdicts.judge(column, record, cell.value().amount());
            self.cell(text, *cell, verdict)
        }));
        Some(Row { kind, line, cells })
    }

    fn start(&self, index: usize) -> Option<usize> {
        let filled = self.cells(index).iter().filter(|cell| cell.is_filled());
        filled.map(|cell| cell.span().start).min()
    }

    fn set_lines(&mut self, lines: &mut dyn FnMut() -> usize) {
        let kinds = self.places.iter();
        self.places = Places::of(kinds.map(|(kind, _)| (kind, lines())));
    }

    fn led_back(
        &self,
        text: &str,
        print: &str,
        originals: &mut dyn FnMut(Span) -> Spans,
    ) -> Option<Arc<dyn RowStore>> {
        let mut cells = Vec::with_capacity(self.cells.len());
        for cell in &self.cells {
            if !cell.is_filled() {
                cells.push(*cell);
                continue;
            }
            let [span] = originals(cell.span())[..] else { return None };
            if span.slice(print) != cell.print(text) {
                return None;
            }
            cells.push(PlainCell::new(span, cell.value())?);
        }
        let (places, width, verdicts) = (self.places.clone(), self.width, Arc::clone(&self.verdicts));
        Some(Arc::new(Self { places, width, cells, verdicts }))
    }
}
