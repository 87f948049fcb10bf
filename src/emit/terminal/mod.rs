//! The view for human eyes: tables aligned by display width, repaired cells signed and coloured, and under each
//! table what was repaired and why.

mod grid;
mod layout;
mod lines;
pub(super) mod paint;
pub(super) mod plain;
mod report;

use std::io::{self, BufWriter, Write};

use self::grid::write_grid;
pub(super) use self::lines::LineIndex;
use self::paint::{Color, Paint};
use self::plain::plain;
pub use self::plain::plain_line;
use self::report::write_report;
use super::{Options, write_diagnostic};
use crate::table::{Document, Table};

/// Writes the tables for a terminal of [`Options::width`] columns.
///
/// Behind a cell stands `*` where it was repaired, `+` where it is inferred, `?` where it is not certain, `!`
/// where it is in a check that fails, `·` where it is missing; with [`Options::color`] it is coloured too. Under
/// each table follow the doubtful and the repaired cells with their reasons, the checks, notes and left-overs,
/// at most [`Options::details`] of each. Characters that a terminal would obey are shown as pictures.
///
/// # Errors
/// Those of `out`.
pub fn write_text(document: &Document<'_>, options: &Options<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let lines = options.input.map(LineIndex::new);
    let mut used = [false; Paint::ALL.len()];
    for (index, table) in document.tables.iter().enumerate() {
        if index > 0 {
            out.write_all(b"\n")?;
        }
        write_title(table, options, &mut out)?;
        write_grid(table, options, &mut used, &mut out)?;
        write_report(table, options, lines.as_ref(), &mut out)?;
    }
    if document.tables.is_empty() && document.diagnostics.is_empty() {
        writeln!(out, "{}: no table found", plain(options.source))?;
    }
    write_legend(used, options, &mut out)?;
    if !(document.tables.is_empty() || document.diagnostics.is_empty()) {
        out.write_all(b"\n")?;
    }
    for diagnostic in &document.diagnostics {
        write_diagnostic(diagnostic, options, &mut out)?;
    }
    out.flush()
}

fn write_title(table: &Table<'_>, options: &Options<'_>, out: &mut impl Write) -> io::Result<()> {
    let (on, off) = Color::Bold.codes(options.color);
    let schema = table.schema.as_deref().unwrap_or("no schema");
    write!(out, "{on}{}:{}{off}  {}", plain(options.source), table.line, plain(schema))?;
    if table.page > 1 {
        write!(out, "  page {}", table.page)?;
    }
    out.write_all(b"\n")?;
    for passage in &table.caption {
        let text = plain(&passage.text);
        for line in plain::wrap(&text, options.width) {
            writeln!(out, "{line}")?;
        }
    }
    out.write_all(b"\n")
}

/// The signs that were used, and what they mean.
fn write_legend(
    used: [bool; Paint::ALL.len()],
    options: &Options<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let shown = Paint::ALL.iter().zip(used).filter(|(paint, used)| *used && **paint != Paint::Plain);
    let mut entries = shown.map(|(paint, _)| {
        let (on, off) = paint.color().codes(options.color);
        format!("{on}{}{off} {}", paint.sign(), paint.meaning())
    });
    let legend = itertools::Itertools::join(&mut entries, "   ");
    if legend.is_empty() { Ok(()) } else { writeln!(out, "\n{legend}") }
}
