//! What the columns of one table look like: from the schema at first, then learned from the rows that are clear.
//!
//! Learning is hard expectation-maximisation: lines are cut with the costs known so far, the cells that were cut
//! with a margin are counted, and the next round's costs are `-log2` of these counts, smoothed with the kind of the
//! field. Three things are learned of a column: the shapes of its cells, the words that stand in it, and where on
//! each page its cells begin and end.

use std::collections::HashMap;

use super::gutters::{GapBits, Gutters};
use super::shape::{PRIOR_CELLS, SHAPES, Shape, WordKind, kind_bits, misfit_bits, prior, shape_of};
use super::titles::FieldView;
use super::words::{FIRST, Sheet, Word};
use crate::schema::FieldKind;

/// Bits that the words of a cell can say for or against a column.
const MAX_WORD_BITS: f32 = 4.0;
/// Margin of cells that the model learns from.
const CLEAR: f32 = 4.0;
/// Cells that tell where a column stands on a page.
const PLACED: usize = 2;
/// Bits of a display column between a cell and the edge that its column keeps.
const EDGE: f32 = 0.8;
const MAX_EDGE: f32 = 6.0;
/// The same where the cell follows its neighbour after one blank: then the extractor has set it, not the page.
const GLUED_EDGE: f32 = 0.3;
const MAX_GLUED_EDGE: f32 = 4.0;
/// Bits of a display column outside of the band.
const OUTSIDE: f32 = 0.9;
const GLUED_OUTSIDE: f32 = 0.5;
/// A cell that begins as the rest of a text does, before it is known whether cells of its column do so.
const LOW_START: f32 = 3.0;
/// The same in a column where hardly a cell does: the cells of a record are worded alike, so that one counts for little more.
const MAX_LOW_START: f32 = 4.0;
/// A value of the list of its field, and one outside.
pub(super) const LISTED: f32 = -2.0;
pub(super) const UNLISTED: f32 = 5.0;

/// Cells of lines: for each line and column the words, by index in the sheet; empty ranges are empty cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    pub(super) width: usize,
    pub(super) ranges: Vec<(u32, u32)>,
    pub(super) margins: Vec<f32>,
}

impl Cells {
    /// No line yet.
    pub(super) fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    /// No line yet, with room for so many.
    pub(super) fn with_capacity(width: usize, lines: usize) -> Self {
        let cells = width * lines;
        Self { width, ranges: Vec::with_capacity(cells), margins: Vec::with_capacity(cells) }
    }

    /// Keeps the first lines.
    pub(super) fn truncate(&mut self, lines: usize) {
        self.ranges.truncate(lines * self.width);
        self.margins.truncate(lines * self.width);
    }

    /// Leaves the first lines out.
    pub(super) fn drain(&mut self, lines: usize) {
        self.ranges.drain(..lines * self.width);
        self.margins.drain(..lines * self.width);
    }

    /// Lowers the margins of the cells that stand otherwise in a reading that is dearer by `bits`. Between readings of as
    /// many columns a cell has to stand in the same one; else it is enough that a cell holds the same words.
    pub(super) fn take_rival(&mut self, other: &Self, bits: f32) {
        let lines = self.ranges.chunks(self.width.max(1)).zip(other.ranges.chunks(other.width.max(1)));
        let is_aligned = self.width == other.width;
        for (line, (own, theirs)) in lines.enumerate() {
            for (column, range) in own.iter().enumerate() {
                let is_empty = range.0 == range.1;
                let is_same = if is_aligned {
                    let other = theirs[column];
                    *range == other || (is_empty && other.0 == other.1)
                } else {
                    is_empty || theirs.contains(range)
                };
                if !is_same {
                    let margin = &mut self.margins[line * self.width + column];
                    *margin = margin.min(bits);
                }
            }
        }
    }

    /// The words of a cell.
    #[inline]
    pub(super) fn words<'s>(&self, sheet: &'s Sheet<'_>, line: usize, column: usize) -> &'s [Word] {
        let (first, end) = self.ranges.get(line * self.width + column).copied().unwrap_or_default();
        sheet.words.get(first as usize..end as usize).unwrap_or_default()
    }

    /// Whether a cell has no word.
    #[inline]
    pub(super) fn is_empty(&self, line: usize, column: usize) -> bool {
        let (first, end) = self.ranges.get(line * self.width + column).copied().unwrap_or_default();
        first == end
    }

    /// The margin of a cell.
    #[inline]
    pub(super) fn margin(&self, line: usize, column: usize) -> f32 {
        self.margins.get(line * self.width + column).copied().unwrap_or(f32::INFINITY)
    }
}

/// Bits by which the words of one line are more at home in each column than elsewhere, summed up from the left.
#[derive(Clone, Debug, Default)]
pub(super) struct Affinities {
    width: usize,
    /// By word, then by column; empty before anything is learned.
    sums: Vec<f32>,
}

impl Affinities {
    /// The bits of words `from..to` in `column`.
    pub(super) fn of(&self, column: usize, from: usize, to: usize) -> f32 {
        let sum = |at: usize| self.sums.get(at * self.width + column).copied().unwrap_or(0.0);
        sum(to) - sum(from)
    }
}

/// Which edge the cells of a column keep.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Left,
    Right,
    Middle,
}

/// Where a column stands on one page.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The band between the gutters.
    from: u32,
    to: u32,
    /// The edge that its cells keep, and by how much they miss it on the average.
    edge: Option<(Side, f32, f32)>,
    /// The gap before its cells.
    gap: GapBits,
}

/// Where the columns stand on one page.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    columns: Vec<Place>,
    /// Whether every line keeps the gutters.
    pub(super) is_strict: bool,
}

impl Places {
    /// Columns between gutters.
    pub(super) fn new(gutters: &Gutters) -> Self {
        let bands = gutters.edges.windows(2).zip(&gutters.gaps);
        let place =
            |(pair, gap): (&[u32], &GapBits)| Place { from: pair[0], to: pair[1], edge: None, gap: *gap };
        Self { columns: bands.map(place).collect(), is_strict: gutters.is_strict }
    }

    /// Learns the edges from the cells of `lines` (positions in `cells`), which stand on the page.
    pub(super) fn learn(
        &mut self,
        sheet: &Sheet<'_>,
        cells: &Cells,
        lines: impl Iterator<Item = usize> + Clone,
    ) {
        for (column, place) in self.columns.iter_mut().enumerate() {
            let mut clear: Vec<(f32, f32)> = Vec::new();
            let (mut single, mut wide) = (0.0, 0.0);
            for line in lines.clone() {
                let words = cells.words(sheet, line, column);
                let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
                match first.gap {
                    1 => single += 1.0,
                    FIRST.. => {}
                    _ => wide += 1.0,
                }
                if first.gap > 1 && cells.margin(line, column) >= CLEAR {
                    clear.push((first.left as f32, last.right as f32));
                }
            }
            place.edge = if clear.len() < PLACED { None } else { best_edge(&clear) };
            place.gap = GapBits::of_counts(single, wide);
        }
    }

    /// Bits of words as a cell of `column` for where they stand.
    #[inline]
    pub(super) fn bits(&self, words: &[Word], column: usize) -> f32 {
        let (Some(first), Some(last), Some(place)) = (words.first(), words.last(), self.columns.get(column))
        else {
            return 0.0;
        };
        let is_glued = first.gap == 1;
        let outside = place.from.saturating_sub(first.left) + last.right.saturating_sub(place.to);
        let mut bits = outside as f32 * if is_glued { GLUED_OUTSIDE } else { OUTSIDE };
        if let Some((side, at, spread)) = place.edge {
            let off = (edge_of(side, first.left as f32, last.right as f32) - at).abs();
            bits += if is_glued {
                (off * GLUED_EDGE).min(MAX_GLUED_EDGE)
            } else {
                (off * EDGE / (1.0 + spread)).min(MAX_EDGE)
            };
        }
        bits
    }

    /// Whether a cell stands before its band, and right behind its neighbour.
    pub(super) fn is_stray(&self, words: &[Word], column: usize) -> bool {
        let place = self.columns.get(column);
        words.first().zip(place).is_some_and(|(first, place)| first.gap == 1 && first.left < place.from)
    }

    /// Whether a cell begins before its band, and whether it ends behind it.
    pub(super) fn overhang(&self, words: &[Word], column: usize) -> (bool, bool) {
        match (words.first(), words.last(), self.columns.get(column)) {
            (Some(first), Some(last), Some(place)) => (first.left < place.from, last.right > place.to),
            _ => (false, false),
        }
    }

    /// How far words reach out of the band of `column`, in display columns.
    pub(super) fn reach(&self, words: &[Word], column: usize) -> u32 {
        let (Some(first), Some(last), Some(place)) = (words.first(), words.last(), self.columns.get(column))
        else {
            return 0;
        };
        place.from.saturating_sub(first.left) + last.right.saturating_sub(place.to)
    }

    /// Bits of the gap before a cell of `column`.
    #[inline]
    pub(super) fn gap_bits(&self, column: usize, gap: u32) -> f32 {
        self.columns.get(column).map_or(0.0, |place| place.gap.bits(gap))
    }

    /// The gutters in words.
    pub(super) fn describe(&self) -> String {
        let bands: Vec<String> = self.bands().map(|(from, to)| format!("{from}..{to}")).collect();
        format!("columns {}", bands.join(" "))
    }

    /// The bands, half open.
    pub(super) fn bands(&self) -> impl Iterator<Item = (u32, u32)> {
        self.columns.iter().map(|place| (place.from, place.to))
    }
}

fn edge_of(side: Side, left: f32, right: f32) -> f32 {
    match side {
        Side::Left => left,
        Side::Right => right,
        Side::Middle => f32::midpoint(left, right),
    }
}

/// The side on which cells agree best: the median there, and the mean distance from it.
fn best_edge(cells: &[(f32, f32)]) -> Option<(Side, f32, f32)> {
    let &(left, right) = cells.first()?;
    // Nothing agrees better than cells that all stand at one column; the first of equals counts.
    if cells.iter().all(|cell| cell.0 == left) {
        return Some((Side::Left, left, 0.0));
    }
    if cells.iter().all(|cell| cell.1 == right) {
        return Some((Side::Right, right, 0.0));
    }
    [Side::Left, Side::Right, Side::Middle]
        .into_iter()
        .map(|side| {
            let mut edges: Vec<f32> =
                cells.iter().map(|(left, right)| edge_of(side, *left, *right)).collect();
            edges.sort_by(f32::total_cmp);
            let median = edges[edges.len() / 2];
            let spread: f32 = edges.iter().map(|edge| (edge - median).abs().min(8.0)).sum();
            (side, median, spread / edges.len() as f32)
        })
        .min_by(|left, right| left.2.total_cmp(&right.2))
}

/// Whether a word begins as the rest of a text does: with a small letter, or with a bracket or mark that goes on.
pub(super) fn is_low_start(sheet: &Sheet<'_>, word: &Word) -> bool {
    word.kind == WordKind::Small
        || (!word.kind.is_number() && word.span.slice(sheet.text).starts_with(['(', '[', '&', '/', ',', ';']))
}

/// The columns of a table.
#[derive(Clone, Debug)]
pub(super) struct Model<'t> {
    pub(super) fields: Vec<FieldView>,
    /// Bits of every shape in every column.
    shapes: Vec<[f32; SHAPES]>,
    /// Display width of the widest cell.
    pub(super) widths: Vec<u32>,
    /// How often a word stands in every column; looked into, never walked through.
    words: HashMap<&'t str, Vec<u16>>,
    /// Bits of an empty cell of a record.
    pub(super) empties: Vec<f32>,
    /// Bits of a cell that begins as the rest of a text does.
    pub(super) low_starts: Vec<f32>,
}

impl<'t> Model<'t> {
    /// What the fields alone say.
    pub(super) fn new(fields: Vec<FieldView>) -> Self {
        let shapes = fields.iter().map(|field| prior(field).map(|share| -share.log2())).collect();
        let empties = fields.iter().map(|field| if field.required { 5.0 } else { 1.5 }).collect();
        Self {
            widths: vec![0; fields.len()],
            shapes,
            words: HashMap::new(),
            empties,
            low_starts: vec![LOW_START; fields.len()],
            fields,
        }
    }

    /// Number of columns.
    pub(super) fn width(&self) -> usize {
        self.fields.len()
    }

    /// Learns how often cells are empty, and how they begin, in the records with more than a label; ranges of lines.
    pub(super) fn learn_records(&mut self, sheet: &Sheet<'t>, cells: &Cells, records: &[(usize, usize)]) {
        let start = |record: &(usize, usize), column: usize| {
            (record.0..record.1).find_map(|line| cells.words(sheet, line, column).first())
        };
        let width = self.width();
        let is_whole = |record: &&(usize, usize)| {
            (0..width).filter(|column| start(record, *column).is_some()).count() > 1
        };
        let whole: Vec<&(usize, usize)> = records.iter().filter(is_whole).collect();
        for column in 0..width {
            let starts: Vec<&Word> = whole.iter().filter_map(|record| start(record, column)).collect();
            let low = starts.iter().filter(|word| is_low_start(sheet, word)).count() as f32;
            self.low_starts[column] =
                (-((low + 0.5) / (starts.len() as f32 + 4.0)).log2()).min(MAX_LOW_START);
            let empty = (whole.len() - starts.len()) as f32;
            let is_required = self.fields[column].required;
            let prior = if is_required { 0.03 } else { 0.35 };
            let share = (empty + prior * PRIOR_CELLS) / (whole.len() as f32 + PRIOR_CELLS);
            self.empties[column] = (-share.log2()).max(if is_required { 4.0 } else { 0.1 });
        }
    }

    /// Learns shapes, words and widths from the clear cells.
    pub(super) fn learn(&mut self, sheet: &Sheet<'t>, cells: &Cells, count: usize) {
        self.learn_words(sheet, cells, count);
        self.learn_shapes(sheet, cells, count);
    }

    /// Learns how often a word stands in every column.
    fn learn_words(&mut self, sheet: &Sheet<'t>, cells: &Cells, count: usize) {
        self.words.clear();
        let width = self.width();
        for column in 0..width {
            for line in (0..count).filter(|line| cells.margin(*line, column) >= CLEAR) {
                let words = cells.words(sheet, line, column).iter();
                for word in words.filter(|word| word.kind.is_letters()) {
                    let counts =
                        self.words.entry(word.span.slice(sheet.text)).or_insert_with(|| vec![0; width]);
                    counts[column] = counts[column].saturating_add(1);
                }
            }
        }
    }

    /// Learns shapes and widths alone, where no words are asked for.
    pub(super) fn learn_shapes(&mut self, sheet: &Sheet<'t>, cells: &Cells, count: usize) {
        for column in 0..self.width() {
            let mut counts = [0.0_f32; SHAPES];
            let mut width = 0;
            for line in 0..count {
                let words = cells.words(sheet, line, column);
                let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
                width = width.max(last.right - first.left);
                if cells.margin(line, column) < CLEAR {
                    continue;
                }
                counts[shape_of(words) as usize] += 1.0;
            }
            let total: f32 = counts.iter().sum();
            let prior = prior(&self.fields[column]);
            for ((bits, count), share) in self.shapes[column].iter_mut().zip(counts).zip(prior) {
                *bits = -((count + PRIOR_CELLS * share) / (total + PRIOR_CELLS)).log2();
            }
            self.widths[column] = width;
        }
    }

    /// Bits of words as a cell of `column`, by what they are: their shape, and how much they are at home in the column.
    #[inline]
    pub(super) fn content_bits(
        &self,
        sheet: &Sheet<'t>,
        (words, shape, affinity): (&[Word], Shape, f32),
        column: usize,
    ) -> f32 {
        let misfit = misfit_bits(self.fields[column].kind, shape);
        let mut bits = (self.shapes[column][shape as usize] + misfit).min(16.0);
        if shape == Shape::Several {
            bits += 2.0 * words.len().saturating_sub(2) as f32;
        }
        bits -= affinity.clamp(-MAX_WORD_BITS, MAX_WORD_BITS);
        if !self.fields[column].values.is_empty() && !words.is_empty() {
            bits += self.list_bits(sheet, words, column);
        }
        bits
    }

    /// Bits of words as a cell of a column whose field lists its values.
    fn list_bits(&self, sheet: &Sheet<'t>, words: &[Word], column: usize) -> f32 {
        let mut text = String::new();
        for word in words {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&word.span.slice(sheet.text).to_lowercase());
        }
        if self.fields[column].values.contains(&text) { LISTED } else { UNLISTED }
    }

    /// Bits of words as a cell of `column` before anything is learned of it.
    pub(super) fn kind_bits(&self, words: &[Word], column: usize) -> f32 {
        let FieldView { kind, percent, .. } = self.fields[column];
        kind_bits(kind, percent, shape_of(words))
    }

    /// Measures how much the words of a line are at home in every column.
    pub(super) fn measure(&self, sheet: &Sheet<'t>, words: &[Word], affinities: &mut Affinities) {
        affinities.width = self.width();
        affinities.sums.clear();
        if self.words.is_empty() {
            return;
        }
        affinities.sums.resize((words.len() + 1) * affinities.width, 0.0);
        for (index, word) in words.iter().enumerate() {
            let (before, own) = affinities.sums.split_at_mut((index + 1) * affinities.width);
            let before = &before[index * affinities.width..];
            own[..affinities.width].copy_from_slice(before);
            if !word.kind.is_letters() {
                continue;
            }
            let Some(counts) = self.words.get(word.span.slice(sheet.text)) else { continue };
            let total: f32 = counts.iter().map(|count| f32::from(*count)).sum();
            if total < 2.0 {
                continue;
            }
            let weight = ((total - 1.0) / 2.0).min(1.0);
            let others = (affinities.width as f32 - 1.0).max(1.0);
            for (sum, count) in own.iter_mut().zip(counts) {
                let here = f32::from(*count);
                let there = (total - here) / others;
                *sum += ((here + 0.3) / (there + 0.3)).log2().clamp(-2.5, 2.5) * weight;
            }
        }
    }

    /// Bits of words as a cell of `column` at its place.
    #[inline]
    pub(super) fn cell_bits(&self, sheet: &Sheet<'t>, places: &Places, words: &[Word], column: usize) -> f32 {
        places.bits(words, column) + self.content_bits(sheet, (words, shape_of(words), 0.0), column)
    }

    /// Whether the column holds numbers.
    pub(super) fn is_numeric(&self, column: usize) -> bool {
        self.fields[column].kind.is_numeric()
    }

    /// Whether cells of the column may go on in a second line.
    pub(super) fn may_wrap(&self, column: usize) -> bool {
        matches!(self.fields[column].kind, FieldKind::String | FieldKind::Date | FieldKind::Boolean)
    }
}
