//! Documents made by hand, for tests and benches of what needs no engine.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::borrow::Cow;

use retabulate::schema::FieldKind;
use retabulate::table::{
    Alternative, CellDetail, CellMark, CellValue, Check, CheckIds, CheckStatus, Code, Column, Diagnostic,
    HeaderCell, Origin, Passage, Row, RowKind, Scale, Spans, Status,
};
use retabulate::text::value::Date;
use retabulate::{Cell, Document, Span, Table};

pub fn spans(pairs: &[(usize, usize)]) -> Spans {
    pairs.iter().map(|&(start, end)| Span::new(start, end)).collect()
}

pub fn number(text: &str) -> Option<CellValue> {
    Some(CellValue::Number(text.parse().unwrap()))
}

/// A confidence inside the band of the status.
fn usual_confidence(origin: Origin, status: Status) -> f32 {
    match (origin, status) {
        (Origin::Missing, _) => 0.0,
        (_, Status::Proven) => 0.99,
        (_, Status::Consistent) => 0.9,
        (_, Status::Unchecked) => 0.85,
        _ => 0.55,
    }
}

pub fn cell<'t>(text: &'t str, value: Option<CellValue>, origin: Origin, status: Status) -> Cell<'t> {
    Cell {
        text: Cow::Borrowed(text),
        value,
        origin,
        status,
        spans: if text.is_empty() { Spans::new() } else { spans(&[(10, 10 + text.len())]) },
        confidence: usual_confidence(origin, status),
        because: CheckIds::new(),
        detail: None,
    }
}

pub fn text_cell(text: &str) -> Cell<'_> {
    let value = if text.is_empty() { None } else { Some(CellValue::Text) };
    Cell { confidence: 1.0, ..cell(text, value, Origin::Verbatim, Status::Unchecked) }
}

pub fn number_cell<'t>(text: &'t str, value: &str, origin: Origin, status: Status) -> Cell<'t> {
    cell(text, number(value), origin, status)
}

pub fn with_detail<'t>(cell: Cell<'t>, detail: CellDetail) -> Cell<'t> {
    Cell { detail: Some(Box::new(detail)), ..cell }
}

pub fn because<'t>(cell: Cell<'t>, checks: &[u32]) -> Cell<'t> {
    Cell { because: checks.into(), ..cell }
}

pub fn column(title: &str, kind: FieldKind) -> Column {
    Column {
        title: title.to_owned(),
        kind,
        header: vec![title.to_owned()],
        header_cells: vec![HeaderCell {
            text: title.to_owned(),
            origin: Origin::Verbatim,
            status: Status::Unchecked,
            spans: spans(&[(0, title.len())]),
        }],
        ..Column::default()
    }
}

pub fn passage(text: &str, start: usize) -> Passage {
    Passage { text: text.to_owned(), spans: spans(&[(start, start + text.len())]) }
}

pub fn row(kind: RowKind, line: usize, cells: Vec<Cell<'_>>) -> Row<'_> {
    Row { kind, line, cells }
}

pub fn table<'t>(columns: Vec<Column>, rows: Vec<Row<'t>>) -> Table<'t> {
    Table {
        schema: None,
        span: Span::new(0, 100),
        page: 1,
        line: 1,
        caption: Vec::new(),
        notes: Vec::new(),
        left_over: Vec::new(),
        columns,
        rows: rows.into(),
        checks: Vec::new().into(),
        confidence: 0.97,
    }
}

pub fn document(tables: Vec<Table<'_>>) -> Document<'_> {
    Document { tables, diagnostics: Vec::new() }
}

/// A table as it was printed, without schema and checks.
pub fn clean() -> Document<'static> {
    let columns = vec![column("Item", FieldKind::String), column("Net | gross", FieldKind::Number)];
    let rows = vec![
        row(
            RowKind::Data,
            2,
            vec![
                text_cell("Tea, green"),
                number_cell("1,600.00", "1600.00", Origin::Verbatim, Status::Unchecked),
            ],
        ),
        row(
            RowKind::Data,
            3,
            vec![text_cell("=SUM(A1)"), number_cell("(12)", "-12", Origin::Verbatim, Status::Unchecked)],
        ),
        row(RowKind::Data, 4, vec![text_cell("a \"b\" <c> & d|e"), text_cell("")]),
    ];
    document(vec![table(columns, rows)])
}

/// A table with every origin and status, marks, shares, alternatives, scale and diagnostics.
pub fn damaged() -> Document<'static> {
    let rows = vec![
        row(
            RowKind::Group,
            3,
            vec![text_cell("甲類股東 Class A"), text_cell(""), text_cell(""), text_cell("")],
        ),
        proven_row(),
        doubtful_row(),
        corrected_row(),
        row(
            RowKind::Total,
            6,
            vec![
                text_cell("Total"),
                number_cell("1,950.40", "1950.40", Origin::Verbatim, Status::Contradicted),
                number_cell("", "0.30", Origin::Inferred, Status::Consistent),
                cell("", None, Origin::Missing, Status::Open),
            ],
        ),
        row(RowKind::Note, 7, vec![text_cell("Restated."), text_cell(""), text_cell(""), text_cell("")]),
    ];
    let mut damaged = table(damaged_columns(), rows);
    damaged.schema = Some("share-pledge".to_owned());
    damaged.caption = vec![passage("III. ACCUMULATED PLEDGE", 0), passage("(in 10 thousand)", 30)];
    damaged.notes = vec![passage("* including restricted shares", 400)];
    damaged.left_over = vec![passage("Page 3 of 9", 300)];
    damaged.checks = checks().into();
    let mut document = document(vec![damaged]);
    document.diagnostics = vec![
        Diagnostic::new(Code::CheckFails, "total(held) = sum(held) fails").at(Span::new(3, 8)),
        Diagnostic::new(Code::BudgetSpent, "a search was ended").with_help("raise the steps"),
    ];
    document
}

fn damaged_columns() -> Vec<Column> {
    let name = Column {
        name: Some("name".to_owned()),
        schema_title: Some("Name".to_owned()),
        ..column("Name of Shareholder", FieldKind::String)
    };
    let held = Column {
        name: Some("held".to_owned()),
        unit: Some("shares".to_owned()),
        scale: Some(Scale { factor: "10000".parse().unwrap(), span: Span::new(30, 46) }),
        header: vec!["Holding".to_owned(), "Held".to_owned()],
        ..column("Holding Held", FieldKind::Number)
    };
    let share = Column {
        percent: true,
        header: vec!["Holding".to_owned(), "Proportion in the total share capital".to_owned()],
        ..column("Holding Proportion in the total share capital", FieldKind::Number)
    };
    let date = Column {
        title: String::new(),
        header: Vec::new(),
        header_cells: Vec::new(),
        ..column("", FieldKind::Date)
    };
    vec![name, held, share, date]
}

fn proven_row() -> Row<'static> {
    let shared = CellDetail { shares: Some(1), ..CellDetail::default() };
    row(
        RowKind::Data,
        4,
        vec![
            cell("Ruide Venture", Some(CellValue::Text), Origin::Split, Status::Unchecked),
            because(number_cell("", "1088.00", Origin::Inferred, Status::Proven), &[1]),
            because(with_detail(number_cell("0%", "0", Origin::Moved, Status::Proven), shared), &[1, 2]),
            cell(
                "31 December 2023",
                Some(CellValue::Date(Date { year: 2023, month: 12, day: 31 })),
                Origin::Joined,
                Status::Unchecked,
            ),
        ],
    )
}

fn doubtful_row() -> Row<'static> {
    let other =
        Alternative { value: number("0"), text: String::new(), spans: Spans::new(), confidence: 0.45 };
    let marked = CellDetail {
        marks: vec![CellMark { text: "*".to_owned(), span: Span::new(66, 67) }],
        alternatives: vec![other],
        ..CellDetail::default()
    };
    let lost = CellDetail {
        alternatives: vec![Alternative {
            value: number("0.21"),
            text: "0.21%".to_owned(),
            spans: spans(&[(80, 85)]),
            confidence: 0.3,
        }],
        ..CellDetail::default()
    };
    row(
        RowKind::Data,
        5,
        vec![
            cell("Cai", Some(CellValue::Text), Origin::Given, Status::Unchecked),
            with_detail(number_cell("76.80", "76.80", Origin::Moved, Status::Ambiguous), marked),
            with_detail(cell("", None, Origin::Missing, Status::Ambiguous), lost),
            cell("", None, Origin::Verbatim, Status::Unchecked),
        ],
    )
}

fn corrected_row() -> Row<'static> {
    row(
        RowKind::Data,
        5,
        vec![
            cell("true", Some(CellValue::Boolean(true)), Origin::Verbatim, Status::Unchecked),
            number_cell("1,6OO.00", "1600.00", Origin::Corrected, Status::Proven),
            number_cell("4.13%", "4.13", Origin::Verbatim, Status::Consistent),
            cell("n/a", None, Origin::Verbatim, Status::Unchecked),
        ],
    )
}

fn checks() -> Vec<Check> {
    let check = |id, rule: &str, status, significance| Check {
        id,
        rule: rule.into(),
        rows: vec![1, 2, 3, 4].into(),
        status,
        discovered: id == 4,
        significance,
        written: None,
    };
    vec![
        check(1, "total(held) = sum(held)", CheckStatus::Holds, 21.26),
        check(2, "share = held / $capital", CheckStatus::HoldsRounded, 9.0),
        check(3, "held <= 100", CheckStatus::Fails, f32::INFINITY),
        check(4, "share >= 0", CheckStatus::Untestable, 0.0),
    ]
}

/// A clean table of `rows` records in eight columns, for benches.
#[allow(dead_code)]
pub fn large(rows: usize) -> Document<'static> {
    let mut columns = vec![column("Date", FieldKind::Date), column("Description", FieldKind::String)];
    columns.extend((3..=8).map(|index| column(&format!("Amount {index}"), FieldKind::Number)));
    let record = |index: usize| {
        let day = u8::try_from(index % 28 + 1).unwrap();
        let date = CellValue::Date(Date { year: 2023, month: 5, day });
        let mut cells = vec![
            Cell {
                text: Cow::Owned(format!("{day:02} May 2023")),
                ..cell("x", Some(date), Origin::Verbatim, Status::Unchecked)
            },
            Cell { text: Cow::Owned(format!("Payment no. {index}, rent & heating")), ..text_cell("x") },
        ];
        for amount in 3..=8usize {
            let cents = index * amount * 37 % 1_000_000;
            let value = format!("{}.{:02}", cents / 100, cents % 100);
            let printed = Cow::Owned(value.clone());
            let amount = Cell { text: printed, ..number_cell("x", &value, Origin::Verbatim, Status::Proven) };
            cells.push(because(amount, &[1, 2]));
        }
        row(RowKind::Data, index + 2, cells)
    };
    document(vec![table(columns, (0..rows).map(record).collect())])
}
