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

mod filter;
mod search;
mod vocabulary;

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::print::Print;
use crate::schema::{Field, HeaderText, Schema};
use crate::text::{Span, word_spans};
use filter::{WordFilter, WordHash};
use search::Search;
pub(crate) use vocabulary::Vocabulary;
use vocabulary::{for_each_part, is_shaped, parts_of};

/// One of so many words of a line must be wanted.
const LINE_SHARE: usize = 2;
/// Blank lines in a row that a header may hold: some extractors print one after every cell.
const BLANK_LINES: usize = 2;
/// Words this similar are one word, with letters confused or ligatures lost.
const SAME_WORD: f32 = 0.8;
/// Likeness that is not worth measuring.
const BELOW_SAME_WORD: f32 = 0.79;
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

/// Lines that may be a printed header, and what they are ranked by.
#[derive(Clone, Debug)]
struct Cluster {
    lines: Range<usize>,
    coverage: f32,
    purity: f32,
}

impl Cluster {
    fn score(&self) -> f32 {
        self.coverage * self.purity
    }
}

/// The header words of one schema, ready to be looked for.
#[derive(Clone, Debug)]
pub(crate) struct HeadFinder {
    /// Words, sorted.
    words: Vec<String>,
    /// Those that are long enough, ready for comparison by shape, the shortest first.
    shapes: Vec<(usize, HeaderText)>,
    /// How often each word may stand in a header: in titles, in aliases and outer levels beside them.
    wanted: Vec<u32>,
    wanted_count: usize,
    /// The title words of every field, in order.
    titles: Vec<Vec<usize>>,
    filter: WordFilter,
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
        let shaped = words.iter().enumerate().filter(|(_, word)| is_shaped(word));
        let mut shapes: Vec<(usize, HeaderText)> =
            shaped.map(|(index, word)| (index, HeaderText::new(word))).collect();
        shapes.sort_by_key(|(_, shape)| shape.len());
        let filter = WordFilter::new(&words);
        let wanted_count = wanted.iter().map(|count| *count as usize).sum();
        Self { words, shapes, wanted, wanted_count, titles, filter }
    }

    /// The headers that are printed in a text, in order, without those that are chance beside the best; none if not even
    /// that scores `least`.
    pub(crate) fn find_heads(&self, print: &Print<'_>, vocabulary: &mut Vocabulary, least: f32) -> Vec<Head> {
        if self.titles.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let mut found: Vec<Cluster> = Vec::new();
        let mut search = Search::new(vocabulary, print.lines.len());
        let mut line = 0;
        while line < print.lines.len() {
            let cluster = if self.may_begin_at(print, line, &mut search) {
                self.cluster_at(print, line, &mut search)
            } else {
                None
            };
            match cluster {
                Some(cluster) => {
                    // A weak cluster may hide a better one that begins inside of it.
                    line = if cluster.coverage >= WORTH { cluster.lines.end } else { line + 1 };
                    found.push(cluster);
                }
                None => line += 1,
            }
        }
        let best = found.iter().map(Cluster::score).fold(0.0, f32::max);
        if best < least {
            return Vec::new();
        }
        found.retain(|cluster| cluster.score() >= WORTH * best && cluster.coverage > 0.0);
        let found = without_overlaps(found).into_iter();
        found.map(|cluster| self.head_of(print, cluster, &mut search)).collect()
    }

    /// Whether a header may begin at a line at all: nearly all lines are passed here.
    fn may_begin_at(&self, print: &Print<'_>, index: usize, search: &mut Search<'_>) -> bool {
        let line = print.lines.get(index);
        line.is_some_and(|line| !line.is_taken && !line.is_blank()) && self.may_match(print, index, search)
    }

    /// The cluster of header lines that begins at `first`, a line that [`Self::may_begin_at`] lets pass.
    fn cluster_at(&self, print: &Print<'_>, first: usize, search: &mut Search<'_>) -> Option<Cluster> {
        search.begin(self);
        let mut end = first;
        let (mut all, mut wanted) = (0, 0);
        let page = print.lines.get(first)?.line.page;
        for (index, line) in print.lines.iter().enumerate().skip(first) {
            if line.is_taken || line.line.page != page || index > end + BLANK_LINES {
                break;
            }
            if line.is_blank() {
                continue;
            }
            if index > first && !self.may_match(print, index, search) {
                break;
            }
            let Some(parts) = self.take_line(print, index, search) else { break };
            all += parts.len();
            for &word in &search.taken {
                search.found[word as usize] += 1;
                wanted += 1;
            }
            end = index + 1;
        }
        (end > first).then(|| Cluster {
            lines: first..end,
            coverage: self.coverage(&mut search.found),
            purity: wanted as f32 / all.max(1) as f32,
        })
    }

    /// A cluster with its words.
    fn head_of(&self, print: &Print<'_>, cluster: Cluster, search: &mut Search<'_>) -> Head {
        search.begin(self);
        let mut words: Vec<(Span, Vec<usize>)> = Vec::new();
        for index in cluster.lines.clone() {
            let Some(line) = print.lines.get(index).filter(|line| !line.is_blank()) else { continue };
            let Some(parts) = self.take_line(print, index, search) else { continue };
            let mut taken = search.words_of_parts(&parts).into_iter();
            words.extend(word_spans(print.text, line.body).map(|word| {
                let mut count = 0;
                for_each_part(word.slice(print.text), |_| count += 1);
                (word, taken.by_ref().take(count).flatten().collect())
            }));
        }
        let Cluster { lines, coverage, purity } = cluster;
        Head { lines, coverage, words: self.give_fields(words), purity }
    }

    /// Share of the titles that are printed, each by the share of its words; long titles count no more than short ones.
    /// Uses up the counts of the words.
    fn coverage(&self, left: &mut [u32]) -> f32 {
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
        if let Some(Some(known)) = search.lines.get(line) {
            return *known;
        }
        let Some(body) = print.lines.get(line).map(|line| line.body) else { return false };
        let first = search.vocabulary.first_words(print, line);
        // All at once: which of them is wanted, if any, no processor foretells.
        let has = first.hashes.map(|hash| self.filter.has(usize::from(hash)));
        let is_wanted = |(part, hash): (&str, usize)| {
            self.word_of(hash, |word| word.eq_ignore_ascii_case(part)).is_some()
        };
        let may_match = first.is_open
            || has.into_iter().fold(false, |any, has| any | has)
                && first.parts(body.slice(print.text)).any(is_wanted);
        if let Some(known) = search.lines.get_mut(line) {
            *known = Some(may_match);
        }
        may_match
    }

    /// Whether a printed word is one of the header's.
    pub(crate) fn has(&self, word: &str) -> bool {
        let parts = parts_of(word);
        !parts.is_empty() && parts.iter().all(|part| self.exact(part).is_some())
    }

    fn exact(&self, word: &str) -> Option<usize> {
        self.word_of(WordHash::of(word.as_bytes()).short(), |known| known == word)
    }

    /// The wanted word that has a short hash and is the one that is meant.
    #[inline]
    fn word_of(&self, hash: usize, is_meant: impl Fn(&str) -> bool) -> Option<usize> {
        let mut words = self.filter.words_of(hash).iter().map(|&place| place as usize);
        words.find(|&place| self.words.get(place).is_some_and(|known| is_meant(known)))
    }

    /// Takes the parts of the words of line `index` that are wanted from those that are left: `search.taken` has them. Its
    /// parts; `None`, and nothing taken, where too few of them are wanted.
    fn take_line(&self, print: &Print<'_>, index: usize, search: &mut Search<'_>) -> Option<Rc<[u32]>> {
        let line = print.lines.get(index)?;
        let least_of = |all: usize| all.div_ceil(LINE_SHARE).max(1);
        // A line of prose has more words than all titles.
        if search.left_count < least_of(line.blanks as usize + 1) && line.body.slice(print.text).is_ascii() {
            return None;
        }
        let parts = search.vocabulary.parts_of_line(print, index);
        search.take_parts(self, &parts, least_of(parts.len())).then_some(parts)
    }

    /// The wanted word that `part` is with letters confused.
    fn alike(&self, part: &HeaderText) -> Option<usize> {
        // Words of which one is more than a fifth shorter than the other are not alike.
        let length = part.len();
        let first = self.shapes.partition_point(|(_, shape)| shape.len() * 5 < length * 4);
        let near = self.shapes[first..].iter().take_while(|(_, shape)| shape.len() * 4 <= length * 5);
        let similar = near.filter_map(|(word, shape)| {
            if shape.is_fifth_apart(part) {
                return None;
            }
            let similarity = shape.similarity_above(part, BELOW_SAME_WORD);
            (similarity >= SAME_WORD).then_some((similarity, *word))
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

/// Of clusters that share lines the better one stays.
fn without_overlaps(heads: Vec<Cluster>) -> Vec<Cluster> {
    let mut kept: Vec<Cluster> = Vec::new();
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
        let heads = HeadFinder::new(&schema(titles)).find_heads(&print, &mut Vocabulary::default(), 0.0);
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
        let found = HeadFinder::new(&schema).find_heads(&print, &mut Vocabulary::default(), 0.0);
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
    fn words_of_other_lengths_are_never_alike() {
        let catalog = crate::schema::Catalog::builtin();
        let mut alike = 0;
        for finder in catalog.schemas().iter().map(|schema| HeadFinder::new(schema)) {
            // By all words, whatever their lengths.
            let slow = |part: &HeaderText| {
                let near = finder
                    .shapes
                    .iter()
                    .map(|(word, shape)| (shape.similarity_above(part, BELOW_SAME_WORD), *word));
                let near = near.filter(|(similarity, _)| *similarity >= SAME_WORD);
                near.max_by(|left, right| left.0.total_cmp(&right.0).then(right.1.cmp(&left.1)))
                    .map(|(_, word)| word)
            };
            for word in &finder.words {
                for cut in [
                    &word[..],
                    word.get(1..).unwrap_or(""),
                    &format!("{word}s"),
                    &word.replace('e', "c"),
                    &format!("{word}ing"),
                ] {
                    let part = HeaderText::new(cut);
                    let found = finder.alike(&part);
                    assert_eq!(found, slow(&part), "{cut}");
                    alike += usize::from(found.is_some());
                }
            }
        }
        assert!(alike > 100, "{alike}");
    }

    #[test]
    fn prose_and_empty_titles_are_no_header() {
        assert!(heads("The year was good and the club was glad of it.\n", &["Year", "Club"]).is_empty());
        assert!(heads("a b c\n", &["", ""]).is_empty());
    }
}
