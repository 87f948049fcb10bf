use std::sync::Arc;

use crate::schema::{Catalog, Schema};
use crate::table::{Document, Table};

/// Rebuilds the tables of texts; `Send + Sync`, made once and used for any number of texts.
#[derive(Clone, Debug)]
pub struct Rebuilder {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) options: Options,
}

/// How a [`Rebuilder`] works.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Steps of search a region.
    pub(crate) region_steps: u64,
    /// Steps of search a component of the proof.
    pub(crate) proof_steps: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { region_steps: 4_000_000, proof_steps: 4_000_000 }
    }
}

/// Sets up a [`Rebuilder`].
#[derive(Clone, Debug, Default)]
pub struct RebuilderBuilder {
    schemas: Vec<Schema>,
    options: Options,
}

impl RebuilderBuilder {
    /// Adds a schema. With none the built-in catalog is used.
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schemas.push(schema);
        self
    }

    /// Bounds the search of each region and of each component of the proof, in steps.
    #[must_use]
    pub fn steps(mut self, region: u64, proof: u64) -> Self {
        self.options = Options { region_steps: region, proof_steps: proof };
        self
    }

    /// The rebuilder.
    #[must_use]
    pub fn build(self) -> Rebuilder {
        Rebuilder { catalog: Arc::new(Catalog::new(self.schemas)), options: self.options }
    }
}

impl Rebuilder {
    /// A rebuilder with the built-in catalog.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Sets up a rebuilder.
    #[must_use]
    pub fn builder() -> RebuilderBuilder {
        RebuilderBuilder::default()
    }

    /// Rebuilds all tables of `text`. Never fails: damage is data, not an error.
    #[must_use]
    pub fn rebuild<'t>(&self, text: &'t str) -> Document<'t> {
        let _ = (text, &self.catalog, &self.options);
        Document::default()
    }

    /// Rebuilds one table from cells that another parser has read; spans count bytes of the cells joined by
    /// tabs and newlines.
    #[must_use]
    pub fn rebuild_grid<S: AsRef<str>>(&self, rows: &[Vec<S>]) -> Option<Table<'static>> {
        let _ = rows;
        None
    }
}

impl Default for Rebuilder {
    fn default() -> Self {
        Self::new()
    }
}
