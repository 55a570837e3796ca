//! The list.

use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::{Number, Value, json};

use super::Defect;
use super::error::Refusal;
use super::server::{Asked, Reply, key};
use super::world::{Item, Order, State, World};
use crate::guide_table::{ENTITY_TYPES, STATUSES};

/// How long a poll takes that leaves others time to be handed the same: for a defect.
const SLOW: Duration = Duration::from_millis(4);

/// What is asked for.
#[derive(Debug, Default)]
struct Filters {
    statuses: Option<Vec<String>>,
    status: String,
    product_types: Option<Vec<String>>,
    entity_type: Option<String>,
    sub_category: Option<String>,
    limit: usize,
    offset: usize,
}

/// Answers a list.
pub(super) async fn answer(world: &World, asked: &Asked) -> Result<Reply, Refusal> {
    let parsed = filters(world, &asked.query);
    if world.is(Defect::KeyAfterForm)
        && let Err(refusal) = parsed
    {
        return Err(refusal);
    }
    let (who, key) = key(world, asked, false)?;
    let now = world.now();
    let filters = match parsed {
        Ok(filters) => filters,
        Err(refusal) => {
            if world.is(Defect::FailedCallWithholds) {
                world.with(|state| {
                    for order in state.orders.values_mut() {
                        order.handed_out[who] = Some(now);
                    }
                });
            }
            return Err(refusal);
        }
    };
    if world.is(Defect::HugeOffsetFails) && filters.offset == usize::MAX {
        return Ok(Reply::text(500, "out of range"));
    }
    let (page, total, matching) = world.with(|state| select(world, state, &filters, who, &key, now));
    if world.is(Defect::OffsetPastEndFails) && filters.offset > 0 && filters.offset >= total {
        return Err(Refusal::field("offset", "is past the end"));
    }
    if world.is(Defect::RacePolls) {
        tokio::time::sleep(SLOW).await;
    }
    world.with(|state| hand_out(world, state, &page, &matching, &filters, who, &key, now));
    let shown =
        world.with(|state| page.iter().filter_map(|number| state.orders.get(number).cloned()).collect());
    Ok(Reply::json(200, &rendered(world, shown, who, total, &filters)))
}

fn filters(world: &World, query: &str) -> Result<Filters, Refusal> {
    let mut found = Filters { limit: default_limit(world), ..Filters::default() };
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, raw) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_decode_str(&raw.replace('+', " ")).decode_utf8_lossy().into_owned();
        let known = ["status", "productType", "entityType", "subCategory", "limit", "offset"].contains(&name);
        if !known {
            if world.is(Defect::UnknownParameterRefused) {
                wrong.push((name.to_owned(), "is unknown".to_owned()));
            }
            continue;
        }
        if seen.contains(&name) {
            wrong.push((name.to_owned(), "is given twice".to_owned()));
            continue;
        }
        seen.push(name);
        if value.trim().is_empty() && world.is(Defect::BlankIgnored) {
            continue;
        }
        let raw = if world.is(Defect::CategoryNotDecoded) { raw } else { &value };
        if let Err(problem) = parameter(world, &mut found, name, &value, raw) {
            wrong.push((name.to_owned(), problem));
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(Refusal::Form(wrong)) }
}

fn default_limit(world: &World) -> usize {
    if world.is(Defect::Default20) {
        20
    } else if world.is(Defect::Default100) {
        100
    } else {
        50
    }
}

fn parameter(world: &World, found: &mut Filters, name: &str, value: &str, raw: &str) -> Result<(), String> {
    let several = |known: &[&str]| -> Result<Vec<String>, String> {
        let parts: Vec<String> = value.split(',').map(str::to_owned).collect();
        let unknown = parts.iter().find(|part| !known.contains(&part.as_str()));
        unknown
            .map_or(Ok(parts.clone()), |unknown| Err(format!("{unknown:?} is none of {}", known.join(", "))))
    };
    match name {
        "status" => {
            let mut statuses = match several(&STATUSES) {
                Err(_) if world.is(Defect::UnknownStatusIgnored) => {
                    value.split(',').map(str::to_owned).collect()
                }
                other => other?,
            };
            if world.is(Defect::SecondStatusIgnored) {
                statuses.truncate(1);
            }
            if world.is(Defect::ThirdStatusIgnored) {
                statuses.truncate(2);
            }
            value.clone_into(&mut found.status);
            found.statuses = Some(statuses).filter(|_| !world.is(Defect::StatusIgnored));
        }
        "productType" => found.product_types = Some(several(&["auto", "manual", "inventory"])?),
        "entityType" if ENTITY_TYPES.contains(&value) => {
            let ignored = world.is(Defect::EntityIgnored)
                || (world.is(Defect::ServicesUnfiltered) && value == "smm_service");
            found.entity_type = Some(value.to_owned()).filter(|_| !ignored);
        }
        "entityType" => return Err("is product or smm_service".to_owned()),
        "subCategory" if value.trim().is_empty() => return Err("is empty".to_owned()),
        "subCategory" => {
            found.sub_category = Some(raw.to_owned()).filter(|_| !world.is(Defect::CategoryIgnored));
        }
        "limit" => {
            let number = whole(value).ok_or("is no integer of 1 to 500")?;
            let most = if world.is(Defect::NoMost) { 1000 } else { 500 };
            if number == 0 && world.is(Defect::LimitZeroTaken) {
                found.limit = 500;
            } else if (1..=most).contains(&number) {
                found.limit = if world.is(Defect::Most250) { number.min(250) } else { number };
            } else {
                return Err("is no integer of 1 to 500".to_owned());
            }
        }
        _ => {
            found.offset = match whole(value) {
                Some(number) => number,
                None if value.starts_with('-') && world.is(Defect::NegativeOffset) => 0,
                None => return Err("is no integer of 0 or more".to_owned()),
            };
        }
    }
    Ok(())
}

/// A whole number of 0 or more; the largest there is for those beyond it.
fn whole(value: &str) -> Option<usize> {
    let is_whole = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    is_whole.then(|| value.parse().unwrap_or(usize::MAX))
}

fn matches(world: &World, order: &Order, filters: &Filters, who: usize) -> bool {
    let by_status = world.is(Defect::OthersByStatus) && filters.statuses.is_some();
    let later = world.is(Defect::OthersOnLaterPages) && filters.offset > 0;
    let all = world.is(Defect::OthersListed) || by_status || later;
    let first_only = world.is(Defect::SharedToFirst);
    let own = |item: &&Item| all || (item.owner == who && (!first_only || order.items[0].owner == who));
    let paid = match order.payment.as_str() {
        "completed" => true,
        "refunded" if world.is(Defect::RefundedListed) => true,
        _ => {
            world.is(Defect::UnpaidListed)
                || (world.is(Defect::UnpaidListedByStatus) && filters.statuses.is_some())
        }
    };
    let status = match &filters.statuses {
        Some(statuses) => statuses.contains(&order.status),
        None if world.is(Defect::OpenByDefault) => ["pending", "processing"].contains(&order.status.as_str()),
        None => !(world.is(Defect::ErrorHiddenByDefault) && order.status == "error"),
    };
    paid && status && order.items.iter().filter(own).any(|item| item_fits(world, item, filters))
}

fn item_fits(world: &World, item: &Item, filters: &Filters) -> bool {
    let auto = vec!["auto".to_owned()];
    let kinds = filters.product_types.as_ref().unwrap_or(&auto);
    let kind = item.product_type.as_str();
    let has = |name: &str| kinds.iter().any(|kind| kind == name);
    let by_kind = has(kind)
        || (world.is(Defect::ManualByDefault) && filters.product_types.is_none() && kind == "manual")
        || (world.is(Defect::AutoWithManual) && has("manual") && kind == "auto")
        || (world.is(Defect::InventoryIsAuto) && has("inventory") && kind == "auto");
    let by_category = filters.sub_category.as_ref().is_none_or(|name| {
        let own = &item.sub_category;
        own == name
            || (world.is(Defect::CategoryCase) && own.eq_ignore_ascii_case(name))
            || (world.is(Defect::CategoryPrefix) && own.starts_with(name.as_str()))
    });
    by_kind && by_category && filters.entity_type.as_ref().is_none_or(|entity| *entity == item.entity_type)
}

fn is_withheld(world: &World, order: &Order, filters: &Filters, who: usize, key: &str, now: u64) -> bool {
    let handed_out = if world.is(Defect::WindowForBoth) {
        order.handed_out.iter().flatten().max().copied()
    } else {
        order.handed_out[who]
    };
    let Some(at) = handed_out else { return false };
    let of = |test: &dyn Fn(&Item) -> bool| order.items.iter().any(test);
    let exempt = (world.is(Defect::WindowByFilter) && order.by.0 != filters.status)
        || (world.is(Defect::WindowByKey) && order.by.1 != key)
        || (world.is(Defect::ServicesNotWithheld) && of(&|item| item.entity_type == "smm_service"))
        || (world.is(Defect::AutoNotWithheld) && of(&|item| item.product_type == "auto"))
        || (world.is(Defect::CompletedNotWithheld) && order.status == "completed")
        || (world.is(Defect::WithheldOnce) && order.times[who] > 1);
    let forever = world.is(Defect::NeverBack) || (world.is(Defect::BackOnce) && order.times[who] > 1);
    !exempt && (forever || now.saturating_sub(at) < world.window())
}

/// The page's numbers, `total`, and the numbers of all that may be handed out.
fn select(
    world: &World,
    state: &State,
    filters: &Filters,
    who: usize,
    key: &str,
    now: u64,
) -> (Vec<u64>, usize, Vec<u64>) {
    let mut all: Vec<&Order> =
        state.orders.values().filter(|order| matches(world, order, filters, who)).collect();
    all.sort_by_key(|order| (order.created, order.number));
    if world.is(Defect::NewestFirst) {
        all.reverse();
    }
    let is_free = |order: &&&Order| !is_withheld(world, order, filters, who, key, now);
    let mut free: Vec<u64> = all.iter().filter(is_free).map(|order| order.number).collect();
    let matching = free.clone();
    let mut total = if world.is(Defect::TotalWithWithheld) { all.len() } else { free.len() };
    if world.is(Defect::TotalUnfiltered) {
        let unfiltered = Filters { product_types: filters.product_types.clone(), ..Filters::default() };
        total = state.orders.values().filter(|order| matches(world, order, &unfiltered, who)).count();
    }
    if world.is(Defect::LimitBeforeFilter) {
        let head = all.iter().skip(filters.offset).take(filters.limit).map(|order| order.number);
        let head: Vec<u64> = head.collect();
        return (free.into_iter().filter(|number| head.contains(number)).collect(), total, matching);
    }
    let offset = match filters.offset {
        0 => 0,
        _ if world.is(Defect::OffsetIgnored) => 0,
        offset if world.is(Defect::OffsetOneMore) => offset.saturating_add(1),
        offset if world.is(Defect::OffsetInPages) => offset.saturating_mul(filters.limit),
        offset => offset,
    };
    let mut limit = filters.limit;
    if world.is(Defect::LimitOneFewer) {
        limit = (limit - 1).max(1);
    }
    if world.is(Defect::LimitOneMore) {
        limit += 1;
    }
    free = free.into_iter().skip(offset).collect();
    if world.is(Defect::TotalBehindOffset) {
        total = free.len();
    }
    free.truncate(limit);
    if world.is(Defect::TotalIsCount) {
        total = free.len();
    }
    (free, total, matching)
}

#[expect(clippy::too_many_arguments, reason = "all that a defect may make of a page")]
fn hand_out(
    world: &World,
    state: &mut State,
    page: &[u64],
    matching: &[u64],
    filters: &Filters,
    who: usize,
    key: &str,
    now: u64,
) {
    let mut numbers = page.to_vec();
    if world.is(Defect::WithheldByMatch) {
        numbers = matching.to_vec();
    }
    if world.is(Defect::SkippedWithheld) {
        numbers.extend(matching.iter().take(filters.offset));
    }
    for number in numbers {
        if let Some(order) = state.orders.get_mut(&number) {
            order.handed_out[who] = Some(now);
            order.times[who] += 1;
            order.by = (filters.status.clone(), key.to_owned());
        }
    }
}

fn rendered(world: &World, mut orders: Vec<Order>, who: usize, total: usize, filters: &Filters) -> Value {
    if world.is(Defect::TwiceInPage) && orders.len() > 1 && orders.len() < filters.limit {
        orders.push(orders[0].clone());
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
    let quantity: u32 = items.iter().map(|item| item.quantity).sum();
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
        "createdAt": created(world, order.created),
    });
    if let Some(id) = &order.supplier_order_id {
        shown["supplierOrderId"] = json!(id);
    }
    if world.is(Defect::IdIsText) {
        shown["id"] = json!(order.number.to_string());
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
    json!(number)
}

fn user_id(world: &World) -> &'static str {
    if world.is(Defect::UpperCaseIds) { "507F1F77BCF86CD799439011" } else { "507f1f77bcf86cd799439011" }
}

fn created(world: &World, millis: i64) -> String {
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
    if world.is(Defect::PriceRounded) {
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
