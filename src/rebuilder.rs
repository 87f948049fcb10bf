use std::sync::Arc;

use crate::budget::Budget;
use crate::grid::{Grid, read_grid};
use crate::hints::Hints;
use crate::pipeline::{Conditions, Trace, finish, run_stages};
use crate::region::{Form, LineRole, Region, RegionLine, find_regions_in};
use crate::schema::{Catalog, Schema};
use crate::table::{Diagnostic, Document, Table};
use crate::text::{Lines, Source, Span, read_markup};
use crate::undelimited::{Prepared, Setting, set_tables};

/// Rebuilds the tables of texts; `Send + Sync`, made once and used for any number of texts.
///
/// ```
/// use retabulate::{Rebuilder, table::Status};
///
/// let text = "Item\tQ1\tQ2\tTotal\nNorth South\t10 20\t11 21\t21 41\nTotal\t30\t32\t62\n";
/// let document = Rebuilder::new().rebuild(text);
/// let table = &document.tables[0];
/// assert_eq!(table.rows.len(), 3);
/// assert_eq!(table.rows[1].cells[3].text, "41");
/// ```
#[derive(Clone, Debug)]
pub struct Rebuilder {
    catalog: Arc<Catalog>,
    options: Options,
}

/// How a [`Rebuilder`] works.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Steps of search a region.
    pub(crate) region_steps: u64,
    /// Steps of search a component of the proof.
    pub(crate) proof_steps: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { region_steps: 4_000_000, proof_steps: 4_000_000 }
    }
}

/// Sets up a [`Rebuilder`].
#[derive(Clone, Debug, Default)]
pub struct RebuilderBuilder {
    schemas: Vec<Schema>,
    catalog: Option<Arc<Catalog>>,
    options: Options,
}

impl RebuilderBuilder {
    /// Adds a schema. With no schema and no catalog the built-in catalog is used.
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schemas.push(schema);
        self
    }

    /// Takes the schemas of a catalog; schemas added one by one are ignored then.
    #[must_use]
    pub fn catalog(mut self, catalog: Arc<Catalog>) -> Self {
        self.catalog = Some(catalog);
        self
    }

    /// Bounds the search of each region and of the proof of each document, in steps.
    #[must_use]
    pub fn steps(mut self, region: u64, proof: u64) -> Self {
        self.options = Options { region_steps: region, proof_steps: proof };
        self
    }

    /// The rebuilder.
    #[must_use]
    pub fn build(self) -> Rebuilder {
        let catalog = match self.catalog {
            Some(catalog) => catalog,
            None if self.schemas.is_empty() => Arc::new(Catalog::builtin()),
            None => Arc::new(Catalog::new(self.schemas)),
        };
        Rebuilder { catalog, options: self.options }
    }
}

impl Rebuilder {
    /// A rebuilder with the built-in catalog.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Sets up a rebuilder.
    #[must_use]
    pub fn builder() -> RebuilderBuilder {
        RebuilderBuilder::default()
    }

    /// The schemas that tables are matched with.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Rebuilds all tables of `text`. Never fails: damage is data, not an error.
    #[must_use]
    pub fn rebuild<'t>(&self, text: &'t str) -> Document<'t> {
        self.rebuild_with(text, &Hints::default())
    }

    /// Like [`Rebuilder::rebuild`], with facts that the caller knows.
    #[must_use]
    pub fn rebuild_with<'t>(&self, text: &'t str, hints: &Hints) -> Document<'t> {
        self.rebuild_read(Source::new(text), hints)
    }

    /// Rebuilds all tables of bytes that were read as a [`Source`]; spans are offsets into those bytes.
    #[must_use]
    pub fn rebuild_source<'s>(&self, source: &'s Source<'_>) -> Document<'s> {
        self.rebuild_source_with(source, &Hints::default())
    }

    /// Like [`Rebuilder::rebuild_source`], with facts that the caller knows.
    #[must_use]
    pub fn rebuild_source_with<'s>(&self, source: &'s Source<'_>, hints: &Hints) -> Document<'s> {
        // A clone borrows where it can: from the source, not from what the source borrows.
        self.rebuild_read(source.reborrowed(), hints)
    }

    fn rebuild_read<'t>(&self, source: Source<'t>, hints: &Hints) -> Document<'t> {
        let Reading { prepared, regions, found, diagnostics, spent } = self.read(source, hints);
        let source = &prepared.markup.source;
        if let Some(text) = source.as_given() {
            let mut trace = self.trace(text, &prepared, regions, hints, found, false);
            trace.steps.0 += spent;
            trace.diagnostics.splice(0..0, diagnostics);
            return finish(trace, text, hints);
        }
        let text = source.text();
        let trace = self.trace(text, &prepared, regions, hints, found, false);
        let document = finish(trace, text, hints);
        let mut to_print = source.to_print();
        let mut document = document.led_back(source.borrowed_print(), &mut |span| to_print.map(span));
        document.number_lines(source.print());
        if source.is_decoded() {
            let mut to_given = source.to_given();
            document.map_spans(&mut |span| to_given.map(span));
        }
        document.diagnostics.splice(0..0, diagnostics);
        document
    }

    /// Reads a source to the point where all tables stand between delimiters, and finds them.
    pub(crate) fn read<'t>(&self, source: Source<'t>, hints: &Hints) -> Reading<'t> {
        // What the markup reader reports is in bytes as given already.
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let markup = read_markup(source, &mut diagnostics);
        let mut found = Vec::new();
        let regions = find_regions_in(markup.source.text(), &markup.tables, &mut found);
        let taken: Vec<Span> = regions.iter().map(|region| region.span).collect();
        let mut budget = Budget::new(self.options.region_steps);
        let prepared = set_tables(markup, &taken, &self.catalog, hints.form, &mut budget, &mut diagnostics);
        if prepared.settings.iter().all(Option::is_none) {
            return Reading { prepared, regions, found, diagnostics, spent: budget.used() };
        }
        // The text was rewritten: the regions stand elsewhere now.
        found.clear();
        let text = prepared.markup.source.text();
        let regions = find_regions_in(text, &prepared.markup.tables, &mut found);
        Reading { prepared, regions, found, diagnostics, spent: budget.used() }
    }

    /// What every stage makes of the tables of `text`, the text that was prepared; `keeps_all`: what it has read, too.
    pub(crate) fn trace<'t>(
        &self,
        text: &'t str,
        prepared: &Prepared<'_>,
        mut regions: Vec<Region>,
        hints: &Hints,
        diagnostics: Vec<Diagnostic>,
        keeps_all: bool,
    ) -> Trace<'t> {
        let source = &prepared.markup.source;
        if !hints.tables.is_empty() {
            regions.retain(|region| {
                hints.tables.iter().any(|table| table.overlaps(source.original(region.span)))
            });
        }
        if regions.is_empty() {
            return Trace { diagnostics, ..Trace::default() };
        }
        let read = |region: &mut Region| {
            let setting = take_settings(region, prepared);
            Grid { setting, ..read_grid(text, region) }
        };
        let (catalog, options) = (&*self.catalog, &self.options);
        run_stages(text, regions, read, Conditions { catalog, options, hints, keeps_all }, diagnostics)
    }

    /// Rebuilds one table from cells that another parser has read, rows x columns. Spans count bytes of the
    /// cells joined by tabs and newlines. `None` where no cell has content.
    ///
    /// ```
    /// use retabulate::Rebuilder;
    ///
    /// let rows = [["Item", "2023", "2022"], ["Bolts Nuts", "10 20", "11 24"], ["Total", "30", "35"]];
    /// let rows = rows.map(Vec::from);
    /// let table = Rebuilder::new().rebuild_grid(&rows).unwrap();
    /// assert_eq!(table.rows.len(), 3);
    /// ```
    #[must_use]
    pub fn rebuild_grid<S: AsRef<str>>(&self, rows: &[Vec<S>]) -> Option<Table<'static>> {
        let (text, grid) = Grid::from_cells(rows);
        let lines = Lines::new(&text)
            .map(|line| RegionLine { line, role: LineRole::Row, after_break: false })
            .collect();
        let region = Region {
            span: Span::new(0, text.len()),
            form: Form::Tabs,
            lines,
            marked_header: None,
            marked: None,
            caption: Vec::new(),
            notes: Vec::new(),
        };
        let hints = Hints::default();
        let conditions =
            Conditions { catalog: &self.catalog, options: &self.options, hints: &hints, keeps_all: false };
        let read = |_: &mut Region| grid.clone();
        let trace = run_stages(&text, vec![region], read, conditions, Vec::new());
        finish(trace, &text, &hints).into_owned().tables.into_iter().next()
    }
}

/// A text that is ready for the stages behind the regions.
pub(crate) struct Reading<'t> {
    pub(crate) prepared: Prepared<'t>,
    pub(crate) regions: Vec<Region>,
    /// What was reported on the way, with spans of the text as read.
    pub(crate) found: Vec<Diagnostic>,
    /// What was reported with spans of the bytes as given.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Steps of search.
    pub(crate) spent: u64,
}

/// Takes over what the readers of undelimited print know of the tables of a region, mostly one, or its pages: form,
/// breaks, repeated headers, and which lines are left over.
fn take_settings(region: &mut Region, prepared: &Prepared<'_>) -> Option<Arc<Setting>> {
    let first = region.marked?;
    let mut setting = prepared.settings.get(first)?.clone()?;
    region.form = setting.form;
    let tables = &prepared.markup.tables;
    let ends_before =
        |table: usize, line: Span| tables.get(table).is_some_and(|own| own.span.end <= line.start);
    let (mut table, mut row) = (first, 0);
    let set = |mut line: RegionLine| {
        let span = line.line.span;
        while ends_before(table, span) {
            (table, row) = (table + 1, 0);
        }
        // Between the tables of two pages stands furniture.
        let Some(own) = tables.get(table).filter(|own| own.span.start <= span.start) else { return line };
        let Some(known) = prepared.settings.get(table).and_then(Option::as_deref) else { return line };
        let goes_on = table != first;
        if goes_on && row == 0 {
            Arc::make_mut(&mut setting).append(known);
        }
        match known.breaks.get(row) {
            Some(is_after_break) => line.after_break = *is_after_break || (goes_on && row == 0),
            None => line.role = LineRole::Furniture,
        }
        if goes_on && row < own.header_rows.unwrap_or(0) && line.role == LineRole::Row {
            line.role = LineRole::RepeatedHeader;
        }
        row += 1;
        line
    };
    region.lines = region.lines.iter().map(set).collect();
    Some(setting)
}

impl Default for Rebuilder {
    fn default() -> Self {
        Self::new()
    }
}
