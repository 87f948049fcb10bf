//! What can be wrong with a schema or a catalog, and where.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::pointer;
use crate::text::Span;

/// What is wrong with a rule of the check language. `at` counts bytes of the rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RuleError {
    /// The rule does not follow the grammar.
    #[error("expected {expected} at byte {} of {}, found {}", at.start, Rule(rule, *at), Found(found))]
    Syntax {
        /// The rule.
        rule: String,
        /// The word or character that does not fit; empty at the end of the rule.
        at: Span,
        /// What the grammar takes there.
        expected: &'static str,
        /// What stands there; empty at the end of the rule.
        found: String,
    },
    /// The rule names a field that the schema does not have.
    #[error("no field is called `{name}` (byte {} of {}){}", at.start, Rule(rule, *at), Nearest(nearest))]
    UnknownField {
        /// The rule.
        rule: String,
        /// The name.
        at: Span,
        /// The name.
        name: String,
        /// The field whose name is nearest, if one is near.
        nearest: Option<String>,
    },
    /// The rule names a constant that the schema does not have.
    #[error("no constant is called `{name}` (byte {} of {}){}", at.start, Rule(rule, *at), Nearest(nearest))]
    UnknownConstant {
        /// The rule.
        rule: String,
        /// The name, after `$`.
        at: Span,
        /// The name.
        name: String,
        /// The constant whose name is nearest, if one is near.
        nearest: Option<String>,
    },
    /// `row("A")` stands for a row in every numeric column, so it cannot meet the cells of one named column.
    #[error(
        "{} (byte {} of {}) stands for every numeric column and cannot meet one named column; \
         write {}.field for one cell",
        at.slice(rule), at.start, Rule(rule, *at), at.slice(rule)
    )]
    MixedRows {
        /// The rule.
        rule: String,
        /// The `row(...)` without a field.
        at: Span,
    },
}

impl RuleError {
    /// The place in the rule, in bytes.
    #[must_use]
    pub const fn at(&self) -> Span {
        match self {
            Self::Syntax { at, .. }
            | Self::UnknownField { at, .. }
            | Self::UnknownConstant { at, .. }
            | Self::MixedRows { at, .. } => *at,
        }
    }
}

/// What is wrong with a schema. Every variant says where, most by a JSON pointer into the descriptor.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// The text is not JSON.
    #[error("not JSON at line {line}, column {column}: {reason}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What the JSON reader says.
        reason: String,
    },
    /// A property has a value of the wrong kind.
    #[error("{}: expected {expected}, found {found}", Pointer(pointer))]
    Property {
        /// JSON pointer of the property.
        pointer: String,
        /// What the property takes.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A field has a type that there is not.
    #[error(
        "{}: no type is called `{found}` (they are string, integer, number, percent, date, boolean){}",
        Pointer(pointer),
        Nearest(nearest)
    )]
    UnknownType {
        /// JSON pointer of the type.
        pointer: String,
        /// The type as written.
        found: String,
        /// The type whose name is nearest, if one is near.
        nearest: Option<String>,
    },
    /// Two fields have one name.
    #[error("{}: the name `{name}` is taken by /fields/{first}; rename one of the two", Pointer(pointer))]
    DuplicateField {
        /// JSON pointer of the second field's name.
        pointer: String,
        /// The name.
        name: String,
        /// Index of the first field so called.
        first: usize,
    },
    /// A property names a field that the schema does not have.
    #[error("{}: no field is called `{name}`{}", Pointer(pointer), Nearest(nearest))]
    UnknownField {
        /// JSON pointer of the property.
        pointer: String,
        /// The name.
        name: String,
        /// The field whose name is nearest, if one is near.
        nearest: Option<String>,
    },
    /// A property names a constant that the schema does not have.
    #[error("{}: no constant is called `{name}`{}", Pointer(pointer), Nearest(nearest))]
    UnknownConstant {
        /// JSON pointer of the property.
        pointer: String,
        /// The name.
        name: String,
        /// The constant whose name is nearest, if one is near.
        nearest: Option<String>,
    },
    /// A pattern is no regular expression, or one too large.
    #[error("{}: not a usable pattern: {reason}", Pointer(pointer))]
    Pattern {
        /// JSON pointer of the pattern.
        pointer: String,
        /// What the regular expression engine says, on one line.
        reason: String,
    },
    /// The pattern of a constant does not say which part of its match is the number.
    #[error(
        "{}: the pattern has no group; put the number in brackets, as in `of ([0-9,]+) Shares`",
        Pointer(pointer)
    )]
    PatternGroup {
        /// JSON pointer of the pattern.
        pointer: String,
    },
    /// A check is wrong.
    #[error("{}: {error}", Pointer(pointer))]
    Check {
        /// JSON pointer of the check.
        pointer: String,
        /// What is wrong with its rule.
        error: RuleError,
    },
}

impl SchemaError {
    /// JSON pointer of the place; `None` where the text is not JSON.
    #[must_use]
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::Json { .. } => None,
            Self::Property { pointer, .. }
            | Self::UnknownType { pointer, .. }
            | Self::DuplicateField { pointer, .. }
            | Self::UnknownField { pointer, .. }
            | Self::UnknownConstant { pointer, .. }
            | Self::Pattern { pointer, .. }
            | Self::PatternGroup { pointer }
            | Self::Check { pointer, .. } => Some(pointer),
        }
    }

    /// Line and column (in characters) of the place in `text`, from 1; a check's is that of the faulty word.
    ///
    /// ```
    /// use retabulate::Schema;
    ///
    /// let text = "{\n  \"fields\": [{\"name\": \"held\", \"type\": \"numbre\"}]\n}";
    /// let error = Schema::from_json(text).unwrap_err();
    /// assert_eq!(error.position(text), (2, 39));
    /// ```
    #[must_use]
    pub fn position(&self, text: &str) -> (usize, usize) {
        let offset = match self {
            Self::Json { line, column, .. } => return (*line, *column),
            Self::Check { pointer, error } => pointer::locate_inside(text, pointer, error.at().start),
            other => pointer::locate(text, other.pointer().unwrap_or("")),
        };
        pointer::line_and_column(text, offset)
    }

    /// The error with the file it is in, whose content is `text`.
    #[must_use]
    pub fn in_file(self, path: impl AsRef<Path>, text: &str) -> CatalogError {
        let (line, column) = self.position(text);
        CatalogError::Schema { path: path.as_ref().to_owned(), line, column, error: Box::new(self) }
    }
}

/// What is wrong with a catalog.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// A file or folder cannot be read.
    #[error("{}: cannot be read: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// A schema is wrong.
    #[error("{}:{line}:{column}: {error}", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong.
        #[source]
        error: Box<SchemaError>,
    },
    /// Two schemas have one name.
    #[error("{}: the name `{name}` is taken by {}; rename one of the two", path.display(), first.display())]
    DuplicateName {
        /// The second file.
        path: PathBuf,
        /// The first file.
        first: PathBuf,
        /// The name.
        name: String,
    },
    /// A folder has no schema in it.
    #[error("{}: holds no schema; schemas are files that end in .json", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// A pointer in a message; the empty one names the whole.
struct Pointer<'a>(&'a str);

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "the descriptor" } else { self.0 })
    }
}

struct Nearest<'a>(&'a Option<String>);

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |name| write!(f, ", did you mean `{name}`?"))
    }
}

struct Found<'a>(&'a str);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("its end") } else { write!(f, "`{}`", self.0) }
    }
}

/// A rule in a message: the part around the fault, where it is long.
struct Rule<'a>(&'a str, Span);

/// Characters of a rule that a message shows on either side of the fault.
const CONTEXT: usize = 48;

impl fmt::Display for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = self.0.split_at_checked(self.1.start).unwrap_or((self.0, ""));
        let start = before.char_indices().rev().nth(CONTEXT).map_or(0, |(offset, _)| offset);
        let end = after.char_indices().nth(CONTEXT).map_or(after.len(), |(offset, _)| offset);
        let ellipsis = |cut: bool| if cut { "…" } else { "" };
        let (left, right) = (ellipsis(start > 0), ellipsis(end < after.len()));
        write!(f, "`{left}{}{}{right}`", &before[start..], &after[..end])
    }
}

/// The candidate nearest to `name` in spelling, if a third of the letters differs at most.
pub(super) fn nearest<'n>(name: &str, candidates: impl Iterator<Item = &'n str>) -> Option<String> {
    let wanted = name.to_lowercase();
    candidates
        .map(|candidate| (edit_distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| distance * 3 <= candidate.chars().count().max(wanted.chars().count()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_owned())
}

/// Letters to insert, delete or replace, or neighbours to swap.
fn edit_distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut rows: [Vec<usize>; 3] = [vec![], vec![], (0..=right.len()).collect()];
    for (i, &a) in left.iter().enumerate() {
        rows.rotate_left(1);
        let mut row = vec![i + 1];
        for (j, &b) in right.iter().enumerate() {
            let swapped = i > 0 && j > 0 && a == right[j - 1] && left[i - 1] == b;
            let swap = if swapped { rows[0][j - 1] + 1 } else { usize::MAX };
            let replace = rows[1][j] + usize::from(a != b);
            row.push(replace.min(rows[1][j + 1] + 1).min(row[j] + 1).min(swap));
        }
        rows[2] = row;
    }
    rows[2].last().copied().unwrap_or(0)
}
