//! `/_sandbox/sandboxes/{id}/clock`: the clock of a sandbox.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use supplier_domain::{ClockChange, ClockMode, ClockSetting, ClockState, Problem, Rate, Timestamp};
use utoipa::ToSchema;

use super::ControlProblem;
use super::extract::{Body, InSandbox};
use super::values::Seconds;
use crate::app::App;
use crate::wire::fields::{Field, take};

/// How a clock is to go on. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SetClock {
    /// `running`, or `frozen` until it is moved.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "frozen")]
    mode: Field<ClockMode>,
    /// How many of its seconds pass in one, 0.001 to 100000.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    rate: Field<Rate>,
    /// What it is to show; not before what it shows. Any RFC 3339 date-time: in UTC or with an offset, cut to the
    /// millisecond.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    now: Field<Timestamp>,
    /// By how many seconds each list call moves it ahead before it looks at it: a client's polling loop runs through a
    /// day in seconds.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    step_on_poll: Field<Seconds>,
}

impl SetClock {
    fn check(self) -> Result<ClockSetting, Vec<Problem>> {
        let mut problems = Vec::new();
        let setting = ClockSetting {
            mode: take("mode", self.mode, &mut problems),
            rate: take("rate", self.rate, &mut problems),
            now: take("now", self.now, &mut problems),
            step_on_poll: take("stepOnPoll", self.step_on_poll, &mut problems).map(|step| step.0),
        };
        if problems.is_empty() { Ok(setting) } else { Err(problems) }
    }
}

/// How far a clock is to be moved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdvanceClock {
    /// By how many seconds, of at most three decimals.
    #[serde(default)]
    #[schema(value_type = f64, required, example = 1800)]
    seconds: Field<Seconds>,
}

/// A sandbox's clock.
#[derive(Serialize, ToSchema)]
#[schema(as = Clock)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClockBody {
    /// What it shows.
    #[schema(format = DateTime)]
    now: String,
    #[schema(value_type = String, example = "running")]
    mode: &'static str,
    /// How many of its seconds pass in one while it runs.
    rate: f64,
    /// By how many seconds each list call moves it ahead.
    step_on_poll: f64,
}

impl From<ClockState> for ClockBody {
    fn from(state: ClockState) -> Self {
        Self {
            now: state.now.to_string(),
            mode: state.mode.as_str(),
            rate: f64::from(state.rate.thousandths()) / 1_000.0,
            step_on_poll: state.step_on_poll.as_secs_f64(),
        }
    }
}

/// Look at the clock
///
/// Each sandbox has one of its own: windows and the dates of new orders follow it.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/clock", operation_id = "getClock", tag = "Clock",
    params(("id" = String, Path, description = "The sandbox's id.")),
    responses((status = 200, description = "What it shows, and how it goes on.", body = ClockBody)))]
pub(crate) async fn get_clock(
    State(app): State<App>,
    InSandbox(id): InSandbox,
) -> Result<Json<ClockBody>, ControlProblem> {
    Ok(Json(app.control.clock(&id, app.time.now()).await?.into()))
}

/// Set the clock
///
/// Freeze it, let it run, at a rate of its own, or set what it shows. It never goes back; only a reset does that.
#[utoipa::path(put, path = "/_sandbox/sandboxes/{id}/clock", operation_id = "setClock", tag = "Clock",
    params(("id" = String, Path, description = "The sandbox's id.")),
    request_body(content = SetClock, description = "How it is to go on."),
    responses((status = 200, description = "What came of it.", body = ClockBody)))]
pub(crate) async fn set_clock(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    Body(set): Body<SetClock>,
) -> Result<Json<ClockBody>, ControlProblem> {
    let change = ClockChange::Set(set.check()?);
    Ok(Json(app.control.change_clock(&id, change, app.time.now()).await?.into()))
}

/// Move the clock ahead
///
/// Windows end and orders come back as if the time had passed.
#[utoipa::path(post, path = "/_sandbox/sandboxes/{id}/clock/advance", operation_id = "advanceClock", tag = "Clock",
    params(("id" = String, Path, description = "The sandbox's id.")),
    request_body(content = AdvanceClock, description = "How far."),
    responses((status = 200, description = "What came of it.", body = ClockBody)))]
pub(crate) async fn advance_clock(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    Body(advance): Body<AdvanceClock>,
) -> Result<Json<ClockBody>, ControlProblem> {
    let mut problems = Vec::new();
    let by = take("seconds", advance.seconds, &mut problems);
    if by.is_none() && problems.is_empty() {
        problems.push(Problem::new("seconds", "is required: how far to move the clock"));
    }
    let Some(Seconds(by)) = by else { return Err(problems.into()) };
    Ok(Json(app.control.change_clock(&id, ClockChange::Advance(by), app.time.now()).await?.into()))
}
