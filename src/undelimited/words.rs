//! The words of a stretch of text and what is printed between them.

use crate::text::{Lines, Span};

/// What stands before a word, the stronger the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Break {
    /// One blank.
    Space,
    /// Several blanks, or a tab.
    Gap,
    /// The end of a line.
    Line,
    /// A blank line.
    Blank,
    /// The end of a page.
    Page,
}

impl Break {
    /// Number of kinds of breaks.
    pub(crate) const COUNT: usize = 5;
}

/// A run of characters without blanks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) span: Span,
    pub(crate) before: Break,
    /// Index of its line in [`Words::lines`].
    pub(crate) line: usize,
}

/// A line that is not blank.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WordLine {
    pub(crate) span: Span,
    /// Its first word, and the first of the next line.
    pub(crate) first: usize,
    pub(crate) end: usize,
    /// Width in characters.
    pub(crate) width: usize,
    /// Words that are numbers.
    pub(crate) numbers: usize,
    /// Whether it reads as running text, or as a caption.
    pub(crate) is_prose: bool,
}

/// The words of a stretch of text, line by line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    pub(crate) words: Vec<Word>,
    pub(crate) lines: Vec<WordLine>,
    /// Lines that belong to the page, not to the text.
    pub(crate) furniture: Vec<Span>,
}

impl Words {
    /// Reads the words of `span`; lines for which `is_furniture` holds are set aside.
    pub(crate) fn read(text: &str, span: Span, is_furniture: impl Fn(Span) -> bool) -> Self {
        let mut words = Self::default();
        let mut page = 1;
        let mut before = Break::Blank;
        for line in Lines::new(span.slice(text)) {
            let place = Span::new(line.span.start + span.start, line.span.end + span.start);
            if line.page != page {
                page = line.page;
                before = Break::Page;
            }
            let print = place.slice(text);
            if print.trim().is_empty() {
                before = before.max(Break::Blank);
                continue;
            }
            if is_furniture(place) {
                words.furniture.push(trimmed(text, place));
                before = before.max(Break::Blank);
                continue;
            }
            words.push_line(text, trimmed(text, place), before);
            before = Break::Line;
        }
        words.mark_prose(text);
        words
    }

    fn push_line(&mut self, text: &str, place: Span, mut before: Break) {
        let print = place.slice(text);
        let first = self.words.len();
        let mut at = 0;
        for piece in print.split(char::is_whitespace) {
            if piece.is_empty() {
                before = before.max(Break::Gap);
            } else {
                let start = place.start + at;
                let span = Span::new(start, start + piece.len());
                self.words.push(Word { span, before, line: self.lines.len() });
                before = Break::Space;
            }
            let after = print.get(at + piece.len()..).and_then(|rest| rest.chars().next());
            if after == Some('\t') {
                before = before.max(Break::Gap);
            }
            at += piece.len() + after.map_or(0, char::len_utf8);
        }
        let width = print.chars().count();
        let end = self.words.len();
        let is_number =
            |word: &&str| word.starts_with(|c: char| c.is_ascii_digit() || "$€£(+-–−".contains(c));
        let numbers = print.split_whitespace().filter(is_number).count();
        self.lines.push(WordLine { span: place, first, end, width, numbers, is_prose: false });
    }

    /// Marks the lines of paragraphs: long lines of words, and what goes on from them.
    fn mark_prose(&mut self, text: &str) {
        let mut goes_on = false;
        for index in 0..self.lines.len() {
            let line = self.lines[index];
            let print = line.span.slice(text);
            let before = self.words.get(line.first).map_or(Break::Blank, |word| word.before);
            let is_next = goes_on && before == Break::Line && !self.is_figures(text, index);
            let is_prose = is_running_text(print, line.end - line.first) || is_next || is_caption(print);
            self.lines[index].is_prose = is_prose;
            goes_on = is_prose && !is_caption(print) && !print.ends_with(['.', ':', '!', '?', ';']);
        }
        // The first line of a paragraph may be poor in small words.
        for index in (0..self.lines.len().saturating_sub(1)).rev() {
            let (line, next) = (self.lines[index], self.lines[index + 1]);
            let follows = self.words.get(next.first).is_some_and(|word| word.before == Break::Line);
            let is_long = line.end - line.first >= PROSE_WORDS && line.width + PROSE_SLACK >= next.width;
            if next.is_prose && follows && is_long {
                self.lines[index].is_prose = true;
            }
        }
        self.unmark_labels(text);
    }

    /// Whether all words of a line are numbers: a cell or several, and no part of a paragraph.
    fn is_figures(&self, text: &str, index: usize) -> bool {
        self.lines.get(index).is_some_and(|line| {
            let words = self.words.get(line.first..line.end).unwrap_or_default();
            words.iter().all(|word| is_figure(word.span.slice(text)))
        })
    }

    /// A long label has as many small words as running text. But it follows the cell before it and ends where its values
    /// begin, without the point of a sentence: a few lines of words right between lines of numbers are no paragraph.
    fn unmark_labels(&mut self, text: &str) {
        let mut first = 0;
        for index in 0..self.lines.len() {
            let line = self.lines[index];
            if !line.is_prose {
                first = index + 1;
                continue;
            }
            let print = line.span.slice(text);
            let is_label = index - first < LABEL_LINES
                && !print.ends_with(['.', ':', '!', '?', ';'])
                && first > 0
                && !is_caption(print)
                && self.is_figures(text, index + 1)
                && !self.is_year(text, index + 1);
            if is_label {
                self.lines[first..=index].iter_mut().for_each(|line| line.is_prose = false);
                first = index + 1;
            }
        }
    }

    /// Whether a line is a year alone: the header of a table rather than a value.
    fn is_year(&self, text: &str, index: usize) -> bool {
        self.lines.get(index).is_some_and(|line| {
            let print = line.span.slice(text);
            print.len() == 4 && (print.starts_with("19") || print.starts_with("20"))
        })
    }

    /// The text of the words `first..end`, joined by single blanks.
    pub(crate) fn joined(&self, text: &str, first: usize, end: usize) -> String {
        let mut joined = String::new();
        for word in self.words.get(first..end).unwrap_or_default() {
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined.push_str(word.span.slice(text));
        }
        joined
    }
}

/// A line of running text has so many words at least.
const PROSE_WORDS: usize = 8;
/// Lines of one paragraph differ in width by less than this.
const PROSE_SLACK: usize = 25;

/// Lines of the longest label.
const LABEL_LINES: usize = 3;

/// Digits with their marks, a nil mark, a sign apart from its number.
fn is_figure(word: &str) -> bool {
    !word.contains(char::is_alphabetic)
        && (word.len() < 4 || word.contains(|letter: char| letter.is_ascii_digit()))
}

/// Small words of running text; other languages are told by the share of words in lower case.
const SMALL_WORDS: [&str; 40] = [
    "the", "of", "and", "to", "in", "was", "is", "are", "were", "for", "by", "that", "as", "on", "with",
    "our", "or", "from", "a", "not", "be", "which", "we", "its", "this", "has", "have", "an", "at", "it",
    "their", "than", "these", "der", "die", "und", "les", "des", "dans", "el",
];

fn is_running_text(print: &str, count: usize) -> bool {
    if count < PROSE_WORDS {
        return false;
    }
    let small = print
        .split_whitespace()
        .filter(|word| {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            SMALL_WORDS.iter().any(|small| word.eq_ignore_ascii_case(small))
        })
        .count();
    let lower = print.split_whitespace().filter(|word| word.starts_with(char::is_lowercase)).count();
    let numbers =
        print.split_whitespace().filter(|word| word.starts_with(|c: char| c.is_ascii_digit())).count();
    small * 7 >= count && small >= 2 && lower * 2 >= count && numbers * 3 <= count
}

/// Words that open a caption, before its number.
const CAPTION_WORDS: [&str; 8] =
    ["table", "figure", "exhibit", "chart", "tabelle", "tableau", "tabla", "abbildung"];

/// `Table 5. Summary of the period`
fn is_caption(print: &str) -> bool {
    let mut words = print.split_whitespace();
    let (Some(word), Some(number)) = (words.next(), words.next()) else { return false };
    let number = number.trim_end_matches(['.', ':', ')']);
    CAPTION_WORDS.iter().any(|caption| word.eq_ignore_ascii_case(caption))
        && !number.is_empty()
        && number.len() <= 5
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-')
}

fn trimmed(text: &str, span: Span) -> Span {
    let print = span.slice(text);
    let start = span.start + (print.len() - print.trim_start().len());
    Span::new(start, start + print.trim().len())
}

/// Words of a cell in classes: lengths scatter more the longer they are.
pub(crate) fn length_class(count: usize) -> u32 {
    match count {
        0..=3 => count as u32,
        4..=5 => 4,
        6..=8 => 5,
        9..=14 => 6,
        _ => 7,
    }
}

/// The shape of a word: runs of digits, capitals, small letters and marks, at most six of them.
pub(crate) fn shape_of(word: &str) -> u32 {
    let mut shape = 0;
    let mut last = 0;
    let mut runs = 0;
    for letter in word.chars() {
        let class = match letter {
            '0'..='9' => 1,
            letter if letter.is_lowercase() => 2,
            letter if letter.is_alphabetic() => 3,
            '-' | '–' | '—' | '−' => 4,
            ',' | '.' => 5,
            '(' | ')' | '[' | ']' => 6,
            '%' => 7,
            '$' | '€' | '£' => 8,
            ':' | '/' => 9,
            _ => 10,
        };
        if class != last {
            shape = shape * 11 + class;
            runs += 1;
            last = class;
        }
        if runs == 6 {
            break;
        }
    }
    shape
}
