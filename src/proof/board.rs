//! The board: every cell of the document as a variable, with what its print says of its value.

use std::cmp::Ordering;

use super::constraint::Var;
use super::correct::is_confused;
use super::evaluate::Interval;
use super::rational::{Rational, power_of_ten};
use super::sign::unsigned_columns;
use crate::align::{AlignedCell, AlignedColumn, Alignment, Choice, Slot};
use crate::schema::{Blank, FieldKind};
use crate::table::{CellValue, RowKind};
use crate::text::Decimal;

/// What is known of a variable before anything is proven.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Known {
    /// A settled number.
    Number(Rational),
    /// Blank or nil: counts as 0.
    Empty,
    /// Lost, or part of an open choice.
    Unknown,
    /// No number: text, or a column without print.
    Unusable,
}

/// A variable with what the rounding rules need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fact {
    pub(crate) known: Known,
    /// Decimals of the plain number: printed ones, and two more for a percentage.
    pub(crate) scale: u8,
    /// No rounding stands behind the print: a bare `0`, a nil mark, a blank.
    pub(crate) is_exact: bool,
    /// Whether the printed number is a percentage.
    pub(crate) percent: bool,
}

impl Fact {
    /// Half of the last printed place, 0 for exact prints.
    pub(crate) fn half_unit(&self) -> Option<Rational> {
        if self.is_exact { Some(Rational::ZERO) } else { Rational::half_unit(self.scale) }
    }

    pub(crate) fn value(&self) -> Option<Rational> {
        match self.known {
            Known::Number(value) => Some(value),
            Known::Empty => Some(Rational::ZERO),
            Known::Unknown | Known::Unusable => None,
        }
    }
}

/// All variables of a document.
#[derive(Debug)]
pub(crate) struct Board<'a, 't> {
    pub(crate) tables: &'a [Alignment<'t>],
    /// First variable of each table.
    starts: Vec<usize>,
    /// One a cell, then one a constant.
    pub(crate) facts: Vec<Fact>,
    /// Decimals of each column's plain numbers, by table and column.
    pub(crate) scales: Vec<Vec<u8>>,
    /// What cells of records, and of other rows, may hold, by table and column.
    domains: Vec<Vec<[Interval; 2]>>,
    /// Number of cell variables; constants follow.
    pub(crate) cell_count: usize,
    /// The choice of every cell, one more than its number in its table; 0: none. Up to the last cell of a choice.
    choices: Vec<u32>,
    /// First constant of each table, by table.
    pub(crate) constant_starts: Vec<usize>,
}

/// Whether the numbers of a column are percentages, by print or by schema.
pub(crate) fn is_percent(table: &Alignment<'_>, column: usize) -> bool {
    let Some(column) = table.columns.get(column) else { return false };
    let field = table.schema.as_ref().zip(column.field).and_then(|(schema, field)| schema.fields.get(field));
    column.percent || field.is_some_and(|field| field.percent)
}

/// The plain number of a printed one: percentages are divided by 100.
pub(crate) fn plain(value: Decimal, percent: bool) -> Option<Rational> {
    let whole = Rational::decimal(value)?;
    if percent { whole.mul(Rational::new(1, 100)?) } else { Some(whole) }
}

/// The printed form of a plain number at `scale` plain decimals; `None` where it is not on that grid.
pub(crate) fn printed(value: Rational, scale: u8, percent: bool) -> Option<Decimal> {
    let mantissa = value.mul(Rational::integer(power_of_ten(scale)?))?;
    let shift = if percent { 2 } else { 0 };
    if mantissa.is_whole() { Decimal::new(mantissa.floor(), scale.checked_sub(shift)?) } else { None }
}

impl<'a, 't> Board<'a, 't> {
    pub(crate) fn new(tables: &'a [Alignment<'t>]) -> Self {
        let mut board = Self {
            tables,
            starts: Vec::with_capacity(tables.len()),
            facts: Vec::new(),
            scales: Vec::with_capacity(tables.len()),
            domains: tables.iter().map(column_domains).collect(),
            cell_count: 0,
            choices: Vec::new(),
            constant_starts: Vec::with_capacity(tables.len()),
        };
        for (index, table) in tables.iter().enumerate() {
            board.starts.push(board.facts.len());
            board.index_choices(index);
            let scales = column_scales(table);
            let facts = table_facts(table, &scales);
            if board.facts.is_empty() {
                board.facts = facts;
            } else {
                board.facts.extend(facts);
            }
            board.scales.push(scales);
        }
        board.cell_count = board.facts.len();
        for table in tables {
            board.constant_starts.push(board.facts.len());
            let count = table.schema.as_ref().map_or(0, |schema| schema.constants.len());
            let unknown = Fact { known: Known::Unknown, scale: 0, is_exact: true, percent: false };
            board.facts.extend(std::iter::repeat_n(unknown, count));
        }
        board
    }

    fn index_choices(&mut self, index: usize) {
        let table = &self.tables[index];
        let width = table.columns.len();
        for (number, choice) in table.choices.iter().enumerate() {
            for offset in choice.cells(width) {
                let cell = self.starts[index] + offset;
                if self.choices.len() <= cell {
                    self.choices.resize(cell + 1, 0);
                }
                self.choices[cell] = u32::try_from(number + 1).unwrap_or(0);
            }
        }
    }

    /// The choice on which the cell at `offset` of a table depends.
    pub(crate) fn choice_of(&self, table: usize, offset: usize) -> Option<usize> {
        let choice = *self.choices.get(self.starts.get(table)? + offset)? as usize;
        choice.checked_sub(1)
    }

    /// Table and number of the choice on which the cell `var` depends.
    pub(crate) fn choice_at(&self, var: Var) -> Option<(usize, usize)> {
        let (table, offset) = self.offset(var)?;
        Some((table, self.choice_of(table, offset)?))
    }

    pub(crate) fn var(&self, table: usize, row: usize, column: usize) -> Option<Var> {
        let width = self.tables.get(table)?.columns.len();
        Var::try_from(self.starts.get(table)? + row * width + column).ok()
    }

    pub(crate) fn constant(&self, table: usize, constant: usize) -> Option<Var> {
        Var::try_from(self.constant_starts.get(table)? + constant).ok()
    }

    /// The table whose schema names the constant `var`.
    pub(crate) fn constant_table(&self, var: Var) -> usize {
        self.constant_starts.partition_point(|&start| start <= var as usize).saturating_sub(1)
    }

    pub(crate) fn is_constant(&self, var: Var) -> bool {
        var as usize >= self.cell_count
    }

    #[inline]
    pub(crate) fn fact(&self, var: Var) -> &Fact {
        const NOTHING: Fact = Fact { known: Known::Unusable, scale: 0, is_exact: true, percent: false };
        self.facts.get(var as usize).unwrap_or(&NOTHING)
    }

    /// Table, row and column of a cell variable.
    pub(crate) fn place(&self, var: Var) -> Option<(usize, usize, usize)> {
        let (table, offset) = self.offset(var)?;
        let width = self.tables.get(table)?.columns.len();
        Some((table, offset / width, offset % width))
    }

    /// The place of a cell variable inside its table's cells.
    pub(crate) fn offset(&self, var: Var) -> Option<(usize, usize)> {
        let index = var as usize;
        if index >= self.cell_count {
            return None;
        }
        let table = self.starts.partition_point(|&start| start <= index).checked_sub(1)?;
        Some((table, index - self.starts.get(table)?))
    }

    /// The plain decimals that a value of this cell is printed with.
    pub(crate) fn column_scale(&self, var: Var) -> u8 {
        let scale =
            self.place(var).and_then(|(table, _, column)| self.scales.get(table)?.get(column).copied());
        scale.unwrap_or(0)
    }

    /// What the schema's limits, and the sign of its column, allow a cell of a record or a total.
    pub(crate) fn domain(&self, var: Var) -> Interval {
        let domain = || {
            let (index, row, column) = self.place(var)?;
            let is_record = self.tables.get(index)?.rows.get(row)?.kind == RowKind::Data;
            let [record, other] = self.domains.get(index)?.get(column)?;
            Some(if is_record { *record } else { *other })
        };
        domain().unwrap_or(Interval::ALL)
    }

    pub(crate) fn cell(&self, var: Var) -> Option<&'a AlignedCell<'t>> {
        let (table, offset) = self.offset(var)?;
        self.tables.get(table)?.cells.get(offset)
    }
}

/// What the schema's limits, and the sign of its columns, allow the cells of records, and of all other rows; one a column.
fn column_domains(table: &Alignment<'_>) -> Vec<[Interval; 2]> {
    let unsigned = unsigned_columns(table);
    let domains = |(column, own): (usize, &AlignedColumn)| {
        let is_unsigned = unsigned.get(column).copied().unwrap_or(false);
        let other = Interval { low: is_unsigned.then_some(Rational::ZERO), high: None };
        let field = own.field.and_then(|field| table.schema.as_ref()?.fields.get(field));
        let Some(constraints) = field.map(|field| &field.constraints) else { return [other, other] };
        let percent = is_percent(table, column);
        let side = |limit: Option<Decimal>| limit.and_then(|limit| plain(limit, percent));
        [Interval { low: side(constraints.minimum).or(other.low), high: side(constraints.maximum) }, other]
    };
    table.columns.iter().enumerate().map(domains).collect()
}

/// The most plain decimals that any number of a column has, tokens of open placements included.
///
/// A column that prints no number, or zeros alone, does not show its decimals: it gets those of the finest column of its
/// kind, for a grid too fine proves too little while one too coarse would prove what is not so.
fn column_scales(table: &Alignment<'_>) -> Vec<u8> {
    let width = table.columns.len();
    let mut scales: Vec<Option<u8>> = vec![None; width];
    let mut see = |column: usize, value: Option<CellValue>| {
        if let (Some(scale), Some(CellValue::Number(number))) = (scales.get_mut(column), value)
            && !(number.is_zero() && number.scale() == 0)
        {
            *scale = Some(scale.map_or(number.scale(), |scale| scale.max(number.scale())));
        }
    };
    for (index, cell) in table.cells.iter().enumerate() {
        see(index % width.max(1), cell.content.value);
    }
    for choice in &table.choices {
        match choice {
            Choice::Placement(placement) => {
                placement.tokens.iter().for_each(|token| see(placement.column, token.value));
            }
            Choice::Readings(options) => {
                let cells = options.iter().flat_map(|option| &option.cells);
                cells.for_each(|(cell, _, content)| see(cell % width.max(1), content.value));
            }
            Choice::Open(_) => {}
        }
    }
    settle_scales(table, &scales)
}

/// The decimals of every column, where `scales` has those that its numbers print, if they print any.
pub(crate) fn settle_scales(table: &Alignment<'_>, scales: &[Option<u8>]) -> Vec<u8> {
    let percents: Vec<bool> = (0..table.columns.len()).map(|column| is_percent(table, column)).collect();
    let finest = |percent: bool| {
        let alike = scales.iter().zip(&percents).filter(|(_, other)| **other == percent);
        alike.filter_map(|(scale, _)| *scale).max().unwrap_or(0)
    };
    let defaults = [finest(false), finest(true)];
    let scale_of = |(column, scale): (usize, &Option<u8>)| {
        let percent = percents[column];
        let is_whole = table.columns[column].kind == FieldKind::Integer && !percent;
        let default = if is_whole { 0 } else { defaults[usize::from(percent)] };
        scale.unwrap_or(default).saturating_add(if percent { 2 } else { 0 })
    };
    scales.iter().enumerate().map(scale_of).collect()
}

/// What the print says of every cell of a table.
fn table_facts(table: &Alignment<'_>, scales: &[u8]) -> Vec<Fact> {
    let width = table.columns.len().max(1);
    let percents: Vec<bool> = (0..table.columns.len()).map(|column| is_percent(table, column)).collect();
    let mut facts: Vec<Fact> = table
        .cells
        .iter()
        .enumerate()
        .map(|(index, cell)| {
            let column = index % width;
            let percent = percents.get(column).copied().unwrap_or(false);
            cell_fact(table, cell, column, percent, scales.get(column).copied().unwrap_or(0))
        })
        .collect();
    for (column, _) in percents.iter().enumerate().filter(|(_, percent)| !**percent) {
        hold_to_habit(&mut facts, column, width);
    }
    for cell in table.choices.iter().flat_map(|choice| choice.cells(width)) {
        if let Some(fact) = facts.get_mut(cell)
            && fact.known != Known::Unusable
        {
            fact.known = Known::Unknown;
        }
    }
    facts
}

/// Prints of a column that tell its decimals.
const MIN_HABIT: usize = 3;

/// A print with fewer decimals than all others of its column is no rounding of its own: what it says is held to the
/// decimals that the column prints, and a number that was cut short passes no check as a rounding.
fn hold_to_habit(facts: &mut [Fact], column: usize, width: usize) {
    let is_number = |fact: &Fact| matches!(fact.known, Known::Number(value) if !value.is_zero());
    let printed = facts.iter().skip(column).step_by(width).filter(|fact| is_number(fact));
    if let Some(habit) = habit(printed.map(|fact| fact.scale)) {
        let own = facts.iter_mut().skip(column).step_by(width);
        own.filter(|fact| is_number(fact)).for_each(|fact| fact.scale = habit);
    }
}

/// The decimals that all numbers of a column but one print; `None` where fewer do, or that one prints more.
pub(crate) fn habit(scales: impl Iterator<Item = u8>) -> Option<u8> {
    let (mut habit, mut agreeing, mut printed) = (0, 0usize, 0usize);
    for scale in scales {
        printed += 1;
        match scale.cmp(&habit) {
            Ordering::Greater => (habit, agreeing) = (scale, 1),
            Ordering::Equal => agreeing += 1,
            Ordering::Less => {}
        }
    }
    is_habit(habit, agreeing, printed).then_some(habit)
}

/// Whether so many decimals, which `agreeing` numbers of `printed` have and none has more, are a habit of their column.
pub(crate) const fn is_habit(scale: u8, agreeing: usize, printed: usize) -> bool {
    scale > 0 && printed == agreeing + 1 && agreeing >= MIN_HABIT
}

fn cell_fact(
    table: &Alignment<'_>,
    cell: &AlignedCell<'_>,
    column: usize,
    percent: bool,
    column_scale: u8,
) -> Fact {
    let exact = |known| Fact { known, scale: column_scale, is_exact: true, percent };
    let rounded = |known| Fact { known, scale: column_scale, is_exact: false, percent };
    if cell.choice.is_some() {
        return rounded(Known::Unknown);
    }
    match (cell.slot, cell.content.value) {
        (Slot::Printed, None) if is_confused(table, cell, column) => rounded(Known::Unknown),
        (Slot::Printed, Some(CellValue::Number(number))) => number_fact(number, percent, column_scale),
        (Slot::Printed, _) | (Slot::Absent, _) => exact(Known::Unusable),
        (Slot::Nil, _) => exact(Known::Empty),
        (Slot::Lost, _) => rounded(Known::Unknown),
        (Slot::Blank, _) => match table.columns.get(column) {
            Some(column) if !column.is_printed => exact(Known::Unusable),
            Some(_) if is_blank_unknown(table, column) => rounded(Known::Unknown),
            _ => exact(Known::Empty),
        },
    }
}

/// The fact of a settled printed number.
pub(crate) fn number_fact(number: Decimal, percent: bool, column_scale: u8) -> Fact {
    let scale = number.scale().saturating_add(if percent { 2 } else { 0 });
    let is_exact = number.is_zero() && number.scale() == 0 && column_scale > scale;
    let known = plain(number, percent).map_or(Known::Unusable, Known::Number);
    Fact { known, scale: if is_exact { column_scale } else { scale }, is_exact, percent }
}

fn is_blank_unknown(table: &Alignment<'_>, column: usize) -> bool {
    let field = table.columns.get(column).and_then(|column| column.field);
    let field = table.schema.as_ref().zip(field).and_then(|(schema, field)| schema.fields.get(field));
    field.is_some_and(|field| field.blank == Blank::Unknown)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::proof::sample::{schema, table};

    #[test]
    fn a_lone_print_with_fewer_decimals_is_held_to_its_column() {
        let schema = Arc::new(schema("t", &["a"], &[], &[]));
        let scales = |rows: &[&str]| -> Vec<u8> {
            let table = table(&schema, rows);
            table_facts(&table, &column_scales(&table)).iter().map(|fact| fact.scale).collect()
        };
        assert_eq!(scales(&["1.25", "2.50", "3", "4.75"]), [2, 2, 2, 2]);
        // Two of them are a habit, and so is a column of few prints.
        assert_eq!(scales(&["1.25", "2", "3", "4.75", "5.00"]), [2, 0, 0, 2, 2]);
        assert_eq!(scales(&["1.25", "2.50", "3"]), [2, 2, 0]);
    }
}
