//! The tables of a text: what was repaired, and how sure that is.

use retabulate::Rebuilder;

/// Two records of a bank statement, packed into one row.
const TEXT: &str = "\
Date\tDescription\tDebit\tCredit\tBalance
1 May 2024\tOpening\t\t\t1,000.00
2 May 2024 3 May 2024\tRent Salary\t400.00\t2,500.00\t600.00 3,100.00
";

fn main() {
    let document = Rebuilder::new().rebuild(TEXT);
    let table = &document.tables[0];
    assert_eq!(table.schema.as_deref(), Some("bank-statement"));

    let rent = &table.rows[1].cells;
    let texts: Vec<&str> = rent.iter().map(|cell| &*cell.text).collect();
    assert_eq!(texts, ["2 May 2024", "Rent", "400.00", "", "600.00"]);

    // Which of the two records owns the one debit that is printed, the balances say.
    assert_eq!(rent[2].status.name(), "proven");
    assert_eq!(rent[2].spans[0].slice(TEXT), "400.00");

    // Every check was tried, and every cell names the checks that carry it.
    assert!(table.checks.iter().all(|check| check.status.name() == "holds"));
    assert!(rent[2].because().iter().all(|id| table.checks.iter().any(|check| check.id == *id)));
}

#[test]
fn runs() {
    main();
}
