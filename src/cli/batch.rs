//! `retabulate rebuild`: many inputs, one after the other for the reader, at once for the machine.

use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;

use clap::{CommandFactory, ValueEnum};
use retabulate::table::{CheckStatus, Code, Diagnostic};
use retabulate::text::{LineCounter, Part};
use retabulate::{Document, Hints, Rebuilder, Span};

use super::args::{Cli, Format, RebuildArgs};
use super::frame::Frame;
use super::input::{self, Content, Input};
use super::output::{Folder, Stream};
use super::progress::Progress;
use super::render::{Style, line_width, wants_color};
use super::{Exit, Stop, catalog, ordered, source};

/// What became of one input.
#[derive(Debug, Default)]
struct Outcome {
    /// The document as it is written; `None` where nothing is.
    written: Option<Vec<u8>>,
    /// What went wrong, whole.
    problem: Option<String>,
    /// What the user should know besides.
    note: Option<String>,
    /// A file of a folder that is not text.
    skipped: bool,
    /// A check fails or a cell is ambiguous.
    doubtful: bool,
}

/// What every input needs.
struct Job {
    rebuilder: Rebuilder,
    hints: Hints,
    style: Style,
    lossy: bool,
    strict: bool,
    folder: Option<Folder>,
}

pub(crate) fn rebuild(arguments: &RebuildArgs) -> Result<Exit, Stop> {
    let Some(inputs) = given_inputs(arguments) else {
        return help();
    };
    let rebuilder = catalog::rebuilder(&arguments.schemas.paths)?;
    let several =
        inputs.len() > 1 || arguments.document_break.is_some() || inputs.iter().any(|path| path.is_dir());
    let (folder, file) = match arguments.output.as_deref() {
        Some(path) if several || is_folder(path) => (Some(path), None),
        other => (None, other),
    };
    let style = style(arguments, file);
    let stream = match folder {
        Some(_) => None,
        None => Some(open_stream(file, &inputs, Frame::new(style.format, several), style.color)?),
    };
    let folder = folder.map(|path| Folder::create(path, style.format, &inputs)).transpose()?;
    let hints = Hints { form: arguments.form.hint(), ..Hints::default() };
    let job = Job { rebuilder, hints, style, lossy: arguments.lossy, strict: arguments.strict, folder };
    let threads = if several { thread_count(arguments) } else { 1 };
    run(&job, arguments, &inputs, threads, stream)
}

/// Opens the stream of documents, but not over an input.
fn open_stream(file: Option<&Path>, inputs: &[PathBuf], frame: Frame, color: bool) -> Result<Stream, Stop> {
    let place = file.and_then(|file| file.canonicalize().ok());
    if let Some(input) = inputs.iter().find(|input| place.is_some() && input.canonicalize().ok() == place) {
        return Err(Stop::Message(format!(
            "{} is both input and output; nothing was written",
            input.display()
        )));
    }
    Stream::open(file, frame, color)
}

fn run(
    job: &Job,
    arguments: &RebuildArgs,
    inputs: &[PathBuf],
    threads: usize,
    mut stream: Option<Stream>,
) -> Result<Exit, Stop> {
    let mut progress = progress(arguments, inputs);
    let mut tally = Tally::default();
    let mut stop = None;
    let take = |outcome: Outcome| {
        progress.advance();
        tally.count(&outcome, arguments.quiet, &progress);
        let (Some(stream), Some(document)) = (&mut stream, outcome.written) else {
            return ControlFlow::Continue(());
        };
        match stream.document(&document) {
            Ok(()) => ControlFlow::Continue(()),
            Err(reason) => {
                stop = Some(reason);
                ControlFlow::Break(())
            }
        }
    };
    let skip = job.folder.as_ref().map(Folder::root);
    let documents = input::documents(inputs, skip, arguments.document_break.as_deref());
    ordered::for_each(documents, threads, |input| job.process_safely(&input), take);
    progress.finish();
    if let Some(stop) = stop {
        return Err(stop);
    }
    stream.map_or(Ok(()), Stream::close)?;
    if tally.skipped > 0 && !arguments.quiet {
        super::complain(&format!("files passed over because they are not text: {}", tally.skipped));
    }
    Ok(tally.exit(arguments.strict))
}

/// A bar for standard error, unless the documents themselves run over the terminal.
fn progress(arguments: &RebuildArgs, inputs: &[PathBuf]) -> Progress {
    let known = arguments.document_break.is_none() && !inputs.iter().any(|path| path.is_dir());
    let total = if known { u64::try_from(inputs.len()).ok() } else { None };
    let quiet = arguments.quiet || (arguments.output.is_none() && io::stdout().is_terminal());
    Progress::new(!quiet, total)
}

#[derive(Debug, Default)]
struct Tally {
    failed: bool,
    doubtful: bool,
    skipped: usize,
}

impl Tally {
    fn count(&mut self, outcome: &Outcome, quiet: bool, progress: &Progress) {
        self.failed |= outcome.problem.is_some();
        self.doubtful |= outcome.doubtful;
        self.skipped += usize::from(outcome.skipped);
        if let Some(problem) = &outcome.problem {
            progress.complain(problem);
        }
        if let (Some(note), false) = (&outcome.note, quiet) {
            progress.complain(note);
        }
    }

    fn exit(&self, strict: bool) -> Exit {
        match (self.failed, self.doubtful && strict) {
            (true, _) => Exit::Failed,
            (false, true) => Exit::Doubtful,
            (false, false) => Exit::Done,
        }
    }
}

impl Job {
    /// The engine does not panic; should it ever, one document fails and the others are done.
    fn process_safely(&self, input: &Input) -> Outcome {
        catch_unwind(AssertUnwindSafe(|| self.process(input))).unwrap_or_else(|_| {
            let problem = format!("{}: internal error; please report it with this file", input.name);
            self.failure(input, Diagnostic::new(Code::Unreadable, "internal error"), problem)
        })
    }

    fn process(&self, input: &Input) -> Outcome {
        match input.read() {
            Content::Bytes(bytes) => self.process_bytes(input, &bytes),
            Content::Binary => Outcome { skipped: true, ..Outcome::default() },
            Content::Unreadable(reason) => {
                let problem = format!("cannot read {}: {reason}", input.name);
                self.failure(
                    input,
                    Diagnostic::new(Code::Unreadable, format!("cannot be read: {reason}")),
                    problem,
                )
            }
        }
    }

    fn process_bytes(&self, input: &Input, bytes: &[u8]) -> Outcome {
        let (whole, part) = input.part().map_or((bytes, Part::default()), |(whole, part)| (whole, *part));
        match source::read_source(bytes, self.lossy) {
            Ok(source) => {
                let document = source::rebuild(&self.rebuilder, &source, &self.hints).moved(&part);
                let doubts = Doubts::of(&document);
                let note = self.note(&input.name, doubts);
                Outcome { note, doubtful: doubts.any(), ..self.finish(input, &document, Some(whole)) }
            }
            Err(offset) => {
                let offset = part.span.start + offset;
                let (line, _) = LineCounter::new(whole).at(offset);
                let help = "--lossy reads it with replacement characters";
                let problem = format!("{}: not UTF-8 at byte {offset}, line {line}; {help}", input.name);
                let diagnostic = Diagnostic::new(Code::NotUtf8, format!("not UTF-8 at byte {offset}"))
                    .at(Span::new(offset, offset + 1))
                    .with_help(help);
                self.failure(input, diagnostic, problem)
            }
        }
    }

    /// An input without a document: in JSON an object that says so.
    fn failure(&self, input: &Input, diagnostic: Diagnostic, problem: String) -> Outcome {
        if !matches!(self.style.format, Format::Json | Format::Jsonl) {
            return Outcome { problem: Some(problem), ..Outcome::default() };
        }
        let document = Document { tables: Vec::new(), diagnostics: vec![diagnostic] };
        let outcome = self.finish(input, &document, None);
        Outcome { problem: Some(outcome.problem.unwrap_or(problem)), ..outcome }
    }

    /// Writes the document to its file, or to memory for the stream.
    fn finish(&self, input: &Input, document: &Document<'_>, bytes: Option<&[u8]>) -> Outcome {
        let mut written = Vec::new();
        let options = self.style.options(&input.name, bytes);
        if let Err(error) = self.style.write(document, &options, &mut written) {
            let problem = format!("cannot write the tables of {}: {}", input.name, super::reason(&error));
            return Outcome { problem: Some(problem), ..Outcome::default() };
        }
        match &self.folder {
            None => Outcome { written: Some(written), ..Outcome::default() },
            Some(folder) => Outcome { problem: folder.write(input, &written).err(), ..Outcome::default() },
        }
    }

    /// What the user should know of doubts that the output does not show, or that end in a bad status.
    fn note(&self, name: &str, doubts: Doubts) -> Option<String> {
        let Doubts { failed_checks, cells, uncertain } = doubts;
        if self.strict && doubts.any() {
            return Some(format!(
                "{name}: checks that fail: {failed_checks}; cells that are ambiguous: {cells}"
            ));
        }
        let hidden = !self.style.format.shows_doubt() && !self.style.certain_only && uncertain > 0;
        hidden.then(|| {
            let advice = "the output cannot show it; --certain-only leaves them out";
            format!("{name}: cells that are not certain: {uncertain}; {advice}")
        })
    }
}

/// What a careful user wants to know of a document.
#[derive(Clone, Copy, Debug, Default)]
struct Doubts {
    failed_checks: usize,
    /// Cells that are ambiguous, contradicted or open.
    cells: usize,
    /// Cells that say something that is not certain.
    uncertain: usize,
}

impl Doubts {
    fn of(document: &Document<'_>) -> Self {
        let mut doubts = Self::default();
        for table in &document.tables {
            let failed = table.checks.each().filter(|check| check.status == CheckStatus::Fails);
            doubts.failed_checks += failed.count();
            for row in table.rows.each() {
                let doubtful = row.cells.iter().filter(|cell| cell.status.is_doubtful());
                doubts.cells += doubtful.count();
                let uncertain = row.cells.iter().filter(|cell| cell.is_filled() && !cell.is_certain());
                doubts.uncertain += uncertain.count();
            }
        }
        doubts
    }

    fn any(self) -> bool {
        self.failed_checks + self.cells > 0
    }
}

/// The inputs, standard input where none are given; `None` where that is a terminal.
fn given_inputs(arguments: &RebuildArgs) -> Option<Vec<PathBuf>> {
    if arguments.inputs.is_empty() {
        return (!io::stdin().is_terminal()).then(|| vec![PathBuf::from("-")]);
    }
    Some(arguments.inputs.clone())
}

fn help() -> Result<Exit, Stop> {
    let mut command = Cli::command();
    let rebuild = command.find_subcommand_mut("rebuild");
    let text =
        rebuild.map(|rebuild| rebuild.clone().bin_name("retabulate rebuild").render_help().to_string());
    super::print(text.unwrap_or_default().as_bytes())?;
    Ok(Exit::Failed)
}

/// Whether an output path means a folder: it is one, or it says so by its end.
fn is_folder(path: &Path) -> bool {
    path.is_dir()
        || path.as_os_str().as_encoded_bytes().last().is_some_and(|last| matches!(last, b'/' | b'\\'))
}

fn style(arguments: &RebuildArgs, file: Option<&Path>) -> Style {
    let to_stdout = arguments.output.is_none();
    let by_name = || {
        let extension = file?.extension()?.to_str()?.to_ascii_lowercase();
        Format::value_variants().iter().copied().find(|format| format.extension() == extension)
    };
    let by_place = if to_stdout && io::stdout().is_terminal() { Format::Text } else { Format::Json };
    let format = arguments.format.or_else(by_name).unwrap_or(by_place);
    Style {
        format,
        certain_only: arguments.certain_only,
        pretty: arguments.pretty,
        per: arguments.per.map(Into::into).unwrap_or_default(),
        defuse_formulas: arguments.defuse_formulas,
        color: to_stdout && wants_color(arguments.color),
        width: line_width(),
    }
}

fn thread_count(arguments: &RebuildArgs) -> usize {
    let all = || thread::available_parallelism().map_or(1, std::num::NonZero::get);
    arguments.threads.map_or_else(all, usize::from)
}
