//! Check that the open data file is still the one at its path.

use std::ffi::OsString;
use std::fs::metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A file as it was last seen.
#[derive(Debug, Clone, Copy)]
struct FileStat {
    device: u64,
    inode: u64,
    length: u64,
}

impl FileStat {
    /// `None` if the file does not exist or cannot be read.
    fn of(path: &Path) -> Option<Self> {
        let found = metadata(path).ok()?;
        Some(Self { device: found.dev(), inode: found.ino(), length: found.len() })
    }

    /// Whether `now` is the same file and not shorter.
    fn goes_on_as(&self, now: Option<Self>) -> bool {
        now.is_some_and(|now| {
            (self.device, self.inode) == (now.device, now.inode) && self.length <= now.length
        })
    }
}

/// A data file and its write-ahead log, which only this process writes.
#[derive(Debug)]
pub(super) struct FileWatch {
    data: PathBuf,
    log: PathBuf,
    /// The files after the last write; `None` for a file that did not exist.
    seen: [Option<FileStat>; 2],
}

/// The data file was deleted, moved, replaced or cut short, or its log was.
#[derive(Debug, thiserror::Error)]
#[error(
    "the data file {} was deleted, moved, replaced or cut short while the server ran: put it back, or stop the server and \
     restore a backup", .0.display()
)]
pub(super) struct FileReplaced(PathBuf);

impl FileWatch {
    /// Watches a file that was just opened.
    pub(super) fn new(data: &Path) -> Self {
        let mut log = OsString::from(data);
        log.push("-wal");
        let mut watched = Self { data: data.to_owned(), log: log.into(), seen: [None; 2] };
        watched.remember();
        watched
    }

    /// Remembers the files after a write.
    pub(super) fn remember(&mut self) {
        self.seen = [&self.data, &self.log].map(|path| FileStat::of(path));
    }

    /// Checks that the files are still those that were written.
    ///
    /// # Errors
    /// The files are others: what is written to them would be lost.
    pub(super) fn check(&self) -> Result<(), FileReplaced> {
        let [data, log] = self.seen;
        // The log exists from the first write on, as long as the connection does.
        let is_same = data.is_some_and(|seen| seen.goes_on_as(FileStat::of(&self.data)))
            && log.is_none_or(|seen| seen.goes_on_as(FileStat::of(&self.log)));
        if is_same { Ok(()) } else { Err(FileReplaced(self.data.clone())) }
    }
}
