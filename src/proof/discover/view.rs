//! A table as discovery sees it: whole numbers on one grid.

use std::cell::Cell;

use crate::align::Slot;
use crate::proof::board::{Board, Known};
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
fn prints_percent(text: &str) -> bool {
    match text.as_bytes().last() {
        Some(b')' | b' ') => text.trim_end_matches([')', ' ']).ends_with('%'),
        last => last == Some(&b'%'),
    }
}

/// Numeric rows and columns of one table.
#[derive(Debug)]
pub(crate) struct View<'b, 'a, 't> {
    pub(crate) board: &'b Board<'a, 't>,
    pub(crate) table: usize,
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
    /// Rows x columns of the table, row-major.
    entries: Vec<Entry>,
    width: usize,
    /// Cells that were weighed, each time one was.
    work: Cell<u64>,
}

impl<'b, 'a, 't> View<'b, 'a, 't> {
    /// `None` where the table is too small, or its numbers do not fit, for any relation.
    pub(crate) fn new(board: &'b Board<'a, 't>, table: usize) -> Option<Self> {
        let alignment = board.tables.get(table)?;
        let width = alignment.columns.len();
        let first = board.var(table, 0, 0)? as usize;
        let facts = board.facts.get(first..first + alignment.cells.len())?;
        let is_number = |known: Known| matches!(known, Known::Number(_));
        let finest =
            facts.iter().filter(|fact| is_number(fact.known)).map(|fact| fact.scale).max()?.min(MAX_SCALE);
        let grid = power_of_ten(finest)?;
        let entry = |offset: usize| {
            let fact = facts[offset];
            match fact.known {
                Known::Number(value) => {
                    let place = finest.checked_sub(fact.scale).and_then(power_of_ten);
                    let number = place.and_then(|place| Some(Entry::Number(value.units(grid)?, place)));
                    number.unwrap_or(Entry::Text)
                }
                Known::Empty => Entry::Empty,
                Known::Unknown => Entry::Open,
                Known::Unusable => match alignment.cells[offset].slot {
                    Slot::Absent | Slot::Blank => Entry::Empty,
                    _ => Entry::Text,
                },
            }
        };
        let entries: Vec<Entry> = (0..facts.len()).map(entry).collect();
        let is_filled =
            |row: usize, column: usize| matches!(entries[row * width + column], Entry::Number(..));
        let is_body = |row: &usize| matches!(alignment.rows[*row].kind, RowKind::Data | RowKind::Total);
        let rows: Vec<usize> = (0..alignment.rows.len())
            .filter(is_body)
            .filter(|&row| (0..width).any(|column| is_filled(row, column)))
            .collect();
        let columns: Vec<usize> = (0..width)
            .filter(|&column| rows.iter().any(|&row| is_filled(row, column)))
            .take(MAX_COLUMNS)
            .collect();
        if columns.is_empty() || rows.is_empty() {
            return None;
        }
        let carried = rows.iter().map(|&row| is_carried(&alignment.rows[row].label)).collect();
        let mut view = Self {
            board,
            table,
            rows,
            columns,
            rates: Vec::new(),
            carried,
            first,
            entries,
            width,
            work: Cell::new(0),
        };
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
        self.entries[row * self.width + column]
    }

    pub(crate) fn var(&self, row: usize, column: usize) -> Option<Var> {
        self.board.var(self.table, row, column)
    }

    /// Whether nothing stands in a slot that is printed: a value may have been lost there.
    pub(crate) fn is_blank(&self, row: usize, column: usize) -> bool {
        let cell = self.var(row, column).and_then(|var| self.board.cell(var));
        self.entry(row, column) == Entry::Empty && cell.is_some_and(|cell| cell.slot == Slot::Blank)
    }

    /// Whether the cell is a percentage, by its column or by its own sign.
    pub(crate) fn is_percent(&self, row: usize, column: usize) -> bool {
        let offset = row * self.width + column;
        let Some(fact) = self.board.facts.get(self.first + offset) else { return false };
        let text = self.board.tables[self.table].cells.get(offset).map_or("", |cell| &*cell.content.text);
        fact.percent || prints_percent(text)
    }

    /// By what a ratio is multiplied to stand in the cell: 100 where it prints per cents that its column does not know of.
    pub(crate) fn percent_factor(&self, row: usize, column: usize) -> Rational {
        let is_known = self.var(row, column).is_some_and(|var| self.board.fact(var).percent);
        if is_known { Rational::ONE } else { Rational::integer(100) }
    }

    /// The row in the check language.
    pub(crate) fn row_name(&self, row: usize) -> String {
        let rows = &self.board.tables[self.table].rows;
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
        let title = &self.board.tables[self.table].columns[column].title;
        if title.is_empty() || title.contains('"') {
            format!("\"column {}\"", column + 1)
        } else {
            format!("\"{title}\"")
        }
    }
}
