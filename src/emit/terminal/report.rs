//! What stands under a table: doubtful and repaired cells with their reasons, checks, notes, left-overs.

use std::fmt::Write as _;
use std::io::{self, Write};

use itertools::Itertools as _;

use super::lines::LineIndex;
use super::paint::{Color, Paint};
use super::plain::{cut, plain};
use crate::emit::Options;
use crate::emit::view::{CellView, show_header, show_value, thousandths};
use crate::table::{Alternative, Check, CheckStatus, Column, Origin, Passage, Row, Table};
use crate::text::Span;

/// Display columns of a quoted name or text.
const QUOTE: usize = 32;
/// Alternatives and checks told of for one cell.
const FEW: usize = 4;

pub(super) fn write_report(
    table: &Table<'_>,
    options: &Options<'_>,
    lines: Option<&LineIndex>,
    out: &mut impl Write,
) -> io::Result<()> {
    write_cells(table, options, lines, out)?;
    write_checks(&table.checks, options, out)?;
    write_passages("note", &table.notes, options, lines, out)?;
    write_passages("left over", &table.left_over, options, lines, out)
}

/// A line for each cell that is not plainly as printed, what needs a look first.
fn write_cells(
    table: &Table<'_>,
    options: &Options<'_>,
    lines: Option<&LineIndex>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut told: Vec<(Paint, usize, usize)> = Vec::new();
    for (row_index, row) in table.rows.iter().enumerate() {
        for (column_index, cell) in row.cells.iter().enumerate().take(table.columns.len()) {
            let paint = Paint::of(cell, CellView::new(cell, options.certain_only).origin);
            if paint != Paint::Plain {
                told.push((paint, row_index, column_index));
            }
        }
    }
    told.sort_unstable();
    if !told.is_empty() {
        out.write_all(b"\n")?;
    }
    for &(paint, row_index, column_index) in told.iter().take(options.details) {
        let (Some(row), Some(column)) = (table.rows.get(row_index), table.columns.get(column_index)) else {
            continue;
        };
        let (on, off) = paint.color().codes(options.color);
        let story = tell(table, row, column_index, options, lines);
        let place = format!(
            "row {}{}, {}",
            row_index + 1,
            row_label(row, column_index),
            column_label(column, column_index)
        );
        writeln!(out, "{on}{}{off} {place}: {story}", paint.sign())?;
    }
    write_more(told.len(), options, "cells", out)
}

fn row_label(row: &Row<'_>, column: usize) -> String {
    match row.cells.first().filter(|stub| column > 0 && !stub.text.is_empty()) {
        Some(stub) => format!(" ({})", cut(&plain(&stub.text), QUOTE)),
        None => String::new(),
    }
}

fn column_label(column: &Column, index: usize) -> String {
    let header = show_header(column);
    match &column.name {
        Some(name) => plain(name).into_owned(),
        None if header.is_empty() => format!("column {}", index + 1),
        None => cut(&plain(&header), QUOTE).into_owned(),
    }
}

/// What became of one cell: reading, origin, status, source, reasons, other readings.
fn tell(
    table: &Table<'_>,
    row: &Row<'_>,
    column: usize,
    options: &Options<'_>,
    lines: Option<&LineIndex>,
) -> String {
    let (Some(cell), Some(head)) = (row.cells.get(column), table.columns.get(column)) else {
        return String::new();
    };
    let view = CellView::new(cell, options.certain_only);
    let mut story = String::new();
    if view.origin != Origin::Missing {
        let _ = write!(story, "{} ", cut(&plain(&view.shown(head)), QUOTE));
    }
    let _ = write!(story, "{}, {}", view.origin.name(), view.status.name());
    if view.origin != Origin::Missing && !cell.is_certain() {
        let _ = write!(story, " ({})", percent(view.confidence, view.status.is_doubtful()));
    }
    if view.origin == Origin::Corrected {
        let _ = write!(story, ", printed {}", cut(&plain(view.text), QUOTE));
    }
    if !view.spans.is_empty() {
        let _ = write!(story, "; from {}", places(view.spans, lines));
    }
    if let Some(group) = view.shares {
        let _ = write!(story, ", shared in group {group}");
    }
    if !view.because.is_empty() {
        let _ = write!(story, "; by {}", reasons(view.because, &table.checks));
    }
    if let Some(withheld) = view.withheld {
        let text = CellView::new(withheld, false).shown(head);
        let reading = if text.is_empty() { "nothing".into() } else { cut(&plain(&text), QUOTE).into_owned() };
        let _ = write!(story, "; withheld {reading} ({})", percent(withheld.confidence, true));
    }
    for other in view.alternatives.iter().take(FEW) {
        let _ = write!(story, "; or {}", alternative(other, head));
    }
    if view.alternatives.len() > FEW {
        let _ = write!(story, "; or {} others", view.alternatives.len() - FEW);
    }
    story
}

fn alternative(other: &Alternative, column: &Column) -> String {
    let text = match other.value {
        Some(value) if other.text.is_empty() => {
            format!("{} unprinted", show_value(value, "", column.percent))
        }
        _ if other.text.is_empty() => "nothing".to_owned(),
        _ => cut(&plain(&other.text), QUOTE).into_owned(),
    };
    format!("{text} ({})", percent(other.confidence, false))
}

fn percent(confidence: f32, doubtful: bool) -> String {
    format!("{} %", thousandths(confidence, doubtful) / 10)
}

/// The bytes of the pieces and, where the input is at hand, their lines.
fn places(spans: &[Span], lines: Option<&LineIndex>) -> String {
    let bytes = spans.iter().take(FEW).map(|span| format!("{}-{}", span.start, span.end)).join(" ");
    let more = if spans.len() > FEW { " …" } else { "" };
    let Some(lines) = lines else {
        return format!("bytes {bytes}{more}");
    };
    let numbers: Vec<usize> = spans.iter().map(|span| lines.line(span.start)).dedup().collect();
    let noun = if numbers.len() == 1 { "line" } else { "lines" };
    let more_lines = if numbers.len() > FEW { " …" } else { "" };
    format!("{noun} {}{more_lines} (bytes {bytes}{more})", numbers.iter().take(FEW).join(", "))
}

/// The rules behind a status, each once.
fn reasons(because: &[u32], checks: &[Check]) -> String {
    let rule = |id: &u32| {
        checks.iter().find(|check| check.id == *id).map_or_else(|| format!("check {id}"), told_check)
    };
    let rules: Vec<String> = because.iter().map(rule).unique().collect();
    let more = if rules.len() > 2 { format!(" and {} more", rules.len() - 2) } else { String::new() };
    format!("{}{more}", rules.iter().take(2).join(" and "))
}

/// The check with its numbers where they are written out, else its rule.
fn told_check(check: &Check) -> String {
    let text = if check.equation().is_empty() { &*check.rule } else { check.equation() };
    plain(text).into_owned()
}

/// How many checks hold and how many do not; those that fail, one by one.
fn write_checks(checks: &[Check], options: &Options<'_>, out: &mut impl Write) -> io::Result<()> {
    if checks.is_empty() {
        return Ok(());
    }
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    let all = [
        (CheckStatus::Holds, ["holds", "hold"], Color::Green),
        (CheckStatus::HoldsRounded, ["holds with rounding", "hold with rounding"], Color::Green),
        (CheckStatus::Fails, ["fails", "fail"], Color::Red),
        (CheckStatus::Untestable, ["cannot be tested"; 2], Color::Dim),
    ];
    let counted = all
        .iter()
        .map(|&(status, verb, color)| (count(status), verb, color))
        .filter(|(count, ..)| *count > 0);
    let mut summary = counted.map(|(count, verb, color)| {
        let (on, off) = color.codes(options.color);
        format!("{on}{count} {}{off}", verb[usize::from(count > 1)])
    });
    writeln!(out, "\nchecks: {}", summary.join(", "))?;
    let (on, off) = Color::Red.codes(options.color);
    let failed: Vec<&Check> = checks.iter().filter(|check| check.status == CheckStatus::Fails).collect();
    for check in failed.iter().take(options.details) {
        let rows = check.rows.iter().take(FEW).map(|row| row + 1).join(", ");
        let more = if check.rows.len() > FEW { " …" } else { "" };
        let noun = if check.rows.len() == 1 { "row" } else { "rows" };
        writeln!(out, "{on}!{off} {} fails in {noun} {rows}{more}", plain(&check.rule))?;
    }
    write_more(failed.len(), options, "checks that fail", out)
}

fn write_passages(
    what: &str,
    passages: &[Passage],
    options: &Options<'_>,
    lines: Option<&LineIndex>,
    out: &mut impl Write,
) -> io::Result<()> {
    for passage in passages.iter().take(options.details) {
        let text = cut(&plain(&passage.text), options.width.max(QUOTE)).into_owned();
        match lines.zip(passage.spans.first()) {
            Some((lines, span)) => writeln!(out, "{what}, line {}: {text}", lines.line(span.start))?,
            None => writeln!(out, "{what}: {text}")?,
        }
    }
    write_more(passages.len(), options, &format!("of: {what}"), out)
}

fn write_more(count: usize, options: &Options<'_>, what: &str, out: &mut impl Write) -> io::Result<()> {
    match count.checked_sub(options.details) {
        Some(more) if more > 0 => writeln!(out, "  and {more} more {what}"),
        _ => Ok(()),
    }
}
