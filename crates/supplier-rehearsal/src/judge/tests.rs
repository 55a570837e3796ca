//! What is a breach, and what is not.

use std::time::Duration;

use supplier_domain::fault::Operation;
use supplier_domain::samples::request;
use supplier_domain::{Fingerprint, FingerprintKey, OrderId, OrderStatus, PaymentStatus, Timestamp};

use super::*;
use crate::mishap::{CallName, Planned};
use crate::timeline::{Call, Entry, Outcome, Timeline};
use crate::world::{FinalOrder, WorldOrder};

use OrderStatus::{Cancelled, Completed, Pending, Processing};

fn number(order: i64) -> OrderId {
    OrderId::new(order).unwrap()
}

fn account(name: &str) -> Fingerprint {
    Fingerprint::of(name, &FingerprintKey([1; 32]))
}

/// A observation that is told step by step.
struct Told(Observation);

impl Told {
    fn of(mode: Mode) -> Self {
        Self(Observation {
            timeline: Timeline::default(),
            orders: Vec::new(),
            reached: Vec::new(),
            mode,
            output: String::new(),
        })
    }

    /// In the end, `order` has this status and so many of the accounts that are owed.
    fn order(mut self, order: i64, owed: u64, status: OrderStatus, accounts: u64) -> Self {
        self.0.orders.push(FinalOrder {
            order: WorldOrder { order: number(order), owed, is_shared: false },
            status,
            payment_status: PaymentStatus::Completed,
            accounts,
            is_amended: false,
        });
        self
    }

    fn amended(mut self) -> Self {
        self.0.orders.last_mut().unwrap().is_amended = true;
        self
    }

    fn event(mut self, event: WorkerEvent) -> Self {
        self.0.timeline.entries.push(Entry::Worker(event));
        self
    }

    fn later(mut self, minutes: u64) -> Self {
        self.0.timeline.entries.push(Entry::Clock(Duration::from_mins(minutes)));
        self
    }

    fn call(mut self, operation: Operation, order: Option<OrderId>, fill: impl FnOnce(&mut Call)) -> Self {
        let calls = self.0.timeline.calls().count();
        let same = |call: &&Call| call.operation == Some(operation) && call.order() == order;
        let nth = u32::try_from(self.0.timeline.calls().filter(same).count()).unwrap() + 1;
        let mut call = Call {
            id: request(calls as u64 + 1),
            name: Some(CallName { operation, order, nth }),
            operation: Some(operation),
            run: 0,
            since_start: Duration::from_millis(10 * calls as u64),
            at: Some(Timestamp::from_millis(0)),
            asked: None,
            accounts: Vec::new(),
            mishaps: Vec::new(),
            is_cut: false,
            outcome: Some(Outcome {
                status: Some(200),
                is_lost: false,
                error: None,
                listed: Vec::new(),
                statuses: None,
                accepted: 0,
                dropped: 0,
            }),
        };
        fill(&mut call);
        self.0
            .reached
            .extend(call.mishaps.iter().map(|mishap| Planned { call: call.name.unwrap(), mishap: *mishap }));
        self.0.timeline.entries.push(Entry::Call(call));
        self
    }

    /// A list call that hands out `orders`.
    fn list(self, orders: &[i64]) -> Self {
        let listed = orders.iter().map(|order| number(*order)).collect();
        self.call(Operation::ListOrders, None, |call| call.outcome.as_mut().unwrap().listed = listed)
    }

    /// An update that is granted, with these accounts.
    fn update(self, order: i64, from: OrderStatus, to: OrderStatus, accounts: &[&str]) -> Self {
        self.call(Operation::UpdateOrder, Some(number(order)), |call| {
            call.accounts = accounts.iter().map(|name| account(name)).collect();
            let outcome = call.outcome.as_mut().unwrap();
            outcome.statuses = Some((from, to));
            outcome.accepted = accounts.len();
        })
    }

    /// An update that is refused.
    fn refused(self, order: i64, accounts: &[&str]) -> Self {
        self.call(Operation::UpdateOrder, Some(number(order)), |call| {
            call.accounts = accounts.iter().map(|name| account(name)).collect();
            let outcome = call.outcome.as_mut().unwrap();
            (outcome.status, outcome.error) = (Some(400), Some("INVALID_ACCOUNTS".to_owned()));
        })
    }

    /// The last call is struck; after some mishaps it has done nothing.
    fn struck(mut self, mishap: Mishap) -> Self {
        let Some(Entry::Call(call)) = self.0.timeline.entries.last_mut() else { unreachable!() };
        call.mishaps.push(mishap);
        let outcome = call.outcome.as_mut().unwrap();
        if matches!(
            mishap,
            Mishap::CloseBefore
                | Mishap::ErrorBefore
                | Mishap::LimitedBefore
                | Mishap::UnavailableBefore
                | Mishap::Outage
        ) {
            (outcome.statuses, outcome.accepted) = (None, 0);
            outcome.listed.clear();
        }
        match mishap {
            Mishap::LimitedBefore => outcome.status = Some(429),
            Mishap::ErrorBefore | Mishap::ErrorAfter | Mishap::UnavailableBefore => {
                outcome.status = Some(500);
            }
            Mishap::CloseBefore | Mishap::CloseAfter | Mishap::Outage => {
                (outcome.status, outcome.is_lost) = (None, true);
            }
            _ => {}
        }
        self.0.reached.push(Planned { call: call.name.unwrap(), mishap });
        self
    }

    fn run(mut self, run: usize) -> Self {
        let Some(Entry::Call(call)) = self.0.timeline.entries.last_mut() else { unreachable!() };
        call.run = run;
        self
    }

    /// The broken rules with their causes.
    fn broken(&self) -> Vec<(&'static str, Cause)> {
        judge(&self.0).iter().map(|breach| (breach.rule.as_str(), breach.cause)).collect()
    }
}

fn one_shot() -> Told {
    Told::of(Mode::OneShot)
}

#[test]
fn a_worker_that_sends_the_same_accounts_again_breaks_nothing() {
    let told = one_shot()
        .list(&[1])
        .update(1, Pending, Completed, &["a", "b"])
        .struck(Mishap::CloseAfter)
        .refused(1, &["a", "b"])
        .order(1, 2, Completed, 2);
    assert_eq!(told.broken(), []);
}

/// Rules: `rehearsal.nothing-doubled`.
#[test]
fn other_accounts_in_a_retry_are_a_double_delivery() {
    let told = |run| {
        one_shot()
            .update(1, Pending, Completed, &["a"])
            .struck(Mishap::CloseAfter)
            .update(1, Completed, Completed, &["b"])
            .run(run)
            .order(1, 1, Completed, 2)
    };
    assert_eq!(told(0).broken(), [("rehearsal.nothing-doubled", Cause::OtherAccounts)]);
    assert_eq!(told(1).broken(), [("rehearsal.nothing-doubled", Cause::RepeatedAfterRestart)]);
    let too_many = one_shot().update(1, Pending, Completed, &["a", "b"]).order(1, 1, Completed, 2);
    assert_eq!(too_many.broken(), [("rehearsal.nothing-doubled", Cause::TooManyAccounts)]);
    let shared = one_shot()
        .update(1, Pending, Completed, &["a"])
        .update(2, Pending, Completed, &["a"])
        .order(1, 1, Completed, 1)
        .order(2, 1, Completed, 1);
    assert_eq!(shared.broken(), [("rehearsal.nothing-doubled", Cause::SharedAccount)]);
    // Accounts for a service are owed to nobody.
    let service = one_shot().update(1, Pending, Completed, &["a"]).order(1, 0, Completed, 1);
    assert_eq!(service.broken(), []);
}

/// Rules: `rehearsal.no-stock-lost`.
#[test]
fn accounts_of_a_failed_call_must_come_to_something() {
    let after = |mishap: Mishap, accounts: &[&str]| {
        one_shot()
            .update(1, Pending, Completed, &["a"])
            .struck(mishap)
            .later(5)
            .update(1, Pending, Completed, accounts)
            .order(1, 1, Completed, 1)
            .broken()
    };
    assert_eq!(after(Mishap::CloseBefore, &["b"]), [("rehearsal.no-stock-lost", Cause::OtherAccounts)]);
    assert_eq!(after(Mishap::CloseBefore, &["a"]), []);
    // A refusal is known: those accounts can go back into the stock.
    assert_eq!(after(Mishap::LimitedBefore, &["b"]), []);
    let elsewhere = one_shot()
        .update(1, Pending, Completed, &["a"])
        .struck(Mishap::ErrorBefore)
        .update(2, Pending, Completed, &["a"])
        .update(1, Pending, Completed, &["b"])
        .order(1, 1, Completed, 1)
        .order(2, 1, Completed, 1);
    assert_eq!(elsewhere.broken(), []);
    // What a worker cannot know is not held against it.
    let cancelled = one_shot()
        .update(1, Pending, Completed, &["a"])
        .struck(Mishap::CloseBefore)
        .order(1, 1, Cancelled, 0)
        .amended();
    assert_eq!(cancelled.broken(), []);
}

/// Rules: `rehearsal.nothing-lost`.
#[test]
fn an_order_that_stays_open_is_lost() {
    let thrown_away = one_shot().list(&[1]).later(31).list(&[1]).order(1, 1, Pending, 0);
    assert_eq!(thrown_away.broken(), [("rehearsal.nothing-lost", Cause::PageThrownAway)]);
    let gave_up = one_shot()
        .list(&[1])
        .update(1, Pending, Completed, &["a"])
        .struck(Mishap::ErrorBefore)
        .order(1, 0, Processing, 0);
    assert_eq!(gave_up.broken(), [("rehearsal.nothing-lost", Cause::GaveUp)]);
    for status in [OrderStatus::Partial, OrderStatus::Error, Cancelled] {
        assert_eq!(one_shot().list(&[1]).order(1, 2, status, 1).broken(), [], "{status} is an answer");
    }
    // A rehearsal that ends too early says nothing about an order that is still open.
    let out_of_time = Told::of(Mode::Daemon)
        .list(&[1])
        .event(WorkerEvent::OutOfTime { after_millis: 30_000 })
        .order(1, 1, Pending, 0);
    assert_eq!(out_of_time.broken(), []);
    assert!(is_unfinished(&out_of_time.0));
}

/// Rules: `rehearsal.status`.
#[test]
fn a_status_goes_back_from_completed_and_to_pending_only() {
    let set = |from, to| one_shot().update(1, from, to, &[]).order(1, 0, Completed, 0).broken();
    for (from, to) in [
        (Completed, Processing),
        (Completed, OrderStatus::Error),
        (Cancelled, Completed),
        (Processing, Pending),
    ] {
        assert_eq!(set(from, to), [("rehearsal.status", Cause::StatusRepeated)], "{from} to {to}");
    }
    for (from, to) in [
        (Pending, Processing),
        (Completed, Completed),
        (OrderStatus::Partial, Processing),
        (OrderStatus::Error, Completed),
    ] {
        assert_eq!(set(from, to), [], "{from} to {to}");
    }
    let refused = one_shot()
        .update(1, Pending, Completed, &["a"])
        .struck(Mishap::CloseAfter)
        .refused(1, &["a"])
        .update(1, Completed, OrderStatus::Error, &[])
        .order(1, 1, OrderStatus::Error, 1);
    assert_eq!(refused.broken(), [("rehearsal.status", Cause::RefusalAsFailure)]);
}

/// Rules: `rehearsal.complete`.
#[test]
fn completed_means_that_all_accounts_are_there() {
    let first = one_shot()
        .update(1, Pending, Completed, &[])
        .update(1, Completed, Completed, &["a"])
        .order(1, 1, Completed, 1);
    assert_eq!(first.broken(), [("rehearsal.complete", Cause::StatusBeforeAccounts)]);
    let few = one_shot().update(1, Pending, Completed, &["a"]).order(1, 2, Completed, 1);
    assert_eq!(few.broken(), [("rehearsal.complete", Cause::TooFewAccounts)]);
    let parts = one_shot()
        .update(1, Pending, OrderStatus::Partial, &["a"])
        .update(1, OrderStatus::Partial, Completed, &["b"])
        .order(1, 2, Completed, 2);
    assert_eq!(parts.broken(), []);
}

/// Rules: `rehearsal.no-storm`, `rehearsal.retry-after`.
#[test]
fn dozens_of_failed_calls_are_a_storm_and_an_early_retry_is_impatient() {
    let calls = |count| (0..count).fold(one_shot(), |told, _| told.list(&[]).struck(Mishap::Outage)).broken();
    assert_eq!(calls(29), []);
    assert_eq!(calls(30), [("rehearsal.no-storm", Cause::NoPause)]);

    let again = |between: fn(Told) -> Told| {
        between(one_shot().list(&[]).struck(Mishap::LimitedBefore)).list(&[]).broken()
    };
    assert_eq!(again(|told| told), [("rehearsal.retry-after", Cause::ImpatientRetry)]);
    // The next run of a one-shot worker comes minutes later.
    assert_eq!(again(|told| told.later(5)), []);
    // Another call need not wait.
    let other = one_shot().list(&[]).struck(Mishap::UnavailableBefore).update(1, Pending, Completed, &[]);
    assert_eq!(other.order(1, 0, Completed, 0).broken(), []);
}

/// Rules: `rehearsal.survives`, `rehearsal.ends`.
#[test]
fn a_daemon_must_go_on_and_must_end() {
    let after = |mode, event| Told::of(mode).list(&[]).event(event).broken();
    let crashed = [("rehearsal.survives", Cause::Crashed)];
    assert_eq!(after(Mode::Daemon, WorkerEvent::Exited { code: 0 }), crashed);
    assert_eq!(after(Mode::OneShot, WorkerEvent::Exited { code: 1 }), []);
    let signal = WorkerEvent::Crashed { signal: "SIGSEGV".to_owned() };
    assert_eq!(after(Mode::OneShot, signal), crashed);
    let silent = WorkerEvent::Silent { for_millis: 10_000 };
    assert_eq!(after(Mode::Daemon, silent), [("rehearsal.survives", Cause::StoppedCalling)]);
    for event in
        [WorkerEvent::HadToBeKilled { after_millis: 5_000 }, WorkerEvent::Hung { after_millis: 30_000 }]
    {
        assert_eq!(after(Mode::OneShot, event), [("rehearsal.ends", Cause::DoesNotEnd)]);
    }
    // Whoever runs a worker with a revoked key starts it again.
    let revoked = Told::of(Mode::Daemon).list(&[]).struck(Mishap::KeyRevoked);
    assert_eq!(revoked.event(WorkerEvent::Exited { code: 1 }).broken(), []);
}

/// Rules: `rehearsal.recovers`.
#[test]
fn an_order_is_answered_by_its_second_hand_out() {
    let after = |hand_outs: usize| {
        let told = one_shot().list(&[1]).struck(Mishap::ErrorAfter);
        let told = (0..hand_outs).fold(told, |told, _| told.list(&[1]).later(31));
        told.update(1, Pending, Completed, &["a"]).order(1, 1, Completed, 1).broken()
    };
    assert_eq!(after(2), []);
    assert_eq!(after(3), [("rehearsal.recovers", Cause::SlowRecovery)]);
}
