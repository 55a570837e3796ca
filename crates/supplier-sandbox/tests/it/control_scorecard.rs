//! The scorecard, of a client that does all that it should not, and of one that works as the guide shows.

use serde_json::{Value, json};

use crate::control::Control;
use crate::sandbox::Sandbox;

/// How many practices the rulebook has.
const PRACTICES: usize = 10;
const SCORECARD: &str = "/_sandbox/sandboxes/default/scorecard";
const OPEN: &str = "productType=manual&status=pending,processing&limit=50";

impl Control<'_> {
    async fn scorecard(&self) -> Value {
        let (status, scorecard) = self.call("GET", "/sandboxes/default/scorecard", None).await;
        assert_eq!(status, 200, "{scorecard}");
        scorecard
    }
}

fn practices(client: &Value) -> Vec<(&str, &str)> {
    let practices = client["practices"].as_array().unwrap().iter();
    practices.map(|it| (it["practice"].as_str().unwrap(), it["standing"].as_str().unwrap())).collect()
}

/// Polls every second, gives no id of its own, completes with too few accounts, repeats what was refused, and pages on
/// while its first page is withheld.
async fn bad_client(sandbox: &Sandbox) {
    let first = sandbox.list("productType=manual&status=pending,processing&limit=2").await.numbers();
    sandbox.list("productType=manual&status=pending,processing&limit=2&offset=2").await.good();
    for _ in 0..20 {
        sandbox.list(OPEN).await.good();
        sandbox.pass(1_000).await;
    }
    for order in &first {
        let update = json!({ "order": order, "status": "completed", "accounts": ["ann@example.com:1"] });
        for _ in 0..3 {
            sandbox.update(update.clone()).await;
        }
    }
}

/// Polls every five minutes, and completes each order with as many accounts as were ordered, as the guide does.
async fn guide_client(sandbox: &Sandbox) {
    for round in 0..4 {
        let page = sandbox.list(OPEN).await.good();
        for order in page["orders"].as_array().unwrap() {
            let id = order["id"].as_u64().unwrap();
            let account = |number: u64| format!("user{number}.{id}.{round}@example.com:pass{number}");
            let accounts: Vec<_> = (0..order["quantity"].as_u64().unwrap()).map(account).collect();
            let update = json!({ "order": id, "status": "completed", "accounts": accounts, "supplierOrderId": format!("SUP-{id}") });
            sandbox.update(update).await.good();
        }
        sandbox.pass(5 * 60 * 1_000).await;
    }
}

/// Rules: `practice.polling`, `practice.errors`, `practice.tracking`, `practice.partial`, `practice.window`,
/// `practice.status`, `practice.accounts`.
#[tokio::test]
async fn a_bad_client_is_told_all_that_is_bad_with_evidence_and_the_guides_client_scores_above_it() {
    let (bad, guide) = (Sandbox::minimal().await, Sandbox::minimal().await);
    bad_client(&bad).await;
    guide_client(&guide).await;
    let control = Control::of(&bad);
    let report = control.scorecard().await;
    let client = &report["suppliers"][0];
    let missed: Vec<_> =
        practices(client).into_iter().filter(|(_, standing)| *standing == "not-met").collect();
    for practice in ["polling", "errors", "tracking", "partial", "window"] {
        let name = format!("practice.{practice}");
        assert!(missed.iter().any(|(missed, _)| *missed == name), "{practice} is not named: {client}");
    }
    // The evidence is there to be looked at.
    for practice in client["practices"].as_array().unwrap() {
        for finding in practice["findings"].as_array().unwrap() {
            let requests = finding["requests"].as_array().unwrap();
            assert!(!requests.is_empty(), "{finding}");
            for id in requests {
                let path = format!("/sandboxes/default/requests/{}", id.as_str().unwrap());
                assert_eq!(control.call("GET", &path, None).await.0, 200);
            }
        }
    }
    let (bad_score, control) = (report["score"].as_u64().unwrap(), Control::of(&guide));
    let report = control.scorecard().await;
    let client = &report["suppliers"][0];
    assert!(report["score"].as_u64().unwrap() > bad_score + 20, "{client}");
    let missed: Vec<_> =
        practices(client).into_iter().filter(|(_, standing)| *standing == "not-met").collect();
    assert!(missed.contains(&("practice.status", "not-met")), "it sets no `processing`: {client}");
    assert!(!missed.contains(&("practice.polling", "not-met")), "{client}");
}

#[tokio::test]
async fn a_supplier_of_whom_nothing_was_seen_has_no_score() {
    let sandbox = Sandbox::minimal().await;
    let control = Control::of(&sandbox);
    let report = control.scorecard().await;
    assert_eq!((&report["score"], &report["complete"]), (&Value::Null, &json!(true)));
    assert_eq!(report["suppliers"][0]["practices"].as_array().unwrap().len(), PRACTICES);
    sandbox.list(OPEN).await.good();
    control.call("DELETE", "/sandboxes/default/requests", None).await;
    let (_, report) = control.call("GET", "/sandboxes/default/scorecard?supplier=aurora", None).await;
    assert_eq!((report["suppliers"].as_array().unwrap().len(), &report["complete"]), (1, &json!(false)));
    for (query, status) in [("supplier=nobody", 404), ("supplier=No", 400), ("suplier=aurora", 400)] {
        assert_eq!(
            control.call("GET", &format!("/sandboxes/default/scorecard?{query}"), None).await.0,
            status
        );
    }
}

#[tokio::test]
async fn a_report_comes_in_the_type_that_is_asked_for() {
    let sandbox = Sandbox::minimal().await;
    bad_client(&sandbox).await;
    for (accept, status, kind) in [
        ("*/*", 200, "application/json"),
        ("text/html, application/json;q=0.9", 200, "application/json"),
        ("text/markdown", 200, "text/markdown; charset=utf-8"),
        ("application/json;q=0.1, application/xml", 200, "application/xml; charset=utf-8"),
        ("text/xml", 200, "text/xml; charset=utf-8"),
        ("", 200, "application/json"),
        ("application/json; charset=utf-8", 200, "application/json"),
        ("text/markdown;q=0.8,,application/xml;q=0.7,", 200, "text/markdown; charset=utf-8"),
        ("application/json;q=0, */*;q=0.1", 200, "text/markdown; charset=utf-8"),
        ("image/png", 406, "application/problem+json"),
        ("nonsense", 406, "application/problem+json"),
    ] {
        let answer = sandbox.request("GET", SCORECARD).header("Accept", accept).send().await.unwrap();
        let seen = (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap());
        assert_eq!(seen, (status, kind), "{accept}");
    }
    let text = async |accept: &str| {
        sandbox.request("GET", SCORECARD).header("Accept", accept).send().await.unwrap().text().await.unwrap()
    };
    let control = Control::of(&sandbox);
    let first = control.requests("limit=1").await[0]["id"].as_str().unwrap().to_owned();
    // The first part of a request's id is another one for each server.
    let run = first.rsplit_once('-').unwrap().0;
    for (name, accept) in [("scorecard-junit", "application/xml"), ("scorecard-markdown", "text/markdown")] {
        let report = text(accept).await.replace(run, "req-00000000");
        insta::with_settings!(
            { snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true },
            { insta::assert_snapshot!(name, report) }
        );
    }
}
