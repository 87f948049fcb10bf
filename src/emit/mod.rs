//! Writers: each a function of a document, its options and a sink of bytes.
//!
//! | writer | for |
//! | --- | --- |
//! | [`write_json`] | programs: the whole contract, see [`CONTRACT_SCHEMA`] |
//! | [`write_json_lines`] | pipelines: a document, a table or a record a line |
//! | [`write_markdown`] | the mended text: pipe tables |
//! | [`write_csv`] | spreadsheets |
//! | [`write_html`] | browsers |
//! | [`write_text`] | terminals: what was repaired and why |
//! | [`write_diagnostic`] | terminals: one diagnostic with its line |
//!
//! ```
//! use retabulate::{Rebuilder, emit};
//!
//! let document = Rebuilder::new().rebuild("no table here");
//! let mut json = Vec::new();
//! emit::write_json(&document, &emit::Options::default(), &mut json)?;
//! assert_eq!(String::from_utf8_lossy(&json), "{\"contract\":1,\"source\":\"-\",\"tables\":[],\"diagnostics\":[]}\n");
//! # Ok::<(), std::io::Error>(())
//! ```

mod csv;
mod diagnostic;
mod html;
mod json;
mod json_lines;
mod markdown;
mod options;
mod terminal;
mod view;

pub use csv::write_csv;
pub use diagnostic::write_diagnostic;
pub use html::{HTML_END, HTML_START, write_html};
pub use json::write_json;
pub use json_lines::write_json_lines;
pub use markdown::write_markdown;
pub use options::{Options, Per};
pub use terminal::{plain_line, write_text};

/// The JSON Schema (draft 2020-12) of what [`write_json`] writes.
///
/// Its `$defs` name `tableLine`, `recordLine` and `diagnosticsLine`, the lines of [`write_json_lines`].
pub const CONTRACT_SCHEMA: &str = include_str!("contract.schema.json");

/// The version of the contract that the JSON writers keep.
pub const CONTRACT: u32 = 1;
