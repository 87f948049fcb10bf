//! Cells and columns as writers see them: `certain_only` applied, values written out.

use std::borrow::Cow;
use std::io::Write as _;

use crate::table::{Alternative, Cell, CellMark, CellValue, Column, Origin, Status};
use crate::text::value::Date;
use crate::text::{Decimal, Span};

/// A cell as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct CellView<'a> {
    pub(super) text: &'a str,
    pub(super) value: Option<CellValue>,
    pub(super) origin: Origin,
    pub(super) status: Status,
    pub(super) spans: &'a [Span],
    pub(super) confidence: f32,
    pub(super) marks: &'a [CellMark],
    pub(super) shares: Option<u32>,
    pub(super) alternatives: &'a [Alternative],
    pub(super) because: &'a [u32],
    /// The cell itself, where its reading is withheld because it is not certain.
    pub(super) withheld: Option<&'a Cell<'a>>,
}

impl<'a> CellView<'a> {
    pub(super) fn new(cell: &'a Cell<'a>, certain_only: bool) -> Self {
        let view = Self {
            text: &cell.text,
            value: cell.value,
            origin: cell.origin,
            status: cell.status,
            spans: &cell.spans,
            confidence: cell.confidence,
            marks: cell.marks(),
            shares: cell.detail.as_ref().and_then(|detail| detail.shares),
            alternatives: cell.alternatives(),
            because: cell.because(),
            withheld: None,
        };
        if !certain_only || cell.is_certain() {
            return view;
        }
        let withheld = (cell.origin != Origin::Missing).then_some(cell);
        Self { text: "", value: None, origin: Origin::Missing, spans: &[], confidence: 0.0, withheld, ..view }
    }

    /// The text for human eyes and spreadsheets: as printed, but the value where nothing is printed and where
    /// the print is confused.
    pub(super) fn shown(&self, column: &Column) -> Cow<'a, str> {
        match self.value {
            Some(value) if self.text.is_empty() || self.origin == Origin::Corrected => {
                show_value(value, self.text, column.percent)
            }
            _ => Cow::Borrowed(self.text),
        }
    }
}

/// A value as text; `text` is what is printed, `percent` whether the column holds percentages.
pub(super) fn show_value(value: CellValue, text: &str, percent: bool) -> Cow<'_, str> {
    match value {
        CellValue::Number(number) if percent => {
            Cow::Owned(format!("{}%", Digits::of_decimal(number).as_str()))
        }
        CellValue::Number(number) => Cow::Owned(Digits::of_decimal(number).as_str().to_owned()),
        CellValue::Date(date) => Cow::Owned(Digits::of_date(date).as_str().to_owned()),
        CellValue::Boolean(truth) => Cow::Borrowed(if truth { "true" } else { "false" }),
        CellValue::Text => Cow::Borrowed(text),
    }
}

/// The header of a column for human eyes: what is printed, else what the schema says.
pub(super) fn show_header(column: &Column) -> Cow<'_, str> {
    if !column.title.is_empty() {
        return Cow::Borrowed(&column.title);
    }
    let path = column.header.iter().filter(|level| !level.is_empty());
    let joined = itertools::Itertools::join(&mut path.map(String::as_str), " ");
    if !joined.is_empty() {
        return Cow::Owned(joined);
    }
    Cow::Borrowed(column.schema_title.as_deref().or(column.name.as_deref()).unwrap_or(""))
}

/// Type of a column in JSON: that of the field, but `percent` where its numbers are percentages.
pub(super) fn type_name(column: &Column) -> &'static str {
    if column.percent && column.kind.is_numeric() { "percent" } else { column.kind.name() }
}

/// Confidence in whole thousandths. Below .80 means "not certain", so nothing below it is rounded up to it,
/// and nothing doubtful reaches it.
pub(super) fn thousandths(confidence: f32, doubtful: bool) -> u16 {
    let bounded = if confidence.is_finite() { confidence.clamp(0.0, 1.0) } else { 0.0 };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within 0..=1000
    let rounded = (f64::from(bounded) * 1000.0).round() as u16;
    if doubtful || bounded < 0.8 { rounded.min(799) } else { rounded }
}

/// A number or date written out without the heap: the 39 digits of an `i128`, sign, point and a zero fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Digits {
    bytes: [u8; 48],
    start: usize,
    end: usize,
}

impl Digits {
    pub(super) fn of_decimal(number: Decimal) -> Self {
        let mut digits = Self { bytes: [0; 48], start: 48, end: 48 };
        let scale = usize::from(number.scale());
        let mut rest = number.mantissa().unsigned_abs();
        let mut count = 0;
        while rest > 0 || count <= scale {
            if scale > 0 && count == scale {
                digits.prepend(b'.');
            }
            // Most amounts fit 64 bits, whose division is many times faster.
            let digit = match u64::try_from(rest) {
                Ok(small) => {
                    rest = u128::from(small / 10);
                    small % 10
                }
                Err(_) => {
                    let digit = rest % 10;
                    rest /= 10;
                    u64::try_from(digit).unwrap_or(0)
                }
            };
            digits.prepend(b'0' + u8::try_from(digit).unwrap_or(0));
            count += 1;
        }
        if number.is_negative() {
            digits.prepend(b'-');
        }
        digits
    }

    /// `year-month-day`, ISO 8601.
    pub(super) fn of_date(date: Date) -> Self {
        let mut bytes = [0; 48];
        let mut rest = bytes.as_mut_slice();
        let sign = if date.year < 0 { "-" } else { "" };
        // The longest year has ten digits; the buffer cannot be too short.
        let _ = write!(rest, "{sign}{:04}-{:02}-{:02}", date.year.unsigned_abs(), date.month, date.day);
        let end = 48 - rest.len();
        Self { bytes, start: 0, end }
    }

    pub(super) fn as_str(&self) -> &str {
        self.bytes.get(self.start..self.end).and_then(|ascii| std::str::from_utf8(ascii).ok()).unwrap_or("")
    }

    fn prepend(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_are_those_of_display(mantissa in any::<i128>(), shift in 0u32..120, scale in 0u8..=28) {
            let number = Decimal::new(mantissa >> shift, scale).unwrap();
            let digits = Digits::of_decimal(number);
            prop_assert_eq!(digits.as_str(), number.to_string());
        }
    }

    #[test]
    fn dates_are_iso() {
        let date = |year| Digits::of_date(Date { year, month: 3, day: 9 }).as_str().to_owned();
        assert_eq!([date(2023), date(987), date(-44)], ["2023-03-09", "0987-03-09", "-0044-03-09"]);
    }

    #[test]
    fn nothing_is_rounded_up_to_certain() {
        assert_eq!(thousandths(0.7999, false), 799);
        assert_eq!(thousandths(0.8, false), 800);
        assert_eq!(thousandths(0.93, true), 799);
        assert_eq!(thousandths(0.123_49, true), 123);
        assert_eq!(thousandths(f32::NAN, false), 0);
        assert_eq!(thousandths(7.0, false), 1000);
    }
}
