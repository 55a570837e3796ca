//! Fault effects.

use serde::{Deserialize, Serialize};

use super::{Delay, RateLimit};
use crate::closed_set::closed_set;
use crate::{ErrorCode, Problem};

closed_set! {
    /// The kinds of [`Effect`].
    EffectKind {
        /// See [`Effect::Error`].
        Error = "error",
        /// See [`Effect::Status`].
        Status = "status",
        /// See [`Effect::Delay`].
        Delay = "delay",
        /// See [`Effect::DropBefore`].
        DropBefore = "drop-before",
        /// See [`Effect::DropAfter`].
        DropAfter = "drop-after",
        /// See [`Effect::Truncate`].
        Truncate = "truncate",
        /// See [`Effect::Garbage`].
        Garbage = "garbage",
        /// See [`Effect::RateLimit`].
        RateLimit = "rate-limit",
    }
}

/// What a fault does to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Effect {
    /// A documented error is answered; nothing happens.
    Error {
        /// Which one.
        code: ErrorCode,
    },
    /// A status is answered; nothing happens.
    Status {
        /// The status.
        status: ErrorStatus,
        /// Whether the body is the envelope of errors (`error.envelope`); otherwise it is none.
        envelope: bool,
    },
    /// The call waits before anything else.
    Delay(Delay),
    /// The connection closes without an answer; nothing happens.
    DropBefore,
    /// All happens (an update changes its order, a page's orders are withheld), then the connection closes without an
    /// answer.
    DropAfter,
    /// All happens, and the answer breaks off.
    Truncate {
        /// How many bytes of the body are sent; of a body that is no longer, all but the last one.
        bytes: u32,
    },
    /// All happens, and the answer's body is not JSON.
    Garbage,
    /// A supplier who calls too often is answered 429; nothing happens.
    RateLimit(RateLimit),
}

impl Effect {
    /// Its kind.
    pub const fn kind(&self) -> EffectKind {
        match self {
            Self::Error { .. } => EffectKind::Error,
            Self::Status { .. } => EffectKind::Status,
            Self::Delay(_) => EffectKind::Delay,
            Self::DropBefore => EffectKind::DropBefore,
            Self::DropAfter => EffectKind::DropAfter,
            Self::Truncate { .. } => EffectKind::Truncate,
            Self::Garbage => EffectKind::Garbage,
            Self::RateLimit(_) => EffectKind::RateLimit,
        }
    }

    /// The documented error `code`.
    pub fn error(code: &str) -> Result<Self, Vec<Problem>> {
        let refused = |unknown: crate::UnknownValue| vec![Problem::new("effect.code", unknown.to_string())];
        code.parse().map(|code| Self::Error { code }).map_err(refused)
    }

    /// The status `status`, 400 to 599, with the envelope of errors or without a body.
    pub fn status(status: i64, envelope: bool) -> Result<Self, Vec<Problem>> {
        let known = u16::try_from(status).ok().and_then(|it| ErrorStatus::try_from(it).ok());
        let refused = || vec![Problem::new("effect.status", "must be an integer from 400 to 599")];
        known.map(|status| Self::Status { status, envelope }).ok_or_else(refused)
    }

    /// A delay of `fixed_millis`, and up to `jitter_millis` more: together 1 to 60,000 ms.
    pub fn delay(fixed_millis: i64, jitter_millis: i64) -> Result<Self, Vec<Problem>> {
        Delay::new(fixed_millis, jitter_millis).map(Self::Delay)
    }

    /// An answer of which `bytes` are sent, 0 to 2^32 − 1.
    pub fn truncate(bytes: i64) -> Result<Self, Vec<Problem>> {
        let refused = || Problem::new("effect.bytes", format!("must be an integer from 0 to {}", u32::MAX));
        u32::try_from(bytes).map(|bytes| Self::Truncate { bytes }).map_err(|_| vec![refused()])
    }

    /// At most `calls` in each period of `period_seconds`.
    pub fn rate_limit(calls: i64, period_seconds: i64) -> Result<Self, Vec<Problem>> {
        RateLimit::new(calls, period_seconds).map(Self::RateLimit)
    }
}

/// A status that says that a call failed, 400 to 599.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct ErrorStatus(u16);

impl ErrorStatus {
    /// The number itself.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for ErrorStatus {
    type Error = &'static str;

    fn try_from(status: u16) -> Result<Self, Self::Error> {
        if (400..=599).contains(&status) {
            Ok(Self(status))
        } else {
            Err("must be an integer from 400 to 599")
        }
    }
}

impl From<ErrorStatus> for u16 {
    fn from(status: ErrorStatus) -> Self {
        status.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(outcome: Result<Effect, Vec<Problem>>) -> Vec<String> {
        outcome.unwrap_err().into_iter().map(|problem| problem.field.into_owned()).collect()
    }

    #[test]
    fn what_is_out_of_range_is_named_all_at_once() {
        assert_eq!(fields(Effect::delay(-1, 60_001)), ["effect.fixedMillis", "effect.jitterMillis"]);
        assert_eq!(fields(Effect::delay(0, 0)), ["effect.fixedMillis"]);
        assert_eq!(fields(Effect::delay(60_000, 1)), ["effect.jitterMillis"]);
        assert_eq!(fields(Effect::rate_limit(0, 0)), ["effect.calls", "effect.periodSeconds"]);
        assert_eq!(fields(Effect::rate_limit(5, -1)), ["effect.periodSeconds"]);
        assert_eq!(fields(Effect::error("GONE")), ["effect.code"]);
        assert_eq!(fields(Effect::truncate(-1)), ["effect.bytes"]);
        for status in [i64::MIN, -1, 0, 200, 399, 600, 65_936, i64::MAX] {
            assert_eq!(fields(Effect::status(status, true)), ["effect.status"], "{status}");
        }
    }

    #[test]
    fn what_is_in_range_is_taken_to_the_ends() {
        for status in [400, 418, 599] {
            assert!(Effect::status(status, false).is_ok(), "{status}");
        }
        for bytes in [0, u32::MAX.into()] {
            assert!(Effect::truncate(bytes).is_ok(), "{bytes}");
        }
    }

    #[test]
    fn a_snapshot_names_an_effect_by_its_kind() {
        let effects = [
            Effect::error("ORDER_NOT_FOUND"),
            Effect::status(502, false),
            Effect::delay(200, 50),
            Ok(Effect::DropBefore),
            Ok(Effect::DropAfter),
            Effect::truncate(20),
            Ok(Effect::Garbage),
            Effect::rate_limit(5, 60),
        ];
        for (effect, kind) in effects.into_iter().zip(EffectKind::ALL) {
            let effect = effect.unwrap();
            let json = serde_json::to_value(effect).unwrap();
            assert_eq!((effect.kind(), json["kind"].as_str()), (*kind, Some(kind.as_str())));
            assert_eq!(serde_json::from_value::<Effect>(json).unwrap(), effect);
        }
    }

    proptest! {
        #[test]
        fn no_number_is_a_reason_to_panic(one in any::<i64>(), other in any::<i64>()) {
            let _ = (Effect::delay(one, other), Effect::rate_limit(one, other), Effect::truncate(one));
        }
    }
}
