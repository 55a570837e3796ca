//! The server inside of a Rust test.

use std::time::Duration;

use supplier_sandbox::fault::{Close, Effect, NewFault, Occasions};
use supplier_sandbox::{Builder, ControlError, CreateSandbox, NewOrders, Origin, SandboxServer, SupplierId};
use supplier_seed::Scenario;

use crate::sandbox::{Sandbox, client};

const MANUAL: &str = "productType=manual";
const MINIMAL: &str = include_str!("../../../../fixtures/scenarios/minimal.toml");

#[tokio::test]
async fn the_same_seed_makes_the_same_keys_and_bytes_and_another_seed_others() {
    let of_seed = async |seed| {
        let sandbox = Sandbox::start(SandboxServer::builder().seed(seed)).await;
        (sandbox.key("aurora").to_owned(), sandbox.list("productType=manual&limit=500").await.text)
    };
    let (first, again, other) = (of_seed(7).await, of_seed(7).await, of_seed(8).await);
    assert_eq!(first, again);
    assert!(first.0 != other.0 && first.1 != other.1);
    assert!(first.0.starts_with("test_"));
}

#[tokio::test]
async fn two_servers_share_nothing() {
    let (one, other) = (Sandbox::minimal().await, Sandbox::minimal().await);
    assert_ne!(one.server.url(), other.server.url());
    assert_eq!(one.list(MANUAL).await.numbers().len(), 8);
    assert_eq!(other.list(MANUAL).await.numbers().len(), 8);
    one.pass(crate::sandbox::WINDOW).await;
    assert_eq!(one.list(MANUAL).await.numbers().len(), 8);
    assert!(other.list(MANUAL).await.numbers().is_empty());
}

/// Rules: `list.window`.
#[tokio::test]
async fn a_window_of_nothing_hands_an_order_out_on_every_call() {
    let sandbox = Sandbox::start(SandboxServer::builder().scenario("minimal").window_minutes(0)).await;
    for _ in 0..3 {
        let page = sandbox.list(MANUAL).await;
        assert_eq!(page.header("sandbox-withheld"), Some("0"));
        assert_eq!(page.numbers().len(), 8);
    }
    let sandbox = Sandbox::start(SandboxServer::builder().scenario("minimal").window_minutes(1)).await;
    sandbox.list(MANUAL).await.good();
    sandbox.pass(59_999).await;
    assert!(sandbox.list(MANUAL).await.numbers().is_empty());
    sandbox.pass(1).await;
    assert_eq!(sandbox.list(MANUAL).await.numbers().len(), 8);
}

#[tokio::test]
async fn what_keeps_a_server_from_starting_is_said_in_a_sentence() {
    let running = SandboxServer::builder().scenario("empty").start().await.unwrap();
    let address = running.url().strip_prefix("http://").unwrap().to_owned();
    let taken = SandboxServer::builder().listen(&address).start().await.unwrap_err().to_string();
    assert!(taken.contains(&address) && taken.contains("in use by another program"), "{taken}");
    let unknown = SandboxServer::builder().scenario("nonesuch").start().await.unwrap_err().to_string();
    assert!(unknown.contains("nonesuch") && unknown.contains("default, minimal, empty"), "{unknown}");
    for wrong in ["", "nonsense", "127.0.0.1", "127.0.0.1:66666"] {
        let problem = SandboxServer::builder().listen(wrong).start().await.unwrap_err().to_string();
        assert!(problem.contains("127.0.0.1:4010"), "{wrong}: {problem}");
    }
}

/// What a data file holds is told when something else is asked for, and goes on as it is otherwise.
#[tokio::test]
async fn a_file_of_another_scenario_or_seed_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("kept.db");
    let builder = || SandboxServer::builder().data(&file);
    let refused = async |builder: Builder| builder.start().await.unwrap_err().to_string();
    builder().scenario("minimal").seed(7).start().await.unwrap().stop().await;
    for same in [builder(), builder().seed(7), builder().scenario("minimal"), builder().window_minutes(5)] {
        let server = same.start().await.unwrap();
        assert_eq!((server.is_resumed(), server.seed(), server.window_minutes()), (true, 7, 30));
        assert_eq!(server.scenario_title(), "A dozen orders");
        server.sandbox().reset().await.unwrap();
        server.stop().await;
    }
    let own = Scenario::parse("own.toml", MINIMAL).unwrap();
    for (other, asked) in [
        (builder().scenario("default"), "you asked for the scenario \"default\";"),
        (builder().seed(8), "you asked for the seed 8;"),
        (builder().scenario("empty").seed(1), "you asked for the scenario \"empty\" and the seed 1;"),
        (builder().scenario_from(own), "the scenario file with the title \"A dozen orders\";"),
    ] {
        let problem = refused(other).await;
        let held = format!("{} was made with the scenario \"minimal\" and the seed 7", file.display());
        assert!(problem.contains(&held) && problem.contains(asked), "{problem}");
    }
    builder().start().await.unwrap().stop().await;
}

#[tokio::test]
async fn a_file_of_another_scenario_file_is_refused_whatever_was_done_with_its_orders() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("kept.db");
    let with = |text: &str| {
        let scenario = Scenario::parse("own.toml", text).unwrap_or_else(|errors| panic!("{errors}"));
        SandboxServer::builder().data(&file).scenario_from(scenario)
    };
    let sandbox = Sandbox::start(with(MINIMAL)).await;
    sandbox.list(MANUAL).await.good();
    let update = serde_json::json!({ "order": 12345, "status": "partial", "accounts": ["a@example.com:1"] });
    sandbox.update(update).await.good();
    sandbox.server.sandbox().create_orders(NewOrders::of("aurora".parse().unwrap())).await.unwrap();
    sandbox.server.stop().await;
    with(MINIMAL).start().await.unwrap().stop().await;
    let fixed = MINIMAL.find("\n[[fixed]]\n").unwrap();
    let second = fixed + 2 + MINIMAL[fixed + 2..].find("\n[[fixed]]\n").unwrap();
    for (edited, what) in [
        (MINIMAL.replace("quantity = 1000 }", "quantity = 999 }"), "an item"),
        (MINIMAL.replace("Zoë Müller", "Zoe Mueller"), "a buyer"),
        (MINIMAL.replace("2024-01-01T13:00:00.000Z", "2024-01-01T13:00:00.001Z"), "a moment"),
        (MINIMAL.replace("Birch Lane Media", "Birch Lane"), "a supplier"),
        (MINIMAL.replace("status = \"processing\"", "status = \"pending\""), "a status that nobody changed"),
        (format!("{}{}", &MINIMAL[..fixed], &MINIMAL[second..]), "an order fewer"),
    ] {
        assert_ne!(edited, MINIMAL, "{what}");
        let problem = with(&edited).start().await.map(drop).unwrap_err().to_string();
        assert!(problem.contains("was made with another scenario file and the seed 1"), "{what}: {problem}");
    }
    let problem = with(MINIMAL).seed(2).start().await.map(drop).unwrap_err().to_string();
    assert!(problem.contains("was made with a scenario file and the seed 1"), "{problem}");
    // A server that is not given the file knows its orders, and not what it said of them.
    let server = SandboxServer::builder().data(&file).start().await.unwrap();
    assert_eq!(server.scenario_title(), "A scenario file of your own");
    let docs = client().get(server.docs_url()).send().await.unwrap().text().await.unwrap();
    assert!(docs.contains("Scenario: A scenario file of your own."), "{docs}");
}

/// Rules: `update.secret`.
#[tokio::test]
async fn anywhere_but_on_loopback_keys_are_random_and_no_page_shows_them() {
    let start = || async {
        SandboxServer::builder().listen("0.0.0.0:0").admin_token("a-token").seed(1).start().await.unwrap()
    };
    let (one, other) = (start().await, start().await);
    let derived = SandboxServer::builder().seed(1).start().await.unwrap();
    let keys: Vec<_> = [&one, &other, &derived].map(|server| server.key("aurora").unwrap()).into();
    assert!(keys[0] != keys[1] && keys[0] != keys[2] && keys[1] != keys[2]);
    let docs = async |server: &SandboxServer| {
        let url = server.docs_url().replace("0.0.0.0", "127.0.0.1");
        client().get(url).send().await.unwrap().text().await.unwrap()
    };
    let page = docs(&one).await;
    assert!(!page.contains(keys[0]) && page.contains("X-Api-Key: $API_KEY"));
    assert!(docs(&derived).await.contains(keys[2]), "whoever knows the seed knows the key");
}

/// Rules: `update.secret`.
#[tokio::test]
async fn nothing_that_is_printed_for_debugging_holds_a_key() {
    let server = SandboxServer::builder().scenario("minimal").start().await.unwrap();
    let printed = format!("{server:?} {:?}", server.suppliers());
    assert!(printed.contains(server.url()) && printed.contains("aurora"), "{printed}");
    assert!(!printed.contains(server.key("aurora").unwrap()));
    assert_eq!(server.key("nobody"), None);
}

#[tokio::test]
async fn a_key_can_be_revoked_once() {
    let server = SandboxServer::builder().scenario("minimal").start().await.unwrap();
    let key = server.key("birch").unwrap();
    assert!(server.revoke_key(key).await.unwrap());
    assert!(!server.revoke_key(key).await.unwrap());
}

/// Rules: `list.window`.
#[tokio::test]
async fn a_test_works_in_a_sandbox_of_its_own_without_http() {
    let server = SandboxServer::builder().start().await.unwrap();
    let origin = Origin::Seeded { scenario: Some("empty".to_owned()), seed: None };
    let sandbox = server.create_sandbox(CreateSandbox { origin, ..CreateSandbox::default() }).await.unwrap();
    sandbox.freeze_clock().await.unwrap();
    let aurora: SupplierId = "aurora".parse().unwrap();
    let placed = sandbox.create_orders(NewOrders { count: 2, ..NewOrders::of(aurora) }).await.unwrap();
    let poll = async || {
        let orders = format!("{}{}?{MANUAL}", sandbox.url(), crate::sandbox::ORDERS);
        let request = client().get(orders).header("X-Api-Key", sandbox.key("aurora").unwrap());
        let page: serde_json::Value = request.send().await.ok()?.json().await.ok()?;
        page["count"].as_u64()
    };
    let once = Occasions { times: std::num::NonZeroU64::new(1), ..Occasions::default() };
    let dropped = NewFault::new(Effect::DropAfter { how: Close::Rst });
    let lost = sandbox.fault(NewFault { occasions: once, ..dropped }).await.unwrap();
    assert_eq!(poll().await, None, "the answer is lost");
    assert_eq!(sandbox.fired(lost).await.unwrap(), 1);
    assert_eq!(poll().await, Some(0), "the orders are withheld all the same");
    sandbox.advance(Duration::from_mins(30)).await.unwrap();
    assert_eq!(poll().await, Some(2));
    let findings = sandbox.audit().await.unwrap().findings;
    assert_eq!(findings.iter().map(|finding| finding.count).collect::<Vec<_>>(), [2], "{findings:?}");
    assert_eq!(sandbox.order(placed[0]).await.unwrap().dealings[0].1.handed_out, 2);
    assert!(sandbox.scorecard().await.unwrap().score().is_some());
    assert_eq!(server.sandbox().audit().await.unwrap().records, [], "no other sandbox saw any of it");
    sandbox.reset().await.unwrap();
    assert!(sandbox.order(placed[0]).await.is_err());
    sandbox.clone().delete().await.unwrap();
    assert!(matches!(sandbox.audit().await, Err(ControlError::NoSandbox(_))));
    assert!(server.sandbox().clone().delete().await.is_err(), "the default one stays");
}
