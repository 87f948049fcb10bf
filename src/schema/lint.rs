//! Finds what is allowed in a schema but looks like a slip.

use serde_json::Value;

use super::check::{Check, Expression};
use super::error::{SchemaError, nearest};
use super::place::Place;
use super::{FieldKind, Schema};

/// Something in a schema that looks like a slip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// JSON pointer of the place.
    pub pointer: String,
    /// One sentence.
    pub message: String,
}

/// Properties of ours and of Frictionless, by the place where they stand.
const TABLE: &[&str] = &[
    "name",
    "title",
    "fields",
    "primaryKey",
    "missingValues",
    "rows",
    "constants",
    "checks",
    "rounding",
    "order",
    "group",
    "anchor",
    "year",
    "description",
    "foreignKeys",
    "uniqueKeys",
    "fieldsMatch",
    "$schema",
    "profile",
    "path",
    "homepage",
    "version",
    "sources",
    "licenses",
    "keywords",
    "contributors",
    "created",
    "id",
];
const FIELD: &[&str] = &[
    "name",
    "title",
    "aliases",
    "header",
    "type",
    "percent",
    "format",
    "decimalChar",
    "groupChar",
    "constraints",
    "unit",
    "blank",
    "sign",
    "description",
    "example",
    "rdfType",
    "trueValues",
    "falseValues",
    "bareNumber",
    "missingValues",
    "categories",
    "categoriesOrdered",
    "delimiter",
    "itemType",
];
const CONSTRAINTS: &[&str] = &[
    "required",
    "unique",
    "minimum",
    "maximum",
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "jsonSchema",
];
const SIGN: &[&str] = &["positive", "negative", "unmarked"];
const ROWS: &[&str] = &["total", "group"];
const CONSTANT: &[&str] = &["title", "type", "percent", "pattern", "optional", "value", "description"];

/// Lists what is allowed but looks like a slip: a property nobody knows whose name is near that of one we do,
/// arithmetic over a field that is no number, a constant that no check uses.
///
/// ```
/// use retabulate::schema::lint;
///
/// let found = lint(r#"{"fields": [{"name": "a", "alias": ["A"]}]}"#)?;
/// assert_eq!(found[0].pointer, "/fields/0/alias");
/// assert_eq!(found[0].message, "unknown property `alias`, did you mean `aliases`?");
/// # Ok::<(), retabulate::schema::SchemaError>(())
/// ```
///
/// # Errors
///
/// Those of [`Schema::from_json`].
pub fn lint(text: &str) -> Result<Vec<Lint>, SchemaError> {
    let schema = Schema::from_json(text)?;
    let value: Value =
        serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).unwrap_or_default();
    let mut found = lint_properties(&Place::root(&value))?;
    for (index, check) in schema.checks.iter().enumerate() {
        found.extend(lint_check(&schema, index, check));
    }
    found.extend(lint_constants(&schema));
    Ok(found)
}

fn lint_properties(root: &Place<'_, '_>) -> Result<Vec<Lint>, SchemaError> {
    let mut found = misspelled(root, TABLE)?;
    if let Some(fields) = root.get("fields") {
        for field in fields.items("fields")? {
            found.extend(misspelled(&field, FIELD)?);
            found.extend(misspelled_inside(&field, "constraints", CONSTRAINTS)?);
            found.extend(misspelled_inside(&field, "sign", SIGN)?);
        }
    }
    found.extend(misspelled_inside(root, "rows", ROWS)?);
    if let Some(constants) = root.get("constants") {
        for (_, constant) in constants.members("constants")? {
            found.extend(misspelled(&constant, CONSTANT)?);
        }
    }
    Ok(found)
}

fn misspelled_inside(
    place: &Place<'_, '_>,
    key: &'static str,
    known: &[&'static str],
) -> Result<Vec<Lint>, SchemaError> {
    place.get(key).map_or(Ok(Vec::new()), |inner| misspelled(&inner, known))
}

/// The unknown properties of an object that are near a known one.
fn misspelled(place: &Place<'_, '_>, known: &[&'static str]) -> Result<Vec<Lint>, SchemaError> {
    let mut found = Vec::new();
    for (key, member) in place.members("an object")? {
        let bare: String = key.chars().filter(|character| !matches!(character, '_' | '-' | ' ')).collect();
        let near = nearest(&bare, known.iter().copied()).filter(|_| !known.contains(&key));
        if let Some(near) = near {
            let message = format!("unknown property `{key}`, did you mean `{near}`?");
            found.push(Lint { pointer: member.pointer(), message });
        }
    }
    Ok(found)
}

/// Fields in arithmetic that are neither numbers nor dates, of which a check never holds.
fn lint_check(schema: &Schema, index: usize, check: &Check) -> Vec<Lint> {
    let mut found: Vec<Lint> = Vec::new();
    check.walk(&mut |expression| {
        let counted = matches!(expression, Expression::Aggregate(super::check::Aggregate::Count, _));
        let field = expression.own_field().and_then(|field| schema.fields.get(field));
        let Some(field) = field.filter(|_| !counted) else { return };
        if matches!(field.kind, FieldKind::String | FieldKind::Boolean) {
            let message =
                format!("the field `{}` is a {}, which has no arithmetic", field.name, field.kind.name());
            let lint = Lint { pointer: format!("/checks/{index}"), message };
            if !found.contains(&lint) {
                found.push(lint);
            }
        }
    });
    found
}

fn lint_constants(schema: &Schema) -> impl Iterator<Item = Lint> {
    let is_used = |position: usize, name: &str| {
        schema.year.as_deref() == Some(name)
            || schema.checks.iter().any(|check| check.constants().contains(&position))
    };
    let unused =
        schema.constants.iter().enumerate().filter(move |(at, constant)| !is_used(*at, &constant.name));
    unused.map(|(_, constant)| Lint {
        pointer: format!("/constants/{}", constant.name.replace('~', "~0").replace('/', "~1")),
        message: format!("no check uses the constant `{}`", constant.name),
    })
}
