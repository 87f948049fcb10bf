use super::*;
use crate::schema::Schema;

const SCHEMA: &str = r#"{"name": "fleet", "fields": [
    {"name": "ship", "title": "Ship", "constraints": {"required": true}},
    {"name": "built", "title": "Built", "type": "integer", "constraints": {"required": true}},
    {"name": "tons", "title": "Tonnage", "type": "number", "constraints": {"required": true}},
    {"name": "port", "title": "Home port"}]}"#;

/// The rows of the one table of `text`, cells joined by `|`.
fn rows(text: &str) -> Vec<String> {
    let catalog = Catalog::new(vec![Schema::from_json(SCHEMA).unwrap()]);
    let mut budget = Budget::new(1_000_000);
    let mut tables = find_tables(&Print::new(text, &[]), &catalog, &mut budget, &mut Vec::new());
    // The reading as parts has tests of its own.
    tables.retain(|table| !table.is_parts);
    assert_eq!(tables.len(), 1, "{text}");
    let mut table = tables[0].clone();
    let before = table.left_over.clone();
    assert!(table.sweep(text), "a word stands in two cells");
    assert_eq!(table.left_over, before, "the reader has passed nothing by");
    table.printed_rows(text, table.header_rows)
}

const FLEET: [&str; 4] = [
    "North Star|1987|12,450.5|Bergen",
    "Blue Heron|1991|8,300.0|Leith",
    "Old Harry|2003|22,118.4|Hull",
    "Sea Thrift|2011|9,075.2|Cork",
];

#[test]
fn columns_one_after_the_other() {
    let text = "The fleet is as follows.\n\nShip\n\nNorth Star\n\nBlue Heron\n\nOld Harry\n\nSea Thrift\n\nBuilt\n\n1987\n\n1991\n\n\
        2003\n\n2011\n\nTonnage\n\n12,450.5\n\n8,300.0\n\n22,118.4\n\n9,075.2\n\nHome port\n\nBergen\n\nLeith\n\nHull\n\nCork\n";
    assert_eq!(rows(text), FLEET);
}

#[test]
fn rows_a_cell_a_line() {
    let text = "Ship\n\nBuilt\n\nTonnage\n\nHome port\n\nNorth Star\n\n1987\n\n12,450.5\n\nBergen\n\nBlue Heron\n\n1991\n\n\
        8,300.0\n\nLeith\n\nOld Harry\n\n2003\n\n22,118.4\n\nHull\n\nSea Thrift\n\n2011\n\n9,075.2\n\nCork\n";
    assert_eq!(rows(text), FLEET);
}

#[test]
fn two_columns_side_by_side_in_one_block() {
    let text = "Ship Built\nNorth Star 1987\nBlue Heron 1991\nOld Harry 2003\nSea Thrift 2011\n\nTonnage\n12,450.5\n8,300.0\n\
        22,118.4\n9,075.2\n\nHome port\nBergen\nLeith\nHull\nCork\n";
    assert_eq!(rows(text), FLEET);
}

#[test]
fn columns_start_anew_on_every_page() {
    let text = "Fleet list 2019\n\nShip\n\nNorth Star\n\nBlue Heron\n\nBuilt\n\n1987\n\n1991\n\nTonnage\n\n12,450.5\n\n8,300.0\n\n\
        Home port\n\nBergen\n\nLeith\n\n- 1 -\n\n\x0cFleet list 2019\n\nShip\n\nOld Harry\n\nSea Thrift\n\nBuilt\n\n2003\n\n2011\n\n\
        Tonnage\n\n22,118.4\n\n9,075.2\n\nHome port\n\nHull\n\nCork\n\n- 2 -\n";
    assert_eq!(rows(text), FLEET);
}

#[test]
fn a_text_without_titles_has_no_table() {
    let catalog = Catalog::new(vec![Schema::from_json(SCHEMA).unwrap()]);
    let print = Print::new("Nothing to see.\n\nHere or there.\n\n1987\n", &[]);
    assert!(find_tables(&print, &catalog, &mut Budget::new(1_000), &mut Vec::new()).is_empty());
}

#[test]
fn a_spent_budget_gives_no_table() {
    let catalog = Catalog::new(vec![Schema::from_json(SCHEMA).unwrap()]);
    let print = Print::new("Ship\n\nNorth Star\n\nBuilt\n\n1987\n", &[]);
    let mut budget = Budget::new(2);
    assert!(find_tables(&print, &catalog, &mut budget, &mut Vec::new()).is_empty() && budget.is_spent());
}

#[test]
fn what_is_not_looked_at_is_said() {
    let schema = |name: &str| {
        let fields = r#"[{"name": "ship", "title": "Ship"}, {"name": "built", "title": "Built"}]"#;
        Schema::from_json(&format!(r#"{{"name": "{name}", "fields": {fields}}}"#)).unwrap()
    };
    let said = |count: usize, text: &str| {
        let catalog = Catalog::new((0..count).map(|index| schema(&format!("fleet{index}"))).collect());
        let mut diagnostics = Vec::new();
        find_tables(&Print::new(text, &[]), &catalog, &mut Budget::new(1_000_000), &mut diagnostics);
        diagnostics
    };
    let text = "Ship\n\nNorth Star\n\nBlue Heron\n\nBuilt\n\n1987\n\n1991\n";
    assert!(said(SCHEMAS_TRIED, text).is_empty());
    let many = said(SCHEMAS_TRIED + 1, text);
    assert_eq!((many.len(), many[0].code), (1, Code::BudgetSpent));
    let long = format!("{text}{}", "Blue Heron\n\n".repeat(MAX_WORDS));
    assert!(said(1, &long)[0].message.contains("too many"));
    assert!(said(1, &long.replace("Built", "Made")).is_empty(), "one title may stand in any text");
}
