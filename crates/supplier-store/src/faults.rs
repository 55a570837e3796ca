//! Faults of a sandbox.

use async_trait::async_trait;
use supplier_domain::Timestamp;
use supplier_domain::fault::{Call, Fault, FaultId, NewFault, Strike, TooManyFaults};

use crate::{Caller, SandboxId, StoreError};

/// The faults that are armed in a server's sandboxes. Each method is atomic: it happens as a whole at one moment, or not
/// at all. A fork begins with the faults of its original, and a reset puts those back that a sandbox began with.
///
/// `server` is always the server's own time; a sandbox's clock makes its own of it.
#[async_trait]
pub trait FaultPlans: Send + Sync {
    /// Arms a fault, and returns it.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`]; that there are too many is no failure of the store.
    async fn arm_fault(
        &self,
        sandbox: &SandboxId,
        fault: NewFault,
        server: Timestamp,
    ) -> Result<Result<Fault, TooManyFaults>, StoreError>;

    /// The faults that are armed, in the order of arming, each with how often it fired.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn faults(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Vec<Fault>, StoreError>;

    /// Disarms a fault. Returns whether it was armed.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn disarm_fault(
        &self,
        sandbox: &SandboxId,
        fault: FaultId,
        server: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Disarms all faults.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn clear_faults(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError>;

    /// Decides what goes wrong with a call by `caller`, by [`supplier_domain::Faults::decide`], and counts it.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`], [`StoreError::Reset`].
    async fn strike(&self, caller: &Caller, call: &Call<'_>, server: Timestamp)
    -> Result<Strike, StoreError>;
}
