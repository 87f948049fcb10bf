//! Blanks around marks that a cell may have lost: that any dash or sign may have, and that others of its shape print.

use std::collections::{BTreeMap, BTreeSet};

/// Marks that never begin a word.
pub(in crate::undelimited) const PRIMES: [char; 5] = ['′', '″', '’', '”', '°'];
/// Bytes of the longest cell that may have lost blanks.
const MOST_GLUED: usize = 14;

/// Bytes of signs, dashes and primes, and all beyond ASCII.
const IS_GLUE: [bool; 256] = {
    let mut is_glue = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        is_glue[byte] = byte > 0x7f || matches!(byte as u8, b'+' | b'<' | b'>' | b'~' | b'-');
        byte += 1;
    }
    is_glue
};

/// Whether blanks around a dash or behind a sign may be lost: extractors drop them where they are narrower than those
/// between words. `2–4` may have been `2 – 4`, `+3` `+ 3`, `$—` `$ —`; a range of years is hardly ever set with blanks.
/// They print a blank too many before a prime.
pub(in crate::undelimited) fn may_lack_blanks(cell: &str) -> bool {
    let is_sign = |letter: char| matches!(letter, '+' | '<' | '>' | '~' | '≥' | '≤');
    let is_dash = |letter: char| matches!(letter, '-' | '–' | '—' | '−');
    let is_value = |letter: char| letter.is_ascii_digit() || letter == '?';
    // Most cells have neither sign, dash nor prime.
    if !cell.bytes().fold(false, |has_any, byte| has_any | IS_GLUE[usize::from(byte)]) {
        return false;
    }
    let is_ascii = cell.is_ascii();
    if !is_ascii && cell.split(' ').skip(1).any(|word| word.starts_with(PRIMES)) {
        return true;
    }
    if cell.len() > MOST_GLUED {
        return false;
    }
    let mut letters = cell.chars();
    if letters.next().is_some_and(is_sign) && letters.next().is_some_and(is_value) {
        return true;
    }
    let parted = if is_ascii { cell.split_once('-') } else { cell.split_once(is_dash) };
    let Some((before, after)) = parted else { return false };
    if after.is_empty() && before.ends_with(['$', '€', '£', '¥']) {
        return true;
    }
    if after.contains(is_dash) {
        return false;
    }
    let digits = before.chars().rev().take_while(char::is_ascii_digit).count();
    let is_spaced = before.ends_with(' ') && after.starts_with(' ');
    let is_range = before.trim_end().ends_with(is_value) && after.trim_start().starts_with(is_value);
    // The ends of a range with a unit: `3m-9m`, no code.
    let has_unit = before.starts_with(is_value) && pattern_of(before).eq(pattern_of(after));
    (is_range || has_unit) && digits < 4 && !is_spaced
}

/// Letters and digits of a text, by their kind.
fn pattern_of(text: &str) -> impl Iterator<Item = bool> {
    text.chars().filter(|letter| letter.is_alphanumeric()).map(|letter| letter.is_ascii_digit())
}

/// What a cell looks like without its blanks, and where between its parts it has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Look {
    /// Its parts, one after the other: letters and digits by kind, marks as they are.
    parts: Vec<char>,
    /// For every part: whether a blank stands before it.
    blanks: Vec<bool>,
}

impl Look {
    /// The look of a text; runs of letters, and of digits, are one part each.
    fn of(text: &str) -> Self {
        let mut look = Self::default();
        let mut is_after_blank = false;
        for c in text.chars() {
            if c.is_whitespace() {
                is_after_blank = !look.parts.is_empty();
                continue;
            }
            let part = match c {
                _ if c.is_alphabetic() => 'a',
                _ if c.is_numeric() => '0',
                _ => c,
            };
            let goes_on = !is_after_blank && c.is_alphanumeric() && look.parts.last() == Some(&part);
            if !goes_on {
                look.parts.push(part);
                look.blanks.push(is_after_blank);
            }
            is_after_blank = false;
        }
        look
    }

    /// The marks that stand between two blanks.
    fn parted(&self) -> impl Iterator<Item = usize> + '_ {
        (1..self.parts.len()).filter(|&part| self.is_mark(part) && self.is_parted(part))
    }

    fn is_mark(&self, part: usize) -> bool {
        self.parts.get(part).is_some_and(|c| !c.is_alphanumeric())
    }

    fn is_parted(&self, part: usize) -> bool {
        let has_blank = |part: usize| self.blanks.get(part) == Some(&true);
        has_blank(part) && has_blank(part + 1)
    }
}

/// The texts without the blanks around a mark that others of their shape have: `1–0` and `12 – 3` are both a number, a
/// mark, a number. A blank on one side alone aligns digits and says nothing.
pub(super) fn lacking_blanks<'p>(prints: impl Iterator<Item = &'p str>) -> Vec<usize> {
    let mut alike: BTreeMap<Vec<char>, Vec<(usize, Look)>> = BTreeMap::new();
    for (index, print) in prints.enumerate() {
        let look = Look::of(print);
        if (1..look.parts.len()).any(|part| look.is_mark(part)) {
            alike.entry(look.parts.clone()).or_default().push((index, look));
        }
    }
    let mut lacking = Vec::new();
    for looks in alike.values() {
        let parted: BTreeSet<usize> = looks.iter().flat_map(|(_, look)| look.parted()).collect();
        let lacks = |look: &Look| parted.iter().any(|part| !look.is_parted(*part));
        lacking.extend(looks.iter().filter(|(_, look)| lacks(look)).map(|(index, _)| *index));
    }
    lacking
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacking(prints: &[&str]) -> Vec<usize> {
        lacking_blanks(prints.iter().copied())
    }

    #[test]
    fn ranges_signs_and_primes_may_have_lost_or_got_blanks() {
        for cell in ["2–4", "+3", "$—", "3m-9m", "37° 12′ ′N"] {
            assert!(may_lack_blanks(cell), "{cell}");
        }
        for cell in ["2004–2006", "2 – 4", "AB-12", "-3", "—", "$ 12", "1,234"] {
            assert!(!may_lack_blanks(cell), "{cell}");
        }
    }

    #[test]
    fn a_mark_without_the_blanks_of_others() {
        assert_eq!(lacking(&["4:2", "11 : 7", "8 : 8"]), [0]);
        assert_eq!(lacking(&["6m/9m", "6 m / 12 m", "3 m to 6 m"]), [0]);
    }

    #[test]
    fn a_blank_on_one_side_aligns() {
        assert!(lacking(&["14: 2", "11:37"]).is_empty());
        assert!(lacking(&["Old Harbour", "East-West", "New York"]).is_empty());
    }
}
