//! Sums over the cells of one placement: bounded by the least and the greatest path of its lattice, and narrowed along these.

use smallvec::SmallVec;

use super::evaluate::Interval;
use super::lattice::{Edges, Sweep, Through};
use super::local::Product;
use super::problem::{Link, Problem};
use super::propagate::Changed;
use super::rational::Rational;
use super::state::{Alternative, State, Stop};
use super::units::Amount;

/// Terms of one row that are cells of one placement with one coefficient.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    placement: usize,
    pub(crate) coefficient: Rational,
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

/// The least and the greatest sums along the paths of a group's lattice; `None` where they have no bounds.
pub(crate) struct Sweeps<N> {
    values: Values<N>,
    least: Option<Sweep<N>>,
    greatest: Option<Sweep<N>>,
}

/// What the tokens of a placement and its rows without one put into a sum.
struct Values<N> {
    tokens: Vec<Option<N>>,
    /// Least and greatest of every row.
    rows: Vec<[Option<N>; 2]>,
}

impl<N: Amount> Sweeps<N> {
    /// `None` where a number does not fit.
    pub(crate) fn new(problem: &Problem, state: &State, group: &Group) -> Option<Self> {
        let site = &problem.placements[group.placement];
        if site.cells.len() >= N::MOST {
            return None;
        }
        let of = |number: Option<Rational>| match number {
            None => Some(None),
            Some(number) => N::of(number, problem.grid).map(Some),
        };
        let mut values = Values {
            tokens: Vec::with_capacity(site.tokens.len()),
            rows: Vec::with_capacity(site.cells.len()),
        };
        for token in &site.tokens {
            values.tokens.push(of(token.as_ref().map(|token| token.value))?);
        }
        for (&cell, &is_member) in site.cells.iter().zip(&group.is_member) {
            let range = state.bounds.range(problem, cell);
            let ends = if is_member { [of(range.low)?, of(range.high)?] } else { [Some(N::ZERO); 2] };
            values.rows.push(ends);
        }
        let lattice = &state.lattices[group.placement];
        let least = lattice.sweep(&values.edges(group, true));
        let greatest = lattice.sweep(&values.edges(group, false));
        Some(Self { values, least, greatest })
    }

    /// The least and the greatest sum of the group before its coefficient.
    pub(crate) fn range(&self) -> [Option<N>; 2] {
        [&self.least, &self.greatest].map(|sweep| sweep.as_ref().and_then(Sweep::total))
    }

    /// The same through every edge.
    pub(crate) fn paths(&self, state: &State, group: &Group) -> Paths<N> {
        let lattice = &state.lattices[group.placement];
        [(&self.least, true), (&self.greatest, false)].map(|(sweep, is_least)| {
            sweep.as_ref().and_then(|sweep| lattice.through(sweep, &self.values.edges(group, is_least)))
        })
    }
}

impl<N: Amount> Values<N> {
    fn edges<'v>(
        &'v self,
        group: &'v Group,
        is_least: bool,
    ) -> Edges<impl Fn(usize, usize) -> Option<N> + 'v, impl Fn(usize) -> Option<N> + 'v> {
        let end = usize::from(!is_least);
        let take =
            |token: usize, row: usize| if group.is_member[row] { self.tokens[token] } else { Some(N::ZERO) };
        Edges { take, skip: move |row: usize| self.rows[row][end], is_least }
    }
}

/// The least and the greatest sums through every edge of a group's lattice.
pub(crate) type Paths<N> = [Option<Through<N>>; 2];

/// Narrows the cells of a group to the sums between `low` and `high`, its coefficient taken out of them.
pub(crate) fn narrow_group<N: Amount>(
    problem: &Problem,
    state: &mut State,
    group: &Group,
    [least, greatest]: &Paths<N>,
    [low, high]: [Option<N>; 2],
    changed: &mut Changed,
) -> Result<(), Stop> {
    // Of two groups of one row the first may have narrowed the second since: older paths only leave more open, and the row is
    // due again.
    let least = least.as_ref().filter(|_| high.is_some());
    let greatest = greatest.as_ref().filter(|_| low.is_some());
    let site = &problem.placements[group.placement];
    let exceeds = |path: Option<N>| path.zip(high).is_some_and(|(path, high)| path > high);
    let falls_short = |path: Option<N>| path.zip(low).is_some_and(|(path, low)| path < low);
    for (row, &cell) in site.cells.iter().enumerate() {
        let lattice = &state.lattices[group.placement];
        let tokens: SmallVec<[usize; 4]> = lattice
            .tokens_at(row)
            .filter(|&token| {
                exceeds(least.and_then(|through| through.take(token, row)))
                    || falls_short(greatest.and_then(|through| through.take(token, row)))
            })
            .collect();
        let can_skip = lattice.can_skip(row);
        let is_skip_dead = can_skip
            && (exceeds(least.and_then(|through| through.skip(row)))
                || falls_short(greatest.and_then(|through| through.skip(row))));
        let is_skip_dead = is_skip_dead
            || can_skip && group.is_member[row] && {
                let range = state.bounds.range(problem, cell);
                let left = left_of_skip(problem.grid, range, row, [least, greatest], [low, high]);
                !state.bounds.cut_range(problem, cell, left)
            };
        if tokens.is_empty() && !is_skip_dead {
            // The range of one unprinted value changes no other cell.
            if state.refresh(problem, cell) {
                changed.push(cell);
            }
            continue;
        }
        state.forbid_all(problem, cell, tokens.into_iter().map(Alternative::Token), changed)?;
        state.forbid_all(problem, cell, is_skip_dead.then_some(Alternative::Lost), changed)?;
    }
    Ok(())
}

/// What the extreme paths through a row without a token leave of its unprinted value, which lies in `range`.
fn left_of_skip<N: Amount>(
    grid: i128,
    range: Interval,
    row: usize,
    [least, greatest]: [Option<&Through<N>>; 2],
    [low, high]: [Option<N>; 2],
) -> Interval {
    let bound = |end: Option<N>, through: Option<&Through<N>>, own: Option<Rational>| {
        let own = N::of(own?, grid)?;
        end?.minus(through?.skip(row)?)?.plus(own)?.rational(grid)
    };
    Interval { low: bound(low, greatest, range.high), high: bound(high, least, range.low) }
}
