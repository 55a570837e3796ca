//! Output files.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Maximum number of symbolic links, as in the operating system.
const MAX_LINKS: usize = 40;

/// Target of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OutputTarget {
    /// A regular file, existing or not.
    File(PathBuf),
    /// A stream: a pipe, a terminal, `/dev/stdout`.
    Stream(PathBuf),
}

/// File that this process created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    path: PathBuf,
    /// Device and inode, which tell it from another file of the same name.
    identity: (u64, u64),
}

impl OutputTarget {
    /// Follows the symbolic links of `path`.
    ///
    /// # Errors
    /// The path leads to a directory, or cannot be read.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let path = follow(path)?;
        if is_system(&path) {
            return Ok(Self::Stream(path));
        }
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => Ok(Self::Stream(path)),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(Self::File(path)),
        }
    }

    /// Checks that the target is writable, as far as possible without writing.
    pub(super) fn check(&self) -> io::Result<()> {
        match self {
            Self::File(path) => tempfile::Builder::new().tempfile_in(directory(path)).map(drop),
            Self::Stream(_) => Ok(()),
        }
    }

    /// Writes `content`: atomically to a regular file, with the permissions `mode` if it is new, or appended to a stream.
    /// Waits until a pipe has a reader.
    pub(super) fn write(&self, content: &[u8], mode: u32) -> io::Result<Option<Made>> {
        match self {
            Self::Stream(path) => match OpenOptions::new().append(true).open(path)?.write_all(content) {
                // The reader has closed the pipe.
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
                _ => Ok(None),
            },
            Self::File(path) => {
                let known = fs::metadata(path).map(|known| known.permissions());
                let permissions = known.unwrap_or_else(|_| Permissions::from_mode(mode));
                let mut file =
                    tempfile::Builder::new().permissions(permissions).tempfile_in(directory(path))?;
                file.write_all(content)?;
                let made = file.persist(path).map_err(|error| error.error)?.metadata()?;
                Ok(Some(Made { path: path.clone(), identity: (made.dev(), made.ino()) }))
            }
        }
    }
}

impl Made {
    /// Removes the file, if it is still the one that this process created.
    pub(super) fn remove(&self) {
        let is_it = |found: fs::Metadata| (found.dev(), found.ino()) == self.identity;
        if fs::symlink_metadata(&self.path).is_ok_and(is_it) {
            // Another process may remove it at this moment.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether a path names an open file descriptor or a device.
fn is_system(path: &Path) -> bool {
    path.starts_with("/dev") || path.starts_with("/proc")
}

/// End of the chain of links that starts at `path`, existing or not.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        if is_system(&path) {
            return Ok(path);
        }
        match fs::read_link(&path) {
            Ok(next) => path = directory(&path).join(next),
            // The path is no link, or does not exist.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_file_is_replaced_as_a_whole_where_its_links_lead() {
        let directory = tempfile::tempdir().unwrap();
        let [file, link, dangling, nowhere] =
            ["file", "link", "dangling", "nowhere"].map(|name| directory.path().join(name));
        fs::write(&file, "what was there").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        symlink("nowhere", &dangling).unwrap();
        for (path, target, mode) in [(&link, &file, 0o640), (&dangling, &nowhere, 0o600)] {
            let made = OutputTarget::of(path).unwrap().write(b"new", 0o600).unwrap().unwrap();
            assert_eq!(fs::read_to_string(target).unwrap(), "new");
            assert_eq!(fs::metadata(target).unwrap().permissions().mode() & 0o777, mode);
            assert!(fs::symlink_metadata(path).unwrap().is_symlink(), "the link stays");
            made.remove();
            assert!(!target.exists() && fs::symlink_metadata(path).unwrap().is_symlink());
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "nothing else is left");
    }

    #[test]
    fn what_another_put_in_its_place_is_not_removed() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        let made = OutputTarget::of(&file).unwrap().write(b"mine", 0o600).unwrap().unwrap();
        let other = directory.path().join("other");
        fs::write(&other, "another's").unwrap();
        fs::rename(&other, &file).unwrap();
        made.remove();
        assert_eq!(fs::read_to_string(&file).unwrap(), "another's");
    }

    #[test]
    fn what_is_no_regular_file_is_a_stream_and_a_directory_is_neither() {
        let directory = tempfile::tempdir().unwrap();
        for path in ["/dev/stdout", "/dev/null", "/proc/self/fd/1"] {
            assert_eq!(OutputTarget::of(Path::new(path)).unwrap(), OutputTarget::Stream(path.into()));
        }
        let link = directory.path().join("link");
        symlink("/dev/stdout", &link).unwrap();
        assert_eq!(OutputTarget::of(&link).unwrap(), OutputTarget::Stream("/dev/stdout".into()));
        assert_eq!(OutputTarget::of(directory.path()).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        let round = directory.path().join("round");
        symlink("round", &round).unwrap();
        assert!(OutputTarget::of(&round).is_err());
    }
}
