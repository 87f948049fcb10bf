//! The pipeline: every stage in order, each a function of the stages before it.
//!
//! ```text
//! text -> regions -> grids -> alignments -> verdicts -> tables
//! ```

use crate::align::{Alignment, Slot, align_tables, read_given};
use crate::assemble::assemble_table;
use crate::budget::Budget;
use crate::grid::Grid;
use crate::hints::Hints;
use crate::proof::{Verdicts, prove};
use crate::rebuilder::Options;
use crate::region::Region;
use crate::schema::Catalog;
use crate::table::{Diagnostic, Document, Sink};

/// What every stage made of one text; kept for [`crate::Rebuilder::explain`].
#[derive(Debug, Default)]
pub(crate) struct Trace<'t> {
    pub(crate) regions: Vec<Region>,
    pub(crate) grids: Vec<Grid>,
    pub(crate) alignments: Vec<Alignment<'t>>,
    pub(crate) verdicts: Verdicts,
    pub(crate) steps: (u64, u64),
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// From boxhead binding on: where a caller's own grid enters.
pub(crate) fn run_stages<'t>(
    text: &'t str,
    regions: Vec<Region>,
    grids: Vec<Grid>,
    catalog: &Catalog,
    options: &Options,
    hints: &Hints,
    mut diagnostics: Vec<Diagnostic>,
) -> Trace<'t> {
    let mut reading = Budget::new(options.region_steps.saturating_mul(grids.len() as u64));
    let mut alignments = align_tables(text, &grids, catalog, hints, &mut reading, &mut diagnostics);
    put_given_cells(&mut alignments, hints);
    let mut proving = Budget::new(options.proof_steps);
    let verdicts = prove(text, &alignments, &mut proving, &mut diagnostics as &mut dyn Sink);
    Trace { regions, grids, alignments, verdicts, steps: (reading.used(), proving.used()), diagnostics }
}

/// The document of a trace.
pub(crate) fn finish<'t>(trace: Trace<'t>, text: &'t str, hints: &Hints) -> Document<'t> {
    let Trace { regions, alignments, verdicts, diagnostics, .. } = trace;
    let tables = regions
        .iter()
        .zip(alignments)
        .zip(verdicts.tables)
        .map(|((region, alignment), verdicts)| assemble_table(text, region, alignment, verdicts))
        .filter(|table| !table.rows.is_empty())
        .collect();
    let mut document = Document { tables, diagnostics };
    mark_given_cells(&mut document, hints);
    document
}

/// Cells that the caller knows take part in the proof with the text that is known.
fn put_given_cells(alignments: &mut [Alignment<'_>], hints: &Hints) {
    for given in &hints.cells {
        let Some(alignment) = alignments.get_mut(given.table) else { continue };
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
