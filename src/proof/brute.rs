//! The slow prover: it tries every placement and every value of a small grid, and says what is left of each cell.
//!
//! Only tables as made here: few rows, whole numbers between 0 and a bound, checks evaluated on full tables. The fast
//! prover never proves what this one leaves open; what this one settles, it proves or leaves open.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::sample::{place, schema, table};
use super::{Outcome, prove};
use crate::Budget;
use crate::align::{Alignment, Choice};
use crate::schema::Schema;
use crate::table::Status;

/// Largest value that a cell takes; the schema says so to the fast prover.
const BOUND: i64 = 6;

/// What is printed in a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Print {
    Number(i64),
    Lost,
    /// In the placement of its column.
    Placed,
}

/// A small damaged table: cells row by row, totals last, and the tokens of the placement, if there is one.
#[derive(Clone, Debug)]
struct Case {
    kind: Kind,
    rows: Vec<Vec<Print>>,
    placed: Option<(usize, Vec<usize>, Vec<i64>)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// `c = a + b` on every row, a total of every column.
    Sums,
    /// `c = prev(c) + a - b`.
    Balance,
    /// `c` is the percentage of `a` in `a + b`, rounded to whole percent.
    Shares,
    /// `c = a + b` and `b <= a`.
    Limits,
    /// `c = a * b`.
    Products,
    /// `c ~= a + b`: each a rounding.
    Roundings,
    /// `a + b + c` is one number on all rows, which nothing prints.
    Constants,
}

const KINDS: [Kind; 7] =
    [Kind::Sums, Kind::Balance, Kind::Shares, Kind::Limits, Kind::Products, Kind::Roundings, Kind::Constants];

fn rules(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Sums => vec!["c = a + b", "total(a) = sum(a)", "total(b) = sum(b)", "total(c) = sum(c)"],
        Kind::Balance => vec!["c = prev(c) + a - b", "a * b = 0"],
        Kind::Shares => vec!["c = a / (a + b)", "total(a) = sum(a)"],
        Kind::Limits => vec!["c = a + b", "b <= a", "total(a) = sum(a)", "total(c) = sum(c)"],
        Kind::Products => vec!["c = a * b", "total(c) = sum(c)"],
        Kind::Roundings => vec!["c ~= a + b", "total(c) = sum(c)"],
        Kind::Constants => vec!["a + b + c = $whole", "total(c) = sum(c)"],
    }
}

fn small_schema(kind: Kind) -> Arc<Schema> {
    let fields = if kind == Kind::Shares { ["n$", "a#", "b#", "c#%"] } else { ["n$", "a#", "b#", "c#"] };
    let mut schema = schema("t", &fields, &rules(kind), &[("whole", None)]);
    for field in &mut schema.fields {
        let bound = if field.percent { 100 } else { bound(kind) };
        field.constraints.maximum = Some(crate::Decimal::from_integer(bound.into()));
    }
    Arc::new(schema)
}

fn bound(kind: Kind) -> i64 {
    if kind == Kind::Balance { 2 * BOUND } else { BOUND }
}

/// Whether a full table satisfies its rules; limits stand on data rows alone.
fn holds(kind: Kind, rows: &[Vec<i64>]) -> bool {
    let data = if kind == Kind::Balance { rows } else { &rows[..rows.len() - 1] };
    let total =
        |column: usize| rows[rows.len() - 1][column] == data.iter().map(|row| row[column]).sum::<i64>();
    match kind {
        Kind::Sums => data.iter().all(|row| row[2] == row[0] + row[1]) && (0..3).all(total),
        Kind::Balance => {
            let moves = rows.windows(2).all(|pair| pair[1][2] == pair[0][2] + pair[1][0] - pair[1][1]);
            moves && rows.iter().all(|row| row[0] * row[1] == 0)
        }
        Kind::Shares => {
            let is_rounded = |row: &Vec<i64>| {
                let base = row[0] + row[1];
                base == 0 || (2 * (row[2] * base - 100 * row[0])).abs() <= base
            };
            data.iter().all(is_rounded) && total(0)
        }
        Kind::Limits => {
            data.iter().all(|row| row[2] == row[0] + row[1] && row[1] <= row[0]) && total(0) && total(2)
        }
        Kind::Products => data.iter().all(|row| row[2] == row[0] * row[1]) && total(2),
        // Three half units.
        Kind::Roundings => data.iter().all(|row| (row[2] - row[0] - row[1]).abs() <= 1) && total(2),
        Kind::Constants => {
            let whole = |row: &Vec<i64>| row.iter().sum::<i64>();
            data.windows(2).all(|pair| whole(&pair[0]) == whole(&pair[1])) && total(2)
        }
    }
}

/// All full tables behind a case, as the set of values left of every cell; `None` where they are too many.
fn enumerate(case: &Case) -> Option<Vec<Vec<BTreeSet<i64>>>> {
    let width = 3;
    let mut left = vec![vec![BTreeSet::new(); width]; case.rows.len()];
    let unknown: Vec<(usize, usize)> = (0..case.rows.len())
        .flat_map(|row| (0..width).map(move |column| (row, column)))
        .filter(|&(row, column)| !matches!(case.rows[row][column], Print::Number(_)))
        .collect();
    let mut steps = 0u64;
    for fixed in placements(case) {
        let mut full: Vec<Vec<i64>> = case
            .rows
            .iter()
            .map(|row| {
                row.iter().map(|print| if let Print::Number(value) = print { *value } else { 0 }).collect()
            })
            .collect();
        let mut free = unknown.clone();
        for &((row, column), value) in &fixed {
            full[row][column] = value;
            free.retain(|cell| *cell != (row, column));
        }
        fill(case.kind, &mut full, &free, &mut left, &mut steps)?;
    }
    Some(left)
}

/// Every way to lay the tokens into the rows of the placement.
fn placements(case: &Case) -> Vec<Vec<((usize, usize), i64)>> {
    let Some((column, rows, tokens)) = &case.placed else { return vec![Vec::new()] };
    let mut found = Vec::new();
    for mask in 0u32..1 << rows.len() {
        if mask.count_ones() as usize == tokens.len() {
            let chosen =
                rows.iter().enumerate().filter(|(index, _)| mask >> index & 1 == 1).map(|(_, row)| *row);
            found.push(chosen.zip(tokens).map(|(row, token)| ((row, *column), *token)).collect());
        }
    }
    found
}

fn fill(
    kind: Kind,
    full: &mut Vec<Vec<i64>>,
    free: &[(usize, usize)],
    left: &mut [Vec<BTreeSet<i64>>],
    steps: &mut u64,
) -> Option<()> {
    *steps += 1;
    if *steps > 3_000_000 {
        return None;
    }
    let Some((&(row, column), rest)) = free.split_first() else {
        if holds(kind, full) {
            for (values, row) in left.iter_mut().zip(full.iter()) {
                for (seen, value) in values.iter_mut().zip(row) {
                    seen.insert(*value);
                }
            }
        }
        return Some(());
    };
    // The schema's limits stand on records; a total is a sum of at most three.
    let is_total = kind != Kind::Balance && row + 1 == full.len();
    let top = match kind {
        Kind::Shares if column == 2 => 100,
        _ if is_total => 3 * bound(kind),
        _ => bound(kind),
    };
    for value in 0..=top {
        full[row][column] = value;
        fill(kind, full, rest, left, steps)?;
    }
    Some(())
}

fn aligned(case: &Case) -> Alignment<'static> {
    let schema = small_schema(case.kind);
    let percent = |column: usize| if case.kind == Kind::Shares && column == 2 { "%" } else { "" };
    let last = case.rows.len() - 1;
    let lines: Vec<String> = case
        .rows
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let total = if index == last && case.kind != Kind::Balance { "=Total" } else { "r" };
            let cells = row.iter().enumerate().map(|(column, print)| match print {
                Print::Number(value) => format!("{value}{}", percent(column)),
                _ => "?".to_string(),
            });
            format!("{total}|{}", cells.collect::<Vec<_>>().join("|"))
        })
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let mut alignment = table(&schema, &lines);
    if let Some((column, rows, tokens)) = &case.placed {
        let tokens: Vec<String> = tokens.iter().map(|token| format!("{token}{}", percent(*column))).collect();
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        place(&mut alignment, ["a", "b", "c"][*column], rows, &tokens);
    }
    alignment
}

/// Counts of unsettled cells.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// One value is left of it by brute force.
    unique: usize,
    /// Of these proven.
    proven: usize,
    /// Of these a print whose place is settled, while nothing tests what it says.
    placed: usize,
}

impl Counts {
    fn plus(self, other: Self) -> Self {
        Self {
            unique: self.unique + other.unique,
            proven: self.proven + other.proven,
            placed: self.placed + other.placed,
        }
    }

    fn open(self) -> usize {
        self.unique - self.proven - self.placed
    }
}

/// The counts of a case, unless a verdict contradicts the brute force.
fn compare(case: &Case, left: &[Vec<BTreeSet<i64>>]) -> Result<Counts, String> {
    let alignment = aligned(case);
    let verdicts = prove("", std::slice::from_ref(&alignment), &mut Budget::new(2_000_000), &mut Vec::new());
    let mut counts = Counts::default();
    for (row, prints) in case.rows.iter().enumerate() {
        for (column, print) in prints.iter().enumerate() {
            let cell = &verdicts.tables[0].cells[row * 4 + column + 1];
            let values = &left[row][column];
            if matches!(print, Print::Number(_)) {
                continue;
            }
            counts.unique += usize::from(values.len() == 1);
            if cell.status == Status::Ambiguous && values.len() == 1 {
                return Err(format!("{row},{column}: ambiguous, yet only {values:?} is left"));
            }
            if cell.status != Status::Proven && !cell.is_settled {
                continue;
            }
            let value = match cell.outcome {
                Outcome::Inferred(value) => value.normalized().mantissa(),
                Outcome::Token { choice, token } => match &alignment.choices[choice] {
                    Choice::Placement(placement) => {
                        placement.tokens[token].text.trim_end_matches('%').parse().map_err(|_| "token")?
                    }
                    _ => return Err("no placement".into()),
                },
                other => return Err(format!("{row},{column}: proven without a value: {other:?}")),
            };
            if values.len() != 1 || values.first().map(|&v| i128::from(v)) != Some(value) {
                return Err(format!("{row},{column}: settled at {value}, left {values:?}"));
            }
            let is_proven = cell.status == Status::Proven;
            let count = if is_proven { &mut counts.proven } else { &mut counts.placed };
            *count += 1;
        }
    }
    Ok(counts)
}

/// Withholds every proven print in turn: the slow prover has to find that value again, and no other. A print that a
/// placement put somewhere stays there with its neighbours, as the fast prover placed them.
fn withhold_each(case: &Case) -> Result<usize, String> {
    let alignment = aligned(case);
    let verdicts = prove("", std::slice::from_ref(&alignment), &mut Budget::new(2_000_000), &mut Vec::new());
    let cells = &verdicts.tables[0].cells;
    let token = |row: usize, column: usize| match cells[row * 4 + column + 1].outcome {
        Outcome::Token { token, .. } => case.placed.as_ref().map(|placed| placed.2[token]),
        _ => None,
    };
    let mut count = 0;
    for (row, prints) in case.rows.iter().enumerate() {
        for (column, print) in prints.iter().enumerate() {
            let mut withheld = case.clone();
            let value = match print {
                _ if cells[row * 4 + column + 1].status != Status::Proven => None,
                Print::Number(value) => Some(*value),
                Print::Lost => None,
                Print::Placed => token(row, column),
            };
            let Some(value) = value else { continue };
            if *print == Print::Placed {
                let Some((_, rows, _)) = withheld.placed.take() else { continue };
                for &other in &rows {
                    withheld.rows[other][column] = token(other, column).map_or(Print::Lost, Print::Number);
                }
            }
            withheld.rows[row][column] = Print::Lost;
            let Some(left) = enumerate(&withheld) else { continue };
            count += 1;
            if left[row][column].iter().ne([&value]) {
                return Err(format!("{row},{column}: proven {value}, left {:?}", left[row][column]));
            }
        }
    }
    Ok(count)
}

fn true_table(kind: Kind, seeds: &[(i64, i64)]) -> Vec<Vec<i64>> {
    let mut rows: Vec<Vec<i64>> = Vec::new();
    for (index, &(a, b)) in seeds.iter().enumerate() {
        let row = match kind {
            Kind::Sums => vec![a % 3, b % 3, a % 3 + b % 3],
            Kind::Balance if index == 0 => vec![0, 0, BOUND],
            Kind::Balance => {
                let above = rows[index - 1][2];
                let (credit, debit) = if a % 2 == 0 { (b % 4, 0) } else { (0, (b % 4).min(above)) };
                vec![credit, debit, above + credit - debit]
            }
            Kind::Shares => {
                let (a, b) = (a % 3, b % 4);
                vec![a, b, if a + b == 0 { 0 } else { (200 * a + a + b) / (2 * (a + b)) }]
            }
            Kind::Limits => {
                let (a, b) = (a % 4, b % 4);
                vec![a.max(b), a.min(b), a + b]
            }
            Kind::Products => vec![a % 3, b % 3, (a % 3) * (b % 3)],
            Kind::Roundings => vec![a % 3, b % 3, a % 3 + b % 3 + (a + b) % 2],
            Kind::Constants => vec![a % 3, b % 3, BOUND - a % 3 - b % 3],
        };
        rows.push(row);
    }
    if kind != Kind::Balance {
        rows.push((0..3).map(|column| rows.iter().map(|row| row[column]).sum()).collect());
    }
    rows
}

prop_compose! {
    fn cases()(
        kind in prop::sample::select(KINDS.to_vec()),
        seeds in prop::collection::vec((0i64..6, 0i64..6), 2..4),
        losses in prop::collection::vec((0usize..4, 0usize..3), 0..5),
        column in 0usize..3,
        kept in any::<u8>(),
        is_placed in any::<bool>(),
    ) -> Case {
        let truth = true_table(kind, &seeds);
        let mut rows: Vec<Vec<Print>> =
            truth.iter().map(|row| row.iter().map(|value| Print::Number(*value)).collect()).collect();
        let data: Vec<usize> = (0..seeds.len()).collect();
        for &(row, lost) in &losses {
            let is_total_share = kind == Kind::Shares && row >= seeds.len();
            if row < rows.len() && !is_total_share {
                rows[row][lost] = Print::Lost;
            }
        }
        let mut placed = None;
        if is_placed {
            let tokens: Vec<i64> =
                data.iter().filter(|&&row| kept >> row & 1 == 1).map(|&row| truth[row][column]).collect();
            if tokens.len() < data.len() {
                data.iter().for_each(|&row| rows[row][column] = Print::Placed);
                placed = Some((column, data.clone(), tokens));
            }
        }
        Case { kind, rows, placed }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn proven_implies_unique(case in cases()) {
        if let Some(left) = enumerate(&case) {
            prop_assert!(left.iter().flatten().all(|values| !values.is_empty()));
            if let Err(reason) = compare(&case, &left) {
                prop_assert!(false, "{reason}\n{case:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_proven_print_is_forced_without_it(case in cases()) {
        if let Err(reason) = withhold_each(&case) {
            prop_assert!(false, "{reason}\n{case:?}");
        }
    }
}

/// What becomes of the slow prover's unique cells, over a fixed set of cases: none is left open.
#[test]
fn unique_cells_are_mostly_proven() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut counts = [Counts::default(); KINDS.len()];
    for _ in 0..350 {
        let case = cases().new_tree(&mut runner).unwrap().current();
        if let Some(left) = enumerate(&case) {
            let count = &mut counts[KINDS.iter().position(|kind| *kind == case.kind).unwrap()];
            *count = count.plus(compare(&case, &left).unwrap());
        }
    }
    let all = counts.iter().fold(Counts::default(), |sum, &count| sum.plus(count));
    for (kind, count) in KINDS
        .iter()
        .map(|kind| format!("{kind:?}"))
        .chain(["All".into()])
        .zip(counts.into_iter().chain([all]))
    {
        println!(
            "{kind}: of {} unique cells {} proven, {} prints placed and not tested, {} open",
            count.unique,
            count.proven,
            count.placed,
            count.open()
        );
    }
    assert!(all.proven * 10 >= all.unique * 9, "{all:?}");
    assert_eq!(all.open(), 0, "{all:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// One digit changed in a clean table: the cell is never proven, and some check fails that reads it.
    #[test]
    fn a_changed_value_is_never_proven(
        seeds in prop::collection::vec((100i64..9000, 100i64..9000), 2..6),
        row in 0usize..6,
        column in 0usize..3,
        by in 1i64..900,
    ) {
        let mut rows: Vec<Vec<i64>> = seeds.iter().map(|&(a, b)| vec![a, b, a + b]).collect();
        rows.push((0..3).map(|column| rows.iter().map(|row| row[column]).sum()).collect());
        let row = row % rows.len();
        rows[row][column] += by;
        let prints = rows.iter().map(|row| row.iter().map(|value| Print::Number(*value)).collect()).collect();
        let case = Case { kind: Kind::Sums, rows: prints, placed: None };
        let verdicts = prove("", &[aligned(&case)], &mut Budget::new(100_000), &mut Vec::new());
        let cells = &verdicts.tables[0].cells;
        prop_assert_ne!(cells[row * 4 + column + 1].status, Status::Proven);
        // A few units may be rounding of the addends, which no check excludes.
        let is_rounding = by <= 3;
        prop_assert!(is_rounding || cells[row * 4 + column + 1].status == Status::Contradicted);
    }
}
