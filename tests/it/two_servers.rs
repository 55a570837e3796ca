//! Servers that share a database are one to their clients, whichever of them a call reaches.

use std::fs;
use std::path::Path;

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::client::{Supplier, connections, numbers};
use crate::cluster::Cluster;
use crate::program::{Launch, Program};

const TOKEN: &str = "0123456789abcdef-token";
const PASSWORD: &str = "correct-horse";

fn start(cluster: &Cluster) -> Program {
    start_on(&cluster.url("postgres"))
}

fn start_on(database: &str) -> Program {
    Launch::new().set("log", "warn").set("database-url", database).start()
}

/// A server that other machines reach.
fn start_for_others(cluster: &Cluster, directory: &Path) -> Program {
    let file = |name: &str, content: &str| {
        let file = directory.join(name);
        fs::write(&file, content).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let launch = Launch::new().set("log", "warn").set("listen", "0.0.0.0:0");
    let launch = launch.set("admin-token-file", file("token", TOKEN));
    let launch = launch.set("dashboard-password-file", file("password", PASSWORD));
    launch.set("database-url", cluster.url("postgres")).start()
}

/// Two may start on an empty database at once: one makes what both serve.
#[test]
fn servers_that_start_at_once_share_one_default_sandbox() {
    for _ in 0..3 {
        let Some(cluster) = Cluster::start() else { return };
        let url = cluster.url("postgres");
        let programs = std::thread::scope(|scope| {
            [(); 2].map(|()| scope.spawn(|| start_on(&url))).map(|started| started.join().unwrap())
        });
        let resumed = programs.iter().filter(|program| program.banner.contains(": resumed"));
        assert!(resumed.count() <= 1, "one of them has made it");
        assert_eq!(programs[0].key("aurora"), programs[1].key("aurora"));
    }
}

fn control(program: &Program, rest: &str) -> String {
    format!("{}/_sandbox/sandboxes/default{rest}", program.url().replace("0.0.0.0", "127.0.0.1"))
}

async fn told(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    let (status, body) = (answer.status(), answer.json::<Value>().await.unwrap());
    assert!(status.is_success(), "{body}");
    body
}

/// Rules: `list.window`.
#[tokio::test]
async fn what_is_done_at_one_is_seen_at_all() {
    let Some(cluster) = Cluster::start() else { return };
    let (one, other, client) = (start(&cluster), start(&cluster), connections());
    assert!(other.banner.contains(": resumed"), "{}", other.banner);
    assert_eq!(one.key("aurora"), other.key("aurora"));
    let (here, there) = (Supplier::of(&one, "aurora"), Supplier::of(&other, "aurora"));
    let first = numbers(&here.poll(2).await);
    assert!(!numbers(&there.poll(500).await).iter().any(|order| first.contains(order)), "they are withheld");
    let advance = client.post(control(&one, "/clock/advance")).json(&json!({ "seconds": 31 * 60 }));
    let clock = told(advance).await;
    assert_eq!(numbers(&there.poll(2).await), first, "its clock has moved");
    assert!(told(client.get(control(&other, "/clock"))).await["now"].as_str() >= clock["now"].as_str());

    let key = told(client.post(control(&one, "/suppliers/aurora/keys"))).await;
    let orders = client.get(format!("{}/api/admin/v2/orders", other.url()));
    let asked = || orders.try_clone().unwrap().header("X-Api-Key", key["key"].as_str().unwrap()).send();
    assert_eq!(asked().await.unwrap().status(), StatusCode::OK);
    let fault = json!({ "effect": { "kind": "error", "code": "SERVICE_UNAVAILABLE" }, "times": 1 });
    told(client.post(control(&one, "/faults")).json(&fault)).await;
    assert_eq!(
        asked().await.unwrap().status(),
        StatusCode::SERVICE_UNAVAILABLE,
        "the fault is for any server"
    );
    assert_eq!(asked().await.unwrap().status(), StatusCode::OK, "once");
    let revoke = format!("/suppliers/aurora/keys/{}", key["id"].as_str().unwrap());
    assert!(client.delete(control(&one, &revoke)).send().await.unwrap().status().is_success());
    assert_eq!(asked().await.unwrap().status(), StatusCode::UNAUTHORIZED, "the key is revoked");

    // Polls of both, in one journal and one scorecard.
    // They are written behind the answers.
    for program in [&one, &other] {
        while told(client.get(control(program, "/requests"))).await["requests"].as_array().unwrap().len() < 7
        {
        }
    }
    let scorecards = [&one, &other].map(|program| client.get(control(program, "/scorecard")));
    let [here, there] = scorecards.map(told);
    assert_eq!(here.await["suppliers"], there.await["suppliers"]);
}

#[tokio::test]
async fn a_live_event_crosses_servers() {
    let Some(cluster) = Cluster::start() else { return };
    let (one, other) = (start(&cluster), start(&cluster));
    let mut events = connections().get(control(&one, "/events")).send().await.unwrap();
    assert_eq!(events.status(), StatusCode::OK);
    Supplier::of(&other, "aurora").poll(1).await;
    let mut heard = String::new();
    while !heard.contains("/api/admin/v2/orders") {
        let chunk = events.chunk().await.unwrap().unwrap_or_else(|| panic!("it ended after: {heard}"));
        heard.push_str(&String::from_utf8_lossy(&chunk));
    }
}

/// A browser that goes nowhere by itself.
fn browser() -> Client {
    // What TLS needs is installed on the way.
    drop(connections());
    Client::builder().tls_certs_only([]).no_proxy().redirect(Policy::none()).build().unwrap()
}

#[tokio::test]
async fn whoever_has_logged_in_at_one_is_logged_in_at_all_until_logging_out() {
    let Some(cluster) = Cluster::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let servers = [(); 2].map(|()| start_for_others(&cluster, directory.path()));
    let [one, other] = servers.each_ref().map(|program| program.url().replace("0.0.0.0", "127.0.0.1"));
    for server in &servers {
        assert!(server.banner.contains("password: the one you set"), "{}", server.banner);
        assert!(!server.banner.contains(PASSWORD), "{}", server.banner);
    }
    let browser = browser();
    let form = format!("email=aurora%40example.com&password={PASSWORD}");
    let login = browser.post(format!("{one}/login")).body(form);
    let login = login.header("Content-Type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert_eq!(login.status(), StatusCode::SEE_OTHER);
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let status = async |url: &str| {
        browser.get(format!("{url}/orders")).header("Cookie", &cookie).send().await.unwrap().status()
    };
    assert_eq!((status(&one).await, status(&other).await), (StatusCode::OK, StatusCode::OK));
    browser.post(format!("{other}/logout")).header("Cookie", &cookie).send().await.unwrap();
    let away = (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER);
    assert_eq!((status(&one).await, status(&other).await), away, "it is over at both");
}
