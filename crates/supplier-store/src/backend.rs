//! Storage backend: locks a sandbox, runs an operation, and waits until the change is durable.
//!
//! An operation is the same for every backend. A backend decides how a call gets access to a sandbox, and when a change
//! counts as durable.

mod faults;
mod orders;

use std::sync::{Arc, MutexGuard};

use supplier_domain::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::memory::directory::Slot;
use crate::memory::queue::{Queue, Receipt, not_written};
use crate::memory::sandbox::Sandbox;
use crate::work::work_for;
use crate::{SandboxId, StoreError};

/// How a call uses a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessMode {
    /// The call reads. Orders that are due by now may be placed first.
    Read,
    /// The call changes the sandbox.
    Write,
}

/// A call's access to the sandbox that it has found.
pub(crate) struct Access {
    pub(crate) slot: Arc<Slot>,
    pub(crate) storage: Storage,
}

/// Where the sandbox is stored.
pub(crate) enum Storage {
    /// In memory only.
    Memory,
    /// In memory and in a file.
    File(Arc<Queue>),
    /// In a database, which has locked the sandbox's row.
    Database(BatchTicket),
}

/// A call's part of a transaction batch: the row stays locked until every call of the batch has dropped its ticket.
pub(crate) struct BatchTicket {
    pub(crate) open: mpsc::Sender<()>,
    /// Receives a message once the batch is committed; closed if the commit failed.
    pub(crate) committed: oneshot::Receiver<()>,
}

/// Why a call cannot have its sandbox yet.
enum Wait {
    /// Another call changes a copy of the sandbox.
    Busy,
    /// Many orders are due: they are placed on another thread first.
    ManyOrdersDue,
}

impl Access {
    /// Runs `act` with the sandbox locked. Nobody may see its result before the receipt is settled.
    async fn act<T>(
        self,
        mode: AccessMode,
        server: Timestamp,
        act: impl FnOnce(&Arc<Slot>, &mut Sandbox) -> T,
    ) -> Result<(T, Receipt), StoreError> {
        let Self { slot, storage } = self;
        loop {
            let wait = match slot.lock_idle() {
                None => Wait::Busy,
                Some(sandbox) if sandbox.is_far_behind(server) => Wait::ManyOrdersDue,
                Some(mut sandbox) => {
                    storage.check()?;
                    let done = act(&slot, &mut sandbox);
                    slot.note(&sandbox);
                    return Ok((done, storage.receipt(&slot, mode, sandbox)));
                }
            };
            match wait {
                Wait::Busy => slot.idle().await,
                Wait::ManyOrdersDue => {
                    storage.check()?;
                    let caught_up = slot.change_copy(move |sandbox| sandbox.state.catch_up(server)).await;
                    caught_up.put(|_| ()).ok_or_else(not_written)?;
                }
            }
        }
    }

    /// Runs a long operation on a copy of the sandbox, on a thread that answers no calls.
    async fn work<T: Send + 'static>(
        self,
        act: impl FnOnce(&mut Sandbox) -> T + Send + 'static,
    ) -> Result<(T, Receipt), StoreError> {
        let Self { slot, storage } = self;
        storage.check()?;
        let changed = slot.change_copy(act).await;
        let kept = changed.put(|sandbox| {
            storage.check()?;
            slot.tell();
            Ok::<_, StoreError>(storage.receipt(&slot, AccessMode::Write, sandbox))
        });
        let (done, receipt) = kept.ok_or_else(not_written)?;
        Ok((done, receipt?))
    }
}

impl Storage {
    /// Fails while the backend cannot store anything.
    fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::File(queue) => queue.check(),
            Self::Memory | Self::Database(_) => Ok(()),
        }
    }

    /// What a call has to wait for after its operation, before it is answered.
    fn receipt(self, slot: &Arc<Slot>, mode: AccessMode, sandbox: MutexGuard<'_, Sandbox>) -> Receipt {
        match self {
            Self::Memory => Receipt::NONE,
            Self::File(queue) if mode == AccessMode::Read => queue.looked(),
            Self::File(queue) => queue.touch(slot),
            Self::Database(BatchTicket { open, committed }) => {
                drop(sandbox);
                drop(open);
                Receipt::of(committed)
            }
        }
    }
}

/// A storage backend.
pub(crate) trait Backend: Send + Sync {
    /// Gets access to a sandbox.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::Unavailable`].
    fn enter(
        &self,
        id: &SandboxId,
        server: Timestamp,
    ) -> impl Future<Output = Result<Access, StoreError>> + Send;

    /// Runs `act` with the sandbox locked. Returns its result once the change is durable.
    fn visit<T: Send>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        mode: AccessMode,
        act: impl FnOnce(&Arc<Slot>, &mut Sandbox) -> T + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        async move {
            let (done, receipt) = self.enter(id, server).await?.act(mode, server, act).await?;
            receipt.settled().await?;
            Ok(done)
        }
    }

    /// Reads a sandbox.
    fn within<T: Send>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        self.visit(id, server, AccessMode::Read, |_, sandbox| act(sandbox))
    }

    /// Changes a sandbox without a notice to its listeners.
    fn change_quietly<T: Send>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        self.visit(id, server, AccessMode::Write, |_, sandbox| act(sandbox))
    }

    /// Changes a sandbox, and notifies its listeners.
    fn change<T: Send>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        self.visit(id, server, AccessMode::Write, |slot, sandbox| {
            let done = act(sandbox);
            slot.tell();
            done
        })
    }

    /// Changes a sandbox by a long operation. Only the sandbox's own calls wait for it.
    fn change_long<T: Send + 'static>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        async move {
            let (done, receipt) = self.enter(id, server).await?.work(act).await?;
            receipt.settled().await?;
            Ok(done)
        }
    }

    /// Reads a copy of a sandbox by a long operation, on a thread that answers no calls.
    fn read_long<T: Send + 'static>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        async move {
            let mut copy = self.within(id, server, Sandbox::copy_at(server)).await?;
            Ok(work_for(id, move || act(&mut copy)).await)
        }
    }
}
