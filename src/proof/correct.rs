//! Prints that may be read otherwise where a proof forces it: confused characters, lost decimal points.
//!
//! `1,6OO.00` in a column of amounts is no number; it is an open cell of the proof, and where the checks leave one value and
//! that value is one reading of the print, the cell is corrected. `143840` in a column that prints two decimals throughout
//! is a number; only where a check fails with it is it put in question, and corrected where the checks then force the
//! same digits with the column's decimals. Any other clean print stands: its source may be wrong.

use super::board::Board;
use super::constraint::Var;
use super::rational::Rational;
use crate::align::{AlignedCell, Alignment, Slot};
use crate::table::CellValue;
use crate::text::Decimal;
use crate::text::value::read_confused;

/// Other numbers of a column that have to show its decimals before one without them is in question.
const MIN_NEIGHBOURS: usize = 2;

/// Whether a print without a value, in a column of numbers, is a number with confused characters.
pub(crate) fn is_confused(table: &Alignment<'_>, cell: &AlignedCell<'_>, column: usize) -> bool {
    let is_numeric = table.columns.get(column).is_some_and(|column| column.kind.is_numeric());
    is_numeric && cell.choice.is_none() && !confused_readings(&cell.content.text).is_empty()
}

fn confused_readings(text: &str) -> Vec<Decimal> {
    // Most prints have a value, and most of the rest no digit: only what is left is read.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    read_confused(text).iter().filter_map(|reading| reading.number().map(|number| number.amount)).collect()
}

/// The other readings of a settled or confused print, if it is one that a proof may correct.
pub(crate) fn readings(board: &Board<'_, '_>, var: Var) -> Vec<Decimal> {
    let Some(cell) = board.cell(var).filter(|cell| cell.slot == Slot::Printed && cell.choice.is_none())
    else {
        return Vec::new();
    };
    match cell.content.value {
        None => confused_readings(&cell.content.text),
        Some(CellValue::Number(number)) => without_point(board, var, cell, number).into_iter().collect(),
        Some(_) => Vec::new(),
    }
}

/// The number with the decimals of its column, where it prints none and all its neighbours do.
fn without_point(
    board: &Board<'_, '_>,
    var: Var,
    cell: &AlignedCell<'_>,
    number: Decimal,
) -> Option<Decimal> {
    let is_bare = cell.content.text.bytes().all(|byte| byte.is_ascii_digit()) && !number.is_zero();
    if !is_bare || number.scale() > 0 {
        return None;
    }
    let (table, row, column) = board.place(var)?;
    let alignment = board.tables.get(table)?;
    let neighbours = (0..alignment.rows.len()).filter(|&other| other != row).filter_map(|other| {
        match alignment.cell(other, column)?.content.value {
            Some(CellValue::Number(other)) if !other.is_zero() => Some(other.scale()),
            _ => None,
        }
    });
    let mut scale = None;
    let mut count = 0;
    for other in neighbours {
        if other == 0 || scale.is_some_and(|scale| scale != other) {
            return None;
        }
        scale = Some(other);
        count += 1;
    }
    let scale = scale.filter(|_| count >= MIN_NEIGHBOURS)?;
    Decimal::new(number.mantissa(), scale)
}

/// The reading of a print that equals `value`, as it is printed.
pub(crate) fn corrected(board: &Board<'_, '_>, var: Var, value: Rational) -> Option<Decimal> {
    let percent = board.fact(var).percent;
    readings(board, var).into_iter().find(|&reading| super::board::plain(reading, percent) == Some(value))
}

/// Whether the cell prints something, so that a value of its own could only correct it.
pub(crate) fn is_print(board: &Board<'_, '_>, var: Var) -> bool {
    board.cell(var).is_some_and(|cell| cell.slot == Slot::Printed && cell.choice.is_none())
}

/// Whether a failing check puts the print in question.
pub(crate) fn is_suspect(board: &Board<'_, '_>, var: Var) -> bool {
    let has_value = board.cell(var).is_some_and(|cell| cell.content.value.is_some());
    has_value && is_print(board, var) && !readings(board, var).is_empty()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::Budget;
    use crate::proof::sample::{schema, table};
    use crate::proof::{CellVerdict, Outcome, prove};
    use crate::table::Status;

    fn judged(rows: &[&str]) -> Vec<CellVerdict> {
        let rules = ["balance = prev(balance) + credit - debit", "debit * credit = 0"];
        let schema = Arc::new(schema("bank", &["what$", "debit", "credit", "balance"], &rules, &[]));
        let mut tables = [table(&schema, rows)];
        for cell in &mut tables[0].cells {
            // The sample reads whatever is no number as text; confused prints have no value at all.
            if cell.content.text.contains('O') && cell.content.text.ends_with(|c: char| c.is_ascii_digit()) {
                cell.content.value = None;
            }
        }
        prove("", &tables, &mut Budget::new(10_000), &mut Vec::new()).tables.remove(0).cells
    }

    #[test]
    fn a_confused_print_is_corrected_where_the_checks_force_it() {
        let rows = ["Open|||1,100.00", "Rent|1O0.00||1,000.00", "Wage||250.00|1,250.00"];
        let cells = judged(&rows);
        assert_eq!(
            (cells[5].outcome, cells[5].status),
            (Outcome::Corrected("100.00".parse().unwrap()), Status::Proven)
        );
        // Nothing forces the first balance but the print in question, which no check reads twice.
        let cells = judged(&["Open|||1,1O0.00"]);
        assert_eq!(cells[3].outcome, Outcome::Kept);
        assert_ne!(cells[3].status, Status::Proven);
    }

    #[test]
    fn a_print_that_the_forced_value_is_no_reading_of_stays() {
        let cells = judged(&["Open|||1,100.00", "Rent|3O0.00||1,000.00", "Wage||250.00|1,250.00"]);
        assert_eq!(cells[5].outcome, Outcome::Kept);
        assert_eq!(cells[5].status, Status::Contradicted);
    }

    #[test]
    fn a_lost_point_is_corrected_and_other_clean_prints_stay() {
        let rows = [
            "Open|||1,100.00",
            "Rent|15050||949.50",
            "Wage||250.00|1,199.50",
            "Fee|9.50||1,190.00",
            "Tea|3.20||1,186.80",
        ];
        let cells = judged(&rows);
        assert_eq!(
            (cells[5].outcome, cells[5].status),
            (Outcome::Corrected("150.50".parse().unwrap()), Status::Proven)
        );
        let mut wrong = rows;
        wrong[1] = "Rent|15051||949.50";
        let cells = judged(&wrong);
        assert_eq!((cells[5].outcome, cells[5].status), (Outcome::Kept, Status::Contradicted));
    }
}
