//! The truth of a corpus text, and how a rebuilt document stands against it.
//!
//! ```json
//! {"tables": [{
//!   "schema": "bank-statement",                    // null: bound to none; left out: to any or none
//!   "columns": ["date", "debit", "balance"],       // names of the fields, or titles as printed
//!   "decimal": ",",                                // decimal character of the numbers, "." if left out
//!   "caption": ["..."], "notes": ["..."],          // checked where given
//!   "rows": [{"kind": "data", "cells": [           // the kind may be left out where it is a matter of taste
//!     "5 May",                                     // exactly this text; a number has the value it shows
//!     null,                                        // empty: no text, no value
//!     "?",                                         // open: anything that does not claim to be certain
//!     {"text": "1,6OO.00", "value": "1600.00"},    // this text and this value
//!     {"value": "1088.00"},                        // this value, printed or not
//!     {"value": "0", "or_empty": true},            // a lost zero in a column that leaves zeros blank
//!     {"text": "1,600", "marks": ["1"]}            // this text, and these footnote marks beside it
//!   ]}]}]}
//! ```
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use retabulate::table::{Cell, CellValue, Column, Document, Row, Table};
use retabulate::text::Decimal;
use serde::{Deserialize, Deserializer};

/// The truth of one text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Truth {
    tables: Vec<TrueTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrueTable {
    #[serde(default, deserialize_with = "given")]
    schema: Option<Option<String>>,
    columns: Vec<String>,
    #[serde(default = "point")]
    decimal: char,
    caption: Option<Vec<String>>,
    notes: Option<Vec<String>>,
    rows: Vec<TrueRow>,
}

/// Tells a `null` from a key that is left out.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

const fn point() -> char {
    '.'
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrueRow {
    kind: Option<String>,
    cells: Vec<Option<TrueCell>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TrueCell {
    Text(String),
    Known(Known),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    text: Option<String>,
    value: Option<String>,
    #[serde(default)]
    or_empty: bool,
    #[serde(default)]
    marks: Vec<String>,
}

/// How a document stands against its truth.
#[derive(Default)]
pub(crate) struct Verdict {
    /// Cells that are certain and wrong.
    pub(crate) silent: Vec<String>,
    /// Everything else that is not as the truth says.
    pub(crate) short: Vec<String>,
    right: usize,
    certain: usize,
    open: usize,
    missed: usize,
}

impl Verdict {
    /// The counts in one line.
    pub(crate) fn summary(&self) -> String {
        format!(
            "truth: {} right ({} certain), {} open, {} short, {} silently wrong",
            self.right,
            self.certain,
            self.open,
            self.missed,
            self.silent.len()
        )
    }
}

/// One cell against its truth.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Right,
    /// Nothing can be known, and nothing is claimed.
    Open,
    Short,
    Silent,
}

impl Truth {
    pub(crate) fn from_json(json: &str) -> Result<Self, String> {
        let truth: Self = serde_json::from_str(json).map_err(|error| error.to_string())?;
        for (table, true_table) in truth.tables.iter().enumerate() {
            for (row, true_row) in true_table.rows.iter().enumerate() {
                if true_row.cells.len() != true_table.columns.len() {
                    return Err(format!(
                        "table {} row {} has {} cells",
                        table + 1,
                        row + 1,
                        true_row.cells.len()
                    ));
                }
            }
        }
        Ok(truth)
    }

    /// Judges every cell of `document`, those that stand for nothing in the truth, too.
    pub(crate) fn judge(&self, document: &Document<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        let (found, expected) = (document.tables.len(), self.tables.len());
        if found != expected {
            verdict.short.push(format!("{found} tables, not {expected}"));
        }
        for (index, truth) in self.tables.iter().enumerate() {
            match document.tables.get(index) {
                Some(table) => judge_table(index, truth, table, &mut verdict),
                None => verdict.missed += truth.rows.iter().map(|row| row.cells.len()).sum::<usize>(),
            }
        }
        for table in document.tables.iter().skip(expected) {
            table.rows.iter().for_each(|row| judge_needless(row, &mut verdict));
        }
        verdict
    }
}

fn judge_table(index: usize, truth: &TrueTable, table: &Table<'_>, verdict: &mut Verdict) {
    let place = format!("table {}", index + 1);
    let mut expect = |what: &str, found: String, expected: String| {
        if found != expected {
            verdict.short.push(format!("{place}: {what} {found}, not {expected}"));
        }
    };
    if let Some(schema) = &truth.schema {
        expect("schema", format!("{:?}", table.schema), format!("{schema:?}"));
    }
    let columns: Vec<&str> = table.columns.iter().map(column_name).collect();
    let named = |(column, name): (&Column, &String)| column_name(column) == name || column.title == *name;
    if columns.len() != truth.columns.len() || !table.columns.iter().zip(&truth.columns).all(named) {
        expect("columns", format!("{columns:?}"), format!("{:?}", truth.columns));
    }
    let texts = |passages: &[retabulate::table::Passage]| -> Vec<String> {
        passages.iter().map(|passage| passage.text.clone()).collect()
    };
    if let Some(caption) = &truth.caption {
        expect("caption", format!("{:?}", texts(&table.caption)), format!("{caption:?}"));
    }
    if let Some(notes) = &truth.notes {
        expect("notes", format!("{:?}", texts(&table.notes)), format!("{notes:?}"));
    }
    let columns = match_columns(truth, table);
    for pair in match_rows(truth, table, &columns) {
        match pair {
            (Some(expected), Some(found)) => {
                let (expected, row) = (&truth.rows[expected], &table.rows[found]);
                let kind = row.kind.name();
                if let Some(expected) = expected.kind.as_ref().filter(|expected| *expected != kind) {
                    verdict.short.push(format!("{place} line {}: {kind}, not {expected}", row.line));
                }
                judge_row(&place, truth, expected, row, &columns, verdict);
            }
            (Some(expected), None) => {
                verdict.missed += truth.rows[expected].cells.len();
                verdict.short.push(format!("{place}: row {} of the truth is missing", expected + 1));
            }
            (None, Some(found)) => judge_needless(&table.rows[found], verdict),
            (None, None) => {}
        }
    }
}

fn column_name(column: &Column) -> &str {
    column.name.as_deref().unwrap_or(&column.title)
}

/// For each column of `table` that of the truth: by position, or by name where the counts differ.
fn match_columns(truth: &TrueTable, table: &Table<'_>) -> Vec<Option<usize>> {
    if truth.columns.len() == table.columns.len() {
        return (0..table.columns.len()).map(Some).collect();
    }
    let named = |column: &Column, name: &String| column_name(column) == name || column.title == *name;
    let position = |column| truth.columns.iter().position(|name| named(column, name));
    table.columns.iter().map(position).collect()
}

/// The monotone alignment of rows that makes most filled cells right.
fn match_rows(
    truth: &TrueTable,
    table: &Table<'_>,
    columns: &[Option<usize>],
) -> Vec<(Option<usize>, Option<usize>)> {
    let (height, width) = (truth.rows.len(), table.rows.len());
    let gain = |expected: usize, found: usize| -> usize {
        let cells = table.rows[found].cells.iter().zip(columns);
        let right = |(cell, column): (&Cell<'_>, &Option<usize>)| {
            let expected = column.and_then(|column| truth.rows[expected].cells[column].as_ref());
            cell.is_filled() && outcome(expected, cell, truth.decimal) == Outcome::Right
        };
        // Two rows without a cell in common may still be the same row.
        1 + 4 * cells.filter(|&pair| right(pair)).count()
    };
    let mut best = vec![vec![0; width + 1]; height + 1];
    for row in (0..height).rev() {
        for column in (0..width).rev() {
            let paired = best[row + 1][column + 1] + gain(row, column);
            best[row][column] = paired.max(best[row + 1][column]).max(best[row][column + 1]);
        }
    }
    let (mut row, mut column, mut pairs) = (0, 0, Vec::new());
    while row < height || column < width {
        if row < height
            && column < width
            && best[row][column] == best[row + 1][column + 1] + gain(row, column)
        {
            pairs.push((Some(row), Some(column)));
            (row, column) = (row + 1, column + 1);
        } else if column == width || (row < height && best[row][column] == best[row + 1][column]) {
            pairs.push((Some(row), None));
            row += 1;
        } else {
            pairs.push((None, Some(column)));
            column += 1;
        }
    }
    pairs
}

fn judge_row(
    place: &str,
    truth: &TrueTable,
    expected: &TrueRow,
    row: &Row<'_>,
    columns: &[Option<usize>],
    verdict: &mut Verdict,
) {
    for (cell, column) in row.cells.iter().zip(columns) {
        let Some(column) = *column else {
            judge_needless_cell(cell, row.line, verdict);
            continue;
        };
        let expected = expected.cells[column].as_ref();
        let fault = || {
            let found =
                if cell.text.is_empty() { format!("{:?}", cell.value) } else { format!("{:?}", cell.text) };
            let expected = show_expected(expected);
            format!("{place} line {} {}: {found}, not {expected}", row.line, truth.columns[column])
        };
        match outcome(expected, cell, truth.decimal) {
            Outcome::Right => {
                verdict.right += 1;
                verdict.certain += usize::from(cell.is_certain());
            }
            Outcome::Open => verdict.open += 1,
            Outcome::Short => {
                verdict.missed += 1;
                verdict.short.push(fault());
            }
            Outcome::Silent => verdict.silent.push(fault()),
        }
    }
    let found = |column| columns.contains(&Some(column));
    verdict.missed += (0..truth.columns.len()).filter(|&column| !found(column)).count();
}

fn judge_needless(row: &Row<'_>, verdict: &mut Verdict) {
    verdict.short.push(format!("line {} stands for no row of the truth", row.line));
    row.cells.iter().for_each(|cell| judge_needless_cell(cell, row.line, verdict));
}

fn judge_needless_cell(cell: &Cell<'_>, line: usize, verdict: &mut Verdict) {
    if cell.is_filled() && cell.is_certain() {
        verdict.silent.push(format!("line {line}: {:?} stands for no cell of the truth", cell.text));
    }
}

fn outcome(expected: Option<&TrueCell>, cell: &Cell<'_>, decimal: char) -> Outcome {
    let right = match expected {
        None => !cell.is_filled(),
        Some(TrueCell::Text(text)) if text == "?" => {
            // An empty cell claims nothing, whatever it thinks of its emptiness.
            let claims = cell.is_certain() && cell.is_filled();
            return if claims { Outcome::Silent } else { Outcome::Open };
        }
        Some(TrueCell::Text(text)) => same_text(text, &cell.text) && shows_value(cell, decimal),
        Some(TrueCell::Known(known)) => is_known(known, cell),
    };
    if right {
        Outcome::Right
    } else if cell.is_certain() && cell.is_filled() && !says_no_wrong(expected, cell, decimal) {
        Outcome::Silent
    } else {
        Outcome::Short
    }
}

/// Whether a cell that is not as it should be is at least not wrong: the right text without a value, or the
/// right value without its print.
fn says_no_wrong(expected: Option<&TrueCell>, cell: &Cell<'_>, decimal: char) -> bool {
    match (expected, cell.value) {
        (Some(TrueCell::Known(known)), None | Some(CellValue::Text)) => {
            known.marks.is_empty() && known.text.as_ref().is_some_and(|text| same_text(text, &cell.text))
        }
        (Some(TrueCell::Text(text)), Some(value)) => {
            cell.text.is_empty() && plain_value(text, decimal).is_some_and(|plain| same_value(&plain, value))
        }
        _ => false,
    }
}

fn is_known(known: &Known, cell: &Cell<'_>) -> bool {
    if known.or_empty && !cell.is_filled() {
        return true;
    }
    let marks: Vec<&str> = cell.marks().iter().map(|mark| mark.text.trim()).collect();
    known.text.as_ref().is_none_or(|text| same_text(text, &cell.text))
        && known.value.as_ref().is_none_or(|value| cell.value.is_some_and(|found| same_value(value, found)))
        && known.marks == marks
}

/// Equal up to the runs of blanks, which no writer of a table means.
fn same_text(expected: &str, found: &str) -> bool {
    expected.split_whitespace().eq(found.split_whitespace())
}

fn same_value(expected: &str, found: CellValue) -> bool {
    match found {
        CellValue::Number(number) => expected.parse::<Decimal>().is_ok_and(|expected| expected == number),
        CellValue::Date(date) => expected == format!("{:04}-{:02}-{:02}", date.year, date.month, date.day),
        CellValue::Boolean(truth) => expected == truth.to_string(),
        _ => false,
    }
}

/// Whether the value of a number is the one that a plain reading of its text gives; texts that are not plain
/// pass, their truth states the value.
fn shows_value(cell: &Cell<'_>, decimal: char) -> bool {
    match (cell.value, plain_value(&cell.text, decimal)) {
        (Some(CellValue::Number(number)), Some(plain)) => same_value(&plain, CellValue::Number(number)),
        _ => true,
    }
}

/// The number that a plain text shows: digits, groups, one decimal character, a minus or parentheses, a percent
/// sign. A reader of its own, so that it does not err where the engine's errs.
fn plain_value(text: &str, decimal: char) -> Option<String> {
    let text = text.trim().trim_end_matches('%').trim_end();
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let minus = text.strip_prefix(['-', '−']);
    let negative = inner.is_some() || minus.is_some();
    let digits = inner.or(minus).unwrap_or(text);
    let mut out = if negative { "-".to_owned() } else { String::new() };
    for character in digits.chars() {
        match character {
            '0'..='9' => out.push(character),
            _ if character == decimal => out.push('.'),
            ',' | '.' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' => {}
            _ => return None,
        }
    }
    digits.chars().any(|character| character.is_ascii_digit()).then_some(out)
}

fn show_expected(expected: Option<&TrueCell>) -> String {
    match expected {
        None => "empty".to_owned(),
        Some(TrueCell::Text(text)) => format!("{text:?}"),
        Some(TrueCell::Known(known)) => {
            format!("{:?} = {:?} {:?}", known.text.as_deref(), known.value.as_deref(), known.marks)
        }
    }
}
