//! `retabulate schema`: the catalog, and schema files under test.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::args::{SchemaArgs, SchemaCommand};
use super::{Exit, Stop, catalog, complain, print};

pub(crate) fn run(command: &SchemaCommand) -> Result<Exit, Stop> {
    match command {
        SchemaCommand::List(schemas) => list(schemas),
        SchemaCommand::Show { schemas, name } => show(schemas, name),
        SchemaCommand::Check { paths } => check(paths),
        SchemaCommand::Contract => {
            print(retabulate::emit::CONTRACT_SCHEMA.as_bytes())?;
            Ok(Exit::Done)
        }
    }
}

fn list(schemas: &SchemaArgs) -> Result<Exit, Stop> {
    let catalog = catalog::catalog(&schemas.paths)?;
    let width = catalog.schemas().iter().map(|schema| schema.name.chars().count()).max().unwrap_or(0);
    let mut lines = String::new();
    for schema in catalog.schemas() {
        let (name, fields, checks) = (&schema.name, schema.fields.len(), schema.checks.len());
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{name:width$}  {fields:2} fields  {checks:2} checks  {}", schema.title);
    }
    print(lines.as_bytes())?;
    Ok(Exit::Done)
}

fn show(schemas: &SchemaArgs, name: &str) -> Result<Exit, Stop> {
    let catalog = catalog::catalog(&schemas.paths)?;
    let Some(schema) = catalog.schemas().iter().find(|schema| schema.name == name) else {
        let names: Vec<&str> = catalog.schemas().iter().map(|schema| schema.name.as_str()).collect();
        return Err(Stop::Message(format!("no schema is called {name}; there are: {}", names.join(", "))));
    };
    let mut text = catalog::to_json(schema);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    print(text.as_bytes())?;
    Ok(Exit::Done)
}

fn check(paths: &[PathBuf]) -> Result<Exit, Stop> {
    let mut exit = Exit::Done;
    for path in paths {
        match catalog::load(path) {
            Ok(catalog) => {
                for schema in catalog.schemas() {
                    let (name, fields, checks) = (&schema.name, schema.fields.len(), schema.checks.len());
                    let line = format!("{}: {name}: {fields} fields, {checks} checks\n", path.display());
                    print(line.as_bytes())?;
                }
                for slip in catalog::slips(path) {
                    complain(&slip);
                }
            }
            Err(message) => {
                complain(&message);
                exit = Exit::Failed;
            }
        }
    }
    Ok(exit)
}
