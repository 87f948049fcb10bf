//! The verdicts of the short way, told cell by cell when they are asked for.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use smallvec::SmallVec;

use super::TableView;
use super::chain::{Chain, Form, Line, Operand};
use super::records::Records;
use crate::align::{Alignment, PlainCell};
use crate::column::plain::PlainValue;
use crate::proof::trial::MAX_REASONS;
use crate::proof::verdict::TableVerdicts;
use crate::proof::withhold::INFORMATIVE_OTHERS;
use crate::schema::Constraints;
use crate::table::{Check, CheckIds, CheckStore, Status};
use crate::text::Decimal;

/// The verdict on a cell that stands as it is printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CleanVerdict {
    pub(crate) status: Status,
    /// Ids of the checks that carry the status.
    pub(crate) because: CheckIds,
}

/// How many cells have a status; a table that raises no question has none of the others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StatusCounts {
    pub(crate) proven: usize,
    pub(crate) consistent: usize,
    pub(crate) unchecked: usize,
}

impl StatusCounts {
    #[inline]
    const fn add(&mut self, status: Status) {
        match status {
            Status::Proven => self.proven += 1,
            Status::Consistent => self.consistent += 1,
            _ => self.unchecked += 1,
        }
    }
}

/// The verdicts on a table that raises no question: checks and verdicts on cells are told when they are asked for.
#[derive(Debug)]
pub(crate) struct CleanVerdicts {
    /// The rules with their lines; the ids of their checks follow one another.
    pub(super) chains: Vec<Chain>,
    /// One a column; `None` where no rule reads it.
    pub(super) columns: Vec<Option<Column>>,
    /// The rows that are records.
    pub(super) records: Records,
    /// Number of all rows.
    pub(super) rows: usize,
    /// How many filled cells of each column have a status; none before the cells are counted.
    pub(super) counts: Vec<StatusCounts>,
}

impl CleanVerdicts {
    /// Verdicts on a table of which no check reads a cell.
    pub(crate) fn unchecked(table: &Alignment<'_>) -> Self {
        let columns = table.columns.iter().map(|_| None).collect();
        Self {
            chains: Vec::new(),
            columns,
            records: Records::Some(Vec::new()),
            rows: table.rows.len(),
            counts: Vec::new(),
        }
    }

    /// Counts the filled cells of each column by their status, while they are at hand.
    pub(super) fn count(&mut self, cells: &[PlainCell]) {
        self.counts = self.counted(cells);
    }

    /// How many filled cells of each column have a status, `cells` being those of the table, row-major.
    pub(crate) fn counts(&self, cells: &[PlainCell]) -> Cow<'_, [StatusCounts]> {
        if self.counts.is_empty() { self.counted(cells).into() } else { self.counts.as_slice().into() }
    }

    fn counted(&self, cells: &[PlainCell]) -> Vec<StatusCounts> {
        let mut counts = vec![StatusCounts::default(); self.columns.len()];
        let read = |column: &Option<Column>| column.as_ref().map(|column| column.readers(&self.chains));
        let readers: Vec<Option<Readers<'_>>> = self.columns.iter().map(read).collect();
        for (row, cells) in cells.chunks_exact(self.columns.len().max(1)).enumerate() {
            let record = self.record_of(row);
            let columns = self.columns.iter().zip(&readers).zip(&mut counts);
            for (cell, ((column, readers), counts)) in cells.iter().zip(columns) {
                if cell.is_filled() {
                    counts.add(match (column, readers, record) {
                        (Some(column), Some(readers), Some(record)) => {
                            column.status(record, cell.value().amount(), readers)
                        }
                        _ => Status::Unchecked,
                    });
                }
            }
        }
        counts
    }

    /// The number of the record that stands in a row; rows of other kinds are in no check.
    #[inline]
    pub(crate) fn record_of(&self, row: usize) -> Option<usize> {
        self.records.at(row)
    }

    /// The verdict on a cell, `record` being the number of its record, and `amount` the number that it prints, if it does.
    #[inline]
    pub(crate) fn judge(&self, column: usize, record: Option<usize>, amount: Option<i64>) -> CleanVerdict {
        match (record, self.columns.get(column)) {
            (Some(record), Some(Some(column))) => column.judge(record, amount, &self.chains),
            _ => CleanVerdict::default(),
        }
    }

    /// The verdicts on all cells, which are those of `view`, and all checks.
    pub(crate) fn into_verdicts(self, view: TableView<'_, '_>) -> TableVerdicts {
        let width = self.columns.len();
        let mut verdicts = TableVerdicts::unchecked(self.rows * width);
        for record in 0..self.records.len() {
            let Some(row) = self.records.row(record) else { break };
            let own = verdicts.cells.get_mut(row * width..(row + 1) * width).unwrap_or_default();
            for (column, verdict) in own.iter_mut().enumerate() {
                let amount = view.value(row * width + column).and_then(PlainValue::amount);
                let CleanVerdict { status, because } = self.judge(column, Some(record), amount);
                (verdict.status, verdict.because) = (status, because);
            }
        }
        let checks = (0..self.len()).filter_map(|index| self.check(index)).collect();
        TableVerdicts { checks, ..verdicts }
    }
}

impl CheckStore for CleanVerdicts {
    fn len(&self) -> usize {
        self.chains.iter().map(|chain| chain.lines.len()).sum()
    }

    fn check(&self, mut index: usize) -> Option<Check> {
        for chain in &self.chains {
            if index < chain.lines.len() {
                return chain.check(index, &self.records);
            }
            index -= chain.lines.len();
        }
        None
    }
}

/// A column that rules read.
#[derive(Debug)]
pub(super) struct Column {
    readings: Vec<Reading>,
    /// The amounts that keep the limits of the field.
    allowed: RangeInclusive<i64>,
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

/// A rule that reads a column, with its lines.
#[derive(Clone, Copy)]
struct Reader<'c> {
    chain: &'c Chain,
    lines: &'c [Line],
    reading: Reading,
}

type Readers<'c> = SmallVec<[Reader<'c>; 4]>;

impl Reader<'_> {
    /// The place of the line that reads a record.
    #[inline]
    fn place(&self, record: usize) -> usize {
        record.wrapping_add(self.reading.shift)
    }
}

impl Column {
    /// A column of amounts with so many decimals.
    pub(super) fn new(scale: u8, readings: Vec<Reading>, limits: Option<&Constraints>) -> Self {
        let end = |limit: Option<Decimal>| limit.map(|limit| units_of(limit, scale.into()));
        let lowest = limits.and_then(|limits| end(limits.minimum)).map_or(i64::MIN, |(least, _)| least);
        let highest = limits.and_then(|limits| end(limits.maximum)).map_or(i64::MAX, |(_, most)| most);
        Self { readings, allowed: lowest..=highest }
    }

    /// What reads the column.
    fn readers<'c>(&self, chains: &'c [Chain]) -> Readers<'c> {
        let reader = |reading: &Reading| {
            let chain = chains.get(reading.chain)?;
            Some(Reader { chain, lines: &chain.lines, reading: *reading })
        };
        self.readings.iter().filter_map(reader).collect()
    }

    fn judge(&self, record: usize, amount: Option<i64>, chains: &[Chain]) -> CleanVerdict {
        let readers = self.readers(chains);
        let status = self.status(record, amount, &readers);
        let least = match status {
            Status::Proven => self.least_informative(amount),
            _ => None,
        };
        let mut because = Because::default();
        for reader in readers.iter().filter(|reader| least.is_none() || reader.reading.can_force) {
            if let Some((id, line)) = reader.chain.line(reader.place(record))
                && line.informative() >= least.unwrap_or(0)
            {
                because.push(id);
            }
        }
        CleanVerdict { status, because: because.ids() }
    }

    #[inline]
    fn status(&self, record: usize, amount: Option<i64>, readers: &[Reader<'_>]) -> Status {
        let least = self.least_informative(amount);
        let mut status = Status::Unchecked;
        for reader in readers {
            let Some(line) = reader.lines.get(reader.place(record)) else { continue };
            if reader.reading.can_force && least.is_some_and(|least| line.informative() >= least) {
                return Status::Proven;
            }
            status = Status::Consistent;
        }
        status
    }

    /// Informative operands of a line that forces the cell, its own included; `None` where none can.
    #[inline]
    fn least_informative(&self, amount: Option<i64>) -> Option<usize> {
        let open = amount.filter(|amount| self.allowed.contains(amount));
        open.map(|amount| INFORMATIVE_OTHERS + usize::from(amount != 0))
    }
}

/// A limit in units of so many decimals: the least amount that is not below it, and the greatest that is not above. Limits beyond
/// all amounts are as far as these go.
fn units_of(limit: Decimal, scale: u32) -> (i64, i64) {
    let power = |exponent: u32| 10i128.checked_pow(exponent);
    let own = u32::from(limit.scale());
    let (floor, is_whole) = if own <= scale {
        let units = power(scale - own).and_then(|factor| limit.mantissa().checked_mul(factor));
        (units.unwrap_or(if limit.mantissa() < 0 { i128::MIN } else { i128::MAX }), true)
    } else {
        // No limit has more decimals than a power of ten holds.
        let factor = power(own - scale).unwrap_or(i128::MAX);
        (limit.mantissa().div_euclid(factor), limit.mantissa().rem_euclid(factor) == 0)
    };
    let fit = |units: i128| i64::try_from(units).unwrap_or(if units < 0 { i64::MIN } else { i64::MAX });
    (fit(floor.saturating_add(i128::from(!is_whole))), fit(floor))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_brought_to_the_decimals_of_their_column() {
        let units = |limit: &str, scale| units_of(limit.parse().unwrap(), scale);
        assert_eq!(units("1.5", 2), (150, 150));
        assert_eq!(units("-1.255", 2), (-125, -126));
        assert_eq!(units("0.001", 2), (1, 0));
        assert_eq!(units("99999999999999999999", 2), (i64::MAX, i64::MAX));
        assert_eq!(units("-99999999999999999999999999999999", 12), (i64::MIN, i64::MIN));
    }
}
