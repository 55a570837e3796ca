//! Requests and answers in `fixtures/examples`. The OpenAPI document shows them, and tests compare them with real ones.
//!
//! A file's name says where its content belongs: `{operationId}.{request or status}.{name}.json`.

use serde_json::Value;

/// A request's body, or an answer's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Example {
    /// The operation's id.
    pub(crate) operation: &'static str,
    /// `request`, or the answer's status.
    pub(crate) place: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// What it shows, in a few words.
    pub(crate) summary: &'static str,
    text: &'static str,
}

impl Example {
    /// The body.
    pub(crate) fn value(&self) -> Value {
        // A test reads every file.
        serde_json::from_str(self.text).unwrap_or_default()
    }
}

macro_rules! examples {
    ($($operation:literal $place:literal $name:literal $summary:literal,)+) => {
        /// All of the files.
        pub(crate) const EXAMPLES: &[Example] = &[$(Example {
            operation: $operation,
            place: $place,
            name: $name,
            summary: $summary,
            text: include_str!(concat!("../api-examples/", $operation, ".", $place, ".", $name, ".json")),
        },)+];
    };
}

examples! {
    "listOrders" "200" "one-order" "A page of one order, of five",
    "listOrders" "200" "without-orders" "Nothing to hand out now",
    "listOrders" "400" "invalid-request" "Two parameters are wrong",
    "listOrders" "401" "invalid-api-key" "No valid key",
    "updateOrder" "request" "start" "Work on the order has begun",
    "updateOrder" "request" "complete" "All is delivered",
    "updateOrder" "request" "deliver-a-part" "A part is delivered, the rest may follow",
    "updateOrder" "200" "started" "Work on it has begun",
    "updateOrder" "200" "completed" "All is delivered",
    "updateOrder" "400" "invalid-request" "Two fields are wrong",
    "updateOrder" "400" "invalid-accounts" "No account is left",
    "updateOrder" "401" "invalid-api-key" "No valid key",
    "updateOrder" "403" "access-denied" "Another supplier's order",
    "updateOrder" "404" "order-not-found" "No such order",
    "createSandbox" "request" "of-a-scenario" "Freshly seeded, for an hour",
    "createSandbox" "request" "of-another" "A copy of another sandbox, with a window of its own",
    "createSandbox" "201" "created" "With a key for each supplier",
    "createSandbox" "400" "invalid-request" "Two fields are wrong",
    "exportSandbox" "200" "empty" "A sandbox without orders",
    "createSandbox" "request" "of-a-snapshot" "As it was when it was exported",
    "listSandboxes" "200" "two" "The default sandbox and another",
    "getSandbox" "200" "one" "A sandbox",
    "getSandbox" "404" "no-such-sandbox" "It is not there",
    "placeOrders" "request" "three" "Three orders of five pieces",
    "placeOrders" "request" "shared" "One order that two suppliers share",
    "placeOrders" "201" "three" "Their numbers",
    "amendOrder" "request" "refund" "Pay the buyer back",
    "amendOrder" "200" "refunded" "It is in no list any more",
    "getOrder" "200" "delivered-in-part" "One account of ten is delivered",
    "findOrders" "200" "one" "An order that is being worked on",
    "fingerprintAccounts" "request" "one" "An account as it was delivered",
    "fingerprintAccounts" "200" "one" "What the order shows of it",
    "listRequests" "200" "two" "A list call, and an update that was refused",
    "getRequest" "200" "refused" "The same account sent twice",
    "whyRequest" "200" "resubmission" "The order had the account already",
    "getAudit" "200" "unanswered" "One order was forgotten",
    "getScorecard" "200" "polls-too-often" "Some of the practices of two clients",
    "whyOrder" "200" "withheld" "It was handed out a moment ago",
    "setArrivals" "request" "two-kinds" "An order every 24 seconds, three of four by hand, and twenty more each hour",
    "setArrivals" "request" "one-a-minute" "One order a minute",
    "setArrivals" "200" "set" "None has come in yet",
    "getArrivals" "200" "coming-in" "An hour and a half later",
    "getArrivals" "200" "none" "None come in",
    "armFault" "request" "lose-one-answer" "Commit one update, and lose its answer",
    "armFault" "request" "done-but-answered-503" "Commit one update, and say that the server was unavailable",
    "armFault" "request" "reset-one-connection" "Reset the connection of the next call, which does nothing",
    "armFault" "request" "one-call-in-ten-fails" "One call in ten, the same ones in every run",
    "armFault" "201" "armed" "It has not struck yet",
    "listFaults" "200" "one" "It struck once",
    "getClock" "200" "running" "It runs with the server's time",
    "setClock" "request" "freeze" "Stand still",
    "setClock" "request" "a-day-in-seconds" "Five minutes further at each list call",
    "setClock" "200" "frozen" "It stands still",
    "setClock" "409" "clock-goes-back" "It was to go back",
    "advanceClock" "request" "past-the-window" "Half an hour: what was handed out comes back",
    "advanceClock" "200" "moved" "Half an hour later",
    "listSuppliers" "200" "two" "Two suppliers",
    "addSupplier" "request" "dune" "One more",
    "addSupplier" "201" "dune" "It has no orders and no key yet",
    "createKey" "201" "created" "Shown this once",
    "listKeys" "200" "one" "By its first characters",
    "getIndex" "200" "links" "Where to go from here",
    "getHealth" "200" "ok" "It runs",
    "getReady" "200" "ok" "It can answer suppliers",
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_is_listed_and_holds_json() {
        let folder = format!("{}/../../fixtures/examples", env!("CARGO_MANIFEST_DIR"));
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let files: BTreeSet<_> = entries.map(|name| name.into_string().unwrap()).collect();
        let name =
            |example: &Example| format!("{}.{}.{}.json", example.operation, example.place, example.name);
        assert_eq!(EXAMPLES.iter().map(name).collect::<BTreeSet<_>>(), files);
        for example in EXAMPLES {
            assert!(example.value().is_object(), "{}", name(example));
        }
    }
}
