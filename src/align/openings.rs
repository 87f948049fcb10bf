//! The first letters of known texts: most other texts begin like none of them, and need no closer look.

/// The first two letters of texts in lower case.
pub(super) struct Openings {
    pairs: Vec<[u8; 2]>,
    /// By ASCII letter in lower case: whether a pair begins with it.
    letters: [bool; 128],
}

impl Openings {
    /// The openings of texts in lower case.
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut pairs: Vec<[u8; 2]> = Vec::new();
        let mut letters = [false; 128];
        for pair in texts.into_iter().filter_map(|text| text.as_bytes().first_chunk::<2>()) {
            pairs.push(*pair);
            if let Some(begins) = letters.get_mut(usize::from(pair[0])) {
                *begins = true;
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        Self { pairs, letters }
    }

    /// `false` only of texts that begin with none of the texts, whatever their case. Only printed ASCII stays where it is
    /// when a text is folded, and a text of one letter has no pair: of all others it is `true`.
    #[inline]
    pub(super) fn may_open(&self, text: &str) -> bool {
        let Some(pair) = text.as_bytes().first_chunk::<2>() else { return true };
        if !pair.iter().all(u8::is_ascii_graphic) {
            return true;
        }
        let pair = pair.map(|byte| byte.to_ascii_lowercase());
        self.letters.get(usize::from(pair[0])) == Some(&true) && self.pairs.contains(&pair)
    }
}

#[cfg(test)]
mod tests {
    use super::Openings;

    #[test]
    fn texts_that_begin_otherwise_need_no_look() {
        let openings = Openings::of(["total", "sum of all", "x", "été"]);
        for text in ["Total", "TOTALS", "to", "Su", "x", "X y", "Été", "é", "", "合计"] {
            assert!(openings.may_open(text), "{text}");
        }
        for text in ["Rent", "Tea", "xy", "12 to 3", "st"] {
            assert!(!openings.may_open(text), "{text}");
        }
    }
}
