//! Verdicts on cells that were lost, open or in question: what the search left of them, in words of the contract.

use std::collections::BTreeMap;

use super::board::{Board, printed};
use super::constraint::Var;
use super::correct::{corrected, is_print, is_suspect, readings};
use super::rational::Rational;
use super::resolve::Resolved;
use super::state::Alternative;
use super::trial::Trial;
use super::var_map::VarMap;
use super::verdict::{CellVerdict, Outcome, TableVerdicts, VerdictAlternative};
use crate::align::{Choice, Slot};
use crate::table::{CheckIds, CheckStatus, Status};
use crate::text::Decimal;

/// Ids kept as the reason of one cell.
const MAX_REASONS: usize = 4;

/// Bits by which a reading has to be cheaper than the next one to stand without a proof.
const CLEAR_BITS: f32 = 10.0;

/// The verdict on a cell that was resolved.
pub(crate) fn open_verdict(trial: &Trial<'_, '_>, var: Var, entry: &Resolved) -> CellVerdict {
    let board = &trial.board;
    let choice = board.offset(var).and_then(|(table, offset)| board.choice_of(table, offset));
    let because = because(trial, var);
    if is_print(board, var) && choice.is_none() {
        return print_verdict(trial, var, entry, because);
    }
    if entry.is_blank {
        return blank_verdict(board, var, entry, because);
    }
    let shown = entry.shown.map(|shown| shown.0);
    let is_token = matches!(entry.only, Some(Alternative::Token(_)));
    if entry.value.is_some() && entry.is_read || is_token {
        let name = entry.only.or(shown);
        let outcome = name.and_then(|name| outcome(board, var, choice, name, entry.value));
        // What is not printed says no more than the prints that it follows from.
        let outcome = outcome.filter(|outcome| {
            !matches!(outcome, Outcome::Inferred(_)) || !rests_on_doubt(trial, var, &because)
        });
        if let Some(outcome) = outcome {
            let is_print = !matches!(outcome, Outcome::Inferred(_));
            let (status, because) = if is_print && !entry.is_tested {
                untested(trial, var, because)
            } else if because.is_empty() {
                (Status::Proven, entry.reasons.clone())
            } else {
                (Status::Proven, because)
            };
            return CellVerdict { outcome, status, because, is_settled: true, ..CellVerdict::default() };
        }
    }
    let outcome = match shown {
        Some(Alternative::Lost) | None => lost_outcome(board, var, choice, shown.is_some()),
        Some(name) => outcome(board, var, choice, name, None).unwrap_or(Outcome::Kept),
    };
    // Checks that clash in every reading speak against what they read, wherever it stands.
    let fails = speaking_against(trial, var, choice, entry);
    if !fails.is_empty() && has_print(board, var, outcome) {
        let alternatives = alternatives(board, var, choice, entry);
        let status = Status::Contradicted;
        return CellVerdict { outcome, status, because: fails, alternatives, ..CellVerdict::default() };
    }
    if let Some(status) = clear_reading(board, var, choice, entry, &because) {
        return CellVerdict { outcome, status, because, ..CellVerdict::default() };
    }
    let is_choice_unread = !entry.is_read && entry.live.len() > 1;
    let is_lost_unread = !entry.is_read && choice.is_none();
    let status = if entry.is_ambiguous || is_choice_unread || is_lost_unread {
        Status::Ambiguous
    } else {
        Status::Open
    };
    let alternatives = alternatives(board, var, choice, entry);
    CellVerdict { outcome, status, because, alternatives, ..CellVerdict::default() }
}

/// Whether the outcome of a cell is something that is printed.
fn has_print(board: &Board<'_, '_>, var: Var, outcome: Outcome) -> bool {
    match outcome {
        Outcome::Token { .. } | Outcome::Corrected(_) => true,
        Outcome::Option { option, .. } => option_slot(board, var, option) == Some(Slot::Printed),
        Outcome::Kept => board.cell(var).is_some_and(|cell| cell.slot == Slot::Printed),
        Outcome::Inferred(_) | Outcome::Missing => false,
    }
}

/// The failing checks that read a cell. A number in a run that was cut falls with the numbers beside it: where checks clash in
/// every reading of the run, it may be the number, or a part of it, that they miss.
fn speaking_against(trial: &Trial<'_, '_>, var: Var, choice: Option<usize>, entry: &Resolved) -> CheckIds {
    let fails = trial.failing(var);
    let is_number = entry.shown.is_some_and(|shown| shown.1.is_some());
    if !fails.is_empty() || !is_number {
        return fails;
    }
    let beside = || {
        let (table, _) = trial.board.offset(var)?;
        let alignment = trial.board.tables.get(table)?;
        let width = alignment.columns.len();
        let Choice::Readings(options) = alignment.choices.get(choice?)? else { return None };
        let cells = options.iter().flat_map(|option| &option.cells).map(|cell| cell.0);
        let vars = cells.filter_map(|cell| trial.board.var(table, cell / width, cell % width));
        let mut ids: Vec<u32> =
            vars.flat_map(|other| trial.failing(other)).filter(|&id| trial.is_clash(id)).collect();
        ids.sort_unstable();
        ids.dedup();
        Some(ids.into_iter().take(MAX_REASONS).collect())
    };
    beside().unwrap_or_default()
}

/// Whether every check that an inferred value follows from reads another cell that a failing check puts in doubt.
fn rests_on_doubt(trial: &Trial<'_, '_>, var: Var, because: &[u32]) -> bool {
    let is_doubtful = |id: &u32| {
        trial
            .ground_of(*id)
            .is_some_and(|ground| ground.vars().any(|other| other != var && trial.marks_fail(other)))
    };
    !because.is_empty() && because.iter().all(is_doubtful)
}

/// The status, and its checks, of a print whose place is settled while no check forces its value.
fn untested(trial: &Trial<'_, '_>, var: Var, because: CheckIds) -> (Status, CheckIds) {
    let fails = trial.failing(var);
    if !fails.is_empty() {
        (Status::Contradicted, fails)
    } else if because.is_empty() {
        (Status::Unchecked, because)
    } else {
        (Status::Consistent, because)
    }
}

/// A print that is confused, or that a failing check put in question: corrected where the value that is forced is one of
/// its readings, else left as it is.
fn print_verdict(trial: &Trial<'_, '_>, var: Var, entry: &Resolved, because: CheckIds) -> CellVerdict {
    let board = &trial.board;
    let forced = entry.value.filter(|_| entry.is_read).and_then(|value| corrected(board, var, value));
    if let Some(value) = forced {
        return CellVerdict {
            outcome: Outcome::Corrected(value),
            status: Status::Proven,
            because,
            ..CellVerdict::default()
        };
    }
    let fails = trial.failing(var);
    // A clean print is only here because a check failed with it, and none of its readings mends that.
    if !fails.is_empty() || is_suspect(board, var) {
        let because = if fails.is_empty() { because } else { fails };
        return CellVerdict { status: Status::Contradicted, because, ..CellVerdict::default() };
    }
    let readings = readings(board, var);
    let weight = 1.0 / (readings.len() as f32 + 1.0);
    let as_alternative = |value: Decimal| VerdictAlternative { value: Some(value), token: None, weight };
    let alternatives = readings.into_iter().map(as_alternative).collect();
    CellVerdict { status: Status::Ambiguous, because, alternatives, ..CellVerdict::default() }
}

/// A blank that a failing check put in question: filled where a value is forced, else left as it is.
fn blank_verdict(board: &Board<'_, '_>, var: Var, entry: &Resolved, because: CheckIds) -> CellVerdict {
    match entry.value {
        Some(value) if value.is_zero() => {
            let status = if because.is_empty() { Status::Unchecked } else { Status::Consistent };
            CellVerdict { status, because, ..CellVerdict::default() }
        }
        Some(value) => match decimal(board, var, value) {
            Some(value) => CellVerdict {
                outcome: Outcome::Inferred(value),
                status: Status::Proven,
                because,
                ..CellVerdict::default()
            },
            None => CellVerdict { status: Status::Open, ..CellVerdict::default() },
        },
        None => {
            let status = if entry.is_ambiguous { Status::Ambiguous } else { Status::Open };
            CellVerdict { status, ..CellVerdict::default() }
        }
    }
}

/// What a certain or shown alternative means for the cell.
fn outcome(
    board: &Board<'_, '_>,
    var: Var,
    choice: Option<usize>,
    name: Alternative,
    value: Option<Rational>,
) -> Option<Outcome> {
    match name {
        Alternative::Token(token) => Some(Outcome::Token { choice: choice?, token }),
        Alternative::Option(option) => {
            let slot = option_slot(board, var, option);
            let is_filled = |value: &Rational| match slot {
                Some(Slot::Lost) => true,
                Some(Slot::Blank) => !value.is_zero(),
                _ => false,
            };
            match value.filter(is_filled) {
                Some(value) => decimal(board, var, value).map(Outcome::Inferred),
                None => Some(Outcome::Option { choice: choice?, option }),
            }
        }
        Alternative::Lost => decimal(board, var, value?).map(Outcome::Inferred),
    }
}

/// What option `option` of its choice leaves in the slot of a cell.
pub(crate) fn option_slot(board: &Board<'_, '_>, var: Var, option: usize) -> Option<Slot> {
    let (table, offset) = board.offset(var)?;
    match board.tables.get(table)?.choices.get(board.choice_of(table, offset)?)? {
        Choice::Readings(options) => {
            options.get(option)?.cells.iter().find(|cell| cell.0 == offset).map(|cell| cell.1)
        }
        _ => None,
    }
}

/// A cell without a token in the shown reading: nothing is printed, nothing is forced.
fn lost_outcome(board: &Board<'_, '_>, var: Var, choice: Option<usize>, is_shown: bool) -> Outcome {
    let is_lost = board.cell(var).is_some_and(|cell| cell.slot == Slot::Lost);
    let is_open = choice.is_some() && !is_shown;
    if is_lost && choice.is_none() || is_shown && !is_open { Outcome::Missing } else { Outcome::Kept }
}

/// The status of a reading that is far cheaper than every other live one, which no check had to settle.
fn clear_reading(
    board: &Board<'_, '_>,
    var: Var,
    choice: Option<usize>,
    entry: &Resolved,
    because: &[u32],
) -> Option<Status> {
    let (table, _) = board.offset(var)?;
    let Choice::Readings(options) = board.tables.get(table)?.choices.get(choice?)? else { return None };
    let Some((Alternative::Option(shown), _)) = entry.shown else { return None };
    let bits = options.get(shown)?.bits;
    let is_clear = entry.live.iter().all(|(name, _)| match name {
        Alternative::Option(option) if *option != shown => {
            options.get(*option).is_some_and(|option| option.bits - bits >= CLEAR_BITS)
        }
        _ => true,
    });
    let status = if because.is_empty() { Status::Unchecked } else { Status::Consistent };
    is_clear.then_some(status)
}

/// The live readings that are not shown, the likeliest first; all are alike where the print gives no costs.
fn alternatives(
    board: &Board<'_, '_>,
    var: Var,
    choice: Option<usize>,
    entry: &Resolved,
) -> Vec<VerdictAlternative> {
    let options = board.offset(var).and_then(|(table, _)| board.tables.get(table)?.choices.get(choice?));
    let weigh = |name: Alternative| match (options, name) {
        (Some(Choice::Readings(options)), Alternative::Option(option)) => {
            options.get(option).map_or(1.0, |option| (-option.bits).exp2())
        }
        _ => 1.0,
    };
    let total: f32 = entry.live.iter().map(|(name, _)| weigh(*name)).sum();
    let mut found: Vec<VerdictAlternative> = entry
        .live
        .iter()
        .filter(|(name, _)| entry.shown.is_none_or(|shown| shown.0 != *name))
        .map(|&(name, value)| VerdictAlternative {
            value: value.and_then(|value| decimal(board, var, value)),
            token: match name {
                Alternative::Token(token) => choice.map(|choice| (choice, token)),
                _ => None,
            },
            weight: weigh(name) / total.max(f32::MIN_POSITIVE),
        })
        .collect();
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    found
}

/// The printed form of a plain value of a cell.
fn decimal(board: &Board<'_, '_>, var: Var, value: Rational) -> Option<Decimal> {
    printed(value, board.column_scale(var), board.fact(var).percent)
}

/// The checks that hold with the cell's value.
fn because(trial: &Trial<'_, '_>, var: Var) -> CheckIds {
    let Some(mark) = trial.marks.get(var as usize) else { return CheckIds::new() };
    let holds = |id: &u32| matches!(trial.status(*id), Some(CheckStatus::Holds | CheckStatus::HoldsRounded));
    mark.holds.iter().copied().filter(holds).take(MAX_REASONS).collect()
}

/// Names the groups of cells whose value is certain while it is not known which of them printed the token.
pub(crate) fn share(board: &Board<'_, '_>, resolved: &VarMap<Resolved>, tables: &mut [TableVerdicts]) {
    let mut groups: BTreeMap<(usize, usize, Rational), Vec<(usize, usize)>> = BTreeMap::new();
    for (var, entry) in resolved.iter() {
        let has_token = entry.live.iter().any(|live| matches!(live.0, Alternative::Token(_)));
        let (Some(value), Some((table, offset)), true) = (entry.value, board.offset(var), has_token) else {
            continue;
        };
        let Some(choice) = board.choice_of(table, offset).filter(|_| entry.only.is_none()) else { continue };
        groups.entry((table, choice, value)).or_default().push((table, offset));
    }
    let shared = groups.into_values().filter(|cells| cells.len() > 1);
    for (id, cells) in (1u32..).zip(shared) {
        for (table, offset) in cells {
            let cell = tables.get_mut(table).and_then(|table| table.cells.get_mut(offset));
            if let Some(cell) = cell {
                cell.shares = Some(id);
            }
        }
    }
}
