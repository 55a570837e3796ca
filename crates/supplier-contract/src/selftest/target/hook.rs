//! The hook: how the suite prepares it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::KEYS;
use super::server::{Asked, Reply};
use super::world::{Item, Key, Order, World};
use crate::script::{NewItem, NewOrders, Who};

const ACTIONS: [&str; 8] = [
    "create_orders",
    "advance_clock",
    "advance_clock_milliseconds",
    "new_key",
    "revoke_key",
    "order_state",
    "reset",
    "capabilities",
];

#[derive(Deserialize)]
struct Request {
    action: String,
    #[serde(default)]
    params: Value,
}

/// Answers a request of the hook protocol.
pub(super) fn answer(world: &World, asked: &Asked) -> Reply {
    let body = asked.body.as_deref().unwrap_or_default();
    let Ok(request) = serde_json::from_slice::<Request>(body) else {
        return Reply::json(400, &json!({ "error": "not a request of the hook protocol" }));
    };
    let is_batched = asked.query == "batches";
    match answered(world, &request, asked.query.strip_prefix("lacks="), is_batched) {
        Some(answer) => Reply::json(200, &answer),
        None => Reply::json(501, &unsupported()),
    }
}

fn unsupported() -> Value {
    json!({ "error": "unsupported" })
}

/// The answer of a hook that lacks something, or takes batches.
fn answered(world: &World, request: &Request, lacks: Option<&str>, is_batched: bool) -> Option<Value> {
    let params = &request.params;
    let is_lacking = lacks
        .is_some_and(|name| name == request.action || params.get(name).is_some_and(|value| !value.is_null()));
    let is_other_kind = || params["productType"].as_str().is_some_and(|kind| kind != "manual");
    if is_lacking || (lacks == Some("kinds") && is_other_kind()) {
        return None;
    }
    match request.action.as_str() {
        "capabilities" => {
            let batch = is_batched.then_some("batch");
            let actions = ACTIONS.into_iter().chain(batch).filter(|action| Some(*action) != lacks);
            Some(json!({ "actions": actions.collect::<Vec<_>>() }))
        }
        "batch" if is_batched => {
            let requests: Vec<Request> = serde_json::from_value(params["requests"].clone()).ok()?;
            let answers = requests
                .iter()
                .map(|request| answered(world, request, lacks, is_batched).unwrap_or_else(unsupported));
            Some(json!({ "answers": answers.collect::<Vec<_>>() }))
        }
        _ => act(world, request, lacks),
    }
}

fn act(world: &World, request: &Request, lacks: Option<&str>) -> Option<Value> {
    let params = &request.params;
    match request.action.as_str() {
        "create_orders" => create(world, &serde_json::from_value(params.clone()).ok()?),
        "advance_clock" => {
            let seconds = params["seconds"].as_u64()?;
            let more = params["milliseconds"].as_u64().unwrap_or(0);
            world.with(|state| state.advanced += seconds * 1000 + more);
            let now = jiff::Timestamp::from_millisecond(world.clock()).ok()?;
            Some(if lacks == Some("now") { json!({}) } else { json!({ "now": format!("{now:.3}") }) })
        }
        "new_key" => {
            let owner = owner(serde_json::from_value(params["supplier"].clone()).ok()?);
            let text = world.with(|state| {
                let text = format!("selfTest_Further_{}_mN3oP4", state.keys.len());
                state.keys.push(Key { text: text.clone(), owner, is_revoked: false });
                text
            });
            Some(json!({ "key": text }))
        }
        "revoke_key" => {
            let text = params["key"].as_str()?;
            world.with(|state| {
                state.keys.iter_mut().filter(|key| key.text == text).for_each(|key| key.is_revoked = true);
            });
            Some(json!({}))
        }
        "order_state" => {
            let number = params["order"].as_u64()?;
            let order = world.with(|state| state.orders.get(&number).cloned())?;
            let mut state = json!({
                "status": order.status,
                "accounts": order.accounts.len(),
                "supplierOrderId": order.supplier_order_id,
            });
            if lacks != Some("digest") {
                state["digest"] = json!(crate::provision::digest(order.accounts.iter().map(String::as_str)));
            }
            Some(state)
        }
        "reset" => {
            world.with(|state| {
                state.orders.clear();
                state.recent.clear();
                state.pages.clear();
                state.keys.truncate(KEYS.len());
            });
            Some(json!({}))
        }
        _ => None,
    }
}

fn owner(who: Who) -> usize {
    match who {
        Who::First => 0,
        Who::Second => 1,
    }
}

fn create(world: &World, new: &NewOrders) -> Option<Value> {
    let item = |more: &NewItem| -> Option<Item> {
        let price = more.unit_price.as_ref().or(new.unit_price.as_ref());
        let price = price.map_or(Some(1.0), serde_json::Number::as_f64)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "prices of the suite are small and not negative"
        )]
        let unit_price = (price * 10_000.0).round() as u64;
        let text = |own: &Option<String>, all: &Option<String>, usual: &str| {
            own.clone().or_else(|| all.clone()).unwrap_or_else(|| usual.to_owned())
        };
        Some(Item {
            owner: owner(more.supplier.unwrap_or(new.supplier)),
            quantity: more.quantity.or(new.quantity).unwrap_or(1),
            unit_price,
            product_type: text(&more.product_type, &new.product_type, "manual"),
            entity_type: text(&more.entity_type, &new.entity_type, "product"),
            sub_category: text(&more.sub_category, &new.sub_category, "Mail accounts"),
        })
    };
    let asked = if new.items.is_empty() { vec![NewItem::default()] } else { new.items.clone() };
    let mut items: Vec<Item> = asked.iter().map(item).collect::<Option<_>>()?;
    if let Some(who) = new.shared_with {
        items.push(Item { owner: owner(who), ..items[0].clone() });
    }
    let numbers = world.with(|state| {
        let first = new.id.unwrap_or(state.next);
        let numbers: Vec<u64> = (first..).take(new.count as usize).collect();
        // A number that was asked for says nothing of the next.
        if new.id.is_none() {
            state.next = first + u64::from(new.count);
        }
        numbers
    });
    let clock = world.clock();
    world.with(|state| {
        for number in &numbers {
            let is_same = world.choices().one_moment && *number != numbers[0];
            let created = if is_same { state.youngest } else { clock.max(state.youngest + 1) };
            state.youngest = created;
            let status = new.status.clone().unwrap_or_else(|| "pending".to_owned());
            let order = Order {
                number: *number,
                created,
                first_status: status.clone(),
                status,
                payment: new.payment_status.clone().unwrap_or_else(|| "completed".to_owned()),
                items: items.clone(),
                accounts: Vec::new(),
                supplier_order_id: None,
                handed_out: [None, None],
                times: [0, 0],
                by: (String::new(), String::new()),
                shown: None,
                updated: created,
                updates: 0,
                breaks_pages: false,
            };
            state.orders.insert(*number, order);
        }
    });
    Some(json!({ "orders": numbers }))
}
