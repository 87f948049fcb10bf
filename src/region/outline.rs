//! Outlines of lines: one look at the classes of 64 bytes at a time gives the [`Shape`] of a line: number of slots, and
//! for the first 32 of them whether they are filled, numeric, a year or words. No token is made, and nothing is
//! allocated.

use memchr::memmem;
use wide::u8x16;

use crate::text::window::{WINDOW, look_at};

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

/// Classes of the bytes of a window, a bit each, the first byte the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Tabs and line ends.
    ends: u64,
    /// Pipes and backslashes.
    pipes: u64,
    digits: u64,
    /// ASCII letters, and the first bytes of characters that are none of general punctuation and currency (U+2000 to
    /// U+2FFF).
    letters: u64,
    /// All but blanks, line ends, tabs and bytes inside a character.
    printed: u64,
}

impl Window {
    /// The window at `start`; behind the text there is nothing but line ends.
    #[inline]
    pub(super) fn at(bytes: &[u8], start: usize) -> Self {
        look_at(bytes, start, Self::of)
    }

    #[inline]
    fn of(window: &[u8; WINDOW]) -> Self {
        let mut own = Self { ends: 0, pipes: 0, digits: 0, letters: 0, printed: 0 };
        let mut unprinted = 0;
        let (quarters, _) = window.as_chunks::<16>();
        for (quarter, bytes) in quarters.iter().enumerate() {
            let bytes = u8x16::new(*bytes);
            let set = |is: u8x16| u64::from(is.to_bitmask()) << (16 * quarter);
            let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
            let lower = bytes | u8x16::splat(0x20);
            let ends = among(bytes, b'\t', 5) & !is(0x0b);
            let mut letters = among(lower, b'a', 26);
            let mut blanks = ends | is(b' ');
            // The highest bit of a byte says that it is no ASCII.
            if bytes.to_bitmask() != 0 {
                letters |= among(bytes, 0xc0, 64) & !is(0xe2);
                blanks |= among(bytes, 0x80, 64);
            }
            own.ends |= set(ends);
            // A bit tells the two apart.
            own.pipes |= set(lower.simd_eq(u8x16::splat(b'|' | b'\\')));
            own.digits |= set(among(bytes, b'0', 10));
            own.letters |= set(letters);
            unprinted |= set(blanks);
        }
        Self { printed: !unprinted, ..own }
    }

    /// The first byte that may end a cell or a line.
    #[inline]
    pub(super) fn first_stop(&self) -> Option<usize> {
        let stops = self.ends | self.pipes;
        (stops != 0).then(|| stops.trailing_zeros() as usize)
    }
}

/// Which bytes are among the `count` from `first` on.
#[inline]
fn among(bytes: u8x16, first: u8, count: u8) -> u8x16 {
    (bytes - u8x16::splat(first)).simd_lt(u8x16::splat(count))
}

/// A cell while its line is scanned.
struct OpenCell<'b> {
    bytes: &'b [u8],
    /// Where it starts.
    start: usize,
    /// Whether it starts in the window, and whether something of it is printed before.
    is_whole: bool,
    is_printed: bool,
}

impl<'b> OpenCell<'b> {
    const fn new(bytes: &'b [u8], start: usize) -> Self {
        Self { bytes, start, is_whole: true, is_printed: false }
    }

    /// Whether nothing of the cell is printed, `part` being its bytes in the window.
    #[inline]
    const fn is_blank(&self, window: &Window, part: u64) -> bool {
        !self.is_printed && window.printed & part == 0
    }

    /// Goes on to the next window, `part` being its bytes in this one.
    fn carry(&mut self, window: &Window, part: u64) {
        self.is_printed = !self.is_blank(window, part);
        self.is_whole = false;
    }

    /// Takes the cell, which ends at `end`, into the outline as slot `slot`; `part` are its bytes in the window.
    #[inline(always)] // A call costs as much as the cell.
    fn close(&self, window: &Window, part: u64, end: usize, slot: u32, shape: &mut Shape) {
        let bit = 1u32 << slot.min(LAST_COLUMN);
        let (digits, letters) = (window.digits & part, window.letters & part);
        let four_less = without_lowest(without_lowest(without_lowest(without_lowest(digits))));
        if self.is_whole && letters == 0 && four_less != 0 {
            shape.numeric |= bit;
        } else if self.is_whole && letters != 0 && digits == 0 {
            shape.words |= bit;
        } else {
            if !self.is_blank(window, part) {
                self.close_slowly(window, part, end, slot, shape);
            }
            return;
        }
        shape.filled |= bit;
        shape.is_rule = false;
    }

    /// The same for cells that tell less of themselves.
    fn close_slowly(&self, window: &Window, part: u64, end: usize, slot: u32, shape: &mut Shape) {
        let (digits, letters) = (window.digits & part, window.letters & part);
        let three_less = without_lowest(without_lowest(without_lowest(digits)));
        let has_marks = window.printed & part & !digits != 0;
        // At most four digits: four alone may be a year, and three beside a mark a unit.
        let is_open = if has_marks {
            three_less == 0 && without_lowest(without_lowest(digits)) != 0
        } else {
            three_less != 0
        };
        if self.is_whole && letters == 0 && digits != 0 && !is_open {
            let bit = 1u32 << slot.min(LAST_COLUMN);
            (shape.filled, shape.numeric, shape.is_rule) = (shape.filled | bit, shape.numeric | bit, false);
            return;
        }
        let print = self.bytes.get(self.start..end).unwrap_or_default();
        if !self.is_whole || digits | letters == 0 {
            return CellCounts::of(print).close(shape, slot, print);
        }
        let counts = Outline {
            digits: digits.count_ones(),
            letters: letters.count_ones(),
            has_marks: window.printed & part & !digits & !letters != 0,
        };
        counts.close(shape, slot, print);
    }
}

/// A set without its first member.
const fn without_lowest(bits: u64) -> u64 {
    bits & bits.wrapping_sub(1)
}

/// What is printed in a cell that holds digits or letters.
#[derive(Clone, Copy)]
struct Outline {
    digits: u32,
    letters: u32,
    /// Whether something else is printed.
    has_marks: bool,
}

impl Outline {
    /// Takes the cell, which prints `print`, into the outline of its line as slot `slot`.
    fn close(self, shape: &mut Shape, slot: u32, print: &[u8]) {
        let bit = 1u32 << slot.min(LAST_COLUMN);
        let Self { digits, letters, has_marks } = self;
        shape.filled |= bit;
        shape.is_rule = false;
        let is_number = digits > 0
            && digits >= letters
            && !(digits == 3 && is_unit(print))
            && !(letters > 0 && is_period(print));
        if is_number {
            shape.numeric |= bit;
            let is_year = digits == 4 && letters == 0 && !has_marks;
            if is_year && matches!(print.trim_ascii_start().first(), Some(b'1' | b'2')) {
                shape.years |= bit;
            }
        } else if letters > 0 {
            shape.words |= bit;
        }
    }
}

/// Whether the three digits of a cell are those of `$'000` or its like: units, not numbers.
fn is_unit(print: &[u8]) -> bool {
    let is_mark = |byte: &u8| !matches!(byte, b'0'..=b'9' | b' ' | b'-' | b':' | b'=' | b'+');
    memmem::find(print, b"000").is_some() && print.iter().any(is_mark)
}

/// Counts of one cell.
#[derive(Clone, Copy, Default)]
struct CellCounts {
    digits: u32,
    letters: u32,
    dashes: u32,
    marks: u32,
}

impl CellCounts {
    /// Counts the bytes of a cell one by one. Blanks and bytes inside a character count for nothing; the first byte of
    /// general punctuation and currency signs is a mark, that of other characters a letter.
    fn of(print: &[u8]) -> Self {
        let mut counts = Self::default();
        for byte in print {
            let count = match byte {
                b'0'..=b'9' => &mut counts.digits,
                b'a'..=b'z' | b'A'..=b'Z' => &mut counts.letters,
                b'-' | b':' | b'=' | b'+' => &mut counts.dashes,
                b' ' | b'\t' | 0x80..=0xbf => continue,
                0xe2 => &mut counts.marks,
                0xc0..=0xff => &mut counts.letters,
                _ => &mut counts.marks,
            };
            *count = count.saturating_add(1);
        }
        counts
    }

    /// Takes the cell, which prints `print`, into the outline of its line as slot `slot`.
    fn close(self, shape: &mut Shape, slot: u32, print: &[u8]) {
        let Self { digits, letters, dashes, marks } = self;
        if digits | letters > 0 {
            Outline { digits, letters, has_marks: dashes | marks > 0 }.close(shape, slot, print);
        } else if dashes | marks > 0 {
            shape.filled |= 1 << slot.min(LAST_COLUMN);
            shape.is_rule = shape.is_rule && marks == 0 && dashes >= 2;
        }
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

/// Outlines the line at `start`, cells between tabs; its end. `window` is the window there.
pub(super) fn scan_tabs(bytes: &[u8], start: usize, window: &Window, outline: &mut Shape) -> usize {
    let mut shape = Shape::default();
    let mut window = *window;
    let mut cell = OpenCell::new(bytes, start);
    let (mut slot, mut window_start) = (0u32, start);
    loop {
        // The bytes of the window that no cell has taken yet.
        let mut open = u64::MAX;
        let mut ends = window.ends;
        while ends != 0 {
            let end = window_start + ends.trailing_zeros() as usize;
            let below = ends ^ (ends - 1);
            ends &= ends - 1;
            cell.close(&window, open & (below >> 1), end, slot, &mut shape);
            open &= !below;
            slot = slot.saturating_add(1);
            if bytes.get(end) != Some(&b'\t') {
                *outline = Shape { slots: slot, ..shape };
                return end;
            }
            cell = OpenCell::new(bytes, end + 1);
        }
        cell.carry(&window, open);
        window_start += WINDOW;
        window = Window::at(bytes, window_start);
    }
}

/// Outlines the line at `start`, cells between pipes; its end, and whether it has a tab. `window` is the window there.
pub(super) fn scan_pipes(bytes: &[u8], start: usize, window: &Window, outline: &mut Shape) -> (usize, bool) {
    let mut shape = Shape { is_rule: true, ..Shape::default() };
    let mut window = *window;
    let mut cell = OpenCell::new(bytes, start);
    let (mut slot, mut window_start) = (0u32, start);
    let (mut has_tab, mut opens) = (false, false);
    // What a backslash escapes separates nothing, unless it is the end of the line.
    let mut escaped = None;
    loop {
        let mut open = u64::MAX;
        let mut stops = window.ends | window.pipes;
        while stops != 0 {
            let end = window_start + stops.trailing_zeros() as usize;
            let below = stops ^ (stops - 1);
            let part = open & (below >> 1);
            stops &= stops - 1;
            match bytes.get(end) {
                Some(b'|' | b'\\') if escaped == Some(end) => {}
                Some(b'\\') => escaped = Some(end + 1),
                Some(b'\t') => has_tab = true,
                Some(b'|') => {
                    if slot == 0 && !opens && cell.is_blank(&window, part) {
                        opens = true;
                    } else {
                        cell.close(&window, part, end, slot, &mut shape);
                        slot = slot.saturating_add(1);
                    }
                    cell = OpenCell::new(bytes, end + 1);
                    open &= !below;
                }
                _ => {
                    let is_blank = cell.is_blank(&window, part);
                    shape.is_enclosed = opens && is_blank && slot > 0;
                    // Nothing after the last pipe: it encloses the row.
                    if !is_blank || slot == 0 {
                        cell.close(&window, part, end, slot, &mut shape);
                        slot = slot.saturating_add(1);
                    }
                    let is_rule = shape.is_rule && shape.filled != 0;
                    *outline = Shape { slots: slot, is_rule, ..shape };
                    return (end, has_tab);
                }
            }
        }
        cell.carry(&window, open);
        window_start += WINDOW;
        window = Window::at(bytes, window_start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The outline of a line whose cells are taken apart first, each of them counted byte by byte.
    fn outlined(cells: &[&str], is_rule: bool) -> Shape {
        let mut shape = Shape { is_rule, ..Shape::default() };
        for (slot, cell) in cells.iter().enumerate() {
            CellCounts::of(cell.as_bytes()).close(&mut shape, u32::try_from(slot).unwrap(), cell.as_bytes());
        }
        shape.slots = u32::try_from(cells.len()).unwrap();
        shape
    }

    const CELL: &str = "[a-zQF]{0,3}[-0-9.,:%$ ]{0,9}|[12][0-9]{3}|[$'(]{0,2}000[)]?|-{1,3}|€|é{1,4}|[A-Za-z ]{0,90}|[0-9]{1,70}";

    proptest! {
        #[test]
        fn lines_between_tabs_look_as_their_cells(
            cells in proptest::collection::vec(CELL, 1..40), before in "[a-z]{0,3}", behind in "[\n\r\x0c][a-z]{0,80}|"
        ) {
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            let line = cells.join("\t");
            let text = format!("{before}{line}{behind}");
            let expected = (before.len() + line.len(), outlined(&cells, false));
            let (bytes, start, mut shape) = (text.as_bytes(), before.len(), Shape::default());
            let end = scan_tabs(bytes, start, &Window::at(bytes, start), &mut shape);
            prop_assert_eq!((end, shape), expected);
        }

        #[test]
        fn lines_between_pipes_look_as_their_cells(
            cells in proptest::collection::vec(CELL, 1..40),
            blank in " {0,2}",
            opens in any::<bool>(),
            closes in any::<bool>(),
            behind in "[\n\r\x0c][a-z]{0,80}|",
        ) {
            let cells: Vec<String> = cells.iter().map(|cell| format!("{blank}{cell}\\|")).collect();
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            let (first, last) = (if opens { "|" } else { "" }, if closes { "|" } else { "" });
            let line = format!("{first}{}{last}", cells.join("|"));
            let expected = Shape { is_enclosed: opens && closes, ..outlined(&cells, true) };
            let text = format!("{line}{behind}");
            let (bytes, mut shape) = (text.as_bytes(), Shape::default());
            let end = scan_pipes(bytes, 0, &Window::at(bytes, 0), &mut shape);
            prop_assert_eq!((end, shape), ((line.len(), false), expected));
        }

        /// Windows that reach beyond the text, and all bytes.
        #[test]
        fn bytes_are_of_the_classes_that_they_count_for(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let window = Window::at(&bytes, 0);
            for (bit, byte) in bytes.iter().enumerate().take(WINDOW) {
                let counts = CellCounts::of(&[*byte]);
                let has = |set: u64| set >> bit & 1 == 1;
                let is_end = matches!(byte, b'\n' | b'\r' | b'\x0c' | b'\t');
                prop_assert_eq!(has(window.ends), is_end);
                prop_assert_eq!(has(window.pipes), matches!(byte, b'|' | b'\\'));
                prop_assert_eq!(has(window.digits), counts.digits > 0);
                prop_assert_eq!(has(window.letters), counts.letters > 0);
                let is_printed = counts.digits + counts.letters + counts.dashes + counts.marks > 0;
                prop_assert_eq!(has(window.printed), is_printed && !is_end);
            }
        }
    }
}
