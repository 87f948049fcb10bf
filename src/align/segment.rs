//! Typed segmentation of one printed run into consecutive columns.
//!
//! `best[i][c] = min over j of best[j][c - 1] + fit(j..i as column c)`, or `best[i][c - 1] + skip(c)`, over the
//! value-like segments of the run. The two best segmentations of every state are kept, so that the margin of
//! the whole is exact. Time O(segments² x columns), segments bounded by [`MAX_SEGMENTS`].

use smallvec::SmallVec;

use crate::column::fit::{Fit, fit};
use crate::column::model::ColumnModel;
use crate::schema::FieldKind;
use crate::text::Span;
use crate::text::value::{Value, scan_values};

/// A longer run has its words merged first, and is given up where that does not help.
const MAX_SEGMENTS: usize = 48;
/// A number is never made of more segments than this.
const MAX_NUMBER_SEGMENTS: usize = 4;
/// A column of the run that gets nothing.
const SKIP: f32 = 2.0;
const SKIP_REQUIRED: f32 = 6.0;

/// Cost of a column of the run that gets nothing.
pub(super) fn skip_bits(model: &ColumnModel) -> f32 {
    if model.required { SKIP_REQUIRED } else { SKIP }
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

/// One way to reach a state: cost, where the column's piece began, and which of the ways there it continues.
#[derive(Clone, Copy, Debug)]
struct Way {
    bits: f32,
    from: usize,
    rank: usize,
}

/// The pieces of `run` that are values or words, longer stretches of words merged where there are too many.
fn segments_of(run: &str) -> Option<Vec<Span>> {
    let segments = scan_values(run);
    if segments.len() <= MAX_SEGMENTS {
        return Some(segments.iter().map(|segment| segment.span).collect());
    }
    let mut merged: Vec<Span> = Vec::new();
    let mut was_words = false;
    for segment in &segments {
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

/// Cuts `run` into the columns of `models`, in order. Values that stand glued together, `157,133329,013`, are
/// cut inside where nothing else explains the run. `bracketed` says which columns print their values in
/// parentheses that are no minus signs.
pub(crate) fn segment_run(run: &str, models: &[&ColumnModel], bracketed: &[bool]) -> Option<Segmentation> {
    let segments = segments_of(run)?;
    let apart = segment_pieces(run, models, bracketed, &segments, MAX_NUMBER_SEGMENTS);
    // Glued values are one run of characters that no single value explains.
    let is_one_run = segments.len() == 1 && models.len() == 2;
    if apart.as_ref().is_some_and(|cut| cut.bits < TROUBLE) || !is_one_run {
        return apart;
    }
    let glued = glued_pieces(run, &segments)
        .and_then(|pieces| segment_pieces(run, models, bracketed, &pieces, MAX_GLUED));
    match (apart, glued) {
        (Some(apart), Some(glued)) if glued.bits + GLUED >= apart.bits => Some(apart),
        (apart, glued) => glued.or(apart),
    }
}

/// Cuts a run at the boundaries of `segments`; a value is made of at most `longest` of them.
pub(super) fn segment_pieces(
    run: &str,
    models: &[&ColumnModel],
    bracketed: &[bool],
    segments: &[Span],
    longest: usize,
) -> Option<Segmentation> {
    if segments.is_empty() {
        return None;
    }
    let count = segments.len();
    let mut table: Vec<Vec<SmallVec<[Way; 2]>>> = vec![vec![SmallVec::new(); count + 1]; models.len() + 1];
    table[0][0].push(Way { bits: 0.0, from: 0, rank: 0 });
    for (column, model) in models.iter().enumerate() {
        let is_bracketed = bracketed.get(column).copied().unwrap_or(false);
        let skip = skip_bits(model);
        for end in 0..=count {
            let mut ways: SmallVec<[Way; 2]> = SmallVec::new();
            push_ways(&mut ways, &table[column][end], skip, end);
            for start in (0..end).rev() {
                if table[column][start].is_empty() {
                    continue;
                }
                if model.kind != FieldKind::String && end - start > longest {
                    break;
                }
                let piece = Span::new(segments[start].start, segments[end - 1].end);
                let bits = fit_piece(piece.slice(run), model, is_bracketed).1.bits;
                push_ways(&mut ways, &table[column][start], bits, start);
            }
            table[column + 1][end] = ways;
        }
    }
    read_back(run, models, bracketed, segments, &table)
}

/// Adds the ways that continue `before` at `bits` more; the two cheapest stay.
fn push_ways(ways: &mut SmallVec<[Way; 2]>, before: &[Way], bits: f32, from: usize) {
    for (rank, way) in before.iter().enumerate() {
        let new = Way { bits: way.bits + bits, from, rank };
        let at = ways.iter().position(|way| new.bits < way.bits).unwrap_or(ways.len());
        if at < 2 {
            ways.insert(at, new);
            ways.truncate(2);
        }
    }
}

fn read_back(
    run: &str,
    models: &[&ColumnModel],
    bracketed: &[bool],
    segments: &[Span],
    table: &[Vec<SmallVec<[Way; 2]>>],
) -> Option<Segmentation> {
    let finals = &table[models.len()][segments.len()];
    let best = finals.first()?;
    let margin = finals.get(1).map_or(f32::INFINITY, |second| second.bits - best.bits);
    let mut pieces: SmallVec<[Option<(Span, Fit)>; 4]> = SmallVec::new();
    let (mut end, mut rank) = (segments.len(), 0);
    for column in (0..models.len()).rev() {
        let way = *table[column + 1][end].get(rank)?;
        if way.from == end {
            pieces.push(None);
        } else {
            let piece = Span::new(segments[way.from].start, segments[end - 1].end);
            let is_bracketed = bracketed.get(column).copied().unwrap_or(false);
            let (inner, fit) = fit_piece(piece.slice(run), models[column], is_bracketed);
            pieces.push(Some((inner.shifted(piece.start), fit)));
        }
        (end, rank) = (way.from, way.rank);
    }
    pieces.reverse();
    Some(Segmentation { pieces, bits: best.bits, margin })
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

/// Whether the last value of `run` stands in parentheses behind another value: `482,427,295 (99.9266%)`.
pub(crate) fn ends_in_brackets(run: &str) -> bool {
    run.ends_with(')') && run.rfind('(').is_some_and(|open| !run[..open].trim().is_empty())
}
