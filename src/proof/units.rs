//! Intervals and sums in whole units of a component's grid.

use smallvec::SmallVec;

use super::bounds::Span;
use super::evaluate::Interval;
use super::local::{LocalGround, LocalLone, LocalPoly, gathered};
use super::problem::{Placed, Problem};
use super::propagate::Changed;
use super::rational::Rational;
use super::state::{State, Stop};

/// A number that adds up: a rational, or units of the grid.
pub(crate) trait Addend: Copy + Ord {
    const ZERO: Self;

    /// `None` where the sum does not fit.
    fn plus(self, other: Self) -> Option<Self>;

    fn minus(self, other: Self) -> Option<Self>;
}

impl Addend for Rational {
    const ZERO: Self = Self::ZERO;

    #[inline]
    fn plus(self, other: Self) -> Option<Self> {
        self.add(other)
    }

    #[inline]
    fn minus(self, other: Self) -> Option<Self> {
        self.sub(other)
    }
}

/// A number that adds up along paths.
pub(crate) trait Amount: Addend {
    /// So many may be added up.
    const MOST: usize;

    /// `None` where the number is not over the grid, or does not fit.
    fn of(number: Rational, grid: i128) -> Option<Self>;

    fn rational(self, grid: i128) -> Option<Rational>;
}

impl Amount for Rational {
    const MOST: usize = usize::MAX;

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
    const MOST: usize = 1 << 15;

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

/// A whole number of units. Sums of single cells are added up in machine words; where these overflow, and for products, in words
/// of twice the size.
pub(super) trait Word: Addend + From<i64> + Into<i128> {
    const MIN: Self;
    const MAX: Self;

    /// Moved outwards or inwards as far as it goes.
    fn saturating_plus(self, by: Self) -> Self;

    fn times(self, by: Self) -> Option<Self>;
}

/// Whole numbers of two sizes, each with how it is multiplied.
macro_rules! words {
    ($($word:ty: $times:expr),*) => {$(
        impl Addend for $word {
            const ZERO: Self = 0;

            #[inline]
            fn plus(self, other: Self) -> Option<Self> {
                self.checked_add(other)
            }

            #[inline]
            fn minus(self, other: Self) -> Option<Self> {
                self.checked_sub(other)
            }
        }

        impl Word for $word {
            const MIN: Self = Self::MIN;
            const MAX: Self = Self::MAX;

            #[inline]
            fn saturating_plus(self, by: Self) -> Self {
                self.saturating_add(by)
            }

            #[inline]
            fn times(self, by: Self) -> Option<Self> {
                $times(self, by)
            }
        }
    )*};
}

words!(i64: i64::checked_mul, i128: multiplied);

/// A numerator and a denominator above 0.
pub(super) type Fraction<W = i128> = (W, W);

/// An interval in units of the grid; an end that is open is the least number, or the greatest one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Units<W = i128> {
    low: W,
    high: W,
}

impl<W: Word> Units<W> {
    pub(super) const ALL: Self = Self { low: W::MIN, high: W::MAX };

    /// The units between two ends; `None` is open.
    #[inline]
    pub(super) fn between(low: Option<W>, high: Option<W>) -> Self {
        Self { low: low.unwrap_or(W::MIN), high: high.unwrap_or(W::MAX) }
    }

    #[inline]
    pub(super) const fn point(units: W) -> Self {
        Self { low: units, high: units }
    }

    /// `None` where an end is not over the grid, or does not fit.
    #[inline]
    pub(super) fn of(interval: &Interval, grid: i128) -> Option<Self> {
        let end = |end: Option<Rational>| match end {
            None => Some(None),
            Some(end) => units(end, grid).map(|units| Some(W::from(units))),
        };
        Some(Self::between(end(interval.low)?, end(interval.high)?))
    }

    #[inline]
    pub(super) fn of_span(span: Span) -> Self {
        Self {
            low: if span.low == i64::MIN { W::MIN } else { W::from(span.low) },
            high: if span.high == i64::MAX { W::MAX } else { W::from(span.high) },
        }
    }

    #[inline]
    pub(super) fn low(self) -> Option<W> {
        Some(self.low).filter(|&low| low != W::MIN)
    }

    #[inline]
    pub(super) fn high(self) -> Option<W> {
        Some(self.high).filter(|&high| high != W::MAX)
    }

    #[inline]
    pub(super) fn is_point(self) -> bool {
        self.low == self.high
    }

    /// Without an end that does not count.
    #[inline]
    pub(super) fn only(self, is_low: bool, is_high: bool) -> Self {
        Self { low: if is_low { self.low } else { W::MIN }, high: if is_high { self.high } else { W::MAX } }
    }

    #[inline]
    pub(super) fn times(self, by: W) -> Option<Self> {
        if by == W::from(1) {
            return Some(self);
        }
        let end = |end: Option<W>| match end {
            None => Some(None),
            Some(end) => end.times(by).map(Some),
        };
        let (low, high) = (end(self.low())?, end(self.high())?);
        Some(if by < W::ZERO { Self::between(high, low) } else { Self::between(low, high) })
    }

    #[inline]
    pub(super) fn covers(self, other: Self) -> bool {
        self.low <= other.low && other.high <= self.high
    }

    #[inline]
    pub(super) fn is_apart(self, other: Self) -> bool {
        self.high < other.low || other.high < self.low
    }

    /// What is left of a term where the others lie in `rest`, and all together in these.
    #[inline]
    pub(super) fn less(self, rest: Self) -> Option<Self> {
        let low =
            if self.low == W::MIN || rest.high == W::MAX { W::MIN } else { self.low.minus(rest.high)? };
        let high =
            if self.high == W::MAX || rest.low == W::MIN { W::MAX } else { self.high.minus(rest.low)? };
        Some(Self { low, high })
    }

    /// Moved outwards.
    #[inline]
    pub(super) fn widened(self, by: W) -> Option<Self> {
        let less = W::ZERO.minus(by)?;
        Some(Self::between(
            self.low().map(|low| low.saturating_plus(less)),
            self.high().map(|high| high.saturating_plus(by)),
        ))
    }

    #[inline]
    pub(super) fn span(self) -> Span {
        Span::between(self.low().map(Into::into), self.high().map(Into::into))
    }

    /// The ends divided by a whole number that is not 0.
    #[inline]
    pub(super) fn over(self, by: W) -> Option<[Option<Fraction<W>>; 2]> {
        let (sign, by) = if by < W::ZERO { (W::from(-1), W::ZERO.minus(by)?) } else { (W::from(1), by) };
        let end = |end: Option<W>| match end {
            None => Some(None),
            Some(end) => Some(Some((end.times(sign)?, by))),
        };
        let (low, high) = (end(self.low())?, end(self.high())?);
        Some(if sign < W::ZERO { [high, low] } else { [low, high] })
    }

    /// The sign of all numbers inside, 0 where they differ or one is 0.
    #[inline]
    pub(super) fn sign(self) -> i8 {
        i8::from(self.low > W::ZERO) - i8::from(self.high < W::ZERO)
    }
}

/// The number in units of the grid; `None` where it is not over the grid, or so great that products may not fit.
#[inline]
pub(super) fn units(number: Rational, grid: i128) -> Option<i64> {
    number.units(grid).and_then(|units| i64::try_from(units).ok())
}

/// A whole coefficient; `None` where it is none, or so great that products may not fit.
#[inline]
pub(super) fn whole(coefficient: Rational) -> Option<i64> {
    coefficient.units(1).and_then(|whole| i64::try_from(whole).ok())
}

/// A sum with its open ends counted.
pub(super) struct Sum<W = i128> {
    low: W,
    high: W,
    open_low: u32,
    open_high: u32,
}

impl<W: Word> Sum<W> {
    #[inline]
    pub(super) const fn from(constant: W) -> Self {
        Self { low: constant, high: constant, open_low: 0, open_high: 0 }
    }

    #[inline]
    pub(super) fn add(&mut self, range: Units<W>) -> Option<()> {
        if range.low == W::MIN {
            self.open_low += 1;
        } else {
            self.low = self.low.plus(range.low)?;
        }
        if range.high == W::MAX {
            self.open_high += 1;
        } else {
            self.high = self.high.plus(range.high)?;
        }
        Some(())
    }

    #[inline]
    pub(super) fn whole(&self) -> Units<W> {
        Units { low: self.low, high: self.high }.only(self.open_low == 0, self.open_high == 0)
    }

    /// The range of all terms but one.
    #[inline]
    pub(super) fn without(&self, own: Units<W>) -> Option<Units<W>> {
        let low = match (own.low == W::MIN, self.open_low) {
            (true, 1) => self.low,
            (false, 0) => self.low.minus(own.low)?,
            _ => W::MIN,
        };
        let high = match (own.high == W::MAX, self.open_high) {
            (true, 1) => self.high,
            (false, 0) => self.high.minus(own.high)?,
            _ => W::MAX,
        };
        Some(Units { low, high })
    }
}

/// A constraint in whole numbers: what would else be worked out whenever it narrows a cell.
#[derive(Clone, Debug)]
pub(crate) struct WholeGround {
    pub(super) num: WholeSum,
    pub(super) den: Option<WholeSum>,
    pub(super) lone: WholeLone,
    /// Slack of a settled lone side.
    pub(super) slack: i64,
    pub(super) products: SmallVec<[WholeProduct; 4]>,
}

/// The lone side: settled, in units of the grid, or a variable.
#[derive(Clone, Copy, Debug)]
pub(super) enum WholeLone {
    Value(i64),
    Variable(usize),
}

/// A variable with its coefficients in a numerator and a denominator.
#[derive(Clone, Copy, Debug)]
pub(super) struct WholeProduct {
    pub(super) var: usize,
    pub(super) num: i64,
    pub(super) den: i64,
}

/// A sum of single cells with whole coefficients.
#[derive(Clone, Debug)]
pub(super) struct WholeSum {
    /// In units of the grid.
    pub(super) constant: i64,
    pub(super) terms: SmallVec<[(usize, i64); 4]>,
}

impl WholeGround {
    /// `None` where a term is no single cell, or a number is not over the grid or does not fit.
    pub(super) fn of(local: &LocalGround, grid: i128) -> Option<Self> {
        let num = WholeSum::of(&local.num, grid)?;
        let den = match &local.den {
            Some(den) => Some(WholeSum::of(den, grid)?),
            None => None,
        };
        Some(Self {
            products: products(&num, local.taken(), den.as_ref())?,
            num,
            den,
            lone: match local.lone {
                LocalLone::Value(value) => WholeLone::Value(units(value, grid)?),
                LocalLone::Variable(var) => WholeLone::Variable(var),
            },
            slack: units(local.slack, grid)?,
        })
    }
}

/// What [`LocalGround::products`] has, in whole numbers.
fn products(
    num: &WholeSum,
    taken: Option<usize>,
    den: Option<&WholeSum>,
) -> Option<SmallVec<[WholeProduct; 4]>> {
    let mut all: SmallVec<[WholeProduct; 4]> = SmallVec::new();
    all.extend(num.terms.iter().map(|&(var, num)| WholeProduct { var, num, den: 0 }));
    all.extend(taken.map(|var| WholeProduct { var, num: -1, den: 0 }));
    let dens = den.iter().flat_map(|den| &den.terms);
    all.extend(dens.map(|&(var, den)| WholeProduct { var, num: 0, den }));
    let add = |first: &mut WholeProduct, later: &WholeProduct| {
        (first.num, first.den) = first.num.checked_add(later.num).zip(first.den.checked_add(later.den))?;
        Some(())
    };
    gathered(all, |product| &product.var, add, |product| product.num == 0 && product.den == 0)
}

impl WholeSum {
    fn of(poly: &LocalPoly, grid: i128) -> Option<Self> {
        let mut terms = SmallVec::with_capacity(poly.terms.len());
        for (coefficient, vars) in &poly.terms {
            let [var] = *vars.as_slice() else { return None };
            terms.push((var, whole(*coefficient)?));
        }
        Some(Self { constant: units(poly.constant, grid)?, terms })
    }

    #[inline]
    pub(super) fn range<W: Word>(&self, problem: &Problem, state: &State) -> Option<Sum<W>> {
        let mut sum = Sum::from(W::from(self.constant));
        for &(var, coefficient) in &self.terms {
            sum.add(state.units(problem, var)?.times(W::from(coefficient))?)?;
        }
        Some(sum)
    }
}

/// Narrows a variable to what lies between two fractions of units of the grid. Where it holds nothing but whole units, its bounds
/// are rounded inwards here.
pub(super) fn narrow_to<W: Word>(
    problem: &Problem,
    state: &mut State,
    var: usize,
    [low, high]: [Option<Fraction<W>>; 2],
    is_lone: bool,
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    let grid = problem.grid;
    let wide = |end: Option<Fraction<W>>| end.map(|(num, den)| -> Fraction { (num.into(), den.into()) });
    let (low, high) = (wide(low), wide(high));
    if matches!(problem.vars[var].placed, Placed::Whole(_)) {
        let low = low.map(|(num, den)| -floor_quotient(-num, den));
        let high = high.map(|(num, den)| floor_quotient(num, den));
        return Some(state.narrow_units(problem, var, Span::between(low, high), is_lone, changed));
    }
    let end = |end: Option<Fraction>| match end {
        None => Some(None),
        Some((num, den)) => Rational::new(num, den.checked_mul(grid)?).map(Some),
    };
    let base = Interval { low: end(low)?, high: end(high)? };
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
    if den == 1 {
        return num;
    }
    match (i64::try_from(num), i64::try_from(den)) {
        (Ok(num), Ok(den)) => i128::from(num.div_euclid(den)),
        _ => num.div_euclid(den),
    }
}
