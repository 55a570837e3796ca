//! What was answered is kept, however the server ends. A kill leaves what the operating system holds: it says nothing of a
//! power cut.

use std::collections::BTreeMap;
use std::path::Path;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::client::{connections, numbers};
use crate::program::{Launch, Program};

/// How often the server is killed, unless the environment says otherwise.
const KILLS: u64 = 4;

fn kills() -> u64 {
    std::env::var("SUPPLIER_SANDBOX_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap())
}

/// What a call was answered.
enum Acknowledged {
    HandedOut(Vec<u64>),
    Updated(u64),
}

/// How often an order was handed out to aurora, and updated by it.
type Counts = BTreeMap<u64, (u64, u64)>;

fn start(file: &Path) -> Program {
    Launch::new().set("data", file.to_str().unwrap()).start()
}

/// Polls, and updates each order that it was handed, until the server is gone.
async fn work(client: Client, base: String, key: String, answered: UnboundedSender<Acknowledged>) {
    let ask = |request: reqwest::RequestBuilder| request.header("X-Api-Key", &key).send();
    let orders = format!("{base}/orders?status=pending,processing&productType=manual&limit=3");
    loop {
        let Ok(answer) = ask(client.get(&orders)).await else { return };
        assert_eq!(answer.status(), StatusCode::OK);
        let Ok(page) = answer.json::<Value>().await else { return };
        let orders = numbers(&page);
        let _ = answered.send(Acknowledged::HandedOut(orders.clone()));
        for order in orders {
            let update = json!({ "order": order, "supplierOrderId": format!("ours-{order}") });
            let Ok(answer) = ask(client.post(format!("{base}/orders-update")).json(&update)).await else {
                return;
            };
            assert_eq!(answer.status(), StatusCode::OK);
            let _ = answered.send(Acknowledged::Updated(order));
        }
    }
}

async fn counts(client: &Client, program: &Program) -> Counts {
    let audit = format!("{}/_sandbox/sandboxes/default/audit", program.url());
    let audit: Value = client.get(audit).send().await.unwrap().json().await.unwrap();
    let orders = audit["orders"].as_array().unwrap_or_else(|| panic!("{audit}")).iter();
    let aurora = orders.filter(|order| order["supplier"] == "aurora");
    let count = |order: &Value, name: &str| order[name].as_u64().unwrap();
    aurora.map(|it| (count(it, "order"), (count(it, "handedOut"), count(it, "updates")))).collect()
}

/// Rules: `list.window`, `update.atomic`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_before_a_kill_is_there_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("data.db");
    let client = connections();
    let mut program = start(&file);
    let (mut handed_out, mut updated) = (0, 0);
    for kill in 0..kills() {
        // Whatever was withheld is back.
        let clock = format!("{}/_sandbox/sandboxes/default/clock", program.url());
        let advanced = client
            .post(format!("{clock}/advance"))
            .json(&json!({ "seconds": 31 * 60 }))
            .send()
            .await
            .unwrap();
        assert_eq!(advanced.status(), StatusCode::OK, "{:?}", advanced.text().await);
        let before = counts(&client, &program).await;
        let (answered, mut answers) = unbounded_channel();
        let base = format!("{}/api/admin/v2", program.url());
        let workers: Vec<_> = (0..4)
            .map(|_| work(connections(), base.clone(), program.key("aurora").to_owned(), answered.clone()))
            .map(tokio::spawn)
            .collect();
        drop(answered);
        let mut acknowledged = Vec::new();
        while acknowledged.len() < usize::try_from(kill * 7 % 40).unwrap() + 3 {
            acknowledged.push(answers.recv().await.unwrap());
        }
        program.running.signal("KILL");
        drop(program);
        for worker in workers {
            worker.await.unwrap();
        }
        while let Some(late) = answers.recv().await {
            acknowledged.push(late);
        }
        program = start(&file);
        let after = counts(&client, &program).await;
        for (order, (times, updates)) in &after {
            let (times_before, updates_before) = before.get(order).copied().unwrap_or_default();
            assert!(*times <= times_before + 1, "order {order} was handed out twice within its window");
            assert!(*updates <= updates_before + 1, "order {order} was updated once");
        }
        let count = |order: &u64| after.get(order).copied().unwrap_or_default();
        let earlier = |order: &u64| before.get(order).copied().unwrap_or_default();
        for it in acknowledged {
            match it {
                Acknowledged::HandedOut(orders) => {
                    handed_out += orders.len();
                    for order in &orders {
                        assert_eq!(
                            count(order).0,
                            earlier(order).0 + 1,
                            "the hand-out of order {order} is lost"
                        );
                    }
                }
                Acknowledged::Updated(order) => {
                    updated += 1;
                    assert_eq!(count(&order).1, earlier(&order).1 + 1, "the update of order {order} is lost");
                }
            }
        }
    }
    println!(
        "{} kills: {handed_out} hand-outs and {updated} updates were answered, and none is lost",
        kills()
    );
    assert!(updated > 0 && handed_out > 0);
}
