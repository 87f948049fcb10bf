//! How far a relation is beyond chance, in bits.

use super::view::Entry;

/// What one line of a relation says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Instance {
    /// Too little is printed to test it.
    Silent,
    /// An open cell stands in it.
    Open,
    /// It holds; `bits`: log2 of one in how many plausible values would have.
    Holds {
        /// Without any slack for roundings.
        is_exact: bool,
        /// Its own evidence.
        bits: f64,
    },
    /// It fails by one digit of one print: the line is more likely wrong than of another kind.
    Near,
    /// It does not hold.
    Fails,
}

/// Bits by which a line that fails speaks against a relation: a wrong print, or a line that is of another kind.
const FAILURE: f64 = 2.0;

/// Cells that have to say something: a sum of one addend is a copy.
const MIN_FILLED: usize = 3;

/// `target = sum of terms`, each cell with its coefficient.
pub(crate) fn weigh_sum(target: Entry, terms: impl Iterator<Item = (Entry, i128)>) -> Instance {
    if target == Entry::Open {
        return Instance::Open;
    }
    let mut sum = 0i128;
    let mut greatest = 0i128;
    let (mut places, mut coarsest) = (0i128, 1i128);
    let mut common = 0u128;
    let mut filled = 0;
    let mut is_open = false;
    let mut see = |entry: Entry, coefficient: i128| -> Option<()> {
        match entry {
            Entry::Number(value, place) => {
                sum = sum.checked_add(value.checked_mul(coefficient)?)?;
                common = gcd(common, value.unsigned_abs());
                greatest = greatest.max(value.checked_abs()?);
                places = places.checked_add(place)?;
                coarsest = coarsest.max(place);
                filled += usize::from(value != 0);
            }
            Entry::Empty => {}
            Entry::Open => is_open = true,
            Entry::Text => return None,
        }
        Some(())
    };
    let Entry::Number(..) = target else { return Instance::Silent };
    let mut all = std::iter::once((target, -1)).chain(terms);
    if all.try_for_each(|(entry, coefficient)| see(entry, coefficient)).is_none() {
        return Instance::Silent;
    }
    if is_open {
        return Instance::Open;
    }
    let Some(gap) = sum.checked_abs() else { return Instance::Silent };
    if filled < MIN_FILLED {
        return if gap == 0 { Instance::Silent } else { Instance::Fails };
    }
    if gap == 0 {
        // Round numbers add up to round numbers: what they have in common says nothing.
        let step = i128::try_from(common).unwrap_or(coarsest).max(coarsest);
        return Instance::Holds { is_exact: true, bits: bits(greatest, step) };
    }
    // Half a unit of every print: the doubled gap against the sum of the units.
    if gap.checked_mul(2).is_some_and(|twice| twice <= places) {
        return Instance::Holds { is_exact: false, bits: bits(greatest, places.saturating_add(coarsest)) };
    }
    if is_one_digit(gap / coarsest.max(1)) && gap % coarsest.max(1) == 0 {
        Instance::Near
    } else {
        Instance::Fails
    }
}

/// The greatest common divisor; that of 0 and a number is the number.
fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Whether a gap is what one changed digit makes: a digit and zeros.
fn is_one_digit(mut gap: i128) -> bool {
    while gap >= 10 && gap % 10 == 0 {
        gap /= 10;
    }
    (1..10).contains(&gap)
}

/// `log2` of the number of values as great as `greatest` that a slack of `width` tells apart: nine in ten of as many.
pub(crate) fn bits(greatest: i128, width: i128) -> f64 {
    #[allow(clippy::cast_precision_loss)]
    let share = 0.9 * greatest as f64 / width.max(1) as f64;
    share.max(1.07).log2()
}

/// `log2` of the number of ways to choose `k` of `n`.
pub(crate) fn log2_choose(n: usize, k: usize) -> f64 {
    let k = k.min(n - k.min(n));
    #[allow(clippy::cast_precision_loss)]
    (0..k).map(|i| ((n - i) as f64 / (i + 1) as f64).log2()).sum()
}

/// The evidence of all lines of one relation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    bits: f64,
    pub(crate) holds: usize,
    pub(crate) fails: usize,
    pub(crate) exact: usize,
}

impl Tally {
    /// Counts one line; one that `is_repeated` says nothing that another did not.
    pub(crate) fn count(&mut self, instance: Instance, is_repeated: bool) {
        match instance {
            Instance::Holds { is_exact, bits } => {
                self.holds += 1;
                self.exact += usize::from(is_exact);
                self.bits += if is_repeated { 0.0 } else { bits };
            }
            Instance::Fails => self.fails += 1,
            Instance::Silent | Instance::Open | Instance::Near => {}
        }
    }

    /// Bits beyond chance, `tried` relations having been tried and `cost` bits being asked of this kind; `None` where it
    /// fails more often than it holds, or holds nowhere without slack.
    pub(crate) fn significance(&self, tried: usize, cost: f64) -> Option<f64> {
        if self.exact == 0 || self.fails > self.holds {
            return None;
        }
        #[allow(clippy::cast_precision_loss)]
        let (tried, fails) = (tried.max(1) as f64, self.fails as f64);
        let lines = self.holds + self.fails;
        Some(self.bits - tried.log2() - log2_choose(lines, self.holds) - FAILURE * fails - cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn number(value: i128) -> Entry {
        Entry::Number(value, 1)
    }

    #[test]
    fn sums_hold_fail_or_say_nothing() {
        let weigh = |target, terms: &[Entry]| weigh_sum(target, terms.iter().map(|&entry| (entry, 1)));
        assert!(matches!(
            weigh(number(30), &[number(10), number(20)]),
            Instance::Holds { is_exact: true, .. }
        ));
        assert!(matches!(
            weigh(number(31), &[number(10), number(20)]),
            Instance::Holds { is_exact: false, .. }
        ));
        assert_eq!(weigh(number(47), &[number(10), number(20)]), Instance::Fails);
        assert_eq!(weigh(number(70), &[number(10), number(20)]), Instance::Near);
        // A copy says nothing, a total without its addends neither.
        assert_eq!(weigh(number(30), &[number(30), Entry::Empty]), Instance::Silent);
        assert_eq!(weigh(Entry::Empty, &[number(30), number(-30)]), Instance::Silent);
        assert_eq!(weigh(number(30), &[number(10), Entry::Text]), Instance::Silent);
        assert_eq!(weigh(number(30), &[number(10), Entry::Open]), Instance::Open);
    }

    #[test]
    fn a_line_that_fails_costs_its_choice_and_itself() {
        let mut tally = Tally::default();
        for _ in 0..3 {
            tally.count(Instance::Holds { is_exact: true, bits: 8.0 }, false);
        }
        assert_eq!(tally.significance(1, 0.0), Some(24.0));
        tally.count(Instance::Fails, false);
        assert_eq!(tally.significance(4, 0.0), Some(24.0 - 2.0 - 2.0 - 2.0));
    }
}
