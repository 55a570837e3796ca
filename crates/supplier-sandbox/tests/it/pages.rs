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

/// What a browser sends when somebody follows a link.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Rules: `error.transport`.
#[tokio::test]
async fn a_browser_that_asks_for_what_is_not_there_gets_a_page_with_links_to_go_on() {
    let sandbox = Sandbox::minimal().await;
    let send = async |method: &str, path: &str, accept: &str| {
        sandbox.send(sandbox.request(method, path).header("Accept", accept)).await
    };
    for (method, path, status, title, allow) in [
        ("GET", "/nothing", 404, "Page not found", None),
        ("GET", "/docs/nothing", 404, "Page not found", None),
        ("POST", "/nothing", 404, "Page not found", None),
        ("POST", "/docs", 405, "Method not allowed", Some("GET,HEAD")),
        ("DELETE", "/orders", 405, "Method not allowed", Some("GET,HEAD")),
        ("GET", "/logout", 405, "Method not allowed", Some("POST")),
    ] {
        let page = send(method, path, BROWSER).await;
        assert_eq!((page.status, page.header("allow")), (status, allow), "{method} {path}");
        let kind = (page.header("content-type"), page.header("vary"), page.header("cache-control"));
        assert_eq!(
            kind,
            (Some("text/html; charset=utf-8"), Some("accept"), Some("no-store")),
            "{method} {path}"
        );
        assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
        assert!(page.text.contains(&format!("<h1>{title}</h1>")), "{}", page.text);
        let links = page.text.split("href=\"/").skip(1).map(|rest| rest.split('"').next().unwrap());
        let links: Vec<_> = links.map(|link| format!("/{link}")).collect();
        assert!(links.len() > 3, "{links:?}");
        for link in links {
            let followed = sandbox.request("GET", &link).header("Accept", BROWSER).send().await.unwrap();
            assert_eq!(followed.status(), 200, "{link}");
        }
        for accept in ["*/*", "application/json", "application/json, text/html;q=0.9", "image/png"] {
            let answer = send(method, path, accept).await;
            assert_eq!(
                (answer.status, answer.header("vary")),
                (status, Some("accept")),
                "{method} {path}: {accept}"
            );
            answer.refused(status, if status == 404 { "NOT_FOUND" } else { "METHOD_NOT_ALLOWED" });
        }
    }
}

/// Rules: `error.transport`, `error.envelope`.
#[tokio::test]
async fn the_apis_answer_in_json_whatever_is_accepted() {
    let sandbox = Sandbox::minimal().await;
    for (method, path, status, code) in [
        ("GET", "/api/admin/v2", 404, "NOT_FOUND"),
        ("GET", "/api/admin/v2/nothing", 404, "NOT_FOUND"),
        ("POST", ORDERS, 405, "METHOD_NOT_ALLOWED"),
    ] {
        let answer = sandbox.send(sandbox.request(method, path).header("Accept", BROWSER)).await;
        answer.refused(status, code);
    }
    let answer = sandbox.request("GET", "/_sandbox/nothing").header("Accept", BROWSER).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn the_control_api_begins_with_an_index_for_programs_and_for_people() {
    let sandbox = Sandbox::minimal().await;
    for path in ["/_sandbox", "/_sandbox/"] {
        let index = sandbox.send(sandbox.request("GET", path)).await;
        assert_eq!((index.status, index.header("vary")), (200, Some("accept")), "{path}");
        for (name, link) in index.body["links"].as_object().unwrap() {
            let link = link.as_str().unwrap().strip_prefix(sandbox.server.url()).unwrap();
            assert_eq!(sandbox.request("GET", link).send().await.unwrap().status(), 200, "{name}: {link}");
        }
        let page = sandbox.request("GET", path).header("Accept", BROWSER).send().await.unwrap();
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8", "{path}");
        let page = page.text().await.unwrap();
        assert!(page.contains("href=\"/_sandbox/openapi.json\""), "{page}");
        assert_eq!(sandbox.request("POST", path).send().await.unwrap().status(), 405, "{path}");
    }
}
