//! What the server saw of one call.

use super::mark::CallDigest;
use crate::fault::Operation;
use crate::{ErrorCode, IgnoredName, OrderId, OrderStatus, RequestId, Timestamp, UpdateCall};

/// One call of the Supplier API, as the server saw it: all that the scorecard knows of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that was seen")]
pub struct Observation {
    /// The id of the request: what findings show as evidence.
    pub request: RequestId,
    /// What the sandbox's clock showed when the call was judged; windows are told by it.
    pub at: Timestamp,
    /// The server's own time at that moment.
    ///
    /// The time between two calls is the larger of the two clocks' differences: a sandbox's clock may stand still
    /// while its client waits, and may jump ahead while its client does not. Either way the client is not taken for
    /// hastier than it was (`practice.polling`, `practice.errors`).
    pub server: Timestamp,
    /// The server's own time when the call was over: its answer was ready, or its connection closed.
    pub ended: Timestamp,
    /// The operation; `None` if the path or the method is of none.
    pub operation: Option<Operation>,
    /// Whether the whole answer reached the client; not so if the connection was dropped, by a fault or by a client that
    /// waited no longer, be it after the call was done (`practice.errors`, `practice.resend`).
    pub reached: bool,
    /// Whether the client went away before the whole answer was sent. It did so at some time between [`Observation::server`] and
    /// [`Observation::ended`]: a busy server notices late (`practice.resend`).
    pub hung_up: bool,
    /// Whether the call did what it asked for, whether or not the client got to know.
    pub is_done: bool,
    /// The answer's HTTP status; that of a lost answer too. 0 if the connection was dropped before there was an answer.
    pub status: u16,
    /// The answer's error code, if the call was refused.
    pub error: Option<ErrorCode>,
    /// Whether something that looks like a key stood in the URL (`practice.secret`).
    pub key_in_url: bool,
    /// Whether something that looks like a key stood in the body (`practice.secret`).
    pub key_in_body: bool,
    /// Stands for the key, the operation and its query or body: equal for the same call again (`practice.errors`,
    /// `practice.polling`, `practice.resend`).
    pub digest: CallDigest,
    /// Stands for what proxies say of the client that they forward a call for; `None` if the call came through none
    /// that says so.
    pub forwarded_for: Option<CallDigest>,
    /// The names in it that the API does not know; at most [`MAX_IGNORED`](crate::MAX_IGNORED) (`practice.names`).
    pub ignored: Vec<IgnoredName>,
    /// The operation, and what came of it.
    pub call: ObservedCall,
}

impl Observation {
    /// Whether the client did not learn that the call was done, or whether it was: no answer, a broken one, or one that
    /// says that the server failed.
    pub(super) fn is_lost(&self) -> bool {
        !self.reached || (self.is_done && self.status >= 400)
    }

    /// Whether it asked for orders.
    pub(super) fn is_list(&self) -> bool {
        self.operation == Some(Operation::ListOrders)
    }

    /// Whether the same call may succeed later, so that a client should send it again: no answer, a 5xx, a time-out
    /// (408), and 429, whose `Retry-After` asks for that.
    pub(super) fn is_transient(&self) -> bool {
        !self.reached || self.status >= 500 || matches!(self.status, 408 | 429)
    }

    /// The order it is about, if it is about one.
    pub(super) fn order(&self) -> Option<OrderId> {
        match &self.call {
            ObservedCall::Update(update) => update.order,
            ObservedCall::List(_) | ObservedCall::Other => None,
        }
    }

    /// Whether it was refused for what it is: to send it again is no use.
    pub(super) fn is_refused(&self) -> bool {
        !self.is_transient() && (400..500).contains(&self.status)
    }
}

/// An operation, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObservedCall {
    /// `GET /orders`; its fields are looked at only if the call was done.
    List(ListCall),
    /// `POST /orders-update`.
    Update(UpdateCall),
    /// A call that was refused before it was understood.
    Other,
}

/// What a list call asked for and was given (`practice.polling`, `practice.window`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListCall {
    /// The `offset` asked for.
    pub offset: u64,
    /// The orders in the page.
    pub handed_out: Vec<HandedOut>,
    /// How many more matched, but were withheld already when the page was read.
    pub withheld: usize,
    /// How many matched and were not withheld, before `limit` and `offset`: the page's `total`.
    pub total: usize,
    /// Until when, by the sandbox's clock, the page's orders are withheld; `None` if the sandbox has no window.
    pub withheld_until: Option<Timestamp>,
}

/// An order in a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandedOut {
    /// Its number.
    pub order: OrderId,
    /// Its status as the page shows it: one that is done, called off or failed waits for no answer
    /// (`practice.status`).
    pub status: OrderStatus,
}
