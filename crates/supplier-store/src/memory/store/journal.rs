//! Journals and scorecards, in memory.

use std::sync::Arc;

use async_trait::async_trait;
use supplier_domain::{CallRecord, Observation, RequestId, Supplier, Timestamp};

use super::MemoryStore;
use crate::{CallSearch, Changes, FoundCalls, Journal, KeptCall, SandboxId, Scorecards, StoreError};

#[async_trait]
impl Journal for MemoryStore {
    async fn keep_call(
        &self,
        sandbox: &SandboxId,
        record: CallRecord,
        observed: Option<Observation>,
        server: Timestamp,
    ) -> Result<(), StoreError> {
        let slot = Arc::clone(self.read().slot(sandbox, server)?);
        let record = Arc::new(record);
        // The lock is released before what gave way is dropped.
        let gave_way = slot.recorded().keep(record, observed.as_ref());
        drop(gave_way);
        slot.tell();
        Ok(())
    }

    async fn calls(
        &self,
        sandbox: &SandboxId,
        search: &CallSearch,
        server: Timestamp,
    ) -> Result<FoundCalls, StoreError> {
        let slot = Arc::clone(self.read().slot(sandbox, server)?);
        let found = slot.recorded().find(search);
        Ok(found)
    }

    async fn call(
        &self,
        sandbox: &SandboxId,
        id: RequestId,
        server: Timestamp,
    ) -> Result<Option<KeptCall>, StoreError> {
        let slot = Arc::clone(self.read().slot(sandbox, server)?);
        let call = slot.recorded().call(id);
        Ok(call)
    }

    async fn clear_calls(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        let slot = Arc::clone(self.read().slot(sandbox, server)?);
        slot.recorded().clear();
        slot.tell();
        Ok(())
    }

    async fn scorecards(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Scorecards, StoreError> {
        self.in_slot(sandbox, server, |slot, sandbox| {
            let (now, recorded) = (sandbox.clock(server).now, slot.recorded());
            let scorecard = |supplier: &Supplier| (supplier.clone(), recorded.scorecard(&supplier.id));
            let by_supplier = sandbox.info().suppliers.iter().map(scorecard).collect();
            Scorecards { now, by_supplier, dropped: recorded.dropped() }
        })
    }

    async fn changes(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Changes, StoreError> {
        Ok(self.read().slot(sandbox, server)?.changes())
    }
}
