//! Whether a stretch that shares gutters is a table: prose in columns, contents pages, charts, lists and forms have
//! gutters too.

use super::read::{Reading, Task};
use super::shape::{Shape, shape_of};

/// Records with more than one cell that a table has at least.
const LEAST_RECORDS: usize = 3;
/// Share of the cells that are filled.
const LEAST_FILLED: f32 = 0.45;
/// Words of a cell on the average in a table without numbers.
const MOST_WORDS: f32 = 4.0;
/// Share of the cells beside the stub that are numbers, where nothing else speaks for a table.
const NUMERIC_SHARE: f32 = 0.5;
/// Bits a line gains on the average.
const GAIN_PER_LINE: f32 = 6.0;

/// Whether a reading is that of a table.
pub(super) fn is_table(task: &Task<'_>, reading: &Reading<'_>) -> bool {
    let sheet = &task.sheet;
    let width = reading.model.width();
    let (mut records, mut filled, mut numbers, mut values, mut words) = (0, 0, 0, 0, 0);
    let mut pages: Vec<u64> = Vec::new();
    for &(first, end) in &reading.records.ranges {
        let mut own = 0;
        for column in 0..width {
            let mut count = 0;
            let mut is_number = false;
            for line in first..end {
                let cell = reading.cells.words(sheet, line, column);
                count += cell.len();
                is_number |= matches!(
                    shape_of(cell),
                    Shape::Integer
                        | Shape::Decimal
                        | Shape::Percent
                        | Shape::Nil
                        | Shape::Date
                        | Shape::Several
                );
                if column + 1 == width
                    && let [word] = cell
                    && let Ok(page) = word.span.slice(sheet.text).parse()
                {
                    pages.push(page);
                }
            }
            own += usize::from(count > 0);
            words += count;
            if column > 0 && count > 0 {
                values += 1;
                numbers += usize::from(is_number);
            }
        }
        filled += own;
        records += usize::from(own > 1);
    }
    let cells = reading.records.ranges.len() * width;
    let is_contents = width <= 3 && pages.len() * 5 >= records * 4 && pages.is_sorted();
    let share = numbers as f32 / values.max(1) as f32;
    let is_numeric = share >= NUMERIC_SHARE;
    let is_terse = words as f32 <= MOST_WORDS * filled as f32 && width > 2;
    records + usize::from(task.is_captioned) >= LEAST_RECORDS
        && records * 2 >= reading.records.ranges.len()
        && (filled as f32 >= LEAST_FILLED * cells as f32 || task.is_captioned)
        && (is_numeric || is_terse || task.is_captioned)
        && !is_contents
        && reading.gain >= GAIN_PER_LINE * reading.count as f32
}
