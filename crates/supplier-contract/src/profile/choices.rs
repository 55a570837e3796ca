//! What may be chosen where the guide is silent, rule by rule and part by part.

use supplier_rulebook as rulebook;

use crate::claim::Claim;

/// A rule or a part of it, and what may be chosen about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choices {
    /// The rule, or its part.
    pub claim: Claim,
    /// The choices, each with what it means; the rulebook's is the first.
    pub options: &'static [(&'static str, &'static str)],
}

/// Every rule that the suite knows several choices of. Beside these each chosen rule may be `unchecked`.
pub(crate) const CHOICES: &[Choices] = &[
    Choices {
        claim: Claim::of(rulebook::LIST_OWN_ITEMS, ""),
        options: &[
            ("own", "each supplier sees its own items"),
            ("all", "each supplier sees all items of an order"),
        ],
    },
    Choices {
        claim: Claim::of(rulebook::LIST_PRODUCT_TYPE_VALUES, ""),
        options: &[
            ("auto", "left out, `productType` is `auto`"),
            ("none", "left out, it keeps no manual order, and what else is open"),
            ("required", "without `productType` a call is refused with a 4xx"),
        ],
    },
    Choices {
        claim: Claim::of(rulebook::LIST_PRICE_DECIMALS, ""),
        options: &[("four", "prices keep four decimals"), ("two", "prices are rounded to two decimals")],
    },
    Choices {
        claim: Claim::of(rulebook::LIST_SUB_CATEGORY_MATCH, ""),
        options: &[
            ("exact", "upper and lower case differ"),
            ("ignore-case", "upper and lower case are the same"),
        ],
    },
    Choices {
        claim: Claim::of(rulebook::LIST_LIMIT_RANGE, ""),
        options: &[
            ("refuse", "`INVALID_REQUEST`; clamping, and the default for what is no integer, are taken too"),
            ("clamp", "moved to 1..=500; what is no integer is refused or is the default"),
            ("default", "what is not in 1..=500 is 50, or is moved to 500 where it is larger"),
        ],
    },
    Choices {
        claim: Claim::of(rulebook::LIST_OFFSET_RANGE, ""),
        options: &[("refuse", "`INVALID_REQUEST`"), ("zero", "what is no integer of 0 or more is 0")],
    },
    Choices {
        claim: Claim::of(rulebook::LIST_TOTAL_WITHHELD, ""),
        options: &[
            ("left-out", "`total` leaves withheld orders out"),
            ("counted", "`total` counts them too"),
        ],
    },
    Choices {
        claim: Claim::of(rulebook::LIST_ORDER, ""),
        options: &[("oldest-first", "by `createdAt`, then `id`"), ("newest-first", "the other way round")],
    },
    Choices {
        claim: Claim::of(rulebook::LIST_VALUES, ""),
        options: &[
            ("refuse", "`INVALID_REQUEST`"),
            ("ignore", "an unknown or blank value is no error: nothing matches it, or it is left out"),
        ],
    },
    Choices {
        claim: Claim::of(rulebook::UPDATE_ORDER_NUMBER, ""),
        options: &[
            ("integer", "only a JSON integer"),
            ("lenient", "a number in a string, or `12345.0`, is taken too"),
        ],
    },
    Choices {
        claim: Claim::of(rulebook::UPDATE_NULL, ""),
        options: &[("left-out", "null is as if left out"), ("refuse", "null is refused with a 4xx")],
    },
    Choices {
        claim: Claim::of(rulebook::UPDATE_UNPAID, ""),
        options: &[
            ("not-found", "`ORDER_NOT_FOUND`"),
            ("refuse", "some 4xx"),
            ("accept", "an order may be updated before it is paid"),
        ],
    },
    Choices {
        claim: Claim::of(rulebook::UPDATE_ACCOUNTS_VALID, ""),
        options: &[
            ("drop", "what is no account is dropped, the rest is taken"),
            ("refuse", "one that is none refuses them all"),
        ],
    },
    Choices {
        claim: Claim::of(rulebook::UPDATE_ACCOUNTS_DEDUP_SCOPE, ""),
        options: &[
            ("order", "against those the order has, too"),
            ("submission", "within one submission only"),
        ],
    },
    Choices {
        claim: Claim::of(rulebook::UPDATE_RESUBMISSION, ""),
        options: &[("refuse", "`INVALID_ACCOUNTS`"), ("accept", "a success")],
    },
    Choices {
        claim: Claim::of(rulebook::UPDATE_SUPPLIER_ORDER_ID_FORM, ""),
        options: &[
            ("shown", "in later pages and in the answer to an update"),
            ("kept", "kept, and not shown"),
        ],
    },
    Choices {
        claim: Claim::of(rulebook::ERROR_STATUS, ""),
        options: &[("rulebook", "401, 403, 404 and 400"), ("any", "any 4xx")],
    },
];

/// Declares parts of chosen rules: a constant for each, and one list. What is chosen about a rule holds for its parts that have
/// an option of that name.
macro_rules! parts {
    ($($name:ident = $rule:ident, $part:literal, $title:literal, [$($option:literal: $meaning:literal),*];)+) => {
        $(#[doc = $title] pub(crate) const $name: Claim = Claim::of(rulebook::$rule, $part);)+

        /// The parts of chosen rules that are judged, chosen and reported by themselves.
        pub(crate) const PARTS: &[Choices] =
            &[$(Choices { claim: $name, options: &[$(($option, $meaning)),*] },)+];
    };
}

parts! {
    HEADER_ONLY_QUERY = AUTH_HEADER_ONLY, "query", "a key in the query", [];
    HEADER_ONLY_AUTHORIZATION = AUTH_HEADER_ONLY, "authorization", "a key in `Authorization`", [];
    HEADER_ONLY_TWICE = AUTH_HEADER_ONLY, "twice", "two keys", [];
    FIRST_FORM = AUTH_FIRST, "form", "the key before the request's form", [];
    FIRST_PATH = AUTH_FIRST, "path", "path and method before the key", [];
    PRODUCT_TYPE_KINDS = LIST_PRODUCT_TYPE_VALUES, "kinds", "which values there are",
        ["all": "`auto`, `manual` and `inventory`", "manual": "only `manual`; others are refused with a 4xx"];
    PRODUCT_TYPE_SEVERAL = LIST_PRODUCT_TYPE_VALUES, "several", "several values",
        ["several": "several values, separated by commas", "one": "one value; several are refused with a 4xx"];
    CATEGORY_CASE = LIST_SUB_CATEGORY_MATCH, "case", "upper and lower case",
        ["exact": "upper and lower case differ", "ignore-case": "upper and lower case are the same"];
    CATEGORY_ACCENT = LIST_SUB_CATEGORY_MATCH, "accent", "accents",
        ["exact": "letters with and without an accent differ", "ignore-accent": "they are the same"];
    CATEGORY_PLUS = LIST_SUB_CATEGORY_MATCH, "plus", "a `+` in the URL",
        ["space": "a `+` is a space", "plus": "a `+` is a plus"];
    CATEGORY_UNKNOWN = LIST_SUB_CATEGORY_MATCH, "unknown", "a name that no subcategory has",
        ["empty": "an empty page", "refuse": "some 4xx"];
    OFFSET_NEGATIVE = LIST_OFFSET_RANGE, "negative", "an `offset` below 0",
        ["refuse": "`INVALID_REQUEST`", "zero": "as if it were 0"];
    OFFSET_NO_NUMBER = LIST_OFFSET_RANGE, "no-number", "an `offset` that is no integer",
        ["refuse": "`INVALID_REQUEST`", "zero": "as if it were 0"];
    OFFSET_HUGE = LIST_OFFSET_RANGE, "huge", "an `offset` beyond 64 bits",
        ["empty": "an empty page", "refuse": "some 4xx"];
    VALUES_UNKNOWN = LIST_VALUES, "unknown", "an unknown value",
        ["refuse": "`INVALID_REQUEST`", "ignore": "no error: nothing matches it, or it is left out"];
    VALUES_BLANK = LIST_VALUES, "blank", "an empty or blank value",
        ["refuse": "`INVALID_REQUEST`", "ignore": "no error: nothing matches it, or it is left out"];
    VALUES_SPACES = LIST_VALUES, "spaces", "spaces around a value",
        ["refuse": "`INVALID_REQUEST`", "ignore": "they are taken off"];
    VALUES_TWICE = LIST_VALUES, "twice", "a parameter that is given twice",
        ["refuse": "`INVALID_REQUEST`", "ignore": "one of the two counts"];
    VALUES_REPEATED = LIST_VALUES, "repeated", "a value that is named twice", [];
    VALUES_PARAMETER = LIST_VALUES, "parameter", "an unknown parameter",
        ["ignore": "it is ignored", "refuse": "some 4xx"];
    NUMBER_TEXT = UPDATE_ORDER_NUMBER, "text", "the number in a string",
        ["integer": "refused", "lenient": "taken"];
    NUMBER_DECIMAL = UPDATE_ORDER_NUMBER, "decimal", "`12345.0` and `12345e0`",
        ["integer": "refused", "lenient": "taken"];
    NUMBER_FRACTION = UPDATE_ORDER_NUMBER, "fraction", "a fraction such as 1.5",
        ["refuse": "`INVALID_REQUEST`", "not-found": "`ORDER_NOT_FOUND`"];
    NUMBER_NONE = UPDATE_ORDER_NUMBER, "none", "a text, list or object that is no number",
        ["refuse": "`INVALID_REQUEST`", "not-found": "`ORDER_NOT_FOUND`"];
    NUMBER_ZERO = UPDATE_ORDER_NUMBER, "zero", "zero and negative numbers",
        ["not-found": "`ORDER_NOT_FOUND`", "refuse": "some other 4xx"];
    NUMBER_BEYOND = UPDATE_ORDER_NUMBER, "beyond", "numbers beyond 2^53−1",
        ["not-found": "`ORDER_NOT_FOUND`", "refuse": "some other 4xx"];
    NULL_FIELD = UPDATE_NULL, "null", "null",
        ["left-out": "null is as if left out", "refuse": "null is refused with a 4xx"];
    NULL_UNKNOWN = UPDATE_NULL, "unknown", "an unknown field",
        ["ignored": "it is ignored", "refused": "it is refused with a 4xx"];
    TRANSITIONS_KIND = UPDATE_TRANSITIONS, "kind", "updates of `auto` and `inventory` orders", [];
    ID_LENGTH = UPDATE_SUPPLIER_ORDER_ID_FORM, "length", "texts of up to 255 characters, and longer ones", [];
    ID_TYPE = UPDATE_SUPPLIER_ORDER_ID_FORM, "type", "a value that is no text", [];
    ID_AGAIN = UPDATE_SUPPLIER_ORDER_ID_FORM, "again", "another id for an order that has one", [];
    ID_ANSWER = UPDATE_SUPPLIER_ORDER_ID_FORM, "answer", "in an update's answer",
        ["shown": "shown", "kept": "kept, and not shown"];
    ID_PAGE = UPDATE_SUPPLIER_ORDER_ID_FORM, "page", "in later pages",
        ["shown": "shown", "kept": "kept, and not shown"];
    RESPONSE_STATUS = UPDATE_RESPONSE, "status", "the status of a success",
        ["rulebook": "200", "any": "any 2xx"];
    RESPONSE_ORDER = UPDATE_RESPONSE, "order", "the order in the answer", [];
    RESPONSE_DELIVERED = UPDATE_RESPONSE, "accounts-delivered", "`accountsDelivered`", [];
    RESPONSE_ID = UPDATE_RESPONSE, "supplier-order-id", "`supplierOrderId` before one was given", [];
    STATUS_KEY = ERROR_STATUS, "key", "of `INVALID_API_KEY`", ["rulebook": "401", "any": "any 4xx"];
    STATUS_ACCESS = ERROR_STATUS, "access", "of `ACCESS_DENIED`", ["rulebook": "403", "any": "any 4xx"];
    STATUS_NOT_FOUND = ERROR_STATUS, "not-found", "of `ORDER_NOT_FOUND`", ["rulebook": "404", "any": "any 4xx"];
    STATUS_ACCOUNTS = ERROR_STATUS, "accounts", "of `INVALID_ACCOUNTS`", ["rulebook": "400", "any": "any 4xx"];
    STATUS_REQUEST = ERROR_STATUS, "request", "of a request whose form is wrong",
        ["rulebook": "400", "any": "any 4xx"];
    STATUS_REQUEST_CODE = ERROR_STATUS, "request-code", "the code of a request whose form is wrong",
        ["rulebook": "`INVALID_REQUEST`", "any": "any code"];
    STATUS_CASE = ERROR_STATUS, "case", "a status in upper case, or with spaces", [];
    PRECEDENCE_FORM = ERROR_PRECEDENCE, "form", "the form before whose the order is", [];
    PRECEDENCE_EXISTS = ERROR_PRECEDENCE, "exists", "whether the order exists before its accounts", [];
    PRECEDENCE_ACCESS = ERROR_PRECEDENCE, "access", "whose the order is before its accounts", [];
    TRANSPORT_PATH = ERROR_TRANSPORT, "path", "an unknown path", ["rulebook": "404 in the envelope", "any": "any 4xx"];
    TRANSPORT_METHOD = ERROR_TRANSPORT, "method", "a wrong method", ["rulebook": "405 in the envelope", "any": "any 4xx"];
    TRANSPORT_ALLOW = ERROR_TRANSPORT, "allow", "`Allow` with a 405", ["rulebook": "there", "any": "there or not"];
    TRANSPORT_HEAD = ERROR_TRANSPORT, "head", "HEAD", ["rulebook": "405", "any": "any status below 500"];
    TRANSPORT_SIZE = ERROR_TRANSPORT, "size", "a body over 1 MiB", ["rulebook": "413 in the envelope", "any": "any status below 500"];
    TRANSPORT_WITHIN = ERROR_TRANSPORT, "within", "a body of just 1 MiB", [];
    TRANSPORT_TYPE = ERROR_TRANSPORT, "type", "another content type than JSON",
        ["rulebook": "415 in the envelope", "any": "any status below 500"];
    TRANSPORT_JSON = ERROR_TRANSPORT, "json", "a body that is no JSON", ["rulebook": "400 `INVALID_REQUEST`", "any": "any 4xx"];
    TRANSPORT_OBJECT = ERROR_TRANSPORT, "object", "a body that is no object", ["rulebook": "400 `INVALID_REQUEST`", "any": "any 4xx"];
}
