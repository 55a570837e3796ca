//! Errors of the use cases.

use supplier_domain::fault::TooManyFaults;
use supplier_domain::{ClockRefusal, OrderId, Problem, RequestId, SupplierId, counted};
use supplier_store::{SandboxId, StoreError};

use crate::NoRandomness;

/// Error of a use case, which then has changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The request is invalid: all of its problems.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Problem>),
    /// The sandbox does not exist, or has ended.
    #[error("there is no sandbox {0}, or no longer; GET /_sandbox/sandboxes lists those there are")]
    NoSandbox(SandboxId),
    /// The sandbox has no supplier of this id.
    #[error("sandbox {0} has no supplier {1}; its suppliers are listed under /suppliers")]
    NoSupplier(SandboxId, SupplierId),
    /// The sandbox has no order of this number.
    #[error("the sandbox has no order {0}")]
    NoOrder(OrderId),
    /// The sandbox's journal has no call of this id.
    #[error("the journal does not have the call {0}, or no longer keeps it; GET /requests lists its calls")]
    NoCall(RequestId),
    /// The sandbox has an order of this number already.
    #[error("there is an order {0} already; ask for another number, or for none")]
    OrderExists(OrderId),
    /// The sandbox would exceed its limit of orders.
    #[error(
        "this sandbox may have {}, and has room for {left} more; reset it, or work in another one",
        counted(*cap, "order")
    )]
    TooManyOrders {
        /// The limit.
        cap: usize,
        /// How many more orders fit.
        left: usize,
    },
    /// The supplier has no key of this id.
    #[error("supplier {0} has no such key, or it is revoked; /keys lists its keys")]
    NoKey(SupplierId),
    /// The sandbox has a supplier of this id already.
    #[error("there is a supplier {0} already; choose another id")]
    SupplierExists(SupplierId),
    /// The sandbox has no fault of this number.
    #[error("the sandbox has no such fault, or it has ended; /faults lists its faults")]
    NoFault,
    /// The sandbox has reached its limit of faults.
    #[error(transparent)]
    TooManyFaults(#[from] TooManyFaults),
    /// The default sandbox cannot be deleted.
    #[error("the default sandbox cannot be deleted; reset it, or work in one of your own")]
    DefaultStays,
    /// The clock would go back, or past its end.
    #[error(transparent)]
    Clock(#[from] ClockRefusal),
    /// A limit is reached.
    #[error("there are {cap} {what} already, and there may be no more; {remedy}")]
    TooMany {
        /// What the limit counts.
        what: &'static str,
        /// The limit.
        cap: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// The snapshot would exceed its limit.
    #[error(
        "a snapshot of it would take more than {cap} bytes, which is the most; copy it instead, by `from`, or reset it first"
    )]
    SnapshotTooLarge {
        /// The limit in bytes.
        cap: usize,
    },
    /// The data file was deleted, moved, replaced or cut short while the server ran.
    #[error(
        "the data file was deleted, moved, replaced or cut short while the server ran, so nothing can be kept; put it back, or \
         stop the server and restore a backup"
    )]
    FileGone,
    /// The operating system returned no random bytes.
    #[error("the operating system returned no random bytes")]
    NoRandomness,
    /// The store failed.
    #[error("the server cannot do that now{}; try again later", .0.remedy().map(|why| format!(" ({why})")).unwrap_or_default())]
    Store(#[source] StoreError),
}

/// Class of an error, which an interface maps to its own codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The request is invalid; another request may work.
    Invalid,
    /// Something that the request names does not exist.
    Missing,
    /// The present state does not allow the request.
    Conflict,
    /// The request may work later.
    Unavailable,
    /// The server failed.
    Failed,
}

impl ControlError {
    /// Class of the error.
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Invalid(_) => ErrorClass::Invalid,
            Self::NoSandbox(_)
            | Self::NoSupplier(..)
            | Self::NoOrder(_)
            | Self::NoCall(_)
            | Self::NoKey(_)
            | Self::NoFault => ErrorClass::Missing,
            Self::OrderExists(_)
            | Self::TooManyOrders { .. }
            | Self::SupplierExists(_)
            | Self::TooManyFaults(_)
            | Self::DefaultStays
            | Self::Clock(_)
            | Self::TooMany { .. }
            | Self::SnapshotTooLarge { .. } => ErrorClass::Conflict,
            Self::Store(_) | Self::FileGone => ErrorClass::Unavailable,
            Self::NoRandomness => ErrorClass::Failed,
        }
    }
}

impl From<StoreError> for ControlError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSandbox(id) => Self::NoSandbox(id),
            StoreError::NoSupplier(sandbox, supplier) => Self::NoSupplier(sandbox, supplier),
            StoreError::SupplierExists(_, supplier) => Self::SupplierExists(supplier),
            StoreError::OrderExists(_, id) => Self::OrderExists(id),
            StoreError::FileGone => Self::FileGone,
            StoreError::ClockAtEnd(_, now) => Self::Clock(ClockRefusal::AtEnd { now }),
            StoreError::TooManyOrders { sandbox: _, cap, left } => Self::TooManyOrders { cap, left },
            other => Self::Store(other),
        }
    }
}

impl From<NoRandomness> for ControlError {
    fn from(_: NoRandomness) -> Self {
        Self::NoRandomness
    }
}

impl From<Problem> for ControlError {
    fn from(problem: Problem) -> Self {
        Self::Invalid(vec![problem])
    }
}

/// All that is wrong with a request.
impl From<Vec<Problem>> for ControlError {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Invalid(problems)
    }
}
