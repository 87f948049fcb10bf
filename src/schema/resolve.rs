//! Looks the names of a parsed rule up in its schema: the second step of [`Check::parse`].

use nom::Offset;

use super::Schema;
use super::check::{Check, Expression};
use super::error::{RuleError, nearest};
use super::grammar::{Function, Name, Operator, Rule, Term};
use crate::text::Span;

/// The check that `parsed`, read from `rule`, means in `schema`.
pub(super) fn resolve(rule: &str, parsed: &Rule<'_>, schema: &Schema) -> Result<Check, RuleError> {
    let names = Names { rule, schema };
    let left = names.expression(&parsed.left)?;
    let right = names.expression(&parsed.right)?;
    let check = Check { rule: rule.to_owned(), left, relation: parsed.relation, right };
    let loose = find_loose_row(&parsed.left).or_else(|| find_loose_row(&parsed.right));
    match loose {
        Some(written) if !check.fields().is_empty() || !check.foreign().is_empty() => {
            Err(RuleError::MixedRows { rule: rule.to_owned(), at: names.span(written) })
        }
        _ => Ok(check),
    }
}

/// What is written of the first `row("A")` without a field.
fn find_loose_row<'r>(term: &Term<'r>) -> Option<&'r str> {
    match term {
        Term::Row(_, None, written) => Some(written),
        Term::Negative(inner) => find_loose_row(inner),
        Term::Binary(_, left, right) => find_loose_row(left).or_else(|| find_loose_row(right)),
        _ => None,
    }
}

struct Names<'a> {
    rule: &'a str,
    schema: &'a Schema,
}

impl Names<'_> {
    fn expression(&self, term: &Term<'_>) -> Result<Expression, RuleError> {
        Ok(match term {
            Term::Number(number) => Expression::Number(*number),
            Term::Constant(name) => Expression::Constant(self.constant(name)?),
            Term::Field(name) => Expression::Field(self.field(name)?),
            Term::Call(Function::Previous, name) => Expression::Previous(self.field(name)?),
            Term::Call(Function::Total, name) => Expression::Total(self.field(name)?),
            Term::Call(Function::Aggregate(kind), name) => Expression::Aggregate(*kind, self.field(name)?),
            Term::Row(row, field, _) => Expression::Row {
                row: row.clone(),
                field: field.as_ref().map(|name| self.field(name)).transpose()?,
            },
            Term::Foreign { schema, field, key } => Expression::Foreign {
                schema: schema.text.clone().into_owned(),
                field: field.text.clone().into_owned(),
                key: key.text.clone().into_owned(),
                local_key: self.field(key)?,
            },
            Term::Negative(inner) => Expression::Negative(Box::new(self.expression(inner)?)),
            Term::Binary(operator, left, right) => {
                let (left, right) = (Box::new(self.expression(left)?), Box::new(self.expression(right)?));
                match operator {
                    Operator::Add => Expression::Add(left, right),
                    Operator::Subtract => Expression::Subtract(left, right),
                    Operator::Multiply => Expression::Multiply(left, right),
                    Operator::Divide => Expression::Divide(left, right),
                }
            }
        })
    }

    fn field(&self, name: &Name<'_>) -> Result<usize, RuleError> {
        self.schema.field_index(&name.text).ok_or_else(|| RuleError::UnknownField {
            rule: self.rule.to_owned(),
            at: self.span(name.written),
            name: name.text.clone().into_owned(),
            nearest: nearest(&name.text, self.schema.fields.iter().map(|field| field.name.as_str())),
        })
    }

    fn constant(&self, name: &Name<'_>) -> Result<usize, RuleError> {
        self.schema.constant_index(&name.text).ok_or_else(|| RuleError::UnknownConstant {
            rule: self.rule.to_owned(),
            at: self.span(name.written),
            name: name.text.clone().into_owned(),
            nearest: nearest(&name.text, self.schema.constants.iter().map(|constant| constant.name.as_str())),
        })
    }

    /// The place of a slice of the rule.
    fn span(&self, written: &str) -> Span {
        let start = self.rule.offset(written);
        Span::new(start, start + written.len())
    }
}
