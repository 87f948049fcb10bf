use std::borrow::Cow;
use std::sync::Arc;

use smallvec::SmallVec;

use super::cell::{Cell, Origin, Spans, Status};
use super::diagnostic::Diagnostic;
use super::rows::{Checks, Rows};
use crate::schema::FieldKind;
use crate::text::{Decimal, LineCounter, Part, Span};

/// A document with its tables rebuilt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document<'t> {
    /// The tables, in the order of the text.
    pub tables: Vec<Table<'t>>,
    /// What was seen on the way that a reader should know.
    pub diagnostics: Vec<Diagnostic>,
}

/// One rebuilt table: rows x columns, every row with one cell a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Table<'t> {
    /// Name of the schema it was bound to, if any fits.
    pub schema: Option<String>,
    /// From the first to the last byte of the table, furniture between its pages included.
    pub span: Span,
    /// Page of its first line, from 1, by form feeds.
    pub page: usize,
    /// Number of its first line, from 1.
    pub line: usize,
    /// Lines above that name or explain the table.
    pub caption: Vec<Passage>,
    /// Notes under the table.
    pub notes: Vec<Passage>,
    /// Tokens of the region that ended in no cell: furniture, repeated headers, ghosts.
    pub left_over: Vec<Passage>,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The rows, in order.
    pub rows: Rows<'t>,
    /// The checks that were tried.
    pub checks: Checks,
    /// Mean confidence of its filled cells, 0 to 1.
    pub confidence: f32,
}

/// A stretch of text outside the cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The text, its lines joined by one space.
    pub text: String,
    /// Where it stands.
    pub spans: Spans,
}

/// One column of a rebuilt table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// Name of the schema's field, if the column is bound to one.
    pub name: Option<String>,
    /// The header as printed, its levels joined by one space; empty where none is printed.
    pub title: String,
    /// Title of the schema's field.
    pub schema_title: Option<String>,
    /// Type of its values.
    pub kind: FieldKind,
    /// Whether its numbers are percentages.
    pub percent: bool,
    /// Unit, if the schema or the print names one.
    pub unit: Option<String>,
    /// A scale that the print states and that was not applied.
    pub scale: Option<Scale>,
    /// Header path, outermost first.
    pub header: Vec<String>,
    /// The printed header cells, outermost first.
    pub header_cells: Vec<HeaderCell>,
}

/// A printed scale, such as `in thousands`: a fact of the column, never applied silently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// What the printed numbers would have to be multiplied by.
    pub factor: Decimal,
    /// Where it is printed.
    pub span: Span,
}

/// One printed header cell over a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderCell {
    /// The text as printed.
    pub text: String,
    /// How it came to stand over this column.
    pub origin: Origin,
    /// How sure that is.
    pub status: Status,
    /// Where it stands.
    pub spans: Spans,
}

/// What a row is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKind {
    /// A record.
    #[default]
    Data,
    /// A total or subtotal.
    Total,
    /// The heading of the rows below it.
    Group,
    /// A remark inside the table.
    Note,
}

impl RowKind {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Total => "total",
            Self::Group => "group",
            Self::Note => "note",
        }
    }
}

/// One row of a rebuilt table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<'t> {
    /// Record, total, group heading or note.
    pub kind: RowKind,
    /// Number of the line on which its first token stands, from 1.
    pub line: usize,
    /// One cell a column, in order.
    pub cells: Vec<Cell<'t>>,
}

/// One check as it was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Number of the check in this document, from 1; cells name it in `because`.
    pub id: u32,
    /// The rule, in the check language.
    pub rule: Arc<str>,
    /// The rows that it reads, counted from 0 in this table.
    pub rows: SmallVec<[usize; 2]>,
    /// The outcome.
    pub status: CheckStatus,
    /// Whether no schema states it.
    pub discovered: bool,
    /// Evidence for it in bits: how unlikely it is that it holds by chance.
    pub significance: f32,
    /// The check with its numbers, for checks that fail and for those that carry a repaired cell.
    pub written: Option<Box<Equation>>,
}

/// A check with its numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Equation {
    /// As a person writes it: `1,250.00 - 310.50 = 939.50`.
    pub text: String,
    /// Where its printed numbers stand.
    pub spans: Spans,
}

impl Check {
    /// The check with its numbers; empty where it is not written out.
    #[must_use]
    pub fn equation(&self) -> &str {
        self.written.as_ref().map_or("", |equation| equation.text.as_str())
    }

    /// Where the printed numbers of the equation stand.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        self.written.as_ref().map_or(&[], |equation| &equation.spans)
    }
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckStatus {
    /// Holds with printed decimals as exact operands.
    Holds,
    /// Holds only where the operands are rounded too.
    HoldsRounded,
    /// Does not hold.
    Fails,
    /// An operand is not settled, or a divisor is zero.
    Untestable,
}

impl CheckStatus {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::HoldsRounded => "holds-rounded",
            Self::Fails => "fails",
            Self::Untestable => "untestable",
        }
    }
}

impl Document<'_> {
    /// The document with all texts owned, free of the input's lifetime.
    #[must_use]
    pub fn into_owned(self) -> Document<'static> {
        let own = |table: Table<'_>| {
            let (frame, rows) = table.take_rows();
            frame.with_rows(with_texts(rows, |text, _| Cow::Owned(text.into_owned())))
        };
        Document { tables: self.tables.into_iter().map(own).collect(), diagnostics: self.diagnostics }
    }

    /// The document with spans that `originals` leads back from the text as it was read to the one that was printed.
    /// Texts of cells are borrowed from `print`, if it is at hand, where they stand there as they are.
    pub(crate) fn led_back<'u>(
        self,
        print: Option<&'u str>,
        originals: &mut dyn FnMut(Span) -> Spans,
    ) -> Document<'u> {
        let Self { tables, mut diagnostics } = self;
        map_diagnostics(&mut diagnostics, originals);
        let lead_back = |table: Table<'_>| {
            let (mut frame, mut rows) = table.take_rows();
            map_frame(&mut frame, originals);
            if let Some(rows) = print.and_then(|print| rows.led_back(print, originals)) {
                return frame.with_rows(rows);
            }
            map_rows(&mut rows, originals);
            let rows = with_texts(rows, |text, spans| match (print, spans) {
                (Some(print), [span]) if span.slice(print) == text => Cow::Borrowed(span.slice(print)),
                _ => Cow::Owned(text.into_owned()),
            });
            frame.with_rows(rows)
        };
        Document { tables: tables.into_iter().map(lead_back).collect(), diagnostics }
    }

    /// Maps every span of the document.
    pub(crate) fn map_spans(&mut self, originals: &mut dyn FnMut(Span) -> Spans) {
        map_diagnostics(&mut self.diagnostics, originals);
        for table in &mut self.tables {
            map_frame(table, originals);
            map_rows(&mut table.rows, originals);
        }
    }
}

impl<'t> Table<'t> {
    /// The table without its rows, and its rows.
    fn take_rows(mut self) -> (Table<'static>, Rows<'t>) {
        let rows = std::mem::take(&mut self.rows);
        (self.with_rows(Rows::default()), rows)
    }

    /// The table with other rows.
    fn with_rows<'u>(self, rows: Rows<'u>) -> Table<'u> {
        let Self { schema, span, page, line, caption, notes, left_over, columns, checks, confidence, .. } =
            self;
        Table { schema, span, page, line, caption, notes, left_over, columns, rows, checks, confidence }
    }
}

/// Rows with other texts in their cells.
fn with_texts<'u>(rows: Rows<'_>, text_of: impl Fn(Cow<'_, str>, &[Span]) -> Cow<'u, str>) -> Rows<'u> {
    let cell = |cell: Cell<'_>| Cell {
        text: text_of(cell.text, &cell.spans),
        value: cell.value,
        origin: cell.origin,
        status: cell.status,
        spans: cell.spans,
        confidence: cell.confidence,
        because: cell.because,
        detail: cell.detail,
    };
    let row = |row: Row<'_>| Row {
        kind: row.kind,
        line: row.line,
        cells: row.cells.into_iter().map(cell).collect(),
    };
    rows.into_vec().into_iter().map(row).collect()
}

fn map_all(spans: &mut Spans, originals: &mut dyn FnMut(Span) -> Spans) {
    *spans = match spans.as_slice() {
        [] => return,
        [span] => originals(*span),
        _ => spans.iter().flat_map(|span| originals(*span)).collect(),
    }
}

fn map_one(span: &mut Span, originals: &mut dyn FnMut(Span) -> Spans) {
    *span = originals(*span).into_iter().reduce(Span::cover).unwrap_or(*span);
}

fn map_diagnostics(diagnostics: &mut [Diagnostic], originals: &mut dyn FnMut(Span) -> Spans) {
    let spans = diagnostics.iter_mut().filter_map(|diagnostic| diagnostic.span.as_mut());
    spans.for_each(|span| map_one(span, originals));
}

/// Maps all spans of a table but those of its rows.
fn map_frame(table: &mut Table<'_>, originals: &mut dyn FnMut(Span) -> Spans) {
    map_one(&mut table.span, originals);
    for passage in table.caption.iter_mut().chain(&mut table.notes).chain(&mut table.left_over) {
        map_all(&mut passage.spans, originals);
    }
    for column in &mut table.columns {
        if let Some(scale) = &mut column.scale {
            map_one(&mut scale.span, originals);
        }
        column.header_cells.iter_mut().for_each(|cell| map_all(&mut cell.spans, originals));
    }
    let written = table.checks.written_mut().iter_mut().filter_map(|check| check.written.as_mut());
    written.for_each(|equation| map_all(&mut equation.spans, originals));
}

pub(super) fn map_rows(rows: &mut Rows<'_>, originals: &mut dyn FnMut(Span) -> Spans) {
    for cell in rows.iter_mut().flat_map(|row| &mut row.cells) {
        map_all(&mut cell.spans, originals);
        // Pieces from several places were joined, whoever joined them.
        if cell.spans.len() > 1 && cell.origin == Origin::Verbatim {
            cell.origin = Origin::Joined;
        }
        if let Some(detail) = &mut cell.detail {
            detail.marks.iter_mut().for_each(|mark| map_one(&mut mark.span, originals));
            detail.alternatives.iter_mut().for_each(|other| map_all(&mut other.spans, originals));
        }
    }
}

impl Document<'_> {
    /// The document of a part of a text, with spans, lines and pages as they count in the whole text.
    ///
    /// ```
    /// use retabulate::Rebuilder;
    /// use retabulate::text::Parts;
    ///
    /// let text = "No table.\n\x0c\nItem\tQ1\tQ2\nBolts\t1\t2\nNuts\t3\t4\n";
    /// let rebuilder = Rebuilder::new();
    /// let documents: Vec<_> = Parts::new(text.as_bytes(), b"\x0c")
    ///     .map(|part| rebuilder.rebuild(part.span.slice(text)).moved(&part))
    ///     .collect();
    /// let table = &documents[1].tables[0];
    /// assert_eq!((table.line, table.page), (3, 2));
    /// assert_eq!(table.rows[1].cells[0].spans[0].slice(text), "Nuts");
    /// ```
    #[must_use]
    pub fn moved(mut self, part: &Part) -> Self {
        if part.span.start == 0 {
            return self;
        }
        let mut moved = |span: Span| Spans::from_buf([span.shifted(part.span.start)]);
        map_diagnostics(&mut self.diagnostics, &mut moved);
        for table in &mut self.tables {
            map_frame(table, &mut moved);
            table.line += part.lines;
            table.page += part.pages;
            table.rows.shift(part.span.start, part.lines);
        }
        self
    }
}

impl Document<'_> {
    /// Numbers pages and lines anew: by `print`, the text that the spans are of now.
    pub(crate) fn number_lines(&mut self, print: &str) {
        // Of every table, where it starts and where its rows do.
        let mut starts: Vec<Option<usize>> = Vec::new();
        for table in &mut self.tables {
            starts.push(Some(table.span.start));
            table.rows.starts(&mut starts);
        }
        let mut sorted: Vec<usize> = starts.iter().copied().flatten().collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut counter = LineCounter::new(print);
        let numbers: Vec<(usize, usize)> = sorted.iter().map(|&offset| counter.at(offset)).collect();
        // Most rows stand behind one another.
        let mut next = 0;
        let mut number_of = |offset: usize| {
            let place = match sorted.get(next) {
                Some(guess) if *guess == offset => next,
                _ => sorted.binary_search(&offset).ok()?,
            };
            next = place + 1;
            numbers.get(place).copied()
        };
        let mut places = starts.into_iter().map(|start| start.and_then(&mut number_of));
        for table in &mut self.tables {
            if let Some((line, page)) = places.next().flatten() {
                (table.line, table.page) = (line, page);
            }
            let mut last = table.line;
            table.rows.set_lines(|| {
                // A row without print stands where the one above does.
                last = places.next().flatten().map_or(last, |(line, _)| line);
                last
            });
        }
    }
}
