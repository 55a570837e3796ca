//! What an interceptor knows: what has happened, and what is to happen.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use supplier_control::ControlError;
use supplier_domain::fault::Operation;
use supplier_domain::{CallEffect, CallRecord, OrderId};
use tokio::time::Instant;

use super::MAX_CALLS;
use crate::mishap::{Mishap, Planned};
use crate::timeline::{Call, Entry, Outcome, WorkerEvent};
use crate::worker::Kill;

/// What an interceptor knows.
#[derive(Default)]
pub(super) struct State {
    pub(super) schedule: Vec<Planned>,
    pub(super) reached: Vec<Planned>,
    pub(super) entries: Vec<Entry>,
    pub(super) counts: HashMap<(Operation, Option<OrderId>), u32>,
    pub(super) run: usize,
    pub(super) killers: Vec<Arc<dyn Kill>>,
    pub(super) is_killed: bool,
    pub(super) kills_at_next_call: bool,
    pub(super) outage: Option<Outage>,
    pub(super) amended: HashSet<OrderId>,
    pub(super) new_key: Option<String>,
    pub(super) secrets: HashSet<Box<str>>,
    pub(super) vain_polls: u32,
    pub(super) fruitless: u32,
    pub(super) calls: u32,
    pub(super) failure: Option<ControlError>,
}

/// An outage under way.
pub(super) struct Outage {
    pub(super) since: Instant,
    pub(super) calls: u32,
}

impl State {
    /// Kills all copies of the worker.
    pub(super) fn kill_all(&mut self) {
        for killer in self.killers.drain(..) {
            killer.kill();
        }
        self.is_killed = true;
    }

    /// The same, and notes it.
    pub(super) fn kill(&mut self) {
        self.kill_all();
        self.entries.push(Entry::Worker(WorkerEvent::Killed));
    }

    /// Notes how a call was answered. Returns whether it was a list call that brought nothing.
    pub(super) fn record(&mut self, record: &CallRecord, since_start: Duration) -> bool {
        let outcome = outcome(record);
        let is_vain = record.operation == Some(Operation::ListOrders)
            && outcome.status == Some(200)
            && outcome.listed.is_empty();
        self.vain_polls = if is_vain { self.vain_polls + 1 } else { 0 };
        self.fruitless += u32::from(!outcome.listed.is_empty());
        if outcome.settles() {
            self.fruitless = 0;
        }
        let entered = self.entries.iter_mut().rev().find_map(|entry| match entry {
            Entry::Call(call) if call.id == record.id => Some(call),
            _ => None,
        });
        if let Some(call) = entered {
            call.at = Some(record.at);
            call.outcome = Some(outcome);
            let mishaps = call.mishaps.clone();
            if mishaps.contains(&Mishap::KillBeforeAnswer) {
                self.kill();
            }
            self.kills_at_next_call |= mishaps.contains(&Mishap::KillAfterAnswer);
            return is_vain && mishaps.is_empty();
        }
        if self.calls > MAX_CALLS {
            return false;
        }
        self.calls += 1;
        self.entries.push(Entry::Call(Call {
            id: record.id,
            name: None,
            operation: record.operation,
            run: self.run,
            since_start,
            at: Some(record.at),
            asked: None,
            accounts: Vec::new(),
            mishaps: Vec::new(),
            is_cut: false,
            outcome: Some(outcome),
        }));
        false
    }
}

fn outcome(record: &CallRecord) -> Outcome {
    let mut outcome = Outcome {
        status: record.status,
        is_lost: record.is_lost,
        error: record.error.as_ref().map(ToString::to_string),
        listed: Vec::new(),
        statuses: None,
        accepted: 0,
        dropped: 0,
    };
    match &record.effect {
        CallEffect::None => {}
        CallEffect::Listed { orders, .. } => outcome.listed.clone_from(orders),
        CallEffect::Update { statuses, accepted, dropped, .. } => {
            outcome.statuses = *statuses;
            outcome.accepted = *accepted;
            outcome.dropped = *dropped;
        }
    }
    outcome
}
