//! Relations along the rows: a column that follows from others on every row, or from its own row above.

use super::significance::{Instance, Tally, bits, log2_choose, weigh_sum};
use super::view::{Entry, View};
use super::{Line, MARGIN, Relation};
use crate::proof::rational::Rational;

/// Rows on which a relation is tried before all others: it is given up where it holds on less than half of them.
const SAMPLE: usize = 6;

/// Rows that fail before any holds, by which a relation is given up.
const FIRST: usize = 3;

/// Rows that make a run: two are a sum that happens to stand beside another.
const MIN_RUN: usize = 3;

/// Columns up to which any two make a difference; in wider tables they stand near their result.
const ALL_PAIRS: usize = 8;

/// How far from its operands a result stands in wide tables.
const NEAR: usize = 4;

/// Columns that a sum along a row has at most.
const MAX_TERMS: usize = 16;

/// Differences of any two columns, changes and shares are rarer than sums of neighbours by so many bits.
const RARER_KIND: f64 = 2.0;

/// How a column follows from others.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// A sum of columns with their signs.
    Sum(Vec<(usize, i128)>),
    /// `(new - old) / old` in per cent.
    Change { new: usize, old: usize },
    /// A share, in per cent, of the same column's value in row `base`.
    Share { part: usize, base: usize },
    /// The row above, or below where `is_newest_first`, and what came in less what went out.
    Running { plus: Option<usize>, minus: Option<usize>, is_newest_first: bool },
}

/// A relation between columns.
#[derive(Clone, Debug)]
pub(crate) struct ColumnRelation {
    pub(crate) target: usize,
    kind: Kind,
    bits: f64,
    /// Rows where it holds, is open, or ought to hold.
    rows: Vec<usize>,
}

impl ColumnRelation {
    /// Whether it is a balance from row to row.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.kind, Kind::Running { .. })
    }

    pub(crate) fn named(&self, view: &View<'_, '_>) -> Relation {
        let lines = self.rows.iter().filter_map(|&row| line(view, &self.kind, self.target, row)).collect();
        let target = view.column_name(self.target);
        let rule = match &self.kind {
            Kind::Sum(terms) => super::word::sum_of(
                &target,
                terms.iter().map(|&(column, sign)| (sign, view.column_name(column))),
            ),
            Kind::Change { new, old } => {
                let (new, old) = (view.column_name(*new), view.column_name(*old));
                format!("{target} = ({new} - {old}) / {old}")
            }
            Kind::Share { part, base } => {
                let part = view.column_name(*part);
                format!("{target} = {part} / {}.{part}", view.row_name(*base))
            }
            Kind::Running { plus, minus, is_newest_first } => {
                let before = if *is_newest_first { "next" } else { "prev" };
                let plus = plus.map(|column| format!(" + {}", view.column_name(column))).unwrap_or_default();
                let minus =
                    minus.map(|column| format!(" - {}", view.column_name(column))).unwrap_or_default();
                format!("{target} = {before}({target}){plus}{minus}")
            }
        };
        #[allow(clippy::cast_possible_truncation)]
        let bits = self.bits as f32;
        Relation { rule, bits, lines }
    }
}

/// The relations of a table, at most one a target column and set of columns.
pub(crate) fn discover(view: &View<'_, '_>) -> Vec<ColumnRelation> {
    let mut found: Vec<ColumnRelation> = Vec::new();
    for (kinds, cost) in [(sums(view), 0.0), (differences(view), RARER_KIND), (runnings(view), RARER_KIND)] {
        weigh_all(view, &kinds, cost, &mut found);
    }
    for kinds in [changes(view), shares(view)] {
        weigh_all(view, &kinds, RARER_KIND, &mut found);
    }
    found
}

fn weigh_all(view: &View<'_, '_>, kinds: &[(usize, Kind)], cost: f64, found: &mut Vec<ColumnRelation>) {
    let mut level: Vec<ColumnRelation> =
        kinds.iter().filter_map(|(target, kind)| weigh(view, *target, kind, kinds.len(), cost)).collect();
    level.sort_by(|a, b| b.bits.total_cmp(&a.bits).then(a.target.cmp(&b.target)));
    for relation in level {
        // `a = b + c` and `b = a - c` are one relation.
        let is_known =
            found.iter().any(|known| known.target == relation.target || members(known) == members(&relation));
        if !is_known {
            found.push(relation);
        }
    }
}

fn members(relation: &ColumnRelation) -> Vec<usize> {
    let mut columns = vec![relation.target];
    match &relation.kind {
        Kind::Sum(terms) => columns.extend(terms.iter().map(|term| term.0)),
        Kind::Change { new, old } => columns.extend([*new, *old]),
        Kind::Share { part, .. } => columns.push(*part),
        Kind::Running { plus, minus, .. } => columns.extend(plus.iter().chain(minus)),
    }
    columns.sort_unstable();
    columns
}

/// Sums of at least two neighbours to the left or to the right.
fn sums(view: &View<'_, '_>) -> Vec<(usize, Kind)> {
    let columns = &view.columns;
    let mut kinds = Vec::new();
    let all = |window: &[usize]| Kind::Sum(window.iter().map(|&column| (column, 1)).collect());
    for (target, &column) in columns.iter().enumerate() {
        for start in (target.saturating_sub(MAX_TERMS)..target.saturating_sub(1)).rev() {
            kinds.push((column, all(&columns[start..target])));
        }
        for end in target + 3..=columns.len().min(target + 1 + MAX_TERMS) {
            kinds.push((column, all(&columns[target + 1..end])));
        }
    }
    kinds
}

fn differences(view: &View<'_, '_>) -> Vec<(usize, Kind)> {
    let differences =
        pairs(view).into_iter().map(|(target, a, b)| (target, Kind::Sum(vec![(a, 1), (b, -1)])));
    differences.collect()
}

/// A column and two others.
fn pairs(view: &View<'_, '_>) -> Vec<(usize, usize, usize)> {
    let columns = &view.columns;
    let is_near = |a: usize, b: usize| columns.len() <= ALL_PAIRS || a.abs_diff(b) <= NEAR;
    let mut found = Vec::new();
    for (target, &column) in columns.iter().enumerate() {
        for (a, &first) in columns.iter().enumerate().filter(|(a, _)| *a != target && is_near(*a, target)) {
            for (_, &second) in
                columns.iter().enumerate().filter(|(b, _)| *b != target && *b != a && is_near(*b, target))
            {
                found.push((column, first, second));
            }
        }
    }
    found
}

fn changes(view: &View<'_, '_>) -> Vec<(usize, Kind)> {
    let is_rate = |column: usize| view.rates.contains(&column) || title_has_percent(view, column);
    pairs(view)
        .into_iter()
        .filter(|&(target, _, _)| is_rate(target))
        .map(|(target, new, old)| (target, Kind::Change { new, old }))
        .collect()
}

fn title_has_percent(view: &View<'_, '_>, column: usize) -> bool {
    view.table.columns[column].title.contains('%')
}

/// Shares of the greatest value of a column: that is its total where there is one.
fn shares(view: &View<'_, '_>) -> Vec<(usize, Kind)> {
    let mut found = Vec::new();
    for &target in &view.columns {
        if !view.rates.contains(&target) && !title_has_percent(view, target) {
            continue;
        }
        for &part in view.columns.iter().filter(|&&part| part != target) {
            let value = |row: usize| view.entry(row, part).value().and_then(i128::checked_abs).unwrap_or(0);
            // The last of equal ones: a total repeats a single addend below it.
            if let Some(&base) = view.rows.iter().max_by_key(|&&row| value(row))
                && value(base) > 0
            {
                found.push((target, Kind::Share { part, base }));
            }
        }
    }
    found
}

fn runnings(view: &View<'_, '_>) -> Vec<(usize, Kind)> {
    let mut found = Vec::new();
    if view.rows.len() <= FIRST {
        return found;
    }
    let both =
        |plus, minus| [false, true].map(|is_newest_first| Kind::Running { plus, minus, is_newest_first });
    for (position, &target) in view.columns.iter().enumerate() {
        let is_near = |other: usize| view.columns.len() <= ALL_PAIRS || other.abs_diff(position) <= NEAR;
        let others =
            view.columns.iter().enumerate().filter(|(other, _)| *other != position && is_near(*other));
        for (_, &other) in others {
            found.extend(
                both(Some(other), None).into_iter().chain(both(None, Some(other))).map(|kind| (target, kind)),
            );
        }
    }
    for (target, plus, minus) in pairs(view) {
        found.extend(both(Some(plus), Some(minus)).map(|kind| (target, kind)));
    }
    found
}

/// The relation over all rows, if it is beyond chance.
fn weigh(view: &View<'_, '_>, target: usize, kind: &Kind, tried: usize, cost: f64) -> Option<ColumnRelation> {
    let mut tally = Tally::default();
    let mut instances = Vec::with_capacity(view.rows.len());
    let mut before: Option<Vec<Entry>> = None;
    for (position, &row) in view.rows.iter().enumerate() {
        let instance = weigh_row(view, target, kind, position);
        let mut is_repeated = false;
        if matches!(instance, Instance::Holds { .. }) {
            let cells = entries(view, target, kind, row);
            is_repeated = before.as_ref() == Some(&cells);
            before = Some(cells);
        }
        tally.count(instance, is_repeated);
        instances.push(instance);
        let is_hopeless = tally.holds == 0 && tally.fails == FIRST;
        if is_hopeless || tally.holds + tally.fails == SAMPLE && tally.holds < tally.fails {
            return None;
        }
    }
    if matches!(kind, Kind::Running { .. }) && tally.exact < MIN_RUN {
        return None;
    }
    let bits = tally.significance(tried, cost).filter(|&bits| bits >= MARGIN)?;
    // One failing row among many is a wrong print; many are rows of another kind.
    let is_law = tally.fails * 8 <= tally.holds;
    let is_shown = |(_, instance): &(&usize, &Instance)| match instance {
        Instance::Holds { .. } | Instance::Open => true,
        Instance::Fails | Instance::Near => is_law,
        Instance::Silent => false,
    };
    let rows = view.rows.iter().zip(&instances).filter(is_shown).map(|(row, _)| *row).collect();
    Some(ColumnRelation { target, kind: kind.clone(), bits, rows })
}

fn entries(view: &View<'_, '_>, target: usize, kind: &Kind, row: usize) -> Vec<Entry> {
    let others: Vec<usize> = match kind {
        Kind::Sum(terms) => terms.iter().map(|term| term.0).collect(),
        Kind::Change { new, old } => vec![*new, *old],
        Kind::Share { part, .. } => vec![*part],
        Kind::Running { plus, minus, .. } => plus.iter().chain(minus).copied().collect(),
    };
    std::iter::once(target).chain(others).map(|column| view.entry(row, column)).collect()
}

fn weigh_row(view: &View<'_, '_>, target: usize, kind: &Kind, position: usize) -> Instance {
    let Some(&row) = view.rows.get(position) else { return Instance::Silent };
    view.count(match kind {
        Kind::Sum(terms) => terms.len() + 1,
        _ => 3,
    });
    match kind {
        Kind::Sum(terms) => {
            let signed = terms.iter().map(|&(column, sign)| (view.entry(row, column), sign));
            capped(weigh_sum(view.entry(row, target), signed), view, row, terms.len() + 1)
        }
        Kind::Change { new, old } => {
            let (new, old) = (view.entry(row, *new), view.entry(row, *old));
            let difference = || new.value()?.checked_sub(old.value()?);
            weigh_ratio(view, (row, target), [new, old], difference(), old.value())
        }
        Kind::Share { part, base } if *base != row => {
            let (own, whole) = (view.entry(row, *part), view.entry(*base, *part));
            weigh_ratio(view, (row, target), [own, whole], own.value(), whole.value())
        }
        // The base is 100 % of itself: that says nothing.
        Kind::Share { .. } => Instance::Silent,
        Kind::Running { plus, minus, is_newest_first } => {
            let neighbour = if *is_newest_first { position.checked_add(1) } else { position.checked_sub(1) };
            let Some(&before) = neighbour.and_then(|neighbour| view.rows.get(neighbour)) else {
                return Instance::Silent;
            };
            // From nothing nothing runs on: that would be a sum along the row.
            if view.entry(before, target).value() == Some(0) {
                return Instance::Silent;
            }
            let moved =
                plus.iter().map(|&column| (column, 1)).chain(minus.iter().map(|&column| (column, -1)));
            let moved = moved.map(|(column, sign)| (view.entry(row, column), sign));
            weigh_sum(view.entry(row, target), std::iter::once((view.entry(before, target), 1)).chain(moved))
        }
    }
}

/// Cells of a row are what damage exchanges most, and a sum of them holds again when it is read with other roles. So a row
/// is worth no more than the number of ways to choose its members, and the sum among them, from its numbers.
fn capped(instance: Instance, view: &View<'_, '_>, row: usize, members: usize) -> Instance {
    let Instance::Holds { is_exact, bits } = instance else { return instance };
    let filled = view
        .columns
        .iter()
        .filter(|&&column| view.entry(row, column).value().is_some_and(|value| value != 0))
        .count();
    #[allow(clippy::cast_precision_loss)]
    let roles = (members as f64).log2() + log2_choose(filled.max(members), members);
    Instance::Holds { is_exact, bits: bits.min(roles) }
}

/// `cell = part / whole` in per cent, rounded at the cell's scale.
pub(crate) fn weigh_ratio(
    view: &View<'_, '_>,
    (row, target): (usize, usize),
    operands: [Entry; 2],
    part: Option<i128>,
    whole: Option<i128>,
) -> Instance {
    if operands.contains(&Entry::Open) || view.entry(row, target) == Entry::Open {
        return Instance::Open;
    }
    let [Entry::Number(..), Entry::Number(..)] = operands else { return Instance::Silent };
    let (Entry::Number(value, place), Some(part), Some(whole)) = (view.entry(row, target), part, whole)
    else {
        return Instance::Silent;
    };
    let weighed = || {
        let ratio = Rational::new(part, whole)?.mul(view.percent_factor(target))?;
        let unit = view.number(place)?;
        let half = unit.div(Rational::integer(2))?;
        let gap = view.number(value)?.sub(ratio)?.abs()?;
        if gap > half {
            return Some(Instance::Fails);
        }
        let units = ratio.abs()?.div(unit)?.floor();
        Some(if units == 0 {
            Instance::Silent
        } else {
            Instance::Holds { is_exact: true, bits: bits(units, 1) }
        })
    };
    if whole == 0 { Instance::Silent } else { weighed().unwrap_or(Instance::Silent) }
}

fn line(view: &View<'_, '_>, kind: &Kind, target: usize, row: usize) -> Option<Line> {
    let var = |row: usize, column: usize| view.var(row, column);
    let one = Rational::ONE;
    let minus_one = Rational::integer(-1);
    let own = var(row, target)?;
    let factor = view.percent_factor(target);
    Some(match kind {
        Kind::Sum(terms) => {
            let num = terms.iter().map(|&(column, sign)| Some((Rational::integer(sign), var(row, column)?)));
            Line { target: own, num: num.collect::<Option<_>>()?, den: None }
        }
        Kind::Change { new, old } => {
            let old = var(row, *old)?;
            Line { target: own, num: vec![(factor, var(row, *new)?), (factor.neg()?, old)], den: Some(old) }
        }
        Kind::Share { part, base } => {
            Line { target: own, num: vec![(factor, var(row, *part)?)], den: Some(var(*base, *part)?) }
        }
        Kind::Running { plus, minus, is_newest_first } => {
            let position = view.rows.binary_search(&row).ok()?;
            let neighbour = if *is_newest_first { position + 1 } else { position.checked_sub(1)? };
            let mut num = vec![(one, var(*view.rows.get(neighbour)?, target)?)];
            for (column, sign) in
                plus.iter().map(|&column| (column, one)).chain(minus.iter().map(|&c| (c, minus_one)))
            {
                num.push((sign, var(row, column)?));
            }
            Line { target: own, num, den: None }
        }
    })
}
