//! `retabulate explain`: what each stage saw and decided.

use retabulate::Document;
use retabulate::emit::{self, Options};

use super::args::ExplainArgs;
use super::input::{self, Content};
use super::{Exit, Stop, catalog, print, source};

pub(crate) fn explain(arguments: &ExplainArgs) -> Result<Exit, Stop> {
    let rebuilder = catalog::rebuilder(&arguments.schemas.paths)?;
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
        print(rebuilder.explain(source.text()).as_bytes())?;
        print(b"\n")?;
        let document = source::rebuild(&rebuilder, &source);
        print(&describe(&document, &input.name, &bytes)?)?;
    }
    Ok(Exit::Done)
}

fn describe(document: &Document<'_>, name: &str, bytes: &[u8]) -> Result<Vec<u8>, Stop> {
    let options = Options { source: name, input: Some(bytes), details: usize::MAX, ..Options::default() };
    let mut text = Vec::new();
    emit::write_text(document, &options, &mut text)
        .map_err(|error| Stop::writing("standard output", &error))?;
    Ok(text)
}
