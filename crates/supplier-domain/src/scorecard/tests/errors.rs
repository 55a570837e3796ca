//! Practices after an error.

use super::sent::to;
use super::server::{Fault, Server};
use crate::fault::Operation;
use crate::samples::{manual, order, request};
use crate::{ObservedCall, OrderStatus, Standing};

/// A client whose call fails, and who calls again after each of `waits`, failing until the last.
fn retrying(waits: &[i64]) -> Server {
    let mut server = Server::with_orders(&[1]);
    server.fault = Some(Fault::Unavailable);
    server.list();
    for (index, wait) in waits.iter().enumerate() {
        server.wait(*wait);
        server.fault = (index + 1 < waits.len()).then_some(Fault::Unavailable);
        server.list();
    }
    server
}

/// Rules: `practice.errors`.
#[test]
fn growing_gaps_are_good_retries() {
    for waits in [&[1][..], &[1, 2, 4, 8], &[1, 2, 3, 4, 5], &[10, 60, 60, 60]] {
        let errors = retrying(waits).practice("practice.errors");
        assert_eq!((errors.standing, errors.occasions), (Standing::Met, 1), "{waits:?}: {errors:?}");
    }
    assert_eq!(Server::with_orders(&[1]).practice("practice.errors").standing, Standing::NotObserved);
}

/// Rules: `practice.errors`.
#[test]
fn gaps_that_do_not_grow_are_named_once_for_each_call() {
    for waits in [&[1, 1][..], &[0, 0, 0, 0], &[8, 4, 2, 1]] {
        let errors = retrying(waits).practice("practice.errors");
        assert_eq!((errors.standing, errors.points), (Standing::NotMet, Some(0)), "{waits:?}");
        assert_eq!(errors.findings[0].sentence, "1 failed call was retried without growing gaps.");
        assert_eq!(errors.findings[0].requests[..], [request(3)]);
    }
}

/// Rules: `practice.errors`.
#[test]
fn a_failure_that_is_not_retried_is_named_until_it_is() {
    let mut server = Server::with_orders(&[1, 1]);
    server.fault = Some(Fault::LostAnswer);
    let update = to(1).status(OrderStatus::Processing);
    server.update(&update).unwrap();
    server.update(&to(2).status(OrderStatus::Processing)).unwrap();
    let errors = server.practice("practice.errors");
    assert_eq!(
        errors.findings[0].sentence,
        "1 call that got a 5xx, a time-out or no answer was never retried (order 1)."
    );
    assert_eq!(errors.findings[0].requests[..], [request(1)]);
    server.update(&update).unwrap();
    assert_eq!(server.practice("practice.errors").standing, Standing::Met);
}

/// Rules: `practice.errors`, `practice.accounts`, `practice.partial`.
#[test]
fn a_retry_of_what_was_done_is_not_blamed_for_finding_it_done() {
    let mut server = Server::with_orders(&[2]);
    let update = to(1).status(OrderStatus::Completed).fresh_accounts(2).tracked();
    server.update(&to(1).status(OrderStatus::Processing)).unwrap();
    server.fault = Some(Fault::LostAnswer);
    server.update(&update).unwrap();
    server.wait(1);
    assert!(server.update(&update).is_err(), "the order has these accounts");
    let report = server.report();
    assert_eq!(report.score, Some(100), "{report:?}");
    server.wait(1);
    assert!(server.update(&update).is_err());
    assert_eq!(
        server.practice("practice.errors").findings[0].sentence,
        "1 call repeated one that had been refused, and was refused again: 1 with `INVALID_ACCOUNTS` (order 1)."
    );
}

/// Rules: `practice.errors`.
#[test]
fn the_same_call_after_a_refusal_is_named_and_another_one_is_not() {
    let mut server = Server::with_orders(&[1]);
    for number in [7, 8, 9, 7, 8, 7] {
        server.wait(60);
        assert!(server.update(&to(number)).is_err());
    }
    let errors = server.practice("practice.errors");
    assert_eq!((errors.occasions, errors.kept, errors.points), (6, 3, Some(50)));
    assert_eq!(
        errors.findings[0].sentence,
        "3 calls repeated one that had been refused, and were refused again: 3 with `ORDER_NOT_FOUND` (orders 7 and 8)."
    );
    assert_eq!(errors.findings[0].requests[..], [request(4), request(5), request(6)]);
}

/// Rules: `practice.errors`.
#[test]
fn a_time_out_and_a_rate_limit_ask_for_a_retry_and_other_4xx_do_not() {
    for (status, standing) in [(408, Standing::Met), (429, Standing::Met), (413, Standing::NotMet)] {
        let mut server = Server::default();
        for _ in 0..2 {
            let observation =
                server.observation(Operation::UpdateOrder, status, None, "the same", ObservedCall::Other);
            server.scorecard.observe(&observation);
            server.wait(1);
        }
        assert_eq!(server.practice("practice.errors").standing, standing, "{status}");
    }
}

/// Rules: `practice.errors`.
#[test]
fn a_call_that_was_right_to_come_again_is_not_named() {
    let mut server = Server::default();
    let update = to(1).status(OrderStatus::Processing);
    assert!(server.update(&update).is_err());
    server.add(order(1).with_item("aurora", manual("Mail accounts"), 1));
    server.update(&update).unwrap();
    server.orders.clear();
    assert!(server.update(&update).is_err());
    assert_eq!(server.practice("practice.errors").standing, Standing::Met);
    assert!(server.update(&update).is_err());
    assert_eq!(server.practice("practice.errors").standing, Standing::NotMet);
}
