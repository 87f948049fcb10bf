//! Torn tables of numbers without a schema: columns or records as runs of values of equal length.
//!
//! Cut into cells (a line each, or a block of lines where blank lines part the cells), the text of a torn table is a
//! sequence of runs: words, then values, then words again. Printed column after column, the runs of values have as
//! many cells as the table has records, and the words before a run are its header; the run of words that is long
//! enough holds the labels. Printed record after record, the runs have as many cells as there are columns of values,
//! and the words before a run are its label. Where both fit, values of one column look more alike than values of one
//! record. A table is a chain of runs of one length with few words between them; prose, captions and lines of several
//! values end it. One value a record is a table where the values say so ([`single`]), and records that open with a year
//! are one run of values ([`opened`]).
//!
//! From each run a chain goes on for at most [`CHAIN`] runs: time linear in the cells.

mod lay;
mod opened;
mod single;

use std::ops::Range;

use super::measure::is_number;
use crate::text::Span;
use crate::undelimited::print::Print;
use crate::undelimited::set::SetTable;
use crate::undelimited::words::{Break, Words};

use lay::{Laid, set_chain, set_laid};

/// Runs that a chain is followed for.
const CHAIN: usize = 128;
/// Values of a column at least, where the print goes column after column; columns of values at least.
const LEAST_RECORDS: usize = 3;
const LEAST_COLUMNS: usize = 2;
/// Records at least, where it goes record after record; values of a record at least.
const LEAST_RUNS: usize = 3;
const LEAST_VALUES: usize = 2;
/// Cells of words that may be a header, or the label of a record.
const HEADER_CELLS: usize = 6;
const LABEL_CELLS: usize = 4;
/// Values of a table at least: fewer stand in a row by chance.
const LEAST_CELLS: usize = 12;
/// Words of a value at most: a sign or a note may stand apart.
const VALUE_WORDS: usize = 2;
/// Words of a cell of words at most.
const CELL_WORDS: usize = 24;

/// A cell: its lines, and whether it is a value.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    lines: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Value,
    Words,
    /// No cell of such a table.
    Other,
}

/// A run of cells of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    cells: Range<usize>,
    kind: Kind,
}

/// How a chain of runs is a table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Chain {
    /// Its runs of values, by index.
    runs: Vec<usize>,
    /// Cells of the runs of one column, which may be printed in several, or of one record.
    lengths: Vec<usize>,
    by_records: bool,
}

impl Chain {
    /// Whether it has one value a record.
    fn is_single(&self) -> bool {
        if self.by_records { self.lengths == [1] } else { self.runs.len() == self.lengths.len() }
    }

    /// Values that it must have to be a table.
    fn least_cells(&self) -> usize {
        if self.is_single() { single::LEAST_VALUES } else { LEAST_CELLS }
    }
}

/// Whether enough lines of a span may be values of such a table: none of them has more than [`VALUE_WORDS`].
pub(super) fn may_hold_tables(print: &Print<'_>, span: Span) -> bool {
    let first = print.lines.partition_point(|line| line.line.span.end <= span.start);
    let lines = print.lines.iter().skip(first).take_while(|line| line.line.span.start < span.end);
    let lines = lines.filter(|line| !line.is_blank() && (line.blanks as usize) < VALUE_WORDS);
    lines.take(single::LEAST_VALUES).count() == single::LEAST_VALUES
}

/// The torn tables of `words` that no schema is needed for.
pub(super) fn find_tables(text: &str, words: &Words) -> Vec<SetTable> {
    let cells = cells_of(text, words);
    let runs = runs_of(words, &cells);
    let mut tables = Vec::new();
    let mut at = 0;
    while at < runs.len() {
        if let Some(laid) = opened::records_by_year(text, words, &cells, &runs, at) {
            tables.extend(set_laid(words, &cells, laid, "records that open with a year"));
            at += 1;
            continue;
        }
        let columns = chain_of_columns(text, words, &cells, &runs, at);
        let records = chain_of_records(text, words, &cells, &runs, at);
        let chain = match (columns, records) {
            (Some(columns), Some(records)) => {
                let fits = 2 * covered(&runs, &records) > covered(&runs, &columns)
                    && looks_right(text, words, &cells, &runs, &records) >= 0;
                Some(if fits { records } else { columns })
            }
            (columns, records) => columns.or(records),
        };
        match chain {
            Some(chain) if covered(&runs, &chain) >= chain.least_cells() => {
                at = chain.runs.last().map_or(at, |last| *last) + 1;
                tables.extend(set_chain(words, &cells, &runs, &chain));
            }
            _ => at += 1,
        }
    }
    tables
}

/// The cells of a text: a line each; where most values stand in blocks of their own, a block of words each.
fn cells_of(text: &str, words: &Words) -> Vec<Piece> {
    let kinds: Vec<Kind> =
        words.lines.iter().map(|line| kind_of(text, words, line.first, line.end, line.is_prose)).collect();
    let starts_block = |line: usize| {
        words
            .lines
            .get(line)
            .and_then(|line| words.words.get(line.first))
            .is_none_or(|word| word.before >= Break::Blank)
    };
    let mut cells: Vec<Piece> = Vec::new();
    for (line, &kind) in kinds.iter().enumerate() {
        if kind == Kind::Words
            && !starts_block(line)
            && let Some(last) = cells.last_mut()
            && last.kind == Kind::Words
            && is_lone_block(words, &kinds, last.lines.start, line)
        {
            last.lines.end = line + 1;
        } else {
            cells.push(Piece { lines: line..line + 1, kind });
        }
    }
    cells
}

/// Lines of words that stand in one block at most, if they are one cell.
const BLOCK_LINES: usize = 4;

/// Whether the block of words from line `first` to `line` is one cell: short, and among blocks of one cell.
fn is_lone_block(words: &Words, kinds: &[Kind], first: usize, line: usize) -> bool {
    let before = |line: usize| {
        words
            .lines
            .get(line)
            .and_then(|line| words.words.get(line.first))
            .map_or(Break::Blank, |word| word.before)
    };
    // Bounded, lest every line of a long block look for its end.
    let Some(end) = (line + 1..=first + BLOCK_LINES).find(|line| before(*line) >= Break::Blank) else {
        return false;
    };
    let is_single = |line: usize| {
        kinds.get(line) == Some(&Kind::Value)
            && before(line) >= Break::Blank
            && (line + 1 >= words.lines.len() || before(line + 1) >= Break::Blank)
    };
    let near =
        (first.saturating_sub(NEAR_LINES)..first).chain(end..(end + NEAR_LINES).min(words.lines.len()));
    let (single, all) = near
        .filter(|line| kinds.get(*line) == Some(&Kind::Value))
        .fold((0, 0), |(single, all), line| (single + usize::from(is_single(line)), all + 1));
    single * 2 > all
}

/// Lines around a block that say how cells are parted.
const NEAR_LINES: usize = 12;

fn kind_of(text: &str, words: &Words, first: usize, end: usize, is_prose: bool) -> Kind {
    let run = words.words.get(first..end).unwrap_or_default();
    if is_prose || run.len() > CELL_WORDS {
        return Kind::Other;
    }
    let print = |index: usize| run.get(index).map_or("", |word| word.span.slice(text));
    let numbers = (0..run.len()).filter(|index| is_value(print(*index))).count();
    match (numbers, run.len()) {
        (1, 1) => Kind::Value,
        // A currency sign apart, a note behind.
        (1, 2) if is_sign(print(0)) && is_value(print(1)) => Kind::Value,
        (1, 2)
            if is_value(print(0))
                && (is_sign(print(1)) || print(1).starts_with('(') && print(1).len() <= 4) =>
        {
            Kind::Value
        }
        (2, 2) if print(1).starts_with('(') && print(1).len() <= 4 => Kind::Value,
        (0 | 1, _) => Kind::Words,
        (numbers, all) if numbers * 2 > all => Kind::Other,
        _ => Kind::Words,
    }
}

fn is_sign(word: &str) -> bool {
    matches!(word, "$" | "€" | "£" | "%" | "*" | "**" | "†")
}

/// A number with its signs, or a mark for none.
fn is_value(word: &str) -> bool {
    let body = word.trim_matches(|c: char| matches!(c, '$' | '€' | '£' | '%' | '*' | '†' | '~' | '<' | '>'));
    // `$1.1M`: a scale behind an amount.
    let body = if body.len() < word.len() {
        body.trim_end_matches(['k', 'K', 'm', 'M', 'b', 'B', 'n'])
    } else {
        body
    };
    is_number(body) && !body.is_empty() || matches!(word, ":" | "na" | "n.a." | "c" | "nd") || word == "N.A."
}

/// Runs of cells of one kind; where values stand in blocks of several, a block's end is a run's end.
fn runs_of(words: &Words, cells: &[Piece]) -> Vec<Run> {
    let before = |cell: &Piece| {
        words
            .lines
            .get(cell.lines.start)
            .and_then(|line| words.words.get(line.first))
            .map_or(Break::Blank, |word| word.before)
    };
    let mut runs: Vec<Run> = Vec::new();
    for (index, cell) in cells.iter().enumerate() {
        let joins = runs.last().is_some_and(|run| {
            let inner = cells.get(run.cells.start + 1).filter(|_| run.cells.len() > 1);
            // The second cell of a run says whether its cells stand in one block.
            let in_block = inner.is_some_and(|inner| before(inner) < Break::Blank);
            let is_alike = match before(cell) {
                Break::Page => false,
                Break::Blank => !in_block,
                _ => run.cells.len() == 1 || in_block,
            };
            run.kind == cell.kind && (is_alike || cell.kind == Kind::Words && before(cell) != Break::Page)
        });
        match runs.last_mut() {
            Some(run) if joins => run.cells.end = index + 1,
            _ => runs.push(Run { cells: index..index + 1, kind: cell.kind }),
        }
    }
    runs
}

/// The chain of columns that starts with run `first`: of columns in one run each, or in several of lengths that recur.
fn chain_of_columns(text: &str, words: &Words, cells: &[Piece], runs: &[Run], first: usize) -> Option<Chain> {
    runs.get(first).filter(|run| run.kind == Kind::Value)?;
    let chains = (1..=COLUMN_RUNS).filter_map(|count| chain_of_cycle(runs, first, count));
    let chain = chains.max_by_key(|chain| (covered(runs, chain), std::cmp::Reverse(chain.lengths.len())));
    let Some(chain) = chain else { return single::lone_column(text, words, cells, runs, first) };
    let is_telling = |run: &&usize| runs.get(**run).is_some_and(|run| !is_scale(text, words, cells, run));
    let telling = chain.runs.iter().filter(is_telling).count() / chain.lengths.len();
    (telling >= LEAST_COLUMNS).then_some(chain)
}

/// Runs that a column may be printed in: its groups of records, each a block.
const COLUMN_RUNS: usize = 3;

/// The chain from run `first` whose columns are `count` runs each.
fn chain_of_cycle(runs: &[Run], first: usize, count: usize) -> Option<Chain> {
    let mut lengths: Vec<usize> = Vec::new();
    let mut chain: Vec<usize> = Vec::new();
    let mut missed = 0;
    for (index, run) in runs.iter().enumerate().skip(first).take(CHAIN) {
        let length = run.cells.len();
        match run.kind {
            Kind::Value if lengths.len() < count => {
                lengths.push(length);
                chain.push(index);
            }
            Kind::Value if length == lengths[chain.len() % count] => {
                chain.push(index);
                missed = 0;
            }
            // A column with holes: where they stand cannot be told.
            Kind::Value if count == 1 && length < lengths[0] && missed < MISSED => missed += 1,
            Kind::Words if length <= HEADER_CELLS || is_column_of(run, lengths.iter().sum()) => {}
            _ => break,
        }
    }
    chain.truncate(chain.len() / count * count);
    let is_one = count > 1 && lengths.windows(2).all(|pair| pair[0] == pair[1]);
    let records: usize = lengths.iter().sum();
    (records >= LEAST_RECORDS && chain.len() >= LEAST_COLUMNS * count && !is_one).then_some(Chain {
        runs: chain,
        lengths,
        by_records: false,
    })
}

/// Columns with holes in a row that a chain passes over.
const MISSED: usize = 1;

/// Values of a chain.
fn covered(runs: &[Run], chain: &Chain) -> usize {
    chain.runs.iter().filter_map(|run| runs.get(*run)).map(|run| run.cells.len()).sum()
}

/// Whether a run of words may be a header and a column of `length` cells.
fn is_column_of(run: &Run, length: usize) -> bool {
    (length..=length + HEADER_CELLS).contains(&run.cells.len())
}

/// The chain of records that starts with run `first`.
fn chain_of_records(text: &str, words: &Words, cells: &[Piece], runs: &[Run], first: usize) -> Option<Chain> {
    let length = runs.get(first).filter(|run| run.kind == Kind::Value)?.cells.len();
    let is_single = length < LEAST_VALUES;
    let most = if is_single { single::LABEL_CELLS } else { LABEL_CELLS };
    let mut chain = vec![first];
    let mut at = first;
    while let (Some(label), Some(values)) = (runs.get(at + 1), runs.get(at + 2)) {
        let fits = label.kind == Kind::Words && label.cells.len() <= most && values.kind == Kind::Value;
        if !fits || values.cells.len() != length || chain.len() >= CHAIN {
            break;
        }
        at += 2;
        chain.push(at);
    }
    let least = if is_single { single::LEAST_VALUES } else { LEAST_RUNS };
    if chain.len() < least || is_single && !single::are_telling(text, words, cells, runs, &chain) {
        return None;
    }
    Some(Chain { runs: chain, lengths: vec![length], by_records: true })
}

/// Numbers in equal steps: the scale of a chart, numbers of lines.
fn is_scale(text: &str, words: &Words, cells: &[Piece], run: &Run) -> bool {
    let number = |cell: &Piece| -> Option<f64> {
        let line = words.lines.get(cell.lines.start)?;
        let print = words.words.get(line.first)?.span.slice(text);
        print.trim_end_matches(['%', '.', ')']).replace(',', "").parse().ok()
    };
    let numbers: Option<Vec<f64>> =
        cells.get(run.cells.clone()).unwrap_or_default().iter().map(number).collect();
    numbers.filter(|numbers| numbers.len() > 2).is_some_and(|numbers| {
        numbers.windows(3).all(|three| {
            let [a, b, c] = three else { return false };
            ((b - a) - (c - b)).abs() < 1e-6 && a != b
        })
    })
}

/// How many neighbours down the columns look alike, less how many along the records do, if `chain` goes by records.
fn looks_right(text: &str, words: &Words, cells: &[Piece], runs: &[Run], chain: &Chain) -> i64 {
    let look = |cell: usize| {
        let line = cells.get(cell).and_then(|cell| words.lines.get(cell.lines.start));
        let word = line.and_then(|line| words.words.get(line.first)).map_or("", |word| word.span.slice(text));
        let decimals =
            word.split_once('.').map_or(0, |(_, rest)| rest.bytes().filter(u8::is_ascii_digit).count());
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        (decimals, word.contains('%'), word.contains(','), digits)
    };
    let at = |run: usize, place: usize| {
        chain.runs.get(run).and_then(|run| runs.get(*run)).map(|run| run.cells.start + place)
    };
    let &[length] = chain.lengths.as_slice() else { return 0 };
    let mut score = 0;
    for run in 0..chain.runs.len() {
        for place in 0..length {
            let Some(here) = at(run, place).map(look) else { continue };
            let across = at(run + 1, place).map(look);
            let along = (place + 1 < length).then(|| at(run, place + 1).map(look)).flatten();
            score += i64::from(across == Some(here)) - i64::from(along == Some(here));
        }
    }
    score
}

#[cfg(test)]
mod tests;
