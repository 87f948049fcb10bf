use std::borrow::Cow;

use smallvec::SmallVec;

use super::Span;

/// A byte-order mark in UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A text as the engine reads it, with the way back to the bytes that were given.
///
/// Three things make the two differ: a byte-order mark is skipped, bytes that are not UTF-8 are replaced, and
/// markup is rewritten (tables in HTML). Where none of them happens the text is
/// borrowed and offsets are the same.
///
/// ```
/// use retabulate::Span;
/// use retabulate::text::Source;
///
/// let source = Source::new("\u{feff}a\tb");
/// assert_eq!(source.text(), "a\tb");
/// assert_eq!(source.original(Span::new(2, 3)), Span::new(5, 6));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Source<'t> {
    text: Cow<'t, str>,
    /// From the text as read back to the bytes as given, the last step first.
    maps: Vec<OffsetMap>,
    /// The text before the first step that rewrote it, and the number of such steps.
    print: Option<Cow<'t, str>>,
    rewrites: usize,
}

/// Why bytes are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The bytes are not UTF-8.
    #[error("not UTF-8: the first bad byte is at offset {offset} (line {line})")]
    InvalidUtf8 {
        /// Offset of the first byte that is not UTF-8.
        offset: usize,
        /// Its line, from 1.
        line: usize,
    },
}

impl<'t> Source<'t> {
    /// Reads `text`; a byte-order mark is skipped.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        match text.strip_prefix(BYTE_ORDER_MARK) {
            None => Self { text: Cow::Borrowed(text), ..Self::default() },
            Some(rest) => {
                let mut map = OffsetMap::default();
                map.push(0, BYTE_ORDER_MARK.len(), 1, 1);
                Self { text: Cow::Borrowed(rest), maps: vec![map], ..Self::default() }
            }
        }
    }

    /// Reads `bytes`, which must be UTF-8; a byte-order mark is skipped.
    ///
    /// # Errors
    /// Bytes that are not UTF-8 are an error that tells the offset of the first bad one.
    ///
    /// ```
    /// use retabulate::text::{Source, SourceError};
    ///
    /// let error = Source::from_bytes(b"one\ntwo \xff").unwrap_err();
    /// assert_eq!(error, SourceError::InvalidUtf8 { offset: 8, line: 2 });
    /// ```
    pub fn from_bytes(bytes: &'t [u8]) -> Result<Self, SourceError> {
        std::str::from_utf8(bytes).map(Self::new).map_err(|error| {
            let offset = error.valid_up_to();
            let line = 1 + memchr::memchr_iter(b'\n', bytes.get(..offset).unwrap_or_default()).count();
            SourceError::InvalidUtf8 { offset, line }
        })
    }

    /// Reads `bytes`; what is not UTF-8 is read as U+FFFD and maps to the bytes that it replaces.
    ///
    /// ```
    /// use retabulate::Span;
    /// use retabulate::text::Source;
    ///
    /// let source = Source::from_bytes_lossy(b"\xff 12");
    /// assert_eq!(source.text(), "\u{fffd} 12");
    /// assert_eq!(source.original(Span::new(4, 6)), Span::new(2, 4));
    /// ```
    #[must_use]
    pub fn from_bytes_lossy(bytes: &'t [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self::new(text);
        }
        let mut text = String::with_capacity(bytes.len() + 16);
        let mut map = OffsetMap::default();
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            let mut valid = chunk.valid();
            if at == 0 && valid.starts_with(BYTE_ORDER_MARK) {
                valid = &valid[BYTE_ORDER_MARK.len()..];
                at = BYTE_ORDER_MARK.len();
            }
            if !valid.is_empty() {
                map.push(text.len(), at, 1, 1);
            }
            text.push_str(valid);
            at += valid.len();
            if !chunk.invalid().is_empty() {
                let replacement = char::REPLACEMENT_CHARACTER;
                map.push(text.len(), at, replacement.len_utf8(), chunk.invalid().len());
                text.push(replacement);
                at += chunk.invalid().len();
            }
        }
        Self { text: Cow::Owned(text), maps: vec![map], ..Self::default() }
    }

    /// The text as it is read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text as it is read; borrowed where it is the text as given.
    #[must_use]
    pub fn into_text(self) -> Cow<'t, str> {
        self.text
    }

    /// The text as given, where nothing was changed on the way in.
    #[must_use]
    pub fn as_given(&self) -> Option<&'t str> {
        match &self.text {
            Cow::Borrowed(text) if self.maps.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The same source, borrowing its text from this one.
    pub(crate) fn reborrowed(&self) -> Source<'_> {
        Source {
            text: Cow::Borrowed(self.text()),
            maps: self.maps.clone(),
            print: self.print.as_deref().map(Cow::Borrowed),
            rewrites: self.rewrites,
        }
    }

    /// Whether offsets of the text as read differ from those of the bytes as given.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        !self.maps.is_empty()
    }

    /// The bytes as given that `span` of the text as read came from.
    #[must_use]
    pub fn original(&self, span: Span) -> Span {
        self.maps.iter().fold(span, |span, map| map.original(span))
    }

    /// The text before any step rewrote it: its lines and pages are those that were given.
    pub(crate) fn print(&self) -> &str {
        self.print.as_deref().unwrap_or(&self.text)
    }

    /// The way from spans of the text as read to the stretches of [`Source::print`] that they came from.
    pub(crate) fn to_print(&self) -> SpanMapper<'_> {
        SpanMapper::new(self.maps.get(..self.rewrites).unwrap_or_default())
    }

    /// The way from spans of [`Source::print`] to the bytes as given that they came from.
    pub(crate) fn to_given(&self) -> SpanMapper<'_> {
        SpanMapper::new(self.maps.get(self.rewrites..).unwrap_or_default())
    }

    /// The text before any step rewrote it, where it is borrowed.
    pub(crate) fn borrowed_print(&self) -> Option<&'t str> {
        match self.print.as_ref().unwrap_or(&self.text) {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(_) => None,
        }
    }

    /// Whether the bytes as given differ from [`Source::print`].
    pub(crate) fn is_decoded(&self) -> bool {
        self.maps.len() > self.rewrites
    }

    /// The source after a further step that rewrote its text into `text`; `map` leads from there to the text
    /// that was rewritten.
    #[must_use]
    pub(crate) fn rewritten(mut self, text: String, map: OffsetMap) -> Self {
        self.maps.insert(0, map);
        let print = self.print.unwrap_or(self.text);
        Self { text: Cow::Owned(text), maps: self.maps, print: Some(print), rewrites: self.rewrites + 1 }
    }
}

/// Maps spans through several steps, the last step first; quickest where each lies a little behind the one before.
#[derive(Debug)]
pub(crate) struct SpanMapper<'s> {
    maps: &'s [OffsetMap],
    /// The stretch that was found last, of each map.
    places: Vec<usize>,
}

impl<'s> SpanMapper<'s> {
    fn new(maps: &'s [OffsetMap]) -> Self {
        Self { maps, places: vec![0; maps.len()] }
    }

    /// What `span` came from.
    pub(crate) fn map(&mut self, span: Span) -> SmallVec<[Span; 1]> {
        if let ([map], [place]) = (self.maps, self.places.as_mut_slice()) {
            return map.originals(span, place);
        }
        let mut spans: SmallVec<[Span; 1]> = SmallVec::from_buf([span]);
        for (map, place) in self.maps.iter().zip(&mut self.places) {
            spans = match spans.as_slice() {
                [span] => map.originals(*span, place),
                _ => spans.into_iter().flat_map(|span| map.originals(span, place)).collect(),
            };
        }
        spans
    }
}

/// From offsets of a rewritten text to those of the text it was made from.
///
/// A list of stretches, each of which repeats a unit: `read_unit` bytes read stand for `original_unit` bytes
/// given. Copied text is 1 for 1, a replaced byte 3 for 1, an entity 1 for 5, an inserted tab 1 for 0; so a run
/// of replaced bytes is one stretch, and a binary file does not cost a stretch a byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OffsetMap {
    stretches: Vec<Stretch>,
    /// Whether what is read as one may stand in several places: pieces that inserted letters join.
    has_pieces: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    read: usize,
    original: usize,
    read_unit: u32,
    original_unit: u32,
}

impl OffsetMap {
    /// A map whose stretches need not follow one another.
    pub(crate) fn for_pieces() -> Self {
        Self { has_pieces: true, ..Self::default() }
    }

    /// The stretches that `span` stands for, in the order in which they are read; what was inserted stands for none.
    /// `place` is that of the stretch which was found last, and found from there.
    pub(crate) fn originals(&self, span: Span, place: &mut usize) -> SmallVec<[Span; 1]> {
        if !self.has_pieces || span.is_empty() {
            return SmallVec::from_iter([self.original(span)]);
        }
        let first = self.place_of(span.start, *place);
        *place = first;
        // Most prints are copied in one piece.
        if let Some(stretch) = self.stretches.get(first).filter(|stretch| stretch.is_copy())
            && stretch.read <= span.start
            && self.stretches.get(first + 1).is_none_or(|next| span.end <= next.read)
        {
            let start = stretch.floor(span.start);
            return SmallVec::from_buf([Span::new(start, start + span.len())]);
        }
        let mut found: SmallVec<[Span; 1]> = SmallVec::new();
        let mut parted = true;
        for (index, stretch) in self.stretches.iter().enumerate().skip(first) {
            if stretch.read >= span.end {
                break;
            }
            if stretch.original_unit == 0 {
                parted = true;
                continue;
            }
            let end = self.stretches.get(index + 1).map_or(span.end, |next| next.read.min(span.end));
            let start = stretch.read.max(span.start);
            let mut piece = Span::new(stretch.floor(start), stretch.ceiling(end));
            piece.end = piece.end.max(piece.start);
            match found.last_mut() {
                Some(last) if !parted && last.end == piece.start => last.end = piece.end,
                _ => found.push(piece),
            }
            parted = false;
        }
        if found.is_empty() {
            found.push(self.original(span));
        }
        found
    }

    /// Place of the last stretch that begins at or before `read`, 0 where none does; `near` is a guess.
    fn place_of(&self, read: usize, near: usize) -> usize {
        const NEAR: usize = 16;
        let begins_before = |stretch: &Stretch| stretch.read <= read;
        match self.stretches.get(near..) {
            Some([first, rest @ ..]) if begins_before(first) => {
                let steps = rest.iter().take(NEAR).take_while(|stretch| begins_before(stretch)).count();
                let place = near + steps;
                let beyond =
                    if steps == NEAR { self.stretches.get(place + 1..).unwrap_or_default() } else { &[] };
                place + beyond.partition_point(begins_before)
            }
            _ => self.stretches.partition_point(begins_before).saturating_sub(1),
        }
    }

    /// From offset `read` on, each `read_unit` bytes stand for `original_unit` bytes from `original` on; `read`
    /// must not fall from call to call.
    pub(crate) fn push(&mut self, read: usize, original: usize, read_unit: usize, original_unit: usize) {
        let unit = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let stretch =
            Stretch { read, original, read_unit: unit(read_unit).max(1), original_unit: unit(original_unit) };
        match self.stretches.last_mut() {
            Some(last) if last.continues_as(stretch) => {}
            Some(last) if last.read == read => *last = stretch,
            _ => self.stretches.push(stretch),
        }
    }

    /// The bytes that `span` stands for.
    pub(crate) fn original(&self, span: Span) -> Span {
        let start = self.stretch_at(span.start).map_or(span.start, |stretch| stretch.floor(span.start));
        if span.is_empty() {
            return Span::empty(start);
        }
        // The last byte decides where the span ends: what was inserted or left out after it is no part of it.
        let end = self.stretch_at(span.end - 1).map_or(span.end, |stretch| stretch.ceiling(span.end));
        Span::new(start, end.max(start))
    }

    fn stretch_at(&self, read: usize) -> Option<&Stretch> {
        let after = self.stretches.partition_point(|stretch| stretch.read <= read);
        after.checked_sub(1).and_then(|index| self.stretches.get(index))
    }
}

impl Stretch {
    fn continues_as(&self, next: Stretch) -> bool {
        self.read_unit == next.read_unit
            && self.original_unit == next.original_unit
            && (next.read - self.read).is_multiple_of(self.read_unit as usize)
            && self.floor(next.read) == next.original
    }

    /// Whether bytes stand for themselves.
    const fn is_copy(&self) -> bool {
        self.read_unit == 1 && self.original_unit == 1
    }

    fn floor(&self, read: usize) -> usize {
        if self.is_copy() {
            return self.original + (read - self.read);
        }
        self.original + (read - self.read) / self.read_unit as usize * self.original_unit as usize
    }

    fn ceiling(&self, read: usize) -> usize {
        if self.is_copy() {
            return self.original + (read - self.read);
        }
        self.original + (read - self.read).div_ceil(self.read_unit as usize) * self.original_unit as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_text_is_borrowed_and_unmapped() {
        let source = Source::new("a\tb");
        assert!(!source.is_mapped());
        assert!(matches!(source.into_text(), Cow::Borrowed("a\tb")));
    }

    #[test]
    fn a_run_of_bad_bytes_is_one_stretch() {
        let source = Source::from_bytes_lossy(b"ab\xff\xff\xff\xffcd\xc3");
        assert_eq!(source.text(), "ab\u{fffd}\u{fffd}\u{fffd}\u{fffd}cd\u{fffd}");
        assert_eq!(source.maps[0].stretches.len(), 4);
        assert_eq!(source.original(Span::new(5, 8)), Span::new(3, 4));
        assert_eq!(source.original(Span::new(14, 16)), Span::new(6, 8));
        assert_eq!(source.original(Span::new(0, 19)), Span::new(0, 9));
    }

    #[test]
    fn a_mark_before_bad_bytes_is_skipped() {
        let source = Source::from_bytes_lossy(b"\xef\xbb\xbfa\xff");
        assert_eq!(source.text(), "a\u{fffd}");
        assert_eq!(source.original(Span::new(0, 4)), Span::new(3, 5));
    }

    #[test]
    fn errors_say_where() {
        let error = Source::from_bytes(b"a\nb\xff").unwrap_err();
        assert_eq!(error.to_string(), "not UTF-8: the first bad byte is at offset 3 (line 2)");
    }

    proptest! {
        #[test]
        fn replaced_and_kept_bytes_map_back(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let source = Source::from_bytes_lossy(&bytes);
            for (start, letter) in source.text().char_indices() {
                let origin = source.original(Span::new(start, start + letter.len_utf8()));
                let given = &bytes[origin.start..origin.end];
                if letter == char::REPLACEMENT_CHARACTER {
                    prop_assert!(!given.is_empty());
                } else {
                    let printed = letter.to_string();
                    prop_assert_eq!(printed.as_bytes(), given);
                }
            }
        }
    }
}
