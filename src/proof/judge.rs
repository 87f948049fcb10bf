//! From marks to verdicts: what is said of every cell and of every check.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::board::{Board, Known};
use super::constraint::{Ground, Var};
use super::evaluate::ratio_value;
use super::explain::Equations;
use super::rational::{Rational, power_of_ten};
use super::resolve::Resolved;
use super::trial::{Mark, Trial, Tried};
use super::unsettled::{open_verdict, share};
use super::var_map::VarMap;
use super::verdict::{CellVerdict, Outcome, TableVerdicts, Verdicts};
use crate::budget::Budget;
use crate::schema::check::Relation;
use crate::table::{Check, CheckIds, CheckStatus, Code, Diagnostic, Equation, Sink, Spans, Status};

/// Bits that an inequality is worth: it would hold by chance about every second time.
const INEQUALITY_BITS: f32 = 1.0;

/// The verdicts on all cells and checks.
pub(crate) fn judge(trial: &Trial<'_, '_>, resolved: &VarMap<Resolved>) -> Verdicts {
    let board = &trial.board;
    let mut tables: Vec<TableVerdicts> =
        board.tables.iter().map(|table| TableVerdicts::unchecked(table.cells.len())).collect();
    let mut var: Var = 0;
    for cell in tables.iter_mut().flat_map(|table| &mut table.cells) {
        match (resolved.get(var), trial.marks.get(var as usize)) {
            (Some(entry), _) if entry.is_read || !entry.is_blank => *cell = open_verdict(trial, var, entry),
            (_, Some(mark)) if !mark.is_empty() => *cell = settled_verdict(trial, var, mark),
            // Of a cell that no check reads nothing is said.
            _ => {}
        }
        var = var.saturating_add(1);
    }
    share(board, resolved, &mut tables);
    let mut significance = vec![0.0f32; trial.tried.len()];
    for ground in &trial.grounds {
        let entry = (ground.id as usize).checked_sub(1).and_then(|entry| significance.get_mut(entry));
        if let Some(entry) = entry {
            *entry = bits(board, ground).unwrap_or(0.0);
        }
    }
    let mut equations = equations(trial, &tables).into_iter().peekable();
    for of_table in trial.tried.chunk_by(|a, b| a.table == b.table) {
        let table = of_table.first().and_then(|tried| tables.get_mut(tried.table));
        table.into_iter().for_each(|table| table.checks.reserve(of_table.len()));
    }
    let mut rules: BTreeMap<(usize, usize, bool), Arc<str>> = BTreeMap::new();
    for (entry, tried) in trial.tried.iter().enumerate() {
        let id = u32::try_from(entry + 1).unwrap_or(u32::MAX);
        let written = equations.next_if(|(of, _)| *of == id);
        let written = written.map(|(_, (text, spans))| Box::new(Equation { text, spans }));
        let Some(table) = tables.get_mut(tried.table) else { continue };
        let holds = matches!(tried.status, CheckStatus::Holds | CheckStatus::HoldsRounded);
        table.checks.push(Check {
            id,
            rule: Arc::clone(
                rules
                    .entry((tried.table, tried.rule, tried.is_discovered))
                    .or_insert_with(|| trial.rule(tried).into()),
            ),
            rows: tried.rows.clone(),
            status: tried.status,
            discovered: tried.is_discovered,
            significance: match tried.is_discovered.then(|| trial.discovered.get(tried.rule)).flatten() {
                Some(relation) => relation.bits,
                None if holds => significance[entry],
                None => 0.0,
            },
            written,
        });
    }
    Verdicts { tables }
}

/// Checks of one cell that are written out.
const WRITTEN: usize = 2;

/// The equations that a reader asks for, by check: of checks that fail, and of the first ones that carry a repaired cell.
fn equations(trial: &Trial<'_, '_>, tables: &[TableVerdicts]) -> Vec<(u32, (String, Spans))> {
    let is_repaired =
        |verdict: &&CellVerdict| !verdict.because.is_empty() && verdict.outcome != Outcome::Kept;
    let repaired = tables.iter().flat_map(|table| table.cells.iter().filter(is_repaired));
    let carrying = repaired.flat_map(|verdict| verdict.because.iter().copied().take(WRITTEN));
    let fails = |tried: &&Tried| tried.status == CheckStatus::Fails;
    let ids = (1u32..).zip(&trial.tried).filter(|(_, tried)| fails(tried)).map(|(id, _)| id);
    let mut ids: Vec<u32> = carrying.chain(ids).collect();
    ids.sort_unstable();
    ids.dedup();
    let writer = Equations { trial, tables };
    let mut written = Vec::with_capacity(ids.len());
    written.extend(ids.into_iter().filter_map(|id| Some((id, writer.write(id)?))));
    written
}

/// The verdict on a cell that no choice and no loss left open.
fn settled_verdict(trial: &Trial<'_, '_>, var: Var, mark: &Mark) -> CellVerdict {
    let known = trial.board.fact(var).known;
    let holds = || {
        let is_held =
            |id: &u32| matches!(trial.status(*id), Some(CheckStatus::Holds | CheckStatus::HoldsRounded));
        mark.holds.iter().copied().filter(is_held)
    };
    let is_number = matches!(known, Known::Number(_));
    let fails = |id: &u32| trial.status(*id) == Some(CheckStatus::Fails);
    let (status, because): (Status, CheckIds) = match known {
        Known::Unusable | Known::Unknown => (Status::Unchecked, CheckIds::new()),
        _ if is_number && !mark.proven.is_empty() => (Status::Proven, mark.proven.clone()),
        _ if mark.fails.iter().any(fails) => (Status::Contradicted, trial.failing(var)),
        _ if holds().next().is_some() => (Status::Consistent, holds().collect()),
        _ => (Status::Unchecked, CheckIds::new()),
    };
    CellVerdict { status, because, ..CellVerdict::default() }
}

/// `log2(1/p)`: p is the share of the values as long as the tested one that the check would let pass.
pub(crate) fn bits(board: &Board<'_, '_>, ground: &Ground) -> Option<f32> {
    if !matches!(ground.relation, Relation::Equal | Relation::About) {
        return Some(INEQUALITY_BITS);
    }
    let mut digits = 0u32;
    let mut filled = 0;
    // The lone side is what is tested, unless it says nothing itself.
    let lone = ground.lone.map(|lone| (lone.var, board.fact(lone.var)));
    let tested = lone.filter(|(_, fact)| fact.value().is_some_and(|value| !value.is_zero()));
    for var in ground.vars() {
        let fact = board.fact(var);
        let Some(value) = fact.value().filter(|value| !value.is_zero()) else { continue };
        filled += 1;
        if tested.is_none_or(|(tested, _)| tested == var) {
            let scale = lone.map_or(fact.scale, |(_, fact)| fact.scale);
            let units = value.abs()?.mul(Rational::integer(power_of_ten(scale)?))?.floor();
            // The machine takes logarithms of numbers of 64 bits faster.
            let log = u64::try_from(units).map_or_else(|_| units.checked_ilog10(), u64::checked_ilog10);
            digits = digits.max(log.map_or(1, |log| log + 1));
        }
    }
    // One filled cell is compared with nothing.
    if filled < 2 || digits == 0 {
        return Some(0.0);
    }
    Some(bits_of_digits(digits))
}

/// `log2` of the number of values of so many digits.
pub(crate) fn bits_of_digits(digits: u32) -> f32 {
    #[allow(clippy::cast_precision_loss)]
    let further = digits.saturating_sub(1) as f32;
    further * 10f32.log2() + 9f32.log2()
}

/// Reports every failing check with the amount that is missing between its sides.
pub(crate) fn report(trial: &Trial<'_, '_>, budget: &Budget, sink: &mut dyn Sink) {
    let board = &trial.board;
    if budget.is_spent() {
        let message = "the proof ended its steps: what is not settled by then stays open";
        sink.report(Diagnostic::new(Code::BudgetSpent, message).with_help("allow more steps"));
    }
    for ground in &trial.grounds {
        let tried = (ground.id as usize).checked_sub(1).and_then(|entry| trial.tried.get(entry));
        let Some(tried) = tried.filter(|tried| tried.status == CheckStatus::Fails) else { continue };
        let mut message = format!("`{}` fails", trial.rule(tried));
        if let Some(gap) = gap(board, ground) {
            message.push_str(&format!(": {gap} is missing between its sides"));
        }
        let span = ground.vars().find_map(|var| board.cell(var)?.content.spans.first().copied());
        let diagnostic = Diagnostic::new(Code::CheckFails, message);
        sink.report(match span {
            Some(span) => diagnostic.at(span),
            None => diagnostic,
        });
    }
}

/// The lone side less the other, where both stand on one decimal grid.
fn gap(board: &Board<'_, '_>, ground: &Ground) -> Option<String> {
    let lone = ground.lone?;
    if ground.ratio.den.is_some() || !matches!(ground.relation, Relation::Equal | Relation::About) {
        return None;
    }
    let fact = board.fact(lone.var);
    let gap = fact.value()?.sub(ratio_value(board, &ground.ratio).ok()?)?;
    let scale = ground.vars().map(|var| board.fact(var).scale).max()?;
    super::board::printed(gap, scale, fact.percent).map(|gap| gap.to_string())
}
