//! Words by their hashes: eight bytes are looked at together, for where a word ends no processor foretells.

/// A hash of a word in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WordHash(u64);

/// A byte in every byte of a word.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The highest bits of all bytes.
const HIGHEST: u64 = each(0x80);

impl WordHash {
    /// Hashes that [`WordHash::short`] tells apart.
    pub(super) const SHORT: usize = 4096;

    const NOTHING: Self = Self(0);

    /// Fibonacci hashing, its better half folded on the other (D. E. Knuth: The Art of Computer Programming 3, 6.4).
    const fn mixed(self, eight: u64) -> Self {
        let product = (self.0 ^ eight).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(product ^ product >> 32)
    }

    /// The hash of a word.
    pub(super) fn of(word: &[u8]) -> Self {
        word.chunks(8).fold(Self::NOTHING, |hash, chunk| hash.mixed(eight_at(chunk, 0)))
    }

    /// Twelve bits of it.
    pub(super) const fn short(self) -> usize {
        (self.0 >> 52) as usize
    }
}

/// Eight bytes from a place on, the first one lowest; behind the end there are zeros.
#[inline]
fn eight_at(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(eight) = rest.first_chunk() {
        return u64::from_le_bytes(*eight);
    }
    rest.iter().rev().fold(0, |eight, byte| eight << 8 | u64::from(*byte))
}

/// How many of eight bytes are letters or digits of ASCII before the first that is not.
#[inline]
const fn letters_of(eight: u64) -> u32 {
    // A byte below 0x80 reaches the highest bit where it is not below what is missing to it; none is carried over.
    let (bytes, lower) = (eight & !HIGHEST, eight & !HIGHEST | each(0x20));
    let digits = (bytes + each(0x80 - b'0')) & !(bytes + each(0x80 - b'9' - 1));
    let letters = (lower + each(0x80 - b'a')) & !(lower + each(0x80 - b'z' - 1));
    let others = !((digits | letters) & !eight) & HIGHEST;
    others.trailing_zeros() / 8
}

/// The end of the run of ASCII letters and digits that begins at `start`, and its hash in lower case.
#[inline]
pub(super) fn letters_from(bytes: &[u8], start: usize) -> (usize, WordHash) {
    let (mut end, mut hash) = (start, WordHash::NOTHING);
    loop {
        let eight = eight_at(bytes, end);
        let count = letters_of(eight);
        if count > 0 {
            // In lower case: digits have the bit already.
            hash = hash.mixed((eight | each(0x20)) & u64::MAX >> (64 - 8 * count));
        }
        end += count as usize;
        if count < 8 {
            return (end, hash);
        }
    }
}

/// The words of a schema by their hashes: tells of nearly all printed words that they are not wanted, without a look at them.
#[derive(Clone, Debug)]
pub(super) struct WordFilter {
    /// The short hashes that words have.
    bits: [u64; WordHash::SHORT / 64],
    /// Hashes that words have, below those of each word of `bits`.
    before: [u16; WordHash::SHORT / 64],
    /// Where the words of each hash that words have begin in `words`, and where the last ones end.
    starts: Vec<u32>,
    /// Places of words, in order of their hashes.
    words: Vec<u32>,
}

impl WordFilter {
    pub(super) fn new(words: &[String]) -> Self {
        let hashes = words.iter().map(|word| WordHash::of(word.as_bytes()).short());
        let mut places: Vec<(usize, u32)> = hashes.zip(0..).collect();
        places.sort_unstable();
        let mut filter =
            Self { bits: [0; _], before: [0; _], starts: Vec::new(), words: Vec::with_capacity(words.len()) };
        for (hash, word) in places {
            if !filter.has(hash) {
                filter.bits[hash >> 6] |= 1 << (hash & 63);
                filter.starts.push(u32::try_from(filter.words.len()).unwrap_or(u32::MAX));
            }
            filter.words.push(word);
        }
        filter.starts.push(u32::try_from(filter.words.len()).unwrap_or(u32::MAX));
        let mut count = 0;
        for (before, bits) in filter.before.iter_mut().zip(&filter.bits) {
            *before = count;
            count += u16::try_from(bits.count_ones()).unwrap_or(0);
        }
        filter
    }

    /// Whether a word has this short hash.
    #[inline]
    pub(super) fn has(&self, hash: usize) -> bool {
        self.bits.get(hash >> 6).is_some_and(|bits| bits >> (hash & 63) & 1 == 1)
    }

    /// Places of the words that have this short hash: mostly none, or one.
    #[inline]
    pub(super) fn words_of(&self, hash: usize) -> &[u32] {
        if self.has(hash) { self.words_at(hash) } else { &[] }
    }

    fn words_at(&self, hash: usize) -> &[u32] {
        let below = self.bits[hash >> 6] & ((1 << (hash & 63)) - 1);
        let rank = usize::from(self.before[hash >> 6]) + below.count_ones() as usize;
        let Some(&[start, end]) = self.starts.get(rank..rank + 2) else { return &[] };
        self.words.get(start as usize..end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_end_before_the_first_other_byte(text in "[a-zA-Z0-9]{0,20}[\\x00-\\x7f\u{e9}]{0,12}", start in 0usize..4) {
            let bytes = text.as_bytes();
            let start = start.min(bytes.len());
            let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let low = bytes[start..start + length].to_ascii_lowercase();
            prop_assert_eq!(letters_from(bytes, start), (start + length, WordHash::of(&low)));
        }

        #[test]
        fn every_word_is_found_by_its_hash(words in prop::collection::btree_set("[a-z]{1,12}", 0..60), other in "[a-z]{1,12}") {
            let words: Vec<String> = words.into_iter().collect();
            let filter = WordFilter::new(&words);
            let found = |word: &str| {
                let mut places = filter.words_of(WordHash::of(word.as_bytes()).short()).iter();
                places.find(|&&place| words[place as usize] == word).copied()
            };
            for (place, word) in words.iter().enumerate() {
                prop_assert_eq!(found(word), Some(place as u32));
            }
            prop_assert_eq!(found(&other).is_some(), words.contains(&other));
        }
    }

    #[test]
    fn every_byte_is_told() {
        for byte in 0..=u8::MAX {
            let expected = if byte.is_ascii_alphanumeric() { 8 } else { 0 };
            assert_eq!(letters_of(each(byte)), expected, "{byte:#x}");
        }
    }
}
