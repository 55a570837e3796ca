//! Mishaps: what goes wrong in a rehearsal, and at which call.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use supplier_domain::OrderId;
use supplier_domain::fault::Operation;

/// Declares the mishaps: variant, word, and what a timeline says of it.
macro_rules! mishaps {
    ($($(#[$meta:meta])* $variant:ident = $word:literal, $told:literal;)+) => {
        /// A way in which a call goes wrong, or in which the world changes around it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Mishap { $($(#[$meta])* #[serde(rename = $word)] $variant,)+ }

        impl Mishap {
            /// Every mishap, the commonest first.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word that stands for the mishap in reports.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// What happens, for a timeline.
            pub const fn told(self) -> &'static str {
                match self { $(Self::$variant => $told,)+ }
            }
        }
    };
}

mishaps! {
    /// The work is done, and the connection is closed without an answer.
    CloseAfter = "close-after", "done, then the connection closed: no answer";
    /// Nothing is done, and the connection is closed without an answer.
    CloseBefore = "close-before", "the connection closed before anything was done";
    /// The work is done, and then the worker is killed: it has not seen the answer.
    KillBeforeAnswer = "kill-before-answer", "done, then the worker was killed: it saw no answer";
    /// The worker has seen the answer, and is killed when it makes its next call.
    KillAfterAnswer = "kill-after-answer", "answered; the worker was killed before its next call";
    /// The work is done, and 500 is answered.
    ErrorAfter = "error-after", "done, but 500 was answered";
    /// Nothing is done, and 500 is answered.
    ErrorBefore = "error-before", "500 was answered, nothing was done";
    /// The work is done, and the answer comes later than the client waits.
    Late = "late", "done, but the answer came late";
    /// The work is done, and the connection is reset without an answer.
    ResetAfter = "reset-after", "done, then the connection was reset: no answer";
    /// The work is done, and the answer breaks off.
    Truncated = "truncated", "done, but the answer broke off";
    /// The work is done, and the answer is not JSON.
    NotJson = "not-json", "done, but the answer was not JSON";
    /// Nothing is done, and 503 with `Retry-After` is answered.
    UnavailableBefore = "unavailable-before", "503 with Retry-After: 1 was answered, nothing was done";
    /// The work is done, and 503 with `Retry-After` is answered.
    UnavailableAfter = "unavailable-after", "done, but 503 with Retry-After: 1 was answered";
    /// Nothing is done, and 429 with `Retry-After` is answered.
    LimitedBefore = "limited-before", "429 with Retry-After: 1 was answered, nothing was done";
    /// The work is done, and 429 with `Retry-After` is answered.
    LimitedAfter = "limited-after", "done, but 429 with Retry-After: 1 was answered";
    /// The key is revoked; the worker is started again with another one.
    KeyRevoked = "key-revoked", "the key was revoked: 401; the worker gets a new one when it is started again";
    /// The window is over before the delivery arrives.
    WindowOver = "window-over", "31 minutes went by before this call";
    /// The buyer cancels the order before the delivery arrives.
    BuyerCancels = "buyer-cancels", "the buyer cancelled the order before this call";
    /// The buyer gets the money back before the delivery arrives.
    Refunded = "refunded", "the order was refunded before this call";
    /// For a while, no call is answered: the server restarts.
    Outage = "outage", "no answer: the server was restarting";
    /// A second copy of the worker is started with the first.
    TwoWorkers = "two-workers", "a second copy of the worker ran at the same time";
}

impl fmt::Display for Mishap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Mishap {
    /// Whether the mishap can happen to a call of `operation`.
    pub const fn fits(self, operation: Operation) -> bool {
        match self {
            Self::WindowOver | Self::BuyerCancels | Self::Refunded => {
                matches!(operation, Operation::UpdateOrder)
            }
            Self::TwoWorkers => matches!(operation, Operation::ListOrders),
            _ => true,
        }
    }

    /// Whether the worker cannot know, after this mishap, whether its call was carried out.
    pub const fn leaves_doubt(self) -> bool {
        match self {
            Self::CloseAfter
            | Self::CloseBefore
            | Self::KillBeforeAnswer
            | Self::ErrorAfter
            | Self::ErrorBefore
            | Self::Late
            | Self::ResetAfter
            | Self::Truncated
            | Self::NotJson
            | Self::UnavailableBefore
            | Self::UnavailableAfter
            | Self::LimitedAfter
            | Self::Outage => true,
            Self::KillAfterAnswer
            | Self::LimitedBefore
            | Self::KeyRevoked
            | Self::WindowOver
            | Self::BuyerCancels
            | Self::Refunded
            | Self::TwoWorkers => false,
        }
    }

    /// Whether the worker is killed.
    pub const fn kills(self) -> bool {
        matches!(self, Self::KillBeforeAnswer | Self::KillAfterAnswer)
    }

    /// Whether the answer has `Retry-After: 1`.
    pub const fn asks_to_wait(self) -> bool {
        matches!(
            self,
            Self::UnavailableBefore | Self::UnavailableAfter | Self::LimitedBefore | Self::LimitedAfter
        )
    }
}

/// Names a call of a rehearsal: the n-th list call, or the n-th update of an order. Counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallName {
    /// The operation.
    pub operation: Operation,
    /// The order of an update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// Which of these calls, from 1.
    pub nth: u32,
}

impl fmt::Display for CallName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.operation, self.order) {
            (Operation::ListOrders, _) => write!(f, "list call {}", self.nth),
            (Operation::UpdateOrder, Some(order)) => write!(f, "update {} of order {order}", self.nth),
            (Operation::UpdateOrder, None) => write!(f, "update {} of no order", self.nth),
        }
    }
}

/// A mishap, and the call that it happens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Planned {
    /// The call.
    #[serde(flatten)]
    pub call: CallName,
    /// What happens.
    pub mishap: Mishap,
}

/// What is wrong with a written mishap.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no planned mishap: write it as close-after@list:1 or close-after@update:12345:1; the mishaps are {known}",
    known = Mishap::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", ")
)]
pub struct InvalidPlanned(String);

impl Planned {
    /// The mishap as it is written on a command line: `close-after@update:12345:1`.
    pub fn written(&self) -> String {
        let CallName { operation, order, nth } = self.call;
        match (operation, order) {
            (Operation::UpdateOrder, Some(order)) => format!("{}@update:{order}:{nth}", self.mishap),
            _ => format!("{}@list:{nth}", self.mishap),
        }
    }
}

impl FromStr for Planned {
    type Err = InvalidPlanned;

    fn from_str(text: &str) -> Result<Self, InvalidPlanned> {
        let read = || {
            let (mishap, call) = text.split_once('@')?;
            let mishap = *Mishap::ALL.iter().find(|it| it.as_str() == mishap)?;
            let nth = |text: &str| text.parse().ok().filter(|nth| *nth > 0);
            let call = match call.split(':').collect::<Vec<_>>()[..] {
                ["list", n] => CallName { operation: Operation::ListOrders, order: None, nth: nth(n)? },
                ["update", order, n] => {
                    let order = Some(OrderId::new(order.parse().ok()?)?);
                    CallName { operation: Operation::UpdateOrder, order, nth: nth(n)? }
                }
                _ => return None,
            };
            mishap.fits(call.operation).then_some(Self { call, mishap })
        };
        read().ok_or_else(|| InvalidPlanned(text.to_owned()))
    }
}

impl fmt::Display for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.mishap, self.call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mishap_has_a_word_of_its_own_that_json_reads_back() {
        let words: std::collections::BTreeSet<_> = Mishap::ALL.iter().map(|it| it.as_str()).collect();
        assert_eq!(words.len(), Mishap::ALL.len());
        for mishap in Mishap::ALL {
            let json = serde_json::to_string(mishap).unwrap();
            assert_eq!(json, format!("\"{mishap}\""));
            assert_eq!(serde_json::from_str::<Mishap>(&json).unwrap(), *mishap);
        }
    }

    #[test]
    fn a_planned_mishap_reads_back_and_says_where_it_happens() {
        let call = CallName { operation: Operation::UpdateOrder, order: OrderId::new(3), nth: 2 };
        let planned = Planned { call, mishap: Mishap::CloseAfter };
        assert_eq!(planned.to_string(), "close-after at update 2 of order 3");
        let json = serde_json::to_string(&planned).unwrap();
        assert_eq!(json, r#"{"operation":"updateOrder","order":3,"nth":2,"mishap":"close-after"}"#);
        assert_eq!(serde_json::from_str::<Planned>(&json).unwrap(), planned);
        assert_eq!(planned.written(), "close-after@update:3:2");
        assert_eq!(planned.written().parse(), Ok(planned));
        for wrong in [
            "",
            "close-after",
            "close-after@update:3",
            "close-after@list:0",
            "buyer-cancels@list:1",
            "x@list:1",
        ] {
            let error = wrong.parse::<Planned>().unwrap_err().to_string();
            assert!(error.contains("close-after@list:1") && error.contains("two-workers"), "{error}");
        }
    }
}
