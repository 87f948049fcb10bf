//! Runs: the text of one logical cell, which may stand in several pieces of the source.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::table::Spans;
use crate::text::Span;

/// The text of a logical cell with the way back to its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Run<'t> {
    pub(crate) text: Cow<'t, str>,
    /// Source pieces and where each begins in `text`.
    pieces: SmallVec<[(usize, Span); 2]>,
}

/// How two pieces of a run are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    /// Words: by one blank.
    Blank,
    /// A number or word that was broken: by nothing.
    Nothing,
}

impl<'t> Run<'t> {
    /// A run of one piece.
    pub(crate) fn single(text: &'t str, span: Span) -> Self {
        Self { text: Cow::Borrowed(span.slice(text)), pieces: SmallVec::from_iter([(0, span)]) }
    }

    /// A run of one piece whose text is owned.
    pub(crate) fn owned(text: String, span: Span) -> Self {
        Self { text: Cow::Owned(text), pieces: SmallVec::from_iter([(0, span)]) }
    }

    /// A run of several pieces in reading order, each with the joint before it; the first joint is not read.
    pub(crate) fn joined(text: &'t str, pieces: &[(Joint, Span)]) -> Self {
        if let [(_, span)] = pieces {
            return Self::single(text, *span);
        }
        let mut joined = String::new();
        let mut starts = SmallVec::new();
        for (index, (joint, span)) in pieces.iter().enumerate() {
            if index > 0 && *joint == Joint::Blank {
                joined.push(' ');
            }
            starts.push((joined.len(), *span));
            joined.push_str(span.slice(text));
        }
        Self { text: Cow::Owned(joined), pieces: starts }
    }

    /// A part of the run as a run of its own.
    pub(crate) fn sub(&self, part: Span) -> Self {
        let pieces = self.pieces.iter().filter_map(|&(start, span)| {
            let from = part.start.max(start);
            let to = part.end.min(start + span.len());
            let place =
                Span::new(span.start + from.saturating_sub(start), span.start + to.saturating_sub(start));
            (from < to).then(|| (from - part.start, place))
        });
        Self { text: self.part(part), pieces: pieces.collect() }
    }

    /// Whether another run is the same pieces of the source.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.pieces == other.pieces
    }

    /// Whether the run stands in one piece.
    pub(crate) fn is_single(&self) -> bool {
        self.pieces.len() == 1
    }

    /// The source spans of a part of the run, in reading order.
    pub(crate) fn source(&self, part: Span) -> Spans {
        if let [(_, span)] = self.pieces.as_slice() {
            return Spans::from_iter([part.shifted(span.start)]);
        }
        let mut spans = Spans::new();
        for &(start, span) in &self.pieces {
            let from = part.start.max(start);
            let to = part.end.min(start + span.len());
            if from < to {
                spans.push(Span::new(span.start + from - start, span.start + to - start));
            }
        }
        spans
    }

    /// A part of the run as text, borrowed where it stands in one piece.
    pub(crate) fn part(&self, part: Span) -> Cow<'t, str> {
        match &self.text {
            Cow::Borrowed(text) => Cow::Borrowed(part.slice(text)),
            Cow::Owned(text) => Cow::Owned(part.slice(text).to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_joined_runs_lead_back_to_their_bytes() {
        let text = "ab, cd 1, 234";
        let run = Run::joined(
            text,
            &[
                (Joint::Blank, Span::new(0, 3)),
                (Joint::Blank, Span::new(4, 6)),
                (Joint::Nothing, Span::new(10, 13)),
            ],
        );
        assert_eq!(run.text, "ab, cd234");
        assert_eq!(run.source(Span::new(4, 9)).as_slice(), [Span::new(4, 6), Span::new(10, 13)]);
        assert_eq!(run.part(Span::new(4, 9)), "cd234");
        assert_eq!(run.source(Span::new(0, 2)).as_slice(), [Span::new(0, 2)]);
    }
}
