//! A schema and a text.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| retabulate_fuzz::check_text_with_schema(text));
