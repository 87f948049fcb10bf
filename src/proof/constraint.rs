//! Ground constraints: one check on one row, its names replaced by cells.
//!
//! A constraint reads `lone REL num / den` (or `0 REL num / den` where no side is alone), with polynomials over
//! variables. A variable is a cell of the document, counted over all tables, or a constant of one table. Values are
//! plain numbers: a percent cell of `4.13` enters as 4.13/100. Constraints may come from schemas or from discovery;
//! what follows does not ask.

use smallvec::SmallVec;

use super::rational::Rational;
use crate::schema::check::Relation;

/// Index of a variable: cells of all tables first, constants after them.
pub(crate) type Var = u32;

/// A product of variables with a coefficient.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) coefficient: Rational,
    pub(crate) vars: SmallVec<[Var; 2]>,
}

/// A sum of terms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Poly {
    pub(crate) terms: Vec<Term>,
}

/// Products of sums beyond this many terms are left untested: no real check comes near.
const MAX_PRODUCT_TERMS: usize = 4096;

impl Poly {
    pub(crate) fn number(value: Rational) -> Self {
        Self { terms: vec![Term { coefficient: value, vars: SmallVec::new() }] }
    }

    pub(crate) fn var(var: Var, coefficient: Rational) -> Self {
        Self { terms: vec![Term { coefficient, vars: SmallVec::from_slice(&[var]) }] }
    }

    pub(crate) fn negated(mut self) -> Option<Self> {
        for term in &mut self.terms {
            term.coefficient = term.coefficient.neg()?;
        }
        Some(self)
    }

    pub(crate) fn plus(mut self, mut other: Self) -> Self {
        self.terms.append(&mut other.terms);
        self
    }

    pub(crate) fn times(&self, other: &Self) -> Option<Self> {
        if self.terms.len().saturating_mul(other.terms.len()) > MAX_PRODUCT_TERMS {
            return None;
        }
        let mut terms = Vec::with_capacity(self.terms.len() * other.terms.len());
        for a in &self.terms {
            for b in &other.terms {
                let mut vars = a.vars.clone();
                vars.extend_from_slice(&b.vars);
                vars.sort_unstable();
                terms.push(Term { coefficient: a.coefficient.mul(b.coefficient)?, vars });
            }
        }
        Some(Self { terms })
    }
}

/// A quotient of polynomials; no denominator means 1.
#[derive(Clone, Debug)]
pub(crate) struct Ratio {
    pub(crate) num: Poly,
    pub(crate) den: Option<Poly>,
}

impl Ratio {
    pub(crate) fn poly(num: Poly) -> Self {
        Self { num, den: None }
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        if self.den.is_none() && other.den.is_none() {
            return Some(Self::poly(self.num.plus(other.num)));
        }
        let both = |a: &Option<Poly>, b: &Option<Poly>| match (a, b) {
            (None, None) => Some(None),
            (Some(den), None) | (None, Some(den)) => Some(Some(den.clone())),
            (Some(a), Some(b)) => Some(Some(a.times(b)?)),
        };
        let scaled =
            |num: Poly, den: &Option<Poly>| den.as_ref().map_or(Some(num.clone()), |den| num.times(den));
        let den = both(&self.den, &other.den)?;
        let left = scaled(self.num, &other.den)?;
        let right = scaled(other.num, &self.den)?;
        Some(Self { num: left.plus(right), den })
    }

    pub(crate) fn negated(self) -> Option<Self> {
        Some(Self { num: self.num.negated()?, den: self.den })
    }

    pub(crate) fn times(self, other: Self) -> Option<Self> {
        let den = match (self.den, other.den) {
            (None, den) | (den, None) => den,
            (Some(a), Some(b)) => Some(a.times(&b)?),
        };
        Some(Self { num: self.num.times(&other.num)?, den })
    }

    pub(crate) fn over(self, other: Self) -> Option<Self> {
        self.times(Self {
            num: other.den.unwrap_or_else(|| Poly::number(Rational::ONE)),
            den: Some(other.num),
        })
    }
}

/// The side of a constraint that is a single cell or constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lone {
    pub(crate) var: Var,
}

/// One check on one row.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    /// The table whose schema states it.
    pub(crate) table: usize,
    /// Index of the rule among the rules of its table.
    pub(crate) rule: usize,
    /// Id of its entry in the list of checks.
    pub(crate) id: u32,
    pub(crate) relation: Relation,
    /// `lone REL ratio`; without one, `0 REL ratio`.
    pub(crate) lone: Option<Lone>,
    pub(crate) ratio: Ratio,
    /// Half units of slack are doubled: the schema cuts decimals off.
    pub(crate) truncates: bool,
}

impl Ground {
    /// All variables, the lone one first, each once per occurrence.
    pub(crate) fn vars(&self) -> Vars<'_> {
        let lone = self.lone.as_ref().map_or(&[][..], |lone| std::slice::from_ref(&lone.var));
        let den = self.ratio.den.as_ref().map_or(&[][..], |den| &den.terms);
        Vars { term: lone.iter(), terms: self.ratio.num.terms.iter(), den }
    }
}

/// The variables of a constraint: they are gone through all the time, and chained iterators take several times as long.
#[derive(Clone)]
pub(crate) struct Vars<'g> {
    /// What is left of the present term.
    term: std::slice::Iter<'g, Var>,
    /// The terms behind it, those of the denominator apart as long as the numerator has some.
    terms: std::slice::Iter<'g, Term>,
    den: &'g [Term],
}

impl Iterator for Vars<'_> {
    type Item = Var;

    #[inline]
    fn next(&mut self) -> Option<Var> {
        loop {
            if let Some(var) = self.term.next() {
                return Some(*var);
            }
            match self.terms.next() {
                Some(term) => self.term = term.vars.iter(),
                None if self.den.is_empty() => return None,
                None => self.terms = std::mem::take(&mut self.den).iter(),
            }
        }
    }
}

/// The relation with its sides exchanged.
pub(crate) const fn mirrored(relation: Relation) -> Relation {
    match relation {
        Relation::AtMost => Relation::AtLeast,
        Relation::AtLeast => Relation::AtMost,
        Relation::Below => Relation::Above,
        Relation::Above => Relation::Below,
        same => same,
    }
}
