//! The arguments and their help.

use std::path::PathBuf;

use retabulate::region::Form;

use clap::{Args, Parser, Subcommand, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  retabulate rebuild report.txt                     the mended tables, what was repaired and why
  pdftotext -layout report.pdf - | retabulate rebuild --format json
  retabulate rebuild --schema bank.json --format csv --certain-only statement.txt
  retabulate rebuild --output mended/ --format markdown extracted/
  retabulate schema list                            the built-in schemas

Exit status: 0 done; 1 with --strict where a check fails or a cell is ambiguous; 2 where an input or an
argument was bad (everything else is done all the same).";

/// Rebuilds tables that PDF extraction has broken: text in, mended tables out, every cell traced to its bytes,
/// every repaired value proven or flagged.
#[derive(Debug, Parser)]
#[command(name = "retabulate", version, after_help = EXAMPLES, max_term_width = 100)]
#[command(arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Rebuild the tables of texts
    Rebuild(RebuildArgs),
    /// Show what each stage saw and decided on one text
    Explain(ExplainArgs),
    /// Show and check schemas: what a table should look like
    #[command(subcommand)]
    Schema(SchemaCommand),
}

const REBUILD_EXAMPLES: &str = "\
Examples:
  retabulate rebuild report.txt
  retabulate rebuild --format json --schema schemas/ a.txt b.txt    a JSON array of two documents
  retabulate rebuild --format jsonl --per record folder/ | jq .cells
  retabulate rebuild --output mended/ folder/                       mended/a.txt.json, mended/b/c.txt.json, ...
  some-extractor file.pdf | retabulate rebuild --strict -

Folders are walked in the order of their names; hidden files, and files that are not text, are passed over.
Markdown and CSV cannot show which cells are doubtful: a note on standard error counts them, and
--certain-only leaves them out.";

#[derive(Debug, Args)]
#[command(after_help = REBUILD_EXAMPLES, arg_required_else_help = false)]
pub(crate) struct RebuildArgs {
    #[command(flatten)]
    pub(crate) schemas: SchemaArgs,

    /// What to write [default: by the name of --output, else text on a terminal, else json]
    #[arg(long, short, value_enum)]
    pub(crate) format: Option<Format>,

    /// How the tables are printed; auto decides for each by the evidence of its lines
    #[arg(long, value_enum, default_value = "auto", value_name = "FORM")]
    pub(crate) form: FormArg,

    /// Leave out what is not certain: such cells are empty, origin missing, their reading kept as an alternative
    #[arg(long)]
    pub(crate) certain_only: bool,

    /// End with status 1 where a check fails or a cell is ambiguous
    #[arg(long)]
    pub(crate) strict: bool,

    /// Read bytes that are not UTF-8 as replacement characters instead of refusing the file
    #[arg(long)]
    pub(crate) lossy: bool,

    /// Each input is several documents, with a line between two that is nothing but LINE [default: a form feed]
    #[arg(long, value_name = "LINE", num_args = 0..=1, require_equals = true, default_missing_value = "\x0c")]
    #[arg(hide_default_value = true)]
    pub(crate) document_break: Option<String>,

    /// A line of JSON Lines for each of these
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) per: Option<PerArg>,

    /// JSON with a key a line
    #[arg(long)]
    pub(crate) pretty: bool,

    /// CSV: an apostrophe before texts that a spreadsheet would run as formulas
    #[arg(long)]
    pub(crate) defuse_formulas: bool,

    /// Write there instead of standard output: a file, or for several inputs a folder that mirrors them
    #[arg(long, short, value_name = "FILE|DIR")]
    pub(crate) output: Option<PathBuf>,

    /// Files to work on at a time [default: one a processor]; the output is the same for any number
    #[arg(long, short = 'j', value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,

    /// No progress and no notes; errors are still told
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// When to colour the text view
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: Color,

    /// Texts to rebuild; - is standard input, also the default where that is no terminal
    #[arg(value_name = "FILE|DIR|-")]
    pub(crate) inputs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) schemas: SchemaArgs,

    /// How the tables are printed; auto decides for each by the evidence of its lines
    #[arg(long, value_enum, default_value = "auto", value_name = "FORM")]
    pub(crate) form: FormArg,

    /// Read bytes that are not UTF-8 as replacement characters
    #[arg(long)]
    pub(crate) lossy: bool,

    /// When to colour
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: Color,

    /// The text; - is standard input
    #[arg(value_name = "FILE|-", default_value = "-")]
    pub(crate) input: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// A schema, or a folder of schemas, to use instead of the built-in ones; may be given several times
    #[arg(long = "schema", short = 's', value_name = "FILE|DIR")]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// List the schemas by name
    List(SchemaArgs),
    /// Print a schema as JSON, to be changed and given back with --schema
    Show {
        #[command(flatten)]
        schemas: SchemaArgs,
        /// Name of the schema
        name: String,
    },
    /// Check schema files; mistakes are told with their place
    Check {
        /// Schema files, or folders of them
        #[arg(required = true, value_name = "FILE|DIR")]
        paths: Vec<PathBuf>,
    },
    /// Print the JSON Schema of what rebuild --format json writes
    Contract,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// All there is, for programs: an object for one file, an array for several
    Json,
    /// A document a line, or a table or record (--per)
    #[value(alias = "ndjson")]
    Jsonl,
    /// Mended pipe tables
    #[value(alias = "md")]
    Markdown,
    /// Comma-separated values, a blank line between tables
    Csv,
    /// A page of tables; origins and statuses as data attributes
    Html,
    /// For the eyes: repaired cells marked, what was repaired and why
    Text,
}

impl Format {
    /// Whether the format tells which cells are doubtful.
    pub(crate) const fn shows_doubt(self) -> bool {
        !matches!(self, Self::Markdown | Self::Csv)
    }

    /// The ending of files in this format.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Markdown => "md",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Text => "txt",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormArg {
    /// Every form
    Auto,
    /// Cells between tabs or pipes alone; tables in HTML are read in any case
    Delimited,
    /// Columns as gutters of blanks: pdftotext -layout
    Layout,
    /// A line a row, single blanks between cells: pdftotext -raw, pypdf
    Flattened,
    /// A cell a line: PyMuPDF
    Stacked,
    /// Columns one after the other: pdftotext, pdfminer
    Torn,
    /// Tables in HTML alone, and those between delimiters
    Html,
}

impl FormArg {
    /// What the engine is told.
    pub(crate) const fn hint(self) -> Option<Form> {
        match self {
            Self::Auto => None,
            Self::Delimited => Some(Form::Tabs),
            Self::Layout => Some(Form::Layout),
            Self::Flattened => Some(Form::Flattened),
            Self::Stacked => Some(Form::Stacked),
            Self::Torn => Some(Form::Torn),
            Self::Html => Some(Form::Html),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PerArg {
    Document,
    Table,
    Record,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}
