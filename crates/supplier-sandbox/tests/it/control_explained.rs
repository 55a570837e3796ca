//! What a developer is told of a call that went wrong quietly: ignored names, keys that lead to nobody, odd accounts.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::control::Control;
use crate::sandbox::{ORDERS, Sandbox, UPDATE};

/// The last call of a sandbox's journal: what is known of it, and why it was answered so.
async fn last(control: &Control<'_>, sandbox: &str) -> (Value, Value) {
    let calls = control.requests_of(sandbox, "limit=1").await;
    let call = calls.first().cloned().unwrap_or_default();
    let path = format!("/sandboxes/{sandbox}/requests/{}", call["id"].as_str().unwrap_or_default());
    let why = control.call("GET", &format!("{path}/why"), None).await.1;
    (control.call("GET", &path, None).await.1, why)
}

fn sentences(why: &Value) -> String {
    let reasons = why["reasons"].as_array().unwrap().iter();
    reasons.map(|it| it["sentence"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

async fn practice(control: &Control<'_>, name: &str) -> Value {
    let (_, report) = control.call("GET", "/sandboxes/default/scorecard", None).await;
    let practices = report["suppliers"][0]["practices"].as_array().unwrap().clone();
    practices.into_iter().find(|practice| practice["practice"] == name).unwrap()
}

/// Rules: `list.values`, `update.null`, `practice.names`.
#[tokio::test]
async fn an_ignored_name_is_told_with_the_nearest_known_one() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    for (query, name, nearest) in [
        ("status[]=pending&status[]=processing", "status[]", Some("status")),
        ("status%5B0%5D=pending", "status[0]", Some("status")),
        ("Status=pending", "Status", Some("status")),
        ("page=2", "page", Some("offset")),
        ("producttype=manual", "producttype", Some("productType")),
        ("product_type=manual", "product_type", Some("productType")),
        ("per_page=5", "per_page", Some("limit")),
        ("_=1712345", "_", None),
    ] {
        sandbox.list(query).await.good();
        let (call, why) = last(&control, "default").await;
        let expected = json!([{ "place": "list-parameter", "name": name, "nearest": nearest }]);
        assert_eq!(call["ignored"], expected, "{query}");
        let told = sentences(&why);
        assert!(told.contains(&format!("The parameter `{name}` was ignored: ")), "{told}");
        assert!(nearest.is_none_or(|nearest| told.contains(nearest)), "{told}");
    }
    for (body, name, nearest) in [
        (json!({ "order": 12_345, "account": ["a:1"] }), "account", Some("accounts")),
        (
            json!({ "order": 12_345, "supplier_order_id": "S-1" }),
            "supplier_order_id",
            Some("supplierOrderId"),
        ),
        (json!({ "order": 12_345, "Status": "completed" }), "Status", Some("status")),
        (json!({ "order": 12_345, "note": "x" }), "note", None),
    ] {
        sandbox.update(body.clone()).await.good();
        let (call, why) = last(&control, "default").await;
        assert_eq!(
            call["ignored"],
            json!([{ "place": "update-field", "name": name, "nearest": nearest }]),
            "{body}"
        );
        assert_eq!(call["update"]["changedNothing"], true, "{body}");
        let told = sentences(&why);
        assert!(told.contains(&format!("The field `{name}` was ignored: ")), "{told}");
        assert!(told.contains("The update changed nothing"), "{told}");
    }
    // A refused call tells as well what it meant.
    sandbox.update(json!({ "orderId": 12_345 })).await.refused(400, "INVALID_REQUEST");
    assert_eq!(last(&control, "default").await.0["ignored"][0]["nearest"], "order");

    let names = practice(&control, "practice.names").await;
    assert_eq!((names["points"].clone(), names["occasions"].clone()), (json!(0), json!(13)));
    let findings = names["findings"].as_array().unwrap();
    let told: Vec<_> = findings.iter().map(|it| it["sentence"].as_str().unwrap()).collect();
    assert_eq!(told.len(), 13, "{told:?}");
    assert_eq!(told[0], "The parameter `status[]` of 1 list call was ignored.");
    assert_eq!(findings[0]["advice"], "Write `status`, in exactly these letters.");
    assert!(told.contains(&"The field `account` of 1 update was ignored (order 12345)."), "{told:?}");
}

/// Rules: `practice.names`, `update.optional-fields`.
#[tokio::test]
async fn a_call_with_known_names_and_an_update_that_changes_something_are_not_blamed() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    sandbox
        .list("status=pending&productType=manual&limit=5&offset=0&entityType=product&subCategory=x")
        .await
        .good();
    assert_eq!(last(&control, "default").await.0["ignored"], json!([]));
    for (body, changed_nothing) in [
        (json!({ "order": 12_345, "status": "processing", "supplierOrderId": "S-1" }), false),
        (json!({ "order": 12_345, "status": "processing", "supplierOrderId": "S-1" }), true),
        (json!({ "order": 12_345, "supplierOrderId": "S-2" }), false),
        (json!({ "order": 12_345, "accounts": ["a:1"] }), false),
        (json!({ "order": 12_345 }), true),
    ] {
        sandbox.update(body.clone()).await.good();
        let (call, _) = last(&control, "default").await;
        assert_eq!(
            (&call["update"]["changedNothing"], &call["ignored"]),
            (&json!(changed_nothing), &json!([])),
            "{body}"
        );
    }
    assert_eq!(practice(&control, "practice.names").await["points"], 100);
}

/// Rules: `list.values`.
#[tokio::test]
async fn a_repeated_parameter_is_told_how_to_give_several_values() {
    let sandbox = Sandbox::minimal().await;
    for (query, advice) in [
        ("status=pending&status=processing", "give it once, its values separated by commas"),
        ("productType=manual&productType=auto", "give it once, its values separated by commas"),
        ("limit=1&limit=2", "give it once"),
    ] {
        let answer = sandbox.list(query).await;
        answer.refused(400, "INVALID_REQUEST");
        let problem = answer.body["details"][0]["problem"].as_str().unwrap().to_owned();
        assert!(problem.ends_with(advice), "{problem}");
    }
}

/// Rules: `auth.invalid-key`, `auth.header-only`.
#[tokio::test]
async fn each_wrong_way_to_send_a_key_is_told_and_kept_with_its_sandbox() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let created = control.created(json!({})).await;
    let (id, key) = (created["id"].as_str().unwrap(), created["suppliers"][0]["key"].as_str().unwrap());
    let list = |path: &str| sandbox.request("GET", path);
    let with = |name: &'static str, value: String| list(ORDERS).header(name, value);
    let cases: Vec<(&str, RequestBuilder, &str)> = vec![
        ("scheme", with("X-Api-Key", format!("Bearer {key}")), id),
        ("quoted", with("X-Api-Key", format!("\"{key}\"")), id),
        ("letter-case", with("X-Api-Key", key.to_uppercase()), id),
        ("white-space", with("X-Api-Key", format!("{} {}", &key[..12], &key[12..])), id),
        ("repeated", with("X-Api-Key", key.to_owned()).header("X-Api-Key", key), id),
        ("in-authorization", with("Authorization", format!("Bearer {key}")), id),
        ("other-header", with("Api-Key", key.to_owned()), id),
        ("in-query", list(&format!("{ORDERS}?api_key={key}")), id),
        ("length", with("X-Api-Key", key[..30].to_owned()), "default"),
        ("missing", list(ORDERS), "default"),
        ("empty", with("X-Api-Key", String::new()), "default"),
        ("placeholder", with("X-Api-Key", "YOUR_API_KEY".to_owned()), "default"),
        ("not-of-sandbox", with("X-Api-Key", "sk-9f8e7d6c5b4a3f2e".to_owned()), "default"),
        ("unknown", with("X-Api-Key", "test_00000000000000000000000000000000".to_owned()), "default"),
    ];
    let mut explanations = Vec::new();
    for (problem, request, kept_with) in cases {
        sandbox.send(request).await.refused(401, "INVALID_API_KEY");
        let (call, why) = last(&control, kept_with).await;
        assert_eq!(call["keyProblem"], problem, "{call}");
        assert_eq!(why["reasons"][0]["rule"], "auth.invalid-key", "{why}");
        let text = format!("{call}{why}");
        assert!(!text.contains(&key[5..20]) && !text.contains("9f8e7d6c"), "{text}");
        explanations.push(sentences(&why));
    }
    explanations.sort_unstable();
    explanations.dedup();
    assert_eq!(explanations.len(), 14, "{explanations:#?}");
    // Calls that no key led to a supplier are not held against one.
    let (_, report) = control.call("GET", &format!("/sandboxes/{id}/scorecard"), None).await;
    assert_eq!(report["suppliers"][0]["score"], Value::Null, "{report}");
    let calls = control.requests_of(id, "").await;
    assert!(calls.iter().all(|call| call["supplier"] == created["suppliers"][0]["id"]), "{calls:?}");
}

/// Rules: `auth.invalid-key`.
#[tokio::test]
async fn a_revoked_key_and_one_whose_sandbox_is_gone_are_told_apart() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let created = control.created(json!({})).await;
    let (id, key) = (created["id"].as_str().unwrap(), created["suppliers"][0]["key"].as_str().unwrap());
    let supplier = created["suppliers"][0]["id"].as_str().unwrap();
    let path = format!("/sandboxes/{id}/suppliers/{supplier}/keys");
    let keys = control.call("GET", &path, None).await.1;
    let key_id = keys["keys"][0]["id"].as_str().unwrap();
    assert_eq!(control.call("DELETE", &format!("{path}/{key_id}"), None).await.0, 204);
    let call = async || {
        let update =
            sandbox.request("POST", UPDATE).header("X-Api-Key", key).json(&json!({ "order": 12_345 }));
        sandbox.send(update).await.refused(401, "INVALID_API_KEY");
    };
    call().await;
    let (record, why) = last(&control, id).await;
    assert_eq!((&record["keyProblem"], &record["supplier"]), (&json!("revoked"), &json!(supplier)));
    assert_eq!(sentences(&why), "The key was revoked. Give your client another key of this supplier.");
    assert_eq!(control.requests("").await.len(), 0, "it is no call of the default sandbox");

    assert_eq!(control.call("DELETE", &format!("/sandboxes/{id}"), None).await.0, 204);
    call().await;
    let (record, why) = last(&control, "default").await;
    assert_eq!((&record["keyProblem"], &record["supplier"]), (&json!("sandbox-gone"), &Value::Null));
    assert!(sentences(&why).contains("deleted, or has expired") && !why.to_string().contains(id), "{why}");
}

/// Rules: `update.accounts-valid`, `practice.accounts`.
#[tokio::test]
async fn an_account_that_is_hardly_meant_as_sent_is_taken_and_named() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let accounts = json!(["a:1", "\u{feff}b:2", "c\u{200b}:3", "\"d:4\"", "login|pass|2fa|mail:x"]);
    sandbox.update(json!({ "order": 12_345, "accounts": accounts })).await.good();
    let (call, why) = last(&control, "default").await;
    assert_eq!((&call["update"]["accepted"], &call["update"]["odd"]), (&json!(5), &json!(4)));
    let told = sentences(&why);
    for part in [
        "4 accounts were delivered that were hardly meant as sent",
        "accounts[1] holds the invisible character U+FEFF at position 0",
        "accounts[2] holds the invisible character U+200B at position 1",
        "accounts[3] stands in quotes",
        "accounts[4] looks like `login|password|…`",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let report = practice(&control, "practice.accounts").await;
    assert_eq!(report["points"], 0);
    let finding = report["findings"][0]["sentence"].as_str().unwrap();
    assert!(
        finding.starts_with("4 accounts in 1 update were hardly meant as sent: accounts[1] holds"),
        "{finding}"
    );
}

/// Rules: `update.accounts-valid`, `update.invalid-accounts`, `error.details`.
#[tokio::test]
async fn lines_of_another_form_are_dropped_and_told_what_to_send() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    for (entry, form, looks) in [
        (json!("login|hunter2|2fa|m@example.com|cookies"), "pipes", "looks like `login|password|…`"),
        (json!("login;hunter2"), "semicolons", "looks like `login;password`"),
        (json!("login\thunter2"), "tabs", "divided by a tab"),
        (json!("login,hunter2"), "commas", "looks like `login,password`"),
        (json!("login----hunter2"), "dashes", "looks like `login----password`"),
        (json!("login hunter2"), "spaces", "divided by a space"),
        (json!("[\"login\",\"hunter2\"]"), "json", "looks like JSON"),
        (json!({ "login": "login", "password": "hunter2" }), "not-text", "is no string"),
    ] {
        let answer = sandbox.update(json!({ "order": 12_345, "accounts": [entry] })).await;
        answer.refused(400, "INVALID_ACCOUNTS");
        if form != "not-text" {
            let details = answer.body["details"].clone();
            assert_eq!(details[0]["field"], "accounts[0]", "{details}");
            let problem = details[0]["problem"].as_str().unwrap();
            assert!(problem.contains(looks) && problem.contains("`login:password`"), "{problem}");
        }
        let (call, why) = last(&control, "default").await;
        assert_eq!(why["accounts"][0]["form"], form, "{why}");
        let sentence = why["accounts"][0]["sentence"].as_str().unwrap();
        assert!(sentence.contains(looks) && sentence.contains("`login:password`"), "{sentence}");
        assert!(!format!("{call}{why}{}", answer.text).contains("hunter2"), "{call}{why}");
    }
    let report = practice(&control, "practice.accounts").await;
    let finding = &report["findings"][0];
    assert!(finding["sentence"].as_str().unwrap().contains("looks like `login|password|…`"), "{finding}");
    assert!(finding["advice"].as_str().unwrap().contains("`login:password`"), "{finding}");
    // What has no other form is refused as the guide shows it, without details.
    let answer = sandbox.update(json!({ "order": 12_345, "accounts": ["login"] })).await;
    assert_eq!(
        answer.text,
        r#"{"error":"INVALID_ACCOUNTS","message":"No valid accounts provided after deduplication"}"#
    );
}
