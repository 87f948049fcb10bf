//! The schemas that come with the crate.

/// Their descriptors, in the order of the catalog.
pub(super) const SOURCES: [&str; 10] = [
    include_str!("builtin/share-pledge.json"),
    include_str!("builtin/pledge-release.json"),
    include_str!("builtin/accumulated-pledge.json"),
    include_str!("builtin/poll-results.json"),
    include_str!("builtin/poll-results-cumulative.json"),
    include_str!("builtin/bank-statement.json"),
    include_str!("builtin/invoice.json"),
    include_str!("builtin/shareholding.json"),
    include_str!("builtin/income-statement.json"),
    include_str!("builtin/balance-sheet.json"),
];
