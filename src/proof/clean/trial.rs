//! Rules tried on every record, all of them in one pass over the cells.

use super::TableView;
use super::amounts::{Reader, plain};
use super::chain::{Form, Line, Operand};
use crate::column::plain::PlainValue;
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
    let rules = forms.iter().map(|form| Trial::new(form, readers, records, is_newest_first));
    let mut rules = Rules { rules: rules.collect::<Option<_>>()?, is_newest_first };
    match view.plain {
        Some(cells) => rules.read(view, readers, |cell| cells.get(cell).map(|cell| cell.value()))?,
        None => rules.read(view, readers, |cell| view.alignment.cells.get(cell).and_then(plain))?,
    }
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
    Some(rules.rules.into_iter().map(|rule| (rule.first, rule.lines)).collect())
}

/// The amounts that lines read: those of one record, and behind them those of the record before it, in the order of the readers.
type Amounts = [i64];

/// Rules while they are tried.
struct Rules {
    rules: Vec<Trial>,
    is_newest_first: bool,
}

impl Rules {
    /// Reads all cells, row by row: they are many, and stand together by rows. `value` has what the cell at a place says.
    fn read(
        &mut self,
        view: TableView<'_, '_>,
        readers: &mut [Reader],
        value: impl Fn(usize) -> Option<PlainValue>,
    ) -> Option<()> {
        let table = view.alignment;
        let width = table.columns.len();
        let mut amounts = vec![0; 2 * readers.len()];
        let mut records = 0;
        for (index, row) in table.rows.iter().enumerate() {
            let is_record = row.kind == RowKind::Data;
            let first = index * width;
            if !is_record {
                for reader in &mut *readers {
                    reader.read(value(first + reader.column)?, is_record)?;
                }
                continue;
            }
            let (own, before) = amounts.split_at_mut(readers.len());
            if self.is_newest_first {
                // The record before stands below: a line is complete one record later.
                for ((own, before), reader) in own.iter_mut().zip(&mut *before).zip(&mut *readers) {
                    *own = std::mem::replace(before, reader.read(value(first + reader.column)?, true)?);
                }
                if records > 0 {
                    self.rules.iter_mut().try_for_each(|rule| rule.add_line(&amounts))?;
                }
            } else {
                for ((own, before), reader) in own.iter_mut().zip(&mut *before).zip(&mut *readers) {
                    *before = std::mem::replace(own, reader.read(value(first + reader.column)?, true)?);
                }
                let told = self.rules.iter_mut().filter(|rule| records >= rule.first);
                { told }.try_for_each(|rule| rule.add_line(&amounts))?;
            }
            records += 1;
        }
        if self.is_newest_first && records > 0 {
            // Before the oldest record stands none.
            amounts.rotate_right(readers.len());
            let told = self.rules.iter_mut().filter(|rule| !rule.reads_previous);
            { told }.try_for_each(|rule| rule.add_line(&amounts))?;
        }
        Some(())
    }
}

/// One rule while it is tried.
struct Trial {
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

impl Trial {
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
