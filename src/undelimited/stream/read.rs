//! The reading of a stream of words as rows of cells: one dynamic program over words and columns.
//!
//! ```text
//! best[j][c] = min over i < j of enter[i][c] + cell(i, j, c)
//! enter[i][c] = min(open[i] + blanks(0, c),  min over b < c of best[i][b] + blanks(b + 1, c) + gap(cells))
//! open[i]   = min(0 outside the table (or LATE), closed[i] + gap(rows), skipped[i])
//! closed[i] = min over c of best[i][c] + min(blanks(c + 1, width), group row if c = 0)
//! ```
//!
//! `best[j][c]`: the first j words are read and the last cell, of column c, ends there; `cell`: bits of the words
//! i..j as a cell, relative to prose ([`super::costs`]). Words outside of the table cost nothing, so the table begins
//! and ends where reading on gains nothing; whole lines may be skipped between rows at [`SKIP`] bits. Time
//! O(words x columns x longest cell), space O(words x columns). Ties go to the earlier transition.

use super::column::{Column, Kind, TYPED_WORDS, typed_bits};
use super::costs::{Cell, Costs, Joint, PhraseHashes, UNLISTED};
use super::words::Words;

/// Words of the longest cell.
const TEXT_WORDS: usize = 48;
/// A cell that is dearer than this by its first words is not followed further.
const HOPELESS: f32 = 60.0;
/// Bits of lines between rows that are no rows.
const SKIP: f32 = 9.0;
/// Bits of a bracket that opens or closes alone in a cell.
const LONE_BRACKET: f32 = 4.0;
/// Bits of an amount in the label of a record that has values: it is one of them, and a table that has taught itself so
/// has put the rows before its own in labels.
const AMOUNT_IN_LABEL: f32 = 2.5;
/// The same, beyond that, where the label has nothing else.
const AMOUNT_AS_LABEL: f32 = 2.5;
/// Bits of a cell that begins with a word in a column of values.
const WORD_AS_VALUE: f32 = 4.0;
/// Bits of words between a header and the first row.
const LATE: f32 = 10.0;
const INFINITE: f32 = f32::INFINITY;

/// What is read, and measured once for all rounds.
pub(super) struct Stream<'a> {
    pub(super) text: &'a str,
    pub(super) words: &'a Words,
    pub(super) hashes: &'a PhraseHashes,
    pub(super) columns: &'a [Column],
    /// Bits of a table that does not begin with the first word.
    late: f32,
    /// Bits of the words from the index on, in number up to [`TYPED_WORDS`], in each class of typed columns.
    typed: Vec<f32>,
}

/// Where the words before a row were left.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Opening {
    Outside,
    /// The row before ended with a cell of this column.
    Closed(u16),
    /// Lines since this word were skipped.
    Skipped(u32),
}

/// The least costs from the start of the stream.
pub(super) struct Forward {
    width: usize,
    best: Vec<f32>,
    /// For every best: the first word of its last cell, and the column of the cell before, `OPENS` if it opens a row.
    from: Vec<(u32, u16)>,
    open: Vec<(f32, Opening)>,
    closed: Vec<(f32, u16)>,
    skipped: Vec<(f32, u32)>,
    /// The words read as a table, and their bits.
    pub(super) end: usize,
    pub(super) bits: f32,
}

const OPENS: u16 = u16::MAX;

/// The reading of the round before: for every word that opened a cell, its end and column.
pub(super) type Own = Vec<(u32, u16)>;

impl<'a> Stream<'a> {
    pub(super) fn new(
        text: &'a str,
        words: &'a Words,
        hashes: &'a PhraseHashes,
        columns: &'a [Column],
        follows_head: bool,
    ) -> Self {
        let classes = columns.len();
        let late = if follows_head { LATE } else { 0.0 };
        Self {
            text,
            words,
            hashes,
            columns,
            late,
            typed: vec![f32::NAN; words.len() * classes * TYPED_WORDS],
        }
    }

    /// Which cells a reading has.
    pub(super) fn own(&self, cells: &[Cell]) -> Own {
        let mut own = vec![(0, 0); self.words.len()];
        for cell in cells {
            if let Some(place) = own.get_mut(cell.start as usize) {
                *place = (cell.end, cell.column);
            }
        }
        own
    }

    /// Bits of the words `start..end` as a value of a typed column, measured once.
    fn typed(&mut self, start: usize, end: usize, column: usize) -> f32 {
        let Some(spec) = self.columns.get(column) else { return INFINITE };
        let index = (start * self.columns.len() + spec.class) * TYPED_WORDS + (end - start - 1);
        let Some(known) = self.typed.get(index).copied() else { return INFINITE };
        if !known.is_nan() {
            return known;
        }
        let run = self.words.words.get(start..end).unwrap_or_default();
        let mut print = String::new();
        for word in run {
            if !print.is_empty() {
                print.push(' ');
            }
            print.push_str(word.span.slice(self.text));
        }
        let all_numeric = run.iter().all(|word| word.shape.is_numeric());
        let bits = typed_bits(&print, run.len(), all_numeric, spec);
        if let Some(known) = self.typed.get_mut(index) {
            *known = bits;
        }
        bits
    }

    /// Calls `take` with the end and bits of every cell of `column` that may begin with the word `start`.
    fn for_cells(
        &mut self,
        costs: &Costs,
        own: &Own,
        start: usize,
        column: usize,
        mut take: impl FnMut(usize, f32),
    ) {
        let words = self.words;
        let is_text =
            self.columns.get(column).is_none_or(|column| matches!(column.kind, Kind::Text | Kind::Value));
        let longest = if is_text { TEXT_WORDS } else { TYPED_WORDS };
        let last = words.len().min(start + longest);
        let follows_phrases = costs.may_begin_phrase(words, start);
        let has_values = costs.has_values(column);
        let fill = costs.fill.get(column).copied().unwrap_or(0.0);
        let (own_end, own_column) = own.get(start).copied().unwrap_or((0, 0));
        let mut run = fill + costs.first_word(words, start, column);
        let (mut joints, mut prose, mut hash) =
            (0.0, Costs::prose_word(words, start), self.hashes.extend(0, start));
        let Some(first) = words.words.get(start) else { return };
        let mut brackets = i32::from(first.brackets);
        let is_label = costs.has_labels && column == 0;
        let mut is_figure = is_label;
        if is_label && first.shape.is_amount() {
            run += AMOUNT_IN_LABEL;
        }
        if costs.has_labels && costs.holds_values(column) && first.shape.is_word() {
            run += WORD_AS_VALUE;
        }
        let mut length = f32::from(first.length);
        for end in start + 1..=last {
            let (ending, going_on) = costs.end_word(words, end - 1, column, end - 1 - start);
            let mut bits = run + ending + if brackets == 0 { 0.0 } else { LONE_BRACKET };
            let typed = if is_text { 0.0 } else { self.typed(start, end, column) };
            bits += typed;
            is_figure =
                is_figure && words.words.get(end - 1).is_some_and(|word| word.shape.is_amount_or_sign());
            if is_figure {
                bits += AMOUNT_AS_LABEL;
            }
            let is_nil = end == start + 1 && first.shape == super::shape::Shape::Nil;
            if has_values && !is_nil {
                bits += UNLISTED;
            }
            if follows_phrases && let Some(phrase) = costs.phrase(hash) {
                let own = (own_end as usize == end).then_some(own_column);
                if let Some(known) = costs.phrase_bits(phrase, column, own) {
                    bits = bits.min(fill + known + typed - prose + joints);
                }
            }
            take(end, bits);
            let Some(next) = words.words.get(end) else { break };
            let mut joint = costs.gap(Joint::Inside, words, end);
            if next.gap.is_line() {
                joint += costs.wrap(column, length, f32::from(next.length));
                length = f32::from(next.length);
            } else {
                length += 1.0 + f32::from(next.length);
            }
            joints += joint;
            run += going_on + joint + costs.next_word(words, end, column);
            if is_label && next.shape.is_amount() {
                run += AMOUNT_IN_LABEL;
            }
            prose += Costs::prose_word(words, end);
            hash = self.hashes.extend(hash, end);
            brackets += i32::from(next.brackets);
            if run > HOPELESS {
                break;
            }
        }
    }

    /// The forward pass.
    pub(super) fn forward(&mut self, costs: &Costs, own: &Own) -> Forward {
        let (count, width) = (self.words.len(), self.columns.len());
        let mut pass = Forward {
            width,
            best: vec![INFINITE; (count + 1) * width],
            from: vec![(0, OPENS); (count + 1) * width],
            open: vec![(INFINITE, Opening::Outside); count + 1],
            closed: vec![(INFINITE, 0); count + 1],
            skipped: vec![(INFINITE, 0); count + 1],
            end: 0,
            bits: 0.0,
        };
        let mut line_before: Option<usize> = None;
        for start in 0..=count {
            pass.close(costs, start);
            let is_line = self.words.words.get(start).is_none_or(|word| word.gap.is_line());
            if is_line {
                if pass.closed[start].0 < pass.bits {
                    (pass.end, pass.bits) = (start, pass.closed[start].0);
                }
                if let Some(before) = line_before {
                    let fresh = (pass.closed[before].0 + SKIP, u32::try_from(before).unwrap_or(u32::MAX));
                    let going_on = pass.skipped[before];
                    pass.skipped[start] = if going_on.0 <= fresh.0 { going_on } else { fresh };
                }
                line_before = Some(start);
            }
            if start == count {
                break;
            }
            pass.open_row(
                costs,
                self.words,
                start,
                is_line.then_some(if start == 0 { 0.0 } else { self.late }),
            );
            let gap = costs.gap(Joint::Cells, self.words, start);
            let mut least = (INFINITE, OPENS);
            for column in 0..width {
                let before = costs.blanks_before[column];
                if let Some(last) = column.checked_sub(1) {
                    let reached = pass.best[start * width + last] - before;
                    if reached < least.0 {
                        least = (reached, u16::try_from(last).unwrap_or(OPENS));
                    }
                }
                let new = pass.open[start].0 + before;
                let same = least.0 + before + gap;
                let (enter, from) = if new <= same { (new, OPENS) } else { (same, least.1) };
                if !enter.is_finite() {
                    continue;
                }
                let (best, froms) = (&mut pass.best, &mut pass.from);
                let source = u32::try_from(start).unwrap_or(u32::MAX);
                self.for_cells(costs, own, start, column, |end, bits| {
                    let place = end * width + column;
                    if enter + bits < best[place] {
                        best[place] = enter + bits;
                        froms[place] = (source, from);
                    }
                });
            }
        }
        pass
    }

    /// For every cell of the best reading: by how many bits the best reading without it is dearer.
    pub(super) fn margins(&mut self, costs: &Costs, own: &Own, pass: &Forward, cells: &[Cell]) -> Vec<f32> {
        let (count, width) = (self.words.len(), self.columns.len());
        let backward = self.backward(costs, own);
        let mut others = Others::new(count);
        for start in 0..count {
            let gap = costs.gap(Joint::Cells, self.words, start);
            let mut least = INFINITE;
            let chosen = cells
                .binary_search_by(|cell| (cell.start as usize).cmp(&start))
                .ok()
                .and_then(|at| cells.get(at));
            for column in 0..width {
                let before = costs.blanks_before[column];
                if let Some(last) = column.checked_sub(1) {
                    least = least.min(pass.best[start * width + last] - before);
                }
                let entries = [(pass.open[start].0 + before, true), (least + before + gap, false)];
                self.for_cells(costs, own, start, column, |end, bits| {
                    let rest = backward.after[end * width + column];
                    for (enter, opens_row) in entries {
                        let cell = Cell {
                            start: u32::try_from(start).unwrap_or(u32::MAX),
                            end: u32::try_from(end).unwrap_or(u32::MAX),
                            column: u16::try_from(column).unwrap_or(OPENS),
                            opens_row,
                        };
                        if chosen != Some(&cell) {
                            others.lower(start, end, enter + bits + rest);
                        }
                    }
                });
            }
        }
        let mut least = others.finish();
        pass.leave_out(&mut least, self.words, &backward, self.late);
        cells
            .iter()
            .map(|cell| {
                let words = least.get(cell.start as usize..cell.end as usize).unwrap_or_default();
                words.iter().copied().fold(INFINITE, f32::min) - pass.bits
            })
            .collect()
    }

    /// The backward pass: the least costs to the end of the table.
    fn backward(&mut self, costs: &Costs, own: &Own) -> Backward {
        let (count, width) = (self.words.len(), self.columns.len());
        let mut pass =
            Backward { after: vec![INFINITE; (count + 1) * width], row: vec![INFINITE; count + 1] };
        // After a closed row, and after lines that were skipped.
        let mut skipped = INFINITE;
        for start in (0..=count).rev() {
            let is_line = self.words.words.get(start).is_none_or(|word| word.gap.is_line());
            let mut entered = vec![INFINITE; width];
            if start < count {
                for (column, entered) in entered.iter_mut().enumerate() {
                    let after = &pass.after;
                    self.for_cells(costs, own, start, column, |end, bits| {
                        *entered = entered.min(bits + after[end * width + column]);
                    });
                }
            }
            let opened = entered
                .iter()
                .zip(&costs.blanks_before)
                .map(|(entered, before)| entered + before)
                .fold(INFINITE, f32::min);
            let mut closed =
                opened + if start < count { costs.gap(Joint::Rows, self.words, start) } else { 0.0 };
            if is_line {
                // `skipped` holds the cost from the next line on, once lines are skipped.
                closed = closed.min(0.0).min(skipped + SKIP);
                skipped = skipped.min(opened);
            }
            pass.row[start] = opened;
            let gap = if start < count { costs.gap(Joint::Cells, self.words, start) } else { 0.0 };
            let all = costs.blanks_before[width];
            let mut least = INFINITE;
            for column in (0..width).rev() {
                let blanks = costs.blanks_before[column + 1];
                let close = all - blanks;
                let close = if column == 0 { close.min(costs.group) } else { close };
                pass.after[start * width + column] = (closed + close).min(least - blanks + gap);
                least = least.min(entered[column] + costs.blanks_before[column]);
            }
        }
        pass
    }
}

struct Backward {
    after: Vec<f32>,
    /// The cost of a table that begins at the word.
    row: Vec<f32>,
}

impl Forward {
    /// Ends the row before the word `at`.
    fn close(&mut self, costs: &Costs, at: usize) {
        let all = costs.blanks_before[self.width];
        for column in 0..self.width {
            let close = all - costs.blanks_before[column + 1];
            let close = if column == 0 { close.min(costs.group) } else { close };
            let bits = self.best[at * self.width + column] + close;
            if bits < self.closed[at].0 {
                self.closed[at] = (bits, u16::try_from(column).unwrap_or(OPENS));
            }
        }
    }

    fn open_row(&mut self, costs: &Costs, words: &Words, at: usize, outside: Option<f32>) {
        let (closed, column) = self.closed[at];
        let mut open = (closed + costs.gap(Joint::Rows, words, at), Opening::Closed(column));
        if let Some(outside) = outside {
            let (skipped, since) = self.skipped[at];
            if skipped < open.0 {
                open = (skipped, Opening::Skipped(since));
            }
            if outside < open.0 {
                open = (outside, Opening::Outside);
            }
        }
        self.open[at] = open;
    }

    /// The cells of the best reading, in order.
    pub(super) fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        let mut at = self.end;
        let mut column = self.closed.get(at).map_or(0, |closed| closed.1);
        if self.bits >= 0.0 {
            return cells;
        }
        while let Some(&(start, from)) = self.from.get(at * self.width + usize::from(column)) {
            let opens_row = from == OPENS;
            cells.push(Cell { start, end: u32::try_from(at).unwrap_or(u32::MAX), column, opens_row });
            at = start as usize;
            if !opens_row {
                column = from;
                continue;
            }
            match self.open.get(at).map(|open| open.1) {
                Some(Opening::Closed(last)) => column = last,
                Some(Opening::Skipped(since)) => {
                    at = since as usize;
                    column = self.closed.get(at).map_or(0, |closed| closed.1);
                }
                _ => break,
            }
        }
        cells.reverse();
        cells
    }

    /// Lowers the costs of readings without a word by those in which no cell holds it: the table ends before it, begins
    /// after it, or skips the lines around it between two rows.
    fn leave_out(&self, least: &mut [f32], words: &Words, backward: &Backward, late: f32) {
        let is_line = |at: usize| words.words.get(at).is_none_or(|word| word.gap.is_line());
        let mut ended = 0.0_f32;
        for (at, least) in least.iter_mut().enumerate() {
            if is_line(at) {
                ended = ended.min(self.closed[at].0);
            }
            *least = least.min(ended);
        }
        // The least cost of a row that opens after the word, and that of the rows before it if lines are skipped up to
        // the next line: any line up to the word may be the first that is skipped.
        let mut opened = INFINITE;
        let mut skipped = self.skipped.last().map_or(INFINITE, |skipped| skipped.0);
        for (at, least) in least.iter_mut().enumerate().rev() {
            *least = least.min(0.0).min(opened + late).min(skipped + opened);
            if is_line(at) {
                opened = opened.min(backward.row[at]);
                skipped = self.skipped[at].0;
            }
        }
    }
}

/// For every word the least cost of the readings that were told of it: updates of ranges in blocks of powers of two,
/// pushed down at the end.
struct Others {
    levels: Vec<Vec<f32>>,
}

impl Others {
    fn new(count: usize) -> Self {
        let depth = TEXT_WORDS.next_power_of_two().trailing_zeros() as usize + 1;
        Self { levels: vec![vec![INFINITE; count]; depth] }
    }

    fn lower(&mut self, start: usize, end: usize, bits: f32) {
        let level = (end - start).ilog2() as usize;
        if let Some(blocks) = self.levels.get_mut(level) {
            for at in [start, end - (1 << level)] {
                if let Some(block) = blocks.get_mut(at) {
                    *block = block.min(bits);
                }
            }
        }
    }

    fn finish(mut self) -> Vec<f32> {
        while self.levels.len() > 1 {
            let Some(blocks) = self.levels.pop() else { break };
            let half = 1 << (self.levels.len() - 1);
            if let Some(below) = self.levels.last_mut() {
                for (at, bits) in blocks.into_iter().enumerate() {
                    for place in [at, at + half] {
                        if let Some(block) = below.get_mut(place) {
                            *block = block.min(bits);
                        }
                    }
                }
            }
        }
        self.levels.pop().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::costs::{Rule, Style};
    use super::*;
    use crate::schema::{Constraints, Field, FieldKind, Schema};
    use crate::undelimited::print::Print;
    use crate::undelimited::stream::column::columns_of;

    /// Every reading there is, one by one: the slow version. Calls `take` with its bits and cells.
    struct Slow<'s, 'a> {
        stream: &'s mut Stream<'a>,
        costs: &'s Costs,
        own: Own,
    }

    impl Slow<'_, '_> {
        fn is_line(&self, at: usize) -> bool {
            self.stream.words.words.get(at).is_none_or(|word| word.gap.is_line())
        }

        fn cells_from(&mut self, start: usize, column: usize) -> Vec<(usize, f32)> {
            let mut found = Vec::new();
            self.stream.for_cells(self.costs, &self.own, start, column, |end, bits| found.push((end, bits)));
            found
        }

        /// From a closed row before the word `at`, reached at `bits`.
        fn closed(
            &mut self,
            at: usize,
            bits: f32,
            cells: &mut Vec<Cell>,
            take: &mut dyn FnMut(f32, &[Cell]),
        ) {
            if self.is_line(at) {
                take(bits, cells);
            }
            if at < self.stream.words.len() {
                let gap = self.costs.gap(Joint::Rows, self.stream.words, at);
                self.open(at, bits + gap, cells, take);
                if self.is_line(at) {
                    for next in at + 1..self.stream.words.len() {
                        if self.is_line(next) {
                            self.open(next, bits + SKIP, cells, take);
                        }
                    }
                }
            }
        }

        fn open(&mut self, at: usize, bits: f32, cells: &mut Vec<Cell>, take: &mut dyn FnMut(f32, &[Cell])) {
            for column in 0..self.stream.columns.len() {
                let blanks = self.costs.blanks_before[column];
                self.cell(at, column, true, bits + blanks, cells, take);
            }
        }

        fn cell(
            &mut self,
            at: usize,
            column: usize,
            opens_row: bool,
            bits: f32,
            cells: &mut Vec<Cell>,
            take: &mut dyn FnMut(f32, &[Cell]),
        ) {
            let width = self.stream.columns.len();
            for (end, cost) in self.cells_from(at, column) {
                cells.push(Cell { start: at as u32, end: end as u32, column: column as u16, opens_row });
                let bits = bits + cost;
                let blanks = self.costs.blanks_before[width] - self.costs.blanks_before[column + 1];
                let close = if column == 0 { blanks.min(self.costs.group) } else { blanks };
                self.closed(end, bits + close, cells, take);
                if end < self.stream.words.len() {
                    let gap = self.costs.gap(Joint::Cells, self.stream.words, end);
                    for next in column + 1..width {
                        let skipped = self.costs.blanks_before[next] - self.costs.blanks_before[column + 1];
                        self.cell(end, next, false, bits + gap + skipped, cells, take);
                    }
                }
                cells.pop();
            }
        }

        /// All readings: (bits, cells).
        fn all(&mut self) -> Vec<(f32, Vec<Cell>)> {
            let mut all = vec![(0.0, Vec::new())];
            for start in 0..self.stream.words.len() {
                if self.is_line(start) {
                    let outside = if start == 0 { 0.0 } else { self.stream.late };
                    self.open(start, outside, &mut Vec::new(), &mut |bits, cells| {
                        all.push((bits, cells.to_vec()))
                    });
                }
            }
            all
        }
    }

    fn schema() -> Schema {
        let required = Constraints { required: true, ..Constraints::default() };
        let label = Field { constraints: required, ..Field::new("label") };
        let value = Field { kind: FieldKind::Number, ..Field::new("value") };
        Schema { fields: vec![label, value], ..Schema::default() }
    }

    /// Holds the fast reading of a text, flattened from the table of [`schema`], against all its readings: bits are the
    /// same, and so are the margins of all cells.
    fn agrees(text: &str) -> Result<(), TestCaseError> {
        let columns = columns_of(&schema());
        let print = Print::new(text, &[]);
        let words = Words::new(&print, 0..print.lines.len(), |_| false);
        let hashes = PhraseHashes::new(text, &words);
        let mut stream = Stream::new(text, &words, &hashes, &columns, true);
        let first = Costs::learn(&words, &hashes, &columns, &[], Style::Flattened, Rule::Keep);
        let taught = {
            let own = stream.own(&[]);
            stream.forward(&first, &own).cells()
        };
        let costs = Costs::learn(&words, &hashes, &columns, &taught, Style::Flattened, Rule::LeaveOut);
        let own = stream.own(&taught);
        let pass = stream.forward(&costs, &own);
        let cells = pass.cells();
        let margins = stream.margins(&costs, &own, &pass, &cells);
        let all = Slow { stream: &mut stream, costs: &costs, own }.all();
        let least = all.iter().map(|(bits, _)| *bits).fold(f32::INFINITY, f32::min);
        prop_assert!((least - pass.bits).abs() < 1e-3, "slow {} fast {}", least, pass.bits);
        for (cell, margin) in cells.iter().zip(margins) {
            let without = all.iter().filter(|(_, other)| !other.contains(cell));
            let next = without.map(|(bits, _)| *bits).fold(f32::INFINITY, f32::min);
            let slow = next - least;
            prop_assert!((margin - slow).abs() < 1e-3, "{:?}: slow {} fast {}", cell, slow, margin);
        }
        Ok(())
    }

    #[test]
    fn margins_know_readings_that_skip_the_lines_of_a_cell() {
        agrees("Oil\n—\nthe\nOil\nOil").unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn fast_and_slow_readings_agree(text in "(Rent|Oil|7|9.5|the|—)([ \n](Rent|Oil|7|9.5|the|—)){1,5}") {
            agrees(&text)?;
        }
    }
}
