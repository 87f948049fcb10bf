//! The whole: text in, tables out. Every group answers one question by printing both sides of a ratio.
#![allow(missing_docs)]

mod support;

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use retabulate::Rebuilder;
use support::{Input, baseline};

/// The allocator of the command line, for both sides.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PROSE_BYTES: usize = 1 << 20;
const ROWS: usize = 2_000;
const HUGE_ROWS: usize = 40_000;

/// Benches one input, after one look at its answer: tables, and about as many rows as it holds.
fn rebuild(
    group: &mut BenchmarkGroup<'_, WallTime>,
    rebuilder: &Rebuilder,
    input: &Input,
    parameter: String,
) {
    let document = rebuilder.rebuild(&input.text);
    let rows: usize = document.tables.iter().map(|table| table.rows.len()).sum();
    assert_eq!(document.tables.len(), input.tables, "tables of {}", input.name);
    assert!(
        rows.abs_diff(input.rows) * 4 <= input.rows.max(8),
        "{rows} rows of {} in {}",
        input.rows,
        input.name
    );
    group.throughput(Throughput::Bytes(input.text.len() as u64));
    group.bench_with_input(BenchmarkId::new(input.name, parameter), &input.text, |bencher, text| {
        bencher.iter(|| rebuilder.rebuild(black_box(text)));
    });
}

/// Prose without tables, beside a plain scan of the same bytes.
fn prose(criterion: &mut Criterion) {
    let rebuilder = Rebuilder::new();
    let mut group = criterion.benchmark_group("prose");
    for input in [support::prose_latin(PROSE_BYTES), support::prose_cjk(PROSE_BYTES)] {
        group.throughput(Throughput::Bytes(input.text.len() as u64));
        group.bench_with_input(BenchmarkId::new(input.name, "plain-scan"), &input.text, |bencher, text| {
            bencher.iter(|| baseline::scan_plain(black_box(text)));
        });
        rebuild(&mut group, &rebuilder, &input, "rebuild".to_owned());
    }
    group.finish();
}

/// Clean tables, beside the csv crate reading the same bytes.
fn clean(criterion: &mut Criterion) {
    let rebuilder = Rebuilder::new();
    let mut group = criterion.benchmark_group("clean");
    let huge = Input { name: "huge", ..support::clean_tabs(HUGE_ROWS) };
    let inputs = [
        (support::clean_tabs(ROWS), true),
        (support::clean_pipes(ROWS), true),
        (support::clean_html(ROWS), false),
        (support::clean_layout(ROWS), false),
        (huge, true),
        (support::small_tables(100), false),
    ];
    for (input, is_delimited) in inputs {
        if is_delimited {
            group.throughput(Throughput::Bytes(input.text.len() as u64));
            group.bench_with_input(BenchmarkId::new(input.name, "csv"), &input.text, |bencher, text| {
                bencher.iter(|| baseline::read_csv(black_box(text)));
            });
        }
        rebuild(&mut group, &rebuilder, &input, "rebuild".to_owned());
    }
    group.finish();
}

/// Each kind of damage, beside the clean table of as many records.
fn damaged(criterion: &mut Criterion) {
    let rebuilder = Rebuilder::new();
    let mut group = criterion.benchmark_group("damaged");
    rebuild(&mut group, &rebuilder, &support::clean_tabs(ROWS), "rebuild".to_owned());
    for input in support::damaged(ROWS) {
        rebuild(&mut group, &rebuilder, &input, "rebuild".to_owned());
    }
    group.finish();
}

/// The nasty ones at 1, 2, 4 and 8 times their size: the throughput must not fall.
fn ladder(criterion: &mut Criterion) {
    let rebuilder = Rebuilder::new();
    let mut group = criterion.benchmark_group("ladder");
    type Maker = fn(usize) -> Input;
    let makers: [(Maker, usize); 7] = [
        (support::clean_tabs, 500),
        (support::wide, 50),
        (support::one_packed_row, 20),
        (support::wrapped_lines, 50),
        (support::small_tables, 10),
        (support::near_tables, 2_000),
        (support::endless_line, 20_000),
    ];
    for (make, size) in makers {
        for factor in [1, 2, 4, 8] {
            rebuild(&mut group, &rebuilder, &make(size * factor), format!("{factor}x"));
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = prose, clean, damaged, ladder
}
criterion_main!(benches);
