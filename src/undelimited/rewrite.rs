//! The rewritten text: every set table as lines of cells between tabs, everything else as it stands.
//!
//! Pieces are copied and mapped back to their bytes; tabs, joints and line ends are inserted. What is left over of a
//! table follows its rows, a line each. Time and space linear in the text.

use std::sync::Arc;

use super::Setting;
use super::set::SetTable;
use crate::text::{MarkedTable, OffsetMap, Span};

/// A text whose undelimited tables are rewritten.
pub(crate) struct Rewritten {
    pub(crate) text: String,
    pub(crate) map: OffsetMap,
    /// One a table, in order.
    pub(crate) tables: Vec<(MarkedTable, Arc<Setting>)>,
    /// The tables of markup at their new places.
    pub(crate) moved: Vec<MarkedTable>,
}

/// Rewrites `tables`, which do not overlap and stand in order; `marked` are tables of markup outside of them.
pub(crate) fn rewrite(text: &str, tables: Vec<SetTable>, marked: &[MarkedTable]) -> Rewritten {
    let mut writer = Writer {
        text,
        out: String::with_capacity(text.len() + text.len() / 8),
        map: OffsetMap::for_pieces(),
        end: 0,
    };
    let mut set = Vec::with_capacity(tables.len());
    let mut moved = Vec::with_capacity(marked.len());
    let mut marked = marked.iter().copied().peekable();
    let mut at = 0;
    for table in tables {
        writer.copy_with(Span::new(at, table.span.start), &mut marked, &mut moved);
        at = table.span.end;
        set.push(writer.write_table(table));
        if !matches!(text.as_bytes().get(at), Some(b'\n' | b'\r' | b'\x0c') | None) {
            writer.insert('\n', at);
        }
    }
    writer.copy_with(Span::new(at, text.len()), &mut marked, &mut moved);
    Rewritten { text: writer.out, map: writer.map, tables: set, moved }
}

struct Writer<'t> {
    text: &'t str,
    out: String,
    map: OffsetMap,
    /// Where the original of what was written last ends.
    end: usize,
}

impl Writer<'_> {
    /// Copies `span`, and tells where the tables of markup in it stand now.
    fn copy_with(
        &mut self,
        span: Span,
        marked: &mut std::iter::Peekable<impl Iterator<Item = MarkedTable>>,
        moved: &mut Vec<MarkedTable>,
    ) {
        while let Some(table) = marked.next_if(|table| table.span.start < span.end) {
            let start = self.out.len() + table.span.start.saturating_sub(span.start);
            moved.push(MarkedTable { span: Span::new(start, start + table.span.len()), ..table });
        }
        self.copy(span);
    }

    fn write_table(&mut self, table: SetTable) -> (MarkedTable, Arc<Setting>) {
        if !self.out.is_empty() && !self.out.ends_with(['\n', '\r', '\x0c']) {
            self.insert('\n', table.span.start);
        }
        let first = self.out.len();
        let mut doubts = Vec::new();
        let mut breaks = Vec::with_capacity(table.row_count());
        for row in 0..table.row_count() {
            if row > 0 {
                self.end_line();
            }
            breaks.push(table.is_after_break(row));
            for column in 0..table.width {
                if column > 0 {
                    let at = self.last_original(table.span.start);
                    self.insert('\t', at);
                }
                let cell = table.cell(row, column);
                let start = self.out.len();
                self.write_cell(cell.pieces);
                if cell.margin.is_finite() && self.out.len() > start {
                    doubts.push((Span::new(start, self.out.len()), cell.margin));
                }
            }
        }
        for span in &table.left_over {
            self.end_line();
            self.write_piece(*span);
        }
        let marked = MarkedTable {
            span: Span::new(first, self.out.len()),
            header_rows: Some(table.header_rows).filter(|rows| *rows < table.row_count()),
        };
        let setting =
            Setting { form: table.form, breaks, binding: table.binding, doubts, notes: table.notes };
        (marked, Arc::new(setting))
    }

    fn write_cell(&mut self, pieces: &[Span]) {
        for (index, piece) in pieces.iter().enumerate() {
            if let Some(before) = index.checked_sub(1).and_then(|before| pieces.get(before))
                && needs_blank(before.slice(self.text), piece.slice(self.text))
            {
                self.insert(' ', before.end);
            }
            self.write_piece(*piece);
        }
    }

    /// Copies a piece; line ends and tabs in it become blanks.
    fn write_piece(&mut self, piece: Span) {
        if piece.slice(self.text).bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            self.copy(piece);
            return;
        }
        let mut at = piece.start;
        for (offset, letter) in piece.slice(self.text).char_indices() {
            if letter.is_control() {
                self.copy(Span::new(at, piece.start + offset));
                at = piece.start + offset + letter.len_utf8();
                self.map.push(self.out.len(), at - letter.len_utf8(), 1, letter.len_utf8());
                self.out.push(' ');
                self.end = at;
            }
        }
        self.copy(Span::new(at, piece.end));
    }

    fn end_line(&mut self) {
        let at = self.last_original(0);
        self.insert('\n', at);
    }

    fn last_original(&self, otherwise: usize) -> usize {
        if self.out.is_empty() { otherwise } else { self.end }
    }

    fn copy(&mut self, span: Span) {
        if !span.is_empty() {
            self.map.push(self.out.len(), span.start, 1, 1);
            self.out.push_str(span.slice(self.text));
            self.end = span.end;
        }
    }

    fn insert(&mut self, letter: char, at: usize) {
        self.map.push(self.out.len(), at, letter.len_utf8(), 0);
        self.out.push(letter);
        self.end = at;
    }
}

/// Whether two pieces of a cell are parted by a blank: not after a hyphen in a word or a range, and not where a number
/// broke behind its separator.
fn needs_blank(before: &str, after: &str) -> bool {
    let mut ends = before.chars().rev();
    let (last, second) = (ends.next(), ends.next());
    let first = after.chars().next();
    // Lines break behind a hyphen inside of a word, and nobody prints a blank there; `pre- and post-` is two words.
    let is_word_break = matches!(last, Some('-' | '\u{2010}' | '\u{2013}' | '\u{ad}'))
        && second.is_some_and(char::is_alphanumeric)
        && first.is_some_and(char::is_alphanumeric)
        && !matches!(after.split_whitespace().next(), Some("and" | "or" | "und" | "oder" | "et" | "ou"));
    let is_number_break = matches!(last, Some(',' | '.'))
        && second.is_some_and(|letter| letter.is_ascii_digit())
        && first.is_some_and(|letter| letter.is_ascii_digit())
        && is_number_torn(before, after);
    let is_unspaced = |letter: Option<char>| {
        letter.is_some_and(|letter| matches!(letter, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}'))
    };
    !(is_word_break || is_number_break || (is_unspaced(last) && is_unspaced(first)))
}

/// Whether what follows a separator are the three digits of a group, or decimals: years of a list are not.
fn is_number_torn(before: &str, after: &str) -> bool {
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let number = before.trim_end_matches([',', '.']);
    let group = number.bytes().rev().take_while(u8::is_ascii_digit).count();
    if before.ends_with(',') { digits == 3 && group <= 3 } else { digits <= 3 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::Form;

    #[test]
    fn pieces_are_joined_and_map_back() {
        let text = "Prose.\nOther finite-\nlived assets 35\nPage 3\nEnd.\n";
        let place = |needle: &str| {
            let start = text.find(needle).unwrap();
            Span::new(start, start + needle.len())
        };
        let mut table = SetTable::new(Form::Stacked, 2);
        table.push_piece(place("Other finite-"));
        table.push_piece(place("lived assets"));
        table.close_cell(3.0);
        table.push_piece(place("35"));
        table.close_cell(f32::INFINITY);
        table.close_row(false);
        table.left_over.push(place("Page 3"));
        table.span = table.hull();
        assert!(table.sweep(text) && table.left_over == [place("Page 3")]);
        let Rewritten { text: written, map, tables, .. } = rewrite(text, vec![table], &[]);
        assert_eq!(written, "Prose.\nOther finite-lived assets\t35\nPage 3\nEnd.\n");
        let cell = Span::new(7, written.find('\t').unwrap());
        assert_eq!(map.originals(cell, &mut 0).as_slice(), [place("Other finite-"), place("lived assets")]);
        assert_eq!(tables[0].1.doubts, [(cell, 3.0)]);
        let end = written.find("End").unwrap();
        assert_eq!(map.original(Span::new(end, end + 3)), place("End"));
    }

    #[test]
    fn joints_follow_words_and_numbers() {
        assert!(needs_blank("Working", "capital"));
        assert!(needs_blank("Total -", "net"));
        assert!(needs_blank("pre-", "and post-tax"));
        assert!(!needs_blank("1920\u{2013}", "1947"));
        assert!(!needs_blank("Ultra-", "High Racing"));
        assert!(!needs_blank("finite-", "lived"));
        assert!(!needs_blank("1,234,", "567"));
        assert!(needs_blank("1996,", "1997"));
        assert!(needs_blank("December 31,", "2018"));
        assert!(needs_blank("May 5,", "1981"));
        assert!(!needs_blank("股份", "有限公司"));
    }
}
