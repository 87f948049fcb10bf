//! Plain cells: what [`fit`](super::fit::fit) says of a print that is its value, without marks and other readings, read
//! with what is known of the column before its first cell. Nearly all cells of clean tables are plain.

use super::fit::{is_nil_of, number_bits};
use super::model::ColumnModel;
use crate::schema::FieldKind;
use crate::table::CellValue;
use crate::text::value::{Date, MAX_BARE_BYTES, plain_date, read_bare_number, read_plain_number};
use crate::text::{Decimal, Span};

/// What most cells of clean tables come to: nothing, or a print that is its value, no marks, no other reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    /// The column is not printed.
    Absent,
    /// Nothing is printed.
    Blank,
    /// A nil mark is printed.
    Nil,
    /// Words.
    Text,
    /// A date.
    Date,
    /// A number.
    Number,
}

/// The value of a plain cell. No enumeration with fields: those are copied in pieces that overlap what was just written,
/// and a processor waits for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlainValue {
    pub(crate) kind: Plain,
    /// Digits behind the point of a number.
    pub(crate) scale: u8,
    /// All digits of a number; year, month and day of a date, a byte each for the last two.
    pub(crate) mantissa: i64,
}

impl PlainValue {
    pub(crate) const ABSENT: Self = Self::of(Plain::Absent);
    pub(crate) const BLANK: Self = Self::of(Plain::Blank);
    pub(crate) const NIL: Self = Self::of(Plain::Nil);
    pub(crate) const TEXT: Self = Self::of(Plain::Text);

    const fn of(kind: Plain) -> Self {
        Self { kind, scale: 0, mantissa: 0 }
    }

    #[inline]
    fn date(date: Date) -> Self {
        let mantissa = i64::from(date.year) << 16 | i64::from(date.month) << 8 | i64::from(date.day);
        Self { kind: Plain::Date, scale: 0, mantissa }
    }

    /// A number; `None` where it is longer than a plain one is.
    pub(crate) fn number(amount: Decimal) -> Option<Self> {
        let mantissa = i64::try_from(amount.mantissa()).ok()?;
        Some(Self { kind: Plain::Number, scale: amount.scale(), mantissa })
    }

    /// The typed value.
    #[inline]
    pub(crate) fn value(self) -> Option<CellValue> {
        match self.kind {
            Plain::Absent | Plain::Blank | Plain::Nil => None,
            Plain::Text => Some(CellValue::Text),
            Plain::Date => {
                let [.., month, day] = self.mantissa.to_be_bytes();
                let year = i32::try_from(self.mantissa >> 16).ok()?;
                Some(CellValue::Date(Date { year, month, day }))
            }
            Plain::Number => Decimal::new(i128::from(self.mantissa), self.scale).map(CellValue::Number),
        }
    }

    /// The digits of a number that is printed.
    #[inline]
    pub(crate) fn amount(self) -> Option<i64> {
        (self.kind == Plain::Number).then_some(self.mantissa)
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
    Text {
        nils: NilOpenings,
    },
    /// Numbers with a decimal point; the print that costs nothing, where there is one.
    Number(Option<Usual>),
    Date,
    /// Columns whose cells all take a closer look.
    None,
}

/// The ASCII bytes that nil marks begin with, a bit each; few texts begin so.
#[derive(Clone, Copy, Debug)]
struct NilOpenings(u128);

impl NilOpenings {
    fn of(model: &ColumnModel) -> Self {
        let marks = model.nil_marks.iter().filter_map(|mark| mark.bytes().next()).chain([b'-']);
        Self(marks.filter(u8::is_ascii).fold(0, |set, byte| set | 1 << byte))
    }

    /// `false` only of texts that are no nil mark.
    #[inline]
    fn may_open(self, text: &str) -> bool {
        text.bytes().next().is_none_or(|byte| !byte.is_ascii() || self.0 >> byte & 1 == 1)
    }
}

/// Bare numbers that cost nothing, in groups of three digits: so many decimals.
#[derive(Clone, Copy, Debug)]
struct Usual {
    scale: u8,
}

impl<'m> PlainReader<'m> {
    /// A reader of the cells of a column.
    pub(crate) fn new(model: &'m ColumnModel) -> Self {
        let kind = match model.kind {
            FieldKind::String if model.values.is_empty() && model.pattern.is_none() => {
                PlainKind::Text { nils: NilOpenings::of(model) }
            }
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

    /// Measures what stands at `span` of a text, trimmed and not empty, where that needs no grammar. `None` says nothing:
    /// [`fit`](super::fit::fit) has the answer. Where it is `Some`, `fit` says the same, at a cost that is no trouble.
    #[inline]
    pub(crate) fn read(&self, text: &str, span: Span) -> Option<PlainValue> {
        match self.kind {
            PlainKind::Text { nils } => {
                let print = span.slice(text);
                let is_nil = nils.may_open(print) && is_nil_of(print, self.model);
                Some(if is_nil { PlainValue::NIL } else { PlainValue::TEXT })
            }
            PlainKind::Number(usual) => {
                let usual = usual.zip(text.as_bytes().get(span.start..span.end));
                let value = usual.and_then(|(usual, print)| usual.read(print));
                value.or_else(|| self.read_number(span.slice(text)))
            }
            PlainKind::Date => plain_date(text.as_bytes().get(span.start..span.end)?).map(PlainValue::date),
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
        is_open.then_some(Self { scale })
    }

    /// Where such a number has its separators its length says: no byte decides where the next one is looked for.
    #[inline]
    fn read(self, print: &[u8]) -> Option<PlainValue> {
        if print.len() > MAX_BARE_BYTES {
            return None;
        }
        let (whole, decimals) = match usize::from(self.scale) {
            0 => (print, &[][..]),
            scale => {
                let (whole, rest) = print.split_at_checked(print.len().checked_sub(scale + 1)?)?;
                let (b'.', decimals) = rest.split_first()? else { return None };
                (whole, decimals)
            }
        };
        let mut digits = Digits::default();
        let (head, groups) =
            whole.split_at_checked(if whole.len() > 3 { whole.len() % 4 } else { whole.len() })?;
        digits.add(head);
        for group in groups.as_chunks().0 {
            digits.add_group(*group);
        }
        digits.add(decimals);
        // `1.234` is 1234 in half of Europe, and `01` is a code.
        let is_open = self.scale == 3 && groups.is_empty() || head.first() == Some(&b'0') && whole.len() > 1;
        let is_number = !head.is_empty() && !digits.is_other && !is_open;
        let value = PlainValue { kind: Plain::Number, scale: self.scale, mantissa: digits.value };
        is_number.then_some(value)
    }
}

/// Digits that are added up.
#[derive(Default)]
struct Digits {
    value: i64,
    /// Whether something else stood among them.
    is_other: bool,
}

impl Digits {
    #[inline]
    fn add(&mut self, print: &[u8]) {
        // Heads, groups and decimals have seldom more than three digits.
        match *print {
            [a] => self.push([a]),
            [a, b] => self.push([a, b]),
            [a, b, c] => self.push([a, b, c]),
            _ => print.iter().for_each(|byte| self.push([*byte])),
        }
    }

    /// Adds a comma and three digits, all looked at in one word: beside the zeros they come to less than ten each.
    #[inline]
    fn add_group(&mut self, print: [u8; 4]) {
        let beside = u32::from_le_bytes(print) ^ u32::from_le_bytes(*b",000");
        self.is_other |= (beside | beside.wrapping_add(0x7676_7600)) & 0x8080_80ff != 0;
        let [_, a, b, c] = beside.to_le_bytes().map(u32::from);
        self.value = self.value * 1000 + i64::from(a * 100 + b * 10 + c);
    }

    #[inline]
    fn push<const COUNT: usize>(&mut self, print: [u8; COUNT]) {
        for byte in print {
            let digit = byte.wrapping_sub(b'0');
            self.is_other |= digit > 9;
            self.value = self.value * 10 + i64::from(digit & 15);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::column::fit::fit;

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
            if let Some(plain) = PlainReader::new(&model).read(&text, Span::new(0, text.len())) {
                let long = fit(&text, &model);
                prop_assert_eq!(plain.value(), long.value);
                prop_assert!(long.bits < 4.5 && long.marks.is_empty() && !long.is_damaged);
                prop_assert_eq!(long.margin, f32::INFINITY);
                prop_assert_eq!(long.body, Span::new(0, text.len()));
                prop_assert_eq!(long.is_nil, plain == PlainValue::NIL);
            }
        }
    }
}
