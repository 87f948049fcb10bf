//! Sides of amounts whose marks stand in a column of their own, or in none.
//!
//! A schema names the marks of an amount's side (`S` and `H`, `DR` and `CR`). Where they are printed in a column beside
//! the amounts, every row's mark gives its amount the side. Where the print has lost a mark, the side is open: both
//! signs become alternatives of a choice, at equal cost, which the balance settles or nobody does. Where the schema
//! says what no mark means, and no amount of the column has one, the marks may have been lost as a column, at
//! [`COLUMN_LOST`] bits.
//!
//! Choices that are open already are widened: each of their options by both signs of its amounts. What would come to
//! more than [`MAX_OPTIONS`] options is left open whole. Linear in the cells, and in the options by that limit.

use std::collections::BTreeSet;

use super::alignment::{Alignment, Choice, ChoiceOption, Content, Placement, Slot};
use super::layout::Layout;
use super::records::{mark_cells, push_choice};
use crate::column::fit::{is_without_side, side_of_mark};
use crate::schema::{FieldKind, Side, SignMarks};
use crate::table::CellValue;

/// Cost of the side that the schema does not give to unmarked amounts, in a column that prints no mark.
const COLUMN_LOST: f32 = 7.0;

/// Options of one choice, at most.
const MAX_OPTIONS: usize = 32;

/// A column whose amounts have sides.
struct Sided<'a> {
    column: usize,
    sign: &'a SignMarks,
    /// Bits of the other side of an unmarked amount; `None` where marks are printed and the schema says what none means.
    bits: Option<f32>,
}

/// Gives amounts the sides that stand in a column of their own, and opens those that are lost.
pub(super) fn settle_sides(alignment: &mut Alignment<'_>, layout: &Layout) {
    let mut taken = vec![false; alignment.columns.len()];
    let mut sided = Vec::new();
    for (column, out) in layout.outs.iter().enumerate() {
        let Some(sign) = &out.model.sign else { continue };
        match mark_column(alignment, column, sign, &taken) {
            Some(marks) => {
                taken[marks] = true;
                take_marks(alignment, column, marks, sign);
            }
            None => {
                let bits = match sign.unmarked_side() {
                    None => Some(0.0),
                    Some(_) => (!has_marks(alignment, column, sign)).then_some(COLUMN_LOST),
                };
                sided.push(Sided { column, sign, bits });
            }
        }
    }
    sided.retain(|sided| sided.bits.is_some());
    if !sided.is_empty() {
        widen_choices(alignment, &sided);
        open_cells(alignment, &sided);
    }
}

/// The column beside `column` that holds nothing but marks of its amounts' sides; the one behind it first.
fn mark_column(alignment: &Alignment<'_>, column: usize, sign: &SignMarks, taken: &[bool]) -> Option<usize> {
    let width = alignment.columns.len();
    let is_of_marks = |marks: &usize| {
        let printed = alignment.cells.iter().skip(*marks).step_by(width);
        let mut printed =
            printed.map(|cell| cell.content.text.trim()).filter(|text| !text.is_empty()).peekable();
        !taken[*marks]
            && alignment.columns[*marks].kind == FieldKind::String
            && printed.peek().is_some()
            && printed.all(|text| side_of_mark(text, sign).is_some())
    };
    let printed = |column: &usize| alignment.columns[*column].is_printed;
    let behind = (column + 1..width).find(printed);
    let before = (0..column).rev().find(printed);
    behind.into_iter().chain(before).find(is_of_marks)
}

/// Gives every unmarked amount of `column` the side that its row has in column `marks`.
fn take_marks(alignment: &mut Alignment<'_>, column: usize, marks: usize, sign: &SignMarks) {
    let width = alignment.columns.len();
    for row in alignment.cells.chunks_mut(width) {
        let Some(side) = side_of_mark(row[marks].content.text.trim(), sign) else { continue };
        let cell = &mut row[column];
        let printed = printed_amount(&cell.content, sign);
        if let (Some(amount), None) = (printed, cell.choice) {
            let is_negative = side == Side::Negative;
            let value = if is_negative { amount.checked_neg() } else { Some(amount) };
            cell.content.value = value.map(CellValue::Number);
        }
    }
}

/// Whether any amount of the column is printed with its side.
fn has_marks(alignment: &Alignment<'_>, column: usize, sign: &SignMarks) -> bool {
    let width = alignment.columns.len();
    let is_marked = |content: &Content<'_>| {
        matches!(content.value, Some(CellValue::Number(amount)) if !amount.is_zero())
            && printed_amount(content, sign).is_none()
    };
    let of_choice = |choice: &Choice<'_>| match choice {
        Choice::Placement(placement) => placement.column == column && placement.tokens.iter().any(is_marked),
        Choice::Readings(options) => options.iter().any(|option| {
            option.cells.iter().any(|(cell, _, content)| cell % width == column && is_marked(content))
        }),
        Choice::Open(_) => false,
    };
    alignment.cells.iter().skip(column).step_by(width).any(|cell| is_marked(&cell.content))
        || alignment.choices.iter().any(of_choice)
}

/// The amount of a print without side, as it is printed; `None` where the side is printed or there is no amount.
fn printed_amount(content: &Content<'_>, sign: &SignMarks) -> Option<crate::text::Decimal> {
    let Some(CellValue::Number(amount)) = content.value else { return None };
    let printed = if amount.is_negative() { amount.checked_neg()? } else { amount };
    is_without_side(&content.text, printed, sign).then_some(printed)
}

/// A print on the other side, and what that costs; `None` where its side is not open.
fn other_side<'t>(content: &Content<'t>, sided: &Sided<'_>) -> Option<(Content<'t>, f32)> {
    printed_amount(content, sided.sign)?;
    let Some(CellValue::Number(amount)) = content.value else { return None };
    let value = CellValue::Number(amount.checked_neg()?);
    Some((Content { value: Some(value), ..content.clone() }, sided.bits?))
}

/// Opens the side of every settled amount that has none.
fn open_cells(alignment: &mut Alignment<'_>, sided: &[Sided<'_>]) {
    let width = alignment.columns.len();
    for index in 0..alignment.cells.len() {
        let Some(sided) = sided.iter().find(|sided| sided.column == index % width) else { continue };
        let cell = &mut alignment.cells[index];
        if cell.choice.is_some() {
            continue;
        }
        let Some((other, bits)) = other_side(&cell.content, sided) else { continue };
        cell.margin = cell.margin.min(bits);
        let option = |bits, content| ChoiceOption {
            bits,
            has_losses: false,
            cells: vec![(index, cell.slot, content)],
        };
        let options = vec![option(0.0, cell.content.clone()), option(bits, other)];
        let choice = push_choice(alignment, Choice::Readings(options));
        mark_cells(alignment, choice, &[index]);
    }
}

/// Widens the choices that are open already by the sides of their amounts.
fn widen_choices(alignment: &mut Alignment<'_>, sided: &[Sided<'_>]) {
    let width = alignment.columns.len();
    for index in 0..alignment.choices.len() {
        let widened = match &alignment.choices[index] {
            Choice::Placement(placement) => {
                let Some(sided) = sided.iter().find(|sided| sided.column == placement.column) else {
                    continue;
                };
                if !placement.tokens.iter().any(|token| other_side(token, sided).is_some()) {
                    continue;
                }
                placed_options(placement, width).and_then(|options| widen(&options, sided, width))
            }
            Choice::Readings(options) => {
                let is_open = |(cell, _, content): &(usize, Slot, Content<'_>)| {
                    sided
                        .iter()
                        .any(|sided| sided.column == cell % width && other_side(content, sided).is_some())
                };
                if !options.iter().any(|option| option.cells.iter().any(is_open)) {
                    continue;
                }
                sided.iter().try_fold(options.clone(), |options, sided| widen(&options, sided, width))
            }
            Choice::Open(_) => continue,
        };
        let cells: BTreeSet<usize> = alignment.choices[index].cells(width).collect();
        for cell in &cells {
            if let Some(cell) = alignment.cells.get_mut(*cell) {
                cell.margin = 0.0;
            }
        }
        alignment.choices[index] =
            widened.map_or_else(|| Choice::Open(cells.into_iter().collect()), Choice::Readings);
    }
}

/// Every option with both sides of its amounts in one column, the cheapest first; `None` where they are too many.
fn widen<'t>(options: &[ChoiceOption<'t>], sided: &Sided<'_>, width: usize) -> Option<Vec<ChoiceOption<'t>>> {
    let mut widened = Vec::new();
    for option in options {
        let mut ways = vec![option.clone()];
        for (place, (cell, _, content)) in option.cells.iter().enumerate() {
            if cell % width != sided.column {
                continue;
            }
            let Some((other, bits)) = other_side(content, sided) else { continue };
            for way in 0..ways.len() {
                let mut turned = ways[way].clone();
                turned.bits += bits;
                turned.cells[place].2 = other.clone();
                ways.push(turned);
            }
            if widened.len() + ways.len() > MAX_OPTIONS {
                return None;
            }
        }
        widened.extend(ways);
    }
    // The cells hold the first option: a stable sort keeps it among equals.
    widened.sort_by(|one, other| one.bits.total_cmp(&other.bits));
    Some(widened)
}

/// Every way to place the tokens, as options; `None` where they are too many.
fn placed_options<'t>(placement: &Placement<'t>, width: usize) -> Option<Vec<ChoiceOption<'t>>> {
    let (count, rows) = (placement.tokens.len(), placement.rows.len());
    let option = |places: &[usize]| {
        let mut cells: Vec<(usize, Slot, Content<'t>)> = (placement.rows.iter())
            .map(|row| (row * width + placement.column, Slot::Lost, Content::default()))
            .collect();
        for (token, place) in placement.tokens.iter().zip(places) {
            let slot = if token.value.is_some() { Slot::Printed } else { Slot::Nil };
            cells[*place] = (cells[*place].0, slot, token.clone());
        }
        ChoiceOption { bits: 0.0, has_losses: count < rows, cells }
    };
    let mut options = vec![option(&placement.best)];
    for places in itertools::Itertools::combinations(0..rows, count) {
        if places != placement.best {
            options.push(option(&places));
        }
        if options.len() > MAX_OPTIONS {
            return None;
        }
    }
    Some(options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rebuilder;
    use crate::schema::Schema;
    use crate::table::{Cell, Status};

    /// The amounts of `text` under a schema with marks `S` and `H`, with their statuses.
    fn amounts(text: &str, unmarked: &str) -> Vec<(String, Status)> {
        let sign = format!(r#"{{"negative": ["S"], "positive": ["H"]{unmarked}}}"#);
        let fields = [
            r#"{"name": "day", "title": "Day", "type": "date"}"#.to_owned(),
            format!(r#"{{"name": "amount", "title": "Amount", "type": "number", "sign": {sign}}}"#),
            r#"{"name": "balance", "title": "Balance", "type": "number"}"#.to_owned(),
        ];
        let checks = r#"["balance = prev(balance) + amount"]"#;
        let schema = format!(r#"{{"name": "ledger", "fields": [{}], "checks": {checks}}}"#, fields.join(","));
        let schema = Schema::from_json(&schema).unwrap();
        let document = Rebuilder::builder().schema(schema).build().rebuild(text);
        let table = &document.tables[0];
        let column =
            table.columns.iter().position(|column| column.name.as_deref() == Some("amount")).unwrap();
        let read = |cell: &Cell| match cell.value {
            Some(CellValue::Number(amount)) => (amount.to_string(), cell.status),
            _ => (String::new(), cell.status),
        };
        table.rows.iter().map(|row| read(&row.cells[column])).collect()
    }

    fn values(text: &str, unmarked: &str) -> Vec<String> {
        amounts(text, unmarked).into_iter().map(|amount| amount.0).collect()
    }

    const LOST: &str =
        "Day\tAmount\tBalance\n1 May 2024\t\t90.00\n2 May 2024\t30.00\t60.00\n3 May 2024\t50.00\t110.00\n";

    #[test]
    fn the_balance_settles_sides_that_are_lost() {
        assert_eq!(values(LOST, ""), ["", "-30.00", "50.00"]);
        // What no mark means is said, but no mark is left: the column of marks may have been lost.
        assert_eq!(values(LOST, r#", "unmarked": "positive""#), ["", "-30.00", "50.00"]);
    }

    #[test]
    fn sides_that_nothing_settles_are_ambiguous() {
        let text = "Day\tAmount\n1 May 2024\t20.00\n2 May 2024\t30.00 S\n3 May 2024\t0.00\n";
        let statuses: Vec<Status> = amounts(text, "").into_iter().map(|amount| amount.1).collect();
        assert_eq!(statuses, [Status::Ambiguous, Status::Unchecked, Status::Unchecked]);
    }

    #[test]
    fn what_no_mark_means_is_believed_beside_marks() {
        let text = "Day\tAmount\n1 May 2024\t20.00\n2 May 2024\t30.00 S\n3 May 2024\t-5.00\n";
        assert_eq!(values(text, r#", "unmarked": "positive""#), ["20.00", "-30.00", "-5.00"]);
        assert_eq!(values(text, r#", "unmarked": "negative""#), ["-20.00", "-30.00", "-5.00"]);
        let statuses = amounts(text, r#", "unmarked": "positive""#);
        assert!(statuses.iter().all(|amount| amount.1 == Status::Unchecked), "{statuses:?}");
    }

    #[test]
    fn marks_in_a_column_of_their_own_give_the_side() {
        let behind = "Day\tAmount\tS/H\tBalance\n1 May 2024\t20.00\tH\t90.00\n2 May 2024\t30.00\tS\t60.00\n";
        assert_eq!(values(behind, ""), ["20.00", "-30.00"]);
        let before = "Day\tSide\tAmount\tBalance\n1 May 2024\tH\t20.00\t90.00\n2 May 2024\tS\t30.00\t60.00\n";
        assert_eq!(values(before, ""), ["20.00", "-30.00"]);
    }

    #[test]
    fn sides_of_packed_rows_are_open_together_with_their_places() {
        let text = "Day\tAmount\tBalance\n1 May 2024\t\t90.00\n2 May 2024 3 May 2024 4 May 2024\t30.00 50.00\t\
                    60.00 110.00 110.00\n5 May 2024\t10.00 S\t100.00\n";
        assert_eq!(values(text, ""), ["", "-30.00", "50.00", "", "-10.00"]);
    }
}
