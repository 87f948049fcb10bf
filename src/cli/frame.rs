//! What stands before, between and after the documents of one output.

use retabulate::emit;

use super::args::Format;

/// Joins documents that were written one by one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    format: Format,
    several: bool,
    empty: bool,
}

impl Frame {
    /// A frame for one document, or for `several`.
    pub(crate) fn new(format: Format, several: bool) -> Self {
        Self { format, several, empty: true }
    }

    /// What stands before the first document.
    pub(crate) fn open(self) -> &'static [u8] {
        match self.format {
            Format::Json if self.several => b"[",
            Format::Html => emit::HTML_START.as_bytes(),
            _ => b"",
        }
    }

    /// What stands before this document, and how much of it is written.
    pub(crate) fn next(&mut self, document: &[u8]) -> (&'static [u8], usize) {
        let first = self.empty || document.is_empty();
        self.empty &= document.is_empty();
        let separator: &[u8] = match self.format {
            _ if first => b"",
            Format::Json => b",\n",
            Format::Csv => b"\r\n",
            Format::Markdown | Format::Text => b"\n",
            Format::Jsonl | Format::Html => b"",
        };
        let whole = !(self.format == Format::Json && self.several);
        (separator, if whole { document.len() } else { document.trim_ascii_end().len() })
    }

    /// What stands after the last document.
    pub(crate) fn close(self) -> &'static [u8] {
        match self.format {
            Format::Json if self.several => b"]\n",
            Format::Html => emit::HTML_END.as_bytes(),
            _ => b"",
        }
    }
}
