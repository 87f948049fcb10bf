//! Records: the printed rows of a body to the rows of the result.
//!
//! A clean row is one row-major block of one record and costs no search: every cell fits its column. Where a
//! cell does not fit, the dearer readings of the row compete in bits: the row as it stands, or a packed block of
//! n records filled column by column ([`super::packed`]).

use std::collections::BTreeSet;
use std::ops::Range;

use super::alignment::{AlignedCell, AlignedColumn, AlignedRow, Alignment, Choice, Content, Slot};
use super::fit::{Fit, fit};
use super::layout::Layout;
use super::packed::read_packed;
use super::run::Run;
use super::segment::segment_run;
use super::shift::{FillPatterns, read_shifted};
use super::wrap::join_wrapped_rows;
use crate::budget::Budget;
use crate::grid::Grid;
use crate::table::{CellMark, Origin};
use crate::text::Span;

/// A cell that costs more than this starts the search for another reading of its row.
pub(crate) const TROUBLE: f32 = 4.5;
/// A repair is settled where the next reading is this much dearer.
pub(crate) const SETTLED: f32 = 7.0;
/// A repair must gain so many bits on the row as it stands.
const REPAIR_MARGIN: f32 = 4.0;

/// A logical row: the runs of its grid columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogicalRow<'t> {
    pub(crate) runs: Vec<Option<Run<'t>>>,
    pub(crate) line: usize,
}

/// One cell of the result while its row is built.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft<'t> {
    pub(crate) content: Content<'t>,
    pub(crate) slot: Slot,
    pub(crate) margin: f32,
}

impl<'t> Draft<'t> {
    /// A slot in which nothing is printed.
    pub(crate) fn empty(slot: Slot) -> Self {
        Self { content: Content::default(), slot, margin: f32::INFINITY }
    }

    /// A part of a run as it was measured.
    pub(crate) fn printed(run: &Run<'t>, part: Span, fit: &Fit, origin: Origin) -> Self {
        let body = fit.body.shifted(part.start);
        let marks = fit
            .marks
            .iter()
            .flat_map(|mark| {
                let at = mark.span.shifted(part.start);
                run.source(at).into_iter().map(move |span| (at, span))
            })
            .map(|(at, span)| CellMark { text: run.part(at).into_owned(), span })
            .collect();
        let content =
            Content { text: run.part(body), value: fit.value, spans: run.source(body), origin, marks };
        Self { content, slot: if fit.is_nil { Slot::Nil } else { Slot::Printed }, margin: fit.margin }
    }
}

/// A row of the result while it is built, and what it cost.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowDraft<'t> {
    pub(crate) cells: Vec<Draft<'t>>,
    pub(crate) line: usize,
    pub(crate) bits: f32,
    /// Cost of its dearest cell.
    pub(crate) worst: f32,
}

impl RowDraft<'_> {
    /// Says of cells that they were printed in the place of another column.
    pub(crate) fn mark_moved(&mut self, outs: Range<usize>) {
        for cell in &mut self.cells[outs] {
            if cell.slot == Slot::Printed || cell.slot == Slot::Nil {
                cell.content.origin = Origin::Moved;
            }
        }
    }
}

/// Text cells of a packed block that are still one run: cut once the whole document can testify.
#[derive(Clone, Debug)]
pub(crate) struct PendingCut<'t> {
    pub(crate) column: usize,
    pub(crate) rows: Vec<usize>,
    pub(crate) run: Run<'t>,
}

/// What the body of a table became.
pub(crate) struct Body<'t> {
    pub(crate) alignment: Alignment<'t>,
    pub(crate) pending: Vec<PendingCut<'t>>,
}

/// Aligns the body of a grid.
pub(crate) fn align_body<'t>(
    text: &'t str,
    grid: &Grid,
    header_rows: usize,
    layout: &Layout,
    columns: Vec<AlignedColumn>,
    labels: &BTreeSet<String>,
    budget: &mut Budget,
) -> Body<'t> {
    let mut body = Body { alignment: Alignment { columns, ..Alignment::default() }, pending: Vec::new() };
    let rows = join_wrapped_rows(text, grid, header_rows, layout, labels);
    let patterns = FillPatterns::of(&rows, grid.width);
    for row in &rows {
        let draft = read_as_it_stands(row, layout);
        let has_trouble = draft.worst > TROUBLE;
        if has_trouble || patterns.has_hole(row) {
            mend_row(row, draft, has_trouble, layout, &patterns, &mut body, budget);
        } else {
            push_row(draft, &mut body.alignment);
        }
    }
    body
}

/// Lets the dearer readings of a row compete with the row as it stands.
fn mend_row<'t>(
    row: &LogicalRow<'t>,
    draft: RowDraft<'t>,
    has_trouble: bool,
    layout: &Layout,
    patterns: &FillPatterns,
    body: &mut Body<'t>,
    budget: &mut Budget,
) {
    let packed = if has_trouble { read_packed(row, layout, budget) } else { None };
    if let Some(packed) = packed.filter(|packed| packed.bits + REPAIR_MARGIN < draft.bits) {
        packed.push(layout, body);
        return;
    }
    match read_shifted(row, layout, patterns, budget) {
        Some(shifted) if !shifted.is_as_it_stands => shifted.push(body),
        _ => push_row(draft, &mut body.alignment),
    }
}

/// Every run in the columns that its grid column holds.
pub(crate) fn read_as_it_stands<'t>(row: &LogicalRow<'t>, layout: &Layout) -> RowDraft<'t> {
    let mut draft = RowDraft { line: row.line, ..RowDraft::default() };
    draft.cells.reserve_exact(layout.outs.len());
    for out in &layout.outs {
        draft.cells.push(Draft::empty(if out.grid_column.is_some() { Slot::Blank } else { Slot::Absent }));
    }
    for (column, run) in row.runs.iter().enumerate() {
        let Some(run) = run else { continue };
        let outs = layout.outs_of(column);
        let bits = match outs.len() {
            0 => 0.0,
            1 => read_whole(run, outs.start, layout, &mut draft),
            _ => read_segments(run, column, layout, &mut draft),
        };
        draft.bits += bits;
        draft.worst = draft.worst.max(bits);
    }
    draft
}

fn read_whole<'t>(run: &Run<'t>, out: usize, layout: &Layout, draft: &mut RowDraft<'t>) -> f32 {
    let fit = fit(&run.text, &layout.outs[out].model);
    let origin = if run.is_single() { Origin::Verbatim } else { Origin::Joined };
    draft.cells[out] = Draft::printed(run, Span::new(0, run.text.len()), &fit, origin);
    fit.bits
}

fn read_segments<'t>(run: &Run<'t>, column: usize, layout: &Layout, draft: &mut RowDraft<'t>) -> f32 {
    let held = &layout.grid[column];
    let models: Vec<_> = layout.outs[held.outs.clone()].iter().map(|out| &out.model).collect();
    let Some(cut) = segment_run(&run.text, &models, &held.bracketed) else {
        return read_whole(run, held.outs.start, layout, draft) + super::fit::TEXT_AS_NUMBER;
    };
    let filled = cut.pieces.iter().flatten().count();
    for (piece, out) in cut.pieces.iter().zip(held.outs.clone()) {
        let Some((part, fit)) = piece else { continue };
        let whole = filled == 1 && part.len() == run.text.len() && run.is_single();
        let origin = if whole { Origin::Verbatim } else { Origin::Split };
        let mut cell = Draft::printed(run, *part, fit, origin);
        cell.margin = cell.margin.min(cut.margin);
        draft.cells[out] = cell;
    }
    cut.bits
}

/// Adds a row to the alignment; cells whose reading is close to another become choices.
pub(crate) fn push_row<'t>(draft: RowDraft<'t>, alignment: &mut Alignment<'t>) {
    // What the row is gets named once its texts are cut.
    alignment.rows.push(AlignedRow { line: draft.line, ..AlignedRow::default() });
    alignment.cells.extend(draft.cells.into_iter().map(|cell| AlignedCell {
        content: cell.content,
        slot: cell.slot,
        margin: cell.margin,
        choice: None,
    }));
}

/// Marks the cells of a placement as belonging to choice `index`.
pub(crate) fn mark_choice(alignment: &mut Alignment<'_>, index: usize, column: usize, rows: &[usize]) {
    let width = alignment.columns.len().max(1);
    for &row in rows {
        if let Some(cell) = alignment.cells.get_mut(row * width + column) {
            cell.choice = u32::try_from(index).ok();
        }
    }
}

/// Marks cells, by index, as belonging to choice `index`.
pub(crate) fn mark_cells(alignment: &mut Alignment<'_>, index: usize, cells: &[usize]) {
    for &cell in cells {
        if let Some(cell) = alignment.cells.get_mut(cell) {
            cell.choice = u32::try_from(index).ok();
        }
    }
}

/// Adds a choice; its index.
pub(crate) fn push_choice<'t>(alignment: &mut Alignment<'t>, choice: Choice<'t>) -> usize {
    alignment.choices.push(choice);
    alignment.choices.len() - 1
}
