//! The default world to the letter.

use sha2::{Digest as _, Sha256};
use supplier_domain::{Account, Item, Order, Supplier, World};

use crate::texts::{builtin, world};

/// The SHA-256 of the default world at seed 1, as [`written_out`].
const DEFAULT_AT_SEED_1: &str = "ea3991adbab694e3c7611217bb4e66036e729f9f769782139c14cfb523cd605e";

/// All of a world as text, which does not change when a type gets a field or another name.
fn written_out(world: &World) -> String {
    let supplier = |supplier: &Supplier| format!("{} {:?} {}", supplier.id, supplier.name, supplier.email);
    let lines: Vec<_> = world.suppliers.iter().map(supplier).chain(world.orders.iter().map(order)).collect();
    lines.join("\n")
}

fn order(order: &Order) -> String {
    let Order { id, status, payment_status, user, created_at, supplier_order_id, .. } = order;
    let head = format!(
        "{id} {status} {payment_status} {created_at} {} {} {:?} {supplier_order_id:?}",
        user.id, user.email, user.name
    );
    let account = |account: &Account| format!("{} {:?}", account.login, account.fingerprint);
    let parts =
        [head].into_iter().chain(order.items.iter().map(item)).chain(order.accounts.iter().map(account));
    parts.collect::<Vec<_>>().join(" | ")
}

fn item(item: &Item) -> String {
    let (product, facet) = (&item.product, &item.product.facet);
    format!(
        "{} {} {:?} {} {} {:?} {} {}",
        product.id,
        product.supplier,
        product.name,
        facet.product_type,
        facet.entity_type,
        facet.sub_category,
        item.quantity,
        item.unit_price
    )
}

#[test]
fn the_default_world_at_seed_1_is_what_it_was() {
    let text = written_out(&world(&builtin("default"), 1));
    let digest = hex::encode(Sha256::digest(&text));
    assert_eq!(
        digest, DEFAULT_AT_SEED_1,
        "the default world at seed 1 has changed, and with it what users see. If that was intended (a change of \
         fixtures/scenarios/default.toml, of the draws, or of the crate `fake`), put the new digest into \
         DEFAULT_AT_SEED_1 in crates/supplier-seed/tests/it/golden.rs."
    );
}
