//! Listing: does a list call hand out an order? One verdict for each rule.
//!
//! A store may find the orders of a page by an index. The index must find exactly the orders that pass every rule here.

use supplier_rulebook::{
    LIST_ENTITY_TYPE, LIST_LIMIT, LIST_OFFSET, LIST_OWN_ITEMS, LIST_OWN_ONLY, LIST_PAID_ONLY,
    LIST_PRODUCT_TYPE, LIST_STATUS, LIST_SUB_CATEGORY, LIST_WINDOW, RuleId,
};

use crate::{ListQuery, Order, SupplierId, Timestamp, Window};

/// Verdict of one rule on an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The rule.
    pub rule: RuleId,
    /// Whether the order passes.
    pub passes: bool,
}

/// Explains whether a list call with `query` by `supplier` at `now` hands out `order`. The order is withheld from the
/// supplier until `withheld_until`, if it was ever handed out.
///
/// If the order passes every rule, it is on this page or another one; [`explain_place`] says whether it is on this one.
pub fn explain(
    order: &Order,
    supplier: &SupplierId,
    query: &ListQuery,
    withheld_until: Option<Timestamp>,
    now: Timestamp,
) -> [Verdict; 8] {
    let facets = order.seen_by(supplier).map(|view| view.facets()).unwrap_or_default();
    let any_item = |fits: &dyn Fn(&crate::Facet) -> bool| facets.iter().any(fits);
    [
        (LIST_PAID_ONLY, order.is_paid()),
        (LIST_OWN_ONLY, !facets.is_empty()),
        (LIST_STATUS, query.fits_status(order.status)),
        (LIST_PRODUCT_TYPE, any_item(&|facet| query.fits_product_type(facet))),
        (LIST_ENTITY_TYPE, any_item(&|facet| query.fits_entity_type(facet))),
        (LIST_SUB_CATEGORY, any_item(&|facet| query.fits_sub_category(facet))),
        // Two filters may match two different items, and no item match both.
        (LIST_OWN_ITEMS, query.fits_any(&facets)),
        (LIST_WINDOW, !Window::withholds(withheld_until, now)),
    ]
    .map(|(rule, passes)| Verdict { rule, passes })
}

/// Whether the order passes every rule of [`explain`].
pub fn hands_out(
    order: &Order,
    supplier: &SupplierId,
    query: &ListQuery,
    withheld_until: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    explain(order, supplier, query, withheld_until, now).iter().all(|verdict| verdict.passes)
}

/// Verdicts of `offset` and `limit` on an order that can be handed out, and that `before` other such orders precede
/// (`list.order`). The order is in the page if it passes both.
pub fn explain_place(query: &ListQuery, before: usize) -> [Verdict; 2] {
    let before = before as u64;
    let end = query.offset.saturating_add(query.limit as u64);
    [(LIST_OFFSET, before >= query.offset), (LIST_LIMIT, before < end)]
        .map(|(rule, passes)| Verdict { rule, passes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{facet, manual, order, supplier_id};
    use crate::{EntityType, OrderStatus, PaymentStatus, ProductType};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn asking(pairs: &[(&str, &str)]) -> ListQuery {
        ListQuery::parse(pairs.iter().copied()).unwrap()
    }

    /// The rules that keep `order` out of the supplier's list.
    fn hidden_by(order: &Order, supplier: &str, query: &ListQuery, until: Option<Timestamp>) -> Vec<RuleId> {
        let verdicts = explain(order, &supplier_id(supplier), query, until, NOW);
        let hidden: Vec<_> =
            verdicts.iter().filter(|verdict| !verdict.passes).map(|verdict| verdict.rule).collect();
        assert_eq!(hidden.is_empty(), hands_out(order, &supplier_id(supplier), query, until, NOW));
        hidden
    }

    /// Rules: `list.paid-only`, `list.own-only`, `list.status`, `list.product-type`, `list.entity-type`,
    /// `list.sub-category`, `list.window`.
    #[test]
    fn each_reason_to_hide_an_order_has_its_rule() {
        let open = order(1).with_item("aurora", manual("Mail accounts"), 3);
        let query = asking(&[("productType", "manual")]);
        let hidden = |order: &Order, pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = [("productType", "manual")].iter().chain(pairs).copied().collect();
            hidden_by(order, "aurora", &asking(&pairs), None)
        };
        assert_eq!(hidden(&open, &[]), []);
        let unpaid = open.clone().with_payment_status(PaymentStatus::Pending);
        assert_eq!(hidden(&unpaid, &[]), [LIST_PAID_ONLY]);
        assert_eq!(
            hidden(&open.clone().with_status(OrderStatus::Error), &[("status", "pending")]),
            [LIST_STATUS]
        );
        assert_eq!(hidden(&open, &[("entityType", "smm_service")]), [LIST_ENTITY_TYPE, LIST_OWN_ITEMS]);
        assert_eq!(hidden(&open, &[("subCategory", "mail accounts")]), [LIST_SUB_CATEGORY, LIST_OWN_ITEMS]);
        assert_eq!(hidden_by(&open, "aurora", &asking(&[]), None), [LIST_PRODUCT_TYPE, LIST_OWN_ITEMS]);
        assert!(hidden_by(&open, "birch", &query, None).contains(&LIST_OWN_ONLY));
        let soon = Timestamp::from_millis(NOW.as_millis() + 1);
        assert_eq!(hidden_by(&open, "aurora", &query, Some(soon)), [LIST_WINDOW]);
        assert_eq!(hidden_by(&open, "aurora", &query, Some(NOW)), []);
    }

    /// Rules: `list.offset`, `list.limit`.
    #[test]
    fn a_page_begins_after_its_offset_and_ends_at_its_limit() {
        let hidden = |offset, limit, before| {
            let query = ListQuery { limit, offset, ..ListQuery::default() };
            let verdicts = explain_place(&query, before).into_iter().filter(|verdict| !verdict.passes);
            verdicts.map(|verdict| verdict.rule).collect::<Vec<_>>()
        };
        assert_eq!(
            [0, 1, 2, 3].map(|before| hidden(1, 2, before)),
            [vec![LIST_OFFSET], vec![], vec![], vec![LIST_LIMIT]]
        );
        assert_eq!(hidden(u64::MAX, 500, 7), [LIST_OFFSET]);
    }

    /// Rules: `list.own-items`.
    #[test]
    fn one_own_item_must_meet_all_the_filters_at_once() {
        let mixed = order(1)
            .with_item("aurora", facet(ProductType::Manual, EntityType::Product, "Mail accounts"), 1)
            .with_item("aurora", facet(ProductType::Auto, EntityType::SmmService, "Channel growth"), 1)
            .with_item("birch", facet(ProductType::Manual, EntityType::SmmService, "Channel growth"), 1);
        let query = asking(&[("productType", "manual"), ("entityType", "smm_service")]);
        assert_eq!(hidden_by(&mixed, "aurora", &query, None), [LIST_OWN_ITEMS]);
        assert_eq!(hidden_by(&mixed, "birch", &query, None), []);
        let view = mixed.seen_by(&supplier_id("aurora")).map(|view| (view.items().count(), view.quantity()));
        assert_eq!(view, Some((2, 2)));
    }
}
