//! What a cell looks like, and how alike two cells of one column look, in bits.

use crate::text::Span;
use crate::undelimited::words::Words;

/// The look of a cell, coarse enough that cells of one column mostly share it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    kind: Kind,
    /// Number of words, up to 15.
    words: u8,
    /// Digits before the point, for numbers.
    digits: u8,
    /// Runs of character classes of a single word, folded to a byte.
    print: u8,
    /// Brackets around a number, and a sign of currency.
    pub(super) is_bracketed: bool,
    pub(super) has_currency: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Unknown,
    Nil,
    Number,
    /// Digits and marks that are no number: scores, ranges, dates.
    Figure,
    Text,
    /// Letters and digits.
    Mixed,
}

/// Bits of a cell after one that looks the same; after one of the same kind; after one of another kind.
const SAME: f32 = 0.3;
const OTHER_TEXT: f32 = 0.8;
const OTHER_NUMBER: f32 = 2.0;
const OTHER_MIXED: f32 = 1.5;
const NUMBER_AND_TEXT: f32 = 5.0;
const MIXED_AND_OTHER: f32 = 2.5;
/// A nil mark in any column, and a first cell.
const NIL: f32 = 1.0;
/// Digits more or less, each.
const DIGIT: f32 = 0.5;

impl Shape {
    /// Bits of a cell of this shape under one of shape `above`, and beside `row`, the first number of its record.
    pub(super) fn bits_at(self, above: Shape, row: Option<RowMark>) -> f32 {
        use Kind::{Figure, Mixed, Nil, Number, Text, Unknown};
        let beside = row.map_or(0.0, |row| self.bits_beside(row));
        let under =
            match (above.kind, self.kind) {
                (Unknown | Nil, _) | (_, Nil | Unknown) => NIL,
                (Number, Number) => {
                    // Amounts of one record are of a size as often as amounts of one column.
                    let digits = above.digits.abs_diff(self.digits);
                    let digits = row.map_or(digits, |row| digits.min(row.digits.abs_diff(self.digits)));
                    DIGIT * f32::from(digits.min(4))
                        + if above.print == self.print { SAME } else { OTHER_NUMBER }
                }
                (Text, Text) => {
                    if above.words == self.words && above.print == self.print {
                        SAME
                    } else {
                        OTHER_TEXT
                    }
                }
                (Mixed, Mixed) | (Figure, Figure) => {
                    if above.print == self.print && above.words == self.words { SAME } else { OTHER_MIXED }
                }
                (Number | Figure, Text) | (Text, Number | Figure) => NUMBER_AND_TEXT,
                _ => MIXED_AND_OTHER,
            };
        under + beside
    }

    /// Brackets and currency signs go by records: losses are losses in every year, and signs stand in the first
    /// record and in totals.
    fn bits_beside(self, row: RowMark) -> f32 {
        if self.kind != Kind::Number {
            return 0.0;
        }
        let bracket = match (row.is_bracketed, self.is_bracketed) {
            (false, false) => 0.1,
            (true, true) => 0.5,
            (false, true) => 4.0,
            (true, false) => 2.0,
        };
        let currency = match (row.has_currency, self.has_currency) {
            (false, false) => 0.1,
            (true, true) => 0.3,
            (false, true) => 4.0,
            (true, false) => 2.5,
        };
        bracket + currency
    }

    /// The mark that a number leaves on its record.
    pub(super) fn mark(self, row: i16) -> Option<RowMark> {
        (self.kind == Kind::Number).then_some(RowMark {
            row,
            digits: self.digits,
            is_bracketed: self.is_bracketed,
            has_currency: self.has_currency,
        })
    }

    /// Whether it says anything of its column.
    pub(super) fn is_telling(self) -> bool {
        !matches!(self.kind, Kind::Nil | Kind::Unknown)
    }
}

/// What the first number of a record looks like.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowMark {
    row: i16,
    digits: u8,
    is_bracketed: bool,
    has_currency: bool,
}

/// The marks of the latest records, by record modulo their number.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowMarks([RowMark; MARKED_ROWS]);

/// Records whose marks are kept: torn columns wait for one another over a page at most.
const MARKED_ROWS: usize = 64;

impl Default for RowMarks {
    fn default() -> Self {
        Self([RowMark { row: -1, digits: 0, is_bracketed: false, has_currency: false }; MARKED_ROWS])
    }
}

impl RowMarks {
    /// The mark of record `row`.
    pub(super) fn get(&self, row: i16) -> Option<RowMark> {
        self.0.get(row.unsigned_abs() as usize % MARKED_ROWS).copied().filter(|mark| mark.row == row)
    }

    /// Keeps `mark` unless its record has one.
    pub(super) fn put(&mut self, mark: RowMark) {
        if self.get(mark.row).is_none()
            && let Some(slot) = self.0.get_mut(mark.row.unsigned_abs() as usize % MARKED_ROWS)
        {
            *slot = mark;
        }
    }
}

/// The looks of all words, and sums of them, so that the shape of a run takes constant time.
#[derive(Clone, Debug)]
pub(super) struct Shapes {
    singles: Vec<Shape>,
    numbers: Vec<u32>,
    texts: Vec<u32>,
    letters: Vec<u32>,
}

impl Shapes {
    pub(super) fn new(text: &str, words: &Words) -> Self {
        let singles: Vec<Shape> = words.words.iter().map(|word| shape_of_word(text, word.span)).collect();
        let sums = |is_counted: fn(&Shape) -> bool| {
            let mut sum = 0;
            let mut sums = vec![0];
            for single in &singles {
                sum += u32::from(is_counted(single));
                sums.push(sum);
            }
            sums
        };
        let numbers = sums(|single| single.kind == Kind::Number);
        let texts = sums(|single| single.kind == Kind::Text);
        let letters = sums(|single| matches!(single.kind, Kind::Text | Kind::Mixed));
        Self { singles, numbers, texts, letters }
    }

    /// The shape of the words `first..end` as one cell.
    pub(super) fn of(&self, first: usize, end: usize) -> Shape {
        if end == first + 1 {
            return self.singles.get(first).copied().unwrap_or_default();
        }
        let count = |sums: &[u32]| sums[end] - sums[first];
        let words = (end - first).min(15) as u8;
        let (numbers, texts, letters) = (count(&self.numbers), count(&self.texts), count(&self.letters));
        let first = self.singles[first];
        let last = self.singles[end - 1];
        if letters == 0 && numbers > 0 {
            // A currency sign or bracket apart from its number; several numbers look like nothing else.
            let has_currency = first.has_currency || last.has_currency;
            let number = if first.kind == Kind::Number { first } else { last };
            return if numbers == 1 {
                Shape { has_currency, ..number }
            } else {
                Shape { kind: Kind::Figure, words, print: 1, ..Shape::default() }
            };
        }
        if texts == letters && numbers == 0 && letters > 0 {
            return Shape { kind: Kind::Text, words: words.min(4), print: first.print, ..Shape::default() };
        }
        if texts > 0 && first.kind == Kind::Text && numbers <= 1 {
            return Shape { kind: Kind::Text, words: words.min(4), print: first.print, ..Shape::default() };
        }
        let kind = if letters == 0 { Kind::Figure } else { Kind::Mixed };
        Shape { kind, words, print: first.print.rotate_left(3) ^ last.print, ..Shape::default() }
    }
}

fn shape_of_word(text: &str, span: Span) -> Shape {
    let word = span.slice(text);
    let (mut digits, mut letters, mut whole) = (0_u32, 0_u32, 0_u8);
    let mut print = 0_u8;
    let mut last = 0;
    let mut in_whole = true;
    for letter in word.chars() {
        let class = match letter {
            '0'..='9' => 1,
            letter if letter.is_lowercase() => 2,
            letter if letter.is_alphabetic() => 3,
            '-' | '–' | '—' | '−' | '+' => 4,
            ',' => 5,
            '.' => 6,
            '(' | ')' | '[' | ']' => 7,
            '%' => 8,
            '$' | '€' | '£' => 9,
            _ => 10,
        };
        digits += u32::from(class == 1);
        letters += u32::from(class == 2 || class == 3);
        in_whole &= letter != '.';
        whole = whole.saturating_add(u8::from(class == 1 && in_whole));
        // Separators of thousands, signs and brackets come and go within a column of numbers.
        if class != last && !matches!(class, 5 | 7 | 9) && !(last == 5 && class == 1) {
            print = print.wrapping_mul(31).wrapping_add(class);
        }
        if !matches!(class, 5 | 7 | 9) {
            last = class;
        }
    }
    let lower = word.to_ascii_lowercase();
    let is_nil = matches!(lower.as_str(), "n/a" | "nil" | "none") || (digits == 0 && letters == 0);
    let kind = match (digits, letters) {
        _ if is_nil => Kind::Nil,
        (_, 0) if is_plain_number(word) => Kind::Number,
        (_, 0) => Kind::Figure,
        (0, _) => Kind::Text,
        _ => Kind::Mixed,
    };
    let is_bracketed = kind == Kind::Number && word.contains('(');
    let has_currency = word.contains(['$', '€', '£']);
    Shape { kind, words: 1, digits: whole, print, is_bracketed, has_currency }
}

/// Digits with at most one sign, point and bracket pair: `2-12` is a score and no number.
fn is_plain_number(word: &str) -> bool {
    let body = word.trim_start_matches(['(', '[', '-', '–', '—', '−', '+', '$', '€', '£', '~', '<', '>']);
    let body = body.trim_end_matches([')', ']', '%', '*', '+', '-']);
    let body = body.trim_end_matches([')', '%']);
    body.bytes().all(|byte| byte.is_ascii_digit() || byte == b',' || byte == b'.')
}
