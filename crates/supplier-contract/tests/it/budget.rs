//! Where there is no clean state, a run keeps to the number of orders that it announces.

use supplier_contract::internal::{FakeTarget, Run, registry};
use supplier_contract::{Config, Provision, Verdict};

async fn tested(target: &FakeTarget, max_orders: u32) -> supplier_contract::Report {
    let mut config = Config::new(target.url()).key(target.first_key()).second_key(target.second_key());
    config.provision = Some(Provision::Http);
    config.hook = vec![target.hook_url_without_reset()];
    config.allow_writes = true;
    config.max_orders = max_orders;
    let run = Run::prepare(config, registry()).await.unwrap();
    run.run(&mut |_| {}).await
}

#[tokio::test]
async fn every_check_keeps_to_what_it_says_it_takes() {
    let target = FakeTarget::start(None).await.unwrap();
    let report = tested(&target, 100_000).await;
    let errors = report.checks.iter().filter(|check| check.verdict == Verdict::Error);
    let errors: Vec<_> = errors.map(|check| (check.check.id, check.reason.as_deref())).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(
        report.conforms() && report.findings().count() == 0,
        "{:?}",
        report.findings().collect::<Vec<_>>()
    );
    let touches = report.opening.touches.unwrap();
    assert!(touches.withheld > 500 && touches.changed > 100, "{touches:?}");
}

#[tokio::test]
async fn what_does_not_fit_in_the_budget_is_not_tested_and_says_so() {
    let target = FakeTarget::start(None).await.unwrap();
    let report = tested(&target, 30).await;
    let touches = report.opening.touches.unwrap();
    assert!(touches.withheld <= 30 && touches.changed <= 30, "{touches:?}");
    let reasons = report.checks.iter().filter_map(|check| check.reason.as_deref());
    assert!(
        reasons.clone().any(|reason| reason.contains("--max-orders is 30")),
        "{:?}",
        reasons.collect::<Vec<_>>()
    );
}
