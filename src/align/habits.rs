//! The habits of a table, learned from its cells: decimals, separators, marks and the order of dates.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memchr_iter;

use super::layout::{GridColumn, Layout, OutColumn, SAMPLE_CELLS, amount_behind, column_cells};
use super::segment::{segment_choices, segment_run};
use crate::column::fit::{Fit, amount, day_stands_first, fit};
use crate::column::model::ColumnModel;
use crate::grid::Grid;
use crate::schema::FieldKind;
use crate::text::Span;
use crate::text::value::{Value, read_plain_number, scan_spans, scan_values};

/// Dates that are read to learn the order of day and month; where so many leave it open, more seldom settle it.
const DATE_CELLS: usize = 64;

/// So many dates settle the order of day and month.
const ENOUGH_DATES: usize = 16;

/// Cuts of a glued run this near the best one are as good while its columns' decimals are not known.
const NEAR_CUT: f32 = 4.0;

/// A number that costs less than this is whole as it stands: its thousands are separated as elsewhere.
const WHOLE: f32 = 3.0;

/// A column of fewer numbers has no habits of its own.
const FEW_CELLS: usize = 5;

impl Layout {
    /// Learns the habits of every column from its cells: printed decimals, separators, blanks.
    /// `counts` says how many cells of each grid column are filled, `blank_groups` what [`super::groups`] says of them.
    pub(crate) fn learn(
        &mut self,
        text: &str,
        grid: &Grid,
        header_rows: usize,
        counts: &[usize],
        blank_groups: f32,
    ) {
        let rows = grid.rows.len().saturating_sub(header_rows).max(1);
        for out in &mut self.outs {
            let filled = out.grid_column.and_then(|column| counts.get(column)).copied().unwrap_or(0);
            out.blank_rate = 1.0 - filled as f32 / rows as f32;
        }
        self.learn_decimal_char(text, grid, header_rows);
        let is_merged = |column: usize| self.grid.get(column).is_some_and(|held| held.outs.len() > 1);
        let is_grouped = prints_groups(text, grid, header_rows, &is_merged);
        self.outs.iter_mut().for_each(|out| out.model.is_grouped = is_grouped);
        self.blank_groups = blank_groups;
        self.learn_blank_groups(text, grid, header_rows);
        self.question_columns(text, grid, header_rows);
        self.learn_glue(text, grid, header_rows);
        self.learn_percents(text, grid, header_rows);
        self.learn_date_order(text, grid, header_rows);
        let scales: Vec<Vec<u8>> = (0..self.outs.len()).map(|_| Vec::new()).collect();
        let scales = (0..self.grid.len()).fold(scales, |mut scales, column| {
            self.collect_scales(
                text,
                column_cells(grid, header_rows, column).take(SAMPLE_CELLS),
                column,
                &mut scales,
            );
            scales
        });
        // A short column has the decimals of the whole table, where the table has one habit.
        let plain = |out: &OutColumn| out.model.is_numeric() && !out.model.percent;
        let merged: Vec<bool> = self
            .outs
            .iter()
            .map(|out| out.grid_column.is_some_and(|column| self.grid[column].outs.len() > 1))
            .collect();
        let all: Vec<u8> = self
            .outs
            .iter()
            .zip(&scales)
            .zip(&merged)
            .filter(|((out, _), is_merged)| plain(out) && !**is_merged)
            .flat_map(|((_, scales), _)| scales.iter().copied())
            .collect();
        let shared = common_scale(&all);
        self.scale = most_scale(&all);
        for (out, scales) in self.outs.iter_mut().zip(&scales).filter(|(out, _)| out.model.is_numeric()) {
            let own = common_scale(scales);
            // Whole numbers among amounts keep a habit of their own.
            let shared = shared.filter(|(scale, _)| *scale == 0 || out.model.kind != FieldKind::Integer);
            let shared = shared.filter(|_| !out.model.is_glued);
            let habit = match plain(out) {
                true if scales.len() < FEW_CELLS => shared.or(own),
                true => own.or(shared),
                false => own,
            };
            out.model.scale = habit.map(|(scale, _)| scale);
            out.model.scale_cells = habit.map_or(0, |(_, cells)| cells);
        }
    }

    /// The decimal character of the table, where its prints agree on one: `3,5` and `1.234.567` speak for the comma,
    /// `3.5` and `1,234,567` for the point, `1.234` and `1,234` for none.
    fn learn_decimal_char(&mut self, text: &str, grid: &Grid, header_rows: usize) {
        let (mut points, mut commas, mut threes) = (0usize, 0usize, 0usize);
        let numeric = self.outs.iter().filter(|out| out.model.is_numeric());
        for column in numeric.filter_map(|out| out.grid_column) {
            for cell in column_cells(grid, header_rows, column).take(SAMPLE_CELLS) {
                match decimal_vote(cell.slice(text)) {
                    Some('.') => points += 1,
                    Some(',') => commas += 1,
                    Some(_) => threes += 1,
                    None => {}
                }
            }
        }
        let learned = match (points, commas) {
            (0, 2..) if commas > threes * 2 => Some(','),
            (2.., 0) => Some('.'),
            _ => None,
        };
        self.outs.iter_mut().for_each(|out| out.model.decimal_char = out.model.decimal_char.or(learned));
    }

    /// Columns whose blanks separate thousands: where the table has the habit, and columns of several values whose
    /// last one always has three digits before its point behind a blank.
    fn learn_blank_groups(&mut self, text: &str, grid: &Grid, header_rows: usize) {
        for column in 0..self.grid.len() {
            let held = self.grid[column].outs.clone();
            if held.len() < 2 {
                let is_habit = self.blank_groups > 0.0;
                self.outs[held].iter_mut().for_each(|out| out.model.groups_by_blank = is_habit);
                continue;
            }
            let cells = column_cells(grid, header_rows, column).take(SAMPLE_CELLS);
            let (mut candidates, mut agreeing, mut is_crowded) = (0usize, 0usize, false);
            let fields = held.len();
            for cell in cells {
                let printed = cell.slice(text);
                is_crowded |= printed.split_whitespace().count() > fields;
                let tail = ends_in_blank_group(printed);
                candidates += usize::from(tail.is_some());
                agreeing += usize::from(tail == Some(true));
            }
            // Some cell has more parts than the column has fields, else its blanks part the fields.
            let is_habit =
                is_crowded && (self.blank_groups > 0.0 || candidates > 1 && agreeing * 10 >= candidates * 9);
            for out in &mut self.outs[held] {
                out.model.groups_by_blank = is_habit;
            }
        }
    }

    /// Questions the columns whose cells print alone does not part for certain: numbers among which several are glued
    /// together, words that mostly end in an amount which no column takes, and, where no schema names the fields,
    /// merged numbers with blanks that may as well part their thousands.
    fn question_columns(&mut self, text: &str, grid: &Grid, header_rows: usize) {
        for column in 0..self.grid.len() {
            let held = self.grid[column].outs.clone();
            let cells =
                || column_cells(grid, header_rows, column).take(SAMPLE_CELLS).map(|cell| cell.slice(text));
            let is_most = |part: usize| part > 1 && part * 2 >= cells().count();
            let outs = &self.outs[held.clone()];
            let is_open = match outs {
                [] => false,
                [out] if out.model.is_numeric() => is_most(cells().filter(|cell| is_glued_run(cell)).count()),
                [out] if out.model.kind == FieldKind::String => is_most(
                    column_cells(grid, header_rows, column)
                        .take(SAMPLE_CELLS)
                        .filter(|cell| {
                            amount_behind(text, *cell).is_some_and(|span| !span.slice(text).ends_with('%'))
                        })
                        .count(),
                ),
                [_] => false,
                several => {
                    several.iter().all(|out| out.field.is_none() && !out.model.groups_by_blank)
                        && is_most(cells().filter(|cell| may_group_by_blank(cell)).count())
                }
            };
            self.outs[held].iter_mut().for_each(|out| out.is_questioned = is_open);
        }
    }

    /// A column of numbers that prints some of them as percentages, a row of amounts over a row of their shares.
    fn learn_percents(&mut self, text: &str, grid: &Grid, header_rows: usize) {
        for out in &mut self.outs {
            let Some(column) = out.grid_column.filter(|_| out.model.is_numeric() && !out.model.percent)
            else {
                continue;
            };
            let percents = column_cells(grid, header_rows, column)
                .take(SAMPLE_CELLS)
                .filter(|cell| cell.slice(text).ends_with('%'))
                .count();
            out.model.mixes_percent = percents > 1;
        }
    }

    /// A column of two numbers without a blank in it, most of whose cells are no number as they stand: the two are
    /// glued together.
    fn learn_glue(&mut self, text: &str, grid: &Grid, header_rows: usize) {
        for column in 0..self.grid.len() {
            let held = self.grid[column].outs.clone();
            if held.len() != 2 || self.outs[held.clone()].iter().any(|out| !out.model.is_numeric()) {
                continue;
            }
            let fits_one = |cell: Span| {
                let printed = cell.slice(text);
                self.outs[held.clone()].iter().any(|out| {
                    let whole = fit(printed, &out.model);
                    whole.is_typed && whole.bits < WHOLE
                })
            };
            let (mut cells, mut whole) = (0usize, 0usize);
            for cell in column_cells(grid, header_rows, column).take(SAMPLE_CELLS) {
                if cell.slice(text).contains(char::is_whitespace) {
                    whole = usize::MAX;
                    break;
                }
                cells += 1;
                whole += usize::from(fits_one(cell));
            }
            let is_glued = cells > 1 && whole.saturating_mul(2) <= cells;
            self.outs[held].iter_mut().for_each(|out| out.model.is_glued = is_glued);
        }
    }

    /// Days above twelve tell which number of a date is the day, for all dates of the table.
    fn learn_date_order(&mut self, text: &str, grid: &Grid, header_rows: usize) {
        let (mut day_first, mut month_first) = (0usize, 0usize);
        for out in self.outs.iter().filter(|out| out.model.kind == FieldKind::Date) {
            let Some(column) = out.grid_column else { continue };
            let open = column_cells(grid, header_rows, column).filter(|cell| may_be_either(cell.slice(text)));
            for cell in open.take(DATE_CELLS) {
                if day_first + month_first >= ENOUGH_DATES {
                    break;
                }
                for segment in scan_values(cell.slice(text)) {
                    let dates = segment.readings.iter().filter_map(|reading| match reading.value {
                        Value::Date(date) if reading.bits < 6.0 => Some(date),
                        _ => None,
                    });
                    let orders: Vec<bool> = dates
                        .filter_map(|date| day_stands_first(date, segment.span.slice(cell.slice(text))))
                        .collect();
                    if let [order] = orders.as_slice() {
                        *if *order { &mut day_first } else { &mut month_first } += 1;
                    }
                }
            }
        }
        let order = match (day_first, month_first) {
            (0, 0) => None,
            (days, months) if days > months * 4 => Some(true),
            (days, months) if months > days * 4 => Some(false),
            _ => None,
        };
        for out in &mut self.outs {
            out.model.day_first = out.model.day_first.or(order);
        }
    }

    /// Adds the printed decimals of a grid column's cells to those of the columns that it holds.
    fn collect_scales(
        &self,
        text: &str,
        cells: impl Iterator<Item = Span>,
        column: usize,
        scales: &mut [Vec<u8>],
    ) {
        let held = &self.grid[column];
        let models: Vec<&ColumnModel> = self.outs[held.outs.clone()].iter().map(|out| &out.model).collect();
        if !models.iter().any(|model| model.is_numeric()) {
            return;
        }
        if models.iter().all(|model| model.is_glued) {
            return collect_glued_scales(text, cells, held, &models, scales);
        }
        for cell in cells {
            let printed = cell.slice(text);
            if let [model] = models.as_slice() {
                let whole = fit(printed, model);
                if whole.bits < 4.0 {
                    scales[held.outs.start].extend(scale_of(&whole));
                } else {
                    let segments = scan_spans(printed);
                    let fits = segments.iter().map(|segment| fit(segment.slice(printed), model));
                    scales[held.outs.start]
                        .extend(fits.filter(|fit| fit.bits < 4.0).filter_map(|fit| scale_of(&fit)));
                }
                continue;
            }
            let Some(cut) = segment_run(printed, &models, &held.bracketed) else { continue };
            for (piece, out) in cut.pieces.iter().zip(held.outs.clone()) {
                let fitting = piece.as_ref().filter(|(_, fit)| fit.bits < 4.0);
                scales[out].extend(fitting.and_then(|(_, fit)| scale_of(fit)));
            }
        }
    }
}

/// The printed decimals of glued numbers: a cut may fall in several places, and the decimals that fit nearly all
/// cells are the columns'.
fn collect_glued_scales(
    text: &str,
    cells: impl Iterator<Item = Span>,
    held: &GridColumn,
    models: &[&ColumnModel],
    scales: &mut [Vec<u8>],
) {
    let mut count = 0usize;
    let mut seen: Vec<BTreeMap<u8, usize>> = vec![BTreeMap::new(); models.len()];
    for cell in cells {
        count += 1;
        let ways = segment_choices(cell.slice(text), models, &held.bracketed);
        for (position, seen) in seen.iter_mut().enumerate() {
            let best = ways.first().map_or(0.0, |way| way.bits);
            let near = ways.iter().filter(|way| way.bits - best < NEAR_CUT);
            let found: BTreeSet<u8> =
                near.filter_map(|way| scale_of(&way.pieces.get(position)?.as_ref()?.1)).collect();
            found.into_iter().for_each(|scale| *seen.entry(scale).or_default() += 1);
        }
    }
    for (out, seen) in held.outs.clone().zip(&seen) {
        let most = seen.iter().max_by_key(|(scale, cells)| (**cells, u8::MAX - **scale));
        // Where other decimals fit as many cells the print does not say which are the column's.
        let is_lone = |cells: usize| seen.values().filter(|other| **other == cells).count() == 1;
        let settled = most.filter(|(_, cells)| **cells * 5 >= count * 4 && is_lone(**cells));
        if let Some((scale, cells)) = settled {
            scales[out].extend(std::iter::repeat_n(*scale, *cells));
        }
    }
}

/// Whether the first number of a date in a cell may be a day as well as a month; dates that start with their year are
/// neither.
fn may_be_either(cell: &str) -> bool {
    let opens_with_year =
        |word: &[u8]| word.first_chunk::<3>().is_some_and(|opening| opening.iter().all(u8::is_ascii_digit));
    let print = cell.as_bytes();
    if !opens_with_year(print) {
        return true;
    }
    // A date alone has so many bytes, and no blank.
    if print.len() == 10 && print.first_chunk::<10>().is_some_and(|date| !date.contains(&b' ')) {
        return false;
    }
    memchr_iter(b' ', print).any(|blank| !opens_with_year(print.get(blank + 1..).unwrap_or_default()))
}

/// The decimal character that a print of one number speaks for; a blank where a comma has three digits behind it, which
/// more likely separates thousands.
fn decimal_vote(print: &str) -> Option<char> {
    let is_around = |c: char| !c.is_ascii_digit();
    let body = print.trim_matches(is_around);
    let mut marks = body.char_indices().filter(|(_, character)| !character.is_ascii_digit());
    let (first_at, first) = marks.next().filter(|(_, mark)| matches!(mark, '.' | ','))?;
    let other = |mark: char| if mark == '.' { ',' } else { '.' };
    let (mut last_at, mut last, mut count) = (first_at, first, 1usize);
    for (at, mark) in marks {
        if !matches!(mark, '.' | ',') {
            return None;
        }
        (last_at, last, count) = (at, mark, count + 1);
    }
    let behind = body.len() - last_at - 1;
    match (count, first == last) {
        (1, _) if behind == 3 => (first == ',').then_some(' '),
        (1, _) => (behind < 3).then_some(first),
        // The same mark again separates thousands; another one behind it is the point.
        (_, true) => (behind == 3).then(|| other(first)),
        (_, false) => Some(last),
    }
}

/// Whether the body prints thousands separators: in nearly all cells that have four digits before the point.
/// Columns of several fields say nothing: glued numbers have digits enough.
fn prints_groups(text: &str, grid: &Grid, header_rows: usize, is_merged: &dyn Fn(usize) -> bool) -> bool {
    let (mut grouped, mut bare) = (0usize, 0usize);
    for row in header_rows..grid.rows.len().min(header_rows + SAMPLE_CELLS) {
        for (column, cell) in grid.row(row).iter().enumerate() {
            let printed = cell.slice(text);
            if is_merged(column)
                || printed.len() < 5
                || !printed.bytes().any(|byte| byte.is_ascii_digit())
                || read_plain_number(printed).is_none()
            {
                continue;
            }
            let whole = printed.split('.').next().unwrap_or_default();
            if whole.contains(',') {
                grouped += 1;
            } else if whole.bytes().filter(u8::is_ascii_digit).count() > 3 {
                bare += 1;
            }
        }
    }
    grouped > 2 && grouped > bare * 4
}

/// Whether the last number of a run has exactly three digits before its point, behind a blank and up to three
/// digits; `None` where nothing that may be the front of a number stands before it.
fn ends_in_blank_group(text: &str) -> Option<bool> {
    let (before, last) = text.trim_end().rsplit_once(' ')?;
    let front = before.rsplit(' ').next().unwrap_or(before);
    let front = front.trim_start_matches(['$', '(', '-']);
    let is_front = (1..=3).contains(&front.len()) && front.bytes().all(|byte| byte.is_ascii_digit());
    let whole = last.split('.').next().unwrap_or_default();
    (is_front && last.starts_with(|c: char| c.is_ascii_digit()))
        .then(|| whole.len() == 3 && whole.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A run without blanks of digits and their marks that is no number: several that were glued together.
fn is_glued_run(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let is_number = |print: &str| read_plain_number(print).is_some();
    // A digit more than a number has may be a footnote mark.
    let without_last = cell.char_indices().next_back().map_or("", |(last, _)| &cell[..last]);
    digits > 3
        && !cell.contains(|c: char| c.is_whitespace() || c.is_alphabetic())
        && !cell.ends_with([',', '.'])
        && !is_number(cell)
        && !is_number(without_last)
}

/// Whether some blank of a run stands between up to three digits and three more: it may part the thousands of a number.
fn may_group_by_blank(cell: &str) -> bool {
    let words: Vec<&str> = cell.split(' ').collect();
    words.windows(2).any(|pair| {
        let front = pair[0].trim_start_matches(['$', '(', '-', '€', '£']);
        let whole = pair[1].split('.').next().unwrap_or_default().trim_end_matches(')');
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        front.len() <= 3 && is_digits(front) && whole.len() == 3 && is_digits(whole)
    })
}

/// The printed decimals of a number; a bare zero has none of its own.
fn scale_of(fit: &Fit) -> Option<u8> {
    amount(fit).filter(|amount| !amount.is_zero() || amount.scale() > 0).map(|amount| amount.scale())
}

/// The decimals that at least four in five of three or more numbers have, and how many have them.
fn common_scale(scales: &[u8]) -> Option<(u8, u32)> {
    let (scale, count) = most_frequent(scales)?;
    (scales.len() >= 3 && count as usize * 5 >= scales.len() * 4).then_some((scale, count))
}

/// The decimals that three in five of five or more numbers have.
fn most_scale(scales: &[u8]) -> Option<u8> {
    let (scale, count) = most_frequent(scales)?;
    (scales.len() >= FEW_CELLS && count as usize * 5 >= scales.len() * 3).then_some(scale)
}

/// The most frequent decimals, the fewest of those that are as frequent, and how many numbers have them.
fn most_frequent(scales: &[u8]) -> Option<(u8, u32)> {
    let mut counts = [0u32; 29];
    for scale in scales {
        if let Some(count) = counts.get_mut(usize::from(*scale)) {
            *count += 1;
        }
    }
    let counted = (0..).zip(counts).filter(|(_, count)| *count > 0);
    counted.max_by_key(|(scale, count)| (*count, u8::MAX - scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_that_tell_the_decimal_character() {
        for (print, expected) in [
            ("3,0 %", Some(',')),
            ("1.234,56", Some(',')),
            ("1.234.567", Some(',')),
            ("-12.5", Some('.')),
            ("(1,234,567)", Some('.')),
            ("$1,234.50", Some('.')),
            ("1.234", None),
            ("1,234", Some(' ')),
            ("16,3801", None),
            ("1234", None),
            ("12 345,6", None),
        ] {
            assert_eq!(decimal_vote(print), expected, "{print}");
        }
    }
}
