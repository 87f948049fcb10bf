//! How alike two headers are, when print and recognition may have confused shapes of letters.
//!
//! Both texts are normalised as in [`super::words`], blanks and punctuation left off (they are what extraction
//! loses first), and cut at 128 characters. Two edit distances are taken: over the characters, and over their
//! *shape classes*, in which letters that recognition confuses are one (`c e o a 0 d`, `i l 1 r t f`, ...). What
//! differs as characters but not as shapes costs a quarter. `piopoifiou` is thus near `proportion`, while
//! unrelated words stay far.
//!
//! Both distances use the bit-parallel algorithm of Myers (1999) in the form of Hyyrö (2003) on one machine word:
//! a step a character, no table, below a microsecond for usual headers. Costs for single pairs of letters would
//! be finer, but need the table and take some twenty times as long. What the classes cannot say: `R` and `D`
//! look alike, yet are in different classes with good reason.

use std::ops::{BitAnd, BitOr, BitOrAssign, BitXor, Not};

use smallvec::SmallVec;

use super::words::for_each_normal;

/// Characters of a header that are compared: the bits of a machine word here.
const LONGEST: usize = 128;

/// Cost of a confusion of shapes; an edit costs 1.
const SHAPE_COST: f32 = 0.25;

/// Similarities up to this are told as 0: texts that have nothing to do with each other reach it by chance.
const FLOOR: f32 = 0.4;

/// A header made ready for comparisons.
///
/// ```
/// use retabulate::schema::HeaderText;
///
/// let printed = HeaderText::new("piopoifiou to thc sharcs hcld");
/// let wanted = HeaderText::new("Proportion to the shares held (Note 2)");
/// assert!(printed.similarity(&wanted) > 0.85);
/// assert!(printed.similarity(&HeaderText::new("Expiry date of the pledge")) < 0.5);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderText {
    characters: SmallVec<[char; 32]>,
    shapes: SmallVec<[char; 32]>,
}

impl HeaderText {
    /// Makes a header ready.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut characters = SmallVec::new();
        for_each_normal(text, |character| {
            let counts = character.is_alphanumeric() || matches!(character, '%' | '|' | '!');
            if counts && characters.len() < LONGEST {
                characters.push(character);
            }
        });
        let shapes = shapes_of(&characters);
        Self { characters, shapes }
    }

    /// Whether nothing in it can be compared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.characters.is_empty()
    }

    /// Number of characters that are compared.
    #[must_use]
    pub fn len(&self) -> usize {
        self.characters.len()
    }

    /// How alike the two are, from 0 to 1 (equal). Unrelated headers give 0; the same header with a few letters
    /// confused gives .85 and more. Empty texts are like nothing.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f32 {
        if self.is_empty() || other.is_empty() {
            return 0.0;
        }
        if self.characters == other.characters {
            return 1.0;
        }
        let longest = self.len().max(other.len());
        let bound = |distance: usize| 1.0 - ratio(distance, longest);
        if bound(self.len().abs_diff(other.len())) <= FLOOR {
            return 0.0;
        }
        let by_shape = edit_distance(&self.shapes, &other.shapes, Start::Anchored);
        if bound(by_shape) <= FLOOR {
            return 0.0;
        }
        let by_character = edit_distance(&self.characters, &other.characters, Start::Anchored);
        let confused = ratio(by_character.saturating_sub(by_shape), longest);
        let similarity = bound(by_shape) - SHAPE_COST * confused;
        if similarity <= FLOOR { 0.0 } else { similarity }
    }

    /// How well this text stands somewhere inside `whole`, from 0 to 1 (letter by letter): for headers of which
    /// a part is lost, or that are glued to their neighbours. Short pieces stand in many headers, so the length
    /// should weigh too.
    ///
    /// ```
    /// use retabulate::schema::HeaderText;
    ///
    /// let whole = HeaderText::new("Proportion in the total share capital of the Company");
    /// assert_eq!(HeaderText::new("share capital").containment(&whole), 1.0);
    /// assert!(HeaderText::new("totaI shaie capitai").containment(&whole) > 0.9);
    /// ```
    #[must_use]
    pub fn containment(&self, whole: &Self) -> f32 {
        if self.is_empty() || whole.is_empty() {
            return 0.0;
        }
        let by_shape = edit_distance(&self.shapes, &whole.shapes, Start::Free);
        let by_character = edit_distance(&self.characters, &whole.characters, Start::Free);
        let confused = ratio(by_character.saturating_sub(by_shape), self.len());
        (1.0 - ratio(by_shape, self.len()) - SHAPE_COST * confused).max(0.0)
    }
}

/// How alike two headers are; see [`HeaderText::similarity`], which is faster for many comparisons.
///
/// ```
/// use retabulate::schema::similarity;
///
/// assert_eq!(similarity("Balance (Note 2)", "BALANCE"), 1.0);
/// assert!(similarity("8a1ancc", "Balance") > 0.8);
/// assert_eq!(similarity("Balance", "Description"), 0.0);
/// ```
#[must_use]
pub fn similarity(left: &str, right: &str) -> f32 {
    HeaderText::new(left).similarity(&HeaderText::new(right))
}

#[allow(clippy::cast_precision_loss)] // Lengths are at most LONGEST.
fn ratio(part: usize, whole: usize) -> f32 {
    part as f32 / whole as f32
}

/// The shape classes of a text; pairs that look like one letter become that letter's class.
fn shapes_of(characters: &[char]) -> SmallVec<[char; 32]> {
    let mut shapes = SmallVec::with_capacity(characters.len());
    let mut rest = characters;
    while let Some((&first, after)) = rest.split_first() {
        let pair = match (first, after.first()) {
            ('r', Some('n')) => Some('m'),
            ('c', Some('l')) => Some('d'),
            ('v', Some('v')) => Some('w'),
            _ => None,
        };
        shapes.push(shape_of(pair.unwrap_or(first)));
        rest = if pair.is_some() { &after[1..] } else { after };
    }
    shapes
}

/// The class of characters that recognition confuses with this one. Case is gone already, so capitals bring
/// their confusions along: `D` and `O`, `8` and `B`, `N`, `M` and `Z`, `5` and `S`.
pub(super) const fn shape_of(character: char) -> char {
    match character {
        'c' | 'e' | 'o' | 'a' | '0' | 'd' => 'o',
        'i' | 'l' | '1' | '|' | '!' | 'j' | 'r' | 't' | 'f' | '7' => 'i',
        'n' | 'm' | 'u' | 'h' | 'b' | '8' | 'w' | 'v' | 'z' | '2' => 'n',
        's' | '5' => 's',
        'g' | 'q' | '9' => 'g',
        other => other,
    }
}

/// Where the pattern begins in the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// Both whole: what stands before and after counts.
    Anchored,
    /// Anywhere: the pattern is searched in the text.
    Free,
}

/// Insertions, deletions and replacements that make `text` of `pattern`; the pattern of 1 to 128 characters.
fn edit_distance(pattern: &[char], text: &[char], start: Start) -> usize {
    // Nearly all headers fit the short word, which is about twice as fast.
    if pattern.len() <= 64 {
        distance_on_bits::<u64>(pattern, text, start)
    } else {
        distance_on_bits::<u128>(pattern, text, start)
    }
}

/// The distance on a machine word with a bit for every character of the pattern.
fn distance_on_bits<B: Bits>(pattern: &[char], text: &[char], start: Start) -> usize {
    let positions = Positions::<B>::new(pattern);
    let last = B::bit(pattern.len().saturating_sub(1));
    // A deletion before the pattern costs nothing where it may begin anywhere.
    let edge = if start == Start::Anchored { B::bit(0) } else { B::ZERO };
    // Vertical differences of the column of the dynamic program, +1 and -1.
    let (mut plus, mut minus) = (!B::ZERO, B::ZERO);
    let mut distance = pattern.len();
    let mut least = distance;
    for &character in text {
        let equal = positions.of(character);
        let vertical = equal | minus;
        let horizontal = ((equal & plus).sum(plus) ^ plus) | equal;
        let up = minus | !(horizontal | plus);
        let down = plus & horizontal;
        distance = distance + usize::from(up & last != B::ZERO) - usize::from(down & last != B::ZERO);
        least = least.min(distance);
        let up = up.shifted() | edge;
        plus = down.shifted() | !(vertical | up);
        minus = up & vertical;
    }
    if start == Start::Free { least } else { distance }
}

/// A machine word.
trait Bits:
    Copy
    + PartialEq
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + BitOrAssign
{
    const ZERO: Self;
    fn bit(index: usize) -> Self;
    fn sum(self, other: Self) -> Self;
    fn shifted(self) -> Self;
}

macro_rules! impl_bits {
    ($word:ty) => {
        impl Bits for $word {
            const ZERO: Self = 0;

            fn bit(index: usize) -> Self {
                1 << index
            }

            fn sum(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            fn shifted(self) -> Self {
                self << 1
            }
        }
    };
}

impl_bits!(u64);
impl_bits!(u128);

/// For every character the positions at which the pattern has it, as bits.
struct Positions<B> {
    ascii: [B; 128],
    others: SmallVec<[(char, B); 8]>,
}

impl<B: Bits> Positions<B> {
    fn new(pattern: &[char]) -> Self {
        let mut positions = Self { ascii: [B::ZERO; 128], others: SmallVec::new() };
        for (index, &character) in pattern.iter().take(LONGEST).enumerate() {
            let bit = B::bit(index);
            match positions.ascii.get_mut(character as usize) {
                Some(bits) => *bits |= bit,
                None => match positions.others.iter_mut().find(|(known, _)| *known == character) {
                    Some((_, bits)) => *bits |= bit,
                    None => positions.others.push((character, bit)),
                },
            }
        }
        positions
    }

    fn of(&self, character: char) -> B {
        let other =
            || self.others.iter().find(|(known, _)| *known == character).map_or(B::ZERO, |(_, bits)| *bits);
        self.ascii.get(character as usize).copied().unwrap_or_else(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The dynamic program itself: the slow version.
    fn slow_distance(pattern: &[char], text: &[char], start: Start) -> usize {
        let free = start == Start::Free;
        let mut row: Vec<usize> = (0..=pattern.len()).collect();
        let mut least = row[pattern.len()];
        for (j, &character) in text.iter().enumerate() {
            let mut next = vec![if free { 0 } else { j + 1 }];
            for (i, &wanted) in pattern.iter().enumerate() {
                let replace = row[i] + usize::from(wanted != character);
                next.push(replace.min(row[i + 1] + 1).min(next[i] + 1));
            }
            row = next;
            least = least.min(row[pattern.len()]);
        }
        if free { least } else { row[pattern.len()] }
    }

    #[test]
    fn confused_shapes_stay_near() {
        for (garbled, header) in [
            ("piopoifiou", "Proportion"),
            ("AB5TAIM", "ABSTAIN"),
            ("Nurnber ot 5hares", "Number of Shares"),
            ("Openlng ba1ance", "Opening balance"),
            ("Unit prlce (Note 3)", "Unit price"),
        ] {
            assert!(similarity(garbled, header) > 0.8, "{garbled}: {}", similarity(garbled, header));
        }
    }

    #[test]
    fn other_headers_stay_far() {
        for (left, right) in [
            ("Debit", "Balance"),
            ("Number of shares held", "Expiry date of the pledge"),
            ("FOR", "AGAINST"),
            ("支出", "餘額"),
            ("", "x"),
            ("", ""),
        ] {
            assert!(similarity(left, right) < 0.5, "{left} {right}: {}", similarity(left, right));
        }
    }

    #[test]
    fn the_nearer_header_wins() {
        let printed = "Numbcr of plcdged shares";
        let right = similarity(printed, "Number of pledged shares");
        assert!(right > similarity(printed, "Number of released shares") + 0.1);
        assert!(similarity("FOR (%)", "FOR (%)") > similarity("FOR", "FOR (%)"));
    }

    proptest! {
        #[test]
        fn fast_and_slow_distances_agree(
            pattern in proptest::collection::vec(proptest::char::range('a', 'e'), 1..=128),
            text in proptest::collection::vec(proptest::char::range('a', 'é'), 0..=128),
        ) {
            for start in [Start::Anchored, Start::Free] {
                prop_assert_eq!(edit_distance(&pattern, &text, start), slow_distance(&pattern, &text, start));
            }
        }

        #[test]
        fn similarity_is_symmetric_and_bounded(left in any::<String>(), right in any::<String>()) {
            let (there, back) = (similarity(&left, &right), similarity(&right, &left));
            prop_assert!((0.0..=1.0).contains(&there) && there == back);
        }

        #[test]
        fn a_text_is_like_itself(text in "[a-z]{1,20}") {
            prop_assert_eq!(similarity(&text, &text.to_uppercase()), 1.0);
        }
    }
}
