//! Lines that belong to the page: running heads and feet, page numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::undelimited::print::Print;

/// Lines at a page's top and bottom that may be furniture.
const EDGE_LINES: usize = 3;

/// The starts of the lines that are furniture.
pub(super) fn find_furniture(print: &Print<'_>) -> BTreeSet<usize> {
    let mut pages: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, line) in print.lines.iter().enumerate() {
        if !line.is_blank() && !line.is_taken {
            pages.entry(line.line.page).or_default().push(index);
        }
    }
    let mut furniture = BTreeSet::new();
    let mut repeated: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    // On the only page nothing is repeated.
    for (page, lines) in pages.iter().filter(|_| pages.len() > 1) {
        let edges = lines.iter().take(EDGE_LINES).chain(lines.iter().rev().take(EDGE_LINES));
        for &index in edges {
            let line = print.lines[index];
            let key = without_numbers(line.body.slice(print.text));
            repeated.entry(key).or_default().push((*page, line.line.span.start));
        }
    }
    for (key, places) in &repeated {
        let first = places.first().map(|place| place.0);
        let is_repeated = places.iter().any(|place| Some(place.0) != first);
        let has_words = key.chars().any(char::is_alphabetic);
        if is_repeated && (has_words || is_page_number(key)) {
            furniture.extend(places.iter().map(|place| place.1));
        }
    }
    // A page number at the end of the only page.
    for lines in pages.values() {
        if let Some(&last) = lines.last() {
            let line = print.lines[last];
            if is_page_number(&without_numbers(line.body.slice(print.text))) {
                furniture.insert(line.line.span.start);
            }
        }
    }
    furniture
}

/// Numbers as `0`, blanks as one.
fn without_numbers(print: &str) -> String {
    let mut key = String::with_capacity(print.len());
    for word in print.split_whitespace() {
        if !key.is_empty() {
            key.push(' ');
        }
        let mut was_digit = false;
        for letter in word.chars() {
            let is_digit = letter.is_ascii_digit();
            if !(is_digit && was_digit) {
                match letter {
                    _ if is_digit => key.push('0'),
                    '\0'..='\x7f' => key.push(letter.to_ascii_lowercase()),
                    _ => key.extend(letter.to_lowercase()),
                }
            }
            was_digit = is_digit;
        }
    }
    key
}

/// `0`, `- 0 -`, `page 0 of 0`, `0 / 0`.
fn is_page_number(key: &str) -> bool {
    let rest: String = key.replace("page", "").replace("of", "");
    rest.contains('0') && rest.chars().all(|c| matches!(c, '0' | ' ' | '-' | '–' | '—' | '/' | '|' | '.'))
}
