//! Whether the file that is open is the one that is found under its name.

use std::ffi::OsString;
use std::fs::metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A file as it was last seen.
#[derive(Debug, Clone, Copy)]
struct Seen {
    device: u64,
    inode: u64,
    length: u64,
}

impl Seen {
    /// `None` if there is no file, or none that can be looked at.
    fn of(path: &Path) -> Option<Self> {
        let found = metadata(path).ok()?;
        Some(Self { device: found.dev(), inode: found.ino(), length: found.len() })
    }

    /// Whether `now` is the same file, and nothing of it was cut off.
    fn goes_on_as(&self, now: Option<Self>) -> bool {
        now.is_some_and(|now| {
            (self.device, self.inode) == (now.device, now.inode) && self.length <= now.length
        })
    }
}

/// A data file and its log, which only this process writes to.
#[derive(Debug)]
pub(super) struct Watched {
    data: PathBuf,
    log: PathBuf,
    /// Each as it was after it was last written to; `None` if it was not there.
    seen: [Option<Seen>; 2],
}

/// The data file was deleted, moved, replaced or cut short, or its log was.
#[derive(Debug, thiserror::Error)]
#[error(
    "the data file {} was deleted, moved, replaced or cut short while the server ran: put it back, or stop the server and \
     restore a backup", .0.display()
)]
pub(super) struct Gone(PathBuf);

impl Watched {
    /// Watches a file that was just opened.
    pub(super) fn new(data: &Path) -> Self {
        let mut log = OsString::from(data);
        log.push("-wal");
        let mut watched = Self { data: data.to_owned(), log: log.into(), seen: [None; 2] };
        watched.look();
        watched
    }

    /// Remembers the files as they are, after they were written to.
    pub(super) fn look(&mut self) {
        self.seen = [&self.data, &self.log].map(|path| Seen::of(path));
    }

    /// Looks whether the files are what they were.
    ///
    /// # Errors
    /// They are not: what is written to them would be lost.
    pub(super) fn check(&self) -> Result<(), Gone> {
        let [data, log] = self.seen;
        // The log comes and goes with the connection, and is there once something was written.
        let is_same = data.is_some_and(|seen| seen.goes_on_as(Seen::of(&self.data)))
            && log.is_none_or(|seen| seen.goes_on_as(Seen::of(&self.log)));
        if is_same { Ok(()) } else { Err(Gone(self.data.clone())) }
    }
}
