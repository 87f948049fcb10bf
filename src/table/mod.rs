//! The result: documents, tables, rows, cells, and what is known of each.
//!
//! These types mirror the JSON contract; [`crate::emit`] writes them.

mod cell;
mod diagnostic;
mod document;
mod listed;
mod rows;

pub use cell::{Alternative, Cell, CellDetail, CellMark, CellValue, CheckIds, Origin, Spans, Status};
pub use diagnostic::{Code, Diagnostic, Sink};
pub use document::{
    Check, CheckStatus, Column, Document, Equation, HeaderCell, Passage, Row, RowKind, Scale, Table,
};
pub(crate) use rows::{CheckStore, RowStore};
pub use rows::{Checks, Rows};
