//! Gutters that every line keeps: the common case, found without a search.
//!
//! A *phrase* is a run of words one blank apart. If the display columns that phrases cover fall into bands with two
//! blank columns or more between them, and no line has two phrases in one band, then nothing else can be meant.
//! Linear in the words.

use super::boxhead::phrases;
use super::gutters::{GapBits, Gutters};
use super::shape::{Shape, shape_of};
use super::words::Sheet;

/// Blank columns between two bands.
const GUTTER: usize = 2;
/// One cell in so many may hold several values before the bands are doubted.
const DOUBTED: usize = 10;

/// The gutters that all of `lines` keep.
pub(super) fn strict_gutters(sheet: &Sheet<'_>, lines: &[usize]) -> Option<Gutters> {
    let width = lines.iter().filter_map(|&line| sheet.words_of(line).last()).map(|word| word.right).max()?;
    let mut covered = vec![0_i32; width as usize + 1];
    for &line in lines {
        for phrase in phrases(sheet.words_of(line)) {
            let (Some(first), Some(last)) = (phrase.first(), phrase.last()) else { continue };
            covered[first.left as usize] += 1;
            covered[last.right as usize] -= 1;
        }
    }
    let mut edges = vec![0_u32];
    let (mut depth, mut blank) = (0, 0);
    let mut has_print = false;
    for (column, change) in covered.iter().enumerate() {
        depth += change;
        if depth > 0 {
            if has_print && blank >= GUTTER {
                edges.push(u32::try_from(column).ok()?);
            }
            (has_print, blank) = (true, 0);
        } else {
            blank += 1;
        }
    }
    edges.push(width);
    if edges.len() < 3 || !is_kept(sheet, lines, &edges) {
        return None;
    }
    let gaps = vec![GapBits::USUAL; edges.len() - 1];
    Some(Gutters { edges, gaps, bits: 0.0, is_strict: true, rivals: Vec::new() })
}

/// Whether no line has two phrases in one band.
fn is_kept(sheet: &Sheet<'_>, lines: &[usize], edges: &[u32]) -> bool {
    lines.iter().all(|&line| {
        let mut last = None;
        phrases(sheet.words_of(line)).all(|phrase| {
            let left = phrase.first().map_or(0, |word| word.left);
            let band = edges.partition_point(|edge| *edge <= left);
            last.replace(band) != Some(band)
        })
    })
}

/// Whether hardly a cell between the gutters holds several values: no two columns are one blank apart.
pub(super) fn is_single_valued(sheet: &Sheet<'_>, lines: &[usize]) -> bool {
    let (mut cells, mut several) = (0_usize, 0_usize);
    for &line in lines {
        for phrase in phrases(sheet.words_of(line)) {
            cells += 1;
            let begins_with_number = phrase.first().is_some_and(|word| word.kind.is_number());
            several += usize::from(match shape_of(phrase) {
                Shape::Several => true,
                Shape::Mixed => begins_with_number,
                _ => false,
            });
        }
    }
    several * DOUBTED <= cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    fn edges(text: &str) -> Option<Vec<u32>> {
        let mut sheet = Sheet::new(text);
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            sheet.push_line(Span::new(at, at + line.trim_end().len()), 0, 0);
            at += line.len();
        }
        let lines: Vec<usize> = (0..sheet.lines.len()).collect();
        strict_gutters(&sheet, &lines).map(|gutters| gutters.edges)
    }

    #[test]
    fn bands_are_what_phrases_cover() {
        assert_eq!(edges("Rent       1,200     3\nLight         80    12\n"), Some(vec![0, 11, 20, 22]));
        assert_eq!(edges("Rent and light  1,200\nTax\n"), Some(vec![0, 16, 21]));
    }

    #[test]
    fn bands_with_two_phrases_are_none() {
        assert_eq!(edges("Rent   1   2\nLong label  \nabc d  34567\n"), None);
        assert_eq!(edges("a b c\nd e f\n"), None);
    }
}
