//! `retabulate explain`: what each stage saw and decided.

use std::io::{self, Write};

use retabulate::emit::{self, Options};
use retabulate::{Document, Hints};

use super::args::ExplainArgs;
use super::input::{self, Content};
use super::render::{line_width, wants_color};
use super::{Exit, Stop, catalog, print, source};

pub(crate) fn explain(arguments: &ExplainArgs) -> Result<Exit, Stop> {
    let rebuilder = catalog::rebuilder(&arguments.schemas.paths)?;
    let hints = Hints { form: arguments.form.hint(), ..Hints::default() };
    let paths = std::slice::from_ref(&arguments.input);
    for input in input::inputs(paths, None) {
        let bytes = match input.read() {
            Content::Bytes(bytes) => bytes,
            Content::Binary => continue,
            Content::Unreadable(reason) => {
                return Err(Stop::Message(format!("cannot read {}: {reason}", input.name)));
            }
        };
        let source = source::read_source(&bytes, arguments.lossy)
            .map_err(|offset| Stop::Message(format!("{}: not UTF-8 at byte {offset}", input.name)))?;
        let document = source::rebuild(&rebuilder, &source, &hints);
        let options = Options {
            source: &input.name,
            input: Some(&bytes),
            color: wants_color(arguments.color),
            width: line_width(),
            details: usize::MAX,
            ..Options::default()
        };
        let mut text = Vec::new();
        describe(&rebuilder.explain_with(source.text(), &hints), &document, &options, &mut text)
            .map_err(|error| Stop::writing("standard output", &error))?;
        print(&text)?;
    }
    Ok(Exit::Done)
}

/// What the stages decided, then what came of it.
fn describe(
    report: &str,
    document: &Document<'_>,
    options: &Options<'_>,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    for line in report.lines() {
        writeln!(out, "{}", emit::plain_line(line))?;
    }
    writeln!(out)?;
    emit::write_text(document, options, out)
}
