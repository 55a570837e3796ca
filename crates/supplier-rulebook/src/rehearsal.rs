//! What a worker does whatever goes wrong with its calls: the subjects of a rehearsal.

crate::declare! {
    REHEARSAL_RULES;
    REHEARSAL_NOTHING_LOST = "rehearsal.nothing-lost", Observed, CompleteWorkflow,
        "Loses no order",
        "Every order that is paid and not cancelled by its buyer is answered in the end: completed, partial, cancelled or in \
         error.";
    REHEARSAL_NOTHING_DOUBLED = "rehearsal.nothing-doubled", Observed, CompleteWorkflow,
        "Delivers nothing twice",
        "An order gets no more accounts than are owed for it, and no account is delivered for two orders.";
    REHEARSAL_NO_STOCK_LOST = "rehearsal.no-stock-lost", Observed, CompleteWorkflow,
        "Loses no account of its stock",
        "An account that was sent in a call whose outcome stayed unknown is delivered in the end, or sent again for the \
         same order.";
    REHEARSAL_STATUS = "rehearsal.status", Observed, BestPractices,
        "Never sets a status back",
        "No update takes an order from `completed` or `cancelled` to another status, or from any status back to `pending`.";
    REHEARSAL_COMPLETE = "rehearsal.complete", Observed, BestPractices,
        "Says `completed` once all accounts are there",
        "No update leaves an order `completed` with fewer accounts than are owed for it.";
    REHEARSAL_NO_STORM = "rehearsal.no-storm", Observed, BestPractices,
        "Calls less often while calls fail",
        "While every call fails, a call is not repeated dozens of times without a pause.";
    REHEARSAL_RETRY_AFTER = "rehearsal.retry-after", Observed, BestPractices,
        "Waits as long as `Retry-After` says",
        "After an answer with `Retry-After`, the refused call is not made again before that time.";
    REHEARSAL_SURVIVES = "rehearsal.survives", Observed, BestPractices,
        "Goes on after a failure",
        "A worker that runs for ever neither ends nor stops calling because a call failed.";
    REHEARSAL_ENDS = "rehearsal.ends", Observed, BestPractices,
        "Ends when it is told to",
        "A worker that runs for ever ends soon after SIGTERM; one that is started again and again ends by itself.";
    REHEARSAL_RECOVERS = "rehearsal.recovers", Observed, BestPractices,
        "Recovers soon",
        "After the last failure, all orders are answered once they were handed out again, and three polls later at the most.";
}
