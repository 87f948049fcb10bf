//! The commonest constraints narrowed in whole units of the component's grid: sums and differences of cells, products
//! that are 0, and quotients of sums.
//!
//! What [`super::propagate`] does with intervals of rationals, done with machine words as far as numbers are over the grid
//! and fit; a test holds one to the other. Only what narrows a cell goes through its alternatives.

use smallvec::SmallVec;

use super::bounds::Span;
use super::evaluate::Interval;
use super::groups::{Group, Paths, Sweeps, narrow_group};
use super::local::{LocalGround, LocalLone};
use super::problem::Problem;
use super::propagate::Changed;
use super::quotient::narrow_quotient;
use super::rational::Rational;
use super::state::{State, Stop};
use super::units::{Sum, Units, WholeGround, WholeLone, WholeProduct, Word, narrow_to};
use crate::schema::check::Relation;

/// How a constraint may be narrowed without rationals.
#[derive(Clone, Debug, Default)]
pub(crate) enum Plain {
    /// Not at all.
    #[default]
    Not,
    /// `lone REL sum of cells`, each added or taken away once, with a constant.
    Sum(WholeGround),
    /// `lone = sum of cells / sum of cells`.
    Quotient(WholeGround),
    /// `0 = product`.
    Product,
}

impl Plain {
    /// The kind of a constraint whose numbers are over the grid already.
    pub(crate) fn of(local: &LocalGround, grid: i128) -> Self {
        if local.relation == Relation::About || local.truncates {
            return Self::Not;
        }
        if local.den.is_some() {
            return match WholeGround::of(local, grid) {
                Some(whole) if local.relation == Relation::Equal && !local.has_groups => {
                    Self::Quotient(whole)
                }
                _ => Self::Not,
            };
        }
        let is_zero = matches!(local.lone, LocalLone::Value(value) if value.is_zero());
        if local.relation == Relation::Equal
            && is_zero
            && local.slack.is_zero()
            && local.num.constant.is_zero()
            && let [(_, vars)] = local.num.terms.as_slice()
            && matches!(*vars.as_slice(), [_] | [_, _])
            && vars.first() != vars.get(1)
        {
            return Self::Product;
        }
        if !local.num.terms.iter().all(|(coefficient, vars)| coefficient.is_unit() && vars.len() == 1) {
            return Self::Not;
        }
        let is_once =
            |whole: &WholeGround| whole.products.iter().all(|product| matches!(product.num, 1 | -1));
        WholeGround::of(local, grid).filter(is_once).map_or(Self::Not, Self::Sum)
    }
}

/// Narrows the cells of a constraint; `None` where that takes rationals. What was narrowed by then stays.
pub(crate) fn narrow_plain(
    problem: &Problem,
    state: &mut State,
    local: &LocalGround,
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    match &local.plain {
        Plain::Not => None,
        Plain::Sum(whole) => narrow_sum::<i64>(problem, state, (local, whole), changed)
            .or_else(|| narrow_great_sum(problem, state, (local, whole), changed)),
        Plain::Quotient(whole) => narrow_quotient(problem, state, whole, changed),
        Plain::Product => Some(narrow_product(problem, state, local, changed)),
    }
}

/// The same in words of twice the size: few sums need them.
#[cold]
#[inline(never)]
fn narrow_great_sum(
    problem: &Problem,
    state: &mut State,
    ground: (&LocalGround, &WholeGround),
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    narrow_sum::<i128>(problem, state, ground, changed)
}

fn narrow_product(
    problem: &Problem,
    state: &mut State,
    local: &LocalGround,
    changed: &mut Changed,
) -> Result<(), Stop> {
    let Some((_, vars)) = local.num.terms.first() else { return Ok(()) };
    // The cells that may be 0.
    let mut zeros: SmallVec<[usize; 2]> = SmallVec::new();
    for &var in vars {
        let (is_zero, is_apart) = match state.units::<i64>(problem, var) {
            Some(units) => (units == Units::point(0), units.sign() != 0),
            None => {
                let hull = state.hull(problem, var);
                let is_apart = hull.low.is_some_and(|low| low.signum() > 0)
                    || hull.high.is_some_and(|high| high.signum() < 0);
                (hull == Interval::point(Rational::ZERO), is_apart)
            }
        };
        if is_zero {
            return Ok(());
        }
        zeros.extend((!is_apart).then_some(var));
    }
    match *zeros.as_slice() {
        // Nothing in it can be 0.
        [] => Err(Stop::Refuted),
        [var] => state.narrow_units(problem, var, Span::point(0), false, changed),
        _ => Ok(()),
    }
}

fn narrow_sum<W: Word>(
    problem: &Problem,
    state: &mut State,
    (local, whole): (&LocalGround, &WholeGround),
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    let constant = W::from(whole.num.constant);
    let is_equal = local.relation == Relation::Equal;
    let (is_above, is_below) = match local.relation {
        Relation::AtMost | Relation::Below => (true, false),
        Relation::AtLeast | Relation::Above => (false, true),
        Relation::Equal | Relation::About => (true, true),
    };
    let (shift, slack, gap) = match whole.lone {
        WholeLone::Value(value) => (constant.minus(value.into())?, W::from(whole.slack), Units::ALL),
        WholeLone::Variable(lone) => {
            let other = whole.num.range::<W>(problem, state)?.whole();
            let base = other.only(is_below, is_above);
            if !base.covers(state.units(problem, lone)?)
                && let Err(stop) = state.narrow_units(problem, lone, base.span(), is_equal, changed)
            {
                return Some(Err(stop));
            }
            let gap = other.less(state.units(problem, lone)?)?;
            (constant, W::from(state.bounds.half_units(problem, lone)?), gap)
        }
    };
    // What both sides leave by themselves is never less than what their cells leave together.
    let slack = if is_equal { slack } else { W::ZERO };
    let exact = Units::point(W::ZERO).widened(slack)?;
    let allowed = exact.only(is_above, is_below);
    if allowed.covers(gap) {
        return Some(Ok(()));
    }
    // The sum less the lone side is this much at least, or at most.
    let target = exact.less(Units::point(shift))?.only(is_above, is_below);
    let row = (whole.products.as_slice(), local.groups.as_slice());
    narrow_row(problem, state, row, |product| Some(W::from(product.num)), target, changed)
}

/// Narrows the cells of `sum of coefficient * cell in target`, each cell in one product. Cells of one placement that are added
/// up, or all taken away, are bounded by their paths.
pub(super) fn narrow_row<W: Word>(
    problem: &Problem,
    state: &mut State,
    (products, groups): (&[WholeProduct], &[Group]),
    coefficient: impl Fn(&WholeProduct) -> Option<W>,
    target: Units<W>,
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    let mut sum = Sum::from(W::ZERO);
    let placed = match groups {
        [] => Placed { groups: Vec::new(), is_grouped: Vec::new() },
        groups => placed(problem, state, groups, products.len(), &mut sum)?,
    };
    let mut terms: SmallVec<[(usize, W, Units<W>); 8]> = SmallVec::new();
    for (index, product) in products.iter().enumerate() {
        let times = coefficient(product)?;
        if times != W::ZERO && !placed.is_grouped.get(index).is_some_and(|&is_grouped| is_grouped) {
            let range = state.units(problem, product.var)?.times(times)?;
            sum.add(range)?;
            terms.push((product.var, times, range));
        }
    }
    let whole = sum.whole();
    if whole.is_apart(target) {
        return Some(Err(Stop::Refuted));
    }
    // Whatever the cells hold satisfies the row: it narrows none of them.
    if target.covers(whole) {
        return Some(Ok(()));
    }
    if !placed.groups.is_empty()
        && let Err(stop) = placed.narrow(problem, state, target, &sum, changed)?
    {
        return Some(Err(stop));
    }
    for &(var, times, range) in &terms {
        // One value that could not stand would have set the whole row apart.
        if range.is_point() {
            continue;
        }
        let left = target.less(sum.without(range)?)?;
        // Another cell of the same choice may have narrowed it since.
        if left.covers(state.units(problem, var)?.times(times)?) {
            continue;
        }
        if let Err(stop) = narrow_to(problem, state, var, left.over(times)?, false, changed)? {
            return Some(Err(stop));
        }
    }
    Some(Ok(()))
}

/// The groups of a row that their paths bound, with the ranges of their sums.
struct Placed<'g, W> {
    groups: Vec<(&'g Group, Sweeps<i64>, Units<W>)>,
    /// Which products of the row belong to one.
    is_grouped: Vec<bool>,
}

/// Adds the groups of a row to its sum. A group whose paths have no bounds is read cell by cell instead.
fn placed<'g, W: Word>(
    problem: &Problem,
    state: &State,
    groups: &'g [Group],
    products: usize,
    sum: &mut Sum<W>,
) -> Option<Placed<'g, W>> {
    let mut placed = Placed { groups: Vec::new(), is_grouped: vec![false; products] };
    for group in groups {
        let sweeps = Sweeps::new(problem, state, group)?;
        let [low, high] = sweeps.range().map(|end| end.map(W::from));
        if low.is_none() && high.is_none() {
            continue;
        }
        let range = Units::between(low, high).times(sign(group)?)?;
        sum.add(range)?;
        group.terms.iter().for_each(|&term| placed.is_grouped[term] = true);
        placed.groups.push((group, sweeps, range));
    }
    Some(placed)
}

/// The sign of a group's coefficient.
fn sign<W: Word>(group: &Group) -> Option<W> {
    i64::try_from(group.coefficient.signum()).ok().map(W::from)
}

impl<W: Word> Placed<'_, W> {
    fn narrow(
        &self,
        problem: &Problem,
        state: &mut State,
        target: Units<W>,
        sum: &Sum<W>,
        changed: &mut Changed,
    ) -> Option<Result<(), Stop>> {
        let paths: Vec<Paths<i64>> =
            self.groups.iter().map(|(group, sweeps, _)| sweeps.paths(state, group)).collect();
        for ((group, _, range), paths) in self.groups.iter().zip(&paths) {
            let left = target.less(sum.without(*range)?)?.times(sign(group)?)?;
            let end = |end: Option<W>| match end {
                None => Some(None),
                // So small that what a path leaves of it fits.
                Some(end) => {
                    i64::try_from(end.into()).ok().filter(|end| end.unsigned_abs() < 1 << 62).map(Some)
                }
            };
            let ends = [end(left.low())?, end(left.high())?];
            if let Err(stop) = narrow_group(problem, state, group, paths, ends, changed) {
                return Some(Err(stop));
            }
        }
        Some(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::proof::board::Board;
    use crate::proof::propagate::{Terms, narrow_by_rationals};
    use crate::proof::sample::{problem_of, torn_statement};
    use crate::proof::trial::Trial;

    fn is_same(left: &State, right: &State) -> bool {
        left.bounds == right.bounds && left.lattices == right.lattices && left.options == right.options
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn units_narrow_as_rationals_do(table in torn_statement()) {
            let tables = [table];
            let trial = Trial::new("", Board::new(&tables));
            let problem = problem_of(&trial);
            let mut state = State::new(&problem);
            for local in problem.grounds.iter().cycle().take(3 * problem.grounds.len()) {
                let (mut fast, mut slow) = (state.clone(), state.clone());
                let mut changed = [Changed::new(), Changed::new()];
                let Some(narrowed) = narrow_plain(&problem, &mut fast, local, &mut changed[0]) else { continue };
                let wanted =
                    narrow_by_rationals(&problem, &mut slow, local, &mut Terms::new(), &mut changed[1]);
                prop_assert_eq!(narrowed, wanted);
                if narrowed.is_err() {
                    break;
                }
                prop_assert!(is_same(&fast, &slow), "{:?}", local);
                prop_assert_eq!(&changed[0], &changed[1]);
                state = slow;
            }
        }
    }
}
