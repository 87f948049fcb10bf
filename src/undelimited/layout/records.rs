//! Lines to records (R), by a dynamic program over lines.
//!
//! ```text
//! best[j] = min over i < j of best[i] + record(i..j)
//! ```
//!
//! A record over several lines costs for every column how its fragments lie: a table sets its cells at the top, in
//! the middle or at the bottom of their row, and a column's fragments are then all at the first lines, symmetric
//! about the middle, or at the last lines. So fragments above and below the line with the values are one case. That
//! a cell goes on in the next line is the cheaper the better the first line was filled: the word that begins the
//! next would not have fitted. All three settings are tried for the table as a whole; the cheapest counts.
//!
//! Two lines with a number in the same column are two records, which keeps the search short: most lines of most tables
//! have no other reading. Records hold at most [`MAX_LINES`] lines of one page; time is linear in the lines.

use super::model::{Cells, Model, is_low_start};
use super::segment::CLEAR_MARGIN;
use super::shape::{Shape, WordKind, shape_of};
use super::words::{Sheet, Word};

/// Lines of one record.
const MAX_LINES: usize = 12;
/// Margin of a cell that tells records apart.
const CLEAR: f32 = 6.0;
/// Bits of a record on one line, of one on two lines, and of every further line.
const ONE_LINE: f32 = 0.3;
const TWO_LINES: f32 = 2.5;
const MORE_LINES: f32 = 0.7;
/// Bits of a line that a column's fragments are off their setting, and of a line left out between them.
const OFF_SETTING: f32 = 5.0;
const HOLE: f32 = 4.0;
/// Bits of a number in two pieces.
const BROKEN_NUMBER: f32 = 14.0;
/// Bits of a number below its currency.
const LONE_CURRENCY: f32 = 1.0;
/// Bits of a blank line inside of a record.
const INNER_BLANK: f32 = 7.0;
/// Bits of a page end inside of a record.
const INNER_PAGE_END: f32 = 5.0;
/// Bits of a display column that was still free on the line before.
const FREE_COLUMN: f32 = 0.8;
const MAX_FREE: f32 = 8.0;
/// Share of the widest cell that proportional type may miss.
const WIDTH_TOLERANCE: f32 = 0.12;
/// A continuation that begins with a capital.
const CAPITAL_CONTINUED: f32 = 1.0;
/// A cell whose end asks for more, and one that ends as headings do.
const OPEN_END: f32 = 2.0;
const CLOSED_END: f32 = 4.0;
/// Bits of a row that is a label alone: the heading of a group, a section.
const GROUP_ROW: f32 = 4.0;
/// The same where the label ends as headings do.
const GROUP_HEADING: f32 = 2.0;

/// Where cells stand in rows of several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Top,
    Middle,
    Bottom,
}

/// Records as ranges of lines, with the margin by which each of their cells is settled.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Records {
    pub(super) setting: Setting,
    /// Half open ranges of lines.
    pub(super) ranges: Vec<(usize, usize)>,
    pub(super) bits: f32,
    /// For every record and column: bits to the best reading, of any setting, that gives the cell other words.
    margins: Vec<f32>,
    width: usize,
}

impl Records {
    /// A record for every line, without another reading.
    fn of_lines(count: usize, width: usize) -> Self {
        Self {
            setting: Setting::Top,
            ranges: (0..count).map(|line| (line, line + 1)).collect(),
            bits: 0.0,
            margins: vec![f32::INFINITY; count * width],
            width,
        }
    }

    /// The margin of a cell.
    #[inline]
    pub(super) fn margin(&self, record: usize, column: usize) -> f32 {
        self.margins.get(record * self.width + column).copied().unwrap_or(f32::INFINITY)
    }

    /// Whether every record is a line and there was nothing to choose.
    pub(super) fn is_plain(&self) -> bool {
        self.margins.iter().all(|margin| *margin == f32::INFINITY)
    }
}

/// The program of one setting: its tries and what they cost from both ends.
struct Parting {
    setting: Setting,
    /// First line, end, bits.
    tried: Vec<(usize, usize, f32)>,
    forward: Vec<f32>,
    backward: Vec<f32>,
    from: Vec<usize>,
}

impl Parting {
    /// Bits of the best reading.
    fn bits(&self) -> f32 {
        self.backward.first().copied().unwrap_or(0.0)
    }

    /// The records of the best reading.
    fn ranges(&self) -> Vec<(usize, usize)> {
        let mut ranges = Vec::new();
        let mut at = self.from.len() - 1;
        while at > 0 {
            ranges.push((self.from[at], at));
            at = self.from[at];
        }
        ranges.reverse();
        ranges
    }
}

/// Parts lines into records; `lines` are lines of the sheet, `cells` what they hold.
pub(super) fn part_records(sheet: &Sheet<'_>, model: &Model<'_>, lines: &[usize], cells: &Cells) -> Records {
    let values: Vec<u64> = (0..lines.len()).map(|line| value_columns(sheet, model, cells, line)).collect();
    let may_join = |line: usize| {
        values[line - 1] & values[line] == 0 && is_joinable(sheet, lines[line - 1], lines[line])
    };
    if !(1..lines.len()).any(may_join) {
        return Records::of_lines(lines.len(), model.width());
    }
    let partings = [Setting::Top, Setting::Middle, Setting::Bottom]
        .map(|setting| part(sheet, model, (lines, &values), cells, setting));
    let mut best = &partings[0];
    for parting in &partings[1..] {
        if parting.bits() < best.bits() {
            best = parting;
        }
    }
    let (ranges, bits) = (best.ranges(), best.bits());
    let mut margins = vec![f32::INFINITY; ranges.len() * model.width()];
    for parting in &partings {
        take_rivals(sheet, cells, parting, (&ranges, bits), &mut margins);
    }
    Records { setting: best.setting, ranges, bits, margins, width: model.width() }
}

/// Lowers the margins of the cells to which a reading of `parting` gives other words: records that overlap one of
/// `ranges` and are not it, where the lines in which the two differ hold words of the column.
fn take_rivals(
    sheet: &Sheet<'_>,
    cells: &Cells,
    parting: &Parting,
    (ranges, total): (&[(usize, usize)], f32),
    margins: &mut [f32],
) {
    let width = cells.width;
    let mut first = 0;
    for &(start, end, bits) in &parting.tried {
        let through = parting.forward[start] + bits + parting.backward[end] - total;
        while ranges.get(first).is_some_and(|range| range.1 <= start) {
            first += 1;
        }
        if through >= CLEAR_MARGIN {
            continue;
        }
        for (record, range) in ranges.iter().enumerate().skip(first).take_while(|(_, range)| range.0 < end) {
            if *range == (start, end) {
                continue;
            }
            let other = (range.0.min(start)..range.1.max(end))
                .filter(|line| (start..end).contains(line) != (range.0..range.1).contains(line));
            for column in 0..width {
                if other.clone().any(|line| !cells.words(sheet, line, column).is_empty()) {
                    let margin = &mut margins[record * width + column];
                    *margin = margin.min(through.max(0.0));
                }
            }
        }
    }
}

/// The columns of no text that a line fills without doubt, a bit each; of wide tables the first 64.
fn value_columns(sheet: &Sheet<'_>, model: &Model<'_>, cells: &Cells, line: usize) -> u64 {
    (0..model.width().min(64))
        .filter(|column| model.is_numeric(*column) && cells.margin(line, *column) >= CLEAR)
        .filter(|column| is_number(cells.words(sheet, line, *column)))
        .fold(0, |columns, column| columns | 1 << column)
}

fn part(
    sheet: &Sheet<'_>,
    model: &Model<'_>,
    (lines, values): (&[usize], &[u64]),
    cells: &Cells,
    setting: Setting,
) -> Parting {
    let count = lines.len();
    let mut forward = vec![f32::INFINITY; count + 1];
    let mut from = vec![0_usize; count + 1];
    let mut tried: Vec<(usize, usize, f32)> = Vec::new();
    forward[0] = 0.0;
    for start in 0..count {
        let mut filled = 0;
        for end in start + 1..=count.min(start + MAX_LINES) {
            // Two numbers in one column are two records.
            let own = values[end - 1];
            if end > start + 1 && (filled & own != 0 || !is_joinable(sheet, lines[end - 2], lines[end - 1])) {
                break;
            }
            filled |= own;
            let bits = record_bits(sheet, model, &lines[start..end], start, cells, setting);
            tried.push((start, end, bits));
            if forward[start] + bits < forward[end] {
                forward[end] = forward[start] + bits;
                from[end] = start;
            }
        }
    }
    let mut backward = vec![f32::INFINITY; count + 1];
    backward[count] = 0.0;
    for &(start, end, bits) in tried.iter().rev() {
        backward[start] = backward[start].min(backward[end] + bits);
    }
    Parting { setting, tried, forward, backward, from }
}

/// Whether two lines may belong to one record: at most one blank line or a page end apart.
fn is_joinable(sheet: &Sheet<'_>, above: usize, below: usize) -> bool {
    let (Some(above), Some(below)) = (sheet.lines.get(above), sheet.lines.get(below)) else { return false };
    above.page + 1 >= below.page && (above.page < below.page || below.blanks <= 1)
}

fn record_bits(
    sheet: &Sheet<'_>,
    model: &Model<'_>,
    lines: &[usize],
    at: usize,
    cells: &Cells,
    setting: Setting,
) -> f32 {
    let count = lines.len();
    let mut bits = match count {
        1 => ONE_LINE,
        _ => TWO_LINES + MORE_LINES * (count - 2) as f32,
    };
    for pair in lines.windows(2) {
        let (above, below) = (sheet.lines[pair[0]], sheet.lines[pair[1]]);
        if above.page < below.page {
            bits += INNER_PAGE_END;
        } else if below.blanks > 0 {
            bits += INNER_BLANK;
        }
    }
    let (mut filled, mut empty_bits) = (0, 0.0);
    let mut label: &[Word] = &[];
    for column in 0..model.width() {
        let mut previous: Option<(usize, &[Word])> = None;
        let mut first = 0;
        for line in 0..count {
            let words = cells.words(sheet, at + line, column);
            if words.is_empty() {
                continue;
            }
            match previous {
                None => {
                    first = line;
                    bits += start_bits(sheet, words, model, column);
                }
                Some((above, before)) => {
                    bits += if before.iter().all(|word| word.kind == WordKind::Opening) {
                        LONE_CURRENCY
                    } else if model.may_wrap(column) {
                        wrap_bits(sheet, before, words, model.widths[column])
                    } else {
                        BROKEN_NUMBER
                    };
                    let left_out = (line - above - 1) as f32;
                    // Cells of an odd number of lines beside cells of an even number stand on every second line.
                    let expected = if setting == Setting::Middle { 1.0 } else { 0.0 };
                    bits += (left_out - expected).max(0.0) * HOLE;
                }
            }
            previous = Some((line, words));
        }
        let Some((last, words)) = previous else {
            empty_bits += model.empties[column];
            continue;
        };
        if model.may_wrap(column) && end_bits(text_of(sheet, words)) > 0.0 {
            bits += OPEN_END;
        }
        if column == 0 {
            label = words;
        }
        filled += 1;
        let off = match setting {
            Setting::Top => first as f32,
            Setting::Bottom => (count - 1 - last) as f32,
            Setting::Middle => ((first + last) as f32 - (count - 1) as f32).abs() / 2.0,
        };
        bits += off * OFF_SETTING;
    }
    if filled == 1
        && let (Some(first), Some(last)) = (label.first(), label.last())
    {
        let text = first.span.cover(last.span).slice(sheet.text);
        empty_bits = empty_bits.min(if text.ends_with(':') { GROUP_HEADING } else { GROUP_ROW });
    }
    bits + empty_bits
}

/// The words of a piece as printed.
fn text_of<'t>(sheet: &Sheet<'t>, words: &[Word]) -> &'t str {
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => first.span.cover(last.span).slice(sheet.text),
        _ => "",
    }
}

/// Bits of the first words of a cell.
fn start_bits(sheet: &Sheet<'_>, words: &[Word], model: &Model<'_>, column: usize) -> f32 {
    let is_low = words.first().is_some_and(|word| is_low_start(sheet, word));
    if is_low && model.may_wrap(column) { model.low_starts[column] } else { 0.0 }
}

/// Bits of `after` going on where `before` broke off, in a column of `width`.
fn wrap_bits(sheet: &Sheet<'_>, before: &[Word], after: &[Word], width: u32) -> f32 {
    let (Some(start), Some(end)) = (before.first(), before.last()) else { return 0.0 };
    let Some(next) = after.first() else { return 0.0 };
    if is_number(before) && is_number(after) {
        return BROKEN_NUMBER;
    }
    let filled = (end.right - start.left + 1 + (next.right - next.left)) as f32;
    let free = width as f32 * (1.0 - WIDTH_TOLERANCE) - filled;
    let mut bits = 0.3 + (free.max(0.0) * FREE_COLUMN).min(MAX_FREE);
    if next.kind == WordKind::Capital {
        bits += CAPITAL_CONTINUED;
    }
    let text = start.span.cover(end.span).slice(sheet.text);
    (bits - end_bits(text)).max(0.0)
}

/// Whether the words are one number or nil; a currency alone is neither.
fn is_number(words: &[Word]) -> bool {
    let has_value = words.iter().any(|word| word.kind.is_number() || word.kind == WordKind::Nil);
    has_value && matches!(shape_of(words), Shape::Integer | Shape::Decimal | Shape::Percent | Shape::Nil)
}

/// Bits by which the end of a text asks for more; negative where it ends as headings do.
fn end_bits(text: &str) -> f32 {
    let last = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    if text.ends_with(':') {
        return -CLOSED_END;
    }
    let opens = text.matches('(').count() > text.matches(')').count();
    let is_open = text.ends_with([',', '-', '/', '&', '–'])
        || opens
        || matches!(
            last,
            "and" | "of" | "the" | "for" | "in" | "to" | "from" | "with" | "on" | "by" | "or" | "at" | "a"
        );
    if is_open { OPEN_END } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::FieldKind;
    use crate::text::Span;
    use crate::undelimited::layout::gutters::{GapBits, Gutters};
    use crate::undelimited::layout::model::Places;
    use crate::undelimited::layout::segment::Segmenter;
    use crate::undelimited::layout::titles::FieldView;

    /// The lines of a text cut at `edges` into columns of these kinds.
    fn cut<'t>(text: &'t str, edges: &[u32], kinds: &[FieldKind]) -> (Sheet<'t>, Model<'t>, Cells) {
        let mut sheet = Sheet::new(text);
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            sheet.push_line(Span::new(at, at + line.trim_end().len()), 0, 0);
            at += line.len();
        }
        let mut model = Model::new(kinds.iter().map(|kind| FieldView::of_kind(*kind, false)).collect());
        let gaps = vec![GapBits::USUAL; kinds.len()];
        let places = Places::new(&Gutters {
            edges: edges.to_vec(),
            gaps,
            bits: 0.0,
            is_strict: false,
            rivals: Vec::new(),
        });
        let mut cells = Cells::new(kinds.len());
        let mut segmenter = Segmenter::default();
        for line in 0..sheet.lines.len() {
            segmenter.cut_line(&sheet, &model, &places, line, &mut cells);
        }
        model.learn(&sheet, &cells, sheet.lines.len());
        (sheet, model, cells)
    }

    fn records(text: &str, edges: &[u32], kinds: &[FieldKind]) -> (Setting, Vec<(usize, usize)>) {
        let (sheet, model, cells) = cut(text, edges, kinds);
        let lines: Vec<usize> = (0..sheet.lines.len()).collect();
        let records = part_records(&sheet, &model, &lines, &cells);
        (records.setting, records.ranges.iter().map(|range| (range.0, range.1)).collect())
    }

    #[test]
    fn fragments_above_and_below_belong_to_the_row_between() {
        let text = "          Grey Lady of\n1    The boat         12\n          the Isles\n";
        let text = &text.replace("The boat", "        ");
        let text = &format!(
            "{text}          Kittiwake and\n2                     30\n          her sister\n3         Plover      41\n"
        );
        let kinds = [FieldKind::Integer, FieldKind::String, FieldKind::Integer];
        let (setting, ranges) = records(text, &[0, 6, 22, 25], &kinds);
        assert_eq!((setting, ranges), (Setting::Middle, vec![(0, 3), (3, 6), (6, 7)]));
    }

    #[test]
    fn labels_wrap_above_their_values_and_groups_stand_alone() {
        let text = "Current assets:\nCash in hand and at the\nbank of the town          12\nStock                     30\n";
        let (_, ranges) = records(text, &[0, 26, 28], &[FieldKind::String, FieldKind::Integer]);
        assert_eq!(ranges, [(0, 1), (1, 3), (3, 4)]);
    }

    #[test]
    fn readings_of_other_settings_lower_the_margins_of_what_they_move() {
        let text = "Copper cable   183  79\nHex             55  14\nbolt M8 x 40\nSubtotal            93\n";
        let kinds = [FieldKind::String, FieldKind::Integer, FieldKind::Integer];
        let (sheet, model, cells) = cut(text, &[0, 14, 19, 22], &kinds);
        let records = part_records(&sheet, &model, &[0, 1, 2, 3], &cells);
        let record_of = |line: usize| records.ranges.iter().position(|range| range.1 > line).unwrap();
        assert!(records.margin(record_of(1), 0) < 7.0, "{records:?}");
        assert!(
            records.margin(record_of(0), 0) > 7.0,
            "nothing moves to or from the first line: {records:?}"
        );
        assert!(records.margin(record_of(3), 1) > 7.0, "the total stays where it is: {records:?}");
    }

    #[test]
    fn the_program_finds_what_trying_all_partings_finds() {
        let pieces = ["Oak", "and larch", "of the", "", "Spruce,"];
        let mut state = 7_u32;
        let mut next = |count: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % count
        };
        for _ in 0..200 {
            let mut text = String::new();
            for _ in 0..2 + next(4) {
                let (label, note) = (pieces[next(5) as usize], pieces[next(5) as usize]);
                let value = if next(2) == 0 { String::new() } else { next(900).to_string() };
                text.push_str(&format!("{label:<12}{note:<12}{value:>4} .\n").replace(" .\n", "\n"));
            }
            let kinds = [FieldKind::String, FieldKind::String, FieldKind::Integer];
            let (sheet, model, cells) = cut(&text, &[0, 12, 24, 28], &kinds);
            let lines: Vec<usize> = (0..sheet.lines.len()).collect();
            if lines.is_empty() {
                continue;
            }
            let values: Vec<u64> =
                (0..lines.len()).map(|line| value_columns(&sheet, &model, &cells, line)).collect();
            for setting in [Setting::Top, Setting::Middle, Setting::Bottom] {
                let fast = part(&sheet, &model, (&lines, &values), &cells, setting);
                let slow = slow_part(&sheet, &model, (&lines, &values), &cells, setting);
                assert!((fast.bits() - slow).abs() < 0.01, "{text}{} {slow}", fast.bits());
            }
        }
    }

    /// The least bits over all partings of the lines.
    fn slow_part(
        sheet: &Sheet<'_>,
        model: &Model<'_>,
        (lines, values): (&[usize], &[u64]),
        cells: &Cells,
        setting: Setting,
    ) -> f32 {
        let cuts = lines.len() - 1;
        let partings = (0..1_u32 << cuts).map(|cut| {
            let (mut bits, mut start) = (0.0, 0);
            for end in 1..=lines.len() {
                if end == lines.len() || cut >> (end - 1) & 1 == 1 {
                    let mut filled = 0;
                    for own in &values[start..end] {
                        if filled & own != 0 {
                            return f32::INFINITY;
                        }
                        filled |= own;
                    }
                    bits += record_bits(sheet, model, &lines[start..end], start, cells, setting);
                    start = end;
                }
            }
            bits
        });
        partings.fold(f32::INFINITY, f32::min)
    }
}
