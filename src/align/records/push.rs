//! Drafts become rows of the alignment; what their print leaves open becomes choices.

use super::draft::{Draft, OpenRun, RowDraft};
use super::{LIVE, SETTLED};
use crate::align::alignment::{AlignedCell, AlignedRow, Alignment, Choice, ChoiceOption};
use crate::align::layout::Layout;
use crate::align::run::Run;
use crate::column::fit::fit_all;
use crate::column::model::ColumnModel;
use crate::table::{CellValue, Origin};
use crate::text::Span;

/// Adds a row to the alignment; what it is gets named once its texts are cut. A number whose print has two near
/// readings (a footnote mark glued to it, a point that may group) becomes a choice.
pub(crate) fn push_row<'t>(draft: RowDraft<'t>, layout: &Layout, alignment: &mut Alignment<'t>) {
    let first = alignment.cells.len();
    alignment.rows.push(AlignedRow { line: draft.line, ..AlignedRow::default() });
    let mut open: Vec<usize> = Vec::new();
    for (out, cell) in draft.cells.into_iter().enumerate() {
        let is_number = matches!(cell.content.value, Some(CellValue::Number(_)));
        if is_number && cell.margin < SETTLED && cell.content.origin == Origin::Verbatim {
            open.push(out);
        }
        alignment.cells.push(AlignedCell {
            doubt: f32::INFINITY,
            content: cell.content,
            slot: cell.slot,
            margin: cell.margin,
            choice: None,
        });
    }
    for run in draft.open {
        open.retain(|out| !run.outs.contains(out));
        open_run(alignment, first, run);
    }
    for out in open {
        open_readings(alignment, first + out, layout, out);
    }
}

/// Makes a choice of the near segmentations of one run, over the cells in which they differ. `first`: index of the
/// row's first cell.
fn open_run<'t>(alignment: &mut Alignment<'t>, first: usize, run: OpenRun<'t>) {
    let Some((_, best)) = run.options.first() else { return };
    let differs = |column: &usize| {
        let is_other = |(_, cells): &(f32, Vec<Draft<'t>>)| {
            let (other, own) = (&cells[*column].content, &best[*column].content);
            // A digit may be the mark of one cell or the first of the next.
            other.spans != own.spans || other.value != own.value || other.marks != own.marks
        };
        run.options.iter().any(is_other)
    };
    let differing: Vec<usize> = (0..best.len()).filter(differs).collect();
    if differing.is_empty() {
        return;
    }
    let place = |column: usize| first + run.outs.start + column;
    let option = |(bits, cells): &(f32, Vec<Draft<'t>>)| ChoiceOption {
        bits: *bits,
        has_losses: false,
        cells: differing
            .iter()
            .map(|&column| (place(column), cells[column].slot, cells[column].content.clone()))
            .collect(),
    };
    let options = run.options.iter().map(option).collect();
    let index = push_choice(alignment, Choice::Readings(options));
    let cells: Vec<usize> = differing.iter().map(|&column| place(column)).collect();
    mark_cells(alignment, index, &cells);
}

/// Makes a choice of the near readings of one printed number.
fn open_readings(alignment: &mut Alignment<'_>, cell: usize, layout: &Layout, out: usize) {
    let content = &alignment.cells[cell].content;
    let (Some(first), Some(last)) = (content.spans.first(), content.spans.last()) else { return };
    let end = content.marks.iter().map(|mark| mark.span.end).fold(last.end, usize::max);
    let start = content.marks.iter().map(|mark| mark.span.start).fold(first.start, usize::min);
    let mut printed = content.text.to_string();
    for mark in &content.marks {
        if mark.span.start >= last.end {
            printed.push_str(&mark.text)
        } else {
            printed.insert_str(0, &mark.text)
        }
    }
    if printed.len() != end - start {
        return;
    }
    let whole = Run::owned(printed, Span::new(start, end));
    let model = &layout.outs[out].model;
    let habit = ColumnModel { scale: model.scale.or(layout.scale), ..model.clone() };
    let fits = fit_all(&whole.text, &habit);
    let Some(least) = fits.first().map(|fit| fit.bits) else { return };
    let options: Vec<ChoiceOption<'_>> = fits
        .iter()
        .filter(|fit| fit.bits - least < LIVE)
        .map(|fit| {
            let draft = Draft::printed(&whole, Span::new(0, whole.text.len()), fit, Origin::Verbatim);
            let cells = vec![(cell, draft.slot, draft.content)];
            ChoiceOption { bits: fit.bits - least, has_losses: false, cells }
        })
        .collect();
    if options.len() > 1 {
        let index = push_choice(alignment, Choice::Readings(options));
        mark_cells(alignment, index, &[cell]);
    }
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
