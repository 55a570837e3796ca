//! Output files.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// So many symbolic links are followed, as the system does.
const MAX_LINKS: usize = 40;

/// Where a path leads.
#[derive(Debug)]
pub(crate) enum Place {
    /// To a regular file, or to where there can be one.
    File(PathBuf),
    /// To what is written into as it stands: a pipe, a terminal, `/dev/stdout`.
    Stream(PathBuf),
}

impl Place {
    /// Follows the links of `path`, and finds out whether it can be written to, as far as that can be known before.
    ///
    /// # Errors
    /// It leads to a directory, or to where nothing can be written.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let path = follow(path)?;
        if path.starts_with("/dev") || path.starts_with("/proc") {
            return Ok(Self::Stream(path));
        }
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => return Ok(Self::Stream(path)),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        tempfile::Builder::new().tempfile_in(directory(&path))?;
        Ok(Self::File(path))
    }

    /// Writes `text`: into a stream, or as a file that comes to be as a whole or not at all, so that whoever reads it never
    /// sees a half.
    ///
    /// # Errors
    /// It cannot be written, or not whole.
    pub(crate) fn write(&self, text: &str) -> io::Result<()> {
        match self {
            Self::Stream(path) => OpenOptions::new().append(true).open(path)?.write_all(text.as_bytes()),
            Self::File(path) => {
                let known = fs::metadata(path).map(|known| known.permissions());
                let permissions = known.unwrap_or_else(|_| Permissions::from_mode(0o644));
                let mut file =
                    tempfile::Builder::new().permissions(permissions).tempfile_in(directory(path))?;
                file.write_all(text.as_bytes())?;
                file.persist(path).map(drop).map_err(|error| error.error)
            }
        }
    }
}

/// Where the links end that `path` begins, there or not.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        if path.starts_with("/dev") || path.starts_with("/proc") {
            return Ok(path);
        }
        match fs::read_link(&path) {
            Ok(next) => path = directory(&path).join(next),
            // It is no link, or not there.
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
    fn a_report_goes_where_links_lead_and_takes_nothing_else_away() {
        let directory = tempfile::tempdir().unwrap();
        let [file, link, part] =
            ["report.json", "link", "report.json.part"].map(|name| directory.path().join(name));
        fs::write(&file, "old").unwrap();
        fs::write(&part, "another's").unwrap();
        symlink("report.json", &link).unwrap();
        Place::of(&link).unwrap().write("new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::read_to_string(&part).unwrap(), "another's");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "the link stays");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3, "nothing else is left");
    }

    #[test]
    fn what_is_no_regular_file_is_written_into() {
        Place::of(Path::new("/dev/null")).unwrap().write("x").unwrap();
        assert!(Path::new("/dev/null").exists());
        assert!(Place::of(Path::new("/dev/full")).unwrap().write("x").is_err());
        let directory = tempfile::tempdir().unwrap();
        assert!(Place::of(directory.path()).is_err());
        assert!(Place::of(&directory.path().join("nowhere/report.json")).is_err());
    }
}
