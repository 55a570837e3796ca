//! The hook: how the suite prepares it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::KEYS;
use super::server::{Asked, Reply};
use super::world::{Item, Key, Order, World};
use crate::script::{NewOrders, Who};

const ACTIONS: [&str; 7] =
    ["create_orders", "advance_clock", "new_key", "revoke_key", "order_state", "reset", "capabilities"];
/// The epoch of the orders' dates: 2026-01-05, in milliseconds of 1970.
const EPOCH: i64 = 1_767_571_200_000;

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
    let lacks = asked.query.strip_prefix("lacks=");
    if lacks.is_some_and(|action| action == request.action) {
        return Reply::json(501, &json!({ "error": "unsupported" }));
    }
    if request.action == "capabilities" {
        let actions: Vec<_> = ACTIONS.into_iter().filter(|action| Some(*action) != lacks).collect();
        return Reply::json(200, &json!({ "actions": actions }));
    }
    match act(world, &request) {
        Some(answer) => Reply::json(200, &answer),
        None => Reply::json(501, &json!({ "error": "unsupported" })),
    }
}

fn act(world: &World, request: &Request) -> Option<Value> {
    let params = &request.params;
    match request.action.as_str() {
        "create_orders" => create(world, &serde_json::from_value(params.clone()).ok()?),
        "advance_clock" => {
            let seconds = params["seconds"].as_u64()?;
            world.with(|state| state.advanced += seconds * 1000);
            Some(json!({}))
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
            Some(json!({
                "status": order.status,
                "accounts": order.accounts.len(),
                "supplierOrderId": order.supplier_order_id,
            }))
        }
        "reset" => {
            world.with(|state| {
                state.orders.clear();
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
    let price = new.unit_price.as_ref().map_or(Some(1.0), serde_json::Number::as_f64)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "prices of the suite are small and not negative"
    )]
    let unit_price = (price * 10_000.0).round() as u64;
    let item = |owner| Item {
        owner,
        quantity: new.quantity.unwrap_or(1),
        unit_price,
        product_type: new.product_type.clone().unwrap_or_else(|| "manual".to_owned()),
        entity_type: new.entity_type.clone().unwrap_or_else(|| "product".to_owned()),
        sub_category: new.sub_category.clone().unwrap_or_else(|| "Mail accounts".to_owned()),
    };
    let mut items = vec![item(owner(new.supplier))];
    items.extend(new.shared_with.map(|who| item(owner(who))));
    let numbers = world.with(|state| {
        let first = new.id.unwrap_or(state.next);
        let numbers: Vec<u64> = (first..).take(new.count as usize).collect();
        // A number that was asked for says nothing of the next.
        if new.id.is_none() {
            state.next = first + u64::from(new.count);
        }
        for number in &numbers {
            let order = Order {
                number: *number,
                created: EPOCH + i64::try_from(state.orders.len()).unwrap_or_default(),
                status: new.status.clone().unwrap_or_else(|| "pending".to_owned()),
                payment: new.payment_status.clone().unwrap_or_else(|| "completed".to_owned()),
                items: items.clone(),
                accounts: Vec::new(),
                supplier_order_id: None,
                handed_out: [None, None],
                times: [0, 0],
                by: (String::new(), String::new()),
                shown: None,
            };
            state.orders.insert(*number, order);
        }
        numbers
    });
    Some(json!({ "orders": numbers }))
}
