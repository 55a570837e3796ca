//! Who calls.

crate::declare! {
    AUTH_RULES;
    AUTH_HEADER = "auth.header", Stated, ManualOrders,
        "The key travels in the `X-Api-Key` header",
        "Each call carries the supplier's API key in the header `X-Api-Key`; as with any header, the case of its name \
         does not matter.";
    AUTH_HEADER_ONLY = "auth.header-only", Chosen, ManualOrders,
        "A key anywhere else does not count",
        "A key in the query string or in `Authorization` is as good as none. Two `X-Api-Key` headers are refused as an \
         invalid key, even if both hold the right one.";
    AUTH_INVALID_KEY = "auth.invalid-key", Stated, CommonErrors,
        "Without a valid key: `INVALID_API_KEY`",
        "Both operations refuse a key that is missing, unknown, malformed or revoked with `INVALID_API_KEY`, from the \
         moment of its revocation on. The whole key must match exactly, upper and lower case included.";
    AUTH_FIRST = "auth.first", Chosen, CommonErrors,
        "The key is judged first",
        "On a known operation nothing else in a request is looked at before its key. Unknown paths and wrong methods \
         are answered 404 and 405 whatever the key.";
    AUTH_NO_STORE = "auth.no-store", Chosen, ManualOrders,
        "No cache keeps an answer",
        "An answer belongs to the key that asked for it, and to this moment. Every answer, a refusal too, carries \
         `Cache-Control: no-store`, so that no cache in between hands it to another supplier.";
}
