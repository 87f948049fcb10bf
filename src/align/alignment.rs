use std::borrow::Cow;
use std::sync::Arc;

use crate::schema::{FieldKind, Schema};
use crate::table::{CellMark, CellValue, HeaderCell, Origin, RowKind, Spans};
use crate::text::Span;

/// What was printed in a cell's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slot {
    /// A value.
    Printed,
    /// A nil mark.
    Nil,
    /// Nothing, in a slot that is printed.
    #[default]
    Blank,
    /// A record of a packed, torn, shifted or flattened piece that got no token.
    Lost,
    /// The column has no print at all in this table.
    Absent,
}

/// The printed content of a cell under one reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content<'t> {
    /// Pieces in reading order, joined by the rule of the origin; marks left off.
    pub text: Cow<'t, str>,
    /// The typed value under the column's type; `None` for blank, nil and unreadable text.
    pub value: Option<CellValue>,
    /// Where the text stands.
    pub spans: Spans,
    /// How it came here.
    pub origin: Origin,
    /// Footnote marks printed with it.
    pub marks: Vec<CellMark>,
}

/// A cell: row x column of an alignment.
#[derive(Clone, Debug, PartialEq)]
pub struct AlignedCell<'t> {
    /// Its content at the best reading; empty where nothing is printed.
    pub content: Content<'t>,
    /// What is printed in its place, at the best reading.
    pub slot: Slot,
    /// Bits by which the next reading of this cell is dearer; infinite where there is no other.
    pub margin: f32,
    /// Bits by which the next way to cut the print into cells is dearer, where the reader of the print told one;
    /// infinite for cells between delimiters.
    pub doubt: f32,
    /// The choice on which the cell depends, if it is open.
    pub choice: Option<u32>,
}

/// A column of an alignment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlignedColumn {
    /// Index of the schema's field it is bound to.
    pub field: Option<usize>,
    /// Printed header, its levels joined; empty where none is printed.
    pub title: String,
    /// Printed header cells, outermost first.
    pub header: Vec<HeaderCell>,
    /// Type of its values.
    pub kind: FieldKind,
    /// Whether its numbers are percentages.
    pub percent: bool,
    /// Whether the print has any cell of this column.
    pub is_printed: bool,
}

/// A row of an alignment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlignedRow<'t> {
    /// Record, total, group heading or note.
    pub kind: RowKind,
    /// Line of its first token, from 1.
    pub line: usize,
    /// Text of its stub cell, by which checks name the row.
    pub label: Cow<'t, str>,
}

/// k tokens into n records, order kept: which of them own the tokens is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement<'t> {
    /// The column.
    pub column: usize,
    /// The rows of the block, in order: n of them.
    pub rows: Vec<usize>,
    /// The tokens in print order: k < n of them, or k = 0. One without a value is a nil mark.
    pub tokens: Vec<Content<'t>>,
    /// The best reading: for every token the position of its row in `rows`, increasing.
    pub best: Vec<usize>,
}

/// One alternative of a choice among whole readings.
#[derive(Clone, Debug, PartialEq)]
pub struct ChoiceOption<'t> {
    /// Cost in bits, relative to the cheapest option.
    pub bits: f32,
    /// Whether values were lost under this reading: its blank slots may have held one.
    pub has_losses: bool,
    /// What the option puts into cells, by index in [`Alignment::cells`]; `None` content is an empty slot.
    pub cells: Vec<(usize, Slot, Content<'t>)>,
}

/// One open question with its costed alternatives.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice<'t> {
    /// k tokens into n records, implicit.
    Placement(Placement<'t>),
    /// Alternatives for some cells together (cut, owner, mark, blank or lost), the cheapest first; the cells
    /// hold the first.
    Readings(Vec<ChoiceOption<'t>>),
    /// A budget cut this choice short: nothing that depends on these cells is proven.
    Open(Vec<usize>),
}

impl Choice<'_> {
    /// The cells that depend on the choice, by index in an alignment of `width` columns; as often as it names them.
    pub(crate) fn cells(&self, width: usize) -> impl Iterator<Item = usize> + '_ {
        let (placement, options, open) = match self {
            Self::Placement(placement) => (Some(placement), &[][..], &[][..]),
            Self::Readings(options) => (None, options.as_slice(), &[][..]),
            Self::Open(cells) => (None, &[][..], cells.as_slice()),
        };
        let placed = placement
            .into_iter()
            .flat_map(move |placement| placement.rows.iter().map(move |row| row * width + placement.column));
        let named = options.iter().flat_map(|option| option.cells.iter().map(|cell| cell.0));
        placed.chain(named).chain(open.iter().copied())
    }
}

/// A table with its tokens in records and its open questions named.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alignment<'t> {
    /// The schema it is bound to.
    pub schema: Option<SchemaHandle>,
    /// The columns.
    pub columns: Vec<AlignedColumn>,
    /// The rows.
    pub rows: Vec<AlignedRow<'t>>,
    /// Rows x columns, row-major.
    pub cells: Vec<AlignedCell<'t>>,
    /// The open questions.
    pub choices: Vec<Choice<'t>>,
    /// Tokens that ended in no cell and no header.
    pub left_over: Vec<Span>,
}

impl<'t> Alignment<'t> {
    /// The cell at `row`, `column`.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Option<&AlignedCell<'t>> {
        if column < self.columns.len() { self.cells.get(row * self.columns.len() + column) } else { None }
    }

    /// Index of the column that is bound to field `field` of the schema.
    #[must_use]
    pub fn column_of(&self, field: usize) -> Option<usize> {
        self.columns.iter().position(|column| column.field == Some(field))
    }
}

/// A shared schema; equal where it is the same one.
#[derive(Clone, Debug)]
pub struct SchemaHandle(pub Arc<Schema>);

impl PartialEq for SchemaHandle {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl std::ops::Deref for SchemaHandle {
    type Target = Schema;

    fn deref(&self) -> &Schema {
        &self.0
    }
}
