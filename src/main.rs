//! The command line.

#![forbid(unsafe_code)]

mod cli;

use std::process::ExitCode;

/// Half of the time of large documents goes into fresh memory where the allocator gives it back after each.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
