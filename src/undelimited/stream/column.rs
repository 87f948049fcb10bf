//! What is expected of a column before anything is learned: its type, and the shapes that such cells have.

use super::shape::{SHAPES, Shape};
use crate::column::fit::fit;
use crate::column::model::ColumnModel;
use crate::schema::{FieldKind, Schema};
use crate::text::value::read_day_month;

/// Shares of the shapes among the words of prose: what a reading as a table is measured against. Counted over the
/// running text of annual reports and articles, rounded.
pub(super) const PROSE: [f32; SHAPES] = [
    0.33, 0.33, 0.14, 0.02, 0.01, 0.012, 0.03, 0.02, 0.02, 0.01, 0.005, 0.008, 0.015, 0.008, 0.01, 0.01,
    0.01, 0.01,
];

/// Kinds of columns that differ in the shapes of their cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Number,
    Percent,
    Date,
    /// Numbers and marks of any kind, in a column that the schema calls text.
    Value,
}

/// One column of the table that is looked for.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) model: ColumnModel,
    pub(super) kind: Kind,
    /// Columns whose texts measure alike have one class.
    pub(super) class: usize,
    pub(super) required: bool,
    /// The only values there are, as the schema writes them.
    pub(super) values: Vec<String>,
}

/// The columns of a schema, in its order.
pub(super) fn columns_of(schema: &Schema) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::with_capacity(schema.fields.len());
    for field in &schema.fields {
        let mut model = ColumnModel::of_field(field, schema);
        // Listed values are measured as phrases, not word by word.
        let values = std::mem::take(&mut model.values).into_iter().collect();
        let kind = match field.kind {
            FieldKind::String | FieldKind::Boolean => Kind::Text,
            FieldKind::Integer => Kind::Integer,
            FieldKind::Number if field.percent => Kind::Percent,
            FieldKind::Number => Kind::Number,
            FieldKind::Date => Kind::Date,
        };
        let known = columns.iter().position(|other| other.kind == kind && other.model.measures_like(&model));
        let class = known.and_then(|known| columns.get(known)).map_or(columns.len(), |other| other.class);
        columns.push(Column { required: model.required, model, kind, class, values });
    }
    columns
}

/// The columns with what the schema calls text read as values, the first such column left out: many tables say text of
/// columns that hold numbers. None if there is no such column. A start for learning, no more.
pub(super) fn as_values(columns: &[Column]) -> Option<Vec<Column>> {
    let mut changed = columns.to_vec();
    let texts =
        changed.iter_mut().filter(|column| column.kind == Kind::Text && column.values.is_empty()).skip(1);
    let mut count = 0;
    for column in texts {
        column.kind = Kind::Value;
        count += 1;
    }
    (count > 0).then_some(changed)
}

/// The columns with a first text column that may be empty though the schema requires it: wrapped labels may be printed
/// elsewhere. None if there is no such column, or no column of values to hold the rows together. A start for learning.
pub(super) fn without_labels(columns: &[Column]) -> Option<Vec<Column>> {
    let mut changed = columns.to_vec();
    let has_values = columns.iter().any(|column| column.kind != Kind::Text);
    let first =
        changed.first_mut().filter(|column| has_values && column.required && column.kind == Kind::Text)?;
    first.required = false;
    Some(changed)
}

/// Words of the longest value of a type: `US$ (1,234.50) million`, `30 September , 2019`.
pub(super) const TYPED_WORDS: usize = 6;
/// Bits of words in a column of values, and of every further word; schemas call a column whole numbers where one in
/// ten cells is something else.
const OTHER_TYPE: f32 = 5.0;
const OTHER_TYPE_WORD: f32 = 1.5;
/// Bits of several values in one cell.
const SEVERAL: f32 = 12.0;
/// What a value costs at most, however oddly it is printed.
const ODD_VALUE: f32 = 9.0;
/// A percentage in a column of numbers.
const SHARE_ROW: f32 = 2.0;
/// A date that is printed without its year.
const YEARLESS: f32 = 1.0;

/// Bits of a text in a column of values, beside those of its shapes.
pub(super) fn typed_bits(text: &str, words: usize, all_numeric: bool, column: &Column) -> f32 {
    if column.kind == Kind::Date
        && let Some(date) = without_weekday(text)
    {
        return typed_bits(date, words - 1, false, column);
    }
    let fit = fit(text, &column.model);
    if fit.is_nil {
        return 0.0;
    }
    if fit.is_typed {
        // Columns of amounts have rows of percentages.
        let is_share = column.kind == Kind::Number && text.contains('%');
        return fit.bits.min(if is_share { SHARE_ROW } else { ODD_VALUE });
    }
    if column.kind == Kind::Date && !read_day_month(text).is_empty() {
        return YEARLESS;
    }
    if words > 1 && all_numeric { SEVERAL } else { OTHER_TYPE + OTHER_TYPE_WORD * (words as f32 - 1.0) }
}

/// A date without the day of the week before it; none where there is none, or nothing else.
fn without_weekday(text: &str) -> Option<&str> {
    let (first, rest) = text.split_once(' ')?;
    let first = first.trim_end_matches([',', '.']);
    let is_start = |day: &&str| {
        first.len() >= 3 && day.len() >= first.len() && day[..first.len()].eq_ignore_ascii_case(first)
    };
    (first.is_ascii() && WEEKDAYS.iter().any(is_start)).then_some(rest)
}

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Shares of the shapes at the start of a cell.
pub(super) fn first_shapes(kind: Kind) -> [f32; SHAPES] {
    use Shape as S;
    match kind {
        Kind::Text => [
            0.02, 0.08, 0.43, 0.07, 0.02, 0.06, 0.06, 0.03, 0.02, 0.01, 0.005, 0.05, 0.02, 0.03, 0.03, 0.025,
            0.02, 0.02,
        ],
        Kind::Integer => {
            shares(&[(S::Integer, 0.6), (S::Year, 0.15), (S::Figure, 0.12), (S::Nil, 0.05), (S::Sign, 0.01)])
        }
        Kind::Number => shares(&[
            (S::Figure, 0.5),
            (S::Integer, 0.28),
            (S::Sign, 0.05),
            (S::Nil, 0.08),
            (S::Percent, 0.02),
            (S::Year, 0.02),
        ]),
        Kind::Percent => shares(&[(S::Percent, 0.72), (S::Figure, 0.08), (S::Integer, 0.06), (S::Nil, 0.08)]),
        Kind::Value => shares(&[
            (S::Figure, 0.35),
            (S::Integer, 0.2),
            (S::Percent, 0.1),
            (S::Nil, 0.1),
            (S::Sign, 0.05),
            (S::Parted, 0.06),
            (S::Year, 0.03),
            (S::Mixed, 0.03),
        ]),
        Kind::Date => shares(&[
            (S::Month, 0.3),
            (S::Integer, 0.28),
            (S::Year, 0.15),
            (S::Parted, 0.15),
            (S::Capital, 0.04),
            (S::Nil, 0.03),
        ]),
    }
}

/// Shares of the shapes further on in a cell.
pub(super) fn next_shapes(kind: Kind) -> [f32; SHAPES] {
    use Shape as S;
    match kind {
        Kind::Text => [
            0.14, 0.24, 0.3, 0.04, 0.02, 0.03, 0.04, 0.02, 0.02, 0.01, 0.005, 0.03, 0.055, 0.01, 0.02, 0.02,
            0.01, 0.01,
        ],
        Kind::Integer => shares(&[(S::Integer, 0.4), (S::Sign, 0.1), (S::Figure, 0.2), (S::Bracketed, 0.05)]),
        Kind::Number => shares(&[(S::Figure, 0.4), (S::Integer, 0.2), (S::Sign, 0.15), (S::Bracketed, 0.03)]),
        Kind::Value => shares(&[(S::Figure, 0.3), (S::Lower, 0.2), (S::Sign, 0.1), (S::Bracketed, 0.1)]),
        Kind::Percent => shares(&[(S::Sign, 0.5), (S::Mark, 0.1), (S::Figure, 0.1)]),
        Kind::Date => shares(&[(S::Year, 0.4), (S::Month, 0.3), (S::Integer, 0.2)]),
    }
}

/// The share of a cell's words of a shape that are its last, at its `place`-th word from 0.
pub(super) fn end_share(kind: Kind, shape: Shape, place: usize) -> f32 {
    match (kind, shape) {
        (_, Shape::Sign) => 0.15,
        (Kind::Text, Shape::Stop) => 0.05,
        // A dash is a cell by itself, or stands between two words of one.
        (Kind::Text, Shape::Nil) => {
            if place == 0 {
                0.85
            } else {
                0.08
            }
        }
        (Kind::Text, Shape::Figure | Shape::Percent | Shape::Parted) => 0.75,
        (Kind::Text, Shape::Bracketed) => 0.6,
        (Kind::Text, Shape::Mixed) => 0.55,
        (Kind::Text, Shape::Initial) => 0.2,
        (Kind::Text, _) => 0.4,
        (Kind::Value, _) => 0.85,
        (Kind::Date, Shape::Year | Shape::Parted) => 0.9,
        (Kind::Date, Shape::Month) => 0.3 + 0.1 * place as f32,
        (Kind::Date, _) => {
            if place > 0 {
                0.6
            } else {
                0.2
            }
        }
        _ => 0.95,
    }
}

/// Shares with what is not named spread over the other shapes.
fn shares(named: &[(Shape, f32)]) -> [f32; SHAPES] {
    let rest = 1.0 - named.iter().map(|(_, share)| share).sum::<f32>();
    let others = (SHAPES - named.len()) as f32;
    let mut all = [rest / others; SHAPES];
    for (shape, share) in named {
        all[*shape as usize] = *share;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_one() {
        for kind in [Kind::Text, Kind::Integer, Kind::Number, Kind::Percent, Kind::Date, Kind::Value] {
            for all in [first_shapes(kind), next_shapes(kind), PROSE] {
                let sum: f32 = all.iter().sum();
                assert!((sum - 1.0).abs() < 0.06, "{kind:?} {sum}");
                assert!(all.iter().all(|share| *share > 0.0));
            }
        }
    }
}
