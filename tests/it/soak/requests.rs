//! Requests that are HTTP, whatever else they are.

use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// A request to be sent.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) kind: &'static str,
    pub(super) method: &'static str,
    /// Path and query.
    pub(super) target: String,
    pub(super) key: Key,
    pub(super) content_type: Option<&'static str>,
    pub(super) body: Vec<u8>,
}

/// What stands in the key's header.
#[derive(Debug, Clone)]
pub(super) enum Key {
    Valid,
    Missing,
    Twice,
    Other(String),
}

const LIST: &str = "/api/admin/v2/orders";
const UPDATE: &str = "/api/admin/v2/orders-update";
/// The largest body that is read: 1 MiB.
const LIMIT: usize = 1 << 20;
const JSON: Option<&str> = Some("application/json");
const STATUSES: &[&str] = &["pending", "processing", "completed", "partial", "cancelled", "error"];

/// Calls of every kind; the larger the weight, the more of them.
pub(super) fn calls() -> impl Strategy<Value = Call> {
    prop_oneof![
        3 => valid_lists(),
        3 => invalid_lists(),
        3 => valid_updates(),
        3 => invalid_updates(),
        3 => malformed_bodies(),
        1 => large_bodies(),
        2 => wrong_keys(),
        2 => wrong_places(),
    ]
}

fn list(kind: &'static str, query: &str) -> Call {
    let target = format!("{LIST}?{query}");
    Call { kind, method: "GET", target, key: Key::Valid, content_type: None, body: Vec::new() }
}

fn update(kind: &'static str, content_type: Option<&'static str>, body: impl Into<Vec<u8>>) -> Call {
    Call { kind, method: "POST", target: UPDATE.to_owned(), key: Key::Valid, content_type, body: body.into() }
}

fn joined(choices: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(select(choices), 1..4).prop_map(|chosen| chosen.join(","))
}

fn valid_lists() -> impl Strategy<Value = Call> {
    let parameter = prop_oneof![
        joined(STATUSES).prop_map(|status| ("status", status)),
        joined(&["auto", "manual", "inventory"]).prop_map(|kind| ("productType", kind)),
        select(vec!["product", "smm_service"]).prop_map(|kind| ("entityType", kind.to_owned())),
        select(vec!["Mail+accounts", "Vid%C3%A9o", "Reviews%20%26%20ratings", "No%20such"])
            .prop_map(|name| ("subCategory", name.to_owned())),
        (1..=500_u32).prop_map(|limit| ("limit", limit.to_string())),
        any::<u64>().prop_map(|offset| ("offset", (offset >> (offset % 64)).to_string())),
    ];
    // By name, so that none is given twice.
    let parameters = prop::collection::vec(parameter, 0..6)
        .prop_map(|pairs| pairs.into_iter().collect::<std::collections::BTreeMap<_, _>>());
    parameters.prop_map(|pairs| {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        list("valid list", &pairs.join("&"))
    })
}

/// Each with a mistake in `limit`, and with whatever else.
fn invalid_lists() -> impl Strategy<Value = Call> {
    let name =
        select(vec!["status", "productType", "entityType", "subCategory", "offset", "STATUS", "", "%00"]);
    // Printable ASCII but for `#`, which would end the query; not all of it is well percent-encoded.
    let value =
        prop_oneof!["[!-\"$-~]{0,40}", "(%[0-9A-Fa-f]{2}){1,20}", "[0-9]{1,400}", Just(",".repeat(3_000))];
    let limit = select(vec![
        "0",
        "501",
        "-1",
        "1.0",
        "",
        "%00",
        "1e2",
        "99999999999999999999999",
        "%FF",
        "5&limit=5",
    ]);
    let pair = (name, value).prop_map(|(name, value)| format!("{name}={value}"));
    (prop::collection::vec(pair, 0..20), limit)
        .prop_map(|(pairs, limit)| list("invalid list", &format!("{}&limit={limit}", pairs.join("&"))))
}

fn valid_updates() -> impl Strategy<Value = Call> {
    // Of two suppliers, of nobody, and far away.
    let order = prop_oneof![12_340..12_350_i64, 100_001..100_641_i64, Just(40_301), any::<i64>()];
    let account = prop_oneof!["[a-z]{1,8}:[ -~]{1,20}", "\\PC{0,12}:?\\PC{0,12}", "\\s*"];
    let accounts = of(prop::collection::vec(account, 0..20));
    (order, of(select(STATUSES)), accounts, of("\\PC{0,255}")).prop_map(|(order, status, accounts, own)| {
        let body = json!({ "order": order, "status": status, "accounts": accounts, "supplierOrderId": own });
        update("valid update", JSON, body.to_string())
    })
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,30}".prop_map(Value::from),
        Just(Value::from("a:b".repeat(1_000))),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec(("\\PC{0,10}", inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// JSON objects of the wrong form: `order` is never a number.
fn invalid_updates() -> impl Strategy<Value = Call> {
    let order = select(vec![json!("12345"), json!(1.5), json!(null), json!([12345]), json!({}), json!(true)]);
    (order, any_json(), any_json(), any_json()).prop_map(|(order, status, accounts, own)| {
        let body = json!({ "order": order, "status": status, "accounts": accounts, "supplierOrderId": own });
        update("invalid update", JSON, body.to_string())
    })
}

/// Bodies that are no JSON, no object, not declared as JSON, or odd numbers and depths.
fn malformed_bodies() -> impl Strategy<Value = Call> {
    let whole = r#"{"order": 12345, "status": "completed", "accounts": ["user:pass", "user2:pass2"]}"#;
    let nested = |open: &'static str, depth: usize| open.repeat(depth).into_bytes();
    let body = prop_oneof![
        (0..whole.len()).prop_map(move |end| whole.as_bytes()[..end].to_vec()),
        prop::collection::vec(any::<u8>(), 0..300),
        any_json().prop_map(|value| json!([value]).to_string().into_bytes()),
        (1..20_000_usize).prop_map(move |depth| nested("[", depth)),
        (1..20_000_usize).prop_map(move |depth| nested("{\"order\":", depth)),
        "[0-9]{1,2000}".prop_map(|digits| format!("{{\"order\": {digits}e{digits}").into_bytes()),
        (0..whole.len(), any::<u8>()).prop_map(move |(at, byte)| {
            let mut body = whole.as_bytes().to_vec();
            body[at] = byte;
            // An update that is still sound would be of another kind.
            body.truncate(whole.len() - 1);
            body
        }),
    ];
    let content_type = select(vec![
        JSON,
        Some("application/json; charset=utf-8"),
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/json,"),
        Some(";"),
        None,
    ]);
    (content_type, body).prop_map(|(content_type, body)| update("malformed body", content_type, body))
}

/// Around the limit, and beyond it.
fn large_bodies() -> impl Strategy<Value = Call> {
    let size = prop_oneof![LIMIT - 40..LIMIT + 2, LIMIT + 1..3 * LIMIT];
    size.prop_map(|size| {
        let frame = r#"{"order": 1, "supplierOrderId": ""}"#.len();
        let padding = "x".repeat(size - frame);
        update("large body", JSON, format!(r#"{{"order": 1, "supplierOrderId": "{padding}"}}"#))
    })
}

fn wrong_keys() -> impl Strategy<Value = Call> {
    let key = prop_oneof![
        Just(Key::Missing),
        Just(Key::Twice),
        "test_[0-9a-f]{32}".prop_map(Key::Other),
        "[ -~]{0,60}".prop_map(Key::Other),
        "[a-zé]{1,2000}".prop_map(Key::Other),
    ];
    (prop_oneof![valid_lists(), valid_updates(), malformed_bodies()], key).prop_map(|(call, key)| Call {
        kind: "wrong key",
        key,
        ..call
    })
}

/// Other paths and other methods.
fn wrong_places() -> impl Strategy<Value = Call> {
    const METHODS: &[&str] =
        &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];
    let path = prop_oneof![
        select(vec![
            LIST,
            UPDATE,
            "/",
            "/docs",
            "/openapi.json",
            "/openapi.yaml",
            "//",
            "/api/admin/v2/orders/"
        ])
        .prop_map(str::to_owned),
        "/[!-\"$-~]{0,200}",
        "(/%[0-9A-F]{2}|/\\.\\.){1,30}",
        Just(format!("/{}", "a/".repeat(10_000))),
    ];
    (select(METHODS), path, any::<bool>(), prop::collection::vec(any::<u8>(), 0..100)).prop_map(
        |(method, path, has_key, body)| {
            let call = update("wrong place", JSON, body);
            Call { method, target: path, key: if has_key { Key::Valid } else { Key::Missing }, ..call }
        },
    )
}
