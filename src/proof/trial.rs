//! The trial of all ground constraints of a document: settle the constants, evaluate, mark the cells.

use std::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;

use super::board::{Board, Fact, Known};
use super::constant::find_candidates;
use super::constraint::{Ground, Lone, Poly, Ratio, Term, Var};
use super::discover::{self, Line as DiscoveredLine, Relation};
use super::evaluate::{Interval, Line, Untestable, evaluate, slack, solve_quotient, var_value};
use super::instantiate::{Failure, Instantiator, Rows};
use super::rational::Rational;
use super::withhold::{around, forced_cells, is_unique};
use crate::schema::check::Relation as Comparison;
use crate::table::{CheckIds, CheckStatus};
use crate::text::Decimal;

/// Ids kept as the reason of one cell: enough to follow a proof, few enough to stay small.
pub(super) const MAX_REASONS: usize = 4;

/// Ids of checks.
pub(crate) type Reasons = CheckIds;

/// What the checks say of one cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mark {
    pub(crate) proven: Reasons,
    pub(crate) holds: Reasons,
    pub(crate) fails: Reasons,
}

impl Mark {
    /// Whether no check reads the cell.
    pub(crate) fn is_empty(&self) -> bool {
        self.proven.is_empty() && self.holds.is_empty() && self.fails.is_empty()
    }
}

/// One check as it came out.
#[derive(Clone, Debug)]
pub(crate) struct Tried {
    pub(crate) table: usize,
    pub(crate) rule: usize,
    pub(crate) rows: Rows,
    pub(crate) status: CheckStatus,
    /// Whether `rule` counts the discovered relations of the trial instead of the checks of the table's schema.
    pub(crate) is_discovered: bool,
}

impl Tried {
    fn new(table: usize, rule: usize, rows: Rows) -> Self {
        Self { table, rule, rows, status: CheckStatus::Untestable, is_discovered: false }
    }
}

/// All checks of a document, tried.
#[derive(Debug)]
pub(crate) struct Trial<'a, 't> {
    pub(crate) board: Board<'a, 't>,
    pub(crate) grounds: Vec<Ground>,
    /// One an id, from 1.
    pub(crate) tried: Vec<Tried>,
    /// Why a ground constraint is untestable, if it is; one a ground.
    pub(crate) reasons: Vec<Option<Untestable>>,
    /// One a cell, or none where no check says anything.
    pub(crate) marks: Vec<Mark>,
    /// Ids of checks that clash only together, ascending.
    pub(crate) clashes: Vec<u32>,
    /// Relations that no schema states, of all tables.
    pub(crate) discovered: Vec<Relation>,
    /// The rules of every table's schema that the table speaks against.
    distrusted: Vec<Vec<bool>>,
}

impl<'a, 't> Trial<'a, 't> {
    /// Instantiates and tries all checks of `board`.
    pub(crate) fn new(text: &str, mut board: Board<'a, 't>) -> Self {
        let (mut grounds, mut tried) = (Vec::new(), Vec::new());
        let mut instantiator = Instantiator::new(&board);
        for table in 0..board.tables.len() {
            let mut instances = instantiator.instantiate(table);
            tried.reserve(instances.grounds.len() + instances.failures.len());
            for (ground, rows) in instances.grounds.iter_mut().zip(instances.rows) {
                tried.push(Tried::new(table, ground.rule, rows));
                ground.id = u32::try_from(tried.len()).unwrap_or(u32::MAX);
            }
            // Constraints are large, and those of an only table stay where they are.
            if grounds.is_empty() {
                grounds = instances.grounds;
            } else {
                grounds.append(&mut instances.grounds);
            }
            for Failure { rule, row } in instances.failures {
                tried.push(Tried::new(table, rule, row.into_iter().collect()));
            }
        }
        drop(instantiator);
        settle_constants(text, &mut board, &grounds);
        let reasons = vec![None; grounds.len()];
        let mut trial = Self {
            board,
            grounds,
            tried,
            reasons,
            marks: Vec::new(),
            clashes: Vec::new(),
            discovered: Vec::new(),
            distrusted: Vec::new(),
        };
        let outcomes: Vec<_> = trial.grounds.iter().map(|ground| evaluate(&trial.board, ground)).collect();
        trial.distrusted = super::trust::distrusted(&trial.board, &trial.grounds, &outcomes);
        trial.enter_outcomes(0, outcomes);
        trial.demote_rounded();
        trial.try_unknown_constants();
        trial.discover();
        trial
    }

    /// Marks the cells of the ground constraints from `first` on by their outcomes.
    fn enter_outcomes(&mut self, first: usize, outcomes: Vec<Result<CheckStatus, Untestable>>) {
        for (index, outcome) in (first..).zip(outcomes) {
            match outcome {
                Ok(status) => {
                    let proves = status == CheckStatus::Holds && self.is_trusted(index);
                    let forced =
                        if proves { forced_cells(&self.board, &self.grounds[index]).ok() } else { None };
                    self.mark(index, status, &forced.unwrap_or_default());
                }
                Err(reason) => self.reasons[index] = Some(reason),
            }
        }
    }

    /// Rules of which a line holds only where its operands are rounded: whatever else they say infers through `~=`.
    fn demote_rounded(&mut self) {
        let is_rounded = |ground: &&Ground| self.status(ground.id) == Some(CheckStatus::HoldsRounded);
        let rounded: BTreeSet<(usize, usize)> =
            self.grounds.iter().filter(is_rounded).map(|ground| (ground.table, ground.rule)).collect();
        for (ground, reason) in self.grounds.iter_mut().zip(&self.reasons) {
            let is_open = *reason == Some(Untestable::Unsettled);
            if is_open
                && ground.relation == Comparison::Equal
                && rounded.contains(&(ground.table, ground.rule))
            {
                ground.relation = Comparison::About;
            }
        }
    }

    /// Whether the table does not speak against the rule of a ground constraint.
    pub(crate) fn is_trusted(&self, index: usize) -> bool {
        let Some(ground) = self.grounds.get(index) else { return false };
        let rules = self.distrusted.get(ground.table).map_or(&[][..], Vec::as_slice);
        self.is_discovered(ground) || !rules.get(ground.rule).copied().unwrap_or(false)
    }

    /// Whether no schema states the rule of a ground constraint.
    pub(crate) fn is_discovered(&self, ground: &Ground) -> bool {
        let tried = (ground.id as usize).checked_sub(1).and_then(|entry| self.tried.get(entry));
        tried.is_some_and(|tried| tried.is_discovered)
    }

    /// The rule of a check as it is written.
    pub(crate) fn rule(&self, tried: &Tried) -> &str {
        if tried.is_discovered {
            return self.discovered.get(tried.rule).map_or("", |relation| relation.rule.as_str());
        }
        let schema = self.board.tables.get(tried.table).and_then(|table| table.schema.as_ref());
        schema.and_then(|schema| schema.checks.get(tried.rule)).map_or("", |check| check.rule.as_str())
    }

    /// Adds the relations of every table in which no stated equation holds: what a schema says needs no discovery.
    fn discover(&mut self) {
        let mut is_stated = vec![false; self.board.tables.len()];
        for (index, ground) in self.grounds.iter().enumerate() {
            let is_equation = matches!(ground.relation, Comparison::Equal | Comparison::About);
            if is_equation && self.is_trusted(index) && self.says_something(ground) {
                is_stated[ground.table] = true;
            }
        }
        let first = self.grounds.len();
        for table in (0..is_stated.len()).filter(|&table| !is_stated[table]) {
            for relation in discover::discover(&self.board, table) {
                for line in &relation.lines {
                    self.add_line(table, line);
                }
                self.discovered.push(relation);
            }
        }
        self.reasons.resize(self.grounds.len(), None);
        let outcomes = self.grounds[first..].iter().map(|ground| evaluate(&self.board, ground)).collect();
        self.enter_outcomes(first, outcomes);
    }

    /// Whether a stated constraint holds, or may still hold once its open cells are settled.
    fn says_something(&self, ground: &Ground) -> bool {
        let holds = matches!(self.status(ground.id), Some(CheckStatus::Holds | CheckStatus::HoldsRounded));
        let is_open = ground.vars().any(|var| self.board.fact(var).known == Known::Unknown);
        is_open
            || holds
                && ground.vars().any(|var| self.board.fact(var).value().is_some_and(|value| !value.is_zero()))
    }

    fn add_line(&mut self, table: usize, line: &DiscoveredLine) {
        let mut rows = Rows::new();
        let vars = line.num.iter().map(|term| term.1).chain([line.target]).chain(line.den);
        rows.extend(vars.filter_map(|var| self.board.place(var)).map(|place| place.1));
        rows.sort_unstable();
        rows.dedup();
        self.tried.push(Tried { is_discovered: true, ..Tried::new(table, self.discovered.len(), rows) });
        let terms = line
            .num
            .iter()
            .map(|&(coefficient, var)| Term { coefficient, vars: SmallVec::from_slice(&[var]) });
        self.grounds.push(Ground {
            table,
            rule: self.discovered.len(),
            id: u32::try_from(self.tried.len()).unwrap_or(u32::MAX),
            relation: Comparison::Equal,
            lone: Some(Lone { var: line.target }),
            ratio: Ratio {
                num: Poly { terms: terms.collect() },
                den: line.den.map(|den| Poly::var(den, Rational::ONE)),
            },
            truncates: false,
        });
    }

    /// The status of the check `id`.
    pub(crate) fn status(&self, id: u32) -> Option<CheckStatus> {
        (id as usize).checked_sub(1).and_then(|entry| self.tried.get(entry)).map(|tried| tried.status)
    }

    /// The checks that read the cell and still fail.
    pub(crate) fn failing(&self, var: Var) -> CheckIds {
        let mark = self.marks.get(var as usize);
        let fails = mark.map_or(&[][..], |mark| mark.fails.as_slice()).iter().copied();
        fails.filter(|&id| self.status(id) == Some(CheckStatus::Fails)).collect()
    }

    /// Whether a failing check that still fails reads the cell and no other check forces it.
    pub(crate) fn marks_fail(&self, var: Var) -> bool {
        let Some(mark) = self.marks.get(var as usize) else { return false };
        mark.proven.is_empty() && mark.fails.iter().any(|&id| self.status(id) == Some(CheckStatus::Fails))
    }

    /// Whether a settled cell stands in a failing check without a blank that could explain it.
    pub(crate) fn is_doubted(&self, var: Var, blanks: &BTreeMap<Var, ()>) -> bool {
        let Some(mark) = self.marks.get(var as usize).filter(|mark| mark.proven.is_empty()) else {
            return false;
        };
        mark.fails.iter().any(|&id| {
            let ground = self.ground_of(id);
            ground.is_some_and(|ground| !ground.vars().any(|var| blanks.contains_key(&var)))
        })
    }

    /// The ground constraint of the check `id`.
    pub(crate) fn ground_of(&self, id: u32) -> Option<&Ground> {
        let position = self.grounds.partition_point(|ground| ground.id < id);
        self.grounds.get(position).filter(|ground| ground.id == id)
    }

    /// Whether the check belongs to an irreducible clash.
    pub(crate) fn is_clash(&self, id: u32) -> bool {
        self.clashes.binary_search(&id).is_ok()
    }

    pub(crate) fn mark(&mut self, index: usize, status: CheckStatus, forced: &[Var]) {
        self.begin_marks();
        let ground = &self.grounds[index];
        if let Some(tried) = (ground.id as usize).checked_sub(1).and_then(|entry| self.tried.get_mut(entry)) {
            tried.status = status;
        }
        let note = |reasons: &mut Reasons| {
            if reasons.len() < MAX_REASONS && reasons.last() != Some(&ground.id) {
                reasons.push(ground.id);
            }
        };
        for var in ground.vars() {
            if let Some(mark) = self.marks.get_mut(var as usize) {
                note(if status == CheckStatus::Fails { &mut mark.fails } else { &mut mark.holds });
            }
        }
        for &var in forced {
            if let Some(mark) = self.marks.get_mut(var as usize) {
                note(&mut mark.proven);
            }
        }
    }

    /// A mark for every cell, once a check says something.
    fn begin_marks(&mut self) {
        if self.marks.is_empty() {
            self.marks.resize_with(self.board.cell_count, Mark::default);
        }
    }

    /// Marks a cell whose value the checks `reasons` force together.
    pub(crate) fn prove(&mut self, var: Var, reasons: Reasons) {
        self.begin_marks();
        if let Some(mark) = self.marks.get_mut(var as usize) {
            mark.proven = reasons;
        }
    }

    /// Constants without a value: every row bounds them, the greatest number of rows that agree hold.
    fn try_unknown_constants(&mut self) {
        for constant in self.board.cell_count..self.board.facts.len() {
            let Ok(constant) = Var::try_from(constant) else { return };
            if self.board.fact(constant).known != Known::Unknown {
                continue;
            }
            let own = table_range(&self.grounds, self.board.constant_table(constant));
            let users: Vec<(usize, Interval)> = own
                .filter(|&index| self.reasons[index] == Some(Untestable::Unsettled))
                .filter(|&index| self.grounds[index].vars().any(|var| var == constant))
                .filter_map(|index| {
                    Some((index, constant_range(&self.board, &self.grounds[index], constant)?))
                })
                .collect();
            // One row alone bounds its constant as it likes: that is no test.
            if users.len() < 2 {
                continue;
            }
            let best = busiest(&users);
            let ranges: Vec<Interval> = users.iter().map(|(_, range)| *range).collect();
            let (holding, failing): (Vec<_>, Vec<_>) =
                users.iter().enumerate().partition(|(_, (_, range))| !range.meet(best).is_empty());
            let without =
                meets_without(&ranges, &holding.iter().map(|(position, _)| *position).collect::<Vec<_>>());
            for (&(_, &(index, _)), rest) in holding.iter().zip(&without) {
                let forced = self.forced_by_range(index, constant, *rest);
                self.mark(index, CheckStatus::Holds, &forced);
                self.reasons[index] = None;
            }
            for (_, &(index, _)) in failing {
                self.mark(index, CheckStatus::Fails, &[]);
                self.reasons[index] = None;
            }
        }
    }

    /// The lone cell of a constraint, if the constant's range from all other rows leaves only its value.
    fn forced_by_range(&self, index: usize, constant: Var, range: Interval) -> Vec<Var> {
        let ground = &self.grounds[index];
        let forced = || {
            let lone = ground.lone?;
            let low = ratio_at(&self.board, ground, constant, range.low?)?;
            let high = ratio_at(&self.board, ground, constant, range.high?)?;
            let unit = Rational::half_unit(self.board.fact(lone.var).scale)?;
            let slack = slack(&self.board, ground)?.max(unit);
            let mut left = around(low.min(high), slack).ok()?;
            left.high = around(low.max(high), slack).ok()?.high;
            let is_monotone = range.low?.signum() * range.high?.signum() > 0;
            // A share of 0 is 0 whatever the constant: that proves nothing.
            let says = !low.is_zero() || !high.is_zero();
            (is_monotone && says && is_unique(&self.board, lone.var, &[left])).then_some(lone.var)
        };
        forced().into_iter().collect()
    }
}

/// The value of the quotient with the constant at `value`.
fn ratio_at(board: &Board<'_, '_>, ground: &Ground, constant: Var, value: Rational) -> Option<Rational> {
    let (num, den) = lines_in(board, ground, constant)?;
    let at = |line: Line| line.constant.add(line.slope.mul(value)?);
    at(num)?.div(at(den)?)
}

/// Numerator and denominator as lines in one variable, all others being settled.
pub(crate) fn lines_in(board: &Board<'_, '_>, ground: &Ground, unknown: Var) -> Option<(Line, Line)> {
    let line = |poly: &super::constraint::Poly| {
        let mut line = Line { constant: Rational::ZERO, slope: Rational::ZERO };
        for term in &poly.terms {
            let mut value = term.coefficient;
            let mut power = 0;
            for &var in &term.vars {
                if var == unknown {
                    power += 1;
                } else {
                    value = value.mul(var_value(board, var).ok()?)?;
                }
            }
            match power {
                0 => line.constant = line.constant.add(value)?,
                1 => line.slope = line.slope.add(value)?,
                _ => return None,
            }
        }
        Some(line)
    };
    let one = Line { constant: Rational::ONE, slope: Rational::ZERO };
    Some((line(&ground.ratio.num)?, ground.ratio.den.as_ref().map_or(Some(one), line)?))
}

/// What one row leaves of a constant; `None` where that is no single interval.
fn constant_range(board: &Board<'_, '_>, ground: &Ground, constant: Var) -> Option<Interval> {
    let lone = ground.lone.filter(|lone| lone.var != constant);
    if ground.relation != Comparison::Equal {
        return None;
    }
    let Some(lone) = lone else {
        let lone = ground.lone?;
        let value = super::evaluate::ratio_value(board, &ground.ratio).ok()?;
        return (lone.var == constant).then_some(Interval::point(value));
    };
    let (num, den) = lines_in(board, ground, constant)?;
    let target = around(var_value(board, lone.var).ok()?, slack(board, ground)?).ok()?;
    if num.constant.is_zero() && num.slope.is_zero() {
        return target.contains(Rational::ZERO).then_some(Interval::ALL);
    }
    let mut ranges = solve_quotient(num, den, target)?;
    // A constant of 0 would make the row vacuous: no quantity by which rows are divided is 0.
    ranges.retain(|range| *range != Interval::point(Rational::ZERO));
    match ranges.as_slice() {
        [range] => Some(*range),
        _ => None,
    }
}

/// A range inside the greatest number of ranges; the first such, so that the answer does not hang on the order.
fn busiest(users: &[(usize, Interval)]) -> Interval {
    let mut ends: Vec<(Option<Rational>, bool)> = Vec::new();
    for (_, range) in users {
        ends.push((range.low, false));
        if range.high.is_some() {
            ends.push((range.high, true));
        }
    }
    // An open low end sorts first (`None`), and at one place ranges open before others close.
    ends.sort();
    let (mut depth, mut most, mut best) = (0i64, 0i64, Interval::ALL);
    for (position, (value, is_end)) in ends.iter().enumerate() {
        depth += if *is_end { -1 } else { 1 };
        if depth > most {
            most = depth;
            best = Interval {
                low: *value,
                high: ends[position + 1..].iter().find(|end| end.1).and_then(|end| end.0),
            };
        }
    }
    best
}

/// For every holding range the meet of all other holding ranges, in linear time.
fn meets_without(ranges: &[Interval], holding: &[usize]) -> Vec<Interval> {
    let mut suffixes = vec![Interval::ALL; holding.len() + 1];
    for position in (0..holding.len()).rev() {
        suffixes[position] = suffixes[position + 1].meet(ranges[holding[position]]);
    }
    let mut prefix = Interval::ALL;
    let mut without = Vec::with_capacity(holding.len());
    for (position, &range) in holding.iter().enumerate() {
        without.push(prefix.meet(suffixes[position + 1]));
        prefix = prefix.meet(ranges[range]);
    }
    without
}

/// The constraints of one table: they stand in the order of the tables.
fn table_range(grounds: &[Ground], table: usize) -> std::ops::Range<usize> {
    grounds.partition_point(|ground| ground.table < table)
        ..grounds.partition_point(|ground| ground.table <= table)
}

/// Chooses for every constant the one match of its pattern under which the fewest checks fail.
fn settle_constants(text: &str, board: &mut Board<'_, '_>, grounds: &[Ground]) {
    let tables = board.tables;
    // Tables of one document are often of one schema: the text is asked once for each pattern.
    let mut asked: BTreeMap<&str, Vec<Decimal>> = BTreeMap::new();
    for (index, table) in tables.iter().enumerate() {
        let Some(schema) = &table.schema else { continue };
        for (number, constant) in schema.constants.iter().enumerate() {
            let candidates = match constant.pattern.as_ref().filter(|_| constant.value.is_none()) {
                Some(pattern) => {
                    asked.entry(pattern.as_str()).or_insert_with(|| find_candidates(text, constant)).clone()
                }
                None => find_candidates(text, constant),
            };
            let Some(var) = board.constant(index, number).filter(|_| !candidates.is_empty()) else {
                continue;
            };
            let own = grounds.get(table_range(grounds, index)).unwrap_or_default();
            let users: Vec<&Ground> =
                own.iter().filter(|ground| ground.vars().any(|used| used == var)).collect();
            let mut scored: Vec<(usize, Fact)> = Vec::new();
            for candidate in candidates {
                let Some(value) = Rational::decimal(candidate) else { continue };
                let fact = Fact {
                    known: Known::Number(value),
                    scale: candidate.scale(),
                    is_exact: false,
                    percent: false,
                };
                board.facts[var as usize] = fact;
                let fails = |ground: &&&Ground| evaluate(board, ground) == Ok(CheckStatus::Fails);
                scored.push((users.iter().filter(fails).count(), fact));
            }
            let fewest = scored.iter().map(|score| score.0).min().unwrap_or(0);
            let mut best = scored.iter().filter(|score| score.0 == fewest);
            let unknown = Fact { known: Known::Unknown, scale: 0, is_exact: true, percent: false };
            let is_left_out = constant.optional && fewest > 0;
            // Two matches that the rows cannot tell apart leave the constant open.
            board.facts[var as usize] = match (best.next(), best.next()) {
                (Some((_, fact)), None) if !is_left_out => *fact,
                _ => unknown,
            };
        }
    }
}
