//! What binding the columns of a grid to the fields of a schema costs, in bits: how the printed header words differ
//! from the field's, how the column's cells fit its types, what is skipped. [`super::bind`] finds the cheapest way.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::boxhead::{Boxhead, HeadColumn, is_body_kind};
use super::segment::{Segmentation, ends_in_brackets, fit_piece, segment_run, skip_bits};
use crate::column::fit::fit;
use crate::column::model::ColumnModel;
use crate::grid::Grid;
use crate::schema::{Field, FieldKind, HeaderText, Schema};
use crate::text::value::{read_plain_number, scan_values};
use crate::text::{Decimal, Span};

/// A number printed as percent, or the reverse, in most of a column: the schema's type may be loose there.
const LOOSE_TYPE: f32 = 3.0;
/// Most fields in one printed column.
pub(super) const MAX_FIELDS_PER_COLUMN: usize = 4;
/// Cells of a column that are measured, spread over its rows.
const SAMPLE_CELLS: usize = 16;
/// So many bytes of a cell tell what it holds.
const SAMPLE_BYTES: usize = 160;
/// So many cells carry a column's full weight; more say nothing new.
const FULL_WEIGHT: f32 = 5.0;
/// A header that equals the field's is worth this much.
const HEADER_EQUAL: f32 = -9.0;
/// A header at most this dear names its field.
pub(super) const HEADER_NAMED: f32 = -3.0;
/// A header that resembles the field's in nothing.
const HEADER_FOREIGN: f32 = 5.0;
/// What a header says of the column beside it, as a share of what it says of its own.
const NEIGHBOUR_SHARE: f32 = 0.7;
/// A column whose header is not printed.
const HEADER_LOST: f32 = 2.0;
/// A field without a column.
pub(super) const FIELD_SKIPPED: f32 = 6.0;
pub(super) const REQUIRED_FIELD_SKIPPED: f32 = 12.0;
/// A printed column that the schema does not know; one without content costs little.
const COLUMN_UNKNOWN: f32 = 10.0;
pub(super) const COLUMN_EMPTY: f32 = 1.0;
/// A second and further field in one printed column.
const FIELD_MERGED: f32 = 1.5;
/// A header and cells that belong to one field beyond doubt.
const SURE_LIKENESS: f32 = 0.9;
const SURE_FIT: f32 = 1.0;
/// Two text fields in one printed column.
const TEXTS_MERGED: f32 = 7.0;
/// A packed cell: its pieces fit though the whole does not.
const PACKED: f32 = 1.5;
/// Several values in a cell whose row is not packed: two fields in one column, or a number that was torn.
const LONE_SEVERAL: f32 = 5.0;
/// The worst that one cell can say against a type.
const CELL_LIMIT: f32 = 9.0;
/// The share of a column's cells, the dearest ones, that may be damaged without speaking against a type.
const DAMAGED_SHARE: usize = 3;

/// What a grid column holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ColumnBinding {
    /// First field.
    pub(crate) first: usize,
    /// Number of consecutive fields; 0: bound to none.
    pub(crate) count: usize,
    /// For each field, whether its values stand in parentheses that are no minus signs.
    pub(crate) bracketed: Vec<bool>,
}

/// All columns of a grid bound to a schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Binding {
    /// One a grid column.
    pub(crate) columns: Vec<ColumnBinding>,
    /// Cost in bits; below zero where the headers speak for the schema.
    pub(crate) bits: f32,
    /// The part of the cost that comes from headers.
    pub(crate) header_bits: f32,
    /// Number of printed columns with content or header that are bound to no field.
    pub(crate) unknown: usize,
    /// Number of columns whose printed header is that of their field, or nearly.
    pub(crate) named: usize,
}

/// The sampled body cells of one column.
pub(crate) struct Sample {
    cells: Vec<Span>,
    /// For every cell, whether it alone of its row holds several values: then its row is not packed.
    lone: Vec<bool>,
    /// Whether some cell may hold several values: apart, or glued together.
    has_several: bool,
    /// Whether some cell holds an amount behind other print.
    has_amount_behind: bool,
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
    fn bits(&self, text: &str, models: &[&ColumnModel], bracketed: &[bool], is_named: bool) -> f32 {
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

/// The printed header of a grid: for every column the ways in which it may be meant, ready for comparison.
pub(crate) struct PrintedHead<'a> {
    pub(crate) head: &'a Boxhead,
    variants: Vec<Vec<Title>>,
    leaves: Vec<Option<Title>>,
    /// Columns with nothing at the innermost level: what stands over them may be a spanner alone.
    open: Vec<bool>,
}

/// A header ready for comparison, with the years that it names.
#[derive(Clone, Debug)]
pub(crate) struct Title {
    text: HeaderText,
    years: Vec<u16>,
}

impl Title {
    fn new(text: &str) -> Self {
        Self { text: HeaderText::new(text), years: years(text) }
    }

    /// Likeness of two headers, 0 to 1: their similarity, but headers of different years are of different
    /// columns.
    fn likeness(&self, other: &Self) -> f32 {
        let similar = self.text.similarity(&other.text);
        let apart = !self.years.is_empty()
            && !other.years.is_empty()
            && !self.years.iter().any(|year| other.years.contains(year));
        if apart && similar > 0.3 { similar * 0.3 } else { similar }
    }
}

impl<'a> PrintedHead<'a> {
    pub(crate) fn new(text: &str, head: &'a Boxhead) -> Self {
        let leaves = head
            .columns
            .iter()
            .map(|column| column.leaf().map(|leaf| Title::new(leaf.slice(text))))
            .collect();
        let variants = head.columns.iter().map(|column| printed_variants(text, column)).collect();
        let is_innermost = |column: &HeadColumn| {
            column.cells.iter().any(|cell| !cell.is_spanner && cell.level + 1 == head.rows)
        };
        let open = head.columns.iter().map(|column| !is_innermost(column)).collect();
        Self { head, variants, leaves, open }
    }
}

/// The ways in which the header of a column may be meant: its leaf, each level, the whole path.
fn printed_variants(text: &str, head: &HeadColumn) -> Vec<Title> {
    let mut variants: Vec<String> = Vec::with_capacity(3);
    variants.extend(head.leaf().map(|leaf| leaf.slice(text).to_owned()));
    if head.cells.len() > 1 {
        variants.push(head.joined(text));
    }
    for cell in head.cells.iter().filter(|cell| !cell.is_spanner || head.leaf().is_none()) {
        variants.push(cell.span.slice(text).to_owned());
    }
    variants.sort_unstable();
    variants.dedup();
    variants.iter().map(|variant| Title::new(variant)).collect()
}

/// The headers of a schema's fields, ready for comparison, and the types of their values.
#[derive(Debug, Default)]
pub(crate) struct FieldTitles {
    /// For every field, the headers it may be printed under alone.
    single: Vec<Vec<Title>>,
    /// For every field, what it and the 1, 2, 3 fields behind it may be printed under together; made when asked for.
    several: Vec<[OnceCell<Vec<Title>>; MAX_FIELDS_PER_COLUMN - 1]>,
    /// For every field, its title and that of the next as one.
    merged: Vec<OnceCell<Title>>,
    /// For every field, the model of a column that holds it, in tables whose thousands are not separated by blanks, and
    /// in those whose are; made when asked for.
    models: [OnceCell<Vec<ColumnModel>>; 2],
}

impl FieldTitles {
    pub(crate) fn new(schema: &Schema) -> Self {
        let single = schema.fields.iter().map(|field| {
            let mut titles: Vec<String> = vec![field.title.clone()];
            titles.extend(field.aliases.iter().cloned());
            if !field.header.is_empty() {
                titles.push(field.header.join(" "));
                titles.extend(field.header.last().cloned());
            }
            titles.sort_unstable();
            titles.dedup();
            titles.iter().map(|title| Title::new(title)).collect()
        });
        let count = schema.fields.len();
        Self {
            single: single.collect(),
            several: (0..count).map(|_| Default::default()).collect(),
            merged: (0..count).map(|_| OnceCell::new()).collect(),
            models: Default::default(),
        }
    }

    /// The models of the columns that hold the fields of `schema`, whose titles these are.
    pub(super) fn models(&self, schema: &Schema, groups_by_blank: bool) -> &[ColumnModel] {
        self.models[usize::from(groups_by_blank)].get_or_init(|| {
            let model = |field| ColumnModel { groups_by_blank, ..ColumnModel::of_field(field, schema) };
            schema.fields.iter().map(model).collect()
        })
    }
}

/// What it costs to put the fields of one schema under the columns of one grid.
pub(super) struct Costs<'a> {
    text: &'a str,
    head: &'a PrintedHead<'a>,
    samples: &'a [Sample],
    schema: &'a Schema,
    models: &'a [ColumnModel],
    titles: &'a FieldTitles,
    /// Likeness of every column's header to every field's, columns x fields.
    alike: Vec<f32>,
    /// Cost of every column's cells as values of every field, columns x fields, as far as it was asked for: cells are
    /// the dearest to measure, and most pairs are out of the question by their headers.
    fits: Vec<Cell<Option<f32>>>,
}

impl<'a> Costs<'a> {
    pub(super) fn new(
        text: &'a str,
        head: &'a PrintedHead<'a>,
        samples: &'a [Sample],
        schema: &'a Schema,
        models: &'a [ColumnModel],
        titles: &'a FieldTitles,
    ) -> Self {
        let mut alike = Vec::with_capacity(samples.len() * models.len());
        for column in 0..samples.len() {
            let printed = head.variants.get(column).map_or(&[][..], Vec::as_slice);
            for field in 0..models.len() {
                let wanted = titles.single.get(field).map_or(&[][..], Vec::as_slice);
                let best =
                    printed.iter().flat_map(|left| wanted.iter().map(move |right| left.likeness(right)));
                alike.push(best.fold(0.0f32, f32::max));
            }
        }
        let fits = vec![Cell::new(None); samples.len() * models.len()];
        Self { text, head, samples, schema, models, titles, alike, fits }
    }

    /// The most consecutive fields that are tried in `column`: several only where its cells may hold several values
    /// and header and cells give it to no one field beyond doubt.
    pub(super) fn most_fields(&self, column: usize) -> usize {
        let sample = &self.samples[column];
        if !sample.has_several && !sample.cells.is_empty() && !self.names_several(column) {
            return 1;
        }
        if sample.has_amount_behind {
            return MAX_FIELDS_PER_COLUMN;
        }
        let is_sure = |field: usize| {
            self.alike(column, field) >= SURE_LIKENESS && self.content(column, field, 1) < SURE_FIT
        };
        if (0..self.models.len()).any(is_sure) { 1 } else { MAX_FIELDS_PER_COLUMN }
    }

    /// Cost of the sampled cells of `column` as values of `field`, measured once.
    fn fit(&self, column: usize, field: usize) -> f32 {
        let row = column * self.models.len();
        let Some(known) = self.fits.get(row + field) else { return CELL_LIMIT };
        known.get().unwrap_or_else(|| {
            let bits = self.samples[column].bits(self.text, &[&self.models[field]], &[false], false);
            known.set(Some(bits));
            bits
        })
    }

    fn alike(&self, column: usize, field: usize) -> f32 {
        self.alike.get(column * self.models.len() + field).copied().unwrap_or(0.0)
    }

    /// Cost of `column` where no field has it.
    pub(super) fn unbound(&self, column: usize) -> f32 {
        let has_header = self.head.leaves.get(column).is_some_and(Option::is_some);
        if self.samples[column].cells.is_empty() && !has_header { COLUMN_EMPTY } else { COLUMN_UNKNOWN }
    }

    /// Cost of the printed header of `column` where it holds `count` fields from `first`.
    pub(super) fn header(&self, column: usize, first: usize, count: usize) -> f32 {
        // Words say nothing of where one text ends and the next begins: two texts in one column are told apart by
        // nothing, and a text field without a column is the cheaper reading.
        let texts = self.models[first..first + count]
            .windows(2)
            .filter(|pair| pair.iter().all(|model| model.kind == FieldKind::String))
            .count();
        let merged = FIELD_MERGED * (count - 1) as f32 + TEXTS_MERGED * texts as f32;
        let Some(head) = self.head.head.columns.get(column) else { return HEADER_LOST + merged };
        if head.cells.is_empty() && column == 0 {
            return HEADER_LOST + merged;
        }
        let several = if count > 1 { self.several_likeness(column, first, count) } else { 0.0 };
        // A header that is that of one of several fields: it is the first one's, and the others have none.
        let names_one =
            (first..first + count).any(|field| self.alike(column, field) > several.max(SURE_LIKENESS));
        let own = self.alike(column, first).max(if names_one { 0.0 } else { several });
        let own = header_bits(own);
        let merged = merged + if count > 1 && names_one { HEADER_LOST } else { 0.0 };
        // The header to the left may stand for both columns, or have slid over from this one.
        let shared = || {
            let left = column.checked_sub(1).filter(|left| self.head.leaves[*left].is_some());
            left.map_or(HEADER_LOST, |left| {
                let printed = self.head.leaves[left].as_ref();
                let joined = first
                    .checked_sub(1)
                    .zip(printed)
                    .map_or(0.0, |(before, leaf)| self.merged_likeness(leaf, before));
                header_bits(self.alike(left, first).max(joined)) * NEIGHBOUR_SHARE
            })
        };
        let Some(leaf) = self.head.leaves.get(column).and_then(Option::as_ref) else {
            let own = if head.cells.is_empty() { HEADER_LOST } else { own };
            return shared().min(HEADER_LOST).min(own) + merged;
        };
        let mut bits = own;
        if self.is_open(column) {
            bits = bits.min(HEADER_LOST).min(shared());
        }
        if self.is_open(column + 1) {
            // A header next to a column without one may be that column's, or the headers of both.
            let both = self.merged_likeness(leaf, first + count - 1);
            bits = bits.min(HEADER_LOST).min(header_bits(both));
        }
        bits + merged
    }

    /// Whether a column exists and has no header at the innermost level.
    fn is_open(&self, column: usize) -> bool {
        self.head.open.get(column).copied().unwrap_or(false)
    }

    /// Likeness of the header of `column` to what several fields in one printed column stand under.
    fn several_likeness(&self, column: usize, first: usize, count: usize) -> f32 {
        let Some(wanted) = self.titles.several.get(first).and_then(|titles| titles.get(count - 2)) else {
            return 0.0;
        };
        let wanted = wanted.get_or_init(|| several_titles(&self.schema.fields[first..first + count]));
        let printed = self.head.variants.get(column).map_or(&[][..], Vec::as_slice);
        printed
            .iter()
            .flat_map(|left| wanted.iter().map(move |right| left.likeness(right)))
            .fold(0.0f32, f32::max)
    }

    /// Whether the header of `column` is the titles of two neighbouring fields.
    fn names_several(&self, column: usize) -> bool {
        (0..self.models.len().saturating_sub(1))
            .any(|first| self.several_likeness(column, first, 2) >= SURE_LIKENESS)
    }

    /// Likeness of a printed header to the titles of field `left` and the one behind it, printed as one.
    fn merged_likeness(&self, printed: &Title, left: usize) -> f32 {
        let (Some([first, second]), Some(title)) =
            (self.schema.fields.get(left..left + 2), self.titles.merged.get(left))
        else {
            return 0.0;
        };
        printed.likeness(title.get_or_init(|| Title::new(&format!("{} {}", first.title, second.title))))
    }

    /// Cost of the sampled cells of `column` under the types of `count` fields from `first`.
    pub(super) fn content(&self, column: usize, first: usize, count: usize) -> f32 {
        if count == 1 {
            return self.fit(column, first);
        }
        let models: Vec<&ColumnModel> = self.models[first..first + count].iter().collect();
        let named = self.several_likeness(column, first, count) >= SURE_LIKENESS;
        self.samples[column].bits(self.text, &models, &self.bracketed(column, first, count), named)
    }

    /// Which of several fields in `column` print their values in parentheses that are no minus signs: the last one,
    /// behind another value, and every percentage, where most cells have as many in parentheses.
    pub(super) fn bracketed(&self, column: usize, first: usize, count: usize) -> Vec<bool> {
        let sample = &self.samples[column];
        let mut bracketed = vec![false; count];
        if count < 2 {
            return bracketed;
        }
        let texts = || sample.cells.iter().map(|cell| cell.slice(self.text));
        let most = |part: usize| part > 0 && part * 5 >= sample.cells.len() * 3;
        let with_value = texts().filter(|cell| ends_in_brackets(cell)).count();
        let closed = texts().filter(|cell| cell.ends_with(')')).count();
        // Behind words parentheses are a minus.
        let is_behind_value = self.models[first + count - 2].is_numeric();
        bracketed[count - 1] = is_behind_value && with_value > 0 && most(closed);
        let percents = self.models[first..first + count].iter().filter(|model| model.percent).count();
        let full = texts().filter(|cell| cell.matches("%)").count() >= percents).count();
        if percents > 0 && most(full) {
            for (is_bracketed, model) in bracketed.iter_mut().zip(&self.models[first..]) {
                *is_bracketed |= model.percent;
            }
        }
        bracketed
    }
}

/// What several fields in one printed column stand under: their titles in a row, or what their header paths share.
fn several_titles(fields: &[Field]) -> Vec<Title> {
    let joined = fields.iter().map(|field| field.title.as_str()).collect::<Vec<_>>().join(" ");
    let shared = fields[0].header.iter().zip(&fields[1].header).take_while(|(left, right)| left == right);
    let mut titles = vec![Title::new(&joined)];
    titles.extend(by_level(fields).map(|title| Title::new(&title)));
    titles.extend(shared.last().map(|(last, _)| Title::new(last)));
    titles
}

/// The titles of several fields as a header of several levels prints them in one column: level by level, `2019 2018`
/// over `EUR EUR`; `None` where they are one word, or do not have the same number of words.
fn by_level(fields: &[Field]) -> Option<String> {
    let words: Vec<Vec<&str>> = fields.iter().map(|field| field.title.split_whitespace().collect()).collect();
    let levels = words.first()?.len();
    let is_regular = levels > 1 && words.iter().all(|words| words.len() == levels);
    let level = |level: usize| words.iter().map(move |words| words[level]).collect::<Vec<_>>().join(" ");
    is_regular.then(|| (0..levels).map(level).collect::<Vec<_>>().join(" "))
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

/// The years that a header names.
fn years(text: &str) -> Vec<u16> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|run| run.len() == 4 && (run.starts_with("19") || run.starts_with("20")))
        .filter_map(|run| run.parse().ok())
        .collect()
}

/// Bits of a header of this likeness: gain above about a half, cost below.
fn header_bits(similarity: f32) -> f32 {
    const POINTS: [(f32, f32); 4] = [(0.3, HEADER_FOREIGN), (0.5, 1.0), (0.75, -4.0), (0.97, HEADER_EQUAL)];
    if similarity <= POINTS[0].0 {
        return POINTS[0].1;
    }
    for pair in POINTS.windows(2) {
        let ((left, low), (right, high)) = (pair[0], pair[1]);
        if similarity <= right {
            return low + (high - low) * (similarity - left) / (right - left);
        }
    }
    HEADER_EQUAL
}
