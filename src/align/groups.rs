//! Whether a table separates thousands by plain blanks: `12 345` as one number, or two numbers in one cell.
//!
//! The whole table testifies, in bits. Blanks as separators leave exactly three digits behind every blank, leading
//! zeros too, and up to three before the first. Without that habit the cells hold several values: rows were packed
//! or columns merged, and the digits behind a blank are as many as in the table's other numbers. Time O(cells), over
//! a bounded sample.

use crate::grid::Grid;
use crate::text::Span;

/// Numbers of so many groups or more count alike.
const MOST_PARTS: usize = 4;
/// Rows that are asked.
const SAMPLE_ROWS: usize = 96;
/// Blanks as separators: about one table in twenty among those with figures.
const HABIT: f32 = -4.3;
/// A row that is packed, and a column that holds two.
const PACKED_ROW: f32 = 6.0;
const MERGED_COLUMN: f32 = 8.0;
/// A number of its own that begins with a zero before other digits.
const LEADING_ZERO: f32 = 6.0;
/// A number beside them whose thousands are separated otherwise, or not at all.
const OTHER_HABIT: f32 = -5.0;
/// The values of a packed row are as many in every column, but where some were lost.
const SAME_COUNT: f32 = 0.8;
const OTHER_COUNT: f32 = 0.25;
/// A cell that no blanks as separators explain: its row is packed whatever the habit.
const SEVERAL_ANYHOW: f32 = -2.0;

/// Digits before the point of the pieces of one cell.
enum Figures {
    /// One number without a blank: its digits, and whether other characters separate its thousands.
    Single { digits: usize, is_separated: bool },
    /// Pieces that may be groups of one number: the digits of the first, the others' count, how many begin with 0.
    Groups { first: usize, others: usize, zeros: usize },
    /// Several numbers, whatever the habit.
    Several,
}

/// Bits by which blanks that separate thousands explain the body better than several values in a cell; 0 where
/// no cell asks.
pub(crate) fn blank_group_bits(text: &str, grid: &Grid, header_rows: usize) -> f32 {
    let rows = || header_rows..grid.rows.len().min(header_rows + SAMPLE_ROWS);
    let asks = |cell: &Span| matches!(read_figures(cell.slice(text)), Some(Figures::Groups { .. }));
    if !rows().any(|row| grid.row(row).iter().any(|cell| has_inner_blank(text, *cell) && asks(cell))) {
        return 0.0;
    }
    // Numbers by their digits: 1, 2, 3; longer ones speak for themselves.
    let mut lengths = [1.0_f32; 3];
    let mut columns = vec![false; grid.width];
    let (mut asking_rows, mut bits) = (0usize, HABIT);
    // Parts of the numbers of a row, one row after the other; and how many numbers of the table have 1, 2, ... parts.
    let mut grouped: Vec<(usize, usize)> = Vec::new();
    let mut rows_parts: Vec<Vec<usize>> = Vec::new();
    let mut parts = [1.0_f32; MOST_PARTS];
    for row in rows() {
        let mut is_asking = false;
        let mut row_parts = Vec::new();
        for (column, cell) in grid.row(row).iter().enumerate() {
            match read_figures(cell.slice(text)) {
                Some(Figures::Single { digits, is_separated }) => {
                    if is_separated || digits > 3 {
                        bits += OTHER_HABIT;
                    } else if let Some(count) = lengths.get_mut(digits.wrapping_sub(1)) {
                        *count += 1.0;
                        row_parts.push(1);
                    }
                }
                Some(Figures::Groups { first, others, zeros }) => {
                    is_asking = true;
                    columns[column] = true;
                    lengths[first - 1] += 1.0;
                    row_parts.push(others + 1);
                    bits += LEADING_ZERO * zeros as f32;
                    grouped.push((first, others));
                }
                Some(Figures::Several) => bits += SEVERAL_ANYHOW,
                None => {}
            }
        }
        row_parts.iter().for_each(|count| parts[count.min(&MOST_PARTS) - 1] += 1.0);
        asking_rows += usize::from(is_asking);
        if is_asking {
            rows_parts.push(row_parts);
        }
    }
    let all: f32 = lengths.iter().sum();
    let share = |digits: usize| lengths[digits - 1] / all;
    for (first, others) in grouped {
        // The first group of a number has one, two or three digits about equally often.
        bits += -(others as f32) * share(3).log2() + (1.0_f32 / 3.0).log2() - share(first).log2();
    }
    let all_parts: f32 = parts.iter().sum();
    for row in &rows_parts {
        let most = row.iter().copied().max().unwrap_or(1);
        // The first shows the number of records, which is as open as that of groups.
        let mut is_first = true;
        for &count in row {
            if count == most && is_first {
                is_first = false;
                continue;
            }
            let by_groups = parts[count.min(MOST_PARTS) - 1] / all_parts;
            bits += (by_groups / if count == most { SAME_COUNT } else { OTHER_COUNT }).log2();
        }
    }
    let columns = columns.iter().filter(|asks| **asks).count();
    bits + (PACKED_ROW * asking_rows as f32).min(MERGED_COLUMN * columns as f32)
}

/// The numbers of a packed cell whose thousands are separated by blanks: as few as there can be, or `records` where
/// only one cut gives so many. `None` where the cell is no such numbers.
pub(super) fn cut_grouped(text: &str, records: Option<usize>) -> Option<Vec<Span>> {
    let words = super::cut::words_of(text);
    let digits: Vec<Option<&str>> = words.iter().map(|word| whole_digits(word.slice(text))).collect();
    let can_go_on = |index: usize| {
        let is_open = |at: usize| {
            let word = words[at].slice(text);
            word.ends_with(|c: char| c.is_ascii_digit()) && !word.contains(['.', ','])
        };
        index > 0
            && is_open(index - 1)
            && digits[index - 1].is_some_and(|digits| digits.len() <= 3)
            && digits[index].is_some_and(|digits| digits.len() == 3)
            && words[index].slice(text).starts_with(|c: char| c.is_ascii_digit())
    };
    let joins: Vec<bool> = (0..words.len()).map(can_go_on).collect();
    let least = joins.iter().filter(|joins| !**joins).count();
    let is_forced =
        |index: usize| digits[index].is_some_and(|digits| digits.starts_with('0') && digits.len() > 1);
    let open: Vec<usize> = (0..words.len()).filter(|&index| joins[index] && !is_forced(index)).collect();
    let wanted = records.unwrap_or(least).saturating_sub(least);
    // One way only: no blank is a boundary beyond the least, or every open one is.
    let parts: &[usize] = match wanted {
        0 => &[],
        _ if wanted == open.len() => &open,
        _ => return None,
    };
    let mut pieces: Vec<Span> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        match pieces.last_mut() {
            Some(last) if joins[index] && !parts.contains(&index) => *last = last.cover(*word),
            _ => pieces.push(*word),
        }
    }
    (!pieces.is_empty()).then_some(pieces)
}

fn has_inner_blank(text: &str, cell: Span) -> bool {
    cell.slice(text).as_bytes().contains(&b' ')
}

/// Signs, brackets and currencies around a number do not count.
fn bare(print: &str) -> &str {
    let is_around = |c: char| {
        matches!(c, '(' | ')' | '-' | '–' | '−' | '+' | '$' | '€' | '£' | '¥' | '%' | '*')
            || c.is_whitespace()
    };
    print.trim_matches(is_around)
}

/// The digits before the point of one piece.
fn whole_digits(piece: &str) -> Option<&str> {
    let piece = bare(piece);
    let whole = piece.split(['.', ',']).next().unwrap_or_default();
    let rest = piece[whole.len()..].bytes();
    let is_number = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && rest.into_iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')))
        .then_some(whole)
}

fn read_figures(cell: &str) -> Option<Figures> {
    let body = bare(cell);
    if !body.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut pieces = body.split_ascii_whitespace();
    let head = pieces.next()?;
    let first = whole_digits(head)?;
    if head.len() == body.len() {
        let is_separated = {
            let groups: Vec<&str> = head.split([',', '\'']).collect();
            groups.len() > 1 && groups[1].split('.').next().is_some_and(|group| group.len() == 3)
        };
        // A lone group after a comma may be decimals as well; more than one may not.
        let is_year = first.len() == 4 && (first.starts_with("19") || first.starts_with("20"));
        return (!is_year).then_some(Figures::Single { digits: first.len(), is_separated });
    }
    let is_plain = |piece: &str| bare(piece) == piece && !piece.contains(['.', ',']);
    let mut is_groups = (1..=3).contains(&first.len()) && is_plain(head);
    let (mut others, mut zeros) = (0, 0);
    let mut is_ended = false;
    for piece in pieces {
        let digits = whole_digits(piece)?;
        is_groups &= !is_ended && digits.len() == 3 && bare(piece) == piece;
        is_ended = !is_plain(piece);
        zeros += usize::from(digits.starts_with('0'));
        others += 1;
    }
    Some(if is_groups { Figures::Groups { first: first.len(), others, zeros } } else { Figures::Several })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(rows: &[&[&str]]) -> f32 {
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.to_vec()).collect();
        let (text, grid) = Grid::from_cells(&rows);
        blank_group_bits(&text, &grid, 1)
    }

    #[test]
    fn a_table_of_grouped_amounts() {
        let found = bits(&[
            &["", "Q1", "Q2"],
            &["Freight revenue", "12 345", "13 002"],
            &["Charter revenue", "1 204", "998"],
            &["Fuel", "(4 100)", "(4 350)"],
        ]);
        assert!(found > 7.0, "{found}");
    }

    #[test]
    fn packed_rows_of_three_digits() {
        let found = bits(&[
            &["", "Q1", "Q2", "Q3"],
            &["North", "189", "201", "177"],
            &["South East West", "120 340 255", "150 410 260", "132 385 271"],
            &["Centre", "610", "605", "599"],
            &["Islands", "412", "398", "405"],
        ]);
        assert!(found < -3.0, "{found}");
    }

    #[test]
    fn packed_rows_among_commas() {
        let found = bits(&[
            &["", "Q1", "Q2"],
            &["North South", "1 204", "3 998"],
            &["West", "1,301", "2,100"],
            &["Total", "2,505", "7,098"],
        ]);
        assert!(found < -7.0, "{found}");
    }

    #[test]
    fn one_cell_decides_little() {
        let found = bits(&[&["", "Sum"], &["Assets", "12 345"]]);
        assert!(found.abs() < 7.0 && found != 0.0, "{found}");
        assert!(bits(&[&["", "Sum"], &["Assets", "12,345"]]) == 0.0);
    }

    #[test]
    fn cells_are_cut_where_one_cut_gives_the_records() {
        let cut = |text: &str, records| {
            cut_grouped(text, records)
                .map(|pieces| pieces.iter().map(|piece| piece.slice(text).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(cut("12 345 1 204", None), Some(vec!["12 345".into(), "1 204".into()]));
        assert_eq!(cut("998 1 310", Some(2)), Some(vec!["998".into(), "1 310".into()]));
        assert_eq!(cut("998 310", Some(2)), Some(vec!["998".into(), "310".into()]));
        assert_eq!(cut("12 345 678 910", Some(2)), None);
        assert_eq!(cut("12 045 678", Some(2)), Some(vec!["12 045".into(), "678".into()]));
        assert_eq!(cut("12.5 345", None), Some(vec!["12.5".into(), "345".into()]));
    }
}
