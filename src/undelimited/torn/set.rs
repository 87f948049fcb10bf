//! A reading as a set table.

use std::collections::BTreeMap;

use super::measure::Column;
use super::search::{Reading, Role, Step};
use crate::undelimited::words::{Break, Words};
use crate::region::Form;
use crate::text::Span;
use crate::undelimited::set::{SetBinding, SetTable};

/// Sets `reading`; `None` if it has no record.
pub(super) fn set_table(
    words: &Words,
    columns: &[Column],
    reading: &Reading,
    schema: usize,
    gain: f32,
) -> Option<SetTable> {
    let width = columns.len();
    let mut cells: BTreeMap<(i16, u8), &Step> = BTreeMap::new();
    let mut titles: BTreeMap<u8, &Step> = BTreeMap::new();
    let mut table = SetTable::new(Form::Torn, width);
    let mut pages = Vec::new();
    let mut is_page_start = false;
    for step in &reading.steps {
        match step.role {
            Role::Cell { row, column } => {
                cells.insert((row, column), step);
            }
            Role::Title { column }
                if titles.is_empty() && cells.is_empty() || is_first(step, &titles, words) =>
            {
                titles.insert(column, step);
            }
            Role::Title { .. } | Role::Dropped => {
                table.left_over.extend(pieces(words, step));
            }
            Role::Outside => {}
        }
        let run = words.words.get(step.first..step.end).unwrap_or_default();
        is_page_start |= run.iter().any(|word| word.before == Break::Page);
        if is_page_start && let Role::Cell { row, .. } = step.role {
            pages.push(row);
            is_page_start = false;
        }
    }
    let last = cells.keys().next_back()?.0;
    let weakest = weakest_margin(cells.values().map(|step| step.margin));
    if !titles.is_empty() {
        for column in 0..width as u8 {
            if let Some(step) = titles.get(&column) {
                pieces(words, step).for_each(|piece| table.push_piece(piece));
            }
            table.close_cell(f32::INFINITY);
        }
        table.close_row(false);
        table.header_rows = 1;
    }
    for row in 0..=last {
        for column in 0..width as u8 {
            let step = cells.get(&(row, column));
            step.into_iter().flat_map(|step| pieces(words, step)).for_each(|piece| table.push_piece(piece));
            table.close_cell(step.map_or(f32::INFINITY, |step| step.margin.min(weakest) * MARGIN_SCALE));
        }
        table.close_row(pages.contains(&row));
    }
    let hull = table.hull();
    let furniture = words.furniture.iter().filter(|span| hull.contains(**span));
    table.left_over.extend(furniture);
    table.left_over.sort_unstable();
    table.span = hull;
    let fields = (0..width).map(Some).collect();
    table.binding = Some(SetBinding { schema, fields });
    table.gain = gain;
    table.notes.push(format!("torn: best reading {:.1} bits, next {:+.1}", reading.bits, reading.second));
    Some(table)
}

/// Bits of the search that are worth one bit of a cell's margin: its costs are not independent. Measured over real
/// prints: of cells at 11 bits and more 95 in 100 stand right, which is not enough to be certain.
const MARGIN_SCALE: f32 = 7.0 / 18.0;
/// The share of a table's cells that may be weaker than the margin that bounds all others.
const WEAK_SHARE: usize = 10;

/// The margin that all but one cell in ten have. Where a tenth of a torn table is open the order of print was
/// misread as a rule, and no cell of it can be trusted, however far the next reading of that one cell is.
fn weakest_margin(margins: impl Iterator<Item = f32>) -> f32 {
    let mut margins: Vec<f32> = margins.collect();
    margins.sort_by(f32::total_cmp);
    margins.get(margins.len() / WEAK_SHARE).copied().unwrap_or(0.0)
}

/// Whether a title is the first of its column, on the page where the table starts.
fn is_first(step: &Step, titles: &BTreeMap<u8, &Step>, words: &Words) -> bool {
    let Role::Title { column } = step.role else { return false };
    let Some(first) = titles.values().map(|step| step.first).min() else { return false };
    let is_same_page = words
        .words
        .get(first + 1..=step.first)
        .unwrap_or_default()
        .iter()
        .all(|word| word.before != Break::Page);
    !titles.contains_key(&column) && is_same_page
}

/// The words of a step, a piece a line.
fn pieces<'w>(words: &'w Words, step: &Step) -> impl Iterator<Item = Span> + 'w {
    let run = words.words.get(step.first..step.end).unwrap_or_default();
    run.chunk_by(|left, right| left.line == right.line)
        .filter_map(|line| Some(Span::new(line.first()?.span.start, line.last()?.span.end)))
}
