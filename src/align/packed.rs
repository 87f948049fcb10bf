//! Packed rows: several records printed as one row, column by column.
//!
//! Every grid column is read as its tokens in order. The number of records n is the count that explains the holes
//! of all columns in the fewest bits; a column with k < n tokens is a placement, `log2 C(n, k)` readings wide, and
//! stays implicit. Text columns are cut later, when the whole document can testify ([`super::cut`]).

use smallvec::SmallVec;

use super::alignment::{Choice, Content, Placement, Slot};
use super::fit::Fit;
use super::layout::Layout;
use super::model::ColumnModel;
use super::records::{Body, Draft, LogicalRow, PendingCut, RowDraft, TROUBLE, mark_choice, push_choice, push_row};
use super::run::Run;
use super::segment::fit_piece;
use crate::budget::Budget;
use crate::schema::FieldKind;
use crate::table::Origin;
use crate::text::Span;
use crate::text::value::scan_values;

/// A packed row at all: extraction packs about one row in sixty.
const PACKED_ROW: f32 = 6.0;
/// The most that one missing token can cost: real packed rows lose whole columns.
const LOST_LIMIT: f32 = 3.0;
/// A text cell with fewer words than records.
const TOO_FEW_WORDS: f32 = 8.0;
/// More records than this in one row have not been seen; the search stays bounded.
const MAX_RECORDS: usize = 512;

/// The tokens of one result column in a packed row.
struct Tokens {
    out: usize,
    pieces: Vec<(Span, Fit)>,
}

/// A packed block, not yet in the alignment.
pub(crate) struct PackedBlock<'t> {
    records: usize,
    columns: Vec<PackedColumn<'t>>,
    line: usize,
    pub(crate) bits: f32,
}

enum PackedColumn<'t> {
    Values { tokens: Tokens, run: Run<'t> },
    Words { out: usize, run: Run<'t> },
}

/// Reads a row as a packed block, if two columns at least have more than one value.
pub(crate) fn read_packed<'t>(row: &LogicalRow<'t>, layout: &Layout, budget: &mut Budget) -> Option<PackedBlock<'t>> {
    let mut columns: Vec<PackedColumn<'t>> = Vec::new();
    for (column, run) in row.runs.iter().enumerate() {
        let Some(run) = run else { continue };
        if !budget.spend(run.text.len() as u64 / 8 + 1) {
            return None;
        }
        read_column(run, column, layout, &mut columns)?;
    }
    let counts = || {
        columns.iter().filter_map(|column| match column {
            PackedColumn::Values { tokens, .. } => Some(tokens.pieces.len()),
            PackedColumn::Words { .. } => None,
        })
    };
    let records = counts().max().unwrap_or(0);
    let several = counts().filter(|count| *count > 1).count();
    let words = columns.iter().any(|column| match column {
        PackedColumn::Words { run, .. } => run.text.split_whitespace().count() >= records,
        PackedColumn::Values { .. } => false,
    });
    if !(2..=MAX_RECORDS).contains(&records) || several + usize::from(words) < 2 {
        return None;
    }
    let bits = PACKED_ROW + columns.iter().map(|column| column_bits(column, records, layout)).sum::<f32>();
    Some(PackedBlock { records, columns, line: row.line, bits })
}

/// The tokens of one grid column; `None` where it cannot be part of a packed row.
fn read_column<'t>(run: &Run<'t>, column: usize, layout: &Layout, columns: &mut Vec<PackedColumn<'t>>) -> Option<()> {
    let outs = layout.outs_of(column);
    if outs.len() <= 1 {
        if outs.is_empty() {
            return Some(());
        }
        let model = &layout.outs[outs.start].model;
        if model.kind == FieldKind::String {
            columns.push(PackedColumn::Words { out: outs.start, run: run.clone() });
            return Some(());
        }
        let pieces = value_pieces(&run.text, model, false)?;
        columns.push(PackedColumn::Values { tokens: Tokens { out: outs.start, pieces }, run: run.clone() });
        return Some(());
    }
    read_compound(run, column, layout, columns)
}

/// The values of a run, every piece a value of the column's type.
fn value_pieces(text: &str, model: &ColumnModel, is_bracketed: bool) -> Option<Vec<(Span, Fit)>> {
    let whole = fit_piece(text, model, is_bracketed);
    let segments = scan_values(text);
    if segments.len() < 2 {
        return Some(vec![whole]);
    }
    let pieces: Vec<(Span, Fit)> = segments
        .iter()
        .map(|segment| {
            let (inner, fit) = fit_piece(segment.span.slice(text), model, is_bracketed);
            (inner.shifted(segment.span.start), fit)
        })
        .collect();
    if pieces.iter().all(|(_, fit)| fit.bits < TROUBLE && fit.is_typed) {
        Some(pieces)
    } else {
        (whole.1.bits < TROUBLE).then(|| vec![whole])
    }
}

/// A column of several fields: its values go round the fields, `v (p) v (p)`.
fn read_compound<'t>(run: &Run<'t>, column: usize, layout: &Layout, columns: &mut Vec<PackedColumn<'t>>) -> Option<()> {
    let held = &layout.grid[column];
    let outs: SmallVec<[usize; 4]> = held.outs.clone().collect();
    if outs.iter().any(|&out| layout.outs[out].model.kind == FieldKind::String) {
        return None;
    }
    let mut pieces: Vec<Vec<(Span, Fit)>> = vec![Vec::new(); outs.len()];
    for (index, segment) in scan_values(&run.text).iter().enumerate() {
        let position = index % outs.len();
        let is_bracketed = held.bracketed.get(position).copied().unwrap_or(false);
        let model = &layout.outs[outs[position]].model;
        let (inner, fit) = fit_piece(segment.span.slice(&run.text), model, is_bracketed);
        if fit.bits >= TROUBLE || !fit.is_typed {
            return None;
        }
        pieces[position].push((inner.shifted(segment.span.start), fit));
    }
    for (out, pieces) in outs.into_iter().zip(pieces) {
        columns.push(PackedColumn::Values { tokens: Tokens { out, pieces }, run: run.clone() });
    }
    Some(())
}

fn column_bits(column: &PackedColumn<'_>, records: usize, layout: &Layout) -> f32 {
    match column {
        PackedColumn::Words { run, .. } => {
            if run.text.split_whitespace().count() < records { TOO_FEW_WORDS } else { 0.0 }
        }
        PackedColumn::Values { tokens, .. } => {
            let lost = (records - tokens.pieces.len()) as f32;
            let fits: f32 = tokens.pieces.iter().map(|(_, fit)| fit.bits).sum();
            let blank = layout.outs[tokens.out].blank_rate.clamp(0.01, 0.99);
            fits + lost * (-blank.log2()).min(LOST_LIMIT) + log2_choose(records, tokens.pieces.len())
        }
    }
}

/// `log2 C(n, k)`.
pub(crate) fn log2_choose(n: usize, k: usize) -> f32 {
    let k = k.min(n - k.min(n));
    (0..k).map(|i| ((n - i) as f32 / (i + 1) as f32).log2()).sum()
}

impl<'t> PackedBlock<'t> {
    /// Adds the block's records to the alignment: full columns settled, others as placements.
    pub(crate) fn push(self, layout: &Layout, body: &mut Body<'t>) {
        let first = body.alignment.rows.len();
        let rows: Vec<usize> = (first..first + self.records).collect();
        let mut drafts: Vec<RowDraft<'t>> = rows
            .iter()
            .map(|_| RowDraft {
                cells: layout
                    .outs
                    .iter()
                    .map(|out| Draft::empty(if out.grid_column.is_some() { Slot::Lost } else { Slot::Absent }))
                    .collect(),
                line: self.line,
                ..RowDraft::default()
            })
            .collect();
        let mut placements: Vec<Placement<'t>> = Vec::new();
        let mut pending = Vec::new();
        let mut touched = vec![false; layout.outs.len()];
        for column in self.columns {
            match column {
                PackedColumn::Words { out, run } => {
                    touched[out] = true;
                    for draft in &mut drafts {
                        draft.cells[out] = Draft::empty(Slot::Printed);
                    }
                    pending.push(PendingCut { column: out, rows: rows.clone(), run });
                }
                PackedColumn::Values { tokens, run } => {
                    touched[tokens.out] = true;
                    fill_column(&tokens, &run, &rows, &mut drafts, &mut placements);
                }
            }
        }
        for draft in drafts {
            push_row(draft, &mut body.alignment);
        }
        for (out, column) in layout.outs.iter().enumerate() {
            if !touched[out] && column.grid_column.is_some() {
                let empty = Placement { column: out, rows: rows.clone(), tokens: Vec::new(), best: Vec::new() };
                placements.push(empty);
            }
        }
        for placement in placements {
            let column = placement.column;
            let index = push_choice(&mut body.alignment, Choice::Placement(placement));
            mark_choice(&mut body.alignment, index, column, &rows);
        }
        body.pending.extend(pending);
    }
}

/// Puts a column's tokens into the block: one a record where they are as many, else as a placement.
fn fill_column<'t>(
    tokens: &Tokens,
    run: &Run<'t>,
    rows: &[usize],
    drafts: &mut [RowDraft<'t>],
    placements: &mut Vec<Placement<'t>>,
) {
    let is_full = tokens.pieces.len() == rows.len();
    let origin = if is_full { Origin::Split } else { Origin::Moved };
    let mut contents: Vec<Content<'t>> = Vec::new();
    for (index, (part, fit)) in tokens.pieces.iter().enumerate() {
        let draft = Draft::printed(run, *part, fit, origin);
        if !is_full {
            contents.push(draft.content.clone());
        }
        drafts[index].cells[tokens.out] = draft;
    }
    if !is_full {
        let best = (0..contents.len()).collect();
        placements.push(Placement { column: tokens.out, rows: rows.to_vec(), tokens: contents, best });
    }
}
