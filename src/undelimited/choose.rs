//! Choice among the tables that several readers set over the same lines: the greatest gain in bits wins.

use std::collections::BTreeMap;

use super::set::SetTable;
use crate::region::Form;
use crate::schema::{Catalog, Schema};

/// Of tables of streams and torn tables that overlap and read with the same schema only the one stays that `weigh`
/// finds to explain its print best. Their own gains are of different models; the one that stays keeps the greatest of
/// them against tables of other forms.
pub(crate) fn settle_rivals(
    tables: &mut Vec<SetTable>,
    weigh: impl Fn(&SetTable, &Schema) -> f32,
    catalog: &Catalog,
) {
    let schema_of = |table: &SetTable| {
        let schema = table.binding.as_ref()?.schema;
        (table.form != Form::Layout).then_some(schema)
    };
    let mut first = 0;
    while first < tables.len() {
        let rival = (first + 1..tables.len()).find(|&other| {
            schema_of(&tables[first]).is_some()
                && schema_of(&tables[first]) == schema_of(&tables[other])
                && tables[first].span.overlaps(tables[other].span)
        });
        let schema = schema_of(&tables[first]).and_then(|schema| catalog.schemas().get(schema));
        let (Some(second), Some(schema)) = (rival, schema) else {
            first += 1;
            continue;
        };
        let (one, other) = (weigh(&tables[first], schema), weigh(&tables[second], schema));
        let gain = tables[first].gain.max(tables[second].gain);
        let loser = tables.remove(if other > one { first } else { second });
        let winner = &mut tables[if other > one { second - 1 } else { first }];
        winner.gain = gain;
        winner.notes.push(format!(
            "weighed: {:.0} bits, as {:?} {:.0} bits",
            one.max(other),
            loser.form,
            one.min(other)
        ));
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
    use crate::text::Span;

    fn table(start: usize, end: usize, gain: f32) -> SetTable {
        let mut table = SetTable::new(Form::Layout, 1);
        table.close_row(false);
        table.span = Span::new(start, end);
        table.gain = gain;
        table
    }

    #[test]
    fn the_greatest_gain_wins() {
        let tables = vec![table(0, 10, 5.0), table(8, 20, 9.0), table(20, 30, 1.0), table(30, 40, 0.0)];
        let kept: Vec<usize> = choose_tables(tables).iter().map(|table| table.span.start).collect();
        assert_eq!(kept, [8, 20]);
    }
}
