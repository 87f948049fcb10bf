//! What is printed in any style reads back to the value that was printed.

use proptest::prelude::*;

use super::{Date, Unit, Value, read_plain_number, read_values, scan_values};
use crate::text::Decimal;

/// How a number is printed.
#[derive(Clone, Copy, Debug)]
struct Style {
    group: &'static str,
    point: &'static str,
    is_indian: bool,
}

const STYLES: [Style; 9] = [
    Style { group: ",", point: ".", is_indian: false },
    Style { group: ",", point: ".", is_indian: true },
    Style { group: "", point: ".", is_indian: false },
    Style { group: ".", point: ",", is_indian: false },
    Style { group: "'", point: ".", is_indian: false },
    Style { group: "’", point: ".", is_indian: false },
    Style { group: "\u{2009}", point: ".", is_indian: false },
    Style { group: "\u{202f}", point: ",", is_indian: false },
    Style { group: "\u{a0}", point: ",", is_indian: false },
];

/// Signs, brackets, currencies: what stands before and after, and whether the amount is negative.
const FRAMES: [(&str, &str, bool); 14] = [
    ("", "", false),
    ("-", "", true),
    ("−", "", true),
    ("(", ")", true),
    ("$(", ")", true),
    ("($", ")", true),
    ("-$", "", true),
    ("HK$ ", "", false),
    ("RMB", "", false),
    ("", " €", false),
    ("", " USD", false),
    ("€", "", false),
    ("", "-", true),
    ("", "元", false),
];

fn print(amount: Decimal, style: Style) -> String {
    let plain = amount.to_string();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut printed = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        let is_cut = if style.is_indian { left == 3 || (left > 3 && left % 2 == 1) } else { left % 3 == 0 };
        if at > 0 && is_cut {
            printed.push_str(style.group);
        }
        printed.push(digit);
    }
    if !fraction.is_empty() {
        printed.push_str(style.point);
        printed.push_str(fraction);
    }
    printed
}

fn amounts() -> impl Strategy<Value = Decimal> {
    let wide = (0u64..1_000_000_000_000, 0u8..5);
    let narrow = (0u64..100_000, 0u8..4);
    prop_oneof![wide, narrow].prop_map(|(mantissa, scale)| Decimal::new(i128::from(mantissa), scale).unwrap())
}

proptest! {
    #[test]
    fn numbers_of_every_style_read_back(
        amount in amounts(), style in proptest::sample::select(&STYLES[..]),
        frame in proptest::sample::select(&FRAMES[..]), is_percent in any::<bool>(),
    ) {
        let (open, close, is_negative) = frame;
        let sign = if is_percent && close.is_empty() { "%" } else { "" };
        let text = format!("{open}{}{close}{sign}", print(amount, style));
        let meant = if is_negative { amount.checked_neg().unwrap() } else { amount };
        let unit = if sign.is_empty() { Unit::None } else { Unit::Percent };
        let readings = read_values(&text);
        let found = readings.iter().filter_map(|reading| Some((reading.number()?, reading.bits)));
        let found = found.clone().find(|(number, _)| number.amount == meant && number.unit == unit);
        prop_assert!(found.is_some_and(|(number, bits)| number.amount.scale() == amount.scale() && bits < 8.0), "{}", text);
        // English print without an open point is read so first of all.
        if style.group == "," && !style.is_indian && amount.scale() != 3 && !text.starts_with('(') {
            prop_assert_eq!(readings[0].number().map(|number| number.amount), Some(meant), "{}", text);
        }
        if let Some(plain) = read_plain_number(&text).filter(|_| style.point == ".") {
            prop_assert_eq!((plain.amount, plain.unit), (meant, unit));
        }
    }

    #[test]
    fn numbers_in_a_run_read_back(amounts in proptest::collection::vec(amounts(), 1..6), in_brackets in any::<bool>()) {
        let style = STYLES[0];
        let pieces: Vec<String> = amounts.iter().map(|&amount| print(amount, style)).collect();
        let pieces = pieces.iter().map(|piece| if in_brackets { format!("({piece})") } else { piece.clone() });
        let text = pieces.collect::<Vec<_>>().join(" ");
        let read: Vec<Option<Decimal>> = scan_values(&text)
            .iter()
            .map(|segment| segment.readings.iter().find_map(|reading| Some(reading.number()?.amount)))
            .collect();
        prop_assert_eq!(read.len(), amounts.len(), "{}", text);
        for (found, &meant) in read.iter().zip(&amounts).filter(|(_, meant)| meant.scale() != 3) {
            prop_assert_eq!(*found, if in_brackets { meant.checked_neg() } else { Some(meant) });
        }
    }

    #[test]
    fn dates_of_every_form_read_back(year in 1900i32..2100, month in 1u8..=12, day in 1u8..=31) {
        let Some(date) = Date::new(year, month, day) else { return Ok(()) };
        let name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][usize::from(month) - 1];
        for text in [
            format!("{year}-{month:02}-{day:02}"), format!("{day}/{month}/{year}"), format!("{month:02}/{day:02}/{year}"),
            format!("{day:02}.{month:02}.{year}"), format!("{day} {name} {year}"), format!("{name} {day}, {year}"),
            format!("{year}年{month}月{day}日"), format!("{day:02}-{name}-{:02}", year % 100),
        ] {
            let readings = read_values(&text);
            prop_assert!(readings.iter().any(|reading| reading.value == Value::Date(date)), "{}", text);
            prop_assert_eq!(scan_values(&text).len(), 1, "{}", text);
        }
    }
}
