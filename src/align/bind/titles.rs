//! Headers ready for comparison: those printed over the columns of a grid, and those of the fields of a schema.

use std::sync::OnceLock;

use super::MAX_FIELDS_PER_COLUMN;
use crate::align::boxhead::{Boxhead, HeadColumn};
use crate::column::model::ColumnModel;
use crate::schema::{Field, HeaderText, Pattern, Schema};

/// In wider tables printed headers have no patterns: each takes two kilobytes, and a table is held to its own size.
const PATTERN_COLUMNS: usize = 32;

/// The printed header of a grid: for every column the ways in which it may be meant, ready for comparison.
pub(crate) struct PrintedHead<'a> {
    pub(crate) head: &'a Boxhead,
    pub(super) variants: Vec<Vec<Title>>,
    pub(super) leaves: Vec<Option<Title>>,
    /// Columns with nothing at the innermost level: what stands over them may be a spanner alone.
    pub(super) open: Vec<bool>,
}

/// A header ready for comparison, with the years that it names.
#[derive(Clone, Debug)]
pub(crate) struct Title {
    text: HeaderText,
    years: Vec<u16>,
    /// Whether it is a printed header, which is compared with those of many fields.
    is_patterned: bool,
    /// Its pattern, made when it is first compared letter by letter.
    pattern: OnceLock<Option<Box<Pattern>>>,
}

impl Title {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: HeaderText::new(text),
            years: years(text),
            is_patterned: false,
            pattern: OnceLock::new(),
        }
    }

    /// A printed header among `columns`.
    fn printed(text: &str, columns: usize) -> Self {
        Self { is_patterned: columns <= PATTERN_COLUMNS, ..Self::new(text) }
    }

    /// Likeness of two headers, 0 to 1: their similarity, but headers of different years are of different
    /// columns.
    pub(super) fn likeness(&self, other: &Self) -> f32 {
        let pattern = || self.pattern.get_or_init(|| Pattern::new(&self.text).map(Box::new)).as_deref();
        let similar = match if self.is_patterned { pattern() } else { None } {
            Some(pattern) => pattern.similarity(&self.text, &other.text),
            None => self.text.similarity(&other.text),
        };
        let apart = !self.years.is_empty()
            && !other.years.is_empty()
            && !self.years.iter().any(|year| other.years.contains(year));
        if apart && similar > 0.3 { similar * 0.3 } else { similar }
    }

    /// What the likeness is at most, by what is known without comparing letters.
    fn likeness_at_most(&self, other: &Self) -> f32 {
        self.text.similarity_at_most(&other.text)
    }
}

/// How exactly two headers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// Letter by letter.
    Exact,
    /// What their likeness is at most, by counts of their letters.
    AtMost,
}

impl Comparison {
    /// The likeness of the two headers that resemble each other most.
    pub(super) fn best<'a>(self, printed: &[Title], wanted: impl IntoIterator<Item = &'a Title>) -> f32 {
        let mut best = 0.0f32;
        for right in wanted {
            for left in printed {
                let most = left.likeness_at_most(right);
                if self == Self::AtMost {
                    best = best.max(most);
                } else if most > best {
                    best = best.max(left.likeness(right));
                }
            }
        }
        best
    }
}

impl<'a> PrintedHead<'a> {
    pub(crate) fn new(text: &str, head: &'a Boxhead) -> Self {
        let count = head.columns.len();
        let leaves = head
            .columns
            .iter()
            .map(|column| column.leaf().map(|leaf| Title::printed(leaf.slice(text), count)))
            .collect();
        let variants = head.columns.iter().map(|column| printed_variants(text, column, count)).collect();
        let is_innermost = |column: &HeadColumn| {
            column.cells.iter().any(|cell| !cell.is_spanner && cell.level + 1 == head.rows)
        };
        let open = head.columns.iter().map(|column| !is_innermost(column)).collect();
        Self { head, variants, leaves, open }
    }
}

/// The ways in which the header of a column may be meant: its leaf, each level, the whole path.
fn printed_variants(text: &str, head: &HeadColumn, columns: usize) -> Vec<Title> {
    let mut variants: Vec<String> = Vec::with_capacity(3);
    variants.extend(head.leaf().map(|leaf| leaf.slice(text).to_owned()));
    if head.cells.len() > 1 {
        variants.push(head.joined(text));
    }
    for cell in head.cells.iter().filter(|cell| !cell.is_spanner || head.leaf().is_none()) {
        variants.push(cell.span.slice(text).to_owned());
    }
    variants.sort_unstable();
    variants.dedup();
    variants.iter().map(|variant| Title::printed(variant, columns)).collect()
}

/// The headers of a schema's fields, ready for comparison, and the types of their values.
#[derive(Debug, Default)]
pub(crate) struct FieldTitles {
    /// For every field, the headers it may be printed under alone.
    pub(super) single: Vec<Vec<Title>>,
    /// For every field, what it and the 1, 2, 3 fields behind it may be printed under together; made when asked for.
    pub(super) several: Vec<[OnceLock<Vec<Title>>; MAX_FIELDS_PER_COLUMN - 1]>,
    /// For every field, its title and that of the next as one.
    pub(super) merged: Vec<OnceLock<Title>>,
    /// For every field, the model of a column that holds it, in tables whose thousands are not separated by blanks, and
    /// in those whose are; made when asked for.
    models: [OnceLock<Vec<ColumnModel>>; 2],
}

impl FieldTitles {
    pub(crate) fn new(schema: &Schema) -> Self {
        let single = schema.fields.iter().map(|field| {
            let mut titles: Vec<String> = vec![field.title.clone()];
            titles.extend(field.aliases.iter().cloned());
            if !field.header.is_empty() {
                titles.push(field.header.join(" "));
                titles.extend(field.header.last().cloned());
            }
            titles.sort_unstable();
            titles.dedup();
            titles.iter().map(|title| Title::new(title)).collect()
        });
        let count = schema.fields.len();
        Self {
            single: single.collect(),
            several: (0..count).map(|_| Default::default()).collect(),
            merged: (0..count).map(|_| OnceLock::new()).collect(),
            models: Default::default(),
        }
    }

    /// The models of the columns that hold the fields of `schema`, whose titles these are.
    pub(super) fn models(&self, schema: &Schema, groups_by_blank: bool) -> &[ColumnModel] {
        self.models[usize::from(groups_by_blank)].get_or_init(|| {
            let model = |field| ColumnModel { groups_by_blank, ..ColumnModel::of_field(field, schema) };
            schema.fields.iter().map(model).collect()
        })
    }
}
/// What several fields in one printed column stand under: their titles in a row, or what their header paths share.
pub(super) fn several_titles(fields: &[Field]) -> Vec<Title> {
    let joined = fields.iter().map(|field| field.title.as_str()).collect::<Vec<_>>().join(" ");
    let shared = fields[0].header.iter().zip(&fields[1].header).take_while(|(left, right)| left == right);
    let mut titles = vec![Title::new(&joined)];
    titles.extend(by_level(fields).map(|title| Title::new(&title)));
    titles.extend(shared.last().map(|(last, _)| Title::new(last)));
    titles
}

/// The titles of several fields as a header of several levels prints them in one column: level by level, `2019 2018`
/// over `EUR EUR`; `None` where they are one word, or do not have the same number of words.
fn by_level(fields: &[Field]) -> Option<String> {
    let words: Vec<Vec<&str>> = fields.iter().map(|field| field.title.split_whitespace().collect()).collect();
    let levels = words.first()?.len();
    let is_regular = levels > 1 && words.iter().all(|words| words.len() == levels);
    let level = |level: usize| words.iter().map(move |words| words[level]).collect::<Vec<_>>().join(" ");
    is_regular.then(|| (0..levels).map(level).collect::<Vec<_>>().join(" "))
}
/// The years that a header names.
fn years(text: &str) -> Vec<u16> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|run| run.len() == 4 && (run.starts_with("19") || run.starts_with("20")))
        .filter_map(|run| run.parse().ok())
        .collect()
}
