use std::fmt;

use crate::text::Span;

/// What a diagnostic is about. The names are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The input was not UTF-8 and was read with replacement characters.
    NotUtf8,
    /// A file could not be read.
    Unreadable,
    /// A search was ended by its step budget; what depends on it stays open.
    BudgetSpent,
    /// No schema fits a table well enough; it was rebuilt without one.
    NoSchemaFits,
    /// Two schemas fit a table about equally well.
    SchemaTie,
    /// A check of the schema fails in the table.
    CheckFails,
    /// A table goes on after a page break.
    TableContinued,
    /// Markup ended before it was closed.
    UnclosedMarkup,
    /// A region is so large that it was read in windows.
    RegionSplit,
}

impl Code {
    /// The name in JSON, kebab-case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not-utf8",
            Self::Unreadable => "unreadable",
            Self::BudgetSpent => "budget-spent",
            Self::NoSchemaFits => "no-schema-fits",
            Self::SchemaTie => "schema-tie",
            Self::CheckFails => "check-fails",
            Self::TableContinued => "table-continued",
            Self::UnclosedMarkup => "unclosed-markup",
            Self::RegionSplit => "region-split",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Something that a reader of the result should know; data, not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What it is about.
    pub code: Code,
    /// One sentence.
    pub message: String,
    /// Where, in bytes of the text as given.
    pub span: Option<Span>,
    /// What can be done.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without place and help.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), span: None, help: None }
    }

    /// The same at `span`.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The same with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Takes the diagnostics of a stage; `Vec<Diagnostic>` is one.
pub trait Sink {
    /// Takes one diagnostic.
    fn report(&mut self, diagnostic: Diagnostic);
}

impl Sink for Vec<Diagnostic> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.push(diagnostic);
    }
}
