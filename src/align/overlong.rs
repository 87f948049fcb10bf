//! Rows with a cell too many: a number that was split over two cells at its separator, `2,` and `845.75`.
//!
//! The usual number of cells is that of most rows. A longer row whose surplus is exactly the number of neighbours
//! that are one number together has them joined; any other row stays as it is printed. Linear in the cells.

use std::collections::BTreeMap;

use crate::grid::Grid;
use crate::text::Span;
use crate::text::value::read_plain_number;

/// Second pieces of numbers that were split over two cells, by row and column of the first.
pub(crate) type Rests = BTreeMap<(usize, usize), Span>;

/// Joins the split numbers of rows that are too long; `None` where there are none.
pub(crate) fn rejoin_cells(text: &str, grid: &Grid, header_rows: usize) -> Option<(Grid, Rests)> {
    let usual = usual_width(grid, header_rows).filter(|usual| *usual < grid.width)?;
    let mut rests = Rests::new();
    for row in header_rows..grid.rows.len() {
        let cells = grid.row(row);
        let pairs: Vec<usize> =
            (1..cells.len()).filter(|right| is_split(text, cells[right - 1], cells[*right])).collect();
        if !pairs.is_empty() && cells.len() == usual + pairs.len() {
            // A piece that was joined moves the columns behind it one to the left.
            rests.extend(
                pairs.iter().enumerate().map(|(before, right)| ((row, right - 1 - before), cells[*right])),
            );
        }
    }
    (!rests.is_empty()).then(|| (without(grid, &rests), rests))
}

/// The number of cells that most rows have.
fn usual_width(grid: &Grid, header_rows: usize) -> Option<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    // Neighbours are mostly of one width.
    let body = grid.rows.get(header_rows..).unwrap_or_default();
    for alike in body.chunk_by(|one, other| one.count == other.count) {
        let width = alike.first().map_or(0, |row| row.count as usize);
        *counts.entry(width).or_default() += alike.len();
    }
    let (usual, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (count * 2 > grid.rows.len() - header_rows).then_some(usual)
}

/// Whether two neighbours are one number: the first ends in a separator, and the second is the rest.
fn is_split(text: &str, left: Span, right: Span) -> bool {
    let (front, rest) = (left.slice(text), right.slice(text));
    let dangles =
        front.strip_suffix([',', '.']).is_some_and(|body| body.ends_with(|c: char| c.is_ascii_digit()));
    dangles
        && rest.starts_with(|c: char| c.is_ascii_digit())
        && read_plain_number(&format!("{front}{rest}")).is_some()
}

/// The grid without the second pieces.
fn without(grid: &Grid, rests: &Rests) -> Grid {
    let mut joined = Grid { cells: Vec::with_capacity(grid.cells.len()), width: 0, ..grid.clone() };
    for row in 0..grid.rows.len() {
        let first = joined.cells.len();
        let dropped: Vec<Span> = rests.range((row, 0)..(row + 1, 0)).map(|(_, rest)| *rest).collect();
        joined.cells.extend(grid.row(row).iter().filter(|cell| cell.is_empty() || !dropped.contains(cell)));
        let count = joined.cells.len() - first;
        joined.width = joined.width.max(count);
        // No more cells than before, which an index could count.
        joined.rows[row].first = u32::try_from(first).unwrap_or(u32::MAX);
        joined.rows[row].count = u32::try_from(count).unwrap_or(0);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejoined(lines: &[&str]) -> Option<Vec<String>> {
        let rows: Vec<Vec<&str>> = lines.iter().map(|line| line.split('|').collect()).collect();
        let (text, grid) = Grid::from_cells(&rows);
        let (grid, rests) = rejoin_cells(&text, &grid, 1)?;
        let cell = |row: usize, column: usize| {
            let rest = rests.get(&(row, column)).map_or("", |rest| rest.slice(&text));
            format!("{}{rest}", grid.row(row)[column].slice(&text))
        };
        let line = |row: usize| (0..grid.row(row).len()).map(|column| cell(row, column)).collect::<Vec<_>>();
        Some((0..grid.rows.len()).map(|row| line(row).join("|")).collect())
    }

    #[test]
    fn numbers_split_over_two_cells_are_one_again() {
        let lines = ["a|b|c", "x|2,|845.75|7", "y|1|2", "z|3,|100|4.|25", "u|5|6", "v|8|9"];
        let whole = ["a|b|c", "x|2,845.75|7", "y|1|2", "z|3,100|4.25", "u|5|6", "v|8|9"];
        assert_eq!(rejoined(&lines).unwrap(), whole);
    }

    #[test]
    fn long_rows_that_are_not_explained_stay() {
        assert_eq!(rejoined(&["a|b", "x|2,|845.75|7", "y|1", "z|3"]), None);
        assert_eq!(rejoined(&["a|b", "x|12|7", "y|1", "z|3"]), None);
        assert_eq!(rejoined(&["a|b|c", "x|2,|845.75"]), None);
    }
}
