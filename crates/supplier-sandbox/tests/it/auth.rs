//! Who calls.

use serde_json::json;

use crate::sandbox::{ORDERS, Sandbox, UPDATE};

/// Both operations, each by a call that a valid key would make a success.
const CALLS: [(&str, &str); 2] = [("GET", ORDERS), ("POST", UPDATE)];

fn body(method: &str) -> String {
    if method == "POST" { json!({ "order": 12345 }).to_string() } else { String::new() }
}

/// Rules: `auth.header`.
#[tokio::test]
async fn the_key_is_taken_from_its_header_whatever_the_case_of_its_name() {
    let sandbox = Sandbox::minimal().await;
    for name in ["X-Api-Key", "x-api-key", "X-API-KEY"] {
        for (method, path) in CALLS {
            let request = sandbox.request(method, path).header(name, sandbox.key("aurora"));
            let request = request.header("Content-Type", "application/json").body(body(method));
            assert_eq!(sandbox.send(request).await.status, 200, "{method} with {name}");
        }
    }
}

/// Rules: `auth.invalid-key`, `error.messages`, `error.envelope`, `error.status`.
#[tokio::test]
async fn anything_but_the_whole_key_is_refused_on_both_operations() {
    let sandbox = Sandbox::minimal().await;
    let key = sandbox.key("aurora").to_owned();
    let wrong = [
        String::new(),
        "nobody".to_owned(),
        key.to_uppercase(),
        key[..key.len() - 1].to_owned(),
        format!("{key}0"),
        format!("{key}, {key}"),
        format!("Bearer {key}"),
        key.replace("test_", ""),
        "\u{e9}".to_owned(),
    ];
    for (method, path) in CALLS {
        let without =
            sandbox.request(method, path).header("Content-Type", "application/json").body(body(method));
        let without = sandbox.send(without).await;
        assert_eq!(
            (without.status, without.text.as_str()),
            (401, r#"{"error":"INVALID_API_KEY","message":"Invalid API key"}"#)
        );
        for wrong in &wrong {
            let request = sandbox.request(method, path).header("X-Api-Key", wrong.as_bytes());
            let request = request.header("Content-Type", "application/json").body(body(method));
            sandbox.send(request).await.refused(401, "INVALID_API_KEY");
        }
    }
}

/// Rules: `auth.header-only`.
#[tokio::test]
async fn a_key_elsewhere_does_not_count_and_two_are_one_too_many() {
    let sandbox = Sandbox::minimal().await;
    let key = sandbox.key("aurora").to_owned();
    for (method, path) in CALLS {
        let send = |request: reqwest::RequestBuilder| {
            sandbox.send(request.header("Content-Type", "application/json").body(body(method)))
        };
        let in_the_query = format!("{path}?X-Api-Key={key}&x-api-key={key}&apiKey={key}&api_key={key}");
        send(sandbox.request(method, &in_the_query)).await.refused(401, "INVALID_API_KEY");
        for authorization in [key.clone(), format!("Bearer {key}"), format!("ApiKey {key}")] {
            let request = sandbox.request(method, path).header("Authorization", authorization);
            send(request).await.refused(401, "INVALID_API_KEY");
        }
        let twice = sandbox.request(method, path).header("X-Api-Key", &key).header("X-Api-Key", &key);
        send(twice).await.refused(401, "INVALID_API_KEY");
        // What does not count does no harm either.
        let both =
            sandbox.request(method, path).header("X-Api-Key", &key).header("Authorization", "Bearer x");
        assert_eq!(send(both).await.status, 200);
    }
}

/// Rules: `auth.invalid-key`.
#[tokio::test]
async fn a_revoked_key_is_refused_at_once_on_both_operations() {
    let sandbox = Sandbox::minimal().await;
    let key = sandbox.key("aurora").to_owned();
    sandbox.list("").await.good();
    assert!(sandbox.server.revoke_key(&key).await.unwrap());
    sandbox.list("").await.refused(401, "INVALID_API_KEY");
    sandbox.update(json!({ "order": 12345 })).await.refused(401, "INVALID_API_KEY");
    sandbox.list_as("birch", "").await.good();
}

/// Rules: `auth.first`, `error.precedence`.
#[tokio::test]
async fn on_a_known_operation_the_key_is_judged_before_all_else() {
    let sandbox = Sandbox::minimal().await;
    let list =
        sandbox.request("GET", &format!("{ORDERS}?limit=0&status=nonsense")).header("X-Api-Key", "wrong");
    sandbox.send(list).await.refused(401, "INVALID_API_KEY");
    let too_large = vec![b' '; (1 << 20) + 1];
    for body in [b"{".to_vec(), b"[]".to_vec(), br#"{"order":"x"}"#.to_vec(), too_large] {
        let update = sandbox.request("POST", UPDATE).header("X-Api-Key", "wrong").body(body);
        sandbox.send(update).await.refused(401, "INVALID_API_KEY");
    }
}

/// Rules: `auth.first`.
#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_told_whatever_the_key() {
    let sandbox = Sandbox::minimal().await;
    for key in ["wrong", sandbox.key("aurora")] {
        let call = |method, path| sandbox.send(sandbox.request(method, path).header("X-Api-Key", key));
        call("GET", "/api/admin/v2/order").await.refused(404, "NOT_FOUND");
        call("POST", ORDERS).await.refused(405, "METHOD_NOT_ALLOWED");
        call("GET", UPDATE).await.refused(405, "METHOD_NOT_ALLOWED");
    }
}
