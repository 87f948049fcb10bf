use super::*;
use crate::text::Span;

/// The rows of the tables of `text`, cells joined by `|`, headers too.
fn tables(text: &str) -> Vec<Vec<String>> {
    let words = Words::read(text, Span::new(0, text.len()), |_| false);
    let rows_of = |mut table: SetTable| {
        assert!(table.sweep(text), "a word stands in two cells");
        table.printed_rows(text, 0)
    };
    find_tables(text, &words).into_iter().map(rows_of).collect()
}

#[test]
fn columns_one_after_the_other() {
    let text = "Bergen\nLeith\nHull\nCork\n\n14\n9\n31\n7\n\nDepth (m)\n8.5\n7.2\n9.9\n6.1\n\nFee\n120\n85\n240\n60\n";
    let rows = ["||Depth (m)|Fee", "Bergen|14|8.5|120", "Leith|9|7.2|85", "Hull|31|9.9|240", "Cork|7|6.1|60"];
    assert_eq!(tables(text), [rows]);
}

#[test]
fn labels_before_the_title_of_the_next_column() {
    let text = "Harbour\n\nBergen\n\nLeith\n\nHull\n\nCork\n\nBerths\n\n14\n\n9\n\n31\n\n7\n\nDepth (m)\n\n8.5\n\n7.2\n\n9.9\n\n6.1\n\n\
        Fee\n\n120\n\n85\n\n240\n\n60\n";
    let rows = [
        "Harbour|Berths|Depth (m)|Fee",
        "Bergen|14|8.5|120",
        "Leith|9|7.2|85",
        "Hull|31|9.9|240",
        "Cork|7|6.1|60",
    ];
    assert_eq!(tables(text), [rows]);
}

#[test]
fn columns_in_two_blocks_each() {
    let text = "Year\n1991\n1994\n1998\n\nPlanned\n2005\n2012\n\nTons\n120\n85\n240\n\n60\n75\n\nTrips\n12\n8\n24\n\n6\n7\n";
    let found = tables(text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0][1..], ["1991|120|12", "1994|85|8", "1998|240|24", "2005|60|6", "2012|75|7"]);
}

#[test]
fn records_one_after_the_other() {
    let text = "Harbour\n\nBerths\n\nDepth (m)\n\nFee\n\nBergen\n\n14\n\n8.5\n\n1,200\n\nLeith\n\n29\n\n7.2\n\n1,850\n\n\
        Hull\n\n31\n\n9.9\n\n2,400\n\nCork\n\n17\n\n6.1\n\n1,600\n";
    let rows = [
        "Harbour|Berths|Depth (m)|Fee",
        "Bergen|14|8.5|1,200",
        "Leith|29|7.2|1,850",
        "Hull|31|9.9|2,400",
        "Cork|17|6.1|1,600",
    ];
    assert_eq!(tables(text), [rows]);
}

#[test]
fn labels_on_two_lines_are_one_cell() {
    let text = "Ports of the\nnorth\n\n14\n\n8.5\n\n1,200\n\nLeith\n\n29\n\n7.2\n\n1,850\n\nHull\n\n31\n\n9.9\n\n2,400\n\n\
        Cork and\nCobh\n\n17\n\n6.1\n\n1,600\n";
    let found = tables(text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0][0].as_str(), found[0][3].as_str()),
        ("Ports of the north|14|8.5|1,200", "Cork and Cobh|17|6.1|1,600")
    );
}

#[test]
fn one_value_a_record() {
    let text = "Program\n\nBudget\n\nDredging\n\n$1.1M\n\nLights and\nbuoys\n\n$0.3M\n\nPilots\n\n$2.4M\n\nTugs\n\n$0\n\n\
        Quays\n\n$1.9M\n\nRepairs\n\n$0.7M\n";
    let found = tables(text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0][1..3], ["Dredging|$1.1M", "Lights and buoys|$0.3M"]);
    let text =
        "Port\n\nBergen\nLeith\nHull\nCork\nRiga\nTurku\n\nFees\n\n7.31\n7.04\n3.15\n5.08\n3.42\n20.86\n";
    let rows =
        ["Port|Fees", "Bergen|7.31", "Leith|7.04", "Hull|3.15", "Cork|5.08", "Riga|3.42", "Turku|20.86"];
    assert_eq!(tables(text), [rows]);
}

#[test]
fn records_that_open_with_a_year() {
    let text = "Q1\n\nQ2\n\nTotal\n\n1994\n\n34.7\n\n36.2\n\n70.9\n\n1995\n\n58.1\n\n63.4\n\n121.5\n\n1996\n\n74.7\n\n84.1\n\n158.8\n\n\
        1997\n\n20.9\n\n106\n";
    let rows = [
        "|Q1|Q2|Total",
        "1994|34.7|36.2|70.9",
        "1995|58.1|63.4|121.5",
        "1996|74.7|84.1|158.8",
        "1997|20.9|106|",
    ];
    assert_eq!(tables(text), [rows]);
}

#[test]
fn contents_scales_and_lists_are_no_tables() {
    for text in [
        "",
        "2.1\n\nMethods\n\n2.2\n\nResults\n\n2.3\n\nSources\n\n3.1\n\nTides\n\n3.2\n\nWinds\n\n3.3\n\nFog\n\n4.1\n\nIce\n",
        "1991\n1992\n1993\n1994\n1995\n1996\n1997\n1998\n1999\n2000\n2001\n2002\n",
        "Introduction\n\n3\n\nMethods\n\n12\n\nResults\n\n27\n\nSources\n\n41\n",
        "0\n20\n40\n60\n\n1990\n1995\n2000\n2005\n\nTons\n\n0%\n10%\n20%\n30%\n",
        "1\nBolts\n2\nNuts\n3\nScrews\n4\nNails\n",
        "The harbour was dredged.\n\n14\n15\n16\n\nIt was dredged again.\n",
    ] {
        assert!(tables(text).is_empty(), "{text}: {:?}", tables(text));
    }
}
