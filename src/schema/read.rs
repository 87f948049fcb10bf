//! Reads a descriptor: JSON in, [`Schema`] out.
//!
//! Properties that are not ours are let pass, as Frictionless demands; [`super::lint`] finds those that look
//! like a slip.

use std::collections::BTreeMap;

use serde_json::Value;

use super::check::Check;
use super::error::{SchemaError, nearest};
use super::pattern;
use super::place::Place;
use super::{Blank, Constant, Constraints, Field, FieldKind, Rounding, RowLabels, Schema, Side, SignMarks};

impl Schema {
    /// Reads a schema file: a Frictionless Table Schema descriptor with properties of ours.
    ///
    /// ```
    /// use retabulate::Schema;
    ///
    /// let schema = Schema::from_json(
    ///     r#"{"name": "statement",
    ///         "fields": [{"name": "debit", "title": "Paid out", "type": "number"},
    ///                    {"name": "credit", "title": "Paid in", "type": "number"},
    ///                    {"name": "balance", "title": "Balance", "type": "number"}],
    ///         "checks": ["balance = prev(balance) + credit - debit"]}"#,
    /// )?;
    /// assert_eq!(schema.fields.len(), 3);
    /// assert!(schema.checks[0].is_row_check());
    /// # Ok::<(), retabulate::schema::SchemaError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Text that is no JSON, a property of the wrong kind, a name that is not there, a rule that does not parse.
    /// The first fault in the order name, fields, constants, checks, others is told.
    pub fn from_json(text: &str) -> Result<Self, SchemaError> {
        let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value = serde_json::from_str(bare).map_err(|error| json_error(bare, &error))?;
        read_schema(&Place::root(&value))
    }

    /// Reads a descriptor that is already parsed.
    ///
    /// # Errors
    ///
    /// Those of [`Schema::from_json`].
    pub fn from_value(value: &Value) -> Result<Self, SchemaError> {
        read_schema(&Place::root(value))
    }
}

fn json_error(text: &str, error: &serde_json::Error) -> SchemaError {
    let line_text = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or("");
    // The reader counts bytes, and the byte before the fault at the end of a line.
    let before = line_text.as_bytes().get(..error.column().saturating_sub(1)).unwrap_or(line_text.as_bytes());
    let column = String::from_utf8_lossy(before).chars().count() + 1;
    let message = error.to_string();
    let reason = message.rsplit_once(" at line ").map_or(message.as_str(), |(reason, _)| reason);
    SchemaError::Json { line: error.line(), column, reason: reason.to_owned() }
}

fn read_schema(root: &Place<'_, '_>) -> Result<Schema, SchemaError> {
    if !root.value.is_object() {
        return Err(root.wants("an object"));
    }
    let mut schema = Schema {
        name: optional_text(root, "name")?,
        title: optional_text(root, "title")?,
        fields: read_fields(root)?,
        constants: read_constants(root)?,
        ..Schema::default()
    };
    schema.checks = read_checks(root, &schema)?;
    schema.primary_key = read_field_names(root, "primaryKey", &schema)?;
    schema.missing_values = read_missing_values(root)?;
    schema.rows = read_row_labels(root)?;
    schema.rounding =
        read_word(root, "rounding", &[("nearest", Rounding::Nearest), ("truncate", Rounding::Truncate)])?;
    schema.newest_first = read_word(root, "order", &[("oldest-first", false), ("newest-first", true)])?;
    schema.group_by = read_field_names(root, "group", &schema)?.into_iter().next();
    schema.anchor = read_field_names(root, "anchor", &schema)?.into_iter().next();
    schema.year = read_year(root, &schema)?;
    Ok(schema)
}

fn read_fields(root: &Place<'_, '_>) -> Result<Vec<Field>, SchemaError> {
    let list = root.get("fields").ok_or_else(|| root.lacks("fields", "an object with `fields`"))?;
    let mut fields = Vec::new();
    let mut indices = BTreeMap::new();
    for (index, place) in list.items("an array of fields")?.enumerate() {
        let field = read_field(&place)?;
        if let Some(first) = indices.insert(field.name.clone(), index) {
            let pointer = place.get("name").map_or_else(|| place.pointer(), |name| name.pointer());
            return Err(SchemaError::DuplicateField { pointer, name: field.name, first });
        }
        fields.push(field);
    }
    if fields.is_empty() { Err(list.wants("at least one field")) } else { Ok(fields) }
}

fn read_field(place: &Place<'_, '_>) -> Result<Field, SchemaError> {
    if !place.value.is_object() {
        return Err(place.wants("an object, one field"));
    }
    let name = place.get("name").ok_or_else(|| place.lacks("name", "a field with a `name`"))?;
    let (kind, percent) = read_type(place)?;
    let field = Field {
        name: name.text("a name")?.to_owned(),
        title: optional_text(place, "title")?,
        aliases: texts(place, "aliases", "an array of headers")?,
        header: texts(place, "header", "an array of headers, outermost first")?,
        kind,
        percent,
        format: place.get("format").map(|format| format.text("a string").map(str::to_owned)).transpose()?,
        decimal_char: read_character(place, "decimalChar")?,
        group_char: read_character(place, "groupChar")?,
        constraints: read_constraints(place, kind)?,
        unit: place.get("unit").map(|unit| unit.text("a string").map(str::to_owned)).transpose()?,
        blank: read_word(place, "blank", &[("zero", Blank::Zero), ("unknown", Blank::Unknown)])?,
        sign: place.get("sign").map(|sign| read_sign(&sign)).transpose()?,
    };
    if field.name.trim().is_empty() { Err(name.wants("a name")) } else { Ok(field) }
}

/// The type and whether it counts in percent. Types of Frictionless that have no arithmetic here are read as text.
fn read_type(place: &Place<'_, '_>) -> Result<(FieldKind, bool), SchemaError> {
    let percent = place.get("percent").map_or(Ok(false), |percent| percent.truth())?;
    let Some(kind) = place.get("type") else { return Ok((FieldKind::String, percent)) };
    let name = kind.text("the name of a type")?;
    let found = match name {
        "string" | "any" | "time" | "datetime" | "yearmonth" | "duration" => FieldKind::String,
        "integer" | "year" => FieldKind::Integer,
        "number" => FieldKind::Number,
        "percent" => return Ok((FieldKind::Number, true)),
        "date" => FieldKind::Date,
        "boolean" => FieldKind::Boolean,
        _ => {
            let names = ["string", "integer", "number", "percent", "date", "boolean"];
            let nearest = nearest(name, names.into_iter());
            return Err(SchemaError::UnknownType {
                pointer: kind.pointer(),
                found: name.to_owned(),
                nearest,
            });
        }
    };
    match place.get("percent") {
        Some(mark) if percent && !found.is_numeric() => {
            Err(mark.wants("false, for the type is not a number"))
        }
        _ => Ok((found, percent)),
    }
}

fn read_character(place: &Place<'_, '_>, key: &'static str) -> Result<Option<char>, SchemaError> {
    let Some(mark) = place.get(key) else { return Ok(None) };
    let mut characters = mark.text("one character")?.chars();
    match (characters.next(), characters.next()) {
        (character, None) => Ok(character),
        _ => Err(mark.wants("one character")),
    }
}

fn read_constraints(place: &Place<'_, '_>, kind: FieldKind) -> Result<Constraints, SchemaError> {
    let Some(place) = place.get("constraints") else { return Ok(Constraints::default()) };
    if !place.value.is_object() {
        return Err(place.wants("an object of constraints"));
    }
    // Bounds of dates and texts mean nothing to the arithmetic; Frictionless has them, so they may stand.
    let bound = |key| match place.get(key) {
        Some(bound) if kind.is_numeric() => bound.decimal().map(Some),
        _ => Ok(None),
    };
    let flag = |key| place.get(key).map_or(Ok(false), |flag| flag.truth());
    let values = match place.get("enum") {
        Some(list) => list.items("an array of values")?.map(|value| value.scalar("a value")).collect(),
        None => Ok(Vec::new()),
    };
    Ok(Constraints {
        required: flag("required")?,
        unique: flag("unique")?,
        minimum: bound("minimum")?,
        maximum: bound("maximum")?,
        values: values?,
        pattern: place.get("pattern").map(|pattern| pattern::whole_value(&pattern)).transpose()?,
        min_length: place.get("minLength").map(|length| length.count()).transpose()?,
        max_length: place.get("maxLength").map(|length| length.count()).transpose()?,
    })
}

fn read_sign(place: &Place<'_, '_>) -> Result<SignMarks, SchemaError> {
    if !place.value.is_object() {
        return Err(place.wants("an object with `positive`, `negative` and `unmarked`"));
    }
    Ok(SignMarks {
        positive: texts(place, "positive", "an array of marks")?,
        negative: texts(place, "negative", "an array of marks")?,
        unmarked: read_word(
            place,
            "unmarked",
            &[("positive", Some(Side::Positive)), ("negative", Some(Side::Negative))],
        )?,
    })
}

/// Constants by name; an array of objects with a `name` each is taken too.
fn read_constants(root: &Place<'_, '_>) -> Result<Vec<Constant>, SchemaError> {
    let Some(place) = root.get("constants") else { return Ok(Vec::new()) };
    let expected = "an object of constants by name";
    place.members(expected)?.map(|(name, constant)| read_constant(name, &constant)).collect()
}

fn read_constant(name: &str, place: &Place<'_, '_>) -> Result<Constant, SchemaError> {
    if !place.value.is_object() {
        return Err(place.wants("an object, one constant"));
    }
    let kind = place.get("type").map_or(Ok((FieldKind::Number, false)), |_| read_type(place))?;
    if !kind.0.is_numeric() {
        return Err(place
            .get("type")
            .map_or_else(|| place.wants("a number"), |found| found.wants("a numeric type")));
    }
    let pattern = place.get("pattern");
    let optional = place.get("optional").map_or(Ok(false), |optional| optional.truth())?;
    Ok(Constant {
        name: name.to_owned(),
        title: optional_text(place, "title")?,
        kind: kind.0,
        percent: kind.1,
        value: place.get("value").map(|value| value.decimal()).transpose()?,
        pattern: pattern.map(|pattern| pattern::in_prose(&pattern)).transpose()?,
        pattern_source: pattern.and_then(|pattern| pattern.value.as_str()).map(str::to_owned),
        optional,
    })
}

fn read_checks(root: &Place<'_, '_>, schema: &Schema) -> Result<Vec<Check>, SchemaError> {
    let Some(list) = root.get("checks") else { return Ok(Vec::new()) };
    let read = |place: Place<'_, '_>| {
        let rule = place.text("a rule, in quotes")?;
        Check::parse(rule, schema).map_err(|error| SchemaError::Check { pointer: place.pointer(), error })
    };
    list.items("an array of rules")?.map(read).collect()
}

/// One name of a field, or an array of them.
fn read_field_names(
    root: &Place<'_, '_>,
    key: &'static str,
    schema: &Schema,
) -> Result<Vec<String>, SchemaError> {
    let Some(place) = root.get(key) else { return Ok(Vec::new()) };
    let names = place.texts("the name of a field")?;
    for (index, name) in names.iter().enumerate() {
        if schema.field_index(name).is_none() {
            let step = if place.value.is_array() { format!("/{index}") } else { String::new() };
            return Err(SchemaError::UnknownField {
                pointer: place.pointer() + &step,
                name: name.clone(),
                nearest: nearest(name, schema.fields.iter().map(|field| field.name.as_str())),
            });
        }
    }
    Ok(names)
}

/// Strings, or the objects with a `value` of the second version of Table Schema.
fn read_missing_values(root: &Place<'_, '_>) -> Result<Vec<String>, SchemaError> {
    let Some(list) = root.get("missingValues") else { return Ok(Vec::new()) };
    let read = |place: Place<'_, '_>| match place.get("value") {
        Some(value) => value.scalar("a value"),
        None => place.scalar("a string, or an object with a `value`"),
    };
    list.items("an array of strings")?.map(read).collect()
}

fn read_row_labels(root: &Place<'_, '_>) -> Result<RowLabels, SchemaError> {
    let Some(place) = root.get("rows") else { return Ok(RowLabels::default()) };
    if !place.value.is_object() {
        return Err(place.wants("an object with `total` and `group`"));
    }
    let expected = "an array of row labels";
    Ok(RowLabels { total: texts(&place, "total", expected)?, group: texts(&place, "group", expected)? })
}

fn read_year(root: &Place<'_, '_>, schema: &Schema) -> Result<Option<String>, SchemaError> {
    let Some(place) = root.get("year") else { return Ok(None) };
    let written = place.text("the name of a constant")?;
    let name = written.strip_prefix('$').unwrap_or(written);
    if schema.constant_index(name).is_some() {
        return Ok(Some(name.to_owned()));
    }
    let nearest = nearest(name, schema.constants.iter().map(|constant| constant.name.as_str()));
    Err(SchemaError::UnknownConstant { pointer: place.pointer(), name: name.to_owned(), nearest })
}

/// One of a few words; the default where there is none.
fn read_word<T: Copy + Default>(
    place: &Place<'_, '_>,
    key: &'static str,
    words: &[(&'static str, T); 2],
) -> Result<T, SchemaError> {
    let Some(place) = place.get(key) else { return Ok(T::default()) };
    let found = place.value.as_str().and_then(|text| words.iter().find(|(word, _)| *word == text));
    found.map(|(_, meaning)| *meaning).ok_or_else(|| place.wants(expected_word(key)))
}

/// What [`read_word`] takes under each of its keys.
fn expected_word(key: &str) -> &'static str {
    match key {
        "blank" => "\"zero\" or \"unknown\"",
        "rounding" => "\"nearest\" or \"truncate\"",
        "order" => "\"oldest-first\" or \"newest-first\"",
        _ => "\"positive\" or \"negative\"",
    }
}

fn optional_text(place: &Place<'_, '_>, key: &'static str) -> Result<String, SchemaError> {
    place.get(key).map_or_else(|| Ok(String::new()), |text| text.text("a string").map(str::to_owned))
}

fn texts(
    place: &Place<'_, '_>,
    key: &'static str,
    expected: &'static str,
) -> Result<Vec<String>, SchemaError> {
    place.get(key).map_or_else(|| Ok(Vec::new()), |list| list.texts(expected))
}
