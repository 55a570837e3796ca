//! `POST /api/admin/v2/orders-update`.

crate::declare! {
    UPDATE_RULES;
    UPDATE_ORDER_REQUIRED = "update.order-required", Stated, BodyParameters,
        "`order` is required",
        "A body without `order` is refused with a 4xx; `INVALID_REQUEST` is this project's choice.";
    UPDATE_ORDER_NUMBER = "update.order-number", Chosen, BodyParameters,
        "`order` is a JSON integer",
        "An `order` that is a string, a fraction or written as `12345.0` is refused with `INVALID_REQUEST`. Zero, a \
         negative number and one that no order has are `ORDER_NOT_FOUND`.";
    UPDATE_OPTIONAL_FIELDS = "update.optional-fields", Stated, BodyParameters,
        "What is left out stays",
        "`status`, `accounts` and `supplierOrderId` may each be left out, even all three; what is left out stays as it \
         was.";
    UPDATE_NULL = "update.null", Chosen, BodyParameters,
        "`null` counts as left out",
        "A field that is `null` is treated as if it were not there. Fields that do not exist are ignored.";
    UPDATE_STATUS_VALUES = "update.status-values", Stated, BodyParameters,
        "Six statuses",
        "`status` is one of `pending`, `processing`, `completed`, `partial`, `cancelled` and `error`, and each of them is \
         taken.";
    UPDATE_STATUS_REFUSED = "update.status-refused", Implied, BodyParameters,
        "Any other status is refused",
        "Another value of `status` is refused with a 4xx and changes nothing; that this is `INVALID_REQUEST`, and that \
         upper and lower case count, is this project's choice.";
    UPDATE_TRANSITIONS = "update.transitions", Chosen, BestPractices,
        "Any status may follow any other",
        "No status is final, and none has to come before another. Orders of the kinds `auto` and `inventory` can be \
         updated as well.";
    UPDATE_NOT_FOUND = "update.not-found", Stated, CommonErrors,
        "No such order: `ORDER_NOT_FOUND`",
        "A number that no order has is refused with `ORDER_NOT_FOUND`.";
    UPDATE_UNPAID = "update.unpaid", Chosen, CommonErrors,
        "An unpaid order is not found",
        "An order that is not paid is refused with `ORDER_NOT_FOUND`, whichever supplier it belongs to.";
    UPDATE_ACCESS_DENIED = "update.access-denied", Stated, CommonErrors,
        "Another supplier's order: `ACCESS_DENIED`",
        "An order that contains nothing of the calling supplier is refused with `ACCESS_DENIED` and stays as it was.";
    UPDATE_ACCOUNTS = "update.accounts", Stated, AccountFormat,
        "`accounts` is an array of strings",
        "`accounts` is an array of strings, each `username:password` or `email:password`. That anything but an array is \
         `INVALID_REQUEST` is this project's choice.";
    UPDATE_ACCOUNTS_VALID = "update.accounts-valid", Chosen, AccountFormat,
        "What makes an account valid",
        "The first `:` divides an account, and both halves hold something when the white space (Unicode's) at both ends \
         of each is taken off. A password may hold more colons. Entries that are no such string are dropped, and the \
         others taken.";
    UPDATE_ACCOUNTS_DEDUP = "update.accounts-dedup", Stated, CommonErrors,
        "An account counts once in a submission",
        "Of accounts that are the same within one submission, one is taken.";
    UPDATE_ACCOUNTS_DEDUP_SCOPE = "update.accounts-dedup-scope", Chosen, CommonErrors,
        "An account counts once in an order",
        "Accounts that the order already has are dropped too. Two accounts are the same when they are equal as a whole, \
         white space at both ends taken off. One account may be delivered for two orders.";
    UPDATE_ACCOUNTS_DISTINCT = "update.accounts-distinct", Implied, AccountFormat,
        "Different accounts are kept apart",
        "Accounts are different when any character differs: in upper or lower case, in an accent, in how Unicode composes a \
         letter, in the password alone, behind a second colon, behind the 255th character. De-duplication drops none of \
         them, and each is kept as it was given.";
    UPDATE_INVALID_ACCOUNTS = "update.invalid-accounts", Stated, CommonErrors,
        "No account left: `INVALID_ACCOUNTS`",
        "If `accounts` is given and nothing valid is left of it after de-duplication, the update is refused with \
         `INVALID_ACCOUNTS`. An empty array and an array of blanks are such a case.";
    UPDATE_RESUBMISSION = "update.resubmission", Chosen, CommonErrors,
        "Nothing new: `INVALID_ACCOUNTS`",
        "Submitting only accounts that the order already has is refused with `INVALID_ACCOUNTS`. A blind retry meets \
         this.";
    UPDATE_ACCOUNTS_KIND = "update.accounts-kind", Implied, CompleteWorkflow,
        "Accounts are taken for any order",
        "Accounts are meant for orders of products. Given for another they are treated no differently, since the guide's \
         own program sends them to every order that it polls; the scorecard mentions it.";
    UPDATE_SUPPLIER_ORDER_ID = "update.supplier-order-id", Stated, BodyParameters,
        "`supplierOrderId` is kept",
        "A `supplierOrderId` is taken and kept with the order.";
    UPDATE_SUPPLIER_ORDER_ID_FORM = "update.supplier-order-id-form", Chosen, BodyParameters,
        "`supplierOrderId` is a string of at most 255 characters",
        "It is a string of at most 255 characters; another value is refused with `INVALID_REQUEST`. An update's answer \
         shows it (null if none was ever given), and so does the list once one was given. The last one given stands.";
    UPDATE_INCREMENTAL = "update.incremental", Stated, BestPractices,
        "Step by step, or at once",
        "An order may be set to `processing` first and to `completed` later, or to `completed` at once.";
    UPDATE_PARTIAL = "update.partial", Stated, BestPractices,
        "A part now, the rest later",
        "`partial` with fewer accounts than were ordered is accepted, and the others may follow.";
    UPDATE_ANY_COUNT = "update.any-count", Implied, CompleteWorkflow,
        "Any number of accounts is accepted",
        "Fewer or more accounts than were ordered are accepted with any status, as the guide's own program needs; the \
         scorecard mentions it.";
    UPDATE_ACCOUNTS_CAP = "update.accounts-cap", Chosen, AccountFormat,
        "An order keeps all accounts, or refuses them",
        "An order keeps at least 10,000 accounts, and ten times its quantity if that is more. A server may keep no more than \
         that, in an order or in all: an update whose accounts, after de-duplication, would go beyond what is kept is refused \
         whole with `INVALID_REQUEST`, and changes nothing. No account is left out silently for being one too many.";
    UPDATE_NO_AUTO_STATUS = "update.no-auto-status", Implied, BodyParameters,
        "Accounts alone change no status",
        "An update with accounts and without `status` leaves the status as it was.";
    UPDATE_SUCCESS = "update.success", Implied, CompleteWorkflow,
        "A success is a 2xx with an object",
        "An update that was carried out is answered with a 2xx and a JSON object.";
    UPDATE_RESPONSE = "update.response", Chosen, CompleteWorkflow,
        "The answer is the updated order",
        "A success is 200 and the order as it now is: in the list's shape, with `supplierOrderId` (null if none was ever \
         given) and `accountsDelivered`, how many accounts the order has in all.";
    UPDATE_RESPONSE_CURRENT = "update.response-current", Implied, CompleteWorkflow,
        "The answer shows the order as it now is",
        "Where the answer to an update shows the order, it shows the order after the update: the guide's own program calls \
         it `updatedOrder`.";
    UPDATE_VISIBLE = "update.visible", Implied, CompleteWorkflow,
        "Updates show, and none is lost",
        "What was updated shows in later pages, once the window lets the order through. Of concurrent updates none is \
         lost.";
    UPDATE_ATOMIC = "update.atomic", Implied, CommonErrors,
        "An error changes nothing",
        "An update that is answered with an error changes nothing at all: whoever reads the error mends the call and sends \
         it again.";
    UPDATE_SECRET = "update.secret", Chosen, ApiKey,
        "Passwords and keys are never shown",
        "No answer, log line, journal entry, page or database column shows an account's password or an API key in clear. \
         The control API shows an account's login, and a fingerprint of the whole that is keyed per sandbox.";
}
