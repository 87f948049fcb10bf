use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An exact decimal number with its printed scale: `mantissa / 10^scale`.
///
/// Two decimals are equal where their values are, whatever their scales; the scale is kept because a printed
/// `1,600.00` promises more than `1,600`. Arithmetic is exact or says that it does not fit (`None`): there is
/// no rounding and no binary float. Written as a string in JSON.
///
/// ```
/// use retabulate::Decimal;
///
/// let price: Decimal = "1.50".parse()?;
/// assert_eq!(price.scale(), 2);
/// assert_eq!(price, "1.5".parse()?);
/// assert_eq!(price.checked_add("0.25".parse()?).unwrap().to_string(), "1.75");
/// # Ok::<(), retabulate::text::ParseDecimalError>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Decimal {
    // The two halves of an `i128`: as one field it would align every cell to 16 bytes, and cells are many.
    high: i64,
    low: u64,
    scale: Scale,
}

/// The largest scale: 10^28 still leaves an `i128` ten digits of room.
const MAX_SCALE: u8 = 28;

/// Number of decimals. As an enumeration it leaves values of the byte to tell the kinds of cell values apart, which saves
/// every cell eight bytes.
#[derive(Clone, Copy, Default)]
#[repr(u8)]
enum Scale {
    #[default]
    S0,
    S1,
    S2,
    S3,
    S4,
    S5,
    S6,
    S7,
    S8,
    S9,
    S10,
    S11,
    S12,
    S13,
    S14,
    S15,
    S16,
    S17,
    S18,
    S19,
    S20,
    S21,
    S22,
    S23,
    S24,
    S25,
    S26,
    S27,
    S28,
}

/// All scales, in order.
const SCALES: [Scale; MAX_SCALE as usize + 1] = {
    use Scale::*;
    [
        S0, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S14, S15, S16, S17, S18, S19, S20, S21,
        S22, S23, S24, S25, S26, S27, S28,
    ]
};

impl Decimal {
    /// Zero, without decimals.
    pub const ZERO: Decimal = Decimal::of(0, 0);

    /// The number `mantissa / 10^scale`; `None` where `scale` is over 28.
    #[must_use]
    pub const fn new(mantissa: i128, scale: u8) -> Option<Self> {
        if scale > MAX_SCALE { None } else { Some(Self::of(mantissa, scale)) }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Halves are meant.
    const fn of(mantissa: i128, scale: u8) -> Self {
        let scale = SCALES[if scale < MAX_SCALE { scale } else { MAX_SCALE } as usize];
        Self { high: (mantissa >> 64) as i64, low: mantissa as u64, scale }
    }

    /// The whole number `value`.
    #[must_use]
    pub const fn from_integer(value: i128) -> Self {
        Self::of(value, 0)
    }

    /// The value times `10^scale()`.
    #[must_use]
    pub const fn mantissa(self) -> i128 {
        ((self.high as i128) << 64) | self.low as i128
    }

    /// Number of decimals, as printed.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale as u8
    }

    /// Whether the value is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.high == 0 && self.low == 0
    }

    /// Whether the value is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.high < 0
    }

    /// The value with its sign turned; `None` where it does not fit.
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        Some(Self::of(self.mantissa().checked_neg()?, self.scale()))
    }

    /// The same value with `scale` decimals; `None` where that loses digits or does not fit.
    #[must_use]
    pub fn rescale(self, scale: u8) -> Option<Self> {
        Some(Self::of(self.mantissa_at(scale)?, scale))
    }

    /// The value as a whole number of `10^-scale`; `None` where it is none, or does not fit.
    #[must_use]
    pub fn mantissa_at(self, scale: u8) -> Option<i128> {
        if scale > MAX_SCALE {
            return None;
        }
        let mantissa = self.mantissa();
        if scale == self.scale() {
            Some(mantissa)
        } else if scale > self.scale() {
            mantissa.checked_mul(power_of_ten(scale - self.scale())?)
        } else {
            let unit = power_of_ten(self.scale() - scale)?;
            (mantissa % unit == 0).then_some(mantissa / unit)
        }
    }

    /// The exact sum, at the larger scale; `None` where it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale().max(other.scale());
        let sum = self.mantissa_at(scale)?.checked_add(other.mantissa_at(scale)?)?;
        Some(Self::of(sum, scale))
    }

    /// The exact difference, at the larger scale; `None` where it does not fit.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(other.checked_neg()?)
    }

    /// The exact product; `None` where it does not fit.
    #[must_use]
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let scale = self.scale().checked_add(other.scale())?;
        Self::new(self.mantissa().checked_mul(other.mantissa())?, scale)
    }

    /// The value without trailing zeros after the point.
    #[must_use]
    pub fn normalized(self) -> Self {
        let (mut mantissa, mut scale) = (self.mantissa(), self.scale());
        while scale > 0 && mantissa % 10 == 0 {
            (mantissa, scale) = (mantissa / 10, scale - 1);
        }
        Self::of(mantissa, scale)
    }

    /// The nearest binary float; for display and statistics, never for arithmetic that decides.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn to_f64(self) -> f64 {
        self.mantissa() as f64 / 10f64.powi(i32::from(self.scale()))
    }
}

/// `10^exponent`; `None` over 38.
fn power_of_ten(exponent: u8) -> Option<i128> {
    10i128.checked_pow(u32::from(exponent))
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = &self.scale();
        f.debug_struct("Decimal").field("mantissa", &self.mantissa()).field("scale", scale).finish()
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let shortest = self.normalized();
        (shortest.mantissa(), shortest.scale()).hash(state);
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale().max(other.scale());
        match (self.mantissa_at(scale), other.mantissa_at(scale)) {
            (Some(left), Some(right)) => left.cmp(&right),
            // At most one side overflows when brought to the common scale: the one of the smaller scale. Its
            // absolute value then exceeds every value of the other.
            (None, _) => 0.cmp(&self.mantissa()).reverse(),
            (_, None) => 0.cmp(&other.mantissa()),
        }
    }
}

/// The longest print: 39 digits with commas, a point, a sign.
const LONGEST_PRINT: usize = 56;

impl Decimal {
    /// Writes the number with commas between its thousands.
    pub(crate) fn push_grouped(self, text: &mut String) {
        let (print, start) = self.print(true);
        text.push_str(std::str::from_utf8(&print[start..]).unwrap_or_default());
    }

    /// The print, which begins at the place beside it.
    fn print(self, is_grouped: bool) -> ([u8; LONGEST_PRINT], usize) {
        // From the last digit to the first.
        let mut print = [b'0'; LONGEST_PRINT];
        let mut at = print.len();
        let mut push = |byte: u8| {
            at -= 1;
            print[at] = byte;
        };
        let mut rest = self.mantissa().unsigned_abs();
        let scale = self.scale();
        let mut count = 0;
        while rest > 0 || count <= scale {
            if count == scale && count > 0 {
                push(b'.');
            } else if is_grouped && count > scale && (count - scale).is_multiple_of(3) {
                push(b',');
            }
            // Division of 128 bits is slow, and few numbers need it.
            let digit = match u64::try_from(rest) {
                Ok(small) => {
                    rest = u128::from(small / 10);
                    small % 10
                }
                Err(_) => {
                    let digit = rest % 10;
                    rest /= 10;
                    u64::try_from(digit).unwrap_or(0)
                }
            };
            push(b'0' + u8::try_from(digit).unwrap_or(0));
            count += 1;
        }
        if self.is_negative() {
            push(b'-');
        }
        (print, at)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (print, start) = self.print(false);
        f.pad(std::str::from_utf8(&print[start..]).unwrap_or_default())
    }
}

/// A text that is no decimal, or one too long to be held exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number of at most 38 digits with at most 28 decimals")]
pub struct ParseDecimalError;

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    /// Reads `[+-]digits[.digits]`, the form in which decimals are written.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (negative, body) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(fraction) || body.ends_with('.') {
            return Err(ParseDecimalError);
        }
        let scale = u8::try_from(fraction.len()).map_err(|_| ParseDecimalError)?;
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|shifted| shifted.checked_add(i128::from(digit - b'0')))
                .ok_or(ParseDecimalError)?;
        }
        Self::new(if negative { -mantissa } else { mantissa }, scale).ok_or(ParseDecimalError)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn equal_values_of_other_scales_are_equal() {
        assert_eq!(decimal("4.130"), decimal("4.13"));
        assert_eq!(decimal("4.130").to_string(), "4.130");
        assert!(decimal("-0.5") < decimal("0"));
    }

    #[test]
    fn what_does_not_fit_is_none() {
        let huge = Decimal::from_integer(i128::MAX);
        assert_eq!(huge.checked_add(Decimal::from_integer(1)), None);
        assert_eq!(huge.checked_mul(huge), None);
        assert_eq!(decimal("1.25").rescale(1), None);
        assert!(huge > decimal("0.0000000001") && decimal("0.1") < huge);
        assert!(Decimal::from_integer(i128::MIN + 1) < decimal("0.1"));
    }

    #[test]
    fn malformed_numbers_are_errors() {
        for text in ["", "-", ".", "1.", ".5", "1,000", "1e5", "١"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_and_value_round_trip(mantissa in any::<i64>(), scale in 0u8..12) {
            let number = Decimal::new(i128::from(mantissa), scale).unwrap();
            prop_assert_eq!(number.to_string().parse::<Decimal>().unwrap(), number);
        }

        #[test]
        fn order_is_that_of_the_values(a in -1_000_000i64..1_000_000, b in -1_000_000i64..1_000_000, s in 0u8..6, t in 0u8..6) {
            let (left, right) = (Decimal::new(i128::from(a), s).unwrap(), Decimal::new(i128::from(b), t).unwrap());
            let exact = (i128::from(a) * 10i128.pow(u32::from(t))).cmp(&(i128::from(b) * 10i128.pow(u32::from(s))));
            prop_assert_eq!(left.cmp(&right), exact);
        }
    }
}
