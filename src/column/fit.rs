//! How well a printed text fits a column, in bits.
//!
//! A fit is the cost of the text under the column's model, `-log2` of how often a value of such a column is
//! printed so. The constants are frequencies estimated once from real tables, not tuned to single cases: a cost
//! of 14 bits says "about once in 16,000 cells".

use smallvec::SmallVec;

use super::model::{ColumnModel, normalized};
use crate::schema::{FieldKind, Side, SignMarks};
use crate::table::CellValue;
use crate::text::value::{
    Date, Mark, Number, Reading, Readings, Unit, Value, opens_with_words, plain_row, read_plain_date,
    read_plain_number, read_values, scan_values,
};
use crate::text::{Decimal, Span};

/// Words in a numeric column.
pub(crate) const TEXT_AS_NUMBER: f32 = 14.0;
/// A number or words in a date column; real date columns say `Until further notice`.
const TEXT_AS_DATE: f32 = 7.0;
const NUMBER_AS_DATE: f32 = 12.0;
/// A bare number in a text column: codes and years do stand there.
const NUMBER_AS_TEXT: f32 = 3.0;
/// Decimals in a column of whole numbers.
const DECIMALS_AS_INTEGER: f32 = 6.0;
/// A percent sign where none belongs, and the reverse, which loses only a sign.
const PERCENT_AS_NUMBER: f32 = 7.0;
const NUMBER_AS_PERCENT: f32 = 3.0;
/// A percent sign in a column that prints some.
const PERCENT_AMONG_NUMBERS: f32 = 1.0;
/// A nil mark where the schema lists the values, or their pattern: about as frequent as one of several values.
const NIL_FOR_VALUE: f32 = 1.0;
/// A value outside the schema's list, or against its pattern or minimum.
const OUTSIDE_VALUES: f32 = 7.0;
const BELOW_MINIMUM: f32 = 7.0;
/// Several values in the place of one: nobody prints that.
pub(crate) const SEVERAL_VALUES: f32 = 22.0;
/// Other printed decimals than the rest of the column; the more cells agree, the dearer.
const OTHER_SCALE: f32 = 1.5;

/// Thousands separators that the table prints elsewhere and not here.
const GROUPS_LOST: f32 = 4.0;

/// A text under a column's model.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    /// Cost of the best reading.
    pub(crate) bits: f32,
    /// Cost of the best reading with another value, less that of the best; infinite where there is none.
    pub(crate) margin: f32,
    /// The typed value; `None` for nil marks, and for text that cannot be read as the type.
    pub(crate) value: Option<CellValue>,
    /// The text without marks, in bytes of the text that was measured.
    pub(crate) body: Span,
    /// Footnote marks.
    pub(crate) marks: SmallVec<[Mark; 1]>,
    /// Whether the text is a nil mark.
    pub(crate) is_nil: bool,
    /// Whether the text can be read as the column's type.
    pub(crate) is_typed: bool,
    /// Whether the reading says that a number was torn apart by blanks.
    pub(crate) is_damaged: bool,
}

impl Fit {
    /// Words of `length` bytes, as they stand.
    pub(crate) fn text(length: usize) -> Self {
        Self { body: Span::new(0, length), ..Self::whole("", 0.0, Some(CellValue::Text), true) }
    }

    fn whole(text: &str, bits: f32, value: Option<CellValue>, is_typed: bool) -> Self {
        Self {
            bits,
            margin: f32::INFINITY,
            value,
            body: Span::new(0, text.len()),
            marks: SmallVec::new(),
            is_nil: false,
            is_typed,
            is_damaged: false,
        }
    }
}

/// Measures `text`, trimmed and not empty, against `model`.
pub(crate) fn fit(text: &str, model: &ColumnModel) -> Fit {
    match model.kind {
        FieldKind::String => fit_text(text, model),
        FieldKind::Integer | FieldKind::Number => fit_number(text, model),
        FieldKind::Date => fit_date(text, model),
        FieldKind::Boolean => fit_boolean(text, model),
    }
}

fn fit_text(text: &str, model: &ColumnModel) -> Fit {
    let mut bits = 0.0;
    let is_nil = is_nil_of(text, model);
    // A nil mark is no value, so what binds values does not bind it.
    if is_nil && (!model.values.is_empty() || model.pattern.is_some()) {
        bits += NIL_FOR_VALUE;
    } else if !model.values.is_empty() && !model.values.contains(&normalized(text)) {
        bits += OUTSIDE_VALUES;
    }
    if let Some(pattern) = &model.pattern
        && !is_nil
        && !pattern.is_match(text)
    {
        bits += OUTSIDE_VALUES;
    }
    if bits == 0.0 && model.values.is_empty() && model.pattern.is_none() && is_bare_number(text) {
        bits += NUMBER_AS_TEXT;
    }
    let value = if is_nil { None } else { Some(CellValue::Text) };
    Fit { is_nil, ..Fit::whole(text, bits, value, true) }
}

/// Digits with separators, signs or a percent sign, but no enumerator such as `9.` or `9.01`.
fn is_bare_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    // A plain number ends in a digit, a sign of percent, a bracket, or a currency.
    let may_be = bytes.last().is_some_and(|byte| !byte.is_ascii_alphabetic());
    may_be
        && bytes.iter().any(u8::is_ascii_digit)
        && read_plain_number(text).is_some()
        && (bytes.len() > 5 || text.contains(['%', ',', '$']))
}

pub(super) fn is_nil_of(text: &str, model: &ColumnModel) -> bool {
    let is_dash = |character| matches!(character, '-' | '–' | '—' | '−');
    let may_be = text.as_bytes().first().is_some_and(|first| *first == b'-' || !first.is_ascii());
    (may_be && text.chars().all(is_dash)) || model.nil_marks.iter().any(|mark| mark == text)
}

/// A number with the mark of its side, attached or apart: `1.250,00 S`. What no mark means the schema says.
fn fit_signed(text: &str, sign: &SignMarks, model: &ColumnModel) -> Fit {
    let (core, side) = part_sign(text, sign);
    signed(text, (core, side), sign, fit_unsigned(core.slice(text), model))
}

/// The fit of a print whose number stands in `core`, on the side that its mark says.
fn signed(text: &str, (core, side): (Span, Option<Side>), sign: &SignMarks, inner: Fit) -> Fit {
    let value = match inner.value {
        Some(CellValue::Number(amount)) => {
            let unmarked = || sign.unmarked_side().filter(|_| has_no_side(text, amount));
            let is_negative = side.or_else(unmarked) == Some(Side::Negative);
            if is_negative { amount.checked_neg() } else { Some(amount) }.map(CellValue::Number)
        }
        value => value,
    };
    let marks = inner.marks.iter().map(|mark| Mark { span: mark.span.shifted(core.start) }).collect();
    // The mark is part of the print, footnotes are not.
    let body = inner.body.shifted(core.start);
    let start = if core.start > 0 { 0 } else { body.start };
    let end = if core.end < text.len() { text.len() } else { body.end };
    Fit { value, marks, body: Span::new(start, end), ..inner }
}

/// Whether a number is printed without anything that tells its side: no minus, no brackets, no plus.
fn has_no_side(text: &str, amount: Decimal) -> bool {
    !amount.is_negative() && !amount.is_zero() && !text.contains('+')
}

/// Whether `text`, an amount of a column whose amounts are marked with their side, has neither mark nor sign.
pub(crate) fn is_without_side(text: &str, amount: Decimal, sign: &SignMarks) -> bool {
    part_sign(text, sign).1.is_none() && has_no_side(text, amount)
}

/// The side that a mark by itself says.
pub(crate) fn side_of_mark(text: &str, sign: &SignMarks) -> Option<Side> {
    let is_in = |marks: &[String]| marks.iter().any(|mark| mark == text);
    let negative = is_in(&sign.negative).then_some(Side::Negative);
    negative.or(is_in(&sign.positive).then_some(Side::Positive))
}

/// The number in a print, and the side that its mark says.
fn part_sign(text: &str, sign: &SignMarks) -> (Span, Option<Side>) {
    let whole = Span::new(0, text.len());
    let sides = [(&sign.negative, Side::Negative), (&sign.positive, Side::Positive)];
    for (mark, side) in sides.iter().flat_map(|(marks, side)| marks.iter().map(move |mark| (mark, *side))) {
        let is_apart = |character: Option<char>| !character.is_some_and(char::is_alphabetic);
        if let Some(rest) = text.strip_suffix(mark.as_str())
            && is_apart(rest.chars().next_back())
            && rest.ends_with(|c: char| c.is_ascii_digit() || c.is_whitespace())
        {
            return (Span::new(0, rest.len()).trimmed(text), Some(side));
        }
        if let Some(rest) = text.strip_prefix(mark.as_str())
            && is_apart(rest.chars().next())
            && rest.starts_with(|c: char| c.is_ascii_digit() || c.is_whitespace())
        {
            return (Span::new(text.len() - rest.len(), text.len()).trimmed(text), Some(side));
        }
    }
    (whole, None)
}

fn fit_number(text: &str, model: &ColumnModel) -> Fit {
    match &model.sign {
        Some(sign) => fit_signed(text, sign, model),
        None => fit_unsigned(text, model),
    }
}

fn fit_unsigned(text: &str, model: &ColumnModel) -> Fit {
    if model.decimal_char.is_none_or(|character| character == '.')
        && let Some(number) = read_plain_number(text)
    {
        let bits = number_bits(&number, text, model);
        if bits < 1.0 {
            return Fit::whole(text, bits, Some(CellValue::Number(number.amount)), true);
        }
    }
    if plain_row(text).is_some() && !is_nil_of(text, model) {
        return Fit::whole(text, SEVERAL_VALUES, None, false);
    }
    let readings = read_numbers(text, model);
    let mut best: Option<(f32, &Reading)> = None;
    let mut runner_up = f32::INFINITY;
    for reading in &readings {
        let Some(bits) = reading_bits(reading, text, model) else { continue };
        match best {
            Some((least, first)) if bits >= least => {
                if value_of(reading) != value_of(first) {
                    runner_up = runner_up.min(bits);
                }
            }
            _ => {
                if let Some((least, first)) = best
                    && value_of(reading) != value_of(first)
                {
                    runner_up = runner_up.min(least);
                }
                best = Some((bits, reading));
            }
        }
    }
    match best {
        Some((bits, reading)) => Fit {
            bits,
            margin: runner_up - bits,
            value: value_of(reading),
            body: reading.body,
            marks: reading.marks.clone(),
            is_nil: reading.value == Value::Nil,
            is_typed: true,
            is_damaged: is_torn(reading, text),
        },
        None if is_nil_of(text, model) => Fit { is_nil: true, ..Fit::whole(text, 0.0, None, true) },
        None => Fit::whole(text, untyped_bits(text, TEXT_AS_NUMBER), None, false),
    }
}

/// Bits of a text that is no value of its column: more where it is several values.
fn untyped_bits(text: &str, words: f32) -> f32 {
    if !is_no_row_of_values(text) && is_row_of_values(text) { SEVERAL_VALUES } else { words }
}

/// What needs no scan to be no row of values: one value, or what opens with a word of letters.
fn is_no_row_of_values(text: &str) -> bool {
    let opens_with_word = || {
        let word = text.split(' ').next().unwrap_or_default();
        word.bytes().all(|byte| byte.is_ascii_alphabetic()) && opens_with_words(text)
    };
    opens_with_word() || read_plain_date(text).is_some() || read_plain_number(text).is_some()
}

/// Whether a text is several values and nothing else.
fn is_row_of_values(text: &str) -> bool {
    plain_row(text).is_some() || is_scanned_row(text)
}

fn is_scanned_row(text: &str) -> bool {
    let segments = scan_values(text);
    let values = segments.iter().filter(|segment| !segment.is_text()).count();
    values > 1 && values == segments.len()
}

/// All readings of a text as a number of the column, the cheapest first.
pub(crate) fn fit_all(text: &str, model: &ColumnModel) -> Vec<Fit> {
    let Some(sign) = &model.sign else { return fit_all_unsigned(text, model) };
    let (core, side) = part_sign(text, sign);
    let fits = fit_all_unsigned(core.slice(text), model);
    fits.into_iter().map(|inner| signed(text, (core, side), sign, inner)).collect()
}

fn fit_all_unsigned(text: &str, model: &ColumnModel) -> Vec<Fit> {
    let readings = read_numbers(text, model);
    let mut fits: Vec<Fit> = readings
        .iter()
        .filter_map(|reading| {
            Some(Fit {
                bits: reading_bits(reading, text, model)?,
                margin: f32::INFINITY,
                value: value_of(reading),
                body: reading.body,
                marks: reading.marks.clone(),
                is_nil: reading.value == Value::Nil,
                is_typed: true,
                is_damaged: is_torn(reading, text),
            })
        })
        .collect();
    fits.sort_by(|left, right| left.bits.total_cmp(&right.bits));
    fits.dedup_by(|later, first| later.value == first.value);
    fits
}

/// A footnote digit glued to a number that has one decimal more than its column.
const GLUED_DIGIT: f32 = 9.0;

/// The readings of a text, with the one that its column suggests: a last digit over the column's decimals may be
/// a footnote mark.
fn read_numbers(text: &str, model: &ColumnModel) -> Readings {
    let mut readings = read_values(text);
    let Some(scale) = model.scale else { return readings };
    let glued = readings.iter().find_map(|reading| {
        let Value::Number(number) = reading.value else { return None };
        let is_over = number.amount.scale() == scale + 1
            && reading.body.slice(text).ends_with(|c: char| c.is_ascii_digit());
        let amount = Decimal::new(number.amount.mantissa() / 10, scale)?;
        let body = Span::new(reading.body.start, reading.body.end - 1);
        let mark = Mark { span: Span::new(body.end, reading.body.end) };
        let value = Value::Number(Number { amount, ..number });
        is_over.then(|| Reading { value, body, marks: SmallVec::from_iter([mark]), bits: GLUED_DIGIT })
    });
    if let Some(glued) = glued
        && !readings.iter().any(|reading| reading.value == glued.value)
    {
        readings.push(glued);
    }
    readings
}

/// Readings this dear say that a number was damaged, not printed unusually.
const DAMAGED: f32 = 7.5;

fn is_torn(reading: &Reading, text: &str) -> bool {
    reading.bits >= DAMAGED && reading.body.slice(text).contains(char::is_whitespace)
}

fn value_of(reading: &Reading) -> Option<CellValue> {
    match reading.value {
        Value::Number(number) => Some(CellValue::Number(number.amount)),
        _ => None,
    }
}

fn reading_bits(reading: &Reading, text: &str, model: &ColumnModel) -> Option<f32> {
    match &reading.value {
        Value::Number(number) => {
            let body = reading.body.slice(text);
            let is_habit = model.groups_by_blank && body.contains(' ') && reading.bits < DAMAGED;
            let print = if is_habit { reading.bits.min(0.5) } else { reading.bits };
            let foreign =
                if uses_other_point(body, number.amount.scale(), model) { OTHER_POINT } else { 0.0 };
            Some(print + foreign + number_bits(number, body, model))
        }
        Value::Nil => Some(reading.bits),
        _ => None,
    }
}

/// A number whose decimal point or separator of thousands is the other one of its table.
const OTHER_POINT: f32 = 12.0;

/// Whether a reading with `scale` decimals takes another character than the column's for the decimal point, or that
/// one for a separator of thousands.
fn uses_other_point(body: &str, scale: u8, model: &ColumnModel) -> bool {
    let Some(point) = model.decimal_char else { return false };
    let digits = body.trim_end_matches(|c: char| !c.is_ascii_digit());
    let place = digits.len().checked_sub(usize::from(scale) + 1).filter(|_| scale > 0);
    let is_point = |at: usize| Some(at) == place;
    digits
        .char_indices()
        .filter(|(_, character)| matches!(character, '.' | ','))
        .any(|(at, character)| is_point(at) != (character == point))
}

/// Whether a whole part of four digits or more is printed without separators.
fn lacks_groups(text: &str) -> bool {
    let mut digits = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'.' => break,
            b'0'..=b'9' => digits += 1,
            b',' | b' ' | b'\'' => return false,
            0xe2 if text.get(at..).is_some_and(|rest| rest.starts_with('’')) => return false,
            _ => {}
        }
    }
    digits > 3
}

/// Bits of a number of a column beside those of its print.
pub(super) fn number_bits(number: &Number, text: &str, model: &ColumnModel) -> f32 {
    let mut bits = match (number.unit == Unit::Percent, model.percent) {
        (true, false) if model.mixes_percent => PERCENT_AMONG_NUMBERS,
        (true, false) => PERCENT_AS_NUMBER,
        // A zero is printed without its sign often enough.
        (false, true) if !number.amount.is_zero() => NUMBER_AS_PERCENT,
        _ => 0.0,
    };
    if model.is_grouped && lacks_groups(text) {
        bits += GROUPS_LOST;
    }
    let scale = number.amount.scale();
    if model.kind == FieldKind::Integer && scale > 0 && number.amount.normalized().scale() > 0 {
        bits += DECIMALS_AS_INTEGER;
    }
    if model.minimum.is_some_and(|minimum| number.amount < minimum) {
        bits += BELOW_MINIMUM;
    }
    if model.scale.is_some_and(|scale| scale != number.amount.scale()) && !number.amount.is_zero() {
        bits += OTHER_SCALE + (model.scale_cells as f32 + 1.0).log2();
    }
    bits
}

fn fit_date(text: &str, model: &ColumnModel) -> Fit {
    if is_nil_of(text, model) {
        return Fit { is_nil: true, ..Fit::whole(text, 0.0, None, true) };
    }
    if let Some(date) = read_plain_date(text) {
        return Fit::whole(text, 0.0, Some(CellValue::Date(date)), true);
    }
    if model.year.is_none() && plain_row(text).is_some() {
        return Fit::whole(text, SEVERAL_VALUES, None, false);
    }
    let readings = read_values(text);
    let dates: SmallVec<[(f32, &Reading); 2]> = readings
        .iter()
        .filter_map(|reading| match reading.value {
            Value::Date(date) => Some((reading.bits + order_bits(date, text, model), reading)),
            _ => None,
        })
        .collect();
    if dates.is_empty()
        && let Some((date, year)) = crate::align::day_month(text, model).zip(model.year)
    {
        return Fit::whole(text, date.bits.min(1.0), date.in_year(year).map(CellValue::Date), true);
    }
    let Some((bits, best)) = dates.iter().copied().min_by(|left, right| left.0.total_cmp(&right.0)) else {
        let number = readings.iter().any(|reading| matches!(reading.value, Value::Number(_)));
        let bits = if number { NUMBER_AS_DATE } else { TEXT_AS_DATE };
        return Fit::whole(text, untyped_bits(text, bits), None, false);
    };
    let rival = dates
        .iter()
        .filter(|(_, reading)| reading.value != best.value)
        .map(|(other, _)| other - bits)
        .fold(f32::INFINITY, f32::min);
    // Day and month that nothing in the column tells apart: the print is certain, its date is not given.
    let is_undecided = rival < ORDER_DECIDED;
    let value = match best.value {
        Value::Date(date) if !is_undecided => Some(CellValue::Date(date)),
        _ => None,
    };
    Fit {
        bits: best.bits,
        margin: f32::INFINITY,
        value,
        body: best.body,
        marks: best.marks.clone(),
        is_nil: false,
        is_typed: true,
        is_damaged: false,
    }
}

/// A date that has day and month the other way round than its column.
const OTHER_ORDER: f32 = 9.0;
/// Two dates this far apart in bits are decided.
const ORDER_DECIDED: f32 = 4.0;

fn order_bits(date: Date, text: &str, model: &ColumnModel) -> f32 {
    match (model.day_first, day_stands_first(date, text)) {
        (Some(wanted), Some(read)) if wanted != read => OTHER_ORDER,
        _ => 0.0,
    }
}

/// Whether a date that is printed as numbers reads its first number as the day; `None` where that is no question.
pub(crate) fn day_stands_first(date: Date, text: &str) -> Option<bool> {
    let digits = text.trim_start().split(|c: char| !c.is_ascii_digit()).next()?;
    let first: u8 = digits.parse().ok()?;
    match (first == date.day, first == date.month) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

fn fit_boolean(text: &str, model: &ColumnModel) -> Fit {
    if is_nil_of(text, model) {
        return Fit { is_nil: true, ..Fit::whole(text, 0.0, None, true) };
    }
    let truth = match normalized(text).as_str() {
        "true" | "yes" | "y" | "是" | "ja" | "oui" => Some(true),
        "false" | "no" | "n" | "否" | "nein" | "non" => Some(false),
        _ => None,
    };
    let bits = if truth.is_some() { 0.0 } else { OUTSIDE_VALUES };
    Fit::whole(text, bits, truth.map(CellValue::Boolean), truth.is_some())
}

/// The amount of a fit, where it has one.
pub(crate) fn amount(fit: &Fit) -> Option<Decimal> {
    match fit.value {
        Some(CellValue::Number(amount)) => Some(amount),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_decimal_character_settles_what_a_print_means() {
        let number =
            |decimal_char| ColumnModel { decimal_char, ..ColumnModel::of_kind(FieldKind::Number, false) };
        let read = |text: &str, decimal_char| {
            let fit = fit(text, &number(decimal_char));
            (amount(&fit).map(|amount| amount.to_string()), fit.margin > 7.0)
        };
        assert_eq!(read("1.250", Some(',')), (Some("1250".into()), true));
        assert_eq!(read("1,250", Some('.')), (Some("1250".into()), true));
        assert_eq!(read("1.250", Some('.')), (Some("1.250".into()), true));
        assert_eq!(read("3,5", Some(',')), (Some("3.5".into()), true));
        assert!(!read("1.250", None).1);
    }

    proptest! {
        #[test]
        fn what_needs_no_scan_is_no_row_of_values(
            text in "([A-Za-z]{1,6}|[0-9]{1,2}/[0-9]{1,2}/20[0-9]{2}|\\$?[0-9]{1,3}(,[0-9]{3})?(\\.[0-9]{1,2})?%?|-)( ([A-Za-z]{1,5}|[0-9.]{1,5}|-)){0,2}"
        ) {
            prop_assert!(!(is_no_row_of_values(&text) && is_row_of_values(&text)), "{}", text);
        }
    }
}
