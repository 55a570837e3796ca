//! The file that says that the server serves.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::json;
use supplier_sandbox::SandboxServer;

use super::Failure;

/// The file; it is gone when this is dropped.
pub(super) struct ReadyFile(PathBuf);

impl ReadyFile {
    /// Removes what an earlier server may have left: whoever waits for the file must not find that one.
    pub(super) fn claim(path: PathBuf) -> Result<Self, Failure> {
        let removed = remove(&path).and_then(|()| remove(&part(&path)));
        removed.map_err(|error| refuse(&path, &error))?;
        Ok(Self(path))
    }

    /// Writes where `server` serves and for whom. Whoever sees the file sees all of it.
    pub(super) fn write(&self, server: &SandboxServer) -> Result<(), Failure> {
        let supplier = |access: &supplier_sandbox::SupplierAccess| json!({ "id": access.id(), "name": access.name(), "key": access.key() });
        let suppliers: Vec<_> = server.suppliers().iter().map(supplier).collect();
        let content = json!({ "url": server.url(), "docs": server.docs_url(), "suppliers": suppliers });
        let part = part(&self.0);
        // It holds keys: for the owner's eyes only. The mode is that of a new file, and of no other.
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
            writeln!(file, "{content}")?;
            fs::rename(&part, &self.0)
        };
        write().map_err(|error| refuse(&self.0, &error))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        // Somebody else may have removed it already.
        let _ = fs::remove_file(&self.0);
    }
}

/// The file while it is written.
fn part(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// Removes a file, if there is one.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn refuse(path: &Path, error: &io::Error) -> Failure {
    Failure::Unusable(format!(
        "error: --ready-file {}: {error}; name a file in a directory that can be written to",
        path.display()
    ))
}
