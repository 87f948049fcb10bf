//! Patterns of schemas as regular expressions, which run in linear time whatever the pattern.

use regex::{Regex, RegexBuilder};

use super::error::SchemaError;
use super::place::Place;

/// Bytes that a compiled pattern may take; a schema comes from outside and must not eat the memory.
const SIZE_LIMIT: usize = 4 << 20;

const WHOLE: (&str, &str) = ("^(?:", ")$");

/// A pattern that a value matches from its first to its last character.
pub(super) fn whole_value(place: &Place<'_, '_>) -> Result<Regex, SchemaError> {
    let source = place.text("a regular expression")?;
    // Compiled alone first: brackets that balance only inside the frame would change what is matched.
    compile(place, source)?;
    compile(place, &format!("{}{source}{}", WHOLE.0, WHOLE.1))
}

/// The pattern that [`whole_value`] was given.
pub(super) fn source_of_whole(pattern: &Regex) -> &str {
    let framed = pattern.as_str();
    framed.strip_prefix(WHOLE.0).and_then(|rest| rest.strip_suffix(WHOLE.1)).unwrap_or(framed)
}

/// A pattern that finds a number in prose: its first group.
pub(super) fn in_prose(place: &Place<'_, '_>) -> Result<Regex, SchemaError> {
    let source = place.text("a regular expression")?;
    // Compiling is dear, so the author's own pattern is compiled only to say what is wrong with it.
    let pattern =
        compile(place, &loosen_blanks(source)).or_else(|error| compile(place, source).and(Err(error)))?;
    if pattern.captures_len() < 2 {
        return Err(SchemaError::PatternGroup { pointer: place.pointer() });
    }
    Ok(pattern)
}

fn compile(place: &Place<'_, '_>, source: &str) -> Result<Regex, SchemaError> {
    let built = RegexBuilder::new(source).size_limit(SIZE_LIMIT).dot_matches_new_line(true).build();
    built.map_err(|error| SchemaError::Pattern { pointer: place.pointer(), reason: reason(&error) })
}

/// The last line of what the engine says; the lines above draw the pattern.
fn reason(error: &regex::Error) -> String {
    let message = error.to_string();
    let last = message.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// Replaces every run of literal blanks by `\s+`: prose wraps, and a line end must not hide the number. Blanks
/// in classes stay, and so does a pattern in the mode in which blanks mean nothing.
fn loosen_blanks(source: &str) -> String {
    let ignores_blanks = source.match_indices("(?").any(|(at, _)| {
        let flags = source[at + 2..].split([')', ':', '<', '=', '!']).next().unwrap_or("");
        flags.split('-').next().is_some_and(|set| set.contains('x'))
    });
    if ignores_blanks {
        return source.to_owned();
    }
    let (mut loose, mut class_depth, mut escaped) =
        (String::with_capacity(source.len() + 16), 0_usize, false);
    let mut characters = source.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class_depth += 1,
            ']' => class_depth = class_depth.saturating_sub(1),
            ' ' if class_depth == 0 => {
                while characters.next_if_eq(&' ').is_some() {}
                loose.push_str(r"(?:\s+)");
                continue;
            }
            _ => {}
        }
        loose.push(character);
    }
    loose
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blanks_of_the_pattern_match_line_ends() {
        let value = json!("capital is ([0-9, ]+?) [Ss]hares");
        let pattern = in_prose(&Place::root(&value)).unwrap();
        let found = pattern.captures("the capital\n  is 1,000\nshares").unwrap();
        assert_eq!(&found[1], "1,000");
    }

    #[test]
    fn loosening_leaves_classes_escapes_and_verbose_patterns_alone() {
        assert_eq!(loosen_blanks(r"a  b[ x\] ]\ c"), r"a(?:\s+)b[ x\] ]\ c");
        assert_eq!(loosen_blanks("(?x) a b"), "(?x) a b");
        assert_eq!(loosen_blanks("(?<x>a) b"), r"(?<x>a)(?:\s+)b");
    }

    #[test]
    fn the_frame_of_whole_values_comes_off_again() {
        let value = json!("a|b");
        let pattern = whole_value(&Place::root(&value)).unwrap();
        assert!(pattern.is_match("b") && !pattern.is_match("ab"));
        assert_eq!(source_of_whole(&pattern), "a|b");
    }
}
