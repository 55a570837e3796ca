//! Practices of polling: interval and offset.

use super::server::{Fault, Server};
use crate::fault::Operation;
use crate::samples::request;
use crate::{ListCall, Observation, ObservedCall, Standing, Timestamp};

/// Rules: `practice.polling`.
#[test]
fn a_client_that_waits_for_the_window_polls_as_it_should() {
    let mut server = Server::with_orders(&[1, 1, 1]);
    assert_eq!(server.practice("practice.polling").standing, Standing::NotObserved);
    // Further pages of one poll are no polls of their own.
    server.list_with(&[("limit", "2")]);
    server.list_with(&[("limit", "2")]);
    for _ in 0..3 {
        server.wait(1_800);
        server.list_with(&[("limit", "2")]);
        server.list_with(&[("limit", "2")]);
    }
    let polling = server.practice("practice.polling");
    assert_eq!((polling.standing, polling.points, polling.occasions), (Standing::Met, Some(100), 4));
    assert_eq!(
        polling.summary,
        "8 list calls: 4 polls, and 4 further pages of them; the shortest gap between two polls was 30 min, the median 30 \
         min."
    );
}

/// Rules: `practice.polling`.
#[test]
fn a_client_that_polls_every_second_is_told_which_polls_could_bring_nothing() {
    let mut server = Server::with_orders(&[1]);
    for _ in 0..50 {
        server.list();
        server.wait(1);
    }
    let polling = server.practice("practice.polling");
    assert_eq!((polling.standing, polling.points), (Standing::NotMet, Some(2)));
    assert_eq!(polling.summary, "50 polls; the shortest gap between two polls was 1 s, the median 1 s.");
    let [finding] = &polling.findings[..] else { panic!("{polling:?}") };
    assert_eq!(finding.sentence, "49 of 50 polls could bring nothing, since all that matched was withheld.");
    assert_eq!((finding.count, finding.requests.len(), finding.requests[0]), (49, 20, request(2)));
}

/// Rules: `practice.polling`.
#[test]
fn polls_in_quick_succession_help_no_more_when_there_are_no_orders() {
    let mut server = Server::default();
    for wait in [0, 600, 10, 59, 60] {
        server.wait(wait);
        server.list();
    }
    let polling = server.practice("practice.polling");
    assert_eq!(polling.findings[0].requests[..], [request(3), request(4)]);
    assert_eq!((polling.points, polling.findings.len()), (Some(60), 1));
}

/// Rules: `practice.polling`.
#[test]
fn what_a_poll_left_over_makes_a_further_page_only_if_it_is_soon_asked_for() {
    let mut server = Server::with_orders(&[1, 1, 1]);
    for _ in 0..3 {
        server.list_with(&[("limit", "1")]);
        server.wait(300);
    }
    let polling = server.practice("practice.polling");
    assert_eq!((polling.occasions, polling.standing), (3, Standing::Met));
}

/// Rules: `practice.polling`.
#[test]
fn a_poll_that_repeats_one_whose_answer_was_lost_is_not_blamed() {
    let mut server = Server::with_orders(&[1]);
    server.fault = Some(Fault::LostAnswer);
    server.list();
    server.wait(2);
    assert!(server.list().is_empty());
    assert_eq!(server.practice("practice.polling").standing, Standing::Met);
    server.wait(1_800);
    assert_eq!(server.practice("practice.status").standing, Standing::NotObserved, "it never got the order");
}

/// Rules: `practice.polling`.
#[test]
fn the_gap_is_told_by_the_clock_that_says_more() {
    let mut server = Server::default();
    let mut seen = |at: i64, real: i64| {
        let call = ObservedCall::List(ListCall::default());
        let observation = server.observation(Operation::ListOrders, 200, None, "list", call);
        let (at, real) = (Timestamp::from_millis(at), Timestamp::from_millis(real));
        server.scorecard.observe(&Observation { at, server: real, ..observation });
    };
    seen(0, 0);
    seen(0, 120_000);
    seen(1_800_000, 120_001);
    let polling = server.practice("practice.polling");
    assert_eq!(polling.standing, Standing::Met);
    assert!(polling.summary.contains("shortest gap between two polls was 2 min"), "{}", polling.summary);
}

/// Rules: `practice.window`.
#[test]
fn an_offset_is_fine_until_the_page_before_is_withheld() {
    let mut server = Server::with_orders(&[1; 6]);
    server.list_with(&[("limit", "2"), ("offset", "2")]);
    assert_eq!(server.practice("practice.window").standing, Standing::Met);

    let mut server = Server::with_orders(&[1; 6]);
    server.list_with(&[("limit", "2")]);
    let skipped_to = server.list_with(&[("limit", "2"), ("offset", "2")]);
    assert_eq!(skipped_to[0].id.get(), 5, "3 and 4 are skipped");
    let window = server.practice("practice.window");
    assert_eq!((window.standing, window.points), (Standing::NotMet, Some(0)));
    assert_eq!(
        window.findings[0].sentence,
        "1 page was asked for with an `offset` above 0 while the page before was withheld, which skipped 2 orders."
    );
    assert_eq!(server.practice("practice.polling").occasions, 1);
}

/// Rules: `practice.window`.
#[test]
fn no_more_orders_are_said_to_be_skipped_than_there_are() {
    let mut server = Server::with_orders(&[1; 6]);
    server.list_with(&[("limit", "1")]);
    for _ in 0..25 {
        server.list_with(&[("limit", "1"), ("offset", "4")]);
        server.list_with(&[("limit", "1"), ("offset", "500")]);
    }
    assert_eq!(
        server.practice("practice.window").findings[0].sentence,
        "50 pages were asked for with an `offset` above 0 while the page before was withheld, which skipped up to 4 \
         orders each time."
    );
}

/// Rules: `practice.secret`.
#[test]
fn a_key_seen_once_is_no_secret_any_more() {
    let mut server = Server::default();
    server.list();
    assert_eq!(server.practice("practice.secret").points, Some(100));
    let observation =
        server.observation(Operation::ListOrders, 200, None, "list", ObservedCall::List(ListCall::default()));
    server.scorecard.observe(&Observation { key_in_url: true, ..observation.clone() });
    server.scorecard.observe(&Observation { key_in_body: true, ..observation });
    let secret = server.practice("practice.secret");
    assert_eq!((secret.standing, secret.points), (Standing::NotMet, Some(0)));
    let said: Vec<_> = secret.findings.iter().map(|finding| finding.sentence.as_str()).collect();
    assert_eq!(said, ["A key stood in the URL of 1 call.", "A key stood in the body of 1 call."]);
}
