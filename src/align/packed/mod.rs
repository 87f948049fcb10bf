//! Packed rows: several records printed as one row, column by column.
//!
//! Every grid column is read as its tokens in order. The number of records n is the count that explains the holes
//! of all columns in the fewest bits; a column with k < n tokens is a placement, `log2 C(n, k)` readings wide, and
//! stays implicit. Text columns are cut later, when the whole document can testify ([`super::cut`]).

mod block;

use std::collections::BTreeSet;
use std::ops::Range;

use super::layout::Layout;
use super::phrase::{known_pieces, standing_phrases};
use super::records::{Knowledge, LogicalRow, TROUBLE};
use super::run::Run;
use super::segment::fit_piece;
use crate::budget::Budget;
use crate::column::fit::Fit;
use crate::column::model::{ColumnModel, normalized};
use crate::schema::FieldKind;
use crate::text::Span;
use crate::text::value::scan_spans;

/// A packed row at all: extraction packs about one row in sixty.
const PACKED_ROW: f32 = 6.0;
/// The most that one missing token can cost: real packed rows lose whole columns.
const LOST_LIMIT: f32 = 3.0;
/// Words that end in a label for totals, or that are nothing but labels that the schema knows.
const TOTAL_AT_END: f32 = -8.0;
const KNOWN_LABELS: f32 = -10.0;
/// A third and further value in the place of one.
const SURPLUS_VALUE: f32 = 6.0;
/// A number cut at a blank that separates thousands elsewhere in the table.
const AGAINST_HABIT: f32 = 3.0;
/// More records than this in one row have not been seen; the search stays bounded.
const MAX_RECORDS: usize = 512;

/// The values of one result column in a packed row, in order.
struct Values<'t> {
    out: usize,
    pieces: Vec<(Span, Fit)>,
    run: Run<'t>,
}

/// A text column of a packed row: its pieces where the schema or enumerators show them, else its words.
struct Words<'t> {
    out: usize,
    run: Run<'t>,
    pieces: Option<Vec<Span>>,
    words: usize,
    /// The label for totals that stands at the end of other words.
    total: Option<Span>,
}

/// A printed column of several fields in a packed row: its values go round the fields, some of them lost.
struct Sequence<'t> {
    tokens: Vec<(usize, Span, Fit)>,
    outs: Range<usize>,
    run: Run<'t>,
}

enum PackedColumn<'t> {
    Values(Values<'t>),
    Words(Words<'t>),
    Sequence(Sequence<'t>),
}

/// A packed block, not yet in the alignment.
pub(crate) struct PackedBlock<'t> {
    records: usize,
    columns: Vec<PackedColumn<'t>>,
    line: usize,
    pub(crate) bits: f32,
    /// Bits by which the row as it stands is dearer.
    pub(crate) margin: f32,
    /// The label of the last record, if it is a total that was glued to the row above it.
    total: Option<String>,
}

/// Reads a row as a packed block, if two columns at least have more than one value, or the words are several
/// labels that the schema knows.
pub(crate) fn read_packed<'t>(
    row: &LogicalRow<'t>,
    layout: &Layout,
    knowledge: &Knowledge<'_>,
    budget: &mut Budget,
) -> Option<PackedBlock<'t>> {
    let mut columns: Vec<PackedColumn<'t>> = Vec::new();
    for (column, run) in row.runs.iter().enumerate() {
        let Some(run) = run else { continue };
        if !budget.spend(run.text.len() as u64 / 8 + 1) {
            return None;
        }
        columns.push(read_column(run, column, layout, knowledge)?);
    }
    let records = columns.iter().map(PackedColumn::count).max().unwrap_or(0);
    let mut margin = f32::INFINITY;
    for column in &mut columns {
        if column.cut_groups(records, layout)? {
            // A number that was cut against the table's habit may as well be one, and the row one record.
            margin = 0.0;
        }
    }
    let several = columns.iter().filter(|column| column.count() > 1).count();
    let known =
        columns.iter().any(|column| matches!(column, PackedColumn::Words(Words { pieces: Some(_), .. })));
    let words = columns.iter().any(|column| match column {
        PackedColumn::Words(words) => words.words >= records,
        _ => false,
    });
    if !(2..=MAX_RECORDS).contains(&records) || several + usize::from(words || known) < 2 {
        return None;
    }
    let is_short = |column: &PackedColumn<'_>| match column {
        PackedColumn::Values(values) => (1..records).contains(&values.pieces.len()),
        _ => false,
    };
    let total = columns.iter().find_map(|column| match column {
        PackedColumn::Words(words) => words.total.map(|label| normalized(label.slice(&words.run.text))),
        _ => None,
    });
    let is_lone_number = |column: &PackedColumn<'_>| match column {
        PackedColumn::Values(values) => {
            values.pieces.len() > 1 && layout.outs.get(values.out).is_some_and(|out| out.model.is_numeric())
        }
        _ => false,
    };
    let is_lone = several == 1 && columns.iter().any(is_lone_number);
    let is_unnamed = knowledge.labels.is_empty();
    if is_lone && !known && total.is_none() && (is_unnamed || columns.iter().any(is_short)) {
        // One cell with several values beside cells with one: two fields in a column, not two records. Words alone,
        // of which there are always enough, are no witness of records.
        return None;
    }
    let bits = PACKED_ROW + columns.iter().map(|column| column.bits(records, layout)).sum::<f32>();
    Some(PackedBlock { records, columns, line: row.line, bits, total, margin })
}

/// One grid column as part of a packed row; `None` where it cannot be one.
fn read_column<'t>(
    run: &Run<'t>,
    column: usize,
    layout: &Layout,
    knowledge: &Knowledge<'_>,
) -> Option<PackedColumn<'t>> {
    let outs = layout.outs_of(column);
    let run = run.clone();
    if outs.len() > 1 {
        return read_sequence(run, column, layout).map(PackedColumn::Sequence);
    }
    // A column that belongs to nothing has no tokens to place.
    let Some(model) = layout.outs.get(outs.start).filter(|_| !outs.is_empty()).map(|out| &out.model) else {
        return Some(PackedColumn::Values(Values { out: usize::MAX, pieces: Vec::new(), run }));
    };
    if model.kind == FieldKind::String {
        let labels = &knowledge.labels;
        let words = super::cut::words_of(&run.text);
        let pieces = known_pieces(&run.text, &words, labels, model)
            .or_else(|| enumerators(&run.text, &words))
            .or_else(|| standing_phrases(&run, &words, knowledge.witness));
        let total = total_at_end(&run.text, &words, labels);
        let words = words.len();
        return Some(PackedColumn::Words(Words { out: outs.start, run, pieces, words, total }));
    }
    let pieces = value_pieces(&run.text, model)?;
    Some(PackedColumn::Values(Values { out: outs.start, pieces, run }))
}

/// The values of a run, every piece a value of the column's type. A number that was torn at a blank may as well be
/// two: where the whole is that dear, its words are tried too.
fn value_pieces(text: &str, model: &ColumnModel) -> Option<Vec<(Span, Fit)>> {
    let whole = fit_piece(text, model, false);
    let measured = |spans: &mut dyn Iterator<Item = Span>| -> Vec<(Span, Fit)> {
        spans.map(|span| (span, fit_piece(span.slice(text), model, false).1)).collect()
    };
    let all_fit = |pieces: &[(Span, Fit)]| {
        pieces.len() > 1 && pieces.iter().all(|(_, fit)| fit.bits < TROUBLE && fit.is_typed)
    };
    let grouped = if model.groups_by_blank { super::groups::cut_grouped(text, None) } else { None };
    let pieces = match grouped {
        Some(pieces) => measured(&mut pieces.into_iter()),
        None => measured(&mut scan_spans(text).into_iter()),
    };
    if all_fit(&pieces) {
        return Some(pieces);
    }
    if whole.1.bits >= TROUBLE {
        let words = measured(&mut super::cut::words_of(text).into_iter());
        if all_fit(&words) {
            return Some(words);
        }
    }
    (whole.1.bits < TROUBLE || pieces.len() < 2).then(|| vec![whole])
}

/// Words that are all enumerators: `1. 2.`, or whole numbers that count on: `1 2`.
fn enumerators(text: &str, words: &[Span]) -> Option<Vec<Span>> {
    let all = || words.iter().all(|word| super::cut::is_enumerator(word.slice(text)));
    let counted = || {
        let numbers: Option<Vec<u32>> = words.iter().map(|word| word.slice(text).parse().ok()).collect();
        numbers.is_some_and(|numbers| numbers.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1])))
    };
    (words.len() > 1 && (all() || counted())).then(|| words.to_vec())
}

/// The label for totals that stands at the end of other words.
fn total_at_end(text: &str, words: &[Span], labels: &BTreeSet<String>) -> Option<Span> {
    words.iter().skip(1).map(|word| Span::new(word.start, text.trim_end().len())).find(|tail| {
        let folded = normalized(tail.slice(text));
        super::naming::is_plain_total(&folded) || (labels.contains(&folded) && folded.contains("total"))
    })
}

/// The values of a column of several fields, each with the field that its print names.
fn read_sequence<'t>(run: Run<'t>, column: usize, layout: &Layout) -> Option<Sequence<'t>> {
    let held = &layout.grid[column];
    if layout.outs[held.outs.clone()].iter().any(|out| out.model.kind == FieldKind::String) {
        return None;
    }
    let mut tokens = Vec::new();
    for segment in scan_spans(&run.text) {
        let printed = segment.slice(&run.text);
        let fits = held.outs.clone().zip(&held.bracketed).map(|(out, is_bracketed)| {
            let (inner, fit) = fit_piece(printed, &layout.outs[out].model, *is_bracketed);
            let mismatch = if *is_bracketed == printed.starts_with('(') { 0.0 } else { TROUBLE };
            (out, inner.shifted(segment.start), fit, mismatch)
        });
        let best = fits.min_by(|left, right| (left.2.bits + left.3).total_cmp(&(right.2.bits + right.3)))?;
        if best.2.bits + best.3 >= TROUBLE || !best.2.is_typed {
            return None;
        }
        tokens.push((best.0, best.1, best.2));
    }
    Some(Sequence { tokens, outs: held.outs.clone(), run })
}

impl Sequence<'_> {
    /// For every token the first and the last record that it can belong to, row by row.
    fn records(&self, count: usize) -> Vec<(usize, usize)> {
        let mut first = Vec::with_capacity(self.tokens.len());
        let mut record = 0;
        for (index, token) in self.tokens.iter().enumerate() {
            record += usize::from(index > 0 && token.0 <= self.tokens[index - 1].0);
            first.push(record);
        }
        let mut last = vec![0; self.tokens.len()];
        let mut record = count.saturating_sub(1);
        for (index, token) in self.tokens.iter().enumerate().rev() {
            let wraps = self.tokens.get(index + 1).is_some_and(|next| token.0 >= next.0);
            record = record.saturating_sub(usize::from(wraps));
            last[index] = record;
        }
        first.into_iter().zip(last).collect()
    }
}

impl PackedColumn<'_> {
    /// Cuts numbers whose thousands are separated by blanks into as many as the row has records; whether that was
    /// needed. `None` where several cuts give so many.
    fn cut_groups(&mut self, records: usize, layout: &Layout) -> Option<bool> {
        let Self::Values(values) = self else { return Some(false) };
        let Some(model) = layout.outs.get(values.out).map(|out| &out.model) else { return Some(false) };
        let is_short = (1..records).contains(&values.pieces.len());
        if is_short
            && model.groups_by_blank
            && values.run.text.split_whitespace().count() > values.pieces.len()
        {
            let pieces = super::groups::cut_grouped(&values.run.text, Some(records))?;
            let text = &values.run.text;
            let broken = |fit: Fit| Fit { bits: fit.bits + AGAINST_HABIT, margin: 0.0, ..fit };
            values.pieces = pieces
                .into_iter()
                .map(|span| (span, broken(fit_piece(span.slice(text), model, false).1)))
                .collect();
            return Some(true);
        }
        Some(false)
    }

    /// The least number of records that the column shows.
    fn count(&self) -> usize {
        match self {
            Self::Values(values) => values.pieces.len(),
            Self::Words(words) => words.pieces.as_ref().map_or(0, Vec::len),
            Self::Sequence(sequence) => sequence.records(1).last().map_or(0, |(first, _)| first + 1),
        }
    }

    /// Cost of the column as part of a block of `records`.
    fn bits(&self, records: usize, layout: &Layout) -> f32 {
        let lost = |out: usize, count: usize| {
            let missing = records.saturating_sub(count) as f32;
            let blank = layout.outs.get(out).map_or(1.0, |out| out.blank_rate).clamp(0.01, 0.99);
            missing * (-blank.log2()).min(LOST_LIMIT) + log2_choose(records, count.min(records))
        };
        match self {
            Self::Words(words) => {
                let known = if words.pieces.is_some() { KNOWN_LABELS } else { 0.0 };
                let total = if words.total.is_some() { TOTAL_AT_END } else { 0.0 };
                let count = words.pieces.as_ref().map_or(words.words, Vec::len);
                lost(words.out, count.min(records)) + known.min(total)
            }
            Self::Values(values) => {
                values.pieces.iter().map(|(_, fit)| fit.bits).sum::<f32>()
                    + lost(values.out, values.pieces.len())
            }
            Self::Sequence(sequence) => {
                let count = |out: usize| sequence.tokens.iter().filter(|token| token.0 == out).count();
                let fits: f32 = sequence.tokens.iter().map(|(_, _, fit)| fit.bits).sum();
                fits + sequence.outs.clone().map(|out| lost(out, count(out))).sum::<f32>()
            }
        }
    }
}

/// `log2 C(n, k)`.
pub(crate) fn log2_choose(n: usize, k: usize) -> f32 {
    let k = k.min(n - k.min(n));
    (0..k).map(|i| ((n - i) as f32 / (i + 1) as f32).log2()).sum()
}

impl<'t> PackedBlock<'t> {
    /// What the row as it stands costs beyond its misfits: each further value in the place of one.
    pub(crate) fn surplus(&self) -> f32 {
        let values = |column: &PackedColumn<'_>| match column {
            PackedColumn::Values(values) => values.pieces.len().saturating_sub(2),
            _ => 0,
        };
        SURPLUS_VALUE * self.columns.iter().map(values).sum::<usize>() as f32
    }
}
