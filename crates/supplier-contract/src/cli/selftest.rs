//! `supplier-contract selftest`

use std::io::{self, Write};

use crate::selftest;

use super::exit::{self, Failure};
use super::{block_on, print};

/// Breaks a server on purpose in every way that there is, and prints which checks noticed.
pub(super) fn selftest(options: &selftest::Options, out: &mut dyn Write) -> Result<u8, Failure> {
    let known = |name: &String| {
        selftest::target::DEFECTS.iter().any(|mutant| mutant.id == name || mutant.rule.as_str() == name)
    };
    if let Some(unknown) = options.only.iter().find(|name| !known(name)) {
        return Err(Failure::usage(format!(
            "--only {unknown:?}: is no defect, and no rule that one breaks; `selftest` without --only names them all"
        )));
    }
    let matrix = block_on(async {
        let tested = selftest::selftest(options, |row| {
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
