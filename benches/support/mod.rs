//! Inputs of our own making for benches and step counts, each by name: the same table, clean and broken in one way
//! at a time, so that the figures can be compared. Everything is made from counters; nothing is random.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod baseline;
pub mod ladders;

use std::fmt::Write as _;

use retabulate::Schema;
use retabulate::schema::{Field, FieldKind};

/// A text and what it holds.
pub struct Input {
    /// Its name in bench ids and messages.
    pub name: &'static str,
    /// The text.
    pub text: String,
    /// Number of its tables.
    pub tables: usize,
    /// Body rows of all its tables once they are mended.
    pub rows: usize,
}

impl Input {
    fn table(name: &'static str, text: String, rows: usize) -> Self {
        Self { name, text, tables: 1, rows }
    }
}

/// One posting of the account: its amount, and whether it is a credit.
struct Posting {
    day: usize,
    month: usize,
    year: usize,
    amount: u64,
    is_credit: bool,
    /// Balance after it, in cents.
    balance: u64,
}

/// Postings whose balances follow from one another.
fn postings(count: usize) -> impl Iterator<Item = Posting> {
    let mut balance = 90_000_000_u64;
    (0..count).map(move |index| {
        let amount = 1_000 + (index as u64 * 7_919) % 99_000;
        let is_credit = index % 3 == 0 || balance < 10_000_000;
        balance = if is_credit { balance + amount } else { balance - amount };
        let (day, month, year) = (index % 28 + 1, index / 28 % 12 + 1, 2000 + index / 336 % 24);
        Posting { day, month, year, amount, is_credit, balance }
    })
}

/// `1,234,567` of a number.
fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + 6);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1,234,567.89` of a number of cents.
fn money(cents: u64) -> String {
    format!("{}.{:02}", whole(cents / 100), cents % 100)
}

const WORDS: [&str; 8] = ["Rent", "Salary", "Water", "Books", "Travel", "Bakery", "Insurance", "Garden"];

impl Posting {
    /// Date, description, debit, credit and balance, as printed.
    fn cells(&self) -> [String; 5] {
        let date = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        let description = WORDS[(self.amount % 8) as usize].to_owned();
        let (debit, credit) = if self.is_credit {
            (String::new(), money(self.amount))
        } else {
            (money(self.amount), String::new())
        };
        [date, description, debit, credit, money(self.balance)]
    }
}

const HEADER: [&str; 5] = ["Date", "Description", "Debit", "Credit", "Balance"];

fn push_line(text: &mut String, cells: &[impl AsRef<str>], tab: &str) {
    for (index, cell) in cells.iter().enumerate() {
        text.push_str(if index > 0 { tab } else { "" });
        text.push_str(cell.as_ref());
    }
    text.push('\n');
}

/// A statement whose rows `write` prints.
fn statement(rows: usize, header: &[&str], mut write: impl FnMut(&mut String, usize, [String; 5])) -> String {
    let mut text = String::with_capacity(rows * 48);
    push_line(&mut text, header, "\t");
    for (index, posting) in postings(rows).enumerate() {
        write(&mut text, index, posting.cells());
    }
    text
}

/// Prose of sentences in lines of about `width` characters, no table in it.
fn prose(sentence: &str, width: usize, bytes: usize) -> String {
    let count = bytes / sentence.len() * sentence.chars().count();
    let letters: Vec<char> = sentence.chars().cycle().take(count).collect();
    letters.chunks(width).flat_map(|line| line.iter().copied().chain(['\n'])).collect()
}

/// English prose.
pub fn prose_latin(bytes: usize) -> Input {
    let sentence =
        "The Board resolved in 2023 that the capital of the Company, RMB 1,250.5 million, be raised. ";
    Input { name: "prose-latin", text: prose(sentence, 100, bytes), tables: 0, rows: 0 }
}

/// Chinese prose.
pub fn prose_cjk(bytes: usize) -> Input {
    let sentence = "董事會於2023年決議增加本公司股本，金額為人民幣1,250.5百萬元，並授權董事辦理有關手續。";
    Input { name: "prose-cjk", text: prose(sentence, 40, bytes), tables: 0, rows: 0 }
}

/// A clean statement between tabs.
pub fn clean_tabs(rows: usize) -> Input {
    Input::table("clean-tabs", statement(rows, &HEADER, |text, _, cells| push_line(text, &cells, "\t")), rows)
}

/// A clean statement between pipes.
pub fn clean_pipes(rows: usize) -> Input {
    let mut text =
        String::from("| Date | Description | Debit | Credit | Balance |\n| --- | --- | --- | --- | --- |\n");
    for posting in postings(rows) {
        let _ = writeln!(text, "| {} |", posting.cells().join(" | "));
    }
    Input::table("clean-pipes", text, rows)
}

/// A clean statement in columns of blanks, amounts to the right.
pub fn clean_layout(rows: usize) -> Input {
    let line = |cells: &[String; 5]| {
        let [date, description, debit, credit, balance] = cells;
        format!("{date:<13}{description:<16}{debit:>12}{credit:>14}{balance:>18}\n")
    };
    let mut text = line(&HEADER.map(str::to_owned));
    text.extend(postings(rows).map(|posting| line(&posting.cells())));
    Input::table("clean-layout", text, rows)
}

/// A clean list of goods between tabs, of a schema without checks.
pub fn clean_stock(rows: usize) -> Input {
    let mut text = String::from("Article\tName\tColour\tIn stock\tOn order\tPrice\n");
    for index in 0..rows {
        let (name, colour) = (WORDS[index % 8], ["red", "green", "dark blue", "white"][index / 8 % 4]);
        let (stock, order) = (whole(index as u64 * 37 % 9_000), index * 11 % 400);
        let price = money(index as u64 * 7_919 % 900_000);
        let _ =
            writeln!(text, "A-{index:06}\t{name} No. {}\t{colour}\t{stock}\t{order}\t{price}", index % 97);
    }
    Input::table("clean-stock", text, rows)
}

/// The schema of [`clean_stock`].
pub fn stock_schema() -> Schema {
    let fields = [
        ("Article", FieldKind::String),
        ("Name", FieldKind::String),
        ("Colour", FieldKind::String),
        ("In stock", FieldKind::Integer),
        ("On order", FieldKind::Integer),
        ("Price", FieldKind::Number),
    ];
    let field = |(title, kind): (&str, FieldKind)| Field {
        title: title.to_owned(),
        kind,
        ..Field::new(title.to_lowercase().replace(' ', "_"))
    };
    Schema { name: "stock".to_owned(), fields: fields.map(field).into(), ..Schema::default() }
}

/// Words of which the made-up headers are put together.
const HEADER_WORDS: [&str; 24] = [
    "number", "amount", "date", "name", "total", "share", "price", "rate", "value", "code", "type", "period",
    "account", "customer", "supplier", "region", "product", "quantity", "balance", "opening", "closing",
    "currency", "margin", "cost",
];

/// Made-up schemas of eight fields; every schema has two words of its own.
pub fn made_up_schemas(count: usize) -> impl Iterator<Item = Schema> {
    let word = |seed: usize| HEADER_WORDS[seed % HEADER_WORDS.len()];
    let field = move |schema: usize, index: usize| {
        let seed = schema * 31 + index * 7;
        let title = match index {
            0 | 1 => format!("{} {}", word(seed), own_word(schema * 2 + index)),
            _ => format!("{} {} of {}", word(seed), word(seed / 5 + 3), word(seed / 11 + 1)),
        };
        Field { title, ..Field::new(format!("f{index}")) }
    };
    (0..count).map(move |number| Schema {
        name: format!("schema-{number}"),
        fields: (0..8).map(|index| field(number, index)).collect(),
        ..Schema::default()
    })
}

/// A made-up word of four syllables, another one for each number.
fn own_word(number: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu", "we"];
    (0..4).map(|place| SYLLABLES[((number * 2_654_435_761) >> (4 * place)) % 16]).collect()
}

/// A clean statement in HTML.
pub fn clean_html(rows: usize) -> Input {
    let mut text = format!("<table><tr><th>{}</th></tr>\n", HEADER.join("</th><th>"));
    for posting in postings(rows) {
        let _ = writeln!(text, "<tr><td>{}</td></tr>", posting.cells().join("</td><td>"));
    }
    text.push_str("</table>\n");
    Input::table("clean-html", text, rows)
}

/// Every printed row packs `count` records, column by column; empty cells leave no token.
pub fn packed(rows: usize, count: usize) -> Input {
    let mut text = String::new();
    push_line(&mut text, &HEADER, "\t");
    let records: Vec<[String; 5]> = postings(rows / count * count).map(|posting| posting.cells()).collect();
    for block in records.chunks(count) {
        let cells: [String; 5] = std::array::from_fn(|column| {
            let tokens: Vec<&str> = block
                .iter()
                .map(|record| record[column].as_str())
                .filter(|token| !token.is_empty())
                .collect();
            tokens.join(" ")
        });
        push_line(&mut text, &cells, "\t");
    }
    Input::table("packed", text, records.len())
}

/// Every fourth description goes on in the next line.
pub fn wrapped(rows: usize) -> Input {
    let text = statement(rows, &HEADER, |text, index, mut cells| {
        if index % 4 == 0 {
            cells[1].push_str(" paid to the order of");
        }
        push_line(text, &cells, "\t");
        if index % 4 == 0 {
            text.push_str("\tthe branch in town\t\t\t\n");
        }
    });
    Input::table("wrapped", text, rows)
}

/// Every fourth balance breaks at its last comma and goes on in the next line.
pub fn number_split(rows: usize) -> Input {
    let text = statement(rows, &HEADER, |text, index, mut cells| {
        let rest =
            if index % 4 == 0 { cells[4].rfind(',').map(|at| cells[4].split_off(at + 1)) } else { None };
        push_line(text, &cells, "\t");
        if let Some(rest) = rest {
            push_line(text, &["", "", "", "", &rest], "\t");
        }
    });
    Input::table("number-split", text, rows)
}

/// Every eighth row lost its empty cell with the tab.
pub fn shifted(rows: usize) -> Input {
    let text = statement(rows, &HEADER, |text, index, cells| {
        let keep = |cell: &&String| index % 8 != 0 || !cell.is_empty();
        push_line(text, &cells.iter().filter(keep).collect::<Vec<_>>(), "\t");
    });
    Input::table("shifted", text, rows)
}

/// Credit and balance stand in one column throughout.
pub fn merged(rows: usize) -> Input {
    let text = statement(rows, &["Date", "Description", "Debit", "Credit Balance"], |text, _, cells| {
        let [date, description, debit, credit, balance] = cells;
        let both = format!("{credit} {balance}");
        push_line(text, &[date.as_str(), &description, &debit, both.trim()], "\t");
    });
    Input::table("merged", text, rows)
}

/// Recognition confused letters of every header word.
pub fn header_garbled(rows: usize) -> Input {
    let header = ["Dote", "Descripfion", "Debif", "Crcdit", "Ba1ance"];
    Input::table(
        "header-garbled",
        statement(rows, &header, |text, _, cells| push_line(text, &cells, "\t")),
        rows,
    )
}

/// Holders in groups of eight, the label of each total glued to its first figure.
pub fn total_glued(rows: usize) -> Input {
    let mut text = String::from("Name of Shareholder\tA Shares\tH Shares\tTotal number of Shares\n");
    let (mut a_sum, mut h_sum) = (0, 0);
    for index in 0..rows {
        if index % 9 == 8 {
            let _ = writeln!(text, "Total {a_sum}\t\t{h_sum}\t{}", a_sum + h_sum);
            (a_sum, h_sum) = (0, 0);
            continue;
        }
        let (a, h) = (100 + index * 37 % 9_000, 100 + index * 91 % 7_000);
        (a_sum, h_sum) = (a_sum + a, h_sum + h);
        let _ = writeln!(text, "Holder Number {index}\t{a}\t{h}\t{}", a + h);
    }
    Input::table("total-glued", text, rows)
}

/// Every damage, over about as many records as `rows`.
pub fn damaged(rows: usize) -> Vec<Input> {
    vec![
        packed(rows, 4),
        wrapped(rows),
        number_split(rows),
        shifted(rows),
        merged(rows),
        total_glued(rows),
        header_garbled(rows),
    ]
}

/// Many small statements with prose between them.
pub fn small_tables(tables: usize) -> Input {
    let mut text = String::new();
    for index in 0..tables {
        let _ =
            writeln!(text, "The postings of branch number {index} follow, as agreed with its auditors.\n");
        text.push_str(&clean_tabs(8).text);
        text.push('\n');
    }
    Input { name: "small-tables", text, tables, rows: tables * 8 }
}

/// One table of three rows and `columns` columns.
pub fn wide(columns: usize) -> Input {
    let mut text = String::new();
    let line =
        |value: &dyn Fn(usize) -> String| (0..columns).map(value).collect::<Vec<_>>().join("\t") + "\n";
    text.push_str(&line(&|column| format!("Part {column}")));
    for row in 1..=3 {
        text.push_str(&line(&|column| format!("{}.50", (column * 31 + row * 17) % 900)));
    }
    Input::table("columns", text, 3)
}

/// A statement in which one row packs `count` records.
pub fn one_packed_row(count: usize) -> Input {
    let packed = packed(count, count);
    Input { name: "packed-values", ..packed }
}

/// One record whose description goes on for `lines` lines.
pub fn wrapped_lines(lines: usize) -> Input {
    let mut text = clean_tabs(4).text;
    for line in 0..lines {
        let _ = writeln!(text, "\tand for the delivery of part {line} to\t\t\t");
    }
    // The aligner joins so many lines at the most to one record; what goes on is a row of its own.
    const LINES_OF_A_RECORD: usize = 24;
    Input::table("wrapped-lines", text, 4 + lines / (LINES_OF_A_RECORD + 1))
}

/// Pairs of cells that are no table: nothing but one row each.
pub fn near_tables(count: usize) -> Input {
    Input { name: "near-tables", text: "of the year\t1\n\n".repeat(count), tables: 0, rows: 0 }
}

/// One line of `words` words without an end.
pub fn endless_line(words: usize) -> Input {
    Input { name: "endless-line", text: "word ".repeat(words), tables: 0, rows: 0 }
}
