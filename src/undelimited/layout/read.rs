//! One table: gutters, cells and records in turn, until nothing gets cheaper.

use super::gutters::{TitleWord, find_gutters};
use super::model::{Cells, Model, Places};
use super::records::{Records, part_records};
use super::segment::Segmenter;
use super::titles::FieldView;
use super::words::{FIRST, Sheet};
use crate::region::Form;
use crate::text::Span;
use crate::undelimited::set::SetTable;

/// Rounds of cutting lines and learning from them.
const ROUNDS: usize = 3;
/// Bits of a line of prose, of a number in it, and of its gaps.
const PROSE_LINE: f32 = 2.0;
const PROSE_NUMBER: f32 = 2.0;
const PROSE_GAP_OF_TWO: f32 = 3.5;
const PROSE_GAP: f32 = 7.0;
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
}

/// What was read.
#[derive(Clone, Debug)]
pub(super) struct Reading<'t> {
    pub(super) model: Model<'t>,
    /// Places by page.
    pub(super) places: Vec<(u32, Places)>,
    pub(super) cells: Cells,
    pub(super) records: Records,
    /// Body lines that belong to the table.
    pub(super) count: usize,
    pub(super) gain: f32,
}

/// Reads the table; `fields` are those of the schema in order.
pub(super) fn read<'t>(task: &Task<'t>, fields: Vec<FieldView>) -> Option<Reading<'t>> {
    let sheet = &task.sheet;
    let mut model = Model::new(fields);
    let mut places: Vec<(u32, Option<Places>)> = Vec::new();
    let pages = pages_of(sheet, &task.body);
    for (page, lines) in &pages {
        let titles: Vec<TitleWord> =
            task.titles.iter().filter(|(own, _)| own == page).map(|(_, title)| *title).collect();
        let gutters = find_gutters(sheet, lines, &titles, Some(&model.fields));
        places.push((*page, gutters.map(|gutters| Places::new(&gutters))));
    }
    let mut places = with_neighbours(places)?;
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
    if count == 0 {
        return None;
    }
    let lines = &task.body[..count];
    let first = part_records(sheet, &model, lines, &cells);
    model.learn_empties(sheet, &cells, &first.ranges);
    let records = part_records(sheet, &model, lines, &cells);
    let gain: f32 = gains(sheet, lines, &bits).into_iter().sum();
    Some(Reading { model, places, cells, records, count, gain })
}

/// Places of every page: a page that says nothing of its gutters takes those of the next one that does, or of the one
/// before.
fn with_neighbours(places: Vec<(u32, Option<Places>)>) -> Option<Vec<(u32, Places)>> {
    let mut all = Vec::with_capacity(places.len());
    for (index, (page, own)) in places.iter().enumerate() {
        let after = places.iter().skip(index).find_map(|(_, places)| places.as_ref());
        let before = places.iter().take(index).rev().find_map(|(_, places)| places.as_ref());
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
fn gains(sheet: &Sheet<'_>, body: &[usize], bits: &[f32]) -> Vec<f32> {
    body.iter()
        .zip(bits)
        .enumerate()
        .map(|(position, (&line, bits))| {
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
                0 => NEXT_LINE,
                _ => AFTER_BLANK,
            };
            (prose - bits + next).max(LEAST_GAIN)
        })
        .collect()
}

/// The number of lines after which the gains sum up highest.
fn table_end(sheet: &Sheet<'_>, body: &[usize], bits: &[f32]) -> usize {
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
        table.notes.push(format!("cells stand at the {:?} of rows of several lines", self.records.setting));
        self.set_header(task, &mut table);
        for &(first, end, margin) in &self.records.ranges {
            for column in 0..width {
                let mut own = f32::INFINITY;
                for line in first..end {
                    let words = self.cells.words(sheet, line, column);
                    own = own.min(self.cells.margin(line, column));
                    if let (Some(start), Some(last)) = (words.first(), words.last()) {
                        push_words(&mut table, sheet, words, start.span.cover(last.span));
                    }
                }
                let own = if self.model.may_wrap(column) { own.min(margin) } else { own };
                table.close_cell(own);
            }
            let line = sheet.lines[task.body[first]];
            table.close_row(line.blanks > 0);
        }
        let inside = table.hull();
        table.left_over.extend(task.left_over.iter().copied().filter(|span| inside.contains(*span)));
        table.left_over.extend(sheet.leaders.iter().copied().filter(|span| inside.contains(*span)));
        table.left_over.sort_unstable();
        table.span = table.hull();
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

/// Pushes the words of a fragment: as one piece where nothing but blanks stands between them.
fn push_words(table: &mut SetTable, sheet: &Sheet<'_>, words: &[super::words::Word], whole: Span) {
    let printed: usize = words.iter().map(|word| word.span.len()).sum();
    let blanks = whole.slice(sheet.text).bytes().filter(|byte| matches!(byte, b' ')).count();
    let is_even = words.iter().skip(1).all(|word| word.gap == 1);
    if is_even && printed + blanks == whole.len() {
        table.push_piece(whole);
    } else {
        words.iter().for_each(|word| table.push_piece(word.span));
    }
}
