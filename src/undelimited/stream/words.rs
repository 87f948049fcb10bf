//! The words of the lines that are read as one stream, in flat storage.

use std::collections::HashMap;

use super::shape::{Shape, form_of, is_open, shape_of};
use crate::text::{Span, word_spans};
use crate::undelimited::print::Print;

/// What stands before a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// One blank.
    Blank,
    /// More than one blank, or a tab.
    Wide,
    /// A line end.
    Line,
    /// A line end, and a blank at the start of the new line.
    Indented,
    /// A blank at the end of the line before, and a line end: some extractors print one where a line wraps.
    Trailing,
    /// A blank line.
    Empty,
    /// A page end, or furniture.
    Page,
    /// Nothing: some extractors lose the blank between two cells, `1Trieste`.
    Glued,
}

/// Number of kinds of gaps.
pub(super) const GAPS: usize = 8;

impl Gap {
    /// Whether the word stands first on its line.
    pub(super) const fn is_line(self) -> bool {
        !matches!(self, Self::Blank | Self::Wide | Self::Glued)
    }
}

/// One word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    /// Where it is printed.
    pub(super) span: Span,
    /// What stands before it.
    pub(super) gap: Gap,
    /// Its shape.
    pub(super) shape: Shape,
    /// Number of its text among the words of the stream.
    pub(super) id: u32,
    /// Number of its form.
    pub(super) form: u32,
    /// Characters.
    pub(super) length: u16,
    /// Brackets that it opens, less those that it closes.
    pub(super) brackets: i8,
    /// Whether it asks for another word.
    pub(super) is_open: bool,
    /// Whether it ends in a colon: a label of the rows below, where a line ends after it.
    pub(super) has_colon: bool,
}

/// The words of a stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    pub(super) words: Vec<Word>,
    /// Number of different texts and forms.
    pub(super) id_count: usize,
    pub(super) form_count: usize,
    /// How often each text and form stands in the stream.
    pub(super) id_counts: Vec<u32>,
    pub(super) form_counts: Vec<u32>,
    /// Whether lines of the print begin with the mark of a note, `(1)` or `(a)`.
    has_notes: bool,
}

impl Words {
    /// The words of the lines `lines` of a print, in order; `is_left_out` says which lines are no part of the stream.
    pub(super) fn new(
        print: &Print<'_>,
        lines: std::ops::Range<usize>,
        is_left_out: impl Fn(usize) -> bool,
    ) -> Self {
        let mut stream = Self::default();
        let mut ids: HashMap<&str, u32> = HashMap::new();
        let mut forms: HashMap<String, u32> = HashMap::new();
        let mut next_gap = Gap::Page;
        let mut page = None;
        let mut ends_blank = false;
        stream.has_notes = *print.has_notes.get_or_init(|| has_notes(print));
        for index in lines {
            let Some(line) = print.lines.get(index) else { break };
            if page.is_some_and(|page| page != line.line.page) {
                next_gap = Gap::Page;
            }
            page = Some(line.line.page);
            if is_left_out(index) || line.is_taken {
                next_gap = Gap::Page;
                continue;
            }
            if line.is_blank() {
                next_gap = if next_gap == Gap::Page { Gap::Page } else { Gap::Empty };
                continue;
            }
            let is_indented = line.body.start > line.line.span.start;
            let mut gap = match next_gap {
                Gap::Line if is_indented => Gap::Indented,
                Gap::Line if ends_blank => Gap::Trailing,
                other => other,
            };
            let mut end = line.body.start;
            for span in word_spans(print.text, line.body) {
                if end > line.body.start {
                    gap = if span.start - end == 1 && print.text.as_bytes().get(end) == Some(&b' ') {
                        Gap::Blank
                    } else {
                        Gap::Wide
                    };
                }
                end = span.end;
                let mut rest = span;
                while let Some(cut) = glued_at(rest.slice(print.text)) {
                    let first = Span::new(rest.start, rest.start + cut);
                    stream.push(first.slice(print.text), first, gap, &mut ids, &mut forms);
                    rest = Span::new(first.end, rest.end);
                    gap = Gap::Glued;
                }
                stream.push(rest.slice(print.text), rest, gap, &mut ids, &mut forms);
            }
            ends_blank = line.body.end < line.line.span.end;
            next_gap = Gap::Line;
        }
        stream.id_count = stream.id_counts.len();
        stream.form_count = stream.form_counts.len();
        stream
    }

    fn push<'t>(
        &mut self,
        text: &'t str,
        span: Span,
        gap: Gap,
        ids: &mut HashMap<&'t str, u32>,
        forms: &mut HashMap<String, u32>,
    ) {
        // `(1)` is a value as well as a mark; where notes are marked so it is a mark.
        let shape = if self.has_notes && is_note_mark(text) { Shape::Bracketed } else { shape_of(text) };
        let fresh = self.id_counts.len();
        let id = *ids.entry(text).or_insert_with(|| u32::try_from(fresh).unwrap_or(u32::MAX));
        count_up(&mut self.id_counts, id);
        let fresh = self.form_counts.len();
        let form = *forms.entry(form_of(text)).or_insert_with(|| u32::try_from(fresh).unwrap_or(u32::MAX));
        count_up(&mut self.form_counts, form);
        let length = u16::try_from(text.chars().count()).unwrap_or(u16::MAX);
        let brackets = text.bytes().fold(0_i8, |count, byte| match byte {
            b'(' | b'[' => count.saturating_add(1),
            b')' | b']' => count.saturating_sub(1),
            _ => count,
        });
        self.words.push(Word {
            span,
            gap,
            shape,
            id,
            form,
            length,
            brackets,
            is_open: is_open(text, shape),
            has_colon: text.ends_with(':'),
        });
    }

    /// Number of words.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }
}

/// `(1)` or `(a)`.
fn is_note_mark(word: &str) -> bool {
    matches!(word.as_bytes(), [b'(', mark, b')'] if mark.is_ascii_digit() || mark.is_ascii_lowercase())
}

/// Whether a line of the print is a note: a mark, and then a word.
fn has_notes(print: &Print<'_>) -> bool {
    print.lines.iter().any(|line| {
        let mut words = word_spans(print.text, line.body).map(|span| span.slice(print.text));
        print.text.as_bytes().get(line.body.start) == Some(&b'(')
            && words.next().is_some_and(is_note_mark)
            && words.next().is_some_and(|word| word.starts_with(char::is_alphabetic) && word.len() > 1)
    })
}

/// Where a word may be two that lost their blank: digits, and a capitalised word of three letters or more; two amounts.
fn glued_at(word: &str) -> Option<usize> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = word.get(digits..)?.chars();
    let is_word = rest.next().is_some_and(char::is_uppercase)
        && rest.next().is_some_and(char::is_lowercase)
        && rest.next().is_some_and(char::is_lowercase);
    if digits > 0 && is_word { Some(digits) } else { amounts_at(word) }
}

/// Where the second of two amounts begins in one word: at a currency after a digit, `12.5$2,615.5`, or after as many
/// decimals as the last one has, `148.217.3`.
fn amounts_at(word: &str) -> Option<usize> {
    let bytes = word.as_bytes();
    if !bytes.first().is_some_and(|first| first.is_ascii_digit() || *first == b'$') {
        return None;
    }
    if let Some(sign) = word.char_indices().skip(1).find(|(_, letter)| matches!(letter, '$' | '€' | '£')) {
        let follows_digit =
            sign.0.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        let has_more = word.get(sign.0..).is_some_and(|rest| rest.chars().nth(1).is_some());
        return Some(sign.0).filter(|_| follows_digit && has_more);
    }
    let is_amount = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'$');
    let (first, last) = (word.find('.')?, word.rfind('.')?);
    let decimals = word.len() - last - 1;
    let cut = first + 1 + decimals;
    let is_between = word.matches('.').count() == 2 && cut < last && decimals > 0;
    (is_between
        && bytes.iter().all(is_amount)
        && bytes.get(first + 1..cut)?.iter().all(u8::is_ascii_digit)
        && bytes.get(cut).is_some_and(u8::is_ascii_digit))
    .then_some(cut)
}

fn count_up(counts: &mut Vec<u32>, index: u32) {
    let index = index as usize;
    if index >= counts.len() {
        counts.resize(index + 1, 0);
    }
    if let Some(count) = counts.get_mut(index) {
        *count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_glued_words() {
        let text = "1Linz  a b\n c \nd\n\ne\x0cf US17\n";
        let print = Print::new(text, &[]);
        let words = Words::new(&print, 0..print.lines.len(), |_| false);
        let gaps: Vec<(&str, Gap)> =
            words.words.iter().map(|word| (word.span.slice(text), word.gap)).collect();
        let expected = [
            ("1", Gap::Page),
            ("Linz", Gap::Glued),
            ("a", Gap::Wide),
            ("b", Gap::Blank),
            ("c", Gap::Indented),
            ("d", Gap::Trailing),
            ("e", Gap::Empty),
            ("f", Gap::Page),
            ("US17", Gap::Blank),
        ];
        assert_eq!(gaps, expected);
    }

    #[test]
    fn glued_amounts() {
        for (word, cut) in [
            ("148.217.3", Some(5)),
            ("2,716.21,038.4", Some(7)),
            ("$20,714.8$—", Some(9)),
            ("$31,402.7$2,615.5", Some(9)),
            ("1Trieste", Some(1)),
            ("30.11.2019", None),
            ("05.12.19", None),
            ("US$5", None),
            ("12.5$", None),
            ("4.6.1.", None),
        ] {
            assert_eq!(glued_at(word), cut, "{word}");
        }
    }

    #[test]
    fn marks_of_notes_are_no_values() {
        let shapes = |text: &str| {
            let print = Print::new(text, &[]);
            let words = Words::new(&print, 0..1, |_| false);
            words.words.iter().map(|word| word.shape).collect::<Vec<_>>()
        };
        assert_eq!(shapes("Fees (1) 58")[1], Shape::Figure);
        assert_eq!(shapes("Fees (1) 58\n(1) As agreed.\n")[1], Shape::Bracketed);
    }
}
