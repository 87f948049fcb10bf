//! The proof by cells (running balances of 2,500, 5,000 and 10,000 rows; totals that no schema states) and by live choices
//! (packed rows that lost tokens), with the steps of each asserted before anything is timed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

use std::borrow::Cow;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use retabulate::align::{
    AlignedCell, AlignedColumn, AlignedRow, Alignment, Choice, Content, Placement, SchemaHandle, Slot,
};
use retabulate::proof::prove;
use retabulate::schema::check::{Aggregate, Check, Expression, Relation};
use retabulate::schema::{Constraints, Field, FieldKind, Schema};
use retabulate::table::{CellValue, RowKind, Status};
use retabulate::{Budget, Decimal};

fn field(name: &str, is_text: bool) -> Field {
    let constraints = Constraints { minimum: Some(Decimal::ZERO), ..Constraints::default() };
    let kind = if is_text { FieldKind::String } else { FieldKind::Number };
    Field { name: name.to_string(), kind, constraints, ..Field::default() }
}

fn boxed(expression: Expression) -> Box<Expression> {
    Box::new(expression)
}

fn schema(fields: &[&str], checks: Vec<Check>) -> Arc<Schema> {
    let fields = fields.iter().enumerate().map(|(index, name)| field(name, index == 0)).collect();
    Arc::new(Schema { name: "bench".into(), fields, checks, ..Schema::default() })
}

fn equation(rule: &str, left: Expression, right: Expression) -> Check {
    Check { rule: rule.to_string(), left, relation: Relation::Equal, right }
}

/// `balance = prev(balance) + credit - debit`
fn bank() -> Arc<Schema> {
    let moved = Expression::Add(boxed(Expression::Previous(3)), boxed(Expression::Field(2)));
    let right = Expression::Subtract(boxed(moved), boxed(Expression::Field(1)));
    let rule = equation("balance = prev(balance) + credit - debit", Expression::Field(3), right);
    schema(&["what", "debit", "credit", "balance"], vec![rule])
}

fn content(value: i128) -> Content<'static> {
    let number = Decimal::new(value, 2).unwrap_or_default();
    Content {
        text: Cow::Owned(number.to_string()),
        value: Some(CellValue::Number(number)),
        ..Content::default()
    }
}

fn cell(value: Option<i128>) -> AlignedCell<'static> {
    let slot = if value.is_some() { Slot::Printed } else { Slot::Blank };
    AlignedCell {
        content: value.map(content).unwrap_or_default(),
        slot,
        margin: f32::INFINITY,
        doubt: f32::INFINITY,
        choice: None,
    }
}

fn text(label: &str) -> AlignedCell<'static> {
    let content =
        Content { text: Cow::Owned(label.to_string()), value: Some(CellValue::Text), ..Content::default() };
    AlignedCell { content, slot: Slot::Printed, margin: f32::INFINITY, doubt: f32::INFINITY, choice: None }
}

fn empty(schema: &Arc<Schema>) -> Alignment<'static> {
    let columns = schema.fields.iter().enumerate().map(|(index, field)| AlignedColumn {
        field: Some(index),
        kind: field.kind,
        is_printed: true,
        ..AlignedColumn::default()
    });
    Alignment {
        schema: Some(SchemaHandle(Arc::clone(schema))),
        columns: columns.collect(),
        ..Alignment::default()
    }
}

/// A statement of `rows` rows without damage.
fn statement(rows: usize) -> Alignment<'static> {
    let mut table = empty(&bank());
    let mut balance = 100_000_000_000i128;
    for line in 0..rows {
        let amount = (line as i128 * 7919) % 99_991 + 1;
        let is_credit = line % 3 == 0;
        if line > 0 {
            balance += if is_credit { amount } else { -amount };
        }
        table.rows.push(AlignedRow { kind: RowKind::Data, line: line + 1, label: String::new().into() });
        let (debit, credit) = if is_credit { (None, Some(amount)) } else { (Some(amount), None) };
        let moved = |amount: Option<i128>| cell(amount.filter(|_| line > 0));
        table.cells.extend([text("entry"), moved(debit), moved(credit), cell(Some(balance))]);
    }
    table
}

/// `blocks` packed rows of `n` records `c = a + b`, of which column a lost every other token; each with its total.
fn packed(blocks: usize, n: usize) -> Vec<Alignment<'static>> {
    let right = Expression::Add(boxed(Expression::Field(1)), boxed(Expression::Field(2)));
    let total = equation("total(a) = sum(a)", Expression::Total(1), Expression::Aggregate(Aggregate::Sum, 1));
    let schema =
        schema(&["name", "a", "b", "c"], vec![equation("c = a + b", Expression::Field(3), right), total]);
    let block = |block: usize| {
        let mut table = empty(&schema);
        let value = |row: usize| 1000 + (block * n + row) as i128 * 137;
        let mut placement = Placement {
            column: 1,
            rows: (0..n).collect(),
            tokens: Vec::new(),
            best: (0..n.div_ceil(2)).collect(),
        };
        for row in 0..n {
            table.rows.push(AlignedRow { kind: RowKind::Data, line: row + 1, label: String::new().into() });
            let lost = AlignedCell { slot: Slot::Lost, margin: 0.0, choice: Some(0), ..cell(None) };
            let b = 500 + row as i128;
            table.cells.extend([text("record"), lost, cell(Some(b)), cell(Some(value(row) + b))]);
            if row % 2 == 0 {
                placement.tokens.push(content(value(row)));
            }
        }
        table.rows.push(AlignedRow { kind: RowKind::Total, line: n + 1, label: "Total".into() });
        let sum = (0..n).map(value).sum();
        table.cells.extend([text("Total"), cell(Some(sum)), cell(None), cell(None)]);
        table.choices.push(Choice::Placement(placement));
        table
    };
    (0..blocks).map(block).collect()
}

/// Proves and returns the steps and the number of proven cells.
fn run(tables: &[Alignment<'_>]) -> (u64, usize) {
    let mut budget = Budget::new(u64::MAX / 2);
    let verdicts = prove("", tables, &mut budget, &mut Vec::new());
    let cells = verdicts.tables.iter().flat_map(|table| &table.cells);
    (budget.used(), cells.filter(|cell| cell.status == Status::Proven).count())
}

fn balances(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("proof/balance");
    for rows in [2_500, 5_000, 10_000] {
        let tables = [statement(rows)];
        let (steps, proven) = run(&tables);
        // Nothing is open, so nothing is searched; every balance and amount but the first row's is proven.
        assert_eq!(steps, 0);
        assert_eq!(proven, 2 * rows - 1);
        group.throughput(Throughput::Elements(4 * rows as u64));
        group.bench_with_input(BenchmarkId::from_parameter(rows), &tables, |bencher, tables| {
            bencher.iter(|| run(black_box(tables)));
        });
    }
    group.finish();
}

/// `rows` rows of three columns, every eighth the total of the seven above it, under a schema without checks.
fn totals(rows: usize) -> Alignment<'static> {
    let mut table = empty(&schema(&["item", "a", "b", "c"], Vec::new()));
    let mut sums = [0i128; 3];
    for line in 0..rows {
        let is_total = line % 8 == 7;
        let values = [7_919, 6_089, 3_571].map(|factor| (line as i128 * factor) % 99_991 + 100);
        let shown = if is_total { sums } else { values };
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum = if is_total { 0 } else { *sum + value };
        }
        table.rows.push(AlignedRow {
            kind: RowKind::Data,
            line: line + 1,
            label: format!("item {line}").into(),
        });
        table.cells.push(text("item"));
        table.cells.extend(shown.map(|value| cell(Some(value))));
    }
    table
}

fn discovery(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("proof/discovery");
    for rows in [256, 512, 1_024, 2_048] {
        let tables = [totals(rows)];
        let (steps, proven) = run(&tables);
        assert_eq!((steps, proven), (0, 3 * rows));
        group.throughput(Throughput::Elements(4 * rows as u64));
        group.bench_with_input(BenchmarkId::from_parameter(rows), &tables, |bencher, tables| {
            bencher.iter(|| run(black_box(tables)));
        });
    }
    group.finish();
}

fn choices(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("proof/choices");
    group.sample_size(10);
    for (blocks, n) in [(1, 8), (1, 16), (1, 32), (4, 16)] {
        let tables = packed(blocks, n);
        let (steps, proven) = run(&tables);
        let joint = JOINT_STEPS + JOINT_STEPS_PER_ROW * (blocks * n) as u64;
        assert!(steps <= STEPS_PER_PAIR * (blocks * n * n) as u64 + joint, "{steps}");
        assert!(proven >= blocks * n, "{proven}");
        group.throughput(Throughput::Elements((blocks * n) as u64));
        group.bench_with_input(BenchmarkId::new(format!("{blocks}x"), n), &tables, |bencher, tables| {
            bencher.iter(|| run(black_box(tables)));
        });
    }
    group.finish();
}

/// Steps allowed for each pair of a token and a row.
const STEPS_PER_PAIR: u64 = 16;

/// Steps allowed for testing placed prints by all checks together: a share for each document, and more for every operand
/// of the three that a row's balance adds up, and the two of its sides.
const JOINT_STEPS: u64 = 3_000;
const JOINT_STEPS_PER_ROW: u64 = 4 * 6;

criterion_group!(benches, balances, discovery, choices);
criterion_main!(benches);
