//! The check language, as a tree.

use crate::text::Decimal;

/// How the two sides of a check compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `=`: the lone side is a rounding of the exact value of the other.
    Equal,
    /// `~=`: the operands are rounded too.
    About,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `>`
    Above,
}

/// A function over the data rows of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// Sum.
    Sum,
    /// First value.
    First,
    /// Last value.
    Last,
    /// Number of values.
    Count,
    /// Least value.
    Minimum,
    /// Greatest value.
    Maximum,
}

/// How a row is named in a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowReference {
    /// The `occurrence`-th row, from 1, whose label is `label`.
    Label {
        /// The label.
        label: String,
        /// Which of the rows so labelled, from 1.
        occurrence: usize,
    },
    /// The body row of this number, from 1.
    Number(usize),
}

/// An arithmetic expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A literal number.
    Number(Decimal),
    /// `$name`: a constant, by index in [`super::Schema::constants`].
    Constant(usize),
    /// A field of the same row, by index.
    Field(usize),
    /// `prev(field)`: the field on the data row above.
    Previous(usize),
    /// `total(field)`: the field on a total row.
    Total(usize),
    /// `sum(field)` and its like: over the data rows that a total row stands for.
    Aggregate(Aggregate, usize),
    /// `row("Label")`, in every numeric column, or `row("Label").field`.
    Row {
        /// Which row.
        row: RowReference,
        /// Which field; `None`: every numeric one in turn.
        field: Option<usize>,
    },
    /// `sum("schema".field by key)`: over the rows of another table whose key equals this row's.
    Foreign {
        /// Name of the other table's schema.
        schema: String,
        /// Name of the field that is summed there.
        field: String,
        /// Name of the key field there.
        key: String,
        /// Index of the key field here.
        local_key: usize,
    },
    /// The negative.
    Negative(Box<Expression>),
    /// A sum.
    Add(Box<Expression>, Box<Expression>),
    /// A difference.
    Subtract(Box<Expression>, Box<Expression>),
    /// A product.
    Multiply(Box<Expression>, Box<Expression>),
    /// A quotient.
    Divide(Box<Expression>, Box<Expression>),
}

/// One check of a schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The rule as the schema writes it.
    pub rule: String,
    /// Left side.
    pub left: Expression,
    /// How the sides compare.
    pub relation: Relation,
    /// Right side.
    pub right: Expression,
}
