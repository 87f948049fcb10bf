//! From the cells of a reading to a set table: pieces, margins, left-overs.

use super::Reading;
use super::words::{Gap, Words};
use crate::text::Span;
use crate::undelimited::head::Head;
use crate::undelimited::print::Print;
use crate::undelimited::set::SetTable;

/// Bits by which a cell that was printed behind its table is sure: order and number are its only witnesses.
const LATE_MARGIN: f32 = 5.0;

/// Sets `reading` as a table of `width` columns, with `head` as its header row if it is printed before the rows.
pub(super) fn set_table(
    print: &Print<'_>,
    words: &Words,
    reading: &Reading,
    width: usize,
    head: Option<&Head>,
    lines_left_out: &[Span],
) -> SetTable {
    let mut table = SetTable::new(reading.form(words), width);
    let mut used = Vec::new();
    if let Some(head) = head {
        for field in 0..width {
            for piece in head.words_of(field) {
                table.push_piece(piece);
                used.push(piece);
            }
            table.close_cell(f32::INFINITY);
        }
        table.close_row(false);
        table.header_rows = 1;
    }
    let mut at = 0;
    for (index, row) in reading.cells.chunk_by(|_, next| !next.opens_row).enumerate() {
        let mut late = reading.late.iter().filter(|late| late.row == index).peekable();
        let mut close_empty = |table: &mut SetTable, used: &mut Vec<Span>, column: usize| {
            let late = late.next_if(|late| late.column == column);
            for piece in late.iter().flat_map(|late| pieces(words, late.start, late.end)) {
                table.push_piece(piece);
                used.push(piece);
            }
            table.close_cell(if late.is_some() { LATE_MARGIN } else { f32::INFINITY });
        };
        let mut column = 0;
        for cell in row {
            while column < usize::from(cell.column) {
                close_empty(&mut table, &mut used, column);
                column += 1;
            }
            for piece in pieces(words, cell.start as usize, cell.end as usize) {
                table.push_piece(piece);
                used.push(piece);
            }
            table.close_cell(reading.margins.get(at).copied().unwrap_or(0.0));
            column += 1;
            at += 1;
        }
        for column in column..width {
            close_empty(&mut table, &mut used, column);
        }
        let first = row.first().and_then(|cell| words.words.get(cell.start as usize));
        table.close_row(first.is_some_and(|word| matches!(word.gap, Gap::Empty | Gap::Page)));
    }
    let span = used.iter().copied().reduce(Span::cover).unwrap_or_default();
    let others = words.words.iter().map(|word| word.span).chain(lines_left_out.iter().copied());
    let head_words = head.into_iter().flat_map(|head| head.words.iter().map(|word| word.span));
    used.sort_unstable();
    let is_used = |span: Span| {
        let place = used.partition_point(|piece| piece.end <= span.start);
        used.get(place).is_some_and(|piece| piece.overlaps(span))
    };
    let mut left: Vec<Span> =
        others.chain(head_words).filter(|other| span.contains(*other) && !is_used(*other)).collect();
    left.sort_unstable();
    left.dedup();
    table.left_over = join_lines(print, left);
    table.span = span;
    table.gain = -reading.bits;
    table.notes.clone_from(&reading.notes);
    table
}

/// The runs of words of a cell that stand side by side on a line.
fn pieces(words: &Words, start: usize, end: usize) -> Vec<Span> {
    let mut pieces: Vec<Span> = Vec::new();
    for word in words.words.get(start..end).unwrap_or_default() {
        match pieces.last_mut() {
            Some(last) if !word.gap.is_line() => *last = last.cover(word.span),
            _ => pieces.push(word.span),
        }
    }
    pieces
}

/// Spans with nothing but blanks between them on one line become one.
fn join_lines(print: &Print<'_>, spans: Vec<Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last)
                if last.end <= span.start
                    && Span::new(last.end, span.start)
                        .slice(print.text)
                        .chars()
                        .all(|letter| matches!(letter, ' ' | '\t')) =>
            {
                *last = last.cover(span);
            }
            _ => joined.push(span),
        }
    }
    joined
}
