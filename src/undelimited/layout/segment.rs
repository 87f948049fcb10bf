//! Inside a line (S): words to columns, by a dynamic program.
//!
//! ```text
//! best[j][c+1] = min over i <= j of best[i][c] + gap(i) + cell(i..j as column c)
//! ```
//!
//! `best[i][c]` is the cost of the first i words in the first c columns. A cell costs what its shape and words say
//! under the model of its column, how far it stands outside of the column's band and off its edge, and the wide gaps
//! inside of it; the gap before a cell costs by its width. An empty cell costs what it costs a line, not a record:
//! most lines of a wrapped record leave most columns empty. Cells that reach more than [`REACH`] columns out of
//! their band are not tried, so that each word is tried in few columns and time is linear in the words.
//!
//! The margin of a cell is the best cost in which its column has other words, less the best cost: prefix minima from
//! both ends.

use super::bands::{INNER_GAP, INNER_GAP_OF_TWO};
use super::model::{Affinities, Cells, Model, Places};
use super::shape::{Shape, shape_of};
use super::words::{Sheet, Word};

/// Columns that a cell may reach out of its band.
const REACH: u32 = 14;
/// Words of a cell in one line.
const MAX_WORDS: usize = 40;
/// An empty cell on a line.
const EMPTY: f32 = 0.6;
const REQUIRED_EMPTY: f32 = 2.5;
/// A cell between gutters that every line keeps.
const MOST_STRICT: f32 = 8.0;
/// Bits of a word that finds no place at all.
const LOST_WORD: f32 = 40.0;
/// Margin of a cell that does not stand where its column does.
const STRAY: f32 = 5.0;
/// Margin of cells that nothing else competes with.
pub(super) const CLEAR_MARGIN: f32 = 30.0;

/// Scratch space, reused from line to line.
#[derive(Debug, Default)]
pub(super) struct Segmenter {
    forward: Vec<f32>,
    backward: Vec<f32>,
    from: Vec<u32>,
    tried: Vec<Try>,
    affinities: Affinities,
    /// By first word and end, where it is known.
    shapes: Vec<Option<Shape>>,
}

/// Words `from..to` as a cell of `column`.
#[derive(Clone, Copy, Debug)]
struct Try {
    from: u32,
    to: u32,
    column: u32,
    bits: f32,
}

impl Segmenter {
    /// Cuts line `line` of the sheet and adds its cells; returns the cost, and how much of it empty cells are.
    pub(super) fn cut_line(
        &mut self,
        sheet: &Sheet<'_>,
        model: &Model<'_>,
        places: &Places,
        line: usize,
        cells: &mut Cells,
    ) -> (f32, f32) {
        if places.is_strict {
            let position = cells.ranges.len() / cells.width.max(1);
            take_phrases(sheet, places, line, cells);
            return phrases_bits(sheet, model, places, position, cells);
        }
        let words = sheet.words_of(line);
        let first = sheet.lines.get(line).map_or(0, |line| line.first);
        self.try_cells(sheet, model, places, words);
        let (count, width) = (words.len(), model.width());
        let stride = width + 1;
        self.forward.clear();
        self.forward.resize((count + 1) * stride, f32::INFINITY);
        self.from.clear();
        self.from.resize((count + 1) * stride, 0);
        self.forward[0] = 0.0;
        // Tries stand by column, then by first word: every state they start from is complete.
        for tried in &self.tried {
            let (column, to) = (tried.column as usize, tried.to as usize);
            let bits = self.forward[tried.from as usize * stride + column] + tried.bits;
            let slot = to * stride + column + 1;
            if bits < self.forward[slot] {
                self.forward[slot] = bits;
                self.from[slot] = tried.from;
            }
        }
        let total = self.forward[count * stride + width];
        if !total.is_finite() {
            return (self.force(words, first, places, cells), 0.0);
        }
        self.backward.clear();
        self.backward.resize((count + 1) * stride, f32::INFINITY);
        self.backward[count * stride + width] = 0.0;
        for tried in self.tried.iter().rev() {
            let (column, to) = (tried.column as usize, tried.to as usize);
            let bits = self.backward[to * stride + column + 1] + tried.bits;
            let slot = tried.from as usize * stride + column;
            self.backward[slot] = self.backward[slot].min(bits);
        }
        let mut chosen = vec![(0_u32, 0_u32); width];
        let mut at = count;
        for column in (0..width).rev() {
            let from = self.from[at * stride + column + 1];
            chosen[column] = (from, u32::try_from(at).unwrap_or(u32::MAX));
            at = from as usize;
        }
        let mut margins = vec![CLEAR_MARGIN; width];
        for tried in &self.tried {
            let column = tried.column as usize;
            let (from, to) = chosen[column];
            let is_same = (tried.from, tried.to) == (from, to) || (tried.from == tried.to && from == to);
            if is_same {
                continue;
            }
            let through = self.forward[tried.from as usize * stride + column]
                + tried.bits
                + self.backward[tried.to as usize * stride + column + 1];
            margins[column] = margins[column].min(through - total);
        }
        doubt_strays(places, words, &chosen, &mut margins);
        let mut empties = 0.0;
        for (column, (from, to)) in chosen.into_iter().enumerate() {
            empties += if from == to { empty_bits(model, column) } else { 0.0 };
            cells.ranges.push(absolute(first, from, to));
            cells.margins.push(margins[column].max(0.0));
        }
        (total, empties)
    }

    /// Lists the cells worth trying, by column and first word.
    fn try_cells(&mut self, sheet: &Sheet<'_>, model: &Model<'_>, places: &Places, words: &[Word]) {
        self.tried.clear();
        model.measure(sheet, words, &mut self.affinities);
        let stride = words.len() + 1;
        self.shapes.clear();
        self.shapes.resize(stride * stride, None);
        for (column, (from_column, to_column)) in places.bands().enumerate() {
            let empty = empty_bits(model, column);
            for from in 0..=words.len() {
                let at = u32::try_from(from).unwrap_or(u32::MAX);
                let number = u32::try_from(column).unwrap_or(u32::MAX);
                self.tried.push(Try { from: at, to: at, column: number, bits: empty });
                let Some(word) = words.get(from) else { continue };
                if word.right + REACH < from_column || word.left > to_column + REACH {
                    continue;
                }
                let gap = places.gap_bits(column, word.gap);
                let mut inner = 0.0;
                for to in from + 1..=words.len().min(from + MAX_WORDS) {
                    if to > from + 1 {
                        inner += match words[to - 1].gap {
                            1 => 0.0,
                            2 => INNER_GAP_OF_TWO,
                            _ => INNER_GAP,
                        };
                    }
                    let cell = &words[from..to];
                    if places.reach(cell, column) > REACH * 2 || inner > 40.0 {
                        break;
                    }
                    let shape = *self.shapes[from * stride + to].get_or_insert_with(|| shape_of(cell));
                    let affinity = self.affinities.of(column, from, to);
                    let content = model.content_bits(sheet, (cell, shape, affinity), column);
                    let bits = gap + inner + places.bits(cell, column) + content;
                    let to = u32::try_from(to).unwrap_or(u32::MAX);
                    self.tried.push(Try { from: at, to, column: number, bits });
                }
            }
        }
    }

    /// Words to the bands they stand in, where no reading within reach takes them all in.
    fn force(&mut self, words: &[Word], first: usize, places: &Places, cells: &mut Cells) -> f32 {
        let mut at = 0;
        let bands: Vec<(u32, u32)> = places.bands().collect();
        for (column, (_, to)) in bands.iter().enumerate() {
            let start = at;
            let is_last = column + 1 == bands.len();
            while words.get(at).is_some_and(|word| is_last || u32::midpoint(word.left, word.right) < *to) {
                at += 1;
            }
            let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            cells.ranges.push(absolute(first, index(start), index(at)));
            cells.margins.push(0.0);
        }
        LOST_WORD
    }
}

/// The cells of a line whose phrases stand in a band each: nothing else competes with them, whatever they cost.
pub(super) fn take_phrases(sheet: &Sheet<'_>, places: &Places, line: usize, cells: &mut Cells) {
    let words = sheet.words_of(line);
    let first = sheet.lines.get(line).map_or(0, |line| line.first);
    let index = |at: usize| u32::try_from(first.saturating_add(at)).unwrap_or(u32::MAX);
    let mut at = 0_usize;
    for (_, to) in places.bands() {
        let start = at;
        while words.get(at).is_some_and(|word| word.left < to) {
            at += 1;
        }
        cells.ranges.push((index(start), index(at)));
        cells.margins.push(CLEAR_MARGIN);
    }
}

/// What the cells cost that [`take_phrases`] has found in the line at `position`, and how much of it empty cells are.
pub(super) fn phrases_bits(
    sheet: &Sheet<'_>,
    model: &Model<'_>,
    places: &Places,
    position: usize,
    cells: &Cells,
) -> (f32, f32) {
    let (mut total, mut empties) = (0.0, 0.0);
    let ranges = cells.ranges.get(position * cells.width..).unwrap_or_default();
    for (column, &(from, to)) in ranges.iter().take(cells.width).enumerate() {
        let own = sheet.words.get(from as usize..to as usize).unwrap_or_default();
        let Some(first) = own.first() else {
            let bits = empty_bits(model, column);
            (total, empties) = (total + bits, empties + bits);
            continue;
        };
        let gap = places.gap_bits(column, first.gap);
        // Whatever stands between the gutters, it is no prose.
        total += gap + model.cell_bits(sheet, places, own, column).min(MOST_STRICT);
    }
    (total, empties)
}

/// Doubts cells that do not stand where their column does.
///
/// Words one blank apart are one cell as a rule: one that stands before its band and right behind its neighbour may be the
/// end of it, whatever the types say. And a cell that reaches into the band of a neighbour whose cell is empty may be two,
/// if there are others on the line.
fn doubt_strays(places: &Places, words: &[Word], chosen: &[(u32, u32)], margins: &mut [f32]) {
    let is_filled = |column: usize| chosen.get(column).is_some_and(|(from, to)| from < to);
    let filled = (0..chosen.len()).filter(|column| is_filled(*column)).count();
    let mut before = None;
    for (column, &(from, to)) in chosen.iter().enumerate().filter(|(_, (from, to))| from < to) {
        let own = words.get(from as usize..to as usize).unwrap_or_default();
        if places.is_stray(own, column) {
            for column in before.into_iter().chain([column]) {
                margins[column] = margins[column].min(STRAY);
            }
        }
        let (reaches_back, reaches_on) = places.overhang(own, column);
        let is_beside_blank = (reaches_back && column > 0 && !is_filled(column - 1))
            || (reaches_on && column + 1 < chosen.len() && !is_filled(column + 1));
        if is_beside_blank && own.len() > 1 && filled > 1 {
            margins[column] = margins[column].min(STRAY);
        }
        before = Some(column);
    }
}

/// Bits of an empty cell on a line.
fn empty_bits(model: &Model<'_>, column: usize) -> f32 {
    if model.fields[column].required { REQUIRED_EMPTY } else { EMPTY }
}

fn absolute(first: usize, from: u32, to: u32) -> (u32, u32) {
    let first = u32::try_from(first).unwrap_or(u32::MAX);
    (first.saturating_add(from), first.saturating_add(to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::FieldKind;
    use crate::text::Span;
    use crate::undelimited::layout::gutters::{GapBits, Gutters};
    use crate::undelimited::layout::titles::FieldView;

    const EDGES: [u32; 4] = [0, 8, 20, 26];

    fn places() -> Places {
        Places::new(&Gutters {
            edges: EDGES.to_vec(),
            gaps: vec![GapBits::USUAL; 3],
            bits: 0.0,
            is_strict: false,
            rivals: Vec::new(),
        })
    }

    fn model<'t>() -> Model<'t> {
        let kinds = [FieldKind::Integer, FieldKind::String, FieldKind::Number];
        let required = |kind| FieldView { required: true, ..FieldView::of_kind(kind, false) };
        Model::new(kinds.into_iter().map(required).collect())
    }

    fn sheet(line: &str) -> Sheet<'_> {
        let mut sheet = Sheet::new(line);
        sheet.push_line(Span::new(0, line.len()), 0, 0);
        sheet
    }

    fn cells(line: &str) -> Vec<String> {
        let sheet = sheet(line);
        let mut cells = Cells::new(3);
        Segmenter::default().cut_line(&sheet, &model(), &places(), 0, &mut cells);
        let text =
            |words: &[Word]| words.iter().map(|word| word.span.slice(line)).collect::<Vec<_>>().join(" ");
        (0..3).map(|column| text(cells.words(&sheet, 0, column))).collect()
    }

    #[test]
    fn types_part_what_one_blank_does_not() {
        assert_eq!(cells("  12    Ulla Brandt 3.50"), ["12", "Ulla Brandt", "3.50"]);
        assert_eq!(cells("     12 Ulla Brandt 3.50"), ["12", "Ulla Brandt", "3.50"]);
        assert_eq!(cells("        Ulla"), ["", "Ulla", ""]);
    }

    #[test]
    fn the_program_finds_what_trying_all_cuts_finds() {
        let words = ["12", "Ulla", "of", "3.50", "—", "Winters", "$"];
        let mut state = 11_u32;
        let mut next = |count: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % count
        };
        for _ in 0..300 {
            let mut line = " ".repeat(next(9) as usize);
            for _ in 0..1 + next(5) {
                line.push_str(words[next(7) as usize]);
                line.push_str(&" ".repeat(1 + next(4) as usize));
            }
            let sheet = sheet(&line);
            let (model, places) = (model(), places());
            let mut cells = Cells::new(3);
            let mut segmenter = Segmenter::default();
            let (fast, _) = segmenter.cut_line(&sheet, &model, &places, 0, &mut cells);
            let slow = slow_cut(&segmenter, sheet.words.len());
            assert!(
                (fast - slow).abs() < 0.01 || (slow.is_infinite() && fast == LOST_WORD),
                "{line}: {fast} {slow}"
            );
        }
    }

    /// The least bits over all ways to give the words to the columns in order, by the cells that are worth a try.
    fn slow_cut(segmenter: &Segmenter, count: usize) -> f32 {
        let cell = |from: usize, to: usize, column: usize| {
            let is_it = |tried: &&Try| {
                (tried.from as usize, tried.to as usize, tried.column as usize) == (from, to, column)
            };
            segmenter.tried.iter().find(is_it).map_or(f32::INFINITY, |tried| tried.bits)
        };
        let mut least = f32::INFINITY;
        for first in 0..=count {
            for second in first..=count {
                let bits = cell(0, first, 0) + cell(first, second, 1) + cell(second, count, 2);
                least = least.min(bits);
            }
        }
        least
    }
}
