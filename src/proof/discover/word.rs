//! Relations in words of the check language.

/// Terms written out before the middle is left away.
const MAX_TERMS: usize = 8;

/// `target = a + b - c`.
pub(crate) fn sum_of(target: &str, terms: impl Iterator<Item = (i128, String)>) -> String {
    let terms: Vec<(i128, String)> = terms.collect();
    let mut rule = format!("{target} =");
    for (position, (coefficient, name)) in terms.iter().enumerate() {
        if terms.len() > MAX_TERMS && position > 1 && position + 1 < terms.len() {
            if position == 2 {
                rule.push_str(" + ...");
            }
            continue;
        }
        rule.push_str(match (position, *coefficient < 0) {
            (0, false) => " ",
            (0, true) => " -",
            (_, false) => " + ",
            (_, true) => " - ",
        });
        rule.push_str(name);
    }
    rule
}
