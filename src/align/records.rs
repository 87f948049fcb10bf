//! Records: the printed rows of a body to the rows of the result.
//!
//! A clean row is one row-major block of one record and costs no search: every cell fits its column. Where a
//! cell does not fit, the dearer readings of the row compete in bits: the row as it stands, or a packed block of
//! n records filled column by column ([`super::packed`]).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::adjacency::Adjacency;
use super::alignment::{
    AlignedCell, AlignedColumn, AlignedRow, Alignment, Choice, ChoiceOption, Content, Slot,
};
use super::boxhead::{CellClass, classify};
use super::layout::{Layout, OutColumn};
use super::overlong::Rests;
use super::packed::{PackedBlock, known_pieces, read_packed};
use super::run::Run;
use super::segment::{Segmentation, segment_choices, segment_run};
use super::shift::{FillPatterns, Question, read_shifted};
use super::standing::{StandingReader, Stretch, count_patterns, part_rows};
use super::wrap::join_wrapped_rows;
use crate::budget::Budget;
use crate::column::fit::{Fit, SEVERAL_VALUES, fit, fit_all};
use crate::column::model::{ColumnModel, normalized};
use crate::grid::Grid;
use crate::schema::FieldKind;
use crate::table::{CellMark, CellValue, Origin, Spans};
use crate::text::Span;
use crate::text::value::read_plain_number;

/// A cell that costs more than this starts the search for another reading of its row.
pub(crate) const TROUBLE: f32 = 4.5;
/// A repair is settled where the next reading is this much dearer.
pub(crate) const SETTLED: f32 = 7.0;
/// A reading this much dearer than the best is no reading any more.
pub(crate) const LIVE: f32 = 10.0;
/// Several labels that the schema knows in one stub cell: two records, whatever the values say.
const SEVERAL_LABELS: f32 = 14.0;
/// Words that may be those of two records.
const SEVERAL_WORDS: usize = 3;
/// A repair must gain so many bits on the row as it stands.
const REPAIR_MARGIN: f32 = 4.0;

/// A logical row: the runs of its grid columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogicalRow<'t> {
    pub(crate) runs: Vec<Option<Run<'t>>>,
    pub(crate) line: usize,
    /// Number of its printed cells, empty ones too.
    pub(crate) printed: usize,
}

/// One cell of the result while its row is built.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft<'t> {
    pub(crate) content: Content<'t>,
    pub(crate) slot: Slot,
    pub(crate) margin: f32,
}

impl<'t> Draft<'t> {
    /// A slot in which nothing is printed.
    pub(crate) fn empty(slot: Slot) -> Self {
        Self { content: Content::default(), slot, margin: f32::INFINITY }
    }

    /// A part of a run as it was measured.
    pub(crate) fn printed(run: &Run<'t>, part: Span, fit: &Fit, origin: Origin) -> Self {
        let body = fit.body.shifted(part.start);
        let marks = fit
            .marks
            .iter()
            .flat_map(|mark| {
                let at = mark.span.shifted(part.start);
                run.source(at).into_iter().map(move |span| (at, span))
            })
            .map(|(at, span)| CellMark { text: run.part(at).into_owned(), span })
            .collect();
        let mut content =
            Content { text: run.part(body), value: fit.value, spans: run.source(body), origin, marks };
        if fit.is_damaged {
            close_gaps(&mut content, run, body);
        }
        Self { content, slot: if fit.is_nil { Slot::Nil } else { Slot::Printed }, margin: fit.margin }
    }
}

/// Takes the blanks out of a number that extraction tore apart. Where that alone does not give the value, a
/// separator was lost to the blank: the print stays, and the value holds the reading.
fn close_gaps(content: &mut Content<'_>, run: &Run<'_>, body: Span) {
    let Some(CellValue::Number(amount)) = content.value else { return };
    let printed = body.slice(&run.text);
    let closed: String = printed.chars().filter(|character| !character.is_whitespace()).collect();
    if read_plain_number(&closed).is_none_or(|number| number.amount != amount) {
        content.origin = Origin::Corrected;
        return;
    }
    let mut pieces = Spans::new();
    let mut at = 0;
    for piece in printed.split(char::is_whitespace) {
        if !piece.is_empty() {
            pieces.extend(run.source(Span::new(at, at + piece.len()).shifted(body.start)));
        }
        at += piece.len() + printed[at + piece.len()..].chars().next().map_or(0, char::len_utf8);
    }
    content.text = closed.into();
    content.spans = pieces;
    content.origin = Origin::Joined;
}

/// A row of the result while it is built, and what it cost.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowDraft<'t> {
    pub(crate) cells: Vec<Draft<'t>>,
    pub(crate) line: usize,
    pub(crate) bits: f32,
    /// Cost of its dearest cell.
    pub(crate) worst: f32,
    /// Number of cells that are no value of their column as they stand.
    pub(crate) misfits: usize,
    /// Runs of several columns whose segmentation the print leaves open.
    pub(crate) open: Vec<OpenRun<'t>>,
}

/// A run of several columns with more than one near segmentation.
#[derive(Clone, Debug)]
pub(crate) struct OpenRun<'t> {
    /// The columns.
    pub(crate) outs: Range<usize>,
    /// The segmentations with their costs, the cheapest first: one cell a column.
    pub(crate) options: Vec<(f32, Vec<Draft<'t>>)>,
}

impl RowDraft<'_> {
    /// Says of cells that they were printed in the place of another column.
    pub(crate) fn mark_moved(&mut self, outs: Range<usize>) {
        for cell in &mut self.cells[outs] {
            if cell.slot == Slot::Printed || cell.slot == Slot::Nil {
                cell.content.origin = Origin::Moved;
            }
        }
    }
}

/// Text cells of a packed block that are still one run: cut once the whole document can testify.
#[derive(Clone, Debug)]
pub(crate) struct PendingCut<'t> {
    pub(crate) column: usize,
    pub(crate) rows: Vec<usize>,
    pub(crate) run: Run<'t>,
}

/// What the body of a table became.
pub(crate) struct Body<'t> {
    pub(crate) alignment: Alignment<'t>,
    pub(crate) pending: Vec<PendingCut<'t>>,
}

/// What the schema and the document say of a body, beside its layout.
pub(crate) struct Knowledge<'a> {
    /// Row labels that the schema knows, normalised.
    pub(crate) labels: BTreeSet<String>,
    /// Cells that the schema's checks name: by row label, the columns of the result.
    pub(crate) expected: BTreeMap<String, BTreeSet<usize>>,
    /// Second pieces of numbers that were split over two cells, by row and column of the grid.
    pub(crate) rests: Rests,
    /// The grid column that every record fills on its first line.
    pub(crate) anchor: Option<usize>,
    /// The document, asked whether two words stand side by side in it.
    pub(crate) witness: &'a Adjacency<'a>,
    /// Whether a reader of undelimited print has made the rows and told the fields: they are neither joined nor
    /// shifted once more.
    pub(crate) is_bound: bool,
}

/// Aligns the body of a grid.
pub(crate) fn align_body<'t>(
    text: &'t str,
    grid: &Grid,
    header_rows: usize,
    layout: &Layout,
    columns: Vec<AlignedColumn>,
    knowledge: &Knowledge<'_>,
    budget: &mut Budget,
) -> Body<'t> {
    let mut body = Body { alignment: Alignment { columns, ..Alignment::default() }, pending: Vec::new() };
    let stretches = part_rows(text, grid, header_rows, layout, knowledge);
    let patterns = fill_patterns(text, grid, header_rows, layout, &stretches);
    let reader = StandingReader::new(text, grid, layout, patterns.full_columns(), knowledge);
    // Rows of clean tables become records one by one.
    let records = grid.rows.len().saturating_sub(header_rows);
    body.alignment.rows.reserve(records);
    body.alignment.cells.reserve(records.saturating_mul(layout.outs.len()));
    for stretch in &stretches {
        match stretch {
            Stretch::Standing(rows) => {
                for index in reader.rows(rows.clone()) {
                    if !reader.push(index, &mut body.alignment) {
                        let alone = join_wrapped_rows(text, grid, index..index + 1, layout, knowledge);
                        alone.iter().for_each(|row| {
                            align_row(row, layout, &patterns, knowledge, &mut body, budget);
                        });
                    }
                }
            }
            Stretch::Joined(rows) => {
                rows.iter().for_each(|row| align_row(row, layout, &patterns, knowledge, &mut body, budget));
            }
        }
    }
    body
}

/// The patterns in which the rows of a body are filled.
fn fill_patterns<'a>(
    text: &'a str,
    grid: &'a Grid,
    header_rows: usize,
    layout: &Layout,
    stretches: &[Stretch<'_>],
) -> FillPatterns<'a> {
    let mut patterns = FillPatterns::new(text, grid, header_rows);
    for (set, rows) in count_patterns(grid, stretches) {
        patterns.add_pattern((0..grid.width).map(|column| set >> column & 1 == 1).collect(), rows);
    }
    let joined = stretches.iter().filter_map(|stretch| match stretch {
        Stretch::Joined(rows) => Some(rows),
        Stretch::Standing(_) => None,
    });
    let joined: Vec<&LogicalRow<'_>> = joined.flatten().collect();
    // Rows with too few cells fill other columns than those they stand in, unless it is the habit of the table.
    let ragged = joined.iter().filter(|row| is_ragged(row, layout)).count();
    patterns.is_ragged_habit = 2 * ragged >= patterns.rows() + joined.len();
    for row in joined {
        if !is_ragged(row, layout) || patterns.counts_ragged(row, layout) {
            patterns.add(row);
        }
    }
    patterns
}

/// Whether a row has too few cells to fill a column that checks compute.
pub(super) fn lacks_result(row: &LogicalRow<'_>, layout: &Layout) -> bool {
    let missing = row.printed..layout.grid.len();
    missing.flat_map(|column| layout.outs_of(column)).any(|out| layout.outs[out].model.is_result)
}

/// Adds a row as it stands, or as the cheapest of its dearer readings.
fn align_row<'t>(
    row: &LogicalRow<'t>,
    layout: &Layout,
    patterns: &FillPatterns<'_>,
    knowledge: &Knowledge<'_>,
    body: &mut Body<'t>,
    budget: &mut Budget,
) {
    let mut draft = read_as_it_stands(row, layout);
    question_decimals(&mut draft, layout);
    question_broken(row, &mut draft, layout);
    let trouble = Trouble::of(row, &draft, layout, patterns, knowledge);
    if trouble == Trouble::default() {
        push_row(draft, layout, &mut body.alignment);
    } else {
        mend_row(row, draft, &trouble, layout, patterns, knowledge, body, budget);
    }
}

/// A print with one decimal more than its column or its table, in a row that has the habit of the table, may end in a
/// footnote digit: the bits by which the print is the likelier of the two.
const DECIMAL_MORE: f32 = 1.0;

/// Questions numbers with one decimal more than the table prints, where the rest of their row keeps its habit.
fn question_decimals(draft: &mut RowDraft<'_>, layout: &Layout) {
    let Some(habit) = layout.scale else { return };
    let scale = |cell: &Draft<'_>| match cell.content.value {
        Some(CellValue::Number(amount)) if !amount.is_zero() => Some(amount.scale()),
        _ => None,
    };
    let is_plain = |out: usize| layout.outs[out].model.is_numeric() && !layout.outs[out].model.percent;
    let mates = (0..draft.cells.len()).filter(|out| is_plain(*out));
    let (kept, over): (Vec<usize>, Vec<usize>) = mates
        .filter(|out| scale(&draft.cells[*out]).is_some_and(|scale| scale == habit || scale == habit + 1))
        .partition(|out| scale(&draft.cells[*out]) == Some(habit));
    if kept.is_empty() || over.len() > kept.len() {
        return;
    }
    for out in over {
        let own = layout.outs[out].model.scale;
        if own.is_none_or(|own| own == habit) && draft.cells[out].content.marks.is_empty() {
            draft.cells[out].margin = draft.cells[out].margin.min(DECIMAL_MORE);
        }
    }
}

/// Questions numbers that end in a comma or a point, in columns that print decimals: the rest of them is lost.
fn question_broken(row: &LogicalRow<'_>, draft: &mut RowDraft<'_>, layout: &Layout) {
    for (column, run) in row.runs.iter().enumerate() {
        let (Some(run), true) = (run, column < layout.grid.len()) else { continue };
        for out in layout.outs_of(column) {
            let model = &layout.outs[out].model;
            if model.scale.is_some_and(|scale| scale > 0) && is_broken_off(&run.text, model) {
                draft.cells[out].margin = 0.0;
            }
        }
    }
}

/// Why a row is not taken as it stands.
#[derive(Debug, Default, PartialEq, Eq)]
struct Trouble {
    /// A cell does not fit its column.
    misfit: bool,
    /// A column that every other row fills is empty.
    hole: bool,
    /// The row has fewer cells than the table, and ends in a value: which column is missing is not printed.
    ragged: bool,
    /// The stub is several labels that the schema knows.
    several_labels: bool,
    /// Columns that a check expects to be filled in this row, and that are empty.
    expected: BTreeSet<usize>,
    /// Columns that checks compute, empty at the end of a row with other numbers.
    results: BTreeSet<usize>,
}

/// Whether a check computes the column, and most rows fill it.
pub(super) fn is_result(out: &OutColumn) -> bool {
    out.model.is_result && out.blank_rate < 0.5
}

/// The columns that checks compute, and most rows fill, in which a row with other numbers has nothing, where it ends
/// in an empty cell: its values may have slid over, or the result is lost.
fn missing_results(row: &LogicalRow<'_>, draft: &RowDraft<'_>, layout: &Layout) -> BTreeSet<usize> {
    let is_last_filled =
        layout.grid.len().checked_sub(1).is_some_and(|last| row.runs.get(last).is_some_and(Option::is_some));
    let cells = || draft.cells.iter().zip(&layout.outs).enumerate();
    let has_numbers = cells().any(|(_, (cell, out))| cell.slot == Slot::Printed && out.model.is_numeric());
    if is_last_filled || !has_numbers {
        return BTreeSet::new();
    }
    cells()
        .filter(|(_, (cell, out))| cell.slot == Slot::Blank && is_result(out))
        .map(|(index, _)| index)
        .collect()
}

impl Trouble {
    fn of(
        row: &LogicalRow<'_>,
        draft: &RowDraft<'_>,
        layout: &Layout,
        patterns: &FillPatterns<'_>,
        knowledge: &Knowledge<'_>,
    ) -> Self {
        let mut trouble = Self {
            misfit: draft.worst > TROUBLE,
            hole: patterns.has_hole(row),
            ragged: is_ragged(row, layout),
            results: missing_results(row, draft, layout),
            ..Self::default()
        };
        if knowledge.labels.is_empty() {
            return trouble;
        }
        let Some(stub) = stub_of(draft, layout) else { return trouble };
        let label = &draft.cells[stub].content.text;
        let folded = normalized(label);
        if !knowledge.labels.contains(&folded) {
            trouble.several_labels =
                known_pieces(label, &knowledge.labels, &layout.outs[stub].model).is_some();
        }
        if let Some(columns) = knowledge.expected.get(&folded) {
            let is_empty = |out: &usize| draft.cells.get(*out).is_some_and(|cell| cell.slot == Slot::Blank);
            trouble.expected.extend(columns.iter().copied().filter(is_empty));
        }
        trouble
    }
}

/// The first column with words, which name the row.
fn stub_of(draft: &RowDraft<'_>, layout: &Layout) -> Option<usize> {
    let is_words = |out: &usize| layout.outs[*out].model.kind == FieldKind::String;
    (0..draft.cells.len())
        .filter(is_words)
        .find(|out| classify(&draft.cells[*out].content.text) == CellClass::Words)
}

fn is_ragged(row: &LogicalRow<'_>, layout: &Layout) -> bool {
    let last = row.runs.iter().rposition(Option::is_some);
    let holds_value = |column: usize| {
        let outs = layout.outs_of(column);
        layout.outs.get(outs.start).is_some_and(|out| !outs.is_empty() && out.model.is_numeric())
    };
    row.printed < layout.grid.len() && last.is_some_and(|last| last + 1 == row.printed && holds_value(last))
}

/// Lets the dearer readings of a row compete with the row as it stands.
#[expect(clippy::too_many_arguments, reason = "the row, what is known of its table, and where it goes")]
fn mend_row<'t>(
    row: &LogicalRow<'t>,
    draft: RowDraft<'t>,
    trouble: &Trouble,
    layout: &Layout,
    patterns: &FillPatterns<'_>,
    knowledge: &Knowledge<'_>,
    body: &mut Body<'t>,
    budget: &mut Budget,
) {
    let packed = if trouble.misfit || trouble.several_labels {
        read_packed(row, layout, knowledge, budget)
    } else {
        None
    };
    let several = if trouble.several_labels { SEVERAL_LABELS } else { 0.0 };
    let stands = draft.bits + several + packed.as_ref().map_or(0.0, PackedBlock::surplus);
    let none = BTreeSet::new();
    let label = stub_of(&draft, layout).map(|stub| normalized(&draft.cells[stub].content.text));
    let question = Question {
        named: label.and_then(|label| knowledge.expected.get(&label)).unwrap_or(&none),
        expected: &trouble.expected,
        results: &trouble.results,
        is_ragged: trouble.ragged,
    };
    let shifted = |budget: &mut Budget| match knowledge.is_bound {
        true => None,
        false => read_shifted(row, layout, patterns, &question, budget),
    };
    if let Some(mut packed) = packed.filter(|packed| packed.bits + REPAIR_MARGIN < stands) {
        // A row with a hole may have one crowded cell, which holds its neighbour's value, instead of several records.
        let crowded = if trouble.hole { shifted(budget) } else { None };
        let crowded = crowded.filter(|shifted| !shifted.is_as_it_stands);
        match crowded.filter(|crowded| crowded.bits + REPAIR_MARGIN < packed.bits) {
            Some(crowded) => crowded.push(layout, body),
            None => {
                packed.margin = packed.margin.min(stands - packed.bits);
                packed.push(layout, &knowledge.expected, body);
            }
        }
        return;
    }
    match shifted(budget) {
        Some(shifted) if !shifted.is_as_it_stands => shifted.push(layout, body),
        _ => {
            let mut draft = draft;
            if draft.worst >= SEVERAL_VALUES {
                // Several values in one cell, and no reading of the row that says why: its words may be several too.
                let is_long = |cell: &&mut Draft<'_>| {
                    cell.content.value == Some(CellValue::Text)
                        && cell.content.text.split_whitespace().nth(SEVERAL_WORDS - 1).is_some()
                };
                let is_packed = draft.misfits > 1;
                let doubtful = draft.cells.iter_mut().filter(|cell| is_packed || is_long(cell));
                doubtful.for_each(|cell| cell.margin = 0.0);
            }
            push_row(draft, layout, &mut body.alignment);
        }
    }
}

/// Every run in the columns that its grid column holds.
pub(crate) fn read_as_it_stands<'t>(row: &LogicalRow<'t>, layout: &Layout) -> RowDraft<'t> {
    let mut draft = RowDraft { line: row.line, ..RowDraft::default() };
    draft.cells.reserve_exact(layout.outs.len());
    for out in &layout.outs {
        draft.cells.push(Draft::empty(if out.grid_column.is_some() { Slot::Blank } else { Slot::Absent }));
    }
    for (column, run) in row.runs.iter().enumerate() {
        let Some(run) = run else { continue };
        let outs = layout.outs_of(column);
        let bits = match outs.len() {
            0 => 0.0,
            1 => read_whole(run, outs.start, layout, &mut draft),
            _ => read_segments(run, column, layout, &mut draft),
        };
        draft.bits += bits;
        draft.misfits += usize::from(bits > TROUBLE);
        draft.worst = draft.worst.max(bits);
    }
    draft
}

fn read_whole<'t>(run: &Run<'t>, out: usize, layout: &Layout, draft: &mut RowDraft<'t>) -> f32 {
    let fit = fit(&run.text, &layout.outs[out].model);
    let origin = if run.is_single() { Origin::Verbatim } else { Origin::Joined };
    let mut cell = Draft::printed(run, Span::new(0, run.text.len()), &fit, origin);
    cell.margin = cell.margin.min(layout.groups_margin(&run.text, out));
    let column = &layout.outs[out];
    let is_open = column.is_questioned && (column.model.is_numeric() || ends_in_amount(&run.text));
    if fit.bits >= SEVERAL_VALUES || is_broken_off(&run.text, &column.model) || is_open {
        // Nobody prints several values in the place of one, or half a number: it stands, and nothing says that it
        // is right.
        cell.margin = 0.0;
    }
    draft.cells[out] = cell;
    fit.bits
}

fn read_segments<'t>(run: &Run<'t>, column: usize, layout: &Layout, draft: &mut RowDraft<'t>) -> f32 {
    let held = &layout.grid[column];
    let models: Vec<_> = layout.outs[held.outs.clone()].iter().map(|out| &out.model).collect();
    let Some(cut) = segment_run(&run.text, &models, &held.bracketed) else {
        return read_whole(run, held.outs.start, layout, draft) + crate::column::fit::TEXT_AS_NUMBER;
    };
    for (mut cell, out) in cells_of(run, &cut).into_iter().zip(held.outs.clone()) {
        if layout.outs[out].is_questioned {
            cell.margin = 0.0;
        }
        if cell.slot != Slot::Blank {
            draft.cells[out] = cell;
        }
    }
    if cut.margin < SETTLED {
        let ways = segment_choices(&run.text, &models, &held.bracketed);
        let live = ways.iter().filter(|way| way.bits - cut.bits < LIVE);
        let options = live.map(|way| (way.bits - cut.bits, cells_of(run, way))).collect();
        draft.open.push(OpenRun { outs: held.outs.clone(), options });
    }
    cut.bits
}

/// Whether words end in a number.
fn ends_in_amount(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit() || c == ')')
}

/// Whether a number ends in its separator: the rest was lost, or stands elsewhere.
fn is_broken_off(text: &str, model: &ColumnModel) -> bool {
    let body = text.strip_suffix([',', '.']).unwrap_or_default();
    model.is_numeric() && body.ends_with(|c: char| c.is_ascii_digit())
}

/// The cells that a segmentation makes of a run, one a column.
fn cells_of<'t>(run: &Run<'t>, cut: &Segmentation) -> Vec<Draft<'t>> {
    let filled = cut.pieces.iter().flatten().count();
    let cell = |piece: &Option<(Span, Fit)>| {
        let Some((part, fit)) = piece else { return Draft::empty(Slot::Blank) };
        let whole = filled == 1 && part.len() == run.text.len() && run.is_single();
        let origin = if whole && cut.margin >= SETTLED { Origin::Verbatim } else { Origin::Split };
        let mut cell = Draft::printed(run, *part, fit, origin);
        cell.margin = cell.margin.min(cut.margin);
        cell
    };
    cut.pieces.iter().map(cell).collect()
}

/// Adds a row to the alignment; what it is gets named once its texts are cut. A number whose print has two near
/// readings (a footnote mark glued to it, a point that may group) becomes a choice.
pub(crate) fn push_row<'t>(draft: RowDraft<'t>, layout: &Layout, alignment: &mut Alignment<'t>) {
    let first = alignment.cells.len();
    alignment.rows.push(AlignedRow { line: draft.line, ..AlignedRow::default() });
    let mut open: Vec<usize> = Vec::new();
    for (out, cell) in draft.cells.into_iter().enumerate() {
        let is_number = matches!(cell.content.value, Some(CellValue::Number(_)));
        if is_number && cell.margin < SETTLED && cell.content.origin == Origin::Verbatim {
            open.push(out);
        }
        alignment.cells.push(AlignedCell {
            doubt: f32::INFINITY,
            content: cell.content,
            slot: cell.slot,
            margin: cell.margin,
            choice: None,
        });
    }
    for run in draft.open {
        open.retain(|out| !run.outs.contains(out));
        open_run(alignment, first, run);
    }
    for out in open {
        open_readings(alignment, first + out, layout, out);
    }
}

/// Makes a choice of the near segmentations of one run, over the cells in which they differ. `first`: index of the
/// row's first cell.
fn open_run<'t>(alignment: &mut Alignment<'t>, first: usize, run: OpenRun<'t>) {
    let Some((_, best)) = run.options.first() else { return };
    let differs = |column: &usize| {
        let is_other = |(_, cells): &(f32, Vec<Draft<'t>>)| {
            cells[*column].content.spans != best[*column].content.spans
                || cells[*column].content.value != best[*column].content.value
        };
        run.options.iter().any(is_other)
    };
    let differing: Vec<usize> = (0..best.len()).filter(differs).collect();
    if differing.is_empty() {
        return;
    }
    let place = |column: usize| first + run.outs.start + column;
    let option = |(bits, cells): &(f32, Vec<Draft<'t>>)| ChoiceOption {
        bits: *bits,
        has_losses: false,
        cells: differing
            .iter()
            .map(|&column| (place(column), cells[column].slot, cells[column].content.clone()))
            .collect(),
    };
    let options = run.options.iter().map(option).collect();
    let index = push_choice(alignment, Choice::Readings(options));
    let cells: Vec<usize> = differing.iter().map(|&column| place(column)).collect();
    mark_cells(alignment, index, &cells);
}

/// Makes a choice of the near readings of one printed number.
fn open_readings(alignment: &mut Alignment<'_>, cell: usize, layout: &Layout, out: usize) {
    let content = &alignment.cells[cell].content;
    let (Some(first), Some(last)) = (content.spans.first(), content.spans.last()) else { return };
    let end = content.marks.iter().map(|mark| mark.span.end).fold(last.end, usize::max);
    let start = content.marks.iter().map(|mark| mark.span.start).fold(first.start, usize::min);
    let mut printed = content.text.to_string();
    for mark in &content.marks {
        if mark.span.start >= last.end {
            printed.push_str(&mark.text)
        } else {
            printed.insert_str(0, &mark.text)
        }
    }
    if printed.len() != end - start {
        return;
    }
    let whole = Run::owned(printed, Span::new(start, end));
    let model = &layout.outs[out].model;
    let habit = ColumnModel { scale: model.scale.or(layout.scale), ..model.clone() };
    let fits = fit_all(&whole.text, &habit);
    let Some(least) = fits.first().map(|fit| fit.bits) else { return };
    let options: Vec<ChoiceOption<'_>> = fits
        .iter()
        .filter(|fit| fit.bits - least < LIVE)
        .map(|fit| {
            let draft = Draft::printed(&whole, Span::new(0, whole.text.len()), fit, Origin::Verbatim);
            let cells = vec![(cell, draft.slot, draft.content)];
            ChoiceOption { bits: fit.bits - least, has_losses: false, cells }
        })
        .collect();
    if options.len() > 1 {
        let index = push_choice(alignment, Choice::Readings(options));
        mark_cells(alignment, index, &[cell]);
    }
}

/// Marks the cells of a placement as belonging to choice `index`.
pub(crate) fn mark_choice(alignment: &mut Alignment<'_>, index: usize, column: usize, rows: &[usize]) {
    let width = alignment.columns.len().max(1);
    for &row in rows {
        if let Some(cell) = alignment.cells.get_mut(row * width + column) {
            cell.choice = u32::try_from(index).ok();
        }
    }
}

/// Marks cells, by index, as belonging to choice `index`.
pub(crate) fn mark_cells(alignment: &mut Alignment<'_>, index: usize, cells: &[usize]) {
    for &cell in cells {
        if let Some(cell) = alignment.cells.get_mut(cell) {
            cell.choice = u32::try_from(index).ok();
        }
    }
}

/// Adds a choice; its index.
pub(crate) fn push_choice<'t>(alignment: &mut Alignment<'t>, choice: Choice<'t>) -> usize {
    alignment.choices.push(choice);
    alignment.choices.len() - 1
}
