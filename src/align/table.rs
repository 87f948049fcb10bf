//! One table from grid to alignment, and what is named once its rows stand: columns, labels, totals.

use std::borrow::{Borrow, Cow};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::adjacency::Adjacency;
use super::alignment::{AlignedColumn, Alignment, Content, SchemaHandle};
use super::bind::{Binding, ColumnBinding};
use super::boxhead::{
    Boxhead, HeadCell, HeadColumn, count_header_rows, open_titles, read_boxhead, slid_periods,
};
use super::choose::{Candidates, Chosen, choose_schema};
use super::cut::{TableCuts, settle_cuts};
use super::groups::blank_group_bits;
use super::layout::{Layout, OutColumn};
use super::naming::name_rows;
use super::overlong::rejoin_cells;
use super::plain::{Aligned, SURE, take_doubts};
use super::records::{Body, Knowledge, PendingCut, align_body};
use super::sides::settle_sides;
use super::year::{find_year, roll_years};
use crate::budget::Budget;
use crate::column::fit::fit;
use crate::column::model::{ColumnModel, normalized};
use crate::grid::{Grid, GridRowKind};
use crate::hints::Hints;
use crate::schema::check::{Expression, RowReference};
use crate::schema::{Catalog, FieldKind, Schema, similarity};
use crate::table::{Code, Diagnostic, HeaderCell, Origin, Sink, Spans, Status};
use crate::text::Span;

/// A header cell that resembles the leaf below it this much, and shares no word with it, is its ghost: a second,
/// garbled print.
const GHOST_LIKENESS: f32 = 0.55;

/// Aligns all tables of a document, in order: one alignment a grid.
#[must_use]
pub fn align_tables<'t>(
    text: &'t str,
    grids: &[Grid],
    catalog: &Catalog,
    hints: &Hints,
    budget: &mut Budget,
    sink: &mut dyn Sink,
) -> Vec<Alignment<'t>> {
    let mut tables = align_plainly(text, grids, catalog, hints, &mut |_| {}, budget, sink);
    tables.iter_mut().for_each(|table| table.fill_in(text));
    tables.into_iter().map(|table| table.alignment).collect()
}

/// The same, where plain tables may stay so. Grids that are handed over are gone as soon as they are aligned; tables that nothing
/// behind them in the document can change are shown to `see` while they are at hand, in order, up to the first one that waits
/// for the others.
pub(crate) fn align_plainly<'t>(
    text: &'t str,
    grids: impl IntoIterator<Item = impl Borrow<Grid>>,
    catalog: &Catalog,
    hints: &Hints,
    see: &mut dyn FnMut(&Aligned<'t>),
    budget: &mut Budget,
    sink: &mut dyn Sink,
) -> Vec<Aligned<'t>> {
    let witness = Adjacency::new(text);
    let mut candidates = Candidates::new(catalog);
    let mut tables: Vec<Aligned<'t>> = Vec::new();
    let mut layouts: Vec<(Layout, Vec<PendingCut<'t>>)> = Vec::new();
    let mut named = 0;
    for grid in grids {
        let (layout, body) = align_table(text, grid.borrow(), &mut candidates, hints, &witness, budget, sink);
        let Body { alignment, plain, pending } = body;
        let mut table = Aligned { alignment, plain };
        if named == tables.len() && pending.is_empty() {
            name_rows(text, &mut table, &layout);
            see(&table);
            table.put_rows_away();
            named += 1;
        }
        tables.push(table);
        layouts.push((layout, pending));
    }
    if named < tables.len() {
        // What stands in other tables says where words are cut.
        tables.iter_mut().for_each(|table| table.fill_in(text));
        let waiting = tables.iter_mut().zip(&mut layouts);
        let cuts = waiting.map(|(table, (layout, pending))| TableCuts {
            alignment: &mut table.alignment,
            layout,
            pending: std::mem::take(pending),
        });
        let mut cuts: Vec<TableCuts<'_, 't>> = cuts.collect();
        settle_cuts(text, &mut cuts, budget, sink);
        for (table, (layout, _)) in tables.iter_mut().zip(&layouts).skip(named) {
            name_rows(text, table, layout);
        }
    }
    if budget.is_spent() {
        sink.report(
            Diagnostic::new(Code::BudgetSpent, "the search for readings was ended by its step budget")
                .with_help("raise the budget with `RebuilderBuilder::steps`"),
        );
    }
    tables
}

fn align_table<'t>(
    text: &'t str,
    grid: &Grid,
    candidates: &mut Candidates<'_, 't>,
    hints: &Hints,
    witness: &Adjacency<'_>,
    budget: &mut Budget,
    sink: &mut dyn Sink,
) -> (Layout, Body<'t>) {
    let catalog = candidates.catalog;
    // What a reader of undelimited print has bound to fields, it has parted from its header too.
    let is_bound = grid.setting.as_ref().is_some_and(|setting| setting.binding.is_some());
    let count = || if is_bound { grid.marked_header.unwrap_or(0) } else { count_header_rows(text, grid) };
    let rows = hints.header_rows.unwrap_or_else(count).min(grid.rows.len());
    let rejoined = if is_bound { None } else { rejoin_cells(text, grid, rows) };
    let rests = rejoined.as_ref().map(|(_, rests)| rests.clone()).unwrap_or_default();
    let grid = rejoined.as_ref().map_or(grid, |(grid, _)| grid);
    let grid = &*if is_bound { Cow::Borrowed(grid) } else { mark_repeats(text, grid, rows) };
    let mut head = read_boxhead(grid, rows);
    let blank_groups = blank_group_bits(text, grid, rows);
    let mut choose =
        || choose_schema(text, grid, &head, candidates, blank_groups, hints.schema.as_deref(), sink);
    let mut chosen = known_schema(grid, catalog).or_else(&mut choose);
    let counts = count_filled(grid, rows);
    let filled: Vec<bool> = counts.iter().map(|count| *count > 0).collect();
    let slid = match &mut chosen {
        Some(chosen) => chosen.slid.take(),
        None => slid_periods(text, grid, rows),
    };
    let has_slid = slid.is_some();
    head = slid.unwrap_or(head);
    let mut ghosts = Vec::new();
    let mut layout = match &chosen {
        Some(Chosen { schema, binding, .. }) => {
            split_merged_headers(text, &mut head, binding, schema);
            ghosts = drop_ghosts(text, &mut head);
            Layout::of_schema(grid, &head, binding, schema, &filled, !catalog.is_builtin())
        }
        None => Layout::without_schema(text, grid, rows, blank_groups),
    };
    for out in &mut layout.outs {
        out.model.decimal_char = out.model.decimal_char.or(hints.decimal_char);
        out.model.day_first = out.model.day_first.or(hints.day_first);
        out.model.year = chosen.as_ref().and_then(|chosen| find_year(text, &chosen.schema));
    }
    layout.learn(text, grid, rows, &counts, blank_groups);
    if chosen.is_none()
        && !has_slid
        && let Some(first) = open_titles(text, grid, rows)
    {
        let is_right = |out: &&mut OutColumn| out.grid_column.is_some_and(|column| column > first);
        layout.outs.iter_mut().filter(is_right).for_each(|out| out.is_questioned = true);
    }
    let repeats = repeated_cells(grid);
    let columns = name_columns(text, &repeats, &head, &layout, chosen.as_ref());
    ghosts.extend(unlike_repeats(repeats, &columns));
    let contested = chosen.as_mut().map(|chosen| std::mem::take(&mut chosen.contested)).unwrap_or_default();
    let schema = chosen.as_ref().map(|chosen| &*chosen.schema);
    let knowledge = Knowledge {
        labels: schema.map(known_labels).unwrap_or_default(),
        expected: schema.map(|schema| expected_cells(schema, &layout)).unwrap_or_default(),
        witness,
        rests,
        anchor: schema.filter(|_| !is_bound).and_then(|schema| anchor_column(schema, &layout)),
        is_bound,
    };
    let mut body = align_body(text, grid, rows, &layout, columns, &knowledge, budget);
    let doubts = grid.setting.as_ref().map_or(&[][..], |setting| &setting.doubts);
    let is_plain = |out: &OutColumn| out.model.sign.is_none() && out.model.year.is_none();
    let are_sure = doubts.iter().all(|(_, margin)| *margin >= SURE);
    if !contested.is_empty() || !are_sure || !layout.outs.iter().all(is_plain) {
        body.fill_in(text);
    }
    settle_sides(&mut body.alignment, &layout);
    for (column, out) in layout.outs.iter().enumerate().filter(|(_, out)| out.model.kind == FieldKind::Date) {
        let newest_first = schema.is_some_and(|schema| schema.newest_first);
        roll_years(&mut body.alignment, column, &out.model, newest_first);
    }
    body.alignment.left_over.extend(grid.left_over.iter().copied());
    body.alignment.left_over.extend(ghosts);
    body.alignment.left_over.sort_unstable();
    body.alignment.schema = chosen.map(|chosen| SchemaHandle(chosen.schema));
    contest_columns(&mut body.alignment, &layout, &contested);
    match &mut body.plain {
        Some(plain) => plain.setting = grid.setting.clone(),
        None => take_doubts(&mut body.alignment, doubts),
    }
    (layout, body)
}

/// The schema and the binding that a reader of undelimited print has read the table with.
fn known_schema(grid: &Grid, catalog: &Catalog) -> Option<Chosen> {
    let known = grid.setting.as_ref()?.binding.as_ref()?;
    let schema = Arc::clone(catalog.schemas().get(known.schema)?);
    let field_of = |column: usize| known.fields.get(column).copied().flatten();
    let columns = (0..grid.width)
        .map(|column| match field_of(column).filter(|field| *field < schema.fields.len()) {
            Some(first) => ColumnBinding { first, count: 1, bracketed: vec![false] },
            None => ColumnBinding::default(),
        })
        .collect();
    Some(Chosen {
        schema,
        binding: Binding { columns, ..Binding::default() },
        slid: None,
        contested: Vec::new(),
    })
}

/// Cells of columns that another schema names otherwise are no surer than the choice of the schema.
fn contest_columns(alignment: &mut Alignment<'_>, layout: &Layout, contested: &[(usize, f32)]) {
    let width = layout.outs.len();
    for (column, margin) in contested {
        for out in layout.outs_of(*column) {
            let cells = alignment.cells.iter_mut().skip(out).step_by(width.max(1));
            cells.for_each(|cell| cell.doubt = cell.doubt.min(*margin));
        }
    }
}

/// The grid column that every record fills on its first line, where the schema names one that has a column.
fn anchor_column(schema: &Schema, layout: &Layout) -> Option<usize> {
    let name = schema.anchor.as_ref()?;
    let field = schema.fields.iter().position(|field| field.name == *name)?;
    layout.outs.iter().find(|out| out.field == Some(field)).and_then(|out| out.grid_column)
}

/// Marks the body rows that print the innermost header row again, cell for cell.
fn mark_repeats<'g>(text: &str, grid: &'g Grid, header_rows: usize) -> Cow<'g, Grid> {
    let Some(last) = header_rows.checked_sub(1) else { return Cow::Borrowed(grid) };
    let header = grid.row(last);
    let filled = header.iter().filter(|cell| !cell.is_empty()).count();
    let is_repeat = |row: &usize| {
        let cells = grid.row(*row);
        filled > 1
            && cells.len() == header.len()
            && cells
                .iter()
                .zip(header)
                .all(|(cell, title)| cell.len() == title.len() && cell.slice(text) == title.slice(text))
    };
    let repeats: Vec<usize> = (header_rows..grid.rows.len()).filter(is_repeat).collect();
    if repeats.is_empty() {
        return Cow::Borrowed(grid);
    }
    let mut marked = grid.clone();
    for row in repeats {
        marked.rows[row].kind = GridRowKind::RepeatedHeader;
    }
    Cow::Owned(marked)
}

/// The row labels that a schema knows: of totals and groups, of its checks, and the values of its first field.
fn known_labels(schema: &Schema) -> BTreeSet<String> {
    let mut labels: BTreeSet<String> = BTreeSet::new();
    labels.extend(schema.rows.total.iter().chain(&schema.rows.group).map(|label| normalized(label)));
    labels.extend(
        schema
            .fields
            .iter()
            .take(1)
            .flat_map(|field| &field.constraints.values)
            .map(|label| normalized(label)),
    );
    for check in &schema.checks {
        for side in [&check.left, &check.right] {
            visit(side, &mut |part| {
                if let Expression::Row { row: RowReference::Label { label, .. }, .. } = part {
                    labels.insert(normalized(label));
                }
            });
        }
    }
    labels
}

/// The cells that the checks of a schema name: by row label, the columns of the result. A check of whole rows
/// names every numeric column; a total names its column in the rows labelled so.
fn expected_cells(schema: &Schema, layout: &Layout) -> BTreeMap<String, BTreeSet<usize>> {
    let mut expected: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let out_of = |field: usize| {
        layout.outs.iter().position(|out| out.field == Some(field) && out.grid_column.is_some())
    };
    let numeric: Vec<usize> = (0..layout.outs.len())
        .filter(|&out| layout.outs[out].model.is_numeric() && layout.outs[out].grid_column.is_some())
        .collect();
    for check in &schema.checks {
        for side in [&check.left, &check.right] {
            visit(side, &mut |part| match part {
                Expression::Row { row: RowReference::Label { label, .. }, field } => {
                    let columns = match field {
                        Some(field) => out_of(*field).into_iter().collect(),
                        None => numeric.clone(),
                    };
                    expected.entry(normalized(label)).or_default().extend(columns);
                }
                Expression::Total(field) => {
                    for label in &schema.rows.total {
                        expected.entry(normalized(label)).or_default().extend(out_of(*field));
                    }
                }
                _ => {}
            });
        }
    }
    expected
}

/// Walks every part of an expression; schemas bound its depth.
fn visit(expression: &Expression, see: &mut dyn FnMut(&Expression)) {
    see(expression);
    match expression {
        Expression::Negative(inner) => visit(inner, see),
        Expression::Add(left, right)
        | Expression::Subtract(left, right)
        | Expression::Multiply(left, right)
        | Expression::Divide(left, right) => {
            visit(left, see);
            visit(right, see);
        }
        _ => {}
    }
}

/// How many body cells of each grid column are filled.
fn count_filled(grid: &Grid, header_rows: usize) -> Vec<usize> {
    let mut counts = vec![0; grid.width];
    for row in header_rows..grid.rows.len() {
        for (count, cell) in counts.iter_mut().zip(grid.row(row)) {
            *count += usize::from(!cell.is_empty());
        }
    }
    counts
}

/// Both parts of a header that was printed as one resemble their fields' titles at least this much.
const PART_LIKENESS: f32 = 0.75;

/// Cuts a header that two columns share, where its words are the titles of their two fields.
fn split_merged_headers(text: &str, head: &mut Boxhead, binding: &Binding, schema: &Schema) {
    for right in 1..head.columns.len().min(binding.columns.len()) {
        let left = right - 1;
        let (Some(leaf), None) = (head.columns[left].leaf(), head.columns[right].leaf()) else { continue };
        let title = |column: usize| {
            let bound = binding.columns.get(column).filter(|bound| bound.count == 1)?;
            schema.fields.get(bound.first).map(|field| field.title.as_str())
        };
        let (Some(first), Some(second)) = (title(left), title(right)) else { continue };
        let printed = leaf.slice(text);
        let words = super::cut::words_of(printed);
        let cuts = words.windows(2).map(|pair| {
            let parts = [Span::new(0, pair[0].end), Span::new(pair[1].start, printed.len())];
            let [front, back] = parts.map(|part| part.slice(printed));
            (similarity(front, first).min(similarity(back, second)), parts)
        });
        let best = cuts.max_by(|one, other| one.0.total_cmp(&other.0));
        let Some((_, [front, back])) = best.filter(|(likeness, _)| *likeness >= PART_LIKENESS) else {
            continue;
        };
        let level =
            head.columns[left].cells.iter().find(|cell| cell.span == leaf).map_or(0, |cell| cell.level);
        head.columns[left].cells.iter_mut().filter(|cell| cell.span == leaf).for_each(|cell| {
            cell.span = front.shifted(leaf.start);
        });
        head.columns[right].cells.retain(|cell| cell.span != leaf);
        head.columns[right].cells.push(HeadCell { span: back.shifted(leaf.start), level, is_spanner: false });
    }
}

/// Takes out header cells that are a second, garbled print of the leaf below them.
fn drop_ghosts(text: &str, head: &mut Boxhead) -> Vec<Span> {
    let mut ghosts = Vec::new();
    for column in &mut head.columns {
        let Some(leaf) = column.leaf() else { continue };
        column.cells.retain(|cell| {
            let (above, below) = (cell.span.slice(text), leaf.slice(text));
            let is_ghost = !cell.is_spanner
                && cell.span != leaf
                && !share_a_word(above, below)
                && similarity(above, below) >= GHOST_LIKENESS;
            if is_ghost {
                ghosts.push(cell.span);
            }
            !is_ghost
        });
    }
    // A ghost that spanned its neighbours spans nothing any more.
    for column in &mut head.columns {
        column.cells.retain(|cell| !ghosts.contains(&cell.span));
    }
    ghosts
}

/// The header of one of several columns that are printed in one: its word of a leaf with a word for each.
fn split_header(text: &str, head: &Boxhead, layout: &Layout, index: usize) -> Option<HeadColumn> {
    let column = layout.outs.get(index)?.grid_column?;
    let outs = layout.outs_of(column);
    let mut own = head.columns.get(column)?.clone();
    let leaf = own.leaf()?;
    let words = super::cut::words_of(leaf.slice(text));
    if outs.len() < 2 || words.len() != outs.len() {
        return None;
    }
    let word = words.get(index - outs.start)?.shifted(leaf.start);
    own.cells.iter_mut().filter(|cell| cell.span == leaf).for_each(|cell| cell.span = word);
    Some(own)
}

fn share_a_word(left: &str, right: &str) -> bool {
    let (left, right) = (normalized(left), normalized(right));
    let mut words = left.split(' ');
    words.any(|word| right.split(' ').any(|other| other == word))
}

/// The columns of the alignment: fields, printed headers with those of `repeats` that print the same, types.
fn name_columns(
    text: &str,
    repeats: &[Span],
    head: &Boxhead,
    layout: &Layout,
    chosen: Option<&Chosen>,
) -> Vec<AlignedColumn> {
    let as_header = |cell: &HeadCell| {
        let printed = cell.span.slice(text);
        let mut spans = Spans::from_iter([cell.span]);
        spans.extend(repeats.iter().filter(|span| span.slice(text) == printed && !cell.is_spanner).copied());
        HeaderCell { text: printed.to_owned(), origin: Origin::Verbatim, status: Status::Unchecked, spans }
    };
    layout
        .outs
        .iter()
        .enumerate()
        .map(|(index, out)| {
            let split = if chosen.is_none() { split_header(text, head, layout, index) } else { None };
            let column = split.as_ref().or(out.grid_column.and_then(|column| head.columns.get(column)));
            let field = out.field.and_then(|field| chosen.and_then(|chosen| chosen.schema.fields.get(field)));
            AlignedColumn {
                field: out.field,
                title: column.map(|column| column.joined(text)).unwrap_or_default(),
                header: column.map(|column| column.cells.iter().map(as_header).collect()).unwrap_or_default(),
                kind: field.map_or(out.model.kind, |field| field.kind),
                percent: out.model.percent,
                is_printed: out.grid_column.is_some(),
            }
        })
        .collect()
}

/// The cells of header rows that stand again inside the table.
fn repeated_cells(grid: &Grid) -> Vec<Span> {
    (0..grid.rows.len())
        .filter(|&row| grid.rows[row].kind == GridRowKind::RepeatedHeader)
        .flat_map(|row| grid.row(row).iter().copied())
        .filter(|cell| !cell.is_empty())
        .collect()
}

/// Those of them that repeat no header of `columns`.
fn unlike_repeats(repeats: Vec<Span>, columns: &[AlignedColumn]) -> Vec<Span> {
    let headers = columns.iter().flat_map(|column| &column.header);
    let known: BTreeSet<Span> = headers.flat_map(|header| header.spans.iter().copied()).collect();
    repeats.into_iter().filter(|cell| !known.contains(cell)).collect()
}

/// The content of a cell whose text the caller knows.
pub(crate) fn read_given(text: &str, column: &AlignedColumn) -> Content<'static> {
    let model = ColumnModel { percent: column.percent, ..ColumnModel::of_kind(column.kind, column.percent) };
    let value = if text.trim().is_empty() { None } else { fit(text.trim(), &model).value };
    Content { text: Cow::Owned(text.to_owned()), value, origin: Origin::Given, ..Content::default() }
}
