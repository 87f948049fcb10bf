//! Rules in the forms that the short way knows.

use std::sync::Arc;

use smallvec::SmallVec;

use super::records::Records;
use crate::align::Alignment;
use crate::proof::instantiate::stands_on_totals;
use crate::proof::judge::bits_of_digits;
use crate::schema::check::{Check as Rule, Expression, Relation};
use crate::table::{Check, CheckStatus};

/// A cell that a rule reads: of its own record, or of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operand {
    pub(super) column: usize,
    pub(super) is_previous: bool,
}

/// The forms of rules that the short way knows.
#[derive(Debug)]
pub(super) enum Form {
    /// An operand alone against a sum of others, none twice; whether each is subtracted.
    Sum { lone: Operand, terms: Vec<(Operand, bool)> },
    /// Two columns of which one is 0.
    Sides(usize, usize),
    /// A rule about total rows.
    OnTotals,
}

impl Form {
    pub(super) fn operands(&self) -> impl Iterator<Item = Operand> + '_ {
        let own = |column: usize| Operand { column, is_previous: false };
        let (lone, terms, sides) = match self {
            Self::Sum { lone, terms } => (Some(*lone), terms.as_slice(), None),
            Self::Sides(a, b) => (None, &[][..], Some([own(*a), own(*b)])),
            Self::OnTotals => (None, &[][..], None),
        };
        lone.into_iter().chain(terms.iter().map(|term| term.0)).chain(sides.into_iter().flatten())
    }

    pub(super) fn reads_previous(&self) -> bool {
        self.operands().any(|operand| operand.is_previous)
    }

    fn reads_own(&self) -> bool {
        self.operands().any(|operand| !operand.is_previous)
    }
}

/// The form of a rule; `None` where it is another one.
pub(super) fn form_of(table: &Alignment<'_>, check: &Rule) -> Option<Form> {
    if stands_on_totals(check) {
        return Some(Form::OnTotals);
    }
    if check.relation != Relation::Equal {
        return None;
    }
    let is_zero = |side: &Expression| matches!(side, Expression::Number(number) if number.is_zero());
    let (lone, sum) = match (&check.left, &check.right) {
        (Expression::Multiply(a, b), zero) | (zero, Expression::Multiply(a, b)) if is_zero(zero) => {
            let (a, b) = (operand(table, a)?, operand(table, b)?);
            let are_sides = !a.is_previous && !b.is_previous && a != b;
            return are_sides.then_some(Form::Sides(a.column, b.column));
        }
        (lone @ (Expression::Field(_) | Expression::Previous(_)), sum)
        | (sum, lone @ (Expression::Field(_) | Expression::Previous(_))) => (operand(table, lone)?, sum),
        _ => return None,
    };
    let mut terms = Vec::new();
    add_terms(table, sum, false, &mut terms)?;
    let is_twice = |(position, term): (usize, &(Operand, bool))| {
        term.0 == lone || terms[..position].iter().any(|other| other.0 == term.0)
    };
    let is_any_twice = terms.iter().enumerate().any(is_twice);
    (!is_any_twice).then_some(Form::Sum { lone, terms })
}

fn operand(table: &Alignment<'_>, expression: &Expression) -> Option<Operand> {
    match expression {
        Expression::Field(field) => Some(Operand { column: table.column_of(*field)?, is_previous: false }),
        Expression::Previous(field) => Some(Operand { column: table.column_of(*field)?, is_previous: true }),
        _ => None,
    }
}

/// Adds the operands of a sum; `None` where it is more than a sum. Schemas bound its depth.
fn add_terms(
    table: &Alignment<'_>,
    expression: &Expression,
    is_subtracted: bool,
    terms: &mut Vec<(Operand, bool)>,
) -> Option<()> {
    match expression {
        Expression::Negative(inner) => add_terms(table, inner, !is_subtracted, terms),
        Expression::Add(a, b) | Expression::Subtract(a, b) => {
            add_terms(table, a, is_subtracted, terms)?;
            let turns = matches!(expression, Expression::Subtract(..));
            add_terms(table, b, is_subtracted != turns, terms)
        }
        _ => {
            terms.push((operand(table, expression)?, is_subtracted));
            Some(())
        }
    }
}

/// What one line of a rule says beside that it holds, in two bytes, for there is a line a row and rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Operands that are not 0, or 255 of more.
    informative: u8,
    /// Digits of the greatest number that it tests; 0 where it tests none.
    digits: u8,
}

impl Line {
    /// A line with so many operands that are not 0, `tested` being the greatest number that it tests.
    #[inline]
    pub(super) fn new(informative: usize, tested: u64) -> Self {
        let digits = tested.checked_ilog10().map_or(0, |log| log + 1);
        // No number of 64 bits has more than 20 digits.
        Self {
            informative: u8::try_from(informative).unwrap_or(u8::MAX),
            digits: u8::try_from(digits).unwrap_or(0),
        }
    }

    /// Operands that are not 0, or 255 of more.
    #[inline]
    pub(super) fn informative(self) -> usize {
        usize::from(self.informative)
    }

    /// Evidence in bits.
    fn significance(self) -> f32 {
        if self.digits == 0 { 0.0 } else { bits_of_digits(self.digits.into()) }
    }
}

/// The lines of one rule, one a record from `first` on.
#[derive(Debug)]
pub(super) struct Chain {
    /// The rule as it is written.
    rule: Arc<str>,
    /// Id of the check before the first line.
    ids: u32,
    /// The first record with a line.
    pub(super) first: usize,
    pub(super) lines: Vec<Line>,
    /// Which records a line reads beside or instead of its own.
    reach: Reach,
}

/// The records that the lines of a rule read.
#[derive(Clone, Copy, Debug)]
struct Reach {
    /// What leads from a record to the one before, wrapping around; `None` where that is not read.
    before: Option<usize>,
    reads_own: bool,
}

impl Reach {
    fn of(form: &Form, is_newest_first: bool) -> Self {
        let before = if is_newest_first { 1 } else { usize::MAX };
        Self { before: form.reads_previous().then_some(before), reads_own: form.reads_own() }
    }
}

impl Chain {
    /// A rule with its lines, one a record from `first` on; their checks have the ids behind `ids`.
    pub(super) fn new(
        rule: &Rule,
        form: &Form,
        (first, lines): (usize, Vec<Line>),
        is_newest_first: bool,
        ids: u32,
    ) -> Self {
        let reach = Reach::of(form, is_newest_first);
        Self { rule: rule.rule.as_str().into(), ids, first, lines, reach }
    }

    /// A line, and the id of its check.
    #[inline]
    pub(super) fn line(&self, place: usize) -> Option<(u32, Line)> {
        let line = self.lines.get(place)?;
        Some((self.ids + 1 + u32::try_from(place).ok()?, *line))
    }

    /// The check of a line; `records` are the rows that are records.
    pub(super) fn check(&self, place: usize, records: &Records) -> Option<Check> {
        let (id, line) = self.line(place)?;
        let record = self.first + place;
        let row = |record: usize| records.row(record);
        let before = self.reach.before.and_then(|before| row(record.wrapping_add(before)));
        let own = row(record).filter(|_| self.reach.reads_own);
        let mut rows: SmallVec<[usize; 2]> = before.into_iter().chain(own).collect();
        rows.sort_unstable();
        Some(Check {
            id,
            rule: Arc::clone(&self.rule),
            rows,
            status: CheckStatus::Holds,
            discovered: false,
            significance: line.significance(),
            written: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_what_verdicts_and_reports_ask_for() {
        for tested in [0, 1, 9, 10, 99_999, 1 << 60, 1_152_921_504_606_846_975, i64::MAX.unsigned_abs()] {
            let line = Line::new(3, tested);
            let digits = tested.to_string().len() as u32;
            let bits = if tested == 0 { 0.0 } else { bits_of_digits(digits) };
            assert_eq!((line.informative(), line.significance()), (3, bits), "{tested}");
        }
        assert_eq!(Line::new(400, 7).informative(), 255);
    }
}
