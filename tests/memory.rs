//! Memory: what is held at once is bounded by input, output and the largest region; prose takes no allocation a line.
//!
//! Allocations are counted by an allocator of their own, so the figures are the same on every machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../benches/support/mod.rs"]
mod support;

use retabulate::{Rebuilder, emit};
use support::Input;

/// What every run holds, whatever its input: tables of the engine, first sizes of its vectors.
const BASE: usize = 256 << 10;

/// Bytes held at once while `input` is rebuilt and written, and the bytes of the output.
fn held(rebuilder: &Rebuilder, input: &Input) -> (usize, usize) {
    let mut output = 0;
    let info = allocation_counter::measure(|| {
        let document = rebuilder.rebuild(&input.text);
        let mut json = Counter(0);
        emit::write_json(&document, &emit::Options::default(), &mut json).unwrap();
        output = json.0;
    });
    (usize::try_from(info.bytes_max).unwrap(), output)
}

/// Counts what is written.
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// At most the input, three times the output, and 64 times the largest region.
#[test]
fn what_is_held_at_once_is_bounded() {
    let rebuilder = Rebuilder::new();
    // What is made of the schemas is the catalog's, and stays for all documents.
    drop(rebuilder.rebuild(&support::small_tables(1).text));
    let whole = |input: Input| {
        let region = input.text.len();
        (input, region)
    };
    let mut inputs: Vec<(Input, usize)> = support::damaged(400).into_iter().map(whole).collect();
    inputs.extend(
        [support::clean_tabs(2_000), support::clean_pipes(2_000), support::clean_html(1_000)].map(whole),
    );
    inputs.extend([support::clean_layout(1_000), support::clean_stock(1_000), support::wide(400)].map(whole));
    inputs.push((support::small_tables(400), support::clean_tabs(8).text.len()));
    inputs.push((support::prose_latin(1 << 20), 0));
    inputs.push((support::endless_line(200_000), 0));
    for (input, region) in inputs {
        let (held, output) = held(&rebuilder, &input);
        let most = BASE + input.text.len() + 3 * output + 64 * region;
        assert!(held <= most, "{}: {held} bytes held, {most} allowed ({output} written)", input.name);
    }
}

/// What makes an input of a size, and the size of its first rung.
type Ladder = (fn(usize) -> Input, usize);

/// Allocations of the whole engine, which stand for its work, grow no faster than the input: 8 times the input takes
/// at most 8 times as many, half as much again allowed for what does not divide evenly.
#[test]
fn work_grows_no_faster_than_the_input() {
    let rebuilder = Rebuilder::new();
    let count = |input: &Input| {
        allocation_counter::measure(|| drop(std::hint::black_box(rebuilder.rebuild(&input.text)))).count_total
    };
    let ladders: [Ladder; 8] = [
        (support::near_tables, 100),
        (support::clean_layout, 60),
        (support::clean_tabs, 60),
        (support::clean_stock, 60),
        (support::shifted, 64),
        (support::wrapped, 64),
        (support::small_tables, 10),
        (support::ladders::nested_pipes, 100),
    ];
    for (make, size) in ladders {
        let (first, last) = (make(size), make(size * 8));
        let growth = last.text.len() as f64 / first.text.len() as f64;
        let counts = (count(&first), count(&last));
        let most = growth * 1.5 * counts.0 as f64 + 1_000.0;
        assert!(counts.1 as f64 <= most, "{}: {counts:?} allocations, {growth} times the input", first.name);
    }
}

/// Prose costs no allocation a line: as many for a long text as for a short one, but for vectors that grow.
#[test]
fn prose_takes_no_allocation_a_line() {
    let rebuilder = Rebuilder::new();
    let count = |input: Input| {
        let info = allocation_counter::measure(|| drop(rebuilder.rebuild(&input.text)));
        info.count_total
    };
    for make in [support::prose_latin, support::prose_cjk] {
        assert!(count(make(1 << 20)) <= count(make(1 << 14)) + 16);
    }
}
