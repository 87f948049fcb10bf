//! What binding the columns of a grid to the fields of a schema costs, in bits: how the printed header words differ
//! from the field's, how the column's cells fit its types, what is skipped.

use std::cell::Cell;

use super::MAX_FIELDS_PER_COLUMN;
use super::sample::{CELL_LIMIT, Sample};
use super::titles::{Comparison, FieldTitles, PrintedHead, Title, several_titles};
use crate::align::segment::ends_in_brackets;
use crate::column::model::ColumnModel;
use crate::schema::{FieldKind, Schema};

/// A header that equals the field's is worth this much.
pub(super) const HEADER_EQUAL: f32 = -9.0;
/// A header that resembles the field's in nothing.
const HEADER_FOREIGN: f32 = 5.0;
/// What a header says of the column beside it, as a share of what it says of its own.
const NEIGHBOUR_SHARE: f32 = 0.7;
/// A column whose header is not printed.
const HEADER_LOST: f32 = 2.0;
/// A printed column that the schema does not know; one without content costs little.
const COLUMN_UNKNOWN: f32 = 10.0;
pub(super) const COLUMN_EMPTY: f32 = 1.0;
/// A second and further field in one printed column.
pub(super) const FIELD_MERGED: f32 = 1.5;
/// A header and cells that belong to one field beyond doubt.
const SURE_LIKENESS: f32 = 0.9;
const SURE_FIT: f32 = 1.0;
/// Two text fields in one printed column.
const TEXTS_MERGED: f32 = 7.0;

/// What it costs to put the fields of one schema under the columns of one grid.
pub(super) struct Costs<'a> {
    text: &'a str,
    head: &'a PrintedHead<'a>,
    samples: &'a [Sample],
    schema: &'a Schema,
    models: &'a [ColumnModel],
    titles: &'a FieldTitles,
    /// What the likeness of every column's header to every field's is at most, columns x fields, as far as it was asked
    /// for: most schemas are out of the question by their first columns.
    at_most: Vec<Cell<Option<f32>>>,
    /// That likeness itself, as far as it was asked for: most pairs are out of the question by their counts of letters.
    alike: Vec<Cell<Option<f32>>>,
    /// Cost of every column's cells as values of every field, columns x fields, as far as it was asked for: cells are
    /// the dearest to measure, and most pairs are out of the question by their headers.
    fits: Vec<Cell<Option<f32>>>,
}

impl<'a> Costs<'a> {
    pub(super) fn new(
        text: &'a str,
        head: &'a PrintedHead<'a>,
        samples: &'a [Sample],
        schema: &'a Schema,
        models: &'a [ColumnModel],
        titles: &'a FieldTitles,
    ) -> Self {
        let size = samples.len() * models.len();
        let unknown = || vec![Cell::new(None); size];
        let (at_most, alike, fits) = (unknown(), unknown(), unknown());
        Self { text, head, samples, schema, models, titles, at_most, alike, fits }
    }

    /// The printed header of `column` beside those that `field` may be printed under alone.
    fn compare(&self, comparison: Comparison, column: usize, field: usize) -> f32 {
        comparison.best(self.printed(column), self.titles.single.get(field).map_or(&[][..], Vec::as_slice))
    }

    /// The ways in which the printed header of `column` may be meant.
    fn printed(&self, column: usize) -> &'a [Title] {
        self.head.variants.get(column).map_or(&[][..], Vec::as_slice)
    }

    /// The most consecutive fields that are tried in `column`: several only where its cells may hold several values
    /// and header and cells give it to no one field beyond doubt.
    pub(super) fn most_fields(&self, column: usize) -> usize {
        let sample = &self.samples[column];
        if !sample.has_several && !sample.is_empty() && !self.names_several(column) {
            return 1;
        }
        if sample.has_amount_behind {
            return MAX_FIELDS_PER_COLUMN;
        }
        let is_sure = |field: usize| {
            self.is_alike(column, field, SURE_LIKENESS) && self.content(column, field, 1) < SURE_FIT
        };
        if (0..self.models.len()).any(is_sure) { 1 } else { MAX_FIELDS_PER_COLUMN }
    }

    /// Cost of the sampled cells of `column` as values of `field`, measured once.
    fn fit(&self, column: usize, field: usize) -> f32 {
        let row = column * self.models.len();
        let Some(known) = self.fits.get(row + field) else { return CELL_LIMIT };
        known.get().unwrap_or_else(|| {
            let bits = self.samples[column].bits(self.text, &[&self.models[field]], &[false], false);
            known.set(Some(bits));
            bits
        })
    }

    /// Likeness of the header of `column` to that of `field`.
    fn alike(&self, comparison: Comparison, column: usize, field: usize) -> f32 {
        let place = column * self.models.len() + field;
        let known = if comparison == Comparison::AtMost { &self.at_most } else { &self.alike };
        let Some(known) = known.get(place).filter(|_| field < self.models.len()) else { return 0.0 };
        known.get().unwrap_or_else(|| {
            let alike = self.compare(comparison, column, field);
            known.set(Some(alike));
            alike
        })
    }

    /// Whether the header of `column` is like that of `field` by so much at least.
    fn is_alike(&self, column: usize, field: usize, least: f32) -> bool {
        [Comparison::AtMost, Comparison::Exact]
            .into_iter()
            .all(|comparison| self.alike(comparison, column, field) >= least)
    }

    /// Cost of `column` where no field has it.
    pub(super) fn unbound(&self, column: usize) -> f32 {
        let has_header = self.head.leaves.get(column).is_some_and(Option::is_some);
        if self.samples[column].is_empty() && !has_header { COLUMN_EMPTY } else { COLUMN_UNKNOWN }
    }

    /// Cost of the printed header of `column` where it holds `count` fields from `first`; what it is at least where
    /// the comparison says what likenesses are at most.
    pub(super) fn header(&self, comparison: Comparison, column: usize, first: usize, count: usize) -> f32 {
        // Words say nothing of where one text ends and the next begins: two texts in one column are told apart by
        // nothing, and a text field without a column is the cheaper reading.
        let texts = self.models[first..first + count]
            .windows(2)
            .filter(|pair| pair.iter().all(|model| model.kind == FieldKind::String))
            .count();
        let merged = FIELD_MERGED * (count - 1) as f32 + TEXTS_MERGED * texts as f32;
        let Some(head) = self.head.head.columns.get(column) else { return HEADER_LOST + merged };
        if head.cells.is_empty() && column == 0 {
            return HEADER_LOST + merged;
        }
        let is_beside_open = self.is_open(column) || self.is_open(column + 1);
        if count == 1 && !is_beside_open && self.head.leaves.get(column).is_some_and(Option::is_some) {
            // One field, and no header that may be that of another column.
            return header_bits(self.alike(comparison, column, first).max(0.0));
        }
        let several = if count > 1 { self.several_likeness(comparison, column, first, count) } else { 0.0 };
        // A header that is that of one of several fields: it is the first one's, and the others have none.
        let names_one = comparison == Comparison::Exact
            && (first..first + count).any(|field| {
                let least = several.max(SURE_LIKENESS);
                self.is_alike(column, field, least) && self.alike(comparison, column, field) > least
            });
        let own = self.alike(comparison, column, first).max(if names_one { 0.0 } else { several });
        let own = header_bits(own);
        let merged = merged + if count > 1 && names_one { HEADER_LOST } else { 0.0 };
        // The header to the left may stand for both columns, or have slid over from this one.
        let shared = || {
            let left = column.checked_sub(1).filter(|left| self.head.leaves[*left].is_some());
            left.map_or(HEADER_LOST, |left| {
                let printed = self.head.leaves[left].as_ref();
                let joined = first
                    .checked_sub(1)
                    .zip(printed)
                    .map_or(0.0, |(before, leaf)| self.merged_likeness(comparison, leaf, before));
                header_bits(self.alike(comparison, left, first).max(joined)) * NEIGHBOUR_SHARE
            })
        };
        let Some(leaf) = self.head.leaves.get(column).and_then(Option::as_ref) else {
            let own = if head.cells.is_empty() { HEADER_LOST } else { own };
            return shared().min(HEADER_LOST).min(own) + merged;
        };
        let mut bits = own;
        if self.is_open(column) {
            bits = bits.min(HEADER_LOST).min(shared());
        }
        if self.is_open(column + 1) {
            // A header next to a column without one may be that column's, or the headers of both.
            let both = self.merged_likeness(comparison, leaf, first + count - 1);
            bits = bits.min(HEADER_LOST).min(header_bits(both));
        }
        bits + merged
    }

    /// Whether a column exists and has no header at the innermost level.
    fn is_open(&self, column: usize) -> bool {
        self.head.open.get(column).copied().unwrap_or(false)
    }

    /// Likeness of the header of `column` to what several fields in one printed column stand under.
    fn several_likeness(&self, comparison: Comparison, column: usize, first: usize, count: usize) -> f32 {
        let Some(wanted) = self.titles.several.get(first).and_then(|titles| titles.get(count - 2)) else {
            return 0.0;
        };
        let wanted = wanted.get_or_init(|| several_titles(&self.schema.fields[first..first + count]));
        comparison.best(self.printed(column), wanted)
    }

    /// Whether the header of `column` is the titles of `count` neighbouring fields from `first`.
    fn names_fields(&self, column: usize, first: usize, count: usize) -> bool {
        [Comparison::AtMost, Comparison::Exact]
            .into_iter()
            .all(|comparison| self.several_likeness(comparison, column, first, count) >= SURE_LIKENESS)
    }

    /// Whether the header of `column` is the titles of two neighbouring fields.
    fn names_several(&self, column: usize) -> bool {
        (0..self.models.len().saturating_sub(1)).any(|first| self.names_fields(column, first, 2))
    }

    /// Likeness of a printed header to the titles of field `left` and the one behind it, printed as one.
    fn merged_likeness(&self, comparison: Comparison, printed: &Title, left: usize) -> f32 {
        let (Some([first, second]), Some(title)) =
            (self.schema.fields.get(left..left + 2), self.titles.merged.get(left))
        else {
            return 0.0;
        };
        let title = title.get_or_init(|| Title::new(&format!("{} {}", first.title, second.title)));
        comparison.best(std::slice::from_ref(printed), [title])
    }

    /// Cost of the sampled cells of `column` under the types of `count` fields from `first`.
    pub(super) fn content(&self, column: usize, first: usize, count: usize) -> f32 {
        if count == 1 {
            return self.fit(column, first);
        }
        let models: Vec<&ColumnModel> = self.models[first..first + count].iter().collect();
        let named = self.names_fields(column, first, count);
        self.samples[column].bits(self.text, &models, &self.bracketed(column, first, count), named)
    }

    /// Which of several fields in `column` print their values in parentheses that are no minus signs: the last one,
    /// behind another value, and every percentage, where most cells have as many in parentheses.
    pub(super) fn bracketed(&self, column: usize, first: usize, count: usize) -> Vec<bool> {
        let sample = &self.samples[column];
        let mut bracketed = vec![false; count];
        if count < 2 {
            return bracketed;
        }
        let texts = || sample.texts(self.text);
        let most = |part: usize| part > 0 && part * 5 >= sample.len() * 3;
        let with_value = texts().filter(|cell| ends_in_brackets(cell)).count();
        let closed = texts().filter(|cell| cell.ends_with(')')).count();
        // Behind words parentheses are a minus.
        let is_behind_value = self.models[first + count - 2].is_numeric();
        bracketed[count - 1] = is_behind_value && with_value > 0 && most(closed);
        let percents = self.models[first..first + count].iter().filter(|model| model.percent).count();
        let full = texts().filter(|cell| cell.matches("%)").count() >= percents).count();
        if percents > 0 && most(full) {
            for (is_bracketed, model) in bracketed.iter_mut().zip(&self.models[first..]) {
                *is_bracketed |= model.percent;
            }
        }
        bracketed
    }
}
/// Bits of a header of this likeness: gain above about a half, cost below.
fn header_bits(similarity: f32) -> f32 {
    const POINTS: [(f32, f32); 4] = [(0.3, HEADER_FOREIGN), (0.5, 1.0), (0.75, -4.0), (0.97, HEADER_EQUAL)];
    if similarity <= POINTS[0].0 {
        return POINTS[0].1;
    }
    for pair in POINTS.windows(2) {
        let ((left, low), (right, high)) = (pair[0], pair[1]);
        if similarity <= right {
            return low + (high - low) * (similarity - left) / (right - left);
        }
    }
    HEADER_EQUAL
}
