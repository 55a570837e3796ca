//! How a call comes to its sandbox, and what it waits for before it is answered.
//!
//! What is done with a sandbox is the same wherever it is kept. A backend says how a call enters, and what has to happen
//! to what the call saw and did.

mod faults;
mod orders;

use std::sync::Arc;

use supplier_domain::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::memory::directory::Slot;
use crate::memory::queue::{Queue, Receipt, not_written};
use crate::memory::sandbox::Sandbox;
use crate::{SandboxId, StoreError};

/// What a call does with a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// It looks at it. What has come in by now may be placed on the way.
    Look,
    /// It changes it.
    Change,
}

/// A call that has found its sandbox.
pub(crate) struct Visit {
    pub(crate) slot: Arc<Slot>,
    pub(crate) way: Way,
}

/// What the call's sandbox is kept in.
pub(crate) enum Way {
    /// In memory alone.
    Memory,
    /// In memory and in a file.
    File(Arc<Queue>),
    /// In a database, where it is locked.
    Turn(Pass),
}

/// A part in a turn: the sandbox is this server's until all who have one have dropped it.
pub(crate) struct Pass {
    pub(crate) open: mpsc::Sender<()>,
    /// Told when what was done is committed; dropped if it could not be.
    pub(crate) committed: oneshot::Receiver<()>,
}

impl Visit {
    /// Calls `act` with the sandbox locked. The receipt is to be waited for before anybody is told what it returned.
    fn act<T>(
        self,
        does: Does,
        act: impl FnOnce(&Arc<Slot>, &mut Sandbox) -> T,
    ) -> Result<(T, Receipt), StoreError> {
        let Self { slot, way } = self;
        let mut sandbox = slot.lock();
        match way {
            Way::Memory => Ok((act(&slot, &mut sandbox), Receipt::NONE)),
            Way::File(queue) if queue.is_down() => Err(not_written()),
            Way::File(queue) => {
                let done = act(&slot, &mut sandbox);
                Ok((done, if does == Does::Look { queue.looked() } else { queue.touch(&slot) }))
            }
            Way::Turn(Pass { open, committed }) => {
                let done = act(&slot, &mut sandbox);
                drop(sandbox);
                drop(open);
                Ok((done, Receipt::of(committed)))
            }
        }
    }
}

/// A backend.
pub(crate) trait Place: Send + Sync {
    /// Finds a sandbox.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::Unavailable`].
    fn enter(
        &self,
        id: &SandboxId,
        server: Timestamp,
    ) -> impl Future<Output = Result<Visit, StoreError>> + Send;

    /// Calls `act` with the sandbox locked, and returns what that did once it is kept.
    fn visit<T: Send>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        does: Does,
        act: impl FnOnce(&Arc<Slot>, &mut Sandbox) -> T + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        async move {
            let (done, receipt) = self.enter(id, server).await?.act(does, act)?;
            receipt.settled().await?;
            Ok(done)
        }
    }

    /// Looks at a sandbox.
    fn within<T: Send>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        self.visit(id, server, Does::Look, |_, sandbox| act(sandbox))
    }

    /// Changes a sandbox, and whoever waits for that need not know.
    fn change_quietly<T: Send>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        self.visit(id, server, Does::Change, |_, sandbox| act(sandbox))
    }

    /// Changes a sandbox: those who wait for that are told, and what is asked for without its lock is noted.
    fn change<T: Send>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        self.visit(id, server, Does::Change, |slot, sandbox| {
            let done = act(sandbox);
            slot.note(sandbox);
            slot.tell();
            done
        })
    }
}
