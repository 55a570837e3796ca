//! Several faults that strike one call.

use std::num::NonZeroU64;
use std::time::Duration;

use super::super::{
    Afterwards, Close, Course, Delay, Effect, FaultAction, Filter, FiredFault, Framing, Instead, NewFault,
    Occasions, Replacement, TooManyFaults, When,
};
use super::{Callers, armed, at, clock, counts, delay, ids, is_usual, not_found};
use crate::fault::{FaultId, Faults, MAX_FAULTS, Strike};
use crate::{ErrorCode, OrderId};

fn once(effect: Effect) -> NewFault {
    let occasions = Occasions { times: Some(NonZeroU64::MIN), ..Occasions::default() };
    NewFault { occasions, ..NewFault::new(effect) }
}

#[test]
fn without_faults_all_goes_as_usual() {
    let callers = Callers::new();
    assert!(is_usual(&Faults::default().decide(&callers.list(), &clock(0))));
}

#[test]
fn every_effect_says_what_to_do() {
    let callers = Callers::new();
    let error = |when| Effect::error("ORDER_NOT_FOUND", when).unwrap();
    let replacement = Replacement::Error(ErrorCode::OrderNotFound);
    let truncate = |framing| Effect::truncate(9, framing).unwrap();
    let truncated = |framing| Course::Afterwards(Afterwards::Truncate { bytes: 9, framing });
    let courses = [
        (error(When::Before), Course::Instead(Instead::Replace(replacement))),
        (error(When::After), Course::Afterwards(Afterwards::Replace(replacement))),
        (truncate(Framing::Length), truncated(Framing::Length)),
        (truncate(Framing::Chunked), truncated(Framing::Chunked)),
        (Effect::Garbage, Course::Afterwards(Afterwards::Garbage)),
    ];
    let drops = Close::ALL.iter().flat_map(|how| {
        let how = *how;
        [
            (Effect::DropBefore { how }, Course::Instead(Instead::Drop(how))),
            (Effect::DropAfter { how }, Course::Afterwards(Afterwards::Drop(how))),
        ]
    });
    for (effect, course) in courses.into_iter().chain(drops) {
        let (mut plan, [id]) = armed([NewFault::new(effect)]);
        let strike = plan.decide(&callers.list(), &clock(0));
        let fired = vec![FiredFault { id, action: Some(FaultAction::Course(course)) }];
        assert_eq!(strike, Strike { fired, course, ..Strike::default() });
    }
    let (mut plan, _) = armed([NewFault::new(Effect::status(502, true, When::After).unwrap())]);
    let course = plan.decide(&callers.list(), &clock(0)).course;
    let Course::Afterwards(Afterwards::Replace(Replacement::Status { status, envelope })) = course else {
        panic!("no status")
    };
    assert_eq!((status.get(), envelope), (502, true));
}

#[test]
fn delays_add_up_and_the_first_of_the_others_wins() {
    let callers = Callers::new();
    let (mut plan, [drop, slow, not_found, slower, late, later]) = armed([
        once(Effect::DropAfter { how: Close::Rst }),
        NewFault::new(delay(200, When::Before)),
        once(not_found()),
        NewFault::new(delay(50, When::Before)),
        NewFault::new(delay(7, When::After)),
        once(delay(1_000, When::After)),
    ]);
    let first = plan.decide(&callers.list(), &clock(0));
    assert_eq!(ids(&first), [drop, slow, slower, late, later]);
    assert_eq!(
        (first.delay_before, first.course, first.delay_after),
        (
            Duration::from_millis(250),
            Course::Afterwards(Afterwards::Drop(Close::Rst)),
            Duration::from_millis(1_007)
        )
    );
    // The third fault kept its one time for the next call.
    assert_eq!(counts(&plan), [(1, 1), (1, 1), (1, 0), (1, 1), (1, 1), (1, 1)]);
    let second = plan.decide(&callers.list(), &clock(0));
    assert_eq!(ids(&second), [slow, not_found, slower, late]);
    let error = Replacement::Error(ErrorCode::OrderNotFound);
    assert_eq!(second.course, Course::Instead(Instead::Replace(error)));
    assert_eq!(second.delay_after, Duration::from_millis(7));
    assert_eq!(ids(&plan.decide(&callers.list(), &clock(0))), [slow, slower, late]);
    assert_eq!(counts(&plan), [(3, 1), (3, 3), (3, 1), (3, 3), (3, 3), (3, 1)]);
}

#[test]
fn no_call_waits_longer_than_a_minute_and_no_answer_either() {
    let callers = Callers::new();
    let longest = |when| NewFault::new(delay(60_000, when));
    let (mut plan, armed) =
        armed([longest(When::Before), longest(When::After), longest(When::Before), longest(When::After)]);
    let strike = plan.decide(&callers.list(), &clock(0));
    assert_eq!((strike.delay_before, strike.delay_after), (Delay::MAX, Delay::MAX));
    assert_eq!(ids(&strike), armed);
}

#[test]
fn a_call_that_another_fault_answers_counts_towards_a_rate_limit() {
    let callers = Callers::new();
    let (mut plan, [first, limit]) =
        armed([once(not_found()), NewFault::new(Effect::rate_limit(1, 60).unwrap())]);
    assert_eq!(ids(&plan.decide(&callers.list(), &clock(0))), [first]);
    let strike = plan.decide(&callers.list(), &clock(59_500));
    assert_eq!(ids(&strike), [limit]);
    assert_eq!(strike.course, Course::Instead(Instead::RateLimited { retry_after: Some(1) }));
    assert!(is_usual(&plan.decide(&callers.list(), &clock(60_000))));
}

#[test]
fn each_supplier_has_a_rate_of_its_own_and_each_limit_too() {
    let callers = Callers::new();
    let limit = |calls| NewFault::new(Effect::rate_limit(calls, 60).unwrap());
    let (mut plan, [two, _]) = armed([limit(2), limit(3)]);
    let birch = crate::fault::Call { supplier: &callers.birch, ..callers.list() };
    for _ in 0..2 {
        assert!(is_usual(&plan.decide(&callers.list(), &clock(0))));
        assert!(is_usual(&plan.decide(&birch, &clock(0))));
    }
    assert_eq!(ids(&plan.decide(&birch, &clock(0))), [two]);
    assert_eq!(ids(&plan.decide(&callers.list(), &clock(0))), [two]);
}

#[test]
fn a_fault_of_an_order_strikes_its_updates_and_no_list_call() {
    let callers = Callers::new();
    let filter = Filter { order: OrderId::new(7), ..Filter::default() };
    let (mut plan, [id]) =
        armed([NewFault { filter, ..NewFault::new(Effect::DropBefore { how: Close::Fin }) }]);
    assert!(is_usual(&plan.decide(&callers.list(), &clock(0))));
    assert!(is_usual(&plan.decide(&callers.update(8), &clock(0))));
    assert!(is_usual(&plan.decide(&callers.update(0), &clock(0))));
    assert_eq!(ids(&plan.decide(&callers.update(7), &clock(0))), [id]);
    assert_eq!(counts(&plan), [(1, 1)]);
}

#[test]
fn disarmed_faults_are_gone_and_their_numbers_with_them() {
    let callers = Callers::new();
    let (mut plan, [first, second]) = armed([NewFault::new(not_found()), NewFault::new(Effect::Garbage)]);
    assert!(plan.disarm(first) && !plan.disarm(first) && !plan.disarm(FaultId(99)));
    assert_eq!(ids(&plan.decide(&callers.list(), &clock(0))), [second]);
    plan.clear();
    assert!(plan.is_empty() && is_usual(&plan.decide(&callers.list(), &clock(0))));
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
    assert!(TooManyFaults.to_string().contains("has 100 faults"), "{TooManyFaults}");
    assert_eq!(plan, full);
    assert!(plan.arm(NewFault::new(not_found()), at(1_000)).is_ok());
    assert_eq!(plan.armed(at(1_000)).count(), MAX_FAULTS);
}
