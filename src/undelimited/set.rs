//! Tables as a reader of undelimited print sets them: rows x columns of pieces of the text.

use crate::region::Form;
use crate::text::Span;

/// A table that a reader has set, in flat storage: pieces, ends of cells, ends of rows.
#[derive(Clone, Debug)]
pub(crate) struct SetTable {
    /// How it is printed.
    pub(crate) form: Form,
    /// From the first to the last byte of its lines.
    pub(crate) span: Span,
    /// Number of columns; every row has so many cells.
    pub(crate) width: usize,
    /// Number of leading rows that are levels of the header, outermost first.
    pub(crate) header_rows: usize,
    /// The schema that the reader read it with, if any.
    pub(crate) binding: Option<SetBinding>,
    /// Bits by which this reading is cheaper than reading the same lines as prose: competing readings of the same
    /// lines are compared by it.
    pub(crate) gain: f32,
    /// Whether it was read as parts of pages, which says little against a reading line by line.
    pub(crate) is_parts: bool,
    /// Furniture, repeated headers, stray words inside the span, in the order of the text.
    pub(crate) left_over: Vec<Span>,
    /// What the reader found, a line each, for [`crate::Rebuilder::explain`].
    pub(crate) notes: Vec<String>,
    pieces: Vec<Span>,
    /// For every cell: the end of its pieces, and its margin in bits.
    cells: Vec<(u32, f32)>,
    /// For every row: whether a break stands before it.
    rows: Vec<bool>,
}

/// The schema and the fields that the columns of a set table stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SetBinding {
    /// Index of the schema in the catalog.
    pub(crate) schema: usize,
    /// The field of every column, if the schema knows it.
    pub(crate) fields: Vec<Option<usize>>,
}

/// One cell of a set table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetCell<'s> {
    /// Its pieces in reading order; none: the cell is empty.
    pub(crate) pieces: &'s [Span],
    /// Bits by which the best reading without this cell as it stands is dearer; infinite where there is none. Below 0
    /// it is only a guess where the cell stands, which no proof of its number can settle.
    pub(crate) margin: f32,
}

impl SetTable {
    /// An empty table of `width` columns.
    pub(crate) fn new(form: Form, width: usize) -> Self {
        Self {
            form,
            span: Span::empty(0),
            width,
            header_rows: 0,
            binding: None,
            gain: 0.0,
            is_parts: false,
            left_over: Vec::new(),
            notes: Vec::new(),
            pieces: Vec::new(),
            cells: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Makes room for so many rows more.
    pub(crate) fn reserve(&mut self, rows: usize) {
        let cells = rows * self.width;
        self.rows.reserve(rows);
        self.cells.reserve(cells);
        self.pieces.reserve(cells);
    }

    /// Adds a piece to the cell that is open.
    #[inline]
    pub(crate) fn push_piece(&mut self, piece: Span) {
        if !piece.is_empty() {
            self.pieces.push(piece);
        }
    }

    /// Ends the open cell; `margin` in bits.
    #[inline]
    pub(crate) fn close_cell(&mut self, margin: f32) {
        let end = u32::try_from(self.pieces.len()).unwrap_or(u32::MAX);
        self.cells.push((end, margin));
    }

    /// Ends the open row; missing cells are empty, cells too many are no cells: their pieces are left over.
    pub(crate) fn close_row(&mut self, after_break: bool) {
        let first = self.rows.len() * self.width;
        while self.cells.len() < first + self.width {
            self.close_cell(f32::INFINITY);
        }
        if self.cells.len() > first + self.width {
            self.cells.truncate(first + self.width);
            let end = self.cells.last().map_or(0, |(end, _)| *end as usize);
            self.left_over.extend(self.pieces.drain(end..));
        }
        self.rows.push(after_break);
    }

    /// Number of rows, header rows included.
    pub(crate) fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// Whether a blank line, a page end or furniture stands before row `row`.
    pub(crate) fn is_after_break(&self, row: usize) -> bool {
        self.rows.get(row).copied().unwrap_or(false)
    }

    /// The cell at `row` and `column`.
    #[inline]
    pub(crate) fn cell(&self, row: usize, column: usize) -> SetCell<'_> {
        let index = row * self.width + column;
        let start = index.checked_sub(1).and_then(|before| self.cells.get(before)).map_or(0, |(end, _)| *end);
        let (end, margin) = self.cells.get(index).copied().unwrap_or((start, f32::INFINITY));
        let pieces = self.pieces.get(start as usize..end as usize).unwrap_or_default();
        SetCell { pieces, margin }
    }

    /// Changes the margin of the cell at `row` and `column`.
    pub(crate) fn set_margin(&mut self, row: usize, column: usize, margin: f32) {
        if let Some(cell) = self.cells.get_mut(row * self.width + column) {
            cell.1 = margin;
        }
    }

    /// The span from the first to the last byte of pieces and left-overs.
    pub(crate) fn hull(&self) -> Span {
        let mut all = self.pieces.iter().chain(&self.left_over).copied();
        let first = all.next().unwrap_or(self.span);
        all.fold(first, Span::cover)
    }

    /// Leaves over what its reader has passed by: every print of the span stands in a piece or in a left-over then.
    /// `false` where two of them overlap, which no reading may say.
    pub(crate) fn sweep(&mut self, text: &str) -> bool {
        let mut all: Vec<Span> = self.pieces.iter().chain(&self.left_over).copied().collect();
        all.sort_unstable();
        let mut at = self.span.start;
        let mut is_sound = true;
        let before = self.left_over.len();
        for span in all.into_iter().chain([Span::empty(self.span.end)]) {
            is_sound &= span.start >= at;
            let gap = Span::new(at, span.start.max(at)).slice(text);
            // Between two pieces stands little but blanks.
            if gap.bytes().all(|byte| matches!(byte, b' ' | b'\n')) {
                at = at.max(span.end);
                continue;
            }
            let lines = gap.split_inclusive(['\n', '\r', '\x0c']).scan(at, |start, line| {
                let own = Span::new(*start, *start + line.len());
                *start = own.end;
                Some(own.trimmed(text))
            });
            self.left_over.extend(lines.filter(|line| !line.is_empty()));
            at = at.max(span.end);
        }
        if self.left_over.len() > before {
            self.left_over.sort_unstable();
        }
        is_sound
    }
}

#[cfg(test)]
impl SetTable {
    /// The rows from `first` on as they are printed, cells joined by `|`.
    pub(crate) fn printed_rows(&self, text: &str, first: usize) -> Vec<String> {
        let cell = |row: usize, column: usize| {
            self.cell(row, column).pieces.iter().map(|piece| piece.slice(text)).collect::<Vec<_>>().join(" ")
        };
        let row = |row: usize| (0..self.width).map(|column| cell(row, column)).collect::<Vec<_>>().join("|");
        (first..self.row_count()).map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_one_cell_a_column() {
        let text = "Bolt 3 x";
        let mut table = SetTable::new(Form::Flattened, 2);
        table.span = Span::new(0, text.len());
        table.push_piece(Span::new(0, 4));
        table.close_cell(9.0);
        table.push_piece(Span::new(5, 6));
        table.close_cell(3.0);
        table.push_piece(Span::new(7, 8));
        table.close_cell(1.0);
        table.close_row(false);
        assert_eq!(table.row_count(), 1);
        assert_eq!(table.cell(0, 0).pieces, [Span::new(0, 4)]);
        assert_eq!(table.cell(0, 1).margin, 3.0);
        assert_eq!(table.left_over, [Span::new(7, 8)]);
        assert!(table.sweep(text));
        assert_eq!(table.left_over, [Span::new(7, 8)]);
        table.left_over.clear();
        assert!(table.sweep(text));
        assert_eq!(table.left_over, [Span::new(7, 8)], "what no cell takes is left over");
        table.left_over.push(Span::new(5, 8));
        assert!(!table.sweep(text), "a word stands in one place alone");
    }

    #[test]
    fn missing_cells_are_empty() {
        let mut table = SetTable::new(Form::Torn, 3);
        table.push_piece(Span::new(0, 4));
        table.close_cell(9.0);
        table.close_row(true);
        assert!(table.cell(0, 2).pieces.is_empty());
        assert!(table.is_after_break(0));
    }
}
