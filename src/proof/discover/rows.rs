//! Relations down the columns: a row that is the sum of the rows above or below it, or the first of them less the rest.

use std::cell::{Cell, OnceCell};
use std::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;

use super::significance::{Instance, Tally, weigh_sum};
use super::view::{Entry, View};
use super::{Line, MARGIN, Relation};
use crate::proof::rational::Rational;

/// Totals of totals of totals: deeper nesting is not printed.
pub(crate) const MAX_LEVELS: usize = 6;

/// Windows with the same sum that are tried for one row and column, the nearest first; blank rows make many.
const MAX_WINDOWS: usize = 8;

/// Totals stand under their addends; other kinds are rarer by so many bits.
const RARER_KIND: f64 = 3.0;

/// Sums with signs of their own are rarer still: rows that are permuted show more of them than any other kind.
const SIGNED_KIND: f64 = 8.0;

/// Rows whose signs are tried: every sign doubles the readings.
const MAX_SIGNED: usize = 7;

/// Longer tables are lists, whose signs are not tried.
const MAX_SIGNED_ROWS: usize = 96;

/// Signed windows that are weighed in one level: small numbers make many.
const MAX_SIGNED_WINDOWS: usize = 1024;

/// How a row follows from its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The sum of the rows above.
    Above,
    /// The sum of the rows below.
    Below,
    /// The first row above less the rest.
    Less,
    /// The rows above, those with a bit subtracted.
    Signed(u32),
}

/// A window of the list of rows: positions, half open.
type Window = (Kind, usize, usize, usize);

/// A relation between rows.
#[derive(Clone, Debug)]
pub(crate) struct RowRelation {
    kind: Kind,
    target: usize,
    terms: Vec<usize>,
    bits: f64,
    /// Columns where it holds, is open, or ought to hold.
    columns: Vec<usize>,
}

impl RowRelation {
    fn coefficient(&self, position: usize) -> i128 {
        coefficient(self.kind, position)
    }

    pub(crate) fn named(&self, view: &View<'_, '_>) -> Relation {
        let line = |&column: &usize| {
            let var = |row: usize| view.var(row, column);
            let terms =
                self.terms.iter().enumerate().filter(|(_, row)| view.entry(**row, column) != Entry::Text);
            let num = terms
                .map(|(position, &row)| Some((Rational::integer(self.coefficient(position)), var(row)?)));
            Some(Line { target: var(self.target)?, num: num.collect::<Option<_>>()?, den: None })
        };
        #[allow(clippy::cast_possible_truncation)]
        let bits = self.bits as f32;
        let rule = super::word::sum_of(
            &view.row_name(self.target),
            self.terms
                .iter()
                .enumerate()
                .map(|(position, &row)| (self.coefficient(position), view.row_name(row))),
        );
        Relation { rule, bits, lines: self.columns.iter().filter_map(line).collect() }
    }
}

const fn coefficient(kind: Kind, position: usize) -> i128 {
    match kind {
        Kind::Less if position > 0 => -1,
        Kind::Signed(mask) if position < MAX_SIGNED && mask >> position & 1 == 1 => -1,
        _ => 1,
    }
}

/// The relations of a table; `dependent` columns follow from others and are no evidence of their own.
pub(crate) fn discover(view: &View<'_, '_>, dependent: &[usize]) -> Vec<RowRelation> {
    let mut rows = view.addends();
    let mut found: Vec<RowRelation> = Vec::new();
    for _ in 0..MAX_LEVELS {
        let is_new = |relation: &RowRelation| {
            !found.iter().any(|known| known.target == relation.target && known.terms == relation.terms)
        };
        let mut level = find_level(view, &rows, dependent);
        level.retain(is_new);
        if level.is_empty() && rows.len() <= MAX_SIGNED_ROWS {
            level = find_signed(view, &rows, dependent);
            level.retain(is_new);
        }
        level.sort_by(|a, b| b.bits.total_cmp(&a.bits).then(a.target.cmp(&b.target)));
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        for relation in level {
            if relation.terms.iter().all(|row| !taken.contains(row)) {
                taken.extend(relation.terms.iter().copied());
                found.push(relation);
            }
        }
        if taken.is_empty() {
            break;
        }
        rows.retain(|row| !taken.contains(row));
    }
    found.sort_by(|a, b| (a.target, &a.terms).cmp(&(b.target, &b.terms)));
    found
}

/// The best relation of every row over the windows of `rows`.
fn find_level(view: &View<'_, '_>, rows: &[usize], dependent: &[usize]) -> Vec<RowRelation> {
    let mut windows: BTreeSet<Window> = BTreeSet::new();
    for &column in &view.columns {
        propose(view, rows, column, &mut windows);
    }
    // Every pair of a row and a window's end, in three kinds.
    let tried = rows.len().saturating_mul(rows.len()).saturating_mul(3) / 2;
    best_of(view, rows, windows, tried, dependent)
}

/// The same over windows of which some rows are added and some subtracted.
fn find_signed(view: &View<'_, '_>, rows: &[usize], dependent: &[usize]) -> Vec<RowRelation> {
    let mut windows: BTreeSet<Window> = BTreeSet::new();
    for &column in &view.columns {
        propose_signed(view, rows, column, &mut windows);
    }
    best_of(view, rows, windows, rows.len().saturating_mul(MAX_SIGNED), dependent)
}

/// The windows above a row that give it with one choice of signs, the first row being added.
fn propose_signed(view: &View<'_, '_>, rows: &[usize], column: usize, windows: &mut BTreeSet<Window>) {
    let value = |position: usize| view.entry(rows[position], column).value().unwrap_or(0);
    for target in 2..rows.len() {
        let wanted = value(target);
        if wanted == 0 || windows.len() >= MAX_SIGNED_WINDOWS {
            continue;
        }
        for start in target.saturating_sub(MAX_SIGNED)..target - 1 {
            let terms: Vec<i128> = (start..target).map(value).collect();
            // A row of 0 has no sign, and equal rows exchange theirs.
            let Some(mut sum) = terms.iter().try_fold(0i128, |sum, &term| sum.checked_add(term)) else {
                continue;
            };
            if !are_distinct(&terms, wanted) {
                continue;
            }
            let all = (1u32 << terms.len()) - 2;
            let mut mask = 0u32;
            // In Gray's order one sign changes at a time; the first row keeps its own.
            for step in 1..1u32 << (terms.len() - 1) {
                let position = step.trailing_zeros() as usize + 1;
                mask ^= 1 << position;
                let twice = terms[position].saturating_mul(2);
                let is_subtracted = mask >> position & 1 == 1;
                sum = if is_subtracted { sum.saturating_sub(twice) } else { sum.saturating_add(twice) };
                if sum == wanted && mask != all {
                    windows.insert((Kind::Signed(mask), target, start, target));
                }
            }
        }
    }
}

/// Whether no two of the numbers are equal but for their signs, and none is 0.
fn are_distinct(terms: &[i128], target: i128) -> bool {
    let mut sizes: Vec<u128> = terms.iter().chain([&target]).map(|value| value.unsigned_abs()).collect();
    sizes.sort_unstable();
    sizes[0] != 0 && sizes.windows(2).all(|pair| pair[0] != pair[1])
}

/// The best relation of every row over `windows`.
fn best_of(
    view: &View<'_, '_>,
    rows: &[usize],
    windows: BTreeSet<Window>,
    tried: usize,
    dependent: &[usize],
) -> Vec<RowRelation> {
    let mut best: BTreeMap<usize, RowRelation> = BTreeMap::new();
    for window in windows {
        let Some(relation) = weigh(view, rows, window, tried, dependent) else { continue };
        match best.get(&relation.target) {
            Some(known) if known.bits >= relation.bits => {}
            _ => {
                best.insert(relation.target, relation);
            }
        }
    }
    best.into_values().collect()
}

/// The windows that add up in one column.
fn propose(view: &View<'_, '_>, rows: &[usize], column: usize, windows: &mut BTreeSet<Window>) {
    let value = |row: &usize| view.entry(*row, column).value().unwrap_or(0);
    let mut short = Vec::with_capacity(rows.len());
    short.extend(rows.iter().map_while(|row| u64::try_from(value(row)).ok()));
    let is_done = short.len() == rows.len() && propose_near(&short, windows).is_some();
    if !is_done {
        propose_by_sums(&rows.iter().map(value).collect::<Vec<i128>>(), windows);
    }
}

/// So many steps a row are cheaper than sums that are looked up.
const NEAR_STEPS: usize = 8;

/// The same where no number is below 0: a sum grows with every row, so it is soon too great, and nothing is looked up. `None`
/// where that takes too many steps, or sums are too great; the windows that are there are right then, but not all.
fn propose_near(values: &[u64], windows: &mut BTreeSet<Window>) -> Option<()> {
    // Twice a sum of all is a number still.
    values.iter().try_fold(0u64, |sum, &value| sum.checked_add(value)).filter(|&sum| sum < 1 << 62)?;
    let mut steps = values.len().saturating_mul(NEAR_STEPS);
    let mut greatest = 0;
    for (target, &value) in values.iter().enumerate() {
        if value > 0 {
            let above = || values[..target].iter().rev().copied();
            let below = values[target + 1..].iter().copied();
            sums_to(value, above(), &mut steps, |length| {
                windows.insert((Kind::Above, target, target - length, target));
            })?;
            sums_to(value, below, &mut steps, |length| {
                windows.insert((Kind::Below, target, target + 1, target + 1 + length));
            })?;
            sums_with(value, above(), greatest, &mut steps, |length| {
                windows.insert((Kind::Less, target, target - length, target));
            })?;
        }
        greatest = greatest.max(value);
    }
    Some(())
}

/// Tells how many terms, two or more, come to `wanted`, the fewest first; `None` where that takes more than `steps`.
fn sums_to(
    wanted: u64,
    terms: impl Iterator<Item = u64>,
    steps: &mut usize,
    mut found: impl FnMut(usize),
) -> Option<()> {
    let (mut sum, mut count) = (0, 0);
    for (length, term) in (1..).zip(terms) {
        *steps = steps.checked_sub(1)?;
        sum += term;
        if sum > wanted || count == MAX_WINDOWS {
            break;
        }
        if sum == wanted && length > 1 {
            found(length);
            count += 1;
        }
    }
    Some(())
}

/// Tells of how many terms, two or more, the last is the sum of the others and `value`; none is more than `greatest`.
fn sums_with(
    value: u64,
    terms: impl Iterator<Item = u64>,
    greatest: u64,
    steps: &mut usize,
    mut found: impl FnMut(usize),
) -> Option<()> {
    let (mut sum, mut count) = (value, 0);
    for (length, term) in (1..).zip(terms) {
        if sum > greatest || count == MAX_WINDOWS {
            break;
        }
        *steps = steps.checked_sub(1)?;
        if term == sum && length > 1 {
            found(length);
            count += 1;
        }
        sum += term;
    }
    Some(())
}

/// The same by sums that are looked up.
fn propose_by_sums(values: &[i128], windows: &mut BTreeSet<Window>) {
    let mut prefix = Vec::with_capacity(values.len() + 1);
    let mut sum = 0i128;
    prefix.push(0);
    for &value in values {
        let Some(next) = sum.checked_add(value) else { return };
        sum = next;
        prefix.push(sum);
    }
    let firsts: Vec<i128> =
        values.iter().zip(&prefix[1..]).map(|(&value, &sum)| value.saturating_add(sum)).collect();
    let (sums, firsts) = (Places::of(&prefix), Places::of(&firsts));
    for (target, &value) in values.iter().enumerate() {
        if value == 0 {
            continue;
        }
        let last = target.saturating_sub(1);
        if let Some(above) = prefix[target].checked_sub(value).filter(|&sum| sums.may_have(sum)) {
            for start in sums.last_before(above, last) {
                windows.insert((Kind::Above, target, start, target));
            }
        }
        if let Some(below) = prefix[target + 1].checked_add(value).filter(|&sum| sums.may_have(sum)) {
            for end in sums.first_from(below, target + 3) {
                windows.insert((Kind::Below, target, target + 1, end));
            }
        }
        if let Some(first) = prefix[target].checked_add(value).filter(|&sum| firsts.may_have(sum)) {
            for start in firsts.last_before(first, last) {
                windows.insert((Kind::Less, target, start, target));
            }
        }
    }
}

/// Keys by value. Nearly every question is for a key that is not there, and some bits of a set answer those. For the first
/// few keys that are there every key is looked at; where more are, the keys are sorted, once.
struct Places<'k> {
    keys: &'k [i128],
    /// Three bits a key, in one of as many words (B. H. Bloom: Space/time trade-offs in hash coding with allowable errors, 1970).
    set: Vec<u64>,
    sorted: OnceCell<Vec<(i128, usize)>>,
    /// Keys that were asked for and may be there.
    asked: Cell<usize>,
}

/// Positions of one key.
type Positions = SmallVec<[usize; MAX_WINDOWS]>;

/// So many questions are cheaper answered by a look at every key than by a sort.
const FEW_QUESTIONS: usize = 32;

impl<'k> Places<'k> {
    fn of(keys: &'k [i128]) -> Self {
        let mut set = vec![0; keys.len().next_power_of_two()];
        for &key in keys {
            let (word, bits) = bits_of(key, set.len());
            set[word] |= bits;
        }
        Self { keys, set, sorted: OnceCell::new(), asked: Cell::new(0) }
    }

    /// Whether a key may be there: of those that are not, one in a thousand or two seems to be.
    fn may_have(&self, key: i128) -> bool {
        let (word, bits) = bits_of(key, self.set.len());
        self.set[word] & bits == bits
    }

    fn sorted(&self) -> &[(i128, usize)] {
        self.sorted.get_or_init(|| {
            let keys = self.keys.iter().enumerate();
            let mut sorted: Vec<(i128, usize)> = keys.map(|(position, &key)| (key, position)).collect();
            sorted.sort_unstable();
            sorted
        })
    }

    /// Whether the keys are worth sorting, at one more key that is there.
    fn is_sorting(&self) -> bool {
        self.asked.set(self.asked.get().saturating_add(1));
        self.asked.get() > FEW_QUESTIONS
    }

    /// The last positions below `end` with the key `key`, the nearest first.
    fn last_before(&self, key: i128, end: usize) -> Positions {
        if !self.is_sorting() {
            let before = self.keys.iter().enumerate().take(end).rev();
            return before.filter(|(_, own)| **own == key).map(|own| own.0).take(MAX_WINDOWS).collect();
        }
        let sorted = self.sorted();
        let first = sorted.partition_point(|entry| *entry < (key, 0));
        let range = first..sorted.partition_point(|entry| *entry < (key, end)).max(first);
        sorted[range].iter().rev().take(MAX_WINDOWS).map(|entry| entry.1).collect()
    }

    /// The first positions from `start` on with the key `key`.
    fn first_from(&self, key: i128, start: usize) -> Positions {
        if !self.is_sorting() {
            let from = self.keys.iter().enumerate().skip(start);
            return from.filter(|(_, own)| **own == key).map(|own| own.0).take(MAX_WINDOWS).collect();
        }
        let sorted = self.sorted();
        let first = sorted.partition_point(|entry| *entry < (key, start));
        let range = first..sorted.partition_point(|entry| entry.0 <= key).max(first);
        sorted[range].iter().take(MAX_WINDOWS).map(|entry| entry.1).collect()
    }
}

/// The word of a key in a set of `words`, a power of two, and its bits there.
#[inline]
fn bits_of(key: i128, words: usize) -> (usize, u64) {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Some bits are enough.
    let hash = (key as u64 ^ (key >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bit = |shift: u32| 1u64 << (hash >> shift & 63);
    #[allow(clippy::cast_possible_truncation)]
    let word = (hash >> 14) as usize ^ (hash >> 40) as usize;
    (word & (words - 1), bit(58) | bit(52) | bit(46))
}

/// The relation of a window over all columns, if it is beyond chance.
fn weigh(
    view: &View<'_, '_>,
    rows: &[usize],
    (kind, target, start, end): Window,
    tried: usize,
    dependent: &[usize],
) -> Option<RowRelation> {
    let (target, terms) = (*rows.get(target)?, rows.get(start..end)?);
    view.count((terms.len() + 1) * view.columns.len());
    let mut tally = Tally::default();
    let mut instances = Vec::with_capacity(view.columns.len());
    for (position, &column) in view.columns.iter().enumerate() {
        let signed =
            terms.iter().enumerate().map(|(term, &row)| (view.entry(row, column), coefficient(kind, term)));
        let instance = weigh_sum(view.entry(target, column), signed);
        let same = |other: usize| {
            terms.iter().chain([&target]).all(|&row| view.entry(row, other) == view.entry(row, column))
        };
        let is_repeated = matches!(instance, Instance::Holds { .. })
            && (dependent.contains(&column) || view.columns[..position].iter().any(|&other| same(other)));
        tally.count(instance, is_repeated);
        instances.push(instance);
    }
    let cost = match kind {
        Kind::Above => 0.0,
        Kind::Below | Kind::Less => RARER_KIND,
        // A bit a sign.
        #[allow(clippy::cast_precision_loss)]
        Kind::Signed(_) => SIGNED_KIND + terms.len() as f64 - 1.0,
    };
    let bits = tally.significance(tried, cost).filter(|&bits| bits >= MARGIN)?;
    let is_shown = |(column, instance): &(&usize, &Instance)| match instance {
        Instance::Holds { .. } | Instance::Open => true,
        Instance::Fails | Instance::Near => {
            let has_blank = terms.iter().any(|&row| view.is_blank(row, **column));
            let is_wrong = **instance == Instance::Near || tally.holds > 1;
            is_wrong && !has_blank && is_alike(view, target, **column, &instances)
        }
        Instance::Silent => false,
    };
    let columns = view.columns.iter().zip(&instances).filter(is_shown).map(|(column, _)| *column).collect();
    Some(RowRelation { kind, target, terms: terms.to_vec(), bits, columns })
}

/// Whether a column ought to show a relation that others show: it prints the target with their decimals. Percentages of
/// one column may add up while those of another do not, having other bases.
fn is_alike(view: &View<'_, '_>, target: usize, column: usize, instances: &[Instance]) -> bool {
    let place = |column: usize| match view.entry(target, column) {
        Entry::Number(_, place) => Some(place),
        _ => None,
    };
    let mut holding =
        view.columns.iter().zip(instances).filter(|(_, instance)| matches!(instance, Instance::Holds { .. }));
    !view.is_percent(target, column) && holding.any(|(other, _)| place(*other) == place(column))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Windows found step by step are those of the sums, many zeros and equal rows among them.
        #[test]
        fn near_windows_are_those_of_sums(
            values in prop::collection::vec(prop_oneof![Just(0u64), 1u64..6, 1u64..60], 0..40),
        ) {
            let (mut near, mut far) = (BTreeSet::new(), BTreeSet::new());
            let is_done = propose_near(&values, &mut near).is_some();
            propose_by_sums(&values.iter().map(|&value| value.into()).collect::<Vec<i128>>(), &mut far);
            let is_right = if is_done { near == far } else { near.is_subset(&far) };
            prop_assert!(is_right, "{near:?} {far:?}");
        }
    }

    #[test]
    fn sums_are_looked_up_where_steps_do_not_find_them() {
        let mut windows = BTreeSet::new();
        // One great number, and every row behind it may be a part of it.
        let values: Vec<u64> = std::iter::once(1 << 40).chain(1..200).collect();
        assert_eq!(propose_near(&values, &mut windows), None);
        assert_eq!(propose_near(&[1, 1 << 62], &mut windows), None);
        windows.clear();
        assert!(propose_near(&[1, 2, 3], &mut windows).is_some());
        assert_eq!(windows.into_iter().collect::<Vec<_>>(), [(Kind::Above, 2, 0, 2)]);
    }
}
