//! What a mishap makes of a call.

use supplier_domain::ErrorCode;
use supplier_domain::fault::{Afterwards, Close, Course, Framing, Instead, Replacement};

use crate::mishap::Mishap;

/// Number of bytes of an answer that breaks off.
const TRUNCATED: u32 = 20;

/// What a mishap makes of a call.
pub(super) fn course(mishap: Mishap) -> Course {
    let instead = |code| Course::Instead(Instead::Replace(Replacement::Error(code)));
    let afterwards = |code| Course::Afterwards(Afterwards::Replace(Replacement::Error(code)));
    match mishap {
        Mishap::CloseBefore | Mishap::Outage => Course::Instead(Instead::Drop(Close::Fin)),
        Mishap::CloseAfter => Course::Afterwards(Afterwards::Drop(Close::Fin)),
        Mishap::ResetAfter | Mishap::KillBeforeAnswer => Course::Afterwards(Afterwards::Drop(Close::Rst)),
        Mishap::ErrorBefore => instead(ErrorCode::InternalError),
        Mishap::ErrorAfter => afterwards(ErrorCode::InternalError),
        Mishap::UnavailableBefore => instead(ErrorCode::ServiceUnavailable),
        Mishap::UnavailableAfter => afterwards(ErrorCode::ServiceUnavailable),
        Mishap::LimitedBefore => Course::Instead(Instead::RateLimited { retry_after: Some(1) }),
        Mishap::LimitedAfter => afterwards(ErrorCode::RateLimited),
        Mishap::KeyRevoked => instead(ErrorCode::InvalidApiKey),
        Mishap::Truncated => {
            Course::Afterwards(Afterwards::Truncate { bytes: TRUNCATED, framing: Framing::Length })
        }
        Mishap::NotJson => Course::Afterwards(Afterwards::Garbage),
        Mishap::Late
        | Mishap::KillAfterAnswer
        | Mishap::WindowOver
        | Mishap::BuyerCancels
        | Mishap::Refunded
        | Mishap::TwoWorkers => Course::Usual,
    }
}
