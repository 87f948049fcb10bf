//! Proof: what the tables' own arithmetic says of every cell, over all tables of a document.

mod verdict;

pub use verdict::{CellVerdict, Outcome, TableVerdicts, VerdictAlternative, Verdicts};

use crate::align::Alignment;
use crate::budget::Budget;
use crate::table::Sink;

/// Judges every cell of `tables`, which are all tables of the document `text`, in order.
#[must_use]
pub fn prove(text: &str, tables: &[Alignment<'_>], budget: &mut Budget, sink: &mut dyn Sink) -> Verdicts {
    let _ = (text, budget, sink);
    Verdicts { tables: tables.iter().map(|table| TableVerdicts::unchecked(table.cells.len())).collect() }
}
