//! The grammar of printed values.

mod reading;

pub use reading::{Date, Mark, Number, Reading, Readings, Unit, Value, read_values};
