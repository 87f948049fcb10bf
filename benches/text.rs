//! Lines and the grammar of values: what every cell of every table pays.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

use std::hint::black_box;

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use retabulate::text::Lines;
use retabulate::text::value::{Value, atoms, read_plain_number, read_values, scan_values};

const NUMBERS: [&str; 8] =
    ["1,234.50", "2019", "(1,234)", "$2,676", "12.5%", "38,710.0160", "0", "615,208,340"];
const OPEN_NUMBERS: [&str; 6] = ["16,3801", "1.234", "HK$ 1,310 (1)", "(1)", "1\u{202f}234,50", "1.5億"];
const WORDS: [&str; 6] =
    ["Total", "Cash and cash equivalents", "nm", "Ruide Venture", "股東名稱", "Note 5(b)(ii) Leases"];
const DATES: [&str; 6] =
    ["01/07/2023", "September 20, 2023", "20 Sep 2023", "2023-09-20", "2023年9月20日", "20.09.2023"];
const RUNS: [&str; 5] = [
    "615,208,340 (98.7514%)",
    "38,710.0160 860.3174 2,353.6435",
    "Interest income Interest expense $ 1,310 (598)",
    "01/07/2023 02/07/2023",
    "0% 0% 0% 75%",
];

fn total(texts: &[&str]) -> Throughput {
    Throughput::Bytes(texts.iter().map(|text| text.len() as u64).sum())
}

fn values_of(texts: &[&str]) -> usize {
    texts.iter().filter(|text| read_values(text)[0].value != Value::Text).count()
}

fn read_group(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, texts: &[&str], values: usize) {
    assert_eq!(values_of(texts), values, "{name}");
    group.throughput(total(texts));
    group.bench_function(name, |bencher| {
        bencher.iter(|| texts.iter().map(|text| read_values(black_box(text)).len()).sum::<usize>());
    });
}

fn lines(criterion: &mut Criterion) {
    let text =
        "Interest income\t1,310\t800\nForeign exchange gain (loss), net\t(3,439)\t6,892\r\n".repeat(1000);
    assert_eq!(Lines::new(&text).count(), 2000);
    let mut group = criterion.benchmark_group("lines");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("table", |bencher| bencher.iter(|| Lines::new(black_box(&text)).count()));
    group.finish();
}

fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read_values");
    read_group(&mut group, "numbers", &NUMBERS, NUMBERS.len());
    read_group(&mut group, "open-numbers", &OPEN_NUMBERS, OPEN_NUMBERS.len());
    read_group(&mut group, "words", &WORDS, 0);
    read_group(&mut group, "dates", &DATES, DATES.len());
    group.finish();

    let mut group = criterion.benchmark_group("read_plain_number");
    assert!(NUMBERS.iter().all(|text| read_plain_number(text).is_some()));
    group.throughput(total(&NUMBERS));
    group.bench_function("numbers", |bencher| {
        bencher.iter(|| NUMBERS.iter().filter_map(|text| read_plain_number(black_box(text))).count());
    });
    group.finish();
}

fn scan(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scan_values");
    let split = |texts: &[&str]| texts.iter().map(|text| scan_values(black_box(text)).len()).sum::<usize>();
    assert_eq!(split(&RUNS), 14);
    group.throughput(total(&RUNS));
    group.bench_function("runs", |bencher| bencher.iter(|| split(&RUNS)));
    // A ladder: the cost of a long packed row must stay linear.
    for times in [100, 200, 400] {
        let packed = "4.13% (1,310) $ 598 ".repeat(times);
        assert_eq!(scan_values(&packed).len(), 3 * times);
        group.throughput(Throughput::Bytes(packed.len() as u64));
        group.bench_function(format!("packed-{times}"), |bencher| {
            bencher.iter(|| scan_values(black_box(&packed)).len());
        });
    }
    group.finish();

    let text = RUNS.join("\n").repeat(20);
    let mut group = criterion.benchmark_group("atoms");
    assert_eq!(atoms(&text).map(|atom| atom.span.len()).sum::<usize>(), text.len());
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("runs", |bencher| bencher.iter(|| atoms(black_box(&text)).count()));
    group.finish();
}

criterion_group!(benches, lines, read, scan);
criterion_main!(benches);
