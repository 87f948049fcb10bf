//! Layout: the columns of the result, and which of them every grid column holds.

use std::collections::BTreeSet;
use std::ops::Range;

use super::binding::{Binding, ColumnBinding};
use super::boxhead::{Boxhead, CellClass, classify};
use super::segment::{ends_in_brackets, segment_run};
use crate::column::fit::{Fit, amount, day_stands_first, fit};
use crate::column::model::ColumnModel;
use crate::grid::Grid;
use crate::schema::check::Check;
use crate::schema::{FieldKind, Schema};
use crate::text::Span;
use crate::text::value::{Segment, Unit, Value, read_plain_number, read_values, scan_values};

/// Cells of a column that are read to learn its habits.
const SAMPLE_CELLS: usize = 48;

/// Dates that are read to learn the order of day and month; where so many leave it open, more seldom settle it.
const DATE_CELLS: usize = 64;
/// So many dates settle the order of day and month.
const ENOUGH_DATES: usize = 16;
/// A column of fewer numbers has no habits of its own.
const FEW_CELLS: usize = 5;

/// One column of the result.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutColumn {
    /// The schema's field.
    pub(crate) field: Option<usize>,
    /// The grid column that holds it, if any is printed.
    pub(crate) grid_column: Option<usize>,
    /// What its values look like.
    pub(crate) model: ColumnModel,
    /// Share of body rows without a print in this column, 0 to 1.
    pub(crate) blank_rate: f32,
}

/// What a grid column holds: a run of the result's columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct GridColumn {
    pub(crate) outs: Range<usize>,
    pub(crate) bracketed: Vec<bool>,
}

/// The columns of a result over the columns of its grid.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) outs: Vec<OutColumn>,
    pub(crate) grid: Vec<GridColumn>,
}

impl Layout {
    /// All fields of the schema in order, and the printed columns that it does not know: each behind the field
    /// of the column to its left.
    pub(crate) fn of_schema(
        grid: &Grid,
        head: &Boxhead,
        binding: &Binding,
        schema: &Schema,
        filled: &[bool],
    ) -> Self {
        let mut layout = Self { outs: Vec::new(), grid: vec![GridColumn::default(); grid.width] };
        // For every field: the grid column that holds it.
        let mut holder: Vec<Option<usize>> = vec![None; schema.fields.len()];
        // Unknown columns by the number of fields that stand before them.
        let mut unknown: Vec<(usize, usize)> = Vec::new();
        let mut before = 0;
        for (column, ColumnBinding { first, count, .. }) in binding.columns.iter().enumerate() {
            if *count == 0 {
                let has_header = head.columns.get(column).is_some_and(|head| head.leaf().is_some());
                if has_header || filled.get(column).copied().unwrap_or(false) {
                    unknown.push((before, column));
                }
                continue;
            }
            before = first + count;
            holder[*first..before].fill(Some(column));
        }
        let used: BTreeSet<usize> = schema.checks.iter().flat_map(Check::fields).collect();
        let holders = holder.into_iter().map(Some).chain([None]);
        for (field, held_by) in holders.enumerate() {
            for &(_, column) in unknown.iter().filter(|(place, _)| *place == field) {
                layout.grid[column] =
                    GridColumn { outs: layout.outs.len()..layout.outs.len() + 1, bracketed: vec![false] };
                layout.outs.push(OutColumn { grid_column: Some(column), ..OutColumn::default() });
            }
            let (Some(known), Some(held_by)) = (schema.fields.get(field), held_by) else { break };
            // A field that neither print nor checks know of needs no column.
            let is_wanted = held_by.is_some() || known.constraints.required || used.contains(&field);
            if !is_wanted {
                continue;
            }
            if let Some(column) = held_by {
                let held = &mut layout.grid[column];
                if held.outs.is_empty() {
                    held.outs = layout.outs.len()..layout.outs.len();
                    held.bracketed.clone_from(&binding.columns[column].bracketed);
                }
                held.outs.end = layout.outs.len() + 1;
            }
            layout.outs.push(OutColumn {
                field: Some(field),
                grid_column: held_by,
                model: ColumnModel::of_field(known, schema),
                blank_rate: 0.0,
            });
        }
        layout
    }

    /// One column of the result for every grid column, typed by its cells; several where nearly every cell of a
    /// grid column holds the same number of values.
    pub(crate) fn without_schema(text: &str, grid: &Grid, header_rows: usize) -> Self {
        let mut layout = Self::default();
        let sampled = |column: usize| column_cells(grid, header_rows, column).take(SAMPLE_CELLS);
        let closed =
            |column: usize| sampled(column).filter(|cell| ends_in_brackets(cell.slice(text))).count();
        let mut counts: Vec<usize> =
            (0..grid.width).map(|column| values_in_each(text, sampled(column))).collect();
        // Where several columns all hold the same number of like values, rows were packed and no columns merged.
        let is_plain = |column: usize| counts[column] > 1 && closed(column) == 0;
        let plain: Vec<usize> = (0..grid.width).filter(|column| is_plain(*column)).collect();
        if plain.len() > 1 && plain.iter().all(|column| counts[*column] == counts[plain[0]]) {
            plain.iter().for_each(|column| counts[*column] = 1);
        }
        for (column, count) in counts.into_iter().enumerate() {
            let start = layout.outs.len();
            let cells = || sampled(column);
            for position in 0..count {
                let parts = cells().filter_map(|cell| match count {
                    1 => Some(cell),
                    _ => scan_values(cell.slice(text))
                        .get(position)
                        .map(|segment| segment.span.shifted(cell.start)),
                });
                let model = infer_model(text, parts, column == 0);
                layout.outs.push(OutColumn { grid_column: Some(column), model, ..OutColumn::default() });
            }
            let mut bracketed = vec![false; count];
            bracketed[count - 1] = count > 1 && closed(column) * 5 >= cells().count() * 4;
            layout.grid.push(GridColumn { outs: start..start + count, bracketed });
        }
        layout
    }

    /// Learns the habits of every column from its cells: printed decimals, separators, blanks.
    pub(crate) fn learn(&mut self, text: &str, grid: &Grid, header_rows: usize) {
        let rows = grid.rows.len().saturating_sub(header_rows).max(1);
        for out in &mut self.outs {
            let filled = out.grid_column.map_or(0, |column| column_cells(grid, header_rows, column).count());
            out.blank_rate = 1.0 - filled as f32 / rows as f32;
        }
        let is_grouped = prints_groups(text, grid, header_rows);
        self.outs.iter_mut().for_each(|out| out.model.is_grouped = is_grouped);
        self.learn_blank_groups(text, grid, header_rows);
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
        for (out, scales) in self.outs.iter_mut().zip(&scales).filter(|(out, _)| out.model.is_numeric()) {
            let own = common_scale(scales);
            let habit = match plain(out) {
                true if scales.len() < FEW_CELLS => shared.or(own),
                true => own.or(shared),
                false => own,
            };
            out.model.scale = habit.map(|(scale, _)| scale);
            out.model.scale_cells = habit.map_or(0, |(_, cells)| cells);
        }
    }

    /// A column of several values whose last one always has three digits before its point behind a blank: blanks
    /// separate its thousands.
    fn learn_blank_groups(&mut self, text: &str, grid: &Grid, header_rows: usize) {
        for column in 0..self.grid.len() {
            let held = self.grid[column].outs.clone();
            if held.len() < 2 {
                continue;
            }
            let cells = column_cells(grid, header_rows, column).take(SAMPLE_CELLS);
            let tails: Vec<bool> = cells.filter_map(|cell| ends_in_blank_group(cell.slice(text))).collect();
            let agreeing = tails.iter().filter(|tail| **tail).count();
            let is_habit = tails.len() >= FEW_CELLS && agreeing * 10 >= tails.len() * 9;
            for out in &mut self.outs[held] {
                out.model.groups_by_blank = is_habit;
            }
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
        for cell in cells {
            let printed = cell.slice(text);
            if let [model] = models.as_slice() {
                let whole = fit(printed, model);
                if whole.bits < 4.0 {
                    scales[held.outs.start].extend(scale_of(&whole));
                } else {
                    let segments = scan_values(printed);
                    let fits = segments.iter().map(|segment| fit(segment.span.slice(printed), model));
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

    /// The result's columns that grid column `column` holds.
    pub(crate) fn outs_of(&self, column: usize) -> Range<usize> {
        self.grid.get(column).map_or(0..0, |held| held.outs.clone())
    }
}

/// Whether the first number of a cell may be a day as well as a month; one date that starts with its year is neither.
fn may_be_either(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits < 3 || bytes.contains(&b' ')
}

/// The filled body cells of one grid column.
fn column_cells(grid: &Grid, header_rows: usize, column: usize) -> impl Iterator<Item = Span> + '_ {
    (header_rows..grid.rows.len())
        .filter_map(move |row| grid.row(row).get(column).copied().filter(|cell| !cell.is_empty()))
}

/// Whether the body prints thousands separators: in nearly all cells that have four digits before the point.
fn prints_groups(text: &str, grid: &Grid, header_rows: usize) -> bool {
    let (mut grouped, mut bare) = (0usize, 0usize);
    for row in header_rows..grid.rows.len().min(header_rows + SAMPLE_CELLS) {
        for cell in grid.row(row) {
            let printed = cell.slice(text);
            if printed.len() < 5
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

/// Whether the last number of a run has exactly three digits before its point, behind a blank and digits; `None`
/// where no blank stands between digits.
fn ends_in_blank_group(text: &str) -> Option<bool> {
    let (before, last) = text.trim_end().rsplit_once(' ')?;
    let is_digits =
        before.ends_with(|c: char| c.is_ascii_digit()) && last.starts_with(|c: char| c.is_ascii_digit());
    let whole = last.split('.').next().unwrap_or_default();
    is_digits.then(|| whole.len() == 3 && whole.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The printed decimals of a number; a bare zero has none of its own.
fn scale_of(fit: &Fit) -> Option<u8> {
    amount(fit).filter(|amount| !amount.is_zero() || amount.scale() > 0).map(|amount| amount.scale())
}

/// The decimals that at least four in five of three or more numbers have, and how many have them.
fn common_scale(scales: &[u8]) -> Option<(u8, u32)> {
    let mut counts: [u32; 29] = [0; 29];
    for scale in scales {
        if let Some(count) = counts.get_mut(usize::from(*scale)) {
            *count += 1;
        }
    }
    let (scale, count) =
        counts.iter().copied().enumerate().max_by_key(|(scale, count)| (*count, usize::MAX - scale))?;
    let enough = scales.len() >= 3 && count as usize * 5 >= scales.len() * 4;
    enough.then_some((u8::try_from(scale).ok()?, count))
}

/// The number of values that nearly every cell of a column holds: 1, but for columns that were merged.
fn values_in_each(text: &str, cells: impl Iterator<Item = Span>) -> usize {
    let (mut filled, mut counts) = (0usize, [0usize; 5]);
    for cell in cells {
        filled += 1;
        let segments = scan_values(cell.slice(text));
        let is_value = |segment: &Segment| {
            segment
                .readings
                .iter()
                .any(|reading| reading.bits < 6.0 && matches!(reading.value, Value::Number(_) | Value::Nil))
        };
        if let Some(count) = counts.get_mut(segments.len()).filter(|_| segments.iter().all(is_value)) {
            *count += 1;
        }
    }
    (2..counts.len()).find(|&count| filled >= 3 && counts[count] * 4 >= filled * 3).unwrap_or(1)
}

/// The type that most cells of a column share.
fn infer_model(text: &str, cells: impl Iterator<Item = Span>, is_stub: bool) -> ColumnModel {
    let (mut count, mut numbers, mut percents, mut dates, mut fractions) =
        (0usize, 0usize, 0usize, 0usize, 0usize);
    for cell in cells {
        let printed = cell.slice(text);
        // A number that broke off at a separator is one still.
        let whole =
            printed.strip_suffix([',', '.']).filter(|rest| rest.ends_with(|c: char| c.is_ascii_digit()));
        match classify(whole.filter(|_| !is_stub).unwrap_or(printed)) {
            CellClass::Nil | CellClass::Empty => continue,
            CellClass::Numeric | CellClass::Year => {
                numbers += 1;
                let readings = read_values(printed);
                let number = readings.iter().find_map(|reading| match reading.value {
                    Value::Number(number) if reading.bits < 6.0 => Some(number),
                    _ => None,
                });
                percents += usize::from(number.is_some_and(|number| number.unit == Unit::Percent));
                fractions += usize::from(number.is_none_or(|number| number.amount.scale() > 0));
            }
            CellClass::Date => dates += 1,
            CellClass::Ordinal if !is_stub => numbers += 1,
            CellClass::Words | CellClass::Ordinal => {}
        }
        count += 1;
    }
    let most = |part: usize| count > 0 && part * 5 >= count * 3;
    if most(numbers) {
        let kind = if fractions > 0 { FieldKind::Number } else { FieldKind::Integer };
        ColumnModel::of_kind(kind, most(percents) && percents * 5 >= numbers * 4)
    } else if most(dates) {
        ColumnModel::of_kind(FieldKind::Date, false)
    } else {
        ColumnModel::of_kind(FieldKind::String, false)
    }
}
