//! The command line as a user meets it. What the tables look like is tested elsewhere; here, that every input
//! has its document, in order, and that the process ends as it says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]
#![cfg(feature = "cli")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

const TABLE: &str =
    "Holdings\nName\tHeld\tShare\nAlpha\t1,600.00\t80%\nBeta\t400.00\t20%\nTotal\t2,000.00\t100%\n";

fn retabulate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_retabulate"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// A run in `folder`: exit code, standard output and standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = retabulate().current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn sources(json: &str) -> Vec<String> {
    let documents: Value = serde_json::from_str(json).unwrap();
    let source = |document: &Value| document["source"].as_str().unwrap().to_owned();
    documents.as_array().unwrap().iter().map(source).collect()
}

fn files_below(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn help_shows_what_there_is() {
    let help = retabulate().arg("--help").assert().success();
    let text = String::from_utf8_lossy(&help.get_output().stdout).into_owned();
    for word in ["rebuild", "explain", "schema", "Examples", "Exit status"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let version = retabulate().arg("--version").assert().success();
    assert_eq!(version.get_output().stdout, format!("retabulate {}\n", env!("CARGO_PKG_VERSION")).as_bytes());
    retabulate().assert().code(2);
    retabulate().args(["rebuild", "--format", "yaml", "x"]).assert().code(2);
}

#[test]
fn one_file_is_an_object_several_are_an_array() {
    let folder = folder(&[("b.txt", TABLE.as_bytes()), ("a.txt", b"prose")]);
    let (code, out, err) = run(folder.path(), &["rebuild", "a.txt"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, err.as_str(), &document["source"], &document["contract"]),
        (0, "", &"a.txt".into(), &1.into())
    );

    let (code, out, _) = run(folder.path(), &["rebuild", "b.txt", "a.txt", "b.txt"]);
    assert_eq!((code, sources(&out)), (0, vec!["b.txt".into(), "a.txt".into(), "b.txt".into()]));
}

#[test]
fn standard_input_is_a_dash_and_the_default() {
    for arguments in [vec!["rebuild"], vec!["rebuild", "-"]] {
        let run = retabulate().args(arguments).write_stdin(TABLE).assert().success();
        let document: Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
        assert_eq!(document["source"], "-");
    }
    let twice = retabulate().args(["rebuild", "-", "-"]).write_stdin(TABLE).assert().code(2);
    let out = String::from_utf8_lossy(&twice.get_output().stdout).into_owned();
    assert_eq!(sources(&out), ["-", "-"]);
}

#[test]
fn a_bad_file_is_told_and_the_others_are_done() {
    let folder = folder(&[("good.txt", TABLE.as_bytes()), ("bad.txt", b"line\nna\xffme")]);
    let (code, out, err) = run(folder.path(), &["rebuild", "bad.txt", "missing.txt", "good.txt"]);
    assert_eq!(code, 2);
    assert_eq!(sources(&out), ["bad.txt", "missing.txt", "good.txt"]);
    let documents: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(documents[0]["tables"], Value::Array(vec![]));
    assert_eq!(documents[0]["diagnostics"][0]["code"], "not-utf8");
    assert_eq!(documents[0]["diagnostics"][0]["span"], serde_json::json!([7, 8]));
    assert_eq!(documents[1]["diagnostics"][0]["code"], "unreadable");
    let messages: Vec<&str> = err.lines().collect();
    assert_eq!(messages.len(), 2, "{err}");
    assert!(messages[0].starts_with("retabulate: bad.txt: not UTF-8 at byte 7, line 2;"), "{err}");
    assert!(messages[1].starts_with("retabulate: cannot read missing.txt: "), "{err}");

    for format in ["markdown", "csv", "text"] {
        let (code, out, _) = run(folder.path(), &["rebuild", "--format", format, "missing.txt"]);
        assert_eq!((code, out.as_str()), (2, ""), "{format}");
    }
}

#[test]
fn lossy_reads_what_is_not_utf8() {
    let folder = folder(&[("bad.txt", b"na\xffme")]);
    let (code, out, err) = run(folder.path(), &["rebuild", "--lossy", "bad.txt"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(document["diagnostics"][0]["code"], "not-utf8");
    assert_eq!(document["diagnostics"][0]["span"], serde_json::json!([2, 3]));
}

#[test]
fn folders_are_walked_in_order_without_what_is_no_text() {
    let folder = folder(&[
        ("in/b.txt", TABLE.as_bytes()),
        ("in/a/z.md", b"| a | b |\n"),
        ("in/a/.hidden", b"no"),
        ("in/.git/x.txt", b"no"),
        ("in/image.bin", b"\x89\0\0"),
        ("in/report.pdf", b"%PDF-1.7\n"),
    ]);
    let (code, out, err) = run(folder.path(), &["rebuild", "in"]);
    assert_eq!((code, sources(&out)), (0, vec!["in/a/z.md".into(), "in/b.txt".into()]));
    assert!(err.contains("not text: 2"), "{err}");
    let (_, _, err) = run(folder.path(), &["rebuild", "--quiet", "in"]);
    assert_eq!(err, "");
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert_eq!(run(folder.path(), &["rebuild", "empty"]), (0, "[]\n".into(), String::new()));
}

#[test]
fn json_lines_are_a_document_a_line() {
    let folder = folder(&[("a.txt", TABLE.as_bytes()), ("b.txt", b"prose")]);
    let (code, out, _) = run(folder.path(), &["rebuild", "--format", "jsonl", "a.txt", "b.txt", "missing"]);
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, lines.len()), (2, 3));
    assert!(lines.iter().zip(["a.txt", "b.txt", "missing"]).all(|(line, name)| line["source"] == name));
    let (_, out, _) = run(folder.path(), &["rebuild", "--format", "jsonl", "--per", "record", "a.txt"]);
    for line in out.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        assert!(record["cells"].is_object() || record["diagnostics"].is_array(), "{record}");
    }
}

#[test]
fn what_is_written_keeps_the_contract() {
    let schema = retabulate().args(["schema", "contract"]).assert().success();
    let schema: Value = serde_json::from_slice(&schema.get_output().stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = folder(&[("a.txt", TABLE.as_bytes()), ("b.txt", b"\xff")]);
    for arguments in
        [vec!["a.txt"], vec!["a.txt", "b.txt", "missing"], vec!["--certain-only", "--pretty", "a.txt"]]
    {
        let (_, out, _) = run(folder.path(), &[vec!["rebuild"], arguments].concat());
        let instance = serde_json::from_str(&out).unwrap();
        let errors: Vec<String> = validator.iter_errors(&instance).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{out}");
    }
}

#[test]
fn an_output_folder_mirrors_the_inputs() {
    let folder = folder(&[("in/a.txt", TABLE.as_bytes()), ("in/deep/b.txt", b"x"), ("c.txt", b"y")]);
    let (code, out, err) = run(folder.path(), &["rebuild", "--output", "out", "in", "c.txt", "missing.txt"]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    let expected = ["a.txt.json", "c.txt.json", "deep/b.txt.json", "missing.txt.json"];
    assert_eq!(files_below(&folder.path().join("out")), expected);
    let document: Value =
        serde_json::from_slice(&fs::read(folder.path().join("out/a.txt.json")).unwrap()).unwrap();
    assert_eq!(document["source"], "in/a.txt");

    // A second run, into a folder inside the input, does not read what the first wrote.
    for _ in 0..2 {
        let (code, _, err) = run(folder.path(), &["rebuild", "--format", "csv", "-q", "-o", "in/out", "in"]);
        assert_eq!((code, err.as_str()), (0, ""));
        assert_eq!(files_below(&folder.path().join("in/out")), ["a.txt.csv", "deep/b.txt.csv"]);
    }
}

#[test]
fn inputs_are_never_written_over() {
    let folder = folder(&[("a.txt", TABLE.as_bytes()), ("x/n", b"1"), ("x/n.json", b"2"), ("y/n", b"3")]);
    let (code, _, err) = run(folder.path(), &["rebuild", "-o", "a.txt", "a.txt"]);
    assert!(code == 2 && err.contains("both input and output"), "{err}");
    assert_eq!(fs::read_to_string(folder.path().join("a.txt")).unwrap(), TABLE);
    let (code, _, err) = run(folder.path(), &["rebuild", "-o", "x", "x/n", "x/n.json"]);
    assert!(code == 2 && err.contains("it is an input"), "{err}");
    assert_eq!(fs::read(folder.path().join("x/n.json")).unwrap(), b"2");
    let (code, _, err) = run(folder.path(), &["rebuild", "-o", "x", "x"]);
    assert!(code == 2 && err.contains("both input and output"), "{err}");
    let (code, _, err) = run(folder.path(), &["rebuild", "-j1", "-o", "z", "x/n", "y/n"]);
    assert!(code == 2 && err.contains("another input of this name"), "{err}");
    let document: Value = serde_json::from_slice(&fs::read(folder.path().join("z/n.json")).unwrap()).unwrap();
    assert_eq!(document["source"], "x/n");
}

#[test]
fn an_output_file_is_whole_or_not_there() {
    let folder = folder(&[("a.txt", TABLE.as_bytes())]);
    let (code, out, _) = run(folder.path(), &["rebuild", "-o", "a.html", "a.txt"]);
    assert_eq!((code, out.as_str()), (0, ""));
    let page = fs::read_to_string(folder.path().join("a.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"), "{page}");
    let (code, _, err) = run(folder.path(), &["rebuild", "-o", "no/such/place.json", "a.txt"]);
    assert!(code == 2 && err.starts_with("retabulate: cannot write no/such/place.json: "), "{err}");
    assert_eq!(files_below(folder.path()), ["a.html", "a.txt"]);
}

/// Documents of one file: each as it is alone, its places counted in the file.
#[test]
fn one_file_may_hold_several_documents() {
    let second = format!("Prose.\n{}", TABLE.replace("1,600", "1,700"));
    let both = format!("{TABLE}\u{c}\n{second}\u{c}\n");
    let marked = format!("{TABLE}--\n{second}");
    let folder = folder(&[
        ("a.txt", TABLE.as_bytes()),
        ("both.txt", both.as_bytes()),
        ("marked.txt", marked.as_bytes()),
    ]);
    let read = |arguments: &[&str]| -> Value {
        let (code, out, err) = run(folder.path(), arguments);
        assert_eq!((code, err.as_str()), (0, ""));
        serde_json::from_str(&out).unwrap()
    };
    let documents = read(&["rebuild", "--document-break", "both.txt"]);
    assert_eq!(documents.as_array().map(Vec::len), Some(2));
    assert_eq!(documents[0]["tables"], read(&["rebuild", "a.txt"])["tables"]);
    assert_eq!(documents[1]["source"], "both.txt");
    let table = &documents[1]["tables"][0];
    assert_eq!((&table["line"], &table["page"]), (&Value::from(9), &Value::from(2)));
    let span = &table["rows"][0]["cells"][1]["spans"][0];
    let place = |end: usize| usize::try_from(span[end].as_u64().unwrap()).unwrap();
    assert_eq!(&both[place(0)..place(1)], "1,700.00");
    let marked = read(&["rebuild", "--document-break=--", "marked.txt"]);
    assert_eq!(marked.as_array().map(Vec::len), Some(2));
    assert_eq!(marked[0]["tables"], documents[0]["tables"]);
    let (code, ..) = run(folder.path(), &["rebuild", "--document-break", "-o", "out", "both.txt"]);
    assert_eq!(
        (code, files_below(&folder.path().join("out"))),
        (0, vec!["both.txt.1.json".to_owned(), "both.txt.2.json".to_owned()])
    );
}

#[test]
fn the_output_is_the_same_for_any_number_of_threads() {
    let names: Vec<String> = (0..60).map(|number| format!("in/{number:02}.txt")).collect();
    let texts: Vec<Vec<u8>> =
        (0..60usize)
            .map(|number| {
                if number % 7 == 3 { vec![0xff] } else { TABLE.repeat(1 + number * number % 40).into_bytes() }
            })
            .collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().map(String::as_str).zip(texts.iter().map(Vec::as_slice)).collect();
    let folder = folder(&files);
    let one = run(folder.path(), &["rebuild", "--threads", "1", "in"]);
    assert_eq!(one.0, 2);
    assert_eq!(sources(&one.1), names);
    for threads in ["2", "8"] {
        assert!(run(folder.path(), &["rebuild", "--threads", threads, "in"]) == one, "{threads} threads");
    }
}

#[test]
fn strict_ends_with_1_where_the_document_is_doubtful() {
    let folder =
        folder(&[("clean.txt", b"prose only\n"), ("wrong.txt", TABLE.replace("1,600", "1,700").as_bytes())]);
    assert_eq!(run(folder.path(), &["rebuild", "--strict", "clean.txt"]).0, 0);
    let (code, out, _) = run(folder.path(), &["rebuild", "--strict", "wrong.txt"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    let doubtful = ["\"fails\"", "\"ambiguous\"", "\"contradicted\"", "\"open\""];
    let expected = i32::from(doubtful.iter().any(|word| document["tables"].to_string().contains(word)));
    assert_eq!(code, expected);
    assert_eq!(run(folder.path(), &["rebuild", "--strict", "wrong.txt", "missing"]).0, 2);
}

#[test]
fn the_text_view_is_plain_unless_it_is_asked_for_colour() {
    let folder = folder(&[("a.txt", TABLE.as_bytes())]);
    let (code, plain, _) = run(folder.path(), &["rebuild", "--format", "text", "a.txt"]);
    assert!(code == 0 && plain.contains("a.txt") && !plain.contains('\x1b'), "{plain}");
    let (code, colored, _) =
        run(folder.path(), &["rebuild", "--format", "text", "--color", "always", "a.txt"]);
    assert!(code == 0 && colored.len() >= plain.len());
    let (_, json, _) = run(folder.path(), &["rebuild", "--format", "json", "--color", "always", "a.txt"]);
    assert!(!json.contains('\x1b'));
}

#[test]
fn explain_and_schema_answer() {
    let folder = folder(&[("a.txt", TABLE.as_bytes()), ("b.txt", b"\xff")]);
    let (code, out, _) = run(folder.path(), &["explain", "a.txt"]);
    assert!(code == 0 && !out.is_empty());
    assert_eq!(run(folder.path(), &["explain", "missing"]).0, 2);
    assert_eq!(run(folder.path(), &["explain", "b.txt"]).0, 2);
    assert_eq!(run(folder.path(), &["schema", "list"]).0, 0);
    let (code, _, err) = run(folder.path(), &["schema", "show", "no-such-schema"]);
    assert!(code == 2 && err.contains("no-such-schema"), "{err}");
    let (code, _, err) = run(folder.path(), &["schema", "check", "missing.json"]);
    assert!(code == 2 && err.contains("missing.json"), "{err}");
    let (code, _, err) = run(folder.path(), &["rebuild", "--schema", "missing.json", "a.txt"]);
    assert!(code == 2 && err.contains("missing.json"), "{err}");
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_failure() {
    let folder = folder(&[("a.txt", TABLE.repeat(200).as_bytes())]);
    let mut command = Process::new(env!("CARGO_BIN_EXE_retabulate"));
    command.current_dir(folder.path()).arg("rebuild").args(["--format", "jsonl"]);
    command.args(vec!["a.txt"; 5000]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn a_pipe_or_link_given_as_output_stays_what_it_is() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    let folder = folder(&[("a.txt", TABLE.as_bytes()), ("there.csv", b"older")]);
    let (_, expected, _) = run(folder.path(), &["rebuild", "--format", "csv", "a.txt"]);

    let pipe = folder.path().join("pipe");
    assert!(Process::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    let (code, _, err) = run(folder.path(), &["rebuild", "--format", "csv", "--output", "pipe", "a.txt"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(reader.join().unwrap(), expected);

    let there = folder.path().join("there.csv");
    fs::set_permissions(&there, fs::Permissions::from_mode(0o600)).unwrap();
    symlink("there.csv", folder.path().join("link.csv")).unwrap();
    assert_eq!(run(folder.path(), &["rebuild", "--output", "link.csv", "a.txt"]).0, 0);
    assert!(fs::symlink_metadata(folder.path().join("link.csv")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&there).unwrap(), expected);
    assert_eq!(fs::metadata(&there).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let folder = folder(&[("a.txt", TABLE.as_bytes())]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = Process::new(env!("CARGO_BIN_EXE_retabulate"));
    let output = command.current_dir(folder.path()).args(["rebuild", "a.txt"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.starts_with("retabulate: cannot write standard output: No space left"), "{message}");
}
