//! What a total row stands for.
//!
//! The print does not say it. Two readings are tried: the data rows since the total row above, and all data rows above;
//! where the table has data rows below its only total too, all of them. The reading under which more of the row's own
//! checks hold and fewer fail is taken, the earlier one in a tie. With several readings of which none holds, a total
//! with rows of its own stands for those, so that its checks fail; a total right under another total stays undecided.

use std::collections::BTreeMap;

use super::evaluate::evaluate;
use super::instantiate::{Instantiator, Scope, reads_window, stands_on_totals};
use crate::schema::Schema;
use crate::schema::check::Check;
use crate::table::CheckStatus;

/// The data rows in `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    start: usize,
    end: usize,
}

impl Window {
    /// All rows.
    pub(crate) const fn all() -> Self {
        Self { start: 0, end: usize::MAX }
    }

    pub(crate) const fn contains(&self, row: usize) -> bool {
        self.start <= row && row < self.end
    }
}

/// Beyond so many total rows only the last ones are read as grand totals: every reading costs its rows.
const MAX_GRAND_TOTALS: usize = 64;

/// The window of every row that carries an aggregate; `None` where it is not decided.
pub(crate) fn windows(
    instantiator: &mut Instantiator<'_, '_, '_>,
    table: usize,
    schema: &Schema,
) -> BTreeMap<usize, Option<Window>> {
    let mut rules_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (rule, check) in schema.checks.iter().enumerate().filter(|(_, check)| reads_window(check)) {
        for row in anchors(instantiator, table, check) {
            rules_of.entry(row).or_default().push(rule);
        }
    }
    let mut chosen = BTreeMap::new();
    let count = rules_of.len();
    for (position, (&row, rules)) in rules_of.iter().enumerate() {
        let may_be_grand = count - position <= MAX_GRAND_TOTALS;
        let readings = readings(instantiator, table, row, may_be_grand);
        chosen.insert(row, choose(instantiator, table, schema, row, rules, &readings));
    }
    chosen
}

/// The rows on which a check with an aggregate stands.
fn anchors(instantiator: &Instantiator<'_, '_, '_>, table: usize, check: &Check) -> Vec<usize> {
    if stands_on_totals(check) {
        return instantiator.index(table).totals.clone();
    }
    let sides = [&check.left, &check.right];
    sides.into_iter().find_map(|side| instantiator.named_row(table, side)).into_iter().collect()
}

/// The windows that row `row` may stand for, the likelier first; none of them empty, none twice.
fn readings(
    instantiator: &Instantiator<'_, '_, '_>,
    table: usize,
    row: usize,
    may_be_grand: bool,
) -> Vec<Window> {
    let index = instantiator.index(table);
    let above = index.totals.partition_point(|&total| total < row);
    let since = above.checked_sub(1).and_then(|last| index.totals.get(last)).map_or(0, |last| last + 1);
    let is_filled = |window: &Window| {
        let first = index.data.partition_point(|&data| data < window.start);
        index.data.get(first).is_some_and(|&data| data < window.end)
    };
    let is_only = index.totals.iter().all(|&total| total == row);
    let mut found = vec![Window { start: since, end: row }];
    if may_be_grand {
        found.push(Window { start: 0, end: row });
    }
    if is_only && index.data.last().is_some_and(|&last| last > row) {
        found.push(Window::all());
    }
    found.retain(is_filled);
    found.dedup();
    found
}

fn choose(
    instantiator: &mut Instantiator<'_, '_, '_>,
    table: usize,
    schema: &Schema,
    row: usize,
    rules: &[usize],
    readings: &[Window],
) -> Option<Window> {
    let [first, rest @ ..] = readings else { return None };
    let index = instantiator.index(table);
    let last_data =
        index.data.partition_point(|&data| data < row).checked_sub(1).and_then(|last| index.data.get(last));
    let last_total = index
        .totals
        .partition_point(|&total| total < row)
        .checked_sub(1)
        .and_then(|last| index.totals.get(last));
    let has_own_rows = last_data.is_some_and(|data| last_total.is_none_or(|total| total < data));
    if rest.is_empty() && has_own_rows {
        return Some(*first);
    }
    let mut best: Option<(i64, i64, Window)> = None;
    for &window in readings {
        let (holds, fails) = tally(instantiator, table, schema, row, rules, window);
        if best.is_none_or(|(fewest, most, _)| (fails, -holds) < (fewest, -most)) {
            best = Some((fails, holds, window));
        }
    }
    match best {
        Some((_, holds, window)) if holds > 0 => Some(window),
        // Nothing tells the readings apart: a failing check stays a failing check of the nearest reading.
        Some((fails, _, _)) if fails > 0 && has_own_rows => Some(*first),
        _ => None,
    }
}

/// How many checks of a row hold and fail under one reading.
fn tally(
    instantiator: &mut Instantiator<'_, '_, '_>,
    table: usize,
    schema: &Schema,
    row: usize,
    rules: &[usize],
    window: Window,
) -> (i64, i64) {
    let (mut holds, mut fails) = (0, 0);
    let columns: Vec<usize> = (0..instantiator.board().tables[table].columns.len()).collect();
    for &rule in rules {
        let scope = Scope { total: Some(row), window: Some(window), ..Scope::default() };
        let grounds: Vec<_> = match instantiator.ground(table, schema, rule, scope) {
            Ok(ground) => vec![ground],
            Err(_) => columns
                .iter()
                .filter_map(|&column| {
                    let scope = Scope { column: Some(column), ..scope };
                    instantiator.ground(table, schema, rule, scope).ok()
                })
                .collect(),
        };
        for ground in grounds {
            let board = instantiator.board();
            let is_empty = ground
                .vars()
                .all(|var| board.fact(var).value().is_none_or(super::rational::Rational::is_zero));
            match evaluate(board, &ground) {
                Ok(CheckStatus::Holds | CheckStatus::HoldsRounded) if !is_empty => holds += 1,
                Ok(CheckStatus::Fails) => fails += 1,
                _ => {}
            }
        }
    }
    (holds, fails)
}
