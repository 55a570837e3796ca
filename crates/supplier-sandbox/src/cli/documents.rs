//! `supplier-sandbox openapi`

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use supplier_sandbox::openapi;

use super::{Failure, print};

/// The documents, by file name.
fn documents() -> [(&'static str, &'static str); 2] {
    [("supplier-api.json", openapi::json()), ("supplier-api.yaml", openapi::yaml())]
}

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Print YAML instead of JSON
    #[arg(long, conflicts_with_all = ["check", "write"])]
    yaml: bool,
    /// Compare the documents in a directory with what would be printed; exit code 1 if they differ
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "openapi", conflicts_with = "write")]
    check: Option<PathBuf>,
    /// Write both documents into a directory
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "openapi")]
    write: Option<PathBuf>,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    if let Some(directory) = &options.check {
        return check(directory);
    }
    if let Some(directory) = &options.write {
        return write(directory);
    }
    print(if options.yaml { openapi::yaml() } else { openapi::json() })
}

fn check(directory: &Path) -> Result<(), Failure> {
    let mut stale = Vec::new();
    for (name, text) in documents() {
        let path = directory.join(name);
        let found = fs::read_to_string(&path).map_err(|error| unusable("read", &path, &error))?;
        if found != text {
            stale.push(path.display().to_string());
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    let mend = "supplier-sandbox openapi --write";
    Err(Failure::Found(format!(
        "error: {} differ from what the code generates; mend them with: {mend} {}",
        stale.join(" and "),
        directory.display()
    )))
}

fn write(directory: &Path) -> Result<(), Failure> {
    for (name, text) in documents() {
        let path = directory.join(name);
        fs::write(&path, text).map_err(|error| unusable("write", &path, &error))?;
    }
    Ok(())
}

fn unusable(done: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::Unusable(format!(
        "error: cannot {done} {}: {error}; name the directory of the documents, which is openapi in the repository",
        path.display()
    ))
}
