//! From a reading to the table as later stages take it: pieces, margins, header rows, left-overs.

use super::boxhead::phrases;
use super::doubts::{GLUED, SEVERAL, holds_several};
use super::gutters::Gutters;
use super::read::{Reading, Task};
use super::words::{Sheet, Word};
use crate::region::Form;
use crate::text::Span;
use crate::undelimited::doubts::blanks::{PRIMES, may_lack_blanks};
use crate::undelimited::set::SetTable;

impl Reading<'_> {
    /// The table as later stages take it.
    pub(super) fn set(&self, task: &Task<'_>) -> SetTable {
        let sheet = &task.sheet;
        let width = self.model.width();
        let mut table = SetTable::new(Form::Layout, width);
        table.gain = self.gain;
        for (page, places) in &self.places {
            table.notes.push(format!("page {}: {}", page, places.describe()));
        }
        for (page, bits, edges) in &self.rivals {
            table.notes.push(format!("page {page}: {bits:.1} bits dearer: cuts at {edges:?}"));
        }
        table.notes.push(format!("cells stand at the {:?} of rows of several lines", self.records.setting));
        for level in &self.levels {
            for cell in level {
                cell.iter().for_each(|span| table.push_piece(*span));
                table.close_cell(f32::INFINITY);
            }
            table.close_row(false);
            table.header_rows += 1;
        }
        self.set_header(task, &mut table);
        table.reserve(self.records.ranges.len());
        for (record, &(first, end)) in self.records.ranges.iter().enumerate() {
            for column in 0..width {
                self.set_cell(sheet, (record, first, end), column, &mut table);
            }
            let line = sheet.lines[task.body[self.first + first]];
            table.close_row(line.blanks > 0);
        }
        close_table(&mut table, task);
        table
    }

    /// The cell of a column in a record, which is a range of lines.
    fn set_cell(
        &self,
        sheet: &Sheet<'_>,
        (record, first, end): (usize, usize, usize),
        column: usize,
        table: &mut SetTable,
    ) {
        let mut own = self.records.margin(record, column);
        let (mut has_piece, mut may_lack, mut has_several) = (false, false, false);
        for line in first..end {
            let words = self.cells.words(sheet, line, column);
            own = own.min(self.cells.margin(line, column));
            let (Some(start), Some(last)) = (words.first(), words.last()) else { continue };
            own = own.min(self.members.get(line).copied().unwrap_or(f32::INFINITY));
            let whole = start.span.cover(last.span);
            let piece = whole.slice(sheet.text);
            // A word of its own never begins so: the line broke inside of one.
            if has_piece && piece.starts_with(PRIMES) {
                own = own.min(GLUED);
            }
            has_piece = true;
            may_lack |= may_lack_blanks(piece);
            has_several |= self.is_unknown && holds_several(words);
            push_words(table, sheet, words, whole);
        }
        if has_several {
            own = own.min(SEVERAL);
        }
        table.close_cell(if may_lack { own.min(GLUED) } else { own });
    }

    /// One header row: the header words above every column.
    fn set_header(&self, task: &Task<'_>, table: &mut SetTable) {
        let sheet = &task.sheet;
        let Some((_, places)) = self.places.first() else { return };
        let bands: Vec<(u32, u32)> = places.bands().collect();
        if task.head.is_empty() {
            return;
        }
        for (column, (_, to)) in bands.iter().enumerate() {
            let from = if column == 0 { 0 } else { bands[column - 1].1 };
            for &line in &task.head {
                for word in sheet.words_of(line) {
                    let middle = u32::midpoint(word.left, word.right);
                    if middle >= from && (middle < *to || column + 1 == bands.len()) {
                        table.push_piece(word.span);
                    }
                }
            }
            table.close_cell(f32::INFINITY);
        }
        table.close_row(false);
        table.header_rows = 1;
    }
}

/// Lines as they stand, a row each, with the header lines above.
pub(super) fn set_lines(task: &Task<'_>, lines: &[usize], gutters: &Gutters, gain: f32) -> SetTable {
    let sheet = &task.sheet;
    let mut table = SetTable::new(Form::Layout, gutters.width());
    table.gain = gain;
    table.header_rows = task.head.len();
    for &line in task.head.iter().chain(lines) {
        let mut cells: Vec<Vec<&[Word]>> = vec![Vec::new(); gutters.width()];
        for phrase in phrases(sheet.words_of(line)) {
            let (Some(first), Some(last)) = (phrase.first(), phrase.last()) else { continue };
            let overlap = |band: &[u32]| last.right.min(band[1]).saturating_sub(first.left.max(band[0]));
            // The first of equals.
            let best =
                gutters.edges.windows(2).map(overlap).enumerate().rev().max_by_key(|(_, overlap)| *overlap);
            cells[best.map_or(0, |(band, _)| band)].push(phrase);
        }
        for phrases in cells {
            for phrase in phrases {
                if let (Some(first), Some(last)) = (phrase.first(), phrase.last()) {
                    push_words(&mut table, sheet, phrase, first.span.cover(last.span));
                }
            }
            table.close_cell(f32::INFINITY);
        }
        table.close_row(sheet.lines[line].blanks > 0);
    }
    close_table(&mut table, task);
    table
}

/// Gives a table what is left over inside of it, and its span.
fn close_table(table: &mut SetTable, task: &Task<'_>) {
    let inside = table.hull();
    let others = task.left_over.iter().chain(&task.sheet.leaders).copied();
    table.left_over.extend(others.filter(|span| inside.contains(*span)));
    table.left_over.sort_unstable();
    table.span = table.hull();
}

/// Pushes the words of a fragment: as one piece where nothing but blanks stands between them.
fn push_words(table: &mut SetTable, sheet: &Sheet<'_>, words: &[Word], whole: Span) {
    if words.len() == 1 {
        table.push_piece(whole);
        return;
    }
    let printed: usize = words.iter().map(|word| word.span.len()).sum();
    let blanks = whole.slice(sheet.text).bytes().filter(|byte| matches!(byte, b' ')).count();
    let is_even = words.iter().skip(1).all(|word| word.gap == 1);
    if is_even && printed + blanks == whole.len() {
        table.push_piece(whole);
    } else {
        words.iter().for_each(|word| table.push_piece(word.span));
    }
}
