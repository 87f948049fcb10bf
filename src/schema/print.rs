//! Writes checks in the check language, so that reading them gives the same tree.

use std::fmt;

use super::Schema;
use super::check::{Check, Expression, RowReference};
use super::grammar::is_plain_name;

/// A check in the check language; see [`Check::display`].
#[derive(Clone, Copy, Debug)]
pub struct PrintedCheck<'a> {
    pub(super) check: &'a Check,
    pub(super) schema: &'a Schema,
}

/// An expression in the check language; see [`Expression::display`].
#[derive(Clone, Copy, Debug)]
pub struct PrintedExpression<'a> {
    pub(super) expression: &'a Expression,
    pub(super) schema: &'a Schema,
}

impl fmt::Display for PrintedCheck<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Check { left, relation, right, .. } = self.check;
        write!(f, "{} {} {}", left.display(self.schema), relation.symbol(), right.display(self.schema))
    }
}

impl fmt::Display for PrintedExpression<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer { schema: self.schema }.write(f, self.expression, Strength::Sum)
    }
}

/// How tightly an operand must hold together to stand without brackets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Sum,
    Product,
    Factor,
}

struct Printer<'a> {
    schema: &'a Schema,
}

impl Printer<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>, expression: &Expression, wanted: Strength) -> fmt::Result {
        match expression {
            Expression::Number(number) => write!(f, "{number}"),
            Expression::Constant(constant) => {
                let name = self.schema.constants.get(*constant).map_or("", |constant| &constant.name);
                write!(f, "${}", Name(name))
            }
            Expression::Field(field) => write!(f, "{}", self.field(*field)),
            Expression::Previous(field) => write!(f, "prev({})", self.field(*field)),
            Expression::Total(field) => write!(f, "total({})", self.field(*field)),
            Expression::Aggregate(kind, field) => write!(f, "{}({})", kind.name(), self.field(*field)),
            Expression::Row { row, field } => {
                write!(f, "row({})", Row(row))?;
                field.map_or(Ok(()), |field| write!(f, ".{}", self.field(field)))
            }
            Expression::Foreign { schema, field, key, .. } => {
                write!(f, "sum({}.{} by {})", Name(schema), Name(field), Name(key))
            }
            Expression::Negative(inner) => {
                f.write_str("-")?;
                self.write(f, inner, Strength::Factor)
            }
            Expression::Add(left, right) => self.binary(f, "+", Strength::Sum, wanted, left, right),
            Expression::Subtract(left, right) => self.binary(f, "-", Strength::Sum, wanted, left, right),
            Expression::Multiply(left, right) => self.binary(f, "*", Strength::Product, wanted, left, right),
            Expression::Divide(left, right) => self.binary(f, "/", Strength::Product, wanted, left, right),
        }
    }

    /// Operators group from the left: a right operand of the same strength needs brackets.
    fn binary(
        &self,
        f: &mut fmt::Formatter<'_>,
        symbol: &str,
        own: Strength,
        wanted: Strength,
        left: &Expression,
        right: &Expression,
    ) -> fmt::Result {
        let (open, close) = if own < wanted { ("(", ")") } else { ("", "") };
        let tighter = if own == Strength::Sum { Strength::Product } else { Strength::Factor };
        f.write_str(open)?;
        self.write(f, left, own)?;
        write!(f, " {symbol} ")?;
        self.write(f, right, tighter)?;
        f.write_str(close)
    }

    fn field(&self, field: usize) -> Name<'_> {
        Name(self.schema.fields.get(field).map_or("", |field| &field.name))
    }
}

/// A name, in quotes where it needs them.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_plain_name(self.0) { f.write_str(self.0) } else { write_quoted(f, self.0, "", "\"\\") }
    }
}

struct Row<'a>(&'a RowReference);

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            RowReference::Number(number) => write!(f, "\"#{number}\""),
            RowReference::Label { label, occurrence: 1 } => write_quoted(f, label, "", "\"\\#"),
            RowReference::Label { label, occurrence } => {
                write_quoted(f, label, &format!("#{occurrence}"), "\"\\#")
            }
        }
    }
}

fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str, suffix: &str, escaped: &str) -> fmt::Result {
    f.write_str("\"")?;
    for character in text.chars() {
        if escaped.contains(character) {
            f.write_str("\\")?;
        }
        write!(f, "{character}")?;
    }
    write!(f, "{suffix}\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::check::{Aggregate, Relation};
    use super::super::{Constant, Field};
    use super::*;
    use crate::text::Decimal;

    const NAMES: [&str; 6] = ["held", "total", "net-amount", "持股", "by", "2018 \"x\" \\"];

    fn schema() -> Schema {
        Schema {
            fields: NAMES.into_iter().map(Field::new).collect(),
            constants: NAMES.map(|name| Constant { name: name.into(), ..Constant::default() }).to_vec(),
            ..Schema::default()
        }
    }

    fn field() -> impl Strategy<Value = usize> {
        0..NAMES.len()
    }

    fn aggregate() -> impl Strategy<Value = Aggregate> {
        use Aggregate::{Count, First, Last, Maximum, Minimum, Sum};
        prop::sample::select(vec![Sum, First, Last, Count, Minimum, Maximum])
    }

    fn row() -> impl Strategy<Value = RowReference> {
        let label = "[a-z#\"\\\\ 1é]{0,6}[a-z#\"\\\\1]".prop_map(|label| (label, 1_usize..4));
        let labelled = label.prop_flat_map(|(label, occurrence)| {
            occurrence.prop_map(move |occurrence| RowReference::Label { label: label.clone(), occurrence })
        });
        prop_oneof![labelled, (1_usize..40).prop_map(RowReference::Number)]
    }

    fn leaf() -> impl Strategy<Value = Expression> {
        prop_oneof![
            (any::<u32>(), 0_u8..4).prop_map(|(mantissa, scale)| {
                Expression::Number(Decimal::new(i128::from(mantissa), scale).unwrap())
            }),
            field().prop_map(Expression::Constant),
            field().prop_map(Expression::Field),
            field().prop_map(Expression::Previous),
            field().prop_map(Expression::Total),
            (aggregate(), field()).prop_map(|(kind, field)| Expression::Aggregate(kind, field)),
            (row(), field()).prop_map(|(row, field)| Expression::Row { row, field: Some(field) }),
            (field(), field(), field()).prop_map(|(schema, field, local_key)| Expression::Foreign {
                schema: NAMES[schema].into(),
                field: NAMES[field].into(),
                key: NAMES[local_key].into(),
                local_key,
            }),
        ]
    }

    fn expression() -> impl Strategy<Value = Expression> {
        leaf().prop_recursive(6, 40, 2, |inner| {
            let pair =
                (inner.clone(), inner.clone()).prop_map(|(left, right)| (Box::new(left), Box::new(right)));
            let pair = pair.boxed();
            prop_oneof![
                inner.prop_map(|inner| Expression::Negative(Box::new(inner))),
                pair.clone().prop_map(|(left, right)| Expression::Add(left, right)),
                pair.clone().prop_map(|(left, right)| Expression::Subtract(left, right)),
                pair.clone().prop_map(|(left, right)| Expression::Multiply(left, right)),
                pair.prop_map(|(left, right)| Expression::Divide(left, right)),
            ]
        })
    }

    fn relation() -> impl Strategy<Value = Relation> {
        use Relation::{About, Above, AtLeast, AtMost, Below, Equal};
        prop::sample::select(vec![Equal, About, AtMost, AtLeast, Below, Above])
    }

    proptest! {
        #[test]
        fn a_printed_check_reads_back(left in expression(), relation in relation(), right in expression()) {
            let schema = schema();
            let printed = Check { rule: String::new(), left, relation, right };
            let rule = printed.display(&schema).to_string();
            let read = Check::parse(&rule, &schema).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(&read, &Check { rule: rule.clone(), ..printed });
            prop_assert_eq!(read.display(&schema).to_string(), rule);
        }
    }

    #[test]
    fn brackets_stand_only_where_they_are_needed() {
        let schema = schema();
        for (rule, printed) in [
            ("(held + total) - (by - 持股) = 0", "held + total - (by - 持股) = 0"),
            ("held=((total*by))/ (by *2)", "held = total * by / (by * 2)"),
            ("-(held) * -(by+1) >= \"held\"", "-held * -(by + 1) >= held"),
            ("row(\"A\") = row(\"B#2\")-row(\"#3\")", "row(\"A\") = row(\"B#2\") - row(\"#3\")"),
        ] {
            assert_eq!(Check::parse(rule, &schema).unwrap().display(&schema).to_string(), printed);
        }
    }
}
