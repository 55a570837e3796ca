//! Calls that are sent again after an answer that nobody got.

use super::sent::to;
use super::server::{Fault, Server};
use crate::OrderStatus::Processing;
use crate::Standing;
use crate::samples::request;

/// A client that lists orders, loses the answer, and lists again after so many milliseconds.
fn listing_again_after(millis: i64) -> Server {
    let mut server = Server::with_orders(&[1, 1, 1]);
    server.fault = Some(Fault::LostAnswer);
    server.list_with(&[("limit", "2")]);
    server.wait_millis(millis);
    server.list_with(&[("limit", "2")]);
    server
}

/// Rules: `practice.resend`.
#[test]
fn a_list_call_that_comes_again_at_once_was_sent_by_a_program() {
    for millis in [0, 3, 50] {
        let server = listing_again_after(millis);
        let resend = server.practice("practice.resend");
        assert_eq!((resend.occasions, resend.points), (1, Some(0)), "{millis}");
        let finding = &resend.findings[0];
        assert_eq!(
            finding.sentence,
            "1 list call was sent again within 50 ms after a lost answer: your HTTP client, or a proxy, did this by \
             itself, and 2 orders of the lost pages stay unseen until 2023-11-14T22:43:20.000Z (orders 1 and 2).",
        );
        assert_eq!(finding.requests[..], [request(2)]);
        assert_eq!(server.practice("practice.errors").standing, Standing::NotObserved, "it is no good retry");
    }
}

/// Rules: `practice.resend`.
#[test]
fn a_list_call_that_comes_again_later_was_retried_and_much_later_is_the_next_poll() {
    for (millis, points) in [(51, 0), (100, 0), (1_000, 0), (29_999, 0), (30_000, 100), (300_000, 100)] {
        let server = listing_again_after(millis);
        let resend = server.practice("practice.resend");
        assert_eq!(resend.points, Some(points), "{millis}");
        if let Some(finding) = resend.findings.first() {
            assert!(
                finding.sentence.starts_with("1 list call was retried by your code after a lost answer"),
                "{finding:?}"
            );
        }
        assert_eq!(server.practice("practice.errors").standing, Standing::NotObserved);
    }
}

/// A busy server notices late that a client went away, perhaps when the same call comes again.
///
/// Rules: `practice.resend`.
#[test]
fn a_call_that_its_client_gave_up_may_come_again_soon_after_the_server_noticed() {
    for (hangs_up, waited, is_automatic) in [(true, 300, false), (true, 20, true), (false, 300, true)] {
        let mut server = Server::with_orders(&[3]);
        (server.fault, server.hangs_up) = (Some(Fault::LostAnswer), hangs_up);
        let update = to(1).status(Processing);
        server.takes(waited);
        let _ = server.update(&update);
        server.hangs_up = false;
        server.wait_millis(10);
        let _ = server.update(&update);
        let resend = server.practice("practice.resend");
        assert_eq!(
            resend.points,
            Some(if is_automatic { 0 } else { 100 }),
            "{hangs_up} {waited}: {resend:?}"
        );
    }
}

/// Rules: `practice.resend`, `practice.errors`.
#[test]
fn whoever_gives_up_after_a_lost_page_is_no_worse_than_whoever_asks_again() {
    let mut server = Server::with_orders(&[1]);
    server.fault = Some(Fault::LostAnswer);
    server.list();
    let report = server.report();
    assert_eq!(report.score, Some(100), "{report:?}");
    assert_eq!(server.practice("practice.resend").occasions, 1);
}

/// Rules: `practice.resend`, `practice.errors`.
#[test]
fn an_update_is_retried_after_a_while_and_not_at_once() {
    for (millis, standing) in [(4, Standing::NotMet), (1_000, Standing::Met)] {
        let mut server = Server::with_orders(&[1]);
        let update = to(1).status(Processing).fresh_accounts(1).tracked();
        server.fault = Some(Fault::LostAnswer);
        server.update(&update).unwrap();
        server.wait_millis(millis);
        assert!(server.update(&update).is_err());
        assert_eq!(server.practice("practice.resend").standing, standing, "{millis}");
        assert_eq!(server.practice("practice.errors").standing, Standing::Met);
    }
}

/// Rules: `practice.resend`.
#[test]
fn a_call_that_comes_again_though_it_was_answered_is_none_of_these() {
    let mut server = Server::with_orders(&[1, 1]);
    server.list();
    server.list();
    assert_eq!(server.practice("practice.resend").standing, Standing::NotObserved);
}

/// Rules: `practice.resend`.
#[test]
fn a_clock_that_was_moved_since_is_time_that_the_client_waited() {
    let mut server = Server::with_orders(&[1, 1, 1]);
    server.fault = Some(Fault::LostAnswer);
    server.list();
    server.jump(1_800);
    assert_eq!(server.list().len(), 3);
    assert_eq!(server.practice("practice.resend").points, Some(100));
}

/// Rules: `practice.resend`.
#[test]
fn each_of_many_resends_counts_by_itself() {
    let mut server = Server::with_orders(&[1; 20]);
    for _ in 0..4 {
        server.fault = Some(Fault::LostAnswer);
        server.list_with(&[("limit", "5")]);
    }
    let resend = server.practice("practice.resend");
    assert_eq!((resend.occasions, resend.kept), (4, 1), "the first was no resend");
    assert!(resend.findings[0].sentence.contains("15 orders"), "{}", resend.findings[0].sentence);
}
