//! The boxhead: which leading rows of a grid are header, and which printed header cells stand over a column.

use smallvec::SmallVec;

use crate::grid::{Grid, GridRowKind};
use crate::text::value::{Value, opens_with_words, read_plain_date, read_values, scan_values};
use crate::text::{Decimal, Span};

/// More leading rows than this are no header: real boxheads have at most six levels.
const MAX_HEADER_ROWS: usize = 8;
/// Rows that are looked at to tell a table of texts from one with numbers.
const SAMPLE_ROWS: usize = 64;

/// One printed header cell over a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeadCell {
    /// Where it is printed.
    pub(crate) span: Span,
    /// Header row, from 0.
    pub(crate) level: usize,
    /// Whether it is printed over another column and spans this one.
    pub(crate) is_spanner: bool,
}

/// The header cells over one column, outermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HeadColumn {
    pub(crate) cells: SmallVec<[HeadCell; 2]>,
}

/// The boxhead of a grid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Boxhead {
    /// Number of leading grid rows that are header.
    pub(crate) rows: usize,
    /// One a grid column.
    pub(crate) columns: Vec<HeadColumn>,
}

/// What the print of a cell says of its place in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellClass {
    Empty,
    Words,
    /// A plain whole number that may be a year: at home in headers and in bodies.
    Year,
    Date,
    /// An enumerator such as `9.` or `9.01`.
    Ordinal,
    /// A number, or a run of numbers.
    Numeric,
    Nil,
}

/// Bytes without which a print is words.
const MAY_BE_VALUE: [bool; 256] = {
    let mut may_be = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        may_be[byte] = (byte as u8).is_ascii_digit() || byte >= 0x80 || matches!(byte as u8, b'-' | b'/');
        byte += 1;
    }
    may_be
};

/// Classifies the print of one cell, trimmed.
pub(crate) fn classify(text: &str) -> CellClass {
    if text.is_empty() {
        return CellClass::Empty;
    }
    if !text.bytes().any(|byte| MAY_BE_VALUE[usize::from(byte)]) {
        return CellClass::Words;
    }
    if read_plain_date(text).is_some() {
        return CellClass::Date;
    }
    if is_marked_year(text) {
        return CellClass::Year;
    }
    if opens_with_words(text) {
        return CellClass::Words;
    }
    let readings = read_values(text);
    let cheap = |wanted: fn(&Value) -> bool| {
        readings.iter().any(|reading| reading.bits < 6.0 && wanted(&reading.value))
    };
    if is_enumerator(text) {
        CellClass::Ordinal
    } else if cheap(|value| matches!(value, Value::Nil)) {
        CellClass::Nil
    } else if cheap(|value| matches!(value, Value::Date(_))) {
        CellClass::Date
    } else if cheap(|value| matches!(value, Value::Number(_)))
        || is_run_of_numbers(text)
        || is_glued_numbers(text)
        || is_broken_off(text)
    {
        CellClass::Numeric
    } else {
        CellClass::Words
    }
}

/// `9.`, `12.`, `(3)`: a short whole number with an enumerator's mark.
fn is_enumerator(text: &str) -> bool {
    let body = text.strip_suffix('.').or_else(|| text.strip_suffix(')'));
    let Some(body) = body else { return false };
    let body = body.strip_prefix('(').unwrap_or(body);
    !body.is_empty() && body.len() <= 3 && body.bytes().all(|byte| byte.is_ascii_digit())
}

/// Several values and nothing else: `615,208,340 (98.7514%)`, `0 0 0`.
fn is_run_of_numbers(text: &str) -> bool {
    let segments = scan_values(text);
    let mut years = 0;
    let all = segments.iter().all(|segment| {
        let piece = segment.span.slice(text);
        years += usize::from(is_year(piece));
        segment
            .readings
            .iter()
            .any(|reading| reading.bits < 6.0 && matches!(reading.value, Value::Number(_) | Value::Nil))
    });
    segments.len() > 1 && all && years < segments.len()
}

/// A number whose rest was broken off at its separator: `33,`, `207.`; no year and no enumerator.
fn is_broken_off(text: &str) -> bool {
    let Some(body) = text.strip_suffix([',', '.']) else { return false };
    let digits = body.trim_start_matches(['$', '(', '-']);
    let is_plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b',');
    is_plain && !is_year(digits) && !is_enumerator(text)
}

/// Amounts that lost the blank between them: `168,244317,025`, `4.007.35`. Nothing but digits and their marks, and
/// a group of more digits than a separator is followed by.
fn is_glued_numbers(text: &str) -> bool {
    let is_mark = |byte: u8| matches!(byte, b',' | b'.' | b'%' | b'(' | b')' | b'$' | b'-');
    if !text.bytes().all(|byte| byte.is_ascii_digit() || is_mark(byte)) {
        return false;
    }
    let mut groups = text.split([',', '.']);
    let _ = groups.next();
    let is_long = |group: &str| group.bytes().filter(u8::is_ascii_digit).count() > 3;
    text.contains([',', '.'])
        && (groups.any(is_long) || text.matches('.').count() > 1 && !is_enumerated(text))
}

/// `1.2.3`, `9.01.02`: numbers of sections have at most two digits a level.
fn is_enumerated(text: &str) -> bool {
    text.split('.').all(|level| level.len() <= 2)
}

/// A year, maybe with a footnote mark: `2019`, `2019 (1)`, `2019*`.
fn is_marked_year(text: &str) -> bool {
    if !text.starts_with(['1', '2']) {
        return false;
    }
    let Some((year, mark)) = text.split_at_checked(4) else { return false };
    let mark = mark.trim();
    let is_mark = mark.is_empty()
        || mark.bytes().all(|byte| byte == b'*')
        || (mark.len() <= 4 && mark.starts_with(['(', '[']) && mark.ends_with([')', ']']));
    is_mark
        && year.bytes().all(|byte| byte.is_ascii_digit())
        && (year.starts_with("19") || year.starts_with("20"))
}

fn is_year(text: &str) -> bool {
    text.len() == 4
        && text
            .parse::<Decimal>()
            .is_ok_and(|year| year >= Decimal::from_integer(1900) && year <= Decimal::from_integer(2100))
}

/// Number of leading rows of `grid` that are header.
///
/// A body row shows itself by a value: a number that is no year, a nil mark or an enumerator in its stub.
/// Leading rows without one are header, except rows with nothing but a stub cell directly above the body, which
/// head the group below them.
pub(crate) fn count_header_rows(text: &str, grid: &Grid) -> usize {
    let limit = grid.rows.len().min(MAX_HEADER_ROWS + 1);
    let is_body = |row: usize| is_body_row(text, grid.row(row));
    let Some(first_body) = (0..limit).find(|&row| is_body(row)) else {
        let numbers = (limit..grid.rows.len().min(SAMPLE_ROWS)).any(is_body);
        return if numbers || grid.rows.len() < 2 { 0 } else { grid.marked_header.unwrap_or(1).min(limit) };
    };
    let mut rows = first_body;
    let has_leaves = |row: usize| grid.row(row).iter().skip(1).any(|cell| !cell.is_empty());
    while rows > 1
        && !has_leaves(rows - 1)
        && (0..rows - 1).any(has_leaves)
        && is_group_label(text, grid.row(rows - 1))
    {
        rows -= 1;
    }
    if rows > 0 && !(0..rows).any(has_leaves) && grid.width > 1 {
        // Nothing but stub cells: group rows of a table whose header is lost.
        return 0;
    }
    rows
}

/// A lone stub cell that heads rows, and not a remark such as `(in thousands)` that belongs to the header.
fn is_group_label(text: &str, row: &[Span]) -> bool {
    row.first().is_some_and(|cell| !cell.slice(text).starts_with(['(', '（']))
}

/// Whether the print of a row shows that it is a body row.
pub(crate) fn is_body_row(text: &str, row: &[Span]) -> bool {
    let mut values = 0;
    let mut years = 0;
    let mut headings = 0;
    for (column, cell) in row.iter().enumerate() {
        match (column, classify(cell.slice(text))) {
            (0, CellClass::Ordinal) => values += 1,
            (0, CellClass::Numeric) if cell.len() <= 4 => values += 1,
            (0, _) | (_, CellClass::Empty) => {}
            (_, CellClass::Numeric | CellClass::Nil) => values += 1,
            (_, CellClass::Year) => years += 1,
            (_, CellClass::Words | CellClass::Date | CellClass::Ordinal) => headings += 1,
        }
    }
    // A row of years is a header; years beside words too. One value among many words may be a header with a
    // number in it, but a body row of a text table too: print alone leans to the body.
    values > 0 && (years == 0 || values > years || headings == 0)
}

/// Collects the header cells over every column, spanners carried over the columns that they span.
pub(crate) fn read_boxhead(grid: &Grid, rows: usize) -> Boxhead {
    let levels: Vec<&[Span]> = (0..rows).map(|level| grid.row(level)).collect();
    read_levels(&levels, grid.width)
}

fn read_levels(levels: &[&[Span]], width: usize) -> Boxhead {
    let mut columns = vec![HeadColumn::default(); width];
    let last = levels.len().saturating_sub(1);
    for (level, cells) in levels.iter().enumerate() {
        let mut spanner: Option<HeadCell> = None;
        for (column, head) in columns.iter_mut().enumerate() {
            let cell = cells.get(column).copied().unwrap_or_default();
            if cell.is_empty() {
                if let Some(over) = spanner.filter(|_| level < last) {
                    head.cells.push(over);
                }
                continue;
            }
            head.cells.push(HeadCell { span: cell, level, is_spanner: false });
            // The stub's header spans nothing: blanks right of it wait for a spanner of their own.
            spanner = (column > 0).then_some(HeadCell { span: cell, level, is_spanner: true });
        }
    }
    // A spanner spans a column only where a leaf stands below it there.
    for (column, head) in columns.iter_mut().enumerate() {
        let leaf = levels.iter().rposition(|cells| cells.get(column).is_some_and(|cell| !cell.is_empty()));
        head.cells.retain(|cell| !cell.is_spanner || leaf.is_some_and(|leaf| leaf > cell.level));
    }
    Boxhead { rows: levels.len(), columns }
}

/// The innermost header row, if it may have slid: it ends in an empty cell over a column with a body, so that
/// two of its cells may have been printed as one and those behind them a column too far left.
fn may_have_slid(grid: &Grid, rows: usize) -> Option<usize> {
    let level = rows.checked_sub(1)?;
    let cells = grid.row(level);
    let last = grid.width.checked_sub(1)?;
    let is_open = cells.get(last).is_none_or(|cell| cell.is_empty()) && is_filled(grid, rows, last);
    let full = cells.iter().take(last).skip(1).filter(|cell| !cell.is_empty()).count();
    (is_open && last > 1 && full + 1 >= last).then_some(level)
}

/// Whether a column has a body: one cell that a broken row pushed into it is none.
fn is_filled(grid: &Grid, rows: usize, column: usize) -> bool {
    let body = (rows..grid.rows.len()).take(SAMPLE_ROWS);
    let filled = body.clone().filter(|row| grid.row(*row).get(column).is_some_and(|cell| !cell.is_empty()));
    filled.count() * 3 >= body.len()
}

/// The boxheads in which the header over one column is printed together with the next one, and those behind it
/// stand a column further right than they are printed: one for every column.
pub(crate) fn slid_boxheads(grid: &Grid, rows: usize) -> Vec<Boxhead> {
    let Some(level) = may_have_slid(grid, rows) else { return Vec::new() };
    let filled = |column: &usize| grid.row(level).get(*column).is_some_and(|cell| !cell.is_empty());
    (0..grid.width - 2).filter(filled).map(|column| slide(grid, rows, level, column, None)).collect()
}

/// The boxhead whose cell at `level`, `column` was printed together with the next one; cut in two where known.
fn slide(grid: &Grid, rows: usize, level: usize, column: usize, cut: Option<(Span, Span)>) -> Boxhead {
    let mut cells: Vec<Span> = grid.row(level).to_vec();
    cells.resize(grid.width, Span::default());
    cells.pop();
    cells.insert(column + 1, Span::default());
    if let Some((left, right)) = cut {
        cells[column] = left;
        cells[column + 1] = right;
    }
    let levels: Vec<&[Span]> =
        (0..rows).map(|row| if row == level { cells.as_slice() } else { grid.row(row) }).collect();
    read_levels(&levels, grid.width)
}

/// The boxhead that slid, where the print alone shows it: all headers but one are periods, and that one ends in a
/// period behind other words: `(in thousands) 2019 | 2018 | 2017 |`.
pub(crate) fn slid_periods(text: &str, grid: &Grid, rows: usize) -> Option<Boxhead> {
    let level = may_have_slid(grid, rows)?;
    let cells = grid.row(level);
    let mut merged: Option<(usize, Span, Span)> = None;
    let mut periods = 0;
    for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        match cut_before_year(text, *cell) {
            None if is_marked_year(cell.slice(text)) => periods += 1,
            Some((left, right)) if merged.is_none() => merged = Some((column, left, right)),
            _ => return None,
        }
    }
    let (column, left, right) = merged.filter(|_| periods > 0)?;
    Some(slide(grid, rows, level, column, Some((left, right))))
}

/// The first column whose header may be that of two, those behind it having slid, where print alone does not show it:
/// the columns right of it may be called by their neighbours' headers.
pub(crate) fn open_titles(text: &str, grid: &Grid, rows: usize) -> Option<usize> {
    let level = may_have_slid(grid, rows)?;
    let may_be_two = |cell: &Span| {
        let printed = cell.slice(text);
        !printed.starts_with(['(', '（']) && printed.split_whitespace().nth(1).is_some()
    };
    grid.row(level).iter().position(may_be_two)
}

/// Words and the year behind them.
fn cut_before_year(text: &str, cell: Span) -> Option<(Span, Span)> {
    let printed = cell.slice(text);
    let at = printed.rfind(char::is_whitespace)?;
    let year = Span::new(cell.start + at, cell.end).trimmed(text);
    let words = Span::new(cell.start, cell.start + at).trimmed(text);
    (is_year(year.slice(text)) && !words.is_empty()).then_some((words, year))
}

impl HeadColumn {
    /// The innermost cell printed over this very column.
    pub(crate) fn leaf(&self) -> Option<Span> {
        self.cells.iter().rev().find(|cell| !cell.is_spanner).map(|cell| cell.span)
    }

    /// All levels joined by one blank.
    pub(crate) fn joined(&self, text: &str) -> String {
        let mut joined = String::new();
        for cell in &self.cells {
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined.push_str(cell.span.slice(text));
        }
        joined
    }
}

/// Whether a grid row takes part in the body.
pub(crate) fn is_body_kind(grid: &Grid, row: usize) -> bool {
    grid.rows.get(row).is_some_and(|row| row.kind == GridRowKind::Row)
}
