//! Any JSON as a schema.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| retabulate_fuzz::check_schema(text));
