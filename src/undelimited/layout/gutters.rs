//! Gutters (G): the cuts between columns, by a dynamic program over display columns.
//!
//! A cut at `x` costs what every line says of it: nothing much where the line has a wide gap there, 3.5 bits where
//! one blank parts the words (9 % of all neighbouring cells are one blank apart), more with every column that the
//! nearest gap is away, since extractors push words aside. A band between two cuts costs the wide gaps left inside of
//! it, the misfit of its cells with the field or kind of its column, and the header words that it does not share
//! with the field. With a schema the bands are its fields, in order:
//!
//! ```text
//! best[x][f] = min over x' < x of best[x'][f-1] + band(x', x, f) + cut(x)
//! ```
//!
//! Without one every band takes the cheaper of the kinds, and a column costs what it takes to say so; the number
//! of bands is free. Cuts are tried at the minima of their cost only, at most [`MAX_CANDIDATES`], so that time is
//! linear in the lines and bounded in the width; at most [`MAX_SAMPLE`] lines, evenly spread, testify.

use super::shape::{PRIOR_CELLS, SHAPES, Shape, WordKind, kind_bits, misfit_bits, prior, shape_of};
use super::strict::{is_single_valued, strict_gutters};
use super::titles::FieldView;
use super::words::{FIRST, Sheet, Word};
use crate::schema::FieldKind;

/// What a gutter may be: bits to say so, bits of a line with one blank there, and of a line with more. Of all
/// neighbours 9 % are one blank apart, but not evenly: numbers set to the right before a text set to the left are so
/// on every line.
const GUTTERS: [(f32, GapBits); 3] = [
    (0.0, GapBits { single: 3.5, wide: 0.15 }),
    (4.0, GapBits { single: 1.0, wide: 1.0 }),
    (7.0, GapBits { single: 0.15, wide: 3.3 }),
];
/// Bits of a gap of two blanks inside a cell, and of more.
pub(super) const INNER_GAP_OF_TWO: f32 = 3.5;
pub(super) const INNER_GAP: f32 = 7.0;
/// Bits for every display column between a cut and the gap of a line that it stands for.
const DRIFT: f32 = 1.2;
/// Bits that one line can say against a cut at most.
const MAX_CUT: f32 = 12.0;
/// That a line without a wide gap or a number can say.
const MAX_PLAIN_CUT: f32 = 4.0;
/// A required field without a value on a line; the line may be a fragment.
const REQUIRED_EMPTY: f32 = 2.0;
const EMPTY: f32 = 0.7;
/// Bits of a column without a schema.
const COLUMN: f32 = 9.0;
/// Bits of a header word in the band of a field that does not have it, and of a title word that is missed.
const FOREIGN_TITLE: f32 = 5.0;
/// A band of no word at all under a field, and a band that holds a whole column of numbers as text.
const EMPTY_COLUMN: f32 = 8.0;
/// Cuts that are tried.
const MAX_CANDIDATES: usize = 72;
/// Lines that testify.
const MAX_SAMPLE: usize = 96;
/// One line in so many must print in a display column to part the valleys beside it.
const PRINTED_SHARE: usize = 8;
/// Share of the cells of a band that are sentences, if it is prose beside a table.
const PROSE_SHARE: f32 = 0.5;
/// Rows that tell what columns hold.
const LEAST_ROWS: usize = 3;
/// Columns without a schema.
const MAX_BANDS: usize = 48;

/// Bits of the gap before the cells of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct GapBits {
    pub(super) single: f32,
    pub(super) wide: f32,
}

impl GapBits {
    /// What is known before anything is learned.
    pub(super) const USUAL: Self = GUTTERS[0].1;

    /// From counts of lines with one blank and with more.
    pub(super) fn of_counts(single: f32, wide: f32) -> Self {
        let share = (single + 0.2) / (single + wide + 2.0);
        Self { single: -share.log2(), wide: -(1.0 - share).log2() }
    }

    /// Bits of a gap of so many blanks.
    pub(super) fn bits(self, gap: u32) -> f32 {
        match gap {
            1 => self.single,
            FIRST.. => 0.0,
            _ => self.wide,
        }
    }
}

/// The cuts of a page's lines: first of every band, and the right end of the last.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gutters {
    pub(super) edges: Vec<u32>,
    /// What the gaps at the left edges are.
    pub(super) gaps: Vec<GapBits>,
    /// Whether every line keeps them.
    pub(super) is_strict: bool,
    pub(super) bits: f32,
}

impl Gutters {
    /// Number of columns.
    pub(super) fn width(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }
}

/// A header word and the fields whose titles have it.
#[derive(Clone, Copy, Debug)]
pub(super) struct TitleWord {
    pub(super) middle: u32,
    pub(super) field: Option<usize>,
}

/// Finds the gutters of `lines`, which stand on one page.
pub(super) fn find_gutters(
    sheet: &Sheet<'_>,
    lines: &[usize],
    titles: &[TitleWord],
    fields: Option<&[FieldView]>,
) -> Option<Gutters> {
    if let Some(gutters) = strict_gutters(sheet, lines)
        && fields.is_none_or(|fields| fields.len() == gutters.width())
        && is_single_valued(sheet, lines)
    {
        let bits = strict_bits(sheet, lines, &gutters);
        return Some(Gutters { bits, ..gutters });
    }
    let sample = sample_of(sheet, lines, fields.is_some());
    let cuts = cut_costs(sheet, &sample);
    let printed = printed_cells(sheet, &sample, cuts.len());
    let candidates = candidates_of(&cuts, &printed, titles);
    let rows = if fields.is_some() { &sample[..] } else { without_header(sheet, &sample) };
    let bands = Bands::new(sheet, rows, &candidates, titles);
    match fields {
        Some(fields) => with_fields(&bands, &candidates, &cuts, fields),
        None => without_fields(&bands, &candidates, &cuts),
    }
}

/// What the search would find gutters without any doubt to cost, without a schema.
fn strict_bits(sheet: &Sheet<'_>, lines: &[usize], gutters: &Gutters) -> f32 {
    let sample = sample_of(sheet, lines, false);
    let bands = Bands::new(sheet, without_header(sheet, &sample), &gutters.edges, &[]);
    let cut = sample.len() as f32 * GapBits::USUAL.wide;
    (0..gutters.width())
        .map(|band| {
            let (counts, inner) = bands.tally(band, band + 1);
            kind_of(&counts).1 + inner + cut + COLUMN + counts[0] as f32 * EMPTY
        })
        .sum()
}

/// The lines that testify, evenly spread. With a schema all do: pieces of cells tell of the columns that they stand
/// in. Without one it is the lines with a gap, if there are any.
fn sample_of(sheet: &Sheet<'_>, lines: &[usize], is_known: bool) -> Vec<usize> {
    let has_gap = |line: &&usize| sheet.words_of(**line).iter().any(|word| word.gap > 1 && word.gap < FIRST);
    let gapped: Vec<usize> = lines.iter().filter(|line| !is_known && has_gap(line)).copied().collect();
    let lines = if gapped.is_empty() { lines } else { &gapped };
    let step = lines.len().div_ceil(MAX_SAMPLE).max(1);
    lines.iter().copied().step_by(step).collect()
}

/// The lines from the first with a number on, if there are enough: words above are a header, and say nothing of what
/// the columns hold.
fn without_header<'l>(sheet: &Sheet<'_>, lines: &'l [usize]) -> &'l [usize] {
    let is_headed = |line: &usize| {
        let words = sheet.words_of(*line);
        !words.iter().any(|word| word.kind.is_number() && word.kind != WordKind::Year)
    };
    let header = lines.iter().take_while(|line| is_headed(line)).count();
    if header + LEAST_ROWS <= lines.len() { &lines[header..] } else { lines }
}

/// For every display column the bits of a cut before it, and what the gutter would be.
fn cut_costs(sheet: &Sheet<'_>, lines: &[usize]) -> Vec<(f32, usize)> {
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
fn is_plain(words: &[Word]) -> bool {
    words.iter().all(|word| (word.gap == 1 || word.gap >= FIRST) && !word.kind.is_number())
}

/// For every display column: whether something is printed there on enough of the lines, and whether most lines have
/// a gap at the cut before it.
fn printed_cells(sheet: &Sheet<'_>, lines: &[usize], width: usize) -> Vec<(bool, bool)> {
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
fn candidates_of(cuts: &[(f32, usize)], printed: &[(bool, bool)], titles: &[TitleWord]) -> Vec<u32> {
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

/// What stands between two candidates, for every line.
struct Bands<'s> {
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
    fn new(sheet: &'s Sheet<'_>, sample: &[usize], candidates: &[u32], titles: &[TitleWord]) -> Self {
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
    fn tally(&self, left: usize, right: usize) -> ([u32; SHAPES], f32) {
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

    /// Bits of the header words in a band under a field.
    fn title_bits(&self, left: usize, right: usize, field: usize) -> f32 {
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
    fn bits(&self, counts: &[u32; SHAPES]) -> f32 {
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

/// Bands that are the fields of a schema, each of them.
fn with_fields(
    bands: &Bands<'_>,
    candidates: &[u32],
    cuts: &[(f32, usize)],
    fields: &[FieldView],
) -> Option<Gutters> {
    let (count, width) = (candidates.len(), fields.len());
    if count < width + 1 {
        return None;
    }
    let codes: Vec<ShapeCode> = fields.iter().map(ShapeCode::new).collect();
    let mut best = vec![f32::INFINITY; count * (width + 1)];
    let mut from = vec![0_usize; count * (width + 1)];
    best[0] = 0.0;
    for right in 1..count {
        for left in 0..right {
            let (counts, inner) = bands.tally(left, right);
            let filled: u32 = counts.iter().skip(1).sum();
            let cut = if right + 1 == count { 0.0 } else { cuts[candidates[right] as usize].0 };
            for (index, field) in fields.iter().enumerate() {
                let before = best[left * (width + 1) + index];
                if !before.is_finite() || (right + 1 == count) != (index + 1 == width) {
                    continue;
                }
                let empty = if field.required { REQUIRED_EMPTY } else { EMPTY };
                let mut bits = before + cut + inner + codes[index].bits(&counts);
                bits += counts[0] as f32 * empty + bands.title_bits(left, right, index);
                if filled == 0 {
                    bits += EMPTY_COLUMN;
                }
                let slot = right * (width + 1) + index + 1;
                if bits < best[slot] {
                    best[slot] = bits;
                    from[slot] = left;
                }
            }
        }
    }
    trace(&best, &from, candidates, cuts, width)
}

fn trace(
    best: &[f32],
    from: &[usize],
    candidates: &[u32],
    cuts: &[(f32, usize)],
    width: usize,
) -> Option<Gutters> {
    let last = candidates.len() - 1;
    let bits = best.get(last * (width + 1) + width).copied().filter(|bits| bits.is_finite())?;
    let mut edges = vec![candidates[last]];
    let mut at = last;
    for index in (0..width).rev() {
        at = from[at * (width + 1) + index + 1];
        edges.push(candidates[at]);
    }
    edges.reverse();
    Some(Gutters { gaps: gaps_at(&edges, cuts), edges, bits, is_strict: false })
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
fn kind_of(counts: &[u32; SHAPES]) -> ((FieldKind, bool), f32) {
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

/// The display columns that are left if prose in a first or last band is taken away from a table of numbers.
pub(super) fn beside_prose(sheet: &Sheet<'_>, lines: &[usize], gutters: &Gutters) -> Option<(u32, u32)> {
    let width = gutters.width();
    if width < 3 {
        return None;
    }
    let sample = sample_of(sheet, lines, true);
    let bands = Bands::new(sheet, &sample, &gutters.edges, &[]);
    let shares = |band: usize| {
        let (counts, _) = bands.tally(band, band + 1);
        let filled = counts.iter().skip(1).sum::<u32>().max(1) as f32;
        let of = |shapes: &[Shape]| {
            shapes.iter().map(|shape| counts[*shape as usize]).sum::<u32>() as f32 / filled
        };
        (
            of(&[Shape::Sentence]),
            of(&[Shape::Integer, Shape::Decimal, Shape::Percent, Shape::Nil, Shape::Several]),
        )
    };
    let is_prose = |band: usize| shares(band).0 >= PROSE_SHARE;
    let has_numbers = (0..width).filter(|band| shares(*band).1 >= 0.5).count() * 3 >= width;
    let (first, last) = (gutters.edges.first()?, gutters.edges.last()?);
    if has_numbers && is_prose(0) {
        Some((*gutters.edges.get(1)?, *last))
    } else if has_numbers && is_prose(width - 1) {
        Some((*first, *gutters.edges.get(width - 1)?))
    } else {
        None
    }
}

/// What the columns between gutters hold.
pub(super) fn kinds_between(sheet: &Sheet<'_>, lines: &[usize], gutters: &Gutters) -> Vec<FieldView> {
    let sample = sample_of(sheet, lines, false);
    let bands = Bands::new(sheet, without_header(sheet, &sample), &gutters.edges, &[]);
    (0..gutters.width())
        .map(|band| {
            let ((kind, percent), _) = kind_of(&bands.tally(band, band + 1).0);
            FieldView::of_kind(kind, percent)
        })
        .collect()
}

/// As many bands as pay for themselves.
fn without_fields(bands: &Bands<'_>, candidates: &[u32], cuts: &[(f32, usize)]) -> Option<Gutters> {
    let count = candidates.len();
    let mut best = vec![f32::INFINITY; count];
    let mut from = vec![0_usize; count];
    let mut used = vec![0_usize; count];
    best[0] = 0.0;
    for right in 1..count {
        let cut = if right + 1 == count { 0.0 } else { cuts[candidates[right] as usize].0 };
        for left in 0..right {
            if !best[left].is_finite() || used[left] >= MAX_BANDS {
                continue;
            }
            let (counts, inner) = bands.tally(left, right);
            if counts.iter().skip(1).sum::<u32>() == 0 {
                continue;
            }
            let (_, shapes) = kind_of(&counts);
            let bits = best[left] + cut + inner + shapes + COLUMN + counts[0] as f32 * EMPTY;
            if bits < best[right] {
                (best[right], from[right], used[right]) = (bits, left, used[left] + 1);
            }
        }
    }
    let last = count - 1;
    if !best[last].is_finite() {
        return None;
    }
    let mut edges = vec![candidates[last]];
    let mut at = last;
    while at > 0 {
        at = from[at];
        edges.push(candidates[at]);
    }
    edges.reverse();
    Some(Gutters { gaps: gaps_at(&edges, cuts), edges, bits: best[last], is_strict: false })
}

/// The gaps at the left edges of the bands.
fn gaps_at(edges: &[u32], cuts: &[(f32, usize)]) -> Vec<GapBits> {
    let kind = |edge: &u32| cuts.get(*edge as usize).map_or(0, |(_, kind)| *kind);
    edges.iter().take(edges.len().saturating_sub(1)).map(|edge| GUTTERS[kind(edge)].1).collect()
}
