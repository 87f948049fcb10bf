//! Sums down a column: the best witness of which numbers stand in it, and in what order.
//!
//! A number that is the sum of those right above it is so by chance as often as its digits say: once in a thousand for
//! three digits and one window. Torn columns of one kind look alike in everything else.

/// Most bits that one sum says: numbers of a table depend on one another in more ways than one.
const MOST: f32 = 6.0;
/// Numbers above a sum that are looked at.
const WINDOW: usize = 24;
/// Decimal places that are kept.
const PLACES: usize = 4;
/// Bits of a decimal digit.
const DIGIT: f32 = 3.32;

/// The value of a printed number in units of 10^-4; none for what is no number, or too long for one.
pub(super) fn value_of(print: &str) -> Option<i64> {
    let is_negative = print.contains('(') || print.contains(['-', '−']);
    let (mut value, mut digits, mut places): (i64, usize, Option<usize>) = (0, 0, None);
    for letter in print.chars() {
        match letter {
            '0'..='9' => {
                if places.is_some_and(|places| places >= PLACES) {
                    return None;
                }
                value = value.checked_mul(10)?.checked_add(i64::from(letter as u32 - '0' as u32))?;
                digits += 1;
                places = places.map(|places| places + 1);
            }
            '.' if places.is_none() => places = Some(0),
            ',' | ' ' | '$' | '€' | '£' | '¥' | '(' | ')' | '%' | '+' | '-' | '−' | '*' => {}
            _ => return None,
        }
    }
    if digits == 0 {
        return None;
    }
    let value = value.checked_mul(10_i64.checked_pow((PLACES - places.unwrap_or(0)) as u32)?)?;
    Some(if is_negative { -value } else { value })
}

/// Bits of the last of `values` being the sum of two or more right above it, at least `reach` of them; 0 if it is none.
pub(super) fn bits_of_last(values: &[i64], reach: usize) -> f32 {
    let Some((&total, above)) = values.split_last() else { return 0.0 };
    if total == 0 {
        return 0.0;
    }
    let mut sum: i64 = 0;
    let mut addends = 0;
    for (count, &value) in above.iter().rev().take(WINDOW).enumerate() {
        sum = sum.saturating_add(value);
        addends += usize::from(value != 0);
        if sum == total && addends >= 2 && count + 1 >= reach {
            let mut shown = total.unsigned_abs();
            while shown > 0 && shown % 10 == 0 {
                shown /= 10;
            }
            let digits = shown.checked_ilog10().map_or(0, |digits| digits + 1);
            let windows = (above.len().min(WINDOW) as f32).max(2.0);
            return (DIGIT * digits as f32 - windows.log2()).clamp(0.0, MOST);
        }
    }
    0.0
}

/// Bits of all sums in a column.
pub(super) fn bits_of(values: &[i64]) -> f32 {
    (2..values.len()).map(|last| bits_of_last(&values[..=last], 2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_printed() {
        assert_eq!(value_of("$ (1,234.50)"), Some(-12_345_000));
        assert_eq!(value_of("12.5%"), Some(125_000));
        assert_eq!(value_of("1.15 years"), None);
        assert_eq!(value_of("—"), None);
        assert_eq!(value_of("99999999999999999999"), None);
    }

    #[test]
    fn a_sum_says_as_much_as_its_digits() {
        let values = |prints: &[&str]| prints.iter().filter_map(|print| value_of(print)).collect::<Vec<_>>();
        assert!(bits_of(&values(&["47.1", "25.8", "72.9"])) > 5.0);
        assert!(bits_of(&values(&["1", "2", "3"])) < 3.0);
        assert_eq!(bits_of(&values(&["47.1", "25.8", "79.2"])), 0.0);
        // A sum of one addend, and of nothing, is none.
        assert_eq!(bits_of(&values(&["0", "47.1", "47.1"])), 0.0);
        assert_eq!(bits_of(&values(&["5", "-5", "0"])), 0.0);
    }
}
