//! Records: the printed rows of a body to the rows of the result.
//!
//! A clean row is one row-major block of one record and costs no search: every cell fits its column. Where a
//! cell does not fit, the dearer readings of the row compete in bits: the row as it stands, or a packed block of
//! n records filled column by column ([`crate::align::packed`]).

mod draft;
mod push;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::draft::{Draft, LogicalRow, RowDraft, read_as_it_stands};
pub(crate) use self::push::{mark_cells, mark_choice, push_choice, push_row};
use self::trouble::{Trouble, is_ragged, question_broken, question_decimals, stub_of};
pub(super) use self::trouble::{is_result, lacks_result};
use super::adjacency::Adjacency;
use super::alignment::{AlignedColumn, AlignedRow, Alignment};
use super::layout::Layout;
use super::overlong::Rests;
use super::packed::{PackedBlock, read_packed};
use super::plain::{PlainCell, PlainCells, fill_in, push_cells};
use super::run::Run;
use super::shift::{FillPatterns, Question, read_shifted};
use super::standing::{FilledRow, Parts, StandingReader, Stretch, count_patterns, part_rows};
use super::wrap::join_wrapped_rows;
use crate::budget::Budget;
use crate::column::fit::SEVERAL_VALUES;
use crate::column::model::normalized;
use crate::grid::Grid;
use crate::table::CellValue;

/// A cell that costs more than this starts the search for another reading of its row.
pub(crate) const TROUBLE: f32 = 4.5;
/// A repair is settled where the next reading is this much dearer.
pub(crate) const SETTLED: f32 = 7.0;
/// A reading this much dearer than the best is no reading any more.
pub(crate) const LIVE: f32 = 10.0;
/// Several labels that the schema knows in one stub cell: two records, whatever the values say.
const SEVERAL_LABELS: f32 = 14.0;
/// Words that may be those of two records.
const SEVERAL_WORDS: usize = 3;
/// A repair must gain so many bits on the row as it stands.
const REPAIR_MARGIN: f32 = 4.0;

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
    /// Its cells, as long as the table is a plain one.
    pub(crate) plain: Option<PlainCells>,
    pub(crate) pending: Vec<PendingCut<'t>>,
}

/// What the schema and the document say of a body, beside its layout.
pub(crate) struct Knowledge<'a> {
    /// Row labels that the schema knows, normalised.
    pub(crate) labels: BTreeSet<String>,
    /// Cells that the schema's checks name: by row label, the columns of the result.
    pub(crate) expected: BTreeMap<String, BTreeSet<usize>>,
    /// Second pieces of numbers that were split over two cells, by row and column of the grid.
    pub(crate) rests: Rests,
    /// The grid column that every record fills on its first line.
    pub(crate) anchor: Option<usize>,
    /// The document, asked whether two words stand side by side in it.
    pub(crate) witness: &'a Adjacency<'a>,
    /// Whether a reader of undelimited print has made the rows and told the fields: they are neither joined nor
    /// shifted once more.
    pub(crate) is_bound: bool,
}

/// Aligns the body of a grid.
pub(crate) fn align_body<'t>(
    text: &'t str,
    grid: &Grid,
    header_rows: usize,
    layout: &Layout,
    columns: Vec<AlignedColumn>,
    knowledge: &Knowledge<'_>,
    budget: &mut Budget,
) -> Body<'t> {
    let mut body = Body {
        alignment: Alignment { columns, ..Alignment::default() },
        plain: Some(PlainCells::default()),
        pending: Vec::new(),
    };
    let parts = part_rows(text, grid, header_rows, layout, knowledge);
    let patterns = fill_patterns(text, grid, header_rows, layout, &parts);
    let reader = StandingReader::new(text, grid, layout, patterns.full_columns(), knowledge);
    // Rows of clean tables become records one by one.
    let records = grid.rows.len().saturating_sub(header_rows);
    body.alignment.rows.reserve(records);
    let mut alone = Vec::with_capacity(layout.outs.len());
    for stretch in &parts.stretches {
        match stretch {
            Stretch::Standing(places) => {
                let rows = parts.rows.get(places.clone()).unwrap_or_default();
                if let Some(plain) = &mut body.plain {
                    plain.cells.reserve(rows.len().saturating_mul(layout.outs.len()));
                }
                for row in rows {
                    if body.push_standing(text, &reader, row, &mut alone) {
                        continue;
                    }
                    body.fill_in(text);
                    let joined = join_wrapped_rows(text, grid, row.index..row.index + 1, layout, knowledge);
                    joined.iter().for_each(|row| {
                        align_row(row, layout, &patterns, knowledge, &mut body, budget);
                    });
                }
            }
            Stretch::Joined(rows) => {
                body.fill_in(text);
                rows.iter().for_each(|row| align_row(row, layout, &patterns, knowledge, &mut body, budget));
            }
        }
    }
    body
}

impl<'t> Body<'t> {
    /// Adds a row that stands; `false` where it wants a closer look. `alone` is a buffer.
    #[inline]
    fn push_standing(
        &mut self,
        text: &'t str,
        reader: &StandingReader<'_, 't>,
        row: &FilledRow,
        alone: &mut Vec<PlainCell>,
    ) -> bool {
        let is_read = match &mut self.plain {
            Some(plain) => {
                let first = plain.cells.len();
                let is_read = reader.read(row, &mut plain.cells);
                if !is_read {
                    plain.cells.truncate(first);
                }
                is_read
            }
            None => {
                alone.clear();
                let is_read = reader.read(row, alone);
                if is_read {
                    push_cells(text, alone, &mut self.alignment);
                }
                is_read
            }
        };
        if is_read {
            self.alignment.rows.push(AlignedRow { line: reader.line(row), ..AlignedRow::default() });
        }
        is_read
    }

    /// Makes the table one that is not plain.
    pub(super) fn fill_in(&mut self, text: &'t str) {
        fill_in(text, &mut self.plain, &mut self.alignment);
    }
}

/// The patterns in which the rows of a body are filled.
fn fill_patterns<'a>(
    text: &'a str,
    grid: &'a Grid,
    header_rows: usize,
    layout: &Layout,
    parts: &Parts<'_>,
) -> FillPatterns<'a> {
    let mut patterns = FillPatterns::new(text, grid, header_rows);
    for (set, rows) in count_patterns(parts) {
        patterns.add_pattern((0..grid.width).map(|column| set >> column & 1 == 1).collect(), rows);
    }
    let joined = parts.stretches.iter().filter_map(|stretch| match stretch {
        Stretch::Joined(rows) => Some(rows),
        Stretch::Standing(_) => None,
    });
    let joined: Vec<&LogicalRow<'_>> = joined.flatten().collect();
    // Rows with too few cells fill other columns than those they stand in, unless it is the habit of the table.
    let ragged = joined.iter().filter(|row| is_ragged(row, layout)).count();
    patterns.is_ragged_habit = 2 * ragged >= patterns.rows() + joined.len();
    for row in joined {
        if !is_ragged(row, layout) || patterns.counts_ragged(row, layout) {
            patterns.add(row);
        }
    }
    patterns
}

/// Adds a row as it stands, or as the cheapest of its dearer readings.
fn align_row<'t>(
    row: &LogicalRow<'t>,
    layout: &Layout,
    patterns: &FillPatterns<'_>,
    knowledge: &Knowledge<'_>,
    body: &mut Body<'t>,
    budget: &mut Budget,
) {
    let mut draft = read_as_it_stands(row, layout);
    question_decimals(&mut draft, layout);
    question_broken(row, &mut draft, layout);
    let trouble = Trouble::of(row, &draft, layout, patterns, knowledge);
    if trouble == Trouble::default() {
        push_row(draft, layout, &mut body.alignment);
    } else {
        mend_row(row, draft, &trouble, layout, patterns, knowledge, body, budget);
    }
}

/// Lets the dearer readings of a row compete with the row as it stands.
#[expect(clippy::too_many_arguments, reason = "the row, what is known of its table, and where it goes")]
fn mend_row<'t>(
    row: &LogicalRow<'t>,
    draft: RowDraft<'t>,
    trouble: &Trouble,
    layout: &Layout,
    patterns: &FillPatterns<'_>,
    knowledge: &Knowledge<'_>,
    body: &mut Body<'t>,
    budget: &mut Budget,
) {
    let packed = if trouble.misfit || trouble.several_labels {
        read_packed(row, layout, knowledge, budget)
    } else {
        None
    };
    let several = if trouble.several_labels { SEVERAL_LABELS } else { 0.0 };
    let stands = draft.bits + several + packed.as_ref().map_or(0.0, PackedBlock::surplus);
    let none = BTreeSet::new();
    let label = stub_of(&draft, layout).map(|stub| normalized(&draft.cells[stub].content.text));
    let question = Question {
        named: label.and_then(|label| knowledge.expected.get(&label)).unwrap_or(&none),
        expected: &trouble.expected,
        results: &trouble.results,
        is_ragged: trouble.ragged,
    };
    let shifted = |budget: &mut Budget| match knowledge.is_bound {
        true => None,
        false => read_shifted(row, layout, patterns, &question, budget),
    };
    if let Some(mut packed) = packed.filter(|packed| packed.bits + REPAIR_MARGIN < stands) {
        // A row with a hole may have one crowded cell, which holds its neighbour's value, instead of several records.
        let crowded = if trouble.hole { shifted(budget) } else { None };
        let crowded = crowded.filter(|shifted| !shifted.is_as_it_stands);
        match crowded.filter(|crowded| crowded.bits + REPAIR_MARGIN < packed.bits) {
            Some(crowded) => crowded.push(layout, body),
            None => {
                packed.margin = packed.margin.min(stands - packed.bits);
                packed.push(layout, &knowledge.expected, body);
            }
        }
        return;
    }
    match shifted(budget) {
        Some(shifted) if !shifted.is_as_it_stands => shifted.push(layout, body),
        _ => {
            let mut draft = draft;
            if draft.worst >= SEVERAL_VALUES {
                // Several values in one cell, and no reading of the row that says why: its words may be several too.
                let is_long = |cell: &&mut Draft<'_>| {
                    cell.content.value == Some(CellValue::Text)
                        && cell.content.text.split_whitespace().nth(SEVERAL_WORDS - 1).is_some()
                };
                let is_packed = draft.misfits > 1;
                let doubtful = draft.cells.iter_mut().filter(|cell| is_packed || is_long(cell));
                doubtful.for_each(|cell| cell.margin = 0.0);
            }
            push_row(draft, layout, &mut body.alignment);
        }
    }
}
