//! What a first reading teaches about a table's columns and about the order of its print.
//!
//! Hard expectation maximisation: the best reading is taken for the truth, frequencies are counted over it, and
//! smoothed by what is true of tables in general.

use std::collections::BTreeMap;

use super::measure::{BreakCount, Column, OPEN_HOLE, space_kind};
use super::moves::{MoveBits, MoveCounts};
use super::search::{Reading, Role};
use crate::undelimited::words::{Break, Words, length_class, shape_of};

/// What the next reading knows.
pub(super) struct Lesson {
    pub(super) columns: Vec<Column>,
    pub(super) moves: MoveBits,
    pub(super) lexicon: Lexicon,
    /// Line ends, and spaces by kind.
    pub(super) lines: BreakCount,
    pub(super) spaces: [BreakCount; 3],
}

/// What the cells of each column look like.
#[derive(Clone, Debug, Default)]
pub(super) struct Lexicon {
    /// Shape of every word.
    shapes: Vec<u32>,
    /// Per column: shapes of first words, shapes of last words, numbers of words, with their bits.
    firsts: Vec<BTreeMap<u32, f32>>,
    lasts: Vec<BTreeMap<u32, f32>>,
    lengths: Vec<BTreeMap<u32, f32>>,
    unseen: Vec<f32>,
    /// Widest line of each column, in characters.
    widths: Vec<usize>,
}

/// How much of a column's bits for shapes count: the shapes of first and last words depend on each other.
const SHAPE_WEIGHT: f32 = 0.6;
const LENGTH_WEIGHT: f32 = 0.4;
/// Shapes that any column may have, as a number of kinds.
const OPEN_SHAPES: f32 = 12.0;
/// What is left for what a column has not shown, in cells.
const PRIOR_CELLS: f32 = 2.0;

/// A line that ends although its column is wide enough for the next word too.
const ROOM_IN_COLUMN: f32 = 4.0;
/// Print in proportional letters: so much of a column's width must be free.
const ROOM_SHARE: f32 = 0.95;

impl Lexicon {
    /// Bits of the line ends inside the words `first..end` of `column`.
    pub(super) fn wraps(&self, words: &Words, text: &str, first: usize, end: usize, column: usize) -> f32 {
        let room = ROOM_SHARE * self.widths.get(column).copied().unwrap_or(0) as f32;
        let run = words.words.get(first..end).unwrap_or_default();
        let mut bits = 0.0;
        let mut width = 0;
        for (index, word) in run.iter().enumerate() {
            let length = word.span.slice(text).chars().count();
            if index > 0 && word.before >= Break::Line {
                if (width + 1 + length) as f32 <= room {
                    bits += ROOM_IN_COLUMN;
                }
                width = length;
            } else {
                width += length + usize::from(index > 0);
            }
        }
        bits
    }

    /// Bits that the words `first..end` cost in `column` above what they cost anywhere.
    pub(super) fn bits(&self, first: usize, end: usize, column: usize) -> f32 {
        let (Some(firsts), Some(lasts), Some(lengths), Some(&unseen)) = (
            self.firsts.get(column),
            self.lasts.get(column),
            self.lengths.get(column),
            self.unseen.get(column),
        ) else {
            return 0.0;
        };
        let of = |table: &BTreeMap<u32, f32>, key: u32| table.get(&key).copied().unwrap_or(unseen);
        let shape = |word: usize| self.shapes.get(word).copied().unwrap_or(0);
        SHAPE_WEIGHT * (of(firsts, shape(first)) + of(lasts, shape(end - 1)))
            + LENGTH_WEIGHT * of(lengths, length_class(end - first))
    }
}

/// What `reading` teaches.
pub(super) fn learn(text: &str, words: &Words, columns: &[Column], reading: &Reading) -> Lesson {
    let width = columns.len();
    let shapes: Vec<u32> = words.words.iter().map(|word| shape_of(word.span.slice(text))).collect();
    let mut firsts = vec![BTreeMap::new(); width];
    let mut lasts = vec![BTreeMap::new(); width];
    let mut lengths = vec![BTreeMap::new(); width];
    let mut counts = MoveCounts::default();
    let mut cells = vec![0_u32; width];
    let mut widths = vec![0; width];
    let mut rows = 0;
    let mut lines = BreakCount::default();
    let mut spaces = [BreakCount::default(); 3];
    for step in &reading.steps {
        let before = words.words.get(step.first).map_or(Break::Page, |word| word.before);
        if !matches!(step.role, Role::Dropped | Role::Outside) && matches!(before, Break::Line | Break::Blank)
        {
            let after_blank = usize::from(before == Break::Blank);
            counts[after_blank][step.stand as usize][step.kind as usize] += 1;
        }
        let Role::Cell { row, column } = step.role else { continue };
        let column = usize::from(column);
        lines.between += u32::from(before == Break::Line);
        if before == Break::Space {
            spaces[space_kind(text, words, step.first)].between += 1;
        }
        for index in step.first + 1..step.end {
            match words.words[index].before {
                Break::Line => lines.inside += 1,
                Break::Space => spaces[space_kind(text, words, index)].inside += 1,
                _ => {}
            }
        }
        for line in words.words[step.first..step.end].chunk_by(|left, right| left.line == right.line) {
            let length: usize = line.iter().map(|word| word.span.slice(text).chars().count() + 1).sum();
            widths[column] = widths[column].max(length - 1);
        }
        rows = rows.max(row as u32 + 1);
        cells[column] += 1;
        *firsts[column].entry(shapes[step.first]).or_insert(0.0) += 1.0;
        *lasts[column].entry(shapes[step.end - 1]).or_insert(0.0) += 1.0;
        *lengths[column].entry(length_class(step.end - step.first)).or_insert(0.0) += 1.0;
    }
    let mut unseen = Vec::with_capacity(width);
    for column in 0..width {
        let total = cells[column] as f32 + PRIOR_CELLS;
        for table in [&mut firsts[column], &mut lasts[column], &mut lengths[column]] {
            for count in table.values_mut() {
                *count = -((*count + PRIOR_CELLS / OPEN_SHAPES) / total).log2();
            }
        }
        unseen.push(-(PRIOR_CELLS / OPEN_SHAPES / total).log2());
    }
    let mut columns = columns.to_vec();
    for (column, &count) in columns.iter_mut().zip(&cells) {
        if !column.model.required {
            let share = ((rows.saturating_sub(count)) as f32 + 1.0) / (rows as f32 + 2.0);
            column.hole = 0.5 * (OPEN_HOLE - share.log2());
        }
    }
    let lexicon = Lexicon { shapes, firsts, lasts, lengths, unseen, widths };
    Lesson { columns, moves: MoveBits::learned(&counts), lexicon, lines, spaces }
}
