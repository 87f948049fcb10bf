//! Discovered relations on tables without a schema's checks.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use std::sync::Arc;

use super::discover_in;
use super::view::View;
use crate::Budget;
use crate::proof::board::Board;
use crate::proof::sample::{schema, table};
use crate::proof::{TableVerdicts, prove};
use crate::table::Status;

fn judged(fields: &[&str], rows: &[&str]) -> TableVerdicts {
    let schema = Arc::new(schema("t", fields, &[], &[]));
    let tables = [table(&schema, rows)];
    prove("", &tables, &mut Budget::new(10_000), &mut Vec::new()).tables.remove(0)
}

fn marks(verdicts: &TableVerdicts) -> String {
    let mark = |status: Status| match status {
        Status::Proven => 'p',
        Status::Consistent => 'c',
        Status::Contradicted => 'x',
        _ => '.',
    };
    verdicts.cells.iter().map(|cell| mark(cell.status)).collect()
}

#[test]
fn totals_and_totals_of_totals_are_found() {
    let rows = [
        "Cash|1,210|998",
        "Stock|3,405|2,917",
        "Current assets|4,615|3,915",
        "Land|8,100|8,100",
        "Plant|2,733|2,951",
        "Fixed assets|10,833|11,051",
        "Total assets|15,448|14,966",
    ];
    let verdicts = judged(&["name$", "a", "b"], &rows);
    assert_eq!(marks(&verdicts), ".pp.pp.pp.pp.pp.pp.pp");
    assert!(verdicts.checks.iter().all(|check| check.discovered && check.significance >= 10.0));
    assert!(verdicts.checks.iter().any(|check| {
        &*check.rule == r#"row("Total assets") = row("Current assets") + row("Fixed assets")"#
    }));
}

#[test]
fn sums_along_the_rows_and_changes_are_found() {
    let rows = [
        "Adams|120,000|138,265|4,000|262,265",
        "Baker|130,500|138,265||268,765",
        "Clark|127,415|151,020|1,250|279,685",
        "Davis|115,000|138,265|17,310|270,575",
        "Evans|121,040|139,800|2,710|263,550",
        "Frost|244,000|138,265|17,000|399,265",
        "Grant|109,500|140,250|4,518|254,268",
        "Hayes|113,250|138,265|1,900|253,415",
    ];
    let verdicts = judged(&["name$", "fees", "stock", "other", "total"], &rows);
    let proven = marks(&verdicts).matches('p').count();
    assert_eq!(proven, 31, "{}", marks(&verdicts));
    let rows =
        ["x|63,975|52,140|22.7%", "y|59,645|54,320|9.8%", "z|18,695|12,470|49.9%", "v|14,618|11,260|29.8%"];
    let verdicts = judged(&["name$", "new", "old", "change%"], &rows);
    assert_eq!(marks(&verdicts), ".ccp.ccp.ccp.ccp");
}

#[test]
fn running_balances_are_found_in_both_orders() {
    let mut rows = [
        "a|||1,204.17",
        "b||1,731.46|2,935.63",
        "c|342.85||2,592.78",
        "d||1,417.55|4,010.33",
        "e|12.40||3,997.93",
    ];
    let verdicts = judged(&["name$", "out", "in", "balance"], &rows);
    assert_eq!(marks(&verdicts).matches('p').count(), 9, "{}", marks(&verdicts));
    rows.reverse();
    let verdicts = judged(&["name$", "out", "in", "balance"], &rows);
    assert_eq!(marks(&verdicts).matches('p').count(), 9, "{}", marks(&verdicts));
}

#[test]
fn costs_printed_positive_are_subtracted() {
    let rows = [
        "Gross profit|41,875|39,693|42,464",
        "Selling|21,730|20,118|22,115",
        "Administration|6,412|6,377|6,904",
        "Other income|1,745|1,421|4,834",
        "Operating earnings|15,478|14,619|18,279",
    ];
    let verdicts = judged(&["name$", "a", "b", "c"], &rows);
    assert_eq!(marks(&verdicts), ".ppp.ppp.ppp.ppp.ppp");
    assert_eq!(
        &*verdicts.checks[0].rule,
        r#"row("Operating earnings") = row("Gross profit") - row("Selling") - row("Administration") + row("Other income")"#
    );
}

#[test]
fn stocks_that_are_carried_on_are_found() {
    let rows = [
        "On hand at January 1|964|24.61",
        "Received|1,287|18.93",
        "Issued|-415|21.37",
        "On hand at December 31, 2017|1,836|20.58",
        "Received|1,148|12.74",
        "Issued|-753|19.87",
        "On hand at December 31, 2018|2,231|17.95",
    ];
    let verdicts = judged(&["name$", "number", "price"], &rows);
    assert_eq!(marks(&verdicts), ".p..p..p..p..p..p..p.");
}

#[test]
fn sums_carried_over_a_page_are_linked() {
    let mut rows = [
        "Ropes|1,240.50",
        "Anchors|3,918.00",
        "Lamps|415.75",
        "Carried forward|5,574.25",
        "Brought forward|5,574.25",
        "Sails|2,210.40",
        "Charts|97.60",
        "Total|7,882.25",
    ];
    let verdicts = judged(&["name$", "amount"], &rows);
    assert_eq!(verdicts.cells[7].status, Status::Proven, "{}", marks(&verdicts));
    assert!(
        verdicts
            .checks
            .iter()
            .any(|check| { &*check.rule == r#"row("Brought forward") = row("Carried forward")"# })
    );
    // One equal print proves nothing.
    assert_eq!(verdicts.cells[9].status, Status::Consistent, "{}", marks(&verdicts));
    rows[4] = "Brought forward|5,547.25";
    let verdicts = judged(&["name$", "amount"], &rows);
    assert_ne!(verdicts.cells[9].status, Status::Proven);
}

#[test]
fn rows_of_percentages_have_one_base() {
    let rows = [
        "Net sales|88,430|97,615",
        "Gross profit|20,925|24,402",
        "Gross profit % of sales|23.7%|25.0%",
        "Selling|10,453|12,711",
        "Selling % of sales|11.8%|13.0%",
        "Administration|12,131|12,905",
        "Administration % of sales|13.7%|13.2%",
    ];
    let verdicts = judged(&["name$", "a", "b"], &rows);
    let marks = marks(&verdicts);
    assert_eq!(&marks[6..9], ".pp", "{marks}");
    assert_eq!(&marks[12..15], ".pp", "{marks}");
    assert_eq!(&marks[18..21], ".pp", "{marks}");
}

#[test]
fn chance_sums_and_small_sourceprove_nothing() {
    let verdicts = judged(&["name$", "a", "b"], &["x|1|2", "y|2|3", "z|3|5", "v|6|4"]);
    assert!(!marks(&verdicts).contains('p'));
    let verdicts = judged(&["name$", "a"], &["x|18", "y|22", "z|40", "v|61", "w|13"]);
    assert!(!marks(&verdicts).contains('p'));
    let verdicts = judged(&["name$", "a"], &["x|18", "y|", "z|18"]);
    assert!(!marks(&verdicts).contains('p'));
}

#[test]
fn a_wrong_digit_contradicts_what_other_columns_show() {
    let rows =
        ["x|1,210|998|4,410", "y|3,405|2,917|1,206", "z|2,118|3,310|7,734", "Total|6,733|7,225|13,360"];
    let verdicts = judged(&["name$", "a", "b", "c"], &rows);
    assert_eq!(marks(&verdicts), ".ppx.ppx.ppx.ppx");
}

#[test]
fn a_lost_cell_follows_from_a_relation_that_other_columns_show() {
    let rows = ["x|1,210|998|4,410", "y|3,405|2,917|?", "z|2,118|3,310|7,734", "Total|6,733|7,225|13,350"];
    let verdicts = judged(&["name$", "a", "b", "c"], &rows);
    assert_eq!(verdicts.cells[7].outcome, crate::proof::Outcome::Inferred("1206".parse().unwrap()));
}

/// Cells weighed in a table of `rows` rows by `columns` columns, every eighth row the total of the seven above it.
fn work(rows: usize, columns: usize) -> u64 {
    let mut source = numbers(7);
    let mut table_rows: Vec<Vec<i64>> = Vec::new();
    for row in 0..rows {
        let value = |column: usize, source: &mut dyn Iterator<Item = i64>| match row % 8 {
            7 => table_rows[row - 7..].iter().map(|row| row[column]).sum(),
            _ => 100 + source.next().unwrap() % 90_000,
        };
        table_rows.push((0..columns).map(|column| value(column, &mut source)).collect());
    }
    let names: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
    let fields: Vec<&str> = std::iter::once("name$").chain(names.iter().map(String::as_str)).collect();
    let lines = printed(&table_rows);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let schema = Arc::new(schema("t", &fields, &[], &[]));
    let tables = [table(&schema, &lines)];
    let board = Board::new(&tables);
    let view = View::new(&board, 0).unwrap();
    assert!(discover_in(&view).len() >= rows / 8);
    view.work()
}

#[test]
fn discovery_is_linear_in_rows_and_columns() {
    let by_rows = [1, 2, 4, 8].map(|factor| work(128 * factor, 3));
    // Narrower tables have fewer sums of neighbours than columns ask for.
    let by_columns = [24, 48].map(|columns| work(24, columns));
    println!("cells weighed by rows {by_rows:?}, by columns {by_columns:?}");
    assert!(by_rows[3] <= 12 * by_rows[0], "{by_rows:?}");
    assert!(by_columns[1] <= 3 * by_columns[0], "{by_columns:?}");
}

/// Whole numbers as a linear congruence gives them: the same every time.
fn numbers(seed: u64) -> impl Iterator<Item = i64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(state >> 40).unwrap_or(0)
    })
}

fn printed(rows: &[Vec<i64>]) -> Vec<String> {
    let row = |(index, row): (usize, &Vec<i64>)| {
        let cells: Vec<String> = row.iter().map(i64::to_string).collect();
        format!("r{index}|{}", cells.join("|"))
    };
    rows.iter().enumerate().map(row).collect()
}

#[test]
fn a_changed_digit_is_never_proven() {
    let (mut contradicted, mut silent) = (0, 0);
    for seed in 0..300u64 {
        let mut source = numbers(seed);
        let mut rows: Vec<Vec<i64>> = (0..3 + seed as usize % 4)
            .map(|_| (0..3).map(|_| 100 + source.next().unwrap() % 90_000).collect())
            .collect();
        rows.push((0..3).map(|column| rows.iter().map(|row| row[column]).sum()).collect());
        let (row, column) =
            (source.next().unwrap() as usize % rows.len(), source.next().unwrap() as usize % 3);
        let place = 10i64.pow(source.next().unwrap() as u32 % 3);
        let digit = rows[row][column] / place % 10;
        let other = (digit + 1 + source.next().unwrap() % 8) % 10;
        rows[row][column] += (other - digit) * place;
        let rows = printed(&rows);
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let verdicts = judged(&["name$", "a", "b", "c"], &rows);
        match verdicts.cells[row * 4 + column + 1].status {
            Status::Proven => panic!("{seed}: {rows:?}"),
            Status::Contradicted => contradicted += 1,
            _ => silent += 1,
        }
    }
    // What is silent was changed by no more than the roundings of its addends.
    assert!(contradicted > 4 * silent, "{contradicted} {silent}");
}

#[test]
fn sourcewithout_a_relation_prove_nothing() {
    let mut proven = 0;
    for seed in 0..200u64 {
        let mut source = numbers(1_000 + seed);
        let rows: Vec<Vec<i64>> = (0..4 + seed as usize % 20)
            .map(|_| {
                (0..1 + seed as usize % 5)
                    .map(|_| source.next().unwrap() % 10i64.pow(1 + seed as u32 % 5))
                    .collect()
            })
            .collect();
        let names = ["name$", "a", "b", "c", "d", "e"];
        let rows = printed(&rows);
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let verdicts = judged(&names[..2 + seed as usize % 5], &rows);
        proven += usize::from(verdicts.cells.iter().any(|cell| cell.status == Status::Proven));
    }
    assert!(proven <= 1, "{proven} of 200");
}
