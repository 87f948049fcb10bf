//! One digit of a proven print changed: whatever comes out, the changed value is not proven.
//!
//! Every table of the corpus, clean and damaged, with the checks of its schema or with relations that were discovered.
//!
//! What becomes of it is one of these, and each is counted:
//!
//! - *contradicted*: a check that fails reads the changed print, or names it as part of a run that fits in no reading; the
//!   operands of the check and the print are at most twelve cells, or more (*by more*);
//! - *allowed*: checks that read it hold, and none that fails does, as with a change that rounding hides;
//! - *unread*: no check reads it. A relation that was discovered may be none once it fails on one line of two (*forgotten*); that a
//!   schema's check proved the print and none reads it now is counted apart (*displaced*);
//! - *open*: none of these.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::assert_conserved;
use retabulate::schema::Catalog;
use retabulate::table::{Cell, Check, CheckStatus, Document, Status, Table};
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
    /// No check reads it, and a discovered relation proved it before.
    forgotten: usize,
    /// No check reads it, and a stated check proved it before.
    displaced: usize,
    /// None of these: the tables are read another way.
    open: Vec<String>,
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
             {} forgotten, {} displaced, {} open, {} proven",
            counts.changed,
            counts.documents,
            counts.contradicted,
            counts.contradicted_by_more,
            counts.allowed,
            counts.forgotten,
            counts.displaced,
            counts.open.len(),
            counts.proven.len()
        );
        assert!(counts.open.is_empty(), "{name}: {:#?}", counts.open);
        assert_eq!(counts.displaced, 0, "{name}");
        assert!(counts.proven.is_empty(), "{name}: {:#?}", counts.proven);
        assert!(counts.contradicted * 2 > counts.changed, "{name}: {counts:?}");
    }
}

fn change_digits(path: &Path, text: &str, rebuilder: &Rebuilder, counts: &mut Counts) {
    let places = proven_digits(text, &rebuilder.rebuild(text));
    counts.documents += usize::from(!places.is_empty());
    let step = places.len().div_ceil(DIGITS).max(1);
    for &Digit { place, is_first, is_stated } in places.iter().step_by(step) {
        let Some(changed) = changed(text, place, is_first) else { continue };
        let document = rebuilder.rebuild(&changed);
        assert_conserved(&changed, &document);
        counts.changed += 1;
        let name = || format!("{}: byte {place}", path.display());
        let found = cell_at(&document, place);
        let unread = if is_stated { &mut counts.displaced } else { &mut counts.forgotten };
        let Some((table, cell)) = found else {
            *unread += 1;
            continue;
        };
        let because = because(cell);
        let failing = || table.checks.iter().filter(|check| check.status == CheckStatus::Fails);
        let is_read_by =
            |check: &&Check| check.spans().iter().any(|span| span.start <= place && place < span.end);
        match cell.status {
            Status::Proven => counts.proven.push(format!("{}: {cell:?}", name())),
            Status::Contradicted if failing().any(|check| is_small_set(check, cell, place)) => {
                counts.contradicted += 1;
            }
            Status::Contradicted if failing().any(|check| because.contains(&check.id)) => {
                counts.contradicted_by_more += 1;
            }
            // An undelimited print is not sure of its place without a proof, which is no question of the arithmetic.
            Status::Consistent | Status::Ambiguous
                if is_allowed(table, because)
                    && alternatives(cell) == 0
                    && !failing().any(|check| is_read_by(&check)) =>
            {
                counts.allowed += 1;
            }
            Status::Unchecked => *unread += 1,
            Status::Ambiguous if because.is_empty() && alternatives(cell) == 0 && is_unread(table, cell) => {
                *unread += 1
            }
            _ => counts.open.push(format!("{}: {cell:?}", name())),
        }
    }
}

fn because<'c>(cell: &'c Cell<'_>) -> &'c [u32] {
    cell.because()
}

fn alternatives(cell: &Cell<'_>) -> usize {
    cell.detail.as_ref().map_or(0, |detail| detail.alternatives.len())
}

/// Whether there are checks that carry a verdict, and all of them hold.
fn is_allowed(table: &Table<'_>, because: &[u32]) -> bool {
    let holds = |id: &u32| {
        let check = table.checks.iter().find(|check| check.id == *id);
        check.is_some_and(|check| matches!(check.status, CheckStatus::Holds | CheckStatus::HoldsRounded))
    };
    !because.is_empty() && because.iter().all(holds)
}

/// Whether no check of the table is over the row of a cell.
fn is_unread(table: &Table<'_>, cell: &Cell<'_>) -> bool {
    let row = table.rows.iter().position(|row| row.cells.iter().any(|other| std::ptr::eq(other, cell)));
    row.is_some_and(|row| table.checks.iter().all(|check| !check.rows.contains(&row)))
}

/// A digit of a proven print.
#[derive(Clone, Copy, Debug)]
struct Digit {
    place: usize,
    /// Whether it is the first of its number.
    is_first: bool,
    /// Whether a check of the schema carries the proof, and not only relations that were discovered.
    is_stated: bool,
}

fn proven_digits(text: &str, document: &Document<'_>) -> Vec<Digit> {
    let cells = document
        .tables
        .iter()
        .flat_map(|table| table.rows.iter().flat_map(|row| &row.cells).map(move |cell| (table, cell)));
    let mut places = Vec::new();
    for (table, cell) in cells.filter(|(_, cell)| cell.status == Status::Proven) {
        let mut own = table.checks.iter().filter(|check| because(cell).contains(&check.id));
        let is_stated = own.any(|check| !check.discovered);
        let bytes = cell.spans.iter().flat_map(|span| span.start..span.end);
        let digits = bytes.filter(|&at| text.as_bytes()[at].is_ascii_digit());
        places.extend(digits.enumerate().map(|(index, place)| Digit {
            place,
            is_first: index == 0,
            is_stated,
        }));
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

/// Whether a failing check speaks against a cell with no more than [`SET`] prints, the changed one among them: it reads it, or
/// names it beside the prints that it reads.
fn is_small_set(check: &Check, cell: &Cell<'_>, place: usize) -> bool {
    let is_read = check.spans().iter().any(|span| span.start <= place && place < span.end);
    because(cell).contains(&check.id) && check.spans().len() + usize::from(!is_read) <= SET
}

fn texts_in(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    let texts = files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "txt"));
    texts.chain(folders.iter().flat_map(|folder| texts_in(folder))).collect()
}
