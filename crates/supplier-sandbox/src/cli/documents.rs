//! `supplier-sandbox openapi`

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use supplier_sandbox::openapi;

use super::{Failure, print};

/// Documents by file name.
fn documents() -> impl Iterator<Item = (String, &'static str)> {
    openapi::DOCUMENTS.iter().flat_map(|document| {
        let name = document.name();
        [(format!("{name}.json"), document.json()), (format!("{name}.yaml"), document.yaml())]
    })
}

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Print YAML instead of JSON
    #[arg(long, conflicts_with_all = ["check", "write"])]
    yaml: bool,
    /// Print the document of the control API instead of the Supplier API's
    #[arg(long, conflicts_with_all = ["check", "write"])]
    control: bool,
    /// Compare the documents in a directory with the generated ones; exit code 1 if they differ
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "openapi", conflicts_with = "write")]
    check: Option<PathBuf>,
    /// Write all documents to a directory
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
    let document = if options.control { &openapi::SANDBOX_CONTROL } else { &openapi::SUPPLIER_API };
    print(if options.yaml { document.yaml() } else { document.json() })
}

fn check(directory: &Path) -> Result<(), Failure> {
    let mut stale = Vec::new();
    for (name, text) in documents() {
        let path = directory.join(&name);
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
        let path = directory.join(&name);
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
