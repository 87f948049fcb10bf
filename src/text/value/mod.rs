//! The grammar of printed values.
//!
//! [`read_values`] reads one cell as everything its print may mean: each [`Reading`] has a typed value, the
//! spans of its parts, and a cost in bits for the print alone. Nothing is settled here: `1.234` is two numbers,
//! `(1)` a mark, minus one and an enumerator, `01/07/2023` two days; columns and proofs decide later.
//! [`read_plain_number`] is the fast path for the forms that leave nothing open, [`scan_values`] splits a run
//! of several values, [`cut_glued`] one that lost its blanks, [`atoms`] is the tokenizer beneath every cut,
//! [`read_spaced`] and [`read_confused`] read prints that are damaged inside a number, and [`read_day_month`] dates
//! whose year stands elsewhere.
//!
//! | file | grammar |
//! | --- | --- |
//! | `chars` | character classes, full-width forms |
//! | `figure` | digits with separators, and what they may mean |
//! | `number`, `currency`, `unit` | signs, brackets, currencies, percent, scale words |
//! | `date`, `ordinal`, `nil`, `mark` | the other kinds of value |
//! | `yearless` | dates without their year |
//! | `compound`, `glued`, `atom` | runs of several values |
//! | `damaged` | blanks and confused characters inside a number |
//! | `plain`, `row` | the fast paths |
//! | `cost` | every cost in bits, with its reason |

mod atom;
mod chars;
mod compound;
mod cost;
mod currency;
mod damaged;
mod date;
mod figure;
mod glued;
mod mark;
mod nil;
mod number;
mod ordinal;
mod plain;
mod reading;
#[cfg(test)]
mod round_trip;
mod row;
mod unit;
mod yearless;

pub use atom::{Atom, AtomKind, Atoms, atoms};
pub use compound::{Segment, scan_values};
pub use damaged::{read_confused, read_spaced};
pub use glued::{Cut, cut_glued};
pub(crate) use plain::{MAX_BARE_BYTES, plain_date, read_bare_number};
pub use plain::{read_plain_date, read_plain_number};
pub(crate) use reading::opens_with_words;
pub use reading::{Date, Mark, Marks, Number, Reading, Readings, Unit, Value, read_values};
pub(crate) use row::{plain_row, scan_spans};
pub use yearless::{DayMonth, read_day_month};
