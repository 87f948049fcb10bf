//! A proof as a person writes it: `1,250.00 - 310.50 = 939.50`.
//!
//! Numbers are written as printed; inferred ones with the grouping of their table. Blank and zero addends are left out.
//! For a cell the equation is turned round so that the cell stands alone, where it is a plain addend.

use smallvec::SmallVec;

use super::board::{Board, printed};
use super::constraint::{Ground, Poly, Var, mirrored};
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
        Some(self.equations().line(ground).side_by_side())
    }

    /// The first reason of a cell's verdict, with the cell alone on one side if the check allows it.
    #[must_use]
    pub fn cell(&self, table: usize, row: usize, column: usize) -> Option<String> {
        let var = self.trial.board.var(table, row, column)?;
        let (_, offset) = self.trial.board.offset(var)?;
        let &id = self.verdicts.tables.get(table)?.cells.get(offset)?.because.first()?;
        let ground = self.trial.ground_of(id)?;
        let equations = self.equations();
        let line = equations.line(ground);
        Some(line.solved(var).unwrap_or_else(|| line.side_by_side()))
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

impl<'r> Equations<'r, '_, '_> {
    /// The check `id` with its numbers, turned round so that a cell that is not printed stands alone, and the places of
    /// the numbers that are printed.
    pub(crate) fn write(&self, id: u32) -> Option<(String, Spans)> {
        let line = self.line(self.trial.ground_of(id)?);
        let is_filled_in = |operand: &&Operand<'_>| operand.is_unprinted && !operand.number.is_zero();
        let mut filled_in = line.operands.iter().filter(is_filled_in);
        let alone = filled_in.next().filter(|_| filled_in.next().is_none());
        let equation =
            alone.and_then(|operand| line.solved(operand.var)).unwrap_or_else(|| line.side_by_side());
        let contents = line.operands.iter().filter_map(|operand| operand.content);
        Some((equation, contents.flat_map(|content| content.spans.iter().copied()).collect()))
    }

    fn line<'e>(&'e self, ground: &'e Ground) -> Line<'e> {
        Line { ground, operands: ground.vars().map(|var| self.operand(var)).collect() }
    }

    /// A cell under its verdict, or a constant.
    fn operand(&self, var: Var) -> Operand<'_> {
        let board = &self.trial.board;
        if board.is_constant(var) {
            let fact = board.fact(var);
            let value = fact.value().and_then(|value| printed(value, fact.scale, false));
            let number = value.map_or(Number::Print("constant"), |value| Number::Value(value, false));
            return Operand { var, number, content: None, is_unprinted: false };
        }
        let (outcome, content) = self.look(var).unzip();
        let content = content.flatten();
        let print = content.map(|content| content.text.as_ref()).filter(|text| !text.is_empty());
        let number = match outcome {
            Some(Outcome::Inferred(value) | Outcome::Corrected(value)) => {
                Number::Value(value, board.fact(var).percent)
            }
            _ => Number::Print(print.unwrap_or("0")),
        };
        Operand { var, number, content, is_unprinted: print.is_none() }
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
}

/// How the number of an operand is written.
enum Number<'e> {
    /// As it is printed.
    Print(&'e str),
    /// With commas between its thousands; the flag: as a percentage.
    Value(Decimal, bool),
}

impl Number<'_> {
    /// Whether it is written as `0`.
    fn is_zero(&self) -> bool {
        match self {
            Self::Print(print) => *print == "0",
            Self::Value(value, percent) => value.is_zero() && value.scale() == 0 && !percent,
        }
    }

    fn push_to(&self, text: &mut String) {
        match self {
            Self::Print(print) => text.push_str(print),
            Self::Value(value, percent) => {
                value.push_grouped(text);
                text.push_str(if *percent { "%" } else { "" });
            }
        }
    }
}

/// A variable of a check as it stands under the verdicts.
struct Operand<'e> {
    var: Var,
    number: Number<'e>,
    /// What is printed in the cell.
    content: Option<&'e Content<'e>>,
    is_unprinted: bool,
}

/// Coefficient and factors of a term.
type Factors<'l, 'e> = (Rational, &'l [Operand<'e>]);

/// A check with its operands.
struct Line<'e> {
    ground: &'e Ground,
    /// In the order of the variables of the check.
    operands: SmallVec<[Operand<'e>; 6]>,
}

impl<'e> Line<'e> {
    /// The lone side, and the operands of the other one.
    fn sides(&self) -> (&[Operand<'e>], &[Operand<'e>]) {
        self.operands.split_at(usize::from(self.ground.lone.is_some()))
    }

    /// An empty text with room for the check.
    fn text(&self) -> String {
        String::with_capacity(16 * (1 + self.operands.len()))
    }

    fn side_by_side(&self) -> String {
        let mut text = self.text();
        let (lone, others) = self.sides();
        let ratio = &self.ground.ratio;
        let count: usize = ratio.num.terms.iter().map(|term| term.vars.len()).sum();
        let (num, den) = others.split_at(count.min(others.len()));
        push_poly(&mut text, &ratio.num, num, ratio.den.is_some());
        if let Some(poly) = &ratio.den {
            text.push_str(" / ");
            push_poly(&mut text, poly, den, true);
        }
        text.push(' ');
        text.push_str(sign(mirrored(self.ground.relation)));
        text.push(' ');
        match lone {
            [lone, ..] => lone.number.push_to(&mut text),
            [] => text.push('0'),
        }
        text
    }

    /// `lone - others = addend`, where the cell is a plain addend of a sum.
    fn solved(&self, var: Var) -> Option<String> {
        let (lone, others) = self.sides();
        let ground = self.ground;
        if ground.ratio.den.is_some() || ground.relation != Relation::Equal || lone.first()?.var == var {
            return None;
        }
        let is_own = |(_, own): &Factors<'_, '_>| matches!(own, [only] if only.var == var);
        let (coefficient, own) = factors(&ground.ratio.num, others).find(is_own)?;
        if !coefficient.is_unit() {
            return None;
        }
        let is_plus = coefficient.signum() > 0;
        let mut text = self.text();
        let turned = factors(&ground.ratio.num, others)
            .filter(|term| !is_own(term))
            .map(|term| (term, term.0.signum() == if is_plus { 1 } else { -1 }));
        push_sum(&mut text, [((Rational::ONE, lone), !is_plus)].into_iter().chain(turned));
        text.push_str(" = ");
        own.iter().for_each(|own| own.number.push_to(&mut text));
        Some(text)
    }
}

/// The terms of a sum with their operands, which are in the order of its variables.
fn factors<'l, 'e>(
    poly: &'l Poly,
    mut operands: &'l [Operand<'e>],
) -> impl Iterator<Item = Factors<'l, 'e>> + Clone {
    poly.terms.iter().map(move |term| {
        let (own, rest) = operands.split_at(term.vars.len().min(operands.len()));
        operands = rest;
        (term.coefficient, own)
    })
}

/// A numerator or a denominator; a sum in brackets where it is to be.
fn push_poly(text: &mut String, poly: &Poly, operands: &[Operand<'_>], is_bracketed: bool) {
    let start = text.len();
    push_sum(text, factors(poly, operands).map(|term| (term, term.0.signum() < 0)));
    if is_bracketed && text[start..].contains(' ') {
        text.insert(start, '(');
        text.push(')');
    }
}

/// The sum of terms, each with whether it is taken away. Plus terms first, so that a sum does not start with a minus
/// where it need not.
fn push_sum<'l, 'e: 'l>(text: &mut String, terms: impl Iterator<Item = (Factors<'l, 'e>, bool)>) {
    let start = text.len();
    let terms: SmallVec<[(Factors<'l, 'e>, bool); 4]> =
        terms.filter(|((_, factors), _)| !factors.iter().any(is_silent)).collect();
    for wanted in [false, true] {
        for (term, is_minus) in terms.iter().filter(|(_, is_minus)| *is_minus == wanted) {
            text.push_str(match (text.len() == start, is_minus) {
                (true, false) => "",
                (true, true) => "-",
                (false, false) => " + ",
                (false, true) => " - ",
            });
            push_term(text, *term);
        }
    }
    if text.len() == start {
        text.push('0');
    }
}

/// Whether an operand is blank: its term is left out.
fn is_silent(operand: &Operand<'_>) -> bool {
    operand.is_unprinted && operand.number.is_zero()
}

fn push_term(text: &mut String, (coefficient, factors): Factors<'_, '_>) {
    let mut is_first = true;
    let coefficient = coefficient.abs().unwrap_or(coefficient);
    if coefficient != Rational::ONE || factors.is_empty() {
        match (0..=28).find_map(|scale| printed(coefficient, scale, false)) {
            Some(number) => text.push_str(&number.to_string()),
            None => text.push('?'),
        }
        is_first = false;
    }
    for factor in factors {
        text.push_str(if is_first { "" } else { " x " });
        factor.number.push_to(text);
        is_first = false;
    }
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
