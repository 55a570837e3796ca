//! Who may use the control API of the real program.

use std::fs;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;

use crate::client::connections;
use crate::program::{Launch, Program};

const TOKEN: &str = "0123456789abcdef-token";

fn create(client: &Client, program: &Program) -> RequestBuilder {
    let url = program.url().replace("0.0.0.0", "127.0.0.1");
    client.post(format!("{url}/_sandbox/sandboxes")).header("Content-Type", "application/json").body("{}")
}

async fn problem(request: RequestBuilder) -> (StatusCode, String) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    (status, body["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn on_loopback_another_name_and_a_page_of_another_site_are_refused() {
    let (program, client) = (Program::start(), connections());
    assert_eq!(problem(create(&client, &program)).await.0, StatusCode::CREATED);
    let own = create(&client, &program).header("Origin", program.url());
    assert_eq!(problem(own).await.0, StatusCode::CREATED);
    let rebound = create(&client, &program).header("Host", "rebound.example.com");
    assert_eq!(problem(rebound).await, (StatusCode::FORBIDDEN, "foreign-host".to_owned()));
    for origin in ["https://example.com", "null", "http://127.0.0.1:1"] {
        let foreign = create(&client, &program).header("Origin", origin);
        assert_eq!(problem(foreign).await, (StatusCode::FORBIDDEN, "foreign-origin".to_owned()), "{origin}");
    }
    for path in ["/docs", "/openapi.json", "/_sandbox/health", "/_sandbox/ready", "/_sandbox/sandboxes"] {
        let request = |host: &str| client.get(format!("{}{path}", program.url())).header("Host", host);
        assert_eq!(request("rebound.example.com").send().await.unwrap().status(), 403, "{path}");
        assert_eq!(request("localhost").send().await.unwrap().status(), 200, "{path}");
    }
    let supplier = client.get(format!("{}/api/admin/v2/orders", program.url()));
    let supplier =
        supplier.header("Host", "marketplace.example.com").header("X-Api-Key", program.key("aurora"));
    assert_eq!(supplier.send().await.unwrap().status(), 200, "the Supplier API is open to whoever has a key");
    for method in [Method::GET, Method::OPTIONS] {
        let request = client.request(method, format!("{}/_sandbox/sandboxes", program.url()));
        let response = request.header("Origin", program.url()).send().await.unwrap();
        assert!(!response.headers().keys().any(|name| name.as_str().starts_with("access-control")));
    }
}

#[tokio::test]
async fn elsewhere_the_token_is_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    fs::write(&file, TOKEN).unwrap();
    let launch = Launch::new().set("listen", "0.0.0.0:0").set("admin-token-file", file.to_str().unwrap());
    let (program, client) = (launch.start(), connections());
    for token in [None, Some("wrong"), Some("0123456789abcdef-toke")] {
        let request = create(&client, &program);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        assert_eq!(problem(request).await, (StatusCode::UNAUTHORIZED, "no-token".to_owned()), "{token:?}");
    }
    assert_eq!(problem(create(&client, &program).bearer_auth(TOKEN)).await.0, StatusCode::CREATED);
    let url = program.url().replace("0.0.0.0", "127.0.0.1");
    for path in ["/_sandbox/health", "/_sandbox/ready"] {
        assert_eq!(client.get(format!("{url}{path}")).send().await.unwrap().status(), 200, "{path}");
    }
    let ended = program.stop();
    assert!(!ended.stdout.contains(TOKEN) && !ended.stderr.contains(TOKEN));
}
