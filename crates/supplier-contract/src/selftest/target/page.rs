//! Pages and orders as the list and updates show them.

use serde_json::{Number, Value, json};

use super::Defect;
use super::world::{Item, Order, World};

/// A page of these orders.
pub(super) fn rendered(
    world: &World,
    mut orders: Vec<Order>,
    who: usize,
    total: usize,
    limit: usize,
) -> Value {
    if world.is(Defect::TwiceInPage) && orders.len() > 1 && orders.len() < limit {
        orders.push(orders[0].clone());
    }
    if world.is(Defect::JoinTwice) {
        orders = orders
            .into_iter()
            .flat_map(|order| vec![order.clone(); order.items_of(who).count().max(1)])
            .collect();
    }
    let count = if world.is(Defect::CountIsTotal) { total } else { orders.len() };
    let shown: Vec<Value> =
        orders.iter().enumerate().map(|(place, order)| self::order(world, order, who, place)).collect();
    let shown =
        if shown.is_empty() && world.is(Defect::EmptyIsNull) { Value::Null } else { Value::from(shown) };
    json!({ "orders": shown, "count": count, "total": total })
}

/// An order as a supplier sees it.
pub(super) fn order(world: &World, order: &Order, who: usize, place: usize) -> Value {
    let order = order.shown.as_deref().unwrap_or(order);
    let all = world.is(Defect::AllItemsShown);
    let leaks = !order.items.iter().any(|item| item.owner == who);
    let items: Vec<&Item> = order.items.iter().filter(|item| all || leaks || item.owner == who).collect();
    let items = if world.is(Defect::FirstItemOnly) { items[..items.len().min(1)].to_vec() } else { items };
    let mut quantity: u32 = items.iter().map(|item| item.quantity).sum();
    if world.is(Defect::QuantityIsRemaining) {
        quantity = quantity.saturating_sub(u32::try_from(order.accounts.len()).unwrap_or(u32::MAX));
    }
    let quantity =
        if world.is(Defect::QuantityIsItems) { u32::try_from(items.len()).unwrap_or(1) } else { quantity };
    let id = number(world, order.number);
    let mut shown = json!({
        "id": id,
        "order": id,
        "status": order.status,
        "paymentStatus": order.payment,
        "quantity": quantity,
        "user": { "id": user_id(world), "email": "customer@example.com", "name": "John Doe" },
        "items": items.iter().map(|shown| item(world, shown)).collect::<Vec<_>>(),
        "createdAt": created(world, if world.is(Defect::CreatedIsUpdated) { order.updated } else { order.created }),
    });
    if let Some(id) = &order.supplier_order_id {
        let ascii = id.chars().map(|c| if c.is_ascii() || !world.is(Defect::PagesAscii) { c } else { '?' });
        shown["supplierOrderId"] = json!(ascii.collect::<String>());
    }
    if world.is(Defect::IdIsText) {
        shown["id"] = json!(order.number.to_string());
    }
    if world.is(Defect::NumbersAreText) {
        shown["id"] = json!(order.number.to_string());
        shown["order"] = json!(order.number.to_string());
    }
    if world.is(Defect::OrderIsPlace) {
        shown["order"] = json!(place + 1);
    }
    if world.is(Defect::NoOrderField)
        && let Some(fields) = shown.as_object_mut()
    {
        fields.remove("order");
    }
    if world.is(Defect::NoUserName) {
        shown["user"] = json!({ "id": user_id(world), "email": "customer@example.com" });
    }
    shown
}

fn number(world: &World, number: u64) -> Value {
    if world.is(Defect::IdIsRounded) && number > 1 << 31 {
        return json!(number & !0xff);
    }
    if world.is(Defect::IdWraps) && number >= 1 << 31 {
        #[expect(clippy::cast_possible_truncation, reason = "that is the defect")]
        let wrapped = number as i32;
        return json!(wrapped);
    }
    json!(number)
}

fn user_id(world: &World) -> &'static str {
    if world.is(Defect::UpperCaseIds) { "507F1F77BCF86CD799439011" } else { "507f1f77bcf86cd799439011" }
}

fn created(world: &World, millis: i64) -> String {
    let shift = match () {
        () if world.is(Defect::CreatedEast) => 2,
        () if world.is(Defect::CreatedWest) => -5,
        () => 0,
    };
    let millis = millis + shift * 3_600_000;
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    if world.is(Defect::NoMilliseconds) {
        format!("{time:.0}")
    } else if world.is(Defect::OffsetInTime) {
        format!("{time:.3}").replace('Z', "+00:00")
    } else {
        format!("{time:.3}")
    }
}

fn item(world: &World, item: &Item) -> Value {
    let entity = if world.is(Defect::TypeIsProduct) { "product" } else { &item.entity_type };
    let total = item.unit_price * u64::from(item.quantity);
    let total = if world.is(Defect::TotalIsUnit) { item.unit_price } else { total };
    #[expect(clippy::cast_possible_truncation, reason = "that is the defect")]
    let total = if world.is(Defect::TotalOverflows) { u64::from(total as u32) } else { total };
    let mut unit_price = money(world, item.unit_price);
    let mut total_price = money(world, total);
    if world.is(Defect::PriceNoise) {
        total_price = float(as_float(item.unit_price) * f64::from(item.quantity));
    }
    if world.is(Defect::PriceIsText) {
        unit_price = json!(unit_price.to_string());
        total_price = json!(total_price.to_string());
    }
    json!({
        "product": { "id": "507f1f77bcf86cd799439012", "name": "Aged mail account", "type": entity },
        "quantity": item.quantity,
        "unitPrice": unit_price,
        "totalPrice": total_price,
    })
}

fn money(world: &World, ten_thousandths: u64) -> Value {
    if world.is(Defect::PriceCut) {
        return float(as_float(ten_thousandths / 100 * 100));
    }
    if world.is(Defect::PriceRounded) || world.choices().two_decimals {
        return float(as_float((ten_thousandths + 50) / 100 * 100));
    }
    float(as_float(ten_thousandths))
}

#[expect(clippy::cast_precision_loss, reason = "prices are far below 2^53")]
fn as_float(ten_thousandths: u64) -> f64 {
    ten_thousandths as f64 / 10_000.0
}

fn float(number: f64) -> Value {
    Number::from_f64(number).map_or(Value::Null, Value::from)
}
