//! The table itself, in panels that fit the line.

use std::borrow::Cow;
use std::io::{self, Write};

use super::layout::{Demand, GAP, Panel, panels};
use super::paint::{Color, Paint};
use super::plain::{cut, plain, width, wrap};
use crate::emit::Options;
use crate::emit::view::{CellView, show_header};
use crate::table::{Column, Row, RowKind, Table};

/// Text columns wrap beyond this, and take no less than the other where a line is short.
const WIDEST: usize = 48;
const NARROWEST: usize = 12;
/// Numbers are not broken unless they are longer than any number is.
const WIDEST_NUMBER: usize = 32;
/// Lines that a cell may take; more is cut.
const TALLEST: usize = 6;

/// A cell as it is drawn.
struct Drawn<'a> {
    text: Cow<'a, str>,
    paint: Paint,
}

pub(super) fn write_grid(
    table: &Table<'_>,
    options: &Options<'_>,
    used: &mut [bool; Paint::ALL.len()],
    out: &mut impl Write,
) -> io::Result<()> {
    let demands: Vec<Demand> =
        (0..table.columns.len()).map(|column| demand(table, column, options.certain_only)).collect();
    for (index, panel) in panels(&demands, options.width).iter().enumerate() {
        if index > 0 {
            out.write_all(b"\n")?;
        }
        write_header(&table.columns, panel, options, out)?;
        for row in &table.rows {
            write_row(row, table, panel, options, used, out)?;
        }
    }
    Ok(())
}

fn draw<'a>(row: &'a Row<'a>, column: usize, columns: &[Column], certain_only: bool) -> Option<Drawn<'a>> {
    let cell = row.cells.get(column)?;
    let view = CellView::new(cell, certain_only);
    let text = match view.shown(columns.get(column)?) {
        Cow::Borrowed(text) => plain(text),
        Cow::Owned(text) => Cow::Owned(plain(&text).into_owned()),
    };
    Some(Drawn { text, paint: Paint::of(cell, view.origin) })
}

/// What a column asks for: its widest cell and its sign; a header may wrap, its longest word should not.
fn demand(table: &Table<'_>, column: usize, certain_only: bool) -> Demand {
    let Some(head) = table.columns.get(column) else {
        return Demand { least: 1, most: 1 };
    };
    let header = show_header(head);
    let word = plain(&header).split(' ').map(width).max().unwrap_or(0);
    let cells = table.rows.iter().filter(|row| !is_banner(row));
    let cell =
        cells.filter_map(|row| draw(row, column, &table.columns, certain_only)).map(|cell| width(&cell.text));
    let cell = cell.max().unwrap_or(0);
    let most = cell.max(word).max(width(&header).min(2 * NARROWEST)).clamp(1, WIDEST);
    let least = if head.kind.is_numeric() {
        cell.min(WIDEST_NUMBER).max(word.min(NARROWEST))
    } else {
        most.min(NARROWEST)
    };
    Demand { least: least.max(1) + 1, most: most.max(least) + 1 }
}

/// A row with text in its first cell alone, written across the table: a group heading, a remark.
fn is_banner(row: &Row<'_>) -> bool {
    matches!(row.kind, RowKind::Group | RowKind::Note)
        && row.cells.iter().skip(1).all(|cell| !cell.is_filled())
}

fn write_header(
    columns: &[Column],
    panel: &Panel,
    options: &Options<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let headers: Vec<Cow<'_, str>> = panel
        .columns
        .iter()
        .map(|&(column, _)| columns.get(column).map_or(Cow::Borrowed(""), show_header))
        .map(|header| Cow::Owned(plain(&header).into_owned()))
        .collect();
    let wrapped: Vec<Vec<&str>> =
        headers.iter().zip(&panel.columns).map(|(header, (_, width))| wrap(header, width - 1)).collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    let (on, off) = Color::Bold.codes(options.color);
    for level in 0..height {
        let mut pad = 0;
        for (lines, &(column, wide)) in wrapped.iter().zip(&panel.columns) {
            // Headers stand on the rule, so the short ones begin lower.
            let line =
                (level + lines.len()).checked_sub(height).and_then(|at| lines.get(at)).copied().unwrap_or("");
            let slack = (wide - 1).saturating_sub(width(line));
            let right = columns.get(column).is_some_and(|column| column.kind.is_numeric());
            pad += if right { slack } else { 0 };
            if !line.is_empty() {
                write!(out, "{:pad$}{on}{line}{off}", "")?;
                pad = 0;
            } else if right {
                pad += width(line);
            }
            pad += if right { 0 } else { slack } + 1 + GAP;
        }
        out.write_all(b"\n")?;
    }
    let total: usize = panel.columns.iter().map(|(_, width)| width + GAP).sum();
    writeln!(out, "{}", "─".repeat(total.saturating_sub(GAP)))
}

fn write_row(
    row: &Row<'_>,
    table: &Table<'_>,
    panel: &Panel,
    options: &Options<'_>,
    used: &mut [bool; Paint::ALL.len()],
    out: &mut impl Write,
) -> io::Result<()> {
    let drawn = |column| draw(row, column, &table.columns, options.certain_only);
    if let (true, Some(label)) = (is_banner(row), drawn(0)) {
        let (on, off) = Color::Bold.codes(options.color);
        let sign = sign(label.paint, options, used);
        return writeln!(
            out,
            "{on}{}{off}{}",
            cut(&label.text, options.width.saturating_sub(1)),
            sign.trim_end()
        );
    }
    let cells: Vec<Option<Drawn<'_>>> = panel.columns.iter().map(|&(column, _)| drawn(column)).collect();
    let wrapped: Vec<Vec<&str>> = cells
        .iter()
        .zip(&panel.columns)
        .map(|(cell, (_, width))| cell.as_ref().map_or_else(Vec::new, |cell| wrap(&cell.text, width - 1)))
        .collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0).clamp(1, TALLEST);
    for level in 0..height {
        let mut pad = 0;
        for ((cell, lines), &(column, wide)) in cells.iter().zip(&wrapped).zip(&panel.columns) {
            let Some(cell) = cell else { continue };
            let right = table.columns.get(column).is_some_and(|column| column.kind.is_numeric());
            let line = level_of(lines, level);
            let slack = (wide - 1).saturating_sub(width(&line));
            let (before, after) = if right { (slack, 0) } else { (0, slack) };
            pad += before;
            let sign = if level == 0 { sign(cell.paint, options, used) } else { " ".into() };
            // Blanks wait for something to stand behind them: lines have no blanks at their ends.
            if !line.is_empty() {
                let bold = row.kind == RowKind::Total && cell.paint == Paint::Plain;
                let color = if bold { Color::Bold } else { cell.paint.color() };
                let (on, off) = color.codes(options.color);
                write!(out, "{:pad$}{on}{line}{off}", "")?;
                pad = 0;
            }
            if sign == " " {
                pad += 1 + after;
            } else {
                // The sign stands at the text, not at the column's far edge.
                write!(out, "{:pad$}{sign}", "")?;
                pad = after;
            }
            pad += GAP;
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// A line of a wrapped cell; what a cut takes away is marked.
fn level_of<'a>(lines: &[&'a str], level: usize) -> Cow<'a, str> {
    match lines.get(level) {
        None => Cow::Borrowed(""),
        Some(line) if level + 1 == TALLEST && lines.len() > TALLEST => {
            let cut = cut(line, width(line).saturating_sub(1));
            Cow::Owned(format!("{}…", cut.trim_end_matches('…')))
        }
        Some(line) => Cow::Borrowed(line),
    }
}

fn sign(paint: Paint, options: &Options<'_>, used: &mut [bool; Paint::ALL.len()]) -> Cow<'static, str> {
    if let Some(at) = Paint::ALL.iter().position(|other| *other == paint) {
        used[at] = true;
    }
    let (on, off) = paint.color().codes(options.color);
    if on.is_empty() { Cow::Borrowed(paint.sign()) } else { Cow::Owned(format!("{on}{}{off}", paint.sign())) }
}
