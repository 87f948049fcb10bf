//! What a state still has to pay at least, and a hash for states.

use super::measure::{Measure, REQUIRED_HOLE};
use super::search::{MAX_COLUMNS, Place, SHORTAGE};
use crate::undelimited::words::Break;

/// How many cells the rest of a page can give, against the cells that required columns wait for.
///
/// A reading that puts two columns into one looks cheap until the other column stays empty; the outlook tells it
/// at once. It ranks states, and is no part of a reading's bits.
#[derive(Clone, Debug)]
pub(super) struct Outlook {
    /// For every word: runs of words and single numbers from it to the end of its page, prose left out.
    cells: Vec<u32>,
    /// The same, numbers alone.
    numbers: Vec<u32>,
    masks: Masks,
}

impl Outlook {
    pub(super) fn new(measure: &Measure<'_>) -> Self {
        let words = measure.words;
        let count = words.words.len();
        let mut cells = vec![0; count + 1];
        let mut numbers = vec![0; count + 1];
        for line in words.lines.iter().rev() {
            for index in (line.first..line.end).rev() {
                let is_number = is_figure(words.words[index].span.slice(measure.text));
                let after = words.words.get(index + 1);
                let is_run_end = after.is_none_or(|after| after.before != Break::Space)
                    || is_figure(after.map_or("", |after| after.span.slice(measure.text)));
                let is_cell = !line.is_prose && (is_number || is_run_end);
                let ends_page = after.is_none_or(|after| after.before == Break::Page);
                let (rest, rest_numbers) =
                    if ends_page { (0, 0) } else { (cells[index + 1], numbers[index + 1]) };
                cells[index] = rest + u32::from(is_cell);
                numbers[index] = rest_numbers + u32::from(is_number && !line.is_prose);
            }
        }
        // Before the first word of a page the page above is over: what it lacks stays a hole.
        for index in 0..count {
            if words.words[index].before == Break::Page {
                cells[index] = 0;
                numbers[index] = 0;
            }
        }
        Self { cells, numbers, masks: Masks::of(measure) }
    }

    /// Bits of the cells that required columns of `place` will lack, at least.
    pub(super) fn bits(&self, place: &Place, at: usize) -> f32 {
        let Masks { columns, required, numeric } = &self.masks;
        let next = place.filled.iter().zip(columns).map(|(filled, mask)| filled & mask).fold(0, i16::max);
        let (mut all, mut numbers) = (0_i32, 0_i32);
        for ((filled, required), numeric) in place.filled.iter().zip(required).zip(numeric) {
            let debt = next.wrapping_sub(*filled);
            all += i32::from(debt & required);
            numbers += i32::from(debt & numeric);
        }
        let left = self.cells.get(at).map_or(0, |&cells| cells as i32);
        let left_numbers = self.numbers.get(at).map_or(0, |&cells| cells as i32);
        SHORTAGE * (all - left).max(numbers - left_numbers).max(0) as f32
    }
}

/// For every column all bits or none: whether there is such a column, whether it must be filled, and that with numbers.
#[derive(Clone, Debug, Default)]
struct Masks {
    columns: [i16; MAX_COLUMNS],
    required: [i16; MAX_COLUMNS],
    numeric: [i16; MAX_COLUMNS],
}

impl Masks {
    fn of(measure: &Measure<'_>) -> Self {
        let mut masks = Self::default();
        for (index, column) in measure.columns.iter().enumerate().take(MAX_COLUMNS) {
            let is_required = column.hole >= REQUIRED_HOLE;
            let mask = |is_it: bool| if is_it { -1 } else { 0 };
            masks.columns[index] = -1;
            masks.required[index] = mask(is_required);
            masks.numeric[index] = mask(is_required && column.model.is_numeric());
        }
        masks
    }
}

/// A number, or what stands for one.
fn is_figure(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
        || (word.len() <= 5 && word.chars().all(|c| !c.is_alphanumeric()))
        || word.eq_ignore_ascii_case("n/a")
}

const _: () = assert!(MAX_COLUMNS <= 32, "columns seen are kept in 32 bits");
