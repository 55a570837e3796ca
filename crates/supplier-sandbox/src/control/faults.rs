//! `/_sandbox/sandboxes/{id}/faults`: failures on purpose.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use supplier_domain::Problem;
use supplier_domain::fault::{EffectRequest, Fault, FaultRequest};
use utoipa::ToSchema;

use super::ControlProblem;
use super::extract::{Body, InSandbox, OfFault};
use super::values::{JsonBool, JsonU64, Number};
use crate::app::App;
use crate::wire::fields::{Field, FieldValue, kind, read_object, take};

/// A fault to be armed. What is left out matches every call, and strikes each.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ArmFault {
    /// `listOrders` or `updateOrder`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "updateOrder")]
    operation: Field<String>,
    /// The order that an update is about.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    order: Field<Integer>,
    /// Who calls: a supplier's id.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    supplier: Field<String>,
    #[serde(default)]
    #[schema(value_type = EffectBody, required)]
    effect: Field<EffectBody>,
    /// How often it strikes at the most.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    times: Field<Integer>,
    /// How many of the calls that it matches pass before the first that it can strike.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    skip: Field<Integer>,
    /// Of the calls that it matches, those that pass left out, it strikes each n-th.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    every: Field<Integer>,
    /// How likely it is that it strikes a call: above 0, up to 1.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    probability: Field<Number>,
    /// After how many seconds of the sandbox's clock it goes.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    ttl_seconds: Field<Integer>,
    /// What its chances follow from: the same seed strikes the same calls.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    seed: Field<JsonU64>,
}

/// What a fault does: its `kind`, and what that kind takes.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = Effect)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EffectBody {
    /// `error` (a documented error), `status` (any, with the error that is documented for it), `delay`, `drop-before` (the
    /// connection closes and nothing happened), `drop-after` (all happened, and then it closes), `truncate` (the answer
    /// breaks off), `garbage` (it is not JSON) or `rate-limit` (429; `Retry-After` counts the client's seconds, and is left out
    /// while the sandbox's clock is frozen).
    #[serde(default)]
    #[schema(value_type = String, required, example = "drop-after")]
    kind: Field<String>,
    /// Of `error`: its code.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    code: Field<String>,
    /// Of `status`: 400 to 599.
    #[serde(default)]
    #[schema(value_type = Option<u16>)]
    status: Field<Integer>,
    /// Of `status`: whether the body is the envelope of errors, or empty. The error's headers come either way.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    envelope: Field<JsonBool>,
    /// Of `delay`: how long, in milliseconds.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    fixed_millis: Field<Integer>,
    /// Of `delay`: up to how much longer.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    jitter_millis: Field<Integer>,
    /// Of `truncate`: how many bytes of the body are sent.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    bytes: Field<Integer>,
    /// Of `truncate`: how HTTP/1.1 says where the whole body would have ended, by `length` or `chunked`; `length` if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "chunked")]
    framing: Field<String>,
    /// Of `drop-before` and `drop-after`: how the connection closes, in order (`fin`) or by a reset (`rst`); `fin` if left
    /// out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "rst")]
    how: Field<String>,
    /// Of `error`, `status` and `delay`: `before` the call is handled, so that nothing happens if the client does not get to
    /// that, or `after` it, when what the call did stays done; `before` if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "after")]
    when: Field<String>,
    /// Of `rate-limit`: how many calls a period has.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    calls: Field<Integer>,
    /// Of `rate-limit`: how long a period is.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    period_seconds: Field<Integer>,
}

/// An integer.
struct Integer(i64);

impl FieldValue for Integer {
    fn read(json: &str) -> Result<Self, String> {
        json.parse().map(Self).map_err(|_| format!("must be an integer, not {}", kind(json)))
    }
}

impl FieldValue for EffectBody {
    fn read(json: &str) -> Result<Self, String> {
        read_object(json.as_bytes())
    }
}

impl ArmFault {
    fn check(self) -> Result<FaultRequest, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut within = Vec::new();
        let integer = |name, field: Field<Integer>, problems: &mut Vec<Problem>| {
            take(name, field, problems).map(|number| number.0)
        };
        let effect = take("effect", self.effect, &mut problems).unwrap_or_default();
        let effect = EffectRequest {
            kind: take("effect.kind", effect.kind, &mut within),
            code: take("effect.code", effect.code, &mut within),
            status: integer("effect.status", effect.status, &mut within),
            envelope: take("effect.envelope", effect.envelope, &mut within).map(|yes| yes.0),
            fixed_millis: integer("effect.fixedMillis", effect.fixed_millis, &mut within),
            jitter_millis: integer("effect.jitterMillis", effect.jitter_millis, &mut within),
            bytes: integer("effect.bytes", effect.bytes, &mut within),
            framing: take("effect.framing", effect.framing, &mut within),
            how: take("effect.how", effect.how, &mut within),
            when: take("effect.when", effect.when, &mut within),
            calls: integer("effect.calls", effect.calls, &mut within),
            period_seconds: integer("effect.periodSeconds", effect.period_seconds, &mut within),
        };
        problems.append(&mut within);
        let request = FaultRequest {
            operation: take("operation", self.operation, &mut problems),
            order: integer("order", self.order, &mut problems),
            supplier: take("supplier", self.supplier, &mut problems),
            effect,
            times: integer("times", self.times, &mut problems),
            skip: integer("skip", self.skip, &mut problems),
            every: integer("every", self.every, &mut problems),
            probability: take("probability", self.probability, &mut problems).map(|number| number.0),
            ttl_seconds: integer("ttlSeconds", self.ttl_seconds, &mut problems),
            seed: take("seed", self.seed, &mut problems).map(|seed| seed.0),
        };
        if problems.is_empty() { Ok(request) } else { Err(problems) }
    }
}

/// A fault that is armed.
#[derive(Serialize, ToSchema)]
#[schema(as = Fault)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FaultBody {
    /// Its number in its sandbox.
    id: u64,
    /// Its effect's kind.
    #[schema(value_type = String, example = "drop-after")]
    effect: &'static str,
    /// Which operation it matches; null for both.
    operation: Option<String>,
    /// Which order it matches; null for all.
    order: Option<u64>,
    /// Which supplier it matches; null for all.
    supplier: Option<String>,
    /// How many calls it matched.
    matched: u64,
    /// How often it fired: a test can assert that its fault really happened.
    fired: u64,
    /// When it goes, by the sandbox's clock; null for never.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

impl From<Fault> for FaultBody {
    fn from(fault: Fault) -> Self {
        Self {
            id: fault.id.0,
            effect: fault.effect.kind().as_str(),
            operation: fault.filter.operation.map(|operation| operation.to_string()),
            order: fault.filter.order.map(supplier_domain::OrderId::get),
            supplier: fault.filter.supplier.map(|supplier| supplier.to_string()),
            matched: fault.matched,
            fired: fault.fired,
            expires_at: fault.expires.map(|at| at.to_string()),
        }
    }
}

/// The faults of a sandbox.
#[derive(Serialize, ToSchema)]
pub(crate) struct FaultList {
    faults: Vec<FaultBody>,
}

/// Arm a fault
///
/// Delays add up, those before the call and those after it separately, each to at most 60 seconds. Of the other faults that
/// strike a call, the one that was armed first decides. Which calls are struck follows from the seed and from the
/// how-manieth matching call it is, so that a run can be repeated.
///
/// Over HTTP/2, `drop-before` and `drop-after` end the connection, with all calls that are under way on it, and `truncate`
/// resets the stream.
#[utoipa::path(post, path = "/_sandbox/sandboxes/{id}/faults", operation_id = "armFault", tag = "Faults",
    params(("id" = String, Path, description = "The sandbox's id.")),
    request_body(content = ArmFault, description = "Which calls it matches, and what it does."),
    responses((status = 201, description = "The fault.", body = FaultBody)))]
pub(crate) async fn arm_fault(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    Body(arm): Body<ArmFault>,
) -> Result<(StatusCode, Json<FaultBody>), ControlProblem> {
    let fault = app.control.arm_fault(&id, arm.check()?.check()?, app.time.now()).await?;
    Ok((StatusCode::CREATED, Json(fault.into())))
}

/// List faults
///
/// Those that are armed, in the order of arming, each with how often it fired.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/faults", operation_id = "listFaults", tag = "Faults",
    params(("id" = String, Path, description = "The sandbox's id.")),
    responses((status = 200, description = "The faults.", body = FaultList)))]
pub(crate) async fn list_faults(
    State(app): State<App>,
    InSandbox(id): InSandbox,
) -> Result<Json<FaultList>, ControlProblem> {
    let faults = app.control.faults(&id, app.time.now()).await?;
    Ok(Json(FaultList { faults: faults.into_iter().map(FaultBody::from).collect() }))
}

/// Disarm all faults
///
/// Their counts go with them.
#[utoipa::path(delete, path = "/_sandbox/sandboxes/{id}/faults", operation_id = "clearFaults", tag = "Faults",
    params(("id" = String, Path, description = "The sandbox's id.")),
    responses((status = 204, description = "No fault is armed.")))]
pub(crate) async fn clear_faults(
    State(app): State<App>,
    InSandbox(id): InSandbox,
) -> Result<StatusCode, ControlProblem> {
    app.control.clear_faults(&id, app.time.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Disarm a fault
///
/// Its counts go with it.
#[utoipa::path(delete, path = "/_sandbox/sandboxes/{id}/faults/{fault}", operation_id = "disarmFault", tag = "Faults",
    params(("id" = String, Path, description = "The sandbox's id."),
        ("fault" = u64, Path, description = "The fault's number.")),
    responses((status = 204, description = "It is disarmed.")))]
pub(crate) async fn disarm_fault(
    State(app): State<App>,
    OfFault(id, fault): OfFault,
) -> Result<StatusCode, ControlProblem> {
    app.control.disarm_fault(&id, fault, app.time.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
