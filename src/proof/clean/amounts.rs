//! The numbers that rules read, as whole numbers on the printed grid of their column.

use crate::align::{AlignedCell, Alignment, Slot};
use crate::column::plain::{Plain, PlainValue};
use crate::schema::Schema;
use crate::schema::check::Expression;
use crate::table::CellValue;

/// More decimals than this are no amounts: the long way knows what fits.
pub(super) const MAX_SCALE: u8 = 12;

/// Readers of all columns that a rule reads; `None` where one of them holds no amounts of one grid.
pub(super) fn readers(table: &Alignment<'_>, schema: &Schema) -> Option<Vec<Reader>> {
    let mut is_read = vec![false; table.columns.len()];
    for check in &schema.checks {
        for side in [&check.left, &check.right] {
            note_fields(table, side, &mut is_read);
        }
    }
    let columns = (0..is_read.len()).filter(|&column| is_read[column]);
    columns.map(|column| Reader::new(table, schema, column)).collect()
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

/// What a cell says to a rule; `None` for a number that is longer than the short way counts with.
pub(super) fn plain(cell: &AlignedCell<'_>) -> Option<PlainValue> {
    match (cell.slot, cell.content.value) {
        (Slot::Printed, Some(CellValue::Number(number))) => PlainValue::number(number),
        (Slot::Blank | Slot::Nil, _) => Some(PlainValue::BLANK),
        _ => Some(PlainValue::TEXT),
    }
}

/// Reads the amounts of one column, cell by cell.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) column: usize,
    /// The printed decimals; [`Self::UNKNOWN`] before a number has said them.
    scale: u8,
}

impl Reader {
    const UNKNOWN: u8 = u8::MAX;

    /// `None` where the column holds no amounts of one grid.
    fn new(table: &Alignment<'_>, schema: &Schema, column: usize) -> Option<Self> {
        let own = table.columns.get(column)?;
        let field = own.field.and_then(|field| schema.fields.get(field));
        let is_percent = own.percent || field.is_some_and(|field| field.percent);
        (own.is_printed && !is_percent).then_some(Self { column, scale: Self::UNKNOWN })
    }

    /// The amount of a cell in units of the column's last printed place, 0 where none is printed; `None` where the column is
    /// not of one printed grid with it.
    #[inline]
    pub(super) fn read(&mut self, value: PlainValue, is_record: bool) -> Option<i64> {
        let is_number = value.kind == Plain::Number;
        if is_number && value.scale != self.scale {
            self.settle(value)?;
        }
        // Words between the records are read by no rule.
        let is_amount = is_number || !is_record || matches!(value.kind, Plain::Blank | Plain::Nil);
        is_amount.then_some(value.mantissa)
    }

    /// Takes in a number with other decimals; a `0` without any is exact, and says nothing of its column's.
    fn settle(&mut self, number: PlainValue) -> Option<()> {
        let is_bare_zero = number.mantissa == 0 && number.scale == 0;
        if !is_bare_zero {
            if self.scale != Self::UNKNOWN || number.scale > MAX_SCALE {
                return None;
            }
            self.scale = number.scale;
        }
        Some(())
    }

    /// The decimals of the column; `None` where no number says how many there are.
    pub(super) fn scale(&self) -> Option<u8> {
        (self.scale != Self::UNKNOWN).then_some(self.scale)
    }
}
