//! Words: what stands between white space.

use super::{Span, is_ascii_blank};

/// The runs between white space in a line.
pub(crate) fn word_spans(text: &str, line: Span) -> impl Iterator<Item = Span> {
    let mut at = line.start;
    std::iter::from_fn(move || {
        let run = |at: usize, is_blank: bool| {
            let ends = |letter: char| letter.is_whitespace() != is_blank;
            let rest = text.as_bytes().get(at..line.end)?;
            let plain = rest.iter().take_while(|byte| byte.is_ascii() && is_ascii_blank(byte) == is_blank);
            let length = plain.count();
            match rest.get(length) {
                Some(byte) if !byte.is_ascii() => {
                    let rest = text.get(at + length..line.end)?;
                    Some(at + length + rest.find(ends).unwrap_or(rest.len()))
                }
                _ => Some(at + length),
            }
        };
        let start = run(at, true)?;
        at = run(start, false)?;
        (at > start).then(|| Span::new(start, at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_between_white_space_of_any_kind() {
        for text in
            ["", "  ", "a b", " a\u{a0}b\u{3000}\u{e9}c \u{2003}d\u{e9} ", "\u{3000}", "x\x0by\u{85}z"]
        {
            let words = word_spans(text, Span::new(0, text.len())).map(|word| word.slice(text));
            assert_eq!(words.collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
        }
    }
}
