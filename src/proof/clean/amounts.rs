//! The numbers that rules read, column by column, as whole numbers on one printed grid.

use super::TableView;
use crate::align::{AlignedCell, Alignment, Slot};
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
    let mut readers = Vec::new();
    for column in (0..is_read.len()).filter(|&column| is_read[column]) {
        readers.push((column, Reader::new(table, schema, column)?));
    }
    let width = table.columns.len();
    match view.plain {
        Some(cells) => read_amounts(table, &mut readers, |cell| cells.get(cell).map(|cell| cell.value))?,
        None => read_amounts(table, &mut readers, |cell| table.cells.get(cell).and_then(plain))?,
    }
    let mut amounts: Vec<Option<Amounts>> = (0..width).map(|_| None).collect();
    for (column, reader) in readers {
        amounts[column] = Some(reader.amounts()?);
    }
    Some(amounts)
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
fn plain(cell: &AlignedCell<'_>) -> Option<PlainValue> {
    match (cell.slot, cell.content.value) {
        (Slot::Printed, Some(CellValue::Number(number))) => PlainValue::number(number),
        (Slot::Blank | Slot::Nil, _) => Some(PlainValue::BLANK),
        _ => Some(PlainValue::TEXT),
    }
}

/// Reads the amounts of one column.
struct Reader {
    values: Vec<i64>,
    is_printed: Vec<bool>,
    /// The printed decimals; [`Self::UNKNOWN`] before a number has said them.
    scale: u32,
}

impl Reader {
    const UNKNOWN: u32 = u32::MAX;

    /// `None` where the column holds no amounts of one grid.
    fn new(table: &Alignment<'_>, schema: &Schema, column: usize) -> Option<Self> {
        let own = table.columns.get(column)?;
        let field = own.field.and_then(|field| schema.fields.get(field));
        if !own.is_printed || own.percent || field.is_some_and(|field| field.percent) {
            return None;
        }
        let count = table.rows.len();
        let (values, is_printed) = (Vec::with_capacity(count), Vec::with_capacity(count));
        Some(Self { values, is_printed, scale: Self::UNKNOWN })
    }

    /// Reads a cell; `None` where the column is not of one printed grid with it.
    #[inline]
    fn read(&mut self, value: PlainValue, is_record: bool) -> Option<()> {
        let is_number = value.kind == Plain::Number;
        if is_number && value.scale != self.scale {
            self.settle(value)?;
        }
        if is_record {
            // Words between the records are read by no rule.
            if !is_number && !matches!(value.kind, Plain::Blank | Plain::Nil) {
                return None;
            }
            self.values.push(value.mantissa);
            self.is_printed.push(is_number);
        }
        Some(())
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

    /// `None` where no number says how many decimals there are.
    fn amounts(self) -> Option<Amounts> {
        let is_known = self.scale != Self::UNKNOWN;
        is_known.then_some(Amounts { values: self.values, is_printed: self.is_printed, scale: self.scale })
    }
}

/// Reads all columns, row by row: cells are many, and stand together by rows. `value` has what the cell at a place says.
fn read_amounts(
    table: &Alignment<'_>,
    readers: &mut [(usize, Reader)],
    value: impl Fn(usize) -> Option<PlainValue>,
) -> Option<()> {
    let width = table.columns.len();
    for (index, row) in table.rows.iter().enumerate() {
        let is_record = row.kind == RowKind::Data;
        for (column, reader) in &mut *readers {
            reader.read(value(index * width + *column)?, is_record)?;
        }
    }
    Some(())
}
