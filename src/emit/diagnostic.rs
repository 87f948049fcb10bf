use std::borrow::Cow;
use std::io::{self, Write};

use super::Options;
use super::terminal::LineIndex;
use super::terminal::paint::Color;
use super::terminal::plain::{cut, plain, take, width};
use crate::table::{Code, Diagnostic};
use crate::text::Span;

/// Writes a diagnostic for human eyes: what it is, where, the line with a caret under the place, what helps.
///
/// The place is shown by line and column where [`Options::input`] is given, else in bytes.
///
/// ```
/// use retabulate::emit::{Options, write_diagnostic};
/// use retabulate::table::{Code, Diagnostic};
/// use retabulate::Span;
///
/// let input = "Name\tHeld\nA\t1\n";
/// let diagnostic = Diagnostic::new(Code::NoSchemaFits, "no schema has these headers").at(Span::new(5, 9));
/// let options = Options { source: "report.txt", input: Some(input.as_bytes()), ..Options::default() };
/// let mut text = Vec::new();
/// write_diagnostic(&diagnostic, &options, &mut text)?;
/// assert_eq!(String::from_utf8_lossy(&text), "\
/// note[no-schema-fits]: no schema has these headers
///  --> report.txt:1:6
///   |
/// 1 | Name Held
///   |      ^^^^
/// ");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of `out`.
pub fn write_diagnostic(
    diagnostic: &Diagnostic,
    options: &Options<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let (name, color) = severity(diagnostic.code);
    let (on, off) = color.codes(options.color);
    writeln!(out, "{on}{name}[{}]{off}: {}", diagnostic.code, plain(&diagnostic.message))?;
    match (diagnostic.span, options.input) {
        (None, _) => {}
        (Some(span), None) => {
            writeln!(out, " --> {} bytes {}-{}", plain(options.source), span.start, span.end)?;
        }
        (Some(span), Some(input)) => write_place(span, input, color, options, out)?,
    }
    match &diagnostic.help {
        Some(help) => writeln!(out, "  = help: {}", plain(help)),
        None => Ok(()),
    }
}

fn severity(code: Code) -> (&'static str, Color) {
    match code {
        Code::Unreadable => ("error", Color::Red),
        Code::NotUtf8 | Code::BudgetSpent | Code::CheckFails | Code::UnclosedMarkup => {
            ("warning", Color::Yellow)
        }
        _ => ("note", Color::Cyan),
    }
}

fn write_place(
    span: Span,
    input: &[u8],
    color: Color,
    options: &Options<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let lines = LineIndex::new(input);
    let number = lines.line(span.start);
    let line = lines.span(number, input);
    let piece = |start: usize, end: usize| -> Cow<'_, str> {
        String::from_utf8_lossy(input.get(start..end.max(start)).unwrap_or_default())
    };
    let start = span.start.clamp(line.start, line.end);
    let end = span.end.clamp(start, line.end);
    let (before, marked, after) = (piece(line.start, start), piece(start, end), piece(end, line.end));
    let column = before.chars().count() + 1;
    let before = tail(&plain(&before), options.width / 3);
    let marked = cut(&plain(&marked), options.width / 2).into_owned();
    let room = options.width.saturating_sub(width(&before) + width(&marked));
    let after = cut(&plain(&after), room).into_owned();
    let digits = number.to_string().len();
    let (on, off) = color.codes(options.color);
    let carets = "^".repeat(width(&marked).max(1));
    let indent = width(&before);
    writeln!(out, "{:digits$}--> {}:{number}:{column}", "", plain(options.source))?;
    writeln!(out, "{:digits$} |", "")?;
    writeln!(out, "{}", format!("{number} | {before}{marked}{after}").trim_end())?;
    writeln!(out, "{:digits$} | {:indent$}{on}{carets}{off}", "", "")
}

/// The end of `text` of at most `limit` display columns, an ellipsis where it is cut.
fn tail(text: &str, limit: usize) -> String {
    let excess = width(text).saturating_sub(limit);
    if excess == 0 {
        return text.to_owned();
    }
    format!("…{}", text.get(take(text, excess + 1).len()..).unwrap_or(""))
}
