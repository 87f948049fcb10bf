//! What is left of a component: ranges, lattices, live options, and the hulls that follow from them.

use smallvec::SmallVec;

use super::evaluate::Interval;
use super::lattice::Lattice;
use super::problem::{Link, Problem, Put};
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
        let ranges = problem.vars.iter().map(|variable| on_grid(variable.domain, grid_of(problem, variable)));
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
        let Some(variable) = problem.vars.get(var) else { return found };
        let lost = (Alternative::Lost, self.ranges[var], variable.half);
        match variable.link {
            Link::Free | Link::Constant => found.push(lost),
            Link::Open => found.push((Alternative::Lost, Interval::ALL, Rational::ONE)),
            Link::Placement { placement, row } => {
                let lattice = &self.lattices[placement];
                for token in lattice.tokens_at(row) {
                    let content = problem.placements[placement].tokens[token];
                    found.push(match content {
                        Some((fact, value)) => {
                            let half = fact.half_unit().unwrap_or(Rational::ONE);
                            (Alternative::Token(token), Interval::point(value), half)
                        }
                        None => (Alternative::Token(token), Interval::ALL, Rational::ONE),
                    });
                }
                if lattice.can_skip(row) {
                    found.push(lost);
                }
            }
            Link::Options { choice } => {
                for option in 0..problem.options[choice].puts.len() {
                    if self.options[choice] >> option & 1 == 0 {
                        continue;
                    }
                    let name = Alternative::Option(option);
                    found.push(match problem.put(choice, option, var) {
                        Put::Value(fact, value) => {
                            (name, Interval::point(value), fact.half_unit().unwrap_or(Rational::ONE))
                        }
                        Put::Lost => (name, self.ranges[var], variable.half),
                        Put::Text => (name, Interval::ALL, Rational::ONE),
                    });
                }
            }
        }
        found
    }

    pub(crate) fn hull(&self, var: usize) -> Interval {
        self.hulls[var].0
    }

    pub(crate) fn refresh(&mut self, problem: &Problem, var: usize) -> bool {
        let mut hull: Option<Interval> = None;
        let mut half = Rational::ZERO;
        for (_, interval, unit) in self.alternatives(problem, var) {
            half = half.max(unit);
            hull = Some(hull.map_or(interval, |hull| Interval {
                low: hull.low.zip(interval.low).map(|(a, b)| a.min(b)),
                high: hull.high.zip(interval.high).map(|(a, b)| a.max(b)),
            }));
        }
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
        self.narrow(problem, var, interval, false).map(|_| ())
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

    /// Meets every alternative of `var` with `base`, widened by its half unit if it is the lone side. Returns the
    /// variables that changed.
    pub(crate) fn narrow(
        &mut self,
        problem: &Problem,
        var: usize,
        base: Interval,
        is_lone: bool,
    ) -> Result<Vec<usize>, Stop> {
        let variable = &problem.vars[var];
        if variable.link == Link::Open || base == Interval::ALL {
            return Ok(Vec::new());
        }
        if matches!(variable.link, Link::Free | Link::Constant) {
            return self.narrow_free(problem, var, base, is_lone);
        }
        let mut dead: SmallVec<[Alternative; 4]> = SmallVec::new();
        let mut range = self.ranges[var];
        for (alternative, interval, half) in self.alternatives(problem, var) {
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
                range = on_grid(met, grid_of(problem, variable));
                if range.is_empty() {
                    dead.push(alternative);
                }
            } else if met.is_empty() {
                dead.push(alternative);
            }
        }
        if dead.is_empty() && range == self.ranges[var] {
            return Ok(Vec::new());
        }
        let before: Vec<(usize, (Interval, Rational))> = self.linked(problem, var);
        if !range.is_empty() {
            self.ranges[var] = range;
        }
        self.forbid_all(problem, var, dead)?;
        self.refresh(problem, var);
        Ok(before
            .into_iter()
            .filter(|(cell, hull)| self.hulls[*cell] != *hull)
            .map(|(cell, _)| cell)
            .collect())
    }

    /// The same for a variable that no choice touches: its range is its hull.
    fn narrow_free(
        &mut self,
        problem: &Problem,
        var: usize,
        base: Interval,
        is_lone: bool,
    ) -> Result<Vec<usize>, Stop> {
        let variable = &problem.vars[var];
        let allowed = if is_lone { widened(base, variable.half) } else { base };
        let before = self.ranges[var];
        let met = before.meet(allowed);
        let range = if met == before { before } else { on_grid(met, grid_of(problem, variable)) };
        if range.is_empty() {
            return Err(Stop::Refuted);
        }
        if range == before {
            return Ok(Vec::new());
        }
        self.ranges[var] = range;
        self.hulls[var] = (range, variable.half);
        Ok(vec![var])
    }

    /// The cells that change together with `var`, with their hulls.
    pub(crate) fn linked(&self, problem: &Problem, var: usize) -> Vec<(usize, (Interval, Rational))> {
        let cells = match problem.vars[var].link {
            Link::Placement { placement, .. } => problem.placements[placement].cells.clone(),
            Link::Options { choice } => problem.options[choice].cells.clone(),
            _ => vec![var],
        };
        cells.into_iter().map(|cell| (cell, self.hulls[cell])).collect()
    }

    /// Whether every choice has one alternative left.
    pub(crate) fn is_decided(&self, problem: &Problem, var: usize) -> bool {
        self.alternatives(problem, var).len() <= 1
    }
}

/// The grid of an unprinted value; constants have none.
fn grid_of(_: &Problem, variable: &super::problem::Variable) -> Option<u8> {
    (variable.link != Link::Constant).then_some(variable.scale)
}

/// The bounds moved inwards to the grid.
pub(crate) fn on_grid(interval: Interval, scale: Option<u8>) -> Interval {
    let Some(unit) = scale.and_then(power_of_ten) else { return interval };
    let factor = Rational::integer(unit);
    let raised = |low: Rational| Rational::new(low.mul(factor)?.ceil()?, unit);
    let lowered = |high: Rational| Rational::new(high.mul(factor)?.floor(), unit);
    let low = interval.low.map(|low| if low.is_over(unit) { low } else { raised(low).unwrap_or(low) });
    let high =
        interval.high.map(|high| if high.is_over(unit) { high } else { lowered(high).unwrap_or(high) });
    Interval { low, high }
}

/// The interval moved outwards; an end that does not fit is open.
pub(crate) fn widened(interval: Interval, by: Rational) -> Interval {
    Interval {
        low: interval.low.and_then(|low| low.sub(by)),
        high: interval.high.and_then(|high| high.add(by)),
    }
}
