//! What the search for the headers of one schema keeps from line to line.

use super::HeadFinder;
use super::vocabulary::Vocabulary;

/// What a part of a printed word is to a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// This wanted word, as it stands.
    Exact(usize),
    /// Not asked yet for its likeness.
    Open,
    /// This wanted word, with letters confused.
    Alike(usize),
    Foreign,
}

/// The search for the headers of one schema in one text.
pub(super) struct Search<'v> {
    pub(super) vocabulary: &'v mut Vocabulary,
    /// By the number of the part, as far as asked for.
    known: Vec<Option<Known>>,
    /// How often each wanted word may still stand in the cluster that is being read, and how often it was found.
    pub(super) left: Vec<u32>,
    pub(super) found: Vec<u32>,
    /// For every part of the line that was taken last: the wanted word that it is.
    pub(super) taken: Vec<Option<usize>>,
    /// Scratch space: what the parts of a line are, and what is left on trial.
    pub(super) parts: Vec<Option<usize>>,
    trial: Vec<u32>,
    open: Vec<usize>,
}

impl<'v> Search<'v> {
    pub(super) fn new(vocabulary: &'v mut Vocabulary) -> Self {
        Self {
            vocabulary,
            known: Vec::new(),
            left: Vec::new(),
            found: Vec::new(),
            taken: Vec::new(),
            parts: Vec::new(),
            trial: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Begins a cluster: everything is left, nothing found.
    pub(super) fn begin(&mut self, finder: &HeadFinder) {
        self.left.clear();
        self.left.extend_from_slice(&finder.wanted);
        self.found.clear();
        self.found.resize(finder.wanted.len(), 0);
    }

    /// Takes what the parts of a line are wanted for, those too that are wanted words with letters confused, unless the line
    /// `is_hopeless` with so many wanted; `known` are the parts that are wanted as they stand.
    pub(super) fn settle(
        &mut self,
        finder: &HeadFinder,
        parts: &[u32],
        known: &mut [Option<usize>],
        is_hopeless: impl Fn(usize) -> bool,
    ) -> bool {
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        open.extend((0..parts.len()).filter(|&part| known[part].is_none() && self.may_be_alike(parts[part])));
        self.take(known);
        // What is wanted as it stands, and what may be.
        let mut wanted = open.len() + self.taken.iter().flatten().count();
        let mut is_lost = false;
        for &part in &open {
            is_lost = is_hopeless(wanted);
            if is_lost {
                break;
            }
            known[part] = self.alike(finder, parts[part]);
            wanted -= usize::from(known[part].is_none());
        }
        if !is_lost && !open.is_empty() {
            self.take(known);
        }
        self.open = open;
        if is_lost || is_hopeless(self.taken.iter().flatten().count()) {
            return false;
        }
        self.left.copy_from_slice(&self.trial);
        true
    }

    /// The parts as long as their words are left, on trial.
    fn take(&mut self, known: &[Option<usize>]) {
        self.trial.clear();
        self.trial.extend_from_slice(&self.left);
        self.taken.clear();
        for word in known {
            let left = word.and_then(|word| self.trial.get_mut(word)).filter(|left| **left > 0);
            self.taken.push(left.and_then(|left| {
                *left -= 1;
                *word
            }));
        }
    }

    /// The wanted word that a part is as it stands.
    pub(super) fn exact(&mut self, finder: &HeadFinder, part: u32) -> Option<usize> {
        let part = part as usize;
        if self.known.len() <= part {
            self.known.resize(self.vocabulary.words.len(), None);
        }
        let word = self.vocabulary.words.get(part)?;
        let known =
            self.known.get_mut(part)?.get_or_insert_with(|| match finder.exact_of(&word.text, word.hash) {
                Some(wanted) => Known::Exact(wanted),
                None if word.is_shaped => Known::Open,
                None => Known::Foreign,
            });
        if let Known::Exact(wanted) = known { Some(*wanted) } else { None }
    }

    fn may_be_alike(&self, part: u32) -> bool {
        matches!(self.known.get(part as usize), Some(Some(Known::Open | Known::Alike(_))))
    }

    /// The wanted word that a part is with letters confused.
    fn alike(&mut self, finder: &HeadFinder, part: u32) -> Option<usize> {
        let part = part as usize;
        let known = self.known.get_mut(part)?;
        if *known == Some(Known::Open) {
            let word = self.vocabulary.words.get(part)?;
            *known = Some(finder.alike(&word.text).map_or(Known::Foreign, Known::Alike));
        }
        if let Some(Known::Alike(wanted)) = known { Some(*wanted) } else { None }
    }
}
