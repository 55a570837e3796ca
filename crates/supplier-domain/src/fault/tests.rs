//! Tests of the fault plan.

mod combining;
mod occasions;
mod properties;
mod requests;

use super::{Call, Effect, FaultId, Faults, NewFault, Operation, Strike, When};
use crate::samples::supplier_id;
use crate::{Clock, OrderId, SupplierId, Timestamp};

/// Two suppliers who call.
struct Callers {
    aurora: SupplierId,
    birch: SupplierId,
}

impl Callers {
    fn new() -> Self {
        Self { aurora: supplier_id("aurora"), birch: supplier_id("birch") }
    }

    /// A list call of the first.
    fn list(&self) -> Call<'_> {
        Call { operation: Operation::ListOrders, supplier: &self.aurora, order: None }
    }

    /// An update of an order by the first.
    fn update(&self, order: i64) -> Call<'_> {
        Call { operation: Operation::UpdateOrder, supplier: &self.aurora, order: OrderId::new(order) }
    }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A clock that shows that moment, and goes as fast as the server's time.
fn clock(millis: i64) -> Clock {
    Clock::running(at(millis))
}

fn not_found() -> Effect {
    Effect::error("ORDER_NOT_FOUND", When::Before).unwrap()
}

fn delay(fixed_millis: i64, when: When) -> Effect {
    Effect::delay(fixed_millis, 0, when).unwrap()
}

/// The faults that fired.
fn ids(strike: &Strike) -> Vec<FaultId> {
    strike.fired.iter().map(|fired| fired.id).collect()
}

/// A plan with these faults armed at 0, and their numbers.
fn armed<const N: usize>(faults: [NewFault; N]) -> (Faults, [FaultId; N]) {
    let mut plan = Faults::default();
    let ids = faults.map(|fault| plan.arm(fault, at(0)).unwrap());
    (plan, ids)
}

/// How many calls matched each fault, and how often it fired.
fn counts(plan: &Faults) -> Vec<(u64, u64)> {
    plan.armed(at(0)).map(|fault| (fault.matched, fault.fired)).collect()
}

fn read_back(plan: &Faults) -> Faults {
    serde_json::from_str(&serde_json::to_string(plan).unwrap()).unwrap()
}

fn is_usual(strike: &Strike) -> bool {
    *strike == Strike::default()
}
