//! The journal of a sandbox's calls, and a scorecard for each supplier's client.

use std::sync::Arc;

use async_trait::async_trait;
use supplier_domain::fault::Operation;
use supplier_domain::{CallRecord, Observation, OrderId, RequestId, Scorecard, Supplier, Timestamp};
use tokio::sync::watch;

use crate::{Epoch, SandboxId, StoreError};

/// The most calls that a sandbox's journal keeps.
pub const MAX_CALLS: usize = 1_000;
/// The most bytes that the calls of a journal take.
pub const MAX_CALLS_BYTES: usize = 2 << 20;

/// A call in a journal.
#[derive(Debug, Clone)]
pub struct KeptCall {
    /// The call's number in the journal, from 1, without gaps: a reader continues after the last number that it has read.
    pub number: u64,
    /// The call.
    pub record: Arc<CallRecord>,
}

/// A search for calls. A call must match every field that is `Some`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallSearch {
    /// The call's operation.
    pub operation: Option<Operation>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The error code of the answer.
    pub error: Option<String>,
    /// An order that the call handed out or updated.
    pub order: Option<OrderId>,
    /// Finds the first calls after this number; without it, the last calls.
    pub after: Option<u64>,
    /// The most calls to return.
    pub limit: usize,
}

impl CallSearch {
    /// Whether a call matches, whatever its number.
    pub fn fits(&self, call: &CallRecord) -> bool {
        self.operation.is_none_or(|operation| call.operation == Some(operation))
            && self.status.is_none_or(|status| call.status == Some(status))
            && self.error.as_ref().is_none_or(|error| call.error.as_deref() == Some(error))
            && self.order.is_none_or(|order| call.orders().contains(&order))
    }
}

/// The result of a search for calls.
#[derive(Debug, Clone)]
pub struct FoundCalls {
    /// The calls, oldest first.
    pub calls: Vec<KeptCall>,
    /// The number of the journal's last call; 0 without one.
    pub last: u64,
    /// How many calls the journal no longer keeps.
    pub dropped: u64,
}

/// The scorecards of a sandbox.
#[derive(Debug, Clone)]
pub struct Scorecards {
    /// When, by the sandbox's clock, the scorecards were read.
    pub now: Timestamp,
    /// A scorecard for each supplier, in the order of the sandbox's suppliers.
    pub by_supplier: Vec<(Supplier, Scorecard)>,
    /// How many calls, possible evidence, the journal no longer keeps.
    pub dropped: u64,
}

/// Receives a message for each change of a sandbox: a call was kept, or an order was placed, updated or amended. The value
/// has no further meaning. The channel closes when the sandbox is removed.
pub type Changes = watch::Receiver<u64>;

/// The journals and scorecards of sandboxes. [`Store`](crate::Store) tells what all methods have in common.
///
/// A journal keeps the last [`MAX_CALLS`] calls, or fewer that take [`MAX_CALLS_BYTES`], and counts those that it drops. A
/// fork, and a sandbox that is reset, begin with an empty journal and empty scorecards.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Keeps a call, and adds what was `observed` to its supplier's scorecard. A call of another `epoch` than the sandbox's is not
    /// kept.
    async fn keep_call(
        &self,
        sandbox: &SandboxId,
        epoch: Option<Epoch>,
        record: CallRecord,
        observed: Option<Observation>,
        server: Timestamp,
    ) -> Result<(), StoreError>;

    /// The calls that match a search.
    async fn calls(
        &self,
        sandbox: &SandboxId,
        search: &CallSearch,
        server: Timestamp,
    ) -> Result<FoundCalls, StoreError>;

    /// The call of that id, if the journal keeps it.
    async fn call(
        &self,
        sandbox: &SandboxId,
        id: RequestId,
        server: Timestamp,
    ) -> Result<Option<KeptCall>, StoreError>;

    /// How many calls this server has lost before they were written, since calls came faster than they could be written. A lost
    /// call counts as dropped as well.
    fn lost(&self) -> u64;

    /// Drops all calls. Scorecards stay.
    async fn clear_calls(&self, sandbox: &SandboxId, server: Timestamp) -> Result<(), StoreError>;

    /// The scorecards of a sandbox's suppliers.
    async fn scorecards(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Scorecards, StoreError>;

    /// A receiver of every change of a sandbox from now on.
    async fn changes(&self, sandbox: &SandboxId, server: Timestamp) -> Result<Changes, StoreError>;
}
