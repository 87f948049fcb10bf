//! Printed scales: `in thousands`, `RMB'000`, `人民币千元`. A fact of the column, never applied to its values.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::table::Scale;
use crate::text::{Decimal, Span};

/// What prints say, lower case, and the factor that it stands for; the first that is found counts.
const PHRASES: [(&str, i128); 22] = [
    ("in 10 thousand", 10_000),
    ("in ten thousand", 10_000),
    ("in hundred thousand", 100_000),
    ("in lakhs", 100_000),
    ("in crores", 10_000_000),
    ("in billions", 1_000_000_000),
    ("in millions", 1_000_000),
    ("in thousands", 1_000),
    ("in thousand", 1_000),
    ("in million", 1_000_000),
    ("$ million", 1_000_000),
    ("€ million", 1_000_000),
    ("'000", 1_000),
    ("’000", 1_000),
    ("百万元", 1_000_000),
    ("百萬元", 1_000_000),
    ("千元", 1_000),
    ("万元", 10_000),
    ("萬元", 10_000),
    ("亿元", 100_000_000),
    ("億元", 100_000_000),
    ("in tsd.", 1_000),
];

/// All of them at once: nearly all texts have none.
static ANY: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let phrases = PHRASES.iter().map(|(phrase, _)| phrase);
    AhoCorasick::builder().ascii_case_insensitive(true).build(phrases).ok()
});

/// The scale that the text under `span` states, and where.
pub(crate) fn find_scale(text: &str, span: Span) -> Option<Scale> {
    let printed = span.slice(text);
    if ANY.as_ref().is_some_and(|any| !any.is_match(printed)) {
        return None;
    }
    let printed = printed.to_ascii_lowercase();
    PHRASES.iter().find_map(|(phrase, factor)| {
        let at = printed.find(phrase)?;
        let place = Span::new(at, at + phrase.len()).shifted(span.start);
        Some(Scale { factor: Decimal::from_integer(*factor), span: place })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_found_with_their_place() {
        for (text, factor, place) in [
            ("Number of shares held (in 10 thousand)", 10_000, "in 10 thousand"),
            ("US$'000", 1_000, "'000"),
            ("單位:人民幣百萬元", 1_000_000, "百萬元"),
            ("(In Millions)", 1_000_000, "In Millions"),
        ] {
            let scale = find_scale(text, Span::new(0, text.len())).unwrap();
            assert_eq!(scale.factor, Decimal::from_integer(factor));
            assert_eq!(scale.span.slice(text), place);
        }
        assert_eq!(find_scale("Thousand Oaks", Span::new(0, 13)), None);
    }
}
