use regex::Regex;

use super::check::Check;
use crate::text::Decimal;

/// Type of a field's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldKind {
    /// Any text.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// A decimal number.
    Number,
    /// A calendar date.
    Date,
    /// A truth value.
    Boolean,
}

impl FieldKind {
    /// The name in schemas and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Date => "date",
            Self::Boolean => "boolean",
        }
    }

    /// Whether values of this type can stand in sums.
    #[must_use]
    pub const fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Number)
    }
}

/// What an empty slot of a field means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blank {
    /// Counts as zero in checks.
    #[default]
    Zero,
    /// Nothing is known of it.
    Unknown,
}

/// How the lone side of a ratio or product was rounded by the author of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, ties either way.
    #[default]
    Nearest,
    /// Cut off, which widens the interval to a whole unit on either side.
    Truncate,
}

/// Limits on the values of a field, after the Frictionless Table Schema.
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    /// The slot is never empty on data rows.
    pub required: bool,
    /// No value stands twice.
    pub unique: bool,
    /// Least value.
    pub minimum: Option<Decimal>,
    /// Greatest value.
    pub maximum: Option<Decimal>,
    /// The only values there are.
    pub values: Vec<String>,
    /// What every value matches, whole.
    pub pattern: Option<Regex>,
    /// Least number of characters.
    pub min_length: Option<usize>,
    /// Greatest number of characters.
    pub max_length: Option<usize>,
}

/// Marks that give an amount its side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignMarks {
    /// Marks of positive amounts, such as `CR` or `H`; they stand before or after the number, attached or apart.
    pub positive: Vec<String>,
    /// Marks of negative amounts, such as `DR` or `S`.
    pub negative: Vec<String>,
    /// What an amount without a mark is. Where it is not said, one list of marks leaves the other side to unmarked
    /// amounts; with marks for both sides an amount without one has lost it.
    pub unmarked: Option<Side>,
}

impl SignMarks {
    /// The side of an amount without a mark; `None` where it has lost its mark.
    ///
    /// ```
    /// use retabulate::schema::{Side, SignMarks};
    ///
    /// let credits = SignMarks { positive: vec!["CR".to_owned()], ..SignMarks::default() };
    /// assert_eq!(credits.unmarked_side(), Some(Side::Negative));
    /// let both = SignMarks { negative: vec!["DR".to_owned()], ..credits };
    /// assert_eq!(both.unmarked_side(), None);
    /// ```
    #[must_use]
    pub fn unmarked_side(&self) -> Option<Side> {
        self.unmarked.or(match (self.positive.is_empty(), self.negative.is_empty()) {
            (false, false) => None,
            (false, true) => Some(Side::Negative),
            (true, _) => Some(Side::Positive),
        })
    }
}

/// The side of an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It adds: a credit.
    Positive,
    /// It takes away: a debit.
    Negative,
}

/// One field of a schema: a column of the table.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// Name, by which checks call it.
    pub name: String,
    /// Header as usually printed.
    pub title: String,
    /// Other printed headers.
    pub aliases: Vec<String>,
    /// Header path, outermost first; empty where there is one level.
    pub header: Vec<String>,
    /// Type of its values.
    pub kind: FieldKind,
    /// Whether its numbers are percentages; their values are in percent units, checks divide by 100.
    pub percent: bool,
    /// Format of the values, as in Frictionless: `%d/%m/%Y`, `default` or `any` for dates.
    pub format: Option<String>,
    /// Decimal character, if the schema fixes it.
    pub decimal_char: Option<char>,
    /// Group character, if the schema fixes it.
    pub group_char: Option<char>,
    /// Limits on the values.
    pub constraints: Constraints,
    /// Unit of the values.
    pub unit: Option<String>,
    /// What an empty slot means.
    pub blank: Blank,
    /// Marks that give the amount its side.
    pub sign: Option<SignMarks>,
}

/// Labels of rows that are no records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowLabels {
    /// Labels of total rows.
    pub total: Vec<String>,
    /// Labels of group rows.
    pub group: Vec<String>,
}

/// A number of the document that stands outside its tables.
#[derive(Clone, Debug, Default)]
pub struct Constant {
    /// Name, called `$name` in checks.
    pub name: String,
    /// What it is.
    pub title: String,
    /// Type of its value: an integer or a number.
    pub kind: FieldKind,
    /// Whether it is a percentage; its value is then in percent units, checks divide by 100.
    pub percent: bool,
    /// The value, if the schema fixes it.
    pub value: Option<Decimal>,
    /// Finds it in the text; its first group is the number. With neither pattern nor value it is unknown, and
    /// bounded by the checks that use it. Compiled for prose that wraps: a blank of the pattern stands for any
    /// white space, and `.` also for a line end.
    pub pattern: Option<Regex>,
    /// The pattern as the schema writes it.
    pub pattern_source: Option<String>,
    /// Whether the text may leave it out.
    pub optional: bool,
}

/// What a table should look like.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Name, by which other schemas' checks and the result call it.
    pub name: String,
    /// Title of the table.
    pub title: String,
    /// The fields, in column order.
    pub fields: Vec<Field>,
    /// Fields whose values name a record.
    pub primary_key: Vec<String>,
    /// Nil marks beside the usual ones.
    pub missing_values: Vec<String>,
    /// Labels of total and group rows.
    pub rows: RowLabels,
    /// Constants of the document.
    pub constants: Vec<Constant>,
    /// The checks.
    pub checks: Vec<Check>,
    /// How ratios and products are rounded.
    pub rounding: Rounding,
    /// Whether the newest record stands first.
    pub newest_first: bool,
    /// Field whose value opens a chain of `prev` of its own: account or currency.
    pub group_by: Option<String>,
    /// Field that every record prints once, on its first line.
    pub anchor: Option<String>,
    /// Constant that holds the year of dates printed without one; it rolls over at a year's end.
    pub year: Option<String>,
}

impl Field {
    /// A field of this name, of type string.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Everything that may be printed as the field's header: the title, the innermost level of the header path,
    /// the path in one line, and the aliases; the name where there is none of these. Without repeats.
    ///
    /// ```
    /// use retabulate::Schema;
    ///
    /// let schema = Schema::from_json(
    ///     r#"{"fields": [{"name": "for", "title": "For", "header": ["Votes", "For"], "aliases": ["In favour"]}]}"#,
    /// )?;
    /// assert_eq!(schema.fields[0].headers(), ["For", "Votes For", "In favour"]);
    /// # Ok::<(), retabulate::schema::SchemaError>(())
    /// ```
    #[must_use]
    pub fn headers(&self) -> Vec<String> {
        let path = self.header.join(" ");
        let innermost = self.header.last().map(String::as_str);
        let printed = std::iter::once(self.title.as_str())
            .chain(innermost)
            .chain(std::iter::once(path.as_str()))
            .chain(self.aliases.iter().map(String::as_str));
        let mut headers: Vec<String> = Vec::new();
        for header in printed.filter(|header| !header.trim().is_empty()) {
            if !headers.iter().any(|known| known == header) {
                headers.push(header.to_owned());
            }
        }
        if headers.is_empty() {
            headers.push(self.name.clone());
        }
        headers
    }
}

impl Schema {
    /// Index of the field called `name`.
    #[must_use]
    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// Index of the constant called `name`, without its `$`.
    #[must_use]
    pub fn constant_index(&self, name: &str) -> Option<usize> {
        self.constants.iter().position(|constant| constant.name == name)
    }
}
