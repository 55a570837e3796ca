//! Limits of a scenario's size.

use std::ops::RangeInclusive;

use supplier_domain::{Bursts, MAX_QUANTITY, OrderId, Timestamp};

/// Maximum size of a file.
pub(super) const MAX_BYTES: usize = 1024 * 1024;
/// Maximum length of a name.
pub(super) const MAX_NAME_CHARS: usize = 200;
/// Maximum length of a description.
pub(super) const MAX_SENTENCE_CHARS: usize = 1000;
/// Maximum number of suppliers.
pub(super) const MAX_SUPPLIERS: usize = 100;
/// Maximum number of products.
pub(super) const MAX_PRODUCTS: usize = 1000;
/// Maximum number of orders in all.
pub(super) const MAX_ORDERS: u64 = 2_000_000;
/// Maximum number of accounts that the groups' orders could have.
pub(super) const MAX_ACCOUNTS: u64 = 10_000_000;
/// Maximum number of templates in the arrivals' mix.
pub(super) const MAX_ARRIVAL_MIX: usize = 50;

/// Range of the number of buyers.
pub(super) const BUYERS: RangeInclusive<u32> = 1..=1_000_000;
/// Default number of buyers.
pub(super) const DEFAULT_BUYERS: u32 = 400;
/// Range of the number of orders in a group.
pub(super) const GROUP_ORDERS: RangeInclusive<u32> = 1..=1_000_000;
/// Range of the number of items in an order.
pub(super) const ITEMS: RangeInclusive<u32> = 1..=20;
/// Range of the number of pieces in an item.
pub(super) const QUANTITY: RangeInclusive<u32> = 1..=MAX_QUANTITY;
/// Range of an order's age at the epoch: up to ten years.
pub(super) const AGE_HOURS: RangeInclusive<u32> = 0..=87_600;
/// Range of a weight.
pub(super) const WEIGHT: RangeInclusive<u32> = 0..=1_000_000;
/// Range of a weight in the arrivals' mix.
pub(super) const ARRIVAL_WEIGHT: RangeInclusive<u32> = 1..=1_000;
/// Range of the minutes between two bursts.
pub(super) const BURST_EVERY_MINUTES: RangeInclusive<u32> = 1..=Bursts::MAX_EVERY_MINUTES;
/// Range of the number of orders in a burst.
pub(super) const BURST_SIZE: RangeInclusive<u32> = 1..=Bursts::MAX_SIZE;
/// Range of order numbers.
pub(super) const NUMBER: RangeInclusive<u64> = 1..=OrderId::MAX;

/// Range of the epoch: the oldest order is younger than 1970, and an object id's seconds fit 32 bits.
pub(super) fn epochs() -> RangeInclusive<Timestamp> {
    const YEAR_2000: i64 = 946_684_800_000;
    const YEAR_2100: i64 = 4_102_444_800_000;
    Timestamp::from_millis(YEAR_2000)..=Timestamp::from_millis(YEAR_2100 - 1)
}
