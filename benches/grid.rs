//! Reading grids, next to the csv crate reading the same bytes into records.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use retabulate::grid::read_grid;
use retabulate::region::find_regions;

const ROWS: usize = 20_000;

fn table(open: &str, tab: &str, close: &str) -> String {
    let mut text = format!("{open}Region{tab}Units{tab}Revenue{tab}Share{tab}Remark{close}\n");
    for row in 0..ROWS {
        let remark = if row % 5 == 0 { "restated" } else { "" };
        let _ = writeln!(
            text,
            "{open}Region {row}{tab}{}{tab}{},{:03}.50{tab}{}.{}%{tab}{remark}{close}",
            row * 7,
            row % 90 + 1,
            row % 1000,
            row % 40,
            row % 10
        );
    }
    text
}

/// Cells that the csv crate reads, record by record.
fn read_csv(text: &str, delimiter: u8) -> usize {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .quoting(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut cells = 0;
    while reader.read_record(&mut record).unwrap_or(false) {
        cells += record.len();
    }
    cells
}

fn bench(criterion: &mut Criterion) {
    let inputs = [("tabs", table("", "\t", ""), b'\t'), ("pipes", table("| ", " | ", " |"), b'|')];
    let mut group = criterion.benchmark_group("grid");
    group.sample_size(20);
    for (name, text, delimiter) in &inputs {
        let regions = find_regions(text, &mut Vec::new());
        assert_eq!(regions.len(), 1);
        assert_eq!(read_grid(text, &regions[0]).cells.len(), (ROWS + 1) * 5);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new("csv", name), text, |bencher, text| {
            bencher.iter(|| read_csv(black_box(text), *delimiter));
        });
        group.bench_with_input(BenchmarkId::new("read", name), text, |bencher, text| {
            bencher.iter(|| read_grid(black_box(text), &regions[0]));
        });
        group.bench_with_input(BenchmarkId::new("find-and-read", name), text, |bencher, text| {
            bencher.iter(|| {
                let regions = find_regions(black_box(text), &mut Vec::new());
                regions.iter().map(|region| read_grid(text, region).cells.len()).sum::<usize>()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
