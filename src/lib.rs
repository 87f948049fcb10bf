//! retabulate rebuilds tables that PDF extraction has broken, from text alone, with proof.

#![forbid(unsafe_code)]

mod assemble;
mod budget;
mod column;
mod explain;
mod hasher;
mod hints;
mod pipeline;
mod rebuilder;
mod undelimited;

pub mod align;
pub mod emit;
pub mod grid;
pub mod proof;
pub mod region;
pub mod schema;
pub mod table;
pub mod text;

pub use budget::Budget;
pub use hints::{GivenCell, Hints};
pub use rebuilder::{Rebuilder, RebuilderBuilder};
pub use schema::Schema;
pub use table::{Cell, Document, Table};
pub use text::{Decimal, Span};

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
