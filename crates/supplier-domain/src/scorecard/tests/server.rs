//! A small server that decides by this crate and shows every call to a scorecard.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::samples::{facet, manual, order, request, supplier_id};
use crate::{
    CallDigest, EntityType, FingerprintKey, HandedOut, ListCall, ListQuery, Observation, ObservedCall, Order,
    OrderId, OrderUpdate, PracticeReport, ProductType, Refusal, Report, Scorecard, SubmittedAccount,
    Timestamp, UpdateCall, Window, decide, listing,
};

const KEY: FingerprintKey = FingerprintKey([3; 32]);

/// What goes wrong with the next call.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fault {
    LostAnswer,
    Unavailable,
}

#[derive(Default)]
pub(super) struct Server {
    pub(super) orders: BTreeMap<OrderId, Order>,
    pub(super) scorecard: Scorecard,
    pub(super) fault: Option<Fault>,
    until: BTreeMap<OrderId, Timestamp>,
    seconds: i64,
    calls: u64,
}

impl Server {
    /// With orders of products, from number 1 on, of so many pieces each.
    pub(super) fn with_orders(quantities: &[u32]) -> Self {
        let mut server = Self::default();
        for (quantity, number) in quantities.iter().zip(1..) {
            server.add(order(number).with_item("aurora", manual("Mail accounts"), *quantity));
        }
        server
    }

    pub(super) fn add(&mut self, order: Order) {
        self.orders.insert(order.id, order);
    }

    /// An order of a service.
    pub(super) fn add_service(&mut self, number: i64) {
        let service = facet(ProductType::Manual, EntityType::SmmService, "Channel growth");
        self.add(order(number).with_item("aurora", service, 100));
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + self.seconds * 1_000)
    }

    pub(super) fn wait(&mut self, seconds: i64) {
        self.seconds += seconds;
    }

    pub(super) fn report(&self) -> Report {
        self.scorecard.report(self.now())
    }

    pub(super) fn practice(&self, practice: &str) -> PracticeReport {
        self.report().practices.into_iter().find(|report| report.practice.as_str() == practice).unwrap()
    }

    /// The guide's list call.
    pub(super) fn list(&mut self) -> Vec<Order> {
        self.list_with(&[])
    }

    pub(super) fn list_with(&mut self, parameters: &[(&str, &str)]) -> Vec<Order> {
        let guide = [("status", "pending,processing"), ("productType", "manual")];
        self.ask(&[&guide, parameters].concat())
    }

    /// Manual orders of every status.
    pub(super) fn list_any_status(&mut self) -> Vec<Order> {
        self.ask(&[("productType", "manual")])
    }

    fn ask(&mut self, pairs: &[(&str, &str)]) -> Vec<Order> {
        let Ok(query) = ListQuery::parse(pairs.iter().copied()) else {
            self.observe(400, Some("INVALID_REQUEST"), &format!("{pairs:?}"), ObservedCall::Other);
            return Vec::new();
        };
        if self.fault == Some(Fault::Unavailable) {
            self.observe(503, None, &format!("{pairs:?}"), ObservedCall::Other);
            return Vec::new();
        }
        let (now, aurora) = (self.now(), supplier_id("aurora"));
        let (fit, withheld): (Vec<_>, Vec<_>) = self
            .orders
            .values()
            .filter(|order| listing::hands_out(order, &aurora, &query, None, now))
            .cloned()
            .partition(|order| !Window::withholds(self.until.get(&order.id).copied(), now));
        let page = fit.iter().skip(usize::try_from(query.offset).unwrap()).take(query.limit);
        let page: Vec<_> = page.cloned().collect();
        let until = Window::STANDARD.withheld_until(now).unwrap();
        self.until.extend(page.iter().map(|order| (order.id, until)));
        let list = ListCall {
            offset: query.offset,
            handed_out: page
                .iter()
                .map(|order| HandedOut { order: order.id, status: order.status })
                .collect(),
            withheld: withheld.len(),
            total: fit.len(),
            withheld_until: Some(until),
        };
        self.observe(200, None, &format!("{pairs:?}"), ObservedCall::List(list));
        page
    }

    pub(super) fn update(&mut self, update: &OrderUpdate) -> Result<(), Refusal> {
        let content = format!("{}{:?}{:?}", update.order, update.status, accounts_of(update));
        if self.fault == Some(Fault::Unavailable) {
            self.observe(503, None, &content, ObservedCall::Other);
            return Ok(());
        }
        let aurora = supplier_id("aurora");
        let before = OrderId::new(update.order).and_then(|id| self.orders.get(&id));
        match decide(
            before,
            &aurora,
            update,
            &crate::Deduplication::standard(&KEY),
            crate::AccountsRoom::ENDLESS,
        ) {
            Ok(decision) => {
                let status_before = before.unwrap().status;
                let call = UpdateCall::granted(update, &decision, &aurora, status_before);
                self.add(decision.order);
                self.observe(200, None, &content, ObservedCall::Update(call));
                Ok(())
            }
            Err(refusal) => {
                let (status, code) = match refusal {
                    Refusal::InvalidAccounts => (400, "INVALID_ACCOUNTS"),
                    _ => (404, "ORDER_NOT_FOUND"),
                };
                self.observe(
                    status,
                    Some(code),
                    &content,
                    ObservedCall::Update(UpdateCall::refused(update, &refusal)),
                );
                Err(refusal)
            }
        }
    }

    fn observe(&mut self, status: u16, error: Option<&'static str>, content: &str, call: ObservedCall) {
        let observation = self.observation(status, error, content, call);
        self.scorecard.observe(&observation);
    }

    pub(super) fn observation(
        &mut self,
        status: u16,
        error: Option<&'static str>,
        content: &str,
        call: ObservedCall,
    ) -> Observation {
        self.calls += 1;
        Observation {
            request: request(self.calls),
            at: self.now(),
            server: self.now(),
            reached: self.fault.take() != Some(Fault::LostAnswer),
            status,
            error: error.map(Cow::Borrowed),
            key_in_url: false,
            key_in_body: false,
            digest: CallDigest::of("call", content.as_bytes(), &KEY),
            call,
        }
    }
}

fn accounts_of(update: &OrderUpdate) -> Vec<&str> {
    let entries = update.accounts.iter().flatten();
    entries
        .map(|entry| match entry {
            SubmittedAccount::Text(text) => text.as_str(),
            SubmittedAccount::NotText => "",
        })
        .collect()
}
