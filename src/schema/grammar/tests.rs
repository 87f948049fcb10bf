//! Tests of the grammar and of the names in it.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::super::check::{Check, Expression, Scope};
use super::super::{Constant, Field, Schema};
use super::*;

fn schema() -> Schema {
    let names = ["name", "held", "after", "pct", "total", "balance", "net amount"];
    Schema {
        fields: names.into_iter().map(Field::new).collect(),
        constants: vec![Constant { name: "capital".into(), ..Constant::default() }],
        ..Schema::default()
    }
}

fn check(rule: &str) -> Check {
    Check::parse(rule, &schema()).unwrap_or_else(|error| panic!("{error}"))
}

fn error(rule: &str) -> String {
    Check::parse(rule, &schema()).unwrap_err().to_string()
}

#[test]
fn every_form_of_the_language_reads() {
    for (rule, scope, is_row_check) in [
        ("balance = prev(balance) + held - after", Scope::Row, true),
        ("pct = held / (held + after)", Scope::Row, true),
        ("total(held) = sum(held)", Scope::Total, false),
        ("total(balance) = last(balance)", Scope::Total, false),
        ("pct = total / total(total)", Scope::Row, false),
        ("count(held) >= 2", Scope::Table, false),
        ("row(\"Net\") = row(\"Gross\") - row(\"Tax\")", Scope::Column, false),
        ("row(\"A#2\").held = row(\"#6\").held", Scope::Table, false),
        ("row(\"Subtotal\").held = sum(held)", Scope::Table, false),
        ("held * after = 0", Scope::Row, true),
        ("held + after = $capital", Scope::Row, true),
        ("after = sum(\"share-pledge\".pledged by name)", Scope::Row, true),
        ("\"net amount\" ~= 0.07*held", Scope::Row, true),
    ] {
        let check = check(rule);
        assert_eq!((check.scope(), check.is_row_check()), (scope, is_row_check), "{rule}");
    }
}

#[test]
fn what_a_check_reads_is_listed_once() {
    let check = check("after = held + $capital * held - sum(other.pledged by name)");
    assert_eq!(check.fields(), [1, 2]);
    assert_eq!(check.constants(), [0]);
    let foreign = check.foreign();
    assert_eq!((foreign[0].schema, foreign[0].field, foreign[0].local_key), ("other", "pledged", 0));
}

#[test]
fn operators_bind_as_usual() {
    let same = |left: &str, right: &str| {
        assert_eq!(check(left).left, check(right).left, "{left}, {right}");
    };
    same("held - after - pct = 0", "(held - after) - pct = 0");
    same("held + after * pct = 0", "held + (after * pct) = 0");
    same("held / after * pct = 0", "(held / after) * pct = 0");
    same("-held * after = 0", "(-held) * after = 0");
}

#[test]
fn a_hash_counts_labels_unless_it_belongs_to_one() {
    let label = |rule: &str| match check(rule).left {
        Expression::Row { row, .. } => row,
        other => panic!("{other:?}"),
    };
    let labelled = |label: &str, occurrence| RowReference::Label { label: label.into(), occurrence };
    assert_eq!(label("row(\"A#2\") = 0"), labelled("A", 2));
    assert_eq!(label("row(\"Item #2\") = 0"), labelled("Item #2", 1));
    assert_eq!(label(r#"row("Form\#2") = 0"#), labelled("Form#2", 1));
    assert_eq!(label(r#"row("a \"b\" \\#2") = 0"#), labelled("a \"b\" \\", 2));
    assert_eq!(label("row(\"C#\") = 0"), labelled("C#", 1));
    assert_eq!(label("row(\"#12\") = 0"), RowReference::Number(12));
}

#[test]
fn errors_say_where_and_what_is_wanted() {
    assert_snapshot!(error("held = after +"), @"expected a field, a number or ( at byte 14 of `held = after +`, found its end");
    assert_snapshot!(error("held + after"), @"expected an operator or one of = ~= <= >= < > at byte 12 of `held + after`, found its end");
    assert_snapshot!(error("held = after pct"), @"expected an operator or the end of the rule at byte 13 of `held = after pct`, found `pct`");
    assert_snapshot!(error("held = (after"), @"expected an operator or ) at byte 13 of `held = (after`, found its end");
    assert_snapshot!(error("held == after"), @"expected a field, a number or ( at byte 6 of `held == after`, found `=`");
    assert_snapshot!(error("total(held) = sum(held, after)"), @"expected ) after the one field of a function at byte 22 of `total(held) = sum(held, after)`, found `,`");
    assert_snapshot!(error("total(held) = summe(held)"), @"expected one of the functions prev total row sum first last count min max at byte 14 of `total(held) = summe(held)`, found `summe`");
    assert_snapshot!(error("held = sum(other.pledged for name)"), @"expected by and the key of the other table at byte 25 of `held = sum(other.pledged for name)`, found `for`");
    assert_snapshot!(error("row(Net) = 0"), @"expected a label in quotes at byte 4 of `row(Net) = 0`, found `Net`");
    assert_snapshot!(error("row(\"#0\") = 0"), @r##"expected a row number from 1 after # at byte 4 of `row("#0") = 0`, found `"#0"`"##);
    assert_snapshot!(error("row(\"Net) = 0"), @r#"expected a label in quotes at byte 4 of `row("Net) = 0`, found `"`"#);
    assert_snapshot!(error("held = 1,000"), @"expected an operator or the end of the rule at byte 8 of `held = 1,000`, found `,`");
    assert_snapshot!(error("held = .5"), @"expected a field, a number or ( at byte 7 of `held = .5`, found `.`");
    assert_snapshot!(error("held = \"\""), @r#"expected a name between the quotes at byte 7 of `held = ""`, found `""`"#);
    assert_snapshot!(error("held = $"), @"expected the name of a constant at byte 8 of `held = $`, found its end");
    assert_snapshot!(error(""), @"expected a field, a number or ( at byte 0 of ``, found its end");
    assert_snapshot!(error("held = 123456789012345678901234567890123456789012"), @"expected a number of at most 38 digits at byte 7 of `held = 123456789012345678901234567890123456789012`, found `123456789012345678901234567890123456789012`");
}

#[test]
fn names_that_are_not_there_get_the_nearest() {
    assert_snapshot!(error("total(hled) = sum(held)"), @"no field is called `hled` (byte 6 of `total(hled) = sum(held)`), did you mean `held`?");
    assert_snapshot!(error("held = $capitl"), @"no constant is called `capitl` (byte 8 of `held = $capitl`), did you mean `capital`?");
    assert_snapshot!(error("held = sum(other.pledged by customer)"), @"no field is called `customer` (byte 28 of `held = sum(other.pledged by customer)`)");
    assert_snapshot!(error("row(\"Net\") = sum(held)"), @r#"row("Net") (byte 0 of `row("Net") = sum(held)`) stands for every numeric column and cannot meet one named column; write row("Net").field for one cell"#);
    let long = format!("held = {} + hold", ["after"; 40].join(" + "));
    assert_snapshot!(error(&long), @"no field is called `hold` (byte 327 of `… after + after + after + after + after + after + hold`), did you mean `held`?");
}

#[test]
fn no_rule_makes_the_parser_recurse_without_limit() {
    let nested = format!("held = {}1{}", "(".repeat(64), ")".repeat(64));
    assert!(Check::parse(&nested, &schema()).is_ok());
    assert_snapshot!(error(&format!("held = {}1", "(".repeat(65))), @"expected at most 64 brackets and signs inside one another at byte 72 of `…(((((((((((((((((((((((((((((((((((((((((((((((((1`, found `1`");
    assert_snapshot!(error(&format!("held = {}1", "-".repeat(100_000))), @"expected at most 2,000 operators at byte 2007 of `…-------------------------------------------------------------------------------------------------…`, found `-`");
    assert_snapshot!(error(&format!("held = 1{}", " + 1".repeat(100_000))), @"expected at most 2,000 operators at byte 8009 of `… + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 …`, found `+`");
    let chain = format!("held = 1{}", " + 1".repeat(2_000));
    assert_eq!(check(&chain).display(&schema()).to_string(), chain);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(rule in any::<String>()) {
        let _ = Check::parse(&rule, &schema());
    }

    #[test]
    fn near_misses_point_into_the_rule(rule in r#"[a-c(]{0,2}(held|row\("A|sum\(|[-+*/=.$"\#)( ]){0,12}"#) {
        if let Err(error) = Check::parse(&rule, &schema()) {
            prop_assert!(rule.get(error.at().start..error.at().end).is_some());
        }
    }
}
