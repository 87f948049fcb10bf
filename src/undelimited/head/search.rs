//! What the search for the headers of one schema keeps from line to line.

use super::HeadFinder;
use super::vocabulary::Vocabulary;

/// What a part of a printed word is to a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Unasked,
    /// This wanted word, as it stands.
    Exact(u32),
    /// Not asked yet for its likeness.
    Open,
    /// This wanted word, with letters confused.
    Alike(u32),
    Foreign,
}

/// The search for the headers of one schema in one text.
pub(super) struct Search<'v> {
    pub(super) vocabulary: &'v mut Vocabulary,
    /// By the number of the part, as far as asked for.
    known: Vec<Known>,
    /// Of every line, once it was asked for: whether one of its first words is wanted.
    pub(super) lines: Vec<Option<bool>>,
    /// How often each wanted word may still stand in the cluster that is being read, and how often it was found.
    left: Vec<u32>,
    pub(super) left_count: usize,
    pub(super) found: Vec<u32>,
    /// For every part of the line that was taken last: the wanted word that it is.
    pub(super) taken: Vec<Option<usize>>,
    /// Scratch space: the parts of a line that may be wanted.
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

    /// Takes what the parts of a line are wanted for, those too that are wanted words with letters confused, unless fewer than
    /// `least` are wanted.
    pub(super) fn take_parts(&mut self, finder: &HeadFinder, parts: &[u32], least: usize) -> bool {
        let mut open = std::mem::take(&mut self.open);
        let is_taken =
            self.list(finder, parts, &mut open, least) && self.settle(finder, parts, &open, least);
        if !is_taken {
            self.give_back();
        }
        self.open = open;
        is_taken
    }

    /// Takes the parts that are wanted as they stand, and lists those that may be wanted; `false` as soon as too few are left.
    fn list(&mut self, finder: &HeadFinder, parts: &[u32], open: &mut Vec<usize>, least: usize) -> bool {
        open.clear();
        self.taken.clear();
        self.taken.resize(parts.len(), None);
        let mut may_be_foreign = parts.len().saturating_sub(least);
        for (index, part) in parts.iter().enumerate() {
            let taken = match self.known_as(finder, *part) {
                Known::Exact(wanted) => self.take(wanted as usize),
                Known::Open | Known::Alike(_) => {
                    open.push(index);
                    continue;
                }
                Known::Foreign | Known::Unasked => None,
            };
            if taken.is_some() {
                self.taken[index] = taken;
            } else if may_be_foreign == 0 {
                return false;
            } else {
                may_be_foreign -= 1;
            }
        }
        true
    }

    /// Measures the likeness of the `open` parts as long as there is hope, and takes what is wanted.
    fn settle(&mut self, finder: &HeadFinder, parts: &[u32], open: &[usize], least: usize) -> bool {
        // What is wanted as it stands, and what may be.
        let mut wanted = open.len() + self.taken.iter().flatten().count();
        for &part in open {
            if wanted < least {
                return false;
            }
            wanted -= usize::from(self.alike(finder, parts[part]).is_none());
        }
        if !open.is_empty() {
            self.give_back();
            self.taken.clear();
            for &part in parts {
                let taken = match self.known_as(finder, part) {
                    Known::Exact(wanted) | Known::Alike(wanted) => self.take(wanted as usize),
                    Known::Open | Known::Foreign | Known::Unasked => None,
                };
                self.taken.push(taken);
            }
        }
        let taken = self.taken.iter().flatten().count();
        if taken < least {
            return false;
        }
        self.left_count -= taken;
        true
    }

    /// Takes a word, if any of it is left.
    #[inline]
    fn take(&mut self, word: usize) -> Option<usize> {
        let left = self.left.get_mut(word).filter(|left| **left > 0)?;
        *left -= 1;
        Some(word)
    }

    /// Gives back what was taken.
    fn give_back(&mut self) {
        for word in self.taken.iter().flatten() {
            if let Some(left) = self.left.get_mut(*word) {
                *left += 1;
            }
        }
    }

    /// What a part is, as far as it is known without measuring its likeness.
    #[inline]
    fn known_as(&mut self, finder: &HeadFinder, part: u32) -> Known {
        let known = self.known.get(part as usize).copied().unwrap_or(Known::Unasked);
        if known == Known::Unasked { self.ask(finder, part as usize) } else { known }
    }

    #[inline(never)]
    fn ask(&mut self, finder: &HeadFinder, part: usize) -> Known {
        let Some(word) = self.vocabulary.words.get(part) else { return Known::Foreign };
        let known = match finder.exact_of(self.vocabulary.text(word), word.hash) {
            Some(wanted) => Known::Exact(u32::try_from(wanted).unwrap_or(u32::MAX)),
            None if word.is_shaped => Known::Open,
            None => Known::Foreign,
        };
        if self.known.len() <= part {
            self.known.resize(self.vocabulary.words.len(), Known::Unasked);
        }
        self.known[part] = known;
        known
    }

    /// The wanted word that a part is with letters confused.
    fn alike(&mut self, finder: &HeadFinder, part: u32) -> Option<usize> {
        let known = self.known.get_mut(part as usize)?;
        if *known == Known::Open {
            let word = self.vocabulary.words.get(part as usize)?;
            let alike =
                finder.alike(self.vocabulary.shape(word)).and_then(|wanted| u32::try_from(wanted).ok());
            *known = alike.map_or(Known::Foreign, Known::Alike);
        }
        if let Known::Alike(wanted) = known { Some(*wanted as usize) } else { None }
    }
}
