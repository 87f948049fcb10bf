//! Packed blocks become rows: full columns settled, columns with fewer values than records as placements.

use std::collections::{BTreeMap, BTreeSet};

use super::{PackedBlock, PackedColumn, Sequence, Values, Words};
use crate::align::alignment::{Choice, Content, Placement, Slot};
use crate::align::layout::{Layout, OutColumn};
use crate::align::records::{Body, Draft, PendingCut, RowDraft, mark_choice, push_choice, push_row};
use crate::column::fit::Fit;
use crate::table::{CellValue, Origin};
use crate::text::Span;

impl<'t> PackedBlock<'t> {
    /// Adds the block's records to the alignment: full columns settled, others as placements.
    ///
    /// Where the last record is a total, the columns in which totals have nothing (dates, numbers of items, fields
    /// that no check sums) belong to the records above it.
    pub(crate) fn push(
        self,
        layout: &Layout,
        expected: &BTreeMap<String, BTreeSet<usize>>,
        body: &mut Body<'t>,
    ) {
        let first = body.alignment.rows.len();
        let rows: Vec<usize> = (first..first + self.records).collect();
        let empty =
            |out: &OutColumn| Draft::empty(if out.grid_column.is_some() { Slot::Lost } else { Slot::Absent });
        let mut block = Block {
            drafts: rows
                .iter()
                .map(|_| RowDraft {
                    cells: layout.outs.iter().map(empty).collect(),
                    line: self.line,
                    ..RowDraft::default()
                })
                .collect(),
            placements: Vec::new(),
            touched: layout.outs.iter().map(|out| out.grid_column.is_none()).collect(),
            rows,
            margin: self.margin,
            has_total: self.total.is_some(),
        };
        let summed =
            self.total.as_ref().and_then(|label| expected.get(label)).filter(|outs| !outs.is_empty());
        let is_summed = |out: usize| {
            let is_numeric = layout.outs.get(out).is_some_and(|out| out.model.is_numeric());
            is_numeric && summed.is_none_or(|outs| outs.contains(&out))
        };
        let mut pending = Vec::new();
        for column in self.columns {
            match column {
                PackedColumn::Words(words) => block.fill_words(words, &mut pending),
                PackedColumn::Values(values) if values.out < layout.outs.len() => {
                    let in_total = is_summed(values.out);
                    block.fill_values(values, in_total);
                }
                PackedColumn::Values(_) => {}
                PackedColumn::Sequence(sequence) => block.fill_sequence(&sequence),
            }
        }
        block.finish(layout, body);
        body.pending.extend(pending);
    }
}

/// The records of a block while they are filled.
struct Block<'t> {
    rows: Vec<usize>,
    drafts: Vec<RowDraft<'t>>,
    placements: Vec<Placement<'t>>,
    touched: Vec<bool>,
    /// Bits by which the row as it stands is dearer.
    margin: f32,
    /// Whether the last record is a total.
    has_total: bool,
}

impl<'t> Block<'t> {
    fn fill_words(&mut self, words: Words<'t>, pending: &mut Vec<PendingCut<'t>>) {
        self.touched[words.out] = true;
        let records = self.rows.len();
        if let Some(pieces) = words.pieces.as_ref().filter(|pieces| pieces.len() == records) {
            return self.place_words(&words, pieces);
        }
        // Above a total stand one record less, and their words.
        let (above, body) = match words.total.filter(|_| self.has_total) {
            Some(label) => {
                self.place_word(&words, records - 1, label);
                (records - 1, Span::new(0, label.start).trimmed(&words.run.text))
            }
            None if self.has_total && words.words < records => {
                self.drafts[records - 1].cells[words.out] = Draft::empty(Slot::Blank);
                (records - 1, Span::new(0, words.run.text.len()))
            }
            None => (records, Span::new(0, words.run.text.len())),
        };
        if above == 1 {
            return self.place_word(&words, 0, body);
        }
        for draft in &mut self.drafts[..above] {
            draft.cells[words.out] = Draft::empty(Slot::Printed);
        }
        let rows = self.rows[..above].to_vec();
        pending.push(PendingCut { column: words.out, rows, run: words.run.sub(body) });
    }

    fn place_words(&mut self, words: &Words<'t>, pieces: &[Span]) {
        for (record, piece) in pieces.iter().enumerate() {
            self.place_word(words, record, *piece);
        }
    }

    fn place_word(&mut self, words: &Words<'t>, record: usize, piece: Span) {
        let fit = Fit::text(piece.len());
        self.drafts[record].cells[words.out] = Draft::printed(&words.run, piece, &fit, Origin::Split);
    }

    /// Puts a column's values into the block: one a record where they are as many, else as a placement. Where a
    /// total has nothing in the column, its record is left out. `in_total`: whether it may have.
    fn fill_values(&mut self, values: Values<'t>, in_total: bool) {
        self.touched[values.out] = true;
        let is_above = self.has_total && !in_total && values.pieces.len() < self.rows.len();
        let records = self.rows.len() - usize::from(is_above);
        let is_full = values.pieces.len() == records;
        if is_full && records < self.rows.len() {
            self.drafts[records].cells[values.out] = Draft::empty(Slot::Blank);
        }
        let origin = if is_full { Origin::Split } else { Origin::Moved };
        let mut contents: Vec<Content<'t>> = Vec::new();
        for (index, (part, fit)) in values.pieces.iter().enumerate() {
            let draft = Draft::printed(&values.run, *part, fit, origin);
            if !is_full {
                contents.push(token_of(&draft, fit));
            }
            self.drafts[index].cells[values.out] = draft;
        }
        if !is_full {
            let best = (0..contents.len()).collect();
            self.placements.push(Placement {
                column: values.out,
                rows: self.rows.clone(),
                tokens: contents,
                best,
            });
        }
    }

    /// Puts the values of a column of several fields into the block, where their order round the fields settles
    /// the record; a field with an unsettled value is a placement.
    fn fill_sequence(&mut self, sequence: &Sequence<'t>) {
        let records = sequence.records(self.rows.len());
        for out in sequence.outs.clone() {
            self.touched[out] = true;
            let own: Vec<usize> =
                (0..sequence.tokens.len()).filter(|&token| sequence.tokens[token].0 == out).collect();
            let is_settled = own.iter().all(|&token| records[token].0 == records[token].1);
            let origin = if is_settled { Origin::Split } else { Origin::Moved };
            let mut contents = Vec::new();
            let mut best = Vec::new();
            for &token in &own {
                let (_, part, fit) = &sequence.tokens[token];
                let draft = Draft::printed(&sequence.run, *part, fit, origin);
                contents.push(token_of(&draft, fit));
                best.push(records[token].0);
                if let Some(row) = self.drafts.get_mut(records[token].0) {
                    row.cells[out] = draft;
                }
            }
            if !is_settled || own.is_empty() {
                self.placements.push(Placement {
                    column: out,
                    rows: self.rows.clone(),
                    tokens: contents,
                    best,
                });
            }
        }
    }

    fn finish(self, layout: &Layout, body: &mut Body<'t>) {
        let Block { rows, drafts, mut placements, touched, margin, .. } = self;
        for mut draft in drafts {
            draft.cells.iter_mut().for_each(|cell| cell.margin = cell.margin.min(margin));
            push_row(draft, layout, &mut body.alignment);
        }
        for column in (0..touched.len()).filter(|&column| !touched[column]) {
            placements.push(Placement { column, rows: rows.clone(), tokens: Vec::new(), best: Vec::new() });
        }
        for placement in placements {
            let column = placement.column;
            let index = push_choice(&mut body.alignment, Choice::Placement(placement));
            mark_choice(&mut body.alignment, index, column, &rows);
        }
    }
}

/// A cell as the token of a placement: only a nil mark has no value.
fn token_of<'t>(draft: &Draft<'t>, fit: &Fit) -> Content<'t> {
    let value = draft.content.value.or(Some(CellValue::Text).filter(|_| !fit.is_nil));
    Content { value, ..draft.content.clone() }
}
