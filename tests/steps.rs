//! Linear: the steps of every search, and the size of what comes out, grow no faster than the input. Bad input: no
//! panic, no stall, nothing lost.
//!
//! Steps are counted, never timed, so that the answer is the same on every machine; `--nocapture` shows them.
#![allow(clippy::print_stdout)]

mod common;
#[path = "../benches/support/mod.rs"]
mod support;

use common::assert_conserved;
use retabulate::align::align_tables;
use retabulate::grid::{Grid, read_grid};
use retabulate::proof::prove;
use retabulate::region::find_regions;
use retabulate::schema::Catalog;
use retabulate::schema::check::Check;
use retabulate::{Budget, Hints, Rebuilder, Schema};
use support::Input;

/// Steps of alignment and of proof, and cells of the result.
#[derive(Clone, Copy, Debug, Default)]
struct Work {
    bytes: usize,
    aligning: u64,
    proving: u64,
    cells: usize,
}

fn work(catalog: &Catalog, input: &Input) -> Work {
    let text = &input.text;
    let regions = find_regions(text, &mut Vec::new());
    assert_eq!(regions.len(), input.tables, "tables of {}", input.name);
    let grids: Vec<Grid> = regions.iter().map(|region| read_grid(text, region)).collect();
    let (mut aligning, mut proving) = (Budget::new(4_000_000 * grids.len() as u64), Budget::new(4_000_000));
    let alignments = align_tables(text, &grids, catalog, &Hints::default(), &mut aligning, &mut Vec::new());
    let verdicts = prove(text, &alignments, &mut proving, &mut Vec::new());
    Work {
        bytes: text.len(),
        aligning: aligning.used(),
        proving: proving.used(),
        cells: verdicts.tables.iter().map(|table| table.cells.len()).sum(),
    }
}

/// Asserts that 8 times the input takes no more than 8 times the work, half as much again allowed for what does
/// not divide evenly, and a thousand steps for what every run pays.
fn assert_linear(make: fn(usize) -> Input, size: usize) {
    let catalog = Catalog::builtin();
    let rungs = [1, 2, 4, 8].map(|factor| work(&catalog, &make(size * factor)));
    let growth = rungs[3].bytes as f64 / rungs[0].bytes as f64;
    assert_grows(make(size).name, &rungs, growth);
}

/// The same where a schema or a catalog grows and not the text.
fn assert_linear_with(make: fn(usize) -> (Catalog, Input), size: usize) {
    let rungs = [1, 2, 4, 8].map(|factor| {
        let (catalog, input) = make(size * factor);
        work(&catalog, &input)
    });
    assert_grows(make(size).1.name, &rungs, 8.0);
}

fn assert_grows(name: &str, rungs: &[Work; 4], growth: f64) {
    let steps =
        |of: fn(&Work) -> u64| rungs.iter().map(|rung| of(rung).to_string()).collect::<Vec<_>>().join(" ");
    println!(
        "{name:<20} aligning {:<32} proving {}",
        steps(|rung| rung.aligning),
        steps(|rung| rung.proving)
    );
    let (first, last) = (rungs[0], rungs[3]);
    let linear = |before: u64, after: u64| after as f64 <= growth * 1.5 * before as f64 + 1_000.0;
    assert!(linear(first.aligning, last.aligning), "alignment of {name}: {rungs:#?}");
    assert!(linear(first.proving, last.proving), "proof of {name}: {rungs:#?}");
    assert!(linear(first.cells as u64, last.cells as u64), "cells of {name}: {rungs:#?}");
}

macro_rules! ladders {
    ($($name:ident: $make:expr, $size:expr;)*) => {
        $(#[test] fn $name() { assert_linear($make, $size); })*
    };
}

ladders! {
    prose: support::prose_latin, 20_000;
    chinese_prose: support::prose_cjk, 20_000;
    rows: support::clean_tabs, 100;
    pipe_rows: support::clean_pipes, 100;
    columns: support::wide, 20;
    packed_rows: |rows| support::packed(rows, 4), 80;
    rows_of_many_records: |rows| support::packed(rows, 20), 80;
    wrapped_rows: support::wrapped, 80;
    wrapped_lines: support::wrapped_lines, 20;
    split_numbers: support::number_split, 80;
    shifted_rows: support::shifted, 80;
    merged_columns: support::merged, 80;
    glued_totals: support::total_glued, 81;
    small_tables: support::small_tables, 8;
    open_placements: support::ladders::open_placements, 12;
    lost_balances: support::ladders::lost_balances, 40;
    near_tables: support::near_tables, 500;
    near_tables_by_the_million: support::near_tables, 125_000;
    nested_pipes: support::ladders::nested_pipes, 500;
    endless_line: support::endless_line, 10_000;
}

/// A clean statement is tried row by row: nothing is searched, however long it is.
#[test]
fn a_clean_statement_of_ten_thousand_rows_takes_no_step() {
    let catalog = Catalog::builtin();
    for rows in [2_500, 10_000] {
        let input = support::clean_tabs(rows);
        let work = work(&catalog, &input);
        assert_eq!(work.proving, 0, "{rows} rows");
    }
}

#[test]
fn checks() {
    assert_linear_with(support::ladders::checks, 40);
}

#[test]
fn header_words_that_all_schemas_share() {
    assert_linear_with(support::ladders::shared_words, 100);
}

/// Brackets within brackets are refused beyond a depth, and operators beyond a number, however long the rule is:
/// neither parser nor prover recurses without limit.
#[test]
fn deep_and_long_check_expressions() {
    const FIELDS: &str = r#"{"fields": [{"name": "a", "type": "number"}, {"name": "b", "type": "number"}]}"#;
    let schema = Schema::from_json(FIELDS).unwrap();
    let deep = |depth: usize| format!("a = {}b{}", "(".repeat(depth), ")".repeat(depth));
    let signs = |count: usize| format!("a = {}b", "-".repeat(count));
    let long = |terms: usize| format!("a = {}b", "b + ".repeat(terms));
    for rule in [deep(50), signs(50), long(1_500)] {
        let check = Check::parse(&rule, &schema).unwrap();
        let printed = check.display(&schema).to_string();
        assert_eq!(Check::parse(&printed, &schema).unwrap().display(&schema).to_string(), printed);
    }
    for length in [1_000, 100_000, 1_000_000] {
        for rule in [deep(length), signs(length), long(length * 3), "(".repeat(length), "a = ".repeat(length)]
        {
            assert!(Check::parse(&rule, &schema).is_err(), "a rule of {} bytes", rule.len());
        }
    }
}

/// Schemas nested beyond all measure are errors, not stacks that overflow.
#[test]
fn deep_schemas() {
    for depth in [100, 10_000, 1_000_000] {
        assert!(Schema::from_json(&"[".repeat(depth)).is_err());
        assert!(Schema::from_json(&format!("{{\"fields\": {}", "{\"a\":".repeat(depth))).is_err());
    }
}

/// Patterns of schemas that take exponential time elsewhere, on a value made for them.
#[test]
fn patterns_run_in_linear_time() {
    let descriptor = r#"{"name": "codes", "fields": [
        {"name": "code", "title": "Code", "constraints": {"pattern": "(a+)+b|(a|aa)+c|(.*)*d"}},
        {"name": "held", "title": "Held", "type": "number"}]}"#;
    let rebuilder = Rebuilder::builder().schema(Schema::from_json(descriptor).unwrap()).build();
    let evil = "a".repeat(20_000);
    let text = format!("Code\tHeld\naab\t1.50\n{evil}\t2.50\naac\t3.50\n");
    let document = rebuilder.rebuild(&text);
    assert_conserved(&text, &document);
    assert_eq!(document.tables.len(), 1);
}

/// Rebuilds a bad text: it must come back, with everything in its place, and the same twice.
fn assert_survives(text: &str) {
    let rebuilder = Rebuilder::new();
    let document = rebuilder.rebuild(text);
    assert_conserved(text, &document);
    assert_eq!(document, rebuilder.rebuild(text));
}

#[test]
fn nothing_and_next_to_nothing() {
    for text in [
        "",
        "\n",
        "\t",
        "|",
        "\u{feff}",
        "\u{feff}\t",
        " ",
        "\r",
        "\r\n",
        "\u{c}",
        "a",
        "\0",
        "<",
        "<table",
        "<table>",
    ] {
        assert_survives(text);
        assert!(Rebuilder::new().rebuild(text).tables.iter().all(|table| !table.rows.is_empty()));
    }
}

#[test]
fn nul_bytes() {
    assert_survives(&"\0".repeat(200_000));
    assert_survives(&"\0\t\0\t\0\n".repeat(5_000));
    assert_survives("Item\tQ1\tQ2\nBo\0lts\t1\0\t2.50\nNuts\t\0\t3.75\n");
}

#[test]
fn one_line_of_several_megabytes() {
    assert_survives(&"word ".repeat(1_000_000));
    assert_survives(&"a | ".repeat(1_000_000));
    assert_survives(&"長".repeat(1_000_000));
}

#[test]
fn tabs_without_end() {
    assert_survives(&"\t".repeat(200_000));
    assert_survives(&format!("a{}b\n", "\t".repeat(200_000)));
    assert_survives(&format!("a{0}b\nc{0}d\n1{0}2\n", "\t".repeat(20_000)));
}

#[test]
fn one_cell_of_a_megabyte() {
    let table = |cell: &str| format!("Item\tQ1\tQ2\nBolts\t12\t1.25\n{cell}\t3\t4.50\nNuts\t5\t6.75\n");
    assert_survives(&table(&"lorem ipsum ".repeat(80_000)));
    assert_survives(&table(&"9".repeat(500_000)));
    assert_survives(&table(&"1,".repeat(50_000)));
    assert_survives(&table(&"(1 ".repeat(500)));
    assert_survives(&table(&"5 (Note ".repeat(200)));
    assert_survives(&table(&"- ".repeat(2_000)));
}

#[test]
fn pipes_and_tags_that_are_not_closed() {
    assert_survives(&format!("| a | b |\n|---|---|\n{}", "| 1 | 2\n".repeat(2_000)));
    assert_survives(&"|".repeat(100_000));
    assert_survives(&"| | |\n".repeat(5_000));
    assert_survives(&"<table>".repeat(20_000));
    assert_survives(&"<table><tr><td>".repeat(2_000));
    assert_survives(&format!("<table>{}", "<tr><td>bolts<td>1".repeat(2_000)));
    assert_survives(&format!(
        "<table><tr><td rowspan=99999999 colspan=99999999>a</td></tr>{}</table>",
        "<tr><td>b".repeat(100)
    ));
}

#[test]
fn deep_nesting() {
    let depth = 2_000;
    assert_survives(&format!("{}x{}", "<table><tr><td>".repeat(depth), "</td></tr></table>".repeat(depth)));
    assert_survives(&format!("{}1\t{}2\n", "(".repeat(depth), "[".repeat(depth)).repeat(4));
}

#[test]
fn mixed_line_ends() {
    let rows = ["Item\tQ1\tQ2", "Bolts\t12\t1.25", "Nuts\t7\t3.50", "Screws\t3\t0.75"];
    let mixed = format!("{}\r\n{}\n{}\r{}\r\n", rows[0], rows[1], rows[2], rows[3]);
    assert_survives(&mixed);
    let document = Rebuilder::new().rebuild(&mixed);
    assert_eq!(document.tables.len(), 1);
    assert_eq!(document.tables[0].rows.len(), 3);
    assert_survives(&"a\tb\r\r\n1\t2\n\r\u{c}\u{85}\u{2028}3\t4\u{b}".repeat(500));
}

/// What fuzzing found, a line each: a schema, if it needs one, and a text.
#[test]
fn finds_of_the_fuzzer() {
    let dues = r#"{"fields": [{"name": "quay", "title": "Quay"}, {"name": "a", "title": "2021 Dues", "type": "integer"},
        {"name": "b", "title": "2022 Dues", "type": "integer"}]}"#;
    let none = r#"{"fields": [{"name": "no such field"}]}"#;
    let bank = include_str!("../src/schema/builtin/bank-statement.json");
    let sheet = include_str!("../src/schema/builtin/balance-sheet.json");
    let finds = [
        // Nor does the word of a line above the one that holds the rest of the header.
        (dues, "2022\nQuay Dues 9 Dues\nN  2021  2022"),
        // A column without header and print is no place for what is moved.
        (bank, "\tte\ts\tbitCredit\t\n\t- 0\t00\t00)"),
        (bank, "\t\tebit\tCdiBalance\n4\td\t5 5\n\t\t\t\t\t"),
        (none, "<table>\n<tr>\t0\n0,000\t00"),
        (
            sheet,
            "| Item | Closing balance | Opening balance |\nab|ov ground |  |  |\n| Total of all things | 8,130 | 20,450 |\n,265 | 1,770 |",
        ),
        // A header on the second page that is not that of the first.
        (
            dues,
            " Quay          183\n Parts                  Dues          Dues (kind)  (of ship),\n Farm quays\n Boats under ten feet                      5,230         5,470\n Little crafts                               720           695\n\x0cWharf of Stone – Annual Review\n                                 2021         2022\n Quay                           Dues         Dues\n wind or for a cargo              214          236",
        ),
        // A digit that is the mark of one cell in one reading, and the first of the next cell in another.
        (
            bank,
            "Date\tDescription\tDebit\tCredit\n1 May 2024\tFuel\t3,2048.00\t\n2 May 2024\tFuel\t71.50\t\n3 May 2024\tFuel\t4,3059.00\t\n",
        ),
        // A word among those of a header belongs to none of them.
        (
            dues,
            "            2021    2022\n Quay     Dues   9    Dues\n North quay  4,120  4,385\n Ships   910   874\n",
        ),
    ];
    for (descriptor, text) in finds {
        let rebuilder = Rebuilder::builder().schema(Schema::from_json(descriptor).unwrap()).build();
        assert_conserved(text, &rebuilder.rebuild(text));
    }
}

/// A table in layout that goes on behind a page end keeps its rows.
#[test]
fn a_table_set_on_two_pages_is_one() {
    let line =
        |goods: &str, january: &str, february: &str| format!("{goods:<20}{january:>10}{february:>12}\n");
    let text = [
        "The goods that were sold follow.\n\n".to_owned(),
        line("Goods", "January", "February"),
        line("Timber", "1,200", "1,300") + &line("Wool cloth", "310", "290") + &line("Salt", "45", "52"),
        line("Copper wire", "880", "910") + "\n\u{c}",
        line("Goods", "January", "February"),
        line("Glass", "77", "81") + &line("Dried fruit", "15", "16") + &line("Paper", "1,020", "998"),
        line("Rope", "64", "70") + "\n\nAll sums are in pounds and were audited.\n",
    ];
    for header_again in [true, false] {
        let parts = text.iter().enumerate().filter(|(place, _)| header_again || *place != 4);
        let text: String = parts.map(|(_, part)| part.as_str()).collect();
        let document = Rebuilder::new().rebuild(&text);
        assert_conserved(&text, &document);
        let rows: usize = document.tables.iter().map(|table| table.rows.len()).sum();
        assert_eq!(rows, 8, "{}", common::page(&document));
    }
}

/// Words of a packed cell are cut in so many steps a word at most, and what is too long to be cut is told.
#[test]
fn names_in_one_packed_row() {
    for records in [25, 50, 100, 200, 400] {
        let input = support::ladders::packed_names(records);
        let work = work(&Catalog::builtin(), &input);
        assert!(work.aligning <= 25_000 * records as u64, "{records} names: {work:?}");
        let document = Rebuilder::new().rebuild(&input.text);
        assert_conserved(&input.text, &document);
        let is_told = document.diagnostics.iter().any(|diagnostic| diagnostic.code.name() == "budget-spent");
        assert!(is_told || records * 2 <= 400, "{records} names");
    }
}

#[test]
fn a_spent_budget_is_told_and_proves_nothing_that_hangs_on_it() {
    let text = support::one_packed_row(40).text;
    let document = Rebuilder::builder().steps(1, 1).build().rebuild(&text);
    assert_conserved(&text, &document);
    assert!(document.diagnostics.iter().any(|diagnostic| diagnostic.code.name() == "budget-spent"));
}

/// Columns printed one after the other: whatever the search had no steps left for, its end is told, and no cell is sure that
/// hangs on it.
#[test]
fn a_search_for_torn_tables_that_its_budget_ends_is_told() {
    let text = "Ship\n\nNorth Star\n\nBlue Heron\n\nGrey Lady\n\nBuilt\n\n1987\n\n1991\n\n2003\n";
    let schema = r#"{"name": "fleet", "fields": [
        {"name": "ship", "title": "Ship"}, {"name": "built", "title": "Built", "type": "integer"}]}"#;
    let schema = Schema::from_json(schema).unwrap();
    for steps in (1..400).chain([100_000]) {
        let document =
            Rebuilder::builder().schema(schema.clone()).steps(steps, 100_000).build().rebuild(text);
        assert_conserved(text, &document);
        let is_told = document.diagnostics.iter().any(|diagnostic| diagnostic.code.name() == "budget-spent");
        let cells = document.tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.cells);
        let is_sure = cells.filter(|cell| !cell.text.is_empty()).any(|cell| cell.confidence >= 0.8);
        assert!(is_told || steps > 50, "{steps} steps");
        assert!(!is_told || !is_sure, "{steps} steps: {}", common::page(&document));
        assert!(steps < 100_000 || !is_told);
    }
}
