//! Lines of the page and not of the table: running heads and page numbers, wherever a page was printed.
//!
//! Where pages are marked (form feeds), a line among the first or last three of a page that stands on another page too,
//! in the same place, is furniture, if it is the same or its number counts on. Some extractors mark no pages; there a
//! page number in a dress (`- 3 -`, `Page 3 of 9`) is furniture, and a line that stands beside one each time it is
//! printed; and a line that is printed several times, each time before or after a bare number that counts on.

use std::collections::{BTreeMap, HashMap};

use crate::undelimited::print::Print;

/// Lines at either end of a page that may be furniture.
const EDGE: usize = 3;

/// For every line of a print whether it is furniture.
pub(super) fn find_furniture(print: &Print<'_>) -> Vec<bool> {
    let mut is_furniture = vec![false; print.lines.len()];
    let printed: Vec<usize> = (0..print.lines.len()).filter(|&line| !print.lines[line].is_blank()).collect();
    let keys: HashMap<usize, String> =
        printed.iter().filter_map(|&line| Some((line, key_of(print, line)?))).collect();
    mark_edges(print, &printed, &keys, &mut is_furniture);
    mark_numbered(print, &printed, &keys, &mut is_furniture);
    is_furniture
}

/// Letters of the longest line that may be furniture.
const LONGEST: usize = 120;

/// A line with its numbers levelled; none for long ones.
fn key_of(print: &Print<'_>, line: usize) -> Option<String> {
    let body = print.lines.get(line)?.body;
    (body.len() <= LONGEST).then(|| {
        let mut key = String::with_capacity(body.len());
        for letter in body.slice(print.text).chars() {
            if letter.is_ascii_digit() {
                if !key.ends_with('0') {
                    key.push('0');
                }
            } else {
                key.push(letter);
            }
        }
        key
    })
}

fn mark_edges(
    print: &Print<'_>,
    printed: &[usize],
    keys: &HashMap<usize, String>,
    is_furniture: &mut [bool],
) {
    let page_of = |line: usize| print.lines.get(line).map_or(0, |line| line.line.page);
    // By place on the page: running heads stand in the same one, cells do so by chance only.
    let mut edges: BTreeMap<(bool, usize, &str), Vec<usize>> = BTreeMap::new();
    for page in printed.chunk_by(|left, right| page_of(*left) == page_of(*right)) {
        let tops = page.iter().take(EDGE).enumerate().map(|(place, line)| (true, place, *line));
        let rest = page.len().saturating_sub(EDGE).min(EDGE);
        let bottoms = page.iter().rev().take(rest).enumerate().map(|(place, line)| (false, place, *line));
        for (is_top, place, line) in tops.chain(bottoms) {
            if let Some(key) = keys.get(&line) {
                edges.entry((is_top, place, key.as_str())).or_default().push(line);
            }
        }
    }
    let body_of = |line: usize| print.lines.get(line).map_or("", |line| line.body.slice(print.text));
    for ((_, _, key), lines) in edges {
        let Some(&first) = lines.first() else { continue };
        let is_on_pages = lines.iter().any(|&line| page_of(line) != page_of(first));
        // The same words, or a number that counts on: a date at the edges of two pages may be a cell.
        let is_same = key != "0" && lines.iter().all(|&line| body_of(line) == body_of(first));
        let has_text = key.chars().any(char::is_alphabetic) || key == "0" || is_dressed(key);
        if is_on_pages && has_text && (is_same || counts_on(print, &lines)) {
            lines.iter().for_each(|&line| is_furniture[line] = true);
        }
    }
}

/// `- 0 -`, `Page 0 of 0`, `[0]`: a number that is dressed as a page number, its digits levelled.
fn is_dressed(key: &str) -> bool {
    let lower = key.to_lowercase();
    let is_mark = |letter: char| matches!(letter, '-' | '–' | '—' | '[' | ']' | '|' | '~');
    let core = lower.trim_matches(|letter: char| is_mark(letter) || letter == ' ');
    // On both sides: a number beside one dash is a row of two cells.
    let has_dress = (lower.starts_with(is_mark) && lower.ends_with(is_mark))
        || lower.starts_with("page")
        || lower.starts_with("seite");
    has_dress
        && matches!(
            core,
            "0" | "page 0" | "page 0 of 0" | "0 of 0" | "0/0" | "page 0/0" | "seite 0" | "seite 0 von 0"
        )
}

fn number_of(print: &Print<'_>, line: usize) -> Option<u64> {
    let text = print.lines.get(line)?.body.slice(print.text);
    let digits: String =
        text.chars().skip_while(|letter| !letter.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn counts_on(print: &Print<'_>, lines: &[usize]) -> bool {
    let numbers: Vec<Option<u64>> = lines.iter().map(|&line| number_of(print, line)).collect();
    lines.len() > 1
        && numbers
            .windows(2)
            .all(|pair| matches!(pair, [Some(one), Some(next)] if one.checked_add(1) == Some(*next)))
}

/// Whether all numbers are years: balances at the end of one year and the next stand in the same words.
fn are_years(print: &Print<'_>, lines: &[usize]) -> bool {
    lines.iter().all(|&line| number_of(print, line).is_some_and(|number| (1900..2100).contains(&number)))
}

/// Page numbers in a dress, and lines that go with page numbers.
fn mark_numbered(
    print: &Print<'_>,
    printed: &[usize],
    keys: &HashMap<usize, String>,
    is_furniture: &mut [bool],
) {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    let body_of = |line: usize| print.lines.get(line).map_or("", |line| line.body.slice(print.text));
    for (place, &line) in printed.iter().enumerate() {
        if keys.contains_key(&line) {
            places.entry(body_of(line)).or_default().push(place);
        }
    }
    let line_at = |place: Option<usize>| place.and_then(|place| printed.get(place)).copied();
    for (place, &line) in printed.iter().enumerate() {
        let Some(key) = keys.get(&line) else { continue };
        if is_dressed(key) {
            is_furniture[line] = true;
            continue;
        }
        let Some(same) = places.get(body_of(line)) else { continue };
        // Looked at once, at the first of its prints.
        if same.len() < 2 || same.first() != Some(&place) || !key.chars().any(char::is_alphabetic) {
            continue;
        }
        for (before, after) in [(1, 0), (0, 1)] {
            let beside: Vec<usize> =
                same.iter().filter_map(|&at| line_at((at + after).checked_sub(before))).collect();
            let all = |test: &dyn Fn(&str) -> bool| {
                beside.len() == same.len()
                    && beside.iter().all(|line| keys.get(line).is_some_and(|key| test(key)))
            };
            let is_bare = all(&|key| key == "0") && counts_on(print, &beside) && !are_years(print, &beside);
            if is_bare || all(&is_dressed) {
                for line in beside.into_iter().chain(same.iter().filter_map(|&at| line_at(Some(at)))) {
                    is_furniture[line] = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn furniture(text: &str) -> Vec<String> {
        let print = Print::new(text, &[]);
        let marked = find_furniture(&print);
        let lines = print.lines.iter().zip(marked);
        lines.filter(|(_, marked)| *marked).map(|(line, _)| line.body.slice(text).to_owned()).collect()
    }

    #[test]
    fn running_heads_on_marked_pages() {
        let text = "Annual Report\n1\nBolt 3\nNut 4\nPin 6\nRod 8\n\x0cAnnual Report\n2\nWasher 5\nScrew 5\nNail 5\nHook 5\n";
        assert_eq!(furniture(text), ["Annual Report", "1", "Annual Report", "2"]);
    }

    #[test]
    fn running_heads_without_marked_pages() {
        let text = "Almanac 2019\n- 1 -\nBolt\n3\nAlmanac 2019\n- 2 -\nNut\n4\n";
        assert_eq!(furniture(text), ["Almanac 2019", "- 1 -", "Almanac 2019", "- 2 -"]);
        let text = "Almanac\n1\nBolt\n3\nAlmanac\n2\nNut\n4\n";
        assert_eq!(furniture(text), ["Almanac", "1", "Almanac", "2"]);
    }

    #[test]
    fn cells_are_no_furniture() {
        assert!(furniture("Linz\n4\nGraz\n4\nLinz\n9\nWels\n5\n").is_empty());
        assert!(furniture("Balance at June 30,\n2018\n44\nBalance at June 30,\n2019\n46\n").is_empty());
        assert!(furniture("Repairs of hulls\n415 —\n— 12\nTotal 3 4\n").is_empty());
        assert!(furniture("1\nMay 6, 1981\nLinz\n2\nMay 9, 1981\nGraz\n").is_empty());
    }
}
