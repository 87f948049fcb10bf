//! The fast path: numbers that a clean table prints, read byte by byte.
//!
//! Everything here is also in the grammar, which must say the same; a property test compares the two.

use super::reading::as_text;
use super::{Date, Marks, Number, Reading, Readings, Unit, Value, cost};
use crate::text::{Decimal, Span};

/// A number in one of the usual forms, and what else its print could be.
pub(super) struct Plain {
    number: Number,
    rival: Rival,
}

/// What else the print of a plain number could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rival {
    None,
    /// `1,234` with a decimal comma.
    DecimalComma,
    /// `9.01` as the number of a section.
    Section,
    /// Something that the grammar knows.
    Open,
}

/// Reads a number in a form that leaves nothing open: `1,234.50`, `(1,234)`, `$1,234`, `12.5%`, `-3`.
///
/// Western grouping by commas, a decimal point, a minus or brackets, one sign of currency, percent. `None` says
/// only that the print is not of such a form: [`read_values`](super::read_values) may still find a number. Where
/// it is `Some`, the number is the cheapest reading there.
///
/// ```
/// use retabulate::text::value::read_plain_number;
///
/// let amount = |text| read_plain_number(text).map(|number| number.amount.to_string());
/// assert_eq!(amount("$(1,234.50)").as_deref(), Some("-1234.50"));
/// assert_eq!(amount("1.234"), None); // 1234 in half of Europe
/// assert_eq!(amount("(1)"), None); // a footnote mark as well
/// ```
#[must_use]
pub fn read_plain_number(text: &str) -> Option<Number> {
    let body = Span::new(0, text.len()).trimmed(text);
    let mut number = scan(body.slice(text))?.number;
    number.currency = number.currency.map(|span| span.shifted(body.start));
    Some(number)
}

/// The same for nothing but digits, groups, decimals and a minus, outer blanks not allowed: most numbers of most tables.
#[inline]
pub(crate) fn read_bare_number(print: &str) -> Option<Number> {
    let (is_negative, body) = signed(print);
    bare_figure(body)?.number(is_negative, Unit::None, None)
}

/// A print without its minus, and whether it has one.
fn signed(print: &str) -> (bool, &[u8]) {
    match print.as_bytes() {
        [b'-', body @ ..] => (true, body),
        body => (false, body),
    }
}

/// The number that all of `print` is in a plain form, outer blanks not allowed.
pub(super) fn number_of(print: &str) -> Option<Number> {
    scan(print).map(|plain| plain.number)
}

impl Plain {
    /// The readings of the print, which stands at `body`; `None` where the grammar must give them.
    pub(super) fn readings(mut self, body: Span) -> Option<Readings> {
        self.number.currency = self.number.currency.map(|span| span.shifted(body.start));
        let reading = |value, bits| Reading { value, body, marks: Marks::new(), bits };
        let mut readings = Readings::new();
        readings.push(reading(Value::Number(self.number), 0.0));
        match self.rival {
            Rival::None => {}
            Rival::DecimalComma => {
                let amount = Decimal::new(self.number.amount.mantissa(), 3)?;
                let number = Number { amount, place: -3, ..self.number };
                readings.push(reading(Value::Number(number), cost::COMMA_OR_GROUP));
            }
            Rival::Section => readings.push(reading(Value::Ordinal, cost::SECTION)),
            Rival::Open => return None,
        }
        readings.push(as_text(body, 0.0));
        Some(readings)
    }
}

/// `plain = "-"? currency? digits ("," digit{3})* ("." digits)? "%"?`, or such a number in brackets
pub(super) fn scan(print: &str) -> Option<Plain> {
    let (is_negative, body) = signed(print);
    if let Some(figure) = bare_figure(body) {
        return figure.plain(is_negative, Unit::None, None, figure.rival(!is_negative, false));
    }
    scan_slowly(print)
}

/// Whether a print is digits, groups between commas and decimals alone, and short.
pub(super) fn is_bare(print: &str) -> bool {
    bare_figure(print.as_bytes()).is_some()
}

/// Whether a print is that, and has decimals.
pub(super) fn has_bare_decimals(print: &str) -> bool {
    bare_figure(print.as_bytes()).is_some_and(|figure| figure.decimals > 0)
}

/// The same with currency, brackets and percent.
fn scan_slowly(print: &str) -> Option<Plain> {
    let mut bytes = Bytes { bytes: print.as_bytes(), at: 0 };
    let is_minus = bytes.take(b'-');
    let mut currency = bytes.currency();
    let is_bracketed = !is_minus && bytes.take(b'(');
    if is_bracketed && currency.is_none() {
        currency = bytes.currency();
    }
    let figure = bytes.figure()?;
    let mut is_percent = bytes.percent();
    if is_bracketed && !bytes.take(b')') {
        return None;
    }
    is_percent = is_percent || (is_bracketed && bytes.percent());
    if bytes.at != bytes.bytes.len() {
        return None;
    }
    let is_bare = currency.is_none() && !is_percent;
    if is_bracketed && is_bare && figure.is_lone_run() && figure.first <= 2 {
        return None;
    }
    let rival = figure.rival(is_bare && !is_minus && !is_bracketed, is_bare && is_bracketed);
    let unit = if is_percent { Unit::Percent } else { Unit::None };
    figure.plain(is_minus || is_bracketed, unit, currency, rival)
}

/// Most prints have no more bytes than this; so many digits fit an `i64`.
pub(crate) const MAX_BARE_BYTES: usize = 18;

/// Nothing but digits, groups between commas and decimals, in one look at each byte. `None` says nothing.
fn bare_figure(bytes: &[u8]) -> Option<Figure> {
    if bytes.len() > MAX_BARE_BYTES {
        return None;
    }
    let mut figure = Figure { mantissa: 0, first: 0, groups: 0, decimals: 0 };
    let (mut run, mut has_point) = (0, false);
    for &byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            figure.mantissa = figure.mantissa * 10 + i64::from(digit);
            run += 1;
            continue;
        }
        if has_point || !matches!(byte, b',' | b'.') || figure.groups > 0 && run != 3 {
            return None;
        }
        if figure.groups == 0 {
            figure.first = run;
        }
        has_point = byte == b'.';
        figure.groups += usize::from(!has_point);
        run = 0;
    }
    if has_point {
        figure.decimals = run;
    } else if figure.groups == 0 {
        figure.first = run;
    }
    let has_leading_zero = bytes.first() == Some(&b'0') && (figure.first > 1 || figure.groups > 0);
    let is_whole = run > 0 && figure.first > 0 && (has_point || figure.groups == 0 || run == 3);
    let is_grouped = figure.groups == 0 || figure.first <= 3;
    // `1.234` is 1234 in half of Europe.
    let is_open = figure.decimals == 3 && figure.groups == 0;
    (is_whole && is_grouped && !has_leading_zero && !is_open).then_some(figure)
}

/// The digits of a plain number.
struct Figure {
    mantissa: i64,
    /// Digits before the first separator.
    first: usize,
    groups: usize,
    decimals: usize,
}

impl Figure {
    fn number(&self, is_negative: bool, unit: Unit, currency: Option<Span>) -> Option<Number> {
        let scale = u8::try_from(self.decimals).ok()?;
        let mantissa = if is_negative { -self.mantissa } else { self.mantissa };
        let amount = Decimal::new(i128::from(mantissa), scale)?;
        Some(Number { amount, unit, currency, place: -i8::try_from(scale).ok()? })
    }

    fn plain(&self, is_negative: bool, unit: Unit, currency: Option<Span>, rival: Rival) -> Option<Plain> {
        Some(Plain { number: self.number(is_negative, unit, currency)?, rival })
    }

    fn is_lone_run(&self) -> bool {
        self.groups == 0 && self.decimals == 0
    }

    /// What else the print could be, where nothing else is printed (`is_bare`) or nothing but brackets.
    fn rival(&self, is_bare: bool, is_bracketed: bool) -> Rival {
        match (self.groups, self.decimals) {
            (1, 0) => Rival::DecimalComma,
            (0, 0) if is_bracketed && self.first <= 3 => Rival::Open,
            (0, 0) if is_bare && self.first == 8 => Rival::Open,
            (_, 3) => Rival::Open,
            (0, 1..=2) if is_bare && self.first <= 2 => Rival::Section,
            _ => Rival::None,
        }
    }
}

/// Reads a date in the one form that leaves nothing open, `2023-09-20`. `None` says only that the print is not of
/// that form: [`read_values`](super::read_values) may still find a date.
///
/// ```
/// use retabulate::text::value::{Date, read_plain_date};
///
/// assert_eq!(read_plain_date("2023-09-20"), Date::new(2023, 9, 20));
/// assert_eq!(read_plain_date("2023-02-30"), None);
/// assert_eq!(read_plain_date("20/09/2023"), None);
/// ```
#[must_use]
#[inline]
pub fn read_plain_date(text: &str) -> Option<Date> {
    plain_date(text.as_bytes())
}

/// The same of the bytes of a print.
#[inline]
pub(crate) fn plain_date(print: &[u8]) -> Option<Date> {
    let (head, &[d1, d2]) = print.split_first_chunk::<8>()? else { return None };
    // Digits come to less than ten beside these zeros, and hyphens to nothing.
    let beside = |bytes: [u8; 8]| u64::from_le_bytes(bytes) ^ u64::from_le_bytes(*b"0000-00-");
    let head = beside(*head);
    let day = [d1, d2].map(|byte| byte ^ b'0');
    let are_digits = (head | head.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 == 0;
    let [y1, y2, y3, y4, first, m1, m2, second] = head.to_le_bytes();
    if !are_digits || first | second != 0 || day[0] > 9 || day[1] > 9 {
        return None;
    }
    let year = i32::from(y1 * 10 + y2) * 100 + i32::from(y3 * 10 + y4);
    let (month, day) = (m1 * 10 + m2, day[0] * 10 + day[1]);
    if !PLAIN_YEARS.contains(&year) {
        return None;
    }
    // Every month has so many days.
    let is_in_all = (1..=12).contains(&month) && (1..=28).contains(&day);
    if is_in_all { Some(Date { year, month, day }) } else { Date::new(year, month, day) }
}

/// Years that are beyond doubt.
const PLAIN_YEARS: std::ops::RangeInclusive<i32> = 1900..=2099;

/// A cursor over the bytes of a print.
struct Bytes<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Bytes<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        while self.take(b' ') {}
    }

    /// `currency = ([A-Z]{0,2} "$" | "€" | "£" | "¥") blank*`
    fn currency(&mut self) -> Option<Span> {
        let start = self.at;
        let rest = self.bytes.get(start..)?;
        let length = match rest {
            [b'$', ..] => 1,
            [b'A'..=b'Z', b'$', ..] => 2,
            [b'A'..=b'Z', b'A'..=b'Z', b'$', ..] => 3,
            [0xc2, 0xa3 | 0xa5, ..] => 2,
            [0xe2, 0x82, 0xac, ..] => 3,
            _ => return None,
        };
        self.at += length;
        self.blanks();
        Some(Span::new(start, start + length))
    }

    /// `percent = blank* "%"`
    fn percent(&mut self) -> bool {
        let start = self.at;
        self.blanks();
        let found = self.take(b'%');
        if !found {
            self.at = start;
        }
        found
    }

    /// The digits from here on, as far as there are any; their number.
    fn digits(&mut self, mantissa: &mut i64) -> Option<usize> {
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            *mantissa = mantissa.checked_mul(10)?.checked_add(i64::from(digit - b'0'))?;
            self.at += 1;
        }
        Some(self.at - start)
    }

    fn figure(&mut self) -> Option<Figure> {
        let has_leading_zero = self.peek() == Some(b'0');
        let mut figure = Figure { mantissa: 0, first: 0, groups: 0, decimals: 0 };
        figure.first = self.digits(&mut figure.mantissa).filter(|&count| count > 0)?;
        if has_leading_zero && figure.first > 1 {
            return None;
        }
        while self.take(b',') {
            figure.groups += 1;
            let is_group = self.digits(&mut figure.mantissa)? == 3 && figure.first <= 3 && !has_leading_zero;
            if !is_group {
                return None;
            }
        }
        if self.take(b'.') {
            figure.decimals = self.digits(&mut figure.mantissa).filter(|&count| count > 0)?;
            let is_open =
                figure.decimals == 3 && figure.groups == 0 && figure.first <= 3 && !has_leading_zero;
            if is_open {
                return None;
            }
        }
        Some(figure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::value::read_values;
    use proptest::prelude::*;

    proptest! {
        /// What the fast path reads as a date the grammar reads as that date alone, at no cost.
        #[test]
        fn plain_dates_are_those_of_the_grammar(text in "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]") {
            let dates: Vec<(Value, f32)> = read_values(&text)
                .iter()
                .filter(|reading| matches!(reading.value, Value::Date(_)))
                .map(|reading| (reading.value, reading.bits))
                .collect();
            let plain: Vec<(Value, f32)> =
                read_plain_date(&text).into_iter().map(|date| (Value::Date(date), 0.0)).collect();
            prop_assert_eq!(dates, plain);
        }
    }

    #[test]
    fn usual_forms() {
        for (text, expected) in [
            ("1,234.50", "1234.50"),
            ("(1,234)", "-1234"),
            ("$1,234", "1234"),
            ("12.5%", "12.5"),
            ("-3", "-3"),
            ("$ 1,563.7", "1563.7"),
            (" 0.25 ", "0.25"),
            ("(687)%", "-687"),
            ("(5.9%)", "-5.9"),
            ("HK$5", "5"),
            ("€ 1,234,567", "1234567"),
            ("($5)", "-5"),
            ("4856200", "4856200"),
            ("(687)", "-687"),
            ("0.123", "0.123"),
        ] {
            let number = read_plain_number(text).unwrap();
            assert_eq!(number.amount.to_string(), expected, "{text}");
            assert_eq!(read_values(text)[0].number(), Some(number), "{text}");
        }
        for text in [
            "",
            "-",
            "1.234",
            "(1)",
            "1,23",
            "1234,567",
            "1,234.",
            ".5",
            "1,234*",
            "01",
            "5 6",
            "Total",
            "(5",
            "5)",
            "12,34,567",
            "0,123",
            "9999999999999999999999",
        ] {
            assert!(read_plain_number(text).is_none(), "{text}");
        }
    }

    proptest! {
        /// One look at each byte says what the cursor says.
        #[test]
        fn bare_figures_are_those_of_the_cursor(text in "-?[0-9]{1,4}([,.][0-9]{1,4}){0,3}|[0-9,.-]{0,20}") {
            let body = text.strip_prefix('-').unwrap_or(&text);
            if bare_figure(body.as_bytes()).is_some() {
                let of = |plain: Option<Plain>| plain.map(|plain| (plain.number, plain.rival));
                prop_assert_eq!(of(scan(&text)), of(scan_slowly(&text)));
            }
        }

        #[test]
        fn a_plain_number_is_the_cheapest_reading(text in "[-($]{0,2}[0-9]{1,4}([,.][0-9]{1,4}){0,3}[%)]{0,2}") {
            if let Some(number) = read_plain_number(&text) {
                let readings = read_values(&text);
                prop_assert_eq!((readings[0].number(), readings[0].bits), (Some(number), 0.0));
            }
        }
    }
}
