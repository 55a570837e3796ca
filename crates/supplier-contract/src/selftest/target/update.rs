//! Updates.

use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::Defect;
use super::deliver::{Change, Undelivered, deliver, is_used, kept_id};
use super::error::Refusal;
use super::number::{OUT_OF_RANGE, order_number};
use super::page;
use super::server::{Asked, Reply, key};
use super::world::{Order, World};
use crate::guide_table::STATUSES;

/// How long an update takes that may lose another: for a defect.
const SLOW: Duration = Duration::from_millis(4);

/// Answers an update.
pub(super) async fn answer(world: &World, asked: &Asked) -> Result<Reply, Refusal> {
    let parsed = body(world, asked);
    if world.is(Defect::KeyAfterForm)
        && let Err(refusal) = &parsed
    {
        return Err(refusal.clone());
    }
    let (who, _) = key(world, asked, true)?;
    if let Some(failure) = fails(world, asked) {
        return Ok(failure);
    }
    let fields = parsed?;
    let (change, wrong) = change(world, &fields);
    if !wrong.is_empty() {
        if world.is(Defect::AccessFirst) {
            found(world, &change, who)?;
        }
        spoil_refused(world, &fields, &change, who);
        let is_chosen = world.choices().unprocessable && wrong.iter().all(|(_, why)| why == OUT_OF_RANGE);
        return Err(if is_chosen { Refusal::Unprocessable("order") } else { Refusal::Form(wrong) });
    }
    let Some(order) = change.order else { return Ok(Reply::json(200, &json!({ "success": true }))) };
    let order = match found(world, &Change { order: Some(order), ..Change::default() }, who) {
        Err(Refusal::NotFound) if world.is(Defect::UnknownSucceeds) => {
            return Ok(Reply::json(200, &json!({ "success": true })));
        }
        Err(Refusal::NotFound) if world.is(Defect::UnknownIsDenied) => return Err(Refusal::Access),
        Err(Refusal::Access) if world.is(Defect::OthersNotFound) => return Err(Refusal::NotFound),
        Err(Refusal::Access) if world.is(Defect::OthersUpdatedQuietly) => {
            apply_quietly(world, &change);
            return Err(Refusal::Access);
        }
        other => other?,
    };
    let text = String::from_utf8_lossy(asked.body.as_deref().unwrap_or_default());
    if world.is(Defect::NulFailsOwn) && text.contains("\\u0000") {
        return Ok(Reply::text(500, "Internal Server Error"));
    }
    is_open(world, &order, who)?;
    let mut updated = decide(world, &order, &change)?;
    updated.updated = world.clock().max(world.with(|state| state.youngest)) + 1;
    updated.updates += 1;
    if world.is(Defect::TenthRefused) && updated.updates >= 10 {
        return Err(Refusal::field("order", "was updated too often"));
    }
    updated.breaks_pages |= world.is(Defect::SurrogateStays) && text.contains("\\ud800");
    if world.is(Defect::Every16thLost) && order.number.is_multiple_of(16) {
        return Ok(rendered(world, &order, &updated, who, &change));
    }
    if world.is(Defect::UpdateLost) {
        tokio::time::sleep(SLOW).await;
        world.with(|state| state.orders.insert(updated.number, updated.clone()));
    } else {
        // Nothing has come between: there was no pause.
        world.with(|state| state.orders.insert(updated.number, updated.clone()));
    }
    Ok(rendered(world, &order, &updated, who, &change))
}

/// Whether a defect lets the order be updated now.
fn is_open(world: &World, order: &Order, who: usize) -> Result<(), Refusal> {
    let handed_out = order.handed_out[who];
    let never = world.is(Defect::NeedsPoll) && handed_out.is_none();
    let window = world.window();
    let now = world.now();
    let late = world.is(Defect::LateRefused) && handed_out.is_some_and(|at| now.saturating_sub(at) >= window);
    if never || late { Err(Refusal::field("order", "is not open")) } else { Ok(()) }
}

/// What a defect makes of some bodies.
fn fails(world: &World, asked: &Asked) -> Option<Reply> {
    let body = asked.body.as_deref().unwrap_or_default();
    let is_json = serde_json::from_slice::<Value>(body).is_ok();
    let text = String::from_utf8_lossy(body);
    let fails = (world.is(Defect::BadJsonFails) && !is_json)
        || (world.is(Defect::NulFails) && text.contains("\\u0000"))
        || (world.is(Defect::Rows999) && text.matches("\",\"").count() > 997)
        || (world.is(Defect::OrderMissingFails) && is_json && !text.contains("\"order\""));
    fails.then(|| Reply::text(500, "Internal Server Error"))
}

fn body(world: &World, asked: &Asked) -> Result<Map<String, Value>, Refusal> {
    let body = asked.body.as_ref().ok_or(Refusal::TooLarge)?;
    let essence = asked.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    if essence.trim() != "application/json" && !world.is(Defect::AnyContentType) {
        return Err(Refusal::MediaType);
    }
    if asked.header("content-encoding").is_some() && !world.is(Defect::CodingIgnored) {
        return Err(Refusal::MediaType);
    }
    let charset = asked.header("content-type").is_some_and(|kind| kind.contains("charset"));
    if world.is(Defect::CharsetRefused) && charset {
        return Err(Refusal::MediaType);
    }
    let not_json = || Refusal::field("body", "is not a JSON object");
    let text = String::from_utf8_lossy(body);
    let mended = text.replace("\\ud800", "?");
    let body = if world.is(Defect::SurrogateStays) { mended.as_bytes() } else { &body[..] };
    let mut fields: Map<String, Value> = serde_json::from_slice(body).map_err(|_| not_json())?;
    // Integers beyond 64 bits and fractions are told apart by how they are written.
    let raw: std::collections::BTreeMap<String, Box<RawValue>> =
        serde_json::from_slice(body).map_err(|_| not_json())?;
    if let Some(order) = raw.get("order") {
        fields.insert("order written".to_owned(), json!(order.get()));
    }
    Ok(fields)
}

/// What is asked for, and the fields that are wrong, each with what is wrong.
fn change(world: &World, fields: &Map<String, Value>) -> (Change, Vec<(String, String)>) {
    let mut wrong = Vec::new();
    let mut change = Change::default();
    let mut field = |name: &str, problem: &str| wrong.push((name.to_owned(), problem.to_owned()));
    let given = |name: &str| fields.get(name).filter(|value| !value.is_null());
    if world.is(Defect::MassAssignment) {
        change.fields.clone_from(fields);
    }
    if world.is(Defect::NullRefused) && fields.values().any(Value::is_null) {
        field("body", "has a null");
    }
    match order_number(world, fields) {
        Ok(number) => change.order = number,
        Err(problem) => field("order", problem),
    }
    match given("status") {
        None if world.is(Defect::StatusNeeded) => field("status", "is required"),
        None => {}
        Some(status) => match known_status(world, status) {
            Ok(status) => change.status = Some(status),
            Err(problem) => field("status", problem),
        },
    }
    match given("accounts") {
        None => {}
        Some(Value::Array(accounts)) => change.accounts = Some(accounts.clone()),
        Some(text) if text.is_string() && world.is(Defect::AccountsAsText) => {
            change.accounts = Some(vec![text.clone()]);
        }
        Some(_) => field("accounts", "is no array"),
    }
    match given("supplierOrderId") {
        None => {}
        Some(_) if world.is(Defect::IdRefused) => field("supplierOrderId", "is not taken"),
        Some(Value::String(id)) => {
            let length = if world.is(Defect::BytesCounted) { id.len() } else { id.chars().count() };
            if length > 255 && !world.is(Defect::LongIdTaken) {
                field("supplierOrderId", "is longer than 255 characters");
            }
            change.supplier_order_id = Some(id.clone());
        }
        Some(_) => field("supplierOrderId", "is no text"),
    }
    (change, wrong)
}

fn known_status(world: &World, status: &Value) -> Result<String, &'static str> {
    let text = status.as_str().ok_or("is no text")?;
    let unknown = (world.is(Defect::PartialUnknown) && text == "partial")
        || (world.is(Defect::PendingUnknown) && text == "pending");
    if (STATUSES.contains(&text) && !unknown) || world.is(Defect::UnknownStatusTaken) {
        let becomes = if world.is(Defect::CancelledIsError) && text == "cancelled" { "error" } else { text };
        return Ok(becomes.to_owned());
    }
    Err("is no status")
}

fn found(world: &World, change: &Change, who: usize) -> Result<Order, Refusal> {
    let number =
        change.order.map(|number| if world.is(Defect::NumberAbsolute) { number.abs() } else { number });
    let number = number.and_then(|number| u64::try_from(number).ok()).ok_or(Refusal::NotFound)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "that is the defect"
    )]
    let number = match () {
        () if world.is(Defect::Number32) => u64::from(number as u32),
        () if world.is(Defect::NumberSingle) => number as f32 as u64,
        () if world.is(Defect::BigNotFound) && number >= 1 << 31 => return Err(Refusal::NotFound),
        () => number,
    };
    let begins = |order: &&Order| order.number.to_string().starts_with(&number.to_string());
    let by_prefix = |state: &super::world::State| state.orders.values().find(begins).cloned();
    let found = world.with(|state| match state.orders.get(&number).cloned() {
        None if world.is(Defect::NumberPrefix) => by_prefix(state),
        found => found,
    });
    let order = found.ok_or(Refusal::NotFound)?;
    if world.is(Defect::OldNotFound) && world.clock() - order.created > 90 * 86_400_000 {
        return Err(Refusal::NotFound);
    }
    if world.is(Defect::SharedDenied) && order.items[0].owner != who {
        return Err(Refusal::Access);
    }
    let failed = world.is(Defect::FailedUpdated) && order.payment == "failed";
    if order.payment != "completed" && !failed && !world.is(Defect::UnpaidUpdated) {
        return Err(if world.choices().refuses_unpaid { Refusal::Unpaid } else { Refusal::NotFound });
    }
    if order.items_of(who).next().is_none() && !world.is(Defect::OthersUpdated) {
        return Err(Refusal::Access);
    }
    Ok(order)
}

/// What defects do though they refuse.
fn spoil_refused(world: &World, fields: &Map<String, Value>, change: &Change, who: usize) {
    if world.is(Defect::AccountsBeforeForm)
        && let (Ok(order), Some(accounts)) = (found(world, change, who), &change.accounts)
        && let Ok(new) = deliver(world, &order, change, accounts)
    {
        world.with(|state| state.orders.get_mut(&order.number).map(|order| order.accounts.extend(new)));
    }
    if !world.is(Defect::UnknownStatusApplied) {
        return;
    }
    let number = change.order.and_then(|number| u64::try_from(number).ok());
    if let (Some(number), Some(status)) = (number, fields.get("status").and_then(Value::as_str)) {
        world.with(|state| state.orders.get_mut(&number).map(|order| status.clone_into(&mut order.status)));
    }
}

fn apply_quietly(world: &World, change: &Change) {
    let number = change.order.and_then(|number| u64::try_from(number).ok());
    if let (Some(number), Some(status)) = (number, &change.status) {
        world.with(|state| state.orders.get_mut(&number).map(|order| order.status.clone_from(status)));
    }
}

/// The order as it is after the change.
#[expect(clippy::too_many_lines, reason = "each defect is a line where its rule is kept")]
fn decide(world: &World, order: &Order, change: &Change) -> Result<Order, Refusal> {
    let refused = |field: &str| Err(Refusal::field(field, "is not taken"));
    let mut updated = order.clone();
    if world.is(Defect::AutoRefused) && order.items.iter().any(|item| item.product_type == "auto") {
        return refused("order");
    }
    if world.is(Defect::SameStatusRefused) && change.status.as_deref() == Some(order.status.as_str()) {
        return refused("status");
    }
    if world.is(Defect::MassAssignment) {
        assign(&mut updated, &change.fields);
    }
    if let Some(status) = &change.status {
        let back = order.status == "completed" && status != "completed";
        let at_once = order.status == "pending" && status == "completed";
        let later = order.status == "processing" && status == "completed";
        if (world.is(Defect::NoWayBack) && back)
            || (world.is(Defect::NotAtOnce) && at_once)
            || (world.is(Defect::NoLaterCompletion) && later)
        {
            return refused("status");
        }
        if !(world.is(Defect::AccountsLose) && change.accounts.is_some()) {
            updated.status.clone_from(status);
        }
    }
    if let Some(accounts) = &change.accounts {
        match deliver(world, order, change, accounts) {
            Ok(new) if world.is(Defect::AccountsReplaced) => updated.accounts = new,
            Ok(new) => updated.accounts.extend(new),
            Err(why) => {
                if world.is(Defect::IdBeforeAccounts) && change.supplier_order_id.is_some() {
                    let order =
                        Order { supplier_order_id: change.supplier_order_id.clone(), ..order.clone() };
                    world.with(|state| state.orders.insert(order.number, order.clone()));
                }
                if world.is(Defect::HalfDone) {
                    world.with(|state| state.orders.insert(updated.number, updated.clone()));
                }
                return Err(match why {
                    Undelivered::NoneLeft => Refusal::Accounts,
                    Undelivered::NotTaken => Refusal::field("accounts", "is not taken"),
                });
            }
        }
        let quantity: usize = order.items.iter().map(|item| item.quantity as usize).sum();
        if world.is(Defect::AccountsComplete)
            || (world.is(Defect::AllAccountsComplete) && updated.accounts.len() >= quantity)
        {
            "completed".clone_into(&mut updated.status);
        }
    }
    match &change.supplier_order_id {
        Some(_) if world.is(Defect::IdNotKept) => {}
        Some(_) if world.is(Defect::FirstIdStands) && order.supplier_order_id.is_some() => {}
        Some(id)
            if world.is(Defect::IdOnce) && order.supplier_order_id.as_ref().is_some_and(|own| own != id) =>
        {
            return refused("supplierOrderId");
        }
        Some(id) if world.is(Defect::IdUnique) && is_used(world, order.number, id) => {
            return refused("supplierOrderId");
        }
        Some(id) => updated.supplier_order_id = Some(kept_id(world, id)),
        None if world.is(Defect::LeftOutIsReset) => updated.supplier_order_id = None,
        None => {}
    }
    if world.is(Defect::UpdateEndsWindow)
        || (world.is(Defect::CancelEndsWindow) && change.status.as_deref() == Some("cancelled"))
    {
        updated.handed_out = [None, None];
    }
    if world.is(Defect::UpdateExtendsWindow) {
        let now = world.now();
        updated.handed_out = updated.handed_out.map(|at| at.map(|_| now));
    }
    if world.is(Defect::NotVisible) && updated.shown.is_none() {
        updated.shown = Some(Box::new(order.clone()));
    }
    Ok(updated)
}

/// Sets what an update names, whatever it is.
fn assign(order: &mut Order, fields: &Map<String, Value>) {
    if let Some(payment) = fields.get("paymentStatus").and_then(Value::as_str) {
        payment.clone_into(&mut order.payment);
    }
    if let Some(quantity) = fields.get("quantity").and_then(Value::as_u64) {
        order.items.iter_mut().for_each(|item| item.quantity = u32::try_from(quantity).unwrap_or(1));
    }
}

fn rendered(world: &World, before: &Order, after: &Order, who: usize, change: &Change) -> Reply {
    if world.is(Defect::NoBody) {
        return Reply::text(204, "");
    }
    if world.is(Defect::SuccessIsText) {
        return Reply::text(200, "OK");
    }
    let order = if world.is(Defect::AnswersOld) { before } else { after };
    let mut shown = page::order(world, order, who, 0);
    shown["status"] = json!(order.status);
    shown["supplierOrderId"] = json!(order.supplier_order_id);
    if !world.is(Defect::NoAccountsDelivered) {
        let delivered = match () {
            () if world.is(Defect::DeliveredIsLast) => change.accounts.as_ref().map_or(0, Vec::len),
            () if world.is(Defect::AnswersOldCount) => before.accounts.len(),
            () => order.accounts.len(),
        };
        shown["accountsDelivered"] = json!(delivered);
    }
    if world.is(Defect::PasswordEchoed) {
        shown["accounts"] = json!(change.accounts);
    }
    Reply::json(200, &shown)
}
