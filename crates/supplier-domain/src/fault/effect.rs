//! Fault effects.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Close, Delay, Framing, RateLimit, When};
use crate::closed_set::closed_set;
use crate::{ErrorCode, Problem};

closed_set! {
    /// Kind of an [`Effect`].
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

/// Effect of a fault on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Effect {
    /// The call is answered by an error.
    Error {
        /// The error, one of [`ErrorCode::FORCEABLE`].
        #[serde(deserialize_with = "ErrorCode::deserialize_forceable")]
        code: ErrorCode,
        /// Before: the call does nothing. After: the call does its work, and the error replaces the answer.
        #[serde(default)]
        when: When,
    },
    /// The call is answered by a status.
    Status {
        /// The status.
        status: ErrorStatus,
        /// Whether the body is the error envelope (`error.envelope`) or empty.
        envelope: bool,
        /// Before: the call does nothing. After: the call does its work, and the status replaces the answer.
        #[serde(default)]
        when: When,
    },
    /// The call is delayed before its work, or its answer after the work.
    Delay {
        /// The delay.
        #[serde(flatten)]
        delay: Delay,
        /// Before: the call does nothing if the client hangs up meanwhile. After: the work is done by then.
        #[serde(default)]
        when: When,
    },
    /// The connection closes without an answer, and the call does nothing.
    DropBefore {
        /// How it closes.
        #[serde(default)]
        how: Close,
    },
    /// The call does its work (an update changes its order, a page's orders are withheld). Then the connection closes
    /// without an answer.
    DropAfter {
        /// How it closes.
        #[serde(default)]
        how: Close,
    },
    /// The call does its work, and the answer breaks off.
    Truncate {
        /// Number of bytes of the body that are sent; of a shorter body, all but the last byte.
        bytes: u32,
        /// Framing of the body, which announces its whole length or not.
        #[serde(default)]
        framing: Framing,
    },
    /// The call does its work, and the answer's body is not JSON.
    Garbage,
    /// A supplier that calls too often is answered 429, and the call does nothing.
    RateLimit(RateLimit),
}

impl Effect {
    /// Its kind.
    pub const fn kind(&self) -> EffectKind {
        match self {
            Self::Error { .. } => EffectKind::Error,
            Self::Status { .. } => EffectKind::Status,
            Self::Delay { .. } => EffectKind::Delay,
            Self::DropBefore { .. } => EffectKind::DropBefore,
            Self::DropAfter { .. } => EffectKind::DropAfter,
            Self::Truncate { .. } => EffectKind::Truncate,
            Self::Garbage => EffectKind::Garbage,
            Self::RateLimit(_) => EffectKind::RateLimit,
        }
    }

    /// The error `code`, one of [`ErrorCode::FORCEABLE`].
    pub fn error(code: &str, when: When) -> Result<Self, Vec<Problem>> {
        let refused = |unknown: crate::UnknownValue| vec![Problem::new("effect.code", unknown.to_string())];
        ErrorCode::forceable(code).map(|code| Self::Error { code, when }).map_err(refused)
    }

    /// The status `status`, 400 to 599, with the envelope of errors or without a body.
    pub fn status(status: i64, envelope: bool, when: When) -> Result<Self, Vec<Problem>> {
        let known = u16::try_from(status).ok().and_then(|it| ErrorStatus::try_from(it).ok());
        let refused = || vec![Problem::new("effect.status", "must be an integer from 400 to 599")];
        known.map(|status| Self::Status { status, envelope, when }).ok_or_else(refused)
    }

    /// A delay of `fixed_millis`, and up to `jitter_millis` more: together 1 to 60,000 ms.
    pub fn delay(fixed_millis: i64, jitter_millis: i64, when: When) -> Result<Self, Vec<Problem>> {
        Delay::new(fixed_millis, jitter_millis).map(|delay| Self::Delay { delay, when })
    }

    /// An answer of which `bytes` are sent, 0 to 2^32 − 1.
    pub fn truncate(bytes: i64, framing: Framing) -> Result<Self, Vec<Problem>> {
        let refused = || Problem::new("effect.bytes", format!("must be an integer from 0 to {}", u32::MAX));
        u32::try_from(bytes).map(|bytes| Self::Truncate { bytes, framing }).map_err(|_| vec![refused()])
    }

    /// At most `calls` in each period of `period_seconds`.
    pub fn rate_limit(calls: i64, period_seconds: i64) -> Result<Self, Vec<Problem>> {
        RateLimit::new(calls, period_seconds).map(Self::RateLimit)
    }
}

impl fmt::Display for Effect {
    /// The kind, with its parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().fmt(f)?;
        match self {
            Self::Error { code, when } => write!(f, " ({code}, {when})"),
            Self::Status { status, when, .. } => write!(f, " ({}, {when})", status.get()),
            Self::Delay { delay, when } => {
                write!(f, " ({} to {} ms, {when})", delay.fixed().as_millis(), delay.longest().as_millis())
            }
            Self::DropBefore { how } | Self::DropAfter { how } => write!(f, " ({how})"),
            Self::Truncate { bytes, framing } => write!(f, " ({bytes} bytes, {framing})"),
            Self::Garbage => Ok(()),
            Self::RateLimit(limit) => write!(f, " ({} in {} s)", limit.calls(), limit.period().as_secs()),
        }
    }
}

/// Status of a failed call, 400 to 599.
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
        assert_eq!(
            fields(Effect::delay(-1, 60_001, When::Before)),
            ["effect.fixedMillis", "effect.jitterMillis"]
        );
        assert_eq!(fields(Effect::delay(0, 0, When::After)), ["effect.fixedMillis"]);
        assert_eq!(fields(Effect::delay(60_000, 1, When::Before)), ["effect.jitterMillis"]);
        assert_eq!(fields(Effect::rate_limit(0, 0)), ["effect.calls", "effect.periodSeconds"]);
        assert_eq!(fields(Effect::rate_limit(5, -1)), ["effect.periodSeconds"]);
        for code in ["GONE", "NOT_FOUND"] {
            assert_eq!(fields(Effect::error(code, When::Before)), ["effect.code"], "{code}");
        }
        assert_eq!(fields(Effect::truncate(-1, Framing::Length)), ["effect.bytes"]);
        for status in [i64::MIN, -1, 0, 200, 399, 600, 65_936, i64::MAX] {
            assert_eq!(fields(Effect::status(status, true, When::Before)), ["effect.status"], "{status}");
        }
    }

    #[test]
    fn what_is_in_range_is_taken_to_the_ends() {
        for status in [400, 418, 599] {
            assert!(Effect::status(status, false, When::After).is_ok(), "{status}");
        }
        for bytes in [0, u32::MAX.into()] {
            assert!(Effect::truncate(bytes, Framing::Chunked).is_ok(), "{bytes}");
        }
    }

    #[test]
    fn a_snapshot_names_an_effect_by_its_kind() {
        let effects: [_; EffectKind::ALL.len()] = [
            Effect::error("ORDER_NOT_FOUND", When::After),
            Effect::status(502, false, When::After),
            Effect::delay(200, 50, When::After),
            Ok(Effect::DropBefore { how: Close::Rst }),
            Ok(Effect::DropAfter { how: Close::Rst }),
            Effect::truncate(20, Framing::Chunked),
            Ok(Effect::Garbage),
            Effect::rate_limit(5, 60),
        ];
        for (effect, kind) in effects.into_iter().zip(EffectKind::ALL) {
            let effect = effect.unwrap();
            let json = serde_json::to_value(effect).unwrap();
            assert_eq!((effect.kind(), json["kind"].as_str()), (*kind, Some(kind.as_str())));
            assert_eq!(serde_json::from_value::<Effect>(json).unwrap(), effect);
        }
        let unforceable = serde_json::json!({ "kind": "error", "code": "NOT_FOUND" });
        let problem = serde_json::from_value::<Effect>(unforceable).unwrap_err().to_string();
        assert!(problem.starts_with("must be one of INVALID_API_KEY, "), "{problem}");
    }

    /// Snapshots and databases of earlier versions hold effects without these parameters.
    #[test]
    fn an_effect_that_an_earlier_version_wrote_has_what_was_the_only_way_then() {
        let written = [
            (r#"{"kind":"error","code":"ORDER_NOT_FOUND"}"#, Effect::error("ORDER_NOT_FOUND", When::Before)),
            (r#"{"kind":"status","status":502,"envelope":false}"#, Effect::status(502, false, When::Before)),
            (r#"{"kind":"delay","fixedMillis":200,"jitterMillis":50}"#, Effect::delay(200, 50, When::Before)),
            (r#"{"kind":"drop-before"}"#, Ok(Effect::DropBefore { how: Close::Fin })),
            (r#"{"kind":"drop-after"}"#, Ok(Effect::DropAfter { how: Close::Fin })),
            (r#"{"kind":"truncate","bytes":20}"#, Effect::truncate(20, Framing::Length)),
        ];
        for (json, effect) in written {
            assert_eq!(serde_json::from_str::<Effect>(json).unwrap(), effect.unwrap(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn no_number_is_a_reason_to_panic(one in any::<i64>(), other in any::<i64>()) {
            let delay = Effect::delay(one, other, When::Before);
            let _ = (delay, Effect::rate_limit(one, other), Effect::truncate(one, Framing::Length));
        }
    }
}
