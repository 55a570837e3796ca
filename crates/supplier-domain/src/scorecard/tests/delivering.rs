//! Practices of updates.

use super::sent::to;
use super::server::Server;
use crate::OrderStatus::{Completed, Error, Partial, Pending, Processing};
use crate::samples::request;
use crate::{PracticeReport, Standing};

/// The practice's only finding, in words.
fn only_finding(practice: &PracticeReport) -> &str {
    let [finding] = &practice.findings[..] else { panic!("{practice:?}") };
    assert!(!finding.requests.is_empty() && finding.advice.ends_with('.'), "{finding:?}");
    &finding.sentence
}

/// Rules: `practice.accounts`, `practice.partial`, `practice.tracking`, `practice.window`, `practice.status`.
#[test]
fn a_delivery_in_two_parts_with_its_id_is_all_that_is_asked_for() {
    let mut server = Server::with_orders(&[3]);
    server.add_service(2);
    server.list();
    for order in [1, 2] {
        server.update(&to(order).status(Processing).tracked()).unwrap();
    }
    server.update(&to(1).status(Partial).accounts(&["a:1"])).unwrap();
    server.wait(7_200);
    server.update(&to(1).status(Completed).accounts(&["b:2", "c:3"]).tracked()).unwrap();
    server.update(&to(2).status(Completed)).unwrap();
    for practice in server.report().practices {
        let is_observed = !["practice.errors", "practice.resend"].contains(&practice.practice.as_str());
        assert_eq!(practice.points, is_observed.then_some(100), "{practice:?}");
    }
}

/// Rules: `practice.accounts`.
#[test]
fn accounts_that_no_check_let_through_are_counted_by_what_is_wrong_with_them() {
    let mut server = Server::with_orders(&[3, 1]);
    server.add_service(3);
    server.update(&to(1).accounts(&["a:1", "a", "b:", "a:1"])).unwrap();
    assert!(server.update(&to(1).accounts(&["a:1"])).is_err());
    assert!(server.update(&to(1).accounts(&[])).is_err());
    server.update(&to(3).accounts(&["c:1"])).unwrap();
    server.update(&to(2).accounts(&["d:1"])).unwrap();
    let accounts = server.practice("practice.accounts");
    assert_eq!((accounts.occasions, accounts.kept), (5, 1));
    let said: Vec<_> = accounts.findings.iter().map(|finding| finding.sentence.as_str()).collect();
    assert_eq!(
        said,
        [
            "2 accounts were dropped as malformed, in 1 update (order 1).",
            "2 accounts were dropped as duplicates, in 2 updates (order 1).",
            "1 update came with an empty list of accounts (order 1).",
            "1 update sent accounts for an order without a product (order 3).",
        ]
    );
}

/// Rules: `practice.tracking`.
#[test]
fn deliveries_without_an_id_and_ids_of_two_orders_are_named() {
    let mut server = Server::with_orders(&[1, 1, 1]);
    server.update(&to(1).status(Completed).fresh_accounts(1)).unwrap();
    let tracking = server.practice("practice.tracking");
    assert_eq!(
        (tracking.points, only_finding(&tracking)),
        (Some(0), "1 delivery came without a `supplierOrderId` (order 1).")
    );

    let mut server = Server::with_orders(&[1, 1, 1]);
    for (order, id) in [(1, "A"), (2, " A "), (1, "B"), (3, "A"), (1, "B")] {
        let mut update = to(order);
        update.supplier_order_id = Some(id.to_owned());
        server.update(&update).unwrap();
    }
    let tracking = server.practice("practice.tracking");
    assert_eq!(
        only_finding(&tracking),
        "1 update gave a `supplierOrderId` that another order has (order 2)."
    );
    assert_eq!(tracking.occasions, 5, "order 1 gave A up, and 3 may have it");
}

/// Rules: `practice.status`.
#[test]
fn orders_taken_straight_to_completed_and_orders_never_answered_are_named() {
    let mut server = Server::with_orders(&[1; 5]);
    assert_eq!(server.list().len(), 5);
    server.update(&to(1).status(Completed).fresh_accounts(1)).unwrap();
    server.update(&to(2).status(Processing)).unwrap();
    server.update(&to(3).status(Error)).unwrap();
    let status = server.practice("practice.status");
    assert_eq!(only_finding(&status), "1 order was taken straight to `completed` (order 1).");
    assert_eq!((status.occasions, status.points), (3, Some(66)));

    server.wait(1_799);
    assert_eq!(server.practice("practice.status").occasions, 3, "within the window there is time");
    server.wait(1);
    let status = server.practice("practice.status");
    assert_eq!((status.occasions, status.kept), (5, 2));
    assert_eq!(
        status.findings[1].sentence,
        "2 orders were handed out and never answered, and the window has run out (orders 4 and 5)."
    );
    assert_eq!(status.findings[1].requests[..], [request(1)]);
    server.list();
    let status = server.practice("practice.status");
    assert_eq!((status.occasions, status.kept), (5, 2), "that they come back is no answer");
    assert_eq!(status.findings[1].requests[..], [request(1)]);
    server.update(&to(4).status(Pending)).unwrap();
    assert_eq!(server.practice("practice.status").kept, 3);
}

/// Rules: `practice.partial`.
#[test]
fn completed_with_too_few_and_deliveries_of_too_many_are_named() {
    let mut server = Server::with_orders(&[3, 1]);
    server.update(&to(1).status(Completed).fresh_accounts(1)).unwrap();
    let partial = server.practice("practice.partial");
    assert_eq!(
        (partial.standing, only_finding(&partial)),
        (
            Standing::NotMet,
            "1 update set `completed` with fewer accounts than were ordered, 2 accounts short in all (order 1)."
        )
    );
    server.update(&to(2).status(Completed).fresh_accounts(4)).unwrap();
    assert_eq!(
        server.practice("practice.partial").findings[1].sentence,
        "1 update delivered more accounts than were ordered, 3 accounts too many in all (order 2)."
    );
}

/// Rules: `practice.window`.
#[test]
fn late_answers_and_accounts_sold_twice_are_named() {
    let mut server = Server::with_orders(&[1, 1]);
    server.list();
    server.wait(1_799);
    server.update(&to(1).accounts(&["a:1"])).unwrap();
    assert_eq!(server.practice("practice.window").standing, Standing::Met);
    server.wait(1);
    server.update(&to(2).status(Processing)).unwrap();
    let window = server.practice("practice.window");
    assert_eq!(
        only_finding(&window),
        "1 answer came after the window had run out, when the order may have been handed out twice (order 2)."
    );
    server.update(&to(2).status(Completed).accounts(&["a:1", "b:1"])).unwrap();
    let window = server.practice("practice.window");
    assert_eq!((window.occasions, window.kept), (3, 1));
    assert_eq!(
        window.findings[1].sentence,
        "1 update delivered 1 account that another order had been given (order 2)."
    );
}

/// Rules: `practice.accounts`.
#[test]
fn malformed_accounts_are_told_by_the_form_that_they_seem_to_have_and_odd_ones_by_their_place() {
    let mut server = Server::with_orders(&[5]);
    server.update(&to(1).accounts(&["a:1", "b|2|3", "c;4", "\u{feff}d:5"])).unwrap();
    assert!(server.update(&to(1).accounts(&["e|6"])).is_err());
    let accounts = server.practice("practice.accounts");
    assert_eq!((accounts.occasions, accounts.kept), (2, 0));
    let said: Vec<_> = accounts.findings.iter().map(|finding| finding.sentence.as_str()).collect();
    assert_eq!(
        said,
        [
            "3 accounts were dropped as malformed, in 2 updates; one that looks like `login|password|…`, one that looks \
             like `login;password` (order 1).",
            "1 account in 1 update was hardly meant as sent: accounts[3] holds the invisible character U+FEFF at \
             position 0 (order 1).",
        ]
    );
    assert!(accounts.findings[0].advice.contains("send `login:password`, with a colon"));
}
