//! Any rule of the check language.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| retabulate_fuzz::check_rule(text));
