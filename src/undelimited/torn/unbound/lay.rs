//! A chain of runs laid out as header, records and columns, and set.

use super::{Chain, HEADER_CELLS, Kind, Piece, Run, is_column_of};
use crate::region::Form;
use crate::undelimited::set::SetTable;
use crate::undelimited::words::Words;

/// Bits that each cell of such a table gains: nothing but their number and looks vouches for them.
const CELL_GAIN: f32 = 2.5;
/// The margin of all cells: which records and columns stand in the print is a guess, and no proof of a number says
/// where its cell belongs.
const NO_MARGIN: f32 = -1.0;

/// A chain as a table.
pub(super) fn set_chain(words: &Words, cells: &[Piece], runs: &[Run], chain: &Chain) -> Option<SetTable> {
    let laid = if chain.by_records { record_cells(runs, chain) } else { column_cells(runs, chain) };
    let order = if chain.by_records { "records" } else { "columns" };
    let count = chain.runs.len();
    set_laid(
        words,
        cells,
        laid,
        &format!("{count} runs of {:?} values, {order} one after the other", chain.lengths),
    )
}

/// Header and rows as a table; `what` says how they are printed.
pub(super) fn set_laid(words: &Words, cells: &[Piece], (header, body): Laid, what: &str) -> Option<SetTable> {
    let width = body.first()?.len();
    let mut table = SetTable::new(Form::Torn, width);
    let mut used = vec![false; words.lines.len()];
    let mut place = |table: &mut SetTable, cell: &[usize], margin: f32| {
        for line in cell.iter().filter_map(|cell| cells.get(*cell)).flat_map(|cell| cell.lines.clone()) {
            used[line] = true;
            table.push_piece(words.lines[line].span);
        }
        table.close_cell(margin);
    };
    if header.iter().any(|cell| !cell.is_empty()) {
        header.iter().for_each(|cell| place(&mut table, cell, NO_MARGIN));
        table.close_row(false);
        table.header_rows = 1;
    }
    let mut count = 0;
    for row in &body {
        for cell in row {
            count += usize::from(!cell.is_empty());
            place(&mut table, cell, NO_MARGIN);
        }
        table.close_row(false);
    }
    let hull = table.hull();
    for (line, is_used) in words.lines.iter().zip(&used) {
        if !is_used && hull.contains(line.span) {
            table.left_over.push(line.span);
        }
    }
    table.left_over.extend(words.furniture.iter().filter(|span| hull.contains(**span)));
    table.left_over.sort_unstable();
    table.span = hull;
    table.gain = CELL_GAIN * count as f32;
    table.notes.push(format!("torn: {what}"));
    Some(table)
}

/// Header and rows as cells: lists of indices of cells.
pub(super) type Laid = (Vec<Vec<usize>>, Vec<Vec<Vec<usize>>>);

fn record_cells(runs: &[Run], chain: &Chain) -> Laid {
    let length = chain.lengths.first().copied().unwrap_or(0);
    let words_before = |run: usize| {
        run.checked_sub(1).and_then(|before| runs.get(before)).filter(|run| run.kind == Kind::Words)
    };
    // Of several cells of words the last is the label; the others are a group's name.
    let label_of = |run: usize| words_before(run).map_or(Vec::new(), |words| vec![words.cells.end - 1]);
    let record = |run: &usize| {
        let values = runs.get(*run).map_or(0..0, |run| run.cells.clone());
        std::iter::once(label_of(*run)).chain(values.map(|cell| vec![cell])).collect()
    };
    let body = chain.runs.iter().map(record).collect();
    let mut header = vec![Vec::new(); length + 1];
    if let Some(before) = chain.runs.first().and_then(|run| words_before(*run)) {
        let above = before.cells.start..before.cells.end - 1;
        if above.len() >= length && above.len() <= length + HEADER_CELLS {
            for (column, cell) in (0..=length).rev().zip(above.rev()) {
                header[column].push(cell);
            }
        }
    }
    (header, body)
}

fn column_cells(runs: &[Run], chain: &Chain) -> Laid {
    let records: usize = chain.lengths.iter().sum();
    let first = chain.runs.first().copied().unwrap_or(0);
    let last = chain.runs.last().copied().unwrap_or(0);
    let mut header = Vec::new();
    let mut columns: Vec<Vec<usize>> = Vec::new();
    let mut title: Vec<usize> = Vec::new();
    let mut next_title: Vec<usize> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for index in first.saturating_sub(1)..=(last + 1).min(runs.len().saturating_sub(1)) {
        let Some(run) = runs.get(index) else { continue };
        if chain.runs.contains(&index) {
            open.extend(run.cells.clone());
        } else if run.kind == Kind::Words && open.is_empty() && is_column_of(run, records) {
            // Its header stands in the run itself, before its cells, and that of the next column behind them.
            let behind = if chain.runs.contains(&(index + 1)) { usual_titles(runs, chain) } else { 0 };
            let end = run.cells.end - behind.min(run.cells.len() - records);
            title.extend(run.cells.start..end - records);
            open.extend(end - records..end);
            next_title.extend(end..run.cells.end);
        } else if run.kind == Kind::Words && open.is_empty() && index <= last {
            let start = run.cells.start.max(run.cells.end.saturating_sub(TITLE_CELLS));
            title = (start..run.cells.end).collect();
        }
        if open.len() == records {
            header.push(std::mem::replace(&mut title, std::mem::take(&mut next_title)));
            columns.push(std::mem::take(&mut open));
        }
    }
    let body = (0..records).map(|row| columns.iter().map(|column| vec![column[row]]).collect()).collect();
    (header, body)
}

/// Cells of words right before a column that are its title.
const TITLE_CELLS: usize = 3;

/// The number of cells of words that stand before most runs of a chain, but for those that hold a column of words.
fn usual_titles(runs: &[Run], chain: &Chain) -> usize {
    let records: usize = chain.lengths.iter().sum();
    if chain.is_single() {
        // As many before the labels as behind them; of one the values have it.
        let before = chain.runs.first().and_then(|run| runs.get(run.checked_sub(1)?));
        return before.map_or(0, |labels| labels.cells.len().saturating_sub(records).div_ceil(2));
    }
    let mut counts = [0; TITLE_CELLS + 1];
    for run in chain.runs.iter().step_by(chain.lengths.len().max(1)) {
        let before = run.checked_sub(1).and_then(|before| runs.get(before));
        let count = match before {
            Some(before) if before.kind == Kind::Words && is_column_of(before, records) => continue,
            Some(before) if before.kind == Kind::Words => before.cells.len(),
            _ => 0,
        };
        if let Some(seen) = counts.get_mut(count) {
            *seen += 1;
        }
    }
    // Of as many the fewer: a label is lost sooner than a title.
    (0..=TITLE_CELLS).rev().max_by_key(|count| counts[*count]).filter(|count| counts[*count] > 0).unwrap_or(0)
}
