//! Lists whose items are put together from less when they are looked at.

use std::borrow::Cow;
use std::sync::OnceLock;

/// What the items of a list are put together from.
pub(super) trait Recipe {
    type Item: Clone;

    /// Number of items.
    fn len(&self) -> usize;
    /// One item; every index below the length has one.
    fn item(&self, index: usize) -> Option<Self::Item>;
}

/// Items, or what they are put together from.
#[derive(Clone)]
pub(super) struct Listed<R: Recipe> {
    /// The items, where there is no recipe.
    own: Vec<R::Item>,
    recipe: Option<R>,
    /// The items of the recipe, once they were asked for as a slice.
    kept: OnceLock<Vec<R::Item>>,
}

impl<R: Recipe> Listed<R> {
    pub(super) const fn of_items(own: Vec<R::Item>) -> Self {
        Self { own, recipe: None, kept: OnceLock::new() }
    }

    pub(super) const fn of_recipe(recipe: R) -> Self {
        Self { own: Vec::new(), recipe: Some(recipe), kept: OnceLock::new() }
    }

    /// What the items are put together from, unless they are there.
    pub(super) fn recipe(&mut self) -> Option<&mut R> {
        self.recipe.as_mut().filter(|_| self.kept.get().is_none())
    }

    pub(super) fn len(&self) -> usize {
        self.recipe.as_ref().map_or(self.own.len(), Recipe::len)
    }

    pub(super) fn as_slice(&self) -> &[R::Item] {
        match &self.recipe {
            Some(recipe) => self.kept.get_or_init(|| all(recipe)),
            None => &self.own,
        }
    }

    pub(super) fn each(&self) -> impl Iterator<Item = Cow<'_, R::Item>> + Clone {
        let recipe = self.recipe.as_ref().filter(|_| self.kept.get().is_none());
        let made = if recipe.is_some() { &[] } else { self.as_slice() };
        let count = recipe.map_or(0, Recipe::len);
        let items = (0..count).filter_map(move |index| recipe?.item(index)).map(Cow::Owned);
        made.iter().map(Cow::Borrowed).chain(items)
    }

    /// The items, to be changed.
    pub(super) fn items_mut(&mut self) -> &mut Vec<R::Item> {
        if let Some(recipe) = self.recipe.take() {
            self.own = self.kept.take().unwrap_or_else(|| all(&recipe));
        }
        &mut self.own
    }
}

fn all<R: Recipe>(recipe: &R) -> Vec<R::Item> {
    let mut items = Vec::with_capacity(recipe.len());
    items.extend((0..recipe.len()).filter_map(|index| recipe.item(index)));
    items
}

/// What both kinds of lists offer: a slice, and a walk that keeps nothing.
macro_rules! reads_as_slice {
    ([$($generics:tt)*] $list:ty, $item:ty) => {
        impl<$($generics)*> $list {
            /// How many there are.
            #[must_use]
            pub fn len(&self) -> usize {
                self.0.len()
            }

            /// Whether there are none.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.0.len() == 0
            }

            /// All of them; those of a clean table are put together now, and kept.
            #[must_use]
            pub fn as_slice(&self) -> &[$item] {
                self.0.as_slice()
            }

            /// Goes over them without keeping those that are put together for it, as writers do.
            pub fn each(&self) -> impl Iterator<Item = std::borrow::Cow<'_, $item>> + Clone {
                self.0.each()
            }

            /// All of them, put together.
            #[must_use]
            pub fn into_vec(mut self) -> Vec<$item> {
                std::mem::take(self.0.items_mut())
            }
        }

        impl<$($generics)*> Default for $list {
            fn default() -> Self {
                Vec::new().into()
            }
        }

        impl<$($generics)*> From<Vec<$item>> for $list {
            fn from(items: Vec<$item>) -> Self {
                Self(Listed::of_items(items))
            }
        }

        impl<$($generics)*> FromIterator<$item> for $list {
            fn from_iter<I: IntoIterator<Item = $item>>(items: I) -> Self {
                Vec::from_iter(items).into()
            }
        }

        impl<$($generics)*> std::ops::Deref for $list {
            type Target = [$item];

            fn deref(&self) -> &[$item] {
                self.0.as_slice()
            }
        }

        impl<$($generics)*> std::ops::DerefMut for $list {
            fn deref_mut(&mut self) -> &mut [$item] {
                self.0.items_mut()
            }
        }

        impl<'list, $($generics)*> IntoIterator for &'list $list {
            type Item = &'list $item;
            type IntoIter = std::slice::Iter<'list, $item>;

            fn into_iter(self) -> Self::IntoIter {
                self.0.as_slice().iter()
            }
        }

        impl<$($generics)*> PartialEq for $list {
            fn eq(&self, other: &Self) -> bool {
                self.len() == other.len() && self.each().eq(other.each())
            }
        }

        impl<$($generics)*> std::fmt::Debug for $list {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_list().entries(self.each()).finish()
            }
        }
    };
}

pub(super) use reads_as_slice;
