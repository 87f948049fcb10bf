//! From the checks of the schemas to ground constraints.
//!
//! A rule that names fields stands on every data row, one that names totals on every total row, one that names rows by
//! label once (or once a numeric column). What a total row stands for is not printed: the data rows since the total row
//! above and all data rows above it are both tried, and the reading under which more of the row's own checks hold is
//! taken (see [`super::window`]). Where several readings are left and none holds, the check is untestable.
//!
//! Linear in the operands of all constraints together.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::board::{Board, Known};
use super::constraint::{Ground, Lone, Poly, Ratio, Var, mirrored};
use super::label::{bare, folded, is_word_prefix};
use super::rational::Rational;
use super::window::{Window, windows};
use crate::align::Alignment;
use crate::schema::check::{Aggregate, Check, Expression, Relation, RowReference};
use crate::schema::{Rounding, Schema};
use crate::table::RowKind;

/// Why a rule has no ground constraint somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// A field, row, table or constant that is not there.
    Missing,
    /// A key or a window that is not settled.
    Unsettled,
    /// The row is the first of its chain: there is nothing to check.
    First,
    /// A number does not fit, or an aggregate over open cells.
    Overflow,
}

/// What the names of a rule stand for in one instance.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scope {
    /// The row of fields.
    pub(crate) row: Option<usize>,
    /// The total row.
    pub(crate) total: Option<usize>,
    /// The column of rows named by label.
    pub(crate) column: Option<usize>,
    /// The rows of aggregates.
    pub(crate) window: Option<Window>,
}

/// Where a rule is instantiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// On every data row.
    Rows,
    /// On every total row.
    Totals,
    /// Once.
    Once,
    /// Once a numeric column.
    Columns,
}

/// An instance that could not be made ground: its rule and row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) rule: usize,
    pub(crate) row: Option<usize>,
}

/// The rows of one table by role, label and key; made once a table.
#[derive(Debug)]
pub(crate) struct TableIndex {
    pub(crate) data: Vec<usize>,
    pub(crate) totals: Vec<usize>,
    /// The data row above, by row.
    previous: Vec<Option<usize>>,
    /// Whether the row's chain is settled.
    is_chained: Vec<bool>,
    /// Rows by label; few schemas ask for them.
    labels: OnceCell<Labels>,
    body: Vec<usize>,
}

/// Rows by label, and by label without footnote marks: the printed mark may belong to the label's name.
#[derive(Debug, Default)]
struct Labels {
    whole: BTreeMap<String, Vec<usize>>,
    bare: BTreeMap<String, Vec<usize>>,
    /// A row that lost all its amounts looks like a heading; it is one only where no other row answers to the name.
    heading: BTreeMap<String, Vec<usize>>,
}

impl Labels {
    fn of(table: &Alignment<'_>) -> Self {
        let mut labels = Self { heading: heading_rows(table), ..Self::default() };
        for (row, line) in table.rows.iter().enumerate() {
            if matches!(line.kind, RowKind::Data | RowKind::Total) {
                labels.whole.entry(super::label::label(&line.label)).or_default().push(row);
                labels.bare.entry(bare(&line.label)).or_default().push(row);
            }
        }
        labels
    }
}

impl TableIndex {
    fn new(board: &Board<'_, '_>, index: usize) -> Self {
        let table = &board.tables[index];
        let of_kind = |kind: RowKind| -> Vec<usize> {
            (0..table.rows.len()).filter(|&row| table.rows[row].kind == kind).collect()
        };
        let data = of_kind(RowKind::Data);
        let (previous, is_chained) = chains(table, &data);
        let body = (0..table.rows.len()).filter(|&row| table.rows[row].kind != RowKind::Note).collect();
        Self { data, totals: of_kind(RowKind::Total), previous, is_chained, labels: OnceCell::new(), body }
    }

    /// The row of `table`, the table of the index, that a rule refers to.
    fn row(&self, table: &Alignment<'_>, reference: &RowReference) -> Option<usize> {
        match reference {
            RowReference::Number(number) => self.body.get(number.checked_sub(1)?).copied(),
            RowReference::Label { label, occurrence } => {
                let labels = self.labels.get_or_init(|| Labels::of(table));
                let strict = labels.whole.get(&super::label::label(label));
                let lenient = || labels.bare.get(&bare(label));
                let rows = strict.or_else(lenient).or_else(|| labels.heading.get(&bare(label)))?;
                rows.get(occurrence.checked_sub(1)?).copied()
            }
        }
    }
}

/// The headings of a table by label.
fn heading_rows(table: &Alignment<'_>) -> BTreeMap<String, Vec<usize>> {
    let mut by_heading: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (row, line) in table.rows.iter().enumerate().filter(|(_, line)| line.kind == RowKind::Group) {
        by_heading.entry(bare(&line.label)).or_default().push(row);
    }
    by_heading
}

/// The data row above of every row, and whether its chain is known.
fn chains(table: &Alignment<'_>, data: &[usize]) -> (Vec<Option<usize>>, Vec<bool>) {
    let mut previous = vec![None; table.rows.len()];
    let mut is_chained = vec![true; table.rows.len()];
    let schema = table.schema.as_ref();
    let group = schema.and_then(|schema| schema.group_by.as_ref().map(|name| schema.field_index(name)));
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    let mut visit = |row: usize| {
        let key = match group {
            None => String::new(),
            Some(field) => {
                let column = field.and_then(|field| table.column_of(field));
                match column.and_then(|column| settled_key(table, row, column)) {
                    Some(key) => key,
                    None => {
                        is_chained[row] = false;
                        return;
                    }
                }
            }
        };
        previous[row] = last.insert(key, row);
    };
    if schema.is_some_and(|schema| schema.newest_first) {
        data.iter().rev().for_each(|&row| visit(row));
    } else {
        data.iter().for_each(|&row| visit(row));
    }
    (previous, is_chained)
}

/// The folded text of a settled, filled key cell.
fn settled_key(table: &Alignment<'_>, row: usize, column: usize) -> Option<String> {
    let cell = table.cell(row, column)?;
    let key = folded(&cell.content.text);
    (cell.choice.is_none() && !key.is_empty()).then_some(key)
}

/// Schema, summed field and key field of a sum over another table.
type ForeignName = (String, String, String);

/// The summed cells by folded key.
type ForeignIndex = BTreeMap<String, Vec<Var>>;

/// Makes the checks of all tables ground.
pub(crate) struct Instantiator<'b, 'a, 't> {
    board: &'b Board<'a, 't>,
    indexes: Vec<TableIndex>,
    /// Sums over other tables by schema, field and key; `None` where one of its keys is not settled.
    foreign: BTreeMap<ForeignName, Option<ForeignIndex>>,
}

/// Rows that a check reads.
pub(crate) type Rows = SmallVec<[usize; 2]>;

/// What instantiation gives for one table.
#[derive(Debug, Default)]
pub(crate) struct Instances {
    pub(crate) grounds: Vec<Ground>,
    /// The rows that each of them reads.
    pub(crate) rows: Vec<Rows>,
    pub(crate) failures: Vec<Failure>,
}

impl Instances {
    fn reserve(&mut self, count: usize) {
        self.grounds.reserve(count);
        self.rows.reserve(count);
    }

    fn push(&mut self, (ground, rows): (Ground, Rows)) {
        self.grounds.push(ground);
        self.rows.push(rows);
    }
}

impl<'b, 'a, 't> Instantiator<'b, 'a, 't> {
    pub(crate) fn new(board: &'b Board<'a, 't>) -> Self {
        let indexes = (0..board.tables.len()).map(|table| TableIndex::new(board, table)).collect();
        Self { board, indexes, foreign: BTreeMap::new() }
    }

    /// The ground constraints of table `table`, in order of rule and row.
    pub(crate) fn instantiate(&mut self, table: usize) -> Instances {
        let mut instances = Instances::default();
        let Some(schema) = self.board.tables.get(table).and_then(|table| table.schema.clone()) else {
            return instances;
        };
        let windows = windows(self, table, &schema);
        for (rule, check) in schema.checks.iter().enumerate() {
            let mut pattern: Option<Pattern> = None;
            let is_alike = stand(check) == Stand::Rows && !uses(check, &is_beyond_rows);
            let scopes = self.scopes(table, check, &windows);
            let count = scopes.len();
            for (scope, is_decided) in scopes {
                let place = scope.row.filter(|_| is_alike).and_then(|row| self.place_of(table, row));
                if let Some(made) = pattern.as_ref().zip(place).and_then(|(pattern, place)| pattern.at(place))
                {
                    instances.push(made);
                    continue;
                }
                let before = instances.grounds.len();
                self.instance(table, &schema, rule, scope, is_decided, &mut instances);
                if let (Some(place), Some(ground)) = (place, instances.grounds.get(before)) {
                    pattern = Pattern::new(ground, place);
                    if pattern.is_some() {
                        // Nearly all rows will have one.
                        instances.reserve(count);
                    }
                }
            }
        }
        instances
    }

    /// Where a row and the one above it begin, for rows that have one.
    fn place_of(&self, table: usize, row: usize) -> Option<RowPlace> {
        let index = &self.indexes[table];
        let previous = index.previous.get(row).copied().flatten().filter(|_| index.is_chained[row])?;
        let start = |row: usize| self.board.var(table, row, 0);
        let width = u32::try_from(self.board.tables[table].columns.len()).ok()?;
        Some(RowPlace { row, previous, start: start(row)?, previous_start: start(previous)?, width })
    }

    fn instance(
        &mut self,
        table: usize,
        schema: &Schema,
        rule: usize,
        scope: Scope,
        is_decided: bool,
        instances: &mut Instances,
    ) {
        let made = if is_decided { self.ground(table, schema, rule, scope) } else { Err(Absent::Unsettled) };
        match made {
            Ok(ground) => {
                let rows = self.rows_of(table, &ground);
                if !(rows.is_empty() || scope.column.is_some() && self.is_empty(&ground)) {
                    instances.push((ground, rows.into()));
                }
            }
            Err(Absent::First) => {}
            Err(_) => {
                let failure = Failure { rule, row: scope.row.or(scope.total) };
                // A name that is nowhere fails once, not on every row.
                if instances.failures.last().is_none_or(|last| last.rule != rule) {
                    instances.failures.push(failure);
                }
            }
        }
    }

    /// The scopes in which a rule stands, and whether what it reads there is decided.
    fn scopes(
        &self,
        table: usize,
        check: &Check,
        windows: &BTreeMap<usize, Option<Window>>,
    ) -> Vec<(Scope, bool)> {
        let index = &self.indexes[table];
        let named = [&check.left, &check.right].into_iter().find_map(|side| self.named_row(table, side));
        let window = |row: usize| windows.get(&row).copied();
        match stand(check) {
            Stand::Rows => {
                let total = index.totals.last().copied();
                index
                    .data
                    .iter()
                    .map(|&row| (Scope { row: Some(row), total, ..Scope::default() }, true))
                    .collect()
            }
            Stand::Totals => {
                let scope = |&row: &usize| {
                    let chosen = window(row).unwrap_or(Some(Window::all()));
                    (Scope { total: Some(row), window: chosen, ..Scope::default() }, chosen.is_some())
                };
                index.totals.iter().map(scope).collect()
            }
            Stand::Once | Stand::Columns => {
                let aggregates = uses(check, &|e| matches!(e, Expression::Aggregate(..)));
                let chosen = match named {
                    Some(row) if aggregates => window(row).unwrap_or(Some(Window::all())),
                    _ => Some(Window::all()),
                };
                let scope = Scope { total: named, window: chosen, ..Scope::default() };
                if stand(check) == Stand::Once {
                    return vec![(scope, chosen.is_some())];
                }
                let columns = &self.board.tables[table].columns;
                (0..columns.len())
                    .filter(|&column| columns[column].kind.is_numeric())
                    .map(|column| (Scope { column: Some(column), ..scope }, chosen.is_some()))
                    .collect()
            }
        }
    }

    /// The row that an aggregate beside it belongs to.
    pub(crate) fn named_row(&self, table: usize, expression: &Expression) -> Option<usize> {
        match expression {
            Expression::Row { row, .. } => self.indexes[table].row(&self.board.tables[table], row),
            Expression::Negative(inner) => self.named_row(table, inner),
            Expression::Add(a, b)
            | Expression::Subtract(a, b)
            | Expression::Multiply(a, b)
            | Expression::Divide(a, b) => self.named_row(table, a).or_else(|| self.named_row(table, b)),
            _ => None,
        }
    }

    pub(crate) fn index(&self, table: usize) -> &TableIndex {
        &self.indexes[table]
    }

    pub(crate) fn board(&self) -> &'b Board<'a, 't> {
        self.board
    }

    /// The rule `rule` in `scope`.
    pub(crate) fn ground(
        &mut self,
        table: usize,
        schema: &Schema,
        rule: usize,
        scope: Scope,
    ) -> Result<Ground, Absent> {
        let check = schema.checks.get(rule).ok_or(Absent::Missing)?;
        let is_constant = |side: &Expression| matches!(side, Expression::Constant(_));
        let left = self.lone(table, &check.left, scope)?;
        let right = self.lone(table, &check.right, scope)?;
        let prefers_right =
            left.is_none() || is_constant(&check.left) && right.is_some() && !is_constant(&check.right);
        let (lone, relation, ratio) = match (left, right) {
            (_, Some(lone)) if prefers_right => {
                (Some(lone), mirrored(check.relation), self.translate(table, &check.left, scope)?)
            }
            (Some(lone), _) => (Some(lone), check.relation, self.translate(table, &check.right, scope)?),
            (None, _) => {
                let left = self.translate(table, &check.left, scope)?.negated().ok_or(Absent::Overflow)?;
                let right = self.translate(table, &check.right, scope)?;
                (None, check.relation, right.plus(left).ok_or(Absent::Overflow)?)
            }
        };
        let truncates = schema.rounding == Rounding::Truncate && relation_rounds(relation);
        let lone = lone.map(|var| Lone { var });
        Ok(Ground { table, rule, id: 0, relation, lone, ratio, truncates })
    }

    /// The variable of a side that is a lone field or constant.
    fn lone(&self, table: usize, side: &Expression, scope: Scope) -> Result<Option<Var>, Absent> {
        match side {
            Expression::Field(_)
            | Expression::Previous(_)
            | Expression::Total(_)
            | Expression::Row { .. }
            | Expression::Constant(_) => self.var(table, side, scope).map(Some),
            _ => Ok(None),
        }
    }

    /// The variable that a name stands for.
    fn var(&self, table: usize, name: &Expression, scope: Scope) -> Result<Var, Absent> {
        let alignment = &self.board.tables[table];
        let index = &self.indexes[table];
        let column = |field: usize| alignment.column_of(field).ok_or(Absent::Missing);
        let (row, column) = match name {
            Expression::Field(field) => (scope.row.ok_or(Absent::Missing)?, column(*field)?),
            Expression::Previous(field) => {
                let row = scope.row.ok_or(Absent::Missing)?;
                if !index.is_chained[row] {
                    return Err(Absent::Unsettled);
                }
                (index.previous[row].ok_or(Absent::First)?, column(*field)?)
            }
            Expression::Total(field) => (scope.total.ok_or(Absent::Missing)?, column(*field)?),
            Expression::Row { row, field } => {
                let column = match field {
                    Some(field) => column(*field)?,
                    None => scope.column.ok_or(Absent::Missing)?,
                };
                (index.row(alignment, row).ok_or(Absent::Missing)?, column)
            }
            Expression::Constant(constant) => {
                return self.board.constant(table, *constant).ok_or(Absent::Missing);
            }
            _ => return Err(Absent::Missing),
        };
        self.board.var(table, row, column).ok_or(Absent::Missing)
    }

    fn translate(&mut self, table: usize, expression: &Expression, scope: Scope) -> Result<Ratio, Absent> {
        let poly = match expression {
            Expression::Number(number) => Poly::number(Rational::decimal(*number).ok_or(Absent::Overflow)?),
            Expression::Aggregate(kind, field) => self.aggregate(table, *kind, *field, scope)?,
            Expression::Foreign { schema, field, key, local_key } => {
                self.foreign(table, [schema, field, key], *local_key, scope)?
            }
            Expression::Negative(inner) => {
                return self.translate(table, inner, scope)?.negated().ok_or(Absent::Overflow);
            }
            Expression::Add(a, b) => {
                let (a, b) = (self.translate(table, a, scope)?, self.translate(table, b, scope)?);
                return a.plus(b).ok_or(Absent::Overflow);
            }
            Expression::Subtract(a, b) => {
                let (a, b) = (self.translate(table, a, scope)?, self.translate(table, b, scope)?);
                return a.plus(b.negated().ok_or(Absent::Overflow)?).ok_or(Absent::Overflow);
            }
            Expression::Multiply(a, b) => {
                let (a, b) = (self.translate(table, a, scope)?, self.translate(table, b, scope)?);
                return a.times(b).ok_or(Absent::Overflow);
            }
            Expression::Divide(a, b) => {
                let (a, b) = (self.translate(table, a, scope)?, self.translate(table, b, scope)?);
                return a.over(b).ok_or(Absent::Overflow);
            }
            name => Poly::var(self.var(table, name, scope)?, Rational::ONE),
        };
        Ok(Ratio::poly(poly))
    }

    fn aggregate(&self, table: usize, kind: Aggregate, field: usize, scope: Scope) -> Result<Poly, Absent> {
        let column = self.board.tables[table].column_of(field).ok_or(Absent::Missing)?;
        let window = scope.window.unwrap_or_else(Window::all);
        let data = self.indexes[table].data.iter().copied().filter(|&row| window.contains(row));
        let mut vars = Vec::new();
        for row in data {
            vars.push(self.board.var(table, row, column).ok_or(Absent::Missing)?);
        }
        let one = |var: Option<&Var>| var.map(|&var| Poly::var(var, Rational::ONE)).ok_or(Absent::Missing);
        match kind {
            Aggregate::Sum if vars.is_empty() => Err(Absent::Missing),
            Aggregate::Sum => {
                Ok(vars.iter().fold(Poly::default(), |sum, &var| sum.plus(Poly::var(var, Rational::ONE))))
            }
            Aggregate::First => one(vars.first()),
            Aggregate::Last => one(vars.last()),
            Aggregate::Count | Aggregate::Minimum | Aggregate::Maximum => self.over_values(kind, &vars),
        }
    }

    /// Count, least and greatest read filled cells only, so all of them have to be settled.
    fn over_values(&self, kind: Aggregate, vars: &[Var]) -> Result<Poly, Absent> {
        let mut values: Vec<(Rational, Var)> = Vec::new();
        for &var in vars {
            match self.board.fact(var).known {
                Known::Number(value) => values.push((value, var)),
                Known::Empty => {}
                Known::Unknown => return Err(Absent::Unsettled),
                Known::Unusable => return Err(Absent::Missing),
            }
        }
        let chosen = match kind {
            Aggregate::Minimum => values.iter().min(),
            Aggregate::Maximum => values.iter().max(),
            _ => {
                let count = i128::try_from(values.len()).map_err(|_| Absent::Overflow)?;
                return Ok(Poly::number(Rational::integer(count)));
            }
        };
        chosen.map(|&(_, var)| Poly::var(var, Rational::ONE)).ok_or(Absent::Missing)
    }

    /// The sum over the rows of another table whose key equals this row's.
    fn foreign(
        &mut self,
        table: usize,
        [schema, field, key]: [&String; 3],
        local_key: usize,
        scope: Scope,
    ) -> Result<Poly, Absent> {
        let alignment = &self.board.tables[table];
        let column = alignment.column_of(local_key).ok_or(Absent::Missing)?;
        let row = scope.row.ok_or(Absent::Missing)?;
        let local = settled_key(alignment, row, column).ok_or(Absent::Unsettled)?;
        let name = (schema.clone(), field.clone(), key.clone());
        if !self.foreign.contains_key(&name) {
            let made = self.foreign_index(&name);
            self.foreign.insert(name.clone(), made);
        }
        let index = self.foreign.get(&name).and_then(Option::as_ref).ok_or(Absent::Unsettled)?;
        // A longer or shorter form of the name may be the same record: not settled.
        if index.keys().any(|other| is_word_prefix(other, &local)) {
            return Err(Absent::Unsettled);
        }
        let vars = index.get(&local).map_or(&[][..], Vec::as_slice);
        Ok(vars.iter().fold(Poly::default(), |sum, &var| sum.plus(Poly::var(var, Rational::ONE))))
    }

    fn foreign_index(
        &self,
        (schema, field, key): &(String, String, String),
    ) -> Option<BTreeMap<String, Vec<Var>>> {
        let mut index: BTreeMap<String, Vec<Var>> = BTreeMap::new();
        let mut is_found = false;
        for (number, table) in self.board.tables.iter().enumerate() {
            let Some(other) = table.schema.as_ref().filter(|other| other.name == *schema) else { continue };
            is_found = true;
            let column = table.column_of(other.field_index(field)?)?;
            let key_column = table.column_of(other.field_index(key)?)?;
            for &row in &self.indexes[number].data {
                let key = settled_key(table, row, key_column)?;
                index.entry(key).or_default().push(self.board.var(number, row, column)?);
            }
        }
        is_found.then_some(index)
    }

    /// The rows of `table` that a constraint reads, in order.
    fn rows_of(&self, table: usize, ground: &Ground) -> Vec<usize> {
        let mut rows: Vec<usize> = ground
            .vars()
            .filter_map(|var| self.board.place(var))
            .filter(|place| place.0 == table)
            .map(|place| place.1)
            .collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// Whether no cell of a constraint holds anything: a column that the rule is not about.
    fn is_empty(&self, ground: &Ground) -> bool {
        ground.vars().all(|var| matches!(self.board.fact(var).known, Known::Empty | Known::Unusable))
    }
}

/// A row and the one above it, with their first variables.
#[derive(Clone, Copy, Debug)]
struct RowPlace {
    row: usize,
    previous: usize,
    start: Var,
    previous_start: Var,
    width: u32,
}

/// A rule that reads its own row and the one above, made ground once: on every other row it reads the same columns.
struct Pattern {
    ground: Ground,
    place: RowPlace,
    reads_row: bool,
    reads_previous: bool,
}

impl Pattern {
    /// `None` where the rule reads anything else.
    fn new(ground: &Ground, place: RowPlace) -> Option<Self> {
        let is_in = |start: Var, var: Var| var.checked_sub(start).is_some_and(|offset| offset < place.width);
        let mut pattern = Self { ground: ground.clone(), place, reads_row: false, reads_previous: false };
        for var in ground.vars() {
            let (row, previous) = (is_in(place.start, var), is_in(place.previous_start, var));
            pattern.reads_row |= row;
            pattern.reads_previous |= previous;
            if !row && !previous {
                return None;
            }
        }
        Some(pattern)
    }

    /// The rule on another row, with the rows that it reads.
    fn at(&self, place: RowPlace) -> Option<(Ground, Rows)> {
        let moved = |var: &mut Var| {
            let is_own = var.checked_sub(self.place.start).is_some_and(|offset| offset < self.place.width);
            let (from, to) = if is_own {
                (self.place.start, place.start)
            } else {
                (self.place.previous_start, place.previous_start)
            };
            *var = var.checked_sub(from)?.checked_add(to)?;
            Some(())
        };
        let mut ground = self.ground.clone();
        if let Some(lone) = &mut ground.lone {
            moved(&mut lone.var)?;
        }
        let den = ground.ratio.den.iter_mut().flat_map(|den| &mut den.terms);
        for term in ground.ratio.num.terms.iter_mut().chain(den) {
            term.vars.iter_mut().try_for_each(moved)?;
        }
        let mut rows = Rows::new();
        rows.extend(Some(place.previous).filter(|_| self.reads_previous));
        rows.extend(Some(place.row).filter(|_| self.reads_row));
        rows.sort_unstable();
        Some((ground, rows))
    }
}

/// Whether a part of a rule reads more than its own row and the one above.
fn is_beyond_rows(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::Total(_)
            | Expression::Row { .. }
            | Expression::Aggregate(..)
            | Expression::Foreign { .. }
            | Expression::Constant(_)
    )
}

const fn relation_rounds(relation: Relation) -> bool {
    matches!(relation, Relation::Equal | Relation::About)
}

fn stand(check: &Check) -> Stand {
    let is_row_bound = |e: &Expression| {
        matches!(e, Expression::Field(_) | Expression::Previous(_) | Expression::Foreign { .. })
    };
    if uses(check, &is_row_bound) {
        Stand::Rows
    } else if uses(check, &|e| matches!(e, Expression::Total(_))) {
        Stand::Totals
    } else if uses(check, &|e| matches!(e, Expression::Row { field: None, .. })) {
        Stand::Columns
    } else {
        Stand::Once
    }
}

/// Whether a part of a check satisfies `test`.
pub(crate) fn uses(check: &Check, test: &dyn Fn(&Expression) -> bool) -> bool {
    part(&check.left, test) || part(&check.right, test)
}

fn part(expression: &Expression, test: &dyn Fn(&Expression) -> bool) -> bool {
    test(expression)
        || match expression {
            Expression::Negative(inner) => part(inner, test),
            Expression::Add(a, b)
            | Expression::Subtract(a, b)
            | Expression::Multiply(a, b)
            | Expression::Divide(a, b) => part(a, test) || part(b, test),
            _ => false,
        }
}

/// Whether a rule stands on total rows, or on rows named by label with an aggregate.
pub(crate) fn reads_window(check: &Check) -> bool {
    uses(check, &|e| matches!(e, Expression::Aggregate(..))) && stand(check) != Stand::Rows
}

/// Whether a rule stands on total rows.
pub(crate) fn stands_on_totals(check: &Check) -> bool {
    stand(check) == Stand::Totals
}
