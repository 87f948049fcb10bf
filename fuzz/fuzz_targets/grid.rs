//! Cells of another parser.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| retabulate_fuzz::check_grid(text));
