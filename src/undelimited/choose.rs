//! Choice among the tables that several readers set over the same lines: the greatest gain in bits wins.

use super::set::SetTable;

/// Keeps of overlapping tables the one that gains most; the rest in the order of the text.
pub(crate) fn choose_tables(mut tables: Vec<SetTable>) -> Vec<SetTable> {
    // Ties go to the table that comes first, in a text and among the readers.
    tables.sort_by(|left, right| right.gain.total_cmp(&left.gain).then(left.span.cmp(&right.span)));
    let mut kept: Vec<SetTable> = Vec::new();
    for table in tables {
        let place = kept.partition_point(|other| other.span.start < table.span.start);
        let is_free = place
            .checked_sub(1)
            .and_then(|before| kept.get(before))
            .is_none_or(|before| before.span.end <= table.span.start)
            && kept.get(place).is_none_or(|after| table.span.end <= after.span.start);
        if is_free && table.gain > 0.0 && table.row_count() > table.header_rows {
            kept.insert(place, table);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::Form;
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
