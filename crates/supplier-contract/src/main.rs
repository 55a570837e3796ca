//! The program around the suite.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
