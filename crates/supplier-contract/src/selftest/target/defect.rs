//! The defects that the self-test plants.

use supplier_rulebook::{self as rulebook, RuleId};

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
            rule: rulebook::$rule,
            title: $title,
        },)+];
    };
}

defects! {
    OtherHeader = "other-header", AUTH_HEADER, "the list expects the key in another header";
    KeyNameCase = "key-name-case", AUTH_HEADER, "the key's header is known in one spelling of upper and lower case only";
    KeyMissingAccepted = "key-missing-accepted", AUTH_INVALID_KEY, "a call without a key is the first supplier's";
    KeyUnknownUpdates = "key-unknown-updates", AUTH_INVALID_KEY, "an unknown key may update";
    KeyPrefix = "key-prefix", AUTH_INVALID_KEY, "the beginning of a key is enough";
    KeyCase = "key-case", AUTH_INVALID_KEY, "a key is compared without its case";
    KeyTrailing = "key-trailing", AUTH_INVALID_KEY, "what comes after a key is not looked at";
    KeyWildcard = "key-wildcard", AUTH_INVALID_KEY, "a key is looked up with wildcards: `%` is any key";
    KeyRevokedUpdates = "key-revoked-updates", AUTH_INVALID_KEY, "a revoked key may still update";
    KeyRevokedLists = "key-revoked-lists", AUTH_INVALID_KEY, "a revoked key may still list";
    KeyFirstUseKept = "key-first-use-kept", AUTH_INVALID_KEY, "a key that was used once is cached, and outlives its revocation";
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
    BomFirst = "bom-first", LIST_SHAPE, "a page begins with a byte order mark";
    FirstItemOnly = "first-item-only", LIST_SHAPE, "of an order's own items only the first is shown";
    AcceptRefused = "accept-refused", LIST_SHAPE, "`Accept` with several types is refused";
    GzipSaid = "gzip-said", LIST_SHAPE, "an answer says that it is gzip, and is not";
    IdIsText = "id-is-text", LIST_TYPES, "`id` is text";
    NumbersAreText = "numbers-are-text", LIST_TYPES, "`id` and `order` are text";
    IdIsRounded = "id-is-rounded", LIST_TYPES, "numbers beyond 2^31 are rounded";
    IdWraps = "id-wraps", LIST_TYPES, "numbers beyond 2^31 are shown negative";
    BigNotFound = "big-not-found", LIST_TYPES, "an order beyond 2^31 cannot be updated";
    CreatedEast = "created-east", LIST_TYPES, "`createdAt` is local time, two hours ahead, and ends with Z";
    CreatedWest = "created-west", LIST_TYPES, "`createdAt` is local time, five hours behind, and ends with Z";
    CreatedIsUpdated = "created-is-updated", LIST_TYPES, "`createdAt` is the time of the last update";
    NoMilliseconds = "no-milliseconds", LIST_TYPES, "`createdAt` has no milliseconds";
    OffsetInTime = "offset-in-time", LIST_TYPES, "`createdAt` ends with +00:00";
    UpperCaseIds = "upper-case-ids", LIST_TYPES, "user ids have upper-case digits";
    TypeIsProduct = "type-is-product", LIST_TYPES, "`product.type` is `product` for services too";
    PriceIsText = "price-is-text", LIST_TYPES, "prices are text";
    PriceNoise = "price-noise", LIST_TYPES, "totals have the noise of binary fractions";
    PriceRounded = "price-rounded", LIST_PRICE_DECIMALS, "prices are rounded to cents";
    PriceCut = "price-cut", LIST_PRICE_DECIMALS, "prices are cut off behind two decimals";
    TotalOverflows = "total-overflows", LIST_AMOUNTS, "large totals wrap around at 32 bits";
    QuantityIsRemaining = "quantity-is-remaining", LIST_AMOUNTS, "the quantity shrinks by what was delivered";
    TotalIsUnit = "total-is-unit", LIST_AMOUNTS, "`totalPrice` is the price of a piece";
    QuantityIsItems = "quantity-is-items", LIST_AMOUNTS, "an order's quantity is its number of items";
    UnpaidListed = "unpaid-listed", LIST_PAID_ONLY, "orders are listed before they are paid";
    RefundedListed = "refunded-listed", LIST_PAID_ONLY, "orders that were paid back are listed";
    UnpaidListedByStatus = "unpaid-listed-by-status", LIST_PAID_ONLY, "with `status`, unpaid orders are listed";
    FailedListed = "failed-listed", LIST_PAID_ONLY, "orders whose payment failed are listed";
    UnpaidByEntity = "unpaid-by-entity", LIST_PAID_ONLY, "with `entityType`, unpaid orders are listed";
    UnpaidByCategory = "unpaid-by-category", LIST_PAID_ONLY, "with `subCategory`, unpaid orders are listed";
    OthersListed = "others-listed", LIST_OWN_ONLY, "orders of all suppliers are listed";
    OthersOnLaterPages = "others-on-later-pages", LIST_OWN_ONLY, "later pages have orders of other suppliers";
    OthersByStatus = "others-by-status", LIST_OWN_ONLY, "with `status`, orders of other suppliers are listed";
    OthersByEntity = "others-by-entity", LIST_OWN_ONLY, "with `entityType`, orders of other suppliers are listed";
    OthersByCategory = "others-by-category", LIST_OWN_ONLY, "with `subCategory`, orders of other suppliers are listed";
    CachedForAll = "cached-for-all", LIST_OWN_ONLY, "pages are cached by their URL, whoever asks";
    SharedToFirst = "shared-to-first", LIST_OWN_ONLY, "a shared order reaches the first of its suppliers only";
    AllItemsShown = "all-items-shown", LIST_OWN_ITEMS, "the other supplier's items of a shared order are shown";
    FiltersAcrossItems = "filters-across-items", LIST_OWN_ITEMS, "one item may fit one filter, and another item the other";
    FiltersByOthers = "filters-by-others", LIST_OWN_ITEMS, "filters look at the other supplier's items too";
    StatusIgnored = "status-ignored", LIST_STATUS, "`status` does not filter";
    SecondStatusIgnored = "second-status-ignored", LIST_STATUS, "of several statuses only the first counts";
    ThirdStatusIgnored = "third-status-ignored", LIST_STATUS, "of several statuses only the first two count";
    CommaEncoded = "comma-encoded", LIST_STATUS, "a comma that is percent-encoded does not separate statuses";
    StatusOrEntity = "status-or-entity", LIST_STATUS, "an order is listed that fits `status` or `entityType`";
    OpenByDefault = "open-by-default", LIST_STATUS_DEFAULT, "without `status` only open orders are listed";
    ErrorHiddenByDefault = "error-hidden-by-default", LIST_STATUS_DEFAULT, "without `status` orders in error are left out";
    ManualByDefault = "manual-by-default", LIST_PRODUCT_TYPE, "manual orders come without being asked for";
    AutoWithManual = "auto-with-manual", LIST_PRODUCT_TYPE, "`productType=manual` brings auto orders too";
    InventoryIsAuto = "inventory-is-auto", LIST_PRODUCT_TYPE_VALUES, "`inventory` brings auto orders";
    EntityIgnored = "entity-ignored", LIST_ENTITY_TYPE, "`entityType` does not filter";
    ServicesUnfiltered = "services-unfiltered", LIST_ENTITY_TYPE, "`entityType=smm_service` brings everything";
    FirstItemFiltered = "first-item-filtered", LIST_ENTITY_TYPE, "`entityType` looks at an order's first item only";
    CategoryIgnored = "category-ignored", LIST_SUB_CATEGORY, "`subCategory` does not filter";
    CategoryNotDecoded = "category-not-decoded", LIST_SUB_CATEGORY, "`subCategory` is compared percent-encoded";
    CategoryLike = "category-like", LIST_SUB_CATEGORY, "in `subCategory`, `_` and `%` are wildcards";
    CategoryPattern = "category-pattern", LIST_SUB_CATEGORY, "`subCategory` is a pattern: a dot is any character";
    CategoryComma = "category-comma", LIST_SUB_CATEGORY, "`subCategory` is split at commas";
    CategoryCase = "category-case", LIST_SUB_CATEGORY_MATCH, "`subCategory` is compared without its case";
    CategoryPrefix = "category-prefix", LIST_SUB_CATEGORY_MATCH, "the beginning of a subcategory is enough";
    CategoryAccent = "category-accent", LIST_SUB_CATEGORY_MATCH, "`subCategory` is compared without accents";
    LimitOneFewer = "limit-one-fewer", LIST_LIMIT, "a page holds one order fewer than it could";
    LimitOneMore = "limit-one-more", LIST_LIMIT, "a page holds one order more than `limit`";
    LimitBeforeFilter = "limit-before-filter", LIST_LIMIT, "`limit` counts withheld orders too";
    LimitExact = "limit-exact", LIST_LIMIT, "where just `limit` orders match, one is left out";
    Most499 = "most-499", LIST_LIMIT, "`limit=500` brings 499";
    FreeLeftOut = "free-left-out", LIST_LIMIT, "orders of price 0 are not listed";
    OldLeftOut = "old-left-out", LIST_LIMIT, "orders that are older than 30 days are not listed";
    JoinLimit = "join-limit", LIST_LIMIT, "`limit` counts items, not orders";
    Default20 = "default-20", LIST_LIMIT_DEFAULT, "without `limit` a page holds 20";
    Default100 = "default-100", LIST_LIMIT_DEFAULT, "without `limit` a page holds 100";
    NoMost = "no-most", LIST_LIMIT_MAX, "`limit=1000` brings 1000";
    Most250 = "most-250", LIST_LIMIT, "no page holds more than 250";
    LimitZeroTaken = "limit-zero-taken", LIST_LIMIT_RANGE, "`limit=0` brings everything";
    OffsetOneMore = "offset-one-more", LIST_OFFSET, "`offset` skips one order too many";
    OffsetIgnored = "offset-ignored", LIST_OFFSET, "`offset` is ignored";
    OffsetInPages = "offset-in-pages", LIST_OFFSET, "`offset` counts pages";
    OffsetCountsWithheld = "offset-counts-withheld", LIST_OFFSET, "`offset` skips withheld orders too";
    OffsetPastEndFails = "offset-past-end-fails", LIST_OFFSET, "an offset past the end is refused";
    OffsetAtEndFails = "offset-at-end-fails", LIST_OFFSET, "an offset just at the end is refused";
    NegativeOffset = "negative-offset", LIST_OFFSET_RANGE, "a negative `offset` is 0";
    CountIsTotal = "count-is-total", LIST_COUNT, "`count` is the number of matching orders";
    TotalIsCount = "total-is-count", LIST_TOTAL, "`total` is the number of orders in the page";
    TotalUnfiltered = "total-unfiltered", LIST_TOTAL, "`total` counts what filters leave out";
    TotalBehindOffset = "total-behind-offset", LIST_TOTAL, "`total` counts what is behind `offset`";
    TotalCapped = "total-capped", LIST_TOTAL, "`total` is 500 at most";
    UnpaidInTotal = "unpaid-in-total", LIST_TOTAL, "`total` counts unpaid orders";
    OthersInTotal = "others-in-total", LIST_TOTAL, "`total` counts orders of other suppliers";
    ItemsInTotal = "items-in-total", LIST_TOTAL, "`total` counts items, not orders";
    TotalWithWithheld = "total-with-withheld", LIST_TOTAL_WITHHELD, "`total` counts withheld orders";
    TwiceInPage = "twice-in-page", LIST_NO_DUPLICATES, "the first order of a page stands there twice";
    JoinTwice = "join-twice", LIST_NO_DUPLICATES, "an order of two items stands in a page twice";
    NewestFirst = "newest-first", LIST_ORDER, "the newest orders come first";
    SortByText = "sort-by-text", LIST_ORDER, "numbers are sorted as text";
    SortByUpdate = "sort-by-update", LIST_ORDER, "an order that was updated goes to the end";
    NoWindow = "no-window", LIST_WINDOW, "nothing is withheld";
    Window15 = "window-15", LIST_WINDOW, "the window is 15 minutes";
    Window29 = "window-29", LIST_WINDOW, "the window is 29 minutes";
    Window1799 = "window-1799", LIST_WINDOW, "the window is a tenth of a second short";
    WindowWholeSeconds = "window-whole-seconds", LIST_WINDOW, "the window begins with the second in which the order was handed out";
    HalfHours = "half-hours", LIST_WINDOW, "what is withheld is let go at each full and half hour";
    MidnightForgets = "midnight-forgets", LIST_WINDOW, "at midnight nothing is withheld any more";
    FromCreation = "from-creation", LIST_WINDOW, "the window begins when the order is placed";
    Withheld100 = "withheld-100", LIST_WINDOW, "only the last 100 orders that were handed out are withheld";
    Every50thFree = "every-50th-free", LIST_WINDOW, "every 50th order is not withheld";
    PageCached = "page-cached", LIST_WINDOW, "the same call is answered from a cache for a second";
    Window45 = "window-45", LIST_WINDOW_END, "the window is 45 minutes";
    Window31 = "window-31", LIST_WINDOW_END, "the window is 31 minutes";
    Window1801 = "window-1801", LIST_WINDOW_END, "the window is a tenth of a second long";
    WindowRoundsUp = "window-rounds-up", LIST_WINDOW_END, "the window ends with the second after it";
    MidnightKeeps = "midnight-keeps", LIST_WINDOW_END, "what is withheld over midnight stays so for a day";
    PollExtends = "poll-extends", LIST_WINDOW_END, "a poll begins the window of withheld orders anew";
    NeverBack = "never-back", LIST_WINDOW_END, "an order is handed out once, ever";
    BackOnce = "back-once", LIST_WINDOW_END, "an order comes back once, and not again";
    BackFour = "back-four", LIST_WINDOW_END, "an order comes back four times, and not again";
    WithheldOnce = "withheld-once", LIST_WINDOW, "an order that came back is not withheld again";
    WindowByFilter = "window-by-filter", LIST_WINDOW_SCOPE, "another `status` brings withheld orders";
    WindowByKey = "window-by-key", LIST_WINDOW_SCOPE, "another key brings withheld orders";
    UpdateEndsWindow = "update-ends-window", LIST_WINDOW_SCOPE, "an update ends the window";
    UpdateExtendsWindow = "update-extends-window", LIST_WINDOW_SCOPE, "an update begins the window anew";
    CancelEndsWindow = "cancel-ends-window", LIST_WINDOW_SCOPE, "`cancelled` ends the window";
    ServicesNotWithheld = "services-not-withheld", LIST_WINDOW_SCOPE, "orders of services are not withheld";
    AutoNotWithheld = "auto-not-withheld", LIST_WINDOW_SCOPE, "auto orders are not withheld";
    CompletedNotWithheld = "completed-not-withheld", LIST_WINDOW_SCOPE, "completed orders are not withheld";
    WithheldByMatch = "withheld-by-match", LIST_WINDOW_PAGE, "all that match are withheld, not only the page";
    SkippedWithheld = "skipped-withheld", LIST_WINDOW_PAGE, "what `offset` skips is withheld";
    FailedCallWithholds = "failed-call-withholds", LIST_WINDOW_PAGE, "a refused call withholds what its page would have held";
    WindowForBoth = "window-for-both", LIST_WINDOW_PAGE, "what one supplier was handed is withheld from the other";
    RacePolls = "race-polls", LIST_WINDOW_RACE, "calls at the same time are handed the same orders";
    RaceFilters = "race-filters", LIST_WINDOW_RACE, "calls at the same time with other filters are handed the same orders";
    UnknownStatusIgnored = "unknown-status-ignored", LIST_VALUES, "an unknown status is no error";
    BlankIgnored = "blank-ignored", LIST_VALUES, "an empty value is as if left out";
    UnknownParameterRefused = "unknown-parameter-refused", LIST_VALUES, "an unknown parameter is refused";

    OrderMissingAccepted = "order-missing-accepted", UPDATE_ORDER_REQUIRED, "an update without `order` succeeds";
    OrderMissingFails = "order-missing-fails", ERROR_NO_5XX, "an update without `order` is answered 500";
    OrderAsText = "order-as-text", UPDATE_ORDER_NUMBER, "the number may be text";
    OrderParsed = "order-parsed", UPDATE_ORDER_NUMBER, "of a text the digits in front are the number";
    OrderFloored = "order-floored", UPDATE_ORDER_NUMBER, "a fraction is cut off";
    OrderUnpacked = "order-unpacked", UPDATE_ORDER_NUMBER, "a list of one number is that number";
    TrueIsOne = "true-is-one", UPDATE_ORDER_NUMBER, "true is the order 1";
    StatusNeeded = "status-needed", UPDATE_OPTIONAL_FIELDS, "an update without `status` is refused";
    LeftOutIsReset = "left-out-is-reset", UPDATE_OPTIONAL_FIELDS, "an id that is left out is taken away";
    MassAssignment = "mass-assignment", UPDATE_OPTIONAL_FIELDS, "an update sets any field of the order that it names";
    NullRefused = "null-refused", UPDATE_NULL, "null is refused";
    PartialUnknown = "partial-unknown", UPDATE_STATUS_VALUES, "`partial` is no status";
    PendingUnknown = "pending-unknown", UPDATE_STATUS_VALUES, "`pending` cannot be set";
    NeedsPoll = "needs-poll", UPDATE_STATUS_VALUES, "an order can be updated once it was handed out";
    CancelledIsError = "cancelled-is-error", UPDATE_STATUS_VALUES, "`cancelled` becomes `error`";
    UnknownStatusTaken = "unknown-status-taken", UPDATE_STATUS_REFUSED, "any status is taken";
    UnknownStatusApplied = "unknown-status-applied", UPDATE_STATUS_REFUSED, "a status is refused and set all the same";
    NoWayBack = "no-way-back", UPDATE_TRANSITIONS, "a completed order stays completed";
    SameStatusRefused = "same-status-refused", UPDATE_TRANSITIONS, "the status that the order has is refused";
    ClosedTakesNone = "closed-takes-none", UPDATE_TRANSITIONS, "a closed order takes no accounts";
    AutoRefused = "auto-refused", UPDATE_TRANSITIONS, "auto orders cannot be updated";
    UnknownIsDenied = "unknown-is-denied", UPDATE_NOT_FOUND, "an unknown order is `ACCESS_DENIED`";
    UnknownSucceeds = "unknown-succeeds", UPDATE_NOT_FOUND, "an unknown order succeeds";
    OldNotFound = "old-not-found", UPDATE_NOT_FOUND, "orders that are older than 90 days are not found";
    Number32 = "number-32", UPDATE_NOT_FOUND, "of a number the lower 32 bits count";
    NumberSingle = "number-single", UPDATE_NOT_FOUND, "a number is held in single precision";
    NumberPrefix = "number-prefix", UPDATE_NOT_FOUND, "the beginning of a number finds an order";
    NumberAbsolute = "number-absolute", UPDATE_NOT_FOUND, "the sign of a number does not count";
    UnpaidUpdated = "unpaid-updated", UPDATE_UNPAID, "an unpaid order may be updated";
    FailedUpdated = "failed-updated", UPDATE_UNPAID, "an order whose payment failed may be updated";
    OthersUpdated = "others-updated", UPDATE_ACCESS_DENIED, "anybody's order may be updated";
    OthersUpdatedQuietly = "others-updated-quietly", UPDATE_ACCESS_DENIED, "another's order is refused and updated all the same";
    SharedDenied = "shared-denied", UPDATE_ACCESS_DENIED, "a shared order can be updated by the first of its suppliers only";
    OthersNotFound = "others-not-found", UPDATE_ACCESS_DENIED, "another's order is `ORDER_NOT_FOUND`";
    AccountsAsText = "accounts-as-text", UPDATE_ACCOUNTS, "`accounts` may be text";
    EmailRefused = "email-refused", UPDATE_ACCOUNTS, "accounts with an e-mail address are dropped";
    AccountLost = "account-lost", UPDATE_ACCOUNTS, "the last account of a delivery is lost";
    AccountsReplaced = "accounts-replaced", UPDATE_ACCOUNTS, "a delivery takes the place of the one before";
    Body100K = "body-100k", UPDATE_ACCOUNTS, "a body may have 100 KB only";
    Cut1000 = "cut-1000", UPDATE_ACCOUNTS, "of more than 1,000 accounts the rest is left out";
    CaseFolded = "case-folded", UPDATE_ACCOUNTS_DISTINCT, "accounts are compared without their case";
    LoginOnly = "login-only", UPDATE_ACCOUNTS_DISTINCT, "accounts of one login are one account";
    SecondColonCut = "second-colon-cut", UPDATE_ACCOUNTS_DISTINCT, "what is behind a second colon is lost";
    Composed = "composed", UPDATE_ACCOUNTS_DISTINCT, "composed and decomposed letters are the same";
    AccentFolded = "accent-folded", UPDATE_ACCOUNTS_DISTINCT, "accounts are compared without accents";
    EmojiFolded = "emoji-folded", UPDATE_ACCOUNTS_DISTINCT, "all characters beyond 16 bits are the same";
    SpacesSquashed = "spaces-squashed", UPDATE_ACCOUNTS_DISTINCT, "spaces within accounts do not count";
    LinesSplit = "lines-split", UPDATE_ACCOUNTS_DISTINCT, "accounts are kept as lines of a text";
    CommasSplit = "commas-split", UPDATE_ACCOUNTS_DISTINCT, "accounts are kept in a text, with commas between";
    Cut255 = "cut-255", UPDATE_ACCOUNTS_DISTINCT, "an account is cut off behind 255 characters";
    LoginLowered = "login-lowered", UPDATE_ACCOUNTS_DISTINCT, "accounts are kept in lower case";
    AccountEscaped = "account-escaped", UPDATE_ACCOUNTS_DISTINCT, "accounts are kept with HTML's escapes";
    PasswordLost = "password-lost", UPDATE_ACCOUNTS_DISTINCT, "only the logins of accounts are kept";
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
    IdIsNumber = "id-is-number", UPDATE_SUPPLIER_ORDER_ID, "a `supplierOrderId` of digits is kept as a number";
    IdUnique = "id-unique", UPDATE_SUPPLIER_ORDER_ID, "two orders cannot have one `supplierOrderId`";
    IdCut50 = "id-cut-50", UPDATE_SUPPLIER_ORDER_ID, "`supplierOrderId` is cut off behind 50 characters";
    IdEscaped = "id-escaped", UPDATE_SUPPLIER_ORDER_ID, "`supplierOrderId` is kept with HTML's escapes";
    IdAscii = "id-ascii", UPDATE_SUPPLIER_ORDER_ID, "of `supplierOrderId` only ASCII is kept";
    IdOnce = "id-once", UPDATE_SUPPLIER_ORDER_ID_FORM, "a second `supplierOrderId` is refused";
    FirstIdStands = "first-id-stands", UPDATE_SUPPLIER_ORDER_ID_FORM, "the first `supplierOrderId` stands";
    LongIdTaken = "long-id-taken", UPDATE_SUPPLIER_ORDER_ID_FORM, "`supplierOrderId` may be longer than 255";
    BytesCounted = "bytes-counted", UPDATE_SUPPLIER_ORDER_ID_FORM, "bytes of `supplierOrderId` are counted, not characters";
    PagesAscii = "pages-ascii", UPDATE_SUPPLIER_ORDER_ID_FORM, "pages have question marks for letters that are no ASCII";
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
    CharsetRefused = "charset-refused", UPDATE_SUCCESS, "`application/json; charset=utf-8` is refused";
    LateRefused = "late-refused", UPDATE_SUCCESS, "an order whose window is over cannot be updated";
    TenthRefused = "tenth-refused", UPDATE_SUCCESS, "the tenth update of an order is refused";
    AnswersOld = "answers-old", UPDATE_RESPONSE_CURRENT, "an update answers the order as it was";
    AnswersOldCount = "answers-old-count", UPDATE_RESPONSE_CURRENT, "an update answers how many accounts there were";
    NoAccountsDelivered = "no-accounts-delivered", UPDATE_RESPONSE, "the answer has no `accountsDelivered`";
    DeliveredIsLast = "delivered-is-last", UPDATE_RESPONSE, "`accountsDelivered` is how many accounts came with this update";
    NotVisible = "not-visible", UPDATE_VISIBLE, "an update does not show in later pages";
    UpdateLost = "update-lost", UPDATE_VISIBLE, "of updates at the same time, one is lost";
    ListOverwrites = "list-overwrites", UPDATE_VISIBLE, "a list writes the order back as it read it";
    DeliveredHidden = "delivered-hidden", UPDATE_VISIBLE, "an order with all its accounts is not listed";
    StaleIndex = "stale-index", UPDATE_VISIBLE, "`status` filters by the status that the order had at first";
    Every16thLost = "every-16th-lost", UPDATE_VISIBLE, "updates of every 16th order are lost";
    AccountsLose = "accounts-lose", UPDATE_OPTIONAL_FIELDS, "with accounts, the status is not looked at";
    HalfDone = "half-done", UPDATE_ATOMIC, "a status is set though the accounts are refused";
    AccountsBeforeForm = "accounts-before-form", UPDATE_ATOMIC, "accounts are kept though another field is refused";
    IdBeforeAccounts = "id-before-accounts", UPDATE_ATOMIC, "`supplierOrderId` is kept though the accounts are refused";
    PasswordEchoed = "password-echoed", UPDATE_SECRET, "the answer shows accounts";
    ErrorEchoesInput = "error-echoes-input", ERROR_SECRET, "an error repeats the value that is wrong";
    ErrorEchoesBody = "error-echoes-body", ERROR_SECRET, "the error about a body that is no JSON repeats it";
    ErrorEchoesAccounts = "error-echoes-accounts", ERROR_SECRET, "`ORDER_NOT_FOUND` repeats the update";
    ErrorEchoesKey = "error-echoes-key", ERROR_SECRET, "`ACCESS_DENIED` names the key";

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
    HeadHandsOut = "head-hands-out", LIST_HEAD, "HEAD hands orders out";
    HeadAnswered = "head-answered", ERROR_TRANSPORT, "HEAD is answered 200, and hands nothing out";
    SizeHalf = "size-half", ERROR_TRANSPORT, "a body may have half a mebibyte only";
    CodingIgnored = "coding-ignored", ERROR_TRANSPORT, "a body is read whatever its `Content-Encoding` says";
    AnyContentType = "any-content-type", ERROR_TRANSPORT, "any content type is taken";
    NoSizeLimit = "no-size-limit", ERROR_TRANSPORT, "a body may be of any size";
    DeepBodyCloses = "deep-body-closes", ERROR_NO_5XX, "a deeply nested body ends the connection";
    BadJsonFails = "bad-json-fails", ERROR_NO_5XX, "a body that is no JSON is answered 500";
    NulFails = "nul-fails", ERROR_NO_5XX, "a text with a NUL is answered 500";
    NulFailsOwn = "nul-fails-own", ERROR_NO_5XX, "a NUL that is to be kept is answered 500";
    SurrogateStays = "surrogate-stays", ERROR_NO_5XX, "an order with half a surrogate pair makes its pages fail";
    KeyNotAscii = "key-not-ascii", ERROR_NO_5XX, "a key that is no ASCII is answered 500";
    QuoteFails = "quote-fails", ERROR_NO_5XX, "a quote in `subCategory` is answered 500";
    Rows999 = "rows-999", ERROR_NO_5XX, "more than 999 accounts at once are answered 500";
    BrotliFails = "brotli-fails", ERROR_NO_5XX, "`Accept-Encoding` with `br` is answered 500";
    DeniedLeaks = "denied-leaks", ERROR_NO_5XX, "after 25 `ACCESS_DENIED` the connections to the database are used up";
    RefusedLeaks = "refused-leaks", ERROR_NO_5XX, "after 25 `INVALID_ACCOUNTS` the connections to the database are used up";
    Every37thFails = "every-37th-fails", ERROR_NO_5XX, "every 37th answer is 500";
    Every37thCounts = "every-37th-counts", LIST_COUNT, "every 37th page counts one order too many";
    HugeOffsetFails = "huge-offset-fails", ERROR_NO_5XX, "an `offset` beyond 64 bits is answered 500";
    Offset63Fails = "offset-63-fails", ERROR_NO_5XX, "an `offset` of 2^63−1 overflows";
    Limit31Fails = "limit-31-fails", ERROR_NO_5XX, "a `limit` of 2^31 is answered 500";
}
