//! Orders of a sandbox: read, searched, awaited, explained.

use supplier_domain::listing::{self, Verdict};
use supplier_domain::{Fingerprint, ListQuery, OrderId, OrderStatus, SupplierId, Timestamp};
use supplier_rulebook::{
    LIST_ENTITY_TYPE, LIST_OFFSET, LIST_OWN_ITEMS, LIST_OWN_ONLY, LIST_PAID_ONLY, LIST_PRODUCT_TYPE,
    LIST_STATUS, LIST_SUB_CATEGORY, LIST_WINDOW, RuleId,
};
use supplier_store::{FoundOrders, OrderPreview, OrderSearch, OrderState, SandboxId};

use crate::{Control, ControlError};

/// Explanation why a list call hands out an order or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// Whether the order passes every rule, and so is in the page that the call would return.
    pub is_listed: bool,
    /// Time of the call, by the sandbox's clock.
    pub now: Timestamp,
    /// Verdict of each rule; `list.offset` and `list.limit` only if the order passes all other rules.
    pub reasons: Vec<Reason>,
}

/// Verdict of one rule on an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The rule.
    pub rule: RuleId,
    /// Whether the order passes.
    pub passes: bool,
    /// The reason, as a sentence.
    pub sentence: String,
    /// End of the window that withholds the order, by the sandbox's clock.
    pub until: Option<Timestamp>,
}

impl Control {
    /// State of an order.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoOrder`].
    pub async fn order(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        server: Timestamp,
    ) -> Result<OrderState, ControlError> {
        self.store.order(sandbox, id, server).await?.ok_or(ControlError::NoOrder(id))
    }

    /// The orders that match a search, of all suppliers. This hands out nothing.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoSupplier`].
    pub async fn find_orders(
        &self,
        sandbox: &SandboxId,
        search: &OrderSearch,
        server: Timestamp,
    ) -> Result<FoundOrders, ControlError> {
        if let Some(supplier) = &search.supplier {
            self.demand_supplier(sandbox, supplier, server).await?;
        }
        Ok(self.store.find_orders(sandbox, search, server).await?)
    }

    /// Waits until an order has one of these statuses, and returns its state. There is no timeout; `time` is the server's.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], also if the sandbox ends meanwhile; [`ControlError::NoOrder`],
    /// [`ControlError::TooMany`].
    pub async fn wait_for_order(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        statuses: &[OrderStatus],
        time: impl Fn() -> Timestamp,
    ) -> Result<OrderState, ControlError> {
        let mut listener = self.listen(sandbox, time()).await?;
        loop {
            let state = self.order(sandbox, id, time()).await?;
            if statuses.contains(&state.order.status) {
                return Ok(state);
            }
            if !listener.changed().await {
                return Err(ControlError::NoSandbox(sandbox.clone()));
            }
        }
    }

    /// Fingerprints of accounts in a sandbox. Equal accounts have equal fingerprints.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`].
    pub async fn fingerprints(
        &self,
        sandbox: &SandboxId,
        accounts: &[String],
        server: Timestamp,
    ) -> Result<Vec<Fingerprint>, ControlError> {
        Ok(self.store.fingerprints(sandbox, accounts, server).await?)
    }

    /// Explains whether a list call with `query` by `supplier` would hand out an order now. This hands out nothing.
    ///
    /// # Errors
    /// [`ControlError::NoSandbox`], [`ControlError::NoSupplier`], [`ControlError::NoOrder`].
    pub async fn why(
        &self,
        sandbox: &SandboxId,
        id: OrderId,
        supplier: &SupplierId,
        query: &ListQuery,
        server: Timestamp,
    ) -> Result<Why, ControlError> {
        let preview = self.store.preview(sandbox, id, supplier, query, server).await?;
        let preview = preview.ok_or(ControlError::NoOrder(id))?;
        let reasons = reasons(&preview, supplier, query);
        Ok(Why { is_listed: reasons.iter().all(|reason| reason.passes), now: preview.now, reasons })
    }
}

fn reasons(preview: &OrderPreview, supplier: &SupplierId, query: &ListQuery) -> Vec<Reason> {
    let OrderPreview { now, state, before, total } = preview;
    let until = state.until(supplier);
    let verdicts = listing::explain(&state.order, supplier, query, until, *now);
    let reasons = verdicts.iter().map(|verdict| reason(verdict, state, supplier, until, *now));
    // Only an order that can be handed out has a rank among them.
    let places = before.iter().flat_map(|before| {
        let verdicts = listing::explain_place(query, *before);
        verdicts.map(|verdict| place_reason(verdict, query, *before, *total))
    });
    reasons.chain(places).collect()
}

/// Verdict of `offset` or `limit` on an order that `before` of `total` orders precede.
fn place_reason(Verdict { rule, passes }: Verdict, query: &ListQuery, before: usize, total: usize) -> Reason {
    let number = before.saturating_add(1);
    let ListQuery { offset, limit, .. } = query;
    let end = offset.saturating_add(*limit as u64);
    let sentence = match (rule, passes) {
        (LIST_OFFSET, true) => {
            format!(
                "It is number {number} of {total} that can be handed out, and offset={offset} does not skip it."
            )
        }
        (LIST_OFFSET, false) => format!(
            "It is number {number} of {total} that can be handed out, and offset={offset} skips it; ask with \
             offset={before} or less."
        ),
        (_, true) => {
            format!("The page has room for it: it ends with number {end} (offset={offset}, limit={limit}).")
        }
        (_, false) => format!(
            "The page ends with number {end} (offset={offset}, limit={limit}); the order is in a later page, or in the \
             next poll with offset=0 once those before it are withheld."
        ),
    };
    Reason { rule, passes, sentence, until: None }
}

fn reason(
    verdict: &Verdict,
    state: &OrderState,
    supplier: &SupplierId,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Reason {
    let Verdict { rule, passes } = *verdict;
    let order = &state.order;
    let facets = order.seen_by(supplier).map(|view| view.facets()).unwrap_or_default();
    let words = |word: &dyn Fn(&supplier_domain::Facet) -> String| {
        let mut words: Vec<_> = facets.iter().map(word).collect();
        words.dedup();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    };
    let asked = if passes { "which the call asks for" } else { "and the call asks for others" };
    let sentence = match rule {
        LIST_PAID_ONLY if passes => "It is paid.".to_owned(),
        LIST_PAID_ONLY => {
            format!(
                "Its payment is {}; only orders whose payment is completed are listed.",
                order.payment_status
            )
        }
        LIST_OWN_ONLY if passes => format!("It has items of {supplier}."),
        LIST_OWN_ONLY => {
            let owners: Vec<_> = order.suppliers().iter().map(ToString::to_string).collect();
            format!("Nothing of it is {supplier}'s; its items are of {}.", owners.join(", "))
        }
        LIST_STATUS => format!("Its status is {}, {asked}.", order.status),
        LIST_PRODUCT_TYPE => {
            let types = words(&|facet| facet.product_type.to_string());
            let hint = if passes { "" } else { " (left out, productType is auto)" };
            format!("The product types of its own items are: {types}, {asked}{hint}.")
        }
        LIST_ENTITY_TYPE => {
            format!(
                "The entity types of its own items are: {}, {asked}.",
                words(&|it| it.entity_type.to_string())
            )
        }
        LIST_SUB_CATEGORY => {
            format!(
                "The subcategories of its own items are: {}, {asked}.",
                words(&|it| it.sub_category.to_string())
            )
        }
        LIST_OWN_ITEMS if passes => "One of its own items meets all the filters at once.".to_owned(),
        LIST_OWN_ITEMS => "None of its own items meets all the filters at once.".to_owned(),
        LIST_WINDOW => match until.filter(|_| !passes) {
            Some(until) => {
                let seconds = until.since(now).as_millis().div_ceil(1_000);
                format!(
                    "It was handed out to {supplier}, and is withheld until {until}: for {seconds} s more."
                )
            }
            None => format!("It is not withheld from {supplier}."),
        },
        // Every rule of a list has its sentence above; a test says so.
        _ => String::new(),
    };
    Reason { rule, passes, sentence, until: until.filter(|_| rule == LIST_WINDOW && !passes) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use supplier_domain::samples::{manual, order, supplier_id};
    use supplier_domain::{History, Order, OrderStatus, PaymentStatus};
    use supplier_rulebook::LIST_LIMIT;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn state(order: Order, withheld_until: Vec<(SupplierId, Timestamp)>) -> OrderState {
        OrderState { order, withheld_until, history: History::default(), dealings: Vec::new() }
    }

    fn hidden(state: &OrderState, pairs: &[(&str, &str)]) -> Vec<Reason> {
        let query = ListQuery::parse(pairs.iter().copied()).unwrap();
        let preview = OrderPreview { now: NOW, state: state.clone(), before: None, total: 0 };
        let reasons = reasons(&preview, &supplier_id("aurora"), &query);
        assert!(reasons.iter().all(|reason| reason.sentence.ends_with('.')), "{reasons:?}");
        reasons.into_iter().filter(|reason| !reason.passes).collect()
    }

    /// Rules: `list.paid-only`, `list.own-only`, `list.status`, `list.product-type`, `list.entity-type`,
    /// `list.sub-category`, `list.window`.
    #[test]
    fn each_reason_to_hide_an_order_is_told_in_a_sentence() {
        let open = || order(1).with_item("aurora", manual("Mail accounts"), 3);
        let manual_only = ("productType", "manual");
        let of = |order| state(order, Vec::new());
        for (state, pairs, rule, told) in [
            (
                of(open().with_payment_status(PaymentStatus::Failed)),
                vec![manual_only],
                LIST_PAID_ONLY,
                "Its payment is failed",
            ),
            (
                of(order(1).with_item("birch", manual("Mail accounts"), 3)),
                vec![manual_only],
                LIST_OWN_ONLY,
                "Nothing of it is aurora's; its items are of birch.",
            ),
            (
                of(open().with_status(OrderStatus::Error)),
                vec![manual_only, ("status", "pending")],
                LIST_STATUS,
                "Its status is error, and the call asks for others.",
            ),
            (of(open()), vec![], LIST_PRODUCT_TYPE, "manual, and the call asks for others (left out"),
            (of(open()), vec![manual_only, ("entityType", "smm_service")], LIST_ENTITY_TYPE, "are: product"),
            (of(open()), vec![manual_only, ("subCategory", "x")], LIST_SUB_CATEGORY, "are: Mail accounts"),
        ] {
            let hidden = hidden(&state, &pairs);
            assert_eq!(hidden[0].rule, rule);
            assert!(hidden[0].sentence.contains(told), "{hidden:?}");
        }
        let until = Timestamp::from_millis(NOW.as_millis() + 90_001);
        let withheld = state(open(), vec![(supplier_id("aurora"), until)]);
        let hidden = hidden(&withheld, &[manual_only]);
        assert_eq!((hidden.len(), hidden[0].rule, hidden[0].until), (1, LIST_WINDOW, Some(until)));
        assert!(hidden[0].sentence.contains("for 91 s more"), "{hidden:?}");
    }

    /// Rules: `list.offset`, `list.limit`.
    #[test]
    fn an_order_outside_of_the_page_is_told_its_number_and_how_to_get_it() {
        let state = state(order(1).with_item("aurora", manual("Mail accounts"), 3), Vec::new());
        let told = |offset: &str, limit: &str| {
            let pairs = [("productType", "manual"), ("offset", offset), ("limit", limit)];
            let preview = OrderPreview { now: NOW, state: state.clone(), before: Some(3), total: 9 };
            let reasons = reasons(&preview, &supplier_id("aurora"), &ListQuery::parse(pairs).unwrap());
            let hidden = reasons.into_iter().find(|reason| !reason.passes);
            hidden.map(|reason| (reason.rule, reason.sentence))
        };
        assert_eq!(told("3", "1"), None);
        let (rule, sentence) = told("4", "5").unwrap();
        assert!(rule == LIST_OFFSET && sentence.contains("number 4 of 9"), "{sentence}");
        assert!(sentence.ends_with("ask with offset=3 or less."), "{sentence}");
        let (rule, sentence) = told("1", "2").unwrap();
        assert!(
            rule == LIST_LIMIT && sentence.contains("ends with number 3 (offset=1, limit=2)"),
            "{sentence}"
        );
    }
}
