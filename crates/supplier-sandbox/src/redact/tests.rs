use axum::http::{HeaderValue, Uri};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::names::{Named, named};
use super::{Carried, MAX_KEPT, Redacted, Secrets};

const KEY: &str = "test_0123456789abcdef0123456789abcdef";

/// What a call carries whose key is `key`.
fn secrets(key: &str, target: &str, body: &[u8]) -> Secrets {
    let uri: Uri = target.parse().unwrap();
    Secrets::of(Carried { headers: &[HeaderValue::from_str(key).unwrap()], uri: &uri, body })
}

fn body(bytes: &[u8], key: &str) -> Redacted {
    super::body(bytes, Some("text/xml; charset=utf-8"), &secrets(key, "/", bytes))
}

fn target(path_and_query: &str, key: &str) -> Redacted {
    let (path, query) =
        path_and_query.split_once('?').map_or((path_and_query, None), |(path, query)| (path, Some(query)));
    super::target(path, query, &secrets(key, path_and_query, b""))
}

fn kept(text: &str) -> String {
    body(text.as_bytes(), "").excerpt.text.into()
}

#[test]
fn passwords_are_masked_and_all_else_stays_as_it_was_sent() {
    for (sent, expected) in [
        (r#"{"order": 12345, "status":"completed"}"#, r#"{"order": 12345, "status":"completed"}"#),
        (r#"{"accounts":["ann:1", "b@c.d:2:3"]}"#, r#"{"accounts":["ann:***", "b@c.d:***"]}"#),
        (r#"{"accounts":"ann:1\nbob:2"}"#, r#"{"accounts":"ann:***\nbob:***"}"#),
        (
            r#"{"accounts":[{"login":"ann","password":"x"}, 17, null]}"#,
            r#"{"accounts":[{"login":"***","password":"***"}, ***, null]}"#,
        ),
        (
            r#"{"accounts":["only-a-password"],"supplierOrderId":"SUP:1"}"#,
            r#"{"accounts":["***"],"supplierOrderId":"SUP:1"}"#,
        ),
        (r#"{"note":"ann@example.com:1"}"#, r#"{"note":"ann@example.com:***"}"#),
        (
            r#"{"acounts":["ann:1"],"supplierOrderId":"a@b.c:1"}"#,
            r#"{"acounts":["ann:***"],"supplierOrderId":"a@b.c:***"}"#,
        ),
        (r#"["ann:1", 2]"#, r#"["ann:***", 2]"#),
        (
            r#"{"password":12,"pwd":"x","order":18446744073709551616}"#,
            r#"{"password":***,"pwd":"***","order":18446744073709551616}"#,
        ),
        (
            r#"{"apiKey":"abc","X-API-Key":"","token":7}"#,
            r#"{"apiKey":"$API_KEY","X-API-Key":"","token":$API_KEY}"#,
        ),
        // What is no JSON.
        (r#"{"accounts":["ann:1",]}"#, r#"{"accounts":["ann:***",]}"#),
        (r#"{"a":["x:1","unended:secret word"#, r#"{"a":["x:***","unended:*** ***""#),
        ("order=1&accounts=ann:1", "order=1&accounts=ann:***"),
        ("order=1&accounts%5B%5D=u%3Apw&x=u%3apw", "order=1&accounts%5B%5D=u:***&x=u:***"),
        (r#"{"accounts":[["u:x"],"secret"#, r#"{"accounts":[["u:***"],"***""#),
        (r#"{"a":"u\u003apw"#, r#"{"a":"***""#),
        ("{accounts: [ann:pass]}", "{accounts: [***]}"),
        ("{password: hunter2}", "{password: ***}"),
        ("{'accounts': ['ann:pass'], 'pw': 'x'}", "{'accounts': [***], 'pw': ***}"),
        ("[\u{1b}[31m1", "[\\u{1b}[***"),
        ("", ""),
    ] {
        assert_eq!(kept(sent), expected, "{sent}");
    }
}

#[test]
fn secrets_are_found_by_other_names_in_other_places_and_in_other_writing() {
    for (sent, expected) in [
        // By other names, with other separators.
        (
            r#"{"userPassword":"x","pw":"y","secretKey":"z","credentials":{"a":"b"},"apikey2":"c"}"#,
            r#"{"userPassword":"***","pw":"***","secretKey":"***","credentials":{"a":"***"},"apikey2":"$API_KEY"}"#,
        ),
        ("accounts[0]=user|pw&x=user:pw;password=q", "accounts[0]=user:***&x=user:***;password=***"),
        (
            r#"{"x":"user|pw","y":"m@x.io; pw","z":"password: pw"}"#,
            r#"{"x":"user:***","y":"m@x.io;***","z":"password:***"}"#,
        ),
        (r#"{"x":"{\"password\":\"pw\",\"order\":1}"}"#, r#"{"x":"{\"password\":\"***\",\"order\":1}"}"#),
        (
            r#"{"x":"Bearer abc","y":"https://u:pw@example.com/z"}"#,
            r#"{"x":"Bearer ***","y":"https://***@example.com/z"}"#,
        ),
        (r#"{"hunter2x9":1,"user@example.com:door":2}"#, r#"{"***":1,"user@example.com:***":2}"#),
        // The same value elsewhere, in any writing.
        (
            r#"{"accounts":["ann:Gr33n-door"],"supplierOrderId":"Gr33n-door","x":"R3IzM24tZG9vcg=="}"#,
            r#"{"accounts":["ann:***"],"supplierOrderId":"***","x":"***"}"#,
        ),
        (
            r#"{"accounts":["ann:green door"],"supplierOrderId":"a green%20door","subCategory":"green+door"}"#,
            r#"{"accounts":["ann:***"],"supplierOrderId":"***","subCategory":"***"}"#,
        ),
        (
            r#"{"accounts":[7123456],"supplierOrderId":"S 7123456","order":7123456}"#,
            r#"{"accounts":[***],"supplierOrderId":"S ***","order":7123456}"#,
        ),
        (
            r#"{"supplierOrderId":"{\"password\":\"Gr33n-door\"}"}"#,
            r#"{"supplierOrderId":"{\"password\":\"***\"}"}"#,
        ),
        (
            r#"{"supplierOrderId":"pw=Gr33n-door token: abc-123-def"}"#,
            r#"{"supplierOrderId":"pw=*** token: $API_KEY"}"#,
        ),
        (
            r#"{"supplierOrderId":"the key of order 12345"}"#,
            r#"{"supplierOrderId":"the key of order 12345"}"#,
        ),
        // What can be nothing else is told by its type and length.
        ("<a><password>x</password></a>", "(not kept: 29 bytes of text/xml)"),
        ("login,password\nann,x", "(not kept: 20 bytes of text/xml)"),
    ] {
        assert_eq!(kept(sent), expected, "{sent}");
    }
}

#[test]
fn keys_are_replaced_wherever_they_stand() {
    let own = "live-key-of-mine";
    for (sent, expected) in [
        (
            "/api/admin/v2/orders?productType=manual&limit=2",
            "/api/admin/v2/orders?productType=manual&limit=2",
        ),
        ("/orders", "/orders"),
        ("/orders?apiKey=abc&limit=1", "/orders?apiKey=$API_KEY&limit=1"),
        ("/orders/live-key-of-mine?x=%6cive-key-of-mine", "/orders/$API_KEY?x=$API_KEY"),
        ("/orders?q=live-key-of-mine&live-key-of-mine", "/orders?q=$API_KEY&$API_KEY"),
        ("/orders?q=LIVE-KEY-OF-MINE&r=bGl2ZS1rZXktb2YtbWluZQ", "/orders?q=$API_KEY&r=$API_KEY"),
        ("/orders?email=a%40b.c%3Asecret&accounts=x", "/orders?email=a@b.c:***&accounts=***"),
    ] {
        let redacted = target(sent, own);
        assert_eq!(&*redacted.excerpt.text, expected);
        assert_eq!(redacted.had_key, expected.contains("$API_KEY"), "{expected}");
    }
    let redacted = target(&format!("/orders?a={KEY}"), "");
    assert!(redacted.had_key && &*redacted.excerpt.text == "/orders?a=$API_KEY");
    let redacted = body(format!(r#"{{"x":"a {KEY} b","y":"{KEY}{KEY}"}}"#).as_bytes(), "");
    assert!(redacted.had_key);
    assert_eq!(&*redacted.excerpt.text, r#"{"x":"a $API_KEY b","y":"$API_KEY$API_KEY"}"#);
    assert!(!body(br#"{"order":1}"#, own).had_key);
    assert!(body(format!("<a>{KEY}</a>").as_bytes(), "").had_key, "what is not kept was sent all the same");
}

#[test]
fn an_ordinary_call_stays_readable() {
    for target_sent in [
        "/api/admin/v2/orders?status=pending,processing&productType=manual&entityType=smm_service&limit=50&offset=0",
        "/api/admin/v2/orders?subCategory=Instagram%20Followers%20(4K)&limit=500",
        "/api/admin/v2/orders?since=2024-01-01T10:00:00.000Z&at=10:00:00&callback=https://example.com/hook?order=1",
        "/api/admin/v2/orders?callback=http%3A%2F%2F127.0.0.1%3A8080%2Forders",
        "/api/admin/v2/order/12345/update",
        "/api/v1/orders",
    ] {
        assert_eq!(&*target(target_sent, KEY).excerpt.text, target_sent);
    }
    for sent in [
        r#"{"order": 12345, "status": "completed", "supplierOrderId": "SUP-ORDER-12345"}"#,
        r#"{"order": 12345, "supplierOrderId": "6f1c1e9e-2a3b-4c5d-8e9f-0a1b2c3d4e5f", "note": "see https://example.com/orders/12345 at 10:00:00"}"#,
        r#"{"supplierOrderId": "ORD:2024:17", "at": "2024-01-01T10:00:00+02:00", "message": "done: not delivered, 50%"}"#,
        r#"{"order": 12345, "status": "Complete", "quantity": 3, "price": "19.99"}"#,
    ] {
        assert_eq!(kept(sent), sent);
        let sent = sent.as_bytes();
        let answer = super::answer(sent, &secrets(KEY, "/", br#"{"accounts":["ann@example.com:other"]}"#));
        assert_eq!(&*answer.text, std::str::from_utf8(sent).unwrap());
    }
}

#[test]
fn an_answer_repeats_no_secret_of_its_call() {
    let sent =
        json!({ "accounts": ["ann@example.com:Gr33n-door", "bob:54321"], "pw": "f\u{e9}nix-77" }).to_string();
    let secrets = secrets(KEY, "/x?token=abc-def-123", sent.as_bytes());
    let answer = |text: &str| -> String { super::answer(text.as_bytes(), &secrets).text.into() };
    for (text, expected) in [
        (
            format!(r#"{{"id":54321,"supplierOrderId":"{KEY}"}}"#),
            r#"{"id":54321,"supplierOrderId":"$API_KEY"}"#,
        ),
        (r#"{"a":"m@x.io:password","b":"ABC-def-123"}"#.to_owned(), r#"{"a":"m@x.io:***","b":"$API_KEY"}"#),
        (
            r#"{"a":"x Gr33n-door","b":"f\u00e9nix-77","c":"54321"}"#.to_owned(),
            r#"{"a":"x ***","b":"***","c":"***"}"#,
        ),
        (r#"{"a":"GR33N-DOOR, gr33n-door"}"#.to_owned(), r#"{"a":"***, ***"}"#),
        (r#"{"a":"ann@example.com:Gr33n-door"}"#.to_owned(), r#"{"a":"ann@example.com:***"}"#),
    ] {
        assert_eq!(answer(&text), expected);
    }
    // A page that is cut inside of a secret.
    for spaces in 900..1_024 {
        let page =
            format!(r#"{{"a":"{}","b":"Gr33n-door","c":"{}"}}"#, " ".repeat(spaces), "x".repeat(9_000));
        assert!(!answer(&page).contains("Gr33n"), "{spaces}");
    }
}

#[test]
fn long_texts_are_cut_and_a_key_behind_the_cut_is_noticed() {
    let long = format!(r#"{{"a":"{}","b":"{KEY}"}}"#, "é".repeat(MAX_KEPT));
    let redacted = body(long.as_bytes(), "");
    assert!(redacted.excerpt.is_cut && redacted.excerpt.text.len() <= MAX_KEPT && redacted.had_key);
    let exact = format!(r#""{}""#, "x".repeat(MAX_KEPT - 2));
    assert!(!body(exact.as_bytes(), "").excerpt.is_cut);
    for (text, kept) in
        [("é".to_owned(), 2), ("x".repeat(1_024), 1_024), (format!("x{}", "é".repeat(600)), 1_023)]
    {
        let excerpt = super::answer(text.as_bytes(), &Secrets::default());
        assert_eq!((excerpt.text.len(), excerpt.is_cut), (kept, text.len() > kept));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z:@ ]{0,9}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z]{1,8}", inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Rules: `update.secret`.
    #[test]
    fn no_password_survives(before in any_json(), login in "[a-z]{1,8}(@x\\.y)?", password in "[A-Z0-9!\"\\\\:é]{6,20}", cut_off in 0..40_usize) {
        let sent = json!({ "a": before, "accounts": [[format!("{login}:{password}")], format!("q:{password}")], "z": 1 }).to_string();
        let written = serde_json::to_string(&password).unwrap();
        let written = written.trim_matches('"');
        let end = sent.floor_char_boundary(sent.len().saturating_sub(cut_off));
        // Whole or broken off, it is not there, however it is written.
        for text in [&sent, &sent[..end]] {
            let kept = kept(text);
            prop_assert!(!kept.contains(&password) && !kept.contains(written), "{}", kept);
        }
    }

    /// Rules: `update.secret`.
    #[test]
    fn no_key_survives(before in "\\PC{0,30}", after in "\\PC{0,30}", own in "[A-Za-z0-9_-]{8,40}") {
        for key in [KEY, &own] {
            let sent = format!("{before}{key}{after}");
            let redacted = body(sent.as_bytes(), &own);
            prop_assert!(!redacted.excerpt.text.contains(key), "{}", redacted.excerpt.text);
            let query: String = form_urlencoded::byte_serialize(sent.as_bytes()).collect();
            let redacted = target(&format!("/x?a={query}"), &own);
            prop_assert!(redacted.had_key && !redacted.excerpt.text.contains(key), "{}", redacted.excerpt.text);
        }
    }

    #[test]
    fn any_bytes_are_kept_without_a_panic_and_within_bounds(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let redacted = body(&bytes, "");
        prop_assert!(redacted.excerpt.text.len() <= MAX_KEPT);
        let escape = char::from(27);
        prop_assert!(!redacted.excerpt.text.contains(escape));
    }

    #[test]
    fn json_without_secrets_stays_word_for_word(order in any::<u64>(), id in "[a-zA-Z0-9 é\\\\\"/-]{0,20}", status in "[a-z]{1,9}") {
        // What stands behind a word such as `pw` is taken for a password.
        prop_assume!(id.split(|c: char| !c.is_alphanumeric()).all(|word| named(word) == Named::Other));
        let sent = json!({ "order": order, "supplierOrderId": id, "status": status }).to_string();
        prop_assert_eq!(kept(&sent), sent);
    }
}

/// Rules: `update.secret`.
#[test]
fn a_password_is_known_again_however_often_it_was_escaped() {
    let secret = r#"pa ss"\égcf"#;
    let once = json!({ "password": secret }).to_string();
    let twice = json!({ "note": once }).to_string();
    for id in [once, twice] {
        let body = json!({ "order": 1, "supplierOrderId": id }).to_string();
        let secrets = secrets(KEY, "/", body.as_bytes());
        let stored = super::own_id(id.clone(), &secrets);
        assert!(!stored.contains("gcf"), "{stored}");
        assert!(!kept(&body).contains("gcf"), "{}", kept(&body));
    }
}
