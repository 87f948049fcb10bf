//! Tables whose rows follow one another word by word.

use super::print::Print;
use super::set::SetTable;
use crate::budget::Budget;
use crate::schema::Catalog;

/// The tables of a print that are read so, each with the bits that the reading gains.
pub(crate) fn find_tables(_print: &Print<'_>, _catalog: &Catalog, _budget: &mut Budget) -> Vec<SetTable> {
    Vec::new()
}
