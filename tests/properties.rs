//! What holds for every text, checked on random ones.
//!
//! Random tables come from [`Plan`]: small clean tables with row sums and a total row, as an extractor would
//! print them if it broke nothing. Damage is done to their print, never to their values, so that the truth is at
//! hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod common;

use std::thread;

use common::assert_conserved;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use retabulate::table::{CellValue, Document, Origin, Status, Table};
use retabulate::text::{Part, Parts};
use retabulate::{Rebuilder, Schema, emit};

/// A clean table of whole numbers: a label column, value columns, their sum, and a total row.
#[derive(Clone, Debug)]
struct Plan {
    labels: Vec<&'static str>,
    headers: Vec<&'static str>,
    /// By row, without sum and total.
    values: Vec<Vec<u32>>,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Tabs,
    Pipes,
}

const LABELS: [&str; 10] = [
    "Timber",
    "Wool cloth",
    "Salt",
    "Copper wire",
    "Glass",
    "Dried fruit",
    "Paper",
    "Lamp oil",
    "Rope",
    "Clay pots",
];
const HEADERS: [&str; 6] = ["January", "February", "March", "April", "May", "June"];

fn plan() -> impl Strategy<Value = Plan> {
    (2..=4usize, 3..=6usize).prop_flat_map(|(width, height)| {
        let values = prop::collection::vec(prop::collection::vec(1..90_000u32, width), height);
        let labels = Just(LABELS.to_vec()).prop_shuffle();
        (values, labels, select(vec![Form::Tabs, Form::Pipes])).prop_map(move |(values, mut labels, form)| {
            labels.truncate(height);
            Plan { labels, headers: HEADERS[..width].to_vec(), values, form }
        })
    })
}

impl Plan {
    /// The cells of header, rows and total row, as printed.
    fn cells(&self) -> Vec<Vec<String>> {
        let mut header = vec!["Goods".to_owned()];
        header.extend(self.headers.iter().map(|header| (*header).to_owned()));
        header.push("Sum".to_owned());
        let mut rows = vec![header];
        let mut totals = vec![0; self.headers.len() + 1];
        for (label, values) in self.labels.iter().zip(&self.values) {
            let sum: u32 = values.iter().sum();
            let mut row = vec![(*label).to_owned()];
            for (value, total) in values.iter().chain([&sum]).zip(&mut totals) {
                *total += *value;
                row.push(grouped(*value));
            }
            rows.push(row);
        }
        let mut total = vec!["Total".to_owned()];
        total.extend(totals.into_iter().map(grouped));
        rows.push(total);
        rows
    }

    fn print(&self, cells: &[Vec<String>]) -> String {
        let mut out = String::new();
        for (index, row) in cells.iter().enumerate() {
            match self.form {
                Form::Tabs => out.push_str(&row.join("\t")),
                Form::Pipes => out.push_str(&format!("| {} |", row.join(" | "))),
            }
            out.push('\n');
            if index == 0 && self.form == Form::Pipes {
                out.push_str(&format!("|{}\n", " --- |".repeat(row.len())));
            }
        }
        out
    }
}

fn grouped(value: u32) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The texts of header and rows.
fn texts(table: &Table<'_>) -> Vec<Vec<String>> {
    let header = table.columns.iter().map(|column| column.title.clone()).collect();
    let rows = table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.to_string()).collect());
    std::iter::once(header).chain(rows).collect()
}

fn json(document: &Document<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    emit::write_json(document, &emit::Options::default(), &mut out).unwrap();
    out
}

/// Asserts that `document` holds the table of `expected`, or says that it does not: every cell that claims to be
/// certain is the one of the plan in its row and column.
fn assert_nothing_silent(expected: &[Vec<String>], text: &str, document: &Document<'_>) {
    let rows: Vec<_> = document.tables.iter().flat_map(|table| &table.rows).collect();
    let show = || format!("{text}\n{}", common::page(document));
    if rows.len() == expected.len() - 1 {
        for (row, expected) in rows.iter().zip(&expected[1..]) {
            assert_eq!(row.cells.len(), expected.len(), "{}", show());
            for (cell, expected) in row.cells.iter().zip(expected) {
                let right = same(&cell.text, expected)
                    || matches!(cell.value, Some(CellValue::Number(value)) if value.to_string() == expected.replace(',', ""));
                assert!(right || !cell.is_certain(), "{:?} claims to be {expected:?}\n{}", cell.text, show());
            }
        }
    } else {
        // Rows are lost or torn: no certain number may stand beside the wrong label.
        for row in rows {
            let certain = row.cells.iter().skip(1).any(|cell| cell.is_certain() && cell.is_filled());
            let known = expected.iter().any(|expected| {
                row.cells
                    .iter()
                    .zip(expected)
                    .all(|(cell, text)| !cell.is_certain() || same(&cell.text, text))
            });
            assert!(!certain || known, "a row claims what is not so\n{}", show());
        }
    }
}

fn same(found: &str, expected: &str) -> bool {
    found.split_whitespace().eq(expected.split_whitespace())
}

/// What breaks text: separators, digits, marks, markup, scripts, line ends.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[0-9]{1,6}",
        3 => "[0-9]{1,3}(,[0-9]{3}){1,2}(\\.[0-9]{2})?",
        2 => "\\(?-?[0-9]{1,4}[.,][0-9]{1,3}\\)?%?",
        4 => "[A-Za-z]{1,9}",
        5 => select(vec!["\t", "\t", "|", " | ", "  ", "    ", " ", "\n", "\n", "\n", "\r\n", "\r"]).prop_map(str::to_owned),
        2 => select(vec![
            "Total", "Date", "Debit", "Credit", "Balance", "合计", "项目", "Note:", "—", "-", "…", "......", "\u{c}", "\0",
            "\u{feff}", "\u{a0}", "\u{202f}", "é", "€", "$", "%", "(1)", "*", "†", "٣", "㈠", "𝟛", "e\u{301}",
        ]).prop_map(str::to_owned),
        2 => select(vec![
            "<table>", "</table>", "<tr>", "<td>", "<td colspan=3>", "<td rowspan=\"2\">", "</td>", "<th>", "&amp;", "&#44;",
            "&nbsp;", "<br>", "<!--", "-->", "|---|---|\n", "\\|", "<",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..120).prop_map(|pieces| pieces.concat())
}

fn config(cases: u32) -> Config {
    let regressions = FileFailurePersistence::Direct("proptest-regressions/properties.txt");
    Config {
        cases,
        max_shrink_iters: 4000,
        failure_persistence: Some(Box::new(regressions)),
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn any_text_is_conserved(text in any_text()) {
        let document = Rebuilder::new().rebuild(&text);
        assert_conserved(&text, &document);
        for diagnostic in &document.diagnostics {
            if let Some(span) = diagnostic.span {
                prop_assert!(text.get(span.start..span.end).is_some(), "{diagnostic:?} lies outside the text");
            }
        }
    }

    #[test]
    fn same_text_same_bytes(texts in prop::collection::vec(any_text(), 4)) {
        let rebuilder = Rebuilder::new();
        let once: Vec<_> = texts.iter().map(|text| json(&rebuilder.rebuild(text))).collect();
        let again: Vec<_> = thread::scope(|scope| {
            let rebuilder = &rebuilder;
            let threads: Vec<_> =
                texts.iter().map(|text| scope.spawn(move || json(&rebuilder.rebuild(text)))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        prop_assert_eq!(once, again);
    }
}

proptest! {
    #![proptest_config(config(192))]

    #[test]
    fn clean_tables_are_left_alone(plan in plan()) {
        let cells = plan.cells();
        let text = plan.print(&cells);
        let document = Rebuilder::new().rebuild(&text);
        assert_conserved(&text, &document);
        prop_assert_eq!(document.tables.len(), 1);
        prop_assert_eq!(texts(&document.tables[0]), cells);
        for cell in document.tables[0].rows.iter().flat_map(|row| &row.cells) {
            prop_assert_eq!(cell.origin, Origin::Verbatim);
            prop_assert!(cell.is_certain(), "{:?} is not certain", cell.text);
        }
    }

    #[test]
    fn a_grid_of_clean_cells_is_left_alone(plan in plan()) {
        let cells = plan.cells();
        let table = Rebuilder::new().rebuild_grid(&cells).unwrap();
        prop_assert_eq!(texts(&table), cells);
    }

    #[test]
    fn packed_rows_come_back_or_are_flagged(plan in plan(), at in 0..6usize, count in 2..6usize) {
        let cells = plan.cells();
        let mut printed = cells.clone();
        let first = 1 + at % plan.values.len();
        let last = (first + count).min(plan.values.len() + 1);
        let packed = (0..cells[0].len())
            .map(|column| cells[first..last].iter().map(|row| row[column].as_str()).collect::<Vec<_>>().join(" "))
            .collect();
        printed.splice(first..last, [packed]);
        let text = plan.print(&printed);
        let document = Rebuilder::new().rebuild(&text);
        assert_conserved(&text, &document);
        assert_nothing_silent(&cells, &text, &document);
    }

    #[test]
    fn split_numbers_come_back_or_are_flagged(plan in plan(), row in 0..6usize, column in 0..6usize) {
        let cells = plan.cells();
        let row = 1 + row % plan.values.len();
        let column = 1 + column % (cells[0].len() - 1);
        let mut printed = cells.clone();
        // A pipe row cannot hold a line end; there the number breaks at a blank.
        let gap = if plan.form == Form::Tabs { ",\n" } else { ", " };
        printed[row][column] = cells[row][column].replace(',', gap);
        let text = plan.print(&printed);
        let document = Rebuilder::new().rebuild(&text);
        assert_conserved(&text, &document);
        assert_nothing_silent(&cells, &text, &document);
    }

    #[test]
    fn wrapped_labels_come_back_or_are_flagged(plan in plan(), at in 0..6usize, above in any::<bool>()) {
        let cells = plan.cells();
        let at = 1 + at % plan.values.len();
        let mut printed = cells.clone();
        if let Some((first, second)) = cells[at][0].split_once(' ') {
            let alone = |word: &str| {
                let mut row = vec![String::new(); cells[0].len()];
                row[0] = word.to_owned();
                row
            };
            if above {
                printed[at][0] = second.to_owned();
                printed.insert(at, alone(first));
            } else {
                printed[at][0] = first.to_owned();
                printed.insert(at + 1, alone(second));
            }
        }
        let text = plan.print(&printed);
        let document = Rebuilder::new().rebuild(&text);
        assert_conserved(&text, &document);
        assert_nothing_silent(&cells, &text, &document);
    }

    #[test]
    fn mended_markdown_rebuilds_to_itself(plan in plan(), at in 0..6usize, column in 1..6usize, damage in 0..4) {
        let cells = plan.cells();
        let mut printed = cells.clone();
        let first = 1 + at % (plan.values.len() - 1);
        let column = 1 + column % plan.headers.len();
        match damage {
            0 => {
                let both = |column| format!("{} {}", cells[first][column], cells[first + 1][column]);
                printed.splice(first..first + 2, [(0..cells[0].len()).map(both).collect()]);
            }
            1 => printed[first][column] = cells[first][column].replace(',', ", "),
            2 => printed[first][column].clear(),
            _ => {}
        }
        let text = plan.print(&printed);
        let mended = markdown(&text);
        prop_assert_eq!(markdown(&mended), mended);
    }
}

/// Values in other places leave no relation beyond chance: at most one table in a hundred proves anything. The same
/// tables in every run.
#[test]
fn shuffled_values_prove_next_to_nothing() {
    const TABLES: usize = 400;
    let mut runner = TestRunner::deterministic();
    let rebuilder = Rebuilder::new();
    let mut with_proof = Vec::new();
    for number in 0..TABLES {
        let plan = plan().new_tree(&mut runner).unwrap().current();
        let mut cells = plan.cells();
        let width = cells[0].len() - 1;
        let mut values: Vec<String> = cells[1..].iter().flat_map(|row| row[1..].iter().cloned()).collect();
        // Fisher and Yates, by a linear congruence.
        let mut state = number as u64 + 1;
        for last in (1..values.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            values.swap(last, ((state >> 33) % (last as u64 + 1)) as usize);
        }
        for (place, value) in values.into_iter().enumerate() {
            cells[1 + place / width][1 + place % width] = value;
        }
        let text = plan.print(&cells);
        if !proven(&rebuilder.rebuild(&text)).is_empty() {
            with_proof.push(text);
        }
    }
    assert!(with_proof.len() * 100 <= TABLES, "{} of {TABLES}:\n{}", with_proof.len(), with_proof.join("\n"));
}

proptest! {
    #![proptest_config(config(128))]

    /// Documents in one file are rebuilt as each is alone, and their spans are of the file.
    #[test]
    fn documents_of_one_text_are_those_of_their_parts(texts in prop::collection::vec(any_text(), 1..4), mark in select(vec!["\u{c}", "=== end ==="])) {
        let is_mark = |line: &str| line.trim_end_matches('\r') == mark;
        prop_assume!(texts.iter().all(|text| !text.split('\n').any(is_mark)));
        let texts: Vec<String> = texts.into_iter().map(|text| text + "\n").collect();
        let whole = texts.join(&format!("{mark}\n"));
        let parts: Vec<Part> = Parts::new(whole.as_bytes(), mark.as_bytes()).collect();
        let kept = if texts.len() > 1 && texts[texts.len() - 1].trim().is_empty() { texts.len() - 1 } else { texts.len() };
        prop_assert_eq!(parts.len(), kept);
        let rebuilder = Rebuilder::new();
        for (part, text) in parts.iter().zip(&texts) {
            let alone = rebuilder.rebuild(text);
            let moved = rebuilder.rebuild(part.span.slice(&whole)).moved(part);
            prop_assert_eq!(moved.tables.len(), alone.tables.len());
            for (table, own) in moved.tables.iter().zip(&alone.tables) {
                prop_assert_eq!(table.span.slice(&whole), own.span.slice(text));
                prop_assert_eq!((table.line, table.page), (own.line + part.lines, own.page + part.pages));
                prop_assert_eq!(cells_of(table, &whole), cells_of(own, text));
            }
            prop_assert_eq!(without_places(&moved), without_places(&alone));
        }
    }
}

/// What a document says without its places: tables as a page of text.
fn without_places(document: &Document<'_>) -> Vec<String> {
    common::page(document).lines().filter(|line| !line.starts_with("table ")).map(str::to_owned).collect()
}

/// Text, origin and status of a cell, and what its spans hold.
type CellPrint = (String, Origin, Status, Vec<String>);

/// The cells of a table with their prints, which stand in `text`.
fn cells_of(table: &Table<'_>, text: &str) -> Vec<Vec<CellPrint>> {
    let cell = |cell: &retabulate::Cell<'_>| {
        let prints = cell.spans.iter().map(|span| span.slice(text).to_owned()).collect();
        (cell.text.to_string(), cell.origin, cell.status, prints)
    };
    table.rows.iter().map(|row| row.cells.iter().map(cell).collect()).collect()
}

fn markdown(text: &str) -> String {
    let mut out = Vec::new();
    emit::write_markdown(&Rebuilder::new().rebuild(text), &emit::Options::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A schema of the plan's table with these checks.
fn schema_of(plan: &Plan, checks: &[String]) -> Schema {
    let months = plan.headers.iter().map(|title| {
        format!(r#"{{"name": "{}", "title": "{title}", "type": "number"}}"#, title.to_lowercase())
    });
    let fields: Vec<String> = [r#"{"name": "goods", "title": "Goods"}"#.to_owned()]
        .into_iter()
        .chain(months)
        .chain([r#"{"name": "sum", "title": "Sum", "type": "number"}"#.to_owned()])
        .collect();
    let checks: Vec<String> = checks.iter().map(|check| format!("{check:?}")).collect();
    let descriptor = format!(
        r#"{{"name": "goods", "fields": [{}], "rows": {{"total": ["Total"]}}, "checks": [{}]}}"#,
        fields.join(", "),
        checks.join(", ")
    );
    Schema::from_json(&descriptor).unwrap_or_else(|error| panic!("{error}: {descriptor}"))
}

/// The proven cells: row, column and value.
fn proven(document: &Document<'_>) -> Vec<(usize, usize, String)> {
    let rows = document.tables.iter().flat_map(|table| &table.rows).enumerate();
    rows.flat_map(|(row, cells)| {
        cells.cells.iter().enumerate().map(move |(column, cell)| (row, column, cell))
    })
    .filter(|(_, _, cell)| cell.status == Status::Proven)
    .map(|(row, column, cell)| (row, column, format!("{:?}", cell.value)))
    .collect()
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn a_further_true_check_keeps_what_is_proven(plan in plan(), lost in 0..64usize) {
        let cells = plan.cells();
        let mut printed = cells.clone();
        // One number is lost; its slot stays.
        let row = 1 + lost % plan.values.len();
        let column = 1 + lost / plan.values.len() % plan.headers.len();
        printed[row][column].clear();
        let text = plan.print(&printed);
        let months: Vec<String> = plan.headers.iter().map(|title| title.to_lowercase()).collect();
        let mut checks: Vec<String> = months.iter().map(|month| format!("total({month}) = sum({month})")).collect();
        let few = Rebuilder::builder().schema(schema_of(&plan, &checks)).build();
        checks.push(format!("sum = {}", months.join(" + ")));
        checks.push("total(sum) = sum(sum)".to_owned());
        let more = Rebuilder::builder().schema(schema_of(&plan, &checks)).build();
        let (few, more) = (few.rebuild(&text), more.rebuild(&text));
        let (before, after) = (proven(&few), proven(&more));
        for cell in &before {
            prop_assert!(after.contains(cell), "{cell:?} is proven no more\n{}\n{}", common::page(&few), common::page(&more));
        }
    }
}
