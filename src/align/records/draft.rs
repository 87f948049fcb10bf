//! The draft of a row: its cells while it is built, what they cost, and the row as it stands.

use std::ops::Range;

use super::{LIVE, SETTLED, TROUBLE};
use crate::align::alignment::{Content, Slot};
use crate::align::layout::Layout;
use crate::align::run::Run;
use crate::align::segment::{Segmentation, segment_choices, segment_run};
use crate::column::fit::{Fit, SEVERAL_VALUES, fit};
use crate::column::model::ColumnModel;
use crate::table::{CellMark, CellValue, Origin, Spans};
use crate::text::Span;
use crate::text::value::read_plain_number;

/// A logical row: the runs of its grid columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogicalRow<'t> {
    pub(crate) runs: Vec<Option<Run<'t>>>,
    pub(crate) line: usize,
    /// Number of its printed cells, empty ones too.
    pub(crate) printed: usize,
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
        let mut content =
            Content { text: run.part(body), value: fit.value, spans: run.source(body), origin, marks };
        if fit.is_damaged {
            close_gaps(&mut content, run, body);
        }
        Self { content, slot: if fit.is_nil { Slot::Nil } else { Slot::Printed }, margin: fit.margin }
    }
}

/// Takes the blanks out of a number that extraction tore apart. Where that alone does not give the value, a
/// separator was lost to the blank: the print stays, and the value holds the reading.
fn close_gaps(content: &mut Content<'_>, run: &Run<'_>, body: Span) {
    let Some(CellValue::Number(amount)) = content.value else { return };
    let printed = body.slice(&run.text);
    let closed: String = printed.chars().filter(|character| !character.is_whitespace()).collect();
    if read_plain_number(&closed).is_none_or(|number| number.amount != amount) {
        content.origin = Origin::Corrected;
        return;
    }
    let mut pieces = Spans::new();
    let mut at = 0;
    for piece in printed.split(char::is_whitespace) {
        if !piece.is_empty() {
            pieces.extend(run.source(Span::new(at, at + piece.len()).shifted(body.start)));
        }
        at += piece.len() + printed[at + piece.len()..].chars().next().map_or(0, char::len_utf8);
    }
    content.text = closed.into();
    content.spans = pieces;
    content.origin = Origin::Joined;
}

/// A row of the result while it is built, and what it cost.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowDraft<'t> {
    pub(crate) cells: Vec<Draft<'t>>,
    pub(crate) line: usize,
    pub(crate) bits: f32,
    /// Cost of its dearest cell.
    pub(crate) worst: f32,
    /// Number of cells that are no value of their column as they stand.
    pub(crate) misfits: usize,
    /// Runs of several columns whose segmentation the print leaves open.
    pub(crate) open: Vec<OpenRun<'t>>,
}

/// A run of several columns with more than one near segmentation.
#[derive(Clone, Debug)]
pub(crate) struct OpenRun<'t> {
    /// The columns.
    pub(crate) outs: Range<usize>,
    /// The segmentations with their costs, the cheapest first: one cell a column.
    pub(crate) options: Vec<(f32, Vec<Draft<'t>>)>,
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
        draft.misfits += usize::from(bits > TROUBLE);
        draft.worst = draft.worst.max(bits);
    }
    draft
}

fn read_whole<'t>(run: &Run<'t>, out: usize, layout: &Layout, draft: &mut RowDraft<'t>) -> f32 {
    let fit = fit(&run.text, &layout.outs[out].model);
    let origin = if run.is_single() { Origin::Verbatim } else { Origin::Joined };
    let mut cell = Draft::printed(run, Span::new(0, run.text.len()), &fit, origin);
    cell.margin = cell.margin.min(layout.groups_margin(&run.text, out));
    let column = &layout.outs[out];
    let is_open = column.is_questioned && (column.model.is_numeric() || ends_in_amount(&run.text));
    if fit.bits >= SEVERAL_VALUES || is_broken_off(&run.text, &column.model) || is_open {
        // Nobody prints several values in the place of one, or half a number: it stands, and nothing says that it
        // is right.
        cell.margin = 0.0;
    }
    draft.cells[out] = cell;
    fit.bits
}

fn read_segments<'t>(run: &Run<'t>, column: usize, layout: &Layout, draft: &mut RowDraft<'t>) -> f32 {
    let held = &layout.grid[column];
    let models: Vec<_> = layout.outs[held.outs.clone()].iter().map(|out| &out.model).collect();
    let Some(cut) = segment_run(&run.text, &models, &held.bracketed) else {
        return read_whole(run, held.outs.start, layout, draft) + crate::column::fit::TEXT_AS_NUMBER;
    };
    for (mut cell, out) in cells_of(run, &cut).into_iter().zip(held.outs.clone()) {
        if layout.outs[out].is_questioned {
            cell.margin = 0.0;
        }
        if cell.slot != Slot::Blank {
            draft.cells[out] = cell;
        }
    }
    if cut.margin < SETTLED {
        let ways = segment_choices(&run.text, &models, &held.bracketed);
        let live = ways.iter().filter(|way| way.bits - cut.bits < LIVE);
        let options = live.map(|way| (way.bits - cut.bits, cells_of(run, way))).collect();
        draft.open.push(OpenRun { outs: held.outs.clone(), options });
    }
    cut.bits
}

/// Whether words end in a number.
fn ends_in_amount(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit() || c == ')')
}

/// Whether a number ends in its separator: the rest was lost, or stands elsewhere.
pub(super) fn is_broken_off(text: &str, model: &ColumnModel) -> bool {
    let body = text.strip_suffix([',', '.']).unwrap_or_default();
    model.is_numeric() && body.ends_with(|c: char| c.is_ascii_digit())
}

/// The cells that a segmentation makes of a run, one a column.
fn cells_of<'t>(run: &Run<'t>, cut: &Segmentation) -> Vec<Draft<'t>> {
    let filled = cut.pieces.iter().flatten().count();
    let cell = |piece: &Option<(Span, Fit)>| {
        let Some((part, fit)) = piece else { return Draft::empty(Slot::Blank) };
        let whole = filled == 1 && part.len() == run.text.len() && run.is_single();
        let origin = if whole && cut.margin >= SETTLED { Origin::Verbatim } else { Origin::Split };
        let mut cell = Draft::printed(run, *part, fit, origin);
        cell.margin = cell.margin.min(cut.margin);
        cell
    };
    cut.pieces.iter().map(cell).collect()
}
