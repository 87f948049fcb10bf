//! The pipeline: every stage in order, each a function of the stages before it.
//!
//! ```text
//! text -> regions -> grids -> alignments -> verdicts -> tables
//! ```

use crate::align::{Aligned, Slot, align_plainly, read_given};
use crate::assemble::{assemble_clean_table, assemble_table};
use crate::budget::Budget;
use crate::grid::Grid;
use crate::hints::Hints;
use crate::proof::{Attempted, CleanAttempt, Said, TableView, prove_aligned};
use crate::rebuilder::Options;
use crate::region::Region;
use crate::schema::Catalog;
use crate::table::{Diagnostic, Document, Sink, Table};

/// What every stage made of one text; kept for [`crate::Rebuilder::explain`].
#[derive(Debug, Default)]
pub(crate) struct Trace<'t> {
    /// With the first of their lines alone, unless all is kept.
    pub(crate) regions: Vec<Region>,
    /// None, unless all is kept.
    pub(crate) grids: Vec<Grid>,
    pub(crate) tables: Vec<Aligned<'t>>,
    pub(crate) said: Vec<Said>,
    pub(crate) steps: (u64, u64),
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// What the stages are run with.
#[derive(Clone, Copy)]
pub(crate) struct Conditions<'s> {
    pub(crate) catalog: &'s Catalog,
    pub(crate) options: &'s Options,
    pub(crate) hints: &'s Hints,
    /// Whether what stages have read is kept, as an explanation asks for. A large document takes less time where the next table
    /// is read into the memory of the last one.
    pub(crate) keeps_all: bool,
}

/// From grids on; `read` reads the grid of a region.
pub(crate) fn run_stages<'t>(
    text: &'t str,
    mut regions: Vec<Region>,
    mut read: impl FnMut(&mut Region) -> Grid,
    conditions: Conditions<'_>,
    mut diagnostics: Vec<Diagnostic>,
) -> Trace<'t> {
    let Conditions { catalog, options, hints, keeps_all } = conditions;
    let mut reading = Budget::new(options.region_steps.saturating_mul(regions.len() as u64));
    let mut grids: Vec<Grid> = Vec::new();
    let mut attempt = CleanAttempt::new();
    let mut see = |table: &Aligned<'t>| attempt.add(TableView::of(table, text));
    let mut tables = if keeps_all {
        grids.extend(regions.iter_mut().map(read));
        align_plainly(text, &grids, catalog, hints, &mut see, &mut reading, &mut diagnostics)
    } else {
        let grids = regions.iter_mut().map(|region| {
            let grid = read(region);
            // Of its lines only the first is asked for behind the grid.
            region.lines = region.lines.first().into_iter().collect();
            grid
        });
        align_plainly(text, grids, catalog, hints, &mut see, &mut reading, &mut diagnostics)
    };
    put_given_cells(text, &mut tables, hints);
    let attempted = if hints.cells.is_empty() { attempt.end(tables.len()) } else { Attempted::Unknown };
    let mut proving = Budget::new(options.proof_steps);
    let said = prove_aligned(text, &mut tables, attempted, &mut proving, &mut diagnostics as &mut dyn Sink);
    Trace { regions, grids, tables, said, steps: (reading.used(), proving.used()), diagnostics }
}

/// The document of a trace.
pub(crate) fn finish<'t>(trace: Trace<'t>, text: &'t str, hints: &Hints) -> Document<'t> {
    let Trace { regions, tables, said, diagnostics, .. } = trace;
    let tables = regions.into_iter().zip(tables).zip(said).map(|((region, table), said)| match said {
        Said::Clean(verdicts) => assemble_clean_table(text, &region, table, verdicts),
        Said::AtLength(verdicts) => assemble_table(text, &region, table.alignment, verdicts),
    });
    let tables = tables.filter(|table: &Table<'_>| !table.rows.is_empty()).collect();
    let mut document = Document { tables, diagnostics };
    mark_given_cells(&mut document, hints);
    document
}

/// Cells that the caller knows take part in the proof with the text that is known.
fn put_given_cells<'t>(text: &'t str, tables: &mut [Aligned<'t>], hints: &Hints) {
    for given in &hints.cells {
        let Some(table) = tables.get_mut(given.table) else { continue };
        table.fill_in(text);
        let alignment = &mut table.alignment;
        let width = alignment.columns.len();
        let Some(column) = alignment.columns.get(given.column) else { continue };
        let content = read_given(&given.text, column);
        if let Some(cell) = alignment.cells.get_mut(given.row * width + given.column) {
            cell.content = content;
            cell.slot = Slot::Printed;
            cell.margin = f32::INFINITY;
            cell.choice = None;
        }
    }
}

/// What the caller knows is certain, whatever the checks say of it.
fn mark_given_cells(document: &mut Document<'_>, hints: &Hints) {
    for given in &hints.cells {
        let table = document.tables.get_mut(given.table);
        let row = table.and_then(|table| table.rows.get_mut(given.row));
        if let Some(cell) = row.and_then(|row| row.cells.get_mut(given.column)) {
            cell.confidence = if cell.status.is_doubtful() { cell.confidence } else { 1.0 };
        }
    }
}
