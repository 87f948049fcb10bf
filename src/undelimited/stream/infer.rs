//! Flattened tables of numbers without a schema: where they stand, and how many columns they have.
//!
//! A row of such a table ends in values: words that are numbers, dates or nil marks, a currency sign and its number
//! as one. Lines whose run of values is as long as their neighbours' form a *block*; other short lines between them
//! are group rows or the ends of labels, and one that is prose ends the block. The width is the most frequent number
//! of values, and one for the label where most lines have one; the stream reader does the rest. Prose, contents,
//! forms and axes of charts do not repeat a number of two values or more over [`LEAST_ROWS`] lines.
//!
//! What stands in no such block is looked at once more for labels with one value each. Contents and lists end in whole
//! numbers, so here a value must say what it is, by a percent sign, a currency or decimals, and nearly all of a block
//! must say the same ([`Measure`]).
//!
//! Lines without digits are passed over by their counts alone. Time linear in the text.

use std::ops::Range;

use smallvec::SmallVec;

use super::column::{Column, Kind};
use super::shape::{Shape, shape_of};
use crate::column::model::ColumnModel;
use crate::schema::FieldKind;
use crate::text::{Span, word_spans};
use crate::undelimited::print::{Print, PrintLine};

/// Rows with the block's number of values: three may be chance in a page of figures.
const LEAST_ROWS: usize = 4;
/// The same where each has many values, and for rows of one.
const LEAST_WIDE_ROWS: usize = 3;
const WIDE: usize = 3;
const LEAST_SINGLE_ROWS: usize = 5;
/// Share of the rows of one value whose values are of one measure.
const ONE_MEASURE: f32 = 0.8;
/// Words of a label before a single value at most.
const SINGLE_LABEL_WORDS: usize = 8;
/// Values of a row at least: single numbers at the ends of lines are contents, lists, wrapped prose.
const LEAST_VALUES: usize = 2;
/// Words of a label at most; longer ones are sentences that end in numbers.
const LABEL_WORDS: usize = 14;
/// Lines that are no rows, in a row, that a block may hold.
const OTHER_LINES: usize = 2;
/// Words of such a line at most.
const OTHER_WORDS: usize = 9;
/// Share of a block's rows that have its number of values.
const AGREEING: f32 = 0.5;
/// Share of the rows with a label that make a column of them.
const LABELLED: f32 = 0.3;

/// A block of lines that may be a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block {
    pub(super) lines: Range<usize>,
    /// Number of values of most rows.
    pub(super) values: usize,
    pub(super) has_labels: bool,
}

impl Block {
    /// The columns that it is read with.
    pub(super) fn columns(&self) -> Vec<Column> {
        let column = |kind: Kind, class: usize| Column {
            model: ColumnModel::of_kind(FieldKind::String, false),
            kind,
            class,
            required: kind == Kind::Text,
            values: Vec::new(),
        };
        let values = std::iter::repeat_with(|| column(Kind::Value, 1)).take(self.values);
        self.has_labels.then(|| column(Kind::Text, 0)).into_iter().chain(values).collect()
    }
}

/// What a line is to a block.
#[derive(Clone, Copy, Debug, PartialEq)]
enum LineSort {
    /// Ends in so many values, after so many words of a label.
    Row { values: usize, label: usize },
    /// Short, without values at its end.
    Short,
    /// Prose, or blank, or another's.
    End,
}

/// What a value says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Share,
    Money,
    Decimal,
}

/// The blocks of a print, in order; `is_free` says which lines are looked at.
pub(super) fn find_blocks(print: &Print<'_>, is_free: impl Fn(usize) -> bool) -> Vec<Block> {
    let mut blocks = find_with(print, &is_free, sort_of, block_of);
    let is_left = |line: usize| {
        let after = blocks.partition_point(|block| block.lines.end <= line);
        is_free(line) && blocks.get(after).is_none_or(|block| !block.lines.contains(&line))
    };
    let single = find_with(print, &is_left, single_sort_of, |rows| single_block_of(print, rows));
    blocks.extend(single);
    blocks.sort_by_key(|block| block.lines.start);
    blocks
}

/// A row of a block: its line, number of values, words of its label.
type Row = (usize, usize, usize);

fn find_with(
    print: &Print<'_>,
    is_free: &impl Fn(usize) -> bool,
    sort_of: impl Fn(&Print<'_>, &PrintLine) -> LineSort,
    block_of: impl Fn(&[Row]) -> Option<Block>,
) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut others = 0;
    for (index, line) in print.lines.iter().enumerate() {
        let sort = if is_free(index) { sort_of(print, line) } else { LineSort::End };
        match sort {
            LineSort::Row { values, label } => {
                rows.push((index, values, label));
                others = 0;
            }
            LineSort::Short if !rows.is_empty() && others < OTHER_LINES => others += 1,
            _ if line.is_blank() && !rows.is_empty() && others < OTHER_LINES => others += 1,
            _ => {
                blocks.extend(block_of(&rows));
                rows.clear();
                others = 0;
            }
        }
    }
    blocks.extend(block_of(&rows));
    blocks
}

/// What a line is to a block of single values.
fn single_sort_of(print: &Print<'_>, line: &PrintLine) -> LineSort {
    if line.is_taken || line.is_blank() || line.gaps > 1 || line.blanks as usize > SINGLE_LABEL_WORDS + 2 {
        return LineSort::End;
    }
    let words: Vec<&str> = word_spans(print.text, line.body).map(|span| span.slice(print.text)).collect();
    let Some((value, label)) = words.split_last() else { return LineSort::End };
    let label = match label.split_last() {
        // `$ 4.1`
        Some((sign, rest)) if shape_of(sign) == Shape::Sign => rest,
        _ => label,
    };
    let starts_with_word =
        label.first().is_some_and(|word| word.starts_with(char::is_alphabetic) || word.len() > 2);
    let has_values = label.iter().any(|word| measure_of(word).is_some());
    let stops = label.iter().filter(|word| shape_of(word) == Shape::Stop).count();
    if measure_of(value).is_some()
        && starts_with_word
        && !has_values
        && label.len() <= SINGLE_LABEL_WORDS
        && stops * 2 <= label.len()
    {
        LineSort::Row { values: 1, label: label.len() }
    } else {
        other_sort(print, line, words.len())
    }
}

/// What a word says that it measures; none for whole numbers, marks in brackets, and what is no value.
fn measure_of(word: &str) -> Option<Measure> {
    let starts = word.starts_with(|letter: char| letter.is_ascii_digit() || "-−–+$€£¥".contains(letter));
    if !starts || word.ends_with(['.', ',', ';', ':']) {
        return None;
    }
    match shape_of(word) {
        Shape::Percent => Some(Measure::Share),
        Shape::Figure if word.contains(['$', '€', '£', '¥']) => Some(Measure::Money),
        // One point, and no more: sections are numbered with several.
        Shape::Figure if word.matches('.').count() + word.matches(',').count() == 1 => Some(Measure::Decimal),
        _ => None,
    }
}

/// The block of rows of one value, if they are many, near one another, and measure one thing.
fn single_block_of(print: &Print<'_>, rows: &[Row]) -> Option<Block> {
    let (first, last) = (rows.first()?.0, rows.last()?.0);
    let measure = |line: usize| {
        let line = print.lines.get(line)?;
        measure_of(word_spans(print.text, line.body).last()?.slice(print.text))
    };
    let of = |wanted: Measure| rows.iter().filter(|row| measure(row.0) == Some(wanted)).count();
    let same = [Measure::Share, Measure::Money, Measure::Decimal].map(of).into_iter().max()?;
    let is_dense = (last + 1 - first) * 2 <= rows.len() * 3;
    let is_one = same as f32 >= ONE_MEASURE * rows.len() as f32;
    (rows.len() >= LEAST_SINGLE_ROWS && is_dense && is_one).then_some(Block {
        lines: first..last + 1,
        values: 1,
        has_labels: true,
    })
}

fn sort_of(print: &Print<'_>, line: &PrintLine) -> LineSort {
    if line.is_taken || line.is_blank() || line.gaps > 1 {
        return LineSort::End;
    }
    if line.digits == 0 && line.blanks as usize > OTHER_WORDS {
        return LineSort::End;
    }
    let is_value = |shape: &Shape| {
        matches!(
            shape,
            Shape::Integer | Shape::Year | Shape::Figure | Shape::Percent | Shape::Nil | Shape::Parted
        )
    };
    // From the end: prose has no values there, and its words need no shape.
    let body = line.body.slice(print.text);
    let (mut tail, mut values) = (0, 0);
    for shape in body.rsplit(char::is_whitespace).filter(|word| !word.is_empty()).map(shape_of) {
        if !is_value(&shape) && shape != Shape::Sign {
            break;
        }
        tail += 1;
        values += usize::from(is_value(&shape));
    }
    // How many words there are beyond so many tells nothing.
    let few_words = || word_spans(print.text, line.body).take(OTHER_WORDS + 1).count();
    if values < LEAST_VALUES {
        return other_sort(print, line, few_words());
    }
    let words: SmallVec<[Span; 32]> = word_spans(print.text, line.body).collect();
    let label = words.len() - tail;
    let is_stop = |word: &&Span| shape_of(word.slice(print.text)) == Shape::Stop;
    let stops = words.iter().take(label).filter(is_stop).count();
    if label <= LABEL_WORDS && stops * 2 <= label.max(1) {
        LineSort::Row { values, label }
    } else {
        other_sort(print, line, words.len())
    }
}

/// What a line that is no row is to a block.
fn other_sort(print: &Print<'_>, line: &PrintLine, words: usize) -> LineSort {
    let is_short = words <= OTHER_WORDS && !is_sentence_end(line.body.slice(print.text));
    if is_short { LineSort::Short } else { LineSort::End }
}

fn is_sentence_end(line: &str) -> bool {
    line.ends_with(['.', ';', '?', '!'])
}

/// The block of consecutive rows (line, values, words of the label), if they agree.
fn block_of(rows: &[Row]) -> Option<Block> {
    let most = rows.iter().map(|row| row.1).max()?;
    let mut counts = vec![0_usize; most + 1];
    for row in rows {
        counts[row.1] += 1;
    }
    // Of numbers equally frequent the larger: values are lost, not added.
    let (values, agreeing) =
        counts.iter().copied().enumerate().max_by_key(|(values, count)| (*count, *values))?;
    let labelled = rows.iter().filter(|row| row.1 == values && row.2 > 0).count();
    let least = if values >= WIDE { LEAST_WIDE_ROWS } else { LEAST_ROWS };
    if agreeing < least || (agreeing as f32) < AGREEING * rows.len() as f32 {
        return None;
    }
    let (first, last) = (rows.first()?.0, rows.last()?.0);
    let has_labels = labelled as f32 >= LABELLED * agreeing as f32;
    Some(Block { lines: first..last + 1, values, has_labels })
}

/// The words of the line above a block that are one for every column, or one for every column of values: its header.
pub(super) fn header_above(print: &Print<'_>, block: &Block) -> Option<Vec<(usize, Span)>> {
    let above = (0..block.lines.start)
        .rev()
        .find(|line| print.lines.get(*line).is_some_and(|line| !line.is_blank()))?;
    let line = print.lines.get(above)?;
    if above + 2 < block.lines.start || line.is_taken {
        return None;
    }
    let words: Vec<Span> = word_spans(print.text, line.body).collect();
    let width = block.values + usize::from(block.has_labels);
    let first = match words.len() {
        count if count == width => 0,
        count if count == block.values => width - count,
        _ => return None,
    };
    Some(words.into_iter().enumerate().map(|(index, span)| (first + index, span)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> Vec<Block> {
        find_blocks(&Print::new(text, &[]), |_| true)
    }

    #[test]
    fn rows_that_end_in_values() {
        let text = "Prose of the year that was.\n2018 2019\nRent 4 5\nHeating of all rooms 6 7\nTotal costs:\nWater – 9\nPower 3 4\nMore of this in our report of 2019, with notes.\n";
        let found = blocks(text);
        assert_eq!(found, [Block { lines: 1..7, values: 2, has_labels: true }]);
        assert_eq!(found[0].columns().len(), 3);
    }

    #[test]
    fn lists_and_axes_are_no_tables() {
        assert!(blocks("Introduction 5\nMethods 9\nResults 11\nDiscussion 20\nNotes 31\n").is_empty());
        assert!(blocks("0% 10% 20% 30%\n2010\n2020\n2030\n2040\n").is_empty());
        assert!(blocks("Call 555 1234 or write.\nIt was 4 5 6 that won.\n").is_empty());
    }

    #[test]
    fn labels_with_one_value_that_says_what_it_is() {
        let text = "Losses by region\nNorth 7.31\nHills & West 3.15\nEast of the\nriver 5.08\nSouth 20.86\nTotal 96.05\nSource: report of 2009.\n";
        assert_eq!(blocks(text), [Block { lines: 1..7, values: 1, has_labels: true }]);
        assert_eq!(blocks("Kites 29%\nEagles 34%\nOspreys 20%\nLoons 40%\nMinks 35%\n").len(), 1);
        // Few, or of no one measure, or far apart.
        assert!(blocks("North 7.31\nWest 3.15\nEast 5.08\n").is_empty());
        assert!(blocks("North 7.31\nWest 26%\nEast 5.08\nSouth $5\nTotal 3%\n").is_empty());
        assert!(blocks("Aims 1.1.2\nWork 1.1.3\nNotes 1.2.1\nEnd 1.2.4\nIndex 1.3.2\n").is_empty());
    }

    #[test]
    fn a_header_of_single_words() {
        let text = "City Q1 Q2\nLinz 4 5\nGraz 5 6\nWels 5 6\nEnns 5 5\n";
        let print = Print::new(text, &[]);
        let found = find_blocks(&print, |_| true);
        let header: Vec<usize> =
            header_above(&print, &found[0]).unwrap().into_iter().map(|(column, _)| column).collect();
        assert_eq!(header, [0, 1, 2]);
    }
}
