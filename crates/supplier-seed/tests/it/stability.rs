//! The same seed gives the same world; what is added to a scenario leaves the rest as it was.

use std::collections::HashMap;

use proptest::prelude::*;
use supplier_domain::{Order, OrderId, World};
use supplier_seed::{Scenario, derived_fingerprint_key};

use crate::texts::{DEFAULT, builtin, replaced, world, world_of};

/// Holds that every order of `before` is in `after`, and how many more there are.
fn only_added(before: &World, after: &World) -> usize {
    let later: HashMap<OrderId, &Order> = after.orders.iter().map(|order| (order.id, order)).collect();
    for order in &before.orders {
        assert_eq!(later.get(&order.id), Some(&order));
    }
    after.orders.len() - before.orders.len()
}

#[test]
fn the_same_seed_gives_the_same_world_to_the_letter() {
    let (one, same) = (world(&builtin("default"), 7), world(&builtin("default"), 7));
    assert_eq!(one, same);
    assert_eq!(format!("{one:?}"), format!("{same:?}"));
}

/// In quotes or as TOML's own, in any time zone.
#[test]
fn however_a_moment_is_written_the_world_is_the_same() {
    let minimal = include_str!("../../../../fixtures/scenarios/minimal.toml");
    let world_from = |epoch: &str, created_at: &str| {
        let text = replaced(minimal, "\"2026-01-05T00:00:00.000Z\"", epoch);
        world_of(&text.replace("\"2024-01-01T10:00:00.000Z\"", created_at))
    };
    let as_shown = world_of(minimal);
    for (epoch, created_at) in [
        ("\"2026-01-05T00:00:00Z\"", "\"2024-01-01t10:00:00.0000z\""),
        ("2026-01-05T00:00:00Z", "2024-01-01T10:00:00.000Z"),
        ("2026-01-05 05:30:00+05:30", "2024-01-01T02:00:00-08:00"),
    ] {
        assert_eq!(world_from(epoch, created_at), as_shown, "{epoch} {created_at}");
    }
}

#[test]
fn another_seed_gives_other_generated_orders_with_the_same_numbers_and_the_same_fixed_ones() {
    let (one, other) = (world(&builtin("default"), 1), world(&builtin("default"), 2));
    let numbers = |world: &World| world.orders.iter().map(|order| order.id).collect::<Vec<_>>();
    assert_eq!(numbers(&one), numbers(&other));
    for (one, other) in one.orders.iter().zip(&other.orders) {
        let generated = one.id.get() > 100_000;
        assert_eq!(one.created_at != other.created_at, generated, "{}", one.id);
        assert_eq!(one.user != other.user, generated, "{}", one.id);
    }
    let others_items = one.orders.iter().zip(&other.orders).filter(|(one, other)| one.items != other.items);
    assert!(others_items.count() > 1000);
}

#[test]
fn products_have_the_same_ids_under_every_seed() {
    let ids = |seed| {
        let world = world(&builtin("default"), seed);
        let items = world.orders.into_iter().flat_map(|order| order.items.to_vec());
        items.map(|item| (item.product.name.to_string(), item.product.id)).collect::<HashMap<_, _>>()
    };
    assert_eq!(ids(1), ids(2));
}

#[test]
fn accounts_have_other_fingerprints_under_another_key_and_nothing_else_changes() {
    let scenario = builtin("default");
    let mut one = scenario.seed(1, &derived_fingerprint_key(1));
    let mut other = scenario.seed(1, &derived_fingerprint_key(2));
    assert_ne!(one, other);
    for order in one.orders.iter_mut().chain(&mut other.orders) {
        order.accounts = supplier_domain::AccountList::default();
    }
    assert_eq!(one, other);
}

#[test]
fn a_group_that_grows_changes_no_other_order() {
    let before = world_of(DEFAULT);
    let mut groups = 0;
    for line in DEFAULT.lines().filter(|line| line.starts_with("first_number")) {
        let (head, tail) = DEFAULT.split_once(line).unwrap();
        let (count, rest) = tail.trim_start().split_once('\n').unwrap();
        let count: u32 = count.strip_prefix("count = ").unwrap().parse().unwrap();
        let after = world_of(&format!("{head}{line}\ncount = {}\n{rest}", count + 3));
        assert_eq!(only_added(&before, &after), 3, "{line}");
        groups += 1;
    }
    assert_eq!(groups, 11);
}

#[test]
fn what_is_added_changes_no_order_that_was_there() {
    let before = world_of(DEFAULT);
    let group = "[[orders]]\ngroup = \"more\"\nfirst_number = 900001\ncount = 25\n\
                 statuses = { pending = 1 }\nproducts = [\"aged-mail\"]\nquantity = [1, 9]\nage_hours = [1, 720]\n";
    let product = "[[products]]\nid = \"more\"\nsupplier = \"birch\"\nname = \"More\"\nproduct_type = \"manual\"\n\
                   entity_type = \"product\"\nsub_category = \"More\"\nunit_price = \"1\"\n";
    let supplier = "[[suppliers]]\nid = \"dogwood\"\nname = \"Dogwood\"\nemail = \"dogwood@example.com\"\n";
    let fixed = "[[fixed]]\nnumber = 7\nabout = \"More.\"\nstatus = \"error\"\ncreated_at = \"2025-01-01T00:00:00.000Z\"\n\
                 user = { id = \"507f1f77bcf86cd799439099\", email = \"more@example.com\", name = \"More\" }\n\
                 items = [{ product = \"aged-mail\", quantity = 1 }]\n";
    let first_group = "# More open manual orders than";
    let first_product = "\n[[products]]\nid = \"channel-followers\"";
    for (added, expected) in [(group, 25), (product, 0), (supplier, 0), (fixed, 1)] {
        let first = if added == group { first_group } else { first_product };
        let in_front = replaced(DEFAULT, first, &format!("\n{added}{first}"));
        for text in [format!("{DEFAULT}{added}"), in_front] {
            assert_eq!(only_added(&before, &world_of(&text)), expected, "{added}");
        }
    }
}

#[test]
fn orders_are_sorted_by_number_wherever_their_group_stands() {
    let (head, groups) = DEFAULT.split_once("# Generated orders").unwrap();
    let mut turned: Vec<_> = groups.split("[[orders]]").skip(1).collect();
    turned.reverse();
    let turned = turned.join("\n[[orders]]");
    assert_eq!(world_of(&format!("{head}\n[[orders]]{turned}")), world_of(DEFAULT));
    assert!(world_of(DEFAULT).orders.is_sorted_by(|one, next| one.id < next.id));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn under_any_seed_orders_are_what_the_scenario_says(seed in any::<u64>()) {
        let scenario = builtin("minimal");
        let world = world(&scenario, seed);
        prop_assert_eq!(scenario.summary(seed), scenario.summary(1));
        prop_assert_eq!(&world.suppliers[..], scenario.suppliers());
        for order in &world.orders {
            let age = scenario.epoch().since(order.created_at).as_secs() / 3600;
            prop_assert!(order.id.get() < 100_000 || (1..=2160).contains(&age), "{}", order.created_at);
            prop_assert!(order.created_at < scenario.epoch());
            prop_assert!(order.user.email.ends_with("@example.com") && order.user.email.is_ascii());
        }
        let [completed, partial] = [102_001, 102_002].map(|number| {
            world.orders.iter().find(|order| order.id.get() == number).unwrap()
        });
        let quantity = |order: &Order| order.items.iter().map(|item| item.quantity as usize).sum::<usize>();
        prop_assert!(completed.items.iter().all(|item| (2..=6).contains(&item.quantity)));
        prop_assert_eq!((completed.items.len(), completed.accounts.len()), (2, quantity(completed)));
        prop_assert!((1..quantity(partial)).contains(&partial.accounts.len()));
    }
}

#[test]
fn a_scenario_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    shared::<Scenario>(&builtin("empty"));
}
