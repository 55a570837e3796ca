//! `/_sandbox/sandboxes/{id}/orders`: orders placed and amended.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use supplier_control::{NewItem, NewOrders};
use supplier_domain::{
    EntityType, Money, OrderId, OrderPatch, OrderStatus, PaymentStatus, Problem, ProductType, RequestId,
    SupplierId,
};
use utoipa::ToSchema;

use super::ControlProblem;
use super::extract::{Body, InSandbox, OfOrder};
use super::orders::{AccountsPage, OrderStateBody};
use crate::app::App;
use crate::wire::fields::{Field, FieldValue, kind, read_object, take};
use crate::wire::sets;

/// Orders to be placed, all alike. What is left out is as most are: one paid and pending order of one piece for 1.00.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PlaceOrders {
    /// Whose items they have: a supplier's id.
    #[serde(default)]
    #[schema(value_type = String, required, example = "aurora")]
    pub(super) supplier: Field<SupplierId>,
    /// The number, for a single order; left out: the next that is free.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    pub(super) id: Field<OrderId>,
    /// How many orders, 1 to 10000.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    pub(super) count: Field<u32>,
    #[serde(default)]
    #[schema(value_type = Option<sets::OrderStatus>)]
    pub(super) status: Field<OrderStatus>,
    /// How far the payment is: `pending`, `completed`, `failed` or `refunded`. Suppliers see paid orders only.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "completed")]
    pub(super) payment_status: Field<PaymentStatus>,
    /// Suppliers who each have an item like the first one.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub(super) shared_with: Field<Vec<SupplierId>>,
    /// The items, in place of the fields below.
    #[serde(default)]
    #[schema(value_type = Option<Vec<OrderedItem>>)]
    pub(super) items: Field<Vec<OrderedItem>>,
    /// How many pieces, 1 to 100000.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    pub(super) quantity: Field<u32>,
    /// The price of one piece, of at most 4 decimals.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    pub(super) unit_price: Field<Money>,
    #[serde(default)]
    #[schema(value_type = Option<sets::ProductType>)]
    pub(super) product_type: Field<ProductType>,
    #[serde(default)]
    #[schema(value_type = Option<sets::EntityType>)]
    pub(super) entity_type: Field<EntityType>,
    /// The name of the subcategory.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100)]
    pub(super) sub_category: Field<String>,
}

/// An item to be ordered.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OrderedItem {
    /// Whose it is; left out: the order's supplier.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    supplier: Field<SupplierId>,
    /// How many pieces, 1 to 100000.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    quantity: Field<u32>,
    /// The price of one piece, of at most 4 decimals.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    unit_price: Field<Money>,
    #[serde(default)]
    #[schema(value_type = Option<sets::ProductType>)]
    product_type: Field<ProductType>,
    #[serde(default)]
    #[schema(value_type = Option<sets::EntityType>)]
    entity_type: Field<EntityType>,
    /// The name of the subcategory.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100)]
    sub_category: Field<String>,
}

impl FieldValue for Vec<OrderedItem> {
    fn read(json: &str) -> Result<Self, String> {
        let refused = || format!("must be an array of items, not {}", kind(json));
        let items: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| refused())?;
        let item = |(index, item): (usize, &&RawValue)| {
            read_object(item.get().as_bytes()).map_err(|problem| format!("item {}: {problem}", index + 1))
        };
        items.iter().enumerate().map(item).collect()
    }
}

impl OrderedItem {
    fn check(self, at: &str, problems: &mut Vec<Problem>) -> NewItem {
        let mut own = Vec::new();
        let item = NewItem {
            supplier: take("supplier", self.supplier, &mut own),
            quantity: take("quantity", self.quantity, &mut own),
            unit_price: take("unitPrice", self.unit_price, &mut own),
            product_type: take("productType", self.product_type, &mut own),
            entity_type: take("entityType", self.entity_type, &mut own),
            sub_category: take("subCategory", self.sub_category, &mut own),
        };
        problems.extend(own.into_iter().map(|it| Problem::new(format!("{at}{}", it.field), it.problem)));
        item
    }
}

impl PlaceOrders {
    pub(super) fn check(self) -> Result<NewOrders, Vec<Problem>> {
        let mut problems = Vec::new();
        let supplier = take("supplier", self.supplier, &mut problems);
        if supplier.is_none() && problems.is_empty() {
            problems
                .push(Problem::new("supplier", "is required: the id of the supplier whose items they have"));
        }
        let id = take("id", self.id, &mut problems);
        let count = take("count", self.count, &mut problems);
        let status = take("status", self.status, &mut problems);
        let payment_status = take("paymentStatus", self.payment_status, &mut problems);
        let shared_with = take("sharedWith", self.shared_with, &mut problems);
        let items = take("items", self.items, &mut problems);
        let only = OrderedItem {
            supplier: Field::default(),
            quantity: self.quantity,
            unit_price: self.unit_price,
            product_type: self.product_type,
            entity_type: self.entity_type,
            sub_category: self.sub_category,
        };
        let items = match items {
            None => vec![only.check("", &mut problems)],
            Some(items) => {
                let numbered = items.into_iter().enumerate();
                numbered.map(|(index, it)| it.check(&format!("items[{index}]."), &mut problems)).collect()
            }
        };
        let Some(supplier) = supplier.filter(|_| problems.is_empty()) else { return Err(problems) };
        let count = usize::try_from(count.unwrap_or(1)).unwrap_or(usize::MAX);
        let shared_with = shared_with.unwrap_or_default();
        Ok(NewOrders { supplier, id, count, status, payment_status, shared_with, items })
    }
}

/// What a buyer or the marketplace does to an order. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AmendOrder {
    #[serde(default)]
    #[schema(value_type = Option<sets::OrderStatus>)]
    status: Field<OrderStatus>,
    /// How far the payment is: `pending`, `completed`, `failed` or `refunded`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "refunded")]
    payment_status: Field<PaymentStatus>,
}

/// An order that was placed.
#[derive(Serialize, ToSchema)]
struct PlacedOrder {
    /// Its number.
    id: u64,
}

/// The orders that were placed.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlacedOrders {
    orders: Vec<PlacedOrder>,
}

/// Place orders
///
/// At the moment that the sandbox's clock shows, all of them or none.
#[utoipa::path(post, path = "/_sandbox/sandboxes/{id}/orders", operation_id = "placeOrders", tag = "Orders",
    params(("id" = String, Path, description = "The sandbox's id.")),
    request_body(content = PlaceOrders, description = "What they are like."),
    responses((status = 201, description = "Their numbers.", body = PlacedOrders)))]
pub(crate) async fn place_orders(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    Extension(by): Extension<RequestId>,
    Body(place): Body<PlaceOrders>,
) -> Result<(StatusCode, Json<PlacedOrders>), ControlProblem> {
    let placed = app.control.place_orders(&id, place.check()?, by, app.time.now()).await?;
    let orders = placed.into_iter().map(|id| PlacedOrder { id: id.get() }).collect();
    Ok((StatusCode::CREATED, Json(PlacedOrders { orders })))
}

/// Amend an order
///
/// As a buyer or the marketplace does: pay, refund, cancel. A window that withholds it goes on.
#[utoipa::path(patch, path = "/_sandbox/sandboxes/{id}/orders/{order}", operation_id = "amendOrder", tag = "Orders",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("order" = u64, Path, description = "The order's number.")),
    request_body(content = AmendOrder, description = "What is to change."),
    responses((status = 200, description = "The order as it is now.", body = OrderStateBody)))]
pub(crate) async fn amend_order(
    State(app): State<App>,
    OfOrder(id, order): OfOrder,
    Extension(by): Extension<RequestId>,
    Body(amend): Body<AmendOrder>,
) -> Result<Json<OrderStateBody>, ControlProblem> {
    let mut problems = Vec::new();
    let patch = OrderPatch {
        status: take("status", amend.status, &mut problems),
        payment_status: take("paymentStatus", amend.payment_status, &mut problems),
    };
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let state = app.control.amend_order(&id, order, patch, by, app.time.now()).await?;
    Ok(Json(OrderStateBody::with_accounts(state, AccountsPage::default())))
}
