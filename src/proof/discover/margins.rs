//! Rows of percentages: what a row near them is of a base row, column by column.
//!
//! `Gross profit % to net sales` is the row above it, of the sales. Two columns of three digits say too little for one such
//! row among all pairs of rows; but the rows of one table have one base, so what they say is put together by base:
//!
//! ```text
//! base        sum over its rows of percentages of (bits of the columns - log2(parts tried))
//!               - log2(bases tried) - log2(C(rows of percentages, those that hold))
//! ```
//!
//! Time: O(rows of percentages x bases x parts x columns), most given up in their first column; tables beyond [`MAX_ROWS`]
//! rows are left alone.

use super::columns::weigh_ratio;
use super::significance::{Instance, Tally, log2_choose};
use super::view::{Entry, View};
use super::{Line, MARGIN, Relation};
use crate::proof::label::bare;

/// Longer tables are lists, not statements.
const MAX_ROWS: usize = 96;

/// Rows above among which the part is looked for.
const NEAR: usize = 4;

/// Rows elsewhere that are labelled alike.
const ALIKE: usize = 2;

/// Ratios of rows are rarer than sums by so many bits.
const RARER_KIND: f64 = 2.0;

/// A row of percentages with its part, under one base.
struct Margin {
    target: usize,
    part: usize,
    /// Bits less the choice of the part.
    bits: f64,
    columns: Vec<usize>,
}

/// The rows of percentages of a table, each under one base.
pub(crate) fn discover(view: &View<'_, '_>) -> Vec<Relation> {
    if view.rates.is_empty() || view.rows.len() > MAX_ROWS {
        return Vec::new();
    }
    let is_rate = |row: usize| view.columns.iter().any(|&column| view.is_percent(row, column));
    let (rates, amounts): (Vec<usize>, Vec<usize>) = view.rows.iter().copied().partition(|&row| is_rate(row));
    if rates.is_empty() || amounts.len() < 2 {
        return Vec::new();
    }
    let parts: Vec<Vec<usize>> = rates.iter().map(|&rate| parts(view, rate, &amounts)).collect();
    let mut families: Vec<(f64, usize, Vec<Margin>)> = Vec::new();
    for &base in &amounts {
        let margins: Vec<Margin> =
            rates.iter().zip(&parts).filter_map(|(&rate, parts)| margin(view, rate, base, parts)).collect();
        #[allow(clippy::cast_precision_loss)]
        let cost = (amounts.len() as f64).log2() + log2_choose(rates.len(), margins.len()) + RARER_KIND;
        let bits = margins.iter().map(|margin| margin.bits).sum::<f64>() - cost;
        if bits >= MARGIN {
            families.push((bits, base, margins));
        }
    }
    families.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut found = Vec::new();
    let mut taken: Vec<usize> = Vec::new();
    for (bits, base, margins) in families {
        for margin in margins {
            if !taken.contains(&margin.target) {
                taken.push(margin.target);
                found.extend(relation(view, &margin, base, bits));
            }
        }
    }
    found
}

/// The rows of which a row of percentages may be the share: those right above it, and those labelled alike.
fn parts(view: &View<'_, '_>, rate: usize, amounts: &[usize]) -> Vec<usize> {
    let lines = &view.table.rows;
    let above = amounts.partition_point(|&row| row < rate);
    let mut found: Vec<usize> = amounts[..above].iter().rev().take(NEAR).copied().collect();
    let label = bare(&lines[rate].label);
    let alike = amounts.iter().copied().filter(|&row| !label.is_empty() && bare(&lines[row].label) == label);
    let alike: Vec<usize> = alike.filter(|row| !found.contains(row)).take(ALIKE).collect();
    found.extend(alike);
    found
}

/// The best part of a row of percentages under `base`; `None` where none holds in all columns.
fn margin(view: &View<'_, '_>, target: usize, base: usize, parts: &[usize]) -> Option<Margin> {
    let mut best: Option<Margin> = None;
    for &part in parts.iter().filter(|&&part| part != base) {
        let mut tally = Tally::default();
        let mut columns = Vec::new();
        for &column in view.columns.iter().filter(|&&column| view.is_percent(target, column)) {
            view.count(3);
            let operands = [view.entry(part, column), view.entry(base, column)];
            let values = operands.map(Entry::value);
            let instance = weigh_ratio(view, (target, column), operands, values[0], values[1]);
            tally.count(instance, false);
            match instance {
                Instance::Fails | Instance::Near => break,
                Instance::Holds { .. } | Instance::Open => columns.push(column),
                Instance::Silent => {}
            }
        }
        let bits = tally.significance(parts.len(), 0.0).filter(|_| tally.fails == 0).unwrap_or(0.0);
        if bits > best.as_ref().map_or(0.0, |best| best.bits) {
            best = Some(Margin { target, part, bits, columns });
        }
    }
    best
}

#[allow(clippy::cast_possible_truncation)]
fn relation(view: &View<'_, '_>, margin: &Margin, base: usize, bits: f64) -> Option<Relation> {
    let line = |&column: &usize| {
        let factor = view.percent_factor(column);
        Some(Line {
            target: view.var(margin.target, column)?,
            num: vec![(factor, view.var(margin.part, column)?)],
            den: Some(view.var(base, column)?),
        })
    };
    let name = |row: usize| view.row_name(row);
    let rule = format!("{} = {} / {}", name(margin.target), name(margin.part), name(base));
    let lines: Vec<Line> = margin.columns.iter().filter_map(line).collect();
    (!lines.is_empty()).then_some(Relation { rule, bits: bits as f32, lines })
}
