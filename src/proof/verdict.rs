use crate::table::{Check, CheckIds, Status};
use crate::text::Decimal;

/// What a cell holds after the proof.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Outcome {
    /// The content that the alignment gave it stays.
    #[default]
    Kept,
    /// Token `token` of the placement `choice` lands here.
    Token {
        /// Index in the alignment's choices.
        choice: usize,
        /// Index in the placement's tokens.
        token: usize,
    },
    /// Option `option` of the readings `choice` holds.
    Option {
        /// Index in the alignment's choices.
        choice: usize,
        /// Index in the choice's options.
        option: usize,
    },
    /// Nothing is printed; the checks force this value.
    Inferred(Decimal),
    /// What is printed is confused, or has lost its decimal point; the checks force this reading of it.
    Corrected(Decimal),
    /// Nothing is printed, nothing is forced.
    Missing,
}

/// Another value that a cell may have.
#[derive(Clone, Debug, PartialEq)]
pub struct VerdictAlternative {
    /// The value; `None`: empty.
    pub value: Option<Decimal>,
    /// The placement and its token that would land here, if any.
    pub token: Option<(usize, usize)>,
    /// Share of the live readings, 0 to 1.
    pub weight: f32,
}

/// The verdict on one cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellVerdict {
    /// What the cell holds.
    pub outcome: Outcome,
    /// What arithmetic says of it.
    pub status: Status,
    /// Ids of the checks that carry the status.
    pub because: CheckIds,
    /// Whether every other reading of the cell is refuted, so that what it holds stands, tested or not.
    pub is_settled: bool,
    /// Group of cells of equal value that share fewer tokens.
    pub shares: Option<u32>,
    /// The other live readings, the likeliest first.
    pub alternatives: Vec<VerdictAlternative>,
}

/// The verdicts on one table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableVerdicts {
    /// Rows x columns, row-major, as in the alignment.
    pub cells: Vec<CellVerdict>,
    /// The checks that were tried, in order of id.
    pub checks: Vec<Check>,
}

impl TableVerdicts {
    /// Verdicts on `count` cells that no check reads.
    #[must_use]
    pub fn unchecked(count: usize) -> Self {
        Self { cells: std::iter::repeat_with(CellVerdict::default).take(count).collect(), checks: Vec::new() }
    }

    /// Whether all that is said is that no check reads any cell.
    pub(crate) fn say_nothing(&self) -> bool {
        let is_silent = |cell: &CellVerdict| {
            matches!(cell.outcome, Outcome::Kept)
                && cell.status == Status::Unchecked
                && cell.because.is_empty()
                && cell.shares.is_none()
                && cell.alternatives.is_empty()
        };
        self.checks.is_empty() && self.cells.iter().all(is_silent)
    }
}

/// The verdicts on all tables of a document, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdicts {
    /// One a table.
    pub tables: Vec<TableVerdicts>,
}
