//! Whether the rules of a schema are about this table at all.
//!
//! A schema is bound by its headers, and headers may fit a table that its checks are not about. A rule that holds by chance
//! on one row and fails on four proves nothing on that one. So every rule is weighed over its own lines: what the holding
//! ones are worth in bits, less [`FAILURE`] for each that fails with all its operands printed. A rule that fails anywhere
//! needs [`TRUST`] bits beyond that; one that fails nowhere is believed, for the author of a schema knows its tables. A rule
//! without lines that tell much stands or falls with the other rules of its schema.
//!
//! What is distrusted is reported as before, but proves and infers nothing.

use super::board::{Board, Known};
use super::constraint::Ground;
use super::evaluate::Untestable;
use super::judge::bits;
use crate::align::Slot;
use crate::schema::check::Relation;
use crate::table::CheckStatus;

/// Bits that one failing line takes from a rule: of the lines of real tables that damage has touched one in sixteen fails.
const FAILURE: f32 = 4.0;

/// Bits that a rule with failing lines has to keep: more than one sum of two digits.
const TRUST: f32 = 5.5;

/// Bits below which a rule does not speak for itself: single digits that add up are chance.
const LEAST: f32 = 4.0;

/// The evidence on one rule.
#[derive(Clone, Copy, Debug, Default)]
struct Evidence {
    bits: f32,
    fails: usize,
    is_equation: bool,
}

impl Evidence {
    fn is_refuted(self) -> bool {
        self.fails > 0 && self.bits - FAILURE * count(self.fails) < TRUST
    }
}

#[allow(clippy::cast_precision_loss)]
fn count(count: usize) -> f32 {
    count as f32
}

/// For every table and rule of its schema, whether the table speaks against it.
pub(crate) fn distrusted(
    board: &Board<'_, '_>,
    grounds: &[Ground],
    outcomes: &[Result<CheckStatus, Untestable>],
) -> Vec<Vec<bool>> {
    let rules = |table: usize| board.tables[table].schema.as_ref().map_or(0, |schema| schema.checks.len());
    let mut evidence: Vec<Vec<Evidence>> =
        (0..board.tables.len()).map(|table| vec![Evidence::default(); rules(table)]).collect();
    for (ground, outcome) in grounds.iter().zip(outcomes) {
        let Some(entry) = evidence.get_mut(ground.table).and_then(|rules| rules.get_mut(ground.rule)) else {
            continue;
        };
        entry.is_equation = matches!(ground.relation, Relation::Equal | Relation::About);
        match outcome {
            Ok(CheckStatus::Holds | CheckStatus::HoldsRounded) => {
                entry.bits += bits(board, ground).unwrap_or(0.0);
            }
            Ok(CheckStatus::Fails) if is_printed(board, ground) => entry.fails += 1,
            _ => {}
        }
    }
    evidence.into_iter().map(|rules| judge(&rules)).collect()
}

fn judge(rules: &[Evidence]) -> Vec<bool> {
    let is_any_refuted = rules.iter().any(|rule| rule.is_equation && rule.is_refuted());
    let is_distrusted =
        |rule: &Evidence| rule.is_equation && (rule.is_refuted() || is_any_refuted && rule.bits < LEAST);
    rules.iter().map(is_distrusted).collect()
}

/// Whether no blank stands in a constraint that could be a lost value.
fn is_printed(board: &Board<'_, '_>, ground: &Ground) -> bool {
    ground.vars().all(|var| {
        board.fact(var).known != Known::Empty || board.cell(var).is_some_and(|cell| cell.slot != Slot::Blank)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::Budget;
    use crate::proof::prove;
    use crate::proof::sample::{schema, table};
    use crate::table::Status;

    fn statuses(rows: &[&str]) -> Vec<Status> {
        let schema = Arc::new(schema("t", &["a", "b", "c"], &["c = a + b"], &[]));
        let tables = [table(&schema, rows)];
        let verdicts = prove("", &tables, &mut Budget::new(10_000), &mut Vec::new());
        verdicts.tables[0].cells.iter().map(|cell| cell.status).collect()
    }

    #[test]
    fn a_rule_that_holds_once_by_chance_proves_nothing() {
        let rows = ["14|20|34", "71|22|55", "18|90|13", "44|61|70"];
        assert!(statuses(&rows).iter().all(|&status| status != Status::Proven));
    }

    #[test]
    fn one_wrong_print_does_not_refute_a_rule() {
        let rows = ["1,401|2,010|3,411", "7,130|2,205|9,335", "1,890|9,012|10,902", "4,412|6,101|10,531"];
        let statuses = statuses(&rows);
        assert!(statuses[..9].iter().all(|&status| status == Status::Proven));
        assert!(statuses[9..].iter().all(|&status| status == Status::Contradicted));
    }

    #[test]
    fn a_stated_rule_without_a_failure_is_believed() {
        assert!(statuses(&["140|201|341"]).iter().all(|&status| status == Status::Proven));
    }
}
