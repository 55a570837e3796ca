//! Updates.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::Defect;
use super::error::Refusal;
use super::list;
use super::server::{Asked, Reply, key};
use super::world::{Order, World};
use crate::guide_table::STATUSES;

/// How long an update takes that may lose another: for a defect.
const SLOW: Duration = Duration::from_millis(4);

/// What is to change.
#[derive(Debug, Default, Clone)]
struct Change {
    order: Option<i128>,
    status: Option<String>,
    accounts: Option<Vec<Value>>,
    supplier_order_id: Option<String>,
}

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
        spoil_refused(world, &fields, &change);
        return Err(Refusal::Form(wrong));
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
    let updated = decide(world, &order, &change)?;
    if world.is(Defect::UpdateLost) {
        tokio::time::sleep(SLOW).await;
        world.with(|state| state.orders.insert(updated.number, updated.clone()));
    } else {
        // Nothing has come between: there was no pause.
        world.with(|state| state.orders.insert(updated.number, updated.clone()));
    }
    Ok(rendered(world, &updated, who, &change))
}

/// What a defect makes of some bodies.
fn fails(world: &World, asked: &Asked) -> Option<Reply> {
    let body = asked.body.as_deref().unwrap_or_default();
    let is_json = serde_json::from_slice::<Value>(body).is_ok();
    let text = String::from_utf8_lossy(body);
    let fails = (world.is(Defect::BadJsonFails) && !is_json)
        || (world.is(Defect::NulFails) && text.contains("\\u0000"))
        || (world.is(Defect::OrderMissingFails) && is_json && !text.contains("\"order\""));
    fails.then(|| Reply::text(500, "Internal Server Error"))
}

fn body(world: &World, asked: &Asked) -> Result<Map<String, Value>, Refusal> {
    let body = asked.body.as_ref().ok_or(Refusal::TooLarge)?;
    let essence = asked.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    if essence.trim() != "application/json" && !world.is(Defect::AnyContentType) {
        return Err(Refusal::MediaType);
    }
    let not_json = || Refusal::field("body", "is not a JSON object");
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

fn order_number(world: &World, fields: &Map<String, Value>) -> Result<Option<i128>, &'static str> {
    let written = fields.get("order written").and_then(Value::as_str);
    let Some(mut written) = written.filter(|written| *written != "null") else {
        return if world.is(Defect::OrderMissingAccepted) { Ok(None) } else { Err("is required") };
    };
    if world.is(Defect::OrderAsText) {
        written = written.trim_matches('"');
    }
    let digits = written.strip_prefix('-').unwrap_or(written);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("is no integer");
    }
    // Beyond 128 bits it is nobody's number either.
    Ok(Some(written.parse().unwrap_or(i128::MAX)))
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
    let number = change.order.and_then(|number| u64::try_from(number).ok()).ok_or(Refusal::NotFound)?;
    let order = world.with(|state| state.orders.get(&number).cloned()).ok_or(Refusal::NotFound)?;
    if order.payment != "completed" && !world.is(Defect::UnpaidUpdated) {
        return Err(Refusal::NotFound);
    }
    if order.items_of(who).next().is_none() && !world.is(Defect::OthersUpdated) {
        return Err(Refusal::Access);
    }
    Ok(order)
}

/// What defects do though they refuse.
fn spoil_refused(world: &World, fields: &Map<String, Value>, change: &Change) {
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
fn decide(world: &World, order: &Order, change: &Change) -> Result<Order, Refusal> {
    let refused = |field: &str| Err(Refusal::field(field, "is not taken"));
    let mut updated = order.clone();
    if world.is(Defect::AutoRefused) && order.items.iter().any(|item| item.product_type == "auto") {
        return refused("order");
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
            Ok(new) => updated.accounts.extend(new),
            Err(refusal) => {
                if world.is(Defect::HalfDone) {
                    world.with(|state| state.orders.insert(updated.number, updated.clone()));
                }
                return Err(refusal);
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
        Some(id) => updated.supplier_order_id = Some(id.clone()),
        None if world.is(Defect::LeftOutIsReset) => updated.supplier_order_id = None,
        None => {}
    }
    if world.is(Defect::UpdateEndsWindow) {
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

/// The accounts that are taken.
fn deliver(
    world: &World,
    order: &Order,
    change: &Change,
    accounts: &[Value],
) -> Result<Vec<String>, Refusal> {
    let refused = || Refusal::field("accounts", "is not taken");
    let is_service = order.items.iter().all(|item| item.entity_type == "smm_service");
    if (world.is(Defect::ServiceRefused) && is_service)
        || (world.is(Defect::PartialIsFinal) && order.status == "partial")
    {
        return Err(refused());
    }
    let mut new: Vec<String> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for entry in accounts {
        let Some(account) = entry.as_str().and_then(|text| valid(world, text)) else {
            if world.is(Defect::OneBadRefusesAll) {
                return Err(Refusal::Accounts);
            }
            continue;
        };
        let twice = seen.contains(&account) && !world.is(Defect::TwiceDelivered);
        let again = order.accounts.contains(&account) && !world.is(Defect::RetryCountsTwice);
        let elsewhere = world.is(Defect::OncePerSupplier)
            && world.with(|state| state.orders.values().any(|other| other.accounts.contains(&account)));
        if !twice && !again && !elsewhere {
            seen.insert(account.clone());
            new.push(account);
        }
    }
    let empty_is_fine = (world.is(Defect::EmptyAccepted) && accounts.is_empty())
        || (world.is(Defect::BlanksAccepted) && !accounts.is_empty())
        || (world.is(Defect::ResubmissionAccepted) && !order.accounts.is_empty());
    if new.is_empty() && !empty_is_fine {
        return Err(Refusal::Accounts);
    }
    if world.is(Defect::AccountsCut) {
        new.truncate(10_000_usize.saturating_sub(order.accounts.len()));
    }
    if world.is(Defect::AccountLost) && new.len() > 1 {
        new.pop();
    }
    let quantity: usize = order.items.iter().map(|item| item.quantity as usize).sum();
    let held = order.accounts.len() + new.len();
    let status = change.status.as_deref();
    let wrong_count = (world.is(Defect::FewerRefused) && held < quantity && status == Some("completed"))
        || (world.is(Defect::PartialNeedsAll) && held < quantity && status == Some("partial"))
        || (world.is(Defect::MoreRefused) && held > quantity);
    if wrong_count { Err(refused()) } else { Ok(new) }
}

/// An account, trimmed, if it is one.
fn valid(world: &World, text: &str) -> Option<String> {
    let trimmed = text.trim();
    let (login, password) = trimmed.split_once(':')?;
    if world.is(Defect::NotTrimmed) {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let dropped = (world.is(Defect::ColonDropped) && password.contains(':'))
        || (world.is(Defect::EmailRefused) && login.contains('@'));
    (!login.trim().is_empty() && !password.trim().is_empty() && !dropped).then(|| trimmed.to_owned())
}

fn rendered(world: &World, order: &Order, who: usize, change: &Change) -> Reply {
    if world.is(Defect::NoBody) {
        return Reply::text(204, "");
    }
    if world.is(Defect::SuccessIsText) {
        return Reply::text(200, "OK");
    }
    let mut shown = list::order(world, order, who, 0);
    shown["status"] = json!(order.status);
    shown["supplierOrderId"] = json!(order.supplier_order_id);
    if !world.is(Defect::NoAccountsDelivered) {
        shown["accountsDelivered"] = json!(order.accounts.len());
    }
    if world.is(Defect::PasswordEchoed) {
        shown["accounts"] = json!(change.accounts);
    }
    Reply::json(200, &shown)
}
