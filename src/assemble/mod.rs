//! Assembly: alignment and verdicts put together into the table that a caller gets.

mod confidence;
mod plain;
mod scale;

use std::cell::OnceCell;
use std::sync::Arc;

use crate::align::{Aligned, AlignedCell, AlignedColumn, Alignment, Choice, Content, Placement, Slot};
use crate::proof::{CellVerdict, CleanVerdicts, Outcome, TableVerdicts, TableView};
use crate::region::Region;
use crate::table::{
    Alternative, Cell, CellDetail, CellValue, Check, Checks, Column, Origin, Passage, Row, RowKind, Rows,
    Scale, Spans, Status, Table,
};
use crate::text::Span;

use confidence::{Mean, confidence_of};
use plain::PlainRows;
use scale::find_scale;

/// No more alternatives than this are listed in a cell.
const MAX_ALTERNATIVES: usize = 8;

/// Puts one table together.
pub(crate) fn assemble_table<'t>(
    text: &'t str,
    region: &Region,
    alignment: Alignment<'t>,
    verdicts: TableVerdicts,
) -> Table<'t> {
    let frame = frame(text, region, &alignment);
    let width = alignment.columns.len();
    // Only what is inferred asks whether its column prints zeros.
    let is_inferred = |cell: &CellVerdict| matches!(cell.outcome, Outcome::Inferred(_));
    let zeros = if verdicts.cells.iter().any(is_inferred) {
        columns_that_print_zero(&alignment)
    } else {
        vec![false; width]
    };
    let Alignment { rows, cells, choices, columns: aligned, .. } = alignment;
    let mut body = Body::with_capacity(rows.len());
    let mut cells = cells.into_iter().zip(verdicts.cells);
    for (index, row) in rows.into_iter().enumerate() {
        let own = cells.by_ref().take(width).enumerate().map(|(column, (cell, verdict))| {
            if is_settled(&cell, &verdict) {
                return settled_cell(cell, verdict);
            }
            let place = Place { row: index, flat: index * width + column, prints_zero: zeros[column] };
            assemble_cell(cell, verdict, place, &aligned[column], &choices)
        });
        body.push(row.kind, row.line, width, own);
    }
    body.close(frame, verdicts.checks)
}

/// Puts a table together that raises no question.
pub(crate) fn assemble_clean_table<'t>(
    text: &'t str,
    region: &Region,
    table: Aligned<'t>,
    verdicts: CleanVerdicts,
) -> Table<'t> {
    if table.plain.is_none() {
        let verdicts = verdicts.into_verdicts(TableView::of(&table, text));
        return assemble_table(text, region, table.alignment, verdicts);
    }
    let frame = frame(text, region, &table.alignment);
    let verdicts = Arc::new(verdicts);
    let rows = PlainRows::of(table, Arc::clone(&verdicts));
    let confidence = rows.confidence();
    let rows = Rows::stored(Arc::new(rows), text);
    Table { rows, confidence, checks: Checks::stored(verdicts), ..frame }
}

/// The rows of a table while they are put together.
struct Body<'t> {
    rows: Vec<Row<'t>>,
    /// Of the filled cells.
    confidence: Mean,
}

impl<'t> Body<'t> {
    fn with_capacity(rows: usize) -> Self {
        Self { rows: Vec::with_capacity(rows), confidence: Mean::default() }
    }

    /// Adds a row of `width` cells.
    #[inline]
    fn push(&mut self, kind: RowKind, line: usize, width: usize, cells: impl Iterator<Item = Cell<'t>>) {
        let mut own: Vec<Cell<'t>> = Vec::with_capacity(width);
        own.extend(cells);
        // Looked at where they stand: a cell that is looked at before is put together elsewhere, and copied.
        for cell in own.iter().filter(|cell| cell.is_filled()) {
            self.confidence.add(cell.confidence, 1);
        }
        self.rows.push(Row { kind, line, cells: own });
    }

    /// The table that `frame` stands around.
    fn close(self, frame: Table<'t>, checks: Vec<Check>) -> Table<'t> {
        let (rows, checks) = (self.rows.into(), checks.into());
        Table { rows, confidence: self.confidence.get(), checks, ..frame }
    }
}

/// A table without its rows and checks.
fn frame<'t>(text: &'t str, region: &Region, alignment: &Alignment<'t>) -> Table<'t> {
    let schema = alignment.schema.clone();
    // The caption says the same of every column.
    let of_caption = OnceCell::new();
    let of_caption = || {
        let mut captions = region.caption.iter();
        *of_caption.get_or_init(|| captions.find_map(|span| find_scale(text, *span)))
    };
    let column = |column| assemble_column(text, column, schema.as_deref(), of_caption);
    let passages = |spans: &[Span]| spans.iter().map(|span| passage(text, *span)).collect();
    Table {
        columns: alignment.columns.iter().map(column).collect(),
        schema: schema.as_ref().map(|schema| schema.name.clone()),
        span: region.span,
        page: region.lines.first().map_or(1, |line| line.line.page),
        line: region.lines.first().map_or(1, |line| line.line.number),
        caption: passages(&region.caption),
        notes: passages(&region.notes),
        left_over: passages(&alignment.left_over),
        confidence: 0.0,
        rows: Rows::default(),
        checks: Checks::default(),
    }
}

/// For every column, whether it prints its zeros: it has no printed blank among its records, and the table prints
/// a zero or a nil mark somewhere.
fn columns_that_print_zero(alignment: &Alignment<'_>) -> Vec<bool> {
    let width = alignment.columns.len().max(1);
    let is_zero = |cell: &AlignedCell<'_>| match cell.content.value {
        Some(CellValue::Number(value)) => value.is_zero(),
        _ => cell.slot == Slot::Nil,
    };
    let tokens = alignment.choices.iter().filter_map(|choice| match choice {
        Choice::Placement(placement) => Some(&placement.tokens),
        _ => None,
    });
    let token_zero = tokens.flatten().any(|token| match token.value {
        Some(CellValue::Number(value)) => value.is_zero(),
        value => value.is_none(),
    });
    let somewhere = token_zero || alignment.cells.iter().any(is_zero);
    let mut prints = vec![somewhere; alignment.columns.len()];
    for (index, cell) in alignment.cells.iter().enumerate() {
        let is_record = alignment.rows.get(index / width).is_some_and(|row| row.kind == RowKind::Data);
        if is_record && cell.slot == Slot::Blank {
            prints[index % width] = false;
        }
    }
    prints
}

fn passage(text: &str, span: Span) -> Passage {
    let words: Vec<&str> = span.slice(text).split_whitespace().collect();
    Passage { text: words.join(" "), spans: Spans::from_iter([span]) }
}

fn assemble_column(
    text: &str,
    column: &AlignedColumn,
    schema: Option<&crate::schema::Schema>,
    of_caption: impl FnOnce() -> Option<Scale>,
) -> Column {
    let field = column.field.and_then(|field| schema.and_then(|schema| schema.fields.get(field)));
    let numeric = column.kind.is_numeric() && !column.percent;
    let mut headers = column.header.iter().flat_map(|cell| cell.spans.first().copied());
    let scale =
        if numeric { headers.find_map(|span| find_scale(text, span)).or_else(of_caption) } else { None };
    Column {
        name: field.map(|field| field.name.clone()),
        title: column.title.clone(),
        schema_title: field.map(|field| field.title.clone()),
        kind: column.kind,
        percent: column.percent,
        unit: field.and_then(|field| field.unit.clone()),
        scale,
        header: column.header.iter().map(|cell| cell.text.clone()).collect(),
        header_cells: column.header.clone(),
    }
}

/// Where a cell stands.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    /// Whether the column prints a zero where its value is zero.
    prints_zero: bool,
    /// Index in the alignment's cells.
    flat: usize,
}

/// One cell: its content after the verdict, its status, and how sure that is.
fn assemble_cell<'t>(
    cell: AlignedCell<'t>,
    verdict: CellVerdict,
    place: Place,
    column: &AlignedColumn,
    choices: &[Choice<'t>],
) -> Cell<'t> {
    let AlignedCell { content, slot, margin, doubt, choice } = cell;
    let choice = choice.and_then(|index| choices.get(index as usize));
    let inferred = match verdict.outcome {
        // Where the author leaves a zero blank, nothing was printed and nothing is lost.
        Outcome::Inferred(value) if value.is_zero() && !place.prints_zero => None,
        Outcome::Inferred(value) => Some(value),
        _ => None,
    };
    let corrected = match verdict.outcome {
        Outcome::Corrected(value) => Some(CellValue::Number(value)),
        _ => None,
    };
    // A proof says what the number is; where its cell stands is another question if the print has lost that.
    let is_settled =
        doubt >= 0.0 && (verdict.is_settled || verdict.status == Status::Proven || inferred.is_some());
    let is_placed = matches!(choice, Some(Choice::Placement(_)));
    let (content, slot) = resolve(content, slot, verdict.outcome, is_placed, place, choices);
    let is_missing = inferred.is_none() && content.text.is_empty() && slot != Slot::Blank;
    let origin = match (inferred, is_missing) {
        (Some(_), _) => Origin::Inferred,
        (None, true) => Origin::Missing,
        (None, false) if corrected.is_some() => Origin::Corrected,
        (None, false) => content.origin,
    };
    // A print with digits that is no value of its column is something else than it stands for.
    let is_unread = column.kind.is_numeric()
        && content.value.is_none()
        && slot == Slot::Printed
        && content.text.bytes().any(|byte| byte.is_ascii_digit());
    let is_open = choice.is_some()
        || is_unread
        || (origin.is_repair() && !is_missing && margin < confidence::SETTLED)
        || doubt < confidence::SETTLED;
    let margin = margin.min(doubt);
    // Of a cell without text and value nothing is proven.
    let mut status =
        if is_missing && verdict.status == Status::Proven { Status::Unchecked } else { verdict.status };
    if !is_settled && is_open && !status.is_doubtful() {
        status = Status::Ambiguous;
    }
    let mut alternatives = verdict_alternatives(&verdict, choices);
    if alternatives.is_empty() && status == Status::Ambiguous {
        alternatives = choice.map(|choice| choice_alternatives(choice, place, &content)).unwrap_or_default();
    }
    let confidence = if is_missing { 0.0 } else { confidence_of(status, origin, margin, alternatives.len()) };
    let detail = CellDetail { marks: content.marks, shares: verdict.shares, alternatives };
    Cell {
        text: content.text,
        value: inferred.map(CellValue::Number).or(corrected).or(content.value),
        origin,
        status,
        spans: content.spans,
        confidence,
        because: verdict.because,
        detail: (detail != CellDetail::default()).then(|| Box::new(detail)),
    }
}

/// Whether nothing is open in a cell, and nothing more to say than its status and the checks that carry it: so it is
/// with nearly every cell of a clean table.
#[inline]
fn is_settled(cell: &AlignedCell<'_>, verdict: &CellVerdict) -> bool {
    let content = &cell.content;
    let is_whole = match cell.slot {
        Slot::Blank => true,
        Slot::Nil => !content.text.is_empty(),
        _ => !content.text.is_empty() && content.value.is_some(),
    };
    is_whole
        && cell.choice.is_none()
        && cell.doubt >= confidence::SETTLED
        && !content.origin.is_repair()
        && content.marks.is_empty()
        && matches!(verdict.outcome, Outcome::Kept)
        && verdict.alternatives.is_empty()
        && verdict.shares.is_none()
}

/// A cell that is settled.
#[inline]
fn settled_cell<'t>(cell: AlignedCell<'t>, verdict: CellVerdict) -> Cell<'t> {
    let AlignedCell { content, margin, doubt, .. } = cell;
    Cell {
        text: content.text,
        value: content.value,
        origin: content.origin,
        status: verdict.status,
        spans: content.spans,
        confidence: confidence_of(verdict.status, content.origin, margin.min(doubt), 0),
        because: verdict.because,
        detail: None,
    }
}

/// The content that the verdict leaves in a cell.
fn resolve<'t>(
    content: Content<'t>,
    slot: Slot,
    outcome: Outcome,
    is_placed: bool,
    place: Place,
    choices: &[Choice<'t>],
) -> (Content<'t>, Slot) {
    match outcome {
        Outcome::Token { choice, token } => match choices.get(choice) {
            Some(Choice::Placement(placement)) => {
                let token = placement.tokens.get(token).cloned().unwrap_or_default();
                let slot = if token.value.is_none() { Slot::Nil } else { Slot::Printed };
                (token, slot)
            }
            _ => (content, slot),
        },
        Outcome::Option { choice, option } => match choices.get(choice) {
            Some(Choice::Readings(options)) => options
                .get(option)
                .and_then(|option| option.cells.iter().find(|(cell, _, _)| *cell == place.flat))
                .map_or((content, slot), |(_, slot, content)| (content.clone(), *slot)),
            _ => (content, slot),
        },
        Outcome::Kept | Outcome::Corrected(_) => (content, slot),
        // What is printed stays where it is read best: only a placement moves its tokens.
        Outcome::Missing if !is_placed && !content.text.is_empty() => (content, slot),
        Outcome::Inferred(_) | Outcome::Missing => (Content::default(), Slot::Lost),
    }
}

/// What the proof leaves open in a cell.
fn verdict_alternatives(verdict: &CellVerdict, choices: &[Choice<'_>]) -> Vec<Alternative> {
    let token_of = |token: Option<(usize, usize)>| {
        let (choice, token) = token?;
        match choices.get(choice)? {
            Choice::Placement(placement) => placement.tokens.get(token),
            _ => None,
        }
    };
    verdict
        .alternatives
        .iter()
        .take(MAX_ALTERNATIVES)
        .map(|alternative| {
            let token = token_of(alternative.token);
            Alternative {
                value: alternative.value.map(CellValue::Number),
                text: token.map(|token| token.text.clone().into_owned()).unwrap_or_default(),
                spans: token.map(|token| token.spans.clone()).unwrap_or_default(),
                confidence: alternative.weight,
            }
        })
        .collect()
}

/// What print, schema and document leave open in a cell, where the proof did not look.
fn choice_alternatives(choice: &Choice<'_>, place: Place, content: &Content<'_>) -> Vec<Alternative> {
    match choice {
        Choice::Open(_) => Vec::new(),
        Choice::Readings(options) => options
            .iter()
            .flat_map(|option| option.cells.iter().map(move |cell| (option.bits, cell)))
            .filter(|(_, (flat, _, other))| *flat == place.flat && other.spans != content.spans)
            .take(MAX_ALTERNATIVES)
            .map(|(bits, (_, _, other))| as_alternative(other, (-bits).exp2() / (1.0 + (-bits).exp2())))
            .collect(),
        Choice::Placement(placement) => placement_alternatives(placement, place, content),
    }
}

/// The tokens that the order of a placement allows in a row.
fn placement_alternatives(
    placement: &Placement<'_>,
    place: Place,
    content: &Content<'_>,
) -> Vec<Alternative> {
    let Some(position) = placement.rows.iter().position(|row| *row == place.row) else { return Vec::new() };
    let free = placement.rows.len() - placement.tokens.len().min(placement.rows.len());
    let possible = position.saturating_sub(free)..(position + 1).min(placement.tokens.len());
    let share = 1.0 / (possible.len() + 1) as f32;
    let mut alternatives: Vec<Alternative> = possible
        .filter_map(|token| placement.tokens.get(token))
        .filter(|token| token.spans != content.spans)
        .take(MAX_ALTERNATIVES)
        .map(|token| as_alternative(token, share))
        .collect();
    if !content.text.is_empty() && free > 0 {
        let empty = Alternative { value: None, text: String::new(), spans: Spans::new(), confidence: share };
        alternatives.push(empty);
    }
    alternatives
}

fn as_alternative(content: &Content<'_>, confidence: f32) -> Alternative {
    Alternative {
        value: content.value,
        text: content.text.clone().into_owned(),
        spans: content.spans.clone(),
        confidence,
    }
}
