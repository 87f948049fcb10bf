//! Rows by label and records by key: comparison of printed names.

use unicode_normalization::UnicodeNormalization;

/// A name after NFKC, in lower case, its blanks single.
pub(crate) fn folded(text: &str) -> String {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A folded label without a trailing colon.
pub(crate) fn label(text: &str) -> String {
    let mut label = folded(text);
    label.truncate(label.trim_end_matches([':', ' ']).len());
    label
}

/// A folded label without trailing footnote marks, colons and dots.
pub(crate) fn bare(text: &str) -> String {
    let mut label = folded(text);
    loop {
        let trimmed = label.trim_end_matches([':', '.', '*', '†', '‡', ' ']);
        let shorter = without_mark(trimmed).trim_end();
        if shorter.len() == label.len() || shorter.is_empty() {
            return label;
        }
        label.truncate(shorter.len());
    }
}

/// How lines begin or end that carry a sum over a page, folded.
const CARRIED: [&str; 24] = [
    "brought forward",
    "carried forward",
    "carried over",
    "brought down",
    "carried down",
    "balance forward",
    "c/f",
    "b/f",
    "c/fwd",
    "b/fwd",
    "übertrag",
    "vortrag",
    "saldovortrag",
    "à reporter",
    "a reporter",
    "report à nouveau",
    "suma y sigue",
    "suma anterior",
    "a riportare",
    "riporto",
    "承前頁",
    "承前页",
    "過次頁",
    "过次页",
];

/// Whether a row carries a sum over a page or from an account before: it is no addend of its column.
pub(crate) fn is_carried(text: &str) -> bool {
    if text.is_ascii() && !has_carrying_word(text) {
        return false;
    }
    let folded = bare(text);
    CARRIED.iter().any(|phrase| match folded.strip_prefix(phrase) {
        Some(rest) => rest.is_empty() || rest.starts_with([' ', ':', ',']),
        None => folded.strip_suffix(phrase).is_some_and(|rest| rest.ends_with([' ', ','])),
    })
}

/// Whether a text in ASCII has a piece of a phrase of [`CARRIED`]: all others have none of them.
fn has_carrying_word(text: &str) -> bool {
    const PIECES: [&str; 8] = ["forward", "carried", "brought", "/f", "trag", "report", "suma", "riport"];
    /// By byte: whether a piece begins with it, whatever its case.
    const BEGINS_PIECE: [bool; 256] = {
        let mut begins = [false; 256];
        let mut piece = 0;
        while piece < PIECES.len() {
            let first = PIECES[piece].as_bytes()[0];
            begins[first as usize] = true;
            begins[first.to_ascii_uppercase() as usize] = true;
            piece += 1;
        }
        begins
    };
    let bytes = text.as_bytes();
    let starts = |at: usize| {
        let rest = &bytes[at..];
        let same = |piece: &&str| {
            rest.get(..piece.len()).is_some_and(|start| start.eq_ignore_ascii_case(piece.as_bytes()))
        };
        BEGINS_PIECE[usize::from(rest[0])] && PIECES.iter().any(same)
    };
    (0..bytes.len()).any(starts)
}

/// Takes one trailing `(1)`, `(a)` or `(note 2)` off.
fn without_mark(label: &str) -> &str {
    let Some(open) = label.ends_with(')').then(|| label.rfind('(')).flatten() else { return label };
    let inner = label[open + 1..label.len() - 1].trim();
    let number = inner.strip_prefix("note").unwrap_or(inner).trim();
    let is_mark =
        !number.is_empty() && number.len() <= 2 && number.chars().all(|c| c.is_ascii_alphanumeric());
    if is_mark && open > 0 { &label[..open] } else { label }
}

/// Whether one of two folded names is the other with more whole words behind it.
pub(crate) fn is_word_prefix(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    !short.is_empty() && long.strip_prefix(short).is_some_and(|rest| rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_colons_do_not_tell_labels_apart() {
        assert_eq!(bare("Total  Fees (1):"), bare("total fees"));
        assert_eq!(bare("Audit (Note 2)*"), "audit");
        assert_eq!(bare("Interest (net)"), "interest (net)");
        assert_eq!(bare("(1)"), "(1)");
    }

    #[test]
    fn lines_that_carry_a_sum_are_known() {
        for text in [
            "Balance brought forward",
            "Übertrag",
            "Übertrag von Seite 2",
            "c/f",
            "承前頁",
            "Total carried forward:",
        ] {
            assert!(is_carried(text), "{text}");
        }
        for phrase in CARRIED.iter().filter(|phrase| phrase.is_ascii()) {
            assert!(is_carried(&phrase.to_uppercase()), "{phrase}");
        }
        for text in ["Forward contracts", "Reporting fees", "Carried interest", ""] {
            assert!(!is_carried(text), "{text}");
        }
    }

    #[test]
    fn a_prefix_ends_at_a_word() {
        assert!(is_word_prefix("ganzhou geshuo", "ganzhou geshuo investment"));
        assert!(!is_word_prefix("gan", "ganzhou"));
    }
}
