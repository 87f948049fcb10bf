//! Tables in HTML inside a text: each is rewritten to lines of cells between tabs, all other text stays as it is.
//!
//! The tags are read by a tolerant tokenizer from `<table` on, so that a page without one costs a search for `<`.
//! What the tags say about columns (spans, nested tables) is turned into slots; what they enclose is copied
//! piece by piece, and the offset map leads every piece back to its bytes.

use super::{Source, Span};
use crate::table::Sink;

#[cfg(feature = "html")]
mod rows;
#[cfg(feature = "html")]
mod tokens;
#[cfg(feature = "html")]
mod writer;

/// A source whose tables in HTML are rewritten to lines of cells between tabs.
#[derive(Clone, Debug, Default)]
pub struct Markup<'t> {
    /// The rewritten source; offsets of its text map back to the bytes as given.
    pub source: Source<'t>,
    /// The rewritten tables, in order.
    pub tables: Vec<MarkedTable>,
}

/// A table that markup says is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkedTable {
    /// Its lines in the rewritten text, from the first to the last byte.
    pub span: Span,
    /// Number of leading rows that markup says are header: rows of `<thead>` and rows of nothing but `<th>`.
    pub header_rows: Option<usize>,
}

/// Rewrites the tables in HTML of `source`: one line a row, one tab between cells, the caption on a line above.
///
/// A cell over several columns or rows is followed by empty cells to its right or below it. Line breaks and tabs
/// inside a cell become one space, entities are decoded, tables inside a cell become its text, scripts and styles
/// are dropped. A table that is not closed ends at its last cell and is reported. Without the feature `html`
/// nothing is rewritten.
///
/// ```
/// use retabulate::Span;
/// use retabulate::text::{Source, read_markup};
///
/// let page = "Prices:\n<table><tr><th>Item<th>Price<tr><td>Nuts &amp; bolts</td><td>1.20</td></tr></table>";
/// let markup = read_markup(Source::new(page), &mut Vec::new());
/// # if cfg!(feature = "html") {
/// assert_eq!(markup.source.text(), "Prices:\nItem\tPrice\nNuts & bolts\t1.20\n");
/// let price = markup.source.text().find("1.20").unwrap();
/// assert_eq!(&page[markup.source.original(Span::new(price, price + 4)).start..][..4], "1.20");
/// # }
/// ```
#[must_use]
pub fn read_markup<'t>(source: Source<'t>, sink: &mut dyn Sink) -> Markup<'t> {
    #[cfg(feature = "html")]
    return rewrite(source, sink);
    #[cfg(not(feature = "html"))]
    {
        let _ = sink;
        Markup { source, tables: Vec::new() }
    }
}

/// Tags that never end: after so many tables without a row that reach the end of the text no more are looked for,
/// so that a text of nothing but openings stays linear.
#[cfg(feature = "html")]
const MAX_ENDLESS_TABLES: usize = 4;

#[cfg(feature = "html")]
fn rewrite<'t>(source: Source<'t>, sink: &mut dyn Sink) -> Markup<'t> {
    use crate::table::{Code, Diagnostic};

    let text = source.text();
    let mut writer: Option<writer::Writer<'_>> = None;
    let mut tables = Vec::new();
    let mut endless = 0;
    let mut at = 0;
    while let Some(start) = tokens::find_table(text, at) {
        let tokens = tokens::read_table(text, start);
        if !tokens.is_closed {
            let diagnostic =
                Diagnostic::new(Code::UnclosedMarkup, "the table is not closed; it is read to its last cell");
            sink.report(
                diagnostic
                    .at(source.original(Span::new(start, tokens.end)))
                    .with_help("close it with </table>"),
            );
            endless += usize::from(tokens.is_endless);
        }
        let layout = rows::lay_out(text, &tokens);
        at = tokens.end.max(start + 1);
        if layout.rows.is_empty() {
            if endless >= MAX_ENDLESS_TABLES {
                break;
            }
            continue;
        }
        let out = writer.get_or_insert_with(|| writer::Writer::new(text));
        tables.push(out.write_table(start, tokens.end, &layout));
    }
    match writer.map(writer::Writer::finish) {
        None => Markup { source, tables },
        Some((rewritten, map)) => Markup { source: source.rewritten(rewritten, map), tables },
    }
}

#[cfg(all(test, feature = "html"))]
mod tests;
