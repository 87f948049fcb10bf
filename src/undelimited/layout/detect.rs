//! Tables without a known header: stretches of lines with gaps that share gutters.
//!
//! Lines with a gap of two blanks or more, and the few lines without one between them, make *stretches* without a
//! blank line. Neighbouring stretches of a page are one table if the same gutters serve both: that is when the bits
//! of one set of gutters for all lines are no more than those of two sets, as every column has to be paid for. So
//! tables with a blank line between rows stay whole and two tables one below the other are parted.

use std::ops::Range;

use super::gutters::find_gutters;
use super::strict::StrictLines;
use super::words::{Sheet, is_rule};
use crate::undelimited::print::{Print, PrintLine};

/// Lines without a gap between two with one.
const PLAIN_LINES: usize = 4;
/// Blank lines between two stretches of one table.
const BLANK_LINES: u32 = 3;
/// Lines with a gap that a table has at least.
pub(super) const LEAST_LINES: usize = 3;
/// Words of a line without a gap from which on it is prose.
const PROSE_WORDS: u32 = 9;
/// Printed lines above a table that may call it one, and what they call it.
const CAPTION_LINES: usize = 2;
const CAPTION_LABELS: [&str; 7] = ["table", "exhibit", "tabelle", "tableau", "tabla", "tabella", "schedule"];
/// Lines above the rule of a header.
const HEADER_LINES: usize = 5;
/// Lines of a block, its last ones, that are asked whether the next stretch shares their gutters: a table is long, and
/// its gutters show on each of its pages.
const TAIL_LINES: usize = 32;
/// Bits that parting one table in two may save by chance.
const PARTING: f32 = 6.0;

/// Lines that may be one table: indices of the print, in order, with the blank lines before each.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) lines: Vec<(usize, u32)>,
}

/// The blocks of a print among the lines that `is_free`.
pub(super) fn find_blocks(print: &Print<'_>, is_free: impl Fn(usize) -> bool) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut stretches: Vec<Block> = Vec::new();
    let mut open = Block::default();
    let mut last_gap = 0;
    let mut blanks = 0;
    let mut page = 0;
    for (index, line) in print.lines.iter().enumerate() {
        let is_usable = is_free(index) && !line.is_taken;
        if line.line.page != page || !is_usable {
            close(&mut open, last_gap, &mut stretches);
            blocks.extend(join_stretches(print, std::mem::take(&mut stretches)));
            (page, blanks) = (line.line.page, 0);
            if !is_usable {
                continue;
            }
        }
        if line.is_blank() {
            close(&mut open, last_gap, &mut stretches);
            blanks += 1;
            if blanks > BLANK_LINES {
                blocks.extend(join_stretches(print, std::mem::take(&mut stretches)));
            }
            continue;
        }
        if is_prose(line) {
            close(&mut open, last_gap, &mut stretches);
            blanks = blanks.max(1);
            if open.lines.is_empty() && blanks > 0 {
                blocks.extend(join_stretches(print, std::mem::take(&mut stretches)));
            }
            continue;
        }
        open.lines.push((index, blanks));
        blanks = 0;
        if line.gaps > 0 {
            last_gap = open.lines.len();
        } else if last_gap > 0
            // Behind a closed stretch a line without gaps stands alone until a gap opens the next one.
            && open.lines.len().checked_sub(last_gap).is_none_or(|plain| plain > PLAIN_LINES)
        {
            close(&mut open, last_gap, &mut stretches);
        }
    }
    close(&mut open, last_gap, &mut stretches);
    blocks.extend(join_stretches(print, stretches));
    blocks
}

fn is_prose(line: &PrintLine) -> bool {
    line.gaps == 0 && line.blanks + 1 >= PROSE_WORDS && line.letters > 3 * line.digits
}

/// Ends a stretch; one without a gap is kept, as it may be a row that is a label alone.
fn close(open: &mut Block, _last_gap: usize, stretches: &mut Vec<Block>) {
    if !open.lines.is_empty() {
        stretches.push(std::mem::take(open));
    }
}

/// Joins the stretches that share gutters.
fn join_stretches(print: &Print<'_>, stretches: Vec<Block>) -> Vec<Block> {
    if stretches.is_empty() {
        return Vec::new();
    }
    let mut blocks = Vec::new();
    let lines: Vec<(usize, u32)> = stretches.iter().flat_map(|stretch| &stretch.lines).copied().collect();
    let mut shared = SharedGutters::new(print, &lines);
    // Ranges of `lines`: those of the open block, and of the stretch that is looked at.
    let mut current = 0..0;
    let mut current_bits: Option<f32> = None;
    let mut start = 0;
    for stretch in &stretches {
        let own = start..start + stretch.lines.len();
        start = own.end;
        if gap_lines(print, &stretch.lines) == 0 {
            // A label or a caption: with what follows if anything does.
            if !current.is_empty() {
                current.end = own.end;
            }
            continue;
        }
        if current.is_empty() {
            current = own;
            current_bits = None;
            continue;
        }
        let tail = current.len().saturating_sub(TAIL_LINES);
        let alone = match current_bits {
            Some(bits) if tail == 0 => Some(bits),
            _ => shared.bits(current.start + tail..current.end),
        };
        let (next, both) = (shared.bits(own.clone()), shared.bits(current.start + tail..own.end));
        // A second header under a rule of its own.
        let is_headed =
            is_ruled_early(print, &lines[own.clone()]) && is_ruled_early(print, &lines[current.clone()]);
        let is_one = !is_headed
            && match (alone, next, both) {
                (Some(alone), Some(next), Some(both)) => both <= alone + next + PARTING,
                _ => true,
            };
        if is_one {
            current.end = own.end;
            current_bits = both.filter(|_| current.len() <= TAIL_LINES);
        } else {
            blocks.push(std::mem::replace(&mut current, own));
            current_bits = next;
        }
    }
    blocks.push(current);
    let blocks = blocks.into_iter().map(|block| Block { lines: lines[block].to_vec() });
    blocks.filter(|block| gap_lines(print, &block.lines) >= LEAST_LINES).collect()
}

/// The bits of the gutters of any lines in a row: their words are read once, when the first are asked for.
struct SharedGutters<'p> {
    print: &'p Print<'p>,
    lines: &'p [(usize, u32)],
    /// The words, and for every line the number of lines with words before it.
    read: Option<(Sheet<'p>, Vec<usize>, StrictLines)>,
}

impl<'p> SharedGutters<'p> {
    fn new(print: &'p Print<'p>, lines: &'p [(usize, u32)]) -> Self {
        Self { print, lines, read: None }
    }

    /// What the gutters of these lines cost; none where there are none.
    fn bits(&mut self, range: Range<usize>) -> Option<f32> {
        let (sheet, before, strict) = self.read.get_or_insert_with(|| {
            let mut sheet = Sheet::new(self.print.text);
            let mut before = Vec::with_capacity(self.lines.len() + 1);
            for line in self.lines {
                before.push(sheet.lines.len());
                push_line(self.print, *line, &mut sheet);
            }
            before.push(sheet.lines.len());
            let strict = StrictLines::new(&sheet);
            (sheet, before, strict)
        });
        let lines = before[range.start]..before[range.end];
        strict.bits(lines.clone()).or_else(|| {
            let lines: Vec<usize> = lines.collect();
            find_gutters(sheet, &lines, &[], None).map(|gutters| gutters.bits)
        })
    }
}

/// Whether a rule stands under one of the first lines.
fn is_ruled_early(print: &Print<'_>, lines: &[(usize, u32)]) -> bool {
    let mut first = lines.iter().take(HEADER_LINES);
    first.any(|(index, _)| is_rule(print.lines[*index].body.slice(print.text)))
}

fn gap_lines(print: &Print<'_>, lines: &[(usize, u32)]) -> usize {
    lines.iter().filter(|(index, _)| print.lines[*index].gaps > 0).count()
}

/// Whether one of the printed lines right above a block, or its first line, calls it a table.
pub(super) fn is_captioned(print: &Print<'_>, block: &Block) -> bool {
    let Some(&(first, _)) = block.lines.first() else { return false };
    let own = print.lines.get(first);
    let above = print.lines.get(..first).unwrap_or_default().iter().rev().filter(|line| !line.is_blank());
    own.into_iter().chain(above.take(CAPTION_LINES)).any(|line| {
        let mut words = line.body.slice(print.text).split_whitespace();
        let label = words.next().unwrap_or_default();
        let number = words.next().unwrap_or_default();
        CAPTION_LABELS.iter().any(|known| label.eq_ignore_ascii_case(known))
            && number.trim_end_matches([':', '.']).chars().any(|letter| letter.is_ascii_digit())
    })
}

/// The words of the lines of a block.
pub(super) fn sheet_of<'t>(print: &Print<'t>, lines: &[(usize, u32)]) -> Sheet<'t> {
    let mut sheet = Sheet::new(print.text);
    lines.iter().for_each(|line| push_line(print, *line, &mut sheet));
    sheet
}

fn push_line(print: &Print<'_>, (index, blanks): (usize, u32), sheet: &mut Sheet<'_>) {
    let line = &print.lines[index];
    sheet.push_line(line.line.span, u32::try_from(line.line.page).unwrap_or(u32::MAX), blanks);
}
