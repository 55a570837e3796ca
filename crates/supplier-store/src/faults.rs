//! Faults of a sandbox.

use async_trait::async_trait;
use supplier_domain::Timestamp;
use supplier_domain::fault::{Call, Fault, FaultId, NewFault, Strike, TooManyFaults};

use crate::backend::access::AccessMode;
use crate::backend::{Backend, Visit as _};
use crate::{Caller, SandboxId, StoreError};

/// The armed faults of sandboxes. [`Store`](crate::Store) tells what all methods have in common.
///
/// A fork begins with the faults of its original. A reset restores the faults that the sandbox began with.
#[async_trait]
pub trait FaultPlans: Backend {
    /// Arms a fault, and returns it. Too many faults are no failure of the store.
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

    /// The armed faults in the order of arming, each with how often it fired.
    async fn faults(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Vec<Fault>, StoreError> {
        self.within(sandbox, server, |sandbox| {
            let (faults, now) = sandbox.faults(server);
            faults.armed(now).cloned().collect()
        })
        .await
    }

    /// Disarms a fault. Returns whether it was armed.
    async fn disarm_fault(
        &self,
        sandbox: &SandboxId,
        fault: FaultId,
        server: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change(sandbox, server, |sandbox| sandbox.faults(server).0.disarm(fault)).await
    }

    /// Disarms all faults.
    async fn clear_faults(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError> {
        self.change(sandbox, server, |sandbox| sandbox.faults(server).0.clear()).await
    }

    /// Decides by [`supplier_domain::Faults::decide`] which fault strikes a call by `caller`, and counts it.
    ///
    /// # Errors
    /// [`StoreError::Reset`].
    async fn strike(
        &self,
        caller: &Caller,
        call: &Call<'_>,
        server: Timestamp,
    ) -> Result<Strike, StoreError> {
        self.visit(&caller.sandbox, server, AccessMode::WriteQuietly, |_, sandbox| {
            sandbox.admit(caller)?;
            Ok(sandbox.strike(call, server))
        })
        .await?
    }
}

impl<B: Backend> FaultPlans for B {}
