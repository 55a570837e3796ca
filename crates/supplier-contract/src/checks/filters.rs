//! What the filters keep.

use proptest::prelude::*;
use supplier_rulebook::{
    LIST_ENTITY_TYPE, LIST_PRODUCT_TYPE, LIST_PRODUCT_TYPE_VALUES, LIST_STATUS, LIST_STATUS_DEFAULT,
    LIST_SUB_CATEGORY, LIST_SUB_CATEGORY_MATCH, RuleId,
};

use crate::bench::Bench;
use crate::case::{Case, CaseError, at};
use crate::check::checks;
use crate::claim::Claim;
use crate::guide_table::{ENTITY_TYPES, STATUSES};
use crate::http::Call;
use crate::profile;
use crate::query::Query;
use crate::script::{Expect, NewOrders, Who};

checks! {
    CHECKS;
    "filters" = filters, Property,
        [LIST_STATUS, LIST_STATUS_DEFAULT, LIST_PRODUCT_TYPE, LIST_ENTITY_TYPE, LIST_SUB_CATEGORY],
        [Key, Lists, Orders, Fresh], 500, 0,
        "Any filters, in any order, keep just the orders that a filter on the client would keep.";
    "status-seen" = status_seen, Law, [LIST_STATUS], [Key, Lists, Stock], 24, 0,
        "With `status`, every order in the page has one of the statuses asked for.";
    "status-each" = status_each, Example, [LIST_STATUS, LIST_STATUS_DEFAULT], [Key, Lists, Orders], 160, 0,
        "Each status by itself, each pair, and none: the orders of those statuses, all of them.";
    "entity-type-seen" = entity_type_seen, Law, [LIST_ENTITY_TYPE], [Key, Lists, Stock], 8, 0,
        "With `entityType`, every order in the page has an item of that type.";
    "product-type" = product_type, Example, [LIST_PRODUCT_TYPE], [Key, Lists, Orders, Fresh], 20, 0,
        "Manual orders come when asked for, only they, and not without being asked for.";
    "product-type-values" = product_type_values, Example, [LIST_PRODUCT_TYPE_VALUES], [Key, Lists, Orders, Fresh], 30, 0,
        "`auto`, `manual` and `inventory`, alone and together; left out, `auto`.";
    "sub-category" = sub_category, Example, [LIST_SUB_CATEGORY], [Key, Lists, Orders], 40, 0,
        "A subcategory's name with spaces, signs and letters of any alphabet finds its orders and no others.";
    "sub-category-match" = sub_category_match, Example, [LIST_SUB_CATEGORY_MATCH], [Key, Lists, Orders], 20, 0,
        "A part of a name does not match, nor another case; `+` is a space; an unknown name is no error.";
}

const PRODUCT_TYPES: [&str; 3] = ["manual", "auto", "inventory"];
const CATEGORIES: [&str; 2] = ["Mail accounts", "Reviews & ratings"];

/// What the filters look at, of a kind of orders.
#[derive(Debug, Clone, Copy)]
struct Facets {
    status: &'static str,
    product_type: &'static str,
    entity: &'static str,
    category: &'static str,
}

#[derive(Debug, Clone)]
struct Filters {
    statuses: Vec<&'static str>,
    product_types: Vec<&'static str>,
    entity: Option<&'static str>,
    category: Option<&'static str>,
    reversed: bool,
}

fn facets() -> impl Strategy<Value = Facets> {
    let one = |of: &'static [&'static str]| proptest::sample::select(of);
    (one(&STATUSES), one(&PRODUCT_TYPES), one(&ENTITY_TYPES), one(&CATEGORIES)).prop_map(
        |(status, product_type, entity, category)| Facets { status, product_type, entity, category },
    )
}

fn asked() -> impl Strategy<Value = Filters> {
    let some = |of: &'static [&'static str], least, most| {
        proptest::sample::subsequence(of, least..=most).prop_shuffle()
    };
    let one = |of: &'static [&'static str]| proptest::option::of(proptest::sample::select(of));
    (some(&STATUSES, 0, 4), some(&PRODUCT_TYPES, 0, 1), one(&ENTITY_TYPES), one(&CATEGORIES), any::<bool>())
        .prop_map(|(statuses, product_types, entity, category, reversed)| Filters {
            statuses,
            product_types,
            entity,
            category,
            reversed,
        })
}

impl Filters {
    fn query(&self) -> Query {
        let mut query = Query::new().limit(500);
        if !self.statuses.is_empty() {
            query = query.status(&self.statuses.join(","));
        }
        if !self.product_types.is_empty() {
            query = query.with("productType", self.product_types.join(","));
        }
        if let Some(entity) = self.entity {
            query = query.with("entityType", entity);
        }
        if let Some(category) = self.category {
            query = query.with("subCategory", category);
        }
        if self.reversed { query.reversed() } else { query }
    }

    /// The rule by which an order is left out, if it is; what is not manual and not asked for is left open.
    fn leaves_out(&self, order: &Facets) -> Option<RuleId> {
        let product_types = if self.product_types.is_empty() { &["auto"][..] } else { &self.product_types };
        if !product_types.contains(&order.product_type) {
            let is_stated = product_types == ["manual"] || order.product_type == "manual";
            Some(if is_stated { LIST_PRODUCT_TYPE } else { LIST_PRODUCT_TYPE_VALUES })
        } else if !self.statuses.is_empty() && !self.statuses.contains(&order.status) {
            Some(LIST_STATUS)
        } else if self.entity.is_some_and(|entity| entity != order.entity) {
            Some(LIST_ENTITY_TYPE)
        } else if self.category.is_some_and(|category| category != order.category) {
            Some(LIST_SUB_CATEGORY)
        } else {
            None
        }
    }

    /// What a target decided that refuses these product types.
    fn choice(&self) -> Claim {
        if self.product_types.is_empty() {
            LIST_PRODUCT_TYPE_VALUES.into()
        } else {
            profile::PRODUCT_TYPE_KINDS
        }
    }

    /// The rule that is broken when an order that should be kept is missing.
    fn blamed(&self) -> RuleId {
        if self.product_types != ["manual"] {
            LIST_PRODUCT_TYPE_VALUES
        } else if self.category.is_some() {
            LIST_SUB_CATEGORY
        } else if self.entity.is_some() {
            LIST_ENTITY_TYPE
        } else if self.statuses.is_empty() {
            LIST_STATUS_DEFAULT
        } else {
            LIST_STATUS
        }
    }
}

async fn filters(bench: &Bench<'_>) -> Result<(), CaseError> {
    let cases = (proptest::collection::vec(facets(), 1..6), asked());
    bench
        .property(bench.property_cases(), cases, async |case: &mut Case<'_>, (kinds, filters)| {
            let new = kinds.iter().map(|kind| {
                let new = NewOrders::some(1).status(kind.status).product_type(kind.product_type);
                new.entity(kind.entity).category(kind.category)
            });
            if case.try_place_all(new).await?.is_none() {
                // A target that knows manual orders only is looked at with those.
                return Ok(());
            }
            let open = filters.product_types.is_empty()
                && !matches!(bench.target.profile().of(LIST_PRODUCT_TYPE_VALUES), "auto");
            let page = case.call(Call::list("first", filters.query())).await?;
            if filters.product_types == ["manual"] {
                case.expect(filters.blamed(), Expect::status(&[200]))?;
            } else if (400..500).contains(&page.status) {
                let claim = filters.choice();
                let is_choice = matches!(bench.target.profile().of(claim), "required" | "manual");
                return if is_choice { Ok(()) } else { case.expect(claim, Expect::status(&[200])) };
            }
            for (order, kind) in kinds.iter().enumerate() {
                match filters.leaves_out(kind) {
                    // Which of the others come without being asked for is open.
                    Some(LIST_PRODUCT_TYPE_VALUES) | None if open => {}
                    Some(rule) => case.expect(rule, Expect::Lacks { orders: vec![order] })?,
                    None => case.expect(filters.blamed(), Expect::Lists { orders: vec![order] })?,
                }
            }
            Ok(())
        })
        .await
}

async fn status_seen(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            case.stock(STATUSES.map(|status| NewOrders::some(1).status(status))).await?;
            let mut seen = 0;
            for statuses in
                ["pending,processing", "completed", "processing,completed,partial", "cancelled,error"]
            {
                let page = case.list(Who::First, case.manual().status(statuses).limit(6)).await?;
                seen += page.orders().len();
                for place in 0..page.orders().len() {
                    let pointer = format!("/orders/{place}/status");
                    let status = at(&page, &pointer).and_then(|status| status.as_str()).unwrap_or_default();
                    if !statuses.split(',').any(|asked| asked == status) {
                        let texts = statuses.split(',').map(str::to_owned).collect();
                        let like = crate::script::Shape::OneOf(texts);
                        return case.expect(LIST_STATUS, Expect::Looks { at: pointer, like });
                    }
                }
            }
            if seen == 0 {
                Err(CaseError::Untested("there was no order to look at".to_owned()))
            } else {
                Ok(())
            }
        })
        .await
}

async fn status_each(bench: &Bench<'_>) -> Result<(), CaseError> {
    let mut asked: Vec<Vec<usize>> = (0..STATUSES.len()).map(|one| vec![one]).collect();
    asked.extend([vec![0, 1], vec![1, 0], vec![2, 3], vec![5, 4, 3], (0..STATUSES.len()).collect(), vec![]]);
    let encoded = |text: String| text.replace(',', "%2C");
    for (place, statuses) in asked.into_iter().enumerate() {
        bench
            .case(async |case: &mut Case<'_>| {
                case.place_all(STATUSES.map(|status| NewOrders::some(1).status(status))).await?;
                let query = case.manual().limit(12);
                if statuses.is_empty() {
                    case.list(Who::First, query).await?;
                    return case.expect(
                        LIST_STATUS_DEFAULT,
                        Expect::Exactly { orders: (0..STATUSES.len()).collect() },
                    );
                }
                let names: Vec<_> = statuses.iter().map(|&status| STATUSES[status]).collect();
                let query = query.status(&names.join(",")).encoded();
                // Some clients encode the comma, others do not.
                let query = if place % 2 == 1 { encoded(query) } else { query };
                case.call(Call::list("first", query)).await?;
                case.expect(LIST_STATUS, Expect::Exactly { orders: statuses.clone() })
            })
            .await?;
    }
    Ok(())
}

async fn entity_type_seen(bench: &Bench<'_>) -> Result<(), CaseError> {
    for entity in ENTITY_TYPES {
        bench
            .case(async |case: &mut Case<'_>| {
                case.stock(ENTITY_TYPES.map(|entity| NewOrders::some(2).entity(entity))).await?;
                let page = case.list(Who::First, case.manual().with("entityType", entity).limit(4)).await?;
                for (place, order) in page.orders().iter().enumerate() {
                    let items = order["items"].as_array().map(Vec::as_slice).unwrap_or_default();
                    if !items.iter().any(|item| item["product"]["type"] == entity) {
                        let at = format!("/orders/{place}/items/0/product/type");
                        return case.expect(LIST_ENTITY_TYPE, Expect::is(&at, entity));
                    }
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

async fn place_each_type(case: &mut Case<'_>) -> Result<(), CaseError> {
    case.place(NewOrders::some(1).product_type("manual")).await?;
    for kind in ["auto", "inventory"] {
        // A target that knows manual orders only cannot make the others.
        case.try_place(NewOrders::some(1).product_type(kind)).await?;
    }
    Ok(())
}

async fn product_type(bench: &Bench<'_>) -> Result<(), CaseError> {
    bench
        .case(async |case: &mut Case<'_>| {
            place_each_type(case).await?;
            let page = case.call(Call::list("first", Query::new().limit(5))).await?;
            if (400..500).contains(&page.status) {
                // That it is needed is a choice; nothing is handed out.
                return Ok(());
            }
            case.expect(LIST_PRODUCT_TYPE, Expect::Lacks { orders: vec![0] })
        })
        .await?;
    bench
        .case(async |case: &mut Case<'_>| {
            place_each_type(case).await?;
            case.list(Who::First, case.manual().limit(5)).await?;
            case.expect(LIST_PRODUCT_TYPE, Expect::Exactly { orders: vec![0] })
        })
        .await
}

async fn product_type_values(bench: &Bench<'_>) -> Result<(), CaseError> {
    let (kinds, several) = (profile::PRODUCT_TYPE_KINDS, profile::PRODUCT_TYPE_SEVERAL);
    let left_out = bench.target.profile().of(LIST_PRODUCT_TYPE_VALUES);
    let has_all = bench.target.profile().of(kinds) == "all";
    let takes_several = bench.target.profile().of(several) == "several";
    for (claim, value, orders) in [
        (kinds, Some("auto"), vec![1]),
        (kinds, Some("inventory"), vec![2]),
        (several, Some("manual,inventory"), vec![0, 2]),
        (several, Some("auto,manual,inventory"), vec![0, 1, 2]),
        (LIST_PRODUCT_TYPE_VALUES.into(), None, vec![1]),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                place_each_type(case).await?;
                let query = Query::new().limit(5);
                let query = if let Some(value) = value { query.with("productType", value) } else { query };
                case.call(Call::list("first", query)).await?;
                if value.is_none() && left_out != "auto" {
                    // What else comes without being asked for is open.
                    let required = left_out == "required";
                    return case
                        .expect(claim, if required { Expect::refused() } else { Expect::status(&[200]) });
                }
                if value.is_some() && !(has_all && (claim != several || takes_several)) {
                    return case.expect(claim, Expect::refused());
                }
                // What refuses all but manual orders says nothing of several values.
                if claim == several && case.was_refused() && bench.knows(kinds) {
                    return Ok(());
                }
                if value.is_none() && case.orders().len() < 2 && !case.was_refused() {
                    return case.expect(claim, Expect::Exactly { orders: Vec::new() });
                }
                if case.orders().len() < PRODUCT_TYPES.len() {
                    return case.expect(claim, Expect::status(&[200]));
                }
                case.expect(claim, Expect::Exactly { orders: orders.clone() })
            })
            .await?;
    }
    Ok(())
}

async fn sub_category(bench: &Bench<'_>) -> Result<(), CaseError> {
    // Names, and others that wildcards, patterns and lists would take for them.
    let names = [
        ("Mail accounts", "other"),
        ("Reviews & ratings", "Reviews"),
        ("100% aged? #1/2", "100 days aged? #1/2"),
        ("Éclairs und Öl 日本語", "Éclairs und Öl 日本"),
        ("a+b=c", "a b=c"),
        ("a_b", "axb"),
        ("100%", "100 and more"),
        ("a.b (c*) [d]", "axb (c*) [d]"),
        ("Mail, aged", "aged"),
        ("Bob's \"best\" \\", "Bobs best"),
    ];
    for (name, other) in names {
        bench
            .case(async |case: &mut Case<'_>| {
                let own = format!("{} {name}", case.tag());
                let order = case.place_one(NewOrders::some(1).category(&own)).await?;
                let other =
                    if name.contains(',') { other.to_owned() } else { format!("{} {other}", case.tag()) };
                case.place(NewOrders::some(1).category(&other)).await?;
                case.list(Who::First, case.manual().set("subCategory", &own).limit(4)).await?;
                case.expect(LIST_SUB_CATEGORY, Expect::Exactly { orders: vec![order] })
            })
            .await?;
    }
    Ok(())
}

async fn sub_category_match(bench: &Bench<'_>) -> Result<(), CaseError> {
    let chosen = |claim: Claim| bench.target.profile().of(claim);
    for (how, claim) in [
        ("part", LIST_SUB_CATEGORY_MATCH.into()),
        ("case", profile::CATEGORY_CASE),
        ("accent", profile::CATEGORY_ACCENT),
        ("plus", profile::CATEGORY_PLUS),
        ("unknown", profile::CATEGORY_UNKNOWN),
    ] {
        bench
            .case(async |case: &mut Case<'_>| {
                let own = format!("Mail accounts et éclairs {}", case.tag());
                let order = case.place_one(NewOrders::some(1).category(&own)).await?;
                let name = match how {
                    "part" => own[..own.len() - 1].to_owned(),
                    "case" => own.to_uppercase().replace('É', "é"),
                    "accent" => own.replace('é', "e"),
                    "plus" => own.clone(),
                    _ => format!("no such name {}", case.tag()),
                };
                let query = case.manual().set("subCategory", &name).limit(4).encoded();
                let query = if how == "plus" { query.replace("%20", "+") } else { query };
                case.call(Call::list("first", query)).await?;
                let found = match how {
                    "plus" => chosen(claim) == "space",
                    "unknown" if chosen(claim) == "refuse" => return case.expect(claim, Expect::refused()),
                    _ => chosen(claim).starts_with("ignore"),
                };
                let orders = if found { vec![order] } else { Vec::new() };
                case.expect(claim, Expect::Exactly { orders })
            })
            .await?;
    }
    Ok(())
}
