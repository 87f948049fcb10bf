//! Rows and cells of a table from its tags.

use super::tokens::{Event, Tag, Tokens};
use crate::text::Span;

/// A stretch of a cell: text of the page, or (empty) the start of a new line inside the cell.
pub(super) type Stretch = Span;

#[derive(Clone, Copy, Debug)]
pub(super) struct CellLayout {
    /// Its stretches in [`Layout::stretches`].
    pub(super) first: usize,
    pub(super) end: usize,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct RowLayout {
    /// Its cells in [`Layout::cells`].
    pub(super) first: usize,
    pub(super) end: usize,
    pub(super) is_header: bool,
}

/// A table: rows of cells of stretches, all flat.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) stretches: Vec<Stretch>,
    pub(super) cells: Vec<CellLayout>,
    pub(super) rows: Vec<RowLayout>,
    /// Captions, each with its range in `stretches`.
    pub(super) captions: Vec<CellLayout>,
}

/// A cell spans no more columns, as in the standard.
const MAX_COLUMN_SPAN: usize = 1_000;

/// A cell spans no more rows, as in the standard.
const MAX_ROW_SPAN: usize = 65_534;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Cell,
    Caption,
}

struct Builder {
    layout: Layout,
    place: Place,
    in_row: bool,
    in_head: bool,
    depth: usize,
    hidden: usize,
}

/// Builds the rows of a table from its tokens.
pub(super) fn lay_out(text: &str, tokens: &Tokens) -> Layout {
    let mut builder = Builder {
        layout: Layout::default(),
        place: Place::Outside,
        in_row: false,
        in_head: false,
        depth: 0,
        hidden: 0,
    };
    for token in &tokens.list {
        match token.event {
            Event::Text if builder.hidden > 0 => {}
            Event::Text => builder.add_text(text, token.span),
            Event::Open(tag) => builder.open(tag, token.span.end),
            Event::Close(tag) => builder.close(tag, token.span.start),
            Event::ColumnSpan(count) => builder.span_columns(count),
            Event::RowSpan(count) => builder.span_rows(count),
        }
    }
    builder.layout
}

impl Builder {
    fn open(&mut self, tag: Tag, at: usize) {
        match tag {
            Tag::Table => {
                self.depth += 1;
                self.break_line(at);
            }
            Tag::Hidden => self.hidden += 1,
            Tag::Line => self.break_line(at),
            Tag::Other => {}
            // A table inside a cell is text of the cell.
            _ if self.depth > 1 => self.break_line(at),
            Tag::Head | Tag::Body => {
                self.end_row();
                self.in_head = tag == Tag::Head;
            }
            Tag::Row => {
                self.end_row();
                self.start_row();
            }
            Tag::Cell | Tag::HeaderCell => self.start_cell(tag == Tag::HeaderCell),
            Tag::Caption => {
                self.end_row();
                self.place = Place::Caption;
                let first = self.layout.stretches.len();
                self.layout.captions.push(CellLayout { first, end: first, columns: 1, rows: 1 });
            }
        }
    }

    fn close(&mut self, tag: Tag, at: usize) {
        match tag {
            Tag::Table => {
                self.depth = self.depth.saturating_sub(1);
                self.break_line(at);
            }
            Tag::Hidden => self.hidden = self.hidden.saturating_sub(1),
            Tag::Line => self.break_line(at),
            Tag::Other => {}
            _ if self.depth > 1 => self.break_line(at),
            Tag::Cell | Tag::HeaderCell | Tag::Caption => self.place = Place::Outside,
            Tag::Row => self.end_row(),
            Tag::Head | Tag::Body => {
                self.end_row();
                self.in_head = false;
            }
        }
    }

    fn start_row(&mut self) {
        let first = self.layout.cells.len();
        self.layout.rows.push(RowLayout { first, end: first, is_header: true });
        self.in_row = true;
    }

    fn end_row(&mut self) {
        self.in_row = false;
        self.place = Place::Outside;
    }

    fn start_cell(&mut self, is_header: bool) {
        if !self.in_row {
            self.start_row();
        }
        let first = self.layout.stretches.len();
        self.layout.cells.push(CellLayout { first, end: first, columns: 1, rows: 1 });
        if let Some(row) = self.layout.rows.last_mut() {
            row.end = self.layout.cells.len();
            row.is_header &= is_header || self.in_head;
        }
        self.place = Place::Cell;
    }

    /// Text outside of any cell is print all the same: it gets a cell of its own.
    fn add_text(&mut self, text: &str, span: Span) {
        if self.place == Place::Outside {
            if span.slice(text).trim().is_empty() {
                return;
            }
            self.start_cell(false);
        }
        self.add_stretch(span);
    }

    fn break_line(&mut self, at: usize) {
        if self.place != Place::Outside {
            self.add_stretch(Span::empty(at));
        }
    }

    fn add_stretch(&mut self, stretch: Stretch) {
        self.layout.stretches.push(stretch);
        let end = self.layout.stretches.len();
        let open = match self.place {
            Place::Caption => self.layout.captions.last_mut(),
            _ => self.layout.cells.last_mut(),
        };
        if let Some(cell) = open {
            cell.end = end;
        }
    }

    fn span_columns(&mut self, count: usize) {
        if let Some(cell) = self.open_cell() {
            cell.columns = count.clamp(1, MAX_COLUMN_SPAN);
        }
    }

    fn span_rows(&mut self, count: usize) {
        if let Some(cell) = self.open_cell() {
            // 0 means all rows that follow.
            cell.rows = if count == 0 { MAX_ROW_SPAN } else { count.min(MAX_ROW_SPAN) };
        }
    }

    fn open_cell(&mut self) -> Option<&mut CellLayout> {
        if self.place == Place::Cell && self.depth == 1 { self.layout.cells.last_mut() } else { None }
    }
}
