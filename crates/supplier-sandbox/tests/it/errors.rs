//! How a call is refused, and which reason is told when there are several.

use serde_json::json;

use crate::sandbox::{ORDERS, Sandbox, UPDATE};

/// Rules: `error.envelope`, `error.details`.
#[tokio::test]
async fn an_error_is_a_code_and_a_message_and_details_only_where_a_form_is_wrong() {
    let sandbox = Sandbox::minimal().await;
    let answers = [
        sandbox.send(sandbox.request("GET", ORDERS)).await,
        sandbox.send(sandbox.request("GET", "/nowhere")).await,
        sandbox.send(sandbox.request("PUT", ORDERS)).await,
        sandbox.update(json!({ "order": 40401 })).await,
        sandbox.update(json!({ "order": 40301 })).await,
        sandbox.update(json!({ "order": 12345, "accounts": [] })).await,
        sandbox.update(json!({ "order": "x" })).await,
        sandbox.list("limit=x").await,
    ];
    for answer in answers {
        assert!((400..500).contains(&answer.status), "{}", answer.text);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let fields: Vec<_> = answer.body.as_object().unwrap().keys().map(String::as_str).collect();
        let with_details = answer.body["error"] == "INVALID_REQUEST";
        let expected =
            if with_details { &["error", "message", "details"][..] } else { &["error", "message"] };
        assert_eq!(fields, expected, "{}", answer.text);
        assert!(answer.body["message"].as_str().unwrap().len() > 5);
    }
}

/// Rules: `error.precedence`, `error.status`.
#[tokio::test]
async fn key_form_existence_access_and_accounts_are_judged_in_this_order() {
    let sandbox = Sandbox::minimal().await;
    let wrong_key = |body: serde_json::Value| {
        let request = sandbox.request("POST", UPDATE).header("X-Api-Key", "wrong").json(&body);
        sandbox.send(request)
    };
    // Each call has everything wrong that comes after what it is refused for.
    wrong_key(json!({ "order": 40401, "status": "done", "accounts": [] }))
        .await
        .refused(401, "INVALID_API_KEY");
    let answer = sandbox.update(json!({ "order": 40401, "status": "done", "accounts": [] })).await;
    answer.refused(400, "INVALID_REQUEST");
    let answer = sandbox.update(json!({ "order": 40301, "status": "done", "accounts": [] })).await;
    answer.refused(400, "INVALID_REQUEST");
    sandbox.update(json!({ "order": 40401, "accounts": [] })).await.refused(404, "ORDER_NOT_FOUND");
    // Not paid, and not the caller's.
    sandbox
        .update_as("birch", json!({ "order": 40402, "accounts": [] }))
        .await
        .refused(404, "ORDER_NOT_FOUND");
    sandbox.update(json!({ "order": 40301, "accounts": [] })).await.refused(403, "ACCESS_DENIED");
    sandbox.update(json!({ "order": 12345, "accounts": [] })).await.refused(400, "INVALID_ACCOUNTS");
}
