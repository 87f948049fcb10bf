//! Tables whose columns are printed one after the other, or in blocks of columns.
//!
//! ```text
//! print ─► stretches of lines ─► words, titles ─► search ─► what the reading teaches ─► search ─► set table
//! ```

mod furniture;
mod learn;
pub(crate) mod measure;
mod moves;
mod outlook;
mod partition;
pub(crate) mod search;
mod set;
mod shape;
mod titles;
mod unbound;

use super::print::Print;
use super::set::SetTable;
use crate::budget::Budget;
use crate::column::model::ColumnModel;
use crate::schema::{Catalog, Schema};
use crate::table::{Code, Diagnostic, Sink};
use crate::text::Span;

use super::words::{WordLine, Words};
use learn::Lexicon;
use measure::{Column, LineBreaks, Measure};
use moves::MoveBits;
use partition::CutBits;
use search::{Order, Reading, Search};
use titles::Titles;

/// Schemas that are tried on one stretch of text.
const SCHEMAS_TRIED: usize = 3;
/// Words of a stretch at most; longer ones are left to the other readers, which a diagnostic says.
const MAX_WORDS: usize = 4_000;

/// Bits that a reading as parts gains at most, against readings of other forms.
const PARTITION_GAIN: f32 = 1.0;

/// The tables of a print that are read so, each with the bits that the reading gains; `sink` hears what was too much to
/// be looked at.
pub(crate) fn find_tables(
    print: &Print<'_>,
    catalog: &Catalog,
    budget: &mut Budget,
    sink: &mut dyn Sink,
) -> Vec<SetTable> {
    let furniture = furniture::find_furniture(print);
    let reads_schemas = !catalog.is_builtin() && !has_gutters(print);
    let mut tables: Vec<SetTable> = Vec::new();
    for span in stretches(print) {
        if !reads_schemas && !unbound::may_hold_tables(print, span) {
            continue;
        }
        let words = Words::read(print.text, span, |line| furniture.contains(&line.start));
        if words.words.is_empty() {
            continue;
        }
        let first = tables.len();
        if reads_schemas {
            let is_long = words.words.len() > MAX_WORDS;
            for (rank, index) in candidates(print.text, &words, catalog).into_iter().enumerate() {
                let Some(schema) = catalog.schemas().get(index) else { continue };
                if is_long || rank >= SCHEMAS_TRIED {
                    if titles::are_printed(print.text, &words, schema) {
                        sink.report(left_unread(span, words.words.len()));
                        break;
                    }
                    continue;
                }
                let titles = Titles::find(print.text, &words, schema);
                if titles.starts.iter().all(Vec::is_empty) {
                    continue;
                }
                let task = Task { text: print.text, words: &words, titles, schema, index };
                tables.extend(task.read_states(budget));
                tables.extend(task.read_partition(budget));
            }
        }
        let bound: Vec<Span> = tables.iter().skip(first).map(|table| table.span).collect();
        let free = unbound::find_tables(print.text, &words);
        tables.extend(free.into_iter().filter(|table| !bound.iter().any(|span| span.overlaps(table.span))));
    }
    tables
}

/// The schemas to try on these words, and one more: all of a small catalog in its order, else those that have most
/// words in common with the lines that are no running text.
fn candidates(text: &str, words: &Words, catalog: &Catalog) -> Vec<usize> {
    if catalog.schemas().len() <= SCHEMAS_TRIED {
        return (0..catalog.schemas().len()).collect();
    }
    let lines = words.lines.iter().filter(|line| !line.is_prose);
    let of_line = |line: &WordLine| words.words.get(line.first..line.end).unwrap_or_default();
    let printed = lines.flat_map(of_line).take(MAX_WORDS).map(|word| word.span.slice(text));
    let found = catalog.candidates(printed, SCHEMAS_TRIED + 1);
    found.into_iter().filter(|(_, score)| *score > 0.0).map(|(schema, _)| schema).collect()
}

/// Says that columns printed one after the other were not, or not with all schemas, looked for.
fn left_unread(span: Span, words: usize) -> Diagnostic {
    let message = if words > MAX_WORDS {
        format!(
            "{words} words are too many to look for columns that are printed one after the other; at most \
             {MAX_WORDS} are read"
        )
    } else {
        format!(
            "more than {SCHEMAS_TRIED} schemas may name columns that are printed one after the other here; the \
             {SCHEMAS_TRIED} nearest were tried"
        )
    };
    let help = if words > MAX_WORDS { "give the pages apart" } else { "give fewer schemas" };
    Diagnostic::new(Code::BudgetSpent, message).at(span).with_help(help)
}

/// One line in so many with a gap between its words says that the print kept its columns as gutters.
const GAPPED_LINES: usize = 5;

/// Whether the print has kept columns as gutters of blanks: torn text has lost them.
fn has_gutters(print: &Print<'_>) -> bool {
    let lines = print.lines.iter().filter(|line| !line.is_blank() && !line.is_taken);
    let (all, gapped) =
        lines.fold((0, 0), |(all, gapped), line| (all + 1, gapped + usize::from(line.gaps > 0)));
    gapped * GAPPED_LINES > all
}

/// The parts of a print that belong to no other table.
fn stretches(print: &Print<'_>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut open: Option<Span> = None;
    for line in &print.lines {
        if line.is_taken {
            spans.extend(open.take());
        } else {
            open = Some(open.map_or(line.line.span, |span| span.cover(line.line.span)));
        }
    }
    spans.extend(open);
    spans
}

/// A stretch of words to read with one schema.
struct Task<'a> {
    text: &'a str,
    words: &'a Words,
    titles: Titles,
    schema: &'a Schema,
    /// Index of the schema in the catalog.
    index: usize,
}

impl Task<'_> {
    /// The columns as the schema has them, before anything is learned.
    fn columns(&self) -> Vec<Column> {
        let models =
            self.schema.fields.iter().map(|field| ColumnModel::of_field(field, self.schema)).collect();
        Column::all_of(models, &self.titles.is_titled)
    }

    /// The words under `columns`, and what the first reading has taught of them.
    fn measure<'m>(
        &'m self,
        columns: &'m [Column],
        breaks: LineBreaks,
        lexicon: Option<Lexicon>,
    ) -> Measure<'m> {
        let mut measure = Measure::new(self.text, self.words, columns, breaks);
        measure.lexicon = lexicon;
        measure
    }

    /// The table of a reading, with what it gains over prose.
    fn set(&self, columns: &[Column], reading: &Reading) -> Option<SetTable> {
        let prose: f32 = self.words.lines.iter().map(search::outside_bits).sum();
        let schema = (self.index, self.schema);
        set::set_table(self.text, self.words, columns, reading, schema, prose - reading.bits)
    }

    /// The table as the search among states reads it, twice.
    fn read_states(&self, budget: &mut Budget) -> Option<SetTable> {
        let columns = self.columns();
        let breaks = LineBreaks::expected(self.words);
        let mut read =
            |columns: &[Column], moves: &MoveBits, breaks, lexicon: Option<Lexicon>, orders: &[Order]| {
                let mut measure = self.measure(columns, breaks, lexicon);
                let mut best: Option<(Reading, Order)> = None;
                for &order in orders {
                    let reading = Search::new(&mut measure, &self.titles, moves, order).run(budget);
                    if let Some(reading) = reading
                        && best.as_ref().is_none_or(|(best, _)| reading.bits < best.bits)
                    {
                        best = Some((reading, order));
                    }
                }
                best
            };
        // Either order by itself leaves few readings, so that the search hardly errs; what the better one teaches
        // leads the search among all.
        let orders = [Order::Rows, Order::Columns];
        let (first, order) = read(&columns, &MoveBits::default(), breaks, None, &orders)?;
        let lesson = learn::learn(self.text, self.words, &columns, &first);
        let breaks = breaks.learned(lesson.lines, &lesson.spaces);
        let orders = [order, Order::Open];
        let (reading, _) = read(&lesson.columns, &lesson.moves, breaks, Some(lesson.lexicon), &orders)?;
        self.set(&lesson.columns, &reading)
    }

    /// The table as a recursive partition of the page, read twice: what the first reading teaches leads the second.
    fn read_partition(&self, budget: &mut Budget) -> Option<SetTable> {
        let columns = self.columns();
        let breaks = LineBreaks::expected(self.words);
        let mut measure = self.measure(&columns, breaks, None);
        let (first, cuts) = partition::read(&mut measure, &self.titles, CutBits::default(), budget)?;
        let lesson = learn::learn(self.text, self.words, &columns, &first);
        let breaks = breaks.learned(lesson.lines, &lesson.spaces);
        let mut measure = self.measure(&lesson.columns, breaks, Some(lesson.lexicon));
        let (reading, _) = partition::read(&mut measure, &self.titles, cuts, budget)?;
        let mut table = self.set(&lesson.columns, &reading)?;
        // Its bits are of a model of their own: it wins over other readings of the same lines by what it weighs alone.
        table.gain = table.gain.min(PARTITION_GAIN);
        table.is_parts = true;
        table.notes.push("torn: as parts side by side and one above another".to_owned());
        Some(table)
    }
}

#[cfg(test)]
mod tests;
