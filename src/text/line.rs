use memchr::{memchr3, memchr3_iter};

use super::Span;

/// One line of a text, without its line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The bytes of the line, its end left off.
    pub span: Span,
    /// Number of the line, from 1, as editors count: `\n`, `\r\n` and a lone `\r` end a line. A form feed ends
    /// one too but does not count, for print puts it before the first line of the next page.
    pub number: usize,
    /// Number of the page, from 1: one more than the form feeds before the line.
    pub page: usize,
}

/// The lines of a text, in order.
///
/// ```
/// use retabulate::text::Lines;
///
/// let texts: Vec<&str> = Lines::new("a\r\nb\x0cc").map(|line| line.span.slice("a\r\nb\x0cc")).collect();
/// assert_eq!(texts, ["a", "b", "c"]);
/// ```
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    text: &'t str,
    at: usize,
    number: usize,
    page: usize,
    done: bool,
}

impl<'t> Lines<'t> {
    /// Walks the lines of `text`.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0, number: 1, page: 1, done: text.is_empty() }
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        if self.done {
            return None;
        }
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let found = memchr3(b'\n', b'\r', b'\x0c', rest);
        let length = found.unwrap_or(rest.len());
        let line = Line { span: Span::new(self.at, self.at + length), number: self.number, page: self.page };
        match found {
            None => self.done = true,
            Some(position) => {
                let is_page_end = rest[position] == b'\x0c';
                self.at += position + line_end_length(rest, position);
                self.page += usize::from(is_page_end);
                self.number += usize::from(!is_page_end);
                self.done = self.at == self.text.len();
            }
        }
        Some(line)
    }
}

/// Length of the line end at `position`: 2 for `\r\n`, else 1.
pub(crate) fn line_end_length(bytes: &[u8], position: usize) -> usize {
    if bytes.get(position) == Some(&b'\r') && bytes.get(position + 1) == Some(&b'\n') { 2 } else { 1 }
}

/// Tells line and page of offsets that do not fall, counting only what lies between one and the next.
///
/// ```
/// use retabulate::text::LineCounter;
///
/// let mut counter = LineCounter::new("one\ntwo\n\x0cthree");
/// assert_eq!(counter.at(5), (2, 1));
/// assert_eq!(counter.at(10), (3, 2));
/// ```
#[derive(Clone, Debug)]
pub struct LineCounter<'t> {
    bytes: &'t [u8],
    at: usize,
    number: usize,
    page: usize,
}

impl<'t> LineCounter<'t> {
    /// Counts in `text` (or bytes), from its start.
    #[must_use]
    pub fn new(text: &'t (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { bytes: text.as_ref(), at: 0, number: 1, page: 1 }
    }

    /// Number and page, both from 1, of the line that holds `offset`; an offset before the last one asked for
    /// starts the count anew.
    pub fn at(&mut self, offset: usize) -> (usize, usize) {
        if offset < self.at {
            (self.at, self.number, self.page) = (0, 1, 1);
        }
        let offset = offset.min(self.bytes.len());
        let passed = self.bytes.get(self.at..offset).unwrap_or_default();
        for end in memchr3_iter(b'\n', b'\r', b'\x0c', passed) {
            match passed[end] {
                b'\n' => self.number += 1,
                b'\x0c' => self.page += 1,
                // A lone \r ends a line as well; the one of \r\n is counted with its \n.
                _ => self.number += usize::from(self.bytes.get(self.at + end + 1) != Some(&b'\n')),
            }
        }
        self.at = offset;
        (self.number, self.page)
    }

    /// The same for `offset` where the caller knows that one line end and no page end lies before it.
    pub(crate) fn at_next_line(&mut self, offset: usize) -> (usize, usize) {
        self.number += 1;
        self.at = offset;
        (self.number, self.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn mixed_line_ends_count_once() {
        let text = "a\r\nb\rc\n\nd\n\x0ce";
        let lines: Vec<(usize, usize, &str)> =
            Lines::new(text).map(|line| (line.number, line.page, line.span.slice(text))).collect();
        let expected =
            [(1, 1, "a"), (2, 1, "b"), (3, 1, "c"), (4, 1, ""), (5, 1, "d"), (6, 1, ""), (6, 2, "e")];
        assert_eq!(lines, expected);
    }

    proptest! {
        #[test]
        fn the_counter_counts_as_the_lines_do(text in "[ab\n\r\x0cé]{0,40}") {
            let mut counter = LineCounter::new(&text);
            for line in Lines::new(&text) {
                prop_assert_eq!(counter.at(line.span.start), (line.number, line.page));
            }
        }
    }
}
