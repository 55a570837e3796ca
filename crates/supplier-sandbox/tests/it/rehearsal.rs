//! Rehearsals of a Rust function as the worker.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use supplier_sandbox::SandboxServer;
use supplier_sandbox::rehearsal::{Cause, Environment, Failure, Mishap, Pace, Plan, REPORT_VERSION, Report};

use crate::sandbox::{ORDERS, UPDATE, client};

/// What a worker has on disk: it lasts over restarts, and is told apart by the directory of its rehearsal.
type Disk = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

/// A plan whose waits are short.
fn plan(budget: usize) -> Plan {
    let pace = Pace { late: Duration::from_millis(1_500), ..Pace::default() };
    Plan { budget, time: None, pace, ..Plan::default() }
}

/// Polls, and returns the orders.
async fn poll(client: &Client, environment: &Environment) -> Option<Vec<Value>> {
    let url = format!("{}{ORDERS}?status=pending,processing&productType=manual", environment.url);
    let answer = client.get(url).header("X-Api-Key", &environment.key).send().await.ok()?;
    let page: Value = answer.error_for_status().ok()?.json().await.ok()?;
    page["orders"].as_array().cloned()
}

/// Number of accounts that are owed for an order.
fn owed(order: &Value) -> usize {
    let is_product = |item: &&Value| item["product"]["type"] == "product";
    let items = order["items"].as_array().unwrap();
    let pieces = items.iter().filter(is_product).map(|item| item["quantity"].as_u64().unwrap()).sum::<u64>();
    usize::try_from(pieces).unwrap()
}

/// Delivers. Returns whether the order has the accounts now: they were taken, or they had been taken before.
async fn deliver(client: &Client, environment: &Environment, order: &Value, accounts: &[String]) -> bool {
    let mut body = json!({ "order": order["order"], "status": "completed" });
    if !accounts.is_empty() {
        body["accounts"] = json!(accounts);
    }
    let request = client.post(format!("{}{UPDATE}", environment.url)).header("X-Api-Key", &environment.key);
    let Ok(answer) = request.json(&body).send().await else { return false };
    let status = answer.status().as_u16();
    let body: Option<Value> = answer.json().await.ok();
    match (status, body) {
        (200, Some(_)) => true,
        (400, Some(body)) => body["error"] == "INVALID_ACCOUNTS",
        _ => false,
    }
}

/// A client that waits less long than a late answer takes.
fn impatient_client() -> Client {
    // It installs what a client needs.
    drop(client());
    Client::builder().tls_certs_only([]).timeout(Duration::from_secs(1)).no_proxy().build().unwrap()
}

fn kinds(report: &Report) -> Vec<(&str, Cause)> {
    report.findings.iter().map(|finding| (finding.rule.as_str(), finding.cause)).collect()
}

/// Rules: `rehearsal.nothing-doubled`, `rehearsal.no-stock-lost`, `rehearsal.retry-after`.
#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_takes_other_accounts_to_try_again_is_found_and_no_sandbox_is_left() {
    let server = SandboxServer::builder().start().await.unwrap();
    let http = impatient_client();
    let taken = Arc::new(AtomicUsize::new(0));
    let worker = move |environment: Environment| {
        let (http, taken) = (http.clone(), Arc::clone(&taken));
        async move {
            for order in poll(&http, &environment).await.unwrap_or_default() {
                for _ in 0..2 {
                    let first = taken.fetch_add(owed(&order), Ordering::Relaxed);
                    let accounts: Vec<_> = (first..first + owed(&order))
                        .map(|n| format!("user{n}@example.com:secret-{n}"))
                        .collect();
                    if deliver(&http, &environment, &order, &accounts).await {
                        break;
                    }
                }
            }
        }
    };
    let report = server.rehearse(&plan(60), worker).await.unwrap();
    let expected = [
        ("rehearsal.nothing-doubled", Cause::OtherAccounts),
        ("rehearsal.no-stock-lost", Cause::OtherAccounts),
        ("rehearsal.no-stock-lost", Cause::StockTakenFirst),
        ("rehearsal.retry-after", Cause::ImpatientRetry),
    ];
    assert_eq!(kinds(&report), expected, "{}", report.human(&|_| String::new()));
    for finding in &report.findings {
        assert_eq!(
            (finding.confirmed, finding.mishaps.len(), finding.orders.len()),
            (3, 1, 1),
            "{finding:?}"
        );
    }
    assert_eq!(report.findings[0].mishaps[0].mishap, Mishap::CloseAfter);
    assert_eq!((report.version, report.rehearsals.done), (REPORT_VERSION, 60));
    // The default one is left.
    assert_eq!(
        server.for_rehearsals().control.sandboxes((server.for_rehearsals().now)()).await.unwrap().len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_with_an_outbox_loses_and_doubles_nothing() {
    let server = SandboxServer::builder().start().await.unwrap();
    let http = impatient_client();
    let (disk, taken) = (Disk::default(), Arc::new(AtomicUsize::new(0)));
    let worker = move |environment: Environment| {
        let (http, disk, taken) = (http.clone(), Arc::clone(&disk), Arc::clone(&taken));
        async move {
            for order in poll(&http, &environment).await.unwrap_or_default() {
                let entry = format!("{}/{}", environment.directory.display(), order["order"]);
                let accounts = disk
                    .lock()
                    .unwrap()
                    .entry(entry)
                    .or_insert_with(|| {
                        let first = taken.fetch_add(owed(&order), Ordering::Relaxed);
                        (first..first + owed(&order))
                            .map(|n| format!("user{n}@example.com:secret-{n}"))
                            .collect()
                    })
                    .clone();
                deliver(&http, &environment, &order, &accounts).await;
            }
        }
    };
    let report = server.rehearse(&plan(200), worker).await.unwrap();
    assert_eq!(kinds(&report), [], "{}", report.human(&|_| String::new()));
    assert_eq!(report.headline(), "In 200 rehearsals: nothing lost, nothing doubled.");
    assert!(report.rehearsals.pairs > 50, "{:?}", report.rehearsals);
    assert!(report.unconfirmed.is_empty(), "{:?}", report.unconfirmed);
    // Each mishap happened.
    let happened: Vec<_> = report.mishaps.iter().map(|count| count.mishap).collect();
    assert_eq!(
        happened,
        Mishap::ALL
            .iter()
            .copied()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_calls_nothing_and_a_server_without_a_journal_cannot_be_rehearsed() {
    let server = SandboxServer::builder().start().await.unwrap();
    let refused = server.rehearse(&plan(10), |_| async {}).await;
    assert!(
        matches!(&refused, Err(Failure::NothingToRehearse(why)) if why.contains("no call")),
        "{refused:?}"
    );
    let server = SandboxServer::builder().journal(false).start().await.unwrap();
    let refused = server.rehearse(&plan(10), |_| async {}).await;
    assert!(
        matches!(&refused, Err(Failure::NothingToRehearse(why)) if why.contains("journal")),
        "{refused:?}"
    );
}

/// Passwords and keys are in no report, whatever a worker sends and however it ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_holds_no_password_and_no_key() {
    let server = SandboxServer::builder().start().await.unwrap();
    let http = impatient_client();
    let keys = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&keys);
    let worker = move |environment: Environment| {
        let (http, seen) = (http.clone(), Arc::clone(&seen));
        async move {
            seen.lock().unwrap().push(environment.key.clone());
            for order in poll(&http, &environment).await.unwrap_or_default() {
                deliver(&http, &environment, &order, &["ann@example.com:hunter2-secret".to_owned()]).await;
            }
        }
    };
    let report = server.rehearse(&plan(20), worker).await.unwrap();
    assert!(!report.findings.is_empty());
    let again = |_| "again".to_owned();
    let texts = [
        report.json().unwrap(),
        report.human(&again),
        report.markdown(&again),
        report.html(&again).unwrap(),
        supplier_sandbox::rehearsal::junit(&report, &again),
    ];
    for text in texts {
        assert!(!text.contains("hunter2"), "{text}");
        assert!(keys.lock().unwrap().iter().all(|key| !text.contains(key)), "{text}");
    }
    assert_eq!(serde_json::from_str::<Report>(&report.json().unwrap()).unwrap(), report);
    let schema = include_str!("../../../supplier-rehearsal/schemas/report.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let told: Value = serde_json::from_str(&report.json().unwrap()).unwrap();
    let problems: Vec<_> = schema.iter_errors(&told).map(|problem| problem.to_string()).collect();
    assert_eq!(problems, Vec::<String>::new());
}
