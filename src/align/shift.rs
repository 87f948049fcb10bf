//! Shifted rows: values that slid into a neighbouring column because an empty cell vanished with its delimiter.
//!
//! The row's runs are placed over the grid's columns again, order kept. A run costs how it fits the column;
//! a change of displacement from one run to the next costs [`DISPLACED`]; the pattern of filled columns costs
//! how rare it is in the table. The few cheapest placements are kept: near ties are a choice for the proof.
//!
//! A cell of several values beside an empty one may hold its neighbours' values too, where this row alone lost the
//! delimiter: its values are placed as runs of their own, at [`MERGED_CELL`].

use std::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;

use super::alignment::{Choice, ChoiceOption, Slot};
use super::layout::Layout;
use super::records::{
    Body, LIVE, LogicalRow, RowDraft, SETTLED, mark_cells, push_choice, push_row, read_as_it_stands,
};
use super::run::Run;
use crate::budget::Budget;
use crate::column::fit::{SEVERAL_VALUES, TEXT_AS_NUMBER};
use crate::text::value::scan_values;

/// Rows in which extraction displaced a value: about one in a hundred.
const DISPLACED: f32 = 7.0;
/// The same in a row that has fewer cells than its table: one is missing for certain.
const DISPLACED_IN_RAGGED: f32 = 2.0;
/// A cell that took in its neighbour's value: about one row in a hundred.
const MERGED_CELL: f32 = 7.0;
/// An empty slot in a column that every other row fills.
const LOST_VALUE: f32 = 6.0;
/// An empty slot that a check of the schema names.
const EXPECTED_VALUE: f32 = 9.0;
/// Placements kept in every state of the search, and compared at its end.
const KEPT: usize = 6;
/// Wider rows are not searched.
const MAX_COLUMNS: usize = 48;

/// Which columns the rows of a table fill, and how often.
#[derive(Clone, Debug, Default)]
pub(crate) struct FillPatterns {
    patterns: BTreeMap<Vec<bool>, usize>,
    filled: Vec<usize>,
    rows: usize,
}

impl FillPatterns {
    /// No patterns yet, of rows of `width` columns.
    pub(crate) fn new(width: usize) -> Self {
        Self { filled: vec![0; width], ..Self::default() }
    }

    /// Counts a row.
    pub(crate) fn add(&mut self, row: &LogicalRow<'_>) {
        self.add_pattern(pattern_of(row, self.filled.len()), 1);
    }

    /// Counts rows that are filled alike, one flag a column.
    pub(crate) fn add_pattern(&mut self, pattern: Vec<bool>, rows: usize) {
        for (count, is_filled) in self.filled.iter_mut().zip(&pattern) {
            *count += rows * usize::from(*is_filled);
        }
        *self.patterns.entry(pattern).or_default() += rows;
        self.rows += rows;
    }

    /// The columns that every row fills, or every row but one.
    pub(crate) fn full_columns(&self) -> impl Iterator<Item = usize> + '_ {
        let is_full = |filled: &usize| self.rows > 2 && filled + 1 >= self.rows;
        self.filled.iter().enumerate().filter(move |(_, filled)| is_full(filled)).map(|(column, _)| column)
    }

    /// Whether the row leaves a column empty that all other rows fill.
    pub(crate) fn has_hole(&self, row: &LogicalRow<'_>) -> bool {
        self.full_columns().any(|column| row.runs.get(column).is_none_or(Option::is_none))
    }

    /// Bits of a pattern, for a row that stands in the table with the pattern `own`.
    fn bits(&self, pattern: &[bool], own: &[bool]) -> f32 {
        let seen = self.patterns.get(pattern).copied().unwrap_or(0) - usize::from(pattern == own);
        let whole = -((seen as f32 + 0.5) / (self.rows as f32 + 0.5)).log2();
        let lost: f32 = pattern
            .iter()
            .zip(own)
            .zip(&self.filled)
            .filter(|((is_filled, was_filled), filled)| {
                !**is_filled && **filled + usize::from(!**was_filled) >= self.rows
            })
            .count() as f32;
        whole.max(0.0) + if seen == 0 { lost * LOST_VALUE } else { 0.0 }
    }
}

fn pattern_of(row: &LogicalRow<'_>, width: usize) -> Vec<bool> {
    (0..width).map(|column| row.runs.get(column).is_some_and(Option::is_some)).collect()
}

/// The readings of a row as displaced, the cheapest first.
pub(crate) struct Shifted<'t> {
    options: Vec<(f32, RowDraft<'t>)>,
    pub(crate) bits: f32,
    /// Whether the row as it stands is the cheapest reading, and no other is near.
    pub(crate) is_as_it_stands: bool,
}

/// One way to a state of the search: cost, the column of the run before, and its rank there.
#[derive(Clone, Copy)]
struct Way {
    bits: f32,
    from: usize,
    rank: usize,
}

/// Bits by which the row as it stands, with a value lost, is dearer than the dearest displacement: where the checks
/// hold for a displaced row, chance is not asked.
const VALUE_LOST: f32 = 12.0;

/// Why a row is placed again.
pub(crate) struct Question<'a> {
    /// Columns that a check of the schema names in this row, and that are empty.
    pub(crate) expected: &'a BTreeSet<usize>,
    /// Columns that checks compute, empty at the end of the row.
    pub(crate) results: &'a BTreeSet<usize>,
    /// Whether the row has fewer cells than its table.
    pub(crate) is_ragged: bool,
}

/// Places the runs of a row over the columns again.
pub(crate) fn read_shifted<'t>(
    row: &LogicalRow<'t>,
    layout: &Layout,
    patterns: &FillPatterns,
    question: &Question<'_>,
    budget: &mut Budget,
) -> Option<Shifted<'t>> {
    let Question { expected, results, is_ragged } = *question;
    let width = layout.grid.len();
    let runs: Vec<(usize, Run<'t>)> = row
        .runs
        .iter()
        .enumerate()
        .filter_map(|(column, run)| run.clone().map(|run| (column, run)))
        .collect();
    if runs.is_empty() || width > MAX_COLUMNS || !budget.spend((runs.len() * width * width) as u64) {
        return None;
    }
    let own = pattern_of(row, width);
    let displaced = if is_ragged { DISPLACED_IN_RAGGED } else { DISPLACED };
    let crowded = split_crowded(&runs, width, layout);
    let ways = [Some(runs), crowded];
    let mut placements: Vec<(f32, Placed<'_, 't>)> = Vec::new();
    for (runs, merged) in ways.iter().zip([0.0, MERGED_CELL]) {
        let Some(runs) = runs else { continue };
        let found = place_runs(runs, width, layout, displaced);
        placements.extend(found.into_iter().map(|(bits, columns)| (bits + merged, Placed { runs, columns })));
    }
    for (bits, Placed { columns, .. }) in &mut placements {
        let mut pattern = vec![false; width];
        columns.iter().for_each(|column| pattern[*column] = true);
        *bits += patterns.bits(&pattern, &own);
        let empty =
            |out: &&usize| (0..width).any(|column| layout.outs_of(column).contains(out) && !pattern[column]);
        *bits += EXPECTED_VALUE * expected.iter().filter(empty).count() as f32;
    }
    // Values that slid fill what the checks ask for: a row that misses something wherever they stand did not slide.
    let fills_all = |columns: &[usize]| {
        let held = |out: &usize| columns.iter().any(|column| layout.outs_of(*column).contains(out));
        expected.union(results).all(held)
    };
    let as_printed = ways[0].as_deref().unwrap_or_default();
    let stands = |placed: &Placed<'_, 't>| {
        placed.runs.len() == as_printed.len()
            && as_printed.iter().map(|(column, _)| column).eq(&placed.columns)
    };
    placements.retain(|(_, placed)| stands(placed) || fills_all(&placed.columns));
    placements.sort_by(|left, right| left.0.total_cmp(&right.0));
    let least = placements.first()?.0;
    placements.retain(|(bits, _)| bits - least < LIVE);
    let near = placements.get(1).is_some_and(|(bits, _)| bits - least < SETTLED)
        && (is_ragged || !expected.is_empty() || !results.is_empty());
    let is_as_it_stands = !near && placements.first().is_some_and(|(_, placed)| stands(placed));
    let mut options: Vec<(f32, RowDraft<'t>)> = placements
        .into_iter()
        .map(|(bits, placed)| {
            let mut moved = LogicalRow { runs: vec![None; width], line: row.line, printed: width };
            for (column, (_, run)) in placed.columns.iter().zip(placed.runs) {
                moved.runs[*column] = Some(run.clone());
            }
            let mut draft = read_as_it_stands(&moved, layout);
            for (column, (from, run)) in placed.columns.iter().zip(placed.runs) {
                let is_own = row.runs.get(*column).and_then(Option::as_ref).is_some_and(|own| own.is(run));
                if column != from || !is_own {
                    draft.mark_moved(layout.outs_of(*column));
                }
            }
            (bits, draft)
        })
        .collect();
    if near {
        options.extend(with_values_lost(row, layout, &options, expected, results));
    }
    Some(Shifted { options, bits: least, is_as_it_stands })
}

/// Runs of a row, and the columns that they are placed over.
struct Placed<'r, 't> {
    runs: &'r [(usize, Run<'t>)],
    columns: Vec<usize>,
}

/// The runs of a row, its one crowded cell parted into its values, where the columns beside it that are empty are as
/// many as its values more than one. `None` where no cell asks, or several do: then rows were packed.
fn split_crowded<'t>(
    runs: &[(usize, Run<'t>)],
    width: usize,
    layout: &Layout,
) -> Option<Vec<(usize, Run<'t>)>> {
    let is_crowded = |(column, run): &&(usize, Run<'t>)| fit_of(run, *column, layout) >= SEVERAL_VALUES;
    let mut crowded = runs.iter().enumerate().filter(|(_, run)| is_crowded(run));
    let (place, (column, run)) = crowded.next().filter(|_| runs.len() < width)?;
    if crowded.next().is_some() || layout.outs_of(*column).len() != 1 {
        return None;
    }
    let model = &layout.outs[layout.outs_of(*column).start].model;
    let grouped = super::groups::cut_grouped(&run.text, None).filter(|_| model.groups_by_blank);
    let pieces = grouped
        .unwrap_or_else(|| scan_values(&run.text).iter().map(|segment| segment.span).collect::<Vec<_>>());
    let before = runs[..place].last().map_or(0, |(before, _)| before + 1);
    let behind = runs.get(place + 1).map_or(width, |(behind, _)| *behind);
    // The cell stands where the first or the last of its values belongs.
    let start = if column + pieces.len() <= behind {
        *column
    } else {
        (column + 1).checked_sub(pieces.len()).filter(|start| *start >= before)?
    };
    let parts = pieces.iter().enumerate().map(|(index, piece)| (start + index, run.sub(*piece)));
    let all = runs[..place].iter().cloned().chain(parts).chain(runs[place + 1..].iter().cloned());
    (pieces.len() > 1).then(|| all.collect())
}

/// The row as it stands, the empty cells that checks ask for lost.
fn with_values_lost<'t>(
    row: &LogicalRow<'t>,
    layout: &Layout,
    options: &[(f32, RowDraft<'t>)],
    expected: &BTreeSet<usize>,
    results: &BTreeSet<usize>,
) -> Option<(f32, RowDraft<'t>)> {
    let dearest = options.last()?.0;
    let mut draft = read_as_it_stands(row, layout);
    let mut any = false;
    for &out in expected.union(results) {
        if let Some(cell) = draft.cells.get_mut(out).filter(|cell| cell.slot == Slot::Blank) {
            cell.slot = Slot::Lost;
            any = true;
        }
    }
    any.then_some((dearest + VALUE_LOST, draft))
}

/// The cheapest placements of runs over columns, order kept; costs without the patterns.
pub(super) fn place_runs(
    runs: &[(usize, Run<'_>)],
    width: usize,
    layout: &Layout,
    displaced: f32,
) -> Vec<(f32, Vec<usize>)> {
    let mut table: Vec<Vec<SmallVec<[Way; KEPT]>>> = vec![vec![SmallVec::new(); width]; runs.len()];
    for (index, (from, run)) in runs.iter().enumerate() {
        let left = runs.len() - index - 1;
        for column in index..width.saturating_sub(left) {
            // What would stand in a column that the result does not have would be lost.
            if layout.outs_of(column).is_empty() {
                continue;
            }
            let bits = fit_of(run, column, layout);
            let mut ways: SmallVec<[Way; KEPT]> = SmallVec::new();
            if index == 0 {
                let start = if column == *from { 0.0 } else { displaced };
                ways.push(Way { bits: bits + start, from: 0, rank: 0 });
            }
            for before in (0..column).filter(|_| index > 0) {
                let same = column.wrapping_sub(*from) == before.wrapping_sub(runs[index - 1].0);
                let step = bits + if same { 0.0 } else { displaced };
                for (rank, way) in table[index - 1][before].iter().enumerate() {
                    keep(&mut ways, Way { bits: way.bits + step, from: before, rank });
                }
            }
            table[index][column] = ways;
        }
    }
    read_back(&table, width)
}

fn keep(ways: &mut SmallVec<[Way; KEPT]>, new: Way) {
    let at = ways.iter().position(|way| new.bits < way.bits).unwrap_or(ways.len());
    if at < KEPT {
        ways.insert(at, new);
        ways.truncate(KEPT);
    }
}

fn read_back(table: &[Vec<SmallVec<[Way; KEPT]>>], width: usize) -> Vec<(f32, Vec<usize>)> {
    let last = table.len() - 1;
    let mut found = Vec::new();
    for column in 0..width {
        for (rank, way) in table[last][column].iter().enumerate() {
            let mut columns = vec![column];
            let (mut index, mut at, mut way_rank) = (last, column, rank);
            while index > 0 {
                let step = table[index][at][way_rank];
                (at, way_rank) = (step.from, step.rank);
                columns.push(at);
                index -= 1;
            }
            columns.reverse();
            found.push((way.bits, columns));
        }
    }
    found.sort_by(|left, right| left.0.total_cmp(&right.0));
    found.truncate(KEPT * 2);
    found
}

/// Bits of a run in a grid column.
pub(super) fn fit_of(run: &Run<'_>, column: usize, layout: &Layout) -> f32 {
    let held = &layout.grid[column];
    match held.outs.len() {
        0 => TEXT_AS_NUMBER,
        1 => crate::column::fit::fit(&run.text, &layout.outs[held.outs.start].model).bits,
        _ => {
            let models: Vec<_> = layout.outs[held.outs.clone()].iter().map(|out| &out.model).collect();
            super::segment::segment_run(&run.text, &models, &held.bracketed)
                .map_or(TEXT_AS_NUMBER, |cut| cut.bits)
        }
    }
}

impl<'t> Shifted<'t> {
    /// Adds the cheapest reading to the alignment; the others, where they are near, as a choice.
    pub(crate) fn push(self, layout: &Layout, body: &mut Body<'t>) {
        let row = body.alignment.rows.len();
        let width = body.alignment.columns.len();
        let least = self.bits;
        let near = self.options.get(1).map_or(f32::INFINITY, |second| second.0 - least);
        let mut options = self.options.into_iter();
        let Some((_, best)) = options.next() else { return };
        let rest: Vec<(f32, RowDraft<'t>)> = options.collect();
        if near >= SETTLED {
            let mut settled = best;
            settled.cells.iter_mut().for_each(|cell| cell.margin = cell.margin.min(near));
            push_row(settled, layout, &mut body.alignment);
            return;
        }
        let differs = |out: usize| {
            rest.iter().any(|(_, other)| {
                let (other, best) = (&other.cells[out], &best.cells[out]);
                other.content.spans != best.content.spans || other.slot != best.slot
            })
        };
        let differing: Vec<usize> = (0..width).filter(|out| differs(*out)).collect();
        let option = |bits: f32, draft: &RowDraft<'t>| ChoiceOption {
            bits: bits - least,
            cells: differing
                .iter()
                .map(|&out| (row * width + out, draft.cells[out].slot, draft.cells[out].content.clone()))
                .collect(),
        };
        let mut all = vec![option(least, &best)];
        all.extend(rest.iter().map(|(bits, draft)| option(*bits, draft)));
        let mut settled = best;
        settled.open.retain(|run| !differing.iter().any(|out| run.outs.contains(out)));
        for &out in &differing {
            settled.cells[out].margin = settled.cells[out].margin.min(near);
        }
        push_row(settled, layout, &mut body.alignment);
        let index = push_choice(&mut body.alignment, Choice::Readings(all));
        let cells: Vec<usize> = differing.iter().map(|out| row * width + out).collect();
        mark_cells(&mut body.alignment, index, &cells);
    }
}
