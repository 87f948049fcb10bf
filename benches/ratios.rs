//! The promises of speed as ratios, each with both of its sides measured in this very run.
//!
//! The two sides of a ratio run in turn, and of each the fastest of its rounds counts: what else the machine does
//! slows a round down and never speeds one up. Absolute figures say little beyond the machine they were taken on.
//!
//! ```text
//! cargo bench --bench ratios                    all of them; exit status 1 where a promise is not kept
//! cargo bench --bench ratios -- prose clean     those whose group has one of these names
//! cargo bench --bench ratios -- huge            a document of 100 MB beside 1,000 documents of the same text
//! RETABULATE_FILES=a.txt:b.txt cargo bench --bench ratios -- files      texts of your own, milliseconds each
//! ```
#![allow(missing_docs, clippy::print_stdout)]

mod support;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use retabulate::schema::Catalog;
use retabulate::{Rebuilder, Schema};
use support::{Input, baseline};

/// The allocator of the command line, for both sides.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PROSE_BYTES: usize = 1 << 20;
const ROWS: usize = 2_000;
/// Rounds of each side.
const ROUNDS: u32 = 48;
/// A side is not measured for longer than this in all, but at least twice.
const ENOUGH: Duration = Duration::from_secs(16);

/// One side of a ratio: how many bytes it works through, and in what time.
#[derive(Clone, Copy)]
struct Rate {
    bytes: usize,
    best: Duration,
}

impl Rate {
    fn megabytes(self) -> f64 {
        self.bytes as f64 / 1e6 / self.best.as_secs_f64()
    }
}

/// The time of one run.
fn time(mut side: impl FnMut()) -> Duration {
    let start = Instant::now();
    side();
    start.elapsed()
}

/// Runs both sides in turn.
fn race(bytes: (usize, usize), mut left: impl FnMut(), mut right: impl FnMut()) -> (Rate, Rate) {
    let (mut best, mut spent) = ((Duration::MAX, Duration::MAX), Duration::ZERO);
    for round in 0..ROUNDS {
        if round >= 2 && spent > ENOUGH {
            break;
        }
        let (first, second) = (time(&mut left), time(&mut right));
        best = (best.0.min(first), best.1.min(second));
        spent += first + second;
    }
    (Rate { bytes: bytes.0, best: best.0 }, Rate { bytes: bytes.1, best: best.1 })
}

/// What was measured, line by line.
#[derive(Default)]
struct Report {
    broken: usize,
}

impl Report {
    fn head(&self) {
        println!(
            "{:<30} {:>12} {:<28} {:>12} {:>9} {:>9}",
            "work", "MB/s", "against", "MB/s", "ratio", "needed"
        );
    }

    /// A ratio that promises nothing.
    fn note(&self, name: &str, own: Rate, against: &str, other: Rate) {
        let ratio = own.megabytes() / other.megabytes();
        println!(
            "{name:<30} {:>12.1} {against:<28} {:>12.1} {ratio:>9.4}",
            own.megabytes(),
            other.megabytes()
        );
    }

    fn line(&mut self, name: &str, own: Rate, against: &str, other: Rate, needed: f64) {
        let ratio = own.megabytes() / other.megabytes();
        let kept = ratio >= needed;
        self.broken += usize::from(!kept);
        println!(
            "{name:<30} {:>12.1} {against:<28} {:>12.1} {ratio:>9.4} {needed:>9.4} {}",
            own.megabytes(),
            other.megabytes(),
            if kept { "" } else { "missed" }
        );
    }
}

fn only(name: &str) -> Arc<Catalog> {
    let schema = Catalog::builtin().get(name).map(|schema| Schema::clone(schema)).unwrap_or_default();
    Arc::new(Catalog::new(vec![schema]))
}

/// Rebuilds once, and asserts that the answer is the expected one.
fn checked<'r>(rebuilder: &'r Rebuilder, input: &'r Input) -> impl FnMut() + 'r {
    let document = rebuilder.rebuild(&input.text);
    let rows: usize = document.tables.iter().map(|table| table.rows.len()).sum();
    assert_eq!(document.tables.len(), input.tables, "tables of {}", input.name);
    assert!(rows > 0 || input.rows == 0, "no row of {} in {}", input.rows, input.name);
    || drop(black_box(rebuilder.rebuild(black_box(&input.text))))
}

/// The same, and every cell of every row is looked at, as by a writer.
fn looked_at<'r>(rebuilder: &'r Rebuilder, input: &'r Input) -> impl FnMut() + 'r {
    drop(checked(rebuilder, input));
    || {
        let document = rebuilder.rebuild(black_box(&input.text));
        for row in document.tables.iter().flat_map(|table| table.rows.each()) {
            black_box(&row.cells);
        }
    }
}

fn prose(report: &mut Report) {
    let rebuilder = Rebuilder::new();
    for input in [support::prose_latin(PROSE_BYTES), support::prose_cjk(PROSE_BYTES)] {
        let bytes = (input.text.len(), input.text.len());
        let scan = || {
            black_box(baseline::scan_plain(black_box(&input.text)));
        };
        let (own, other) = race(bytes, checked(&rebuilder, &input), scan);
        report.line(input.name, own, "lines and delimiters, memchr", other, 1.0 / 3.0);
    }
}

fn clean(report: &mut Report) {
    let rebuilder = Rebuilder::builder().catalog(only("bank-statement")).build();
    let huge = Input { name: "clean-tabs, 40,000 rows", ..support::clean_tabs(40_000) };
    for input in [support::clean_tabs(ROWS), support::clean_pipes(ROWS), huge] {
        let bytes = (input.text.len(), input.text.len());
        let csv = || {
            black_box(baseline::read_csv(black_box(&input.text)));
        };
        let (own, other) = race(bytes, checked(&rebuilder, &input), csv);
        report.line(input.name, own, "csv, string records", other, 1.0 / 5.0);
        // Cells are put together when they are looked at: what that takes, too.
        let (own, other) = race(bytes, looked_at(&rebuilder, &input), csv);
        report.note("  and every cell looked at", own, "the same", other);
    }
    let stock = support::clean_stock(ROWS);
    let rebuilder = Rebuilder::builder().schema(support::stock_schema()).build();
    let csv = || {
        black_box(baseline::read_csv(black_box(&stock.text)));
    };
    let (own, other) = race((stock.text.len(), stock.text.len()), checked(&rebuilder, &stock), csv);
    report.line(stock.name, own, "csv, string records", other, 1.0 / 5.0);
}

fn layout(report: &mut Report) {
    let rebuilder = Rebuilder::builder().catalog(only("bank-statement")).build();
    let input = support::clean_layout(ROWS);
    let (own, _) = race((input.text.len(), 0), checked(&rebuilder, &input), || {});
    let kept = own.megabytes() >= 50.0;
    report.broken += usize::from(!kept);
    println!(
        "{:<30} {:>12.1} {:<51} {:>9.1} {}",
        input.name,
        own.megabytes(),
        "needed, in MB/s:",
        50.0,
        if kept { "" } else { "missed" }
    );
}

/// Kinds of damage that take a search; the others are mended as they are read.
const SEARCHED: [&str; 3] = ["packed", "shifted", "merged"];

fn damaged(report: &mut Report) {
    let rebuilder = Rebuilder::new();
    let clean = support::clean_tabs(ROWS);
    for input in support::damaged(ROWS) {
        let bytes = (input.text.len(), clean.text.len());
        let (own, other) = race(bytes, checked(&rebuilder, &input), checked(&rebuilder, &clean));
        let needed = if SEARCHED.contains(&input.name) { 1.0 / 40.0 } else { 1.0 / 10.0 };
        report.line(input.name, own, clean.name, other, needed);
    }
}

/// Rebuilds every document on `threads` threads; the number of tables.
fn on_threads(rebuilder: &Rebuilder, documents: &[String], threads: usize) -> usize {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut tables = 0;
        while let Some(text) = documents.get(next.fetch_add(1, Ordering::Relaxed)) {
            tables += rebuilder.rebuild(text).tables.len();
        }
        tables
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        work() + workers.into_iter().map(|worker| worker.join().unwrap_or(0)).sum::<usize>()
    })
}

fn threads(report: &mut Report) {
    let rebuilder = Rebuilder::new();
    let documents: Vec<String> = (0..100)
        .map(|index| {
            let prose = support::prose_latin(4_000).text;
            format!("{prose}\n{}\n{}", support::clean_tabs(40 + index % 7).text, support::packed(24, 4).text)
        })
        .collect();
    let bytes: usize = documents.iter().map(String::len).sum();
    assert_eq!(on_threads(&rebuilder, &documents, 2), on_threads(&rebuilder, &documents, 1));
    let run = |threads: usize| {
        black_box(on_threads(&rebuilder, &documents, threads));
    };
    let (own, other) = race((bytes, bytes), || run(2), || run(1));
    report.line("100 documents, 2 threads", own, "1 thread", other, 1.85);
    // What the machine gives two threads that share nothing: where this falls short, so must the line above.
    let baselines = |threads: usize| {
        let each = || documents.iter().map(|text| black_box(baseline::read_csv(text))).sum::<usize>();
        thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(each))));
    };
    let (own, other) = race((2 * bytes, bytes), || baselines(2), || baselines(1));
    report.note("the machine: csv twice on 2", own, "once on 1", other);
}

fn catalog(report: &mut Report) {
    let rebuilder_of = |count: usize| {
        let mut schemas: Vec<Schema> = support::made_up_schemas(count - 1).collect();
        schemas.insert(
            count / 2,
            only("bank-statement").schemas().first().map(|s| Schema::clone(s)).unwrap_or_default(),
        );
        Rebuilder::builder().catalog(Arc::new(Catalog::new(schemas))).build()
    };
    let (large, small) = (rebuilder_of(10_000), rebuilder_of(10));
    for input in [support::small_tables(20), support::clean_tabs(ROWS)] {
        let bytes = (input.text.len(), input.text.len());
        let (own, other) = race(bytes, checked(&large, &input), checked(&small, &input));
        report.line(&format!("{}, 10,000 schemas", input.name), own, "10 schemas", other, 1.0 / 1.5);
    }
}

/// One document beside the same text as `count` documents of `bytes` each.
fn one_and_many(report: &mut Report, bytes: usize, count: usize) {
    let rebuilder = Rebuilder::new();
    let mut part = String::new();
    while part.len() < bytes {
        part.push_str(&support::prose_latin(bytes / 4).text);
        part.push('\n');
        part.push_str(&support::clean_tabs(bytes / 160).text);
        part.push('\n');
    }
    let whole = part.repeat(count);
    let tables = rebuilder.rebuild(&whole).tables.len();
    assert_eq!(tables, rebuilder.rebuild(&part).tables.len() * count);
    // Both sides read the same bytes, so that neither finds its text in a cache where the other does not.
    let documents: Vec<&str> =
        (0..count).map(|index| &whole[index * part.len()..(index + 1) * part.len()]).collect();
    let parts = || {
        for document in &documents {
            drop(black_box(rebuilder.rebuild(black_box(document))));
        }
    };
    let one = || drop(black_box(rebuilder.rebuild(black_box(&whole))));
    let (own, other) = race((whole.len(), whole.len()), one, parts);
    let name = format!("one document of {} MB", whole.len() / 1_000_000);
    report.line(&name, own, &format!("{count} documents"), other, 1.0 / 1.2);
}

fn size(report: &mut Report) {
    one_and_many(report, 100_000, 50);
}

fn huge(report: &mut Report) {
    one_and_many(report, 100_000, 1_000);
}

/// Texts of the caller's own: milliseconds each, all cells settled or reported.
fn files() {
    let Ok(paths) = std::env::var("RETABULATE_FILES") else { return };
    let rebuilder = Rebuilder::new();
    for path in paths.split(':') {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        // A text takes little time, and the machine may have other work in all of a few rounds.
        let round = || time(|| drop(black_box(rebuilder.rebuild(black_box(&text)))));
        let start = Instant::now();
        let mut best = round();
        while start.elapsed() < ENOUGH / 8 {
            best = best.min(round());
        }
        let tables = rebuilder.rebuild(&text).tables.len();
        println!("{path}: {:.3} ms, {tables} tables", best.as_secs_f64() * 1e3);
    }
}

fn main() -> ExitCode {
    type Group = (&'static str, fn(&mut Report));
    const GROUPS: [Group; 7] = [
        ("prose", prose),
        ("clean", clean),
        ("layout", layout),
        ("damaged", damaged),
        ("threads", threads),
        ("catalog", catalog),
        ("size", size),
    ];
    // Tests run benches once to see that they work: a glance, and no judgement.
    let is_measured = std::env::args().any(|argument| argument == "--bench")
        && !std::env::args().any(|argument| argument == "--test");
    if !is_measured {
        prose(&mut Report::default());
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let mut report = Report::default();
    report.head();
    GROUPS.iter().filter(|(name, _)| is_wanted(name)).for_each(|(_, group)| group(&mut report));
    if wanted.iter().any(|name| name == "huge") {
        huge(&mut report);
    }
    if is_wanted("files") {
        files();
    }
    if report.broken > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
