//! From bytes to a text that can be rebuilt.

use retabulate::table::{Code, Diagnostic};
use retabulate::text::{Source as Text, SourceError};
use retabulate::{Document, Hints, Rebuilder, Span};

/// A text as it was read.
pub(crate) struct Source<'b> {
    text: Text<'b>,
    replaced: Option<usize>,
}

/// Reads `bytes` as UTF-8; with `lossy` bytes that are not are replaced. The error is the offset of the first
/// bad byte.
pub(crate) fn read_source(bytes: &[u8], lossy: bool) -> Result<Source<'_>, usize> {
    match Text::from_bytes(bytes) {
        Ok(text) => Ok(Source { text, replaced: None }),
        Err(SourceError::InvalidUtf8 { offset, .. }) if lossy => {
            Ok(Source { text: Text::from_bytes_lossy(bytes), replaced: Some(offset) })
        }
        Err(SourceError::InvalidUtf8 { offset, .. }) => Err(offset),
        Err(_) => Err(0),
    }
}

/// Rebuilds the tables of `source`.
pub(crate) fn rebuild<'s>(rebuilder: &Rebuilder, source: &'s Source<'_>, hints: &Hints) -> Document<'s> {
    // Where nothing was changed on the way in, cells borrow from the bytes.
    let mut document = match source.text.as_given() {
        Some(text) => rebuilder.rebuild_with(text, hints),
        None => rebuilder.rebuild_source_with(&source.text, hints),
    };
    if let Some(offset) = source.replaced {
        let message = format!("not UTF-8 at byte {offset}; bad bytes were replaced");
        let diagnostic = Diagnostic::new(Code::NotUtf8, message).at(Span::new(offset, offset + 1));
        document.diagnostics.insert(0, diagnostic);
    }
    document
}

impl Source<'_> {
    /// The text as the engine reads it.
    pub(crate) fn text(&self) -> &str {
        self.text.text()
    }
}
