//! A value of a descriptor together with the way to it, so that every complaint carries a JSON pointer.
//!
//! The way is a chain of references up the stack: a pointer is written only when something is wrong.

use serde_json::Value;

use super::error::SchemaError;
use crate::text::Decimal;

/// A value and the steps to it from the root.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'v, 'p> {
    pub(super) value: &'v Value,
    parent: Option<&'p Place<'v, 'p>>,
    step: Step<'v>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'v> {
    Root,
    Key(&'v str),
    Index(usize),
}

impl<'v, 'p> Place<'v, 'p> {
    /// The whole descriptor.
    pub(super) const fn root(value: &'v Value) -> Self {
        Self { value, parent: None, step: Step::Root }
    }

    /// The member `key`; none where it is absent or null.
    pub(super) fn get<'c>(&'c self, key: &'static str) -> Option<Place<'v, 'c>>
    where
        'p: 'c,
    {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Place { value, parent: Some(self), step: Step::Key(key) })
    }

    /// The items of an array.
    pub(super) fn items<'c>(
        &'c self,
        expected: &'static str,
    ) -> Result<impl Iterator<Item = Place<'v, 'c>>, SchemaError>
    where
        'p: 'c,
    {
        let items = self.value.as_array().ok_or_else(|| self.wants(expected))?;
        let place = move |(index, value)| Place { value, parent: Some(self), step: Step::Index(index) };
        Ok(items.iter().enumerate().map(place))
    }

    /// The members of an object, in the order written.
    pub(super) fn members<'c>(
        &'c self,
        expected: &'static str,
    ) -> Result<impl Iterator<Item = (&'v str, Place<'v, 'c>)>, SchemaError>
    where
        'p: 'c,
    {
        let members = self.value.as_object().ok_or_else(|| self.wants(expected))?;
        let place = move |(key, value): (&'v String, &'v Value)| {
            (key.as_str(), Place { value, parent: Some(self), step: Step::Key(key) })
        };
        Ok(members.iter().map(place))
    }

    /// The text of a string.
    pub(super) fn text(&self, expected: &'static str) -> Result<&'v str, SchemaError> {
        self.value.as_str().ok_or_else(|| self.wants(expected))
    }

    /// A string, a number or a truth value, as text.
    pub(super) fn scalar(&self, expected: &'static str) -> Result<String, SchemaError> {
        match self.value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(truth) => Ok(truth.to_string()),
            _ => Err(self.wants(expected)),
        }
    }

    /// A truth value.
    pub(super) fn truth(&self) -> Result<bool, SchemaError> {
        self.value.as_bool().ok_or_else(|| self.wants("true or false"))
    }

    /// A count.
    pub(super) fn count(&self) -> Result<usize, SchemaError> {
        let count = self.value.as_u64().and_then(|count| usize::try_from(count).ok());
        count.ok_or_else(|| self.wants("a whole number from 0"))
    }

    /// An exact decimal. A JSON number has gone through a binary float, which keeps 15 digits; longer ones
    /// must come as strings.
    pub(super) fn decimal(&self) -> Result<Decimal, SchemaError> {
        let written = match self.value {
            Value::String(text) => text.clone(),
            Value::Number(number) if number.is_f64() => plain_float(number.as_f64().unwrap_or(f64::NAN)),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let decimal: Option<Decimal> = written.trim().parse().ok();
        let digits = written.bytes().filter(u8::is_ascii_digit).count();
        let exact = !self.value.is_f64() || digits <= 15;
        decimal.filter(|_| exact).ok_or_else(|| self.wants("a number, in quotes where it has over 15 digits"))
    }

    /// One string, or an array of them.
    pub(super) fn texts(&self, expected: &'static str) -> Result<Vec<String>, SchemaError> {
        if let Value::String(text) = self.value {
            return Ok(vec![text.clone()]);
        }
        self.items(expected)?.map(|item| item.text("a string").map(str::to_owned)).collect()
    }

    /// The complaint that something else should stand here.
    pub(super) fn wants(&self, expected: &'static str) -> SchemaError {
        SchemaError::Property { pointer: self.pointer(), expected, found: describe(self.value) }
    }

    /// The complaint that the member `key` should be here.
    pub(super) fn lacks(&self, key: &'static str, expected: &'static str) -> SchemaError {
        SchemaError::Property { pointer: self.pointer(), expected, found: format!("no `{key}`") }
    }

    /// The JSON pointer of the place.
    pub(super) fn pointer(&self) -> String {
        let mut pointer = self.parent.map_or_else(String::new, Place::pointer);
        match self.step {
            Step::Root => {}
            Step::Key(key) => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Step::Index(index) => pointer.push_str(&format!("/{index}")),
        }
        pointer
    }
}

/// A float without an exponent; empty where that takes more than 20 characters.
fn plain_float(number: f64) -> String {
    let text = format!("{number}");
    if text.len() > 20 { String::new() } else { text }
}

/// What a value is, in a message.
fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.chars().count() <= 40 => format!("\"{text}\""),
        Value::String(text) => format!("\"{}…\"", text.chars().take(40).collect::<String>()),
        Value::Array(items) if items.is_empty() => "an empty array".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
