//! One table: gutters, cells and records in turn, until nothing gets cheaper.

use super::boxhead::{Level, header_levels, header_lines, header_start};
use super::gutters::{Gutters, TitleWord, beside_prose, find_gutters, kinds_between};
use super::members::{best_stretch, doubt_end, doubt_tail, gains, stretch_margins, table_end};
use super::model::{Cells, Model, Places};
use super::records::{Records, part_records};
use super::segment::{Segmenter, phrases_bits, take_phrases};
use super::shape::{Shape, shape_of};
use super::titles::FieldView;
use super::words::Sheet;
use crate::schema::FieldKind;
use crate::text::Span;

/// Rounds of cutting lines and learning from them.
const ROUNDS: usize = 3;
/// Columns of prose that are taken away from beside a table.
const MOST_CLIPS: usize = 3;
/// Blanks inside of a cell.
const INNER_BLANKS: u32 = 2;
/// One cell in so many of a column of numbers may be none.
const MISFIT_SHARE: usize = 4;
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
    /// Whether no schema says what the columns hold.
    pub(super) is_unknown: bool,
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
    let Cut { mut model, places, cells, gains: own, .. } = cut;
    let lines = &task.body[..count];
    let records = part_twice(sheet, &mut model, lines, &cells);
    let gain: f32 = own.iter().take(count).sum();
    let mut members = stretch_margins(&own, (0, count), false);
    doubt_end(sheet, &task.body, &own, count, &mut members);
    doubt_tail(&cells, count, &mut members);
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
        is_unknown: false,
        rivals,
    })
}

/// Lines cut into cells, after some rounds.
struct Cut<'t> {
    model: Model<'t>,
    places: Vec<(u32, Places)>,
    cells: Cells,
    /// Of every line, by how many bits it is cheaper than as prose.
    gains: Vec<f32>,
    /// Lines that belong to the table.
    count: usize,
}

/// Cuts the lines and learns from the cells, in turn.
fn cut_rounds<'t>(task: &Task<'t>, fields: &[FieldView], mut places: Vec<(u32, Places)>) -> Cut<'t> {
    let sheet = &task.sheet;
    if places.iter().all(|(_, places)| places.is_strict) {
        return cut_strictly(task, fields, places);
    }
    let mut model = Model::new(fields.to_vec());
    let mut segmenter = Segmenter::default();
    let mut cells = Cells::new(model.width());
    let mut own_gains = Vec::new();
    let mut bits = Vec::new();
    let mut count = task.body.len();
    for round in 0..ROUNDS {
        cells = Cells::new(model.width());
        bits.clear();
        for &line in &task.body {
            let own = &places[page_index(&places, sheet.lines[line].page)].1;
            bits.push(segmenter.cut_line(sheet, &model, own, line, &mut cells));
        }
        own_gains = gains(sheet, &task.body, &bits);
        count = table_end(&own_gains);
        if round + 1 < ROUNDS {
            model.learn(sheet, &cells, count);
            learn_places(task, &cells, count, &mut places);
        }
    }
    Cut { model, places, cells, gains: own_gains, count }
}

/// The same where every line keeps the gutters: what is learned changes what lines cost, and no cell.
fn cut_strictly<'t>(task: &Task<'t>, fields: &[FieldView], mut places: Vec<(u32, Places)>) -> Cut<'t> {
    let sheet = &task.sheet;
    let mut model = Model::new(fields.to_vec());
    let mut cells = Cells::with_capacity(model.width(), task.body.len());
    for &line in &task.body {
        take_phrases(sheet, &places[page_index(&places, sheet.lines[line].page)].1, line, &mut cells);
    }
    let gains_of = |model: &Model<'_>, places: &[(u32, Places)]| {
        let bits = task.body.iter().enumerate().map(|(position, &line)| {
            let own = &places[page_index(places, sheet.lines[line].page)].1;
            phrases_bits(sheet, model, own, position, &cells)
        });
        gains(sheet, &task.body, &bits.collect::<Vec<_>>())
    };
    let count = table_end(&gains_of(&model, &places));
    model.learn_shapes(sheet, &cells, count);
    learn_places(task, &cells, count, &mut places);
    let own_gains = gains_of(&model, &places);
    Cut { count: table_end(&own_gains), gains: own_gains, model, places, cells }
}

/// Learns where the columns stand on every page.
fn learn_places(task: &Task<'_>, cells: &Cells, count: usize, places: &mut [(u32, Places)]) {
    let page_of = |line: usize| task.sheet.lines[task.body[line]].page;
    let mut start = 0;
    for (page, places) in places {
        // Lines and pages are in order.
        let end = start + (start..count).take_while(|line| page_of(*line) == *page).count();
        places.learn(&task.sheet, cells, start..end);
        start = end;
    }
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
    places.binary_search_by_key(&page, |(own, _)| *own).unwrap_or(0)
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
    doubt_tail(&cells, lines.len(), &mut members);
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
        is_unknown: true,
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
    if places.is_strict {
        task.body.iter().for_each(|&line| take_phrases(sheet, &places, line, &mut cells));
        let count = task.body.len();
        model.learn_shapes(sheet, &cells, count);
        places.learn(sheet, &cells, 0..count);
        let bits = (0..count).map(|position| phrases_bits(sheet, &model, &places, position, &cells));
        let bits = bits.collect();
        return (places, model, cells, bits);
    }
    let mut bits = Vec::new();
    for round in 0..ROUNDS {
        cells = Cells::new(model.width());
        bits.clear();
        for &line in &task.body {
            bits.push(segmenter.cut_line(sheet, &model, &places, line, &mut cells));
        }
        if round + 1 < ROUNDS {
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
