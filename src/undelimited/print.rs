//! The lines of a text with what a count of byte classes says of each: what readers look at before they make tokens.

use std::cell::OnceCell;

use crate::text::{Line, Lines, Span};

/// Counts of one line, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PrintLine {
    /// The line, without its end.
    pub(crate) line: Line,
    /// The line without blanks before and after it; empty in a blank line.
    pub(crate) body: Span,
    /// Bytes that are ASCII digits.
    pub(crate) digits: u32,
    /// Bytes of letters: ASCII ones and all of other scripts.
    pub(crate) letters: u32,
    /// Runs of blanks between words.
    pub(crate) blanks: u32,
    /// Such runs of two or more blanks, or with a tab.
    pub(crate) gaps: u32,
    /// Whether it belongs to a table between delimiters, which readers must not touch.
    pub(crate) is_taken: bool,
}

impl PrintLine {
    /// Whether nothing is printed on it.
    pub(crate) fn is_blank(&self) -> bool {
        self.body.is_empty()
    }
}

/// A text as readers of undelimited print see it.
pub(crate) struct Print<'t> {
    /// The text.
    pub(crate) text: &'t str,
    /// Its lines, blank ones too.
    pub(crate) lines: Vec<PrintLine>,
    /// Whether lines of the text are notes, as far as a reader has asked: it is the same for all of its tables.
    pub(crate) has_notes: OnceCell<bool>,
}

impl<'t> Print<'t> {
    /// The lines of `text`; those in `taken` spans, in order, belong to other tables.
    pub(crate) fn new(text: &'t str, taken: &[Span]) -> Self {
        let mut taken = taken.iter().peekable();
        let lines = Lines::new(text)
            .map(|line| {
                while taken.next_if(|span| span.end <= line.span.start).is_some() {}
                let is_taken = taken.peek().is_some_and(|span| span.start < line.span.end);
                count_line(text, line, is_taken)
            })
            .collect();
        Self { text, lines, has_notes: OnceCell::new() }
    }
}

impl Print<'_> {
    /// The same lines with those of other spans, in order, set aside.
    pub(crate) fn masked(&self, taken: &[Span]) -> Self {
        let mut taken = taken.iter().peekable();
        let mut lines = self.lines.clone();
        for own in &mut lines {
            while taken.next_if(|span| span.end <= own.line.span.start).is_some() {}
            own.is_taken = taken.peek().is_some_and(|span| span.start < own.line.span.end);
        }
        Self { text: self.text, lines, has_notes: self.has_notes.clone() }
    }
}

fn count_line(text: &str, line: Line, is_taken: bool) -> PrintLine {
    let body = line.span.trimmed(text);
    let counts = Counts::of(body.slice(text).as_bytes());
    let Counts { digits, letters, blanks, gaps } = counts;
    PrintLine { line, body, digits, letters, blanks, gaps, is_taken }
}

/// What a line is counted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    digits: u32,
    letters: u32,
    blanks: u32,
    gaps: u32,
}

/// Bytes that are counted at once.
const BLOCK: usize = 32;

const fn is_blank(byte: u8) -> bool {
    (byte == b' ') | (byte == b'\t')
}

impl Counts {
    /// Counts a line that neither starts nor ends with a blank.
    ///
    /// Every line of a text comes here, prose too, so nothing branches on a byte: blocks of one length are counted by
    /// counters of one byte, which the machine does for as many bytes at a time as it has in a register. The last
    /// block is filled up with bytes of no class. A run of blanks is counted where it ends.
    fn of(line: &[u8]) -> Self {
        let mut counts = Self::default();
        let mut lanes = Lanes::default();
        let mut room = MOST_BLOCKS;
        // What stands before and behind a block belongs to the runs of blanks in it.
        let mut before = 0;
        let mut rest = line;
        while let Some((block, after)) = rest.split_first_chunk::<BLOCK>() {
            lanes.add(block, before, after.first().copied().unwrap_or(0));
            room -= 1;
            if room == 0 {
                counts.take(&mut lanes);
                room = MOST_BLOCKS;
            }
            before = block[BLOCK - 1];
            rest = after;
        }
        if !rest.is_empty() {
            let mut block = [0; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            lanes.add(&block, before, 0);
        }
        counts.take(&mut lanes);
        counts
    }

    /// Adds up the lanes and empties them.
    fn take(&mut self, lanes: &mut Lanes) {
        let sum = |lane: &[u8; BLOCK]| lane.iter().map(|count| u32::from(*count)).sum::<u32>();
        self.digits += sum(&lanes.digits);
        self.letters += sum(&lanes.letters);
        self.blanks += sum(&lanes.blanks);
        self.gaps += sum(&lanes.gaps);
        *lanes = Lanes::default();
    }
}

/// Blocks whose counts fit into lanes of one byte; one is left for the rest of a line.
const MOST_BLOCKS: usize = 254;

/// Counts of the bytes at each place of the blocks of a line.
#[derive(Clone, Debug, Default)]
struct Lanes {
    digits: [u8; BLOCK],
    letters: [u8; BLOCK],
    blanks: [u8; BLOCK],
    gaps: [u8; BLOCK],
}

impl Lanes {
    /// Adds a block between two bytes.
    #[inline]
    fn add(&mut self, block: &[u8; BLOCK], before: u8, after: u8) {
        let (mut last, mut next) = ([before; BLOCK], [after; BLOCK]);
        last[1..].copy_from_slice(&block[..BLOCK - 1]);
        next[..BLOCK - 1].copy_from_slice(&block[1..]);
        for place in 0..BLOCK {
            let byte = block[place];
            let is_end = is_blank(byte) & !is_blank(next[place]);
            self.digits[place] += u8::from(is_digit(byte));
            self.letters[place] += u8::from(is_letter(byte));
            self.blanks[place] += u8::from(is_end);
            self.gaps[place] += u8::from(is_end & ((byte == b'\t') | is_blank(last[place])));
        }
    }
}

const fn is_digit(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 10
}

const fn is_letter(byte: u8) -> bool {
    ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte >= 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same byte by byte.
    fn counted_slowly(line: &str) -> Counts {
        let mut counts = Counts::default();
        let mut run = 0;
        for byte in line.bytes() {
            match byte {
                b' ' => run += 1,
                b'\t' => run += 2,
                _ => {
                    counts.blanks += u32::from(run > 0);
                    counts.gaps += u32::from(run > 1);
                    run = 0;
                    counts.digits += u32::from(byte.is_ascii_digit());
                    counts.letters += u32::from(byte.is_ascii_alphabetic() || byte >= 0x80);
                }
            }
        }
        counts
    }

    proptest! {
        #[test]
        fn counts_are_those_of_a_slow_count(line in "[a-z0-9 \t.é金]{0,40}", times in 1..12usize, more in prop::bool::weighted(0.1)) {
            let line = line.repeat(if more { 400 * times } else { times });
            let body = line.trim();
            prop_assert_eq!(Counts::of(body.as_bytes()), counted_slowly(body));
        }
    }

    #[test]
    fn lines_are_counted_by_class() {
        let print = Print::new("a\tb\n\n  Bolt  1,200   30 \n", &[Span::new(0, 3)]);
        let [taken, blank, row] = print.lines.as_slice() else { panic!("three lines") };
        assert!(taken.is_taken && blank.is_blank() && !row.is_taken);
        assert_eq!((row.digits, row.letters, row.blanks, row.gaps), (6, 4, 2, 2));
    }
}
