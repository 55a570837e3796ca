//! Many writers, the same orders.

use std::collections::BTreeMap;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::figure;
use crate::client::connections;
use crate::cluster::Cluster;
use crate::program::{Launch, Program};

const WRITERS: usize = 32;
/// Orders of aurora in the scenario `default`.
const ORDERS: [u64; 4] = [12_345, 12_346, 12_347, 12_348];

/// A sandbox's key of aurora, made at the first server.
async fn sandbox(client: &Client, program: &Program, scope: &str) -> (String, String) {
    let new = json!({ "scenario": "default", "accountDedup": scope });
    let made = client.post(format!("{}/_sandbox/sandboxes", program.url())).json(&new).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    let made: Value = made.json().await.unwrap();
    let suppliers = made["suppliers"].as_array().unwrap();
    let aurora = suppliers.iter().find(|supplier| supplier["id"] == "aurora").unwrap();
    (made["id"].as_str().unwrap().to_owned(), aurora["key"].as_str().unwrap().to_owned())
}

/// Delivers accounts to every order: in each round one that nobody else has, and one that all have. Returns, by order,
/// how many updates were granted; and the shared accounts that were taken.
async fn write(base: String, key: String, writer: usize, rounds: usize) -> Vec<(u64, Option<usize>)> {
    let client = connections();
    let mut granted = Vec::new();
    for round in 0..rounds {
        for place in 0..ORDERS.len() {
            // Not all begin with the same one.
            let order = ORDERS[(place + writer) % ORDERS.len()];
            let own = format!("own-{writer}-{round}-{order}@example.com:secret");
            let shared = format!("shared-{round}@example.com:secret");
            for (account, number) in [(own, None), (shared, Some(round))] {
                let update = json!({ "order": order, "accounts": [account] });
                let request = client.post(format!("{base}/api/admin/v2/orders-update")).json(&update);
                let answer = request.header("X-Api-Key", &key).send().await.unwrap();
                match (answer.status(), number) {
                    (StatusCode::OK, _) => granted.push((order, number)),
                    // Somebody has delivered it before.
                    (StatusCode::BAD_REQUEST, Some(_)) => {}
                    (status, _) => panic!("{status}: {}", answer.text().await.unwrap()),
                }
            }
        }
    }
    granted
}

/// 32 writers at two servers: how often each order, or each supplier, may be given the same account.
async fn assert_none_is_lost(scope: &str, once: usize) {
    let Some(cluster) = Cluster::start() else { return };
    let start = || Launch::new().set("log", "warn").set("database-url", cluster.url("postgres")).start();
    let (programs, client, rounds) = ([start(), start()], connections(), figure(5, 50));
    let (id, key) = sandbox(&client, &programs[0], scope).await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(programs[writer % 2].url().to_owned(), key.clone(), writer, rounds));
    }
    let granted = writers.join_all().await.concat();
    let (mut updates, mut shared) = (BTreeMap::<u64, u64>::new(), BTreeMap::<usize, usize>::new());
    for (order, number) in granted {
        *updates.entry(order).or_default() += 1;
        if let Some(number) = number {
            *shared.entry(number).or_default() += 1;
        }
    }
    let audit = format!("{}/_sandbox/sandboxes/{id}/audit", programs[1].url());
    let audit: Value = client.get(audit).send().await.unwrap().json().await.unwrap();
    let counted = |name: &str| -> BTreeMap<u64, u64> {
        let orders = audit["orders"].as_array().unwrap().iter().filter(|it| it["supplier"] == "aurora");
        let written = orders.filter(|it| ORDERS.contains(&it["order"].as_u64().unwrap()));
        written.map(|it| (it["order"].as_u64().unwrap(), it[name].as_u64().unwrap())).collect()
    };
    println!("{WRITERS} writers, scope {scope}: {} updates granted", updates.values().sum::<u64>());
    assert_eq!(counted("updates"), updates, "an update is lost");
    assert_eq!(counted("deliveries"), updates, "a delivery is lost");
    assert_eq!(counted("accounts"), updates, "an account is lost");
    assert_eq!(shared.len(), rounds);
    assert!(shared.values().all(|times| *times == once), "an account was delivered twice: {shared:?}");
    for program in programs {
        let ended = program.stop();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    }
}

/// Rules: `update.atomic`, `update.accounts-dedup-scope`.
#[tokio::test(flavor = "multi_thread")]
async fn writers_of_two_servers_lose_no_update_and_no_order_gets_an_account_twice() {
    assert_none_is_lost("order", ORDERS.len()).await;
}

/// Rules: `update.atomic`, `update.accounts-dedup-scope`.
#[tokio::test(flavor = "multi_thread")]
async fn writers_of_two_servers_lose_no_update_and_no_supplier_delivers_an_account_twice() {
    assert_none_is_lost("supplier", 1).await;
}
