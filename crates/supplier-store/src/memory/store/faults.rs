//! Faults, in memory.

use std::sync::Arc;

use async_trait::async_trait;
use supplier_domain::Timestamp;
use supplier_domain::fault::{Call, Fault, FaultId, NewFault, Strike, TooManyFaults};

use super::MemoryStore;
use crate::{Caller, FaultPlans, SandboxId, StoreError};

#[async_trait]
impl FaultPlans for MemoryStore {
    async fn arm_fault(
        &self,
        sandbox: &SandboxId,
        fault: NewFault,
        server: Timestamp,
    ) -> Result<Result<Fault, TooManyFaults>, StoreError> {
        self.change(sandbox, server, |sandbox| {
            let (faults, now) = sandbox.faults(server);
            let id = faults.arm(fault, now)?;
            faults.armed(now).find(|fault| fault.id == id).cloned().ok_or(TooManyFaults)
        })
    }

    async fn faults(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Vec<Fault>, StoreError> {
        self.within(sandbox, server, |sandbox| {
            let (faults, now) = sandbox.faults(server);
            faults.armed(now).cloned().collect()
        })
    }

    async fn disarm_fault(
        &self,
        sandbox: &SandboxId,
        fault: FaultId,
        server: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change(sandbox, server, |sandbox| sandbox.faults(server).0.disarm(fault))
    }

    async fn clear_faults(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        self.change(sandbox, server, |sandbox| sandbox.faults(server).0.clear())
    }

    async fn strike(
        &self,
        caller: &Caller,
        call: &Call<'_>,
        server: Timestamp,
    ) -> Result<Strike, StoreError> {
        let slot = Arc::clone(self.read().slot(&caller.sandbox, server)?);
        if !slot.is_armed() {
            return Ok(Strike::default());
        }
        let mut sandbox = slot.lock();
        let (faults, now) = sandbox.faults(server);
        Ok(faults.decide(call, now))
    }
}
