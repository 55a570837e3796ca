//! Strike: what faults do to one call.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Close, Delay, ErrorStatus, FaultId, Framing, When};
use crate::ErrorCode;
use crate::serial::millis;

/// Strike: what the faults do to a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Strike {
    /// The faults that fired, in the order in which they were armed.
    pub fired: Vec<FiredFault>,
    /// Delay before the call's work, at most [`Delay::MAX`].
    pub delay_before: Duration,
    /// Delay of the answer, or of closing the connection, at most [`Delay::MAX`].
    pub delay_after: Duration,
    /// Course of the call in between.
    pub course: Course,
}

/// Fault that fired at a call, with its action. As text: a sentence without its full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenFault")]
pub struct FiredFault {
    /// The fault's number.
    pub id: FaultId,
    /// Its action; `None` if it was not recorded.
    pub action: Option<FaultAction>,
}

/// Serialised form of a [`FiredFault`]. Earlier versions wrote the number only.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenFault {
    Id(FaultId),
    Whole { id: FaultId, action: Option<FaultAction> },
}

impl From<WrittenFault> for FiredFault {
    fn from(written: WrittenFault) -> Self {
        match written {
            WrittenFault::Id(id) => Self { id, action: None },
            WrittenFault::Whole { id, action } => Self { id, action },
        }
    }
}

/// Action of one fault on a call. As text: the predicate of a sentence whose subject is the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultAction {
    /// The call is delayed.
    Delay {
        /// The delay.
        #[serde(with = "millis", rename = "millis")]
        time: Duration,
        /// Before or after the call's work.
        when: When,
    },
    /// The call takes this course.
    Course(Course),
}

/// Course of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// No fault changes the call.
    #[default]
    Usual,
    /// The handler does not run, and the call does nothing.
    Instead(Instead),
    /// The handler runs, and its work stays done. Then the answer is replaced or broken, whatever it is.
    Afterwards(Afterwards),
}

/// Answer in place of the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Instead {
    /// An error.
    Replace(Replacement),
    /// [`ErrorCode::RateLimited`].
    RateLimited {
        /// Seconds of the client's time until a call passes again, at least 1; `None` if the sandbox's clock does not get
        /// there by itself.
        retry_after: Option<u32>,
    },
    /// No answer: the connection closes.
    Drop(Close),
}

/// Change of the handler's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Afterwards {
    /// An error replaces the answer.
    Replace(Replacement),
    /// The answer is not sent: the connection closes.
    Drop(Close),
    /// The answer breaks off, and the connection closes.
    Truncate {
        /// Number of bytes of the body that are sent; of a shorter body, all but the last byte.
        bytes: u32,
        /// Framing of the body, which announces its whole length or not.
        framing: Framing,
    },
    /// A body that is not JSON replaces the answer's body.
    Garbage,
}

/// Error that replaces the handler's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replacement {
    /// A documented error.
    Error(ErrorCode),
    /// A status.
    Status {
        /// The status.
        status: ErrorStatus,
        /// Whether the body is the error envelope or empty.
        envelope: bool,
    },
}

impl Strike {
    /// Adds the action of `fault`, unless an older fault has decided the course.
    pub(super) fn add(&mut self, fault: FaultId, action: FaultAction) -> bool {
        match action {
            FaultAction::Delay { time, when } => {
                let delay = match when {
                    When::Before => &mut self.delay_before,
                    When::After => &mut self.delay_after,
                };
                *delay = delay.saturating_add(time).min(Delay::MAX);
            }
            FaultAction::Course(course) if self.course == Course::Usual => self.course = course,
            FaultAction::Course(_) => return false,
        }
        self.fired.push(FiredFault { id: fault, action: Some(action) });
        true
    }
}

impl FiredFault {
    /// Whether the fault, and no rule, set the answer's error.
    pub fn sets_the_error(&self) -> bool {
        use Course::{Afterwards as After, Instead as Before};
        let Some(FaultAction::Course(course)) = self.action else { return false };
        matches!(
            course,
            Before(Instead::Replace(_) | Instead::RateLimited { .. }) | After(Afterwards::Replace(_))
        )
    }
}

impl fmt::Display for FiredFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id;
        match self.action {
            Some(action) => write!(f, "Fault {id} {action}"),
            None => write!(f, "Fault {id}, which was armed in this sandbox, struck the call"),
        }
    }
}

impl fmt::Display for FaultAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closed = |how| match how {
            Close::Fin => "closed the connection without an answer",
            Close::Rst => "reset the connection without an answer",
        };
        match self {
            Self::Delay { time, when: When::Before } => {
                write!(f, "delayed the call by {} ms", time.as_millis())
            }
            Self::Delay { time, when: When::After } => {
                write!(f, "delayed the answer by {} ms; the call was handled by then", time.as_millis())
            }
            Self::Course(Course::Usual) => f.write_str("did nothing"),
            Self::Course(Course::Instead(Instead::Replace(answer))) => {
                write!(f, "answered with {answer} before the call was handled")
            }
            Self::Course(Course::Instead(Instead::RateLimited { retry_after })) => {
                f.write_str("refused the call, since the supplier calls too often")?;
                match retry_after {
                    Some(seconds) => write!(f, "; it lets the next one through after {seconds} s"),
                    None => f.write_str(
                        "; the sandbox's clock stands still, so it lets the next one through once you run or \
                         advance the clock",
                    ),
                }
            }
            Self::Course(Course::Instead(Instead::Drop(how))) => {
                write!(f, "{} before the call was handled", closed(*how))
            }
            Self::Course(Course::Afterwards(afterwards)) => match afterwards {
                Afterwards::Replace(answer) => {
                    write!(f, "replaced the answer by {answer} after the call was handled")
                }
                Afterwards::Drop(how) => write!(f, "{} after the call was handled", closed(*how)),
                Afterwards::Truncate { bytes, .. } => {
                    write!(f, "cut the answer off after at most {bytes} bytes; the call was handled")
                }
                Afterwards::Garbage => {
                    f.write_str("replaced the answer's body by text that is not JSON; the call was handled")
                }
            },
        }
    }
}

impl fmt::Display for Replacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(code) => code.fmt(f),
            Self::Status { status, .. } => write!(f, "status {}", status.get()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_of_an_earlier_version_knows_the_faults_by_their_numbers() {
        let fired: Vec<FiredFault> = serde_json::from_str("[1,12]").unwrap();
        assert_eq!(fired, [1, 12].map(|id| FiredFault { id: FaultId(id), action: None }));
    }

    #[test]
    fn what_a_fault_did_is_said_in_words() {
        let error = Replacement::Error(ErrorCode::OrderNotFound);
        let status = Replacement::Status { status: ErrorStatus::try_from(503).unwrap(), envelope: true };
        let limited = |retry_after| Course::Instead(Instead::RateLimited { retry_after });
        let told = [
            (
                Course::Instead(Instead::Replace(status)),
                "answered with status 503 before the call was handled",
            ),
            (
                Course::Afterwards(Afterwards::Replace(error)),
                "replaced the answer by ORDER_NOT_FOUND after the call was handled",
            ),
            (
                limited(Some(3)),
                "refused the call, since the supplier calls too often; it lets the next one through after 3 s",
            ),
            (
                limited(None),
                "refused the call, since the supplier calls too often; the sandbox's clock stands still, so it lets the \
                 next one through once you run or advance the clock",
            ),
            (
                Course::Instead(Instead::Drop(Close::Fin)),
                "closed the connection without an answer before the call was handled",
            ),
            (
                Course::Afterwards(Afterwards::Drop(Close::Rst)),
                "reset the connection without an answer after the call was handled",
            ),
            (
                Course::Afterwards(Afterwards::Truncate { bytes: 40, framing: Framing::Chunked }),
                "cut the answer off after at most 40 bytes; the call was handled",
            ),
        ];
        for (course, words) in told {
            assert_eq!(FaultAction::Course(course).to_string(), words);
        }
        let delay = |when| FaultAction::Delay { time: Duration::from_millis(250), when };
        assert_eq!(delay(When::Before).to_string(), "delayed the call by 250 ms");
        assert_eq!(
            delay(When::After).to_string(),
            "delayed the answer by 250 ms; the call was handled by then"
        );
    }
}
