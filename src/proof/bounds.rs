//! What may stand in a cell, and how far its print may be rounded: in whole units of the component's grid, or as rationals.
//!
//! Nearly all that is printed, or may be, is a multiple of one over the grid, and its units fit a machine word: comparing and
//! moving such bounds takes an instruction each, and searches copy thousands of them. Constants stand on no grid, and some
//! numbers are too great; these keep bounds that are rationals. Which of both a variable has is settled with its problem.

use super::evaluate::Interval;
use super::problem::{Placed, Printed, Problem};
use super::rational::{Rational, power_of_ten};
use super::units::{Units, Word};

/// The greatest units that bounds tell apart. What lies beyond is open, or as far as this: both only leave more.
pub(super) const FARTHEST: i64 = 1 << 62;

/// A closed interval of whole units; `i64::MIN` and `i64::MAX` are ends that are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Span {
    pub(super) const ALL: Self = Self { low: i64::MIN, high: i64::MAX };

    #[inline]
    pub(super) const fn point(units: i64) -> Self {
        Self { low: units, high: units }
    }

    /// The whole units inside an interval, or more of them where an end does not fit.
    #[inline]
    pub(super) fn inside(interval: Interval, grid: i128) -> Self {
        let low = interval.low.and_then(|low| match low.parts() {
            (num, den) if den == grid => Some(num),
            _ => low.mul(Rational::integer(grid))?.ceil(),
        });
        let high = interval.high.and_then(|high| match high.parts() {
            (num, den) if den == grid => Some(num),
            _ => high.mul(Rational::integer(grid)).map(Rational::floor),
        });
        Self::between(low, high)
    }

    /// The units between two ends; `None` is open.
    #[inline]
    pub(super) fn between(low: Option<i128>, high: Option<i128>) -> Self {
        let fit = |units: i128| i64::try_from(units.clamp(-i128::from(FARTHEST), i128::from(FARTHEST)));
        let low = low.map_or(i64::MIN, |low| fit(low).unwrap_or(i64::MIN));
        let high = high.map_or(i64::MAX, |high| fit(high).unwrap_or(i64::MAX));
        // An end at the far side bounds nothing.
        Self {
            low: if low == -FARTHEST { i64::MIN } else { low },
            high: if high == FARTHEST { i64::MAX } else { high },
        }
    }

    #[inline]
    pub(super) fn interval(self, grid: i128) -> Interval {
        let [low, high] = self.ends();
        let end = |end: Option<i64>| end.and_then(|end| Rational::new(i128::from(end), grid));
        Interval { low: end(low), high: end(high) }
    }

    /// Both ends; `None` is open.
    #[inline]
    pub(super) fn ends(self) -> [Option<i64>; 2] {
        [Some(self.low).filter(|&low| low != i64::MIN), Some(self.high).filter(|&high| high != i64::MAX)]
    }
}

/// An interval with the roundings that it is widened by.
pub(super) trait Range: Copy + PartialEq {
    /// Half of the last place of a print.
    type Half: Copy + Ord;

    /// What a printed number puts into a cell.
    fn of(printed: &Printed) -> (Self, Self::Half);

    /// What text puts there: any number.
    fn any(problem: &Problem) -> (Self, Self::Half);

    /// The rounding of an unprinted value.
    fn half(problem: &Problem, var: usize) -> Self::Half;

    fn bound(bounds: &Bounds, problem: &Problem, var: usize) -> Bound<Self>;

    fn set(bounds: &mut Bounds, problem: &Problem, var: usize, bound: Bound<Self>);

    fn union(self, other: Self) -> Self;

    fn meet(self, other: Self) -> Self;

    fn covers(self, other: Self) -> bool;

    fn is_empty(self) -> bool;

    /// Moved outwards; an end that does not fit is open.
    fn widened(self, half: Self::Half) -> Self;

    /// The bounds of an unprinted value moved inwards to its grid; constants have none.
    fn on_grid(self, problem: &Problem, var: usize) -> Self;
}

/// What is known of one variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bound<R: Range> {
    /// The unprinted value, or the constant.
    pub(super) range: R,
    /// Hull of all alternatives.
    pub(super) hull: R,
    /// The widest half unit among these.
    pub(super) half: R::Half,
}

/// The bounds of all variables.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bounds {
    /// By variable; those of rationals have nothing here.
    whole: Vec<Bound<Span>>,
    exact: Vec<Bound<Interval>>,
}

impl Bounds {
    /// The range that the schema allows each variable.
    pub(super) fn new(problem: &Problem) -> Self {
        let nothing = Bound { range: Span::ALL, hull: Span::ALL, half: 0 };
        let mut bounds = Self { whole: vec![nothing; problem.vars.len()], exact: Vec::new() };
        for (var, variable) in problem.vars.iter().enumerate() {
            match variable.placed {
                Placed::Whole(units) => bounds.whole[var].range = units.domain.on_grid(problem, var),
                Placed::Exact(_) => {
                    let range = variable.domain.on_grid(problem, var);
                    bounds.exact.push(Bound { range, hull: Interval::ALL, half: Rational::ZERO });
                }
            }
        }
        bounds
    }

    /// Whether a variable has the hull and the rounding that it has in `other`.
    #[inline]
    pub(super) fn is_same_hull(&self, other: &Self, problem: &Problem, var: usize) -> bool {
        fn is_same<R: Range>(own: Bound<R>, other: Bound<R>) -> bool {
            own.hull == other.hull && own.half == other.half
        }
        match problem.vars[var].placed {
            Placed::Whole(_) => is_same(self.whole[var], other.whole[var]),
            Placed::Exact(place) => is_same(self.exact[place], other.exact[place]),
        }
    }

    #[inline]
    pub(super) fn hull(&self, problem: &Problem, var: usize) -> Interval {
        match problem.vars[var].placed {
            Placed::Whole(_) => self.whole[var].hull.interval(problem.grid),
            Placed::Exact(place) => self.exact[place].hull,
        }
    }

    /// The hull in units of the grid; `None` where it is not over the grid, or does not fit.
    #[inline]
    pub(super) fn units<W: Word>(&self, problem: &Problem, var: usize) -> Option<Units<W>> {
        match problem.vars[var].placed {
            Placed::Whole(_) => Some(Units::of_span(self.whole[var].hull)),
            Placed::Exact(place) => Units::of(&self.exact[place].hull, problem.grid),
        }
    }

    /// The widest half unit among the alternatives of a variable.
    #[inline]
    pub(super) fn half(&self, problem: &Problem, var: usize) -> Rational {
        match problem.vars[var].placed {
            Placed::Whole(_) => {
                let half = i128::from(self.whole[var].half);
                Rational::new(half, problem.grid).unwrap_or(Rational::ONE)
            }
            Placed::Exact(place) => self.exact[place].half,
        }
    }

    /// The same in units of the grid.
    #[inline]
    pub(super) fn half_units(&self, problem: &Problem, var: usize) -> Option<i64> {
        match problem.vars[var].placed {
            Placed::Whole(_) => Some(self.whole[var].half),
            Placed::Exact(place) => super::units::units(self.exact[place].half, problem.grid),
        }
    }

    /// The unprinted value of a variable.
    #[inline]
    pub(super) fn range(&self, problem: &Problem, var: usize) -> Interval {
        match problem.vars[var].placed {
            Placed::Whole(_) => self.whole[var].range.interval(problem.grid),
            Placed::Exact(place) => self.exact[place].range,
        }
    }

    /// Whether only one value may stand in a cell.
    #[inline]
    pub(super) fn is_point(&self, problem: &Problem, var: usize) -> bool {
        match problem.vars[var].placed {
            Placed::Whole(_) => self.whole[var].hull.low == self.whole[var].hull.high,
            Placed::Exact(place) => {
                let hull = &self.exact[place].hull;
                hull.low.is_some() && hull.low == hull.high
            }
        }
    }

    /// Keeps an unprinted value inside an interval, on its grid. `false`: nothing would be left, and the bounds stay.
    pub(super) fn cut_range(&mut self, problem: &Problem, var: usize, left: Interval) -> bool {
        fn cut<R: Range>(bounds: &mut Bounds, problem: &Problem, var: usize, left: R) -> bool {
            let bound = R::bound(bounds, problem, var);
            let range = bound.range.meet(left).on_grid(problem, var);
            if !range.is_empty() {
                R::set(bounds, problem, var, Bound { range, ..bound });
            }
            !range.is_empty()
        }
        match problem.vars[var].placed {
            Placed::Whole(_) => cut(self, problem, var, Span::inside(left, problem.grid)),
            Placed::Exact(_) => cut(self, problem, var, left),
        }
    }
}

impl Range for Span {
    type Half = i64;

    #[inline]
    fn of(printed: &Printed) -> (Self, i64) {
        (Self::point(printed.units), printed.half_units)
    }

    #[inline]
    fn any(problem: &Problem) -> (Self, i64) {
        (Self::ALL, i64::try_from(problem.grid).unwrap_or(FARTHEST))
    }

    #[inline]
    fn half(problem: &Problem, var: usize) -> i64 {
        match problem.vars[var].placed {
            Placed::Whole(units) => units.half,
            Placed::Exact(_) => 0,
        }
    }

    #[inline]
    fn bound(bounds: &Bounds, _problem: &Problem, var: usize) -> Bound<Self> {
        bounds.whole[var]
    }

    #[inline]
    fn set(bounds: &mut Bounds, _problem: &Problem, var: usize, bound: Bound<Self>) {
        bounds.whole[var] = bound;
    }

    #[inline]
    fn union(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    #[inline]
    fn meet(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high) }
    }

    #[inline]
    fn covers(self, other: Self) -> bool {
        self.low <= other.low && other.high <= self.high
    }

    #[inline]
    fn is_empty(self) -> bool {
        self.low > self.high
    }

    #[inline]
    fn widened(self, half: i64) -> Self {
        let open = |is_open: bool, end: i64, open: i64| if is_open { open } else { end };
        Self {
            low: open(self.low == i64::MIN, self.low.saturating_sub(half), i64::MIN),
            high: open(self.high == i64::MAX, self.high.saturating_add(half), i64::MAX),
        }
    }

    #[inline]
    fn on_grid(self, problem: &Problem, var: usize) -> Self {
        let Placed::Whole(units) = problem.vars[var].placed else { return self };
        let step = units.step;
        if step <= 1 {
            return self;
        }
        let [low, high] = self.ends();
        let low = low.map_or(i64::MIN, |low| match low.rem_euclid(step) {
            0 => low,
            rest => low.saturating_add(step - rest),
        });
        Self { low, high: high.map_or(i64::MAX, |high| high.saturating_sub(high.rem_euclid(step))) }
    }
}

impl Range for Interval {
    type Half = Rational;

    fn of(printed: &Printed) -> (Self, Rational) {
        (Self::point(printed.value), printed.half)
    }

    fn any(_problem: &Problem) -> (Self, Rational) {
        (Self::ALL, Rational::ONE)
    }

    fn half(problem: &Problem, var: usize) -> Rational {
        problem.vars[var].half
    }

    fn bound(bounds: &Bounds, problem: &Problem, var: usize) -> Bound<Self> {
        match problem.vars[var].placed {
            Placed::Exact(place) => bounds.exact[place],
            Placed::Whole(_) => {
                let Bound { range, hull, .. } = bounds.whole[var];
                let [range, hull] = [range, hull].map(|span| span.interval(problem.grid));
                Bound { range, hull, half: bounds.half(problem, var) }
            }
        }
    }

    fn set(bounds: &mut Bounds, problem: &Problem, var: usize, bound: Bound<Self>) {
        if let Placed::Exact(place) = problem.vars[var].placed {
            bounds.exact[place] = bound;
        }
    }

    fn union(self, other: Self) -> Self {
        Self {
            low: self.low.zip(other.low).map(|(a, b)| a.min(b)),
            high: self.high.zip(other.high).map(|(a, b)| a.max(b)),
        }
    }

    fn meet(self, other: Self) -> Self {
        Interval::meet(self, other)
    }

    fn covers(self, other: Self) -> bool {
        Interval::covers(&self, other)
    }

    fn is_empty(self) -> bool {
        Interval::is_empty(&self)
    }

    fn widened(self, half: Rational) -> Self {
        Self { low: self.low.and_then(|low| low.sub(half)), high: self.high.and_then(|high| high.add(half)) }
    }

    fn on_grid(self, problem: &Problem, var: usize) -> Self {
        let variable = &problem.vars[var];
        let (scale, step) = (variable.scale, variable.step(problem.grid));
        if step == 0 {
            return self;
        }
        // What is not over the problem's grid, a quotient, is brought there.
        let raised = |low: Rational| {
            let (unit, grid) = (power_of_ten(scale)?, problem.grid);
            Some(Rational::new(low.mul(Rational::integer(unit))?.ceil()?, unit)?.over(grid))
        };
        let lowered = |high: Rational| {
            let (unit, grid) = (power_of_ten(scale)?, problem.grid);
            Some(Rational::new(high.mul(Rational::integer(unit))?.floor(), unit)?.over(grid))
        };
        let low = |low: Rational| low.raised(problem.grid, step).or_else(|| raised(low)).unwrap_or(low);
        let high =
            |high: Rational| high.lowered(problem.grid, step).or_else(|| lowered(high)).unwrap_or(high);
        Self { low: self.low.map(low), high: self.high.map(high) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Budget;
    use crate::proof::board::Board;
    use crate::proof::propagate::propagate;
    use crate::proof::sample::{problem_of, torn_statement};
    use crate::proof::state::State;
    use crate::proof::trial::Trial;

    /// What is left of a problem once its bounds are at their fixpoint.
    fn narrowed(problem: &Problem) -> (bool, State) {
        let mut state = State::new(problem);
        let active = vec![true; problem.grounds.len()];
        let start = 0..problem.grounds.len();
        let narrowed = propagate(problem, &mut state, &active, start, &mut Budget::new(100_000));
        (narrowed.is_ok(), state)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn whole_units_leave_what_rationals_do(table in torn_statement()) {
            let tables = [table];
            let trial = Trial::new("", Board::new(&tables));
            let (whole, mut exact) = (problem_of(&trial), problem_of(&trial));
            prop_assert!(whole.vars.iter().any(|variable| matches!(variable.placed, Placed::Whole(_))));
            for (place, variable) in exact.vars.iter_mut().enumerate() {
                variable.placed = Placed::Exact(place);
            }
            let (fast, slow) = (narrowed(&whole), narrowed(&exact));
            prop_assert_eq!(fast.0, slow.0);
            if fast.0 {
                for var in 0..whole.vars.len() {
                    prop_assert_eq!(fast.1.hull(&whole, var), slow.1.hull(&exact, var));
                    prop_assert_eq!(fast.1.live(&whole, var), slow.1.live(&exact, var));
                    prop_assert_eq!(fast.1.bounds.half(&whole, var), slow.1.bounds.half(&exact, var));
                }
            }
        }
    }

    #[test]
    fn ends_that_do_not_fit_leave_more() {
        let far = i128::from(FARTHEST) * 8;
        assert_eq!(Span::between(Some(-far), Some(far)), Span::ALL);
        assert_eq!(Span::between(Some(far), None), Span { low: FARTHEST, high: i64::MAX });
        assert_eq!(Span::ALL.widened(5), Span::ALL);
        let third = Rational::new(1, 3);
        assert_eq!(Span::inside(Interval { low: third, high: third }, 10), Span { low: 4, high: 3 });
    }
}
