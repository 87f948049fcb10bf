//! Page furniture: lines at the edges of pages that stand on several pages, and page numbers.

use std::collections::BTreeMap;

use crate::undelimited::print::{Print, PrintLine};

/// Printed lines at the top and the bottom of a page that may be furniture.
const EDGE_LINES: usize = 3;

/// Words before a page number.
const PAGE_WORDS: [&str; 4] = ["page", "seite", "página", "pagina"];

/// For every line of the print whether it is furniture.
pub(super) fn find_furniture(print: &Print<'_>) -> Vec<bool> {
    let mut is_furniture = vec![false; print.lines.len()];
    let mut edges: Vec<(usize, usize)> = Vec::new();
    let mut page: Vec<usize> = Vec::new();
    let mut number = 0;
    let take = |page: &mut Vec<usize>, number: usize, edges: &mut Vec<(usize, usize)>| {
        let count = page.len();
        let lines = page.iter().enumerate();
        edges.extend(
            lines
                .filter(|(at, _)| *at < EDGE_LINES || at + EDGE_LINES >= count)
                .map(|(_, index)| (*index, number)),
        );
        page.clear();
    };
    for (index, line) in print.lines.iter().enumerate() {
        if line.line.page != number {
            take(&mut page, number, &mut edges);
            number = line.line.page;
        }
        if !line.is_blank() {
            page.push(index);
        }
    }
    take(&mut page, number, &mut edges);
    // On the only page nothing is repeated.
    if edges.first().map(|edge| edge.1) == edges.last().map(|edge| edge.1) {
        edges.clear();
    }
    let mut pages: BTreeMap<String, (usize, bool)> = BTreeMap::new();
    for &(index, page) in &edges {
        let key = key_of(print.lines[index].body.slice(print.text));
        let entry = pages.entry(key).or_insert((page, false));
        entry.1 |= entry.0 != page;
    }
    let mut repeated = vec![false; print.lines.len()];
    for &(index, _) in &edges {
        let key = key_of(print.lines[index].body.slice(print.text));
        repeated[index] = pages.get(&key).is_some_and(|(_, several)| *several) && is_running(&key);
    }
    for &(index, page) in &edges {
        is_furniture[index] = repeated[index] && stands_apart(print, &repeated, (index, page));
    }
    for (index, line) in print.lines.iter().enumerate() {
        let is_blank = |line: Option<&PrintLine>| line.is_none_or(PrintLine::is_blank);
        let above = index.checked_sub(1).and_then(|above| print.lines.get(above));
        is_furniture[index] |= !line.is_blank()
            && line.gaps == 0
            && is_blank(above)
            && is_blank(print.lines.get(index + 1))
            && is_page_line(line.body.slice(print.text));
    }
    is_furniture
}

/// Whether a repeated line is parted from the body of its page: it is the first of the page, or nothing but repeated lines
/// stand between it and blank lines or the ends of the page. The last lines of cells are repeated too.
fn stands_apart(print: &Print<'_>, repeated: &[bool], (index, page): (usize, usize)) -> bool {
    let on_page = |other: &usize| print.lines.get(*other).is_some_and(|line| line.line.page == page);
    let is_body = |other: usize| !repeated[other];
    let is_blank = |other: usize| print.lines.get(other).is_some_and(PrintLine::is_blank);
    let above = (0..index).rev().take_while(on_page).find(|other| is_body(*other));
    let below = (index + 1..print.lines.len()).take_while(on_page).find(|other| is_body(*other));
    let is_first = (0..index).rev().take_while(on_page).all(is_blank);
    is_first || (above.is_none_or(is_blank) && below.is_none_or(is_blank))
}

/// An address of the web alone, or a page number in words or between dashes.
fn is_page_line(line: &str) -> bool {
    let is_alone = !line.contains(' ');
    if is_alone && (line.starts_with("www.") || line.contains("://") || line.contains('@')) {
        return true;
    }
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let is_number =
        |word: &str| !word.is_empty() && word.len() < 5 && word.bytes().all(|byte| byte.is_ascii_digit());
    if PAGE_WORDS.iter().any(|known| first.eq_ignore_ascii_case(known)) {
        return words.all(|word| {
            is_number(word.trim_matches(['/', '-'])) || matches!(word, "of" | "von" | "de" | "/")
        });
    }
    let core = line.trim_matches(['-', '–', ' ']);
    core.len() < line.len() && is_number(core)
}

/// A line for comparison: blanks folded, digits as one.
fn key_of(line: &str) -> String {
    let mut key = String::with_capacity(line.len());
    for word in line.split_whitespace() {
        if !key.is_empty() {
            key.push(' ');
        }
        let mut in_number = false;
        for letter in word.chars() {
            if letter.is_ascii_digit() {
                if !in_number {
                    key.push('0');
                }
                in_number = true;
            } else {
                in_number = false;
                key.push(letter);
            }
        }
    }
    key
}

/// Words, or a number alone: several numbers in a row are a row of values.
fn is_running(key: &str) -> bool {
    key.chars().any(char::is_alphabetic) || key.matches('0').count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn furniture(text: &str) -> Vec<&str> {
        let print = Print::new(text, &[]);
        let is_furniture = find_furniture(&print);
        let lines = print.lines.iter().zip(is_furniture).filter(|(_, own)| *own);
        lines.map(|(line, _)| line.body.slice(text)).collect()
    }

    #[test]
    fn running_heads_are_furniture_and_last_lines_of_cells_are_not() {
        let page = |quay: &str, number: u32| {
            format!("Harbour Report\n\n{quay} Quay    Paved in\n           granite\n\n\n{number}\n\x0c")
        };
        let text = page("North", 1) + &page("South", 2);
        assert_eq!(furniture(&text), ["Harbour Report", "1", "Harbour Report", "2"]);
    }
}
