//! The rows of a table that rules are tried on.

use crate::align::Alignment;
use crate::table::RowKind;

/// The rows of a table that are records.
#[derive(Debug)]
pub(super) enum Records {
    /// All of so many rows: nearly always.
    All(usize),
    /// These, ascending.
    Some(Vec<usize>),
}

impl Records {
    pub(super) fn of(table: &Alignment<'_>) -> Self {
        let is_record = |row: &usize| table.rows[*row].kind == RowKind::Data;
        let rows = 0..table.rows.len();
        if rows.clone().all(|row| is_record(&row)) {
            return Self::All(rows.len());
        }
        Self::Some(rows.filter(is_record).collect())
    }

    pub(super) const fn len(&self) -> usize {
        match self {
            Self::All(count) => *count,
            Self::Some(rows) => rows.len(),
        }
    }

    /// The row of a record.
    #[inline]
    pub(super) fn row(&self, record: usize) -> Option<usize> {
        match self {
            Self::All(count) => Some(record).filter(|record| record < count),
            Self::Some(rows) => rows.get(record).copied(),
        }
    }

    /// The record that stands in a row.
    #[inline]
    pub(super) fn at(&self, row: usize) -> Option<usize> {
        match self {
            Self::All(count) => Some(row).filter(|row| row < count),
            Self::Some(rows) => rows.binary_search(&row).ok(),
        }
    }
}
