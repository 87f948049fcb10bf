//! The header of a table that no schema knows: which lines it takes, and its levels.

use super::model::{Cells, Model, Places};
use super::shape::WordKind;
use super::words::{FIRST, Sheet, Word};
use crate::text::Span;

/// Lines of a header.
const MAX_LINES: usize = 12;
/// Display columns that a phrase reaches into a band, to count as standing over it.
const REACH: u32 = 2;
/// Words of a phrase of a header on the average.
const MOST_WORDS: usize = 5;
/// Bits of a cell of a header: words, years, other numbers; an empty one.
const HEADER_WORDS: f32 = 3.0;
const HEADER_YEAR: f32 = 2.5;
const HEADER_NUMBER: f32 = 8.0;
const HEADER_EMPTY: f32 = 0.5;
/// Bits of a first line without a header: nearly all tables have one.
const NO_HEADER: f32 = 4.0;

/// The number of leading lines that are the header, and for the first rows behind it by how many bits a header that
/// takes them in is dearer: a line costs as a header what its cells cost as words, and as a row what they cost under
/// their columns.
pub(super) fn header_lines(
    sheet: &Sheet<'_>,
    model: &Model<'_>,
    lines: &[usize],
    cells: &Cells,
) -> (usize, Vec<f32>) {
    let ruled = lines.iter().take(MAX_LINES).skip(1).position(|line| sheet.lines[*line].is_ruled);
    if let Some(above) = ruled.filter(|above| above + 2 < lines.len()) {
        return (above + 1, Vec::new());
    }
    let has_numbers = (0..model.width()).any(|column| model.is_numeric(column));
    if !has_numbers {
        // Words all over: the header is what stands above the first blank line, or the first line.
        let until = lines.iter().skip(1).take(MAX_LINES).position(|line| sheet.lines[*line].blanks > 0);
        let is_parted = lines.iter().skip(2).any(|line| sheet.lines[*line].blanks == 0);
        let count = until.filter(|_| is_parted).map_or(1, |until| until + 1);
        return (count.min(lines.len() - 1), Vec::new());
    }
    let mut best = (NO_HEADER, 0);
    let mut sum = 0.0;
    let mut sums = vec![NO_HEADER];
    for count in 1..=MAX_LINES.min(lines.len().saturating_sub(1)) {
        let line = count - 1;
        for column in 0..model.width() {
            let words = cells.words(sheet, line, column);
            let (header, row) = if words.is_empty() {
                (HEADER_EMPTY, model.empties[column].min(HEADER_EMPTY * 2.0))
            } else {
                (header_bits(words), model.kind_bits(words, column))
            };
            sum += header - row;
        }
        sums.push(sum);
        if sum < best.0 {
            best = (sum, count);
        }
    }
    // A row is none if the header ends below it.
    let mut least = f32::INFINITY;
    let mut margins: Vec<f32> = sums
        .iter()
        .skip(best.1 + 1)
        .rev()
        .map(|sum| {
            least = least.min(sum - best.0);
            least
        })
        .collect();
    margins.reverse();
    (best.1, margins)
}

/// The first line of the header above a table whose rows begin at `first`: lines with several phrases, and phrases
/// that do not begin in the stub, at most one blank line apart.
pub(super) fn header_start(sheet: &Sheet<'_>, lines: &[usize], first: usize, places: &Places) -> usize {
    let stub_end = places.bands().next().map_or(0, |(_, to)| to);
    let mut start = first;
    while start > 0 && first - start < MAX_LINES {
        let below = lines.get(start).and_then(|line| sheet.lines.get(*line)).map_or(0, |line| line.blanks);
        let words = sheet.words_of(lines[start - 1]);
        let phrases: Vec<&[Word]> = phrases(words).collect();
        let is_beside_stub = words.first().is_some_and(|word| word.left >= stub_end);
        let is_headed = if below == 0 { phrases.len() > 1 || is_beside_stub } else { phrases.len() > 1 };
        if below > 1 || !is_headed || words.len() > MOST_WORDS * phrases.len() {
            break;
        }
        start -= 1;
    }
    start
}

fn header_bits(words: &[Word]) -> f32 {
    if words.iter().any(|word| word.kind.is_letters() || matches!(word.kind, WordKind::Mark | WordKind::Code))
    {
        return HEADER_WORDS;
    }
    let is_year = words.iter().all(|word| {
        matches!(word.kind, WordKind::Year | WordKind::Closing | WordKind::Opening | WordKind::Date)
    });
    if is_year { HEADER_YEAR } else { HEADER_NUMBER }
}

/// A level of a header: for every column the pieces printed above it; a spanner stands at its first column.
pub(super) type Level = Vec<Vec<Span>>;

/// The levels of the header lines, outermost first.
///
/// A phrase is a run of words one blank apart. One that lies over the cells of several columns is a spanner, and a
/// level of its own with those on its line; all others belong to the column below them and make the innermost level
/// together, whatever lines they stand on.
pub(super) fn header_levels(
    sheet: &Sheet<'_>,
    lines: &[usize],
    places: &Places,
    extents: &[(u32, u32)],
) -> Vec<Level> {
    let width = extents.len();
    let mut leaves: Level = vec![Vec::new(); width];
    let mut levels: Vec<(Level, Vec<(usize, usize)>)> = Vec::new();
    let bands: Vec<(u32, u32)> = places.bands().collect();
    for (position, &line) in lines.iter().enumerate() {
        let mut level: Level = vec![Vec::new(); width];
        let mut spans = Vec::new();
        for phrase in phrases(sheet.words_of(line)) {
            let (Some(first), Some(last)) = (phrase.first(), phrase.last()) else { continue };
            let covered =
                columns_under(sheet, (first.left, last.right), &lines[position + 1..], &bands, extents);
            match covered.as_slice() {
                [from, .., to] if *from > 0 || phrase_is_centred(first.left, last.right, extents) => {
                    level[*from].extend(phrase.iter().map(|word| word.span));
                    spans.push((*from, *to));
                }
                [] | [_] | [..] => {
                    // Each word to the column that it stands over.
                    let one = (covered.len() == 1).then(|| covered[0]);
                    for word in phrase {
                        let column = one.unwrap_or_else(|| nearest(word, &bands));
                        leaves[column].push(word.span);
                    }
                }
            }
        }
        if spans.is_empty() {
            continue;
        }
        match levels.last_mut() {
            // A spanner that goes on in the next line.
            Some((above, same)) if *same == spans => {
                above.iter_mut().zip(level).for_each(|(above, more)| above.extend(more));
            }
            _ => levels.push((level, spans)),
        }
    }
    let mut levels: Vec<Level> = levels.into_iter().map(|(level, _)| level).collect();
    if leaves.iter().any(|leaf| !leaf.is_empty()) {
        levels.push(leaves);
    }
    levels
}

/// The columns that a phrase stands over: those whose cells' middle it covers, or else the bands that it reaches into,
/// if a lower line of the header, `below`, has words of its own for each.
fn columns_under(
    sheet: &Sheet<'_>,
    (left, right): (u32, u32),
    below: &[usize],
    bands: &[(u32, u32)],
    extents: &[(u32, u32)],
) -> Vec<usize> {
    let over_middle = |column: &usize| {
        let (from, to) = extents[*column];
        (left..right).contains(&u32::midpoint(from, to))
    };
    let middles: Vec<usize> = (0..extents.len()).filter(over_middle).collect();
    if middles.len() > 1 {
        return middles;
    }
    let reaches = |column: &usize| {
        let (from, to) = bands[*column];
        right.min(to) >= left.max(from) + REACH
    };
    let reached: Vec<usize> = (0..bands.len()).filter(reaches).collect();
    let has_leaf = |column: &usize| {
        let (from, to) = bands[*column];
        let mut words = below.iter().flat_map(|line| sheet.words_of(*line));
        words.any(|word| (from..to).contains(&u32::midpoint(word.left, word.right)))
    };
    if reached.len() > 1 && reached.iter().all(has_leaf) { reached } else { middles }
}

/// Whether a phrase over the stub too may be a spanner: it does not begin where the stub does.
fn phrase_is_centred(left: u32, _right: u32, extents: &[(u32, u32)]) -> bool {
    extents.first().is_some_and(|(from, _)| left > from + 2)
}

fn nearest(word: &Word, bands: &[(u32, u32)]) -> usize {
    let middle = u32::midpoint(word.left, word.right);
    bands.iter().position(|(_, to)| middle < *to).unwrap_or(bands.len().saturating_sub(1))
}

/// Runs of words one blank apart.
pub(super) fn phrases(words: &[Word]) -> impl Iterator<Item = &[Word]> {
    let mut rest = words;
    std::iter::from_fn(move || {
        let gap = rest.iter().skip(1).position(|word| word.gap > 1 && word.gap < FIRST);
        let (phrase, after) = rest.split_at(gap.map_or(rest.len(), |before| before + 1));
        rest = after;
        (!phrase.is_empty()).then_some(phrase)
    })
}
