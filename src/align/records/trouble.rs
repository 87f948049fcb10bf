//! Why a row is not taken as it stands, and which of its numbers are in question.

use std::collections::BTreeSet;

use super::draft::{Draft, LogicalRow, RowDraft, is_broken_off};
use super::{Knowledge, TROUBLE};
use crate::align::alignment::Slot;
use crate::align::boxhead::{CellClass, classify};
use crate::align::cut::words_of;
use crate::align::layout::{Layout, OutColumn};
use crate::align::phrase::known_pieces;
use crate::align::shift::FillPatterns;
use crate::column::model::normalized;
use crate::schema::FieldKind;
use crate::table::CellValue;

/// A print with one decimal more than its column or its table, in a row that has the habit of the table, may end in a
/// footnote digit: the bits by which the print is the likelier of the two.
const DECIMAL_MORE: f32 = 1.0;

/// Questions numbers with one decimal more than the table prints, where the rest of their row keeps its habit.
pub(super) fn question_decimals(draft: &mut RowDraft<'_>, layout: &Layout) {
    let Some(habit) = layout.scale else { return };
    let scale = |cell: &Draft<'_>| match cell.content.value {
        Some(CellValue::Number(amount)) if !amount.is_zero() => Some(amount.scale()),
        _ => None,
    };
    let is_plain = |out: usize| layout.outs[out].model.is_numeric() && !layout.outs[out].model.percent;
    let mates = (0..draft.cells.len()).filter(|out| is_plain(*out));
    let (kept, over): (Vec<usize>, Vec<usize>) = mates
        .filter(|out| scale(&draft.cells[*out]).is_some_and(|scale| scale == habit || scale == habit + 1))
        .partition(|out| scale(&draft.cells[*out]) == Some(habit));
    if kept.is_empty() || over.len() > kept.len() {
        return;
    }
    for out in over {
        let own = layout.outs[out].model.scale;
        if own.is_none_or(|own| own == habit) && draft.cells[out].content.marks.is_empty() {
            draft.cells[out].margin = draft.cells[out].margin.min(DECIMAL_MORE);
        }
    }
}

/// Questions numbers that end in a comma or a point, in columns that print decimals: the rest of them is lost.
pub(super) fn question_broken(row: &LogicalRow<'_>, draft: &mut RowDraft<'_>, layout: &Layout) {
    for (column, run) in row.runs.iter().enumerate() {
        let (Some(run), true) = (run, column < layout.grid.len()) else { continue };
        for out in layout.outs_of(column) {
            let model = &layout.outs[out].model;
            if model.scale.is_some_and(|scale| scale > 0) && is_broken_off(&run.text, model) {
                draft.cells[out].margin = 0.0;
            }
        }
    }
}

/// Why a row is not taken as it stands.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    /// A cell does not fit its column.
    pub(super) misfit: bool,
    /// A column that every other row fills is empty.
    pub(super) hole: bool,
    /// The row has fewer cells than the table, and ends in a value: which column is missing is not printed.
    pub(super) ragged: bool,
    /// The stub is several labels that the schema knows.
    pub(super) several_labels: bool,
    /// Columns that a check expects to be filled in this row, and that are empty.
    pub(super) expected: BTreeSet<usize>,
    /// Columns that checks compute, empty at the end of a row with other numbers.
    pub(super) results: BTreeSet<usize>,
}

impl Trouble {
    pub(super) fn of(
        row: &LogicalRow<'_>,
        draft: &RowDraft<'_>,
        layout: &Layout,
        patterns: &FillPatterns<'_>,
        knowledge: &Knowledge<'_>,
    ) -> Self {
        let mut trouble = Self {
            misfit: draft.worst > TROUBLE,
            hole: patterns.has_hole(row),
            ragged: is_ragged(row, layout),
            results: missing_results(row, draft, layout),
            ..Self::default()
        };
        if knowledge.labels.is_empty() {
            return trouble;
        }
        let Some(stub) = stub_of(draft, layout) else { return trouble };
        let label = &draft.cells[stub].content.text;
        let folded = normalized(label);
        if !knowledge.labels.contains(&folded) {
            trouble.several_labels =
                known_pieces(label, &words_of(label), &knowledge.labels, &layout.outs[stub].model).is_some();
        }
        if let Some(columns) = knowledge.expected.get(&folded) {
            let is_empty = |out: &usize| draft.cells.get(*out).is_some_and(|cell| cell.slot == Slot::Blank);
            trouble.expected.extend(columns.iter().copied().filter(is_empty));
        }
        trouble
    }
}

/// Whether a check computes the column, and most rows fill it.
pub(in crate::align) fn is_result(out: &OutColumn) -> bool {
    out.model.is_result && out.blank_rate < 0.5
}

/// The columns that checks compute, and most rows fill, in which a row with other numbers has nothing, where it ends
/// in an empty cell: its values may have slid over, or the result is lost.
fn missing_results(row: &LogicalRow<'_>, draft: &RowDraft<'_>, layout: &Layout) -> BTreeSet<usize> {
    let is_last_filled =
        layout.grid.len().checked_sub(1).is_some_and(|last| row.runs.get(last).is_some_and(Option::is_some));
    let cells = || draft.cells.iter().zip(&layout.outs).enumerate();
    let has_numbers = cells().any(|(_, (cell, out))| cell.slot == Slot::Printed && out.model.is_numeric());
    if is_last_filled || !has_numbers {
        return BTreeSet::new();
    }
    cells()
        .filter(|(_, (cell, out))| cell.slot == Slot::Blank && is_result(out))
        .map(|(index, _)| index)
        .collect()
}

/// The first column with words, which name the row.
pub(super) fn stub_of(draft: &RowDraft<'_>, layout: &Layout) -> Option<usize> {
    let is_words = |out: &usize| layout.outs[*out].model.kind == FieldKind::String;
    (0..draft.cells.len())
        .filter(is_words)
        .find(|out| classify(&draft.cells[*out].content.text) == CellClass::Words)
}

/// Whether a row has fewer cells than the table and ends in a value.
pub(super) fn is_ragged(row: &LogicalRow<'_>, layout: &Layout) -> bool {
    let last = row.runs.iter().rposition(Option::is_some);
    let holds_value = |column: usize| {
        let outs = layout.outs_of(column);
        layout.outs.get(outs.start).is_some_and(|out| !outs.is_empty() && out.model.is_numeric())
    };
    row.printed < layout.grid.len() && last.is_some_and(|last| last + 1 == row.printed && holds_value(last))
}

/// Whether a row has too few cells to fill a column that checks compute.
pub(in crate::align) fn lacks_result(row: &LogicalRow<'_>, layout: &Layout) -> bool {
    let missing = row.printed..layout.grid.len();
    missing.flat_map(|column| layout.outs_of(column)).any(|out| layout.outs[out].model.is_result)
}
