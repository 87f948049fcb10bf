//! What every fuzz target asserts. The targets only cut their bytes into arguments; `cargo test` in this folder
//! runs the same functions over a few seeds, without a fuzzer.

#[path = "../../tests/common/mod.rs"]
mod common;

use retabulate::schema::check::Check;
use retabulate::table::Document;
use retabulate::{Rebuilder, Schema, Span, emit};

/// Steps that a search may take here: few, so that a run is short and spent budgets are met often.
const STEPS: u64 = 20_000;

/// A byte that parts the arguments of a target, since no text needs it.
pub const PART: char = '\u{1e}';

/// Any text, with the built-in schemas.
pub fn check_text(text: &str) {
    check_rebuilt(&Rebuilder::builder().steps(STEPS, STEPS).build(), text);
}

/// A schema and a text, parted by [`PART`]; what is no schema is left to [`check_schema`].
pub fn check_text_with_schema(input: &str) {
    let Some((descriptor, text)) = input.split_once(PART) else { return };
    let Ok(schema) = Schema::from_json(descriptor) else { return };
    check_rebuilt(&Rebuilder::builder().schema(schema).steps(STEPS, STEPS).build(), text);
}

/// Any JSON as a schema: an error points into the text; what is read is written and read again to the same.
pub fn check_schema(text: &str) {
    match Schema::from_json(text) {
        Ok(schema) => {
            let written = schema.to_json();
            let again = Schema::from_json(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
            assert_eq!(again.to_json(), written, "a schema that was written is read as the same");
        }
        Err(error) => {
            let (line, column) = error.position(text);
            assert!(line >= 1 && column >= 1, "places count from 1");
            assert!(!error.to_string().is_empty());
        }
    }
}

/// Any rule over a fixed schema: it is refused with a place inside it, or printed and read again to the same.
pub fn check_rule(rule: &str) {
    const FIELDS: &str = r#"{"fields": [
        {"name": "name"}, {"name": "a", "type": "number"}, {"name": "b", "type": "number"},
        {"name": "sum", "type": "number"}, {"name": "of the year", "type": "number"}],
        "constants": {"c": {"type": "number"}}}"#;
    let schema = Schema::from_json(FIELDS).unwrap_or_else(|error| panic!("{error}"));
    match Check::parse(rule, &schema) {
        Ok(check) => {
            let printed = check.display(&schema).to_string();
            let again = Check::parse(&printed, &schema).unwrap_or_else(|error| panic!("{error}: {printed}"));
            assert_eq!(again.display(&schema).to_string(), printed, "a printed rule is read as the same");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Cells of another parser: rows by line ends, cells by [`PART`].
pub fn check_grid(input: &str) {
    let rows: Vec<Vec<&str>> = input.lines().map(|line| line.split(PART).collect()).collect();
    let rebuilder = Rebuilder::builder().steps(STEPS, STEPS).build();
    let table = rebuilder.rebuild_grid(&rows);
    assert_eq!(table, rebuilder.rebuild_grid(&rows), "the same cells give the same table");
    if let Some(table) = table {
        let (text, _) = retabulate::grid::Grid::from_cells(&rows);
        let document = Document { tables: vec![table], diagnostics: Vec::new() };
        common::assert_cells_conserved(&text, &document);
        check_document(&text, &document);
    }
}

fn check_rebuilt(rebuilder: &Rebuilder, text: &str) {
    let document = rebuilder.rebuild(text);
    assert_eq!(document, rebuilder.rebuild(text), "the same text gives the same document");
    common::assert_conserved(text, &document);
    check_document(text, &document);
}

fn check_document(text: &str, document: &Document<'_>) {
    for span in spans(document) {
        assert!(text.get(span.start..span.end).is_some(), "{span:?} is no part of the text");
    }
    let options = emit::Options::default();
    let mut json = Vec::new();
    emit::write_json(document, &options, &mut json).unwrap_or_else(|error| panic!("{error}"));
    let read: serde_json::Value = serde_json::from_slice(&json).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read["tables"].as_array().map(Vec::len), Some(document.tables.len()));
    // The other writers must not fail either.
    let mut sink = Vec::new();
    for write in [emit::write_markdown, emit::write_csv, emit::write_html] {
        write(document, &options, &mut sink).unwrap_or_else(|error| panic!("{error}"));
    }
    let terminal = emit::Options { input: Some(text.as_bytes()), ..options };
    emit::write_text(document, &terminal, &mut sink).unwrap_or_else(|error| panic!("{error}"));
}

fn spans(document: &Document<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    for table in &document.tables {
        spans.push(table.span);
        for row in &table.rows {
            for cell in &row.cells {
                spans.extend(cell.spans.iter().copied());
                spans.extend(cell.marks().iter().map(|mark| mark.span));
            }
        }
        let passages = table.caption.iter().chain(&table.notes).chain(&table.left_over);
        spans.extend(passages.flat_map(|passage| passage.spans.iter().copied()));
        spans.extend(
            table
                .columns
                .iter()
                .flat_map(|column| &column.header_cells)
                .flat_map(|cell| cell.spans.iter().copied()),
        );
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: [&str; 6] = [
        "",
        "Item\tQ1\tQ2\nNorth South\t10 20\t11 21\nTotal\t30\t32\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
        "<table><tr><td>a<td>1<tr><td>b<td>2</table>",
        "\0\t\0\t\r\n\u{c}\t|\t|\n|||\n",
        "Date\tDebit\tCredit\tBalance\n1 May 2024 2 May 2024\t5.00\t6.00\t95.00 101.00\n",
    ];

    #[test]
    fn texts() {
        TABLES.iter().for_each(|text| check_text(text));
    }

    #[test]
    fn texts_with_schemas() {
        let schema = r#"{"fields": [{"name": "item"}, {"name": "q1", "title": "Q1", "type": "number"}], "checks": ["total(q1) = sum(q1)"]}"#;
        TABLES.iter().for_each(|text| check_text_with_schema(&format!("{schema}{PART}{text}")));
    }

    #[test]
    fn schemas() {
        for text in ["", "{", "[]", r#"{"fields": []}"#, r#"{"fields": [{"name": "x", "type": "nunber"}]}"#] {
            check_schema(text);
        }
    }

    #[test]
    fn rules() {
        for rule in
            ["", "a = b", "total(a) ~= sum(a)", "a / (b - $c) <= 2 * \"of the year\"", "a = = b", "((((("]
        {
            check_rule(rule);
        }
    }

    #[test]
    fn grids() {
        check_grid("");
        check_grid("Item\u{1e}Q1\nNorth South\u{1e}1 2\nTotal\u{1e}3");
    }
}
