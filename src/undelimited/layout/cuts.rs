//! Where gutters may be: what the lines say of a cut at every display column, and the columns worth a try.

use super::gutters::{GUTTERS, GapBits, TitleWord};
use super::words::{FIRST, Sheet, Word};

/// Bits for every display column between a cut and the gap of a line that it stands for.
const DRIFT: f32 = 1.2;
/// Bits that one line can say against a cut at most.
const MAX_CUT: f32 = 12.0;
/// That a line without a wide gap or a number can say.
const MAX_PLAIN_CUT: f32 = 4.0;
/// Cuts that are tried.
const MAX_CANDIDATES: usize = 72;
/// One line in so many must print in a display column to part the valleys beside it.
const PRINTED_SHARE: usize = 8;

/// For every display column the bits of a cut before it, and what the gutter would be.
pub(super) fn cut_costs(sheet: &Sheet<'_>, lines: &[usize]) -> Vec<(f32, usize)> {
    let width = lines.iter().filter_map(|&line| sheet.words_of(line).last()).map(|word| word.right).max();
    let width = width.unwrap_or(0) as usize + 2;
    let mut best = vec![(f32::INFINITY, 0); width];
    let mut total = vec![0.0_f32; width];
    let mut own = vec![0.0_f32; width];
    for (kind, (prior, gaps)) in GUTTERS.into_iter().enumerate() {
        total.fill(prior);
        for &line in lines {
            line_costs(sheet.words_of(line), gaps, &mut own);
            total.iter_mut().zip(&own).for_each(|(sum, bits)| *sum += bits);
        }
        for (best, bits) in best.iter_mut().zip(&total) {
            if *bits < best.0 {
                *best = (*bits, kind);
            }
        }
    }
    best
}

/// What one line says of a cut at every display column.
fn line_costs(words: &[Word], gaps: GapBits, own: &mut [f32]) {
    let most = if is_plain(words) { MAX_PLAIN_CUT } else { MAX_CUT };
    own.fill(most);
    let mut at = 0_usize;
    for word in words {
        let bits = match word.gap {
            1 => gaps.single,
            // The cells to the left are empty: nothing is said of the gutter.
            FIRST.. => GapBits::USUAL.wide,
            _ => gaps.wide.min(GapBits::USUAL.single),
        };
        for cost in own.iter_mut().take(word.left as usize + 1).skip(at) {
            *cost = bits;
        }
        at = word.right as usize;
    }
    own.iter_mut().skip(at).for_each(|cost| *cost = GapBits::USUAL.wide);
    for x in 1..own.len() {
        own[x] = own[x].min(own[x - 1] + DRIFT);
    }
    for x in (0..own.len() - 1).rev() {
        own[x] = own[x].min(own[x + 1] + DRIFT);
    }
}

/// Whether a line has neither a wide gap nor a number: it may be a label alone, a piece of a cell, a note.
pub(super) fn is_plain(words: &[Word]) -> bool {
    words.iter().all(|word| (word.gap == 1 || word.gap >= FIRST) && !word.kind.is_number())
}

/// For every display column: whether something is printed there on enough of the lines, and whether most lines have
/// a gap at the cut before it.
pub(super) fn printed_cells(sheet: &Sheet<'_>, lines: &[usize], width: usize) -> Vec<(bool, bool)> {
    let mut counts = vec![(0_u32, 0_u32); width];
    for &line in lines {
        let mut at = 0;
        for word in sheet.words_of(line) {
            let (left, right) = (word.left as usize, word.right as usize);
            counts.iter_mut().take(right).skip(left).for_each(|count| count.0 += 1);
            counts.iter_mut().take(left + 1).skip(at).for_each(|count| count.1 += 1);
            at = right;
        }
        counts.iter_mut().skip(at).for_each(|count| count.1 += 1);
    }
    let (enough, most) = (1.max(lines.len() / PRINTED_SHARE), lines.len() / 2);
    counts.into_iter().map(|(print, gap)| (print as usize > enough, gap as usize > most)).collect()
}

/// Places to cut: ends and middles of the valleys, and between header words that stand in one. A column of single
/// digits is no higher than the gaps beside it: valleys end where something is printed.
pub(super) fn candidates_of(
    cuts: &[(f32, usize)],
    printed: &[(bool, bool)],
    titles: &[TitleWord],
) -> Vec<u32> {
    let mut found: Vec<(f32, u32)> = Vec::new();
    let last = cuts.len().saturating_sub(1);
    let mut start = 0;
    let mut valleys = Vec::new();
    while start <= last {
        let mut end = start;
        while end < last && (cuts[end + 1].0 - cuts[start].0).abs() < 0.05 && !printed[end].0 {
            end += 1;
        }
        let is_gap = printed[start].1;
        let falls = start == 0 || (is_gap && printed[start - 1].0) || cuts[start - 1].0 >= cuts[start].0;
        let rises = end == last || (is_gap && printed[end].0) || cuts[end + 1].0 >= cuts[end].0;
        if falls && rises && start > 0 && end < last {
            valleys.push((start, end, cuts[start].0));
        }
        start = end + 1;
    }
    for &(start, end, bits) in &valleys {
        for x in [start, usize::midpoint(start, end), end] {
            found.push((bits, u32::try_from(x).unwrap_or(0)));
        }
        // Several columns without a value in between: their headers tell where they part.
        let mut inside: Vec<u32> = titles
            .iter()
            .map(|title| title.middle)
            .filter(|middle| (start..=end).contains(&(*middle as usize)))
            .collect();
        inside.sort_unstable();
        for pair in inside.windows(2) {
            found.push((bits, u32::midpoint(pair[0], pair[1])));
        }
    }
    found.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
    found.truncate(MAX_CANDIDATES);
    let mut candidates: Vec<u32> = found.into_iter().map(|(_, x)| x).collect();
    candidates.push(0);
    candidates.push(u32::try_from(cuts.len()).unwrap_or(0));
    candidates.sort_unstable();
    candidates.dedup();
    candidates
}
