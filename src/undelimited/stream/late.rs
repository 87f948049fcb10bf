//! Cells that are printed after their table: some programs print every cell of one line first, and those that wrap when
//! the page is done, in the order of rows, between the paragraphs around the table.
//!
//! Then rows lack their labels, and behind the last value stand short *blocks* of two lines and more. Where there are as
//! many blocks that are neither prose nor words of the header as there are empty slots of required text columns, each
//! block belongs to its slot, in order. Any other count leaves them where they stand.

use super::column::{Column, Kind};
use super::costs::Cell;
use super::shape::Shape;
use super::words::{Gap, Word, Words};

/// A cell that stands behind the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LateCell {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Words of the longest cell that is printed late; longer blocks are paragraphs.
const LONGEST: usize = 24;
/// Share of the words of a block that are words of grammar, in prose.
const PROSE_SHARE: f32 = 0.3;
/// Characters of a line that no column is as wide as.
const WIDE_LINE: usize = 64;

/// Takes trailing rows without values off `cells` if late cells account for them, and tells where those belong;
/// `is_head` says which words are words of the header.
pub(super) fn find_late_cells(
    words: &Words,
    columns: &[Column],
    cells: &mut Vec<Cell>,
    is_head: impl Fn(usize) -> bool,
) -> Vec<LateCell> {
    let is_value =
        |cell: &Cell| columns.get(usize::from(cell.column)).is_some_and(|column| column.kind != Kind::Text);
    let Some(last_value) = cells.iter().rposition(is_value) else { return Vec::new() };
    // The row of the last value goes on to the next opening.
    let rest = cells.iter().skip(last_value + 1).position(|cell| cell.opens_row);
    let kept = rest.map_or(cells.len(), |rest| last_value + 1 + rest);
    let slots = empty_slots(columns, cells.get(..kept).unwrap_or_default());
    let start = kept.checked_sub(1).and_then(|last| cells.get(last)).map_or(0, |cell| cell.end as usize);
    if slots.is_empty() || start >= words.len() {
        return Vec::new();
    }
    let blocks = blocks_from(words, start);
    let late: Vec<(usize, usize)> =
        blocks.into_iter().filter(|(start, end)| is_late(words, *start, *end, &is_head)).collect();
    if late.len() != slots.len() {
        return Vec::new();
    }
    cells.truncate(kept);
    let pairs = slots.into_iter().zip(late);
    pairs.map(|((row, column), (start, end))| LateCell { row, column, start, end }).collect()
}

/// The empty slots of required text columns, in order of rows; none in rows that hold their label alone.
fn empty_slots(columns: &[Column], cells: &[Cell]) -> Vec<(usize, usize)> {
    let mut slots = Vec::new();
    for (row, printed) in cells.chunk_by(|_, next| !next.opens_row).enumerate() {
        if printed.len() == 1 && printed.first().is_some_and(|cell| cell.column == 0) {
            continue;
        }
        for (index, column) in columns.iter().enumerate() {
            let is_empty = !printed.iter().any(|cell| usize::from(cell.column) == index);
            if column.kind == Kind::Text && column.required && is_empty {
                slots.push((row, index));
            }
        }
    }
    slots
}

/// The blocks of lines from a word on. Where lines end in blanks, a line that does goes on in the next one; else a line
/// that begins with a capital opens a block, once the one before has two lines.
fn blocks_from(words: &Words, start: usize) -> Vec<(usize, usize)> {
    let lines: Vec<usize> = (start..words.len())
        .filter(|&at| words.words.get(at).is_some_and(|word| word.gap.is_line()))
        .collect();
    let has_cue = lines.iter().any(|&at| words.words.get(at).is_some_and(|word| word.gap == Gap::Trailing));
    let mut blocks: Vec<(usize, usize)> = Vec::new();
    let mut count = 0;
    for (index, &line) in lines.iter().enumerate() {
        let end = lines.get(index + 1).copied().unwrap_or(words.len());
        let Some(first) = words.words.get(line) else { continue };
        let opens = if has_cue {
            first.gap != Gap::Trailing
        } else {
            count > 1
                && matches!(
                    first.shape,
                    Shape::Capital | Shape::Upper | Shape::Mixed | Shape::Bracketed | Shape::Year
                )
        };
        match blocks.last_mut() {
            Some(block) if !opens => {
                block.1 = end;
                count += 1;
            }
            _ => {
                blocks.push((line, end));
                count = 1;
            }
        }
    }
    blocks
}

/// Whether a block may be a cell: lines enough, none wide, no sentence, no header.
fn is_late(words: &Words, start: usize, end: usize, is_head: &impl Fn(usize) -> bool) -> bool {
    let block = words.words.get(start..end).unwrap_or_default();
    let lines = block.iter().filter(|word| word.gap.is_line()).count();
    let stops = block.iter().filter(|word| word.shape == Shape::Stop).count();
    let heads = (start..end).filter(|word| is_head(*word)).count();
    let is_wide = block.chunk_by(|_, next| !next.gap.is_line()).any(|line| width_of(line) > WIDE_LINE);
    let is_prose = stops as f32 > PROSE_SHARE * block.len() as f32 && block.len() > LONGEST / 2;
    lines > 1 && block.len() <= LONGEST && !is_wide && !is_prose && heads * 2 < block.len()
}

fn width_of(line: &[Word]) -> usize {
    line.iter().map(|word| usize::from(word.length) + 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Constraints, Field, FieldKind, Schema};
    use crate::undelimited::print::Print;

    fn columns() -> Vec<Column> {
        let required = Constraints { required: true, ..Constraints::default() };
        let label = Field { constraints: required, ..Field::new("label") };
        let value = Field { kind: FieldKind::Number, ..Field::new("value") };
        super::super::column::columns_of(&Schema { fields: vec![label, value], ..Schema::default() })
    }

    fn cell(start: u32, end: u32, column: u16, opens_row: bool) -> Cell {
        Cell { start, end, column, opens_row }
    }

    #[test]
    fn blocks_go_to_empty_slots() {
        let text = "Fuel 3\n4\n5\nThis is the text after \nthe table of it all.\nCrews on shore \nand at sea\nOther costs \nof ships\n";
        let print = Print::new(text, &[]);
        let words = Words::new(&print, 0..print.lines.len(), |_| false);
        let mut cells =
            vec![cell(0, 1, 0, true), cell(1, 2, 1, false), cell(2, 3, 1, true), cell(3, 4, 1, true)];
        let late = find_late_cells(&words, &columns(), &mut cells, |_| false);
        let texts: Vec<(usize, String)> = late
            .iter()
            .map(|cell| {
                let span = words.words[cell.start].span.cover(words.words[cell.end - 1].span);
                (cell.row, span.slice(text).replace('\n', "|"))
            })
            .collect();
        assert_eq!(
            texts.len(),
            0,
            "the paragraph has no more words of grammar than a label: three blocks, two slots"
        );
        let late = find_late_cells(&words, &columns(), &mut cells, |word| word < 15);
        assert_eq!(late.iter().map(|cell| cell.row).collect::<Vec<_>>(), [1, 2]);
    }
}
