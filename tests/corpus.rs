//! Small tables of our own making, broken in every way that extraction breaks tables, against their truth.
//!
//! `corpus/damaged/KIND/FORM-WHAT.txt` and `corpus/clean/FORM-WHAT.txt` hold the texts; beside each stands its
//! truth, `.expected.json`, and, where the built-in catalog is not meant, its `.schema.json`. A truth is checked by
//! hand and is never bent to what the engine does: what the engine cannot do yet stands in [`KNOWN_SHORTFALLS`],
//! which excuses doubt and gaps. Cells that are certain and wrong stand in [`KNOWN_DEFECTS`]. Nothing excuses a lost
//! token or a breach of the contract, and a file that comes out whole must leave its list.
//!
//! A snapshot shows each case on a page for human eyes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod common;
mod truth;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use common::{assert_conserved, page};
use retabulate::table::{Document, Origin};
use retabulate::{Rebuilder, Schema, emit};
use truth::{Truth, Verdict};

/// What the engine cannot do yet, and why. A file that comes out whole must leave the list.
const KNOWN_SHORTFALLS: &[(&str, &str)] = &[
    ("damaged/headers/tabs-bank-row-missing", "a built-in schema is not bound by types alone"),
    ("damaged/pairs/pipes-bank-shifted-header-missing", "a built-in schema is not bound by types alone"),
    (
        "damaged/rows-packed/tabs-pledge",
        "names that stand nowhere else in the document are cut by guess, and flagged",
    ),
    (
        "damaged/rows-packed/tabs-shareholding-one-lost",
        "a forced zero stays blank where the table prints no zeros",
    ),
    (
        "damaged/total-glued/tabs-german-bank",
        "the sides of a shifted amount and what the total sums are not settled together",
    ),
    (
        "damaged/total-glued/tabs-pledge-packed",
        "names that stand nowhere else in the document are cut by guess, and flagged",
    ),
    (
        "flattened/costs-groups-wrapped-labels",
        "a total is told by a label of the schema alone, not by its first word",
    ),
    (
        "flattened/ferries-blanks-vanished",
        "where two columns of words meet on a line, a word that is seen twice may fall to either; flagged",
    ),
    (
        "flattened/ferries-two-pages",
        "where two columns of words meet on a line, a word that is seen twice may fall to either; flagged",
    ),
    (
        "flattened/ferries-two-pages-marked",
        "where two columns of words meet on a line, a word that is seen twice may fall to either; flagged",
    ),
    (
        "stacked/costs-groups-wrapped-labels",
        "a total is told by a label of the schema alone, not by its first word",
    ),
];

/// Broken promises: cells that are certain and wrong. Each is a defect of the engine with its cause; the list only
/// ever gets shorter.
const KNOWN_DEFECTS: &[(&str, &str)] =
    &[("damaged/footnotes/tabs-shareholding-digit-glued", "marks are taken off numbers, not off words")];

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/");

/// One text of the corpus, its truth and the rebuilder it asks for.
struct Case {
    /// Path under `corpus/`, without the ending.
    name: String,
    text: String,
    truth: Truth,
    rebuilder: Rebuilder,
}

impl Case {
    fn read(path: &Path) -> Self {
        let name = path.to_string_lossy().replace('\\', "/");
        let name = name.rsplit_once("/corpus/").map_or(name.as_str(), |(_, name)| name);
        let read =
            |path: &Path| fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
        let text = read(path).unwrap();
        let truth = Truth::from_json(&read(&path.with_extension("expected.json")).unwrap())
            .unwrap_or_else(|error| panic!("the truth of {name}: {error}"));
        let schema = path.with_extension("schema.json");
        let rebuilder = if schema.exists() {
            let schema = Schema::from_json(&read(&schema).unwrap()).unwrap();
            Rebuilder::builder().schema(schema).build()
        } else {
            Rebuilder::new()
        };
        Self { name: name.trim_end_matches(".txt").to_owned(), text, truth, rebuilder }
    }

    fn known_cause(&self) -> Option<&'static str> {
        KNOWN_SHORTFALLS.iter().find(|(file, _)| *file == self.name).map(|(_, cause)| *cause)
    }

    fn known_defect(&self) -> Option<&'static str> {
        KNOWN_DEFECTS.iter().find(|(file, _)| *file == self.name).map(|(_, cause)| *cause)
    }

    /// Whether the features of this build read what the text holds.
    fn is_readable(&self) -> bool {
        cfg!(feature = "html") || !self.text.contains("<table")
    }

    fn is_clean(&self) -> bool {
        self.name.starts_with("clean/")
    }
}

#[test]
fn corpus() {
    let mut faults = Vec::new();
    insta::glob!("../corpus", "**/*.txt", |path| {
        let case = Case::read(path);
        if !case.is_readable() {
            return;
        }
        let document = case.rebuilder.rebuild(&case.text);
        let verdict = case.truth.judge(&document);
        let mut short = verdict.short.clone();
        if case.is_clean() {
            short.extend(touched(&case.text, &document).map(|fault| format!("touched: {fault}")));
        }
        if case.known_cause().is_none() && case.known_defect().is_none() {
            faults.extend(short.iter().map(|fault| format!("{}: {fault}", case.name)));
        } else if case.known_cause().is_some() && short.is_empty() && verdict.silent.is_empty() {
            faults.push(format!("{}: comes out whole, take it off the list of known shortfalls", case.name));
        }
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(report(&case, &document, &verdict));
        });
    });
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Nothing lost, nothing invented, the contract kept, and no cell both certain and wrong but for known defects.
#[test]
fn no_promise_is_broken() {
    let contract = serde_json::from_str(emit::CONTRACT_SCHEMA).unwrap();
    let contract = jsonschema::validator_for(&contract).unwrap();
    let mut faults = Vec::new();
    for path in texts_in(Path::new(FOLDER)) {
        let case = Case::read(&path);
        if !case.is_readable() {
            continue;
        }
        let document = case.rebuilder.rebuild(&case.text);
        // One run names the faults of all cases, so a broken promise does not end it.
        let promises = || {
            assert_conserved(&case.text, &document);
            assert_contract(&contract, &document);
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(promises)) {
            let message = panic.downcast::<String>().map_or_else(|_| "a promise".to_owned(), |text| *text);
            faults.push(format!("{}: breaks {message}", case.name));
        }
        let silent = case.truth.judge(&document).silent;
        match case.known_defect() {
            None => {
                faults.extend(silent.iter().map(|fault| format!("{}: certain and wrong: {fault}", case.name)))
            }
            Some(_) if silent.is_empty() => {
                faults
                    .push(format!("{}: keeps its promise, take it off the list of known defects", case.name));
            }
            Some(_) => {}
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Every kind of damage in every form: what is broken between tabs is broken the same way between pipes and in HTML, and
/// comes out the same. Texts whose tables are parted by lines without tabs are left out: in other forms those lines part
/// tables.
#[test]
fn damage_between_tabs_is_mended_in_other_forms() {
    let mut faults = Vec::new();
    let mut printed = 0;
    for path in texts_in(&Path::new(FOLDER).join("damaged")) {
        let case = Case::read(&path);
        let is_known = case.known_cause().is_some() || case.known_defect().is_some();
        let Some(lines) = lines_of_one_table(&case.text).filter(|_| !is_known) else { continue };
        for (form, text) in [("pipes", in_pipes(&case.text, &lines)), ("html", in_html(&case.text, &lines))] {
            // Markup says where a table ends: tables do not touch there.
            let is_moot = form == "html" && (!cfg!(feature = "html") || case.name.contains("/tables-touch/"));
            if is_moot {
                continue;
            }
            printed += 1;
            let document = case.rebuilder.rebuild(&text);
            assert_conserved(&text, &document);
            let verdict = case.truth.judge(&document);
            let found = verdict.silent.iter().chain(&verdict.short);
            faults.extend(found.map(|fault| format!("{} in {form}: {fault}", case.name)));
        }
    }
    assert!(printed >= 20, "{printed} texts");
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// The lines of the one table between tabs that a text holds; `None` where there are several, or none.
fn lines_of_one_table(text: &str) -> Option<std::ops::Range<usize>> {
    let tabbed: Vec<usize> =
        text.lines().enumerate().filter(|(_, line)| line.contains('\t')).map(|(index, _)| index).collect();
    let (first, last) = (*tabbed.first()?, *tabbed.last()?);
    let has_markup = text.contains(['|', '<', '&', '\u{c}']);
    (last - first + 1 == tabbed.len() && !has_markup).then_some(first..last + 1)
}

/// A text with its table printed by `row`, one line of it at a time.
fn reprint(text: &str, lines: &std::ops::Range<usize>, row: &dyn Fn(&str) -> String) -> Vec<String> {
    let print =
        |(index, line): (usize, &str)| if lines.contains(&index) { row(line) } else { line.to_owned() };
    text.lines().enumerate().map(print).collect()
}

fn in_pipes(text: &str, lines: &std::ops::Range<usize>) -> String {
    reprint(text, lines, &|line| format!("| {} |", line.split('\t').collect::<Vec<_>>().join(" | ")))
        .join("\n")
}

fn in_html(text: &str, lines: &std::ops::Range<usize>) -> String {
    let row = |line: &str| {
        format!("<tr>{}</tr>", line.split('\t').map(|cell| format!("<td>{cell}</td>")).collect::<String>())
    };
    let mut printed = reprint(text, lines, &row);
    printed.insert(lines.end, "</table>".to_owned());
    printed.insert(lines.start, "<table>".to_owned());
    printed.join("\n")
}

/// The texts of a folder and its folders, by path.
fn texts_in(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    let texts = files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "txt"));
    texts.chain(folders.iter().flat_map(|folder| texts_in(folder))).collect()
}

/// The cells of a clean table that are not what was printed, byte by byte.
fn touched<'a>(text: &'a str, document: &'a Document<'_>) -> impl Iterator<Item = String> + 'a {
    let cells = document.tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.cells);
    cells.filter_map(move |cell| {
        let printed = match cell.spans.as_slice() {
            [] => "",
            [span] => span.slice(text),
            _ => return Some(format!("{:?} comes from {} places", cell.text, cell.spans.len())),
        };
        if cell.origin != Origin::Verbatim {
            return Some(format!("{:?} is {}", cell.text, cell.origin.name()));
        }
        (cell.text != printed).then(|| format!("{:?} was printed {printed:?}", cell.text))
    })
}

fn assert_contract(contract: &jsonschema::Validator, document: &Document<'_>) {
    let mut json = Vec::new();
    emit::write_json(document, &emit::Options::default(), &mut json).unwrap();
    let json = serde_json::from_slice(&json).unwrap();
    let errors: Vec<String> =
        contract.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "the JSON breaks the contract:\n{}", errors.join("\n"));
}

/// Input, mended table and verdict on a page.
fn report(case: &Case, document: &Document<'_>, verdict: &Verdict) -> String {
    let input = case.text.replace('\t', " ⇥ ").replace('\u{c}', "␌\n");
    let mut out = format!("{}\n\n{}\n{}", input.trim_end(), "─".repeat(80), page(document));
    out.push_str(&format!("{}\n", verdict.summary()));
    if let Some(cause) = case.known_defect() {
        out.push_str(&format!("known defect: {cause}\n"));
    }
    if let Some(cause) = case.known_cause() {
        out.push_str(&format!("known shortfall: {cause}\n"));
    }
    for fault in verdict.silent.iter().chain(&verdict.short) {
        out.push_str(&format!("- {fault}\n"));
    }
    out
}

#[test]
fn every_known_shortfall_is_in_the_corpus() {
    for (file, cause) in KNOWN_SHORTFALLS.iter().chain(KNOWN_DEFECTS) {
        assert!(Path::new(&format!("{FOLDER}{file}.txt")).exists(), "{file} is no file");
        assert!(!cause.is_empty(), "{file} has no cause");
    }
}

/// The development cases, where they are at hand: nothing lost, nothing invented, no panic.
#[test]
fn development_cases_are_conserved() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/eval/damage/cases");
    if !Path::new(folder).exists() {
        eprintln!("SKIPPED: no development cases at {folder}");
        return;
    }
    for path in texts_in(Path::new(folder)) {
        let text = fs::read_to_string(&path).unwrap();
        let schema =
            Schema::from_json(&fs::read_to_string(path.with_extension("schema.json")).unwrap()).unwrap();
        let document = Rebuilder::builder().schema(schema).build().rebuild(&text);
        assert_conserved(&text, &document);
    }
}
