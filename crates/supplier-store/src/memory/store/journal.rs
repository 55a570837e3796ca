//! Journals and scorecards, in memory.

use std::sync::Arc;

use async_trait::async_trait;
use supplier_domain::{CallRecord, Observation, RequestId, Supplier, Timestamp};

use super::super::directory::Slot;
use super::super::sandbox::Sandbox;
use super::MemoryStore;
use crate::backend::{AccessMode, Backend as _};
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
        let record = Arc::new(record);
        // The lock is released before what gave way is dropped.
        let gave_way = {
            let mut recorded = slot.recorded();
            // A reset notes its epoch before it takes this lock to empty the journal.
            if epoch.is_some_and(|epoch| epoch != slot.epoch()) {
                return Ok(());
            }
            recorded.keep(record, observed.as_ref())
        };
        drop(gave_way);
        self.record_behind(&slot);
        slot.tell();
        Ok(())
    }

    async fn calls(
        &self,
        sandbox: &SandboxId,
        search: &CallSearch,
        server: Timestamp,
    ) -> Result<FoundCalls, StoreError> {
        self.in_recorded(sandbox, server, |recorded| recorded.find(search))
    }

    async fn call(
        &self,
        sandbox: &SandboxId,
        id: RequestId,
        server: Timestamp,
    ) -> Result<Option<KeptCall>, StoreError> {
        self.in_recorded(sandbox, server, |recorded| recorded.call(id))
    }

    /// In memory they are in the journal when they are kept.
    fn lost(&self) -> u64 {
        self.queue.as_ref().map_or(0, |queue| queue.lost())
    }

    async fn clear_calls(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        let slot = Arc::clone(self.read().slot(sandbox, server)?);
        self.check()?;
        slot.recorded().clear();
        self.record_behind(&slot);
        slot.tell();
        Ok(())
    }

    async fn scorecards(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Scorecards, StoreError> {
        let read = |slot: &Arc<Slot>, sandbox: &mut Sandbox| {
            let (now, recorded) = (sandbox.clock(server).now, slot.recorded());
            let scorecard = |supplier: &Supplier| (supplier.clone(), recorded.scorecard(&supplier.id));
            let by_supplier = sandbox.info().suppliers.iter().map(scorecard).collect();
            Scorecards { now, by_supplier, dropped: recorded.dropped() }
        };
        self.visit(sandbox, server, AccessMode::Read, read).await
    }

    async fn changes(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Changes, StoreError> {
        Ok(self.read().slot(sandbox, server)?.changes())
    }
}
