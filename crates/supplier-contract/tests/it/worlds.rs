//! A hook with several worlds, and one that takes several requests at once: the verdicts are those of a hook without.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use supplier_contract::internal::{Defect, FakeTarget, Run, registry};
use supplier_contract::{Config, Provision, Report, Verdict};

use crate::server::{Request, Response, Server, forwarded, hooked};

/// What the worlds of a hook have in common, by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shared {
    Nothing,
    Orders,
    Clock,
    Reset,
    /// A key of one world opens another.
    Keys,
    /// Nothing; but a batch is answered without the answers of its requests.
    Answers,
}

/// A target of several worlds, each a server of its own, behind one address.
struct Worlds {
    /// They live as long as this.
    targets: Vec<FakeTarget>,
    front: Server,
}

impl Worlds {
    async fn start(count: usize, defect: Option<Defect>, shared: Shared) -> Self {
        let mut targets = Vec::new();
        for _ in 0..count {
            targets.push(FakeTarget::start(defect).await.unwrap());
        }
        let urls: Vec<_> = targets.iter().map(FakeTarget::url).collect();
        let front = Server::start(move |request| {
            Some(if request.target == "/hook" {
                let asked = serde_json::from_slice(&request.body).unwrap();
                Response::json(200, &answer(&urls, &asked, shared))
            } else {
                passed_on(&urls, request, shared)
            })
        });
        Self { targets, front }
    }

    fn config(&self) -> Config {
        let mut config = Config::new(&self.front.url).key(self.targets[0].first_key());
        config = config.second_key(self.targets[0].second_key());
        config.provision = Some(Provision::Http);
        config.hook = vec![format!("{}/hook", self.front.url)];
        config.allow_writes = true;
        config.cases = Some(16);
        config
    }
}

/// The key of a further world: the number of the world, and the key that its server knows.
fn key_of(world: usize, key: &str) -> String {
    format!("world{world}.{key}")
}

/// The world that a key is of, and the key that the world's server knows.
fn world_of(key: &str) -> (usize, String) {
    let told = key.strip_prefix("world").and_then(|rest| rest.split_once('.'));
    told.and_then(|(number, key)| Some((number.parse().ok()?, key.to_owned()))).unwrap_or((0, key.to_owned()))
}

fn answer(urls: &[String], asked: &Value, shared: Shared) -> Value {
    let world = usize::try_from(asked["world"].as_u64().unwrap_or(0)).unwrap();
    let action = asked["action"].as_str().unwrap();
    if action == "batch" {
        let requests = asked["params"]["requests"].as_array().unwrap();
        let answers: Vec<_> = requests.iter().map(|request| answer(urls, request, shared)).collect();
        return if shared == Shared::Answers { json!({}) } else { json!({ "answers": answers }) };
    }
    let is_of_all = matches!((shared, action), (Shared::Clock, "advance_clock") | (Shared::Reset, "reset"));
    if is_of_all {
        for url in urls {
            hooked(url, asked);
        }
        return json!({});
    }
    let is_of_first = shared == Shared::Orders && action == "create_orders";
    let mut asked = asked.clone();
    if let Some(key) = asked["params"]["key"].as_str() {
        asked["params"]["key"] = json!(world_of(key).1);
    }
    let mut answer = hooked(&urls[if is_of_first { 0 } else { world }], &asked).json_body();
    if action == "capabilities" {
        let keys = |world| {
            json!({
                "first": key_of(world, "selfTest_FirstSupplier_a1B2c3D4e5F6"),
                "second": key_of(world, "selfTest_SecondSupplier_g7H8i9J0k1L2"),
            })
        };
        answer["worlds"] = (1..urls.len()).map(keys).collect();
        answer["actions"].as_array_mut().unwrap().push(json!("batch"));
    }
    if action == "new_key" && world > 0 {
        answer["key"] = json!(key_of(world, answer["key"].as_str().unwrap()));
    }
    answer
}

/// A call of the API, by the server whose key it has.
fn passed_on(urls: &[String], request: &Request, shared: Shared) -> Response {
    let mut request = request.clone();
    let mut world = 0;
    for (_, value) in request.headers.iter_mut().filter(|(name, _)| name == "x-api-key") {
        (world, *value) = world_of(value);
    }
    let is_next = shared == Shared::Keys && world > 0;
    let world = match shared {
        Shared::Orders => 0,
        _ if is_next => (world % (urls.len() - 1)) + 1,
        _ => world,
    };
    forwarded(&urls[world], &request)
}

/// Whether a request is about another world than the first.
fn is_about_another(request: &Request) -> bool {
    let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    asked["world"].is_u64() || request.header("x-api-key").is_some_and(|key| key.starts_with("world"))
}

async fn run(config: Config) -> Report {
    Run::prepare(config, registry()).await.unwrap().run(&mut |_| {}).await
}

/// What a report says of rules, checks and findings.
fn verdicts(report: &Report) -> BTreeSet<String> {
    let rules = report.rules.iter().map(|rule| format!("{} {:?}", rule.rule.id, rule.verdict));
    let checks =
        report.checks.iter().map(|check| format!("{} {:?} {}", check.check.id, check.verdict, check.cases));
    let findings = report.findings().map(|found| {
        // Order numbers go on from case to case.
        let steps = found.script.steps.len();
        format!("{} {:?} {} {:?} {steps}", found.rule, found.part, found.check, found.verdict)
    });
    rules.chain(checks).chain(findings).collect()
}

#[tokio::test]
async fn the_findings_are_the_same_however_many_cases_run_at_a_time() {
    for defect in
        [None, Some(Defect::SecondStatusIgnored), Some(Defect::Window29), Some(Defect::HeadHandsOut)]
    {
        let worlds = Worlds::start(4, defect, Shared::Nothing).await;
        let mut config = worlds.config();
        let at_once = run(config.clone()).await;
        config.jobs = Some(1);
        let one_by_one = run(config).await;
        let (at_once_said, one_by_one_said) = (verdicts(&at_once), verdicts(&one_by_one));
        let differ: Vec<_> = at_once_said.symmetric_difference(&one_by_one_said).collect();
        assert!(differ.is_empty(), "{defect:?}: {differ:#?}");
        assert_eq!(at_once.conforms(), defect.is_none(), "{defect:?}");
    }
}

#[tokio::test]
async fn several_worlds_are_used_at_once_and_several_requests_are_sent_as_one() {
    let worlds = Worlds::start(3, None, Shared::Nothing).await;
    let report = run(worlds.config()).await;
    assert!(report.conforms(), "{:?}", report.findings().collect::<Vec<_>>());
    let sent = worlds.front.take();
    let asked: Vec<Value> = sent
        .iter()
        .filter(|request| request.target == "/hook")
        .map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect();
    for world in [json!(null), json!(1), json!(2)] {
        let of_world = asked.iter().filter(|asked| asked["world"] == world).count();
        assert!(of_world > asked.len() / 6, "{of_world} of {} requests are about {world}", asked.len());
    }
    // A clean state and the orders in it are one request.
    let single = asked.iter().filter(|asked| asked["action"] == "create_orders").count();
    assert!(single < asked.len() / 4, "{single} of {} requests make orders and nothing else", asked.len());
}

#[tokio::test]
async fn what_worlds_share_is_told_and_one_world_is_used() {
    for (shared, told) in [
        (Shared::Orders, "was not made there"),
        (Shared::Clock, "its clock was moved by"),
        (Shared::Reset, "does not show it"),
        (Shared::Keys, "does not show it"),
    ] {
        let worlds = Worlds::start(3, None, shared).await;
        let report = run(worlds.config()).await;
        let notes = report.opening.notes.join("\n");
        assert!(notes.contains(told) && notes.contains("leave `worlds` out"), "{shared:?}: {notes}");
        assert!(report.conforms(), "{shared:?}: {:?}", report.findings().collect::<Vec<_>>());
        // The doctor asks for others, a dozen times at most.
        let others = worlds.front.take().iter().filter(|request| is_about_another(request)).count();
        assert!(others <= 12, "{shared:?}: {others} requests are about other worlds");
    }
}

#[tokio::test]
async fn a_batch_without_answers_is_told_and_each_request_is_sent_by_itself() {
    let worlds = Worlds::start(2, None, Shared::Answers).await;
    let report = run(worlds.config()).await;
    let notes = report.opening.notes.join("\n");
    assert!(notes.contains("`batch` answered 0 of 2 requests"), "{notes}");
    assert!(report.conforms(), "{:?}", report.findings().collect::<Vec<_>>());
    assert!(report.checks.iter().all(|check| check.verdict != Verdict::Error));
}
