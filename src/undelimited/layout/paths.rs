//! Cheapest paths through states in a row, and the paths that are hardly dearer.
//!
//! ```text
//! forward[t]  = min over arcs s -> t of forward[s] + bits      backward[s] = min over arcs s -> t of bits + backward[t]
//! ```
//!
//! A *rival* is the cheapest path through a state that the best path does not touch, or along an arc that passes one of its
//! states over: `forward + bits + backward`. Linear in the arcs but for the rivals, which look at states x states of
//! the path.

/// Rivals dearer than this are none, in bits: cells are settled by less.
pub(super) const RIVAL_BITS: f32 = 9.0;
/// Rivals that are kept.
const MAX_RIVALS: usize = 3;

/// A step between two states.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) bits: f32,
}

/// Arcs, taken in so that all that lead to a state come before those that leave it.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    arcs: Vec<Arc>,
    forward: Vec<f32>,
    before: Vec<usize>,
}

/// The cheapest path, and what it takes to find its rivals.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) states: Vec<usize>,
    pub(super) bits: f32,
    paths: Paths,
    backward: Vec<f32>,
    behind: Vec<usize>,
}

impl Paths {
    /// No arc yet between `count` states; paths start at the first.
    pub(super) fn new(count: usize) -> Self {
        let mut forward = vec![f32::INFINITY; count];
        forward.iter_mut().take(1).for_each(|bits| *bits = 0.0);
        Self { arcs: Vec::new(), forward, before: vec![0; count] }
    }

    /// Whether a path leads to `state`.
    pub(super) fn is_reached(&self, state: usize) -> bool {
        self.forward[state].is_finite()
    }

    /// Takes an arc in; one that starts where no path leads is left out.
    pub(super) fn push(&mut self, arc: Arc) {
        let bits = self.forward[arc.from] + arc.bits;
        if !bits.is_finite() {
            return;
        }
        if bits < self.forward[arc.to] {
            self.forward[arc.to] = bits;
            self.before[arc.to] = arc.from;
        }
        self.arcs.push(arc);
    }

    /// The cheapest path from `start`, the first state, to `end`.
    pub(super) fn find(self, start: usize, end: usize) -> Option<Found> {
        let bits = self.forward.get(end).copied().filter(|bits| bits.is_finite())?;
        let mut backward = vec![f32::INFINITY; self.forward.len()];
        let mut behind = vec![end; self.forward.len()];
        backward[end] = 0.0;
        for arc in self.arcs.iter().rev() {
            let bits = arc.bits + backward[arc.to];
            if bits < backward[arc.from] {
                (backward[arc.from], behind[arc.from]) = (bits, arc.to);
            }
        }
        let mut states = vec![start];
        while let Some(&last) = states.last().filter(|last| **last != end) {
            states.push(behind[last]);
        }
        Some(Found { states, bits, paths: self, backward, behind })
    }
}

impl Found {
    /// The cheapest paths that are other readings: through a state that `differs` from every state inside of the best path,
    /// or past one of these, which then differs from both ends of the arc.
    pub(super) fn rivals(&self, differs: impl Fn(usize, usize) -> bool) -> Vec<(f32, Vec<usize>)> {
        let inner = &self.states[1..self.states.len().saturating_sub(1).max(1)];
        let mut found: Vec<(f32, usize, usize)> = Vec::new();
        let limit = self.bits + RIVAL_BITS;
        for (state, (forward, backward)) in self.paths.forward.iter().zip(&self.backward).enumerate() {
            let bits = forward + backward;
            if bits < limit && !self.states.contains(&state) && inner.iter().all(|own| differs(*own, state)) {
                found.push((bits - self.bits, state, state));
            }
        }
        for arc in &self.paths.arcs {
            let bits = self.paths.forward[arc.from] + arc.bits + self.backward[arc.to];
            let is_past = |own: &usize| {
                (arc.from + 1..arc.to).contains(own) && differs(*own, arc.from) && differs(*own, arc.to)
            };
            if bits < limit && inner.iter().any(is_past) {
                found.push((bits - self.bits, arc.from, arc.to));
            }
        }
        found.sort_by(|left, right| {
            left.0.total_cmp(&right.0).then((left.1, left.2).cmp(&(right.1, right.2)))
        });
        let mut rivals: Vec<(f32, Vec<usize>)> = Vec::new();
        let mut used: Vec<(usize, usize)> = Vec::new();
        for (margin, from, to) in found {
            // One of those that go the same way is enough.
            if used.iter().any(|known| !differs(known.0, from) && !differs(known.1, to)) {
                continue;
            }
            used.push((from, to));
            let states = self.path_through(from, to);
            if rivals.iter().all(|(_, known)| *known != states) {
                rivals.push((margin.max(0.0), states));
            }
            if rivals.len() == MAX_RIVALS {
                break;
            }
        }
        rivals
    }

    /// The cheapest path along the arc `from` to `to`, or through the state that both are.
    fn path_through(&self, from: usize, to: usize) -> Vec<usize> {
        let (first, end) = (self.states[0], self.states[self.states.len() - 1]);
        let mut states = vec![from];
        let mut at = from;
        while at != first {
            at = self.paths.before[at];
            states.push(at);
        }
        states.reverse();
        if to != from {
            states.push(to);
        }
        at = to;
        while at != end {
            at = self.behind[at];
            states.push(at);
        }
        states
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All paths from the first to the last state, with their bits.
    fn all_paths(arcs: &[Arc], at: usize, end: usize) -> Vec<(f32, Vec<usize>)> {
        if at == end {
            return vec![(0.0, vec![end])];
        }
        let mut found = Vec::new();
        for arc in arcs.iter().filter(|arc| arc.from == at) {
            for (bits, mut states) in all_paths(arcs, arc.to, end) {
                states.insert(0, at);
                found.push((bits + arc.bits, states));
            }
        }
        found
    }

    #[test]
    fn the_cheapest_path_and_its_rivals_are_those_that_trying_all_finds() {
        let mut state = 5_u32;
        let mut next = |count: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % count
        };
        for _ in 0..200 {
            let count = 3 + next(5) as usize;
            let mut paths = Paths::new(count);
            for to in 1..count {
                for from in 0..to {
                    if next(4) > 0 {
                        paths.push(Arc { from, to, bits: 1.0 + next(900) as f32 / 100.0 });
                    }
                }
            }
            let arcs = paths.arcs.clone();
            let mut all = all_paths(&arcs, 0, count - 1);
            all.sort_by(|left, right| left.0.total_cmp(&right.0));
            let Some(found) = paths.find(0, count - 1) else {
                assert!(all.is_empty());
                continue;
            };
            assert!((found.bits - all[0].0).abs() < 0.001);
            let rivals = found.rivals(|own, other| own != other);
            for (margin, states) in &rivals {
                let is_it = |other: &&(f32, Vec<usize>)| other.1 == *states;
                let bits = all.iter().find(is_it).map(|path| path.0);
                assert!(bits.is_some_and(|bits| (bits - found.bits - margin).abs() < 0.001), "{rivals:?}");
            }
            if let Some(second) = all.get(1).filter(|second| second.0 < found.bits + RIVAL_BITS - 0.01) {
                assert!(rivals.first().is_some_and(|rival| rival.0 <= second.0 - found.bits + 0.001));
            }
        }
    }
}
