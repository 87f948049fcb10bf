//! The rewritten text and its way back.

use html5gum::{Token, Tokenizer};

use super::MarkedTable;
use super::rows::{CellLayout, Layout, RowLayout};
use crate::text::Span;
use crate::text::source::OffsetMap;

/// Empty cells that spans may add, by byte of the table: real tables stay far below, and a page that says
/// `rowspan=65534` in each cell cannot grow without bound.
const SPANNED_CELLS_PER_BYTE: usize = 2;

/// The longest entity is about 30 bytes; a longer run of letters after `&` is none.
const MAX_ENTITY_BYTES: usize = 40;

pub(super) struct Writer<'a> {
    text: &'a str,
    out: String,
    map: OffsetMap,
    /// End of what has been copied.
    at: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, out: String::with_capacity(text.len()), map: OffsetMap::default(), at: 0 }
    }

    /// The whole rewritten text, and the map back.
    pub(super) fn finish(mut self) -> (String, OffsetMap) {
        self.copy(Span::new(self.at, self.text.len()));
        (self.out, self.map)
    }

    /// Copies what stands before the table `start..end`, then writes its lines.
    pub(super) fn write_table(&mut self, start: usize, end: usize, layout: &Layout) -> MarkedTable {
        self.copy(Span::new(self.at, start));
        self.at = end;
        self.end_line(start);
        for caption in &layout.captions {
            self.write_cell(layout, caption);
            self.end_line(end);
        }
        let first = self.out.len();
        let mut spanned = Vec::new();
        let mut budget = (end - start) * SPANNED_CELLS_PER_BYTE;
        for row in &layout.rows {
            self.write_row(layout, row, &mut spanned, &mut budget);
        }
        let last = self.out.len();
        let next = self.text.as_bytes().get(end);
        if !matches!(next, Some(b'\n' | b'\r')) {
            self.end_line(end);
        }
        let header_rows = layout.rows.iter().take_while(|row| row.is_header).count();
        let header_rows = (header_rows > 0 && header_rows < layout.rows.len()).then_some(header_rows);
        MarkedTable { span: Span::new(first, last), header_rows }
    }

    /// Writes one row after the end of the line above; `spanned` counts for each column the rows that a cell above
    /// still covers.
    fn write_row(&mut self, layout: &Layout, row: &RowLayout, spanned: &mut Vec<usize>, budget: &mut usize) {
        let cells = layout.cells.get(row.first..row.end).unwrap_or_default();
        let at = cells
            .first()
            .and_then(|cell| layout.stretches.get(cell.first))
            .map_or(self.at, |span| span.start);
        if !cells.is_empty() {
            self.end_line(at);
        }
        let mut column = 0;
        for cell in cells {
            column = self.pass_spanned(spanned, column, usize::MAX, budget);
            self.part(column);
            self.write_cell(layout, cell);
            let columns = cell.columns.min(1 + *budget);
            *budget -= columns - 1;
            for covered in column..column + columns {
                self.part_if(covered > column);
                spanned.resize(spanned.len().max(covered + 1), 0);
                spanned[covered] = cell.rows - 1;
            }
            column += columns;
        }
        if !cells.is_empty() {
            let width = spanned.iter().rposition(|rows| *rows > 0).map_or(0, |last| last + 1);
            self.pass_spanned(spanned, column, width, budget);
        }
    }

    /// Leaves empty the columns from `column` on that a cell above covers, up to `end`.
    fn pass_spanned(
        &mut self,
        spanned: &mut [usize],
        mut column: usize,
        end: usize,
        budget: &mut usize,
    ) -> usize {
        while column < end && *budget > 0 {
            match spanned.get_mut(column) {
                Some(rows) if *rows > 0 => *rows -= 1,
                // A gap before a covered column at the end of a row is an empty cell too.
                _ if end == usize::MAX => break,
                _ => {}
            }
            self.part(column);
            column += 1;
            *budget -= 1;
        }
        column
    }

    /// A tab before every cell but the first of its row.
    fn part(&mut self, column: usize) {
        self.part_if(column > 0);
    }

    fn part_if(&mut self, is_needed: bool) {
        if is_needed {
            let at = self.last_original();
            self.insert('\t', at);
        }
    }

    fn last_original(&self) -> usize {
        let end = self.out.len();
        self.map.original(Span::new(end.saturating_sub(1), end)).end
    }

    /// Writes the text of a cell: blanks trimmed and runs of them one space, entities decoded.
    fn write_cell(&mut self, layout: &Layout, cell: &CellLayout) {
        let mut blank = None;
        let mut is_empty = true;
        for stretch in layout.stretches.get(cell.first..cell.end).unwrap_or_default() {
            if stretch.is_empty() {
                blank = blank.or(Some(*stretch));
                continue;
            }
            let mut at = stretch.start;
            while at < stretch.end {
                let (piece, print) = next_piece(self.text, at, stretch.end);
                at = piece.end;
                if print == Print::Blank {
                    blank = blank.or(Some(piece));
                    continue;
                }
                if let Some(blank) = blank.take().filter(|_| !is_empty) {
                    self.replace(blank, " ");
                }
                is_empty = false;
                match print {
                    Print::Decoded(letters) => self.replace(piece, &letters),
                    _ => self.copy(piece),
                }
            }
        }
    }

    fn end_line(&mut self, at: usize) {
        if !self.out.is_empty() && !self.out.ends_with(['\n', '\r', '\x0c']) {
            self.insert('\n', at);
        }
    }

    fn copy(&mut self, span: Span) {
        if !span.is_empty() {
            self.map.push(self.out.len(), span.start, 1, 1);
            self.out.push_str(span.slice(self.text));
        }
    }

    fn insert(&mut self, letter: char, at: usize) {
        self.map.push(self.out.len(), at, 1, 0);
        self.out.push(letter);
    }

    fn replace(&mut self, span: Span, print: &str) {
        self.map.push(self.out.len(), span.start, print.len(), span.len());
        self.out.push_str(print);
    }
}

/// What a piece of a cell prints.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Print {
    /// Itself.
    Copied,
    /// A blank, a line end, a tab.
    Blank,
    /// What an entity stands for.
    Decoded(String),
}

/// The piece of `text` from `at` on that is printed in one way.
fn next_piece(text: &str, at: usize, end: usize) -> (Span, Print) {
    let bytes = text.as_bytes().get(at..end).unwrap_or_default();
    // Other blanks (no-break, thin) may be part of a number: they stay.
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || byte.is_ascii_control();
    let blank = bytes.iter().take_while(|byte| is_blank(byte)).count();
    if blank > 0 {
        return (Span::new(at, at + blank), Print::Blank);
    }
    if bytes.first() == Some(&b'&') {
        let name = bytes.iter().skip(1).take(MAX_ENTITY_BYTES);
        let length = 1 + name.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#').count();
        let length = length + usize::from(bytes.get(length) == Some(&b';'));
        let span = Span::new(at, at + length);
        return (span, decode(span.slice(text)));
    }
    let length = bytes.iter().take_while(|byte| !is_blank(byte) && **byte != b'&').count();
    // A single blank between words is copied with them: most pieces are whole cells then.
    let mut taken = length;
    while bytes.get(taken) == Some(&b' ') {
        let word = bytes.get(taken + 1..).unwrap_or_default();
        let more = word.iter().take_while(|byte| !is_blank(byte) && **byte != b'&').count();
        if more == 0 {
            break;
        }
        taken += 1 + more;
    }
    (Span::new(at, at + taken), Print::Copied)
}

/// What `entity`, which starts with `&`, stands for.
fn decode(entity: &str) -> Print {
    let mut print = String::new();
    for token in Tokenizer::new(entity).map_while(Result::ok) {
        if let Token::String(letters) = token {
            print.push_str(&String::from_utf8_lossy(&letters.value));
        }
    }
    if print == entity || print.is_empty() {
        Print::Copied
    } else if print.chars().all(|letter| letter.is_ascii_whitespace() || letter.is_control()) {
        Print::Blank
    } else {
        Print::Decoded(print)
    }
}
