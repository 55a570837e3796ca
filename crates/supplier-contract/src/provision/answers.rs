//! What a hook answers: its shape, and the sentence for a shape that is not the one asked for.

use serde_json::Value;

use super::OrderState;
use crate::counted::counted;
use crate::guide_table::STATUSES;
use crate::script::NewOrders;

/// The largest order number: every JSON library holds it exactly.
const LARGEST: u64 = (1 << 53) - 1;

/// The numbers of the orders that `create_orders` made.
pub(crate) fn numbers(answer: &Value, asked: &NewOrders) -> Result<Vec<u64>, String> {
    let wrong = |what: &str| format!("`create_orders` answered {what}");
    let Some(orders) = answer.get("orders") else {
        return Err(wrong("without `orders`; answer {\"orders\": [NUMBERS]}"));
    };
    let Some(orders) = orders.as_array() else {
        return Err(wrong(&format!("`orders` as {}; answer a list of numbers", shape(orders))));
    };
    let mut numbers = Vec::new();
    for order in orders {
        match order.as_u64() {
            Some(number) if (1..=LARGEST).contains(&number) => numbers.push(number),
            Some(number) => {
                return Err(wrong(&format!(
                    "the order number {number}; order numbers go from 1 to 2^53−1 (9007199254740991)"
                )));
            }
            None => {
                return Err(wrong(&format!(
                    "`orders` with {}; answer the numbers as JSON integers, such as 1001",
                    shape(order)
                )));
            }
        }
    }
    if numbers.len() != asked.count as usize {
        let (made, count) = (counted(numbers.len(), "number"), counted(asked.count, "order"));
        let was = if asked.count == 1 { "was" } else { "were" };
        return Err(wrong(&format!(
            "{made} where {count} {was} asked for; make `count` orders and name each"
        )));
    }
    if !numbers.is_sorted_by(|one, next| one < next) {
        return Err(wrong("numbers that do not ascend; new orders get ascending numbers, each its own"));
    }
    if let Some(first) = asked.id
        && numbers.iter().zip(first..).any(|(number, asked)| *number != asked)
    {
        return Err(wrong(&format!(
            "the number {} where `id` asked for {first}; make the order with that number, or answer `unsupported` to `id`",
            numbers[0]
        )));
    }
    Ok(numbers)
}

/// How `order_state` says an order stands.
pub(crate) fn state(answer: &Value) -> Result<OrderState, String> {
    let wrong = |field: &str, wanted: &str| {
        let got = answer.get(field).map_or_else(|| "nothing".to_owned(), shape);
        format!("`order_state` answered `{field}` as {got}; answer {wanted}")
    };
    // What text it is may be the target's fault, which is for the checks to say.
    let Some(status) = answer["status"].as_str() else {
        return Err(wrong("status", &format!("one of the texts {}", STATUSES.join(", "))));
    };
    let Some(accounts) = answer["accounts"].as_u64() else {
        return Err(wrong("accounts", "how many accounts the order holds, as a number such as 0"));
    };
    let supplier_order_id = match &answer["supplierOrderId"] {
        Value::Null => None,
        Value::String(id) => Some(id.clone()),
        _ => return Err(wrong("supplierOrderId", "the text that the supplier gave, or null")),
    };
    let digest = match &answer["digest"] {
        Value::Null => None,
        Value::String(digest)
            if digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            Some(digest.to_ascii_lowercase())
        }
        _ => {
            return Err(wrong(
                "digest",
                "the SHA-256 of the accounts as 64 hexadecimal digits, or leave it out",
            ));
        }
    };
    Ok(OrderState { status: status.to_owned(), accounts, supplier_order_id, digest })
}

/// The key that `new_key` made.
pub(crate) fn key(answer: &Value) -> Result<String, String> {
    let wrong =
        |got: &str| format!("`new_key` answered `key` as {got}; answer the key as a text of one line");
    match answer.get("key") {
        Some(Value::String(key)) if key.is_empty() => Err(wrong("an empty text")),
        Some(Value::String(key)) if key.chars().any(char::is_control) || key.trim() != key => {
            Err(wrong("a text with blanks at its ends or control characters, which no header can carry"))
        }
        Some(Value::String(key)) => Ok(key.clone()),
        // What else it is may be the key.
        Some(_) => Err(wrong("no text")),
        None => Err(wrong("nothing")),
    }
}

/// What a value is, for somebody who expected another.
fn shape(value: &Value) -> String {
    let told = |noun: &str| format!("{noun} ({})", crate::http::printable(&value.to_string(), 60));
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => told("a truth value"),
        Value::Number(_) => told("the number"),
        Value::String(_) => told("the text"),
        Value::Array(_) => told("a list"),
        Value::Object(_) => told("an object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_hook_answers_wrongly_is_named_by_field_and_shape() {
        let numbers = |answer: Value| numbers(&answer, &NewOrders::some(2)).unwrap_err();
        assert!(numbers(json!({ "orders": ["1", "2"] })).contains("the text (\"1\")"));
        assert!(numbers(json!({ "orders": [1] })).contains("1 number where 2 orders were asked for"));
        assert!(numbers(json!({ "orders": [2, 1] })).contains("ascend"));
        assert!(numbers(json!({ "orders": [1, 9_007_199_254_740_992_u64] })).contains("2^53−1"));
        assert!(numbers(json!({ "ids": [1, 2] })).contains("without `orders`"));
        let state = |answer: Value| state(&answer).unwrap_err();
        assert!(state(json!({ "status": "pending", "accounts": [] })).contains("`accounts` as a list ([])"));
        assert!(state(json!({ "status": 7, "accounts": 0 })).contains("`status` as the number (7)"));
        assert!(state(json!({ "accounts": 0 })).contains("`status` as nothing"));
        assert!(
            state(json!({ "status": "pending", "accounts": 0, "supplierOrderId": 7 })).contains("or null")
        );
        assert!(!key(&json!({ "key": ["geheim"] })).unwrap_err().contains("geheim"));
    }
}
