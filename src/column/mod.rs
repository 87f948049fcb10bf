//! Columns: what the values of one look like, and how well a printed text fits, in bits.
//!
//! Readers of undelimited print and the aligner measure texts alike.

pub(crate) mod fit;
pub(crate) mod model;
pub(crate) mod plain;
