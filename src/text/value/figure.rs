//! Digits with separators, and the numbers that they may be.
//!
//! A print such as `1.234` is first taken apart without judgement, into runs of digits and the separators
//! between them ([`Chain`]), then read by every style of grouping that it satisfies ([`Chain::figures`]).

use nom::IResult;
use nom::Parser;
use nom::bytes::complete::take_while_m_n;
use nom::combinator::{not, peek};
use smallvec::SmallVec;

use super::chars::{digit_count, digit_value, digits, folded, is_digit};
use super::cost;
use crate::text::Decimal;

/// Which blanks may group digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    /// None.
    NoBlank,
    /// Thin blanks only, as in a run of several values, where any other blank parts two values.
    Thin,
    /// No-break and plain blanks too, where the whole print is asked for one value.
    AnyBlank,
}

/// What stands between two runs of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    Comma,
    Dot,
    Apostrophe,
    Thin,
    Hard,
    Blank,
}

impl Separator {
    fn of(c: char) -> Option<Self> {
        match c {
            ',' | '\u{ff0c}' => Some(Self::Comma),
            '.' | '\u{ff0e}' => Some(Self::Dot),
            '\'' | '\u{2019}' | '\u{2bc}' | '\u{ff07}' => Some(Self::Apostrophe),
            '\u{2009}' | '\u{202f}' | '\u{2008}' | '\u{200a}' => Some(Self::Thin),
            '\u{a0}' => Some(Self::Hard),
            ' ' => Some(Self::Blank),
            _ => None,
        }
    }

    fn is_blank(self) -> bool {
        matches!(self, Self::Thin | Self::Hard | Self::Blank)
    }

    fn is_allowed(self, grouping: Grouping) -> bool {
        match grouping {
            Grouping::NoBlank => !self.is_blank(),
            Grouping::Thin => !matches!(self, Self::Hard | Self::Blank),
            Grouping::AnyBlank => true,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Run<'t> {
    /// The separator before the run; `None` for the first.
    after: Option<Separator>,
    digits: &'t str,
    count: usize,
}

/// Runs of digits with single separators between them.
#[derive(Clone, Debug)]
pub(super) struct Chain<'t> {
    runs: SmallVec<[Run<'t>; 6]>,
}

/// One number that a chain may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figure<'t> {
    /// The value without sign, at its printed scale.
    pub(super) amount: Decimal,
    /// Digits at the end that are a footnote mark under this reading.
    pub(super) mark: Option<&'t str>,
    pub(super) bits: f32,
}

pub(super) type Figures<'t> = SmallVec<[Figure<'t>; 3]>;

/// `chain = digits (separator digits)* | '.' digits`
///
/// A blank separates only before exactly three digits.
pub(super) fn chain(input: &str, grouping: Grouping) -> IResult<&str, Chain<'_>> {
    let mut runs = SmallVec::new();
    let Ok((mut rest, run)) = digits(input) else {
        let (rest, fraction) = separated(input, |separator| separator == Separator::Dot)?;
        runs.extend([Run { after: None, digits: "", count: 0 }, fraction]);
        return Ok((rest, Chain { runs }));
    };
    runs.push(Run { after: None, digits: run, count: digit_count(run) });
    while let Ok((after, run)) = separated(rest, |separator| separator.is_allowed(grouping)) {
        runs.push(run);
        rest = after;
    }
    Ok((rest, Chain { runs }))
}

/// `separated = separator digits`
fn separated(input: &str, allowed: impl Fn(Separator) -> bool) -> IResult<&str, Run<'_>> {
    let failure = || nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Char));
    let mut rest = input.chars();
    let separator =
        rest.next().and_then(Separator::of).filter(|&separator| allowed(separator)).ok_or_else(failure)?;
    let (after, run) =
        if separator.is_blank() { group_of_three(rest.as_str())? } else { digits(rest.as_str())? };
    Ok((after, Run { after: Some(separator), digits: run, count: digit_count(run) }))
}

/// `group-of-three = digit digit digit` not before a digit
fn group_of_three(input: &str) -> IResult<&str, &str> {
    let (rest, run) = take_while_m_n(3, 3, is_digit)(input)?;
    let (rest, ()) = not(peek(nom::character::complete::satisfy(is_digit))).parse(rest)?;
    Ok((rest, run))
}

impl<'t> Chain<'t> {
    /// Every number that the chain may be, in no order; none where no style fits or the digits are too many.
    pub(super) fn figures(&self) -> Figures<'t> {
        let mut figures = SmallVec::new();
        match self.runs.as_slice() {
            [only] => {
                figures.extend(figure(std::slice::from_ref(only), "", None, leading_zeros(only.digits)))
            }
            [none, fraction] if none.count == 0 => {
                figures.extend(figure(&[], fraction.digits, None, cost::BARE_FRACTION));
            }
            runs => {
                figures.extend(grouped(runs));
                figures.extend(pointed(runs));
                figures.extend(marked_group(runs));
                figures.extend(marked_fraction(runs));
            }
        }
        figures
    }

    /// Whether commas group the digits, western or Indian style, with no decimals or such after a dot.
    pub(super) fn is_comma_grouped(&self) -> bool {
        let whole = match self.runs.split_last() {
            Some((last, whole)) if last.after == Some(Separator::Dot) => whole,
            _ => &self.runs,
        };
        whole.len() > 1 && matches!(grouping_of(whole), Some((Separator::Comma, _)))
    }

    /// Whether a blank stands between digits.
    pub(super) fn has_blank(&self) -> bool {
        self.runs.iter().any(|run| run.after.is_some_and(Separator::is_blank))
    }

    /// The digits, if they are one run.
    pub(super) fn lone_run(&self) -> Option<&'t str> {
        match self.runs.as_slice() {
            [only] => Some(only.digits),
            _ => None,
        }
    }
}

fn leading_zeros(run: &str) -> f32 {
    if run.chars().nth(1).is_some() && run.starts_with(is_zero) { cost::LEADING_ZEROS } else { 0.0 }
}

fn is_zero(c: char) -> bool {
    folded(c) == '0'
}

/// The separator and cost of well-formed groups, two or more; no group after a leading zero.
fn grouping_of(runs: &[Run<'_>]) -> Option<(Separator, f32)> {
    let (first, rest) = runs.split_first()?;
    let separator = rest.first()?.after?;
    if first.digits.starts_with(is_zero) || rest.iter().any(|run| run.after != Some(separator)) {
        return None;
    }
    let (last, middle) = rest.split_last()?;
    let is_western = (1..=3).contains(&first.count) && rest.iter().all(|run| run.count == 3);
    let is_indian = separator == Separator::Comma
        && (1..=2).contains(&first.count)
        && last.count == 3
        && !middle.is_empty()
        && middle.iter().all(|run| run.count == 2);
    if is_western {
        Some((separator, group_bits(separator, rest.len())))
    } else {
        is_indian.then_some((separator, cost::INDIAN_GROUPS))
    }
}

fn group_bits(separator: Separator, separators: usize) -> f32 {
    match separator {
        Separator::Comma | Separator::Thin => 0.0,
        Separator::Dot if separators == 1 => cost::LONE_DOT_GROUP,
        Separator::Dot => cost::DOT_GROUPS,
        Separator::Apostrophe => cost::APOSTROPHE_GROUPS,
        Separator::Hard => cost::HARD_BLANK_GROUPS,
        Separator::Blank if separators == 1 => cost::LONE_BLANK_GROUP,
        Separator::Blank => cost::BLANK_GROUPS,
    }
}

/// `1,234,567`: every separator groups.
fn grouped<'t>(runs: &[Run<'t>]) -> Option<Figure<'t>> {
    let (_, bits) = grouping_of(runs)?;
    figure(runs, "", None, bits)
}

/// `1,234.56`: the last separator is the point, those before it group.
fn pointed<'t>(runs: &[Run<'t>]) -> Option<Figure<'t>> {
    let (last, whole) = runs.split_last()?;
    figure(whole, last.digits, None, point_bits(runs)?)
}

/// Cost of the last separator as the decimal point; `None` where it cannot be.
fn point_bits(runs: &[Run<'_>]) -> Option<f32> {
    let (last, whole) = runs.split_last()?;
    let point = last.after.filter(|point| matches!(point, Separator::Dot | Separator::Comma))?;
    if let [only] = whole {
        let is_open = grouping_of(runs).is_some();
        let bits = match point {
            Separator::Dot if is_open => cost::POINT_OR_GROUP,
            Separator::Dot => 0.0,
            // Four and more decimals after a comma are rarer than a group with a footnote mark.
            _ if is_open || last.count > 3 => cost::COMMA_OR_GROUP,
            _ => cost::DECIMAL_COMMA,
        };
        return Some(bits + leading_zeros(only.digits));
    }
    let (separator, bits) = grouping_of(whole).filter(|&(separator, _)| separator != point)?;
    Some(match (point, separator) {
        (Separator::Dot, _) => bits,
        // The comma says what the dots are.
        (_, Separator::Dot) => cost::COMMA_AFTER_GROUPS,
        _ => bits + cost::COMMA_AFTER_GROUPS,
    })
}

/// `16,3801`: groups that are well-formed without the last one or two digits, which are a footnote mark. Not after
/// a lone dot, which is a point before four and more digits.
fn marked_group<'t>(runs: &[Run<'t>]) -> Option<Figure<'t>> {
    let (last, whole) = runs.split_last()?;
    let is_lone_dot = |separator| separator == Separator::Dot && whole.len() == 1;
    let separator = last.after.filter(|&separator| !separator.is_blank() && !is_lone_dot(separator))?;
    let (kept, mark) = split_mark(last, 3).filter(|(_, mark)| digit_count(mark) <= 2)?;
    let mut peeled: SmallVec<[Run<'_>; 6]> = SmallVec::from_slice(whole);
    peeled.push(Run { after: Some(separator), digits: kept, count: 3 });
    let (_, bits) = grouping_of(&peeled)?;
    figure(&peeled, "", Some(mark), bits + cost::GLUED_MARK_FORCED)
}

/// `684.013`: two decimals and a footnote mark.
fn marked_fraction<'t>(runs: &[Run<'t>]) -> Option<Figure<'t>> {
    let (last, whole) = runs.split_last()?;
    if last.after != Some(Separator::Dot) || last.count != 3 {
        return None;
    }
    let (kept, mark) = split_mark(last, 2)?;
    figure(whole, kept, Some(mark), point_bits(runs)? + cost::GLUED_MARK)
}

/// The first `kept` digits of a run and the rest, which must be something that counts notes: no leading zero.
fn split_mark<'t>(run: &Run<'t>, kept: usize) -> Option<(&'t str, &'t str)> {
    let (at, c) = run.digits.char_indices().nth(kept)?;
    if is_zero(c) { None } else { run.digits.split_at_checked(at) }
}

fn figure<'t>(whole: &[Run<'t>], fraction: &'t str, mark: Option<&'t str>, bits: f32) -> Option<Figure<'t>> {
    let mut mantissa: i128 = 0;
    for c in whole.iter().flat_map(|run| run.digits.chars()).chain(fraction.chars()) {
        mantissa = mantissa.checked_mul(10)?.checked_add(digit_value(c))?;
    }
    let scale = u8::try_from(digit_count(fraction)).ok()?;
    Some(Figure { amount: Decimal::new(mantissa, scale)?, mark, bits })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Option<&str>, f32)> {
        let (rest, chain) = chain(text, Grouping::AnyBlank).unwrap();
        assert_eq!(rest, "", "{text}");
        let figures = chain.figures();
        let mut read: Vec<_> = figures.iter().map(|f| (f.amount.to_string(), f.mark, f.bits)).collect();
        read.sort_by(|a, b| a.2.total_cmp(&b.2));
        read
    }

    fn values(text: &str) -> Vec<String> {
        read(text)
            .into_iter()
            .map(|(value, mark, _)| mark.map_or(value.clone(), |m| format!("{value}^{m}")))
            .collect()
    }

    #[test]
    fn every_style_of_grouping() {
        for (text, expected) in [
            ("2019", "2019"),
            ("4856200", "4856200"),
            ("1786.2", "1786.2"),
            ("1,234,567", "1234567"),
            ("1,234,567.80", "1234567.80"),
            ("1.234.567,80", "1234567.80"),
            ("1.234.567", "1234567"),
            ("1'234'567.8", "1234567.8"),
            ("1’234.50", "1234.50"),
            ("1,23,456.78", "123456.78"),
            ("12,34,567", "1234567"),
            ("1\u{2009}234\u{2009}567,8", "1234567.8"),
            ("1\u{202f}234,50", "1234.50"),
            ("1\u{a0}234\u{a0}567", "1234567"),
            ("12 345 678", "12345678"),
            ("0.5", "0.5"),
            (".5", "0.5"),
            ("12,5", "12.5"),
            ("0,12", "0.12"),
            ("1234,56", "1234.56"),
            ("１，２３４．５", "1234.5"),
            ("007", "7"),
        ] {
            assert_eq!(values(text), [expected], "{text}");
        }
    }

    #[test]
    fn open_prints_have_several_readings() {
        for (text, expected) in [
            ("1.234", &["1.234", "1234", "1.23^4"][..]),
            ("1,234", &["1234", "1.234"]),
            ("684.013", &["684.013", "684013", "684.01^3"]),
            ("1,234.501", &["1234.501", "1234.50^1"]),
            ("16,3801", &["16380^1", "16.3801"]),
            ("1,234,56712", &["1234567^12"]),
            ("0.123", &["0.123", "0.12^3"]),
            ("427 841,226", &["427841.226"]),
            ("1234.567", &["1234.567", "1234.56^7"]),
        ] {
            assert_eq!(values(text), expected, "{text}");
        }
    }

    #[test]
    fn malformed_chains_are_no_numbers() {
        for text in
            ["1,2,3", "1,234,56", "1.234,567.8", "01.07.2023", "76.80 115.20", "0,123,456", "1234,567,890"]
        {
            let (rest, chain) = chain(text, Grouping::AnyBlank).unwrap();
            assert!(chain.figures().is_empty() || !rest.is_empty(), "{text}");
        }
    }

    #[test]
    fn too_many_digits_are_no_number() {
        assert!(values(&"9".repeat(39)).is_empty());
        assert!(values(&format!("0.{}", "1".repeat(29))).is_empty());
        assert_eq!(values(&"9".repeat(38)).len(), 1);
    }
}
