//! The commonest constraints narrowed in whole units of the component's grid: sums and differences of cells, products
//! that are 0, and quotients of sums.
//!
//! What [`super::propagate`] does with intervals of rationals, done with machine words as far as numbers are over the grid
//! and fit; a test holds one to the other. Only what narrows a cell goes through its alternatives.

use smallvec::SmallVec;

use super::evaluate::Interval;
use super::local::{LocalGround, LocalLone, LocalPoly, Product};
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
        if local.relation == Relation::About || local.has_groups || local.truncates {
            return Self::Not;
        }
        if let Some(den) = &local.den {
            let is_sum = |poly: &LocalPoly| {
                poly.terms.iter().all(|(coefficient, vars)| whole(*coefficient).is_some() && vars.len() == 1)
            };
            let is_quotient = local.relation == Relation::Equal && is_sum(&local.num) && is_sum(den);
            return if is_quotient { Self::Quotient } else { Self::Not };
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

/// An interval in units of the grid; an end that is open is `None`.
#[derive(Clone, Copy, Debug)]
struct Units {
    low: Option<i128>,
    high: Option<i128>,
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

    fn times(self, by: i128) -> Option<Self> {
        let end = |end: Option<i128>| match end {
            None => Some(None),
            Some(end) => end.checked_mul(by).map(Some),
        };
        let (low, high) = (end(self.low)?, end(self.high)?);
        Some(if by < 0 { Self { low: high, high: low } } else { Self { low, high } })
    }

    fn covers(self, other: Self) -> bool {
        self.low.is_none_or(|own| other.low.is_some_and(|low| own <= low))
            && self.high.is_none_or(|own| other.high.is_some_and(|high| high <= own))
    }

    fn is_apart(self, other: Self) -> bool {
        let is_below =
            |high: Option<i128>, low: Option<i128>| high.zip(low).is_some_and(|(high, low)| high < low);
        is_below(self.high, other.low) || is_below(other.high, self.low)
    }

    /// What is left of a term where the others lie in `rest`, and all together in these.
    fn less(self, rest: Self) -> Option<Self> {
        let end = |target: Option<i128>, rest: Option<i128>| match target.zip(rest) {
            None => Some(None),
            Some((target, rest)) => target.checked_sub(rest).map(Some),
        };
        Some(Self { low: end(self.low, rest.high)?, high: end(self.high, rest.low)? })
    }

    fn interval(self, grid: i128) -> Interval {
        let end = |end: Option<i128>| end.and_then(|end| Rational::new(end, grid));
        Interval { low: end(self.low), high: end(self.high) }
    }

    /// The interval divided by a whole number that is not 0.
    fn over(self, by: i128, grid: i128) -> Option<Interval> {
        let den = by.checked_mul(grid)?;
        let end = |end: Option<i128>| match end {
            None => Some(None),
            Some(end) => Rational::new(end, den).map(Some),
        };
        let (low, high) = (end(self.low)?, end(self.high)?);
        Some(if by < 0 { Interval { low: high, high: low } } else { Interval { low, high } })
    }
}

/// The number in units of the grid; `None` where it is not over the grid, or so great that products may not fit.
fn units(number: Rational, grid: i128) -> Option<i128> {
    number.units(grid).filter(|units| i64::try_from(*units).is_ok())
}

/// A whole coefficient; `None` where it is none, or so great that products may not fit.
fn whole(coefficient: Rational) -> Option<i128> {
    units(coefficient, 1)
}

/// A sum with its open ends counted.
struct Sum {
    low: i128,
    high: i128,
    open_low: usize,
    open_high: usize,
}

impl Sum {
    fn from(constant: i128) -> Self {
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
        let end = |sum: i128, own: Option<i128>, open: usize| match (own, open) {
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
    let (shift, slack) = match local.lone {
        LocalLone::Value(value) => (constant.checked_sub(units(value, grid)?)?, local.slack),
        LocalLone::Variable(lone) => {
            let other = sum_of(state, &local.num, grid)?.whole();
            let base = Units { low: other.low.filter(|_| is_below), high: other.high.filter(|_| is_above) };
            if !base.covers(hull(state, lone, grid)?)
                && let Err(stop) = state.narrow(problem, lone, base.interval(grid), is_equal, changed)
            {
                return Some(Err(stop));
            }
            (constant, state.hulls[lone].1)
        }
    };
    let slack = if is_equal { units(slack, grid)? } else { 0 };
    // The sum less the lone side is this much at least, or at most.
    let target = Units { low: is_above.then_some(-slack - shift), high: is_below.then_some(slack - shift) };
    narrow_row(problem, state, local.products.as_deref()?, |product| whole(product.num), target, changed)
}

fn narrow_quotient(
    problem: &Problem,
    state: &mut State,
    local: &LocalGround,
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    let grid = problem.grid;
    let den = local.den.as_ref()?;
    let (num_range, den_range) =
        (sum_of(state, &local.num, grid)?.whole(), sum_of(state, den, grid)?.whole());
    if den_range.low.is_none_or(|low| low <= 0) {
        return None;
    }
    let (lone, slack) = match local.lone {
        LocalLone::Value(value) => {
            let value = Some(units(value, grid)?);
            (Units { low: value, high: value }, local.slack)
        }
        LocalLone::Variable(var) => {
            let lone = hull(state, var, grid)?;
            if !covers_quotient(num_range, den_range, lone, grid)? {
                return None;
            }
            (lone, state.hulls[var].1)
        }
    };
    let slack = units(slack, grid)?;
    let (num, den) = (units(local.num.constant, grid)?, units(den.constant, grid)?);
    for (bound, is_low) in
        [(lone.low.map(|low| low - slack), true), (lone.high.map(|high| high + slack), false)]
    {
        let Some(bound) = bound else { continue };
        // Multiplied out: the numerator less the denominator times the bound.
        let shift = num.checked_mul(grid)?.checked_sub(den.checked_mul(bound)?)?.checked_neg()?;
        let target = Units { low: Some(shift).filter(|_| is_low), high: Some(shift).filter(|_| !is_low) };
        let coefficient = |product: &Product| {
            whole(product.num)?.checked_mul(grid)?.checked_sub(whole(product.den)?.checked_mul(bound)?)
        };
        let products = local.products.as_deref()?;
        match narrow_row(problem, state, products, coefficient, target, changed)? {
            Ok(()) => {}
            refuted => return Some(refuted),
        }
    }
    Some(Ok(()))
}

/// Whether every quotient of a numerator and a denominator above 0 may be, as far as `lone` knows: then they narrow it
/// not. `None` where that takes rationals.
fn covers_quotient(num: Units, den: Units, lone: Units, grid: i128) -> Option<bool> {
    let (Some(least), Some(most)) = (num.low, num.high) else { return Some(true) };
    if least < 0 {
        return None;
    }
    // Least by greatest, and the reverse; a denominator without end brings the quotient as near to 0 as it likes.
    let is_low = match den.high {
        None => lone.low.is_some_and(|low| low >= 0),
        Some(high) => lone.low.is_some_and(|low| least * grid <= low * high),
    };
    let is_high = lone.high.zip(den.low).is_some_and(|(high, low)| high * low <= most * grid);
    Some(is_low && is_high)
}

/// The hull of a variable.
fn hull(state: &State, var: usize, grid: i128) -> Option<Units> {
    Units::of(&state.hulls[var].0, grid)
}

/// The sum of single cells with whole coefficients.
fn sum_of(state: &State, poly: &LocalPoly, grid: i128) -> Option<Sum> {
    let mut sum = Sum::from(units(poly.constant, grid)?);
    for (coefficient, vars) in &poly.terms {
        let var = *vars.first()?;
        sum.add(hull(state, var, grid)?.times(whole(*coefficient)?)?)?;
    }
    Some(sum)
}

/// Narrows the cells of `sum of coefficient * cell in target`, each cell in one product.
fn narrow_row(
    problem: &Problem,
    state: &mut State,
    products: &[Product],
    coefficient: impl Fn(&Product) -> Option<i128>,
    target: Units,
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    let grid = problem.grid;
    let mut sum = Sum::from(0);
    let mut terms: SmallVec<[(usize, i128, Units); 8]> = SmallVec::new();
    for product in products {
        let (var, times) = (*product.vars.first()?, coefficient(product)?);
        if times != 0 {
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
    for (var, times, range) in terms {
        let left = target.less(sum.without(range)?)?;
        // Another cell of the same choice may have narrowed it since.
        if left.covers(hull(state, var, grid)?.times(times)?) {
            continue;
        }
        let left = left.over(times, grid)?;
        if let Err(stop) = state.narrow(problem, var, left, false, changed) {
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
            shares in prop::collection::vec("[0-9]{1,2}\\.[0-9]%|\\?", 4),
            debits in prop::collection::vec("[0-9]{1,2}\\.[0-9]0", 0..=3),
            credits in prop::collection::vec("[0-9]{1,2}", 0..=3),
        ) {
            let rules = [
                "balance = prev(balance) + credit - debit",
                "debit * credit = 0",
                "debit <= 90",
                "credit <= balance + debit",
                "pct = debit / (balance + debit)",
            ];
            let fields = ["what$", "debit#", "credit#", "balance", "pct%"];
            let schema = Arc::new(schema("bank", &fields, &rules, &[]));
            let rows: Vec<String> = balances.iter().zip(&shares).enumerate().map(|(row, (balance, share))| match row {
                0 => format!("Open|||{balance}|"),
                _ => format!("r{row}|?|?|{balance}|{share}"),
            }).collect();
            let mut table = table(&schema, &rows.iter().map(String::as_str).collect::<Vec<_>>());
            place(&mut table, "debit", &[1, 2, 3], &debits.iter().map(String::as_str).collect::<Vec<_>>());
            place(&mut table, "credit", &[1, 2, 3], &credits.iter().map(String::as_str).collect::<Vec<_>>());
            let tables = [table];
            let trial = Trial::new("", Board::new(&tables));
            let vars: Vec<Var> = (0..20).filter(|&var| trial.board.fact(var).known == Known::Unknown).collect();
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
