//! Helpers of the integration tests.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use retabulate::Span;
use retabulate::table::{Document, Origin, Table};

/// Asserts that nothing is lost and nothing invented: every word and number of a table's lines ends in exactly
/// one cell, header, mark or left-over (a caption or note may stand inside the table, too), every cell's text
/// is what its spans hold, and every span lies in the text on character boundaries.
///
/// Called by every test that rebuilds.
pub fn assert_conserved(text: &str, document: &Document<'_>) {
    for table in &document.tables {
        assert_shape(table);
        let mut owners = vec![0u8; text.len()];
        let mut take = |span: Span, once: bool| {
            assert!(text.get(span.start..span.end).is_some(), "span {span:?} is no part of the text");
            for owner in &mut owners[span.start..span.end] {
                *owner = if once { *owner + 1 } else { (*owner).max(1) };
            }
        };
        for row in &table.rows {
            for cell in &row.cells {
                cell.spans.iter().for_each(|span| take(*span, true));
                cell.marks().iter().for_each(|mark| take(mark.span, true));
            }
        }
        // A spanner belongs to every column that it spans.
        for header in table.columns.iter().flat_map(|column| &column.header_cells) {
            header.spans.iter().for_each(|span| take(*span, false));
        }
        let outside = table.left_over.iter().chain(&table.caption).chain(&table.notes);
        outside.flat_map(|passage| &passage.spans).for_each(|span| take(*span, true));
        assert_owned_once(text, table, &owners);
        assert_texts(text, table);
    }
}

fn assert_shape(table: &Table<'_>) {
    for row in &table.rows {
        assert_eq!(row.cells.len(), table.columns.len(), "a row has one cell a column");
    }
}

fn assert_owned_once(text: &str, table: &Table<'_>, owners: &[u8]) {
    let range = table.span.start..table.span.end;
    let markup = markup_bytes(text);
    for (offset, character) in text[range.clone()].char_indices() {
        let offset = range.start + offset;
        if character.is_alphanumeric() && !markup[offset] {
            assert_eq!(
                owners[offset],
                1,
                "{character:?} at byte {offset} of {:?} has {} owners",
                line_at(text, offset),
                owners[offset]
            );
        }
    }
}

/// Which bytes of `text` are tags and comments, if it has a table in HTML.
fn markup_bytes(text: &str) -> Vec<bool> {
    let mut markup = vec![false; text.len()];
    if !text.to_ascii_lowercase().contains("<table") {
        return markup;
    }
    let mut at = 0;
    while let Some(start) = text[at..].find('<').map(|found| at + found) {
        let rest = &text[start..];
        let is_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        let end = if !is_tag {
            start + 1
        } else if rest.starts_with("<!--") {
            rest.find("-->").map_or(text.len(), |found| start + found + 3)
        } else {
            rest.find('>').map_or(text.len(), |found| start + found + 1)
        };
        markup[start..end].fill(is_tag);
        at = end;
    }
    markup
}

/// `text` with the few entities that our texts use.
fn decoded(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u{a0}"), ("&#44;", ","), ("&euro;", "€")];
    let entities = entities.iter().chain(&[("&ndash;", "–"), ("&amp;", "&")]);
    entities.fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

fn line_at(text: &str, offset: usize) -> &str {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    &text[start..end]
}

/// The text of a printed cell holds the characters of its spans and no others, blanks and hyphens aside.
fn assert_texts(text: &str, table: &Table<'_>) {
    // A control character in markup is no text.
    let squeezed =
        |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect() };
    let markup = markup_bytes(text);
    let in_html = text.to_ascii_lowercase().contains("<table");
    for cell in table.rows.iter().flat_map(|row| &row.cells) {
        if cell.origin == Origin::Given {
            continue;
        }
        let pieces = cell.spans.iter().flat_map(|span| (span.start..span.end).zip(span.slice(text).bytes()));
        let pieces = pieces.filter(|(at, _)| !markup[*at]).map(|(_, byte)| byte).collect();
        let mut printed = squeezed(&String::from_utf8(pieces).unwrap());
        if in_html {
            printed = squeezed(&decoded(&printed));
        }
        // Outside a table of markup a tag is text like any other.
        let plain: String = cell.spans.iter().map(|span| squeezed(span.slice(text))).collect();
        if !in_html || squeezed(&cell.text) != plain {
            assert_eq!(squeezed(&cell.text), printed, "text of a cell with spans {:?}", cell.spans);
        }
        match cell.origin {
            Origin::Inferred => assert!(cell.text.is_empty() && cell.value.is_some()),
            Origin::Missing => {
                assert!(cell.text.is_empty() && cell.value.is_none() && cell.confidence == 0.0)
            }
            _ => {}
        }
        assert!((0.0..=1.0).contains(&cell.confidence));
        assert!(!cell.status.is_doubtful() || cell.confidence < 0.8, "a doubtful cell is never certain");
    }
}

/// A document on one readable page: every table with its cells, origins and statuses, and its checks.
pub fn page(document: &Document<'_>) -> String {
    let mut out = String::new();
    for (index, table) in document.tables.iter().enumerate() {
        out.push_str(&format!(
            "table {} line {} schema {}\n",
            index + 1,
            table.line,
            table.schema.as_deref().unwrap_or("-")
        ));
        let mut rows = vec![header_row(table)];
        for row in &table.rows {
            let mut cells = vec![row.kind.name().to_owned()];
            cells.extend(row.cells.iter().map(cell_text));
            rows.push(cells);
        }
        write_aligned(&mut out, &rows);
        for (name, passages) in
            [("caption", &table.caption), ("note", &table.notes), ("left over", &table.left_over)]
        {
            for passage in passages {
                out.push_str(&format!("{name}: {}\n", passage.text));
            }
        }
        for check in &table.checks {
            let rows: Vec<String> = check.rows.iter().map(|row| (row + 1).to_string()).collect();
            out.push_str(&format!("check {} {} [{}]\n", check.status.name(), check.rule, rows.join(" ")));
        }
        out.push('\n');
    }
    for diagnostic in &document.diagnostics {
        out.push_str(&format!("{}: {}\n", diagnostic.code, diagnostic.message));
    }
    out
}

fn header_row(table: &Table<'_>) -> Vec<String> {
    let mut header = vec!["kind".to_owned()];
    header.extend(table.columns.iter().map(|column| {
        let name = column.name.as_deref().unwrap_or("-");
        if column.header.is_empty() {
            name.to_owned()
        } else {
            format!("{name}: {}", column.header.join(" > "))
        }
    }));
    header
}

/// `text =value (origin status)`, short where a cell stands as printed and nothing is to say.
fn cell_text(cell: &retabulate::Cell<'_>) -> String {
    let mut out = if cell.text.is_empty() { "·".to_owned() } else { cell.text.to_string() };
    if let (true, Some(retabulate::table::CellValue::Number(value))) = (cell.text.is_empty(), cell.value) {
        out = format!("={value}");
    }
    for mark in cell.marks() {
        out.push_str(&format!(" ^{}", mark.text));
    }
    let plain = cell.origin == Origin::Verbatim && cell.status.name() == "unchecked";
    if !plain {
        let sure = if cell.is_certain() { "" } else { "?" };
        out.push_str(&format!(" ({} {}{sure})", cell.origin.name(), cell.status.name()));
    }
    if let Some(group) = cell.detail.as_ref().and_then(|detail| detail.shares) {
        out.push_str(&format!(" #{group}"));
    }
    out
}

fn write_aligned(out: &mut String, rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let line: Vec<String> =
            row.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}")).collect();
        out.push_str(line.join(" | ").trim_end());
        out.push('\n');
    }
}
