//! Accounts of seeded orders, made up.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use supplier_domain::{
    Account, AccountList, Deduplication, EntityType, FingerprintKey, Item, OrderId, OrderStatus,
    SubmittedAccount, clean,
};

use super::buyers::handle;

/// Accounts of the order `number`: all of a completed order, some of a partial one, none of another.
///
/// Services have no accounts. No two orders share an account, because the logins contain the order number.
pub(super) fn delivered(
    number: OrderId,
    status: OrderStatus,
    items: &[Item],
    stream: &mut ChaCha8Rng,
    key: &FingerprintKey,
) -> Vec<Account> {
    let goods = items.iter().filter(|item| item.product.facet.entity_type == EntityType::Product);
    let ordered: u32 = goods.map(|item| item.quantity).sum();
    let count = match status {
        OrderStatus::Completed => ordered,
        OrderStatus::Partial if ordered > 1 => stream.random_range(1..ordered),
        _ => 0,
    };
    let submitted: Vec<_> = (1..=count).map(|place| account(number, place, stream)).collect();
    clean(&submitted, &AccountList::default(), &Deduplication::standard(key)).accepted
}

fn account(number: OrderId, place: u32, stream: &mut ChaCha8Rng) -> SubmittedAccount {
    let login = handle(stream);
    let password: u64 = stream.random();
    SubmittedAccount::Text(format!("{login}.{number}.{place}@example.com:{password:016x}"))
}
