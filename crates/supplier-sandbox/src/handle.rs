//! Handle of a sandbox in a Rust test that runs the server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use supplier_control::{Audit, ClientReports, Control, ControlError, NewOrders};
use supplier_domain::fault::{FaultId, NewFault};
use supplier_domain::{ClockChange, OrderId, RequestId, SupplierId};
use supplier_store::{OrderState, SandboxId};

use crate::time::ServerTime;

/// Handle of a sandbox of a [`SandboxServer`](crate::SandboxServer) in the same program: the default sandbox, or a private
/// one.
///
/// The control API has the same operations over HTTP. Every method fails with [`ControlError::NoSandbox`] after the sandbox
/// has ended.
#[derive(Clone)]
pub struct SandboxHandle {
    pub(crate) id: SandboxId,
    pub(crate) url: Arc<str>,
    pub(crate) keys: Vec<(SupplierId, String)>,
    pub(crate) control: Arc<Control>,
    pub(crate) time: ServerTime,
    /// Request id in an order's history for changes by this program.
    pub(crate) by: RequestId,
}

impl fmt::Debug for SandboxHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxHandle").field("id", &self.id).field("url", &self.url).finish_non_exhaustive()
    }
}

impl SandboxHandle {
    /// Id of the sandbox, as in the paths of the control API.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// URL of the server, without a slash at the end. A supplier's key selects the sandbox.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// First API key of the supplier with this id, if the sandbox has that supplier.
    pub fn key(&self, supplier: &str) -> Option<&str> {
        self.keys.iter().find(|(id, _)| id.as_str() == supplier).map(|(_, key)| key.as_str())
    }

    /// Moves the sandbox's clock ahead.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] if `by` is more than a year.
    pub async fn advance(&self, by: Duration) -> Result<(), ControlError> {
        self.change_clock(ClockChange::Advance(by)).await
    }

    /// Freezes the sandbox's clock. From now on only [`SandboxHandle::advance`] moves it.
    ///
    /// # Errors
    /// None but that the sandbox is gone.
    pub async fn freeze_clock(&self) -> Result<(), ControlError> {
        self.change_clock(ClockChange::FREEZE).await
    }

    async fn change_clock(&self, change: ClockChange) -> Result<(), ControlError> {
        self.control.change_clock(&self.id, change, self.time.now()).await.map(drop)
    }

    /// Places orders as a buyer does. Returns their numbers.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::NoSupplier`], [`ControlError::OrderExists`].
    pub async fn create_orders(&self, orders: NewOrders) -> Result<Vec<OrderId>, ControlError> {
        self.control.place_orders(&self.id, orders, self.by, self.time.now()).await
    }

    /// State of an order.
    ///
    /// # Errors
    /// [`ControlError::NoOrder`].
    pub async fn order(&self, order: OrderId) -> Result<OrderState, ControlError> {
        self.control.order(&self.id, order, self.time.now()).await
    }

    /// Adds a fault, which makes the calls that it matches fail.
    ///
    /// # Errors
    /// [`ControlError::NoSupplier`], [`ControlError::TooManyFaults`].
    pub async fn fault(&self, fault: NewFault) -> Result<FaultId, ControlError> {
        Ok(self.control.arm_fault(&self.id, fault, self.time.now()).await?.id)
    }

    /// Number of times that a fault fired. A test can assert that its fault really happened.
    ///
    /// # Errors
    /// [`ControlError::NoFault`].
    pub async fn fired(&self, fault: FaultId) -> Result<u64, ControlError> {
        let faults = self.control.faults(&self.id, self.time.now()).await?;
        faults.iter().find(|armed| armed.id == fault).map(|armed| armed.fired).ok_or(ControlError::NoFault)
    }

    /// Audits the sandbox: was each order handled once, and none forgotten?
    ///
    /// # Errors
    /// None but that the sandbox is gone.
    pub async fn audit(&self) -> Result<Audit, ControlError> {
        self.control.audit(&self.id, None, self.time.now()).await
    }

    /// Scorecards of the suppliers' clients.
    ///
    /// # Errors
    /// None but that the sandbox is gone.
    pub async fn scorecard(&self) -> Result<ClientReports, ControlError> {
        self.control.scorecards(&self.id, None, true, self.time.now()).await
    }

    /// Resets the sandbox to its first state, its clock too. Keys stay.
    ///
    /// # Errors
    /// None but that the sandbox is gone.
    pub async fn reset(&self) -> Result<(), ControlError> {
        self.control.reset_sandbox(&self.id, self.time.now()).await
    }

    /// Deletes the sandbox and its keys. Otherwise it ends with its server, or at the end of its lifetime.
    ///
    /// # Errors
    /// [`ControlError::DefaultStays`].
    pub async fn delete(self) -> Result<(), ControlError> {
        self.control.delete_sandbox(&self.id, self.time.now()).await
    }
}
