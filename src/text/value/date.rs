//! Dates in the common forms. Where day and month can be exchanged, both readings are given.

use std::ops::RangeInclusive;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while_m_n, take_while1};
use nom::character::complete::{one_of, satisfy};
use nom::combinator::{not, opt, peek, verify};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};
use smallvec::SmallVec;

use super::chars::{
    before, blanks, digit_count, digits, first, folded, is_blank, is_digit, sign, small_number,
};
use super::mark::marks_to_end;
use super::reading::Collector;
use super::{Date, Value, cost};

/// The dates that a print may be, with their costs.
pub(super) type Dates = SmallVec<[(Date, f32); 3]>;

/// Years that tables print; a number outside is no year.
const YEARS: RangeInclusive<u32> = 1600..=2400;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

impl Date {
    /// The date, if the Gregorian calendar has it.
    ///
    /// ```
    /// use retabulate::text::value::Date;
    ///
    /// assert!(Date::new(2024, 2, 29).is_some());
    /// assert!(Date::new(2023, 2, 29).is_none());
    /// ```
    #[must_use]
    pub const fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => return None,
        };
        if day >= 1 && day <= days { Some(Self { year, month, day }) } else { None }
    }
}

/// `date = year-first | day-and-month | day-month-name | month-name-day | chinese`, not before a digit
pub(super) fn date(input: &str) -> IResult<&str, Dates> {
    let (after, run) = digits(input).unwrap_or((input, ""));
    let (rest, dates) = match (digit_count(run), first(after)) {
        (0, _) => month_name_day(input)?,
        (1 | 2, Some('-' | '/' | '.')) => alt((day_and_month, day_month_name)).parse(input)?,
        (1 | 2, Some(_)) => day_month_name(input)?,
        (4, Some('-' | '/' | '.')) => year_first(input)?,
        (4, Some(_)) => chinese(input)?,
        _ => return failure(input),
    };
    let (rest, ()) = not(peek(satisfy(is_digit))).parse(rest)?;
    if dates.is_empty() { failure(input) } else { Ok((rest, dates)) }
}

/// `compact = digit{8}`: year, month, day
pub(super) fn compact(print: &str) -> Option<Date> {
    let year = small_number(print.get(..4)?)?;
    let (month, day) = (small_number(print.get(4..6)?)?, small_number(print.get(6..)?)?);
    if print.len() == 8 && YEARS.contains(&year) { day_of(year, month, day) } else { None }
}

/// `year-first = year{4} s month s day`, `s` one of `-`, `/`, `.`; a year of two digits is in `day-and-month`
fn year_first(input: &str) -> IResult<&str, Dates> {
    let (rest, year) = full_year(input)?;
    let (rest, first) = separator(rest)?;
    let (rest, month) = number(rest)?;
    let (rest, _) = sign(first)(rest)?;
    let (rest, day) = number(rest)?;
    Ok((rest, day_of(year, month, day).map(|date| (date, 0.0)).into_iter().collect()))
}

/// `day-and-month = number s number s year`: day first or month first, and with a year of two digits year first
fn day_and_month(input: &str) -> IResult<&str, Dates> {
    let (rest, first) = number(input)?;
    let (rest, by) = separator(rest)?;
    let (rest, second) = number(rest)?;
    let (rest, _) = sign(by)(rest)?;
    let (rest, run) = verify(digits, |run: &str| matches!(digit_count(run), 2 | 4)).parse(rest)?;
    let mut dates = Dates::new();
    let is_open = first <= 12 && second <= 12 && first != second;
    let month_first = if by == '.' { cost::MONTH_FIRST_DOTS } else { cost::DAY_OR_MONTH };
    let day_first = if is_open && by != '.' { cost::DAY_OR_MONTH } else { 0.0 };
    for (year, bits) in years(run) {
        dates.extend(day_of(year, second, first).map(|date| (date, bits + day_first)));
        if first != second {
            let bits = if is_open || by == '.' { bits + month_first } else { bits };
            dates.extend(day_of(year, first, second).map(|date| (date, bits)));
        }
    }
    if digit_count(run) == 2 {
        let day = small_number(run).unwrap_or(0);
        dates.extend(day_of(2000 + first, second, day).map(|date| (date, cost::SHORT_YEAR_FIRST)));
    }
    Ok((rest, dates))
}

/// `day-month-name = day suffix? gap month-name gap year`: `20 Sep 2023`, `20-Sep-23`, `20th September, 2023`
fn day_month_name(input: &str) -> IResult<&str, Dates> {
    let (rest, day) = terminated(number, opt(suffix)).parse(input)?;
    let (rest, month) = delimited(gap, month_name, gap).parse(rest)?;
    let (rest, years) = any_year(rest)?;
    let dates = years.into_iter().filter_map(|(year, bits)| Some((day_of(year, month, day)?, bits)));
    Ok((rest, dates.collect()))
}

/// `month-name-day = month-name gap day suffix? gap year`: `September 20, 2023`, `Sep. 20th 2023`
fn month_name_day(input: &str) -> IResult<&str, Dates> {
    let (rest, month) = terminated(month_name, gap).parse(input)?;
    let (rest, day) = terminated(number, opt(suffix)).parse(rest)?;
    let (rest, _) = verify(gap, |gap: &str| !gap.is_empty()).parse(rest)?;
    let (rest, years) = any_year(rest)?;
    let dates = years.into_iter().filter_map(|(year, bits)| Some((day_of(year, month, day)?, bits)));
    Ok((rest, dates.collect()))
}

/// `chinese = year "年" month "月" day ("日" | "號" | "号")`, with Korean alike, blanks anywhere
fn chinese(input: &str) -> IResult<&str, Dates> {
    let part = |of: &'static str| terminated(delimited(blanks, digits, blanks), one_of(of));
    let (rest, (year, month, day)) = (part("年년"), part("月월"), part("日號号일")).parse(input)?;
    let date = small_number(year).filter(|year| YEARS.contains(year)).and_then(|year| {
        let (month, day) = (small_number(month)?, small_number(day)?);
        day_of(year, month, day)
    });
    Ok((rest, date.map(|date| (date, 0.0)).into_iter().collect()))
}

/// `gap = blank* ("," | "." | "-" | "/" | "of")? blank*`
pub(super) fn gap(input: &str) -> IResult<&str, &str> {
    let between = opt(alt((
        satisfy(|c| matches!(folded(c), ',' | '.' | '-' | '/' | '’' | '\'')).map(|_| ()),
        tag("of ").map(|_| ()),
    )));
    let (rest, _) = (take_while(is_blank), between, take_while(is_blank)).parse(input)?;
    // `Sep., 2023`: a dot and a comma.
    let (rest, _) = opt((sign(','), blanks)).parse(rest)?;
    Ok((rest, before(input, rest)))
}

/// `suffix = "st" | "nd" | "rd" | "th"`
pub(super) fn suffix(input: &str) -> IResult<&str, &str> {
    verify(take_while_m_n(2, 2, |c: char| c.is_ascii_alphabetic()), |suffix: &str| {
        ["st", "nd", "rd", "th"].iter().any(|known| suffix.eq_ignore_ascii_case(known))
    })
    .parse(input)
}

/// `month-name`: in full, its first three letters, or `Sept`
pub(super) fn month_name(input: &str) -> IResult<&str, u32> {
    if !input.starts_with(|c: char| "JFMASONDjfmasond".contains(c)) {
        return failure(input);
    }
    let (rest, word) = take_while1(|c: char| c.is_ascii_alphabetic())(input)?;
    let is = |month: &&str| {
        word.eq_ignore_ascii_case(month)
            || (matches!(word.len(), 3 | 4)
                && month.get(..word.len()).is_some_and(|m| word.eq_ignore_ascii_case(m)))
    };
    match (1..).zip(&MONTHS).find(|(_, month)| is(month)) {
        Some((month, _)) => Ok((rest, month)),
        None => failure(input),
    }
}

/// Whether the first three letters are those of a month.
pub(super) fn opens_with_month(print: &str) -> bool {
    let Some(opening) = print.as_bytes().get(..3) else { return false };
    // Eight letters open the names of months.
    opening[2].is_ascii_alphabetic()
        && matches!(opening[0] | 0x20, b'a' | b'd' | b'f' | b'j' | b'm' | b'n' | b'o' | b's')
        && MONTHS.iter().any(|month| opening.eq_ignore_ascii_case(&month.as_bytes()[..3]))
}

pub(super) fn separator(input: &str) -> IResult<&str, char> {
    satisfy(|c| matches!(folded(c), '-' | '/' | '.')).map(folded).parse(input)
}

/// `number = digit{1,2}`
pub(super) fn number(input: &str) -> IResult<&str, u32> {
    counted(input, 1..=2)
}

/// `full-year = digit{4}`
fn full_year(input: &str) -> IResult<&str, u32> {
    verify(|input| counted(input, 4..=4), |year| YEARS.contains(year)).parse(input)
}

fn any_year(input: &str) -> IResult<&str, SmallVec<[(u32, f32); 2]>> {
    let (rest, run) = preceded(opt(one_of("'’")), digits).parse(input)?;
    let years = years(run);
    if years.is_empty() { failure(input) } else { Ok((rest, years)) }
}

/// The years that a run of digits may say; two digits are of this century up to 69.
fn years(run: &str) -> SmallVec<[(u32, f32); 2]> {
    match (digit_count(run), small_number(run)) {
        (4, Some(year)) if YEARS.contains(&year) => SmallVec::from_iter([(year, 0.0)]),
        (2, Some(year)) => {
            let (near, far) = if year < 70 { (2000, 1900) } else { (1900, 2000) };
            SmallVec::from_iter([(near + year, cost::SHORT_YEAR), (far + year, cost::OTHER_CENTURY)])
        }
        _ => SmallVec::new(),
    }
}

pub(super) fn day_of(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(i32::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

/// A run of digits whose count is in `counts`, as a number.
fn counted(input: &str, counts: RangeInclusive<usize>) -> IResult<&str, u32> {
    let (rest, run) = verify(digits, |run: &str| counts.contains(&digit_count(run))).parse(input)?;
    small_number(run).map_or_else(|| failure(input), |value| Ok((rest, value)))
}

fn failure<T>(input: &str) -> IResult<&str, T> {
    Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Verify)))
}

/// Pushes every date that all of `print` may be.
pub(super) fn read(print: &str, readings: &mut Collector<'_>) {
    if let Some(date) = compact(print) {
        readings.push(Value::Date(date), print, &[], cost::COMPACT_DATE);
    }
    let Ok((rest, dates)) = date(print) else { return };
    let Some((marks, mark_bits)) = marks_to_end(rest, false) else { return };
    for (date, bits) in dates {
        readings.push(Value::Date(date), before(print, rest), &marks, bits + mark_bits);
    }
}

#[cfg(test)]
mod tests {
    use crate::text::value::{Value, read_values};

    fn read(text: &str) -> Vec<String> {
        let readings = read_values(text);
        let dates = readings.iter().filter_map(|reading| match reading.value {
            Value::Date(date) => Some(format!("{}-{:02}-{:02}", date.year, date.month, date.day)),
            _ => None,
        });
        dates.collect()
    }

    #[test]
    fn forms_of_dates() {
        for text in [
            "September 20, 2023",
            "20 Sep 2023",
            "2023-09-20",
            "2023年9月20日",
            "20.09.2023",
            "20/09/2023",
            "9/20/2023",
            "20-Sep-2023",
            "Sept. 20, 2023",
            "20th September, 2023",
            "September 20th 2023",
            "2023/09/20",
            "2023.9.20",
            "20Sep2023",
            "2023 年 9 月 20 日",
            "２０２３年９月２０日",
            "20 SEPTEMBER 2023",
            "20th of September 2023",
            "20-Sep-23",
            "20/09/23",
            "20230920",
            "20.9.23",
            "Sep 20, 2023*",
            "September 20, 2023 (1)",
        ] {
            assert_eq!(read(text).first().map(String::as_str), Some("2023-09-20"), "{text}");
        }
    }

    #[test]
    fn day_and_month_stay_open() {
        assert_eq!(read("01/07/2023"), ["2023-07-01", "2023-01-07"]);
        assert_eq!(read("07/07/2023"), ["2023-07-07"]);
        assert_eq!(read("01.07.2023"), ["2023-07-01", "2023-01-07"]);
        assert_eq!(read("13/07/2023"), ["2023-07-13"]);
        assert_eq!(read("01/07/23")[..2], ["2023-07-01", "2023-01-07"]);
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "31/02/2023",
            "2023-13-01",
            "Sep 2023",
            "32 Sep 2023",
            "01/07",
            "September",
            "1/2/3",
            "12-07.2023",
        ] {
            assert!(read(text).is_empty(), "{text}: {:?}", read(text));
        }
    }
}
