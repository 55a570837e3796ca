//! Bounds of a scorecard.

use super::sent::to;
use super::server::{Fault, Server};
use crate::{OrderStatus, Reading, Scorecard};

fn size(scorecard: &Scorecard) -> usize {
    serde_json::to_string(scorecard).unwrap().len()
}

/// Rules: `practice.polling`, `practice.errors`.
#[test]
fn a_client_that_never_stops_does_not_make_its_scorecard_grow() {
    let mut server = Server::with_orders(&[1]);
    let mut sizes = Vec::new();
    for round in 0..1_000_i64 {
        for failing in [round, round + 1_000_000] {
            server.fault = (failing > 999).then_some(Fault::Unavailable);
            let _ = server.update(&to(2 + failing));
        }
        server.list();
        let _ = server.list_with(&[("limit", &format!("{}", round + 501))]);
        server.wait(1);
        sizes.push(size(&server.scorecard));
    }
    assert!(sizes[999] < sizes[199] + 1_000 && sizes[999] < 40_000, "{} then {}", sizes[199], sizes[999]);
    let errors = server.practice("practice.errors");
    assert_eq!((errors.occasions, errors.findings[0].count), (3_000, 1_000), "none is forgotten uncounted");
}

/// Rules: `practice.window`.
#[test]
fn of_a_large_order_the_first_accounts_are_kept_to_compare_others_with() {
    let mut server = Server::with_orders(&[1_000, 1, 1]);
    server.update(&to(1).fresh_accounts(1_000)).unwrap();
    let kept = size(&server.scorecard);
    assert!(kept < 5_000, "{kept}");
    server.update(&to(2).accounts(&["user-1-63:secret"])).unwrap();
    assert_eq!(server.practice("practice.window").findings[0].orders.len(), 1);
}

/// Rules: `practice.status`.
#[test]
fn what_a_fork_observes_is_not_told_of_its_origin() {
    let mut server = Server::with_orders(&[1]);
    server.list();
    let origin = server.scorecard.clone();
    let said_of = |scorecard: &Scorecard, server: &Server| {
        scorecard.report(&Reading { now: server.now(), awaits: &|_| true, has_ended: false })
    };
    let before = said_of(&origin, &server);
    server.update(&to(1).status(OrderStatus::Completed).fresh_accounts(1)).unwrap();
    assert_ne!(server.report(), before);
    assert_eq!(said_of(&origin, &server), before);
}

/// Rules: `practice.secret`, `practice.tracking`, `practice.window`.
#[test]
fn nothing_that_a_client_should_keep_to_itself_is_kept_or_printed() {
    let mut server = Server::with_orders(&[1]);
    let update = to(1).status(OrderStatus::Completed).accounts(&["login-7:hunter2", "hunter2"]).tracked();
    server.update(&update).unwrap();
    assert!(server.update(&update).is_err());
    let text = format!(
        "{}{:?}{:?}",
        serde_json::to_string(&server.scorecard).unwrap(),
        server.scorecard,
        server.report()
    );
    for secret in ["hunter2", "login-7", "SUP-1"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
