//! Errors of the use cases.

use supplier_domain::fault::TooManyFaults;
use supplier_domain::{ClockRefusal, OrderId, Problem, RequestId, SupplierId, counted};
use supplier_store::{SandboxId, StoreError};

use crate::NoRandomness;

/// A use case that was not carried out; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The request is not of the documented form: all that is wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Problem>),
    /// There is no such sandbox, or no longer.
    #[error("there is no sandbox {0}, or no longer; GET /_sandbox/sandboxes lists those there are")]
    NoSandbox(SandboxId),
    /// The sandbox has no such supplier.
    #[error("sandbox {0} has no supplier {1}; its suppliers are listed under /suppliers")]
    NoSupplier(SandboxId, SupplierId),
    /// The sandbox has no such order.
    #[error("the sandbox has no order {0}")]
    NoOrder(OrderId),
    /// The sandbox's journal has no such call.
    #[error("the journal has no call {0}, or no longer; GET /requests lists those it keeps")]
    NoCall(RequestId),
    /// The sandbox has an order of that number.
    #[error("there is an order {0} already; ask for another number, or for none")]
    OrderExists(OrderId),
    /// The sandbox would have more orders than it may.
    #[error(
        "this sandbox may have {}, and has room for {left} more; reset it, or work in another one",
        counted(*cap, "order")
    )]
    TooManyOrders {
        /// How many it may have.
        cap: usize,
        /// How many more it has room for.
        left: usize,
    },
    /// The supplier has no such key.
    #[error("supplier {0} has no such key, or no longer; its keys are listed under /keys")]
    NoKey(SupplierId),
    /// The sandbox has a supplier of that id.
    #[error("there is a supplier {0} already; choose another id")]
    SupplierExists(SupplierId),
    /// The sandbox has no such fault.
    #[error("the sandbox has no such fault, or no longer; those that are armed are listed under /faults")]
    NoFault,
    /// As many faults are armed as may be.
    #[error(transparent)]
    TooManyFaults(#[from] TooManyFaults),
    /// The default sandbox cannot be deleted.
    #[error("the default sandbox cannot be deleted; reset it, or work in one of your own")]
    DefaultStays,
    /// A clock was to go back, or past its end.
    #[error(transparent)]
    Clock(#[from] ClockRefusal),
    /// There are as many as there may be.
    #[error("there are {cap} {what} already, and there may be no more; {remedy}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        cap: usize,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A snapshot would be larger than it may be.
    #[error(
        "a snapshot of it would take more than {cap} bytes, which is the most; copy it instead, by `from`, or reset it first"
    )]
    SnapshotTooLarge {
        /// In bytes.
        cap: usize,
    },
    /// The data file was deleted, moved, replaced or cut short while the server ran.
    #[error(
        "the data file was deleted, moved, replaced or cut short while the server ran, so nothing can be kept; put it back, or \
         stop the server and restore a backup"
    )]
    FileGone,
    /// The system gave no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// The store failed.
    #[error("the server cannot do that now{}; try again later", .0.remedy().map(|why| format!(" ({why})")).unwrap_or_default())]
    Store(#[source] StoreError),
}

/// What kind of failure it is, whatever face tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// What was asked makes no sense: ask for something else.
    Invalid,
    /// What it is about is not there.
    Missing,
    /// What is there does not let it happen.
    Conflict,
    /// It cannot be done now, and may be later.
    Unavailable,
    /// The server failed.
    Failed,
}

impl ControlError {
    /// What kind of failure it is.
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
