//! The lines of a text with what a count of byte classes says of each: what readers look at before they make tokens.

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
        Self { text, lines }
    }
}

fn count_line(text: &str, line: Line, is_taken: bool) -> PrintLine {
    let body = line.span.trimmed(text);
    let (mut digits, mut letters, mut blanks, mut gaps) = (0, 0, 0, 0);
    let mut run = 0;
    for byte in body.slice(text).bytes() {
        match byte {
            b' ' => run += 1,
            b'\t' => run += 2,
            _ => {
                blanks += u32::from(run > 0);
                gaps += u32::from(run > 1);
                run = 0;
                digits += u32::from(byte.is_ascii_digit());
                letters += u32::from(byte.is_ascii_alphabetic() || byte >= 0x80);
            }
        }
    }
    PrintLine { line, body, digits, letters, blanks, gaps, is_taken }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_by_class() {
        let print = Print::new("a\tb\n\n  Bolt  1,200   30 \n", &[Span::new(0, 3)]);
        let [taken, blank, row] = print.lines.as_slice() else { panic!("three lines") };
        assert!(taken.is_taken && blank.is_blank() && !row.is_taken);
        assert_eq!((row.digits, row.letters, row.blanks, row.gaps), (6, 4, 2, 2));
    }
}
