//! Any UTF-8 text with the built-in schemas.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| retabulate_fuzz::check_text(text));
