//! Operations on sandboxes as a whole.

pub(crate) mod info;

use async_trait::async_trait;
use supplier_domain::{ClockChange, ClockRefusal, ClockState, Supplier, Timestamp};

pub use info::{Epoch, NewFork, NewSandbox, SandboxId, SandboxInfo, Settings};

use crate::backend::access::AccessMode;
use crate::backend::{Backend, Insertion, Visit as _};
use crate::engine::journal::JournalState;
use crate::engine::sandbox::Sandbox;
use crate::work::{discard, work_for};
use crate::{Snapshot, StoreError};

/// The sandboxes of a server. [`Store`](crate::Store) tells what all methods have in common.
#[async_trait]
pub trait Sandboxes: Backend {
    /// Creates a sandbox, whose clock runs from `server` on.
    ///
    /// # Errors
    /// [`StoreError::SandboxExists`], [`StoreError::NoSupplier`], [`StoreError::KeyExists`].
    async fn create(&self, mut sandbox: NewSandbox, server: Timestamp) -> Result<(), StoreError> {
        let (id, keys) = (sandbox.id.clone(), std::mem::take(&mut sandbox.keys));
        let (options, base) = (self.options(), self.new_number().await?);
        let sandbox = work_for(&id, move || Sandbox::new(sandbox, options, base, server)).await;
        for key in &keys {
            sandbox.info.demand_supplier(&key.supplier)?;
        }
        let journal = JournalState::default();
        self.insert(Insertion { sandbox, has_new_base: true, journal, keys }, server).await
    }

    /// Creates a copy of `from` in its present state (orders, withheld orders, suppliers, clock), without API keys. From then
    /// on, changes of one do not show in the other.
    ///
    /// # Errors
    /// [`StoreError::SandboxExists`] if the copy's name is taken.
    async fn fork(&self, from: &SandboxId, fork: NewFork, server: Timestamp) -> Result<(), StoreError> {
        let sandbox = self.within(from, server, |sandbox| sandbox.fork(fork, server)).await?;
        let (journal, keys) = (JournalState::default(), Vec::new());
        self.insert(Insertion { sandbox, has_new_base: false, journal, keys }, server).await
    }

    /// A snapshot of a sandbox: everything but its API keys.
    async fn export(&self, id: &SandboxId, server: Timestamp) -> Result<Snapshot, StoreError> {
        let (mut sandbox, journal) = self.copy(id, server).await?;
        let export = move || {
            let mut snapshot = sandbox.export(server);
            (snapshot.journal, snapshot.scorecards) = journal.export();
            snapshot
        };
        Ok(work_for(id, export).await)
    }

    /// Creates a sandbox, without API keys, from a snapshot that [`Snapshot::check`] has passed. The sandbox continues from
    /// the snapshot, its clock too; a reset restores the snapshot. `fork` gives the name, the settings and the end.
    ///
    /// # Errors
    /// [`StoreError::SandboxExists`].
    async fn restore(&self, snapshot: Snapshot, fork: NewFork, server: Timestamp) -> Result<(), StoreError> {
        let (options, base, id) = (self.options(), self.new_number().await?, fork.id.clone());
        let restore = move || Sandbox::restored(snapshot, fork, options, base, server);
        let (sandbox, journal) = work_for(&id, restore).await;
        self.insert(Insertion { sandbox, has_new_base: true, journal, keys: Vec::new() }, server).await
    }

    /// Resets a sandbox to its first state, its clock too. API keys stay. Suppliers that were added stay as well, without
    /// orders. Calls that were authenticated before ([`Caller::epoch`](crate::Caller::epoch)) do nothing from then on.
    async fn reset(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        let before = self.visit(id, server, AccessMode::Write, |slot, sandbox| {
            let before = sandbox.reset(server);
            // First: who keeps a call reads the epoch while the journal is locked.
            slot.publish(sandbox);
            self.reset_journal(slot);
            before
        });
        discard(before.await?);
        Ok(())
    }

    /// Removes a sandbox and its API keys.
    async fn delete(&self, id: &SandboxId, server: Timestamp) -> Result<(), StoreError>;

    /// Removes the sandboxes that have expired by `server`, and returns their number. No other method finds an expired
    /// sandbox, whether it is removed yet or not.
    async fn expire(&self, server: Timestamp) -> Result<usize, StoreError>;

    /// The description of a sandbox.
    async fn sandbox(&self, id: &SandboxId, server: Timestamp) -> Result<SandboxInfo, StoreError>;

    /// The number of sandboxes, without baselines.
    async fn count(&self, server: Timestamp) -> Result<usize, StoreError>;

    /// All sandboxes but baselines, oldest first.
    async fn sandboxes(&self, server: Timestamp) -> Result<Vec<SandboxInfo>, StoreError>;

    /// Adds a supplier without orders.
    ///
    /// # Errors
    /// [`StoreError::SupplierExists`].
    async fn add_supplier(
        &self,
        sandbox: &SandboxId,
        supplier: Supplier,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        let id = supplier.id.clone();
        let is_new = self
            .visit(sandbox, server, AccessMode::WriteQuietly, |_, sandbox| sandbox.add_supplier(supplier))
            .await?;
        if is_new { Ok(()) } else { Err(StoreError::SupplierExists(sandbox.clone(), id)) }
    }

    /// The time and the mode of a sandbox's clock.
    async fn clock(&self, sandbox: &SandboxId, server: Timestamp) -> Result<ClockState, StoreError> {
        self.within(sandbox, server, |sandbox| sandbox.clock(server)).await
    }

    /// Changes a sandbox's clock, and returns its new state. A refusal, since a clock does not go back, is no failure of the store.
    async fn change_clock(
        &self,
        sandbox: &SandboxId,
        change: ClockChange,
        server: Timestamp,
    ) -> Result<Result<ClockState, ClockRefusal>, StoreError> {
        self.visit(sandbox, server, AccessMode::WriteQuietly, |_, sandbox| {
            sandbox.change_clock(change, server)
        })
        .await
    }

    /// Writes everything that waits to be written, such as the journal. The store is not to be used afterwards.
    async fn close(&self) -> Result<(), StoreError>;
}
