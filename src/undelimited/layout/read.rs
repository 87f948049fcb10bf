//! One table: gutters, cells and records in turn, until nothing gets cheaper.

use smallvec::SmallVec;

use super::boxhead::{Level, header_levels, header_lines, header_start, phrases};
use super::gutters::{Gutters, TitleWord, beside_prose, find_gutters, kinds_between};
use super::model::{Cells, Model, Places};
use super::records::{Records, part_records};
use super::segment::Segmenter;
use super::shape::{Shape, shape_of};
use super::titles::FieldView;
use super::words::{FIRST, Sheet, Word};
use crate::region::Form;
use crate::schema::FieldKind;
use crate::text::Span;
use crate::undelimited::set::SetTable;

/// Rounds of cutting lines and learning from them.
const ROUNDS: usize = 3;
/// Columns of prose that are taken away from beside a table.
const MOST_CLIPS: usize = 3;
/// Bits of a line of prose, of a number in it, and of its gaps.
const PROSE_LINE: f32 = 2.0;
const PROSE_NUMBER: f32 = 2.0;
const PROSE_GAP_OF_TWO: f32 = 3.5;
const PROSE_GAP: f32 = 7.0;
/// Margin of a cell that may have lost blanks, and bytes of the longest such cell.
const GLUED: f32 = 3.0;
const MOST_GLUED: usize = 14;
/// Blanks inside of a cell.
const INNER_BLANKS: u32 = 2;
/// One cell in so many of a column of numbers may be none.
const MISFIT_SHARE: usize = 4;
/// Bits for a line right under a table line to belong to the table, and against it after a blank line.
const NEXT_LINE: f32 = 10.0;
const AFTER_BLANK: f32 = -3.0;
const LEAST_GAIN: f32 = -30.0;

/// The lines of a table to be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Task<'t> {
    /// Header lines and body lines.
    pub(super) sheet: Sheet<'t>,
    /// Body lines, by position in the sheet, in order.
    pub(super) body: Vec<usize>,
    /// Header lines on the first page, by position.
    pub(super) head: Vec<usize>,
    /// Header words by page and their fields.
    pub(super) titles: Vec<(u32, TitleWord)>,
    /// Furniture and repeated headers.
    pub(super) left_over: Vec<Span>,
    /// Gutters, where they are known.
    pub(super) gutters: Option<Gutters>,
    /// Whether a line above calls it a table.
    pub(super) is_captioned: bool,
}

impl<'t> Task<'t> {
    /// A task of the lines of a sheet, without prose that stands beside their table.
    pub(super) fn of_sheet(sheet: Sheet<'t>) -> Self {
        let mut task = Self { sheet, ..Self::default() };
        for _ in 0..MOST_CLIPS {
            task.body = (0..task.sheet.lines.len()).collect();
            task.gutters = find_gutters(&task.sheet, &task.body, &[], None);
            let Some((from, to)) =
                task.gutters.as_ref().and_then(|gutters| beside_prose(&task.sheet, &task.body, gutters))
            else {
                break;
            };
            let (sheet, others) = task.sheet.clipped(from, to);
            task.sheet = sheet;
            task.left_over.extend(others);
        }
        task
    }
}

/// What was read.
#[derive(Clone, Debug)]
pub(super) struct Reading<'t> {
    pub(super) model: Model<'t>,
    /// Places by page.
    pub(super) places: Vec<(u32, Places)>,
    pub(super) cells: Cells,
    pub(super) records: Records,
    /// Body lines that belong to the table: the records' lines count from the first of them.
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) gain: f32,
    /// Levels of the header where no schema knows it.
    pub(super) levels: Vec<Level>,
    /// For every line, by how many bits the table without it is dearer.
    pub(super) members: Vec<f32>,
    /// Other gutters that were tried: page, bits by which they are dearer, edges.
    pub(super) rivals: Vec<(u32, f32, Vec<u32>)>,
}

/// Reads the table; `fields` are those of the schema in order.
pub(super) fn read<'t>(task: &Task<'t>, fields: &[FieldView]) -> Option<Reading<'t>> {
    let sheet = &task.sheet;
    let pages = pages_of(sheet, &task.body);
    let mut gutters: Vec<(u32, Option<Gutters>)> = Vec::with_capacity(pages.len());
    for (page, lines) in &pages {
        let titles: Vec<TitleWord> =
            task.titles.iter().filter(|(own, _)| own == page).map(|(_, title)| *title).collect();
        gutters.push((*page, find_gutters(sheet, lines, &titles, Some(fields))));
    }
    let gutters = with_neighbours(&gutters)?;
    let places: Vec<(u32, Places)> =
        gutters.iter().map(|(page, gutters)| (*page, Places::new(gutters))).collect();
    let mut cut = cut_rounds(task, fields, places.clone());
    let count = cut.count;
    if count == 0 {
        return None;
    }
    let mut rivals = Vec::new();
    for (page, (number, own)) in gutters.iter().enumerate() {
        for rival in &own.rivals {
            rivals.push((*number, rival.0, rival.1.clone()));
            let mut others = places.clone();
            others[page].1 = Places::new(&own.of_rival(rival));
            let other = cut_rounds(task, fields, others);
            cut.cells.take_rival(&other.cells, rival.0);
        }
    }
    let Cut { mut model, places, cells, bits, .. } = cut;
    let lines = &task.body[..count];
    let records = part_twice(sheet, &mut model, lines, &cells);
    let own = gains(sheet, &task.body, &bits);
    let gain: f32 = own.iter().take(count).sum();
    let members = stretch_margins(&own, (0, count), false);
    Some(Reading {
        model,
        places,
        cells,
        records,
        first: 0,
        count,
        gain,
        levels: Vec::new(),
        members,
        rivals,
    })
}

/// Lines cut into cells, after some rounds.
struct Cut<'t> {
    model: Model<'t>,
    places: Vec<(u32, Places)>,
    cells: Cells,
    /// Of every line, and how much of it empty cells are.
    bits: Vec<(f32, f32)>,
    /// Lines that belong to the table.
    count: usize,
}

/// Cuts the lines and learns from the cells, in turn.
fn cut_rounds<'t>(task: &Task<'t>, fields: &[FieldView], mut places: Vec<(u32, Places)>) -> Cut<'t> {
    let sheet = &task.sheet;
    let mut model = Model::new(fields.to_vec());
    let mut segmenter = Segmenter::default();
    let mut cells = Cells::new(model.width());
    let mut bits = Vec::new();
    let mut count = task.body.len();
    for round in 0..ROUNDS {
        cells = Cells::new(model.width());
        bits.clear();
        for &line in &task.body {
            let own = &places[page_index(&places, sheet.lines[line].page)].1;
            bits.push(segmenter.cut_line(sheet, &model, own, line, &mut cells));
        }
        count = table_end(sheet, &task.body, &bits);
        if round + 1 < ROUNDS {
            model.learn(sheet, &cells, count);
            for (page, places) in &mut places {
                let lines = (0..count).filter(|line| sheet.lines[task.body[*line]].page == *page);
                places.learn(sheet, &cells, lines);
            }
        }
    }
    Cut { model, places, cells, bits, count }
}

/// For every line of a stretch, by how many bits the best stretch without it is dearer: it may end before, or
/// begin behind.
fn stretch_margins(gains: &[f32], (first, end): (usize, usize), may_start_later: bool) -> Vec<f32> {
    let own = gains.get(first..end).unwrap_or_default();
    let total: f32 = own.iter().sum();
    let before = |sums: &mut (f32, f32), gain: f32| {
        let best = sums.1;
        sums.0 += gain;
        sums.1 = sums.1.max(sums.0);
        Some(best)
    };
    let ends = own.iter().scan((0.0, 0.0_f32), |sums, gain| before(sums, *gain));
    let mut starts: Vec<f32> =
        own.iter().rev().scan((0.0, 0.0_f32), |sums, gain| before(sums, *gain)).collect();
    starts.reverse();
    ends.zip(starts)
        .map(|(ending, starting)| total - if may_start_later { ending.max(starting) } else { ending })
        .collect()
}

/// Records, parted once more with what the first parting tells of empty cells.
fn part_twice<'t>(sheet: &Sheet<'t>, model: &mut Model<'t>, lines: &[usize], cells: &Cells) -> Records {
    let first = part_records(sheet, model, lines, cells);
    if first.is_plain() {
        return first;
    }
    model.learn_records(sheet, cells, &first.ranges);
    part_records(sheet, model, lines, cells)
}

/// Gutters of every page: a page that says nothing of its gutters takes those of the next one that does, or of the one
/// before.
fn with_neighbours(gutters: &[(u32, Option<Gutters>)]) -> Option<Vec<(u32, Gutters)>> {
    let mut all = Vec::with_capacity(gutters.len());
    for (index, (page, own)) in gutters.iter().enumerate() {
        let after = gutters.iter().skip(index).find_map(|(_, gutters)| gutters.as_ref());
        let before = gutters.iter().take(index).rev().find_map(|(_, gutters)| gutters.as_ref());
        all.push((*page, own.as_ref().or(after).or(before)?.clone()));
    }
    Some(all)
}

fn page_index(places: &[(u32, Places)], page: u32) -> usize {
    places.iter().position(|(own, _)| *own == page).unwrap_or(0)
}

/// The body lines of every page.
fn pages_of(sheet: &Sheet<'_>, body: &[usize]) -> Vec<(u32, Vec<usize>)> {
    let mut pages: Vec<(u32, Vec<usize>)> = Vec::new();
    for &line in body {
        let page = sheet.lines[line].page;
        match pages.last_mut() {
            Some((last, lines)) if *last == page => lines.push(line),
            _ => pages.push((page, vec![line])),
        }
    }
    pages
}

/// Bits that lines gain by being read as lines of the table.
fn gains(sheet: &Sheet<'_>, body: &[usize], bits: &[(f32, f32)]) -> Vec<f32> {
    body.iter()
        .zip(bits)
        .enumerate()
        .map(|(position, (&line, (bits, empties)))| {
            let mut prose = PROSE_LINE;
            for word in sheet.words_of(line) {
                prose += match word.gap {
                    1 | FIRST.. => 0.0,
                    2 => PROSE_GAP_OF_TWO,
                    _ => PROSE_GAP,
                };
                prose += if word.kind.is_number() { PROSE_NUMBER } else { 0.0 };
            }
            let next = match sheet.lines[line].blanks {
                _ if position == 0 => 0.0,
                // Right under a row it may be a piece of it, which leaves most columns empty.
                0 => NEXT_LINE + empties,
                _ => AFTER_BLANK,
            };
            (prose - bits + next).max(LEAST_GAIN)
        })
        .collect()
}

/// Reads a table that no schema knows, on one page.
pub(super) fn read_plain<'t>(task: &Task<'t>) -> Option<Reading<'t>> {
    let sheet = &task.sheet;
    let gutters = task.gutters.clone().filter(|gutters| gutters.width() > 1)?;
    let (places, mut model, mut cells, bits) = cut_plain(task, &gutters);
    for rival in &gutters.rivals {
        let (_, _, other, _) = cut_plain(task, &gutters.of_rival(rival));
        cells.take_rival(&other, rival.0);
    }
    let mut body = task.body.clone();
    let own_gains = gains(sheet, &body, &bits);
    let (start, end) = best_stretch(&own_gains);
    if end < start + 2 {
        return None;
    }
    let gain: f32 = gains(sheet, &body[start..end], &bits[start..end]).into_iter().sum();
    let mut members = vec![0.0; start];
    members.extend(stretch_margins(&own_gains, (start, end), true));
    let first = header_start(sheet, &body, start, &places);
    body.truncate(end);
    body.drain(..first);
    cells.truncate(end);
    cells.drain(first);
    let (header, headings) = header_lines(sheet, &model, &body, &cells);
    members.drain(..first + header);
    for (margin, heading) in members.iter_mut().zip(&headings) {
        *margin = margin.min(*heading);
    }
    let extents = extents_of(sheet, &model, &cells, header..body.len(), &places);
    let levels = header_levels(sheet, &body[..header], &places, &extents);
    cells.drain(header);
    let lines = &body[header..];
    let records = part_twice(sheet, &mut model, lines, &cells);
    let page = sheet.lines[body[0]].page;
    let count = lines.len();
    Some(Reading {
        model,
        places: vec![(page, places)],
        cells,
        records,
        first: first + header,
        count,
        gain,
        levels,
        members,
        rivals: gutters.rivals.iter().map(|(bits, edges)| (page, *bits, edges.clone())).collect(),
    })
}

/// Cuts the lines between gutters that no schema knows.
fn cut_plain<'t>(task: &Task<'t>, gutters: &Gutters) -> (Places, Model<'t>, Cells, Vec<(f32, f32)>) {
    let sheet = &task.sheet;
    let mut places = Places::new(gutters);
    let mut model = Model::new(kinds_between(sheet, &task.body, gutters));
    let mut segmenter = Segmenter::default();
    let mut cells = Cells::new(model.width());
    let mut bits = Vec::new();
    // Where every line keeps the gutters, there is nothing to learn for the next round.
    let rounds = if places.is_strict { 2 } else { ROUNDS };
    for round in 0..rounds {
        cells = Cells::new(model.width());
        bits.clear();
        for &line in &task.body {
            bits.push(segmenter.cut_line(sheet, &model, &places, line, &mut cells));
        }
        if round + 1 < rounds {
            model.learn(sheet, &cells, task.body.len());
            places.learn(sheet, &cells, 0..task.body.len());
        }
    }
    (places, model, cells, bits)
}

/// For every column the display columns that its cells take up.
fn extents_of(
    sheet: &Sheet<'_>,
    model: &Model<'_>,
    cells: &Cells,
    lines: std::ops::Range<usize>,
    places: &Places,
) -> Vec<(u32, u32)> {
    let mut extents: Vec<(u32, u32)> = vec![(u32::MAX, 0); model.width()];
    for line in lines {
        for (column, extent) in extents.iter_mut().enumerate() {
            let words = cells.words(sheet, line, column);
            if let (Some(first), Some(last)) = (words.first(), words.last()) {
                *extent = (extent.0.min(first.left), extent.1.max(last.right));
            }
        }
    }
    let bands = places.bands();
    extents.into_iter().zip(bands).map(|(extent, band)| if extent.1 == 0 { band } else { extent }).collect()
}

/// The stretch of lines whose gains sum up highest.
fn best_stretch(gains: &[f32]) -> (usize, usize) {
    let (mut sum, mut start) = (0.0, 0);
    let mut best = (0.0, 0, 0);
    for (position, gain) in gains.iter().enumerate() {
        if sum <= 0.0 {
            (sum, start) = (0.0, position);
        }
        sum += gain;
        if sum > best.0 {
            best = (sum, start, position + 1);
        }
    }
    (best.1, best.2)
}

/// The number of lines after which the gains sum up highest.
fn table_end(sheet: &Sheet<'_>, body: &[usize], bits: &[(f32, f32)]) -> usize {
    let (mut sum, mut best, mut end) = (0.0, 0.0, 0);
    for (position, gain) in gains(sheet, body, bits).into_iter().enumerate() {
        sum += gain;
        if sum > best {
            (best, end) = (sum, position + 1);
        }
    }
    end
}

impl Reading<'_> {
    /// The table as later stages take it.
    pub(super) fn set(&self, task: &Task<'_>) -> SetTable {
        let sheet = &task.sheet;
        let width = self.model.width();
        let mut table = SetTable::new(Form::Layout, width);
        table.gain = self.gain;
        for (page, places) in &self.places {
            table.notes.push(format!("page {}: {}", page, places.describe()));
        }
        for (page, bits, edges) in &self.rivals {
            table.notes.push(format!("page {page}: {bits:.1} bits dearer: cuts at {edges:?}"));
        }
        table.notes.push(format!("cells stand at the {:?} of rows of several lines", self.records.setting));
        for level in &self.levels {
            for cell in level {
                cell.iter().for_each(|span| table.push_piece(*span));
                table.close_cell(f32::INFINITY);
            }
            table.close_row(false);
            table.header_rows += 1;
        }
        self.set_header(task, &mut table);
        for (record, &(first, end)) in self.records.ranges.iter().enumerate() {
            for column in 0..width {
                let mut own = f32::INFINITY;
                let mut pieces: SmallVec<[&str; 4]> = SmallVec::new();
                for line in first..end {
                    let words = self.cells.words(sheet, line, column);
                    own = own.min(self.cells.margin(line, column));
                    if !words.is_empty() {
                        own = own.min(self.members.get(line).copied().unwrap_or(f32::INFINITY));
                    }
                    if let (Some(start), Some(last)) = (words.first(), words.last()) {
                        let whole = start.span.cover(last.span);
                        pieces.push(whole.slice(sheet.text));
                        push_words(&mut table, sheet, words, whole);
                    }
                }
                let own = own.min(self.records.margin(record, column));
                table.close_cell(if pieces.iter().any(|piece| may_lack_blanks(piece)) {
                    own.min(GLUED)
                } else {
                    own
                });
            }
            let line = sheet.lines[task.body[self.first + first]];
            table.close_row(line.blanks > 0);
        }
        close_table(&mut table, task);
        table
    }

    /// One header row: the header words above every column.
    fn set_header(&self, task: &Task<'_>, table: &mut SetTable) {
        let sheet = &task.sheet;
        let Some((_, places)) = self.places.first() else { return };
        let bands: Vec<(u32, u32)> = places.bands().collect();
        if task.head.is_empty() {
            return;
        }
        for (column, (_, to)) in bands.iter().enumerate() {
            let from = if column == 0 { 0 } else { bands[column - 1].1 };
            for &line in &task.head {
                for word in sheet.words_of(line) {
                    let middle = u32::midpoint(word.left, word.right);
                    if middle >= from && (middle < *to || column + 1 == bands.len()) {
                        table.push_piece(word.span);
                    }
                }
            }
            table.close_cell(f32::INFINITY);
        }
        table.close_row(false);
        table.header_rows = 1;
    }
}

impl Reading<'_> {
    /// Whether the fields do not fit: a column is empty throughout, a cell of numbers holds several, one in so many of
    /// them is no number, or a gap is left inside of a cell.
    pub(super) fn is_strained(&self, task: &Task<'_>) -> bool {
        let sheet = &task.sheet;
        (0..self.model.width()).any(|column| {
            let is_text = self.model.fields[column].kind == FieldKind::String;
            let (mut filled, mut misfits) = (0_usize, 0_usize);
            for line in 0..self.count {
                let words = self.cells.words(sheet, line, column);
                let Some((_, rest)) = words.split_first() else { continue };
                if rest.iter().any(|word| word.gap > INNER_BLANKS) {
                    return true;
                }
                filled += 1;
                match shape_of(words) {
                    Shape::Several if !is_text => return true,
                    Shape::Code | Shape::Mixed if self.model.is_numeric(column) => misfits += 1,
                    _ => {}
                }
            }
            filled == 0 || misfits * MISFIT_SHARE >= filled
        })
    }
}

/// Lines as they stand, a row each, with the header lines above.
pub(super) fn set_lines(task: &Task<'_>, lines: &[usize], gutters: &Gutters, gain: f32) -> SetTable {
    let sheet = &task.sheet;
    let mut table = SetTable::new(Form::Layout, gutters.width());
    table.gain = gain;
    table.header_rows = task.head.len();
    for &line in task.head.iter().chain(lines) {
        let mut cells: Vec<Vec<&[Word]>> = vec![Vec::new(); gutters.width()];
        for phrase in phrases(sheet.words_of(line)) {
            let (Some(first), Some(last)) = (phrase.first(), phrase.last()) else { continue };
            let overlap = |band: &[u32]| last.right.min(band[1]).saturating_sub(first.left.max(band[0]));
            // The first of equals.
            let best =
                gutters.edges.windows(2).map(overlap).enumerate().rev().max_by_key(|(_, overlap)| *overlap);
            cells[best.map_or(0, |(band, _)| band)].push(phrase);
        }
        for phrases in cells {
            for phrase in phrases {
                if let (Some(first), Some(last)) = (phrase.first(), phrase.last()) {
                    push_words(&mut table, sheet, phrase, first.span.cover(last.span));
                }
            }
            table.close_cell(f32::INFINITY);
        }
        table.close_row(sheet.lines[line].blanks > 0);
    }
    close_table(&mut table, task);
    table
}

/// Whether blanks around a dash or behind a sign may be lost: extractors drop them where they are narrower than those
/// between words. `2–4` may have been `2 – 4`, `+3` `+ 3`, `$—` `$ —`; a range of years is hardly ever set with blanks.
/// They print a blank too many before a prime.
fn may_lack_blanks(cell: &str) -> bool {
    let is_sign = |letter: char| matches!(letter, '+' | '<' | '>' | '~' | '≥' | '≤');
    let is_dash = |letter: char| matches!(letter, '-' | '–' | '—' | '−');
    let is_value = |letter: char| letter.is_ascii_digit() || letter == '?';
    if cell.split(' ').skip(1).any(|word| word.starts_with(['′', '″', '’', '”', '°'])) {
        return true;
    }
    if cell.len() > MOST_GLUED {
        return false;
    }
    let mut letters = cell.chars();
    if letters.next().is_some_and(is_sign) && letters.next().is_some_and(is_value) {
        return true;
    }
    let Some((before, after)) = cell.split_once(is_dash) else { return false };
    if after.is_empty() && before.ends_with(['$', '€', '£', '¥']) {
        return true;
    }
    let digits = before.chars().rev().take_while(char::is_ascii_digit).count();
    let is_spaced = before.ends_with(' ') && after.starts_with(' ');
    let is_range = before.trim_end().ends_with(is_value) && after.trim_start().starts_with(is_value);
    // The ends of a range with a unit: `2y-5y`, no code.
    let has_unit = before.starts_with(is_value) && pattern_of(before).eq(pattern_of(after));
    (is_range || has_unit) && digits < 4 && !is_spaced && !after.contains(is_dash)
}

/// Letters and digits of a text, by their kind.
fn pattern_of(text: &str) -> impl Iterator<Item = bool> {
    text.chars().filter(|letter| letter.is_alphanumeric()).map(|letter| letter.is_ascii_digit())
}

/// Gives a table what is left over inside of it, and its span.
fn close_table(table: &mut SetTable, task: &Task<'_>) {
    let inside = table.hull();
    let others = task.left_over.iter().chain(&task.sheet.leaders).copied();
    table.left_over.extend(others.filter(|span| inside.contains(*span)));
    table.left_over.sort_unstable();
    table.span = table.hull();
}

/// Pushes the words of a fragment: as one piece where nothing but blanks stands between them.
fn push_words(table: &mut SetTable, sheet: &Sheet<'_>, words: &[Word], whole: Span) {
    let printed: usize = words.iter().map(|word| word.span.len()).sum();
    let blanks = whole.slice(sheet.text).bytes().filter(|byte| matches!(byte, b' ')).count();
    let is_even = words.iter().skip(1).all(|word| word.gap == 1);
    if is_even && printed + blanks == whole.len() {
        table.push_piece(whole);
    } else {
        words.iter().for_each(|word| table.push_piece(word.span));
    }
}
