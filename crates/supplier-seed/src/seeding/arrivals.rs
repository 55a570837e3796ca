//! Arrivals: draws the orders that come in as a sandbox's clock advances.

use supplier_domain::{ArrivalMix, ArrivalPlan};

use super::orders::Orders;
use crate::scenario::ArrivalPattern;

/// Number of different arriving orders, which repeat. A sandbox keeps them in memory.
const DRAFTS: u32 = 200;

/// The plan of `pattern` for a seed, with equally many drafts for each of its baskets.
pub(super) fn plan(pattern: &ArrivalPattern, drawn: &mut Orders<'_>, seed: u64) -> Option<ArrivalPlan> {
    let parts = u32::try_from(pattern.mix.len()).unwrap_or(u32::MAX);
    let mut drafts = Vec::new();
    for (part, (weight, basket)) in pattern.mix.iter().enumerate() {
        drafts.extend((0..DRAFTS / parts).map(|index| (*weight, drawn.draft(basket, part, index))));
    }
    let mix = ArrivalMix::new(drafts)?;
    Some(ArrivalPlan { per_minute: pattern.per_minute, bursts: pattern.bursts, mix, seed })
}
