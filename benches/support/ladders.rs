//! Inputs that grow in one direction only, for what a search could make of them.

use std::fmt::Write as _;

use retabulate::Schema;
use retabulate::schema::{Catalog, Field, FieldKind};

use super::{Input, prose_latin};

/// A table of `rows` printed rows, each of which packs eight records two of whose amounts are lost in every column:
/// nothing says which.
pub fn open_placements(rows: usize) -> Input {
    const RECORDS: usize = 8;
    let mut text = String::from("Date\tFirst\tSecond\tThird\n2024-01-01\t11.50\t12.25\t13.75\n");
    for row in 0..rows {
        let records = row * RECORDS..(row + 1) * RECORDS;
        let date =
            |index: usize| format!("{}-{:02}-{:02}", 2000 + index / 336, index / 28 % 12 + 1, index % 28 + 1);
        text.push_str(&records.clone().map(date).collect::<Vec<_>>().join(" "));
        for column in 0..3 {
            let values: Vec<String> = records
                .clone()
                .filter(|index| (index + column) % 4 != 0)
                .map(|index| format!("{}.{:02}", 100 + (index * 37 + column * 11) % 900, (index * 13) % 100))
                .collect();
            let _ = write!(text, "\t{}", values.join(" "));
        }
        text.push('\n');
    }
    Input { name: "open-placements", text, tables: 1, rows: rows * RECORDS }
}

/// One printed row that packs `records` records, two words and two amounts each.
pub fn packed_names(records: usize) -> Input {
    const FIRST: [&str; 4] = ["North", "Old", "Upper", "Great"];
    const LAST: [&str; 6] = ["Harbour", "Bridge", "Market", "Quay", "Station", "Mill"];
    let join = |value: &dyn Fn(usize) -> String| (0..records).map(value).collect::<Vec<_>>().join(" ");
    let names = join(&|index| format!("{} {}", FIRST[index % 4], LAST[index / 4 % 6]));
    let (taken, paid) = (
        join(&|index| format!("{}.50", 100 + index * 37 % 800)),
        join(&|index| format!("{}.25", 100 + index * 91 % 800)),
    );
    let text = format!(
        "Place\tTaken\tPaid\nLow Gate\t12.50\t3.75\n{names}\t{taken}\t{paid}\nFar Side\t1.50\t2.25\n"
    );
    Input { name: "packed-names", text, tables: 1, rows: records + 2 }
}

/// A statement of `rows` rows of which every fourth balance is lost, and sometimes the next one too.
pub fn lost_balances(rows: usize) -> Input {
    let text = super::clean_tabs(rows).text;
    let mut lost = String::with_capacity(text.len());
    for (index, line) in text.lines().enumerate() {
        let is_lost = index > 2 && (index % 4 == 0 || index % 12 == 1);
        match line.rfind('\t').filter(|_| is_lost) {
            Some(tab) => lost.push_str(&line[..=tab]),
            None => lost.push_str(line),
        }
        lost.push('\n');
    }
    Input { name: "lost-balances", text: lost, tables: 1, rows }
}

/// A table of four rows and the schema of it, with `count` checks.
pub fn checks(count: usize) -> (Catalog, Input) {
    let field = |index: usize| {
        let mut field = Field::new(format!("part_{index}"));
        field.title = format!("Part {index}");
        field.kind = FieldKind::Number;
        field
    };
    let fields: Vec<Field> = (0..6).map(field).collect();
    let rules: Vec<String> = (0..count)
        .map(|index| format!("\"part_{} = part_{} + part_{}\"", index % 4 + 2, index % 4, index % 4 + 1))
        .collect();
    let descriptor = format!(
        "{{\"name\": \"parts\", \"fields\": [{}], \"checks\": [{}]}}",
        fields
            .iter()
            .map(|field| format!(
                "{{\"name\": \"{}\", \"title\": \"{}\", \"type\": \"number\"}}",
                field.name, field.title
            ))
            .collect::<Vec<_>>()
            .join(", "),
        rules.join(", ")
    );
    let schema = Schema::from_json(&descriptor).unwrap_or_default();
    let mut text = String::from("Part 0\tPart 1\tPart 2\tPart 3\tPart 4\tPart 5\n");
    for row in 1..=4u64 {
        let mut parts = vec![row * 3, row * 5];
        while parts.len() < 6 {
            parts.push(parts[parts.len() - 1] + parts[parts.len() - 2]);
        }
        let parts: Vec<String> = parts.iter().map(u64::to_string).collect();
        text.push_str(&parts.join("\t"));
        text.push('\n');
    }
    (Catalog::new(vec![schema]), Input { name: "checks", text, tables: 1, rows: 4 })
}

/// `count` pipes within pipes, row after row.
pub fn nested_pipes(count: usize) -> Input {
    let mut text = prose_latin(200).text;
    for depth in 0..count {
        let pipes = depth % 7 + 1;
        let _ = writeln!(text, "{0} a {0} \\| b {0}\\\\{0}", "|".repeat(pipes));
    }
    Input { name: "nested-pipes", text, tables: 0, rows: 0 }
}

/// A catalog of `count` schemas all of which have the headers of one table, and two of their own.
pub fn shared_words(count: usize) -> (Catalog, Input) {
    let schema = |number: usize| {
        let field = |index: usize, title: String| Field { title, ..Field::new(format!("f{index}")) };
        let shared = ["Date", "Description", "Debit", "Credit", "Balance"];
        let mut fields: Vec<Field> =
            shared.iter().enumerate().map(|(index, title)| field(index, (*title).to_owned())).collect();
        fields.push(field(5, format!("Branch {number}")));
        fields.push(field(6, format!("Officer {number}")));
        Schema { name: format!("statement-{number}"), fields, ..Schema::default() }
    };
    let input = super::clean_tabs(20);
    (Catalog::new((0..count).map(schema).collect()), Input { name: "shared-words", ..input })
}
