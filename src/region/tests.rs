use super::*;
use crate::grid::read_grid;
use crate::table::{Code, Diagnostic};
use crate::text::{MarkedTable, Source, Span, read_markup};
use proptest::prelude::*;

fn regions(text: &str) -> Vec<Region> {
    find_regions(text, &mut Vec::new())
}

/// First and last line number of each table.
fn ranges(text: &str) -> Vec<(usize, usize)> {
    let ends = |region: &Region| {
        let number = |line: Option<RegionLine>| line.map_or(0, |line| line.line.number);
        (number(region.lines.first()), number(region.lines.last()))
    };
    regions(text).iter().map(ends).collect()
}

fn roles(region: &Region) -> Vec<LineRole> {
    region.lines.iter().map(|line| line.role).collect()
}

/// Nothing is lost: every byte of a region that is no blank is in one cell, in a left-over, in a rule, or is a
/// delimiter; lines and spans are in order and disjoint.
fn assert_conserved(text: &str, regions: &[Region]) {
    let mut end = 0;
    for region in regions {
        assert!(region.span.start >= end && region.span.end <= text.len());
        end = region.span.end;
        let grid = read_grid(text, region);
        let mut held = vec![0u8; region.span.len()];
        let spans = grid.cells.iter().chain(&grid.left_over);
        for span in spans.filter(|span| !span.is_empty()) {
            assert!(region.span.contains(*span));
            assert!(text.get(span.start..span.end).is_some(), "spans end between characters");
            assert_eq!(span.trimmed(text), *span);
            held[span.start - region.span.start..span.end - region.span.start]
                .iter_mut()
                .for_each(|held| *held += 1);
        }
        let mut last = region.span.start;
        for line in &region.lines {
            assert!(line.line.span.start >= last && line.line.span.end <= region.span.end);
            last = line.line.span.end;
            let print = line.line.span.slice(text);
            for (offset, letter) in print.char_indices() {
                let is_delimiter = letter.is_whitespace() || (letter == '|' && region.form == Form::Pipes);
                let is_held = held[line.line.span.start - region.span.start + offset];
                let expected = u8::from(!is_delimiter && line.role != LineRole::Rule);
                assert!(is_held == expected || is_delimiter && is_held < 2, "{letter:?} of {print:?}");
            }
        }
        let counted: usize = grid.rows.iter().map(|row| row.count as usize).sum();
        assert_eq!(counted, grid.cells.len());
    }
}

#[test]
fn a_table_with_caption_and_notes() {
    let text = "Prose stands here.\n\nSales by region\nUnit: RMB'000\n\nRegion\t2022\t2023\nNorth\t1,200\t1,350\n\
                South\t800\t790\n\nNote: unaudited.\n* restated\n\nProse goes on.\n";
    let found = regions(text);
    assert_eq!(found.len(), 1);
    let print = |spans: &[Span]| spans.iter().map(|span| span.slice(text)).collect::<Vec<_>>().join("/");
    assert_eq!(print(&found[0].caption), "Sales by region/Unit: RMB'000");
    assert_eq!(print(&found[0].notes), "Note: unaudited./* restated");
    assert_conserved(text, &found);
}

#[test]
fn a_header_and_one_row_are_a_table() {
    assert_eq!(ranges("Name\tShares\tShare\nAlpha\t1,000\t2.5%\n"), [(1, 2)]);
    assert_eq!(ranges("| Name | Shares |\n|---|---|\n| Alpha | 1,000 |\n"), [(1, 3)]);
    assert_eq!(ranges("Item\tPrice\nBolt\t1.20\n"), [(1, 2)]);
}

#[test]
fn what_is_no_table() {
    let texts = [
        "A single\ttab line\n",
        "\tint total = 0;\t/* running sum */\n\tfor (int i = 0; i < 9; i++) {\n\t\ttotal += i;\n\t}\n",
        "\tint\tcount;\n\tchar\t*name;\n\tlong\tsize;\n",
        "1.\tFirst the Company shall\n2.\tThen the Board shall\n3.\tAt last the Chairman shall\n",
        "(a)\tapples\n(b)\tpears\n(c)\tplums\n",
        "\u{2022}\tone\n\u{2022}\ttwo\n\u{2022}\tthree\n",
        "\t(i)\tthe first case\n\t(ii)\tthe second case\n\t(iii)\tthe third\n",
        "1.\tIntroduction\t1\n2.\tScope\t4\n3.\tResults\t17\n",
        "Introduction\t1\nScope\t4\nMethods\t8\nResults\t17\nNotes\t22\nIndex\t30\n",
        "Name:\tJane Doe\nAddress:\t5 High Street\nCity:\tBath\nCountry:\tUK\n",
        "John Smith\tJane Doe\nDirector\tSecretary\n",
        "\"Company\"\tmeans the company that issues the shares which are described in the first part of this circular\n\
         \"Board\"\tmeans the board of directors of the Company as it stands at the latest practicable date of it\n\
         \"Shares\"\tmeans the ordinary shares of the Company of one euro each, fully paid up and listed on both\n",
        "cat log | grep error | sort\ncat log | grep warning | sort\ncat log | grep note | uniq\n",
        "match x {\n    Some(1) | None => 3,\n    Some(2) | Some(3) => 4,\n}\n",
        "let f = |x| x + 1;\nlet g = |x| x + 2;\nlet h = |x| x + 3;\n",
        "if a || b {\n    c || d\n}\n",
        "<expr> ::= <term> | <expr>\n<term> ::= <factor> | <term>\n",
        "Home | About | Contact\n\nProse.\n",
        "The\tharbour\twas\tdredged\tin\tthe\tsummer\nand\tthe\tquays\twere\tmended\tby\tthe\nport\tfor\ta\tfee\tof\t1,200\tthalers\n",
        "3. | INFORMATION\nFigure 2. | A figure of 2004 to 2007\n",
    ];
    for text in texts {
        assert_eq!(ranges(text), [], "{text}");
    }
}

#[test]
fn a_numbered_list_under_headers_is_a_table() {
    assert_eq!(ranges("No.\tName\n1\tAlpha\n2\tBeta\n3\tGamma\n"), [(1, 4)]);
}

#[test]
fn a_wrapped_rest_without_tabs_stays_in_its_table() {
    let text = "Item\tQty\tPrice\nSteel bracket\t4\t1.20\nwith two holes\nBolt\t9\t0.10\nProse follows the table here.\n";
    let found = regions(text);
    assert_eq!(ranges(text), [(1, 4)]);
    let grid = read_grid(text, &found[0]);
    assert_eq!(grid.row(2).len(), 1);
    assert_conserved(text, &found);
}

#[test]
fn prose_between_tables_parts_them() {
    let text = "A\tB\tC\n1,000\t2\t3\nThis is a sentence that goes on for so long that it cannot be the rest of a cell.\n\
                A\tB\tC\n1,500\t5\t6\n";
    assert_eq!(ranges(text), [(1, 2), (4, 5)]);
}

#[test]
fn a_page_break_with_the_header_again_is_joined() {
    let text =
        "Item\tQty\tPrice\nBolt\t9\t0.10\n\n- 5 -\n\x0cReport 2023\n\nitem\tQty\tPrice\nNut\t7\t0.20\n";
    let found = regions(text);
    assert_eq!(found.len(), 1);
    use LineRole::{Furniture, RepeatedHeader, Row};
    assert_eq!(roles(&found[0]), [Row, Row, Furniture, Furniture, RepeatedHeader, Row]);
    assert_eq!(found[0].lines.iter().map(|line| line.line.page).collect::<Vec<_>>(), [1, 1, 1, 2, 2, 2]);
    let is_after_break = |line: usize| found[0].lines.get(line).unwrap().after_break;
    assert!(is_after_break(4) && !is_after_break(5));
    assert_conserved(text, &found);
    let mut sink: Vec<Diagnostic> = Vec::new();
    let _ = find_regions(text, &mut sink);
    assert_eq!(sink[0].code, Code::TableContinued);
    assert_eq!(sink[0].message, "the table goes on after a break");
}

#[test]
fn a_page_break_without_a_header_is_joined_by_types() {
    let rows = "Item\tQty\tPrice\nBolt\t9\t0.10\nNut\t7\t0.20\n";
    assert_eq!(ranges(&format!("{rows}\nPage 3 of 12\n\nScrew\t5\t0.30\n")), [(1, 7)]);
    assert_eq!(ranges(&format!("{rows}\nScrew\t5\t0.30\nTotal\t21\t0.60\n")), [(1, 6)]);
    // Another number of columns, or words where numbers stood.
    assert_eq!(ranges(&format!("{rows}\nScrew\t5\t0.30\t1\nNail\t5\t0.30\t2\n")), [(1, 3), (5, 6)]);
    assert_eq!(
        ranges(&format!("{rows}\nName\tTown\tStreet\nJane\tBath\tHigh Street\nJohn\tYork\tLow Lane\n")).len(),
        2
    );
}

#[test]
fn one_blank_line_and_another_header_are_two_tables() {
    let text = "Item\tQty\tPrice\nBolt\t9\t0.10\n\nName\tShares\tShare\nAlpha\t1,000\t2.5%\n";
    assert_eq!(ranges(text), [(1, 2), (4, 5)]);
}

#[test]
fn a_title_over_the_same_header_is_another_table() {
    let table = "Item\tQty\tPrice\nBolt\t9\t0.10\n";
    assert_eq!(ranges(&format!("Company A\n\n{table}\nCompany B\n\n{table}")).len(), 2);
    assert_eq!(ranges(&format!("As follows:\n\n{table}\nCompany B\n{table}")).len(), 2);
    // A running head, or a page number, is no title.
    assert_eq!(ranges(&format!("Company A\n\n{table}\nCompany A\n\n{table}")).len(), 1);
    assert_eq!(ranges(&format!("Company A\n\n{table}\n7\n\nCompany B\n\n{table}")).len(), 1);
}

#[test]
fn touching_tables_are_kept_apart() {
    let wider = "Item\tQty\tPrice\nBolt\t9\t0.10\nNut\t7\t0.20\nName\tTown\tShares\tShare\nJane\tBath\t10\t2%\nJohn\tYork\t20\t4%\n";
    assert_eq!(ranges(wider), [(1, 3), (4, 6)]);
    let other_types =
        "Item\tQty\tPrice\nBolt\t9\t0.10\nNut\t7\t0.20\nShares\tTown\tName\n10\tBath\tJane\n20\tYork\tJohn\n";
    assert_eq!(ranges(other_types), [(1, 3), (4, 6)]);
    let words_above = "Name\tTown\nJane\tBath\nJohn\tYork\nItem\tQty\tPrice\tSum\nBolt\t9\t0.10\t0.90\nNut\t7\t0.20\t1.40\n";
    assert_eq!(ranges(words_above), [(1, 3), (4, 6)]);
    let periods = words_above.replace("Qty\tPrice\tSum", "Q1\tH1 2024\tFY2024");
    assert_eq!(ranges(&periods), [(1, 3), (4, 6)]);
    // Two levels over the header of the wider columns are no table.
    let levels = "Fasteners\tThis year\nof iron\tin pieces\nItem\tQty\tPrice\tSum\nBolt\t9\t0.10\t0.90\nNut\t7\t0.20\t1.40\n";
    assert_eq!(ranges(levels), [(1, 5)]);
    // The header again, a group row, a second block of years: one table.
    for middle in ["Item\tQty\tPrice\n", "Fasteners:\t\t\n", "\t2022\t2021\n"] {
        let text =
            format!("Item\tQty\tPrice\nBolt\t9\t0.10\nNut\t7\t0.20\n{middle}Pin\t9\t0.10\nCap\t7\t0.20\n");
        assert_eq!(ranges(&text), [(1, 6)], "{middle}");
    }
}

#[test]
fn ragged_rows_do_not_part_a_table() {
    let text = "Item\tQty\tPrice\t\nBolt\t9\t0.10\nNut\t7\nFasteners\t\nPin\t9\t0.10\t*\n";
    assert_eq!(ranges(text), [(1, 5)]);
}

#[test]
fn markdown_cut_by_a_page_has_a_rule_in_its_body() {
    let text = "| Item | Price |\n|---|---|\n| Bolt | 0.10 |\n\nPage 2\n\n| Nut | 0.20 |\n|---|---|\n| Pin | 0.30 |\n";
    let found = regions(text);
    assert_eq!(found.len(), 1);
    use LineRole::{Furniture, Row, Rule};
    assert_eq!(roles(&found[0]), [Row, Rule, Row, Furniture, Row, Rule, Row]);
    assert_eq!(found[0].marked_header, Some(1));
    let grid = read_grid(text, &found[0]);
    assert_eq!(grid.rows.len(), 4);
    assert!(grid.rows[2].after_break && grid.rows[3].after_break);
    assert_conserved(text, &found);
}

#[test]
fn markdown_tables_of_words_with_a_rule_each_are_two() {
    let text = "| Name | Town |\n|---|---|\n| Jane | Bath |\n\n| Dish | Cook |\n|---|---|\n| Soup | John |\n";
    assert_eq!(ranges(text), [(1, 3), (5, 7)]);
}

#[test]
fn nil_marks_are_no_rule() {
    let found = regions("| Item | A | B |\n|---|---|---|\n| Bolt | - | - |\n|  | - | - |\n");
    use LineRole::{Row, Rule};
    assert_eq!(roles(&found[0]), [Row, Rule, Row, Row]);
}

#[test]
fn pipes_without_outer_ones() {
    assert_eq!(ranges(" id | name | sum\n----+------+-----\n 1 | a | 2.50\n 2 | b | 3.75\n"), [(1, 4)]);
    assert_eq!(ranges("Revenue | 1,000 | 900\nCost | 500 | 450\nProfit | 500 | 450\n"), [(1, 3)]);
}

#[test]
fn pipes_that_a_row_lost() {
    let text = "| Item | Price |\n|---|---|\n| Bolt | 0.10\nNut | 0.20 |\n| a \\| b | 1 |\n";
    let found = regions(text);
    let grid = read_grid(text, &found[0]);
    assert_eq!(grid.rows.iter().map(|row| row.count).collect::<Vec<_>>(), [2, 2, 2, 2]);
    assert_eq!(grid.row(3)[0].slice(text), "a \\| b");
    assert_conserved(text, &found);
}

#[test]
fn a_table_of_markup_is_not_cut_where_a_row_looks_like_a_header() {
    let text = "Item\tPrice\nBolt\t0.10\nNut\t0.20\nName\tTown\nPin\t1\nScrew\t2\n";
    let table = crate::text::MarkedTable { span: Span::new(0, text.len()), header_rows: Some(1) };
    let found = find_regions_in(text, &[table], &mut Vec::new());
    assert_eq!(found.iter().map(|region| region.lines.len()).collect::<Vec<_>>(), [6]);
}

#[test]
fn markup_makes_regions_of_its_own() {
    let page = "Title\n<table><tr><th>A<th>B<tr><td>x<td>y</table><table><tr><th>C<th>D<tr><td>z<td>w</table>\n\
                A\tB\tC\n1,000\t2\t3\n";
    let markup = read_markup(Source::new(page), &mut Vec::new());
    let text = markup.source.text();
    let found = find_regions_in(text, &markup.tables, &mut Vec::new());
    if cfg!(feature = "html") {
        let forms: Vec<Form> = found.iter().map(|region| region.form).collect();
        assert_eq!(forms, [Form::Html, Form::Html, Form::Tabs]);
        assert_eq!(found[0].marked_header, Some(1));
        assert_eq!(found[0].caption[0].slice(text), "Title");
        assert_conserved(text, &found);
    }
}

#[test]
fn what_is_marked_as_one_table_is_not_cut() {
    let text = "Item\t2022\t2023\nRent\t1,200\t1,350\nHeat\t800\t790\nPlace\tStaff\nNorth\t12\nSouth\t14\n";
    assert_eq!(ranges(text), [(1, 3), (4, 6)]);
    let marked = [MarkedTable { span: Span::new(0, text.len() - 1), header_rows: Some(1) }];
    let found = find_regions_in(text, &marked, &mut Vec::new());
    assert_eq!(found.iter().map(|region| region.lines.len()).collect::<Vec<_>>(), [6]);
}

#[test]
fn rows_without_print_do_not_part_a_table_of_markup() {
    let page = "<table><tr><td>a<td>b<tr><td><tr><td>c<td>d<tr><td></table>\nProse.\n";
    let markup = read_markup(Source::new(page), &mut Vec::new());
    let found = find_regions_in(markup.source.text(), &markup.tables, &mut Vec::new());
    if cfg!(feature = "html") {
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].lines.len(), 2);
    }
}

#[test]
fn only_the_end_of_a_page_joins_tables_of_markup() {
    let table = "<table><tr><th>Name<th>Town<tr><td>Jane<td>Bath</table>";
    let count = |between: &str| {
        let page = format!("{table}{between}{table}");
        let markup = read_markup(Source::new(&page), &mut Vec::new());
        find_regions_in(markup.source.text(), &markup.tables, &mut Vec::new()).len()
    };
    if cfg!(feature = "html") {
        assert_eq!([count("\n"), count("\n\n"), count("\n\nPage 3\n\n")], [2, 2, 1]);
    }
}

#[test]
fn bad_input_neither_stops_nor_stalls() {
    let table = "Item\tQty\tPrice\r\nBolt\t9\t0.10\rNut\t7\t0.20\nP\0n\t7\t0.20\x0c";
    assert_eq!(ranges(table), [(1, 4)]);
    assert_eq!(ranges(""), []);
    assert_eq!(ranges("\t"), []);
    assert_eq!(ranges("|"), []);
    assert_eq!(ranges("\n\n\x0c\r\n"), []);
    let size = 2_000_000;
    assert_eq!(ranges(&"x".repeat(size)), []);
    assert_eq!(ranges(&"\t".repeat(size)), []);
    assert_eq!(ranges(&"|".repeat(size)), []);
    assert_eq!(ranges(&"\\".repeat(size)), []);
    for unit in [
        "\t\n",
        "|\n",
        "a\t1\n\n",
        "| a\n",
        "a\tb\nc\n",
        "x\n\n1\t2\n\n",
        "|---|\n",
        "\r",
        "\x0c\t",
        "a | b\n7\n",
    ] {
        let text = unit.repeat(size / 10 / unit.len());
        assert_conserved(&text, &regions(&text));
    }
}

proptest! {
    #[test]
    fn nothing_is_lost_of_any_text(text in "\\PC{0,60}|[a-z0-9,.\t|\n\r\x0c \\\\:-]{0,200}") {
        assert_conserved(&text, &regions(&text));
    }

    #[test]
    fn nothing_is_lost_of_near_tables(
        lines in proptest::collection::vec(
            prop_oneof![
                Just("Item\tQty\tPrice"), Just("Bolt\t9\t0.10"), Just("\t\t5"), Just("wrapped"), Just(""), Just("- 4 -"),
                Just("| a | b |"), Just("|---|---|"), Just("| c | 1.5"), Just("Note: x"), Just("\x0c"), Just("1.\ttext"),
                Just("Name\tTown"), Just("  \u{a0}\t5%\t\u{3000}"), Just("A sentence that is no cell, by any measure."),
            ],
            0..30,
        )
    ) {
        let text = lines.join("\n");
        assert_conserved(&text, &regions(&text));
    }

    #[test]
    fn nothing_is_lost_of_markup(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("<table>"), Just("<tr>"), Just("<td>"), Just("<td colspan=3>"), Just("<th rowspan=2>"), Just("</table>"),
                Just("12"), Just("a|b"), Just("\n"), Just("\n\n"), Just("1\t2\n3\t4\n"), Just("Page 3\n"), Just("\x0c"),
            ],
            0..40,
        )
    ) {
        let page: String = parts.concat();
        let markup = read_markup(Source::new(&page), &mut Vec::new());
        let found = find_regions_in(markup.source.text(), &markup.tables, &mut Vec::new());
        assert_conserved(markup.source.text(), &found);
    }
}

#[test]
fn the_rest_of_a_broken_number_belongs_to_its_table() {
    let text = "Item\tQty\tPrice\nBolt\t9\t1,\n150.00\nNut\t7\t3.\n20\n\nFurther on.\n";
    assert_eq!(ranges(text), [(1, 5)]);
    // A page number is one only where no number broke off above it.
    let text = "Item\tQty\tPrice\nBolt\t9\t1.10\n20\nNut\t7\t3.20\n";
    assert_eq!(ranges(text), [(1, 4)]);
    assert_eq!(ranges("Item\tQty\tNote\nBolt\t9\tsee No.\n20\n"), [(1, 2)]);
}
