//! Cuts: the words of a packed text cell into one piece a record, with the document as witness.
//!
//! Print and type say little about where names end. The document does: two words that stand side by side in it
//! elsewhere belong together; two that both occur but never side by side are a cut; a word that begins other
//! cells of the column begins pieces. Costs in bits on every gap between words, then
//! `best[i][p] = min over j of best[j][p - 1] + gap(j) + piece(j..i)`, the two best kept for the margin. Piece p of n
//! ends within [`BAND`] words of where it would if all were equally long, and a cut that touches the edge of that band
//! is left open: O(words x words of a piece) steps for a run. One Aho-Corasick pass over the text serves all cuts of a
//! document.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use smallvec::SmallVec;

use super::alignment::{Alignment, Choice, ChoiceOption, Content, Slot};
use super::layout::Layout;
use super::records::{PendingCut, SETTLED, mark_choice, push_choice};
use crate::budget::Budget;
use crate::column::fit::fit;
use crate::column::model::{ColumnModel, normalized};
use crate::table::{Code, Diagnostic, Origin, Sink};
use crate::text::{Span, word_spans};

/// Two words that the document prints side by side elsewhere.
const JOINED_ELSEWHERE: f32 = 9.0;
/// Two words that both occur elsewhere, never side by side.
const APART_ELSEWHERE: f32 = -4.0;
/// A piece does not begin in lower case, with a bracket or a digit, nor end in a joining word.
const LOWER_CASE_START: f32 = 6.0;
const BRACKET_START: f32 = 4.0;
const INSIDE_BRACKETS: f32 = 9.0;
const JOINING_WORD: f32 = 6.0;
const DIGIT_START: f32 = 2.0;
/// An enumerator begins a piece.
const ENUMERATOR_START: f32 = -8.0;
/// A word that begins, or ends, other cells of the column.
const BEGINS_CELLS: f32 = -4.0;
const ENDS_CELLS: f32 = -2.0;
/// Each further word of a phrase that begins other cells, or the run itself.
const BEGINS_LIKEWISE: f32 = -3.0;
/// Longer phrases say no more.
const MAX_PHRASE: usize = 4;
/// A piece that stands alone elsewhere: a cell of the document, or a value of the schema's list.
const STANDS_ALONE: f32 = -7.0;
const LISTED_VALUE: f32 = -12.0;
const UNLISTED_VALUE: f32 = 6.0;
/// A record without words among such with them.
const LABEL_LOST: f32 = 12.0;
/// Longer pieces stand alone nowhere.
const MAX_PIECE_WORDS: usize = 24;
/// Longer runs are not cut by search.
const MAX_WORDS: usize = 400;
/// Words by which the end of a piece may be off the place where it would be if all pieces were equally long.
const BAND: usize = 48;

/// Texts of so many bytes are searched by a table of all transitions.
const TABLE_BYTES: usize = 1 << 16;

/// All cuts of one table that wait for the document.
pub(crate) struct TableCuts<'a, 't> {
    pub(crate) alignment: &'a mut Alignment<'t>,
    pub(crate) layout: &'a Layout,
    pub(crate) pending: Vec<PendingCut<'t>>,
}

/// What the document says of the words of its unsettled runs.
#[derive(Debug, Default)]
struct Witness {
    /// Words and pairs of words, with the number of their occurrences outside the unsettled runs.
    counts: BTreeMap<String, u32>,
}

impl Witness {
    fn has(&self, text: &str) -> bool {
        self.counts.get(text).is_some_and(|count| *count > 0)
    }
}

/// Settles every pending cut of a document.
pub(crate) fn settle_cuts<'t>(
    text: &'t str,
    tables: &mut [TableCuts<'_, 't>],
    budget: &mut Budget,
    sink: &mut dyn Sink,
) {
    if tables.iter().all(|table| table.pending.is_empty()) {
        return;
    }
    let witness = hear_document(text, tables);
    let cells = standing_cells(tables);
    for table in tables {
        // What is settled tells how further cells begin and end.
        let mut columns: BTreeMap<usize, ColumnEnds> = BTreeMap::new();
        for cut in std::mem::take(&mut table.pending) {
            let ends =
                columns.entry(cut.column).or_insert_with(|| ColumnEnds::of(table.alignment, cut.column));
            if !settle(table, &cut, &witness, &cells, ends, budget) {
                leave_open(table, &cut);
                let message = "a run of words in a packed cell is too long, or too uneven, to be cut";
                let place = cut.run.source(Span::new(0, cut.run.text.len())).into_iter().reduce(Span::cover);
                sink.report(Diagnostic { span: place, ..Diagnostic::new(Code::BudgetSpent, message) });
            }
            let width = table.alignment.columns.len().max(1);
            for row in &cut.rows {
                if let Some(cell) = table.alignment.cells.get(row * width + cut.column) {
                    ends.add(&cell.content.text);
                }
            }
        }
    }
}

/// Words of a run with their spans.
pub(crate) fn words_of(run: &str) -> Vec<Span> {
    word_spans(run, Span::new(0, run.len())).collect()
}

/// One pass over the text: how often each word and pair of the unsettled runs stands outside them.
fn hear_document(text: &str, tables: &[TableCuts<'_, '_>]) -> Witness {
    let mut patterns: BTreeSet<String> = BTreeSet::new();
    let mut excluded: Vec<Span> = Vec::new();
    for cut in tables.iter().flat_map(|table| &table.pending) {
        let words = words_of(&cut.run.text);
        for (index, word) in words.iter().enumerate().take(MAX_WORDS) {
            patterns.insert(word.slice(&cut.run.text).to_owned());
            if let Some(next) = words.get(index + 1) {
                patterns.insert(format!("{} {}", word.slice(&cut.run.text), next.slice(&cut.run.text)));
            }
        }
        excluded.extend(cut.run.source(Span::new(0, cut.run.text.len())));
    }
    excluded.sort_unstable();
    let patterns: Vec<String> = patterns.into_iter().collect();
    // A short text is read in less time than it takes to fill the table that reads long ones fastest.
    let kind = (text.len() < TABLE_BYTES).then_some(AhoCorasickKind::ContiguousNFA);
    let automaton = AhoCorasick::builder().kind(kind).build(&patterns);
    let Ok(automaton) = automaton else { return Witness::default() };
    let mut counts: Vec<u32> = vec![0; patterns.len()];
    for found in automaton.find_overlapping_iter(text) {
        let span = Span::new(found.start(), found.end());
        let before = text[..span.start].chars().next_back();
        let after = text[span.end..].chars().next();
        let bounded = !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric);
        let at = excluded.partition_point(|run| run.end <= span.start);
        let outside = excluded.get(at).is_none_or(|run| !run.overlaps(span));
        if bounded && outside {
            counts[found.pattern().as_usize()] += 1;
        }
    }
    Witness { counts: patterns.into_iter().zip(counts).collect() }
}

/// The texts that stand alone in cells of the document's tables.
fn standing_cells(tables: &[TableCuts<'_, '_>]) -> BTreeSet<String> {
    tables
        .iter()
        .flat_map(|table| &table.alignment.cells)
        .filter(|cell| {
            cell.slot == Slot::Printed && cell.content.value == Some(crate::table::CellValue::Text)
        })
        .map(|cell| normalized(&cell.content.text))
        .collect()
}

/// How the settled cells of a column begin and end: their first words, up to [`MAX_PHRASE`] of them, and their last.
#[derive(Debug, Default)]
struct ColumnEnds {
    phrases: BTreeSet<String>,
    last: BTreeSet<String>,
    /// Whether some cell ends in a bracketed mark behind its words: `Audit Fees (1)`.
    are_marked: bool,
}

impl ColumnEnds {
    fn of(alignment: &Alignment<'_>, column: usize) -> Self {
        let width = alignment.columns.len().max(1);
        let mut ends = Self::default();
        for cell in alignment.cells.iter().skip(column).step_by(width) {
            ends.add(&cell.content.text);
        }
        ends
    }

    fn add(&mut self, text: &str) {
        let words: SmallVec<[&str; 16]> = text.split_whitespace().collect();
        let Some(last) = words.last() else { return };
        self.are_marked |= words.len() > 1 && last.starts_with('(') && is_enumerator(last);
        if !self.last.contains(*last) {
            self.last.insert((*last).to_owned());
        }
        let mut phrase = Cow::Borrowed(words[0]);
        for count in 1..=words.len().min(MAX_PHRASE) {
            if count > 1 {
                phrase += " ";
                phrase += words[count - 1];
            }
            if !self.phrases.contains(&*phrase) {
                self.phrases.insert(phrase.to_string());
            }
        }
    }
}

/// Cuts a run; `false`, and nothing done, where that takes too many words, steps, or pieces of too uneven length.
fn settle<'t>(
    table: &mut TableCuts<'_, 't>,
    cut: &PendingCut<'t>,
    witness: &Witness,
    cells: &BTreeSet<String>,
    ends: &ColumnEnds,
    budget: &mut Budget,
) -> bool {
    let model = &table.layout.outs[cut.column].model;
    let words = words_of(&cut.run.text);
    let pieces = cut.rows.len().min(words.len());
    let problem = CutProblem { run: &cut.run.text, words: &words, witness, cells, ends, model };
    if words.len() > MAX_WORDS || !budget.spend(2 * problem.steps(pieces)) {
        return false;
    }
    let costs = problem.costs(pieces);
    let ways = problem.solve(pieces, &costs);
    let Some((best, bits)) = ways.first() else { return false };
    let next = ways.get(1).map_or(f32::INFINITY, |(_, second)| second - bits);
    // One record may have no words at all, a total without a label.
    let fewer = if pieces > 1 { problem.solve(pieces - 1, &costs) } else { Vec::new() };
    let unnamed = fewer.first().map_or(f32::INFINITY, |(_, fewer)| fewer + LABEL_LOST - bits);
    let margin = next.min(unnamed.max(0.0));
    let place = |pieces: &[Span]| -> Vec<(usize, Content<'t>)> {
        pieces
            .iter()
            .enumerate()
            .map(|(index, piece)| {
                let fit = fit(piece.slice(&cut.run.text), model);
                let content = Content {
                    text: cut.run.part(*piece),
                    value: fit.value,
                    spans: cut.run.source(*piece),
                    origin: Origin::Split,
                    marks: Vec::new(),
                };
                (cut.rows[index], content)
            })
            .collect()
    };
    let width = table.alignment.columns.len().max(1);
    let is_short = pieces < cut.rows.len();
    for (row, content) in place(best) {
        if let Some(cell) = table.alignment.cells.get_mut(row * width + cut.column) {
            cell.content = content;
            cell.slot = Slot::Printed;
            // No surer than the block that the words stand in.
            cell.margin = cell.margin.min(if is_short { 0.0 } else { margin });
        }
    }
    if is_short {
        let open = Choice::Open(cut.rows.iter().map(|row| row * width + cut.column).collect());
        let index = push_choice(table.alignment, open);
        mark_choice(table.alignment, index, cut.column, &cut.rows);
    } else if next < SETTLED
        && let Some((second, _)) = ways.get(1)
    {
        push_alternatives(table.alignment, cut.column, [place(best), place(second)], next);
    }
    true
}

/// Two cuts that print and document cannot tell apart, over the rows in which they differ.
fn push_alternatives<'t>(
    alignment: &mut Alignment<'t>,
    column: usize,
    ways: [Vec<(usize, Content<'t>)>; 2],
    margin: f32,
) {
    let width = alignment.columns.len().max(1);
    let differing: Vec<usize> = ways[0]
        .iter()
        .zip(&ways[1])
        .filter(|(left, right)| left.1.spans != right.1.spans)
        .map(|(left, _)| left.0)
        .collect();
    let options = ways
        .into_iter()
        .zip([0.0, margin])
        .map(|(way, bits)| ChoiceOption {
            bits,
            has_losses: false,
            cells: way
                .into_iter()
                .filter(|(row, _)| differing.contains(row))
                .map(|(row, content)| (row * width + column, Slot::Printed, content))
                .collect(),
        })
        .collect();
    let index = push_choice(alignment, Choice::Readings(options));
    mark_choice(alignment, index, column, &differing);
}

/// A run that cannot be cut stands whole in its first row, and says that it is open.
fn leave_open<'t>(table: &mut TableCuts<'_, 't>, cut: &PendingCut<'t>) {
    let width = table.alignment.columns.len().max(1);
    let whole = Span::new(0, cut.run.text.len());
    if let Some(cell) =
        cut.rows.first().and_then(|row| table.alignment.cells.get_mut(row * width + cut.column))
    {
        cell.content = Content {
            text: cut.run.part(whole),
            value: Some(crate::table::CellValue::Text),
            spans: cut.run.source(whole),
            origin: Origin::Verbatim,
            marks: Vec::new(),
        };
        cell.margin = 0.0;
    }
    let open = Choice::Open(cut.rows.iter().map(|row| row * width + cut.column).collect());
    let index = push_choice(table.alignment, open);
    mark_choice(table.alignment, index, cut.column, &cut.rows);
}

struct CutProblem<'a> {
    run: &'a str,
    words: &'a [Span],
    witness: &'a Witness,
    cells: &'a BTreeSet<String>,
    ends: &'a ColumnEnds,
    model: &'a ColumnModel,
}

type Ways = SmallVec<[(f32, usize, usize); 2]>;

/// Costs of the parts of all cuts of a run.
struct CutCosts {
    /// Of beginning a piece with each word.
    gaps: Vec<f32>,
    /// Of each word and the words behind it, up to a number of them, as a piece.
    pieces: Vec<Vec<f32>>,
}

impl CutCosts {
    /// Cost of words `start..end` as a piece; longer ones are not looked up.
    fn piece(&self, start: usize, end: usize) -> f32 {
        self.pieces[start].get(end - start - 1).copied().unwrap_or(0.0)
    }
}

impl CutProblem<'_> {
    /// What gaps and pieces cost, whichever of `count` pieces, or of one less, it is.
    fn costs(&self, count: usize) -> CutCosts {
        let total = self.words.len();
        // All other pieces have a word at least.
        let longest = MAX_PIECE_WORDS.min((total + 2).saturating_sub(count));
        let depths = self.bracket_depths();
        let pieces_from = |start: usize| {
            (start + 1..=total.min(start + longest)).map(|end| self.piece(start, end)).collect()
        };
        CutCosts {
            gaps: (0..total).map(|word| self.gap(word, depths[word])).collect(),
            pieces: (0..total).map(pieces_from).collect(),
        }
    }

    /// The two cheapest cuts into exactly `count` pieces, with their costs.
    fn solve(&self, count: usize, costs: &CutCosts) -> Vec<(Vec<Span>, f32)> {
        let total = self.words.len();
        if count == 0 || total < count {
            return Vec::new();
        }
        // For every piece the ways to end it, from the first end of its band on.
        let mut table: Vec<Vec<Ways>> = vec![vec![SmallVec::from_iter([(0.0, 0, 0)])]];
        for piece in 1..=count {
            let (band, before) = (self.band(piece, count), self.band(piece - 1, count));
            let row = band.map(|end| {
                let mut ways = Ways::new();
                for start in before.start..before.end.min(end) {
                    let bits = costs.gaps[start] + costs.piece(start, end);
                    for (rank, way) in table[piece - 1][start - before.start].iter().enumerate() {
                        let new = (way.0 + bits, start, rank);
                        let at = ways.iter().position(|other| new.0 < other.0).unwrap_or(ways.len());
                        if at < 2 {
                            ways.insert(at, new);
                            ways.truncate(2);
                        }
                    }
                }
                ways
            });
            let row = row.collect();
            table.push(row);
        }
        let ranks = table.last().and_then(|row| row.first()).map_or(0, SmallVec::len);
        let ways: Option<Vec<_>> = (0..ranks).map(|rank| self.read_back(&table, count, rank)).collect();
        ways.unwrap_or_default()
    }

    /// Where piece `piece` of `count` may end: a word after that end.
    fn band(&self, piece: usize, count: usize) -> Range<usize> {
        let total = self.words.len();
        let even = (piece * total + count / 2) / count;
        // Every piece, before and behind, has a word.
        let (least, most) = (piece, total - (count - piece));
        if piece == 0 || piece == count {
            return even..even + 1;
        }
        even.saturating_sub(BAND).clamp(least, most)..(even + BAND).clamp(least, most) + 1
    }

    /// Steps of a search for `count` pieces.
    fn steps(&self, count: usize) -> u64 {
        let width = |piece: usize| self.band(piece, count).len() as u64;
        (1..=count).map(|piece| width(piece) * width(piece - 1)).sum()
    }

    /// The pieces of a way, with its cost; `None` where one ends at an edge of its band, so that it might be cheaper
    /// beyond.
    fn read_back(&self, table: &[Vec<Ways>], count: usize, rank: usize) -> Option<(Vec<Span>, f32)> {
        let bits = table[count][0][rank].0;
        let mut pieces = Vec::with_capacity(count);
        let (mut end, mut rank) = (self.words.len(), rank);
        for piece in (1..=count).rev() {
            let band = self.band(piece, count);
            let is_cut_off = |edge: usize, limit: usize| end == edge && edge != limit;
            let limits = (piece, self.words.len() - (count - piece));
            if piece < count && (is_cut_off(band.start, limits.0) || is_cut_off(band.end - 1, limits.1)) {
                return None;
            }
            let (_, start, before) = table[piece][end - band.start][rank];
            pieces.push(Span::new(self.words[start].start, self.words[end - 1].end));
            (end, rank) = (start, before);
        }
        pieces.reverse();
        Some((pieces, bits))
    }

    fn word(&self, index: usize) -> &str {
        self.words[index].slice(self.run)
    }

    /// For every word, the brackets that are open before it.
    fn bracket_depths(&self) -> Vec<usize> {
        let mut depth = 0usize;
        self.words
            .iter()
            .map(|word| {
                let before = depth;
                for character in word.slice(self.run).chars() {
                    match character {
                        '(' | '（' => depth += 1,
                        ')' | '）' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                }
                before
            })
            .collect()
    }

    /// Cost of beginning a piece with word `index`, before which `depth` brackets are open.
    fn gap(&self, index: usize, depth: usize) -> f32 {
        if index == 0 {
            return 0.0;
        }
        let (left, right) = (self.word(index - 1), self.word(index));
        let mut bits = 0.0;
        if self.witness.has(&self.joined(index - 1, 2)) {
            bits += JOINED_ELSEWHERE;
        } else if self.witness.has(left) && self.witness.has(right) {
            bits += APART_ELSEWHERE;
        }
        let first = right.chars().next().unwrap_or(' ');
        if is_enumerator(right) && right.starts_with('(') && self.ends.are_marked {
            // Other cells of the column end in such a mark.
            bits += INSIDE_BRACKETS;
        } else if is_enumerator(right) {
            bits += ENUMERATOR_START;
        } else if first.is_lowercase() {
            bits += LOWER_CASE_START;
        } else if matches!(first, '(' | '[' | '（') {
            bits += BRACKET_START;
        } else if first.is_ascii_digit() {
            bits += DIGIT_START;
        }
        if ends_in_joining_word(left) {
            bits += JOINING_WORD;
        }
        if depth > 0 {
            bits += INSIDE_BRACKETS;
        }
        bits += self.phrase(index);
        if self.ends.last.contains(left) {
            bits += ENDS_CELLS;
        }
        bits
    }

    /// The `count` words from `index` on, with one blank between them.
    fn joined(&self, index: usize, count: usize) -> Cow<'_, str> {
        let words = &self.words[index..index + count];
        let is_single = |pair: &[Span]| self.run.get(pair[0].end..pair[1].start) == Some(" ");
        match words {
            [first, .., last] if words.windows(2).all(is_single) => {
                Cow::Borrowed(Span::new(first.start, last.end).slice(self.run))
            }
            [only] => Cow::Borrowed(only.slice(self.run)),
            _ => Cow::Owned(words.iter().map(|word| word.slice(self.run)).collect::<Vec<_>>().join(" ")),
        }
    }

    /// What the words from `index` on say of a beginning: other cells of the column, or the run itself, begin so.
    fn phrase(&self, index: usize) -> f32 {
        let longest = (1..=MAX_PHRASE.min(self.words.len() - index)).rev();
        // Of a phrase that begins cells all shorter ones do.
        let begins = |count: &usize| self.ends.phrases.contains(&*self.joined(index, *count));
        let known = longest.clone().rev().take_while(begins).last();
        let other = known.map_or(0.0, |count| BEGINS_CELLS + BEGINS_LIKEWISE * (count - 1) as f32);
        let is_again = |count: &usize| (0..*count).all(|word| self.word(word) == self.word(index + word));
        let again = longest.clone().find(is_again).filter(|count| *count > 1);
        other.min(again.map_or(0.0, |count| BEGINS_LIKEWISE * count as f32))
    }

    /// Cost of words `start..end` as one piece.
    fn piece(&self, start: usize, end: usize) -> f32 {
        let text = Span::new(self.words[start].start, self.words[end - 1].end).slice(self.run);
        if text.len() > 300 {
            return 0.0;
        }
        let folded = normalized(text);
        if !self.model.values.is_empty() {
            return if self.model.values.contains(&folded) { LISTED_VALUE } else { UNLISTED_VALUE };
        }
        if self.cells.contains(&folded) { STANDS_ALONE } else { 0.0 }
    }
}

/// `9.`, `9.01`, `(a)`: a word that begins an item of a list.
pub(crate) fn is_enumerator(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let dotted = word.ends_with('.') && digits > 0 && digits + 1 == word.len() && digits <= 3;
    let bracketed = word.len() == 3 && word.starts_with('(') && word.ends_with(')');
    dotted || bracketed
}

/// A word after which no name ends: a comma, a conjunction, an article.
pub(crate) fn ends_in_joining_word(word: &str) -> bool {
    // The longest of them has four letters.
    word.ends_with([',', '-', '/', '&', '('])
        || word.len() <= 4
            && matches!(
                word.to_ascii_lowercase().as_str(),
                "of" | "and"
                    | "the"
                    | "for"
                    | "to"
                    | "in"
                    | "on"
                    | "by"
                    | "with"
                    | "from"
                    | "or"
                    | "a"
                    | "an"
                    | "at"
                    | "as"
                    | "und"
                    | "der"
                    | "die"
                    | "das"
                    | "von"
                    | "de"
                    | "la"
                    | "le"
                    | "et"
                    | "du"
                    | "des"
            )
}
