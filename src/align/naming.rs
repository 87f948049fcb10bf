//! What rows are called: their labels, and whether these say that a row is a total or heads a group.

use std::borrow::Cow;

use super::alignment::{AlignedCell, AlignedRow, Slot};
use super::boxhead::{CellClass, classify};
use super::layout::Layout;
use super::openings::Openings;
use super::plain::{Aligned, NAMELESS, PlainCell};
use crate::column::model::{normalize_into, normalized};
use crate::column::plain::Plain;
use crate::schema::{FieldKind, Schema};
use crate::table::RowKind;

/// Names every row: its label, and whether the label says total.
pub(super) fn name_rows<'t>(text: &'t str, table: &mut Aligned<'t>, layout: &Layout) {
    let Aligned { alignment, plain } = table;
    let width = alignment.columns.len();
    if width == 0 {
        return;
    }
    let schema = alignment.schema.clone();
    let row_names = RowNames::new(schema.as_deref());
    let numeric = layout.outs.iter().any(|out| out.model.is_numeric() && out.grid_column.is_some());
    let kinds: Vec<FieldKind> = layout.outs.iter().map(|out| out.model.kind).collect();
    let mut folded = String::new();
    if let Some(plain) = plain {
        let columns = |takes: fn(FieldKind) -> bool| -> Vec<usize> {
            (0..width).filter(|&column| kinds.get(column).is_some_and(|kind| takes(*kind))).collect()
        };
        let (labels, values) = (columns(may_label), columns(|kind| kind != FieldKind::String));
        let are_counted = width <= usize::from(NAMELESS);
        let mut names = Vec::with_capacity(alignment.rows.len());
        for (row, cells) in alignment.rows.iter_mut().zip(plain.cells.chunks_exact(width)) {
            let label = plain_label(text, cells, &labels);
            let column = label.and_then(|label| u8::try_from(label.0).ok());
            if are_counted {
                names.push(column.unwrap_or(NAMELESS));
            }
            let label = label.map(|label| Cow::Borrowed(label.1)).unwrap_or_default();
            let has_values = || !numeric || values.iter().any(|column| cells[*column].is_filled());
            row_names.name(row, label, has_values, &mut folded);
        }
        plain.names = names;
        return;
    }
    for (row, cells) in alignment.rows.iter_mut().zip(alignment.cells.chunks(width)) {
        let has_values = || {
            !numeric
                || cells.iter().zip(&kinds).any(|(cell, kind)| {
                    *kind != FieldKind::String
                        && (!cell.content.text.is_empty() || cell.choice.is_some() || cell.slot == Slot::Lost)
                })
        };
        row_names.name(row, aligned_label(cells, &kinds).unwrap_or_default(), has_values, &mut folded);
    }
}

/// Whether the cells of a column may be the label of their row.
const fn may_label(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::String | FieldKind::Date)
}

/// The label of a plain row, looked for in some of its columns, and the column that it stands in.
#[inline]
fn plain_label<'t>(text: &'t str, cells: &[PlainCell], columns: &[usize]) -> Option<(usize, &'t str)> {
    for column in columns {
        let cell = cells[*column];
        // A date is no word, and needs no second look.
        if cell.is_filled() && cell.value().kind != Plain::Date {
            let print = trimmed(cell.print(text));
            if classify(print) == CellClass::Words {
                return Some((*column, print));
            }
        }
    }
    None
}

/// The label of a row.
fn aligned_label<'t>(cells: &[AlignedCell<'t>], kinds: &[FieldKind]) -> Option<Cow<'t, str>> {
    let texts =
        cells.iter().zip(kinds).filter(|(_, kind)| may_label(**kind)).map(|(cell, _)| &cell.content.text);
    let label = texts.into_iter().find(|text| classify(trimmed(text)) == CellClass::Words)?;
    Some(match label {
        Cow::Borrowed(text) => Cow::Borrowed(trimmed(text)),
        Cow::Owned(text) => Cow::Owned(trimmed(text).to_owned()),
    })
}

/// A print without the blanks around it; most have none.
pub(super) fn trimmed(print: &str) -> &str {
    let is_plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    let bytes = print.as_bytes();
    if is_plain(bytes.first()) && is_plain(bytes.last()) { print } else { print.trim() }
}

/// What the labels of rows say of their kinds.
struct RowNames {
    totals: Vec<String>,
    groups: Vec<String>,
    /// Of these labels and of the words for total.
    openings: Openings,
}

/// The first two letters of words for total, all but those beyond ASCII.
const TOTAL_OPENINGS: [[u8; 2]; 4] = [*b"to", *b"su", *b"gr", *b"ge"];

impl RowNames {
    fn new(schema: Option<&Schema>) -> Self {
        let totals = schema.map(|schema| listed(&schema.rows.total)).unwrap_or_default();
        let groups = schema.map(|schema| listed(&schema.rows.group)).unwrap_or_default();
        let words = TOTAL_OPENINGS.iter().filter_map(|opening| str::from_utf8(opening).ok());
        let openings = Openings::of(totals.iter().chain(&groups).map(String::as_str).chain(words));
        Self { totals, groups, openings }
    }

    /// Names a row, which heads a group where it has none of the values that the table has; `folded` is a buffer.
    #[inline]
    fn name<'t>(
        &self,
        row: &mut AlignedRow<'t>,
        label: Cow<'t, str>,
        has_values: impl Fn() -> bool,
        folded: &mut String,
    ) {
        row.kind = match self.kind_of(&label, folded) {
            RowKind::Data | RowKind::Total if !label.is_empty() && !has_values() => RowKind::Group,
            kind => kind,
        };
        row.label = label;
    }

    /// Group, total or record, as the label says; `folded` is a buffer.
    #[inline]
    fn kind_of(&self, label: &str, folded: &mut String) -> RowKind {
        if self.openings.may_open(label) { self.kind_of_name(label, folded) } else { RowKind::Data }
    }

    fn kind_of_name(&self, label: &str, folded: &mut String) -> RowKind {
        normalize_into(label, folded);
        if self.groups.contains(folded) {
            return RowKind::Group;
        }
        let (totals, unrated) = (&self.totals, without_rate(folded));
        let is_total = totals.iter().any(|total| total == unrated || total == folded)
            || (totals.is_empty() && says_total(folded))
            || is_plain_total(folded);
        if is_total { RowKind::Total } else { RowKind::Data }
    }
}

/// A label without the rate behind it: `vat 7%`.
fn without_rate(folded: &str) -> &str {
    if !folded.ends_with('%') {
        return folded;
    }
    match folded.rsplit_once(' ') {
        Some((label, rate)) if rate.strip_suffix('%').is_some_and(|rate| rate.parse::<f32>().is_ok()) => {
            label
        }
        _ => folded,
    }
}

fn listed(labels: &[String]) -> Vec<String> {
    labels.iter().map(|label| normalized(label)).collect()
}

/// A label that begins with a word for total.
fn says_total(folded: &str) -> bool {
    const WORDS: [&str; 9] =
        ["total", "subtotal", "sub-total", "grand total", "合计", "合計", "总计", "總計", "summe"];
    may_say_total(folded) && WORDS.iter().any(|word| folded.starts_with(word))
}

/// What a word for total starts with: most labels start otherwise.
fn may_say_total(folded: &str) -> bool {
    folded
        .as_bytes()
        .first_chunk::<2>()
        .is_some_and(|opening| TOTAL_OPENINGS.contains(opening) || !opening.iter().all(u8::is_ascii))
}

/// A label that is nothing but a word for total.
pub(crate) fn is_plain_total(folded: &str) -> bool {
    const WORDS: [&str; 13] = [
        "total",
        "totals",
        "total:",
        "subtotal",
        "sub-total",
        "grand total",
        "合计",
        "合計",
        "总计",
        "總計",
        "summe",
        "gesamt",
        "小計",
    ];
    may_say_total(folded) && WORDS.contains(&folded)
}
