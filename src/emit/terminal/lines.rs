//! From byte offsets to lines of the input.

use crate::text::Span;

/// Where the lines of an input start, counted as by [`crate::text::Lines`]: `\n`, `\r\n` and a lone `\r` end
/// one. The input need not be UTF-8.
pub(in crate::emit) struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    pub(in crate::emit) fn new(bytes: &[u8]) -> Self {
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes);
        let is_end = |at: &usize| !(bytes.get(*at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n'));
        Self { starts: std::iter::once(0).chain(ends.filter(is_end).map(|at| at + 1)).collect() }
    }

    /// Number of the line of `offset`, from 1.
    pub(in crate::emit) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset)
    }

    /// The bytes of a line, its end left off.
    pub(in crate::emit) fn span(&self, line: usize, bytes: &[u8]) -> Span {
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(bytes.len());
        let end = self.starts.get(line).copied().unwrap_or(bytes.len());
        let body = bytes.get(start..end).unwrap_or_default();
        let kept = body.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
        Span::new(start, start + kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Lines;

    #[test]
    fn lines_are_those_of_the_text() {
        let text = "a\r\nb\rc\n\nd\x0ce";
        let index = LineIndex::new(text.as_bytes());
        for line in Lines::new(text) {
            assert_eq!(index.line(line.span.start), line.number);
            assert!(index.span(line.number, text.as_bytes()).contains(line.span));
        }
    }
}
