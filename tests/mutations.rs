//! One digit of a proven print changed: whatever comes out, the changed value is not proven.
//!
//! Every table of the corpus, clean and damaged, with the checks of its schema or with relations that were discovered.
//! A changed print is contradicted, by checks over at most twelve cells that hold it; or the change is one that every check
//! allows, as a rounding is; or no check reads the print any more, for a relation that was discovered may be none once it
//! fails on one line of two; or what the print stands for is open again. The counts are printed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::assert_conserved;
use retabulate::schema::Catalog;
use retabulate::table::{Cell, CheckStatus, Document, Status, Table};
use retabulate::{Rebuilder, Schema};

/// Digits changed in one document.
const DIGITS: usize = 12;

/// Cells of a set of checks that a reader can look through.
const SET: usize = 12;

/// What became of the changed prints.
#[derive(Debug, Default)]
struct Counts {
    documents: usize,
    changed: usize,
    contradicted: usize,
    /// Contradicted by a sum of more cells.
    contradicted_by_more: usize,
    /// The checks that read the changed print hold.
    allowed: usize,
    /// No check reads it.
    unread: usize,
    /// Ambiguous or open: the tables are read another way.
    open: usize,
    proven: Vec<String>,
}

#[test]
fn a_changed_digit_is_never_proven() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let unbound = Rebuilder::builder().catalog(Arc::new(Catalog::new(Vec::new()))).build();
    let (mut stated, mut discovered) = (Counts::default(), Counts::default());
    for path in texts_in(Path::new(folder)) {
        let text = fs::read_to_string(&path).unwrap();
        let schema = path.with_extension("schema.json");
        let rebuilder = match fs::read_to_string(schema) {
            Ok(schema) => Rebuilder::builder().schema(Schema::from_json(&schema).unwrap()).build(),
            Err(_) => Rebuilder::new(),
        };
        change_digits(&path, &text, &rebuilder, &mut stated);
        change_digits(&path, &text, &unbound, &mut discovered);
    }
    for (name, counts) in [("stated checks", &stated), ("discovered relations", &discovered)] {
        println!(
            "{name}: {} digits of {} documents: {} contradicted by at most {SET} cells, {} by more, {} allowed, \
             {} unread, {} open, {} proven",
            counts.changed,
            counts.documents,
            counts.contradicted,
            counts.contradicted_by_more,
            counts.allowed,
            counts.unread,
            counts.open,
            counts.proven.len()
        );
        assert!(counts.proven.is_empty(), "{name}: {:#?}", counts.proven);
        assert!(counts.contradicted * 2 > counts.changed, "{name}: {counts:?}");
    }
}

fn change_digits(path: &Path, text: &str, rebuilder: &Rebuilder, counts: &mut Counts) {
    let places = proven_digits(text, &rebuilder.rebuild(text));
    counts.documents += usize::from(!places.is_empty());
    let step = places.len().div_ceil(DIGITS).max(1);
    for &(place, is_first) in places.iter().step_by(step) {
        let Some(changed) = changed(text, place, is_first) else { continue };
        let document = rebuilder.rebuild(&changed);
        assert_conserved(&changed, &document);
        counts.changed += 1;
        let Some((table, cell)) = cell_at(&document, place) else {
            counts.unread += 1;
            continue;
        };
        match cell.status {
            Status::Proven => counts.proven.push(format!("{}: byte {place}: {cell:?}", path.display())),
            Status::Contradicted if is_small_set(table, cell, place) => counts.contradicted += 1,
            Status::Contradicted => counts.contradicted_by_more += 1,
            Status::Ambiguous | Status::Open => counts.open += 1,
            Status::Consistent => counts.allowed += 1,
            Status::Unchecked => counts.unread += 1,
        }
    }
}

/// The digits of all proven prints, and whether each is the first of its number.
fn proven_digits(text: &str, document: &Document<'_>) -> Vec<(usize, bool)> {
    let cells = document.tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.cells);
    let mut places = Vec::new();
    for cell in cells.filter(|cell| cell.status == Status::Proven) {
        let bytes = cell.spans.iter().flat_map(|span| span.start..span.end);
        let digits = bytes.filter(|&at| text.as_bytes()[at].is_ascii_digit());
        places.extend(digits.enumerate().map(|(index, at)| (at, index == 0)));
    }
    places
}

/// The text with another digit at `place`; `None` where that would be a leading zero.
fn changed(text: &str, place: usize, is_first: bool) -> Option<String> {
    let old = text.as_bytes()[place] - b'0';
    let new = (old + 1 + u8::try_from(place % 9).unwrap()) % 10;
    (new != 0 || !is_first).then(|| format!("{}{new}{}", &text[..place], &text[place + 1..]))
}

fn cell_at<'d, 't>(document: &'d Document<'t>, place: usize) -> Option<(&'d Table<'t>, &'d Cell<'t>)> {
    let tables = document.tables.iter();
    let mut cells =
        tables.flat_map(|table| table.rows.iter().flat_map(|row| &row.cells).map(move |cell| (table, cell)));
    cells.find(|(_, cell)| cell.spans.iter().any(|span| span.start <= place && place < span.end))
}

/// Whether the failing checks of a contradicted cell read no more than [`SET`] prints, the changed one among them.
fn is_small_set(table: &Table<'_>, cell: &Cell<'_>, place: usize) -> bool {
    let because = cell.detail.as_ref().map_or(&[][..], |detail| detail.because.as_slice());
    let fails = table.checks.iter().filter(|check| check.status == CheckStatus::Fails);
    let mut own = fails.filter(|check| because.contains(&check.id));
    own.any(|check| {
        check.spans.len() <= SET && check.spans.iter().any(|span| span.start <= place && place < span.end)
    })
}

fn texts_in(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    let texts = files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "txt"));
    texts.chain(folders.iter().flat_map(|folder| texts_in(folder))).collect()
}
