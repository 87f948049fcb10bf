//! Where the titles of a schema's fields stand among the words of a torn text.

use std::collections::BTreeSet;

use crate::schema::Schema;
use crate::undelimited::words::{Break, Word, Words};

/// A title of a field, printed in these words.
#[derive(Clone, Copy, Debug)]
pub(super) struct TitleMatch {
    pub(super) field: usize,
    pub(super) end: usize,
    /// Bits that reading the words as this title saves.
    pub(super) gain: f32,
}

/// The titles that start at each word, and which words stand in any title.
#[derive(Clone, Debug, Default)]
pub(super) struct Titles {
    pub(super) starts: Vec<Vec<TitleMatch>>,
    pub(super) is_title_word: Vec<bool>,
    /// Fields that have a title to be printed.
    pub(super) is_titled: Vec<bool>,
}

/// Bits that one word of a title is worth: a word of running text is about one in a thousand, less what short
/// words and numbers are expected anyway.
const WORD_GAIN: f32 = 5.0;
const NUMBER_GAIN: f32 = 3.0;
/// A title broken by a blank line.
const BROKEN_TITLE: f32 = 3.0;

impl Titles {
    pub(super) fn find(text: &str, words: &Words, schema: &Schema) -> Self {
        let printed: Vec<String> = words.words.iter().map(|word| folded(word.span.slice(text))).collect();
        let mut starts = vec![Vec::new(); printed.len()];
        let mut vocabulary = BTreeSet::new();
        let mut is_titled = Vec::new();
        for (field, described) in schema.fields.iter().enumerate() {
            let mut has_title = false;
            for header in printed_headers(described) {
                let wanted: Vec<String> = header.split_whitespace().map(folded).collect();
                if wanted.is_empty() {
                    continue;
                }
                has_title = true;
                vocabulary.extend(wanted.iter().cloned());
                for (first, starting) in starts.iter_mut().enumerate() {
                    starting.extend(match_at(words, &printed, first, &wanted, field));
                }
            }
            is_titled.push(has_title);
        }
        let is_title_word = printed.iter().map(|word| vocabulary.contains(word)).collect();
        Self { starts, is_title_word, is_titled }
    }
}

/// Everything printed as the field's header; nothing where the column has no header.
fn printed_headers(field: &crate::schema::Field) -> Vec<String> {
    let has_one = !field.title.trim().is_empty() || !field.aliases.is_empty() || !field.header.is_empty();
    if has_one { field.headers() } else { Vec::new() }
}

fn match_at(
    words: &Words,
    printed: &[String],
    first: usize,
    wanted: &[String],
    field: usize,
) -> Option<TitleMatch> {
    let end = first + wanted.len();
    if printed.get(first..end)? != wanted {
        return None;
    }
    let mut gain = 0.0;
    for (offset, word) in wanted.iter().enumerate() {
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        gain += if is_number || word.chars().count() < 3 { NUMBER_GAIN } else { WORD_GAIN };
        if offset > 0 {
            match words.words[first + offset].before {
                Break::Page => return None,
                Break::Blank => gain -= BROKEN_TITLE,
                _ => {}
            }
        }
    }
    Some(TitleMatch { field, end, gain })
}

/// Whether at least two fields have their titles printed somewhere among the words, and at least half of those that
/// have one.
pub(super) fn are_printed(text: &str, words: &Words, schema: &Schema) -> bool {
    let (mut titled, mut printed) = (0, 0);
    for field in &schema.fields {
        let headers = printed_headers(field);
        titled += usize::from(!headers.is_empty());
        let is_printed = headers.iter().any(|header| {
            let wanted: Vec<String> = header.split_whitespace().map(folded).collect();
            // Long texts are looked through here: what is plain is compared as it stands.
            let matches = |(word, wanted): (&Word, &String)| match word.span.slice(text) {
                print if print.is_ascii() => print.eq_ignore_ascii_case(wanted),
                print => folded(print) == *wanted,
            };
            !wanted.is_empty()
                && words.words.windows(wanted.len()).any(|window| window.iter().zip(&wanted).all(matches))
        });
        printed += usize::from(is_printed);
    }
    printed >= 2 && printed * 2 >= titled
}

/// Lower case, without compatibility forms.
fn folded(word: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.nfkc().flat_map(char::to_lowercase).collect()
}
