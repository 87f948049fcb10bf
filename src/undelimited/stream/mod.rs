//! Tables whose rows follow one another word by word: *flattened* text prints a line a row with single blanks, and
//! empty cells vanish; *stacked* text prints a cell a line, wrapped cells over several. Both are one stream of words in
//! the order of rows and columns; what differs is what a line end testifies, and that is learned from the table itself.
//!
//! ```text
//! lines ─► words (shape, form, gap before) ─► reading ─► costs learned from it ─► reading ... ─► margins ─► set table
//!            furniture, headers aside          read        costs                                   read       set
//! ```
//!
//! A reading is the cheapest segmentation of the words into cells of rows ([`read`]); the costs are bits relative to
//! prose ([`costs`]). The first reading knows only the types of the columns; what it finds clear teaches the next
//! (hard expectation maximisation, at most [`ROUNDS`] rounds, from both styles; the cheaper end stays). Prose costs
//! nothing, so a table begins and ends where reading on gains nothing.

mod column;
mod costs;
mod furniture;
mod infer;
mod late;
mod read;
mod set;
mod shape;
mod words;

use itertools::Itertools;

use super::head::{Head, HeadFinder, HeadWord, Vocabulary};
use super::print::Print;
use super::set::{SetBinding, SetTable};
use crate::budget::Budget;
use crate::region::Form;
use crate::schema::{Catalog, Schema};
use crate::text::Span;

use column::{Column, Kind, as_values, columns_of, without_labels};
use costs::{Cell, Costs, PhraseHashes, Rule, Style};
use infer::Block;
use late::LateCell;
use read::Stream;
use words::{Gap, Words};

/// Rounds of reading and learning from each style; most tables settle in three.
const ROUNDS: usize = 5;
/// Bits that a table with a printed header must gain on prose.
const LEAST_GAIN: f32 = 12.0;
/// The same for a table that no schema vouches for.
const LEAST_GAIN_ALONE: f32 = 40.0;
/// Schemas of a catalog that are tried.
const SCHEMAS: usize = 12;
/// Bits of the expectation that all columns of text but the first hold values: schemas call a column text where one
/// cell in ten is no number, so that half the tables of amounts have such a column.
const ALL_VALUES: f32 = 3.0;
/// Share of the header words that must be printed for a schema to be tried; more where no caller named the schema.
const COVERAGE: f32 = 0.3;
const COVERAGE_BUILTIN: f32 = 0.7;
/// Heads this near the best one are the header again.
const REPEATED: f32 = 0.8;
/// A table with fewer rows under its header may stand elsewhere: some extractors print a wrapped header last.
const FEW_ROWS: usize = 3;
/// The same for cells that only their words part from a neighbour.
const SOFT_SCALE: f32 = 0.17;
/// Bits by which a cell with a broken word is sure at most.
const BROKEN_WORD: f32 = 4.0;
/// Two readings that were learned from different starts are nearer than their bits say: each fits its own model.
const RIVAL_SCALE: f32 = 0.5;
/// Margins are of a model that learned from the same words; measured on many tables they say too much by this factor.
const MARGIN_SCALE: f32 = 0.5;

impl Reading {
    /// A cell a line, or several on one: whichever most cells of a row are.
    fn form(&self, words: &Words) -> Form {
        let inner = self.cells.iter().filter(|cell| !cell.opens_row);
        let starts = inner.filter_map(|cell| words.words.get(cell.start as usize));
        let (on_lines, all) =
            starts.fold((0, 0), |(lines, all), word| (lines + usize::from(word.gap.is_line()), all + 1));
        if on_lines * 2 > all { Form::Stacked } else { Form::Flattened }
    }
}

/// A stream as read.
struct Reading {
    cells: Vec<Cell>,
    margins: Vec<f32>,
    /// Cells printed behind the table.
    late: Vec<LateCell>,
    bits: f32,
    /// The rounds, for people.
    notes: Vec<String>,
}

/// A reading that learning from one start has come to.
struct Candidate<'c> {
    bits: f32,
    style: Style,
    columns: &'c [Column],
    cells: Vec<Cell>,
}

/// The tables of a print that are read so, each with the bits that the reading gains.
pub(crate) fn find_tables(
    print: &Print<'_>,
    catalog: &Catalog,
    vocabulary: &mut Vocabulary,
    budget: &mut Budget,
) -> Vec<SetTable> {
    let mut furniture: Option<Vec<bool>> = None;
    let least = if catalog.is_builtin() { COVERAGE_BUILTIN } else { COVERAGE };
    let mut tables = Vec::new();
    for (index, schema) in catalog.schemas().iter().enumerate().take(SCHEMAS) {
        let Some(finder) = catalog.derived(index, HeadFinder::new) else { continue };
        let heads = finder.find_heads(print, vocabulary, least);
        if heads.is_empty() {
            continue;
        }
        let furniture = furniture.get_or_insert_with(|| furniture::find_furniture(print));
        tables.extend(read_with(print, (index, schema), &finder, &heads, furniture, budget));
    }
    let bound: Vec<Span> = tables.iter().map(|table: &SetTable| table.span).collect();
    let is_free = |line: usize| {
        print.lines.get(line).is_some_and(|line| !bound.iter().any(|span| span.overlaps(line.body)))
    };
    let blocks = infer::find_blocks(print, is_free);
    tables.extend(blocks.iter().filter_map(|block| read_block(print, block, budget)));
    tables
}

/// The table of `schema` under its first head, or, where the head stands in no place to begin with, anywhere.
fn read_with(
    print: &Print<'_>,
    (index, schema): (usize, &Schema),
    finder: &HeadFinder,
    heads: &[Head],
    furniture: &[bool],
    budget: &mut Budget,
) -> Option<SetTable> {
    let best = heads.iter().map(Head::score).fold(0.0, f32::max);
    let mut repeats = heads.iter().filter(|head| head.score() >= REPEATED * best);
    let head = repeats.next()?;
    let repeats: Vec<&Head> = repeats.collect();
    let is_left_out = |line: usize| {
        furniture.get(line).copied().unwrap_or(false)
            || head.lines.contains(&line)
            || repeats.iter().any(|head| head.lines.contains(&line))
    };
    let columns = columns_of(schema);
    let mut found: Option<SetTable> = None;
    for start in [head.lines.end, 0] {
        let lines = start..print.lines.len();
        let words = Words::new(print, lines.clone(), is_left_out);
        let reading = read_stream(print.text, &words, &columns, start > 0, budget)
            .filter(|reading| reading.bits <= -LEAST_GAIN);
        if let Some(mut reading) = reading {
            let is_head = |word: usize| {
                words.words.get(word).is_some_and(|word| finder.has(word.span.slice(print.text)))
            };
            reading.late = late::find_late_cells(&words, &columns, &mut reading.cells, is_head);
            reading.margins.truncate(reading.cells.len());
            let left_out: Vec<Span> = lines
                .filter(|line| is_left_out(*line))
                .filter_map(|line| print.lines.get(line))
                .map(|line| line.body)
                .collect();
            let head = (start > 0).then_some(head);
            let table = set::set_table(print, &words, &reading, columns.len(), head, &left_out);
            if found.as_ref().is_none_or(|known| known.gain < table.gain) {
                found = Some(table);
            }
        }
        if found.as_ref().is_some_and(|table| table.row_count() - table.header_rows >= FEW_ROWS) {
            break;
        }
    }
    let mut table = found?;
    table.binding = Some(SetBinding { schema: index, fields: (0..columns.len()).map(Some).collect() });
    Some(table)
}

/// The most that a cell's margin says where no schema names the columns: their number is a guess then, and no cell
/// is surer than that. Of cells that would have been certain one in ten stood wrong.
const UNBOUND_MOST: f32 = 6.0;

/// The table of a block that no schema was found for.
fn read_block(print: &Print<'_>, block: &Block, budget: &mut Budget) -> Option<SetTable> {
    let header = infer::header_above(print, block);
    let words = Words::new(print, block.lines.clone(), |_| false);
    let columns = block.columns();
    let mut reading = read_stream(print.text, &words, &columns, false, budget)?;
    reading.margins.iter_mut().for_each(|margin| *margin = margin.min(UNBOUND_MOST));
    if reading.bits > -LEAST_GAIN_ALONE || reading.form(&words) != Form::Flattened {
        return None;
    }
    let words_of_head =
        header.iter().flatten().map(|(column, span)| HeadWord { span: *span, field: Some(*column) });
    let head = header.as_ref().map(|_| Head {
        lines: block.lines.start..block.lines.start,
        words: words_of_head.collect(),
        coverage: 1.0,
        purity: 1.0,
    });
    Some(set::set_table(print, &words, &reading, columns.len(), head.as_ref(), &[]))
}

/// Reads a stream from both styles; none if no reading gains anything on prose.
fn read_stream(
    text: &str,
    words: &Words,
    columns: &[Column],
    follows_head: bool,
    budget: &mut Budget,
) -> Option<Reading> {
    if words.len() == 0 || columns.is_empty() {
        return None;
    }
    let hashes = PhraseHashes::new(text, words);
    let mut stream = Stream::new(text, words, &hashes, columns, follows_head);
    let mut readings: Vec<Candidate> = Vec::new();
    let values = as_values(columns);
    let labels = without_labels(columns);
    // What the first round expects, what the others do, and the bits of expecting that.
    let mut starts: Vec<(&[Column], &[Column], f32)> = vec![(columns, columns, 0.0)];
    starts.extend(values.iter().map(|values| (values.as_slice(), columns, 0.0)));
    starts.extend(values.iter().map(|values| (values.as_slice(), values.as_slice(), ALL_VALUES)));
    starts.extend(labels.iter().map(|labels| (labels.as_slice(), columns, 0.0)));
    let mut notes = Vec::new();
    for (style, (start, columns, bits)) in
        [Style::Flattened, Style::Stacked, Style::Wrapped].into_iter().cartesian_product(starts)
    {
        let mut cells: Vec<Cell> = Vec::new();
        for round in 0..ROUNDS {
            if !budget.spend(words.len() as u64) {
                return None;
            }
            let expected = if round == 0 { start } else { columns };
            let costs = Costs::learn(words, &hashes, expected, &cells, style, Rule::Keep);
            let next = stream.forward(&costs, &stream.own(&cells)).cells();
            let is_settled = next == cells;
            cells = next;
            if is_settled || cells.is_empty() {
                break;
            }
        }
        // What a reading taught itself is no measure: each word is measured by what the others teach.
        let costs = Costs::learn(words, &hashes, columns, &cells, style, Rule::LeaveOut);
        let pass = stream.forward(&costs, &stream.own(&cells));
        notes.push(format!("{style:?}: {:.0} bits gained, {} cells", -pass.bits - bits, cells.len()));
        if !cells.is_empty() {
            readings.push(Candidate { bits: pass.bits + bits, style, columns, cells });
        }
    }
    readings.sort_by(|left, right| left.bits.total_cmp(&right.bits));
    let best = readings.first()?;
    let costs = Costs::learn(words, &hashes, best.columns, &best.cells, best.style, Rule::LeaveOut);
    let own = stream.own(&best.cells);
    let pass = stream.forward(&costs, &own);
    let cells = pass.cells();
    let mut margins = stream.margins(&costs, &own, &pass, &cells);
    for other in readings.iter().skip(1) {
        doubt_where_others_differ(&cells, &mut margins, &other.cells, RIVAL_SCALE * (other.bits - best.bits));
    }
    for (index, margin) in margins.iter_mut().enumerate() {
        *margin *= if has_soft_edge(words, columns, &cells, index) { SOFT_SCALE } else { MARGIN_SCALE };
        if cells.get(index).is_some_and(|cell| has_broken_word(text, words, cell)) {
            *margin = margin.min(BROKEN_WORD);
        }
    }
    (!cells.is_empty()).then_some(Reading { cells, margins, late: Vec::new(), bits: pass.bits, notes })
}

/// Whether a cell is parted from its neighbour in the row by one blank, both of them text: what tells them apart was
/// learned from the words alone, and may be learned wrong for the whole column.
fn has_soft_edge(words: &Words, columns: &[Column], cells: &[Cell], index: usize) -> bool {
    let is_soft = |left: usize, right: usize| {
        let (Some(left), Some(right)) = (cells.get(left), cells.get(right)) else { return false };
        let is_text = |cell: &Cell| {
            columns
                .get(usize::from(cell.column))
                .is_some_and(|column| column.kind == Kind::Text && column.values.is_empty())
        };
        let is_blank = words
            .words
            .get(right.start as usize)
            .is_some_and(|word| matches!(word.gap, Gap::Blank | Gap::Glued));
        !right.opens_row && is_blank && is_text(left) && is_text(right)
    };
    (index > 0 && is_soft(index - 1, index)) || is_soft(index, index + 1)
}

/// Whether a word of the cell ends in a hyphen before one that it does not simply join: `Ultra- High`, `Me-` and `109`
/// on the next line. Whether a blank belongs there cannot be known.
fn has_broken_word(text: &str, words: &Words, cell: &Cell) -> bool {
    let inner = words.words.get(cell.start as usize..cell.end as usize).unwrap_or_default();
    inner.windows(2).any(|pair| {
        let [word, next] = pair else { return false };
        let joins = next.gap != Gap::Blank && next.span.slice(text).starts_with(char::is_lowercase);
        let print = word.span.slice(text);
        print.len() > 1 && print.ends_with('-') && !joins
    })
}

/// Lowers the margins of cells that a rival reading, dearer by `bits`, does not have.
fn doubt_where_others_differ(cells: &[Cell], margins: &mut [f32], rival: &[Cell], bits: f32) {
    for (cell, margin) in cells.iter().zip(margins) {
        let same =
            rival.binary_search_by(|other| other.start.cmp(&cell.start)).ok().and_then(|at| rival.get(at));
        if same.is_none_or(|other| (other.end, other.column) != (cell.end, cell.column)) {
            *margin = margin.min(bits);
        }
    }
}
