//! Alignment alone: grids in, alignments out, by cells. Clean tables first, then each damage, then ladders.
#![allow(missing_docs)]

mod support;

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use retabulate::align::align_tables;
use retabulate::grid::{Grid, read_grid};
use retabulate::region::find_regions;
use retabulate::schema::Catalog;
use retabulate::{Budget, Hints};
use support::Input;

const ROWS: usize = 2_000;
const STEPS: u64 = 4_000_000;

fn align(group: &mut BenchmarkGroup<'_, WallTime>, catalog: &Catalog, input: &Input, parameter: String) {
    let regions = find_regions(&input.text, &mut Vec::new());
    let grids: Vec<Grid> = regions.iter().map(|region| read_grid(&input.text, region)).collect();
    let hints = Hints::default();
    let run = |text: &str| -> usize {
        let tables = align_tables(text, &grids, catalog, &hints, &mut Budget::new(STEPS), &mut Vec::new());
        tables.iter().map(|alignment| alignment.rows.len()).sum()
    };
    let rows: usize = run(&input.text);
    assert!(
        rows.abs_diff(input.rows) * 4 <= input.rows.max(8),
        "{rows} rows of {} in {}",
        input.rows,
        input.name
    );
    let cells: usize = grids.iter().map(|grid| grid.cells.len()).sum();
    group.throughput(Throughput::Elements(cells as u64));
    group.bench_with_input(BenchmarkId::new(input.name, parameter), &input.text, |bencher, text| {
        bencher.iter(|| run(black_box(text)));
    });
}

/// Every kind of table, clean and damaged, of about as many records.
fn kinds(criterion: &mut Criterion) {
    let catalog = Catalog::builtin();
    let mut group = criterion.benchmark_group("align");
    for input in [support::clean_tabs(ROWS), support::clean_pipes(ROWS), support::small_tables(50)] {
        align(&mut group, &catalog, &input, "clean".to_owned());
    }
    for input in support::damaged(ROWS) {
        align(&mut group, &catalog, &input, "damaged".to_owned());
    }
    group.finish();
}

/// Growing rows, columns, packed values and wrapped lines: cells a second must not fall.
fn ladder(criterion: &mut Criterion) {
    let catalog = Catalog::builtin();
    let mut group = criterion.benchmark_group("align-ladder");
    type Maker = fn(usize) -> Input;
    let makers: [(Maker, usize); 4] = [
        (support::clean_tabs, 500),
        (support::wide, 50),
        (support::one_packed_row, 20),
        (support::wrapped_lines, 50),
    ];
    for (make, size) in makers {
        for factor in [1, 2, 4, 8] {
            align(&mut group, &catalog, &make(size * factor), format!("{factor}x"));
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = kinds, ladder
}
criterion_main!(benches);
