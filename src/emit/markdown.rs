use std::io::{self, BufWriter, Write};

use super::Options;
use super::view::{CellView, show_header};
use crate::table::{Column, Document, Row, Table};

/// Writes the mended tables as Markdown pipe tables, captions as lines above, a blank line between tables.
///
/// A cell shows its printed text; an inferred or corrected one its value. Markdown cannot tell which cells are
/// doubtful: see [`Options::certain_only`]. Read again, the tables are the same.
///
/// # Errors
/// Those of `out`.
pub fn write_markdown(
    document: &Document<'_>,
    options: &Options<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    for (index, table) in document.tables.iter().enumerate() {
        if index > 0 {
            out.write_all(b"\n")?;
        }
        write_table(table, options.certain_only, &mut out)?;
    }
    out.flush()
}

fn write_table(table: &Table<'_>, certain_only: bool, out: &mut impl Write) -> io::Result<()> {
    for passage in &table.caption {
        write_escaped(passage.text.trim(), out)?;
        out.write_all(b"\n")?;
    }
    if table.columns.is_empty() {
        return Ok(());
    }
    if !table.caption.is_empty() {
        out.write_all(b"\n")?;
    }
    for column in &table.columns {
        write_cell(&show_header(column), out)?;
    }
    out.write_all(b"|\n")?;
    for column in &table.columns {
        out.write_all(if column.kind.is_numeric() { b"| ---: " } else { b"| --- " })?;
    }
    out.write_all(b"|\n")?;
    table.rows.each().try_for_each(|row| write_row(&row, &table.columns, certain_only, out))
}

fn write_row(row: &Row<'_>, columns: &[Column], certain_only: bool, out: &mut impl Write) -> io::Result<()> {
    for (cell, column) in row.cells.iter().zip(columns) {
        write_cell(&CellView::new(cell, certain_only).shown(column), out)?;
    }
    out.write_all(b"|\n")
}

fn write_cell(text: &str, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"| ")?;
    write_escaped(text.trim(), out)?;
    out.write_all(b" ")
}

/// Pipes get a backslash, unless they have one: a cell of a Markdown table is printed with its backslashes, and
/// would gain more at each reading. Line ends become blanks.
fn write_escaped(text: &str, out: &mut impl Write) -> io::Result<()> {
    let bytes = text.as_bytes();
    let mut written = 0;
    let mut escaped = false;
    for (at, &byte) in bytes.iter().enumerate() {
        let replacement: &[u8] = match byte {
            b'|' if !escaped => b"\\|",
            b'\n' | b'\r' | b'\t' | b'\x0c' => b" ",
            _ => {
                escaped = byte == b'\\' && !escaped;
                continue;
            }
        };
        escaped = false;
        out.write_all(&bytes[written..at])?;
        out.write_all(replacement)?;
        written = at + 1;
    }
    out.write_all(&bytes[written..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaping_twice_is_escaping_once() {
        let escape = |text: &str| {
            let mut out = Vec::new();
            write_escaped(text, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        for (text, expected) in [
            ("a|b", "a\\|b"),
            ("a\\|b", "a\\|b"),
            ("a\\\\|", "a\\\\\\|"),
            ("a\nb\\", "a b\\"),
            ("||", "\\|\\|"),
        ] {
            assert_eq!(escape(text), expected);
            assert_eq!(escape(expected), expected);
        }
    }
}
