//! The program `supplier-sandbox`.

mod cli;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A request allocates some fifty times; the system's allocator takes twice as long for that.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
