//! Where the header words of a schema stand in a text.
//!
//! Readers of undelimited print look for a table where its header is printed: on one line or over many, a level a
//! line or a word a line, in any order, a second time on the next page. So a header is found as a *cluster* of
//! lines whose words are wanted: a line belongs to it if at least half of its words are words of the schema's
//! titles, aliases or header paths that the cluster has not used up yet. The *coverage* of a cluster is the share of
//! the titles that it holds; its *purity* the share of its words that are wanted.
//!
//! Words are compared in lower case and compatibility form, cut at punctuation, words of five letters and more also
//! by shape (see [`crate::schema::HeaderText`]) once their line has a word in common with the schema. Time linear in
//! the text: of each line four words are looked up before the line is taken apart, and a line is left as soon as what
//! is still unknown of it cannot make half of its words wanted.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::rc::Rc;

use unicode_normalization::UnicodeNormalization;

use super::print::Print;
use crate::schema::{Field, HeaderText, Schema};
use crate::text::Span;

/// Share of a line's words that must be wanted.
const LINE_SHARE: f32 = 0.5;
/// Words at the start of a line of which one must be wanted: a header line that begins with more foreign words is
/// hardly ever printed, and prose is skipped at once.
const FIRST_WORDS: usize = 4;
/// Blank lines in a row that a header may hold: some extractors print one after every cell.
const BLANK_LINES: usize = 2;
/// Words this similar are one word, with letters confused or ligatures lost.
const SAME_WORD: f32 = 0.8;
/// Likeness that is not worth measuring.
const BELOW_SAME_WORD: f32 = 0.79;
/// Letters of the shortest word that is compared by shape; shorter ones resemble each other by chance.
const SHAPED_LETTERS: usize = 5;
/// Clusters below this share of the best one are chance.
const WORTH: f32 = 0.6;

/// One printed word of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeadWord {
    /// Where it is printed.
    pub(crate) span: Span,
    /// The field whose title it belongs to; none for words of a spanner and for foreign words.
    pub(crate) field: Option<usize>,
}

/// A printed header.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Head {
    /// Its lines, as indices of [`Print::lines`].
    pub(crate) lines: Range<usize>,
    /// All words of these lines, in the order of print.
    pub(crate) words: Vec<HeadWord>,
    /// Share of the titles that are printed here, 0 to 1.
    pub(crate) coverage: f32,
    /// Share of the words here that the schema knows, 0 to 1.
    pub(crate) purity: f32,
}

impl Head {
    /// What heads are ranked by.
    pub(crate) fn score(&self) -> f32 {
        self.coverage * self.purity
    }

    /// The words of one field, in the order of print.
    pub(crate) fn words_of(&self, field: usize) -> impl Iterator<Item = Span> {
        self.words.iter().filter(move |word| word.field == Some(field)).map(|word| word.span)
    }
}

/// The header words of one schema, ready to be looked for.
#[derive(Clone, Debug)]
pub(crate) struct HeadFinder {
    /// Words, sorted.
    words: Vec<String>,
    /// The same ready for comparison by shape, where they are long enough.
    shapes: Vec<Option<HeaderText>>,
    /// How often each word may stand in a header: in titles, in aliases and outer levels beside them.
    wanted: Vec<u32>,
    /// The title words of every field, in order.
    titles: Vec<Vec<usize>>,
    filter: WordFilter,
}

/// A Bloom filter over words: tells of nearly all printed words that they are not wanted, without allocation.
#[derive(Clone, Debug)]
struct WordFilter {
    bits: [u64; 64],
}

impl WordFilter {
    fn new(words: &[String]) -> Self {
        let mut filter = Self { bits: [0; 64] };
        for word in words {
            let hash = Self::hash(word.bytes());
            filter.bits[hash >> 6] |= 1 << (hash & 63);
        }
        filter
    }

    fn has(&self, hash: usize) -> bool {
        self.bits[hash >> 6] & (1 << (hash & 63)) != 0
    }

    /// Twelve bits of FNV-1a.
    fn hash(bytes: impl Iterator<Item = u8>) -> usize {
        Self::fold(bytes.fold(Self::START, Self::mix))
    }

    const START: u32 = 0x811c_9dc5;

    const fn mix(hash: u32, byte: u8) -> u32 {
        (hash ^ byte as u32).wrapping_mul(0x0100_0193)
    }

    const fn fold(hash: u32) -> usize {
        (hash >> 20) as usize
    }
}

impl HeadFinder {
    /// Takes the titles of a schema apart.
    pub(crate) fn new(schema: &Schema) -> Self {
        let mut titles: Vec<Vec<String>> = Vec::new();
        let mut beside: BTreeMap<String, u32> = BTreeMap::new();
        let is_titled = |field: &Field| {
            !field.title.trim().is_empty() || !field.header.is_empty() || !field.aliases.is_empty()
        };
        // A schema without any title means its names; a single field without one has an empty header.
        let has_titles = schema.fields.iter().any(is_titled);
        for field in &schema.fields {
            let headers = if is_titled(field) || !has_titles { field.headers() } else { Vec::new() };
            let title = headers.first().map(|title| parts_of(title)).unwrap_or_default();
            // Of the other prints of a header every word may stand as often as the one that has it most often.
            let mut most: BTreeMap<String, u32> = BTreeMap::new();
            for header in headers.iter().skip(1) {
                let mut counts: BTreeMap<String, u32> = BTreeMap::new();
                for word in parts_of(header) {
                    *counts.entry(word).or_default() += 1;
                }
                for (word, count) in counts {
                    let known = title.iter().filter(|other| **other == word).count();
                    let more = count.saturating_sub(u32::try_from(known).unwrap_or(u32::MAX));
                    let entry = most.entry(word).or_default();
                    *entry = (*entry).max(more);
                }
            }
            for (word, count) in most {
                *beside.entry(word).or_default() += count;
            }
            titles.push(title);
        }
        let mut words: Vec<String> = titles.iter().flatten().chain(beside.keys()).cloned().collect();
        words.sort_unstable();
        words.dedup();
        let index = |word: &String| words.binary_search(word).unwrap_or(0);
        let titles: Vec<Vec<usize>> = titles.iter().map(|title| title.iter().map(index).collect()).collect();
        let mut wanted = vec![0; words.len()];
        for &word in titles.iter().flatten() {
            wanted[word] += 1;
        }
        for (word, count) in &beside {
            wanted[index(word)] += *count;
        }
        let shape = |word: &String| is_shaped(word).then(|| HeaderText::new(word));
        let shapes = words.iter().map(shape).collect();
        let filter = WordFilter::new(&words);
        Self { words, shapes, wanted, titles, filter }
    }

    /// The headers that are printed in a text, in order, without those that are chance beside the best.
    pub(crate) fn find_heads(&self, print: &Print<'_>, vocabulary: &mut Vocabulary) -> Vec<Head> {
        if self.titles.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let mut heads = Vec::new();
        let mut search = Search { vocabulary, known: Vec::new() };
        let mut line = 0;
        while line < print.lines.len() {
            let cluster = if self.may_begin_at(print, line, &mut search) {
                self.cluster_at(print, line, &mut search)
            } else {
                None
            };
            match cluster {
                Some(head) => {
                    // A weak cluster may hide a better one that begins inside of it.
                    line = if head.coverage >= WORTH { head.lines.end } else { line + 1 };
                    heads.push(head);
                }
                None => line += 1,
            }
        }
        let best = heads.iter().map(Head::score).fold(0.0, f32::max);
        heads.retain(|head| head.score() >= WORTH * best && head.coverage > 0.0);
        without_overlaps(heads)
    }

    /// Whether a header may begin at a line at all: nearly all lines are passed here.
    fn may_begin_at(&self, print: &Print<'_>, index: usize, search: &mut Search<'_>) -> bool {
        let line = print.lines.get(index);
        line.is_some_and(|line| !line.is_taken && !line.is_blank()) && self.may_match(print, index, search)
    }

    /// The cluster of header lines that begins at `first`.
    fn cluster_at(&self, print: &Print<'_>, first: usize, search: &mut Search<'_>) -> Option<Head> {
        let mut left = self.wanted.clone();
        let mut words: Vec<(Span, Vec<Option<usize>>)> = Vec::new();
        let mut end = first;
        let page = print.lines.get(first)?.line.page;
        for (index, line) in print.lines.iter().enumerate().skip(first) {
            if line.is_taken || line.line.page != page || index > end + BLANK_LINES {
                break;
            }
            if line.is_blank() {
                if index == first {
                    break;
                }
                continue;
            }
            if !self.may_match(print, index, search) {
                break;
            }
            let Some(taken) = self.take_line(print, index, &mut left, search) else { break };
            words.extend(taken);
            end = index + 1;
        }
        if end == first {
            return None;
        }
        let mut found = vec![0_u32; self.words.len()];
        let known = words.iter().flat_map(|(_, parts)| parts.iter().flatten());
        known.for_each(|&word| found[word] += 1);
        let all: usize = words.iter().map(|(_, parts)| parts.len()).sum();
        let wanted: u32 = found.iter().sum();
        let words = words.into_iter().map(|(span, parts)| (span, parts.into_iter().flatten().collect()));
        let words = self.give_fields(words.collect());
        Some(Head {
            lines: first..end,
            coverage: self.coverage(&found),
            words,
            purity: wanted as f32 / all.max(1) as f32,
        })
    }

    /// Share of the titles that are printed, each by the share of its words; long titles count no more than short ones.
    fn coverage(&self, found: &[u32]) -> f32 {
        let mut left = found.to_vec();
        let mut covered = 0.0;
        let mut count = 0;
        for title in self.titles.iter().filter(|title| !title.is_empty()) {
            let mut printed = 0;
            for &word in title {
                if let Some(left) = left.get_mut(word).filter(|left| **left > 0) {
                    *left -= 1;
                    printed += 1;
                }
            }
            covered += printed as f32 / title.len() as f32;
            count += 1;
        }
        covered / count.max(1) as f32
    }

    /// Whether one of the first words of a line may be wanted as it stands.
    fn may_match(&self, print: &Print<'_>, line: usize, search: &mut Search<'_>) -> bool {
        let Some(body) = print.lines.get(line).map(|line| line.body) else { return false };
        let first = search.vocabulary.first_words(print, line);
        let hashes = first.hashes.iter().take(usize::from(first.count)).map(|hash| usize::from(*hash));
        let is_wanted = |(word, hash): (&str, usize)| {
            self.filter.has(hash) && self.exact_of(&first_part(word).to_ascii_lowercase(), hash).is_some()
        };
        first.is_open
            || hashes.clone().any(|hash| self.filter.has(hash))
                && first_words(print.text, body).zip(hashes).any(is_wanted)
    }

    /// Whether a printed word is one of the header's.
    pub(crate) fn has(&self, word: &str) -> bool {
        let parts = parts_of(word);
        !parts.is_empty() && parts.iter().all(|part| self.exact(part).is_some())
    }

    fn exact(&self, word: &str) -> Option<usize> {
        self.exact_of(word, WordFilter::hash(word.bytes()))
    }

    fn exact_of(&self, word: &str, hash: usize) -> Option<usize> {
        if !self.filter.has(hash) {
            return None;
        }
        self.words.binary_search_by(|known| known.as_str().cmp(word)).ok()
    }

    /// The words of line `index`, each with its parts: the wanted word that a part is, taken from `left`. `None`, and
    /// nothing taken, where too few of the parts are wanted.
    fn take_line(
        &self,
        print: &Print<'_>,
        index: usize,
        left: &mut [u32],
        search: &mut Search<'_>,
    ) -> Option<Vec<(Span, Vec<Option<usize>>)>> {
        let line = print.lines.get(index)?;
        let is_hopeless =
            |wanted: usize, all: usize| wanted == 0 || (wanted as f32) < LINE_SHARE * all as f32;
        // A line of prose has more words than all titles.
        let most: usize = left.iter().map(|count| *count as usize).sum();
        if line.body.slice(print.text).is_ascii() && is_hopeless(most, line.blanks as usize + 1) {
            return None;
        }
        let parts = search.vocabulary.parts_of_line(print, index);
        let all = parts.len();
        let exact = parts.iter().map(|part| search.exact(self, *part));
        let mut known: Vec<Option<usize>> = exact.collect();
        let is_open = |part: &usize| known[*part].is_none() && search.may_be_alike(parts[*part]);
        let open: Vec<usize> = (0..all).filter(is_open).collect();
        // What is wanted as it stands, and what may be.
        let mut trial = left.to_vec();
        let mut wanted = open.len() + take(&known, &mut trial).flatten().count();
        for part in open {
            if is_hopeless(wanted, all) {
                return None;
            }
            known[part] = search.alike(self, parts[part]);
            wanted -= usize::from(known[part].is_none());
        }
        trial.copy_from_slice(left);
        let taken: Vec<Option<usize>> = take(&known, &mut trial).collect();
        if is_hopeless(taken.iter().flatten().count(), all) {
            return None;
        }
        left.copy_from_slice(&trial);
        let mut taken = taken.into_iter();
        let words = word_spans(print.text, line.body).map(|word| {
            let mut count = 0;
            for_each_part(word.slice(print.text), |_| count += 1);
            (word, taken.by_ref().take(count).collect())
        });
        Some(words.collect())
    }

    /// The wanted word that `part` is with letters confused.
    fn alike(&self, part: &str) -> Option<usize> {
        let part = HeaderText::new(part);
        let similar = self.shapes.iter().enumerate().filter_map(|(word, shape)| {
            let shape = shape.as_ref().filter(|shape| shape.may_be_above(&part, BELOW_SAME_WORD))?;
            let similarity = shape.similarity_above(&part, BELOW_SAME_WORD);
            (similarity >= SAME_WORD).then_some((similarity, word))
        });
        similar
            .max_by(|left, right| left.0.total_cmp(&right.0).then(right.1.cmp(&left.1)))
            .map(|(_, word)| word)
    }

    /// Gives every word the field whose title has it: the field of the word before if it still lacks it, else the
    /// next one that does.
    fn give_fields(&self, words: Vec<(Span, Vec<usize>)>) -> Vec<HeadWord> {
        let mut left = self.titles.clone();
        let count = left.len();
        let mut current = 0;
        let mut given = Vec::with_capacity(words.len());
        for (span, parts) in words {
            let mut field = None;
            for word in parts {
                let order = (0..count).map(|step| (current + step) % count);
                let owner = order
                    .into_iter()
                    .find(|&owner| left.get(owner).is_some_and(|title| title.contains(&word)));
                let Some(owner) = owner else { continue };
                if let Some(title) = left.get_mut(owner)
                    && let Some(place) = title.iter().position(|other| *other == word)
                {
                    title.remove(place);
                }
                current = owner;
                field = field.or(Some(owner));
            }
            given.push(HeadWord { span, field });
        }
        given
    }
}

/// Whether a word is long enough to be compared by shape.
fn is_shaped(word: &str) -> bool {
    word.chars().filter(|letter| letter.is_alphabetic()).nth(SHAPED_LETTERS - 1).is_some()
}

/// The words as long as they are left.
fn take<'l>(
    words: &'l [Option<usize>],
    left: &'l mut [u32],
) -> impl Iterator<Item = Option<usize>> + use<'l> {
    words.iter().map(|word| {
        let word = (*word)?;
        let count = left.get_mut(word).filter(|count| **count > 0)?;
        *count -= 1;
        Some(word)
    })
}

/// The parts of the words of a text, numbered, for the lines that anybody asked for: most lines of a text begin with
/// words of no schema, and those that do not are asked for by many.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    numbers: HashMap<Box<str>, u32>,
    words: Vec<Part>,
    lines: HashMap<usize, Rc<[u32]>>,
    /// Of every line, once it was asked for.
    firsts: Vec<Option<FirstWords>>,
}

/// A part of a word.
#[derive(Clone, Debug)]
struct Part {
    text: Box<str>,
    /// As [`WordFilter`] has it.
    hash: usize,
    /// Whether it is long enough to be compared by shape.
    is_shaped: bool,
}

/// What the words are that a line begins with.
#[derive(Clone, Copy, Debug, Default)]
struct FirstWords {
    /// Of the first part of each, as [`WordFilter`] has it.
    hashes: [u16; FIRST_WORDS],
    count: u8,
    /// Whether a word beyond ASCII is among them, whose parts are not looked for here.
    is_open: bool,
}

impl FirstWords {
    fn of(text: &str, line: Span) -> Self {
        let mut first = Self::default();
        let bytes = line.slice(text).as_bytes();
        let class_at =
            |at: usize| bytes.get(at).map_or(ByteKind::Blank, |byte| BYTE_KINDS[usize::from(*byte)]);
        let mut at = 0;
        for own in &mut first.hashes {
            while at < bytes.len() && class_at(at) == ByteKind::Blank {
                at += 1;
            }
            let word = at;
            while matches!(class_at(at), ByteKind::Mark | ByteKind::Beyond) {
                first.is_open |= class_at(at) == ByteKind::Beyond;
                at += 1;
            }
            let part = at;
            let mut hash = WordFilter::START;
            while class_at(at) == ByteKind::Letter {
                hash = WordFilter::mix(hash, bytes[at].to_ascii_lowercase());
                at += 1;
            }
            if at == part {
                // Marks alone are a part themselves.
                hash =
                    bytes[word..at].iter().fold(WordFilter::START, |hash, byte| WordFilter::mix(hash, *byte));
            }
            while class_at(at) != ByteKind::Blank {
                first.is_open |= class_at(at) == ByteKind::Beyond;
                at += 1;
            }
            if at == word {
                break;
            }
            *own = WordFilter::fold(hash) as u16;
            first.count += 1;
        }
        first
    }
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

/// The words that a line begins with.
fn first_words(text: &str, line: Span) -> impl Iterator<Item = &str> {
    let words = line.slice(text).split([' ', '\t']);
    words.filter(|word| !word.is_empty()).take(FIRST_WORDS)
}

/// The first part of a printed word of ASCII, in letters as printed.
fn first_part(word: &str) -> &str {
    let part = word.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let end = part.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(part.len());
    if part.is_empty() { word } else { &part[..end] }
}

impl Vocabulary {
    /// The parts of the words of a line, in order.
    fn parts_of_line(&mut self, print: &Print<'_>, index: usize) -> Rc<[u32]> {
        if let Some(known) = self.lines.get(&index) {
            return Rc::clone(known);
        }
        let mut parts = Vec::new();
        let line = print.lines.get(index).map_or(Span::empty(0), |line| line.body);
        for word in word_spans(print.text, line) {
            for_each_part(word.slice(print.text), |part| parts.push(self.number(part)));
        }
        let parts: Rc<[u32]> = parts.into();
        self.lines.insert(index, Rc::clone(&parts));
        parts
    }

    fn first_words(&mut self, print: &Print<'_>, index: usize) -> FirstWords {
        if self.firsts.len() <= index {
            self.firsts.resize(print.lines.len(), None);
        }
        let body = print.lines.get(index).map_or(Span::empty(0), |line| line.body);
        let known = self.firsts.get_mut(index);
        known.map_or_else(FirstWords::default, |known| {
            *known.get_or_insert_with(|| FirstWords::of(print.text, body))
        })
    }

    fn number(&mut self, part: &str) -> u32 {
        if let Some(number) = self.numbers.get(part) {
            return *number;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.numbers.insert(part.into(), number);
        let (hash, is_shaped) = (WordFilter::hash(part.bytes()), is_shaped(part));
        self.words.push(Part { text: part.into(), hash, is_shaped });
        number
    }
}

/// What a part of a printed word is to a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// This wanted word, as it stands.
    Exact(usize),
    /// Not asked yet for its likeness.
    Open,
    /// This wanted word, with letters confused.
    Alike(usize),
    Foreign,
}

/// The search for the headers of one schema in one text.
struct Search<'v> {
    vocabulary: &'v mut Vocabulary,
    /// By the number of the part, as far as asked for.
    known: Vec<Option<Known>>,
}

impl Search<'_> {
    /// The wanted word that a part is as it stands.
    fn exact(&mut self, finder: &HeadFinder, part: u32) -> Option<usize> {
        let part = part as usize;
        if self.known.len() <= part {
            self.known.resize(self.vocabulary.words.len(), None);
        }
        let word = self.vocabulary.words.get(part)?;
        let known =
            self.known.get_mut(part)?.get_or_insert_with(|| match finder.exact_of(&word.text, word.hash) {
                Some(wanted) => Known::Exact(wanted),
                None if word.is_shaped => Known::Open,
                None => Known::Foreign,
            });
        if let Known::Exact(wanted) = known { Some(*wanted) } else { None }
    }

    fn may_be_alike(&self, part: u32) -> bool {
        matches!(self.known.get(part as usize), Some(Some(Known::Open | Known::Alike(_))))
    }

    /// The wanted word that a part is with letters confused.
    fn alike(&mut self, finder: &HeadFinder, part: u32) -> Option<usize> {
        let part = part as usize;
        let known = self.known.get_mut(part)?;
        if *known == Some(Known::Open) {
            let word = self.vocabulary.words.get(part)?;
            *known = Some(finder.alike(&word.text).map_or(Known::Foreign, Known::Alike));
        }
        if let Some(Known::Alike(wanted)) = known { Some(*wanted) } else { None }
    }
}

/// Of heads that share lines the better one stays.
fn without_overlaps(heads: Vec<Head>) -> Vec<Head> {
    let mut kept: Vec<Head> = Vec::new();
    for head in heads {
        match kept.last() {
            Some(last) if last.lines.end > head.lines.start => {
                if head.score() > last.score() {
                    kept.pop();
                    kept.push(head);
                }
            }
            _ => kept.push(head),
        }
    }
    kept
}

/// The runs between white space in a line.
pub(crate) fn word_spans(text: &str, line: Span) -> impl Iterator<Item = Span> {
    let mut at = line.start;
    std::iter::from_fn(move || {
        let rest = text.get(at..line.end)?;
        let start = at + rest.find(|letter: char| !letter.is_whitespace())?;
        let word = text.get(start..line.end)?;
        at = start + word.find(char::is_whitespace).unwrap_or(word.len());
        Some(Span::new(start, at))
    })
}

/// The parts of a printed word or title in the form in which they compare: runs of letters and digits, in lower case;
/// a word without any, such as `%` or `+/-`, is a part itself.
fn parts_of(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for word in text.split_whitespace() {
        for_each_part(word, |part| parts.push(part.to_owned()));
    }
    parts
}

/// Calls `take` with every part of a word, which has no blanks.
fn for_each_part(word: &str, mut take: impl FnMut(&str)) {
    let folded: Cow<'_, str> = if !word.is_ascii() {
        word.nfkc().flat_map(char::to_lowercase).collect::<String>().into()
    } else if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        word.to_ascii_lowercase().into()
    } else {
        word.into()
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Field;

    fn schema(titles: &[&str]) -> Schema {
        let field = |title: &&str| Field { title: (*title).into(), ..Field::new(*title) };
        Schema { name: "s".into(), fields: titles.iter().map(field).collect(), ..Schema::default() }
    }

    fn heads(text: &str, titles: &[&str]) -> Vec<(Range<usize>, Vec<Option<usize>>)> {
        let print = Print::new(text, &[]);
        let heads = HeadFinder::new(&schema(titles)).find_heads(&print, &mut Vocabulary::default());
        heads
            .into_iter()
            .map(|head| (head.lines, head.words.iter().map(|word| word.field).collect()))
            .collect()
    }

    #[test]
    fn a_header_on_one_line_and_again() {
        let text = "Prose about the club and its year.\nYear Club Goals\n1991 Linz 7\n\x0cYear Club Goals\n1992 Graz 9\n";
        let fields = vec![Some(0), Some(1), Some(2)];
        assert_eq!(heads(text, &["Year", "Club", "Goals"]), [(1..2, fields.clone()), (4..5, fields)]);
    }

    #[test]
    fn first_words_are_hashed_as_their_first_parts_are() {
        for line in ["Date  Pay-ment\t(in) % 7", "+/- -a- x9,5", "caf\u{e9} au", "", "a b c d e f"] {
            let first = FirstWords::of(line, Span::new(0, line.len()));
            let words: Vec<&str> = first_words(line, Span::new(0, line.len())).collect();
            assert_eq!(usize::from(first.count), words.len());
            assert_eq!(first.is_open, words.iter().any(|word| !word.is_ascii()));
            for (word, hash) in words.iter().zip(first.hashes).filter(|_| !first.is_open) {
                let part = first_part(word).to_ascii_lowercase();
                assert_eq!(usize::from(hash), WordFilter::hash(part.bytes()), "{line:?}");
            }
        }
    }

    #[test]
    fn a_header_word_by_word() {
        let text = "Votes\nfor the\nUnion\nVotes\nfor the\nLeague\nTurnout\nLinz\n4\n5\n9%\n";
        let found = heads(text, &["Votes for the Union", "Votes for the League", "Turnout"]);
        let fields = [0, 0, 0, 0, 1, 1, 1, 1, 2].map(Some).to_vec();
        assert_eq!(found, [(0..7, fields)]);
    }

    #[test]
    fn outer_levels_belong_to_it_without_a_field() {
        let mut schema = schema(&["2019", "2018"]);
        for field in &mut schema.fields {
            field.aliases = vec![format!("Year ended June 30, {}", field.title)];
        }
        let print =
            Print::new("For the years 2019 and 2018.\nYear ended\nJune 30,\n2019 2018\nRent 4 5\n", &[]);
        let found = HeadFinder::new(&schema).find_heads(&print, &mut Vocabulary::default());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].lines.clone(), found[0].coverage), (1..4, 1.0));
        assert_eq!(found[0].words_of(1).collect::<Vec<_>>().len(), 1);
        assert_eq!(found[0].words[0].field, None);
    }

    #[test]
    fn ligatures_and_confused_letters() {
        let text = "O\u{fb03}cer Balancc\nSmith 4\n";
        assert_eq!(heads(text, &["Officer", "Balance"]), [(0..1, vec![Some(0), Some(1)])]);
    }

    #[test]
    fn prose_and_empty_titles_are_no_header() {
        assert!(heads("The year was good and the club was glad of it.\n", &["Year", "Club"]).is_empty());
        assert!(heads("a b c\n", &["", ""]).is_empty());
    }
}
