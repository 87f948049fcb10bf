//! Clashes: the smallest set of checks that no reading of the prints satisfies.
//!
//! A set of checks clashes where bounds and elimination leave no solution ([`Refuter::Bounds`]), or where a search
//! through all readings finds none ([`Refuter::Searched`]). It is reduced by a deletion filter: checks are left out one after the
//! other as long as the rest still clashes. Whole halves are tried before single checks, which gives the same set, since a set that
//! clashes still does with more checks: k checks that stay among n take O(k log n) tries.
//!
//! A filter has [`FILTER_STEPS`]; one that spends them has reduced nothing.

use super::board::{Board, plain};
use super::constraint::Var;
use super::correct::readings;
use super::evaluate::Interval;
use super::problem::Problem;
use super::rational::Rational;
use super::resolve::{narrow_from, root_state};
use super::search::is_refuted;
use super::state::{State, Stop};
use super::trial::Trial;
use crate::budget::Budget;
use crate::table::CheckStatus;

/// Steps of the reduction of one clash that a search has found: bounds alone are cheap, and have the whole budget.
const FILTER_STEPS: u64 = 20_000;

/// Steps of one search of a filter.
const SEARCH_STEPS: u64 = 1_000;

/// What shows that a set of checks clashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refuter {
    /// Bounds and elimination.
    Bounds,
    /// These, or a search through the readings that they leave.
    Searched,
}

/// An irreducible clash among the `active` constraints of `problem`, which clash together: each of them is needed. `None` where the
/// steps of the filter are spent.
pub(crate) fn irreducible(
    problem: &Problem,
    active: &[bool],
    how: Refuter,
    budget: &mut Budget,
) -> Option<Vec<usize>> {
    let clashes = |core: &[bool], budget: &mut Budget| match root_state(problem, core, budget) {
        Err(stop) => stop == Stop::Refuted,
        Ok(state) => how == Refuter::Searched && has_no_solution(problem, state, core, budget),
    };
    if how == Refuter::Bounds {
        return Some(filtered(active, &clashes, budget));
    }
    // What refuted them may have had more steps than one try of the filter has.
    let filter = |budget: &mut Budget| clashes(active, budget).then(|| filtered(active, &clashes, budget));
    within_steps(budget, filter).flatten()
}

/// An irreducible set of constraints that refutes every reading of the print of `var`, a variable of `problem` that may otherwise have
/// any value. `None` where there is none, or the steps of the filter are spent.
pub(crate) fn refuting_print(
    board: &Board<'_, '_>,
    problem: &Problem,
    var: Var,
    budget: &mut Budget,
) -> Option<Vec<usize>> {
    let cell = problem.local(var)?;
    let percent = board.fact(var).percent;
    let mut values: Vec<Rational> =
        readings(board, var).into_iter().filter_map(|reading| plain(reading, percent)).collect();
    values.extend(board.fact(var).value());
    let refutes = |value: Rational, core: &[bool], budget: &mut Budget| {
        let mut state = State::new(problem);
        let confined = state.confine(problem, cell, Interval::point(value));
        match confined.and_then(|()| narrow_from(problem, state, core, budget)) {
            Err(stop) => stop == Stop::Refuted,
            Ok(state) => has_no_solution(problem, state, core, budget),
        }
    };
    let clashes =
        |core: &[bool], budget: &mut Budget| values.iter().all(|&value| refutes(value, core, budget));
    let all = vec![true; problem.grounds.len()];
    if values.is_empty() || !clashes(&all, budget) {
        return None;
    }
    within_steps(budget, |budget| filtered(&all, &clashes, budget)).filter(|core| !core.is_empty())
}

/// Runs a filter on a share of the budget; `None` where it spends it.
fn within_steps<T>(budget: &mut Budget, run: impl FnOnce(&mut Budget) -> T) -> Option<T> {
    let mut share = Budget::new(FILTER_STEPS);
    let found = run(&mut share);
    (budget.spend(share.used()) && !share.is_spent()).then_some(found)
}

/// Whether a search shows that no reading satisfies the constraints of `core`.
fn has_no_solution(problem: &Problem, state: State, core: &[bool], budget: &mut Budget) -> bool {
    let mut share = Budget::new(SEARCH_STEPS);
    let is_refuted = is_refuted(problem, core, state, &mut share);
    budget.spend(share.used()) && is_refuted
}

/// What is left of `active` once everything is dropped without which `clashes` still holds.
fn filtered(
    active: &[bool],
    clashes: &dyn Fn(&[bool], &mut Budget) -> bool,
    budget: &mut Budget,
) -> Vec<usize> {
    let mut core: Vec<bool> = active.to_vec();
    let members: Vec<usize> = (0..core.len()).filter(|&ground| core[ground]).collect();
    let mut due: Vec<&[usize]> = vec![&members];
    // The ranges wait on a stack, the first on top, so that checks are dropped in their order.
    while let Some(range) = due.pop() {
        range.iter().for_each(|&ground| core[ground] = false);
        if range.is_empty() || clashes(&core, budget) {
            continue;
        }
        range.iter().for_each(|&ground| core[ground] = true);
        if range.len() > 1 {
            let (first, second) = range.split_at(range.len() / 2);
            due.extend([second, first]);
        }
    }
    (0..core.len()).filter(|&ground| core[ground]).collect()
}

/// Marks a clash, and leaves out every constraint that reads one of its prints.
pub(crate) fn drop_clash(trial: &mut Trial<'_, '_>, problem: &Problem, core: &[usize], active: &mut [bool]) {
    let mut doubted: Vec<Var> = Vec::new();
    for &ground in core {
        active[ground] = false;
        let index = problem.grounds[ground].ground;
        trial.mark(index, CheckStatus::Fails, &[]);
        trial.clashes.push(trial.grounds[index].id);
        doubted.extend(trial.grounds[index].vars().filter(|&var| problem.local(var).is_none()));
    }
    trial.clashes.sort_unstable();
    for (local, is_active) in problem.grounds.iter().zip(active.iter_mut()) {
        let mut vars = trial.grounds[local.ground].vars();
        if *is_active && vars.any(|var| doubted.contains(&var) && trial.marks_fail(var)) {
            *is_active = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::align::Alignment;
    use crate::proof::prove;
    use crate::proof::sample::{read, schema, table};
    use crate::table::Status;

    /// A statement of which every row has lost its blanks: an amount and a balance stand in two of three columns.
    fn slid(amounts: [(&str, &str); 3]) -> Alignment<'static> {
        let rules = ["balance = prev(balance) + credit - debit", "debit * credit = 0"];
        let schema = Arc::new(schema("bank", &["what$", "debit#", "credit#", "balance"], &rules, &[]));
        let rows = ["Open|?|?|?", "Rent|?|?|?", "Wage|?|?|?", "Fee|?|?|?"];
        let mut table = table(&schema, &rows);
        read(&mut table, 0, &[&["348.00", "", ""], &["", "348.00", ""], &["", "", "348.00"]]);
        for (row, (amount, balance)) in (1..).zip(amounts) {
            read(&mut table, row, &[&[amount, balance, ""], &[amount, "", balance], &["", amount, balance]]);
        }
        table
    }

    fn statuses(table: &Alignment<'_>) -> Vec<Vec<Status>> {
        let verdicts = prove("", std::slice::from_ref(table), &mut Budget::new(100_000), &mut Vec::new());
        verdicts.tables[0].cells.chunks(4).map(|row| row.iter().map(|cell| cell.status).collect()).collect()
    }

    #[test]
    fn a_row_that_no_reading_fits_is_contradicted_and_the_others_are_proven() {
        let found = statuses(&slid([("98.00", "250.00"), ("60.00", "310.00"), ("7.00", "303.00")]));
        assert!(found[1..].iter().all(|row| row[3] == Status::Proven), "{found:?}");
        let found = statuses(&slid([("98.00", "250.00"), ("60.00", "310.00"), ("7.00", "305.00")]));
        assert_eq!((found[1][3], found[2][2]), (Status::Proven, Status::Proven));
        assert_eq!((found[3][1], found[3][3]), (Status::Contradicted, Status::Contradicted));
    }

    #[test]
    fn a_clash_that_bounds_do_not_see_is_reduced_as_well() {
        let table = slid([("98.00", "250.00"), ("60.00", "310.00"), ("7.00", "305.00")]);
        let verdicts = prove("", &[table], &mut Budget::new(100_000), &mut Vec::new());
        let checks = verdicts.tables[0].checks.iter();
        let failing: Vec<_> = checks.filter(|check| check.status == CheckStatus::Fails).collect();
        assert!(failing.iter().all(|check| check.rows.contains(&3)), "{failing:?}");
    }

    proptest! {
        /// Halves first leaves the same set as one check after the other.
        #[test]
        fn halves_leave_what_single_checks_leave(sets in prop::collection::vec(1u32..1 << 12, 1..5)) {
            let clashes = |core: &[bool], _: &mut Budget| {
                let held = core.iter().enumerate().fold(0u32, |held, (bit, &is_held)| held | u32::from(is_held) << bit);
                sets.iter().any(|&set| set & !held == 0)
            };
            let all = [true; 12];
            let mut single = all.to_vec();
            for ground in 0..single.len() {
                single[ground] = false;
                single[ground] = !clashes(&single, &mut Budget::new(0));
            }
            let single: Vec<usize> = (0..single.len()).filter(|&ground| single[ground]).collect();
            prop_assert_eq!(filtered(&all, &clashes, &mut Budget::new(0)), single);
        }
    }
}
