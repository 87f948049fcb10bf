//! Numbers with everything that is printed about them: signs, brackets, currencies, units, sides.

use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::satisfy;
use nom::combinator::{not, opt, peek, value};
use nom::sequence::{delimited, terminated};
use nom::{IResult, Parser};

use super::chars::{before, blanks, digit_count, first, folded, is_blank, is_dash, is_digit, sign};
use super::currency::currency;
use super::figure::{Chain, Figure, Grouping, chain};
use super::mark::{MarkSlices, marks_to_end, symbols};
use super::reading::Collector;
use super::unit::{power, power_letter, unit};
use super::{Number, Unit, Value, cost};
use crate::text::Decimal;

/// How a print may sign its amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    None,
    Plus,
    Minus,
    /// `CR`
    Credit,
    /// `DR`
    Debit,
}

/// A number as printed, its digits not yet judged.
#[derive(Clone, Debug)]
pub(super) struct Printed<'t> {
    sign: Sign,
    currency: Option<&'t str>,
    pub(super) chain: Chain<'t>,
    power: u8,
    unit: Unit,
    /// A footnote mark inside the brackets.
    mark_inside: Option<&'t str>,
    /// Whether the last character of the number is none of its digits.
    is_closed: bool,
    bits: f32,
}

/// What follows the digits: `tail = power? unit? currency?`
#[derive(Clone, Copy, Debug, Default)]
struct Tail<'t> {
    power: Option<u8>,
    unit: Option<Unit>,
    currency: Option<&'t str>,
}

impl<'t> Tail<'t> {
    fn or(self, outer: Self) -> Self {
        Self {
            power: self.power.or(outer.power),
            unit: self.unit.or(outer.unit),
            currency: self.currency.or(outer.currency),
        }
    }

    fn is_empty(self) -> bool {
        self.power.is_none() && self.unit.is_none() && self.currency.is_none()
    }
}

/// Pushes every number that all of `print` may be.
pub(super) fn read(print: &str, readings: &mut Collector<'_>) {
    let (start, leading) = match symbols(print) {
        Ok((rest, mark)) => (rest.trim_start_matches(is_blank), Some(mark)),
        Err(_) => (print, None),
    };
    let Ok((rest, printed)) = number(start, Grouping::AnyBlank) else { return };
    if let Some((mut marks, bits)) = marks_to_end(rest, printed.is_closed) {
        let body = before(start, rest);
        let lead_bits = if leading.is_some() { cost::MARK_BEFORE } else { 0.0 };
        marks.insert_many(0, leading);
        printed.push(body, &marks, bits + lead_bits, readings);
    } else if let Some(tail) = rest.strip_prefix(['.', '．']) {
        let is_plain = !printed.is_closed && tail.is_empty() && leading.is_none();
        if is_plain {
            printed.push(before(start, rest), &[], cost::END_POINT, readings);
        }
    }
}

/// `number = sign? currency? sign? (bracketed | bare) tail after-sign?`, one sign at most
pub(super) fn number(input: &str, grouping: Grouping) -> IResult<&str, Printed<'_>> {
    let (rest, outer) = opt(|input| leading_sign(input, grouping)).parse(input)?;
    let (rest, lead) = opt(terminated(currency, blanks)).parse(rest)?;
    let (rest, inner) = match outer {
        None if lead.is_some() => opt(|input| leading_sign(input, grouping)).parse(rest)?,
        _ => (rest, None),
    };
    let (rest, (mut printed, inner_tail)) =
        if first(rest) == Some('(') { bracketed(rest, lead, grouping)? } else { bare(rest, grouping)? };
    let (rest, outer_tail) = tail(rest, grouping);
    let tail = inner_tail.or(outer_tail);
    if lead.is_some() && lead == tail.currency {
        // `$28,000 $-`, `$829.4$—`: the second sign begins a second value.
        return failure(input);
    }
    printed.currency = lead.or(printed.currency).or(tail.currency);
    printed.power = tail.power.unwrap_or(0);
    let (rest, letter) = if printed.takes_letter(tail) { optional(rest, power_letter) } else { (rest, None) };
    if let Some(power) = letter {
        printed.power = power;
        printed.is_closed = true;
        printed.bits += cost::POWER_LETTER;
    }
    printed.unit = tail.unit.unwrap_or(Unit::None);
    printed.is_closed |= !tail.is_empty();
    match outer.or(inner) {
        // A sign before brackets is no form that anyone prints.
        Some(_) if printed.sign != Sign::None => failure(input),
        Some((sign, bits)) => {
            printed.sign = sign;
            printed.bits += bits;
            Ok((rest, printed))
        }
        None if printed.sign == Sign::None => Ok(with_sign_after(rest, printed)),
        None => Ok((rest, printed)),
    }
}

/// `bare = chain tail`
fn bare(input: &str, grouping: Grouping) -> IResult<&str, (Printed<'_>, Tail<'_>)> {
    let (rest, chain) = well_formed_chain(input, grouping)?;
    let (rest, tail) = tail(rest, grouping);
    Ok((rest, (Printed::new(chain), tail)))
}

/// `bracketed = "(" currency? minus? chain tail symbols? ")"`: a negative number, `before` being a currency before it
fn bracketed<'t>(
    input: &'t str,
    before: Option<&str>,
    grouping: Grouping,
) -> IResult<&'t str, (Printed<'t>, Tail<'t>)> {
    let inside = (opt(terminated(currency, blanks)), opt(minus), |input| bare(input, grouping), opt(symbols));
    let (rest, (lead, double, (mut printed, tail), mark)) =
        delimited((sign('('), blanks), inside, (blanks, sign(')'))).parse(input)?;
    printed.sign = Sign::Minus;
    printed.currency = lead;
    printed.is_closed = true;
    printed.mark_inside = mark;
    printed.bits += if mark.is_some() { cost::MARK_INSIDE } else { 0.0 };
    if double.is_some() {
        printed.bits += cost::DOUBLE_MINUS;
    } else if tail.is_empty() && before.or(lead).is_none() && printed.is_short() {
        printed.bits += cost::SHORT_BRACKETS;
    }
    Ok((rest, (printed, tail)))
}

/// The chain at `input`; where blanks join its digits to no number, the chain without them.
fn well_formed_chain(input: &str, grouping: Grouping) -> IResult<&str, Chain<'_>> {
    let (rest, joined) = chain(input, grouping)?;
    if grouping == Grouping::Thin && joined.has_blank() && joined.figures().is_empty() {
        return chain(input, Grouping::NoBlank);
    }
    Ok((rest, joined))
}

fn tail(input: &str, grouping: Grouping) -> (&str, Tail<'_>) {
    let (rest, power) = optional(input, apart(power));
    let (rest, unit) = optional(rest, apart(unit));
    let (rest, currency) = optional(rest, |input| currency_after(input, grouping));
    (rest, Tail { power, unit, currency })
}

/// `currency-after = blank* currency`, in a run of several values only where no number follows, since a currency
/// belongs to the number after it
fn currency_after(input: &str, grouping: Grouping) -> IResult<&str, &str> {
    let (rest, currency) = apart(currency).parse(input)?;
    let is_glued = !input.starts_with(is_blank);
    let next = first(rest.trim_start_matches(is_blank));
    let is_taken = next.is_some_and(|c| is_digit(c) || is_dash(c) || c == '(' || c == '.');
    if grouping == Grouping::Thin && is_taken && !(is_glued && rest.starts_with(is_blank)) {
        return failure(input);
    }
    Ok((rest, currency))
}

/// `leading-sign = ("+" | dash) blank*`, blanks only where the whole print is one value
fn leading_sign(input: &str, grouping: Grouping) -> IResult<&str, (Sign, f32)> {
    let plus = value((Sign::Plus, 0.0), sign('+'));
    let (rest, (sign, bits)) = alt((plus, minus.map(|bits| (Sign::Minus, bits)))).parse(input)?;
    let trimmed = rest.trim_start_matches(is_blank);
    if trimmed.len() == rest.len() {
        Ok((rest, (sign, bits)))
    } else if grouping == Grouping::AnyBlank {
        Ok((trimmed, (sign, bits + cost::MINUS_APART)))
    } else {
        failure(input)
    }
}

/// `minus = "-" | "−" | "–"`, with its cost
fn minus(input: &str) -> IResult<&str, f32> {
    satisfy(|c| {
        matches!(folded(c), '-' | '\u{2212}' | '\u{2010}' | '\u{2011}' | '\u{2012}' | '\u{2013}' | '\u{fe63}')
    })
    .map(|c| if c == '\u{2013}' { cost::EN_DASH_MINUS } else { 0.0 })
    .parse(input)
}

/// `after-sign = "-" | "+" | blank* side`
fn with_sign_after<'t>(input: &'t str, mut printed: Printed<'t>) -> (&'t str, Printed<'t>) {
    let (rest, found) = optional(input, sign_after);
    if let Some((sign, bits)) = found {
        printed.sign = sign;
        printed.bits += bits;
        printed.is_closed = true;
    }
    (rest, printed)
}

fn sign_after(input: &str) -> IResult<&str, (Sign, f32)> {
    let goes_on = |c: char| is_digit(c) || c.is_alphabetic() || matches!(c, '$' | '.' | '(' | '-');
    let end = |input| not(peek(satisfy(goes_on))).parse(input);
    let minus =
        value((Sign::Minus, cost::TRAILING_MINUS), satisfy(|c| matches!(folded(c), '-' | '\u{2212}')));
    let plus = value((Sign::Plus, cost::TRAILING_PLUS), sign('+'));
    terminated(alt((minus, plus, apart(side).map(|side| (side, 0.0)))), end).parse(input)
}

/// `side = "CR" | "Cr" | "DR" | "Dr"`, a dot after it or not
fn side(input: &str) -> IResult<&str, Sign> {
    let credit = value(Sign::Credit, alt((tag("CR"), tag("Cr"), tag("cr"))));
    let debit = value(Sign::Debit, alt((tag("DR"), tag("Dr"), tag("dr"))));
    terminated(alt((credit, debit)), opt(tag("."))).parse(input)
}

/// `parser` after blanks, or at once.
fn apart<'t, T>(
    mut parser: impl FnMut(&'t str) -> IResult<&'t str, T>,
) -> impl FnMut(&'t str) -> IResult<&'t str, T> {
    move |input| parser(input.trim_start_matches(is_blank))
}

fn optional<'t, T>(
    input: &'t str,
    mut parser: impl FnMut(&'t str) -> IResult<&'t str, T>,
) -> (&'t str, Option<T>) {
    parser(input).map_or((input, None), |(rest, found)| (rest, Some(found)))
}

fn failure<T>(input: &str) -> IResult<&str, T> {
    Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Verify)))
}

impl<'t> Printed<'t> {
    fn new(chain: Chain<'t>) -> Self {
        let (sign, unit) = (Sign::None, Unit::None);
        Self { sign, currency: None, chain, power: 0, unit, mark_inside: None, is_closed: false, bits: 0.0 }
    }

    /// Whether a letter glued to the number can be its power of ten: only beside a currency, since `5M` may be metres.
    fn takes_letter(&self, tail: Tail<'_>) -> bool {
        self.currency.is_some() && tail.power.is_none() && tail.unit.is_none() && self.sign == Sign::None
    }

    /// Whether the digits are no more than a footnote mark or an enumerator has.
    fn is_short(&self) -> bool {
        self.chain.lone_run().is_some_and(|run| digit_count(run) <= 2)
    }

    /// Pushes a reading for every number that the print may be.
    fn push(&self, body: &str, marks: &[&str], bits: f32, readings: &mut Collector<'_>) {
        for figure in self.chain.figures() {
            let Some(body) = self.body_of(&figure, body) else { continue };
            let mut all: MarkSlices<'_> = figure.mark.into_iter().chain(self.mark_inside).collect();
            all.extend_from_slice(marks);
            for &(is_negative, sense_bits) in self.sign.senses() {
                if let Some(number) = self.number(&figure, is_negative, readings) {
                    let bits = self.bits + figure.bits + bits + sense_bits;
                    readings.push(Value::Number(number), body, &all, bits);
                }
            }
        }
    }

    /// The body without the digits that `figure` takes for a mark; `None` where they do not end the body.
    fn body_of<'b>(&self, figure: &Figure<'_>, body: &'b str) -> Option<&'b str> {
        match figure.mark {
            None => Some(body),
            Some(_) if self.is_closed => None,
            Some(mark) => body.strip_suffix(mark),
        }
    }

    /// The number with its sign and scale; `None` where that does not fit.
    fn number(&self, figure: &Figure<'_>, is_negative: bool, readings: &Collector<'_>) -> Option<Number> {
        let amount = scaled(figure.amount, self.power)?;
        Some(Number {
            amount: if is_negative { amount.checked_neg()? } else { amount },
            unit: self.unit,
            currency: self.currency.map(|currency| readings.span_of(currency)),
            place: i8::try_from(i16::from(self.power) - i16::from(figure.amount.scale())).ok()?,
        })
    }
}

impl Sign {
    /// Whether the amount is negative, with the cost of that sense.
    fn senses(self) -> &'static [(bool, f32)] {
        match self {
            Self::None | Self::Plus => &[(false, 0.0)],
            Self::Minus => &[(true, 0.0)],
            Self::Credit => &[(false, cost::SIDE), (true, cost::SIDE_TURNED)],
            Self::Debit => &[(true, cost::SIDE), (false, cost::SIDE_TURNED)],
        }
    }
}

/// `amount` x 10^`power`, exactly.
fn scaled(amount: Decimal, power: u8) -> Option<Decimal> {
    match amount.scale().checked_sub(power) {
        Some(scale) => Decimal::new(amount.mantissa(), scale),
        None => {
            let factor = 10i128.checked_pow(u32::from(power - amount.scale()))?;
            Decimal::new(amount.mantissa().checked_mul(factor)?, 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::text::value::{Unit, Value, read_values};

    /// The numbers that `text` may be, the cheapest first: value, unit sign, marks.
    fn read(text: &str) -> Vec<String> {
        let readings = read_values(text);
        let numbers = readings.iter().filter_map(|reading| match reading.value {
            Value::Number(number) => {
                let unit = match number.unit {
                    Unit::None => "",
                    Unit::Percent => "%",
                    Unit::PerMille => "‰",
                    Unit::BasisPoints => "bp",
                };
                let marks: String =
                    reading.marks.iter().map(|m| format!("^{}", m.span.slice(text))).collect();
                Some(format!("{}{unit}{marks}", number.amount))
            }
            _ => None,
        });
        numbers.collect()
    }

    fn first(text: &str) -> String {
        read(text).first().cloned().unwrap_or_default()
    }

    #[test]
    fn signs_and_brackets() {
        for (text, expected) in [
            ("-5", "-5"),
            ("−5.20", "-5.20"),
            ("–5", "-5"),
            ("+5", "5"),
            ("(687)", "-687"),
            ("$(3,838)", "-3838"),
            ("(687)%", "-687%"),
            ("(5.98%)", "-5.98%"),
            ("123-", "-123"),
            ("123+", "123"),
            ("-$5", "-5"),
            ("$-5", "-5"),
            ("($5)", "-5"),
            ("$ (5)", "-5"),
            ("$ 1,563.7", "1563.7"),
            ("( 687 )", "-687"),
            ("- 5", "-5"),
            ("（１２３）", "-123"),
            ("(12)", "-12"),
            ("(HK$ 1,200)", "-1200"),
            ("(-5)", "-5"),
            ("123.00 CR", "123.00"),
            ("123.00DR", "-123.00"),
            ("12,5 %", "12.5%"),
        ] {
            assert_eq!(first(text), expected, "{text}");
        }
        assert_eq!(read("5.00 CR"), ["5.00", "-5.00"]);
        assert_eq!(read("5.00 DR"), ["-5.00", "5.00"]);
        assert!(read("-(5)").is_empty() && read("--5").is_empty() && read("(5").is_empty());
    }

    #[test]
    fn currencies_before_and_after() {
        for (text, currency) in [
            ("HK$1,200.00", "HK$"),
            ("RMB 1,200.00", "RMB"),
            ("US$'000 1,200.00", "US$'000"),
            ("€1,200.00", "€"),
            ("1,200.00 €", "€"),
            ("1.200,00 EUR", "EUR"),
            ("£1,200.00", "£"),
            ("¥1,200.00", "¥"),
            ("NT$1,200.00", "NT$"),
            ("A$ 1,200.00", "A$"),
            ("kr 1 200,00", "kr"),
            ("1,200.00 kr.", "kr."),
            ("1,200.00元", "元"),
            ("人民币1,200.00", "人民币"),
            ("USD1,200.00", "USD"),
            ("₹1,200.00", "₹"),
            ("$(1,200.00)", "$"),
            ("(US$1,200.00)", "US$"),
            ("－$1,200.00", "$"),
        ] {
            let readings = read_values(text);
            let Value::Number(number) = readings[0].value else { panic!("{text}: {readings:?}") };
            assert_eq!(number.currency.unwrap().slice(text), currency, "{text}");
            assert_eq!(number.amount.to_string().trim_start_matches('-'), "1200.00", "{text}");
        }
    }

    #[test]
    fn units_and_powers() {
        for (text, expected, place) in [
            ("4.13%", "4.13%", -2),
            ("4.13 %", "4.13%", -2),
            ("0%", "0%", 0),
            ("5 ‰", "5‰", 0),
            ("25 bps", "25bp", 0),
            ("25bp", "25bp", 0),
            ("12.5 per cent", "12.5%", -1),
            ("1.5億", "150000000", 7),
            ("3,200万", "32000000", 4),
            ("1.23456萬", "12345.6", -1),
            ("1.5 million", "1500000", 5),
            ("2.5億元", "250000000", 7),
            ("$0.3M", "300000", 5),
            ("-US$2bn", "-2000000000", 9),
            ("€5k", "5000", 3),
            ("-3萬", "-30000", 4),
        ] {
            let readings = read_values(text);
            let Value::Number(number) = readings[0].value else { panic!("{text}: {readings:?}") };
            assert_eq!((first(text).as_str(), number.place), (expected, place), "{text}");
        }
    }

    #[test]
    fn marks_beside_numbers() {
        for (text, expected) in [
            ("16,380*", "16380^*"),
            ("16,380 †", "16380^†"),
            ("16,380(1)", "16380^(1)"),
            ("16,380 (a)", "16380^(a)"),
            ("16,380 (Note 2)", "16380^(Note 2)"),
            ("16,380[1]", "16380^[1]"),
            ("16,380¹", "16380^¹"),
            ("16,3801", "16380^1"),
            ("4.13%1", "4.13%^1"),
            ("(687)1", "-687^1"),
            ("*16,380", "16380^*"),
            ("4.13%*‡", "4.13%^*‡"),
            ("(687) (2)", "-687^(2)"),
            ("(0.38%*)", "-0.38%^*"),
        ] {
            assert_eq!(first(text), expected, "{text}");
        }
        assert!(read("684.013").contains(&"684.01^3".to_owned()));
        assert!(read("1,420 (687)").is_empty());
    }

    #[test]
    fn several_values_are_no_number() {
        for text in [
            "76.80 115.20",
            "4.13%40.73%",
            "0 0 0",
            "157% 123%",
            "12-15",
            "1/2",
            "12:30",
            "2.5x",
            "Q3",
            "5 - 6",
        ] {
            assert!(read(text).is_empty(), "{text}: {:?}", read(text));
        }
    }
}
