//! The stages one by one, for a caller who wants to look between them.

use retabulate::align::align_tables;
use retabulate::grid::{Grid, read_grid};
use retabulate::proof::prove;
use retabulate::region::{Form, find_regions};
use retabulate::schema::Catalog;
use retabulate::table::{Diagnostic, Status};
use retabulate::{Budget, Hints};

const TEXT: &str = "\
Statement of account

Date\tDescription\tDebit\tCredit\tBalance
1 May 2024\tOpening\t\t\t1,000.00
2 May 2024 3 May 2024\tRent Salary\t400.00\t2,500.00\t600.00 3,100.00
";

fn main() {
    // Every stage reports into the same sink and carries on.
    let mut sink: Vec<Diagnostic> = Vec::new();

    // Text to regions: where a table stands, and what stands around it.
    let regions = find_regions(TEXT, &mut sink);
    assert_eq!(regions[0].form, Form::Tabs);
    assert_eq!(regions[0].caption[0].slice(TEXT), "Statement of account");

    // Regions to grids: the cells as printed.
    let grids: Vec<Grid> = regions.iter().map(|region| read_grid(TEXT, region)).collect();
    assert_eq!(grids[0].rows.len(), 3);
    assert_eq!(grids[0].row(2)[2].slice(TEXT), "400.00");

    // Grids to alignments: printed tokens to records, open questions as choices.
    let mut budget = Budget::new(1_000_000);
    let catalog = Catalog::builtin();
    let alignments = align_tables(TEXT, &grids, &catalog, &Hints::default(), &mut budget, &mut sink);
    assert_eq!(alignments[0].rows.len(), 3);
    // One debit and one credit for two records: two placements, each open.
    assert_eq!(alignments[0].choices.len(), 2);

    // Alignments to verdicts, over all tables of the document.
    let mut budget = Budget::new(1_000_000);
    let verdicts = prove(TEXT, &alignments, &mut budget, &mut sink);
    let debit = &verdicts.tables[0].cells[alignments[0].columns.len() + 2];
    assert_eq!(debit.status, Status::Proven);
    assert!(sink.is_empty());
}

#[test]
fn runs() {
    main();
}
