//! The contract as JSON.
//!
//! Borrowing views over the document are serialized straight into a buffer; no tree of values is built. The
//! order of the keys is that of the structs, which is that of the contract.

use std::io::{self, BufWriter, Write};

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use serde_json::ser::{CompactFormatter, Formatter};

use super::view::{CellView, Digits, thousandths, type_name};
use super::{CONTRACT, Options};
use crate::table::{
    Alternative, CellMark, CellValue, Check, Checks, Column, Diagnostic, Document, HeaderCell, Passage, Row,
    Rows, Scale, Table,
};
use crate::text::Span;

/// Writes `document` as one JSON object and a newline.
///
/// Always there: `schema`, `name`, `schema_title`, `value` (`null` where there is none), `title`, `header`,
/// `header_cells`, `spans`, `columns`, `rows`, `checks` and `diagnostics` (empty where there are none). Left out
/// where empty: `caption`, `notes`, `left_over`, `unit`, `scale`, `marks`, `shares`, `alternatives`, `because`,
/// and `span` and `help` of a diagnostic. A table's own `span` is an object, every other span a pair. Decimals
/// are strings at their printed scale.
///
/// # Errors
/// Those of `out`.
pub fn write_json(document: &Document<'_>, options: &Options<'_>, out: &mut impl Write) -> io::Result<()> {
    write_line(&DocumentJson::new(document, options), options.pretty, out)
}

/// Writes one value and a newline. Serialization makes many small writes, so they are gathered here.
pub(super) fn write_line(value: &impl Serialize, pretty: bool, out: &mut impl Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    if pretty {
        serde_json::to_writer_pretty(&mut out, value)?;
        out.write_all(b"\n")?;
    } else {
        write_compact(value, &mut out)?;
    }
    out.flush()
}

/// Writes one value on one line.
pub(super) fn write_compact(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Compact))?;
    out.write_all(b"\n")
}

/// Compact JSON, whose floats have three digits at most: every cell has one, and the shortest digits of any
/// float take a sixth of the time of writing a table.
struct Compact;

impl Formatter for Compact {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        match Digits::of_thousandths(value) {
            Some(digits) => writer.write_all(digits.as_str().as_bytes()),
            None => CompactFormatter.write_f64(writer, value),
        }
    }
}

/// A slice written through a view of each item.
#[derive(Clone, Copy)]
pub(super) struct Mapped<'a, S, T> {
    items: &'a [S],
    certain_only: bool,
    view: fn(&'a S, bool) -> T,
}

impl<'a, S, T> Mapped<'a, S, T> {
    fn new(items: &'a [S], view: fn(&'a S, bool) -> T) -> Self {
        Self { items, certain_only: false, view }
    }

    fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<S, T: Serialize> Serialize for Mapped<'_, S, T> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        serializer.collect_seq(self.items.iter().map(|item| (self.view)(item, self.certain_only)))
    }
}

/// Spans as pairs.
#[derive(Clone, Copy)]
struct Pairs<'a>(&'a [Span]);

impl Pairs<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Pairs<'_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        serializer.collect_seq(self.0.iter().map(pair))
    }
}

fn pair(span: &Span) -> (usize, usize) {
    (span.start, span.end)
}

/// A value and the text that stands for it where it is text.
#[derive(Clone, Copy)]
struct Typed<'a>(Option<CellValue>, &'a str);

impl Serialize for Typed<'_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        match self.0 {
            None => serializer.serialize_none(),
            Some(CellValue::Number(number)) => serializer.serialize_str(Digits::of_decimal(number).as_str()),
            Some(CellValue::Date(date)) => serializer.serialize_str(Digits::of_date(date).as_str()),
            Some(CellValue::Boolean(truth)) => serializer.serialize_bool(truth),
            Some(CellValue::Text) => serializer.serialize_str(self.1),
        }
    }
}

/// A confidence, to three digits.
#[derive(Clone, Copy)]
struct Confidence(f32, bool);

impl Serialize for Confidence {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        serializer.serialize_f64(f64::from(thousandths(self.0, self.1)) / 1000.0)
    }
}

/// Bits, to a tenth; JSON has no infinity, and no evidence is worth a million bits.
fn bits(bits: f32) -> f64 {
    let finite = if bits.is_nan() { 0.0 } else { bits.clamp(-1e6, 1e6) };
    (f64::from(finite) * 10.0).round() / 10.0
}

#[derive(Serialize)]
pub(super) struct DocumentJson<'a, 't> {
    contract: u32,
    source: &'a str,
    tables: Mapped<'a, Table<'t>, TableJson<'a, 't>>,
    diagnostics: Mapped<'a, Diagnostic, DiagnosticJson<'a>>,
}

impl<'a, 't> DocumentJson<'a, 't> {
    pub(super) fn new(document: &'a Document<'t>, options: &Options<'a>) -> Self {
        Self {
            contract: CONTRACT,
            source: options.source,
            tables: Mapped {
                items: &document.tables,
                certain_only: options.certain_only,
                view: TableJson::new,
            },
            diagnostics: diagnostics_json(document),
        }
    }
}

pub(super) fn diagnostics_json<'a>(document: &'a Document<'_>) -> Mapped<'a, Diagnostic, DiagnosticJson<'a>> {
    Mapped::new(&document.diagnostics, DiagnosticJson::new)
}

#[derive(Serialize)]
pub(super) struct TableJson<'a, 't> {
    schema: Option<&'a str>,
    span: Span,
    page: usize,
    line: usize,
    #[serde(skip_serializing_if = "Mapped::is_empty")]
    caption: Mapped<'a, Passage, PassageJson<'a>>,
    #[serde(skip_serializing_if = "Mapped::is_empty")]
    notes: Mapped<'a, Passage, PassageJson<'a>>,
    #[serde(skip_serializing_if = "Mapped::is_empty")]
    left_over: Mapped<'a, Passage, PassageJson<'a>>,
    columns: Mapped<'a, Column, ColumnJson<'a>>,
    rows: RowsJson<'a, 't>,
    checks: ChecksJson<'a>,
    confidence: Confidence,
}

impl<'a, 't> TableJson<'a, 't> {
    pub(super) fn new(table: &'a Table<'t>, certain_only: bool) -> Self {
        Self {
            schema: table.schema.as_deref(),
            span: table.span,
            page: table.page,
            line: table.line,
            caption: Mapped::new(&table.caption, PassageJson::new),
            notes: Mapped::new(&table.notes, PassageJson::new),
            left_over: Mapped::new(&table.left_over, PassageJson::new),
            columns: Mapped::new(&table.columns, ColumnJson::new),
            rows: RowsJson { rows: &table.rows, certain_only },
            checks: ChecksJson(&table.checks),
            confidence: Confidence(table.confidence, false),
        }
    }
}

struct RowsJson<'a, 't> {
    rows: &'a Rows<'t>,
    certain_only: bool,
}

impl Serialize for RowsJson<'_, '_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let mut list = serializer.serialize_seq(Some(self.rows.len()))?;
        for row in self.rows.each() {
            list.serialize_element(&RowJson::new(&row, self.certain_only))?;
        }
        list.end()
    }
}

struct ChecksJson<'a>(&'a Checks);

impl Serialize for ChecksJson<'_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for check in self.0.each() {
            list.serialize_element(&CheckJson::new(&check))?;
        }
        list.end()
    }
}

#[derive(Serialize)]
struct PassageJson<'a> {
    text: &'a str,
    spans: Pairs<'a>,
}

impl<'a> PassageJson<'a> {
    fn new(passage: &'a Passage, _: bool) -> Self {
        Self { text: &passage.text, spans: Pairs(&passage.spans) }
    }
}

#[derive(Serialize)]
struct ScaleJson {
    factor: crate::Decimal,
    span: (usize, usize),
}

impl ScaleJson {
    fn new(scale: &Scale) -> Self {
        Self { factor: scale.factor, span: pair(&scale.span) }
    }
}

#[derive(Serialize)]
struct ColumnJson<'a> {
    name: Option<&'a str>,
    title: &'a str,
    schema_title: Option<&'a str>,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<ScaleJson>,
    header: &'a [String],
    header_cells: Mapped<'a, HeaderCell, HeaderCellJson<'a>>,
}

impl<'a> ColumnJson<'a> {
    fn new(column: &'a Column, _: bool) -> Self {
        Self {
            name: column.name.as_deref(),
            title: &column.title,
            schema_title: column.schema_title.as_deref(),
            r#type: type_name(column),
            unit: column.unit.as_deref().filter(|unit| !unit.is_empty()),
            scale: column.scale.as_ref().map(ScaleJson::new),
            header: &column.header,
            header_cells: Mapped::new(&column.header_cells, HeaderCellJson::new),
        }
    }
}

#[derive(Serialize)]
struct HeaderCellJson<'a> {
    text: &'a str,
    origin: &'static str,
    status: &'static str,
    spans: Pairs<'a>,
}

impl<'a> HeaderCellJson<'a> {
    fn new(cell: &'a HeaderCell, _: bool) -> Self {
        Self {
            text: &cell.text,
            origin: cell.origin.name(),
            status: cell.status.name(),
            spans: Pairs(&cell.spans),
        }
    }
}

#[derive(Serialize)]
struct RowJson<'a> {
    kind: &'static str,
    line: usize,
    cells: Mapped<'a, crate::Cell<'a>, CellJson<'a>>,
}

impl<'a> RowJson<'a> {
    fn new(row: &'a Row<'a>, certain_only: bool) -> Self {
        Self {
            kind: row.kind.name(),
            line: row.line,
            cells: Mapped { items: &row.cells, certain_only, view: CellJson::new },
        }
    }
}

#[derive(Serialize)]
pub(super) struct CellJson<'a> {
    text: &'a str,
    value: Typed<'a>,
    origin: &'static str,
    status: &'static str,
    spans: Pairs<'a>,
    confidence: Confidence,
    #[serde(skip_serializing_if = "Mapped::is_empty")]
    marks: Mapped<'a, CellMark, MarkJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shares: Option<u32>,
    #[serde(skip_serializing_if = "Alternatives::is_empty")]
    alternatives: Alternatives<'a>,
    #[serde(skip_serializing_if = "<[u32]>::is_empty")]
    because: &'a [u32],
}

impl<'a> CellJson<'a> {
    pub(super) fn new(cell: &'a crate::Cell<'a>, certain_only: bool) -> Self {
        let view = CellView::new(cell, certain_only);
        Self {
            text: view.text,
            value: Typed(view.value, view.text),
            origin: view.origin.name(),
            status: view.status.name(),
            spans: Pairs(view.spans),
            confidence: Confidence(view.confidence, view.status.is_doubtful()),
            marks: Mapped::new(view.marks, MarkJson::new),
            shares: view.shares,
            alternatives: Alternatives { withheld: view.withheld, others: view.alternatives },
            because: view.because,
        }
    }
}

#[derive(Serialize)]
struct MarkJson<'a> {
    text: &'a str,
    span: (usize, usize),
}

impl<'a> MarkJson<'a> {
    fn new(mark: &'a CellMark, _: bool) -> Self {
        Self { text: &mark.text, span: pair(&mark.span) }
    }
}

/// The other readings of a cell, a withheld one first.
struct Alternatives<'a> {
    withheld: Option<&'a crate::Cell<'a>>,
    others: &'a [Alternative],
}

impl Alternatives<'_> {
    fn is_empty(&self) -> bool {
        self.withheld.is_none() && self.others.is_empty()
    }
}

impl Serialize for Alternatives<'_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let withheld = self.withheld.map(|cell| AlternativeJson {
            value: Typed(cell.value, &cell.text),
            text: &cell.text,
            spans: Pairs(&cell.spans),
            confidence: Confidence(cell.confidence, true),
        });
        let others = self.others.iter().map(|other| AlternativeJson {
            value: Typed(other.value, &other.text),
            text: &other.text,
            spans: Pairs(&other.spans),
            confidence: Confidence(other.confidence, false),
        });
        serializer.collect_seq(withheld.into_iter().chain(others))
    }
}

#[derive(Serialize)]
struct AlternativeJson<'a> {
    value: Typed<'a>,
    text: &'a str,
    spans: Pairs<'a>,
    confidence: Confidence,
}

#[derive(Serialize)]
struct CheckJson<'a> {
    id: u32,
    rule: &'a str,
    rows: &'a [usize],
    status: &'static str,
    discovered: bool,
    significance: f64,
    #[serde(skip_serializing_if = "str::is_empty")]
    equation: &'a str,
    #[serde(skip_serializing_if = "Pairs::is_empty")]
    spans: Pairs<'a>,
}

impl<'a> CheckJson<'a> {
    fn new(check: &'a Check) -> Self {
        Self {
            id: check.id,
            rule: &check.rule,
            rows: &check.rows,
            status: check.status.name(),
            discovered: check.discovered,
            significance: bits(check.significance),
            equation: check.equation(),
            spans: Pairs(check.spans()),
        }
    }
}

#[derive(Serialize)]
pub(super) struct DiagnosticJson<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<(usize, usize)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

impl<'a> DiagnosticJson<'a> {
    fn new(diagnostic: &'a Diagnostic, _: bool) -> Self {
        Self {
            code: diagnostic.code.name(),
            message: &diagnostic.message,
            span: diagnostic.span.as_ref().map(pair),
            help: diagnostic.help.as_deref(),
        }
    }
}
