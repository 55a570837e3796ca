//! Orders of several items of one supplier.

use supplier_rulebook::{
    LIST_ENTITY_TYPE, LIST_LIMIT, LIST_NO_DUPLICATES, LIST_OWN_ITEMS, LIST_SHAPE, LIST_SUB_CATEGORY,
    LIST_TOTAL,
};

use crate::bench::Bench;
use crate::case::{Case, CaseError};
use crate::check::checks;
use crate::script::{Expect, NewItem, NewOrders, Shape, Who};

checks! {
    CHECKS;
    "items-two" = items_two, Example, [LIST_SHAPE, LIST_NO_DUPLICATES, LIST_TOTAL, LIST_LIMIT], [Key, Lists, Orders], 4, 0,
        "An order of two items stands in a page once, with both, and counts once.";
    "items-filters" = items_filters, Example, [LIST_ENTITY_TYPE, LIST_SUB_CATEGORY, LIST_OWN_ITEMS],
        [Key, Lists, Orders, Second], 10, 0,
        "Filters look at each of a supplier's items, and at no other supplier's.";
}

async fn items_two(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            let orders =
                case.place(NewOrders::some(3).items([NewItem::pieces(2), NewItem::pieces(3)])).await?;
            case.list(Who::First, case.manual().limit(2)).await?;
            case.expect(LIST_NO_DUPLICATES, Expect::OnceEach { steps: Vec::new() })?;
            case.expect(LIST_LIMIT, Expect::length(2))?;
            case.expect(LIST_TOTAL, Expect::is("/total", 3))?;
            case.expect(LIST_SHAPE, Expect::is("/orders/0/quantity", 5))?;
            let at = "/orders/0/items/1".to_owned();
            case.expect(LIST_SHAPE, Expect::Looks { at, like: Shape::Object })?;
            let first = case.last();
            case.list(Who::First, case.manual().limit(2)).await?;
            case.expect(LIST_LIMIT, Expect::length(orders.len() - 2))?;
            case.expect(LIST_NO_DUPLICATES, Expect::OnceEach { steps: vec![first, first + 1] })
        })
        .await
}

async fn items_filters(bench: &Bench<'_>) -> Result<(), CaseError> {
    let all = bench.target.profile().of(LIST_OWN_ITEMS) == "all";
    for (entity, category, rule, found) in [
        (Some("smm_service"), None, LIST_ENTITY_TYPE, true),
        (None, Some("second"), LIST_SUB_CATEGORY, true),
        (Some("product"), Some("second"), LIST_OWN_ITEMS, false),
        (None, Some("other"), LIST_OWN_ITEMS, all),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let name = |name: &str| format!("{name} {}", case.tag());
                let order = NewOrders::some(1).items([
                    NewItem::pieces(1).entity("product").category(&name("first")),
                    NewItem::pieces(2).entity("smm_service").category(&name("second")),
                    NewItem::pieces(3).entity("product").category(&name("other")).of(Who::Second),
                ]);
                let mut query = case.manual().set("subCategory", name(category.unwrap_or("first")));
                if category.is_none() && case.is_exclusive() {
                    query = query.without("subCategory");
                } else if category.is_none() {
                    return Ok(());
                }
                if let Some(entity) = entity {
                    query = query.with("entityType", entity);
                }
                let order = case.place_one(order).await?;
                case.list(Who::First, query.limit(2)).await?;
                let orders = vec![order];
                case.expect(rule, if found { Expect::Lists { orders } } else { Expect::Lacks { orders } })
            })
            .await?;
    }
    Ok(())
}
