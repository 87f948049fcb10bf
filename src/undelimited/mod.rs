//! Tables printed without delimiters: found, set into rows and columns, and rewritten as lines of cells between tabs.
//!
//! ```text
//! text ─► print (lines, byte classes) ─► readers by form ─► choice by bits ─► rewritten text, offset map, settings
//!                                        layout  stream  torn
//! ```
//!
//! *Layout* keeps columns as gutters of blanks; *flattened* text prints a line a row and *stacked* text a cell a line:
//! both are streams of words in the order of rows; *torn* text prints columns or blocks of columns one after the
//! other. Each reader sets the tables it finds and says how many bits its reading gains over reading the same lines as
//! prose; of overlapping readings the greatest gain wins. Later stages know one form, cells between tabs.

mod choose;
mod doubts;
mod gate;
mod head;
mod layout;
mod print;
mod rewrite;
mod set;
mod stream;
mod sums;
mod torn;
mod weigh;
mod words;

use std::sync::Arc;

use crate::budget::Budget;
use crate::region::Form;
use crate::schema::Catalog;
use crate::table::{Code, Diagnostic};
use crate::text::{Markup, Span};

use print::Print;
pub(crate) use set::SetBinding;

/// What is known of a table that was set by a reader.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// How it is printed.
    pub(crate) form: Form,
    /// For every row, header rows too: whether a break stands before it. Further lines are left over.
    pub(crate) breaks: Vec<bool>,
    /// The schema that it was read with, if any.
    pub(crate) binding: Option<SetBinding>,
    /// Cells that another reading cuts otherwise: where they stand in the text as read, and by how many bits that
    /// reading is dearer.
    pub(crate) doubts: Vec<(Span, f32)>,
    /// What the reader found, a line each.
    pub(crate) notes: Vec<String>,
}

impl Setting {
    /// Takes in the setting of a table that goes on this one.
    pub(crate) fn append(&mut self, next: &Setting) {
        self.breaks.extend_from_slice(&next.breaks);
        self.doubts.extend_from_slice(&next.doubts);
        self.notes.extend_from_slice(&next.notes);
    }
}

/// A text ready for the later stages: all tables between delimiters or marked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prepared<'t> {
    pub(crate) markup: Markup<'t>,
    /// For every marked table of `markup`: its setting, if a reader set it.
    pub(crate) settings: Vec<Option<Arc<Setting>>>,
}

/// Sets the undelimited tables of a text and rewrites them; `taken` are the tables between delimiters, and `form`
/// the only form to look for. What is reported is in bytes as
/// given.
pub(crate) fn set_tables<'t>(
    markup: Markup<'t>,
    taken: &[Span],
    catalog: &Catalog,
    form: Option<Form>,
    budget: &mut Budget,
    diagnostics: &mut Vec<Diagnostic>,
) -> Prepared<'t> {
    let settings = vec![None; markup.tables.len()];
    let wants = |forms: &[Form]| form.is_none_or(|form| forms.contains(&form));
    if !wants(&[Form::Layout, Form::Flattened, Form::Stacked, Form::Torn]) {
        return Prepared { markup, settings };
    }
    let text = markup.source.text();
    if !gate::may_hold_tables(text, taken) {
        return Prepared { markup, settings };
    }
    let print = Print::new(text, taken);
    let mut tables = Vec::new();
    // The words of a line are the same, whatever is set aside.
    let mut vocabulary = head::Vocabulary::default();
    if wants(&[Form::Layout]) {
        let found = layout::find_tables(&print, catalog, &mut vocabulary, budget);
        tables.extend(found.into_iter().filter(|table| gap_share(&print, table.span) >= GAPPED_LINES));
        tables = choose::choose_tables(tables);
    }
    // Where gutters stand beyond doubt the other readers have nothing to look for.
    let firm = tables.iter().map(|table| table.span).filter(|span| gap_share(&print, *span) >= LAYOUT_LINES);
    let mut settled: Vec<Span> = taken.iter().copied().chain(firm).collect();
    settled.sort_unstable();
    let masked = (settled.len() > taken.len()).then(|| print.masked(&settled));
    let rest = masked.as_ref().unwrap_or(&print);
    if wants(&[Form::Flattened, Form::Stacked]) {
        let found = stream::find_tables(rest, catalog, &mut vocabulary, budget);
        tables.extend(found.into_iter().filter(|table| wants(&[table.form])));
    }
    if wants(&[Form::Torn]) {
        let first = diagnostics.len();
        tables.extend(torn::find_tables(rest, catalog, budget, diagnostics));
        for diagnostic in diagnostics.iter_mut().skip(first) {
            diagnostic.span = diagnostic.span.map(|span| markup.source.original(span));
        }
    }
    if budget.is_spent() {
        let message = "the search for tables without delimiters was ended by its step budget";
        diagnostics.push(Diagnostic::new(Code::BudgetSpent, message).with_help("allow more steps"));
    }
    choose::settle_rivals(&mut tables, |table, schema| weigh::weigh(&print, table, schema), catalog);
    let mut tables = choose::choose_tables(tables);
    tables.retain_mut(|table| table.sweep(text));
    tables.iter_mut().for_each(|table| doubts::raise_doubts(text, table, catalog));
    if tables.is_empty() {
        return Prepared { markup, settings };
    }
    let written = rewrite::rewrite(text, tables, &markup.tables);
    let mut all: Vec<_> = written.tables.into_iter().map(|(table, setting)| (table, Some(setting))).collect();
    all.extend(written.moved.into_iter().map(|table| (table, None)));
    all.sort_by_key(|(table, _)| table.span.start);
    let (tables, settings) = all.into_iter().unzip();
    Prepared {
        markup: Markup { source: markup.source.rewritten(written.text, written.map), tables },
        settings,
    }
}

/// Share of a layout table's lines that have a gap of two blanks: nine of ten neighbours are printed with one, but lines
/// of wrapped labels and group rows hold one cell. Text without gaps has no gutters, however its words line up.
const GAPPED_LINES: f32 = 0.15;
/// The share from which on a text is no stream: streams are printed with single blanks, so that every gap would be
/// unexplained, whatever their words gain.
const LAYOUT_LINES: f32 = 0.3;

/// The share of the printed lines of a span that have a gap of two blanks; 0 if it is one line.
fn gap_share(print: &Print<'_>, span: Span) -> f32 {
    let first = print.lines.partition_point(|line| line.line.span.end <= span.start);
    let lines = print.lines.iter().skip(first).take_while(|line| line.line.span.start < span.end);
    let (mut all, mut gapped) = (0.0, 0.0);
    for line in lines.filter(|line| !line.is_blank()) {
        all += 1.0;
        gapped += if line.gaps > 0 { 1.0 } else { 0.0 };
    }
    if gapped < 2.0 { 0.0 } else { gapped / all }
}
