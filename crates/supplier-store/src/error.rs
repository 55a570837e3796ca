//! How a store fails.

use supplier_domain::{OrderId, SupplierId};

use crate::SandboxId;

/// A call that a store did not carry out; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such sandbox, or no longer.
    #[error("there is no sandbox {0}")]
    NoSandbox(SandboxId),
    /// A sandbox has that id already.
    #[error("there is a sandbox {0} already")]
    SandboxExists(SandboxId),
    /// The sandbox has no such supplier.
    #[error("sandbox {0} has no supplier {1}")]
    NoSupplier(SandboxId, SupplierId),
    /// The sandbox has such a supplier already.
    #[error("sandbox {0} has a supplier {1} already")]
    SupplierExists(SandboxId, SupplierId),
    /// The sandbox has an order of that number already.
    #[error("sandbox {0} has an order {1} already")]
    OrderExists(SandboxId, OrderId),
    /// There are not enough numbers after the greatest order's.
    #[error("sandbox {0} has no numbers left for orders")]
    NoNumbersLeft(SandboxId),
    /// Another supplier, or another sandbox, has that key already.
    #[error("that key is in use already")]
    KeyExists,
    /// The store cannot be reached for now; the call may succeed later.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
