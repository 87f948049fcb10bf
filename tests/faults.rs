//! The command line under fault: whatever fails around it, no output is half-written, no other input suffers, and
//! the process ends as it says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![cfg(all(feature = "cli", unix))]

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const TABLE: &str = "Name\tHeld\tShare\nAlpha\t1,600.00\t80%\nBeta\t400.00\t20%\nTotal\t2,000.00\t100%\n";

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_retabulate"));
    command.current_dir(folder).arg("rebuild").stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder).args(arguments).output().unwrap()
}

/// A folder with `count` copies of one table in it, `in/0000.txt` and so on.
fn many(count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    for number in 0..count {
        fs::write(folder.path().join(format!("in/{number:04}.txt")), TABLE).unwrap();
    }
    folder
}

/// The outputs in `out`, each read as JSON whole; hidden files are what a kill may leave, and no output.
fn whole_outputs(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder.join("out")) else { return 0 };
    let mut count = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().as_bytes().starts_with(b".") {
            continue;
        }
        let document: Value = serde_json::from_slice(&fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{} is half-written: {error}", path.display()));
        assert_eq!(document["tables"].as_array().map(Vec::len), Some(1), "{}", path.display());
        count += 1;
    }
    count
}

#[test]
fn killed_in_the_middle_of_a_batch_nothing_is_half_written_and_a_second_run_completes_it() {
    const COUNT: usize = 400;
    let folder = many(COUNT);
    let mut child = command(folder.path()).args(["-q", "-o", "out", "in"]).spawn().unwrap();
    let start = Instant::now();
    while whole_outputs(folder.path()) < 20 && start.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(whole_outputs(folder.path()) >= 20);
    let second = run(folder.path(), &["-q", "-o", "out", "in"]);
    assert_eq!(second.status.code(), Some(0), "{}", String::from_utf8_lossy(&second.stderr));
    assert_eq!(whole_outputs(folder.path()), COUNT);
    let hidden = fs::read_dir(folder.path().join("out")).unwrap().count() - COUNT;
    assert_eq!(hidden, 0, "what the killed run has left is taken away");
}

#[test]
fn thousands_of_files_at_a_time() {
    let folder = many(10_000);
    let output = run(folder.path(), &["-q", "--format", "jsonl", "in"]);
    assert_eq!(output.status.code(), Some(0));
    let lines: Vec<Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 10_000);
    assert!(lines.iter().enumerate().all(|(number, line)| line["source"] == format!("in/{number:04}.txt")));
}

#[test]
fn names_that_are_not_utf8_are_read_and_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let name = OsStr::from_bytes(b"in/r\xe9sum\xe9.txt");
    // Some file systems refuse such names; then there is nothing to test.
    if fs::write(folder.path().join(name), TABLE).is_err() {
        return;
    }
    let output = run(folder.path(), &["-q", "-o", "out", "in"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.path().join(OsStr::from_bytes(b"out/r\xe9sum\xe9.txt.json")).is_file());
    let named = command(folder.path()).arg(name).output().unwrap();
    assert_eq!(named.status.code(), Some(0));
    let document: Value = serde_json::from_slice(&named.stdout).unwrap();
    assert_eq!(document["source"], "in/r\u{fffd}sum\u{fffd}.txt");
}

#[test]
fn a_file_that_grows_is_read_as_long_as_it_was() {
    let folder = many(1);
    let path = folder.path().join("in/0000.txt");
    let stop = std::sync::atomic::AtomicBool::new(false);
    let order = std::sync::atomic::Ordering::SeqCst;
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            // As fast as it can, for as long as the test runs, within reason.
            for _ in 0..200_000 {
                if stop.load(order) || file.write_all(b"more words that are no table\n").is_err() {
                    break;
                }
            }
        });
        for _ in 0..5 {
            let output = run(folder.path(), &["-q", "in/0000.txt"]);
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            let document: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(document["tables"].as_array().map(Vec::len), Some(1));
        }
        stop.store(true, order);
    });
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_done() {
    let folder = many(2);
    fs::create_dir(folder.path().join("locked")).unwrap();
    // A link to nowhere, and to itself.
    std::os::unix::fs::symlink("nowhere", folder.path().join("in/0002.txt")).unwrap();
    std::os::unix::fs::symlink("loop.txt", folder.path().join("loop.txt")).unwrap();
    let output = run(folder.path(), &["-q", "in/0000.txt", "in/0002.txt", "loop.txt", "in/0001.txt"]);
    assert_eq!(output.status.code(), Some(2));
    let documents: Value = serde_json::from_slice(&output.stdout).unwrap();
    let tables: Vec<usize> = documents
        .as_array()
        .unwrap()
        .iter()
        .map(|document| document["tables"].as_array().unwrap().len())
        .collect();
    assert_eq!(tables, [1, 0, 0, 1]);
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(messages.lines().count(), 2, "{messages}");
}

/// An output folder on a full disk: every file is told, none is there in part.
#[cfg(target_os = "linux")]
#[test]
fn an_output_folder_that_cannot_be_written_is_told() {
    let folder = many(3);
    // A file stands where the output folder should be.
    fs::write(folder.path().join("out"), "x").unwrap();
    let output = run(folder.path(), &["-q", "-o", "out/", "in"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_to_string(folder.path().join("out")).unwrap(), "x");
    // A folder stands where a document should be.
    fs::remove_file(folder.path().join("out")).unwrap();
    fs::create_dir_all(folder.path().join("out/0001.txt.json/full")).unwrap();
    let output = run(folder.path(), &["-q", "-o", "out/", "in"]);
    assert_eq!(output.status.code(), Some(2));
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(messages.contains("0001.txt.json"), "{messages}");
    let mut names: Vec<String> = fs::read_dir(folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["0000.txt.json", "0001.txt.json", "0002.txt.json"]);
}

#[test]
fn a_reader_that_goes_away_ends_the_run_in_peace() {
    let folder = many(300);
    let mut child = command(folder.path())
        .args(["--format", "jsonl", "in"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}
