//! What a bound table explains of its print, measured alike for all readers.
//!
//! Readers rank their own readings by models that each learned from the text in its own way, so their gains do not
//! compare. Here a finished table is coded once more, by one model that knows no reader: every cell under its
//! column's type and beside the other cells of its column, every record under what the schema asks for, every step of
//! the print from one cell to the next, and every break between words as inside a cell or between two. All frequencies
//! are learned while coding (adaptive counts), so a table whose print goes one way all the time, whatever way that is,
//! costs little, and one that needs exceptions costs much. The gain is what the same words cost outside of a table,
//! less that. Time linear in the words of the table, but for sorting them by place.

use std::collections::{BTreeMap, BTreeSet};

use super::print::Print;
use super::set::SetTable;
use super::sums::{bits_of, value_of};
use super::torn::measure::{REQUIRED_HOLE, is_number, type_bits};
use super::words::{Break, Word, Words, length_class, shape_of};
use crate::column::model::ColumnModel;
use crate::schema::{FieldKind, Schema};
use crate::text::Span;

/// A value that its column has already, where the schema says that it has no two alike.
const REPEATED_VALUE: f32 = 6.0;
/// A line of running text as part of a cell.
const PROSE_LINE: f32 = 8.0;
/// What stands inside a table and in no cell of it, above what it costs outside: a run of words, and each word.
const LEFT_OVER: f32 = 2.0;
const LEFT_OVER_WORD: f32 = 1.0;
/// A cell with one bracket of a pair.
const HALF_BRACKETS: f32 = 3.5;
/// A title of the schema as a value.
const TITLE_AS_VALUE: f32 = 5.0;
/// Columns of a record passed over on the way to a cell, each.
const PASSED_COLUMN: f32 = 2.0;
/// Shapes of the first and last word and the length of a cell depend on one another.
const SHAPE_WEIGHT: f32 = 0.5;

/// Adaptive counts of one kind of event.
#[derive(Clone, Debug, Default)]
struct Tally {
    counts: BTreeMap<u32, f32>,
    total: f32,
}

impl Tally {
    /// Bits of event `key`, of which there are about `kinds`; then counts it.
    fn code(&mut self, key: u32, kinds: f32) -> f32 {
        let weight = 2.0 / kinds;
        let count = self.counts.entry(key).or_insert(0.0);
        let bits = -((*count + weight) / (self.total + 2.0)).log2();
        *count += 1.0;
        self.total += 1.0;
        bits
    }

    /// Bits of an event that was expected with frequency `share`, as if seen before in `weight` cases; then counts it.
    fn code_expected(&mut self, happens: bool, share: f32, weight: f32) -> f32 {
        let count = self.counts.entry(1).or_insert(0.0);
        let likely = (*count + share * weight) / (self.total + weight);
        let bits = -(if happens { likely } else { 1.0 - likely }).log2();
        *count += if happens { 1.0 } else { 0.0 };
        self.total += 1.0;
        bits
    }
}

/// Bits by which `table`, read with `schema`, is cheaper than its words outside of a table.
pub(crate) fn weigh(print: &Print<'_>, table: &SetTable, schema: &Schema) -> f32 {
    let words = Words::read(print.text, table.span, |_| false);
    let owners = owners_of(table, &words);
    let shapes = Shapes::of(print, &words);
    shapes.bits_of(table, &words, &owners)
        + LINE_OUTSIDE * words.lines.iter().filter(|line| !line.is_prose).count() as f32
        - records_bits(print, table, schema)
        + sums_bits(print, table)
        - order_bits(table, &words, &owners)
        - breaks_bits(print, &words, &owners)
        - rest_bits(&words, &owners)
}

/// Bits of where a line ends outside of tables, unless it is one of a paragraph.
const LINE_OUTSIDE: f32 = 3.0;

/// How often each shape of word stands in the lines of a table, whatever the column.
struct Shapes {
    of_word: Vec<u32>,
    counts: BTreeMap<u32, f32>,
}

impl Shapes {
    fn of(print: &Print<'_>, words: &Words) -> Self {
        let of_word: Vec<u32> =
            words.words.iter().map(|word| shape_of(word.span.slice(print.text))).collect();
        let mut counts = BTreeMap::new();
        for shape in &of_word {
            *counts.entry(*shape).or_insert(0.0) += 1.0;
        }
        Self { of_word, counts }
    }

    /// Bits of the first and last words of the cells as words of no column: what the columns save is measured
    /// against this.
    fn bits_of(&self, table: &SetTable, words: &Words, owners: &[Option<u32>]) -> f32 {
        let head = (table.header_rows * table.width) as u32;
        let total = self.of_word.len() as f32;
        let bits = |index: usize| {
            let count =
                self.of_word.get(index).and_then(|shape| self.counts.get(shape)).copied().unwrap_or(1.0);
            -(count / total).log2() + WORD_OUTSIDE
        };
        let mut ends: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
        for (index, owner) in owners.iter().enumerate() {
            let Some(cell) = owner.filter(|cell| *cell >= head) else { continue };
            ends.entry(cell).and_modify(|(_, last)| *last = index).or_insert((index, index));
        }
        let _ = words;
        ends.values().map(|(first, last)| SHAPE_WEIGHT * (bits(*first) + bits(*last))).sum()
    }
}

/// Bits of a word outside of tables beyond its shape: where it stands.
const WORD_OUTSIDE: f32 = 1.3;
/// How often a cell of a column of words without other constraint is a number, before the column has shown it: schemas
/// call a column so where a tenth of its cells are none, but for the first, which names the records.
const FIGURE_AS_WORDS: f32 = 0.2;
const FIGURE_AS_NAME: f32 = 0.04;
/// Cells that this expectation is worth.
const FIGURE_WEIGHT: f32 = 3.0;

/// The cell of every word, by row times width plus column; none for what is left over.
fn owners_of(table: &SetTable, words: &Words) -> Vec<Option<u32>> {
    let mut pieces: Vec<(Span, u32)> = Vec::new();
    for row in 0..table.row_count() {
        for column in 0..table.width {
            let cell = (row * table.width + column) as u32;
            pieces.extend(table.cell(row, column).pieces.iter().map(|piece| (*piece, cell)));
        }
    }
    pieces.sort_unstable_by_key(|(piece, _)| *piece);
    let owner = |word: &Word| {
        let place = pieces.partition_point(|(piece, _)| piece.end <= word.span.start);
        pieces.get(place).filter(|(piece, _)| piece.start < word.span.end).map(|(_, cell)| *cell)
    };
    words.words.iter().map(owner).collect()
}

/// Bits of the cells under their columns, and of empty ones.
fn records_bits(print: &Print<'_>, table: &SetTable, schema: &Schema) -> f32 {
    let fields = table.binding.iter().flat_map(|binding| binding.fields.iter().enumerate());
    let mut bits = 0.0;
    for (column, field) in fields {
        let Some(field) = field.and_then(|field| schema.fields.get(field)) else { continue };
        let model = ColumnModel::of_field(field, schema);
        let titles: BTreeSet<String> = field.headers().iter().map(|title| title.to_lowercase()).collect();
        let mut seen = BTreeSet::new();
        let (mut firsts, mut lasts, mut lengths) = (Tally::default(), Tally::default(), Tally::default());
        let (mut holes, mut figures) = (Tally::default(), Tally::default());
        for row in table.header_rows..table.row_count() {
            let pieces = table.cell(row, column).pieces;
            if pieces.is_empty() {
                // A label alone is one event, however many values its record lacks.
                let is_group = column > 1 && (1..table.width).all(|c| table.cell(row, c).pieces.is_empty());
                bits += match (model.required, is_group) {
                    (true, true) => 0.0,
                    (true, false) => REQUIRED_HOLE,
                    (false, _) => holes.code_expected(true, 0.25, 2.0),
                };
                continue;
            }
            if !model.required {
                bits += holes.code_expected(false, 0.25, 2.0);
            }
            let text = joined(print.text, pieces);
            bits += type_bits(&text, &model);
            if model.kind == FieldKind::String && model.values.is_empty() {
                let share = if column == 0 { FIGURE_AS_NAME } else { FIGURE_AS_WORDS };
                bits += figures.code_expected(is_number(&text), share, FIGURE_WEIGHT);
            }
            let count = text.split(' ').count();
            let first = text.split(' ').next().map_or(0, shape_of);
            let last = text.split(' ').next_back().map_or(0, shape_of);
            bits += SHAPE_WEIGHT
                * (firsts.code(first, 12.0)
                    + lasts.code(last, 12.0)
                    + lengths.code(length_class(count), 8.0));
            bits += if has_half_brackets(&text) { HALF_BRACKETS } else { 0.0 };
            bits += if titles.contains(&text.to_lowercase()) { TITLE_AS_VALUE } else { 0.0 };
            bits += if field.constraints.unique && !seen.insert(text) { REPEATED_VALUE } else { 0.0 };
        }
    }
    bits
}

/// Bits that the sums in the columns say.
fn sums_bits(print: &Print<'_>, table: &SetTable) -> f32 {
    let column_bits = |column: usize| {
        let texts = (table.header_rows..table.row_count()).map(|row| table.cell(row, column).pieces);
        let values: Vec<i64> = texts.filter_map(|pieces| value_of(&joined(print.text, pieces))).collect();
        bits_of(&values)
    };
    (0..table.width).map(column_bits).sum()
}

fn joined(text: &str, pieces: &[Span]) -> String {
    let words = pieces.iter().flat_map(|piece| piece.slice(text).split_whitespace());
    words.fold(String::new(), |mut joined, word| {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(word);
        joined
    })
}

fn has_half_brackets(text: &str) -> bool {
    let count = |marks: [char; 2]| text.matches(marks).count();
    count(['(', '[']) != count([')', ']'])
}

/// The ways from one cell to the next in the order of the print.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    First,
    Right,
    Down,
    NextRecord,
    NextColumn,
    Other,
}

/// Kinds of ways that are coded.
const WAYS: f32 = 5.0;

/// Bits of the order in which the cells are printed.
fn order_bits(table: &SetTable, words: &Words, owners: &[Option<u32>]) -> f32 {
    let width = table.width.max(1);
    let is_filled = |row: usize, column: usize| !table.cell(row, column).pieces.is_empty();
    let anywhere = ((table.row_count() * width).max(2) as f32).log2();
    let mut tallies: BTreeMap<(u32, bool), Tally> = BTreeMap::new();
    let mut last = Way::First;
    // The cell before, and the record in which its run down a column began.
    let mut at: Option<(usize, usize, usize)> = None;
    let mut bits = 0.0;
    for (word, owner) in words.words.iter().zip(owners) {
        let Some(cell) = owner else { continue };
        let (row, column) = (*cell as usize / width, *cell as usize % width);
        let Some((from_row, from_column, top)) = at else {
            at = Some((row, column, row));
            continue;
        };
        if (from_row, from_column) == (row, column) {
            continue;
        }
        let passed = |columns: std::ops::Range<usize>| columns.filter(|&c| is_filled(row, c)).count() as f32;
        let (way, extra) = if row == from_row && column > from_column {
            (Way::Right, PASSED_COLUMN * passed(from_column + 1..column))
        } else if column == from_column && row > from_row {
            (
                Way::Down,
                PASSED_COLUMN * (from_row + 1..row).filter(|&row| is_filled(row, column)).count() as f32,
            )
        } else if row == from_row + 1 && column < from_column {
            (Way::NextRecord, PASSED_COLUMN * passed(0..column))
        } else if column > from_column && row <= top && (row..top).all(|row| !is_filled(row, from_column)) {
            (Way::NextColumn, PASSED_COLUMN * (column - from_column - 1) as f32)
        } else {
            (Way::Other, anywhere)
        };
        let is_after_line = word.before >= Break::Line;
        bits += tallies.entry((last as u32, is_after_line)).or_default().code(way as u32, WAYS) + extra;
        last = way;
        at = Some((row, column, if way == Way::Down { top } else { row }));
    }
    bits
}

/// Bits of the breaks between words: inside a cell, or between two.
fn breaks_bits(print: &Print<'_>, words: &Words, owners: &[Option<u32>]) -> f32 {
    let mut tallies: BTreeMap<(u8, u8), Tally> = BTreeMap::new();
    let mut bits = 0.0;
    for (index, pair) in words.words.windows(2).enumerate() {
        let [left, right] = pair else { continue };
        let (Some(from), Some(to)) = (owners[index], owners[index + 1]) else { continue };
        let (left, next) = (left.span.slice(print.text), right.span.slice(print.text));
        let looks = looks_between(left, next);
        // How often a cell goes on over such a break, before the table has shown it.
        let goes_on = match right.before {
            Break::Space => [0.2, 0.6, 0.93, 0.97][usize::from(looks)],
            Break::Gap => 0.1,
            Break::Line => [0.02, 0.1, 0.25, 0.8][usize::from(looks)],
            Break::Blank => [0.01, 0.01, 0.02, 0.1][usize::from(looks)],
            Break::Page => 0.005,
        };
        let tally = tallies.entry((right.before as u8, looks)).or_default();
        bits += tally.code_expected(from == to, goes_on, 3.0);
    }
    bits
}

/// Two numbers; a number and a word; two words; words of which the second goes on from the first.
fn looks_between(left: &str, right: &str) -> u8 {
    match (is_number(left), is_number(right)) {
        (true, true) => 0,
        (false, false) => {
            let goes_on = right.starts_with(char::is_lowercase)
                || left.ends_with([',', '/', '&'])
                || matches!(left, "of" | "the" | "and" | "for" | "in" | "to" | "by" | "with" | "from");
            2 + u8::from(goes_on)
        }
        _ => 1,
    }
}

/// Bits of what no cell holds, and of running text in cells.
fn rest_bits(words: &Words, owners: &[Option<u32>]) -> f32 {
    let mut bits = 0.0;
    for line in &words.lines {
        let owners = owners.get(line.first..line.end).unwrap_or_default();
        let left = owners.iter().filter(|owner| owner.is_none()).count();
        if left > 0 {
            let part = left as f32 / owners.len() as f32;
            bits += part * LINE_OUTSIDE + LEFT_OVER + LEFT_OVER_WORD * left as f32;
        }
        if line.is_prose && left < owners.len() {
            bits += PROSE_LINE;
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::Form;
    use crate::undelimited::set::SetBinding;

    const SCHEMA: &str = r#"{"name": "fleet", "fields": [
        {"name": "ship", "title": "Ship", "constraints": {"required": true, "unique": true}},
        {"name": "built", "title": "Built", "type": "integer", "constraints": {"required": true}},
        {"name": "tons", "title": "Tonnage", "type": "number"}]}"#;
    const TEXT: &str = "North Star\n1987\n12,450.5\n\nBlue Heron\n1991\n8,300.0\n\nOld Harry\n2003\n22,118.4\n\n\
        Sea Thrift\n2011\n9,075.2\n";

    /// The bits of `TEXT` as these rows; a cell is the first place where its text stands, an empty one has none.
    fn bits(rows: &[[&str; 3]]) -> f32 {
        let mut table = SetTable::new(Form::Stacked, 3);
        for row in rows {
            for cell in row {
                for piece in cell.split('\n').filter(|piece| !piece.is_empty()) {
                    let start = TEXT.find(piece).unwrap();
                    table.push_piece(Span::new(start, start + piece.len()));
                }
                table.close_cell(9.0);
            }
            table.close_row(false);
        }
        table.span = Span::new(0, TEXT.len());
        table.binding = Some(SetBinding { schema: 0, fields: (0..3).map(Some).collect() });
        weigh(&Print::new(TEXT, &[]), &table, &Schema::from_json(SCHEMA).unwrap())
    }

    #[test]
    fn the_true_table_weighs_most() {
        let truth = [
            ["North Star", "1987", "12,450.5"],
            ["Blue Heron", "1991", "8,300.0"],
            ["Old Harry", "2003", "22,118.4"],
            ["Sea Thrift", "2011", "9,075.2"],
        ];
        let best = bits(&truth);
        assert!(best > 0.0, "{best}");
        let mut exchanged = truth;
        (exchanged[1][2], exchanged[2][2]) = (truth[2][2], truth[1][2]);
        let mut empty = truth;
        empty[3] = ["Sea Thrift", "", "2011"];
        let merged = [truth[0], ["Blue Heron\n1991", "", "8,300.0"], truth[2], truth[3]];
        for wrong in [&exchanged[..], &empty, &merged, &truth[..3], &truth[1..]] {
            assert!(bits(wrong) < best, "{wrong:?}: {} and {best}", bits(wrong));
        }
    }

    #[test]
    fn tallies_code_what_recurs_in_few_bits() {
        let mut tally = Tally::default();
        let first = tally.code(7, 8.0);
        let later = (0..20).map(|_| tally.code(7, 8.0)).fold(0.0, |_, bits| bits);
        assert!(first > 2.0 && later < 0.3, "{first} {later}");
        assert!(tally.code(8, 8.0) > 5.0);
    }
}
