//! Readings of an interval of lines, and what they are compared by.

use std::collections::BTreeMap;

use super::looks::{Kinds, Marks};

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
}

/// Slots of the same columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) left: u8,
    pub(super) right: u8,
    pub(super) first: u32,
    pub(super) end: u32,
}

impl Cell {
    pub(super) fn of(mut slots: Vec<Slot>) -> Self {
        slots.sort_by(|one, other| {
            let columns = (one.key.left, one.key.right).cmp(&(other.key.left, other.key.right));
            columns.then(one.bits.total_cmp(&other.bits)).then(one.key.cmp(&other.key))
        });
        let mut groups: Vec<Group> = Vec::new();
        for (index, slot) in slots.iter().enumerate() {
            let index = index as u32;
            match groups.last_mut() {
                Some(group) if (group.left, group.right) == (slot.key.left, slot.key.right) => {
                    group.end = index + 1;
                }
                _ => groups.push(Group {
                    left: slot.key.left,
                    right: slot.key.right,
                    first: index,
                    end: index + 1,
                }),
            }
        }
        Self { slots, groups }
    }

    pub(super) fn of_group(&self, group: &Group) -> &[Slot] {
        self.slots.get(group.first as usize..group.end as usize).unwrap_or_default()
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

/// Keeps the cheaper of two readings of the same lines that cover the same.
pub(super) fn put(found: &mut BTreeMap<Key, Candidate>, key: Key, bits: f32, made: Made) {
    let known = found.entry(key).or_insert(Candidate { bits: f32::INFINITY, made });
    if bits < known.bits {
        *known = Candidate { bits, made };
    }
}
