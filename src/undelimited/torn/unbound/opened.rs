//! Records that open with a year: with no word between them the values of all records are one run, in which the years of
//! one record after the other stand at equal distances.

use super::{HEADER_CELLS, Kind, LEAST_CELLS, Laid, Piece, Run};
use crate::undelimited::words::Words;

/// Values of a record, its year included.
const LEAST_PERIOD: usize = 3;
const MOST_PERIOD: usize = 16;
/// Records at least.
const LEAST_RECORDS: usize = 3;

/// The run of values `at` as such records; the last may lack values at its end.
pub(super) fn records_by_year(
    text: &str,
    words: &Words,
    cells: &[Piece],
    runs: &[Run],
    at: usize,
) -> Option<Laid> {
    let run = runs.get(at).filter(|run| run.kind == Kind::Value && run.cells.len() >= LEAST_CELLS)?;
    let years: Vec<Option<i32>> =
        run.cells.clone().map(|cell| cells.get(cell).and_then(|cell| year_of(text, words, cell))).collect();
    let period = 1 + years.iter().skip(1).position(Option::is_some)?;
    if !(LEAST_PERIOD..=MOST_PERIOD).contains(&period) || !are_at(&years, period) {
        return None;
    }
    let mut header = vec![Vec::new(); period];
    let titles = at.checked_sub(1).and_then(|before| runs.get(before)).filter(|run| run.kind == Kind::Words);
    if let Some(titles) = titles.filter(|titles| titles.cells.len() + 1 >= period) {
        // Other words may stand above; where there are just as many titles as columns the years have one.
        let count = if titles.cells.len() <= period { titles.cells.len() } else { period - 1 };
        if titles.cells.len() <= count + HEADER_CELLS {
            for (column, cell) in (0..period).rev().zip(titles.cells.clone().rev().take(count)) {
                header[column].push(cell);
            }
        }
    }
    let values: Vec<usize> = run.cells.clone().collect();
    let record = |record: &[usize]| {
        (0..period).map(|column| record.get(column).copied().into_iter().collect()).collect()
    };
    Some((header, values.chunks(period).map(record).collect()))
}

/// Whether years stand at every `period`th place and nowhere else, each as far from the last.
fn are_at(years: &[Option<i32>], period: usize) -> bool {
    let is_there = years.iter().enumerate().all(|(place, year)| year.is_some() == (place % period == 0));
    let found: Vec<i32> = years.iter().flatten().copied().collect();
    let steps: Vec<i32> = found.windows(2).map(|pair| pair[1] - pair[0]).collect();
    is_there
        && found.len() >= LEAST_RECORDS
        && steps.first().is_some_and(|first| first.abs() == 1 && steps.iter().all(|step| step == first))
}

/// The year that a cell prints, alone.
fn year_of(text: &str, words: &Words, cell: &Piece) -> Option<i32> {
    let line = words.lines.get(cell.lines.start).filter(|line| line.end == line.first + 1)?;
    let print = words.words.get(line.first)?.span.slice(text);
    let year = (print.len() == 4).then(|| print.parse().ok()).flatten()?;
    (1900..=2100).contains(&year).then_some(year)
}
