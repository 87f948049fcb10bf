//! The gate: whether a text can hold undelimited tables at all, asked before anything is made of its lines.
//!
//! A line of a table is short, or it has a gap of blanks, or it starts or ends in a digit, or many of its bytes are
//! digits. Prose prints long lines without, and its short lines (titles, the ends of paragraphs) stand alone or in pairs. So a text opens the gate
//! where three of four lines in a row are such; blank lines do not count. Nothing is stored for a line. Time is that
//! of a search for line ends, and of one for two blanks.

use memchr::{memchr3_iter, memmem};

use crate::text::Span;

/// A line of so many bytes is not short: most rows of words stay below, most lines of a paragraph do not.
const LONG_BYTES: usize = 80;

/// A line of a table of numbers has at least one digit in so many bytes.
const BYTES_A_DIGIT: usize = 9;

/// Lines that are looked at together, a bit each.
const NEIGHBOURS: u32 = 0b1111;

/// So many of them are like lines of a table.
const ENOUGH: u32 = 3;

/// Whether some lines outside of the `taken` spans, which are in order, may be those of a table.
pub(super) fn may_hold_tables(text: &str, taken: &[Span]) -> bool {
    let starts = taken.iter().map(|span| span.end).collect::<Vec<_>>();
    let ends = taken.iter().map(|span| span.start).chain([text.len()]);
    [0].into_iter()
        .chain(starts)
        .zip(ends)
        .any(|(start, end)| may_hold_rows(Span::new(start, end).slice(text)))
}

fn may_hold_rows(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut gaps = memmem::find_iter(bytes, b"  ").peekable();
    let (mut start, mut recent) = (0, 0u32);
    for end in memchr3_iter(b'\n', b'\r', b'\x0c', bytes).chain([bytes.len()]) {
        let line = bytes.get(start..end).unwrap_or_default();
        if !line.is_empty() {
            let is_short = line.len() < LONG_BYTES;
            // A blank line is none; what is long is seldom blank, and is looked at in any case.
            if !(is_short && line.iter().all(u8::is_ascii_whitespace)) {
                while !is_short && gaps.next_if(|gap| *gap < start).is_some() {}
                let like_row = is_short || gaps.peek().is_some_and(|gap| *gap < end) || shows_digits(line);
                recent = (recent << 1 | u32::from(like_row)) & NEIGHBOURS;
                if recent.count_ones() >= ENOUGH {
                    return true;
                }
            }
        }
        start = end + 1;
    }
    false
}

/// Whether a line starts or ends in a digit, or is full of them.
fn shows_digits(line: &[u8]) -> bool {
    if let [first, .., last] = line
        && (first.is_ascii_digit() || last.is_ascii_digit())
    {
        return true;
    }
    let mut digits = 0usize;
    for block in line.chunks(128) {
        digits += usize::from(block.iter().map(|byte| u8::from(byte.wrapping_sub(b'0') < 10)).sum::<u8>());
    }
    digits * BYTES_A_DIGIT >= line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &str = "The Board resolved in 2023 that the capital of the Company, RMB 1,250.5 million, be raised.\n\
                         This follows from the approval that the meeting of the shareholders gave on 12 May.\n";

    #[test]
    fn prose_is_no_table() {
        for text in ["", "\n\n", "a\nb\n"] {
            assert!(!may_hold_tables(text, &[]), "{text:?}");
        }
        assert!(!may_hold_tables(&PROSE.repeat(20), &[]));
        let titled = format!("Chapter One\n\n{PROSE}raised.\n\n{PROSE}");
        assert!(!may_hold_tables(&titled.repeat(5), &[]));
    }

    #[test]
    fn every_form_opens_it() {
        let layout = "Interest on deposits with banks and other institutions     1,200     1,350\n";
        let flattened = "Interest on deposits with banks and other institutions 1,200,000 1,350,000 99.5%\n";
        let stacked = "Interest\n1,200\n1,350\n";
        for table in [layout.repeat(3), flattened.repeat(3), stacked.to_owned(), "Interest 1 2\r".repeat(3)] {
            let text = format!("{PROSE}{table}{PROSE}");
            assert!(may_hold_tables(&text, &[]), "{table}");
            let start = PROSE.len();
            assert!(!may_hold_tables(&text, &[Span::new(start, start + table.len())]), "{table}");
        }
    }
}
