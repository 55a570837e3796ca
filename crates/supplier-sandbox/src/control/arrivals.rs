//! `/_sandbox/sandboxes/{id}/arrivals`: orders that come in as the clock runs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use supplier_control::NewArrivals;
use supplier_domain::{Arrivals, Bursts, PerMinute, Problem};
use utoipa::ToSchema;

use super::ControlProblem;
use super::arriving_order::{ArrivingOrder, drafts};
use super::extract::{Body, InSandbox};
use super::values::JsonU64;
use crate::app::App;
use crate::wire::fields::{Field, FieldValue, read_object, take};

/// Which orders are to come in, and how often.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SetArrivals {
    /// How many each minute, evenly: 0.001 to 6000, of at most three decimals.
    #[serde(default)]
    #[schema(value_type = f64, required, example = 2.5)]
    per_minute: Field<PerMinute>,
    #[serde(default)]
    #[schema(value_type = Option<BurstBody>)]
    burst: Field<BurstBody>,
    /// What follows from it is which kind of the mix each order is; left out: the sandbox's seed.
    #[serde(default)]
    #[schema(value_type = Option<u64>)]
    seed: Field<JsonU64>,
    /// What they are like: 1 to 50 kinds of orders.
    #[serde(default)]
    #[schema(value_type = Vec<ArrivingOrder>, required)]
    mix: Field<Vec<ArrivingOrder>>,
}

/// Many orders at one moment, again and again, on top of the others.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = Burst)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct BurstBody {
    /// How many minutes pass from one to the next: 1 to 527040, a year.
    #[serde(default)]
    #[schema(value_type = u32, required, example = 60)]
    every_minutes: Field<u32>,
    /// How many orders come at once, 1 to 10000.
    #[serde(default)]
    #[schema(value_type = u32, required, example = 20)]
    size: Field<u32>,
}

impl FieldValue for BurstBody {
    fn read(json: &str) -> Result<Self, String> {
        read_object(json.as_bytes())
    }
}

impl FieldValue for PerMinute {
    fn read(json: &str) -> Result<Self, String> {
        json.parse().map_err(|invalid| format!("{invalid}; to stop arrivals, DELETE them"))
    }
}

impl BurstBody {
    fn check(self, problems: &mut Vec<Problem>) -> Option<Bursts> {
        let mut ranged = |name, field: Field<u32>, most: u32| {
            let before = problems.len();
            let number = take(name, field, problems);
            let sound = number.filter(|number| (1..=most).contains(number));
            if sound.is_none() && problems.len() == before {
                problems.push(Problem::new(name, format!("must be from 1 to {most}")));
            }
            sound
        };
        let every_minutes = ranged("burst.everyMinutes", self.every_minutes, Bursts::MAX_EVERY_MINUTES);
        let size = ranged("burst.size", self.size, Bursts::MAX_SIZE);
        Bursts::new(every_minutes?, size?)
    }
}

impl SetArrivals {
    fn check(self) -> Result<NewArrivals, Vec<Problem>> {
        let mut problems = Vec::new();
        let per_minute = take("perMinute", self.per_minute, &mut problems);
        if per_minute.is_none() && problems.is_empty() {
            problems.push(Problem::new("perMinute", "is required: how many orders come in each minute"));
        }
        let burst = take("burst", self.burst, &mut problems);
        let bursts = burst.and_then(|burst| burst.check(&mut problems));
        let seed = take("seed", self.seed, &mut problems).map(|seed| seed.0);
        let before = problems.len();
        let mix = match take("mix", self.mix, &mut problems) {
            Some(mix) => drafts(mix, &mut problems),
            None => Vec::new(),
        };
        if mix.is_empty() && problems.len() == before {
            problems.push(Problem::new("mix", "is required: what the orders are like"));
        }
        match per_minute {
            Some(per_minute) if problems.is_empty() => Ok(NewArrivals { per_minute, bursts, seed, mix }),
            _ => Err(problems),
        }
    }
}

/// Which orders come in, and how many did.
#[derive(Serialize, ToSchema)]
#[schema(as = Arrivals)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ArrivalsBody {
    /// Whether any come in. If not, the rest is 0 or null.
    active: bool,
    /// How many each minute, evenly.
    per_minute: Option<f64>,
    /// Null without bursts.
    burst: Option<BurstState>,
    /// What follows from it is which kind each order is.
    seed: Option<u64>,
    /// How many kinds of orders the mix has; a scenario's are drawn, 200 or so.
    kinds: usize,
    /// After which moment of the sandbox's clock they come in.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// How many have come in.
    arrived: u64,
    /// How many were left out: of what comes in while nobody looks, the latest 10000 are kept.
    skipped: u64,
    /// Of those, how many could not be placed, since the sandbox has as many orders as it may.
    unplaced: u64,
    /// When the next comes in, by the sandbox's clock.
    #[schema(format = DateTime)]
    next_at: Option<String>,
}

/// Many orders at one moment, again and again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BurstState {
    /// How many minutes pass from one to the next.
    every_minutes: u32,
    /// How many orders come at once.
    size: u32,
}

impl From<Option<Arrivals>> for ArrivalsBody {
    fn from(arrivals: Option<Arrivals>) -> Self {
        let arrivals = arrivals.as_ref();
        let plan = arrivals.map(Arrivals::plan);
        let bursts = plan.and_then(|plan| plan.bursts);
        Self {
            active: arrivals.is_some(),
            per_minute: plan.map(|plan| f64::from(plan.per_minute.thousandths()) / 1_000.0),
            burst: bursts
                .map(|bursts| BurstState { every_minutes: bursts.every_minutes(), size: bursts.size() }),
            seed: plan.map(|plan| plan.seed),
            kinds: plan.map_or(0, |plan| plan.mix.drafts().len()),
            since: arrivals.map(|arrivals| arrivals.since().to_string()),
            arrived: arrivals.map_or(0, Arrivals::arrived),
            skipped: arrivals.map_or(0, Arrivals::skipped),
            unplaced: arrivals.map_or(0, Arrivals::unplaced),
            next_at: arrivals.and_then(Arrivals::next_at).map(|at| at.to_string()),
        }
    }
}

/// Look at arrivals
///
/// Which orders come in as the sandbox's clock goes on, how many did, and when the next does.
#[utoipa::path(get, path = "/_sandbox/sandboxes/{id}/arrivals", operation_id = "getArrivals", tag = "Arrivals",
    params(("id" = String, Path, description = "The sandbox's id.")),
    responses((status = 200, description = "What is set, and what came of it.", body = ArrivalsBody)))]
pub(crate) async fn get_arrivals(
    State(app): State<App>,
    InSandbox(id): InSandbox,
) -> Result<Json<ArrivalsBody>, ControlProblem> {
    Ok(Json(app.control.arrivals(&id, app.time.now()).await?.into()))
}

/// Set arrivals
///
/// From now on, by the sandbox's clock, orders come in: evenly by a rate, and in bursts. Each is placed at its own moment,
/// as if a buyer had ordered then. They replace those that came in before; a frozen clock brings none.
#[utoipa::path(put, path = "/_sandbox/sandboxes/{id}/arrivals", operation_id = "setArrivals", tag = "Arrivals",
    params(("id" = String, Path, description = "The sandbox's id.")),
    request_body(content = SetArrivals, description = "Which orders come in, and how often."),
    responses((status = 200, description = "What is set.", body = ArrivalsBody)))]
pub(crate) async fn set_arrivals(
    State(app): State<App>,
    InSandbox(id): InSandbox,
    Body(set): Body<SetArrivals>,
) -> Result<Json<ArrivalsBody>, ControlProblem> {
    Ok(Json(app.control.set_arrivals(&id, set.check()?, app.time.now()).await?.into()))
}

/// Stop arrivals
///
/// The orders that have come in stay; their counts go.
#[utoipa::path(delete, path = "/_sandbox/sandboxes/{id}/arrivals", operation_id = "stopArrivals", tag = "Arrivals",
    params(("id" = String, Path, description = "The sandbox's id.")),
    responses((status = 204, description = "No order comes in any more.")))]
pub(crate) async fn stop_arrivals(
    State(app): State<App>,
    InSandbox(id): InSandbox,
) -> Result<StatusCode, ControlProblem> {
    app.control.stop_arrivals(&id, app.time.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
