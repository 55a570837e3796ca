//! Timeline of a rehearsal: what the worker and the server did, in order.

use std::time::Duration;

use supplier_domain::fault::Operation;
use supplier_domain::{Fingerprint, OrderId, OrderStatus, RequestId, Timestamp};

use crate::mishap::{CallName, Mishap};

/// What happened, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Timeline {
    /// The entries, oldest first.
    pub(crate) entries: Vec<Entry>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A call.
    Call(Call),
    /// Something that the worker did, or that was done to it.
    Worker(WorkerEvent),
    /// The sandbox's clock was moved ahead.
    Clock(Duration),
}

/// Something that a worker did, or that was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WorkerEvent {
    /// A copy was started.
    Started {
        /// How many copies had been started before it.
        run: usize,
    },
    /// A copy ended by itself.
    Exited {
        /// Its exit code.
        code: i32,
    },
    /// A copy was ended by a signal that the rehearsal did not send.
    Crashed {
        /// The signal.
        signal: String,
    },
    /// The rehearsal killed the copy, as planned.
    Killed,
    /// The worker was asked to end.
    AskedToEnd,
    /// The worker ended when it was asked to.
    Ended,
    /// The worker did not end when it was asked to, and was killed.
    HadToBeKilled {
        /// How long it was waited for, in milliseconds.
        after_millis: u64,
    },
    /// The worker ran too long, and was killed.
    Hung {
        /// How long it had run, in milliseconds.
        after_millis: u64,
    },
    /// The rehearsal took too long, and was ended before all orders were settled.
    OutOfTime {
        /// How long it had taken, in milliseconds.
        after_millis: u64,
    },
    /// The worker ran and made no call.
    Silent {
        /// For how long, in milliseconds.
        for_millis: u64,
    },
}

/// A call of the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Request id.
    pub(crate) id: RequestId,
    /// Its name; `None` for a call that was refused before its work, such as one with a revoked key.
    pub(crate) name: Option<CallName>,
    /// The operation, if it is one.
    pub(crate) operation: Option<Operation>,
    /// Which run of the worker made it, as far as is known.
    pub(crate) run: usize,
    /// Time since the rehearsal began.
    pub(crate) since_start: Duration,
    /// Time by the sandbox's clock, when it was answered.
    pub(crate) at: Option<Timestamp>,
    /// Status that an update asks for.
    pub(crate) asked: Option<OrderStatus>,
    /// Accounts that an update submits, each once.
    pub(crate) accounts: Vec<Fingerprint>,
    /// The mishaps that struck it.
    pub(crate) mishaps: Vec<Mishap>,
    /// Whether the worker was killed when it made the call, which then did nothing.
    pub(crate) is_cut: bool,
    /// Its outcome; `None` while it is not known.
    pub(crate) outcome: Option<Outcome>,
}

/// Outcome of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Status of the answer; `None` if there was no answer.
    pub(crate) status: Option<u16>,
    /// Whether nobody got the answer.
    pub(crate) is_lost: bool,
    /// Error code of the answer.
    pub(crate) error: Option<String>,
    /// The orders of a page that was handed out.
    pub(crate) listed: Vec<OrderId>,
    /// Status before and after an update that was granted.
    pub(crate) statuses: Option<(OrderStatus, OrderStatus)>,
    /// Number of accounts that were delivered.
    pub(crate) accepted: usize,
    /// Number of accounts that were not taken.
    pub(crate) dropped: usize,
}

impl Outcome {
    /// Whether the call was an update that left nothing more to do for its order.
    pub(crate) fn settles(&self) -> bool {
        let is_open = |status| matches!(status, OrderStatus::Pending | OrderStatus::Processing);
        self.statuses.is_some_and(|(from, to)| from != to && !is_open(to))
    }
}

impl Call {
    /// Whether the worker got a whole answer that says that the call was carried out.
    pub(crate) fn is_heard(&self) -> bool {
        let is_good = |outcome: &Outcome| {
            !outcome.is_lost && outcome.status.is_some_and(|status| (200..300).contains(&status))
        };
        self.outcome.as_ref().is_some_and(is_good) && !self.mishaps.iter().any(|it| it.leaves_doubt())
    }

    /// Whether the worker got an answer that says that the call was not carried out: 4xx.
    pub(crate) fn is_refused(&self) -> bool {
        let is_refusal = |outcome: &Outcome| {
            !outcome.is_lost && outcome.status.is_some_and(|status| (400..500).contains(&status))
        };
        self.outcome.as_ref().is_some_and(is_refusal) && !self.mishaps.contains(&Mishap::LimitedAfter)
    }

    /// The order of an update.
    pub(crate) fn order(&self) -> Option<OrderId> {
        self.name.and_then(|name| name.order)
    }

    /// Whether it handed out an order, or is an update.
    pub(crate) fn is_useful(&self) -> bool {
        self.is_update() || self.outcome.as_ref().is_some_and(|outcome| !outcome.listed.is_empty())
    }

    /// Whether it is an update.
    pub(crate) fn is_update(&self) -> bool {
        self.operation == Some(Operation::UpdateOrder)
    }

    /// Whether it is a list call.
    pub(crate) fn is_list(&self) -> bool {
        self.operation == Some(Operation::ListOrders)
    }
}

impl Timeline {
    /// The calls, oldest first.
    pub(crate) fn calls(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Call(call) => Some(call),
            Entry::Worker(_) | Entry::Clock(_) => None,
        })
    }

    /// The updates of one order, oldest first.
    pub(crate) fn updates(&self, order: OrderId) -> impl DoubleEndedIterator<Item = &Call> {
        self.calls().filter(move |call| call.order() == Some(order))
    }

    /// How often the worker was started.
    pub(crate) fn starts(&self) -> usize {
        self.worker().filter(|event| matches!(event, WorkerEvent::Started { .. })).count()
    }

    /// What happened to the worker, oldest first.
    pub(crate) fn worker(&self) -> impl DoubleEndedIterator<Item = &WorkerEvent> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Worker(event) => Some(event),
            Entry::Call(_) | Entry::Clock(_) => None,
        })
    }
}

/// A length of time in whole milliseconds.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
