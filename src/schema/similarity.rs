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

use super::words::{for_each_normal, is_plain_ascii};

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
    /// How often each group of shapes stands in it, a byte each; at most [`MOST_COUNTED`].
    counts: u64,
    /// Their sum.
    counted: usize,
    /// Number of characters. Nearly all comparisons end with this and the counts, which lie together.
    length: usize,
    characters: SmallVec<[char; 32]>,
    shapes: SmallVec<[char; 32]>,
}

impl HeaderText {
    /// Makes a header ready.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut characters: SmallVec<[char; 32]> = SmallVec::new();
        if text.len() <= LONGEST && is_plain_ascii(text) {
            // Without a branch on what a byte is, which no processor foretells.
            let (mut kept, mut count) = ([0; LONGEST], 0);
            for byte in text.bytes() {
                kept[count] = byte.to_ascii_lowercase();
                count += usize::from(byte.is_ascii_alphanumeric() | matches!(byte, b'%' | b'|' | b'!'));
            }
            characters.extend(kept[..count].iter().map(|&byte| char::from(byte)));
        } else {
            for_each_normal(text, |character| {
                let counts = character.is_alphanumeric() || matches!(character, '%' | '|' | '!');
                if counts && characters.len() < LONGEST {
                    characters.push(character);
                }
            });
        }
        let shapes = shapes_of(&characters);
        let (mut counts, mut counted) = (0u64, 0);
        for shape in &shapes {
            let place = 8 * group_of(*shape);
            let is_counted = counts >> place & 0xff < u64::from(MOST_COUNTED);
            counted += usize::from(is_counted);
            counts += u64::from(is_counted) << place;
        }
        let length = characters.len();
        Self { counts, counted, length, characters, shapes }
    }

    /// Whether nothing in it can be compared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Number of characters that are compared.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// How alike the two are, from 0 to 1 (equal). Unrelated headers give 0; the same header with a few letters
    /// confused gives .85 and more. Empty texts are like nothing.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f32 {
        self.similarity_above(other, FLOOR)
    }

    /// The similarity where it is more than `floor`, which is not below that of [`HeaderText::similarity`], else 0; the
    /// higher the floor, the sooner that is known.
    pub(crate) fn similarity_above(&self, other: &Self, floor: f32) -> f32 {
        self.similarity_by(other, floor, |is_shape| {
            let (left, right) = (self.part(is_shape), other.part(is_shape));
            edit_distance(left, right, Start::Anchored)
        })
    }

    /// The same, `distance` telling how far the characters are, or the shapes.
    fn similarity_by(&self, other: &Self, floor: f32, distance: impl Fn(bool) -> usize) -> f32 {
        if self.is_empty() || other.is_empty() {
            return 0.0;
        }
        if self.counts == other.counts && self.characters == other.characters {
            return 1.0;
        }
        let longest = self.len().max(other.len());
        let bound = |distance: usize| 1.0 - ratio(distance, longest);
        if bound(self.len().abs_diff(other.len())) <= floor || bound(self.least_distance(other)) <= floor {
            return 0.0;
        }
        // Of the words that are near enough to be measured most are nearer by chance than by their order.
        if bound(2) <= floor && !is_within_an_edit(&self.shapes, &other.shapes) {
            return 0.0;
        }
        let by_shape = distance(true);
        if bound(by_shape) <= floor {
            return 0.0;
        }
        let by_character = distance(false);
        let confused = ratio(by_character.saturating_sub(by_shape), longest);
        let similarity = bound(by_shape) - SHAPE_COST * confused;
        if similarity <= floor { 0.0 } else { similarity }
    }

    fn part(&self, is_shape: bool) -> &[char] {
        if is_shape { &self.shapes } else { &self.characters }
    }

    /// Whether more than a fifth of the longer one is different at least: then the similarity is below four fifths.
    #[inline]
    pub(crate) fn is_fifth_apart(&self, other: &Self) -> bool {
        self.least_distance(other) * 5 > self.len().max(other.len())
    }

    /// What the similarity to `other` is at most, by lengths and counts alone.
    #[inline]
    pub(crate) fn similarity_at_most(&self, other: &Self) -> f32 {
        let longest = self.len().max(other.len());
        let least = self.least_distance(other).max(self.len().abs_diff(other.len()));
        // Texts without a character are like nothing. Chosen without a branch, which no processor foretells.
        let most = 1.0 - ratio(if longest == 0 { 1 } else { least }, longest.max(1));
        if most <= FLOOR { 0.0 } else { most }
    }

    /// What the distance of the shapes is at least: an edit takes one shape away, brings one, or both.
    #[inline]
    fn least_distance(&self, other: &Self) -> usize {
        // What the one has more than the other, and the reverse, differ by what it has in all.
        let more = more_than(self.counts, other.counts);
        more.max(more + other.counted - self.counted)
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

/// A header that is compared with many: where its characters stand is found once.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    characters: Positions<u64>,
    shapes: Positions<u64>,
}

impl Pattern {
    /// Makes a header ready; `None` where it is too long for the short word.
    pub(crate) fn new(text: &HeaderText) -> Option<Self> {
        let is_short = text.characters.len() <= SHORT && !text.is_empty();
        is_short.then(|| Self {
            characters: Positions::new(&text.characters),
            shapes: Positions::new(&text.shapes),
        })
    }

    /// How alike `text`, of which this is the pattern, and `other` are, as [`HeaderText::similarity`] says.
    pub(crate) fn similarity(&self, text: &HeaderText, other: &HeaderText) -> f32 {
        text.similarity_by(other, FLOOR, |is_shape| {
            let positions = if is_shape { &self.shapes } else { &self.characters };
            distance_from(positions, text.part(is_shape).len(), other.part(is_shape), Start::Anchored)
        })
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

#[inline]
#[allow(clippy::cast_precision_loss)] // Lengths are at most LONGEST.
fn ratio(part: usize, whole: usize) -> f32 {
    part as f32 / whole as f32
}

/// Whether one edit at most makes one text of the other: what they begin and end with in common is all but one character.
fn is_within_an_edit(left: &[char], right: &[char]) -> bool {
    if left.len().abs_diff(right.len()) > 1 {
        return false;
    }
    let longest = left.len().max(right.len());
    let same = |(left, right): &(&char, &char)| left == right;
    let before = left.iter().zip(right).take_while(same).count();
    longest <= before + 1 || {
        let behind = left.iter().rev().zip(right.iter().rev()).take_while(same).count();
        longest <= before + behind + 1
    }
}

/// The shape classes of a text; pairs that look like one letter become that letter's class.
fn shapes_of(characters: &[char]) -> SmallVec<[char; 32]> {
    let mut shapes: SmallVec<[char; 32]> = SmallVec::new();
    if !characters.windows(2).any(|pair| pair_of(pair).is_some()) {
        // Nearly always.
        shapes.extend(characters.iter().map(|&character| shape_of(character)));
        return shapes;
    }
    let mut rest = characters;
    while let Some((&first, after)) = rest.split_first() {
        let pair = pair_of(rest);
        shapes.push(shape_of(pair.unwrap_or(first)));
        rest = if pair.is_some() { &after[1..] } else { after };
    }
    shapes
}

/// The letter that the first two of these look like together.
#[inline]
const fn pair_of(characters: &[char]) -> Option<char> {
    match characters {
        ['r', 'n', ..] => Some('m'),
        ['c', 'l', ..] => Some('d'),
        ['v', 'v', ..] => Some('w'),
        _ => None,
    }
}

/// The class of characters that recognition confuses with this one. Case is gone already, so capitals bring
/// their confusions along: `D` and `O`, `8` and `B`, `N`, `M` and `Z`, `5` and `S`.
#[inline]
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

/// The highest count: its byte leaves a bit free.
const MOST_COUNTED: u8 = 127;

/// What the bytes of `left` are more than those of `right`, in sum, all bytes at once.
const fn more_than(left: u64, right: u64) -> usize {
    const FREE: u64 = 0x8080_8080_8080_8080;
    // The free bit of a byte stays where nothing was borrowed from it.
    let differences = (left | FREE) - right;
    let is_more = differences & FREE;
    let more = differences & (is_more - (is_more >> 7));
    // Pairs of bytes first, lest the sum outgrow one.
    let pairs = (more & 0x00ff_00ff_00ff_00ff) + (more >> 8 & 0x00ff_00ff_00ff_00ff);
    (pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48) as usize
}

/// The group of a shape, of eight in which shapes are counted, a byte of a word each: the frequent ones have one alone.
#[inline]
const fn group_of(shape: char) -> usize {
    match shape {
        'o' => 0,
        'i' => 1,
        'n' => 2,
        's' => 3,
        'g' => 4,
        'p' => 5,
        other => 6 + (other as usize & 1),
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

/// Insertions, deletions and replacements that make `text` of `pattern`; both of at most 128 characters.
fn edit_distance(pattern: &[char], text: &[char], start: Start) -> usize {
    if start == Start::Free {
        return distance_of(pattern, text, start);
    }
    // Both ways are equally far, and a step is a character of the text.
    let (long, short) = if pattern.len() < text.len() { (text, pattern) } else { (pattern, text) };
    if short.is_empty() {
        return long.len();
    }
    let takes_long = long.len() <= SHORT || short.len() > SHORT;
    let (pattern, text) = if takes_long { (long, short) } else { (short, long) };
    distance_of(pattern, text, start)
}

/// The same, the steps going over `text`.
fn distance_of(pattern: &[char], text: &[char], start: Start) -> usize {
    // Nearly all headers fit the short word, which is about twice as fast.
    if pattern.len() <= SHORT {
        distance_on_bits::<u64>(pattern, text, start)
    } else {
        distance_on_bits::<u128>(pattern, text, start)
    }
}

/// Characters of a pattern in the short word.
const SHORT: usize = 64;

/// The distance on a machine word with a bit for every character of the pattern.
fn distance_on_bits<B: Bits>(pattern: &[char], text: &[char], start: Start) -> usize {
    distance_from(&Positions::<B>::new(pattern), pattern.len(), text, start)
}

/// The same for a pattern of so many characters at these positions.
fn distance_from<B: Bits>(positions: &Positions<B>, length: usize, text: &[char], start: Start) -> usize {
    let last = length.saturating_sub(1);
    // A deletion before the pattern costs nothing where it may begin anywhere.
    let edge = if start == Start::Anchored { B::bit(0) } else { B::ZERO };
    // Vertical differences of the column of the dynamic program, +1 and -1.
    let (mut plus, mut minus) = (!B::ZERO, B::ZERO);
    let mut distance = length;
    let mut least = distance;
    for &character in text {
        let equal = positions.of(character);
        let vertical = equal | minus;
        let horizontal = ((equal & plus).sum(plus) ^ plus) | equal;
        let up = minus | !(horizontal | plus);
        let down = plus & horizontal;
        distance = distance + up.at(last) - down.at(last);
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
    /// The bit at `index`.
    fn at(self, index: usize) -> usize;
    fn sum(self, other: Self) -> Self;
    fn shifted(self) -> Self;
}

macro_rules! impl_bits {
    ($word:ty) => {
        impl Bits for $word {
            const ZERO: Self = 0;

            #[inline]
            fn bit(index: usize) -> Self {
                1 << index
            }

            #[inline]
            fn at(self, index: usize) -> usize {
                (self >> index) as usize & 1
            }

            #[inline]
            fn sum(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline]
            fn shifted(self) -> Self {
                self << 1
            }
        }
    };
}

impl_bits!(u64);
impl_bits!(u128);

/// For every character the positions at which the pattern has it, as bits.
#[derive(Clone, Debug)]
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

    #[inline]
    fn of(&self, character: char) -> B {
        match self.ascii.get(character as usize) {
            Some(bits) => *bits,
            None => self.of_other(character),
        }
    }

    #[inline(never)]
    fn of_other(&self, character: char) -> B {
        self.others.iter().find(|(known, _)| *known == character).map_or(B::ZERO, |(_, bits)| *bits)
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
        fn one_edit_shows_at_both_ends(left in "[ab]{0,7}", right in "[ab]{0,7}") {
            let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
            let is_near = slow_distance(&left, &right, Start::Anchored) <= 1;
            prop_assert_eq!(is_within_an_edit(&left, &right), is_near);
        }

        #[test]
        fn bytes_are_compared_all_at_once(left in any::<[u8; 8]>(), right in any::<[u8; 8]>()) {
            let (left, right) = (left.map(|byte| byte & MOST_COUNTED), right.map(|byte| byte & MOST_COUNTED));
            let slow: usize = left.iter().zip(&right).map(|(l, r)| usize::from(l.saturating_sub(*r))).sum();
            prop_assert_eq!(more_than(u64::from_le_bytes(left), u64::from_le_bytes(right)), slow);
        }

        #[test]
        fn patterns_and_counts_agree_with_similarity(left in "[a-eéR ]{0,12}", right in "[a-eéR ]{0,12}", floor in 0.4f32..0.9) {
            let (left, right) = (HeaderText::new(&left), HeaderText::new(&right));
            let similarity = left.similarity(&right);
            if let Some(pattern) = Pattern::new(&left) {
                prop_assert_eq!(pattern.similarity(&left, &right), similarity);
            }
            prop_assert!(similarity <= left.similarity_at_most(&right));
            prop_assert!(similarity < 0.8 || !left.is_fifth_apart(&right));
            let apart = more_than(left.counts, right.counts).max(more_than(right.counts, left.counts));
            prop_assert_eq!(left.least_distance(&right), apart);
            let longest = left.len().max(right.len());
            let bound = (1.0 - ratio(apart, longest)).min(1.0 - ratio(left.len().abs_diff(right.len()), longest));
            if left != right {
                let most = if bound > FLOOR { 1.0 - ratio(apart, longest) } else { 0.0 };
                prop_assert_eq!(left.similarity_at_most(&right), most);
            }
            let above = if similarity > floor { similarity } else { 0.0 };
            prop_assert_eq!(left.similarity_above(&right, floor), above);
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
