//! The short way through documents that raise no question: every cell is settled, every rule is a sum along a row (or
//! from the row above) or `a * b = 0`, and every line of every rule holds.
//!
//! Such a document has no unknown, so nothing is resolved; no line fails, so nothing is doubted, corrected or reported;
//! a rule holds with numbers in it, so nothing is discovered. What is left of the proof is one pass over the records:
//! sums of whole numbers on one printed grid, and for every cell the checks that read it. [`prove_clean`] says the same as
//! the long way, to the id of every check; wherever the document is of another kind, it says nothing, and the long way
//! starts from the beginning.
//!
//! Linear in the cells and in the operands of all lines; allocates for verdicts and checks alone.

use std::sync::Arc;

use smallvec::SmallVec;

use super::judge::bits_of_digits;
use super::trial::MAX_REASONS;
use super::verdict::TableVerdicts;
use super::withhold::INFORMATIVE_OTHERS;
use crate::align::{Aligned, AlignedCell, AlignedColumn, Alignment, PlainCell, Slot};
use crate::column::plain::PlainValue;
use crate::schema::check::{Check as Rule, Expression, Relation};
use crate::schema::{Blank, Constraints, Rounding, Schema};
use crate::table::{CellValue, Check, CheckIds, CheckStatus, RowKind, Status};
use crate::text::Decimal;

/// More decimals than this are no amounts: the long way knows what fits.
const MAX_SCALE: u8 = 12;

/// A table, with its plain cells where it is a plain one.
#[derive(Clone, Copy)]
pub(crate) struct TableView<'a, 't> {
    pub(crate) alignment: &'a Alignment<'t>,
    pub(crate) plain: Option<&'a [PlainCell]>,
}

impl<'a, 't> TableView<'a, 't> {
    /// A look at a table.
    pub(crate) fn of(table: &'a Aligned<'t>) -> Self {
        Self { alignment: &table.alignment, plain: table.plain.as_ref().map(|plain| plain.cells.as_slice()) }
    }
}

/// The verdict on a cell that stands as it is printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CleanVerdict {
    pub(crate) status: Status,
    /// Ids of the checks that carry the status.
    pub(crate) because: CheckIds,
}

/// The verdicts on a table that raises no question: those on its cells are told when they are asked for.
#[derive(Debug)]
pub(crate) struct CleanVerdicts {
    /// The checks, in order of id.
    pub(crate) checks: Vec<Check>,
    chains: Vec<Chain>,
    /// One a column; `None` where no rule reads it.
    columns: Vec<Option<Column>>,
    /// The rows that are records, ascending.
    records: Vec<usize>,
    /// Number of all rows.
    rows: usize,
}

impl CleanVerdicts {
    /// What judges the cells, one a column.
    pub(crate) fn judges(&self) -> Vec<ColumnJudge<'_>> {
        let readers = |column: Option<&Column>| column.map(|column| column.readers(&self.chains));
        let columns = self.columns.iter().map(Option::as_ref);
        columns.map(|column| ColumnJudge { column, readers: readers(column).unwrap_or_default() }).collect()
    }

    /// The verdicts on all cells.
    pub(crate) fn to_verdicts(&self) -> TableVerdicts {
        let width = self.columns.len();
        let judges = self.judges();
        let mut verdicts = TableVerdicts::unchecked(self.rows * width);
        for (record, &row) in self.records.iter().enumerate() {
            let own = verdicts.cells.get_mut(row * width..(row + 1) * width).unwrap_or_default();
            for (judge, verdict) in judges.iter().zip(own) {
                let CleanVerdict { status, because } = judge.judge(Some(record));
                (verdict.status, verdict.because) = (status, because);
            }
        }
        TableVerdicts { checks: self.checks.clone(), ..verdicts }
    }
}

/// The verdicts on all tables of a document that raises no question; `None` says nothing.
pub(crate) fn prove_clean<'a, 't: 'a>(
    tables: impl IntoIterator<Item = TableView<'a, 't>>,
) -> Option<Vec<CleanVerdicts>> {
    let mut ids = 0u32;
    tables.into_iter().map(|table| prove_table(table, &mut ids)).collect()
}

fn prove_table(view: TableView<'_, '_>, ids: &mut u32) -> Option<CleanVerdicts> {
    let table = view.alignment;
    let schema = table.schema.as_deref()?;
    let is_plain = table.choices.is_empty()
        && schema.constants.is_empty()
        && schema.group_by.is_none()
        && schema.rounding != Rounding::Truncate;
    if !is_plain || !are_settled(view, schema) {
        return None;
    }
    let columns: Vec<Option<Amounts>> = amounts(view, schema)?;
    let records: Vec<usize> =
        (0..table.rows.len()).filter(|&row| table.rows[row].kind == RowKind::Data).collect();
    let mut chains = Vec::with_capacity(schema.checks.len());
    let mut says_something = false;
    for (rule, check) in schema.checks.iter().enumerate() {
        match form_of(table, check)? {
            Form::OnTotals if table.rows.iter().any(|row| row.kind == RowKind::Total) => return None,
            Form::OnTotals => {}
            form => {
                let chain = Chain::hold(rule, &form, &columns, records.len(), schema.newest_first, *ids)?;
                *ids = ids.checked_add(u32::try_from(chain.lines.len()).ok()?)?;
                says_something |= chain.lines.iter().any(|line| line.informative > 0);
                chains.push((form, chain));
            }
        }
    }
    if !says_something {
        return None;
    }
    let mut checks = Vec::with_capacity(chains.iter().map(|(_, chain)| chain.lines.len()).sum());
    for (form, chain) in &chains {
        chain.enter_checks(form, &records, schema, &mut checks);
    }
    let columns = columns.into_iter().enumerate().map(|(column, amounts)| {
        let field = table.columns.get(column).and_then(|column| column.field);
        let limits = field.and_then(|field| schema.fields.get(field)).map(|field| &field.constraints);
        let readings = readings_of(column, &chains, schema.newest_first);
        amounts.map(|amounts| Column::new(amounts, readings, limits))
    });
    let columns = columns.collect();
    let chains = chains.into_iter().map(|(_, chain)| chain).collect();
    Some(CleanVerdicts { checks, chains, columns, records, rows: table.rows.len() })
}

/// Whether every cell of a table is a number, a text, or empty beyond doubt.
fn are_settled(view: TableView<'_, '_>, schema: &Schema) -> bool {
    let table = view.alignment;
    let is_blank_known = |column: &AlignedColumn| {
        let field = column.field.and_then(|field| schema.fields.get(field));
        field.is_none_or(|field| field.blank != Blank::Unknown)
    };
    let width = table.columns.len().max(1);
    // What a plain cell prints is its value.
    table.columns.iter().all(is_blank_known)
        && (view.plain.is_some()
            || table.cells.chunks(width).all(|row| {
                row.iter().zip(&table.columns).all(|(cell, column)| {
                    cell.choice.is_none()
                        && match cell.slot {
                            // A print without a value may be a confused number.
                            Slot::Printed => cell.content.value.is_some() || !column.kind.is_numeric(),
                            Slot::Blank | Slot::Nil | Slot::Absent => true,
                            Slot::Lost => false,
                        }
                })
            }))
}

/// The amounts of one column, one a record, in units of its last printed place.
#[derive(Debug)]
struct Amounts {
    values: Vec<i64>,
    /// Whether a number is printed, where the value is 0 because none is.
    is_printed: Vec<bool>,
    scale: u8,
}

/// The amounts of every column that a rule reads; `None` where one of them is not of one printed grid throughout.
fn amounts(view: TableView<'_, '_>, schema: &Schema) -> Option<Vec<Option<Amounts>>> {
    let table = view.alignment;
    let mut is_read = vec![false; table.columns.len()];
    for check in &schema.checks {
        for side in [&check.left, &check.right] {
            note_fields(table, side, &mut is_read);
        }
    }
    let column = |(column, is_read): (usize, bool)| {
        if !is_read {
            return Some(None);
        }
        let width = table.columns.len();
        match view.plain {
            Some(cells) => {
                let cells = cells.get(column..).unwrap_or_default().iter().step_by(width);
                column_amounts(table, schema, column, cells.map(|cell| Amount::of_plain(*cell)))
            }
            None => {
                let cells = table.cells.get(column..).unwrap_or_default().iter().step_by(width);
                column_amounts(table, schema, column, cells.map(Amount::of))
            }
        }
        .map(Some)
    };
    is_read.into_iter().enumerate().map(column).collect()
}

/// Marks the columns that an expression reads on records.
fn note_fields(table: &Alignment<'_>, expression: &Expression, is_read: &mut [bool]) {
    match expression {
        Expression::Field(field) | Expression::Previous(field) => {
            if let Some(read) = table.column_of(*field).and_then(|column| is_read.get_mut(column)) {
                *read = true;
            }
        }
        Expression::Negative(inner) => note_fields(table, inner, is_read),
        Expression::Add(a, b)
        | Expression::Subtract(a, b)
        | Expression::Multiply(a, b)
        | Expression::Divide(a, b) => {
            note_fields(table, a, is_read);
            note_fields(table, b, is_read);
        }
        _ => {}
    }
}

/// What a cell says to a rule.
#[derive(Clone, Copy)]
enum Amount {
    Number {
        /// `None` where it is longer than the short way counts with.
        mantissa: Option<i64>,
        scale: u8,
    },
    /// Nothing is printed, or a nil mark.
    Blank,
    Other,
}

impl Amount {
    fn of(cell: &AlignedCell<'_>) -> Self {
        match (cell.slot, cell.content.value) {
            (Slot::Printed, Some(CellValue::Number(number))) => {
                Self::Number { mantissa: i64::try_from(number.mantissa()).ok(), scale: number.scale() }
            }
            (Slot::Blank | Slot::Nil, _) => Self::Blank,
            _ => Self::Other,
        }
    }

    #[inline]
    fn of_plain(cell: PlainCell) -> Self {
        match cell.value {
            PlainValue::Number { mantissa, scale } => Self::Number { mantissa: Some(mantissa), scale },
            PlainValue::Blank | PlainValue::Nil => Self::Blank,
            PlainValue::Absent | PlainValue::Text | PlainValue::Date(_) => Self::Other,
        }
    }

    /// The printed decimals; a `0` without decimals is an exact zero, and says nothing of its column's.
    fn scale(self) -> Option<u8> {
        match self {
            Self::Number { mantissa: Some(0), scale: 0 } => None,
            Self::Number { scale, .. } => Some(scale),
            Self::Blank | Self::Other => None,
        }
    }
}

fn column_amounts(
    table: &Alignment<'_>,
    schema: &Schema,
    column: usize,
    cells: impl Iterator<Item = Amount> + Clone,
) -> Option<Amounts> {
    let own = table.columns.get(column)?;
    let field = own.field.and_then(|field| schema.fields.get(field));
    if !own.is_printed || own.percent || field.is_some_and(|field| field.percent) {
        return None;
    }
    let scale = cells.clone().find_map(Amount::scale).filter(|&scale| scale <= MAX_SCALE)?;
    let count = table.rows.len();
    let mut amounts =
        Amounts { values: Vec::with_capacity(count), is_printed: Vec::with_capacity(count), scale };
    for (cell, row) in cells.zip(&table.rows) {
        let value = match cell {
            Amount::Number { mantissa, .. } => {
                Some(mantissa.filter(|_| cell.scale().is_none_or(|own| own == scale))?)
            }
            Amount::Blank => None,
            // Words between the records are read by no rule.
            Amount::Other if row.kind != RowKind::Data => continue,
            Amount::Other => return None,
        };
        if row.kind == RowKind::Data {
            amounts.values.push(value.unwrap_or(0));
            amounts.is_printed.push(value.is_some());
        }
    }
    Some(amounts)
}

/// A cell that a rule reads: of its own record, or of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Operand {
    column: usize,
    is_previous: bool,
}

/// The forms of rules that the short way knows.
#[derive(Debug)]
enum Form {
    /// An operand alone against a sum of others, none twice; whether each is subtracted.
    Sum { lone: Operand, terms: Vec<(Operand, bool)> },
    /// Two columns of which one is 0.
    Sides(usize, usize),
    /// A rule about total rows.
    OnTotals,
}

impl Form {
    fn operands(&self) -> impl Iterator<Item = Operand> + '_ {
        let own = |column: usize| Operand { column, is_previous: false };
        let (lone, terms, sides) = match self {
            Self::Sum { lone, terms } => (Some(*lone), terms.as_slice(), None),
            Self::Sides(a, b) => (None, &[][..], Some([own(*a), own(*b)])),
            Self::OnTotals => (None, &[][..], None),
        };
        lone.into_iter().chain(terms.iter().map(|term| term.0)).chain(sides.into_iter().flatten())
    }

    fn reads_previous(&self) -> bool {
        self.operands().any(|operand| operand.is_previous)
    }

    fn reads_own(&self) -> bool {
        self.operands().any(|operand| !operand.is_previous)
    }
}

/// The form of a rule; `None` where it is another one.
fn form_of(table: &Alignment<'_>, check: &Rule) -> Option<Form> {
    if super::instantiate::stands_on_totals(check) {
        return Some(Form::OnTotals);
    }
    if check.relation != Relation::Equal {
        return None;
    }
    let is_zero = |side: &Expression| matches!(side, Expression::Number(number) if number.is_zero());
    let (lone, sum) = match (&check.left, &check.right) {
        (Expression::Multiply(a, b), zero) | (zero, Expression::Multiply(a, b)) if is_zero(zero) => {
            let (a, b) = (operand(table, a)?, operand(table, b)?);
            let are_sides = !a.is_previous && !b.is_previous && a != b;
            return are_sides.then_some(Form::Sides(a.column, b.column));
        }
        (lone @ (Expression::Field(_) | Expression::Previous(_)), sum)
        | (sum, lone @ (Expression::Field(_) | Expression::Previous(_))) => (operand(table, lone)?, sum),
        _ => return None,
    };
    let mut terms = Vec::new();
    add_terms(table, sum, false, &mut terms)?;
    let is_twice = |(position, term): (usize, &(Operand, bool))| {
        term.0 == lone || terms[..position].iter().any(|other| other.0 == term.0)
    };
    let is_any_twice = terms.iter().enumerate().any(is_twice);
    (!is_any_twice).then_some(Form::Sum { lone, terms })
}

fn operand(table: &Alignment<'_>, expression: &Expression) -> Option<Operand> {
    match expression {
        Expression::Field(field) => Some(Operand { column: table.column_of(*field)?, is_previous: false }),
        Expression::Previous(field) => Some(Operand { column: table.column_of(*field)?, is_previous: true }),
        _ => None,
    }
}

/// Adds the operands of a sum; `None` where it is more than a sum. Schemas bound its depth.
fn add_terms(
    table: &Alignment<'_>,
    expression: &Expression,
    is_subtracted: bool,
    terms: &mut Vec<(Operand, bool)>,
) -> Option<()> {
    match expression {
        Expression::Negative(inner) => add_terms(table, inner, !is_subtracted, terms),
        Expression::Add(a, b) | Expression::Subtract(a, b) => {
            add_terms(table, a, is_subtracted, terms)?;
            let turns = matches!(expression, Expression::Subtract(..));
            add_terms(table, b, is_subtracted != turns, terms)
        }
        _ => {
            terms.push((operand(table, expression)?, is_subtracted));
            Some(())
        }
    }
}

/// What one line of a rule says beside that it holds.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// Operands that are not 0.
    informative: u32,
    significance: f32,
}

/// The lines of one rule, one a record from `first` on.
#[derive(Debug)]
struct Chain {
    /// Index of the rule in the schema.
    rule: usize,
    /// Id of the check before the first line.
    ids: u32,
    /// The first record with a line.
    first: usize,
    lines: Vec<Line>,
}

impl Chain {
    /// Tries a rule on every record; `None` where a line does not hold.
    fn hold(
        rule: usize,
        form: &Form,
        columns: &[Option<Amounts>],
        records: usize,
        is_newest_first: bool,
        ids: u32,
    ) -> Option<Self> {
        let amounts = |column: usize| columns.get(column).and_then(Option::as_ref);
        let (first, last) = match (form.reads_previous(), is_newest_first) {
            (true, false) => (1.min(records), records),
            (true, true) => (0, records.saturating_sub(1)),
            (false, _) => (0, records),
        };
        let mut lines = Vec::with_capacity(last - first);
        match form {
            Form::Sum { lone, terms } => {
                let scale = amounts(lone.column)?.scale;
                let read = |operand: &Operand| {
                    let amounts = amounts(operand.column).filter(|amounts| amounts.scale == scale)?;
                    Some((amounts.values.as_slice(), operand.is_previous))
                };
                let lone = read(lone)?;
                let terms: Vec<_> =
                    terms.iter().map(|(term, sign)| Some((read(term)?, *sign))).collect::<Option<_>>()?;
                for record in first..last {
                    let before = if is_newest_first { record + 1 } else { record.wrapping_sub(1) };
                    let at = |(values, is_previous): (&[i64], bool)| {
                        values.get(if is_previous { before } else { record }).copied()
                    };
                    lines.push(sum_line(at(lone)?, terms.iter().map(|&(term, sign)| (at(term), sign)))?);
                }
            }
            Form::Sides(a, b) => {
                let sides = amounts(*a)?.values.iter().zip(&amounts(*b)?.values);
                for (&a, &b) in sides {
                    if a != 0 && b != 0 {
                        return None;
                    }
                    lines.push(Line { informative: u32::from(a != 0 || b != 0), significance: 0.0 });
                }
            }
            Form::OnTotals => {}
        }
        Some(Self { rule, ids, first, lines })
    }

    fn enter_checks(&self, form: &Form, records: &[usize], schema: &Schema, checks: &mut Vec<Check>) {
        let rule: Arc<str> = schema.checks.get(self.rule).map_or("", |check| check.rule.as_str()).into();
        let (reads_previous, reads_own) = (form.reads_previous(), form.reads_own());
        for ((record, content), id) in (self.first..).zip(&self.lines).zip(self.ids + 1..) {
            let before = if schema.newest_first { record + 1 } else { record.wrapping_sub(1) };
            let before = records.get(before).copied().filter(|_| reads_previous);
            let own = records.get(record).copied().filter(|_| reads_own);
            let rows = match (before, own) {
                (Some(before), Some(own)) => SmallVec::from_buf([before.min(own), before.max(own)]),
                (Some(row), None) | (None, Some(row)) => SmallVec::from_buf_and_len([row, 0], 1),
                (None, None) => SmallVec::new(),
            };
            checks.push(Check {
                id,
                rule: Arc::clone(&rule),
                rows,
                status: CheckStatus::Holds,
                discovered: false,
                significance: content.significance,
                written: None,
            });
        }
    }
}

/// A line of a sum; `None` where it does not hold.
fn sum_line(lone: i64, terms: impl Iterator<Item = (Option<i64>, bool)>) -> Option<Line> {
    let mut sum = 0i64;
    let mut greatest = lone.unsigned_abs();
    let mut informative = u32::from(lone != 0);
    for (value, is_subtracted) in terms {
        let value = value?;
        sum = if is_subtracted { sum.checked_sub(value)? } else { sum.checked_add(value)? };
        // The lone side is what is tested, unless it says nothing itself.
        if lone == 0 {
            greatest = greatest.max(value.unsigned_abs());
        }
        informative += u32::from(value != 0);
    }
    if sum != lone {
        return None;
    }
    let is_compared = informative >= 2 && greatest > 0;
    let digits = greatest.checked_ilog10().map_or(1, |log| log + 1);
    Some(Line { informative, significance: if is_compared { bits_of_digits(digits) } else { 0.0 } })
}

/// A column that rules read.
#[derive(Debug)]
struct Column {
    amounts: Amounts,
    readings: Vec<Reading>,
    minimum: Option<Decimal>,
    maximum: Option<Decimal>,
}

/// A rule that reads a column.
#[derive(Clone, Copy, Debug)]
struct Reading {
    /// Place of its chain among those of the table.
    chain: usize,
    /// What leads from a record to the place of the line that reads it, wrapping around.
    shift: usize,
    /// Whether a line of the rule can force the cell.
    can_force: bool,
}

impl Column {
    fn new(amounts: Amounts, readings: Vec<Reading>, limits: Option<&Constraints>) -> Self {
        let minimum = limits.and_then(|limits| limits.minimum);
        let maximum = limits.and_then(|limits| limits.maximum);
        Self { amounts, readings, minimum, maximum }
    }

    fn readers<'c>(&self, chains: &'c [Chain]) -> Vec<Reader<'c>> {
        let reader = |reading: &Reading| {
            let chain = chains.get(reading.chain)?;
            let (shift, can_force) = (reading.shift, reading.can_force);
            Some(Reader { lines: &chain.lines, first_id: chain.ids + 1, shift, can_force })
        };
        self.readings.iter().filter_map(reader).collect()
    }

    /// Whether a value keeps the limits of its field.
    #[inline]
    fn allows(&self, value: i64) -> bool {
        if self.minimum.is_none() && self.maximum.is_none() {
            return true;
        }
        let Some(number) = Decimal::new(i128::from(value), self.amounts.scale) else { return false };
        self.minimum.is_none_or(|minimum| minimum <= number)
            && self.maximum.is_none_or(|maximum| number <= maximum)
    }
}

/// The rules that read a column, in the order of their ids on one record.
fn readings_of(column: usize, chains: &[(Form, Chain)], is_newest_first: bool) -> Vec<Reading> {
    let mut readings = Vec::new();
    for (place, (form, chain)) in chains.iter().enumerate() {
        let can_force = matches!(form, Form::Sum { .. });
        for is_previous in [is_newest_first, !is_newest_first] {
            if form.operands().any(|operand| operand == Operand { column, is_previous }) {
                // Whose line reads a record as the one before is the next in the chain.
                let line_of_first = match (is_previous, is_newest_first) {
                    (false, _) => 0,
                    (true, false) => 1,
                    (true, true) => usize::MAX,
                };
                let shift = line_of_first.wrapping_sub(chain.first);
                readings.push(Reading { chain: place, shift, can_force });
            }
        }
    }
    readings
}

/// The lines of a rule that read a column.
#[derive(Debug)]
struct Reader<'c> {
    lines: &'c [Line],
    /// Id of the first line's check.
    first_id: u32,
    shift: usize,
    can_force: bool,
}

impl Reader<'_> {
    /// The id and the informative operands of the line that reads a record.
    #[inline]
    fn line(&self, record: usize) -> Option<(u32, u32)> {
        let place = record.wrapping_add(self.shift);
        let line = self.lines.get(place)?;
        Some((self.first_id + u32::try_from(place).ok()?, line.informative))
    }
}

/// Judges the cells of one column.
#[derive(Debug)]
pub(crate) struct ColumnJudge<'c> {
    column: Option<&'c Column>,
    readers: Vec<Reader<'c>>,
}

impl ColumnJudge<'_> {
    /// The verdict on a cell, `record` being the number of its record; rows of other kinds are in no check.
    #[inline]
    pub(crate) fn judge(&self, record: Option<usize>) -> CleanVerdict {
        let (Some(record), Some(column)) = (record, self.column) else { return CleanVerdict::default() };
        let value = column.amounts.values.get(record).copied().unwrap_or_default();
        let mut because = Because::default();
        if column.amounts.is_printed.get(record) == Some(&true) && column.allows(value) {
            let others = INFORMATIVE_OTHERS + usize::from(value != 0);
            for reader in self.readers.iter().filter(|reader| reader.can_force) {
                if let Some((id, informative)) = reader.line(record)
                    && informative as usize >= others
                {
                    because.push(id);
                }
            }
        }
        if because.count > 0 {
            return CleanVerdict { status: Status::Proven, because: because.ids() };
        }
        self.readers.iter().filter_map(|reader| reader.line(record)).for_each(|(id, _)| because.push(id));
        let status = if because.count == 0 { Status::Unchecked } else { Status::Consistent };
        CleanVerdict { status, because: because.ids() }
    }
}

/// The first reasons for a verdict.
#[derive(Default)]
struct Because {
    ids: [u32; MAX_REASONS],
    count: usize,
}

impl Because {
    #[inline]
    fn push(&mut self, id: u32) {
        if let Some(place) = self.ids.get_mut(self.count) {
            *place = id;
            self.count += 1;
        }
    }

    #[inline]
    fn ids(&self) -> CheckIds {
        match self.ids {
            [first, second, ..] if self.count <= 2 => CheckIds::from_buf_and_len([first, second], self.count),
            _ => CheckIds::from_slice(&self.ids[..self.count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::{CleanVerdicts, TableView, prove_clean};
    use crate::Budget;
    use crate::proof::sample::{schema, table};
    use crate::proof::{Verdicts, prove_at_length};
    use crate::schema::Schema;

    fn as_verdicts(clean: Vec<CleanVerdicts>) -> Verdicts {
        Verdicts { tables: clean.iter().map(CleanVerdicts::to_verdicts).collect() }
    }

    /// What the short way says of some tables, after a look at what the long way says.
    fn both(rows: &[Vec<String>], schema: &Arc<Schema>) -> Option<Verdicts> {
        let rows: Vec<String> = rows.iter().map(|row| row.join("|")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let tables = [table(schema, &rows), table(schema, &rows)];
        let views = tables.iter().map(|alignment| TableView { alignment, plain: None });
        let short = as_verdicts(prove_clean(views)?);
        let mut reported = Vec::new();
        let mut budget = Budget::new(10_000);
        let long = prove_at_length("", &tables, &mut budget, &mut reported);
        assert_eq!(short, long);
        assert!(reported.is_empty() && budget.used() == 0);
        Some(short)
    }

    fn account(checks: &[&str]) -> Schema {
        schema("account", &["debit", "credit", "balance"], checks, &[])
    }

    const CHECKS: [&str; 2] = ["balance = prev(balance) + credit - debit", "debit * credit = 0"];

    /// A running account: amounts in cents, 0 printed as nothing.
    fn postings(amounts: &[(i64, bool)], start: i64) -> Vec<Vec<String>> {
        let money = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
        let mut balance = start;
        let row = |&(amount, is_credit): &(i64, bool)| {
            balance += if is_credit { amount } else { -amount };
            let print = |is_own: bool| if is_own && amount != 0 { money(amount) } else { String::new() };
            vec![print(!is_credit), print(is_credit), money(balance)]
        };
        amounts.iter().map(row).collect()
    }

    #[test]
    fn a_clean_account_takes_the_short_way() {
        let rows = postings(&[(500, true), (250, false), (0, true), (9_999, true), (1, false)], 100_000);
        let verdicts = both(&rows, &Arc::new(account(&CHECKS))).unwrap();
        assert_eq!(verdicts.tables[1].checks.len(), 9);
        let newest = Schema { newest_first: true, ..account(&CHECKS) };
        let rows: Vec<Vec<String>> = rows.into_iter().rev().collect();
        assert!(both(&rows, &Arc::new(newest)).is_some());
    }

    #[test]
    fn what_raises_a_question_does_not() {
        let schema = Arc::new(account(&CHECKS));
        let clean = postings(&[(500, true), (250, false), (700, true)], 100_000);
        for (row, column, print) in [(1, 0, "2.51"), (1, 0, ""), (1, 0, "2.5"), (1, 0, "two"), (2, 0, "7.00")]
        {
            let mut rows = clean.clone();
            rows[row][column] = print.to_owned();
            assert!(both(&rows, &schema).is_none(), "{print}");
        }
        assert!(both(&clean, &Arc::new(account(&[]))).is_none());
        assert!(both(&clean, &Arc::new(account(&["balance >= debit"]))).is_none());
    }

    /// Every table between tabs, pipes and blanks that is clean, as rebuilding reads it.
    #[test]
    fn read_tables_are_proven_alike() {
        use crate::Rebuilder;
        use crate::hints::Hints;
        use crate::proof::Said;
        use crate::text::Source;

        let head = "Date\tDescription\tDebit\tCredit\tBalance\n";
        let rows = "2023-04-01\tRent\t100.00\t\t900.00\n2023-04-02\tPay\t\t50.00\t950.00\n\
                    2023-04-03\tOil\t-\t7.25\t957.25\n2023-04-04\tTax\t57.25\t\t900.00\n";
        let tabs = format!("{head}{rows}");
        let layout: String = tabs
            .lines()
            .map(|line| line.split('\t').map(|cell| format!("{cell:>14}")).collect::<String>() + "\n")
            .collect();
        let mut told = 0;
        for text in [&tabs, &layout, &format!("{tabs}\nIn between.\n\n{tabs}"), &tabs.replace("7.25", "7.26")]
        {
            let rebuilder = Rebuilder::new();
            let hints = Hints::default();
            let reading = rebuilder.read(Source::new(text), &hints);
            let text = reading.prepared.markup.source.text();
            let mut trace = rebuilder.trace(text, &reading.prepared, reading.regions, &hints, reading.found);
            let Said::Clean(clean) = std::mem::take(&mut trace.said) else { continue };
            let short = as_verdicts(clean);
            let alignments: Vec<_> = trace
                .tables
                .into_iter()
                .map(|mut table| {
                    table.fill_in(text);
                    table.alignment
                })
                .collect();
            let mut budget = Budget::new(10_000);
            assert_eq!(short, prove_at_length(text, &alignments, &mut budget, &mut Vec::new()), "{text}");
            told += 1;
        }
        assert_eq!(told, 3);
    }

    proptest! {
        /// Random accounts under rules of every form: where the short way says something, the long way says the same.
        #[test]
        fn both_ways_agree(
            amounts in proptest::collection::vec((0i64..20_000, any::<bool>()), 0..8),
            start in 0i64..200_000,
            rules in proptest::sample::subsequence(vec![
                "balance = prev(balance) + credit - debit",
                "prev(balance) = balance - credit + debit",
                "debit * credit = 0",
                "0 = credit * debit",
                "total(debit) = sum(debit)",
                "credit - debit + prev(balance) = balance",
            ], 1..4),
            is_newest_first in any::<bool>(),
            minimum in proptest::option::of(0i64..150_000),
        ) {
            let mut schema = Schema { newest_first: is_newest_first, ..account(&rules) };
            if let Some(field) = schema.fields.iter_mut().find(|field| field.name == "balance") {
                field.constraints.minimum = minimum.and_then(|cents| crate::text::Decimal::new(cents.into(), 2));
            }
            let mut rows = postings(&amounts, start + 160_000);
            if is_newest_first {
                rows.reverse();
            }
            let is_told = both(&rows, &Arc::new(schema)).is_some();
            let has_all = rows.iter().any(|row| !row[0].is_empty()) && rows.iter().any(|row| !row[1].is_empty());
            prop_assert!(is_told || !has_all || rows.len() < 2 || rules == ["total(debit) = sum(debit)"]);
        }
    }
}
