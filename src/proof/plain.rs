//! The commonest constraints narrowed in whole units of the component's grid: sums and differences of cells, and products
//! that are 0.
//!
//! What [`super::propagate`] does with intervals of rationals, done with machine words as far as numbers are over the grid
//! and fit; a test holds one to the other. Only what narrows a cell goes through its alternatives.

use super::evaluate::Interval;
use super::local::{LocalGround, LocalLone};
use super::problem::Problem;
use super::propagate::Changed;
use super::rational::Rational;
use super::state::{State, Stop};
use crate::schema::check::Relation;

/// How a constraint may be narrowed without rationals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Plain {
    /// Not at all.
    #[default]
    Not,
    /// `lone = sum of cells`, each added or taken away once, with a constant.
    Sum,
    /// `0 = product`.
    Product,
}

impl Plain {
    /// The kind of a constraint whose numbers are over the grid already.
    pub(crate) fn of(local: &LocalGround) -> Self {
        let Some(products) = &local.products else { return Self::Not };
        if local.relation != Relation::Equal || local.den.is_some() || local.has_groups || local.truncates {
            return Self::Not;
        }
        let is_zero = matches!(local.lone, LocalLone::Value(value) if value.is_zero());
        if let [product] = products.as_slice()
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

/// An interval in units of the grid; an end that is open is `None`.
#[derive(Clone, Copy, Debug)]
struct Units {
    low: Option<i64>,
    high: Option<i64>,
}

impl Units {
    /// `None` where an end is not over the grid, or does not fit.
    fn of(interval: &Interval, grid: i128) -> Option<Self> {
        let end = |end: Option<Rational>| match end {
            None => Some(None),
            Some(end) => units(end, grid).map(Some),
        };
        Some(Self { low: end(interval.low)?, high: end(interval.high)? })
    }

    fn signed(self, is_minus: bool) -> Option<Self> {
        if !is_minus {
            return Some(self);
        }
        let end = |end: Option<i64>| match end {
            None => Some(None),
            Some(end) => end.checked_neg().map(Some),
        };
        Some(Self { low: end(self.high)?, high: end(self.low)? })
    }

    fn covers(self, other: Self) -> bool {
        self.low.is_none_or(|own| other.low.is_some_and(|low| own <= low))
            && self.high.is_none_or(|own| other.high.is_some_and(|high| high <= own))
    }

    fn is_apart(self, other: Self) -> bool {
        let is_below =
            |high: Option<i64>, low: Option<i64>| high.zip(low).is_some_and(|(high, low)| high < low);
        is_below(self.high, other.low) || is_below(other.high, self.low)
    }

    /// What is left of a term where the others lie in `rest`, and all together in these.
    fn less(self, rest: Self) -> Option<Self> {
        let end = |target: Option<i64>, rest: Option<i64>| match target.zip(rest) {
            None => Some(None),
            Some((target, rest)) => target.checked_sub(rest).map(Some),
        };
        Some(Self { low: end(self.low, rest.high)?, high: end(self.high, rest.low)? })
    }

    fn interval(self, grid: i128) -> Interval {
        let end = |end: Option<i64>| end.and_then(|end| Rational::new(i128::from(end), grid));
        Interval { low: end(self.low), high: end(self.high) }
    }
}

fn units(number: Rational, grid: i128) -> Option<i64> {
    i64::try_from(number.units(grid)?).ok()
}

/// A sum with its open ends counted.
struct Sum {
    low: i64,
    high: i64,
    open_low: usize,
    open_high: usize,
}

impl Sum {
    fn from(constant: i64) -> Self {
        Self { low: constant, high: constant, open_low: 0, open_high: 0 }
    }

    fn add(&mut self, range: Units) -> Option<()> {
        match range.low {
            Some(low) => self.low = self.low.checked_add(low)?,
            None => self.open_low += 1,
        }
        match range.high {
            Some(high) => self.high = self.high.checked_add(high)?,
            None => self.open_high += 1,
        }
        Some(())
    }

    fn whole(&self) -> Units {
        Units {
            low: Some(self.low).filter(|_| self.open_low == 0),
            high: Some(self.high).filter(|_| self.open_high == 0),
        }
    }

    /// The range of all terms but one.
    fn without(&self, own: Units) -> Option<Units> {
        let end = |sum: i64, own: Option<i64>, open: usize| match (own, open) {
            (Some(own), 0) => sum.checked_sub(own).map(Some),
            (None, 1) => Some(Some(sum)),
            _ => Some(None),
        };
        Some(Units {
            low: end(self.low, own.low, self.open_low)?,
            high: end(self.high, own.high, self.open_high)?,
        })
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
    let hull = |state: &State, var: usize| Units::of(&state.hulls[var].0, grid);
    let constant = units(local.num.constant, grid)?;
    let (shift, slack) = match local.lone {
        LocalLone::Value(value) => (constant.checked_sub(units(value, grid)?)?, local.slack),
        LocalLone::Variable(lone) => {
            let mut other = Sum::from(constant);
            for (coefficient, vars) in &local.num.terms {
                other.add(hull(state, vars[0])?.signed(coefficient.signum() < 0)?)?;
            }
            let base = other.whole();
            if !base.covers(hull(state, lone)?)
                && let Err(stop) = state.narrow(problem, lone, base.interval(grid), true, changed)
            {
                return Some(Err(stop));
            }
            (constant, state.hulls[lone].1)
        }
    };
    let slack = units(slack, grid)?;
    let target =
        Units { low: Some(slack.checked_neg()?.checked_sub(shift)?), high: Some(slack.checked_sub(shift)?) };
    let products = local.products.as_deref()?;
    let mut sum = Sum::from(0);
    let mut ranges: smallvec::SmallVec<[Units; 8]> = smallvec::SmallVec::new();
    for product in products {
        let range = hull(state, product.vars[0])?.signed(product.num.signum() < 0)?;
        sum.add(range)?;
        ranges.push(range);
    }
    let whole = sum.whole();
    if whole.is_apart(target) {
        return Some(Err(Stop::Refuted));
    }
    if target.covers(whole) {
        return Some(Ok(()));
    }
    for (product, range) in products.iter().zip(ranges) {
        let left = target.less(sum.without(range)?)?.signed(product.num.signum() < 0)?;
        // Another cell of the same choice may have narrowed it since.
        if !left.covers(hull(state, product.vars[0])?)
            && let Err(stop) = state.narrow(problem, product.vars[0], left.interval(grid), false, changed)
        {
            return Some(Err(stop));
        }
    }
    Some(Ok(()))
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
            debits in prop::collection::vec("[0-9]{1,2}\\.[0-9]0", 0..=3),
            credits in prop::collection::vec("[0-9]{1,2}", 0..=3),
        ) {
            let rules = ["balance = prev(balance) + credit - debit", "debit * credit = 0", "debit <= 90"];
            let schema = Arc::new(schema("bank", &["what$", "debit#", "credit#", "balance"], &rules, &[]));
            let rows: Vec<String> = balances.iter().enumerate().map(|(row, balance)| match row {
                0 => format!("Open|||{balance}"),
                _ => format!("r{row}|?|?|{balance}"),
            }).collect();
            let mut table = table(&schema, &rows.iter().map(String::as_str).collect::<Vec<_>>());
            place(&mut table, "debit", &[1, 2, 3], &debits.iter().map(String::as_str).collect::<Vec<_>>());
            place(&mut table, "credit", &[1, 2, 3], &credits.iter().map(String::as_str).collect::<Vec<_>>());
            let tables = [table];
            let trial = Trial::new("", Board::new(&tables));
            let vars: Vec<Var> = (0..16).filter(|&var| trial.board.fact(var).known == Known::Unknown).collect();
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
