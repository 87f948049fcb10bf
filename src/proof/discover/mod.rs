//! Relations that no schema states: totals, subtotals and nested totals, differences, sums along the rows, percentages of
//! a base, changes, running balances.
//!
//! A relation is a target and its terms, tried in every column (or on every row) of a table. What makes it more than
//! chance is its significance in bits, as [`significance`] counts it:
//!
//! ```text
//! sum of log2(1/p) over the lines where it holds      p: share of the plausible values that would have held as well
//!   - log2(relations tried)                            every window, every pair of columns
//!   - log2(C(n, k))                                    which k of n lines hold
//!   - 2 bits a line that fails, and a kind's own cost
//! ```
//!
//! [`MARGIN`] bits are asked for. Lines that repeat one another, and columns that follow from others, count once.
//!
//! 1. `columns`: relations along the rows. Few columns make few pairs, and a pair that does not hold on the first lines is
//!    given up, so that a table without a relation costs its pairs of columns times a handful of rows.
//! 2. `rows`: windows of rows that add up to the row before or behind them, found through prefix sums: a window `s..t` adds
//!    up to row `t` where `P[s] = P[t] - row t`, one look-up a row and column in the sorted sums. Levels: rows that a
//!    total has taken in leave the list, and totals of totals show as windows of the next level. Where a level shows none,
//!    the rows of a statement are tried with every sign: costs are printed positive and subtracted.
//! 3. `chains`: stocks that are carried on, over pages or from year to year.
//! 4. `margins`: rows of percentages of a base row.
//!
//! Time: O(columns x rows x log rows) a level, at most [`rows::MAX_LEVELS`] levels, and only while a level finds a relation.

mod chains;
mod columns;
mod margins;
mod rows;
mod significance;
mod view;
mod word;

use super::board::Board;
use super::constraint::Var;
use super::instantiate::uses;
use super::rational::Rational;
use crate::align::{Alignment, PlainCell};
use crate::schema::check::{Check, Expression};
use view::View;

/// Bits that a relation is asked for beyond all that was tried. With values shuffled one real table in a few hundred shows
/// a relation of ten bits; with eight it is one in a hundred.
const MARGIN: f64 = 10.0;

/// `target REL num / den`: one line of a relation, ready to become a constraint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) target: Var,
    pub(crate) num: Vec<(Rational, Var)>,
    pub(crate) den: Option<Var>,
}

/// A relation that holds beyond chance.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Relation {
    /// In the check language.
    pub(crate) rule: String,
    /// Bits above chance.
    pub(crate) bits: f32,
    /// Where it holds, where an open cell stands in it, and where it ought to hold and does not.
    pub(crate) lines: Vec<Line>,
}

/// The relations of one table.
pub(crate) fn discover(board: &Board<'_, '_>, table: usize) -> Vec<Relation> {
    View::new(board, table).map_or_else(Vec::new, |view| discover_in(&view))
}

/// Whether a plain table, its cells printed in `text`, shows no relation.
pub(crate) fn shows_none(table: &Alignment<'_>, cells: &[PlainCell], text: &str) -> bool {
    View::of_plain(table, cells, text).is_none_or(|view| discover_in(&view).is_empty())
}

fn discover_in(view: &View<'_, '_>) -> Vec<Relation> {
    let mut along = columns::discover(view);
    // A schema that says how its balance runs means no other: what is found instead runs in a field's wrong column.
    if states_running(view.table) {
        along.retain(|relation| !relation.is_running());
    }
    let dependent: Vec<usize> = along.iter().map(|relation| relation.target).collect();
    let down = rows::discover(view, &dependent);
    along
        .iter()
        .map(|relation| relation.named(view))
        .chain(down.iter().map(|relation| relation.named(view)))
        .chain(chains::discover(view, &dependent))
        .chain(margins::discover(view))
        .collect()
}

/// Whether the table's schema states a running balance.
fn states_running(table: &Alignment<'_>) -> bool {
    let runs = |check: &Check| uses(check, &|part| matches!(part, Expression::Previous(_)));
    table.schema.as_ref().is_some_and(|schema| schema.checks.iter().any(runs))
}

#[cfg(test)]
mod tests;
