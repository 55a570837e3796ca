//! Random orders of groups.

use std::ops::RangeInclusive;
use std::sync::Arc;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use supplier_domain::{
    AccountList, FingerprintKey, Item, Order, OrderDraft, OrderId, OrderStatus, PaymentStatus, Timestamp,
};

use super::buyers::Buyers;
use super::streams::Streams;
use super::{accounts, draw};
use crate::scenario::{Basket, Choice, Offer, OrderGroup};

/// Draws orders, each from the stream of its group and its index.
pub(super) struct Orders<'a> {
    streams: &'a Streams,
    buyers: Buyers<'a>,
    key: &'a FingerprintKey,
    epoch: Timestamp,
}

impl<'a> Orders<'a> {
    /// Draws orders of `buyers` before `epoch`. `key` fingerprints the accounts.
    pub(super) fn new(
        streams: &'a Streams,
        buyers: Buyers<'a>,
        key: &'a FingerprintKey,
        epoch: Timestamp,
    ) -> Self {
        Self { streams, buyers, key, epoch }
    }

    /// The order at `index` of `group`, from 0.
    pub(super) fn order(&mut self, group: &OrderGroup, index: u32) -> Order {
        let stream = &mut self.streams.of(format_args!("order/{}/{index}", group.label));
        let mut order = Order {
            id: nth(group.first_number, index),
            status: group.statuses.draw(stream),
            payment_status: group.payment_statuses.draw(stream),
            user: self.buyers.draw(stream),
            created_at: before(self.epoch, &group.age_hours, stream),
            items: items(&group.basket, stream),
            accounts: AccountList::default(),
            supplier_order_id: None,
        };
        if group.delivered && order.is_paid() {
            order.accounts =
                accounts::delivered(order.id, order.status, &order.items, stream, self.key).into();
        }
        order
    }

    /// The draft at `index`, from 0, of the arrivals' basket `part`: paid and pending.
    pub(super) fn draft(&mut self, basket: &Basket, part: usize, index: u32) -> OrderDraft {
        let stream = &mut self.streams.of(format_args!("arrival/{part}/{index}"));
        OrderDraft {
            id: None,
            status: OrderStatus::Pending,
            payment_status: PaymentStatus::Completed,
            user: self.buyers.draw(stream),
            items: items(basket, stream),
        }
    }
}

fn nth(first: OrderId, index: u32) -> OrderId {
    let number = i64::try_from(first.get() + u64::from(index)).ok().and_then(OrderId::new);
    number.unwrap_or_else(|| unreachable!("a group whose last number is none is refused"))
}

fn items(basket: &Basket, stream: &mut ChaCha8Rng) -> Arc<[Item]> {
    let offers = match &basket.choice {
        Choice::OneOfEach => basket.offers.iter().collect::<Vec<_>>(),
        Choice::AtRandom(counts) => some(&basket.offers, counts, stream),
    };
    let item = |offer: &Offer| Item {
        product: offer.product.clone(),
        quantity: draw::mostly_small(&basket.quantity, stream),
        unit_price: offer.unit_price,
    };
    offers.into_iter().map(item).collect()
}

fn some<'a>(offers: &'a [Offer], counts: &RangeInclusive<u32>, stream: &mut ChaCha8Rng) -> Vec<&'a Offer> {
    let count = stream.random_range(counts.clone());
    let below = u32::try_from(offers.len()).unwrap_or(u32::MAX);
    draw::distinct(count, below, stream).into_iter().filter_map(|index| offers.get(index as usize)).collect()
}

/// A random time in a range of hours before `epoch`.
fn before(epoch: Timestamp, age_hours: &RangeInclusive<u32>, stream: &mut ChaCha8Rng) -> Timestamp {
    const HOUR_MILLIS: i64 = 3_600_000;
    let millis = |hours: &u32| i64::from(*hours) * HOUR_MILLIS;
    let age = stream.random_range(millis(age_hours.start())..=millis(age_hours.end()));
    Timestamp::from_millis(epoch.as_millis() - age)
}
