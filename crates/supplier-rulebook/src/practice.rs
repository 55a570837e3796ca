//! What good clients do: the scorecard's subjects.

crate::declare! {
    PRACTICE_RULES;
    PRACTICE_POLLING = "practice.polling", Observed, BestPractices,
        "Polls no more often than it helps",
        "Polls that could bring nothing because all was withheld are counted, and the shortest and the median gap \
         between polls told.";
    PRACTICE_ERRORS = "practice.errors", Observed, BestPractices,
        "Retries what can succeed, and only that",
        "After a 5xx, a dropped connection or a time-out an update is retried, with growing gaps, and so is a list call \
         after a 5xx that handed out nothing; after a 4xx the same call is not repeated.";
    PRACTICE_RESEND = "practice.resend", Observed, BestPractices,
        "Sends no call again by itself",
        "A call whose answer the client did not get is not sent again within 50 ms, as some HTTP clients do by \
         themselves; a list call is not retried either, since its orders are withheld and come back with the end of \
         their window.";
    PRACTICE_ACCOUNTS = "practice.accounts", Observed, BestPractices,
        "Validates accounts before submitting them",
        "Entries that were dropped as malformed or as duplicates are counted, and accounts for an order without a \
         product; accounts that hold an invisible character, stand in quotes or seem to be of another form are named.";
    PRACTICE_TRACKING = "practice.tracking", Observed, BestPractices,
        "Tracks orders by `supplierOrderId`",
        "Deliveries come with a `supplierOrderId`, and no two orders get the same.";
    PRACTICE_STATUS = "practice.status", Observed, BestPractices,
        "Sets `processing`, then `completed`",
        "Orders that were taken straight to `completed` are named, and those that were handed out and never answered.";
    PRACTICE_PARTIAL = "practice.partial", Observed, BestPractices,
        "Says `partial` when a part is delivered",
        "`completed` with fewer accounts than were ordered is named, and so are more accounts than were ordered.";
    PRACTICE_SECRET = "practice.secret", Observed, ApiKey,
        "Keeps the key secret",
        "A key that was seen in a URL or in a body is named, without showing it.";
    PRACTICE_WINDOW = "practice.window", Observed, BestPractices,
        "Works with the window",
        "Named are pages asked for with an `offset` above 0 while the page before is withheld, which skips orders; \
         answers after the window had run out, when the order may have been handed out twice; and accounts that were \
         delivered for two orders.";
    PRACTICE_NAMES = "practice.names", Observed, RequestParameters,
        "Uses the names that the API knows",
        "Parameters and fields that the API does not know, and ignores, are named, each with the known one that was \
         probably meant.";
}
