//! What is seen of time over a hook that moves the clock by whole seconds, or does not say what its clock shows.

use std::collections::BTreeSet;

use supplier_contract::internal::{Defect, FakeTarget, Run, registry};
use supplier_contract::{Config, Provision};

/// The rules that checks of time see broken in a server with that defect, whose hook lacks something.
async fn broken(defect: Option<Defect>, lacks: &str) -> BTreeSet<&'static str> {
    let target = FakeTarget::start(defect).await.unwrap();
    let mut config = Config::new(target.url()).key(target.first_key()).second_key(target.second_key());
    config.provision = Some(Provision::Http);
    config.hook = vec![target.hook_url_without(lacks)];
    config.allow_writes = true;
    config.only =
        ["window-before-end", "window-end", "window-midnight", "page-created"].map(str::to_owned).to_vec();
    let report = Run::prepare(config, registry()).await.unwrap().run(&mut |_| {}).await;
    let reasons: Vec<_> = report.checks.iter().filter_map(|check| check.reason.as_ref()).collect();
    assert_eq!(reasons, [""; 0]);
    report.findings().map(|finding| finding.rule.as_str()).collect()
}

#[tokio::test]
async fn a_window_that_is_a_tenth_of_a_second_off_is_seen_over_whole_seconds() {
    let lacks = "advance_clock_milliseconds";
    assert_eq!(broken(Some(Defect::Window1799), lacks).await, BTreeSet::from(["list.window"]));
    assert_eq!(broken(Some(Defect::Window1801), lacks).await, BTreeSet::from(["list.window-end"]));
    assert_eq!(broken(None, lacks).await, BTreeSet::new());
}

#[tokio::test]
async fn a_zone_and_midnight_are_seen_though_the_hook_tells_no_time() {
    let lacks = "now";
    for zone in [Defect::CreatedEast, Defect::CreatedWest] {
        assert_eq!(broken(Some(zone), lacks).await, BTreeSet::from(["list.types"]), "{zone:?}");
    }
    assert_eq!(broken(Some(Defect::MidnightForgets), lacks).await, BTreeSet::from(["list.window"]));
    assert_eq!(broken(None, lacks).await, BTreeSet::new());
}
