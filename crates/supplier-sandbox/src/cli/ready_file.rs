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

/// Size limit in bytes. A larger file is no ready file.
const MAX_SIZE: u64 = 1 << 20;

/// Ready file. It is removed on drop, if this process created it.
pub(super) struct ReadyFile {
    path: PathBuf,
    place: OutputTarget,
    made: Arc<Mutex<Option<Made>>>,
}

impl ReadyFile {
    /// Removes the ready file of an earlier server, which a waiting script must not find. Refuses a file that no server
    /// wrote.
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

    /// Writes the server's URL and suppliers, atomically. Waits until a pipe has a reader.
    pub(super) async fn write(&self, server: &SandboxServer) -> Result<(), Failure> {
        let supplier = |access: &supplier_sandbox::SupplierAccess| json!({ "id": access.id(), "name": access.name(), "key": access.key() });
        let suppliers: Vec<_> = server.suppliers().iter().map(supplier).collect();
        let content = json!({ "url": server.url(), "docs": server.docs_url(), "suppliers": suppliers });
        let (place, made) = (self.place.clone(), Arc::clone(&self.made));
        let (done, written) = oneshot::channel();
        // On a thread that does not delay the end of the program.
        std::thread::spawn(move || {
            // The file has keys, so only its owner may read it.
            let written = place.write(format!("{content}\n").as_bytes(), 0o600).map(|file| {
                *made.lock().unwrap_or_else(PoisonError::into_inner) = file;
            });
            // Nobody needs the file after the server stops.
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

/// Removes the ready file of a server that was killed.
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
    // An empty file is only a reserved name: nothing is lost.
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
