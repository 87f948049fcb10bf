//! Plain cells: what [`fit`](super::fit::fit) says of a print that is its value, without marks and other readings, read
//! with what is known of the column before its first cell. Nearly all cells of clean tables are plain.

use super::fit::{is_nil_of, number_bits};
use super::model::ColumnModel;
use crate::schema::FieldKind;
use crate::table::CellValue;
use crate::text::Decimal;
use crate::text::value::{BareFigure, Date, read_bare_number, read_plain_date, read_plain_number};

/// What most cells of clean tables come to: nothing, or a print that is its value, no marks, no other reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlainValue {
    /// The column is not printed.
    Absent,
    /// Nothing is printed.
    Blank,
    /// A nil mark is printed.
    Nil,
    /// Words.
    Text,
    /// A date.
    Date(Date),
    /// A number: digits without a point, and how many of them stand behind it.
    Number { mantissa: i64, scale: u8 },
}

impl PlainValue {
    /// A number; `None` where it is longer than a plain one is.
    fn number(amount: Decimal) -> Option<Self> {
        let mantissa = i64::try_from(amount.mantissa()).ok()?;
        Some(Self::Number { mantissa, scale: amount.scale() })
    }

    /// The typed value.
    #[inline]
    pub(crate) fn value(self) -> Option<CellValue> {
        match self {
            Self::Absent | Self::Blank | Self::Nil => None,
            Self::Text => Some(CellValue::Text),
            Self::Date(date) => Some(CellValue::Date(date)),
            Self::Number { mantissa, scale } => {
                Decimal::new(i128::from(mantissa), scale).map(CellValue::Number)
            }
        }
    }
}

/// Reads the plain cells of one column.
#[derive(Debug)]
pub(crate) struct PlainReader<'m> {
    model: &'m ColumnModel,
    kind: PlainKind,
}

#[derive(Clone, Copy, Debug)]
enum PlainKind {
    /// Texts of any kind.
    Text,
    /// Numbers with a decimal point; the print that costs nothing, where there is one.
    Number(Option<Usual>),
    Date,
    /// Columns whose cells all take a closer look.
    None,
}

/// Bare numbers that cost nothing: so many decimals, grouped as the table is.
#[derive(Clone, Copy, Debug)]
struct Usual {
    scale: u8,
    is_grouped: bool,
}

impl<'m> PlainReader<'m> {
    /// A reader of the cells of a column.
    pub(crate) fn new(model: &'m ColumnModel) -> Self {
        let kind = match model.kind {
            FieldKind::String if model.values.is_empty() && model.pattern.is_none() => PlainKind::Text,
            FieldKind::Integer | FieldKind::Number
                if model.sign.is_none() && model.decimal_char.is_none_or(|point| point == '.') =>
            {
                PlainKind::Number(Usual::of(model))
            }
            FieldKind::Date => PlainKind::Date,
            _ => PlainKind::None,
        };
        Self { model, kind }
    }

    /// Measures `text`, trimmed and not empty, where that needs no grammar. `None` says nothing:
    /// [`fit`](super::fit::fit) has the answer. Where it is `Some`, `fit` says the same, at a cost that is no trouble.
    #[inline]
    pub(crate) fn read(&self, text: &str) -> Option<PlainValue> {
        match self.kind {
            PlainKind::Text => {
                Some(if is_nil_of(text, self.model) { PlainValue::Nil } else { PlainValue::Text })
            }
            PlainKind::Number(usual) => {
                usual.and_then(|usual| usual.read(text)).or_else(|| self.read_number(text))
            }
            PlainKind::Date => read_plain_date(text).map(PlainValue::Date),
            PlainKind::None => None,
        }
    }

    fn read_number(&self, text: &str) -> Option<PlainValue> {
        let number = read_bare_number(text).or_else(|| read_plain_number(text))?;
        if number_bits(&number, text, self.model) < 1.0 { PlainValue::number(number.amount) } else { None }
    }
}

impl Usual {
    /// Numbers without a minus that [`number_bits`] finds nothing odd in; `None` where the column has no habit.
    fn of(model: &ColumnModel) -> Option<Self> {
        let scale = model.scale.filter(|scale| *scale == 0 || model.kind != FieldKind::Integer)?;
        let is_open = !model.percent && model.minimum.is_none_or(|minimum| minimum <= Decimal::ZERO);
        is_open.then_some(Self { scale, is_grouped: model.is_grouped })
    }

    #[inline]
    fn read(self, text: &str) -> Option<PlainValue> {
        let figure = BareFigure::read(text.as_bytes())?;
        let is_usual =
            figure.decimals() == usize::from(self.scale) && !(self.is_grouped && figure.lacks_groups());
        is_usual.then_some(PlainValue::Number { mantissa: figure.mantissa(), scale: self.scale })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::column::fit::fit;
    use crate::text::Span;

    proptest! {
        /// Where the short way says something, the long way says the same at no trouble.
        #[test]
        fn plain_cells_fit_as_they_are_read(
            text in "[-(]?[0-9]{1,4}([,.][0-9]{1,4}){0,3}%?\\)?|20[0-9]{2}-[01][0-9]-[0-3][0-9]|[-a-z0-9—]{1,6}|[a-z]{1,5} [0-9(*)]{1,4}",
            kind in prop_oneof![
                Just(FieldKind::String), Just(FieldKind::Integer), Just(FieldKind::Number), Just(FieldKind::Date)
            ],
            scale in proptest::option::of(0u8..4),
            is_grouped in any::<bool>(),
            percent in any::<bool>(),
            minimum in proptest::option::of(-1i128..2),
        ) {
            let model = ColumnModel {
                scale,
                scale_cells: 20,
                is_grouped,
                minimum: minimum.map(Decimal::from_integer),
                ..ColumnModel::of_kind(kind, percent)
            };
            if let Some(plain) = PlainReader::new(&model).read(&text) {
                let long = fit(&text, &model);
                prop_assert_eq!(plain.value(), long.value);
                prop_assert!(long.bits < 4.5 && long.marks.is_empty() && !long.is_damaged);
                prop_assert_eq!(long.margin, f32::INFINITY);
                prop_assert_eq!(long.body, Span::new(0, text.len()));
                prop_assert_eq!(long.is_nil, plain == PlainValue::Nil);
            }
        }
    }
}
