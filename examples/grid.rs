//! Cells that another parser has read: the repair starts where the columns are bound to a schema.

use retabulate::Rebuilder;

fn main() {
    let rows = [
        vec!["Date", "Description", "Debit", "Credit", "Balance"],
        vec!["1 May 2024", "Opening", "", "", "1,000.00"],
        vec!["2 May 2024 3 May 2024", "Rent Salary", "400.00", "2,500.00", "600.00 3,100.00"],
    ];
    // There is a table unless all cells are empty.
    let Some(table) = Rebuilder::new().rebuild_grid(&rows) else { return };

    assert_eq!(table.rows.len(), 3);
    let salary = &table.rows[2].cells;
    assert_eq!((&*salary[1].text, &*salary[3].text, &*salary[4].text), ("Salary", "2,500.00", "3,100.00"));
    // A debit may be lost beside it, but no row has both: the two balances leave this credit alone.
    assert_eq!(salary[3].status.name(), "proven");
}

#[test]
fn runs() {
    main();
}
