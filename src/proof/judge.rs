//! From marks to verdicts: what is said of every cell and of every check.

use super::board::{Board, Known};
use super::constraint::Ground;
use super::evaluate::ratio_value;
use super::rational::Rational;
use super::trial::{Mark, Trial};
use super::verdict::{CellVerdict, Outcome, TableVerdicts, Verdicts};
use crate::align::Slot;
use crate::schema::check::Relation;
use crate::table::{Check, CheckStatus, Code, Diagnostic, Sink, Status};

/// Bits that an inequality is worth: it would hold by chance about every second time.
const INEQUALITY_BITS: f32 = 1.0;

/// The verdicts that a trial gives without any search.
pub(crate) fn judge(trial: &Trial<'_, '_>) -> Verdicts {
    let board = &trial.board;
    let mut tables: Vec<TableVerdicts> =
        board.tables.iter().map(|table| TableVerdicts::unchecked(table.cells.len())).collect();
    for (index, mark) in trial.marks.iter().enumerate() {
        let Ok(var) = u32::try_from(index) else { break };
        let Some((table, offset)) = board.offset(var) else { continue };
        let cell = tables.get_mut(table).and_then(|table| table.cells.get_mut(offset));
        if let Some(cell) = cell {
            *cell = verdict(board, var, mark);
        }
    }
    let mut significance = vec![0.0f32; trial.tried.len()];
    for ground in &trial.grounds {
        let entry = (ground.id as usize).checked_sub(1).and_then(|entry| significance.get_mut(entry));
        if let Some(entry) = entry {
            *entry = bits(board, ground).unwrap_or(0.0);
        }
    }
    for (entry, tried) in trial.tried.iter().enumerate() {
        let Some(table) = tables.get_mut(tried.table) else { continue };
        let schema = board.tables.get(tried.table).and_then(|table| table.schema.as_ref());
        let rule = schema.and_then(|schema| schema.checks.get(tried.rule)).map(|check| check.rule.clone());
        let holds = matches!(tried.status, CheckStatus::Holds | CheckStatus::HoldsRounded);
        table.checks.push(Check {
            id: u32::try_from(entry + 1).unwrap_or(u32::MAX),
            rule: rule.unwrap_or_default(),
            rows: tried.rows.clone(),
            status: tried.status,
            discovered: false,
            significance: if holds { significance[entry] } else { 0.0 },
        });
    }
    Verdicts { tables }
}

fn verdict(board: &Board<'_, '_>, var: u32, mark: &Mark) -> CellVerdict {
    let known = board.fact(var).known;
    if known == Known::Unknown {
        let is_lost = board.cell(var).is_some_and(|cell| cell.slot == Slot::Lost && cell.choice.is_none());
        return if is_lost {
            CellVerdict { outcome: Outcome::Missing, ..CellVerdict::default() }
        } else {
            CellVerdict { status: Status::Open, ..CellVerdict::default() }
        };
    }
    let is_number = matches!(known, Known::Number(_));
    let (status, because) = match known {
        Known::Unusable => (Status::Unchecked, &mark.holds),
        _ if is_number && !mark.proven.is_empty() => (Status::Proven, &mark.proven),
        _ if !mark.fails.is_empty() => (Status::Contradicted, &mark.fails),
        _ if !mark.holds.is_empty() => (Status::Consistent, &mark.holds),
        _ => (Status::Unchecked, &mark.holds),
    };
    let because = if status == Status::Unchecked { Vec::new() } else { because.to_vec() };
    CellVerdict { status, because, ..CellVerdict::default() }
}

/// `log2(1/p)`: p is the share of the values as long as the tested one that the check would let pass.
pub(crate) fn bits(board: &Board<'_, '_>, ground: &Ground) -> Option<f32> {
    if !matches!(ground.relation, Relation::Equal | Relation::About) {
        return Some(INEQUALITY_BITS);
    }
    let mut digits = 0u32;
    let mut filled = 0;
    for var in ground.vars() {
        let fact = board.fact(var);
        let Some(value) = fact.value() else { continue };
        if value.is_zero() {
            continue;
        }
        filled += 1;
        let scale = board.fact(ground.lone.map_or(var, |lone| lone.var)).scale;
        let unit = Rational::integer(super::rational::power_of_ten(scale)?);
        let is_tested = ground.lone.is_some_and(|lone| lone.var == var);
        if is_tested
            || ground.lone.is_none_or(|lone| board.fact(lone.var).value().is_none_or(Rational::is_zero))
        {
            digits = digits.max(value.mul(unit)?.abs()?.floor().checked_ilog10().map_or(1, |log| log + 1));
        }
    }
    // One filled cell is compared with nothing.
    if filled < 2 || digits == 0 {
        return Some(0.0);
    }
    let per_digit = 10f32.log2();
    Some(
        #[allow(clippy::cast_precision_loss)]
        {
            (digits - 1) as f32 * per_digit + 9f32.log2()
        },
    )
}

/// Reports every failing check with the amount that is missing between its sides.
pub(crate) fn report(trial: &Trial<'_, '_>, sink: &mut dyn Sink) {
    let board = &trial.board;
    for ground in &trial.grounds {
        let tried = (ground.id as usize).checked_sub(1).and_then(|entry| trial.tried.get(entry));
        let Some(tried) = tried.filter(|tried| tried.status == CheckStatus::Fails) else { continue };
        let Some(table) = board.tables.get(ground.table) else { continue };
        let rule = table.schema.as_ref().and_then(|schema| schema.checks.get(ground.rule));
        let rule = rule.map_or("", |check| check.rule.as_str());
        let lines: Vec<String> = [tried.rows.first(), tried.rows.last().filter(|_| tried.rows.len() > 1)]
            .into_iter()
            .flatten()
            .filter_map(|&row| table.rows.get(row))
            .map(|row| row.line.to_string())
            .collect();
        let mut message = format!("`{rule}` fails on line {}", lines.join(" and line "));
        if let Some(gap) = gap(board, ground) {
            message.push_str(&format!(": {gap} is missing between them"));
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
