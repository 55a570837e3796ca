//! How documents and pages are sent.

use crate::sandbox::{ORDERS, Sandbox, UPDATE};

const PAGES: [&str; 6] =
    ["/docs", "/docs/style.css", "/docs/page.js", "/docs/reference.js", "/openapi.json", "/openapi.yaml"];

#[tokio::test]
async fn pages_are_compressed_for_whoever_takes_it_and_not_sent_again_unchanged() {
    let sandbox = Sandbox::minimal().await;
    for path in PAGES {
        let plain = sandbox.send(sandbox.request("GET", path)).await;
        assert_eq!((plain.status, plain.header("content-encoding")), (200, None), "{path}");
        let request = || sandbox.request("GET", path).header("Accept-Encoding", "gzip");
        let response = request().send().await.unwrap();
        assert_eq!(response.headers()["content-encoding"], "gzip", "{path}");
        assert_eq!(response.headers()["vary"], "accept-encoding", "{path}");
        let tag = response.headers()["etag"].clone();
        let compressed = response.bytes().await.unwrap();
        assert!(compressed.starts_with(b"\x1f\x8b") && compressed.len() * 2 < plain.text.len(), "{path}");

        let again = request().header("If-None-Match", tag.clone()).send().await.unwrap();
        assert_eq!((again.status().as_u16(), &again.headers()["etag"]), (304, &tag), "{path}");
        assert!(again.bytes().await.unwrap().is_empty(), "{path}");
        let other = request().header("If-None-Match", "\"another\"").send().await.unwrap();
        assert_eq!(other.status(), 200, "{path}");
    }
}

/// Rules: `auth.no-store`.
#[tokio::test]
async fn no_cache_keeps_what_is_one_callers() {
    let sandbox = Sandbox::minimal().await;
    let kept = async |request: reqwest::RequestBuilder| {
        let answer = request.send().await.unwrap();
        answer.headers()["cache-control"].to_str().unwrap().to_owned()
    };
    let key = sandbox.key("aurora");
    let calls = [
        sandbox.request("GET", ORDERS).header("X-Api-Key", key),
        sandbox.request("GET", ORDERS),
        sandbox.request("HEAD", ORDERS),
        sandbox.request("POST", UPDATE).header("X-Api-Key", key).json(&serde_json::json!({ "order": 12345 })),
        sandbox.request("POST", UPDATE).header("X-Api-Key", key).body("x"),
        sandbox.request("GET", "/api/admin/v2/nothing"),
        sandbox.request("GET", "/nothing"),
    ];
    for call in calls {
        let shown = format!("{call:?}");
        assert_eq!(kept(call).await, "no-store", "{shown}");
    }
    for path in [
        "/_sandbox/health",
        "/_sandbox/ready",
        "/_sandbox/metrics",
        "/_sandbox/sandboxes",
        "/_sandbox/sandboxes/default/orders",
        "/_sandbox/sandboxes/default/scorecard",
        "/_sandbox/sandboxes/default/events",
        "/_sandbox/sandboxes/default/snapshot",
        "/_sandbox/sandboxes/none",
        "/_sandbox/nothing",
        "/login",
        "/",
        "/orders",
    ] {
        assert_eq!(kept(sandbox.request("GET", path)).await, "no-store", "{path}");
        let foreign = sandbox.request("GET", path).header("Host", "example.com");
        assert_eq!(kept(foreign).await, "no-store", "{path}");
    }
    for path in PAGES {
        assert_eq!(kept(sandbox.request("GET", path)).await, "no-cache", "{path}: asked for again each time");
        assert_eq!(kept(sandbox.request("PUT", path)).await, "no-store", "{path}");
    }
    let scorecard = sandbox.request("GET", "/_sandbox/sandboxes/default/scorecard").send().await.unwrap();
    assert_eq!(scorecard.headers()["vary"], "accept");
}

#[tokio::test]
async fn pages_may_load_nothing_from_elsewhere_and_run_no_script_of_a_text() {
    let sandbox = Sandbox::minimal().await;
    for path in PAGES {
        let answer = sandbox.send(sandbox.request("GET", path)).await;
        let policy = answer.header("content-security-policy").unwrap();
        let directive = |name: &str| {
            let mut directives = policy.split(';').map(|directive| directive.trim().split_once(' ').unwrap());
            directives.find(|(known, _)| *known == name).map(|(_, sources)| sources)
        };
        assert_eq!(directive("default-src"), Some("'none'"), "{path}");
        for name in ["script-src", "connect-src"] {
            assert_eq!(directive(name), Some("'self'"), "{path}");
        }
        for name in ["base-uri", "form-action", "frame-ancestors"] {
            assert_eq!(directive(name), Some("'none'"), "{path}");
        }
        assert!(!policy.contains("http") && !policy.contains('*'), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
    }
}
