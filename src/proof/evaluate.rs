//! Whether a ground constraint holds, and what it leaves of one cell whose print is withheld.
//!
//! The rounding rules of the check language live here and in [`super::board`] alone: the lone side of an equation is a
//! rounding, at its own printed scale, of the exact value of the other side; `~=` lets the operands be rounded too.

use smallvec::SmallVec;

use super::board::{Board, Known};
use super::constraint::{Ground, Poly, Ratio, Term, Var};
use super::rational::Rational;
use crate::schema::check::Relation;
use crate::table::CheckStatus;

/// A closed interval; `None` is unbounded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Interval {
    pub(crate) low: Option<Rational>,
    pub(crate) high: Option<Rational>,
}

impl Interval {
    pub(crate) const ALL: Self = Self { low: None, high: None };

    #[inline]
    pub(crate) const fn point(value: Rational) -> Self {
        Self { low: Some(value), high: Some(value) }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        matches!((self.low, self.high), (Some(low), Some(high)) if low > high)
    }

    #[inline]
    pub(crate) fn meet(self, other: Self) -> Self {
        let low = match (self.low, other.low) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        let high = match (self.high, other.high) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { low, high }
    }

    #[inline]
    pub(crate) fn contains(&self, value: Rational) -> bool {
        self.low.is_none_or(|low| low <= value) && self.high.is_none_or(|high| value <= high)
    }

    /// Whether every number of `other` is inside.
    #[inline]
    pub(crate) fn covers(&self, other: Self) -> bool {
        let is_low = self.low.is_none_or(|own| other.low.is_some_and(|low| own <= low));
        is_low && self.high.is_none_or(|own| other.high.is_some_and(|high| high <= own))
    }

    /// The first and last multiples of `10^-scale` inside, as multiples; `None` where a side is open or overflows.
    pub(crate) fn grid(&self, scale: u8) -> Option<(i128, i128)> {
        let unit = Rational::integer(super::rational::power_of_ten(scale)?);
        Some((self.low?.mul(unit)?.ceil()?, self.high?.mul(unit)?.floor()))
    }
}

/// Why a constraint says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Untestable {
    /// An operand is lost or open.
    Unsettled,
    /// An operand is no number.
    Unusable,
    /// A zero denominator.
    Vacuous,
    /// A number does not fit.
    Overflow,
}

/// The value of a polynomial with the values of the board.
pub(crate) fn poly_value(board: &Board<'_, '_>, poly: &Poly) -> Result<Rational, Untestable> {
    let mut sum = Rational::ZERO;
    for term in &poly.terms {
        sum = sum.add(term_value(board, term)?).ok_or(Untestable::Overflow)?;
    }
    Ok(sum)
}

fn term_value(board: &Board<'_, '_>, term: &Term) -> Result<Rational, Untestable> {
    let mut value = term.coefficient;
    for &var in &term.vars {
        value = value.mul(var_value(board, var)?).ok_or(Untestable::Overflow)?;
    }
    Ok(value)
}

pub(crate) fn var_value(board: &Board<'_, '_>, var: Var) -> Result<Rational, Untestable> {
    match board.fact(var).known {
        Known::Number(value) => Ok(value),
        Known::Empty => Ok(Rational::ZERO),
        Known::Unknown => Err(Untestable::Unsettled),
        Known::Unusable => Err(Untestable::Unusable),
    }
}

/// The exact value of the side that is not alone.
pub(crate) fn ratio_value(board: &Board<'_, '_>, ratio: &Ratio) -> Result<Rational, Untestable> {
    let num = poly_value(board, &ratio.num)?;
    let Some(den) = &ratio.den else { return Ok(num) };
    let den = poly_value(board, den)?;
    if den.is_zero() { Err(Untestable::Vacuous) } else { num.div(den).ok_or(Untestable::Overflow) }
}

/// How far the exact value may lie from the lone print.
pub(crate) fn slack(board: &Board<'_, '_>, ground: &Ground) -> Option<Rational> {
    match (&ground.lone, ground.relation) {
        (Some(lone), Relation::Equal | Relation::About) => {
            let half = board.fact(lone.var).half_unit()?;
            if ground.truncates { half.add(half) } else { Some(half) }
        }
        _ => Some(Rational::ZERO),
    }
}

/// Tries a constraint whose operands are all settled.
pub(crate) fn evaluate(board: &Board<'_, '_>, ground: &Ground) -> Result<CheckStatus, Untestable> {
    let lone = ground.lone.map_or(Ok(Rational::ZERO), |lone| var_value(board, lone.var))?;
    let other = ratio_value(board, &ground.ratio)?;
    let slack = slack(board, ground).ok_or(Untestable::Overflow)?;
    let gap = lone.sub(other).ok_or(Untestable::Overflow)?;
    let holds = match ground.relation {
        Relation::Equal => gap.abs().ok_or(Untestable::Overflow)? <= slack,
        Relation::About => {
            return Ok(if about(board, ground)? { CheckStatus::Holds } else { CheckStatus::Fails });
        }
        Relation::AtMost => gap.signum() <= 0,
        Relation::AtLeast => gap.signum() >= 0,
        Relation::Below => gap.signum() < 0,
        Relation::Above => gap.signum() > 0,
    };
    if holds {
        return Ok(CheckStatus::Holds);
    }
    let rounded = ground.relation == Relation::Equal
        && ground.lone.is_some()
        && is_plausible(board, ground, gap)?
        && about(board, ground)?;
    Ok(if rounded { CheckStatus::HoldsRounded } else { CheckStatus::Fails })
}

/// Whether roundings of the operands explain the gap of an equation that states no rounding. That the intervals meet is
/// the bound of the worst case, in which all errors go one way: of many operands they never do. Errors are even between
/// minus and plus half a unit, so the square of their sum is a third of the sum of squared half units on average; three
/// standard deviations are allowed. Products and quotients have few operands and are left to their intervals.
fn is_plausible(board: &Board<'_, '_>, ground: &Ground, gap: Rational) -> Result<bool, Untestable> {
    let lone = ground.lone.map(|lone| (Rational::ONE, lone.var));
    let mut operands: SmallVec<[(Rational, Var); 8]> = lone.into_iter().collect();
    for term in &ground.ratio.num.terms {
        match term.vars.as_slice() {
            [] => {}
            [var] if ground.ratio.den.is_none() => operands.push((term.coefficient, *var)),
            _ => return Ok(true),
        }
    }
    let mut squares = Rational::ZERO;
    for (coefficient, var) in operands {
        let half = board.fact(var).half_unit().and_then(|half| half.mul(coefficient));
        let square = half.and_then(|half| half.mul(half)).ok_or(Untestable::Overflow)?;
        squares = squares.add(square).ok_or(Untestable::Overflow)?;
    }
    let allowed = squares.mul(Rational::integer(3)).ok_or(Untestable::Overflow)?;
    Ok(gap.mul(gap).ok_or(Untestable::Overflow)? <= allowed)
}

/// Whether the half-unit intervals of all operands meet.
fn about(board: &Board<'_, '_>, ground: &Ground) -> Result<bool, Untestable> {
    let lone = match ground.lone {
        Some(lone) => rounded_value(board, lone.var)?,
        None => Interval::point(Rational::ZERO),
    };
    let widen = slack(board, ground).ok_or(Untestable::Overflow)?;
    let num = poly_range(board, &ground.ratio.num)?;
    let range = match &ground.ratio.den {
        None => num,
        Some(den) => divide(num, poly_range(board, den)?).ok_or(Untestable::Vacuous)?,
    };
    let met = range.meet(if ground.truncates { widened(lone, widen)? } else { lone });
    Ok(!met.is_empty())
}

fn rounded_value(board: &Board<'_, '_>, var: Var) -> Result<Interval, Untestable> {
    let half = board.fact(var).half_unit().ok_or(Untestable::Overflow)?;
    widened(Interval::point(var_value(board, var)?), half)
}

fn widened(interval: Interval, by: Rational) -> Result<Interval, Untestable> {
    let low = interval.low.map(|low| low.sub(by).ok_or(Untestable::Overflow)).transpose()?;
    let high = interval.high.map(|high| high.add(by).ok_or(Untestable::Overflow)).transpose()?;
    Ok(Interval { low, high })
}

fn poly_range(board: &Board<'_, '_>, poly: &Poly) -> Result<Interval, Untestable> {
    let mut low = Rational::ZERO;
    let mut high = Rational::ZERO;
    for term in &poly.terms {
        let mut range = Interval::point(term.coefficient);
        for &var in &term.vars {
            range = multiply(range, rounded_value(board, var)?).ok_or(Untestable::Overflow)?;
        }
        low = low.add(range.low.ok_or(Untestable::Overflow)?).ok_or(Untestable::Overflow)?;
        high = high.add(range.high.ok_or(Untestable::Overflow)?).ok_or(Untestable::Overflow)?;
    }
    Ok(Interval { low: Some(low), high: Some(high) })
}

/// The product of two bounded intervals; `None` where one is unbounded or it does not fit.
pub(crate) fn multiply(a: Interval, b: Interval) -> Option<Interval> {
    let corners = [a.low?.mul(b.low?)?, a.low?.mul(b.high?)?, a.high?.mul(b.low?)?, a.high?.mul(b.high?)?];
    Some(Interval { low: corners.into_iter().min(), high: corners.into_iter().max() })
}

/// The quotient of a bounded interval; `None` where the divisor may be zero or it does not fit. A divisor that is open
/// on the far side comes as near to infinity as it likes, so its inverse reaches 0.
pub(crate) fn divide(a: Interval, b: Interval) -> Option<Interval> {
    let is_apart = b.low.is_some_and(|low| low.signum() > 0) || b.high.is_some_and(|high| high.signum() < 0);
    if !is_apart {
        return None;
    }
    let inverse = |end: Option<Rational>| end.map_or(Some(Rational::ZERO), |end| Rational::ONE.div(end));
    multiply(a, Interval { low: Some(inverse(b.high)?), high: Some(inverse(b.low)?) })
}

/// A polynomial as a function of one variable: `constant + slope * x`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) constant: Rational,
    pub(crate) slope: Rational,
}

/// What `lone = num / den` leaves of `x`, with `lone` inside `target`.
///
/// `den` may change its sign over the values of `x`: both signs are solved, a zero denominator allows everything and
/// is given as a point of its own. The result covers every solution.
pub(crate) fn solve_quotient(num: Line, den: Line, target: Interval) -> Option<Vec<Interval>> {
    let mut found = Vec::new();
    for positive in [true, false] {
        let sign = |line: Line| if positive { Some(line) } else { negated(line) };
        let (num, den) = (sign(num)?, sign(den)?);
        let mut range = at_least_zero(den)?;
        if let Some(high) = target.high {
            range = range.meet(at_least_zero(minus(scaled(den, high)?, num)?)?);
        }
        if let Some(low) = target.low {
            range = range.meet(at_least_zero(minus(num, scaled(den, low)?)?)?);
        }
        if !(range.is_empty() || den.slope.is_zero() && den.constant.is_zero()) {
            found.push(range);
        }
    }
    if den.slope.is_zero() {
        return (!den.constant.is_zero()).then_some(found);
    }
    found.push(Interval::point(den.constant.neg()?.div(den.slope)?));
    Some(found)
}

fn negated(line: Line) -> Option<Line> {
    Some(Line { constant: line.constant.neg()?, slope: line.slope.neg()? })
}

fn scaled(line: Line, by: Rational) -> Option<Line> {
    Some(Line { constant: line.constant.mul(by)?, slope: line.slope.mul(by)? })
}

fn minus(a: Line, b: Line) -> Option<Line> {
    Some(Line { constant: a.constant.sub(b.constant)?, slope: a.slope.sub(b.slope)? })
}

/// Where a line is not negative.
fn at_least_zero(line: Line) -> Option<Interval> {
    match line.slope.signum() {
        0 if line.constant.signum() >= 0 => Some(Interval::ALL),
        0 => Some(Interval { low: Some(Rational::ONE), high: Some(Rational::ZERO) }),
        sign => {
            let root = line.constant.neg()?.div(line.slope)?;
            Some(if sign > 0 {
                Interval { low: Some(root), high: None }
            } else {
                Interval { low: None, high: Some(root) }
            })
        }
    }
}
