//! Bounds to a fixpoint: every constraint narrows every alternative of every cell that it reads.
//!
//! A cell has alternatives: the tokens that may land in it, and an unprinted value on its column's grid. Each is tried
//! against what the other cells of a constraint leave, so row checks delete pairs of a lattice; a sum over the rows of a
//! placement is bounded by the least and greatest path instead of by its cells one by one. A quotient becomes two linear
//! inequalities, and only where the sign of its denominator is known. Every step removes only what no solution holds.

use std::borrow::Cow;
use std::collections::BTreeSet;

use smallvec::SmallVec;

use super::evaluate::{Interval, divide, multiply};
use super::problem::{Link, LocalGround, LocalLone, LocalPoly, LocalTerm, Problem, merged};
use super::rational::Rational;
use super::state::{Alternative, State, Stop, on_grid, widened};
use crate::budget::Budget;
use crate::schema::check::Relation;

/// Rounds in which bounds creep on without any choice being decided are cut off: stopping early only leaves more open.
const MAX_VISITS: usize = 40;

/// Narrows `state` by the constraints in `queue`, and by all that they touch, to a fixpoint.
pub(crate) fn propagate(
    problem: &Problem,
    state: &mut State,
    active: &[bool],
    start: impl IntoIterator<Item = usize>,
    budget: &mut Budget,
) -> Result<(), Stop> {
    let mut queue: BTreeSet<usize> = start.into_iter().filter(|&ground| active[ground]).collect();
    let mut visits = vec![0usize; problem.grounds.len()];
    while let Some(ground) = queue.pop_first() {
        visits[ground] += 1;
        if visits[ground] > MAX_VISITS {
            continue;
        }
        let local = &problem.grounds[ground];
        if !budget.spend(1 + local.num.terms.len() as u64) {
            return Err(Stop::Spent);
        }
        for var in narrow_by(problem, state, local)? {
            queue.extend(problem.vars[var].grounds.iter().copied().filter(|&other| active[other]));
        }
    }
    Ok(())
}

/// The row `sum of terms in target`.
struct Row<'p> {
    terms: Cow<'p, [LocalTerm]>,
    target: Interval,
}

fn narrow_by(problem: &Problem, state: &mut State, local: &LocalGround) -> Result<Vec<usize>, Stop> {
    let mut changed = Vec::new();
    if let LocalLone::Variable(lone) = local.lone
        && let Some(other) = quotient_range(state, local)
    {
        let (base, is_rounded) = lone_base(state, local, other);
        if local.truncates && is_rounded {
            let twice = problem.vars[lone].half;
            changed.extend(state.narrow(problem, lone, widened(base, twice), true)?);
        } else {
            changed.extend(state.narrow(problem, lone, base, is_rounded)?);
        }
    }
    for row in rows(problem, state, local) {
        narrow_row(problem, state, &row, &mut changed)?;
    }
    changed.sort_unstable();
    changed.dedup();
    Ok(changed)
}

/// What the other side leaves of the lone one before its own rounding, and whether it is rounded.
fn lone_base(state: &State, local: &LocalGround, other: Interval) -> (Interval, bool) {
    match local.relation {
        Relation::Equal => (other, true),
        Relation::About => match operand_slack(state, local) {
            Some(slack) => (widened(other, slack), true),
            None => (Interval::ALL, true),
        },
        Relation::AtMost | Relation::Below => (Interval { low: None, high: other.high }, false),
        Relation::AtLeast | Relation::Above => (Interval { low: other.low, high: None }, false),
    }
}

/// The half units of all operands of a linear `~=`.
fn operand_slack(state: &State, local: &LocalGround) -> Option<Rational> {
    let mut sum = local.operand_slack;
    for (coefficient, vars) in &local.num.terms {
        let [var] = vars.as_slice() else { return None };
        sum = sum.add(coefficient.abs()?.mul(state.hulls[*var].1)?)?;
    }
    Some(sum)
}

fn term_range(state: &State, (coefficient, vars): &LocalTerm) -> Option<Interval> {
    if let ([var], true) = (vars.as_slice(), coefficient.is_unit()) {
        let hull = state.hull(*var);
        return Some(if coefficient.signum() > 0 { hull } else { negated(hull) });
    }
    let mut range = Interval::point(*coefficient);
    for &var in vars {
        range = scale_or_multiply(range, state.hull(var))?;
    }
    Some(range)
}

/// The product where at least one factor is bounded; open ends of the other survive a point factor.
fn scale_or_multiply(a: Interval, b: Interval) -> Option<Interval> {
    if let (Some(low), Some(high)) = (a.low, a.high)
        && low == high
    {
        let (first, second) = (b.low.and_then(|end| end.mul(low)), b.high.and_then(|end| end.mul(low)));
        return Some(match low.signum() {
            0 => Interval::point(Rational::ZERO),
            1 => Interval { low: first, high: second },
            _ => Interval { low: second, high: first },
        });
    }
    multiply(a, b)
}

fn poly_range(state: &State, poly: &LocalPoly) -> Option<Interval> {
    let mut sum = Interval::point(poly.constant);
    for term in &poly.terms {
        let range = term_range(state, term).unwrap_or(Interval::ALL);
        sum = Interval {
            low: sum.low.zip(range.low).and_then(|(a, b)| a.add(b)),
            high: sum.high.zip(range.high).and_then(|(a, b)| a.add(b)),
        };
    }
    Some(sum)
}

fn quotient_range(state: &State, local: &LocalGround) -> Option<Interval> {
    let num = poly_range(state, &local.num)?;
    match &local.den {
        None => Some(num),
        Some(den) => divide(num, poly_range(state, den)?),
    }
}

/// The linear rows of a constraint: one without a denominator, two with one of known sign.
fn rows<'p>(problem: &Problem, state: &State, local: &'p LocalGround) -> SmallVec<[Row<'p>; 2]> {
    let zero = Rational::ZERO;
    let (lone_hull, half) = match local.lone {
        LocalLone::Value(value) => (Interval::point(value), local.slack),
        LocalLone::Variable(var) => {
            let half = state.hulls[var].1;
            (state.hull(var), if local.truncates { half.add(half).unwrap_or(half) } else { half })
        }
    };
    let slack = match local.relation {
        Relation::Equal => half,
        Relation::About => match operand_slack(state, local).and_then(|slack| slack.add(half)) {
            Some(slack) => slack,
            None => return SmallVec::new(),
        },
        _ => zero,
    };
    // num - lone: where it may lie.
    let gap = match local.relation {
        Relation::Equal | Relation::About => widened(Interval::point(zero), slack),
        Relation::AtMost | Relation::Below => Interval { low: Some(zero), high: None },
        Relation::AtLeast | Relation::Above => Interval { low: None, high: Some(zero) },
    };
    let Some(den) = &local.den else {
        let shift = match local.lone {
            LocalLone::Variable(_) => Some(local.num.constant),
            LocalLone::Value(value) => local.num.constant.sub(value),
        };
        let row =
            || Some(Row { terms: Cow::Borrowed(local.merged.as_ref()?), target: shifted(gap, shift?)? });
        return row().into_iter().collect();
    };
    let den_range = poly_range(state, den).unwrap_or(Interval::ALL);
    let allowed = Interval {
        low: lone_hull.low.zip(gap.low).and_then(|(a, b)| a.add(b)),
        high: lone_hull.high.zip(gap.high).and_then(|(a, b)| a.add(b)),
    };
    let sign = match sign_of(den_range) {
        0 => divisor_sign(problem, state, local, den, allowed),
        sign => sign,
    };
    let mut rows = SmallVec::new();
    if sign == 0 {
        return rows;
    }
    for (bound, is_low) in [(allowed.low, true), (allowed.high, false)] {
        let Some(bound) = bound else { continue };
        let above = Interval { low: Some(zero), high: None };
        let below = Interval { low: None, high: Some(zero) };
        let target = if is_low == (sign > 0) { above } else { below };
        let combined = || {
            let by = bound.neg()?;
            let mut terms = local.num.terms.clone();
            for (coefficient, vars) in &den.terms {
                terms.push((coefficient.mul(by)?, vars.clone()));
            }
            let shift = local.num.constant.add(den.constant.mul(by)?)?;
            Some(Row { terms: Cow::Owned(merged(terms)?), target: shifted(target, shift)? })
        };
        rows.extend(combined());
    }
    rows
}

/// The sign of a whole interval, 0 where it has both or holds 0.
fn sign_of(range: Interval) -> i128 {
    match (range.low.map(Rational::signum), range.high.map(Rational::signum)) {
        (Some(1), _) => 1,
        (_, Some(-1)) => -1,
        _ => 0,
    }
}

/// The sign of a divisor that is a bare constant: nobody divides by a constant of 0, so it follows from the signs of the
/// quotient and of what is divided.
fn divisor_sign(
    problem: &Problem,
    state: &State,
    local: &LocalGround,
    den: &LocalPoly,
    quotient: Interval,
) -> i128 {
    let [(coefficient, vars)] = den.terms.as_slice() else { return 0 };
    let is_constant = vars.len() == 1 && vars.iter().all(|&var| problem.vars[var].link == Link::Constant);
    if !is_constant || !den.constant.is_zero() || coefficient.is_zero() {
        return 0;
    }
    poly_range(state, &local.num).map_or(0, |num| sign_of(num) * sign_of(quotient))
}

/// A target with the constant of its row moved into it.
fn shifted(target: Interval, shift: Rational) -> Option<Interval> {
    let end = |end: Option<Rational>| end.map_or(Some(None), |end| end.sub(shift).map(Some));
    Some(Interval { low: end(target.low)?, high: end(target.high)? })
}

/// A sum with its open ends counted, so that one term can be taken out again.
#[derive(Default)]
struct Sum {
    low: Option<Rational>,
    high: Option<Rational>,
    open_low: usize,
    open_high: usize,
}

impl Sum {
    fn new() -> Self {
        Self { low: Some(Rational::ZERO), high: Some(Rational::ZERO), ..Self::default() }
    }

    fn add(&mut self, range: Interval) {
        match range.low {
            Some(low) => self.low = self.low.and_then(|sum| sum.add(low)),
            None => self.open_low += 1,
        }
        match range.high {
            Some(high) => self.high = self.high.and_then(|sum| sum.add(high)),
            None => self.open_high += 1,
        }
    }

    /// The range of all terms but one.
    fn without(&self, range: Interval) -> Interval {
        let end = |sum: Option<Rational>, own: Option<Rational>, open: usize| match (own, open) {
            (Some(own), 0) => sum.and_then(|sum| sum.sub(own)),
            (None, 1) => sum,
            _ => None,
        };
        Interval {
            low: end(self.low, range.low, self.open_low),
            high: end(self.high, range.high, self.open_high),
        }
    }
}

/// What is left of one term where the others lie in `rest`.
fn term_target(target: Interval, rest: Interval) -> Interval {
    Interval {
        low: target.low.zip(rest.high).and_then(|(target, rest)| target.sub(rest)),
        high: target.high.zip(rest.low).and_then(|(target, rest)| target.sub(rest)),
    }
}

fn narrow_row(
    problem: &Problem,
    state: &mut State,
    row: &Row<'_>,
    changed: &mut Vec<usize>,
) -> Result<(), Stop> {
    let groups = groups(problem, row);
    let mut grouped: SmallVec<[bool; 16]> = SmallVec::from_elem(false, row.terms.len());
    let mut sum = Sum::new();
    let mut group_ranges = Vec::new();
    for group in &groups {
        let range = group_range(problem, state, group);
        // A group whose paths have no bounds is read cell by cell instead.
        if let Some(range) = range {
            group.terms.iter().for_each(|&term| grouped[term] = true);
            sum.add(range);
        }
        group_ranges.push(range);
    }
    let mut ranges: SmallVec<[Option<Interval>; 8]> = SmallVec::with_capacity(row.terms.len());
    for (term, is_grouped) in row.terms.iter().zip(&grouped) {
        let range = if *is_grouped { None } else { Some(term_range(state, term).unwrap_or(Interval::ALL)) };
        if let Some(range) = range {
            sum.add(range);
        }
        ranges.push(range);
    }
    let whole = Interval {
        low: if sum.open_low == 0 { sum.low } else { None },
        high: if sum.open_high == 0 { sum.high } else { None },
    };
    if whole.meet(row.target).is_empty() {
        return Err(Stop::Refuted);
    }
    for (group, range) in groups.iter().zip(group_ranges) {
        if let Some(range) = range {
            let target = term_target(row.target, sum.without(range));
            narrow_group(problem, state, group, target, changed)?;
        }
    }
    for (term, range) in row.terms.iter().zip(ranges) {
        let Some(range) = range else { continue };
        let target = term_target(row.target, sum.without(range));
        narrow_term(problem, state, term, target, changed)?;
    }
    Ok(())
}

fn narrow_term(
    problem: &Problem,
    state: &mut State,
    (coefficient, vars): &LocalTerm,
    target: Interval,
    changed: &mut Vec<usize>,
) -> Result<(), Stop> {
    for (position, &var) in vars.iter().enumerate() {
        // A square has two roots: left to the search.
        if vars.iter().filter(|&&other| other == var).count() > 1 {
            continue;
        }
        let mut factor = Interval::point(*coefficient);
        for (other, &name) in vars.iter().enumerate() {
            if other != position {
                let Some(product) = scale_or_multiply(factor, state.hull(name)) else { return Ok(()) };
                factor = product;
            }
        }
        let left = match (factor.low, factor.high) {
            (Some(low), Some(high)) if low.is_unit() && low == high => {
                if low.signum() > 0 {
                    Some(target)
                } else {
                    Some(negated(target))
                }
            }
            (Some(low), Some(high)) if low == high && !low.is_zero() => {
                Rational::ONE.div(low).and_then(|inverse| scale_or_multiply(Interval::point(inverse), target))
            }
            _ => divide(target, factor),
        };
        if let Some(left) = left {
            changed.extend(state.narrow(problem, var, left, false)?);
        }
    }
    Ok(())
}

/// The interval of the negative numbers; an end that does not fit is open.
fn negated(interval: Interval) -> Interval {
    Interval { low: interval.high.and_then(Rational::neg), high: interval.low.and_then(Rational::neg) }
}

/// Terms of one row that are cells of one placement with one coefficient.
struct Group {
    placement: usize,
    coefficient: Rational,
    terms: Vec<usize>,
    /// Rows of the placement that the row reads.
    is_member: Vec<bool>,
}

fn groups(problem: &Problem, row: &Row<'_>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, (coefficient, vars)) in row.terms.iter().enumerate() {
        let [var] = vars.as_slice() else { continue };
        let Link::Placement { placement, row } = problem.vars[*var].link else { continue };
        let count = problem.placements[placement].cells.len();
        let known =
            groups.iter_mut().find(|group| group.placement == placement && group.coefficient == *coefficient);
        let group = match known {
            Some(group) => group,
            None => {
                let fresh = Group {
                    placement,
                    coefficient: *coefficient,
                    terms: Vec::new(),
                    is_member: vec![false; count],
                };
                groups.push(fresh);
                let Some(group) = groups.last_mut() else { continue };
                group
            }
        };
        group.terms.push(index);
        group.is_member[row] = true;
    }
    groups.retain(|group| group.terms.len() > 1);
    groups
}

/// Least and greatest contribution of a group over the whole paths of its lattice.
fn group_range(problem: &Problem, state: &State, group: &Group) -> Option<Interval> {
    let least = extremes(problem, state, group, true).and_then(|through| through.total);
    let greatest = extremes(problem, state, group, false).and_then(|through| through.total);
    if least.is_none() && greatest.is_none() {
        return None;
    }
    scale_or_multiply(Interval::point(group.coefficient), Interval { low: least, high: greatest })
}

fn extremes(
    problem: &Problem,
    state: &State,
    group: &Group,
    is_least: bool,
) -> Option<super::lattice::Through> {
    let site = &problem.placements[group.placement];
    let take = |token: usize, row: usize| {
        if group.is_member[row] { site.tokens[token].map(|(_, value)| value) } else { Some(Rational::ZERO) }
    };
    let skip = |row: usize| {
        let range = state.ranges[site.cells[row]];
        if !group.is_member[row] {
            return Some(Rational::ZERO);
        }
        if is_least { range.low } else { range.high }
    };
    state.lattices[group.placement].extremes(&take, &skip, is_least)
}

fn narrow_group(
    problem: &Problem,
    state: &mut State,
    group: &Group,
    target: Interval,
    changed: &mut Vec<usize>,
) -> Result<(), Stop> {
    let inverse = Rational::ONE.div(group.coefficient);
    let Some(target) = inverse.and_then(|inverse| scale_or_multiply(Interval::point(inverse), target)) else {
        return Ok(());
    };
    let least = if target.high.is_some() { extremes(problem, state, group, true) } else { None };
    let greatest = if target.low.is_some() { extremes(problem, state, group, false) } else { None };
    let site = &problem.placements[group.placement];
    let exceeds = |path: Option<Rational>| path.zip(target.high).is_some_and(|(path, high)| path > high);
    let falls_short = |path: Option<Rational>| path.zip(target.low).is_some_and(|(path, low)| path < low);
    for (row, &cell) in site.cells.iter().enumerate() {
        let lattice = &state.lattices[group.placement];
        let tokens: SmallVec<[usize; 4]> = lattice
            .tokens_at(row)
            .filter(|&token| {
                exceeds(least.as_ref().and_then(|through| through.take(token, row)))
                    || falls_short(greatest.as_ref().and_then(|through| through.take(token, row)))
            })
            .collect();
        let is_skip_dead = lattice.can_skip(row)
            && (exceeds(least.as_ref().and_then(|through| through.skip(row)))
                || falls_short(greatest.as_ref().and_then(|through| through.skip(row))));
        let before = state.linked(problem, cell);
        state.forbid_all(problem, cell, tokens.into_iter().map(Alternative::Token))?;
        if is_skip_dead {
            state.forbid(problem, cell, Alternative::Lost)?;
        } else if group.is_member[row] && state.lattices[group.placement].can_skip(row) {
            narrow_skipped(problem, state, cell, row, target, [least.as_ref(), greatest.as_ref()])?;
        }
        state.refresh(problem, cell);
        changed.extend(
            before.into_iter().filter(|(cell, hull)| state.hulls[*cell] != *hull).map(|(cell, _)| cell),
        );
    }
    Ok(())
}

/// Bounds an unprinted value by what the extreme paths through it leave.
fn narrow_skipped(
    problem: &Problem,
    state: &mut State,
    cell: usize,
    row: usize,
    target: Interval,
    [least, greatest]: [Option<&super::lattice::Through>; 2],
) -> Result<(), Stop> {
    let range = state.ranges[cell];
    let bound =
        |end: Option<Rational>, path: Option<Rational>, own: Option<Rational>| end?.sub(path?)?.add(own?);
    let left = Interval {
        low: bound(target.low, greatest.and_then(|through| through.skip(row)), range.high),
        high: bound(target.high, least.and_then(|through| through.skip(row)), range.low),
    };
    let met = on_grid(range.meet(left), Some(problem.vars[cell].scale));
    if met.is_empty() {
        return state.forbid(problem, cell, Alternative::Lost);
    }
    state.ranges[cell] = met;
    Ok(())
}
