//! A ground constraint over the variables of one component: what is settled is folded into its numbers.

use std::cell::OnceCell;

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
    /// Set when they are first asked for.
    products: OnceCell<Option<Vec<Product>>>,
    /// Whether no rounding is left in it: set when that is first asked.
    is_exact: OnceCell<bool>,
    /// Whether it reads several cells of one placement.
    pub(crate) has_groups: bool,
    /// The products of a constraint without a denominator that are cells of one placement.
    pub(crate) groups: Vec<Group>,
    /// All variables, each once.
    pub(crate) vars: Vec<usize>,
    /// Whether it may be narrowed without rationals.
    pub(crate) plain: Plain,
}

impl LocalGround {
    /// `lone REL num / den` of the ground constraint `ground`, over `vars`.
    pub(super) fn new(
        (ground, relation): (usize, Relation),
        lone: LocalLone,
        num: LocalPoly,
        den: Option<LocalPoly>,
        vars: Vec<usize>,
    ) -> Self {
        Self {
            ground,
            relation,
            lone,
            slack: Rational::ZERO,
            truncates: false,
            operand_slack: Rational::ZERO,
            num,
            den,
            products: OnceCell::new(),
            is_exact: OnceCell::new(),
            has_groups: false,
            groups: Vec::new(),
            vars,
            plain: Plain::Not,
        }
    }

    /// Whether it is an equation in which no rounding is left, which `find` finds out once.
    pub(super) fn is_exact(&self, find: impl FnOnce(&Self) -> bool) -> bool {
        *self.is_exact.get_or_init(|| find(self))
    }

    /// The lone variable, where it is taken from the numerator.
    pub(super) fn taken(&self) -> Option<usize> {
        match (self.lone, &self.den) {
            (LocalLone::Variable(var), None) => Some(var),
            _ => None,
        }
    }

    /// Numerator and denominator by products of variables, in the order of these; without a denominator the lone variable is taken
    /// from the numerator. `None` where a coefficient does not fit.
    pub(super) fn products(&self) -> Option<&[Product]> {
        let den = self.den.as_ref().map_or(&[][..], |den| &den.terms);
        self.products.get_or_init(|| products(&self.num.terms, self.taken(), den)).as_deref()
    }
}

/// A product of variables with its coefficients in a numerator and a denominator.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub(crate) num: Rational,
    pub(crate) den: Rational,
    pub(crate) vars: SmallVec<[usize; 2]>,
}

/// The products of a numerator, less the variable that is `taken` from it, and of a denominator, each once.
fn products(num: &[LocalTerm], taken: Option<usize>, den: &[LocalTerm]) -> Option<Vec<Product>> {
    let zero = Rational::ZERO;
    let mut all: SmallVec<[Product; 4]> = SmallVec::new();
    all.extend(num.iter().map(|(num, vars)| Product { num: *num, den: zero, vars: vars.clone() }));
    all.extend(taken.map(|var| Product {
        num: Rational::integer(-1),
        den: zero,
        vars: SmallVec::from_slice(&[var]),
    }));
    all.extend(den.iter().map(|(den, vars)| Product { num: zero, den: *den, vars: vars.clone() }));
    let add = |first: &mut Product, later: &Product| {
        (first.num, first.den) = first.num.add(later.num).zip(first.den.add(later.den))?;
        Some(())
    };
    let is_nothing = |product: &Product| product.num.is_zero() && product.den.is_zero();
    gathered(all, |product| &product.vars, add, is_nothing).map(SmallVec::into_vec)
}

/// Products in the order of their keys, those of one key added up, without those that come to nothing; `None` where a sum does
/// not fit.
pub(super) fn gathered<T, K: Ord>(
    mut all: SmallVec<[T; 4]>,
    key: impl Fn(&T) -> &K,
    add: impl Fn(&mut T, &T) -> Option<()>,
    is_nothing: impl Fn(&T) -> bool,
) -> Option<SmallVec<[T; 4]>> {
    all.sort_by(|a, b| key(a).cmp(key(b)));
    let mut fits = true;
    all.dedup_by(|later, first| {
        let is_same = key(later) == key(first);
        if is_same {
            fits &= add(first, later).is_some();
        }
        is_same
    });
    all.retain(|product| !is_nothing(product));
    fits.then_some(all)
}
