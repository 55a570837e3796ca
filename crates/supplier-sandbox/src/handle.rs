//! A sandbox, as a Rust test that runs the server works with it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use supplier_control::{Audit, ClientReports, Control, ControlError, NewOrders};
use supplier_domain::fault::{FaultId, NewFault};
use supplier_domain::{ClockChange, OrderId, RequestId, SupplierId};
use supplier_store::{OrderState, SandboxId};

use crate::time::ServerTime;

/// A sandbox of a [`SandboxServer`](crate::SandboxServer) in the same program: the default one, or one of a test's own.
///
/// All of it can be done over HTTP too; here it needs no client. Each call fails with [`ControlError::NoSandbox`] once the
/// sandbox is gone.
#[derive(Clone)]
pub struct SandboxHandle {
    pub(crate) id: SandboxId,
    pub(crate) url: Arc<str>,
    pub(crate) keys: Vec<(SupplierId, String)>,
    pub(crate) control: Arc<Control>,
    pub(crate) time: ServerTime,
    /// Stands in an order's history for what this program did to it.
    pub(crate) by: RequestId,
}

impl fmt::Debug for SandboxHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxHandle").field("id", &self.id).field("url", &self.url).finish_non_exhaustive()
    }
}

impl SandboxHandle {
    /// Its id: it stands in the paths of the control API.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// Where its server serves, without a slash at the end: a supplier's key selects the sandbox.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The API key that the supplier of that short name began with, if there is such a supplier.
    pub fn key(&self, supplier: &str) -> Option<&str> {
        self.keys.iter().find(|(id, _)| id.as_str() == supplier).map(|(_, key)| key.as_str())
    }

    /// Lets `by` pass on its clock, at once.
    ///
    /// # Errors
    /// It is more than a year.
    pub async fn advance(&self, by: Duration) -> Result<(), ControlError> {
        self.change_clock(ClockChange::Advance(by)).await
    }

    /// Stops its clock: from now on only [`SandboxHandle::advance`] moves it.
    ///
    /// # Errors
    /// None but that the sandbox is gone.
    pub async fn freeze_clock(&self) -> Result<(), ControlError> {
        self.change_clock(ClockChange::FREEZE).await
    }

    async fn change_clock(&self, change: ClockChange) -> Result<(), ControlError> {
        self.control.change_clock(&self.id, change, self.time.now()).await.map(drop)
    }

    /// Places orders as a buyer does, and returns their numbers.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::NoSupplier`], [`ControlError::OrderExists`].
    pub async fn create_orders(&self, orders: NewOrders) -> Result<Vec<OrderId>, ControlError> {
        self.control.place_orders(&self.id, orders, self.by, self.time.now()).await
    }

    /// All that is known of an order.
    ///
    /// # Errors
    /// [`ControlError::NoOrder`].
    pub async fn order(&self, order: OrderId) -> Result<OrderState, ControlError> {
        self.control.order(&self.id, order, self.time.now()).await
    }

    /// Arms a fault: what is to go wrong with the calls that it matches.
    ///
    /// # Errors
    /// [`ControlError::NoSupplier`], [`ControlError::TooManyFaults`].
    pub async fn fault(&self, fault: NewFault) -> Result<FaultId, ControlError> {
        Ok(self.control.arm_fault(&self.id, fault, self.time.now()).await?.id)
    }

    /// How often a fault has fired, so that a test can say that what it arranged did happen.
    ///
    /// # Errors
    /// [`ControlError::NoFault`].
    pub async fn fired(&self, fault: FaultId) -> Result<u64, ControlError> {
        let faults = self.control.faults(&self.id, self.time.now()).await?;
        faults.iter().find(|armed| armed.id == fault).map(|armed| armed.fired).ok_or(ControlError::NoFault)
    }

    /// How its orders were handled.
    ///
    /// # Errors
    /// None but that the sandbox is gone.
    pub async fn audit(&self) -> Result<Audit, ControlError> {
        self.control.audit(&self.id, None, self.time.now()).await
    }

    /// What is to be said of its suppliers' clients.
    ///
    /// # Errors
    /// None but that the sandbox is gone.
    pub async fn scorecard(&self) -> Result<ClientReports, ControlError> {
        self.control.scorecards(&self.id, None, true, self.time.now()).await
    }

    /// Puts it back to how it began, its clock too.
    ///
    /// # Errors
    /// None but that the sandbox is gone.
    pub async fn reset(&self) -> Result<(), ControlError> {
        self.control.reset_sandbox(&self.id, self.time.now()).await
    }

    /// Removes it and its keys. One that is not removed goes with its server, or when its time has come.
    ///
    /// # Errors
    /// [`ControlError::DefaultStays`].
    pub async fn delete(self) -> Result<(), ControlError> {
        self.control.delete_sandbox(&self.id, self.time.now()).await
    }
}
