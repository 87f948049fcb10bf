//! Exact rational numbers over `i128`, every operation checked.
//!
//! Operands are printed decimals, so denominators are mostly powers of ten: numbers are kept unreduced while
//! that is cheap, and reduced only where an operation would not fit. An operation that does not fit even then is
//! `None`; the check that needed it is untestable, never wrong.

use std::cmp::Ordering;
use std::num::NonZeroU128;

use crate::text::Decimal;

/// `num / den`, `den` positive. That it is never 0 is told to the compiler, so that an open end of an interval takes no more
/// room than a number: searches copy thousands of them. Aligned as machine words are: what is aligned to 16 bytes takes
/// allocators a longer way, and all that holds a number more room.
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed(8))]
pub(crate) struct Rational {
    num: i128,
    den: Den,
}

/// A denominator: at least 1, and at most the greatest `i128`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Den(NonZeroU128);

impl Den {
    const ONE: Self = Self(NonZeroU128::MIN);

    /// `None` where it is not positive.
    #[inline]
    const fn new(den: i128) -> Option<Self> {
        if den <= 0 {
            return None;
        }
        match NonZeroU128::new(den.unsigned_abs()) {
            Some(den) => Some(Self(den)),
            None => None,
        }
    }

    #[inline]
    #[allow(clippy::cast_possible_wrap)] // It came from an `i128`.
    const fn get(self) -> i128 {
        self.0.get() as i128
    }
}

impl Rational {
    pub(crate) const ZERO: Self = Self { num: 0, den: Den::ONE };
    pub(crate) const ONE: Self = Self { num: 1, den: Den::ONE };

    /// `num / den`; `None` where `den` is 0 or the sign cannot be turned.
    #[inline]
    pub(crate) fn new(num: i128, den: i128) -> Option<Self> {
        match Den::new(den) {
            Some(den) => Some(Self { num, den }),
            None => Some(Self { num: num.checked_neg()?, den: Den::new(den.checked_neg()?)? }),
        }
    }

    #[inline]
    pub(crate) const fn integer(value: i128) -> Self {
        Self { num: value, den: Den::ONE }
    }

    pub(crate) fn decimal(value: Decimal) -> Option<Self> {
        Self::new(value.mantissa(), power_of_ten(value.scale())?)
    }

    /// Half of the last place of a print with `scale` decimals.
    pub(crate) fn half_unit(scale: u8) -> Option<Self> {
        Self::new(1, power_of_ten(scale)?.checked_mul(2)?)
    }

    /// Numerator and denominator.
    #[inline]
    pub(crate) const fn parts(self) -> (i128, i128) {
        (self.num, self.den.get())
    }

    #[inline]
    pub(crate) const fn is_zero(self) -> bool {
        self.num == 0
    }

    /// Whether the number is 1 or -1, as coefficients are that no rule states: those are kept in lowest terms.
    #[inline]
    pub(crate) const fn is_unit(self) -> bool {
        self.den.get() == 1 && (self.num == 1 || self.num == -1)
    }

    #[inline]
    pub(crate) const fn signum(self) -> i128 {
        self.num.signum()
    }

    #[inline]
    pub(crate) fn abs(self) -> Option<Self> {
        Some(Self { num: self.num.checked_abs()?, den: self.den })
    }

    #[inline]
    pub(crate) fn neg(self) -> Option<Self> {
        Some(Self { num: self.num.checked_neg()?, den: self.den })
    }

    #[inline]
    pub(crate) fn add(self, other: Self) -> Option<Self> {
        // Sums begin with 0, which has no denominator of its own.
        if self.num == 0 {
            return Some(other);
        }
        if self.den.get() == other.den.get() {
            return Some(Self { num: self.num.checked_add(other.num)?, den: self.den });
        }
        add_scaled(self, other).or_else(|| add_scaled(self.reduced(), other.reduced()))
    }

    #[inline]
    pub(crate) fn sub(self, other: Self) -> Option<Self> {
        self.add(other.neg()?)
    }

    #[inline]
    pub(crate) fn mul(self, other: Self) -> Option<Self> {
        // Nearly all coefficients are 1.
        if self.num == 1 && self.den.get() == 1 {
            return Some(other);
        }
        if self.is_short() && other.is_short() {
            return Self::new(self.num * other.num, self.den.get() * other.den.get());
        }
        let plain =
            |a: Self, b: Self| Self::new(a.num.checked_mul(b.num)?, a.den.get().checked_mul(b.den.get())?);
        plain(self, other).or_else(|| {
            let (a, b) = (self.reduced(), other.reduced());
            let (c, d) =
                (Self { num: a.num, den: b.den }.reduced(), Self { num: b.num, den: a.den }.reduced());
            plain(c, d)
        })
    }

    #[inline]
    pub(crate) fn div(self, other: Self) -> Option<Self> {
        self.mul(Self::new(other.den.get(), other.num)?)
    }

    /// The same number in lowest terms.
    pub(crate) fn reduced(self) -> Self {
        let divisor = gcd(self.num.unsigned_abs(), self.den.0.get());
        match i128::try_from(divisor) {
            Ok(divisor) if divisor > 1 => {
                Self::new(self.num / divisor, self.den.get() / divisor).unwrap_or(self)
            }
            _ => self,
        }
    }

    /// The number as a whole number of units of `1 / grid`; `None` where it is none, or does not fit.
    #[inline]
    pub(crate) fn units(self, grid: i128) -> Option<i128> {
        if self.den.get() == grid {
            return Some(self.num);
        }
        if self.den.get() == 1 {
            return self.num.checked_mul(grid);
        }
        // Most denominators are powers of ten, as the grid is but for a 2.
        if let (true, Some(factor)) = (self.is_short(), short_quotient(grid, self.den.get()))
            && factor * self.den.get() == grid
        {
            return self.num.checked_mul(factor);
        }
        let units = self.mul(Self::integer(grid))?;
        units.is_whole().then(|| units.floor())
    }

    /// Greatest whole number not above.
    #[inline]
    pub(crate) fn floor(self) -> i128 {
        match (i64::try_from(self.num), i64::try_from(self.den.get())) {
            (Ok(num), Ok(den)) => i128::from(num.div_euclid(den)),
            _ => self.num.div_euclid(self.den.get()),
        }
    }

    /// Least whole number not below; `None` where it does not fit.
    #[inline]
    pub(crate) fn ceil(self) -> Option<i128> {
        let floor = self.floor();
        let is_whole = if self.is_short() { floor * self.den.get() == self.num } else { self.is_whole() };
        if is_whole { Some(floor) } else { floor.checked_add(1) }
    }

    /// Whether the number is whole.
    #[inline]
    pub(crate) const fn is_whole(self) -> bool {
        self.num % self.den.get() == 0
    }

    /// The same number over `grid`, where it is a multiple of `1 / grid` and fits: numbers over one denominator add up and compare
    /// as whole numbers do.
    #[inline]
    pub(crate) fn over(self, grid: i128) -> Self {
        if self.den.get() == grid {
            return self;
        }
        self.units(grid).and_then(|num| Self::new(num, grid)).unwrap_or(self)
    }

    /// Itself times `grid` and `grid`, where the number is over `grid`; else itself and 1.
    #[inline]
    pub(crate) fn cleared(self, grid: i128) -> (Self, Self) {
        if self.den.get() == grid {
            (Self::integer(self.num), Self::integer(grid))
        } else {
            (self, Self::ONE)
        }
    }

    /// The greatest multiple of `step / grid` not above; `None` where the number is not over `grid`, or it does not fit.
    #[inline]
    pub(crate) fn lowered(self, grid: i128, step: i128) -> Option<Self> {
        if self.den.get() != grid {
            return None;
        }
        Some(Self { num: self.num.checked_sub(rest(self.num, step))?, den: self.den })
    }

    /// The least multiple of `step / grid` not below; `None` where the number is not over `grid`, or it does not fit.
    #[inline]
    pub(crate) fn raised(self, grid: i128, step: i128) -> Option<Self> {
        if self.den.get() != grid {
            return None;
        }
        match rest(self.num, step) {
            0 => Some(self),
            rest => Some(Self { num: self.num.checked_add(step - rest)?, den: self.den }),
        }
    }

    /// Whether numerator and denominator have 64 bits, so that products of two such fit: nearly all have, and the
    /// machine multiplies them in one step.
    #[allow(clippy::cast_possible_truncation)]
    #[inline]
    const fn is_short(self) -> bool {
        self.num as i64 as i128 == self.num && self.den.0.get() <= i64::MAX as u128
    }
}

/// The powers of ten that fit.
const POWERS_OF_TEN: [i128; 39] = {
    let mut powers = [1i128; 39];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// `10^exponent`; `None` over 38.
#[inline]
pub(crate) fn power_of_ten(exponent: u8) -> Option<i128> {
    POWERS_OF_TEN.get(usize::from(exponent)).copied()
}

/// The sum over the least common denominator.
fn add_scaled(a: Rational, b: Rational) -> Option<Rational> {
    let (large, small) = if a.den.get() >= b.den.get() { (a, b) } else { (b, a) };
    let (large_den, small_den) = (large.den.get(), small.den.get());
    if large.is_short() && small.is_short() {
        let factor = short_quotient(large_den, small_den)?;
        if factor * small_den == large_den {
            return Some(Rational { num: large.num + small.num * factor, den: large.den });
        }
    }
    let (large_factor, small_factor) = if large_den % small_den == 0 {
        (1, large_den / small_den)
    } else {
        let common = i128::try_from(gcd(large.den.0.get(), small.den.0.get())).ok()?;
        (small_den / common, large_den / common)
    };
    let num = large.num.checked_mul(large_factor)?.checked_add(small.num.checked_mul(small_factor)?)?;
    Rational::new(num, large_den.checked_mul(large_factor)?)
}

/// What is left of `num` over the greatest multiple of `step` not above; `step` is positive.
#[inline]
fn rest(num: i128, step: i128) -> i128 {
    match (i64::try_from(num), i64::try_from(step)) {
        (Ok(num), Ok(step)) => i128::from(num.rem_euclid(step)),
        _ => num.rem_euclid(step),
    }
}

/// The whole part of a quotient of short numbers.
fn short_quotient(large: i128, small: i128) -> Option<i128> {
    i64::try_from(large).ok()?.checked_div(i64::try_from(small).ok()?).map(i128::from)
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        if let (Ok(a), Ok(b)) = (u64::try_from(a), u64::try_from(b)) {
            return u128::from(short_gcd(a, b));
        }
        (a, b) = (b, a % b);
    }
    a
}

fn short_gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl PartialEq for Rational {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        if self.den.get() == other.den.get() {
            self.num == other.num
        } else {
            self.cmp(other) == Ordering::Equal
        }
    }
}

impl Eq for Rational {}

impl PartialOrd for Rational {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rational {
    /// Exact for all operands: where the cross products do not fit, the continued fractions are compared.
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        if self.den.get() == other.den.get() {
            return { self.num }.cmp(&{ other.num });
        }
        if self.is_short() && other.is_short() {
            return (self.num * other.den.get()).cmp(&(other.num * self.den.get()));
        }
        match (self.num.checked_mul(other.den.get()), other.num.checked_mul(self.den.get())) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => compare_expansions(*self, *other),
        }
    }
}

/// Compares by continued fraction: whole parts first, then the reciprocals of the rests, turned round.
fn compare_expansions(a: Rational, b: Rational) -> Ordering {
    let (mut a, mut b) = (a.parts(), b.parts());
    let mut turned = false;
    loop {
        let (a_whole, b_whole) = (a.0.div_euclid(a.1), b.0.div_euclid(b.1));
        let (a_rest, b_rest) = (a.0.rem_euclid(a.1), b.0.rem_euclid(b.1));
        let order = match (a_whole.cmp(&b_whole), a_rest == 0, b_rest == 0) {
            (Ordering::Equal, true, true) => return Ordering::Equal,
            (Ordering::Equal, true, false) => Ordering::Less,
            (Ordering::Equal, false, true) => Ordering::Greater,
            (Ordering::Equal, false, false) => {
                (a, b, turned) = ((a.1, a_rest), (b.1, b_rest), !turned);
                continue;
            }
            (unequal, _, _) => unequal,
        };
        return if turned { order.reverse() } else { order };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rational(num: i128, den: i128) -> Rational {
        Rational::new(num, den).unwrap()
    }

    #[test]
    fn floor_and_ceil_enclose() {
        assert_eq!((rational(-7, 2).floor(), rational(-7, 2).ceil()), (-4, Some(-3)));
        assert_eq!((rational(8, 2).floor(), rational(8, 2).ceil()), (4, Some(4)));
    }

    #[test]
    fn order_is_exact_where_products_overflow() {
        let (a, b) = (rational(i128::MAX, 3), rational(i128::MAX - 1, 3));
        assert!(a > b);
        let (c, d) = (rational(i128::MAX, i128::MAX - 1), rational(i128::MAX - 1, i128::MAX - 2));
        assert!(c < d);
    }

    #[test]
    fn numbers_over_a_grid_are_the_same_numbers() {
        assert!(
            rational(3, 4).over(20).cleared(20).0 == rational(15, 1)
                && rational(1, 3).over(20) == rational(1, 3)
        );
        let number = rational(-7, 20);
        assert_eq!(number.lowered(20, 5), Some(rational(-10, 20)));
        assert_eq!(number.raised(20, 5), Some(rational(-5, 20)));
        assert_eq!((number.lowered(10, 5), rational(10, 20).raised(20, 5)), (None, Some(rational(1, 2))));
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_cross_products(a in -1000i128..1000, b in 1i128..1000, c in -1000i128..1000, d in 1i128..1000) {
            let (x, y) = (rational(a, b), rational(c, d));
            prop_assert_eq!(x.add(y).unwrap(), rational(a * d + c * b, b * d));
            prop_assert_eq!(x.mul(y).unwrap(), rational(a * c, b * d));
            prop_assert_eq!(x.cmp(&y), compare_expansions(x, y));
            if c != 0 { prop_assert_eq!(x.div(y).unwrap().mul(y).unwrap(), x); }
        }
    }
}
