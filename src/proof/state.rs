//! What is left of a component: ranges, lattices, live options, and the hulls that follow from them.

use smallvec::SmallVec;

use super::evaluate::Interval;
use super::lattice::Lattice;
use super::problem::{Link, Problem, Put, Variable};
use super::propagate::Changed;
use super::rational::{Rational, power_of_ten};

/// What is left of all variables.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// The unprinted value, or the constant.
    pub(crate) ranges: Vec<Interval>,
    pub(crate) lattices: Vec<Lattice>,
    /// Live options of every choice among readings.
    pub(crate) options: Vec<u64>,
    /// Hull of all alternatives of a variable, and its widest half unit.
    pub(crate) hulls: Vec<(Interval, Rational)>,
}

/// Which alternative of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alternative {
    /// A token of its placement.
    Token(usize),
    /// An option of its choice.
    Option(usize),
    /// An unprinted value.
    Lost,
}

/// Why propagation stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// No solution is left.
    Refuted,
    /// The budget is spent.
    Spent,
}

impl State {
    pub(crate) fn new(problem: &Problem) -> Self {
        let ranges = (0..problem.vars.len()).map(|var| on_grid(problem, var, problem.vars[var].domain));
        let options = problem.options.iter().map(|site| match site.puts.len() {
            64.. => u64::MAX,
            count => (1u64 << count) - 1,
        });
        let mut state = Self {
            ranges: ranges.collect(),
            lattices: problem.lattices(),
            options: options.collect(),
            hulls: vec![(Interval::ALL, Rational::ZERO); problem.vars.len()],
        };
        for var in 0..problem.vars.len() {
            state.refresh(problem, var);
        }
        state
    }

    /// The live alternatives of a variable with what they put into it, and their half units.
    pub(crate) fn alternatives(
        &self,
        problem: &Problem,
        var: usize,
    ) -> SmallVec<[(Alternative, Interval, Rational); 4]> {
        let mut found = SmallVec::new();
        self.for_alternatives(problem, var, &mut |name, interval, half| found.push((name, *interval, half)));
        found
    }

    /// The first of them.
    pub(crate) fn first_alternative(
        &self,
        problem: &Problem,
        var: usize,
    ) -> Option<(Alternative, Interval, Rational)> {
        let mut first = None;
        self.for_alternatives(problem, var, &mut |name, interval, half| {
            if first.is_none() {
                first = Some((name, *interval, half));
            }
        });
        first
    }

    /// Shows every live alternative of a variable, with what it puts there and its half unit.
    #[inline]
    fn for_alternatives(
        &self,
        problem: &Problem,
        var: usize,
        see: &mut impl FnMut(Alternative, &Interval, Rational),
    ) {
        let Some(variable) = problem.vars.get(var) else { return };
        match variable.link {
            Link::Free | Link::Constant => see(Alternative::Lost, &self.ranges[var], variable.half),
            Link::Open => see(Alternative::Lost, &Interval::ALL, Rational::ONE),
            Link::Placement { placement, row } => {
                let lattice = &self.lattices[placement];
                for token in lattice.tokens_at(row) {
                    let name = Alternative::Token(token);
                    match &problem.placements[placement].tokens[token] {
                        Some(printed) => see(name, &Interval::point(printed.value), printed.half),
                        None => see(name, &Interval::ALL, Rational::ONE),
                    }
                }
                if lattice.can_skip(row) {
                    see(Alternative::Lost, &self.ranges[var], variable.half);
                }
            }
            Link::Options { choice } => {
                for option in 0..problem.options[choice].puts.len() {
                    if self.options[choice] >> option & 1 == 0 {
                        continue;
                    }
                    let name = Alternative::Option(option);
                    match problem.put(choice, option, var) {
                        Put::Value(printed) => see(name, &Interval::point(printed.value), printed.half),
                        Put::Lost => see(name, &self.ranges[var], variable.half),
                        Put::Text => see(name, &Interval::ALL, Rational::ONE),
                    }
                }
            }
        }
    }

    /// The number of live alternatives of a variable.
    pub(crate) fn count(&self, problem: &Problem, var: usize) -> usize {
        match problem.vars[var].link {
            Link::Free | Link::Constant | Link::Open => 1,
            Link::Placement { placement, row } => {
                let lattice = &self.lattices[placement];
                lattice.count_at(row) + usize::from(lattice.can_skip(row))
            }
            Link::Options { choice } => {
                let all = u64::MAX >> (64 - problem.options[choice].puts.len().clamp(1, 64));
                (self.options[choice] & all).count_ones() as usize
            }
        }
    }

    #[inline]
    pub(crate) fn hull(&self, var: usize) -> Interval {
        self.hulls[var].0
    }

    pub(crate) fn refresh(&mut self, problem: &Problem, var: usize) -> bool {
        let mut hull: Option<Interval> = None;
        let mut half = Rational::ZERO;
        self.for_alternatives(problem, var, &mut |_, interval, unit| {
            half = half.max(unit);
            match &mut hull {
                None => hull = Some(*interval),
                Some(hull) => {
                    hull.low = hull.low.zip(interval.low).map(|(a, b)| a.min(b));
                    hull.high = hull.high.zip(interval.high).map(|(a, b)| a.max(b));
                }
            }
        });
        let fresh = (hull.unwrap_or(Interval::ALL), half);
        let is_changed = self.hulls[var] != fresh;
        self.hulls[var] = fresh;
        is_changed
    }

    /// Removes one alternative; the caller propagates.
    pub(crate) fn forbid(
        &mut self,
        problem: &Problem,
        var: usize,
        alternative: Alternative,
    ) -> Result<(), Stop> {
        self.strike(problem, var, alternative)?;
        self.settle_choice(problem, var)
    }

    /// Removes one alternative and leaves what follows for its choice to [`Self::settle_choice`].
    fn strike(&mut self, problem: &Problem, var: usize, alternative: Alternative) -> Result<(), Stop> {
        match (problem.vars[var].link, alternative) {
            (Link::Placement { placement, row }, Alternative::Token(token)) => {
                self.lattices[placement].forbid_take(token, row);
            }
            (Link::Placement { placement, row }, Alternative::Lost) => {
                self.lattices[placement].forbid_skip(row)
            }
            (Link::Options { choice }, Alternative::Option(option)) => self.options[choice] &= !(1 << option),
            (Link::Open, _) => {}
            _ => return Err(Stop::Refuted),
        }
        Ok(())
    }

    /// Removes several alternatives at once.
    pub(crate) fn forbid_all(
        &mut self,
        problem: &Problem,
        var: usize,
        alternatives: impl IntoIterator<Item = Alternative>,
    ) -> Result<(), Stop> {
        let mut is_struck = false;
        for alternative in alternatives {
            self.strike(problem, var, alternative)?;
            is_struck = true;
        }
        if is_struck { self.settle_choice(problem, var) } else { Ok(()) }
    }

    /// Keeps one alternative alone.
    pub(crate) fn assume(
        &mut self,
        problem: &Problem,
        var: usize,
        alternative: Alternative,
    ) -> Result<(), Stop> {
        let others = self.alternatives(problem, var).into_iter().map(|other| other.0);
        self.forbid_all(problem, var, others.filter(|&other| other != alternative))
    }

    /// Keeps the unprinted value of a variable inside `interval`.
    pub(crate) fn confine(&mut self, problem: &Problem, var: usize, interval: Interval) -> Result<(), Stop> {
        self.narrow(problem, var, interval, false, &mut Changed::new())
    }

    /// After the choice of `var` changed: dead edges go, hulls of all its cells are renewed.
    fn settle_choice(&mut self, problem: &Problem, var: usize) -> Result<(), Stop> {
        let cells = match problem.vars[var].link {
            Link::Placement { placement, .. } => {
                if !self.lattices[placement].prune() {
                    return Err(Stop::Refuted);
                }
                &problem.placements[placement].cells
            }
            Link::Options { choice } => {
                if self.options[choice] == 0 {
                    return Err(Stop::Refuted);
                }
                &problem.options[choice].cells
            }
            _ => return Ok(()),
        };
        for &cell in cells {
            self.refresh(problem, cell);
        }
        Ok(())
    }

    /// Meets every alternative of `var` with `base`, widened by its half unit if it is the lone side. Adds the variables that
    /// changed to `changed`.
    pub(crate) fn narrow(
        &mut self,
        problem: &Problem,
        var: usize,
        base: Interval,
        is_lone: bool,
        changed: &mut Changed,
    ) -> Result<(), Stop> {
        let variable = &problem.vars[var];
        if variable.link == Link::Open || base.covers(self.hulls[var].0) {
            return Ok(());
        }
        if matches!(variable.link, Link::Free | Link::Constant) {
            return self.narrow_free(problem, var, base, is_lone, changed);
        }
        let mut dead: SmallVec<[Alternative; 4]> = SmallVec::new();
        let mut range = self.ranges[var];
        self.for_alternatives(problem, var, &mut |alternative, interval, half| {
            let allowed = if is_lone { widened(base, half) } else { base };
            let is_lost = match (variable.link, alternative) {
                (_, Alternative::Lost) => true,
                (Link::Options { choice }, Alternative::Option(option)) => {
                    matches!(problem.put(choice, option, var), Put::Lost)
                }
                _ => false,
            };
            let met = interval.meet(allowed);
            if is_lost {
                range = on_grid(problem, var, met);
                if range.is_empty() {
                    dead.push(alternative);
                }
            } else if met.is_empty() {
                dead.push(alternative);
            }
        });
        if dead.is_empty() && range == self.ranges[var] {
            return Ok(());
        }
        if !range.is_empty() {
            self.ranges[var] = range;
        }
        if dead.is_empty() {
            // The range of one unprinted value changes no other cell.
            if self.refresh(problem, var) {
                changed.push(var);
            }
            return Ok(());
        }
        let before = self.linked(problem, var);
        self.forbid_all(problem, var, dead)?;
        self.refresh(problem, var);
        let is_changed = |(cell, hull): &(usize, (Interval, Rational))| self.hulls[*cell] != *hull;
        changed.extend(before.into_iter().filter(is_changed).map(|(cell, _)| cell));
        Ok(())
    }

    /// The same for a variable that no choice touches: its range is its hull.
    fn narrow_free(
        &mut self,
        problem: &Problem,
        var: usize,
        base: Interval,
        is_lone: bool,
        changed: &mut Changed,
    ) -> Result<(), Stop> {
        let variable = &problem.vars[var];
        let allowed = if is_lone { widened(base, variable.half) } else { base };
        let before = self.ranges[var];
        if allowed.covers(before) {
            return Ok(());
        }
        let range = on_grid(problem, var, before.meet(allowed));
        if range.is_empty() {
            return Err(Stop::Refuted);
        }
        if range != before {
            self.ranges[var] = range;
            self.hulls[var] = (range, variable.half);
            changed.push(var);
        }
        Ok(())
    }

    /// The cells that change together with `var`, with their hulls.
    pub(crate) fn linked(&self, problem: &Problem, var: usize) -> Vec<(usize, (Interval, Rational))> {
        let cells = match problem.vars[var].link {
            Link::Placement { placement, .. } => problem.placements[placement].cells.as_slice(),
            Link::Options { choice } => problem.options[choice].cells.as_slice(),
            _ => std::slice::from_ref(&var),
        };
        cells.iter().map(|&cell| (cell, self.hulls[cell])).collect()
    }

    /// Whether every choice has one alternative left.
    pub(crate) fn is_decided(&self, problem: &Problem, var: usize) -> bool {
        self.count(problem, var) <= 1
    }
}

/// The bounds of an unprinted value moved inwards to its grid; constants have none.
pub(crate) fn on_grid(problem: &Problem, var: usize, interval: Interval) -> Interval {
    let Variable { scale, step, .. } = problem.vars[var];
    if step == 0 {
        return interval;
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
    let high = |high: Rational| high.lowered(problem.grid, step).or_else(|| lowered(high)).unwrap_or(high);
    Interval { low: interval.low.map(low), high: interval.high.map(high) }
}

/// The interval moved outwards; an end that does not fit is open.
pub(crate) fn widened(interval: Interval, by: Rational) -> Interval {
    Interval {
        low: interval.low.and_then(|low| low.sub(by)),
        high: interval.high.and_then(|high| high.add(by)),
    }
}
