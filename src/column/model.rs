//! What a column's values look like: from the schema's field, or learned from the column itself.

use std::collections::BTreeSet;

use regex::Regex;

use crate::schema::{Constraints, Field, FieldKind, Schema, SignMarks};
use crate::text::Decimal;

/// The expectation that a printed text is measured against.
#[derive(Clone, Debug, Default)]
pub(crate) struct ColumnModel {
    pub(crate) kind: FieldKind,
    pub(crate) percent: bool,
    pub(crate) required: bool,
    /// Whether a check computes the field from others of its row, `balance = prev(balance) + credit - debit`.
    pub(crate) is_result: bool,
    /// Whether a check reads the field in rows of records.
    pub(crate) is_checked: bool,
    /// The only values there are, normalised; empty: any.
    pub(crate) values: BTreeSet<String>,
    pub(crate) pattern: Option<Regex>,
    pub(crate) minimum: Option<Decimal>,
    /// Nil marks beside the usual ones, as the schema lists them.
    pub(crate) nil_marks: Vec<String>,
    /// The printed decimals that nearly all values of the column have, once that is known.
    pub(crate) scale: Option<u8>,
    /// The number of cells that agree on the printed decimals.
    pub(crate) scale_cells: u32,
    /// Whether the table prints thousands separators.
    pub(crate) is_grouped: bool,
    /// Whether the column separates thousands by a blank.
    pub(crate) groups_by_blank: bool,
    /// Whether the column is printed without a blank between it and its neighbour.
    pub(crate) is_glued: bool,
    /// Whether the column prints some of its numbers as percentages.
    pub(crate) mixes_percent: bool,
    /// Marks that give an amount its side, where the schema names them.
    pub(crate) sign: Option<SignMarks>,
    /// Year of the first record, where dates are printed without theirs.
    pub(crate) year: Option<i32>,
    /// Decimal character, where the schema fixes it.
    pub(crate) decimal_char: Option<char>,
    /// Whether the day stands before the month, where the column or the caller says so.
    pub(crate) day_first: Option<bool>,
}

impl ColumnModel {
    /// The model of a schema's field.
    pub(crate) fn of_field(field: &Field, schema: &Schema) -> Self {
        let Constraints { required, values, pattern, minimum, .. } = &field.constraints;
        Self {
            kind: field.kind,
            percent: field.percent,
            required: *required,
            is_result: false,
            is_checked: false,
            values: values.iter().map(|value| normalized(value)).collect(),
            pattern: pattern.clone(),
            minimum: *minimum,
            nil_marks: schema.missing_values.iter().filter(|mark| !mark.trim().is_empty()).cloned().collect(),
            scale: None,
            scale_cells: 0,
            is_grouped: false,
            groups_by_blank: false,
            is_glued: false,
            mixes_percent: false,
            sign: field.sign.clone(),
            year: None,
            decimal_char: field.decimal_char,
            day_first: None,
        }
    }

    /// The model of a column without a schema.
    pub(crate) fn of_kind(kind: FieldKind, percent: bool) -> Self {
        Self { kind, percent, ..Self::default() }
    }

    /// Whether every text costs the same under both models.
    pub(crate) fn measures_like(&self, other: &Self) -> bool {
        let is_free = |model: &Self| {
            model.values.is_empty()
                && model.pattern.is_none()
                && model.minimum.is_none()
                && model.sign.is_none()
        };
        self.kind == other.kind && self.percent == other.percent && is_free(self) && is_free(other)
    }

    /// Whether values of the column can stand in sums.
    pub(crate) fn is_numeric(&self) -> bool {
        self.kind.is_numeric()
    }
}

/// A text for comparison: one blank between words, lower case.
pub(crate) fn normalized(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    normalize_into(text, &mut folded);
    folded
}

/// The same, into a buffer whose content goes.
pub(crate) fn normalize_into(text: &str, folded: &mut String) {
    folded.clear();
    if text.is_ascii() {
        // Without a branch on what a byte is, which no processor foretells.
        let mut bytes = std::mem::take(folded).into_bytes();
        bytes.resize(text.len(), 0);
        let (mut length, mut is_after_blank) = (0, true);
        for byte in text.bytes() {
            let is_blank = byte.is_ascii_whitespace();
            bytes[length] = if is_blank { b' ' } else { byte.to_ascii_lowercase() };
            length += usize::from(!(is_blank & is_after_blank));
            is_after_blank = is_blank;
        }
        bytes.truncate(length - usize::from(is_after_blank && length > 0));
        *folded = String::from_utf8(bytes).unwrap_or_default();
        return;
    }
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn labels_are_words_in_lower_case_between_single_blanks(text in "[ \\t\\n\\r\\x0ca-zA-Z0-9.%]{0,24}") {
            let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
            prop_assert_eq!(normalized(&text), words.join(" "));
        }
    }
}
