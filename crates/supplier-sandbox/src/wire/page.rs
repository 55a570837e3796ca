//! A list call's parameters and its answer.

use utoipa::{IntoParams, ToSchema};

use super::order::ListedOrder;
use super::sets::{EntityType, OrderStatus, ProductType};

/// A page of orders (`list.shape`). It documents what is written around the orders, which the store writes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read for its schema only")]
pub(crate) struct OrderPage {
    /// The orders, oldest first (`list.order`).
    #[schema(value_type = Vec<ListedOrder<'_>>, max_items = 500)]
    orders: (),
    /// How many orders this page holds (`list.count`).
    #[schema(maximum = 500)]
    count: usize,
    /// How many orders could be handed out now, before `limit` and `offset` (`list.total`, `list.total-withheld`).
    total: usize,
}

impl OrderPage {
    /// What is written before the orders.
    pub(crate) const OPENING: &str = r#"{"orders":["#;

    /// What is written after them.
    pub(crate) fn closing(count: usize, total: usize) -> String {
        format!(r#"],"count":{count},"total":{total}}}"#)
    }
}

/// What a list call may ask for. It documents [`supplier_domain::ListQuery`], which reads the values.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "read for its schema only")]
pub(crate) struct ListOrdersParams {
    /// The statuses to return, separated by commas. Left out: all (`list.status`, `list.status-default`).
    #[param(style = Form, explode = false, required = false, value_type = Vec<OrderStatus>,
            example = json!(["pending", "processing"]), min_items = 1)]
    status: (),
    /// The kinds of fulfilment to return, separated by commas. Manual orders come only when asked for; left out: `auto`
    /// (`list.product-type`, `list.product-type-values`).
    #[param(style = Form, explode = false, required = false, value_type = Vec<ProductType>,
            example = json!(["manual"]), min_items = 1)]
    product_type: (),
    /// Return only orders with an item of this type (`list.entity-type`).
    #[param(required = false, value_type = EntityType)]
    entity_type: (),
    /// Return only orders with an item of this subcategory, by its exact name (`list.sub-category`,
    /// `list.sub-category-match`).
    #[param(required = false, value_type = String, min_length = 1, example = "Mail accounts")]
    sub_category: (),
    /// The most orders to return (`list.limit`, `list.limit-default`, `list.limit-max`).
    #[param(required = false, value_type = u32, minimum = 1, maximum = 500, default = 50)]
    limit: (),
    /// How many of the orders that may be handed out now to skip (`list.offset`).
    #[param(required = false, value_type = u64, minimum = 0, default = 0)]
    offset: (),
}

#[cfg(test)]
mod tests {
    use super::*;
    use supplier_domain::ListQuery;

    #[test]
    fn every_parameter_that_is_read_is_documented() {
        let documented: Vec<_> =
            ListOrdersParams::into_params(|| None).into_iter().map(|param| param.name).collect();
        assert_eq!(documented, ListQuery::PARAMETERS);
    }
}
