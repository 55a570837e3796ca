//! The faults that strike one call.

use std::time::Duration;

use super::{Delay, ErrorStatus, FaultId};
use crate::ErrorCode;

/// What the faults make of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Strike {
    /// The faults that fired, in the order in which they were armed.
    pub fired: Vec<FaultId>,
    /// How long the call waits before anything else, at most [`Delay::MAX`].
    pub delay: Duration,
    /// How it goes on from there.
    pub course: Course,
}

/// How a call goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Course {
    /// As if there were no fault.
    #[default]
    Usual,
    /// Its handler does not run, and nothing happens.
    Instead(Instead),
    /// Its handler runs, and what it does stays done; then its answer is spoiled, whatever it is.
    Afterwards(Afterwards),
}

/// What a caller gets instead of the handler's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// A documented error.
    Error(ErrorCode),
    /// A status.
    Status {
        /// The status.
        status: ErrorStatus,
        /// Whether the body is the envelope of errors; otherwise it is none.
        envelope: bool,
    },
    /// [`ErrorCode::RateLimited`].
    RateLimited {
        /// After how many seconds of the sandbox's clock a call is let through again, at least 1.
        retry_after: u32,
    },
    /// No answer: the connection closes.
    Drop,
}

/// What becomes of the handler's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// It is not sent: the connection closes.
    Drop,
    /// It breaks off, and the connection closes.
    Truncate {
        /// How many bytes of the body are sent; of a body that is no longer, all but the last one.
        bytes: u32,
    },
    /// Its body is replaced by one that is not JSON.
    Garbage,
}

/// What one fault would do to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blow {
    Delay(Duration),
    Course(Course),
}

impl Strike {
    /// Adds what `fault` would do, if it can come after what was armed before it.
    pub(super) fn add(&mut self, fault: FaultId, blow: Blow) -> bool {
        match blow {
            Blow::Delay(delay) => self.delay = self.delay.saturating_add(delay).min(Delay::MAX),
            Blow::Course(course) if self.course == Course::Usual => self.course = course,
            Blow::Course(_) => return false,
        }
        self.fired.push(fault);
        true
    }
}
