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
    /// Of every line, once it was asked for: whether one of its first words is wanted.
    pub(super) lines: Vec<Option<bool>>,
    /// How often each wanted word may still stand in the cluster that is being read, and how often it was found.
    left: Vec<u32>,
    pub(super) left_count: usize,
    pub(super) found: Vec<u32>,
    /// For every part of the line that was taken last: the wanted word that it is.
    pub(super) taken: Vec<Option<usize>>,
    /// Scratch space: what the parts of a line are, and what is left on trial.
    parts: Vec<Option<usize>>,
    trial: Vec<u32>,
    open: Vec<usize>,
}

impl<'v> Search<'v> {
    pub(super) fn new(vocabulary: &'v mut Vocabulary, lines: usize) -> Self {
        Self {
            vocabulary,
            known: Vec::new(),
            lines: vec![None; lines],
            left: Vec::new(),
            left_count: 0,
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
        self.left_count = finder.wanted_count;
        self.found.clear();
        self.found.resize(finder.wanted.len(), 0);
    }

    /// Takes what the parts of a line are wanted for, those too that are wanted words with letters confused, unless the line
    /// `is_hopeless` with so many wanted.
    pub(super) fn take_parts(
        &mut self,
        finder: &HeadFinder,
        parts: &[u32],
        is_hopeless: impl Fn(usize) -> bool,
    ) -> bool {
        let mut known = std::mem::take(&mut self.parts);
        let mut open = std::mem::take(&mut self.open);
        let is_taken = self.list(finder, parts, (&mut known, &mut open), &is_hopeless)
            && self.settle(finder, parts, (&mut known, &open), &is_hopeless);
        (self.parts, self.open) = (known, open);
        is_taken
    }

    /// Lists the parts that are wanted as they stand, and those that may be wanted; `false` as soon as too few are left.
    fn list(
        &mut self,
        finder: &HeadFinder,
        parts: &[u32],
        (known, open): (&mut Vec<Option<usize>>, &mut Vec<usize>),
        is_hopeless: &impl Fn(usize) -> bool,
    ) -> bool {
        known.clear();
        open.clear();
        let mut foreign = 0;
        for (index, part) in parts.iter().enumerate() {
            known.push(match self.known_as(finder, *part) {
                Known::Exact(wanted) => Some(wanted),
                Known::Open | Known::Alike(_) => {
                    open.push(index);
                    None
                }
                Known::Foreign => {
                    foreign += 1;
                    if is_hopeless(parts.len() - foreign) {
                        return false;
                    }
                    None
                }
            });
        }
        true
    }

    /// Measures the likeness of the `open` parts as long as there is hope, and takes what is wanted.
    fn settle(
        &mut self,
        finder: &HeadFinder,
        parts: &[u32],
        (known, open): (&mut [Option<usize>], &[usize]),
        is_hopeless: &impl Fn(usize) -> bool,
    ) -> bool {
        self.take(known);
        // What is wanted as it stands, and what may be.
        let mut wanted = open.len() + self.taken.iter().flatten().count();
        for &part in open {
            if is_hopeless(wanted) {
                return false;
            }
            known[part] = self.alike(finder, parts[part]);
            wanted -= usize::from(known[part].is_none());
        }
        if !open.is_empty() {
            self.take(known);
        }
        let taken = self.taken.iter().flatten().count();
        if is_hopeless(taken) {
            return false;
        }
        self.left.copy_from_slice(&self.trial);
        self.left_count -= taken;
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

    /// What a part is, as far as it is known without measuring its likeness.
    fn known_as(&mut self, finder: &HeadFinder, part: u32) -> Known {
        let part = part as usize;
        if self.known.len() <= part {
            self.known.resize(self.vocabulary.words.len(), None);
        }
        let (Some(known), Some(word)) = (self.known.get_mut(part), self.vocabulary.words.get(part)) else {
            return Known::Foreign;
        };
        *known.get_or_insert_with(|| match finder.exact_of(&word.text, word.hash) {
            Some(wanted) => Known::Exact(wanted),
            None if word.is_shaped => Known::Open,
            None => Known::Foreign,
        })
    }

    /// The wanted word that a part is with letters confused.
    fn alike(&mut self, finder: &HeadFinder, part: u32) -> Option<usize> {
        let part = part as usize;
        let known = self.known.get_mut(part)?;
        if *known == Some(Known::Open) {
            let word = self.vocabulary.words.get(part)?;
            *known = Some(finder.alike(word.shape()).map_or(Known::Foreign, Known::Alike));
        }
        if let Some(Known::Alike(wanted)) = known { Some(*wanted) } else { None }
    }
}
