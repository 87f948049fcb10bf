//! Cells between tabs, pipes, or the tabs that markup was rewritten to.
//!
//! One search for delimiters along each row, one trimmed span a cell, all in one vector: linear in the bytes of
//! the region, and no allocation but the growth of the two vectors. Rows are kept as ragged as they are printed;
//! what a short row means is for the aligner to say.

use memchr::memchr2_iter;
use wide::u8x16;

use super::{Grid, GridRow, GridRowKind};
use crate::region::{Form, LineRole, Region, RegionLine};
use crate::text::Span;
use crate::text::window::{WINDOW, look_at};

/// Reads the cells of `region`.
///
/// Outer pipes are optional, where most rows have them; `\|` is a pipe inside a cell. Rules and furniture make no
/// row; furniture goes to `left_over`.
///
/// ```
/// use retabulate::grid::read_grid;
/// use retabulate::region::find_regions;
///
/// let text = "| Item | Price |\n|---|---|\n| Bolt | 1.20 |\n";
/// let regions = find_regions(text, &mut Vec::new());
/// let grid = read_grid(text, &regions[0]);
/// let row: Vec<&str> = grid.row(1).iter().map(|cell| cell.slice(text)).collect();
/// assert_eq!(row, ["Bolt", "1.20"]);
/// assert_eq!(grid.marked_header, Some(1));
/// ```
#[must_use]
pub fn read_grid(text: &str, region: &Region) -> Grid {
    let mut grid = Grid {
        form: region.form,
        cells: Vec::new(),
        rows: Vec::with_capacity(region.lines.len()),
        width: 0,
        marked_header: region.marked_header,
        setting: None,
        left_over: Vec::new(),
    };
    let outer = OuterPipes::of(text, region);
    let width =
        text.as_bytes().get(first_line(region)).map_or(0, |line| memchr2_iter(b'\t', b'|', line).count() + 1);
    // Ragged tables grow beyond it; most are read without growing once.
    grid.cells.reserve((width * region.lines.len()).min(region.span.len()));
    let mut after_break = false;
    for line in &region.lines {
        after_break |= line.after_break;
        match line.role {
            LineRole::Rule => after_break = !grid.rows.is_empty(),
            LineRole::Furniture => {
                grid.left_over.push(line.line.span.trimmed(text));
                after_break = true;
            }
            LineRole::Row | LineRole::RepeatedHeader => {
                let first = grid.cells.len();
                match region.form {
                    Form::Pipes => read_piped(text, line.line.span, outer, &mut grid.cells),
                    _ => read_tabbed(text, line.line.span, &mut grid.cells),
                }
                grid.close_row(first, &line, after_break);
                after_break = false;
            }
        }
    }
    grid
}

impl Grid {
    fn close_row(&mut self, first: usize, line: &RegionLine, after_break: bool) {
        let (Ok(start), Ok(end)) = (u32::try_from(first), u32::try_from(self.cells.len())) else {
            // More cells than an index can count: nothing is lost, but nothing is read either.
            self.cells.truncate(first);
            self.left_over.push(line.line.span);
            return;
        };
        let kind = match line.role {
            LineRole::RepeatedHeader => GridRowKind::RepeatedHeader,
            _ => GridRowKind::Row,
        };
        self.width = self.width.max(self.cells.len() - first);
        self.rows.push(GridRow {
            first: start,
            count: end - start,
            line: line.line.number,
            kind,
            after_break,
        });
    }
}

fn first_line(region: &Region) -> std::ops::Range<usize> {
    region.lines.first().map_or(0..0, |line| line.line.span.into())
}

fn read_tabbed(text: &str, line: Span, cells: &mut Vec<Span>) {
    let mut start = line.start;
    each_delimiter(b'\t', text.as_bytes(), line, |tab| {
        cells.push(trim(text, start, tab));
        start = tab + 1;
    });
    cells.push(trim(text, start, line.end));
}

/// Every place of a delimiter in a line, in order.
#[inline]
fn each_delimiter(delimiter: u8, bytes: &[u8], line: Span, mut take: impl FnMut(usize)) {
    let mut at = line.start;
    while at < line.end {
        let mut found = look_at(bytes, at, |window| places_of(delimiter, window));
        let left = line.end - at;
        if left < WINDOW {
            found &= (1 << left) - 1;
        }
        while found != 0 {
            take(at + found.trailing_zeros() as usize);
            found &= found - 1;
        }
        at += WINDOW;
    }
}

/// The bytes of a window that are `delimiter`, a bit each, the first byte the lowest.
#[inline]
fn places_of(delimiter: u8, window: &[u8; WINDOW]) -> u64 {
    let (quarters, _) = window.as_chunks::<16>();
    let is_delimiter =
        |quarter: &[u8; 16]| u8x16::new(*quarter).simd_eq(u8x16::splat(delimiter)).to_bitmask();
    let parts = quarters.iter().enumerate();
    parts.fold(0, |found, (place, quarter)| found | u64::from(is_delimiter(quarter)) << (16 * place))
}

/// Whether the rows of a region open and close with a pipe that encloses them.
#[derive(Clone, Copy, Debug)]
struct OuterPipes {
    opening: bool,
    closing: bool,
}

impl OuterPipes {
    /// Asks the first rows: one row that lost its outer pipe does not make the others' separate cells.
    fn of(text: &str, region: &Region) -> Self {
        const SAMPLE_ROWS: usize = 64;
        let (mut rows, mut opening, mut closing) = (0, 0, 0);
        let is_row = |line: &RegionLine| line.role == LineRole::Row;
        for line in region.lines.iter().filter(is_row).take(SAMPLE_ROWS) {
            let print = line.line.span.slice(text).trim();
            rows += 1;
            opening += usize::from(print.starts_with('|'));
            closing += usize::from(print.ends_with('|'));
        }
        Self { opening: opening * 2 >= rows, closing: closing * 2 >= rows }
    }
}

fn read_piped(text: &str, line: Span, outer: OuterPipes, cells: &mut Vec<Span>) {
    let mut body = trim(text, line.start, line.end);
    let bytes = text.as_bytes();
    if outer.opening && bytes.get(body.start) == Some(&b'|') {
        body.start += 1;
    }
    let last = body.end.wrapping_sub(1);
    if outer.closing
        && body.end > body.start
        && bytes.get(last) == Some(&b'|')
        && !is_escaped(bytes, body.start, last)
    {
        body.end = last;
    }
    let mut start = body.start;
    each_delimiter(b'|', bytes, body, |pipe| {
        if !is_escaped(bytes, body.start, pipe) {
            cells.push(trim(text, start, pipe));
            start = pipe + 1;
        }
    });
    cells.push(trim(text, start, body.end));
}

/// Whether an odd number of backslashes stands before `at`.
fn is_escaped(bytes: &[u8], start: usize, at: usize) -> bool {
    let before = bytes.get(start..at).unwrap_or_default();
    before.last() == Some(&b'\\') && before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// The span `start..end` without the blanks at its ends.
#[inline]
fn trim(text: &str, start: usize, end: usize) -> Span {
    // Most cells are nothing, or start and end with a printed ASCII byte.
    match text.as_bytes().get(start..end) {
        None | Some([]) => Span::new(start, end),
        Some([first, .., last]) if first.is_ascii_graphic() && last.is_ascii_graphic() => {
            Span::new(start, end)
        }
        Some([only]) if only.is_ascii_graphic() => Span::new(start, end),
        Some(_) => trim_blanks(text, start, end),
    }
}

/// The same where blanks are to be taken off.
fn trim_blanks(text: &str, start: usize, end: usize) -> Span {
    let bytes = text.as_bytes();
    let is_plain = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_graphic());
    let (mut first, mut last) = (start, end);
    while first < last && bytes.get(first) == Some(&b' ') {
        first += 1;
    }
    while first < last && bytes.get(last - 1) == Some(&b' ') {
        last -= 1;
    }
    // Blanks beyond ASCII are rare: only what does not start and end with a printed ASCII byte is looked at.
    if first == last || (is_plain(bytes.get(first)) && is_plain(bytes.get(last - 1))) {
        return Span::new(first, last);
    }
    Span::new(first, last).trimmed(text)
}

/// A grid from cells that another parser has read, and the text that its spans point into: the cells joined by
/// tabs, the rows by newlines. Blanks, tabs and line ends inside a cell become one blank each.
fn join_cells<S: AsRef<str>>(rows: &[Vec<S>]) -> (String, Vec<Span>) {
    let mut text = String::new();
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let start = text.len();
        for (index, cell) in row.iter().enumerate() {
            if index > 0 {
                text.push('\t');
            }
            text.extend(cell.as_ref().chars().map(|letter| if letter.is_control() { ' ' } else { letter }));
        }
        lines.push(Span::new(start, text.len()));
        text.push('\n');
    }
    (text, lines)
}

impl Grid {
    /// A grid of cells that another parser has read, with the text into which its spans point: cells joined by
    /// tabs, rows by newlines; tabs, line ends and other control characters inside a cell become blanks.
    ///
    /// ```
    /// use retabulate::grid::Grid;
    ///
    /// let (text, grid) = Grid::from_cells(&[vec!["Item", "Price"], vec!["Bolt\nM8", "1.20"]]);
    /// assert_eq!(text, "Item\tPrice\nBolt M8\t1.20\n");
    /// assert_eq!(grid.row(1)[0].slice(&text), "Bolt M8");
    /// ```
    #[must_use]
    pub fn from_cells<S: AsRef<str>>(rows: &[Vec<S>]) -> (String, Grid) {
        let (text, lines) = join_cells(rows);
        let mut grid = Grid {
            setting: None,
            form: Form::Tabs,
            cells: Vec::new(),
            rows: Vec::with_capacity(rows.len()),
            width: 0,
            marked_header: None,
            left_over: Vec::new(),
        };
        for (index, (row, span)) in rows.iter().zip(lines).enumerate() {
            let line = crate::text::Line { span, number: index + 1, page: 1 };
            let line = RegionLine { line, role: LineRole::Row, after_break: false };
            let first = grid.cells.len();
            if !row.is_empty() {
                read_tabbed(&text, span, &mut grid.cells);
            }
            grid.close_row(first, &line, false);
        }
        (text, grid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::find_regions;
    use proptest::prelude::*;

    /// The rows of the only table of `text`.
    fn rows(text: &str) -> Vec<Vec<&str>> {
        let regions = find_regions(text, &mut Vec::new());
        assert_eq!(regions.len(), 1);
        let grid = read_grid(text, &regions[0]);
        (0..grid.rows.len()).map(|row| grid.row(row).iter().map(|cell| cell.slice(text)).collect()).collect()
    }

    #[test]
    fn ragged_rows_and_empty_cells_stay() {
        let text = "Item\tQty\tPrice\n\t\t0.10\nBolt\t7\nNut\t9\t1.20\t\n";
        let expected: [&[&str]; 4] =
            [&["Item", "Qty", "Price"], &["", "", "0.10"], &["Bolt", "7"], &["Nut", "9", "1.20", ""]];
        assert_eq!(rows(text), expected);
    }

    #[test]
    fn blanks_beyond_ascii_are_trimmed() {
        let text = "Item\tPrice\tTax\nBolt\u{3000}\t\u{a0}1.20 \t\u{2009}\nNut\t0.80\t0.1\n";
        assert_eq!(rows(text)[1], ["Bolt", "1.20", ""]);
    }

    #[test]
    fn an_empty_first_cell_without_outer_pipes() {
        let text =
            " | 2022 | 2023\n---|---|---\nRevenue | 1,000 | 900\nCost | 500 | 450\nProfit | 500 | 450\n";
        assert_eq!(rows(text)[0], ["", "2022", "2023"]);
    }

    #[test]
    fn escaped_pipes_are_print() {
        let text = "| a \\| b | c \\\\| d |\n|---|---|---|\n| 1 | 2 | 3 \\| |\n";
        assert_eq!(rows(text), [["a \\| b", "c \\\\", "d"], ["1", "2", "3 \\|"]]);
    }

    #[test]
    fn furniture_is_left_over() {
        let text = "Item\tQty\tPrice\nBolt\t9\t0.10\n\n Page 3 of 12\n\nNut\t7\t0.20\n";
        let regions = find_regions(text, &mut Vec::new());
        let grid = read_grid(text, &regions[0]);
        assert_eq!(grid.left_over.iter().map(|span| span.slice(text)).collect::<Vec<_>>(), ["Page 3 of 12"]);
        assert_eq!(
            grid.rows.iter().map(|row| (row.line, row.after_break)).collect::<Vec<_>>(),
            [(1, false), (2, false), (6, true)]
        );
    }

    proptest! {
        #[test]
        fn cells_of_other_parsers_keep_their_print(
            cells in proptest::collection::vec(proptest::collection::vec("\\PC{0,8}|[a\t\n\u{1}]{0,4}", 0..5), 0..6)
        ) {
            let (text, grid) = Grid::from_cells(&cells);
            prop_assert_eq!(grid.rows.len(), cells.len());
            for (index, row) in cells.iter().enumerate() {
                prop_assert_eq!(grid.row(index).len(), row.len());
                for (span, cell) in grid.row(index).iter().zip(row) {
                    let plain: String = cell.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
                    prop_assert_eq!(span.slice(&text), plain.trim());
                }
            }
        }
    }
}
