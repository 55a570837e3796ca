//! Dashboard lab: forms that change a sandbox's clock, orders and faults.

use std::num::NonZeroU64;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use supplier_control::{CreateSandbox, NewItem, NewOrders, Origin, Session};
use supplier_domain::fault::{Close, Delay, Effect, ErrorStatus, Fault, Framing, NewFault, When};
use supplier_domain::{ClockChange, ClockMode, ClockSetting, EntityType, ErrorCode, ProductType, counted};

use super::{Frame, html};
use crate::Dashboard;
use crate::access::{AdminVisitor, PageForm, Visitor};
use crate::failure::Failure;

#[derive(Template)]
#[template(path = "lab.html")]
struct Page {
    frame: Frame,
    faults: Vec<Fault>,
    kinds: &'static [Kind],
}

pub(crate) async fn show(
    State(dashboard): State<Dashboard>,
    AdminVisitor(visitor): AdminVisitor,
) -> Result<Response, Failure> {
    let frame = Frame::of(&dashboard, &visitor, "lab").await?;
    let faults = dashboard.control().faults(&visitor.session.sandbox, dashboard.now()).await?;
    html(&Page { frame, faults, kinds: &FAULTS })
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    minutes: String,
    count: String,
    quantity: String,
    kind: String,
    fault: String,
    times: String,
}

/// Runs the action of a form, and leaves a notice of the result.
pub(crate) async fn act(
    State(dashboard): State<Dashboard>,
    AdminVisitor(mut visitor): AdminVisitor,
    Path(action): Path<String>,
    PageForm(given): PageForm<Fields>,
) -> Result<Response, Failure> {
    let told = match action.as_str() {
        "advance" => advance(&dashboard, &visitor, &given).await?,
        "freeze" => set_clock(&dashboard, &visitor, ClockMode::Frozen).await?,
        "run" => set_clock(&dashboard, &visitor, ClockMode::Running).await?,
        "orders" => orders(&dashboard, &visitor, &given).await?,
        "fault" => arm(&dashboard, &visitor, &given).await?,
        "disarm" => {
            dashboard.control().clear_faults(&visitor.session.sandbox, dashboard.now()).await?;
            "All faults are removed.".to_owned()
        }
        "reset" => {
            dashboard.control().reset_sandbox(&visitor.session.sandbox, dashboard.now()).await?;
            "The sandbox was reset: orders, windows and requests. Keys stay.".to_owned()
        }
        "fork" => fork(&dashboard, &mut visitor.session).await?,
        _ => return Err(Failure::new(StatusCode::NOT_FOUND, "The lab has no such action.")),
    };
    let session = Session { notice: Some(told), ..visitor.session };
    dashboard.control().change_session(&visitor.id, session).await?;
    Ok(Redirect::to("/lab").into_response())
}

/// A whole number in a field of a form.
fn number(text: &str, field: &str, from: u32, to: u32) -> Result<u32, Failure> {
    let found = text.trim().parse().ok().filter(|number| (from..=to).contains(number));
    found.ok_or_else(|| {
        Failure::new(
            StatusCode::BAD_REQUEST,
            format!("{field} is {text:?}: it must be a whole number from {from} to {to}."),
        )
    })
}

async fn advance(dashboard: &Dashboard, visitor: &Visitor, given: &Fields) -> Result<String, Failure> {
    let minutes = number(&given.minutes, "Minutes", 1, 525_600)?;
    let by = Duration::from_mins(minutes.into());
    let sandbox = &visitor.session.sandbox;
    let state = dashboard.control().change_clock(sandbox, ClockChange::Advance(by), dashboard.now()).await?;
    let (passed, have) = (counted(minutes, "minute"), if minutes == 1 { "has" } else { "have" });
    Ok(format!("{passed} {have} passed: it is {} in the sandbox.", crate::words::moment(state.now)))
}

async fn set_clock(dashboard: &Dashboard, visitor: &Visitor, mode: ClockMode) -> Result<String, Failure> {
    let change = ClockChange::Set(ClockSetting { mode: Some(mode), ..ClockSetting::default() });
    let state = dashboard.control().change_clock(&visitor.session.sandbox, change, dashboard.now()).await?;
    let how = if mode == ClockMode::Frozen { "is frozen" } else { "runs" };
    Ok(format!("The sandbox's clock {how} at {}.", crate::words::moment(state.now)))
}

async fn orders(dashboard: &Dashboard, visitor: &Visitor, given: &Fields) -> Result<String, Failure> {
    let count = number(&given.count, "Orders", 1, 500)?;
    let quantity = number(&given.quantity, "Quantity", 1, 100_000)?;
    let entity_type = if given.kind == "service" { EntityType::SmmService } else { EntityType::Product };
    let item = NewItem {
        quantity: Some(quantity),
        product_type: Some(ProductType::Manual),
        entity_type: Some(entity_type),
        ..NewItem::default()
    };
    let new = NewOrders {
        count: count as usize,
        items: vec![item],
        ..NewOrders::of(visitor.session.supplier.clone())
    };
    let by = (dashboard.setup.request)();
    let placed = dashboard.control().place_orders(&visitor.session.sandbox, new, by, dashboard.now()).await?;
    Ok(match (placed.first(), placed.last()) {
        (Some(first), Some(last)) if first != last => {
            format!("{} orders were placed: {first} to {last}.", placed.len())
        }
        (Some(first), _) => format!("Order {first} was placed."),
        _ => "No order was placed.".to_owned(),
    })
}

/// Fault that the lab offers.
struct Kind {
    name: &'static str,
    words: &'static str,
    effect: fn() -> Option<Effect>,
}

const fn kind(name: &'static str, words: &'static str, effect: fn() -> Option<Effect>) -> Kind {
    Kind { name, words, effect }
}

const FAULTS: [Kind; 13] = [
    kind("drop-after", "done, but the connection closes without an answer", || {
        Some(Effect::DropAfter { how: Close::Fin })
    }),
    kind("reset-after", "done, but the connection is reset", || Some(Effect::DropAfter { how: Close::Rst })),
    kind("drop-before", "not done: the connection closes without an answer", || {
        Some(Effect::DropBefore { how: Close::Fin })
    }),
    kind("reset-before", "not done: the connection is reset", || {
        Some(Effect::DropBefore { how: Close::Rst })
    }),
    kind("unavailable", "refused: 503, try again later", || unavailable(When::Before)),
    kind("unavailable-after", "done, but answered 503, try again later", || unavailable(When::After)),
    kind("slow", "waits 5 seconds before it is done", || slow(When::Before)),
    kind("slow-after", "done at once, and answered 5 seconds later", || slow(When::After)),
    kind("garbage", "done, but the answer is not JSON", || Some(Effect::Garbage)),
    kind("truncate", "done, but the answer breaks off", || truncate(Framing::Length)),
    kind("truncate-chunked", "done, but the answer breaks off between chunks", || truncate(Framing::Chunked)),
    kind("invalid-key", "refused: INVALID_API_KEY", || {
        Some(Effect::Error { code: ErrorCode::InvalidApiKey, when: When::Before })
    }),
    kind("internal-error-after", "done, but answered INTERNAL_ERROR", || {
        Some(Effect::Error { code: ErrorCode::InternalError, when: When::After })
    }),
];

fn unavailable(when: When) -> Option<Effect> {
    Some(Effect::Status { status: ErrorStatus::try_from(503).ok()?, envelope: true, when })
}

fn slow(when: When) -> Option<Effect> {
    Some(Effect::Delay { delay: Delay::new(5_000, 0).ok()?, when })
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "one of the functions that make an effect, others of which may fail"
)]
fn truncate(framing: Framing) -> Option<Effect> {
    Some(Effect::Truncate { bytes: 40, framing })
}

async fn arm(dashboard: &Dashboard, visitor: &Visitor, given: &Fields) -> Result<String, Failure> {
    let times = number(&given.times, "Calls", 1, 1_000)?;
    let known = FAULTS.iter().find(|kind| kind.name == given.fault);
    let found = known.and_then(|kind| Some((kind.words, (kind.effect)()?)));
    let unknown = || Failure::new(StatusCode::BAD_REQUEST, format!("There is no fault {:?}.", given.fault));
    let (words, effect) = found.ok_or_else(unknown)?;
    let mut new = NewFault::new(effect);
    new.filter.supplier = Some(visitor.session.supplier.clone());
    new.occasions.times = NonZeroU64::new(times.into());
    dashboard.control().arm_fault(&visitor.session.sandbox, new, dashboard.now()).await?;
    let which =
        if times == 1 { "Your next call".to_owned() } else { format!("Each of your next {times} calls") };
    Ok(format!("{which}: {words}."))
}

/// Copies the sandbox, and moves the session to the copy.
async fn fork(dashboard: &Dashboard, session: &mut Session) -> Result<String, Failure> {
    let original = session.sandbox.clone();
    let create = CreateSandbox { origin: Origin::Fork(original.clone()), ..CreateSandbox::default() };
    let created = dashboard.control().create_sandbox(create, dashboard.now()).await?;
    session.sandbox = created.info.id.clone();
    Ok(format!(
        "This is {}, a copy of {}. Create a key for it under API settings.",
        created.info.id, original
    ))
}
