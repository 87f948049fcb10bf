//! Placements as lattices: k tokens into n rows, order kept.
//!
//! A node is (rows passed, tokens used); from it the next row takes the next token or is skipped. Reachability from both
//! ends gives the live pairs in O(kn), and the least and greatest sum along a path, through any given edge, follow
//! from the same two sweeps. The number of placements, C(n, k), is never enumerated.

use super::rational::Rational;

/// The live edges of one placement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lattice {
    tokens: usize,
    rows: usize,
    /// Whether token `t` may land in row `r`, at `t * rows + r`.
    take: Vec<bool>,
    /// Whether row `r` may go without a token.
    skip: Vec<bool>,
}

/// Extreme sums along whole paths through each edge; `None` where no path leads.
#[derive(Debug)]
pub(crate) struct Through {
    pub(crate) total: Option<Rational>,
    take: Vec<Option<Rational>>,
    skip: Vec<Option<Rational>>,
    rows: usize,
}

impl Through {
    pub(crate) fn take(&self, token: usize, row: usize) -> Option<Rational> {
        self.take.get(token * self.rows + row).copied().flatten()
    }

    pub(crate) fn skip(&self, row: usize) -> Option<Rational> {
        self.skip.get(row).copied().flatten()
    }
}

impl Lattice {
    pub(crate) fn new(tokens: usize, rows: usize) -> Self {
        let mut lattice = Self { tokens, rows, take: vec![true; tokens * rows], skip: vec![true; rows] };
        lattice.prune();
        lattice
    }

    pub(crate) fn can_take(&self, token: usize, row: usize) -> bool {
        row < self.rows
            && token < self.tokens
            && self.take.get(token * self.rows + row).copied().unwrap_or(false)
    }

    pub(crate) fn can_skip(&self, row: usize) -> bool {
        self.skip.get(row).copied().unwrap_or(false)
    }

    pub(crate) fn forbid_take(&mut self, token: usize, row: usize) {
        if let Some(edge) = self.take.get_mut(token * self.rows + row).filter(|_| token < self.tokens) {
            *edge = false;
        }
    }

    pub(crate) fn forbid_skip(&mut self, row: usize) {
        if let Some(edge) = self.skip.get_mut(row) {
            *edge = false;
        }
    }

    /// Tokens that may land in `row`.
    pub(crate) fn tokens_at(&self, row: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.tokens).filter(move |&token| self.can_take(token, row))
    }

    /// Rows that may take `token`.
    #[cfg(test)]
    pub(crate) fn rows_of(&self, token: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.rows).filter(move |&row| self.can_take(token, row))
    }

    /// Drops edges that lie on no whole path; `false` where no path is left.
    pub(crate) fn prune(&mut self) -> bool {
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
            self.skip[row] = is_skipped;
            std::mem::swap(&mut leads, &mut before);
        }
        leads[0]
    }

    /// Least (or greatest) sums through every edge; `None` where a number does not fit or an edge has no value.
    pub(crate) fn extremes(
        &self,
        take_value: &dyn Fn(usize, usize) -> Option<Rational>,
        skip_value: &dyn Fn(usize) -> Option<Rational>,
        is_least: bool,
    ) -> Option<Through> {
        let width = self.tokens + 1;
        let better = |a: Option<Rational>, b: Option<Rational>| match (a, b) {
            (Some(a), Some(b)) => Some(if is_least { a.min(b) } else { a.max(b) }),
            (a, b) => a.or(b),
        };
        let mut takes = vec![None; self.take.len()];
        let mut skips = vec![None; self.rows];
        let values = |row: usize, token: usize| -> Option<(Option<Rational>, Option<Rational>)> {
            let take = if self.can_take(token, row) { Some(take_value(token, row)?) } else { None };
            let skip = if self.can_skip(row) { Some(skip_value(row)?) } else { None };
            Some((take, skip))
        };
        let mut forward = vec![None; (self.rows + 1) * width];
        forward[0] = Some(Rational::ZERO);
        for row in 0..self.rows {
            for token in 0..width {
                let Some(here) = forward[row * width + token] else { continue };
                let (take, skip) = values(row, token)?;
                for (value, next) in [(take, token + 1), (skip, token)] {
                    if let Some(value) = value {
                        let slot = (row + 1) * width + next;
                        forward[slot] = better(forward[slot], Some(Rational::add(here, value)?));
                    }
                }
            }
        }
        let mut backward = vec![None; (self.rows + 1) * width];
        backward[self.rows * width + self.tokens] = Some(Rational::ZERO);
        for row in (0..self.rows).rev() {
            for token in 0..width {
                let (take, skip) = values(row, token)?;
                for (value, next, is_take) in [(take, token + 1, true), (skip, token, false)] {
                    let after = if next < width { backward[(row + 1) * width + next] } else { None };
                    let Some((value, after)) = value.zip(after) else { continue };
                    let rest = Rational::add(value, after)?;
                    let slot = row * width + token;
                    backward[slot] = better(backward[slot], Some(rest));
                    let Some(before) = forward[slot] else { continue };
                    let path = Some(Rational::add(before, rest)?);
                    let edge = if is_take { &mut takes[token * self.rows + row] } else { &mut skips[row] };
                    *edge = better(*edge, path);
                }
            }
        }
        Some(Through { total: backward[0], take: takes, skip: skips, rows: self.rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_leaves_a_band_of_live_pairs() {
        let lattice = Lattice::new(2, 3);
        assert_eq!(lattice.rows_of(0).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(lattice.rows_of(1).collect::<Vec<_>>(), [1, 2]);
        assert!((0..3).all(|row| lattice.can_skip(row)));
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
        let through = lattice.extremes(&|_, _| Some(Rational::integer(10)), &skip, true).unwrap();
        assert_eq!(through.total, Some(Rational::integer(13)));
        assert_eq!(through.take(0, 1), Some(Rational::integer(17)));
        assert_eq!(through.skip(0), Some(Rational::integer(16)));
    }
}
