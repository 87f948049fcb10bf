//! Typed segmentation of one printed run into consecutive columns.
//!
//! `best[i][c] = min over j of best[j][c - 1] + fit(j..i as column c)`, or `best[i][c - 1] + skip(c)`, over the
//! value-like segments of the run. The two best segmentations of every state are kept, so that the margin of
//! the whole is exact; where it is small, the [`KEPT`] best are asked for and become a choice. Time
//! O(segments² x columns), segments bounded by [`MAX_SEGMENTS`].

use smallvec::SmallVec;

use crate::column::fit::{Fit, amount, fit};
use crate::column::model::ColumnModel;
use crate::schema::FieldKind;
use crate::text::Span;
use crate::text::value::{Segment, Value, plain_row, read_plain_number, scan_values};

/// A longer run has its words merged first, and is given up where that does not help.
const MAX_SEGMENTS: usize = 48;
/// A number is never made of more segments than this.
const MAX_NUMBER_SEGMENTS: usize = 4;
/// A column of the run that gets nothing.
const SKIP: f32 = 2.0;
const SKIP_REQUIRED: f32 = 6.0;
/// One that a check computes from others of its row: what is computed is printed nearly always.
const SKIP_RESULT: f32 = 4.5;
/// Segmentations that a choice lists at most.
const KEPT: usize = 8;
/// The two that every state keeps, for the best and its margin.
const BEST_TWO: usize = 2;

/// Cost of a column of the run that gets nothing.
pub(super) fn skip_bits(model: &ColumnModel) -> f32 {
    if model.required {
        SKIP_REQUIRED
    } else if model.is_result {
        SKIP_RESULT
    } else {
        SKIP
    }
}

/// A run cut into the columns it holds.
#[derive(Clone, Debug)]
pub(crate) struct Segmentation {
    /// One a column; `None` where the column got nothing. Spans count from the start of the run.
    pub(crate) pieces: SmallVec<[Option<(Span, Fit)>; 4]>,
    /// Cost of the segmentation.
    pub(crate) bits: f32,
    /// Cost of the next segmentation, less this one's.
    pub(crate) margin: f32,
}

/// A run cut into the columns it holds, its pieces not read yet.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// One a column, with what was in parentheses beside it; `None` where the column got nothing.
    pub(super) pieces: SmallVec<[Option<Span>; 4]>,
    pub(super) bits: f32,
    pub(super) margin: f32,
}

impl Cut {
    fn read(self, run: &str, models: &[&ColumnModel], bracketed: &[bool]) -> Segmentation {
        let pieces = self.pieces.iter().zip(models).enumerate().map(|(column, (piece, model))| {
            let piece = (*piece)?;
            let (inner, fit) = fit_piece(piece.slice(run), model, is_set(bracketed, column));
            Some((inner.shifted(piece.start), fit))
        });
        Segmentation { pieces: pieces.collect(), bits: self.bits, margin: self.margin }
    }
}

/// What a search asks of a piece of a run in a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct PieceFit {
    pub(super) bits: f32,
    is_nil: bool,
    /// Printed decimals of an amount that is not 0.
    scale: Option<u8>,
}

impl PieceFit {
    /// Measures a piece of `run` as [`fit_piece`] does.
    pub(super) fn of(run: &str, piece: Span, model: &ColumnModel, is_bracketed: bool) -> Self {
        let fit = fit_piece(piece.slice(run), model, is_bracketed).1;
        let scale = amount(&fit).filter(|amount| !amount.is_zero()).map(|amount| amount.scale());
        Self { bits: fit.bits, is_nil: fit.is_nil, scale }
    }

    fn has_other_scale(self, model: &ColumnModel) -> bool {
        self.scale.is_some_and(|scale| model.scale.is_some_and(|habit| habit != scale))
    }
}

fn is_set(bracketed: &[bool], column: usize) -> bool {
    bracketed.get(column).copied().unwrap_or(false)
}

/// One way to reach a state: cost, where the column's piece began, and which of the ways there it continues.
#[derive(Clone, Copy, Debug)]
struct Way {
    bits: f32,
    from: usize,
    rank: usize,
}

/// The pieces of a run of plain values, which needs no scan for them.
pub(super) fn plain_pieces(run: &str) -> Option<Vec<Span>> {
    let words: Vec<Span> = plain_row(run)?.collect();
    (words.len() <= MAX_SEGMENTS).then_some(words)
}

/// The pieces of a run that are values or words, longer stretches of words merged where there are too many.
pub(super) fn pieces_of(segments: &[Segment]) -> Option<Vec<Span>> {
    if segments.len() <= MAX_SEGMENTS {
        return Some(segments.iter().map(|segment| segment.span).collect());
    }
    let mut merged: Vec<Span> = Vec::new();
    let mut was_words = false;
    for segment in segments {
        let words = !segment
            .readings
            .iter()
            .any(|reading| matches!(reading.value, Value::Number(_) | Value::Date(_)));
        match merged.last_mut() {
            Some(last) if words && was_words => *last = last.cover(segment.span),
            _ => merged.push(segment.span),
        }
        was_words = words;
    }
    (merged.len() <= MAX_SEGMENTS).then_some(merged)
}

/// A column boundary inside a run of characters, where no blank says so.
const GLUED: f32 = 3.0;
/// A value without brackets in a column that prints its values in brackets.
const BRACKETS_LEFT_OFF: f32 = 10.0;
/// Words that end in an amount beside a column of amounts, or begin with one behind such a column: the amount is the
/// column's. Bare whole numbers do stand in names.
const AMOUNT_IN_WORDS: f32 = 8.0;
/// A part of a glued run with other decimals than its column: the cut is wrong, not the print.
const GLUED_SCALE: f32 = 5.0;
/// A segmentation this dear is tried again with glued values cut apart.
const TROUBLE: f32 = 4.5;
/// A value may be made of so many characters of a glued run.
const MAX_GLUED: usize = 24;

/// The characters of the value-like segments, each a piece of its own: glued values are cut between any two.
fn glued_pieces(run: &str, segments: &[Span]) -> Option<Vec<Span>> {
    let mut pieces = Vec::new();
    for segment in segments {
        let printed = segment.slice(run);
        if printed.chars().any(char::is_alphabetic) {
            pieces.push(*segment);
            continue;
        }
        pieces.extend(printed.char_indices().map(|(offset, character)| {
            Span::new(offset, offset + character.len_utf8()).shifted(segment.start)
        }));
    }
    (pieces.len() > segments.len() && pieces.len() <= MAX_SEGMENTS).then_some(pieces)
}

/// Cuts `run` into the columns of `models`, in order. Values that stand glued together, `168,244317,025`, are
/// cut inside where nothing else explains the run. `bracketed` says which columns print their values in
/// parentheses that are no minus signs.
pub(crate) fn segment_run(run: &str, models: &[&ColumnModel], bracketed: &[bool]) -> Option<Segmentation> {
    segment_ways(run, models, bracketed, BEST_TWO).into_iter().next()
}

/// The cheapest segmentations of `run`, the best first: what a choice lists where print does not settle one.
pub(crate) fn segment_choices(run: &str, models: &[&ColumnModel], bracketed: &[bool]) -> Vec<Segmentation> {
    segment_ways(run, models, bracketed, KEPT)
}

fn segment_ways(run: &str, models: &[&ColumnModel], bracketed: &[bool], kept: usize) -> Vec<Segmentation> {
    let Some(pieces) = plain_pieces(run).or_else(|| pieces_of(&scan_values(run))) else { return Vec::new() };
    let measure =
        |piece: Span, column: usize| PieceFit::of(run, piece, models[column], is_set(bracketed, column));
    let cuts = cut_run(run, models, bracketed, &pieces, kept, &measure);
    cuts.into_iter().map(|cut| cut.read(run, models, bracketed)).collect()
}

/// The `kept` cheapest cuts of a run, whose values and words are `pieces`, into the columns of `models`, the best first;
/// `measure` says how a piece fits a column, by its number.
pub(super) fn cut_run(
    run: &str,
    models: &[&ColumnModel],
    bracketed: &[bool],
    pieces: &[Span],
    kept: usize,
    measure: &dyn Fn(Span, usize) -> PieceFit,
) -> Vec<Cut> {
    let apart = cut_pieces(run, models, bracketed, pieces, MAX_NUMBER_SEGMENTS, kept, measure);
    // Glued values are one run of characters that no single value explains.
    let is_one_run = pieces.len() == 1 && models.len() == 2;
    let cut_glued = || {
        let pieces = glued_pieces(run, pieces).unwrap_or_default();
        cut_pieces(run, models, bracketed, &pieces, MAX_GLUED, kept, measure)
    };
    if is_one_run && models.iter().all(|model| model.is_glued) {
        return merge_ways(apart, cut_glued(), kept);
    }
    if apart.first().is_some_and(|cut| cut.bits < TROUBLE) || !is_one_run {
        return apart;
    }
    let glued = cut_glued();
    match (apart.first(), glued.first()) {
        (Some(whole), Some(cut)) if cut.bits + GLUED >= whole.bits => apart,
        (_, None) => apart,
        _ => glued,
    }
}

/// Two lists of cuts as one, the cheapest first, each cut once.
fn merge_ways(left: Vec<Cut>, right: Vec<Cut>, kept: usize) -> Vec<Cut> {
    let mut all: Vec<Cut> = left;
    for way in right {
        if !all.iter().any(|other| other.pieces == way.pieces) {
            all.push(way);
        }
    }
    all.sort_by(|one, other| one.bits.total_cmp(&other.bits));
    all.truncate(kept);
    let costs: Vec<f32> = all.iter().map(|way| way.bits).collect();
    for (way, next) in all.iter_mut().zip(costs.iter().skip(1)) {
        way.margin = next - way.bits;
    }
    if let Some(last) = all.last_mut() {
        last.margin = f32::INFINITY;
    }
    all
}

/// Cuts a run at the boundaries of `segments`; a value is made of at most `longest` of them. The `kept` cheapest cuts,
/// the best first.
pub(super) fn cut_pieces(
    run: &str,
    models: &[&ColumnModel],
    bracketed: &[bool],
    segments: &[Span],
    longest: usize,
    kept: usize,
    measure: &dyn Fn(Span, usize) -> PieceFit,
) -> Vec<Cut> {
    if segments.is_empty() {
        return Vec::new();
    }
    let count = segments.len();
    let amounts = amounts_among_words(run, models, segments);
    // A row for the start and for each column, a state for each end.
    let wide = count + 1;
    let mut table: Vec<Ways> = Vec::new();
    table.resize_with(wide * (models.len() + 1), Ways::new);
    table[0].push(Way { bits: 0.0, from: 0, rank: 0 });
    for (column, model) in models.iter().enumerate() {
        let is_bracketed = is_set(bracketed, column);
        let skip = skip_bits(model);
        // The last column takes what is left.
        let first_end = if column + 1 == models.len() { count } else { 0 };
        for end in first_end..=count {
            let mut ways = Ways::new();
            push_ways(&mut ways, &table[column * wide + end], skip, end, kept);
            for start in (0..end).rev() {
                let Some(before) = table[column * wide + start].first() else { continue };
                if model.kind != FieldKind::String && end - start > longest {
                    break;
                }
                // No piece costs less than nothing.
                if ways.len() >= kept && ways.last().is_some_and(|last| before.bits >= last.bits) {
                    continue;
                }
                let piece = Span::new(segments[start].start, segments[end - 1].end);
                let fit = measure(piece, column);
                let mut bits = fit.bits;
                if is_bracketed && !fit.is_nil && !piece.slice(run).starts_with(['(', '（']) {
                    bits += BRACKETS_LEFT_OFF;
                }
                if longest == MAX_GLUED && fit.has_other_scale(model) {
                    bits += GLUED_SCALE;
                }
                if model.kind == FieldKind::String && !amounts.is_empty() {
                    bits += amount_in_words(&amounts, models, column, start, end);
                }
                push_ways(&mut ways, &table[column * wide + start], bits, start, kept);
            }
            table[(column + 1) * wide + end] = ways;
        }
    }
    let finals = table.last().map_or(0, SmallVec::len);
    (0..finals).filter_map(|rank| read_back(segments, &table, models.len(), rank)).collect()
}

/// Which segments are printed as amounts, with decimals, separators or a percent sign; empty where no words stand
/// beside a column of numbers.
pub(super) fn amounts_among_words(run: &str, models: &[&ColumnModel], segments: &[Span]) -> Vec<bool> {
    let is_words = |model: &ColumnModel| model.kind == FieldKind::String;
    if !models.iter().copied().any(is_words) || !models.iter().any(|model| model.is_numeric()) {
        return Vec::new();
    }
    let is_amount = |segment: &Span| {
        let printed = segment.slice(run);
        printed.contains(['.', ',', '%']) && read_plain_number(printed).is_some()
    };
    segments.iter().map(is_amount).collect()
}

/// Cost of words from segment `start` to `end` in `column` that take an amount from a column of numbers beside them.
pub(super) fn amount_in_words(
    amounts: &[bool],
    models: &[&ColumnModel],
    column: usize,
    start: usize,
    end: usize,
) -> f32 {
    let is_numeric =
        |column: Option<usize>| column.and_then(|at| models.get(at)).is_some_and(|m| m.is_numeric());
    let at_end = is_numeric(Some(column + 1)) && amounts[end - 1];
    let at_start = is_numeric(column.checked_sub(1)) && amounts[start];
    AMOUNT_IN_WORDS * f32::from(u8::from(at_end) + u8::from(at_start))
}

type Ways = SmallVec<[Way; BEST_TWO]>;

/// Adds the ways that continue `before` at `bits` more; the `kept` cheapest stay.
fn push_ways(ways: &mut Ways, before: &[Way], bits: f32, from: usize, kept: usize) {
    for (rank, way) in before.iter().enumerate() {
        let new = Way { bits: way.bits + bits, from, rank };
        let at = ways.iter().position(|way| new.bits < way.bits).unwrap_or(ways.len());
        if at < kept {
            ways.insert(at, new);
            ways.truncate(kept);
        }
    }
}

fn read_back(segments: &[Span], table: &[Ways], columns: usize, rank: usize) -> Option<Cut> {
    let wide = segments.len() + 1;
    let finals = table.last()?;
    let bits = finals.get(rank)?.bits;
    let margin = finals.get(rank + 1).map_or(f32::INFINITY, |next| next.bits - bits);
    let mut pieces = SmallVec::new();
    let (mut end, mut rank) = (segments.len(), rank);
    for column in (0..columns).rev() {
        let way = *table[(column + 1) * wide + end].get(rank)?;
        let piece = || Span::new(segments[way.from].start, segments[end - 1].end);
        pieces.push((way.from != end).then(piece));
        (end, rank) = (way.from, way.rank);
    }
    pieces.reverse();
    Some(Cut { pieces, bits, margin })
}

/// Measures a piece, without its parentheses where they are the column's habit; the span is what was measured.
pub(crate) fn fit_piece(piece: &str, model: &ColumnModel, is_bracketed: bool) -> (Span, Fit) {
    if is_bracketed && let Some(inner) = piece.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        let span = Span::new(1, piece.len() - 1).trimmed(piece);
        if !inner.contains(['(', ')']) && !span.is_empty() {
            return (span, fit(span.slice(piece), model));
        }
    }
    (Span::new(0, piece.len()), fit(piece, model))
}

/// Whether the last value of `run` stands in parentheses behind another value: `615,208,340 (98.7514%)`.
pub(crate) fn ends_in_brackets(run: &str) -> bool {
    run.ends_with(')') && run.rfind('(').is_some_and(|open| !run[..open].trim().is_empty())
}
