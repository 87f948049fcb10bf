//! Shifted rows: values that slid into a neighbouring column because an empty cell vanished with its delimiter.
//!
//! The row's runs are placed over the grid's columns again, order kept. A run costs how it fits the column, by type and
//! by the shapes that the column prints in whole rows ([`Shapes`]);
//! a change of displacement from one run to the next costs [`DISPLACED`]; the pattern of filled columns costs
//! how rare it is in the table. The few cheapest placements are kept: near ties are a choice for the proof.
//!
//! A cell of several values beside an empty one may hold its neighbours' values too, where this row alone lost the
//! delimiter: its values are placed as runs of their own, at [`MERGED_CELL`].

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;

use super::alignment::{Choice, ChoiceOption, Slot};
use super::layout::{Layout, amount_behind};
use super::records::{
    Body, LIVE, LogicalRow, RowDraft, SETTLED, TROUBLE, lacks_result, mark_cells, push_choice, push_row,
    read_as_it_stands,
};
use super::run::Run;
use super::shapes::Shapes;
use crate::budget::Budget;
use crate::column::fit::{SEVERAL_VALUES, TEXT_AS_NUMBER};
use crate::grid::Grid;
use crate::text::Span;
use crate::text::value::scan_spans;

/// Rows in which extraction displaced a value: about one in a hundred.
const DISPLACED: f32 = 7.0;
/// The same in a row that has fewer cells than its table: one is missing for certain.
const DISPLACED_IN_RAGGED: f32 = 2.0;
/// A cell that took in its neighbour's value: about one row in a hundred.
const MERGED_CELL: f32 = 7.0;
/// Cells vanish, and draw those behind them to the left; that one appeared between two values is much rarer.
const CELL_APPEARED: f32 = 14.0;
/// An empty slot in a column that every other row fills.
const LOST_VALUE: f32 = 6.0;
/// An empty slot that a check of the schema names.
const EXPECTED_VALUE: f32 = 9.0;
/// An empty slot of a field that a check computes, and most rows fill.
const EXPECTED_RESULT: f32 = 6.0;
/// Placements kept in every state of the search, and compared at its end.
const KEPT: usize = 6;
/// Wider rows are not searched.
const MAX_COLUMNS: usize = 48;

/// Which columns the rows of a table fill, and how often; and what they print there, once a row asks.
#[derive(Clone, Debug)]
pub(crate) struct FillPatterns<'a> {
    patterns: BTreeMap<Vec<bool>, usize>,
    filled: Vec<usize>,
    rows: usize,
    /// Whether so many rows have too few cells that it is the habit of the table.
    pub(crate) is_ragged_habit: bool,
    source: (&'a str, &'a Grid, usize),
    shapes: OnceCell<Shapes>,
}

impl<'a> FillPatterns<'a> {
    /// No patterns yet, of the rows of `grid` behind its header.
    pub(crate) fn new(text: &'a str, grid: &'a Grid, header_rows: usize) -> Self {
        Self {
            patterns: BTreeMap::new(),
            filled: vec![0; grid.width],
            rows: 0,
            is_ragged_habit: false,
            source: (text, grid, header_rows),
            shapes: OnceCell::new(),
        }
    }

    /// Bits of `text` in each column by the shapes of what whole rows print.
    fn shape_bits(&self, text: &str) -> Vec<f32> {
        let (source, grid, header_rows) = self.source;
        self.shapes.get_or_init(|| Shapes::of(source, grid, header_rows)).bits(text)
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

    /// Whether a row with too few cells counts: where that is the habit of the table, and no check asks for more.
    pub(crate) fn counts_ragged(&self, row: &LogicalRow<'_>, layout: &Layout) -> bool {
        self.is_ragged_habit && !lacks_result(row, layout)
    }

    /// Rows that were counted.
    pub(crate) fn rows(&self) -> usize {
        self.rows
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

    /// Bits of a pattern, for a row that was counted with the pattern `own`, or was not.
    fn bits(&self, pattern: &[bool], own: Option<&[bool]>) -> f32 {
        let seen = self.patterns.get(pattern).copied().unwrap_or(0) - usize::from(own == Some(pattern));
        let rows = self.rows - usize::from(own.is_some());
        let whole = -((seen as f32 + 0.5) / (rows as f32 + 1.5)).log2();
        let is_lost = |column: usize| {
            let was_filled = own.is_some_and(|own| own[column]);
            !pattern[column] && self.filled[column] - usize::from(was_filled) >= rows
        };
        let lost = (0..pattern.len()).filter(|column| is_lost(*column)).count() as f32;
        whole.max(0.0) + if seen == 0 { lost * LOST_VALUE } else { 0.0 }
    }
}

fn pattern_of(row: &LogicalRow<'_>, width: usize) -> Vec<bool> {
    (0..width).map(|column| row.runs.get(column).is_some_and(Option::is_some)).collect()
}

/// One reading of a row.
struct Reading<'t> {
    bits: f32,
    draft: RowDraft<'t>,
    /// Whether its blank cells may be lost values. Damage that moved values does not come with damage that lost some:
    /// only a row that stands has.
    has_losses: bool,
}

/// The readings of a row as displaced, the cheapest first.
pub(crate) struct Shifted<'t> {
    readings: Vec<Reading<'t>>,
    /// Columns that are blank in the row as it stands, and may be lost values.
    losses: Vec<usize>,
    pub(crate) bits: f32,
    /// Whether checks may tell another reading than the cheapest.
    is_open: bool,
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
    /// Columns that a check of the schema names in this row.
    pub(crate) named: &'a BTreeSet<usize>,
    /// Those of them that are empty.
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
    patterns: &FillPatterns<'_>,
    question: &Question<'_>,
    budget: &mut Budget,
) -> Option<Shifted<'t>> {
    let Question { named, expected, results, is_ragged } = *question;
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
    let is_counted = !is_ragged || patterns.counts_ragged(row, layout);
    let displaced = if is_ragged { DISPLACED_IN_RAGGED } else { DISPLACED };
    let crowded = split_crowded(&runs, width, layout);
    let ways = [Some(runs), crowded];
    let mut placements: Vec<(f32, Placed<'_, 't>)> = Vec::new();
    for (runs, merged) in ways.iter().zip([0.0, MERGED_CELL]) {
        let Some(runs) = runs else { continue };
        let shapes: Vec<Vec<f32>> = runs.iter().map(|(_, run)| patterns.shape_bits(&run.text)).collect();
        let fit = |index: usize, column: usize| {
            let shape = shapes[index].get(column).copied().unwrap_or(0.0);
            fit_of(&runs[index].1, column, layout) + shape
        };
        let found = place_runs(runs, width, layout, displaced, &fit);
        placements.extend(found.into_iter().map(|(bits, columns)| (bits + merged, Placed { runs, columns })));
    }
    for (bits, Placed { columns, .. }) in &mut placements {
        let mut pattern = vec![false; width];
        columns.iter().for_each(|column| pattern[*column] = true);
        *bits += patterns.bits(&pattern, is_counted.then_some(&own));
        let empty =
            |out: &&usize| (0..width).any(|column| layout.outs_of(column).contains(out) && !pattern[column]);
        *bits += EXPECTED_VALUE * named.iter().filter(empty).count() as f32;
        *bits += EXPECTED_RESULT * results.difference(named).filter(empty).count() as f32;
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
    let is_asked = is_ragged || !expected.is_empty() || !results.is_empty();
    let is_moved = placements.first().is_some_and(|(_, placed)| !stands(placed));
    // Which of several moved readings it is, patterns of rows that moved too do not say: checks do.
    let near = is_asked && placements.get(1).is_some_and(|(bits, _)| is_moved || bits - least < SETTLED);
    let is_as_it_stands = !near && !is_moved;
    let mut readings: Vec<Reading<'t>> = placements
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
            Reading { bits, draft, has_losses: false }
        })
        .collect();
    let asked: BTreeSet<usize> = expected.union(results).copied().collect();
    let lossy = if near { with_values_lost(row, layout, &readings, &asked) } else { None };
    let losses = lossy.iter().flat_map(|reading| blanks_of(reading, layout, &asked)).collect();
    readings.extend(lossy);
    Some(Shifted { readings, losses, bits: least, is_open: near, is_as_it_stands })
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
    let Some((place, (column, run))) = crowded.next().filter(|_| runs.len() < width) else {
        return split_words_and_amount(runs, width, layout);
    };
    if crowded.next().is_some() || layout.outs_of(*column).len() != 1 {
        return None;
    }
    let model = &layout.outs[layout.outs_of(*column).start].model;
    let grouped = super::groups::cut_grouped(&run.text, None).filter(|_| model.groups_by_blank);
    let pieces = grouped.unwrap_or_else(|| scan_spans(&run.text).into_vec());
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

/// The runs of a row, an amount behind words parted from them where the one column that is empty stands beside them and
/// holds such amounts.
fn split_words_and_amount<'t>(
    runs: &[(usize, Run<'t>)],
    width: usize,
    layout: &Layout,
) -> Option<Vec<(usize, Run<'t>)>> {
    let is_next = |index: usize| runs.get(index).map_or(width, |(next, _)| *next) == runs[index - 1].0 + 2;
    let place = (1..=runs.len()).find(|index| is_next(*index)).filter(|_| runs.len() + 1 == width)? - 1;
    let (column, run) = &runs[place];
    let model = |column: usize| layout.outs.get(layout.outs_of(column).start).map(|out| &out.model);
    let is_words = model(*column).is_some_and(|model| !model.is_numeric());
    let whole = Span::new(0, run.text.len());
    let amount = amount_behind(&run.text, whole).filter(|_| is_words)?;
    let number = run.sub(amount);
    let fits = model(column + 1).is_some_and(|model| model.is_numeric());
    if !fits || fit_of(&number, column + 1, layout) > TROUBLE {
        return None;
    }
    let words = run.sub(Span::new(0, amount.start).trimmed(&run.text));
    let parts = [(*column, words), (column + 1, number)];
    Some(runs[..place].iter().cloned().chain(parts).chain(runs[place + 1..].iter().cloned()).collect())
}

/// The row as it stands, values lost.
fn with_values_lost<'t>(
    row: &LogicalRow<'t>,
    layout: &Layout,
    readings: &[Reading<'t>],
    asked: &BTreeSet<usize>,
) -> Option<Reading<'t>> {
    let dearest = readings.last()?.bits;
    let draft = read_as_it_stands(row, layout);
    let is_blank = |out: &usize| draft.cells.get(*out).is_some_and(|cell| cell.slot == Slot::Blank);
    let any = asked.iter().any(is_blank);
    any.then_some(Reading { bits: dearest + VALUE_LOST, draft, has_losses: true })
}

/// The blank cells of a reading that may be lost values: those that checks ask for in this row, or read in every row.
fn blanks_of(reading: &Reading<'_>, layout: &Layout, asked: &BTreeSet<usize>) -> Vec<usize> {
    let cells = reading.draft.cells.iter().zip(&layout.outs).enumerate();
    let is_lost = |out: usize, is_checked: bool| is_checked || asked.contains(&out);
    cells
        .filter(|(out, (cell, column))| {
            cell.slot == Slot::Blank && column.model.is_numeric() && is_lost(*out, column.model.is_checked)
        })
        .map(|(out, _)| out)
        .collect()
}

/// The cheapest placements of runs over columns, order kept; costs without the patterns. `fit`: bits of a run in a column.
pub(super) fn place_runs(
    runs: &[(usize, Run<'_>)],
    width: usize,
    layout: &Layout,
    displaced: f32,
    fit: &dyn Fn(usize, usize) -> f32,
) -> Vec<(f32, Vec<usize>)> {
    let mut table: Vec<Vec<SmallVec<[Way; KEPT]>>> = vec![vec![SmallVec::new(); width]; runs.len()];
    for (index, (from, _)) in runs.iter().enumerate() {
        let left = runs.len() - index - 1;
        for column in index..width.saturating_sub(left) {
            // What would stand in a column that the result does not have would be lost.
            if layout.outs_of(column).is_empty() {
                continue;
            }
            let bits = fit(index, column);
            let mut ways: SmallVec<[Way; KEPT]> = SmallVec::new();
            if index == 0 {
                let start = displacement_bits(0, offset(column, *from), displaced);
                ways.push(Way { bits: bits + start, from: 0, rank: 0 });
            }
            for before in (0..column).filter(|_| index > 0) {
                let last = offset(before, runs[index - 1].0);
                let step = bits + displacement_bits(last, offset(column, *from), displaced);
                for (rank, way) in table[index - 1][before].iter().enumerate() {
                    keep(&mut ways, Way { bits: way.bits + step, from: before, rank });
                }
            }
            table[index][column] = ways;
        }
    }
    read_back(&table, width)
}

/// Columns to the right of where a run is printed.
pub(super) fn offset(column: usize, from: usize) -> isize {
    column.wrapping_sub(from) as isize
}

/// Cost of a run that is `next` columns to the right of where it is printed, behind one that is `last`.
pub(super) fn displacement_bits(last: isize, next: isize, displaced: f32) -> f32 {
    match next.cmp(&last) {
        Ordering::Equal => 0.0,
        Ordering::Greater => displaced,
        Ordering::Less => displaced + CELL_APPEARED,
    }
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
        let near = self.readings.get(1).map_or(f32::INFINITY, |second| second.bits - least);
        let Some((best, rest)) = self.readings.split_first() else { return };
        let mut settled = best.draft.clone();
        if near >= SETTLED && !self.is_open {
            settled.cells.iter_mut().for_each(|cell| cell.margin = cell.margin.min(near));
            push_row(settled, layout, &mut body.alignment);
            return;
        }
        let differs = |out: usize| {
            rest.iter().any(|other| {
                let (other, best) = (&other.draft.cells[out], &best.draft.cells[out]);
                let (own, rival) = (&best.content, &other.content);
                rival.spans != own.spans || rival.marks != own.marks || other.slot != best.slot
            })
        };
        let differing: Vec<usize> =
            (0..width).filter(|out| differs(*out) || self.losses.contains(out)).collect();
        let option = |reading: &Reading<'t>| ChoiceOption {
            bits: reading.bits - least,
            has_losses: reading.has_losses,
            cells: differing
                .iter()
                .map(|&out| {
                    let cell = &reading.draft.cells[out];
                    (row * width + out, cell.slot, cell.content.clone())
                })
                .collect(),
        };
        let all = self.readings.iter().map(option).collect();
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
