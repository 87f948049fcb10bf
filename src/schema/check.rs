//! The check language, as a tree.
//!
//! A check compares two arithmetic expressions over the cells of a table; the forms are listed at
//! [`Expression`]. [`Check::parse`] reads a rule in two steps: the grammar gives a tree of names, and the
//! names are then looked up in the schema, so that both kinds of error can point into the rule.

use std::collections::BTreeSet;

use super::error::RuleError;
use super::print::{PrintedCheck, PrintedExpression};
use super::{Schema, grammar, resolve};
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

impl Relation {
    /// The relation as written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::About => "~=",
            Self::AtMost => "<=",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::Above => ">",
        }
    }
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

impl Aggregate {
    /// The function as written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::First => "first",
            Self::Last => "last",
            Self::Count => "count",
            Self::Minimum => "min",
            Self::Maximum => "max",
        }
    }
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

/// How often a check holds in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Once a data row: it reads cells of the row (`f`, `prev(f)`, a sum over another table by this row's key).
    Row,
    /// Once a total row: it reads `total(f)` and no cell of a data row.
    Total,
    /// Once a numeric column: it reads `row("A")` without a field.
    Column,
    /// Once a table: single cells, functions over all data rows, constants.
    Table,
}

/// `sum("schema".field by key)`, seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignSum<'c> {
    /// Name of the other table's schema.
    pub schema: &'c str,
    /// Name of the field that is summed there.
    pub field: &'c str,
    /// Name of the key field there.
    pub key: &'c str,
    /// Index of the key field here.
    pub local_key: usize,
}

impl Expression {
    /// Calls `visit` with this expression and every one inside it, outermost first, left before right.
    pub fn walk<'e>(&'e self, visit: &mut dyn FnMut(&'e Expression)) {
        visit(self);
        match self {
            Self::Negative(inner) => inner.walk(visit),
            Self::Add(left, right)
            | Self::Subtract(left, right)
            | Self::Multiply(left, right)
            | Self::Divide(left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            _ => {}
        }
    }

    /// The field whose cells the expression itself reads, subexpressions left aside.
    #[must_use]
    pub const fn own_field(&self) -> Option<usize> {
        match self {
            Self::Field(field)
            | Self::Previous(field)
            | Self::Total(field)
            | Self::Aggregate(_, field)
            | Self::Row { field: Some(field), .. } => Some(*field),
            _ => None,
        }
    }

    /// The expression in the check language, with the names of `schema`.
    #[must_use]
    pub const fn display<'a>(&'a self, schema: &'a Schema) -> PrintedExpression<'a> {
        PrintedExpression { expression: self, schema }
    }
}

impl Check {
    /// Reads a rule of `schema`.
    ///
    /// ```
    /// use retabulate::Schema;
    /// use retabulate::schema::check::{Check, Expression};
    ///
    /// let schema = Schema::from_json(r#"{"fields": [{"name": "debit"}, {"name": "credit"}, {"name": "balance"}]}"#)?;
    /// let check = Check::parse("balance = prev(balance) + credit - debit", &schema)?;
    /// assert_eq!(check.left, Expression::Field(2));
    /// assert_eq!(check.fields(), [0, 1, 2]);
    ///
    /// let error = Check::parse("balance = prev(balnce)", &schema).unwrap_err();
    /// assert_eq!(error.at().slice("balance = prev(balnce)"), "balnce");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A rule that does not follow the grammar, or that names what the schema does not have.
    pub fn parse(rule: &str, schema: &Schema) -> Result<Self, RuleError> {
        let parsed = grammar::parse(rule)?;
        resolve::resolve(rule, &parsed, schema)
    }

    /// Calls `visit` with every expression of both sides, left first.
    pub fn walk<'c>(&'c self, visit: &mut dyn FnMut(&'c Expression)) {
        self.left.walk(visit);
        self.right.walk(visit);
    }

    /// The fields of this table whose cells the check reads, in order; keys of other tables are not among them,
    /// and neither are the columns of a `row("A")` without a field.
    #[must_use]
    pub fn fields(&self) -> Vec<usize> {
        self.collect(Expression::own_field)
    }

    /// The constants that the check reads, in order.
    #[must_use]
    pub fn constants(&self) -> Vec<usize> {
        self.collect(|expression| match expression {
            Expression::Constant(constant) => Some(*constant),
            _ => None,
        })
    }

    /// The sums over other tables, in the order written.
    #[must_use]
    pub fn foreign(&self) -> Vec<ForeignSum<'_>> {
        let mut sums = Vec::new();
        self.walk(&mut |expression| {
            if let Expression::Foreign { schema, field, key, local_key } = expression {
                sums.push(ForeignSum { schema, field, key, local_key: *local_key });
            }
        });
        sums
    }

    /// Whether the check is about the cells of one data row, the row above it, and other tables alone: it reads
    /// no total, no function over rows, and no row by its label.
    #[must_use]
    pub fn is_row_check(&self) -> bool {
        self.scope() == Scope::Row
            && !self.any(|expression| {
                matches!(
                    expression,
                    Expression::Total(_) | Expression::Aggregate(..) | Expression::Row { .. }
                )
            })
    }

    /// How often the check holds in a table. A row check may still read totals: `pct = held / total(held)`.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let per_row = |expression: &Expression| {
            matches!(expression, Expression::Field(_) | Expression::Previous(_) | Expression::Foreign { .. })
        };
        if self.any(per_row) {
            Scope::Row
        } else if self.any(|expression| matches!(expression, Expression::Row { field: None, .. })) {
            Scope::Column
        } else if self.any(|expression| matches!(expression, Expression::Total(_))) {
            Scope::Total
        } else {
            Scope::Table
        }
    }

    /// The check in the check language, with the names of `schema` and as few brackets as possible.
    #[must_use]
    pub const fn display<'a>(&'a self, schema: &'a Schema) -> PrintedCheck<'a> {
        PrintedCheck { check: self, schema }
    }

    fn any(&self, test: impl Fn(&Expression) -> bool) -> bool {
        let mut found = false;
        self.walk(&mut |expression| found |= test(expression));
        found
    }

    fn collect(&self, pick: impl Fn(&Expression) -> Option<usize>) -> Vec<usize> {
        let mut picked = BTreeSet::new();
        self.walk(&mut |expression| picked.extend(pick(expression)));
        picked.into_iter().collect()
    }
}

impl std::fmt::Display for Check {
    /// The rule as the schema writes it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.rule)
    }
}
