//! Which lines belong to a table: those whose bits as rows are fewer than as prose.
//!
//! A line gains what prose costs more than the row does: its gaps and numbers, and that it stands right under another row.
//! The table is the stretch of lines with the greatest sum. How sure a line is of it is what the best stretch without
//! it falls short of that: prefix maxima from both ends. Linear in the lines.

use super::model::Cells;
use super::words::{FIRST, Sheet};

/// Bits of a line of prose, of a number in it, and of its gaps.
const PROSE_LINE: f32 = 2.0;
const PROSE_NUMBER: f32 = 2.0;
const PROSE_GAP_OF_TWO: f32 = 3.5;
const PROSE_GAP: f32 = 7.0;
/// Margin of last lines of one cell.
const TAIL: f32 = 5.0;
/// Bits for a line right under a table line to belong to the table, and against it after a blank line.
const NEXT_LINE: f32 = 10.0;
const AFTER_BLANK: f32 = -3.0;
const LEAST_GAIN: f32 = -30.0;

/// Bits that lines gain by being read as lines of the table.
pub(super) fn gains(sheet: &Sheet<'_>, body: &[usize], bits: &[(f32, f32)]) -> Vec<f32> {
    body.iter()
        .zip(bits)
        .enumerate()
        .map(|(position, (&line, (bits, empties)))| {
            let mut prose = PROSE_LINE;
            for word in sheet.words_of(line) {
                prose += match word.gap {
                    1 | FIRST.. => 0.0,
                    2 => PROSE_GAP_OF_TWO,
                    _ => PROSE_GAP,
                };
                prose += if word.kind.is_number() { PROSE_NUMBER } else { 0.0 };
            }
            let next = match sheet.lines[line].blanks {
                _ if position == 0 => 0.0,
                // Right under a row it may be a piece of it, which leaves most columns empty.
                0 => NEXT_LINE + empties,
                _ => AFTER_BLANK,
            };
            (prose - bits + next).max(LEAST_GAIN)
        })
        .collect()
}

/// The stretch of lines whose gains sum up highest.
pub(super) fn best_stretch(gains: &[f32]) -> (usize, usize) {
    let (mut sum, mut start) = (0.0, 0);
    let mut best = (0.0, 0, 0);
    for (position, gain) in gains.iter().enumerate() {
        if sum <= 0.0 {
            (sum, start) = (0.0, position);
        }
        sum += gain;
        if sum > best.0 {
            best = (sum, start, position + 1);
        }
    }
    (best.1, best.2)
}

/// The number of lines after which the gains sum up highest.
pub(super) fn table_end(gains: &[f32]) -> usize {
    let (mut sum, mut best, mut end) = (0.0, 0.0, 0);
    for (position, gain) in gains.iter().enumerate() {
        sum += gain;
        if sum > best {
            (best, end) = (sum, position + 1);
        }
    }
    end
}

/// For every line of a stretch, by how many bits the best stretch without it is dearer: it may end before, or
/// begin behind.
pub(super) fn stretch_margins(
    gains: &[f32],
    (first, end): (usize, usize),
    may_start_later: bool,
) -> Vec<f32> {
    let own = gains.get(first..end).unwrap_or_default();
    let total: f32 = own.iter().sum();
    let before = |sums: &mut (f32, f32), gain: f32| {
        let best = sums.1;
        sums.0 += gain;
        sums.1 = sums.1.max(sums.0);
        Some(best)
    };
    let ends = own.iter().scan((0.0, 0.0_f32), |sums, gain| before(sums, *gain));
    let mut starts: Vec<f32> =
        own.iter().rev().scan((0.0, 0.0_f32), |sums, gain| before(sums, *gain)).collect();
    starts.reverse();
    ends.zip(starts)
        .map(|(ending, starting)| total - if may_start_later { ending.max(starting) } else { ending })
        .collect()
}

/// The last line of a table may go on in the next one, where that is hardly dearer.
pub(super) fn doubt_end(sheet: &Sheet<'_>, body: &[usize], gains: &[f32], count: usize, members: &mut [f32]) {
    let is_near =
        body.get(count).and_then(|line| sheet.lines.get(*line)).is_some_and(|line| line.blanks == 0);
    let Some(last) = members.last_mut().filter(|_| is_near) else { return };
    let on = gains.get(count..).unwrap_or_default().iter().scan(0.0, |sum, gain| {
        *sum += gain;
        Some(*sum)
    });
    let best = on.fold(f32::NEG_INFINITY, f32::max);
    *last = last.min((-best).max(0.0));
}

/// Last lines of one cell may be notes, sources, furniture as well as rests of the last row.
pub(super) fn doubt_tail(cells: &Cells, count: usize, members: &mut [f32]) {
    for line in (0..count).rev() {
        let filled = (0..cells.width).filter(|column| !cells.is_empty(line, *column)).count();
        if filled > 1 {
            return;
        }
        if let Some(margin) = members.get_mut(line) {
            *margin = margin.min(TAIL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_those_that_trying_all_stretches_finds() {
        let mut state = 3_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % 21
        };
        for _ in 0..200 {
            let gains: Vec<f32> = (0..1 + next() % 8).map(|_| next() as f32 - 8.0).collect();
            let (first, end) = best_stretch(&gains);
            let total: f32 = gains[first..end].iter().sum();
            let margins = stretch_margins(&gains, (first, end), true);
            assert_eq!(margins.len(), end - first);
            for (line, margin) in (first..end).zip(margins) {
                // Stretches inside of the best one that end before the line or begin behind it; none gains nothing.
                let mut best = 0.0_f32;
                for from in first..end {
                    for to in from..end {
                        if !(from..=to).contains(&line) {
                            best = best.max(gains[from..=to].iter().sum());
                        }
                    }
                }
                let expected = total - best;
                assert!(margin <= expected + 0.001 || (margin - expected).abs() < 0.001, "{gains:?} {line}");
                assert!(margin >= -0.001);
            }
        }
    }

    #[test]
    fn last_lines_of_one_cell_are_doubted() {
        let mut cells = Cells::new(2);
        cells.ranges = vec![(0, 1), (1, 2), (2, 3), (3, 3), (3, 4), (4, 5), (5, 6), (6, 6)];
        let mut members = vec![30.0; 4];
        doubt_tail(&cells, 4, &mut members);
        assert_eq!(members, [30.0, 30.0, 30.0, TAIL]);
    }
}
