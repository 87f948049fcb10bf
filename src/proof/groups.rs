//! Sums over the cells of one placement: bounded by the least and the greatest path of its lattice, and narrowed along these.

use smallvec::SmallVec;

use super::evaluate::Interval;
use super::lattice::Through;
use super::local::Product;
use super::problem::{Link, Problem};
use super::propagate::{Changed, scale_or_multiply};
use super::rational::Rational;
use super::state::{Alternative, State, Stop, on_grid};

/// Terms of one row that are cells of one placement with one coefficient.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    placement: usize,
    coefficient: Rational,
    /// Index of each among the products of the row.
    pub(crate) terms: Vec<usize>,
    /// Rows of the placement that the row reads.
    is_member: Vec<bool>,
}

/// The groups of a row in which `coefficient` has the coefficients of the products.
pub(crate) fn groups(
    problem: &Problem,
    products: &[Product],
    coefficient: impl Fn(&Product) -> Option<Rational>,
) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, product) in products.iter().enumerate() {
        let &[var] = product.vars.as_slice() else { continue };
        let Link::Placement { placement, row } = problem.vars[var].link else { continue };
        let Some(coefficient) = coefficient(product).filter(|coefficient| !coefficient.is_zero()) else {
            continue;
        };
        let is_own = |group: &Group| group.placement == placement && group.coefficient == coefficient;
        let position = groups.iter().position(is_own).unwrap_or_else(|| {
            let is_member = vec![false; problem.placements[placement].cells.len()];
            groups.push(Group { placement, coefficient, terms: Vec::new(), is_member });
            groups.len() - 1
        });
        groups[position].terms.push(index);
        groups[position].is_member[row] = true;
    }
    groups.retain(|group| group.terms.len() > 1);
    groups
}

/// Least and greatest contribution of a group over the whole paths of its lattice.
pub(crate) fn group_range(group: &Group, [least, greatest]: &Paths) -> Option<Interval> {
    let total = |paths: &Option<Through>| paths.as_ref().and_then(|through| through.total);
    let (least, greatest) = (total(least), total(greatest));
    if least.is_none() && greatest.is_none() {
        return None;
    }
    scale_or_multiply(Interval::point(group.coefficient), Interval { low: least, high: greatest })
}

/// The least and the greatest sums through every edge of a group's lattice.
pub(crate) type Paths = [Option<Through>; 2];

pub(crate) fn extremes(problem: &Problem, state: &State, group: &Group, is_least: bool) -> Option<Through> {
    let site = &problem.placements[group.placement];
    let take = |token: usize, row: usize| {
        if group.is_member[row] { site.tokens[token].map(|token| token.value) } else { Some(Rational::ZERO) }
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

pub(crate) fn narrow_group(
    problem: &Problem,
    state: &mut State,
    group: &Group,
    [least, greatest]: &Paths,
    target: Interval,
    changed: &mut Changed,
) -> Result<(), Stop> {
    let inverse = Rational::ONE.div(group.coefficient);
    let Some(target) = inverse.and_then(|inverse| scale_or_multiply(Interval::point(inverse), target)) else {
        return Ok(());
    };
    // Of two groups of one row the first may have narrowed the second since: older paths only leave more open, and the row is
    // due again.
    let least = least.as_ref().filter(|_| target.high.is_some());
    let greatest = greatest.as_ref().filter(|_| target.low.is_some());
    let site = &problem.placements[group.placement];
    let exceeds = |path: Option<Rational>| path.zip(target.high).is_some_and(|(path, high)| path > high);
    let falls_short = |path: Option<Rational>| path.zip(target.low).is_some_and(|(path, low)| path < low);
    for (row, &cell) in site.cells.iter().enumerate() {
        let lattice = &state.lattices[group.placement];
        let tokens: SmallVec<[usize; 4]> = lattice
            .tokens_at(row)
            .filter(|&token| {
                exceeds(least.and_then(|through| through.take(token, row)))
                    || falls_short(greatest.and_then(|through| through.take(token, row)))
            })
            .collect();
        let is_skip_dead = lattice.can_skip(row)
            && (exceeds(least.and_then(|through| through.skip(row)))
                || falls_short(greatest.and_then(|through| through.skip(row))));
        let before = state.linked(problem, cell);
        state.forbid_all(problem, cell, tokens.into_iter().map(Alternative::Token))?;
        if is_skip_dead {
            state.forbid(problem, cell, Alternative::Lost)?;
        } else if group.is_member[row] && state.lattices[group.placement].can_skip(row) {
            narrow_skipped(problem, state, cell, row, target, [least, greatest])?;
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
    [least, greatest]: [Option<&Through>; 2],
) -> Result<(), Stop> {
    let range = state.ranges[cell];
    let bound =
        |end: Option<Rational>, path: Option<Rational>, own: Option<Rational>| end?.sub(path?)?.add(own?);
    let left = Interval {
        low: bound(target.low, greatest.and_then(|through| through.skip(row)), range.high),
        high: bound(target.high, least.and_then(|through| through.skip(row)), range.low),
    };
    let met = on_grid(problem, cell, range.meet(left));
    if met.is_empty() {
        return state.forbid(problem, cell, Alternative::Lost);
    }
    state.ranges[cell] = met;
    Ok(())
}
