//! Filter of a fault: which calls it matches.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::{OrderId, SupplierId};

closed_set! {
    /// An operation of the Supplier API, by its name in the API's document.
    Operation {
        /// `GET /api/admin/v2/orders`
        ListOrders = "listOrders",
        /// `POST /api/admin/v2/orders-update`
        UpdateOrder = "updateOrder",
    }
}

/// Call, as a fault's filter sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a> {
    /// The operation.
    pub operation: Operation,
    /// The calling supplier.
    pub supplier: &'a SupplierId,
    /// Order of an update, if an order can have the number; `None` for a list call.
    pub order: Option<OrderId>,
}

/// Filter of a fault. A call must match every field that is not `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// The operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The order of an update. With it, no list call matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// The calling supplier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier: Option<SupplierId>,
}

impl Filter {
    /// Whether `call` matches.
    pub fn fits(&self, call: &Call<'_>) -> bool {
        let is_update_of =
            |order| call.operation == Operation::UpdateOrder && call.order.is_some_and(|it| it == order);
        self.operation.is_none_or(|operation| operation == call.operation)
            && self.supplier.as_ref().is_none_or(|supplier| supplier == call.supplier)
            && self.order.is_none_or(is_update_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::supplier_id;
    use proptest::option::of;
    use proptest::prelude::*;
    use proptest::sample::select;

    proptest! {
        #[test]
        fn a_call_fits_if_it_is_all_that_is_asked_for(
            wanted in (of(select(Operation::ALL)), of(1_i64..3), of(select(&["aurora", "birch"][..]))),
            made in (select(Operation::ALL), of(1_i64..3), select(&["aurora", "birch"][..])),
        ) {
            let filter = Filter {
                operation: wanted.0,
                order: wanted.1.and_then(OrderId::new),
                supplier: wanted.2.map(supplier_id),
            };
            let supplier = supplier_id(made.2);
            let call = Call { operation: made.0, supplier: &supplier, order: made.1.and_then(OrderId::new) };
            let misfits = wanted.0.is_some_and(|operation| operation != made.0)
                || (wanted.1.is_some() && (wanted.1 != made.1 || made.0 == Operation::ListOrders))
                || wanted.2.is_some_and(|supplier| supplier != made.2);
            prop_assert_eq!(filter.fits(&call), !misfits);
        }
    }
}
