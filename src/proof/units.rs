//! Intervals and sums in whole units of a component's grid.

use super::evaluate::Interval;
use super::local::LocalPoly;
use super::problem::{Link, Problem};
use super::propagate::Changed;
use super::rational::Rational;
use super::state::{State, Stop};

/// A number that adds up along paths: a rational, or units of the grid.
pub(crate) trait Amount: Copy + Ord {
    const ZERO: Self;
    /// So many may be added up.
    const MOST: usize;

    fn plus(self, other: Self) -> Option<Self>;

    fn minus(self, other: Self) -> Option<Self>;

    /// `None` where the number is not over the grid, or does not fit.
    fn of(number: Rational, grid: i128) -> Option<Self>;

    fn rational(self, grid: i128) -> Option<Rational>;
}

impl Amount for Rational {
    const ZERO: Self = Self::ZERO;
    const MOST: usize = usize::MAX;

    #[inline]
    fn plus(self, other: Self) -> Option<Self> {
        self.add(other)
    }

    #[inline]
    fn minus(self, other: Self) -> Option<Self> {
        self.sub(other)
    }

    #[inline]
    fn of(number: Rational, _grid: i128) -> Option<Self> {
        Some(number)
    }

    #[inline]
    fn rational(self, _grid: i128) -> Option<Rational> {
        Some(self)
    }
}

impl Amount for i64 {
    const ZERO: Self = 0;
    const MOST: usize = 1 << 15;

    #[inline]
    fn plus(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }

    #[inline]
    fn minus(self, other: Self) -> Option<Self> {
        self.checked_sub(other)
    }

    #[inline]
    fn of(number: Rational, grid: i128) -> Option<Self> {
        // So small that a sum of as many as there may be fits.
        const GREATEST: u64 = 1 << 46;
        let units = i64::try_from(number.units(grid)?).ok()?;
        (units.unsigned_abs() <= GREATEST).then_some(units)
    }

    #[inline]
    fn rational(self, grid: i128) -> Option<Rational> {
        Rational::new(i128::from(self), grid)
    }
}

/// A numerator and a denominator above 0.
pub(super) type Fraction = (i128, i128);

/// An interval in units of the grid; an end that is open is `None`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Units {
    pub(super) low: Option<i128>,
    pub(super) high: Option<i128>,
}

impl Units {
    pub(super) const ALL: Self = Self { low: None, high: None };

    /// `None` where an end is not over the grid, or does not fit.
    #[inline]
    pub(super) fn of(interval: &Interval, grid: i128) -> Option<Self> {
        let end = |end: Option<Rational>| match end {
            None => Some(None),
            Some(end) => units(end, grid).map(Some),
        };
        Some(Self { low: end(interval.low)?, high: end(interval.high)? })
    }

    #[inline]
    pub(super) fn times(self, by: i128) -> Option<Self> {
        if by == 1 {
            return Some(self);
        }
        let end = |end: Option<i128>| match end {
            None => Some(None),
            Some(end) => multiplied(end, by).map(Some),
        };
        let (low, high) = (end(self.low)?, end(self.high)?);
        Some(if by < 0 { Self { low: high, high: low } } else { Self { low, high } })
    }

    #[inline]
    pub(super) fn covers(self, other: Self) -> bool {
        self.low.is_none_or(|own| other.low.is_some_and(|low| own <= low))
            && self.high.is_none_or(|own| other.high.is_some_and(|high| high <= own))
    }

    #[inline]
    pub(super) fn is_apart(self, other: Self) -> bool {
        let is_below =
            |high: Option<i128>, low: Option<i128>| high.zip(low).is_some_and(|(high, low)| high < low);
        is_below(self.high, other.low) || is_below(other.high, self.low)
    }

    /// What is left of a term where the others lie in `rest`, and all together in these.
    #[inline]
    pub(super) fn less(self, rest: Self) -> Option<Self> {
        let end = |target: Option<i128>, rest: Option<i128>| match target.zip(rest) {
            None => Some(None),
            Some((target, rest)) => target.checked_sub(rest).map(Some),
        };
        Some(Self { low: end(self.low, rest.high)?, high: end(self.high, rest.low)? })
    }

    #[inline]
    pub(super) fn interval(self, grid: i128) -> Interval {
        let end = |end: Option<i128>| end.and_then(|end| Rational::new(end, grid));
        Interval { low: end(self.low), high: end(self.high) }
    }

    /// The ends divided by a whole number that is not 0.
    #[inline]
    pub(super) fn over(self, by: i128) -> [Option<Fraction>; 2] {
        let end = |end: Option<i128>| end.map(|end| (end * by.signum(), by.abs()));
        if by < 0 { [end(self.high), end(self.low)] } else { [end(self.low), end(self.high)] }
    }

    /// The sign of all numbers inside, 0 where they differ or one is 0.
    #[inline]
    pub(super) fn sign(self) -> i128 {
        match (self.low, self.high) {
            (Some(1..), _) => 1,
            (_, Some(..=-1)) => -1,
            _ => 0,
        }
    }
}

/// The number in units of the grid; `None` where it is not over the grid, or so great that products may not fit.
#[inline]
pub(super) fn units(number: Rational, grid: i128) -> Option<i128> {
    number.units(grid).filter(|units| i64::try_from(*units).is_ok())
}

/// A whole coefficient; `None` where it is none, or so great that products may not fit.
#[inline]
pub(super) fn whole(coefficient: Rational) -> Option<i128> {
    units(coefficient, 1)
}

/// A sum with its open ends counted.
pub(super) struct Sum {
    low: i128,
    high: i128,
    open_low: usize,
    open_high: usize,
}

impl Sum {
    #[inline]
    pub(super) fn from(constant: i128) -> Self {
        Self { low: constant, high: constant, open_low: 0, open_high: 0 }
    }

    #[inline]
    pub(super) fn add(&mut self, range: Units) -> Option<()> {
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

    #[inline]
    pub(super) fn whole(&self) -> Units {
        Units {
            low: Some(self.low).filter(|_| self.open_low == 0),
            high: Some(self.high).filter(|_| self.open_high == 0),
        }
    }

    /// The range of all terms but one.
    #[inline]
    pub(super) fn without(&self, own: Units) -> Option<Units> {
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

/// The hull of a variable.
#[inline]
pub(super) fn hull(state: &State, var: usize, grid: i128) -> Option<Units> {
    Units::of(&state.hulls[var].0, grid)
}

/// The sum of single cells with whole coefficients.
#[inline]
pub(super) fn sum_of(state: &State, poly: &LocalPoly, grid: i128) -> Option<Sum> {
    let mut sum = Sum::from(units(poly.constant, grid)?);
    for (coefficient, vars) in &poly.terms {
        let var = *vars.first()?;
        sum.add(hull(state, var, grid)?.times(whole(*coefficient)?)?)?;
    }
    Some(sum)
}

/// Narrows a cell to what lies between two fractions of units of the grid. All that may stand in a cell is over the grid, and so
/// are the roundings: its bounds are rounded inwards here, where that is a division of whole numbers.
pub(super) fn narrow_to(
    problem: &Problem,
    state: &mut State,
    var: usize,
    [low, high]: [Option<Fraction>; 2],
    is_lone: bool,
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    let grid = problem.grid;
    let is_over_grid = problem.is_over_grid && problem.vars[var].link != Link::Constant;
    let end = |end: Option<Fraction>, sign: i128| match end {
        None => Some(None),
        Some((num, den)) if is_over_grid => {
            Rational::new(floor_quotient(num * sign, den) * sign, grid).map(Some)
        }
        Some((num, den)) => Rational::new(num, den.checked_mul(grid)?).map(Some),
    };
    let base = Interval { low: end(low, -1)?, high: end(high, 1)? };
    Some(state.narrow(problem, var, base, is_lone, changed))
}

/// A product; the machine multiplies numbers of 64 bits much faster.
#[inline]
pub(super) fn multiplied(left: i128, right: i128) -> Option<i128> {
    match (i64::try_from(left), i64::try_from(right)) {
        (Ok(left), Ok(right)) => Some(i128::from(left) * i128::from(right)),
        _ => left.checked_mul(right),
    }
}

/// The greatest whole number not above a quotient; the machine divides numbers of 64 bits much faster.
#[inline]
pub(super) fn floor_quotient(num: i128, den: i128) -> i128 {
    match (i64::try_from(num), i64::try_from(den)) {
        (Ok(num), Ok(den)) => i128::from(num.div_euclid(den)),
        _ => num.div_euclid(den),
    }
}
