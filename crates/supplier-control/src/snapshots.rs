//! Snapshots: sandboxes as documents.

use std::io;

use supplier_domain::{Problem, Timestamp};
use supplier_store::{SandboxId, Snapshot, work_for};

use crate::caps::MAX_WINDOW_MINUTES;
use crate::{Control, ControlError};

/// Writer into memory, up to a maximum size.
struct Bounded {
    bytes: Vec<u8>,
    cap: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + more.len() > self.cap {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Control {
    /// Exports a sandbox without its keys as a JSON document, which [`Origin::Snapshot`](crate::Origin::Snapshot) restores.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::SnapshotTooLarge`].
    pub async fn export(&self, id: &SandboxId, server: Timestamp) -> Result<Vec<u8>, ControlError> {
        let cap = self.caps.snapshot_bytes;
        if self.store.size(id, server).await?.least_snapshot_bytes() > cap {
            return Err(ControlError::SnapshotTooLarge { cap });
        }
        let snapshot = self.store.export(id, server).await?;
        work_for(id, move || {
            let mut json = Bounded { bytes: Vec::new(), cap };
            // A snapshot is strings and numbers, with strings as keys of maps: serialising fails only at the maximum size.
            serde_json::to_writer(&mut json, &snapshot)
                .map_err(|_| ControlError::SnapshotTooLarge { cap })?;
            Ok(json.bytes)
        })
        .await
    }

    /// Reads an exported snapshot, on a thread that answers no calls.
    ///
    /// # Errors
    /// [`ControlError::Invalid`]: all of its problems.
    pub async fn read_snapshot(&self, json: String) -> Result<Box<Snapshot>, ControlError> {
        Ok(work_for(&incoming(), move || Snapshot::read(&json).map(Box::new)).await?)
    }
}

/// Id under which a snapshot is read before it is a sandbox: incoming snapshots wait for each other, and for nothing else.
pub(crate) fn incoming() -> SandboxId {
    SandboxId::baseline("snapshots", 0, 0)
}

pub(crate) fn check_snapshot(snapshot: &Snapshot, most_suppliers: usize) -> Result<(), Vec<Problem>> {
    snapshot.check()?;
    let refuse = |field: &'static str, problem: String| Err(vec![Problem::new(field, problem)]);
    if snapshot.suppliers.len() > most_suppliers {
        return refuse("snapshot.suppliers", format!("must be at most {most_suppliers}"));
    }
    if snapshot.window_minutes > MAX_WINDOW_MINUTES {
        return refuse("snapshot.windowMinutes", format!("must be from 0 to {MAX_WINDOW_MINUTES}"));
    }
    Ok(())
}
