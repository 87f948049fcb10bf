//! Schemas: what a table should look like, and the catalog that picks one.
//!
//! A schema file is a Frictionless Table Schema descriptor with properties of ours. It is read in one pass
//! ([`Schema::from_json`]) with errors that point at their place ([`SchemaError`]); its rules are trees of the
//! check language ([`check`]). A [`Catalog`] finds the schemas whose headers a table may have
//! ([`Catalog::candidates`]); [`HeaderText`] compares one printed header with one expected.

mod builtin;
mod catalog;
mod derived;
mod descriptor;
mod error;
mod grammar;
mod index;
mod lint;
mod pattern;
mod place;
mod pointer;
mod print;
mod read;
mod resolve;
mod similarity;
mod words;
mod write;

pub use catalog::Catalog;
pub use descriptor::{
    Blank, Constant, Constraints, Field, FieldKind, Rounding, RowLabels, Schema, Side, SignMarks,
};
pub use error::{CatalogError, RuleError, SchemaError};
pub use lint::{Lint, lint};
pub use print::{PrintedCheck, PrintedExpression};
pub(crate) use similarity::Pattern;
pub use similarity::{HeaderText, similarity};
pub use words::{Words, normalize_words};

pub mod check;

#[cfg(test)]
mod tests;
