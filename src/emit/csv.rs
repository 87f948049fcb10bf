use std::io::{self, BufWriter, Write};

use super::Options;
use super::view::{CellView, show_header};
use crate::table::{Document, Table};

/// Writes the mended tables as CSV after RFC 4180: a header line and a line a row, ended by CR LF; a blank line
/// between tables.
///
/// A cell shows its printed text; an inferred or corrected one its value. CSV cannot tell which cells are
/// doubtful: see [`Options::certain_only`]. With [`Options::defuse_formulas`] a text that a spreadsheet would
/// run (it begins with `=`, `+`, `-`, `@`, a tab or a carriage return, and is no number) gets an apostrophe in
/// front.
///
/// # Errors
/// Those of `out`.
pub fn write_csv(document: &Document<'_>, options: &Options<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let tables = document.tables.iter().filter(|table| !table.columns.is_empty());
    for (index, table) in tables.enumerate() {
        if index > 0 {
            out.write_all(b"\r\n")?;
        }
        write_table(table, options, &mut out)?;
    }
    out.flush()
}

fn write_table(table: &Table<'_>, options: &Options<'_>, out: &mut impl Write) -> io::Result<()> {
    // A lone empty field would be a blank line, which ends a table.
    let lone = table.columns.len() == 1;
    for (index, column) in table.columns.iter().enumerate() {
        write_field(&show_header(column), index, lone, options.defuse_formulas, out)?;
    }
    out.write_all(b"\r\n")?;
    for row in table.rows.each() {
        for (index, (cell, column)) in row.cells.iter().zip(&table.columns).enumerate() {
            let text = CellView::new(cell, options.certain_only).shown(column);
            write_field(&text, index, lone, options.defuse_formulas, out)?;
        }
        out.write_all(b"\r\n")?;
    }
    Ok(())
}

fn write_field(text: &str, index: usize, lone: bool, defuse: bool, out: &mut impl Write) -> io::Result<()> {
    if index > 0 {
        out.write_all(b",")?;
    }
    let apostrophe: &[u8] = if defuse && is_formula(text) { b"'" } else { b"" };
    let special = |byte| matches!(byte, b',' | b'"' | b'\r' | b'\n');
    if !(text.bytes().any(special) || (lone && text.is_empty())) {
        out.write_all(apostrophe)?;
        return out.write_all(text.as_bytes());
    }
    out.write_all(b"\"")?;
    out.write_all(apostrophe)?;
    for (part, piece) in text.split('"').enumerate() {
        if part > 0 {
            out.write_all(b"\"\"")?;
        }
        out.write_all(piece.as_bytes())?;
    }
    out.write_all(b"\"")
}

/// Whether a spreadsheet may run `text`. A signed number is none, nor is a lone nil mark.
fn is_formula(text: &str) -> bool {
    let mut rest = text.chars();
    match rest.next() {
        Some('=' | '@' | '\t' | '\r' | '＝' | '＠') => true,
        Some('+' | '-' | '＋' | '－') => {
            let body = rest.as_str();
            !(is_number(body) || body.chars().all(|mark| mark == '-'))
        }
        _ => false,
    }
}

/// Digits with separators, a currency sign before them, a percent sign behind: nothing that could compute.
fn is_number(body: &str) -> bool {
    let digits = body.trim_start_matches(['$', '€', '£', '¥', '￥', ' ']).trim_end_matches(['%', '‰', ' ']);
    let plain = |symbol: char| {
        symbol.is_ascii_digit() || matches!(symbol, ',' | '.' | ' ' | '\u{a0}' | '\u{202f}' | '\'')
    };
    digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') && digits.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_from_numbers() {
        for text in
            ["=1+2", "+cmd|' /C calc'!A0", "-1+2", "@SUM(A1)", "-A1", "+1-800-555", "\t=1", "＝1", "-", "--"]
        {
            assert_eq!(is_formula(text), !text.chars().all(|mark| mark == '-'), "{text}");
        }
        for text in ["-1,600.00", "+4.13%", "-$ 5", "-.5", "1-2", "", "a=b", "- 1 600,00", "–5"] {
            assert!(!is_formula(text), "{text}");
        }
    }

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let field = |text, lone, defuse| {
            let mut out = Vec::new();
            write_field(text, 0, lone, defuse, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(field("a,b", false, false), "\"a,b\"");
        assert_eq!(field("say \"a\"", false, false), "\"say \"\"a\"\"\"");
        assert_eq!(field("", true, false), "\"\"");
        assert_eq!(field("=1,2", false, true), "\"'=1,2\"");
        assert_eq!(field("=1", false, false), "=1");
    }
}
