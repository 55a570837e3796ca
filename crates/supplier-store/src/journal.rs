//! What suppliers' clients were seen to do: a bounded journal of their calls, and a scorecard for each of them.

use std::sync::Arc;

use async_trait::async_trait;
use supplier_domain::fault::Operation;
use supplier_domain::{CallRecord, Observation, OrderId, RequestId, Scorecard, Supplier, Timestamp};
use tokio::sync::watch;

use crate::{Epoch, SandboxId, StoreError};

/// The most calls that a sandbox's journal keeps.
pub const MAX_CALLS: usize = 1_000;
/// The most memory that they take, in bytes.
pub const MAX_CALLS_BYTES: usize = 2 << 20;

/// A call that is kept.
#[derive(Debug, Clone)]
pub struct KeptCall {
    /// Its number in the journal of its sandbox, from 1, without gaps: by it a reader goes on where it left off.
    pub number: u64,
    /// The call.
    pub record: Arc<CallRecord>,
}

/// Which calls are looked for: those that fit all that is asked for. What is `None` is not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallSearch {
    /// Of that operation.
    pub operation: Option<Operation>,
    /// Answered with that status.
    pub status: Option<u16>,
    /// Answered with that error code.
    pub error: Option<String>,
    /// That handed out or were about that order.
    pub order: Option<OrderId>,
    /// The first that come after that number; without it, the last there are.
    pub after: Option<u64>,
    /// At most so many are found.
    pub limit: usize,
}

impl CallSearch {
    /// Whether `call` is one of them, wherever it stands.
    pub fn fits(&self, call: &CallRecord) -> bool {
        self.operation.is_none_or(|operation| call.operation == Some(operation))
            && self.status.is_none_or(|status| call.status == Some(status))
            && self.error.as_ref().is_none_or(|error| call.error.as_deref() == Some(error))
            && self.order.is_none_or(|order| call.orders().contains(&order))
    }
}

/// What a search found.
#[derive(Debug, Clone)]
pub struct FoundCalls {
    /// The calls, the oldest first.
    pub calls: Vec<KeptCall>,
    /// The number of the last call that was kept so far, 0 if none was.
    pub last: u64,
    /// How many calls are no longer kept.
    pub dropped: u64,
}

/// What is known of the clients of a sandbox.
#[derive(Debug, Clone)]
pub struct Scorecards {
    /// When, by the sandbox's clock, it was read.
    pub now: Timestamp,
    /// A scorecard for each supplier, in their order.
    pub by_supplier: Vec<(Supplier, Scorecard)>,
    /// How many calls are no longer kept, that may have been evidence.
    pub dropped: u64,
}

/// Tells that something in a sandbox has changed: a call was kept, an order placed, updated or amended. What it counts
/// means nothing but that. It is closed when the sandbox goes.
pub type Changes = watch::Receiver<u64>;

/// The journals and scorecards of a server's sandboxes. Each method is atomic: it happens as a whole at one moment, or
/// not at all. A fork begins with an empty journal and empty scorecards, and so does a sandbox that is reset.
///
/// A journal keeps the last [`MAX_CALLS`] calls, or fewer that come to [`MAX_CALLS_BYTES`], and counts those it drops.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Keeps a call, and shows its supplier's scorecard what was `observed`. One that was let in before the sandbox was
    /// reset, in another `epoch`, is not kept.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn keep_call(
        &self,
        sandbox: &SandboxId,
        epoch: Option<Epoch>,
        record: CallRecord,
        observed: Option<Observation>,
        server: Timestamp,
    ) -> Result<(), StoreError>;

    /// The calls that fit a search.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn calls(
        &self,
        sandbox: &SandboxId,
        search: &CallSearch,
        server: Timestamp,
    ) -> Result<FoundCalls, StoreError>;

    /// The call of that id, if it is kept.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn call(
        &self,
        sandbox: &SandboxId,
        id: RequestId,
        server: Timestamp,
    ) -> Result<Option<KeptCall>, StoreError>;

    /// How many calls this server was to keep, and had to give up before they were written: where they cannot be written as
    /// fast as they come. They count as dropped ones as well.
    fn lost(&self) -> u64;

    /// Drops all calls. Scorecards stay.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn clear_calls(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError>;

    /// The scorecards of a sandbox's suppliers.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn scorecards(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Scorecards, StoreError>;

    /// Tells of every change in a sandbox from now on.
    ///
    /// # Errors
    /// [`StoreError::NoSandbox`].
    async fn changes(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Changes, StoreError>;
}
