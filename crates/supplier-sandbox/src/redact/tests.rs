use std::process::Command;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{MAX_KEPT, answer, body, curl, target};

const KEY: &str = "test_0123456789abcdef0123456789abcdef";

fn kept(text: &str) -> String {
    body(text.as_bytes(), None).excerpt.text.into()
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
        (r#"{"a":["x:1","unended:secret word"#, r#"{"a":["x:***","unended:***""#),
        ("order=1&accounts=ann:1", "order=1&accounts=ann:***"),
        ("order=1&accounts%5B%5D=u%3Apw&x=u%3apw", "order=1&accounts%5B%5D=u:***&x=u:***"),
        (r#"{"accounts":[["u:x"],"secret"#, r#"{"accounts":[["u:***"],"***""#),
        (r#"{"a":"u\u003apw"#, r#"{"a":"***""#),
        ("{accounts: [ann:pass]}", "{accounts: [***]}"),
        ("{password: hunter2}", "{password: ***}"),
        ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
        ("", ""),
    ] {
        assert_eq!(kept(sent), expected, "{sent}");
    }
}

#[test]
fn keys_are_replaced_wherever_they_stand() {
    let own = Some("live-key-of-mine");
    for (path, query, expected) in [
        (
            "/api/admin/v2/orders",
            Some("productType=manual&limit=2"),
            "/api/admin/v2/orders?productType=manual&limit=2",
        ),
        ("/orders", None, "/orders"),
        ("/orders", Some("apiKey=abc&limit=1"), "/orders?apiKey=$API_KEY&limit=1"),
        ("/orders/live-key-of-mine", Some("x=%6cive-key-of-mine"), "/orders/$API_KEY?x=$API_KEY"),
        ("/orders", Some("q=live-key-of-mine&live-key-of-mine"), "/orders?q=$API_KEY&$API_KEY"),
        ("/orders", Some("email=a%40b.c%3Asecret&accounts=x"), "/orders?email=a@b.c:***&accounts=***"),
    ] {
        let redacted = target(path, query, own);
        assert_eq!(&*redacted.excerpt.text, expected);
        assert_eq!(redacted.had_key, expected.contains("$API_KEY"), "{expected}");
    }
    let redacted = target("/orders", Some(&format!("a={KEY}")), None);
    assert!(redacted.had_key && &*redacted.excerpt.text == "/orders?a=$API_KEY");
    let redacted = body(format!(r#"{{"x":"a {KEY} b","y":"{KEY}{KEY}"}}"#).as_bytes(), None);
    assert!(redacted.had_key);
    assert_eq!(&*redacted.excerpt.text, r#"{"x":"a $API_KEY b","y":"$API_KEY$API_KEY"}"#);
    assert!(!body(br#"{"order":1}"#, own).had_key);
}

#[test]
fn long_texts_are_cut_and_a_key_behind_the_cut_is_noticed() {
    let long = format!(r#"{{"a":"{}","b":"{KEY}"}}"#, "é".repeat(MAX_KEPT));
    let redacted = body(long.as_bytes(), None);
    assert!(redacted.excerpt.is_cut && redacted.excerpt.text.len() <= MAX_KEPT && redacted.had_key);
    let exact = "x".repeat(MAX_KEPT);
    assert!(!body(exact.as_bytes(), None).excerpt.is_cut);
    for (text, kept) in
        [("é".to_owned(), 2), ("x".repeat(1_024), 1_024), (format!("x{}", "é".repeat(600)), 1_023)]
    {
        let excerpt = answer(text.as_bytes());
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
            let redacted = body(sent.as_bytes(), Some(&own));
            prop_assert!(!redacted.excerpt.text.contains(key), "{}", redacted.excerpt.text);
            let query: String = form_urlencoded::byte_serialize(sent.as_bytes()).collect();
            let redacted = target("/x", Some(&format!("a={query}")), Some(&own));
            prop_assert!(redacted.had_key && !redacted.excerpt.text.contains(key), "{}", redacted.excerpt.text);
        }
    }

    #[test]
    fn any_bytes_are_kept_without_a_panic_and_within_bounds(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let redacted = body(&bytes, None);
        prop_assert!(redacted.excerpt.text.len() <= MAX_KEPT);
        let escape = char::from(27);
        prop_assert!(!redacted.excerpt.text.contains(escape));
    }

    #[test]
    fn json_without_secrets_stays_word_for_word(order in any::<u64>(), id in "[a-zA-Z0-9 é\\\\\"/-]{0,20}", status in "[a-z]{1,9}") {
        let sent = json!({ "order": order, "supplierOrderId": id, "status": status }).to_string();
        prop_assert_eq!(kept(&sent), sent);
    }
}

#[test]
fn a_call_survives_the_shell() {
    let hostile = r#"@it's $HOME `id` "x" \ $API_KEY"#;
    let command = curl("POST", "http://127.0.0.1:4010", "/a?b=[1]", Some(hostile));
    let script = command.replacen("curl", "printf '%s\\n'", 1);
    let output = Command::new("sh").args(["-c", &script]).env("API_KEY", "k").output().unwrap();
    let words: Vec<_> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
    assert_eq!(
        words,
        [
            "--globoff",
            "-X",
            "POST",
            "http://127.0.0.1:4010/a?b=[1]",
            "-H",
            "x-api-key: k",
            "-H",
            "Content-Type: application/json",
            "--data-raw",
            hostile
        ]
    );
    assert_eq!(curl("GET", "http://x", "/y", None), "curl 'http://x/y' -H \"x-api-key: $API_KEY\"");
}
