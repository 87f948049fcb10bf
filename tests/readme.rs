//! The first screen of the README shows what the program does with the corpus file that it names.

use std::fs;

use retabulate::{Rebuilder, emit};

const README: &str = include_str!("../README.md");

/// The text blocks of the README, in order.
fn text_blocks() -> Vec<&'static str> {
    README.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_first_screen_is_what_the_program_prints() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/demo/pledge.txt");
    let text = fs::read_to_string(path).unwrap();
    let blocks = text_blocks();
    assert!(text.contains(&blocks[0].replace('→', "\t")), "the broken text stands in {path}");

    let mut out = Vec::new();
    let document = Rebuilder::new().rebuild(&text);
    emit::write_text(&document, &emit::Options::default(), &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains(blocks[1]), "the mended table is not as shown:\n{out}");
}

#[test]
fn the_schema_shown_is_one() {
    let json: Vec<&str> =
        README.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let schema = json.iter().find(|block| block.contains("\"fields\"")).unwrap();
    let schema = retabulate::Schema::from_json(schema).unwrap();
    assert_eq!(schema.checks.len(), 3);
}

#[test]
fn the_files_named_exist() {
    for link in README.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let path = format!("{}/{link}", env!("CARGO_MANIFEST_DIR"));
        assert!(fs::exists(&path).unwrap(), "{link} is not there");
    }
}
