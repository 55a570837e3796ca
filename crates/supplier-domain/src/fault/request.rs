//! Faults as they are asked for, and what is wrong with that.

use std::fmt::Display;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

use super::{Chance, Effect, EffectKind, Filter, NewFault, Occasions, Operation};
use crate::{ErrorCode, OrderId, Problem};

/// A fault as a request asks for it: nothing of it was judged yet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FaultRequest {
    /// `operation`: the name of one.
    pub operation: Option<String>,
    /// `order`: an order's number.
    pub order: Option<i64>,
    /// `supplier`: a supplier's short name.
    pub supplier: Option<String>,
    /// `effect`.
    pub effect: EffectRequest,
    /// `times`: 1 or more.
    pub times: Option<i64>,
    /// `every`: 1 or more.
    pub every: Option<i64>,
    /// `probability`: above 0 and up to 1, to the nearest millionth.
    pub probability: Option<f64>,
    /// `ttlSeconds`: 1 or more.
    pub ttl_seconds: Option<i64>,
    /// `seed`: any.
    pub seed: Option<u64>,
}

/// An effect as a request asks for it: its kind, and those of the parameters that this kind takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EffectRequest {
    /// `effect.kind`: the word of an [`EffectKind`].
    pub kind: Option<String>,
    /// `effect.code`: the documented error, for `error`.
    pub code: Option<String>,
    /// `effect.status`: 400 to 599, for `status`.
    pub status: Option<i64>,
    /// `effect.envelope`: whether the body is the envelope of errors, for `status`; left out: it is.
    pub envelope: Option<bool>,
    /// `effect.fixedMillis`: for `delay`; left out: 0.
    pub fixed_millis: Option<i64>,
    /// `effect.jitterMillis`: for `delay`; left out: 0.
    pub jitter_millis: Option<i64>,
    /// `effect.bytes`: how many are sent, for `truncate`.
    pub bytes: Option<i64>,
    /// `effect.calls`: how many a period has, for `rate-limit`.
    pub calls: Option<i64>,
    /// `effect.periodSeconds`: how long it is, for `rate-limit`.
    pub period_seconds: Option<i64>,
}

impl FaultRequest {
    /// The fault that is asked for.
    ///
    /// # Errors
    /// All that is wrong, by field.
    pub fn check(&self) -> Result<NewFault, Vec<Problem>> {
        let mut problems = Vec::new();
        let effect = self.effect.check().map_err(|wrong| problems.extend(wrong)).ok();
        let filter = self.filter(&mut problems);
        let mut positive = |field, number: Option<i64>| {
            let read = |number| u64::try_from(number).ok().and_then(NonZeroU64::new);
            keep(field, number.map(|it| read(it).ok_or("must be an integer of 1 or more")), &mut problems)
        };
        let times = positive("times", self.times);
        let every = positive("every", self.every).unwrap_or(NonZeroU64::MIN);
        let ttl = positive("ttlSeconds", self.ttl_seconds).map(|it| Duration::from_secs(it.get()));
        let chance = self.probability.map(|it| {
            Chance::from_probability(it)
                .ok_or("must be a number from 0.000001 to 1; to stop a fault, disarm it")
        });
        let chance = keep("probability", chance, &mut problems).unwrap_or(Chance::ALWAYS);
        match effect {
            Some(effect) if problems.is_empty() => {
                let occasions = Occasions { times, every, chance };
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

impl EffectRequest {
    /// The effect that is asked for.
    ///
    /// # Errors
    /// All that is wrong, by field: what is out of range, what is missing, and what this kind does not take.
    pub fn check(&self) -> Result<Effect, Vec<Problem>> {
        let mut problems = Vec::new();
        let missing = || vec![Problem::new("effect.kind", one_of(EffectKind::WORDS))];
        let kind = self.kind.as_deref().ok_or_else(missing)?;
        let Some(kind) = keep("effect.kind", parsed(Some(kind)), &mut problems) else { return Err(problems) };
        let taken = parameters(kind);
        for (field, is_given) in self.given() {
            if is_given && !taken.contains(&field) {
                problems.push(Problem::new(field, format!("means nothing to {kind}; leave it out")));
            }
        }
        let effect = self.read(kind, &mut problems).map_err(|wrong| problems.extend(wrong)).ok();
        effect.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// The effect of that `kind`. For a parameter that is missing any other stands in, so that the rest is judged too.
    fn read(&self, kind: EffectKind, problems: &mut Vec<Problem>) -> Result<Effect, Vec<Problem>> {
        let mut needed = |field, number: Option<i64>, stand_in| {
            number.unwrap_or_else(|| {
                problems.push(Problem::new(field, format!("is missing; {kind} needs it")));
                stand_in
            })
        };
        match kind {
            EffectKind::Error => match &self.code {
                Some(code) => Effect::error(code),
                None => Err(vec![Problem::new("effect.code", one_of(ErrorCode::WORDS))]),
            },
            EffectKind::Status => {
                Effect::status(needed("effect.status", self.status, 500), self.envelope.unwrap_or(true))
            }
            EffectKind::Delay => {
                Effect::delay(self.fixed_millis.unwrap_or(0), self.jitter_millis.unwrap_or(0))
            }
            EffectKind::DropBefore => Ok(Effect::DropBefore),
            EffectKind::DropAfter => Ok(Effect::DropAfter),
            EffectKind::Truncate => Effect::truncate(needed("effect.bytes", self.bytes, 0)),
            EffectKind::Garbage => Ok(Effect::Garbage),
            EffectKind::RateLimit => Effect::rate_limit(
                needed("effect.calls", self.calls, 1),
                needed("effect.periodSeconds", self.period_seconds, 1),
            ),
        }
    }

    fn given(&self) -> [(&'static str, bool); 8] {
        [
            ("effect.code", self.code.is_some()),
            ("effect.status", self.status.is_some()),
            ("effect.envelope", self.envelope.is_some()),
            ("effect.fixedMillis", self.fixed_millis.is_some()),
            ("effect.jitterMillis", self.jitter_millis.is_some()),
            ("effect.bytes", self.bytes.is_some()),
            ("effect.calls", self.calls.is_some()),
            ("effect.periodSeconds", self.period_seconds.is_some()),
        ]
    }
}

/// What an effect of that kind takes.
const fn parameters(kind: EffectKind) -> &'static [&'static str] {
    match kind {
        EffectKind::Error => &["effect.code"],
        EffectKind::Status => &["effect.status", "effect.envelope"],
        EffectKind::Delay => &["effect.fixedMillis", "effect.jitterMillis"],
        EffectKind::Truncate => &["effect.bytes"],
        EffectKind::RateLimit => &["effect.calls", "effect.periodSeconds"],
        EffectKind::DropBefore | EffectKind::DropAfter | EffectKind::Garbage => &[],
    }
}

fn one_of(words: &[&str]) -> String {
    format!("is missing; give one of {}", words.join(", "))
}

fn parsed<T: FromStr<Err: Display>>(text: Option<&str>) -> Option<Result<T, String>> {
    text.map(|text| text.parse().map_err(|wrong: T::Err| wrong.to_string()))
}

/// The value of `field`, if one was given; if it is wrong, that goes to the `problems`.
fn keep<T, P: Into<String>>(
    field: &'static str,
    outcome: Option<Result<T, P>>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    outcome?.map_err(|problem| problems.push(Problem::new(field, problem))).ok()
}
