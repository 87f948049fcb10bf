//! Cells whose print does not say what they hold: blanks that extractors lose and add (see [`blanks`]), several values in one.
//!
//! [`blanks`]: crate::undelimited::doubts::blanks

use super::shape::{Shape, WordKind, shape_of};
use super::words::Word;

/// Margin of a cell that may have lost blanks.
pub(super) const GLUED: f32 = 3.0;
/// Margin of a cell that holds several values, where no schema says how many its column holds.
pub(super) const SEVERAL: f32 = 5.0;

/// Whether a number is followed by another, or by a range in brackets.
pub(super) fn holds_several(words: &[Word]) -> bool {
    let is_value =
        |word: &Word| word.kind.is_number() || matches!(word.kind, WordKind::Date | WordKind::Code);
    match words {
        [first, rest @ ..] => {
            first.kind.is_number() && shape_of(words) != Shape::Date && rest.iter().any(is_value)
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;
    use crate::undelimited::layout::words::Sheet;

    #[test]
    fn numbers_with_more_behind_them_hold_several_values() {
        let several = |cell: &str| {
            let mut sheet = Sheet::new(cell);
            sheet.push_line(Span::new(0, cell.len()), 0, 0);
            holds_several(&sheet.words)
        };
        assert!(several("21.8 (16.0–29.0)"));
        assert!(several("12 15"));
        assert!(!several("12 June 2004"));
        assert!(!several("12 %"));
        assert!(!several("Level 3"));
    }
}
