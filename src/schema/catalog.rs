use std::sync::Arc;

use super::Schema;

/// The schemas that tables are matched with.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    schemas: Vec<Arc<Schema>>,
}

impl Catalog {
    /// A catalog of these schemas.
    #[must_use]
    pub fn new(schemas: Vec<Schema>) -> Self {
        Self { schemas: schemas.into_iter().map(Arc::new).collect() }
    }

    /// All schemas, in the order given.
    #[must_use]
    pub fn schemas(&self) -> &[Arc<Schema>] {
        &self.schemas
    }
}
