//! The best reading of a torn text as cells of records, and how far every cell is from the next best.
//!
//! States stand between words: how many records each column has filled, where the last cell stands, and the
//! rectangle it belongs to (its left column and top record). From a state at word `i` every run `i..j` of words is a
//! cell of some column and record, a title, or dropped:
//!
//! ```text
//! best[j][s'] = min(best[i][s] + move(s, s') + holes(s, s') + cell(i..j, column))
//! ```
//!
//! A column's cells are in order, so a record that it passes is a hole for good. At a page end all columns stand
//! at the same record again. The reading starts before any line and ends after any; the lines outside cost what
//! they cost as other text.
//!
//! Columns times records make too many states for all of them, so at each word the [`BEAM`] cheapest within
//! [`BEAM_BITS`] live on. Time is O(words x beam x columns x words a cell). What the beam drops can only make
//! a reading look surer than it is by more than the beam's bits.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use smallvec::SmallVec;

use super::measure::{Measure, REQUIRED_HOLE};
use super::moves::{Move, MoveBits, Stand};
use super::outlook::Outlook;
use super::shape::{RowMarks, Shape, Shapes};
use super::titles::Titles;
use crate::budget::Budget;
use crate::hasher::PlaceHasher;
use crate::undelimited::words::{Break, WordLine};

/// Columns at most.
pub(super) const MAX_COLUMNS: usize = 16;
/// States that live on at a word, and how far behind the best.
const BEAM: usize = 64;
const BEAM_BITS: f32 = 20.0;
/// Bits of a cell that a required column waits for in vain, in the outlook; less than the hole will cost.
pub(super) const SHORTAGE: f32 = 9.0;

/// Bits of a short line as other text than the table's.
const OUTSIDE_LINE: f32 = 3.0;
const OUTSIDE_WORD: f32 = 1.3;
const OUTSIDE_NUMBER: f32 = 2.0;
/// Words beyond these add nothing.
const OUTSIDE_WORDS: usize = 8;
/// Bits of a paragraph between rows.
const PARAGRAPH: f32 = 9.0;
/// A line of words of titles that is no title; any other line in a header; the same below the first cells.
const TITLE_REST: f32 = 1.0;
const HEADER_LINE: f32 = 3.0;
const STRAY_LINE: f32 = 8.0;
const DROPPED_WORD: f32 = 1.5;
/// Data of a column whose title was not seen although others were.
const UNTITLED: f32 = 3.0;
/// Cells so much dearer than the cheapest with the same first word and column are not tried.
const CELL_BITS: f32 = 14.0;
/// Ways into a column so much dearer than the cheapest are not tried.
const OPTION_BITS: f32 = 13.0;
/// Share of the bits for a cell that looks unlike the one above, once the column has taught its looks.
const TAUGHT_SHAPE: f32 = 0.5;
/// The words of a title as a cell.
const TITLE_AS_CELL: f32 = 5.0;
/// Columns passed by on the way to a cell.
const PASSED_COLUMN: f32 = 1.5;
/// The same where the column must have a cell, by columns.
const PASSED_WAITING: f32 = 4.5;
/// The same by rows, where the column must have a cell: it will hardly come later.
const PASSED_REQUIRED: f32 = 5.0;

/// What a run of words is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Cell {
        row: i16,
        column: u8,
    },
    Title {
        column: u8,
    },
    Dropped,
    /// What stands before or after the table.
    Outside,
}

/// A run of words with its role.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) first: usize,
    pub(super) end: usize,
    pub(super) role: Role,
    pub(super) kind: Move,
    pub(super) stand: Stand,
    /// Bits to the best reading in which these words are something else.
    pub(super) margin: f32,
}

/// A reading of the words.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) steps: Vec<Step>,
    pub(super) bits: f32,
    /// Bits of the best reading that differs somewhere, above `bits`.
    pub(super) second: f32,
}

/// Where a reading stands between two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Record and column of the last cell; record `base - 1` is the header.
    row: i16,
    column: u8,
    /// The rectangle: its top record and left column.
    top: i16,
    left: u8,
    /// The first record of the page.
    base: i16,
    /// Columns whose titles were seen on this page.
    seen: u32,
    /// For every column the record that its next cell is free to take.
    pub(super) filled: [i16; MAX_COLUMNS],
    /// Whether the page has nothing yet.
    is_fresh: bool,
    order: Order,
}

impl Hash for Place {
    /// In six words: places are hashed more often than anything else is done with them.
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let word = |values: [i16; 4]| {
            values.iter().fold(0, |word, value| word << 16 | u64::from(value.cast_unsigned()))
        };
        let corner = i16::from_be_bytes([self.column, self.left]);
        hasher.write_u64(word([self.row, self.top, self.base, corner]));
        let kind = (self.order as u64) << 1 | u64::from(self.is_fresh);
        hasher.write_u64(kind << 32 | u64::from(self.seen));
        for filled in self.filled.as_chunks().0 {
            hasher.write_u64(word(*filled));
        }
    }
}

/// The order of the print so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Order {
    /// Nothing is known yet; as a limit of a search: any order.
    Open,
    Rows,
    Columns,
}

#[derive(Clone, Copy, Debug)]
struct State {
    place: Place,
    bits: f32,
    /// What it still has to pay at least.
    outlook: f32,
    back: u32,
    lives: bool,
    /// What the cells on the best way here look like, once it lives.
    looks: u32,
}

/// What the cells on the way to a state look like.
#[derive(Clone, Debug, Default)]
struct Looks {
    /// The shape of the last telling cell of every column.
    shapes: [Shape; MAX_COLUMNS],
    marks: RowMarks,
}

impl State {
    fn at(place: Place) -> Self {
        Self { place, bits: f32::INFINITY, outlook: 0.0, back: NONE, lives: false, looks: NONE }
    }
}

/// A way to a cell: move, bits, what was expected, the place after it, the record.
type Way = (Move, f32, Stand, Place, i16);

#[derive(Clone, Copy, Debug)]
struct Arc {
    from: u32,
    to: u32,
    bits: f32,
    first: u32,
    end: u32,
    role: Role,
    kind: Move,
    stand: Stand,
}

/// The states at a word, by place.
type KnownPlaces = HashMap<Place, u32, BuildHasherDefault<PlaceHasher>>;

const NONE: u32 = u32::MAX;

/// Everything the search looks at.
pub(super) struct Search<'m, 'a> {
    pub(super) measure: &'m mut Measure<'a>,
    pub(super) titles: &'m Titles,
    pub(super) moves: &'m MoveBits,
    /// The only order that is tried, if not [`Order::Open`].
    limit: Order,
    states: Vec<State>,
    /// Of the states that live.
    looks: Vec<Looks>,
    arcs: Vec<Arc>,
    /// States by word.
    stacks: Vec<Vec<u32>>,
    known: Vec<KnownPlaces>,
    /// Emptied ones, for words to come.
    spare: Vec<KnownPlaces>,
    least: Vec<f32>,
    /// Bits of all lines before each word as other text; only at line starts.
    outside: Vec<f32>,
    outlook: Outlook,
    /// Cells that start at the word at hand, by column: end and bits.
    cells: Vec<Vec<(usize, f32, Shape)>>,
    shapes: Shapes,
    end_state: u32,
}

impl<'m, 'a> Search<'m, 'a> {
    pub(super) fn new(
        measure: &'m mut Measure<'a>,
        titles: &'m Titles,
        moves: &'m MoveBits,
        limit: Order,
    ) -> Self {
        let count = measure.words.words.len();
        let mut outside = vec![0.0; count + 1];
        for line in &measure.words.lines {
            let bits = outside_bits(line);
            for word in line.first..line.end {
                outside[word + 1] = outside[word] + if word + 1 == line.end { bits } else { 0.0 };
            }
        }
        let outlook = Outlook::new(measure);
        let shapes = Shapes::new(measure.text, measure.words);
        Self {
            measure,
            titles,
            moves,
            limit,
            states: Vec::new(),
            looks: Vec::new(),
            arcs: Vec::new(),
            stacks: vec![Vec::new(); count + 1],
            known: vec![HashMap::default(); count + 1],
            spare: Vec::new(),
            least: vec![f32::INFINITY; count + 1],
            outside,
            outlook,
            cells: Vec::new(),
            shapes,
            end_state: NONE,
        }
    }

    /// The best reading; `None` if nothing is better than no table, or the budget ends.
    pub(super) fn run(mut self, budget: &mut Budget) -> Option<Reading> {
        let count = self.measure.words.words.len();
        let width = self.measure.columns.len();
        if width == 0 || width > MAX_COLUMNS || count == 0 {
            return None;
        }
        let end = Place { is_fresh: false, ..fresh() };
        self.states.push(State { lives: true, ..State::at(end) });
        self.end_state = 0;
        for at in 0..=count {
            let is_line_start = at == count || self.measure.words.words[at].before >= Break::Line;
            if is_line_start && at < count {
                self.start_at(at);
            }
            let living = self.prune(at);
            self.measure_cells(at, living.len());
            for id in living {
                if is_line_start {
                    self.finish(id, at);
                }
                if at < count {
                    if !budget.spend(1) {
                        return None;
                    }
                    self.expand(id, at);
                }
            }
            let mut spare = std::mem::take(&mut self.known[at]);
            spare.clear();
            self.spare.push(spare);
        }
        self.reading()
    }

    fn start_at(&mut self, at: usize) {
        let bits = self.outside[at];
        let id = self.push_state(fresh(), bits, at);
        if let Some(id) = id {
            self.states[id as usize].back = NONE;
        }
    }

    /// The state of this place at word `at`, if it is worth keeping; its bits become the lesser.
    fn push_state(&mut self, place: Place, bits: f32, at: usize) -> Option<u32> {
        let limit = self.least[at] + BEAM_BITS;
        if bits > limit {
            return None;
        }
        if self.known[at].capacity() == 0
            && let Some(spare) = self.spare.pop()
        {
            self.known[at] = spare;
        }
        let (id, is_new) = match self.known[at].entry(place) {
            Entry::Occupied(known) => (*known.get(), false),
            Entry::Vacant(vacant) => {
                let outlook = self.outlook.bits(&place, at);
                if bits + outlook > limit {
                    return None;
                }
                let id = self.states.len() as u32;
                vacant.insert(id);
                let own = if place.is_fresh { bits } else { f32::INFINITY };
                self.states.push(State { bits: own, outlook, ..State::at(place) });
                self.stacks[at].push(id);
                (id, true)
            }
        };
        let hopeful = bits + self.states[id as usize].outlook;
        if !is_new && hopeful > limit {
            return None;
        }
        self.least[at] = self.least[at].min(hopeful);
        Some(id)
    }

    fn push_arc(&mut self, from: u32, place: Place, at: usize, arc: Arc) {
        let bits = self.states[from as usize].bits + arc.bits;
        let Some(to) = self.push_state(place, bits, at) else { return };
        let index = self.arcs.len() as u32;
        self.arcs.push(Arc { from, to, ..arc });
        if bits < self.states[to as usize].bits {
            let state = &mut self.states[to as usize];
            (state.bits, state.back) = (bits, index);
        }
    }

    /// What the cells on the best way to a state look like, which is known once all words before it are read.
    fn looks_of(&self, id: u32) -> Looks {
        let Some(arc) = self.arcs.get(self.states[id as usize].back as usize) else {
            return Looks::default();
        };
        let before = self.looks.get(self.states[arc.from as usize].looks as usize);
        let mut looks = before.cloned().unwrap_or_default();
        if let Role::Cell { column, row } = arc.role {
            let shape = self.shapes.of(arc.first as usize, arc.end as usize);
            if shape.is_telling() {
                looks.shapes[usize::from(column)] = shape;
            }
            if self.measure.columns[usize::from(column)].model.is_numeric()
                && let Some(mark) = shape.mark(row)
            {
                looks.marks.put(mark);
            }
        }
        looks
    }

    fn prune(&mut self, at: usize) -> Vec<u32> {
        let limit = self.least[at] + BEAM_BITS;
        let mut ranked: Vec<(f32, u32)> = std::mem::take(&mut self.stacks[at])
            .into_iter()
            .map(|id| {
                let state = &self.states[id as usize];
                (state.bits + state.outlook, id)
            })
            .filter(|(bits, _)| *bits <= limit)
            .collect();
        ranked.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
        ranked.truncate(BEAM);
        for &(_, id) in &ranked {
            let looks = self.looks_of(id);
            let state = &mut self.states[id as usize];
            (state.lives, state.looks) = (true, self.looks.len() as u32);
            self.looks.push(looks);
        }
        ranked.into_iter().map(|(_, id)| id).collect()
    }

    /// Ends the table before word `at`.
    fn finish(&mut self, id: u32, at: usize) {
        let State { place, bits, .. } = self.states[id as usize];
        let next = self.next_row(&place);
        if next == 0 {
            return;
        }
        let count = self.measure.words.words.len();
        let rest = self.outside[count] - self.outside[at];
        let arc_bits = self.open_holes(&place, next) + rest;
        let arc = Arc {
            from: id,
            to: self.end_state,
            bits: arc_bits,
            first: at as u32,
            end: count as u32,
            role: Role::Outside,
            kind: Move::Other,
            stand: Stand::Open,
        };
        let index = self.arcs.len() as u32;
        self.arcs.push(arc);
        let end = &mut self.states[self.end_state as usize];
        if bits + arc_bits < end.bits {
            end.bits = bits + arc_bits;
            end.back = index;
        }
    }

    /// The record after all that have a cell.
    fn next_row(&self, place: &Place) -> i16 {
        place.filled.iter().take(self.measure.columns.len()).copied().max().unwrap_or(0)
    }

    /// Bits of the holes that stay if no column gets another cell above record `next`.
    fn open_holes(&self, place: &Place, next: i16) -> f32 {
        let columns = self.measure.columns.iter().zip(&place.filled);
        columns.map(|(column, &filled)| f32::from(next - filled) * column.hole).sum()
    }

    fn expand(&mut self, id: u32, at: usize) {
        let mut place = self.states[id as usize].place;
        let before = self.measure.words.words[at].before;
        let mut turn = 0.0;
        if before == Break::Page && !place.is_fresh {
            let next = self.next_row(&place);
            turn = self.open_holes(&place, next);
            place = Place { row: next - 1, top: next, base: next, seen: 0, ..fresh() };
            place.filled = [next; MAX_COLUMNS];
        }
        self.drop_words(id, &place, at, turn);
        self.read_titles(id, &place, at, turn);
        self.read_cells(id, &place, at, turn, before);
    }

    /// Words that are no cell: a paragraph between rows, what a header says over several columns.
    fn drop_words(&mut self, id: u32, place: &Place, at: usize, turn: f32) {
        if place.is_fresh && place.base == 0 {
            return;
        }
        let words = self.measure.words;
        let line_index = words.words[at].line;
        let line = words.lines[line_index];
        let is_line_start = at == line.first;
        if line.is_prose && is_line_start {
            let last = words.lines[line_index..].iter().take_while(|line| line.is_prose).last();
            let end = last.map_or(line.end, |line| line.end);
            self.push_dropped(id, place, at, end, turn + PARAGRAPH);
            return;
        }
        let has_data =
            place.filled.iter().take(self.measure.columns.len()).any(|&filled| filled > place.base);
        let title_words = self.titles.is_title_word.get(at..line.end).unwrap_or_default();
        if is_line_start {
            let bits = if title_words.iter().all(|&is_known| is_known) {
                TITLE_REST + if has_data { 2.0 } else { 0.0 }
            } else {
                let base = if has_data { STRAY_LINE } else { HEADER_LINE };
                base + DROPPED_WORD * ((line.end - at).min(8) as f32)
            };
            self.push_dropped(id, place, at, line.end, turn + bits);
        }
        if !has_data && line.end - at > 1 {
            let bits = if title_words.first() == Some(&true) { TITLE_REST } else { HEADER_LINE };
            self.push_dropped(id, place, at, at + 1, turn + bits);
        }
    }

    fn push_dropped(&mut self, id: u32, place: &Place, at: usize, end: usize, bits: f32) {
        let arc = Arc {
            from: id,
            to: NONE,
            bits,
            first: at as u32,
            end: end as u32,
            role: Role::Dropped,
            kind: Move::Other,
            stand: Stand::Open,
        };
        self.push_arc(id, *place, end, arc);
    }

    fn read_titles(&mut self, id: u32, place: &Place, at: usize, turn: f32) {
        let before = self.measure.words.words[at].before;
        let titles = self.titles;
        for found in titles.starts.get(at).map(Vec::as_slice).unwrap_or_default() {
            let column = found.field;
            if place.seen & (1 << column) != 0 || place.filled[column] != place.base {
                continue;
            }
            let row = place.base - 1;
            let role = Role::Title { column: column as u8 };
            self.for_moves(place, before, column, row, |search, kind, bits, stand, mut next| {
                next.seen |= 1 << column;
                let arc = Arc {
                    from: id,
                    to: NONE,
                    bits: turn + bits - found.gain,
                    first: at as u32,
                    end: found.end as u32,
                    role,
                    kind,
                    stand,
                };
                search.push_arc(id, next, found.end, arc);
            });
        }
    }

    fn read_cells(&mut self, id: u32, place: &Place, at: usize, turn: f32, before: Break) {
        let width = self.measure.columns.len();
        let from = self.states[id as usize].bits;
        let shape_weight = if self.measure.lexicon.is_some() { TAUGHT_SHAPE } else { 1.0 };
        for column in 0..width {
            let rows = self.rows_for(place, column);
            let mut options: SmallVec<[Way; 12]> = SmallVec::new();
            for row in rows {
                self.for_moves(place, before, column, row, |search, kind, bits, stand, mut next| {
                    let holes = f32::from(row - place.filled[column]) * search.measure.columns[column].hole;
                    let is_titled = search.measure.columns[column].is_titled;
                    let untitled = if is_titled && place.seen != 0 && place.seen & (1 << column) == 0 {
                        UNTITLED
                    } else {
                        0.0
                    };
                    next.filled[column] = row + 1;
                    options.push((kind, turn + bits + holes + untitled, stand, next, row));
                });
            }
            let least = options.iter().map(|option| option.1).fold(f32::INFINITY, f32::min);
            if !least.is_finite() {
                continue;
            }
            options.retain(|option| option.1 <= least + OPTION_BITS);
            options.sort_by(|left, right| left.1.total_cmp(&right.1));
            let Some(Looks { shapes, marks }) = self.looks.get(self.states[id as usize].looks as usize)
            else {
                continue;
            };
            let above = shapes[column];
            let is_numeric = self.measure.columns[column].model.is_numeric();
            // Looks depend on the record; all ways to a record share them.
            let rows: SmallVec<[_; 12]> =
                options.iter().map(|option| marks.get(option.4).filter(|_| is_numeric)).collect();
            for index in 0..self.cells[column].len() {
                let (end, cell, shape) = self.cells[column][index];
                let limit = self.least[end] + BEAM_BITS - from - cell;
                for ((kind, bits, stand, next, row), mark) in options.iter().zip(&rows) {
                    if *bits > limit {
                        break;
                    }
                    let looks = shape_weight * shape.bits_at(above, *mark);
                    let arc = Arc {
                        from: id,
                        to: NONE,
                        bits: bits + cell + looks,
                        first: at as u32,
                        end: end as u32,
                        role: Role::Cell { row: *row, column: column as u8 },
                        kind: *kind,
                        stand: *stand,
                    };
                    self.push_arc(id, *next, end, arc);
                }
            }
        }
    }

    /// Measures the cells that start at word `at`, once for all states.
    fn measure_cells(&mut self, at: usize, living: usize) {
        let width = self.measure.columns.len();
        let count = self.measure.words.words.len();
        self.cells.clear();
        self.cells.resize(width, Vec::new());
        if living == 0 || at == count {
            return;
        }
        for column in 0..width {
            for end in at + 1..=count {
                let bits = self.measure.cell(at, end, column);
                if !bits.is_finite() {
                    break;
                }
                let titles = self.titles.starts.get(at).map(Vec::as_slice).unwrap_or_default();
                let is_title = titles.iter().any(|title| title.end == end);
                let bits = bits + if is_title { TITLE_AS_CELL } else { 0.0 };
                self.cells[column].push((end, bits, self.shapes.of(at, end)));
            }
            let least = self.cells[column].iter().map(|cell| cell.1).fold(f32::INFINITY, f32::min);
            self.cells[column].retain(|cell| cell.1 <= least + CELL_BITS);
        }
    }

    /// Records in which the next cell of `column` may stand.
    fn rows_for(&self, place: &Place, column: usize) -> SmallVec<[i16; 8]> {
        let waits = place.filled[column];
        let next = self.next_row(place);
        let mut rows = SmallVec::<[i16; 8]>::new();
        let lowest = if self.limit == Order::Rows { waits.max(next - 1) } else { waits };
        for row in [lowest, place.row, place.row + 1, place.top, next - 1, next] {
            if row >= lowest && row <= next && !rows.contains(&row) {
                rows.push(row);
            }
        }
        if self.measure.columns[column].hole < REQUIRED_HOLE && self.limit != Order::Rows {
            for row in [waits + 1, place.row + 2] {
                if row >= waits && row <= next && !rows.contains(&row) {
                    rows.push(row);
                }
            }
        }
        rows
    }

    /// Calls `take` with each way from the last cell to `row` and `column`, its bits, and the place after it.
    fn for_moves(
        &mut self,
        place: &Place,
        before: Break,
        column: usize,
        row: i16,
        mut take: impl FnMut(&mut Self, Move, f32, Stand, Place),
    ) {
        let to = column as u8;
        let goes_on = Place { row, column: to, is_fresh: false, ..*place };
        let starts = Place { left: to, top: row, ..goes_on };
        let passed = |from: usize| {
            let unfilled = (from..column).filter(|&passed| place.filled[passed] <= row.max(place.base));
            let by_rows = place.order != Order::Columns && row >= place.base;
            unfilled
                .map(|passed| {
                    let is_required = self.measure.columns[passed].hole >= REQUIRED_HOLE;
                    match (by_rows, is_required) {
                        (true, true) => PASSED_REQUIRED,
                        (false, true) => PASSED_WAITING,
                        _ => PASSED_COLUMN,
                    }
                })
                .sum::<f32>()
        };
        if place.is_fresh {
            let bits = self.moves.get(before, Stand::Open, Move::First)
                + if row < place.base { 0.0 } else { passed(0) };
            take(self, Move::First, bits, Stand::Open, starts);
            return;
        }
        let next = self.next_row(place);
        let right = usize::from(place.column) + 1;
        let stand = self.stand(place, next);
        let head = place.base - 1;
        let bits = |kind: Move| self.moves.get(before, stand, kind);
        let mut ways: SmallVec<[(Move, f32, Place); 6]> = SmallVec::new();
        if to > place.column && row == place.row {
            ways.push((Move::Right, bits(Move::Right) + passed(right), goes_on));
        }
        let is_top = row == place.top || (row <= place.base && place.top <= place.base && row >= head);
        if to > place.column && is_top {
            ways.push((Move::Next, bits(Move::Next) + passed(right), starts));
        }
        if row > place.row && row <= place.row + 2 && to >= place.left && to <= place.column {
            let shifted = if to > place.left { 3.0 } else { 0.0 };
            let order = if place.row > head { Order::Columns } else { place.order };
            ways.push((Move::Down, bits(Move::Down) + shifted, Place { order, ..goes_on }));
        }
        let group = place.filled.get(column..right).unwrap_or_default();
        let is_level =
            to <= place.column && row == place.row + 1 && group.iter().all(|&filled| filled == row);
        if (row == next || is_level) && row > head {
            let is_by_rows = row > place.base && place.top == place.row;
            let order = if is_by_rows { Order::Rows } else { place.order };
            let behind = passed(0);
            // What a record lacks once the print has gone on by rows.
            let lacks = if is_by_rows { self.lacking(place, right) } else { 0.0 };
            ways.push((Move::Record, bits(Move::Record) + behind + lacks, Place { order, ..starts }));
        }
        if row == place.row && to < place.column {
            ways.push((Move::Back, bits(Move::Back), Place { left: to.min(place.left), ..goes_on }));
        }
        if row == place.filled[column] || row == head {
            ways.push((Move::Waiting, bits(Move::Waiting), starts));
        }
        if ways.is_empty() {
            ways.push((Move::Other, bits(Move::Other), starts));
        }
        for (kind, bits, next) in ways {
            if self.limit != Order::Open && next.order != Order::Open && next.order != self.limit {
                continue;
            }
            take(self, kind, bits, stand, next);
        }
    }

    /// Bits of the columns from `first` on that must have a cell and have none in the record of the last cell.
    fn lacking(&self, place: &Place, first: usize) -> f32 {
        let rest = self.measure.columns.iter().zip(&place.filled).skip(first);
        let open = rest.filter(|(column, filled)| column.hole >= REQUIRED_HOLE && **filled <= place.row);
        PASSED_REQUIRED * open.count() as f32
    }

    /// What the order of the print leads one to expect after the last cell.
    fn stand(&self, place: &Place, next: i16) -> Stand {
        let width = self.measure.columns.len();
        let column = usize::from(place.column);
        match place.order {
            Order::Open => Stand::Open,
            Order::Rows => {
                let is_open = place.filled[column + 1..width].iter().any(|&filled| filled <= place.row);
                if is_open { Stand::InRow } else { Stand::RowEnd }
            }
            Order::Columns if place.row + 1 < next => Stand::InColumn,
            Order::Columns => {
                let rectangle = usize::from(place.left)..=column;
                let mut others = (0..width).filter(|other| !rectangle.contains(other));
                let has_equal = others.any(|other| place.filled[other] == next);
                if has_equal { Stand::ColumnEnd } else { Stand::Leading }
            }
        }
    }

    /// The best reading, with the margins of its steps: least bits forward to a state and back from it say what
    /// the best reading through each arc costs.
    fn reading(self) -> Option<Reading> {
        let total = self.states[self.end_state as usize].bits;
        if !total.is_finite() {
            return None;
        }
        let mut backward = vec![f32::INFINITY; self.states.len()];
        backward[self.end_state as usize] = 0.0;
        // Arcs are pushed in the order of their first word, and lead forward: the reverse order settles states.
        for arc in self.arcs.iter().rev() {
            let through = arc.bits + backward[arc.to as usize];
            let from = &mut backward[arc.from as usize];
            if through < *from {
                *from = through;
            }
        }
        let mut steps = self.best_steps();
        let mut second = f32::INFINITY;
        let count = self.measure.words.words.len();
        let mut of_word: Vec<usize> = vec![usize::MAX; count + 1];
        for (index, step) in steps.iter().enumerate() {
            (step.first..step.end).for_each(|word| of_word[word] = index);
        }
        for arc in &self.arcs {
            if !self.states[arc.from as usize].lives {
                continue;
            }
            let behind = self.states[arc.from as usize].bits + arc.bits + backward[arc.to as usize] - total;
            if !behind.is_finite() {
                continue;
            }
            let (first, end) = (arc.first as usize, arc.end as usize);
            for &index in of_word.get(first..end).unwrap_or_default() {
                let Some(step) = steps.get_mut(index) else { continue };
                let is_same = step.role == arc.role && step.first == first && step.end == end;
                if !is_same && behind < step.margin {
                    step.margin = behind.max(0.0);
                    second = second.min(behind);
                }
            }
        }
        Some(Reading { steps, bits: total, second })
    }

    fn best_steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = self.end_state;
        while let Some(arc) = self.arcs.get(self.states[at as usize].back as usize) {
            let (first, end) = (arc.first as usize, arc.end as usize);
            steps.push(Step {
                first,
                end,
                role: arc.role,
                kind: arc.kind,
                stand: arc.stand,
                margin: f32::INFINITY,
            });
            at = arc.from;
        }
        steps.reverse();
        steps
    }
}

/// Bits of a line as other text than the table's.
pub(crate) fn outside_bits(line: &WordLine) -> f32 {
    if line.is_prose {
        return 0.0;
    }
    let count = line.end - line.first;
    let numbers = line.numbers.min(count);
    OUTSIDE_LINE
        + OUTSIDE_WORD * (count - numbers).min(OUTSIDE_WORDS) as f32
        + OUTSIDE_NUMBER * numbers.min(OUTSIDE_WORDS) as f32
}

fn fresh() -> Place {
    Place {
        row: -1,
        top: 0,
        base: 0,
        column: 0,
        left: 0,
        seen: 0,
        filled: [0; MAX_COLUMNS],
        is_fresh: true,
        order: Order::Open,
    }
}
