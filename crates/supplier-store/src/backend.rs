//! Storage backend: locks a sandbox, runs an operation, and waits until the change is durable.
//!
//! An operation is written once, as a provided method of a store trait over [`Backend`]. A backend decides how a call gets
//! access to a sandbox, and when a change is durable.

pub(crate) mod access;
pub(crate) mod receipt;

use std::sync::Arc;

use access::{AccessMode, Entry};
use async_trait::async_trait;
use supplier_domain::Timestamp;

use crate::engine::journal::JournalState;
use crate::engine::sandbox::Sandbox;
use crate::engine::slot::Slot;
use crate::work::work_for;
use crate::{NewKey, SandboxId, StoreError, StoreOptions};

/// A sandbox that is not stored yet.
pub struct Insertion {
    pub(crate) sandbox: Sandbox,
    /// Whether its base state is new as well.
    pub(crate) has_new_base: bool,
    pub(crate) journal: JournalState,
    pub(crate) keys: Vec<NewKey>,
}

/// A storage backend: what the operations of a store need of it. All backends are in this crate. Errors are those of every
/// method of a [`Store`](crate::Store).
#[async_trait]
pub trait Backend: Send + Sync {
    /// The options that the store was opened with.
    fn options(&self) -> StoreOptions;

    /// Asks for access to a sandbox.
    fn enter(&self, id: &SandboxId, server: Timestamp) -> Result<Entry, StoreError>;

    /// A number for a base state, which the store gives only once.
    async fn new_number(&self) -> Result<i64, StoreError>;

    /// Stores a new sandbox.
    ///
    /// # Errors
    /// [`StoreError::SandboxExists`], [`StoreError::KeyExists`]; then nothing is stored.
    async fn insert(&self, insertion: Insertion, server: Timestamp) -> Result<(), StoreError>;

    /// Copies a sandbox and its journal, for a long read.
    async fn copy(&self, id: &SandboxId, server: Timestamp) -> Result<(Sandbox, JournalState), StoreError>;

    /// Empties the journal of a sandbox that is locked and was just reset.
    fn reset_journal(&self, slot: &Arc<Slot>);
}

/// How an operation uses its sandbox, whatever the backend.
pub(crate) trait Visit: Backend {
    /// Runs `act` with the sandbox locked. Returns its result once the change is durable.
    fn visit<T: Send>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        mode: AccessMode,
        act: impl FnOnce(&Arc<Slot>, &mut Sandbox) -> T + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        async move {
            let (done, receipt) = self.enter(id, server)?.access().await?.act(mode, server, act).await?;
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

    /// Changes a sandbox, and notifies its listeners.
    fn change<T: Send>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        self.visit(id, server, AccessMode::Write, |_, sandbox| act(sandbox))
    }

    /// Changes a sandbox by a long operation. Only the sandbox's own calls wait for it.
    fn change_long<T: Send + 'static>(
        &self,
        id: &SandboxId,
        server: Timestamp,
        act: impl FnOnce(&mut Sandbox) -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        async move {
            let (done, receipt) = self.enter(id, server)?.access().await?.work(act).await?;
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

impl<B: Backend + ?Sized> Visit for B {}
