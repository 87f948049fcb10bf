//! Exact rational numbers over `i128`, every operation checked.
//!
//! Operands are printed decimals, so denominators are mostly powers of ten: numbers are kept unreduced while
//! that is cheap, and reduced only where an operation would not fit. An operation that does not fit even then is
//! `None`; the check that needed it is untestable, never wrong.

use std::cmp::Ordering;

use crate::text::Decimal;

/// `num / den`, `den` positive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rational {
    num: i128,
    den: i128,
}

impl Rational {
    pub(crate) const ZERO: Self = Self { num: 0, den: 1 };
    pub(crate) const ONE: Self = Self { num: 1, den: 1 };

    /// `num / den`; `None` where `den` is 0 or the sign cannot be turned.
    pub(crate) fn new(num: i128, den: i128) -> Option<Self> {
        match den.cmp(&0) {
            Ordering::Greater => Some(Self { num, den }),
            Ordering::Equal => None,
            Ordering::Less => Some(Self { num: num.checked_neg()?, den: den.checked_neg()? }),
        }
    }

    pub(crate) const fn integer(value: i128) -> Self {
        Self { num: value, den: 1 }
    }

    pub(crate) fn decimal(value: Decimal) -> Option<Self> {
        Some(Self { num: value.mantissa(), den: power_of_ten(value.scale())? })
    }

    /// Half of the last place of a print with `scale` decimals.
    pub(crate) fn half_unit(scale: u8) -> Option<Self> {
        Some(Self { num: 1, den: power_of_ten(scale)?.checked_mul(2)? })
    }

    #[inline]
    pub(crate) const fn is_zero(self) -> bool {
        self.num == 0
    }

    /// Whether the number is 1 or -1, as coefficients are that no rule states: those are kept in lowest terms.
    #[inline]
    pub(crate) const fn is_unit(self) -> bool {
        self.den == 1 && (self.num == 1 || self.num == -1)
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
        if self.den == other.den {
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
        if self.is_short() && other.is_short() {
            return Some(Self { num: self.num * other.num, den: self.den * other.den });
        }
        let plain =
            |a: Self, b: Self| Some(Self { num: a.num.checked_mul(b.num)?, den: a.den.checked_mul(b.den)? });
        plain(self, other).or_else(|| {
            let (a, b) = (self.reduced(), other.reduced());
            let (c, d) =
                (Self { num: a.num, den: b.den }.reduced(), Self { num: b.num, den: a.den }.reduced());
            plain(c, d)
        })
    }

    pub(crate) fn div(self, other: Self) -> Option<Self> {
        let (num, den) = if other.num < 0 {
            (other.den.checked_neg()?, other.num.checked_neg()?)
        } else {
            (other.den, other.num)
        };
        if den == 0 { None } else { self.mul(Self { num, den }) }
    }

    /// The same number in lowest terms.
    pub(crate) fn reduced(self) -> Self {
        let divisor = gcd(self.num.unsigned_abs(), self.den.unsigned_abs());
        match i128::try_from(divisor) {
            Ok(divisor) if divisor > 1 => Self { num: self.num / divisor, den: self.den / divisor },
            _ => self,
        }
    }

    /// The number as a whole number of units of `1 / grid`; `None` where it is none, or does not fit.
    pub(crate) fn units(self, grid: i128) -> Option<i128> {
        if self.den == grid {
            return Some(self.num);
        }
        if self.den == 1 {
            return self.num.checked_mul(grid);
        }
        let units = self.mul(Self::integer(grid))?;
        units.is_whole().then(|| units.floor())
    }

    /// Greatest whole number not above.
    pub(crate) fn floor(self) -> i128 {
        match (i64::try_from(self.num), i64::try_from(self.den)) {
            (Ok(num), Ok(den)) => i128::from(num.div_euclid(den)),
            _ => self.num.div_euclid(self.den),
        }
    }

    /// Least whole number not below; `None` where it does not fit.
    pub(crate) fn ceil(self) -> Option<i128> {
        let floor = self.floor();
        if self.is_short() && floor * self.den == self.num || self.num.rem_euclid(self.den) == 0 {
            Some(floor)
        } else {
            floor.checked_add(1)
        }
    }

    /// Whether the number is whole.
    pub(crate) const fn is_whole(self) -> bool {
        self.num % self.den == 0
    }

    /// The same number over `grid`, where it is a multiple of `1 / grid` and fits: numbers over one denominator add up and compare
    /// as whole numbers do.
    #[inline]
    pub(crate) fn over(self, grid: i128) -> Self {
        if self.den == grid {
            return self;
        }
        self.units(grid).map_or(self, |num| Self { num, den: grid })
    }

    /// Itself times `grid` and `grid`, where the number is over `grid`; else itself and 1.
    pub(crate) fn cleared(self, grid: i128) -> (Self, Self) {
        if self.den == grid { (Self::integer(self.num), Self::integer(grid)) } else { (self, Self::ONE) }
    }

    /// The greatest multiple of `step / grid` not above; `None` where the number is not over `grid`, or it does not fit.
    #[inline]
    pub(crate) fn lowered(self, grid: i128, step: i128) -> Option<Self> {
        if self.den != grid {
            return None;
        }
        Some(Self { num: self.num.checked_sub(rest(self.num, step))?, den: grid })
    }

    /// The least multiple of `step / grid` not below; `None` where the number is not over `grid`, or it does not fit.
    #[inline]
    pub(crate) fn raised(self, grid: i128, step: i128) -> Option<Self> {
        if self.den != grid {
            return None;
        }
        match rest(self.num, step) {
            0 => Some(self),
            rest => Some(Self { num: self.num.checked_add(step - rest)?, den: grid }),
        }
    }

    /// Whether numerator and denominator have 64 bits, so that products of two such fit: nearly all have, and the
    /// machine multiplies them in one step.
    #[allow(clippy::cast_possible_truncation)]
    const fn is_short(self) -> bool {
        self.num as i64 as i128 == self.num && self.den as i64 as i128 == self.den
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
pub(crate) fn power_of_ten(exponent: u8) -> Option<i128> {
    POWERS_OF_TEN.get(usize::from(exponent)).copied()
}

/// The sum over the least common denominator.
fn add_scaled(a: Rational, b: Rational) -> Option<Rational> {
    let (large, small) = if a.den >= b.den { (a, b) } else { (b, a) };
    if large.is_short() && small.is_short() {
        let factor = short_quotient(large.den, small.den)?;
        if factor * small.den == large.den {
            return Some(Rational { num: large.num + small.num * factor, den: large.den });
        }
    }
    let (large_factor, small_factor) = if large.den % small.den == 0 {
        (1, large.den / small.den)
    } else {
        let common = i128::try_from(gcd(large.den.unsigned_abs(), small.den.unsigned_abs())).ok()?;
        (small.den / common, large.den / common)
    };
    let num = large.num.checked_mul(large_factor)?.checked_add(small.num.checked_mul(small_factor)?)?;
    Some(Rational { num, den: large.den.checked_mul(large_factor)? })
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
        if self.den == other.den { self.num == other.num } else { self.cmp(other) == Ordering::Equal }
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
        if self.den == other.den {
            return self.num.cmp(&other.num);
        }
        if self.is_short() && other.is_short() {
            return (self.num * other.den).cmp(&(other.num * self.den));
        }
        match (self.num.checked_mul(other.den), other.num.checked_mul(self.den)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => compare_expansions(*self, *other),
        }
    }
}

/// Compares by continued fraction: whole parts first, then the reciprocals of the rests, turned round.
fn compare_expansions(a: Rational, b: Rational) -> Ordering {
    let (mut a, mut b) = ((a.num, a.den), (b.num, b.den));
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
