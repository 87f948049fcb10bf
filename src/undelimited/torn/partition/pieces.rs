//! The smallest parts: cells of one record on the same lines, and titles.

use std::collections::BTreeMap;

use super::chart::Chart;
use super::items::{Candidate, Key, Made, Piece, PieceCell, Way};
use super::looks::{Kinds, Marks, look_at};
use crate::undelimited::sums::value_of;
use crate::undelimited::words::Break;

/// Lines that one record of a piece may take.
pub(super) const PIECE_LINES: usize = 7;
/// Cells so much dearer than the cheapest with the same first word and column are not tried.
const CELL_BITS: f32 = 12.0;
/// Bits of a hole beyond its column's own in a line: most of its neighbours are filled.
const HOLE_IN_LINE: f32 = 1.0;
/// Holes of one piece at most.
const HOLES_IN_LINE: f32 = 9.0;
/// A cell beside another on the same line, after one blank and after several.
const RIGHT: [f32; 2] = [4.0, 1.0];
/// A value that reads as a title of the schema.
const TITLE_AS_CELL: f32 = 5.0;
/// What a column has taught costs its cells so much on average; outside of tables nothing is taught.
const TAUGHT: f32 = 4.5;
/// A word between titles that is none of them, though one stands elsewhere in a title; any other.
const TITLE_WORD: f32 = 1.0;
const HEADER_WORD: f32 = 2.5;
/// What those words may cost, and readings of a header that are tried on one line.
const HEADER_BITS: f32 = 12.0;
const HEADERS_TRIED: usize = 200;

/// Bits and cells up to a word.
type Start = (f32, Vec<PieceCell>);

fn keep_cheaper(
    starts: &mut BTreeMap<(usize, usize), Start>,
    key: (usize, usize),
    bits: f32,
    cells: &[PieceCell],
) {
    if starts.get(&key).is_none_or(|known| bits < known.0) {
        starts.insert(key, (bits, cells.to_vec()));
    }
}

impl Chart<'_, '_> {
    /// The records that start at line `line`, each in some columns; how many starts of cells were looked at.
    ///
    /// `best[word, column] = min(best[start, before] + cell(start..word, before) + holes between)`, from every first column.
    pub(super) fn read_pieces(&mut self, line: usize, leaves: &mut [Vec<(Key, Candidate)>]) -> u64 {
        let width = self.measure.columns.len();
        let words = self.measure.words;
        let first_line = self.lines[line];
        let first = words.lines[first_line].first;
        let limit = self.longest_record(line);
        let mut steps = 0;
        let mut measured: BTreeMap<(usize, usize), Vec<(usize, f32)>> = BTreeMap::new();
        for left in 0..width {
            // The cheapest cells before each word and column; words come in order, so that what is taken is settled.
            let mut open: BTreeMap<(usize, usize), Start> = BTreeMap::new();
            let mut whole: BTreeMap<(usize, usize), Start> = BTreeMap::new();
            open.insert((first, left), (0.0, Vec::new()));
            while let Some(((at, column), (bits, cells))) = open.pop_first() {
                steps += 1;
                let starts = measured.entry((at, column)).or_insert_with(|| self.cells_at(at, column, limit));
                for &(end, cell) in starts.iter() {
                    let bits = bits + cell;
                    let end_line = words.words[end - 1].line;
                    let lines = end_line - first_line + 1;
                    if bits > self.limit(line, (line + lines).min(self.lines.len())) {
                        continue;
                    }
                    let mut cells = cells.clone();
                    cells.push((column as u8, at as u32, end as u32));
                    if end == words.lines[end_line].end {
                        keep_cheaper(&mut whole, (end_line, column), bits, &cells);
                        continue;
                    }
                    let before = words.words[end].before;
                    let right = RIGHT.get(before as usize).copied().unwrap_or(0.0);
                    let mut holes = 0.0;
                    for next in column + 1..width {
                        keep_cheaper(&mut open, (end, next), bits + right + holes, &cells);
                        holes += self.measure.columns[next].hole + HOLE_IN_LINE;
                        if holes > HOLES_IN_LINE {
                            break;
                        }
                    }
                }
            }
            for ((end_line, column), (bits, cells)) in whole {
                let lines = end_line - first_line + 1;
                self.push_piece((line, lines), (left, column), bits, cells, leaves);
            }
        }
        steps
    }

    /// The end of the last line that a record from line `line` on may take: lines that follow one another in the text.
    fn longest_record(&self, line: usize) -> usize {
        let most = (line..(line + PIECE_LINES).min(self.lines.len()))
            .take_while(|&next| self.lines[next] == self.lines[line] + (next - line))
            .last()
            .unwrap_or(line);
        self.measure.words.lines[self.lines[most]].end
    }

    fn push_piece(
        &mut self,
        (line, lines): (usize, usize),
        (left, right): (usize, usize),
        bits: f32,
        cells: Vec<PieceCell>,
        leaves: &mut [Vec<(Key, Candidate)>],
    ) {
        let key = Key {
            left: left as u8,
            right: right as u8 + 1,
            rows: 1,
            has_head: false,
            way: Way::Uncut,
            parts: Way::Uncut,
        };
        let (marks, kinds) = self.looks_of(&cells);
        let slot = line * PIECE_LINES.min(self.lines.len()) + lines - 1;
        if let Some(leaf) = leaves.get_mut(slot) {
            let made = Made::Piece(self.pieces.len() as u32);
            leaf.push((key, Candidate { bits, made }));
            let values = self.values_of(&cells);
            self.pieces.push(Piece { cells, values, is_head: false, marks, kinds });
        }
    }

    /// What the cells of one record look like.
    fn looks_of(&self, cells: &[PieceCell]) -> (Marks, Kinds) {
        let (mut marks, mut kinds) = (Marks::default(), Kinds::default());
        for &(column, first, end) in cells {
            let print = self.measure.words.joined(self.measure.text, first as usize, end as usize);
            look_at(&print, column, &mut marks, &mut kinds);
        }
        (marks, kinds)
    }

    fn values_of(&self, cells: &[PieceCell]) -> Vec<(u8, i64)> {
        let value = |&(column, first, end): &PieceCell| {
            let print = self.measure.words.joined(self.measure.text, first as usize, end as usize);
            Some((column, value_of(&print)?))
        };
        cells.iter().filter_map(value).collect()
    }

    /// The cells of `column` that start at word `at` and end by `limit`, with their bits.
    fn cells_at(&mut self, at: usize, column: usize, limit: usize) -> Vec<(usize, f32)> {
        let mut cells = Vec::new();
        for end in at + 1..=limit {
            let base = if self.measure.lexicon.is_some() { TAUGHT } else { 0.0 };
            let bits = self.measure.cell(at, end, column) - base;
            if !bits.is_finite() {
                break;
            }
            let titles = self.titles.starts.get(at).map(Vec::as_slice).unwrap_or_default();
            let is_title = titles.iter().any(|title| title.end == end);
            cells.push((end, bits + if is_title { TITLE_AS_CELL } else { 0.0 }));
        }
        let least = cells.iter().map(|cell| cell.1).fold(f32::INFINITY, f32::min);
        cells.retain(|cell| cell.1 <= least + CELL_BITS);
        cells
    }

    /// The titles that start at line `line`, in the order of their columns; other words between them are dropped.
    pub(super) fn read_heads(&mut self, line: usize, leaves: &mut [Vec<(Key, Candidate)>]) {
        let words = self.measure.words;
        let first_line = self.lines[line];
        let first = words.lines[first_line].first;
        let limit = self.longest_record(line);
        let mut open: Vec<(usize, f32, Vec<PieceCell>)> = vec![(first, 0.0, Vec::new())];
        let mut steps = 0;
        while let Some((at, bits, cells)) = open.pop() {
            steps += 1;
            if steps > HEADERS_TRIED {
                break;
            }
            let next = cells.last().map_or(0, |cell| usize::from(cell.0) + 1);
            let starts = self.titles.starts.get(at).map(Vec::as_slice).unwrap_or_default();
            for found in starts.iter().filter(|found| found.end <= limit) {
                if found.field < next || (!cells.is_empty() && found.field > next) {
                    continue;
                }
                let bits = bits - found.gain;
                let mut cells = cells.clone();
                cells.push((found.field as u8, at as u32, found.end as u32));
                let end_line = words.words[found.end - 1].line;
                if found.end == words.lines[end_line].end {
                    self.push_head(line, end_line - first_line + 1, bits, &cells, leaves);
                }
                if found.end < limit && words.words[found.end].before < Break::Blank {
                    open.push((found.end, bits, cells));
                }
            }
            // A word of the header that is no title; a whole line of them is skipped elsewhere.
            let own = words.words[at].line;
            let is_known = self.titles.is_title_word.get(at).copied().unwrap_or(false);
            let bits = bits + if is_known { TITLE_WORD } else { HEADER_WORD };
            if bits < HEADER_BITS {
                if at + 1 == words.lines[own].end && !cells.is_empty() {
                    self.push_head(line, own - first_line + 1, bits, &cells, leaves);
                } else if at + 1 < words.lines[own].end {
                    open.push((at + 1, bits, cells));
                }
            }
        }
    }

    fn push_head(
        &mut self,
        line: usize,
        lines: usize,
        bits: f32,
        cells: &[PieceCell],
        leaves: &mut [Vec<(Key, Candidate)>],
    ) {
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else { return };
        let key = Key {
            left: first.0,
            right: last.0 + 1,
            rows: 0,
            has_head: true,
            way: Way::Uncut,
            parts: Way::Uncut,
        };
        let slot = line * PIECE_LINES.min(self.lines.len()) + lines - 1;
        if let Some(leaf) = leaves.get_mut(slot) {
            leaf.push((key, Candidate { bits, made: Made::Piece(self.pieces.len() as u32) }));
            let (marks, kinds) = (Marks::default(), Kinds::default());
            self.pieces.push(Piece {
                cells: cells.to_vec(),
                values: Vec::new(),
                is_head: true,
                marks,
                kinds,
            });
        }
    }
}
