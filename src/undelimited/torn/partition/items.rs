//! Readings of an interval of lines, and what they are compared by.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use super::looks::{Kinds, Marks};
use crate::hasher::PlaceHasher;

/// A part that is cut the other way than the one it belongs to, unless its neighbours are cut so too.
pub(super) const NESTED: f32 = 1.5;

/// How a reading of an interval is made up.
#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    /// One record: index into the pieces.
    Piece(u32),
    /// The second below the first.
    Stacked(u32, u32),
    /// The second to the right of the first, or before it.
    Beside(u32, u32),
    /// With a line before or after that is no cell.
    Skipped(u32),
    /// An empty record above or below.
    HoleAbove(u32),
    HoleBelow(u32),
    /// A header that is not printed.
    Headless(u32),
    /// With a column to the left or right of which nothing is printed.
    Narrow(u32),
}

/// Which way a reading was cut last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    #[default]
    Uncut,
    Stacked,
    Beside,
}

/// What a reading of an interval covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) left: u8,
    pub(super) right: u8,
    pub(super) rows: i16,
    pub(super) has_head: bool,
    pub(super) way: Way,
    /// The way in which its last part was cut.
    pub(super) parts: Way,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let columns = u64::from(self.left) << 8 | u64::from(self.right);
        let ways = (self.way as u64) << 4 | (self.parts as u64) << 1 | u64::from(self.has_head);
        hasher.write_u64(ways << 32 | columns << 16 | u64::from(self.rows.cast_unsigned()));
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) key: Key,
    pub(super) bits: f32,
    pub(super) made: Made,
    pub(super) marks: Marks,
    /// Kinds of the first and of the last telling cell of every column.
    pub(super) tops: Kinds,
    pub(super) bottoms: Kinds,
}

/// What joining looks at first of an item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) key: Key,
    pub(super) bits: f32,
    pub(super) id: u32,
}

/// A reading of an interval before it is known to live on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) bits: f32,
    pub(super) made: Made,
}

/// The readings of an interval that live.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    /// By columns, and the cheapest first among those of the same columns.
    pub(super) slots: Vec<Slot>,
    /// Those of the same columns.
    pub(super) groups: Vec<Group>,
    /// Group by group, those that may stand below others.
    below: Vec<Slot>,
    /// Group by group, those that may stand beside others of as many records, run by run.
    beside: Vec<Slot>,
    runs: Vec<Run>,
}

/// Slots of the same columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) left: u8,
    pub(super) right: u8,
    first: u32,
    end: u32,
    /// The range of those that may stand below others, and of the runs of those that may stand beside others.
    below: (u32, u32),
    runs: (u32, u32),
}

/// Slots of the same columns and records.
#[derive(Clone, Copy, Debug)]
struct Run {
    rows: i16,
    has_head: bool,
    first: u32,
    end: u32,
}

impl Cell {
    pub(super) fn of(mut slots: Vec<Slot>) -> Self {
        slots.sort_by(|one, other| {
            let columns = (one.key.left, one.key.right).cmp(&(other.key.left, other.key.right));
            columns.then(one.bits.total_cmp(&other.bits)).then(one.key.cmp(&other.key))
        });
        let mut cell = Self::default();
        let mut first = 0;
        for group in
            slots.chunk_by(|one, other| (one.key.left, one.key.right) == (other.key.left, other.key.right))
        {
            let end = first + group.len();
            cell.push_group(group, (first, end));
            first = end;
        }
        cell.slots = slots;
        cell
    }

    fn push_group(&mut self, slots: &[Slot], (first, end): (usize, usize)) {
        let Some(Slot { key: Key { left, right, .. }, .. }) = slots.first().copied() else { return };
        let starts = (self.below.len(), self.runs.len());
        let may_be_below = |slot: &&Slot| !slot.key.has_head && slot.key.way != Way::Stacked;
        self.below.extend(slots.iter().filter(may_be_below));
        let from = self.beside.len();
        self.beside.extend(slots.iter().filter(|slot| slot.key.way != Way::Beside));
        // Stable: the cheapest stay first.
        let records = |slot: &Slot| (slot.key.rows, slot.key.has_head);
        self.beside[from..].sort_by_key(records);
        let mut at = from;
        for run in self.beside[from..].chunk_by(|one, other| records(one) == records(other)) {
            let (rows, has_head) = records(&run[0]);
            self.runs.push(Run { rows, has_head, first: at as u32, end: (at + run.len()) as u32 });
            at += run.len();
        }
        self.groups.push(Group {
            left,
            right,
            first: first as u32,
            end: end as u32,
            below: (starts.0 as u32, self.below.len() as u32),
            runs: (starts.1 as u32, self.runs.len() as u32),
        });
    }

    pub(super) fn of_group(&self, group: &Group) -> &[Slot] {
        self.slots.get(group.first as usize..group.end as usize).unwrap_or_default()
    }

    /// The slots of a group that may stand below others, the cheapest first.
    pub(super) fn below(&self, group: &Group) -> &[Slot] {
        self.below.get(group.below.0 as usize..group.below.1 as usize).unwrap_or_default()
    }

    /// The slots of a group that may stand beside a reading of `key`, the cheapest first.
    pub(super) fn beside(&self, group: &Group, key: Key) -> &[Slot] {
        let runs = self.runs.get(group.runs.0 as usize..group.runs.1 as usize).unwrap_or_default();
        let run = runs.iter().find(|run| run.rows == key.rows && run.has_head == key.has_head);
        run.and_then(|run| self.beside.get(run.first as usize..run.end as usize)).unwrap_or_default()
    }

    /// The bits of the cheapest slot of a group.
    pub(super) fn least(&self, group: &Group) -> f32 {
        self.slots.get(group.first as usize).map_or(f32::INFINITY, |slot| slot.bits)
    }
}

/// A cell or title of a piece: column, first and end word.
pub(super) type PieceCell = (u8, u32, u32);

/// One record's cells on some lines, or titles.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) cells: Vec<PieceCell>,
    /// The values of cells that are numbers, by column.
    pub(super) values: Vec<(u8, i64)>,
    pub(super) is_head: bool,
    pub(super) marks: Marks,
    pub(super) kinds: Kinds,
}

/// A page as read: its cells by record.
#[derive(Clone, Debug, Default)]
pub(super) struct Placed {
    pub(super) cells: Vec<(i16, PieceCell)>,
    /// Bits by which the best page without each cell is dearer; empty if they were not asked for.
    pub(super) margins: Vec<f32>,
    pub(super) rows: i16,
    pub(super) bits: f32,
    pub(super) second: f32,
    /// Columns in which a record has nothing, a bit each: whose it is that is missing, order alone says.
    pub(super) holed: u64,
    pub(super) cuts: [[u32; 2]; 2],
}

/// Bits of joining `first` and `next` in this way: what opens a part that is cut otherwise than the whole pays for it
/// once, and neighbours that are cut alike pay together.
pub(super) fn nested(first: Key, next: Key, way: Way) -> f32 {
    let opens = if first.way == way { 0.0 } else { NESTED };
    let others = if first.way == way { first.parts } else { first.way };
    let is_alike = next.way != Way::Uncut && next.way == others;
    opens - if is_alike { NESTED } else { 0.0 }
}

/// Readings of the same lines by what they cover, each the cheapest so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    candidates: Vec<(Key, Candidate)>,
    index: HashMap<Key, u32, BuildHasherDefault<PlaceHasher>>,
}

impl Found {
    /// Keeps the cheaper of two readings that cover the same, the first of equals.
    pub(super) fn put(&mut self, key: Key, bits: f32, made: Made) {
        let next = self.candidates.len() as u32;
        let index = *self.index.entry(key).or_insert(next);
        match self.candidates.get_mut(index as usize) {
            Some((_, known)) if bits < known.bits => *known = Candidate { bits, made },
            Some(_) => {}
            None => self.candidates.push((key, Candidate { bits, made })),
        }
    }

    /// The bits of the cheapest.
    pub(super) fn least(&self) -> f32 {
        self.candidates.iter().map(|(_, found)| found.bits).fold(f32::INFINITY, f32::min)
    }

    /// Takes the readings out, in the order of what they cover.
    pub(super) fn take(&mut self) -> Vec<(Key, Candidate)> {
        self.index.clear();
        let mut taken = std::mem::take(&mut self.candidates);
        taken.sort_unstable_by_key(|(key, _)| *key);
        taken
    }
}
