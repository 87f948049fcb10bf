use super::*;
use crate::table::Diagnostic;
use proptest::prelude::*;

fn rewritten(page: &str) -> String {
    read_markup(Source::new(page), &mut Vec::new()).source.text().to_owned()
}

fn diagnostics(page: &str) -> Vec<Diagnostic> {
    let mut sink = Vec::new();
    let _ = read_markup(Source::new(page), &mut sink);
    sink
}

#[test]
fn text_without_a_table_is_untouched() {
    let page = "a < b <p>1</p> <tablet> </table>";
    let markup = read_markup(Source::new(page), &mut Vec::new());
    assert!(!markup.source.is_mapped());
    assert_eq!(markup.source.text(), page);
}

#[test]
fn spans_leave_empty_cells() {
    let page = "<table><tr><th rowspan=2>Name<th colspan='2'>Year</tr><tr><td>2022<td>2023</tr>\
                <tr><td>A<td>1<td rowspan=2>2</tr><tr><td>B<td>3</tr></table>";
    assert_eq!(rewritten(page), "Name\tYear\t\n\t2022\t2023\nA\t1\t2\nB\t3\t\n");
}

#[test]
fn blanks_breaks_and_entities() {
    let page = "x<table>\r\n<tr>\r\n<td> a<br>b\r\n\tc </td><td>&lt;5&nbsp;%&amp;c</td></tr></table>\ny";
    assert_eq!(rewritten(page), "x\na b c\t<5\u{a0}%&c\ny");
}

#[test]
fn scripts_are_dropped_and_captions_stand_above() {
    let page = "<TABLE><caption>Sales <b>2023</b></caption><thead><tr><td>A</td><td>B</td></tr></thead>\
                <tbody><tr><td><script>if (a<b) '</td>'</script>1</td><td>2</td></tr></table>tail";
    let markup = read_markup(Source::new(page), &mut Vec::new());
    assert_eq!(markup.source.text(), "Sales 2023\nA\tB\n1\t2\ntail");
    assert_eq!(markup.tables[0].span.slice(markup.source.text()), "A\tB\n1\t2");
    assert_eq!(markup.tables[0].header_rows, Some(1));
}

#[test]
fn a_nested_table_is_text_of_its_cell() {
    let page = "<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table></td><td>d</td></tr></table>";
    assert_eq!(rewritten(page), "a b c\td\n");
    assert!(diagnostics(page).is_empty());
}

#[test]
fn text_outside_of_cells_is_kept() {
    assert_eq!(rewritten("<table>stray<tr><td>a<td>b</tr>more</table>"), "stray\na\tb\nmore\n");
}

#[test]
fn unclosed_tables_end_at_their_last_cell() {
    let page = "<table><tr><td>a<td>b<tr><td>c<td>d\n\nProse goes on.\n";
    assert_eq!(rewritten(page), "a\tb\nc\td\n\nProse goes on.\n");
    let found = diagnostics(page);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "the table is not closed; it is read to its last cell");
    let closed_rows = "<table><tr><td>a<td>b</tr></table><table><tr><td>c</td></tr> Prose.\n";
    assert_eq!(rewritten(closed_rows), "a\tb\nc\n Prose.\n");
    assert_eq!(rewritten("<table><tr><td>1</tr>\n<table><tr><td>2</td></tr></table>"), "1\n2\n");
}

#[test]
fn endless_openings_are_given_up() {
    let page = "<table><!--".repeat(5_000);
    assert_eq!(rewritten(&page), page);
    assert_eq!(diagnostics(&page).len(), MAX_ENDLESS_TABLES);
    let nested = "<table><tr><td>x".repeat(5_000);
    assert_eq!(rewritten(&nested).matches('x').count(), 5_000);
}

#[test]
fn spans_cannot_blow_up_the_text() {
    let page = format!(
        "<table>{}{}</table>",
        "<td rowspan=65534 colspan=1000>".repeat(200),
        "<tr><td>".repeat(2_000)
    );
    assert!(rewritten(&page).len() < 4 * page.len());
}

#[test]
fn offsets_lead_through_a_byte_order_mark() {
    let page = "\u{feff}<table><tr><td>é&eacute;<td>12</table>";
    let source = read_markup(Source::new(page), &mut Vec::new()).source;
    assert_eq!(source.text(), "éé\t12\n");
    assert_eq!(source.original(Span::new(0, 2)).slice(page), "é");
    assert_eq!(source.original(Span::new(2, 4)).slice(page), "&eacute;");
    assert_eq!(source.original(Span::new(5, 7)).slice(page), "12");
    assert_eq!(source.original(Span::new(0, 4)).slice(page), "é&eacute;");
}

proptest! {
    #[test]
    fn any_text_is_read_and_maps_back(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("<table>"), Just("</table>"), Just("<tr>"), Just("</tr>"), Just("<td>"), Just("<td colspan=3>"),
                Just("<th rowspan=2>"), Just("</td>"), Just("<caption>"), Just("<br>"), Just("<script>"), Just("<!--"),
                Just("&amp;"), Just("é"), Just("12"), Just(" \n"), Just("\n\n"), Just("a b"), Just("<"), Just("\r\n"),
            ],
            0..40,
        )
    ) {
        let page: String = parts.concat();
        let markup = read_markup(Source::new(&page), &mut Vec::new());
        let text = markup.source.text();
        let mut last = 0;
        for (start, letter) in text.char_indices() {
            let origin = markup.source.original(Span::new(start, start + letter.len_utf8()));
            prop_assert!(origin.end <= page.len() && page.get(origin.start..origin.end).is_some());
            // Captions stand above their table wherever they are written; all else keeps its order.
            prop_assert!(origin.end >= last || page.contains("<caption>"));
            last = origin.end;
            if letter.is_alphanumeric() && letter.is_ascii() {
                prop_assert_eq!(origin.slice(&page), letter.to_string());
            }
        }
        for table in &markup.tables {
            prop_assert!(text.get(table.span.start..table.span.end).is_some());
        }
    }
}
