//! The places in which a client may leave a secret.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

/// Where secrets are planted.
pub(crate) struct Ground {
    pub(crate) client: Client,
    /// The server's address.
    pub(crate) server: String,
    /// The key that calls are made by.
    pub(crate) key: String,
}

/// Which texts a form can carry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carries {
    /// Any.
    Text,
    /// Visible ASCII without what divides a header or a URL.
    Plain,
    /// API keys: what they are is seen by their form.
    Key,
}
use Carries::{Key, Plain, Text};

pub(crate) type Form = (&'static str, Carries, fn(&Ground, &str) -> RequestBuilder);

impl Ground {
    fn list(&self, query: &str) -> RequestBuilder {
        self.get(&format!("/api/admin/v2/orders?{query}"))
    }

    fn get(&self, target: &str) -> RequestBuilder {
        self.client.get(format!("{}{target}", self.server)).header("X-Api-Key", &self.key)
    }

    fn bare_post(&self) -> RequestBuilder {
        let url = format!("{}/api/admin/v2/orders-update", self.server);
        self.client.post(url).header("X-Api-Key", &self.key)
    }

    fn post(&self, content_type: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.bare_post().header("Content-Type", content_type).body(body)
    }

    fn json(&self, body: impl Into<String>) -> RequestBuilder {
        self.post("application/json", body.into())
    }

    /// An update of an order, with these fields beside its number.
    fn update(&self, mut fields: Value) -> RequestBuilder {
        fields["order"] = 12345.into();
        self.json(fields.to_string())
    }

    fn control(&self, path: &str) -> String {
        format!("{}/_sandbox/sandboxes/default{path}", self.server)
    }
}

fn pct(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Each character as an escape of JSON.
pub(crate) fn escaped(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |mut out, unit| {
        let _ = write!(out, "\\u{unit:04x}");
        out
    })
}

/// Each byte as an escape of a URL.
pub(crate) fn digits(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "%{byte:02x}");
        out
    })
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// As accounts, of the documented form and of others.
const ACCOUNTS: &[Form] = &[
    ("an account", Text, |it, s| it.update(json!({ "accounts": [format!("user:{s}")] }))),
    ("an e-mail account", Text, |it, s| {
        it.update(json!({ "accounts": [format!("a@example.com:{s}"), "b:c"] }))
    }),
    ("an account of three parts", Text, |it, s| {
        it.update(json!({ "accounts": [format!("a@example.com:x:{s}")] }))
    }),
    ("a password alone", Text, |it, s| it.update(json!({ "accounts": [s] }))),
    ("an account with a bar", Text, |it, s| it.update(json!({ "accounts": [format!("user|{s}")] }))),
    ("a login with more than itself", Text, |it, s| {
        it.update(json!({ "accounts": [format!("a@example.com|{}:x", s.replace(':', "."))] }))
    }),
    ("an account that lacks its end", Text, |it, s| it.update(json!({ "accounts": [format!("user|{s}:")] }))),
    ("lines of accounts", Text, |it, s| it.update(json!({ "accounts": format!("a:b\nuser:{s}\n") }))),
    ("accounts by semicolons", Text, |it, s| it.update(json!({ "accounts": [format!("a:b;user:{s}")] }))),
    ("an account as an object", Text, |it, s| {
        it.update(json!({ "accounts": [{ "login": "user", "password": s }] }))
    }),
    ("a table of accounts", Text, |it, s| it.update(json!({ "accounts": { "user": s } }))),
    ("a table by accounts", Text, |it, s| it.update(json!({ "accounts": { format!("user:{s}"): 1 } }))),
    ("accounts in lists", Text, |it, s| it.update(json!({ "accounts": [[["user", s]]] }))),
    ("accounts misspelt", Text, |it, s| it.update(json!({ "acounts": [format!("user:{s}")] }))),
    ("an account of nobody's order", Text, |it, s| {
        it.json(json!({ "order": 987, "accounts": [format!("u:{s}")] }).to_string())
    }),
    ("an account of another's order", Text, |it, s| {
        it.json(json!({ "order": 40301, "accounts": [format!("u:{s}")] }).to_string())
    }),
    ("an account by no key", Text, |it, s| {
        let url = format!("{}/api/admin/v2/orders-update", it.server);
        it.client.post(url).json(&json!({ "order": 12345, "accounts": [format!("u:{s}")] }))
    }),
    ("an account in escapes", Text, |it, s| {
        it.json(format!(r#"{{"order": 12345, "accounts": ["user\u003a{}"]}}"#, escaped(s)))
    }),
    ("many accounts", Text, |it, s| {
        let accounts: Vec<_> = (0..600).map(|count| format!("user{count}:{s}")).collect();
        it.update(json!({ "accounts": accounts }))
    }),
    ("a login that is a key", Key, |it, s| it.update(json!({ "accounts": [format!("{s}:password")] }))),
    ("fingerprints", Text, |it, s| {
        it.client.post(it.control("/fingerprints")).json(&json!({ "accounts": [format!("user:{s}")] }))
    }),
];

/// In bodies that are JSON, but not of the documented form.
const FIELDS: &[Form] = &[
    ("userPassword", Text, |it, s| it.update(json!({ "userPassword": s }))),
    ("pw", Text, |it, s| it.update(json!({ "pw": s }))),
    ("secretKey", Text, |it, s| it.update(json!({ "secretKey": s }))),
    ("credentials", Text, |it, s| it.update(json!({ "credentials": { "user": "a", "value": [s] } }))),
    ("apikey2", Text, |it, s| it.update(json!({ "apikey2": s }))),
    ("session-cookie", Text, |it, s| it.update(json!({ "session-cookie": s }))),
    ("an unknown field", Text, |it, s| it.update(json!({ "x": format!("user:{s}") }))),
    ("an unknown field, spaced", Plain, |it, s| it.update(json!({ "x": format!("user : {s}") }))),
    ("a value nobody knows", Plain, |it, s| it.update(json!({ "x": s }))),
    ("a name nobody knows", Plain, |it, s| it.update(json!({ s: 1 }))),
    ("an account as a name", Text, |it, s| it.update(json!({ format!("a@example.com:{s}"): 1 }))),
    ("a status", Plain, |it, s| it.update(json!({ "status": s }))),
    ("an order", Text, |it, s| it.json(json!({ "order": format!("a@example.com:{s}") }).to_string())),
    ("JSON in JSON", Text, |it, s| it.update(json!({ "x": json!({ "password": s }).to_string() }))),
    ("a URL's user", Plain, |it, s| {
        it.update(json!({ "x": format!("https://user:{}@example.com/", pct(s)) }))
    }),
    ("a URL's query", Plain, |it, s| {
        it.update(json!({ "x": format!("see https://example.com/?pw={}", pct(s)) }))
    }),
    ("base64", Text, |it, s| it.update(json!({ "x": STANDARD.encode(format!("user:{s}")) }))),
    ("a bearer", Plain, |it, s| it.update(json!({ "x": format!("Bearer {s}") }))),
    ("a sentence", Plain, |it, s| it.update(json!({ "note": format!("the password: {s} of user") }))),
    ("a key in a sentence", Key, |it, s| it.update(json!({ "note": format!("my key is {s}, please") }))),
    ("a key in upper case", Key, |it, s| it.update(json!({ "note": s.to_uppercase() }))),
];

/// As the supplier's own id of an order, which is stored and answered.
const OWN_IDS: &[Form] = &[
    ("an own id that is an account", Text, |it, s| {
        it.update(json!({ "supplierOrderId": format!("m@example.com:{s}") }))
    }),
    ("an own id that is a password", Text, |it, s| {
        it.update(json!({ "supplierOrderId": format!("SUP {s}"), "accounts": [format!("user:{s}")] }))
    }),
    ("an own id that is JSON", Text, |it, s| {
        it.update(json!({ "supplierOrderId": json!({ "password": s }).to_string() }))
    }),
    ("an own id with a label", Plain, |it, s| {
        it.update(json!({ "supplierOrderId": format!("SUP-1 pw={s}") }))
    }),
    ("an own id in escapes", Text, |it, s| {
        it.update(json!({ "supplierOrderId": pct(s), "accounts": [format!("user:{s}")] }))
    }),
    ("an own id in base64", Text, |it, s| {
        it.update(json!({ "supplierOrderId": STANDARD.encode(s), "accounts": [format!("user:{s}")] }))
    }),
    ("an own id that a field has", Text, |it, s| it.update(json!({ "supplierOrderId": s, "pw": s }))),
    ("an own id that a query has", Plain, |it, s| {
        let url = format!("{}/api/admin/v2/orders-update?token={}", it.server, pct(s));
        it.client
            .post(url)
            .header("X-Api-Key", &it.key)
            .json(&json!({ "order": 12345, "supplierOrderId": s }))
    }),
    ("an own id that a header has", Plain, |it, s| {
        it.update(json!({ "supplierOrderId": s })).header("Authorization", format!("Bearer {s}"))
    }),
    ("an own id that is a key", Key, |it, s| it.update(json!({ "supplierOrderId": s }))),
    ("an own id with a key in it", Key, |it, s| {
        it.update(json!({ "supplierOrderId": format!("SUP-{s}-1") }))
    }),
    ("an own id that is a key in escapes", Key, |it, s| it.update(json!({ "supplierOrderId": pct(s) }))),
];

/// In bodies that are no JSON.
const BODIES: &[Form] = &[
    ("a comma too many", Text, |it, s| {
        it.json(format!(r#"{{"order": 12345, "accounts": [{},]}}"#, quoted(&format!("user:{s}"))))
    }),
    ("JSON that breaks off", Plain, |it, s| it.json(format!(r#"{{"order": 12345, "accounts": ["user:{s}"#))),
    ("JSON that breaks off elsewhere", Plain, |it, s| it.json(format!(r#"{{"accounts": ["user:{s}"], "or"#))),
    ("single quotes", Plain, |it, s| it.json(format!("{{'order': 12345, 'accounts': ['user:{s}']}}"))),
    ("no quotes", Plain, |it, s| it.json(format!("{{order: 12345, x: [user:{s}]}}"))),
    ("a bare word", Plain, |it, s| it.json(format!(r#"{{"order": {s}}}"#))),
    ("bytes that are no text", Plain, |it, s| {
        it.post("application/json", [format!(r#"{{"x": "user:{s}"#).as_bytes(), b"\xff\"}"].concat())
    }),
    ("a form", Plain, |it, s| {
        it.post("application/x-www-form-urlencoded", format!("order=1&accounts[0]=user|{}&x=1", pct(s)))
    }),
    ("a form of accounts", Plain, |it, s| {
        it.post("application/x-www-form-urlencoded", format!("order=1&x=user:{}", pct(s)))
    }),
    ("a form by semicolons", Plain, |it, s| {
        it.post("application/x-www-form-urlencoded", format!("order=1;password={};x=1", pct(s)))
    }),
    ("XML", Plain, |it, s| it.post("application/xml", format!("<order><pw>{s}</pw></order>"))),
    ("multipart", Plain, |it, s| {
        let part = "--b\r\nContent-Disposition: form-data; name=\"accounts\"\r\n\r\n";
        it.post("multipart/form-data; boundary=b", format!("{part}user:{s}\r\n--b--\r\n"))
    }),
    ("CSV", Plain, |it, s| it.post("text/csv", format!("login,password\nuser,{s}\n"))),
    ("text", Plain, |it, s| it.post("text/plain", format!("user:{s}\nuser2:{s}"))),
    ("XML that is said to be JSON", Plain, |it, s| it.json(format!("<pw>{s}</pw>"))),
    ("a key in XML", Key, |it, s| it.post("text/xml", format!("<key>{s}</key>"))),
    ("a type", Plain, |it, s| it.post(&format!("text/{s}"), "x")),
    ("a type's parameter", Plain, |it, s| it.post(&format!("text/plain; charset={s}"), "x")),
];

/// In the address.
const TARGETS: &[Form] = &[
    ("x=user:password", Plain, |it, s| it.list(&format!("x=user:{}", pct(s)))),
    ("subCategory=user:password", Plain, |it, s| it.list(&format!("subCategory=user:{}", pct(s)))),
    ("subCategory=key", Key, |it, s| it.list(&format!("subCategory={s}"))),
    ("password=", Text, |it, s| it.list(&format!("limit=1&password={}", pct(s)))),
    ("userPw=", Plain, |it, s| it.list(&format!("userPw={}", pct(s)))),
    ("api_key2=", Plain, |it, s| it.list(&format!("api_key2={}", pct(s)))),
    ("accounts[0]=", Text, |it, s| it.list(&format!("accounts[0]=user|{}", pct(s)))),
    ("a pair behind a semicolon", Plain, |it, s| it.list(&format!("limit=1;pw={};offset=0", pct(s)))),
    ("a value nobody knows", Plain, |it, s| it.list(&format!("q={}", pct(s)))),
    ("a name nobody knows", Plain, |it, s| it.list(&format!("{}=1", pct(s)))),
    ("no pair", Plain, |it, s| it.list(&pct(s))),
    ("a limit", Plain, |it, s| it.list(&format!("limit={}", pct(s)))),
    ("a status", Plain, |it, s| it.list(&format!("status=pending,{}", pct(s)))),
    ("JSON in a query", Text, |it, s| {
        it.list(&format!("filter={}", pct(&json!({ "password": s }).to_string())))
    }),
    ("encoded twice", Text, |it, s| it.list(&format!("x={}", pct(&pct(&format!("a@example.com:{s}")))))),
    ("encoded thrice", Text, |it, s| it.list(&format!("x={}", pct(&pct(&pct(&format!("user:{s}"))))))),
    ("base64 in a query", Text, |it, s| it.list(&format!("x={}", pct(&STANDARD.encode(format!("u:{s}")))))),
    ("a URL in a query", Plain, |it, s| {
        it.list(&format!("callback={}", pct(&format!("https://example.com/hook?password={}", pct(s)))))
    }),
    ("a path", Plain, |it, s| it.get(&format!("/api/admin/v2/orders/user:{}", pct(s)))),
    ("a path of its own", Plain, |it, s| it.get(&format!("/api/{}/x", pct(s)))),
    ("a path with a key", Key, |it, s| it.get(&format!("/api/admin/v2/{s}/orders"))),
    ("a key in the query", Key, |it, s| it.list(&format!("X-Api-Key={s}"))),
    ("a key by its digits", Key, |it, s| it.list(&format!("x={}", digits(s)))),
];

/// In headers, and as the method.
const HEADERS: &[Form] = &[
    ("an unknown key", Plain, |it, s| {
        it.client.get(format!("{}/api/admin/v2/orders?q={}", it.server, pct(s))).header("X-Api-Key", s)
    }),
    ("an unknown key in the path", Plain, |it, s| {
        it.client.get(format!("{}/api/admin/v2/orders/{}", it.server, pct(s))).header("X-Api-Key", s)
    }),
    ("a second key", Plain, |it, s| it.list(&format!("subCategory={}", pct(s))).header("X-Api-Key", s)),
    ("a bearer", Plain, |it, s| {
        it.list(&format!("subCategory={}", pct(s))).header("Authorization", format!("Bearer {s}"))
    }),
    ("basic", Plain, |it, s| it.list(&format!("subCategory={}", pct(s))).basic_auth("user", Some(s))),
    ("a cookie", Plain, |it, s| {
        it.list(&format!("subCategory={}", pct(s))).header("Cookie", format!("a=b; session={s}"))
    }),
    ("a token of one's own", Plain, |it, s| {
        it.list(&format!("subCategory={}", pct(s))).header("X-Auth-Token", s)
    }),
    ("a forced error", Plain, |it, s| it.list("limit=1").header("Sandbox-Scenario", s)),
    ("a user agent", Plain, |it, s| it.list("limit=1").header("User-Agent", s)),
    ("a method", Plain, |it, s| {
        let method: String = s.chars().filter(char::is_ascii_alphanumeric).collect();
        let url = format!("{}/api/admin/v2/orders", it.server);
        it.client.request(Method::from_bytes(method.as_bytes()).unwrap(), url).header("X-Api-Key", &it.key)
    }),
    ("a wrong admin token", Plain, |it, s| it.client.get(it.control("/orders?limit=1")).bearer_auth(s)),
    ("a sandbox's name", Key, |it, s| it.client.get(format!("{}/_sandbox/sandboxes/{s}", it.server))),
    ("an order's supplier", Key, |it, s| {
        it.client.post(it.control("/orders")).json(&json!({ "supplier": s }))
    }),
    ("a wrong filter", Plain, |it, s| it.client.get(it.control(&format!("/requests?status={}", pct(s))))),
    ("a wrong password", Text, |it, s| {
        let form = format!("email=aurora%40example.com&password={}", pct(s));
        let request = it.client.post(format!("{}/login", it.server)).body(form);
        request.header("Content-Type", "application/x-www-form-urlencoded")
    }),
];

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Form> + Clone {
    [ACCOUNTS, FIELDS, OWN_IDS, BODIES, TARGETS, HEADERS].into_iter().flatten()
}
