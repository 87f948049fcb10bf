use std::io::{self, BufWriter, Write};

use super::Options;
use super::view::{CellView, show_header, thousandths, type_name};
use crate::table::{Column, Document, Origin, Row, RowKind, Table};
use crate::text::Span;

/// What stands before the tables of a whole page; [`HTML_END`] stands behind them.
pub const HTML_START: &str = "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>Rebuilt tables</title>\n\
<style>\n\
table { border-collapse: collapse; margin: 1.5em 0 0.5em }\n\
caption { text-align: left; font-weight: bold }\n\
th, td { border: 1px solid #bbb; padding: 0.2em 0.5em; text-align: left; vertical-align: top }\n\
td.number { text-align: right }\n\
tr[data-kind=total] td, tr[data-kind=group] td { font-weight: bold }\n\
td[data-origin=split], td[data-origin=joined], td[data-origin=moved], td[data-origin=corrected] { background: #e6f4e6 }\n\
td[data-origin=inferred] { background: #e0eefa }\n\
td[data-origin=missing] { background: #eee }\n\
td[data-status=contradicted] { background: #fadcdc }\n\
</style>\n</head>\n<body>\n";

/// What stands behind the tables of a whole page.
pub const HTML_END: &str = "</body>\n</html>\n";

/// Writes the mended tables as HTML: one `<table>` each, its notes behind it.
///
/// Every cell names its origin, status, confidence and bytes in `data-` attributes; what is not certain stands
/// in `<mark>`. All text is escaped. The tables are a fragment: [`HTML_START`] and [`HTML_END`] make a page.
///
/// # Errors
/// Those of `out`.
pub fn write_html(document: &Document<'_>, options: &Options<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    for table in &document.tables {
        write_table(table, options, &mut out)?;
    }
    out.flush()
}

fn write_table(table: &Table<'_>, options: &Options<'_>, out: &mut impl Write) -> io::Result<()> {
    write!(out, "<table data-source=\"")?;
    write_escaped(options.source, out)?;
    write!(out, "\" data-line=\"{}\" data-page=\"{}\"", table.line, table.page)?;
    if let Some(schema) = &table.schema {
        out.write_all(b" data-schema=\"")?;
        write_escaped(schema, out)?;
        out.write_all(b"\"")?;
    }
    out.write_all(b">\n")?;
    if !table.caption.is_empty() {
        out.write_all(b"<caption>")?;
        for (index, passage) in table.caption.iter().enumerate() {
            out.write_all(if index > 0 { b"<br>" } else { b"" })?;
            write_escaped(&passage.text, out)?;
        }
        out.write_all(b"</caption>\n")?;
    }
    write_head(&table.columns, out)?;
    out.write_all(b"<tbody>\n")?;
    for row in table.rows.each() {
        write_row(&row, &table.columns, options.certain_only, out)?;
    }
    out.write_all(b"</tbody>\n</table>\n")?;
    for note in &table.notes {
        out.write_all(b"<p>")?;
        write_escaped(&note.text, out)?;
        out.write_all(b"</p>\n")?;
    }
    Ok(())
}

/// The boxhead: a spanner stands once over its columns, a short path reaches down to the body.
fn write_head(columns: &[Column], out: &mut impl Write) -> io::Result<()> {
    let depth = columns.iter().map(|column| column.header.len()).max().unwrap_or(0).max(1);
    out.write_all(b"<thead>\n")?;
    for level in 0..depth {
        out.write_all(b"<tr>")?;
        let mut at = 0;
        while let Some(column) = columns.get(at) {
            let width = spanned(columns.get(at..).unwrap_or_default(), level);
            let leaf = level + 1 == column.header.len().max(1);
            if leaf || level < column.header.len() {
                write_header_cell(column, level, width, if leaf { depth - level } else { 1 }, out)?;
            }
            at += width;
        }
        out.write_all(b"</tr>\n")?;
    }
    out.write_all(b"</thead>\n")
}

/// How many of the columns share the header cell of the first at `level`; a leaf is never shared.
fn spanned(columns: &[Column], level: usize) -> usize {
    let Some(first) = columns.first().filter(|first| level + 1 < first.header.len()) else {
        return 1;
    };
    let shares = |column: &&Column| {
        level + 1 < column.header.len() && column.header.get(..=level) == first.header.get(..=level)
    };
    columns.iter().take_while(shares).count()
}

fn write_header_cell(
    column: &Column,
    level: usize,
    width: usize,
    height: usize,
    out: &mut impl Write,
) -> io::Result<()> {
    out.write_all(b"<th")?;
    if width > 1 {
        write!(out, " colspan=\"{width}\"")?;
    }
    if height > 1 {
        write!(out, " rowspan=\"{height}\"")?;
    }
    if level + 1 >= column.header.len() {
        write!(out, " data-type=\"{}\"", type_name(column))?;
        if let Some(name) = &column.name {
            out.write_all(b" data-name=\"")?;
            write_escaped(name, out)?;
            out.write_all(b"\"")?;
        }
    }
    out.write_all(b">")?;
    match column.header.get(level) {
        Some(text) => write_escaped(text, out)?,
        None => write_escaped(&show_header(column), out)?,
    }
    out.write_all(b"</th>")
}

fn write_row(row: &Row<'_>, columns: &[Column], certain_only: bool, out: &mut impl Write) -> io::Result<()> {
    let kind = row.kind;
    if kind == RowKind::Data {
        out.write_all(b"<tr>")?;
    } else {
        write!(out, "<tr data-kind=\"{}\">", kind.name())?;
    }
    for (cell, column) in row.cells.iter().zip(columns) {
        let view = CellView::new(cell, certain_only);
        out.write_all(if column.kind.is_numeric() { b"<td class=\"number\"" } else { b"<td" })?;
        write!(out, " data-origin=\"{}\" data-status=\"{}\"", view.origin.name(), view.status.name())?;
        let confidence = thousandths(view.confidence, view.status.is_doubtful());
        write!(out, " data-confidence=\"{}.{:03}\"", confidence / 1000, confidence % 1000)?;
        write_spans(view.spans, out)?;
        out.write_all(b">")?;
        let doubtful = !cell.is_certain() && view.origin != Origin::Missing;
        out.write_all(if doubtful { b"<mark>" } else { b"" })?;
        write_escaped(&view.shown(column), out)?;
        out.write_all(if doubtful { b"</mark>" } else { b"" })?;
        for mark in view.marks {
            out.write_all(b"<sup>")?;
            write_escaped(&mark.text, out)?;
            out.write_all(b"</sup>")?;
        }
        out.write_all(b"</td>")?;
    }
    out.write_all(b"</tr>\n")
}

/// The bytes of a cell as `start-end start-end`.
fn write_spans(spans: &[Span], out: &mut impl Write) -> io::Result<()> {
    for (index, span) in spans.iter().enumerate() {
        write!(out, "{}{}-{}", if index == 0 { " data-bytes=\"" } else { " " }, span.start, span.end)?;
    }
    out.write_all(if spans.is_empty() { b"" } else { b"\"" })
}

/// `text` for element content and for attributes in double quotes.
fn write_escaped(text: &str, out: &mut impl Write) -> io::Result<()> {
    let bytes = text.as_bytes();
    let mut written = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let entity: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            // NUL is no character of HTML.
            0 => "\u{fffd}".as_bytes(),
            _ => continue,
        };
        out.write_all(&bytes[written..at])?;
        out.write_all(entity)?;
        written = at + 1;
    }
    out.write_all(&bytes[written..])
}
