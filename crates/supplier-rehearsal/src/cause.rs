//! Causes: what is wrong in a worker that breaks a rule, and what to change.

use serde::{Deserialize, Serialize};

macro_rules! causes {
    ($($(#[$meta:meta])* $variant:ident = $word:literal, $title:literal, $advice:literal;)+) => {
        /// What is wrong in a worker, as far as its calls show it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Cause { $($(#[$meta])* #[serde(rename = $word)] $variant,)+ }

        impl Cause {
            /// Every cause.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word that stands for the cause in reports.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// What the worker did, as a sentence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// What to change in the worker.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)+ }
            }
        }
    };
}

causes! {
    /// It repeated a delivery with other accounts.
    OtherAccounts = "other-accounts",
        "The worker took other accounts from its stock to try again.",
        "Keep the accounts of a delivery until you know what became of it, and send the same ones again: the server ignores those \
         that the order already has.";
    /// After a restart, it delivered again, with other accounts.
    RepeatedAfterRestart = "repeated-after-restart",
        "After a restart, the worker delivered again, with other accounts.",
        "Write the order and its accounts to disk before you send them. After a restart, begin with what is written there.";
    /// It delivered one account for two orders.
    SharedAccount = "shared-account",
        "The worker delivered one account for two orders.",
        "Take an account out of the stock before you use it, and let only one task at a time take accounts.";
    /// It put accounts of a failed call back into its stock, and delivered them for another order.
    AccountsPutBack = "accounts-put-back",
        "The worker put the accounts of a failed call back into its stock, and delivered them for another order.",
        "The order may have those accounts: keep them for it until you know what became of the call, and send them again.";
    /// It delivered more accounts in one call than were owed.
    TooManyAccounts = "too-many-accounts",
        "The worker sent more accounts than are owed.",
        "Send as many accounts as the order's `quantity` says, less those that it already has.";
    /// It took accounts from its stock and forgot them when the call failed.
    StockTakenFirst = "stock-taken-first",
        "The worker took accounts from its stock, and forgot them when the call failed.",
        "Write the accounts to disk beside their order before you send them. Remove them once the answer says that they were taken.";
    /// It was handed out an order and did nothing with it.
    PageThrownAway = "page-thrown-away",
        "The worker got a page of orders, and did not work on all of them.",
        "Work on every order of every page that you get: no list has it again for 30 minutes. Do not poll to see whether the server is up.";
    /// Its call failed, and it did not try again.
    GaveUp = "gave-up",
        "A call failed, and the worker never tried again.",
        "Keep an order open in your own records until an answer says that the update was taken. Wait for the answer of each call, \
         and let no exception pass unseen.";
    /// It took the refusal of a repeated delivery for a failure.
    RefusalAsFailure = "refusal-as-failure",
        "The worker took the refusal of a repeated delivery for a failure.",
        "400 `INVALID_ACCOUNTS` for accounts that you sent before means that the order has them. Treat that delivery as done.";
    /// It set a status that it had set before.
    StatusRepeated = "status-repeated",
        "The worker began again with an order that it had finished.",
        "Look at your own records before you set a status, and never set a lower one.";
    /// It said `completed` before it had sent the accounts.
    StatusBeforeAccounts = "status-before-accounts",
        "The worker said `completed` before it had sent the accounts.",
        "Send the accounts and `completed` in one call: the server takes both or neither.";
    /// It said `completed` with too few accounts.
    TooFewAccounts = "too-few-accounts",
        "The worker said `completed` with too few accounts.",
        "Send as many accounts as the order's `quantity` says. If you have fewer, say `partial`.";
    /// It repeated failing calls without a pause.
    NoPause = "no-pause",
        "The worker repeated failing calls without a pause.",
        "Wait longer after each failure (1 s, 2 s, 4 s …), and stop after a few tries: the next poll brings the order again.";
    /// It did not wait as long as `Retry-After` says.
    ImpatientRetry = "impatient-retry",
        "The worker did not wait as long as `Retry-After` says.",
        "Read the header `Retry-After` of 429 and 503, and wait for so many seconds before the next try.";
    /// A failed call ended it.
    Crashed = "crashed",
        "A call went wrong, and the worker ended.",
        "Catch what a call can throw (no answer, no JSON, 4xx, 5xx), write it to the log, and go on with the next order or poll.";
    /// It ran and called no more.
    StoppedCalling = "stopped-calling",
        "A call went wrong, and the worker made no further call.",
        "Give each call a time-out, and make sure that a failed poll is followed by another one.";
    /// It did not end.
    DoesNotEnd = "does-not-end",
        "The worker did not end.",
        "Give each call a time-out. On SIGTERM, finish the call under way and exit.";
    /// It needed several hand-outs of an order.
    SlowRecovery = "slow-recovery",
        "The worker needed more than two hand-outs of an order.",
        "Work on an order as soon as it is handed out, whatever happened to it before.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_says_what_happened_and_what_to_do() {
        for cause in Cause::ALL {
            assert!(cause.title().ends_with('.') && cause.advice().ends_with('.'), "{cause:?}");
            assert_eq!(serde_json::to_string(cause).unwrap(), format!("\"{}\"", cause.as_str()));
        }
    }
}
