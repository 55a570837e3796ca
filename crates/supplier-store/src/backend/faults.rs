//! Faults, wherever they are kept.

use async_trait::async_trait;
use supplier_domain::Timestamp;
use supplier_domain::fault::{Call, Fault, FaultId, NewFault, Strike, TooManyFaults};

use super::Backend;
use crate::{Caller, FaultPlans, SandboxId, StoreError};

#[async_trait]
impl<P: Backend> FaultPlans for P {
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
        .await
    }

    async fn faults(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Vec<Fault>, StoreError> {
        self.within(sandbox, server, |sandbox| {
            let (faults, now) = sandbox.faults(server);
            faults.armed(now).cloned().collect()
        })
        .await
    }

    async fn disarm_fault(
        &self,
        sandbox: &SandboxId,
        fault: FaultId,
        server: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change(sandbox, server, |sandbox| sandbox.faults(server).0.disarm(fault)).await
    }

    async fn clear_faults(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        self.change(sandbox, server, |sandbox| sandbox.faults(server).0.clear()).await
    }

    async fn strike(
        &self,
        caller: &Caller,
        call: &Call<'_>,
        server: Timestamp,
    ) -> Result<Strike, StoreError> {
        self.change_quietly(&caller.sandbox, server, |sandbox| {
            sandbox.admit(caller)?;
            let (faults, now) = sandbox.faults(server);
            Ok(faults.decide(call, now))
        })
        .await?
    }
}
