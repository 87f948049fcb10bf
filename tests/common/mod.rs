//! Helpers of the integration tests.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use retabulate::Span;
use retabulate::table::{Document, Origin, Table};
use retabulate::text::{Source, read_markup};

/// Asserts that nothing is lost and nothing invented: every word and number of a table's lines ends in exactly
/// one cell, header, mark or left-over (a caption or note may stand inside the table, too), every cell's text
/// is what its spans hold, and every span lies in the text on character boundaries.
///
/// Called by every test that rebuilds.
pub fn assert_conserved(text: &str, document: &Document<'_>) {
    assert_print_conserved(text, &Print::of(text), document);
}

/// The same for cells of another parser, in which a tag is text like any other.
pub fn assert_cells_conserved(text: &str, document: &Document<'_>) {
    assert_print_conserved(text, &Print::plain(text), document);
}

fn assert_print_conserved(text: &str, print: &Print, document: &Document<'_>) {
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
        assert_owned_once(text, table, print, &owners);
        assert_texts(table, print);
    }
}

fn assert_shape(table: &Table<'_>) {
    for row in &table.rows {
        assert_eq!(row.cells.len(), table.columns.len(), "a row has one cell a column");
    }
}

fn assert_owned_once(text: &str, table: &Table<'_>, print: &Print, owners: &[u8]) {
    for (character, place) in print.within(table.span) {
        if character.is_alphanumeric() {
            assert_eq!(
                owners[place.start],
                1,
                "{character:?} at byte {} of {:?} has {} owners",
                place.start,
                line_at(text, place.start),
                owners[place.start]
            );
        }
    }
}

/// The characters of a text in its order, each with the bytes it stands for; of tables in HTML what they show.
struct Print {
    characters: Vec<(char, Span)>,
}

impl Print {
    fn plain(text: &str) -> Self {
        let own = |(at, character): (usize, char)| (character, Span::new(at, at + character.len_utf8()));
        Self { characters: text.char_indices().map(own).collect() }
    }

    fn of(text: &str) -> Self {
        if !text.to_ascii_lowercase().contains("<table") {
            return Self::plain(text);
        }
        // The reader of markup has tests of its own for what it takes a tag for.
        let markup = read_markup(Source::new(text), &mut Vec::new());
        let characters = Self::plain(markup.source.text()).characters.into_iter();
        let mut characters: Vec<(char, Span)> =
            characters.map(|(character, place)| (character, markup.source.original(place))).collect();
        // Blanks and tabs that were put in stand for nothing.
        characters.retain(|(_, place)| !place.is_empty());
        characters.sort_by_key(|(_, place)| place.start);
        Self { characters }
    }

    fn within(&self, span: Span) -> impl Iterator<Item = (char, Span)> {
        let first = self.characters.partition_point(|(_, place)| place.start < span.start);
        self.characters[first..].iter().copied().take_while(move |(_, place)| place.start < span.end)
    }
}

fn line_at(text: &str, offset: usize) -> &str {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    &text[start..end]
}

/// The text of a printed cell holds the characters of its spans and no others, blanks and hyphens aside.
fn assert_texts(table: &Table<'_>, print: &Print) {
    // A control character in markup is no text.
    let is_text = |character: &char| !character.is_whitespace() && !character.is_control();
    for cell in table.rows.iter().flat_map(|row| &row.cells) {
        if cell.origin == Origin::Given {
            continue;
        }
        let printed = cell.spans.iter().flat_map(|span| print.within(*span)).map(|(character, _)| character);
        let printed: String = printed.filter(is_text).collect();
        let shown: String = cell.text.chars().filter(is_text).collect();
        assert_eq!(shown, printed, "text of a cell with spans {:?}", cell.spans);
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
