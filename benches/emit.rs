//! Writers over a hand-built table of a thousand records in eight columns, by bytes of output.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use retabulate::Document;
use retabulate::emit::{self, Options, Per};

type Writer = fn(&Document<'_>, &Options<'_>, &mut Vec<u8>) -> std::io::Result<()>;

fn bench(criterion: &mut Criterion) {
    let document = support::large(1000);
    let writers: [(&str, Writer, Per); 7] = [
        ("json", emit::write_json, Per::Document),
        ("jsonl-table", emit::write_json_lines, Per::Table),
        ("jsonl-record", emit::write_json_lines, Per::Record),
        ("markdown", emit::write_markdown, Per::Document),
        ("csv", emit::write_csv, Per::Document),
        ("html", emit::write_html, Per::Document),
        ("text", emit::write_text, Per::Document),
    ];
    let mut group = criterion.benchmark_group("emit");
    for (name, writer, per) in writers {
        let options = Options { per, ..Options::default() };
        let mut out = Vec::new();
        writer(&document, &options, &mut out).unwrap();
        let lines = out.iter().filter(|byte| **byte == b'\n').count();
        assert!(
            if name.starts_with("json") && per != Per::Record { lines == 1 } else { lines >= 1000 },
            "{name}"
        );
        assert!(out.len() > 50_000, "{name}: {}", out.len());
        group.throughput(Throughput::Bytes(out.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                writer(black_box(&document), &options, &mut out).unwrap();
                out.len()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
