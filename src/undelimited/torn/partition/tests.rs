use super::*;
use crate::column::model::ColumnModel;
use crate::schema::Schema;
use crate::text::Span;
use crate::undelimited::torn::measure::{Column, LineBreaks};
use crate::undelimited::words::Words;

const SCHEMA: &str = r#"{"name": "stock", "fields": [
    {"name": "item", "constraints": {"required": true}},
    {"name": "now", "title": "Now", "type": "number", "constraints": {"required": true}},
    {"name": "then", "title": "Then", "type": "number", "constraints": {"required": true}}]}"#;

/// The records of `text`, cells joined by `|`; those of a header begin with `#`.
fn rows(text: &str, budget: u64) -> Option<Vec<String>> {
    let schema = Schema::from_json(SCHEMA).unwrap();
    let words = Words::read(text, Span::new(0, text.len()), |_| false);
    let titles = Titles::find(text, &words, &schema);
    let models = schema.fields.iter().map(|field| ColumnModel::of_field(field, &schema)).collect();
    let columns = Column::all_of(models, &titles.is_titled);
    let mut measure = Measure::new(text, &words, &columns, LineBreaks::expected(&words));
    let (reading, _) = read(&mut measure, &titles, CutBits::default(), &mut Budget::new(budget))?;
    let mut cells = std::collections::BTreeMap::new();
    for step in &reading.steps {
        if let Role::Cell { row, column } = step.role {
            cells.insert((row, column), words.joined(text, step.first, step.end));
        }
    }
    let last = cells.keys().next_back()?.0;
    let row = |row: i16| {
        let cell = |column: u8| cells.get(&(row, column)).cloned().unwrap_or_default();
        (0..3).map(cell).collect::<Vec<_>>().join("|")
    };
    Some((0..=last).map(row).collect())
}

const STOCK: [&str; 4] =
    ["Bolts|12.5|11.25", "Nuts and washers|7.0|8.15", "Rivets|(1.5)|(0.4)", "All|18.0|19.0"];

fn assert_stock(text: &str) {
    assert_eq!(rows(text, 1_000_000).as_deref(), Some(&STOCK.map(str::to_owned)[..]), "{text}");
}

#[test]
fn columns_one_after_the_other() {
    assert_stock(
        "Bolts\n\nNuts and washers\n\nRivets\n\nAll\n\nNow\n\n12.5\n\n7.0\n\n(1.5)\n\n18.0\n\nThen\n\n11.25\n\n\
         8.15\n\n(0.4)\n\n19.0\n",
    );
}

#[test]
fn parts_of_columns_under_one_another() {
    // The first record by itself, the columns of the next two, and the last record by itself.
    assert_stock(
        "Now\n\nThen\n\nBolts\n\n12.5\n\n11.25\n\nNuts and washers\n\nRivets\n\n7.0\n\n(1.5)\n\n8.15\n\n(0.4)\n\n\
         All\n\n18.0\n\n19.0\n",
    );
}

#[test]
fn several_columns_in_one_block() {
    assert_stock(
        "Bolts\nNuts and washers\nRivets\nAll\n\nNow Then\n12.5 11.25\n7.0 8.15\n(1.5) (0.4)\n18.0 19.0\n",
    );
}

#[test]
fn a_wrapped_cell_is_no_record() {
    assert_stock(
        "Bolts\nNuts and\nwashers\nRivets\nAll\n\nNow\n\n12.5\n\n7.0\n\n(1.5)\n\n18.0\n\nThen\n\n11.25\n\n8.15\n\n(0.4)\n\n\
         19.0\n",
    );
}

#[test]
fn sums_say_which_numbers_stand_in_one_column() {
    // The last two records are printed by columns, the others by rows; nothing but the sums tells.
    assert_stock(
        "Bolts\n\nNuts and washers\n\nRivets\n\nAll\n\nNow\n\nThen\n\n12.5\n\n11.25\n\n7.0\n\n8.15\n\n(1.5)\n\n18.0\n\n\
         (0.4)\n\n19.0\n",
    );
}

#[test]
fn a_spent_budget_gives_no_reading() {
    let text = "Bolts\n\nAll\n\nNow\n\n12.5\n\n18.0\n\nThen\n\n11.25\n\n19.0\n";
    assert!(rows(text, 3).is_none() && rows(text, 1_000_000).is_some());
}
