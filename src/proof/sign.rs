//! Which columns hold amounts without a sign of their own: what an unprinted value of theirs may not be.
//!
//! A schema that says `minimum` needs no guess. Where it says nothing, two facts of the table stand in for it:
//!
//! - *Sides*: a check `debit * credit = 0` says that two columns are the two sides of one amount. A negative debit would
//!   be a credit, so neither is negative.
//! - *Records without a minus*: where rows are records of one kind, a quantity that can be negative shows it. Of a column
//!   with at least [`MIN_PRINTED`] numbers, none of them negative, an unprinted one is taken not to be negative either.
//!
//! The second is no fact of a column that a check makes a difference (`balance = prev(balance) + credit - debit` may be
//! overdrawn once), nor of a table whose checks name rows for every column (`row("Net") = row("Gross") - row("Tax")`):
//! there every row is a quantity of its own, and one row's sign says nothing of another's.

use std::collections::BTreeSet;

use super::instantiate::uses;
use crate::align::{Alignment, Choice};
use crate::schema::Schema;
use crate::schema::check::{Check, Expression, Relation};
use crate::table::CellValue;

/// Printed numbers of a column from which on their common sign counts: signed columns of fewer rows often show no minus.
const MIN_PRINTED: usize = 3;

/// For every column of `table`, whether its unprinted values are not negative.
pub(crate) fn unsigned_columns(table: &Alignment<'_>) -> Vec<bool> {
    let width = table.columns.len();
    let Some(schema) = table.schema.as_deref() else { return vec![false; width] };
    let sides: BTreeSet<usize> = schema.checks.iter().flat_map(sides).collect();
    let are_records = !schema
        .checks
        .iter()
        .any(|check| uses(check, &|part| matches!(part, Expression::Row { field: None, .. })));
    let printed = printed_signs(table);
    (0..width)
        .map(|column| {
            let Some(field) = table.columns.get(column).and_then(|column| column.field) else { return false };
            let (count, has_negative) = printed[column];
            // A field whose amounts have marked sides says itself that they go both ways.
            let is_sided = schema.fields.get(field).is_some_and(|field| field.sign.is_some());
            let has_kept_sign =
                are_records && !is_sided && count >= MIN_PRINTED && !is_difference(schema, field);
            !has_negative && (sides.contains(&field) || has_kept_sign)
        })
        .collect()
}

/// The two fields of `a * b = 0`.
fn sides(check: &Check) -> Vec<usize> {
    let is_zero = |side: &Expression| matches!(side, Expression::Number(number) if number.is_zero());
    match (&check.left, &check.right) {
        (Expression::Multiply(a, b), zero) | (zero, Expression::Multiply(a, b))
            if check.relation == Relation::Equal && is_zero(zero) =>
        {
            match (&**a, &**b) {
                (Expression::Field(a), Expression::Field(b)) => vec![*a, *b],
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Whether a check gives the field, or its total, as something less something else.
fn is_difference(schema: &Schema, field: usize) -> bool {
    let is_own =
        |side: &Expression| matches!(side, Expression::Field(own) | Expression::Total(own) if *own == field);
    schema.checks.iter().any(|check| {
        (is_own(&check.left) && subtracts(&check.right)) || (is_own(&check.right) && subtracts(&check.left))
    })
}

fn subtracts(expression: &Expression) -> bool {
    match expression {
        Expression::Subtract(..) | Expression::Negative(_) => true,
        Expression::Add(a, b) | Expression::Multiply(a, b) | Expression::Divide(a, b) => {
            subtracts(a) || subtracts(b)
        }
        _ => false,
    }
}

/// How many numbers every column prints, tokens of open choices included, and whether one of them is negative.
fn printed_signs(table: &Alignment<'_>) -> Vec<(usize, bool)> {
    let width = table.columns.len();
    let mut signs = vec![(0usize, false); width];
    let mut see = |column: usize, value: Option<CellValue>| {
        if let (Some(sign), Some(CellValue::Number(number))) = (signs.get_mut(column), value) {
            sign.0 += 1;
            sign.1 |= number.is_negative();
        }
    };
    for (index, cell) in table.cells.iter().enumerate().filter(|(_, cell)| cell.choice.is_none()) {
        see(index % width.max(1), cell.content.value);
    }
    for choice in &table.choices {
        match choice {
            Choice::Placement(placement) => {
                placement.tokens.iter().for_each(|token| see(placement.column, token.value));
            }
            Choice::Readings(options) => {
                let first = options.first().into_iter().flat_map(|option| &option.cells);
                first.for_each(|(cell, _, content)| see(cell % width.max(1), content.value));
            }
            Choice::Open(_) => {}
        }
    }
    signs
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::proof::sample::{schema, table};

    #[test]
    fn sides_and_columns_without_a_minus_are_unsigned() {
        let rules = ["balance = prev(balance) + credit - debit", "debit * credit = 0"];
        let schema = Arc::new(schema("t", &["debit", "credit", "fee", "balance"], &rules, &[]));
        let rows = ["||1|9", "2||1|7", "|3|2|10", "1||1|9"];
        assert_eq!(unsigned_columns(&table(&schema, &rows)), [true, true, true, false]);
        let rows = ["||1|9", "2||-1|7", "|3|2|10", "1||1|9"];
        assert_eq!(unsigned_columns(&table(&schema, &rows)), [true, true, false, false]);
        assert_eq!(unsigned_columns(&table(&schema, &rows[..2])), [true, true, false, false]);
    }

    #[test]
    fn rows_that_are_quantities_of_their_own_say_nothing_of_one_another() {
        let rules = [r#"row("Net") = row("Gross") + row("Tax")"#];
        let schema = Arc::new(schema("t", &["name$", "a"], &rules, &[]));
        assert_eq!(unsigned_columns(&table(&schema, &["Gross|5", "Tax|2", "Net|7"])), [false, false]);
    }
}
