//! Whole clients: the bad one, the guide's own, and the model.

use super::sent::to;
use super::server::{Fault, Server};
use crate::OrderStatus::{Completed, Partial, Processing};
use crate::{IgnoredName, NamePlace, Standing};

/// Seven orders of products and one of a service.
fn world() -> Server {
    let mut server = Server::with_orders(&[1, 2, 2, 5, 3, 1, 4]);
    server.add_service(8);
    server
}

/// Polls every second, pages by offset, completes with one account, tracks nothing, and repeats what was refused.
fn bad_client(server: &mut Server) {
    server.ignored = Some(IgnoredName::new(NamePlace::ListParameter, "status[]"));
    for offset in ["0", "2", "4"] {
        for order in server.list_with(&[("limit", "2"), ("offset", offset)]) {
            let number = i64::try_from(order.id.get()).unwrap();
            for _ in 0..3 {
                let _ = server.update(&to(number).status(Completed).accounts(&["stock:1", "stock:1", "?"]));
            }
        }
    }
    for _ in 0..60 {
        server.wait(1);
        let _ = server.list();
        let _ = server.list_with(&[("limit", "9999")]);
    }
    server.wait(1_800);
}

/// The guide's workflow, to the letter.
fn guides_client(server: &mut Server) {
    for order in server.list_with(&[("limit", "50"), ("offset", "0")]) {
        server.wait(1);
        let number = i64::try_from(order.id.get()).unwrap();
        let update = to(number).status(Completed).accounts(&["user1:pass1", "user2:pass2"]).tracked();
        server.update(&update).unwrap();
    }
}

/// Says that it works on an order, delivers what it has, and the rest later; retries what failed.
fn model_client(server: &mut Server) {
    server.fault = Some(Fault::Unavailable);
    server.list();
    server.wait(1);
    let orders = server.list();
    for order in &orders {
        server.wait(1);
        server.update(&to(i64::try_from(order.id.get()).unwrap()).status(Processing).tracked()).unwrap();
    }
    for order in &orders {
        let aurora = crate::samples::supplier_id("aurora");
        let (number, pieces) =
            (i64::try_from(order.id.get()).unwrap(), order.seen_by(&aurora).unwrap().quantity());
        if number == 8 {
            server.update(&to(number).status(Completed)).unwrap();
            continue;
        }
        if pieces > 2 {
            server.update(&to(number).status(Partial).accounts(&[&format!("first-{number}:1")])).unwrap();
        }
        let rest = if pieces > 2 { pieces - 1 } else { pieces };
        server.fault = (number == 1).then_some(Fault::LostAnswer);
        let completed = to(number).status(Completed).fresh_accounts(rest).tracked();
        server.update(&completed).unwrap();
        if number == 1 {
            server.wait(2);
            assert!(server.update(&completed).is_err(), "it was done");
        }
    }
    server.wait(1_800);
    assert!(server.list().is_empty());
}

fn score(client: impl Fn(&mut Server)) -> (Server, u8) {
    let mut server = world();
    client(&mut server);
    let score = server.report().score.unwrap();
    (server, score)
}

/// Rules: `practice.polling`, `practice.errors`, `practice.accounts`, `practice.tracking`, `practice.status`,
/// `practice.partial`, `practice.secret`, `practice.window`, `practice.names`.
#[test]
fn a_client_that_does_all_well_gets_all_the_points() {
    let (server, score) = score(model_client);
    for practice in server.report().practices {
        assert_eq!((practice.standing, practice.points), (Standing::Met, Some(100)), "{practice:?}");
        assert!(practice.findings.is_empty() && practice.summary.ends_with('.'));
    }
    assert_eq!(score, 100);
}

/// Rules: `practice.polling`, `practice.errors`, `practice.accounts`, `practice.tracking`, `practice.status`,
/// `practice.partial`, `practice.window`, `practice.names`.
#[test]
fn a_bad_client_is_told_all_of_it_by_name() {
    let (server, score) = score(bad_client);
    assert!(score <= 25, "{score}: {:#?}", server.report());
    for (practice, said) in [
        ("practice.polling", "could bring nothing"),
        ("practice.errors", "repeated one that had been refused"),
        ("practice.accounts", "dropped as malformed"),
        ("practice.accounts", "dropped as duplicates"),
        ("practice.tracking", "without a `supplierOrderId`"),
        ("practice.status", "straight to `completed`"),
        ("practice.partial", "fewer accounts than were ordered"),
        ("practice.window", "an `offset` above 0"),
        ("practice.window", "another order had been given"),
        ("practice.names", "The parameter `status[]`"),
    ] {
        let report = server.practice(practice);
        let finding = report.findings.iter().find(|finding| finding.sentence.contains(said));
        let finding = finding.unwrap_or_else(|| panic!("nothing says {said}: {report:#?}"));
        assert!((1..=20).contains(&finding.requests.len()), "{finding:?}");
    }
}

/// Rules: `practice.status`, `practice.partial`, `practice.accounts`, `practice.window`.
#[test]
fn the_guides_own_client_does_clearly_better_and_is_told_what_it_loses_points_for() {
    let ((_, bad), (server, guide)) = (score(bad_client), score(guides_client));
    assert!((45..=75).contains(&guide) && guide >= bad + 25, "{guide} and {bad}: {:#?}", server.report());
    let points: Vec<_> = server.report().practices.iter().map(|practice| practice.points).collect();
    let [polling, errors, resend, accounts, tracking, status, partial, secret, window, names] = points[..]
    else {
        panic!()
    };
    assert_eq!(resend, None, "every answer reached it");
    assert_eq!(
        (polling, errors, tracking, secret, names),
        (Some(100), None, Some(100), Some(100), Some(100))
    );
    assert_eq!((accounts, status, partial, window), (Some(87), Some(0), Some(28), Some(12)));
}

/// Rules: `practice.polling`, `practice.status`.
#[test]
fn what_is_seen_most_often_is_to_be_changed_first() {
    let mut server = Server::with_orders(&[1, 1]);
    for _ in 0..50 {
        server.list();
        server.wait(1);
    }
    for order in [1, 2] {
        server.update(&to(order).status(Completed).fresh_accounts(1).tracked()).unwrap();
    }
    let report = server.report();
    let steps: Vec<_> =
        report.next_steps().into_iter().map(|(it, finding)| (it.practice.as_str(), finding.count)).collect();
    assert_eq!(steps, [("practice.polling", 49), ("practice.status", 2)]);
    let status = server.practice("practice.status");
    assert_eq!((status.points, status.lost()), (Some(0), 2), "though it has fewer points");
}
