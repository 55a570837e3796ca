//! An order in an answer.

use std::fmt::Display;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use supplier_domain::{Item, OrderView};
use utoipa::ToSchema;

use super::sets;

/// What every answer shows of an order: to each of its suppliers, their own items (`list.own-items`).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrderBase<'a> {
    /// The order's number.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    id: u64,
    /// The same number: what an update names the order by.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    order: u64,
    #[schema(value_type = sets::OrderStatus)]
    status: &'static str,
    #[schema(value_type = sets::PaymentStatus)]
    payment_status: &'static str,
    /// How many pieces the items shown come to (`list.amounts`).
    #[schema(minimum = 1)]
    quantity: u64,
    user: User<'a>,
    /// The calling supplier's items.
    #[schema(min_items = 1)]
    items: Vec<OrderItem<'a>>,
    /// When the order was placed.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, format = DateTime, pattern = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$")]
    created_at: supplier_domain::Timestamp,
}

/// Who placed an order.
#[derive(Serialize, ToSchema)]
struct User<'a> {
    /// The buyer's id.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, pattern = "^[0-9a-f]{24}$")]
    id: supplier_domain::ObjectId,
    /// The buyer's e-mail address.
    #[schema(format = "email")]
    email: &'a str,
    /// The buyer's name.
    name: &'a str,
}

/// One line of an order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrderItem<'a> {
    product: Product<'a>,
    /// How many pieces.
    #[schema(minimum = 1)]
    quantity: u32,
    /// The price of one piece, with at most 4 decimals.
    #[schema(minimum = 0)]
    unit_price: f64,
    /// `quantity` times `unitPrice`, with at most 4 decimals (`list.amounts`).
    #[schema(minimum = 0)]
    total_price: f64,
}

/// What was ordered.
#[derive(Serialize, ToSchema)]
struct Product<'a> {
    /// The product's or service's id.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, pattern = "^[0-9a-f]{24}$")]
    id: supplier_domain::ObjectId,
    /// Its name.
    name: &'a str,
    #[schema(value_type = sets::EntityType)]
    r#type: &'static str,
}

/// An order in a list (`list.shape`).
#[derive(Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct ListedOrder<'a> {
    #[serde(flatten)]
    base: OrderBase<'a>,
    /// The supplier's own id of the order; absent until one was given (`update.supplier-order-id-form`).
    #[serde(rename = "supplierOrderId", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 255)]
    supplier_order_id: Option<&'a str>,
}

/// An order after an update (`update.response`).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdatedOrder<'a> {
    #[serde(flatten)]
    base: OrderBase<'a>,
    /// The supplier's own id of the order; null until one was given.
    #[schema(required, max_length = 255)]
    supplier_order_id: Option<&'a str>,
    /// How many accounts the order has in all.
    accounts_delivered: usize,
}

impl<'a> From<OrderView<'a>> for OrderBase<'a> {
    fn from(view: OrderView<'a>) -> Self {
        let order = view.order();
        Self {
            id: order.id.get(),
            order: order.id.get(),
            status: order.status.as_str(),
            payment_status: order.payment_status.as_str(),
            quantity: view.quantity(),
            user: User { id: order.user.id, email: &order.user.email, name: &order.user.name },
            items: view.items().map(OrderItem::from).collect(),
            created_at: order.created_at,
        }
    }
}

impl<'a> From<&'a Item> for OrderItem<'a> {
    fn from(item: &'a Item) -> Self {
        let product = &item.product;
        Self {
            product: Product {
                id: product.id,
                name: &product.name,
                r#type: product.facet.entity_type.as_str(),
            },
            quantity: item.quantity,
            unit_price: item.unit_price.to_f64(),
            total_price: item.unit_price.times(item.quantity).to_f64(),
        }
    }
}

impl<'a> From<OrderView<'a>> for ListedOrder<'a> {
    fn from(view: OrderView<'a>) -> Self {
        Self { base: view.into(), supplier_order_id: view.order().supplier_order_id.as_deref() }
    }
}

impl<'a> From<OrderView<'a>> for UpdatedOrder<'a> {
    fn from(view: OrderView<'a>) -> Self {
        let order = view.order();
        Self {
            base: view.into(),
            supplier_order_id: order.supplier_order_id.as_deref(),
            accounts_delivered: order.accounts.len(),
        }
    }
}

/// An order as a list shows it: what the store keeps beside each order.
pub(crate) fn render(view: &OrderView<'_>) -> Arc<RawValue> {
    let listed = ListedOrder::from(*view);
    to_raw_value(&listed).unwrap_or_else(|_| unreachable!("an order is strings and numbers")).into()
}

fn as_text<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
