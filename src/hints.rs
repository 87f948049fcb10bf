use crate::region::Form;
use crate::text::Span;

/// Facts that a caller knows about a document, and the engine need not find out.
///
/// ```
/// use retabulate::{Hints, Rebuilder};
///
/// let text = "2019\t2018\n12\t11\n9\t8\n";
/// let hints = Hints { header_rows: Some(1), ..Hints::default() };
/// let document = Rebuilder::new().rebuild_with(text, &hints);
/// assert_eq!(document.tables[0].columns[0].title, "2019");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Name of the schema of all tables: no other is tried.
    pub schema: Option<String>,
    /// Number of header rows of every table.
    pub header_rows: Option<usize>,
    /// Decimal character of all numbers, `.` or `,`.
    pub decimal_char: Option<char>,
    /// Whether `03/04/2023` is the third of April (`true`) or the fourth of March (`false`).
    pub day_first: Option<bool>,
    /// How the tables are printed: other forms are not looked for. For cells between delimiters `Form::Tabs` or
    /// `Form::Pipes`; tables between delimiters and in HTML are read whatever is said here.
    pub form: Option<Form>,
    /// Where the tables stand, in bytes of the text; other tables are not looked for.
    pub tables: Vec<Span>,
    /// Cells whose text the caller knows; their origin is `given`.
    pub cells: Vec<GivenCell>,
}

/// A cell whose text the caller knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenCell {
    /// Number of the table in the result, from 0.
    pub table: usize,
    /// Number of the row in the table, from 0.
    pub row: usize,
    /// Number of the column in the table, from 0.
    pub column: usize,
    /// The text.
    pub text: String,
}

impl Hints {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
