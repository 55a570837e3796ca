//! Sandboxes as documents.

use supplier_domain::{Problem, Timestamp};
use supplier_store::{SandboxId, Snapshot};

use crate::sandboxes::MAX_WINDOW_MINUTES;
use crate::{Control, ControlError};

impl Control {
    /// All of a sandbox but its keys, as a JSON document: [`Origin::Snapshot`](crate::Origin::Snapshot) makes a sandbox of
    /// it.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::SnapshotTooLarge`].
    pub async fn export(&self, id: &SandboxId, server: Timestamp) -> Result<Vec<u8>, ControlError> {
        let snapshot = self.store.export(id, server).await?;
        let json = serde_json::to_vec(&snapshot).unwrap_or_else(|_| {
            unreachable!("it is strings and numbers, and its maps have strings for keys")
        });
        let (size, cap) = (json.len(), self.caps.snapshot_bytes);
        if size > cap { Err(ControlError::SnapshotTooLarge { size, cap }) } else { Ok(json) }
    }

    pub(crate) fn check_snapshot(&self, snapshot: &Snapshot) -> Result<(), Vec<Problem>> {
        snapshot.check()?;
        let refuse = |field: &'static str, problem: String| Err(vec![Problem::new(field, problem)]);
        if snapshot.suppliers.len() > self.caps.suppliers {
            return refuse("snapshot.suppliers", format!("must be at most {}", self.caps.suppliers));
        }
        if snapshot.window_minutes > MAX_WINDOW_MINUTES {
            return refuse("snapshot.windowMinutes", format!("must be from 0 to {MAX_WINDOW_MINUTES}"));
        }
        Ok(())
    }
}
