//! `supplier-contract selftest`

use std::io::{self, Write};

use crate::selftest;
use clap::Args;

use super::exit::{self, Failure};
use super::{block_on, print};

#[derive(Args)]
pub(super) struct Options {
    /// Number of runs against the unbroken server, each with another seed
    #[arg(
        long,
        value_name = "N",
        default_value_t = 3,
        env = "SUPPLIER_CONTRACT_UNBROKEN",
        hide_env_values = true
    )]
    unbroken: u32,
    /// Run every check for every defect, not only the checks of the rule that it breaks
    #[arg(long)]
    full: bool,
    /// Only these defects, or the defects of these rules; repeat the option for more
    #[arg(long, value_name = "DEFECT|RULE", value_delimiter = ',')]
    only: Vec<String>,
    /// First random seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Breaks a server on purpose in every way that there is, and prints which checks noticed.
pub(super) fn selftest(options: &Options, out: &mut dyn Write) -> Result<u8, Failure> {
    let known = |name: &String| {
        selftest::target::DEFECTS.iter().any(|mutant| mutant.id == name || mutant.rule.as_str() == name)
    };
    if let Some(unknown) = options.only.iter().find(|name| !known(name)) {
        return Err(Failure::usage(format!(
            "--only {unknown:?}: is no defect, and no rule that one breaks; `selftest` without --only names them all"
        )));
    }
    let asked = selftest::Options {
        unbroken: options.unbroken,
        full: options.full,
        only: options.only.clone(),
        seed: options.seed,
    };
    let matrix = block_on(async {
        let tested = selftest::selftest(&asked, |row| {
            if !row.is_killed() {
                // The matrix comes at the end; that something survived is told at once.
                let _ = writeln!(
                    io::stderr(),
                    "survived: {} ({}): {}",
                    row.mutant.id,
                    row.mutant.rule,
                    row.mutant.title
                );
            }
        });
        tested.await.map_err(Failure::unreachable)
    })?;
    print(out, &matrix.text())?;
    Ok(if matrix.holds() { exit::CONFORMS } else { exit::BROKEN })
}
