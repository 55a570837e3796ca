//! Requested effect: checked into an [`Effect`], with all problems at once.

use std::str::FromStr;

use super::request::{keep, parsed};
use super::{Effect, EffectKind};
use crate::{ErrorCode, Problem, UnknownValue};

/// Requested effect, not checked yet: its kind, and the parameters of this kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EffectRequest {
    /// `effect.kind`: the word of an [`EffectKind`].
    pub kind: Option<String>,
    /// `effect.code`: the documented error, for `error`.
    pub code: Option<String>,
    /// `effect.status`: 400 to 599, for `status`.
    pub status: Option<i64>,
    /// `effect.envelope`: whether the body is the error envelope, for `status` [default: true].
    pub envelope: Option<bool>,
    /// `effect.fixedMillis`: for `delay` [default: 0].
    pub fixed_millis: Option<i64>,
    /// `effect.jitterMillis`: for `delay` [default: 0].
    pub jitter_millis: Option<i64>,
    /// `effect.bytes`: number of bytes that are sent, for `truncate`.
    pub bytes: Option<i64>,
    /// `effect.framing`: the word of a [`Framing`](super::Framing), for `truncate`; left out: `length`.
    pub framing: Option<String>,
    /// `effect.how`: the word of a [`Close`](super::Close), for `drop-before` and `drop-after`; left out: `fin`.
    pub how: Option<String>,
    /// `effect.when`: the word of a [`When`](super::When), for `error`, `status` and `delay`; left out: `before`.
    pub when: Option<String>,
    /// `effect.calls`: number of calls in a period, for `rate-limit`.
    pub calls: Option<i64>,
    /// `effect.periodSeconds`: length of a period, for `rate-limit`.
    pub period_seconds: Option<i64>,
}

impl EffectRequest {
    /// Checks the request.
    ///
    /// # Errors
    /// All problems by field: out of range, missing, or not a parameter of this kind.
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

    /// The effect of this `kind`. A placeholder replaces a missing or wrong parameter, so that the others are checked too.
    fn read(&self, kind: EffectKind, problems: &mut Vec<Problem>) -> Result<Effect, Vec<Problem>> {
        let how = word("effect.how", self.how.as_deref(), kind, problems);
        let when = word("effect.when", self.when.as_deref(), kind, problems);
        let framing = word("effect.framing", self.framing.as_deref(), kind, problems);
        let mut needed = |field, number: Option<i64>, stand_in| {
            number.unwrap_or_else(|| {
                problems.push(Problem::new(field, format!("is missing; {kind} needs it")));
                stand_in
            })
        };
        match kind {
            EffectKind::Error => match &self.code {
                Some(code) => Effect::error(code, when),
                None => Err(vec![Problem::new("effect.code", one_of(ErrorCode::FORCEABLE_WORDS))]),
            },
            EffectKind::Status => {
                Effect::status(needed("effect.status", self.status, 500), self.envelope.unwrap_or(true), when)
            }
            EffectKind::Delay => {
                Effect::delay(self.fixed_millis.unwrap_or(0), self.jitter_millis.unwrap_or(0), when)
            }
            EffectKind::DropBefore => Ok(Effect::DropBefore { how }),
            EffectKind::DropAfter => Ok(Effect::DropAfter { how }),
            EffectKind::Truncate => Effect::truncate(needed("effect.bytes", self.bytes, 0), framing),
            EffectKind::Garbage => Ok(Effect::Garbage),
            EffectKind::RateLimit => Effect::rate_limit(
                needed("effect.calls", self.calls, 1),
                needed("effect.periodSeconds", self.period_seconds, 1),
            ),
        }
    }

    fn given(&self) -> [(&'static str, bool); 11] {
        [
            ("effect.code", self.code.is_some()),
            ("effect.status", self.status.is_some()),
            ("effect.envelope", self.envelope.is_some()),
            ("effect.fixedMillis", self.fixed_millis.is_some()),
            ("effect.jitterMillis", self.jitter_millis.is_some()),
            ("effect.bytes", self.bytes.is_some()),
            ("effect.framing", self.framing.is_some()),
            ("effect.how", self.how.is_some()),
            ("effect.when", self.when.is_some()),
            ("effect.calls", self.calls.is_some()),
            ("effect.periodSeconds", self.period_seconds.is_some()),
        ]
    }
}

/// Parameters of a kind.
const fn parameters(kind: EffectKind) -> &'static [&'static str] {
    match kind {
        EffectKind::Error => &["effect.code", "effect.when"],
        EffectKind::Status => &["effect.status", "effect.envelope", "effect.when"],
        EffectKind::Delay => &["effect.fixedMillis", "effect.jitterMillis", "effect.when"],
        EffectKind::DropBefore | EffectKind::DropAfter => &["effect.how"],
        EffectKind::Truncate => &["effect.bytes", "effect.framing"],
        EffectKind::RateLimit => &["effect.calls", "effect.periodSeconds"],
        EffectKind::Garbage => &[],
    }
}

/// What the parameter `field` says, if `kind` takes it; what it is if it is left out.
fn word<T: FromStr<Err = UnknownValue> + Default>(
    field: &'static str,
    text: Option<&str>,
    kind: EffectKind,
    problems: &mut Vec<Problem>,
) -> T {
    let taken = text.filter(|_| parameters(kind).contains(&field));
    keep(field, parsed(taken), problems).unwrap_or_default()
}

fn one_of(words: &[&str]) -> String {
    format!("is missing; give one of {}", words.join(", "))
}
