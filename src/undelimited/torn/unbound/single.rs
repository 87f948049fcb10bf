//! Tables of labels and one value each. Contents pages, numbered headings and lists look the same, so the values must be
//! amounts or shares, or decimals that do not climb.

use super::{Chain, Kind, Piece, Run};
use crate::undelimited::words::Words;

/// Values at least.
pub(super) const LEAST_VALUES: usize = 6;
/// Cells of words that may be the label of a record, with the name of its group.
pub(super) const LABEL_CELLS: usize = 2;
/// Cells of words beside its labels that a column may stand with: their title and that of the values.
const TITLES: usize = 4;

/// The run of values `first` as the only column of a table, with a column of labels before it.
pub(super) fn lone_column(
    text: &str,
    words: &Words,
    cells: &[Piece],
    runs: &[Run],
    first: usize,
) -> Option<Chain> {
    let records = runs.get(first)?.cells.len();
    let labels = first.checked_sub(1).and_then(|before| runs.get(before))?;
    let fits = labels.kind == Kind::Words && (records..=records + TITLES).contains(&labels.cells.len());
    let is_table = fits && records >= LEAST_VALUES && are_telling(text, words, cells, runs, &[first]);
    is_table.then(|| Chain { runs: vec![first], lengths: vec![records], by_records: false })
}

/// Whether the values of `chain` say that they are no numbers of pages, headings or items.
pub(super) fn are_telling(text: &str, words: &Words, cells: &[Piece], runs: &[Run], chain: &[usize]) -> bool {
    let prints =
        chain.iter().filter_map(|run| runs.get(*run)).flat_map(|run| run.cells.clone()).filter_map(|cell| {
            let line = words.lines.get(cells.get(cell)?.lines.start)?;
            let last = words.words.get(line.first..line.end)?.last()?;
            Some(words.words.get(line.first)?.span.cover(last.span).slice(text))
        });
    let prints: Vec<&str> = prints.collect();
    let most = |count: usize| count * 4 >= prints.len() * 3;
    let is_amount = |print: &&&str| print.contains(['$', '€', '£', '%']);
    if most(prints.iter().filter(is_amount).count()) {
        return true;
    }
    let decimal = |print: &&str| -> Option<f64> {
        let (_, places) = print.split_once('.')?;
        places
            .starts_with(|c: char| c.is_ascii_digit())
            .then(|| print.replace(',', "").parse().ok())
            .flatten()
    };
    let decimals: Vec<f64> = prints.iter().filter_map(decimal).collect();
    let falls = decimals.windows(2).filter(|pair| pair[1] < pair[0]).count();
    most(decimals.len()) && falls * 4 >= decimals.len()
}
