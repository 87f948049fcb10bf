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
//! of bands is free. Cuts are tried at the minima of their cost only, at most `cuts::MAX_CANDIDATES`, so that time is
//! linear in the lines and bounded in the width; at most [`MAX_SAMPLE`] lines, evenly spread, testify.

use super::bands::{Bands, Listed, MAX_SAMPLE, ShapeCode, kind_of};
use super::cuts::{candidates_of, cut_costs, printed_cells};
use super::paths::{Arc, Paths};
use super::shape::{SHAPES, Shape, WordKind};
use super::strict::{is_single_valued, strict_gutters};
use super::titles::FieldView;
use super::words::{FIRST, Sheet, Word};

/// What a gutter may be: bits to say so, bits of a line with one blank there, and of a line with more. Of all
/// neighbours 9 % are one blank apart, but not evenly: numbers set to the right before a text set to the left are so
/// on every line.
pub(super) const GUTTERS: [(f32, GapBits); 3] = [
    (0.0, GapBits { single: 3.5, wide: 0.15 }),
    (4.0, GapBits { single: 1.0, wide: 1.0 }),
    (7.0, GapBits { single: 0.15, wide: 3.3 }),
];
/// A required field without a value on a line; the line may be a fragment.
const REQUIRED_EMPTY: f32 = 2.0;
const EMPTY: f32 = 0.7;
/// Bits of a column without a schema.
const COLUMN: f32 = 9.0;
/// A band of no word at all under a field, and a band that holds a whole column of numbers as text.
const EMPTY_COLUMN: f32 = 8.0;
/// Two cuts are two readings if they part so many lines otherwise, and one line in so many.
const LEAST_DIFFERING: usize = 2;
const DIFFERING_SHARE: usize = 12;
/// Share of the cells of a band that are sentences, if it is prose beside a table.
const PROSE_SHARE: f32 = 0.5;
/// Rows that tell what columns hold.
pub(super) const LEAST_ROWS: usize = 3;

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
    /// Other gutters that are hardly dearer, cheapest first: by how many bits, and their edges.
    pub(super) rivals: Vec<(f32, Vec<u32>)>,
}

impl Gutters {
    /// One of the rivals as gutters of their own.
    pub(super) fn of_rival(&self, rival: &(f32, Vec<u32>)) -> Self {
        Self {
            gaps: vec![GapBits::USUAL; rival.1.len().saturating_sub(1)],
            edges: rival.1.clone(),
            is_strict: false,
            bits: self.bits + rival.0,
            rivals: Vec::new(),
        }
    }

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
        && (is_single_valued(sheet, lines)
            || fields.is_some_and(|fields| holds_fields(sheet, lines, &gutters, fields)))
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
        Some(fields) => {
            let listed: Vec<Option<Listed>> = fields.iter().map(|field| bands.listed(sheet, field)).collect();
            with_fields(&bands, &candidates, &cuts, (fields, &listed))
        }
        None => without_fields(&bands, &candidates, &cuts),
    }
}

/// Whether every column of numbers holds numbers, of one record or several: then several values in a cell are packed
/// records, and no columns one blank apart.
fn holds_fields(sheet: &Sheet<'_>, lines: &[usize], gutters: &Gutters, fields: &[FieldView]) -> bool {
    let bands = Bands::new(sheet, lines, &gutters.edges, &[]);
    let mut has_number = false;
    fields.iter().enumerate().filter(|(_, field)| field.kind.is_numeric()).all(|(band, _)| {
        let (counts, _) = bands.tally(band, band + 1);
        let of = |shape: Shape| counts[shape as usize];
        let filled: u32 = counts.iter().skip(1).sum();
        let numbers = of(Shape::Integer) + of(Shape::Decimal) + of(Shape::Percent) + of(Shape::Nil);
        has_number |= numbers > 0;
        numbers + of(Shape::Several) == filled && of(Shape::Several) <= numbers
    }) && has_number
}

/// What the search would find gutters without any doubt to cost, without a schema.
fn strict_bits(sheet: &Sheet<'_>, lines: &[usize], gutters: &Gutters) -> f32 {
    let sample = sample_of(sheet, lines, false);
    let bands = Bands::new(sheet, without_header(sheet, &sample), &gutters.edges, &[]);
    (0..gutters.width())
        .map(|band| {
            let (counts, inner) = bands.tally(band, band + 1);
            strict_band_bits(&counts, inner, sample.len())
        })
        .sum()
}

/// What a band costs that every line keeps, by the shapes of its cells and the gaps inside of them; so many lines testify.
pub(super) fn strict_band_bits(counts: &[u32; SHAPES], inner: f32, lines: usize) -> f32 {
    let cut = lines as f32 * GapBits::USUAL.wide;
    kind_of(counts).1 + inner + cut + COLUMN + counts[0] as f32 * EMPTY
}

/// The lines that testify, evenly spread. With a schema all do: pieces of cells tell of the columns that they stand
/// in. Without one it is the lines with a gap, if there are any.
fn sample_of(sheet: &Sheet<'_>, lines: &[usize], is_known: bool) -> Vec<usize> {
    let has_gap = |line: &&usize| has_gap(sheet.words_of(**line));
    let gapped: Vec<usize> = lines.iter().filter(|line| !is_known && has_gap(line)).copied().collect();
    let lines = if gapped.is_empty() { lines } else { &gapped };
    let step = lines.len().div_ceil(MAX_SAMPLE).max(1);
    lines.iter().copied().step_by(step).collect()
}

/// The lines from the first with a number on, if there are enough: words above are a header, and say nothing of what
/// the columns hold.
fn without_header<'l>(sheet: &Sheet<'_>, lines: &'l [usize]) -> &'l [usize] {
    let header = lines.iter().take_while(|line| is_headed(sheet.words_of(**line))).count();
    if header + LEAST_ROWS <= lines.len() { &lines[header..] } else { lines }
}

/// Whether a line has a wide gap.
pub(super) fn has_gap(words: &[Word]) -> bool {
    words.iter().any(|word| word.gap > 1 && word.gap < FIRST)
}

/// Whether a line has no number but years.
pub(super) fn is_headed(words: &[Word]) -> bool {
    !words.iter().any(|word| word.kind.is_number() && word.kind != WordKind::Year)
}

/// Bands that are the fields of a schema, each of them.
fn with_fields(
    bands: &Bands<'_>,
    candidates: &[u32],
    cuts: &[(f32, usize)],
    (fields, listed): (&[FieldView], &[Option<Listed>]),
) -> Option<Gutters> {
    let (count, width) = (candidates.len(), fields.len());
    if count < width + 1 {
        return None;
    }
    let codes: Vec<ShapeCode> = fields.iter().map(ShapeCode::new).collect();
    let state = |candidate: usize, field: usize| candidate * (width + 1) + field;
    let mut paths = Paths::new(count * (width + 1));
    for right in 1..count {
        for left in 0..right {
            if !(0..width).any(|field| paths.is_reached(state(left, field))) {
                continue;
            }
            let (counts, inner) = bands.tally(left, right);
            let filled: u32 = counts.iter().skip(1).sum();
            let cut = if right + 1 == count { 0.0 } else { cuts[candidates[right] as usize].0 };
            for (index, field) in fields.iter().enumerate() {
                if (right + 1 == count) != (index + 1 == width) {
                    continue;
                }
                let empty = if field.required { REQUIRED_EMPTY } else { EMPTY };
                let mut bits = cut + inner + codes[index].bits(&counts);
                bits += counts[0] as f32 * empty + bands.title_bits(left, right, index);
                bits += bands.listed_bits(left, right, listed[index].as_ref());
                if filled == 0 {
                    bits += EMPTY_COLUMN;
                }
                paths.push(Arc { from: state(left, index), to: state(right, index + 1), bits });
            }
        }
    }
    let found = paths.find(state(0, 0), state(count - 1, width))?;
    let differ = |own: usize, other: usize| {
        own % (width + 1) != other % (width + 1)
            || bands.differ(own / (width + 1), other / (width + 1)) >= differing(bands)
    };
    let rivals = found.rivals(differ);
    Some(gutters_of(&found.states, rivals, found.bits, (candidates, cuts), width + 1))
}

/// Lines that two cuts must part otherwise to be two readings.
fn differing(bands: &Bands<'_>) -> usize {
    LEAST_DIFFERING.max(bands.line_count() / DIFFERING_SHARE)
}

/// Gutters of the states of a path, where `stride` states stand at a candidate.
fn gutters_of(
    states: &[usize],
    rivals: Vec<(f32, Vec<usize>)>,
    bits: f32,
    (candidates, cuts): (&[u32], &[(f32, usize)]),
    stride: usize,
) -> Gutters {
    let edges_of =
        |states: &[usize]| states.iter().map(|state| candidates[state / stride]).collect::<Vec<u32>>();
    let edges = edges_of(states);
    let rivals = rivals.into_iter().map(|(margin, states)| (margin, edges_of(&states))).collect();
    Gutters { gaps: gaps_at(&edges, cuts), edges, bits, is_strict: false, rivals }
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
    let mut paths = Paths::new(count);
    for right in 1..count {
        let cut = if right + 1 == count { 0.0 } else { cuts[candidates[right] as usize].0 };
        for left in 0..right {
            if !paths.is_reached(left) {
                continue;
            }
            let (counts, inner) = bands.tally(left, right);
            if counts.iter().skip(1).sum::<u32>() == 0 {
                continue;
            }
            let (_, shapes) = kind_of(&counts);
            let bits = cut + inner + shapes + COLUMN + counts[0] as f32 * EMPTY;
            paths.push(Arc { from: left, to: right, bits });
        }
    }
    let found = paths.find(0, count - 1)?;
    let rivals = found.rivals(|own, other| bands.differ(own, other) >= differing(bands));
    Some(gutters_of(&found.states, rivals, found.bits, (candidates, cuts), 1))
}

/// The gaps at the left edges of the bands.
fn gaps_at(edges: &[u32], cuts: &[(f32, usize)]) -> Vec<GapBits> {
    let kind = |edge: &u32| cuts.get(*edge as usize).map_or(0, |(_, kind)| *kind);
    edges.iter().take(edges.len().saturating_sub(1)).map(|edge| GUTTERS[kind(edge)].1).collect()
}
