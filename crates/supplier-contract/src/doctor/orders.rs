//! Whether orders are made as asked, shown to their supplier, and gone after a reset.

use serde_json::{Value, json};

use super::{Exam, settled};
use crate::guide_table::STATUSES;
use crate::provision::{Need, ProvisionError};
use crate::script::{NewOrders, Who};
use crate::target::Problem;

/// What checks cannot do without orders that are made as asked.
const ORDERS: [Need; 4] = [Need::Orders, Need::OwnOrder, Need::ForeignOrder, Need::UnpaidOrder];
/// What checks cannot do where another client takes orders away.
const LISTS: [Need; 2] = [Need::Lists, Need::Stock];

/// Longer than a window, in milliseconds. Not a whole hour: see `clock.rs`.
const BEYOND_WINDOW: u64 = 3_607_000;

/// The orders of an examination, each asked for with other parameters.
#[derive(Default)]
pub(super) struct Made {
    /// Plain ones, of the first supplier.
    pub(super) plain: Vec<u64>,
    /// One with every parameter that a page shows.
    full: Option<u64>,
    unpaid: Option<u64>,
    auto: Option<u64>,
    /// The second supplier's.
    pub(super) second: Option<u64>,
    /// Of both suppliers.
    pub(super) shared: Option<u64>,
}

/// The order with every parameter that a page shows: of prices that every server can keep.
fn full() -> NewOrders {
    NewOrders::some(1).status("processing").quantity(3).price(12_500).entity("smm_service")
}

impl Exam<'_> {
    /// Examines all that has to do with orders.
    pub(super) async fn orders(&mut self) -> Result<(), Problem> {
        if !self.offers(Need::Orders) {
            self.found.fine(
                "orders",
                "the hook makes none (`create_orders`): checks that need them are not tested",
            );
            return Ok(());
        }
        let Some(made) = self.make_all().await else { return Ok(()) };
        let is_seen = self.look(&made).await?;
        self.state(&made).await;
        self.clock(is_seen.then_some(made.plain.as_slice())).await;
        self.reset().await;
        if self.found.remarks.iter().all(|remark| remark.about != "orders") {
            self.found.fine("orders", "the hook makes them as asked");
        }
        Ok(())
    }

    /// Makes orders; none where the hook does not heed a parameter. What goes wrong otherwise is a problem of the hook.
    pub(super) async fn make(&mut self, parameter: &'static str, orders: NewOrders) -> Option<Vec<u64>> {
        let orders = if self.is_fresh() { orders } else { orders.category(&self.tag.clone()) };
        match self.target.provisioner.create_orders(&self.world, std::slice::from_ref(&orders)).await {
            Ok(numbers) => {
                self.made += orders.count;
                Some(numbers.into_iter().flatten().collect())
            }
            Err(ProvisionError::Unsupported(_)) => None,
            Err(ProvisionError::Failed(why)) if parameter.is_empty() => {
                let why = self.said(&why);
                self.found.problem("orders", &ORDERS, why);
                None
            }
            Err(ProvisionError::Failed(why)) => {
                let why = self.said(&why);
                self.found.unheeded(parameter, why);
                None
            }
        }
    }

    async fn one(&mut self, parameter: &'static str, order: NewOrders) -> Option<u64> {
        self.make(parameter, order).await?.first().copied()
    }

    async fn make_all(&mut self) -> Option<Made> {
        let plain = self.make("", NewOrders::some(2)).await?;
        let mut made = Made { plain, ..Made::default() };
        made.full = self.one("", full()).await;
        made.unpaid = self.one("paymentStatus", NewOrders::some(1).payment("pending")).await;
        made.auto = self.one("productType", NewOrders::some(1).product_type("auto")).await;
        if self.world.keys.contains_key(Who::Second.as_str()) {
            made.second = self.one("supplier", NewOrders::some(1).of(Who::Second)).await;
            made.shared = self.one("sharedWith", NewOrders::some(1).shared()).await;
        }
        // Not the next number, which is given to whoever does not ask for another. Without a reset it would stay, and be in
        // the way of a sequence that comes to it.
        if self.is_fresh() {
            let number = made.plain.iter().chain(made.shared.iter()).chain(made.second.iter()).max()? + 1000;
            self.one("id", NewOrders::some(1).numbered(number)).await;
        }
        Some(made)
    }

    /// Looks at the orders in their suppliers' pages, and says whether the first supplier's were there.
    async fn look(&mut self, made: &Made) -> Result<bool, Problem> {
        if !self.watch.is_zero() {
            tokio::time::sleep(self.watch).await;
        }
        // Before any page that the order must not be in.
        let auto = if made.auto.is_some() { self.page("first", "productType=auto").await } else { None };
        let Some(page) = self.page("first", "productType=manual").await else { return Ok(false) };
        let second =
            if made.second.is_some() { self.page("second", "productType=manual").await } else { None };
        if self.is_not_the_first(made, &page).await {
            return Ok(false);
        }
        if !self.is_fresh() && made.plain.iter().all(|order| !page.has(*order)) {
            // Without its subcategory nothing of the examination is found again, whosever fault that is.
            return Ok(false);
        }
        if let Some(order) = made.full.and_then(|order| page.order(order)) {
            self.as_asked(order, made).await;
        }
        let is_paid = |order: &Value| order["paymentStatus"] == "completed";
        if made.unpaid.and_then(|order| page.order(order)).is_some_and(is_paid) {
            self.passed_over("paymentStatus", "\"pending\"", "an order that is paid");
        }
        if let (Some(order), Some(auto)) = (made.auto, &auto)
            && page.has(order)
            && !auto.has(order)
        {
            self.passed_over("productType", "\"auto\"", "a manual order");
        }
        self.suppliers(made, &page, second.as_ref()).await?;
        if made.plain.iter().any(|order| !page.has(*order)) {
            self.others().await;
        }
        self.sub_category().await;
        Ok(made.plain.iter().all(|order| page.has(*order)))
    }

    pub(super) fn passed_over(&mut self, parameter: &'static str, asked: &str, made: &str) {
        let text = format!(
            "`create_orders` was asked for `{parameter}` = {asked} and made {made}; heed `{parameter}`, or answer `unsupported` to it"
        );
        self.found.unheeded(parameter, text);
    }

    /// Compares the order with every parameter with what was asked for, where the page agrees with itself.
    async fn as_asked(&mut self, order: &Value, made: &Made) {
        let item = &order["items"][0];
        let (quantity, price, total) =
            (&item["quantity"], item["unitPrice"].as_f64(), item["totalPrice"].as_f64());
        let times = quantity.as_f64().zip(price).map(|(quantity, price)| quantity * price);
        let agrees = times.zip(total).is_some_and(|(times, total)| (times - total).abs() < 0.000_05);
        if agrees && *quantity != json!(3) && order["quantity"] == *quantity {
            self.passed_over("quantity", "3", &format!("an order of quantity {quantity}"));
        }
        if agrees && let Some(price) = price.filter(|price| (price - 1.25).abs() > 0.000_05) {
            self.passed_over("unitPrice", "1.25", &format!("an order at the unit price {price}"));
        }
        let shown = |at: &str| order.pointer(at).and_then(Value::as_str).map(str::to_owned);
        if let Some(entity) = shown("/items/0/product/type").filter(|entity| entity == "product")
            && self.is_not_found("entityType", "smm_service", full()).await
        {
            self.passed_over("entityType", "\"smm_service\"", &format!("an order of a `{entity}`"));
        }
        if let Some(status) = shown("/status").filter(|status| status != "processing") {
            let state = match made.full {
                Some(order) => self.target.provisioner.order_state(&self.world, order).await.ok(),
                None => None,
            };
            let agrees = match state {
                Some(state) => state.status == status,
                None => self.is_not_found("status", "processing", full()).await,
            };
            if agrees {
                self.passed_over(
                    "status",
                    "\"processing\"",
                    &format!("an order that is {}", self.said(&crate::http::printable(&status, 40))),
                );
            }
        }
    }

    /// Whether another such order is not found by the filter, but without it: page and filter say the same of the order.
    async fn is_not_found(&mut self, filter: &str, value: &str, order: NewOrders) -> bool {
        let Some(order) = self.one("", order).await else { return false };
        let Some(page) = self.page("first", &format!("productType=manual&{filter}={value}")).await else {
            return false;
        };
        if page.has(order) {
            return false;
        }
        self.page("first", "productType=manual").await.is_some_and(|page| page.has(order))
    }

    /// Whether an order of a subcategory is found by it.
    async fn sub_category(&mut self) {
        if !self.is_fresh() {
            return;
        }
        let name = self.tag.clone();
        let Some(order) = self.one("subCategory", NewOrders::some(1).category(&name)).await else { return };
        let query = format!("productType=manual&subCategory={name}");
        let Some(page) = self.page("first", &query).await else { return };
        if page.has(order) {
            return;
        }
        if self.page("first", "productType=manual").await.is_some_and(|page| page.has(order)) {
            let text = format!(
                "`create_orders` was asked for `subCategory` = \"{name}\", and a list by that name does not find the order; heed `subCategory`, or answer `unsupported` to it (if the hook heeds it, the target's filter finds nothing, which breaks list.sub-category)"
            );
            self.found.unheeded("subCategory", text);
        }
    }

    /// Whether another client polls: orders that were just made are hidden, though nobody here saw them.
    async fn others(&mut self) {
        let (mut shown, mut hidden) = (0, Vec::new());
        for _ in 0..3 {
            let Some(orders) = self.make("", NewOrders::some(2)).await else { return };
            let Some(page) = self.page("first", "productType=manual").await else { return };
            for order in orders {
                if page.has(order) { shown += 1 } else { hidden.push(order) }
            }
        }
        let mut comes_later = false;
        if shown == 0 && self.offers(Need::Time) && !self.target.offers.waits {
            let moved = self.advance(BEYOND_WINDOW).await.is_ok();
            let page = if moved { self.page("first", "productType=manual").await } else { None };
            comes_later = page.is_some_and(|page| hidden.iter().any(|order| page.has(*order)));
        }
        if !hidden.is_empty() && (shown > 0 || comes_later) {
            let text = format!(
                "another client polls with the first supplier's key: order {} was made and hidden at once, though nobody here saw it; stop that client, or give the suite a supplier of its own",
                hidden[0]
            );
            self.found.problem("others", &LISTS, text);
        }
    }

    /// Whether `order_state` answers in the shape that is asked for.
    async fn state(&mut self, made: &Made) {
        let Some(order) = made.full.or(made.plain.first().copied()) else { return };
        if !self.offers(Need::State) {
            return;
        }
        match self.target.provisioner.order_state(&self.world, order).await {
            Ok(state) if state.accounts > 0 => {
                let text = format!(
                    "`order_state` answered `accounts` = {} for order {order}, which was just made; answer how many accounts were delivered to the order, not its quantity",
                    state.accounts
                );
                self.found.problem("state", &[Need::State], text);
            }
            Ok(state) if !STATUSES.contains(&state.status.as_str()) => {
                let text = format!(
                    "`order_state` answered `status` = \"{}\" for an order that was just made; answer the API's own words: {}",
                    self.said(&crate::http::printable(&state.status, 40)),
                    STATUSES.join(", ")
                );
                self.found.problem("state", &[Need::State], text);
            }
            Ok(_) => self.found.fine("state", "`order_state` says how an order stands"),
            Err(ProvisionError::Unsupported(_)) => {}
            Err(ProvisionError::Failed(why)) => {
                let why = self.said(&why);
                self.found.problem("state", &[Need::State], why);
            }
        }
    }

    /// Whether `reset` leaves no order, be it one of the examination's or one that it puts there.
    async fn reset(&mut self) {
        if !self.is_fresh() {
            return;
        }
        // No list has shown this one, so that none hides it.
        let last = self.one("", NewOrders::some(1)).await;
        match settled(self.target, 0, true).await {
            Ok(world) => {
                self.bindings.keys.clone_from(&world.keys);
                self.world = world;
            }
            Err(error) => {
                let why = self.said(&error.to_string());
                self.found.problem("reset", &[Need::Fresh], why);
                return;
            }
        }
        for key in ["first", "second"] {
            if !self.world.keys.contains_key(key) {
                continue;
            }
            let Some(page) = self.page(key, "productType=manual").await else { return };
            if let Some(told) = page.told() {
                let how = if last.is_some_and(|last| page.has(last)) {
                    "the orders that were there before"
                } else {
                    "orders of its own"
                };
                let text = format!(
                    "`reset` left {how} ({told}); delete every order and every hand-out in `reset`, and seed nothing"
                );
                self.found.problem("reset", &[Need::Fresh], text);
                return;
            }
        }
        self.found.fine("reset", "`reset` leaves no order");
    }
}
