//! Proof: what the tables' own arithmetic says of every cell, over all tables of a document.
//!
//! 1. [`board`]: every cell becomes a variable with what its print says: value, printed scale, whether a zero is exact.
//! 2. [`instantiate`]: the checks of the schemas become ground constraints over these variables; [`window`] decides
//!    what a total row stands for.
//! 3. [`trial`]: constants are settled or bounded, every constraint with settled operands is evaluated exactly
//!    ([`evaluate`]), and the cells that it forces are found by withholding their prints ([`withhold`]).
//! 4. [`judge`]: verdicts on cells and checks.
//!
//! All arithmetic is exact over `i128` and checked; what does not fit is untestable. Without lost cells and open choices
//! time and space are linear in the operands of all constraints.

mod board;
#[cfg(test)]
mod brute;
mod constant;
mod constraint;
mod eliminate;
mod evaluate;
mod instantiate;
mod judge;
mod label;
mod lattice;
mod problem;
mod propagate;
mod rational;
mod resolve;
#[cfg(test)]
mod sample;
mod search;
#[cfg(test)]
mod tests;
mod trial;
mod unsettled;
mod verdict;
mod window;
mod withhold;
#[cfg(test)]
mod worked;

pub use verdict::{CellVerdict, Outcome, TableVerdicts, VerdictAlternative, Verdicts};

use crate::align::Alignment;
use crate::budget::Budget;
use crate::table::Sink;

/// Judges every cell of `tables`, which are all tables of the document `text`, in order.
#[must_use]
pub fn prove(text: &str, tables: &[Alignment<'_>], budget: &mut Budget, sink: &mut dyn Sink) -> Verdicts {
    let mut trial = trial::Trial::new(text, board::Board::new(tables));
    let resolved = resolve::resolve(&mut trial, budget);
    judge::report(&trial, budget, sink);
    judge::judge(&trial, &resolved)
}
