//! Rules tried on every record, all of them in one pass over the cells.

use super::TableView;
use super::amounts::Reader;
use super::chain::{Form, Line, Operand};
use crate::table::RowKind;

/// The lines of one rule, and the first record that has one.
pub(super) type Lines = (usize, Vec<Line>);

/// Tries every rule on every record; one of [`Lines`] a rule. `None` where a line does not hold, or the cells of a column are
/// not of one printed grid.
pub(super) fn try_rules(
    view: TableView<'_, '_>,
    readers: &mut [Reader],
    forms: &[&Form],
    records: usize,
    is_newest_first: bool,
) -> Option<Vec<Lines>> {
    let rules = forms.iter().map(|form| TriedRule::new(form, readers, records, is_newest_first));
    let mut rules: Vec<TriedRule> = rules.collect::<Option<_>>()?;
    read_records(view, readers, &mut rules, is_newest_first)?;
    readers.iter().all(|reader| reader.scale().is_some()).then_some(())?;
    let scale_of = |operand: Operand| {
        readers.iter().find(|reader| reader.column == operand.column).and_then(Reader::scale)
    };
    // What is added is of one grid.
    let is_of_one_grid = |form: &&Form| match form {
        Form::Sum { lone, terms } => terms.iter().all(|(term, _)| scale_of(*term) == scale_of(*lone)),
        Form::Sides(..) | Form::OnTotals => true,
    };
    forms.iter().all(is_of_one_grid).then_some(())?;
    Some(rules.into_iter().map(|rule| (rule.first, rule.lines)).collect())
}

/// The amounts that lines read: those of one record, and behind them those of the record before it, in the order of the readers.
type Amounts = [i64];

/// Reads all cells, row by row, for they are many and stand together by rows, and adds the lines of the rules.
fn read_records(
    view: TableView<'_, '_>,
    readers: &mut [Reader],
    rules: &mut [TriedRule],
    is_newest_first: bool,
) -> Option<()> {
    let table = view.alignment;
    let mut amounts = vec![0; 2 * readers.len()];
    let mut records = 0;
    for (index, row) in table.rows.iter().enumerate() {
        let first = index * table.columns.len();
        if row.kind != RowKind::Data {
            for reader in &mut *readers {
                reader.read(view.value(first + reader.column)?, false)?;
            }
            continue;
        }
        let (own, before) = amounts.split_at_mut(readers.len());
        // Where the record before stands below, a line is complete one record later.
        let (delay, read, last) = if is_newest_first { (1, before, own) } else { (0, own, before) };
        for ((read, last), reader) in read.iter_mut().zip(last).zip(&mut *readers) {
            *last = std::mem::replace(read, reader.read(view.value(first + reader.column)?, true)?);
        }
        let mut told = rules.iter_mut().filter(|rule| records >= rule.first + delay);
        told.try_for_each(|rule| rule.add_line(&amounts))?;
        records += 1;
    }
    if is_newest_first && records > 0 {
        // Before the oldest record stands none.
        amounts.rotate_right(readers.len());
        let mut told = rules.iter_mut().filter(|rule| !rule.reads_previous);
        told.try_for_each(|rule| rule.add_line(&amounts))?;
    }
    Some(())
}

/// One rule while it is tried.
struct TriedRule {
    equation: Equation,
    reads_previous: bool,
    first: usize,
    lines: Vec<Line>,
}

/// A form over places among [`Amounts`].
enum Equation {
    /// The terms are subtracted where it says so.
    Sum {
        lone: usize,
        terms: Vec<(usize, bool)>,
    },
    Sides(usize, usize),
}

impl TriedRule {
    /// `None` where an operand is not among the columns that are read.
    fn new(form: &Form, readers: &[Reader], records: usize, is_newest_first: bool) -> Option<Self> {
        let place = |operand: Operand| {
            let reader = readers.iter().position(|reader| reader.column == operand.column)?;
            Some(if operand.is_previous { readers.len() + reader } else { reader })
        };
        let equation = match form {
            Form::Sum { lone, terms } => {
                let terms = terms.iter().map(|(term, sign)| Some((place(*term)?, *sign)));
                Equation::Sum { lone: place(*lone)?, terms: terms.collect::<Option<_>>()? }
            }
            Form::Sides(a, b) => {
                let own = |column: usize| place(Operand { column, is_previous: false });
                Equation::Sides(own(*a)?, own(*b)?)
            }
            Form::OnTotals => return None,
        };
        let reads_previous = form.reads_previous();
        let first = usize::from(reads_previous && !is_newest_first).min(records);
        let lines = Vec::with_capacity(records.saturating_sub(usize::from(reads_previous)));
        Some(Self { equation, reads_previous, first, lines })
    }

    /// Tries the rule on a record; `None` where it does not hold.
    #[inline]
    fn add_line(&mut self, amounts: &Amounts) -> Option<()> {
        let line = match &self.equation {
            Equation::Sum { lone, terms } => {
                let terms = terms.iter().map(|(term, sign)| (amounts.get(*term).copied(), *sign));
                sum_line(*amounts.get(*lone)?, terms)?
            }
            Equation::Sides(a, b) => {
                let (is_a, is_b) = (*amounts.get(*a)? != 0, *amounts.get(*b)? != 0);
                if is_a && is_b {
                    return None;
                }
                Line::new(usize::from(is_a || is_b), 0)
            }
        };
        self.lines.push(line);
        Some(())
    }
}

/// A line of a sum; `None` where it does not hold.
#[inline]
fn sum_line(lone: i64, terms: impl Iterator<Item = (Option<i64>, bool)>) -> Option<Line> {
    let mut sum = 0i64;
    let mut greatest = lone.unsigned_abs();
    let mut informative = usize::from(lone != 0);
    for (value, is_subtracted) in terms {
        let value = value?;
        sum = if is_subtracted { sum.checked_sub(value)? } else { sum.checked_add(value)? };
        // The lone side is what is tested, unless it says nothing itself.
        if lone == 0 {
            greatest = greatest.max(value.unsigned_abs());
        }
        informative += usize::from(value != 0);
    }
    if sum != lone {
        return None;
    }
    Some(Line::new(informative, if informative >= 2 { greatest } else { 0 }))
}
