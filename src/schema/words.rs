//! Words of headers and labels in a form in which they compare: compatibility forms folded (NFKC), lower
//! case, footnote references left off.

use std::borrow::Cow;

use smallvec::SmallVec;
use unicode_normalization::UnicodeNormalization;

/// Normalised words, one after the other in one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    text: String,
    ends: SmallVec<[u32; 16]>,
}

impl Words {
    /// Number of words.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no word.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The words, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let word = self.text.get(start..end as usize).unwrap_or("");
            start = end as usize;
            word
        })
    }

    /// Ends the word that is being written, if it has a character.
    fn close(&mut self) {
        // A text of over 4 GiB would make words of it that never end; headers are not that long.
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        if self.ends.last().copied().unwrap_or(0) < end {
            self.ends.push(end);
        }
    }
}

/// The words of a header or label: runs of letters and digits, `%`, and every Han or kana character by itself.
///
/// ```
/// use retabulate::schema::normalize_words;
///
/// let words = normalize_words("Number of Shares (Note 2) (%)*");
/// assert_eq!(words.iter().collect::<Vec<_>>(), ["number", "of", "shares", "%"]);
/// assert_eq!(normalize_words("餘額１").iter().collect::<Vec<_>>(), ["餘", "額", "1"]);
/// ```
#[must_use]
pub fn normalize_words(text: &str) -> Words {
    let mut words = Words { text: String::with_capacity(text.len()), ends: SmallVec::new() };
    for_each_normal(text, |character| {
        if is_han_or_kana(character) || character == '%' {
            words.close();
            words.text.push(character);
            words.close();
        } else if character.is_alphanumeric() {
            words.text.push(character);
        } else {
            words.close();
        }
    });
    words.close();
    words
}

/// Calls `take` with every character of the text, normalised, footnote references left off.
pub(super) fn for_each_normal(text: &str, mut take: impl FnMut(char)) {
    if is_plain_ascii(text) {
        text.bytes().for_each(|byte| take(char::from(byte.to_ascii_lowercase())));
        return;
    }
    let text = without_notes(text);
    if text.is_ascii() {
        text.bytes().for_each(|byte| take(char::from(byte.to_ascii_lowercase())));
        return;
    }
    // Superscripts are marks in a header; NFKC would make digits of them.
    let plain = text.chars().filter(|character| !is_superscript_digit(*character));
    plain.nfkc().flat_map(char::to_lowercase).for_each(take);
}

/// Whether a text is ASCII in which no reference is left off.
pub(super) fn is_plain_ascii(text: &str) -> bool {
    text.is_ascii() && memchr::memchr2(b'(', b'[', text.as_bytes()).is_none()
}

/// Whether the character is written without spaces around words.
pub(super) const fn is_han_or_kana(character: char) -> bool {
    matches!(character,
        '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

const fn is_superscript_digit(character: char) -> bool {
    matches!(character, '\u{b9}' | '\u{b2}' | '\u{b3}' | '\u{2070}'..='\u{2079}')
}

/// The text without bracketed references such as `(Note 2)`, `(1)`, `（附註三）`.
fn without_notes(text: &str) -> Cow<'_, str> {
    let mut kept: Option<String> = None;
    let (mut copied, mut search) = (0, 0);
    while let Some(open) = text[search..].find(['(', '（', '[']).map(|at| search + at) {
        let inner = open + text[open..].chars().next().map_or(1, char::len_utf8);
        let Some(close) = text[inner..].find([')', '）', ']']).map(|at| inner + at) else { break };
        let after = close + text[close..].chars().next().map_or(1, char::len_utf8);
        if is_note(&text[inner..close]) {
            kept.get_or_insert_default().push_str(&text[copied..open]);
            copied = after;
            search = after;
            continue;
        }
        // An inner bracket may be the reference: `(in thousands (Note 2))`.
        search = text[inner..close].find(['(', '（', '[']).map_or(after, |at| inner + at);
    }
    match kept {
        Some(mut kept) => {
            kept.push_str(&text[copied..]);
            Cow::Owned(kept)
        }
        None => Cow::Borrowed(text),
    }
}

/// Words that open a reference, longest first where one begins another.
const NOTE_WORDS: [&str; 8] = ["see note", "footnote", "notes", "note", "附註", "附注", "註", "注"];

/// Characters of the number after the word, at most: `1, 2 and 3`.
const LONGEST_NOTE_NUMBER: usize = 12;

fn is_note(inner: &str) -> bool {
    let lower = inner.trim().to_lowercase();
    if !lower.is_empty() && lower.len() <= 2 && lower.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let Some(number) = NOTE_WORDS.iter().find_map(|word| lower.strip_prefix(word)) else { return false };
    let separated = number.chars().next().is_none_or(|first| !first.is_ascii_alphabetic());
    separated && number.chars().count() <= LONGEST_NOTE_NUMBER
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        normalize_words(text).iter().map(str::to_owned).collect()
    }

    #[test]
    fn references_fall_and_other_brackets_stay() {
        assert_eq!(words("Held (in 10 thousand) (Notes 1 and 2)"), ["held", "in", "10", "thousand"]);
        assert_eq!(words("Amount (HK$) (1)"), ["amount", "hk"]);
        assert_eq!(words("(in thousands (Note 2)) x"), ["in", "thousands", "x"]);
        assert_eq!(words("Notes payable (notebooks)"), ["notes", "payable", "notebooks"]);
        assert_eq!(words("持股（附註二）數量¹"), ["持", "股", "數", "量"]);
        assert_eq!(words("a (b"), ["a", "b"]);
        assert_eq!(words("a (Note (Note 2) 2) b"), ["a", "2", "b"]);
    }

    proptest! {
        #[test]
        fn any_text_has_words_without_blanks(text in any::<String>()) {
            for word in normalize_words(&text).iter() {
                prop_assert!(!word.is_empty() && !word.contains(char::is_whitespace));
            }
        }

        #[test]
        fn words_of_words_are_the_same(text in "[a-zA-Z0-9 ,.%-]{0,40}") {
            let once = words(&text);
            prop_assert_eq!(words(&once.join(" ")), once);
        }
    }
}
