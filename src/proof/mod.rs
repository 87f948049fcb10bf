//! Proof: what the tables' own arithmetic says of every cell, over all tables of a document.
//!
//! 1. `board`: every cell becomes a variable with what its print says: value, printed scale, whether a zero is exact.
//! 2. `instantiate`: the checks of the schemas become ground constraints over these variables; `window` decides
//!    what a total row stands for.
//! 3. `trial`: constants are settled or bounded, every constraint with settled operands is evaluated exactly
//!    (`evaluate`), and the cells that it forces are found by withholding their prints (`withhold`).
//! 4. `resolve`: lost cells, cells of open choices and blanks of failing checks are resolved by refutation, one connected
//!    component after the other: bounds to a fixpoint (`propagate`, over the lattices of `lattice`), exact equations
//!    (`eliminate`), every alternative probed, the rest searched (`search`). What no reading satisfies is reduced to the checks
//!    that clash (`clash`), and the rest goes on without these.
//!    `tested` and `joint` say which of the prints that they place are tested by value.
//! 5. `judge` and `unsettled`: verdicts on cells and checks. `explain` writes them out.
//!
//! Documents that raise no question take a short way past all of this (`clean`).
//!
//! All arithmetic is exact over `i128` and checked; what does not fit is untestable. Without lost cells and open choices
//! time and space are linear in the operands of all constraints and no step is spent. Steps are counted where a
//! constraint narrows cells.
//!
//! What can change an answer: the reading of a total row (`window`); a blank is questioned only where an equation fails
//! with it as 0; a constant by which rows are divided is never 0; limits of the schema stand on records alone; a search
//! is cut off by its steps, which leaves cells open and never proves one. A slow prover that enumerates whole tables
//! (`brute`) stands beside the fast one under test.

mod board;
mod bounds;
#[cfg(test)]
mod brute;
mod clash;
mod clean;
mod constant;
mod constraint;
mod correct;
mod discover;
mod eliminate;
mod evaluate;
mod explain;
mod groups;
mod instantiate;
mod joint;
mod judge;
mod label;
mod lattice;
mod local;
mod plain;
mod problem;
mod propagate;
mod quotient;
mod rational;
mod refute;
mod resolve;
#[cfg(test)]
mod sample;
mod search;
mod sign;
#[cfg(test)]
mod solver_tests;
mod state;
mod tested;
#[cfg(test)]
mod tests;
mod trial;
mod trust;
mod units;
mod unsettled;
mod var_map;
mod verdict;
mod window;
mod withhold;
#[cfg(test)]
mod worked;

pub(crate) use clean::{Attempted, CleanAttempt, CleanVerdict, CleanVerdicts, TableView};
pub use explain::Explainer;
pub use verdict::{CellVerdict, Outcome, TableVerdicts, VerdictAlternative, Verdicts};

use self::clean::prove_clean;
use crate::align::{Aligned, Alignment, PlainCells};
use crate::budget::Budget;
use crate::table::Sink;

/// Judges every cell of `tables`, which are all tables of the document `text`, in order.
#[must_use]
pub fn prove(text: &str, tables: &[Alignment<'_>], budget: &mut Budget, sink: &mut dyn Sink) -> Verdicts {
    let views = tables.iter().map(|alignment| TableView { alignment, plain: None, text });
    match if budget.is_spent() { None } else { prove_clean(views.clone()) } {
        Some(clean) => {
            let tables = clean.into_iter().zip(views).map(|(clean, view)| clean.into_verdicts(view));
            Verdicts { tables: tables.collect() }
        }
        None => prove_at_length(text, tables, budget, sink),
    }
}

/// What the proof says of a table.
#[derive(Debug)]
pub(crate) enum Said {
    /// It raises no question, or there is nothing to say of it.
    Clean(CleanVerdicts),
    /// The table is not plain any more.
    AtLength(TableVerdicts),
}

impl Said {
    /// The verdicts on every cell, which are those of `view`.
    pub(crate) fn at_length(self, view: TableView<'_, '_>) -> TableVerdicts {
        match self {
            Self::Clean(clean) => clean.into_verdicts(view),
            Self::AtLength(verdicts) => verdicts,
        }
    }
}

/// Judges every cell; fills plain tables in where there is more to say of them than that they are right. One a table.
pub(crate) fn prove_aligned<'t>(
    text: &'t str,
    tables: &mut [Aligned<'t>],
    attempted: Attempted,
    budget: &mut Budget,
    sink: &mut dyn Sink,
) -> Vec<Said> {
    let clean = match attempted {
        _ if budget.is_spent() => None,
        Attempted::Clean(clean) => Some(clean),
        Attempted::Unclean => None,
        Attempted::Unknown => {
            tables.iter_mut().for_each(|table| table.take_rows_out(text));
            prove_clean(tables.iter().map(|table| TableView::of(table, text)))
        }
    };
    if let Some(clean) = clean {
        return clean.into_iter().map(Said::Clean).collect();
    }
    tables.iter_mut().for_each(|table| table.take_rows_out(text));
    let plain: Vec<Option<PlainCells>> = tables.iter().map(|table| table.plain.clone()).collect();
    tables.iter_mut().for_each(|table| table.fill_in(text));
    let alignments: Vec<Alignment<'t>> =
        tables.iter_mut().map(|table| std::mem::take(&mut table.alignment)).collect();
    let verdicts = prove_at_length(text, &alignments, budget, sink);
    let mut said = Vec::with_capacity(tables.len());
    for (((table, alignment), plain), verdicts) in
        tables.iter_mut().zip(alignments).zip(plain).zip(verdicts.tables)
    {
        table.alignment = alignment;
        match plain.filter(|_| verdicts.say_nothing()) {
            Some(plain) => {
                table.alignment.cells = Vec::new();
                table.plain = Some(plain);
                said.push(Said::Clean(CleanVerdicts::unchecked(&table.alignment)));
            }
            None => said.push(Said::AtLength(verdicts)),
        }
    }
    said
}

/// The same without the short way.
fn prove_at_length(
    text: &str,
    tables: &[Alignment<'_>],
    budget: &mut Budget,
    sink: &mut dyn Sink,
) -> Verdicts {
    let mut trial = trial::Trial::new(text, board::Board::new(tables));
    let resolved = resolve::resolve(&mut trial, budget);
    judge::report(&trial, budget, sink);
    judge::judge(&trial, &resolved)
}
