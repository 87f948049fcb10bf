//! What stands before, between and after the documents of one output.

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
            Format::Json | Format::Jsonl => b"",
        }
    }

    /// What stands before this document, and what is written of it.
    pub(crate) fn next(&mut self, document: &[u8]) -> (&'static [u8], usize) {
        let first = self.empty;
        self.empty &= document.is_empty();
        match self.format {
            Format::Json if self.several => {
                (if first { b"" } else { b",\n" }, document.trim_ascii_end().len())
            }
            Format::Json | Format::Jsonl => (b"", document.len()),
        }
    }

    /// What stands after the last document.
    pub(crate) fn close(self) -> &'static [u8] {
        match self.format {
            Format::Json if self.several => b"]\n",
            Format::Json | Format::Jsonl => b"",
        }
    }
}
