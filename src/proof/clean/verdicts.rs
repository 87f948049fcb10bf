//! The verdicts of the short way, told cell by cell when they are asked for.

use super::amounts::Amounts;
use super::chain::{Chain, Form, Line, Operand};
use crate::proof::trial::MAX_REASONS;
use crate::proof::verdict::TableVerdicts;
use crate::proof::withhold::INFORMATIVE_OTHERS;
use crate::schema::Constraints;
use crate::table::{Check, CheckIds, Status};
use crate::text::Decimal;

/// The verdict on a cell that stands as it is printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CleanVerdict {
    pub(crate) status: Status,
    /// Ids of the checks that carry the status.
    pub(crate) because: CheckIds,
}

/// The verdicts on a table that raises no question: those on its cells are told when they are asked for.
#[derive(Debug)]
pub(crate) struct CleanVerdicts {
    /// The checks, in order of id.
    pub(crate) checks: Vec<Check>,
    pub(super) chains: Vec<Chain>,
    /// One a column; `None` where no rule reads it.
    pub(super) columns: Vec<Option<Column>>,
    /// The rows that are records, ascending.
    pub(super) records: Vec<usize>,
    /// Number of all rows.
    pub(super) rows: usize,
}

impl CleanVerdicts {
    /// What judges the cells, one a column.
    pub(crate) fn judges(&self) -> Vec<ColumnJudge<'_>> {
        let readers = |column: Option<&Column>| column.map(|column| column.readers(&self.chains));
        let columns = self.columns.iter().map(Option::as_ref);
        columns.map(|column| ColumnJudge { column, readers: readers(column).unwrap_or_default() }).collect()
    }

    /// The verdicts on all cells.
    pub(crate) fn into_verdicts(self) -> TableVerdicts {
        let width = self.columns.len();
        let judges = self.judges();
        let mut verdicts = TableVerdicts::unchecked(self.rows * width);
        for (record, &row) in self.records.iter().enumerate() {
            let own = verdicts.cells.get_mut(row * width..(row + 1) * width).unwrap_or_default();
            for (judge, verdict) in judges.iter().zip(own) {
                let CleanVerdict { status, because } = judge.judge(Some(record));
                (verdict.status, verdict.because) = (status, because);
            }
        }
        drop(judges);
        TableVerdicts { checks: self.checks, ..verdicts }
    }
}

/// A column that rules read.
#[derive(Debug)]
pub(super) struct Column {
    amounts: Amounts,
    readings: Vec<Reading>,
    minimum: Option<Decimal>,
    maximum: Option<Decimal>,
}

/// A rule that reads a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Place of its chain among those of the table.
    chain: usize,
    /// What leads from a record to the place of the line that reads it, wrapping around.
    shift: usize,
    /// Whether a line of the rule can force the cell.
    can_force: bool,
}

impl Column {
    pub(super) fn new(amounts: Amounts, readings: Vec<Reading>, limits: Option<&Constraints>) -> Self {
        let minimum = limits.and_then(|limits| limits.minimum);
        let maximum = limits.and_then(|limits| limits.maximum);
        Self { amounts, readings, minimum, maximum }
    }

    fn readers<'c>(&self, chains: &'c [Chain]) -> Vec<Reader<'c>> {
        let reader = |reading: &Reading| {
            let chain = chains.get(reading.chain)?;
            let (shift, can_force) = (reading.shift, reading.can_force);
            Some(Reader { lines: &chain.lines, first_id: chain.ids + 1, shift, can_force })
        };
        self.readings.iter().filter_map(reader).collect()
    }

    /// Whether a value keeps the limits of its field.
    #[inline]
    fn allows(&self, value: i64) -> bool {
        if self.minimum.is_none() && self.maximum.is_none() {
            return true;
        }
        let Some(number) = Decimal::new(i128::from(value), self.amounts.scale) else { return false };
        self.minimum.is_none_or(|minimum| minimum <= number)
            && self.maximum.is_none_or(|maximum| number <= maximum)
    }
}

/// The rules that read a column, in the order of their ids on one record.
pub(super) fn readings_of(column: usize, chains: &[(Form, Chain)], is_newest_first: bool) -> Vec<Reading> {
    let mut readings = Vec::new();
    for (place, (form, chain)) in chains.iter().enumerate() {
        let can_force = matches!(form, Form::Sum { .. });
        for is_previous in [is_newest_first, !is_newest_first] {
            if form.operands().any(|operand| operand == Operand { column, is_previous }) {
                // Whose line reads a record as the one before is the next in the chain.
                let line_of_first = match (is_previous, is_newest_first) {
                    (false, _) => 0,
                    (true, false) => 1,
                    (true, true) => usize::MAX,
                };
                let shift = line_of_first.wrapping_sub(chain.first);
                readings.push(Reading { chain: place, shift, can_force });
            }
        }
    }
    readings
}

/// The lines of a rule that read a column.
#[derive(Debug)]
struct Reader<'c> {
    lines: &'c [Line],
    /// Id of the first line's check.
    first_id: u32,
    shift: usize,
    can_force: bool,
}

impl Reader<'_> {
    /// The id and the informative operands of the line that reads a record.
    #[inline]
    fn line(&self, record: usize) -> Option<(u32, u32)> {
        let place = record.wrapping_add(self.shift);
        let line = self.lines.get(place)?;
        Some((self.first_id + u32::try_from(place).ok()?, line.informative))
    }
}

/// Judges the cells of one column.
#[derive(Debug)]
pub(crate) struct ColumnJudge<'c> {
    column: Option<&'c Column>,
    readers: Vec<Reader<'c>>,
}

impl ColumnJudge<'_> {
    /// The verdict on a cell, `record` being the number of its record; rows of other kinds are in no check.
    #[inline]
    pub(crate) fn judge(&self, record: Option<usize>) -> CleanVerdict {
        let (Some(record), Some(column)) = (record, self.column) else { return CleanVerdict::default() };
        let value = column.amounts.values.get(record).copied().unwrap_or_default();
        let mut because = Because::default();
        if column.amounts.is_printed.get(record) == Some(&true) && column.allows(value) {
            let others = INFORMATIVE_OTHERS + usize::from(value != 0);
            for reader in self.readers.iter().filter(|reader| reader.can_force) {
                if let Some((id, informative)) = reader.line(record)
                    && informative as usize >= others
                {
                    because.push(id);
                }
            }
        }
        if because.count > 0 {
            return CleanVerdict { status: Status::Proven, because: because.ids() };
        }
        self.readers.iter().filter_map(|reader| reader.line(record)).for_each(|(id, _)| because.push(id));
        let status = if because.count == 0 { Status::Unchecked } else { Status::Consistent };
        CleanVerdict { status, because: because.ids() }
    }
}

/// The first reasons for a verdict, in registers rather than in an array.
#[derive(Default)]
struct Because {
    first: u32,
    second: u32,
    others: [u32; MAX_REASONS - 2],
    count: usize,
}

impl Because {
    #[inline]
    fn push(&mut self, id: u32) {
        match self.count {
            0 => self.first = id,
            1 => self.second = id,
            count => match self.others.get_mut(count - 2) {
                Some(place) => *place = id,
                None => return,
            },
        }
        self.count += 1;
    }

    #[inline]
    fn ids(&self) -> CheckIds {
        if self.count <= 2 {
            return CheckIds::from_buf_and_len([self.first, self.second], self.count);
        }
        self.many_ids()
    }

    fn many_ids(&self) -> CheckIds {
        let mut ids = CheckIds::from_buf([self.first, self.second]);
        ids.extend_from_slice(&self.others[..self.count - 2]);
        ids
    }
}
