//! A document in the format that was asked for.

use std::io::{self, IsTerminal};

use retabulate::Document;
use retabulate::emit::{self, Options, Per};

use super::args::{Color, Format, PerArg};

/// How documents are written, for all inputs alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) format: Format,
    pub(crate) certain_only: bool,
    pub(crate) pretty: bool,
    pub(crate) per: Per,
    pub(crate) defuse_formulas: bool,
    pub(crate) color: bool,
    pub(crate) width: usize,
}

impl Style {
    /// The options of the writers for one input.
    pub(crate) fn options<'s>(&self, source: &'s str, input: Option<&'s [u8]>) -> Options<'s> {
        Options {
            source,
            certain_only: self.certain_only,
            pretty: self.pretty,
            per: self.per,
            defuse_formulas: self.defuse_formulas,
            input,
            color: self.color,
            width: self.width,
            ..Options::default()
        }
    }

    /// Writes `document` in the format.
    pub(crate) fn write(
        &self,
        document: &Document<'_>,
        options: &Options<'_>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        match self.format {
            Format::Json => emit::write_json(document, options, out),
            Format::Jsonl => emit::write_json_lines(document, options, out),
            Format::Markdown => emit::write_markdown(document, options, out),
            Format::Csv => emit::write_csv(document, options, out),
            Format::Html => emit::write_html(document, options, out),
            Format::Text => emit::write_text(document, options, out),
        }
    }
}

impl From<PerArg> for Per {
    fn from(per: PerArg) -> Self {
        match per {
            PerArg::Document => Self::Document,
            PerArg::Table => Self::Table,
            PerArg::Record => Self::Record,
        }
    }
}

/// Whether standard output gets colours.
pub(crate) fn wants_color(choice: Color) -> bool {
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
    }
}

/// Display columns of a line on standard output.
pub(crate) fn line_width() -> usize {
    let terminal = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    io::stdout().is_terminal().then(terminal).flatten().unwrap_or(Options::default().width)
}
