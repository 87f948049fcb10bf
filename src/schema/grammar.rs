//! The grammar of the check language.
//!
//! ```text
//! rule       = expression relation expression
//! relation   = "=" | "~=" | "<=" | ">=" | "<" | ">"
//! expression = product { ( "+" | "-" ) product }
//! product    = factor { ( "*" | "/" ) factor }
//! factor     = "-" factor | "(" expression ")" | number | "$" name | call | name
//! call       = "row" "(" label ")" [ "." name ]
//!            | "sum" "(" name "." name "by" name ")"
//!            | function "(" name ")"
//! function   = "prev" | "total" | "sum" | "first" | "last" | "count" | "min" | "max"
//! label      = quoted: "text", "text#2" (the second so labelled), "#6" (the sixth body row)
//! name       = letter or "_", then letters, digits, "_" | quoted
//! number     = digits [ "." digits ]
//! ```
//!
//! A function's name is a function only before `(`; elsewhere it is a field, so that `total = a + b` reads as
//! it looks. In quotes `\"`, `\\` and `\#` stand for the character itself. The tree keeps slices of the rule,
//! so that the second step ([`super::resolve`]) can point at what it cannot resolve.

use std::borrow::Cow;

use nom::branch::alt;
use nom::bytes::complete::{escaped, tag, take_while1};
use nom::character::complete::{anychar, char, digit1, multispace0, none_of};
use nom::combinator::{opt, recognize, value};
use nom::error::{ErrorKind, ParseError};
use nom::sequence::{delimited, pair, preceded};
use nom::{IResult, Offset, Parser};

use super::check::{Aggregate, Relation, RowReference};
use super::error::RuleError;
use crate::text::{Decimal, Span};

/// Brackets and minus signs inside one another, at most: the parser, the printer and the prover recurse.
const MAX_DEPTH: usize = 64;

/// Operators in a rule, at most: a chain of operators is a tree as deep as it is long.
const MAX_OPERATORS: usize = 2_000;

/// A name as written, with its place.
#[derive(Clone, Debug)]
pub(super) struct Name<'r> {
    /// The name without quotes.
    pub(super) text: Cow<'r, str>,
    /// The bytes of the rule that name it, quotes included.
    pub(super) written: &'r str,
}

/// A function of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    /// `prev`
    Previous,
    /// `total`
    Total,
    /// `sum` and its like.
    Aggregate(Aggregate),
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// An expression whose names are not resolved.
#[derive(Clone, Debug)]
pub(super) enum Term<'r> {
    /// A literal.
    Number(Decimal),
    /// `$name`
    Constant(Name<'r>),
    /// `name`
    Field(Name<'r>),
    /// `function(name)`
    Call(Function, Name<'r>),
    /// `row("label")`, `row("label").name`; the slice is the whole of it.
    Row(RowReference, Option<Name<'r>>, &'r str),
    /// `sum(schema.field by key)`
    Foreign {
        /// The other schema.
        schema: Name<'r>,
        /// Its field.
        field: Name<'r>,
        /// The key, a field of both.
        key: Name<'r>,
    },
    /// `-term`
    Negative(Box<Term<'r>>),
    /// `left operator right`
    Binary(Operator, Box<Term<'r>>, Box<Term<'r>>),
}

/// A rule whose names are not resolved.
#[derive(Clone, Debug)]
pub(super) struct Rule<'r> {
    /// Left side.
    pub(super) left: Term<'r>,
    /// Relation.
    pub(super) relation: Relation,
    /// Right side.
    pub(super) right: Term<'r>,
}

/// What the grammar wanted, and where.
#[derive(Clone, Copy, Debug)]
struct Expected<'r> {
    rest: &'r str,
    what: &'static str,
}

impl<'r> ParseError<&'r str> for Expected<'r> {
    fn from_error_kind(rest: &'r str, _: ErrorKind) -> Self {
        Self { rest, what: "something else" }
    }

    fn append(_: &'r str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

type Parsed<'r, T> = IResult<&'r str, T, Expected<'r>>;

/// Reads a whole rule.
pub(super) fn parse(rule: &str) -> Result<Rule<'_>, RuleError> {
    if let Some(excess) = operator_over_limit(rule) {
        return Err(syntax_error(rule, &rule[excess..], "at most 2,000 operators"));
    }
    match whole_rule(rule) {
        Ok((_, parsed)) => Ok(parsed),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
            Err(syntax_error(rule, error.rest, error.what))
        }
        Err(nom::Err::Incomplete(_)) => Err(syntax_error(rule, "", "the rest of the rule")),
    }
}

/// Whether `name` can be written without quotes.
pub(super) fn is_plain_name(name: &str) -> bool {
    matches!(plain_name(name), Ok(("", _)))
}

fn syntax_error<'r>(rule: &'r str, rest: &'r str, expected: &'static str) -> RuleError {
    let rest = rest.trim_start();
    let start = if rest.is_empty() { rule.len() } else { rule.offset(rest) };
    let found = next_token(rest);
    RuleError::Syntax {
        rule: rule.to_owned(),
        at: Span::new(start, start + found.len()),
        expected,
        found: found.to_owned(),
    }
}

/// What is in quotes, the run of letters and digits, or the one character at the start.
fn next_token(rest: &str) -> &str {
    if let Ok((after, _)) = quoted(rest) {
        return &rest[..rest.offset(after)];
    }
    let run = rest.find(|c: char| !is_name_character(c)).unwrap_or(rest.len());
    let length = if run == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { run };
    &rest[..length]
}

/// Offset of the first operator or bracket over the limit; those in quotes do not count.
fn operator_over_limit(rule: &str) -> Option<usize> {
    let (mut count, mut quoted, mut escaped) = (0, false, false);
    rule.bytes().position(|byte| {
        let operator = !quoted && matches!(byte, b'+' | b'-' | b'*' | b'/' | b'(');
        quoted ^= byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        count += usize::from(operator);
        count > MAX_OPERATORS
    })
}

/// Turns any error into "expected `what`" at the place where the parser began, and ends the search for others.
fn expect<'r, T>(
    what: &'static str,
    mut parser: impl Parser<&'r str, Output = T, Error = Expected<'r>>,
) -> impl Parser<&'r str, Output = T, Error = Expected<'r>> {
    move |input: &'r str| {
        let (start, _) = multispace0(input)?;
        parser.parse(start).map_err(|error| match error {
            nom::Err::Error(_) => nom::Err::Failure(Expected { rest: start, what }),
            other => other,
        })
    }
}

fn blank(input: &str) -> Parsed<'_, &str> {
    multispace0(input)
}

/// `rule = expression relation expression`
fn whole_rule(input: &str) -> Parsed<'_, Rule<'_>> {
    let (rest, left) = expression(input, 0)?;
    let (rest, relation) = expect("an operator or one of = ~= <= >= < >", relation).parse(rest)?;
    let (rest, right) = expression(rest, 0)?;
    let (rest, ()) = expect("an operator or the end of the rule", end).parse(rest)?;
    Ok((rest, Rule { left, relation, right }))
}

fn end(input: &str) -> Parsed<'_, ()> {
    value((), nom::combinator::eof).parse(input)
}

fn relation(input: &str) -> Parsed<'_, Relation> {
    alt((
        value(Relation::About, tag("~=")),
        value(Relation::AtMost, tag("<=")),
        value(Relation::AtLeast, tag(">=")),
        value(Relation::Equal, tag("=")),
        value(Relation::Below, tag("<")),
        value(Relation::Above, tag(">")),
    ))
    .parse(input)
}

/// `expression = product { ( "+" | "-" ) product }`
fn expression(input: &str, depth: usize) -> Parsed<'_, Term<'_>> {
    chain(input, depth, product, sum_operator)
}

/// `product = factor { ( "*" | "/" ) factor }`
fn product(input: &str, depth: usize) -> Parsed<'_, Term<'_>> {
    chain(input, depth, factor, product_operator)
}

fn sum_operator(input: &str) -> Parsed<'_, Operator> {
    alt((value(Operator::Add, char('+')), value(Operator::Subtract, char('-')))).parse(input)
}

fn product_operator(input: &str) -> Parsed<'_, Operator> {
    alt((value(Operator::Multiply, char('*')), value(Operator::Divide, char('/')))).parse(input)
}

/// Operands joined by operators of one precedence, read from the left.
fn chain<'r>(
    input: &'r str,
    depth: usize,
    operand: fn(&'r str, usize) -> Parsed<'r, Term<'r>>,
    operator: fn(&'r str) -> Parsed<'r, Operator>,
) -> Parsed<'r, Term<'r>> {
    let (mut rest, mut left) = operand(input, depth)?;
    loop {
        let (after, found) = opt(preceded(blank, operator)).parse(rest)?;
        let Some(found) = found else { return Ok((rest, left)) };
        let (after, right) = operand(after, depth)?;
        (rest, left) = (after, Term::Binary(found, Box::new(left), Box::new(right)));
    }
}

/// `factor = "-" factor | "(" expression ")" | number | "$" name | call | name`
fn factor(input: &str, depth: usize) -> Parsed<'_, Term<'_>> {
    let (input, _) = blank(input)?;
    if depth > MAX_DEPTH {
        let what = "at most 64 brackets and signs inside one another";
        return Err(nom::Err::Failure(Expected { rest: input, what }));
    }
    match input.chars().next() {
        Some('-') => negative(input, depth + 1),
        Some('(') => bracketed(input, depth + 1),
        Some('$') => constant(input),
        Some('"') => quoted_name.map(Term::Field).parse(input),
        Some(first) if first.is_ascii_digit() => number(input),
        Some(first) if starts_name(first) => call_or_field(input),
        _ => Err(nom::Err::Failure(Expected { rest: input, what: "a field, a number or (" })),
    }
}

/// `"-" factor`
fn negative(input: &str, depth: usize) -> Parsed<'_, Term<'_>> {
    let (rest, _) = char('-').parse(input)?;
    let (rest, term) = factor(rest, depth)?;
    Ok((rest, Term::Negative(Box::new(term))))
}

/// `"(" expression ")"`
fn bracketed(input: &str, depth: usize) -> Parsed<'_, Term<'_>> {
    let (rest, _) = char('(').parse(input)?;
    let (rest, term) = expression(rest, depth)?;
    let (rest, _) = expect("an operator or )", char(')')).parse(rest)?;
    Ok((rest, term))
}

/// `"$" name`
fn constant(input: &str) -> Parsed<'_, Term<'_>> {
    let (rest, _) = char('$').parse(input)?;
    let (rest, name) = expect("the name of a constant", name).parse(rest)?;
    Ok((rest, Term::Constant(name)))
}

/// `number = digits [ "." digits ]`
fn number(input: &str) -> Parsed<'_, Term<'_>> {
    let (rest, digits) = recognize(pair(digit1, opt(pair(char('.'), digit1)))).parse(input)?;
    match digits.parse() {
        Ok(number) => Ok((rest, Term::Number(number))),
        Err(_) => Err(nom::Err::Failure(Expected { rest: input, what: "a number of at most 38 digits" })),
    }
}

/// `call`, or a field whose name is not followed by `(`.
fn call_or_field(input: &str) -> Parsed<'_, Term<'_>> {
    let (rest, name) = name(input)?;
    let (arguments, open) = opt(preceded(blank, char('('))).parse(rest)?;
    if open.is_none() {
        return Ok((rest, Term::Field(name)));
    }
    let Some(function) = function(&name.text) else {
        let what = "one of the functions prev total row sum first last count min max";
        return Err(nom::Err::Failure(Expected { rest: input, what }));
    };
    let (rest, term) = match function {
        None => return row_call(input, arguments),
        Some(Function::Aggregate(Aggregate::Sum)) => sum_argument(arguments)?,
        Some(function) => argument.map(|field| Term::Call(function, field)).parse(arguments)?,
    };
    let (rest, _) = expect(") after the one field of a function", char(')')).parse(rest)?;
    Ok((rest, term))
}

/// The function called `name`; `Some(None)` is `row`, which takes a label.
fn function(name: &str) -> Option<Option<Function>> {
    let aggregate = |kind| Some(Some(Function::Aggregate(kind)));
    match name {
        "row" => Some(None),
        "prev" => Some(Some(Function::Previous)),
        "total" => Some(Some(Function::Total)),
        "sum" => aggregate(Aggregate::Sum),
        "first" => aggregate(Aggregate::First),
        "last" => aggregate(Aggregate::Last),
        "count" => aggregate(Aggregate::Count),
        "min" => aggregate(Aggregate::Minimum),
        "max" => aggregate(Aggregate::Maximum),
        _ => None,
    }
}

fn argument(input: &str) -> Parsed<'_, Name<'_>> {
    expect("the name of a field", name).parse(input)
}

/// `name`, or `name "." name "by" name`
fn sum_argument(input: &str) -> Parsed<'_, Term<'_>> {
    let (rest, first) = argument(input)?;
    let (after, dot) = opt(preceded(blank, char('.'))).parse(rest)?;
    if dot.is_none() {
        return Ok((rest, Term::Call(Function::Aggregate(Aggregate::Sum), first)));
    }
    let (rest, field) = argument(after)?;
    let (rest, _) = expect("by and the key of the other table", by).parse(rest)?;
    let (rest, key) = argument(rest)?;
    Ok((rest, Term::Foreign { schema: first, field, key }))
}

/// The word `by`, alone.
fn by(input: &str) -> Parsed<'_, ()> {
    let (rest, word) = plain_name(input)?;
    if word == "by" { Ok((rest, ())) } else { Err(nom::Err::Error(Expected { rest: input, what: "by" })) }
}

/// `"row" "(" label ")" [ "." name ]`, from after its bracket; `whole` begins at `row`.
fn row_call<'r>(whole: &'r str, input: &'r str) -> Parsed<'r, Term<'r>> {
    let (start, _) = blank(input)?;
    let (rest, label) = expect("a label in quotes", quoted).parse(start)?;
    let Some(row) = row_reference(label) else {
        return Err(nom::Err::Failure(Expected { rest: start, what: "a row number from 1 after #" }));
    };
    let (rest, _) = expect(")", char(')')).parse(rest)?;
    let (after, dot) = opt(preceded(blank, char('.'))).parse(rest)?;
    let (rest, field) = if dot.is_some() { argument.map(Some).parse(after)? } else { (rest, None) };
    let written = &whole[..whole.offset(rest)];
    Ok((rest, Term::Row(row, field, written)))
}

/// `text`, `text#2`, `#6`; `None` for `#0` and numbers that do not fit. A `#` after a blank belongs to the text.
fn row_reference(label: &str) -> Option<RowReference> {
    let whole = || Some(RowReference::Label { label: unescape(label).into_owned(), occurrence: 1 });
    let Some((text, digits)) = label.rsplit_once('#') else { return whole() };
    let numeric = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let escapes = text.len() - text.trim_end_matches('\\').len();
    if !numeric || escapes % 2 == 1 || text.ends_with(char::is_whitespace) {
        return whole();
    }
    let number = digits.parse().ok().filter(|&number| number > 0)?;
    if text.is_empty() {
        return Some(RowReference::Number(number));
    }
    Some(RowReference::Label { label: unescape(text).into_owned(), occurrence: number })
}

/// `name = letter or "_", then letters, digits, "_" | quoted`
fn name(input: &str) -> Parsed<'_, Name<'_>> {
    let plain = plain_name.map(|text| Name { text: Cow::Borrowed(text), written: text });
    alt((quoted_name, plain)).parse(input)
}

fn quoted_name(input: &str) -> Parsed<'_, Name<'_>> {
    if !input.starts_with('"') {
        return Err(nom::Err::Error(Expected { rest: input, what: "a name" }));
    }
    let (rest, text) = expect("a quoted name with its closing quote", quoted).parse(input)?;
    if text.is_empty() {
        return Err(nom::Err::Failure(Expected { rest: input, what: "a name between the quotes" }));
    }
    Ok((rest, Name { text: unescape(text), written: &input[..input.offset(rest)] }))
}

fn plain_name(input: &str) -> Parsed<'_, &str> {
    if !input.starts_with(starts_name) {
        return Err(nom::Err::Error(Expected { rest: input, what: "a name" }));
    }
    take_while1(is_name_character).parse(input)
}

/// What stands between quotes, escapes kept.
fn quoted(input: &str) -> Parsed<'_, &str> {
    let body = recognize(opt(escaped(none_of("\"\\"), '\\', anychar)));
    delimited(char('"'), body, char('"')).parse(input)
}

fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    Cow::Owned(plain)
}

fn starts_name(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

fn is_name_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests;
