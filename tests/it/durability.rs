//! What was answered is kept, however the server ends. A kill leaves what the operating system holds: it says nothing of a
//! power cut.

use std::collections::BTreeMap;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::client::{connections, numbers};
use crate::cluster::Cluster;
use crate::program::{Launch, Program};
use crate::soak::figure;

/// What a call was answered.
enum Acknowledged {
    HandedOut(Vec<u64>),
    Updated(u64),
}

/// How often an order was handed out to aurora, and updated by it.
type Counts = BTreeMap<u64, (u64, u64)>;

/// A call's answer; nothing, once whatever is killed is gone.
async fn answer(request: reqwest::RequestBuilder) -> Option<Value> {
    let answer = request.send().await.ok()?;
    let (status, body) = (answer.status(), answer.json::<Value>().await.ok()?);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        assert_eq!(body["error"], "SERVICE_UNAVAILABLE", "{body}");
        return None;
    }
    assert_eq!(status, StatusCode::OK, "{body}");
    Some(body)
}

/// Polls, and updates each order that it was handed, until nothing is answered any more.
async fn work(client: Client, base: String, key: String, answered: UnboundedSender<Acknowledged>) {
    let ask = |request: reqwest::RequestBuilder| answer(request.header("X-Api-Key", &key));
    let orders = format!("{base}/orders?status=pending,processing&productType=manual&limit=3");
    loop {
        let Some(page) = ask(client.get(&orders)).await else { return };
        let orders = numbers(&page);
        let _ = answered.send(Acknowledged::HandedOut(orders.clone()));
        for order in orders {
            let update = json!({ "order": order, "supplierOrderId": format!("ours-{order}") });
            if ask(client.post(format!("{base}/orders-update")).json(&update)).await.is_none() {
                return;
            }
            let _ = answered.send(Acknowledged::Updated(order));
        }
    }
}

fn control(program: &Program, rest: &str) -> String {
    format!("{}/_sandbox/sandboxes/default/{rest}", program.url())
}

async fn counts(client: &Client, program: &Program) -> Counts {
    let audit: Value = client.get(control(program, "audit")).send().await.unwrap().json().await.unwrap();
    let orders = audit["orders"].as_array().unwrap_or_else(|| panic!("{audit}")).iter();
    let aurora = orders.filter(|order| order["supplier"] == "aurora");
    let count = |order: &Value, name: &str| order[name].as_u64().unwrap();
    aurora.map(|it| (count(it, "order"), (count(it, "handedOut"), count(it, "updates")))).collect()
}

/// What was answered in all.
#[derive(Default)]
struct Answered {
    hand_outs: usize,
    updates: usize,
}

impl Answered {
    /// Compares what was answered with what is there, given how it was before that.
    ///
    /// # Panics
    /// If something is lost, or was done twice.
    fn check(&mut self, acknowledged: Vec<Acknowledged>, before: &Counts, after: &Counts) {
        let earlier = |order: &u64| before.get(order).copied().unwrap_or_default();
        let count = |order: &u64| after.get(order).copied().unwrap_or_default();
        for (order, (times, updates)) in after {
            assert!(*times <= earlier(order).0 + 1, "order {order} was handed out twice within its window");
            assert!(*updates <= earlier(order).1 + 1, "order {order} was updated once");
        }
        for it in acknowledged {
            match it {
                Acknowledged::HandedOut(orders) => {
                    self.hand_outs += orders.len();
                    for order in &orders {
                        assert_eq!(count(order).0, earlier(order).0 + 1, "the hand-out of {order} is lost");
                    }
                }
                Acknowledged::Updated(order) => {
                    self.updates += 1;
                    assert_eq!(count(&order).1, earlier(&order).1 + 1, "the update of {order} is lost");
                }
            }
        }
    }
}

/// Lets suppliers work until a number of their calls were answered, kills, and compares; as often as told.
async fn kill_under_load(kills: usize, mut program: Program, mut kill: impl AsyncFnMut(Program) -> Program) {
    let client = connections();
    let mut sum = Answered::default();
    for number in 0..kills {
        // Whatever was withheld is back.
        let advance = client.post(control(&program, "clock/advance")).json(&json!({ "seconds": 31 * 60 }));
        assert_eq!(advance.send().await.unwrap().status(), StatusCode::OK);
        let before = counts(&client, &program).await;
        let (answered, mut answers) = unbounded_channel();
        let base = format!("{}/api/admin/v2", program.url());
        let workers: Vec<_> = (0..4)
            .map(|_| work(connections(), base.clone(), program.key("aurora").to_owned(), answered.clone()))
            .map(tokio::spawn)
            .collect();
        drop(answered);
        let mut acknowledged = Vec::new();
        while acknowledged.len() < number * 7 % 40 + 3 {
            acknowledged.push(answers.recv().await.unwrap());
        }
        program = kill(program).await;
        for worker in workers {
            worker.await.unwrap();
        }
        while let Some(late) = answers.recv().await {
            acknowledged.push(late);
        }
        sum.check(acknowledged, &before, &counts(&client, &program).await);
    }
    let Answered { hand_outs, updates } = sum;
    println!("{kills} kills: {hand_outs} hand-outs and {updates} updates were answered, and none is lost");
    assert!(updates > 0 && hand_outs > 0);
}

/// The program starts anew, and serves whom it served.
fn kill_server(program: Program, start: impl Fn() -> Program) -> Program {
    program.running.signal("KILL");
    drop(program);
    start()
}

/// Rules: `list.window`, `update.atomic`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_before_a_kill_is_in_the_file_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("data.db");
    let start = || Launch::new().set("data", file.to_str().unwrap()).start();
    kill_under_load(figure(4, 50), start(), async |program| kill_server(program, start)).await;
}

/// Rules: `list.window`, `update.atomic`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_before_a_kill_is_in_the_database_after_it() {
    let Some(cluster) = Cluster::start() else { return };
    let start = || Launch::new().set("database-url", cluster.url("postgres")).start();
    kill_under_load(figure(4, 50), start(), async |program| kill_server(program, start)).await;
}

/// Rules: `list.window`, `update.atomic`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_before_the_database_is_killed_is_there_when_it_is_back() {
    let Some(mut cluster) = Cluster::start() else { return };
    let program = Launch::new().set("log", "error").set("database-url", cluster.url("postgres")).start();
    let client = connections();
    kill_under_load(figure(2, 5), program, async |program| {
        cluster.kill();
        let ready =
            || async { client.get(format!("{}/_sandbox/ready", program.url())).send().await.unwrap() };
        assert_eq!(ready().await.status(), StatusCode::SERVICE_UNAVAILABLE);
        let orders = client.get(format!("{}/api/admin/v2/orders", program.url()));
        let away = orders.header("X-Api-Key", program.key("aurora")).send().await.unwrap();
        assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(away.headers().contains_key("retry-after"));
        cluster.restart();
        assert_eq!(ready().await.status(), StatusCode::OK, "it goes on by itself");
        program
    })
    .await;
}
