//! Rows of plain values: `1,234.50 0.75`, `2023-09-20 2023-09-21`, as packed rows print them.
//!
//! Two words or more with single blanks between them, each a number with a decimal point or a date in the form that
//! leaves nothing open; or a number and its share in brackets. No reading takes two such words as one value, so that
//! neither the grammar nor a scan need look at them; a property test holds that to both.

use memchr::memchr_iter;
use smallvec::SmallVec;

use super::compound::scan_values;
use super::plain::{self, read_plain_date};
use crate::text::Span;

/// Whether a word is a number with decimals, or a date, and nothing else.
fn is_plain(word: &str) -> bool {
    let bytes = word.as_bytes();
    if !bytes.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    plain::has_bare_decimals(word.strip_suffix('%').unwrap_or(word)) || read_plain_date(word).is_some()
}

/// A number and a percentage in brackets behind it, `615,208,340 (98.7514%)`: two values, and no reading as one.
fn is_number_with_share(text: &str) -> bool {
    // A number has no bracket in it.
    let inner = text.strip_suffix("%)").and_then(|rest| rest.split_once('('));
    inner.is_some_and(|(number, share)| {
        number.strip_suffix(' ').is_some_and(plain::is_bare) && plain::is_bare(share)
    })
}

/// Where the segments of [`super::scan_values`] stand.
pub(crate) fn scan_spans(text: &str) -> SmallVec<[Span; 8]> {
    match plain_row(text) {
        Some(words) => words.collect(),
        None => scan_values(text).iter().map(|segment| segment.span).collect(),
    }
}

/// The words of a row of plain values; `None` where it is not that.
pub(crate) fn plain_row(text: &str) -> Option<impl Iterator<Item = Span> + '_> {
    let words = || {
        let mut start = 0;
        memchr_iter(b' ', text.as_bytes()).chain([text.len()]).map(move |end| {
            let span = Span::new(start, end);
            start = end + 1;
            span
        })
    };
    let is_row = || {
        let mut each = words();
        // The first word says of nearly all other texts that they are no row.
        each.next().is_some_and(|word| word.end < text.len() && is_plain(word.slice(text)))
            && each.all(|word| is_plain(word.slice(text)))
    };
    (is_number_with_share(text) || is_row()).then(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::value::Value;
    use crate::text::value::reading::{read_by_grammar, text_alone};
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<Span> {
        plain_row(text).map(Iterator::collect).unwrap_or_default()
    }

    #[test]
    fn rows_of_values() {
        assert_eq!(words("1,234.50 0.75 12.5%").len(), 3);
        assert_eq!(words("2023-09-20 2023-09-21").len(), 2);
        for text in ["1,234.50", "1,234 567.00", "4 16.00", "1.50  2.50", "1.50 ", "Rent 1.50", "1.250 2.50"]
        {
            assert!(words(text).is_empty(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_with_its_share_is_no_value(
            text in "[0-9]{1,3}(,[0-9]{3}){0,2}(\\.[0-9]{1,3})? \\([0-9]{1,3}(\\.[0-9]{1,4})?%\\)"
        ) {
            if plain_row(&text).is_some() {
                prop_assert_eq!(read_by_grammar(&text, &text), text_alone(&text, &text));
                let scanned: Vec<Span> = scan_values(&text).iter().map(|segment| segment.span).collect();
                prop_assert_eq!(scanned, words(&text));
            }
        }

        /// No grammar reads a row of values as one, and a scan finds its words.
        #[test]
        fn a_row_of_values_is_no_value(
            text in "([0-9]{1,4}(,[0-9]{3}){0,2}\\.[0-9]{1,4}%?|(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9])( ([0-9]{1,4}(,[0-9]{3}){0,2}\\.[0-9]{1,4}%?|(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9])){1,4}"
        ) {
            if plain_row(&text).is_some() {
                prop_assert_eq!(read_by_grammar(&text, &text), text_alone(&text, &text));
                let scanned = scan_values(&text);
                let is_value = |value: Option<Value>| matches!(value, Some(Value::Number(_) | Value::Date(_)));
                prop_assert!(scanned.iter().all(|segment| is_value(segment.best().map(|best| best.value))));
                prop_assert_eq!(scanned.iter().map(|segment| segment.span).collect::<Vec<_>>(), words(&text));
            }
        }
    }
}
