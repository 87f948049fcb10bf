use smallvec::SmallVec;

use crate::text::{Decimal, Span};

/// A calendar date; checked to exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Year of the Gregorian calendar.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

/// What a printed number is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A bare number.
    #[default]
    None,
    /// Percent: `4.13%` has the value 4.13.
    Percent,
    /// Per mille.
    PerMille,
    /// Basis points.
    BasisPoints,
}

/// A printed number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// The exact value, at its printed scale, sign included; units such as percent are not divided out.
    pub amount: Decimal,
    /// Percent, per mille, basis points or none.
    pub unit: Unit,
    /// Where a currency is printed, in bytes of the text that was read.
    pub currency: Option<Span>,
}

/// One typed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// A number.
    Number(Number),
    /// A date.
    Date(Date),
    /// A nil mark: `-`, `—`, `N/A`, `無`.
    Nil,
    /// An enumerator such as `9.01`, `(a)`, `10.`.
    Ordinal,
    /// Anything else: its value is its text.
    Text,
}

/// A footnote mark that is printed with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where the mark is printed, in bytes of the text that was read.
    pub span: Span,
}

/// One way to read a printed text.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The typed value.
    pub value: Value,
    /// The part of the text that carries the value, marks and outer blanks off; bytes of the text that was read.
    pub body: Span,
    /// Footnote marks, in order.
    pub marks: SmallVec<[Mark; 1]>,
    /// How unlikely the reading is for its print alone, in bits; 0 for the usual reading.
    pub bits: f32,
}

/// All readings of one text, the cheapest first; never empty.
pub type Readings = SmallVec<[Reading; 2]>;

/// Reads `text` as every value that it may be, [`Value::Text`] last.
#[must_use]
pub fn read_values(text: &str) -> Readings {
    let body = Span::new(0, text.len()).trimmed(text);
    SmallVec::from_iter([Reading { value: Value::Text, body, marks: SmallVec::new(), bits: 0.0 }])
}
