//! An inverted index from header words to schemas.
//!
//! A word of a printed header is looked up as it is; if no schema has it, by its shape classes (see
//! [`super::similarity`]), which undoes most confusions of recognition; if that fails too, by the trigrams of
//! those shapes, which finds words with letters lost or glued on. Words weigh by their rarity among the schemas,
//! ln(1 + N/n) for a word that n of N have, so that `number` and `of` hardly count.
//!
//! The score of a schema is a weighted Dice coefficient, 2M / (Q + S): M is the weight that the printed words
//! find in it, Q the weight of all printed words, S that of the words of its titles. Aliases add to M alone, so
//! that a schema is not punished for knowing many.
//!
//! Building takes time and space linear in the words of the schemas; shapes and trigrams are kept per distinct
//! word, not per schema. A query walks the postings of its words only. The hash maps are looked into, never
//! walked through: order comes from the ids alone.

use std::collections::{BTreeSet, HashMap};

use smallvec::SmallVec;

use super::Schema;
use super::similarity::shape_of;
use super::words::normalize_words;

/// Share of its weight that a word found by its shapes keeps.
const SHAPE_STRENGTH: f32 = 0.85;

/// Share of its weight that a word found by trigrams keeps, times the Dice coefficient of the trigrams.
const TRIGRAM_STRENGTH: f32 = 0.75;

/// Dice coefficient of trigrams from which two words may be one; `nurnbers` and `number` have .57.
const TRIGRAM_FLOOR: f32 = 0.45;

/// Words that a garbled word may stand for, at most.
const ALTERNATIVES: usize = 4;

/// Weight of a printed word that no schema has, as a share of the rarest word's: prose around the header
/// comes along with it and should not drown the scores.
const UNKNOWN_SHARE: f32 = 0.5;

#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Word to word id.
    words: HashMap<Box<str>, u32>,
    /// Schemas that have the word, ascending; by word id.
    postings: Vec<SmallVec<[u32; 4]>>,
    /// By word id.
    weights: Vec<f32>,
    /// Shapes to shape id.
    shapes: HashMap<Box<str>, u32>,
    /// Words of these shapes; by shape id.
    shape_words: Vec<SmallVec<[u32; 4]>>,
    /// Number of trigrams; by shape id.
    trigram_counts: Vec<u32>,
    /// Trigram to shape ids, ascending.
    trigrams: HashMap<u64, Vec<u32>>,
    /// Weight of the words of its titles; by schema.
    sizes: Vec<f32>,
}

/// A word id and the share of its weight that counts.
type Hit = (u32, f32);

impl Index {
    pub(super) fn new<'s>(schemas: impl Iterator<Item = &'s Schema>) -> Self {
        let mut index = Self::default();
        let mut titles: Vec<Vec<u32>> = Vec::new();
        for (number, schema) in (0_u32..).zip(schemas) {
            index.add(&schema.title, number);
            let mut own = BTreeSet::new();
            for field in &schema.fields {
                let headers = field.headers();
                for (position, header) in headers.iter().enumerate() {
                    let ids = index.add(header, number);
                    own.extend(ids.into_iter().filter(|_| position == 0));
                }
            }
            titles.push(own.into_iter().collect());
        }
        let total = as_f32(titles.len());
        index.weights =
            index.postings.iter().map(|schemas| (total / as_f32(schemas.len())).ln_1p()).collect();
        index.sizes = titles.iter().map(|words| words.iter().map(|&word| index.weight(word)).sum()).collect();
        index
    }

    /// Adds the words of `text` to schema `number`; their ids.
    fn add(&mut self, text: &str, number: u32) -> SmallVec<[u32; 16]> {
        let mut ids = SmallVec::new();
        for word in normalize_words(text).iter() {
            let id = self.words.get(word).copied().unwrap_or_else(|| self.add_word(word));
            if let Some(schemas) = self.postings.get_mut(id as usize)
                && schemas.last() != Some(&number)
            {
                schemas.push(number);
            }
            ids.push(id);
        }
        ids
    }

    fn add_word(&mut self, word: &str) -> u32 {
        let id = as_u32(self.postings.len());
        self.words.insert(word.into(), id);
        self.postings.push(SmallVec::new());
        let shapes = shapes_of(word);
        let shape = self.shapes.get(shapes.as_str()).copied().unwrap_or_else(|| self.add_shape(&shapes));
        if let Some(words) = self.shape_words.get_mut(shape as usize) {
            words.push(id);
        }
        id
    }

    fn add_shape(&mut self, shapes: &str) -> u32 {
        let id = as_u32(self.shape_words.len());
        self.shapes.insert(shapes.into(), id);
        self.shape_words.push(SmallVec::new());
        let trigrams = trigrams_of(shapes);
        self.trigram_counts.push(as_u32(trigrams.len()));
        for trigram in trigrams {
            self.trigrams.entry(trigram).or_default().push(id);
        }
        id
    }

    /// Scores of the schemas that have any of the words, best first, ties by number.
    pub(super) fn search<'w>(
        &self,
        header: impl IntoIterator<Item = &'w str>,
        limit: usize,
    ) -> Vec<(usize, f32)> {
        let mut query: BTreeSet<String> = BTreeSet::new();
        for text in header {
            query.extend(normalize_words(text).iter().map(str::to_owned));
        }
        let mut scores = Scores::new(self.sizes.len());
        let mut asked = 0.0;
        for (stamp, word) in (1_u32..).zip(&query) {
            let hits = self.find(word, &mut scores.scratch);
            asked += hits.first().map_or(self.unknown_weight(), |&(id, _)| self.weight(id));
            for (id, strength) in hits {
                let gain = strength * self.weight(id);
                let schemas = self.postings.get(id as usize).map_or(&[][..], |schemas| schemas);
                scores.add(schemas, stamp, gain);
            }
        }
        scores.best(limit, |schema, found| {
            let own = self.sizes.get(schema).copied().unwrap_or(0.0);
            (2.0 * found / (asked + own)).clamp(0.0, 1.0)
        })
    }

    /// The words that a printed word may stand for, the surest first.
    fn find(&self, word: &str, scratch: &mut Scratch) -> SmallVec<[Hit; 4]> {
        if let Some(&id) = self.words.get(word) {
            return SmallVec::from_slice(&[(id, 1.0)]);
        }
        // One or two letters, and numbers, are something else when they differ at all.
        if word.chars().count() < 3 || word.bytes().all(|byte| byte.is_ascii_digit()) {
            return SmallVec::new();
        }
        let shapes = shapes_of(word);
        if let Some(&shape) = self.shapes.get(shapes.as_str()) {
            return self.words_of_shape(shape, SHAPE_STRENGTH).take(ALTERNATIVES).collect();
        }
        self.near_shapes(&shapes, scratch)
            .into_iter()
            .flat_map(|(shape, dice)| self.words_of_shape(shape, TRIGRAM_STRENGTH * dice))
            .take(ALTERNATIVES)
            .collect()
    }

    fn words_of_shape(&self, shape: u32, strength: f32) -> impl Iterator<Item = Hit> {
        let words = self.shape_words.get(shape as usize).map_or(&[][..], |words| words);
        words.iter().map(move |&word| (word, strength))
    }

    /// The shapes that have most trigrams in common with `shapes`, the nearest first.
    fn near_shapes(&self, shapes: &str, scratch: &mut Scratch) -> Vec<(u32, f32)> {
        let own = trigrams_of(shapes);
        scratch.common.resize(self.trigram_counts.len(), 0);
        for trigram in &own {
            for &shape in self.trigrams.get(trigram).map_or(&[][..], |ids| ids) {
                let common = &mut scratch.common[shape as usize];
                if *common == 0 {
                    scratch.touched.push(shape);
                }
                *common += 1;
            }
        }
        let mut near = Vec::new();
        for shape in scratch.touched.drain(..) {
            let common = std::mem::take(&mut scratch.common[shape as usize]);
            let theirs = self.trigram_counts[shape as usize] as usize;
            let dice = 2.0 * as_f32(common) / as_f32(own.len() + theirs);
            if dice >= TRIGRAM_FLOOR {
                near.push((shape, dice));
            }
        }
        near.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        near.truncate(ALTERNATIVES);
        near
    }

    fn weight(&self, word: u32) -> f32 {
        self.weights.get(word as usize).copied().unwrap_or(0.0)
    }

    fn unknown_weight(&self) -> f32 {
        UNKNOWN_SHARE * as_f32(self.sizes.len()).ln_1p()
    }
}

/// Buffers of a query.
#[derive(Default)]
struct Scratch {
    common: Vec<usize>,
    touched: Vec<u32>,
}

/// Sums by schema, with the query word that added last: of several readings of one word the best counts.
struct Scores {
    found: Vec<(f32, u32)>,
    scratch: Scratch,
}

impl Scores {
    fn new(schemas: usize) -> Self {
        Self { found: vec![(0.0, 0); schemas], scratch: Scratch::default() }
    }

    /// Adds what a word says for the schemas that have it. The words of a header are in many of them, and nothing else
    /// of a query grows with the catalog.
    fn add(&mut self, schemas: &[u32], stamp: u32, gain: f32) {
        for &schema in schemas {
            let Some((sum, last)) = self.found.get_mut(schema as usize) else { continue };
            if *last != stamp {
                (*sum, *last) = (*sum + gain, stamp);
            }
        }
    }

    /// The `limit` best, in order.
    fn best(self, limit: usize, score: impl Fn(usize, f32) -> f32) -> Vec<(usize, f32)> {
        let mut best: Vec<(usize, f32)> = Vec::new();
        for (schema, (found, last)) in self.found.iter().enumerate() {
            if *last == 0 {
                continue;
            }
            let score = score(schema, *found);
            let is_before =
                |other: &(usize, f32)| other.1.total_cmp(&score).then(schema.cmp(&other.0)).is_gt();
            // Nearly all are worse than the last that is kept.
            if best.len() >= limit && best.last().is_none_or(|last| score < last.1 || is_before(last)) {
                continue;
            }
            let place = best.partition_point(is_before);
            best.insert(place, (schema, score));
            best.truncate(limit);
        }
        best
    }
}

fn shapes_of(word: &str) -> String {
    // Pairs that look like one letter, as in headers, but for whole words only.
    word.replace("rn", "m").replace("vv", "w").chars().map(shape_of).collect()
}

/// The distinct trigrams of a word, its ends marked, each packed into an integer.
fn trigrams_of(word: &str) -> Vec<u64> {
    let marked: Vec<char> = std::iter::once('^').chain(word.chars()).chain(std::iter::once('$')).collect();
    let pack = |window: &[char]| {
        window.iter().fold(0, |packed, &letter| packed << 21 | u64::from(u32::from(letter)))
    };
    let mut trigrams: Vec<u64> = marked.windows(3).map(pack).collect();
    trigrams.sort_unstable();
    trigrams.dedup();
    trigrams
}

#[allow(clippy::cast_precision_loss)] // Counts of words and schemas; the scores are estimates.
fn as_f32(count: usize) -> f32 {
    count as f32
}

/// Ids are 32 bits wide; a catalog of four thousand million words does not fit in memory before that.
fn as_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_best_are_those_of_a_sort(gains in prop::collection::vec(0u8..6, 0..40), limit in 0usize..20) {
            let mut scores = Scores::new(gains.len());
            gains.iter().zip(0..).for_each(|(gain, schema)| scores.add(&[schema], 1, f32::from(*gain)));
            let mut sorted: Vec<(usize, f32)> = gains.iter().map(|gain| f32::from(*gain)).enumerate().collect();
            sorted.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
            sorted.truncate(limit);
            prop_assert_eq!(scores.best(limit, |_, found| found), sorted);
        }
    }
}
