use std::borrow::Cow;

use smallvec::SmallVec;

use crate::text::value::Date;
use crate::text::{Decimal, Span};

/// The source spans of one piece of text, in reading order; most cells have one.
pub type Spans = SmallVec<[Span; 1]>;

/// Ids of checks, ascending; few cells have more than two.
pub type CheckIds = SmallVec<[u32; 2]>;

/// How a cell's text came to stand where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// As printed, in its own cell; an empty printed cell too.
    #[default]
    Verbatim,
    /// Cut out of a larger printed cell.
    Split,
    /// Put together from several printed pieces.
    Joined,
    /// Printed in the place of another row or column.
    Moved,
    /// Printed with a plain OCR confusion; the value holds the reading, the text the print.
    Corrected,
    /// Not printed; the value is forced.
    Inferred,
    /// Not printed, or not placeable, and not forced.
    Missing,
    /// Given by the caller.
    Given,
}

/// What the table's arithmetic says of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Forced by the checks and the other prints.
    Proven,
    /// In a check that holds, but not forced.
    Consistent,
    /// In no check.
    #[default]
    Unchecked,
    /// More than one value or place is left.
    Ambiguous,
    /// In a check that fails.
    Contradicted,
    /// A budget ended before this was settled.
    Open,
}

impl Origin {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verbatim => "verbatim",
            Self::Split => "split",
            Self::Joined => "joined",
            Self::Moved => "moved",
            Self::Corrected => "corrected",
            Self::Inferred => "inferred",
            Self::Missing => "missing",
            Self::Given => "given",
        }
    }

    /// Whether the engine changed something to get here.
    #[must_use]
    pub const fn is_repair(self) -> bool {
        !matches!(self, Self::Verbatim | Self::Given)
    }
}

impl Status {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Consistent => "consistent",
            Self::Unchecked => "unchecked",
            Self::Ambiguous => "ambiguous",
            Self::Contradicted => "contradicted",
            Self::Open => "open",
        }
    }

    /// Whether a cell of this status is never presented as certain.
    #[must_use]
    pub const fn is_doubtful(self) -> bool {
        matches!(self, Self::Ambiguous | Self::Contradicted | Self::Open)
    }
}

/// The typed value of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CellValue {
    /// A number; percent in percent units. A string in JSON.
    Number(Decimal),
    /// A date; ISO 8601 in JSON.
    Date(Date),
    /// A truth value.
    Boolean(bool),
    /// The text itself.
    Text,
}

/// A footnote mark that was printed with a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellMark {
    /// The mark as printed.
    pub text: String,
    /// Where it stands, in bytes of the text as given.
    pub span: Span,
}

/// Another reading of a cell that is not excluded.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// The typed value, if the reading has one.
    pub value: Option<CellValue>,
    /// The text; empty where the reading leaves the cell unprinted.
    pub text: String,
    /// Where the text stands.
    pub spans: Spans,
    /// Posterior among the live readings, 0 to 1.
    pub confidence: f32,
}

/// What only few cells have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellDetail {
    /// Footnote marks.
    pub marks: Vec<CellMark>,
    /// Group of cells of equal value that share fewer tokens.
    pub shares: Option<u32>,
    /// The other live readings, the likeliest first.
    pub alternatives: Vec<Alternative>,
}

/// One cell of a rebuilt table.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell<'t> {
    /// The printed pieces in reading order, joined by the rule of the origin; empty where nothing is printed.
    pub text: Cow<'t, str>,
    /// The typed value; `None` for blank, nil and unread cells.
    pub value: Option<CellValue>,
    /// How the text came here.
    pub origin: Origin,
    /// What arithmetic says of it.
    pub status: Status,
    /// Where the text stands, in bytes of the text as given.
    pub spans: Spans,
    /// Posterior of the cell, 0 to 1, inside the band of its status; .80 or more means certain.
    pub confidence: f32,
    /// Ids of the checks that carry the status.
    pub because: CheckIds,
    /// Marks, alternatives and shares, where there are any.
    pub detail: Option<Box<CellDetail>>,
}

impl Cell<'_> {
    /// Whether the cell may be used without a look: confidence .80 or more and no doubtful status.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.confidence >= 0.8 && !self.status.is_doubtful()
    }

    /// Whether the cell says anything: printed text or an inferred value.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        !self.text.is_empty() || self.value.is_some()
    }

    /// Footnote marks of the cell.
    #[must_use]
    pub fn marks(&self) -> &[CellMark] {
        self.detail.as_ref().map_or(&[], |detail| &detail.marks)
    }

    /// The other live readings.
    #[must_use]
    pub fn alternatives(&self) -> &[Alternative] {
        self.detail.as_ref().map_or(&[], |detail| &detail.alternatives)
    }

    /// Ids of the checks that carry the status.
    #[must_use]
    pub fn because(&self) -> &[u32] {
        &self.because
    }

    /// The cell with its text owned, free of the input's lifetime.
    #[must_use]
    pub fn into_owned(self) -> Cell<'static> {
        Cell {
            text: Cow::Owned(self.text.into_owned()),
            value: self.value,
            origin: self.origin,
            status: self.status,
            spans: self.spans,
            confidence: self.confidence,
            because: self.because,
            detail: self.detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells are what large documents consist of.
    #[test]
    fn values_take_three_words() {
        assert!(size_of::<Option<CellValue>>() <= 24);
    }
}
