//! Lines that belong to the page, not to the table: page numbers, running heads, `(continued)`, addresses.

use memchr::memmem;

/// What a line without delimiters is, from its print alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineKind {
    /// A page number, in whatever dress.
    PageNumber,
    /// `(continued)`.
    Continued,
    /// An address of the web or of mail, alone.
    Address,
    /// A line of dashes.
    Rule,
    /// The rest of a number that broke off at the end of the line above.
    NumberRest,
    /// A short line: a running head, a title, a wrapped cell.
    Short,
    /// A sentence.
    Prose,
}

/// A line of furniture, a title or a wrapped cell is no longer than this; in characters.
const MAX_SHORT_CHARS: usize = 80;

/// Words around a page number. `Page 3 of 12`, `Seite 3 von 12`, `第 3 頁`, `F-12`.
const PAGE_WORDS: [&str; 14] =
    ["page", "pages", "of", "p", "pg", "seite", "von", "página", "de", "第", "页", "頁", "共", "f"];

/// Marks of a table or a page that goes on.
const CONTINUED_WORDS: [&str; 9] =
    ["continued", "cont'd", "cont’d", "contd", "cont", "fortsetzung", "suite", "續", "续"];

/// Tells what `line` is, which is trimmed and not empty.
pub(super) fn line_kind(line: &str) -> LineKind {
    if line.bytes().all(|byte| matches!(byte, b'-' | b'=' | b'_' | b'+' | b' ' | b'*' | b'.'))
        && line.len() > 2
    {
        LineKind::Rule
    } else if is_page_number(line) {
        LineKind::PageNumber
    } else if is_continued(line) {
        LineKind::Continued
    } else if is_address(line) {
        LineKind::Address
    } else if line.chars().nth(MAX_SHORT_CHARS).is_some() || is_sentence(line) {
        LineKind::Prose
    } else {
        LineKind::Short
    }
}

/// Whether `line` is the rest of a number at the end of `above`, which broke off at a comma or a point: `1,` and
/// `150.00`, `3,942.` and `95`.
pub(super) fn is_number_rest(above: &str, line: &str) -> bool {
    let Some(broken) = above.trim_end().strip_suffix([',', '.']) else { return false };
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let word = broken.rsplit(['\t', '|', ' ']).next().unwrap_or_default();
    // Three digits or less: a group, or decimals. What follows is more of the number.
    word.contains(|first: char| first.is_ascii_digit())
        && !word.contains(char::is_alphabetic)
        && broken.ends_with(|last: char| last.is_ascii_digit())
        && (1..=3).contains(&digits(line))
        && line.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b',' | b'.' | b'%' | b')'))
}

/// `www.example.org`, `https://...`, `mail@example.org`: one word with the marks of an address.
fn is_address(line: &str) -> bool {
    let is_word = !line.contains(char::is_whitespace);
    let lower =
        |prefix: &str| line.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    is_word && (lower("www.") || line.contains("://") || (line.contains('@') && line.contains('.')))
}

/// Whether `line` ends as a sentence does and has the words of one.
fn is_sentence(line: &str) -> bool {
    let words = line.split_whitespace().count();
    (line.ends_with(['.', ';', ',']) && words > 6) || line.ends_with(['。', '；'])
}

/// `- 5 -`, `5`, `Page 3 of 12`, `3/12`, `xii`, `第 3 頁`.
fn is_page_number(line: &str) -> bool {
    if line.len() > 40 {
        return false;
    }
    let core = line.trim_matches(|letter: char| matches!(letter, '-' | '–' | '—' | ' ' | '[' | ']' | '~'));
    if !core.is_empty() && core.len() < 6 && core.bytes().all(|byte| b"ivxlc".contains(&byte)) {
        return true;
    }
    let mut numbers = 0;
    for part in split_digits(core) {
        if part.starts_with(|first: char| first.is_ascii_digit()) {
            numbers += 1;
            if part.len() > 4 {
                return false;
            }
        } else {
            let word = part.trim_matches(|letter: char| letter.is_whitespace() || "/-.|".contains(letter));
            let is_known = |word: &str| PAGE_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word));
            if !word.is_empty() && !word.split_whitespace().all(is_known) {
                return false;
            }
        }
    }
    numbers == 1 || numbers == 2
}

/// Runs of digits and runs of other characters, in turn.
fn split_digits(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_digit = rest.chars().next()?.is_ascii_digit();
        let end = rest.find(|letter: char| letter.is_ascii_digit() != is_digit).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        rest = after;
        Some(part)
    })
}

/// `(continued)`, `Table 3 (continued)`, `Continued on next page`.
fn is_continued(line: &str) -> bool {
    if line.len() > 120 {
        return false;
    }
    let last = line.rsplit(|letter: char| letter.is_whitespace() || "(（-–—[".contains(letter)).next();
    let ends =
        last.is_some_and(|word| is_continued_word(word) && line.trim_end().ends_with([')', '）', ']']));
    let first = line.trim_start_matches(['(', '（', '[', '.', '…', '-']);
    let word_end = first.find(|letter: char| letter.is_whitespace() || ")）].".contains(letter));
    let leading = first.get(..word_end.unwrap_or(first.len())).unwrap_or_default();
    ends || (is_continued_word(leading) && line.len() < 40)
}

fn is_continued_word(word: &str) -> bool {
    let word = word.trim_matches(|letter: char| matches!(letter, ')' | '）' | ']' | '.' | ':' | ','));
    CONTINUED_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Lines that stand again elsewhere in a document: its running heads.
///
/// A line is looked up by searching the document for it, at most [`MAX_LOOKUPS`] times; after that only heads
/// already known are, so that a text of a thousand pages with a thousand different titles stays linear.
pub(super) struct RunningHeads<'t> {
    text: &'t str,
    known: Vec<&'t str>,
    lookups: usize,
}

/// Searches through the whole document. A document has a handful of running heads.
const MAX_LOOKUPS: usize = 16;

impl<'t> RunningHeads<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, known: Vec::new(), lookups: 0 }
    }

    /// Whether `line` stands alone on another line of the document too.
    pub(super) fn contains(&mut self, line: &'t str) -> bool {
        if self.known.contains(&line) {
            return true;
        }
        if self.lookups == MAX_LOOKUPS || line.len() < 3 {
            return false;
        }
        self.lookups += 1;
        let bytes = self.text.as_bytes();
        let stands_alone = |start: &usize| {
            let is_end = |byte: Option<&u8>| byte.is_none_or(|byte| b"\n\r\x0c".contains(byte));
            is_end(start.checked_sub(1).and_then(|before| bytes.get(before)))
                && is_end(bytes.get(start + line.len()))
        };
        let repeats = memmem::find_iter(bytes, line.as_bytes()).filter(stands_alone).nth(1).is_some();
        if repeats {
            self.known.push(line);
        }
        repeats
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_numbers_in_many_dresses() {
        for line in ["- 5 -", "12", "Page 3 of 12", "3/12", "xii", "第 3 頁", "F-12", "— 7 —", "[4]"] {
            assert_eq!(line_kind(line), LineKind::PageNumber, "{line}");
        }
        for line in ["Total 5", "2023 Results", "1,234", "Annual Report 2023", "12345"] {
            assert_ne!(line_kind(line), LineKind::PageNumber, "{line}");
        }
    }

    #[test]
    fn continuations() {
        for line in
            ["(continued)", "Table 3 (continued)", "Continued on next page", "綜合收益表（續）", "(Cont'd)"]
        {
            assert_eq!(line_kind(line), LineKind::Continued, "{line}");
        }
        for line in ["Continued operations of the group in the year under review were", "Discontinued"] {
            assert_ne!(line_kind(line), LineKind::Continued, "{line}");
        }
    }

    #[test]
    fn running_heads_stand_alone_twice() {
        let text = "Annual Report\na\nSee the Annual Report for more\n\x0cAnnual Report\nOnce\n";
        let mut heads = RunningHeads::new(text);
        assert!(heads.contains("Annual Report"));
        assert!(!heads.contains("Once"));
    }
}
