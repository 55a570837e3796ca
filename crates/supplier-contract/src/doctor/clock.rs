//! Whether `advance_clock` moves the clock by what was asked.

use jiff::Timestamp;

use super::Exam;
use crate::provision::Need;
use crate::script::NewOrders;

/// By how many seconds the clock is moved. Not a whole hour: a later run must not take a clock that is ahead for a clock of another
/// time zone.
const STEP: i64 = 3_607;
/// How many seconds the moment of an order may be off, since the work takes time.
const TOLERANCE: i64 = 30;
/// So long no window is hidden, however wrong its length is, in milliseconds.
const DAY: u64 = (24 * 3_600 + 37) * 1_000;

impl Exam<'_> {
    /// Compares `createdAt` of an order before with one after. Where the server's dates do not go by the clock, an order that
    /// was listed has to come back a day later. `listed` are orders that were in a page.
    pub(super) async fn clock(&mut self, listed: Option<&[u64]>) {
        if !self.offers(Need::Time) || self.target.offers.waits {
            return;
        }
        let Some(first) = self.placed().await else { return };
        let step = u64::try_from(STEP * 1000).unwrap_or_default();
        if let Err(error) = self.advance(step).await {
            let why = self.said(&error.to_string());
            self.found.problem("clock", &[Need::Time], why);
            return;
        }
        let Some(second) = self.placed().await else { return };
        let moved = second.0.duration_since(first.0).as_secs();
        if (moved - STEP).abs() <= TOLERANCE {
            self.found.fine("clock", "`advance_clock` moves it by what was asked");
            return;
        }
        if moved.abs() > TOLERANCE {
            let text = format!(
                "`advance_clock` was asked for {STEP} seconds, and `createdAt` of the next order moved by {moved}; `seconds` are seconds, and each call adds to the earlier ones"
            );
            self.found.problem("clock", &[Need::Time], text);
            return;
        }
        let Some(order) = listed.and_then(<[u64]>::first).copied() else { return };
        if second.1.contains(&order) {
            self.found.fine(
                "clock",
                "`advance_clock` moves the clock that hides orders; `createdAt` goes by another",
            );
            return;
        }
        if self.advance(DAY).await.is_err() {
            return;
        }
        if self.page("first", "productType=manual").await.is_some_and(|page| !page.has(order)) {
            let text = format!(
                "`advance_clock` moved nothing: a day later `createdAt` of a new order is the same, and order {order}, which was listed, is still hidden; move the clock that the 30 minutes go by (if the hook does so, the target never shows an order again, which breaks list.window-end)"
            );
            self.found.problem("clock", &[Need::Time], text);
        }
    }

    /// Makes an order, and says when it was placed and which orders its page has.
    async fn placed(&mut self) -> Option<(Timestamp, Vec<u64>)> {
        let order = *self.make("", NewOrders::some(1)).await?.first()?;
        let page = self.page("first", "productType=manual").await?;
        Some((page.created(order)?, page.0.numbers()))
    }
}
