//! Faults of a sandbox: armed, counted, disarmed.

use supplier_domain::Timestamp;
use supplier_domain::fault::{Fault, FaultId, NewFault};
use supplier_store::SandboxId;

use crate::{Control, ControlError};

impl Control {
    /// Arms a fault, and returns it.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoSupplier`], [`ControlError::TooManyFaults`].
    pub async fn arm_fault(
        &self,
        sandbox: &SandboxId,
        new: NewFault,
        server: Timestamp,
    ) -> Result<Fault, ControlError> {
        if let Some(supplier) = &new.filter.supplier {
            self.demand_supplier(sandbox, supplier, server).await?;
        }
        Ok(self.store.arm_fault(sandbox, new, server).await??)
    }

    /// The armed faults, oldest first, each with the number of times it fired.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`].
    pub async fn faults(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Vec<Fault>, ControlError> {
        Ok(self.store.faults(sandbox, server).await?)
    }

    /// Disarms a fault.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoFault`].
    pub async fn disarm_fault(
        &self,
        sandbox: &SandboxId,
        fault: FaultId,
        server: Timestamp,
    ) -> Result<(), ControlError> {
        let was_armed = self.store.disarm_fault(sandbox, fault, server).await?;
        if was_armed { Ok(()) } else { Err(ControlError::NoFault) }
    }

    /// Disarms all faults.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`].
    pub async fn clear_faults(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), ControlError> {
        Ok(self.store.clear_faults(sandbox, server).await?)
    }
}
