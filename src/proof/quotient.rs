//! `lone = sum / sum` narrowed in whole units of the component's grid.
//!
//! A quotient by a constant that nobody prints is most of what the checks of shares ask: the bounds of a constant stand on
//! no grid, so they are kept as fractions, and all else stays whole.

use super::evaluate::Interval;
use super::plain::narrow_row;
use super::problem::{Link, Problem};
use super::propagate::Changed;
use super::rational::Rational;
use super::state::{State, Stop};
use super::units::{Fraction, Units, WholeGround, WholeLone, WholeProduct, WholeSum, multiplied, narrow_to};

/// Narrows the cells of a quotient; `None` where that takes rationals. What was narrowed by then stays.
#[inline(never)]
pub(super) fn narrow_quotient(
    problem: &Problem,
    state: &mut State,
    ground: &WholeGround,
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    let den = ground.den.as_ref()?;
    match bare_constant(problem, den).and_then(|constant| Share::of(problem, ground, constant)) {
        Some(share) => share.narrow(state, changed),
        None => narrow_sums(problem, state, ground, den, changed),
    }
}

/// The constant by which a quotient divides, if by nothing else.
#[inline]
fn bare_constant(problem: &Problem, den: &WholeSum) -> Option<usize> {
    let [(var, 1)] = *den.terms.as_slice() else { return None };
    (den.constant == 0 && problem.vars[var].link == Link::Constant).then_some(var)
}

fn narrow_sums(
    problem: &Problem,
    state: &mut State,
    ground: &WholeGround,
    den: &WholeSum,
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    let grid = problem.grid;
    let (num_range, den_range) =
        (ground.num.range::<i128>(problem, state)?.whole(), den.range::<i128>(problem, state)?.whole());
    match den_range.sign() {
        1 => {}
        // What may be 0 divides nothing: it says no more of any cell. The sign of a multiple of a constant may still follow.
        0 if !reads_constant(problem, den) => return Some(Ok(())),
        _ => return None,
    }
    if let WholeLone::Variable(lone) = ground.lone {
        let ends = [den_range.low(), den_range.high()].map(|end| end.map(|end| (end, grid)));
        if let Err(stop) = narrow_lone(problem, state, lone, (num_range, ends), changed)? {
            return Some(Err(stop));
        }
    }
    let allowed = allowed(problem, state, ground)?;
    let whole = num_range.times(grid)?;
    for (bound, is_low) in [(allowed.low(), true), (allowed.high(), false)] {
        let Some(bound) = bound else { continue };
        // What numerator and denominator leave by themselves is never less than what their cells leave together.
        let gap = whole.less(den_range.times(bound)?)?;
        if Units::point(0).only(is_low, !is_low).covers(gap) {
            continue;
        }
        // Multiplied out: the numerator less the denominator times the bound.
        let shift = multiplied(ground.num.constant.into(), grid)?
            .checked_sub(multiplied(den.constant.into(), bound)?)?
            .checked_neg()?;
        let coefficient = |product: &WholeProduct| {
            multiplied(product.num.into(), grid)?.checked_sub(multiplied(product.den.into(), bound)?)
        };
        let target = Units::point(shift).only(is_low, !is_low);
        match narrow_row(problem, state, (&ground.products, &[]), coefficient, target, changed)? {
            Ok(()) => {}
            refuted => return Some(refuted),
        }
    }
    Some(Ok(()))
}

fn reads_constant(problem: &Problem, den: &WholeSum) -> bool {
    den.terms.iter().any(|&(var, _)| problem.vars[var].link == Link::Constant)
}

/// What the lone side may be, its rounding included.
fn allowed(problem: &Problem, state: &State, ground: &WholeGround) -> Option<Units> {
    Some(match ground.lone {
        WholeLone::Value(value) => Units::point(value.into()).widened(ground.slack.into())?,
        WholeLone::Variable(var) => {
            state.units::<i128>(problem, var)?.widened(state.bounds.half_units(problem, var)?.into())?
        }
    })
}

/// Narrows the lone cell by the quotients of a numerator and a denominator above 0, the ends of which are fractions of 1.
/// Where the numerator has an open end, any quotient may be.
fn narrow_lone(
    problem: &Problem,
    state: &mut State,
    lone: usize,
    (num, [den_low, den_high]): (Units, [Option<Fraction>; 2]),
    changed: &mut Changed,
) -> Option<Result<(), Stop>> {
    let (Some(least), Some(most)) = (num.low(), num.high()) else { return Some(Ok(())) };
    // A denominator without end brings the quotient as near to 0 as it likes.
    let over = |num: i128, den: Option<Fraction>| match den {
        None => Some((0, 1)),
        Some((above, below)) => Some((multiplied(num, below)?, above)),
    };
    let low = over(least, if least >= 0 { den_high } else { den_low })?;
    let high = over(most, if most >= 0 { den_low } else { den_high })?;
    let known: Units = state.units(problem, lone)?;
    let is_low = match known.low() {
        Some(own) => low.0 <= multiplied(own, low.1)?,
        None => false,
    };
    let is_high = match known.high() {
        Some(own) => multiplied(own, high.1)? <= high.0,
        None => false,
    };
    if is_low && is_high {
        return Some(Ok(()));
    }
    narrow_to(problem, state, lone, [Some(low), Some(high)], true, changed)
}

/// `lone = cell / constant`, or a number divided by one.
struct Share<'p> {
    problem: &'p Problem,
    ground: &'p WholeGround,
    cell: Option<usize>,
    constant: usize,
}

impl<'p> Share<'p> {
    /// `None` where the numerator is anything else, or the constant stands in it.
    fn of(problem: &'p Problem, ground: &'p WholeGround, constant: usize) -> Option<Self> {
        let cell = match *ground.num.terms.as_slice() {
            [] => None,
            [(cell, 1)] if ground.num.constant == 0 => Some(cell),
            _ => return None,
        };
        let is_lone = |var: usize| matches!(ground.lone, WholeLone::Variable(lone) if lone == var);
        let is_apart = cell != Some(constant) && !is_lone(constant) && !cell.is_some_and(is_lone);
        is_apart.then_some(Self { problem, ground, cell, constant })
    }

    fn narrow(&self, state: &mut State, changed: &mut Changed) -> Option<Result<(), Stop>> {
        let num = self.num(state)?;
        let [low, high] = self.ends(state);
        let is_positive = low.is_some_and(|low| low.0 > 0);
        if high.is_some_and(|high| high.0 < 0) {
            return None;
        }
        if let (WholeLone::Variable(lone), true) = (self.ground.lone, is_positive)
            && let Err(stop) = narrow_lone(self.problem, state, lone, (num, [low, high]), changed)?
        {
            return Some(Err(stop));
        }
        let allowed = allowed(self.problem, state, self.ground)?;
        // Nobody divides by a constant of 0, so its sign follows from the signs of the quotient and of what is divided.
        match if is_positive { 1 } else { num.sign() * allowed.sign() } {
            1 => {}
            0 => return Some(Ok(())),
            _ => return None,
        }
        for (bound, is_low) in [(allowed.low(), true), (allowed.high(), false)] {
            if let Some(bound) = bound
                && let Err(stop) = self.narrow_row(state, bound, is_low, changed)?
            {
                return Some(Err(stop));
            }
        }
        Some(Ok(()))
    }

    /// Narrows by `num >= bound * constant`, or by `<=`.
    fn narrow_row(
        &self,
        state: &mut State,
        bound: i128,
        is_low: bool,
        changed: &mut Changed,
    ) -> Option<Result<(), Stop>> {
        let num = self.num(state)?;
        let [low, high] = self.product_ends(state, bound)?;
        // Where `num` has to be at least the product: the ends that tell whether it can be, and whether it is in any case.
        let (near, far, least, most) =
            if is_low { (num.high(), num.low(), low, high) } else { (num.low(), num.high(), high, low) };
        let is_beyond = |end: Option<i128>, product: Option<Fraction>, is_strict: bool| {
            let (Some(end), Some((above, below))) = (end, product) else { return Some(false) };
            let end = multiplied(end, below)?;
            let order = if is_low { above.cmp(&end) } else { end.cmp(&above) };
            Some(if is_strict { order.is_gt() } else { order.is_le() })
        };
        if is_beyond(near, least, true)? {
            return Some(Err(Stop::Refuted));
        }
        if is_beyond(far, most, false)? {
            return Some(Ok(()));
        }
        let cell = self.cell.filter(|_| least.is_some());
        let constant = near.filter(|_| bound != 0).map(|near| {
            let end = Rational::new(near, bound);
            match is_low == (bound < 0) {
                true => Interval { low: end, high: None },
                false => Interval { low: None, high: end },
            }
        });
        let is_first = self.cell.is_some_and(|cell| cell < self.constant);
        for is_cell in [is_first, !is_first] {
            let narrowed = match (cell, constant) {
                (Some(cell), _) if is_cell => {
                    let ends = if is_low { [least, None] } else { [None, least] };
                    narrow_to(self.problem, state, cell, ends, false, changed)?
                }
                (_, Some(left)) if !is_cell => {
                    state.narrow(self.problem, self.constant, left, false, changed)
                }
                _ => Ok(()),
            };
            if narrowed.is_err() {
                return Some(narrowed);
            }
        }
        Some(Ok(()))
    }

    fn num(&self, state: &State) -> Option<Units> {
        match self.cell {
            Some(cell) => state.units(self.problem, cell),
            None => Some(Units::point(self.ground.num.constant.into())),
        }
    }

    /// The bounds of the constant.
    fn ends(&self, state: &State) -> [Option<Fraction>; 2] {
        let range = state.hull(self.problem, self.constant);
        [range.low, range.high].map(|end| end.map(Rational::parts))
    }

    /// The bounds of the constant times `bound`, in units of the grid.
    fn product_ends(&self, state: &State, bound: i128) -> Option<[Option<Fraction>; 2]> {
        if bound == 0 {
            return Some([Some((0, 1)); 2]);
        }
        let [low, high] = self.ends(state);
        let times = |end: Option<Fraction>| match end {
            None => Some(None),
            Some((above, below)) => Some(Some((multiplied(above, bound)?, below))),
        };
        let (low, high) = (times(low)?, times(high)?);
        Some(if bound < 0 { [high, low] } else { [low, high] })
    }
}
