//! What can be counted exactly, however noisy the machine: allocations, bytes held at once, search steps; and a
//! way to run one work once, for `valgrind --tool=callgrind` to count its instructions.
//!
//! ```text
//! cargo bench --bench counts                          every input
//! cargo bench --bench counts -- --once clean-tabs     one input, rebuilt once
//! cargo bench --bench counts -- --once clean-tabs schema     the same with its schema and no other
//! cargo bench --bench counts -- --once clean-tabs csv        its baseline, once; `make`: the input alone
//! ```
#![allow(missing_docs, clippy::print_stdout)]

mod support;

use std::hint::black_box;

use retabulate::schema::Catalog;
use retabulate::{Rebuilder, Schema};
use support::{Input, baseline};

const ROWS: usize = 2_000;

fn inputs() -> Vec<Input> {
    let mut inputs = vec![
        support::prose_latin(1 << 20),
        support::prose_cjk(1 << 20),
        support::clean_tabs(ROWS),
        support::clean_pipes(ROWS),
        support::clean_html(ROWS),
        support::clean_layout(ROWS),
        support::clean_stock(ROWS),
        support::small_tables(100),
    ];
    inputs.extend(support::damaged(ROWS));
    inputs
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--once", name] => once(name, "rebuild"),
        ["--once", name, work] => once(name, work),
        _ => count_all(),
    }
}

/// A rebuilder that knows the schema of an input and no other, as `ratios` has it.
fn rebuilder_of(name: &str) -> Rebuilder {
    let schema = match name {
        "clean-stock" => support::stock_schema(),
        _ => Catalog::builtin().get("bank-statement").map(|schema| Schema::clone(schema)).unwrap_or_default(),
    };
    Rebuilder::builder().schema(schema).build()
}

/// Does one work once, on an input made before.
fn once(name: &str, work: &str) {
    let inputs = inputs();
    let Some(input) = inputs.iter().find(|input| input.name == name) else {
        println!("no input {name}");
        return;
    };
    let answer = match work {
        "scan" => baseline::scan_plain(&input.text),
        "csv" => baseline::read_csv(&input.text),
        "make" => input.text.len(),
        "schema" => rebuilder_of(name).rebuild(black_box(&input.text)).tables.len(),
        _ => Rebuilder::new().rebuild(black_box(&input.text)).tables.len(),
    };
    println!("{name} {work}: {} bytes, answer {answer}", input.text.len());
}

fn count_all() {
    let rebuilder = Rebuilder::new();
    println!(
        "{:<16} {:>10} {:>14} {:>12} {:>14}",
        "input", "bytes", "allocations", "a kilobyte", "peak / input"
    );
    for input in inputs() {
        let bytes = input.text.len();
        let mut tables = 0;
        let info = allocation_counter::measure(|| {
            tables = black_box(rebuilder.rebuild(black_box(&input.text))).tables.len();
        });
        if tables != input.tables {
            println!("{}: {tables} tables found, {} printed", input.name, input.tables);
        }
        println!(
            "{:<16} {bytes:>10} {:>14} {:>12.3} {:>14.2}",
            input.name,
            info.count_total,
            info.count_total as f64 * 1024.0 / bytes as f64,
            info.bytes_max as f64 / bytes as f64,
        );
    }
}
