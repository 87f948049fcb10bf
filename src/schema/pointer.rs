//! Finds the place of a JSON pointer in the text of a document, so that an error can name line and column.
//!
//! A scan over text that a JSON reader has already accepted; nothing is decoded but keys. Only errors pay for
//! it, which is why the reader itself keeps no places.

use std::borrow::Cow;

/// Byte offset of the value at `pointer`; of the last value found on the way where the path ends early.
pub(super) fn locate(text: &str, pointer: &str) -> usize {
    let mut at = skip_blank(text, usize::from(text.starts_with('\u{feff}')) * '\u{feff}'.len_utf8());
    for step in pointer.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        match descend(text, at, &key) {
            Some(inner) => at = inner,
            None => break,
        }
    }
    at
}

/// Byte offset of the byte `inside` of the decoded string at `pointer`.
pub(super) fn locate_inside(text: &str, pointer: &str, inside: usize) -> usize {
    let start = locate(text, pointer);
    if text.as_bytes().get(start) != Some(&b'"') {
        return start;
    }
    let (mut at, mut decoded) = (start + 1, 0);
    while decoded < inside && !matches!(text.as_bytes().get(at), None | Some(b'"')) {
        let (length, bytes) = string_unit(text, at);
        at += length;
        decoded += bytes;
    }
    at.min(text.len())
}

/// Line and column in characters, from 1, of a byte offset.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Offset of the member `key` of the object, or of the item of that index of the array, at `at`.
fn descend(text: &str, at: usize, key: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_object = match bytes.get(at)? {
        b'{' => true,
        b'[' => false,
        _ => return None,
    };
    let (mut found, mut index, mut here) = (None, 0_usize, skip_blank(text, at + 1));
    while !matches!(bytes.get(here)?, b'}' | b']') {
        let matches = if is_object {
            let key_end = skip_value(text, here);
            let matches = decode(text.get(here + 1..key_end.checked_sub(1)?)?) == key;
            here = skip_blank(text, skip_blank(text, key_end) + 1);
            matches
        } else {
            key.parse() == Ok(index)
        };
        // The last of two equal keys counts, as it does for the reader.
        found = if matches { Some(here) } else { found };
        here = skip_blank(text, skip_value(text, here));
        if bytes.get(here) == Some(&b',') {
            here = skip_blank(text, here + 1);
        }
        index += 1;
    }
    found
}

fn skip_blank(text: &str, mut at: usize) -> usize {
    while matches!(text.as_bytes().get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Offset just past the value at `at`; always further, so that every loop ends.
fn skip_value(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut here, mut depth) = (at, 0_usize);
    while let Some(&byte) = bytes.get(here) {
        match byte {
            b'"' => here = skip_string(bytes, here),
            b'{' | b'[' => (here, depth) = (here + 1, depth + 1),
            b'}' | b']' => (here, depth) = (here + 1, depth.saturating_sub(1)),
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => here += 1,
            _ => here = skip_literal(bytes, here),
        }
        if depth == 0 {
            break;
        }
    }
    here.max(at + 1)
}

fn skip_string(bytes: &[u8], at: usize) -> usize {
    let mut here = at + 1;
    while let Some(&byte) = bytes.get(here) {
        match byte {
            b'"' => return here + 1,
            b'\\' => here += 2,
            _ => here += 1,
        }
    }
    bytes.len()
}

fn skip_literal(bytes: &[u8], at: usize) -> usize {
    let ends = |byte: &u8| matches!(byte, b',' | b':' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
    bytes[at..].iter().position(ends).map_or(bytes.len(), |length| at + length)
}

/// The content of a JSON string, escapes resolved.
fn decode(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    serde_json::from_str::<String>(&format!("\"{raw}\"")).map_or(Cow::Borrowed(raw), Cow::Owned)
}

/// Length of one character of a JSON string as written, and the bytes it decodes to.
fn string_unit(text: &str, at: usize) -> (usize, usize) {
    let Some(rest) = text.get(at..) else { return (1, 1) };
    let mut characters = rest.chars();
    match (characters.next(), characters.next()) {
        (Some('\\'), Some('u')) => {
            let unit =
                |from: usize| rest.get(from..from + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
            match unit(2) {
                // A pair of surrogates is one character of four bytes.
                Some(0xd800..=0xdbff) => (12, 4),
                Some(code) => (6, char::from_u32(code).map_or(3, char::len_utf8)),
                None => (2, 1),
            }
        }
        (Some('\\'), _) => (2, 1),
        (Some(character), _) => (character.len_utf8(), character.len_utf8()),
        (None, _) => (1, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "{\n  \"a/b\": [1, {\"x\": \"q\\\"é\\u00e9\\ud83d\\ude00z\"}],\n  \"k\": {}, \"k\": [true]\n}";

    #[test]
    fn pointers_lead_to_their_values() {
        let at = |pointer: &str| &TEXT[locate(TEXT, pointer)..][..2];
        assert_eq!(at(""), "{\n");
        assert_eq!(at("/a~1b"), "[1");
        assert_eq!(at("/a~1b/0"), "1,");
        assert_eq!(at("/a~1b/1/x"), "\"q");
        assert_eq!(at("/k/0"), "tr");
        assert_eq!(at("/a~1b/7/x"), "[1");
    }

    #[test]
    fn places_in_strings_count_decoded_bytes() {
        let z = "q\"éé😀".len();
        assert_eq!(&TEXT[locate_inside(TEXT, "/a~1b/1/x", z)..][..1], "z");
        assert_eq!(line_and_column(TEXT, locate(TEXT, "/k")), (3, 17));
    }

    #[test]
    fn broken_text_ends_the_scan() {
        for end in 0..TEXT.len() {
            if let Some(head) = TEXT.get(..end) {
                let _ = locate_inside(head, "/a~1b/1/x", 100);
                let _ = locate(head, "/k/0");
            }
        }
    }
}
