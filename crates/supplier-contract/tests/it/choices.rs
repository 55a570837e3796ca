//! What a target chose where the guide is silent is a warning about that choice, and none with the profile that was observed.

use std::collections::BTreeSet;

use supplier_contract::internal::{Choices, FakeTarget, Run, observed, registry};
use supplier_contract::{Config, Profile, Provision, Report, Verdict};

fn config(target: &FakeTarget, hook: String) -> Config {
    let mut config = Config::new(target.url()).key(target.first_key()).second_key(target.second_key());
    config.provision = Some(Provision::Http);
    config.hook = vec![hook];
    config.allow_writes = true;
    config.cases = Some(2);
    config
}

async fn tested(config: Config) -> Report {
    Run::prepare(config, registry()).await.unwrap().run(&mut |_| {}).await
}

/// The rules that a report has findings of, each with the part.
fn broken(report: &Report) -> BTreeSet<String> {
    report.findings().map(|finding| finding.claim().to_string()).collect()
}

/// The claims that a target with these choices is warned of, and no others.
fn warned(choices: Choices) -> BTreeSet<String> {
    let mut claims = BTreeSet::new();
    let mut add = |chosen: bool, names: &[&str]| {
        if chosen {
            claims.extend(names.iter().map(|name| (*name).to_owned()));
        }
    };
    add(choices.refuses_numbers, &["update.order-number.zero", "update.order-number.beyond"]);
    add(choices.newest_first, &["list.order"]);
    add(choices.only_manual, &["list.product-type-values.kinds"]);
    add(choices.needs_type, &["list.product-type-values"]);
    add(choices.two_decimals, &["list.price-decimals"]);
    claims
}

/// Runs against each combination of choices: the claims that are warned of, and what is left with the observed profile.
async fn every_combination(needs_type: bool) {
    let hook = FakeTarget::hook_url;
    for choices in Choices::all().filter(|choices| choices.needs_type == needs_type) {
        let target = FakeTarget::choosing(None, choices).await.unwrap();
        let report = tested(config(&target, hook(&target))).await;
        let errors = report.checks.iter().filter(|check| check.verdict == Verdict::Error);
        assert_eq!(errors.count(), 0, "{choices:?}");
        assert!(
            report.findings().all(|finding| finding.verdict == Verdict::Warn),
            "{choices:?}: {:?}",
            broken(&report)
        );
        assert_eq!(broken(&report), warned(choices), "{choices:?}");
        let profile = observed(config(&target, hook(&target))).await.unwrap();
        let mut with_profile = config(&target, hook(&target));
        with_profile.profile = Profile::parse(&profile).unwrap();
        let report = tested(with_profile).await;
        assert_eq!(broken(&report), BTreeSet::new(), "{choices:?}: {profile}");
        assert!(report.conforms(), "{choices:?}");
        assert!(!profile.contains("\"unchecked\""), "each of these choices is known: {choices:?}: {profile}");
    }
}

#[tokio::test]
async fn every_combination_of_choices_is_warned_of_once_and_silent_with_its_profile() {
    every_combination(false).await;
}

#[tokio::test]
async fn the_same_where_the_product_type_is_required() {
    every_combination(true).await;
}

#[tokio::test]
async fn a_hook_that_makes_manual_orders_only_leaves_the_others_untested() {
    let choices = Choices { only_manual: true, ..Choices::default() };
    let target = FakeTarget::choosing(None, choices).await.unwrap();
    let report = tested(config(&target, target.hook_url_without("kinds"))).await;
    assert_eq!(broken(&report), warned(choices));
    assert!(report.conforms());
}

#[tokio::test]
async fn other_statuses_and_equal_moments_are_choices_too() {
    let usual = Choices::default();
    for (choices, others) in [
        (Choices { refuses_numbers: true, unprocessable: true, ..usual }, &[][..]),
        (
            Choices { needs_type: true, unprocessable: true, ..usual },
            &["error.status.request", "error.status.request-code", "error.details"],
        ),
        (Choices { refuses_unpaid: true, ..usual }, &["update.unpaid"]),
        (Choices { newest_first: true, one_moment: true, ..usual }, &[]),
    ] {
        let target = FakeTarget::choosing(None, choices).await.unwrap();
        let config = Config { cases: Some(16), ..config(&target, target.hook_url()) };
        let report = tested(config.clone()).await;
        assert!(
            report.findings().all(|finding| finding.verdict == Verdict::Warn),
            "{choices:?}: {:?}",
            report.findings().collect::<Vec<_>>()
        );
        let mut expected = warned(choices);
        expected.extend(others.iter().map(|name| (*name).to_owned()));
        assert_eq!(broken(&report), expected, "{choices:?}");
        let profile = observed(config.clone()).await.unwrap();
        let report = tested(Config { profile: Profile::parse(&profile).unwrap(), ..config }).await;
        assert_eq!(broken(&report), BTreeSet::new(), "{choices:?}: {profile}");
    }
}

#[tokio::test]
async fn a_target_that_shows_what_its_profile_says_it_keeps_is_warned_of() {
    let target = FakeTarget::start(None).await.unwrap();
    let mut config = config(&target, target.hook_url());
    config.only = vec!["update.supplier-order-id-form".to_owned()];
    config.profile = Profile::parse("\"update.supplier-order-id-form\" = \"kept\"").unwrap();
    let told = broken(&tested(config).await);
    assert_eq!(
        told.iter().map(String::as_str).collect::<Vec<_>>(),
        ["update.supplier-order-id-form.answer", "update.supplier-order-id-form.page"]
    );
}
