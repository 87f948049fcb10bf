//! What the search for the headers of one schema keeps from line to line.

use super::HeadFinder;
use super::vocabulary::Vocabulary;

/// What a part of a printed word is to a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Known {
    /// A wanted word, as it stands.
    Exact,
    /// Not asked yet for its likeness.
    Open,
    /// A wanted word, with letters confused.
    Alike,
    Foreign,
}

/// The search for the headers of one schema in one text.
pub(super) struct Search<'v> {
    pub(super) vocabulary: &'v mut Vocabulary,
    /// By the number of the part.
    known: Vec<Known>,
    /// The wanted words that parts are, by the number of the part.
    wanted: Vec<u32>,
    /// Of every line, once it was asked for: whether one of its first words is wanted.
    pub(super) lines: Vec<Option<bool>>,
    /// How often each wanted word may still stand in the cluster that is being read, and how often it was found.
    left: Vec<u32>,
    pub(super) left_count: usize,
    pub(super) found: Vec<u32>,
    /// The wanted words that the parts of the line are which was taken last.
    pub(super) taken: Vec<u32>,
    /// Scratch space: what the parts of a line are.
    sorted: Sorted,
}

/// Places of the parts of a line, by what the parts are; foreign ones are left out.
#[derive(Debug, Default)]
struct Sorted {
    /// Wanted words, as they stand.
    exact: Vec<usize>,
    /// Words that may be wanted ones with letters confused.
    open: Vec<usize>,
}

impl Sorted {
    /// Without a branch on what a part is: no processor foretells that.
    fn sort(&mut self, parts: &[u32], known: &[Known]) {
        self.exact.resize(parts.len(), 0);
        self.open.resize(parts.len(), 0);
        let (mut exact, mut open) = (0, 0);
        for (place, part) in parts.iter().enumerate() {
            let known = known.get(*part as usize).copied().unwrap_or(Known::Foreign);
            self.exact[exact] = place;
            exact += usize::from(known == Known::Exact);
            self.open[open] = place;
            open += usize::from(matches!(known, Known::Open | Known::Alike));
        }
        self.exact.truncate(exact);
        self.open.truncate(open);
    }
}

impl<'v> Search<'v> {
    pub(super) fn new(vocabulary: &'v mut Vocabulary, lines: usize) -> Self {
        Self {
            vocabulary,
            known: Vec::new(),
            wanted: Vec::new(),
            lines: vec![None; lines],
            left: Vec::new(),
            left_count: 0,
            found: Vec::new(),
            taken: Vec::new(),
            sorted: Sorted::default(),
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
        self.look_at_new_parts(finder);
        self.taken.clear();
        let is_known =
            |part: &&u32| self.known.get(**part as usize).is_some_and(|&known| known != Known::Foreign);
        if parts.iter().filter(is_known).count() < least {
            return false;
        }
        let mut sorted = std::mem::take(&mut self.sorted);
        sorted.sort(parts, &self.known);
        let is_taken = self.take_sorted(finder, parts, &sorted, least).is_some();
        self.sorted = sorted;
        if is_taken {
            self.left_count -= self.taken.len();
        } else {
            self.give_back();
        }
        is_taken
    }

    /// Takes the parts that are wanted as they stand, then those with letters confused; `None` as soon as too few are left.
    fn take_sorted(
        &mut self,
        finder: &HeadFinder,
        parts: &[u32],
        sorted: &Sorted,
        least: usize,
    ) -> Option<()> {
        let mut may_be_foreign = (sorted.exact.len() + sorted.open.len()).checked_sub(least)?;
        for &place in &sorted.exact {
            if !self.take(parts[place]) {
                may_be_foreign = may_be_foreign.checked_sub(1)?;
            }
        }
        // Likeness is measured as long as there is hope.
        for &place in &sorted.open {
            if !self.is_alike(finder, parts[place]) {
                may_be_foreign = may_be_foreign.checked_sub(1)?;
            }
        }
        for &place in &sorted.open {
            if self.known.get(parts[place] as usize) == Some(&Known::Alike) {
                self.take(parts[place]);
            }
        }
        (self.taken.len() >= least).then_some(())
    }

    /// For every part of the line that was taken last: the wanted word that it is, if one was left for it.
    pub(super) fn words_of_parts(&mut self, parts: &[u32]) -> Vec<Option<usize>> {
        // Of parts that are one word the first ones have it.
        self.give_back();
        self.taken.clear();
        let word_of = |&part: &u32| {
            let is_wanted = matches!(self.known.get(part as usize), Some(Known::Exact | Known::Alike));
            (is_wanted && self.take(part)).then(|| self.wanted[part as usize] as usize)
        };
        parts.iter().map(word_of).collect()
    }

    /// Takes the word that a part is, if any of it is left.
    #[inline]
    fn take(&mut self, part: u32) -> bool {
        let Some(&word) = self.wanted.get(part as usize) else { return false };
        let Some(left) = self.left.get_mut(word as usize).filter(|left| **left > 0) else { return false };
        *left -= 1;
        self.taken.push(word);
        true
    }

    /// Gives back what was taken.
    fn give_back(&mut self) {
        for word in &self.taken {
            if let Some(left) = self.left.get_mut(*word as usize) {
                *left += 1;
            }
        }
    }

    /// Tells what the parts are that were numbered since, as far as it is known without measuring their likeness.
    fn look_at_new_parts(&mut self, finder: &HeadFinder) {
        let parts = self.vocabulary.words.get(self.known.len()..).unwrap_or_default();
        self.wanted.resize(self.known.len() + parts.len(), u32::MAX);
        for part in parts {
            let vocabulary = &self.vocabulary;
            let known = match finder.word_of(part.hash.short(), |word| word == vocabulary.text(part)) {
                Some(wanted) => {
                    self.wanted[self.known.len()] = u32::try_from(wanted).unwrap_or(u32::MAX);
                    Known::Exact
                }
                None if part.is_shaped => Known::Open,
                None => Known::Foreign,
            };
            self.known.push(known);
        }
    }

    /// Whether a part is a wanted word with letters confused.
    fn is_alike(&mut self, finder: &HeadFinder, part: u32) -> bool {
        let part = part as usize;
        let (Some(known), Some(word)) = (self.known.get_mut(part), self.vocabulary.words.get(part)) else {
            return false;
        };
        if *known == Known::Open {
            let alike =
                finder.alike(self.vocabulary.shape(word)).and_then(|wanted| u32::try_from(wanted).ok());
            *known = if alike.is_some() { Known::Alike } else { Known::Foreign };
            self.wanted[part] = alike.unwrap_or(u32::MAX);
        }
        *known == Known::Alike
    }
}
