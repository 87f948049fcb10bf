//! Dates without a year, as statements print them; which year it is, the document says.

use nom::bytes::complete::take_while;
use nom::character::complete::one_of;
use nom::combinator::opt;
use nom::sequence::{delimited, terminated};
use nom::{IResult, Parser};
use smallvec::SmallVec;

use super::chars::{blanks, first};
use super::date::{day_of, gap, month_name, number, separator, suffix};
use super::{Date, cost};
use crate::text::Span;

/// A day of a month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DayMonth {
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31; the 29th of February too.
    pub day: u8,
    /// How unlikely the reading is for its print alone, in bits.
    pub bits: f32,
}

impl DayMonth {
    /// The date in `year`; `None` for a 29th of February that the year has not.
    #[must_use]
    pub const fn in_year(self, year: i32) -> Option<Date> {
        Date::new(year, self.month, self.day)
    }
}

/// Reads all of `text` as a date without its year: `20 Sep`, `September 20`, `20/09`, `20.09.`, `9月20日`.
///
/// Not among the readings of [`read_values`](super::read_values), for which `20.09` is a number: a column of
/// dates asks. Where day and month can be exchanged, both readings are given; the cheapest first, empty where
/// there is none.
///
/// ```
/// use retabulate::text::value::read_day_month;
///
/// assert_eq!(read_day_month("20 Sep").first().map(|date| (date.month, date.day)), Some((9, 20)));
/// assert_eq!(read_day_month("01/07").len(), 2);
/// ```
#[must_use]
pub fn read_day_month(text: &str) -> SmallVec<[DayMonth; 2]> {
    let print = Span::new(0, text.len()).trimmed(text).slice(text);
    let Ok(("", (left, right, order))) = pair(print) else { return SmallVec::new() };
    let bits = if order == Order::Settled { cost::NO_YEAR } else { cost::NO_YEAR_DIGITS };
    let day_first = checked(right, left, bits);
    let exchanged = if order == Order::Settled || left == right { None } else { checked(left, right, bits) };
    day_first.into_iter().chain(exchanged).collect()
}

/// Whether the print says which number is the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Settled,
    Open,
}

/// `pair = day-month-name | month-name-day | chinese | number s number "."?`, as day and month
fn pair(input: &str) -> IResult<&str, (u32, u32, Order)> {
    if !first(input).is_some_and(|c| c.is_ascii_digit()) {
        let day = terminated(number, opt(suffix));
        return (month_name, gap, day).map(|(month, _, day)| (day, month, Order::Settled)).parse(input);
    }
    let (rest, left) = number(input)?;
    if let Ok((rest, (_, _, month, _))) = (opt(suffix), gap, month_name, take_while(|c| c == '.')).parse(rest)
    {
        return Ok((rest, (left, month, Order::Settled)));
    }
    let day_sign = |input| delimited(blanks, number, (blanks, one_of("日號号일"))).parse(input);
    if let Ok((rest, (_, _, day))) = (blanks, one_of("月월"), day_sign).parse(rest) {
        return Ok((rest, (day, left, Order::Settled)));
    }
    let (rest, by) = separator(rest)?;
    let (rest, right) = number(rest)?;
    let (rest, _) = opt(one_of(if by == '.' { "." } else { "" })).parse(rest)?;
    Ok((rest, (left, right, Order::Open)))
}

fn checked(month: u32, day: u32, bits: f32) -> Option<DayMonth> {
    // A leap year has every day of every month.
    let date = day_of(2000, month, day)?;
    Some(DayMonth { month: date.month, day: date.day, bits })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u8, u8)> {
        read_day_month(text).iter().map(|date| (date.month, date.day)).collect()
    }

    #[test]
    fn forms_without_a_year() {
        for text in [
            "20 Sep",
            "September 20",
            "20-Sep",
            "20/09",
            "20.09.",
            "20.09",
            "9/20",
            "9月20日",
            "Sep. 20th",
            "20SEP",
            "09-20",
            " 20 Sept. ",
        ] {
            assert_eq!(read(text), [(9, 20)], "{text}");
        }
        assert_eq!(read("01/07"), [(7, 1), (1, 7)]);
        assert_eq!(read("29/02"), [(2, 29)]);
        assert_eq!(read_day_month("29/02")[0].in_year(2023), None);
        for text in ["", "20", "31/02", "20/09/2023", "Sep", "20 Sepia", "13/13", "x"] {
            assert!(read(text).is_empty(), "{text}");
        }
    }
}
