//! `supplier-sandbox scenario`, and the choice of a scenario.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use supplier_seed::{BUILTIN, Scenario, ScenarioErrors};

use super::{Failure, print};

/// One byte more than the maximum size of a scenario file, which shows that a file is too long.
const MAX_READ: u64 = 1024 * 1024 + 1;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Validate a scenario file, and summarise what it contains
    Check {
        /// Path of the scenario file
        file: PathBuf,
        /// Random seed for the orders in the summary
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
    },
}

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    let Command::Check { file, seed } = command;
    let scenario = read(file)?.map_err(|errors| Failure::Found(errors.to_string()))?;
    print(&format!("{}: {}\n{}\n", file.display(), scenario.title(), scenario.summary(*seed)))
}

/// Scenario to serve.
pub(super) enum Choice {
    /// A built-in scenario.
    Builtin(String),
    /// A scenario file, already read.
    Read(Box<Scenario>),
}

/// Scenario that `choice` names: a built-in one, or a file.
pub(super) fn choose(choice: &str) -> Result<Choice, Failure> {
    if BUILTIN.contains(&choice) {
        return Ok(Choice::Builtin(choice.to_owned()));
    }
    let path = Path::new(choice);
    if !path.exists() {
        return Err(Failure::Unusable(format!(
            "error: there is no scenario {choice:?}: it is no file, and the built-in ones are {}",
            BUILTIN.join(", ")
        )));
    }
    let read = read(path)?.map_err(|errors| Failure::Unusable(errors.to_string()))?;
    Ok(Choice::Read(Box::new(read)))
}

fn read(path: &Path) -> Result<Result<Scenario, ScenarioErrors>, Failure> {
    let failed = |problem: &dyn std::fmt::Display| {
        Failure::Unusable(format!("error: cannot read {}: {problem}", path.display()))
    };
    let file = File::open(path).map_err(|error| failed(&error))?;
    let mut bytes = Vec::new();
    file.take(MAX_READ).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let sound = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
            let line = sound.matches('\n').count() + 1;
            return Err(failed(&format_args!(
                "it is not UTF-8 text; the first wrong byte is in line {line}"
            )));
        }
    };
    Ok(Scenario::parse(&path.display().to_string(), &text))
}
