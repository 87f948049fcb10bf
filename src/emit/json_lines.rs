use std::io::{self, Write};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::json::{
    CellJson, DiagnosticJson, DocumentJson, Mapped, TableJson, diagnostics_json, write_compact, write_line,
};
use super::view::show_header;
use super::{CONTRACT, Options, Per};
use crate::table::{Column, Diagnostic, Document, Row, Table};

/// Writes `document` as JSON Lines: one object a document, a table or a record ([`Options::per`]).
///
/// A table's line has the keys of the table behind `contract`, `source` and `table` (its number, from 1). A
/// record's line has `contract`, `source`, `table`, `schema`, `row` (its number in the table, from 1), `kind`,
/// `line` and `cells`: each cell under the name of its field, else its printed header, else `column N`; a name
/// that stands twice gets ` #2`. Diagnostics of a document follow on a line of their own.
///
/// # Errors
/// Those of `out`.
pub fn write_json_lines(
    document: &Document<'_>,
    options: &Options<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    if options.per == Per::Document {
        return write_line(&DocumentJson::new(document, options), false, out);
    }
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    for (index, table) in document.tables.iter().enumerate() {
        let place = Place { contract: CONTRACT, source: options.source, table: index + 1 };
        if options.per == Per::Table {
            let line = TableLine { place, table: TableJson::new(table, options.certain_only) };
            write_compact(&line, &mut out)?;
        } else {
            write_records(table, place, options.certain_only, &mut out)?;
        }
    }
    if !document.diagnostics.is_empty() {
        let line = DiagnosticsLine {
            contract: CONTRACT,
            source: options.source,
            diagnostics: diagnostics_json(document),
        };
        write_compact(&line, &mut out)?;
    }
    out.flush()
}

fn write_records(
    table: &Table<'_>,
    place: Place<'_>,
    certain_only: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let keys = column_keys(&table.columns);
    for (index, row) in table.rows.each().enumerate() {
        let line = RecordLine {
            place,
            schema: table.schema.as_deref(),
            row: index + 1,
            kind: row.kind.name(),
            line: row.line,
            cells: NamedCells { keys: &keys, row: &row, certain_only },
        };
        write_compact(&line, out)?;
    }
    Ok(())
}

/// A name for every column, each of them once.
fn column_keys(columns: &[Column]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::with_capacity(columns.len());
    let mut taken = std::collections::HashSet::new();
    for (index, column) in columns.iter().enumerate() {
        let header = show_header(column);
        let base = match &column.name {
            Some(name) => name.clone(),
            None if header.is_empty() => format!("column {}", index + 1),
            None => header.into_owned(),
        };
        let mut key = base.clone();
        let mut number = 1;
        while !taken.insert(key.clone()) {
            number += 1;
            key = format!("{base} #{number}");
        }
        keys.push(key);
    }
    keys
}

#[derive(Clone, Copy, Serialize)]
struct Place<'a> {
    contract: u32,
    source: &'a str,
    table: usize,
}

#[derive(Serialize)]
struct TableLine<'a, 't> {
    #[serde(flatten)]
    place: Place<'a>,
    #[serde(flatten)]
    table: TableJson<'a, 't>,
}

#[derive(Serialize)]
struct RecordLine<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    schema: Option<&'a str>,
    row: usize,
    kind: &'static str,
    line: usize,
    cells: NamedCells<'a>,
}

#[derive(Serialize)]
struct DiagnosticsLine<'a> {
    contract: u32,
    source: &'a str,
    diagnostics: Mapped<'a, Diagnostic, DiagnosticJson<'a>>,
}

struct NamedCells<'a> {
    keys: &'a [String],
    row: &'a Row<'a>,
    certain_only: bool,
}

impl Serialize for NamedCells<'_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let mut map = serializer.serialize_map(Some(self.keys.len()))?;
        for (key, cell) in self.keys.iter().zip(&self.row.cells) {
            map.serialize_entry(key, &CellJson::new(cell, self.certain_only))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_key_of_its_own() {
        let titled = |title: &str| Column { title: title.to_owned(), ..Column::default() };
        let named = Column { name: Some("held".to_owned()), ..titled("Held") };
        let columns = [named, titled("No."), titled("No."), titled(""), titled("held"), titled("No. #2")];
        assert_eq!(column_keys(&columns), ["held", "No.", "No. #2", "column 4", "held #2", "No. #2 #2"]);
    }
}
