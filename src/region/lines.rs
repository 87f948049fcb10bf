//! The lines of a region, held in a quarter of the memory that they take one by one: all regions of a document are found before
//! the first of them is read.

use super::{LineRole, RegionLine};
use crate::text::{Line, Span};

/// The lines of a region, in order. A line follows from the one above, number and page, unless it is written down that it does not.
///
/// ```
/// use retabulate::region::find_regions;
///
/// let regions = find_regions("Item\tPrice\nBolt\t1.20\n\nNut\t0.80\n", &mut Vec::new());
/// let numbers: Vec<usize> = regions[0].lines.iter().map(|line| line.line.number).collect();
/// assert_eq!(numbers, [1, 2, 4]);
/// assert!(regions[0].lines.get(2).is_some_and(|line| line.after_break));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionLines {
    lines: Vec<Packed>,
    /// The lines that do not follow from the one above, the first of all among them.
    jumps: Vec<Jump>,
}

/// A line, seen from the last jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Packed {
    /// Bytes from the start of the line of the jump.
    start: u32,
    /// Bytes of the line.
    length: u32,
    role: LineRole,
    after_break: bool,
}

/// A line in full, by its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Jump {
    index: usize,
    line: Line,
}

impl RegionLines {
    /// No lines, with room for some.
    #[must_use]
    pub fn with_capacity(lines: usize) -> Self {
        Self { lines: Vec::with_capacity(lines), jumps: Vec::new() }
    }

    /// Number of lines.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Adds a line below all others.
    pub fn push(&mut self, RegionLine { line, role, after_break }: RegionLine) {
        let last = self.jumps.last();
        let followed = last.and_then(|jump| jump.followed(self.lines.len(), line));
        let (start, length) = followed.unwrap_or_else(|| {
            self.jumps.push(Jump { index: self.lines.len(), line });
            // What a jump says of its own line is not asked for here.
            (0, 0)
        });
        self.lines.push(Packed { start, length, role, after_break });
    }

    /// A line by its place.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<RegionLine> {
        let packed = self.lines.get(index)?;
        let jump = self.jumps.partition_point(|jump| jump.index <= index).checked_sub(1)?;
        Some(self.jumps.get(jump)?.line_at(index, *packed))
    }

    /// The first line.
    #[must_use]
    pub fn first(&self) -> Option<RegionLine> {
        self.get(0)
    }

    /// The last line.
    #[must_use]
    pub fn last(&self) -> Option<RegionLine> {
        self.get(self.len().checked_sub(1)?)
    }

    /// All lines in order.
    #[must_use]
    pub fn iter(&self) -> RegionLinesIter<'_> {
        RegionLinesIter { lines: self.lines.iter().enumerate(), jump: None, jumps: self.jumps.iter() }
    }
}

impl Jump {
    /// Start and length of a line, seen from here, where its number and page follow.
    #[inline]
    fn followed(&self, index: usize, line: Line) -> Option<(u32, u32)> {
        let follows = line.number == self.line.number + (index - self.index) && line.page == self.line.page;
        let start = line.span.start.checked_sub(self.line.span.start).filter(|_| follows)?;
        Some((u32::try_from(start).ok()?, u32::try_from(line.span.len()).ok()?))
    }

    #[inline]
    fn line_at(&self, index: usize, Packed { start, length, role, after_break }: Packed) -> RegionLine {
        let Jump { index: first, mut line } = *self;
        if index > first {
            let start = line.span.start + start as usize;
            line.span = Span { start, end: start + length as usize };
            line.number += index - first;
        }
        RegionLine { line, role, after_break }
    }
}

/// Goes over the lines of a region.
#[derive(Clone, Debug)]
pub struct RegionLinesIter<'l> {
    lines: std::iter::Enumerate<std::slice::Iter<'l, Packed>>,
    /// The jump that the last line followed from, and those below.
    jump: Option<Jump>,
    jumps: std::slice::Iter<'l, Jump>,
}

impl Iterator for RegionLinesIter<'_> {
    type Item = RegionLine;

    #[inline]
    fn next(&mut self) -> Option<RegionLine> {
        let (index, packed) = self.lines.next()?;
        if let Some(jump) = self.jumps.as_slice().first()
            && jump.index == index
        {
            self.jump = self.jumps.next().copied();
        }
        self.jump.map(|jump| jump.line_at(index, *packed))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.lines.size_hint()
    }
}

impl ExactSizeIterator for RegionLinesIter<'_> {}

impl<'l> IntoIterator for &'l RegionLines {
    type Item = RegionLine;
    type IntoIter = RegionLinesIter<'l>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<RegionLine> for RegionLines {
    fn from_iter<I: IntoIterator<Item = RegionLine>>(lines: I) -> Self {
        let lines = lines.into_iter();
        let mut collected = Self::with_capacity(lines.size_hint().0);
        lines.for_each(|line| collected.push(line));
        collected
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Lines come back as they were pushed, whatever their numbers, pages and places are.
        #[test]
        fn lines_are_kept(steps in prop::collection::vec((0usize..4, 0usize..9, 0usize..3, 0u8..8), 0..40), far in any::<bool>()) {
            let (mut at, mut number, mut page) = (7, 1, 1);
            let mut lines = Vec::new();
            for (index, (blank, length, turn, role)) in steps.into_iter().enumerate() {
                at += blank + if far && index % 3 == 2 { 3 << 30 } else { 0 };
                number += if blank < 3 { 1 } else { blank };
                page += turn / 2;
                let length = if far && index % 5 == 1 { length + (5 << 30) } else { length };
                let role = [LineRole::Row, LineRole::Rule, LineRole::Furniture, LineRole::RepeatedHeader]
                    [usize::from(role % 4)];
                let line = Line { span: Span::new(at, at + length), number, page };
                lines.push(RegionLine { line, role, after_break: index % 4 == 3 });
                at += length + 1;
            }
            let kept: RegionLines = lines.iter().copied().collect();
            prop_assert_eq!(kept.iter().collect::<Vec<_>>(), lines.clone());
            prop_assert_eq!((0..lines.len()).filter_map(|index| kept.get(index)).collect::<Vec<_>>(), lines.clone());
            prop_assert_eq!((kept.first(), kept.last()), (lines.first().copied(), lines.last().copied()));
            prop_assert_eq!(kept.get(lines.len()), None);
        }
    }

    #[test]
    fn lines_below_one_another_take_twelve_bytes_each() {
        assert!(size_of::<Packed>() <= 12);
        let lines = (0..100).map(|index| RegionLine {
            line: Line { span: Span::new(index * 10, index * 10 + 9), number: index + 1, page: 1 },
            role: LineRole::Row,
            after_break: false,
        });
        assert_eq!(lines.collect::<RegionLines>().jumps.len(), 1);
    }
}
