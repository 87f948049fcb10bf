//! Gutters that every line keeps: the common case, found without a search.
//!
//! A *phrase* is a run of words one blank apart. If the display columns that phrases cover fall into bands with two
//! blank columns or more between them, and no line has two phrases in one band, then nothing else can be meant.
//! Linear in the words.

use std::ops::Range;

use super::bands::MAX_SAMPLE;
use super::boxhead::phrases;
use super::cuts::is_plain;
use super::gutters::{GapBits, Gutters, LEAST_ROWS, has_gap, is_headed, strict_band_bits};
use super::shape::{SHAPES, Shape, shape_of};
use super::words::{Sheet, Word};

/// Blank columns between two bands.
const GUTTER: usize = 2;
/// One cell in so many may hold several values before the bands are doubted.
const DOUBTED: usize = 10;

/// The gutters that all of `lines` keep.
pub(super) fn strict_gutters(sheet: &Sheet<'_>, lines: &[usize]) -> Option<Gutters> {
    let mut edges = Vec::new();
    let mut covered = Vec::new();
    let extents =
        |phrase: &[Word]| phrase.first().zip(phrase.last()).map(|(first, last)| (first.left, last.right));
    let all = lines.iter().flat_map(|&line| phrases(sheet.words_of(line))).filter_map(extents);
    let width = lines.iter().filter_map(|&line| sheet.words_of(line).last()).map(|word| word.right).max()?;
    bands_of(width, all, &mut covered, &mut edges)?;
    if !is_kept(sheet, lines, &edges) {
        return None;
    }
    let gaps = vec![GapBits::USUAL; edges.len() - 1];
    Some(Gutters { edges, gaps, bits: 0.0, is_strict: true, rivals: Vec::new() })
}

/// The edges of the bands that phrases cover, which end before display column `width`: two bands at least; `covered` is
/// scratch space.
fn bands_of(
    width: u32,
    phrases: impl Iterator<Item = (u32, u32)>,
    covered: &mut Vec<i32>,
    edges: &mut Vec<u32>,
) -> Option<()> {
    covered.clear();
    covered.resize(width as usize + 1, 0);
    for (left, right) in phrases {
        covered[left as usize] += 1;
        covered[right as usize] -= 1;
    }
    edges.clear();
    edges.push(0);
    let (mut depth, mut blank) = (0, 0);
    let mut has_print = false;
    for (column, change) in covered.iter().enumerate() {
        depth += change;
        if depth > 0 {
            if has_print && blank >= GUTTER {
                edges.push(u32::try_from(column).ok()?);
            }
            (has_print, blank) = (true, 0);
        } else {
            blank += 1;
        }
    }
    edges.push(width);
    (edges.len() > 2).then_some(())
}

/// Whether no line has two phrases in one band.
fn is_kept(sheet: &Sheet<'_>, lines: &[usize], edges: &[u32]) -> bool {
    lines.iter().all(|&line| {
        let mut last = None;
        phrases(sheet.words_of(line)).all(|phrase| {
            let left = phrase.first().map_or(0, |word| word.left);
            let band = edges.partition_point(|edge| *edge <= left);
            last.replace(band) != Some(band)
        })
    })
}

/// Whether hardly a cell between the gutters holds several values: no two columns are one blank apart.
pub(super) fn is_single_valued(sheet: &Sheet<'_>, lines: &[usize]) -> bool {
    let (mut cells, mut several) = (0_usize, 0_usize);
    for &line in lines {
        for phrase in phrases(sheet.words_of(line)) {
            cells += 1;
            several += usize::from(holds_several(phrase, shape_of(phrase)));
        }
    }
    several * DOUBTED <= cells
}

fn holds_several(phrase: &[Word], shape: Shape) -> bool {
    match shape {
        Shape::Several => true,
        Shape::Mixed => phrase.first().is_some_and(|word| word.kind.is_number()),
        _ => false,
    }
}

/// A phrase of a line, as far as gutters that every line keeps ask for it.
#[derive(Clone, Copy, Debug)]
struct StrictPhrase {
    left: u32,
    right: u32,
    shape: Shape,
    holds_several: bool,
}

/// What a line is to gutters that every line keeps.
#[derive(Clone, Copy, Debug)]
struct StrictLine {
    /// The end of its phrases.
    end: usize,
    has_gap: bool,
    /// Whether it has no number but years, as headers.
    is_headed: bool,
    is_plain: bool,
    /// Whether a word takes up no column, which is in no band then.
    is_odd: bool,
}

/// The phrases of all lines of a sheet, for the many overlapping stretches of lines of which it is asked what gutters they
/// share: the answer of [`super::gutters::find_gutters`] where every line keeps them, without reading a word anew.
#[derive(Debug, Default)]
pub(super) struct StrictLines {
    phrases: Vec<StrictPhrase>,
    lines: Vec<StrictLine>,
    // Scratch space.
    covered: Vec<i32>,
    edges: Vec<u32>,
    counts: Vec<[u32; SHAPES]>,
}

impl StrictLines {
    pub(super) fn new(sheet: &Sheet<'_>) -> Self {
        let mut all = Self::default();
        for line in 0..sheet.lines.len() {
            let words = sheet.words_of(line);
            all.phrases.extend(phrases(words).map(|phrase| {
                let shape = shape_of(phrase);
                let (left, right) = (phrase[0].left, phrase[phrase.len() - 1].right);
                StrictPhrase { left, right, shape, holds_several: holds_several(phrase, shape) }
            }));
            all.lines.push(StrictLine {
                end: all.phrases.len(),
                has_gap: has_gap(words),
                is_headed: is_headed(words),
                is_plain: is_plain(words),
                is_odd: words.iter().any(|word| word.left == word.right || word.gap == 0),
            });
        }
        all
    }

    /// What the gutters of lines in a row cost that all of them keep, with hardly several values in a cell; `None` where
    /// only the search can tell.
    pub(super) fn bits(&mut self, range: Range<usize>) -> Option<f32> {
        let lines = self.lines.get(range.clone())?;
        let start = range.start.checked_sub(1).map_or(0, |before| self.lines[before].end);
        let phrases = self.phrases.get(start..lines.last()?.end)?;
        if lines.iter().any(|line| line.is_odd) {
            return None;
        }
        let several = phrases.iter().filter(|phrase| phrase.holds_several).count();
        if several * DOUBTED > phrases.len() {
            return None;
        }
        let extents = phrases.iter().map(|phrase| (phrase.left, phrase.right));
        let width = phrases.iter().map(|phrase| phrase.right).max()?;
        bands_of(width, extents, &mut self.covered, &mut self.edges)?;
        // The lines that testify, as the search has them.
        let has_gap = lines.iter().any(|line| line.has_gap);
        let count = if has_gap { lines.iter().filter(|line| line.has_gap).count() } else { lines.len() };
        let step = count.div_ceil(MAX_SAMPLE).max(1);
        let testify = |line: &StrictLine| line.has_gap || !has_gap;
        let sampled = count.div_ceil(step);
        let header =
            lines.iter().filter(|line| testify(line)).step_by(step).take_while(|line| line.is_headed);
        let header = header.count();
        let header = if header + LEAST_ROWS <= sampled { header } else { 0 };
        self.counts.clear();
        self.counts.resize(self.edges.len() - 1, [0; SHAPES]);
        let (mut at, mut seen) = (start, 0);
        for line in lines {
            let own = self.phrases.get(at..line.end)?;
            at = line.end;
            let is_sampled = testify(line) && seen % step == 0;
            let is_row = is_sampled && seen / step >= header;
            seen += usize::from(testify(line));
            take_line(own, &self.edges, is_row.then_some((&mut self.counts, line.is_plain)))?;
        }
        Some(self.counts.iter().map(|counts| strict_band_bits(counts, 0.0, sampled)).sum())
    }
}

/// Sees that no two phrases of a line are in one band, and counts the shapes of its cells by band if it is a row; empty
/// ones unless it is plain.
fn take_line(
    phrases: &[StrictPhrase],
    edges: &[u32],
    counts: Option<(&mut Vec<[u32; SHAPES]>, bool)>,
) -> Option<()> {
    let mut band = 0;
    let mut free = 0;
    let mut counts = counts;
    for phrase in phrases {
        while edges.get(band + 1).is_some_and(|edge| *edge <= phrase.left) {
            band += 1;
        }
        if band < free {
            return None;
        }
        if let Some((counts, is_plain)) = &mut counts {
            if !*is_plain {
                counts.get_mut(free..band)?.iter_mut().for_each(|counts| counts[Shape::Empty as usize] += 1);
            }
            counts.get_mut(band)?[phrase.shape as usize] += 1;
        }
        free = band + 1;
    }
    if let Some((counts, false)) = counts {
        counts.get_mut(free..)?.iter_mut().for_each(|counts| counts[Shape::Empty as usize] += 1);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;
    use crate::undelimited::layout::gutters::find_gutters;
    use proptest::prelude::*;

    fn edges(text: &str) -> Option<Vec<u32>> {
        let mut sheet = Sheet::new(text);
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            sheet.push_line(Span::new(at, at + line.trim_end().len()), 0, 0);
            at += line.len();
        }
        let lines: Vec<usize> = (0..sheet.lines.len()).collect();
        strict_gutters(&sheet, &lines).map(|gutters| gutters.edges)
    }

    #[test]
    fn bands_are_what_phrases_cover() {
        assert_eq!(edges("Rent       1,200     3\nLight         80    12\n"), Some(vec![0, 11, 20, 22]));
        assert_eq!(edges("Rent and light  1,200\nTax\n"), Some(vec![0, 16, 21]));
    }

    proptest! {
        #[test]
        fn shared_lines_cost_what_the_search_says(
            rows in prop::collection::vec(
                ("(Rent|Rent and light|2019|12|)", 0..40_usize, "(1,200|12 15|x|2020|)", "(7|a\u{301}b|\u{200b}|)"),
                1..140,
            ),
            from in 0..4usize,
        ) {
            let lines: Vec<String> = rows
                .iter()
                .map(|(label, pushed, value, last)| {
                    let width = if *pushed == 0 { 6 } else { 12 };
                    format!("{label:<15}{value:>width$}{last:>6}")
                })
                .collect();
            let text = lines.join("\n");
            let mut sheet = Sheet::new(&text);
            let mut at = 0;
            for line in &lines {
                sheet.push_line(Span::new(at, at + line.len()), 0, 0);
                at += line.len() + 1;
            }
            let range = from.min(sheet.lines.len())..sheet.lines.len();
            let fast = StrictLines::new(&sheet).bits(range.clone());
            let slow = find_gutters(&sheet, &range.collect::<Vec<_>>(), &[], None);
            if let Some(fast) = fast {
                let slow = slow.map(|gutters| (gutters.bits, gutters.is_strict));
                prop_assert_eq!(slow, Some((fast, true)));
            } else {
                prop_assert!(slow.is_none_or(|gutters| !gutters.is_strict) || text.contains(char::from_u32(0x200b).unwrap()));
            }
        }
    }

    #[test]
    fn bands_with_two_phrases_are_none() {
        assert_eq!(edges("Rent   1   2\nLong label  \nabc d  34567\n"), None);
        assert_eq!(edges("a b c\nd e f\n"), None);
    }
}
