use memchr::memchr;

use super::{LineCounter, Span};

/// A document that is part of a greater text, and where it stands there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Its bytes.
    pub span: Span,
    /// Line ends before it, as [`Line::number`](super::Line::number) counts them.
    pub lines: usize,
    /// Form feeds before it.
    pub pages: usize,
}

/// The documents of a text in which lines that hold nothing but `mark` stand between one and the next.
///
/// Such a line belongs to no document. What is behind the last one is a document only if anything is printed there.
/// Time is linear in the text; nothing is copied.
///
/// ```
/// use retabulate::text::Parts;
///
/// let text = "a\tb\n\x0c\nc\td\n\x0c\n";
/// let parts: Vec<&str> = Parts::new(text.as_bytes(), b"\x0c").map(|part| part.span.slice(text)).collect();
/// assert_eq!(parts, ["a\tb\n", "c\td\n"]);
/// ```
#[derive(Clone, Debug)]
pub struct Parts<'t> {
    bytes: &'t [u8],
    mark: &'t [u8],
    counter: LineCounter<'t>,
    /// Where the next document starts; `None` behind the last.
    at: Option<usize>,
}

impl<'t> Parts<'t> {
    /// The documents of `bytes` between lines that are `mark`.
    #[must_use]
    pub fn new(bytes: &'t [u8], mark: &'t [u8]) -> Self {
        Self { bytes, mark, counter: LineCounter::new(bytes), at: Some(0) }
    }

    /// The next line from `at` on that is the mark: its start, and that of the line behind it.
    fn next_mark(&self, mut at: usize) -> Option<(usize, usize)> {
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or(rest);
            let next = at + length + usize::from(length < rest.len());
            if line.strip_suffix(b"\r").unwrap_or(line) == self.mark {
                return Some((at, next));
            }
            at = next;
        }
        None
    }
}

impl Iterator for Parts<'_> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        let start = self.at?;
        let mark = self.next_mark(start);
        let end = mark.map_or(self.bytes.len(), |(end, _)| end);
        self.at = mark.map(|(_, next)| next);
        let body = self.bytes.get(start..end).unwrap_or_default();
        let is_blank = || body.iter().all(|byte| byte.is_ascii_whitespace());
        if start > 0 && mark.is_none() && is_blank() {
            return None;
        }
        let (number, page) = self.counter.at(start);
        Some(Part { span: Span::new(start, end), lines: number - 1, pages: page - 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts<'t>(text: &'t str, mark: &str) -> Vec<(&'t str, usize, usize)> {
        Parts::new(text.as_bytes(), mark.as_bytes())
            .map(|part| (part.span.slice(text), part.lines, part.pages))
            .collect()
    }

    #[test]
    fn only_whole_lines_part() {
        assert_eq!(parts("", "\x0c"), [("", 0, 0)]);
        assert_eq!(parts("a\n\x0cb\n", "\x0c"), [("a\n\x0cb\n", 0, 0)], "a page end is no end of a document");
        assert_eq!(parts("a\r\n\x0c\r\nb", "\x0c"), [("a\r\n", 0, 0), ("b", 2, 1)]);
        assert_eq!(parts("a\n--\n\n--\nb\n--", "--"), [("a\n", 0, 0), ("\n", 2, 0), ("b\n", 4, 0)]);
        assert_eq!(parts("--\na", "--"), [("", 0, 0), ("a", 1, 0)]);
    }

    proptest! {
        #[test]
        fn nothing_but_marks_and_blanks_is_left_out(text in "(a|b|\n|\r\n|\x0c|-){0,30}") {
            let parts: Vec<Part> = Parts::new(text.as_bytes(), b"-").collect();
            let mut at = 0;
            let mut counter = LineCounter::new(&text);
            for part in &parts {
                let between = Span::new(at, part.span.start).slice(&text);
                prop_assert!(between.is_empty() || between.trim_end() == "-", "{:?}", between);
                prop_assert_eq!(counter.at(part.span.start), (part.lines + 1, part.pages + 1));
                at = part.span.end;
            }
            prop_assert!(text[at..].trim().trim_start_matches('-').trim().is_empty());
        }
    }
}
