//! Prints of open choices: whether the value of a print that was placed is tested, and not its place alone.
//!
//! A choice may leave a print one reading because all others are refuted. That settles where it stands, not what it says:
//! a print beside lost values may say anything, for they take up the difference. So a placed print is tested only where a
//! check forces it once it is withheld, and every other operand is a print or follows from other prints.
//!
//! ```text
//! derivation  of an unprinted value: a check that forces it, and the placed prints that it and its operands rest on
//! tested      a print in a check that forces it, whose unprinted operands have derivations that do not rest on it
//! ```
//!
//! Derivations grow from check to check until none is new, one a value and check. Steps: the operands of the checks that are
//! looked at. What rests on more than [`MAX_SUPPORT`] prints is dropped, which leaves more untested.

use std::collections::BTreeSet;

use smallvec::SmallVec;

use super::constraint::Var;
use super::trial::Trial;
use super::var_map::VarMap;
use super::withhold::followed_and_forced;
use crate::budget::Budget;
use crate::table::CheckStatus;

/// Placed prints that a derivation may rest on.
const MAX_SUPPORT: usize = 32;

/// Derivations kept of one value.
const MAX_DERIVATIONS: usize = 4;

/// The placed prints that something rests on, ascending.
type Support = SmallVec<[Var; 4]>;

/// A check that holds, as far as unsettled cells are concerned.
struct Link {
    /// The resolved cells that nothing prints.
    unprinted: SmallVec<[Var; 4]>,
    /// The resolved cells that are printed.
    printed: Support,
    /// Those that are not printed and follow from the check once all others are known.
    followed: Vec<Var>,
    /// Those that are printed and that the check tests.
    tested: Vec<Var>,
}

/// How an unprinted value follows from prints: the link that forces it, and what it rests on.
type Derivation = (usize, Support);

/// The placed prints whose values the holding checks test. `unprinted` has for every resolved variable whether nothing
/// prints its value, or what it is was not found. Ascending.
pub(crate) fn derived(trial: &Trial<'_, '_>, unprinted: &VarMap<bool>, budget: &mut Budget) -> Vec<Var> {
    if unprinted.iter().all(|(_, &is_unprinted)| is_unprinted) {
        return Vec::new();
    }
    let links = links(trial, unprinted);
    let derivations = derive(&links, budget);
    let mut tested = Vec::new();
    for link in &links {
        let rests_elsewhere = |print: Var| {
            let is_free = |derivation: &Derivation| derivation.1.binary_search(&print).is_err();
            let has_free = |var: &Var| derivations.get(*var).is_some_and(|found| found.iter().any(is_free));
            link.unprinted.iter().all(has_free)
        };
        tested.extend(link.tested.iter().copied().filter(|&print| rests_elsewhere(print)));
    }
    tested.sort_unstable();
    tested.dedup();
    tested
}

/// The trusted checks that hold and read a resolved cell.
fn links(trial: &Trial<'_, '_>, unprinted: &VarMap<bool>) -> Vec<Link> {
    let mut links = Vec::new();
    for (index, ground) in trial.grounds.iter().enumerate() {
        let holds = trial.status(ground.id) == Some(CheckStatus::Holds) && trial.is_trusted(index);
        if !holds || trial.is_clash(ground.id) || !ground.vars().any(|var| unprinted.contains(var)) {
            continue;
        }
        let resolved = |is_wanted: bool| {
            let mut vars: SmallVec<[Var; 4]> =
                ground.vars().filter(|&var| unprinted.get(var) == Some(&is_wanted)).collect();
            vars.sort_unstable();
            vars.dedup();
            vars
        };
        let (unprinted_cells, printed) = (resolved(true), resolved(false));
        let [mut followed, mut tested] = followed_and_forced(&trial.board, ground);
        followed.retain(|var| unprinted_cells.contains(var));
        tested.retain(|var| printed.contains(var));
        links.push(Link { unprinted: unprinted_cells, printed, followed, tested });
    }
    links
}

/// All derivations of unprinted values.
fn derive(links: &[Link], budget: &mut Budget) -> VarMap<Vec<Derivation>> {
    let mut readers: VarMap<SmallVec<[usize; 4]>> = VarMap::default();
    let following = || links.iter().enumerate().filter(|(_, link)| !link.followed.is_empty());
    for (index, link) in following() {
        link.unprinted.iter().for_each(|&var| readers.or_default(var).push(index));
    }
    let mut derivations: VarMap<Vec<Derivation>> = VarMap::default();
    let mut due: BTreeSet<usize> = following().map(|(index, _)| index).collect();
    while let Some(index) = due.pop_first() {
        let link = &links[index];
        if !budget.spend(1 + (link.unprinted.len() + link.printed.len()) as u64) {
            break;
        }
        for &var in &link.followed {
            let known = derivations.get(var).map_or(&[][..], Vec::as_slice);
            if known.len() >= MAX_DERIVATIONS || known.iter().any(|derivation| derivation.0 == index) {
                continue;
            }
            if let Some(support) = support_of(link, var, &derivations) {
                derivations.or_default(var).push((index, support));
                due.extend(readers.get(var).into_iter().flatten().filter(|&&reader| reader != index));
            }
        }
    }
    derivations
}

/// What `var` rests on where `link` forces it; `None` where an operand has no derivation, or it is too much.
fn support_of(link: &Link, var: Var, derivations: &VarMap<Vec<Derivation>>) -> Option<Support> {
    let mut support = link.printed.clone();
    for other in link.unprinted.iter().filter(|&&other| other != var) {
        let (_, least) = derivations.get(*other)?.iter().min_by_key(|(_, support)| support.len())?;
        support.extend_from_slice(least);
    }
    support.sort_unstable();
    support.dedup();
    (support.len() <= MAX_SUPPORT).then_some(support)
}
