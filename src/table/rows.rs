//! The rows and the checks of a table. Most tables are clean: what is known of their cells takes a sixth of the memory
//! that the cells take, so they are put together when they are looked at.

use std::fmt::Debug;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use super::cell::Spans;
use super::document::{Check, Row, map_rows};
use super::listed::{Listed, Recipe, reads_as_slice};
use crate::text::Span;

/// What the rows of a clean table are put together from.
pub(crate) trait RowStore: Debug + Send + Sync + UnwindSafe + RefUnwindSafe {
    /// Number of rows.
    fn len(&self) -> usize;
    /// A row, its prints being those of `text`.
    fn row<'t>(&self, index: usize, text: &'t str) -> Option<Row<'t>>;
    /// Where the first print of a row stands.
    fn start(&self, index: usize) -> Option<usize>;
    /// Sets the numbers of the lines on which the rows stand.
    fn set_lines(&mut self, lines: &mut dyn FnMut() -> usize);
    /// The same rows with the spans of `print`; `None` where a cell does not stand there in one piece as it does in
    /// `text`.
    fn led_back(
        &self,
        text: &str,
        print: &str,
        originals: &mut dyn FnMut(Span) -> Spans,
    ) -> Option<Arc<dyn RowStore>>;
}

/// What the checks of a clean table are put together from.
pub(crate) trait CheckStore: Debug + Send + Sync + UnwindSafe + RefUnwindSafe {
    /// Number of checks.
    fn len(&self) -> usize;
    /// A check; none of them is written out with its numbers.
    fn check(&self, index: usize) -> Option<Check>;
}

/// The rows of a table, read as a slice: those of a clean table are put together when the slice is first asked for.
/// [`Rows::each`] goes over them without keeping them.
///
/// ```
/// use retabulate::Rebuilder;
///
/// let document = Rebuilder::new().rebuild("Item\tQ1\tQ2\nBolts\t10\t20\nNuts\t11\t21\n");
/// let rows = &document.tables[0].rows;
/// assert_eq!(rows[1].cells[2].text, "21");
/// assert!(rows.each().all(|row| row.cells.len() == 3));
/// ```
#[derive(Clone)]
pub struct Rows<'t>(Listed<StoredRows<'t>>);

/// The checks of a table, read as a slice: those of a clean table are put together when the slice is first asked for.
/// [`Checks::each`] goes over them without keeping them.
#[derive(Clone)]
pub struct Checks(Listed<StoredChecks>);

reads_as_slice!(['t] Rows<'t>, Row<'t>);
reads_as_slice!([] Checks, Check);

/// Rows that are not put together.
#[derive(Clone)]
struct StoredRows<'t> {
    store: Arc<dyn RowStore>,
    /// What its prints are of.
    text: &'t str,
    /// What is added to its spans, in bytes, and to its lines.
    shift: (usize, usize),
}

impl<'t> Recipe for StoredRows<'t> {
    type Item = Row<'t>;

    fn len(&self) -> usize {
        self.store.len()
    }

    fn item(&self, index: usize) -> Option<Row<'t>> {
        let mut row = self.store.row(index, self.text)?;
        let (bytes, lines) = self.shift;
        if bytes > 0 {
            let spans = row.cells.iter_mut().flat_map(|cell| &mut cell.spans);
            spans.for_each(|span| *span = span.shifted(bytes));
        }
        row.line += lines;
        Some(row)
    }
}

#[derive(Clone)]
struct StoredChecks(Arc<dyn CheckStore>);

impl Recipe for StoredChecks {
    type Item = Check;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn item(&self, index: usize) -> Option<Check> {
        self.0.check(index)
    }
}

impl Checks {
    /// Checks that are put together when they are looked at.
    pub(crate) fn stored(store: Arc<dyn CheckStore>) -> Self {
        Self(Listed::of_recipe(StoredChecks(store)))
    }

    /// Those that are written out, to be changed: none of those that are not put together is.
    pub(super) fn written_mut(&mut self) -> &mut [Check] {
        if self.0.recipe().is_some() { &mut [] } else { self.0.items_mut() }
    }
}

impl<'t> Rows<'t> {
    /// Rows that are put together when they are looked at; their prints are those of `text`.
    pub(crate) fn stored(store: Arc<dyn RowStore>, text: &'t str) -> Self {
        Self(Listed::of_recipe(StoredRows { store, text, shift: (0, 0) }))
    }

    /// What the rows are put together from, as long as they are not moved.
    fn unmoved(&mut self) -> Option<&mut StoredRows<'t>> {
        self.0.recipe().filter(|stored| stored.shift == (0, 0))
    }

    /// The rows with spans and prints of `print`, if that takes no more than other spans.
    pub(super) fn led_back<'u>(
        &mut self,
        print: &'u str,
        originals: &mut dyn FnMut(Span) -> Spans,
    ) -> Option<Rows<'u>> {
        let stored = self.unmoved()?;
        Some(Rows::stored(stored.store.led_back(stored.text, print, originals)?, print))
    }

    /// Where the first print of every row stands.
    pub(super) fn starts(&mut self, starts: &mut Vec<Option<usize>>) {
        if let Some(stored) = self.unmoved() {
            return starts.extend((0..stored.store.len()).map(|index| stored.store.start(index)));
        }
        let start =
            |row: &Row<'_>| row.cells.iter().flat_map(|cell| &cell.spans).map(|span| span.start).min();
        starts.extend(self.iter().map(start));
    }

    /// Sets the numbers of the lines on which the rows stand.
    pub(super) fn set_lines(&mut self, mut lines: impl FnMut() -> usize) {
        let stored = self.unmoved();
        match stored.and_then(|stored| Arc::get_mut(&mut stored.store)) {
            Some(store) => store.set_lines(&mut lines),
            None => self.iter_mut().for_each(|row| row.line = lines()),
        }
    }

    /// Moves spans and lines.
    pub(super) fn shift(&mut self, bytes: usize, lines: usize) {
        if let Some(stored) = self.0.recipe() {
            stored.shift = (stored.shift.0 + bytes, stored.shift.1 + lines);
            return;
        }
        map_rows(self, &mut |span| Spans::from_buf([span.shifted(bytes)]));
        self.iter_mut().for_each(|row| row.line += lines);
    }
}
