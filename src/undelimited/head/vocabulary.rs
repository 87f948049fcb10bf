//! The words that the lines of a text print, in the form in which header words compare.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use unicode_normalization::UnicodeNormalization;

use super::filter::{WordHash, letters_from};
use crate::schema::HeaderText;
use crate::text::{Span, is_ascii_blank, word_spans};
use crate::undelimited::print::Print;

/// Words at the start of a line of which one must be wanted: a header line that begins with more foreign words is
/// hardly ever printed, and prose is skipped at once.
const FIRST_WORDS: usize = 4;
/// Letters of the shortest word that is compared by shape; shorter ones resemble each other by chance.
const SHAPED_LETTERS: usize = 5;

/// Parts that are numbered in most texts.
const USUAL_PARTS: usize = 256;
/// Parts of one hash that are told without a map.
const MOST_OF_ONE_HASH: usize = 8;

/// The parts of the words of a text, numbered, for the lines that anybody asked for: most lines of a text begin with
/// words of no schema, and those that do not are asked for by many.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    pub(super) words: Vec<Part>,
    /// What they are, one after the other.
    texts: String,
    /// The last part that had each hash; each names the one before it. That tells most parts by less than a map takes.
    lasts_of_hashes: Vec<u32>,
    /// The parts of hashes that many have: none, unless somebody made the text so.
    numbers: HashMap<Box<str>, u32>,
    /// Of every line, once it was asked for.
    lines: Vec<Option<Rc<[u32]>>>,
    /// Of every line, once it was asked for.
    firsts: Vec<Option<FirstWords>>,
    /// Scratch space: a line in lower case.
    low: String,
}

/// A part of a word.
#[derive(Clone, Debug)]
pub(super) struct Part {
    text: Range<usize>,
    pub(super) hash: WordHash,
    /// The part before it that has the same hash; none: no number.
    before: u32,
    /// Whether it is long enough to be compared by shape.
    pub(super) is_shaped: bool,
    /// Made when asked for, and kept apart: few parts are.
    shape: OnceCell<Box<HeaderText>>,
}

/// What the words are that a line begins with.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FirstWords {
    /// Of the first part of each, the short ones.
    pub(super) hashes: [u16; FIRST_WORDS],
    /// The first part of each, by its bytes in the line.
    places: [(u32, u32); FIRST_WORDS],
    pub(super) count: u8,
    /// Whether a word beyond ASCII is among them, whose parts are not looked for here.
    pub(super) is_open: bool,
}

impl FirstWords {
    fn of(text: &str, line: Span) -> Self {
        let mut first = Self::default();
        let bytes = line.slice(text).as_bytes();
        let mut at = 0;
        for (own, place) in first.hashes.iter_mut().zip(&mut first.places) {
            let word = run_end(bytes, at, |kind| kind == ByteKind::Blank);
            let mut start = run_end(bytes, word, |kind| matches!(kind, ByteKind::Mark | ByteKind::Beyond));
            let (end, mut hash) = letters_from(bytes, start);
            if start == end {
                // Marks alone are a part themselves.
                (start, hash) = (word, WordHash::of(&bytes[word..end]));
            }
            at = end;
            *place = (u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(at).unwrap_or(u32::MAX));
            at = run_end(bytes, at, |kind| kind != ByteKind::Blank);
            first.is_open |= !bytes[word..at].is_ascii();
            if at == word {
                break;
            }
            *own = hash.short() as u16;
            first.count += 1;
        }
        first
    }
}

impl FirstWords {
    /// The first parts of the words that begin `line`, in letters as printed, with their hashes.
    pub(super) fn parts<'l>(&self, line: &'l str) -> impl Iterator<Item = (&'l str, usize)> {
        let places = self.places.into_iter().zip(self.hashes).take(usize::from(self.count));
        places.filter_map(move |((start, end), hash)| {
            Some((line.get(start as usize..end as usize)?, usize::from(hash)))
        })
    }
}

/// The end of the run of bytes of some kinds that begins at `from`.
fn run_end(bytes: &[u8], from: usize, is_in: impl Fn(ByteKind) -> bool) -> usize {
    let mut end = from;
    while let Some(byte) = bytes.get(end)
        && is_in(BYTE_KINDS[usize::from(*byte)])
    {
        end += 1;
    }
    end
}

/// What a byte is to the first words of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ByteKind {
    Blank,
    /// A letter or a digit.
    Letter,
    Mark,
    /// Of a letter beyond ASCII.
    Beyond,
}

const BYTE_KINDS: [ByteKind; 256] = {
    let mut kinds = [ByteKind::Mark; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b' ' | b'\t' => ByteKind::Blank,
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => ByteKind::Letter,
            0x80.. => ByteKind::Beyond,
            _ => ByteKind::Mark,
        };
        byte += 1;
    }
    kinds
};

impl Vocabulary {
    /// The parts of the words of a line, in order.
    pub(super) fn parts_of_line(&mut self, print: &Print<'_>, index: usize) -> Rc<[u32]> {
        if self.lines.len() <= index {
            self.lines.resize(print.lines.len().max(index + 1), None);
        }
        if let Some(Some(known)) = self.lines.get(index) {
            return Rc::clone(known);
        }
        let line = print.lines.get(index).map_or(Span::empty(0), |line| line.body);
        let body = line.slice(print.text);
        let mut parts = Vec::new();
        if body.is_ascii() {
            let mut low = std::mem::take(&mut self.low);
            low.clear();
            low.push_str(body);
            low.make_ascii_lowercase();
            // Words are read eight bytes at a time, the last one too.
            low.push_str("        ");
            for_each_part_of(&low, |part, hash| parts.push(self.number(part, hash)));
            self.low = low;
        } else {
            for word in word_spans(print.text, line) {
                for_each_part(word.slice(print.text), |part| {
                    parts.push(self.number(part, WordHash::of(part.as_bytes())));
                });
            }
        }
        let parts: Rc<[u32]> = parts.into();
        self.lines[index] = Some(Rc::clone(&parts));
        parts
    }

    pub(super) fn first_words(&mut self, print: &Print<'_>, index: usize) -> FirstWords {
        if self.firsts.len() <= index {
            self.firsts.resize(print.lines.len(), None);
        }
        let body = print.lines.get(index).map_or(Span::empty(0), |line| line.body);
        let known = self.firsts.get_mut(index);
        known.map_or_else(FirstWords::default, |known| {
            *known.get_or_insert_with(|| FirstWords::of(print.text, body))
        })
    }

    /// What a part is.
    pub(super) fn text(&self, part: &Part) -> &str {
        self.texts.get(part.text.clone()).unwrap_or_default()
    }

    /// A part, ready for comparison by shape.
    pub(super) fn shape<'p>(&self, part: &'p Part) -> &'p HeaderText {
        part.shape.get_or_init(|| Box::new(HeaderText::new(self.text(part))))
    }

    /// The number of a part with this hash.
    fn number(&mut self, part: &str, hash: WordHash) -> u32 {
        if self.words.is_empty() {
            self.lasts_of_hashes.resize(WordHash::SHORT, u32::MAX);
            self.words.reserve(USUAL_PARTS);
        }
        let last = self.lasts_of_hashes[hash.short()];
        let mut at = last;
        for _ in 0..MOST_OF_ONE_HASH {
            let Some(known) = self.words.get(at as usize) else {
                let number = self.add(part, hash, last);
                self.lasts_of_hashes[hash.short()] = number;
                return number;
            };
            if known.hash == hash && self.texts.as_bytes().get(known.text.clone()) == Some(part.as_bytes()) {
                return at;
            }
            at = known.before;
        }
        if let Some(number) = self.numbers.get(part) {
            return *number;
        }
        let number = self.add(part, hash, u32::MAX);
        self.numbers.insert(part.into(), number);
        number
    }

    fn add(&mut self, part: &str, hash: WordHash, before: u32) -> u32 {
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let start = self.texts.len();
        self.texts.push_str(part);
        let text = start..self.texts.len();
        let (is_shaped, shape) = (is_shaped(part), OnceCell::new());
        self.words.push(Part { text, hash, before, is_shaped, shape });
        number
    }
}

/// Whether a word is long enough to be compared by shape.
pub(super) fn is_shaped(word: &str) -> bool {
    word.chars().filter(|letter| letter.is_alphabetic()).nth(SHAPED_LETTERS - 1).is_some()
}

/// The parts of a printed word or title in the form in which they compare: runs of letters and digits, in lower case;
/// a word without any, such as `%` or `+/-`, is a part itself.
pub(super) fn parts_of(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for word in text.split_whitespace() {
        for_each_part(word, |part| parts.push(part.to_owned()));
    }
    parts
}

/// Calls `take` with every part of a word, which has no blanks.
pub(super) fn for_each_part(word: &str, mut take: impl FnMut(&str)) {
    let folded: Cow<'_, str> = if !word.is_ascii() {
        word.nfkc().flat_map(char::to_lowercase).collect::<String>().into()
    } else if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        word.to_ascii_lowercase().into()
    } else {
        word.into()
    };
    if folded.is_ascii() {
        return for_each_part_of(&folded, |part, _| take(part));
    }
    let mut is_parted = false;
    let parts = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.for_each(|part| {
        is_parted = true;
        take(part);
    });
    if !is_parted && !folded.is_empty() {
        take(&folded);
    }
}

/// The same of all words of a line of ASCII in lower case, with the hashes of the parts.
fn for_each_part_of(text: &str, mut take: impl FnMut(&str, WordHash)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if is_ascii_blank(byte) {
            at += 1;
            continue;
        }
        let (word, mut is_parted) = (at, false);
        while bytes.get(at).is_some_and(|byte| !is_ascii_blank(byte)) {
            let (end, hash) = letters_from(bytes, at);
            if end == at {
                at += 1;
                continue;
            }
            take(&text[at..end], hash);
            (at, is_parted) = (end, true);
        }
        if !is_parted {
            take(&text[word..at], WordHash::of(&bytes[word..at]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_parts_of_its_words() {
        let text = "Pay-ment (in %)\x0b+/- x9,5\t3.5 Z\nA \u{fb01}rst caf\u{e9}-Au\n";
        let print = Print::new(text, &[]);
        let mut vocabulary = Vocabulary::default();
        for (index, line) in print.lines.iter().enumerate() {
            let numbers = vocabulary.parts_of_line(&print, index);
            let text_of = |number: &u32| vocabulary.text(&vocabulary.words[*number as usize]);
            let parts: Vec<&str> = numbers.iter().map(text_of).collect();
            assert_eq!(parts, parts_of(line.body.slice(text)));
        }
    }

    #[test]
    fn parts_have_one_number_each_however_many_share_a_hash() {
        let mut vocabulary = Vocabulary::default();
        let parts: Vec<String> = (0..3 * WordHash::SHORT).map(|number| format!("part{number}")).collect();
        let all_alike: Vec<String> = parts.iter().take(4 * MOST_OF_ONE_HASH).cloned().collect();
        for (parts, hash_of) in [
            (&parts, (|part| WordHash::of(part.as_bytes())) as fn(&String) -> WordHash),
            (&all_alike.iter().map(|part| format!("{part}x")).collect(), |_| WordHash::of(b"7")),
        ] {
            let first = vocabulary.words.len();
            for _ in 0..2 {
                for (place, part) in parts.iter().enumerate() {
                    let number = vocabulary.number(part, hash_of(part)) as usize;
                    assert_eq!(
                        (number, vocabulary.text(&vocabulary.words[number])),
                        (first + place, part.as_str())
                    );
                }
            }
        }
        assert!(vocabulary.numbers.len() >= all_alike.len() - MOST_OF_ONE_HASH);
    }

    /// The words that a line begins with.
    fn first_words(line: &str) -> impl Iterator<Item = &str> {
        let words = line.split([' ', '\t']);
        words.filter(|word| !word.is_empty()).take(FIRST_WORDS)
    }

    /// The first part of a printed word of ASCII, in letters as printed.
    fn first_part(word: &str) -> &str {
        let part = word.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric());
        let end = part.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(part.len());
        if part.is_empty() { word } else { &part[..end] }
    }

    #[test]
    fn first_words_are_hashed_as_their_first_parts_are() {
        for line in ["Date  Pay-ment\t(in) % 7", "+/- -a- x9,5", "caf\u{e9} au", "", "a b c d e f"] {
            let first = FirstWords::of(line, Span::new(0, line.len()));
            let words: Vec<&str> = first_words(line).collect();
            assert_eq!(usize::from(first.count), words.len());
            assert_eq!(first.is_open, words.iter().any(|word| !word.is_ascii()));
            for (word, (part, hash)) in words.iter().zip(first.parts(line)).filter(|_| !first.is_open) {
                assert_eq!(part, first_part(word), "{line:?}");
                let part = part.to_ascii_lowercase();
                assert_eq!(hash, WordHash::of(part.as_bytes()).short(), "{line:?}");
            }
            assert!(first.is_open || first.parts(line).count() == words.len());
        }
    }
}
