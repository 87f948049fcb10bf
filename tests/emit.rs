//! Every writer over documents made by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod support;

use retabulate::emit::{self, Options, Per};
use retabulate::table::{Code, Diagnostic, Origin, Status};
use retabulate::{Document, Span};
use serde_json::Value;
use support::{clean, damaged, document, row, table, text_cell};

type Writer = fn(&Document<'_>, &Options<'_>, &mut Vec<u8>) -> std::io::Result<()>;

fn write(writer: Writer, document: &Document<'_>, options: &Options<'_>) -> String {
    let mut out = Vec::new();
    writer(document, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json(document: &Document<'_>, options: &Options<'_>) -> Value {
    serde_json::from_str(&write(emit::write_json, document, options)).unwrap()
}

fn assert_valid(validator: &jsonschema::Validator, instance: &Value) {
    let errors: Vec<String> = validator
        .iter_errors(instance)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{instance:#}");
}

fn contract() -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(emit::CONTRACT_SCHEMA).unwrap()).unwrap()
}

/// The validator of one of the definitions of the contract.
fn definition(name: &str) -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_str(emit::CONTRACT_SCHEMA).unwrap();
    schema.as_object_mut().unwrap().remove("oneOf");
    schema["$ref"] = format!("#/$defs/{name}").into();
    jsonschema::validator_for(&schema).unwrap()
}

fn certain() -> Options<'static> {
    Options { certain_only: true, ..Options::default() }
}

#[test]
fn json_keeps_the_contract() {
    let validator = contract();
    for document in [Document::default(), clean(), damaged(), support::large(3)] {
        for options in [Options::default(), certain(), Options { pretty: true, ..Options::default() }] {
            assert_valid(&validator, &json(&document, &options));
        }
        assert_valid(&validator, &Value::Array(vec![json(&document, &Options::default())]));
    }
}

#[test]
fn the_contract_refuses_what_breaks_it() {
    let validator = contract();
    let good = json(&damaged(), &Options::default());
    let breaks: [(&str, Value); 7] = [
        ("/contract", 2.into()),
        ("/tables/0/rows/1/cells/1/text", "1,088.00".into()),
        ("/tables/0/rows/2/cells/1/confidence", 0.9.into()),
        ("/tables/0/rows/1/cells/0/origin", "guessed".into()),
        ("/tables/0/rows/1/cells/1/value", 1088.into()),
        ("/tables/0/columns/0/type", "text".into()),
        ("/tables/0/span", Value::Array(vec![0.into(), 9.into()])),
    ];
    for (pointer, value) in breaks {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
}

#[test]
fn keys_stand_in_the_order_of_the_contract() {
    let text = write(emit::write_json, &damaged(), &Options { source: "a.txt", ..Options::default() });
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let document: Value = serde_json::from_str(&text).unwrap();
    let table = &document["tables"][0];
    assert_eq!(keys(&document), "contract source tables diagnostics");
    assert_eq!(keys(table), "schema span page line caption notes left_over columns rows checks confidence");
    assert_eq!(keys(&table["columns"][1]), "name title schema_title type unit scale header header_cells");
    assert_eq!(
        keys(&table["rows"][2]["cells"][1]),
        "text value origin status spans confidence marks alternatives"
    );
    assert_eq!(keys(&table["checks"][0]), "id rule rows status discovered significance");
    assert_eq!(text.matches('\n').count(), 1);
}

#[test]
fn cells_in_json() {
    let document = json(&damaged(), &Options::default());
    let cell = |row: usize, column: usize| document["tables"][0]["rows"][row]["cells"][column].to_string();
    insta::assert_snapshot!(cell(1, 1), @r#"{"text":"","value":"1088.00","origin":"inferred","status":"proven","spans":[],"confidence":0.99,"because":[1]}"#);
    insta::assert_snapshot!(cell(1, 2), @r#"{"text":"0%","value":"0","origin":"moved","status":"proven","spans":[[10,12]],"confidence":0.99,"shares":1,"because":[1,2]}"#);
    insta::assert_snapshot!(cell(1, 3), @r#"{"text":"31 December 2023","value":"2023-12-31","origin":"joined","status":"unchecked","spans":[[10,26]],"confidence":0.85}"#);
    insta::assert_snapshot!(cell(2, 1), @r#"{"text":"76.80","value":"76.80","origin":"moved","status":"ambiguous","spans":[[10,15]],"confidence":0.55,"marks":[{"text":"*","span":[66,67]}],"alternatives":[{"value":"0","text":"","spans":[],"confidence":0.45}]}"#);
    insta::assert_snapshot!(cell(3, 0), @r#"{"text":"true","value":true,"origin":"verbatim","status":"unchecked","spans":[[10,14]],"confidence":0.85}"#);
    insta::assert_snapshot!(cell(3, 1), @r#"{"text":"1,6OO.00","value":"1600.00","origin":"corrected","status":"proven","spans":[[10,18]],"confidence":0.99}"#);
    let columns = &document["tables"][0]["columns"];
    insta::assert_snapshot!(columns[1]["scale"], @r#"{"factor":"10000","span":[30,46]}"#);
    assert_eq!(columns[2]["type"], "percent");
    assert_eq!(document["tables"][0]["checks"][2]["significance"], 1e6);
}

#[test]
fn certain_only_withholds_doubtful_readings_but_loses_none() {
    let document = json(&damaged(), &certain());
    let cell = |row: usize, column: usize| document["tables"][0]["rows"][row]["cells"][column].to_string();
    insta::assert_snapshot!(cell(2, 1), @r#"{"text":"","value":null,"origin":"missing","status":"ambiguous","spans":[],"confidence":0.0,"marks":[{"text":"*","span":[66,67]}],"alternatives":[{"value":"76.80","text":"76.80","spans":[[10,15]],"confidence":0.55},{"value":"0","text":"","spans":[],"confidence":0.45}]}"#);
    insta::assert_snapshot!(cell(4, 1), @r#"{"text":"","value":null,"origin":"missing","status":"contradicted","spans":[],"confidence":0.0,"alternatives":[{"value":"1950.40","text":"1,950.40","spans":[[10,18]],"confidence":0.55}]}"#);
    for cell in document["tables"][0]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row["cells"].as_array().unwrap())
    {
        let filled = cell["text"] != "" || !cell["value"].is_null();
        assert!(!filled || cell["confidence"].as_f64().unwrap() >= 0.8, "{cell}");
    }
    let columns = ["76.80", "1,950.40"];
    for writer in [emit::write_markdown as Writer, emit::write_csv, emit::write_html] {
        let text = write(writer, &damaged(), &certain());
        assert!(columns.iter().all(|doubtful| !text.contains(doubtful)), "{text}");
    }
}

#[test]
fn lines_are_valid_each() {
    let lines = |per| {
        let text = write(
            emit::write_json_lines,
            &damaged(),
            &Options { per, source: "a.txt", ..Options::default() },
        );
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    let documents = lines(Per::Document);
    assert_eq!(documents.len(), 1);
    assert_valid(&contract(), &documents[0]);

    let tables = lines(Per::Table);
    assert_eq!(tables.len(), 2);
    assert_valid(&definition("tableLine"), &tables[0]);
    assert_valid(&definition("diagnosticsLine"), &tables[1]);

    let records = lines(Per::Record);
    assert_eq!(records.len(), 7);
    assert_eq!(records[1]["cells"]["held"]["value"], "1088.00");
    assert_eq!(records[1]["cells"]["column 4"]["value"], "2023-12-31");
    assert_eq!((&records[4]["row"], &records[4]["kind"]), (&5.into(), &"total".into()));
    records[..6].iter().for_each(|record| assert_valid(&definition("recordLine"), record));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(write(emit::write_markdown, &clean(), &Options::default()), @r#"
    | Item | Net \| gross |
    | --- | ---: |
    | Tea, green | 1,600.00 |
    | =SUM(A1) | (12) |
    | a "b" <c> & d\|e |  |
    "#);
    insta::assert_snapshot!(write(emit::write_markdown, &damaged(), &Options::default()), @"
    III. ACCUMULATED PLEDGE
    (in 10 thousand)

    | Name of Shareholder | Holding Held | Holding Proportion in the total share capital |  |
    | --- | ---: | ---: | --- |
    | 甲類股東 Class A |  |  |  |
    | Ruide Venture | 1088.00 | 0% | 31 December 2023 |
    | Cai | 76.80 |  |  |
    | true | 1600.00 | 4.13% | n/a |
    | Total | 1,950.40 | 0.30% |  |
    | Restated. |  |  |  |
    ");
}

#[test]
fn csv() {
    let mut two = clean();
    two.tables.push(table(
        vec![support::column("Lone", Default::default())],
        vec![row(Default::default(), 1, vec![text_cell("")])],
    ));
    insta::assert_snapshot!(write(emit::write_csv, &two, &Options::default()).replace("\r\n", "⏎\n"), @r#"
    Item,Net | gross⏎
    "Tea, green","1,600.00"⏎
    =SUM(A1),(12)⏎
    "a ""b"" <c> & d|e",⏎
    ⏎
    Lone⏎
    ""⏎
    "#);
    let defused = write(emit::write_csv, &clean(), &Options { defuse_formulas: true, ..Options::default() });
    assert!(defused.contains("'=SUM(A1),(12)\r\n"), "{defused}");
}

#[test]
fn html() {
    insta::assert_snapshot!(write(emit::write_html, &damaged(), &Options { source: "a\"<b>.txt", ..Options::default() }), @r#"
    <table data-source="a&quot;&lt;b&gt;.txt" data-line="1" data-page="1" data-schema="share-pledge">
    <caption>III. ACCUMULATED PLEDGE<br>(in 10 thousand)</caption>
    <thead>
    <tr><th rowspan="2" data-type="string" data-name="name">Name of Shareholder</th><th colspan="2">Holding</th><th rowspan="2" data-type="date"></th></tr>
    <tr><th data-type="number" data-name="held">Held</th><th data-type="percent">Proportion in the total share capital</th></tr>
    </thead>
    <tbody>
    <tr data-kind="group"><td data-origin="verbatim" data-status="unchecked" data-confidence="1.000" data-bytes="10-30">甲類股東 Class A</td><td class="number" data-origin="verbatim" data-status="unchecked" data-confidence="1.000"></td><td class="number" data-origin="verbatim" data-status="unchecked" data-confidence="1.000"></td><td data-origin="verbatim" data-status="unchecked" data-confidence="1.000"></td></tr>
    <tr><td data-origin="split" data-status="unchecked" data-confidence="0.850" data-bytes="10-23">Ruide Venture</td><td class="number" data-origin="inferred" data-status="proven" data-confidence="0.990">1088.00</td><td class="number" data-origin="moved" data-status="proven" data-confidence="0.990" data-bytes="10-12">0%</td><td data-origin="joined" data-status="unchecked" data-confidence="0.850" data-bytes="10-26">31 December 2023</td></tr>
    <tr><td data-origin="given" data-status="unchecked" data-confidence="0.850" data-bytes="10-13">Cai</td><td class="number" data-origin="moved" data-status="ambiguous" data-confidence="0.550" data-bytes="10-15"><mark>76.80</mark><sup>*</sup></td><td class="number" data-origin="missing" data-status="ambiguous" data-confidence="0.000"></td><td data-origin="verbatim" data-status="unchecked" data-confidence="0.850"></td></tr>
    <tr><td data-origin="verbatim" data-status="unchecked" data-confidence="0.850" data-bytes="10-14">true</td><td class="number" data-origin="corrected" data-status="proven" data-confidence="0.990" data-bytes="10-18">1600.00</td><td class="number" data-origin="verbatim" data-status="consistent" data-confidence="0.900" data-bytes="10-15">4.13%</td><td data-origin="verbatim" data-status="unchecked" data-confidence="0.850" data-bytes="10-13">n/a</td></tr>
    <tr data-kind="total"><td data-origin="verbatim" data-status="unchecked" data-confidence="1.000" data-bytes="10-15">Total</td><td class="number" data-origin="verbatim" data-status="contradicted" data-confidence="0.550" data-bytes="10-18"><mark>1,950.40</mark></td><td class="number" data-origin="inferred" data-status="consistent" data-confidence="0.900">0.30%</td><td data-origin="missing" data-status="open" data-confidence="0.000"></td></tr>
    <tr data-kind="note"><td data-origin="verbatim" data-status="unchecked" data-confidence="1.000" data-bytes="10-19">Restated.</td><td class="number" data-origin="verbatim" data-status="unchecked" data-confidence="1.000"></td><td class="number" data-origin="verbatim" data-status="unchecked" data-confidence="1.000"></td><td data-origin="verbatim" data-status="unchecked" data-confidence="1.000"></td></tr>
    </tbody>
    </table>
    <p>* including restricted shares</p>
    "#);
    assert!(
        write(emit::write_html, &clean(), &Options::default())
            .contains("a &quot;b&quot; &lt;c&gt; &amp; d|e")
    );
}

#[test]
fn terminal_view() {
    let input = "III. ACCUMULATED PLEDGE\n\n\n     (in 10 thousand)\nand more lines\n";
    let options = Options { source: "pledge.txt", input: Some(input.as_bytes()), ..Options::default() };
    insta::assert_snapshot!(write(emit::write_text, &damaged(), &options), @"
    pledge.txt:1  share-pledge
    III. ACCUMULATED PLEDGE
    (in 10 thousand)

                                            Holding Proportion in
    Name of Shareholder   Holding Held    the total share capital
    ─────────────────────────────────────────────────────────────────────────────────
    甲類股東 Class A
    Ruide Venture*             1088.00+                        0%*  31 December 2023*
    Cai                          76.80?                          ·
    true                       1600.00*                     4.13%   n/a
    Total                     1,950.40!                     0.30%+  ·
    Restated.

    ! row 5 (Total), held: 1,950.40 verbatim, contradicted (55 %); from line 1 (bytes 10-18)
    ? row 3 (Cai), held: 76.80 moved, ambiguous (55 %); from line 1 (bytes 10-15); or 0 unprinted (45 %)
    · row 3 (Cai), Holding Proportion in the total…: missing, ambiguous; or 0.21% (30 %)
    · row 5 (Total), column 4: missing, open
    + row 2 (Ruide Venture), held: 1088.00 inferred, proven; by total(held) = sum(held)
    + row 5 (Total), Holding Proportion in the total…: 0.30% inferred, consistent
    * row 2, name: Ruide Venture split, unchecked; from line 1 (bytes 10-23)
    * row 2 (Ruide Venture), Holding Proportion in the total…: 0% moved, proven; from line 1 (bytes 10-12), shared in group 1; by total(held) = sum(held) and share = held / $capital
    * row 2 (Ruide Venture), column 4: 31 December 2023 joined, unchecked; from line 1 (bytes 10-26)
    * row 4 (true), held: 1600.00 corrected, proven, printed 1,6OO.00; from line 1 (bytes 10-18)

    checks: 1 holds, 1 holds with rounding, 1 fails, 1 cannot be tested
    ! held <= 100 fails in rows 2, 3, 4, 5
    note, line 6: * including restricted shares
    left over, line 6: Page 3 of 9

    * repaired   + not printed, but forced   ? not certain   ! in a check that fails   · missing

    warning[check-fails]: total(held) = sum(held) fails
     --> pledge.txt:1:4
      |
    1 | III. ACCUMULATED PLEDGE
      |    ^^^^^
    warning[budget-spent]: a search was ended
      = help: raise the steps
    ");
    insta::assert_snapshot!(write(emit::write_text, &damaged(), &Options { width: 44, details: 2, ..options.clone() }), @"
    pledge.txt:1  share-pledge
    III. ACCUMULATED PLEDGE
    (in 10 thousand)

                                        Holding
                                     Proportion
                                   in the total
    Name of                               share
    Shareholder     Holding Held        capital
    ────────────────────────────────────────────
    甲類股東 Class A
    Ruide Venture*       1088.00+            0%*
    Cai                    76.80?              ·
    true                 1600.00*         4.13%
    Total               1,950.40!         0.30%+
    Restated.

    Name of Shareholder
    ───────────────────────────────────────
    甲類股東 Class A
    Ruide Venture*        31 December 2023*
    Cai
    true                  n/a
    Total                 ·
    Restated.

    ! row 5 (Total), held: 1,950.40 verbatim, contradicted (55 %); from line 1 (bytes 10-18)
    ? row 3 (Cai), held: 76.80 moved, ambiguous (55 %); from line 1 (bytes 10-15); or 0 unprinted (45 %)
      and 8 more cells

    checks: 1 holds, 1 holds with rounding, 1 fails, 1 cannot be tested
    ! held <= 100 fails in rows 2, 3, 4, 5
    note, line 6: * including restricted shares
    left over, line 6: Page 3 of 9

    * repaired   + not printed, but forced   ? not certain   ! in a check that fails   · missing

    warning[check-fails]: total(held) = sum(held) fails
     --> pledge.txt:1:4
      |
    1 | III. ACCUMULATED PLEDGE
      |    ^^^^^
    warning[budget-spent]: a search was ended
      = help: raise the steps
    ");
    insta::assert_snapshot!(write(emit::write_text, &clean(), &options), @r#"
    pledge.txt:1  no schema

    Item              Net | gross
    ──────────────────────────────
    Tea, green           1,600.00
    =SUM(A1)                 (12)
    a "b" <c> & d|e
    "#);
    insta::assert_snapshot!(write(emit::write_text, &Document::default(), &options), @"pledge.txt: no table found");
}

#[test]
fn colour_is_all_that_colour_adds() {
    let plain = write(emit::write_text, &damaged(), &Options::default());
    let colored = write(emit::write_text, &damaged(), &Options { color: true, ..Options::default() });
    assert!(!plain.contains('\x1b'));
    let mut bare = String::new();
    let mut pieces = colored.split('\x1b');
    bare.push_str(pieces.next().unwrap());
    pieces.for_each(|piece| bare.push_str(piece.split_once('m').unwrap().1));
    assert_eq!(bare, plain);
}

#[test]
fn no_line_of_the_terminal_view_of_a_grid_is_too_wide() {
    use unicode_width::UnicodeWidthStr;
    let wide = [
        "股東名稱股東名稱股東名稱股東名稱",
        "a very long text that goes on and on",
        "x",
        "supercalifragilisticexpialidocious",
    ];
    let columns =
        (0..4).map(|index| support::column(&format!("Header number {index}"), Default::default())).collect();
    let cells = wide.iter().map(|text| text_cell(text)).collect();
    let document = document(vec![table(columns, vec![row(Default::default(), 1, cells)])]);
    for width in 30..90 {
        let text = write(emit::write_text, &document, &Options { width, ..Options::default() });
        assert!(text.lines().all(|line| line.width() <= width), "{width}\n{text}");
        assert!(text.lines().all(|line| !line.ends_with(' ')), "{width}\n{text}");
    }
}

#[test]
fn what_a_terminal_would_obey_is_not_written_to_it() {
    let hostile = "\x1b]0;title\x07\u{9b}31m\u{202e}";
    let mut evil = document(vec![table(
        vec![support::column(hostile, Default::default())],
        vec![row(Default::default(), 1, vec![text_cell(hostile)])],
    )]);
    evil.tables[0].caption = vec![support::passage(hostile, 0)];
    evil.tables[0].rows[0].cells[0].origin = Origin::Split;
    evil.tables[0].rows[0].cells[0].status = Status::Ambiguous;
    evil.diagnostics =
        vec![Diagnostic::new(Code::Unreadable, hostile).at(Span::new(0, 9)).with_help(hostile)];
    let options = Options { source: hostile, input: Some(hostile.as_bytes()), ..Options::default() };
    let text = write(emit::write_text, &evil, &options);
    assert!(
        !text.chars().any(|symbol| symbol != '\n' && (symbol.is_control() || symbol == '\u{202e}')),
        "{text:?}"
    );
}

#[test]
fn diagnostics() {
    let input = "Name\tHeld\r\nA\t1\n股東\u{1}名稱\tx\n";
    let options =
        Options { source: "report.txt", input: Some(input.as_bytes()), width: 40, ..Options::default() };
    let show = |diagnostic: Diagnostic, options: &Options<'_>| {
        let mut out = Vec::new();
        emit::write_diagnostic(&diagnostic, options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let place = input.find('名').unwrap();
    let wide =
        Diagnostic::new(Code::CheckFails, "a check fails").at(Span::new(place, place + 6)).with_help("look");
    insta::assert_snapshot!(show(wide.clone(), &options), @"
    warning[check-fails]: a check fails
     --> report.txt:3:4
      |
    3 | 股東␁名稱 x
      |      ^^^^
      = help: look
    ");
    insta::assert_snapshot!(show(wide, &Options::default()), @"
    warning[check-fails]: a check fails
     --> - bytes 22-28
      = help: look
    ");
    let beyond = Diagnostic::new(Code::Unreadable, "cannot be read").at(Span::new(900, 2));
    insta::assert_snapshot!(show(beyond, &options), @"
    error[unreadable]: cannot be read
     --> report.txt:4:1
      |
    4 |
      | ^
    ");
    let long = format!("{}here{}", "before ".repeat(40), " after".repeat(40));
    let inside = Diagnostic::new(Code::SchemaTie, "tie").at(Span::new(280, 284));
    let options = Options { input: Some(long.as_bytes()), ..options };
    insta::assert_snapshot!(show(inside, &options), @"
    note[schema-tie]: tie
     --> report.txt:1:281
      |
    1 | …fore before here after after after aft…
      |              ^^^^
    ");
}

#[test]
fn writers_report_errors_of_their_sink() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (document, options) = (damaged(), Options::default());
    let results = [
        emit::write_json(&document, &options, &mut Full),
        emit::write_json_lines(&document, &Options { per: Per::Record, ..options.clone() }, &mut Full),
        emit::write_markdown(&document, &options, &mut Full),
        emit::write_csv(&document, &options, &mut Full),
        emit::write_html(&document, &options, &mut Full),
        emit::write_text(&document, &options, &mut Full),
    ];
    for result in results {
        assert_eq!(result.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    }
}
