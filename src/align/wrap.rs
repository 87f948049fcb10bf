//! Wrapped rows: printed rows that are fragments of one record, put together before records are read.
//!
//! Two kinds of evidence make a row a fragment. A number that was broken at a comma or a point: the piece above
//! ends in the mark and the two pieces together are one number of the column's kind. Words that go on: the
//! fragment has no value of its own and begins in lower case, or the words above end in a joining word or an
//! open bracket, or the two together are a label that the schema knows. Costs in bits, below zero for a
//! fragment; words near zero stay as they stand and say so.

use std::ops::Range;

use super::boxhead::is_body_kind;
use super::layout::Layout;
use super::records::{Knowledge, LogicalRow, TROUBLE};
use super::run::{Joint, Run};
use crate::column::fit::fit;
use crate::column::model::normalized;
use crate::grid::Grid;
use crate::schema::FieldKind;
use crate::text::Span;

/// A fragment that begins in lower case.
const LOWER_CASE_START: f32 = -6.0;
/// Words above that cannot be the end: a joining word, a comma, a hyphen; an open bracket.
const JOINING_END: f32 = -6.0;
const OPEN_BRACKET: f32 = -9.0;
/// The last word above and the first of the fragment stand side by side elsewhere in the document.
const JOINED_ELSEWHERE: f32 = -10.0;
/// A fragment that leaves the stub empty.
const NO_STUB: f32 = -8.0;
/// A fragment that begins as labels begin.
const CAPITAL_START: f32 = 5.0;
/// The two together, the fragment alone, the words above alone are a label that the schema knows.
const JOINED_KNOWN: f32 = -14.0;
const FRAGMENT_KNOWN: f32 = 14.0;
const ABOVE_KNOWN: f32 = 9.0;
/// A fragment that ends in a colon heads the rows below it.
const COLON_END: f32 = 6.0;
/// A line without a delimiter, in a table whose rows have them.
const NO_DELIMITER: f32 = -3.0;

/// A percentage in a column of numbers is whole all the same if it costs less.
const PERCENT_IN_WHOLE: f32 = 9.0;
/// Pieces of one logical cell: no wrapped cell has more lines, and the work on each piece stays bounded.
const MAX_PIECES: usize = 24;
/// The end of a cell that tells whether words go on, in bytes.
const TAIL: usize = 200;

/// The printed pieces of one logical row, by grid column.
#[derive(Clone, Debug, Default)]
struct Pieces {
    columns: Vec<Vec<(Joint, Span)>>,
    line: usize,
}

/// The body rows among `range` of a grid, fragments of wrapped rows put together.
pub(crate) fn join_wrapped_rows<'t>(
    text: &'t str,
    grid: &Grid,
    range: Range<usize>,
    layout: &Layout,
    knowledge: &Knowledge<'_>,
) -> Vec<LogicalRow<'t>> {
    let mut rows: Vec<Pieces> = Vec::with_capacity(range.len());
    let judge = Judge { text, layout, knowledge };
    for index in range.filter(|&row| is_body_kind(grid, row)) {
        let cells = grid.row(index);
        if cells.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        let is_split = knowledge.rests.range((index, 0)..(index + 1, 0)).next().is_some();
        if let Some(above) = rows.last_mut().filter(|_| !is_split)
            && (judge.join_broken_line(above, cells, grid.width) || judge.join(above, cells))
        {
            continue;
        }
        let mut row = Pieces { columns: vec![Vec::new(); cells.len()], line: grid.rows[index].line };
        for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            row.columns[column].push((Joint::Blank, *cell));
            row.columns[column]
                .extend(knowledge.rests.get(&(index, column)).map(|rest| (Joint::Nothing, *rest)));
        }
        if let Some(above) = rows.last_mut() {
            judge.complete_number(above, &mut row);
        }
        rows.push(row);
    }
    rows.into_iter().map(|row| logical_row(text, row)).collect()
}

fn logical_row(text: &str, row: Pieces) -> LogicalRow<'_> {
    let runs =
        row.columns.iter().map(|pieces| (!pieces.is_empty()).then(|| Run::joined(text, pieces))).collect();
    LogicalRow { printed: row.columns.len(), runs, line: row.line }
}

struct Judge<'a, 't> {
    text: &'t str,
    layout: &'a Layout,
    knowledge: &'a Knowledge<'a>,
}

impl Judge<'_, '_> {
    fn kind(&self, column: usize) -> FieldKind {
        let outs = self.layout.outs_of(column);
        // A column of several fields counts as what its first one is.
        self.layout
            .outs
            .get(outs.start)
            .filter(|_| !outs.is_empty())
            .map_or(FieldKind::String, |out| out.model.kind)
    }

    fn joined(&self, pieces: &[(Joint, Span)]) -> String {
        Run::joined(self.text, pieces).text.into_owned()
    }

    /// Joins `cells` to the row above if they are a fragment of it.
    fn join(&self, above: &mut Pieces, cells: &[Span]) -> bool {
        if self.goes_on_below_anchor(above, cells) {
            return true;
        }
        let filled: Vec<(usize, Span)> =
            cells.iter().copied().enumerate().filter(|(_, cell)| !cell.is_empty()).collect();
        let mut joints: Vec<(usize, Joint, Span)> = Vec::new();
        let mut bits = 0.0;
        let mut words = false;
        let bare = cells.len() == 1 && above.columns.len() > 1;
        let owner_of = |column: usize, cell: Span| match bare {
            true => self.owner_of_bare(above, cell),
            false => column,
        };
        // Numbers first: words may ask the whole document.
        let is_new = |&(column, cell): &(usize, Span)| {
            let owner = owner_of(column, cell);
            self.kind(owner) != FieldKind::String
                && !self.continues_number(above, owner, cell.slice(self.text))
        };
        if filled.iter().any(is_new) {
            return self.join_below_label(above, cells, &filled);
        }
        for &(column, cell) in &filled {
            let owner = owner_of(column, cell);
            if self.kind(owner) == FieldKind::String {
                words = true;
                bits += self.words_bits(above, owner, cell) + if bare { NO_DELIMITER } else { 0.0 };
                joints.push((owner, self.word_joint(above, owner, cell), cell));
            } else {
                joints.push((owner, Joint::Nothing, cell));
            }
        }
        if words && !filled.iter().any(|(column, _)| *column == 0) && !bare {
            bits += NO_STUB;
        }
        if words && bits >= 0.0 {
            return false;
        }
        for (column, joint, cell) in joints {
            if above.columns.len() <= column {
                above.columns.resize(column + 1, Vec::new());
            }
            above.columns[column].push((joint, cell));
        }
        true
    }

    /// Joins a line of words that leaves the anchor of records empty: it belongs to the record above.
    fn goes_on_below_anchor(&self, above: &mut Pieces, cells: &[Span]) -> bool {
        let Some(anchor) = self.knowledge.anchor else { return false };
        let has_anchor = above.columns.get(anchor).is_some_and(|pieces| !pieces.is_empty());
        let is_empty = |column: usize| cells.get(column).is_none_or(|cell| cell.is_empty());
        let is_words = |column: usize| self.kind(column) == FieldKind::String;
        let is_label = |cell: &Span| self.knowledge.labels.contains(&normalized(cell.slice(self.text)));
        let goes_on = has_anchor
            && is_empty(anchor)
            && (0..cells.len())
                .all(|column| is_empty(column) || is_words(column) && !is_label(&cells[column]));
        if !goes_on || above.columns.iter().any(|pieces| pieces.len() >= MAX_PIECES) {
            return false;
        }
        above.columns.resize(above.columns.len().max(cells.len()), Vec::new());
        for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let joint = self.word_joint(above, column, *cell);
            above.columns[column].push((joint, *cell));
        }
        true
    }

    /// A line that broke inside a cell: the row above stops short in a number that goes on here, and the two have
    /// the table's columns between them.
    fn join_broken_line(&self, above: &mut Pieces, cells: &[Span], width: usize) -> bool {
        let count = above.columns.len();
        let Some((first, rest)) = cells.split_first() else { return false };
        let is_broken = count < width
            && count + rest.len() == width
            && above.columns.last().is_some_and(|pieces| !pieces.is_empty())
            && !first.is_empty()
            && self.kind(count - 1) != FieldKind::String
            && self.continues_number(above, count - 1, first.slice(self.text))
            // A column without header and print is no place for what is moved.
            && (count..).zip(rest).all(|(column, cell)| cell.is_empty() || !self.layout.outs_of(column).is_empty());
        if is_broken {
            above.columns[count - 1].push((Joint::Nothing, *first));
            above.columns.extend(
                rest.iter()
                    .map(|cell| if cell.is_empty() { Vec::new() } else { vec![(Joint::Blank, *cell)] }),
            );
        }
        is_broken
    }

    /// The column whose cell a line without delimiters goes on: the last one above if it has words, or broke off in a
    /// number.
    fn owner_of_bare(&self, above: &Pieces, line: Span) -> usize {
        let last = above.columns.iter().rposition(|pieces| !pieces.is_empty()).unwrap_or(0);
        let goes_on =
            self.kind(last) == FieldKind::String || self.continues_number(above, last, line.slice(self.text));
        if goes_on { last } else { 0 }
    }

    /// Whether `piece` goes on the number that the column's cell above broke off.
    fn continues_number(&self, above: &Pieces, column: usize, piece: &str) -> bool {
        let Some(pieces) = above.columns.get(column).filter(|pieces| !pieces.is_empty()) else {
            return false;
        };
        let length: usize = pieces.iter().map(|(_, span)| span.len()).sum();
        if pieces.len() >= MAX_PIECES || length > TAIL {
            return false;
        }
        let broken = self.joined(pieces);
        let dangles = broken.ends_with([',', '.']) || piece.starts_with([',', '.', '%', ')']);
        dangles
            && piece.starts_with(|c: char| c.is_ascii_digit() || matches!(c, ',' | '.' | '%' | ')'))
            && self.fits(column, &format!("{broken}{piece}"))
    }

    /// Whether a text is a value of the column, or of the fields that it holds.
    fn fits(&self, column: usize, value: &str) -> bool {
        let held = &self.layout.grid[column];
        if held.outs.len() == 1 {
            let measured = fit(value, &self.layout.outs[held.outs.start].model);
            let is_percent = value.ends_with('%') && measured.bits < PERCENT_IN_WHOLE;
            return measured.is_typed && (measured.bits < TROUBLE || is_percent);
        }
        let models: Vec<_> = self.layout.outs[held.outs.clone()].iter().map(|out| &out.model).collect();
        super::segment::segment_run(value, &models, &held.bracketed).is_some_and(|cut| cut.bits < TROUBLE)
    }

    /// The last pieces of a cell, joined: enough of them to tell how its words end.
    fn tail(&self, pieces: &[(Joint, Span)]) -> String {
        let mut length = 0;
        let from = pieces.iter().rposition(|(_, span)| {
            length += span.len();
            length > TAIL
        });
        let pieces = pieces.get(from.unwrap_or(0)..).unwrap_or_default();
        let joined = self.joined(pieces);
        if joined.len() <= TAIL * 2 {
            return joined;
        }
        joined[joined.ceil_char_boundary(joined.len() - TAIL)..].to_owned()
    }

    /// Bits of words as the continuation of the column's words above.
    fn words_bits(&self, above: &Pieces, column: usize, cell: Span) -> f32 {
        let fragment = cell.slice(self.text);
        let pieces = above.columns.get(column).map_or(&[][..], Vec::as_slice);
        if pieces.is_empty() || pieces.len() >= MAX_PIECES {
            // Nothing to go on, or nothing that goes on for so long.
            return CAPITAL_START * 2.0;
        }
        let before = self.tail(pieces);
        let first = fragment.chars().next().unwrap_or(' ');
        let mut bits = if first.is_lowercase() { LOWER_CASE_START } else { CAPITAL_START };
        if first.is_ascii_digit() || first == '(' || !first.is_alphanumeric() {
            bits = 0.0;
        }
        if ends_open(&before) {
            bits += JOINING_END;
        }
        if before.matches('(').count() > before.matches(')').count() {
            bits += OPEN_BRACKET;
        }
        if fragment.ends_with(':') {
            bits += COLON_END;
        }
        let labels = &self.knowledge.labels;
        if !labels.is_empty() {
            let together = normalized(&format!("{before} {fragment}"));
            let next = labels.range(together.clone()..).next();
            bits += if next.is_some_and(|label| label.starts_with(&together)) { JOINED_KNOWN } else { 0.0 };
            bits += if labels.contains(&normalized(fragment)) { FRAGMENT_KNOWN } else { 0.0 };
            bits += if labels.contains(&normalized(&before)) { ABOVE_KNOWN } else { 0.0 };
        }
        let last = before.split_whitespace().next_back().unwrap_or_default();
        let next = fragment.split_whitespace().next().unwrap_or_default();
        if bits >= 0.0 && self.knowledge.witness.has(last, next) {
            bits += JOINED_ELSEWHERE;
        }
        bits
    }

    /// Words are joined by a blank, but not behind a hyphen that broke a word.
    fn word_joint(&self, above: &Pieces, column: usize, cell: Span) -> Joint {
        let before = above.columns.get(column).and_then(|pieces| pieces.last());
        let hyphen = before.is_some_and(|(_, span)| span.slice(self.text).ends_with('-'));
        let lower = cell.slice(self.text).starts_with(char::is_lowercase);
        if hyphen && lower { Joint::Nothing } else { Joint::Blank }
    }

    /// A label that stands above the line of its values: the row above has nothing but words, this one goes on
    /// with them in lower case and has the values.
    fn join_below_label(&self, above: &mut Pieces, cells: &[Span], filled: &[(usize, Span)]) -> bool {
        let only_words = above
            .columns
            .iter()
            .enumerate()
            .all(|(column, pieces)| pieces.is_empty() || self.kind(column) == FieldKind::String);
        let Some(&(column, words)) =
            filled.iter().find(|(column, _)| self.kind(*column) == FieldKind::String)
        else {
            return false;
        };
        if !only_words || self.words_bits(above, column, words) >= 0.0 {
            return false;
        }
        above.columns.resize(above.columns.len().max(cells.len()), Vec::new());
        for &(column, cell) in filled {
            let joint = if self.kind(column) == FieldKind::String {
                self.word_joint(above, column, cell)
            } else {
                Joint::Blank
            };
            above.columns[column].push((joint, cell));
        }
        true
    }

    /// A number that broke off above and whose rest stands in front of this row's own value.
    fn complete_number(&self, above: &mut Pieces, row: &mut Pieces) {
        let width = above.columns.len().min(row.columns.len());
        for column in 0..width {
            if self.kind(column) == FieldKind::String {
                continue;
            }
            let (Some((_, broken)), Some((_, cell))) =
                (above.columns[column].last(), row.columns[column].first())
            else {
                continue;
            };
            if !broken.slice(self.text).ends_with([',', '.']) {
                continue;
            }
            let printed = cell.slice(self.text);
            let first = printed.find(char::is_whitespace).unwrap_or(printed.len());
            let rest = printed[first..].trim_start();
            let is_rest = printed.starts_with(|c: char| c.is_ascii_digit()) && !rest.is_empty();
            if !is_rest || !self.fits(column, rest) {
                continue;
            }
            let head = Span::new(cell.start, cell.start + first);
            let tail = Span::new(cell.end - rest.len(), cell.end);
            let whole = format!("{}{}", self.joined(&above.columns[column]), head.slice(self.text));
            if self.fits(column, &whole) {
                above.columns[column].push((Joint::Nothing, head));
                row.columns[column][0] = (Joint::Blank, tail);
            }
        }
    }
}

/// Whether words cannot end here: a joining word, a comma, a hyphen, a slash.
fn ends_open(words: &str) -> bool {
    let last = words.split_whitespace().next_back().unwrap_or_default();
    super::cut::ends_in_joining_word(last)
}
