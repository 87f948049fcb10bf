//! Pieces of a cluster, and which of them are one table.
//!
//! A *piece* is a maximal run of lines with one delimiter. It is cut where two tables touch; pieces are joined
//! where a page break or a blank line cut one table. Both questions are answered by what the rows have in common
//! ([`Profile`]), never by what their words mean.

use std::ops::Range;

use smallvec::SmallVec;

use super::LineRole;
use super::caption::find_caption;
use super::furniture::{LineKind, RunningHeads, line_kind};
use super::header::{MAX_HEADER_ROWS, Profile, cells_shape, repeated_rows, same_print};
use super::outline::Shape;
use super::scan::{Break, Delimiter, Entry, EntryKind};

/// One table of a cluster: a range of its lines, each with its role.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Lines of the cluster.
    pub(super) lines: Range<usize>,
    /// Role of each line, as many as `lines` is long.
    pub(super) roles: Vec<LineRole>,
    /// Number of its pieces.
    pub(super) pieces: usize,
}

/// Loose lines in a row that can be the rest of a wrapped cell.
const MAX_WRAPPED_LINES: usize = 2;

/// A wrapped rest that does not start in lower case is no longer than this, in bytes.
const MAX_WRAPPED_BYTES: usize = 80;

/// Loose lines between two pieces of one table: foot and head of a page, and `(continued)`.
const MAX_FURNITURE_LINES: usize = 5;

/// The tables of a cluster, before it is asked whether they are any.
pub(super) fn find_groups<'t>(text: &'t str, entries: &[Entry], heads: &mut RunningHeads<'t>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for piece in find_pieces(entries).into_iter().flat_map(|piece| cut_touching(text, entries, piece)) {
        let joined = groups.last_mut().and_then(|group| {
            let repeated = continues(text, entries, group, &piece, heads)?;
            Some((group, repeated))
        });
        match joined {
            Some((group, repeated)) => group.extend(entries, piece, repeated),
            None => groups.push(Group::new(entries, piece)),
        }
    }
    groups
}

impl Group {
    fn new(entries: &[Entry], piece: Range<usize>) -> Self {
        let roles = entries[piece.clone()].iter().map(role_in_piece).collect();
        Self { lines: piece, roles, pieces: 1 }
    }

    /// Takes `piece` in, the first `repeated` rows of which repeat the header.
    fn extend(&mut self, entries: &[Entry], piece: Range<usize>, repeated: usize) {
        self.roles.resize(self.roles.len() + piece.start - self.lines.end, LineRole::Furniture);
        let mut left = repeated;
        for entry in &entries[piece.clone()] {
            let role = role_in_piece(entry);
            let is_repeated = role == LineRole::Row && left > 0;
            left -= usize::from(is_repeated);
            self.roles.push(if is_repeated { LineRole::RepeatedHeader } else { role });
        }
        self.lines.end = piece.end;
        self.pieces += 1;
    }

    /// The rows of the table, rules and furniture left out.
    pub(super) fn rows<'e>(&self, entries: &'e [Entry]) -> impl Iterator<Item = &'e Entry> {
        let lines = entries.get(self.lines.clone()).unwrap_or_default();
        lines.iter().zip(&self.roles).filter(|(_, role)| **role == LineRole::Row).map(|(entry, _)| entry)
    }
}

fn role_in_piece(entry: &Entry) -> LineRole {
    match entry.kind {
        EntryKind::Cells(_) if entry.shape.is_rule => LineRole::Rule,
        EntryKind::Loose(LineKind::Rule) => LineRole::Rule,
        _ => LineRole::Row,
    }
}

/// Maximal runs of lines with one delimiter; wrapped rests and rules between them belong to the run.
fn find_pieces(entries: &[Entry]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut open: Option<(Range<usize>, Delimiter)> = None;
    for (index, entry) in entries.iter().enumerate() {
        let EntryKind::Cells(delimiter) = entry.kind else { continue };
        let goes_on = open.as_ref().is_some_and(|(piece, before)| {
            let is_marked = matches!(delimiter, Delimiter::Markup(_));
            *before == delimiter && (is_marked || runs_on(entries.get(piece.end..=index).unwrap_or_default()))
        });
        match &mut open {
            Some((piece, _)) if goes_on => piece.end = index + 1,
            _ => pieces.extend(open.replace((index..index + 1, delimiter)).map(|(piece, _)| piece)),
        }
    }
    pieces.extend(open.map(|(piece, _)| piece));
    for piece in &mut pieces {
        let is_rest = |entry: &&Entry| entry.kind == EntryKind::Loose(LineKind::NumberRest);
        piece.end += usize::from(entries.get(piece.end).filter(is_rest).is_some());
    }
    pieces
}

/// Whether the last of `lines` goes on the piece that ends before the first; between them are loose lines.
fn runs_on(lines: &[Entry]) -> bool {
    let between = lines.get(..lines.len() - 1).unwrap_or_default();
    lines.iter().all(|line| line.break_before == Break::None)
        && between.iter().filter(|line| line.kind != EntryKind::Loose(LineKind::Rule)).count()
            <= MAX_WRAPPED_LINES
        && between.iter().all(|line| match line.kind {
            EntryKind::Loose(LineKind::Rule | LineKind::NumberRest) => true,
            EntryKind::Loose(LineKind::Short) => line.span.len() <= MAX_WRAPPED_BYTES,
            _ => false,
        })
}

/// Cuts a piece where a second table starts without a blank line.
///
/// A new table starts with a header row, after rows of data: the widths on both sides differ and each side keeps
/// to its own, or the columns hold other types. After rows of words alone, [`MIN_WORDS_ROWS`] that are filled whole, the
/// widths have to differ. The same header again starts no new table. Where markup says what a table is, nothing is cut.
fn cut_touching(text: &str, entries: &[Entry], piece: Range<usize>) -> Vec<Range<usize>> {
    if matches!(entries[piece.start].kind, EntryKind::Cells(Delimiter::Markup(_))) {
        return vec![piece];
    }
    let mut parts = Vec::new();
    let mut start = piece.start;
    let mut seen_data = false;
    for index in piece.clone() {
        let Some(shape) = cells_shape(&entries[index]) else { continue };
        if shape.is_data() {
            seen_data = true;
        } else if shape.filled_count() >= 2
            && (seen_data || is_wider_below(entries, start, index))
            && starts_table(text, entries, start, index, piece.end)
        {
            parts.push(start..index);
            start = index;
            seen_data = false;
        }
    }
    parts.push(start..piece.end);
    parts
}

/// Rows of words that make a table, its header among them: no header has so many levels of one width, filled whole.
const MIN_WORDS_ROWS: usize = 3;

/// Whether the row at `index` is wider than all those above it, which are rows of words of one width.
fn is_wider_below(entries: &[Entry], start: usize, index: usize) -> bool {
    let Some(width) = cells_shape(&entries[index]).map(|shape| shape.slots) else { return false };
    let above = &entries[start.max(index.saturating_sub(BORDER_ROWS))..index];
    let mut rows = above.iter().filter_map(cells_shape);
    let Some(first) = rows.next() else { return false };
    let is_whole = |shape: &Shape| shape.filled_count() == shape.slots && shape.slots == first.slots;
    let count = 1 + rows.clone().count();
    (2..width).contains(&first.slots) && count >= MIN_WORDS_ROWS && is_whole(first) && rows.all(is_whole)
}

/// Rows around a supposed border that decide on it: it keeps the question cheap for each row.
const BORDER_ROWS: usize = 16;

/// Whether the header-like row at `index` starts a table of its own.
fn starts_table(text: &str, entries: &[Entry], start: usize, index: usize, end: usize) -> bool {
    let above = &entries[start.max(index.saturating_sub(BORDER_ROWS))..index];
    let below = &entries[index..end.min(index + BORDER_ROWS)];
    let header: Vec<&Entry> = entries[start..index].iter().take(MAX_HEADER_ROWS).collect();
    if header.iter().any(|row| same_print(row.span.slice(text), entries[index].span.slice(text))) {
        return false;
    }
    let (first, second) = (Profile::of(above), Profile::of(below));
    let keeps_width = |profile: &Profile| profile.rows >= 2 && profile.regular == profile.rows;
    if !second.has_data || !first.is_header(&entries[index].shape) && first.slots == second.slots {
        return false;
    }
    let other_width = first.slots != second.slots && keeps_width(&first) && keeps_width(&second);
    other_width || (second.rows >= 2 && !first.agrees(&second))
}

/// Whether `piece` goes on the table `group`; if so, how many of its first rows repeat the header.
fn continues<'t>(
    text: &'t str,
    entries: &[Entry],
    group: &Group,
    piece: &Range<usize>,
    heads: &mut RunningHeads<'t>,
) -> Option<usize> {
    let gap = &entries[group.lines.end..piece.start];
    let first = &entries[piece.start];
    if gap.is_empty() && first.break_before == Break::None || !same_delimiter(entries, group, piece) {
        return None;
    }
    // The lines between cost least to look at, and part most tables.
    let evidence = weigh_gap(text, gap, first, heads)?;
    if matches!(first.kind, EntryKind::Cells(Delimiter::Markup(_))) && evidence != Gap::PageEnd {
        // Markup says where a table ends; only the end of a page makes it say so too early.
        return None;
    }
    let (above, below) = (&entries[group.lines.clone()], &entries[piece.clone()]);
    let (before, after) = (
        Profile::of(above.get(above.len().saturating_sub(BORDER_ROWS)..).unwrap_or_default()),
        Profile::of(below.get(..BORDER_ROWS).unwrap_or(below)),
    );
    if before.slots != after.slots && before.max_slots != after.max_slots {
        return None;
    }
    let (above_rows, below_rows) = (first_rows(above), first_rows(below));
    let repeated = repeated_rows(text, &above_rows, &below_rows);
    // Without numbers nothing tells a second header row from a row of the body that happens to be the same.
    let repeated = if before.has_data { repeated } else { repeated.min(1) };
    if repeated > 0 {
        let is_title = match evidence {
            Gap::Titled { touches } => touches || has_title(text, entries[group.lines.start].span.start),
            _ => false,
        };
        return (!is_title).then_some(repeated);
    }
    let has_own_rule = below.get(1).is_some_and(|line| line.shape.is_rule);
    goes_on_below(&before, &below_rows, &after, evidence, has_own_rule).then_some(0)
}

/// Leading rows, as many as a header of one piece and a header of the other can take.
fn first_rows(lines: &[Entry]) -> SmallVec<[&Entry; 2 * MAX_HEADER_ROWS]> {
    lines.iter().filter(|entry| cells_shape(entry).is_some()).take(2 * MAX_HEADER_ROWS).collect()
}

/// Whether rows without a header of their own go on a table with columns as `before`.
fn goes_on_below(before: &Profile, rows: &[&Entry], after: &Profile, gap: Gap, has_own_rule: bool) -> bool {
    if rows.iter().take(2).any(|row| before.is_header(&row.shape)) || !before.agrees(after) {
        return false;
    }
    if before.numeric & after.numeric != 0 {
        return true;
    }
    // Nothing but words, or no column with numbers on both sides: the print must say that a page ends here, or
    // at least not that a table starts.
    gap == Gap::PageEnd || (gap == Gap::Blank && !has_own_rule)
}

fn same_delimiter(entries: &[Entry], group: &Group, piece: &Range<usize>) -> bool {
    match (entries[group.lines.start].kind, entries[piece.start].kind) {
        (EntryKind::Cells(Delimiter::Markup(_)), EntryKind::Cells(Delimiter::Markup(_))) => true,
        (first, second) => first == second,
    }
}

/// What the lines between two pieces say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    /// Blank lines only.
    Blank,
    /// A page ends: a form feed, a page number, `(continued)`, a running head.
    PageEnd,
    /// A short line that may be a title of what follows; `touches`: no blank line stands between them.
    Titled { touches: bool },
}

/// Weighs the lines of a gap; `None` where prose stands in it.
fn weigh_gap<'t>(text: &'t str, gap: &[Entry], first: &Entry, heads: &mut RunningHeads<'t>) -> Option<Gap> {
    if gap.len() > MAX_FURNITURE_LINES {
        return None;
    }
    let is_page = |entry: &Entry| entry.break_before == Break::Page;
    let mut page_end = is_page(first) || gap.iter().any(is_page);
    let mut title = None;
    for (index, entry) in gap.iter().enumerate() {
        let line = entry.span.slice(text).trim();
        match entry.kind {
            EntryKind::Loose(LineKind::PageNumber | LineKind::Continued | LineKind::Address) => {
                page_end = true
            }
            EntryKind::Loose(LineKind::Short) if heads.contains(line) => page_end = true,
            EntryKind::Loose(LineKind::Short) => title = Some(index),
            EntryKind::Loose(LineKind::Rule) => {}
            _ => return None,
        }
    }
    // A line right above the second piece is its title even at the head of a page.
    let title_touches =
        title == gap.len().checked_sub(1) && title.is_some() && first.break_before == Break::None;
    Some(match (title, page_end) {
        (Some(_), page_end) if title_touches || !page_end => Gap::Titled { touches: title_touches },
        (_, true) => Gap::PageEnd,
        (_, false) => Gap::Blank,
    })
}

/// Whether the nearest line above the table that starts at `start` is a title rather than a sentence that leads in.
/// Where one table has a title, a short line over the next one with the same header is its title too, not the
/// head of a page.
fn has_title(text: &str, start: usize) -> bool {
    let nearest = find_caption(text, start, 0).last().map(|line| line.slice(text));
    nearest.is_some_and(|line| line_kind(line) == LineKind::Short && !line.ends_with([':', '：']))
}
