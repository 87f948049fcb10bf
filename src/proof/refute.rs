//! Judging the cells of one component by refutation: what one search shows or refutes serves the next.

use super::board::{Fact, Known};
use super::evaluate::Interval;
use super::problem::{Link, Problem, Put};
use super::rational::Rational;
use super::resolve::Resolved;
use super::search::{Found, Solution, search, touched};
use super::state::{Alternative, State, Stop};
use super::trial::Reasons;
use crate::budget::Budget;

/// Steps of one search: a hard cell must not take the budget of all others.
const SEARCH_STEPS: u64 = 100_000;

/// Runs one search on a share of the budget.
pub(crate) fn bounded(budget: &mut Budget, run: impl FnOnce(&mut Budget) -> Found) -> Found {
    if budget.is_spent() {
        return Found::Open;
    }
    let mut share = Budget::new(SEARCH_STEPS);
    let found = run(&mut share);
    if budget.spend(share.used()) { found } else { Found::Open }
}

/// Judges the variables of one component, one after the other; what one search shows or refutes serves the next.
pub(crate) struct Searcher<'p, 'b> {
    pub(crate) problem: &'p Problem,
    pub(crate) active: &'p [bool],
    pub(crate) preferred: &'p [Option<Alternative>],
    pub(crate) state: State,
    pub(crate) shown: Vec<Solution>,
    pub(crate) budget: &'b mut Budget,
}

/// Solutions kept: enough to witness most cells without a search of their own.
const MAX_SHOWN: usize = 64;

impl Searcher<'_, '_> {
    pub(crate) fn judge(&mut self, var: usize) -> Resolved {
        let variable = &self.problem.vars[var];
        let is_read = variable.grounds.iter().any(|&ground| self.active[ground]);
        let mut is_complete = variable.link != Link::Open;
        if is_complete && !self.shown.is_empty() {
            is_complete = self.refute_others(var);
        }
        let live = self.state.live_values(self.problem, var);
        let same =
            live.first().and_then(|first| first.1).filter(|&value| live.iter().all(|l| l.1 == Some(value)));
        let is_ambiguous =
            self.shown.first().is_some_and(|first| self.shows_another(var, first.chosen[var].1));
        // Without a solution that shows it, a value that is left over proves nothing.
        let is_sure = is_complete && !self.shown.is_empty();
        Resolved {
            value: same.filter(|_| is_sure),
            only: live.first().map(|only| only.0).filter(|_| live.len() == 1 && is_sure),
            shown: self.shown.first().map(|solution| solution.chosen[var]),
            live,
            is_ambiguous,
            is_blank: false,
            is_read,
            is_tested: false,
            reasons: Reasons::new(),
            fact: self.loosest(var),
        }
    }

    /// The fact of the live alternative with the widest rounding.
    fn loosest(&self, var: usize) -> Option<Fact> {
        let variable = &self.problem.vars[var];
        let lost = Fact { known: Known::Unknown, scale: variable.scale, is_exact: false, percent: false };
        let facts =
            self.state.alternatives(self.problem, var).into_iter().map(|name| match (variable.link, name) {
                (Link::Placement { placement, .. }, Alternative::Token(token)) => {
                    self.problem.placements[placement].tokens[token].map_or(lost, |token| token.fact)
                }
                (Link::Options { choice, place }, Alternative::Option(option)) => {
                    match self.problem.put(choice, option, place) {
                        Put::Value(printed) => printed.fact,
                        _ => lost,
                    }
                }
                _ => lost,
            });
        facts.max_by_key(|fact| fact.half_unit())
    }

    /// Whether a solution shown so far puts anything but `value` into a cell.
    fn shows_another(&self, var: usize, value: Option<Rational>) -> bool {
        self.shown.iter().any(|solution| solution.chosen[var].1 != value)
    }

    /// Searches what is not yet shown until two values are, or all others are refuted. `false`: neither.
    fn refute_others(&mut self, var: usize) -> bool {
        let Some(value) = self.shown.first().map(|solution| solution.chosen[var].1) else { return false };
        if self.shows_another(var, value) {
            return true;
        }
        let mut is_complete = true;
        for (alternative, left) in self.state.live_values(self.problem, var) {
            // The same value by another token is no other value.
            if left.is_some() && left == value || self.shows_another(var, value) {
                continue;
            }
            let is_range = left.is_none() && value.is_some();
            is_complete &= if is_range {
                self.split(var, alternative, value)
            } else {
                self.attempt(var, alternative, None)
            };
        }
        is_complete
    }

    /// Tries an unprinted value below and above `value`.
    fn split(&mut self, var: usize, alternative: Alternative, value: Option<Rational>) -> bool {
        let variable = &self.problem.vars[var];
        let step = super::rational::power_of_ten(variable.scale).and_then(|unit| Rational::new(1, unit));
        let Some((value, step)) = value.zip(step) else { return false };
        if variable.link == Link::Constant {
            return false;
        }
        let below = Interval { low: None, high: value.sub(step) };
        let above = Interval { low: value.add(step), high: None };
        if below.high.is_none() || above.low.is_none() {
            return false;
        }
        let is_below_done = self.attempt(var, alternative, Some(below));
        if self.shows_another(var, Some(value)) {
            return true;
        }
        let is_done = is_below_done && self.attempt(var, alternative, Some(above));
        if is_done && !self.shows_another(var, Some(value)) {
            // Both sides are refuted: under this alternative only the value itself is left.
            let _ = self.keep_point(var, alternative, value);
        }
        is_done
    }

    fn keep_point(&mut self, var: usize, alternative: Alternative, value: Rational) -> Result<(), Stop> {
        let is_alone = self.state.alternatives(self.problem, var).len() == 1;
        if is_alone || alternative == Alternative::Lost {
            self.state.bounds.cut_range(self.problem, var, Interval::point(value));
        }
        Ok(())
    }

    /// Searches for a solution with `alternative` (and its number inside `range`). `true`: shown or refuted.
    fn attempt(&mut self, var: usize, alternative: Alternative, range: Option<Interval>) -> bool {
        let mut state = self.state.clone();
        let assumed = state.assume(self.problem, var, alternative).and_then(|()| match range {
            Some(range) => state.confine(self.problem, var, range),
            None => Ok(()),
        });
        let found = match assumed {
            Err(Stop::Refuted) => Found::Refuted,
            Err(Stop::Spent) => Found::Open,
            Ok(()) => {
                let start = touched(self.problem, var);
                bounded(self.budget, |budget| {
                    search(self.problem, self.active, self.preferred, state, start, budget)
                })
            }
        };
        match found {
            Found::Solution(solution) => {
                if self.shown.len() < MAX_SHOWN {
                    self.shown.push(solution);
                }
                true
            }
            Found::Refuted => {
                if range.is_none() {
                    // Sound whatever follows: the alternative holds in no solution.
                    let mut next = self.state.clone();
                    if next.forbid(self.problem, var, alternative).is_ok() {
                        self.state = next;
                    }
                }
                true
            }
            Found::Open => false,
        }
    }
}
