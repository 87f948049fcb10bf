//! Doubts that no reader's costs know of, raised when the tables of all readers are chosen.
//!
//! A reader prices how the words of a print fall into cells. Five things say that a cell may be wrong however far the next
//! reading is:
//!
//! - *Swallowed blanks and hyphens.* Extractors put a blank where two glyphs stand far enough apart, so that `1 – 0`
//!   comes out as `1–0` here and as `12 – 3` there, and join a word that a hyphen breaks at a line end, which makes
//!   `redbrown` of `red-brown`. What a cell of words prints is its value; where another cell has the blanks, or the
//!   hyphen, it may have lost its own. Where cells stand in blocks any lone dash or sign may have lost its blanks.
//! - *Values that the schema does not list.*
//! - *Words left over* in one block of lines with a cell: they may be the rest of it.
//! - *Many words left over* among the rows of a table that no schema vouches for: it stands beside other print.
//! - *Columns that must be filled and are not.* A record that lacks one is in doubt; where most records do, the columns
//!   were taken for others, and no check of their numbers can settle that.

pub(super) mod blanks;

use std::collections::BTreeSet;

use super::set::SetTable;
use crate::column::model::normalized;
use crate::region::Form;
use crate::schema::{Catalog, Field, FieldKind, Schema};
use crate::text::Span;

/// The most that the margin of a cell in such a doubt says; a proof may settle it.
const DOUBTED: f32 = 4.0;
/// The same where it is a guess where cells stand, which no proof settles.
const UNPLACED: f32 = -1.0;
/// The share of records without a cell of a required column from which on its reading is a guess.
const UNFILLED: f32 = 0.4;
/// Words left over a cell from which on a table stands among other print.
const CROWDED: f32 = 0.25;

/// Lowers the margins of a table's cells that are in doubt; `catalog` has its schema. Its left-overs are complete. Gutters
/// tell more than lines do, so that of layout tables only those are doubted that stand among other print.
pub(super) fn raise_doubts(text: &str, table: &mut SetTable, catalog: &Catalog) {
    let schema = schema_of(table, catalog);
    if table.form == Form::Layout {
        if schema.is_none() {
            doubt_crowded(text, table);
        }
        return;
    }
    doubt_words(text, table, schema);
    if stands_in_blocks(text, table) {
        doubt_marks(text, table);
        doubt_torn_blocks(text, table, schema);
    }
    if let Some(schema) = schema {
        doubt_unfilled(table, schema);
    }
}

/// The schema that a table was read with.
fn schema_of<'c>(table: &SetTable, catalog: &'c Catalog) -> Option<&'c Schema> {
    catalog.schemas().get(table.binding.as_ref()?.schema).map(|schema| &**schema)
}

/// The field of a column, if the schema knows it.
fn field_of<'s>(table: &SetTable, column: usize, schema: Option<&'s Schema>) -> Option<&'s Field> {
    let field = table.binding.as_ref()?.fields.get(column).copied().flatten()?;
    schema?.fields.get(field)
}

/// Whether the cells of a column are words: of numbers and dates a blank changes nothing.
fn holds_words(table: &SetTable, column: usize, schema: Option<&Schema>) -> bool {
    field_of(table, column, schema).is_none_or(|field| field.kind == FieldKind::String)
}

/// Lowers a cell's margin to at most `most`.
fn doubt(table: &mut SetTable, row: usize, column: usize, most: f32) {
    let margin = table.cell(row, column).margin;
    table.set_margin(row, column, margin.min(most));
}

/// Cells of words that may have lost blanks or hyphens, or are no values of their column.
fn doubt_words(text: &str, table: &mut SetTable, schema: Option<&Schema>) {
    let mut cells: Vec<(usize, usize, String)> = Vec::new();
    for column in (0..table.width).filter(|column| holds_words(table, *column, schema)) {
        for row in table.header_rows..table.row_count() {
            let print = print_of(text, table, row, column);
            if !print.is_empty() {
                cells.push((row, column, print));
            }
        }
    }
    let hyphenated: BTreeSet<String> = cells.iter().flat_map(|cell| hyphenated_words(&cell.2)).collect();
    let lacks_hyphen = |print: &str| print.split(' ').any(|word| hyphenated.contains(word));
    let listed: Vec<BTreeSet<String>> =
        (0..table.width).map(|column| listed_values(table, column, schema)).collect();
    let is_unlisted = |column: usize, print: &str| {
        listed.get(column).is_some_and(|listed| {
            !listed.is_empty()
                && print.contains(char::is_alphanumeric)
                && !listed.contains(&normalized(print))
        })
    };
    for (row, column, print) in &cells {
        if lacks_hyphen(print) || is_unlisted(*column, print) {
            doubt(table, *row, *column, DOUBTED);
        }
    }
    for index in blanks::lacking_blanks(cells.iter().map(|cell| cell.2.as_str())) {
        if let Some((row, column, _)) = cells.get(index) {
            doubt(table, *row, *column, DOUBTED);
        }
    }
}

/// Whether most cells stand between blank lines. Programs that print so lay the page out in blocks and measure its blanks
/// anew: of numbers with blanks around a dash they print one in twenty so, others two in three.
fn stands_in_blocks(text: &str, table: &SetTable) -> bool {
    let (mut all, mut apart) = (0, 0);
    for row in table.header_rows..table.row_count() {
        for column in 0..table.width {
            if let Some(first) = table.cell(row, column).pieces.first() {
                all += 1;
                apart += usize::from(is_break(blanks_before(text, first.start)));
            }
        }
    }
    apart * 2 > all
}

/// Cells in which the blanks around a dash or a sign may be lost, whatever others print.
fn doubt_marks(text: &str, table: &mut SetTable) {
    for row in table.header_rows..table.row_count() {
        for column in 0..table.width {
            if blanks::may_lack_blanks(&print_of(text, table, row, column)) {
                doubt(table, row, column, DOUBTED);
            }
        }
    }
}

/// The words of a cell, one blank between two.
fn print_of(text: &str, table: &SetTable, row: usize, column: usize) -> String {
    let words = table.cell(row, column).pieces.iter().flat_map(|piece| piece.slice(text).split_whitespace());
    words.fold(String::new(), |mut print, word| {
        if !print.is_empty() {
            print.push(' ');
        }
        print.push_str(word);
        print
    })
}

/// The words with a hyphen between letters, without it.
fn hyphenated_words(print: &str) -> impl Iterator<Item = String> + '_ {
    let is_hyphenated = |word: &&str| {
        word.split_once('-').is_some_and(|(left, right)| {
            left.ends_with(char::is_alphabetic) && right.starts_with(char::is_alphabetic)
        })
    };
    print.split(' ').filter(is_hyphenated).map(|word| word.replace('-', ""))
}

/// The values that the schema lists for a column, and its marks for none; empty if it lists none.
fn listed_values(table: &SetTable, column: usize, schema: Option<&Schema>) -> BTreeSet<String> {
    let values = field_of(table, column, schema).map_or(&[][..], |field| &field.constraints.values);
    let marks = schema.filter(|_| !values.is_empty()).map_or(&[][..], |schema| &schema.missing_values);
    values.iter().chain(marks).map(|value| normalized(value)).collect()
}

/// Cells of words that share a block of lines with words that are left over.
fn doubt_torn_blocks(text: &str, table: &mut SetTable, schema: Option<&Schema>) {
    if table.left_over.is_empty() {
        return;
    }
    let mut cells: Vec<(Span, usize, usize)> = Vec::new();
    for column in (0..table.width).filter(|column| holds_words(table, *column, schema)) {
        for row in table.header_rows..table.row_count() {
            let pieces = table.cell(row, column).pieces;
            cells.extend(pieces.iter().copied().reduce(Span::cover).map(|hull| (hull, row, column)));
        }
    }
    cells.sort_unstable_by_key(|(hull, ..)| *hull);
    for left in table.left_over.clone() {
        let after = cells.partition_point(|(hull, ..)| hull.start < left.start);
        let before = after.checked_sub(1).and_then(|before| cells.get(before));
        let before = before.filter(|(hull, ..)| is_one_block(text, *hull, left));
        let behind = cells.get(after).filter(|(hull, ..)| is_one_block(text, left, *hull));
        for &(_, row, column) in before.into_iter().chain(behind) {
            doubt(table, row, column, DOUBTED);
        }
    }
}

/// Whether two spans are all of one block: between blank lines, and none between them.
fn is_one_block(text: &str, first: Span, second: Span) -> bool {
    let behind = text.get(second.end..).unwrap_or_default();
    let blanks_behind = behind.get(..behind.len() - behind.trim_start().len()).unwrap_or_default();
    let between = text.get(first.end..second.start);
    between.is_some_and(|between| between.trim().is_empty() && !between.is_empty() && !is_break(between))
        && is_break(blanks_before(text, first.start))
        && is_break(blanks_behind)
}

/// The blanks right before a place.
fn blanks_before(text: &str, place: usize) -> &str {
    let before = text.get(..place).unwrap_or_default();
    before.get(before.trim_end().len()..).unwrap_or_default()
}

/// Whether blanks hold a blank line, or are the start or end of a page.
fn is_break(blanks: &str) -> bool {
    blanks.is_empty() || blanks.contains('\x0c') || blanks.bytes().filter(|byte| *byte == b'\n').count() > 1
}

/// Tables among whose rows many words are left over, a column of running text beside them for one: what belongs to such a
/// table and what does not is a guess where no schema says so.
fn doubt_crowded(text: &str, table: &mut SetTable) {
    let rows = table.header_rows..table.row_count();
    let filled: Vec<(usize, usize)> = rows
        .flat_map(|row| (0..table.width).map(move |column| (row, column)))
        .filter(|(row, column)| !table.cell(*row, *column).pieces.is_empty())
        .collect();
    let left: usize = table.left_over.iter().map(|span| span.slice(text).split_whitespace().count()).sum();
    if left as f32 > CROWDED * filled.len() as f32 {
        filled.into_iter().for_each(|(row, column)| doubt(table, row, column, DOUBTED));
    }
}

/// Records that lack what the schema requires.
fn doubt_unfilled(table: &mut SetTable, schema: &Schema) {
    let is_filled = |table: &SetTable, row: usize, column: usize| !table.cell(row, column).pieces.is_empty();
    let is_required = |column: &usize| {
        field_of(table, *column, Some(schema)).is_some_and(|field| field.constraints.required)
    };
    let required: Vec<usize> = (0..table.width).filter(is_required).collect();
    // A line that holds its label alone opens a group.
    let records: Vec<usize> = (table.header_rows..table.row_count())
        .filter(|row| (0..table.width).filter(|column| is_filled(table, *row, *column)).count() > 1)
        .collect();
    let lacks = |table: &SetTable, row: usize| required.iter().any(|column| !is_filled(table, row, *column));
    let most_unfilled = required
        .iter()
        .map(|column| records.iter().filter(|row| !is_filled(table, **row, *column)).count())
        .max()
        .unwrap_or(0);
    let is_guess = most_unfilled as f32 > UNFILLED * records.len() as f32;
    for row in table.header_rows..table.row_count() {
        let most = if is_guess {
            UNPLACED
        } else if records.binary_search(&row).is_ok() && lacks(table, row) {
            DOUBTED
        } else {
            continue;
        };
        for column in 0..table.width {
            if is_filled(table, row, column) {
                doubt(table, row, column, most);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::undelimited::SetBinding;

    const SCHEMA: &str = r#"{"name": "models", "fields": [
        {"name": "model", "title": "Model", "constraints": {"required": true}},
        {"name": "made", "title": "Made", "type": "integer"},
        {"name": "state", "title": "State", "constraints": {"enum": ["KT-2", "Ox"]}}]}"#;

    /// The margins of the cells of a torn table that prints the lines of `text`, its cells between `|`.
    fn margins(text: &str) -> Vec<Vec<f32>> {
        let catalog = Catalog::new(vec![Schema::from_json(SCHEMA).unwrap()]);
        let mut table = SetTable::new(Form::Torn, 3);
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let mut at = start;
            for cell in line.trim_end().split('|') {
                table.push_piece(Span::new(at, at + cell.len()));
                table.close_cell(9.0);
                at += cell.len() + 1;
            }
            table.close_row(false);
            start += line.len();
        }
        table.binding = Some(SetBinding { schema: 0, fields: (0..3).map(Some).collect() });
        raise_doubts(text, &mut table, &catalog);
        let row = |row: usize| (0..3).map(|column| table.cell(row, column).margin).collect();
        (0..table.row_count()).map(row).collect()
    }

    #[test]
    fn a_word_that_has_a_hyphen_elsewhere_is_in_doubt() {
        let margins = margins("dark bluegreen|7|\nblue-green|8|\ngreen|9|\n");
        assert_eq!(margins.iter().map(|row| row[0]).collect::<Vec<_>>(), [DOUBTED, 9.0, 9.0]);
    }

    #[test]
    fn a_value_that_the_schema_does_not_list_is_in_doubt() {
        let margins = margins("a|7|KT2\nb|8|Ox\nc|9|KT-2\nd|9|-\n");
        assert_eq!(margins.iter().map(|row| row[2]).collect::<Vec<_>>(), [DOUBTED, 9.0, 9.0, 9.0]);
        assert_eq!(margins[0][..2], [9.0, 9.0]);
    }

    #[test]
    fn blocks_end_at_blank_lines() {
        let is_block = |text: &str| {
            let place = |word: &str| text.find(word).map(|at| Span::new(at, at + word.len())).unwrap();
            is_one_block(text, place("Ox"), place("cart"))
        };
        assert!(is_block("7\n\nOx\ncart\n\n8") && is_block("\x0cOx cart\n \n"));
        assert!(!is_block("7\n\nOx\n\ncart\n\n8") && !is_block("7\nOx\ncart\n\n8"));
    }

    #[test]
    fn records_without_what_they_must_have_are_in_doubt() {
        let some = margins("a|1|Ox\n|2|Ox\nc|3|Ox\n");
        assert_eq!((some[0][1], some[1][1], some[1][2], some[2][1]), (9.0, DOUBTED, DOUBTED, 9.0));
        let most = margins("a|1|Ox\n|2|Ox\n|3|Ox\n");
        assert!(most.iter().all(|row| row[1] < 0.0 && row[2] < 0.0));
    }

    #[test]
    fn a_table_among_other_print_is_in_doubt() {
        let text = "Oak 7 see\nAsh 9 page\n";
        let margin = |left_over: &[Span]| {
            let mut table = SetTable::new(Form::Layout, 2);
            for (start, end) in [(0, 3), (4, 5), (10, 13), (14, 15)] {
                table.push_piece(Span::new(start, end));
                table.close_cell(9.0);
                if start == 4 || start == 14 {
                    table.close_row(false);
                }
            }
            table.left_over = left_over.to_vec();
            raise_doubts(text, &mut table, &Catalog::builtin());
            table.cell(1, 0).margin
        };
        assert_eq!(margin(&[Span::new(6, 9)]), 9.0);
        assert_eq!(margin(&[Span::new(6, 9), Span::new(16, 20)]), DOUBTED);
    }
}
