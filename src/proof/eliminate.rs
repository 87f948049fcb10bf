//! Elimination over the exact equations of a component.
//!
//! An equation is exact where its lone side stands on a grid that holds every value the other side can take, so that no
//! rounding is left. Gauss-Jordan over exact rationals; a row with one variable left fixes it, a row with none and a
//! constant refutes. Cubic in the equations, which are few: [`MAX_ROWS`].

use smallvec::SmallVec;

use super::evaluate::Interval;
use super::local::{LocalGround, LocalLone};
use super::problem::{Link, Problem};
use super::rational::{Rational, power_of_ten};
use super::state::{State, Stop};
use crate::budget::Budget;
use crate::schema::check::Relation;

/// Larger systems are left to bounds and search.
const MAX_ROWS: usize = 96;

/// Coefficients by variable, and the constant: their sum is 0.
struct Row {
    coefficients: Vec<Rational>,
    constant: Rational,
}

/// Fixes what the exact equations fix. Returns the variables that changed.
pub(crate) fn eliminate(
    problem: &Problem,
    state: &mut State,
    active: &[bool],
    budget: &mut Budget,
) -> Result<Vec<usize>, Stop> {
    let count = problem.vars.len();
    let members = problem.grounds.iter().enumerate().filter(|(ground, _)| active[*ground]);
    let mut open: SmallVec<[OpenRow; 4]> = SmallVec::new();
    for row in members.filter_map(|(_, local)| open_row(problem, state, local)) {
        match row.terms.is_empty() {
            false => open.push(row),
            true if row.constant.is_zero() => {}
            true => return Err(Stop::Refuted),
        }
    }
    if open.len() < 2 || open.len() > MAX_ROWS || count > 2 * MAX_ROWS {
        return Ok(Vec::new());
    }
    let mut rows: Vec<Row> = open.into_iter().filter_map(|row| row.dense(count)).collect();
    let mut done = 0;
    for var in 0..count {
        let Some(pivot) = (done..rows.len()).find(|&row| !rows[row].coefficients[var].is_zero()) else {
            continue;
        };
        if !budget.spend(rows.len() as u64) {
            return Err(Stop::Spent);
        }
        rows.swap(done, pivot);
        // A number that does not fit ends the elimination; what was found stays sound, so nothing is lost but strength.
        if clear(&mut rows, done, var).is_none() {
            return Ok(Vec::new());
        }
        done += 1;
    }
    let mut changed = Vec::new();
    for row in &rows {
        let mut filled = (0..count).filter(|&var| !row.coefficients[var].is_zero());
        match (filled.next(), filled.next()) {
            (None, _) if !row.constant.is_zero() => return Err(Stop::Refuted),
            (Some(var), None) => {
                let value = row.constant.neg().and_then(|constant| constant.div(row.coefficients[var]));
                let Some(value) = value else { continue };
                let hull = state.hull(problem, var);
                if hull.low != hull.high || hull.low.is_none() {
                    state.confine(problem, var, Interval::point(value))?;
                    changed.push(var);
                }
            }
            _ => {}
        }
    }
    Ok(changed)
}

/// Divides row `done` by its coefficient of `var` and takes it out of all other rows.
fn clear(rows: &mut [Row], done: usize, var: usize) -> Option<()> {
    let inverse = Rational::ONE.div(rows[done].coefficients[var])?;
    let pivot = Row {
        coefficients: rows[done].coefficients.iter().map(|c| c.mul(inverse)).collect::<Option<_>>()?,
        constant: rows[done].constant.mul(inverse)?,
    };
    for (index, row) in rows.iter_mut().enumerate() {
        let factor = row.coefficients[var];
        if index == done || factor.is_zero() {
            continue;
        }
        for (own, other) in row.coefficients.iter_mut().zip(&pivot.coefficients) {
            if !other.is_zero() {
                *own = own.sub(other.mul(factor)?)?.reduced();
            }
        }
        row.constant = row.constant.sub(pivot.constant.mul(factor)?)?.reduced();
    }
    rows[done] = pivot;
    Some(())
}

/// An exact equation, settled variables folded into its constant.
struct OpenRow {
    /// A variable may stand in several.
    terms: SmallVec<[(usize, Rational); 4]>,
    constant: Rational,
}

impl OpenRow {
    /// `None` where a sum does not fit.
    fn dense(self, count: usize) -> Option<Row> {
        let mut coefficients = vec![Rational::ZERO; count];
        for (var, coefficient) in self.terms {
            coefficients[var] = coefficients[var].add(coefficient)?;
        }
        Some(Row { coefficients, constant: self.constant })
    }
}

/// The constraint as an exact row; `None` where it is not exact, or a sum does not fit.
fn open_row(problem: &Problem, state: &State, local: &LocalGround) -> Option<OpenRow> {
    if !local.is_exact(|local| is_exact(problem, local)) {
        return None;
    }
    let mut row = OpenRow { terms: SmallVec::new(), constant: local.num.constant };
    let mut add = |var: usize, coefficient: Rational| {
        match state.bounds.is_point(problem, var).then(|| state.hull(problem, var).low).flatten() {
            Some(value) => row.constant = row.constant.add(value.mul(coefficient)?)?,
            None => row.terms.push((var, coefficient)),
        }
        Some(())
    };
    for (coefficient, vars) in &local.num.terms {
        add(*vars.first()?, *coefficient)?;
    }
    match local.lone {
        LocalLone::Value(value) => row.constant = row.constant.sub(value)?,
        LocalLone::Variable(var) => add(var, Rational::integer(-1))?,
    }
    Some(row)
}

/// Whether no rounding is left in a constraint, and it is a sum of single cells.
fn is_exact(problem: &Problem, local: &LocalGround) -> bool {
    if local.relation != Relation::Equal || local.den.is_some() || local.truncates {
        return false;
    }
    if !local.num.terms.iter().all(|(_, vars)| vars.len() == 1) {
        return false;
    }
    match local.lone {
        // A settled lone side with slack is exact where all values lie on its grid.
        LocalLone::Value(_) => {
            local.slack.is_zero()
                || grid_of_half(local.slack).is_some_and(|scale| is_on_grid(problem, local, scale))
        }
        LocalLone::Variable(var) => {
            let is_rounded = problem.vars[var].link != Link::Constant;
            !is_rounded || is_plain(problem, var) && is_on_grid(problem, local, problem.vars[var].scale)
        }
    }
}

/// The scale of which `half` is half a unit.
fn grid_of_half(half: Rational) -> Option<u8> {
    (0..=28).find(|&scale| Rational::half_unit(scale) == Some(half))
}

/// Whether every alternative of a variable lies on its column's grid with its column's rounding.
fn is_plain(problem: &Problem, var: usize) -> bool {
    matches!(problem.vars[var].link, Link::Free)
}

/// Whether every value of the other side is a multiple of `10^-scale`.
fn is_on_grid(problem: &Problem, local: &LocalGround, scale: u8) -> bool {
    let Some(unit) = power_of_ten(scale) else { return false };
    let unit = Rational::integer(unit);
    let is_whole = |value: Rational| value.mul(unit).is_some_and(Rational::is_whole);
    is_whole(local.num.constant)
        && local.num.terms.iter().all(|(coefficient, vars)| {
            coefficient.is_whole()
                && vars.iter().all(|&var| {
                    let variable = &problem.vars[var];
                    !matches!(variable.link, Link::Constant | Link::Open) && variable.scale <= scale
                })
        })
}
