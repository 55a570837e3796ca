//! What the scenarios that come with the program promise.

use std::collections::{BTreeMap, BTreeSet};

use supplier_domain::{
    Deduplication, EntityType, FingerprintKey, Money, Order, OrderStatus, PaymentStatus, ProductType,
    SubmittedAccount, SupplierId, World, clean,
};
use supplier_seed::{BUILTIN, Scenario, derived_fingerprint_key};

use crate::texts::{builtin, world};

fn id(supplier: &str) -> SupplierId {
    supplier.parse().expect("a supplier's id")
}

fn number(world: &World, number: u64) -> &Order {
    world.orders.iter().find(|order| order.id.get() == number).expect("an order of that number")
}

/// Whether one of the items is of `supplier` and of that kind.
fn has(order: &Order, supplier: &str, product_type: ProductType, entity_type: EntityType) -> bool {
    let fits = |facet: &supplier_domain::Facet| {
        (facet.product_type, facet.entity_type) == (product_type, entity_type)
    };
    order.items.iter().any(|item| item.product.supplier == id(supplier) && fits(&item.product.facet))
}

fn count(world: &World, fits: impl Fn(&Order) -> bool) -> usize {
    world.orders.iter().filter(|order| fits(order)).count()
}

#[test]
fn every_built_in_scenario_can_be_read() {
    assert_eq!(BUILTIN, ["default", "minimal", "empty"]);
    for name in BUILTIN {
        let file = format!("{}/../../fixtures/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&file).unwrap();
        let scenario = Scenario::parse(&file, &text).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(Some(scenario.title()), Scenario::builtin(name).as_ref().map(Scenario::title));
        assert!(!scenario.description().is_empty());
        assert_eq!(scenario.suppliers()[0].id, id("aurora"), "the supplier of every example comes first");
        assert_eq!(scenario.suppliers()[1].id, id("birch"));
    }
    assert!(Scenario::builtin("Default").is_none());
}

#[test]
fn every_file_of_a_scenario_comes_with_the_program() {
    let folder = format!("{}/../../fixtures/scenarios", env!("CARGO_MANIFEST_DIR"));
    let files: BTreeSet<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, BUILTIN.iter().map(|name| format!("{name}.toml")).collect());
}

#[test]
fn the_scenarios_hold_as_much_as_they_say() {
    let minimal = "2 suppliers, 7 products, 12 orders: 8 pending, 1 processing, 2 completed, 1 partial";
    assert_eq!(builtin("minimal").summary(1).to_string(), minimal);
    assert_eq!(builtin("empty").summary(1).to_string(), "2 suppliers, 7 products, 0 orders");
    let default = builtin("default").summary(1);
    assert_eq!((default.suppliers, default.products, default.orders), (3, 18, 1508));
    let statuses: Vec<_> = default.orders_by_status.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, OrderStatus::ALL);
    assert_eq!(default.orders_by_status.iter().map(|(_, count)| count).sum::<usize>(), default.orders);
    assert!(default.to_string().starts_with("3 suppliers, 18 products, 1508 orders: "), "{default}");
}

#[test]
fn the_fixed_orders_are_the_same_in_default_and_minimal() {
    let (default, minimal) = (builtin("default"), builtin("minimal"));
    assert_eq!(default.fixed_orders(), minimal.fixed_orders());
    assert!(builtin("empty").fixed_orders().is_empty());
    let (default_world, minimal_world) = (world(&default, 1), world(&minimal, 1));
    let documented: Vec<_> =
        default.fixed_orders().iter().map(|fixed| (fixed.number.get(), fixed.exists)).collect();
    let existing = [12345, 12346, 12347, 12348, 12349, 40001, 40301, 40402].map(|number| (number, true));
    assert_eq!(documented, [&existing[..], &[(40401, false)]].concat());
    for fixed in default.fixed_orders().iter().filter(|fixed| fixed.exists) {
        assert_eq!(number(&default_world, fixed.number.get()), number(&minimal_world, fixed.number.get()));
        assert!(fixed.about.ends_with('.'), "{}", fixed.about);
    }
}

#[test]
fn order_12345_is_the_guide_s_example_and_the_oldest() {
    for name in ["default", "minimal"] {
        let world = world(&builtin(name), 1);
        let order = number(&world, 12345);
        assert_eq!((order.status, order.payment_status), (OrderStatus::Pending, PaymentStatus::Completed));
        assert_eq!(order.user.id.to_string(), "507f1f77bcf86cd799439011");
        assert_eq!((&*order.user.email, &*order.user.name), ("customer@example.com", "John Doe"));
        assert_eq!(order.created_at.to_string(), "2024-01-01T10:00:00.000Z");
        let [item] = &*order.items else { panic!("{:?}", order.items) };
        assert_eq!((item.quantity, item.unit_price), (10, Money::from_units(50_000)));
        assert_eq!(item.product.id.to_string(), "507f1f77bcf86cd799439012");
        assert_eq!((&*item.product.name, &item.product.supplier), ("Channel followers", &id("aurora")));
        assert!(has(order, "aurora", ProductType::Manual, EntityType::Product));
        assert!(world.orders.iter().all(|other| other.id == order.id || other.created_at > order.created_at));
    }
}

#[test]
fn the_other_fixed_orders_are_what_is_said_about_them() {
    let world = world(&builtin("minimal"), 1);
    let manual = |order: &Order| has(order, "aurora", ProductType::Manual, EntityType::Product);
    let shared = number(&world, 12346);
    assert_eq!(shared.suppliers(), [id("aurora"), id("birch")]);
    assert!(manual(shared) && has(shared, "birch", ProductType::Manual, EntityType::Product));
    for (fixed, quantity) in [(12347, 1), (12348, 1000)] {
        let order = number(&world, fixed);
        assert!(manual(order) && order.is_paid() && order.status == OrderStatus::Pending);
        assert_eq!(order.seen_by(&id("aurora")).unwrap().quantity(), quantity);
    }
    let service = number(&world, 12349);
    assert!(has(service, "aurora", ProductType::Manual, EntityType::SmmService) && !manual(service));
    assert_eq!(service.status, OrderStatus::Processing);
    let of_birch = number(&world, 40301);
    assert_eq!((of_birch.suppliers(), of_birch.is_paid()), (vec![id("birch")], true));
    let unpaid = number(&world, 40402);
    assert_eq!((unpaid.suppliers(), unpaid.payment_status), (vec![id("aurora")], PaymentStatus::Pending));
    for name in BUILTIN {
        assert!(
            builtin(name)
                .seed(1, &FingerprintKey([0; 32]))
                .orders
                .iter()
                .all(|order| order.id.get() != 40401)
        );
    }
}

/// Rules: `update.resubmission`.
#[test]
fn order_40001_has_its_accounts_and_takes_none_of_them_again() {
    let key = derived_fingerprint_key(1);
    let world = world(&builtin("minimal"), 1);
    let order = number(&world, 40001);
    assert_eq!(
        (order.status, order.supplier_order_id.as_deref()),
        (OrderStatus::Completed, Some("SUP-40001"))
    );
    assert_eq!(order.seen_by(&id("aurora")).unwrap().quantity(), 2);
    let again = ["ready-1@example.com:fixture-pass-1", "ready-2@example.com:fixture-pass-2"];
    let again = again.map(|account| SubmittedAccount::Text(account.to_owned()));
    let cleaned = clean(&again, &order.accounts, &Deduplication::standard(&key));
    assert!(cleaned.accepted.is_empty());
    assert_eq!(order.accounts.len(), 2);
}

#[test]
fn default_has_orders_of_every_status_kind_and_payment() {
    let world = world(&builtin("default"), 1);
    for status in OrderStatus::ALL {
        let fits = |order: &Order| {
            order.status == *status && order.is_paid() && order.seen_by(&id("aurora")).is_some()
        };
        assert!(count(&world, fits) >= 20, "{status}");
    }
    for payment_status in PaymentStatus::ALL {
        assert!(count(&world, |order| order.payment_status == *payment_status) >= 5, "{payment_status}");
    }
    for product_type in ProductType::ALL {
        assert!(
            count(&world, |order| has(order, "aurora", *product_type, EntityType::Product)) >= 20,
            "{product_type}"
        );
    }
    for product_type in [ProductType::Manual, ProductType::Auto] {
        assert!(
            count(&world, |order| has(order, "aurora", product_type, EntityType::SmmService)) >= 20,
            "{product_type}"
        );
    }
}

#[test]
fn default_has_more_open_manual_orders_than_fit_in_the_largest_page() {
    let world = world(&builtin("default"), 1);
    let open = |order: &Order| {
        matches!(order.status, OrderStatus::Pending | OrderStatus::Processing)
            && order.is_paid()
            && has(order, "aurora", ProductType::Manual, EntityType::Product)
    };
    assert!(count(&world, open) > 600);
}

#[test]
fn default_has_subcategories_that_must_be_percent_encoded() {
    let world = world(&builtin("default"), 1);
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for item in world.orders.iter().flat_map(|order| &*order.items) {
        *names.entry(item.product.facet.sub_category.to_string()).or_default() += 1;
    }
    for name in ["Channel growth", "Mail accounts", "Reviews & ratings", "Social accounts", "Vidéo"] {
        assert!(names.get(name).is_some_and(|orders| *orders >= 20), "{name}: {names:?}");
    }
}

#[test]
fn default_has_orders_of_several_items_and_of_several_suppliers() {
    let world = world(&builtin("default"), 1);
    assert!(count(&world, |order| order.items.len() > 1 && order.suppliers() == [id("aurora")]) >= 50);
    let shared = count(&world, |order| order.suppliers() == [id("aurora"), id("birch")]);
    assert_eq!(shared, 61, "every order of the group that is shared, and 12346");
    let mixed = |order: &Order| {
        has(order, "aurora", ProductType::Manual, EntityType::Product)
            && has(order, "aurora", ProductType::Auto, EntityType::Product)
    };
    assert!(count(&world, mixed) >= 5);
    for order in &world.orders {
        let products: BTreeSet<_> = order.items.iter().map(|item| item.product.id).collect();
        assert_eq!(products.len(), order.items.len(), "{} has a product twice", order.id);
    }
}

#[test]
fn completed_and_partial_orders_of_goods_have_accounts_and_others_have_none() {
    let world = world(&builtin("default"), 1);
    let closed = world.orders.iter().filter(|order| (102_001..103_000).contains(&order.id.get()));
    for order in closed {
        let quantity = u64::from(order.items[0].quantity);
        let accounts = order.accounts.len() as u64;
        match order.status {
            OrderStatus::Completed => assert_eq!(accounts, quantity, "{}", order.id),
            OrderStatus::Partial => {
                assert!(accounts < quantity && (accounts > 0 || quantity == 1), "{}", order.id);
            }
            _ => assert_eq!(accounts, 0, "{}", order.id),
        }
    }
    let logins: Vec<_> =
        world.orders.iter().flat_map(|order| order.accounts.iter()).map(|account| &account.login).collect();
    assert_eq!(logins.iter().collect::<BTreeSet<_>>().len(), logins.len(), "no account is in two orders");
    let services = count(&world, |order| {
        !order.accounts.is_empty()
            && order.items.iter().all(|item| item.product.facet.entity_type == EntityType::SmmService)
    });
    assert_eq!(services, 0);
}

#[test]
fn buyers_have_names_in_several_scripts_and_addresses_of_their_own() {
    let world = world(&builtin("default"), 1);
    let buyers: BTreeMap<_, _> =
        world.orders.iter().map(|order| (order.user.id, order.user.clone())).collect();
    assert!(buyers.len() > 300, "{}", buyers.len());
    assert_eq!(buyers.values().map(|user| &user.email).collect::<BTreeSet<_>>().len(), buyers.len());
    let scripts = [(50, 'a', 'z'), (10, 'À', 'ž'), (1, 'ぁ', 'ヿ'), (30, '一', '龥'), (30, 'ا', 'ی')];
    for (least, first, last) in scripts {
        let named = buyers.values().filter(|user| user.name.chars().any(|c| (first..=last).contains(&c)));
        assert!(named.count() >= least, "{first} to {last}");
    }
    for user in buyers.values() {
        assert!(user.email.ends_with("@example.com") && user.email.is_ascii(), "{}", user.email);
        assert!(!user.name.is_empty() && user.name.trim() == &*user.name, "{:?}", user.name);
        assert!(!user.name.chars().any(char::is_control), "{:?}", user.name);
    }
}
