//! Printed cells: what the other prints leave of a cell whose own print is withheld.
//!
//! A cell is proven where one constraint, with every other operand printed and settled, leaves exactly its value on its
//! printed grid. At least two other operands have to say something (a number that is not 0, a literal factor): a total of
//! one addend, 0 = 0 and two copies of one print prove nothing. Where the exact value lies halfway between two grid
//! values both are left, so neither is proven. Linear in the operands.

use smallvec::SmallVec;

use super::board::{Board, Known};
use super::constraint::{Ground, Term, Var};
use super::evaluate::{
    Interval, Line, Untestable, poly_value, ratio_value, slack, solve_quotient, var_value,
};
use super::rational::{Rational, power_of_ten};
use crate::schema::check::Relation;

/// Operands beside the tested one that have to say something.
pub(crate) const INFORMATIVE_OTHERS: usize = 2;

/// One place where a variable stands in the quotient of a constraint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Occurrence {
    var: Var,
    is_den: bool,
    term: usize,
}

/// The cells that the holding equation `ground` tests and forces, all its operands being settled.
pub(crate) fn forced_cells(board: &Board<'_, '_>, ground: &Ground) -> Result<Vec<Var>, Untestable> {
    if ground.relation != Relation::Equal || is_copy(board, ground)? {
        return Ok(Vec::new());
    }
    forced_by(board, ground, INFORMATIVE_OTHERS)
}

/// The cells whose values follow from the holding equation `ground`, whether or not it tests them, as a copy does not; and those
/// of them that it tests.
pub(crate) fn followed_and_forced(board: &Board<'_, '_>, ground: &Ground) -> [Vec<Var>; 2] {
    if ground.relation != Relation::Equal {
        return [Vec::new(), Vec::new()];
    }
    let followed = forced_by(board, ground, 0).unwrap_or_default();
    if followed.is_empty() || is_copy(board, ground) != Ok(false) {
        return [followed, Vec::new()];
    }
    let informative = Informative::of(board, ground);
    let is_tested = |var: &Var| informative.others(board, *var) >= INFORMATIVE_OTHERS;
    let forced = followed.iter().copied().filter(is_tested).collect();
    [followed, forced]
}

/// The cells that `ground` leaves one value, beside at least `least` operands that say something.
fn forced_by(board: &Board<'_, '_>, ground: &Ground, least: usize) -> Result<Vec<Var>, Untestable> {
    let fast = forced_in_sum(board, ground, least).or_else(|| forced_in_product(board, ground, least));
    fast.map_or_else(|| forced_slowly(board, ground, least), Ok)
}

/// The same for all equations.
fn forced_slowly(board: &Board<'_, '_>, ground: &Ground, least: usize) -> Result<Vec<Var>, Untestable> {
    let mut forced = Vec::new();
    let informative = Informative::of(board, ground);
    if informative.count < least {
        return Ok(forced);
    }
    let slack = slack(board, ground).ok_or(Untestable::Overflow)?;
    let mut target = Interval::point(Rational::ZERO);
    if let Some(lone) = ground.lone {
        let value = var_value(board, lone.var)?;
        target = around(value, slack)?;
        if informative.others(board, lone.var) >= least {
            // The print is withheld, so whether it was an exact zero is not known either.
            let unit = Rational::half_unit(board.fact(lone.var).scale).ok_or(Untestable::Overflow)?;
            let left = around(ratio_value(board, &ground.ratio)?, slack.max(unit))?;
            if is_unique(board, lone.var, &[left]) {
                forced.push(lone.var);
            }
        }
    }
    let num = poly_value(board, &ground.ratio.num)?;
    let den = ground.ratio.den.as_ref().map_or(Ok(Rational::ONE), |den| poly_value(board, den))?;
    for group in occurrences(ground).chunk_by(|a, b| a.var == b.var) {
        let Some(var) = group.first().map(|occurrence| occurrence.var) else { continue };
        if ground.lone.is_some_and(|lone| lone.var == var) || informative.others(board, var) < least {
            continue;
        }
        let value = var_value(board, var)?;
        let Some(slopes) = slopes(board, ground, group) else { continue };
        let found = Withheld { var, value, num, den, slopes };
        if !found.has_neighbour(board, target) && found.is_forced(board, target) {
            forced.push(var);
        }
    }
    Ok(forced)
}

/// A print that is withheld from a quotient.
#[derive(Clone, Copy)]
struct Withheld {
    var: Var,
    value: Rational,
    /// Numerator and denominator with it, and their slopes in it.
    num: Rational,
    den: Rational,
    slopes: (Rational, Rational),
}

impl Withheld {
    /// Whether its value is the only one of its grid for which the quotient lies inside `target`.
    fn is_forced(&self, board: &Board<'_, '_>, target: Interval) -> bool {
        let line = |total: Rational, slope: Rational| {
            Some(Line { constant: total.sub(slope.mul(self.value)?)?, slope })
        };
        let left = line(self.num, self.slopes.0)
            .zip(line(self.den, self.slopes.1))
            .and_then(|(num, den)| solve_quotient(num, den, target));
        left.is_some_and(|left| is_unique(board, self.var, &left))
    }

    /// Whether the next value of its grid does as well, as it does wherever a share of great numbers is printed: that is soon
    /// found out.
    fn has_neighbour(&self, board: &Board<'_, '_>, target: Interval) -> bool {
        let Some(unit) = power_of_ten(board.fact(self.var).scale).and_then(|unit| Rational::new(1, unit))
        else {
            return false;
        };
        let does = |step: Rational| {
            let is_allowed = board.domain(self.var).contains(self.value.add(step)?);
            let num = self.num.add(self.slopes.0.mul(step)?)?;
            let den = self.den.add(self.slopes.1.mul(step)?)?;
            let is_inside = target.low?.mul(den)? <= num && num <= target.high?.mul(den)?;
            Some(is_allowed && den.signum() > 0 && is_inside)
        };
        [Some(unit), unit.neg()].into_iter().flatten().any(|step| does(step).unwrap_or(false))
    }
}

/// The same for the commonest equation, in one pass: a lone print that is the sum or difference of others, none printed
/// with more decimals than it. No rounding is left, so each print is what the others leave. `None`: not of this kind.
fn forced_in_sum(board: &Board<'_, '_>, ground: &Ground, least: usize) -> Option<Vec<Var>> {
    let lone = ground.lone.filter(|_| ground.ratio.den.is_none() && !ground.truncates)?;
    let scale = board.fact(lone.var).scale;
    let terms = &ground.ratio.num.terms;
    let mut vars: SmallVec<[Var; 8]> = SmallVec::with_capacity(terms.len() + 1);
    vars.push(lone.var);
    for term in terms {
        match term.vars.as_slice() {
            [var] if term.coefficient.is_unit() && board.fact(*var).scale <= scale => vars.push(*var),
            _ => return None,
        }
    }
    vars[1..].sort_unstable();
    if vars[1..].windows(2).any(|pair| pair[0] == pair[1]) || vars[1..].binary_search(&lone.var).is_ok() {
        return None;
    }
    let informative = vars.iter().filter(|&&var| is_informative(board, var)).count();
    let is_forced = |&var: &Var| {
        let Known::Number(value) = board.fact(var).known else { return false };
        let others = informative - usize::from(!value.is_zero());
        others >= least && !board.is_constant(var) && board.domain(var).contains(value)
    };
    Some(vars.into_iter().filter(|var| is_forced(var)).collect())
}

/// The same for `a * b = 0`: what is beside a number that is not 0 can only be 0. `None`: not of this kind.
fn forced_in_product(board: &Board<'_, '_>, ground: &Ground, least: usize) -> Option<Vec<Var>> {
    let is_zero = |term: &&Term| term.vars.is_empty() && term.coefficient.is_zero();
    let mut terms = ground.ratio.num.terms.iter().filter(|term| !is_zero(term));
    let (Some(term), None) = (terms.next(), terms.next()) else { return None };
    let &[first, second] = term.vars.as_slice() else { return None };
    let is_plain = ground.lone.is_none() && ground.ratio.den.is_none() && first != second;
    if !is_plain || !term.coefficient.is_unit() {
        return None;
    }
    let mut forced = Vec::new();
    for (var, other) in [(first.min(second), first.max(second)), (first.max(second), first.min(second))] {
        // Where the schema leaves a cell one value its limits count too.
        let is_bounded = board.domain(var).high.is_some();
        let (value, others) = (var_value(board, var).ok()?, var_value(board, other).ok()?);
        let is_printed = matches!(board.fact(var).known, Known::Number(_)) && !board.is_constant(var);
        if is_bounded || !value.is_zero() && !others.is_zero() {
            return None;
        }
        let informative = usize::from(!others.is_zero());
        if is_printed && informative >= least && informative > 0 && board.domain(var).contains(value) {
            forced.push(var);
        }
    }
    Some(forced)
}

/// The operands that say something.
struct Informative {
    count: usize,
}

impl Informative {
    fn of(board: &Board<'_, '_>, ground: &Ground) -> Self {
        let mut vars: SmallVec<[Var; 8]> = ground.vars().filter(|&var| is_informative(board, var)).collect();
        vars.sort_unstable();
        vars.dedup();
        Self { count: vars.len() + usize::from(has_literal(ground)) }
    }

    /// Informative operands beside `var`.
    fn others(&self, board: &Board<'_, '_>, var: Var) -> usize {
        self.count - usize::from(is_informative(board, var))
    }
}

/// Whether a constraint has a literal that says something: a factor or an addend.
pub(crate) fn has_literal(ground: &Ground) -> bool {
    let den = ground.ratio.den.iter().flat_map(|den| &den.terms);
    let is_factor = |term: &Term| !term.vars.is_empty() && term.coefficient.abs() != Some(Rational::ONE);
    let is_addend = |term: &Term| term.vars.is_empty() && !term.coefficient.is_zero();
    let is_unit = |term: &Term| term.coefficient == Rational::ONE;
    let mut terms = ground.ratio.num.terms.iter().chain(den);
    terms.any(|term| is_factor(term) || is_addend(term) && !(is_unit(term) && ground.ratio.den.is_some()))
}

pub(crate) fn is_informative(board: &Board<'_, '_>, var: Var) -> bool {
    board.fact(var).value().is_some_and(|value| !value.is_zero())
}

/// Whether a quotient divides a print by an equal one, as the share of a single record does.
pub(crate) fn is_copy(board: &Board<'_, '_>, ground: &Ground) -> Result<bool, Untestable> {
    let Some(den) = &ground.ratio.den else { return Ok(false) };
    let (num_value, den_value) = (poly_value(board, &ground.ratio.num)?, poly_value(board, den)?);
    let single = |terms: &[Term]| terms.iter().filter(|term| !term.vars.is_empty()).count() <= 1;
    Ok(num_value == den_value && single(&ground.ratio.num.terms) && single(&den.terms))
}

pub(crate) fn around(value: Rational, by: Rational) -> Result<Interval, Untestable> {
    let low = value.sub(by).ok_or(Untestable::Overflow)?;
    let high = value.add(by).ok_or(Untestable::Overflow)?;
    Ok(Interval { low: Some(low), high: Some(high) })
}

fn occurrences(ground: &Ground) -> Vec<Occurrence> {
    let den = ground.ratio.den.as_ref().map_or(&[][..], |den| &den.terms);
    let mut found = Vec::new();
    for (is_den, terms) in [(false, ground.ratio.num.terms.as_slice()), (true, den)] {
        for (term, content) in terms.iter().enumerate() {
            found.extend(content.vars.iter().map(|&var| Occurrence { var, is_den, term }));
        }
    }
    found.sort_unstable();
    found
}

/// The slopes of numerator and denominator in one variable; `None` where it is squared or a product does not fit.
fn slopes(board: &Board<'_, '_>, ground: &Ground, group: &[Occurrence]) -> Option<(Rational, Rational)> {
    let mut slopes = [Rational::ZERO, Rational::ZERO];
    if group.windows(2).any(|pair| pair[0] == pair[1]) {
        return None;
    }
    for occurrence in group {
        let poly = if occurrence.is_den { ground.ratio.den.as_ref()? } else { &ground.ratio.num };
        let term = poly.terms.get(occurrence.term)?;
        let mut slope = term.coefficient;
        for &var in term.vars.iter().filter(|&&var| var != occurrence.var) {
            slope = slope.mul(var_value(board, var).ok()?)?;
        }
        let sum = &mut slopes[usize::from(occurrence.is_den)];
        *sum = sum.add(slope)?;
    }
    Some((slopes[0], slopes[1]))
}

/// Whether the value of `var` is the only one of its printed grid in `left`.
pub(crate) fn is_unique(board: &Board<'_, '_>, var: Var, left: &[Interval]) -> bool {
    let fact = board.fact(var);
    let Known::Number(value) = fact.known else { return false };
    if board.is_constant(var) {
        return false;
    }
    let domain = board.domain(var);
    let mut is_found = false;
    for interval in left {
        let interval = interval.meet(domain);
        if interval.is_empty() {
            continue;
        }
        match interval.grid(fact.scale) {
            Some((low, high)) if low > high => {}
            Some((low, high)) if low == high && interval.contains(value) => is_found = true,
            _ => return false,
        }
    }
    is_found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::proof::evaluate::evaluate;
    use crate::proof::sample::{schema, table};
    use crate::proof::trial::Trial;
    use crate::table::CheckStatus;

    #[test]
    fn products_and_sums_force_what_the_long_way_says() {
        let rules = ["a * b = 0", "c = a - b"];
        let schema = Arc::new(schema("t", &["n$", "a", "b#", "c"], &rules, &[]));
        let mut fast = 0;
        for a in ["0", "5.00", "", "-", "x"] {
            for b in ["0", "7", ""] {
                for c in ["5.00", "-7.00", "0.00", "0"] {
                    let tables = [table(&schema, &[&format!("x|{a}|{b}|{c}")])];
                    let trial = Trial::new("", Board::new(&tables));
                    for ground in &trial.grounds {
                        for least in [0, INFORMATIVE_OTHERS] {
                            let slow = forced_slowly(&trial.board, ground, least);
                            let product = forced_in_product(&trial.board, ground, least);
                            fast += usize::from(product.is_some());
                            assert!(product.is_none_or(|product| Ok(product) == slow), "{a} {b} {c}");
                            let holds = evaluate(&trial.board, ground) == Ok(CheckStatus::Holds);
                            let sum = forced_in_sum(&trial.board, ground, least).filter(|_| holds);
                            assert!(
                                sum.is_none_or(|sum| sorted(sum) == slow.map(sorted).unwrap_or_default())
                            );
                            if holds {
                                let both = followed_and_forced(&trial.board, ground).map(sorted);
                                let forced = forced_by(&trial.board, ground, least).map(sorted);
                                assert_eq!(both[usize::from(least > 0)], forced.unwrap_or_default());
                            }
                        }
                    }
                }
            }
        }
        assert!(fast > 50, "{fast}");
    }

    #[test]
    fn a_print_with_a_neighbour_is_never_forced() {
        let schema =
            Arc::new(schema("t", &["n$", "a#", "b#", "c", "s%"], &["s = a / (a + b)", "c = a / b"], &[]));
        let (mut neighbours, mut forced) = (0, 0);
        for a in ["1", "7", "35", "1,204", "77,300.5"] {
            for b in ["0", "3", "34", "-9", "2,000"] {
                for share in ["5%", "25.0%", "87.5%", "50.7%", "37.578%", "97%", "70%", "100%"] {
                    let tables = [table(&schema, &[&format!("x|{a}|{b}|0.6|{share}")])];
                    let trial = Trial::new("", Board::new(&tables));
                    for ground in &trial.grounds {
                        let board = &trial.board;
                        let target = around(
                            var_value(board, ground.lone.unwrap().var).unwrap(),
                            slack(board, ground).unwrap(),
                        )
                        .unwrap();
                        let num = poly_value(board, &ground.ratio.num).unwrap();
                        let den = poly_value(board, ground.ratio.den.as_ref().unwrap()).unwrap();
                        for group in occurrences(ground).chunk_by(|a, b| a.var == b.var) {
                            let var = group[0].var;
                            let value = var_value(board, var).unwrap();
                            let Some(slopes) = slopes(board, ground, group) else { continue };
                            let withheld = Withheld { var, value, num, den, slopes };
                            let has_neighbour = withheld.has_neighbour(board, target);
                            let is_forced = withheld.is_forced(board, target);
                            assert!(!(has_neighbour && is_forced), "{a} {b} {share}");
                            neighbours += usize::from(has_neighbour);
                            forced += usize::from(is_forced);
                        }
                    }
                }
            }
        }
        assert!(neighbours > 10 && forced > 3, "{neighbours} {forced}");
    }

    fn sorted(mut vars: Vec<Var>) -> Vec<Var> {
        vars.sort_unstable();
        vars
    }
}
