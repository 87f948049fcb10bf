//! What the cells of a printed column say of the fields that it may hold.
//!
//! A few cells, spread over the rows, are measured under the types of one field or of several: bits of what is printed,
//! the dearest cells left out. Schemas of a catalog have many fields of one kind, and a column is asked about many runs
//! of fields, so whatever was measured is kept: a column under fields of these kinds, a cell's values and words, a piece
//! of a cell under a kind. Time is that of the pieces of the sampled cells, at most [`crate::align::segment`]'s for each.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;

use smallvec::SmallVec;

use super::{FIELD_SKIPPED, MAX_FIELDS_PER_COLUMN};
use crate::align::boxhead::is_body_kind;
use crate::align::segment::{Cut, PieceFit, cut_run, pieces_of, plain_pieces, segment_run, skip_bits};
use crate::column::fit::fit;
use crate::column::model::ColumnModel;
use crate::grid::Grid;
use crate::hasher::PlaceHasher;
use crate::schema::FieldKind;
use crate::text::value::{Segment, read_plain_number, scan_values};
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
    cells: Vec<SampledCell>,
    /// Whether some cell may hold several values: apart, or glued together.
    pub(super) has_several: bool,
    /// Whether some cell holds an amount behind other print.
    pub(super) has_amount_behind: bool,
    /// The kinds of models that were asked about so far.
    kinds: RefCell<Vec<Signature>>,
    /// What the cells cost under them.
    measured: RefCell<BTreeMap<Measure, f32>>,
}

/// One of them.
struct SampledCell {
    span: Span,
    /// Whether it alone of its row holds several values: then its row is not packed.
    is_lone: bool,
    /// Its values and words.
    segments: OnceCell<Vec<Segment>>,
    /// What pieces of it cost under a kind, with parentheses left off or not.
    fits: RefCell<PieceFits>,
}

/// Costs of pieces by piece, kind, and whether parentheses are left off.
type PieceFits = HashMap<(Span, usize, bool), PieceFit, BuildHasherDefault<PlaceHasher>>;

/// What tells the costs of cells under one model from those under another, where the model has no list and no
/// pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    kind: FieldKind,
    percent: bool,
    required: bool,
    groups_by_blank: bool,
    minimum: Option<Decimal>,
    decimal_char: Option<char>,
    nil_marks: Vec<String>,
}

/// The kinds of the fields that a column may hold, which of them print their values in parentheses, and whether the
/// header names them all.
type Measure = (SmallVec<[usize; MAX_FIELDS_PER_COLUMN]>, SmallVec<[bool; MAX_FIELDS_PER_COLUMN]>, bool);

impl Signature {
    fn of(model: &ColumnModel) -> Self {
        Self {
            kind: model.kind,
            percent: model.percent,
            required: model.required,
            groups_by_blank: model.groups_by_blank,
            minimum: model.minimum,
            decimal_char: model.decimal_char,
            nil_marks: model.nil_marks.clone(),
        }
    }

    fn is_of(&self, model: &ColumnModel) -> bool {
        self.kind == model.kind
            && self.percent == model.percent
            && self.required == model.required
            && self.groups_by_blank == model.groups_by_blank
            && self.minimum == model.minimum
            && self.decimal_char == model.decimal_char
            && self.nil_marks == model.nil_marks
    }
}

/// The fields that a column may hold.
struct Held<'m> {
    models: &'m [&'m ColumnModel],
    /// Which of them print their values in parentheses.
    bracketed: &'m [bool],
    /// Their kinds, if all of them have one.
    kinds: Option<&'m [usize]>,
}

impl Sample {
    /// Whether no cell is filled.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Number of cells that are measured.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The cells as printed, long ones cut.
    pub(super) fn texts<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        self.cells.iter().map(|cell| cell.span.slice(text))
    }

    /// Bits of the cells as values of these fields, measured once for fields alike.
    pub(super) fn bits(
        &self,
        text: &str,
        models: &[&ColumnModel],
        bracketed: &[bool],
        is_named: bool,
    ) -> f32 {
        let kinds: Option<SmallVec<_>> = models.iter().map(|model| self.kind_of(model)).collect();
        let held = Held { models, bracketed, kinds: kinds.as_deref() };
        let Some(kinds) = &kinds else { return self.column_bits(text, &held, is_named) };
        let measure = (kinds.clone(), SmallVec::from_slice(bracketed), is_named);
        if let Some(bits) = self.measured.borrow().get(&measure) {
            return *bits;
        }
        let bits = self.column_bits(text, &held, is_named);
        self.measured.borrow_mut().insert(measure, bits);
        bits
    }

    /// The number of a model's kind; none where it has a list, a pattern or marks of its own.
    fn kind_of(&self, model: &ColumnModel) -> Option<usize> {
        if !model.values.is_empty() || model.pattern.is_some() || model.sign.is_some() {
            return None;
        }
        let mut kinds = self.kinds.borrow_mut();
        let known = kinds.iter().position(|kind| kind.is_of(model));
        Some(known.unwrap_or_else(|| {
            kinds.push(Signature::of(model));
            kinds.len() - 1
        }))
    }

    /// The cells under the types of the fields that the column holds; the dearest cells are left out, but not those that
    /// alone of their row hold several values. `is_named`: the header names all the fields.
    fn column_bits(&self, text: &str, held: &Held<'_>, is_named: bool) -> f32 {
        let several = held.models.len() > 1;
        if self.cells.is_empty() {
            return if several { FIELD_SKIPPED } else { 0.5 };
        }
        let measured: Vec<CellBits> =
            self.cells.iter().map(|cell| cell.bits(cell.span.slice(text), held)).collect();
        // Where the header names all fields, or some cell fills them all, a blank partner is a habit of the column: one
        // bit a cell says which of them is filled.
        let is_habit = several && (is_named || measured.iter().any(|cell| cell.is_full));
        let bits = |cell: &CellBits| match cell.is_packed {
            // Values of several records are no sign of several fields.
            true if several && !is_habit => CELL_LIMIT,
            _ => cell.bits + if is_habit { cell.skipped.min(1.0) } else { cell.skipped },
        };
        let of = |is_lone: bool| {
            let cells = measured.iter().zip(&self.cells).filter(move |(_, cell)| cell.is_lone == is_lone);
            cells.map(|(measured, _)| bits(measured))
        };
        let mut rest: Vec<f32> = of(false).collect();
        rest.sort_by(f32::total_cmp);
        rest.truncate(rest.len() - rest.len() / DAMAGED_SHARE);
        rest.extend(of(true));
        let mean = rest.iter().sum::<f32>() / rest.len() as f32;
        mean * (self.cells.len() as f32).min(FULL_WEIGHT)
    }
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
            let sample = |(row, several): (&usize, &usize)| {
                let span = capped(text, cell(*row)?);
                let is_lone = *several == 1 && has_several_amounts(span.slice(text));
                Some(SampledCell { span, is_lone, segments: OnceCell::new(), fits: RefCell::default() })
            };
            let cells: Vec<SampledCell> = sampled.iter().zip(&several).filter_map(sample).collect();
            Sample {
                has_several: cells.iter().any(|cell| may_hold_several(cell.span.slice(text))),
                has_amount_behind: cells.iter().any(|cell| has_amount_behind(cell.span.slice(text))),
                cells,
                kinds: RefCell::default(),
                measured: RefCell::default(),
            }
        })
        .collect()
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

impl SampledCell {
    fn segments(&self, print: &str) -> &[Segment] {
        self.segments.get_or_init(|| scan_values(print))
    }

    /// What a piece costs in a column, by its number among those held; measured once for a kind.
    fn fit(&self, print: &str, piece: Span, column: usize, held: &Held<'_>) -> PieceFit {
        let is_bracketed = held.bracketed[column];
        let measure = || PieceFit::of(print, piece, held.models[column], is_bracketed);
        let Some(kinds) = held.kinds else { return measure() };
        *self.fits.borrow_mut().entry((piece, kinds[column], is_bracketed)).or_insert_with(measure)
    }

    /// The cell, which prints `print`, under the types of the fields that its column holds.
    fn bits(&self, print: &str, held: &Held<'_>) -> CellBits {
        let models = held.models;
        if let [model] = models {
            return CellBits::printed(self.single_bits(print, model, held));
        }
        let pieces = plain_pieces(print).or_else(|| pieces_of(self.segments(print))).unwrap_or_default();
        let measure = |piece: Span, column: usize| self.fit(print, piece, column, held);
        let cut = cut_run(print, models, held.bracketed, &pieces, 1, &measure)
            .into_iter()
            .next()
            .filter(|cut| cut.bits < CELL_LIMIT)
            .map(|Cut { bits, pieces, .. }| (bits, pieces.iter().map(Option::is_some).collect()))
            .or_else(|| cut_by_blank_groups(print, models, held.bracketed));
        let Some((bits, is_filled)) = cut else {
            let is_packed = self.is_packed(print, held);
            let bits = if is_packed { PACKED } else { CELL_LIMIT };
            return CellBits { is_packed, ..CellBits::printed(bits) };
        };
        if bits > PACKED && self.is_packed(print, held) {
            return CellBits { is_packed: true, ..CellBits::printed(PACKED) };
        }
        let empty = is_filled.iter().zip(models).filter(|(is_filled, _)| !**is_filled);
        let skipped: f32 = empty.map(|(_, model)| skip_bits(model)).sum();
        CellBits {
            bits: bits - skipped,
            skipped,
            is_full: is_filled.iter().all(|is_filled| *is_filled),
            is_packed: false,
        }
    }

    /// The cell as a value of the only field of its column.
    fn single_bits(&self, print: &str, model: &ColumnModel, held: &Held<'_>) -> f32 {
        let whole = fit(print, model);
        if whole.bits < 4.0 || !whole.is_typed && whole.bits < CELL_LIMIT {
            return whole.bits;
        }
        if whole.is_typed && model.is_numeric() && print.ends_with(['%', ')', '*']) && !model.percent {
            return whole.bits.min(LOOSE_TYPE);
        }
        let segments = self.segments(print);
        let packed = segments.len() > 1
            && model.kind != FieldKind::String
            && segments.iter().all(|segment| self.fit(print, segment.span, 0, held).bits < 4.0);
        match packed {
            true if self.is_lone => LONE_SEVERAL.min(whole.bits),
            true => PACKED,
            false => whole.bits.min(CELL_LIMIT),
        }
    }

    /// Whether it holds the values of several records, each a value of one of the fields, and no field without one.
    fn is_packed(&self, print: &str, held: &Held<'_>) -> bool {
        let segments = self.segments(print);
        let count = held.models.len();
        let mut has_value = vec![false; count];
        segments.len() > count
            && segments.iter().all(|segment| {
                let mut any = false;
                for (column, has_value) in has_value.iter_mut().enumerate() {
                    let fits = held.models[column].is_numeric()
                        && self.fit(print, segment.span, column, held).bits < 4.0;
                    *has_value |= fits;
                    any |= fits;
                }
                any
            })
            && has_value.iter().all(|has_value| *has_value)
    }
}

/// A cell with more parts than fields, whose numbers separate their thousands by blanks: the cut under that
/// habit, with its bits and which fields got something.
fn cut_by_blank_groups(
    cell: &str,
    models: &[&ColumnModel],
    bracketed: &[bool],
) -> Option<(f32, SmallVec<[bool; MAX_FIELDS_PER_COLUMN]>)> {
    let parts = cell.split_whitespace().count();
    let is_numbers = !cell.chars().any(char::is_alphabetic) && models.iter().all(|model| model.is_numeric());
    if parts <= models.len() || !is_numbers {
        return None;
    }
    let grouped: Vec<ColumnModel> =
        models.iter().map(|model| ColumnModel { groups_by_blank: true, ..(*model).clone() }).collect();
    let grouped: Vec<&ColumnModel> = grouped.iter().collect();
    let cut = segment_run(cell, &grouped, bracketed).filter(|cut| cut.bits < CELL_LIMIT)?;
    Some((cut.bits, cut.pieces.iter().map(Option::is_some).collect()))
}
