//! What the rows of a piece have in common: width, types of the columns, and which of them can be headers.

use smallvec::SmallVec;

use super::outline::{LAST_COLUMN, Shape};
use super::scan::{Entry, EntryKind};

/// Rows of a piece that are looked at to learn its columns; the first of a table of a million rows tell as much.
const SAMPLE_ROWS: usize = 48;

/// Leading rows that can be header: spanners, two levels, units. More is body.
pub(super) const MAX_HEADER_ROWS: usize = 6;

/// What the rows of a piece have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Profile {
    /// The most frequent number of slots.
    pub(super) slots: u32,
    /// The greatest number of slots.
    pub(super) max_slots: u32,
    /// Rows with `slots` slots, of `rows` rows sampled.
    pub(super) regular: usize,
    /// Rows sampled.
    pub(super) rows: usize,
    /// Columns whose filled cells are numbers more often than words.
    pub(super) numeric: u32,
    /// Columns whose numbers are all years.
    pub(super) years: u32,
    /// Columns whose filled cells are words more often than numbers.
    pub(super) words: u32,
    /// Whether any row holds a number that is no year.
    pub(super) has_data: bool,
}

impl Profile {
    /// Learns from the first rows of `entries`; rules and loose lines say nothing.
    pub(super) fn of(entries: &[Entry]) -> Self {
        let shapes = entries.iter().filter_map(cells_shape).take(SAMPLE_ROWS);
        let mut profile = Self::default();
        let mut widths = Widths::default();
        for shape in shapes.clone() {
            widths.count(shape.slots);
            profile.rows += 1;
            profile.max_slots = profile.max_slots.max(shape.slots);
            profile.has_data |= shape.is_data();
        }
        // Headers hold words over columns of numbers: where there are rows of data, only those speak.
        let has_data = profile.has_data;
        let mut counts = [(0u8, 0u8, 0u8); LAST_COLUMN as usize + 1];
        for shape in shapes.filter(|shape| shape.is_data() || !has_data) {
            for_each_bit(shape.filled, |column| {
                let bit = 1 << column;
                let (numbers, years, words) = &mut counts[column];
                *numbers += u8::from(shape.numeric & bit != 0);
                *years += u8::from(shape.years & bit != 0);
                *words += u8::from(shape.words & bit != 0);
            });
        }
        for (column, (numbers, years, words)) in counts.into_iter().enumerate() {
            let bit = 1 << column;
            profile.numeric |= if numbers > words { bit } else { 0 };
            profile.years |= if numbers > 0 && numbers == years { bit } else { 0 };
            profile.words |= if words > numbers { bit } else { 0 };
        }
        (profile.slots, profile.regular) = widths.mode();
        profile
    }

    /// Whether the columns can be those of `other`: none holds numbers on one side and words on the other.
    pub(super) fn agrees(&self, other: &Profile) -> bool {
        self.numeric & other.words == 0 && self.words & other.numeric == 0
    }

    /// Whether `shape` reads as a row of headers over these columns: words, or years, where they hold numbers.
    pub(super) fn is_header(&self, shape: &Shape) -> bool {
        if shape.filled_count() < 2 || shape.is_data() {
            return false;
        }
        let over_numbers = self.numeric & !self.years & (shape.words | shape.years);
        over_numbers != 0
    }
}

/// How often each width occurs in a sample.
#[derive(Default)]
struct Widths {
    counts: SmallVec<[(u32, usize); 8]>,
}

impl Widths {
    fn count(&mut self, width: u32) {
        match self.counts.iter_mut().find(|(known, _)| *known == width) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((width, 1)),
        }
    }

    /// The most frequent width and its count; among equals the greatest, for rows lose trailing slots but do not
    /// gain any.
    fn mode(&self) -> (u32, usize) {
        self.counts.iter().copied().max_by_key(|(width, count)| (*count, *width)).unwrap_or_default()
    }
}

/// The outline of a row; `None` for loose lines and rules.
pub(super) fn cells_shape(entry: &Entry) -> Option<&Shape> {
    match entry.kind {
        EntryKind::Cells(_) if !entry.shape.is_rule => Some(&entry.shape),
        _ => None,
    }
}

/// Number of leading rows of `rows` before the first that holds data; all where none does, at most
/// [`MAX_HEADER_ROWS`].
pub(super) fn header_count(rows: &[&Entry]) -> usize {
    rows.iter().take(MAX_HEADER_ROWS).take_while(|entry| !entry.shape.is_data()).count()
}

/// How many leading rows of `below` repeat header rows of `above`, compared without blanks, case and delimiters.
///
/// The repetition may start at any header row of `above`: a title row over the header need not be printed again.
pub(super) fn repeated_rows(text: &str, above: &[&Entry], below: &[&Entry]) -> usize {
    let header = &above[..header_count(above).min(above.len())];
    let mut best = 0;
    for start in 0..header.len() {
        let pairs = header[start..].iter().zip(below);
        let same = |(first, second): &(&&Entry, &&Entry)| {
            same_print(first.span.slice(text), second.span.slice(text))
        };
        best = best.max(pairs.take_while(same).count());
    }
    best
}

/// Whether two lines print the same, blanks, case and delimiters aside.
pub(super) fn same_print(first: &str, second: &str) -> bool {
    let print = |line| str::chars(line).filter(|letter| !letter.is_whitespace() && *letter != '|');
    let mut letters = print(first).flat_map(char::to_lowercase);
    let mut others = print(second).flat_map(char::to_lowercase);
    loop {
        match (letters.next(), others.next()) {
            (None, None) => return true,
            (first, second) if first == second => {}
            _ => return false,
        }
    }
}

fn for_each_bit(mut mask: u32, mut take: impl FnMut(usize)) {
    while mask != 0 {
        take(mask.trailing_zeros() as usize);
        mask &= mask - 1;
    }
}
