//! Alignment: header cells to fields, printed tokens to records.
//!
//! The result is *factored*: settled cells, and independent [`Choice`]s for what print, schema and document
//! leave open. A choice is never flattened into a list of whole tables.

mod adjacency;
mod alignment;
mod bind;
mod boxhead;
mod choose;
mod cut;
mod groups;
mod habits;
mod layout;
mod naming;
mod openings;
mod overlong;
mod packed;
mod phrase;
mod plain;
mod records;
mod run;
mod segment;
mod shapes;
mod shift;
mod sides;
#[cfg(test)]
mod slow;
mod standing;
mod table;
mod wrap;
mod year;

pub use alignment::{
    AlignedCell, AlignedColumn, AlignedRow, Alignment, Choice, ChoiceOption, Content, Placement,
    SchemaHandle, Slot,
};
pub(crate) use plain::{Aligned, Places, PlainCell, PlainCells, SURE};
pub use table::align_tables;
pub(crate) use table::{align_plainly, read_given};
pub(crate) use year::day_month;
