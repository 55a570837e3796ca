//! Orders that are not only the client's to answer.

use super::sent::to;
use super::server::Server;
use crate::OrderStatus::{Completed, Processing};
use crate::samples::{facet, manual, order};
use crate::{EntityType, OrderStatus, PaymentStatus, ProductType, Standing};

/// Rules: `practice.partial`.
#[test]
fn accounts_of_an_order_are_counted_for_all_its_suppliers() {
    let shared =
        || order(1).with_item("aurora", manual("Mail accounts"), 2).with_item("birch", manual("Games"), 3);
    for (count, standing) in
        [(1, Standing::NotMet), (2, Standing::Met), (5, Standing::Met), (6, Standing::NotMet)]
    {
        let mut server = Server::default();
        server.add(shared());
        server.update(&to(1).status(Completed).fresh_accounts(count)).unwrap();
        assert_eq!(server.practice("practice.partial").standing, standing, "{count}");
    }
}

/// Rules: `practice.accounts`, `practice.partial`.
#[test]
fn another_suppliers_product_is_no_reason_to_send_accounts() {
    let mut server = Server::default();
    let service = facet(ProductType::Manual, EntityType::SmmService, "Channel growth");
    server.add(order(1).with_item("aurora", service, 100).with_item("birch", manual("Games"), 3));
    server.update(&to(1).status(Completed).accounts(&["a:1"])).unwrap();
    assert_eq!(server.practice("practice.accounts").standing, Standing::NotMet);
    assert_eq!(server.practice("practice.partial").standing, Standing::NotObserved);
}

/// Rules: `practice.status`.
#[test]
fn an_order_that_is_done_waits_for_no_answer() {
    let mut server = Server::with_orders(&[1]);
    server.add(order(2).with_item("aurora", manual("Mail accounts"), 1).with_status(Completed));
    server.add(order(3).with_item("aurora", manual("Mail accounts"), 1).with_status(Processing));
    assert_eq!(server.list_with(&[]).len(), 2);
    server.list_any_status();
    server.wait(1_800);
    let status = server.practice("practice.status");
    let named: Vec<_> = status.findings[0].orders.iter().map(|order| order.get()).collect();
    assert_eq!((status.occasions, named), (2, vec![1, 3]));
}

/// Rules: `practice.status`.
#[test]
fn an_order_that_its_supplier_need_not_or_cannot_answer_is_held_against_nobody() {
    for status in OrderStatus::ALL {
        for payment in PaymentStatus::ALL {
            let mut server = Server::with_orders(&[1]);
            server.list();
            let changed = order(1).with_item("aurora", manual("Mail accounts"), 1);
            server.add(changed.with_status(*status).with_payment_status(*payment));
            let is_open = status.awaits_supplier() && *payment == PaymentStatus::Completed;
            for at_the_end in [false, true] {
                let report = if at_the_end {
                    server.report_at_the_end()
                } else {
                    server.wait(1_800);
                    server.report()
                };
                let practice = report.practices.iter().find(|it| it.practice.as_str() == "practice.status");
                let points = practice.unwrap().points;
                assert_eq!(points, is_open.then_some(0), "{status} {payment} {at_the_end}");
            }
        }
    }
}

/// Rules: `practice.status`.
#[test]
fn what_is_not_answered_when_the_client_stops_counts_at_once() {
    let mut server = Server::with_orders(&[1, 1]);
    server.list();
    let practice = |report: crate::Report| {
        report.practices.into_iter().find(|it| it.practice.as_str() == "practice.status").unwrap()
    };
    assert_eq!(practice(server.report()).standing, Standing::NotObserved);
    server.update(&to(1).status(Processing)).unwrap();
    let ended = practice(server.report_at_the_end());
    assert_eq!((ended.occasions, ended.kept), (2, 1));
    assert_eq!(ended.findings[0].sentence, "1 order was handed out and never answered (order 2).");
}
