//! Dates printed without their year: the year that the document names, rolling over at a year's end.
//!
//! The schema says which constant holds the year of the first record. From record to record the year goes on
//! where the month falls back by more than half a year, or back where the newest record stands first and the month
//! rises so. One pass over the rows.

use super::alignment::Alignment;
use crate::column::model::ColumnModel;
use crate::schema::{Constant, Schema};
use crate::table::CellValue;
use crate::text::value::{DayMonth, read_day_month};

/// Months between neighbouring records beyond which a year ended: no statement leaves out half a year.
const YEAR_END: i32 = 6;

/// The year that a schema's constant has in `text`: what its pattern finds first, or the value that it fixes.
pub(super) fn find_year(text: &str, schema: &Schema) -> Option<i32> {
    let name = schema.year.as_ref()?;
    let constant: &Constant = schema.constants.iter().find(|constant| constant.name == *name)?;
    if let Some(value) = constant.value {
        return i32::try_from(value.mantissa()).ok().filter(|_| value.scale() == 0);
    }
    let found = constant.pattern.as_ref()?.captures(text)?;
    found.get(1).or_else(|| found.get(0))?.as_str().trim().parse().ok()
}

/// The day and month of a print, as its column orders them.
pub(crate) fn day_month(text: &str, model: &ColumnModel) -> Option<DayMonth> {
    let readings = read_day_month(text);
    let starts_with_day = |reading: &&DayMonth| {
        let digits: String = text.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u8>().is_ok_and(|first| first == reading.day) == model.day_first.unwrap_or(true)
    };
    match readings.len() {
        0 | 1 => readings.first().copied(),
        _ => readings.iter().find(starts_with_day).or(readings.first()).copied(),
    }
}

/// Gives the dates of `column` their years, row by row.
pub(super) fn roll_years(
    alignment: &mut Alignment<'_>,
    column: usize,
    model: &ColumnModel,
    newest_first: bool,
) {
    let Some(mut year) = model.year else { return };
    let width = alignment.columns.len().max(1);
    let mut month_before: Option<i32> = None;
    for cell in alignment.cells.iter_mut().skip(column).step_by(width) {
        let Some(date) = day_month(&cell.content.text, model) else { continue };
        let month = i32::from(date.month);
        let step = month_before.map_or(0, |before| month - before);
        if newest_first && step > YEAR_END {
            year -= 1;
        } else if !newest_first && step < -YEAR_END {
            year += 1;
        }
        month_before = Some(month);
        cell.content.value = date.in_year(year).map(CellValue::Date);
    }
}
