//! Whether a group of delimited lines is a table, or code, a list, a form, a contents page.

use super::header::{Profile, cells_shape};
use super::join::Group;
use super::scan::{Delimiter, Entry, EntryKind};

/// Rows that are looked at.
const SAMPLE_ROWS: usize = 48;

/// Two columns of words are a table only where the second is short: else it is a list of definitions.
const MAX_MEAN_SECOND_CHARS: usize = 80;

/// What the rows of a group say, counted.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// Rows.
    rows: usize,
    /// Rows with at least two filled cells.
    wide: usize,
    /// Rows with at least two filled cells that are no list marks.
    columns: usize,
    /// Rows whose first filled cell is a list mark.
    marked: usize,
    /// Rows whose first filled cell ends with a colon.
    labelled: usize,
    /// Rows that read as code.
    code: usize,
    /// Rows with an amount: a number with separators, decimals, percent or currency.
    amounts: usize,
    /// Rows whose last cell is a plain small number not below that of the row before.
    rising: usize,
    /// Rows all pipes of which stand between blanks.
    spaced: usize,
    /// Rows that hold a number.
    data: usize,
    /// Bytes of all last cells.
    last_bytes: usize,
    /// Rows with a value before the last cell.
    valued: usize,
    /// Rows that read as running text, a word a cell.
    worded: usize,
}

/// Whether `group` is a table.
pub(super) fn is_table(text: &str, entries: &[Entry], group: &Group) -> bool {
    let lines = &entries[group.lines.clone()];
    let EntryKind::Cells(delimiter) = entries[group.lines.start].kind else { return false };
    if group.rows(entries).nth(1).is_none() {
        return false;
    }
    let profile = Profile::of(lines);
    let has_rule = lines.iter().any(|line| matches!(line.kind, EntryKind::Cells(_)) && line.shape.is_rule);
    if shows_columns_of_numbers(text, lines, &profile) {
        return true;
    }
    let counts = count_rows(text, group.rows(entries), delimiter);
    if counts.rows < 2 || counts.wide == 0 || profile.max_slots < 2 {
        return false;
    }
    if matches!(delimiter, Delimiter::Markup(_)) {
        return true;
    }
    // Justified text whose wide blanks were printed as tabs.
    if counts.worded * 2 > counts.rows {
        return false;
    }
    if delimiter == Delimiter::Pipe && has_rule {
        return profile.slots >= 2;
    }
    if counts.wide < 2 || counts.code * 2 >= counts.rows || is_contents(text, lines, &counts, profile.slots) {
        return false;
    }
    if delimiter == Delimiter::Pipe && !lines.iter().any(|line| line.shape.is_enclosed) {
        return has_bare_columns(&counts, &profile);
    }
    has_columns(&counts, &profile)
}

/// Whether the outlines alone settle it: rows of one width with two columns of numbers besides the first, which is
/// neither code, list, form nor contents page. Most tables are; their text is not looked at again.
fn shows_columns_of_numbers(text: &str, lines: &[Entry], profile: &Profile) -> bool {
    let is_numeric_row = |line: &&Entry| (line.shape.numeric & profile.numeric & !1).count_ones() >= 2;
    let is_enclosed = |line: &Entry| line.kind != EntryKind::Cells(Delimiter::Pipe) || line.shape.is_enclosed;
    (profile.numeric & !profile.years & !1).count_ones() >= 2
        && profile.regular * 3 >= profile.rows * 2
        && lines.iter().take(SAMPLE_ROWS).filter(is_numeric_row).count() >= 2
        && lines.iter().take(3).all(|line| is_enclosed(line) && !is_code(line.span.slice(text)))
}

/// Pipes without outer ones and without a rule are also shell, code, menus and page heads: two columns must show
/// numbers, more must keep their number.
fn has_bare_columns(counts: &Counts, profile: &Profile) -> bool {
    let is_regular = profile.regular * 3 >= profile.rows * 2;
    let shows_numbers = counts.amounts * 2 >= counts.rows && counts.amounts >= 2;
    let is_wide = profile.slots >= 3;
    is_regular
        && counts.spaced == counts.rows
        && counts.columns >= 2
        && (counts.rows >= 3 || is_wide)
        && (shows_numbers || (counts.rows >= 3 && is_wide))
}

/// Whether the rows show columns, or are a list with marks, a form with labels, two lines side by side.
fn has_columns(counts: &Counts, profile: &Profile) -> bool {
    if profile.max_slots >= 3 && counts.columns >= 2 {
        // Signatures and addresses stand in columns of words too, but seldom three of them.
        return counts.data > 0 || counts.rows >= 3 || profile.slots >= 3;
    }
    // What is left has two columns, or three of which one holds list marks.
    if counts.labelled * 2 > counts.rows && counts.amounts * 2 < counts.rows {
        return false;
    }
    if counts.marked > 0 && counts.columns < 2 {
        // A numbered list, unless a row of headers stands over it.
        return counts.columns == 1
            && counts.rows >= 3
            && counts.last_bytes < counts.rows * MAX_MEAN_SECOND_CHARS;
    }
    if counts.rows == 2 {
        return counts.amounts > 0;
    }
    counts.columns >= 2 && (counts.amounts >= 2 || counts.last_bytes <= counts.rows * MAX_MEAN_SECOND_CHARS)
}

/// A contents page: a number of a page at the end of each row, rising, and it says so or counts its sections.
fn is_contents(text: &str, lines: &[Entry], counts: &Counts, slots: u32) -> bool {
    let has_leaders = || {
        lines
            .iter()
            .any(|line| line.span.slice(text).contains("....") || line.span.slice(text).contains("……"))
    };
    slots <= 3
        && counts.rows >= 3
        && counts.amounts == 0
        && counts.valued * 2 < counts.rows
        && counts.rising + 1 >= counts.rows
        && (counts.marked * 2 >= counts.rows || counts.rows >= 6 || has_leaders())
}

fn count_rows<'e>(text: &str, rows: impl Iterator<Item = &'e Entry>, delimiter: Delimiter) -> Counts {
    let split = if delimiter == Delimiter::Pipe { '|' } else { '\t' };
    let mut counts = Counts::default();
    let mut last_page = 0;
    for entry in rows.take(SAMPLE_ROWS) {
        counts.rows += 1;
        let Some(shape) = cells_shape(entry) else { continue };
        let line = entry.span.slice(text);
        let mut cells = line.split(split).map(str::trim).filter(|cell| !cell.is_empty());
        let first = cells.next().unwrap_or_default();
        let is_marked = is_list_mark(first);
        let last = cells.next_back().unwrap_or_default();
        // A contents page has words before its page numbers, no other value.
        let is_value = |cell: &str| !cell.chars().any(char::is_alphabetic);
        counts.valued += usize::from(cells.next_back().is_some_and(is_value));
        let filled = shape.filled_count();
        counts.wide += usize::from(filled >= 2);
        counts.columns += usize::from(filled >= 2 + u32::from(is_marked));
        counts.marked += usize::from(is_marked);
        counts.labelled += usize::from(first.ends_with([':', '：']));
        counts.code += usize::from(is_code(line));
        counts.worded += usize::from(is_running_text(line.split(split).map(str::trim)));
        counts.spaced += usize::from(has_spaced_pipes(line));
        counts.data += usize::from(shape.is_data());
        counts.amounts += usize::from(line.split(split).any(|cell| is_amount(cell.trim())));
        counts.last_bytes += last.len();
        let page = last.parse::<u32>().ok().filter(|page| *page >= last_page && *page < 5_000);
        counts.rising += usize::from(page.is_some());
        last_page = page.unwrap_or(last_page);
    }
    counts
}

/// Whether each pipe of `line` stands between blanks or ends of the line, and no string of code is in it.
fn has_spaced_pipes(line: &str) -> bool {
    let bytes = line.as_bytes();
    let is_blank = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == b' ' || *byte == b'\t');
    let is_spaced = |at: usize| {
        is_blank(at.checked_sub(1).and_then(|before| bytes.get(before))) && is_blank(bytes.get(at + 1))
    };
    let code = ["| grep", "('", "(\"", "['", "[\"", " = ", "= ", "^"];
    memchr::memchr_iter(b'|', bytes).all(is_spaced) && !code.iter().any(|mark| line.contains(mark))
}

/// Cells of a row of running text, at least, and words of grammar among them.
const TEXT_CELLS: usize = 6;
const GRAMMAR_CELLS: usize = 2;

/// Whether the cells of a row are the words of a sentence: one word each, and several of grammar among them.
fn is_running_text<'l>(cells: impl Iterator<Item = &'l str>) -> bool {
    const GRAMMAR: [&str; 18] = [
        "a", "and", "are", "as", "at", "by", "for", "from", "in", "is", "of", "on", "or", "that", "the",
        "to", "was", "with",
    ];
    let (mut filled, mut grammar) = (0, 0);
    for cell in cells.filter(|cell| !cell.is_empty()) {
        if cell.contains(' ') {
            return false;
        }
        filled += 1;
        grammar += usize::from(GRAMMAR.contains(&cell));
    }
    filled >= TEXT_CELLS && grammar >= GRAMMAR_CELLS
}

/// `1.`, `(a)`, `9.01`, `iv)`, `•`, `-`, `Note 3`: what stands before an item of a list.
fn is_list_mark(cell: &str) -> bool {
    let core = cell.trim_matches(|letter: char| "()（）[].、:".contains(letter));
    let is_counter = !core.is_empty()
        && core.len() <= 7
        && core.split('.').all(|part| {
            part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit())
                || part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_alphabetic())
                || part.len() <= 5 && part.bytes().all(|byte| b"ivxIVX".contains(&byte))
        });
    let is_bullet = cell.chars().count() == 1 && !cell.chars().any(char::is_alphanumeric);
    is_counter || is_bullet
}

/// `1,600.00`, `4.13%`, `$5`, `(1,234)`: no page number, no number of a house or a telephone.
fn is_amount(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    if cell.len() > 40 || !bytes.iter().any(u8::is_ascii_digit) {
        return false;
    }
    let letters = cell.chars().filter(|letter| letter.is_alphabetic()).count();
    let has_sign = cell.contains(['%', '$', '€', '£', '¥', '(']);
    let is_grouped = bytes.windows(3).any(|window| {
        window[0].is_ascii_digit() && matches!(window[1], b',' | b'.' | b'\'') && window[2].is_ascii_digit()
    });
    letters <= 3 && (has_sign || is_grouped)
}

/// Whether a line reads as source code: it ends or starts as statements do, or has an operator of one.
fn is_code(line: &str) -> bool {
    let body = line.trim();
    if body.ends_with([';', '{', '}', '\\']) || body.starts_with(['}', '{', '#']) {
        return true;
    }
    let mut before = 0;
    body.as_bytes().windows(2).any(|pair| {
        let is_operator = match pair {
            b"//" => before != b':',
            b"/*" | b"*/" | b"=>" | b"->" | b"==" | b"!=" | b"&&" | b"||" | b":=" | b"+=" | b"::" | b"${"
            | b"$(" => true,
            _ => false,
        };
        before = pair[0];
        is_operator
    })
}
