//! Journals and scorecards, in memory.

use std::sync::Arc;

use async_trait::async_trait;
use supplier_domain::{CallRecord, Observation, RequestId, Timestamp};

use super::MemoryStore;
use crate::backend::Visit as _;
use crate::backend::access::AccessMode;
use crate::engine::sandbox::Sandbox;
use crate::engine::slot::Slot;
use crate::{CallSearch, Changes, Epoch, FoundCalls, Journal, KeptCall, SandboxId, Scorecards, StoreError};

#[async_trait]
impl Journal for MemoryStore {
    async fn keep_call(
        &self,
        sandbox: &SandboxId,
        epoch: Option<Epoch>,
        record: CallRecord,
        observed: Option<Observation>,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        let slot = Arc::clone(self.read().slot(sandbox, server)?);
        self.check()?;
        // The lock is released before the dropped call is freed.
        let gave_way = {
            let mut journal = slot.journal();
            // A reset publishes its epoch before it takes this lock to empty the journal.
            if epoch.is_some_and(|epoch| epoch != slot.epoch()) {
                return Ok(());
            }
            journal.keep(record, observed.as_ref())
        };
        drop(gave_way);
        self.queue_journal(&slot);
        slot.notify();
        Ok(())
    }

    async fn calls(
        &self,
        sandbox: &SandboxId,
        search: &CallSearch,
        server: Timestamp,
    ) -> Result<FoundCalls, StoreError> {
        self.read_journal(sandbox, server, |journal| journal.calls.find(search))
    }

    async fn call(
        &self,
        sandbox: &SandboxId,
        id: RequestId,
        server: Timestamp,
    ) -> Result<Option<KeptCall>, StoreError> {
        self.read_journal(sandbox, server, |journal| journal.calls.call(id))
    }

    /// Without a file, no call is lost.
    fn lost(&self) -> u64 {
        self.queue.as_ref().map_or(0, |queue| queue.lost())
    }

    async fn clear_calls(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        let slot = Arc::clone(self.read().slot(sandbox, server)?);
        self.check()?;
        slot.journal().calls.clear();
        self.queue_journal(&slot);
        slot.notify();
        Ok(())
    }

    async fn scorecards(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Scorecards, StoreError> {
        let read = |slot: &Arc<Slot>, sandbox: &mut Sandbox| {
            slot.journal().scorecards(sandbox.clock(server).now, &sandbox.info.suppliers)
        };
        self.visit(sandbox, server, AccessMode::Read, read).await
    }

    async fn changes(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Changes, StoreError> {
        Ok(self.read().slot(sandbox, server)?.listen())
    }
}
