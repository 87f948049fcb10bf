//! What a reading costs for its print alone, in bits: -log2 of how often such a print means that.
//!
//! 0 is the usual reading, 1 to 5 are legitimate but rarer ones, 8 and more are damage. The numbers are
//! estimates from financial filings in English, Chinese and the European styles; only their order and rough
//! distance matter, since columns and proofs weigh in with far more.

/// A decimal point that could group as well: `1.234`.
pub(super) const POINT_OR_GROUP: f32 = 1.0;
/// A lone dot that groups: `1.234` as 1234. Dearer than the point, since the filings read are mostly English.
pub(super) const LONE_DOT_GROUP: f32 = 2.0;
/// Several dots that group: `1.234.567` has no other reading, but the style is rarer than commas.
pub(super) const DOT_GROUPS: f32 = 1.0;
/// A decimal comma: `12,5`.
pub(super) const DECIMAL_COMMA: f32 = 2.0;
/// A decimal comma that looks like a thousands comma: `1,234` as 1.234.
pub(super) const COMMA_OR_GROUP: f32 = 5.0;
/// A decimal comma after groups that say so: `1.234,5`.
pub(super) const COMMA_AFTER_GROUPS: f32 = 1.0;
/// Indian grouping: `12,34,567`.
pub(super) const INDIAN_GROUPS: f32 = 1.0;
/// Grouping by apostrophe.
pub(super) const APOSTROPHE_GROUPS: f32 = 0.5;
/// Grouping by a no-break blank, which some extractors print for any blank.
pub(super) const HARD_BLANK_GROUPS: f32 = 1.0;
/// Grouping by two or more plain blanks: `12 345 678`; three numbers of three digits are as likely.
pub(super) const BLANK_GROUPS: f32 = 4.0;
/// Grouping by one plain blank: `12 345`.
pub(super) const LONE_BLANK_GROUP: f32 = 5.0;
/// Leading zeros, as in codes: `007`.
pub(super) const LEADING_ZEROS: f32 = 4.0;
/// No digit before the point: `.5`.
pub(super) const BARE_FRACTION: f32 = 2.0;
/// A point that ends the print: `12.` as a number.
pub(super) const END_POINT: f32 = 5.0;
/// The last digits are a footnote mark, and the grouping is malformed otherwise: `16,3801`.
pub(super) const GLUED_MARK_FORCED: f32 = 4.0;
/// The last digit is a footnote mark, though the number is well-formed with it: `684.013`.
pub(super) const GLUED_MARK: f32 = 9.0;
/// A digit after `%` or `)` is a footnote mark: `4.13%1`.
pub(super) const GLUED_MARK_AFTER_SIGN: f32 = 4.0;

/// An en dash as minus; a nil mark glued to the next value is the rival.
pub(super) const EN_DASH_MINUS: f32 = 1.0;
/// A minus apart from its digits: `- 5`; a nil mark before a value is the rival.
pub(super) const MINUS_APART: f32 = 4.0;
/// A minus after the digits: `123-`.
pub(super) const TRAILING_MINUS: f32 = 1.0;
/// A plus after the digits: `123+`.
pub(super) const TRAILING_PLUS: f32 = 3.0;
/// `CR` and `DR` in the bank's sense: credit adds, debit takes.
pub(super) const SIDE: f32 = 1.0;
/// `CR` and `DR` the other way round.
pub(super) const SIDE_TURNED: f32 = 2.0;
/// A minus in brackets: `(-5)` is still minus five.
pub(super) const DOUBLE_MINUS: f32 = 3.0;
/// One or two digits in brackets as a negative number: `(12)`; marks and enumerators look the same.
pub(super) const SHORT_BRACKETS: f32 = 1.0;
/// One or two digits in brackets as a footnote mark or an enumerator.
pub(super) const BRACKETED_LABEL: f32 = 3.0;

/// Day and month can be exchanged: `01/07/2023`.
pub(super) const DAY_OR_MONTH: f32 = 1.0;
/// Month first with dots, which stand for day first almost everywhere: `01.07.2023`.
pub(super) const MONTH_FIRST_DOTS: f32 = 6.0;
/// A year of two digits.
pub(super) const SHORT_YEAR: f32 = 3.0;
/// A year of two digits in the other century.
pub(super) const OTHER_CENTURY: f32 = 8.0;
/// A year of two digits that stands first: `23/09/20`.
pub(super) const SHORT_YEAR_FIRST: f32 = 7.0;
/// Eight digits as a date: `20230920`.
pub(super) const COMPACT_DATE: f32 = 4.0;

/// A section number such as `9.01`, which is a number first.
pub(super) const SECTION: f32 = 3.0;
/// A nil mark of several dashes apart: `- -`.
pub(super) const BROKEN_NIL: f32 = 1.0;
/// `NA`, which may be a word.
pub(super) const BARE_NA: f32 = 1.0;
/// A footnote mark glued to its value by brackets: `16,380(1)`.
pub(super) const MARK_GLUED: f32 = 1.0;
/// A footnote mark in brackets apart from its value: `16,380 (1)`.
pub(super) const MARK_APART: f32 = 2.0;
/// Two digits in brackets apart from a value: `11 (30)`; a count with its share looks the same.
pub(super) const LONG_MARK_APART: f32 = 4.0;
/// A footnote mark inside the brackets of its number: `(0.38%*)`.
pub(super) const MARK_INSIDE: f32 = 1.0;
/// A footnote mark before its value: `*1,234`.
pub(super) const MARK_BEFORE: f32 = 2.0;
/// A mark that stands alone.
pub(super) const MARK_ALONE: f32 = 1.0;
/// A footnote mark after text, where the text may own the characters.
pub(super) const TEXT_MARK: f32 = 3.0;
/// Text that looks like a value: a code, a name, a note number.
pub(super) const TEXT_LIKE_VALUE: f32 = 5.0;
/// Text that is a value only if it is damaged.
pub(super) const TEXT_LIKE_DAMAGE: f32 = 2.0;

/// A blank beside a separator inside a number: `6 .86`.
pub(super) const BLANK_BY_SEPARATOR: f32 = 8.0;
/// A blank between two digits inside a group: `4 16,952`.
pub(super) const BLANK_IN_GROUP: f32 = 10.0;
/// A blank in the place of a separator: `427 841,226` for 427,841,226.
pub(super) const BLANK_FOR_SEPARATOR: f32 = 9.0;
/// The first confused character of a number.
pub(super) const CONFUSED: f32 = 8.0;
/// Each further confused character: damage clusters.
pub(super) const CONFUSED_AGAIN: f32 = 2.0;

/// A letter for a power of ten, glued to a number with a currency: `$0.3M`.
pub(super) const POWER_LETTER: f32 = 1.0;
/// A date without its year: `20 Sep`.
pub(super) const NO_YEAR: f32 = 1.0;
/// Numbers and months look alike where the year is missing: `9/20`, `1.5`.
pub(super) const NO_YEAR_DIGITS: f32 = 4.0;
/// A boundary between two values that is lost: `814,6000.2915%`.
pub(super) const LOST_BOUNDARY: f32 = 6.0;
/// Pieces of a glued run whose decimals or units differ.
pub(super) const UNLIKE_PIECES: f32 = 3.0;
