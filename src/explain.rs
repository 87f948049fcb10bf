//! What every stage saw and decided, as a person reads it.

use std::fmt::{self, Write};

use crate::align::{Alignment, Choice, Placement};
use crate::grid::Grid;
use crate::hints::Hints;
use crate::pipeline::Trace;
use crate::proof::{TableVerdicts, TableView, Verdicts};
use crate::rebuilder::{Reading, Rebuilder};
use crate::region::Region;
use crate::table::{CheckStatus, Status};
use crate::text::Source;

/// Longer texts are cut in the report.
const WIDTH: usize = 40;
/// So many tokens of a choice are shown.
const TOKENS: usize = 12;

impl Rebuilder {
    /// Tells, table by table, what each stage saw and decided: region, boxhead, choices with their alternatives,
    /// checks and verdicts.
    ///
    /// ```
    /// let report = retabulate::Rebuilder::new().explain("Item\tQ1\tQ2\nA B\t1 2\t3 4\nTotal\t3\t7\n");
    /// assert!(report.contains("table 1"));
    /// ```
    #[must_use]
    pub fn explain(&self, text: &str) -> String {
        self.explain_with(text, &Hints::default())
    }

    /// Like [`Rebuilder::explain`], with facts that the caller knows.
    #[must_use]
    pub fn explain_with(&self, text: &str, hints: &Hints) -> String {
        let Reading { prepared, regions, found, mut diagnostics, .. } = self.read(Source::new(text), hints);
        let read = prepared.markup.source.text();
        diagnostics.extend(found);
        let mut trace = self.trace(read, &prepared, regions, hints, diagnostics, true);
        trace.tables.iter_mut().for_each(|table| table.fill_in(read));
        let said = std::mem::take(&mut trace.said).into_iter();
        let views = trace.tables.iter().map(|table| TableView::of(table, read));
        let verdicts =
            Verdicts { tables: said.zip(views).map(|(said, view)| said.at_length(view)).collect() };
        let mut out = String::new();
        // Writing into a string does not fail.
        let _ = write_report(&mut out, read, &trace, &verdicts);
        out
    }
}

fn write_report(out: &mut String, text: &str, trace: &Trace<'_>, verdicts: &Verdicts) -> fmt::Result {
    writeln!(out, "{} bytes, {} regions", text.len(), trace.regions.len())?;
    for (index, region) in trace.regions.iter().enumerate() {
        let (Some(grid), Some(table), Some(verdicts)) =
            (trace.grids.get(index), trace.tables.get(index), verdicts.tables.get(index))
        else {
            continue;
        };
        let alignment = &table.alignment;
        writeln!(out, "\ntable {}", index + 1)?;
        write_region(out, text, region, grid)?;
        write_binding(out, alignment)?;
        write_rows(out, alignment)?;
        write_choices(out, alignment)?;
        write_verdicts(out, alignment, verdicts)?;
    }
    writeln!(out, "\nsteps: {} of alignment, {} of proof", trace.steps.0, trace.steps.1)?;
    for diagnostic in &trace.diagnostics {
        writeln!(out, "{}: {}", diagnostic.code, diagnostic.message)?;
    }
    Ok(())
}

fn write_region(out: &mut String, text: &str, region: &Region, grid: &Grid) -> fmt::Result {
    let first = region.lines.first().map_or(0, |line| line.line.number);
    let last = region.lines.last().map_or(0, |line| line.line.number);
    writeln!(
        out,
        "  region   bytes {}..{}, lines {first} to {last}, {:?}; grid {} rows x {} columns",
        region.span.start,
        region.span.end,
        region.form,
        grid.rows.len(),
        grid.width
    )?;
    for note in grid.setting.iter().flat_map(|setting| &setting.notes) {
        writeln!(out, "  {:<8} {note}", region.form.name())?;
    }
    for caption in &region.caption {
        writeln!(out, "  caption  {}", cut(caption.slice(text)))?;
    }
    for note in &region.notes {
        writeln!(out, "  note     {}", cut(note.slice(text)))?;
    }
    Ok(())
}

fn write_binding(out: &mut String, alignment: &Alignment<'_>) -> fmt::Result {
    let schema = alignment.schema.as_deref();
    writeln!(out, "  schema   {}", schema.map_or("none fits", |schema| schema.name.as_str()))?;
    for (index, column) in alignment.columns.iter().enumerate() {
        let field = column.field.and_then(|field| schema?.fields.get(field));
        let kind = if column.percent { "percent" } else { column.kind.name() };
        let printed = if column.is_printed { cut(&column.title) } else { "(not printed)".to_owned() };
        writeln!(
            out,
            "  column   {:>2} {:<24} {:<8} {printed}",
            index + 1,
            field.map_or("-", |field| field.name.as_str()),
            kind
        )?;
    }
    Ok(())
}

fn write_rows(out: &mut String, alignment: &Alignment<'_>) -> fmt::Result {
    for (index, row) in alignment.rows.iter().enumerate() {
        writeln!(
            out,
            "  row      {:>2} line {:<5} {:<6} {}",
            index + 1,
            row.line,
            row.kind.name(),
            cut(&row.label)
        )?;
    }
    Ok(())
}

fn write_choices(out: &mut String, alignment: &Alignment<'_>) -> fmt::Result {
    for choice in &alignment.choices {
        match choice {
            Choice::Placement(placement) => write_placement(out, placement)?,
            Choice::Readings(options) => {
                writeln!(out, "  choice   among {} readings", options.len())?;
                for option in options {
                    let texts: Vec<String> =
                        option.cells.iter().take(TOKENS).map(|(_, _, content)| cut(&content.text)).collect();
                    writeln!(out, "           {:>5.1} bits: {}", option.bits, texts.join(" | "))?;
                }
            }
            Choice::Open(cells) => writeln!(out, "  choice   left open for {} cells", cells.len())?,
        }
    }
    Ok(())
}

fn write_placement(out: &mut String, placement: &Placement<'_>) -> fmt::Result {
    let tokens: Vec<&str> = placement.tokens.iter().take(TOKENS).map(|token| &*token.text).collect();
    writeln!(
        out,
        "  choice   column {}: {} tokens into {} rows: {}",
        placement.column + 1,
        placement.tokens.len(),
        placement.rows.len(),
        tokens.join(" ")
    )
}

fn write_verdicts(out: &mut String, alignment: &Alignment<'_>, verdicts: &TableVerdicts) -> fmt::Result {
    const STATUSES: [Status; 6] = [
        Status::Proven,
        Status::Consistent,
        Status::Unchecked,
        Status::Ambiguous,
        Status::Contradicted,
        Status::Open,
    ];
    let counts: Vec<String> = STATUSES
        .iter()
        .map(|status| (status, verdicts.cells.iter().filter(|cell| cell.status == *status).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{count} {}", status.name()))
        .collect();
    writeln!(out, "  verdicts {} ({} cells)", counts.join(", "), alignment.cells.len())?;
    for check in &verdicts.checks {
        let mark = match check.status {
            CheckStatus::Holds => "holds",
            CheckStatus::HoldsRounded => "holds, rounded",
            CheckStatus::Fails => "FAILS",
            CheckStatus::Untestable => "untestable",
        };
        let rows: Vec<String> = check.rows.iter().take(TOKENS).map(|row| (row + 1).to_string()).collect();
        writeln!(out, "  check    {:>3} {mark:<14} {}  [rows {}]", check.id, check.rule, rows.join(" "))?;
        if check.discovered {
            writeln!(
                out,
                "                              discovered, {:.1} bits beyond chance",
                check.significance
            )?;
        }
        if !check.equation().is_empty() {
            let spans: Vec<String> = check
                .spans()
                .iter()
                .take(TOKENS)
                .map(|span| format!("{}-{}", span.start, span.end))
                .collect();
            writeln!(out, "                              {}  [bytes {}]", check.equation(), spans.join(" "))?;
        }
    }
    Ok(())
}

/// A text of one line, cut where it is long.
fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(WIDTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(WIDTH).is_some() {
        short.push('…');
    }
    short
}
