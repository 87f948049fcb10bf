//! A reading as a set table.

use std::collections::BTreeMap;

use super::measure::Column;
use super::moves::Move;
use super::search::{Reading, Role, Step};
use crate::region::Form;
use crate::schema::{FieldKind, Schema};
use crate::text::Span;
use crate::undelimited::set::{SetBinding, SetTable};
use crate::undelimited::words::{Break, Words};

/// Sets `reading`; `None` if it has no record.
pub(super) fn set_table(
    text: &str,
    words: &Words,
    columns: &[Column],
    reading: &Reading,
    (index, schema): (usize, &Schema),
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
    let exchangeable = exchangeable_columns(columns, reading);
    for row in 0..=last {
        for column in 0..width as u8 {
            let step = cells.get(&(row, column));
            step.into_iter().flat_map(|step| pieces(words, step)).for_each(|piece| table.push_piece(piece));
            let most = match step {
                Some(step) if has_broken_word(text, words, step) => LOW_MARGIN,
                // Sums that hold in a column hold wherever it stands; checks of the schema name their columns.
                Some(_) if exchangeable.get(usize::from(column)) == Some(&true) => {
                    if schema.checks.is_empty() { UNPLACED } else { LOW_MARGIN }
                }
                _ => f32::INFINITY,
            };
            let margin = step.map_or(f32::INFINITY, |step| step.margin.min(weakest) * MARGIN_SCALE);
            table.close_cell(margin.min(most));
        }
        table.close_row(pages.contains(&row));
    }
    let hull = table.hull();
    let furniture = words.furniture.iter().filter(|span| hull.contains(**span));
    table.left_over.extend(furniture);
    table.left_over.sort_unstable();
    table.span = hull;
    let fields = (0..width).map(Some).collect();
    table.binding = Some(SetBinding { schema: index, fields });
    table.gain = gain;
    table.notes.push(format!("torn: best reading {:.1} bits, next {:+.1}", reading.bits, reading.second));
    Some(table)
}

/// Bits of the search that are worth one bit of a cell's margin: its costs are not independent. Measured over real
/// prints: of cells at 11 bits and more 95 in 100 stand right, which is not enough to be certain.
const MARGIN_SCALE: f32 = 7.0 / 18.0;
/// The share of a table's cells that may be weaker than the margin that bounds all others.
const WEAK_SHARE: usize = 10;

/// What a cell's margin says at most where the print leaves open what no cost of this model tells apart: so little that
/// another reading of the same model confirms nothing.
const LOW_MARGIN: f32 = 1.5;

/// The same where no proof of a number settles it.
const UNPLACED: f32 = -1.0;

/// Whether a word of the cell ends in a hyphen at a line end before a word that does not simply go on.
fn has_broken_word(text: &str, words: &Words, step: &Step) -> bool {
    words.words.get(step.first..step.end).unwrap_or_default().windows(2).any(|pair| {
        let [word, next] = pair else { return false };
        let print = word.span.slice(text);
        let goes_on = next.before == Break::Line && next.span.slice(text).starts_with(char::is_lowercase);
        print.len() > 1 && print.ends_with('-') && !goes_on
    })
}

/// The columns of a reading by columns that another could stand for: some extractors print columns in any order, so
/// that of two columns of numbers, or of words, which is which only a title right before its cells tells.
fn exchangeable_columns(columns: &[Column], reading: &Reading) -> Vec<bool> {
    let count = |kinds: &[Move]| {
        let of_kind = |step: &&Step| matches!(step.role, Role::Cell { .. }) && kinds.contains(&step.kind);
        reading.steps.iter().filter(of_kind).count()
    };
    if count(&[Move::Down]) <= count(&[Move::Right, Move::Record]) {
        return vec![false; columns.len()];
    }
    let is_titled = |wanted: usize| {
        let first = reading
            .steps
            .iter()
            .position(|step| matches!(step.role, Role::Cell { column, .. } if usize::from(column) == wanted));
        let before =
            first.and_then(|first| first.checked_sub(1)).and_then(|before| reading.steps.get(before));
        before
            .is_some_and(|step| matches!(step.role, Role::Title { column } if usize::from(column) == wanted))
    };
    let open: Vec<bool> = (0..columns.len()).map(|column| !is_titled(column)).collect();
    let class = |column: usize| {
        columns.get(column).map(|column| (column.model.is_numeric(), column.model.kind == FieldKind::Date))
    };
    (0..columns.len())
        .map(|column| {
            let rivals = (0..columns.len()).filter(|other| class(*other) == class(column) && open[*other]);
            open[column] && rivals.count() > 1
        })
        .collect()
}

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
