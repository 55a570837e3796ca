//! Arrival plan: which orders arrive, and how often.

use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fault::jitter;
use crate::{OrderDraft, thousandths};

const MINUTE_MILLIS: u64 = 60_000;

/// Rate of arrivals: 0.001 to 6,000 orders a minute, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct PerMinute(u32);

/// Error: the rate is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a number from 0.001 to 6000, of at most three decimals")]
pub struct InvalidPerMinute;

impl PerMinute {
    const MAX_THOUSANDTHS: u32 = 6_000_000;

    /// Rate in thousandths of an order a minute.
    ///
    /// # Errors
    /// The number is 0, or over 6,000,000.
    pub const fn from_thousandths(thousandths: u32) -> Result<Self, InvalidPerMinute> {
        if thousandths == 0 || thousandths > Self::MAX_THOUSANDTHS {
            return Err(InvalidPerMinute);
        }
        Ok(Self(thousandths))
    }

    /// The rate in thousandths of an order a minute.
    pub const fn thousandths(self) -> u32 {
        self.0
    }

    /// Number of orders that have arrived after `passed` milliseconds.
    pub(super) fn count(self, passed: u64) -> u64 {
        let count = u128::from(passed) * u128::from(self.0) / u128::from(MINUTE_MILLIS * 1_000);
        u64::try_from(count).unwrap_or(u64::MAX)
    }

    /// Milliseconds until the `n`-th order, from 1.
    pub(super) fn moment(self, n: u64) -> u64 {
        let millis = (u128::from(n) * u128::from(MINUTE_MILLIS * 1_000)).div_ceil(u128::from(self.0));
        u64::try_from(millis).unwrap_or(u64::MAX)
    }
}

impl From<PerMinute> for u32 {
    fn from(per_minute: PerMinute) -> Self {
        per_minute.0
    }
}

impl TryFrom<u32> for PerMinute {
    type Error = InvalidPerMinute;

    fn try_from(thousandths: u32) -> Result<Self, InvalidPerMinute> {
        Self::from_thousandths(thousandths)
    }
}

impl FromStr for PerMinute {
    type Err = InvalidPerMinute;

    fn from_str(text: &str) -> Result<Self, InvalidPerMinute> {
        let number = thousandths(text).and_then(|number| u32::try_from(number).ok());
        Self::from_thousandths(number.ok_or(InvalidPerMinute)?)
    }
}

/// Bursts: many orders at once, at a regular interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u32, u32)", into = "(u32, u32)")]
pub struct Bursts {
    every_minutes: u32,
    size: u32,
}

impl Bursts {
    /// Longest interval between two bursts, in minutes: a year.
    pub const MAX_EVERY_MINUTES: u32 = 366 * 24 * 60;
    /// Maximum number of orders in a burst.
    pub const MAX_SIZE: u32 = 10_000;

    /// `size` orders (1 to [`Bursts::MAX_SIZE`]) every so many minutes (1 to [`Bursts::MAX_EVERY_MINUTES`]); `None` if
    /// one of the numbers is out of its range.
    pub fn new(every_minutes: u32, size: u32) -> Option<Self> {
        let is_sound =
            (1..=Self::MAX_EVERY_MINUTES).contains(&every_minutes) && (1..=Self::MAX_SIZE).contains(&size);
        is_sound.then_some(Self { every_minutes, size })
    }

    /// Minutes between two bursts.
    pub const fn every_minutes(self) -> u32 {
        self.every_minutes
    }

    /// Orders in a burst.
    pub const fn size(self) -> u32 {
        self.size
    }

    /// Number of bursts after `passed` milliseconds.
    pub(super) fn count(self, passed: u64) -> u64 {
        passed / self.every_millis()
    }

    /// Number of orders in these bursts.
    pub(super) fn orders(self, passed: u64) -> u64 {
        self.count(passed).saturating_mul(self.size.into())
    }

    /// Number of the burst, from 1, that has the `n`-th order of all bursts, from 1.
    pub(super) fn burst_of(self, n: u64) -> u64 {
        n.div_ceil(self.size.into())
    }

    /// Milliseconds until the burst of this number, from 1.
    pub(super) fn moment(self, burst: u64) -> u64 {
        burst.saturating_mul(self.every_millis())
    }

    fn every_millis(self) -> u64 {
        u64::from(self.every_minutes) * MINUTE_MILLIS
    }
}

impl From<Bursts> for (u32, u32) {
    fn from(bursts: Bursts) -> Self {
        (bursts.every_minutes, bursts.size)
    }
}

impl TryFrom<(u32, u32)> for Bursts {
    type Error = &'static str;

    fn try_from((every_minutes, size): (u32, u32)) -> Result<Self, Self::Error> {
        Self::new(every_minutes, size).ok_or("bursts come every 1 to 527040 minutes, of 1 to 10000 orders")
    }
}

/// Mix of arriving orders: drafts with weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(u32, OrderDraft)>", into = "Vec<(u32, OrderDraft)>")]
pub struct ArrivalMix(
    /// Drafts, each with the sum of the weights up to and including its own; the first sum is not 0.
    Arc<[(u32, OrderDraft)]>,
);

impl ArrivalMix {
    /// The drafts with their weights; a number that a draft asks for does not count. `None` without a weight above 0,
    /// or if the weights do not add up to a `u32`.
    pub fn new(weighted: impl IntoIterator<Item = (u32, OrderDraft)>) -> Option<Self> {
        let mut sum = 0_u32;
        let mut drafts = Vec::new();
        for (weight, draft) in weighted.into_iter().filter(|(weight, _)| *weight > 0) {
            sum = sum.checked_add(weight)?;
            drafts.push((sum, OrderDraft { id: None, ..draft }));
        }
        (!drafts.is_empty()).then(|| Self(drafts.into()))
    }

    /// The drafts, at least one.
    pub fn drafts(&self) -> impl ExactSizeIterator<Item = &OrderDraft> {
        self.0.iter().map(|(_, draft)| draft)
    }

    /// Draft of the `n`-th order.
    pub(super) fn draw(&self, seed: u64, n: u64) -> OrderDraft {
        let most = self.0.last().map_or(0, |(sum, _)| sum - 1);
        let drawn = jitter(seed, n, most);
        let index = self.0.partition_point(|(sum, _)| u64::from(*sum) <= drawn);
        self.0[index].1.clone()
    }
}

impl From<ArrivalMix> for Vec<(u32, OrderDraft)> {
    /// The drafts with their weights.
    fn from(mix: ArrivalMix) -> Self {
        let before = std::iter::once(0).chain(mix.0.iter().map(|(sum, _)| *sum));
        mix.0.iter().zip(before).map(|((sum, draft), before)| (sum - before, draft.clone())).collect()
    }
}

impl TryFrom<Vec<(u32, OrderDraft)>> for ArrivalMix {
    type Error = &'static str;

    fn try_from(weighted: Vec<(u32, OrderDraft)>) -> Result<Self, Self::Error> {
        if weighted.iter().any(|(_, draft)| draft.items.is_empty()) {
            return Err("an order has at least one item");
        }
        Self::new(weighted)
            .ok_or("the weights of a mix must not all be 0, and must add up to a 32-bit number")
    }
}

/// Arrival plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArrivalPlan {
    /// Orders a minute, at an even rate.
    pub per_minute: PerMinute,
    /// Bursts in addition.
    pub bursts: Option<Bursts>,
    /// Mix of the orders.
    pub mix: ArrivalMix,
    /// Random seed that picks each order's draft.
    pub seed: u64,
}
