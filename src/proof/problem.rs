//! One connected component of unsettled cells and the constraints over them.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use smallvec::SmallVec;

use super::board::{Board, Fact, Known, number_fact, plain};
use super::bounds::{FARTHEST, Span};
use super::constraint::{Ground, Poly, Var};
use super::evaluate::{Interval, slack};
use super::groups::groups;
use super::lattice::Lattice;
use super::local::{LocalGround, LocalLone, LocalPoly};
use super::plain::Plain;
use super::rational::{Rational, power_of_ten};
use crate::align::{Choice, Slot};
use crate::hasher::PlaceHasher;
use crate::schema::check::Relation;
use crate::table::CellValue;

/// A printed number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printed {
    pub(crate) fact: Fact,
    pub(crate) value: Rational,
    /// Half of its last printed place.
    pub(crate) half: Rational,
    /// Both in units of the problem's grid, where they are over it and fit.
    pub(super) units: i64,
    pub(super) half_units: i64,
}

impl Printed {
    fn new(fact: Fact, value: Rational) -> Self {
        let half = fact.half_unit().unwrap_or(Rational::ONE);
        Self { fact, value, half, units: 0, half_units: 0 }
    }
}

/// What one alternative puts into a cell.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Put {
    /// A printed number.
    Value(Printed),
    /// An unprinted one, on the column's grid.
    Lost,
    /// Text: nothing that a constraint could read.
    Text,
}

/// On which choice a variable depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// None: an unprinted number.
    Free,
    /// Position `row` of placement `placement`.
    Placement { placement: usize, row: usize },
    /// Cell `place` of choice `choice` among readings.
    Options { choice: usize, place: usize },
    /// A constant.
    Constant,
    /// A cell whose choice was cut short: any number.
    Open,
}

/// How the bounds of a variable are kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum Placed {
    /// In whole units of the grid: all that may stand in the cell is over it and fits, and so are all roundings.
    Whole(Whole),
    /// As rationals; so many variables before this one are, too.
    Exact(usize),
}

/// An unprinted value in whole units of the grid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    /// Half of its last place.
    pub(super) half: i64,
    /// From one value to the next.
    pub(super) step: i64,
    /// Limits of the schema.
    pub(super) domain: Span,
}

/// One variable.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) var: Var,
    pub(crate) link: Link,
    /// Plain decimals of an unprinted value.
    pub(crate) scale: u8,
    pub(crate) half: Rational,
    /// Limits of the schema.
    pub(crate) domain: Interval,
    /// Constraints that read it, by index in the problem.
    pub(crate) grounds: SmallVec<[usize; 4]>,
    pub(super) placed: Placed,
}

impl Variable {
    /// Units of the problem's `grid` from one unprinted value to the next; 0 for constants, which have no grid.
    pub(crate) fn step(&self, grid: i128) -> i128 {
        let unit = power_of_ten(self.scale).filter(|_| self.link != Link::Constant);
        unit.map_or(0, |unit| grid / unit)
    }
}

/// A placement of the component.
#[derive(Clone, Debug)]
pub(crate) struct PlacementSite {
    pub(crate) table: usize,
    pub(crate) choice: usize,
    /// Variable of every row of the block; `None` where no constraint reads the cell.
    pub(crate) cells: Vec<usize>,
    /// Every token; `None` where it is no number.
    pub(crate) tokens: Vec<Option<Printed>>,
    /// Constraints that read several of its cells, by index in the problem.
    pub(crate) sums: Vec<usize>,
}

/// A choice among readings.
#[derive(Clone, Debug)]
pub(crate) struct OptionSite {
    pub(crate) cells: Vec<usize>,
    /// What every option puts into every cell of `cells`.
    pub(crate) puts: Vec<Vec<Put>>,
}

/// A component.
#[derive(Debug, Default)]
pub(crate) struct Problem {
    pub(crate) vars: Vec<Variable>,
    pub(crate) grounds: Vec<LocalGround>,
    pub(crate) placements: Vec<PlacementSite>,
    pub(crate) options: Vec<OptionSite>,
    /// The denominator of all numbers that are multiples of one over it: half a unit of the finest print or value, so that nearly
    /// all of a component's arithmetic is that of whole numbers.
    pub(crate) grid: i128,
    blanks: OptionBlanks,
    index: HashMap<Var, usize, BuildHasherDefault<PlaceHasher>>,
}

/// What blank slots of options stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OptionBlanks {
    /// 0, as blanks do while the checks hold with it.
    #[default]
    Zero,
    /// 0 or a lost value: no reading holds with 0.
    Questioned,
}

/// Options of one choice beyond this many are not searched.
pub(crate) const MAX_OPTIONS: usize = 64;

impl Problem {
    /// The problem of `cells` (with all cells of their choices) under the constraints `members`.
    ///
    /// `blanks` says what a blank slot of an option stands for: 0, or a value that may be lost.
    pub(crate) fn new(
        board: &Board<'_, '_>,
        vars: &[Var],
        grounds: &[Ground],
        members: &[usize],
        blanks: OptionBlanks,
    ) -> Self {
        let mut problem = Self::with_room(vars.len(), members.len(), blanks);
        for &var in vars {
            problem.add_var(board, var);
        }
        let sites: Vec<(usize, usize)> = problem.choices(board);
        for (table, choice) in sites {
            problem.add_choice(board, table, choice);
        }
        problem.add_grounds(board, grounds, members);
        problem.settle_groups();
        problem.settle_grid();
        problem
    }

    /// A problem of so many variables and constraints, none of them in it yet.
    fn with_room(vars: usize, grounds: usize, blanks: OptionBlanks) -> Self {
        Self {
            vars: Vec::with_capacity(vars),
            grounds: Vec::with_capacity(grounds),
            index: HashMap::with_capacity_and_hasher(vars, BuildHasherDefault::default()),
            blanks,
            ..Self::default()
        }
    }

    /// The problem of a cell whose print is withheld, its first variable, and of the cells `unknown` around it. The choices
    /// that `stands` names are as the board has them, and what they have not settled is any number; all others are open.
    pub(crate) fn withheld(
        board: &Board<'_, '_>,
        withheld: Var,
        unknown: &[Var],
        grounds: &[Ground],
        members: &[usize],
        blanks: OptionBlanks,
        stands: &dyn Fn((usize, usize)) -> bool,
    ) -> Self {
        let mut problem = Self::with_room(unknown.len() + 1, members.len(), blanks);
        let cell = problem.add_var(board, withheld);
        let scale = board.fact(withheld).scale;
        // Whether the print was an exact zero is withheld with it.
        let half = Rational::half_unit(scale).unwrap_or(Rational::ONE);
        problem.vars[cell] = Variable { link: Link::Free, scale, half, ..problem.vars[cell].clone() };
        for &var in unknown {
            let cell = problem.add_var(board, var);
            if board.choice_at(var).is_some_and(stands) && board.fact(var).value().is_none() {
                problem.vars[cell].link = Link::Open;
            }
        }
        let sites: Vec<(usize, usize)> = problem.choices(board);
        for (table, choice) in sites.into_iter().filter(|&site| !stands(site)) {
            problem.add_choice(board, table, choice);
        }
        problem.add_grounds(board, grounds, members);
        problem.settle_groups();
        problem.settle_grid();
        problem
    }

    /// Finds the cells of one placement that a constraint reads together.
    fn settle_groups(&mut self) {
        for ground in 0..self.grounds.len() {
            let local = &self.grounds[ground];
            let placement = |&var: &usize| match self.vars[var].link {
                Link::Placement { placement, .. } => Some(placement),
                _ => None,
            };
            let mut read: SmallVec<[usize; 8]> = local.vars.iter().filter_map(placement).collect();
            read.sort_unstable();
            let several: SmallVec<[usize; 4]> =
                read.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
            if several.is_empty() {
                continue;
            }
            let found = match (&local.den, local.products()) {
                (None, Some(products)) => groups(self, products, |product| Some(product.num)),
                _ => Vec::new(),
            };
            self.grounds[ground].groups = found;
            self.grounds[ground].has_groups = true;
            for placement in several {
                let sums = &mut self.placements[placement].sums;
                if sums.last() != Some(&ground) {
                    sums.push(ground);
                }
            }
        }
    }

    /// Brings all numbers over one denominator.
    fn settle_grid(&mut self) {
        let printed = |put: &Put| match put {
            Put::Value(printed) => Some(printed.fact.scale),
            _ => None,
        };
        let tokens = self.placements.iter().flat_map(|site| site.tokens.iter().flatten());
        let puts = self.options.iter().flat_map(|site| site.puts.iter().flatten());
        let scales = self.vars.iter().map(|variable| variable.scale);
        let finest = scales
            .chain(tokens.map(|token| token.fact.scale))
            .chain(puts.filter_map(printed))
            .max()
            .unwrap_or(0);
        self.grid = power_of_ten(finest).and_then(|unit| unit.checked_mul(2)).unwrap_or(1);
        let grid = self.grid;
        for variable in &mut self.vars {
            variable.half = variable.half.over(grid);
            for end in [&mut variable.domain.low, &mut variable.domain.high] {
                *end = end.map(|end| end.over(grid));
            }
        }
        self.place_bounds();
        for ground in &mut self.grounds {
            if let LocalLone::Value(value) = &mut ground.lone {
                *value = value.over(grid);
            }
            let den = ground.den.iter_mut().map(|den| &mut den.constant);
            let slacks = [&mut ground.slack, &mut ground.operand_slack, &mut ground.num.constant];
            slacks.into_iter().chain(den).for_each(|number| *number = number.over(grid));
            ground.plain = Plain::of(ground, grid);
        }
    }

    /// Brings what may stand in the cells over the grid, and settles which cells hold nothing but whole units.
    fn place_bounds(&mut self) {
        let grid = self.grid;
        // So far from the greatest that roundings and steps fit beside it.
        let fit = |number: Rational| {
            let units = number.units(grid).and_then(|units| i64::try_from(units).ok());
            units.filter(|units| units.unsigned_abs() < FARTHEST.unsigned_abs() / 2)
        };
        let mut is_whole: Vec<bool> = self
            .vars
            .iter()
            .map(|variable| variable.link != Link::Constant && fit(Rational::ONE).is_some())
            .collect();
        let place = |printed: &mut Printed| {
            (printed.value, printed.half) = (printed.value.over(grid), printed.half.over(grid));
            let units = fit(printed.value).zip(fit(printed.half));
            (printed.units, printed.half_units) = units.unwrap_or_default();
            units.is_some()
        };
        for site in &mut self.placements {
            // Each token may land in each cell.
            let misfits = site.tokens.iter_mut().flatten().map(place).filter(|fits| !fits).count();
            if misfits > 0 {
                site.cells.iter().for_each(|&cell| is_whole[cell] = false);
            }
        }
        for site in &mut self.options {
            for puts in &mut site.puts {
                for (put, &cell) in puts.iter_mut().zip(&site.cells) {
                    if let Put::Value(printed) = put {
                        is_whole[cell] &= place(printed);
                    }
                }
            }
        }
        let mut exact = 0;
        for (variable, is_whole) in self.vars.iter_mut().zip(is_whole) {
            let domain = Span::inside(variable.domain, grid);
            let step = i64::try_from(variable.step(grid)).ok();
            let step = step.filter(|&step| step > 0 && step < FARTHEST / 2);
            let half = fit(variable.half);
            variable.placed = match half.zip(step).filter(|_| is_whole) {
                Some((half, step)) => Placed::Whole(Whole { half, step, domain }),
                None => {
                    exact += 1;
                    Placed::Exact(exact - 1)
                }
            };
        }
    }

    fn add_grounds(&mut self, board: &Board<'_, '_>, grounds: &[Ground], members: &[usize]) {
        for &member in members {
            let local = grounds.get(member).and_then(|ground| self.localize(board, ground, member));
            let Some(local) = local else { continue };
            for &var in &local.vars {
                self.vars[var].grounds.push(self.grounds.len());
            }
            self.grounds.push(local);
        }
    }

    fn add_var(&mut self, board: &Board<'_, '_>, var: Var) -> usize {
        if let Some(&known) = self.index.get(&var) {
            return known;
        }
        let scale = board.column_scale(var);
        let is_constant = board.is_constant(var);
        let is_text = board.fact(var).known == Known::Unusable;
        let link = if is_constant {
            Link::Constant
        } else if is_text {
            Link::Open
        } else {
            Link::Free
        };
        self.vars.push(Variable {
            var,
            link,
            scale,
            half: if is_constant {
                Rational::ZERO
            } else {
                Rational::half_unit(scale).unwrap_or(Rational::ONE)
            },
            domain: board.domain(var),
            grounds: SmallVec::new(),
            placed: Placed::Exact(0),
        });
        self.index.insert(var, self.vars.len() - 1);
        self.vars.len() - 1
    }

    /// The choices of the variables' cells, each once.
    fn choices(&self, board: &Board<'_, '_>) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for variable in &self.vars {
            found.extend(board.choice_at(variable.var));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn add_choice(&mut self, board: &Board<'_, '_>, table: usize, choice: usize) {
        let alignment = &board.tables[table];
        let width = alignment.columns.len();
        match alignment.choices.get(choice) {
            Some(Choice::Placement(placement)) => {
                let percent = super::board::is_percent(alignment, placement.column);
                let mut cells = Vec::with_capacity(placement.rows.len());
                for &row in &placement.rows {
                    let Some(var) = board.var(table, row, placement.column) else { return };
                    cells.push(self.add_var(board, var));
                }
                for (row, &cell) in cells.iter().enumerate() {
                    self.vars[cell].link = Link::Placement { placement: self.placements.len(), row };
                }
                let scale = board.scales[table][placement.column];
                let nil = Fact { known: Known::Empty, scale, is_exact: true, percent };
                let token = |value: Option<CellValue>| match value {
                    Some(CellValue::Number(number)) => {
                        Some(Printed::new(number_fact(number, percent, scale), plain(number, percent)?))
                    }
                    Some(_) => None,
                    None => Some(Printed::new(nil, Rational::ZERO)),
                };
                let tokens = placement.tokens.iter().map(|content| token(content.value)).collect();
                self.placements.push(PlacementSite { table, choice, cells, tokens, sums: Vec::new() });
            }
            Some(Choice::Readings(options)) => {
                let mut offsets: Vec<usize> =
                    options.iter().flat_map(|option| option.cells.iter().map(|cell| cell.0)).collect();
                offsets.sort_unstable();
                offsets.dedup();
                let mut cells = Vec::new();
                for &offset in &offsets {
                    let Some(var) = board.var(table, offset / width, offset % width) else { return };
                    let cell = self.add_var(board, var);
                    self.vars[cell].link = if options.len() > MAX_OPTIONS {
                        Link::Open
                    } else {
                        Link::Options { choice: self.options.len(), place: cells.len() }
                    };
                    cells.push(cell);
                }
                if options.len() > MAX_OPTIONS {
                    return;
                }
                let put = |option: &crate::align::ChoiceOption<'_>, offset: usize| {
                    let found = option.cells.iter().find(|cell| cell.0 == offset);
                    let Some((_, slot, content)) = found else { return Put::Text };
                    let blanks = if option.has_losses { OptionBlanks::Questioned } else { self.blanks };
                    put_of(board, table, offset % width, *slot, content.value, blanks)
                };
                let puts = options
                    .iter()
                    .map(|option| offsets.iter().map(|&offset| put(option, offset)).collect())
                    .collect();
                self.options.push(OptionSite { cells, puts });
            }
            Some(Choice::Open(_)) | None => {
                for variable in &mut self.vars {
                    let place = board.offset(variable.var);
                    if place
                        .is_some_and(|(t, offset)| t == table && board.choice_of(t, offset) == Some(choice))
                    {
                        variable.link = Link::Open;
                    }
                }
            }
        }
    }

    fn localize(&self, board: &Board<'_, '_>, ground: &Ground, member: usize) -> Option<LocalGround> {
        let num = self.localize_poly(board, &ground.ratio.num)?;
        let den = match &ground.ratio.den {
            Some(den) => Some(self.localize_poly(board, den)?),
            None => None,
        };
        let (lone, slack) = match ground.lone {
            None => (LocalLone::Value(Rational::ZERO), Rational::ZERO),
            Some(lone) => match self.index.get(&lone.var) {
                Some(&var) => (LocalLone::Variable(var), Rational::ZERO),
                None => (LocalLone::Value(board.fact(lone.var).value()?), slack(board, ground)?),
            },
        };
        let operand_slack = match ground.relation {
            Relation::About => self.settled_slack(board, ground)?,
            _ => Rational::ZERO,
        };
        let mut vars: Vec<usize> = ground.vars().filter_map(|var| self.index.get(&var).copied()).collect();
        vars.sort_unstable();
        vars.dedup();
        let mut local = LocalGround::new((member, ground.relation), lone, num, den, vars);
        (local.slack, local.truncates, local.operand_slack) = (slack, ground.truncates, operand_slack);
        Some(local)
    }

    /// Half units of the settled operands of a linear `~=`; other forms are not used for inference.
    fn settled_slack(&self, board: &Board<'_, '_>, ground: &Ground) -> Option<Rational> {
        if ground.ratio.den.is_some() {
            return None;
        }
        let mut sum = Rational::ZERO;
        for term in &ground.ratio.num.terms {
            match term.vars.as_slice() {
                [] => {}
                [var] if self.index.contains_key(var) => {}
                [var] => sum = sum.add(term.coefficient.abs()?.mul(board.fact(*var).half_unit()?)?)?,
                _ => return None,
            }
        }
        Some(sum)
    }

    fn localize_poly(&self, board: &Board<'_, '_>, poly: &Poly) -> Option<LocalPoly> {
        let mut local = LocalPoly { constant: Rational::ZERO, terms: Vec::with_capacity(poly.terms.len()) };
        for term in &poly.terms {
            let mut coefficient = term.coefficient;
            let mut vars = SmallVec::new();
            for var in &term.vars {
                match self.index.get(var) {
                    Some(&index) => vars.push(index),
                    None => coefficient = coefficient.mul(board.fact(*var).value()?)?,
                }
            }
            if vars.is_empty() {
                local.constant = local.constant.add(coefficient)?;
            } else if !coefficient.is_zero() {
                local.terms.push((coefficient, vars));
            }
        }
        Some(local)
    }

    /// The lattices before any constraint is read.
    pub(crate) fn lattices(&self) -> Vec<Lattice> {
        self.placements.iter().map(|site| Lattice::new(site.tokens.len(), site.cells.len())).collect()
    }

    pub(crate) fn local(&self, var: Var) -> Option<usize> {
        self.index.get(&var).copied()
    }

    /// What option `option` puts into cell `place` of a choice.
    pub(crate) fn put(&self, choice: usize, option: usize, place: usize) -> &Put {
        let puts = self.options.get(choice).and_then(|site| site.puts.get(option));
        puts.and_then(|puts| puts.get(place)).unwrap_or(&Put::Text)
    }
}

fn put_of(
    board: &Board<'_, '_>,
    table: usize,
    column: usize,
    slot: Slot,
    value: Option<CellValue>,
    blanks: OptionBlanks,
) -> Put {
    let percent = super::board::is_percent(&board.tables[table], column);
    let scale = board.scales[table][column];
    let zero = Fact { known: Known::Empty, scale, is_exact: true, percent };
    match (slot, value) {
        (Slot::Printed, Some(CellValue::Number(number))) => match plain(number, percent) {
            Some(value) => Put::Value(Printed::new(number_fact(number, percent, scale), value)),
            None => Put::Text,
        },
        (Slot::Blank, _) if blanks == OptionBlanks::Questioned => Put::Lost,
        (Slot::Nil | Slot::Blank, _) => Put::Value(Printed::new(zero, Rational::ZERO)),
        (Slot::Lost, _) => Put::Lost,
        _ => Put::Text,
    }
}
