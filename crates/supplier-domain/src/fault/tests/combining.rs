//! Several faults, one call.

use std::num::NonZeroU64;
use std::time::Duration;

use super::super::{Afterwards, Course, Delay, Effect, Filter, Instead, NewFault, Occasions, TooManyFaults};
use super::{Callers, armed, at, counts, is_usual, not_found};
use crate::fault::{FaultId, Faults, MAX_FAULTS};
use crate::{ErrorCode, OrderId};

fn once(effect: Effect) -> NewFault {
    let occasions = Occasions { times: Some(NonZeroU64::MIN), ..Occasions::default() };
    NewFault { occasions, ..NewFault::new(effect) }
}

#[test]
fn without_faults_all_goes_as_usual() {
    let callers = Callers::new();
    assert!(is_usual(&Faults::default().decide(&callers.list(), at(0))));
}

#[test]
fn every_effect_says_what_to_do() {
    let callers = Callers::new();
    let courses = [
        (Effect::DropBefore, Course::Instead(Instead::Drop)),
        (not_found(), Course::Instead(Instead::Error(ErrorCode::OrderNotFound))),
        (Effect::DropAfter, Course::Afterwards(Afterwards::Drop)),
        (Effect::truncate(9).unwrap(), Course::Afterwards(Afterwards::Truncate { bytes: 9 })),
        (Effect::Garbage, Course::Afterwards(Afterwards::Garbage)),
    ];
    for (effect, course) in courses {
        let (mut plan, [id]) = armed([NewFault::new(effect)]);
        let strike = plan.decide(&callers.list(), at(0));
        assert_eq!((strike.course, strike.delay, strike.fired), (course, Duration::ZERO, vec![id]));
    }
    let (mut plan, _) = armed([NewFault::new(Effect::status(502, true).unwrap())]);
    let Course::Instead(Instead::Status { status, envelope }) = plan.decide(&callers.list(), at(0)).course
    else {
        panic!("no status")
    };
    assert_eq!((status.get(), envelope), (502, true));
}

#[test]
fn delays_add_up_and_the_first_of_the_others_wins() {
    let callers = Callers::new();
    let (mut plan, [drop, slow, not_found, slower]) = armed([
        once(Effect::DropAfter),
        NewFault::new(Effect::delay(200, 0).unwrap()),
        once(not_found()),
        NewFault::new(Effect::delay(50, 0).unwrap()),
    ]);
    let first = plan.decide(&callers.list(), at(0));
    assert_eq!(first.fired, [drop, slow, slower]);
    assert_eq!(
        (first.delay, first.course),
        (Duration::from_millis(250), Course::Afterwards(Afterwards::Drop))
    );
    // The second fault kept its one time for the next call.
    assert_eq!(counts(&plan), [(1, 1), (1, 1), (1, 0), (1, 1)]);
    let second = plan.decide(&callers.list(), at(0));
    assert_eq!(second.fired, [slow, not_found, slower]);
    assert_eq!(second.course, Course::Instead(Instead::Error(ErrorCode::OrderNotFound)));
    assert_eq!(plan.decide(&callers.list(), at(0)).fired, [slow, slower]);
    assert_eq!(counts(&plan), [(3, 1), (3, 3), (3, 1), (3, 3)]);
}

#[test]
fn no_call_waits_longer_than_a_minute() {
    let callers = Callers::new();
    let longest = || NewFault::new(Effect::delay(60_000, 0).unwrap());
    let (mut plan, ids) = armed([longest(), longest(), longest()]);
    let strike = plan.decide(&callers.list(), at(0));
    assert_eq!((strike.delay, strike.fired), (Delay::MAX, ids.to_vec()));
}

#[test]
fn a_call_that_another_fault_answers_counts_towards_a_rate_limit() {
    let callers = Callers::new();
    let (mut plan, [first, limit]) =
        armed([once(not_found()), NewFault::new(Effect::rate_limit(1, 60).unwrap())]);
    assert_eq!(plan.decide(&callers.list(), at(0)).fired, [first]);
    let strike = plan.decide(&callers.list(), at(59_500));
    assert_eq!(strike.fired, [limit]);
    assert_eq!(strike.course, Course::Instead(Instead::RateLimited { retry_after: 1 }));
    assert!(is_usual(&plan.decide(&callers.list(), at(60_000))));
}

#[test]
fn each_supplier_has_a_rate_of_its_own_and_each_limit_too() {
    let callers = Callers::new();
    let limit = |calls| NewFault::new(Effect::rate_limit(calls, 60).unwrap());
    let (mut plan, [two, _]) = armed([limit(2), limit(3)]);
    let birch = crate::fault::Call { supplier: &callers.birch, ..callers.list() };
    for _ in 0..2 {
        assert!(is_usual(&plan.decide(&callers.list(), at(0))));
        assert!(is_usual(&plan.decide(&birch, at(0))));
    }
    assert_eq!(plan.decide(&birch, at(0)).fired, [two]);
    assert_eq!(plan.decide(&callers.list(), at(0)).fired, [two]);
}

#[test]
fn a_fault_of_an_order_strikes_its_updates_and_no_list_call() {
    let callers = Callers::new();
    let filter = Filter { order: OrderId::new(7), ..Filter::default() };
    let (mut plan, [id]) = armed([NewFault { filter, ..NewFault::new(Effect::DropBefore) }]);
    assert!(is_usual(&plan.decide(&callers.list(), at(0))));
    assert!(is_usual(&plan.decide(&callers.update(8), at(0))));
    assert!(is_usual(&plan.decide(&callers.update(0), at(0))));
    assert_eq!(plan.decide(&callers.update(7), at(0)).fired, [id]);
    assert_eq!(counts(&plan), [(1, 1)]);
}

#[test]
fn disarmed_faults_are_gone_and_their_numbers_with_them() {
    let callers = Callers::new();
    let (mut plan, [first, second]) = armed([NewFault::new(not_found()), NewFault::new(Effect::Garbage)]);
    assert!(plan.disarm(first) && !plan.disarm(first) && !plan.disarm(FaultId(99)));
    assert_eq!(plan.decide(&callers.list(), at(0)).fired, [second]);
    plan.clear();
    assert!(plan.is_empty() && is_usual(&plan.decide(&callers.list(), at(0))));
    assert_eq!(plan.arm(NewFault::new(not_found()), at(0)), Ok(FaultId(3)));
}

#[test]
fn so_many_may_be_armed_and_expired_ones_make_room() {
    let mut plan = Faults::default();
    let brief = NewFault { ttl: Some(Duration::from_secs(1)), ..NewFault::new(not_found()) };
    plan.arm(brief, at(0)).unwrap();
    for _ in 1..MAX_FAULTS {
        plan.arm(NewFault::new(not_found()), at(0)).unwrap();
    }
    let full = plan.clone();
    assert_eq!(plan.arm(NewFault::new(not_found()), at(999)), Err(TooManyFaults));
    assert!(TooManyFaults.to_string().contains("100 faults are armed"), "{TooManyFaults}");
    assert_eq!(plan, full);
    assert!(plan.arm(NewFault::new(not_found()), at(1_000)).is_ok());
    assert_eq!(plan.armed(at(1_000)).count(), MAX_FAULTS);
}
