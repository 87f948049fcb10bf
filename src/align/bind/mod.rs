//! Binding: the columns of a grid to the fields of a schema.
//!
//! A dynamic program over columns and fields, both in order: a column holds a run of consecutive fields (mostly
//! one; several where extraction merged them or the author printed them in one cell), is bound to none, or a
//! field has no column. `best[c][f]` is the cheapest way to settle the first c columns and the first f fields.
//!
//! Headers are cheap to compare and cells dear to measure, and cells never make a binding cheaper. So the headers
//! alone give a floor for the rest of every state, and cells are measured only where floor and way so far stay
//! within what is known to be reachable: the answer is the one of the full program. Time
//! O(columns x fields x 4) comparisons of headers.

mod costs;
mod sample;
mod titles;

use self::costs::{COLUMN_EMPTY, Costs};
pub(crate) use self::sample::{Sample, sample_columns};
pub(crate) use self::titles::{FieldTitles, PrintedHead};
use crate::column::model::ColumnModel;
use crate::schema::Schema;

/// Most fields in one printed column.
const MAX_FIELDS_PER_COLUMN: usize = 4;
/// A header at most this dear names its field.
const HEADER_NAMED: f32 = -3.0;
/// A field without a column.
const FIELD_SKIPPED: f32 = 6.0;
const REQUIRED_FIELD_SKIPPED: f32 = 12.0;
/// Sums of the same bits in another order differ by less.
const ROUNDING: f32 = 0.01;

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

/// Binds the columns of a grid to the fields of `schema`; `None` where that costs more than `limit`.
pub(crate) fn bind_columns(
    text: &str,
    head: &PrintedHead<'_>,
    samples: &[Sample],
    schema: &Schema,
    titles: &FieldTitles,
    limit: f32,
    groups_by_blank: bool,
) -> Option<Binding> {
    let models = titles.models(schema, groups_by_blank);
    let binder = Binder::new(Costs::new(text, head, samples, schema, models, titles), samples.len(), models);
    let limit = limit + ROUNDING;
    if binder.floor(0, 0) > limit {
        return None;
    }
    // One field a column is found fast, and nearly always all there is to find: it bounds the rest.
    let (single, is_all) = binder.run(limit, 1);
    let reached = single[binder.width][binder.fields].0;
    let table =
        if is_all { single } else { binder.run(limit.min(reached + ROUNDING), MAX_FIELDS_PER_COLUMN).0 };
    (table[binder.width][binder.fields].0 <= limit).then(|| binder.read_back(&table))
}

/// Cost of a state and the step that led there.
type State = (f32, Step);

#[derive(Clone, Copy, Debug)]
enum Step {
    Start,
    SkipField,
    SkipColumn,
    Bind(usize),
}

fn improve(state: &mut State, bits: f32, step: Step) {
    if bits < state.0 {
        *state = (bits, step);
    }
}

struct Binder<'a> {
    costs: Costs<'a>,
    width: usize,
    fields: usize,
    /// Cost of leaving each field without a column.
    skips: Vec<f32>,
    /// Cost of the header of a column over the 1, 2, ... fields from a field on, columns x fields x 4.
    headers: Vec<f32>,
    /// What the rest of every state costs at least: by its headers, cells left out. Columns x fields.
    floors: Vec<f32>,
}

impl<'a> Binder<'a> {
    fn new(costs: Costs<'a>, width: usize, models: &[ColumnModel]) -> Self {
        let skip = |model: &ColumnModel| if model.required { REQUIRED_FIELD_SKIPPED } else { FIELD_SKIPPED };
        let fields = models.len();
        let mut binder = Self {
            skips: models.iter().map(skip).collect(),
            headers: vec![f32::INFINITY; width * fields * MAX_FIELDS_PER_COLUMN],
            floors: vec![0.0; (width + 1) * (fields + 1)],
            costs,
            width,
            fields,
        };
        for column in 0..width {
            let most = binder.costs.most_fields(column);
            for field in 0..fields {
                for count in 1..=most.min(fields - field) {
                    let place = binder.place(column, field, count);
                    binder.headers[place] = binder.costs.header(column, field, count);
                }
            }
        }
        binder.set_floors();
        binder
    }

    fn place(&self, column: usize, field: usize, count: usize) -> usize {
        (column * self.fields + field) * MAX_FIELDS_PER_COLUMN + count - 1
    }

    fn floor(&self, column: usize, field: usize) -> f32 {
        self.floors[column * (self.fields + 1) + field]
    }

    /// From the last state back: the same program, cells left out.
    fn set_floors(&mut self) {
        for column in (0..=self.width).rev() {
            for field in (0..=self.fields).rev() {
                let mut least =
                    if (column, field) == (self.width, self.fields) { 0.0 } else { f32::INFINITY };
                if field < self.fields {
                    least = least.min(self.floor(column, field + 1) + self.skips[field]);
                }
                if column < self.width {
                    least = least.min(self.floor(column + 1, field) + self.costs.unbound(column));
                    for count in 1..=MAX_FIELDS_PER_COLUMN.min(self.fields - field) {
                        let header = self.headers[self.place(column, field, count)];
                        least = least.min(self.floor(column + 1, field + count) + header);
                    }
                }
                self.floors[column * (self.fields + 1) + field] = least;
            }
        }
    }

    /// The program with up to `most` fields in a column, states beyond `limit` left out; and whether more fields
    /// than that in a column could not stay within what was reached.
    fn run(&self, limit: f32, most: usize) -> (Vec<Vec<State>>, bool) {
        let mut table = vec![vec![(f32::INFINITY, Step::Start); self.fields + 1]; self.width + 1];
        table[0][0].0 = 0.0;
        let mut cheapest_left_out = f32::INFINITY;
        for column in 0..=self.width {
            for field in 0..=self.fields {
                let here = table[column][field].0;
                if here.is_infinite() {
                    continue;
                }
                if field < self.fields {
                    improve(&mut table[column][field + 1], here + self.skips[field], Step::SkipField);
                }
                if column == self.width {
                    continue;
                }
                let unbound = here + self.costs.unbound(column);
                improve(&mut table[column + 1][field], unbound, Step::SkipColumn);
                for count in 1..=MAX_FIELDS_PER_COLUMN.min(self.fields - field) {
                    let bits = here + self.headers[self.place(column, field, count)];
                    let whole = bits + self.floor(column + 1, field + count);
                    if whole > limit {
                        continue;
                    }
                    if count > most {
                        cheapest_left_out = cheapest_left_out.min(whole);
                        continue;
                    }
                    let bits = bits + self.costs.content(column, field, count);
                    improve(&mut table[column + 1][field + count], bits, Step::Bind(count));
                }
            }
        }
        let reached = table[self.width][self.fields].0;
        (table, cheapest_left_out > reached + ROUNDING)
    }

    fn read_back(&self, table: &[Vec<State>]) -> Binding {
        let (mut column, mut field) = (self.width, self.fields);
        let bits = table[column][field].0;
        let mut columns = vec![ColumnBinding::default(); self.width];
        let (mut header_bits, mut unknown, mut named) = (0.0, 0, 0);
        loop {
            match table[column][field].1 {
                Step::Start => break,
                Step::SkipField => field -= 1,
                Step::SkipColumn => {
                    column -= 1;
                    unknown += usize::from(self.costs.unbound(column) > COLUMN_EMPTY);
                }
                Step::Bind(count) => {
                    column -= 1;
                    field -= count;
                    let bits = self.headers[self.place(column, field, count)];
                    header_bits += bits;
                    named += usize::from(bits <= HEADER_NAMED);
                    let bracketed = self.costs.bracketed(column, field, count);
                    columns[column] = ColumnBinding { first: field, count, bracketed };
                }
            }
        }
        Binding { columns, bits, header_bits, unknown, named }
    }
}
