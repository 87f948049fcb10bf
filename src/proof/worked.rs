//! The worked example: a table of accumulated pledges whose five records were packed into one row.

use std::sync::Arc;

use super::sample::{place, schema, table};
use super::{CellVerdict, Outcome, Verdicts, prove};
use crate::Budget;
use crate::align::Alignment;

const FIELDS: [&str; 11] = [
    "name$",
    "held#",
    "pct_held#%",
    "before#",
    "after#",
    "after_pct_held#%",
    "after_pct_capital#%",
    "pledged_restricted#",
    "pledged_restricted_pct#%",
    "unpledged_restricted#",
    "unpledged_restricted_pct#%",
];

const CHECKS: [&str; 16] = [
    "total(held) = sum(held)",
    "total(before) = sum(before)",
    "total(after) = sum(after)",
    "total(pledged_restricted) = sum(pledged_restricted)",
    "total(unpledged_restricted) = sum(unpledged_restricted)",
    "after_pct_held = after / held",
    "pledged_restricted_pct = pledged_restricted / after",
    "unpledged_restricted_pct = unpledged_restricted / (held - after)",
    "pct_held = held / $capital",
    "after_pct_capital = after / $capital",
    "before <= held",
    "after <= held",
    "pledged_restricted <= after",
    "unpledged_restricted <= held - after",
    "after = before + sum(\"share-pledge\".pledged by name) - sum(\"pledge-release\".released by name)",
    "sum(\"pledge-release\".released by name) <= before",
];

/// Rows of the holders, in order.
const RUIDE: usize = 0;
const GESHUO: usize = 1;
const XINSHENG: usize = 2;
const CAI: usize = 3;
const HU: usize = 4;

fn tables() -> Vec<Alignment<'static>> {
    let pledge =
        Arc::new(schema("share-pledge", &["name$", "pledged"], &["total(pledged) = sum(pledged)"], &[]));
    let release =
        Arc::new(schema("pledge-release", &["name$", "released"], &["total(released) = sum(released)"], &[]));
    let accumulated = Arc::new(schema("accumulated-pledge", &FIELDS, &CHECKS, &[("capital", None)]));
    let mut third = table(
        &accumulated,
        &[
            "Ruide Venture|38,710.0160|28.83%|?|?|?|?|?|?|?|?",
            "Ganzhou Geshuo|860.3174|0.64%|?|?|?|?|?|?|?|?",
            "Ganzhou Xinsheng Investment|2,353.6435|1.75%|?|?|?|?|?|?|?|?",
            "Cai Baogui|102.4000|0.08%|?|?|?|?|?|?|?|?",
            "Hu Zhibin|153.6000|0.11%|?|?|?|?|?|?|?|?",
            "=Total|42,179.9769|31.42%|1,438.40|1,950.40|4.62%|1.45%|0|0%|192.00|0.48%",
        ],
    );
    let rows = [RUIDE, GESHUO, XINSHENG, CAI, HU];
    place(&mut third, "before", &rows, &["350.40"]);
    place(&mut third, "after", &rows, &[]);
    place(&mut third, "after_pct_held", &rows, &["4.13%", "40.73%", "0%"]);
    place(&mut third, "after_pct_capital", &rows, &["1.19%", "0.26%", "0%"]);
    place(&mut third, "pledged_restricted", &rows, &["0", "0", "0"]);
    place(&mut third, "pledged_restricted_pct", &rows, &["0%", "0%", "0%"]);
    place(&mut third, "unpledged_restricted", &rows, &["76.80", "115.20"]);
    place(&mut third, "unpledged_restricted_pct", &rows, &["0%", "0%", "0%", "75%"]);
    vec![
        table(&pledge, &["Ruide Venture|1,600.00", "=Total|1,600.00"]),
        table(&release, &["Ruide Venture|832.00", "Ruide Venture|256.00", "=Total|1,088.00"]),
        third,
    ]
}

struct Rebuilt {
    verdicts: Verdicts,
    table: Alignment<'static>,
}

impl Rebuilt {
    fn new() -> Self {
        let tables = tables();
        let mut budget = Budget::new(4_000_000);
        let verdicts = prove("", &tables, &mut budget, &mut Vec::new());
        assert!(!budget.is_spent());
        Self { verdicts, table: tables[2].clone() }
    }

    fn cell(&self, row: usize, field: &str) -> &CellVerdict {
        let column = self.table.schema.as_ref().unwrap().field_index(field).unwrap();
        &self.verdicts.tables[2].cells[row * FIELDS.len() + column]
    }

    /// The value of a cell as text, `_` where there is none.
    fn value(&self, row: usize, field: &str) -> String {
        match self.cell(row, field).outcome {
            Outcome::Inferred(value) => value.normalized().to_string(),
            Outcome::Token { choice, token } => match &self.table.choices[choice] {
                crate::align::Choice::Placement(placement) => placement.tokens[token].text.to_string(),
                _ => String::new(),
            },
            _ => "_".to_string(),
        }
    }

    /// `S` for a cell whose reading is settled, proven or not, `?` for any other.
    fn settled(&self, field: &str) -> String {
        let mark = |row: usize| if self.cell(row, field).status.is_doubtful() { '?' } else { 'S' };
        (RUIDE..=HU).map(mark).collect()
    }

    fn statuses(&self, field: &str) -> String {
        (RUIDE..=HU).map(|row| format!("{:?}", self.cell(row, field).status).remove(0)).collect()
    }

    fn values(&self, field: &str) -> Vec<String> {
        (RUIDE..=HU).map(|row| self.value(row, field)).collect()
    }
}

#[test]
fn forced_values_are_inferred_and_moved() {
    let rebuilt = Rebuilt::new();
    assert_eq!(rebuilt.values("before"), ["1088", "350.40", "0", "0", "0"]);
    assert_eq!(rebuilt.values("after"), ["1600", "350.4", "0", "0", "0"]);
    for field in ["before", "after", "after_pct_held", "after_pct_capital", "pledged_restricted"] {
        assert_eq!(rebuilt.settled(field), "SSSSS", "{field}");
    }
    // Where 350.40 stands is proven; what it says is not: 350.41 would be 40.73 % of the holding as well, and the values
    // that nothing prints would take up the difference.
    assert_eq!(rebuilt.statuses("before"), "PCPPP");
    assert_eq!(rebuilt.statuses("after"), "PPPPP");
    assert!(matches!(rebuilt.cell(GESHUO, "before").outcome, Outcome::Token { token: 0, .. }));
    let zero = |value: &String| value.trim_end_matches('%') == "0";
    assert_eq!(rebuilt.values("after_pct_held")[..2], ["4.13%", "40.73%"]);
    assert_eq!(rebuilt.values("after_pct_capital")[..2], ["1.19%", "0.26%"]);
    assert!(rebuilt.values("after_pct_held")[2..].iter().all(zero));
    assert!(rebuilt.values("pledged_restricted").iter().all(zero));
}

#[test]
fn equal_values_share_their_tokens() {
    let rebuilt = Rebuilt::new();
    let group = |field: &str, rows: &[usize]| {
        let shares: Vec<Option<u32>> = rows.iter().map(|&row| rebuilt.cell(row, field).shares).collect();
        shares[0].is_some() && shares.iter().all(|share| *share == shares[0])
    };
    assert!(group("after_pct_held", &[XINSHENG, CAI, HU]));
    assert!(group("after_pct_capital", &[XINSHENG, CAI, HU]));
    assert!(group("pledged_restricted", &[RUIDE, GESHUO, XINSHENG, CAI, HU]));
    assert_eq!(rebuilt.cell(RUIDE, "after_pct_held").shares, None);
}

#[test]
fn what_nothing_forces_is_ambiguous() {
    let rebuilt = Rebuilt::new();
    assert_eq!(rebuilt.settled("pledged_restricted_pct"), "SS???");
    assert_eq!(rebuilt.settled("unpledged_restricted"), "????S");
    assert_eq!(rebuilt.settled("unpledged_restricted_pct"), "????S");
    assert!(matches!(rebuilt.cell(HU, "unpledged_restricted").outcome, Outcome::Token { token: 1, .. }));
    assert_eq!(rebuilt.value(HU, "unpledged_restricted_pct").trim_end_matches('%'), "75");
    // The token 76.80 stands in exactly one cell, and may land in four.
    let rows: Vec<usize> =
        (RUIDE..=HU).filter(|&row| rebuilt.value(row, "unpledged_restricted") == "76.80").collect();
    assert_eq!(rows.len(), 1);
    let names_it = |row: usize| {
        let cell = rebuilt.cell(row, "unpledged_restricted");
        rows.contains(&row)
            || cell.alternatives.iter().any(|other| other.token.is_some_and(|token| token.1 == 0))
    };
    assert!((RUIDE..=CAI).all(names_it));
}

#[test]
fn every_token_stands_in_one_cell() {
    let rebuilt = Rebuilt::new();
    let mut seen: Vec<(usize, usize)> = Vec::new();
    for cell in &rebuilt.verdicts.tables[2].cells {
        if let Outcome::Token { choice, token } = cell.outcome {
            assert!(!seen.contains(&(choice, token)));
            seen.push((choice, token));
        }
    }
    assert_eq!(seen.len(), 19);
}

#[test]
fn the_printed_columns_are_proven_by_their_sum() {
    let rebuilt = Rebuilt::new();
    assert_eq!(rebuilt.statuses("held"), "PPPPP");
    assert_eq!(rebuilt.statuses("pct_held").matches('X').count(), 0);
}
