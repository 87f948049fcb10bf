//! What the body cells of a column say of the fields that it may hold: some are sampled, and each costs bits under
//! the types of those fields.

use std::cell::RefCell;
use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::{FIELD_SKIPPED, MAX_FIELDS_PER_COLUMN};
use crate::align::boxhead::is_body_kind;
use crate::align::segment::{Segmentation, fit_piece, segment_run, skip_bits};
use crate::column::fit::fit;
use crate::column::model::ColumnModel;
use crate::grid::Grid;
use crate::schema::FieldKind;
use crate::text::value::{read_plain_number, scan_values};
use crate::text::{Decimal, Span};

/// A number printed as percent, or the reverse, in most of a column: the schema's type may be loose there.
const LOOSE_TYPE: f32 = 3.0;
/// Cells of a column that are measured, spread over its rows.
const SAMPLE_CELLS: usize = 16;
/// So many bytes of a cell tell what it holds.
const SAMPLE_BYTES: usize = 160;
/// So many cells carry a column's full weight; more say nothing new.
const FULL_WEIGHT: f32 = 5.0;
/// A packed cell: its pieces fit though the whole does not.
const PACKED: f32 = 1.5;
/// Several values in a cell whose row is not packed: two fields in one column, or a number that was torn.
const LONE_SEVERAL: f32 = 5.0;
/// The worst that one cell can say against a type.
pub(super) const CELL_LIMIT: f32 = 9.0;
/// The share of a column's cells, the dearest ones, that may be damaged without speaking against a type.
const DAMAGED_SHARE: usize = 3;

/// The sampled body cells of one column.
pub(crate) struct Sample {
    pub(super) cells: Vec<Span>,
    /// For every cell, whether it alone of its row holds several values: then its row is not packed.
    lone: Vec<bool>,
    /// Whether some cell may hold several values: apart, or glued together.
    pub(super) has_several: bool,
    /// Whether some cell holds an amount behind other print.
    pub(super) has_amount_behind: bool,
    /// Body cells with and without content.
    filled: usize,
    /// What the cells cost under models that were asked for: many fields of many schemas are of one kind.
    measured: RefCell<BTreeMap<Measure, f32>>,
}

/// What tells the costs of cells under one model from those under another, where the model has no list and no
/// pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Signature {
    kind: FieldKind,
    percent: bool,
    required: bool,
    minimum: Option<Decimal>,
    decimal_char: Option<char>,
    nil_marks: Vec<String>,
}

/// The models of the fields that a column may hold, which of them print their values in parentheses, and whether the
/// header names them all.
type Measure = (SmallVec<[Signature; MAX_FIELDS_PER_COLUMN]>, SmallVec<[bool; MAX_FIELDS_PER_COLUMN]>, bool);

impl Signature {
    fn of(model: &ColumnModel) -> Option<Self> {
        let is_plain = model.values.is_empty() && model.pattern.is_none() && model.sign.is_none();
        is_plain.then_some(Self {
            kind: model.kind,
            percent: model.percent,
            required: model.required,
            minimum: model.minimum,
            decimal_char: model.decimal_char,
            nil_marks: model.nil_marks.clone(),
        })
    }
}

impl Sample {
    /// Bits of the cells as values of these fields, measured once for fields alike.
    pub(super) fn bits(
        &self,
        text: &str,
        models: &[&ColumnModel],
        bracketed: &[bool],
        is_named: bool,
    ) -> f32 {
        let signatures: Option<SmallVec<_>> = models.iter().map(|model| Signature::of(model)).collect();
        let Some(signatures) = signatures else {
            return column_bits(text, self, models, bracketed, is_named);
        };
        let measure = (signatures, SmallVec::from_slice(bracketed), is_named);
        if let Some(bits) = self.measured.borrow().get(&measure) {
            return *bits;
        }
        let bits = column_bits(text, self, models, bracketed, is_named);
        self.measured.borrow_mut().insert(measure, bits);
        bits
    }
}

/// The front of a long cell, cut between its words.
fn capped(text: &str, cell: Span) -> Span {
    let printed = cell.slice(text);
    if printed.len() <= SAMPLE_BYTES {
        return cell;
    }
    let limit = printed.floor_char_boundary(SAMPLE_BYTES);
    let end = printed[..limit].rfind(char::is_whitespace).unwrap_or(limit);
    Span::new(cell.start, cell.start + end)
}

/// Whether a cell is more than one word or value, or a run of digits that is no number as it stands.
fn may_hold_several(cell: &str) -> bool {
    if cell.contains(char::is_whitespace) {
        return true;
    }
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    digits > 1 && !cell.bytes().any(|byte| byte.is_ascii_alphabetic()) && read_plain_number(cell).is_none()
}

/// Whether a cell ends in an amount behind other print: words and an amount, or two amounts.
fn has_amount_behind(cell: &str) -> bool {
    let Some((front, last)) = cell.rsplit_once(char::is_whitespace) else { return false };
    let is_words = || front.chars().any(char::is_alphabetic);
    last.contains(['.', ',', '%'])
        && is_amount(last)
        && (is_words() || front.split_whitespace().any(is_amount))
}

/// A number that is whole as it stands, alone or in parentheses.
fn is_amount(word: &str) -> bool {
    let inner = word.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(word);
    inner.bytes().any(|byte| byte.is_ascii_digit()) && read_plain_number(inner).is_some()
}

/// Whether a cell holds more than one amount.
fn has_several_amounts(cell: &str) -> bool {
    cell.contains(char::is_whitespace)
        && cell.split_whitespace().filter(|word| is_amount(word)).nth(1).is_some()
}

/// Samples every column of the body.
pub(crate) fn sample_columns(text: &str, grid: &Grid, header_rows: usize) -> Vec<Sample> {
    let rows: Vec<usize> = (header_rows..grid.rows.len()).filter(|&row| is_body_kind(grid, row)).collect();
    let step = (rows.len() / SAMPLE_CELLS).max(1);
    let sampled: Vec<usize> = rows.iter().step_by(step).copied().collect();
    let several_in = |row: &usize| {
        grid.row(*row).iter().filter(|cell| has_several_amounts(capped(text, **cell).slice(text))).count()
    };
    let several: Vec<usize> = sampled.iter().map(several_in).collect();
    (0..grid.width)
        .map(|column| {
            let cell = |row: usize| grid.row(row).get(column).copied().filter(|cell| !cell.is_empty());
            let (mut cells, mut lone) = (Vec::new(), Vec::new());
            for (row, several) in sampled.iter().zip(&several) {
                let Some(cell) = cell(*row).map(|cell| capped(text, cell)) else { continue };
                cells.push(cell);
                lone.push(*several == 1 && has_several_amounts(cell.slice(text)));
            }
            let has_several = cells.iter().any(|cell| may_hold_several(cell.slice(text)));
            let has_amount_behind = cells.iter().any(|cell| has_amount_behind(cell.slice(text)));
            Sample {
                filled: cells.len(),
                cells,
                lone,
                has_several,
                has_amount_behind,
                measured: RefCell::default(),
            }
        })
        .collect()
}
/// The sampled cells of a column under the types of the fields that it holds; the dearest cells are left out, but
/// not those that alone of their row hold several values. `is_named`: the header names all the fields.
fn column_bits(
    text: &str,
    sample: &Sample,
    models: &[&ColumnModel],
    bracketed: &[bool],
    is_named: bool,
) -> f32 {
    if sample.cells.is_empty() {
        return if models.len() > 1 { FIELD_SKIPPED } else { 0.5 };
    }
    let measured: Vec<CellBits> = sample
        .cells
        .iter()
        .zip(&sample.lone)
        .map(|(cell, is_lone)| cell_bits(cell.slice(text), models, bracketed, *is_lone))
        .collect();
    // Where the header names all fields, or some cell fills them all, a blank partner is a habit of the column: one
    // bit a cell says which of them is filled.
    let is_habit = models.len() > 1 && (is_named || measured.iter().any(|cell| cell.is_full));
    let bits = |cell: &CellBits| match cell.is_packed {
        // Values of several records are no sign of several fields.
        true if models.len() > 1 && !is_habit => CELL_LIMIT,
        _ => cell.bits + if is_habit { cell.skipped.min(1.0) } else { cell.skipped },
    };
    let mut rest: Vec<f32> = measured
        .iter()
        .zip(&sample.lone)
        .filter(|(_, is_lone)| !**is_lone)
        .map(|(cell, _)| bits(cell))
        .collect();
    rest.sort_by(f32::total_cmp);
    rest.truncate(rest.len() - rest.len() / DAMAGED_SHARE);
    rest.extend(
        measured.iter().zip(&sample.lone).filter(|(_, is_lone)| **is_lone).map(|(cell, _)| bits(cell)),
    );
    let mean = rest.iter().sum::<f32>() / rest.len() as f32;
    mean * (sample.filled as f32).min(FULL_WEIGHT)
}

/// What one cell costs under the types of the fields that its column holds.
#[derive(Clone, Copy, Debug, Default)]
struct CellBits {
    /// Cost of what is printed.
    bits: f32,
    /// Cost of the fields that got nothing.
    skipped: f32,
    /// Whether every one of several fields got something.
    is_full: bool,
    /// Whether it holds the values of several records.
    is_packed: bool,
}

impl CellBits {
    fn printed(bits: f32) -> Self {
        Self { bits, ..Self::default() }
    }
}

/// One cell under the types of the fields that its column holds.
fn cell_bits(cell: &str, models: &[&ColumnModel], bracketed: &[bool], is_lone: bool) -> CellBits {
    if let [model] = models {
        return CellBits::printed(single_bits(cell, model, is_lone));
    }
    let cut = segment_run(cell, models, bracketed)
        .filter(|cut| cut.bits < CELL_LIMIT)
        .or_else(|| cut_by_blank_groups(cell, models, bracketed));
    let Some(cut) = cut else {
        let is_packed = is_packed_run(cell, models, bracketed);
        let bits = if is_packed { PACKED } else { CELL_LIMIT };
        return CellBits { is_packed, ..CellBits::printed(bits) };
    };
    if cut.bits > PACKED && is_packed_run(cell, models, bracketed) {
        return CellBits { is_packed: true, ..CellBits::printed(PACKED) };
    }
    let skipped: f32 = cut
        .pieces
        .iter()
        .zip(models)
        .filter(|(piece, _)| piece.is_none())
        .map(|(_, model)| skip_bits(model))
        .sum();
    CellBits {
        bits: cut.bits - skipped,
        skipped,
        is_full: cut.pieces.iter().all(Option::is_some),
        is_packed: false,
    }
}

/// One cell as a value of the only field of its column.
fn single_bits(cell: &str, model: &ColumnModel, is_lone: bool) -> f32 {
    let whole = fit(cell, model);
    if whole.bits < 4.0 || !whole.is_typed && whole.bits < CELL_LIMIT {
        return whole.bits;
    }
    if whole.is_typed && model.is_numeric() && cell.ends_with(['%', ')', '*']) && !model.percent {
        return whole.bits.min(LOOSE_TYPE);
    }
    let segments = scan_values(cell);
    let packed = segments.len() > 1
        && model.kind != FieldKind::String
        && segments.iter().all(|segment| fit(segment.span.slice(cell), model).bits < 4.0);
    match packed {
        true if is_lone => LONE_SEVERAL.min(whole.bits),
        true => PACKED,
        false => whole.bits.min(CELL_LIMIT),
    }
}

/// Whether a cell holds the values of several records, each a value of one of the fields, and no field without one.
fn is_packed_run(cell: &str, models: &[&ColumnModel], bracketed: &[bool]) -> bool {
    let segments = scan_values(cell);
    let mut held = vec![false; models.len()];
    segments.len() > models.len()
        && segments.iter().all(|segment| {
            let mut any = false;
            for ((model, is_bracketed), held) in models.iter().zip(bracketed).zip(&mut held) {
                let fits = model.is_numeric()
                    && fit_piece(segment.span.slice(cell), model, *is_bracketed).1.bits < 4.0;
                *held |= fits;
                any |= fits;
            }
            any
        })
        && held.iter().all(|held| *held)
}

/// A cell with more parts than fields, whose numbers separate their thousands by blanks: the cut under that habit.
fn cut_by_blank_groups(cell: &str, models: &[&ColumnModel], bracketed: &[bool]) -> Option<Segmentation> {
    let parts = cell.split_whitespace().count();
    let is_numbers = !cell.chars().any(char::is_alphabetic) && models.iter().all(|model| model.is_numeric());
    if parts <= models.len() || !is_numbers {
        return None;
    }
    let grouped: Vec<ColumnModel> =
        models.iter().map(|model| ColumnModel { groups_by_blank: true, ..(*model).clone() }).collect();
    let grouped: Vec<&ColumnModel> = grouped.iter().collect();
    segment_run(cell, &grouped, bracketed).filter(|cut| cut.bits < CELL_LIMIT)
}
