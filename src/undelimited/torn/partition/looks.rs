//! What cells look like beside and below one another, packed so that joining two readings takes constant time.

/// Columns of kinds that do not go together, one above another.
const NUMBER_AND_TEXT: f32 = 5.0;
const MIXED_AND_OTHER: f32 = 2.0;
/// Records that differ between two columns in what goes by records: currency signs, brackets, percent signs,
/// decimals, letters behind the number; and columns that differ so in most records.
const MARK_DIFFERS: [f32; Marks::COUNT] = [3.0, 1.5, 3.0, 1.5, 3.0];
const MARKS_DIFFER: f32 = 1.0;

/// What a reading's numbers look like, record by record, in bits of a mask; the first 64 records.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    /// Records with a number.
    pub(super) numbers: u64,
    /// Records with a currency sign, brackets, a percent sign, decimals, letters.
    pub(super) looks: [u64; Self::COUNT],
}

impl Marks {
    pub(super) const COUNT: usize = 5;

    /// The marks of both, those of `below` so many records further down.
    pub(super) fn over(self, below: Self, rows: i16) -> Self {
        let shift = |mask: u64| mask.checked_shl(u32::from(rows.unsigned_abs())).unwrap_or(0);
        let mut both = Self { numbers: self.numbers | shift(below.numbers), ..self };
        for (mask, other) in both.looks.iter_mut().zip(below.looks) {
            *mask |= shift(other);
        }
        both
    }

    /// Bits of standing side by side.
    pub(super) fn bits_beside(self, right: Self) -> f32 {
        let both = self.numbers & right.numbers;
        if both == 0 {
            return 0.0;
        }
        let count = both.count_ones();
        let mut bits = 0.0;
        for ((left, right), weight) in self.looks.iter().zip(right.looks).zip(MARK_DIFFERS) {
            let differ = ((left ^ right) & both).count_ones();
            bits += weight * differ.min(count - differ) as f32;
            bits += if differ * 2 > count { MARKS_DIFFER } else { 0.0 };
        }
        bits
    }
}

/// The kinds of cells in the columns of a reading, two bits a column: 0 not known, 1 number, 2 words, 3 both.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kinds(u32);

impl Kinds {
    pub(super) fn set(&mut self, column: u8, kind: u32) {
        self.0 |= kind << (2 * u32::from(column));
    }

    /// These where they are known, else those of `other`.
    pub(super) fn or(self, other: Self) -> Self {
        let known = (self.0 | self.0 >> 1) & 0x5555_5555;
        let known = known | known << 1;
        Self(self.0 | other.0 & !known)
    }

    /// Bits of standing below `above`.
    pub(super) fn bits_below(self, above: Self) -> f32 {
        if (self.0 ^ above.0) == 0 {
            return 0.0;
        }
        let mut bits = 0.0;
        let (mut own, mut other) = (self.0, above.0);
        while own != 0 && other != 0 {
            bits += match (own & 3, other & 3) {
                (0, _) | (_, 0) => 0.0,
                (one, two) if one == two => 0.0,
                (BOTH, _) | (_, BOTH) => MIXED_AND_OTHER,
                _ => NUMBER_AND_TEXT,
            };
            own >>= 2;
            other >>= 2;
        }
        bits
    }
}

/// What the print of the cell of `column` looks like.
pub(super) fn look_at(print: &str, column: u8, marks: &mut Marks, kinds: &mut Kinds) {
    let has_digits = print.bytes().any(|byte| byte.is_ascii_digit());
    let has_letters = print.chars().any(char::is_alphabetic);
    let starts_as_number =
        print.starts_with(|first: char| first.is_ascii_digit() || "($€£+-−.".contains(first));
    let kind = match (has_digits, has_letters) {
        (false, false) => return,
        (true, false) => NUMBER,
        (true, true) if starts_as_number => BOTH,
        _ => WORDS,
    };
    kinds.set(column, kind);
    if kind != WORDS {
        marks.numbers = 1;
        let looks = [
            print.contains(['$', '€', '£']),
            print.contains('('),
            print.contains('%'),
            print.contains('.'),
            has_letters,
        ];
        for (mask, has_look) in marks.looks.iter_mut().zip(looks) {
            *mask |= u64::from(has_look);
        }
    }
}

/// The kinds of cells that [`Kinds`] knows.
const NUMBER: u32 = 1;
const WORDS: u32 = 2;
const BOTH: u32 = 3;
