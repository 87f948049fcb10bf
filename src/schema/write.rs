//! Writes a schema back as a descriptor.

use serde_json::{Map, Value, json};

use super::pattern::source_of_whole;
use super::{Blank, Constant, Constraints, Field, FieldKind, Rounding, Schema, Side};

impl Schema {
    /// The schema as a descriptor, in JSON with line ends; what is at its default is left out.
    ///
    /// ```
    /// use retabulate::Schema;
    ///
    /// let schema = Schema::from_json(r#"{"fields": [{"name": "a", "type": "percent", "unit": null}]}"#)?;
    /// assert_eq!(schema.to_json(), "{\n  \"fields\": [\n    {\n      \"name\": \"a\",\n      \"type\": \"percent\"\n    }\n  ]\n}");
    /// # Ok::<(), retabulate::schema::SchemaError>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}", self.to_value())
    }

    /// The schema as a descriptor.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut out = Members::default();
        out.text("name", &self.name);
        out.text("title", &self.title);
        out.put("fields", self.fields.iter().map(field).collect());
        match self.primary_key.as_slice() {
            [one] => out.text("primaryKey", one),
            several => out.texts("primaryKey", several),
        }
        out.texts("missingValues", &self.missing_values);
        let mut rows = Members::default();
        rows.texts("total", &self.rows.total);
        rows.texts("group", &self.rows.group);
        out.object("rows", rows);
        let mut constants = Members::default();
        for each in &self.constants {
            constants.put(&each.name, constant(each));
        }
        out.object("constants", constants);
        let rules: Vec<String> = self.checks.iter().map(|check| check.rule.clone()).collect();
        out.texts("checks", &rules);
        out.flag_word("rounding", self.rounding == Rounding::Truncate, "truncate");
        out.flag_word("order", self.newest_first, "newest-first");
        out.text("group", self.group_by.as_deref().unwrap_or(""));
        out.text("anchor", self.anchor.as_deref().unwrap_or(""));
        out.text("year", self.year.as_deref().unwrap_or(""));
        Value::Object(out.0)
    }
}

fn type_name(kind: FieldKind, percent: bool) -> &'static str {
    if percent && kind == FieldKind::Number { "percent" } else { kind.name() }
}

fn field(field: &Field) -> Value {
    let mut out = Members::default();
    out.put("name", json!(field.name));
    out.text("title", &field.title);
    out.texts("aliases", &field.aliases);
    out.texts("header", &field.header);
    out.text("type", type_name(field.kind, field.percent));
    if field.percent && field.kind != FieldKind::Number {
        out.put("percent", json!(true));
    }
    out.text("format", field.format.as_deref().unwrap_or(""));
    out.optional("decimalChar", field.decimal_char.map(|mark| json!(mark)));
    out.optional("groupChar", field.group_char.map(|mark| json!(mark)));
    out.object("constraints", constraints(&field.constraints));
    out.text("unit", field.unit.as_deref().unwrap_or(""));
    out.flag_word("blank", field.blank == Blank::Unknown, "unknown");
    if let Some(sign) = &field.sign {
        let mut marks = Members::default();
        marks.texts("positive", &sign.positive);
        marks.texts("negative", &sign.negative);
        marks.flag_word("unmarked", sign.unmarked == Some(Side::Positive), "positive");
        marks.flag_word("unmarked", sign.unmarked == Some(Side::Negative), "negative");
        out.put("sign", Value::Object(marks.0));
    }
    Value::Object(out.0)
}

fn constraints(constraints: &Constraints) -> Members {
    let mut out = Members::default();
    out.flag("required", constraints.required);
    out.flag("unique", constraints.unique);
    out.optional("minimum", constraints.minimum.map(|bound| json!(bound)));
    out.optional("maximum", constraints.maximum.map(|bound| json!(bound)));
    out.texts("enum", &constraints.values);
    out.optional("pattern", constraints.pattern.as_ref().map(|pattern| json!(source_of_whole(pattern))));
    out.optional("minLength", constraints.min_length.map(|length| json!(length)));
    out.optional("maxLength", constraints.max_length.map(|length| json!(length)));
    out
}

fn constant(constant: &Constant) -> Value {
    let mut out = Members::default();
    out.text("title", &constant.title);
    out.text("type", type_name(constant.kind, constant.percent));
    if constant.percent && constant.kind != FieldKind::Number {
        out.put("percent", json!(true));
    }
    out.optional("value", constant.value.map(|value| json!(value)));
    out.text("pattern", constant.pattern_source.as_deref().unwrap_or(""));
    out.flag("optional", constant.optional);
    Value::Object(out.0)
}

/// The members of an object, those that say nothing left out.
#[derive(Default)]
struct Members(Map<String, Value>);

impl Members {
    fn put(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_owned(), value);
    }

    fn optional(&mut self, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn text(&mut self, key: &str, text: &str) {
        self.optional(key, (!text.is_empty()).then(|| json!(text)));
    }

    fn texts(&mut self, key: &str, texts: &[String]) {
        self.optional(key, (!texts.is_empty()).then(|| json!(texts)));
    }

    fn flag(&mut self, key: &str, set: bool) {
        self.optional(key, set.then(|| json!(true)));
    }

    fn flag_word(&mut self, key: &str, set: bool, word: &str) {
        self.optional(key, set.then(|| json!(word)));
    }

    fn object(&mut self, key: &str, members: Members) {
        self.optional(key, (!members.0.is_empty()).then_some(Value::Object(members.0)));
    }
}
