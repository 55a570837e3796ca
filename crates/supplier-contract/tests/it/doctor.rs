//! What the doctor says of hooks that are broken, and of one that is not.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use supplier_contract::internal::{FakeTarget, Run, registry};
use supplier_contract::{Config, Provision, Report, Verdict};

use crate::program::Program;
use crate::server::{Response, Server, hook, hooked};

/// A fake target whose hook is changed: its requests by `ask`, its answers by `tell`.
struct Broken {
    target: FakeTarget,
    hook: Server,
}

type Ask = dyn Fn(&mut Value) + Send + Sync;
type Tell = dyn Fn(&Value, &mut Value) + Send + Sync;

impl Broken {
    async fn start(ask: Box<Ask>, tell: Box<Tell>) -> Self {
        let target = FakeTarget::start(None).await.unwrap();
        let real = Server::before(&target.url(), |_, response| response);
        let hook = Server::start(move |request| {
            let mut asked: Value = serde_json::from_slice(&request.body).unwrap();
            ask(&mut asked);
            let mut answered = hooked(&real.url, &asked);
            if answered.status == 200 {
                let mut body = answered.json_body();
                tell(&asked, &mut body);
                answered = Response::json(200, &body);
            }
            Some(answered)
        });
        Self { target, hook }
    }

    fn config(&self) -> Config {
        let mut config = Config::new(self.target.url()).key(self.target.first_key());
        config = config.second_key(self.target.second_key());
        config.provision = Some(Provision::Http);
        config.hook = vec![self.hook.url.clone()];
        config.allow_writes = true;
        config
    }
}

fn without(parameter: &'static str) -> Box<Ask> {
    Box::new(move |asked| {
        if asked["action"] == "create_orders" {
            asked["params"].as_object_mut().unwrap().remove(parameter);
        }
    })
}

fn seconds(change: fn(u64) -> u64) -> Box<Ask> {
    Box::new(move |asked| {
        if asked["action"] == "advance_clock" {
            asked["params"]["seconds"] = json!(change(asked["params"]["seconds"].as_u64().unwrap()));
        }
    })
}

fn answering(action: &'static str, change: fn(&mut Value)) -> Box<Tell> {
    Box::new(move |asked, answer| {
        if asked["action"] == action {
            change(answer);
        }
    })
}

fn as_it_is() -> Box<Ask> {
    Box::new(|_| {})
}

fn told_as_it_is() -> Box<Tell> {
    Box::new(|_, _| {})
}

fn hooks() -> Vec<(&'static str, Box<Ask>, Box<Tell>)> {
    vec![
        (
            "reset does nothing",
            Box::new(|asked: &mut Value| {
                if asked["action"] == "reset" {
                    *asked = json!({ "action": "advance_clock", "params": { "seconds": 0 } });
                }
            }),
            told_as_it_is(),
        ),
        ("the clock takes seconds for minutes", seconds(|seconds| seconds * 60), told_as_it_is()),
        ("the clock does not move", seconds(|_| 0), told_as_it_is()),
        ("quantity is passed over", without("quantity"), told_as_it_is()),
        ("unitPrice is passed over", without("unitPrice"), told_as_it_is()),
        ("status is passed over", without("status"), told_as_it_is()),
        ("entityType is passed over", without("entityType"), told_as_it_is()),
        ("paymentStatus is passed over", without("paymentStatus"), told_as_it_is()),
        ("productType is passed over", without("productType"), told_as_it_is()),
        ("subCategory is passed over", without("subCategory"), told_as_it_is()),
        ("sharedWith is passed over", without("sharedWith"), told_as_it_is()),
        ("id is passed over", without("id"), told_as_it_is()),
        (
            "every order is the first supplier's",
            Box::new(|asked: &mut Value| {
                if asked["action"] == "create_orders" {
                    asked["params"]["supplier"] = json!("first");
                }
            }),
            told_as_it_is(),
        ),
        (
            "order numbers are texts",
            as_it_is(),
            answering("create_orders", |answer| {
                for number in answer["orders"].as_array_mut().unwrap() {
                    *number = json!(number.to_string());
                }
            }),
        ),
        (
            "order numbers are larger than JSON libraries hold",
            as_it_is(),
            answering("create_orders", |answer| {
                for number in answer["orders"].as_array_mut().unwrap() {
                    *number = json!(number.as_u64().unwrap() + (1 << 53));
                }
            }),
        ),
        (
            "order_state lists the accounts",
            as_it_is(),
            answering("order_state", |answer| answer["accounts"] = json!([])),
        ),
        (
            "order_state says OPEN",
            as_it_is(),
            answering("order_state", |answer| answer["status"] = json!("OPEN")),
        ),
        (
            "order_state says the quantity",
            as_it_is(),
            answering("order_state", |answer| answer["accounts"] = json!(3)),
        ),
    ]
}

async fn run(config: Config) -> Report {
    Run::prepare(config, registry()).await.unwrap().run(&mut |_| {}).await
}

/// What the doctor says, without what is another at every run.
async fn diagnosis(broken: &Broken) -> String {
    let config = broken.config();
    let hook = config.hook[0].clone();
    let (first, second) = (config.keys["first"].clone(), config.keys["second"].clone());
    let (url, target) = (broken.target.url(), config.target.clone());
    let ended = tokio::task::spawn_blocking(move || {
        let line = ["doctor", "--target", &target, "--hook", &hook, "--allow-writes", "--seed", "1"];
        Program::new()
            .with("SUPPLIER_CONTRACT_KEY", first)
            .with("SUPPLIER_CONTRACT_SECOND_KEY", second)
            .run(&line)
    })
    .await
    .unwrap();
    let said = format!("{}{}", ended.out, ended.err).replace(&url, "URL");
    let tag = said.find("contract-").and_then(|at| said[at..].split('"').next().map(str::to_owned));
    let said = tag.map_or(said.clone(), |tag| said.replace(&tag, "TAG"));
    format!("{said}exit code {}\n", ended.code)
}

/// The name of a broken hook and what the doctor says of it. A run with the hook finds nothing wrong with the target.
async fn named_and_blamed_on_nobody(name: &str, ask: Box<Ask>, tell: Box<Tell>) -> String {
    let broken = Broken::start(ask, tell).await;
    let said = diagnosis(&broken).await;
    assert!(said.contains("PROBLEM") && said.contains("exit code 3"), "{name}: {said}");
    let problems = said.lines().filter(|line| line.contains("PROBLEM")).map(|line| format!("  {line}"));
    let told: Vec<_> = [name.to_owned()].into_iter().chain(problems).collect();
    let mut config = broken.config();
    config.cases = Some(2);
    let report = run(config).await;
    let findings = report.findings();
    let findings: Vec<_> =
        findings.map(|finding| format!("{} ({}): {}", finding.rule, finding.check, finding.got)).collect();
    assert!(findings.is_empty(), "{name}: {findings:?}");
    let errors = report.checks.iter().filter(|check| check.verdict == Verdict::Error);
    let errors: Vec<_> = errors.map(|check| format!("{}: {:?}", check.check.id, check.reason)).collect();
    assert!(errors.is_empty(), "{name}: {errors:?}");
    told.join("\n")
}

#[tokio::test]
async fn each_broken_hook_is_named_with_its_remedy_and_blamed_on_nobody() {
    // The doctor waits for other clients, and may do so for all hooks at once.
    let told = hooks().into_iter().map(|(name, ask, tell)| named_and_blamed_on_nobody(name, ask, tell));
    let told = futures::future::join_all(told).await;
    insta::with_settings!(
        { snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("doctor-broken-hooks", told.join("\n")) }
    );
}

#[tokio::test]
async fn a_hook_that_works_is_examined_and_nothing_is_taken_away() {
    let broken = Broken::start(as_it_is(), told_as_it_is()).await;
    let said = diagnosis(&broken).await;
    insta::with_settings!(
        { snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("doctor-fine", said) }
    );
}

#[tokio::test]
async fn a_reset_to_a_seeded_world_blames_nobody() {
    let target = FakeTarget::start(None).await.unwrap();
    let real = Server::before(&target.url(), |_, response| response);
    let hook = Server::start(move |request| {
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        let answered = hooked(&real.url, &asked);
        if asked["action"] == "reset" {
            hooked(
                &real.url,
                &json!({ "action": "create_orders", "params": { "supplier": "first", "count": 14 } }),
            );
        }
        Some(answered)
    });
    let broken = Broken { target, hook };
    let said = diagnosis(&broken).await;
    assert!(said.contains("`reset` left orders of its own"), "{said}");
    let mut config = broken.config();
    (config.cases, config.max_orders) = (Some(2), 100_000);
    let report = run(config).await;
    assert_eq!(report.findings().count(), 0, "{:?}", report.findings().collect::<Vec<_>>());
    assert!(report.checks.iter().any(|check| {
        check.verdict == Verdict::NotTested && check.reason.as_ref().unwrap().contains("`reset` left orders")
    }));
}

#[tokio::test]
async fn two_keys_of_one_supplier_are_refused() {
    let target = FakeTarget::start(None).await.unwrap();
    let request = json!({ "action": "new_key", "params": { "supplier": "first" } });
    let made = hook(&target.hook_url(), request).await;
    let key = made["key"].as_str().unwrap();
    let mut config = Config::new(target.url()).key(target.first_key()).second_key(key);
    config.provision = Some(Provision::Http);
    // A reset would take the further key away.
    config.hook = vec![target.hook_url_without_reset()];
    config.allow_writes = true;
    let error = Run::prepare(config, registry()).await.err().unwrap().to_string();
    assert!(error.contains("the two keys are of one supplier") && error.contains("--second-key"), "{error}");
    assert!(!error.contains(key), "{error}");
}

#[tokio::test]
async fn another_client_that_polls_is_noticed() {
    let target = FakeTarget::start(None).await.unwrap();
    let (real, key) = (Server::before(&target.url(), |_, response| response), target.first_key());
    let stop = Arc::new(AtomicBool::new(false));
    let polls = Arc::new(AtomicU64::new(0));
    let calm = Arc::clone(&polls);
    let busy = real.url.clone();
    let order = Mutex::new(());
    // It polls behind every order that is made, as a client that polls all the time does.
    let hook = Server::start(move |request| {
        let _one = order.lock().unwrap();
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        let answered = hooked(&real.url, &asked);
        if asked["action"] == "create_orders" && !stop.load(Ordering::Relaxed) {
            poll(&busy, key);
            calm.fetch_add(1, Ordering::Relaxed);
        }
        Some(answered)
    });
    let broken = Broken { target, hook };
    let said = diagnosis(&broken).await;
    assert!(polls.load(Ordering::Relaxed) > 0);
    assert!(said.contains("another client polls with the first supplier's key"), "{said}");
    let mut config = broken.config();
    config.cases = Some(2);
    let report = run(config).await;
    let lists: Vec<_> =
        report.findings().filter(|finding| finding.rule.as_str().starts_with("list")).collect();
    assert!(lists.is_empty(), "{lists:?}");
}

fn poll(url: &str, key: &str) {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let text = format!(
        "GET /api/admin/v2/orders?productType=manual&limit=500 HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-api-key: {key}\r\n\r\n"
    );
    stream.write_all(text.as_bytes()).unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
}

#[tokio::test]
async fn the_doctor_costs_a_run_little() {
    let target = FakeTarget::start(None).await.unwrap();
    let api = Server::before(&target.url(), |_, response| response);
    let broken = Broken { hook: Server::before(&target.url(), |_, response| response), target };
    let mut config = broken.config();
    config.target.clone_from(&api.url);
    config.hook = vec![format!("{}/hook", broken.hook.url)];
    let started = tokio::time::Instant::now();
    Run::prepare(config, registry()).await.unwrap();
    let took = started.elapsed();
    let (calls, asked) = (api.take().len(), broken.hook.take().len());
    println!("the doctor took {took:?} for {calls} calls of the API and {asked} of the hook");
    assert!(calls <= 20 && asked <= 20, "{calls} calls of the API, {asked} of the hook");
}
