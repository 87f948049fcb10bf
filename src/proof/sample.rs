//! Small tables and schemas for the tests of this module.

use std::borrow::Cow;
use std::sync::Arc;

use proptest::prelude::*;

use super::board::Known;
use super::constraint::Var;
use super::problem::{OptionBlanks, Problem};
use super::trial::Trial;
use crate::align::{
    AlignedCell, AlignedColumn, AlignedRow, Alignment, Choice, ChoiceOption, Content, Placement,
    SchemaHandle, Slot,
};
use crate::schema::check::{Aggregate, Check, Expression, Relation, RowReference};
use crate::schema::{Constant, Constraints, Field, FieldKind, Schema};
use crate::table::{CellValue, RowKind};
use crate::text::Decimal;

type Operator = fn(Box<Expression>, Box<Expression>) -> Expression;

/// A schema of fields `name:kind`; `%` marks a percentage, `#` a number that is not negative, `$` any text.
pub(crate) fn schema(
    name: &str,
    fields: &[&str],
    checks: &[&str],
    constants: &[(&str, Option<&str>)],
) -> Schema {
    let fields = fields
        .iter()
        .map(|field| {
            let plain = field.trim_matches(['%', '#', '$']);
            let limits = if field.contains('#') { Some(Decimal::ZERO) } else { None };
            Field {
                name: plain.to_string(),
                kind: if field.contains('$') { FieldKind::String } else { FieldKind::Number },
                percent: field.contains('%'),
                constraints: Constraints { minimum: limits, ..Constraints::default() },
                ..Field::default()
            }
        })
        .collect();
    let constants = constants
        .iter()
        .map(|(name, pattern)| Constant {
            name: (*name).to_string(),
            pattern: pattern.map(|pattern| regex::Regex::new(pattern).unwrap()),
            ..Constant::default()
        })
        .collect();
    let mut schema = Schema { name: name.to_string(), fields, constants, ..Schema::default() };
    schema.checks = checks.iter().map(|rule| check(&schema, rule)).collect();
    schema
}

/// A check, read by a small recursive descent; for tests alone.
pub(crate) fn check(schema: &Schema, rule: &str) -> Check {
    let relations = [
        (" ~= ", Relation::About),
        (" <= ", Relation::AtMost),
        (" >= ", Relation::AtLeast),
        (" = ", Relation::Equal),
        (" < ", Relation::Below),
        (" > ", Relation::Above),
    ];
    let (left, relation, right) = relations
        .iter()
        .find_map(|(sign, relation)| rule.split_once(sign).map(|(l, r)| (l, *relation, r)))
        .unwrap();
    Check { rule: rule.to_string(), left: side(schema, left), relation, right: side(schema, right) }
}

fn side(schema: &Schema, text: &str) -> Expression {
    let (expression, rest) = sum(schema, text.trim());
    assert!(rest.trim().is_empty(), "{rest}");
    expression
}

fn sum<'s>(schema: &Schema, text: &'s str) -> (Expression, &'s str) {
    let (mut left, mut rest) = product(schema, text);
    loop {
        rest = rest.trim_start();
        let (make, tail): (Operator, &str) = match rest.chars().next() {
            Some('+') => (Expression::Add, &rest[1..]),
            Some('-') => (Expression::Subtract, &rest[1..]),
            _ => return (left, rest),
        };
        let (right, tail) = product(schema, tail);
        (left, rest) = (make(Box::new(left), Box::new(right)), tail);
    }
}

fn product<'s>(schema: &Schema, text: &'s str) -> (Expression, &'s str) {
    let (mut left, mut rest) = atom(schema, text);
    loop {
        rest = rest.trim_start();
        let (make, tail): (Operator, &str) = match rest.chars().next() {
            Some('*') => (Expression::Multiply, &rest[1..]),
            Some('/') => (Expression::Divide, &rest[1..]),
            _ => return (left, rest),
        };
        let (right, tail) = atom(schema, tail);
        (left, rest) = (make(Box::new(left), Box::new(right)), tail);
    }
}

fn atom<'s>(schema: &Schema, text: &'s str) -> (Expression, &'s str) {
    let text = text.trim_start();
    let field = |name: &str| schema.field_index(name.trim()).unwrap_or_else(|| panic!("{name}"));
    if let Some(rest) = text.strip_prefix('(') {
        let (inner, rest) = sum(schema, rest);
        return (inner, rest.trim_start().strip_prefix(')').unwrap());
    }
    if let Some(rest) = text.strip_prefix('-') {
        let (inner, rest) = atom(schema, rest);
        return (Expression::Negative(Box::new(inner)), rest);
    }
    if let Some(rest) = text.strip_prefix("sum(\"") {
        let (inner, rest) = rest.split_once(')').unwrap();
        let (schema_name, inner) = inner.split_once("\".").unwrap();
        let (summed, key) = inner.split_once(" by ").unwrap();
        let foreign = Expression::Foreign {
            schema: schema_name.into(),
            field: summed.into(),
            key: key.into(),
            local_key: field(key),
        };
        return (foreign, rest);
    }
    if let Some(rest) = text.strip_prefix("row(\"") {
        let (label, rest) = rest.split_once("\")").unwrap();
        let row = match label.split_once('#') {
            Some(("", number)) => RowReference::Number(number.parse().unwrap()),
            Some((label, number)) => {
                RowReference::Label { label: label.into(), occurrence: number.parse().unwrap() }
            }
            None => RowReference::Label { label: label.into(), occurrence: 1 },
        };
        let Some(named) = rest.strip_prefix('.') else { return (Expression::Row { row, field: None }, rest) };
        let end = named.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(named.len());
        return (Expression::Row { row, field: Some(field(&named[..end])) }, &named[end..]);
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && !"_.$".contains(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if let Some(name) = word.strip_prefix('$') {
        let constant = schema.constants.iter().position(|constant| constant.name == name).unwrap();
        return (Expression::Constant(constant), rest);
    }
    if let Ok(number) = word.parse::<Decimal>() {
        return (Expression::Number(number), rest);
    }
    let Some(inner) = rest.strip_prefix('(') else { return (Expression::Field(field(word)), rest) };
    let (name, rest) = inner.split_once(')').unwrap();
    let aggregate = |kind| Expression::Aggregate(kind, field(name));
    let expression = match word {
        "prev" => Expression::Previous(field(name)),
        "total" => Expression::Total(field(name)),
        "sum" => aggregate(Aggregate::Sum),
        "first" => aggregate(Aggregate::First),
        "last" => aggregate(Aggregate::Last),
        "count" => aggregate(Aggregate::Count),
        "min" => aggregate(Aggregate::Minimum),
        "max" => aggregate(Aggregate::Maximum),
        other => panic!("{other}"),
    };
    (expression, rest)
}

/// A content with the number of `text`, `None` where it is text.
pub(crate) fn content(text: &str) -> Content<'static> {
    let number = text.replace(',', "").trim_end_matches('%').parse().ok();
    let value = number.map_or(CellValue::Text, CellValue::Number);
    Content { text: Cow::Owned(text.to_string()), value: Some(value), ..Content::default() }
}

/// A table from cells between `|`, a row a line; rows that start with `=` are totals, `?` is lost, empty blank.
pub(crate) fn table(schema: &Arc<Schema>, rows: &[&str]) -> Alignment<'static> {
    let columns = schema.fields.iter().enumerate().map(|(index, field)| AlignedColumn {
        field: Some(index),
        kind: field.kind,
        percent: field.percent,
        is_printed: true,
        ..AlignedColumn::default()
    });
    let mut alignment = Alignment {
        schema: Some(SchemaHandle(Arc::clone(schema))),
        columns: columns.collect(),
        ..Alignment::default()
    };
    for (line, row) in rows.iter().enumerate() {
        let kind = if row.starts_with('=') { RowKind::Total } else { RowKind::Data };
        let cells: Vec<&str> = row.trim_start_matches('=').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), schema.fields.len(), "{row}");
        alignment.rows.push(AlignedRow { kind, line: line + 1, label: cells[0].to_string().into() });
        alignment.cells.extend(cells.iter().map(|&text| aligned(text)));
    }
    alignment
}

fn aligned(text: &str) -> AlignedCell<'static> {
    let (slot, content) = match text {
        "" => (Slot::Blank, Content::default()),
        "?" => (Slot::Lost, Content::default()),
        "-" => (Slot::Nil, Content::default()),
        _ => (Slot::Printed, content(text)),
    };
    AlignedCell { content, slot, margin: f32::INFINITY, doubt: f32::INFINITY, choice: None }
}

/// Adds a placement of `tokens` over `rows` of a column; the best reading is the first rows.
pub(crate) fn place(alignment: &mut Alignment<'static>, field: &str, rows: &[usize], tokens: &[&str]) {
    let column = alignment.schema.as_ref().unwrap().field_index(field).unwrap();
    let choice = u32::try_from(alignment.choices.len()).unwrap();
    let width = alignment.columns.len();
    for &row in rows {
        alignment.cells[row * width + column] = AlignedCell {
            content: Content::default(),
            slot: Slot::Lost,
            margin: 0.0,
            doubt: f32::INFINITY,
            choice: Some(choice),
        };
    }
    let best = (0..tokens.len()).collect();
    let tokens = tokens.iter().map(|text| content(text)).collect();
    alignment.choices.push(Choice::Placement(Placement { column, rows: rows.to_vec(), tokens, best }));
}

/// Adds a choice among readings of one row; each has what it puts into the columns behind the first, and what an empty text leaves is blank.
pub(crate) fn read(alignment: &mut Alignment<'static>, row: usize, readings: &[&[&str]]) {
    let choice = u32::try_from(alignment.choices.len()).unwrap();
    let start = row * alignment.columns.len() + 1;
    let option = |reading: &&[&str]| ChoiceOption {
        bits: 0.0,
        has_losses: false,
        cells: (start..)
            .zip(reading.iter().map(|&text| aligned(text)))
            .map(|(cell, aligned)| (cell, aligned.slot, aligned.content))
            .collect(),
    };
    let options: Vec<ChoiceOption<'static>> = readings.iter().map(option).collect();
    for (cell, slot, content) in options[0].cells.clone() {
        let own = AlignedCell { content, slot, margin: 0.0, doubt: f32::INFINITY, choice: Some(choice) };
        alignment.cells[cell] = own;
    }
    alignment.choices.push(Choice::Readings(options));
}

/// An amount, or that it is lost.
fn print() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => (0i64..40).prop_map(|amount| format!("{amount}.00")),
        1 => (0i64..400).prop_map(|amount| format!("{}.{}", amount / 10, amount % 10)),
        2 => Just("?".to_owned()),
    ]
}

/// A statement of which much is lost, with sums, products, shares and limits over it, and tokens in no certain row.
pub(crate) fn torn_statement() -> impl Strategy<Value = Alignment<'static>> {
    let shares = || prop::collection::vec("[0-9]{1,2}\\.[0-9]%|\\?", 4);
    let tokens = |pattern: &'static str| prop::collection::vec(pattern, 0..=3);
    let parts = (
        prop::collection::vec(print(), 4),
        shares(),
        shares(),
        (print(), print()),
        tokens("[0-9]{1,2}\\.[0-9]0"),
        tokens("[0-9]{1,2}"),
    );
    parts.prop_map(|(balances, shares, parts, totals, debits, credits)| {
        let rules = [
            "balance = prev(balance) + credit - debit",
            "debit * credit = 0",
            "debit <= 90",
            "credit <= balance + debit",
            "pct = debit / (balance + debit)",
            "part = balance / $all",
            "part = (balance - debit) / $all",
            "pct = 7 / $all",
            "total(debit) = sum(debit)",
            "sum(debit) - sum(credit) <= total(credit)",
        ];
        let fields = ["what$", "debit#", "credit#", "balance", "pct%", "part%"];
        let schema = Arc::new(schema("bank", &fields, &rules, &[("all", None)]));
        let lines = balances.iter().zip(shares.iter().zip(&parts)).enumerate();
        let mut rows: Vec<String> = lines
            .map(|(row, (balance, (share, part)))| match row {
                0 => format!("Open|||{balance}||{part}"),
                _ => format!("r{row}|?|?|{balance}|{share}|{part}"),
            })
            .collect();
        rows.push(format!("=Total|{}|{}|||", totals.0, totals.1));
        let mut table = table(&schema, &rows.iter().map(String::as_str).collect::<Vec<_>>());
        place(&mut table, "debit", &[1, 2, 3], &debits.iter().map(String::as_str).collect::<Vec<_>>());
        place(&mut table, "credit", &[1, 2, 3], &credits.iter().map(String::as_str).collect::<Vec<_>>());
        table
    })
}

/// All constraints of a trial over all its lost cells.
pub(super) fn problem_of(trial: &Trial<'_, '_>) -> Problem {
    let count = Var::try_from(trial.board.facts.len()).unwrap();
    let vars: Vec<Var> = (0..count).filter(|&var| trial.board.fact(var).known == Known::Unknown).collect();
    let members: Vec<usize> = (0..trial.grounds.len()).collect();
    Problem::new(&trial.board, &vars, &trial.grounds, &members, OptionBlanks::Zero)
}
