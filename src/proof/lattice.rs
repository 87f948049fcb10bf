//! Placements as lattices: k tokens into n rows, order kept.
//!
//! A node is (rows passed, tokens used); from it the next row takes the next token or is skipped. Reachability from both
//! ends gives the live pairs in O(kn), and the least and greatest sum along a path, through any given edge, follow
//! from the same two sweeps. The number of placements, C(n, k), is never enumerated.

use smallvec::SmallVec;

use super::units::Amount;

/// The live edges of one placement: flags, a bit each, since searches copy lattices by the hundred.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lattice {
    tokens: usize,
    rows: usize,
    /// Whether a token may land in a row: the words of the first row, then those of the next.
    take: SmallVec<[u64; 6]>,
    /// Whether a row may go without a token.
    skip: SmallVec<[u64; 2]>,
}

impl Clone for Lattice {
    #[inline]
    fn clone(&self) -> Self {
        // A list that is cloned goes word by word.
        let (take, skip) = (SmallVec::from_slice(&self.take), SmallVec::from_slice(&self.skip));
        Self { take, skip, ..*self }
    }
}

/// Bits of a word.
const BITS: usize = 64;

/// Extreme sums along the paths to every node; `None` where no path leads.
#[derive(Debug)]
pub(crate) struct Sweep<N> {
    sums: Vec<Option<N>>,
}

impl<N: Amount> Sweep<N> {
    /// The extreme sum along a whole path.
    pub(crate) fn total(&self) -> Option<N> {
        self.sums.last().copied().flatten()
    }
}

/// Extreme sums along whole paths through each edge; `None` where no path leads.
#[derive(Debug)]
pub(crate) struct Through<N> {
    take: Vec<Option<N>>,
    skip: Vec<Option<N>>,
    rows: usize,
}

impl<N: Amount> Through<N> {
    pub(crate) fn take(&self, token: usize, row: usize) -> Option<N> {
        self.take.get(token * self.rows + row).copied().flatten()
    }

    pub(crate) fn skip(&self, row: usize) -> Option<N> {
        self.skip.get(row).copied().flatten()
    }
}

/// What the edges of a lattice put into a sum, and which sums are asked for.
pub(crate) struct Edges<T, S> {
    /// What a token puts into a row; `None`: it has no value.
    pub(crate) take: T,
    /// What a row without a token puts there.
    pub(crate) skip: S,
    /// The least sums, or the greatest.
    pub(crate) is_least: bool,
}

impl<T, S> Edges<T, S> {
    fn better<N: Ord>(&self, a: Option<N>, b: Option<N>) -> Option<N> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if self.is_least { a.min(b) } else { a.max(b) }),
            (a, b) => a.or(b),
        }
    }
}

impl Lattice {
    pub(crate) fn new(tokens: usize, rows: usize) -> Self {
        let wide = tokens.div_ceil(BITS);
        let mut take = SmallVec::from_elem(u64::MAX, wide * rows);
        // No token stands in the rest of a row's last word.
        take.iter_mut().skip(wide.saturating_sub(1)).step_by(wide.max(1)).for_each(|word| {
            *word >>= wide * BITS - tokens;
        });
        let mut lattice =
            Self { tokens, rows, take, skip: SmallVec::from_elem(u64::MAX, rows.div_ceil(BITS)) };
        lattice.prune();
        lattice
    }

    /// Where the flag of a pair stands: its word and its bit.
    #[inline]
    fn place(&self, token: usize, row: usize) -> (usize, usize) {
        (row * self.tokens.div_ceil(BITS) + token / BITS, token % BITS)
    }

    #[inline]
    pub(crate) fn can_take(&self, token: usize, row: usize) -> bool {
        let (word, bit) = self.place(token, row);
        row < self.rows && token < self.tokens && self.take[word] >> bit & 1 == 1
    }

    #[inline]
    pub(crate) fn can_skip(&self, row: usize) -> bool {
        row < self.rows && self.skip[row / BITS] >> (row % BITS) & 1 == 1
    }

    pub(crate) fn forbid_take(&mut self, token: usize, row: usize) {
        let (word, bit) = self.place(token, row);
        if row < self.rows && token < self.tokens {
            self.take[word] &= !(1 << bit);
        }
    }

    pub(crate) fn forbid_skip(&mut self, row: usize) {
        if row < self.rows {
            self.skip[row / BITS] &= !(1 << (row % BITS));
        }
    }

    /// Tokens that may land in `row`.
    #[inline]
    pub(crate) fn tokens_at(&self, row: usize) -> impl Iterator<Item = usize> + '_ {
        let words = if row < self.rows { self.words_of(row) } else { &[] };
        words.iter().enumerate().flat_map(|(index, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let token = index * BITS + left.trailing_zeros() as usize;
                (left != 0).then(|| {
                    left &= left - 1;
                    token
                })
            })
        })
    }

    /// The number of tokens that may land in `row`.
    #[inline]
    pub(crate) fn count_at(&self, row: usize) -> usize {
        match self.tokens.div_ceil(BITS) {
            1 => self.take.get(row).map_or(0, |word| word.count_ones() as usize),
            _ if row < self.rows => self.words_of(row).iter().map(|word| word.count_ones() as usize).sum(),
            _ => 0,
        }
    }

    #[inline]
    fn words_of(&self, row: usize) -> &[u64] {
        let wide = self.tokens.div_ceil(BITS);
        &self.take[row * wide..(row + 1) * wide]
    }

    /// Rows that may take `token`.
    #[cfg(test)]
    pub(crate) fn rows_of(&self, token: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.rows).filter(move |&row| self.can_take(token, row))
    }

    /// Drops edges that lie on no whole path; `false` where no path is left.
    pub(crate) fn prune(&mut self) -> bool {
        if self.tokens < BITS { self.prune_words() } else { self.prune_edges() }
    }

    /// The same where the nodes behind a row are the bits of one word.
    fn prune_words(&mut self) -> bool {
        let take_of = |lattice: &Self, row: usize| lattice.take.get(row).copied().unwrap_or(0);
        let mut reached: SmallVec<[u64; 16]> = SmallVec::with_capacity(self.rows);
        let mut here = 1_u64;
        for row in 0..self.rows {
            reached.push(here);
            let taken = (here & take_of(self, row)) << 1;
            here = taken | if self.can_skip(row) { here } else { 0 };
        }
        let mut leads = 1 << self.tokens;
        for row in (0..self.rows).rev() {
            let takes = take_of(self, row) & leads >> 1;
            let skips = if self.can_skip(row) { leads } else { 0 };
            if let Some(take) = self.take.get_mut(row) {
                *take = takes & reached[row];
            }
            if skips & reached[row] == 0 {
                self.forbid_skip(row);
            }
            leads = takes | skips;
        }
        leads & 1 == 1
    }

    /// The same edge by edge.
    fn prune_edges(&mut self) -> bool {
        let width = self.tokens + 1;
        let mut is_reached = vec![false; (self.rows + 1) * width];
        is_reached[0] = true;
        for row in 0..self.rows {
            for token in 0..width {
                if is_reached[row * width + token] {
                    is_reached[(row + 1) * width + token] |= self.can_skip(row);
                    if self.can_take(token, row) {
                        is_reached[(row + 1) * width + token + 1] = true;
                    }
                }
            }
        }
        // From the end: nodes from which it is reached, and the edges between two nodes that lie on a whole path.
        let mut leads = vec![false; width];
        leads[self.tokens] = true;
        let mut before = vec![false; width];
        for row in (0..self.rows).rev() {
            let mut is_skipped = false;
            for token in 0..width {
                let takes = self.can_take(token, row) && leads.get(token + 1).copied().unwrap_or(false);
                let skips = self.can_skip(row) && leads[token];
                let is_live = is_reached[row * width + token];
                before[token] = takes || skips;
                is_skipped |= is_live && skips;
                if !(is_live && takes) {
                    self.forbid_take(token, row);
                }
            }
            if !is_skipped {
                self.forbid_skip(row);
            }
            std::mem::swap(&mut leads, &mut before);
        }
        leads[0]
    }

    /// Least (or greatest) sums along the paths to every node; `None` where a number does not fit or an edge has no value.
    pub(crate) fn sweep<N: Amount>(
        &self,
        edges: &Edges<impl Fn(usize, usize) -> Option<N>, impl Fn(usize) -> Option<N>>,
    ) -> Option<Sweep<N>> {
        let width = self.tokens + 1;
        let mut sums: Vec<Option<N>> = vec![None; (self.rows + 1) * width];
        sums[0] = Some(N::ZERO);
        for row in 0..self.rows {
            let skip = if self.can_skip(row) { Some((edges.skip)(row)) } else { None };
            for token in 0..width {
                let Some(here) = sums[row * width + token] else { continue };
                let slot = (row + 1) * width + token;
                if self.can_take(token, row) {
                    let sum = here.plus((edges.take)(token, row)?)?;
                    sums[slot + 1] = edges.better(sums[slot + 1], Some(sum));
                }
                if let Some(skip) = skip {
                    sums[slot] = edges.better(sums[slot], Some(here.plus(skip?)?));
                }
            }
        }
        Some(Sweep { sums })
    }

    /// The same through every edge, where `before` leads to the nodes.
    pub(crate) fn through<N: Amount>(
        &self,
        before: &Sweep<N>,
        edges: &Edges<impl Fn(usize, usize) -> Option<N>, impl Fn(usize) -> Option<N>>,
    ) -> Option<Through<N>> {
        let width = self.tokens + 1;
        let mut take: Vec<Option<N>> = vec![None; self.tokens * self.rows];
        let mut skip: Vec<Option<N>> = vec![None; self.rows];
        // What leads from the nodes of a row, and of the row behind it, to the end.
        let mut after: SmallVec<[Option<N>; 16]> = SmallVec::from_elem(None, width);
        let mut here = after.clone();
        after[self.tokens] = Some(N::ZERO);
        for row in (0..self.rows).rev() {
            for token in 0..width {
                let before = before.sums[row * width + token];
                here[token] = None;
                let taken = self.can_take(token, row).then(|| after[token + 1]).flatten();
                if let Some(after) = taken {
                    let rest = (edges.take)(token, row)?.plus(after)?;
                    here[token] = Some(rest);
                    if let Some(before) = before {
                        take[token * self.rows + row] = Some(before.plus(rest)?);
                    }
                }
                let skipped = self.can_skip(row).then_some(after[token]).flatten();
                if let Some(after) = skipped {
                    let rest = (edges.skip)(row)?.plus(after)?;
                    here[token] = edges.better(here[token], Some(rest));
                    if let Some(before) = before {
                        skip[row] = edges.better(skip[row], Some(before.plus(rest)?));
                    }
                }
            }
            std::mem::swap(&mut after, &mut here);
        }
        Some(Through { take, skip, rows: self.rows })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::proof::rational::Rational;

    #[test]
    fn order_leaves_a_band_of_live_pairs() {
        let lattice = Lattice::new(2, 3);
        assert_eq!(lattice.rows_of(0).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(lattice.rows_of(1).collect::<Vec<_>>(), [1, 2]);
        assert!((0..3).all(|row| lattice.can_skip(row)));
    }

    proptest! {
        #[test]
        fn words_and_edges_prune_alike(
            tokens in 0usize..7,
            rows in 0usize..9,
            dead in prop::collection::vec((0usize..8, 0usize..9), 0..20),
        ) {
            let mut fast = Lattice::new(tokens, rows);
            for (token, row) in dead {
                if token < 7 { fast.forbid_take(token, row) } else { fast.forbid_skip(row) }
                let mut slow = fast.clone();
                prop_assert_eq!(fast.prune(), slow.prune_edges());
                for row in 0..rows {
                    prop_assert_eq!(fast.can_skip(row), slow.can_skip(row));
                    let landing: Vec<usize> = fast.tokens_at(row).collect();
                    prop_assert_eq!(fast.count_at(row), landing.len());
                    let wanted: Vec<usize> = (0..tokens).filter(|&token| slow.can_take(token, row)).collect();
                    prop_assert_eq!(landing, wanted);
                }
            }
        }
    }

    #[test]
    fn many_tokens_are_pruned_too() {
        let mut lattice = Lattice::new(70, 72);
        assert!(lattice.can_take(69, 71) && !lattice.can_take(69, 68));
        assert_eq!((lattice.count_at(70), lattice.tokens_at(70).min()), (2, Some(68)));
        lattice.forbid_skip(0);
        lattice.forbid_take(0, 0);
        assert!(!lattice.prune());
    }

    #[test]
    fn a_dead_pair_moves_its_neighbours() {
        let mut lattice = Lattice::new(2, 3);
        lattice.forbid_take(1, 2);
        assert!(lattice.prune());
        assert_eq!(lattice.rows_of(0).collect::<Vec<_>>(), [0]);
        assert!(!lattice.can_skip(0) && !lattice.can_skip(1) && lattice.can_skip(2));
        lattice.forbid_take(0, 0);
        assert!(!lattice.prune());
    }

    #[test]
    fn full_and_empty_placements_have_one_path() {
        assert!((0..3).all(|row| !Lattice::new(3, 3).can_skip(row)));
        assert!((0..3).all(|row| Lattice::new(0, 3).can_skip(row)));
    }

    #[test]
    fn extreme_sums_keep_the_order() {
        let lattice = Lattice::new(1, 3);
        let skip = |row: usize| Some(Rational::integer([5, 1, 2][row]));
        let edges = Edges { take: |_, _| Some(Rational::integer(10)), skip, is_least: true };
        let sweep = lattice.sweep(&edges).unwrap();
        let through = lattice.through(&sweep, &edges).unwrap();
        assert_eq!(sweep.total(), Some(Rational::integer(13)));
        assert_eq!(through.take(0, 1), Some(Rational::integer(17)));
        assert_eq!(through.skip(0), Some(Rational::integer(16)));
    }
}
