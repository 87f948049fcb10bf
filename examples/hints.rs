//! Facts that a caller knows: the header rows, and what a cell that the scan lost holds.

use retabulate::table::Origin;
use retabulate::{GivenCell, Hints, Rebuilder};

/// Years over the columns; print alone does not say that they are no values.
const TEXT: &str = "\
2023\t2022\t2021
1,204\t1,187\t1,150
388\t401\t377
";

fn main() {
    let known = GivenCell { table: 0, row: 1, column: 2, text: "379".to_owned() };
    let hints = Hints { header_rows: Some(1), cells: vec![known], ..Hints::default() };

    let document = Rebuilder::new().rebuild_with(TEXT, &hints);
    let table = &document.tables[0];
    let titles: Vec<&str> = table.columns.iter().map(|column| &*column.title).collect();
    assert_eq!(titles, ["2023", "2022", "2021"]);

    let known = &table.rows[1].cells[2];
    assert_eq!((&*known.text, known.origin), ("379", Origin::Given));
}

#[test]
fn runs() {
    main();
}
