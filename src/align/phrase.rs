//! Phrases: a run of words cut into labels that the schema knows, or into what the document prints alone somewhere
//! else, a name in prose or a cell.
//!
//! The document is searched for each of the run's words, once. Where one may begin a phrase it is followed as far
//! as the document goes on as the run does; what then ends at a boundary is a phrase. The run is cut into the fewest
//! phrases that cover it, or not at all: `least[j] = min over phrases (i, j) of least[i] + 1`, quadratic in the words,
//! whose number is bounded. Linear in the document, and the passes of a document are bounded ([`Adjacency`]).

use std::collections::BTreeSet;
use std::ops::Bound;

use memchr::memmem;

use super::adjacency::Adjacency;
use super::run::Run;
use crate::column::model::{ColumnModel, normalized};
use crate::text::Span;

/// Longer runs are left to the cut.
const MAX_WORDS: usize = 64;
/// Longer runs of labels are left to the cut.
const MAX_LABEL_WORDS: usize = 80;
/// Longer phrases are not followed.
const MAX_PHRASE: usize = 12;
/// Marks that stand inside names: what they join is no phrase of its own.
const INNER_MARKS: [char; 6] = ['&', '-', '/', '\'', '’', '.'];

/// Cuts a run into phrases that the document prints alone elsewhere; `None` where they do not cover it.
pub(crate) fn standing_phrases(run: &Run<'_>, words: &[Span], witness: &Adjacency<'_>) -> Option<Vec<Span>> {
    let may_begin: Vec<bool> = words.iter().map(|word| begins_name(word.slice(&run.text))).collect();
    let names = may_begin.iter().filter(|begins| **begins).count();
    if names < 2 || may_begin.first() != Some(&true) || words.len() > MAX_WORDS {
        return None;
    }
    let texts: Vec<&str> = words.iter().map(|word| word.slice(&run.text)).collect();
    witness.pass()?;
    let own = run.source(Span::new(0, run.text.len()));
    let phrases = phrases_of(&texts, &may_begin, witness, &own);
    fewest_pieces(words, |first, end| phrases.contains(&(first, end)))
}

/// Whether a word may begin a name: a capital letter, or a letter of a script that has none.
fn begins_name(word: &str) -> bool {
    word.chars().next().is_some_and(|first| first.is_alphabetic() && !first.is_lowercase())
}

/// The phrases of the words, from and to, that stand alone in the document outside `own`.
fn phrases_of(
    words: &[&str],
    may_begin: &[bool],
    witness: &Adjacency<'_>,
    own: &[Span],
) -> BTreeSet<(usize, usize)> {
    let document = witness.text();
    let mut phrases = BTreeSet::new();
    for (first, word) in words.iter().enumerate().filter(|(index, _)| may_begin[*index]) {
        for &start in &*witness.places(word, |text| beginnings(word, text)) {
            let span = Span::new(start, start + word.len());
            if own.iter().any(|own| own.overlaps(span)) {
                continue;
            }
            let (end, at) = follow(words, first, document, span.end);
            if ends_phrase(&document[at..]) {
                phrases.insert((first, end));
            }
        }
    }
    phrases
}

/// Where a word stands in the document and may begin a phrase.
fn beginnings(word: &str, document: &str) -> Vec<usize> {
    let finder = memmem::Finder::new(word);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(offset) = document.as_bytes().get(from..).and_then(|rest| finder.find(rest)) {
        let start = from + offset;
        found.extend(begins_phrase(&document[..start]).then_some(start));
        from = start + 1;
    }
    found
}

/// How far the document goes on as the words do: the word behind the last that agrees, and the place in the document.
fn follow(words: &[&str], first: usize, document: &str, mut at: usize) -> (usize, usize) {
    let mut end = first + 1;
    while let Some(word) = words.get(end).filter(|_| end - first < MAX_PHRASE) {
        let Some(rest) = document[at..].strip_prefix([' ', '\n']) else { break };
        let Some(behind) = rest.strip_prefix(*word) else { break };
        if behind.chars().next().is_some_and(char::is_alphanumeric) {
            break;
        }
        at = document.len() - behind.len();
        end += 1;
    }
    (end, at)
}

/// Whether a phrase may begin behind this text: behind a mark, a line's or a cell's end, or a word in lower case.
fn begins_phrase(before: &str) -> bool {
    let line = before.trim_end_matches(' ');
    let Some(last) = line.chars().next_back() else { return true };
    if !last.is_alphanumeric() {
        return !INNER_MARKS.contains(&last);
    }
    let is_apart = line.len() < before.len();
    let word = line.rsplit(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
    is_apart && word.chars().next().is_some_and(char::is_lowercase)
}

/// Whether a phrase may end before this text.
fn ends_phrase(after: &str) -> bool {
    let line = after.trim_start_matches(' ');
    let Some(first) = line.chars().next() else { return true };
    let is_apart = line.len() < after.len();
    if !first.is_alphanumeric() {
        return first == '.' && line[1..].starts_with([' ', '\n']) || !INNER_MARKS.contains(&first);
    }
    is_apart && first.is_lowercase()
}

/// Cuts words into labels that the schema knows, or values of its list, and nothing else.
pub(crate) fn known_pieces(
    text: &str,
    words: &[Span],
    labels: &BTreeSet<String>,
    model: &ColumnModel,
) -> Option<Vec<Span>> {
    if labels.is_empty() && model.values.is_empty() {
        return None;
    }
    if words.len() < 2 || words.len() > MAX_LABEL_WORDS {
        return None;
    }
    // Most runs begin as no label does.
    let first = normalized(words[0].slice(text));
    if !begins_some(labels, &first) && !begins_some(&model.values, &first) {
        return None;
    }
    fewest_pieces(words, |first, end| {
        let folded = normalized(words[first].cover(words[end - 1]).slice(text));
        labels.contains(&folded) || model.values.contains(&folded)
    })
}

/// Whether a text of a set begins so.
fn begins_some(texts: &BTreeSet<String>, start: &str) -> bool {
    let from = (Bound::Included(start), Bound::Unbounded);
    texts.range::<str, _>(from).next().is_some_and(|text| text.starts_with(start))
}

/// The fewest pieces, two at least, that cover all words. `is_piece`: whether the words from one to before another are
/// a piece; asked only where the words before them are covered.
fn fewest_pieces(words: &[Span], is_piece: impl Fn(usize, usize) -> bool) -> Option<Vec<Span>> {
    let mut least: Vec<Option<(usize, usize)>> = vec![None; words.len() + 1];
    least[0] = Some((0, 0));
    for end in 1..=words.len() {
        // Of equally few the one with the shortest last piece.
        for first in (0..end).rev() {
            let Some((count, _)) = least[first] else { continue };
            if least[end].is_none_or(|(known, _)| count + 1 < known) && is_piece(first, end) {
                least[end] = Some((count + 1, first));
            }
        }
    }
    let mut pieces = Vec::new();
    let mut end = words.len();
    while end > 0 {
        let (_, first) = least[end]?;
        pieces.push(words[first].cover(words[end - 1]));
        end = first;
    }
    pieces.reverse();
    (pieces.len() > 1).then_some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::cut::words_of;

    fn cut(run: &str, elsewhere: &str) -> Option<Vec<String>> {
        let document = format!("{run}\n{elsewhere}");
        let witness = Adjacency::new(&document);
        let run = Run::single(&document, Span::new(0, run.len()));
        let pieces = standing_phrases(&run, &words_of(&run.text), &witness)?;
        Some(pieces.iter().map(|piece| piece.slice(&run.text).to_owned()).collect())
    }

    #[test]
    fn names_that_prose_lists_are_pieces() {
        let prose = "held by Northgate Holdings, Wu Tian and Anna\nBerg, as set out below:";
        let pieces = cut("Northgate Holdings Wu Tian Anna Berg", prose).unwrap();
        assert_eq!(pieces, ["Northgate Holdings", "Wu Tian", "Anna Berg"]);
    }

    #[test]
    fn words_that_stand_in_longer_names_are_none() {
        assert_eq!(
            cut("Northgate Holdings Wu Tian", "held by Northgate Holdings Limited and Wu Tian."),
            None
        );
        assert_eq!(cut("Northgate Holdings Wu Tian", "held by Great Northgate Holdings and Wu Tian."), None);
        assert_eq!(cut("Wu Tian", "held by Wu Tian, and Tian."), None);
    }

    #[test]
    fn words_inside_themselves_are_found_too() {
        assert_eq!(beginnings("A,A", "A,A,A xA,A A,A"), [0, 2]);
        assert_eq!(beginnings("Wu", "by Wu, Wu; of Wu Wu"), [3, 7, 14]);
    }

    #[test]
    fn a_run_is_no_witness_of_itself() {
        assert_eq!(cut("Wu Tian Anna Berg", "nobody else"), None);
    }
}
