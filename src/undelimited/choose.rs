//! Choice among the tables that several readers set over the same lines: the greatest gain in bits wins.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::set::SetTable;
use crate::region::Form;
use crate::schema::{Catalog, Schema};
use crate::text::Span;

/// Of stacked and torn tables that overlap and read with the same schema only the one stays that `weigh`
/// finds to explain its print best. Their own gains are of different models; the one that stays keeps the greatest of
/// them against tables of other forms. A flattened table is no rival: where most lines hold the cells of a record no
/// column is torn off, and a model that counts the ways between cells finds order in any regrouping of such lines. But
/// a torn table that even this model finds no order in yields to it.
pub(crate) fn settle_rivals(
    tables: &mut Vec<SetTable>,
    weigh: impl Fn(&SetTable, &Schema) -> f32,
    catalog: &Catalog,
) {
    let schema_of = |table: &SetTable| {
        let schema = table.binding.as_ref()?.schema;
        matches!(table.form, Form::Stacked | Form::Torn).then_some(schema)
    };
    let clusters = overlapping(tables, schema_of);
    let mut slots: Vec<Option<SetTable>> = std::mem::take(tables).into_iter().map(Some).collect();
    let mut first = 0;
    while first < slots.len() {
        let Some((second, schema)) = slots[first].as_ref().and_then(|own| {
            let schema = schema_of(own)?;
            let members = clusters.get(first).map_or(&[][..], |members| members.as_slice());
            let is_rival = |other: &&usize| {
                **other > first && slots[**other].as_ref().is_some_and(|table| table.span.overlaps(own.span))
            };
            Some((*members.iter().find(is_rival)?, catalog.schemas().get(schema)?))
        }) else {
            first += 1;
            continue;
        };
        let (Some(one), Some(other)) = (slots[first].take(), slots[second].take()) else { break };
        let (bits, other_bits) = (weigh(&one, schema), weigh(&other, schema));
        let gain = one.gain.max(other.gain);
        let is_second = other_bits > bits;
        let (mut winner, loser) = if is_second { (other, one) } else { (one, other) };
        if !loser.is_parts || winner.form == Form::Torn {
            share_margins(&mut winner, &loser);
        }
        winner.gain = gain;
        winner.notes.push(format!(
            "weighed: {:.0} bits, as {:?} {:.0} bits",
            bits.max(other_bits),
            loser.form,
            bits.min(other_bits)
        ));
        slots[if is_second { second } else { first }] = Some(winner);
    }
    tables.extend(slots.into_iter().flatten());
    yield_to_flattened(tables, weigh, catalog);
}

/// Takes torn tables that weigh less than their words outside of any table out of the way of flattened tables with
/// the same schema over the same lines: one row that holds the lines of many may gain much by its reader's own model.
fn yield_to_flattened(
    tables: &mut Vec<SetTable>,
    weigh: impl Fn(&SetTable, &Schema) -> f32,
    catalog: &Catalog,
) {
    let schema_of = |table: &SetTable| table.binding.as_ref().map(|binding| binding.schema);
    let mut flattened: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
    for table in tables.iter().filter(|table| table.form == Form::Flattened && table.gain > 0.0) {
        if let Some(schema) = schema_of(table) {
            flattened.entry(schema).or_default().push(table.span);
        }
    }
    tables.retain(|table| {
        let schema = schema_of(table).filter(|_| table.form == Form::Torn);
        let Some((index, schema)) = schema.and_then(|index| Some((index, catalog.schemas().get(index)?)))
        else {
            return true;
        };
        let spans = flattened.get(&index).map_or(&[][..], Vec::as_slice);
        !spans.iter().any(|span| span.overlaps(table.span)) || weigh(table, schema) > 0.0
    });
}

/// For every table that reads with a schema, the tables of that schema, in their order, of whose spans a chain of overlaps
/// leads to its own: among them its rivals are. One sort; a table without a schema has none.
fn overlapping(tables: &[SetTable], schema_of: impl Fn(&SetTable) -> Option<usize>) -> Vec<Rc<Vec<usize>>> {
    let none = Rc::new(Vec::new());
    let mut clusters = vec![none; tables.len()];
    let mut bound: Vec<(usize, usize, usize)> = tables
        .iter()
        .enumerate()
        .filter_map(|(index, table)| Some((schema_of(table)?, table.span.start, index)))
        .collect();
    bound.sort_unstable();
    let mut end = 0;
    let mut last = None;
    let mut open: Vec<usize> = Vec::new();
    let mut close = |members: &mut Vec<usize>| {
        members.sort_unstable();
        let members = Rc::new(std::mem::take(members));
        members.iter().for_each(|&index| clusters[index] = Rc::clone(&members));
    };
    for (schema, start, index) in bound {
        if last != Some(schema) || start >= end {
            close(&mut open);
            end = 0;
        }
        last = Some(schema);
        end = end.max(tables[index].span.end);
        open.push(index);
    }
    close(&mut open);
    clusters
}

/// The most that a cell's margin says which the reading of the other table cuts or places otherwise.
const MARGIN_APART: f32 = 6.0;
/// The least that the margin of a cell says which both read alike, in a table that both read alike for the most part.
const MARGIN_ALIKE: f32 = 8.0;
/// A margin that low names a doubt that another reader cannot settle: words broken by a hyphen, columns that may be
/// exchanged.
const MARGIN_LOW: f32 = 5.0;
/// Share of the cells from which on two tables are alike for the most part.
const ALIKE: f32 = 0.8;

/// The margin from which on two readings of torn text, by a search for its order and as parts, confirm each other. Both
/// measure cells alike and so misread alike: of cells whose order was less sure one in five stood wrong though both had
/// them, of the others one in five hundred. A cell that a reader of another kind has confirmed needs no parts.
const MARGIN_KIN: f32 = 2.0;

/// Two readers that know nothing of each other err apart: what both read alike is as sure as the surer of them says,
/// and what they read differently is not sure.
fn share_margins(table: &mut SetTable, other: &SetTable) {
    let fields =
        |table: &SetTable| table.binding.as_ref().map_or(Vec::new(), |binding| binding.fields.clone());
    let (own, others) = (fields(table), fields(other));
    let mut places: BTreeMap<(Option<usize>, usize, usize), (usize, f32)> = BTreeMap::new();
    for row in other.header_rows..other.row_count() {
        for (column, field) in others.iter().enumerate() {
            let cell = other.cell(row, column);
            if let (Some(first), Some(last)) = (cell.pieces.first(), cell.pieces.last()) {
                places.insert((*field, first.start, last.end), (row, cell.margin));
            }
        }
    }
    // For every filled cell its margin if it is alike: at the same words, in a record that shares others.
    let mut alike: Vec<(usize, usize, Option<f32>)> = Vec::new();
    for row in table.header_rows..table.row_count() {
        let mut cells = Vec::new();
        let mut records: BTreeMap<usize, usize> = BTreeMap::new();
        for (column, field) in own.iter().enumerate() {
            let pieces = table.cell(row, column).pieces;
            let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { continue };
            let place = places.get(&(*field, first.start, last.end)).copied();
            if let Some((record, _)) = place {
                *records.entry(record).or_default() += 1;
            }
            cells.push((column, place));
        }
        let shared = records.iter().max_by_key(|(record, count)| (**count, std::cmp::Reverse(**record)));
        let record = shared.filter(|(_, count)| **count * 2 > cells.len()).map(|(record, _)| *record);
        alike.extend(cells.into_iter().map(|(column, place)| {
            (row, column, place.filter(|(other, _)| Some(*other) == record).map(|(_, margin)| margin))
        }));
    }
    let count = alike.iter().filter(|(.., margin)| margin.is_some()).count();
    let least = if count as f32 >= ALIKE * alike.len() as f32 { MARGIN_ALIKE } else { 0.0 };
    let are_kin = table.form == Form::Torn && other.form == Form::Torn;
    for (row, column, margin) in alike {
        let own = table.cell(row, column).margin;
        let shared = margin.map_or(own.min(MARGIN_APART), |margin| {
            if are_kin {
                let (order, parts) = if table.is_parts { (margin, own) } else { (own, margin) };
                let is_alone = order < MARGIN_ALIKE && parts < MARGIN_KIN;
                return if order < MARGIN_KIN {
                    order
                } else if is_alone {
                    parts
                } else {
                    order.max(parts).max(least)
                };
            }
            let surer = own.max(margin);
            // What neither is sure of at all has a reason that both share.
            if surer < MARGIN_LOW { surer } else { surer.max(least) }
        });
        table.set_margin(row, column, shared);
    }
}

/// Keeps of overlapping tables the one that gains most; the rest in the order of the text.
pub(crate) fn choose_tables(mut tables: Vec<SetTable>) -> Vec<SetTable> {
    // Ties go to the table that comes first, in a text and among the readers.
    tables.sort_by(|left, right| right.gain.total_cmp(&left.gain).then(left.span.cmp(&right.span)));
    // By their starts; those kept do not overlap, so that only the neighbours of a table can be in its way.
    let mut kept: BTreeMap<usize, SetTable> = BTreeMap::new();
    for table in tables {
        let span = table.span;
        let before = kept.range(..span.start).next_back();
        let after = kept.range(span.start..).next();
        let is_free = before.is_none_or(|(_, before)| before.span.end <= span.start)
            && after.is_none_or(|(start, _)| span.end <= *start);
        if is_free && table.gain > 0.0 && table.row_count() > table.header_rows {
            kept.insert(span.start, table);
        }
    }
    kept.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(start: usize, end: usize, gain: f32) -> SetTable {
        let mut table = SetTable::new(Form::Layout, 1);
        table.close_row(false);
        table.span = Span::new(start, end);
        table.gain = gain;
        table
    }

    /// A table of one record a row, of cells of one byte with this margin, at the places given.
    fn bound(form: Form, rows: &[[usize; 2]], margin: f32) -> SetTable {
        let mut table = SetTable::new(form, 2);
        for row in rows {
            for place in row {
                table.push_piece(Span::new(*place, place + 1));
                table.close_cell(margin);
            }
            table.close_row(false);
        }
        table.span = Span::new(0, 20);
        table.gain = 10.0;
        table.binding = Some(crate::undelimited::SetBinding { schema: 0, fields: vec![Some(0), Some(1)] });
        table
    }

    #[test]
    fn what_two_readers_read_alike_is_surer_than_what_they_do_not() {
        let mut table = bound(Form::Torn, &[[0, 2], [4, 6], [8, 10]], 6.5);
        share_margins(&mut table, &bound(Form::Stacked, &[[0, 2], [4, 6], [8, 12]], 9.0));
        let margins = |row| [table.cell(row, 0).margin, table.cell(row, 1).margin];
        assert_eq!((margins(0), margins(2)), ([9.0, 9.0], [6.0, 6.0]));
        // The same words in another record are not alike.
        let mut table = bound(Form::Torn, &[[0, 2], [4, 6]], 20.0);
        share_margins(&mut table, &bound(Form::Stacked, &[[0, 6], [4, 2]], 20.0));
        assert!((0..2).all(|row| table.cell(row, 0).margin <= 6.0 && table.cell(row, 1).margin <= 6.0));
    }

    #[test]
    fn a_doubt_that_both_share_stays() {
        let mut table = bound(Form::Torn, &[[0, 2], [4, 6]], 4.0);
        share_margins(&mut table, &bound(Form::Stacked, &[[0, 2], [4, 6]], 3.0));
        assert_eq!(table.cell(1, 1).margin, 4.0);
    }

    #[test]
    fn two_torn_readings_confirm_each_other_where_neither_doubts() {
        let rows = [[0, 2], [4, 6]];
        let mut table = bound(Form::Torn, &rows, 3.0);
        share_margins(&mut table, &bound(Form::Torn, &rows, 2.5));
        assert_eq!(table.cell(0, 0).margin, MARGIN_ALIKE);
        let mut table = bound(Form::Torn, &rows, 3.0);
        share_margins(&mut table, &bound(Form::Torn, &rows, 0.5));
        assert_eq!(table.cell(0, 0).margin, 0.5);
        let mut table = bound(Form::Torn, &rows, 1.0);
        share_margins(&mut table, &bound(Form::Torn, &rows, 20.0));
        assert_eq!(table.cell(0, 0).margin, 1.0);
        let mut parts = bound(Form::Torn, &rows, 20.0);
        parts.is_parts = true;
        share_margins(&mut parts, &bound(Form::Torn, &rows, 1.0));
        assert_eq!(parts.cell(0, 0).margin, 1.0);
    }

    #[test]
    fn of_rivals_the_one_that_weighs_more_stays() {
        let catalog = Catalog::new(vec![
            Schema::from_json(r#"{"name": "s", "fields": [{"name": "a"}, {"name": "b"}]}"#).unwrap(),
        ]);
        let mut tables =
            vec![bound(Form::Stacked, &[[0, 2]], 9.0), bound(Form::Torn, &[[0, 2]], 9.0), table(0, 20, 99.0)];
        settle_rivals(&mut tables, |table, _| if table.form == Form::Torn { 5.0 } else { 4.0 }, &catalog);
        assert_eq!(tables.iter().map(|table| table.form).collect::<Vec<_>>(), [Form::Torn, Form::Layout]);
    }

    #[test]
    fn a_torn_table_that_weighs_nothing_yields_to_a_flattened_one() {
        let catalog = Catalog::new(vec![
            Schema::from_json(r#"{"name": "s", "fields": [{"name": "a"}, {"name": "b"}]}"#).unwrap(),
        ]);
        for (bits, left) in [(-1.0, 1), (1.0, 2)] {
            let mut tables = vec![bound(Form::Flattened, &[[0, 2]], 9.0), bound(Form::Torn, &[[0, 2]], 9.0)];
            settle_rivals(&mut tables, |_, _| bits, &catalog);
            assert_eq!(tables.len(), left);
        }
    }

    #[test]
    fn the_greatest_gain_wins() {
        let tables = vec![table(0, 10, 5.0), table(8, 20, 9.0), table(20, 30, 1.0), table(30, 40, 0.0)];
        let kept: Vec<usize> = choose_tables(tables).iter().map(|table| table.span.start).collect();
        assert_eq!(kept, [8, 20]);
    }
}
