//! Confidence: the posterior of a cell, kept inside the band of its status.

use crate::align::SURE;
use crate::table::{Origin, Status};

/// A repair is settled where the next reading is this much dearer, in bits.
pub(crate) const SETTLED: f32 = 7.0;
/// Doubtful cells stay below the bar of certainty.
const DOUBTFUL_MOST: f32 = 0.79;
/// A cell that stands as printed, in its own place.
const AS_PRINTED: f32 = 0.97;

/// The mean of confidences.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    /// Adds so many cells of one confidence.
    #[inline]
    pub(super) fn add(&mut self, confidence: f32, cells: usize) {
        self.sum += f64::from(confidence) * cells as f64;
        self.count += cells;
    }

    /// The mean; 0 of nothing.
    pub(super) fn get(self) -> f32 {
        if self.count == 0 { 0.0 } else { (self.sum / self.count as f64) as f32 }
    }
}

/// Confidence of a filled cell, 0 to 1. `margin` is the cost of the next reading in bits, `alternatives` the
/// number of live readings beside this one.
#[inline]
pub(crate) fn confidence_of(status: Status, origin: Origin, margin: f32, alternatives: usize) -> f32 {
    // Beyond that nothing changes; that is most cells, and plain ones count on it.
    let rival = if margin >= SURE { 1.0 / 1_048_576.0 } else { (-margin).exp2() };
    let posterior = 1.0 / (1.0 + rival);
    match status {
        Status::Proven => {
            if origin.is_repair() {
                0.98
            } else {
                0.99
            }
        }
        Status::Consistent => posterior.clamp(0.80, if origin.is_repair() { 0.92 } else { 0.95 }),
        // Another reading is as good: it stands as printed for want of a better one.
        Status::Unchecked if margin <= 0.0 => posterior.min(DOUBTFUL_MOST),
        Status::Unchecked if !origin.is_repair() => AS_PRINTED.min(posterior.max(0.8)),
        Status::Unchecked if margin >= SETTLED => posterior.clamp(0.80, 0.96),
        Status::Unchecked => posterior.min(DOUBTFUL_MOST),
        Status::Ambiguous | Status::Contradicted | Status::Open => {
            let share = 1.0 / (alternatives as f32 + 1.0).max(2.0);
            if margin.is_finite() {
                posterior.clamp(share.min(0.5), DOUBTFUL_MOST)
            } else {
                share.min(DOUBTFUL_MOST)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubtful_cells_are_never_certain_and_proven_ones_always_are() {
        for status in [Status::Ambiguous, Status::Contradicted, Status::Open] {
            for margin in [0.0, 1.0, 30.0, f32::INFINITY] {
                assert!(confidence_of(status, Origin::Verbatim, margin, 3) < 0.8);
            }
        }
        assert!(confidence_of(Status::Proven, Origin::Moved, 0.0, 0) >= 0.95);
        assert!(confidence_of(Status::Unchecked, Origin::Split, 6.9, 0) < 0.8);
        assert!(confidence_of(Status::Unchecked, Origin::Split, 7.0, 0) >= 0.8);
    }
}
