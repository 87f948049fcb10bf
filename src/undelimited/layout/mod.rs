//! Tables whose columns are gutters of blanks: the layout that `pdftotext -layout` and OCR engines print.
//!
//! ```text
//! print ─► furniture ─► header or blocks ─► (G) gutters ─► (S) cells ⇄ model ─► (R) records ─► set table
//! ```
//!
//! One cost in bits, lowered by block coordinate descent:
//!
//! - **(G)** [`gutters`]: the cuts between columns, by a dynamic program over display columns, a page by itself, since
//!   extractors lay every page out anew. Where every line keeps the same gutters, [`strict`] finds them without a search.
//! - **(S)** [`segment`]: inside a line, words to columns, with gutters as soft priors: 9 % of all neighbouring cells are
//!   one blank apart, and what follows after one blank stands where its neighbour pushed it.
//! - **(R)** [`records`]: lines to records. Fragments above and below their row are one case.
//!
//! Between the rounds the [`model`] of the columns is learned from the cells that were cut with a margin: shapes, words,
//! edges, gaps. The margin of a cell is the bits by which the next reading without it is dearer.
//!
//! With the schemas of a caller a table is looked for where one of their headers stands, and its columns are the fields.
//! Without, [`detect`] finds stretches of lines that share gutters, [`boxhead`] parts the header from the rows, and
//! [`evidence`] says whether it is a table at all.
//!
//! A table whose lines keep their gutters while the fields do not fit between them is set as it stands and not bound:
//! packed, merged and shifted values are mended by alignment.

mod bands;
mod boxhead;
mod cuts;
mod detect;
mod doubts;
mod evidence;
mod furniture;
mod gutters;
mod members;
mod model;
mod paths;
mod read;
mod records;
mod segment;
mod set;
mod shape;
mod strict;
mod titles;
mod words;

use std::collections::BTreeSet;

use super::head::{Head, HeadFinder, Vocabulary};
use super::print::{Print, PrintLine};
use super::set::{SetBinding, SetTable};
use crate::budget::Budget;
use crate::schema::Catalog;
use crate::text::Span;
use detect::{find_blocks, is_captioned, sheet_of};
use evidence::is_table;
use furniture::find_furniture;
use gutters::TitleWord;
use read::{Reading, Task, read, read_plain};
use strict::strict_gutters;
use titles::fields_of;
use words::Sheet;

/// Words of a line without a gap from which on it is prose.
const PROSE_WORDS: u32 = 9;
/// Lines of a paragraph that are looked at.
const PARAGRAPH_LINES: usize = 4;
/// Blank lines that end a table on its page.
const END_BLANKS: u32 = 6;
/// Schemas that are all tried; of more those that share words with the first lines of a block, so many of them.
const FEW_SCHEMAS: usize = 8;
const HEADER_LINES: usize = 8;
const CANDIDATES: usize = 3;
const MOST_CANDIDATES: usize = 64;
/// Coverage of a header that a table is read under.
const COVERAGE: f32 = 0.55;

/// The tables of a print that are read so, each with the bits that the reading gains.
pub(crate) fn find_tables(
    print: &Print<'_>,
    catalog: &Catalog,
    vocabulary: &mut Vocabulary,
    budget: &mut Budget,
) -> Vec<SetTable> {
    let furniture = find_furniture(print);
    let mut tables = Vec::new();
    for index in candidate_schemas(print, &furniture, catalog) {
        let Some(schema) = catalog.schemas().get(index) else { continue };
        let Some(finder) = catalog.derived(index, HeadFinder::new) else { continue };
        let heads = finder.find_heads(print, vocabulary, 0.0);
        let mut floor = 0;
        for head in heads.iter().filter(|head| head.coverage >= COVERAGE) {
            let start = print.lines.get(head.lines.start).map_or(0, |line| line.line.span.start);
            if start < floor {
                continue;
            }
            let task = task_under(print, &furniture, head, &heads);
            if !budget.spend(task.sheet.lines.len() as u64) {
                break;
            }
            let Some(reading) = read(&task, &fields_of(schema)) else { continue };
            let table = unbound(&task, &reading).unwrap_or_else(|| {
                let mut table = reading.set(&task);
                let fields = (0..schema.fields.len()).map(Some).collect();
                table.binding = Some(SetBinding { schema: index, fields });
                table
            });
            floor = table.span.end;
            tables.push(table);
        }
    }
    tables.extend(plain_tables(print, &furniture, &tables));
    tables
}

/// The schemas whose headers are looked for: those of a small catalog, else those that have words in common with
/// the first lines of a block. Nobody asked for the built-in ones: alignment binds them.
fn candidate_schemas(print: &Print<'_>, furniture: &[bool], catalog: &Catalog) -> Vec<usize> {
    if catalog.is_builtin() {
        return Vec::new();
    }
    if catalog.schemas().len() <= FEW_SCHEMAS {
        return (0..catalog.schemas().len()).collect();
    }
    let mut found = BTreeSet::new();
    for block in find_blocks(print, |index| !furniture[index]) {
        let first = block.lines.iter().take(HEADER_LINES).filter_map(|(index, _)| print.lines.get(*index));
        let words = first.flat_map(|line| line.body.slice(print.text).split_whitespace());
        let candidates = catalog.candidates(words, CANDIDATES);
        found.extend(candidates.into_iter().filter(|(_, score)| *score > 0.0).map(|(index, _)| index));
        if found.len() > MOST_CANDIDATES {
            break;
        }
    }
    found.into_iter().collect()
}

/// The lines as they stand, where every line keeps its gutters and the fields do not fit between them: values that
/// are packed, merged or shifted are mended by alignment, which has to see them whole.
fn unbound(task: &Task<'_>, reading: &Reading<'_>) -> Option<SetTable> {
    let lines = task.body.get(..reading.count)?;
    if !reading.is_strained(task) {
        return None;
    }
    // The innermost header line is set between the same gutters, if it is whole.
    let headed: Vec<usize> = task.head.last().into_iter().chain(lines).copied().collect();
    let own = strict_gutters(&task.sheet, lines)?;
    // With headers beside their values instead of above them there would be more.
    let gutters =
        strict_gutters(&task.sheet, &headed).filter(|all| all.width() <= own.width()).unwrap_or(own);
    Some(set::set_lines(task, lines, &gutters, reading.gain))
}

/// Tables that no schema knows, outside of those that one does.
fn plain_tables(print: &Print<'_>, furniture: &[bool], known: &[SetTable]) -> Vec<SetTable> {
    let mut spans: Vec<Span> = known.iter().map(|table| table.span).collect();
    spans.sort_unstable();
    let is_known = |body: Span| {
        let place = spans.partition_point(|span| span.start < body.end);
        spans
            .get(..place)
            .is_some_and(|before| before.iter().rev().take(MOST_CANDIDATES).any(|span| span.overlaps(body)))
    };
    let is_free = |index: usize| {
        let line = print.lines.get(index);
        !furniture[index] && line.is_some_and(|line| line.is_blank() || !is_known(line.body))
    };
    let mut tables = Vec::new();
    for block in find_blocks(print, is_free) {
        let is_captioned = is_captioned(print, &block);
        let task = Task { is_captioned, ..Task::of_sheet(sheet_of(print, &block.lines)) };
        let Some(reading) = read_plain(&task) else { continue };
        if is_table(&task, &reading) {
            tables.push(reading.set(&task));
        }
    }
    tables
}

/// The lines from a header on, up to the prose behind its table.
fn task_under<'t>(print: &Print<'t>, furniture: &[bool], head: &Head, heads: &[Head]) -> Task<'t> {
    let mut task = Task { sheet: Sheet::new(print.text), ..Task::default() };
    let mut blanks = 0;
    let mut page = None;
    for (index, line) in print.lines.iter().enumerate().skip(head.lines.start) {
        if line.is_taken {
            break;
        }
        if line.is_blank() {
            blanks += 1;
            continue;
        }
        let number = u32::try_from(line.line.page).unwrap_or(u32::MAX);
        if page != Some(number) {
            (page, blanks) = (Some(number), 0);
        }
        let place = heads.partition_point(|head| head.lines.end <= index);
        let above = heads.get(place).filter(|head| head.lines.contains(&index));
        if furniture[index] {
            task.left_over.push(line.body);
            continue;
        }
        if blanks > END_BLANKS || (above.is_none() && is_prose_start(print, index, blanks)) {
            break;
        }
        let position = task.sheet.lines.len();
        task.sheet.push_line(line.line.span, number, blanks);
        blanks = 0;
        if task.sheet.lines.len() == position {
            continue;
        }
        let Some(own) = above else {
            task.body.push(position);
            continue;
        };
        for word in task.sheet.words_of(position) {
            let field =
                own.words.iter().find(|printed| printed.span.overlaps(word.span)).and_then(|word| word.field);
            task.titles.push((number, TitleWord { middle: u32::midpoint(word.left, word.right), field }));
        }
        if own.lines.start == head.lines.start {
            task.head.push(position);
        } else {
            task.left_over.push(line.body);
        }
    }
    task
}

/// Whether prose begins: after a blank line a paragraph of many words without a gap, elsewhere two such lines.
fn is_prose_start(print: &Print<'_>, index: usize, blanks: u32) -> bool {
    let is_plain = |line: &PrintLine| line.gaps == 0 && line.letters > 3 * line.digits;
    let is_prose = |line: &PrintLine| is_plain(line) && line.blanks + 1 >= PROSE_WORDS;
    let lines = print.lines.get(index..).unwrap_or_default();
    if blanks == 0 {
        return lines.len() > 1 && lines.iter().take(2).all(is_prose);
    }
    let paragraph = lines.iter().take(PARAGRAPH_LINES).take_while(|line| !line.is_blank());
    let (mut words, mut letters, mut digits) = (0, 0, 0);
    for line in paragraph {
        if line.gaps > 0 {
            return false;
        }
        words += line.blanks + 1;
        letters += line.letters;
        digits += line.digits;
    }
    words >= PROSE_WORDS && letters > 3 * digits
}
