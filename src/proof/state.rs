//! What is left of a component: ranges, lattices, live options, and the hulls that follow from them.

use smallvec::SmallVec;

use super::bounds::{Bound, Bounds, Range, Span};
use super::evaluate::Interval;
use super::lattice::Lattice;
use super::problem::{Link, Placed, Problem, Put};
use super::propagate::Changed;
use super::rational::Rational;
use super::units::{Units, Word};

/// What is left of all variables.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// Of every variable: its unprinted value, and the hull of its alternatives.
    pub(crate) bounds: Bounds,
    pub(crate) lattices: Vec<Lattice>,
    /// Live options of every choice among readings.
    pub(crate) options: Vec<u64>,
}

/// Live alternatives of a variable, each with its value; none where it is any of several. Most are alone.
pub(crate) type Live = SmallVec<[(Alternative, Option<Rational>); 1]>;

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
        let options = problem.options.iter().map(|site| match site.puts.len() {
            64.. => u64::MAX,
            count => (1u64 << count) - 1,
        });
        let mut state =
            Self { bounds: Bounds::new(problem), lattices: problem.lattices(), options: options.collect() };
        for var in 0..problem.vars.len() {
            state.refresh(problem, var);
        }
        state
    }

    /// The live alternatives of a variable.
    pub(crate) fn alternatives(&self, problem: &Problem, var: usize) -> SmallVec<[Alternative; 8]> {
        let mut found = SmallVec::new();
        self.for_names(problem, var, &mut |name| found.push(name));
        found
    }

    /// The same with what they put into it, and their half units.
    pub(crate) fn live(
        &self,
        problem: &Problem,
        var: usize,
    ) -> SmallVec<[(Alternative, Interval, Rational); 4]> {
        let grid = problem.grid;
        let mut found = SmallVec::new();
        match problem.vars[var].placed {
            Placed::Whole(_) => self.for_alternatives::<Span>(problem, var, &mut |name, span, half| {
                let half = Rational::new(i128::from(half), grid).unwrap_or(Rational::ONE);
                found.push((name, span.interval(grid), half));
            }),
            Placed::Exact(_) => {
                self.for_alternatives::<Interval>(problem, var, &mut |name, interval, half| {
                    found.push((name, interval, half));
                })
            }
        }
        found
    }

    /// The live alternatives of a variable with their values; none where it is any of several.
    pub(crate) fn live_values(&self, problem: &Problem, var: usize) -> Live {
        let grid = problem.grid;
        let mut found = SmallVec::new();
        match problem.vars[var].placed {
            Placed::Whole(_) => self.for_alternatives::<Span>(problem, var, &mut |name, span, _| {
                let point = Some(span.low).filter(|_| span.low == span.high);
                found.push((name, point.and_then(|units| Rational::new(i128::from(units), grid))));
            }),
            Placed::Exact(_) => self.for_alternatives::<Interval>(problem, var, &mut |name, interval, _| {
                found.push((name, interval.low.filter(|_| interval.low == interval.high)));
            }),
        }
        found
    }

    /// Shows every live alternative of a variable.
    #[inline]
    fn for_names(&self, problem: &Problem, var: usize, see: &mut impl FnMut(Alternative)) {
        match problem.vars[var].link {
            Link::Free | Link::Constant | Link::Open => see(Alternative::Lost),
            Link::Placement { placement, row } => {
                let lattice = &self.lattices[placement];
                lattice.tokens_at(row).for_each(|token| see(Alternative::Token(token)));
                if lattice.can_skip(row) {
                    see(Alternative::Lost);
                }
            }
            Link::Options { choice, .. } => {
                let options = 0..problem.options[choice].puts.len();
                let is_live = |option: &usize| self.options[choice] >> option & 1 == 1;
                options.filter(is_live).for_each(|option| see(Alternative::Option(option)));
            }
        }
    }

    /// The same with what it puts there and its half unit.
    #[inline]
    fn for_alternatives<R: Range>(
        &self,
        problem: &Problem,
        var: usize,
        see: &mut impl FnMut(Alternative, R, R::Half),
    ) {
        let range = R::bound(&self.bounds, problem, var).range;
        let half = R::half(problem, var);
        let variable = &problem.vars[var];
        self.for_names(problem, var, &mut |name| {
            let (span, half) = match (variable.link, name) {
                (Link::Free | Link::Constant, _) => (range, half),
                (Link::Placement { placement, .. }, Alternative::Token(token)) => {
                    problem.placements[placement].tokens[token]
                        .as_ref()
                        .map_or_else(|| R::any(problem), R::of)
                }
                (Link::Placement { .. }, _) => (range, half),
                (Link::Options { choice, place }, Alternative::Option(option)) => {
                    match problem.put(choice, option, place) {
                        Put::Value(printed) => R::of(printed),
                        Put::Lost => (range, half),
                        Put::Text => R::any(problem),
                    }
                }
                _ => R::any(problem),
            };
            see(name, span, half);
        });
    }

    /// The number of live alternatives of a variable.
    pub(crate) fn count(&self, problem: &Problem, var: usize) -> usize {
        match problem.vars[var].link {
            Link::Free | Link::Constant | Link::Open => 1,
            Link::Placement { placement, row } => {
                let lattice = &self.lattices[placement];
                lattice.count_at(row) + usize::from(lattice.can_skip(row))
            }
            Link::Options { choice, .. } => {
                let all = u64::MAX >> (64 - problem.options[choice].puts.len().clamp(1, 64));
                (self.options[choice] & all).count_ones() as usize
            }
        }
    }

    #[inline]
    pub(crate) fn hull(&self, problem: &Problem, var: usize) -> Interval {
        self.bounds.hull(problem, var)
    }

    /// The hull in units of the grid; `None` where it is not over the grid, or does not fit.
    #[inline]
    pub(super) fn units<W: Word>(&self, problem: &Problem, var: usize) -> Option<Units<W>> {
        self.bounds.units(problem, var)
    }

    /// Renews the hull of a variable; whether it is another one.
    pub(crate) fn refresh(&mut self, problem: &Problem, var: usize) -> bool {
        match problem.vars[var].placed {
            Placed::Whole(_) => self.refresh_bound::<Span>(problem, var),
            Placed::Exact(_) => self.refresh_bound::<Interval>(problem, var),
        }
    }

    fn refresh_bound<R: Range>(&mut self, problem: &Problem, var: usize) -> bool {
        let bound = R::bound(&self.bounds, problem, var);
        let mut fresh: Option<(R, R::Half)> = None;
        self.for_alternatives::<R>(problem, var, &mut |_, range, half| {
            fresh = Some(match fresh {
                None => (range, half),
                Some((hull, widest)) => (hull.union(range), widest.max(half)),
            });
        });
        let (hull, half) = fresh.unwrap_or_else(|| R::any(problem));
        let is_changed = hull != bound.hull || half != bound.half;
        R::set(&mut self.bounds, problem, var, Bound { hull, half, ..bound });
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
        self.settle_choice(problem, var, &mut Changed::new())
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
            (Link::Options { choice, .. }, Alternative::Option(option)) => {
                self.options[choice] &= !(1 << option)
            }
            (Link::Open, _) => {}
            _ => return Err(Stop::Refuted),
        }
        Ok(())
    }

    /// Removes several alternatives at once. Adds the variables that changed to `changed`.
    pub(crate) fn forbid_all(
        &mut self,
        problem: &Problem,
        var: usize,
        alternatives: impl IntoIterator<Item = Alternative>,
        changed: &mut Changed,
    ) -> Result<(), Stop> {
        let mut is_struck = false;
        for alternative in alternatives {
            self.strike(problem, var, alternative)?;
            is_struck = true;
        }
        if is_struck { self.settle_choice(problem, var, changed) } else { Ok(()) }
    }

    /// Keeps one alternative alone.
    pub(crate) fn assume(
        &mut self,
        problem: &Problem,
        var: usize,
        alternative: Alternative,
    ) -> Result<(), Stop> {
        let others = self.alternatives(problem, var).into_iter().filter(|&other| other != alternative);
        self.forbid_all(problem, var, others, &mut Changed::new())
    }

    /// Keeps the unprinted value of a variable inside `interval`.
    pub(crate) fn confine(&mut self, problem: &Problem, var: usize, interval: Interval) -> Result<(), Stop> {
        self.narrow(problem, var, interval, false, &mut Changed::new())
    }

    /// After the choice of `var` changed: dead edges go, hulls of all its cells are renewed.
    fn settle_choice(&mut self, problem: &Problem, var: usize, changed: &mut Changed) -> Result<(), Stop> {
        let cells = match problem.vars[var].link {
            Link::Placement { placement, .. } => {
                if !self.lattices[placement].prune() {
                    return Err(Stop::Refuted);
                }
                &problem.placements[placement].cells
            }
            Link::Options { choice, .. } => {
                if self.options[choice] == 0 {
                    return Err(Stop::Refuted);
                }
                &problem.options[choice].cells
            }
            _ => return Ok(()),
        };
        for &cell in cells {
            if self.refresh(problem, cell) {
                changed.push(cell);
            }
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
        match problem.vars[var].placed {
            // All that may stand in the cell is over the grid, and so are its roundings.
            Placed::Whole(_) => {
                self.narrow_range(problem, var, Span::inside(base, problem.grid), is_lone, changed)
            }
            Placed::Exact(_) => self.narrow_range(problem, var, base, is_lone, changed),
        }
    }

    /// The same by whole units of the grid.
    #[inline]
    pub(super) fn narrow_units(
        &mut self,
        problem: &Problem,
        var: usize,
        base: Span,
        is_lone: bool,
        changed: &mut Changed,
    ) -> Result<(), Stop> {
        match problem.vars[var].placed {
            Placed::Whole(_) => self.narrow_range(problem, var, base, is_lone, changed),
            Placed::Exact(_) => {
                self.narrow_range(problem, var, base.interval(problem.grid), is_lone, changed)
            }
        }
    }

    fn narrow_range<R: Range>(
        &mut self,
        problem: &Problem,
        var: usize,
        base: R,
        is_lone: bool,
        changed: &mut Changed,
    ) -> Result<(), Stop> {
        let link = problem.vars[var].link;
        let bound = R::bound(&self.bounds, problem, var);
        if link == Link::Open || base.covers(bound.hull) {
            return Ok(());
        }
        if matches!(link, Link::Free | Link::Constant) {
            return self.narrow_free(problem, var, base, is_lone, changed);
        }
        let mut dead: SmallVec<[Alternative; 8]> = SmallVec::new();
        let mut range = bound.range;
        self.for_alternatives::<R>(problem, var, &mut |alternative, own, half| {
            let allowed = if is_lone { base.widened(half) } else { base };
            let is_lost = match (link, alternative) {
                (_, Alternative::Lost) => true,
                (Link::Options { choice, place }, Alternative::Option(option)) => {
                    matches!(problem.put(choice, option, place), Put::Lost)
                }
                _ => false,
            };
            let met = own.meet(allowed);
            if is_lost {
                range = met.on_grid(problem, var);
                if range.is_empty() {
                    dead.push(alternative);
                }
            } else if met.is_empty() {
                dead.push(alternative);
            }
        });
        if dead.is_empty() && range == bound.range {
            return Ok(());
        }
        if !range.is_empty() {
            R::set(&mut self.bounds, problem, var, Bound { range, ..bound });
        }
        if dead.is_empty() {
            // The range of one unprinted value changes no other cell.
            if self.refresh_bound::<R>(problem, var) {
                changed.push(var);
            }
            return Ok(());
        }
        self.forbid_all(problem, var, dead, changed)
    }

    /// The same for a variable that no choice touches: its range is its hull.
    fn narrow_free<R: Range>(
        &mut self,
        problem: &Problem,
        var: usize,
        base: R,
        is_lone: bool,
        changed: &mut Changed,
    ) -> Result<(), Stop> {
        let half = R::half(problem, var);
        let allowed = if is_lone { base.widened(half) } else { base };
        let before = R::bound(&self.bounds, problem, var).range;
        if allowed.covers(before) {
            return Ok(());
        }
        let range = before.meet(allowed).on_grid(problem, var);
        if range.is_empty() {
            return Err(Stop::Refuted);
        }
        if range != before {
            R::set(&mut self.bounds, problem, var, Bound { range, hull: range, half });
            changed.push(var);
        }
        Ok(())
    }

    /// Whether every choice has one alternative left.
    pub(crate) fn is_decided(&self, problem: &Problem, var: usize) -> bool {
        self.count(problem, var) <= 1
    }
}
