//! Whether the two keys are of two suppliers, and the hook knows which is which.

use super::orders::Made;
use super::{Exam, Page};
use crate::provision::Need;
use crate::target::Problem;

impl Exam<'_> {
    /// Compares whose orders the two keys see. What only the lists of the target say is for the checks to judge; here updates
    /// have to say the same.
    pub(super) async fn suppliers(
        &mut self,
        made: &Made,
        page: &Page,
        second: Option<&Page>,
    ) -> Result<(), Problem> {
        let (Some(order), Some(other)) = (made.second, second) else {
            self.found.fine("keys", "the target takes the first supplier's; there is no second supplier");
            return Ok(());
        };
        if !other.has(order) {
            let plain = made.plain[0];
            let updates_the_firsts = self.may_update("second", plain).await;
            if updates_the_firsts == Some(true) {
                return Err(self.one_supplier(plain));
            }
            let text = if page.has(order) {
                "`create_orders` was asked for an order of the supplier \"second\", and the first supplier's list shows it; make the order for the supplier of the second key".to_owned()
            } else {
                format!(
                    "the second key is of another supplier than the one whom the hook calls \"second\": neither a list nor an update by the key finds order {order}; give the key of that supplier, or make the order for the supplier of the key"
                )
            };
            let is_sure = page.has(order) || self.may_update("second", order).await == Some(false);
            if updates_the_firsts == Some(false) && is_sure {
                self.found.problem("orders", &[Need::Second, Need::ForeignOrder], text);
                return Ok(());
            }
        }
        if let Some(shared) = made.shared
            && page.has(shared)
            && !other.has(shared)
            && self.may_update("second", shared).await == Some(false)
        {
            self.passed_over("sharedWith", "\"second\"", "an order of the first supplier alone");
        }
        self.found.fine("keys", "the target takes both, and they are two suppliers");
        Ok(())
    }

    /// Whether the first key is of another supplier than the one whom the hook calls `first`.
    pub(super) async fn is_not_the_first(&mut self, made: &Made, page: &Page) -> bool {
        let order = made.plain[0];
        if made.plain.iter().any(|order| page.has(*order))
            || self.may_update("first", order).await != Some(false)
        {
            return false;
        }
        let text = format!(
            "the first key is of another supplier than the one whom the hook calls \"first\": neither a list nor an update by the key finds order {order}; give the key of that supplier, or make the order for the supplier of the key"
        );
        let needs = [Need::Orders, Need::OwnOrder, Need::ForeignOrder, Need::UnpaidOrder];
        self.found.problem("keys", &needs, text);
        true
    }

    fn one_supplier(&self, order: u64) -> Problem {
        let keys = &self.target.config.keys;
        let remedy = if keys.contains_key("second") {
            "give the key of another supplier by --second-key, or leave it out"
        } else {
            "make the keys of two suppliers in the hook's `new_key`"
        };
        Problem::Usage(format!(
            "the two keys are of one supplier: what one key polls is hidden from the other, and both may update order {order}; {remedy}"
        ))
    }
}
