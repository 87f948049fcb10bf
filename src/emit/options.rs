/// What [`super::write_json_lines`] writes a line for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Per {
    /// A document a line: the object of [`super::write_json`].
    #[default]
    Document,
    /// A table a line.
    Table,
    /// A row a line, its cells under the names of their columns.
    Record,
}

/// How a document is written. Every writer reads what concerns it.
///
/// ```
/// use retabulate::emit::Options;
///
/// let options = Options { source: "report.txt", certain_only: true, ..Options::default() };
/// assert!(!options.color);
/// ```
#[derive(Clone, Debug)]
pub struct Options<'s> {
    /// Name of the text: a path, or `-` for standard input.
    pub source: &'s str,
    /// Leaves out what is not certain (see [`crate::Cell::is_certain`]): such a cell has no text, no value, no
    /// spans, origin `missing` and confidence 0. Its status stays, and its reading heads its alternatives, so
    /// that no token is lost.
    pub certain_only: bool,
    /// JSON: a key a line, for human eyes.
    pub pretty: bool,
    /// JSON Lines: what a line is.
    pub per: Per,
    /// CSV: texts that a spreadsheet would run as formulas get an apostrophe in front.
    pub defuse_formulas: bool,
    /// Terminal: the bytes that were rebuilt. With them places are named by line, and diagnostics quote it.
    pub input: Option<&'s [u8]>,
    /// Terminal: whether to colour.
    pub color: bool,
    /// Terminal: display columns of a line.
    pub width: usize,
    /// Terminal: how many cells, checks and the like are told of under a table before `and N more`.
    pub details: usize,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            source: "-",
            certain_only: false,
            pretty: false,
            per: Per::Document,
            defuse_formulas: false,
            input: None,
            color: false,
            width: 100,
            details: 20,
        }
    }
}
