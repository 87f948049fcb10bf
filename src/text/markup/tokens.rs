//! The tags of one table, by a tolerant tokenizer.

use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

use crate::text::Span;

/// What a tag is to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Table,
    Head,
    /// `tbody`, `tfoot`.
    Body,
    Row,
    Cell,
    HeaderCell,
    Caption,
    /// Starts a new line inside a cell: `br`, `p`, `div`, items of lists.
    Line,
    /// Its text is no print: `script`, `style`.
    Hidden,
    /// Any other; it does not even part words.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Open(Tag),
    Close(Tag),
    ColumnSpan(usize),
    RowSpan(usize),
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) event: Event,
    pub(super) span: Span,
}

/// The tokens of one table.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens {
    pub(super) list: Vec<Token>,
    /// End of the table in the text.
    pub(super) end: usize,
    /// Whether `</table>` ends it.
    pub(super) is_closed: bool,
    /// Whether the end of the text came first.
    pub(super) is_endless: bool,
}

/// Start of the next `<table` tag from `at` on.
pub(super) fn find_table(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let rest = bytes.get(at..)?;
    memchr::memchr_iter(b'<', rest).map(|found| at + found).find(|start| {
        let name = bytes.get(start + 1..start + 6).unwrap_or_default();
        let after = bytes.get(start + 6);
        name.eq_ignore_ascii_case(b"table") && after.is_some_and(|byte| b" \t\r\n\x0c>/".contains(byte))
    })
}

/// Reads the table that starts at `start`.
pub(super) fn read_table(text: &str, start: usize) -> Tokens {
    let mut attribute = Attribute::Other;
    let mut emitter = CallbackEmitter::new(move |event: CallbackEvent<'_>, span: html5gum::Span<usize>| {
        let event = translate(&event, &mut attribute)?;
        Some(Token { event, span: Span::new(start + span.start, start + span.end) })
    });
    emitter.naively_switch_states(true);
    let input = text.get(start..).unwrap_or_default();
    let mut tokens = Tokens { end: start, ..Tokens::default() };
    let (mut depth, mut in_cell) = (0usize, false);
    // Reading from a string does not fail.
    for token in Tokenizer::new_with_emitter(input, emitter).map_while(Result::ok) {
        match token.event {
            Event::Open(Tag::Table) if depth == 1 && !in_cell => {
                // A table starts where none can: the one before was not closed.
                tokens.end = token.span.start;
                return tokens;
            }
            Event::Open(Tag::Table) => depth += 1,
            Event::Close(Tag::Table) => depth = depth.saturating_sub(1),
            Event::Open(Tag::Cell | Tag::HeaderCell | Tag::Caption) => in_cell = true,
            Event::Close(Tag::Cell | Tag::HeaderCell | Tag::Caption | Tag::Row) if depth == 1 => {
                in_cell = false
            }
            _ => {}
        }
        tokens.list.push(token);
        if depth == 0 {
            tokens.end = token.span.end;
            tokens.is_closed = true;
            return tokens;
        }
    }
    end_unclosed(text, &mut tokens);
    tokens
}

/// Ends a table that the end of the text closes: after its last cell, the text of which ends at a blank line.
fn end_unclosed(text: &str, tokens: &mut Tokens) {
    tokens.is_endless = true;
    let is_cell_tag = |token: &Token| {
        let (Event::Open(tag) | Event::Close(tag)) = token.event else { return false };
        matches!(tag, Tag::Cell | Tag::HeaderCell | Tag::Row | Tag::Head | Tag::Body)
    };
    let Some(last) = tokens.list.iter().rposition(is_cell_tag) else {
        tokens.list.clear();
        return;
    };
    let mut keep = last + 1;
    tokens.end = tokens.list[last].span.end;
    if matches!(tokens.list[last].event, Event::Open(_)) {
        for token in tokens.list.iter_mut().skip(last + 1) {
            let blank = (token.event == Event::Text).then(|| blank_line(token.span.slice(text))).flatten();
            token.span.end = blank.map_or(token.span.end, |offset| token.span.start + offset);
            tokens.end = token.span.end;
            keep += 1;
            if blank.is_some() {
                break;
            }
        }
    }
    tokens.list.truncate(keep);
}

/// Offset of the first blank line or form feed of `text`.
fn blank_line(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'\n', b'\x0c', bytes).find(|&at| {
        bytes.get(at) == Some(&b'\x0c')
            || matches!(bytes.get(at + 1..), Some([b'\n', ..] | [b'\r', b'\n', ..]))
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Attribute {
    ColumnSpan,
    RowSpan,
    Other,
}

fn translate(event: &CallbackEvent<'_>, attribute: &mut Attribute) -> Option<Event> {
    match event {
        CallbackEvent::OpenStartTag { name } => Some(Event::Open(tag(name))),
        CallbackEvent::EndTag { name } => Some(Event::Close(tag(name))),
        CallbackEvent::String { .. } => Some(Event::Text),
        CallbackEvent::AttributeName { name } => {
            *attribute = match *name {
                b"colspan" => Attribute::ColumnSpan,
                b"rowspan" => Attribute::RowSpan,
                _ => Attribute::Other,
            };
            None
        }
        CallbackEvent::AttributeValue { value } => {
            let count = std::str::from_utf8(value).ok().and_then(|value| value.trim().parse().ok());
            match std::mem::replace(attribute, Attribute::Other) {
                Attribute::ColumnSpan => count.map(Event::ColumnSpan),
                Attribute::RowSpan => count.map(Event::RowSpan),
                Attribute::Other => None,
            }
        }
        _ => None,
    }
}

fn tag(name: &[u8]) -> Tag {
    match name {
        b"table" => Tag::Table,
        b"thead" => Tag::Head,
        b"tbody" | b"tfoot" => Tag::Body,
        b"tr" => Tag::Row,
        b"td" => Tag::Cell,
        b"th" => Tag::HeaderCell,
        b"caption" => Tag::Caption,
        b"br" | b"p" | b"div" | b"li" | b"ul" | b"ol" | b"hr" | b"pre" | b"blockquote" | b"dt" | b"dd"
        | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => Tag::Line,
        b"script" | b"style" => Tag::Hidden,
        _ => Tag::Other,
    }
}
