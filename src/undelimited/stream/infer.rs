//! Flattened tables of numbers without a schema: where they stand, and how many columns they have.
//!
//! A row of such a table ends in values: words that are numbers, dates or nil marks, a currency sign and its number
//! as one. Lines whose run of values is as long as their neighbours' form a *block*; other short lines between them
//! are group rows or the ends of labels, and one that is prose ends the block. The width is the most frequent number
//! of values, and one for the label where most lines have one; the stream reader does the rest. Prose, contents,
//! forms and axes of charts do not repeat a number of two values or more over [`LEAST_ROWS`] lines.
//!
//! Lines without digits are passed over by their counts alone. Time linear in the text.

use std::ops::Range;

use super::column::{Column, Kind};
use super::shape::{Shape, shape_of};
use crate::column::model::ColumnModel;
use crate::schema::FieldKind;
use crate::text::Span;
use crate::undelimited::head::word_spans;
use crate::undelimited::print::{Print, PrintLine};

/// Rows with the block's number of values: three may be chance in a page of figures.
const LEAST_ROWS: usize = 4;
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

/// The blocks of a print, in order; `is_free` says which lines are looked at.
pub(super) fn find_blocks(print: &Print<'_>, is_free: impl Fn(usize) -> bool) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rows: Vec<(usize, usize, usize)> = Vec::new();
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

fn sort_of(print: &Print<'_>, line: &PrintLine) -> LineSort {
    if line.is_taken || line.is_blank() || line.gaps > 1 {
        return LineSort::End;
    }
    if line.digits == 0 && line.blanks as usize > OTHER_WORDS {
        return LineSort::End;
    }
    let shapes: Vec<Shape> =
        word_spans(print.text, line.body).map(|span| shape_of(span.slice(print.text))).collect();
    let is_value = |shape: &Shape| {
        matches!(
            shape,
            Shape::Integer | Shape::Year | Shape::Figure | Shape::Percent | Shape::Nil | Shape::Parted
        )
    };
    let tail = shapes.iter().rev().take_while(|shape| is_value(shape) || **shape == Shape::Sign).count();
    let values = shapes.iter().rev().take(tail).filter(|shape| is_value(shape)).count();
    let label = shapes.len() - tail;
    let stops = shapes.iter().take(label).filter(|shape| **shape == Shape::Stop).count();
    if values >= LEAST_VALUES && label <= LABEL_WORDS && stops * 2 <= label.max(1) {
        LineSort::Row { values, label }
    } else if shapes.len() <= OTHER_WORDS && !is_sentence_end(line.body.slice(print.text)) {
        LineSort::Short
    } else {
        LineSort::End
    }
}

fn is_sentence_end(line: &str) -> bool {
    line.ends_with(['.', ';', '?', '!'])
}

/// The block of consecutive rows (line, values, words of the label), if they agree.
fn block_of(rows: &[(usize, usize, usize)]) -> Option<Block> {
    let most = rows.iter().map(|row| row.1).max()?;
    let mut counts = vec![0_usize; most + 1];
    for row in rows {
        counts[row.1] += 1;
    }
    // Of numbers equally frequent the larger: values are lost, not added.
    let (values, agreeing) =
        counts.iter().copied().enumerate().max_by_key(|(values, count)| (*count, *values))?;
    let labelled = rows.iter().filter(|row| row.1 == values && row.2 > 0).count();
    if agreeing < LEAST_ROWS || (agreeing as f32) < AGREEING * rows.len() as f32 {
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
    fn a_header_of_single_words() {
        let text = "City Q1 Q2\nLinz 4 5\nGraz 5 6\nWels 5 6\nEnns 5 5\n";
        let print = Print::new(text, &[]);
        let found = find_blocks(&print, |_| true);
        let header: Vec<usize> =
            header_above(&print, &found[0]).unwrap().into_iter().map(|(column, _)| column).collect();
        assert_eq!(header, [0, 1, 2]);
    }
}
