//! How far every cell of a page's best reading is from the next best without it.
//!
//! The chart knows the cheapest reading of each interval from within. What stands around it on the page follows from
//! the whole page to ever smaller parts:
//!
//! ```text
//! around[part] = min over joins of `part` and a neighbour to a reading `whole`:
//!                around[whole] + bits(join) - bits(part)
//! ```
//!
//! `around[piece] + bits(piece)` is the best page that holds the piece, so the least over all pieces, skipped
//! lines and lines outside in which a cell's words are anything else is the best page without the cell. Only what stands
//! within [`MARGIN_BITS`] of the best page is followed, which leaves few intervals; readings that the chart has
//! dropped are not seen, so that a margin beyond the chart's own beam says no more than the beam.

use std::collections::BTreeMap;

use itertools::Itertools;

use super::chart::{Chart, PAIRS_A_STEP, SUM_BITS};
use super::items::{Candidate, Cell, Found, Key, Made, PieceCell, Placed, Slot};
use super::pieces::PIECE_LINES;
use crate::budget::Budget;

/// How much dearer than the best page a page may be to say something of a cell.
const MARGIN_BITS: f32 = 24.0;

/// The margins of the cells of the best page, as far as they are known.
struct Margins<'p> {
    cells: &'p [(i16, PieceCell)],
    /// For every word of the text its cell, by index.
    of_word: Vec<u32>,
    /// Bits of the best page without each cell.
    least: Vec<f32>,
}

const NONE: u32 = u32::MAX;

impl<'p> Margins<'p> {
    fn new(placed: &'p Placed, words: usize) -> Self {
        let mut of_word = vec![NONE; words];
        for (index, (_, (_, first, end))) in placed.cells.iter().enumerate() {
            if let Some(run) = of_word.get_mut(*first as usize..*end as usize) {
                run.fill(index as u32);
            }
        }
        Self { cells: &placed.cells, of_word, least: vec![f32::INFINITY; placed.cells.len()] }
    }

    /// A page of `bits` in which the words `first..end` are the cells of which `is_same` knows one, or nothing.
    fn lower(&mut self, first: usize, end: usize, bits: f32, is_same: impl Fn(&(i16, PieceCell)) -> bool) {
        let mut last = NONE;
        for &index in self.of_word.get(first..end).unwrap_or_default() {
            if index == last || index == NONE {
                continue;
            }
            last = index;
            let (Some(cell), Some(least)) =
                (self.cells.get(index as usize), self.least.get_mut(index as usize))
            else {
                continue;
            };
            if bits < *least && !is_same(cell) {
                *least = bits;
            }
        }
    }
}

impl Chart<'_, '_> {
    /// For every cell of `placed`, the best page of the chart: bits by which the best page without it is dearer. Once the
    /// budget is spent nothing is known of any cell, and none is sure.
    pub(super) fn margins(
        &self,
        leaves: &[Vec<(Key, Candidate)>],
        placed: &Placed,
        budget: &mut Budget,
    ) -> Vec<f32> {
        let count = self.lines.len();
        let limit = placed.bits + MARGIN_BITS;
        let mut margins = Margins::new(placed, self.measure.words.words.len());
        let mut around = self.around_roots(&mut margins);
        for length in (1..=count).rev() {
            for first in 0..=count - length {
                let end = first + length;
                let wholes = self.spread_derived(first, end, limit, &mut around);
                if wholes.is_empty() {
                    continue;
                }
                if length > 1 {
                    self.spread_skipped(first, end, limit, &mut around, &mut margins);
                    let cuts = first + 1..end;
                    let tried: u64 = cuts
                        .map(|cut| self.spread_joins((first, cut, end), &wholes, limit, &mut around))
                        .sum();
                    if !budget.spend(1 + tried / PAIRS_A_STEP) {
                        return vec![0.0; placed.cells.len()];
                    }
                }
                if length <= PIECE_LINES.min(count) {
                    let slot = first * PIECE_LINES.min(count) + length - 1;
                    for (key, leaf) in leaves.get(slot).into_iter().flatten() {
                        if let Some(around) = wholes.get(key)
                            && let Made::Piece(piece) = leaf.made
                            && around + leaf.bits <= limit
                            && let Some(piece) = self.pieces.get(piece as usize)
                        {
                            let (from, to) = self.words_of(first, end);
                            margins.lower(from, to, around + leaf.bits, |(row, cell)| {
                                piece.is_head == (*row < 0) && piece.cells.contains(cell)
                            });
                        }
                    }
                }
            }
        }
        margins.least.iter().map(|bits| (bits - placed.bits).max(0.0)).collect()
    }

    /// What stands around each reading that is a whole table of the page; lines outside of it are no cells.
    fn around_roots(&self, margins: &mut Margins<'_>) -> Vec<f32> {
        let count = self.lines.len();
        let width = self.measure.columns.len() as u8;
        let mut around = vec![f32::INFINITY; self.items.len()];
        for first in 0..count {
            for end in first + 1..=count {
                let outside = self.outside(0, first) + self.outside(end, count);
                let mut least = f32::INFINITY;
                for slot in self.slots(first, end) {
                    if slot.key.left == 0 && slot.key.right == width && slot.key.rows > 0 {
                        around[slot.id as usize] = outside;
                        least = least.min(slot.bits + outside);
                    }
                }
                if least.is_finite() {
                    for (from, to) in [(0, first), (end, count)] {
                        let (from, to) = self.words_of(from, to);
                        margins.lower(from, to, least, |_| false);
                    }
                }
            }
        }
        around
    }

    /// The words of the lines `first..end` of the page.
    fn words_of(&self, first: usize, end: usize) -> (usize, usize) {
        let line = |at: usize| self.lines.get(at).and_then(|line| self.measure.words.lines.get(*line));
        match (line(first), end.checked_sub(1).and_then(line)) {
            (Some(from), Some(to)) if first < end => (from.first, to.end),
            _ => (0, 0),
        }
    }

    /// Spreads from readings with empty records, unprinted headers and empty columns to those that they are made of, and
    /// gives what stands around each reading of the lines that is near the best page.
    fn spread_derived(&self, first: usize, end: usize, limit: f32, around: &mut [f32]) -> BTreeMap<Key, f32> {
        let mut slots: Vec<&Slot> = self.slots(first, end).iter().collect();
        let of_key: BTreeMap<Key, u32> = slots.iter().map(|slot| (slot.key, slot.id)).collect();
        // What is derived from a reading has more records, columns, or a header.
        let size = |key: &Key| (key.rows, key.has_head, key.right - key.left);
        slots.sort_by(|one, other| size(&other.key).cmp(&size(&one.key)).then(one.key.cmp(&other.key)));
        let mut derived = Found::default();
        for slot in slots {
            self.derive(slot.id, &mut derived);
            for (key, candidate) in derived.take() {
                let Some(whole) = of_key.get(&key).and_then(|id| around.get(*id as usize)) else { continue };
                let bits = whole + candidate.bits;
                lower(around, *slot, bits, limit);
            }
        }
        let near =
            |slot: &&Slot| around.get(slot.id as usize).is_some_and(|around| around + slot.bits <= limit);
        let slots = self.slots(first, end).iter().filter(near);
        slots.filter_map(|slot| Some((slot.key, *around.get(slot.id as usize)?))).collect()
    }

    /// Spreads to the readings without the first or the last line, whose words are no cells then.
    fn spread_skipped(
        &self,
        first: usize,
        end: usize,
        limit: f32,
        around: &mut [f32],
        margins: &mut Margins<'_>,
    ) {
        let of_key: BTreeMap<Key, u32> =
            self.slots(first, end).iter().map(|slot| (slot.key, slot.id)).collect();
        for (inner, line, is_before) in [((first + 1, end), first, true), ((first, end - 1), end - 1, false)]
        {
            let mut least = f32::INFINITY;
            for slot in self.slots(inner.0, inner.1) {
                let Some(whole) = of_key.get(&slot.key).and_then(|id| around.get(*id as usize)) else {
                    continue;
                };
                let is_header = slot.key.has_head && (is_before || slot.key.rows == 0);
                let bits = whole + slot.bits + self.skip_bits(line, is_header);
                least = least.min(bits);
                lower(around, *slot, bits, limit);
            }
            let (from, to) = self.words_of(line, line + 1);
            margins.lower(from, to, least, |_| false);
        }
    }

    /// Spreads to the two parts of which readings of the lines are joined; how many pairs were tried.
    fn spread_joins(
        &self,
        (first, cut, end): (usize, usize, usize),
        wholes: &BTreeMap<Key, f32>,
        limit: f32,
        around: &mut [f32],
    ) -> u64 {
        let (Some(before), Some(after)) = (self.part(first, cut), self.part(cut, end)) else { return 0 };
        let mut tried = 0;
        let least = wholes.values().copied().fold(f32::INFINITY, f32::min);
        let most = limit - least + SUM_BITS;
        let place = self.break_at(cut);
        let mut values = Vec::new();
        for (own, group) in before.groups.iter().cartesian_product(&after.groups) {
            let Some(joint) = self.joint(own, group, place) else { continue };
            for one in before.of_group(own) {
                // The cheapest stand first.
                for other in joint.partners(after, group, one.key) {
                    tried += 1;
                    if one.bits + other.bits + joint.cut > most {
                        break;
                    }
                    let Some((key, bits, made)) = joint.join(self, *one, *other, most) else { continue };
                    let Some(whole) = wholes.get(&key).filter(|whole| *whole + bits <= limit + SUM_BITS)
                    else {
                        continue;
                    };
                    let sums = match made {
                        Made::Stacked(top, bottom) => self.sum_bits(top, bottom, &mut values),
                        _ => 0.0,
                    };
                    for part in [one, other] {
                        lower(around, *part, whole + bits - sums, limit);
                    }
                }
            }
        }
        tried
    }

    fn part(&self, first: usize, end: usize) -> Option<&Cell> {
        self.cells.get(self.slot(first, end)).filter(|cell| !cell.slots.is_empty())
    }
}

/// Notes a page of `bits` that holds the reading of `slot`.
fn lower(around: &mut [f32], slot: Slot, bits: f32, limit: f32) {
    if let Some(known) = around.get_mut(slot.id as usize)
        && bits <= limit
    {
        *known = known.min(bits - slot.bits);
    }
}
