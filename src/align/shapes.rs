//! Shapes of the values of a column: what a print looks like, apart from what it says.
//!
//! A row that is placed over the columns again fits several of them by type: `7,184` is words enough for a column of note
//! numbers. What the column prints in whole rows tells more. Each column has counts of the [`Shape`]s of its cells; a
//! print is dearer than the column's usual shape by `log2((usual + 1/2) / (count + 1/2))` bits. Counted once a table, over [`MAX_ROWS`] rows, and only
//! where a row asks.

use std::collections::BTreeMap;

use crate::grid::Grid;
use crate::text::value::{Value, read_values};

/// Rows from which the shapes of a table are learned.
const MAX_ROWS: usize = 256;

/// Cells of a column that look alike before its shapes say anything.
const MIN_CELLS: usize = 2;

/// What a print looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    /// No number: words, a date, a nil mark.
    Other,
    /// A number.
    Number {
        /// Digits before the point, by magnitude: up to two, three, up to six, more.
        magnitude: u8,
        /// Decimals.
        scale: u8,
        is_percent: bool,
    },
}

/// How often the columns of a table print which shape.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    columns: Vec<BTreeMap<Shape, usize>>,
}

impl Shapes {
    /// The shapes of the rows that are printed whole: those that fill their last column.
    pub(super) fn of(text: &str, grid: &Grid, header_rows: usize) -> Self {
        let mut columns = vec![BTreeMap::new(); grid.width];
        let whole = (header_rows..grid.rows.len())
            .map(|row| grid.row(row))
            .filter(|cells| cells.len() == grid.width && cells.last().is_some_and(|cell| !cell.is_empty()));
        for cells in whole.take(MAX_ROWS) {
            for (counts, cell) in columns.iter_mut().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                *counts.entry(shape_of(cell.slice(text))).or_default() += 1;
            }
        }
        Self { columns }
    }

    /// Bits of `text` in each column, less those of the column that it suits best.
    pub(super) fn bits(&self, text: &str) -> Vec<f32> {
        let shape = shape_of(text);
        let in_column = |counts: &BTreeMap<Shape, usize>| {
            let usual = counts.values().copied().max().filter(|usual| *usual >= MIN_CELLS)?;
            let seen = counts.get(&shape).copied().unwrap_or(0);
            Some(((usual as f32 + 0.5) / (seen as f32 + 0.5)).log2())
        };
        let known: Vec<Option<f32>> = self.columns.iter().map(in_column).collect();
        let least = known.iter().flatten().copied().fold(f32::INFINITY, f32::min);
        known.into_iter().map(|bits| bits.map_or(0.0, |bits| bits - least)).collect()
    }
}

fn shape_of(text: &str) -> Shape {
    match read_values(text).first().map(|reading| reading.value) {
        Some(Value::Number(number)) => {
            let whole = number.amount.mantissa().unsigned_abs()
                / 10_u128.pow(u32::from(number.amount.scale().min(38)));
            let magnitude = match whole {
                0..=99 => 0,
                100..=999 => 1,
                1000..=999_999 => 2,
                _ => 3,
            };
            Shape::Number { magnitude, scale: number.amount.scale(), is_percent: text.contains('%') }
        }
        _ => Shape::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rebuilder;
    use crate::table::Status;

    #[test]
    fn a_print_is_dear_where_its_column_prints_another_shape() {
        let text =
            "Item\tNote\tNow\tThen\nSales\t3\t18,420\t17,055\nCosts\t4\t9,100\t8,004\nRent\t5\t1,200\t990\n";
        let grid = crate::grid::Grid {
            width: 4,
            ..crate::grid::read_grid(text, &crate::region::find_regions(text, &mut Vec::new())[0])
        };
        let shapes = Shapes::of(text, &grid, 1);
        let bits = shapes.bits("7,184");
        assert!(bits[1] > 2.0 && bits[2] < 0.1 && bits[3] < bits[1], "{bits:?}");
        let bits = shapes.bits("7");
        assert!(bits[1] < 0.1 && bits[2] > 2.0, "{bits:?}");
    }

    #[test]
    fn values_beside_an_empty_cell_that_vanished_are_not_taken_for_note_numbers() {
        let text = "Item\tNote\tNow\tThen\nSales\t3\t18,420\t17,055\nCosts\t4\t9,100\t8,004\n\
                    Gross profit\t9,320\t9,051\nRent\t5\t1,200\t1,110\nWages\t6\t4,000\t3,900\n";
        let document = Rebuilder::new().rebuild(text);
        let row = &document.tables[0].rows[2].cells;
        assert_eq!([&*row[1].text, &*row[2].text, &*row[3].text], ["", "9,320", "9,051"]);
        assert!(row[1..].iter().all(|cell| cell.status == Status::Ambiguous), "{row:?}");
    }
}
