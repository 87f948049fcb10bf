//! The only place where the command line meets the catalog.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use retabulate::schema::{Catalog, lint};
use retabulate::{Rebuilder, Schema};

use super::Stop;

/// A rebuilder with the schemas at `paths`, or the built-in ones where none are given.
pub(crate) fn rebuilder(paths: &[PathBuf]) -> Result<Rebuilder, Stop> {
    Ok(Rebuilder::builder().catalog(Arc::new(catalog(paths)?)).build())
}

/// The catalog of the schemas at `paths`, or the built-in one where none are given.
pub(crate) fn catalog(paths: &[PathBuf]) -> Result<Catalog, Stop> {
    let mut loaded: Option<Catalog> = None;
    for path in paths {
        let catalog = load(path).map_err(Stop::Message)?;
        loaded = Some(loaded.map_or(catalog.clone(), |before| before.merged(&catalog)));
    }
    Ok(loaded.unwrap_or_else(Catalog::builtin))
}

/// The schemas of a file or folder; the error is a line with file, place and reason.
pub(crate) fn load(path: &Path) -> Result<Catalog, String> {
    Catalog::load(path).map_err(|error| error.to_string())
}

/// What is allowed in a schema file but looks like a slip, a line each; nothing for folders.
pub(crate) fn slips(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let found = lint(&text).unwrap_or_default();
    found.iter().map(|slip| format!("{}: {}: {}", path.display(), slip.pointer, slip.message)).collect()
}

/// The schema as a descriptor.
pub(crate) fn to_json(schema: &Schema) -> String {
    schema.to_json()
}
