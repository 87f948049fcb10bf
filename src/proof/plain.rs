//! The commonest constraints narrowed in whole units of the component's grid: sums and differences of cells, products
//! that are 0, and quotients of sums.
//!
//! What [`super::propagate`] does with intervals of rationals, done with machine words as far as numbers are over the grid
//! and fit; a test holds one to the other. Only what narrows a cell goes through its alternatives.

use smallvec::SmallVec;

use super::evaluate::Interval;
use super::groups::{Group, Paths, Sweeps, narrow_group};
use super::local::{LocalGround, LocalLone, LocalPoly, Product};
use super::problem::Problem;
use super::propagate::Changed;
use super::quotient::narrow_quotient;
use super::rational::Rational;
use super::state::{State, Stop};
use super::units::{Sum, Units, hull, narrow_to, sum_of, units, whole};
use crate::schema::check::Relation;

/// How a constraint may be narrowed without rationals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Plain {
    /// Not at all.
    #[default]
    Not,
    /// `lone REL sum of cells`, each added or taken away once, with a constant.
    Sum,
    /// `lone = sum of cells / sum of cells`.
    Quotient,
    /// `0 = product`.
    Product,
}

impl Plain {
    /// The kind of a constraint whose numbers are over the grid already.
    pub(crate) fn of(local: &LocalGround) -> Self {
        let Some(products) = &local.products else { return Self::Not };
        if local.relation == Relation::About || local.truncates {
            return Self::Not;
        }
        if let Some(den) = &local.den {
            let is_sum = |poly: &LocalPoly| {
                poly.terms.iter().all(|(coefficient, vars)| whole(*coefficient).is_some() && vars.len() == 1)
            };
            let is_quotient = local.relation == Relation::Equal && is_sum(&local.num) && is_sum(den);
            return if is_quotient && !local.has_groups { Self::Quotient } else { Self::Not };
        }
        let is_zero = matches!(local.lone, LocalLone::Value(value) if value.is_zero());
        if let [product] = products.as_slice()
            && local.relation == Relation::Equal
            && is_zero
            && local.slack.is_zero()
            && local.num.constant.is_zero()
            && matches!(*product.vars.as_slice(), [_] | [_, _])
            && product.vars.first() != product.vars.get(1)
        {
            return Self::Product;
        }
        let is_single = |coefficient: Rational, vars: &[usize]| coefficient.is_unit() && vars.len() == 1;
        let is_sum = local.num.terms.iter().all(|(coefficient, vars)| is_single(*coefficient, vars))
            && products.iter().all(|product| is_single(product.num, &product.vars));
        if is_sum { Self::Sum } else { Self::Not }
    }
}

/// Narrows the cells of a constraint; `None` where that takes rationals. What was narrowed by then stays.
pub(crate) fn narrow_plain(
    problem: &Problem,
    state: &mut State,
    local: &LocalGround,
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    match local.plain {
        Plain::Not => None,
        Plain::Sum => narrow_sum(problem, state, local, changed),
        Plain::Quotient => narrow_quotient(problem, state, local, changed),
        Plain::Product => Some(narrow_product(problem, state, local, changed)),
    }
}

fn narrow_product(
    problem: &Problem,
    state: &mut State,
    local: &LocalGround,
    changed: &mut Changed,
) -> Result<(), Stop> {
    let Some([product]) = local.products.as_deref() else { return Ok(()) };
    let zero = Interval::point(Rational::ZERO.over(problem.grid));
    let is_zero = |state: &State, var: usize| state.hulls[var].0 == zero;
    let is_apart = |state: &State, var: usize| {
        let hull = &state.hulls[var].0;
        hull.low.is_some_and(|low| low.signum() > 0) || hull.high.is_some_and(|high| high.signum() < 0)
    };
    if product.vars.iter().any(|&var| is_zero(state, var)) {
        return Ok(());
    }
    let mut others = product.vars.iter().copied().filter(|&var| !is_apart(state, var));
    match (others.next(), others.next()) {
        // Nothing in it can be 0.
        (None, _) => Err(Stop::Refuted),
        (Some(var), None) => state.narrow(problem, var, zero, false, changed),
        _ => Ok(()),
    }
}

fn narrow_sum(
    problem: &Problem,
    state: &mut State,
    local: &LocalGround,
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    let grid = problem.grid;
    let constant = units(local.num.constant, grid)?;
    let is_equal = local.relation == Relation::Equal;
    let (is_above, is_below) = match local.relation {
        Relation::AtMost | Relation::Below => (true, false),
        Relation::AtLeast | Relation::Above => (false, true),
        Relation::Equal | Relation::About => (true, true),
    };
    let (shift, slack, gap) = match local.lone {
        LocalLone::Value(value) => (constant.checked_sub(units(value, grid)?)?, local.slack, Units::ALL),
        LocalLone::Variable(lone) => {
            let other = sum_of(state, &local.num, grid)?.whole();
            let base = Units { low: other.low.filter(|_| is_below), high: other.high.filter(|_| is_above) };
            if !base.covers(hull(state, lone, grid)?)
                && let Err(stop) = state.narrow(problem, lone, base.interval(grid), is_equal, changed)
            {
                return Some(Err(stop));
            }
            (constant, state.hulls[lone].1, other.less(hull(state, lone, grid)?)?)
        }
    };
    let slack = if is_equal { units(slack, grid)? } else { 0 };
    // What both sides leave by themselves is never less than what their cells leave together.
    let allowed = Units { low: is_above.then_some(-slack), high: is_below.then_some(slack) };
    if allowed.covers(gap) {
        return Some(Ok(()));
    }
    // The sum less the lone side is this much at least, or at most.
    let target = Units { low: is_above.then_some(-slack - shift), high: is_below.then_some(slack - shift) };
    let row = (local.products.as_deref()?, local.groups.as_slice());
    narrow_row(problem, state, row, |product| whole(product.num), target, changed)
}

/// Narrows the cells of `sum of coefficient * cell in target`, each cell in one product. Cells of one placement that are added
/// up, or all taken away, are bounded by their paths.
pub(super) fn narrow_row(
    problem: &Problem,
    state: &mut State,
    (products, groups): (&[Product], &[Group]),
    coefficient: impl Fn(&Product) -> Option<i128>,
    target: Units,
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    let grid = problem.grid;
    let mut sum = Sum::from(0);
    let placed = match groups {
        [] => Placed::default(),
        groups => placed(problem, state, groups, products.len(), &mut sum)?,
    };
    let mut terms: SmallVec<[(usize, i128, Units); 8]> = SmallVec::new();
    for (index, product) in products.iter().enumerate() {
        let (var, times) = (*product.vars.first()?, coefficient(product)?);
        if times != 0 && !placed.is_grouped.get(index).is_some_and(|&is_grouped| is_grouped) {
            let range = hull(state, var, grid)?.times(times)?;
            sum.add(range)?;
            terms.push((var, times, range));
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
        let left = target.less(sum.without(range)?)?;
        // Another cell of the same choice may have narrowed it since.
        if left.covers(hull(state, var, grid)?.times(times)?) {
            continue;
        }
        if let Err(stop) = narrow_to(problem, state, var, left.over(times), false, changed)? {
            return Some(Err(stop));
        }
    }
    Some(Ok(()))
}

/// The groups of a row that their paths bound, with the ranges of their sums.
#[derive(Default)]
struct Placed<'g> {
    groups: Vec<(&'g Group, Sweeps<i64>, Units)>,
    /// Which products of the row belong to one.
    is_grouped: Vec<bool>,
}

/// Adds the groups of a row to its sum. A group whose paths have no bounds is read cell by cell instead.
fn placed<'g>(
    problem: &Problem,
    state: &State,
    groups: &'g [Group],
    products: usize,
    sum: &mut Sum,
) -> Option<Placed<'g>> {
    let mut placed = Placed { groups: Vec::new(), is_grouped: vec![false; products] };
    for group in groups {
        let sweeps = Sweeps::new(problem, state, group)?;
        let [low, high] = sweeps.range().map(|end| end.map(i128::from));
        if low.is_none() && high.is_none() {
            continue;
        }
        let range = Units { low, high }.times(group.coefficient.signum())?;
        sum.add(range)?;
        group.terms.iter().for_each(|&term| placed.is_grouped[term] = true);
        placed.groups.push((group, sweeps, range));
    }
    Some(placed)
}

impl Placed<'_> {
    fn narrow(
        &self,
        problem: &Problem,
        state: &mut State,
        target: Units,
        sum: &Sum,
        changed: &mut Changed,
    ) -> Option<Result<(), Stop>> {
        let paths: Vec<Paths<i64>> =
            self.groups.iter().map(|(group, sweeps, _)| sweeps.paths(state, group)).collect();
        for ((group, _, range), paths) in self.groups.iter().zip(&paths) {
            let left = target.less(sum.without(*range)?)?.times(group.coefficient.signum())?;
            let end = |end: Option<i128>| match end {
                None => Some(None),
                // So small that what a path leaves of it fits.
                Some(end) => i64::try_from(end).ok().filter(|end| end.unsigned_abs() < 1 << 62).map(Some),
            };
            let ends = [end(left.low)?, end(left.high)?];
            if let Err(stop) = narrow_group(problem, state, group, paths, ends, changed) {
                return Some(Err(stop));
            }
        }
        Some(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::proof::board::{Board, Known};
    use crate::proof::constraint::Var;
    use crate::proof::problem::OptionBlanks;
    use crate::proof::propagate::{Terms, narrow_by_rationals};
    use crate::proof::sample::{place, schema, table};
    use crate::proof::trial::Trial;

    /// An amount, or that it is lost.
    fn print() -> impl Strategy<Value = String> {
        prop_oneof![
            2 => (0i64..40).prop_map(|amount| format!("{amount}.00")),
            1 => (0i64..400).prop_map(|amount| format!("{}.{}", amount / 10, amount % 10)),
            2 => Just("?".to_owned()),
        ]
    }

    fn is_same(left: &State, right: &State) -> bool {
        left.ranges == right.ranges
            && left.lattices == right.lattices
            && left.options == right.options
            && left.hulls == right.hulls
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn units_narrow_as_rationals_do(
            balances in prop::collection::vec(print(), 4),
            shares in prop::collection::vec("[0-9]{1,2}\\.[0-9]%|\\?", 4),
            parts in prop::collection::vec("[0-9]{1,2}\\.[0-9]%|\\?", 4),
            totals in (print(), print()),
            debits in prop::collection::vec("[0-9]{1,2}\\.[0-9]0", 0..=3),
            credits in prop::collection::vec("[0-9]{1,2}", 0..=3),
        ) {
            let rules = [
                "balance = prev(balance) + credit - debit",
                "debit * credit = 0",
                "debit <= 90",
                "credit <= balance + debit",
                "pct = debit / (balance + debit)",
                "part = balance / $all",
                "part = (balance - debit) / $all",
                "pct = 7 / $all",
                "total(debit) = sum(debit)",
                "sum(debit) - sum(credit) <= total(credit)",
            ];
            let fields = ["what$", "debit#", "credit#", "balance", "pct%", "part%"];
            let schema = Arc::new(schema("bank", &fields, &rules, &[("all", None)]));
            let lines = balances.iter().zip(shares.iter().zip(&parts)).enumerate();
            let mut rows: Vec<String> = lines.map(|(row, (balance, (share, part)))| match row {
                0 => format!("Open|||{balance}||{part}"),
                _ => format!("r{row}|?|?|{balance}|{share}|{part}"),
            }).collect();
            rows.push(format!("=Total|{}|{}|||", totals.0, totals.1));
            let mut table = table(&schema, &rows.iter().map(String::as_str).collect::<Vec<_>>());
            place(&mut table, "debit", &[1, 2, 3], &debits.iter().map(String::as_str).collect::<Vec<_>>());
            place(&mut table, "credit", &[1, 2, 3], &credits.iter().map(String::as_str).collect::<Vec<_>>());
            let tables = [table];
            let trial = Trial::new("", Board::new(&tables));
            let count = Var::try_from(trial.board.facts.len()).unwrap();
            let vars: Vec<Var> = (0..count).filter(|&var| trial.board.fact(var).known == Known::Unknown).collect();
            let members: Vec<usize> = (0..trial.grounds.len()).collect();
            let problem = Problem::new(&trial.board, &vars, &trial.grounds, &members, OptionBlanks::Zero);
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
