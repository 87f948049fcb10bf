//! Constants: numbers that stand in the prose around the tables.

use crate::schema::Constant;
use crate::text::Decimal;
use crate::text::value::{Value, read_values};

/// The different values that a constant's pattern finds in `text`, in order, or the value that the schema
/// fixes; empty where it has neither.
pub(crate) fn find_candidates(text: &str, constant: &Constant) -> Vec<Decimal> {
    if let Some(value) = constant.value {
        return vec![value];
    }
    let mut found: Vec<Decimal> = Vec::new();
    let Some(pattern) = &constant.pattern else { return found };
    for captures in pattern.captures_iter(text) {
        let Some(group) = captures.get(1).or_else(|| captures.get(0)) else { continue };
        if let Some(value) = read_number(group.as_str())
            && !found.contains(&value)
        {
            found.push(value);
        }
    }
    found
}

fn read_number(text: &str) -> Option<Decimal> {
    let read = read_values(text).into_iter().find_map(|reading| match reading.value {
        Value::Number(number) => Some(number.amount),
        _ => None,
    });
    read.or_else(|| text.replace([',', ' '], "").parse().ok())
}
