//! The numbers that rules read, column by column, as whole numbers on one printed grid.

use super::TableView;
use crate::align::{AlignedCell, Alignment, PlainCell, Slot};
use crate::column::plain::{Plain, PlainValue};
use crate::schema::Schema;
use crate::schema::check::Expression;
use crate::table::{CellValue, RowKind};

/// More decimals than this are no amounts: the long way knows what fits.
pub(super) const MAX_SCALE: u32 = 12;

/// The amounts of one column, one a record, in units of its last printed place.
#[derive(Debug)]
pub(super) struct Amounts {
    pub(super) values: Vec<i64>,
    /// Whether a number is printed, where the value is 0 because none is.
    pub(super) is_printed: Vec<bool>,
    pub(super) scale: u32,
}

/// The amounts of every column that a rule reads; `None` where one of them is not of one printed grid throughout.
pub(super) fn amounts(view: TableView<'_, '_>, schema: &Schema) -> Option<Vec<Option<Amounts>>> {
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
                let cells = cells.chunks_exact(width.max(1)).map(|row| Amount::of_plain(row[column]));
                column_amounts(table, schema, column, cells)
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

/// What a cell says to a rule. No enumeration with fields, which would be taken apart and put together for every cell.
#[derive(Clone, Copy)]
struct Amount {
    kind: AmountKind,
    scale: u32,
    mantissa: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum AmountKind {
    Number,
    /// A number that is longer than the short way counts with.
    Long,
    /// Nothing is printed, or a nil mark.
    Blank,
    Other,
}

impl Amount {
    const fn without_number(kind: AmountKind) -> Self {
        Self { kind, scale: 0, mantissa: 0 }
    }

    fn of(cell: &AlignedCell<'_>) -> Self {
        match (cell.slot, cell.content.value) {
            (Slot::Printed, Some(CellValue::Number(number))) => match i64::try_from(number.mantissa()) {
                Ok(mantissa) => Self { kind: AmountKind::Number, scale: number.scale().into(), mantissa },
                Err(_) => Self { kind: AmountKind::Long, scale: number.scale().into(), mantissa: 0 },
            },
            (Slot::Blank | Slot::Nil, _) => Self::without_number(AmountKind::Blank),
            _ => Self::without_number(AmountKind::Other),
        }
    }

    #[inline]
    fn of_plain(cell: PlainCell) -> Self {
        let PlainValue { kind, scale, mantissa } = cell.value;
        match kind {
            Plain::Number => Self { kind: AmountKind::Number, scale, mantissa },
            Plain::Blank | Plain::Nil => Self::without_number(AmountKind::Blank),
            Plain::Absent | Plain::Text | Plain::Date => Self::without_number(AmountKind::Other),
        }
    }

    /// A `0` without decimals is an exact zero, and says nothing of its column's.
    fn is_bare_zero(self) -> bool {
        self.kind == AmountKind::Number && self.mantissa == 0 && self.scale == 0
    }

    /// The printed decimals, where they say something.
    fn scale(self) -> Option<u32> {
        let is_number = matches!(self.kind, AmountKind::Number | AmountKind::Long);
        (is_number && !self.is_bare_zero()).then_some(self.scale)
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
        let is_record = row.kind == RowKind::Data;
        match cell.kind {
            AmountKind::Number if cell.scale != scale && !cell.is_bare_zero() => return None,
            AmountKind::Long => return None,
            // Words between the records are read by no rule.
            AmountKind::Other if is_record => return None,
            AmountKind::Number | AmountKind::Blank | AmountKind::Other => {}
        }
        if is_record {
            amounts.values.push(cell.mantissa);
            amounts.is_printed.push(cell.kind == AmountKind::Number);
        }
    }
    Some(amounts)
}
