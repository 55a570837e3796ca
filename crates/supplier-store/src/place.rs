//! How a call comes to its sandbox, and what it waits for before it is answered.
//!
//! What is done with a sandbox is the same wherever it is kept. A backend says how a call enters, and what has to happen
//! to what the call saw and did.

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

/// What a call waits for before it has its sandbox.
enum Wait {
    /// Others change it.
    Busy,
    /// So much has come in that it is placed elsewhere first.
    Behind,
}

impl Visit {
    /// Calls `act` with the sandbox locked. The receipt is to be waited for before anybody is told what it returned.
    async fn act<T>(
        self,
        does: Does,
        server: Timestamp,
        act: impl FnOnce(&Arc<Slot>, &mut Sandbox) -> T,
    ) -> Result<(T, Receipt), StoreError> {
        let Self { slot, way } = self;
        loop {
            let wait = match slot.lock_idle() {
                None => Wait::Busy,
                Some(sandbox) if sandbox.is_far_behind(server) => Wait::Behind,
                Some(mut sandbox) => {
                    way.check()?;
                    let done = act(&slot, &mut sandbox);
                    slot.note(&sandbox);
                    return Ok((done, way.receipt(&slot, does, sandbox)));
                }
            };
            match wait {
                Wait::Busy => slot.idle().await,
                Wait::Behind => {
                    way.check()?;
                    let caught_up = slot.change_copy(move |sandbox| sandbox.state.catch_up(server)).await;
                    caught_up.put(|_| ()).ok_or_else(not_written)?;
                }
            }
        }
    }

    /// The same for what takes long: a copy is changed on a thread that answers no calls.
    async fn work<T: Send + 'static>(
        self,
        act: impl FnOnce(&mut Sandbox) -> T + Send + 'static,
    ) -> Result<(T, Receipt), StoreError> {
        let Self { slot, way } = self;
        way.check()?;
        let changed = slot.change_copy(act).await;
        let kept = changed.put(|sandbox| {
            way.check()?;
            slot.tell();
            Ok::<_, StoreError>(way.receipt(&slot, Does::Change, sandbox))
        });
        let (done, receipt) = kept.ok_or_else(not_written)?;
        Ok((done, receipt?))
    }
}

impl Way {
    /// Fails while nothing can be kept.
    fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::File(queue) => queue.check(),
            Self::Memory | Self::Turn(_) => Ok(()),
        }
    }

    /// What a call waits for that has done with a sandbox what it came for.
    fn receipt(self, slot: &Arc<Slot>, does: Does, sandbox: MutexGuard<'_, Sandbox>) -> Receipt {
        match self {
            Self::Memory => Receipt::NONE,
            Self::File(queue) if does == Does::Look => queue.looked(),
            Self::File(queue) => queue.touch(slot),
            Self::Turn(Pass { open, committed }) => {
                drop(sandbox);
                drop(open);
                Receipt::of(committed)
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
            let (done, receipt) = self.enter(id, server).await?.act(does, server, act).await?;
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

    /// Changes a sandbox: those who wait for that are told.
    fn change<T: Send>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        self.visit(id, server, Does::Change, |slot, sandbox| {
            let done = act(sandbox);
            slot.tell();
            done
        })
    }

    /// Changes a sandbox by what takes long: nobody but its own calls waits for that.
    fn change_at_length<T: Send + 'static>(
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

    /// Looks at a copy of a sandbox for as long as that takes, on a thread that answers no calls.
    fn look_at_length<T: Send + 'static>(
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
