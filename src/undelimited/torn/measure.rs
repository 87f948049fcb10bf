//! What a run of words costs as one cell of a column, in bits.
//!
//! `cell = fit under the column's type + breaks inside + what the cell's ends say + what the table taught`.
//! Fits are measured once for a run of words and kept; breaks inside are differences of prefix sums, so that a
//! cell costs O(1) after the first time.

use super::learn::Lexicon;
use crate::column::fit::fit;
use crate::column::model::ColumnModel;
use crate::schema::FieldKind;
use crate::text::value::read_day_month;
use crate::undelimited::words::{Break, Words};

/// Words of one cell at most; longer texts are prose.
pub(super) const MAX_CELL_WORDS: usize = 40;
/// Words of a number or date at most: `$ ( 1,234 ) *`, `3 March 1931, 0615 hrs`.
const MAX_TYPED_WORDS: usize = 6;

/// Bits of a break inside a cell of words, by kind of break.
const INSIDE_TEXT: [f32; Break::COUNT] = [0.1, 5.0, 2.0, 7.0, 40.0];
/// The same inside a number or a date.
const INSIDE_TYPED: [f32; Break::COUNT] = [0.5, 4.0, 4.0, 8.0, 40.0];
/// A line that ends although the next word would have fitted, to judge by its neighbour.
const ROOM_LEFT: f32 = 5.0;
/// A line that goes on in lower case, or after a hyphen or comma.
const GOES_ON: f32 = -1.5;
/// A line that goes on with a capital or a digit.
const STARTS_ANEW: f32 = 0.7;
const STARTS_WITH_FIGURE: f32 = 2.0;
/// A cell that starts in lower case, or whose words say that it goes on; by what stands between.
const STARTS_LOW: f32 = 2.5;
const CUT_PHRASE: f32 = 3.5;
/// A cell with one bracket of a pair.
const HALF_BRACKETS: f32 = 4.0;
/// How often a space stands between two cells: between numbers, between a number and a word, between words.
const SPACES_BETWEEN: [f32; 3] = [0.75, 0.15, 0.045];
/// A cell of words that starts with a number.
const FIGURE_FIRST: f32 = 1.2;
/// A number in a column of words: the schema calls a column so as soon as a tenth of its cells are none.
const FIGURE_AS_TEXT: f32 = 1.0;
/// A date without its year in a column of dates.
const DATE_WITHOUT_YEAR: f32 = 0.5;
/// A percentage in a column of numbers: margins and rates stand below the amounts that they are of.
const PERCENT_AS_NUMBER: f32 = 2.0;
/// What fits its column's type not at all: schemas are written from most of a column's cells.
const MISFIT: f32 = 10.0;
/// Running text as a cell.
const PROSE_CELL: f32 = 8.0;
/// A nil mark as one line of a cell of several.
const NIL_INSIDE: f32 = 6.0;
/// Brackets in a first column's place, a bare dash as a label.
const NIL_LABEL: f32 = 4.0;

/// A column as the search sees it.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) model: ColumnModel,
    /// Columns whose texts cost the same share one.
    pub(super) group: usize,
    /// Bits of a row without a cell here.
    pub(super) hole: f32,
    pub(super) is_titled: bool,
}

/// Bits of a row without a value of a required column: the schema may be wrong once in ten thousand.
pub(crate) const REQUIRED_HOLE: f32 = 14.0;
/// Bits of a row without a value of any other column.
pub(super) const OPEN_HOLE: f32 = 3.0;

impl Column {
    pub(super) fn all_of(models: Vec<ColumnModel>, is_titled: &[bool]) -> Vec<Self> {
        let mut columns: Vec<Self> = Vec::with_capacity(models.len());
        for (index, model) in models.into_iter().enumerate() {
            let like = columns.iter().find(|column| column.model.measures_like(&model));
            let group = like.map_or_else(
                || columns.iter().map(|column| column.group + 1).max().unwrap_or(0),
                |c| c.group,
            );
            let hole = if model.required { REQUIRED_HOLE } else { OPEN_HOLE };
            let is_titled = is_titled.get(index).copied().unwrap_or(false);
            columns.push(Self { model, group, hole, is_titled });
        }
        columns
    }

    fn is_text(&self) -> bool {
        self.model.kind == FieldKind::String
    }
}

/// What the moves charge for a boundary at a space; what the space itself says takes its place.
const SPACE_BOUNDARY: f32 = 4.0;
/// Breaks that the expectation is worth.
const BREAK_WEIGHT: f32 = 4.0;

/// Breaks of one kind, counted over a reading.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BreakCount {
    pub(super) inside: u32,
    pub(super) between: u32,
}

/// The kind of the space before word `index`: between numbers, between a number and a word, between words.
pub(super) fn space_kind(text: &str, words: &Words, index: usize) -> usize {
    let is_figure =
        |index: usize| words.words.get(index).is_some_and(|word| is_number(word.span.slice(text)));
    let is_digits = |index: usize| {
        words.words.get(index).is_some_and(|word| {
            let print = word.span.slice(text);
            is_number(print) && !is_nil(print)
        })
    };
    let Some(before) = index.checked_sub(1) else { return 2 };
    match (is_figure(before), is_figure(index)) {
        (true, true) if is_digits(before) && is_digits(index) => 0,
        (false, false) => 2,
        _ => 1,
    }
}

/// How often a line end stands inside a cell, and not between two.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineBreaks {
    inside: f32,
    /// How often a space stands between two cells, by [`space_kind`].
    spaces: [f32; 3],
}

impl LineBreaks {
    /// Where cells are printed apart by blank lines, a mere line end is inside one; where they are not, it is not.
    pub(super) fn expected(words: &Words) -> Self {
        let short = words.lines.iter().filter(|line| !line.is_prose);
        let breaks = short.filter_map(|line| words.words.get(line.first)).map(|word| word.before);
        let (mut blanks, mut all) = (0, 0);
        for before in breaks {
            blanks += u32::from(before >= Break::Blank);
            all += 1;
        }
        let share = blanks as f32 / all.max(1) as f32;
        Self { inside: 0.08 + 0.6 * share * share, spaces: SPACES_BETWEEN }
    }

    /// As counted over a reading, on top of what was expected.
    pub(super) fn learned(self, lines: BreakCount, spaces: &[BreakCount; 3]) -> Self {
        let share = |part: u32, count: BreakCount, prior: f32| {
            (part as f32 + BREAK_WEIGHT * prior) / ((count.inside + count.between) as f32 + BREAK_WEIGHT)
        };
        let mut learned = Self { inside: share(lines.inside, lines, self.inside), ..self };
        for (between, &count) in learned.spaces.iter_mut().zip(spaces) {
            *between = share(count.between, count, *between);
        }
        learned
    }

    /// Bits of a space inside a cell, and between two.
    fn space_bits(self, kind: usize) -> (f32, f32) {
        let between = self.spaces.get(kind).copied().unwrap_or(0.5);
        (-(1.0 - between).log2(), -between.log2())
    }

    fn line_bits(self) -> (f32, f32) {
        (-self.inside.log2(), -(1.0 - self.inside).log2())
    }
}

/// Measures runs of words as cells.
#[derive(Debug)]
pub(super) struct Measure<'a> {
    pub(super) text: &'a str,
    pub(super) words: &'a Words,
    pub(super) columns: &'a [Column],
    groups: usize,
    /// Fits by first word, length and group; NaN where not yet measured.
    fits: Vec<f32>,
    /// Bits of the breaks before words, summed from the start of the text.
    inside_text: Vec<f32>,
    inside_typed: Vec<f32>,
    /// Open brackets before each word, less closed ones.
    brackets: Vec<i32>,
    /// What a word says about a cell that starts with it.
    start: Vec<f32>,
    pub(super) lexicon: Option<Lexicon>,
}

impl<'a> Measure<'a> {
    pub(super) fn new(text: &'a str, words: &'a Words, columns: &'a [Column], breaks: LineBreaks) -> Self {
        let groups = columns.iter().map(|column| column.group + 1).max().unwrap_or(0);
        let count = words.words.len();
        let mut measure = Self {
            text,
            words,
            columns,
            groups,
            fits: vec![f32::NAN; count * MAX_CELL_WORDS * groups],
            inside_text: vec![0.0; count + 1],
            inside_typed: vec![0.0; count + 1],
            brackets: vec![0; count + 1],
            start: vec![0.0; count],
            lexicon: None,
        };
        let (line_inside, line_start) = breaks.line_bits();
        for index in 0..count {
            let (low, cut) = measure.start_of(index);
            let before = words.words[index].before;
            let (space_inside, space_start) = breaks.space_bits(space_kind(text, words, index));
            let wrap = if before == Break::Line { measure.wrap(index, low) } else { 0.0 };
            let inside = match before {
                Break::Space => space_inside,
                Break::Line => line_inside,
                _ => INSIDE_TEXT[before as usize],
            };
            measure.inside_text[index + 1] = measure.inside_text[index] + inside + wrap;
            measure.inside_typed[index + 1] = measure.inside_typed[index] + INSIDE_TYPED[before as usize];
            let print = words.words[index].span.slice(text);
            let opened = print.matches(['(', '[']).count() as i32;
            let closed = print.matches([')', ']']).count() as i32;
            measure.brackets[index + 1] = measure.brackets[index] + opened - closed;
            let weight = if before >= Break::Blank { 0.5 } else { 1.0 };
            measure.start[index] = if before == Break::Line { line_start } else { 0.0 };
            if before == Break::Space {
                measure.start[index] += space_start - SPACE_BOUNDARY;
            }
            measure.start[index] +=
                weight * (if low { STARTS_LOW } else { 0.0 } + if cut { CUT_PHRASE } else { 0.0 });
        }
        measure
    }

    fn is_number(&self, index: usize) -> bool {
        self.words.words.get(index).is_some_and(|word| is_number(word.span.slice(self.text)))
    }

    /// Whether the word starts in lower case, and whether the word before it wants to go on.
    fn start_of(&self, index: usize) -> (bool, bool) {
        let print = self.words.words[index].span.slice(self.text);
        let low = print.starts_with(char::is_lowercase);
        let Some(previous) = index.checked_sub(1).and_then(|before| self.words.words.get(before)) else {
            return (low, false);
        };
        if self.words.words[index].before == Break::Page {
            return (low, false);
        }
        let last = previous.span.slice(self.text);
        let cut = last.ends_with([',', '/', '&'])
            || (last.len() > 1 && last.ends_with('-') && last.starts_with(char::is_alphabetic))
            || matches!(
                last,
                "of" | "the" | "and" | "for" | "in" | "to" | "by" | "with" | "from" | "or" | "at" | "–"
            )
            || matches!(last, "de" | "la" | "von" | "van" | "St." | "$" | "€" | "£");
        (low, cut)
    }

    /// Bits of a line end before word `index` inside a cell of words.
    fn wrap(&self, index: usize, low: bool) -> f32 {
        let word = self.words.words[index];
        let (Some(line), Some(above)) = (
            self.words.lines.get(word.line),
            word.line.checked_sub(1).and_then(|above| self.words.lines.get(above)),
        ) else {
            return 0.0;
        };
        let first = word.span.slice(self.text).chars().count();
        let is_figure = self.is_number(index);
        let mut bits = if low {
            GOES_ON
        } else if is_figure {
            STARTS_WITH_FIGURE
        } else {
            STARTS_ANEW
        };
        if is_nil(self.words.joined(self.text, line.first, line.end).as_str())
            || is_nil(self.words.joined(self.text, above.first, above.end).as_str())
        {
            bits += NIL_INSIDE;
        }
        if above.width + 1 + first <= line.width {
            bits += ROOM_LEFT;
        }
        if self.start_of(index).1 {
            bits += GOES_ON;
        }
        bits
    }

    /// Bits of the words `first..end` as one cell of `column`; infinite where that cannot be.
    pub(super) fn cell(&mut self, first: usize, end: usize, column: usize) -> f32 {
        let Some(field) = self.columns.get(column) else { return f32::INFINITY };
        let count = end - first;
        let is_text = field.is_text();
        if count > if is_text { MAX_CELL_WORDS } else { MAX_TYPED_WORDS } {
            return f32::INFINITY;
        }
        let group = field.group;
        let inside = if is_text { &self.inside_text } else { &self.inside_typed };
        let mut bits = inside[end] - inside[first + 1] + self.start[first];
        if bits > 16.0 {
            return f32::INFINITY;
        }
        if self.brackets[end] != self.brackets[first] {
            bits += HALF_BRACKETS;
        }
        bits += self.fit(first, end, group, column);
        if is_text && count > 1 && self.is_number(first) {
            bits += FIGURE_FIRST;
        }
        if self.words.lines[self.words.words[end - 1].line].is_prose {
            bits += PROSE_CELL;
        }
        if let Some(lexicon) = &self.lexicon {
            bits += lexicon.bits(first, end, column);
            if is_text && self.words.words[first].line != self.words.words[end - 1].line {
                bits += lexicon.wraps(self.words, self.text, first, end, column);
            }
        }
        bits
    }

    fn fit(&mut self, first: usize, end: usize, group: usize, column: usize) -> f32 {
        let slot = (first * MAX_CELL_WORDS + (end - first - 1)) * self.groups + group;
        let known = self.fits.get(slot).copied().unwrap_or(f32::INFINITY);
        if !known.is_nan() {
            return known;
        }
        let joined = self.words.joined(self.text, first, end);
        let mut bits = type_bits(&joined, &self.columns[column].model);
        let is_dash = joined.chars().all(|c| matches!(c, '-' | '–' | '—' | '−'));
        if is_dash && column == 0 {
            bits += NIL_LABEL;
        }
        self.fits[slot] = bits;
        bits
    }
}

/// Bits of a text under its column's type. Schemas are written from most of a column's cells, so nothing is
/// impossible.
pub(crate) fn type_bits(text: &str, model: &ColumnModel) -> f32 {
    let bits = fit(text, model).bits;
    if model.kind == FieldKind::String && model.values.is_empty() && model.pattern.is_none() {
        bits.min(FIGURE_AS_TEXT)
    } else if model.is_numeric()
        && text.ends_with('%')
        && fit(text.trim_end_matches(['%', ' ']), model).bits < MISFIT
    {
        bits.min(PERCENT_AS_NUMBER)
    } else if model.kind == FieldKind::Date && !read_day_month(text).is_empty() {
        bits.min(DATE_WITHOUT_YEAR)
    } else {
        bits.min(MISFIT)
    }
}

fn is_nil(line: &str) -> bool {
    matches!(line, "-" | "–" | "—" | "−" | "N/A" | "n/a" | "N.A." | "Nil" | "nil" | "..")
}

/// Digits with signs and separators, a nil mark.
pub(crate) fn is_number(word: &str) -> bool {
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    let has_letter = word.chars().any(char::is_alphabetic);
    (has_digit && !has_letter) || is_nil(word)
}
