//! Schemas: what a table should look like, and the catalog that picks one.

mod catalog;
mod descriptor;

pub use catalog::Catalog;
pub use descriptor::{
    Blank, Constant, Constraints, Field, FieldKind, Rounding, RowLabels, Schema, SignMarks,
};

pub mod check;
