//! A report that is a file, written when the run is over.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Reporter;
use crate::outcome::{Event, Report};

/// A file to be.
pub(super) struct File {
    path: PathBuf,
    render: fn(&Report) -> Result<String, String>,
}

impl File {
    /// One at that path, which is found out to be writable.
    pub(super) fn create(path: &Path, render: fn(&Report) -> Result<String, String>) -> Result<Self, String> {
        let cannot = |error: io::Error| format!("{}: the report cannot be written: {error}", path.display());
        if path.is_dir() {
            return Err(format!("{}: the report cannot be written: it is a directory", path.display()));
        }
        let beside = beside(path);
        fs::write(&beside, "").map_err(cannot)?;
        fs::remove_file(&beside).map_err(cannot)?;
        Ok(Self { path: path.to_owned(), render })
    }
}

impl Reporter for File {
    fn tell(&mut self, event: &Event) -> io::Result<()> {
        let Event::Finished(report) = event else { return Ok(()) };
        let text = (self.render)(report).map_err(io::Error::other)?;
        // As a whole or not at all: whoever reads it never sees a half.
        let beside = beside(&self.path);
        fs::write(&beside, text)?;
        fs::rename(&beside, &self.path)
    }
}

/// Where it is written before it is there.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}
