use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A half-open range of byte offsets into the text as given: `start..end`.
///
/// ```
/// use retabulate::Span;
///
/// let span = Span::new(2, 5);
/// assert_eq!(span.slice("a 1.5 b"), "1.5");
/// assert_eq!(span.len(), 3);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset just past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` to just before `end`, in bytes.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The empty span at `offset`.
    #[must_use]
    pub const fn empty(offset: usize) -> Self {
        Self { start: offset, end: offset }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span holds no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The text under the span; empty where the span does not fit `text`.
    #[must_use]
    #[inline]
    pub fn slice(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// Whether `other` lies inside this span.
    #[must_use]
    pub const fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two spans have a byte in common.
    #[must_use]
    pub const fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn cover(self, other: Span) -> Span {
        Span::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The span moved right by `offset` bytes: from the coordinates of a piece to those of its text.
    #[must_use]
    pub const fn shifted(self, offset: usize) -> Span {
        Span::new(self.start + offset, self.end + offset)
    }

    /// The span without the blanks at both of its ends; a blank span becomes empty at its start.
    #[must_use]
    pub fn trimmed(self, text: &str) -> Span {
        let slice = self.slice(text);
        // Most pieces start and end in print.
        if let [first, .., last] = slice.as_bytes()
            && first.is_ascii_graphic()
            && last.is_ascii_graphic()
        {
            return self;
        }
        let left = slice.len() - slice.trim_start().len();
        let body = slice.trim().len();
        Span::new(self.start + left.min(slice.len()), self.start + left.min(slice.len()) + body)
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Span::new(range.start, range.end)
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimming_keeps_offsets() {
        let text = "ab  c d  ";
        assert_eq!(Span::new(2, 9).trimmed(text), Span::new(4, 7));
        assert!(Span::new(7, 9).trimmed(text).is_empty());
    }

    #[test]
    fn a_span_outside_the_text_is_empty_text() {
        assert_eq!(Span::new(3, 9).slice("abc"), "");
    }
}
