//! What a cell is to a reader: a sign behind it and a colour.

use crate::table::{Cell, Origin, Status};

/// How a cell is shown. In the order in which a reader should look at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Paint {
    /// A check that fails.
    Contradicted,
    /// Not certain.
    Doubtful,
    /// Nothing is known.
    Missing,
    /// Not printed, but forced.
    Inferred,
    /// Printed elsewhere or otherwise.
    Repaired,
    /// As printed.
    Plain,
}

impl Paint {
    pub(super) const ALL: [Paint; 6] =
        [Self::Repaired, Self::Inferred, Self::Doubtful, Self::Contradicted, Self::Missing, Self::Plain];

    pub(super) fn of(cell: &Cell<'_>, origin: Origin) -> Self {
        match (origin, cell.status) {
            (Origin::Missing, _) => Self::Missing,
            (_, Status::Contradicted) => Self::Contradicted,
            _ if !cell.is_certain() => Self::Doubtful,
            (Origin::Inferred, _) => Self::Inferred,
            _ if origin.is_repair() => Self::Repaired,
            _ => Self::Plain,
        }
    }

    /// The sign behind the cell, for eyes and terminals without colour.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Contradicted => "!",
            Self::Doubtful => "?",
            Self::Missing => "·",
            Self::Inferred => "+",
            Self::Repaired => "*",
            Self::Plain => " ",
        }
    }

    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::Contradicted => "in a check that fails",
            Self::Doubtful => "not certain",
            Self::Missing => "missing",
            Self::Inferred => "not printed, but forced",
            Self::Repaired => "repaired",
            Self::Plain => "as printed",
        }
    }

    pub(super) const fn color(self) -> Color {
        match self {
            Self::Contradicted => Color::Red,
            Self::Doubtful => Color::Yellow,
            Self::Missing => Color::Dim,
            Self::Inferred => Color::Cyan,
            Self::Repaired => Color::Green,
            Self::Plain => Color::None,
        }
    }
}

/// The few colours of terminal output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::emit) enum Color {
    None,
    Red,
    Yellow,
    Green,
    Cyan,
    Bold,
    Dim,
}

impl Color {
    /// The sequences that begin and end the colour; empty without colours.
    pub(in crate::emit) const fn codes(self, on: bool) -> (&'static str, &'static str) {
        if !on {
            return ("", "");
        }
        match self {
            Self::None => ("", ""),
            Self::Red => ("\x1b[31m", "\x1b[0m"),
            Self::Yellow => ("\x1b[33m", "\x1b[0m"),
            Self::Green => ("\x1b[32m", "\x1b[0m"),
            Self::Cyan => ("\x1b[36m", "\x1b[0m"),
            Self::Bold => ("\x1b[1m", "\x1b[0m"),
            Self::Dim => ("\x1b[2m", "\x1b[0m"),
        }
    }
}
