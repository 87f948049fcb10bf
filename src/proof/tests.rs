use std::sync::Arc;

use super::sample::{schema, table};
use super::{Verdicts, prove};
use crate::Budget;
use crate::align::Alignment;
use crate::table::{CheckStatus, Status};

fn run(tables: &[Alignment<'_>]) -> Verdicts {
    run_in("", tables)
}

fn run_in(text: &str, tables: &[Alignment<'_>]) -> Verdicts {
    prove(text, tables, &mut Budget::new(1_000_000), &mut Vec::new())
}

/// The statuses of a table as one letter a cell, a word a row.
fn statuses(verdicts: &Verdicts, table: usize, width: usize) -> String {
    let letter = |status: Status| match status {
        Status::Proven => 'P',
        Status::Consistent => 'c',
        Status::Unchecked => '.',
        Status::Ambiguous => 'A',
        Status::Contradicted => 'X',
        Status::Open => 'o',
    };
    let rows = verdicts.tables[table].cells.chunks(width);
    rows.map(|row| row.iter().map(|cell| letter(cell.status)).collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

fn check_statuses(verdicts: &Verdicts, table: usize) -> Vec<CheckStatus> {
    verdicts.tables[table].checks.iter().map(|check| check.status).collect()
}

#[test]
fn a_running_balance_proves_its_amounts() {
    let schema = Arc::new(schema(
        "bank",
        &["what$", "debit", "credit", "balance"],
        &["balance = prev(balance) + credit - debit", "debit * credit = 0"],
        &[],
    ));
    let table = table(
        &schema,
        &["Opening|||100.00", "Shop|30.25||69.75", "Wage||1,000.00|1,069.75", "Rest|||1,069.75"],
    );
    let verdicts = run(&[table]);
    // The last row moves nothing: its balance is a copy of the one above.
    assert_eq!(statuses(&verdicts, 0, 4), ".ccP .PcP .cPP .ccc");
}

#[test]
fn a_changed_digit_is_never_proven() {
    let schema = Arc::new(schema("t", &["n$", "a", "b", "c"], &["c = a + b", "total(c) = sum(c)"], &[]));
    let table = table(&schema, &["x|1.00|2.00|3.10", "y|4.00|5.00|9.00", "=Total|||12.00"]);
    let verdicts = run(&[table]);
    assert_eq!(statuses(&verdicts, 0, 4), ".XXX .PPP ...X");
}

#[test]
fn one_addend_and_zeros_prove_nothing() {
    let schema = Arc::new(schema("t", &["n$", "a", "b"], &["total(a) = sum(a)", "total(b) = sum(b)"], &[]));
    let table = table(&schema, &["x|5|0", "=Total|5|0"]);
    assert_eq!(statuses(&run(&[table]), 0, 3), ".cc .cc");
}

#[test]
fn percentages_are_rounded_and_divided_by_a_hundred() {
    let rule = "pct = a / (a + b)";
    let schema = Arc::new(schema("t", &["n$", "a#", "b#", "pct%"], &[rule], &[]));
    let table =
        table(&schema, &["x|1|2|33.33%", "y|100000|200000|33.34%", "z|0|7|0%", "w|0|0|5%", "v|1|1999|0.05%"]);
    let verdicts = run(&[table]);
    assert_eq!(statuses(&verdicts, 0, 4), ".PPP .XXX .ccc .... .PcP");
    use CheckStatus::{Fails, Holds, Untestable};
    assert_eq!(check_statuses(&verdicts, 0), [Holds, Fails, Holds, Untestable, Holds]);
}

#[test]
fn rounded_operands_hold_without_proof() {
    let schema = Arc::new(schema("t", &["n$", "a", "b", "c"], &["c = a + b"], &[]));
    let verdicts = run(&[table(&schema, &["x|1|2|4"])]);
    assert_eq!(check_statuses(&verdicts, 0), [CheckStatus::HoldsRounded]);
    assert_eq!(statuses(&verdicts, 0, 4), ".ccc");
}

#[test]
fn subtotals_and_a_grand_total_take_the_reading_that_holds() {
    let schema = Arc::new(schema("t", &["n$", "a"], &["total(a) = sum(a)"], &[]));
    let table = table(&schema, &["x|1", "y|2", "=Sub|3", "z|4", "w|5", "=Sub|9", "=Total|12"]);
    assert_eq!(statuses(&run(&[table]), 0, 2), ".P .P .P .P .P .P .P");
}

#[test]
fn rows_are_found_by_label_number_and_occurrence() {
    let rules =
        ["row(\"Net\") = row(\"Gross\") - row(\"tax\")", "row(\"#4\").a = row(\"Tax#2\").a + row(\"Net\").a"];
    let schema = Arc::new(schema("t", &["n$", "a", "b"], &rules, &[]));
    let table = table(&schema, &["Gross (1):|10.5|20", "TAX:|0.5|", "Net|10.0|20", "Sum|11.1|", "Tax|1.1|"]);
    assert_eq!(statuses(&run(&[table]), 0, 3), ".Pc .Pc .Pc .P. .P.");
}

#[test]
fn constants_are_read_from_the_text() {
    let rules = ["a + b = $all", "pct = a / $all"];
    let constants = [("all", Some("of ([0-9,]+) Shares"))];
    let schema = Arc::new(schema("t", &["n$", "a", "b", "pct%"], &rules, &constants));
    let rows = ["x|400|600|40.0%", "y|250|750|25.0%"];
    let verdicts = run_in("out of 9,999 Shares, of 1,000 Shares", &[table(&schema, &rows)]);
    assert_eq!(statuses(&verdicts, 0, 4), ".PPP .PPP");
    // Not found, the constant is bounded by the rows: each row's sum tests the other row.
    assert_eq!(statuses(&run_in("", &[table(&schema, &rows)]), 0, 4), ".ccP .ccP");
}

#[test]
fn an_unknown_constant_is_bounded_by_all_rows() {
    let schema = Arc::new(schema("t", &["n$", "a", "pct%"], &["pct = a / $all"], &[("all", None)]));
    let verdicts = run(&[table(&schema, &["x|4,000|40.00%", "y|10|0.1%", "z|28|0.3%", "w|7|0.9%"])]);
    assert_eq!(statuses(&verdicts, 0, 3), ".cc .cP .cP .XX");
}

#[test]
fn sums_over_another_table_need_settled_keys() {
    let other = Arc::new(schema("moves", &["n$", "amount"], &[], &[]));
    let rule = "after = before + sum(\"moves\".amount by n)";
    let schema = Arc::new(schema("t", &["n$", "before", "after"], &[rule], &[]));
    let main = table(&schema, &["Ann|10|17", "Bob|5|5", "Eve Ltd|1|2"]);
    let moves = table(&other, &["ANN|3", "Ann|4", "Eve|1", "=Total|8"]);
    let verdicts = run(&[main.clone(), moves]);
    assert_eq!(statuses(&verdicts, 0, 3), ".PP .cc ...");
    assert_eq!(statuses(&verdicts, 1, 2), ".P .P .. ..");
    // Without the other table the sum is unknown, not zero.
    assert_eq!(statuses(&run(&[main]), 0, 3), "... ... ...");
}

#[test]
fn inequalities_and_foreign_units_do_not_prove() {
    let schema = Arc::new(schema("t", &["n$", "a", "b"], &["a <= b"], &[]));
    let verdicts = run(&[table(&schema, &["x|1|2", "y|3|2", "z|?|2"])]);
    use CheckStatus::{Fails, Holds, Untestable};
    assert_eq!(check_statuses(&verdicts, 0), [Holds, Fails, Untestable]);
    assert_eq!(statuses(&verdicts, 0, 3), ".cc .XX .A.");
}

#[test]
fn a_failed_balance_names_the_missing_amount() {
    let rules = ["balance = prev(balance) + credit"];
    let schema = Arc::new(schema("bank", &["n$", "credit", "balance"], &rules, &[]));
    let table = table(&schema, &["a||100.00", "b|5.00|205.00"]);
    let mut sink = Vec::new();
    let _ = prove("", &[table], &mut Budget::new(1000), &mut sink);
    assert_eq!(
        sink[0].message,
        "`balance = prev(balance) + credit` fails: 100.00 is missing between its sides"
    );
}

#[test]
fn many_roundings_do_not_all_go_one_way() {
    let rows: Vec<String> = (0..9).map(|row| format!("r|{}", [8, 12, 3, 0, 1, 12, 1, 4, 1][row])).collect();
    let checked = |rows: &[String], total: &str| {
        let mut rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        rows.push(total);
        let schema = Arc::new(schema("t", &["n$", "a"], &["total(a) = sum(a)"], &[]));
        check_statuses(&run(&[table(&schema, &rows)]), 0)
    };
    assert_eq!(checked(&rows, "=Total|45"), [CheckStatus::Fails]);
    assert_eq!(checked(&rows, "=Total|44"), [CheckStatus::HoldsRounded]);
    assert_eq!(checked(&rows[..2], "=Total|21"), [CheckStatus::HoldsRounded]);
    assert_eq!(checked(&rows[..2], "=Total|22"), [CheckStatus::Fails]);
}

#[test]
fn a_rule_that_holds_rounded_infers_through_roundings() {
    let schema = Arc::new(schema("t", &["n$", "a", "b", "c"], &["c = a + b"], &[]));
    let verdicts = run(&[table(&schema, &["x|1,200|2,300|3,501", "y|1,100|2,400|?"])]);
    assert_eq!(check_statuses(&verdicts, 0)[0], CheckStatus::HoldsRounded);
    assert_eq!(statuses(&verdicts, 0, 4), ".ccc ...A");
}
