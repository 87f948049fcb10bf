//! Reads a page that was printed by cutting it into parts: side by side, or one above another, and the parts again.
//!
//! Extractors that see the page lay out its text in boxes and print box by box; which boxes belong together they
//! decide by distances, so a table comes out as rectangles of cells, each printed whole before the next. Whatever the
//! distances were, the order of the print is a recursive partition of the table:
//!
//! ```text
//! best[i, j; a..b, h] = cheapest reading of the lines i..j as columns a..b of h records
//!     = a piece: the cells of one record in the columns a..b, from words of these lines
//!     | best[i, k; a..b, g] + best[k, j; a..b, h - g] + stacked(break before k)
//!     | best[i, k; a..c, h] + best[k, j; c..b, h]     + beside(break before k)
//!     | best[i, k; c..b, h] + best[k, j; a..c, h]     + beside(break before k) + turned
//! ```
//!
//! A header is a record above the first one, a hole is an empty record of some columns. Two parts side by side have the
//! same number of records, which is what ties the columns of a torn table together: no column is finished before
//! all are. Nothing is decided from left to right, so that no reading is lost because its start looked dear.
//!
//! Readings of the same lines compete: for every interval the cheapest live that are not much dearer than
//! the lines outside of any table. Time is O(lines^3 x kept^2) for the pairs of readings
//! that are looked at, the cheapest first and none beyond what may live; the budget counts them.

mod chart;
mod items;
mod looks;
mod margins;
mod pieces;

use super::measure::Measure;
use super::moves::{Move, Stand};
use super::search::{MAX_COLUMNS, Reading, Role, Step, outside_bits};
use super::titles::Titles;
use crate::budget::Budget;
use crate::undelimited::words::{Break, WordLine};

use chart::Chart;
use items::{PieceCell, Placed};

/// Bits of a cut between two parts, by the break that stands there: after a line end, after a blank line.
#[derive(Clone, Copy, Debug)]
pub(super) struct CutBits {
    stacked: [f32; 2],
    beside: [f32; 2],
}

impl Default for CutBits {
    fn default() -> Self {
        Self { stacked: [0.5, 0.8], beside: [2.5, 0.8] }
    }
}

/// Cuts that the expectation is worth.
const CUT_WEIGHT: f32 = 6.0;

impl CutBits {
    fn learned(counts: &[[u32; 2]; 2]) -> Self {
        let mut bits = Self::default();
        for (place, counted) in counts.iter().enumerate() {
            let prior = (-bits.stacked[place]).exp2();
            let total = (counted[0] + counted[1]) as f32 + CUT_WEIGHT;
            let share = (counted[0] as f32 + CUT_WEIGHT * prior) / total;
            bits.stacked[place] = -share.log2();
            bits.beside[place] = -(1.0 - share).log2();
        }
        bits
    }
}

/// The best reading of `measure`'s words as pages partitioned so, and what its cuts teach.
pub(super) fn read(
    measure: &mut Measure<'_>,
    titles: &Titles,
    cuts: CutBits,
    budget: &mut Budget,
) -> Option<(Reading, CutBits)> {
    let width = measure.columns.len();
    if !(2..=MAX_COLUMNS).contains(&width) {
        return None;
    }
    let words = measure.words;
    let mut steps: Vec<Step> = Vec::new();
    let (mut bits, mut second, mut base) = (0.0, f32::INFINITY, 0_i16);
    let mut counts = [[0; 2]; 2];
    let mut first = 0;
    while first < words.lines.len() {
        let rest = words.lines.get(first + 1..).unwrap_or_default();
        let is_same_page =
            |line: &&WordLine| words.words.get(line.first).is_some_and(|word| word.before != Break::Page);
        let end = first + 1 + rest.iter().take_while(is_same_page).count();
        let outside: f32 = words.lines[first..end].iter().map(outside_bits).sum();
        let page = Chart::new(measure, titles, cuts, first..end).and_then(|chart| chart.run(budget));
        match page {
            Some(page) if page.bits < outside => {
                push_steps(&mut steps, &page, base);
                base = base.saturating_add(page.rows);
                bits += page.bits;
                second = second.min(page.second - page.bits);
                for (sums, counted) in counts.iter_mut().zip(page.cuts) {
                    sums[0] += counted[0];
                    sums[1] += counted[1];
                }
            }
            _ => bits += outside,
        }
        first = end;
    }
    if steps.is_empty() {
        return None;
    }
    steps.iter_mut().for_each(|step| step.margin = step.margin.min(second));
    Some((Reading { steps, bits, second }, CutBits::learned(&counts)))
}

/// The cells of a page in the order of the print; records count from `base`.
fn push_steps(steps: &mut Vec<Step>, page: &Placed, base: i16) {
    let margins = page.margins.iter().copied().chain(std::iter::repeat(f32::INFINITY));
    let mut cells: Vec<((i16, PieceCell), f32)> = page.cells.iter().copied().zip(margins).collect();
    cells.sort_unstable_by_key(|((_, cell), _)| cell.1);
    let mut last: Option<(i16, u8)> = None;
    for ((row, (column, first, end)), margin) in cells {
        let kind = match last {
            None => Move::First,
            Some((above, before)) if row == above && column > before => Move::Right,
            Some((_, before)) if column == before => Move::Down,
            Some((above, _)) if row > above => Move::Record,
            Some(_) => Move::Next,
        };
        let role = if row < 0 {
            Role::Title { column }
        } else {
            Role::Cell { row: base.saturating_add(row), column }
        };
        steps.push(Step {
            first: first as usize,
            end: end as usize,
            role,
            kind,
            stand: Stand::Open,
            margin: if page.holed >> column & 1 == 1 { 0.0 } else { margin },
        });
        last = Some((row, column));
    }
}

#[cfg(test)]
mod tests;
