//! A page by the guide: its fields, and what its values have to do with each other.

use serde_json::{Value, json};
use supplier_rulebook as rulebook;

use super::{Violation, by, told};
use crate::counted::counted;
use crate::guide_table::{Field, ITEM, ORDER, PAGE};
use crate::http::{Answer, Call, number};
use crate::script::Expect;

/// The most orders in a page, whatever is asked for.
const MOST: usize = 500;

/// Adds what is wrong with a page.
pub(super) fn judge(call: &Call, answer: &Answer, found: &mut Vec<Violation>) {
    let Some(page) = &answer.json else { return };
    fields(page, "", PAGE, found);
    let orders = answer.orders();
    if let Some(count) = page.get("count").and_then(Value::as_u64)
        && count != orders.len() as u64
    {
        let expect = Expect::Is { at: "/count".to_owned(), value: json!(orders.len()) };
        found.push(by(
            rulebook::LIST_COUNT,
            "/count",
            expect,
            format!("{count} of {}", counted(orders.len(), "order")),
        ));
    }
    length(call, orders.len(), found);
    let mut numbers: Vec<_> = orders.iter().filter_map(number).collect();
    numbers.sort_unstable();
    if let Some([twice, _]) = numbers.array_windows().find(|[one, other]| one == other) {
        let once = Expect::OnceEach { steps: Vec::new() };
        found.push(by(
            rulebook::LIST_NO_DUPLICATES,
            "/orders",
            once,
            format!("order {twice} stands there twice"),
        ));
    }
    for (place, order) in orders.iter().enumerate() {
        judge_order(order, &format!("/orders/{place}"), found);
    }
}

fn length(call: &Call, length: usize, found: &mut Vec<Violation>) {
    let query = call.query.to_string();
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("limit=")?.parse::<usize>().ok());
    let asked = asked.filter(|limit| (1..=MOST).contains(limit));
    let (most, rule) = match asked {
        Some(limit) => (limit, rulebook::LIST_LIMIT),
        None if query.contains("limit=") => (MOST, rulebook::LIST_LIMIT_MAX),
        None => (50, rulebook::LIST_LIMIT_DEFAULT),
    };
    if length > most {
        let rule = if length > MOST { rulebook::LIST_LIMIT_MAX } else { rule };
        let expect = Expect::Length { at_least: 0, at_most: most };
        found.push(by(rule, "/orders", expect, format!("a page of {}", counted(length, "order"))));
    }
}

fn judge_order(order: &Value, at: &str, found: &mut Vec<Violation>) {
    fields(order, at, ORDER, found);
    if let (Some(id), Some(other)) = (order.get("id"), order.get("order"))
        && id != other
    {
        let at = format!("{at}/order");
        let expect = Expect::Is { at: at.clone(), value: id.clone() };
        found.push(by(rulebook::LIST_SHAPE, &at, expect, told(Some(other))));
    }
    let items = order["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (place, item) in items.iter().enumerate() {
        let at = format!("{at}/items/{place}");
        fields(item, &at, ITEM, found);
        if let (Some(quantity), Some(unit), Some(total)) =
            (item["quantity"].as_i64(), item["unitPrice"].as_f64(), item["totalPrice"].as_f64())
        {
            amounts(&at, quantity, unit, total, found);
        }
    }
    let add = |sum: i64, item: &Value| sum.checked_add(item["quantity"].as_i64()?);
    let sum = items.iter().try_fold(0, add);
    if let (Some(sum), Some(quantity)) = (sum, order["quantity"].as_i64())
        && sum != quantity
    {
        let at = format!("{at}/quantity");
        let expect = Expect::Is { at: at.clone(), value: json!(sum) };
        found.push(by(rulebook::LIST_AMOUNTS, &at, expect, format!("{quantity}, and its items have {sum}")));
    }
}

/// Prices have at most four decimals, so that they are compared as integers of ten-thousandths.
fn amounts(at: &str, quantity: i64, unit: f64, total: f64, found: &mut Vec<Violation>) {
    let ten_thousandths = |price: f64| (price * 10_000.0).round();
    #[allow(clippy::cast_precision_loss, reason = "quantities are far below 2^53")]
    let right = ten_thousandths(unit) * quantity as f64;
    // Beyond 2^53 a number of JSON is not told apart from its neighbours.
    let most = (right.abs() * f64::EPSILON * 4.0).max(0.5);
    if (ten_thousandths(total) - right).abs() > most {
        let at = format!("{at}/totalPrice");
        let expect = Expect::Is { at: at.clone(), value: json!(right / 10_000.0) };
        found.push(by(rulebook::LIST_AMOUNTS, &at, expect, format!("{total} for {quantity} at {unit}")));
    }
}

fn fields(value: &Value, at: &str, table: &[Field], found: &mut Vec<Violation>) {
    for field in table {
        let parent = field.at.rsplit_once('/').map_or("", |(parent, _)| parent);
        // Told once, where the parent is missing.
        if !value.pointer(parent).is_some_and(Value::is_object) {
            continue;
        }
        let there = value.pointer(field.at);
        let like = (field.like)();
        if !like.fits(there) {
            let rule = if there.is_none() { rulebook::LIST_SHAPE } else { field.rule };
            let at = format!("{at}{}", field.at);
            found.push(by(rule, &at, Expect::Looks { at: at.clone(), like }, told(there)));
        }
    }
}
