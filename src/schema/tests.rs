//! Tests of descriptors: what reads, what does not, and the exact text of every error.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

/// A descriptor of one field with these further properties, and these of the table.
fn descriptor(field: &str, table: &str) -> String {
    let comma = |text: &str| if text.is_empty() { String::new() } else { format!(", {text}") };
    format!(r#"{{"fields": [{{"name": "a"{}}}]{}}}"#, comma(field), comma(table))
}

fn error(text: &str) -> String {
    Schema::from_json(text).unwrap_err().to_string()
}

fn error_in(field: &str, table: &str) -> String {
    error(&descriptor(field, table))
}

#[test]
fn every_property_is_read() {
    let schema = Schema::from_json(
        r#"{"name": "n", "title": "t", "primaryKey": ["a", "b"], "missingValues": ["", {"value": "nil"}],
            "fields": [
              {"name": "a", "title": "A", "aliases": ["B"], "header": ["X", "A"], "type": "number", "percent": true,
               "format": "f", "decimalChar": ",", "groupChar": ".", "unit": "EUR", "blank": "unknown",
               "constraints": {"required": true, "unique": true, "minimum": -1.50, "maximum": "10.0",
                               "enum": [1, "x"], "pattern": "x|y", "minLength": 1, "maxLength": 9},
               "sign": {"positive": ["H"], "negative": ["S"], "unmarked": "negative"}},
              {"name": "b", "type": "percent"}, {"name": "d", "type": "date", "constraints": {"minimum": "2020-01-01"}}],
            "rows": {"total": ["Total"], "group": "Group"},
            "constants": {"c": {"title": "C", "type": "integer", "pattern": "of ([0-9]+) x", "optional": true},
                          "v": {"value": 213097.648}},
            "checks": ["a <= b + $c * $v"], "rounding": "truncate", "order": "newest-first", "group": "a",
            "anchor": "b", "year": "$c"}"#,
    )
    .unwrap();
    assert_snapshot!(schema.to_json(), @r#"
    {
      "name": "n",
      "title": "t",
      "fields": [
        {
          "name": "a",
          "title": "A",
          "aliases": [
            "B"
          ],
          "header": [
            "X",
            "A"
          ],
          "type": "percent",
          "format": "f",
          "decimalChar": ",",
          "groupChar": ".",
          "constraints": {
            "required": true,
            "unique": true,
            "minimum": "-1.5",
            "maximum": "10.0",
            "enum": [
              "1",
              "x"
            ],
            "pattern": "x|y",
            "minLength": 1,
            "maxLength": 9
          },
          "unit": "EUR",
          "blank": "unknown",
          "sign": {
            "positive": [
              "H"
            ],
            "negative": [
              "S"
            ],
            "unmarked": "negative"
          }
        },
        {
          "name": "b",
          "type": "percent"
        },
        {
          "name": "d",
          "type": "date"
        }
      ],
      "primaryKey": [
        "a",
        "b"
      ],
      "missingValues": [
        "",
        "nil"
      ],
      "rows": {
        "total": [
          "Total"
        ],
        "group": [
          "Group"
        ]
      },
      "constants": {
        "c": {
          "title": "C",
          "type": "integer",
          "pattern": "of ([0-9]+) x",
          "optional": true
        },
        "v": {
          "type": "number",
          "value": "213097.648"
        }
      },
      "checks": [
        "a <= b + $c * $v"
      ],
      "rounding": "truncate",
      "order": "newest-first",
      "group": "a",
      "anchor": "b",
      "year": "c"
    }
    "#);
}

#[test]
fn a_written_schema_reads_back_as_it_was() {
    for schema in Catalog::builtin().schemas() {
        let text = schema.to_json();
        assert_eq!(Schema::from_json(&text).unwrap().to_json(), text);
    }
}

#[test]
fn every_error_has_its_text() {
    assert_snapshot!(error("{\n \"name\": }"), @"not JSON at line 2, column 10: expected value");
    assert_snapshot!(error("{\"name\": \"Größe\""), @"not JSON at line 1, column 16: EOF while parsing an object");
    assert_snapshot!(error("[]"), @"the descriptor: expected an object, found an empty array");
    assert_snapshot!(error("{}"), @"the descriptor: expected an object with `fields`, found no `fields`");
    assert_snapshot!(error(r#"{"fields": []}"#), @"/fields: expected at least one field, found an empty array");
    assert_snapshot!(error(r#"{"fields": [{"title": "x"}]}"#), @"/fields/0: expected a field with a `name`, found no `name`");
    assert_snapshot!(error(r#"{"fields": [{"name": " "}]}"#), @r#"/fields/0/name: expected a name, found " ""#);
    assert_snapshot!(error(r#"{"fields": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}"#), @"/fields/2/name: the name `a` is taken by /fields/0; rename one of the two");
    assert_snapshot!(error_in(r#""type": "numbre""#, ""), @"/fields/0/type: no type is called `numbre` (they are string, integer, number, percent, date, boolean), did you mean `number`?");
    assert_snapshot!(error_in(r#""type": "geopoint""#, ""), @"/fields/0/type: no type is called `geopoint` (they are string, integer, number, percent, date, boolean)");
    assert_snapshot!(error_in(r#""type": "date", "percent": true"#, ""), @"/fields/0/percent: expected false, for the type is not a number, found true");
    assert_snapshot!(error_in(r#""title": 5"#, ""), @"/fields/0/title: expected a string, found 5");
    assert_snapshot!(error_in(r#""aliases": ["x", 5]"#, ""), @"/fields/0/aliases/1: expected a string, found 5");
    assert_snapshot!(error_in(r#""decimalChar": "::""#, ""), @r#"/fields/0/decimalChar: expected one character, found "::""#);
    assert_snapshot!(error_in(r#""blank": "nil""#, ""), @r#"/fields/0/blank: expected "zero" or "unknown", found "nil""#);
    assert_snapshot!(error_in(r#""sign": {"unmarked": 1}"#, ""), @r#"/fields/0/sign/unmarked: expected "positive" or "negative", found 1"#);
    assert_snapshot!(error_in(r#""constraints": {"pattern": "a("}"#, ""), @"/fields/0/constraints/pattern: not a usable pattern: unclosed group");
    assert_snapshot!(error_in(r#""constraints": {"pattern": "a)|(b"}"#, ""), @"/fields/0/constraints/pattern: not a usable pattern: unopened group");
    assert_snapshot!(error_in(r#""constraints": {"pattern": "(\\w{200}){200}"}"#, ""), @"/fields/0/constraints/pattern: not a usable pattern: Compiled regex exceeds size limit of 4194304 bytes.");
    assert_snapshot!(error_in(r#""type": "number", "constraints": {"minimum": "x"}"#, ""), @r#"/fields/0/constraints/minimum: expected a number, in quotes where it has over 15 digits, found "x""#);
    assert_snapshot!(error_in(r#""constraints": {"maxLength": -1}"#, ""), @"/fields/0/constraints/maxLength: expected a whole number from 0, found -1");
    assert_snapshot!(error_in("", r#""primaryKey": ["a", "b"]"#), @"/primaryKey/1: no field is called `b`");
    assert_snapshot!(error_in("", r#""anchor": "b""#), @"/anchor: no field is called `b`");
    assert_snapshot!(error_in("", r#""order": "backwards""#), @r#"/order: expected "oldest-first" or "newest-first", found "backwards""#);
    assert_snapshot!(error_in("", r#""rounding": "up""#), @r#"/rounding: expected "nearest" or "truncate", found "up""#);
    assert_snapshot!(error_in("", r#""year": "year""#), @"/year: no constant is called `year`");
    assert_snapshot!(error_in("", r#""checks": ["a = prev(a"]"#), @"/checks/0: expected ) after the one field of a function at byte 10 of `a = prev(a`, found its end");
    assert_snapshot!(error_in("", r#""checks": ["a = 1", "a = b"]"#), @"/checks/1: no field is called `b` (byte 4 of `a = b`)");
    assert_snapshot!(error_in("", r#""constants": {"x/y": {"pattern": "of [0-9]+"}}"#), @"/constants/x~1y/pattern: the pattern has no group; put the number in brackets, as in `of ([0-9,]+) Shares`");
    assert_snapshot!(error_in("", r#""constants": {"c": {"type": "string"}}"#), @r#"/constants/c/type: expected a numeric type, found "string""#);
    assert_snapshot!(error_in("", r#""constants": {"c": {"value": 1e300}}"#), @"/constants/c/value: expected a number, in quotes where it has over 15 digits, found 1e+300");
}

#[test]
fn errors_know_their_line_and_column() {
    let text = "{\n  \"fields\": [{\"name\": \"é\"}],\n  \"checks\": [\n    \"é \\u003d prev(x)\"\n  ]\n}";
    let error = Schema::from_json(text).unwrap_err();
    assert_eq!(error.position(text), (4, 20));
    assert_snapshot!(error.in_file("schemas/bank.json", text), @"schemas/bank.json:4:20: /checks/0: no field is called `x` (byte 10 of `é = prev(x)`)");
    let broken = "{\"name\": \"é\", ]";
    assert_eq!(Schema::from_json(broken).unwrap_err().position(broken), (1, 15));
}

#[test]
fn long_json_numbers_are_refused_where_they_would_change() {
    let constant = |value: &str| {
        Schema::from_json(&descriptor("", &format!(r#""constants": {{"c": {{"value": {value}}}}}"#)))
            .map(|schema| schema.constants[0].value.unwrap().to_string())
    };
    assert_eq!(constant("213097.648").unwrap(), "213097.648");
    assert_eq!(constant("18446744073709551615").unwrap(), "18446744073709551615");
    assert_eq!(constant("\"12345678901234567890.6480\"").unwrap(), "12345678901234567890.6480");
    assert!(constant("1234567890123.4567").is_err());
    assert!(constant("123456789012345678901").is_err());
}

#[test]
fn a_byte_order_mark_is_let_pass() {
    let text = "\u{feff}{\n\"fields\": [{\"name\": \"a\", \"type\": \"x\"}]}";
    let error = Schema::from_json(text).unwrap_err();
    assert_eq!(error.position(text), (2, 34));
}

#[test]
fn lints_find_slips_and_let_the_rest_be() {
    let text = r#"{"fields": [{"name": "a", "alias": ["x"], "decimal_char": ",", "description": "fine", "x-own": 1},
                              {"name": "n", "type": "number", "constraints": {"min": 0, "minimun": 0}}],
                   "primary_key": "a", "check": [], "constants": {"c": {"patern": "x"}},
                   "checks": ["n = a", "count(a) = 1"]}"#;
    let found: Vec<String> =
        lint(text).unwrap().into_iter().map(|lint| format!("{}: {}", lint.pointer, lint.message)).collect();
    assert_snapshot!(found.join("\n"), @"
    /primary_key: unknown property `primary_key`, did you mean `primaryKey`?
    /check: unknown property `check`, did you mean `checks`?
    /fields/0/alias: unknown property `alias`, did you mean `aliases`?
    /fields/0/decimal_char: unknown property `decimal_char`, did you mean `decimalChar`?
    /fields/1/constraints/minimun: unknown property `minimun`, did you mean `minimum`?
    /constants/c/patern: unknown property `patern`, did you mean `pattern`?
    /checks/0: the field `a` is a string, which has no arithmetic
    /constants/c: no check uses the constant `c`
    ");
}

/// The schema files of the evaluation, if it is there: a list of paths for each folder.
fn evaluation_schemas() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/eval");
    let folders =
        [("seeds/schemas", ".json"), ("damage/cases", ".schema.json"), ("flatbench/cases/schema", ".json")];
    let mut files = Vec::new();
    for (folder, ending) in folders {
        let Ok(entries) = fs::read_dir(root.join(folder)) else {
            println!("SKIPPED: no {folder} beside the checkout, its schemas are not tried");
            continue;
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        files.extend(paths.filter(|path| path.to_string_lossy().ends_with(ending)));
    }
    files.sort();
    files
}

#[test]
fn all_schemas_of_the_evaluation_load() {
    for path in evaluation_schemas() {
        let text = fs::read_to_string(&path).unwrap();
        let schema = Schema::from_json(&text).map_err(|error| error.in_file(&path, &text));
        let schema = schema.unwrap_or_else(|error| panic!("{error}"));
        let written = schema.to_json();
        assert_eq!(Schema::from_json(&written).unwrap().to_json(), written, "{}", path.display());
        for check in &schema.checks {
            let printed = check.display(&schema).to_string();
            let read = check::Check::parse(&printed, &schema).unwrap();
            assert_eq!((&read.left, &read.right), (&check.left, &check.right), "{printed}");
        }
        let lints = lint(&text).unwrap();
        assert!(lints.is_empty(), "{}: {lints:?}", path.display());
    }
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused(text in r#"(\{|\}|\[|\]|,|:|"fields"|"name"|"checks"|"a = 1"|"type"|1|null| ){0,30}"#) {
        if let Err(error) = Schema::from_json(&text) {
            let (line, column) = error.position(&text);
            prop_assert!(line >= 1 && column >= 1);
        }
    }

    #[test]
    fn any_value_in_any_place_is_read_or_refused(
        key in prop::sample::select(vec![
            "name", "fields", "primaryKey", "missingValues", "rows", "constants", "checks", "rounding", "order",
            "group", "anchor", "year", "title",
        ]),
        value in prop::sample::select(vec!["1", "\"a\"", "[1]", "[\"a\"]", "{}", "{\"a\": 1}", "{\"a\": {}}", "null", "[[]]", "[{}]"]),
    ) {
        let text = format!("{{\"fields\": [{{\"name\": \"a\"}}], \"{key}\": {value}}}");
        if let Err(error) = Schema::from_json(&text) {
            prop_assert!(error.pointer().is_some());
        }
    }
}
