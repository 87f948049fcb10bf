//! Prints of open choices: whether the value of a print that was placed is tested, and not its place alone.
//!
//! A choice may leave a print one reading because all others are refuted. That settles where it stands, not what it says:
//! a print beside lost values may say anything, for they take up the difference. So a placed print is tested only where a
//! check forces it once it is withheld, every other operand being a print; or where equations do so together after the
//! values that nothing prints are eliminated from them:
//!
//! ```text
//! rows        sum of coefficient * value = 0, one an exact equation that reads an unprinted value
//! pivot       for every unprinted value the shortest row that reads it; taken out of all others, and left out
//! tested      a print in a row that is left, with two other operands that say something
//! ```
//!
//! An unprinted value that no pivot takes out leaves its row useless. Steps: the terms of the rows that are combined; rows
//! beyond [`MAX_TERMS`] terms are dropped, which leaves more untested.

use std::collections::{BTreeMap, BTreeSet};

use super::board::Board;
use super::constraint::{Ground, Var};
use super::rational::Rational;
use super::trial::Trial;
use super::withhold::forced_cells;
use crate::budget::Budget;
use crate::schema::check::Relation;
use crate::table::CheckStatus;

/// Rows with more terms are dropped.
const MAX_TERMS: usize = 256;

/// Operands beside the tested one that have to say something.
const INFORMATIVE_OTHERS: usize = 2;

/// `sum of coefficient * value = 0`; literals stand under no variable.
type Row = BTreeMap<Option<Var>, Rational>;

/// The cells whose values the holding checks test. `unprinted` has for every resolved variable whether nothing prints its
/// value, or what it is was not found.
pub(crate) fn tested(
    trial: &Trial<'_, '_>,
    unprinted: &BTreeMap<Var, bool>,
    budget: &mut Budget,
) -> BTreeSet<Var> {
    let mut tested = BTreeSet::new();
    let mut rows = Vec::new();
    for (index, ground) in trial.grounds.iter().enumerate() {
        let holds = trial.status(ground.id) == Some(CheckStatus::Holds) && trial.is_trusted(index);
        if !holds || trial.is_clash(ground.id) || !ground.vars().any(|var| unprinted.contains_key(&var)) {
            continue;
        }
        if ground.vars().any(|var| unprinted.get(&var).copied().unwrap_or(false)) {
            rows.extend(exact_row(&trial.board, ground));
        } else {
            tested.extend(forced_cells(&trial.board, ground).unwrap_or_default());
        }
    }
    let rows = eliminated(rows, unprinted, budget);
    for row in &rows {
        tested.extend(tested_in(&trial.board, row));
    }
    tested
}

/// The equation as a row, if no rounding is left in it: its lone side stands on a grid that holds all that the other side
/// can be.
fn exact_row(board: &Board<'_, '_>, ground: &Ground) -> Option<Row> {
    let is_plain = ground.relation == Relation::Equal && ground.ratio.den.is_none() && !ground.truncates;
    if !is_plain || ground.ratio.num.terms.len() >= MAX_TERMS {
        return None;
    }
    let mut row = Row::new();
    let mut add = |var: Option<Var>, coefficient: Rational| {
        let sum = row.entry(var).or_insert(Rational::ZERO);
        *sum = sum.add(coefficient)?;
        Some(())
    };
    let mut finest = 0;
    for term in &ground.ratio.num.terms {
        match term.vars.as_slice() {
            [] => add(None, term.coefficient)?,
            [var] => {
                finest = finest.max(board.fact(*var).scale);
                add(Some(*var), term.coefficient)?;
            }
            _ => return None,
        }
        if !term.coefficient.is_whole() {
            return None;
        }
    }
    if let Some(lone) = ground.lone {
        if board.is_constant(lone.var) || board.fact(lone.var).scale < finest {
            return None;
        }
        add(Some(lone.var), Rational::integer(-1))?;
    }
    row.retain(|_, coefficient| !coefficient.is_zero());
    Some(row)
}

/// The rows that are left without an unprinted value.
fn eliminated(rows: Vec<Row>, unprinted: &BTreeMap<Var, bool>, budget: &mut Budget) -> Vec<Row> {
    let is_unprinted = |var: Var| unprinted.get(&var).copied().unwrap_or(false);
    let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
    let mut readers: BTreeMap<Var, BTreeSet<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        for &var in row.iter().flat_map(Row::keys).flatten().filter(|var| is_unprinted(**var)) {
            readers.entry(var).or_default().insert(index);
        }
    }
    while let Some((var, members)) = readers.pop_first() {
        let length = |index: &usize| rows[*index].as_ref().map(|row| (row.len(), *index));
        let Some((_, pivot)) = members.iter().filter_map(length).min() else { continue };
        let Some(pivot_row) = rows[pivot].take() else { continue };
        for index in members.into_iter().filter(|&index| index != pivot) {
            let Some(row) = rows[index].take() else { continue };
            let steps = (row.len() + pivot_row.len()) as u64;
            let combined = if budget.spend(steps) { without(row, &pivot_row, var) } else { None };
            for &other in combined.iter().flat_map(Row::keys).flatten().filter(|var| is_unprinted(**var)) {
                readers.entry(other).or_default().insert(index);
            }
            rows[index] = combined;
        }
    }
    rows.into_iter().flatten().collect()
}

/// `row` less the multiple of `pivot` that takes `var` out; `None` where it grows too long or a number does not fit.
fn without(mut row: Row, pivot: &Row, var: Var) -> Option<Row> {
    let Some(own) = row.get(&Some(var)) else { return Some(row) };
    let factor = own.div(*pivot.get(&Some(var))?)?;
    for (&name, coefficient) in pivot {
        let entry = row.entry(name).or_insert(Rational::ZERO);
        *entry = entry.sub(coefficient.mul(factor)?)?.reduced();
    }
    row.retain(|_, coefficient| !coefficient.is_zero());
    (row.len() <= MAX_TERMS).then_some(row)
}

/// The variables of a row of prints that the others force.
fn tested_in(board: &Board<'_, '_>, row: &Row) -> Vec<Var> {
    let says = |name: &Option<Var>| {
        name.is_none_or(|var| board.fact(var).value().is_some_and(|value| !value.is_zero()))
    };
    let informative = row.keys().filter(|name| says(name)).count();
    let is_forced = |var: &Var| informative - usize::from(says(&Some(*var))) >= INFORMATIVE_OTHERS;
    row.keys().flatten().copied().filter(is_forced).collect()
}
