//! Costs in bits of one round: what the columns are expected to hold, and what the gaps between words testify, learned
//! from the reading of the round before.
//!
//! All costs are relative to prose: a word costs `-log2(P(word | column) / P(word | prose))`. Per column there are
//! - shapes: `P(first shape)`, `P(shape | shape before)`, `P(end | shape, place)`, smoothed by the type's shares;
//! - words: a mixture of the column's own words, its forms, and any word at all, `P(word | column, shape)`;
//!   whether a word ends a cell, where that word is known;
//! - phrases: whole cells that stand in the column already, or anywhere in the table, or in the schema's list;
//! - blanks, and the width in characters at which its cells wrap.
//!
//! What a cell testifies for itself is taken off before it is measured (leave one out), or the first guess would
//! confirm itself.

use std::collections::HashMap;

use smallvec::SmallVec;

use super::column::{Column, Kind, PROSE, end_share, first_shapes, next_shapes};
use super::shape::{SHAPES, Shape};
use super::words::{GAPS, Words};

/// Places in a cell that are told apart for its end.
pub(super) const PLACES: usize = 5;

/// A cell of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// First word and the word after the last.
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) column: u16,
    /// Whether it is the first cell of its row.
    pub(super) opens_row: bool,
}

/// What a line end or blank stands for: inside a cell, between the cells of a row, between rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    Inside,
    Cells,
    Rows,
}

/// Whether a word's own cell teaches the shapes that it is measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// While learning: a reading that begins to form holds together.
    Keep,
    /// For the comparison of readings: each word by what the others teach.
    LeaveOut,
}

/// How often the gaps stand for each joint, before any is learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// A line a row.
    Flattened,
    /// A cell a line.
    Stacked,
    /// Narrow columns: most cells break.
    Wrapped,
}

impl Style {
    // Blank, wide, line, indented, trailing, empty, page, glued.
    const fn shares(self) -> [[f32; GAPS]; 3] {
        match self {
            Self::Flattened => [
                [0.92, 0.01, 0.05, 0.005, 0.01, 0.003, 0.002, 0.004],
                [0.88, 0.04, 0.06, 0.01, 0.002, 0.005, 0.003, 0.002],
                [0.002, 0.002, 0.92, 0.02, 0.01, 0.03, 0.016, 0.0005],
            ],
            Self::Stacked => [
                [0.77, 0.01, 0.18, 0.005, 0.03, 0.003, 0.002, 0.004],
                [0.08, 0.02, 0.84, 0.04, 0.005, 0.01, 0.005, 0.002],
                [0.004, 0.002, 0.914, 0.02, 0.01, 0.03, 0.02, 0.0005],
            ],
            Self::Wrapped => [
                [0.57, 0.01, 0.36, 0.005, 0.05, 0.003, 0.002, 0.004],
                [0.38, 0.02, 0.54, 0.04, 0.005, 0.01, 0.005, 0.002],
                [0.004, 0.002, 0.914, 0.02, 0.01, 0.03, 0.02, 0.0005],
            ],
        }
    }
}

/// Bits of the gaps in prose.
const PROSE_GAPS: [f32; GAPS] = [0.13, 6.0, 3.7, 3.7, 3.7, 5.0, 5.0, 8.0];

/// Weights of the smoothing, in cells or words.
const SHAPE_WEIGHT: f32 = 3.0;
const BLANK_WEIGHT: f32 = 5.0;
const GAP_WEIGHT: f32 = 12.0;
/// Bits of a word of a known shape in prose: one of a few hundred.
const WORD_BITS: f32 = 8.0;
/// Words of grammar and short numbers are fewer.
const STOP_BITS: f32 = 4.0;
/// Shares of a word's mixture: known words, known forms.
const KNOWN_WORD: f32 = 0.45;
const KNOWN_FORM: f32 = 0.3;
/// Share of the cells that repeat a whole cell of their column, and of the table.
const REPEATS_COLUMN: f32 = 0.35;
const REPEATS_TABLE: f32 = 0.06;
/// Share of the cells that stand in the schema's list of values, where there is one.
const LISTED: f32 = 0.9;
/// Bits of a cell that does not stand in the list.
pub(super) const UNLISTED: f32 = 7.0;
/// Share of rows that hold their first cell alone, before any is seen.
const GROUP_ROWS: f32 = 0.04;
const BLANK: f32 = 0.15;
const BLANK_REQUIRED: f32 = 0.002;
/// A cell that breaks though its next word had fitted its column.
const EARLY_WRAP: f32 = 7.0;
/// Share of a column's width that a line with its next word must reach; fonts are proportional.
const FULL: f32 = 0.86;

/// How often words of a shape at a place end their cells, and the share that is expected of them.
#[derive(Clone, Copy, Debug, Default)]
struct EndCounts {
    all: f32,
    last: f32,
    expected: f32,
}

/// What a word was in a reading.
#[derive(Clone, Copy, Debug)]
struct OwnWord {
    column: u16,
    place: u8,
    is_last: bool,
}

/// Costs of one round.
pub(super) struct Costs {
    pub(super) width: usize,
    first: Vec<[f32; SHAPES]>,
    next: Vec<[[f32; SHAPES]; SHAPES]>,
    /// Share of ends by column, shape and place.
    end: Vec<[[EndCounts; PLACES]; SHAPES]>,
    /// What each word was in the reading that taught.
    own: Vec<Option<OwnWord>>,
    leaves_out: bool,
    /// Bits of every word as the first of a cell and further on, by word and column.
    lexical: Vec<[f32; 2]>,
    /// How often a word stands in the column, and ends its cells, by word and column.
    ends: Vec<[u16; 2]>,
    /// Whole cells by their hash.
    phrases: HashMap<u64, Phrase>,
    cells: Vec<f32>,
    cell_count: f32,
    /// Whether a phrase begins with the word, by the word's id.
    begins_phrase: Vec<bool>,
    pub(super) fill: Vec<f32>,
    /// Bits of blanks in all columns before.
    pub(super) blanks_before: Vec<f32>,
    pub(super) group: f32,
    gaps: [[f32; GAPS]; 3],
    widths: Vec<f32>,
    has_values: Vec<bool>,
    /// Columns that are called text and are expected to hold values.
    holds_values: Vec<bool>,
    /// Whether the first column holds labels, and the next one values.
    pub(super) has_labels: bool,
}

/// A text that stands alone as a cell somewhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Phrase {
    /// How often in which column.
    columns: SmallVec<[(u16, u32); 2]>,
    total: u32,
    /// The columns whose list of values has it, with the bits of one value of the list.
    listed: SmallVec<[(u16, f32); 1]>,
}

/// Hashes by which phrases are found: of the letters without blanks, so that pieces concatenate.
#[derive(Clone, Debug, Default)]
pub(super) struct PhraseHashes {
    /// Hash and shift of every word.
    words: Vec<(u64, u64)>,
}

const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// The hash of a text's letters, and the factor by which what stands before it is shifted.
fn hash_of(text: &str) -> (u64, u64) {
    let letters = text.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase);
    letters.fold((0, 1), |(hash, shift), letter| {
        (hash.wrapping_mul(BASE).wrapping_add(u64::from(u32::from(letter)) + 1), shift.wrapping_mul(BASE))
    })
}

impl PhraseHashes {
    pub(super) fn new(text: &str, words: &Words) -> Self {
        Self { words: words.words.iter().map(|word| hash_of(word.span.slice(text))).collect() }
    }

    /// The hash of a phrase with one word more.
    pub(super) fn extend(&self, hash: u64, word: usize) -> u64 {
        let (more, shift) = self.words.get(word).copied().unwrap_or_default();
        hash.wrapping_mul(shift).wrapping_add(more)
    }

    fn of(&self, start: usize, end: usize) -> u64 {
        (start..end).fold(0, |hash, word| self.extend(hash, word))
    }
}

fn bits(share: f32) -> f32 {
    -share.max(1e-6).log2()
}

/// Bits of a word in prose once its shape is known.
fn word_bits(shape: Shape, length: u16) -> f32 {
    match shape {
        Shape::Stop | Shape::Nil | Shape::Sign | Shape::Year => STOP_BITS,
        Shape::Integer => (3.3 * f32::from(length)).min(WORD_BITS),
        Shape::Percent => (3.3 * f32::from(length.saturating_sub(1))).clamp(1.0, WORD_BITS),
        _ => WORD_BITS,
    }
}

impl Costs {
    /// The costs that a reading teaches; no cells: those of the types alone.
    pub(super) fn learn(
        words: &Words,
        hashes: &PhraseHashes,
        columns: &[Column],
        cells: &[Cell],
        style: Style,
        rule: Rule,
    ) -> Self {
        let counts = Counts::of(words, columns.len(), cells);
        let leaves_out = rule == Rule::LeaveOut;
        let width = columns.len();
        let mut costs = Self {
            width,
            first: Vec::with_capacity(width),
            next: Vec::with_capacity(width),
            end: Vec::with_capacity(width),
            leaves_out,
            own: Vec::new(),
            lexical: Vec::new(),
            ends: Vec::new(),
            phrases: HashMap::new(),
            cells: counts.columns.iter().map(|seen| seen.cells as f32).collect(),
            cell_count: cells.len().max(1) as f32,
            begins_phrase: vec![false; words.id_count],
            fill: Vec::with_capacity(width),
            blanks_before: vec![0.0],
            group: 0.0,
            gaps: gap_bits(words, cells, style),
            widths: counts.widths.clone(),
            has_values: columns.iter().map(|column| !column.values.is_empty()).collect(),
            holds_values: columns.iter().map(|column| column.kind == Kind::Value).collect(),
            has_labels: matches!(columns, [first, next, ..]
                if first.kind == Kind::Text && first.required && !matches!(next.kind, Kind::Text | Kind::Date)),
        };
        for (column, seen) in columns.iter().zip(&counts.columns) {
            costs.learn_shapes(column.kind, seen);
            costs.learn_blanks(column, seen, counts.rows);
        }
        let groups = counts.group_rows as f32 + BLANK_WEIGHT * GROUP_ROWS;
        costs.group = bits(groups / (counts.rows as f32 + BLANK_WEIGHT));
        costs.learn_words(words, &counts, cells);
        costs.learn_phrases(words, hashes, columns, cells);
        costs
    }

    fn learn_shapes(&mut self, kind: Kind, seen: &ColumnCounts) {
        let (start, inner) = (first_shapes(kind), next_shapes(kind));
        let cells = seen.cells as f32;
        let mut first = [0.0; SHAPES];
        for (shape, cost) in first.iter_mut().enumerate() {
            let share = (seen.first[shape] as f32 + SHAPE_WEIGHT * start[shape]) / (cells + SHAPE_WEIGHT);
            *cost = bits(share) - bits(PROSE[shape]);
        }
        let inner_words: u32 = seen.next.iter().flatten().sum();
        let mut base = [0.0; SHAPES];
        for (shape, share) in base.iter_mut().enumerate() {
            let count: u32 = seen.next.iter().map(|after| after[shape]).sum();
            *share = (count as f32 + SHAPE_WEIGHT * inner[shape]) / (inner_words as f32 + SHAPE_WEIGHT);
        }
        let mut next = [[0.0; SHAPES]; SHAPES];
        for (before, costs) in next.iter_mut().enumerate() {
            let total: u32 = seen.next[before].iter().sum();
            for (shape, cost) in costs.iter_mut().enumerate() {
                let count = seen.next[before][shape] as f32 + SHAPE_WEIGHT * base[shape];
                *cost = bits(count / (total as f32 + SHAPE_WEIGHT)) - bits(PROSE[shape]);
            }
        }
        let mut end = [[EndCounts::default(); PLACES]; SHAPES];
        let words: u32 = seen.ends.iter().flatten().map(|[all, _]| all).sum();
        for (shape, places) in end.iter_mut().enumerate() {
            let (all, last) = seen.ends[shape].iter().fold((0, 0), |(all, last), [a, l]| (all + a, last + l));
            for (place, share) in places.iter_mut().enumerate() {
                let typical = end_share(kind, SHAPE_LIST[shape], place);
                let column = (cells + SHAPE_WEIGHT * typical) / (words as f32 + SHAPE_WEIGHT);
                let by_shape =
                    (last as f32 + SHAPE_WEIGHT * 0.5 * (typical + column)) / (all as f32 + SHAPE_WEIGHT);
                let [all, last] = seen.ends[shape][place].map(|count| count as f32);
                *share = EndCounts { all, last, expected: by_shape };
            }
        }
        self.first.push(first);
        self.next.push(next);
        self.end.push(end);
    }

    fn learn_blanks(&mut self, column: &Column, seen: &ColumnCounts, rows: u32) {
        let prior = if column.required { BLANK_REQUIRED } else { BLANK };
        let blanks = rows.saturating_sub(seen.cells) as f32;
        let learned = ((blanks + BLANK_WEIGHT * prior) / (rows as f32 + BLANK_WEIGHT)).clamp(0.001, 0.99);
        // Required words may be printed elsewhere, for the whole of a table. A required value is not: rows without it
        // are misread, and teach nothing.
        let share = if column.required && column.kind != Kind::Text { prior } else { learned };
        self.fill.push(bits(1.0 - share));
        let before = self.blanks_before.last().copied().unwrap_or(0.0);
        self.blanks_before.push(before + bits(share));
    }

    fn learn_words(&mut self, words: &Words, counts: &Counts, cells: &[Cell]) {
        let width = self.width;
        self.lexical = vec![[0.0; 2]; words.len() * width];
        self.ends = vec![[0; 2]; words.len() * width];
        self.own = vec![None; words.len()];
        for cell in cells {
            for word in cell.start..cell.end {
                let place = u8::try_from(word - cell.start).unwrap_or(u8::MAX);
                if let Some(own) = self.own.get_mut(word as usize) {
                    *own = Some(OwnWord { column: cell.column, place, is_last: word + 1 == cell.end });
                }
            }
        }
        for index in 0..words.len() {
            self.take_off(words, counts, index);
        }
        for (index, word) in words.words.iter().enumerate() {
            let id_count = words.id_counts.get(word.id as usize).copied().unwrap_or(0);
            let form_count = words.form_counts.get(word.form as usize).copied().unwrap_or(0);
            if id_count < 2 && form_count < 2 {
                continue;
            }
            for column in 0..width {
                let Some(seen) = counts.columns.get(column) else { continue };
                let mine = self.own[index].filter(|own| usize::from(own.column) == column);
                for place in 0..2 {
                    let is_mine = mine.is_some_and(|own| (own.place == 0) == (place == 0));
                    let less = u32::from(is_mine);
                    let in_shape = seen.shapes[place][word.shape as usize].saturating_sub(less) as f32;
                    let with_id = seen.word(place, word.id).saturating_sub(less) as f32;
                    let with_form = seen.form(place, word.form).saturating_sub(less) as f32;
                    let all_shape = counts.shapes[word.shape as usize] as f32;
                    let known_word = KNOWN_WORD * in_shape / (in_shape + 2.0);
                    let known_form = KNOWN_FORM * in_shape / (in_shape + 2.0);
                    let total = in_shape.max(1.0);
                    let share_form = form_count as f32 / all_shape.max(1.0);
                    let ratio = known_word * with_id / total * word_bits(word.shape, word.length).exp2()
                        + known_form * (with_form / total) / share_form.max(1e-3)
                        + (1.0 - known_word - known_form);
                    self.lexical[index * width + column][place] += bits(ratio);
                }
                let less = u32::from(mine.is_some());
                let is_end = u32::from(mine.is_some_and(|own| own.is_last));
                let all = (seen.word(0, word.id) + seen.word(1, word.id)).saturating_sub(less);
                let last = seen.last(word.id).saturating_sub(is_end);
                self.ends[index * width + column] =
                    [all, last].map(|count| u16::try_from(count).unwrap_or(u16::MAX));
            }
        }
    }

    /// Takes off what the word itself taught of its shape.
    fn take_off(&mut self, words: &Words, counts: &Counts, index: usize) {
        let Some(own) = self.own[index].filter(|_| self.leaves_out) else { return };
        let column = usize::from(own.column);
        let (Some(word), Some(seen)) = (words.words.get(index), counts.columns.get(column)) else { return };
        let shape = word.shape as usize;
        let (count, total, place) = match index.checked_sub(1).and_then(|before| words.words.get(before)) {
            Some(before) if own.place > 0 => {
                let before = before.shape as usize;
                (seen.next[before][shape] as f32, seen.next[before].iter().sum::<u32>() as f32, 1)
            }
            _ => (seen.first[shape] as f32, seen.cells as f32, 0),
        };
        let cost = match place {
            0 => self.first[column][shape],
            _ => self.next[column][words.words[index - 1].shape as usize][shape],
        };
        // The smoothed share again, without the word: share = (count + prior) / (total + weight).
        let share = (-(cost + bits(PROSE[shape]))).exp2();
        let prior = (share * (total + SHAPE_WEIGHT) - count).max(0.0);
        let without = ((count - 1.0).max(0.0) + prior) / ((total - 1.0).max(0.0) + SHAPE_WEIGHT);
        self.lexical[index * self.width + column][place] += bits(without) - bits(share);
    }

    fn learn_phrases(&mut self, words: &Words, hashes: &PhraseHashes, columns: &[Column], cells: &[Cell]) {
        for cell in cells {
            if let Some(word) = words.words.get(cell.start as usize) {
                self.begins_phrase[word.id as usize] = true;
            }
            let entry = self.phrases.entry(hashes.of(cell.start as usize, cell.end as usize)).or_default();
            entry.total += 1;
            match entry.columns.iter_mut().find(|(column, _)| *column == cell.column) {
                Some((_, count)) => *count += 1,
                None => entry.columns.push((cell.column, 1)),
            }
        }
        for (index, column) in columns.iter().enumerate() {
            for value in &column.values {
                let entry = self.phrases.entry(hash_of(value).0).or_default();
                entry.listed.push((
                    u16::try_from(index).unwrap_or(u16::MAX),
                    bits(LISTED / column.values.len() as f32),
                ));
            }
        }
    }

    /// Whether a phrase may begin with the word `index`.
    pub(super) fn may_begin_phrase(&self, words: &Words, index: usize) -> bool {
        self.has_values.contains(&true)
            || words
                .words
                .get(index)
                .is_some_and(|word| self.begins_phrase.get(word.id as usize) == Some(&true))
    }

    /// The phrase of this hash, if it is known.
    pub(super) fn phrase(&self, hash: u64) -> Option<&Phrase> {
        self.phrases.get(&hash)
    }

    /// Bits of a whole cell that is a known phrase; `own` is the column where the phrase itself was read before.
    pub(super) fn phrase_bits(&self, phrase: &Phrase, column: usize, own: Option<u16>) -> Option<f32> {
        let is_here = |owner: u16| usize::from(owner) == column;
        if let Some((_, bits)) = phrase.listed.iter().find(|(owner, _)| is_here(*owner)) {
            return Some(*bits);
        }
        let here = phrase.columns.iter().find(|(owner, _)| is_here(*owner)).map_or(0, |(_, count)| *count);
        let here = here - u32::from(own.is_some_and(is_here)).min(here);
        let everywhere = phrase.total - u32::from(own.is_some()).min(phrase.total);
        if everywhere == 0 {
            return None;
        }
        let cells = self.cells.get(column).copied().unwrap_or(0.0);
        Some(bits(
            REPEATS_COLUMN * here as f32 / (cells + 1.0)
                + REPEATS_TABLE * everywhere as f32 / self.cell_count,
        ))
    }

    /// Whether the column has a list of values.
    pub(super) fn has_values(&self, column: usize) -> bool {
        self.has_values.get(column).copied().unwrap_or(false)
    }

    /// Whether the column is called text, and expected to hold values.
    pub(super) fn holds_values(&self, column: usize) -> bool {
        self.holds_values.get(column).copied().unwrap_or(false)
    }

    /// Bits of a gap that stands for a joint, relative to prose.
    pub(super) fn gap(&self, joint: Joint, words: &Words, index: usize) -> f32 {
        let Some(word) = words.words.get(index) else { return 0.0 };
        let before = index.checked_sub(1).and_then(|before| words.words.get(before));
        let ends_label =
            joint != Joint::Rows && word.gap.is_line() && before.is_some_and(|before| before.has_colon);
        self.gaps[joint as usize][word.gap as usize] + if ends_label { AFTER_COLON } else { 0.0 }
    }

    /// Bits of the word `index` as the first of a cell.
    pub(super) fn first_word(&self, words: &Words, index: usize, column: usize) -> f32 {
        let Some(word) = words.words.get(index) else { return 0.0 };
        self.first[column][word.shape as usize] + self.lexical[index * self.width + column][0]
    }

    /// Bits of the word `index` after the word before it in one cell.
    pub(super) fn next_word(&self, words: &Words, index: usize, column: usize) -> f32 {
        let (Some(before), Some(word)) = (words.words.get(index.wrapping_sub(1)), words.words.get(index))
        else {
            return 0.0;
        };
        self.next[column][before.shape as usize][word.shape as usize]
            + self.lexical[index * self.width + column][1]
    }

    /// Bits of ending and of not ending a cell after the word `index`, its `place`-th.
    pub(super) fn end_word(&self, words: &Words, index: usize, column: usize, place: usize) -> (f32, f32) {
        let Some(word) = words.words.get(index) else { return (0.0, 0.0) };
        let at = place.min(PLACES - 1);
        let mut counts = self.end[column][word.shape as usize][at];
        if self.leaves_out
            && let Some(own) = self.own[index]
            && usize::from(own.column) == column
            && usize::from(own.place).min(PLACES - 1) == at
        {
            counts.all -= 1.0;
            counts.last -= if own.is_last { 1.0 } else { 0.0 };
        }
        let mut share = (counts.last + 2.0 * counts.expected) / (counts.all + 2.0);
        let [all, last] = self.ends[index * self.width + column];
        if all > 0 {
            share = (f32::from(last) + 2.0 * share) / (f32::from(all) + 2.0);
        }
        let share = share.clamp(0.004, 0.996);
        let open = if word.is_open { OPEN_END } else { 0.0 };
        (bits(share) + open, bits(1.0 - share))
    }

    /// Bits of breaking a cell of the column where its line has `length` characters and the next word `next`.
    pub(super) fn wrap(&self, column: usize, length: f32, next: f32) -> f32 {
        let width = self.widths[column];
        if width > 0.0 && length + 1.0 + next < FULL * width { EARLY_WRAP } else { 0.0 }
    }

    /// Bits of a word in prose.
    pub(super) fn prose_word(words: &Words, index: usize) -> f32 {
        let Some(word) = words.words.get(index) else { return 0.0 };
        bits(PROSE[word.shape as usize]) + word_bits(word.shape, word.length)
    }
}

/// Bits of a row that goes on after a colon at a line's end, where group labels stand.
const AFTER_COLON: f32 = 4.0;
/// Bits of a cell that ends with a comma, a hyphen or a word of the grammar.
const OPEN_END: f32 = 4.0;

const SHAPE_LIST: [Shape; SHAPES] = [
    Shape::Stop,
    Shape::Lower,
    Shape::Capital,
    Shape::Upper,
    Shape::Initial,
    Shape::Mixed,
    Shape::Integer,
    Shape::Year,
    Shape::Figure,
    Shape::Percent,
    Shape::Sign,
    Shape::Nil,
    Shape::Bracketed,
    Shape::Parted,
    Shape::Quoted,
    Shape::Mark,
    Shape::Plain,
    Shape::Month,
];

fn gap_bits(words: &Words, cells: &[Cell], style: Style) -> [[f32; GAPS]; 3] {
    let prior = style.shares();
    let mut counts = [[0_u32; GAPS]; 3];
    for (index, cell) in cells.iter().enumerate() {
        for word in cell.start..cell.end {
            let Some(gap) = words.words.get(word as usize).map(|word| word.gap as usize) else { continue };
            let joint = match (word == cell.start, cell.opens_row) {
                (false, _) => Joint::Inside,
                (true, false) => Joint::Cells,
                (true, true) => Joint::Rows,
            };
            if index > 0 || word > cell.start {
                counts[joint as usize][gap] += 1;
            }
        }
    }
    let mut costs = [[0.0; GAPS]; 3];
    for (joint, costs) in costs.iter_mut().enumerate() {
        let total: u32 = counts[joint].iter().sum();
        for (gap, cost) in costs.iter_mut().enumerate() {
            let count = counts[joint][gap] as f32 + GAP_WEIGHT * prior[joint][gap];
            *cost = bits(count / (total as f32 + GAP_WEIGHT)) - PROSE_GAPS[gap];
        }
    }
    costs
}

/// Counts of a reading.
struct Counts {
    columns: Vec<ColumnCounts>,
    rows: u32,
    group_rows: u32,
    shapes: [u32; SHAPES],
    widths: Vec<f32>,
}

#[derive(Clone)]
struct ColumnCounts {
    cells: u32,
    first: [u32; SHAPES],
    next: [[u32; SHAPES]; SHAPES],
    /// Words, and last words, by shape and place.
    ends: [[[u32; 2]; PLACES]; SHAPES],
    /// By place (first, further on): words of a shape, of a text, of a form.
    shapes: [[u32; SHAPES]; 2],
    words: HashMap<u32, [u32; 3]>,
    forms: HashMap<u32, [u32; 2]>,
}

impl ColumnCounts {
    fn new() -> Self {
        Self {
            cells: 0,
            first: [0; SHAPES],
            next: [[0; SHAPES]; SHAPES],
            ends: [[[0; 2]; PLACES]; SHAPES],
            shapes: [[0; SHAPES]; 2],
            words: HashMap::new(),
            forms: HashMap::new(),
        }
    }

    fn word(&self, place: usize, id: u32) -> u32 {
        self.words.get(&id).map_or(0, |counts| counts[place])
    }

    fn last(&self, id: u32) -> u32 {
        self.words.get(&id).map_or(0, |counts| counts[2])
    }

    fn form(&self, place: usize, form: u32) -> u32 {
        self.forms.get(&form).map_or(0, |counts| counts[place])
    }
}

impl Counts {
    fn of(words: &Words, width: usize, cells: &[Cell]) -> Self {
        let mut counts = Self {
            columns: vec![ColumnCounts::new(); width],
            rows: 0,
            group_rows: 0,
            shapes: [0; SHAPES],
            widths: vec![0.0; width],
        };
        for word in &words.words {
            counts.shapes[word.shape as usize] += 1;
        }
        for (index, cell) in cells.iter().enumerate() {
            let next_opens = cells.get(index + 1).is_none_or(|next| next.opens_row);
            counts.rows += u32::from(cell.opens_row);
            counts.group_rows += u32::from(cell.opens_row && next_opens && cell.column == 0);
            counts.take(words, cell);
        }
        counts
    }

    fn take(&mut self, words: &Words, cell: &Cell) {
        let column = usize::from(cell.column);
        let (Some(seen), Some(width)) = (self.columns.get_mut(column), self.widths.get_mut(column)) else {
            return;
        };
        seen.cells += 1;
        let mut line = 0.0;
        let mut before: Option<usize> = None;
        for index in cell.start..cell.end {
            let Some(word) = words.words.get(index as usize) else { continue };
            let place = usize::from(index > cell.start);
            let is_last = index + 1 == cell.end;
            let shape = word.shape as usize;
            match before {
                None => seen.first[shape] += 1,
                Some(before) => seen.next[before][shape] += 1,
            }
            before = Some(shape);
            let at = ((index - cell.start) as usize).min(PLACES - 1);
            seen.ends[shape][at][0] += 1;
            seen.ends[shape][at][1] += u32::from(is_last);
            seen.shapes[place][shape] += 1;
            let counts = seen.words.entry(word.id).or_default();
            counts[place] += 1;
            counts[2] += u32::from(is_last);
            seen.forms.entry(word.form).or_default()[place] += 1;
            let before = if word.gap.is_line() || place == 0 { 0.0 } else { line + 1.0 };
            line = before + f32::from(word.length);
            *width = width.max(line);
        }
    }
}
