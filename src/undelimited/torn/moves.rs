//! Where the next cell stands, seen from the last one, and what that costs in bits.
//!
//! A page prints its table in rectangles of rows and columns, each filled row by row; a table printed row by row
//! is rectangles of one row, a torn table rectangles of one column. So the next cell is to the right in its row,
//! below the rectangle's left column, at the top of the next rectangle, at the start of the next record, or, at
//! more bits, where a column waits for its next cell. Prints keep to one order for long: a state knows whether it
//! goes by rows or by columns, and what that order expects next is cheap.

use crate::undelimited::words::Break;

/// The ways from one cell to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Move {
    /// Right in the row, the rectangle goes on.
    Right,
    /// A column to the right, at the top of the rectangle: a new rectangle.
    Next,
    /// The next row, in the rectangle's left column.
    Down,
    /// The row below all rows: a new record.
    Record,
    /// Left in the row.
    Back,
    /// Where the column waits for its next cell.
    Waiting,
    /// Anywhere else.
    Other,
    /// The first cell of a page.
    First,
}

impl Move {
    /// Number of kinds of moves.
    pub(super) const COUNT: usize = 8;
}

/// What the order of the print leads one to expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stand {
    /// Nothing yet: in the header or the first record.
    Open,
    /// By rows, and columns to the right are free.
    InRow,
    /// By rows, and the row is full to its end.
    RowEnd,
    /// By columns, in a column that is shorter than others.
    InColumn,
    /// By columns, in a column as long as others.
    ColumnEnd,
    /// By columns, in the longest column.
    Leading,
}

impl Stand {
    /// Number of stands.
    pub(super) const COUNT: usize = 6;
}

/// Bits of each move after each kind of break.
#[derive(Clone, Debug)]
pub(super) struct MoveBits {
    /// After a space and a gap.
    in_line: [[f32; Move::COUNT]; 2],
    /// After a line end and a blank line, by stand.
    lines: [[[f32; Move::COUNT]; Stand::COUNT]; 2],
}

/// Moves counted over a reading: after line ends and blank lines, by stand.
pub(super) type MoveCounts = [[[u32; Move::COUNT]; Stand::COUNT]; 2];

/// `-log2` of the frequency of moves after a space and a gap. That there is a boundary at all is included.
const IN_LINE: [[f32; Move::COUNT]; 2] = [
    // Right Next Down Record Back Waiting Other First
    [4.0, 11.0, 12.0, 11.0, 8.0, 12.0, 14.0, 1.0],
    [1.0, 8.0, 9.0, 8.0, 5.0, 9.0, 11.0, 1.0],
];

/// The same after a line end, before the text at hand has taught its own.
const LINES: [[f32; Move::COUNT]; Stand::COUNT] = [
    [2.5, 1.6, 1.9, 2.0, 6.0, 6.0, 9.0, 1.0],
    [2.0, 0.7, 5.0, 5.0, 5.0, 7.0, 10.0, 1.0],
    [9.0, 9.0, 6.0, 0.3, 6.0, 7.0, 10.0, 1.0],
    [3.5, 5.5, 0.4, 7.0, 6.0, 6.0, 9.0, 1.0],
    [2.5, 1.0, 3.0, 2.5, 6.0, 4.5, 9.0, 1.0],
    [3.5, 3.0, 0.5, 6.0, 6.0, 5.0, 9.0, 1.0],
];

/// After a blank line a rectangle goes on to the right less often.
const BLANK_RIGHT: f32 = 1.5;

/// At the first cell of a page.
const FIRST: f32 = 0.5;
/// Any other move over a page end.
const OVER_PAGE: f32 = 9.0;

/// Moves that the prior is worth when a text teaches its own.
const PRIOR_WEIGHT: f32 = 5.0;

impl Default for MoveBits {
    fn default() -> Self {
        let mut blank = LINES;
        for stand in &mut blank {
            stand[Move::Right as usize] += BLANK_RIGHT;
        }
        Self { in_line: IN_LINE, lines: [LINES, blank] }
    }
}

impl MoveBits {
    pub(super) fn get(&self, before: Break, stand: Stand, kind: Move) -> f32 {
        match before {
            Break::Space | Break::Gap => self.in_line[before as usize][kind as usize],
            Break::Line | Break::Blank => {
                self.lines[before as usize - Break::Line as usize][stand as usize][kind as usize]
            }
            Break::Page if kind == Move::First => FIRST,
            Break::Page => OVER_PAGE,
        }
    }

    /// The frequencies of a first reading, smoothed by the prior. The cost of a boundary after a space stays.
    pub(super) fn learned(counts: &MoveCounts) -> Self {
        let mut bits = Self::default();
        for (table, counted) in bits.lines.iter_mut().zip(counts) {
            for (stand, counted) in table.iter_mut().zip(counted) {
                let total: u32 = counted.iter().sum();
                for (cost, &count) in stand.iter_mut().zip(counted) {
                    let prior = PRIOR_WEIGHT * (-*cost).exp2();
                    *cost = -((count as f32 + prior) / (total as f32 + PRIOR_WEIGHT)).log2();
                }
            }
        }
        bits
    }
}
