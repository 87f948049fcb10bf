//! Text: offsets, lines, exact decimals, and the grammar of printed values.
//!
//! Nothing here knows about tables. Every position is a byte offset into the text as given.

mod decimal;
mod line;
mod span;
pub mod value;

pub use decimal::{Decimal, ParseDecimalError};
pub use line::{Line, Lines};
pub use span::Span;
