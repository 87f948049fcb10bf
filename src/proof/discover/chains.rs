//! Stocks that are carried on down a column: each is the one before and what moved between.
//!
//! ```text
//! stock[k] = stock[k-1] + rows between        lines of one family: a sum carried over a page, or labels with one first word
//! stock[k] = stock[k-1]                       nothing between: the sum at a page's end and at the next one's start
//! ```
//!
//! A movement that happens once is a sum of rows like any other; what [`super::rows`] cannot see is that it happens again and
//! again, which makes up for few columns. A link of two equal prints proves nothing; it is kept so that two prints that
//! ought to be equal and are not stand against each other.
//!
//! Time: O(rows x columns) a family, and every row is in at most two.

use std::collections::BTreeMap;

use super::significance::{Instance, Tally, bits, log2_choose, weigh_sum};
use super::view::{Entry, View};
use super::{Line, MARGIN, Relation};
use crate::proof::label::bare;
use crate::proof::rational::Rational;
use crate::table::RowKind;
use crate::text::is_ascii_blank;

/// Stocks of one family by labels alone: two movements.
const MIN_STOCKS: usize = 3;

/// Stocks are rarer than totals by so many bits.
const RARER_KIND: f64 = 2.0;

/// A stock and what it follows from.
#[derive(Debug)]
struct Step {
    target: usize,
    terms: Vec<usize>,
}

/// The chains of a table; `dependent` columns follow from others and are no evidence of their own.
pub(crate) fn discover(view: &View<'_, '_>, dependent: &[usize]) -> Vec<Relation> {
    let families = families(view);
    let mut found = Vec::new();
    for steps in &families {
        let (links, sums): (Vec<&Step>, Vec<&Step>) = steps.iter().partition(|step| step.terms.len() == 1);
        found.extend(weigh_sums(view, &sums, families.len(), dependent).unwrap_or_default());
        found.extend(links.into_iter().filter_map(|step| weigh_link(view, step)));
    }
    found
}

/// How often labels begin with the same word, at the most: words are counted by a few bits of a hash, so that those of a
/// table in which every row has its own are told without a look at one twice.
struct Repeats {
    /// Where the first word of each label is counted; [`Self::OTHER`] where that is not told so easily.
    places: Vec<u32>,
    counts: Vec<u8>,
    /// Labels of that kind: each may begin with any word.
    others: usize,
}

impl Repeats {
    const OTHER: u32 = u32::MAX;

    fn of<'l>(labels: impl ExactSizeIterator<Item = &'l str>) -> Self {
        let size = labels.len().saturating_mul(8).next_power_of_two().min(1 << 31);
        let mut repeats = Self { places: Vec::with_capacity(labels.len()), counts: vec![0; size], others: 0 };
        for label in labels {
            let place = hash_of_word(label).and_then(|hash| u32::try_from(hash as usize & (size - 1)).ok());
            match place.and_then(|place| repeats.counts.get_mut(place as usize)) {
                Some(count) => *count = count.saturating_add(1),
                None => repeats.others += 1,
            }
            repeats.places.push(place.unwrap_or(Self::OTHER));
        }
        repeats
    }

    /// Whether `least` labels or more may begin with the word of the one at a position.
    fn may_have(&self, position: usize, least: usize) -> bool {
        let place = self.places.get(position).filter(|&&place| place != Self::OTHER);
        let count = place.and_then(|&place| self.counts.get(place as usize));
        count.is_none_or(|&count| usize::from(count) + self.others >= least)
    }
}

/// A hash of the first word of a label, whatever its case; `None` where folding may change more of it than that. Of long words
/// it is that of their ends.
fn hash_of_word(label: &str) -> Option<u32> {
    if !(label.is_ascii() && label.bytes().next_back().is_some_and(|byte| byte.is_ascii_alphanumeric())) {
        return None;
    }
    let start = label.bytes().position(|byte| !is_ascii_blank(&byte)).unwrap_or(0);
    let bytes = label.as_bytes().get(start..).unwrap_or_default();
    let word = bytes.split(is_ascii_blank).next().unwrap_or_default();
    // A bit of a letter is its case.
    let without_case = |end: &[u8; 8]| u64::from_le_bytes(*end) | 0x2020_2020_2020_2020;
    let ends = match (word.first_chunk(), word.last_chunk()) {
        (Some(first), Some(last)) => without_case(first) ^ without_case(last).rotate_left(1),
        _ => word.iter().fold(0, |ends, &byte| ends << 8 | u64::from(byte | 0x20)),
    };
    let hash = (ends ^ word.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // The last bytes of the ends are in the highest bits alone.
    let high = u32::try_from(hash >> 32).ok()?;
    Some(high ^ (high >> 15))
}

/// The steps of every family of stocks.
fn families(view: &View<'_, '_>) -> Vec<Vec<Step>> {
    let lines = &view.table.rows;
    let mut carried = Vec::new();
    let mut by_word: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let words = Repeats::of(view.rows.iter().map(|&row| &*lines[row].label));
    for (position, (&row, is_carried)) in view.rows.iter().zip(&view.carried).enumerate() {
        let label = &lines[row].label;
        if *is_carried {
            carried.push(position);
        } else if words.may_have(position, MIN_STOCKS)
            && let Some(word) = bare(label).split(' ').next().filter(|word| word.len() > 1)
        {
            by_word.entry(word.to_owned()).or_default().push(position);
        }
    }
    let is_movement = |position: &usize| lines[view.rows[*position]].kind != RowKind::Total;
    let step = |before: Option<usize>, target: usize| {
        let between = before.map_or(0, |before| before + 1)..target;
        let terms = before.into_iter().chain(between.filter(is_movement));
        Step { target: view.rows[target], terms: terms.map(|position| view.rows[position]).collect() }
    };
    let steps = |stocks: &[usize]| stocks.windows(2).map(|pair| step(Some(pair[0]), pair[1])).collect();
    let mut families: Vec<Vec<Step>> =
        by_word.values().filter(|stocks| stocks.len() >= MIN_STOCKS).map(|stocks| steps(stocks)).collect();
    if let Some(&first) = carried.first() {
        let mut own: Vec<Step> = steps(&carried);
        own.insert(0, step(None, first));
        own.retain(|step| !step.terms.is_empty());
        families.push(own);
    }
    families
}

/// The movements of one family, in the columns in which they hold.
fn weigh_sums(
    view: &View<'_, '_>,
    steps: &[&Step],
    tried: usize,
    dependent: &[usize],
) -> Option<Vec<Relation>> {
    let mut pooled = 0.0;
    let mut holding: Vec<(usize, Vec<Instance>)> = Vec::new();
    let mut tested = 0;
    for &column in &view.columns {
        let mut tally = Tally::default();
        let instances: Vec<Instance> = steps.iter().map(|step| weigh_step(view, step, column)).collect();
        let is_repeated = dependent.contains(&column)
            || holding.iter().any(|&(other, _)| {
                view.rows.iter().all(|&row| view.entry(row, other) == view.entry(row, column))
            });
        instances.iter().for_each(|&instance| tally.count(instance, is_repeated));
        tested += usize::from(tally.holds + tally.fails > 0);
        if let Some(bits) = tally.significance(1, 0.0).filter(|_| tally.fails * 8 <= tally.holds) {
            pooled += bits;
            holding.push((column, instances));
        }
    }
    #[allow(clippy::cast_precision_loss)]
    let cost = (tried.max(1) as f64).log2() + log2_choose(tested, holding.len()) + RARER_KIND;
    let bits = pooled - cost;
    (bits >= MARGIN).then(|| {
        let is_shown = |instance: Instance| !matches!(instance, Instance::Silent);
        let relation = |(index, step): (usize, &&Step)| {
            let columns = holding.iter().filter(|(_, instances)| is_shown(instances[index]));
            relation(view, step, columns.map(|(column, _)| *column), bits)
        };
        steps.iter().enumerate().map(relation).filter(|relation| !relation.lines.is_empty()).collect()
    })
}

fn weigh_step(view: &View<'_, '_>, step: &Step, column: usize) -> Instance {
    view.count(step.terms.len() + 1);
    weigh_sum(view.entry(step.target, column), step.terms.iter().map(|&row| (view.entry(row, column), 1)))
}

/// Two lines that print the same sums.
fn weigh_link(view: &View<'_, '_>, step: &Step) -> Option<Relation> {
    let &before = step.terms.first()?;
    let mut pooled = 0.0;
    let mut columns = Vec::new();
    for &column in &view.columns {
        if let (Entry::Number(a, place), Entry::Number(b, _)) =
            (view.entry(step.target, column), view.entry(before, column))
        {
            if a != b {
                return None;
            }
            pooled += bits(a.checked_abs()?, place);
            columns.push(column);
        }
    }
    (pooled >= MARGIN).then(|| relation(view, step, columns.into_iter(), pooled))
}

#[allow(clippy::cast_possible_truncation)]
fn relation(view: &View<'_, '_>, step: &Step, columns: impl Iterator<Item = usize>, bits: f64) -> Relation {
    let line = |column: usize| {
        let terms = step.terms.iter().filter(|&&row| view.entry(row, column) != Entry::Text);
        let num = terms.map(|&row| Some((Rational::ONE, view.var(row, column)?)));
        Some(Line { target: view.var(step.target, column)?, num: num.collect::<Option<_>>()?, den: None })
    };
    let rule = super::word::sum_of(
        &view.row_name(step.target),
        step.terms.iter().map(|&row| (1, view.row_name(row))),
    );
    Relation { rule, bits: bits as f32, lines: columns.filter_map(line).collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What is passed over by a hash repeats nothing.
        #[test]
        fn words_that_repeat_may(
            labels in proptest::collection::vec(" {0,2}([Aa]|[Bb]alance|[Cc]arriedover1|é|No\\.)( |  |\u{b})?[x1*)]{0,3}", 1..12)
        ) {
            let repeats = Repeats::of(labels.iter().map(String::as_str));
            let words: Vec<String> =
                labels.iter().map(|label| bare(label).split(' ').next().unwrap_or_default().to_owned()).collect();
            for (position, word) in words.iter().enumerate() {
                let count = words.iter().filter(|other| *other == word).count();
                prop_assert!(repeats.may_have(position, count), "{:?} {}", labels, word);
            }
        }
    }
}
