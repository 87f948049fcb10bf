//! Values that lost the boundary between them: `814,6000.2915%`, `287,364159,488`, `251.6127.4`.

use smallvec::SmallVec;

use super::chars::{is_blank, is_digit};
use super::reading::Collector;
use super::{Number, Value, cost, date, nil, number, plain};
use crate::text::Span;

/// One way to cut a run of glued values.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// The values, in order; they tile the run.
    pub pieces: SmallVec<[Span; 3]>,
    /// Cost of the cut in bits: the lost boundaries, the print of the pieces, and how unlike they are.
    pub bits: f32,
}

/// Longer runs have too many cuts to be of use.
const LONGEST: usize = 48;
/// Most values in one run.
const MOST_PIECES: usize = 4;
/// A piece is a usual value or one of another style; damage inside as well would explain anything.
const DEAREST_PIECE: f32 = 2.0;

/// Cuts a run of values that is printed without blanks into two to four values, the cheapest way first.
///
/// Only where the grammar asks for a cut: no run that is a value as it stands is cut, nor are two neighbours that
/// are a value together. So `12345` has no cut, and `814,6000.2915%` has one. Pieces are numbers, dates and
/// dashes. Empty where there is no such way.
///
/// ```
/// use retabulate::text::value::cut_glued;
///
/// let text = "251.6127.4";
/// let cuts: Vec<Vec<&str>> =
///     cut_glued(text).iter().map(|cut| cut.pieces.iter().map(|span| span.slice(text)).collect()).collect();
/// assert_eq!(cuts[0], ["251.6", "127.4"]);
/// assert_eq!(cuts.len(), 3); // 240.31 14.5, 240.311 4.5
/// ```
#[must_use]
pub fn cut_glued(text: &str) -> Vec<Cut> {
    let body = Span::new(0, text.len()).trimmed(text);
    let print = body.slice(text);
    let digits = print.chars().filter(|&c| is_digit(c)).count();
    if print.len() > LONGEST || digits < 2 || print.contains(is_blank) || piece(print).is_some() {
        return Vec::new();
    }
    let known = vec![Known::Unasked; (print.len() + 1).pow(2)];
    let mut search = Search { print, known, pieces: Vec::new(), cuts: Vec::new() };
    search.extend(&mut SmallVec::new(), 0.0);
    let mut cuts = search.cuts;
    for span in cuts.iter_mut().flat_map(|cut| &mut cut.pieces) {
        *span = span.shifted(body.start);
    }
    cuts.sort_by(|left, right| left.bits.total_cmp(&right.bits));
    cuts
}

/// A value as a piece of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    number: Option<Number>,
    bits: f32,
}

struct Search<'t> {
    print: &'t str,
    /// What is known of the slice from a to b, at a x (length + 1) + b.
    known: Vec<Known>,
    pieces: Vec<Piece>,
    cuts: Vec<Cut>,
}

/// Whether a slice is a piece; asked once.
#[derive(Clone, Copy, Debug)]
enum Known {
    Unasked,
    NoPiece,
    /// Index of the piece.
    Piece(u16),
}

impl Search<'_> {
    /// Extends `pieces` by every piece that may follow, and keeps what reaches the end.
    fn extend(&mut self, pieces: &mut SmallVec<[(Span, Piece); 4]>, bits: f32) {
        let start = pieces.last().map_or(0, |(span, _)| span.end);
        if start == self.print.len() {
            self.cuts.push(Cut { pieces: pieces.iter().map(|(span, _)| *span).collect(), bits });
            return;
        }
        if pieces.len() == MOST_PIECES {
            return;
        }
        for end in start + 1..=self.print.len() {
            let Some(next) = self.piece_at(start, end) else { continue };
            let mut cost = bits + next.bits;
            if let Some(&(span, last)) = pieces.last() {
                // A lone zero before digits is the leading zero of a broken number.
                if self.piece_at(span.start, end).is_some() || span.slice(self.print) == "0" {
                    continue;
                }
                cost += cost::LOST_BOUNDARY + if is_like(last, next) { 0.0 } else { cost::UNLIKE_PIECES };
            }
            pieces.push((Span::new(start, end), next));
            self.extend(pieces, cost);
            pieces.pop();
        }
    }

    fn piece_at(&mut self, start: usize, end: usize) -> Option<Piece> {
        let known = self.known.get_mut(start * (self.print.len() + 1) + end)?;
        if let Known::Unasked = known {
            *known = Known::NoPiece;
            if let Some(found) = self.print.get(start..end).and_then(piece) {
                *known = Known::Piece(u16::try_from(self.pieces.len()).ok()?);
                self.pieces.push(found);
            }
        }
        match *known {
            Known::Piece(index) => self.pieces.get(usize::from(index)).copied(),
            _ => None,
        }
    }
}

/// Whether two pieces can be of one column, or of one row: decimals and unit alike.
fn is_like(left: Piece, right: Piece) -> bool {
    match (left.number, right.number) {
        (Some(left), Some(right)) => left.place == right.place && left.unit == right.unit,
        _ => true,
    }
}

/// The value that all of `print` is, without footnote marks.
fn piece(print: &str) -> Option<Piece> {
    if let Some(number) = plain::number_of(print) {
        return Some(Piece { number: Some(number), bits: 0.0 });
    }
    // A piece that starts with its point would take it from the piece before, one that ends in `$` the sign of the
    // next.
    if print.starts_with('.') || print.ends_with(|c: char| c == '$' || c.is_alphabetic()) {
        return None;
    }
    let mut readings = Collector::new(print);
    number::read(print, &mut readings);
    date::read(print, &mut readings);
    nil::read(print, &mut readings);
    let readings = readings.sorted();
    let cheapest =
        readings.iter().find(|reading| reading.marks.is_empty() && reading.bits <= DEAREST_PIECE)?;
    let number = match cheapest.value {
        Value::Number(number) => Some(number),
        _ => None,
    };
    Some(Piece { number, bits: cheapest.bits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cuts(text: &str) -> Vec<String> {
        let joined = |cut: Cut| cut.pieces.iter().map(|span| span.slice(text)).collect::<Vec<_>>().join(" ");
        cut_glued(text).into_iter().map(joined).collect()
    }

    #[test]
    fn cuts_that_the_grammar_asks_for() {
        for (text, expected) in [
            ("814,6000.2915%", "814,600 0.2915%"),
            ("287,364159,488", "287,364 159,488"),
            ("1,8221,734", "1,822 1,734"),
            ("4.007.35", "4.00 7.35"),
            ("57.838.4", "57.8 38.4"),
            ("477.2—", "477.2 —"),
            ("$461,327$548,216", "$461,327 $548,216"),
            ("14,675(42,758)", "14,675 (42,758)"),
            ("(687)(330)", "(687) (330)"),
            ("4.13%40.73%0%", "4.13% 40.73% 0%"),
            ("01/07/202302/07/2023", "01/07/2023 02/07/2023"),
            ("—5.2", "— 5.2"),
        ] {
            assert_eq!(cuts(text).first().map(String::as_str), Some(expected), "{text}: {:?}", cuts(text));
        }
    }

    #[test]
    fn what_is_not_cut() {
        for text in [
            "12345",
            "1,234",
            "1,234.50",
            "Total",
            "",
            "A12B3",
            "1 2",
            "16,380",
            "-5",
            "01/07/2023",
            "12.5%",
            "083.42",
        ] {
            assert!(cuts(text).is_empty(), "{text}: {:?}", cuts(text));
        }
    }

    proptest! {
        #[test]
        fn pieces_tile_the_run(text in prop_oneof!["[0-9.,%()$—-]{0,24}", any::<String>()]) {
            for cut in cut_glued(&text) {
                let joined: String = cut.pieces.iter().map(|span| span.slice(&text)).collect();
                prop_assert_eq!(joined.as_str(), text.trim());
                prop_assert!(cut.pieces.len() > 1);
            }
        }

        #[test]
        fn glued_numbers_come_apart(left in 1_000u32..9_999_999, right in 1_000u32..9_999_999, cents in 0u32..100) {
            let grouped = |number: u32| {
                let (thousands, ones) = (number / 1000, number % 1000);
                if thousands < 1000 { format!("{thousands},{ones:03}") }
                else { format!("{},{:03},{ones:03}", thousands / 1000, thousands % 1000) }
            };
            let pieces = [format!("{}.{cents:02}", grouped(left)), format!("{}.{cents:02}", grouped(right))];
            prop_assert!(cuts(&pieces.concat()).contains(&pieces.join(" ")));
        }
    }
}
