//! The numbers that rules read, column by column, as whole numbers on one printed grid.

use super::TableView;
use crate::align::{AlignedCell, Alignment, PlainCell, Slot};
use crate::column::plain::Plain;
use crate::schema::Schema;
use crate::schema::check::Expression;
use crate::table::{CellValue, RowKind};

/// More decimals than this are no amounts: the long way knows what fits.
const MAX_SCALE: u8 = 12;

/// The amounts of one column, one a record, in units of its last printed place.
#[derive(Debug)]
pub(super) struct Amounts {
    pub(super) values: Vec<i64>,
    /// Whether a number is printed, where the value is 0 because none is.
    pub(super) is_printed: Vec<bool>,
    pub(super) scale: u8,
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
        match cell.value.kind {
            Plain::Number => Self::Number { mantissa: Some(cell.value.mantissa), scale: cell.value.scale },
            Plain::Blank | Plain::Nil => Self::Blank,
            Plain::Absent | Plain::Text | Plain::Date => Self::Other,
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
