//! Two hundred schemas that look alike in one catalog: the right one is found by fit, and a poor fit is no fit.
//!
//! Forty kinds of table, each in five variants that share most of their header words: one says `Closing balance`
//! where another says `Balance`, one has a field more, one prints a date where another prints a number. Every table is
//! printed under the titles of one schema, some of them damaged; what counts is the schema that is chosen and the
//! values that are claimed as certain under the name of a field.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod common;

use std::fmt::Write as _;
use std::sync::Arc;

use common::assert_conserved;
use retabulate::schema::{Catalog, Field, FieldKind};
use retabulate::table::{Document, Status};
use retabulate::{Rebuilder, Schema};

/// What a kind of table counts, and what it is counted by.
const SUBJECTS: [&str; 8] =
    ["Warehouse", "Vessel", "Region", "Contract", "Property", "Employee", "Supplier", "Product"];
const MEASURES: [&str; 5] = ["Units", "Revenue", "Cost", "Weight", "Area"];
const VARIANTS: usize = 5;

/// How a table is printed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Print {
    Clean,
    HeaderLost,
    /// The one header by which the schema differs from its lookalikes.
    TellingHeaderLost,
    Garbled,
    HeaderMerged,
}

/// The fields of one variant: name, title, kind.
fn fields(subject: &str, measure: &str, variant: usize) -> Vec<(String, String, FieldKind)> {
    let field = |name: &str, title: String, kind| (name.to_owned(), title, kind);
    let mut fields = vec![
        field("key", subject.to_owned(), FieldKind::String),
        field("opening", format!("Opening {}", measure.to_lowercase()), FieldKind::Number),
        field("closing", format!("Closing {}", measure.to_lowercase()), FieldKind::Number),
    ];
    match variant {
        0 => {}
        // The same words, another kind of value.
        1 => {
            fields[1] =
                field("opening_date", format!("Opening {} date", measure.to_lowercase()), FieldKind::Date)
        }
        // One field more, in the middle.
        2 => fields
            .insert(2, field("change", format!("Change in {}", measure.to_lowercase()), FieldKind::Number)),
        // One word more in a title.
        3 => {
            fields[2] =
                field("average", format!("Average closing {}", measure.to_lowercase()), FieldKind::Number)
        }
        // The same fields in another order, and one that the others do not know.
        _ => {
            fields.swap(1, 2);
            fields.push(field("manager", format!("{subject} manager"), FieldKind::String));
        }
    }
    fields
}

/// The field whose title tells a variant from the others.
const fn telling_field(variant: usize) -> usize {
    match variant {
        1 => 1,
        4 => 3,
        _ => 2,
    }
}

fn schema(subject: &str, measure: &str, variant: usize) -> Schema {
    let field = |(name, title, kind): (String, String, FieldKind)| Field { title, kind, ..Field::new(name) };
    Schema {
        name: format!("{subject}-{measure}-{variant}").to_lowercase(),
        fields: fields(subject, measure, variant).into_iter().map(field).collect(),
        ..Schema::default()
    }
}

/// A cell of `kind` in `row`; the numbers only have to differ.
fn value(kind: FieldKind, seed: usize, row: usize, column: usize) -> String {
    let number = (seed * 7_919 + row * 1_237 + column * 331) % 90_000 + 1_000;
    match kind {
        FieldKind::String => {
            ["Alder", "Birch", "Cedar", "Damson", "Elder"][(seed + row + column) % 5].to_owned()
        }
        FieldKind::Date => format!("{:02}/0{}/2023", 13 + (seed + row) % 15, 1 + (row + column) % 9),
        _ => format!("{},{:03}.{:02}", number / 1_000, number % 1_000, (seed + row * 3) % 100),
    }
}

/// A table under the titles of a schema, with its cells.
fn table(
    seed: usize,
    fields: &[(String, String, FieldKind)],
    print: Print,
    variant: usize,
) -> (String, Vec<Vec<String>>) {
    let mut titles: Vec<String> = fields.iter().map(|(_, title, _)| title.clone()).collect();
    match print {
        Print::Clean => {}
        // A header that others of its row make up for: nothing tells two schemas apart whose only other word is lost.
        Print::HeaderLost => titles[1].clear(),
        Print::TellingHeaderLost => titles[telling_field(variant)].clear(),
        Print::Garbled => {
            titles = titles.iter().map(|title| title.replace('e', "c").replace('n', "u")).collect();
        }
        Print::HeaderMerged => {
            titles[1] = format!("{} {}", titles[1], titles[2]);
            titles[2].clear();
        }
    }
    let rows: Vec<Vec<String>> = (0..6)
        .map(|row| {
            fields.iter().enumerate().map(|(column, field)| value(field.2, seed, row, column)).collect()
        })
        .collect();
    let mut text = String::from("The figures for the period are as follows.\n\n");
    for row in std::iter::once(&titles).chain(&rows) {
        writeln!(text, "{}", row.join("\t")).unwrap();
    }
    text.push_str("\nFigures are unaudited.\n");
    (text, rows)
}

/// Filled cells of a document that claim to be certain, and those among them that are wrong: another value, or the
/// value under the name of another field.
fn certain_and_wrong(
    document: &Document<'_>,
    fields: &[(String, String, FieldKind)],
    rows: &[Vec<String>],
) -> (usize, usize) {
    let (mut certain, mut wrong) = (0, 0);
    for table in &document.tables {
        for (index, row) in table.rows.iter().enumerate() {
            for (column, cell) in table.columns.iter().zip(&row.cells) {
                let doubtful = matches!(cell.status, Status::Ambiguous | Status::Contradicted | Status::Open);
                if cell.text.is_empty() || doubtful || cell.confidence < 0.8 {
                    continue;
                }
                certain += 1;
                let field = fields.iter().position(|(name, ..)| column.name.as_deref() == Some(name));
                // Without a schema a column has no name, and claims none.
                let is_right = match field {
                    Some(field) => rows.get(index).is_some_and(|row| row[field] == cell.text),
                    None => column.name.is_none() && rows.iter().flatten().any(|value| *value == cell.text),
                };
                wrong += usize::from(!is_right);
            }
        }
    }
    (certain, wrong)
}

/// What came out of two hundred tables, one of every schema.
#[derive(Default)]
struct Counts {
    right: usize,
    certain: usize,
    wrong: usize,
    missed: Vec<String>,
}

/// Prints a table of every schema, each in one of `prints`, and rebuilds it with the catalog of them all.
fn rebuild_all(prints: &[Print]) -> Counts {
    let kinds: Vec<(&str, &str, usize)> = SUBJECTS
        .iter()
        .flat_map(|subject| MEASURES.iter().map(move |measure| (*subject, *measure)))
        .flat_map(|(subject, measure)| (0..VARIANTS).map(move |variant| (subject, measure, variant)))
        .collect();
    assert_eq!(kinds.len(), 200);
    let schemas =
        kinds.iter().map(|(subject, measure, variant)| schema(subject, measure, *variant)).collect();
    let rebuilder = Rebuilder::builder().catalog(Arc::new(Catalog::new(schemas))).build();
    let mut counts = Counts::default();
    for (seed, (subject, measure, variant)) in kinds.iter().enumerate() {
        let fields = fields(subject, measure, *variant);
        let print = prints[(seed / VARIANTS + variant) % prints.len()];
        let (text, rows) = table(seed, &fields, print, *variant);
        let document = rebuilder.rebuild(&text);
        assert_conserved(&text, &document);
        let name = schema(subject, measure, *variant).name;
        let chosen = document.tables.first().and_then(|table| table.schema.as_deref());
        let (certain, wrong) = certain_and_wrong(&document, &fields, &rows);
        match chosen == Some(name.as_str()) {
            true => counts.right += 1,
            false => counts.missed.push(format!("{name} {print:?}: {chosen:?}, {wrong} certain and wrong")),
        }
        counts.certain += certain;
        counts.wrong += wrong;
    }
    counts
}

#[test]
fn the_right_one_of_two_hundred_is_found() {
    let counts =
        rebuild_all(&[Print::Clean, Print::Clean, Print::Garbled, Print::HeaderLost, Print::HeaderMerged]);
    let Counts { right, certain, wrong, missed } = counts;
    println!("{right} of 200 right, {wrong} of {certain} certain cells wrong");
    assert!(right >= 196, "{right} of 200 right:\n{}", missed.join("\n"));
    assert!(wrong * 200 < certain, "{wrong} of {certain} certain cells are wrong:\n{}", missed.join("\n"));
}

/// Where the one header is lost that tells two schemas apart, types may still tell. Where they do not, the likelier
/// schema is taken, and the cells under the lost header are not certain under its name.
#[test]
fn a_schema_that_nothing_tells_from_another_is_seldom_certain() {
    let counts =
        rebuild_all(&[Print::Clean, Print::TellingHeaderLost, Print::Garbled, Print::TellingHeaderLost]);
    let Counts { right, certain, wrong, missed } = counts;
    println!("{right} of 200 right, {wrong} of {certain} certain cells wrong\n{}", missed.join("\n"));
    assert!(right >= 180, "{right} of 200 right:\n{}", missed.join("\n"));
    assert!(wrong * 200 < certain, "{wrong} of {certain} certain cells wrong:\n{}", missed.join("\n"));
}

#[test]
fn a_poor_fit_is_no_fit() {
    let schemas = SUBJECTS.iter().map(|subject| schema(subject, "Units", 0)).collect();
    let rebuilder = Rebuilder::builder().catalog(Arc::new(Catalog::new(schemas))).build();
    let text = "Director\tFees\tShare options\tTotal pay\n\
                A. Lindqvist\t40,000\t12,500\t52,500\n\
                B. Moreau\t38,000\t-\t38,000\n\
                C. Okafor\t41,500\t8,250\t49,750\n";
    let document = rebuilder.rebuild(text);
    assert_conserved(text, &document);
    let [table] = document.tables.as_slice() else { panic!("{} tables", document.tables.len()) };
    assert_eq!(table.schema, None);
    assert_eq!(table.rows[0].cells[3].text, "52,500");
    assert!(table.rows.iter().flat_map(|row| &row.cells).all(|cell| cell.status == Status::Unchecked));
}
