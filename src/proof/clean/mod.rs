//! The short way through documents that raise no question: every cell is settled, every rule is a sum along a row (or
//! from the row above) or `a * b = 0`, and every line of every rule holds.
//!
//! A table of which no check is stated may be such a one, too: where it is plain and shows no relation by itself.
//!
//! Such a document has no unknown, so nothing is resolved; no line fails, so nothing is doubted, corrected or reported;
//! a rule holds with numbers in it, so nothing is discovered. What is left of the proof is one pass over the records:
//! sums of whole numbers on one printed grid, and for every cell the checks that read it. [`prove_clean`] says the same as
//! the long way, to the id of every check; wherever the document is of another kind, it says nothing, and the long way
//! starts from the beginning.
//!
//! Linear in the cells and in the operands of all lines; allocates for verdicts and checks alone.

mod amounts;
mod chain;
mod records;
mod rules;
mod verdicts;

use self::chain::{Chain, Form, form_of};
use self::records::Records;
pub(crate) use self::verdicts::{CleanVerdict, CleanVerdicts};
use self::verdicts::{Column, readings_of};
use super::discover::shows_none;
use crate::align::{Aligned, AlignedColumn, Alignment, PlainCell, Slot};
use crate::column::plain::PlainValue;
use crate::schema::{Blank, Rounding, Schema};
use crate::table::RowKind;

/// A table, with its plain cells where it is a plain one.
#[derive(Clone, Copy)]
pub(crate) struct TableView<'a, 't> {
    pub(crate) alignment: &'a Alignment<'t>,
    pub(crate) plain: Option<&'a [PlainCell]>,
    /// What plain cells are printed in.
    pub(crate) text: &'a str,
}

impl<'a, 't> TableView<'a, 't> {
    /// A look at a table.
    pub(crate) fn of(table: &'a Aligned<'t>, text: &'a str) -> Self {
        let plain = table.plain.as_ref().map(|plain| plain.cells.as_slice());
        Self { alignment: &table.alignment, plain, text }
    }

    /// What the cell at a place says to a rule; `None` for a number that is longer than the short way counts with.
    #[inline]
    fn value(&self, place: usize) -> Option<PlainValue> {
        match self.plain {
            Some(cells) => cells.get(place).map(|cell| cell.value()),
            None => self.alignment.cells.get(place).and_then(amounts::plain),
        }
    }
}

/// A proof of the tables of a document one by one, as long as none raises a question: each while it is at hand.
#[derive(Debug)]
pub(crate) struct CleanAttempt {
    ids: u32,
    /// One a table so far; `None`: one of them raises a question.
    verdicts: Option<Vec<CleanVerdicts>>,
}

/// How an attempt ended.
#[derive(Debug)]
pub(crate) enum Attempted {
    /// No table raises a question.
    Clean(Vec<CleanVerdicts>),
    /// One of them does.
    Unclean,
    /// Not all tables were looked at.
    Unknown,
}

impl CleanAttempt {
    pub(crate) const fn new() -> Self {
        Self { ids: 0, verdicts: Some(Vec::new()) }
    }

    /// Looks at the next table.
    pub(crate) fn add(&mut self, table: TableView<'_, '_>) {
        if let Some(mut verdicts) = self.verdicts.take()
            && let Some(clean) = prove_table(table, &mut self.ids)
        {
            verdicts.push(clean);
            self.verdicts = Some(verdicts);
        }
    }

    /// What became of it, the document having so many tables.
    pub(crate) fn end(self, tables: usize) -> Attempted {
        match self.verdicts {
            Some(verdicts) if verdicts.len() == tables => Attempted::Clean(verdicts),
            Some(_) => Attempted::Unknown,
            None => Attempted::Unclean,
        }
    }
}

/// The verdicts on all tables of a document that raises no question; `None` says nothing.
pub(crate) fn prove_clean<'a, 't: 'a>(
    tables: impl IntoIterator<Item = TableView<'a, 't>>,
) -> Option<Vec<CleanVerdicts>> {
    let mut attempt = CleanAttempt::new();
    tables.into_iter().for_each(|table| attempt.add(table));
    attempt.verdicts
}

fn prove_table(view: TableView<'_, '_>, ids: &mut u32) -> Option<CleanVerdicts> {
    let table = view.alignment;
    let Some(schema) = table.schema.as_deref().filter(|schema| !schema.checks.is_empty()) else {
        return prove_unchecked(view);
    };
    let is_plain = table.choices.is_empty()
        && schema.constants.is_empty()
        && schema.group_by.is_none()
        && schema.rounding != Rounding::Truncate;
    if !is_plain || !are_settled(view, schema) {
        return None;
    }
    let records = Records::of(table);
    let mut rules = Vec::with_capacity(schema.checks.len());
    for check in &schema.checks {
        match form_of(table, check)? {
            Form::OnTotals if table.rows.iter().any(|row| row.kind == RowKind::Total) => return None,
            Form::OnTotals => {}
            form => rules.push((check, form)),
        }
    }
    let mut readers = amounts::readers(table, schema)?;
    let forms: Vec<&Form> = rules.iter().map(|(_, form)| form).collect();
    let lines = rules::try_rules(view, &mut readers, &forms, records.len(), schema.newest_first)?;
    let mut chains = Vec::with_capacity(rules.len());
    for ((check, form), lines) in rules.into_iter().zip(lines) {
        let chain = Chain::new(check, &form, lines, schema.newest_first, *ids);
        *ids = ids.checked_add(u32::try_from(chain.lines.len()).ok()?)?;
        chains.push((form, chain));
    }
    let says_something = |(_, chain): &(Form, Chain)| chain.lines.iter().any(|line| line.informative() > 0);
    if !chains.iter().any(says_something) {
        return None;
    }
    let mut columns: Vec<Option<Column>> = table.columns.iter().map(|_| None).collect();
    for reader in &readers {
        let field = table.columns.get(reader.column).and_then(|column| column.field);
        let limits = field.and_then(|field| schema.fields.get(field)).map(|field| &field.constraints);
        let readings = readings_of(reader.column, &chains, schema.newest_first);
        columns[reader.column] = Some(Column::new(reader.scale()?, readings, limits));
    }
    let chains = chains.into_iter().map(|(_, chain)| chain).collect();
    let rows = table.rows.len();
    let mut verdicts = CleanVerdicts { chains, columns, records, rows, counts: Vec::new() };
    if let Some(cells) = view.plain {
        verdicts.count(cells);
    }
    Some(verdicts)
}

/// The verdicts on a plain table that no schema states a check of: there is nothing to say of it where it shows no relation.
fn prove_unchecked(view: TableView<'_, '_>) -> Option<CleanVerdicts> {
    let (table, cells) = (view.alignment, view.plain?);
    let nothing = Schema::default();
    let schema = table.schema.as_deref().unwrap_or(&nothing);
    let is_short = cells.iter().all(|cell| cell.value().scale <= amounts::MAX_SCALE);
    let is_settled = table.choices.is_empty()
        && schema.constants.is_empty()
        && is_short
        && are_settled(view, schema)
        && shows_none(table, cells, view.text);
    is_settled.then(|| {
        let mut verdicts = CleanVerdicts::unchecked(table);
        verdicts.count(cells);
        verdicts
    })
}

/// Whether every cell of a table is a number, a text, or empty beyond doubt.
fn are_settled(view: TableView<'_, '_>, schema: &Schema) -> bool {
    let table = view.alignment;
    let is_blank_known = |column: &AlignedColumn| {
        let field = column.field.and_then(|field| schema.fields.get(field));
        field.is_none_or(|field| field.blank != Blank::Unknown)
    };
    let width = table.columns.len().max(1);
    // What a plain cell prints is its value.
    table.columns.iter().all(is_blank_known)
        && (view.plain.is_some()
            || table.cells.chunks(width).all(|row| {
                row.iter().zip(&table.columns).all(|(cell, column)| {
                    cell.choice.is_none()
                        && match cell.slot {
                            // A print without a value may be a confused number.
                            Slot::Printed => cell.content.value.is_some() || !column.kind.is_numeric(),
                            Slot::Blank | Slot::Nil | Slot::Absent => true,
                            Slot::Lost => false,
                        }
                })
            }))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::{Attempted, CleanAttempt, CleanVerdicts, TableView, prove_clean};
    use crate::Budget;
    use crate::Rebuilder;
    use crate::align::Aligned;
    use crate::hints::Hints;
    use crate::proof::sample::{schema, table};
    use crate::proof::{Said, Verdicts, prove_at_length};
    use crate::schema::Schema;
    use crate::table::CheckStore as _;
    use crate::text::Source;

    /// What the short way says of some tables, after a look at what the long way says.
    fn both(rows: &[Vec<String>], schema: &Arc<Schema>) -> Option<Verdicts> {
        let rows: Vec<String> = rows.iter().map(|row| row.join("|")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let tables = [table(schema, &rows), table(schema, &rows)];
        let views = tables.iter().map(|alignment| TableView { alignment, plain: None, text: "" });
        let short = prove_clean(views.clone())?.into_iter().zip(views);
        let short = Verdicts { tables: short.map(|(clean, view)| clean.into_verdicts(view)).collect() };
        let mut reported = Vec::new();
        let mut budget = Budget::new(10_000);
        let long = prove_at_length("", &tables, &mut budget, &mut reported);
        assert_eq!(short, long);
        assert!(reported.is_empty() && budget.used() == 0);
        Some(short)
    }

    fn account(checks: &[&str]) -> Schema {
        schema("account", &["debit", "credit", "balance"], checks, &[])
    }

    const CHECKS: [&str; 2] = ["balance = prev(balance) + credit - debit", "debit * credit = 0"];

    /// A running account: amounts in cents, 0 printed as nothing.
    fn postings(amounts: &[(i64, bool)], start: i64) -> Vec<Vec<String>> {
        let money = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
        let mut balance = start;
        let row = |&(amount, is_credit): &(i64, bool)| {
            balance += if is_credit { amount } else { -amount };
            let print = |is_own: bool| if is_own && amount != 0 { money(amount) } else { String::new() };
            vec![print(!is_credit), print(is_credit), money(balance)]
        };
        amounts.iter().map(row).collect()
    }

    #[test]
    fn a_clean_account_takes_the_short_way() {
        let rows = postings(&[(500, true), (250, false), (0, true), (9_999, true), (1, false)], 100_000);
        let verdicts = both(&rows, &Arc::new(account(&CHECKS))).unwrap();
        assert_eq!(verdicts.tables[1].checks.len(), 9);
        let newest = Schema { newest_first: true, ..account(&CHECKS) };
        let rows: Vec<Vec<String>> = rows.into_iter().rev().collect();
        assert!(both(&rows, &Arc::new(newest)).is_some());
    }

    #[test]
    fn an_attempt_ends_with_the_first_table_that_raises_a_question() {
        let schema = Arc::new(account(&CHECKS));
        let aligned = |rows: &[Vec<String>]| {
            let rows: Vec<String> = rows.iter().map(|row| row.join("|")).collect();
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            Aligned { alignment: table(&schema, &rows), plain: None }
        };
        let rows = postings(&[(500, true), (250, false), (700, true)], 100_000);
        let mut wrong = rows.clone();
        wrong[1][0] = "2.51".to_owned();
        let (clean, wrong) = (aligned(&rows), aligned(&wrong));
        let end = |tables: &[&Aligned<'_>], count: usize| {
            let mut attempt = CleanAttempt::new();
            tables.iter().for_each(|table| attempt.add(TableView::of(table, "")));
            attempt.end(count)
        };
        let Attempted::Clean(verdicts) = end(&[&clean, &clean], 2) else { panic!("both are clean") };
        // The ids of checks go on from table to table.
        let first = |verdicts: &CleanVerdicts| verdicts.check(0).unwrap().id;
        assert_eq!((first(&verdicts[0]), first(&verdicts[1])), (1, 6));
        assert!(matches!(end(&[&clean, &clean], 3), Attempted::Unknown));
        assert!(matches!(end(&[&clean, &wrong], 2), Attempted::Unclean));
        assert!(matches!(end(&[&wrong, &clean], 3), Attempted::Unclean));
    }

    #[test]
    fn what_raises_a_question_does_not() {
        let schema = Arc::new(account(&CHECKS));
        let clean = postings(&[(500, true), (250, false), (700, true)], 100_000);
        for (row, column, print) in [(1, 0, "2.51"), (1, 0, ""), (1, 0, "2.5"), (1, 0, "two"), (2, 0, "7.00")]
        {
            let mut rows = clean.clone();
            rows[row][column] = print.to_owned();
            assert!(both(&rows, &schema).is_none(), "{print}");
        }
        assert!(both(&clean, &Arc::new(account(&[]))).is_none());
        assert!(both(&clean, &Arc::new(account(&["balance >= debit"]))).is_none());
    }

    /// Whether the short way says something of a text as rebuilding reads it; the long way then says the same.
    fn is_told(rebuilder: &Rebuilder, text: &str) -> bool {
        let hints = Hints::default();
        let reading = rebuilder.read(Source::new(text), &hints);
        let text = reading.prepared.markup.source.text();
        let mut trace =
            rebuilder.trace(text, &reading.prepared, reading.regions, &hints, reading.found, false);
        let said = std::mem::take(&mut trace.said);
        if said.is_empty() || !said.iter().all(|said| matches!(said, Said::Clean(_))) {
            return false;
        }
        let views = trace.tables.iter().map(|table| TableView::of(table, text));
        let short = Verdicts {
            tables: said.into_iter().zip(views).map(|(said, view)| said.at_length(view)).collect(),
        };
        let alignments: Vec<_> = trace
            .tables
            .into_iter()
            .map(|mut table| {
                table.fill_in(text);
                table.alignment
            })
            .collect();
        let mut budget = Budget::new(10_000);
        assert_eq!(short, prove_at_length(text, &alignments, &mut budget, &mut Vec::new()), "{text}");
        true
    }

    /// Every table between tabs, pipes and blanks that is clean.
    #[test]
    fn read_tables_are_proven_alike() {
        let head = "Date\tDescription\tDebit\tCredit\tBalance\n";
        let rows = "2023-04-01\tRent\t100.00\t\t900.00\n2023-04-02\tPay\t\t50.00\t950.00\n\
                    2023-04-03\tOil\t-\t7.25\t957.25\n2023-04-04\tTax\t57.25\t\t900.00\n";
        let tabs = format!("{head}{rows}");
        let layout: String = tabs
            .lines()
            .map(|line| line.split('\t').map(|cell| format!("{cell:>14}")).collect::<String>() + "\n")
            .collect();
        let two = format!(
            "{tabs}\nThe account of the other branch follows, as agreed with its auditors.\n\n{tabs}"
        );
        let texts = [&tabs, &layout, &two, &tabs.replace("957.25", "957.26")];
        let rebuilder = Rebuilder::new();
        assert_eq!(texts.map(|text| is_told(&rebuilder, text)), [true, true, true, false]);
    }

    #[test]
    fn a_table_without_checks_is_passed_over_where_it_shows_no_relation() {
        let stock = schema("stock", &["name$", "stock", "order", "price"], &[], &[]);
        let rebuilder = Rebuilder::builder().schema(stock).build();
        let list = |last: &str| {
            let rows = "Nails\t310\t25\t4.20\nScrews\t1,204\t80\t3.75\nHinges\t96\t12\t11.90\n\
                        Bolts\t512\t40\t2.05\nLatches\t71\t9\t8.40\n";
            format!("Name\tStock\tOrder\tPrice\n{rows}{last}\n")
        };
        assert!(is_told(&rebuilder, &list("Hooks\t45\t7\t1.10")));
        assert!(!is_told(&rebuilder, &list("All\t2,193\t166\t30.30")));
    }

    /// A cell of a list of goods: mostly numbers of one kind, some of them otherwise.
    fn stock_cell() -> impl Strategy<Value = String> {
        prop_oneof![
            6 => (0u32..90_000).prop_map(|cents| format!("{}.{:02}", cents / 100, cents % 100)),
            2 => (0u32..400).prop_map(|count| count.to_string()),
            1 => (0u32..400).prop_map(|tenths| format!("{}.{}%", tenths / 10, tenths % 10)),
            1 => prop::sample::select(vec!["", "-", "0", "0.00", "n/a", "1.2345"]).prop_map(str::to_owned),
        ]
    }

    proptest! {
        /// Lists without checks, some with a sum in their last column or row: nothing that the long way discovers is passed over.
        #[test]
        fn unchecked_tables_are_passed_over_alike(
            rows in prop::collection::vec((stock_cell(), stock_cell(), 0u32..9_000), 2..9),
            (sums, shares) in (any::<bool>(), any::<bool>()),
        ) {
            let mut text = String::from("Article\tName\tIn stock\tOn order\tPrice\n");
            let mut sum = 0;
            for (index, (stock, order, price)) in rows.iter().enumerate() {
                let stock = if shares { format!("{price}.25") } else { stock.clone() };
                let price = if sums && index + 1 == rows.len() { sum } else { *price };
                sum += price;
                let _ = writeln!(text, "A-{index:04}\tName {index}\t{stock}\t{order}\t{price}.00");
            }
            let stock = schema("stock", &["article$", "name$", "in stock", "on order", "price"], &[], &[]);
            for rebuilder in [Rebuilder::new(), Rebuilder::builder().schema(stock).build()] {
                is_told(&rebuilder, &text);
            }
        }
    }

    proptest! {
        /// Random accounts under rules of every form: where the short way says something, the long way says the same.
        #[test]
        fn both_ways_agree(
            amounts in proptest::collection::vec((0i64..20_000, any::<bool>()), 0..8),
            start in 0i64..200_000,
            rules in proptest::sample::subsequence(vec![
                "balance = prev(balance) + credit - debit",
                "prev(balance) = balance - credit + debit",
                "debit * credit = 0",
                "0 = credit * debit",
                "total(debit) = sum(debit)",
                "credit - debit + prev(balance) = balance",
            ], 1..4),
            is_newest_first in any::<bool>(),
            minimum in proptest::option::of(0i64..150_000),
        ) {
            let mut schema = Schema { newest_first: is_newest_first, ..account(&rules) };
            if let Some(field) = schema.fields.iter_mut().find(|field| field.name == "balance") {
                field.constraints.minimum = minimum.and_then(|cents| crate::text::Decimal::new(cents.into(), 2));
            }
            let mut rows = postings(&amounts, start + 160_000);
            if is_newest_first {
                rows.reverse();
            }
            let is_told = both(&rows, &Arc::new(schema)).is_some();
            let has_all = rows.iter().any(|row| !row[0].is_empty()) && rows.iter().any(|row| !row[1].is_empty());
            prop_assert!(is_told || !has_all || rows.len() < 2 || rules == ["total(debit) = sum(debit)"]);
        }
    }
}
