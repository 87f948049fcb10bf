//! Text: offsets, lines, exact decimals, and the grammar of printed values.
//!
//! Nothing here knows about tables. Every position is a byte offset into the text as given.

mod decimal;
mod line;
mod markup;
mod parts;
mod source;
mod span;
pub mod value;
pub(crate) mod window;
mod words;

pub use decimal::{Decimal, ParseDecimalError};
pub(crate) use line::line_end_length;
pub use line::{Line, LineCounter, Lines};
pub use markup::{MarkedTable, Markup, read_markup};
pub use parts::{Part, Parts};
pub(crate) use source::OffsetMap;
pub use source::{Source, SourceError};
pub use span::Span;
pub(crate) use words::word_spans;

/// Whether a byte is white space, as [`char::is_whitespace`] has it of ASCII.
#[inline]
pub(crate) const fn is_ascii_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}
