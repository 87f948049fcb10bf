//! What stands between two cuts: the bands that may be columns, and what their cells cost.

use super::cuts::is_plain;
use super::gutters::TitleWord;
use super::shape::{PRIOR_CELLS, SHAPES, Shape, kind_bits, misfit_bits, prior, shape_of};
use super::titles::FieldView;
use super::words::{FIRST, Sheet, Word};
use crate::schema::FieldKind;

/// Bits of a header word in the band of a field that does not have it, and of a title word that is missed.
const FOREIGN_TITLE: f32 = 5.0;
/// Bits of a gap of two blanks inside a cell, and of more.
pub(super) const INNER_GAP_OF_TWO: f32 = 3.5;
pub(super) const INNER_GAP: f32 = 7.0;
/// Lines that testify.
pub(super) const MAX_SAMPLE: usize = 96;

/// What stands between two candidates, for every line.
pub(super) struct Bands<'s> {
    lines: Vec<&'s [Word]>,
    /// Whether a line may be a piece of one cell.
    plain: Vec<bool>,
    /// For every line and candidate: words whose middle is left of it.
    before: Vec<u32>,
    /// For every line, prefix sums of the bits of its gaps if they were inside of a cell.
    gaps: Vec<Vec<f32>>,
    /// For every candidate: title words left of it.
    titles_before: Vec<usize>,
    /// Title words by their middle.
    titles: Vec<TitleWord>,
    count: usize,
}

impl<'s> Bands<'s> {
    pub(super) fn new(
        sheet: &'s Sheet<'_>,
        sample: &[usize],
        candidates: &[u32],
        titles: &[TitleWord],
    ) -> Self {
        let lines: Vec<&[Word]> = sample.iter().map(|&line| sheet.words_of(line)).collect();
        let mut before = Vec::with_capacity(lines.len() * candidates.len());
        let mut gaps = Vec::with_capacity(lines.len());
        for words in &lines {
            let mut word = 0;
            for &candidate in candidates {
                while words.get(word).is_some_and(|word| u32::midpoint(word.left, word.right) < candidate) {
                    word += 1;
                }
                before.push(u32::try_from(word).unwrap_or(u32::MAX));
            }
            let mut sum = 0.0;
            let mut sums = Vec::with_capacity(words.len() + 1);
            for word in *words {
                sum += match word.gap {
                    1 | FIRST.. => 0.0,
                    2 => INNER_GAP_OF_TWO,
                    _ => INNER_GAP,
                };
                sums.push(sum);
            }
            gaps.push(sums);
        }
        let mut titles = titles.to_vec();
        titles.sort_by_key(|title| title.middle);
        let titles_before = candidates
            .iter()
            .map(|candidate| titles.partition_point(|title| title.middle < *candidate))
            .collect();
        Self {
            plain: lines.iter().map(|words| is_plain(words)).collect(),
            lines,
            before,
            gaps,
            titles_before,
            titles,
            count: candidates.len(),
        }
    }

    /// Shapes of the cells between candidates `left` and `right`, counted, and the bits of the gaps inside.
    pub(super) fn tally(&self, left: usize, right: usize) -> ([u32; SHAPES], f32) {
        let mut counts = [0_u32; SHAPES];
        let mut inner = 0.0;
        for (line, words) in self.lines.iter().enumerate() {
            let row = line * self.count;
            let (from, to) = (self.before[row + left] as usize, self.before[row + right] as usize);
            // A piece of one cell says nothing of the others.
            if to > from || !self.plain[line] {
                counts[shape_of(&words[from..to]) as usize] += 1;
            }
            if to > from + 1 {
                inner += self.gaps[line][to - 1] - self.gaps[line][from];
            }
        }
        (counts, inner)
    }

    /// Number of lines that two candidates part otherwise.
    pub(super) fn differ(&self, own: usize, other: usize) -> usize {
        self.before.chunks(self.count.max(1)).filter(|before| before[own] != before[other]).count()
    }

    /// Number of lines that testify.
    pub(super) fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Bits of the header words in a band under a field.
    pub(super) fn title_bits(&self, left: usize, right: usize, field: usize) -> f32 {
        let words = &self.titles[self.titles_before[left]..self.titles_before[right]];
        let foreign = words.iter().filter(|word| word.field.is_some_and(|other| other != field)).count();
        (foreign as f32) * FOREIGN_TITLE
    }
}

/// Bits of a column's cells by their shapes, for every count of every shape up to [`MAX_SAMPLE`].
///
/// Shapes are coded adaptively: the k-th cell costs `-log2` of the share that its shape has among the cells before,
/// smoothed with [`PRIOR_CELLS`] cells of the kind. So a column may be of any one shape, as long as it keeps it.
#[derive(Clone, Debug)]
pub(super) struct ShapeCode {
    /// By shape, the bits of so many cells of it, before the total.
    of_shape: Vec<[f32; SHAPES]>,
    /// By number of cells.
    total: Vec<f32>,
}

impl ShapeCode {
    /// The code of a field.
    pub(super) fn new(field: &FieldView) -> Self {
        let prior = prior(field).map(|share| share * PRIOR_CELLS);
        let misfit = Shape::ALL.map(|shape| misfit_bits(field.kind, shape));
        let (mut bits, mut sum) = ([0.0; SHAPES], 0.0);
        let (mut of_shape, mut total) = (vec![bits], vec![sum]);
        for count in 0..=MAX_SAMPLE {
            let count = count as f32;
            for ((bits, prior), misfit) in bits.iter_mut().zip(prior).zip(misfit) {
                *bits += misfit - (prior + count).log2();
            }
            sum += (PRIOR_CELLS + count).log2();
            of_shape.push(bits);
            total.push(sum);
        }
        Self { of_shape, total }
    }

    /// Bits of cells, counted by shape; empty ones left out.
    pub(super) fn bits(&self, counts: &[u32; SHAPES]) -> f32 {
        let mut bits = 0.0;
        let mut filled = 0;
        for (shape, count) in counts.iter().enumerate().skip(1).filter(|(_, count)| **count > 0) {
            let count = (*count as usize).min(MAX_SAMPLE);
            filled += count;
            bits += self.of_shape[count][shape];
        }
        bits + self.total[filled.min(MAX_SAMPLE)]
    }
}

/// The kinds that bands may have without a schema.
const KINDS: [(FieldKind, bool); 4] = [
    (FieldKind::String, false),
    (FieldKind::Number, false),
    (FieldKind::Number, true),
    (FieldKind::Date, false),
];

/// The cheapest kind of a band, and its bits: by the kinds as they are, since adaptive codes would let columns of
/// several numbers pass.
pub(super) fn kind_of(counts: &[u32; SHAPES]) -> ((FieldKind, bool), f32) {
    let mut best = (KINDS[0], f32::INFINITY);
    for (kind, percent) in KINDS {
        let cells = Shape::ALL.into_iter().zip(counts).skip(1).filter(|(_, count)| **count > 0);
        let bits: f32 = cells.map(|(shape, count)| kind_bits(kind, percent, shape) * *count as f32).sum();
        if bits < best.1 {
            best = ((kind, percent), bits);
        }
    }
    best
}
