//! Choice of a schema: by header words through the catalog's index, then by fit.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::bind::{Binding, FieldTitles, PrintedHead, Sample, bind_columns, sample_columns};
use super::boxhead::{Boxhead, slid_boxheads};
use crate::grid::Grid;
use crate::schema::{Catalog, Schema};
use crate::table::{Code, Diagnostic, Sink};
use crate::text::Span;

/// Schemas whose fit is measured; the index is right about the best ten far more often than about the best one.
const CANDIDATES: usize = 12;
/// Cost of a grid column that no schema explains; what a schema has to beat.
const NULL_COLUMN: f32 = 10.0;
/// A fit is good if it costs at most this share of no fit at all.
const GOOD_SHARE: f32 = 0.5;
/// Where no header is printed, the types alone must fit this well, in bits a column.
const HEADLESS_BITS: f32 = 4.5;
/// Mean bits of a printed header, at most. Of a built-in schema, which no caller asked for, two printed headers in
/// three must name their fields besides.
const HEADER_BITS: f32 = -0.5;
/// Two schemas closer than this are a tie.
const TIE: f32 = 3.0;

/// Columns whose headers are lost are as certain as their schema: one that names them otherwise is ruled out at so many
/// bits.
const RULED_OUT: f32 = 7.0;

/// The schema that fits a grid, and how.
pub(crate) struct Chosen {
    pub(crate) schema: Arc<Schema>,
    pub(crate) binding: Binding,
    /// The boxhead under which it fits, where that is not the one that is printed.
    pub(crate) slid: Option<Boxhead>,
    /// Grid columns without a header of their own that a near schema gives other fields, with the bits between them.
    pub(crate) contested: Vec<(usize, f32)>,
}

/// Header cells that slid over one column: extraction merges two header cells in about one table of sixteen.
const SLID: f32 = 4.0;

/// The boxhead of a grid as printed, and the readings of it in which two headers were printed as one and the
/// others slid.
struct Heads<'a> {
    text: &'a str,
    samples: Vec<Sample>,
    printed: PrintedHead<'a>,
    slid: Vec<PrintedHead<'a>>,
    /// Whether the table separates thousands by blanks.
    groups_by_blank: bool,
}

impl Heads<'_> {
    /// The cheapest binding under any of the boxheads, and the slid one that it took; `None` where it costs more than
    /// `limit`.
    fn bind(&self, schema: &Schema, titles: &FieldTitles, limit: f32) -> Option<(Binding, Option<usize>)> {
        let bind = |head, limit| {
            bind_columns(self.text, head, &self.samples, schema, titles, limit, self.groups_by_blank)
        };
        let mut best = bind(&self.printed, limit).map(|binding| (binding, None));
        for (index, head) in self.slid.iter().enumerate() {
            let limit = best.as_ref().map_or(limit, |(binding, _)| binding.bits) - SLID;
            let Some(mut binding) = bind(head, limit) else { continue };
            binding.bits += SLID;
            if best.as_ref().is_none_or(|(least, _)| binding.bits < least.bits) {
                best = Some((binding, Some(index)));
            }
        }
        best
    }

    fn head(&self, slid: Option<usize>) -> &Boxhead {
        slid.and_then(|index| self.slid.get(index)).map_or(self.printed.head, |slid| slid.head)
    }
}

/// The schemas that the words of a boxhead propose; asked of the catalog once where tables of a document share theirs.
pub(crate) struct Candidates<'c, 't> {
    pub(crate) catalog: &'c Catalog,
    known: BTreeMap<Vec<&'t str>, Vec<usize>>,
}

impl<'c, 't> Candidates<'c, 't> {
    /// Nothing is known yet.
    pub(crate) fn new(catalog: &'c Catalog) -> Self {
        Self { catalog, known: BTreeMap::new() }
    }

    /// Places in the catalog, the likeliest first.
    fn of(&mut self, words: Vec<&'t str>) -> Vec<usize> {
        let catalog = self.catalog;
        let ask = |words: &[&str]| {
            let found = catalog.candidates(words.iter().copied(), CANDIDATES);
            found.into_iter().map(|(schema, _)| schema).collect()
        };
        match self.known.entry(words) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(vacant) => {
                let found: Vec<usize> = ask(vacant.key());
                vacant.insert(found).clone()
            }
        }
    }
}

/// Picks the schema of the catalog that explains the boxhead and the columns in the fewest bits; a poor fit is
/// no fit. `blank_groups`: bits by which the table separates thousands by blanks.
pub(crate) fn choose_schema<'t>(
    text: &'t str,
    grid: &Grid,
    head: &Boxhead,
    candidates: &mut Candidates<'_, 't>,
    blank_groups: f32,
    wanted: Option<&str>,
    sink: &mut dyn Sink,
) -> Option<Chosen> {
    let catalog = candidates.catalog;
    let samples = sample_columns(text, grid, head.rows);
    let slid = slid_boxheads(grid, head.rows);
    let heads = Heads {
        text,
        printed: PrintedHead::new(text, head),
        slid: slid.iter().map(|head| PrintedHead::new(text, head)).collect(),
        samples,
        groups_by_blank: blank_groups > 0.0,
    };
    let chosen = |index: usize, binding: Binding, which: Option<usize>| {
        let schema = Arc::clone(catalog.schemas().get(index)?);
        let slid = which.map(|which| slid[which].clone());
        Some(Chosen { schema, binding, slid, contested: Vec::new() })
    };
    if let Some(name) = wanted {
        // The caller knows the schema: fit is not asked.
        let index = catalog.schemas().iter().position(|schema| schema.name == name)?;
        let titles = catalog.derived(index, FieldTitles::new)?;
        let (binding, which) = heads.bind(&catalog.schemas()[index], &titles, f32::INFINITY)?;
        return chosen(index, binding, which);
    }
    let words: Vec<&'t str> =
        head.columns.iter().flat_map(|column| &column.cells).map(|cell| cell.span.slice(text)).collect();
    let mut fits: Vec<(usize, Binding, Option<usize>)> = Vec::new();
    // A schema dearer than this is no good fit, nor as good as one that was found.
    let mut limit = NULL_COLUMN * heads.samples.len() as f32 * GOOD_SHARE;
    for index in candidates.of(words) {
        let Some(schema) = catalog.schemas().get(index) else { continue };
        let Some(titles) = catalog.derived(index, FieldTitles::new) else { continue };
        let Some((binding, which)) = heads.bind(schema, &titles, limit) else { continue };
        let fields = schema.fields.len();
        if is_good(&binding, &heads.samples, heads.head(which), fields, catalog.is_builtin()) {
            limit = limit.min(binding.bits + RULED_OUT);
            fits.push((index, binding, which));
        }
    }
    fits.sort_by(|left, right| left.1.bits.total_cmp(&right.1.bits).then(left.0.cmp(&right.0)));
    if let [first, second, ..] = fits.as_slice()
        && second.1.bits - first.1.bits < TIE
    {
        report_tie(grid, &catalog.schemas()[first.0].name, &catalog.schemas()[second.0].name, sink);
    }
    let contested = contested_columns(&fits, head, catalog);
    let (index, binding, which) = fits.into_iter().next()?;
    chosen(index, binding, which).map(|chosen| Chosen { contested, ..chosen })
}

/// The columns without a printed header that a schema near the best one gives fields of other names.
fn contested_columns(
    fits: &[(usize, Binding, Option<usize>)],
    head: &Boxhead,
    catalog: &Catalog,
) -> Vec<(usize, f32)> {
    let Some(((index, best, _), others)) = fits.split_first() else { return Vec::new() };
    let names = |index: usize, binding: &Binding, column: usize| -> Option<Vec<&str>> {
        let bound = binding.columns.get(column)?;
        let fields = catalog.schemas().get(index)?.fields.get(bound.first..bound.first + bound.count)?;
        Some(fields.iter().map(|field| field.name.as_str()).collect())
    };
    let is_lost = |column: &usize| head.columns.get(*column).is_none_or(|head| head.leaf().is_none());
    (0..best.columns.len())
        .filter(is_lost)
        .filter_map(|column| {
            let differs = |(other, binding, _): &&(usize, Binding, Option<usize>)| {
                names(*other, binding, column) != names(*index, best, column)
            };
            let near = others.iter().filter(differs).map(|(_, other, _)| other.bits - best.bits);
            let margin = near.fold(f32::INFINITY, f32::min);
            (margin < RULED_OUT).then_some((column, margin))
        })
        .collect()
}

/// Whether a binding is better than none: most of its columns are known, most of the fields have a column, and
/// the headers, where they are printed, speak for it.
fn is_good(binding: &Binding, samples: &[Sample], head: &Boxhead, fields: usize, is_builtin: bool) -> bool {
    let bound = binding.columns.iter().filter(|column| column.count > 0).count();
    let held: usize = binding.columns.iter().map(|column| column.count).sum();
    let printed = head.columns.iter().filter(|column| column.leaf().is_some()).count();
    let null = NULL_COLUMN * samples.len() as f32;
    if bound == 0
        || binding.bits > null * GOOD_SHARE
        || binding.unknown * 3 > bound + binding.unknown
        || held * 2 < fields
    {
        return false;
    }
    if printed > 0 {
        let is_named = !is_builtin || binding.named * 3 >= printed * 2;
        return is_named && binding.header_bits <= HEADER_BITS * printed as f32;
    }
    // Without a header, types alone speak: enough for a schema that the caller names, not for a built-in one.
    !is_builtin
        && bound >= 2
        && bound * 4 >= samples.len() * 3
        && binding.bits <= HEADLESS_BITS * samples.len() as f32
}

fn report_tie(grid: &Grid, first: &str, second: &str, sink: &mut dyn Sink) {
    let place = grid.cells.first().copied().unwrap_or_default();
    sink.report(
        Diagnostic::new(
            Code::SchemaTie,
            format!(
                "schemas `{first}` and `{second}` fit this table about equally well; `{first}` was taken"
            ),
        )
        .at(Span::empty(place.start))
        .with_help("give the one that is meant with --schema"),
    );
}
