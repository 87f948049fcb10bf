//! Reading a schema, finding the schemas of a header, comparing headers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod support;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use retabulate::Schema;
use retabulate::schema::{Catalog, HeaderText, normalize_words, similarity};

const LARGE: &str = include_str!("../src/schema/builtin/accumulated-pledge.json");
const SMALL: &str = include_str!("../src/schema/builtin/bank-statement.json");

const HEADER: &str = "Number of pledged shares upon the changes in the pledge (in 10 thousand) (Note 2)";
const GARBLED: &str = "Numbcr of plcdged sharcs upon thc changes in thc pledgc (in 10 thousand) (Note 2)";
const UNLIKE: &str = "Consolidated statement of cash flows for the year ended December 31, all amounts";

/// A catalog of `count` made-up schemas.
fn catalog(count: usize) -> Catalog {
    Catalog::new(support::made_up_schemas(count).collect())
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("schema/read");
    for (name, text) in [("bank-statement", SMALL), ("accumulated-pledge", LARGE)] {
        assert!(Schema::from_json(text).is_ok());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| Schema::from_json(black_box(text))));
    }
    group.bench_function("builtin-catalog", |bencher| bencher.iter(Catalog::builtin));
    group.sample_size(10);
    group.bench_function("index-of-10000", |bencher| bencher.iter(|| catalog(10_000)));
    group.finish();
}

fn candidates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("schema/candidates");
    for count in [10, 100, 1_000, 10_000] {
        let catalog = catalog(count);
        let wanted = catalog.schemas().len() / 2;
        let titles: Vec<&str> =
            catalog.schemas()[wanted].fields.iter().map(|field| field.title.as_str()).collect();
        let garbled: Vec<String> =
            titles.iter().map(|title| title.replace('e', "c").replace('i', "l").replace('u', "n")).collect();
        let garbled: Vec<&str> = garbled.iter().map(String::as_str).collect();
        for (name, header) in [("clean", &titles), ("garbled", &garbled)] {
            assert_eq!(catalog.candidates(header.iter().copied(), 4)[0].0, wanted);
            group.bench_with_input(BenchmarkId::new(name, count), header, |bencher, header| {
                bencher.iter(|| catalog.candidates(header.iter().copied(), 4));
            });
        }
    }
    group.finish();
}

fn headers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("schema/header");
    group.bench_function("words", |bencher| bencher.iter(|| normalize_words(black_box(HEADER))));
    group.bench_function("words-han", |bencher| {
        bencher.iter(|| normalize_words(black_box("占公司总股本比例（％）")))
    });
    for (name, other) in [("equal", HEADER), ("garbled", GARBLED), ("unlike", UNLIKE), ("short", "Balance")] {
        group.bench_function(BenchmarkId::new("similarity", name), |bencher| {
            bencher.iter(|| similarity(black_box(HEADER), black_box(other)));
        });
        let (left, right) = (HeaderText::new(HEADER), HeaderText::new(other));
        group.bench_function(BenchmarkId::new("prepared", name), |bencher| {
            bencher.iter(|| black_box(&left).similarity(black_box(&right)));
        });
    }
    group.finish();
}

criterion_group!(benches, reading, candidates, headers);
criterion_main!(benches);
