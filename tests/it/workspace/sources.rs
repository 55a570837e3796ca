//! The files of the repository, as far as people write them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::root;

/// Directories whose content is made by tools, wherever they are.
const MADE: [&str; 2] = ["node_modules", "__pycache__"];
/// The same in the root: elsewhere it is a module's name.
const BUILD: &str = "target";

/// A text file, with its path from the root.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl Source {
    pub(super) fn has_extension(&self, extension: &str) -> bool {
        self.path.extension().is_some_and(|found| found == extension)
    }

    pub(super) fn is_in(&self, directory: &str) -> bool {
        self.path.components().any(|component| component.as_os_str() == directory)
    }
}

/// All of them, but for hidden ones.
pub(super) fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    collect(root(), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(directory: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_made = MADE.contains(&&*name) || (directory == root() && name == BUILD);
        if name.starts_with('.') || is_made {
            continue;
        }
        if path.is_dir() {
            collect(&path, found);
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push(Source { path: path.strip_prefix(root()).unwrap().to_owned(), text });
        }
    }
}
