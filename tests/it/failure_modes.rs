//! What a server says, and does, when what it keeps everything in is not as it should be.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::client::{connections, numbers};
use crate::cluster::Cluster;
use crate::program::{Launch, Program};

fn on(file: &Path) -> Launch {
    Launch::new().set("log", "error").set("data", file.to_str().unwrap())
}

/// Starts the program, and expects a refusal in one line that says all of `told`.
fn assert_refused(launch: Launch, told: &[&str]) -> String {
    let refused = launch.refused();
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
    assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
    for told in told {
        assert!(refused.stderr.contains(told), "it lacks {told:?}: {}", refused.stderr);
    }
    refused.stderr
}

#[test]
fn a_file_of_another_scenario_or_seed_is_named_with_what_it_holds_and_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("data.db");
    let start = |launch: Launch| assert_eq!(launch.start().stop().code, Some(0));
    start(on(&file).set("scenario", "minimal").set("seed", "7"));
    let told = format!("error: {} was made with the scenario \"minimal\" and the seed 7", file.display());
    let remedy = "leave --scenario and --seed out";
    for launch in
        [on(&file).set("scenario", "default"), on(&file).set("scenario", "default").through_environment()]
    {
        assert_refused(launch, &[&told, "you asked for the scenario \"default\"", remedy, "--data"]);
    }
    assert_refused(on(&file).set("seed", "1"), &[&told, "you asked for the seed 1", remedy]);
    start(on(&file).set("seed", "7"));
    let program = on(&file).set("log", "warn").set("window-minutes", "1").start();
    assert!(
        program.banner.contains("A dozen orders") && program.banner.contains("30 minutes"),
        "{}",
        program.banner
    );
    let warned = program.stop().stderr;
    let told = [&*file.display().to_string(), "a window of 30 minutes", "--window-minutes 1"];
    assert!(told.iter().all(|told| warned.contains(told)), "{warned}");
}

#[test]
fn a_disk_without_room_for_the_file_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("data.db");
    let launch = on(&file).mount(directory.path(), "mount -t tmpfs -o size=8k none \"$0\"");
    assert_refused(launch, &["data.db", "no space left", "choose another disk"]);
}

#[test]
fn a_file_that_may_only_be_read_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("data.db");
    on(&file).start().stop();
    let as_it_was = fs::read(&file).unwrap();
    let launch =
        on(&file).mount(directory.path(), "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\"");
    assert_refused(launch, &["data.db", "cannot be written to", "let this user write"]);
    assert_eq!(fs::read(&file).unwrap(), as_it_was);
}

#[test]
fn files_that_are_something_else_are_named_and_left_as_they_are() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("data.db");
    on(&file).start().stop();
    let mut damaged = fs::read(&file).unwrap();
    damaged[200..8_000].fill(0xA5);
    for (content, told) in
        [(damaged, "is damaged"), (b"Dear diary, this is no database.".repeat(40), "is not a data file")]
    {
        fs::write(&file, &content).unwrap();
        assert_refused(on(&file), &["data.db", told, "choose another file"]);
        assert_eq!(fs::read(&file).unwrap(), content);
    }
}

#[test]
fn a_database_that_lets_nobody_in_is_named_without_the_password() {
    let Some(cluster) = Cluster::start_with_password("correct horse") else { return };
    let launch = |user: &str| Launch::new().set("database-url", cluster.url(user));
    for user in ["postgres:hunter2", "nobody:hunter2", "postgres"] {
        let told = assert_refused(launch(user), &["refuses the user", "user and password"]);
        assert!(!told.contains("hunter2"), "{told}");
    }
    let program = launch("postgres:correct%20horse").start();
    assert!(!program.banner.contains("horse"), "{}", program.banner);
    let ended = program.stop();
    assert_eq!((ended.code, ended.stderr.contains("horse")), (Some(0), false));
}

async fn poll(client: &Client, program: &Program) -> (StatusCode, Value) {
    let orders = format!("{}/api/admin/v2/orders?productType=manual&limit=1", program.url());
    let answer = client.get(orders).header("X-Api-Key", program.key("aurora")).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn ready(client: &Client, program: &Program) -> StatusCode {
    client.get(format!("{}/_sandbox/ready", program.url())).send().await.unwrap().status()
}

/// Takes all the room that is left. Returns the file that has it.
fn fill(directory: &Path) -> std::path::PathBuf {
    let path = directory.join("all-the-rest");
    let mut file = File::create(&path).unwrap();
    for size in [1 << 16, 1 << 10, 1] {
        while file.write_all(&vec![b' '; size]).map_err(|error| error.kind()) != Err(ErrorKind::StorageFull) {
        }
    }
    path
}

/// Rules: `update.atomic`, `list.window`.
#[tokio::test]
async fn on_a_full_disk_nothing_is_half_done_and_it_goes_on_once_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("data.db");
    let program = on(&file).mount(directory.path(), "mount -t tmpfs -o size=16m none \"$0\"").start();
    let client = connections();
    let (_, first) = poll(&client, &program).await;
    let filler =
        fill(Path::new(&format!("/proc/{}/root{}", program.running.id(), directory.path().display())));
    let order = numbers(&first)[0];
    let update = client.post(format!("{}/api/admin/v2/orders-update", program.url()));
    let update = update.header("X-Api-Key", program.key("aurora"));
    let update = update.json(&json!({ "order": order, "supplierOrderId": "too late".repeat(30) }));
    // Some room may be left in the file itself.
    let mut came = vec![order];
    let body = loop {
        match poll(&client, &program).await {
            (StatusCode::OK, page) => came.extend(numbers(&page)),
            (status, body) => {
                assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
                break body;
            }
        }
    };
    assert_eq!(body["error"], "SERVICE_UNAVAILABLE", "{body}");
    assert_eq!(ready(&client, &program).await, StatusCode::SERVICE_UNAVAILABLE);
    let refused = update.try_clone().unwrap().send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key("retry-after"));
    fs::remove_file(filler).unwrap();
    while ready(&client, &program).await != StatusCode::OK {}
    let (_, next) = poll(&client, &program).await;
    assert!(!came.contains(&numbers(&next)[0]), "what was answered is withheld, and nothing else");
    let expected = 12_345 + u64::try_from(came.len()).unwrap();
    assert_eq!(numbers(&next), [expected], "the refused poll has handed out nothing");
    let order =
        client.get(format!("{}/_sandbox/sandboxes/default/audit", program.url())).send().await.unwrap();
    let audit: Value = order.json().await.unwrap();
    let updates: u64 =
        audit["orders"].as_array().unwrap().iter().map(|it| it["updates"].as_u64().unwrap()).sum();
    assert_eq!(updates, 0, "the refused update has changed nothing");
    assert_eq!(update.send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(program.stop().code, Some(0));
}

/// A statement of the database, by its own client.
fn sql(cluster: &Cluster, statement: &str) {
    let told = cluster.sql(statement);
    assert_eq!(told.code, Some(0), "{told:?}");
}

#[test]
fn a_database_that_lets_too_few_connections_in_is_named_with_what_is_needed() {
    let Some(cluster) = Cluster::start() else { return };
    sql(&cluster, "CREATE ROLE narrow LOGIN CONNECTION LIMIT 0; GRANT ALL ON SCHEMA public TO narrow");
    let launch = || Launch::new().set("log", "off").set("database-url", cluster.url("narrow"));
    assert_refused(launch(), &["--database-url", "no more connections", "16", "CONNECTION LIMIT"]);
}

#[tokio::test]
async fn a_locked_database_is_not_ready_and_says_why_before_a_proxy_gives_up() {
    let Some(cluster) = Cluster::start() else { return };
    let program = Launch::new().set("log", "off").set("database-url", cluster.url("postgres")).start();
    let ready = format!("{}/_sandbox/ready", program.url());
    let client = connections();
    assert_eq!(client.get(&ready).send().await.unwrap().status(), 200);
    let mut lock = cluster.session(
        "BEGIN; LOCK TABLE sandboxes IN ACCESS EXCLUSIVE MODE; SELECT 'locked'; SELECT pg_sleep(600)",
    );
    assert!(lock.stdout.wait_for(|line| line.contains("locked")));
    let answer = client.get(&ready).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    let problem: Value = answer.json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("did not answer within 2 s"), "{problem}");
}
