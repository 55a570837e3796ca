//! A call's access to its sandbox.

use std::sync::{Arc, MutexGuard};

use supplier_domain::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::receipt::{Receipt, not_written};
use crate::StoreError;
use crate::engine::sandbox::Sandbox;
use crate::engine::slot::Slot;
use crate::memory::queue::Queue;

/// How a call uses a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessMode {
    /// The call reads. Orders that are due by now may be placed first.
    Read,
    /// The call changes the sandbox without a notice to its listeners.
    WriteQuietly,
    /// The call changes the sandbox, and notifies its listeners.
    Write,
}

/// A call's access to the sandbox that it has found.
pub struct Access {
    pub(crate) slot: Arc<Slot>,
    pub(crate) storage: Storage,
}

/// A call that has asked for access.
pub enum Entry {
    /// The call has access.
    Ready(Access),
    /// The call waits for a transaction batch.
    Queued(oneshot::Receiver<Result<Access, StoreError>>),
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

impl Entry {
    /// Waits for access.
    pub(super) async fn access(self) -> Result<Access, StoreError> {
        match self {
            Self::Ready(access) => Ok(access),
            Self::Queued(access) => {
                let gone = || StoreError::Unavailable("the database could not be asked".into());
                access.await.unwrap_or_else(|_| Err(gone()))
            }
        }
    }
}

impl Access {
    /// Runs `act` with the sandbox locked. Nobody may see its result before the receipt is settled.
    pub(super) async fn act<T>(
        self,
        mode: AccessMode,
        server: Timestamp,
        act: impl FnOnce(&Arc<Slot>, &mut Sandbox) -> T,
    ) -> Result<(T, Receipt), StoreError> {
        let Self { slot, storage } = self;
        loop {
            let is_busy = if let Some(mut sandbox) = slot.lock_idle() {
                storage.check()?;
                if !sandbox.is_far_behind(server) {
                    let done = act(&slot, &mut sandbox);
                    slot.publish(&sandbox);
                    if mode == AccessMode::Write {
                        slot.notify();
                    }
                    return Ok((done, storage.receipt(&slot, mode, sandbox)));
                }
                false
            } else {
                true
            };
            if is_busy {
                slot.idle().await;
            } else {
                // Many orders are due: they are placed on another thread first.
                let caught_up = slot.change_copy(move |sandbox| sandbox.state.catch_up(server)).await;
                caught_up.replace(|_| ()).ok_or_else(not_written)?;
            }
        }
    }

    /// Runs a long operation on a copy of the sandbox, on a thread that answers no calls.
    pub(super) async fn work<T: Send + 'static>(
        self,
        act: impl FnOnce(&mut Sandbox) -> T + Send + 'static,
    ) -> Result<(T, Receipt), StoreError> {
        let Self { slot, storage } = self;
        storage.check()?;
        let changed = slot.change_copy(act).await;
        let kept = changed.replace(|sandbox| {
            storage.check()?;
            slot.notify();
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
            Self::Memory => Receipt(None),
            Self::File(queue) if mode == AccessMode::Read => queue.read_receipt(),
            Self::File(queue) => queue.touch(slot),
            Self::Database(BatchTicket { open, committed }) => {
                drop(sandbox);
                drop(open);
                Receipt(Some(committed))
            }
        }
    }
}
