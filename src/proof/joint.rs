//! Prints beside unprinted values, tested by all checks together.
//!
//! The print of one cell is withheld. What nothing prints is unknown. A print that a choice placed stays placed; for one that
//! stands where it was printed the choices around it are open again, for it may be what settled them. The print is tested
//! where the checks over these variables, on their grids and inside their limits, leave its value alone: products, signs and
//! inequalities count as much as sums.
//!
//! ```text
//! variables  the withheld cell, and the unknown cells that a chain of checks leads to, the nearest first
//! tested     bounds and elimination leave one value, or refute every value below and above it, choice by choice
//! core       the checks without any one of which the value is no longer forced: they have to read two prints that say
//!            something, or what forces it is a copy
//! ```
//!
//! Checks beyond the last of [`CHECKS`] and steps beyond the budget are left out, which leaves more untested and tests nothing that
//! is not so.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use super::board::Known;
use super::constraint::Var;
use super::evaluate::Interval;
use super::problem::{OptionBlanks, Problem};
use super::propagate::propagate;
use super::rational::{Rational, power_of_ten};
use super::resolve::{names_rows, narrow_from};
use super::search;
use super::state::{State, Stop};
use super::trial::{MAX_REASONS, Reasons, Trial};
use super::var_map::VarMap;
use super::withhold::{INFORMATIVE_OTHERS, has_literal, is_copy, is_informative};
use crate::budget::Budget;
use crate::table::CheckStatus;

/// Checks that one print is tested by: more where fewer do not force it.
const CHECKS: [usize; 2] = [4, 12];

/// Operands of these checks.
const MAX_OPERANDS: usize = 2048;

/// Steps that the tests of all prints may take for every operand of a check.
const STEPS_AN_OPERAND: u64 = 3;

/// Steps of a document with few operands.
const LEAST_STEPS: u64 = 2_000;

/// Steps of the tests of one print.
const PRINT_STEPS: u64 = 600;

/// Steps of one search through the choices that bounds leave open.
const ATTEMPT_STEPS: u64 = 200;

/// Steps that a search counts for at least where it shows that a print is not forced. Most prints are not: how many others are
/// tested, and what a document takes, does not hang on how soon that shows.
const IDLE_STEPS: u64 = 100;

/// Which choices, by table and number, are as they were settled.
type Stands<'f> = dyn Fn((usize, usize)) -> bool + 'f;

/// The checks over resolved cells that may serve as a test, by the unknown or printed cell that they read.
pub(crate) struct Tests<'t, 'a, 'x> {
    trial: &'t Trial<'a, 'x>,
    /// Whether a resolved cell is a print that stands, and not unknown.
    is_print: VarMap<bool>,
    /// The usable checks that read a resolved cell, by each cell that they read.
    readers: VarMap<SmallVec<[usize; 4]>>,
    /// What these checks read, in all.
    operands: u64,
}

impl<'t, 'a, 'x> Tests<'t, 'a, 'x> {
    /// `is_print` has for every resolved variable whether it is printed in every reading that is left; `is_usable` says
    /// which ground constraints carry no doubt.
    pub(crate) fn new(
        trial: &'t Trial<'a, 'x>,
        is_print: VarMap<bool>,
        is_usable: &dyn Fn(usize) -> bool,
    ) -> Self {
        let mut readers: VarMap<SmallVec<[usize; 4]>> = VarMap::default();
        let mut operands = 0;
        for (index, ground) in trial.grounds.iter().enumerate() {
            let is_held =
                matches!(trial.status(ground.id), Some(CheckStatus::Holds | CheckStatus::Untestable));
            let is_read = ground.vars().any(|var| is_print.contains(var));
            if !is_read || !is_held || !is_usable(index) || is_copy(&trial.board, ground).unwrap_or(false) {
                continue;
            }
            for var in ground.vars() {
                operands += 1;
                let known = readers.or_default(var);
                if known.last() != Some(&index) {
                    known.push(index);
                }
            }
        }
        readers.sort();
        Self { trial, is_print, readers, operands }
    }

    /// Steps that all tests may take together: proportional to what the checks read, so that long sums stay linear.
    pub(crate) fn steps(&self) -> u64 {
        self.operands.saturating_mul(STEPS_AN_OPERAND).saturating_add(LEAST_STEPS)
    }

    /// Settled prints beside resolved cells that no check forces by itself, and none speaks against.
    pub(crate) fn settled(&self) -> Vec<Var> {
        let is_due = |var: &Var| {
            let mark = self.trial.marks.get(*var as usize);
            let is_number = matches!(self.trial.board.fact(*var).known, Known::Number(_));
            is_number
                && mark.is_some_and(|mark| mark.proven.is_empty())
                && self.trial.failing(*var).is_empty()
        };
        self.readers.vars().filter(|&var| !self.is_print.contains(var)).filter(is_due).collect()
    }

    /// Ids of the checks that force the value of `var` once its print is withheld; none: they do not.
    ///
    /// A print that a choice placed stays placed: that other places are refuted is proven by then, with the choices beside
    /// it. For one that stands where it was printed all choices are open.
    pub(crate) fn force(&self, var: Var, budget: &mut Budget) -> Option<Reasons> {
        if budget.is_spent() {
            return None;
        }
        let own = self.trial.board.choice_at(var);
        let mut share = Budget::new(PRINT_STEPS);
        let placed = own.and_then(|_| self.force_beside(var, &|_| true, &mut share));
        let found = placed.or_else(|| self.force_beside(var, &|choice| Some(choice) == own, &mut share));
        if budget.spend(share.used()) { found } else { None }
    }

    /// The same where the choices that `stands` names are as they were settled: by the nearest checks, then by more.
    fn force_beside(&self, var: Var, stands: &Stands<'_>, budget: &mut Budget) -> Option<Reasons> {
        let board = &self.trial.board;
        let value = board.fact(var).value().filter(|&value| board.domain(var).contains(value))?;
        for most in CHECKS {
            if budget.is_spent() {
                return None;
            }
            let (members, unknown, operands) = self.neighbourhood(var, most, stands);
            if members.is_empty() || !budget.spend(1 + operands as u64) {
                return None;
            }
            let blanks = match members.iter().any(|&member| names_rows(self.trial, member)) {
                true => OptionBlanks::Questioned,
                false => OptionBlanks::Zero,
            };
            let problem =
                Problem::withheld(board, var, &unknown, &self.trial.grounds, &members, blanks, stands);
            if let Some(core) = self.core(&problem, value, budget) {
                return Some(core);
            }
            if members.len() < most {
                return None;
            }
        }
        None
    }

    /// Ids of the checks of `problem` that force `value`, each of them needed.
    fn core(&self, problem: &Problem, value: Rational, budget: &mut Budget) -> Option<Reasons> {
        let mut core = vec![true; problem.grounds.len()];
        if !self.is_informative(problem, &core) {
            return None;
        }
        let start = State::new(problem);
        if !forces(problem, &start, value, &core, IDLE_STEPS, budget) {
            return None;
        }
        for ground in 0..core.len() {
            core[ground] = false;
            core[ground] = !forces(problem, &start, value, &core, 0, budget);
        }
        if budget.is_spent() || !self.is_informative(problem, &core) {
            return None;
        }
        let kept = problem.grounds.iter().zip(&core).filter(|(_, is_kept)| **is_kept);
        Some(kept.map(|(local, _)| self.trial.grounds[local.ground].id).take(MAX_REASONS).collect())
    }

    /// The `most` nearest checks that bear on a withheld cell, the unknown cells that they read, and the number of their operands.
    fn neighbourhood(
        &self,
        withheld: Var,
        most: usize,
        stands: &Stands<'_>,
    ) -> (Vec<usize>, Vec<Var>, usize) {
        let mut seen: VarSet = VarSet::of(withheld);
        let mut members: SmallVec<[usize; 16]> = SmallVec::new();
        let mut unknown = Vec::new();
        let (mut due, mut operands) = (0, 0);
        let mut next = Some(withheld);
        while let Some(var) = next {
            for &index in self.readers.get(var).into_iter().flatten() {
                let place = members.binary_search(&index);
                let Err(place) = place else { continue };
                if members.len() >= most || operands >= MAX_OPERANDS {
                    continue;
                }
                members.insert(place, index);
                for other in self.trial.grounds[index].vars() {
                    operands += 1;
                    if self.is_unknown(other, stands) && seen.insert(other) {
                        unknown.push(other);
                    }
                }
            }
            next = unknown.get(due).copied();
            due += 1;
        }
        (members.into_vec(), unknown, operands)
    }

    /// Whether a cell is unknown: nothing prints it, or a choice that does not stand.
    fn is_unknown(&self, var: Var, stands: &Stands<'_>) -> bool {
        let is_open = || self.trial.board.choice_at(var).is_some_and(|choice| !stands(choice));
        self.is_print.get(var).is_some_and(|&is_print| !is_print || is_open())
    }

    /// Whether the checks of `core` read enough prints, beside the withheld one, that say something.
    fn is_informative(&self, problem: &Problem, core: &[bool]) -> bool {
        let board = &self.trial.board;
        let mut prints: SmallVec<[Var; INFORMATIVE_OTHERS]> = SmallVec::new();
        let mut literal = 0;
        for (local, _) in problem.grounds.iter().zip(core).filter(|(_, is_kept)| **is_kept) {
            let ground = &self.trial.grounds[local.ground];
            literal = literal.max(usize::from(has_literal(ground)));
            for var in ground.vars().filter(|&var| problem.local(var).is_none()) {
                if prints.len() + literal >= INFORMATIVE_OTHERS {
                    return true;
                }
                if !prints.contains(&var) && is_informative(board, var) {
                    prints.push(var);
                }
            }
        }
        prints.len() + literal >= INFORMATIVE_OTHERS
    }
}

/// A set of variables: few are looked through, more are searched for.
struct VarSet {
    few: SmallVec<[Var; 16]>,
    others: BTreeSet<Var>,
}

impl VarSet {
    fn of(var: Var) -> Self {
        Self { few: SmallVec::from_slice(&[var]), others: BTreeSet::new() }
    }

    /// Whether it is new.
    fn insert(&mut self, var: Var) -> bool {
        if self.few.contains(&var) {
            return false;
        }
        if self.few.len() < self.few.inline_size() {
            self.few.push(var);
            return true;
        }
        self.others.insert(var)
    }
}

/// Whether the constraints of `core` leave the first variable of `problem` nothing but `value`. A search that refutes nothing
/// takes `least` steps or more.
fn forces(
    problem: &Problem,
    start: &State,
    value: Rational,
    core: &[bool],
    least: u64,
    budget: &mut Budget,
) -> bool {
    let Ok(state) = narrow_from(problem, start.clone(), core, budget) else { return false };
    let hull = state.hull(problem, 0);
    if !hull.contains(value) {
        return false;
    }
    if hull == Interval::point(value) {
        return true;
    }
    let step = power_of_ten(problem.vars[0].scale).and_then(|unit| Rational::new(1, unit));
    let Some((low, high)) = step.and_then(|step| Some((value.sub(step)?, value.add(step)?))) else {
        return false;
    };
    let below = Interval { low: None, high: Some(low) };
    let above = Interval { low: Some(high), high: None };
    [below, above].into_iter().all(|side| is_refuted(problem, &state, side, core, least, budget))
}

/// Whether no solution has the first variable inside `side`.
fn is_refuted(
    problem: &Problem,
    state: &State,
    side: Interval,
    core: &[bool],
    least: u64,
    budget: &mut Budget,
) -> bool {
    let mut next = state.clone();
    if let Err(stop) = next.confine(problem, 0, side) {
        return stop == Stop::Refuted;
    }
    let start = problem.vars[0].grounds.iter().copied();
    match propagate(problem, &mut next, core, start, budget) {
        Err(stop) => return stop == Stop::Refuted,
        Ok(()) if (0..problem.vars.len()).all(|var| next.is_decided(problem, var)) => return false,
        Ok(()) => {}
    }
    let mut share = Budget::new(ATTEMPT_STEPS);
    let is_refuted = search::is_refuted(problem, core, next, &mut share);
    let used = if is_refuted { share.used() } else { share.used().max(least) };
    budget.spend(used) && is_refuted
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::Budget;
    use crate::align::Alignment;
    use crate::proof::prove;
    use crate::proof::sample::{place, schema, table};
    use crate::table::Status;

    /// The opening balance, and two records packed in one row: nothing prints the other side of their amounts.
    fn packed(debit: &str, credit: &str) -> Alignment<'static> {
        let rules = ["balance = prev(balance) + credit - debit", "debit * credit = 0"];
        let schema = Arc::new(schema("bank", &["what$", "debit#", "credit#", "balance"], &rules, &[]));
        let mut table = table(&schema, &["Open|||1,000.00", "Rent|?|?|600.00", "Salary|?|?|3,100.00"]);
        place(&mut table, "debit", &[1, 2], &[debit]);
        place(&mut table, "credit", &[1, 2], &[credit]);
        table
    }

    fn statuses(table: &Alignment<'_>) -> Vec<Status> {
        let verdicts = prove("", std::slice::from_ref(table), &mut Budget::new(100_000), &mut Vec::new());
        verdicts.tables[0].cells.iter().map(|cell| cell.status).collect()
    }

    #[test]
    fn products_and_signs_test_what_no_sum_does() {
        let statuses = statuses(&packed("400.00", "2,500.00"));
        assert_eq!((statuses[5], statuses[10]), (Status::Proven, Status::Proven));
        // The opening balance is what the rent leaves of it wherever the salary stands; the balance between decides who
        // was paid first: 3,500.00 would do as well.
        assert_eq!((statuses[3], statuses[7]), (Status::Consistent, Status::Consistent));
    }

    #[test]
    fn a_print_that_the_checks_do_not_allow_is_not_tested() {
        for (debit, credit) in [("400.00", "2,600.00"), ("410.00", "2,500.00")] {
            let statuses = statuses(&packed(debit, credit));
            assert!(statuses.iter().all(|&status| status != Status::Proven), "{statuses:?}");
        }
    }

    #[test]
    fn what_repeats_one_print_is_no_test() {
        let rules = ["c = a + b", "total(b) = sum(b)", "d = c - e"];
        let schema = Arc::new(schema("t", &["n$", "a#", "b#", "c#", "d", "e"], &rules, &[]));
        // The lost addend can only be 0, so the sum repeats the other one.
        let statuses = statuses(&table(&schema, &["x|7|?|7|?|?", "=Total||0|||"]));
        assert_eq!((statuses[1], statuses[3]), (Status::Consistent, Status::Consistent));
    }

    #[test]
    fn a_lost_value_that_two_checks_share_is_a_test() {
        let schema = Arc::new(schema("t", &["n$", "a", "b", "c", "d"], &["c = a + b", "d = b + 5"], &[]));
        let statuses = statuses(&table(&schema, &["x|7|?|10|8"]));
        assert!(statuses[1..].iter().all(|&status| status == Status::Proven), "{statuses:?}");
    }
}
