//! Layout: the columns of the result, and which of them every grid column holds.

use std::collections::BTreeSet;
use std::ops::Range;

use super::bind::{Binding, ColumnBinding};
use super::boxhead::{Boxhead, CellClass, classify};
use super::groups::cut_grouped;
use super::segment::ends_in_brackets;
use crate::column::model::ColumnModel;
use crate::grid::Grid;
use crate::schema::check::{Check, Expression, Relation, Scope};
use crate::schema::{FieldKind, Schema};
use crate::text::Span;
use crate::text::value::{Unit, Value, read_values, scan_spans};

/// Cells of a column that are read to learn its habits.
pub(super) const SAMPLE_CELLS: usize = 48;

/// A number of more groups of three digits is as likely two.
const MOST_GROUPS: usize = 4;

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
    /// Whether print alone does not say for certain how the cells of its grid column part.
    pub(crate) is_questioned: bool,
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
    /// The printed decimals that most numbers of the table have.
    pub(crate) scale: Option<u8>,
    /// Bits by which blanks that separate thousands explain the cells with blanks better than several values do;
    /// 0 where no cell asks.
    pub(crate) blank_groups: f32,
}

impl Layout {
    /// All fields of the schema in order, and the printed columns that it does not know: each behind the field
    /// of the column to its left.
    /// Fields without a print have a column where they are required or a check reads them, so that a value that is
    /// forced can stand there; not where nobody asked for the schema (`is_asked`).
    pub(crate) fn of_schema(
        grid: &Grid,
        head: &Boxhead,
        binding: &Binding,
        schema: &Schema,
        filled: &[bool],
        is_asked: bool,
    ) -> Self {
        let mut layout = Self { grid: vec![GridColumn::default(); grid.width], ..Self::default() };
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
        let results: BTreeSet<usize> = schema.checks.iter().filter_map(result_of).collect();
        let holders = holder.into_iter().map(Some).chain([None]);
        for (field, held_by) in holders.enumerate() {
            for &(_, column) in unknown.iter().filter(|(place, _)| *place == field) {
                layout.grid[column] =
                    GridColumn { outs: layout.outs.len()..layout.outs.len() + 1, bracketed: vec![false] };
                layout.outs.push(OutColumn { grid_column: Some(column), ..OutColumn::default() });
            }
            let (Some(known), Some(held_by)) = (schema.fields.get(field), held_by) else { break };
            // A field that neither print nor checks know of needs no column.
            let is_read = known.constraints.required || used.contains(&field);
            let is_wanted = held_by.is_some() || is_asked && is_read;
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
            let mut model = ColumnModel::of_field(known, schema);
            model.is_result = results.contains(&field);
            model.is_checked = used.contains(&field);
            layout.outs.push(OutColumn {
                field: Some(field),
                grid_column: held_by,
                model,
                ..OutColumn::default()
            });
        }
        layout
    }

    /// One column of the result for every grid column, typed by its cells; several where nearly every cell of a
    /// grid column holds the same number of values.
    pub(crate) fn without_schema(text: &str, grid: &Grid, header_rows: usize, blank_groups: f32) -> Self {
        let mut layout = Self::default();
        let groups_by_blank = blank_groups > 0.0;
        let sampled = |column: usize| column_cells(grid, header_rows, column).take(SAMPLE_CELLS);
        let closed =
            |column: usize| sampled(column).filter(|cell| ends_in_brackets(cell.slice(text))).count();
        // The values of a cell, one span each.
        let values_of = |cell: Span| -> Vec<Span> {
            let printed = cell.slice(text);
            match cut_grouped(printed, None).filter(|_| groups_by_blank) {
                Some(cut) => cut.iter().map(|piece| piece.shifted(cell.start)).collect(),
                None => scan_spans(printed).iter().map(|segment| segment.shifted(cell.start)).collect(),
            }
        };
        let mut counts: Vec<usize> =
            (0..grid.width).map(|column| values_in_each(text, sampled(column), &values_of)).collect();
        // Words with an amount behind them, nearly everywhere: the stub was merged with the column beside it.
        let with_amount: Vec<bool> = (0..grid.width)
            .map(|column| counts[column] == 1 && ends_in_amounts(text, sampled(column)))
            .collect();
        // Where several columns all hold the same number of like values, rows were packed and no columns merged.
        let is_plain = |column: usize| counts[column] > 1 && closed(column) == 0;
        let plain: Vec<usize> = (0..grid.width).filter(|column| is_plain(*column)).collect();
        if plain.len() > 1 && plain.iter().all(|column| counts[*column] == counts[plain[0]]) {
            plain.iter().for_each(|column| counts[*column] = 1);
        }
        for (column, count) in counts.into_iter().enumerate() {
            let start = layout.outs.len();
            let cells = || sampled(column);
            if with_amount[column] {
                let amounts = cells().filter_map(|cell| amount_behind(text, cell));
                let number = infer_model(text, amounts, false);
                for model in [ColumnModel::of_kind(FieldKind::String, false), number] {
                    layout.outs.push(OutColumn { grid_column: Some(column), model, ..OutColumn::default() });
                }
                layout.grid.push(GridColumn { outs: start..start + 2, bracketed: vec![false; 2] });
                continue;
            }
            for position in 0..count {
                let parts = cells().filter_map(|cell| match count {
                    1 => Some(cell),
                    _ => values_of(cell).get(position).copied(),
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

    /// Bits by which a cell's blanks separate thousands rather than values, or the reverse; infinite where nothing asks.
    pub(crate) fn groups_margin(&self, text: &str, out: usize) -> f32 {
        let asks = self.blank_groups != 0.0
            && self.outs[out].model.is_numeric()
            && text.as_bytes().contains(&b' ')
            && cut_grouped(text, None).is_some_and(|cut| cut.len() == 1);
        match text.split_whitespace().count() {
            _ if !asks => f32::INFINITY,
            groups if groups > MOST_GROUPS => 0.0,
            _ => self.blank_groups.abs(),
        }
    }

    /// The result's columns that grid column `column` holds.
    pub(crate) fn outs_of(&self, column: usize) -> Range<usize> {
        self.grid.get(column).map_or(0..0, |held| held.outs.clone())
    }
}

/// The field that a check computes from other cells of its row.
fn result_of(check: &Check) -> Option<usize> {
    let computes = matches!(check.relation, Relation::Equal | Relation::About) && check.scope() == Scope::Row;
    match (&check.left, &check.right) {
        (Expression::Field(field), _) | (_, Expression::Field(field)) if computes => Some(*field),
        _ => None,
    }
}

/// The filled body cells of one grid column.
pub(super) fn column_cells(
    grid: &Grid,
    header_rows: usize,
    column: usize,
) -> impl Iterator<Item = Span> + '_ {
    (header_rows..grid.rows.len())
        .filter_map(move |row| grid.row(row).get(column).copied().filter(|cell| !cell.is_empty()))
}

/// The number of values that nearly every cell of a column holds: 1, but for columns that were merged.
fn values_in_each(
    text: &str,
    cells: impl Iterator<Item = Span>,
    values_of: &dyn Fn(Span) -> Vec<Span>,
) -> usize {
    let (mut filled, mut counts) = (0usize, [0usize; 5]);
    for cell in cells {
        filled += 1;
        let values = values_of(cell);
        let is_value = |value: &Span| {
            read_values(value.slice(text))
                .iter()
                .any(|reading| reading.bits < 6.0 && matches!(reading.value, Value::Number(_) | Value::Nil))
        };
        if let Some(count) = counts.get_mut(values.len()).filter(|_| values.iter().all(is_value)) {
            *count += 1;
        }
    }
    (2..counts.len()).find(|&count| filled >= 3 && counts[count] * 4 >= filled * 3).unwrap_or(1)
}

/// The amount behind the words of a cell.
pub(super) fn amount_behind(text: &str, cell: Span) -> Option<Span> {
    let printed = cell.slice(text);
    let (words, amount) = printed.rsplit_once(char::is_whitespace)?;
    let span = Span::new(cell.end - amount.len(), cell.end);
    let is_amount = amount.contains(['.', ',', '%', '$'])
        && amount.ends_with(|c: char| c.is_ascii_digit() || matches!(c, '%' | ')'))
        && classify(amount) == CellClass::Numeric;
    (is_amount && words.chars().any(char::is_alphabetic)).then_some(span)
}

/// Whether three in four cells of a column, three at least, are words with an amount behind them.
fn ends_in_amounts(text: &str, cells: impl Iterator<Item = Span>) -> bool {
    let (mut filled, mut amounts) = (0usize, 0usize);
    for cell in cells {
        filled += 1;
        amounts += usize::from(amount_behind(text, cell).is_some());
    }
    amounts >= 3 && amounts * 4 >= filled * 3
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
