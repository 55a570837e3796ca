//! A small server that decides by this crate and shows every call to a scorecard.

use std::collections::BTreeMap;

use crate::fault::Operation;
use crate::samples::{facet, manual, order, request, supplier_id};
use crate::{
    CallDigest, EntityType, ErrorCode, FingerprintKey, HandedOut, IgnoredName, ListCall, ListQuery,
    Observation, ObservedCall, Order, OrderId, OrderUpdate, PracticeReport, ProductType, Reading, Refusal,
    Report, Scorecard, SubmittedAccount, Timestamp, UpdateCall, Window, decide, listing,
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
    /// Whether the client goes away before its answer.
    pub(super) hangs_up: bool,
    /// A name that each call holds, and the API does not know.
    pub(super) ignored: Option<IgnoredName>,
    until: BTreeMap<OrderId, Timestamp>,
    millis: i64,
    /// How far the sandbox's clock is ahead of the server's, in milliseconds.
    ahead: i64,
    calls: u64,
    takes: i64,
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
        Timestamp::from_millis(self.server_time().as_millis() + self.ahead)
    }

    fn server_time(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + self.millis)
    }

    pub(super) fn wait(&mut self, seconds: i64) {
        self.wait_millis(seconds * 1_000);
    }

    pub(super) fn wait_millis(&mut self, millis: i64) {
        self.millis += millis;
    }

    /// The next call takes so many milliseconds.
    pub(super) fn takes(&mut self, millis: i64) {
        self.takes = millis;
    }

    /// Moves the sandbox's clock ahead.
    pub(super) fn jump(&mut self, seconds: i64) {
        self.ahead += seconds * 1_000;
    }

    pub(super) fn report(&self) -> Report {
        self.report_at(false)
    }

    /// What is said once the client has stopped.
    pub(super) fn report_at_the_end(&self) -> Report {
        self.report_at(true)
    }

    fn report_at(&self, has_ended: bool) -> Report {
        let awaits = |order| self.orders.get(&order).is_some_and(Order::awaits_supplier);
        self.scorecard.report(&Reading { now: self.now(), awaits: &awaits, has_ended })
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
            self.observe(
                Operation::ListOrders,
                400,
                Some(ErrorCode::InvalidRequest),
                &format!("{pairs:?}"),
                ObservedCall::Other,
            );
            return Vec::new();
        };
        if self.fault == Some(Fault::Unavailable) {
            self.observe(Operation::ListOrders, 503, None, &format!("{pairs:?}"), ObservedCall::Other);
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
        self.observe(Operation::ListOrders, 200, None, &format!("{pairs:?}"), ObservedCall::List(list));
        page
    }

    pub(super) fn update(&mut self, update: &OrderUpdate) -> Result<(), Refusal> {
        let content = format!("{}{:?}{:?}", update.order, update.status, accounts_of(update));
        if self.fault == Some(Fault::Unavailable) {
            self.observe(Operation::UpdateOrder, 503, None, &content, ObservedCall::Other);
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
                self.observe(Operation::UpdateOrder, 200, None, &content, ObservedCall::Update(call));
                Ok(())
            }
            Err(refusal) => {
                let (status, code) = match refusal {
                    Refusal::InvalidAccounts(_) => (400, ErrorCode::InvalidAccounts),
                    _ => (404, ErrorCode::OrderNotFound),
                };
                self.observe(
                    Operation::UpdateOrder,
                    status,
                    Some(code),
                    &content,
                    ObservedCall::Update(UpdateCall::refused(update, &refusal)),
                );
                Err(refusal)
            }
        }
    }

    fn observe(
        &mut self,
        operation: Operation,
        status: u16,
        error: Option<ErrorCode>,
        content: &str,
        call: ObservedCall,
    ) {
        let observation = self.observation(operation, status, error, content, call);
        self.scorecard.observe(&observation);
    }

    pub(super) fn observation(
        &mut self,
        operation: Operation,
        status: u16,
        error: Option<ErrorCode>,
        content: &str,
        call: ObservedCall,
    ) -> Observation {
        self.calls += 1;
        let (at, server) = (self.now(), self.server_time());
        self.millis += std::mem::take(&mut self.takes);
        Observation {
            request: request(self.calls),
            at,
            server,
            ended: self.server_time(),
            operation: Some(operation),
            reached: self.fault.take() != Some(Fault::LostAnswer),
            hung_up: self.hangs_up,
            is_done: (200..300).contains(&status),
            status,
            error,
            key_in_url: false,
            key_in_body: false,
            digest: CallDigest::of("call", content.as_bytes(), &KEY),
            forwarded_for: None,
            ignored: self.ignored.iter().cloned().collect(),
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
