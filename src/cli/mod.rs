//! The command line: what each subcommand does, and how the process ends.

mod args;
mod batch;
mod catalog;
mod explain;
mod frame;
mod input;
mod ordered;
mod output;
mod progress;
mod render;
mod schema;
mod source;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use retabulate::emit::plain_line;

/// How a command ended. The greatest of several counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Everything was done.
    Done = 0,
    /// `--strict`: a check fails or a cell is ambiguous.
    Doubtful = 1,
    /// An input or an argument was bad; the rest was done.
    Failed = 2,
}

/// Why a command stopped early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The reader of standard output went away: nobody is left to tell.
    ClosedPipe,
    /// A message for the user.
    Message(String),
}

impl Stop {
    /// For an error of writing to `target`.
    pub(crate) fn writing(target: &str, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::Message(format!("cannot write {target}: {}", reason(error)))
        }
    }
}

/// Runs the command that the arguments name.
pub(crate) fn run() -> ExitCode {
    let outcome = match args::Cli::parse().command {
        args::Command::Rebuild(arguments) => batch::rebuild(&arguments),
        args::Command::Explain(arguments) => explain::explain(&arguments),
        args::Command::Schema(command) => schema::run(&command),
    };
    let exit = outcome.unwrap_or_else(|stop| match stop {
        Stop::ClosedPipe => Exit::Done,
        Stop::Message(message) => {
            complain(&message);
            Exit::Failed
        }
    });
    ExitCode::from(exit as u8)
}

/// Writes one line to standard error. If that is closed too, there is nothing left to do.
pub(crate) fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "retabulate: {}", plain_line(message));
}

/// What an IO error says, without the number of the operating system behind it.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// Writes to standard output at once.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| Stop::writing("standard output", &error))
}
