//! Torn tables of numbers without a schema: columns or records as runs of values of equal length.
//!
//! Cut into cells (a line each, or a block of lines where blank lines part the cells), the text of a torn table is a
//! sequence of runs: words, then values, then words again. Printed column after column, the runs of values have as
//! many cells as the table has records, and the words before a run are its header; the run of words that is long
//! enough holds the labels. Printed record after record, the runs have as many cells as there are columns of values,
//! and the words before a run are its label. Where both fit, values of one column look more alike than values of one
//! record. A table is a chain of runs of one length with few words between them; prose, captions and lines of several
//! values end it.
//!
//! From each run a chain goes on for at most [`CHAIN`] runs: time linear in the cells.

use std::ops::Range;

use super::measure::is_number;
use crate::region::Form;
use crate::undelimited::set::SetTable;
use crate::undelimited::words::{Break, Words};

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
/// Words of a cell of words at most.
const CELL_WORDS: usize = 24;
/// Bits that each cell of such a table gains: nothing but their number and looks vouches for them.
const CELL_GAIN: f32 = 2.5;
/// The margin of all cells: which records and columns stand in the print is a guess, and no proof of a number says
/// where its cell belongs.
const NO_MARGIN: f32 = -1.0;

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

/// The torn tables of `words` that no schema is needed for.
pub(super) fn find_tables(text: &str, words: &Words) -> Vec<SetTable> {
    let cells = cells_of(text, words);
    let runs = runs_of(words, &cells);
    let mut tables = Vec::new();
    let mut at = 0;
    while at < runs.len() {
        let columns = chain_of_columns(text, words, &cells, &runs, at);
        let records = chain_of_records(&runs, at);
        let chain = match (columns, records) {
            (Some(columns), Some(records)) => {
                let fits = 2 * covered(&runs, &records) > covered(&runs, &columns)
                    && looks_right(text, words, &cells, &runs, &records) >= 0;
                Some(if fits { records } else { columns })
            }
            (columns, records) => columns.or(records),
        };
        match chain {
            Some(chain) if covered(&runs, &chain) >= LEAST_CELLS => {
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
    let chain = chains.max_by_key(|chain| (covered(runs, chain), std::cmp::Reverse(chain.lengths.len())))?;
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
fn chain_of_records(runs: &[Run], first: usize) -> Option<Chain> {
    let length = runs.get(first).filter(|run| run.kind == Kind::Value)?.cells.len();
    if length < LEAST_VALUES {
        return None;
    }
    let mut chain = vec![first];
    let mut at = first;
    while let (Some(label), Some(values)) = (runs.get(at + 1), runs.get(at + 2)) {
        let fits =
            label.kind == Kind::Words && label.cells.len() <= LABEL_CELLS && values.kind == Kind::Value;
        if !fits || values.cells.len() != length || chain.len() >= CHAIN {
            break;
        }
        at += 2;
        chain.push(at);
    }
    (chain.len() >= LEAST_RUNS).then_some(Chain { runs: chain, lengths: vec![length], by_records: true })
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

/// A chain as a table.
fn set_chain(words: &Words, cells: &[Piece], runs: &[Run], chain: &Chain) -> Option<SetTable> {
    let (header, body) = if chain.by_records { record_cells(runs, chain) } else { column_cells(runs, chain) };
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
    let order = if chain.by_records { "records" } else { "columns" };
    table.notes.push(format!(
        "torn: {} runs of {:?} values, {order} one after the other",
        chain.runs.len(),
        chain.lengths
    ));
    Some(table)
}

/// Header and rows as cells: lists of indices of cells.
type Laid = (Vec<Vec<usize>>, Vec<Vec<Vec<usize>>>);

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
    let mut open: Vec<usize> = Vec::new();
    for index in first.saturating_sub(1)..=(last + 1).min(runs.len().saturating_sub(1)) {
        let Some(run) = runs.get(index) else { continue };
        if chain.runs.contains(&index) {
            open.extend(run.cells.clone());
        } else if run.kind == Kind::Words && open.is_empty() && is_column_of(run, records) {
            let start = run.cells.end - records;
            // A header stands in the run itself, before its cells.
            title.extend(run.cells.start..start);
            open.extend(start..run.cells.end);
        } else if run.kind == Kind::Words && open.is_empty() && index <= last {
            let start = run.cells.start.max(run.cells.end.saturating_sub(TITLE_CELLS));
            title = (start..run.cells.end).collect();
        }
        if open.len() == records {
            header.push(std::mem::take(&mut title));
            columns.push(std::mem::take(&mut open));
        }
    }
    let body = (0..records).map(|row| columns.iter().map(|column| vec![column[row]]).collect()).collect();
    (header, body)
}

/// Cells of words right before a column that are its title.
const TITLE_CELLS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    /// The rows of the tables of `text`, cells joined by `|`, headers too.
    fn tables(text: &str) -> Vec<Vec<String>> {
        let words = Words::read(text, Span::new(0, text.len()), |_| false);
        let rows_of = |mut table: SetTable| {
            assert!(table.sweep(text), "a word stands in two cells");
            (0..table.row_count())
                .map(|row| {
                    let cells = (0..table.width).map(|column| {
                        let pieces = table.cell(row, column).pieces.iter().map(|piece| piece.slice(text));
                        pieces.collect::<Vec<_>>().join(" ")
                    });
                    cells.collect::<Vec<_>>().join("|")
                })
                .collect()
        };
        find_tables(text, &words).into_iter().map(rows_of).collect()
    }

    #[test]
    fn columns_one_after_the_other() {
        let text = "Bergen\nLeith\nHull\nCork\n\n14\n9\n31\n7\n\nDepth (m)\n8.5\n7.2\n9.9\n6.1\n\nFee\n120\n85\n240\n60\n";
        let rows =
            ["||Depth (m)|Fee", "Bergen|14|8.5|120", "Leith|9|7.2|85", "Hull|31|9.9|240", "Cork|7|6.1|60"];
        assert_eq!(tables(text), [rows]);
    }

    #[test]
    fn columns_in_two_blocks_each() {
        let text = "Year\n1991\n1994\n1998\n\nPlanned\n2005\n2012\n\nTons\n120\n85\n240\n\n60\n75\n\nTrips\n12\n8\n24\n\n6\n7\n";
        let found = tables(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0][1..], ["1991|120|12", "1994|85|8", "1998|240|24", "2005|60|6", "2012|75|7"]);
    }

    #[test]
    fn records_one_after_the_other() {
        let text = "Harbour\n\nBerths\n\nDepth (m)\n\nFee\n\nBergen\n\n14\n\n8.5\n\n1,200\n\nLeith\n\n29\n\n7.2\n\n1,850\n\n\
            Hull\n\n31\n\n9.9\n\n2,400\n\nCork\n\n17\n\n6.1\n\n1,600\n";
        let rows = [
            "Harbour|Berths|Depth (m)|Fee",
            "Bergen|14|8.5|1,200",
            "Leith|29|7.2|1,850",
            "Hull|31|9.9|2,400",
            "Cork|17|6.1|1,600",
        ];
        assert_eq!(tables(text), [rows]);
    }

    #[test]
    fn labels_on_two_lines_are_one_cell() {
        let text = "Ports of the\nnorth\n\n14\n\n8.5\n\n1,200\n\nLeith\n\n29\n\n7.2\n\n1,850\n\nHull\n\n31\n\n9.9\n\n2,400\n\n\
            Cork and\nCobh\n\n17\n\n6.1\n\n1,600\n";
        let found = tables(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0][0].as_str(), found[0][3].as_str()),
            ("Ports of the north|14|8.5|1,200", "Cork and Cobh|17|6.1|1,600")
        );
    }

    #[test]
    fn contents_scales_and_lists_are_no_tables() {
        for text in [
            "",
            "Introduction\n\n3\n\nMethods\n\n12\n\nResults\n\n27\n\nSources\n\n41\n",
            "0\n20\n40\n60\n\n1990\n1995\n2000\n2005\n\nTons\n\n0%\n10%\n20%\n30%\n",
            "1\nBolts\n2\nNuts\n3\nScrews\n4\nNails\n",
            "The harbour was dredged.\n\n14\n15\n16\n\nIt was dredged again.\n",
        ] {
            assert!(tables(text).is_empty(), "{text}: {:?}", tables(text));
        }
    }
}
