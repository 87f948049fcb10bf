//! The document as witness for words that were torn apart: do they stand side by side elsewhere?

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use memchr::memmem;

/// Whole passes over the text that a document's questions may cost in all; each question is one at most.
const PASSES: usize = 64;

/// Answers whether two words stand side by side in a document; falls silent once its questions cost
/// [`PASSES`] passes over the text, so that they stay linear in it.
pub(crate) struct Adjacency<'a> {
    text: &'a str,
    left: Cell<usize>,
    /// Where words that were looked for may begin a phrase, as far as they were.
    places: RefCell<HashMap<String, Rc<[usize]>>>,
}

impl<'a> Adjacency<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, left: Cell::new(text.len().saturating_mul(PASSES)), places: RefCell::default() }
    }

    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The text for one pass over it; `None` once the passes are spent.
    pub(crate) fn pass(&self) -> Option<&'a str> {
        let left = self.left.get().checked_sub(self.text.len())?;
        self.left.set(left);
        Some(self.text)
    }

    /// The places of a word that `find` finds in the text, found once.
    pub(crate) fn places(&self, word: &str, find: impl FnOnce(&'a str) -> Vec<usize>) -> Rc<[usize]> {
        if let Some(known) = self.places.borrow().get(word) {
            return Rc::clone(known);
        }
        let found: Rc<[usize]> = find(self.text).into();
        self.places.borrow_mut().insert(word.to_owned(), Rc::clone(&found));
        found
    }

    /// Whether `first second`, with one blank, stands in the text as whole words.
    pub(crate) fn has(&self, first: &str, second: &str) -> bool {
        let Some(text) = self.pass() else { return false };
        let pair = format!("{first} {second}");
        memmem::find_iter(text.as_bytes(), pair.as_bytes()).any(|start| {
            let before = text.get(..start).and_then(|text| text.chars().next_back());
            let after = text.get(start + pair.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_side_by_side() {
        let witness = Adjacency::new("held by Anna Berg Holding, and others");
        assert!(witness.has("Anna", "Berg"));
        assert!(!witness.has("Anna", "Holding"));
        assert!(!witness.has("nna", "Berg"));
    }

    #[test]
    fn questions_are_bounded() {
        let witness = Adjacency::new("a b");
        for _ in 0..PASSES {
            assert!(witness.has("a", "b"));
        }
        assert!(!witness.has("a", "b"));
    }
}
