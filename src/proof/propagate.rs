//! Bounds to a fixpoint: every constraint narrows every alternative of every cell that it reads.
//!
//! A cell has alternatives: the tokens that may land in it, and an unprinted value on its column's grid. Each is tried
//! against what the other cells of a constraint leave, so row checks delete pairs of a lattice; a sum over the rows of a
//! placement is bounded by the least and greatest path instead of by its cells one by one. A quotient becomes two linear
//! inequalities, and only where the sign of its denominator is known. Every step removes only what no solution holds.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use super::evaluate::{Interval, divide, multiply};
use super::lattice::Lattice;
use super::problem::{Link, LocalGround, LocalLone, LocalPoly, LocalTerm, Problem, Put};
use super::rational::{Rational, power_of_ten};
use crate::budget::Budget;
use crate::schema::check::Relation;

/// What is left of all variables.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// The unprinted value, or the constant.
    pub(crate) ranges: Vec<Interval>,
    pub(crate) lattices: Vec<Lattice>,
    /// Live options of every choice among readings.
    pub(crate) options: Vec<u64>,
    /// Hull of all alternatives of a variable, and its widest half unit.
    hulls: Vec<(Interval, Rational)>,
}

/// Which alternative of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alternative {
    /// A token of its placement.
    Token(usize),
    /// An option of its choice.
    Option(usize),
    /// An unprinted value.
    Lost,
}

/// Why propagation stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// No solution is left.
    Refuted,
    /// The budget is spent.
    Spent,
}

/// Rounds in which bounds creep on without any choice being decided are cut off: stopping early only leaves more open.
const MAX_VISITS: usize = 40;

impl State {
    pub(crate) fn new(problem: &Problem) -> Self {
        let ranges = problem.vars.iter().map(|variable| on_grid(variable.domain, grid_of(problem, variable)));
        let options = problem.options.iter().map(|site| match site.puts.len() {
            64.. => u64::MAX,
            count => (1u64 << count) - 1,
        });
        let mut state = Self {
            ranges: ranges.collect(),
            lattices: problem.lattices(),
            options: options.collect(),
            hulls: vec![(Interval::ALL, Rational::ZERO); problem.vars.len()],
        };
        for var in 0..problem.vars.len() {
            state.refresh(problem, var);
        }
        state
    }

    /// The live alternatives of a variable with what they put into it, and their half units.
    pub(crate) fn alternatives(
        &self,
        problem: &Problem,
        var: usize,
    ) -> SmallVec<[(Alternative, Interval, Rational); 4]> {
        let mut found = SmallVec::new();
        let Some(variable) = problem.vars.get(var) else { return found };
        let lost = (Alternative::Lost, self.ranges[var], variable.half);
        match variable.link {
            Link::Free | Link::Constant => found.push(lost),
            Link::Open => found.push((Alternative::Lost, Interval::ALL, Rational::ONE)),
            Link::Placement { placement, row } => {
                let lattice = &self.lattices[placement];
                for token in lattice.tokens_at(row) {
                    let content = problem.placements[placement].tokens[token];
                    found.push(match content {
                        Some((fact, value)) => {
                            let half = fact.half_unit().unwrap_or(Rational::ONE);
                            (Alternative::Token(token), Interval::point(value), half)
                        }
                        None => (Alternative::Token(token), Interval::ALL, Rational::ONE),
                    });
                }
                if lattice.can_skip(row) {
                    found.push(lost);
                }
            }
            Link::Options { choice } => {
                for option in 0..problem.options[choice].puts.len() {
                    if self.options[choice] >> option & 1 == 0 {
                        continue;
                    }
                    let name = Alternative::Option(option);
                    found.push(match problem.put(choice, option, var) {
                        Put::Value(fact, value) => {
                            (name, Interval::point(value), fact.half_unit().unwrap_or(Rational::ONE))
                        }
                        Put::Lost => (name, self.ranges[var], variable.half),
                        Put::Text => (name, Interval::ALL, Rational::ONE),
                    });
                }
            }
        }
        found
    }

    pub(crate) fn hull(&self, var: usize) -> Interval {
        self.hulls[var].0
    }

    fn refresh(&mut self, problem: &Problem, var: usize) -> bool {
        let mut hull: Option<Interval> = None;
        let mut half = Rational::ZERO;
        for (_, interval, unit) in self.alternatives(problem, var) {
            half = half.max(unit);
            hull = Some(hull.map_or(interval, |hull| Interval {
                low: hull.low.zip(interval.low).map(|(a, b)| a.min(b)),
                high: hull.high.zip(interval.high).map(|(a, b)| a.max(b)),
            }));
        }
        let fresh = (hull.unwrap_or(Interval::ALL), half);
        let is_changed = self.hulls[var] != fresh;
        self.hulls[var] = fresh;
        is_changed
    }

    /// Removes one alternative; the caller propagates.
    pub(crate) fn forbid(
        &mut self,
        problem: &Problem,
        var: usize,
        alternative: Alternative,
    ) -> Result<(), Stop> {
        match (problem.vars[var].link, alternative) {
            (Link::Placement { placement, row }, Alternative::Token(token)) => {
                self.lattices[placement].forbid_take(token, row);
            }
            (Link::Placement { placement, row }, Alternative::Lost) => {
                self.lattices[placement].forbid_skip(row)
            }
            (Link::Options { choice }, Alternative::Option(option)) => self.options[choice] &= !(1 << option),
            (Link::Open, _) => {}
            _ => return Err(Stop::Refuted),
        }
        self.settle_choice(problem, var)
    }

    /// Keeps one alternative alone.
    pub(crate) fn assume(
        &mut self,
        problem: &Problem,
        var: usize,
        alternative: Alternative,
    ) -> Result<(), Stop> {
        for (other, _, _) in self.alternatives(problem, var) {
            if other != alternative {
                self.forbid(problem, var, other)?;
            }
        }
        Ok(())
    }

    /// Keeps the unprinted value of a variable inside `interval`.
    pub(crate) fn confine(&mut self, problem: &Problem, var: usize, interval: Interval) -> Result<(), Stop> {
        self.narrow(problem, var, interval, false).map(|_| ())
    }

    /// After the choice of `var` changed: dead edges go, hulls of all its cells are renewed.
    fn settle_choice(&mut self, problem: &Problem, var: usize) -> Result<(), Stop> {
        let cells = match problem.vars[var].link {
            Link::Placement { placement, .. } => {
                if !self.lattices[placement].prune() {
                    return Err(Stop::Refuted);
                }
                &problem.placements[placement].cells
            }
            Link::Options { choice } => {
                if self.options[choice] == 0 {
                    return Err(Stop::Refuted);
                }
                &problem.options[choice].cells
            }
            _ => return Ok(()),
        };
        for &cell in cells {
            self.refresh(problem, cell);
        }
        Ok(())
    }

    /// Meets every alternative of `var` with `base`, widened by its half unit if it is the lone side. Returns the
    /// variables that changed.
    fn narrow(
        &mut self,
        problem: &Problem,
        var: usize,
        base: Interval,
        is_lone: bool,
    ) -> Result<Vec<usize>, Stop> {
        let variable = &problem.vars[var];
        if variable.link == Link::Open || base == Interval::ALL {
            return Ok(Vec::new());
        }
        let mut dead: SmallVec<[Alternative; 4]> = SmallVec::new();
        let mut range = self.ranges[var];
        for (alternative, interval, half) in self.alternatives(problem, var) {
            let allowed = if is_lone { widened(base, half) } else { base };
            let is_lost = match (variable.link, alternative) {
                (_, Alternative::Lost) => true,
                (Link::Options { choice }, Alternative::Option(option)) => {
                    matches!(problem.put(choice, option, var), Put::Lost)
                }
                _ => false,
            };
            let met = interval.meet(allowed);
            if is_lost {
                range = on_grid(met, grid_of(problem, variable));
                if range.is_empty() {
                    dead.push(alternative);
                }
            } else if met.is_empty() {
                dead.push(alternative);
            }
        }
        let before: Vec<(usize, (Interval, Rational))> = self.linked(problem, var);
        if !range.is_empty() {
            self.ranges[var] = range;
        }
        for alternative in dead {
            self.forbid(problem, var, alternative)?;
        }
        self.refresh(problem, var);
        Ok(before
            .into_iter()
            .filter(|(cell, hull)| self.hulls[*cell] != *hull)
            .map(|(cell, _)| cell)
            .collect())
    }

    /// The cells that change together with `var`, with their hulls.
    fn linked(&self, problem: &Problem, var: usize) -> Vec<(usize, (Interval, Rational))> {
        let cells = match problem.vars[var].link {
            Link::Placement { placement, .. } => problem.placements[placement].cells.clone(),
            Link::Options { choice } => problem.options[choice].cells.clone(),
            _ => vec![var],
        };
        cells.into_iter().map(|cell| (cell, self.hulls[cell])).collect()
    }

    /// Whether every choice has one alternative left.
    pub(crate) fn is_decided(&self, problem: &Problem, var: usize) -> bool {
        self.alternatives(problem, var).len() <= 1
    }
}

/// The grid of an unprinted value; constants have none.
fn grid_of(_: &Problem, variable: &super::problem::Variable) -> Option<u8> {
    (variable.link != Link::Constant).then_some(variable.scale)
}

/// The bounds moved inwards to the grid.
fn on_grid(interval: Interval, scale: Option<u8>) -> Interval {
    let Some(unit) = scale.and_then(power_of_ten) else { return interval };
    let factor = Rational::integer(unit);
    let low = interval.low.map(|low| {
        low.mul(factor).and_then(Rational::ceil).and_then(|whole| Rational::new(whole, unit)).unwrap_or(low)
    });
    let high = interval
        .high
        .map(|high| high.mul(factor).and_then(|high| Rational::new(high.floor(), unit)).unwrap_or(high));
    Interval { low, high }
}

/// The interval moved outwards; an end that does not fit is open.
fn widened(interval: Interval, by: Rational) -> Interval {
    Interval {
        low: interval.low.and_then(|low| low.sub(by)),
        high: interval.high.and_then(|high| high.add(by)),
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
struct Row {
    terms: Vec<LocalTerm>,
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
fn rows(problem: &Problem, state: &State, local: &LocalGround) -> Vec<Row> {
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
            None => return Vec::new(),
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
        let mut terms = local.num.terms.clone();
        let mut shift = local.num.constant;
        match local.lone {
            LocalLone::Variable(var) => terms.push((Rational::integer(-1), SmallVec::from_slice(&[var]))),
            LocalLone::Value(value) => match shift.sub(value) {
                Some(sum) => shift = sum,
                None => return Vec::new(),
            },
        }
        return row_of(problem, terms, shift, gap).into_iter().collect();
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
    if sign == 0 {
        return Vec::new();
    }
    let mut rows = Vec::new();
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
            row_of(problem, terms, shift, target)
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

/// A row with equal terms merged and its constant moved to the target.
fn row_of(_: &Problem, mut terms: Vec<LocalTerm>, shift: Rational, target: Interval) -> Option<Row> {
    terms.sort_by(|a, b| a.1.cmp(&b.1));
    let mut merged: Vec<LocalTerm> = Vec::with_capacity(terms.len());
    for (coefficient, vars) in terms {
        match merged.last_mut() {
            Some(last) if last.1 == vars => last.0 = last.0.add(coefficient)?,
            _ => merged.push((coefficient, vars)),
        }
    }
    merged.retain(|term| !term.0.is_zero());
    let low = match target.low {
        Some(low) => Some(low.sub(shift)?),
        None => None,
    };
    let high = match target.high {
        Some(high) => Some(high.sub(shift)?),
        None => None,
    };
    Some(Row { terms: merged, target: Interval { low, high } })
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

fn narrow_row(problem: &Problem, state: &mut State, row: &Row, changed: &mut Vec<usize>) -> Result<(), Stop> {
    let groups = groups(problem, row);
    let mut grouped = vec![false; row.terms.len()];
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
    let mut ranges = Vec::with_capacity(row.terms.len());
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

/// Terms of one row that are cells of one placement with one coefficient.
struct Group {
    placement: usize,
    coefficient: Rational,
    terms: Vec<usize>,
    /// Rows of the placement that the row reads.
    is_member: Vec<bool>,
}

fn groups(problem: &Problem, row: &Row) -> Vec<Group> {
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
        for token in tokens {
            state.forbid(problem, cell, Alternative::Token(token))?;
        }
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
