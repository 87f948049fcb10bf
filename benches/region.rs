//! Finding regions: prose, dense tables and both, each next to a plain scan of the same bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use memchr::{memchr_iter, memchr2};
use retabulate::region::find_regions;

const SIZE: usize = 1 << 20;

/// Prose of sentences in lines of about `width` characters.
fn prose(sentence: &str, width: usize) -> String {
    let letters: Vec<char> =
        sentence.chars().cycle().take(SIZE / sentence.len() * sentence.chars().count()).collect();
    letters.chunks(width).flat_map(|line| line.iter().copied().chain(['\n'])).collect()
}

fn latin() -> String {
    prose("The Board resolved in 2023 that the capital of the Company, RMB 1,250.5 million, be raised. ", 100)
}

fn chinese() -> String {
    prose("董事會於2023年決議增加本公司股本，金額為人民幣1,250.5百萬元，並授權董事辦理有關手續。", 40)
}

/// One table of `rows` rows with a caption.
fn table(rows: usize, tab: &str) -> String {
    let mut text = format!("Sales by region\n\nRegion{tab}Units{tab}Revenue{tab}Share\n");
    for row in 0..rows {
        let _ = writeln!(
            text,
            "Region {row}{tab}{}{tab}{},{:03}.50{tab}{}.{}%",
            row * 7,
            row % 90 + 1,
            row % 1000,
            row % 40,
            row % 10
        );
    }
    text
}

fn dense(tab: &str) -> String {
    let one =
        table(40, tab) + "\nThe next table shows the same for the year before, which was not audited.\n\n";
    one.repeat(SIZE / one.len())
}

fn mixed() -> String {
    let one = latin().get(..20_000).unwrap_or_default().to_owned() + "\n" + &table(30, "\t") + "\n";
    one.repeat(SIZE / one.len())
}

/// Lines by memchr and a search for a delimiter in each: the least that a reader of lines does.
fn plain_scan(text: &str) -> usize {
    let mut start = 0;
    let mut found = 0;
    for end in memchr_iter(b'\n', text.as_bytes()) {
        found += usize::from(memchr2(b'\t', b'|', &text.as_bytes()[start..end]).is_some());
        start = end + 1;
    }
    found
}

fn bench(criterion: &mut Criterion) {
    let inputs = [
        ("prose-latin", latin()),
        ("prose-cjk", chinese()),
        ("dense-tabs", dense("\t")),
        ("dense-pipes", dense(" | ")),
        ("mixed", mixed()),
    ];
    let mut group = criterion.benchmark_group("region");
    for (name, text) in &inputs {
        let tables = text.matches("Sales by region").count();
        assert_eq!(find_regions(text, &mut Vec::new()).len(), tables, "{name}");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new("plain-scan", name), text, |bencher, text| {
            bencher.iter(|| plain_scan(black_box(text)));
        });
        group.bench_with_input(BenchmarkId::new("find", name), text, |bencher, text| {
            bencher.iter(|| find_regions(black_box(text), &mut Vec::new()));
        });
    }
    group.finish();
    let mut ladder = criterion.benchmark_group("region-ladder");
    for factor in [1, 2, 4] {
        let text = "a\t1\n\n".repeat(factor * SIZE / 20);
        ladder.throughput(Throughput::Bytes(text.len() as u64));
        ladder.bench_with_input(BenchmarkId::new("near-tables", factor), &text, |bencher, text| {
            bencher.iter(|| find_regions(black_box(text), &mut Vec::new()));
        });
    }
    ladder.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = bench
}
criterion_main!(benches);
