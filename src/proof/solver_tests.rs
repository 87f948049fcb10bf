use std::sync::Arc;

use super::sample::{place, schema, table};
use super::{CellVerdict, Outcome, Verdicts, prove};
use crate::Budget;
use crate::align::Alignment;
use crate::schema::Schema;
use crate::table::{CheckStatus, Status};

fn bank() -> Arc<Schema> {
    let rules = ["balance = prev(balance) + credit - debit", "debit * credit = 0"];
    Arc::new(schema("bank", &["what$", "debit#", "credit#", "balance"], &rules, &[]))
}

fn run(tables: &[Alignment<'_>]) -> Verdicts {
    prove("", tables, &mut Budget::new(1_000_000), &mut Vec::new())
}

fn cell(verdicts: &Verdicts, row: usize, column: usize, width: usize) -> &CellVerdict {
    &verdicts.tables[0].cells[row * width + column]
}

fn inferred(cell: &CellVerdict) -> Option<String> {
    match cell.outcome {
        Outcome::Inferred(value) if cell.status == Status::Proven => Some(value.to_string()),
        _ => None,
    }
}

#[test]
fn a_lost_balance_and_a_dropped_amount_are_inferred() {
    let rows = ["Open|||100.00", "Shop|30.00||?", "Wage|||1,070.00", "Rest|20.00||1,050.00"];
    let verdicts = run(&[table(&bank(), &rows)]);
    // The wage was dropped and the balance above it lost: that one is forced by its own row, then the wage is.
    assert_eq!(inferred(cell(&verdicts, 1, 3, 4)).as_deref(), Some("70.00"));
    assert_eq!(inferred(cell(&verdicts, 2, 2, 4)).as_deref(), Some("1000.00"));
    let rows = ["Open|||100.00", "Shop|30.00||70.00", "Wage|||1,070.00", "Rest|20.00||1,050.00"];
    let verdicts = run(&[table(&bank(), &rows)]);
    assert_eq!(inferred(cell(&verdicts, 2, 2, 4)).as_deref(), Some("1000.00"));
    assert_eq!(cell(&verdicts, 2, 1, 4).outcome, Outcome::Kept);
    assert!(verdicts.tables[0].checks.iter().all(|check| check.status == CheckStatus::Holds));
}

#[test]
fn a_blank_that_no_check_misses_stays_blank() {
    let rows = ["Open|||100.00", "Shop|30.00||70.00", "None|||70.00"];
    let verdicts = run(&[table(&bank(), &rows)]);
    assert_eq!(cell(&verdicts, 2, 1, 4).outcome, Outcome::Kept);
    assert_eq!(cell(&verdicts, 2, 1, 4).status, Status::Consistent);
}

#[test]
fn packed_amounts_find_their_rows() {
    let mut rows = table(&bank(), &["Open|||100.00", "a|?|?|90.00", "b|?|?|95.00", "c|?|?|80.00"]);
    place(&mut rows, "debit", &[1, 2, 3], &["10.00", "15.00"]);
    place(&mut rows, "credit", &[1, 2, 3], &["5.00"]);
    let verdicts = run(&[rows]);
    let token = |row, column| match cell(&verdicts, row, column, 4).outcome {
        Outcome::Token { token, .. } => Some(token),
        _ => None,
    };
    assert_eq!((token(1, 1), token(2, 2), token(3, 1)), (Some(0), Some(0), Some(1)));
    assert_eq!(inferred(cell(&verdicts, 2, 1, 4)).as_deref(), Some("0.00"));
    assert_eq!(inferred(cell(&verdicts, 1, 2, 4)).as_deref(), Some("0.00"));
}

#[test]
fn elimination_settles_what_bounds_do_not() {
    let rules = ["s = x + y", "d = x - y"];
    let schema = Arc::new(schema("t", &["n$", "x", "y", "s", "d"], &rules, &[]));
    let verdicts = run(&[table(&schema, &["r|?|?|10|4", "q|1|2|3|-1"])]);
    assert_eq!(inferred(cell(&verdicts, 0, 1, 5)).as_deref(), Some("7"));
    assert_eq!(inferred(cell(&verdicts, 0, 2, 5)).as_deref(), Some("3"));
}

#[test]
fn a_clash_is_named_and_nothing_is_inferred_from_it() {
    let rules = ["c = a + b", "c = a - b"];
    let schema = Arc::new(schema("t", &["n$", "a", "b#", "c"], &rules, &[]));
    let verdicts = run(&[table(&schema, &["r|5|?|7", "q|2|0|2"])]);
    assert_eq!(inferred(cell(&verdicts, 0, 2, 4)), None);
    assert_eq!(cell(&verdicts, 0, 1, 4).status, Status::Contradicted);
    assert_eq!(cell(&verdicts, 0, 3, 4).status, Status::Contradicted);
}

#[test]
fn prints_in_doubt_carry_no_inference() {
    let rules = ["c = a + b", "total(c) = sum(c)"];
    let schema = Arc::new(schema("t", &["n$", "a", "b", "c"], &rules, &[]));
    let verdicts = run(&[table(&schema, &["r|10|20|99", "q|?|4|?", "=Total|||39"])]);
    assert_eq!(cell(&verdicts, 0, 3, 4).status, Status::Contradicted);
    assert_eq!(inferred(cell(&verdicts, 1, 3, 4)), None);
    assert_eq!(inferred(cell(&verdicts, 1, 1, 4)), None);
}

#[test]
fn a_spent_budget_leaves_cells_open() {
    let mut rows = table(&bank(), &["Open|||100.00", "a|?|?|90.00", "b|?|?|95.00", "c|?|?|80.00"]);
    place(&mut rows, "debit", &[1, 2, 3], &["10.00", "15.00"]);
    let mut sink = Vec::new();
    let verdicts = prove("", &[rows], &mut Budget::new(5), &mut sink);
    assert_eq!(cell(&verdicts, 1, 1, 4).status, Status::Open);
    assert_eq!(cell(&verdicts, 1, 1, 4).outcome, Outcome::Kept);
    assert_eq!(sink[0].code, crate::table::Code::BudgetSpent);
}

#[test]
fn rounded_sums_infer_sets_and_not_values() {
    let schema = Arc::new(schema("t", &["n$", "a", "b", "c"], &["c ~= a + b"], &[]));
    let verdicts = run(&[table(&schema, &["r|1|2|?", "q|1|2|4"])]);
    assert_eq!(cell(&verdicts, 0, 3, 4).status, Status::Ambiguous);
    assert_eq!(cell(&verdicts, 0, 3, 4).outcome, Outcome::Missing);
}
