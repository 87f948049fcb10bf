//! What later stages make of a schema, made once for all documents that are read with it.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

type Made = HashMap<(TypeId, usize), Arc<dyn Any + Send + Sync>>;

/// One value of a type for every schema of a catalog, as far as it was asked for. What is made depends on the schema
/// alone, so that it does not matter which document, or which thread, asks first.
#[derive(Clone, Default)]
pub(super) struct Derived {
    made: Arc<RwLock<Made>>,
}

impl Derived {
    /// The value of schema number `schema`.
    pub(super) fn of<T: Any + Send + Sync>(&self, schema: usize, make: impl FnOnce() -> T) -> Arc<T> {
        let key = (TypeId::of::<T>(), schema);
        let known = self.made.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known.and_then(|known| known.downcast::<T>().ok()) {
            return known;
        }
        // Made without the lock: another thread may make the same, and one of the two is kept.
        let new = Arc::new(make());
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        let kept = made.entry(key).or_insert_with(|| Arc::<T>::clone(&new) as Arc<dyn Any + Send + Sync>);
        Arc::clone(kept).downcast::<T>().unwrap_or(new)
    }
}

impl fmt::Debug for Derived {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.made.read().unwrap_or_else(PoisonError::into_inner).len();
        write!(formatter, "Derived({count})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_made_once_for_a_schema_and_a_type() {
        let derived = Derived::default();
        assert_eq!(*derived.of(1, || 5_u8), 5);
        assert_eq!(*derived.clone().of(1, || 6_u8), 5);
        assert_eq!(*derived.of(2, || 7_u8), 7);
        assert_eq!(*derived.of(1, || "one"), "one");
    }
}
