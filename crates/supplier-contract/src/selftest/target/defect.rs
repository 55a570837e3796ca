//! The defects that the self-test plants.

use supplier_rulebook::{
    AUTH_FIRST, AUTH_HEADER, AUTH_HEADER_ONLY, AUTH_INVALID_KEY, AUTH_NO_STORE, ERROR_DETAILS,
    ERROR_ENVELOPE, ERROR_MESSAGES, ERROR_NO_5XX, ERROR_PRECEDENCE, ERROR_STATUS, ERROR_TRANSPORT,
    LIST_AMOUNTS, LIST_COUNT, LIST_ENTITY_TYPE, LIST_LIMIT, LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX,
    LIST_LIMIT_RANGE, LIST_NO_DUPLICATES, LIST_OFFSET, LIST_OFFSET_RANGE, LIST_ORDER, LIST_OWN_ITEMS,
    LIST_OWN_ONLY, LIST_PAID_ONLY, LIST_PRODUCT_TYPE, LIST_PRODUCT_TYPE_VALUES, LIST_SHAPE, LIST_STATUS,
    LIST_STATUS_DEFAULT, LIST_SUB_CATEGORY, LIST_SUB_CATEGORY_MATCH, LIST_TOTAL, LIST_TOTAL_WITHHELD,
    LIST_TYPES, LIST_VALUES, LIST_WINDOW, LIST_WINDOW_END, LIST_WINDOW_PAGE, LIST_WINDOW_RACE,
    LIST_WINDOW_SCOPE, RuleId, UPDATE_ACCESS_DENIED, UPDATE_ACCOUNTS, UPDATE_ACCOUNTS_CAP,
    UPDATE_ACCOUNTS_DEDUP, UPDATE_ACCOUNTS_DEDUP_SCOPE, UPDATE_ACCOUNTS_KIND, UPDATE_ACCOUNTS_VALID,
    UPDATE_ANY_COUNT, UPDATE_ATOMIC, UPDATE_INCREMENTAL, UPDATE_INVALID_ACCOUNTS, UPDATE_NO_AUTO_STATUS,
    UPDATE_NOT_FOUND, UPDATE_NULL, UPDATE_OPTIONAL_FIELDS, UPDATE_ORDER_NUMBER, UPDATE_ORDER_REQUIRED,
    UPDATE_PARTIAL, UPDATE_RESPONSE, UPDATE_RESUBMISSION, UPDATE_SECRET, UPDATE_STATUS_REFUSED,
    UPDATE_STATUS_VALUES, UPDATE_SUCCESS, UPDATE_SUPPLIER_ORDER_ID, UPDATE_SUPPLIER_ORDER_ID_FORM,
    UPDATE_TRANSITIONS, UPDATE_UNPAID, UPDATE_VISIBLE,
};

/// A defect, and how it is told.
#[derive(Debug)]
pub struct Mutant {
    /// The defect.
    pub defect: Defect,
    /// Its name.
    pub id: &'static str,
    /// The rule that it breaks: of several, the one that says most about it.
    pub rule: RuleId,
    /// What is wrong.
    pub title: &'static str,
}

/// Declares the defects: a variant for each, and one list.
macro_rules! defects {
    ($($variant:ident = $id:literal, $rule:ident, $title:literal;)+) => {
        /// Something that is broken on purpose.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Defect {
            $(#[doc = $title] $variant,)+
        }

        /// Everything that can be broken.
        pub const DEFECTS: &[Mutant] = &[$(Mutant {
            defect: Defect::$variant,
            id: $id,
            rule: $rule,
            title: $title,
        },)+];
    };
}

defects! {
    OtherHeader = "other-header", AUTH_HEADER, "the list expects the key in another header";
    KeyMissingAccepted = "key-missing-accepted", AUTH_INVALID_KEY, "a call without a key is the first supplier's";
    KeyUnknownUpdates = "key-unknown-updates", AUTH_INVALID_KEY, "an unknown key may update";
    KeyPrefix = "key-prefix", AUTH_INVALID_KEY, "the beginning of a key is enough";
    KeyCase = "key-case", AUTH_INVALID_KEY, "a key is compared without its case";
    KeyTrailing = "key-trailing", AUTH_INVALID_KEY, "what comes after a key is not looked at";
    KeyRevokedUpdates = "key-revoked-updates", AUTH_INVALID_KEY, "a revoked key may still update";
    KeyRevokedLists = "key-revoked-lists", AUTH_INVALID_KEY, "a revoked key may still list";
    KeyInQuery = "key-in-query", AUTH_HEADER_ONLY, "a key in the query counts";
    KeyAsBearer = "key-as-bearer", AUTH_HEADER_ONLY, "a key in `Authorization` counts";
    KeyTwice = "key-twice", AUTH_HEADER_ONLY, "of two keys the first counts";
    KeyAfterForm = "key-after-form", AUTH_FIRST, "parameters are judged before the key";
    PagesCached = "pages-cached", AUTH_NO_STORE, "caches may keep pages";
    RefusalsCached = "refusals-cached", AUTH_NO_STORE, "caches may keep refusals";

    EmptyIsNull = "empty-is-null", LIST_SHAPE, "an empty page has null for orders";
    NoOrderField = "no-order-field", LIST_SHAPE, "an order has no `order`";
    NoUserName = "no-user-name", LIST_SHAPE, "a user has no name";
    OrderIsPlace = "order-is-place", LIST_SHAPE, "`order` is the place in the page, not the number";
    IdIsText = "id-is-text", LIST_TYPES, "`id` is text";
    IdIsRounded = "id-is-rounded", LIST_TYPES, "numbers beyond 2^31 are rounded";
    NoMilliseconds = "no-milliseconds", LIST_TYPES, "`createdAt` has no milliseconds";
    OffsetInTime = "offset-in-time", LIST_TYPES, "`createdAt` ends with +00:00";
    UpperCaseIds = "upper-case-ids", LIST_TYPES, "user ids have upper-case digits";
    TypeIsProduct = "type-is-product", LIST_TYPES, "`product.type` is `product` for services too";
    PriceIsText = "price-is-text", LIST_TYPES, "prices are text";
    PriceNoise = "price-noise", LIST_TYPES, "totals have the noise of binary fractions";
    PriceRounded = "price-rounded", LIST_AMOUNTS, "prices are rounded to cents";
    TotalIsUnit = "total-is-unit", LIST_AMOUNTS, "`totalPrice` is the price of a piece";
    QuantityIsItems = "quantity-is-items", LIST_AMOUNTS, "an order's quantity is its number of items";
    UnpaidListed = "unpaid-listed", LIST_PAID_ONLY, "orders are listed before they are paid";
    RefundedListed = "refunded-listed", LIST_PAID_ONLY, "orders that were paid back are listed";
    UnpaidListedByStatus = "unpaid-listed-by-status", LIST_PAID_ONLY, "with `status`, unpaid orders are listed";
    OthersListed = "others-listed", LIST_OWN_ONLY, "orders of all suppliers are listed";
    OthersOnLaterPages = "others-on-later-pages", LIST_OWN_ONLY, "later pages have orders of other suppliers";
    OthersByStatus = "others-by-status", LIST_OWN_ONLY, "with `status`, orders of other suppliers are listed";
    SharedToFirst = "shared-to-first", LIST_OWN_ONLY, "a shared order reaches the first of its suppliers only";
    AllItemsShown = "all-items-shown", LIST_OWN_ITEMS, "the other supplier's items of a shared order are shown";
    StatusIgnored = "status-ignored", LIST_STATUS, "`status` does not filter";
    SecondStatusIgnored = "second-status-ignored", LIST_STATUS, "of several statuses only the first counts";
    ThirdStatusIgnored = "third-status-ignored", LIST_STATUS, "of several statuses only the first two count";
    OpenByDefault = "open-by-default", LIST_STATUS_DEFAULT, "without `status` only open orders are listed";
    ErrorHiddenByDefault = "error-hidden-by-default", LIST_STATUS_DEFAULT, "without `status` orders in error are left out";
    ManualByDefault = "manual-by-default", LIST_PRODUCT_TYPE, "manual orders come without being asked for";
    AutoWithManual = "auto-with-manual", LIST_PRODUCT_TYPE, "`productType=manual` brings auto orders too";
    InventoryIsAuto = "inventory-is-auto", LIST_PRODUCT_TYPE_VALUES, "`inventory` brings auto orders";
    EntityIgnored = "entity-ignored", LIST_ENTITY_TYPE, "`entityType` does not filter";
    ServicesUnfiltered = "services-unfiltered", LIST_ENTITY_TYPE, "`entityType=smm_service` brings everything";
    CategoryIgnored = "category-ignored", LIST_SUB_CATEGORY, "`subCategory` does not filter";
    CategoryNotDecoded = "category-not-decoded", LIST_SUB_CATEGORY, "`subCategory` is compared percent-encoded";
    CategoryCase = "category-case", LIST_SUB_CATEGORY_MATCH, "`subCategory` is compared without its case";
    CategoryPrefix = "category-prefix", LIST_SUB_CATEGORY_MATCH, "the beginning of a subcategory is enough";
    LimitOneFewer = "limit-one-fewer", LIST_LIMIT, "a page holds one order fewer than it could";
    LimitOneMore = "limit-one-more", LIST_LIMIT, "a page holds one order more than `limit`";
    LimitBeforeFilter = "limit-before-filter", LIST_LIMIT, "`limit` counts withheld orders too";
    Default20 = "default-20", LIST_LIMIT_DEFAULT, "without `limit` a page holds 20";
    Default100 = "default-100", LIST_LIMIT_DEFAULT, "without `limit` a page holds 100";
    NoMost = "no-most", LIST_LIMIT_MAX, "`limit=1000` brings 1000";
    Most250 = "most-250", LIST_LIMIT, "no page holds more than 250";
    LimitZeroTaken = "limit-zero-taken", LIST_LIMIT_RANGE, "`limit=0` brings everything";
    OffsetOneMore = "offset-one-more", LIST_OFFSET, "`offset` skips one order too many";
    OffsetIgnored = "offset-ignored", LIST_OFFSET, "`offset` is ignored";
    OffsetInPages = "offset-in-pages", LIST_OFFSET, "`offset` counts pages";
    OffsetPastEndFails = "offset-past-end-fails", LIST_OFFSET, "an offset past the end is refused";
    NegativeOffset = "negative-offset", LIST_OFFSET_RANGE, "a negative `offset` is 0";
    CountIsTotal = "count-is-total", LIST_COUNT, "`count` is the number of matching orders";
    TotalIsCount = "total-is-count", LIST_TOTAL, "`total` is the number of orders in the page";
    TotalUnfiltered = "total-unfiltered", LIST_TOTAL, "`total` counts what filters leave out";
    TotalBehindOffset = "total-behind-offset", LIST_TOTAL, "`total` counts what is behind `offset`";
    TotalWithWithheld = "total-with-withheld", LIST_TOTAL_WITHHELD, "`total` counts withheld orders";
    TwiceInPage = "twice-in-page", LIST_NO_DUPLICATES, "the first order of a page stands there twice";
    NewestFirst = "newest-first", LIST_ORDER, "the newest orders come first";
    NoWindow = "no-window", LIST_WINDOW, "nothing is withheld";
    Window15 = "window-15", LIST_WINDOW, "the window is 15 minutes";
    Window29 = "window-29", LIST_WINDOW, "the window is 29 minutes";
    Window45 = "window-45", LIST_WINDOW_END, "the window is 45 minutes";
    Window31 = "window-31", LIST_WINDOW_END, "the window is 31 minutes";
    NeverBack = "never-back", LIST_WINDOW_END, "an order is handed out once, ever";
    BackOnce = "back-once", LIST_WINDOW_END, "an order comes back once, and not again";
    WithheldOnce = "withheld-once", LIST_WINDOW, "an order that came back is not withheld again";
    WindowByFilter = "window-by-filter", LIST_WINDOW_SCOPE, "another `status` brings withheld orders";
    WindowByKey = "window-by-key", LIST_WINDOW_SCOPE, "another key brings withheld orders";
    UpdateEndsWindow = "update-ends-window", LIST_WINDOW_SCOPE, "an update ends the window";
    UpdateExtendsWindow = "update-extends-window", LIST_WINDOW_SCOPE, "an update begins the window anew";
    ServicesNotWithheld = "services-not-withheld", LIST_WINDOW_SCOPE, "orders of services are not withheld";
    AutoNotWithheld = "auto-not-withheld", LIST_WINDOW_SCOPE, "auto orders are not withheld";
    CompletedNotWithheld = "completed-not-withheld", LIST_WINDOW_SCOPE, "completed orders are not withheld";
    WithheldByMatch = "withheld-by-match", LIST_WINDOW_PAGE, "all that match are withheld, not only the page";
    SkippedWithheld = "skipped-withheld", LIST_WINDOW_PAGE, "what `offset` skips is withheld";
    FailedCallWithholds = "failed-call-withholds", LIST_WINDOW_PAGE, "a refused call withholds what its page would have held";
    WindowForBoth = "window-for-both", LIST_WINDOW_PAGE, "what one supplier was handed is withheld from the other";
    RacePolls = "race-polls", LIST_WINDOW_RACE, "calls at the same time are handed the same orders";
    UnknownStatusIgnored = "unknown-status-ignored", LIST_VALUES, "an unknown status is no error";
    BlankIgnored = "blank-ignored", LIST_VALUES, "an empty value is as if left out";
    UnknownParameterRefused = "unknown-parameter-refused", LIST_VALUES, "an unknown parameter is refused";

    OrderMissingAccepted = "order-missing-accepted", UPDATE_ORDER_REQUIRED, "an update without `order` succeeds";
    OrderMissingFails = "order-missing-fails", ERROR_NO_5XX, "an update without `order` is answered 500";
    OrderAsText = "order-as-text", UPDATE_ORDER_NUMBER, "the number may be text";
    StatusNeeded = "status-needed", UPDATE_OPTIONAL_FIELDS, "an update without `status` is refused";
    LeftOutIsReset = "left-out-is-reset", UPDATE_OPTIONAL_FIELDS, "an id that is left out is taken away";
    NullRefused = "null-refused", UPDATE_NULL, "null is refused";
    PartialUnknown = "partial-unknown", UPDATE_STATUS_VALUES, "`partial` is no status";
    PendingUnknown = "pending-unknown", UPDATE_STATUS_VALUES, "`pending` cannot be set";
    CancelledIsError = "cancelled-is-error", UPDATE_STATUS_VALUES, "`cancelled` becomes `error`";
    UnknownStatusTaken = "unknown-status-taken", UPDATE_STATUS_REFUSED, "any status is taken";
    UnknownStatusApplied = "unknown-status-applied", UPDATE_STATUS_REFUSED, "a status is refused and set all the same";
    NoWayBack = "no-way-back", UPDATE_TRANSITIONS, "a completed order stays completed";
    AutoRefused = "auto-refused", UPDATE_TRANSITIONS, "auto orders cannot be updated";
    UnknownIsDenied = "unknown-is-denied", UPDATE_NOT_FOUND, "an unknown order is `ACCESS_DENIED`";
    UnknownSucceeds = "unknown-succeeds", UPDATE_NOT_FOUND, "an unknown order succeeds";
    UnpaidUpdated = "unpaid-updated", UPDATE_UNPAID, "an unpaid order may be updated";
    OthersUpdated = "others-updated", UPDATE_ACCESS_DENIED, "anybody's order may be updated";
    OthersUpdatedQuietly = "others-updated-quietly", UPDATE_ACCESS_DENIED, "another's order is refused and updated all the same";
    OthersNotFound = "others-not-found", UPDATE_ACCESS_DENIED, "another's order is `ORDER_NOT_FOUND`";
    AccountsAsText = "accounts-as-text", UPDATE_ACCOUNTS, "`accounts` may be text";
    EmailRefused = "email-refused", UPDATE_ACCOUNTS, "accounts with an e-mail address are dropped";
    AccountLost = "account-lost", UPDATE_ACCOUNTS, "the last account of a delivery is lost";
    ColonDropped = "colon-dropped", UPDATE_ACCOUNTS_VALID, "a password with a colon is dropped";
    OneBadRefusesAll = "one-bad-refuses-all", UPDATE_ACCOUNTS_VALID, "one entry that is no account refuses them all";
    NotTrimmed = "not-trimmed", UPDATE_ACCOUNTS_VALID, "blank halves make an account";
    AccountsCut = "accounts-cut", UPDATE_ACCOUNTS_CAP, "of more than 10,000 accounts the rest is left out";
    TwiceDelivered = "twice-delivered", UPDATE_ACCOUNTS_DEDUP, "an account that stands there twice counts twice";
    RetryCountsTwice = "retry-counts-twice", UPDATE_ACCOUNTS_DEDUP_SCOPE, "what the order has is delivered again";
    OncePerSupplier = "once-per-supplier", UPDATE_ACCOUNTS_DEDUP_SCOPE, "an account may go to one order only";
    EmptyAccepted = "empty-accepted", UPDATE_INVALID_ACCOUNTS, "an empty list of accounts succeeds";
    BlanksAccepted = "blanks-accepted", UPDATE_INVALID_ACCOUNTS, "a list of blanks succeeds";
    ResubmissionAccepted = "resubmission-accepted", UPDATE_RESUBMISSION, "resubmitting what the order has succeeds";
    ServiceRefused = "service-refused", UPDATE_ACCOUNTS_KIND, "accounts for a service are refused";
    IdNotKept = "id-not-kept", UPDATE_SUPPLIER_ORDER_ID, "`supplierOrderId` is not kept";
    IdRefused = "id-refused", UPDATE_SUPPLIER_ORDER_ID, "`supplierOrderId` is refused";
    FirstIdStands = "first-id-stands", UPDATE_SUPPLIER_ORDER_ID_FORM, "the first `supplierOrderId` stands";
    LongIdTaken = "long-id-taken", UPDATE_SUPPLIER_ORDER_ID_FORM, "`supplierOrderId` may be longer than 255";
    BytesCounted = "bytes-counted", UPDATE_SUPPLIER_ORDER_ID_FORM, "bytes of `supplierOrderId` are counted, not characters";
    NotAtOnce = "not-at-once", UPDATE_INCREMENTAL, "an order cannot be completed that is not being processed";
    NoLaterCompletion = "no-later-completion", UPDATE_INCREMENTAL, "an order that is being processed cannot be completed";
    PartialIsFinal = "partial-is-final", UPDATE_PARTIAL, "after `partial` no account is taken";
    PartialNeedsAll = "partial-needs-all", UPDATE_PARTIAL, "`partial` with fewer accounts is refused";
    FewerRefused = "fewer-refused", UPDATE_ANY_COUNT, "`completed` with fewer accounts than the quantity is refused";
    MoreRefused = "more-refused", UPDATE_ANY_COUNT, "more accounts than the quantity are refused";
    AccountsComplete = "accounts-complete", UPDATE_NO_AUTO_STATUS, "accounts set the status to `completed`";
    AllAccountsComplete = "all-accounts-complete", UPDATE_NO_AUTO_STATUS, "an order with all its accounts is completed";
    NoBody = "no-body", UPDATE_SUCCESS, "a success has no body";
    SuccessIsText = "success-is-text", UPDATE_SUCCESS, "a success is text";
    NoAccountsDelivered = "no-accounts-delivered", UPDATE_RESPONSE, "the answer has no `accountsDelivered`";
    NotVisible = "not-visible", UPDATE_VISIBLE, "an update does not show in later pages";
    UpdateLost = "update-lost", UPDATE_VISIBLE, "of updates at the same time, one is lost";
    AccountsLose = "accounts-lose", UPDATE_OPTIONAL_FIELDS, "with accounts, the status is not looked at";
    HalfDone = "half-done", UPDATE_ATOMIC, "a status is set though the accounts are refused";
    PasswordEchoed = "password-echoed", UPDATE_SECRET, "the answer shows accounts";

    ErrorNested = "error-nested", ERROR_ENVELOPE, "errors are `{error: {code, message}}`";
    ErrorIsText = "error-is-text", ERROR_ENVELOPE, "errors are text";
    ErrorTyped = "error-typed", ERROR_ENVELOPE, "errors are JSON that says that it is HTML";
    ErrorIs200 = "error-is-200", ERROR_ENVELOPE, "documented errors come with 200";
    MessageOfKey = "message-of-key", ERROR_MESSAGES, "the message of `INVALID_API_KEY` has a full stop";
    MessageOfOrder = "message-of-order", ERROR_MESSAGES, "the message of `ORDER_NOT_FOUND` names the order";
    MessageOfAccess = "message-of-access", ERROR_MESSAGES, "the message of `ACCESS_DENIED` is another";
    MessageOfAccounts = "message-of-accounts", ERROR_MESSAGES, "the message of `INVALID_ACCOUNTS` is another";
    KeyIs403 = "key-is-403", ERROR_STATUS, "`INVALID_API_KEY` comes with 403";
    FormIs422 = "form-is-422", ERROR_STATUS, "`INVALID_REQUEST` comes with 422";
    FirstDetailOnly = "first-detail-only", ERROR_DETAILS, "only the first thing that is wrong is named";
    AccessFirst = "access-first", ERROR_PRECEDENCE, "whose an order is comes before the form";
    NoAllow = "no-allow", ERROR_TRANSPORT, "405 has no `Allow`";
    HeadHandsOut = "head-hands-out", ERROR_TRANSPORT, "HEAD hands orders out";
    AnyContentType = "any-content-type", ERROR_TRANSPORT, "any content type is taken";
    NoSizeLimit = "no-size-limit", ERROR_TRANSPORT, "a body may be of any size";
    DeepBodyCloses = "deep-body-closes", ERROR_NO_5XX, "a deeply nested body ends the connection";
    BadJsonFails = "bad-json-fails", ERROR_NO_5XX, "a body that is no JSON is answered 500";
    NulFails = "nul-fails", ERROR_NO_5XX, "a text with a NUL is answered 500";
    Every37thFails = "every-37th-fails", ERROR_NO_5XX, "every 37th answer is 500";
    Every37thCounts = "every-37th-counts", LIST_COUNT, "every 37th page counts one order too many";
    HugeOffsetFails = "huge-offset-fails", ERROR_NO_5XX, "an `offset` beyond 64 bits is answered 500";
}
