//! Printed scales: `in thousands`, `RMB'000`, `人民币千元`. A fact of the column, never applied to its values.

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

/// The scale that the text under `span` states, and where.
pub(crate) fn find_scale(text: &str, span: Span) -> Option<Scale> {
    let printed = span.slice(text).as_bytes();
    let is_at = |phrase: &str, at: usize| {
        printed.get(at..at + phrase.len()).is_some_and(|own| own.eq_ignore_ascii_case(phrase.as_bytes()))
    };
    let mut found: Option<(usize, usize)> = None;
    // Phrases begin with `in `, a sign, or a letter beyond ASCII: nearly no place of a text does.
    let may_begin = |&(at, byte): &(usize, &u8)| match byte {
        b'i' | b'I' => printed.get(at + 2) == Some(&b' '),
        b'$' | b'\'' | 0x80.. => true,
        _ => false,
    };
    for (at, _) in printed.iter().enumerate().filter(may_begin) {
        let before = found.map_or(PHRASES.len(), |(phrase, _)| phrase);
        let own = PHRASES[..before].iter().position(|(phrase, _)| is_at(phrase, at));
        found = own.map(|phrase| (phrase, at)).or(found);
    }
    let (phrase, at) = found?;
    let (phrase, factor) = PHRASES[phrase];
    let place = Span::new(at, at + phrase.len()).shifted(span.start);
    Some(Scale { factor: Decimal::from_integer(factor), span: place })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn places_are_tried_as_phrases_are(
            parts in prop::collection::vec(
                prop_oneof![
                    "[iInN $'a-c0€元]{0,4}",
                    prop::sample::select(PHRASES.to_vec()).prop_map(|(phrase, _)| phrase.to_uppercase()),
                ],
                0..6,
            ),
        ) {
            let text = parts.concat();
            let low = text.to_ascii_lowercase();
            let wanted = PHRASES.iter().find_map(|(phrase, factor)| Some((low.find(phrase)?, *factor)));
            let found = find_scale(&text, Span::new(0, text.len()));
            prop_assert_eq!(
                found.map(|scale| (scale.span.start, scale.factor)),
                wanted.map(|(at, factor)| (at, Decimal::from_integer(factor)))
            );
        }
    }

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
