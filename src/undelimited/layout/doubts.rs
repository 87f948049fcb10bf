//! Cells whose print does not say what they hold: blanks that extractors lose and add, several values in one.

use super::shape::{Shape, WordKind, shape_of};
use super::words::Word;

/// Marks that never begin a word.
pub(super) const PRIMES: [char; 5] = ['′', '″', '’', '”', '°'];
/// Margin of a cell that may have lost blanks, and bytes of the longest such cell.
pub(super) const GLUED: f32 = 3.0;
pub(super) const MOST_GLUED: usize = 14;
/// Margin of a cell that holds several values, where no schema says how many its column holds.
pub(super) const SEVERAL: f32 = 5.0;

/// Whether a number is followed by another, or by a range in brackets.
pub(super) fn holds_several(words: &[Word]) -> bool {
    let is_value =
        |word: &Word| word.kind.is_number() || matches!(word.kind, WordKind::Date | WordKind::Code);
    match words {
        [first, rest @ ..] => {
            first.kind.is_number() && shape_of(words) != Shape::Date && rest.iter().any(is_value)
        }
        [] => false,
    }
}

/// Whether blanks around a dash or behind a sign may be lost: extractors drop them where they are narrower than those
/// between words. `2–4` may have been `2 – 4`, `+3` `+ 3`, `$—` `$ —`; a range of years is hardly ever set with blanks.
/// They print a blank too many before a prime.
pub(super) fn may_lack_blanks(cell: &str) -> bool {
    let is_sign = |letter: char| matches!(letter, '+' | '<' | '>' | '~' | '≥' | '≤');
    let is_dash = |letter: char| matches!(letter, '-' | '–' | '—' | '−');
    let is_value = |letter: char| letter.is_ascii_digit() || letter == '?';
    // Most cells have neither sign, dash nor prime.
    if cell.bytes().all(|byte| byte.is_ascii() && !matches!(byte, b'+' | b'<' | b'>' | b'~' | b'-')) {
        return false;
    }
    if cell.split(' ').skip(1).any(|word| word.starts_with(PRIMES)) {
        return true;
    }
    if cell.len() > MOST_GLUED {
        return false;
    }
    let mut letters = cell.chars();
    if letters.next().is_some_and(is_sign) && letters.next().is_some_and(is_value) {
        return true;
    }
    let Some((before, after)) = cell.split_once(is_dash) else { return false };
    if after.is_empty() && before.ends_with(['$', '€', '£', '¥']) {
        return true;
    }
    let digits = before.chars().rev().take_while(char::is_ascii_digit).count();
    let is_spaced = before.ends_with(' ') && after.starts_with(' ');
    let is_range = before.trim_end().ends_with(is_value) && after.trim_start().starts_with(is_value);
    // The ends of a range with a unit: `2y-5y`, no code.
    let has_unit = before.starts_with(is_value) && pattern_of(before).eq(pattern_of(after));
    (is_range || has_unit) && digits < 4 && !is_spaced && !after.contains(is_dash)
}

/// Letters and digits of a text, by their kind.
fn pattern_of(text: &str) -> impl Iterator<Item = bool> {
    text.chars().filter(|letter| letter.is_alphanumeric()).map(|letter| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;
    use crate::undelimited::layout::words::Sheet;

    #[test]
    fn ranges_signs_and_primes_may_have_lost_or_got_blanks() {
        for cell in ["2–4", "+3", "$—", "2y-5y", "37° 12′ ′N"] {
            assert!(may_lack_blanks(cell), "{cell}");
        }
        for cell in ["2004–2006", "2 – 4", "AB-12", "-3", "—", "$ 12", "1,234"] {
            assert!(!may_lack_blanks(cell), "{cell}");
        }
    }

    #[test]
    fn numbers_with_more_behind_them_hold_several_values() {
        let several = |cell: &str| {
            let mut sheet = Sheet::new(cell);
            sheet.push_line(Span::new(0, cell.len()), 0, 0);
            holds_several(&sheet.words)
        };
        assert!(several("21.8 (16.0–29.0)"));
        assert!(several("12 15"));
        assert!(!several("12 June 2004"));
        assert!(!several("12 %"));
        assert!(!several("Level 3"));
    }
}
