//! From bytes to a text that can be rebuilt.

use std::borrow::Cow;

use retabulate::table::{Code, Diagnostic};
use retabulate::{Document, Rebuilder, Span};

/// A text as it was read.
pub(crate) struct Source<'b> {
    text: Cow<'b, str>,
    replaced: Option<usize>,
}

/// Reads `bytes` as UTF-8; with `lossy` bytes that are not are replaced. The error is the offset of the first
/// bad byte.
pub(crate) fn read_source(bytes: &[u8], lossy: bool) -> Result<Source<'_>, usize> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Source { text: Cow::Borrowed(text), replaced: None }),
        Err(error) if lossy => {
            Ok(Source { text: String::from_utf8_lossy(bytes), replaced: Some(error.valid_up_to()) })
        }
        Err(error) => Err(error.valid_up_to()),
    }
}

/// Rebuilds the tables of `source`.
pub(crate) fn rebuild<'s>(rebuilder: &Rebuilder, source: &'s Source<'_>) -> Document<'s> {
    let mut document = rebuilder.rebuild(&source.text);
    if let Some(offset) = source.replaced {
        let message = format!("not UTF-8 at byte {offset}; bad bytes were replaced");
        let diagnostic = Diagnostic::new(Code::NotUtf8, message).at(Span::new(offset, offset + 1));
        document.diagnostics.insert(0, diagnostic);
    }
    document
}
