//! Unsettled cells: components, inference by refutation, clashes.
//!
//! Lost cells, cells of open choices and, where a check fails with 0, blank cells are variables; constraints that share
//! one belong to a component. A component is narrowed to a fixpoint ([`super::propagate`]), its exact equations are
//! eliminated, every alternative left is probed, and what then is open is searched ([`super::search`]). A value is proven
//! where every other one is refuted, ambiguous where two solutions are shown, open where neither was reached.
//!
//! Prints that a failing check has put in doubt carry no inference: constraints that read them are left out.

use std::collections::BTreeMap;

use super::board::{Board, Fact, Known};
use super::bounds::Bounds;
use super::clash::{Refuter, drop_clash, irreducible, refuting_print};
use super::constraint::Var;
use super::correct::{corrected, is_print, is_suspect};
use super::eliminate::eliminate;
use super::evaluate::evaluate;
use super::instantiate::uses;
use super::joint::Tests;
use super::problem::{OptionBlanks, Problem};
use super::propagate::propagate;
use super::rational::Rational;
use super::refute::{Searcher, bounded};
use super::search::{Found, Solution, due, search, touched};
use super::state::{Alternative, Live, State, Stop};
use super::tested::derived;
use super::trial::{Reasons, Trial};
use super::unsettled::option_slot;
use super::var_map::VarMap;
use crate::align::{Choice, Slot};
use crate::budget::Budget;
use crate::schema::check::Expression;
use crate::table::CheckStatus;

/// What was found about one variable.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resolved {
    /// The only value left, if there is one.
    pub(crate) value: Option<Rational>,
    /// The only alternative left.
    pub(crate) only: Option<Alternative>,
    /// The alternative and value that the shown reading takes.
    pub(crate) shown: Option<(Alternative, Option<Rational>)>,
    pub(crate) live: Live,
    /// Whether two solutions with different values were shown.
    pub(crate) is_ambiguous: bool,
    /// Whether the cell is a blank that a failing check put in question.
    pub(crate) is_blank: bool,
    /// Whether any constraint reads it.
    pub(crate) is_read: bool,
    /// Whether a check would force its value if its own print were withheld.
    pub(crate) is_tested: bool,
    /// Ids of the checks that do so only together.
    pub(crate) reasons: Reasons,
    /// The loosest rounding among its live alternatives.
    pub(crate) fact: Option<Fact>,
}

/// So many irreducible clashes are taken out of one component before it is given up.
const MAX_CLASHES: usize = 4;

/// Resolves all unsettled cells of a trial and enters what they settle.
pub(crate) fn resolve(trial: &mut Trial<'_, '_>, budget: &mut Budget) -> VarMap<Resolved> {
    let mut blanks = questioned_blanks(trial);
    let mut components = narrowed(trial, &blanks, budget);
    while question_more(trial, &components, &mut blanks, budget) {
        components = narrowed(trial, &blanks, budget);
    }
    let count = components.iter().map(|component| component.problem.vars.len()).sum();
    let mut resolved: VarMap<Resolved> = VarMap::with_room(count);
    for Component { problem, root } in components {
        let mut found = solve(trial, &problem, root, budget);
        // A print that would have to say what it does not leaves nothing proven around it; the checks speak against it.
        let is_denied = |(var, entry): &(Var, Resolved)| {
            let var = *var;
            let value = entry.value.filter(|_| is_print(&trial.board, var));
            value.is_some_and(|value| corrected(&trial.board, var, value).is_none()).then_some(var)
        };
        if let Some(denied) = found.iter().find_map(is_denied) {
            found = open(&problem);
            if let Some(core) = refuting_print(&trial.board, &problem, denied, budget) {
                drop_clash(trial, &problem, &core, &mut vec![true; problem.grounds.len()]);
            }
        }
        for (var, mut entry) in found {
            entry.is_blank = blanks.contains_key(&var);
            resolved.insert(var, entry);
        }
    }
    resolved.sort();
    enter(trial, &resolved, &blanks);
    for (var, reasons) in tested(trial, &resolved, &blanks, budget) {
        match resolved.get_mut(var) {
            Some(entry) => (entry.is_tested, entry.reasons) = (true, reasons),
            None => trial.prove(var, reasons),
        }
    }
    resolved
}

/// The prints beside resolved cells whose values the checks test: by derivation, or else by all checks together, with the
/// ids of these.
fn tested(
    trial: &Trial<'_, '_>,
    resolved: &VarMap<Resolved>,
    blanks: &BTreeMap<Var, ()>,
    budget: &mut Budget,
) -> Vec<(Var, Reasons)> {
    if resolved.is_empty() {
        return Vec::new();
    }
    let print = |(var, entry): (Var, &Resolved)| (var, print_of(&trial.board, var, entry));
    let prints: VarMap<Print> = resolved.iter().map(print).collect();
    let unprinted = prints.iter().map(|(var, &print)| (var, print != Print::Own)).collect();
    let derived = derived(trial, &unprinted, budget);
    let is_usable = |index: usize| {
        let ground = &trial.grounds[index];
        let mut settled = ground.vars().filter(|&var| !resolved.contains(var));
        trial.is_trusted(index)
            && !trial.is_clash(ground.id)
            && !settled.any(|var| trial.is_doubted(var, blanks))
    };
    let stands = prints.iter().map(|(var, &print)| (var, print == Print::Own)).collect();
    let tests = Tests::new(trial, stands, &is_usable);
    let is_placed = |var: &Var| {
        let is_read = resolved.get(*var).is_some_and(|entry| entry.is_read);
        is_read && prints.get(*var) != Some(&Print::None) && derived.binary_search(var).is_err()
    };
    let mut share = Budget::new(if budget.is_spent() { 0 } else { tests.steps() });
    let placed = prints.vars().filter(is_placed);
    // Zeros last: most of them say little, and steps are few.
    let is_zero = |&var: &Var| trial.board.fact(var).value().is_none_or(Rational::is_zero);
    let (zeros, others): (Vec<Var>, Vec<Var>) = placed.chain(tests.settled()).partition(is_zero);
    let due = others.into_iter().chain(zeros);
    let joint: Vec<(Var, Reasons)> =
        due.filter_map(|var| Some((var, tests.force(var, &mut share)?))).collect();
    budget.spend(share.used());
    derived.into_iter().map(|var| (var, Reasons::new())).chain(joint).collect()
}

/// How the value of a resolved cell is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Print {
    /// Not at all, or what it is was not found.
    None,
    /// In some of the readings that are left.
    Shared,
    /// In all of them.
    Own,
}

/// How the live alternatives of a resolved cell print its value.
fn print_of(board: &Board<'_, '_>, var: Var, entry: &Resolved) -> Print {
    let prints = |&(name, _): &(Alternative, Option<Rational>)| match name {
        Alternative::Token(_) => true,
        Alternative::Option(option) => match option_slot(board, var, option) {
            None | Some(Slot::Lost) => false,
            // A blank that holds anything but 0 has lost its print.
            Some(Slot::Blank) => entry.value.is_some_and(Rational::is_zero),
            Some(_) => true,
        },
        Alternative::Lost => false,
    };
    if entry.value.is_none() || entry.is_blank || !entry.live.iter().any(prints) {
        return Print::None;
    }
    if entry.live.iter().all(prints) { Print::Own } else { Print::Shared }
}

/// The blank cells of failing equations, and their prints that may have lost a decimal point.
fn questioned_blanks(trial: &Trial<'_, '_>) -> BTreeMap<Var, ()> {
    let mut blanks = BTreeMap::new();
    for (index, ground) in trial.grounds.iter().enumerate() {
        if trial.status(ground.id) != Some(CheckStatus::Fails) || !trial.is_trusted(index) {
            continue;
        }
        // A relation that was discovered does not say that a blank was lost: it was found among what is printed.
        let is_stated = !trial.is_discovered(ground);
        let is_questioned =
            |var: &Var| is_stated && is_blank(&trial.board, *var) || is_suspect(&trial.board, *var);
        blanks.extend(ground.vars().filter(is_questioned).map(|var| (var, ())));
    }
    blanks
}

/// A component with what its bounds and equations leave of it.
struct Component {
    problem: Problem,
    root: Result<State, Stop>,
}

/// The components, each narrowed.
fn narrowed(trial: &Trial<'_, '_>, blanks: &BTreeMap<Var, ()>, budget: &mut Budget) -> Vec<Component> {
    let narrow = |(vars, members): (Vec<Var>, Vec<usize>)| {
        let problem = build(trial, &vars, &members, budget);
        let active = vec![true; problem.grounds.len()];
        let root = root_state(&problem, &active, budget);
        Component { problem, root }
    };
    components(trial, blanks).into_iter().map(narrow).collect()
}

/// Blanks of checks that fail with 0 only together, through a lost cell. `false`: none is new.
fn question_more(
    trial: &Trial<'_, '_>,
    components: &[Component],
    blanks: &mut BTreeMap<Var, ()>,
    budget: &mut Budget,
) -> bool {
    let before = blanks.len();
    for Component { problem, root } in components {
        if !matches!(root, Err(Stop::Refuted)) {
            continue;
        }
        let active = vec![true; problem.grounds.len()];
        for ground in irreducible(problem, &active, Refuter::Bounds, budget).unwrap_or_default() {
            let ground = &trial.grounds[problem.grounds[ground].ground];
            blanks.extend(ground.vars().filter(|&var| is_blank(&trial.board, var)).map(|var| (var, ())));
        }
    }
    blanks.len() > before && !budget.is_spent()
}

/// The problem of a component. Where rows are named for every column, columns are alike, and types do not tell a shifted row
/// from one that lost a value. So where no reading holds with its blanks as 0, a blank of any reading may be lost: else
/// cells of a component that clashes as a whole would be proven by the half of it that happens to add up.
fn build(trial: &Trial<'_, '_>, vars: &[Var], members: &[usize], budget: &mut Budget) -> Problem {
    let new = |blanks| Problem::new(&trial.board, vars, &trial.grounds, members, blanks);
    let strict = new(OptionBlanks::Zero);
    if strict.options.is_empty() || !members.iter().any(|&member| names_rows(trial, member)) {
        return strict;
    }
    let active = vec![true; strict.grounds.len()];
    let root = root_state(&strict, &active, budget);
    match root.and_then(|state| begin(&strict, state, &active, &preferred(&trial.board, &strict), budget)) {
        Err(Stop::Refuted) => new(OptionBlanks::Questioned),
        _ => strict,
    }
}

/// Whether a constraint comes from a rule that names rows for every column.
pub(crate) fn names_rows(trial: &Trial<'_, '_>, index: usize) -> bool {
    let ground = &trial.grounds[index];
    let schema = trial.board.tables.get(ground.table).and_then(|table| table.schema.as_ref());
    let check =
        schema.and_then(|schema| schema.checks.get(ground.rule)).filter(|_| !trial.is_discovered(ground));
    check.is_some_and(|check| uses(check, &|part| matches!(part, Expression::Row { field: None, .. })))
}

fn is_blank(board: &Board<'_, '_>, var: Var) -> bool {
    board.fact(var).known == Known::Empty && board.cell(var).is_some_and(|cell| cell.slot == Slot::Blank)
}

/// Variables and constraints of every component, in order of their first variable.
fn components(trial: &Trial<'_, '_>, blanks: &BTreeMap<Var, ()>) -> Vec<(Vec<Var>, Vec<usize>)> {
    let board = &trial.board;
    let is_variable = |var: Var| board.fact(var).known == Known::Unknown || blanks.contains_key(&var);
    let mut parents: VarMap<Var> = VarMap::default();
    for index in 0..board.facts.len() {
        let Ok(var) = Var::try_from(index) else { break };
        if is_variable(var) {
            parents.insert(var, var);
        }
    }
    if parents.vars().all(|var| board.is_constant(var)) {
        return Vec::new();
    }
    let mut links: Vec<Vec<Var>> = Vec::new();
    let mut members: Vec<(usize, Var)> = Vec::new();
    for (index, ground) in trial.grounds.iter().enumerate() {
        let vars: Vec<Var> = ground.vars().filter(|&var| is_variable(var)).collect();
        let Some(&first) = vars.first() else { continue };
        let is_doubted = ground.vars().any(|var| !is_variable(var) && trial.is_doubted(var, blanks));
        if !is_doubted && trial.is_trusted(index) {
            members.push((index, first));
            links.push(vars);
        }
    }
    let mut by_choice: BTreeMap<(usize, usize), Vec<Var>> = BTreeMap::new();
    for var in parents.vars() {
        if let Some((table, offset)) = board.offset(var)
            && let Some(choice) = board.choice_of(table, offset)
        {
            by_choice.entry((table, choice)).or_default().push(var);
        }
    }
    links.extend(by_choice.into_values());
    for vars in links {
        for pair in vars.windows(2) {
            let (a, b) = (root(&mut parents, pair[0]), root(&mut parents, pair[1]));
            parents.insert(a.max(b), a.min(b));
        }
    }
    // The representative of a component is its first variable.
    let mut found: VarMap<(Vec<Var>, Vec<usize>)> = VarMap::default();
    let vars: Vec<Var> = parents.vars().collect();
    for var in vars {
        found.or_default(root(&mut parents, var)).0.push(var);
    }
    for (index, first) in members {
        found.or_default(root(&mut parents, first)).1.push(index);
    }
    found.into_values().filter(|(vars, _)| vars.iter().any(|&var| !board.is_constant(var))).collect()
}

/// The representative of a variable; paths are halved on the way.
fn root(parents: &mut VarMap<Var>, mut var: Var) -> Var {
    loop {
        let parent = parents.get(var).copied().unwrap_or(var);
        if parent == var {
            return var;
        }
        let above = parents.get(parent).copied().unwrap_or(parent);
        parents.insert(var, above);
        var = above;
    }
}

/// Judges the variables of a component from its root on.
fn solve(
    trial: &mut Trial<'_, '_>,
    problem: &Problem,
    mut root: Result<State, Stop>,
    budget: &mut Budget,
) -> Vec<(Var, Resolved)> {
    let mut active = vec![true; problem.grounds.len()];
    let preferred = preferred(&trial.board, problem);
    let mut clashes = 0;
    let (state, shown) = loop {
        let how = if root.is_ok() { Refuter::Searched } else { Refuter::Bounds };
        match root.and_then(|state| begin(problem, state, &active, &preferred, budget)) {
            Ok(begun) => break begun,
            Err(Stop::Refuted) if clashes < MAX_CLASHES => {
                clashes += 1;
                let core = irreducible(problem, &active, how, budget);
                let Some(core) = core.filter(|_| !budget.is_spent()) else { return open(problem) };
                drop_clash(trial, problem, &core, &mut active);
                root = root_state(problem, &active, budget);
            }
            Err(_) => return open(problem),
        }
    };
    let mut searcher = Searcher { problem, active: &active, preferred: &preferred, state, shown, budget };
    (0..problem.vars.len()).map(|var| (problem.vars[var].var, searcher.judge(var))).collect()
}

/// Probes every alternative and searches for a first solution; refuted where there is none.
fn begin(
    problem: &Problem,
    mut state: State,
    active: &[bool],
    preferred: &[Option<Alternative>],
    budget: &mut Budget,
) -> Result<(State, Vec<Solution>), Stop> {
    match probe(problem, &mut state, active, budget) {
        Err(Stop::Refuted) => return Err(Stop::Refuted),
        Ok(()) | Err(Stop::Spent) => {}
    }
    let all: Vec<usize> = (0..problem.grounds.len()).collect();
    let found = bounded(budget, |budget| search(problem, active, preferred, state.clone(), all, budget));
    match found {
        Found::Solution(solution) => Ok((state, vec![solution])),
        Found::Refuted => Err(Stop::Refuted),
        Found::Open => Ok((state, Vec::new())),
    }
}

/// Everything narrowed by bounds and elimination.
pub(crate) fn root_state(problem: &Problem, active: &[bool], budget: &mut Budget) -> Result<State, Stop> {
    narrow_from(problem, State::new(problem), active, budget)
}

/// The same from a state in which more is known.
pub(crate) fn narrow_from(
    problem: &Problem,
    mut state: State,
    active: &[bool],
    budget: &mut Budget,
) -> Result<State, Stop> {
    propagate(problem, &mut state, active, 0..problem.grounds.len(), budget)?;
    loop {
        let changed = eliminate(problem, &mut state, active, budget)?;
        if changed.is_empty() {
            return Ok(state);
        }
        let start: Vec<usize> = changed.iter().flat_map(|&var| touched(problem, var)).collect();
        propagate(problem, &mut state, active, start, budget)?;
    }
}

/// Tries every alternative by itself and drops those that propagation refutes. A variable is tried again only where
/// something near it has changed since: what far changes would refute is left to the search.
fn probe(problem: &Problem, state: &mut State, active: &[bool], budget: &mut Budget) -> Result<(), Stop> {
    let mut is_due = vec![true; problem.vars.len()];
    while is_due.contains(&true) {
        for var in 0..problem.vars.len() {
            if !std::mem::take(&mut is_due[var]) || state.is_decided(problem, var) {
                continue;
            }
            for alternative in state.alternatives(problem, var) {
                let is_live = state.alternatives(problem, var).contains(&alternative);
                if !is_live || state.is_decided(problem, var) {
                    continue;
                }
                let mut trial = state.clone();
                let outcome = trial.assume(problem, var, alternative).and_then(|()| {
                    let start = due(problem, &state.bounds, &trial, var);
                    propagate(problem, &mut trial, active, start, budget)
                });
                match outcome {
                    Ok(()) => {}
                    Err(Stop::Spent) => return Err(Stop::Spent),
                    Err(Stop::Refuted) => {
                        let before = state.bounds.clone();
                        state.forbid(problem, var, alternative)?;
                        let start = due(problem, &before, state, var);
                        propagate(problem, state, active, start, budget)?;
                        mark_near(problem, &before, state, &mut is_due);
                        is_due[var] = true;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Marks the variables that share a constraint with one whose hull is no longer what it was.
fn mark_near(problem: &Problem, before: &Bounds, state: &State, is_due: &mut [bool]) {
    for var in 0..problem.vars.len() {
        if state.bounds.is_same_hull(before, problem, var) {
            continue;
        }
        is_due[var] = true;
        for ground in touched(problem, var) {
            problem.grounds[ground].vars.iter().for_each(|&near| is_due[near] = true);
        }
    }
}

/// The aligner's best reading, as alternatives.
fn preferred(board: &Board<'_, '_>, problem: &Problem) -> Vec<Option<Alternative>> {
    let mut preferred = vec![None; problem.vars.len()];
    for site in &problem.placements {
        let Some(Choice::Placement(placement)) = board.tables[site.table].choices.get(site.choice) else {
            continue;
        };
        for (row, &cell) in site.cells.iter().enumerate() {
            let token = placement.best.iter().position(|&best| best == row);
            preferred[cell] = Some(token.map_or(Alternative::Lost, Alternative::Token));
        }
    }
    for site in &problem.options {
        site.cells.iter().for_each(|&cell| preferred[cell] = Some(Alternative::Option(0)));
    }
    preferred
}

/// Nothing is known of any variable.
fn open(problem: &Problem) -> Vec<(Var, Resolved)> {
    problem
        .vars
        .iter()
        .map(|variable| {
            (variable.var, Resolved { is_read: !variable.grounds.is_empty(), ..Resolved::default() })
        })
        .collect()
}

/// Enters settled values into the board and tries the constraints again that they settle.
fn enter(trial: &mut Trial<'_, '_>, resolved: &VarMap<Resolved>, blanks: &BTreeMap<Var, ()>) {
    for (var, entry) in resolved.iter() {
        if let Some(value) = entry.value
            && !trial.board.is_constant(var)
            && (!is_print(&trial.board, var) || corrected(&trial.board, var, value).is_some())
            && let Some(fact) = trial.board.facts.get_mut(var as usize)
        {
            if let Some(loosest) = entry.fact {
                (fact.scale, fact.is_exact) = (loosest.scale, loosest.is_exact);
            }
            fact.known = Known::Number(value);
        }
    }
    for index in 0..trial.grounds.len() {
        let id = trial.grounds[index].id;
        let reads = trial.grounds[index].vars().any(|var| resolved.contains(var));
        if !reads {
            continue;
        }
        let is_settled = trial.grounds[index].vars().all(|var| {
            let is_known =
                matches!(trial.board.fact(var).known, Known::Number(_)) || trial.board.is_constant(var);
            resolved.get(var).is_none_or(|entry| entry.value.is_some() || is_known)
        });
        // A clash, or a check that reads a print in doubt, was left out: what is known of it stays.
        let is_doubted =
            trial.grounds[index].vars().any(|var| !resolved.contains(var) && trial.is_doubted(var, blanks));
        let is_clash = trial.is_clash(id) || is_doubted;
        let status = match evaluate(&trial.board, &trial.grounds[index]) {
            _ if is_clash => continue,
            Ok(status) if is_settled => status,
            _ if trial.status(id) == Some(CheckStatus::Fails) => CheckStatus::Untestable,
            _ => continue,
        };
        trial.mark(index, status, &[]);
    }
}
