//! Journal of a sandbox: calls searched, followed live, cleared.

use supplier_domain::{RequestId, Timestamp};
use supplier_store::{CallSearch, Changes, FoundCalls, KeptCall, NoPermit, Permit, SandboxId};

use crate::{Control, ControlError};

/// Listener, notified of each change in a sandbox.
#[derive(Debug)]
pub struct Listener {
    changes: Changes,
    _permit: Permit,
}

impl Listener {
    /// Waits for a change since the last call of this method. Returns whether the sandbox still exists.
    pub async fn changed(&mut self) -> bool {
        self.changes.changed().await.is_ok()
    }
}

impl Control {
    /// The calls that match a search.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`].
    pub async fn calls(
        &self,
        sandbox: &SandboxId,
        search: &CallSearch,
        server: Timestamp,
    ) -> Result<FoundCalls, ControlError> {
        Ok(self.store.calls(sandbox, search, server).await?)
    }

    /// A call of the journal.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoCall`].
    pub async fn call(
        &self,
        sandbox: &SandboxId,
        id: RequestId,
        server: Timestamp,
    ) -> Result<KeptCall, ControlError> {
        self.store.call(sandbox, id, server).await?.ok_or(ControlError::NoCall(id))
    }

    /// Clears the journal. Scorecards and audits do not change.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`].
    pub async fn clear_calls(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), ControlError> {
        Ok(self.store.clear_calls(sandbox, server).await?)
    }

    /// A listener, notified of each change in a sandbox from now on.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::TooMany`].
    pub async fn listen(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Listener, ControlError> {
        let changes = self.store.changes(sandbox, server).await?;
        let permit = self.listeners.try_acquire(sandbox).map_err(|why| {
            let (what, cap) = match why {
                NoPermit::Sandbox => ("live listeners of a sandbox", self.caps.listeners_per_sandbox),
                NoPermit::All => ("live listeners", self.caps.listeners),
            };
            ControlError::TooMany { what, cap, remedy: "close one, or ask again later" }
        })?;
        Ok(Listener { changes, _permit: permit })
    }
}
