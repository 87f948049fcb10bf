use memchr::memchr3;

use super::Span;

/// One line of a text, without its line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The bytes of the line, its end left off.
    pub span: Span,
    /// Number of the line, from 1. Ends are `\n`, `\r\n`, a lone `\r`, and a form feed.
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
                let wide = rest[position] == b'\r' && rest.get(position + 1) == Some(&b'\n');
                self.at += position + if wide { 2 } else { 1 };
                self.page += usize::from(rest[position] == b'\x0c');
                self.number += 1;
                self.done = self.at == self.text.len();
            }
        }
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixed_line_ends_count_once() {
        let text = "a\r\nb\rc\n\nd\x0ce";
        let lines: Vec<(usize, usize, &str)> =
            Lines::new(text).map(|line| (line.number, line.page, line.span.slice(text))).collect();
        assert_eq!(lines, [(1, 1, "a"), (2, 1, "b"), (3, 1, "c"), (4, 1, ""), (5, 1, "d"), (6, 2, "e")]);
    }
}
