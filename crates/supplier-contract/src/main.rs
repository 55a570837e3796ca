//! The program `supplier-contract`.

use std::process::ExitCode;

fn main() -> ExitCode {
    supplier_contract::cli::main()
}
