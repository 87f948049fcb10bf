//! The tokenizer beneath every cut: maximal runs of one class of characters.

use super::chars::{folded, is_blank, is_digit, is_ideograph};
use super::mark::{is_superscript, is_symbol};
use crate::text::Span;

/// Class of the characters of an atom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AtomKind {
    /// Decimal digits, full-width ones too.
    Digits,
    /// Letters of scripts that part words by blanks, with their combining marks.
    Letters,
    /// Letters of scripts that do not: Chinese, Japanese, Korean.
    Ideographs,
    /// Characters that are printed as footnote marks: `*`, `†`, `¹`.
    Mark,
    /// Punctuation: dots, commas, brackets, dashes, quotes, slashes.
    Punctuation,
    /// Anything else: `$`, `%`, `+`, arrows, control characters.
    Symbol,
    /// White space.
    Blank,
}

/// A maximal run of one class of characters; of punctuation and symbols, a run of the same character, so that
/// `)(` is two atoms and a dot leader is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Atom {
    /// Where it stands, in bytes of the text that was cut.
    pub span: Span,
    /// Its class.
    pub kind: AtomKind,
}

/// The atoms of a text; see [`atoms`].
#[derive(Clone, Debug)]
pub struct Atoms<'t> {
    text: &'t str,
    at: usize,
}

/// Cuts `text` into its atoms, which tile it: no gap, no overlap, nothing empty.
///
/// ```
/// use retabulate::text::value::atoms;
///
/// let text = "$1,420 (687)";
/// let pieces: Vec<&str> = atoms(text).map(|atom| atom.span.slice(text)).collect();
/// assert_eq!(pieces, ["$", "1", ",", "420", " ", "(", "687", ")"]);
/// ```
#[must_use]
pub fn atoms(text: &str) -> Atoms<'_> {
    Atoms { text, at: 0 }
}

impl Iterator for Atoms<'_> {
    type Item = Atom;

    fn next(&mut self) -> Option<Atom> {
        let rest = self.text.get(self.at..)?;
        let first = rest.chars().next()?;
        let kind = kind_of(first);
        let is_run = !matches!(kind, AtomKind::Punctuation | AtomKind::Symbol);
        let belongs = |c: char| if is_run { kind_of(c) == kind } else { c == first };
        // Nearly all text is ASCII, where a byte is a character and none joins the one before it.
        let ascii = |&byte: &u8| byte.is_ascii() && belongs(char::from(byte));
        let plain = rest.bytes().take_while(|byte| ascii(byte)).count();
        let end = match rest.as_bytes().get(plain) {
            Some(byte) if plain > 0 && byte.is_ascii() => plain,
            None => plain,
            Some(_) => {
                let tail = rest.get(plain..).unwrap_or("").char_indices();
                let mut others = tail.skip_while(|&(at, c)| at + plain == 0 || belongs(c) || joins(c, kind));
                others.next().map_or(rest.len(), |(at, _)| at + plain)
            }
        };
        let span = Span::new(self.at, self.at + end);
        self.at = span.end;
        Some(Atom { span, kind })
    }
}

/// Whether `c` goes with an atom of `kind` before it.
fn joins(c: char, kind: AtomKind) -> bool {
    kind != AtomKind::Blank && is_joined(c)
}

/// Whether `c` goes with the character before it: combining marks, joiners, variation selectors.
fn is_joined(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}' | '\u{200c}' | '\u{200d}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{3099}' | '\u{309a}')
}

fn kind_of(c: char) -> AtomKind {
    match c {
        '0'..='9' => AtomKind::Digits,
        'a'..='z' | 'A'..='Z' => AtomKind::Letters,
        ' ' => AtomKind::Blank,
        '*' | '#' | '^' => AtomKind::Mark,
        '$' | '%' | '+' | '<' | '=' | '>' | '|' | '~' | '`' => AtomKind::Symbol,
        '!'..='~' => AtomKind::Punctuation,
        _ if is_digit(c) => AtomKind::Digits,
        _ if is_blank(c) => AtomKind::Blank,
        _ if is_superscript(c) || is_symbol(c) => AtomKind::Mark,
        _ if is_ideograph(c) => AtomKind::Ideographs,
        _ if c.is_alphabetic() => AtomKind::Letters,
        '\u{2010}'..='\u{2027}'
        | '\u{2030}'..='\u{205e}'
        | '\u{3001}'..='\u{3003}'
        | '\u{3008}'..='\u{3011}'
        | '\u{3014}'..='\u{301f}'
        | '\u{ab}'
        | '\u{bb}'
        | '\u{b7}'
        | '\u{2212}' => AtomKind::Punctuation,
        _ if folded(c) != c => kind_of(folded(c)),
        _ => AtomKind::Symbol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn classes() {
        let text = "Été 12,5% 持股２０（a）¹……*";
        let kinds: Vec<(&str, AtomKind)> =
            atoms(text).map(|atom| (atom.span.slice(text), atom.kind)).collect();
        use AtomKind::{Blank, Digits, Ideographs, Letters, Mark, Punctuation, Symbol};
        let expected = [
            ("Été", Letters),
            (" ", Blank),
            ("12", Digits),
            (",", Punctuation),
            ("5", Digits),
            ("%", Symbol),
            (" ", Blank),
            ("持股", Ideographs),
            ("２０", Digits),
            ("（", Punctuation),
            ("a", Letters),
            ("）", Punctuation),
            ("¹", Mark),
            ("……", Punctuation),
            ("*", Mark),
        ];
        assert_eq!(kinds, expected);
    }

    proptest! {
        #[test]
        fn atoms_tile_the_text(text in any::<String>()) {
            let mut at = 0;
            for atom in atoms(&text) {
                prop_assert_eq!(atom.span.start, at);
                prop_assert!(text.get(atom.span.start..atom.span.end).is_some_and(|piece| !piece.is_empty()));
                at = atom.span.end;
            }
            prop_assert_eq!(at, text.len());
        }
    }
}
