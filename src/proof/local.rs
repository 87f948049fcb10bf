//! A ground constraint over the variables of one component: what is settled is folded into its numbers.

use smallvec::SmallVec;

use super::groups::Group;
use super::plain::Plain;
use super::rational::Rational;
use crate::schema::check::Relation;

/// A term with its settled operands folded into the coefficient.
pub(crate) type LocalTerm = (Rational, SmallVec<[usize; 2]>);

/// A polynomial over the component's variables.
#[derive(Clone, Debug)]
pub(crate) struct LocalPoly {
    pub(crate) constant: Rational,
    pub(crate) terms: Vec<LocalTerm>,
}

/// The lone side: settled or a variable.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LocalLone {
    Value(Rational),
    Variable(usize),
}

/// A ground constraint over the component's variables.
#[derive(Clone, Debug)]
pub(crate) struct LocalGround {
    /// Index in the trial's ground constraints.
    pub(crate) ground: usize,
    pub(crate) relation: Relation,
    pub(crate) lone: LocalLone,
    /// Slack of a settled lone side.
    pub(crate) slack: Rational,
    pub(crate) truncates: bool,
    /// Half units of the settled operands of a `~=`.
    pub(crate) operand_slack: Rational,
    pub(crate) num: LocalPoly,
    pub(crate) den: Option<LocalPoly>,
    /// Numerator and denominator by products of variables, in the order of these; without a denominator the lone variable is taken
    /// from the numerator. `None` where a coefficient does not fit.
    pub(crate) products: Option<Vec<Product>>,
    /// Whether it reads several cells of one placement.
    pub(crate) has_groups: bool,
    /// The products of a constraint without a denominator that are cells of one placement.
    pub(crate) groups: Vec<Group>,
    /// All variables, each once.
    pub(crate) vars: Vec<usize>,
    /// Whether it may be narrowed without rationals.
    pub(crate) plain: Plain,
}

/// A product of variables with its coefficients in a numerator and a denominator.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub(crate) num: Rational,
    pub(crate) den: Rational,
    pub(crate) vars: SmallVec<[usize; 2]>,
}

/// The products of a numerator and a denominator, each once.
pub(crate) fn products(num: &[LocalTerm], den: &[LocalTerm]) -> Option<Vec<Product>> {
    let zero = Rational::ZERO;
    let above =
        num.iter().map(|(coefficient, vars)| Product { num: *coefficient, den: zero, vars: vars.clone() });
    let below =
        den.iter().map(|(coefficient, vars)| Product { num: zero, den: *coefficient, vars: vars.clone() });
    let mut all: Vec<Product> = above.chain(below).collect();
    all.sort_by(|a, b| a.vars.cmp(&b.vars));
    let mut merged: Vec<Product> = Vec::with_capacity(all.len());
    for product in all {
        match merged.last_mut() {
            Some(last) if last.vars == product.vars => {
                last.num = last.num.add(product.num)?;
                last.den = last.den.add(product.den)?;
            }
            _ => merged.push(product),
        }
    }
    merged.retain(|product| !product.num.is_zero() || !product.den.is_zero());
    Some(merged)
}
