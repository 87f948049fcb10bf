//! Alignment: header cells to fields, printed tokens to records.
//!
//! The result is *factored*: settled cells, and independent [`Choice`]s for what print, schema and document
//! leave open. A choice is never flattened into a list of whole tables.

mod alignment;

pub use alignment::{
    AlignedCell, AlignedColumn, AlignedRow, Alignment, Choice, ChoiceOption, Content, Placement,
    SchemaHandle, Slot,
};
