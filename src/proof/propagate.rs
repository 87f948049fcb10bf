//! Bounds to a fixpoint: every constraint narrows every alternative of every cell that it reads.
//!
//! A cell has alternatives: the tokens that may land in it, and an unprinted value on its column's grid. Each is tried
//! against what the other cells of a constraint leave, so row checks delete pairs of a lattice; a sum over the rows of a
//! placement is bounded by the least and greatest path instead of by its cells one by one. A quotient becomes two linear
//! inequalities, and only where the sign of its denominator is known. Every step removes only what no solution holds.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::bounds::Range as _;
use super::evaluate::{Interval, divide, multiply};
use super::groups::{Group, Paths, Sweeps, groups, narrow_group};
use super::local::{LocalGround, LocalLone, LocalPoly, Product};
use super::plain::narrow_plain;
use super::problem::{Link, Problem};
use super::rational::Rational;
use super::state::{State, Stop};
use crate::budget::Budget;
use crate::schema::check::Relation;

/// Rounds in which bounds creep on without any choice being decided are cut off: stopping early only leaves more open.
const MAX_VISITS: u8 = 40;

/// Variables that one constraint has narrowed, some more than once.
pub(crate) type Changed = SmallVec<[usize; 16]>;

/// Constraints that are due, each once, in order of their index: bits, and the first word that may hold one.
struct Queue {
    words: SmallVec<[u64; 4]>,
    first: usize,
}

impl Queue {
    fn new(count: usize) -> Self {
        Self { words: SmallVec::from_elem(0, count.div_ceil(64)), first: 0 }
    }

    fn push(&mut self, ground: usize) {
        if let Some(word) = self.words.get_mut(ground / 64) {
            *word |= 1 << (ground % 64);
            self.first = self.first.min(ground / 64);
        }
    }

    fn pop(&mut self) -> Option<usize> {
        while let Some(word) = self.words.get_mut(self.first) {
            if *word != 0 {
                let bit = word.trailing_zeros() as usize;
                *word &= *word - 1;
                return Some(self.first * 64 + bit);
            }
            self.first += 1;
        }
        None
    }
}

/// Narrows `state` by the constraints in `queue`, and by all that they touch, to a fixpoint.
pub(crate) fn propagate(
    problem: &Problem,
    state: &mut State,
    active: &[bool],
    start: impl IntoIterator<Item = usize>,
    budget: &mut Budget,
) -> Result<(), Stop> {
    let mut queue = Queue::new(problem.grounds.len());
    start.into_iter().filter(|&ground| active[ground]).for_each(|ground| queue.push(ground));
    let mut visits: SmallVec<[u8; 128]> = SmallVec::from_elem(0, problem.grounds.len());
    let (mut changed, mut terms) = (Changed::new(), Terms::new());
    while let Some(ground) = queue.pop() {
        visits[ground] += 1;
        if visits[ground] > MAX_VISITS {
            visits[ground] = MAX_VISITS;
            continue;
        }
        let local = &problem.grounds[ground];
        if !budget.spend(1 + local.num.terms.len() as u64) {
            return Err(Stop::Spent);
        }
        changed.clear();
        narrow_by(problem, state, local, &mut terms, &mut changed)?;
        for &var in &changed {
            let readers = problem.vars[var].grounds.iter().copied();
            readers.filter(|&other| active[other]).for_each(|other| queue.push(other));
        }
    }
    Ok(())
}

/// The row `sum of terms in target`: the products of a constraint with what their two coefficients are multiplied by.
struct Row<'p> {
    products: &'p [Product],
    /// Of the numerator and of the denominator; `None`: 1 and 0.
    factors: Option<(Rational, Rational)>,
    groups: Cow<'p, [Group]>,
    target: Interval,
}

impl Row<'_> {
    /// The coefficient of a product; `None` where it does not fit.
    fn coefficient(&self, product: &Product) -> Option<Rational> {
        combined(product, self.factors)
    }
}

fn combined(product: &Product, factors: Option<(Rational, Rational)>) -> Option<Rational> {
    match factors {
        None => Some(product.num),
        Some((num, den)) => product.num.mul(num)?.add(product.den.mul(den)?),
    }
}

/// Coefficients and ranges of the terms of one row; no range where the term has none of its own. Kept from row to row.
pub(super) type Terms = Vec<(Rational, Option<Interval>)>;

fn narrow_by(
    problem: &Problem,
    state: &mut State,
    local: &LocalGround,
    terms: &mut Terms,
    changed: &mut Changed,
) -> Result<(), Stop> {
    if let Some(narrowed) = narrow_plain(problem, state, local, changed) {
        return narrowed;
    }
    narrow_by_rationals(problem, state, local, terms, changed)
}

pub(super) fn narrow_by_rationals(
    problem: &Problem,
    state: &mut State,
    local: &LocalGround,
    terms: &mut Terms,
    changed: &mut Changed,
) -> Result<(), Stop> {
    if let LocalLone::Variable(lone) = local.lone
        && let Some(other) = quotient_range(problem, state, local)
    {
        let (base, is_rounded) = lone_base(problem, state, local, other);
        if local.truncates && is_rounded {
            let twice = problem.vars[lone].half;
            state.narrow(problem, lone, base.widened(twice), true, changed)?;
        } else {
            state.narrow(problem, lone, base, is_rounded, changed)?;
        }
    }
    for row in rows(problem, state, local) {
        narrow_row(problem, state, &row, terms, changed)?;
    }
    Ok(())
}

/// What the other side leaves of the lone one before its own rounding, and whether it is rounded.
fn lone_base(problem: &Problem, state: &State, local: &LocalGround, other: Interval) -> (Interval, bool) {
    match local.relation {
        Relation::Equal => (other, true),
        Relation::About => match operand_slack(problem, state, local) {
            Some(slack) => (other.widened(slack), true),
            None => (Interval::ALL, true),
        },
        Relation::AtMost | Relation::Below => (Interval { low: None, high: other.high }, false),
        Relation::AtLeast | Relation::Above => (Interval { low: other.low, high: None }, false),
    }
}

/// The half units of all operands of a linear `~=`.
fn operand_slack(problem: &Problem, state: &State, local: &LocalGround) -> Option<Rational> {
    let mut sum = local.operand_slack;
    for (coefficient, vars) in &local.num.terms {
        let [var] = vars.as_slice() else { return None };
        sum = sum.add(coefficient.abs()?.mul(state.bounds.half(problem, *var))?)?;
    }
    Some(sum)
}

fn term_range(problem: &Problem, state: &State, coefficient: Rational, vars: &[usize]) -> Option<Interval> {
    if let ([var], true) = (vars, coefficient.is_unit()) {
        let hull = state.hull(problem, *var);
        return Some(if coefficient.signum() > 0 { hull } else { negated(hull) });
    }
    let mut range = Interval::point(coefficient);
    for &var in vars {
        range = scale_or_multiply(range, state.hull(problem, var))?;
    }
    Some(range)
}

/// The product where at least one factor is bounded; open ends of the other survive a point factor.
pub(crate) fn scale_or_multiply(a: Interval, b: Interval) -> Option<Interval> {
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

fn poly_range(problem: &Problem, state: &State, poly: &LocalPoly) -> Option<Interval> {
    let mut sum = Interval::point(poly.constant);
    for (coefficient, vars) in &poly.terms {
        let range = term_range(problem, state, *coefficient, vars).unwrap_or(Interval::ALL);
        sum = Interval {
            low: sum.low.zip(range.low).and_then(|(a, b)| a.add(b)),
            high: sum.high.zip(range.high).and_then(|(a, b)| a.add(b)),
        };
    }
    Some(sum)
}

fn quotient_range(problem: &Problem, state: &State, local: &LocalGround) -> Option<Interval> {
    let num = poly_range(problem, state, &local.num)?;
    match &local.den {
        None => Some(num),
        Some(den) => divide(num, poly_range(problem, state, den)?),
    }
}

/// The linear rows of a constraint: one without a denominator, two with one of known sign.
fn rows<'p>(problem: &Problem, state: &State, local: &'p LocalGround) -> SmallVec<[Row<'p>; 2]> {
    let zero = Rational::ZERO;
    let (lone_hull, half) = match local.lone {
        LocalLone::Value(value) => (Interval::point(value), local.slack),
        LocalLone::Variable(var) => {
            let half = state.bounds.half(problem, var);
            (state.hull(problem, var), if local.truncates { half.add(half).unwrap_or(half) } else { half })
        }
    };
    let slack = match local.relation {
        Relation::Equal => half,
        Relation::About => match operand_slack(problem, state, local).and_then(|slack| slack.add(half)) {
            Some(slack) => slack,
            None => return SmallVec::new(),
        },
        _ => zero,
    };
    // num - lone: where it may lie.
    let gap = match local.relation {
        Relation::Equal | Relation::About => Interval::point(zero).widened(slack),
        Relation::AtMost | Relation::Below => Interval { low: Some(zero), high: None },
        Relation::AtLeast | Relation::Above => Interval { low: None, high: Some(zero) },
    };
    let Some(den) = &local.den else {
        let shift = match local.lone {
            LocalLone::Variable(_) => Some(local.num.constant),
            LocalLone::Value(value) => local.num.constant.sub(value),
        };
        let row = || {
            let groups = Cow::Borrowed(local.groups.as_slice());
            let target = shifted(gap, shift?)?;
            Some(Row { products: local.products()?, factors: None, groups, target })
        };
        return row().into_iter().collect();
    };
    let den_range = poly_range(problem, state, den).unwrap_or(Interval::ALL);
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
        let row = || {
            // Multiplied by the grid, so that coefficients stay whole.
            let (by, times) = bound.neg()?.cleared(problem.grid);
            let factors = Some((times, by));
            let products = local.products()?;
            let shift = local.num.constant.mul(times)?.add(den.constant.mul(by)?)?;
            let groups = match local.has_groups {
                true => groups(problem, products, |product| combined(product, factors)),
                false => Vec::new(),
            };
            Some(Row { products, factors, groups: Cow::Owned(groups), target: shifted(target, shift)? })
        };
        rows.extend(row());
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
    poly_range(problem, state, &local.num).map_or(0, |num| sign_of(num) * sign_of(quotient))
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

/// Least and greatest contribution of a group over the whole paths of its lattice.
fn group_range(group: &Group, sweeps: &Sweeps<Rational>) -> Option<Interval> {
    let [least, greatest] = sweeps.range();
    if least.is_none() && greatest.is_none() {
        return None;
    }
    scale_or_multiply(Interval::point(group.coefficient), Interval { low: least, high: greatest })
}

/// What is left of one term where the others lie in `rest`.
fn term_target(target: Interval, rest: Interval) -> Interval {
    Interval {
        low: target.low.zip(rest.high).and_then(|(target, rest)| target.sub(rest)),
        high: target.high.zip(rest.low).and_then(|(target, rest)| target.sub(rest)),
    }
}

/// The sum of a group, if it has bounds, and what it was found from.
type GroupRange = (Option<Interval>, Option<Sweeps<Rational>>);

fn narrow_row(
    problem: &Problem,
    state: &mut State,
    row: &Row<'_>,
    terms: &mut Terms,
    changed: &mut Changed,
) -> Result<(), Stop> {
    terms.clear();
    for product in row.products {
        // A coefficient that does not fit leaves the row out.
        let Some(coefficient) = row.coefficient(product) else { return Ok(()) };
        terms.push((coefficient, None));
    }
    let mut grouped: SmallVec<[bool; 64]> = SmallVec::from_elem(false, terms.len());
    let mut sum = Sum::new();
    let mut group_ranges: SmallVec<[GroupRange; 1]> = SmallVec::new();
    for group in row.groups.iter() {
        let sweeps = Sweeps::new(problem, state, group);
        let range = sweeps.as_ref().and_then(|sweeps| group_range(group, sweeps));
        // A group whose paths have no bounds is read cell by cell instead.
        if let Some(range) = range {
            group.terms.iter().for_each(|&term| grouped[term] = true);
            sum.add(range);
        }
        group_ranges.push((range, sweeps));
    }
    for ((product, (coefficient, range)), is_grouped) in
        row.products.iter().zip(terms.iter_mut()).zip(&grouped)
    {
        if !is_grouped && !coefficient.is_zero() {
            let own = term_range(problem, state, *coefficient, &product.vars).unwrap_or(Interval::ALL);
            sum.add(own);
            *range = Some(own);
        }
    }
    let whole = Interval {
        low: if sum.open_low == 0 { sum.low } else { None },
        high: if sum.open_high == 0 { sum.high } else { None },
    };
    if whole.meet(row.target).is_empty() {
        return Err(Stop::Refuted);
    }
    // Whatever the cells hold satisfies the row: it narrows none of them.
    if row.target.covers(whole) {
        return Ok(());
    }
    let paths: SmallVec<[Option<Paths<Rational>>; 1]> = row
        .groups
        .iter()
        .zip(&group_ranges)
        .map(|(group, (_, sweeps))| sweeps.as_ref().map(|sweeps| sweeps.paths(state, group)))
        .collect();
    for ((group, (range, _)), paths) in row.groups.iter().zip(group_ranges).zip(paths) {
        if let (Some(range), Some(paths)) = (range, paths)
            && let Some(inverse) = Rational::ONE.div(group.coefficient)
        {
            let target = term_target(row.target, sum.without(range));
            if let Some(target) = scale_or_multiply(Interval::point(inverse), target) {
                narrow_group(problem, state, group, &paths, [target.low, target.high], changed)?;
            }
        }
    }
    for (product, &(coefficient, range)) in row.products.iter().zip(terms.iter()) {
        let Some(range) = range else { continue };
        let target = term_target(row.target, sum.without(range));
        narrow_term(problem, state, coefficient, &product.vars, target, changed)?;
    }
    Ok(())
}

fn narrow_term(
    problem: &Problem,
    state: &mut State,
    coefficient: Rational,
    vars: &[usize],
    target: Interval,
    changed: &mut Changed,
) -> Result<(), Stop> {
    for (position, &var) in vars.iter().enumerate() {
        // A square has two roots: left to the search.
        if vars.iter().filter(|&&other| other == var).count() > 1 {
            continue;
        }
        let mut factor = Interval::point(coefficient);
        for (other, &name) in vars.iter().enumerate() {
            if other != position {
                let Some(product) = scale_or_multiply(factor, state.hull(problem, name)) else {
                    return Ok(());
                };
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
            state.narrow(problem, var, left, false, changed)?;
        }
    }
    Ok(())
}

/// The interval of the negative numbers; an end that does not fit is open.
fn negated(interval: Interval) -> Interval {
    Interval { low: interval.high.and_then(Rational::neg), high: interval.low.and_then(Rational::neg) }
}
