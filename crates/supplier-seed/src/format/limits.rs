//! How much a scenario may hold.

use std::ops::RangeInclusive;

use supplier_domain::{Bursts, MAX_QUANTITY, OrderId, Timestamp};

/// The longest file.
pub(super) const MAX_BYTES: usize = 1024 * 1024;
/// The longest name.
pub(super) const MAX_NAME_CHARS: usize = 200;
/// The longest description.
pub(super) const MAX_SENTENCE_CHARS: usize = 1000;
/// The most suppliers.
pub(super) const MAX_SUPPLIERS: usize = 100;
/// The most products.
pub(super) const MAX_PRODUCTS: usize = 1000;
/// The most orders in all.
pub(super) const MAX_ORDERS: u64 = 2_000_000;
/// The most accounts that the groups' orders could have been delivered.
pub(super) const MAX_ACCOUNTS: u64 = 10_000_000;
/// The most parts of what comes in.
pub(super) const MAX_ARRIVAL_MIX: usize = 50;

/// How many buyers there may be.
pub(super) const BUYERS: RangeInclusive<u32> = 1..=1_000_000;
/// How many buyers there are if the file does not say.
pub(super) const DEFAULT_BUYERS: u32 = 400;
/// How many orders a group may have.
pub(super) const GROUP_ORDERS: RangeInclusive<u32> = 1..=1_000_000;
/// How many items an order may have.
pub(super) const ITEMS: RangeInclusive<u32> = 1..=20;
/// How many pieces an item may count.
pub(super) const QUANTITY: RangeInclusive<u32> = 1..=MAX_QUANTITY;
/// How long before the epoch an order may have been made: ten years.
pub(super) const AGE_HOURS: RangeInclusive<u32> = 0..=87_600;
/// How heavy a weight may be.
pub(super) const WEIGHT: RangeInclusive<u32> = 0..=1_000_000;
/// How heavy a part of what comes in may be.
pub(super) const ARRIVAL_WEIGHT: RangeInclusive<u32> = 1..=1_000;
/// How many minutes there may be between two bursts.
pub(super) const BURST_EVERY_MINUTES: RangeInclusive<u32> = 1..=Bursts::MAX_EVERY_MINUTES;
/// How many orders a burst may have.
pub(super) const BURST_SIZE: RangeInclusive<u32> = 1..=Bursts::MAX_SIZE;
/// The numbers that orders may have.
pub(super) const NUMBER: RangeInclusive<u64> = 1..=OrderId::MAX;

/// The moments that dates may count from: the oldest order is younger than 1970, an object id's seconds fit 32 bits.
pub(super) fn epochs() -> RangeInclusive<Timestamp> {
    const YEAR_2000: i64 = 946_684_800_000;
    const YEAR_2100: i64 = 4_102_444_800_000;
    Timestamp::from_millis(YEAR_2000)..=Timestamp::from_millis(YEAR_2100 - 1)
}
