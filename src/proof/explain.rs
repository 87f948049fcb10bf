//! A proof as a person writes it: `1,250.00 - 310.50 = 939.50`.
//!
//! Numbers are written as printed; inferred ones with the grouping of their table. Blank and zero addends are left out.
//! For a cell the equation is turned round so that the cell stands alone, where it is a plain addend.

use std::borrow::Cow;

use smallvec::{SmallVec, smallvec};

use super::board::{Board, printed};
use super::constraint::{Ground, Poly, Term, Var, mirrored};
use super::rational::Rational;
use super::trial::Trial;
use super::verdict::{Outcome, TableVerdicts, Verdicts};
use crate::align::{Alignment, Choice, Content};
use crate::schema::check::Relation;
use crate::table::Spans;
use crate::text::Decimal;

/// Writes checks out with their numbers. Made once for the tables and verdicts of a document.
pub struct Explainer<'a, 't> {
    trial: Trial<'a, 't>,
    verdicts: &'a Verdicts,
}

impl<'a, 't> Explainer<'a, 't> {
    /// For the arguments and the result of [`super::prove`].
    #[must_use]
    pub fn new(text: &str, tables: &'a [Alignment<'t>], verdicts: &'a Verdicts) -> Self {
        Self { trial: Trial::new(text, Board::new(tables)), verdicts }
    }

    /// The check `id` with its numbers; `None` for ids without a ground constraint.
    #[must_use]
    pub fn check(&self, id: u32) -> Option<String> {
        let ground = self.trial.ground_of(id)?;
        Some(self.equations().side_by_side(ground))
    }

    /// The first reason of a cell's verdict, with the cell alone on one side if the check allows it.
    #[must_use]
    pub fn cell(&self, table: usize, row: usize, column: usize) -> Option<String> {
        let var = self.trial.board.var(table, row, column)?;
        let (_, offset) = self.trial.board.offset(var)?;
        let &id = self.verdicts.tables.get(table)?.cells.get(offset)?.because.first()?;
        let ground = self.trial.ground_of(id)?;
        let equations = self.equations();
        Some(equations.solved(ground, var).unwrap_or_else(|| equations.side_by_side(ground)))
    }

    fn equations(&self) -> Equations<'_, 'a, 't> {
        Equations { trial: &self.trial, tables: &self.verdicts.tables }
    }
}

/// The checks of a trial with the numbers of its verdicts.
pub(crate) struct Equations<'r, 'a, 't> {
    pub(crate) trial: &'r Trial<'a, 't>,
    pub(crate) tables: &'r [TableVerdicts],
}

impl Equations<'_, '_, '_> {
    /// The check `id` with its numbers, turned round so that a cell that is not printed stands alone, and the places of
    /// the numbers that are printed.
    pub(crate) fn write(&self, id: u32) -> Option<(String, Spans)> {
        let ground = self.trial.ground_of(id)?;
        let mut unprinted = ground.vars().filter(|&var| self.is_unprinted(var) && !self.is_zero(var));
        let alone = unprinted.next().filter(|_| unprinted.next().is_none());
        let equation =
            alone.and_then(|var| self.solved(ground, var)).unwrap_or_else(|| self.side_by_side(ground));
        let spans = ground
            .vars()
            .filter_map(|var| self.content(var))
            .flat_map(|content| content.spans.iter().copied());
        Some((equation, spans.collect()))
    }

    fn side_by_side(&self, ground: &Ground) -> String {
        let other = self.quotient(ground);
        let lone = ground.lone.map_or(Cow::Borrowed("0"), |lone| self.number(lone.var));
        [&other, " ", sign(mirrored(ground.relation)), " ", &lone].concat()
    }

    /// `lone - others = addend`, where the cell is a plain addend of a sum.
    fn solved(&self, ground: &Ground, var: Var) -> Option<String> {
        let lone = ground.lone.filter(|lone| lone.var != var)?;
        if ground.ratio.den.is_some() || ground.relation != Relation::Equal {
            return None;
        }
        let is_own = |term: &&Term| term.vars.as_slice() == [var];
        let own = ground.ratio.num.terms.iter().find(is_own)?;
        let is_plus = own.coefficient == Rational::ONE;
        if !is_plus && own.coefficient != Rational::integer(-1) {
            return None;
        }
        let lone = Term { coefficient: Rational::ONE, vars: smallvec![lone.var] };
        let others = ground.ratio.num.terms.iter().filter(|term| !is_own(term));
        let is_turned = |term: &Term| term.coefficient.signum() > 0;
        let others = others.map(|term| (term, if is_plus { is_turned(term) } else { is_minus(term) }));
        let left = self.sum([(&lone, !is_plus)].into_iter().chain(others));
        Some([&left, " = ", &self.number(var)].concat())
    }

    fn quotient(&self, ground: &Ground) -> String {
        let num = self.poly(&ground.ratio.num);
        let Some(den) = &ground.ratio.den else { return num };
        let bracketed = |text: String| if text.contains(' ') { format!("({text})") } else { text };
        format!("{} / {}", bracketed(num), bracketed(self.poly(den)))
    }

    fn poly(&self, poly: &Poly) -> String {
        self.sum(poly.terms.iter().map(|term| (term, is_minus(term))))
    }

    /// The sum of terms, each with whether it is taken away. Plus terms first, so that a sum does not start with a minus
    /// where it need not.
    fn sum<'s>(&self, terms: impl Iterator<Item = (&'s Term, bool)>) -> String {
        let terms: SmallVec<[(&Term, bool); 4]> = terms.filter(|(term, _)| !self.is_silent(term)).collect();
        let mut text = String::with_capacity(16 * terms.len());
        for wanted in [false, true] {
            for (term, is_minus) in terms.iter().filter(|(_, is_minus)| *is_minus == wanted) {
                text.push_str(match (text.is_empty(), is_minus) {
                    (true, false) => "",
                    (true, true) => "-",
                    (false, false) => " + ",
                    (false, true) => " - ",
                });
                self.push_term(&mut text, term);
            }
        }
        if text.is_empty() { "0".to_string() } else { text }
    }

    /// Whether an addend is blank.
    fn is_silent(&self, term: &Term) -> bool {
        let is_blank =
            |var: &Var| !self.trial.board.is_constant(*var) && self.is_unprinted(*var) && self.is_zero(*var);
        term.vars.iter().any(is_blank)
    }

    fn is_unprinted(&self, var: Var) -> bool {
        !self.trial.board.is_constant(var) && self.content(var).is_none_or(|content| content.text.is_empty())
    }

    /// What is printed in a cell under its verdict.
    fn content(&self, var: Var) -> Option<&Content<'_>> {
        self.look(var).and_then(|(_, content)| content)
    }

    /// The verdict on a cell, and what is printed in it then.
    fn look(&self, var: Var) -> Option<(Outcome, Option<&Content<'_>>)> {
        let board = &self.trial.board;
        let (table, offset) = board.offset(var)?;
        let outcome = self.tables.get(table)?.cells.get(offset)?.outcome;
        let choice = |choice: usize| board.tables[table].choices.get(choice);
        let content = match outcome {
            Outcome::Inferred(_) | Outcome::Missing => None,
            Outcome::Token { choice: number, token } => match choice(number) {
                Some(Choice::Placement(placement)) => placement.tokens.get(token),
                _ => None,
            },
            Outcome::Option { choice: number, option } => match choice(number) {
                Some(Choice::Readings(options)) => options
                    .get(option)
                    .and_then(|option| option.cells.iter().find(|cell| cell.0 == offset).map(|cell| &cell.2)),
                _ => None,
            },
            _ => board.tables[table].cells.get(offset).map(|cell| &cell.content),
        };
        Some((outcome, content))
    }

    fn push_term(&self, text: &mut String, term: &Term) {
        let coefficient = term.coefficient.abs().unwrap_or(term.coefficient);
        let mut is_first = true;
        if coefficient != Rational::ONE || term.vars.is_empty() {
            let exact = (0..=28).find_map(|scale| printed(coefficient, scale, false));
            text.push_str(&exact.map_or_else(|| "?".to_string(), |number| number.to_string()));
            is_first = false;
        }
        for &var in &term.vars {
            text.push_str(if is_first { "" } else { " x " });
            text.push_str(&self.number(var));
            is_first = false;
        }
    }

    /// A number as printed, or as inferred.
    fn number(&self, var: Var) -> Cow<'_, str> {
        let board = &self.trial.board;
        if board.is_constant(var) {
            return self.constant(var).into();
        }
        match self.look(var) {
            Some((Outcome::Inferred(value) | Outcome::Corrected(value), _)) => {
                let mut text = grouped(value);
                text.push_str(if board.fact(var).percent { "%" } else { "" });
                text.into()
            }
            Some((_, Some(content))) if !content.text.is_empty() => Cow::Borrowed(&content.text),
            _ => Cow::Borrowed("0"),
        }
    }

    /// Whether a number is written as `0`.
    fn is_zero(&self, var: Var) -> bool {
        let board = &self.trial.board;
        if board.is_constant(var) {
            return self.constant(var) == "0";
        }
        match self.look(var) {
            Some((Outcome::Inferred(value) | Outcome::Corrected(value), _)) => {
                value.is_zero() && value.scale() == 0 && !board.fact(var).percent
            }
            Some((_, Some(content))) => content.text.is_empty() || content.text == "0",
            _ => true,
        }
    }

    fn constant(&self, var: Var) -> String {
        let fact = self.trial.board.fact(var);
        let value = fact.value().and_then(|value| printed(value, fact.scale, false));
        value.map_or_else(|| "constant".to_string(), grouped)
    }
}

fn is_minus(term: &Term) -> bool {
    term.coefficient.signum() < 0
}

/// A decimal with commas between its thousands.
fn grouped(value: Decimal) -> String {
    let mut text = value.to_string();
    let first = usize::from(text.starts_with('-'));
    let mut at = text.find('.').unwrap_or(text.len());
    while at > first + 3 {
        at -= 3;
        text.insert(at, ',');
    }
    text
}

const fn sign(relation: Relation) -> &'static str {
    match relation {
        Relation::Equal => "=",
        Relation::About => "~=",
        Relation::AtMost => "<=",
        Relation::AtLeast => ">=",
        Relation::Below => "<",
        Relation::Above => ">",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Budget;
    use crate::proof::prove;
    use crate::proof::sample::{schema, table};

    #[test]
    fn equations_are_written_as_a_person_writes_them() {
        let rules = ["total(a) = sum(a)", "pct = a / total(a)", "c = a - b"];
        let schema = Arc::new(schema("t", &["n$", "a", "b", "c", "pct%"], &rules, &[]));
        let rows = ["x|350.40|50|300.40|24.36%", "y|?||1,088.00|75.64%", "=Total|1,438.40|||"];
        let tables = [table(&schema, &rows)];
        let verdicts = prove("", &tables, &mut Budget::new(100_000), &mut Vec::new());
        let explainer = Explainer::new("", &tables, &verdicts);
        assert_eq!(explainer.cell(0, 1, 1).as_deref(), Some("1,438.40 - 350.40 = 1,088.00"));
        assert_eq!(explainer.cell(0, 0, 4).as_deref(), Some("350.40 / 1,438.40 = 24.36%"));
        assert_eq!(explainer.cell(0, 0, 2).as_deref(), Some("350.40 - 300.40 = 50"));
        assert_eq!(explainer.check(1).as_deref(), Some("350.40 + 1,088.00 = 1,438.40"));
    }
}
