use std::any::Any;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::derived::Derived;
use super::error::CatalogError;
use super::index::Index;
use super::{Schema, builtin};

/// The schemas that tables are matched with, and an index to them by the words of their headers.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    schemas: Vec<Arc<Schema>>,
    /// Position by name, the first of a name; looked into, never walked through.
    names: HashMap<String, usize>,
    index: Arc<Index>,
    /// Whether these are the schemas that come with the crate, which no caller asked for by name.
    builtin: bool,
    derived: Derived,
}

impl Catalog {
    /// A catalog of these schemas. Of several with one name [`Catalog::get`] finds the first.
    #[must_use]
    pub fn new(schemas: Vec<Schema>) -> Self {
        Self::of(schemas.into_iter().map(Arc::new).collect())
    }

    fn of(schemas: Vec<Arc<Schema>>) -> Self {
        let mut names = HashMap::with_capacity(schemas.len());
        for (position, schema) in schemas.iter().enumerate() {
            names.entry(schema.name.clone()).or_insert(position);
        }
        let index = Arc::new(Index::new(schemas.iter().map(Arc::as_ref)));
        Self { schemas, names, index, builtin: false, derived: Derived::default() }
    }

    /// The schemas that come with the crate: tables of exchange announcements, bank statements, invoices,
    /// shareholdings, income statements and balance sheets.
    ///
    /// Parsed on every call; keep the catalog.
    ///
    /// ```
    /// use retabulate::schema::Catalog;
    ///
    /// assert!(Catalog::builtin().get("bank-statement").is_some());
    /// ```
    #[must_use]
    pub fn builtin() -> Self {
        // A test reads every one of them, so none is left out here.
        let schemas = builtin::SOURCES.iter().filter_map(|text| Schema::from_json(text).ok()).collect();
        Self { builtin: true, ..Self::new(schemas) }
    }

    /// Whether these are the schemas that come with the crate: they need better evidence than those that a
    /// caller names.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        self.builtin
    }

    /// Reads a schema file, or the schema files of a folder: those that end in `.schema.json` if there are any,
    /// else in `.json`, in the order of their names, subfolders left out. A schema without a name takes the
    /// file's.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is no schema, two schemas of one name, a folder without any.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, CatalogError> {
        let path = path.as_ref();
        let files = if path.is_dir() { schema_files(path)? } else { vec![path.to_owned()] };
        let mut firsts: HashMap<String, PathBuf> = HashMap::new();
        let mut schemas = Vec::with_capacity(files.len());
        for file in files {
            let schema = load_schema(&file)?;
            if let Some(first) = firsts.insert(schema.name.clone(), file.clone()) {
                return Err(CatalogError::DuplicateName { path: file, first, name: schema.name });
            }
            schemas.push(Arc::new(schema));
        }
        Ok(Self::of(schemas))
    }

    /// The catalog with the schemas of `other` after its own; those whose name it has are left out.
    #[must_use]
    pub fn merged(self, other: &Catalog) -> Self {
        let new = other.schemas.iter().filter(|schema| !self.names.contains_key(&schema.name));
        let schemas = self.schemas.iter().chain(new).cloned().collect();
        Self::of(schemas)
    }

    /// All schemas, in the order given.
    #[must_use]
    pub fn schemas(&self) -> &[Arc<Schema>] {
        &self.schemas
    }

    /// The schema of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Schema>> {
        self.names.get(name).and_then(|&position| self.schemas.get(position))
    }

    /// What `make` makes of the schema at `position`, made once for all documents.
    pub(crate) fn derived<T: Any + Send + Sync>(
        &self,
        position: usize,
        make: impl FnOnce(&Schema) -> T,
    ) -> Option<Arc<T>> {
        let schema = self.schemas.get(position)?;
        Some(self.derived.of(position, || make(schema)))
    }

    /// The schemas whose headers have most in common with these words, by position, with a score from 0 to 1;
    /// the best first, ties by position. Whole headers will do for words.
    ///
    /// There are `limit` of them, or all if there are fewer: schemas without a word in common follow with score
    /// 0 in the order of the catalog, so that a table whose header is lost still has candidates. With a large
    /// catalog only those over 0 are worth a look.
    ///
    /// ```
    /// use retabulate::schema::Catalog;
    ///
    /// let catalog = Catalog::builtin();
    /// let best = catalog.candidates(["Date", "Details", "Paid out", "Paid in", "8alance"], 3);
    /// assert_eq!(catalog.schemas()[best[0].0].name, "bank-statement");
    /// assert!(best[0].1 > best[1].1);
    /// ```
    #[must_use]
    pub fn candidates<'w>(
        &self,
        header_words: impl IntoIterator<Item = &'w str>,
        limit: usize,
    ) -> Vec<(usize, f32)> {
        let mut found = self.index.search(header_words, limit);
        let mut known: Vec<usize> = found.iter().map(|&(schema, _)| schema).collect();
        known.sort_unstable();
        let missing = limit.min(self.schemas.len()).saturating_sub(found.len());
        let rest = (0..self.schemas.len()).filter(|schema| known.binary_search(schema).is_err());
        found.extend(rest.take(missing).map(|schema| (schema, 0.0)));
        found
    }
}

fn load_schema(path: &Path) -> Result<Schema, CatalogError> {
    let text = fs::read_to_string(path).map_err(|error| CatalogError::Io { path: path.to_owned(), error })?;
    let mut schema = Schema::from_json(&text).map_err(|error| error.in_file(path, &text))?;
    if schema.name.is_empty() {
        let stem = path.file_stem().map(OsStr::to_string_lossy).unwrap_or_default();
        schema.name = stem.strip_suffix(".schema").unwrap_or(&stem).to_owned();
    }
    Ok(schema)
}

/// The schema files of a folder, by name.
fn schema_files(folder: &Path) -> Result<Vec<PathBuf>, CatalogError> {
    let failed = |error| CatalogError::Io { path: folder.to_owned(), error };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if ends_with(&path, ".json") && path.is_file() {
            files.push(path);
        }
    }
    if files.iter().any(|path| ends_with(path, ".schema.json")) {
        files.retain(|path| ends_with(path, ".schema.json"));
    }
    files.sort();
    if files.is_empty() { Err(CatalogError::Empty { path: folder.to_owned() }) } else { Ok(files) }
}

fn ends_with(path: &Path, ending: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().ends_with(ending))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::schema::Field;

    fn schema(name: &str, headers: &[&str]) -> Schema {
        let field = |header: &&str| Field { title: (*header).into(), ..Field::new(*header) };
        Schema { name: name.into(), fields: headers.iter().map(field).collect(), ..Schema::default() }
    }

    fn best<'c>(catalog: &'c Catalog, header: &str) -> &'c str {
        let found = catalog.candidates([header], 1);
        &catalog.schemas()[found[0].0].name
    }

    #[test]
    fn every_builtin_schema_reads_and_has_a_name_of_its_own() {
        let catalog = Catalog::builtin();
        assert_eq!(catalog.schemas().len(), builtin::SOURCES.len());
        for (position, schema) in catalog.schemas().iter().enumerate() {
            assert!(Arc::ptr_eq(catalog.get(&schema.name).unwrap(), &catalog.schemas()[position]));
            let lints = crate::schema::lint(builtin::SOURCES[position]).unwrap();
            assert!(lints.is_empty(), "{}: {lints:?}", schema.name);
            for check in &schema.checks {
                for foreign in check.foreign() {
                    let other = catalog.get(foreign.schema).unwrap();
                    assert!(
                        other.field_index(foreign.field).is_some()
                            && other.field_index(foreign.key).is_some()
                    );
                }
            }
        }
    }

    #[test]
    fn headers_find_their_schema_whole_or_garbled() {
        let catalog = Catalog::builtin();
        for (header, name) in [
            ("Datum Buchungstext Soll Haben Saldo", "bank-statement"),
            ("日期 摘要 支出 收入 餘額", "bank-statement"),
            ("Dale Descnption Withdrawais Deposlts 8alance", "bank-statement"),
            ("No. Descrlption Qly Unlt prlce Arnount", "invoice"),
            ("SPECIAL RESOLUTION(S) NUMBER OF VOTES (%) F0R A6AINST A8STAIN", "poll-results"),
            ("CUMULATIVE VOTING METHOD NUMBER OF VOTES (%)", "poll-results-cumulative"),
            ("Name of Shareholder Number of A Shares Number of H Shares Total", "shareholding"),
            ("Number of released pledge shares", "pledge-release"),
            ("Number of pledged shares before the changes in the pledge", "accumulated-pledge"),
            (
                "Purpose of the pledge Commencement date Whether supplemental pledge is adopted",
                "share-pledge",
            ),
        ] {
            assert_eq!(best(&catalog, header), name, "{header}");
        }
    }

    #[test]
    fn words_glued_together_are_found_by_their_pieces() {
        let catalog = Catalog::new(vec![schema("a", &["Quantity"]), schema("b", &["Depreciation"])]);
        assert_eq!(best(&catalog, "Depreciationandamortis"), "b");
        assert_eq!(best(&catalog, "Dcprcciafion"), "b");
    }

    #[test]
    fn candidates_are_ordered_and_filled_up() {
        let catalog = Catalog::new(vec![
            schema("a", &["X", "Same"]),
            schema("b", &["Other"]),
            schema("c", &["X", "Same"]),
            schema("d", &["Same"]),
        ]);
        let found = catalog.candidates(["same"], 10);
        let order: Vec<usize> = found.iter().map(|&(schema, _)| schema).collect();
        assert_eq!(order, [3, 0, 2, 1]);
        assert!(found[1].1 == found[2].1 && found[3].1 == 0.0);
        assert_eq!(catalog.candidates(["same"], 2)[..], found[..2]);
        assert_eq!(catalog.candidates([], 2), [(0, 0.0), (1, 0.0)]);
        assert!(Catalog::default().candidates(["x"], 3).is_empty());
        assert!(catalog.candidates(["same"], 0).is_empty());
    }

    #[test]
    fn a_large_catalog_ranks_like_a_small_one() {
        let many = |index: usize| schema(&format!("s{index}"), &["Name", "Number", &format!("Topic{index}")]);
        let mut schemas: Vec<Schema> = (0..2_000).map(many).collect();
        schemas.push(schema("wanted", &["Name", "Depreciation", "Number"]));
        let catalog = Catalog::new(schemas);
        assert_eq!(best(&catalog, "Name Depieciation Number"), "wanted");
        assert_eq!(best(&catalog, "number topic77"), "s77");
    }

    #[test]
    fn folders_load_by_name_and_say_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let message = |result: Result<Catalog, CatalogError>| {
            result.unwrap_err().to_string().replace(&format!("{}", folder.path().display()), "FOLDER")
        };
        assert_snapshot!(message(Catalog::load(folder.path())), @"FOLDER: holds no schema; schemas are files that end in .json");
        write("b.json", r#"{"fields": [{"name": "x"}]}"#);
        write("a.json", r#"{"name": "first", "fields": [{"name": "x"}]}"#);
        write("notes.txt", "no schema");
        let catalog = Catalog::load(folder.path()).unwrap();
        let names: Vec<&str> = catalog.schemas().iter().map(|schema| schema.name.as_str()).collect();
        assert_eq!(names, ["first", "b"]);
        assert_eq!(catalog.clone().merged(&catalog).schemas().len(), 2);
        write("c.json", r#"{"name": "b", "fields": [{"name": "x"}]}"#);
        assert_snapshot!(message(Catalog::load(folder.path())), @"FOLDER/c.json: the name `b` is taken by FOLDER/b.json; rename one of the two");
        write("c.json", "{\n  \"fields\": [{\"name\": \"x\", \"type\": \"strnig\"}]\n}");
        assert_snapshot!(message(Catalog::load(folder.path())), @"FOLDER/c.json:2:36: /fields/0/type: no type is called `strnig` (they are string, integer, number, percent, date, boolean), did you mean `string`?");
        assert_snapshot!(message(Catalog::load(folder.path().join("none.json"))), @"FOLDER/none.json: cannot be read: No such file or directory (os error 2)");
        write("d.schema.json", r#"{"fields": [{"name": "x"}]}"#);
        assert_eq!(Catalog::load(folder.path()).unwrap().schemas()[0].name, "d");
    }
}
