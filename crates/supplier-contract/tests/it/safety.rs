//! What a run never does to a target, and what it does not blame a target for.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use supplier_contract::internal::{DEFECTS, FakeTarget, Run, registry};
use supplier_contract::{Config, Provision, Report, Verdict};
use supplier_rulebook::Level;

use crate::server::{Request, Server, hook};

async fn tested(config: Config) -> Report {
    Run::prepare(config, registry()).await.unwrap().run(&mut |_| {}).await
}

fn errors(report: &Report) -> Vec<String> {
    let errors = report.checks.iter().filter(|check| check.verdict == Verdict::Error);
    errors.map(|check| format!("{}: {:?}", check.check.id, check.reason)).collect()
}

fn findings(report: &Report) -> Vec<String> {
    report
        .findings()
        .map(|finding| format!("{} ({}): {}", finding.rule, finding.check, finding.got))
        .collect()
}

/// A configuration of a fake target that is called through another server.
fn config(target: &FakeTarget, url: &str) -> Config {
    let mut config = Config::new(url).key(target.first_key()).second_key(target.second_key());
    config.provision = Some(Provision::Http);
    config.hook = vec![target.hook_url()];
    config.allow_writes = true;
    config
}

/// Every order that a reader may take from a body: whichever of several keys counts, whatever case it is written in.
fn orders(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let places = lower.match_indices("order").map(|(place, name)| place + name.len());
    let values = places.filter(|place| !lower[*place..].starts_with("id")).map(|place| {
        let value: String = lower[place..].chars().take_while(|c| !",}&".contains(*c)).collect();
        value.chars().filter(char::is_ascii_digit).collect()
    });
    values.collect()
}

#[tokio::test]
async fn a_read_only_run_names_no_order_that_can_exist_and_lists_none() {
    let target = FakeTarget::start(None).await.unwrap();
    let seen = Server::before(&target.url(), |_, response| response);
    let mut updates = 0;
    for seed in 0..30 {
        let mut config = config(&target, &seen.url);
        (config.allow_writes, config.read_only, config.seed) = (false, true, seed);
        // By a hook and without one.
        if seed % 2 == 0 {
            (config.provision, config.hook) = (Some(Provision::None), Vec::new());
        }
        let report = tested(config).await;
        assert_eq!((errors(&report), findings(&report)), (Vec::new(), Vec::new()), "seed {seed}");
        assert!(report.conforms(), "seed {seed}");
        let keys = [target.first_key(), target.second_key()];
        for Request { method, target, headers, body } in seen.take() {
            let has_key = headers.iter().any(|(_, value)| keys.contains(&value.as_str()))
                || keys.iter().any(|key| target.contains(key));
            if method == "GET" || method == "HEAD" {
                assert!(!has_key, "seed {seed}: {method} {target} by a key");
                continue;
            }
            updates += 1;
            let text = String::from_utf8_lossy(&body);
            for order in orders(&text) {
                assert!(order.bytes().all(|digit| digit == b'0'), "seed {seed}: {method} {target} {text}");
            }
        }
    }
    assert!(updates > 1000, "{updates}");
}

#[tokio::test]
async fn a_read_only_run_says_what_it_left_out() {
    let target = FakeTarget::start(None).await.unwrap();
    let mut config = Config::new(target.url()).key(target.first_key());
    config.read_only = true;
    let report = tested(config).await;
    let check = report.checks.iter().find(|check| check.check.id == "order-not-found").unwrap();
    assert!(check.verdict == Verdict::Pass && check.cases > 0, "{check:?}");
    assert!(check.left_out.as_ref().unwrap().contains("names an order that can exist"), "{check:?}");
    let rule = report.rules.iter().find(|rule| rule.rule.id == supplier_rulebook::UPDATE_NOT_FOUND).unwrap();
    assert!(rule.reason.as_ref().unwrap().contains("order-not-found"), "{rule:?}");
}

#[tokio::test]
async fn another_choice_ends_no_run_without_a_clean_state_in_an_error() {
    let chosen = DEFECTS.iter().filter(|mutant| {
        supplier_rulebook::find(mutant.rule.as_str()).is_some_and(|rule| rule.level == Level::Chosen)
    });
    let mut tried = 0;
    for mutant in chosen {
        for provision in [Provision::Http, Provision::Static, Provision::None] {
            let target = FakeTarget::start(Some(mutant.defect)).await.unwrap();
            let mut config = config(&target, &target.url());
            config.max_orders = 100_000;
            config.cases = Some(1);
            config.provision = Some(provision);
            config.only = vec![mutant.rule.as_str().to_owned()];
            if provision == Provision::Http {
                config.hook = vec![target.hook_url_without_reset()];
            } else {
                config.hook = Vec::new();
                config.listed.own = made(&target, "first").await;
                config.listed.foreign = made(&target, "second").await;
            }
            let report = tested(config).await;
            assert_eq!(errors(&report), Vec::<String>::new(), "{} by {}", mutant.id, provision.as_str());
            let unannounced =
                report.checks.iter().filter_map(|check| check.reason.as_ref().or(check.left_out.as_ref()));
            let unannounced: Vec<_> = unannounced.filter(|why| why.contains("did not announce")).collect();
            assert!(unannounced.is_empty(), "{} by {}: {unannounced:?}", mutant.id, provision.as_str());
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

async fn made(target: &FakeTarget, supplier: &str) -> Vec<u64> {
    let request =
        serde_json::json!({ "action": "create_orders", "params": { "supplier": supplier, "count": 8 } });
    let answer = hook(&target.hook_url(), request).await;
    serde_json::from_value(answer["orders"].clone()).unwrap()
}

#[tokio::test]
async fn a_connection_that_is_closed_between_calls_is_not_the_targets_fault() {
    let target = FakeTarget::start(None).await.unwrap();
    for every in [3, 20] {
        let count = AtomicU64::new(0);
        let server = Server::before(&target.url(), move |_, mut response| {
            response.closes = count.fetch_add(1, Ordering::Relaxed) % every == every - 1;
            response
        });
        let mut config = config(&target, &server.url);
        config.cases = Some(8);
        let report = tested(config).await;
        assert_eq!((findings(&report), errors(&report)), (Vec::new(), Vec::new()), "1 in {every}");
    }
}

#[tokio::test]
async fn a_target_that_never_answers_a_body_is_told_although_others_are_sent_twice() {
    let target = FakeTarget::start(Some(supplier_contract::internal::Defect::DeepBodyCloses)).await.unwrap();
    let mut config = config(&target, &target.url());
    config.only = vec!["error.no-5xx".to_owned()];
    let report = tested(config).await;
    assert!(findings(&report).iter().any(|told| told.starts_with("error.no-5xx")), "{:?}", findings(&report));
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut coder = GzEncoder::new(Vec::new(), Compression::fast());
    coder.write_all(body).unwrap();
    coder.finish().unwrap()
}

#[tokio::test]
async fn a_coding_that_nobody_asked_for_is_read_and_told_as_itself() {
    let target = FakeTarget::start(None).await.unwrap();
    let server = Server::before(&target.url(), |request, mut response| {
        // One check asks as axios and browsers do.
        let asked = request.header("accept-encoding").unwrap_or_default();
        assert!(asked == "identity" || asked.contains("gzip"), "{request:?}");
        response.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
        response.body = gzipped(&response.body);
        response
    });
    let mut config = config(&target, &server.url);
    config.cases = Some(4);
    let report = tested(config).await;
    let told = findings(&report);
    assert!(told.len() == 1 && told[0].contains("`content-encoding: gzip`"), "{told:?}");
    assert!(report.conforms() && errors(&report).is_empty(), "{:?}", errors(&report));
}

#[tokio::test]
async fn a_coding_that_cannot_be_read_is_told_without_mojibake() {
    let target = FakeTarget::start(None).await.unwrap();
    let server = Server::before(&target.url(), |_, mut response| {
        response.headers.push(("content-encoding".to_owned(), "zstd".to_owned()));
        response.body = vec![0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xfe, 0xef, 0xbf, 0xbe];
        response
    });
    let mut config = Config::new(&server.url);
    config.only = vec!["key-missing".to_owned()];
    let report = tested(config).await;
    assert!(!report.conforms());
    for told in findings(&report) {
        assert!(told.contains("the suite does not know the coding `zstd`"), "{told}");
    }
}
