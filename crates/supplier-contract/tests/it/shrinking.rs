//! What random cases find is made small, and the script that is printed shows it.

use std::process::Stdio;

use supplier_contract::internal::{Defect, FakeTarget, Run, registry};
use supplier_contract::{Config, Finding, Provision};
use tokio::process::Command;

/// The most calls that a finding may take to show.
const MOST: usize = 4;

/// What a check finds in a server with that defect.
async fn found(target: &FakeTarget, check: &str) -> Vec<Finding> {
    let mut config = Config::new(target.url()).key(target.first_key()).second_key(target.second_key());
    config.provision = Some(Provision::Http);
    config.hook = vec![target.hook_url()];
    config.allow_writes = true;
    config.only = vec![check.to_owned()];
    let run = Run::prepare(config, registry()).await.unwrap();
    run.run(&mut |_| {}).await.findings().cloned().collect()
}

/// The exit code of a script against a server, and what it said.
async fn shown(script: &str, target: &FakeTarget) -> (Option<i32>, String) {
    let output = Command::new("sh")
        .args(["-c", script])
        .env("BASE_URL", target.url())
        .env("HOOK_URL", target.hook_url())
        .env("API_KEY", target.first_key())
        .env("API_KEY_2", target.second_key())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    (output.status.code(), said.concat())
}

/// Whether the tools of the scripts are there. A bare machine does without; a build machine must not.
async fn has_tools() -> bool {
    for tool in ["curl", "jq"] {
        let probe = Command::new(tool).arg("--version").stdout(Stdio::null()).status().await;
        if !probe.is_ok_and(|status| status.success()) {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{tool} is missing");
            println!("skipped in part, since {tool} is missing");
            return false;
        }
    }
    true
}

#[tokio::test]
async fn bugs_of_different_kinds_are_made_small_and_shown_by_their_scripts() {
    let has_tools = has_tools().await;
    let right = FakeTarget::start(None).await.unwrap();
    for (defect, check) in [
        (Defect::SecondStatusIgnored, "filters"),
        (Defect::ServicesUnfiltered, "filters"),
        (Defect::OffsetOneMore, "pages-offset"),
        (Defect::SkippedWithheld, "pages-offset"),
        (Defect::LimitOneFewer, "pages-join"),
        (Defect::TotalBehindOffset, "total"),
        (Defect::Window29, "state-machine"),
        (Defect::UpdateEndsWindow, "state-machine"),
        (Defect::NotVisible, "state-machine"),
        (Defect::RetryCountsTwice, "accounts-dedup-order"),
        (Defect::KeyRevokedUpdates, "key-revoked"),
        (Defect::HeadHandsOut, "transport-head"),
    ] {
        let target = FakeTarget::start(Some(defect)).await.unwrap();
        let findings = found(&target, check).await;
        assert!(!findings.is_empty(), "{defect:?}: {check} saw nothing");
        for finding in findings {
            let calls = finding.script.calls();
            assert!(calls <= MOST, "{defect:?}: {calls} calls: {:#?}", finding.script.steps);
            let again = finding.reproduced.unwrap();
            assert_eq!((again.seen, again.tried), (3, 3), "{defect:?}");
            if has_tools {
                let (code, said) = shown(&finding.shell, &target).await;
                assert_eq!(code, Some(1), "{defect:?}: {said}\n{}", finding.shell);
                let (code, said) = shown(&finding.shell, &right).await;
                assert_eq!(code, Some(0), "{defect:?}, mended: {said}\n{}", finding.shell);
            }
        }
    }
}
