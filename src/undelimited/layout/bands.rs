//! What stands between two cuts: the bands that may be columns, and what their cells cost.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use super::cuts::is_plain;
use super::gutters::TitleWord;
use super::model::{LISTED, UNLISTED};
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

/// Words of a value of a list, at most.
const MAX_LISTED: usize = 8;

/// For every line and word: with how many words it begins a value of a list, a bit for every number, and whether it is a
/// word of one.
pub(super) struct Listed(Vec<Vec<(u8, bool)>>);

/// Words of a line whose runs are all measured beforehand; of longer ones each is measured when it is asked for.
const MEASURED_WORDS: usize = 24;

/// The shapes of the runs of words of one line.
struct RunShapes(Vec<Shape>);

impl RunShapes {
    fn new(words: &[Word]) -> Self {
        if words.len() > MEASURED_WORDS {
            return Self(Vec::new());
        }
        let stride = words.len() + 1;
        let mut shapes = vec![Shape::Empty; stride * stride];
        for from in 0..words.len() {
            for to in from + 1..stride {
                shapes[from * stride + to] = shape_of(&words[from..to]);
            }
        }
        Self(shapes)
    }

    /// The shape of words `from..to`.
    fn of(&self, words: &[Word], from: usize, to: usize) -> Shape {
        let index = from * (words.len() + 1) + to;
        self.0.get(index).copied().unwrap_or_else(|| shape_of(words.get(from..to).unwrap_or_default()))
    }
}

/// What stands between two candidates, for every line.
pub(super) struct Bands<'s> {
    lines: Vec<&'s [Word]>,
    /// For every line the shapes of all runs of its words.
    shapes: Vec<RunShapes>,
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
            shapes: lines.iter().map(|words| RunShapes::new(words)).collect(),
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
                counts[self.shapes[line].of(words, from, to) as usize] += 1;
            }
            if to > from + 1 {
                inner += self.gaps[line][to - 1] - self.gaps[line][from];
            }
        }
        (counts, inner)
    }

    /// Bits of the cells between two candidates by the list of values of their field, if it has one.
    pub(super) fn listed_bits(&self, left: usize, right: usize, listed: Option<&Listed>) -> f32 {
        let Some(Listed(listed)) = listed else { return 0.0 };
        let rows = self.before.chunks(self.count.max(1)).zip(listed);
        rows.filter(|(before, _)| before[right] > before[left])
            .map(|(before, line)| {
                let (from, to) = (before[left] as usize, before[right] as usize);
                let own = &line[from..to];
                let is_whole = to - from <= MAX_LISTED && own[0].0 >> (to - from - 1) & 1 == 1;
                // Pieces of a value stand on lines of their own.
                let is_piece = own.iter().all(|(_, is_known)| *is_known);
                match (is_whole, is_piece) {
                    (true, _) => LISTED,
                    (false, true) => 0.0,
                    (false, false) => UNLISTED,
                }
            })
            .sum()
    }

    /// Where values of the list of a field are printed; `None` for a field without one.
    pub(super) fn listed(&self, sheet: &Sheet<'_>, field: &FieldView) -> Option<Listed> {
        if field.values.is_empty() {
            return None;
        }
        let known: BTreeSet<&str> = field.values.iter().flat_map(|value| value.split(' ')).collect();
        let mut text = String::new();
        let mut lines = Vec::with_capacity(self.lines.len());
        for words in &self.lines {
            let mut line = vec![(0_u8, false); words.len()];
            for (from, (mask, is_known)) in line.iter_mut().enumerate() {
                text.clear();
                for (count, word) in words.iter().skip(from).take(MAX_LISTED).enumerate() {
                    if count > 0 {
                        text.push(' ');
                    }
                    text.extend(word.span.slice(sheet.text).chars().flat_map(char::to_lowercase));
                    if count == 0 {
                        *is_known = known.contains(text.as_str());
                    }
                    *mask |= u8::from(field.values.contains(&text)) << count;
                }
            }
            lines.push(line);
        }
        Some(Listed(lines))
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
    // Cells of most bands are of one shape or two.
    let cells = Shape::ALL.into_iter().zip(counts).skip(1).filter(|(_, count)| **count > 0);
    let cells: SmallVec<[(Shape, f32); SHAPES]> =
        cells.map(|(shape, count)| (shape, *count as f32)).collect();
    for (kind, percent) in KINDS {
        let bits: f32 = cells.iter().map(|(shape, count)| kind_bits(kind, percent, *shape) * count).sum();
        if bits < best.1 {
            best = ((kind, percent), bits);
        }
    }
    best
}
