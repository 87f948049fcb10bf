//! Outlines of lines: one pass over the bytes of a line, by a table of byte classes, gives its [`Shape`]: number of slots,
//! and for the first 32 of them whether they are filled, numeric, a year or words. No token is made, and nothing is
//! allocated.

use std::ops::Range;

use memchr::memmem;

/// The last column with a bit of its own in the sets of an outline. Tables are seldom wider, and where they are the
/// first columns tell them apart.
pub(super) const LAST_COLUMN: u32 = 31;

/// The outline of a candidate line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Number of cells, empty ones too; outer pipes enclose cells, they do not separate any.
    pub(super) slots: u32,
    /// Cells with any print; bit 31 stands for all further ones, here and below.
    pub(super) filled: u32,
    /// Cells with at least as many digits as letters.
    pub(super) numeric: u32,
    /// Cells of four digits that look like a year, which headers are full of.
    pub(super) years: u32,
    /// Cells that hold letters and are not numeric.
    pub(super) words: u32,
    /// Nothing but dashes and their like: a rule of Markdown.
    pub(super) is_rule: bool,
    /// Whether the line starts and ends with a pipe.
    pub(super) is_enclosed: bool,
}

impl Shape {
    /// Number of filled cells.
    pub(super) fn filled_count(&self) -> u32 {
        self.filled.count_ones()
    }

    /// Whether the line holds a number that is no year: headers do not.
    pub(super) fn is_data(&self) -> bool {
        self.numeric & !self.years != 0
    }
}

/// Set in the weight of a byte that ends a cell, or must be looked at.
const STOP: u64 = 1 << 63;

/// Bits of a counter in a sum of weights. Five counters of twelve bits are added up by one addition a byte; they
/// are taken down before they can overflow.
const COUNTER_BITS: u32 = 12;

/// Bytes of a cell that are added up at once: fewer than a counter can count.
const MAX_SUMMED_BYTES: usize = 4_000;

/// Positions of the counters in a sum.
const DIGITS: u32 = 0;
const ZEROS: u32 = COUNTER_BITS;
const LETTERS: u32 = 2 * COUNTER_BITS;
const DASHES: u32 = 3 * COUNTER_BITS;
const MARKS: u32 = 4 * COUNTER_BITS;

const TAB_WEIGHTS: [u64; 256] = weights(false);
const PIPE_WEIGHTS: [u64; 256] = weights(true);

/// Whether a byte may end a cell or a line.
#[inline]
pub(super) fn may_delimit(byte: u8) -> bool {
    PIPE_WEIGHTS[byte as usize] >= STOP
}

/// What each byte adds to the counters of its cell. Bytes inside a character and blanks add nothing; the lead byte
/// of general punctuation and currency signs (U+2000 to U+2FFF) is a mark, that of other characters a letter.
const fn weights(pipes: bool) -> [u64; 256] {
    let mut weights = [1 << MARKS; 256];
    let mut byte = 0;
    while byte < 256 {
        weights[byte] = match byte as u8 {
            b'1'..=b'9' => 1 << DIGITS,
            b'0' => 1 << ZEROS,
            b'a'..=b'z' | b'A'..=b'Z' => 1 << LETTERS,
            b'-' | b':' | b'=' | b'+' => 1 << DASHES,
            b' ' | 0x80..=0xbf => 0,
            b'\n' | b'\r' | b'\x0c' | b'\t' => STOP,
            b'|' | b'\\' if pipes => STOP,
            0xe2 => 1 << MARKS,
            0xc0..=0xff => 1 << LETTERS,
            _ => 1 << MARKS,
        };
        byte += 1;
    }
    weights
}

/// Counts of one cell.
#[derive(Clone, Copy, Default)]
struct CellCounts {
    digits: u32,
    zeros: u32,
    letters: u32,
    dashes: u32,
    marks: u32,
}

impl CellCounts {
    #[inline]
    fn of(sum: u64) -> Self {
        let counter = |shift: u32| ((sum >> shift) & ((1 << COUNTER_BITS) - 1)) as u32;
        Self {
            digits: counter(DIGITS),
            zeros: counter(ZEROS),
            letters: counter(LETTERS),
            dashes: counter(DASHES),
            marks: counter(MARKS),
        }
    }

    #[inline]
    fn add(&mut self, sum: u64) {
        let other = Self::of(sum);
        self.digits = self.digits.saturating_add(other.digits);
        self.zeros = self.zeros.saturating_add(other.zeros);
        self.letters = self.letters.saturating_add(other.letters);
        self.dashes = self.dashes.saturating_add(other.dashes);
        self.marks = self.marks.saturating_add(other.marks);
    }

    fn is_empty(&self) -> bool {
        self.digits | self.zeros | self.letters | self.dashes | self.marks == 0
    }

    /// Takes the cell, which prints `print`, into the outline as slot `slot`.
    fn close(self, shape: &mut Shape, slot: u32, print: &[u8]) {
        if self.is_empty() {
            return;
        }
        let bit = 1u32 << slot.min(LAST_COLUMN);
        let digits = self.digits + self.zeros;
        let others = self.letters | self.dashes | self.marks;
        shape.filled |= bit;
        let is_number = digits > 0
            && digits >= self.letters
            && !(digits == 3 && self.is_unit(print))
            && !(self.letters > 0 && is_period(print));
        if is_number {
            shape.numeric |= bit;
            let is_year = digits == 4 && others == 0;
            if is_year && matches!(print.trim_ascii_start().first(), Some(b'1' | b'2')) {
                shape.years |= bit;
            }
        } else if self.letters > 0 {
            shape.words |= bit;
        }
        shape.is_rule = shape.is_rule && digits + self.letters + self.marks == 0 && self.dashes >= 2;
    }

    /// `$'000` and its like are units, not numbers.
    fn is_unit(self, print: &[u8]) -> bool {
        self.digits == 0
            && self.zeros == 3
            && self.letters + self.marks > 0
            && memmem::find(print, b"000").is_some()
    }
}

/// Whether a cell names a period, as headers do: `Q1`, `H2 2024`, `FY2023`.
fn is_period(print: &[u8]) -> bool {
    let print = print.trim_ascii_start();
    if !print.first().is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    let is_year =
        |digits: &[u8]| digits.len() == 4 && (digits.starts_with(b"19") || digits.starts_with(b"20"));
    let mut tokens = print.split(|byte| !byte.is_ascii_alphanumeric()).filter(|token| !token.is_empty());
    let Some(first) = tokens.next() else { return false };
    let letters = first.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let number = &first[letters..];
    letters <= 2
        && (is_year(number) || matches!(number.len(), 1 | 2))
        && number.iter().all(u8::is_ascii_digit)
        && tokens.all(|token| token.iter().all(u8::is_ascii_digit) && (is_year(token) || token.len() == 2))
}

/// Adds up the cell at `at` and returns the offset of the byte that stopped it, or the length of `bytes`.
#[inline]
fn sum_cell(bytes: &[u8], mut at: usize, weights: &[u64; 256], cell: &mut CellCounts) -> usize {
    loop {
        let block = bytes.get(at..bytes.len().min(at + MAX_SUMMED_BYTES)).unwrap_or_default();
        let mut sum = 0;
        let mut length = block.len();
        for (offset, &byte) in block.iter().enumerate() {
            let weight = weights[byte as usize];
            if weight >= STOP {
                length = offset;
                break;
            }
            sum += weight;
        }
        at += length;
        cell.add(sum);
        if length < block.len() || at == bytes.len() {
            return at;
        }
    }
}

/// End and outline of the line at `start`, cells between tabs.
pub(super) fn scan_tabs(bytes: &[u8], start: usize) -> (usize, Shape) {
    let mut shape = Shape::default();
    let block = first_block(bytes, start);
    let (mut slot, mut sum) = (0u32, 0);
    let (mut cell_start, mut at) = (0, 0);
    while at < block.len() {
        let byte = block[at];
        at += 1;
        let weight = TAB_WEIGHTS[byte as usize];
        if weight < STOP {
            sum += weight;
            continue;
        }
        close_cell(sum, &mut shape, slot, block, cell_start..at - 1);
        slot += 1;
        if byte != b'\t' {
            shape.slots = slot;
            return (start + at - 1, shape);
        }
        (cell_start, sum) = (at, 0);
    }
    scan_long_tabs(bytes, start)
}

/// The bytes from `start` on that can be added up at once: nearly every line ends among them.
fn first_block(bytes: &[u8], start: usize) -> &[u8] {
    bytes.get(start..bytes.len().min(start + MAX_SUMMED_BYTES)).unwrap_or_default()
}

/// Takes a cell, the sum of the weights of which is `sum` and which stands at `print` of `block`, into the outline.
#[inline(always)] // A call costs as much as the cell.
fn close_cell(sum: u64, shape: &mut Shape, slot: u32, block: &[u8], print: Range<usize>) {
    const COUNTER: u64 = (1 << COUNTER_BITS) - 1;
    if sum == 0 {
        return;
    }
    let bit = 1u32 << slot.min(LAST_COLUMN);
    let digits = (sum & COUNTER) + (sum >> ZEROS & COUNTER);
    let letters = sum >> LETTERS & COUNTER;
    if letters == 0 && digits > 0 && digits != 3 && digits != 4 {
        shape.filled |= bit;
        shape.numeric |= bit;
        shape.is_rule = false;
    } else if letters > digits {
        shape.filled |= bit;
        shape.words |= bit;
        shape.is_rule = false;
    } else {
        CellCounts::of(sum).close(shape, slot, block.get(print).unwrap_or_default());
    }
}

/// The same for lines of any length, and for the last one.
#[cold]
fn scan_long_tabs(bytes: &[u8], start: usize) -> (usize, Shape) {
    let mut shape = Shape::default();
    let mut slot = 0u32;
    let mut at = start;
    loop {
        let mut cell = CellCounts::default();
        let end = sum_cell(bytes, at, &TAB_WEIGHTS, &mut cell);
        cell.close(&mut shape, slot, bytes.get(at..end).unwrap_or_default());
        slot = slot.saturating_add(1);
        if bytes.get(end) != Some(&b'\t') {
            shape.slots = slot;
            return (end, shape);
        }
        at = end + 1;
    }
}

/// End and outline of the line at `start`, cells between pipes, and whether it has a tab.
pub(super) fn scan_pipes(bytes: &[u8], start: usize) -> (usize, Shape, bool) {
    let mut shape = Shape { is_rule: true, ..Shape::default() };
    let block = first_block(bytes, start);
    let (mut slot, mut sum) = (0u32, 0);
    let (mut cell_start, mut at) = (0, 0);
    let (mut has_tab, mut opens) = (false, false);
    while at < block.len() {
        let byte = block[at];
        at += 1;
        let weight = PIPE_WEIGHTS[byte as usize];
        if weight < STOP {
            sum += weight;
            continue;
        }
        match byte {
            b'|' => {
                if slot == 0 && !opens && sum == 0 {
                    opens = true;
                } else {
                    close_cell(sum, &mut shape, slot, block, cell_start..at - 1);
                    slot += 1;
                }
                (cell_start, sum) = (at, 0);
            }
            b'\t' => has_tab = true,
            b'\\' => {
                // What a backslash escapes separates nothing, unless it is the end of the line.
                sum += 1 << MARKS;
                at += usize::from(matches!(block.get(at), Some(b'|' | b'\\')));
            }
            _ => {
                shape.is_enclosed = opens && sum == 0 && slot > 0;
                // Nothing after the last pipe: it encloses the row.
                if sum != 0 || slot == 0 {
                    close_cell(sum, &mut shape, slot, block, cell_start..at - 1);
                    slot += 1;
                }
                shape.slots = slot;
                shape.is_rule &= shape.filled != 0;
                return (start + at - 1, shape, has_tab);
            }
        }
    }
    scan_long_pipes(bytes, start)
}

/// The same for lines of any length, and for the last one.
#[cold]
fn scan_long_pipes(bytes: &[u8], start: usize) -> (usize, Shape, bool) {
    let mut shape = Shape { is_rule: true, ..Shape::default() };
    let mut cell = CellCounts::default();
    let (mut slot, mut has_tab, mut opens) = (0u32, false, false);
    let (mut at, mut cell_start) = (start, start);
    let end = loop {
        at = sum_cell(bytes, at, &PIPE_WEIGHTS, &mut cell);
        match bytes.get(at) {
            Some(b'|') => {
                if slot == 0 && !opens && cell.is_empty() {
                    opens = true;
                } else {
                    cell.close(&mut shape, slot, bytes.get(cell_start..at).unwrap_or_default());
                    slot = slot.saturating_add(1);
                }
                cell = CellCounts::default();
                cell_start = at + 1;
                at += 1;
            }
            Some(b'\t') => {
                has_tab = true;
                at += 1;
            }
            Some(b'\\') => {
                // What a backslash escapes separates nothing, unless it is the end of the line.
                cell.marks = cell.marks.saturating_add(1);
                at += if matches!(bytes.get(at + 1), Some(b'|' | b'\\')) { 2 } else { 1 };
            }
            _ => break at,
        }
    };
    shape.is_enclosed = opens && cell.is_empty() && slot > 0;
    // Nothing after the last pipe: it encloses the row.
    if !cell.is_empty() || slot == 0 {
        cell.close(&mut shape, slot, bytes.get(cell_start..end).unwrap_or_default());
        slot = slot.saturating_add(1);
    }
    shape.slots = slot;
    shape.is_rule &= shape.filled != 0;
    (end, shape, has_tab)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Lines that are added up at once look as those that are not.
        #[test]
        fn short_lines_are_outlined_as_long_ones(
            line in "([a-zQF]{0,3}[-0-9.,:%$ ]{0,6}(\t|\\||\\\\\\|)|[0-9]{1,4}(\t|\\|)|000|-{1,3}|€|é){0,9}"
        ) {
            let text = format!("{line}\n");
            let bytes = text.as_bytes();
            prop_assert_eq!(scan_tabs(bytes, 0), scan_long_tabs(bytes, 0));
            prop_assert_eq!(scan_pipes(bytes, 0), scan_long_pipes(bytes, 0));
        }
    }
}
