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
mod read;
mod set;
mod shape;
mod words;

use itertools::Itertools;

use super::head::{Head, HeadFinder};
use super::print::Print;
use super::set::{SetBinding, SetTable};
use crate::budget::Budget;
use crate::region::Form;
use crate::schema::{Catalog, Schema};
use crate::text::Span;

use column::{Column, as_values, columns_of};
use costs::{Cell, Costs, PhraseHashes, Style};
use read::Stream;
use words::Words;

/// Rounds of reading and learning from each style; most tables settle in three.
const ROUNDS: usize = 5;
/// Bits that a table with a printed header must gain on prose.
const LEAST_GAIN: f32 = 12.0;
/// Schemas of a catalog that are tried.
const SCHEMAS: usize = 12;
/// Share of the header words that must be printed for a schema to be tried; more where no caller named the schema.
const COVERAGE: f32 = 0.3;
const COVERAGE_BUILTIN: f32 = 0.7;
/// Heads this near the best one are the header again.
const REPEATED: f32 = 0.8;
/// A table with fewer rows under its header may stand elsewhere: some extractors print a wrapped header last.
const FEW_ROWS: usize = 3;
/// Margins are of a model that learned from the same words; measured on many tables they say too much by this factor.
const MARGIN_SCALE: f32 = 0.5;

impl Style {
    /// The form of a table that is printed so.
    const fn form(self) -> Form {
        match self {
            Self::Flattened => Form::Flattened,
            Self::Stacked => Form::Stacked,
        }
    }
}

/// A stream as read.
struct Reading {
    style: Style,
    cells: Vec<Cell>,
    margins: Vec<f32>,
    bits: f32,
}

/// The tables of a print that are read so, each with the bits that the reading gains.
pub(crate) fn find_tables(print: &Print<'_>, catalog: &Catalog, budget: &mut Budget) -> Vec<SetTable> {
    let furniture = furniture::find_furniture(print);
    let least = if catalog.is_builtin() { COVERAGE_BUILTIN } else { COVERAGE };
    let mut tables = Vec::new();
    for (index, schema) in catalog.schemas().iter().enumerate().take(SCHEMAS) {
        let heads = HeadFinder::new(schema).find_heads(print);
        let best = heads.iter().map(Head::score).fold(0.0, f32::max);
        if best < least {
            continue;
        }
        tables.extend(read_with(print, schema, index, &heads, &furniture, budget));
    }
    tables
}

/// The table of `schema` under its first head, or, where the head stands in no place to begin with, anywhere.
fn read_with(
    print: &Print<'_>,
    schema: &Schema,
    index: usize,
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
        let reading =
            read_stream(print.text, &words, &columns, budget).filter(|reading| reading.bits <= -LEAST_GAIN);
        if let Some(reading) = reading {
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

/// Reads a stream from both styles; none if no reading gains anything on prose.
fn read_stream(text: &str, words: &Words, columns: &[Column], budget: &mut Budget) -> Option<Reading> {
    if words.len() == 0 || columns.is_empty() {
        return None;
    }
    let hashes = PhraseHashes::new(text, words);
    let mut stream = Stream::new(text, words, &hashes, columns);
    let mut best: Option<(f32, Style, Vec<Cell>)> = None;
    let values = as_values(columns);
    let starts = std::iter::once(columns).chain(values.as_deref());
    for (style, start) in [Style::Flattened, Style::Stacked].into_iter().cartesian_product(starts) {
        let mut cells: Vec<Cell> = Vec::new();
        for round in 0..ROUNDS {
            if !budget.spend(words.len() as u64) {
                return None;
            }
            let expected = if round == 0 { start } else { columns };
            let costs = Costs::learn(words, &hashes, expected, &cells, style);
            let own = stream.own(&cells);
            let pass = stream.forward(&costs, &own);
            let next = pass.cells();
            let is_settled = next == cells;
            cells = next;
            if cells.is_empty() {
                break;
            }
            // What the types alone say is no measure of what was learned.
            if round > 0 && best.as_ref().is_none_or(|(bits, ..)| pass.bits < *bits) {
                best = Some((pass.bits, style, cells.clone()));
            }
            if is_settled {
                break;
            }
        }
    }
    let (_, style, cells) = best?;
    let costs = Costs::learn(words, &hashes, columns, &cells, style);
    let own = stream.own(&cells);
    let pass = stream.forward(&costs, &own);
    let cells = pass.cells();
    let margins =
        stream.margins(&costs, &own, &pass, &cells).into_iter().map(|margin| margin * MARGIN_SCALE).collect();
    (!cells.is_empty()).then_some(Reading { style, cells, margins, bits: pass.bits })
}
