//! Binding: the columns of a grid to the fields of a schema.
//!
//! A dynamic program over columns and fields, both in order: a column holds a run of consecutive fields (mostly
//! one; several where extraction merged them or the author printed them in one cell), is bound to none, or a
//! field has no column. `best[c][f]` is the cheapest way to settle the first c columns and the first f fields.
//!
//! Headers are cheap to compare and cells dear to measure, and cells never make a binding cheaper. So the headers
//! alone give a floor for the rest of every state, and cells are measured only where floor and way so far stay within a
//! reach, which is widened until a binding lies within it: the answer is the one of the full program. In the same way
//! headers are compared letter by letter only where counts of their letters leave a way within reach; most schemas of a
//! catalog have none. Time O(columns x fields x 4) comparisons of headers.

mod costs;
mod sample;
mod titles;

use self::costs::{COLUMN_EMPTY, Costs, FIELD_MERGED, HEADER_EQUAL};
pub(crate) use self::sample::{Sample, sample_columns};
use self::titles::Comparison;
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
/// So many bits beyond the floor a binding is looked for first, then twice as many, and so on.
const FIRST_REACH: f32 = 2.0;
/// From here on all bindings are looked at.
const WIDEST_REACH: f32 = 1024.0;

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
    let mut binder =
        Binder::new(Costs::new(text, head, samples, schema, models, titles), samples.len(), models);
    let mut limit = limit + ROUNDING;
    if !binder.compare_headers(Comparison::AtMost, limit) {
        return None;
    }
    let mut reach = FIRST_REACH;
    loop {
        // What headers say letter by letter may raise the floor, and bring others within the reach of it.
        while binder.floor(0, 0) <= limit && binder.compare_near(binder.within(limit, reach)) {}
        if binder.floor(0, 0) > limit {
            return None;
        }
        // One field a column is measured fast, and nearly always all there is to find: it bounds the rest.
        limit = limit.min(binder.least(&binder.run(binder.within(limit, reach), 1)) + ROUNDING);
        let within = binder.within(limit, reach);
        let table = binder.run(within, MAX_FIELDS_PER_COLUMN);
        let reached = binder.least(&table);
        // Ways as cheap as the one that was found lie within the reach too, so that the first of them wins.
        if reached + ROUNDING <= within || within >= limit {
            return (reached <= limit).then(|| binder.read_back(&table));
        }
        reach *= 2.0;
    }
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
    /// The most fields that are tried in each column.
    most: Vec<usize>,
    /// Cost of the header of a column over the 1, 2, ... fields from a field on, columns x fields x 4.
    headers: Vec<f32>,
    /// Which of them are that cost itself, and not what it is at least.
    is_exact: Vec<bool>,
    /// What the rest of every state costs at least, cells left out. Columns x fields.
    floors: Vec<f32>,
}

impl<'a> Binder<'a> {
    fn new(costs: Costs<'a>, width: usize, models: &[ColumnModel]) -> Self {
        let skip = |model: &ColumnModel| if model.required { REQUIRED_FIELD_SKIPPED } else { FIELD_SKIPPED };
        let fields = models.len();
        Self {
            skips: models.iter().map(skip).collect(),
            most: Vec::with_capacity(width),
            headers: vec![f32::INFINITY; width * fields * MAX_FIELDS_PER_COLUMN],
            is_exact: vec![false; width * fields * MAX_FIELDS_PER_COLUMN],
            floors: vec![0.0; (width + 1) * (fields + 1)],
            costs,
            width,
            fields,
        }
    }

    /// Compares the headers, and finds what every state costs at least by them, column by column: only of states that may
    /// still lie within `limit`. `false`, and nothing found, as soon as none does; most schemas of a catalog have none
    /// behind the first columns.
    fn compare_headers(&mut self, comparison: Comparison, limit: f32) -> bool {
        self.most.clear();
        let limit = limit + ROUNDING;
        let mut ahead = vec![f32::INFINITY; self.fields + 1];
        ahead[0] = 0.0;
        self.skip_fields(&mut ahead);
        for column in 0..self.width {
            let rest = self.least_of_rest(column);
            let is_within = |field: usize| ahead[field] + rest(self.fields - field) <= limit;
            let open: Vec<usize> = (0..=self.fields).filter(|field| is_within(*field)).collect();
            if open.is_empty() {
                return false;
            }
            let most = self.costs.most_fields(column);
            self.most.push(most);
            let mut next = vec![f32::INFINITY; self.fields + 1];
            for field in open {
                next[field] = next[field].min(ahead[field] + self.costs.unbound(column));
                for count in 1..=most.min(self.fields - field) {
                    let place = self.place(column, field, count);
                    let bits = self.costs.header(comparison, column, field, count);
                    self.headers[place] = bits;
                    next[field + count] = next[field + count].min(ahead[field] + bits);
                }
            }
            self.skip_fields(&mut next);
            ahead = next;
        }
        self.set_floors();
        true
    }

    /// Goes on to the states behind fields that are skipped.
    fn skip_fields(&self, ahead: &mut [f32]) {
        for (field, skip) in self.skips.iter().enumerate() {
            ahead[field + 1] = ahead[field + 1].min(ahead[field] + skip);
        }
    }

    /// What the columns from `column` on cost at least, by the number of fields that are left: each holds a field whose
    /// header it has, as long as there are fields; further fields are merged or skipped, further columns unbound.
    fn least_of_rest(&self, column: usize) -> impl Fn(usize) -> f32 + use<> {
        let columns = self.width - column;
        let unbound = (column..self.width).map(|column| self.costs.unbound(column));
        let unbound = unbound.fold(f32::INFINITY, f32::min);
        move |fields| {
            let bound = columns.min(fields);
            let merged = (fields - bound) as f32 * FIELD_MERGED.min(FIELD_SKIPPED);
            let left = if columns > bound { (columns - bound) as f32 * unbound } else { 0.0 };
            HEADER_EQUAL * bound as f32 + merged + left
        }
    }

    /// Compares letter by letter the headers on the ways that may cost no more than `within`. `false`: none was left.
    fn compare_near(&mut self, within: f32) -> bool {
        let ahead = self.ways_ahead();
        let mut is_new = false;
        for column in 0..self.width {
            for field in 0..self.fields {
                for count in 1..=self.most[column].min(self.fields - field) {
                    let place = self.place(column, field, count);
                    let way = ahead[column * (self.fields + 1) + field] + self.headers[place];
                    let least = way + self.floor(column + 1, field + count);
                    if !self.is_exact[place] && least <= within + ROUNDING {
                        self.headers[place] = self.costs.header(Comparison::Exact, column, field, count);
                        self.is_exact[place] = true;
                        is_new = true;
                    }
                }
            }
        }
        if is_new {
            self.set_floors();
        }
        is_new
    }

    /// What the way to every state costs at least, cells left out.
    fn ways_ahead(&self) -> Vec<f32> {
        let wide = self.fields + 1;
        let mut ahead = vec![f32::INFINITY; (self.width + 1) * wide];
        ahead[0] = 0.0;
        for column in 0..=self.width {
            for field in 0..=self.fields {
                let here = ahead[column * wide + field];
                let mut reach = |column: usize, field: usize, bits: f32| {
                    let state = &mut ahead[column * wide + field];
                    *state = state.min(here + bits);
                };
                if field < self.fields {
                    reach(column, field + 1, self.skips[field]);
                }
                if column < self.width {
                    reach(column + 1, field, self.costs.unbound(column));
                    for count in 1..=self.most[column].min(self.fields - field) {
                        reach(column + 1, field + count, self.headers[self.place(column, field, count)]);
                    }
                }
            }
        }
        ahead
    }

    /// So many bits may a binding cost that is looked for within `reach` of the floor.
    fn within(&self, limit: f32, reach: f32) -> f32 {
        if reach < WIDEST_REACH { limit.min(self.floor(0, 0) + reach) } else { limit }
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
                    for count in 1..=self.most[column].min(self.fields - field) {
                        let header = self.headers[self.place(column, field, count)];
                        least = least.min(self.floor(column + 1, field + count) + header);
                    }
                }
                self.floors[column * (self.fields + 1) + field] = least;
            }
        }
    }

    /// The program with up to `most` fields in a column, states beyond `limit` left out.
    fn run(&self, limit: f32, most: usize) -> Vec<Vec<State>> {
        let mut table = vec![vec![(f32::INFINITY, Step::Start); self.fields + 1]; self.width + 1];
        table[0][0].0 = 0.0;
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
                for count in 1..=most.min(self.most[column]).min(self.fields - field) {
                    let bits = here + self.headers[self.place(column, field, count)];
                    if bits + self.floor(column + 1, field + count) > limit {
                        continue;
                    }
                    let bits = bits + self.costs.content(column, field, count);
                    improve(&mut table[column + 1][field + count], bits, Step::Bind(count));
                }
            }
        }
        table
    }

    /// Cost of the cheapest binding that a run has found.
    fn least(&self, table: &[Vec<State>]) -> f32 {
        table[self.width][self.fields].0
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::boxhead::{count_header_rows, read_boxhead};
    use crate::grid::read_grid;
    use crate::region::find_regions;
    use crate::schema::Catalog;

    const TABLES: [&str; 4] = [
        "Date\tDescription\tDebit\tCredit Balance\n1 May 2024\tRent\t400.00\t600.00\n2 May 2024\tPay\t\t50.00 650.00\n",
        "Shareholder\tA Shares\tH Shares\tTotal (percentage)\nHill Ltd\t10 20\t30\t40 (10.00%) 20 (5.00%)\nTotal\t300\t100\t400 (100%)\n",
        "No.\tDescriplion\tQly\tUnit price\tAmount\n1\tPipes, 2 m\t4\t2.50\t10.00\n2\tTaps\t1\t7.00\t7.00\n",
        "\tORDINARY RESOLUTIONS\tFOR\tAGAINST\tABSTAIN\n1.\tTo approve the report\t900 (90.00%)\t60 (6.00%)\t40 (4.00%)\n",
    ];

    /// The program without floors: every binding there is.
    fn slow(binder: &Binder<'_>, limit: f32) -> Option<Binding> {
        let table = binder.run(f32::INFINITY, MAX_FIELDS_PER_COLUMN);
        (binder.least(&table) <= limit).then(|| binder.read_back(&table))
    }

    #[test]
    fn a_binding_within_reach_is_that_of_the_full_program() {
        let catalog = Catalog::builtin();
        let mut bound = 0;
        for text in TABLES {
            let region = find_regions(text, &mut Vec::new()).swap_remove(0);
            let grid = read_grid(text, &region);
            let boxhead = read_boxhead(&grid, count_header_rows(text, &grid));
            let head = PrintedHead::new(text, &boxhead);
            let samples = sample_columns(text, &grid, boxhead.rows);
            for schema in catalog.schemas() {
                let titles = FieldTitles::new(schema);
                let models = titles.models(schema, false);
                let costs = Costs::new(text, &head, &samples, schema, models, &titles);
                let mut binder = Binder::new(costs, samples.len(), models);
                assert!(binder.compare_headers(Comparison::AtMost, f32::INFINITY));
                let least = binder.floor(0, 0);
                assert!(binder.compare_headers(Comparison::Exact, f32::INFINITY));
                assert!(least <= binder.floor(0, 0) + ROUNDING, "{}", schema.name);
                // Limits around what the cheapest binding costs leave it, or nothing.
                let own = slow(&binder, f32::INFINITY).map_or(0.0, |binding| binding.bits);
                for limit in [f32::INFINITY, 40.0, 10.0, 0.0, -10.0, own + 1.0, own, own - 1.0] {
                    let fast = bind_columns(text, &head, &samples, schema, &titles, limit, false);
                    assert_eq!(fast, slow(&binder, limit + ROUNDING), "{}", schema.name);
                    bound += usize::from(fast.is_some());
                }
            }
        }
        assert!(bound > 50, "{bound}");
    }
}
