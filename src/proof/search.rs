//! Depth first over choices, smallest live set first; unprinted numbers are enumerated up to 64 grid points.

use super::bounds::Bounds;
use super::evaluate::Interval;
use super::local::{LocalGround, LocalLone, LocalPoly};
use super::problem::{Link, Problem};
use super::propagate::propagate;
use super::rational::{Rational, power_of_ten};
use super::state::{Alternative, State, Stop};
use super::units::floor_quotient;
use crate::budget::Budget;
use crate::schema::check::Relation;

/// One complete solution: what every variable takes. No value: text, or a cell that no constraint reads.
#[derive(Clone, Debug)]
pub(crate) struct Solution {
    pub(crate) chosen: Vec<(Alternative, Option<Rational>)>,
}

/// How a search ended.
#[derive(Debug)]
pub(crate) enum Found {
    /// A solution, checked against every constraint.
    Solution(Solution),
    /// There is none.
    Refuted,
    /// Neither was shown: the budget is spent, or numbers were too many to enumerate.
    Open,
}

/// Grid points of an unprinted number that are enumerated.
const MAX_POINTS: i128 = 64;

/// Decisions in a row that a search makes: each is a frame of the stack, and threads have small ones.
const MAX_DEPTH: usize = 200;

/// Searches `state` for one solution; alternatives of the aligner's best reading come first.
pub(crate) fn search(
    problem: &Problem,
    active: &[bool],
    preferred: &[Option<Alternative>],
    state: State,
    start: Vec<usize>,
    budget: &mut Budget,
) -> Found {
    let walk = Walk { problem, active, preferred: Some(preferred) };
    walk.descend(state, start, Left { depth: MAX_DEPTH, has_choices: true }, budget)
}

/// Whether `state` has no solution. It is left at the first branch that cannot be refuted, for nothing else is asked.
pub(crate) fn is_refuted(problem: &Problem, active: &[bool], state: State, budget: &mut Budget) -> bool {
    let walk = Walk { problem, active, preferred: None };
    let left = Left { depth: MAX_DEPTH, has_choices: true };
    matches!(walk.descend(state, Vec::new(), left, budget), Found::Refuted)
}

/// What a search goes through.
struct Walk<'p> {
    problem: &'p Problem,
    active: &'p [bool],
    /// Which alternatives come first; `None`: no solution is asked for, only whether there is none.
    preferred: Option<&'p [Option<Alternative>]>,
}

/// What is left to a search at some place.
#[derive(Clone, Copy)]
struct Left {
    depth: usize,
    /// Whether some choice may be open: once none is, none is any more.
    has_choices: bool,
}

impl Walk<'_> {
    fn descend(&self, mut state: State, start: Vec<usize>, left: Left, budget: &mut Budget) -> Found {
        let problem = self.problem;
        if left.depth == 0 {
            return Found::Open;
        }
        match propagate(problem, &mut state, self.active, start, budget) {
            Err(Stop::Refuted) => return Found::Refuted,
            Err(Stop::Spent) => return Found::Open,
            Ok(()) => {}
        }
        let open = if left.has_choices { first_choice(problem, &state) } else { None };
        let Some(var) = open else { return self.complete(&state, left.depth, budget) };
        let mut alternatives: Vec<Alternative> = state.alternatives(problem, var).into_vec();
        let preferred = self.preferred.and_then(|preferred| preferred[var]);
        alternatives.sort_by_key(|alternative| (preferred != Some(*alternative), *alternative));
        let mut is_open = false;
        for alternative in alternatives {
            let mut next = state.clone();
            if next.assume(problem, var, alternative).is_err() {
                continue;
            }
            let due = due(problem, &state.bounds, &next, var);
            match self.descend(next, due, Left { depth: left.depth - 1, ..left }, budget) {
                Found::Solution(solution) => return Found::Solution(solution),
                Found::Refuted => {}
                Found::Open if budget.is_spent() || self.preferred.is_none() => return Found::Open,
                Found::Open => is_open = true,
            }
        }
        if is_open { Found::Open } else { Found::Refuted }
    }

    /// Gives values to the numbers that the constraints leave open, all choices being decided.
    fn complete(&self, state: &State, depth: usize, budget: &mut Budget) -> Found {
        let problem = self.problem;
        let is_free = |var: &usize| {
            let variable = &problem.vars[*var];
            variable.link != Link::Open
                && !state.bounds.is_point(problem, *var)
                && variable.grounds.iter().any(|&ground| self.active[ground])
        };
        // Constants last: they have no grid, and the cells bound them.
        let free = (0..problem.vars.len())
            .filter(is_free)
            .min_by_key(|&var| (problem.vars[var].link == Link::Constant, points(problem, state, var), var));
        let Some(var) = free else { return check_all(problem, self.active, state) };
        let (values, is_whole) = trial_values(problem, state, var);
        let mut is_open = !is_whole;
        if is_open && self.preferred.is_none() {
            return Found::Open;
        }
        for value in values {
            let mut next = state.clone();
            if next.confine(problem, var, Interval::point(value)).is_err() {
                continue;
            }
            if !next.bounds.is_point(problem, var) {
                // The value did not take: nothing is decided by it.
                is_open = true;
                if self.preferred.is_none() {
                    return Found::Open;
                }
                continue;
            }
            let due = due(problem, &state.bounds, &next, var);
            match self.descend(next, due, Left { depth: depth - 1, has_choices: false }, budget) {
                Found::Solution(solution) => return Found::Solution(solution),
                Found::Refuted => {}
                Found::Open if budget.is_spent() || self.preferred.is_none() => return Found::Open,
                Found::Open => is_open = true,
            }
        }
        if is_open { Found::Open } else { Found::Refuted }
    }
}

/// The variable with the fewest alternatives among those that have several, the first of them.
fn first_choice(problem: &Problem, state: &State) -> Option<usize> {
    let mut fewest = None;
    for var in 0..problem.vars.len() {
        let count = state.count(problem, var);
        if count == 2 {
            return Some(var);
        }
        if count > 2 && fewest.is_none_or(|(least, _)| count < least) {
            fewest = Some((count, var));
        }
    }
    fewest.map(|(_, var)| var)
}

/// The constraints over the cells that a choice at `var` changes.
pub(crate) fn touched(problem: &Problem, var: usize) -> Vec<usize> {
    let cells = match problem.vars[var].link {
        Link::Placement { placement, .. } => problem.placements[placement].cells.as_slice(),
        Link::Options { choice, .. } => problem.options[choice].cells.as_slice(),
        _ => std::slice::from_ref(&var),
    };
    cells.iter().flat_map(|&cell| problem.vars[cell].grounds.iter().copied()).collect()
}

/// The constraints that may narrow more once the choice at `var` has led from the hulls `before` to `after`: those over a cell whose hull
/// changed, and those over several cells of a placement, which read its paths. For all others nothing has changed, if nothing was due
/// before.
pub(crate) fn due(problem: &Problem, before: &Bounds, after: &State, var: usize) -> Vec<usize> {
    let (cells, sums) = match problem.vars[var].link {
        Link::Placement { placement, .. } => {
            let site = &problem.placements[placement];
            (site.cells.as_slice(), site.sums.as_slice())
        }
        Link::Options { choice, .. } => (problem.options[choice].cells.as_slice(), &[][..]),
        _ => (std::slice::from_ref(&var), &[][..]),
    };
    let changed = cells.iter().filter(|&&cell| !after.bounds.is_same_hull(before, problem, cell));
    let read = changed.flat_map(|&cell| problem.vars[cell].grounds.iter().copied());
    read.chain(sums.iter().copied()).collect()
}

/// Number of grid points left of an unprinted number.
fn points(problem: &Problem, state: &State, var: usize) -> i128 {
    let (hull, step) = (state.hull(problem, var), problem.vars[var].step(problem.grid));
    // Where the ends are over the problem's grid, a point is so many units of it.
    let over_grid = |end: Option<Rational>| {
        end.map(Rational::parts).filter(|(_, den)| *den == problem.grid && step > 0).map(|(num, _)| num)
    };
    let grid = match over_grid(hull.low).zip(over_grid(hull.high)) {
        Some((low, high)) => Some((-floor_quotient(-low, step), floor_quotient(high, step))),
        None => hull.grid(problem.vars[var].scale),
    };
    grid.and_then(|(low, high)| high.checked_sub(low)).map_or(i128::MAX, |span| span.saturating_add(1))
}

/// Values to try for a number, and whether they are all there are.
fn trial_values(problem: &Problem, state: &State, var: usize) -> (Vec<Rational>, bool) {
    let variable = &problem.vars[var];
    let hull = state.hull(problem, var);
    if variable.link == Link::Constant {
        let middle = hull.low.zip(hull.high).and_then(|(low, high)| low.add(high)?.div(Rational::integer(2)));
        let values: Vec<Rational> =
            [middle, hull.low, hull.high, Some(Rational::ONE)].into_iter().flatten().collect();
        return (values, false);
    }
    let unit = power_of_ten(variable.scale).unwrap_or(1);
    let count = points(problem, state, var);
    if count <= MAX_POINTS
        && let Some((low, high)) = hull.grid(variable.scale)
    {
        return ((low..=high).filter_map(|point| Rational::new(point, unit)).collect(), true);
    }
    let zero = Some(Rational::ZERO).filter(|zero| hull.contains(*zero));
    let near = |end: Option<Rational>, step: i128| end.and_then(|end| end.add(Rational::new(step, unit)?));
    let mut values: Vec<Rational> =
        [zero, hull.low, hull.high, near(hull.low, 1), near(hull.high, -1), near(zero, 1)]
            .into_iter()
            .flatten()
            .collect();
    values.retain(|value| hull.contains(*value));
    values.dedup();
    (values, false)
}

/// The solution of a state in which everything is decided, if every constraint holds exactly.
fn check_all(problem: &Problem, active: &[bool], state: &State) -> Found {
    let mut chosen = Vec::with_capacity(problem.vars.len());
    let mut halves = Vec::with_capacity(problem.vars.len());
    for var in 0..problem.vars.len() {
        let Some(&(alternative, interval, half)) = state.live(problem, var).first() else {
            return Found::Refuted;
        };
        let value = interval.low.filter(|_| interval.low == interval.high);
        chosen.push((alternative, value));
        halves.push(half);
    }
    let solution = Solution { chosen };
    for (ground, local) in problem.grounds.iter().enumerate() {
        if !active[ground] {
            continue;
        }
        match holds(local, &solution, &halves) {
            Some(true) => {}
            Some(false) => return Found::Refuted,
            None => return Found::Open,
        }
    }
    Found::Solution(solution)
}

/// Whether a constraint holds in a solution; `None` where an operand has no value or a number does not fit. A zero
/// denominator says nothing, so it does not stand against the solution; neither does text in an operand's place.
fn holds(local: &LocalGround, solution: &Solution, halves: &[Rational]) -> Option<bool> {
    if local.vars.iter().any(|&var| solution.chosen[var].1.is_none()) {
        return Some(true)
            .filter(|_| local.vars.iter().any(|&var| solution.chosen[var].0 != Alternative::Lost));
    }
    let num = value_of(&local.num, solution)?;
    let other = match &local.den {
        None => num,
        Some(den) => {
            let den = value_of(den, solution)?;
            if den.is_zero() {
                return Some(true);
            }
            num.div(den)?
        }
    };
    let (lone, half) = match local.lone {
        LocalLone::Value(value) => (value, local.slack),
        LocalLone::Variable(var) => {
            let half = halves[var];
            (solution.chosen[var].1?, if local.truncates { half.add(half)? } else { half })
        }
    };
    let gap = lone.sub(other)?;
    Some(match local.relation {
        Relation::Equal => gap.abs()? <= half,
        Relation::About => {
            let mut slack = half.add(local.operand_slack)?;
            for (coefficient, vars) in &local.num.terms {
                let [var] = vars.as_slice() else { return None };
                slack = slack.add(coefficient.abs()?.mul(halves[*var])?)?;
            }
            gap.abs()? <= slack
        }
        Relation::AtMost => gap.signum() <= 0,
        Relation::AtLeast => gap.signum() >= 0,
        Relation::Below => gap.signum() < 0,
        Relation::Above => gap.signum() > 0,
    })
}

fn value_of(poly: &LocalPoly, solution: &Solution) -> Option<Rational> {
    let mut sum = poly.constant;
    for (coefficient, vars) in &poly.terms {
        let mut value = *coefficient;
        for &var in vars {
            value = value.mul(solution.chosen[var].1?)?;
        }
        sum = sum.add(value)?;
    }
    Some(sum)
}
