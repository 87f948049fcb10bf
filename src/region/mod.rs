//! Regions: where tables start and end, and what stands around them.

mod caption;
mod evidence;
mod find;
mod furniture;
mod header;
mod join;
mod lines;
mod outline;
mod scan;

pub use find::{find_regions, find_regions_in};
pub use lines::{RegionLines, RegionLinesIter};

use crate::text::{Line, Span};

/// How a table is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Form {
    /// Cells between tabs.
    Tabs,
    /// Cells between pipes, as in Markdown.
    Pipes,
    /// HTML, rewritten with tabs before it was read.
    Html,
    /// Columns as gutters of blanks.
    Layout,
    /// A line a row, single blanks between the cells.
    Flattened,
    /// A cell a line.
    Stacked,
    /// Columns, or blocks of them, one after the other.
    Torn,
}

impl Form {
    /// The name in arguments and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tabs => "tabs",
            Self::Pipes => "pipes",
            Self::Html => "html",
            Self::Layout => "layout",
            Self::Flattened => "flattened",
            Self::Stacked => "stacked",
            Self::Torn => "torn",
        }
    }
}

/// What a line is to its region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineRole {
    /// A line of the table.
    Row,
    /// A header row that stands again after a page break or in the middle.
    RepeatedHeader,
    /// A rule: the `|---|` line of Markdown, lines of dashes.
    Rule,
    /// Page furniture inside the table.
    Furniture,
}

/// One line of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionLine {
    /// The line.
    pub line: Line,
    /// What it is.
    pub role: LineRole,
    /// Whether a blank line, a page end or furniture stands between it and the table line above.
    pub after_break: bool,
}

/// The byte range of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// From the first to the last byte of its lines.
    pub span: Span,
    /// How it is printed.
    pub form: Form,
    /// Its lines in order, blank ones left out.
    pub lines: RegionLines,
    /// Lines above that name or explain it.
    pub caption: Vec<Span>,
    /// Notes under it.
    pub notes: Vec<Span>,
    /// Number of leading rows that print or markup says are header: those above a rule, those of `<th>`.
    pub marked_header: Option<usize>,
    /// Number of the marked table that it is, from 0, if it is one.
    pub marked: Option<usize>,
}

#[cfg(test)]
mod tests;
