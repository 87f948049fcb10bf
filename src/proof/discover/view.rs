//! A table as discovery sees it: whole numbers on one grid.

use std::cell::Cell;

use crate::align::{AlignedCell, Alignment, PlainCell, Slot};
use crate::column::plain::{Plain, PlainValue};
use crate::proof::board::{Board, Fact, Known, is_habit, is_percent, settle_scales};
use crate::proof::constraint::Var;
use crate::proof::label::is_carried;
use crate::proof::rational::{Rational, power_of_ten};
use crate::table::RowKind;

/// More decimals than this are no amounts.
const MAX_SCALE: u8 = 12;

/// Columns beyond this many are not compared with one another.
const MAX_COLUMNS: usize = 48;

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A settled number in units of the table's grid, and the units of its last printed place.
    Number(i128, i128),
    /// Blank or nil: 0.
    Empty,
    /// Lost or open.
    Open,
    /// Text, or nothing that was ever printed.
    Text,
}

impl Entry {
    /// The number, 0 where nothing is printed.
    pub(crate) const fn value(self) -> Option<i128> {
        match self {
            Self::Number(value, _) => Some(value),
            Self::Empty => Some(0),
            Self::Open | Self::Text => None,
        }
    }
}

/// Whether a print ends in a sign of percent, closing brackets aside.
#[inline]
fn prints_percent(print: &[u8]) -> bool {
    let ends = |print: &[u8]| print.iter().rev().find(|byte| !matches!(byte, b')' | b' ')) == Some(&b'%');
    match print.last() {
        Some(b')' | b' ') => ends(print),
        last => last == Some(&b'%'),
    }
}

/// Numeric rows and columns of one table.
#[derive(Debug)]
pub(crate) struct View<'v, 't> {
    /// Its cells may be plain, and then stand apart from it.
    pub(crate) table: &'v Alignment<'t>,
    cells: Cells<'v, 't>,
    /// Rows with a number.
    pub(crate) rows: Vec<usize>,
    /// Columns with a number.
    pub(crate) columns: Vec<usize>,
    /// The columns among them that print a percentage somewhere.
    pub(crate) rates: Vec<usize>,
    /// Whether each of `rows` carries a sum over a page.
    pub(crate) carried: Vec<bool>,
    /// Variable of the table's first cell.
    first: usize,
    entries: Entries,
    width: usize,
    /// Cells that were weighed, each time one was.
    work: Cell<u64>,
}

/// The cells of a table, plain ones with the text that they are printed in.
#[derive(Clone, Copy, Debug)]
enum Cells<'v, 't> {
    Aligned(&'v [AlignedCell<'t>]),
    Plain(&'v [PlainCell], &'v str),
}

impl<'v> Cells<'v, '_> {
    fn slot(&self, offset: usize) -> Option<Slot> {
        match self {
            Self::Aligned(cells) => cells.get(offset).map(|cell| cell.slot),
            Self::Plain(cells, _) => cells.get(offset).map(|cell| cell.slot()),
        }
    }

    /// What is printed in a cell.
    #[inline]
    fn print(&self, offset: usize) -> &'v [u8] {
        match self {
            Self::Aligned(cells) => cells.get(offset).map_or(&[], |cell| cell.content.text.as_bytes()),
            Self::Plain(cells, text) => {
                let span = cells.get(offset).map(|cell| cell.span());
                span.and_then(|span| text.as_bytes().get(span.start..span.end)).unwrap_or_default()
            }
        }
    }
}

/// An entry, with half of its size: tables have many.
#[derive(Clone, Copy, Debug)]
struct Compact {
    /// The two halves of a number.
    high: i64,
    low: u64,
    kind: CompactKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CompactKind {
    /// The units of its last place, as a power of ten.
    Number(u8),
    Empty,
    Open,
    Text,
}

impl Compact {
    const fn without_number(kind: CompactKind) -> Self {
        Self { high: 0, low: 0, kind }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The halves are put together again.
    const fn number(units: i128, place: u8) -> Self {
        Self { high: (units >> 64) as i64, low: units as u64, kind: CompactKind::Number(place) }
    }

    const fn is_number(self) -> bool {
        matches!(self.kind, CompactKind::Number(_))
    }

    #[inline]
    fn entry(self) -> Entry {
        match self.kind {
            CompactKind::Number(place) => {
                let units = i128::from(self.high) << 64 | i128::from(self.low);
                power_of_ten(place).map_or(Entry::Text, |place| Entry::Number(units, place))
            }
            CompactKind::Empty => Entry::Empty,
            CompactKind::Open => Entry::Open,
            CompactKind::Text => Entry::Text,
        }
    }
}

/// What the cells say.
#[derive(Debug)]
struct Entries {
    /// Rows x columns of the table, row-major.
    entries: Vec<Compact>,
    /// Decimals of the grid.
    finest: u8,
    /// Whether the numbers of a column are percentages, by print or by schema.
    percents: Vec<bool>,
}

impl<'v, 't> View<'v, 't> {
    /// `None` where the table is too small, or its numbers do not fit, for any relation.
    pub(crate) fn new(board: &'v Board<'_, 't>, table: usize) -> Option<Self> {
        let alignment = board.tables.get(table)?;
        let first = board.var(table, 0, 0)? as usize;
        let facts = board.facts.get(first..first + alignment.cells.len())?;
        Self::of(alignment, Cells::Aligned(&alignment.cells), Entries::of_facts(alignment, facts)?, first)
    }

    /// The same of a plain table, its cells printed in `text`.
    pub(crate) fn of_plain(table: &'v Alignment<'t>, cells: &'v [PlainCell], text: &'v str) -> Option<Self> {
        Self::of(table, Cells::Plain(cells, text), Entries::of_plain(table, cells)?, 0)
    }

    fn of(table: &'v Alignment<'t>, cells: Cells<'v, 't>, entries: Entries, first: usize) -> Option<Self> {
        let width = table.columns.len();
        let mut is_filled = vec![false; width];
        let mut rows = Vec::new();
        for (row, (line, own)) in entries.entries.chunks_exact(width.max(1)).zip(&table.rows).enumerate() {
            if matches!(own.kind, RowKind::Data | RowKind::Total)
                && line.iter().any(|entry| entry.is_number())
            {
                rows.push(row);
                let filled = line.iter().zip(&mut is_filled);
                filled.for_each(|(entry, is_filled)| *is_filled |= entry.is_number());
            }
        }
        let columns: Vec<usize> = (0..width).filter(|&column| is_filled[column]).take(MAX_COLUMNS).collect();
        if columns.is_empty() || rows.is_empty() {
            return None;
        }
        let carried = rows.iter().map(|&row| is_carried(&table.rows[row].label)).collect();
        let work = Cell::new(0);
        let mut view =
            Self { table, cells, rows, columns, rates: Vec::new(), carried, first, entries, width, work };
        let prints_rate = |column: &usize| view.rows.iter().any(|&row| view.is_percent(row, *column));
        view.rates = view.columns.iter().copied().filter(prints_rate).collect();
        Some(view)
    }

    /// The rows that may be addends: those that carry a sum over a page would count twice.
    pub(crate) fn addends(&self) -> Vec<usize> {
        let rows = self.rows.iter().zip(&self.carried);
        rows.filter(|(_, is_carried)| !**is_carried).map(|(row, _)| *row).collect()
    }

    /// Counts cells that are weighed.
    pub(crate) fn count(&self, cells: usize) {
        self.work.set(self.work.get().saturating_add(cells as u64));
    }

    /// The cells that were weighed so far.
    #[cfg(test)]
    pub(crate) fn work(&self) -> u64 {
        self.work.get()
    }

    pub(crate) fn entry(&self, row: usize, column: usize) -> Entry {
        self.entries.entries[row * self.width + column].entry()
    }

    /// The plain number of units of the grid.
    pub(crate) fn number(&self, units: i128) -> Option<Rational> {
        Rational::new(units, power_of_ten(self.entries.finest)?)
    }

    pub(crate) fn var(&self, row: usize, column: usize) -> Option<Var> {
        Var::try_from(self.first + row * self.width + column).ok()
    }

    /// Whether nothing stands in a slot that is printed: a value may have been lost there.
    pub(crate) fn is_blank(&self, row: usize, column: usize) -> bool {
        let slot = self.cells.slot(row * self.width + column);
        self.entry(row, column) == Entry::Empty && slot == Some(Slot::Blank)
    }

    /// Whether the cell is a percentage, by its column or by its own sign.
    pub(crate) fn is_percent(&self, row: usize, column: usize) -> bool {
        self.is_known_rate(column) || prints_percent(self.cells.print(row * self.width + column))
    }

    /// Whether the column is known to hold percentages.
    fn is_known_rate(&self, column: usize) -> bool {
        self.entries.percents.get(column).is_some_and(|&is_percent| is_percent)
    }

    /// By what a ratio is multiplied to stand in the cell: 100 where it prints per cents that its column does not know of.
    pub(crate) fn percent_factor(&self, column: usize) -> Rational {
        if self.is_known_rate(column) { Rational::ONE } else { Rational::integer(100) }
    }

    /// The row in the check language.
    pub(crate) fn row_name(&self, row: usize) -> String {
        let rows = &self.table.rows;
        let label = rows[row].label.trim();
        let is_alone = rows.iter().filter(|other| other.label.trim() == label).count() == 1;
        if !label.is_empty() && is_alone && !label.contains('"') {
            return format!("row(\"{label}\")");
        }
        let body = rows[..=row].iter().filter(|other| other.kind != RowKind::Note).count();
        format!("row(\"#{body}\")")
    }

    /// The column in the check language.
    pub(crate) fn column_name(&self, column: usize) -> String {
        let title = &self.table.columns[column].title;
        if title.is_empty() || title.contains('"') {
            format!("\"column {}\"", column + 1)
        } else {
            format!("\"{title}\"")
        }
    }
}

impl Entries {
    /// `None` where no cell has a number.
    fn of_facts(table: &Alignment<'_>, facts: &[Fact]) -> Option<Self> {
        let is_number = |known: Known| matches!(known, Known::Number(_));
        let finest =
            facts.iter().filter(|fact| is_number(fact.known)).map(|fact| fact.scale).max()?.min(MAX_SCALE);
        let grid = power_of_ten(finest)?;
        let text = Compact::without_number(CompactKind::Text);
        let entry = |(fact, cell): (&Fact, &AlignedCell<'_>)| match fact.known {
            Known::Number(value) => {
                let number = finest.checked_sub(fact.scale).zip(value.units(grid));
                number.map_or(text, |(place, units)| Compact::number(units, place))
            }
            Known::Empty => Compact::without_number(CompactKind::Empty),
            Known::Unknown => Compact::without_number(CompactKind::Open),
            Known::Unusable => match cell.slot {
                Slot::Absent | Slot::Blank => Compact::without_number(CompactKind::Empty),
                _ => text,
            },
        };
        let percents = (0..table.columns.len()).map(|column| is_percent(table, column)).collect();
        Some(Self { entries: facts.iter().zip(&table.cells).map(entry).collect(), finest, percents })
    }

    /// The same of plain cells: no fact is made of a cell. What a number says hangs on its column, its decimals, and whether
    /// it is 0, so it is worked out once for each of these.
    fn of_plain(table: &Alignment<'_>, cells: &[PlainCell]) -> Option<Self> {
        let width = table.columns.len();
        let percents: Vec<bool> = (0..width).map(|column| is_percent(table, column)).collect();
        let mut kinds: Vec<PlainNumbers> = vec![PlainNumbers::default(); width];
        for row in cells.chunks_exact(width.max(1)) {
            for (cell, kinds) in row.iter().zip(&mut kinds) {
                let value = cell.value();
                if value.kind == Plain::Number {
                    kinds.see(value)?;
                }
            }
        }
        let printed: Vec<Option<u8>> = kinds.iter().map(PlainNumbers::scale).collect();
        let scales = settle_scales(table, &printed);
        let columns = || kinds.iter().zip(&percents).zip(&scales);
        let finest = columns().filter_map(|((kinds, percent), scale)| kinds.finest(*percent, *scale));
        let finest = finest.max()?.min(MAX_SCALE);
        let made: Vec<_> =
            columns().map(|((kinds, percent), scale)| kinds.made(finest, *percent, *scale)).collect();
        let number = |value: PlainValue, column: usize| {
            let (factor, place) = made[column][usize::from(value.scale)][usize::from(value.mantissa == 0)]?;
            Some(Compact::number(i128::from(value.mantissa).checked_mul(factor)?, place))
        };
        let text = Compact::without_number(CompactKind::Text);
        let mut entries = Vec::with_capacity(cells.len());
        for row in cells.chunks_exact(width.max(1)) {
            entries.extend(row.iter().enumerate().map(|(column, cell)| match cell.value().kind {
                Plain::Number => number(cell.value(), column).unwrap_or(text),
                Plain::Absent | Plain::Blank | Plain::Nil => Compact::without_number(CompactKind::Empty),
                Plain::Text | Plain::Date => text,
            }));
        }
        Some(Self { entries, finest, percents })
    }
}

/// Decimals that the short way knows, and none.
const PLAIN_SCALES: usize = MAX_SCALE as usize + 1;

/// How many numbers of a column have so many decimals: those that are 0 apart.
#[derive(Clone, Debug, Default)]
struct PlainNumbers {
    numbers: [usize; PLAIN_SCALES],
    zeros: [usize; PLAIN_SCALES],
}

impl PlainNumbers {
    /// `None` where a number has more decimals than are known.
    #[inline]
    fn see(&mut self, value: PlainValue) -> Option<()> {
        let counts = if value.mantissa == 0 { &mut self.zeros } else { &mut self.numbers };
        *counts.get_mut(usize::from(value.scale))? += 1;
        Some(())
    }

    /// The most decimals that are printed; a `0` without any says nothing of them.
    fn scale(&self) -> Option<u8> {
        let is_printed = |&scale: &usize| self.numbers[scale] > 0 || scale > 0 && self.zeros[scale] > 0;
        (0..PLAIN_SCALES).rev().find(is_printed).and_then(|scale| u8::try_from(scale).ok())
    }

    /// The decimals that all numbers but one print, as [`habit`](crate::proof::board::habit) finds them.
    fn habit(&self, percent: bool) -> Option<u8> {
        let (scale, &agreeing) = (0u8..).zip(&self.numbers).filter(|(_, count)| **count > 0).last()?;
        (!percent && is_habit(scale, agreeing, self.numbers.iter().sum())).then_some(scale)
    }

    /// The decimals to which numbers of one print are held, in a column of `column_scale`.
    fn held(scale: u8, is_zero: bool, habit: Option<u8>, percent: bool, column_scale: u8) -> u8 {
        let own = scale.saturating_add(if percent { 2 } else { 0 });
        match habit {
            Some(habit) if !is_zero => habit,
            // A `0` without decimals is exact.
            _ if is_zero && scale == 0 && column_scale > own => column_scale,
            _ => own,
        }
    }

    /// The most decimals that any number is held to.
    fn finest(&self, percent: bool, column_scale: u8) -> Option<u8> {
        let habit = self.habit(percent);
        let counts = (0u8..).zip(self.numbers.iter().zip(&self.zeros));
        let held = |is_zero: bool, scale: u8| Self::held(scale, is_zero, habit, percent, column_scale);
        let both = counts.flat_map(|(scale, (&numbers, &zeros))| {
            [(numbers > 0).then(|| held(false, scale)), (zeros > 0).then(|| held(true, scale))]
        });
        both.flatten().max()
    }

    /// By decimals, of numbers and of zeros: what brings them to the grid of `finest`, and the units of their last place as a
    /// power of ten.
    fn made(&self, finest: u8, percent: bool, column_scale: u8) -> [[Option<(i128, u8)>; 2]; PLAIN_SCALES] {
        let habit = self.habit(percent);
        let mut made = [[None; 2]; PLAIN_SCALES];
        for (scale, made) in (0u8..).zip(&mut made) {
            for (is_zero, made) in [false, true].into_iter().zip(made) {
                let held = Self::held(scale, is_zero, habit, percent, column_scale);
                let own = scale.saturating_add(if percent { 2 } else { 0 });
                *made = finest.checked_sub(own).and_then(power_of_ten).zip(finest.checked_sub(held));
            }
        }
        made
    }
}
