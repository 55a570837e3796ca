//! Ready file.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use supplier_sandbox::SandboxServer;
use tokio::sync::oneshot;

use super::Failure;
use super::output::{Made, OutputTarget};

/// More than a ready file has, in bytes: what is larger is none.
const MAX_SIZE: u64 = 1 << 20;

/// The file; it is gone when this is dropped, if this process made it.
pub(super) struct ReadyFile {
    path: PathBuf,
    place: OutputTarget,
    made: Arc<Mutex<Option<Made>>>,
}

impl ReadyFile {
    /// Removes what an earlier server may have left: whoever waits for the file must not find that one. What is not of a
    /// server stays, and the file is refused.
    pub(super) fn claim(path: PathBuf) -> Result<Self, Failure> {
        let claimed = OutputTarget::of(&path).and_then(|place| {
            place.check()?;
            if let OutputTarget::File(file) = &place {
                remove_left(file)?;
            }
            Ok(place)
        });
        let place = claimed.map_err(|error| refuse(&path, &error))?;
        Ok(Self { path, place, made: Arc::default() })
    }

    /// Writes where `server` serves and for whom. Whoever sees the file sees all of it. A pipe is written to once somebody
    /// reads it, which is waited for.
    pub(super) async fn write(&self, server: &SandboxServer) -> Result<(), Failure> {
        let supplier = |access: &supplier_sandbox::SupplierAccess| json!({ "id": access.id(), "name": access.name(), "key": access.key() });
        let suppliers: Vec<_> = server.suppliers().iter().map(supplier).collect();
        let content = json!({ "url": server.url(), "docs": server.docs_url(), "suppliers": suppliers });
        let (place, made) = (self.place.clone(), Arc::clone(&self.made));
        let (done, written) = oneshot::channel();
        // On a thread that the end of the program does not wait for.
        std::thread::spawn(move || {
            // It holds keys: for the owner's eyes only.
            let written = place.write(format!("{content}\n").as_bytes(), 0o600).map(|file| {
                *made.lock().unwrap_or_else(PoisonError::into_inner) = file;
            });
            // Nobody waits for it once the server stops.
            let _ = done.send(written);
        });
        let lost = || Err(io::Error::other("it was not written"));
        written.await.unwrap_or_else(|_| lost()).map_err(|error| refuse(&self.path, &error))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        if let Some(made) = self.made.lock().unwrap_or_else(PoisonError::into_inner).take() {
            made.remove();
        }
    }
}

/// Removes the ready file of a server that did not come to remove it.
fn remove_left(path: &PathBuf) -> io::Result<()> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    let mut text = Vec::new();
    file.take(MAX_SIZE).read_to_end(&mut text)?;
    let is_left = serde_json::from_slice::<Value>(&text)
        .is_ok_and(|value| ["url", "docs", "suppliers"].iter().all(|name| value.get(name).is_some()));
    if is_left {
        return fs::remove_file(path);
    }
    // Nothing is lost of what somebody made only to have a name.
    if text.is_empty() {
        return Ok(());
    }
    Err(io::Error::other("there is a file of that name already, which no server wrote; it was left as it is"))
}

fn refuse(path: &std::path::Path, error: &io::Error) -> Failure {
    Failure::Unusable(format!(
        "error: --ready-file {}: {error}; name a file in a directory that can be written to",
        path.display()
    ))
}
