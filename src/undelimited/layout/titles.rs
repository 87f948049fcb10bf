//! What a schema says of the columns.

use std::collections::BTreeSet;

use crate::schema::{FieldKind, Schema};

/// A field as the reader needs it.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldView {
    pub(super) kind: FieldKind,
    pub(super) percent: bool,
    pub(super) required: bool,
    /// The only values, one blank between words, in lower case; empty: any.
    pub(super) values: BTreeSet<String>,
}

impl FieldView {
    /// A column that nothing is known of but its kind.
    pub(super) fn of_kind(kind: FieldKind, percent: bool) -> Self {
        Self { kind, percent, ..Self::default() }
    }
}

/// The fields of a schema.
pub(super) fn fields_of(schema: &Schema) -> Vec<FieldView> {
    let fold = |value: &String| value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    schema
        .fields
        .iter()
        .map(|field| FieldView {
            kind: field.kind,
            percent: field.percent,
            required: field.constraints.required,
            values: field.constraints.values.iter().map(fold).collect(),
        })
        .collect()
}
