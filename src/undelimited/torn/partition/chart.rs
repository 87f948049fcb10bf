//! The chart: for every interval of lines its cheapest readings.

use std::collections::BTreeMap;
use std::ops::Range;

use super::CutBits;
use super::items::{
    Candidate, Cell, Found, Group, Item, Key, Made, NESTED, Piece, Placed, Slot, Way, nested,
};
use super::looks::Marks;
use super::pieces::PIECE_LINES;
use crate::budget::Budget;
use crate::undelimited::sums::bits_of_last;
use crate::undelimited::torn::measure::Measure;
use crate::undelimited::torn::search::outside_bits;
use crate::undelimited::torn::titles::Titles;
use crate::undelimited::words::Break;

/// Lines of a page at most; longer pages are left to the other search.
const MAX_LINES: usize = 100;
/// Readings of one interval that live on, and how far behind the cheapest.
const KEPT: usize = 40;
/// Lines of a page from which on fewer live, and how many at least.
const LINES_OF_ALL: usize = 60;
const LEAST_KEPT: usize = 20;
const BEAM_BITS: f32 = 15.0;
/// Sums may make up for so much.
pub(super) const SUM_BITS: f32 = 6.0;
/// How much dearer than no table the reading of an interval may be, and more for every line.
const SLACK: f32 = 12.0;
const LINE_SLACK: f32 = 3.0;
/// Pairs of readings that are looked at in one step of the budget.
pub(super) const PAIRS_A_STEP: u64 = 64;
/// Empty records in a row.
const HOLES: usize = 2;
/// Bits of a hole beyond its column's own: where among the records it stands.
const HOLE_PLACE: f32 = 1.0;
/// Of columns that lack the same record the others cost this share.
const HOLE_SHARED: f32 = 0.6;
/// Records of which as much is missing are none.
const MOST_HOLE: f32 = 14.0;
/// The right part printed before the left one.
const TURNED: f32 = 6.0;
/// A line in a part that is no cell: in the header, and elsewhere; each word of it, and each number besides.
const HEADER_LINE: f32 = 3.0;
const STRAY_LINE: f32 = 8.0;
const STRAY_WORD: f32 = 1.5;
const STRAY_NUMBER: f32 = 3.0;
/// Words of such a line beyond these add nothing.
const STRAY_WORDS: usize = 8;
/// A line of words of titles that is no title; below the header more.
const TITLE_REST: f32 = 1.5;
const TITLE_REST_BELOW: f32 = 3.5;
/// A column without its title although it has one, and one that has none.
const NO_TITLE: f32 = 4.0;
const UNTITLED: f32 = 0.2;
/// A line of running text between records.
const PROSE_LINE: f32 = 3.0;
/// The bits of a page's first line outside of tables, as a share: pages open with a running head.
const RUNNING_HEAD: f32 = 0.3;

/// How a reading and one printed after it are joined, and the bits of the cut between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Joint {
    is_beside: bool,
    pub(super) cut: f32,
}

impl Joint {
    /// The readings of a group that can be joined to one of `key`, the cheapest first: below it what has no header of its
    /// own, beside it what has as many records, and nothing that was cut the same way before.
    pub(super) fn partners<'c>(&self, cell: &'c Cell, group: &Group, key: Key) -> &'c [Slot] {
        if self.is_beside { cell.beside(group, key) } else { cell.below(group) }
    }

    /// The two as one, if that costs no more than a limit.
    pub(super) fn join(
        &self,
        chart: &Chart<'_, '_>,
        one: Slot,
        next: Slot,
        limit: f32,
    ) -> Option<(Key, f32, Made)> {
        if self.is_beside {
            chart.set_beside(one, next, self.cut, limit)
        } else {
            chart.stack(one, next, self.cut, limit)
        }
    }
}

pub(super) struct Chart<'m, 'a> {
    pub(super) measure: &'m mut Measure<'a>,
    pub(super) titles: &'m Titles,
    pub(super) cuts: CutBits,
    /// The lines of the page that may belong to the table.
    pub(super) lines: Vec<usize>,
    pub(super) pieces: Vec<Piece>,
    pub(super) items: Vec<Item>,
    /// Items by interval.
    pub(super) cells: Vec<Cell>,
    /// Bits of the cheapest item of every interval.
    pub(super) cheapest: Vec<f32>,
    /// Bits of the lines before each line outside of tables.
    pub(super) outside: Vec<f32>,
}

impl<'m, 'a> Chart<'m, 'a> {
    /// A chart of the lines `page`; none where they are too many.
    pub(super) fn new(
        measure: &'m mut Measure<'a>,
        titles: &'m Titles,
        cuts: CutBits,
        page: Range<usize>,
    ) -> Option<Self> {
        let all = &measure.words.lines;
        // Paragraphs of several lines are no part of any table.
        let is_prose = |line: usize| all.get(line).is_some_and(|line| line.is_prose);
        let is_paragraph = |line: usize| {
            is_prose(line)
                && (is_prose(line + 1) && page.contains(&(line + 1))
                    || line > page.start && is_prose(line - 1))
        };
        let lines: Vec<usize> = page.clone().filter(|line| !is_paragraph(*line)).collect();
        if lines.len() < 2 || lines.len() > MAX_LINES {
            return None;
        }
        let mut outside = vec![0.0];
        let mut sum = 0.0;
        for line in &lines {
            let opens_page = *line == page.start && all[*line].numbers == 0;
            sum += outside_bits(&all[*line]) * if opens_page { RUNNING_HEAD } else { 1.0 };
            outside.push(sum);
        }
        let count = lines.len() + 1;
        Some(Self {
            measure,
            titles,
            cuts,
            lines,
            pieces: Vec::new(),
            items: Vec::new(),
            cells: vec![Cell::default(); count * count],
            cheapest: vec![f32::INFINITY; count * count],
            outside,
        })
    }

    /// The best table of the page.
    pub(super) fn run(mut self, budget: &mut Budget) -> Option<Placed> {
        let count = self.lines.len();
        let mut leaves: Vec<Vec<(Key, Candidate)>> = vec![Vec::new(); (count + 1) * PIECE_LINES.min(count)];
        for line in 0..count {
            let steps = self.read_pieces(line, &mut leaves);
            if !budget.spend(1 + steps) {
                return None;
            }
            self.read_heads(line, &mut leaves);
        }
        let mut found = Found::default();
        for length in 1..=count {
            for first in 0..=count - length {
                let end = first + length;
                if length <= PIECE_LINES.min(count) {
                    let slot = first * PIECE_LINES.min(count) + length - 1;
                    for (key, leaf) in leaves.get(slot).into_iter().flatten() {
                        found.put(*key, leaf.bits, leaf.made);
                    }
                }
                self.skip_lines(first, end, &mut found);
                let mut tried = 0;
                let mut least = found.least();
                for cut in first + 1..end {
                    tried += self.join((first, cut, end), &mut found, &mut least);
                }
                if !budget.spend(1 + tried / PAIRS_A_STEP) {
                    return None;
                }
                self.keep(first, end, &mut found);
            }
        }
        let mut placed = self.best_root()?;
        if self.measure.lexicon.is_some() {
            placed.margins = self.margins(&leaves, &placed, budget);
        }
        Some(placed)
    }

    pub(super) fn slot(&self, first: usize, end: usize) -> usize {
        first * (self.lines.len() + 1) + end
    }

    pub(super) fn slots(&self, first: usize, end: usize) -> &[Slot] {
        self.cells.get(self.slot(first, end)).map(|cell| cell.slots.as_slice()).unwrap_or_default()
    }

    /// Bits of the lines `first..end` outside of tables.
    pub(super) fn outside(&self, first: usize, end: usize) -> f32 {
        self.outside[end] - self.outside[first]
    }

    /// The most that a reading of the lines `first..end` may cost.
    pub(super) fn limit(&self, first: usize, end: usize) -> f32 {
        self.outside(first, end) + SLACK + LINE_SLACK * (end - first) as f32
    }

    /// The break before a line: 0 after a line end, 1 after more.
    pub(super) fn break_at(&self, line: usize) -> usize {
        let words = self.measure.words;
        let before = self.lines.get(line).and_then(|line| words.lines.get(*line));
        let word = before.and_then(|line| words.words.get(line.first));
        usize::from(word.is_none_or(|word| word.before > Break::Line))
    }

    /// Bits of the sums that records of item `bottom` are of records above them in item `top`.
    pub(super) fn sum_bits(&self, top: u32, bottom: u32, values: &mut Vec<(u8, i16, i64)>) -> f32 {
        let rows = self.items[top as usize].key.rows;
        if rows < 2 {
            return 0.0;
        }
        values.clear();
        self.collect_values(bottom, rows, values);
        // Most records that are set below others have no number.
        if values.is_empty() {
            return 0.0;
        }
        self.collect_values(top, 0, values);
        values.sort_unstable_by_key(|value| (value.0, value.1));
        let mut bits = 0.0;
        let mut column: Vec<i64> = Vec::with_capacity(values.len());
        for run in values.chunk_by(|one, other| one.0 == other.0) {
            column.clear();
            let mut below = 0;
            for &(_, row, value) in run {
                column.push(value);
                if row >= rows {
                    bits += bits_of_last(&column, 2.max(below + 1));
                    below += 1;
                }
            }
        }
        bits
    }

    /// The numbers of item `id`, by column and record.
    fn collect_values(&self, id: u32, row: i16, values: &mut Vec<(u8, i16, i64)>) {
        let item = &self.items[id as usize];
        match item.made {
            Made::Piece(piece) => {
                let piece = self.pieces.get(piece as usize);
                let own = piece.into_iter().flat_map(|piece| &piece.values);
                values.extend(own.map(|&(column, value)| (column, row, value)));
            }
            Made::Stacked(top, bottom) => {
                self.collect_values(top, row, values);
                self.collect_values(bottom, row + self.items[top as usize].key.rows, values);
            }
            Made::Beside(left, right) => {
                self.collect_values(left, row, values);
                self.collect_values(right, row, values);
            }
            Made::Skipped(inner) | Made::HoleBelow(inner) | Made::Headless(inner) | Made::Narrow(inner) => {
                self.collect_values(inner, row, values);
            }
            Made::HoleAbove(inner) => self.collect_values(inner, row + 1, values),
        }
    }

    /// Readings with a first or last line that is no cell.
    fn skip_lines(&self, first: usize, end: usize, found: &mut Found) {
        if end - first < 2 {
            return;
        }
        for (inner, line, is_before) in [((first + 1, end), first, true), ((first, end - 1), end - 1, false)]
        {
            for &Slot { id, .. } in self.slots(inner.0, inner.1) {
                let item = self.items[id as usize];
                let is_header = item.key.has_head && (is_before || item.key.rows == 0);
                let bits = item.bits + self.skip_bits(line, is_header);
                found.put(item.key, bits, Made::Skipped(id));
            }
        }
    }

    pub(super) fn skip_bits(&self, line: usize, is_header: bool) -> f32 {
        let words = self.measure.words;
        let Some(line) = self.lines.get(line).and_then(|line| words.lines.get(*line)) else { return 0.0 };
        if line.is_prose {
            return PROSE_LINE;
        }
        let is_known = self.titles.is_title_word.get(line.first..line.end).unwrap_or_default();
        if is_known.iter().all(|&is_known| is_known) {
            return if is_header { TITLE_REST } else { TITLE_REST_BELOW };
        }
        let base = if is_header { HEADER_LINE } else { STRAY_LINE };
        base + STRAY_WORD * (line.end - line.first).min(STRAY_WORDS) as f32
            + if is_header { 0.0 } else { STRAY_NUMBER * line.numbers.min(STRAY_WORDS) as f32 }
    }

    /// Joins the readings of two neighbouring intervals; how many pairs were tried. `least` is the cheapest so far.
    fn join(&self, (first, cut, end): (usize, usize, usize), found: &mut Found, least: &mut f32) -> u64 {
        let (before, after) = (&self.cells[self.slot(first, cut)], &self.cells[self.slot(cut, end)]);
        if before.slots.is_empty() || after.slots.is_empty() {
            return 0;
        }
        let place = self.break_at(cut);
        let most = self.limit(first, end);
        // Neighbours that are cut alike give back what they have paid.
        let floor = self.cheapest[self.slot(cut, end)] - NESTED;
        if self.cheapest[self.slot(first, cut)] + floor > most.min(*least + BEAM_BITS + SUM_BITS) {
            return 0;
        }
        let mut tried = 0;
        for (own, group) in
            before.groups.iter().flat_map(|own| after.groups.iter().map(move |group| (own, group)))
        {
            let Some(joint) = self.joint(own, group, place) else { continue };
            let cheapest = after.least(group);
            for one in before.of_group(own) {
                // The cheapest stand first.
                if one.bits + cheapest + joint.cut > most.min(*least + BEAM_BITS + SUM_BITS) {
                    break;
                }
                for other in joint.partners(after, group, one.key) {
                    tried += 1;
                    let limit = most.min(*least + BEAM_BITS + SUM_BITS);
                    if one.bits + other.bits + joint.cut > limit {
                        break;
                    }
                    if let Some((key, bits, made)) = joint.join(self, *one, *other, limit) {
                        *least = least.min(bits);
                        found.put(key, bits, made);
                    }
                }
            }
        }
        tried
    }

    /// How readings of two groups of columns can be joined over a break: one below the other, or side by side; `None` where
    /// the groups do not meet.
    pub(super) fn joint(&self, own: &Group, next: &Group, place: usize) -> Option<Joint> {
        if (next.left, next.right) == (own.left, own.right) {
            return Some(Joint { is_beside: false, cut: self.cuts.stacked[place] });
        }
        let is_beside = next.left == own.right || next.right == own.left;
        is_beside.then(|| Joint { is_beside, cut: self.cuts.beside[place] })
    }

    /// `next` below `top`, if that costs no more than `limit`.
    fn stack(&self, top: Slot, next: Slot, cut: f32, limit: f32) -> Option<(Key, f32, Made)> {
        let (above, below) = (&self.items[top.id as usize], &self.items[next.id as usize]);
        let bits = top.bits
            + next.bits
            + cut
            + nested(top.key, next.key, Way::Stacked)
            + below.tops.bits_below(above.bottoms);
        let rows = top.key.rows.saturating_add(next.key.rows);
        let key = Key { rows, way: Way::Stacked, parts: next.key.way, ..top.key };
        (bits <= limit).then_some((key, bits, Made::Stacked(top.id, next.id)))
    }

    /// `next`, printed after `one`, to the right or to the left of it, if that costs no more than `limit`.
    fn set_beside(&self, one: Slot, next: Slot, cut: f32, limit: f32) -> Option<(Key, f32, Made)> {
        let (a, b) = (one.key, next.key);
        let is_turned = b.right == a.left;
        let (first, second) = (&self.items[one.id as usize], &self.items[next.id as usize]);
        let bits = one.bits
            + next.bits
            + cut
            + if is_turned { TURNED } else { 0.0 }
            + nested(a, b, Way::Beside)
            + first.marks.bits_beside(second.marks);
        let (left, right) = if is_turned { (next.id, one.id) } else { (one.id, next.id) };
        let (start, end) = (a.left.min(b.left), a.right.max(b.right));
        let key = Key { left: start, right: end, way: Way::Beside, parts: b.way, ..a };
        (bits <= limit).then_some((key, bits, Made::Beside(left, right)))
    }

    /// The item of a candidate that lives on, with what its cells look like.
    fn item_of(&self, key: Key, Candidate { bits, made }: Candidate) -> Item {
        let (marks, tops, bottoms) = match made {
            Made::Piece(piece) => self
                .pieces
                .get(piece as usize)
                .map_or_else(Default::default, |piece| (piece.marks, piece.kinds, piece.kinds)),
            Made::Stacked(top, next) => {
                let (above, below) = (&self.items[top as usize], &self.items[next as usize]);
                (
                    above.marks.over(below.marks, above.key.rows),
                    above.tops.or(below.tops),
                    below.bottoms.or(above.bottoms),
                )
            }
            Made::Beside(left, right) => {
                let (left, right) = (&self.items[left as usize], &self.items[right as usize]);
                (left.marks.over(right.marks, 0), left.tops.or(right.tops), left.bottoms.or(right.bottoms))
            }
            Made::HoleAbove(inner) => {
                let inner = &self.items[inner as usize];
                (Marks::default().over(inner.marks, 1), inner.tops, inner.bottoms)
            }
            Made::Skipped(inner) | Made::HoleBelow(inner) | Made::Headless(inner) | Made::Narrow(inner) => {
                let inner = &self.items[inner as usize];
                (inner.marks, inner.tops, inner.bottoms)
            }
        };
        Item { key, bits, made, marks, tops, bottoms }
    }

    /// Keeps the cheapest readings of an interval, and those with holes and without headers that follow from them.
    fn keep(&mut self, first: usize, end: usize, found: &mut Found) {
        let limit = self.limit(first, end);
        let most = (KEPT * LINES_OF_ALL / self.lines.len().max(1)).clamp(LEAST_KEPT, KEPT);
        let mut kept: BTreeMap<Key, u32> = BTreeMap::new();
        let mut wave = found.take();
        let least = wave.iter().map(|(_, found)| found.bits).fold(f32::INFINITY, f32::min);
        let mut values = Vec::new();
        wave.retain(|(_, found)| found.bits <= limit.min(least + BEAM_BITS + SUM_BITS));
        for (_, found) in &mut wave {
            if let Made::Stacked(top, bottom) = found.made {
                found.bits -= self.sum_bits(top, bottom, &mut values);
            }
        }
        wave.sort_by(|one, other| one.1.bits.total_cmp(&other.1.bits).then(one.0.cmp(&other.0)));
        let limit = limit.min(wave.first().map_or(0.0, |(_, found)| found.bits) + BEAM_BITS);
        wave.truncate(most);
        for _ in 0..=HOLES + 1 {
            for (key, candidate) in wave {
                let is_known =
                    kept.get(&key).is_some_and(|id| self.items[*id as usize].bits <= candidate.bits);
                if candidate.bits > limit || is_known {
                    continue;
                }
                let id = self.items.len() as u32;
                self.items.push(self.item_of(key, candidate));
                kept.insert(key, id);
                self.derive(id, found);
            }
            wave = found.take();
        }
        let mut ids: Vec<u32> = kept.into_values().collect();
        ids.sort_by(|one, other| {
            self.items[*one as usize].bits.total_cmp(&self.items[*other as usize].bits).then(one.cmp(other))
        });
        ids.truncate(most);
        let least = ids.first().map_or(f32::INFINITY, |id| self.items[*id as usize].bits);
        let slots = ids
            .into_iter()
            .map(|id| Slot { key: self.items[id as usize].key, bits: self.items[id as usize].bits, id })
            .collect();
        let slot = self.slot(first, end);
        self.cells[slot] = Cell::of(slots);
        self.cheapest[slot] = least;
    }

    /// The readings that print nothing more than item `id`: with an empty record, or without a header.
    pub(super) fn derive(&self, id: u32, next: &mut Found) {
        let item = self.items[id as usize];
        let columns = self
            .measure
            .columns
            .get(usize::from(item.key.left)..usize::from(item.key.right))
            .unwrap_or_default();
        if !item.key.has_head {
            let titles: f32 =
                columns.iter().map(|column| if column.is_titled { NO_TITLE } else { UNTITLED }).sum();
            let key = Key { has_head: true, ..item.key };
            next.put(key, item.bits + titles, Made::Headless(id));
        }
        let dearest = columns.iter().map(|column| column.hole).fold(0.0, f32::max);
        let sum: f32 = columns.iter().map(|column| column.hole).sum();
        let hole = HOLE_PLACE + dearest + HOLE_SHARED * (sum - dearest);
        let key = Key { rows: item.key.rows + 1, way: Way::Stacked, ..item.key };
        if item.key.rows > 0 && hole < MOST_HOLE {
            next.put(key, item.bits + hole, Made::HoleBelow(id));
            if !item.key.has_head {
                next.put(key, item.bits + hole + 0.01, Made::HoleAbove(id));
            }
        }
        let bits_of = |column: usize| {
            let hole = self.measure.columns.get(column).map_or(f32::INFINITY, |column| column.hole);
            item.bits + f32::from(item.key.rows) * (hole + HOLE_PLACE)
        };
        if item.key.rows > 0 && !item.key.has_head {
            if let Some(left) = item.key.left.checked_sub(1) {
                let key = Key { left, ..item.key };
                next.put(key, bits_of(usize::from(left)), Made::Narrow(id));
            }
            let key = Key { right: item.key.right + 1, ..item.key };
            next.put(key, bits_of(usize::from(item.key.right)), Made::Narrow(id));
        }
    }

    /// The cheapest table on the page with all columns.
    fn best_root(&self) -> Option<Placed> {
        let count = self.lines.len();
        let width = self.measure.columns.len() as u8;
        let mut best: Option<(f32, u32)> = None;
        let mut others: Vec<(f32, i16)> = Vec::new();
        for first in 0..count {
            for end in first + 1..=count {
                for &Slot { id, .. } in self.slots(first, end) {
                    let item = self.items[id as usize];
                    if item.key.left != 0 || item.key.right != width || item.key.rows == 0 {
                        continue;
                    }
                    let bits = item.bits + self.outside(0, first) + self.outside(end, count);
                    others.push((bits, item.key.rows));
                    if best.is_none_or(|(least, _)| bits < least) {
                        best = Some((bits, id));
                    }
                }
            }
        }
        let (bits, id) = best?;
        let rows = self.items[id as usize].key.rows;
        let second = others.iter().filter(|other| other.1 != rows).map(|other| other.0);
        let mut placed =
            Placed { rows, bits, second: second.fold(f32::INFINITY, f32::min), ..Placed::default() };
        self.place(id, 0, &mut placed);
        Some(placed)
    }

    /// Puts the cells of item `id` into records from `row` on; a header is the record before.
    fn place(&self, id: u32, row: i16, placed: &mut Placed) {
        // Parts in the order of their cuts; depth is bounded by the lines of a page.
        let mut open = vec![(id, row)];
        while let Some((id, row)) = open.pop() {
            let item = self.items[id as usize];
            match item.made {
                Made::Piece(piece) => {
                    let Some(piece) = self.pieces.get(piece as usize) else { continue };
                    if !piece.is_head {
                        let filled = piece.cells.iter().fold(0, |mask, cell| mask | 1_u64 << cell.0);
                        placed.holed |= columns_of(item.key) & !filled;
                    }
                    let row = if piece.is_head { -1 } else { row };
                    placed.cells.extend(piece.cells.iter().map(|cell| (row, *cell)));
                }
                Made::Stacked(top, bottom) => {
                    open.push((top, row));
                    open.push((bottom, row + self.items[top as usize].key.rows));
                    self.count_cut(bottom, 0, placed);
                }
                Made::Beside(left, right) => {
                    open.push((left, row));
                    open.push((right, row));
                    self.count_cut(right, 1, placed);
                }
                Made::Skipped(inner) | Made::Headless(inner) => open.push((inner, row)),
                Made::HoleBelow(inner) => {
                    placed.holed |= columns_of(item.key);
                    open.push((inner, row));
                }
                Made::HoleAbove(inner) => {
                    placed.holed |= columns_of(item.key);
                    open.push((inner, row + 1));
                }
                Made::Narrow(inner) => {
                    placed.holed |= columns_of(item.key) & !columns_of(self.items[inner as usize].key);
                    open.push((inner, row));
                }
            }
        }
    }

    /// Counts the cut before item `id`.
    fn count_cut(&self, id: u32, kind: usize, placed: &mut Placed) {
        let mut at = id;
        loop {
            match self.items[at as usize].made {
                Made::Piece(piece) => {
                    let first = self.pieces.get(piece as usize).and_then(|piece| piece.cells.first());
                    let word = first.and_then(|cell| self.measure.words.words.get(cell.1 as usize));
                    let place = usize::from(word.is_none_or(|word| word.before > Break::Line));
                    placed.cuts[place][kind] += 1;
                    return;
                }
                Made::Stacked(next, _) | Made::Beside(next, _) => at = next,
                Made::Skipped(next)
                | Made::HoleBelow(next)
                | Made::Headless(next)
                | Made::Narrow(next)
                | Made::HoleAbove(next) => at = next,
            }
        }
    }
}

/// The columns of a key, a bit each.
fn columns_of(key: Key) -> u64 {
    let below = |column: u8| (1_u64 << column.min(63)) - 1;
    below(key.right) & !below(key.left)
}
