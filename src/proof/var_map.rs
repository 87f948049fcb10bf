//! Values by variable. Variables are counted from 0 over a document, so that a value is found by its place.

use super::constraint::Var;

/// Values of some variables, each found in one step.
#[derive(Clone, Debug)]
pub(crate) struct VarMap<T> {
    /// For every variable up to the last of them, one more than the place of its entry; 0: none.
    places: Vec<u32>,
    entries: Vec<(Var, T)>,
}

impl<T> Default for VarMap<T> {
    fn default() -> Self {
        Self { places: Vec::new(), entries: Vec::new() }
    }
}

impl<T> VarMap<T> {
    /// A map without entries, with room for so many.
    pub(crate) fn with_room(count: usize) -> Self {
        Self { places: Vec::new(), entries: Vec::with_capacity(count) }
    }

    fn place(&self, var: Var) -> Option<usize> {
        (*self.places.get(var as usize)? as usize).checked_sub(1)
    }

    pub(crate) fn get(&self, var: Var) -> Option<&T> {
        self.entries.get(self.place(var)?).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, var: Var) -> Option<&mut T> {
        let place = self.place(var)?;
        self.entries.get_mut(place).map(|(_, value)| value)
    }

    pub(crate) fn contains(&self, var: Var) -> bool {
        self.place(var).is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries in the order of their variables, if they were made so.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Var, &T)> {
        self.entries.iter().map(|(var, value)| (*var, value))
    }

    pub(crate) fn vars(&self) -> impl Iterator<Item = Var> + '_ {
        self.entries.iter().map(|(var, _)| *var)
    }

    /// The values in the order of their variables, if they were made so.
    pub(crate) fn into_values(self) -> impl Iterator<Item = T> {
        self.entries.into_iter().map(|(_, value)| value)
    }

    pub(crate) fn insert(&mut self, var: Var, value: T) {
        match self.place(var).and_then(|place| self.entries.get_mut(place)) {
            Some((_, known)) => *known = value,
            None => {
                self.entries.push((var, value));
                self.mark(var, self.entries.len());
            }
        }
    }

    pub(crate) fn or_default(&mut self, var: Var) -> &mut T
    where
        T: Default,
    {
        let place = self.place(var).unwrap_or_else(|| {
            self.insert(var, T::default());
            self.entries.len() - 1
        });
        &mut self.entries[place].1
    }

    /// Brings the entries into the order of their variables.
    pub(crate) fn sort(&mut self) {
        if self.entries.is_sorted_by_key(|(var, _)| *var) {
            return;
        }
        let mut entries: Vec<Option<(Var, T)>> =
            std::mem::take(&mut self.entries).into_iter().map(Some).collect();
        let mut sorted = Vec::with_capacity(entries.len());
        for place in &mut self.places {
            let entry = place.checked_sub(1).and_then(|place| entries.get_mut(place as usize)?.take());
            if let Some(entry) = entry {
                sorted.push(entry);
                *place = u32::try_from(sorted.len()).unwrap_or(0);
            }
        }
        self.entries = sorted;
    }

    fn mark(&mut self, var: Var, place: usize) {
        let index = var as usize;
        if self.places.len() <= index {
            self.places.resize(index + 1, 0);
        }
        self.places[index] = u32::try_from(place).unwrap_or(0);
    }
}

/// The entries in the order of their variables.
impl<T> FromIterator<(Var, T)> for VarMap<T> {
    fn from_iter<I: IntoIterator<Item = (Var, T)>>(entries: I) -> Self {
        let mut map = Self::default();
        entries.into_iter().for_each(|(var, value)| map.insert(var, value));
        map.sort();
        map
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn entries_are_those_of_a_map(entries in proptest::collection::vec((0u32..40, any::<u8>()), 0..60)) {
            let slow: BTreeMap<Var, u8> = entries.iter().copied().collect();
            let map: VarMap<u8> = entries.into_iter().collect();
            prop_assert_eq!(map.iter().map(|(var, value)| (var, *value)).collect::<Vec<_>>(), slow.clone().into_iter().collect::<Vec<_>>());
            prop_assert!((0..50).all(|var| map.get(var) == slow.get(&var)));
        }
    }
}
