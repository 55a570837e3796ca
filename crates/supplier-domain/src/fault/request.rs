//! Requested fault: checked into a [`NewFault`], with all problems at once.

use std::fmt::Display;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

use super::{Chance, EffectRequest, Filter, NewFault, Occasions, Operation};
use crate::{OrderId, Problem};

/// Requested fault, not checked yet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FaultRequest {
    /// `operation`: name of an operation.
    pub operation: Option<String>,
    /// `order`: number of an order.
    pub order: Option<i64>,
    /// `supplier`: id of a supplier.
    pub supplier: Option<String>,
    /// `effect`.
    pub effect: EffectRequest,
    /// `times`: 1 or more.
    pub times: Option<i64>,
    /// `skip`: 0 or more.
    pub skip: Option<i64>,
    /// `every`: 1 or more.
    pub every: Option<i64>,
    /// `probability`: above 0 and up to 1, to the nearest millionth.
    pub probability: Option<f64>,
    /// `ttlSeconds`: 1 or more.
    pub ttl_seconds: Option<i64>,
    /// `seed`: any.
    pub seed: Option<u64>,
}

impl FaultRequest {
    /// Checks the request.
    ///
    /// # Errors
    /// All problems by field.
    pub fn check(&self) -> Result<NewFault, Vec<Problem>> {
        let mut problems = Vec::new();
        let effect = self.effect.check().map_err(|wrong| problems.extend(wrong)).ok();
        let filter = self.filter(&mut problems);
        let mut positive = |field, number: Option<i64>| {
            let read = |number| u64::try_from(number).ok().and_then(NonZeroU64::new);
            keep(field, number.map(|it| read(it).ok_or("must be an integer of 1 or more")), &mut problems)
        };
        let times = positive("times", self.times);
        let skip = self.skip.map(|it| u64::try_from(it).map_err(|_| "must be an integer of 0 or more"));
        let every = positive("every", self.every).unwrap_or(NonZeroU64::MIN);
        let ttl = positive("ttlSeconds", self.ttl_seconds).map(|it| Duration::from_secs(it.get()));
        let chance = self.probability.map(|it| {
            Chance::from_probability(it)
                .ok_or("must be a number from 0.000001 to 1; to stop a fault, disarm it")
        });
        let skip = keep("skip", skip, &mut problems).unwrap_or_default();
        let chance = keep("probability", chance, &mut problems).unwrap_or(Chance::ALWAYS);
        match effect {
            Some(effect) if problems.is_empty() => {
                let occasions = Occasions { times, skip, every, chance };
                Ok(NewFault { filter, effect, occasions, ttl, seed: self.seed })
            }
            _ => Err(problems),
        }
    }

    fn filter(&self, problems: &mut Vec<Problem>) -> Filter {
        let operation = keep("operation", parsed(self.operation.as_deref()), problems);
        let supplier = keep("supplier", parsed(self.supplier.as_deref()), problems);
        let order = self.order.map(|order| match OrderId::new(order) {
            None => Err(format!("must be an order's number, an integer from 1 to {}", OrderId::MAX)),
            Some(_) if operation == Some(Operation::ListOrders) => {
                Err("fits no list call; leave it out, or the operation".to_owned())
            }
            Some(order) => Ok(order),
        });
        Filter { operation, order: keep("order", order, problems), supplier }
    }
}

/// What `text` says, if there is one.
pub(super) fn parsed<T: FromStr<Err: Display>>(text: Option<&str>) -> Option<Result<T, String>> {
    text.map(|text| text.parse().map_err(|wrong: T::Err| wrong.to_string()))
}

/// The value of `field`, if one was given; if it is wrong, that goes to the `problems`.
pub(super) fn keep<T, P: Into<String>>(
    field: &'static str,
    outcome: Option<Result<T, P>>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    outcome?.map_err(|problem| problems.push(Problem::new(field, problem))).ok()
}
